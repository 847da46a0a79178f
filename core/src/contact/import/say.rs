//! What a person says of a file besides its columns: the sheet, the order of its dates, «all
//! columns».

use super::{Import, ImportError, mapping, mapping::Target, region, save, table, waiting};
use crate::{
    account::Actor,
    clock::Moment,
    contact::{
        field::{self, FieldError},
        value::DayOrder,
    },
    id::ImportId,
    store::{Store, file},
};

/// Says which sheet of a workbook is read, by its place among the visible ones; its columns are
/// guessed anew.
///
/// # Errors
/// [`ImportError`].
pub async fn choose_sheet(store: &Store, actor: &Actor, id: ImportId, sheet: usize, now: Moment) -> Result<(), ImportError> {
    let mut import = waiting(store, actor, id).await?;
    if sheet >= import.mapping.sheets.len() {
        return Err(ImportError::NoSheet);
    }
    let bytes = file::content(store, actor.account, import.file_id).await?.ok_or(ImportError::Absent)?;
    let table = table::read_aside(bytes, Some(sheet)).await?;
    let fields = field::list(store, actor.account).await?;
    let tags = std::mem::take(&mut import.mapping.tags);
    let region = region(store, actor.account).await?;
    import.mapping = mapping::guess_aside(table, &import.mapping.file_name, &fields, &region).await?.1;
    import.mapping.tags = tags;
    save(store, actor, &import, "import.mapping", now).await
}

/// Says what `05/06/2026` means in this file.
///
/// # Errors
/// [`ImportError`].
pub async fn set_day_order(store: &Store, actor: &Actor, id: ImportId, order: DayOrder, now: Moment) -> Result<(), ImportError> {
    let mut import = waiting(store, actor, id).await?;
    import.mapping.day_order = Some(order);
    save(store, actor, &import, "import.mapping", now).await
}

/// Gives every column that is seen and has a heading, something in it and no target yet to the
/// field of its title, which is made where there is none, of the kind its cells look like. How many
/// columns were given, and how many found no room.
///
/// # Errors
/// [`ImportError`].
pub async fn take_all(store: &Store, actor: &Actor, id: ImportId, now: Moment) -> Result<(usize, usize), ImportError> {
    let mut import: Import = waiting(store, actor, id).await?;
    let mut fields = field::list(store, actor.account).await?;
    let (mut given, mut without) = (0, 0);
    let mut tx = store.begin().await?;
    for at in 0..import.mapping.columns.len() {
        let title: String = import.mapping.titles.get(at).map(|title| title.trim().chars().take(60).collect()).unwrap_or_default();
        let profile = import.mapping.profiles.get(at);
        let seen = import.mapping.header && !import.mapping.hidden.contains(&at);
        let free = import.mapping.columns[at] == Target::Skip && profile.is_some_and(|profile| profile.filled);
        if !seen || !free || title.is_empty() {
            continue;
        }
        let key = match field::of_title(&fields, &title) {
            Some(field) => field.key.clone(),
            None => {
                let kind = profile.map_or(crate::contact::FieldKind::Text, |profile| profile.kind);
                let key = field::suggest_key(&title, &fields);
                match field::create_in(&mut tx, actor.account, &actor.member.to_string(), &key, &title, kind, now).await {
                    Ok(field) => {
                        fields.push(field);
                        key
                    }
                    Err(FieldError::TooMany) => {
                        without += 1;
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        };
        let target = Target::Field { key };
        // A second column of the same title.
        if import.mapping.columns.contains(&target) {
            continue;
        }
        import.mapping.columns[at] = target;
        given += 1;
    }
    tx.commit().await?;
    // The fields stay whatever becomes of the file: another may have been started meanwhile.
    save(store, actor, &import, "import.mapping", now).await?;
    Ok((given, without))
}
