//! Live cards: messages that go on editing themselves (a campaign's progress), at a steady pace,
//! across restarts.
//!
//! The rows are the truth: a card is due at `due_at`. Two things keep a card from overwriting a
//! screen the member opened in its message meanwhile. In a chat one draws at a time
//! ([`crate::frame::turns`]), and a screen forgets the card ([`detach`]) before it takes the
//! message over. And every write of a drawing names the `due_at` it was begun at: a card that was
//! forgotten, or attached anew, is left alone, and of several processes one draws it. A feature
//! draws its cards in `live(cx, subject)`, listed in `screens.rs`.
//!
//! The only message of a conversation ([`only`]) is drawn anew when something is said in it: its
//! row keeps the number of the last message it shows.

use std::{future::Future, pin::Pin, time::Duration};

use chrono::TimeDelta;
use mms_core::{
    clock::Moment,
    id::{AccountId, MemberId},
    on,
};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{api::ApiError, auth, cx::Cx, deps::Deps, error::BotError, keyed::Keyed, pulse::Pulse, render, reply::Only, screen::Screen};

/// Keeps a card.
pub const PUT: &str = "insert into card (chat_id, message_id, account_id, member_id, kind, subject_id, shown, due_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (chat_id, message_id) do update set kind = excluded.kind, subject_id = excluded.subject_id, member_id = excluded.member_id, account_id = excluded.account_id, shown = excluded.shown, due_at = excluded.due_at";
/// Whether a card is to be drawn at `$1`: its time has come, or there is a newer message in the
/// conversation it shows.
macro_rules! is_due {
    () => {
        "due_at is not null and (due_at <= $1 or (kind like 'only:%' and shown <> '' and shown <> (select cast(max(m.id) as text) \
         from chat_message m where m.account_id = card.account_id and m.contact_id = card.subject_id)))"
    };
}
pub(super) use is_due;
/// The card a message is.
pub const GET: &str =
    "select chat_id, message_id, account_id, member_id, kind, subject_id, shown, due_at from card where chat_id = $1 and message_id = $2";
/// Forgets a card.
pub const DROP: &str = "delete from card where chat_id = $1 and message_id = $2";
/// Forgets a card unless it became another one since.
pub const DROP_SAME: &str = "delete from card where chat_id = $1 and message_id = $2 and due_at = $3";
/// The cards to be drawn.
pub const DUE: &str = concat!(
    "select chat_id, message_id, account_id, member_id, kind, subject_id, shown, due_at from card where ",
    is_due!(),
    " order by due_at limit $2"
);
/// How many cards edit themselves.
pub const COUNT: &str = "select count(*) from card where due_at is not null and kind not like 'only:%'";
/// The messages of a kind about a subject in a chat.
pub const ABOUT: &str =
    "select message_id from card where subject_id = $3 and chat_id = $1 and kind = $2 and message_id <> $4 and account_id = $5";
/// Again at, unless it became another one since.
pub const NEXT: &str = "update card set shown = $4, due_at = $5 where chat_id = $1 and message_id = $2 and due_at = $3";
/// Every statement.
pub const ALL: &[&str] = &[PUT, GET, DROP, DROP_SAME, DUE, COUNT, ABOUT, NEXT];

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
    /// Of a conversation: the number of the last message it shows.
    pub last: Option<String>,
}

/// Draws a card of a kind about a subject; `None`: there is nothing to draw any more. It is
/// [`crate::screens::draw`], handed in so that the frame knows no screen.
pub type Drawing = for<'a> fn(&'a Cx, &'a str, uuid::Uuid) -> Drawn<'a>;
/// What a [`Drawing`] comes to.
pub type Drawn<'a> = Pin<Box<dyn Future<Output = Result<Option<Live>, BotError>> + Send + 'a>>;

/// What the kind of the only message about a subject begins with.
const ONLY: &str = "only:";

/// A message that edits itself.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Card {
    chat_id: i64,
    message_id: i64,
    account_id: AccountId,
    member_id: MemberId,
    kind: String,
    subject_id: uuid::Uuid,
    /// A digest of what it shows; of the only message of a conversation the number of the last
    /// message it shows, and nothing while it asks for something.
    shown: String,
    /// When it is drawn next.
    due_at: Moment,
}

/// Makes a message live for the member it is shown to.
///
/// # Errors
/// The database's.
pub async fn attach(cx: &Cx, message: i32, kind: &str, subject: uuid::Uuid) -> sqlx::Result<()> {
    let Some(actor) = &cx.who else { return Ok(()) };
    let due_at = cx.now + TimeDelta::milliseconds(PACE_MS);
    let (account_id, member_id) = (actor.account, actor.member);
    let (chat_id, message_id, kind) = (cx.chat, i64::from(message), kind.to_owned());
    put(&cx.deps, &Card { chat_id, message_id, account_id, member_id, kind, subject_id: subject, shown: String::new(), due_at }).await
}

/// How long a message that is the only one of its subject is remembered: as long as Telegram lets
/// the bot delete it, and a little less.
const DELETABLE: TimeDelta = TimeDelta::hours(47);

/// Makes a message the only one of a kind about a subject in its chat, and gives back those that
/// were it: they are to be deleted. One that shows a conversation is drawn anew when there is a
/// newer message in it. Once it is too old to be deleted, it is forgotten.
///
/// # Errors
/// The database's.
pub async fn only(cx: &Cx, message: i32, only: &Only) -> sqlx::Result<Vec<i32>> {
    let Some(actor) = &cx.who else { return Ok(Vec::new()) };
    let subject = only.subject;
    let (account_id, member_id, kind) = (actor.account, actor.member, format!("{ONLY}{}", only.kind));
    let (chat_id, message_id) = (cx.chat, i64::from(message));
    let former: Vec<i64> = on!(cx.deps.store.read(), |c| sqlx::query_scalar(ABOUT)
        .bind(chat_id)
        .bind(&kind)
        .bind(subject)
        .bind(message_id)
        .bind(account_id)
        .fetch_all(c)
        .await)?;
    for message in &former {
        on!(cx.deps.store.once(), |c| sqlx::query(DROP).bind(chat_id).bind(*message).execute(c).await.map(|_| ()))?;
    }
    let due_at = cx.now + DELETABLE;
    let shown = only.last.clone();
    put(&cx.deps, &Card { chat_id, message_id, account_id, member_id, kind, subject_id: subject, shown, due_at }).await?;
    Ok(former.into_iter().filter_map(|message| i32::try_from(message).ok()).collect())
}

/// Makes a message an ordinary one, because a screen takes it over; gives back the card it was.
///
/// # Errors
/// The database's.
pub async fn detach(cx: &Cx, message: i32) -> sqlx::Result<Option<Card>> {
    let (store, message) = (&cx.deps.store, i64::from(message));
    // Most messages are no cards: look before taking the writer.
    let card: Option<Card> = on!(store.read(), |c| sqlx::query_as(GET).bind(cx.chat).bind(message).fetch_optional(c).await)?;
    if card.is_some() {
        on!(store.once(), |c| sqlx::query(DROP).bind(cx.chat).bind(message).execute(c).await.map(|_| ()))?;
    }
    Ok(card)
}

/// Takes a [`detach`] back: the message could not be taken over.
///
/// # Errors
/// The database's.
pub async fn put_back(cx: &Cx, card: &Card) -> sqlx::Result<()> {
    put(&cx.deps, card).await
}

async fn put(deps: &Deps, card: &Card) -> sqlx::Result<()> {
    on!(deps.store.once(), |c| sqlx::query(PUT)
        .bind(card.chat_id)
        .bind(card.message_id)
        .bind(card.account_id)
        .bind(card.member_id)
        .bind(&card.kind)
        .bind(card.subject_id)
        .bind(&card.shown)
        .bind(card.due_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Forgets the card as it was read.
async fn forget(deps: &Deps, card: &Card) -> sqlx::Result<()> {
    on!(deps.store.once(), |c| sqlx::query(DROP_SAME)
        .bind(card.chat_id)
        .bind(card.message_id)
        .bind(card.due_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Puts the card as it was read off until `due`; `false`: it is not that card any more.
async fn put_off(deps: &Deps, card: &Card, shown: &str, due: Moment) -> sqlx::Result<bool> {
    let rows = on!(deps.store.once(), |c| sqlx::query(NEXT)
        .bind(card.chat_id)
        .bind(card.message_id)
        .bind(card.due_at)
        .bind(shown)
        .bind(due)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// How long a stop waits for what is being drawn.
const FAREWELL: Duration = Duration::from_secs(5);
/// The pause after an error of the database.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// Draws due cards until `stop`. An unreachable database is waited for: the rest of the process
/// goes on without it.
///
/// # Errors
/// None by itself.
pub async fn run(deps: Deps, drawing: Drawing, pulse: Pulse, stop: CancellationToken) -> anyhow::Result<()> {
    // Each chat beside the others: one that Telegram does not answer for holds up its own cards.
    let chats = Keyed::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = pulse.cards() => {}
        }
        match due(&deps, deps.now()).await {
            Ok((cards, next)) => {
                for card in cards {
                    let deps = deps.clone();
                    chats.spawn(card.chat_id, async move {
                        if let Err(error) = draw(&deps, drawing, &card, next).await {
                            tracing::warn!(%error, "a card was not drawn, trying again");
                            tokio::time::sleep(AFTER_ERROR).await;
                        }
                    });
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cards were not looked for, trying again");
                stop.run_until_cancelled(tokio::time::sleep(AFTER_ERROR)).await;
            }
        }
    }
    chats.end(FAREWELL).await;
    Ok(())
}

/// The cards due at `now`, a second's worth at most, and when they are drawn next.
async fn due(deps: &Deps, now: Moment) -> sqlx::Result<(Vec<Card>, Moment)> {
    let due: Vec<Card> = on!(deps.store.read(), |c| sqlx::query_as(DUE).bind(now).bind(EDITS_PER_SECOND).fetch_all(c).await)?;
    if due.is_empty() {
        return Ok((due, now));
    }
    let all: i64 = on!(deps.store.read(), |c| sqlx::query_scalar(COUNT).fetch_one(c).await)?;
    Ok((due, now + pace(all)))
}

/// Draws the cards due at `now`, a second's worth at most.
///
/// # Errors
/// The database's.
pub async fn draw_due(deps: &Deps, drawing: Drawing, now: Moment) -> sqlx::Result<()> {
    let (cards, next) = due(deps, now).await?;
    for card in cards {
        if deps.bot.is_ending() {
            break;
        }
        draw(deps, drawing, &card, next).await?;
    }
    Ok(())
}

/// How often one card is drawn when there are `cards` of them.
#[must_use]
pub fn pace(cards: i64) -> TimeDelta {
    TimeDelta::milliseconds(PACE_MS.max(cards * 1_000 / EDITS_PER_SECOND))
}

async fn draw(deps: &Deps, drawing: Drawing, card: &Card, next: Moment) -> sqlx::Result<()> {
    let only = card.kind.strip_prefix(ONLY);
    if only.is_some() && card.due_at <= deps.now() {
        return forget(deps, card).await;
    }
    // The only message about a subject is drawn when its row says so, and keeps its own end; the
    // millisecond tells this drawing from others.
    let next = if only.is_some() { card.due_at - TimeDelta::milliseconds(1) } else { next };
    let cx = auth::context(deps, card.chat_id, card.chat_id, "").await?;
    let same = cx.who.as_ref().is_some_and(|actor| actor.member == card.member_id && actor.account == card.account_id);
    if !same {
        return forget(deps, card).await;
    }
    let live = match drawing(&cx, only.unwrap_or(&card.kind), card.subject_id).await {
        Ok(Some(live)) => live,
        Ok(None) | Err(BotError::Gone) => return forget(deps, card).await,
        Err(error) => {
            tracing::warn!(%error, card.kind = card.kind, "a live card could not be drawn; later again");
            return put_off(deps, card, &card.shown, next).await.map(|_| ());
        }
    };
    let shown = live.last.unwrap_or_else(|| hex::encode(Sha256::digest(live.screen.snapshot())));
    // From here until it is drawn nobody else draws in this chat; whoever did before may have taken
    // the message over. Who draws now is not waited for: other chats' cards are due.
    let Some(turn) = deps.turns.try_take(card.chat_id) else {
        return put_off(deps, card, &card.shown, next).await.map(|_| ());
    };
    if !put_off(deps, card, &card.shown, next).await? {
        return Ok(());
    }
    let card = &Card { due_at: next, ..card.clone() };
    if shown != card.shown {
        // Ids of messages fit: see `render::send`.
        let message = i32::try_from(card.message_id).unwrap_or_default();
        match render::redraw(&deps.bot, card.chat_id, message, &live.screen).await {
            Ok(()) => deps.ways.redrawn(card.chat_id, message, &live.screen),
            Err(error) if render::lost(&error) || error.unreachable() => return forget(deps, card).await,
            Err(error) => {
                if let ApiError::Limited(after) = &error {
                    deps.chats.hold(card.chat_id, *after);
                }
                tracing::warn!(%error, card.kind = card.kind, "a live card could not be edited; later again");
                return put_off(deps, card, &card.shown, next + TimeDelta::milliseconds(PACE_MS)).await.map(|_| ());
            }
        }
    }
    // What is written from here on names the `due_at` of this drawing: whoever takes the message
    // over now is left alone.
    drop(turn);
    if !live.more {
        return forget(deps, card).await;
    }
    if shown != card.shown {
        put_off(deps, card, &shown, next).await?;
    }
    Ok(())
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
