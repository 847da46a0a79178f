//! Live cards: messages that go on editing themselves (a campaign's progress), at a steady pace, across restarts.
//!
//! The rows are the truth: a card is due at `due_at`; a card that was replaced by another screen loses its row. A feature
//! draws its cards in `live(cx, subject)`, listed in `screens.rs`.

use std::time::Duration;

use chrono::TimeDelta;
use mms_core::{
    clock::Moment,
    id::{AccountId, MemberId},
    on,
};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{auth, cx::Cx, deps::Deps, error::BotError, render, screen::Screen, screens};

/// Keeps a card.
pub const PUT: &str = "insert into card (chat_id, message_id, account_id, member_id, kind, subject_id, shown, due_at) values ($1, $2, $3, $4, $5, $6, '', $7) on conflict (chat_id, message_id) do update set kind = excluded.kind, subject_id = excluded.subject_id, member_id = excluded.member_id, account_id = excluded.account_id, shown = '', due_at = excluded.due_at";
/// Whether a message is a card.
pub const IS: &str = "select count(*) from card where chat_id = $1 and message_id = $2";
/// Forgets a card.
pub const DROP: &str = "delete from card where chat_id = $1 and message_id = $2";
/// The cards to be drawn.
pub const DUE: &str =
    "select chat_id, message_id, account_id, member_id, kind, subject_id, shown from card where due_at <= $1 order by due_at limit $2";
/// How many cards there are.
pub const COUNT: &str = "select count(*) from card where due_at is not null";
/// Drawn: again at.
pub const NEXT: &str = "update card set shown = $3, due_at = $4 where chat_id = $1 and message_id = $2";
/// Every statement.
pub const ALL: &[&str] = &[PUT, IS, DROP, DUE, COUNT, NEXT];

/// The pace of one card, milliseconds.
const PACE_MS: i64 = 3_000;
/// Edits a second for all cards together; the rest of the bot's thirty is for members.
const EDITS_PER_SECOND: i64 = 10;

/// What a feature draws for a live card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The card now.
    pub screen: Screen,
    /// Whether it will change any more.
    pub more: bool,
}

#[derive(Debug, sqlx::FromRow)]
struct Card {
    chat_id: i64,
    message_id: i64,
    account_id: AccountId,
    member_id: MemberId,
    kind: String,
    subject_id: uuid::Uuid,
    shown: String,
}

/// Makes a message live, or (with `None`) an ordinary one again.
///
/// # Errors
/// The database's.
pub async fn attach(cx: &Cx, message: i32, live: Option<&(String, uuid::Uuid)>) -> sqlx::Result<()> {
    let store = &cx.deps.store;
    match (live, &cx.who) {
        (Some((kind, subject)), Some(actor)) => {
            let mut tx = store.begin().await?;
            on!(tx.conn(), |c| sqlx::query(PUT)
                .bind(cx.chat)
                .bind(i64::from(message))
                .bind(actor.account)
                .bind(actor.member)
                .bind(kind)
                .bind(*subject)
                .bind(cx.now + TimeDelta::milliseconds(PACE_MS))
                .execute(c)
                .await
                .map(|_| ()))?;
            tx.commit().await
        }
        _ => {
            let known: i64 = on!(store.read(), |c| sqlx::query_scalar(IS).bind(cx.chat).bind(i64::from(message)).fetch_one(c).await)?;
            if known > 0 { forget(cx, i64::from(message)).await } else { Ok(()) }
        }
    }
}

async fn forget(cx: &Cx, message: i64) -> sqlx::Result<()> {
    drop_card(&cx.deps, cx.chat, message).await
}

async fn drop_card(deps: &Deps, chat: i64, message: i64) -> sqlx::Result<()> {
    let mut tx = deps.store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(DROP).bind(chat).bind(message).execute(c).await.map(|_| ()))?;
    tx.commit().await
}

/// The pause after an error of the database.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// Draws due cards until `stop`. An unreachable database is waited for: the rest of the process goes on without it.
///
/// # Errors
/// None by itself.
pub async fn run(deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = beat.tick() => {}
        }
        if let Err(error) = draw_due(&deps, deps.now()).await {
            tracing::warn!(%error, "cards were not drawn, trying again");
            beat.reset_after(AFTER_ERROR);
        }
    }
}

/// Draws the cards due at `now`, a second's worth at most.
///
/// # Errors
/// The database's.
pub async fn draw_due(deps: &Deps, now: Moment) -> sqlx::Result<()> {
    let due: Vec<Card> = on!(deps.store.read(), |c| sqlx::query_as(DUE).bind(now).bind(EDITS_PER_SECOND).fetch_all(c).await)?;
    if due.is_empty() {
        return Ok(());
    }
    let all: i64 = on!(deps.store.read(), |c| sqlx::query_scalar(COUNT).fetch_one(c).await)?;
    let next = now + pace(all);
    for card in due {
        draw(deps, &card, next).await?;
    }
    Ok(())
}

/// How often one card is drawn when there are `cards` of them.
#[must_use]
pub fn pace(cards: i64) -> TimeDelta {
    TimeDelta::milliseconds(PACE_MS.max(cards * 1_000 / EDITS_PER_SECOND))
}

async fn draw(deps: &Deps, card: &Card, next: Moment) -> sqlx::Result<()> {
    let cx = auth::context(deps, card.chat_id, card.chat_id, "").await?;
    let same = cx.who.as_ref().is_some_and(|actor| actor.member == card.member_id && actor.account == card.account_id);
    if !same {
        return drop_card(deps, card.chat_id, card.message_id).await;
    }
    let live = match screens::live(&cx, &card.kind, card.subject_id).await {
        Ok(Some(live)) => live,
        Ok(None) | Err(BotError::Gone) => return drop_card(deps, card.chat_id, card.message_id).await,
        Err(error) => {
            tracing::warn!(%error, card.kind = card.kind, "a live card could not be drawn; later again");
            return put_off(deps, card, &card.shown, next).await;
        }
    };
    let shown = hex::encode(Sha256::digest(live.screen.snapshot()));
    let mut due = next;
    if shown != card.shown {
        // Ids of messages fit: see `render::send`.
        let message = i32::try_from(card.message_id).unwrap_or_default();
        match render::edit(&deps.bot, card.chat_id, message, &live.screen).await {
            Ok(()) => {}
            Err(error) if render::lost(&error) || error.unreachable() => {
                return drop_card(deps, card.chat_id, card.message_id).await;
            }
            Err(error) => {
                tracing::warn!(%error, card.kind = card.kind, "a live card could not be edited; later again");
                due += TimeDelta::milliseconds(PACE_MS);
                return put_off(deps, card, &card.shown, due).await;
            }
        }
    }
    if live.more { put_off(deps, card, &shown, due).await } else { drop_card(deps, card.chat_id, card.message_id).await }
}

async fn put_off(deps: &Deps, card: &Card, shown: &str, due: Moment) -> sqlx::Result<()> {
    let mut tx = deps.store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(NEXT).bind(card.chat_id).bind(card.message_id).bind(shown).bind(due).execute(c).await.map(|_| ()))?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_cards_slow_down_together() {
        assert_eq!(pace(1), TimeDelta::seconds(3));
        assert_eq!(pace(30), TimeDelta::seconds(3));
        assert_eq!(pace(100), TimeDelta::seconds(10));
    }
}
