//! A message that a card or a robot of a CRM gave us becomes a message to the person who has that
//! phone: through the same gate, line and pace as a member's reply. Or it is refused, and the CRM
//! and the members see why ([`crate::crm::message`]).
//!
//! Without a licence a person at the CRM's card answers whoever wrote lately, as a member does
//! here; what a robot writes waits for a licence. Where conversations are switched off nobody
//! answers by the CRM's card either, and no message goes through a messenger that the law bars.

use super::{
    crm::Reader,
    queries,
    raw::{self, RawEvent, Taken},
    reply,
};
use crate::{
    account::{feature, licence, load, suspension},
    channel::{
        ChannelKind,
        fit::{self, Unfit},
        registry as channels,
    },
    clock::Moment,
    contact,
    crm::{
        connection::{Connection, ConnectionState},
        message::{self, CrmMessage, NewMessage, Origin, Refused},
        registry,
    },
    delivery::outgoing::{NewOutgoing, OutgoingMessage, OutgoingPurpose},
    id::{ANY_CHANNEL, ChannelId, ContactId, OutgoingId},
    law, on,
    store::{Store, Tx},
    text::{Rich, missing, phone},
    words::Reason,
};

/// Whether a raw event holds such a message.
#[must_use]
pub fn is_message(row: &RawEvent) -> bool {
    row.external_id.starts_with(message::RAW)
}

/// Takes such an event; the channel to ring [`crate::queue::Job::Deliver`] for, if the message is
/// in line.
///
/// # Errors
/// The database's.
pub async fn take(store: &Store, connection: &Connection, row: &RawEvent, reader: &Reader, now: Moment) -> sqlx::Result<Option<ChannelId>> {
    let account = row.account_id;
    let gate =
        Gate { licensed: licence::current(store, account, now).await?.is_some(), barred: law::profile::barred(store, account, now).await? };
    let mut tx = store.begin().await?;
    if raw::take(&mut tx, row, now).await? != Taken::Now {
        return Ok(None);
    }
    let mut through = None;
    match (registry::gate(connection.kind).message)(row.payload.as_bytes()) {
        Some(message) => {
            if !message::known(&mut tx, row.account_id, connection.id, &message.id).await? {
                through = keep(&mut tx, connection, &message, &gate, reader, now).await?;
            }
        }
        // It was read before it was kept.
        None => tracing::error!(inbound.id = %row.id, "a CRM's message cannot be read"),
    }
    raw::forget(&mut tx, row).await?;
    tx.commit().await?;
    Ok(through)
}

/// What is looked up before the change.
struct Gate {
    licensed: bool,
    /// Messengers that the law keeps the company out of.
    barred: Vec<ChannelKind>,
}

async fn keep(
    tx: &mut Tx,
    connection: &Connection,
    message: &CrmMessage,
    gate: &Gate,
    reader: &Reader,
    now: Moment,
) -> sqlx::Result<Option<ChannelId>> {
    let found = whose(tx, connection, message, reader).await?;
    let contact = found.ok();
    let end = match found {
        Ok(contact) => line(tx, connection, message, contact, gate, now).await?,
        Err(refused) => Err(refused),
    };
    let new = NewMessage { account: connection.account_id, connection: connection.id, message, contact, end: end.map(|(id, _)| id) };
    message::keep(tx, &new, now).await?;
    if let Err(refused) = end {
        tracing::info!(crm.connection = %connection.id, reason = refused.code(), "a message of a CRM was refused");
    }
    Ok(end.ok().map(|(_, channel)| channel))
}

/// Whose phone it is.
async fn whose(tx: &mut Tx, connection: &Connection, message: &CrmMessage, reader: &Reader) -> sqlx::Result<Result<ContactId, Refused>> {
    let Some(phone) = phone::read_cell(&message.to, &reader.region).found.into_iter().next() else { return Ok(Err(Refused::NoPhone)) };
    let found = contact::resolve_in(tx, connection.account_id, "phone", &phone.e164, ANY_CHANNEL).await?;
    Ok(found.ok_or(Refused::Nobody))
}

/// The gate, and the line behind it.
async fn line(
    tx: &mut Tx,
    connection: &Connection,
    message: &CrmMessage,
    contact: ContactId,
    gate: &Gate,
    now: Moment,
) -> sqlx::Result<Result<(OutgoingId, ChannelId), Refused>> {
    let refused = |reason| Ok(Err(Refused::Is(reason)));
    let Some(channel) = connection.settings.sender.filter(|_| connection.state == ConnectionState::Active) else {
        return Ok(Err(Refused::Off));
    };
    let account = connection.account_id;
    if !(gate.licensed || message.origin == Origin::Card && reply::wrote_lately(tx, account, contact, now).await?) {
        return refused(Reason::Licence);
    }
    if message.origin == Origin::Card && feature::need(tx, account, feature::INBOX).await?.is_err() {
        return refused(Reason::FeatureOff);
    }
    if let Some(closed) = suspension::current_in(tx, account, now).await?
        && (closed.scope == suspension::Scope::All || message.origin == Origin::Robot)
    {
        return refused(Reason::Suspended);
    }
    if load::need(tx, account, load::Guard::FromCrm, 1, now).await?.is_err() {
        return refused(Reason::PlanLimit);
    }
    let asked: Option<(bool, bool)> = match message.origin {
        // A person may answer whoever wrote after their stop, and whoever is in doubt.
        Origin::Card => {
            let sql = queries::NOT_TO_BE_ANSWERED;
            let stopped: Option<bool> = on!(tx.conn(), |c| sqlx::query_scalar(sql).bind(account).bind(contact).fetch_optional(c).await)?;
            stopped.map(|stopped| (stopped, false))
        }
        Origin::Robot => on!(tx.conn(), |c| sqlx::query_as(queries::WRITTEN_TO).bind(account).bind(contact).fetch_optional(c).await)?,
    };
    match asked {
        None => return refused(Reason::Deleted),
        Some((true, _)) => return refused(Reason::OptedOut),
        Some((false, true)) => return refused(Reason::Doubt),
        Some((false, false)) => {}
    }
    let Some((to, kind)) = reply::chat(tx, account, contact, channel).await? else { return refused(Reason::NoAddress) };
    if gate.barred.contains(&kind) {
        return refused(Reason::Law);
    }
    if missing(&message.text) {
        return refused(Reason::Empty);
    }
    let body = match fit::fit(Rich::plain(message.text.as_str()), Vec::new(), None, channels::capabilities(kind)) {
        Ok(fitted) => fitted.body,
        Err(unfit) => {
            return refused(match unfit.first() {
                Some(Unfit::Empty) => Reason::Empty,
                _ => Reason::TooLong,
            });
        }
    };
    let new = NewOutgoing {
        account,
        channel,
        contact: Some(contact),
        to,
        purpose: OutgoingPurpose::Reply,
        message: OutgoingMessage { body, buttons: Vec::new(), remove_keyboard: false, media: None },
        dedupe_key: format!("crm:{}:{}", connection.id, message.id),
    };
    // Whose key is taken went before and was forgotten: once is once.
    match reply::put(tx, contact, None, new, None, now).await? {
        Some(outgoing) => Ok(Ok((outgoing, channel))),
        None => refused(Reason::NoAnswer),
    }
}
