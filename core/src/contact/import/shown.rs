//! What an import shows of people while it waits for a member: a few rows of its file, and examples
//! of what its dry run left out. A person who is deleted is shown no more.

use sqlx::types::Json;

use super::{Import, row};
use crate::{contact::queries, id::AccountId, on, store::Tx};

/// Takes the rows with one of these addresses out of what is shown of the account's files. The
/// files stay: whether their people come in is still to be said.
///
/// # Errors
/// The database's.
pub(in crate::contact) async fn forget(tx: &mut Tx, account: AccountId, addresses: &[String]) -> sqlx::Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    let waiting: Vec<Import> = on!(tx.conn(), |c| sqlx::query_as(queries::WAITING_IMPORTS).bind(account).fetch_all(c).await)?;
    if waiting.is_empty() {
        return Ok(());
    }
    let region: String = on!(tx.conn(), |c| sqlx::query_scalar(queries::PHONE_REGION).bind(account).fetch_one(c).await)?;
    for mut import in waiting {
        let before = (import.mapping.clone(), import.counts.clone());
        blank(&mut import, addresses, &region);
        if (&import.mapping, &import.counts) != (&before.0, &before.1) {
            on!(tx.conn(), |c| sqlx::query(queries::SAY_LESS)
                .bind(account)
                .bind(import.id)
                .bind(Json(&import.mapping))
                .bind(Json(&import.counts))
                .execute(c)
                .await
                .map(|_| ()))?;
        }
    }
    Ok(())
}

/// Empties the cells of rows that hold one of the addresses.
fn blank(import: &mut Import, addresses: &[String], region: &str) {
    let theirs = |cell: &String| row::addresses_in(cell, region).iter().any(|one| addresses.contains(one));
    let mapping = &mut import.mapping;
    // Without headings the first row stands in their place.
    let titles = (!mapping.header).then_some(&mut mapping.titles);
    for shown in mapping.sample.iter_mut().chain(titles) {
        if shown.iter().any(theirs) {
            shown.iter_mut().for_each(String::clear);
        }
    }
    import.counts.dry.examples.retain(|example| !theirs(&example.cell));
}
