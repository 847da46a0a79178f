//! CRM: connecting amoCRM, how its sync goes, pausing, a new token, ending; what its fields become is in `crm/mapping`.

mod cards;
mod connect;

pub use cards::{again, ask_address, ask_disconnect, ask_token, authorise_card, card, list as list_card, ways};
pub use connect::{Step, input};

use mms_core::{
    crm::connection::{self as room, Connection, ConnectionState, Counts, SyncPhase},
    id::ConnectionId,
    queue::Job,
};

use crate::{
    calls,
    cards::Live,
    cx::Cx,
    error::{BotError, Outcome},
    p,
    reply::Reply,
};

calls! {
    /// Buttons of CRM connections.
    pub enum Call {
        /// The list; the card when there is one only.
        "l" List => View,
        /// A connection's card.
        "c" Card { connection: ConnectionId } => View,
        /// Connect: by token or by the CRM's own page?
        "a" Add => Own,
        /// By a long-lived token: asks for the address.
        "t" ByToken => Own,
        /// By the CRM's own page: asks for the address.
        "o" ByPage => Own,
        /// The CRM's own page once more.
        "u" Authorise { connection: ConnectionId } => Own,
        /// A new long-lived token: asks for it.
        "k" Token { connection: ConnectionId } => Own,
        /// Sync now.
        "s" Sync { connection: ConnectionId } => Edit,
        /// Pause.
        "p" Pause { connection: ConnectionId } => Own,
        /// Go on.
        "r" Resume { connection: ConnectionId } => Own,
        /// End: asks first.
        "d" AskDisconnect { connection: ConnectionId } => Own,
        /// End.
        "D" Disconnect { connection: ConnectionId } => Own,
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
        Call::Add => {
            if cx.deps.settings.amocrm_app().is_none() {
                cx.ask(Step::Address).await?;
                return Ok(ask_address(cx.tr, false, None).into());
            }
            Ok(ways(cx.tr).into())
        }
        Call::ByToken => {
            cx.ask(Step::Address).await?;
            Ok(ask_address(cx.tr, false, None).into())
        }
        Call::ByPage => {
            connect::app(cx)?;
            cx.ask(Step::PageAddress).await?;
            Ok(ask_address(cx.tr, true, None).into())
        }
        Call::Authorise { connection } => connect::authorise_again(cx, connection).await,
        Call::Token { connection } => {
            let row = load(cx, connection).await?;
            if row.external_id.is_empty() {
                return Err(BotError::Refused(p!(cx.tr, "crm-wrong-state")));
            }
            cx.ask(Step::NewToken { connection }).await?;
            Ok(ask_token(cx.tr, &row.base_url, Call::Card { connection }).into())
        }
        Call::Sync { connection } => {
            room::sync_now(&cx.deps.store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            cx.deps.queue.ring(Job::SyncCrm { connection }).await;
            Ok(show(cx, connection).await?.saying(p!(cx.tr, "crm-sync-begins")))
        }
        Call::Pause { connection } => {
            room::pause(&cx.deps.store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            Ok(show(cx, connection).await?.saying(p!(cx.tr, "crm-paused")))
        }
        Call::Resume { connection } => {
            room::resume(&cx.deps.store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            cx.deps.queue.ring(Job::SyncCrm { connection }).await;
            Ok(show(cx, connection).await?.saying(p!(cx.tr, "crm-resumed")))
        }
        Call::AskDisconnect { connection } => {
            let row = load(cx, connection).await?;
            Ok(ask_disconnect(cx.tr, &row, counts(cx, connection).await?).into())
        }
        Call::Disconnect { connection } => {
            room::disconnect(&cx.deps.store, cx.actor()?, connection, cx.now).await.map_err(|error| connect::refused(cx.tr, error))?;
            Ok(list(cx).await?.saying(p!(cx.tr, "crm-disconnected")))
        }
    }
}

/// Draws the card of a connection at work.
///
/// # Errors
/// The database's.
pub async fn live(cx: &Cx, subject: uuid::Uuid) -> Result<Option<Live>, BotError> {
    let row = load(cx, ConnectionId(subject)).await?;
    let more = busy(&row, cx.now);
    Ok(Some(Live { screen: card_of(cx, &row).await?, more }))
}

/// Whether a sync is under way or about to begin: the card then goes on editing itself.
fn busy(row: &Connection, now: mms_core::clock::Moment) -> bool {
    row.state == ConnectionState::Active && (row.sync_phase != SyncPhase::Idle || row.next_sync_at.is_some_and(|due| due <= now))
}

async fn load(cx: &Cx, connection: ConnectionId) -> Result<Connection, BotError> {
    let row = room::get(&cx.deps.store, cx.actor()?.account, connection).await?.ok_or(BotError::Gone)?;
    if row.state == ConnectionState::Disconnected { Err(BotError::Gone) } else { Ok(row) }
}

async fn counts(cx: &Cx, connection: ConnectionId) -> Result<Counts, BotError> {
    Ok(room::counts(&cx.deps.store, cx.actor()?.account, connection).await?)
}

async fn list(cx: &Cx) -> Outcome {
    let actor = cx.actor()?;
    Ok(list_card(cx.tr, &room::list(&cx.deps.store, actor.account).await?, actor.role).into())
}

async fn card_of(cx: &Cx, row: &Connection) -> Result<crate::screen::Screen, BotError> {
    let app = cx.deps.settings.amocrm_app().is_some();
    Ok(card(cx.tr, row, counts(cx, row.id).await?, app, cx.actor()?.role, cx.now))
}

async fn show(cx: &Cx, connection: ConnectionId) -> Outcome {
    let row = load(cx, connection).await?;
    let reply = Reply::screen(card_of(cx, &row).await?);
    Ok(if busy(&row, cx.now) { reply.live("crm", connection.0) } else { reply })
}
