//! Who is told what, and when: each account beside the others, each chat of a member beside the
//! others, alarms first.
//!
//! A pass over an account says at most one thing to each chat and comes back for the rest; nobody
//! sleeps where others wait. What a chat was told is a row ([`notice::Copy`]), so a chat that
//! Telegram holds is told later and nobody is told twice. A conversation has one message, edited
//! while its customer goes on writing; very many of them share one.

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use futures::future::join_all;
use mms_core::{
    account::{
        session::{self, Reach},
        settings,
    },
    clock::Moment,
    id::{AccountId, ContactId, NoticeId},
    notice::{self, Copy, Notice, NoticeKind, Priority},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{concerns, decision, digest, mailing, told_again};
use crate::{
    frame::{api::ApiError, deps::Deps, keyed::Keyed, pulse::Pulse, render, screen::Screen},
    i18n::Tr,
};

/// Accounts looked at in a beat, and notices of one account.
const ACCOUNTS: i64 = 200;
const NOTICES: i64 = 500;
/// The pause after an error of the database: what was sent and not marked would go again.
const AFTER_ERROR: Duration = Duration::from_secs(5);
/// How long a stop waits for what is being said.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long after it was sent a conversation's message is edited; later the customer's words are
/// news again.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// More new conversations than this are told by one message.
const FEW: usize = 4;

/// Sends due notices until `stop`. An unreachable database is waited for: the rest of the process
/// goes on without it.
///
/// # Errors
/// None by itself.
pub async fn run(deps: Deps, pulse: Pulse, stop: CancellationToken) -> anyhow::Result<()> {
    let accounts = Keyed::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = pulse.notices() => {}
        }
        match notice::due_accounts(&deps.store, deps.now(), ACCOUNTS).await {
            Ok(due) => {
                for account in due {
                    let (deps, stop) = (deps.clone(), stop.clone());
                    accounts.spawn(account, async move {
                        if let Err(error) = tell(&deps, account, deps.now()).await {
                            tracing::warn!(%error, "notices were not sent, trying again");
                            stop.run_until_cancelled(tokio::time::sleep(AFTER_ERROR)).await;
                        }
                    });
                }
            }
            Err(error) => {
                tracing::warn!(%error, "notices were not looked for, trying again");
                stop.run_until_cancelled(tokio::time::sleep(AFTER_ERROR)).await;
            }
        }
    }
    accounts.end(FAREWELL).await;
    Ok(())
}

/// What became of a notice in one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It was told, or can never be: the member blocked the bot.
    Done,
    /// The chat can take nothing now.
    Later,
    /// Telegram did not take it.
    Failed,
}

/// One pass over the notices of an account.
async fn tell(deps: &Deps, account: AccountId, now: Moment) -> sqlx::Result<()> {
    if deps.bot.is_ending() {
        return Ok(());
    }
    let due = notice::due_of(&deps.store, account, now, NOTICES).await?;
    mailing::queue(deps, account, &due, now).await?;
    let zone = settings::zone(&deps.store, account).await?;
    let reaches = session::reachable(&deps.store, account).await?;
    let copies = notice::copies(&deps.store, account, now).await?;
    let copies: HashMap<(NoticeId, i64), Copy> = copies.into_iter().map(|copy| ((copy.notice_id, copy.chat_id), copy)).collect();
    let chat = |reach| Chat { deps, account, reach, tr: Tr::new(reach.language, zone), copies: &copies, now };
    let chats: Vec<Chat<'_>> = reaches.iter().map(chat).collect();
    let told = join_all(chats.iter().map(|chat| chat.tell(&due))).await;
    let mut outcomes: HashMap<NoticeId, Vec<Outcome>> = HashMap::new();
    for chat in told {
        for (id, outcome) in chat? {
            outcomes.entry(id).or_default().push(outcome);
        }
    }
    for notice in &due {
        let of = outcomes.remove(&notice.id).unwrap_or_default();
        let kind = notice.kind();
        if of.contains(&Outcome::Failed) {
            if let Some(due) = deps.settings.notice_retry.due(notice.attempt + 1, 0.0, now) {
                notice::later(&deps.store, notice.id, due).await?;
                continue;
            }
            tracing::warn!(notice.kind = %notice.code, "a notice is given up: Telegram did not take it for everybody");
            notice::done(&deps.store, notice, !notice.is_talk(), now).await?;
        } else if !of.contains(&Outcome::Later) {
            if kind.is_none() {
                tracing::warn!(notice.kind = %notice.code, "a notice of an unknown kind is left out");
            }
            notice::done(&deps.store, notice, !notice.is_talk(), now).await?;
        }
        // What waits for a chat stays due: the next pass comes back for it.
    }
    Ok(())
}

/// A member's chat in a pass.
struct Chat<'a> {
    deps: &'a Deps,
    account: AccountId,
    reach: &'a Reach,
    tr: Tr,
    copies: &'a HashMap<(NoticeId, i64), Copy>,
    now: Moment,
}

impl Chat<'_> {
    fn id(&self) -> i64 {
        self.reach.telegram_user_id
    }

    fn copy(&self, notice: &Notice) -> Option<&Copy> {
        self.copies.get(&(notice.id, self.id()))
    }

    /// Whether this member is to be told.
    fn concerned(&self, notice: &Notice) -> bool {
        let Some(kind) = notice.kind() else { return false };
        let may = notice.member_id.is_some() || concerns(kind).admits(Some(self.reach.role));
        may && notice.is_for(self.reach.member_id) && notice.goes_to(self.reach.telegram_user_id)
    }

    /// The message of a conversation that may be edited.
    fn message(&self, notice: &Notice) -> Option<&Copy> {
        self.copy(notice).filter(|copy| copy.message_id.is_some() && notice.is_talk() && self.now - copy.told_at < FRESH)
    }

    /// Says the first thing there is to say, if the chat can take it now.
    async fn tell(&self, due: &[Notice]) -> sqlx::Result<Vec<(NoticeId, Outcome)>> {
        let told = |notice: &Notice| self.copy(notice).is_some_and(|copy| copy.shown >= notice.times);
        let mut left: Vec<&Notice> = due.iter().filter(|notice| self.concerned(notice) && !told(notice)).collect();
        let priority = |notice: &Notice| notice.kind().map(NoticeKind::priority);
        left.sort_by_key(|notice| priority(notice));
        let Some(first) = left.first().copied() else { return Ok(Vec::new()) };
        let mut outcomes: HashMap<NoticeId, Outcome> = left.iter().map(|notice| (notice.id, Outcome::Later)).collect();
        let alarm = priority(first) == Some(Priority::Alarm);
        if self.deps.chats.may_tell(self.id(), alarm, Instant::now()) {
            if !alarm {
                self.deps.chats.pace().await;
            }
            let news: Vec<&Notice> = left.iter().copied().filter(|one| one.is_talk() && self.message(one).is_none()).collect();
            if first.is_talk() && news.len() > FEW {
                let outcome = self.say(&digest(self.tr, &news)).await;
                for notice in news {
                    outcomes.insert(notice.id, outcome.as_ref().map_or_else(|other| *other, |_| Outcome::Done));
                    if outcome.is_ok() {
                        self.keep(notice, None, notice.times, self.now).await?;
                    }
                }
            } else {
                outcomes.insert(first.id, self.one(first).await?);
            }
        }
        Ok(outcomes.into_iter().collect())
    }

    /// One notice: by editing its message, else by a new one.
    async fn one(&self, notice: &Notice) -> sqlx::Result<Outcome> {
        if let Some(copy) = self.message(notice) {
            // A screen that draws in this chat may be taking the message over.
            let Some(_turn) = self.deps.turns.try_take(self.id()) else { return Ok(Outcome::Later) };
            let shown = notice::shows(&self.deps.store, notice.id, self.id()).await?;
            if let Some(message) = shown.and_then(|id| i32::try_from(id).ok()) {
                let screen = told_again(self.tr, notice, notice.times - copy.base - 1);
                match render::redraw(&self.deps.bot, self.id(), message, &screen).await {
                    Ok(()) => {
                        self.deps.ways.redrawn(self.id(), message, &screen);
                        self.keep(notice, shown, copy.base, copy.told_at).await?;
                        return Ok(Outcome::Done);
                    }
                    Err(error) if render::lost(&error) => {}
                    Err(error) => return Ok(self.refused(&error)),
                }
            }
        }
        let base = self.copy(notice).map_or(0, |copy| copy.shown);
        let told = match decision(self.deps, self.id(), notice).await {
            Some(card) => card,
            None => told_again(self.tr, notice, notice.times - base - 1),
        };
        match self.say(&told).await {
            Ok(message) => {
                self.keep(notice, Some(i64::from(message)), base, self.now).await?;
                Ok(Outcome::Done)
            }
            Err(outcome) => Ok(outcome),
        }
    }

    async fn say(&self, screen: &Screen) -> Result<i32, Outcome> {
        render::send_once(&self.deps.bot, self.id(), screen).await.map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &ApiError) -> Outcome {
        match error {
            ApiError::Limited(after) => {
                self.deps.chats.hold(self.id(), *after);
                Outcome::Later
            }
            error if error.unreachable() => {
                tracing::info!("a member has blocked the managers' bot");
                Outcome::Done
            }
            error => {
                tracing::warn!(%error, "a member could not be told");
                Outcome::Failed
            }
        }
    }

    async fn keep(&self, notice: &Notice, message_id: Option<i64>, base: i32, told_at: Moment) -> sqlx::Result<()> {
        let contact = notice.payload["contact"].as_str().and_then(|id| id.parse().ok()).map(ContactId).filter(|_| notice.is_talk());
        let copy = Copy { notice_id: notice.id, chat_id: self.id(), message_id, base, shown: notice.times, told_at };
        notice::keep_copy(&self.deps.store, self.account, contact, &copy).await
    }
}
