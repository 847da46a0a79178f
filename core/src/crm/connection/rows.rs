//! What people say of a CRM that gives all its rows at once: what its columns are, how often it is
//! read, and that a table unlike the one before is meant.

use chrono::TimeDelta;
use serde_json::json;

use super::{ConnectError, Connection, crm_fields, map::remap, present, set};
use crate::{
    account::{By, Right},
    clock::Moment,
    crm::{
        mapping::{Part, PartMapping},
        registry,
    },
    id::ConnectionId,
    stamp::Stamp,
    store::Store,
};

/// Why a connection is paused whose first load a person begins ([`super::resume`]).
pub const BEGIN: &str = "begin";
/// Minutes between two reads of what changed, to choose from.
pub const EVERY: [u32; 5] = [5, 15, 60, 360, 1_440];
/// Minutes between two reads of all the rows, where nobody chose.
const WHOLE: u32 = 15;

/// How long after a read of what changed the next one is due; `usual`: where nobody chose.
#[must_use]
pub fn every(connection: &Connection, usual: TimeDelta) -> TimeDelta {
    let whole = registry::capabilities(connection.kind).whole.then_some(WHOLE);
    connection.settings.every.or(whole).map_or(usual, |minutes| TimeDelta::minutes(minutes.into()))
}

/// Says what a column is of a person, or (with `on` false) that it is not. A key is moved, never
/// taken away, and stays where it is once anything was loaded: with another key everybody would be
/// somebody else.
///
/// # Errors
/// [`ConnectError::BadField`] when there is no such column, or the CRM knows its people itself;
/// [`ConnectError::WrongState`] for a key that stays.
pub async fn set_part(
    store: &Store,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    (crm_field, part): (&str, Part),
    on: bool,
    now: Moment,
) -> Result<(), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = present(&mut tx, by.account(), id).await?;
    let known = crm_fields(&row).iter().any(|field| field.id == crm_field);
    if !registry::capabilities(row.kind).whole || !known {
        return Err(ConnectError::BadField);
    }
    if part == Part::Key && (!on || row.sync_cursor.watermark.is_some() || row.sync_cursor.full_at.is_some()) {
        return Err(ConnectError::WrongState);
    }
    let mut settings = row.settings.0.clone();
    settings.parts.retain(|mapped| match mapped.part == part {
        true => part.many() && mapped.crm_field != crm_field,
        // A column is one thing of a person, but a phone may be the key.
        false => !on || mapped.crm_field != crm_field || mapped.part == Part::Key || part == Part::Key,
    });
    if on {
        settings.parts.push(PartMapping { crm_field: crm_field.to_owned(), part });
    }
    remap(&mut tx, by, &row, &settings, json!({ "crm_field": crm_field, "part": part, "on": on }), now).await?;
    Ok(tx.commit().await?)
}

/// Says how often what changed is read, in minutes of [`EVERY`].
///
/// # Errors
/// [`ConnectError::BadField`] when there is no such choice.
pub async fn set_every(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, minutes: u32, now: Moment) -> Result<(), ConnectError> {
    set(store, by.into(), id, "crm.every", now, |settings, row| {
        if !EVERY.contains(&minutes) {
            return Err(ConnectError::BadField);
        }
        settings.every = Some(minutes);
        // What is due sooner stays so.
        let next = row.last_synced_at.map_or(row.next_sync_at, |at| {
            let due = at + TimeDelta::minutes(minutes.into());
            row.next_sync_at.map(|next| next.min(due.max(now)))
        });
        Ok((next, json!({ "minutes": minutes })))
    })
    .await
}

/// Says that what was refused as unlike the one before is meant; `seen`: as it was shown. It is
/// read at once: ring [`crate::queue::Job::SyncCrm`].
///
/// # Errors
/// [`ConnectError::Changed`] when something else is refused by now, or nothing.
pub async fn accept(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, seen: Stamp, now: Moment) -> Result<(), ConnectError> {
    set(store, by.into(), id, "crm.accept", now, |settings, row| {
        let meant = row.sync_cursor.unusable.as_ref().filter(|unusable| unusable.stamp() == seen);
        let (Some(meant), Some(hash)) = (meant, meant.and_then(|meant| meant.hash.clone())) else { return Err(ConnectError::Changed) };
        settings.accepted = Some(hash);
        Ok((Some(now), json!({ "why": meant.why, "before": meant.before, "now": meant.now })))
    })
    .await
}
