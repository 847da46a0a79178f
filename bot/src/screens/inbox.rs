//! Customers' answers: who waits, what was said, and the reply, typed here or as a Telegram reply to the notice.

mod cards;
mod failed;

pub use cards::{ask, ask_why, card, list as list_card, not_sent, sent, undelivered};
pub use failed::failed as failed_card;

use mms_core::{
    account::Right,
    consent::doubt::{self, LiftError},
    contact::{Contact, card as contacts},
    id::{ChannelId, ContactId, InboundId},
    inbound::{ReplyError, failed as given_up, inbox, reply as room},
    notice,
    queue::Job,
};
use serde::{Deserialize, Serialize};
use teloxide::types::{InlineKeyboardButtonKind, Message};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
    },
    i18n::Tr,
    p,
    screens::{Callback, contacts as people},
    words,
};

calls! {
    /// Buttons of the inbox.
    pub enum Call {
        /// The conversations.
        "l" List { page: u32 } => View,
        /// One of them.
        "c" Card { contact: ContactId } => View,
        /// Reply where the customer last wrote: asks for the words.
        "r" Reply { contact: ContactId } => Edit,
        /// Reply to this very message (the button of a notice): asks for the words.
        "a" Answer { contact: ContactId, channel: ChannelId } => Edit,
        /// What was said up to this message needs no answer.
        "d" Done { contact: ContactId, last: i64 } => Edit,
        /// It does after all.
        "o" Reopen { contact: ContactId, last: i64 } => Edit,
        /// Never write to them again (the button of a notice): asks first.
        "s" AskStop { contact: ContactId } => Edit,
        /// They want messages after all, a member says: asks why.
        "w" LiftDoubt { contact: ContactId } => Edit,
        /// Events that could not be handled.
        "f" Failed { page: u32 } => Edit,
        /// They are read again.
        "F" ReadAgain => Edit,
        /// A member looked after all of them up to this one.
        "L" LookedAfter { last: i64 } => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The words of a reply.
    Reply {
        /// To whom.
        contact: ContactId,
        /// Through which channel; `None`: where the customer last wrote.
        channel: Option<ChannelId>,
    },
    /// Why a doubt is lifted.
    Lift {
        /// About whom.
        contact: ContactId,
    },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Edit
    }
}

/// Conversations on a page.
const PAGE: i64 = 8;
/// Messages on a card.
const MESSAGES: i64 = 12;

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List { page } => list(cx, page).await,
        Call::Card { contact } => show(cx, contact).await,
        Call::Reply { contact } => begin(cx, contact, None).await,
        // The notice stays: the customer's words are in it.
        Call::Answer { contact, channel } => Ok(begin(cx, contact, Some(channel)).await?.anew()),
        Call::Done { contact, last } => mark(cx, contact, last, true).await,
        Call::Reopen { contact, last } => mark(cx, contact, last, false).await,
        Call::AskStop { contact } => {
            load(cx, contact).await?;
            let card = contacts::card(&cx.deps.store, cx.actor()?.account, contact).await?.ok_or(BotError::Gone)?;
            Ok(Reply::screen(people::ask_stop(cx.tr, &card)).anew())
        }
        Call::LiftDoubt { contact } => {
            let person = load(cx, contact).await?;
            cx.ask(Step::Lift { contact }).await?;
            Ok(ask_why(cx.tr, &person, None).into())
        }
        Call::Failed { page } => failed_list(cx, page).await,
        Call::ReadAgain => {
            let sources = given_up::read_again(&cx.deps.store, cx.actor()?, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
            for source in sources {
                cx.deps.queue.ring(Job::HandleInbound { source }).await;
            }
            Ok(list(cx, 0).await?.saying(p!(cx.tr, "inbox-failed-again-said")))
        }
        Call::LookedAfter { last } => {
            let last = InboundId(last);
            let count =
                given_up::looked_after(&cx.deps.store, cx.actor()?, last, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
            Ok(failed_list(cx, 0).await?.saying(p!(cx.tr, "inbox-failed-looked-said", count = count)))
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Reply { contact, channel } => answer(cx, contact, channel, input, true).await,
        Step::Lift { contact } => lift(cx, contact, input).await,
    }
}

/// A member says why somebody is to get advertising although they perhaps asked for none.
async fn lift(cx: &Cx, contact: ContactId, input: Input) -> Outcome {
    let person = load(cx, contact).await?;
    match doubt::lift(&cx.deps.store, cx.actor()?, contact, input.text(), cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            Ok(show(cx, contact).await?.saying(p!(cx.tr, "inbox-doubt-lifted")))
        }
        Err(LiftError::Reason) => {
            let sentence = p!(cx.tr, "inbox-doubt-reason", min = doubt::MIN_REASON, max = doubt::MAX_REASON);
            Ok(ask_why(cx.tr, &person, Some(&sentence)).into())
        }
        Err(LiftError::Account(error)) => Err(words::refused(cx.tr, error)),
    }
}

async fn failed_list(cx: &Cx, page: u32) -> Outcome {
    let actor = cx.actor()?;
    let count = given_up::count(&cx.deps.store, actor.account).await?;
    let found = given_up::list(&cx.deps.store, actor.account, PAGE, i64::from(page) * PAGE).await?;
    let pages = u32::try_from((count + PAGE - 1) / PAGE).unwrap_or(u32::MAX);
    Ok(failed_card(cx.tr, count, &found, (page, pages), actor.role, cx.now).into())
}

/// The conversation a message replies to, when it replies to a notice of ours.
#[must_use]
pub fn replied_to(message: &Message) -> Option<(ContactId, ChannelId)> {
    let keyboard = message.reply_to_message()?.reply_markup()?;
    keyboard.inline_keyboard.iter().flatten().find_map(|button| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(data) => match Callback::decode(data)? {
            Callback::Inbox(Call::Answer { contact, channel }) => Some((contact, channel)),
            _ => None,
        },
        _ => None,
    })
}

/// Sends a member's words to a customer; `asked`: they were typed at the step, which then ends.
///
/// # Errors
/// [`BotError::Gone`]; the database's.
pub async fn answer(cx: &Cx, contact: ContactId, channel: Option<ChannelId>, input: Input, asked: bool) -> Outcome {
    let person = load(cx, contact).await?;
    if input.file.is_some() {
        return Ok(not_sent(cx.tr, &person, &p!(cx.tr, "inbox-text-only")).into());
    }
    // One message of the member is one reply, however often Telegram hands it over.
    let key = format!("{}:{}", cx.chat, input.message);
    match room::reply(&cx.deps.store, cx.actor()?, contact, channel, input.rich, &key, cx.now).await {
        Ok(channel) => {
            cx.deps.queue.ring(Job::Deliver { channel }).await;
            if asked {
                cx.leave().await?;
            }
            show(cx, contact).await
        }
        Err(error) => {
            let sentence = refusal(cx.tr, error)?;
            Ok(not_sent(cx.tr, &person, &sentence).into())
        }
    }
}

fn refusal(tr: Tr, error: ReplyError) -> Result<String, BotError> {
    Ok(match error {
        ReplyError::Length => p!(tr, "inbox-length", max = room::MAX_UNITS),
        ReplyError::OptedOut => p!(tr, "inbox-opted-out"),
        ReplyError::NoChat => p!(tr, "inbox-no-chat"),
        ReplyError::NoLicence => p!(tr, "inbox-no-licence"),
        ReplyError::Account(error) => return words::account_refusal(tr, error),
    })
}

async fn list(cx: &Cx, page: u32) -> Outcome {
    let (account, role) = (cx.actor()?.account, cx.actor()?.role);
    let counts = inbox::counts(&cx.deps.store, account).await?;
    let unread = if role.may(Right::Edit) { given_up::count(&cx.deps.store, account).await? } else { 0 };
    let found = inbox::conversations(&cx.deps.store, account, PAGE, i64::from(page) * PAGE).await?;
    let pages = u32::try_from((counts.all + PAGE - 1) / PAGE).unwrap_or(u32::MAX);
    Ok(list_card(cx.tr, counts, unread, &found, page, pages).into())
}

async fn load(cx: &Cx, contact: ContactId) -> Result<Contact, BotError> {
    let row = contacts::contact(&cx.deps.store, cx.actor()?.account, contact).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(BotError::Gone)
}

async fn show(cx: &Cx, contact: ContactId) -> Outcome {
    let person = load(cx, contact).await?;
    let actor = cx.actor()?;
    notice::looked(&cx.deps.store, actor.account, contact).await?;
    let said = inbox::thread(&cx.deps.store, actor.account, contact, MESSAGES).await?;
    let doubt = doubt::current(&cx.deps.store, actor.account, contact).await?;
    Ok(card(cx.tr, &person, &said, doubt.as_ref(), actor.role, cx.now).into())
}

/// Marks a conversation as done, or takes the mark off, and shows what is left of the list or the conversation.
async fn mark(cx: &Cx, contact: ContactId, last: i64, handled: bool) -> Outcome {
    load(cx, contact).await?;
    let outcome = inbox::set_handled(&cx.deps.store, cx.actor()?, contact, last, handled, cx.now).await;
    outcome.map_err(|error| words::refused(cx.tr, error))?;
    let said = inbox::thread(&cx.deps.store, cx.actor()?.account, contact, 1).await?;
    match said.last() {
        // The customer wrote while the member was looking.
        Some(newest) if handled && newest.id > last && newest.waits() => {
            Ok(show(cx, contact).await?.saying(p!(cx.tr, "inbox-wrote-meanwhile")))
        }
        _ if handled => Ok(list(cx, 0).await?.saying(p!(cx.tr, "inbox-done-said"))),
        _ => Ok(show(cx, contact).await?.saying(p!(cx.tr, "inbox-reopened"))),
    }
}

async fn begin(cx: &Cx, contact: ContactId, channel: Option<ChannelId>) -> Result<Reply, BotError> {
    let person = load(cx, contact).await?;
    cx.ask(Step::Reply { contact, channel }).await?;
    Ok(ask(cx.tr, &person).into())
}

#[cfg(test)]
mod tests;
