//! CRM: connecting one, how its sync goes, pausing, a new token, ending; what its fields become
//! is in `crm/mapping`.

mod cards;
mod connect;
mod consents;
mod fields;
#[cfg(test)]
mod key_story;
mod mapping;
mod messages;
#[cfg(test)]
mod page_story;
mod rows;
#[cfg(test)]
mod salon_story;
#[cfg(test)]
mod sender_story;
#[cfg(test)]
mod story;
#[cfg(test)]
mod table_story;
#[cfg(test)]
mod values_story;
#[cfg(test)]
mod webhook_story;
mod written;

pub use cards::{
    again, ask_address, ask_disconnect, ask_new_address, ask_value, authorise_card, card, hook_card, list as list_card, ways, which,
};
pub use connect::{Step, input};
pub use rows::unusable;

use chrono::TimeDelta;
use mms_core::{
    channel::store as channels,
    clock::Moment,
    consent::Purpose,
    contact::field,
    crm::{
        CrmKind,
        connection::{self as room, Connection, ConnectionState, Counts, SyncPhase},
        mapping::Part,
        message, registry, write_back,
    },
    id::{ChannelId, ConnectionId, FieldId},
    inbound::crm::preview,
    queue::Job,
    stamp::Stamp,
};

use crate::{
    calls,
    frame::{
        cards::Live,
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
    },
    p,
};

calls! {
    /// Buttons of CRM connections.
    pub enum Call {
        /// The list; the card when there is one only.
        "l" List => View,
        /// A connection's card.
        "c" Card { connection: ConnectionId } => View,
        /// Connect: which CRM?
        "a" Add => Own,
        /// This one: by what is pasted or by its own page?
        "K" Connect { kind: CrmKind } => Own,
        /// By what is pasted: asks for the address.
        "t" ByToken { kind: CrmKind } => Own,
        /// By the CRM's own page: asks for the address.
        "o" ByPage { kind: CrmKind } => Own,
        /// The CRM's own page once more.
        "u" Authorise { connection: ConnectionId } => Own,
        /// A new token or key: asks for it.
        "k" Token { connection: ConnectionId } => Own,
        /// The account's new address: asks for it.
        "N" Address { connection: ConnectionId } => Own,
        /// Sync now.
        "s" Sync { connection: ConnectionId } => Edit,
        /// Pause.
        "p" Pause { connection: ConnectionId } => Own,
        /// Go on.
        "r" Resume { connection: ConnectionId } => Own,
        /// Where a person writes our address into the CRM, so that changes come at once.
        "H" Hook { connection: ConnectionId } => Own,
        /// What it was told, or is to be.
        "v" Written { connection: ConnectionId } => View,
        /// Tasks for customers who write, on or off.
        "V" Tasks { connection: ConnectionId, on: bool } => Own,
        /// Three people as they would come.
        "P" Preview { connection: ConnectionId } => Own,
        /// How often shall it be read?
        "S" Every { connection: ConnectionId } => Own,
        /// So often, in minutes.
        "T" SetEvery { connection: ConnectionId, minutes: u32 } => Own,
        /// What was refused as unlike the one before is meant; the stamp is of what was shown.
        "A" Accept { connection: ConnectionId, stamp: Stamp } => Own,
        /// A column is this of a person, or is not any more.
        "R" Part { connection: ConnectionId, field: u32, part: Part, on: bool } => Own,
        /// What its own cards and robots write through us.
        "M" Messages { connection: ConnectionId } => View,
        /// They write through this channel.
        "J" SetSender { connection: ConnectionId, channel: ChannelId } => Own,
        /// They write through none.
        "X" NoSender { connection: ConnectionId } => Own,
        /// End: asks first.
        "d" AskDisconnect { connection: ConnectionId } => Own,
        /// End.
        "D" Disconnect { connection: ConnectionId } => Own,
        /// The CRM's fields and what each becomes.
        "f" Fields { connection: ConnectionId, page: u16 } => View,
        /// What shall this field become?
        "F" Field { connection: ConnectionId, field: u32, page: u16 } => Own,
        /// A new contact field of its own.
        "n" MapNew { connection: ConnectionId, field: u32 } => Own,
        /// This contact field.
        "m" MapTo { connection: ConnectionId, field: u32, to: FieldId } => Own,
        /// Nothing.
        "x" Unmap { connection: ConnectionId, field: u32 } => Own,
        /// Consents and the "do not write" checkbox.
        "e" Consents { connection: ConnectionId } => View,
        /// One consent: its mark, time and author.
        "h" Consent { connection: ConnectionId, purpose: Purpose } => Own,
        /// Which field is the consent?
        "g" ConsentFields { connection: ConnectionId, purpose: Purpose, page: u16 } => Own,
        /// This one.
        "G" ConsentField { connection: ConnectionId, purpose: Purpose, field: u32 } => Own,
        /// Which values mean yes? `mask`: a bit for each that does; the stamp is of all that were
        /// shown.
        "y" ConsentValues { connection: ConnectionId, purpose: Purpose, field: u32, mask: u32, stamp: Stamp } => Own,
        /// These.
        "Y" SetConsent { connection: ConnectionId, purpose: Purpose, field: u32, mask: u32, stamp: Stamp } => Own,
        /// Which field holds the time of the consent?
        "w" ConsentDates { connection: ConnectionId, purpose: Purpose, page: u16 } => Own,
        /// This one; 0: none.
        "W" SetDate { connection: ConnectionId, purpose: Purpose, field: u32 } => Own,
        /// Which field holds the author of the consent?
        "q" ConsentAuthors { connection: ConnectionId, purpose: Purpose, page: u16 } => Own,
        /// This one; 0: none.
        "Q" SetAuthor { connection: ConnectionId, purpose: Purpose, field: u32 } => Own,
        /// No field is the consent any more.
        "z" UnmapConsent { connection: ConnectionId, purpose: Purpose } => Own,
        /// Which checkbox means "do not write"?
        "b" OptOuts { connection: ConnectionId, page: u16 } => Own,
        /// This one; 0: none, the tag alone.
        "B" SetOptOut { connection: ConnectionId, field: u32 } => Own,
    }
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the CRM room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List => list(cx).await,
        Call::Card { connection } => show(cx, connection).await,
        Call::Add => Ok(which(cx.tr).into()),
        Call::Connect { kind } if registry::login(kind).page().is_some() && cx.deps.settings.crm_app(kind).is_some() => {
            Ok(ways(cx.tr, kind).into())
        }
        Call::Connect { kind } | Call::ByToken { kind } => {
            cx.ask(Step::Address { kind }).await?;
            Ok(ask_address(cx.tr, kind, false, None).into())
        }
        Call::ByPage { kind } => {
            connect::app(cx, kind)?;
            cx.ask(Step::PageAddress { kind }).await?;
            Ok(ask_address(cx.tr, kind, true, None).into())
        }
        Call::Authorise { connection } => connect::authorise_again(cx, connection).await,
        Call::Token { connection } => {
            let row = load(cx, connection).await?;
            if row.external_id.is_empty() {
                return Err(BotError::Refused(p!(cx.tr, "crm-wrong-state")));
            }
            let ask = registry::login(row.kind).asks().last().ok_or(BotError::Gone)?;
            cx.ask(Step::NewToken { connection }).await?;
            Ok(ask_value(cx.tr, row.kind, ask, &row.base_url, Call::Card { connection }).into())
        }
        Call::Address { connection } => {
            let row = load(cx, connection).await?;
            if row.external_id.is_empty() {
                return Err(BotError::Refused(p!(cx.tr, "crm-wrong-state")));
            }
            cx.ask(Step::NewAddress { connection }).await?;
            Ok(ask_new_address(cx.tr, &row, None).into())
        }
        Call::Sync { connection } => {
            connect::expect_hooks(cx, connection).await?;
            room::sync_now(&cx.deps.store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            cx.deps.queue.ring(Job::SyncCrm { connection }).await;
            Ok(show(cx, connection).await?.saying(p!(cx.tr, "crm-sync-begins")))
        }
        Call::Pause { connection } => {
            room::pause(&cx.deps.store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            Ok(show(cx, connection).await?.saying(p!(cx.tr, "crm-paused")))
        }
        Call::Resume { connection } => {
            let begins = load(cx, connection).await?.state_reason.as_deref() == Some(room::BEGIN);
            room::resume(&cx.deps.store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            cx.deps.queue.ring(Job::SyncCrm { connection }).await;
            let said = if begins { p!(cx.tr, "crm-sync-begins") } else { p!(cx.tr, "crm-resumed") };
            Ok(show(cx, connection).await?.saying(said))
        }
        Call::Hook { connection } => {
            connect::expect_hooks(cx, connection).await?;
            let row = load(cx, connection).await?;
            let address = room::hook_address(&cx.deps.sealer, &row);
            let address = address.ok_or_else(|| BotError::Refused(p!(cx.tr, "crm-hook-needs-address")))?;
            Ok(hook_card(cx.tr, &row, &address).into())
        }
        Call::Written { connection } => {
            let row = load(cx, connection).await?;
            let lines = write_back::written(&cx.deps.store, cx.actor()?.account, connection, written::SHOWN).await?;
            Ok(written::list(cx.tr, &row, &lines, cx.now).into())
        }
        Call::Tasks { connection, on } => {
            room::set_tasks(&cx.deps.store, cx.actor()?, connection, on, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            let said = if on { p!(cx.tr, "crm-tasks-on") } else { p!(cx.tr, "crm-tasks-off") };
            Ok(show(cx, connection).await?.saying(said))
        }
        Call::Preview { connection } => {
            let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
            let row = load(cx, connection).await?;
            let seen = preview(store, sealer, endpoints, row.account_id, connection).await;
            let seen = seen.map_err(|error| connect::refused_by(cx.tr, row.kind, error))?;
            let ours = field::list(store, row.account_id).await?;
            let begin = row.state_reason.as_deref() == Some(room::BEGIN);
            Ok(rows::preview(cx.tr, &seen, &ours, begin).into())
        }
        Call::Every { connection } => Ok(rows::ask_every(cx.tr, &load(cx, connection).await?).into()),
        Call::SetEvery { connection, minutes } => {
            room::set_every(&cx.deps.store, cx.actor()?, connection, minutes, cx.now)
                .await
                .map_err(|error| connect::refused(cx.tr, error))?;
            Ok(show(cx, connection).await?.saying(p!(cx.tr, "crm-every-saved")))
        }
        Call::Accept { connection, stamp } => {
            let accepted = room::accept(&cx.deps.store, cx.actor()?, connection, stamp, cx.now).await;
            accepted.map_err(|error| connect::refused(cx.tr, error))?;
            cx.deps.queue.ring(Job::SyncCrm { connection }).await;
            Ok(show(cx, connection).await?.saying(p!(cx.tr, "crm-accepted")))
        }
        Call::Messages { connection } => messages(cx, connection).await,
        Call::SetSender { connection, channel } => {
            connect::expect_hooks(cx, connection).await?;
            set_sender(cx, connection, Some(channel)).await?;
            Ok(messages(cx, connection).await?.saying(p!(cx.tr, "crm-messages-turned-on")))
        }
        Call::NoSender { connection } => {
            set_sender(cx, connection, None).await?;
            Ok(messages(cx, connection).await?.saying(p!(cx.tr, "crm-messages-turned-off")))
        }
        Call::AskDisconnect { connection } => {
            let row = load(cx, connection).await?;
            Ok(ask_disconnect(cx.tr, &row, counts(cx, connection).await?).into())
        }
        Call::Disconnect { connection } => {
            let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
            // Credentials that do not open must not keep a person from disconnecting.
            let leaving = room::leaving(store, sealer, endpoints, cx.actor()?.account, connection).await.ok().flatten();
            room::disconnect(store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            if let Some(leaving) = leaving {
                leaving.end().await;
            }
            Ok(list(cx).await?.saying(p!(cx.tr, "crm-disconnected")))
        }
        other => mapping::press(cx, other).await,
    }
}

/// Draws the card of a connection at work.
///
/// # Errors
/// The database's.
pub async fn live(cx: &Cx, subject: uuid::Uuid) -> Result<Option<Live>, BotError> {
    let row = load(cx, ConnectionId(subject)).await?;
    let more = busy(&row, cx.now);
    Ok(Some(Live { screen: card_of(cx, &row).await?, more, last: None }))
}

/// After a failure the card goes on editing itself while the next try is so near.
const NEAR: TimeDelta = TimeDelta::minutes(2);

/// Whether a sync is under way, about to begin, or about to be tried again: the card then goes on
/// editing itself.
fn busy(row: &Connection, now: Moment) -> bool {
    let failed = row.state_reason.is_some() || row.last_synced_at.is_none();
    let soon = if failed { now + NEAR } else { now };
    row.state == ConnectionState::Active && (row.sync_phase != SyncPhase::Idle || row.next_sync_at.is_some_and(|due| due <= soon))
}

async fn load(cx: &Cx, connection: ConnectionId) -> Result<Connection, BotError> {
    let row = room::get(&cx.deps.store, cx.actor()?.account, connection).await?.ok_or(BotError::Gone)?;
    if row.state == ConnectionState::Disconnected { Err(BotError::Gone) } else { Ok(row) }
}

async fn counts(cx: &Cx, connection: ConnectionId) -> Result<Counts, BotError> {
    Ok(room::counts(&cx.deps.store, cx.actor()?.account, connection).await?)
}

async fn set_sender(cx: &Cx, connection: ConnectionId, channel: Option<ChannelId>) -> Result<(), BotError> {
    let (store, sealer) = (&cx.deps.store, &cx.deps.sealer);
    let done = room::set_sender(store, sealer, cx.actor()?, connection, channel, cx.now).await;
    done.map_err(|error| connect::refused(cx.tr, error))?;
    cx.deps.queue.ring(Job::SyncCrm { connection }).await;
    Ok(())
}

async fn messages(cx: &Cx, connection: ConnectionId) -> Outcome {
    let row = load(cx, connection).await?;
    let actor = cx.actor()?;
    let able = room::can_send(&cx.deps.store, &cx.deps.sealer, &row).await.map_err(|error| connect::refused(cx.tr, error))?;
    let channels = channels::list(&cx.deps.store, actor.account).await?;
    let lines = message::list(&cx.deps.store, actor.account, connection, messages::SHOWN).await?;
    Ok(messages::list(cx.tr, &row, able, &channels, &lines, actor.role, cx.now).into())
}

async fn list(cx: &Cx) -> Outcome {
    let actor = cx.actor()?;
    Ok(list_card(cx.tr, &room::list(&cx.deps.store, actor.account).await?, actor.role).into())
}

async fn card_of(cx: &Cx, row: &Connection) -> Result<crate::frame::screen::Screen, BotError> {
    let app = cx.deps.settings.crm_app(row.kind).is_some();
    let ends = match room::token_ends(&cx.deps.store, &cx.deps.sealer, row.id).await {
        Ok(ends) => ends,
        Err(error) => {
            tracing::error!(%error, crm.connection = %row.id, "the credentials of a CRM connection do not open");
            None
        }
    };
    Ok(card(cx.tr, row, counts(cx, row.id).await?, ends, app, cx.actor()?.role, cx.now))
}

async fn show(cx: &Cx, connection: ConnectionId) -> Outcome {
    let row = load(cx, connection).await?;
    let reply = Reply::screen(card_of(cx, &row).await?);
    Ok(if busy(&row, cx.now) { reply.live("crm", connection.0) } else { reply })
}
