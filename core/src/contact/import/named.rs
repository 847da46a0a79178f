//! Files of imports that name somebody who is erased: what was taken in is kept as a file for a
//! while, and so is what was left out.

use super::{Import, State, row, table};
use crate::{
    clock::Moment,
    contact::queries,
    id::{AccountId, FileId, ImportId},
    on,
    store::{Store, Tx, file},
};

/// Files that name somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files {
    /// The bytes that are forgotten.
    pub files: Vec<FileId>,
    /// The imports whose columns are shown no more; those nobody started are given up.
    pub imports: Vec<ImportId>,
    /// An import takes rows in, or waits to go on: nobody is erased meanwhile.
    pub busy: bool,
}

/// Looks into every file of imports that is still kept for one of these addresses.
///
/// # Errors
/// The database's.
pub async fn files(store: &Store, account: AccountId, addresses: &[String]) -> sqlx::Result<Files> {
    let mut found = Files::default();
    let region = super::region(store, account).await?;
    let imports: Vec<Import> = on!(store.read(), |c| sqlx::query_as(queries::KEPT_IMPORTS).bind(account).fetch_all(c).await)?;
    for import in imports {
        found.busy |= matches!(import.state, State::Running | State::Held);
        let mut named = false;
        for id in [Some(import.file_id), import.refused_file_id].into_iter().flatten() {
            let Some(bytes) = file::content(store, account, id).await? else { continue };
            if names(&bytes, import.mapping.sheets.len(), addresses, &region).await {
                named = true;
                found.files.push(id);
            }
        }
        if named {
            found.imports.push(import.id);
        }
    }
    Ok(found)
}

/// Whether a file names one of the addresses on any of its sheets. What cannot be read as a table
/// any more is taken for one that does.
async fn names(bytes: &[u8], sheets: usize, addresses: &[String], region: &str) -> bool {
    let theirs = |cell: &str| row::addresses_in(cell, region).iter().any(|one| addresses.contains(one));
    let (mut sheet, mut sheets) = (None, (0..sheets).collect::<Vec<_>>());
    loop {
        match table::read_aside(bytes.to_vec(), sheet).await {
            Ok(read) => {
                if read.rows.iter().any(|row| row.cells().any(theirs)) {
                    return true;
                }
                if sheet.is_none() {
                    sheets = (0..read.sheets.len()).filter(|other| *other != read.sheet).collect();
                }
            }
            Err(table::TableError::Empty) => {}
            Err(_) => return true,
        }
        sheet = sheets.pop();
        if sheet.is_none() {
            return false;
        }
    }
}

/// Forgets these files, and gives up the imports of them that nobody started.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, account: AccountId, files: &Files, now: Moment) -> sqlx::Result<()> {
    for id in &files.files {
        on!(tx.conn(), |c| sqlx::query(queries::FORGET_FILE).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    }
    for id in &files.imports {
        on!(tx.conn(), |c| sqlx::query(queries::CANCEL_IMPORT).bind(account).bind(id).bind(now).execute(c).await.map(|_| ()))?;
        super::forget_cells(tx, account, *id, true).await?;
    }
    Ok(())
}
