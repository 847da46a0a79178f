//! The notes in the CRM that a closed campaign leaves: one for everybody who got it, put in line in
//! portions, so that the one writer of SQLite is never held long. The campaign's row says how far
//! they are; whoever comes after a death goes on from there.

use sqlx::types::Json;

use super::super::{Campaign, Result, queries};
use crate::{
    account::Language,
    clock::Moment,
    crm::{CrmChange, registry},
    id::{AccountId, CampaignId, ContactId},
    on,
    store::Store,
};

/// Deliveries looked at in one change: everybody else waits for one of these at most.
pub(super) const PORTION: u32 = 5_000;
/// In place of a contact: no note was made yet.
pub(super) const TO_BE_MADE: ContactId = ContactId(uuid::Uuid::nil());
/// Behind every contact.
const LAST: ContactId = ContactId(uuid::Uuid::max());

/// Puts the notes in line that are not yet, `portion` deliveries a change. Returns how many were
/// new.
///
/// # Errors
/// The database's; then it is gone on from there.
pub(crate) async fn queue(
    store: &Store,
    campaign: &Campaign,
    note: &impl Fn(Language, &Campaign) -> String,
    portion: u32,
    now: Moment,
) -> Result<u64> {
    let (account, id) = (campaign.account_id, campaign.id);
    let place: Option<ContactId> = on!(store.read(), |c| sqlx::query_scalar(queries::NOTED_TO).bind(account).bind(id).fetch_one(c).await)?;
    let Some(mut from) = place else { return Ok(0) };
    let language: Language = on!(store.read(), |c| sqlx::query_scalar(queries::LANGUAGE).bind(account).fetch_one(c).await)?;
    let change = CrmChange::Note { text: note(language, campaign) };
    let mut queued = 0;
    loop {
        let end: Option<ContactId> = on!(store.read(), |c| sqlx::query_scalar(queries::PORTION_END)
            .bind(account)
            .bind(id)
            .bind(from)
            .bind(i64::from(portion) - 1)
            .fetch_optional(c)
            .await)?;
        let mut tx = store.begin_bulk().await?;
        let ours = on!(tx.conn(), |c| sqlx::query(queries::NOTE_ON)
            .bind(account)
            .bind(id)
            .bind(from)
            .bind(end)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?;
        if !ours {
            // Somebody else is at it.
            return Ok(queued);
        }
        queued += on!(tx.conn(), |c| sqlx::query(queries::NOTES)
            .bind(account)
            .bind(id)
            .bind(Json(&change))
            .bind(now)
            .bind(from)
            .bind(end.unwrap_or(LAST))
            .bind(registry::told_nothing())
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        tx.commit().await?;
        let Some(end) = end else { return Ok(queued) };
        from = end;
    }
}

/// Closed campaigns whose notes are not all in line yet: whoever was about to may have died.
///
/// # Errors
/// The database's.
pub(crate) async fn left(store: &Store) -> sqlx::Result<Vec<(AccountId, CampaignId)>> {
    on!(store.read(), |c| sqlx::query_as(queries::NOTES_LEFT).fetch_all(c).await)
}
