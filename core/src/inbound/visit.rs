//! What a customer answers about a visit by a button of a campaign: it is confirmed in the CRM, or
//! people are told that they do not come.

use crate::{
    clock::Moment,
    contact::occasion::{OccasionKind, OccasionState, VisitAnswer},
    crm::{CrmChange, CrmKind, occasion::OccasionRef, registry, write_back},
    id::{AccountId, ConnectionId, ContactId},
    on,
    store::Tx,
};

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The CRM will be told.
    Taken,
    /// The visit is past, cancelled, or another's: a button can be pressed for ever, and its data
    /// can be made up.
    TooLate,
}

/// The visit that a press is about, if it is this contact's.
pub const VISIT: &str = "select o.at, o.state, k.kind, k.id from occasion o join crm_connection k on k.id = o.connection_id \
    where o.account_id = $1 and o.contact_id = $2 and o.kind = 'visit' and o.external_id = $3 order by o.at desc limit 1";
/// They said that they come.
pub const CONFIRM: &str = "update occasion set state = 'confirmed' where account_id = $1 and contact_id = $2 and kind = 'visit' \
    and external_id = $3 and state = 'open'";

/// Takes an answer; `note` says it to people in a CRM that has no such answers. `key` names this
/// press: the CRM is told of it once.
///
/// # Errors
/// The database's.
pub async fn answer(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    said: &VisitAnswer,
    (key, note): (&str, String),
    now: Moment,
) -> sqlx::Result<Heard> {
    let found: Option<(Moment, OccasionState, CrmKind, ConnectionId)> =
        on!(tx.conn(), |c| sqlx::query_as(VISIT).bind(account).bind(contact).bind(&said.visit).fetch_optional(c).await)?;
    let Some((_, _, crm, connection)) = found.filter(|(at, state, ..)| *at > now && state.is_ahead()) else { return Ok(Heard::TooLate) };
    if said.comes {
        on!(tx.conn(), |c| sqlx::query(CONFIRM).bind(account).bind(contact).bind(&said.visit).execute(c).await.map(|_| ()))?;
    }
    let change = if registry::capabilities(crm).answers.contains(&OccasionKind::Visit) {
        CrmChange::Answer { of: OccasionRef { kind: OccasionKind::Visit, id: said.visit.clone() }, comes: said.comes }
    } else {
        CrmChange::Note { text: note }
    };
    // No other CRM of theirs knows the visit.
    write_back::enqueue_for(tx, account, (contact, Some(connection)), &change, key, now).await?;
    Ok(Heard::Taken)
}

/// Every static statement here.
pub const ALL: &[&str] = &[VISIT, CONFIRM];
