//! Customers' answers: who waits, what was said, and the reply, typed here or as a Telegram reply
//! to the notice.

mod cards;
mod failed;
mod files;
mod quick;
mod whose;

pub use cards::{Talk, ask, ask_why, card, found as found_card, list as list_card, not_sent, sent, shown, undelivered};
pub use failed::failed as failed_card;

use mms_core::{
    account::{Right, settings},
    channel::FileKind,
    consent::doubt::{self, LiftError},
    contact::{Contact, card as contacts},
    id::{ChannelId, ContactId, InboundId, MemberId, QuickReplyId},
    inbound::{
        ReplyError, failed as given_up,
        inbox::{self, Campaigned, Said},
        reply as room, search, talk,
    },
    notice,
    queue::Job,
    template::{engine::Prepared, preview, versions},
};
use serde::{Deserialize, Serialize};
use teloxide::types::{InlineKeyboardButtonKind, Message};
use uuid::Uuid;

use crate::{
    calls,
    frame::{
        callback::{Need, Sought},
        cards::Live,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        page::Page,
        reply::Reply,
        screen::Screen,
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
        /// What was found by these words: where one comes back to.
        "j" Found { sought: Sought } => View,
        /// Reply where the customer last wrote: asks for the words.
        "r" Reply { contact: ContactId } => Edit,
        /// Reply to this very message (the button of a notice): asks for the words.
        "a" Answer { contact: ContactId, channel: ChannelId } => Edit,
        /// The file of a message, brought here: a copy of what a customer sent leaves for a
        /// member's phone.
        "v" File { message: i64 } => Export,
        /// What was said up to this message needs no answer.
        "d" Done { contact: ContactId, last: i64 } => Edit,
        /// It does after all.
        "o" Reopen { contact: ContactId, last: i64 } => Edit,
        /// To which member does the conversation go?
        "g" Assign { contact: ContactId } => Edit,
        /// To this one.
        "G" AssignTo { contact: ContactId, member: MemberId } => Edit,
        /// To nobody.
        "u" Unassign { contact: ContactId } => Edit,
        /// The member is (not) told of what this customer writes.
        "m" Mute { contact: ContactId, muted: bool } => Edit,
        /// Which of the saved answers?
        "q" Quick { contact: ContactId } => Edit,
        /// This one, to what was said last (`last`: the low half of its number).
        "Q" SendQuick { contact: ContactId, quick: QuickReplyId, last: u32 } => Edit,
        /// The saved answers.
        "k" QuickList => Edit,
        /// One of them.
        "K" QuickCard { quick: QuickReplyId } => Edit,
        /// One more: asks for its words.
        "n" NewQuick => Edit,
        /// Other words: asks for them.
        "e" EditQuick { quick: QuickReplyId } => Edit,
        /// It is forgotten: asks first.
        "x" AskDropQuick { quick: QuickReplyId } => Edit,
        /// It is forgotten.
        "X" DropQuick { quick: QuickReplyId } => Edit,
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
        contact: ContactId,
        /// Through which channel; `None`: where the customer last wrote.
        channel: Option<ChannelId>,
        /// The first file of this album went: the others go as well, and nothing else is waited
        /// for.
        #[serde(default)]
        album: Option<String>,
    },
    /// A name, a phone or words to look for.
    Find,
    /// The words of a new saved answer.
    NewQuick,
    /// Other words of a saved answer.
    EditQuick { quick: QuickReplyId },
    /// Why a doubt is lifted.
    Lift { contact: ContactId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        match self {
            Self::Find => Need::View,
            Self::Reply { .. } | Self::NewQuick | Self::EditQuick { .. } | Self::Lift { .. } => Need::Edit,
        }
    }

    fn takes(&self, input: &Input) -> bool {
        (matches!(self, Self::Reply { .. }) && files::incoming(input).is_some()) || input.has_words()
    }

    fn is_over(&self, input: &Input) -> bool {
        match self {
            Self::Reply { album: Some(album), .. } => input.album.as_ref() != Some(album),
            // A table is meant to be imported, here as anywhere.
            Self::Find => input.file.is_some(),
            _ => false,
        }
    }
}

/// Conversations on a page.
const PAGE: u32 = 8;
/// Messages on a card.
const MESSAGES: i64 = 10;
/// And campaigns' messages beside them.
const CAMPAIGNS: i64 = 3;
/// Conversations that a search shows.
const FOUND: usize = 20;
/// What the card of a conversation and the question under it are in a chat: one message.
const ONLY: &str = "talk";

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List { page } => list(cx, page).await,
        Call::Card { contact } => show(cx, contact).await,
        Call::Found { sought } => {
            cx.ask(Step::Find).await?;
            Ok(found_card(cx.tr, &sought.0, &search(cx, &sought.0).await?).into())
        }
        Call::Reply { contact } => begin(cx, contact, None).await,
        // The notice stays: the customer's words are in it.
        Call::Answer { contact, channel } => Ok(begin(cx, contact, Some(channel)).await?.anew()),
        Call::File { message } => files::show(cx, message).await,
        Call::Done { contact, last } => mark(cx, contact, last, true).await,
        Call::Reopen { contact, last } => mark(cx, contact, last, false).await,
        Call::Assign { contact } => whose::choose(cx, contact).await,
        Call::AssignTo { contact, member } => whose::assign(cx, contact, Some(member)).await,
        Call::Unassign { contact } => whose::assign(cx, contact, None).await,
        Call::Mute { contact, muted } => whose::mute(cx, contact, muted).await,
        Call::Quick { contact } => quick::choose(cx, contact).await,
        Call::SendQuick { contact, quick, last } => quick::send(cx, contact, quick, last).await,
        Call::QuickList => quick::list(cx).await,
        Call::QuickCard { quick } => quick::open(cx, quick).await,
        Call::NewQuick => quick::ask(cx, None).await,
        Call::EditQuick { quick } => quick::ask(cx, Some(quick)).await,
        Call::AskDropQuick { quick } => quick::ask_drop(cx, quick).await,
        Call::DropQuick { quick } => quick::drop(cx, quick).await,
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
        Step::Reply { contact, channel, .. } => answer(cx, contact, channel, input, true).await,
        Step::Find => find(cx, &input).await,
        Step::NewQuick => quick::keep(cx, None, &input).await,
        Step::EditQuick { quick } => quick::keep(cx, Some(quick), &input).await,
        Step::Lift { contact } => lift(cx, contact, input).await,
    }
}

/// A member says why somebody is to get advertising although they perhaps asked for none.
async fn lift(cx: &Cx, contact: ContactId, input: Input) -> Outcome {
    let person = load(cx, contact).await?;
    match doubt::lift(&cx.deps.store, cx.actor()?, contact, input.text(), cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            Ok(Reply::back(Call::Card { contact }).saying(p!(cx.tr, "inbox-doubt-lifted")))
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
    let page = Page::of(count, PAGE, page);
    let found = given_up::list(&cx.deps.store, actor.account, page.limit(), page.offset()).await?;
    Ok(failed_card(cx.tr, count, &found, page, actor.role, cx.now).into())
}

/// The conversation a message replies to, when it replies to a notice of ours or to an open
/// conversation; the channel the notice is of.
#[must_use]
pub fn replied_to(message: &Message) -> Option<(ContactId, Option<ChannelId>)> {
    let keyboard = message.reply_to_message()?.reply_markup()?;
    keyboard.inline_keyboard.iter().flatten().find_map(|button| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(data) => match Callback::decode(data)? {
            Callback::Inbox(Call::Answer { contact, channel }) => Some((contact, Some(channel))),
            Callback::Inbox(Call::Reply { contact }) => Some((contact, None)),
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
    // One message of the member is one reply, however often Telegram hands it over.
    let key = format!("{}:{}", cx.chat, input.message);
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let (album, body) = (input.album.clone(), input.rich.clone());
    let sent = match files::incoming(&input) {
        Some((kind, incoming)) => match files::take(cx, kind, incoming).await? {
            Ok(file) => room::reply_with(store, actor, contact, channel, (body, file), &key, cx.now).await,
            Err(sentence) => return Ok(not_sent(cx.tr, &person, &sentence).into()),
        },
        None => room::reply(store, actor, contact, channel, body, &key, cx.now).await,
    };
    match sent {
        Ok(went) => {
            cx.deps.queue.ring(Job::Deliver { channel: went }).await;
            match album {
                Some(album) if asked => cx.ask(Step::Reply { contact, channel, album: Some(album) }).await?,
                _ if asked => cx.leave().await?,
                _ => {}
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
        ReplyError::Length(most) => p!(tr, "inbox-length", max = most),
        ReplyError::Caption(0) => p!(tr, "inbox-caption-none"),
        ReplyError::PicturesOnly => p!(tr, "inbox-pictures-only"),
        ReplyError::Caption(most) => p!(tr, "inbox-caption", max = most),
        ReplyError::File(FileKind::Photo, most) => p!(tr, "inbox-photo-large", limit = most / (1024 * 1024)),
        ReplyError::File(_, most) => p!(tr, "inbox-file-empty", limit = most / (1024 * 1024)),
        ReplyError::OptedOut => p!(tr, "inbox-opted-out"),
        ReplyError::NoChat => p!(tr, "inbox-no-chat"),
        ReplyError::Barred(kind) => p!(tr, "inbox-barred", messenger = words::messenger(kind)),
        ReplyError::NoLicence => p!(tr, "inbox-no-licence"),
        ReplyError::Account(error) => return words::account_refusal(tr, error),
    })
}

async fn list(cx: &Cx, page: u32) -> Outcome {
    let (account, role) = (cx.actor()?.account, cx.actor()?.role);
    let counts = inbox::counts(&cx.deps.store, account).await?;
    let unread = if role.may(Right::Edit) { given_up::count(&cx.deps.store, account).await? } else { 0 };
    let page = Page::of(counts.all, PAGE, page);
    let found = inbox::conversations(&cx.deps.store, account, page.limit(), page.offset()).await?;
    // What is typed next is looked for.
    cx.ask(Step::Find).await?;
    Ok(list_card(cx.tr, counts, unread, &found, page, role, cx.now).into())
}

/// Conversations with somebody, or in which something was said.
async fn find(cx: &Cx, input: &Input) -> Outcome {
    if input.text().is_empty() {
        return list(cx, 0).await;
    }
    // The step stays: the next words typed are looked for as well.
    match search(cx, input.text()).await?.as_slice() {
        [one] => show(cx, one.contact).await,
        several => Ok(found_card(cx.tr, input.text(), several).into()),
    }
}

async fn search(cx: &Cx, typed: &str) -> Result<Vec<search::Found>, BotError> {
    let account = cx.actor()?.account;
    let region = settings::get(&cx.deps.store, account).await?.ok_or(BotError::Gone)?.phone_region;
    Ok(search::search(&cx.deps.store, account, &region, typed, FOUND).await?)
}

async fn load(cx: &Cx, contact: ContactId) -> Result<Contact, BotError> {
    let row = contacts::contact(&cx.deps.store, cx.actor()?.account, contact).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(BotError::Gone)
}

async fn show(cx: &Cx, contact: ContactId) -> Outcome {
    let (screen, last) = drawn(cx, contact).await?;
    notice::looked(&cx.deps.store, cx.actor()?.account, contact).await?;
    Ok(Reply::screen(screen).only(ONLY, contact.0, last))
}

/// An open conversation shows what is said in it.
///
/// # Errors
/// [`BotError::Gone`]; the database's.
pub async fn live(cx: &Cx, subject: Uuid) -> Result<Option<Live>, BotError> {
    let (screen, last) = drawn(cx, ContactId(subject)).await?;
    Ok(Some(Live { screen, more: true, last: Some(last) }))
}

/// A conversation's card, and the number of the last message it shows.
async fn drawn(cx: &Cx, contact: ContactId) -> Result<(Screen, String), BotError> {
    let person = load(cx, contact).await?;
    let actor = cx.actor()?;
    let said = inbox::thread(&cx.deps.store, actor.account, contact, MESSAGES).await?;
    let campaigns = campaigns(cx, contact, &said).await?;
    let doubt = doubt::current(&cx.deps.store, actor.account, contact).await?;
    let standing = talk::standing(&cx.deps.store, actor, contact).await?;
    let last = said.last().map_or(0, |one| one.id).to_string();
    let talk = Talk { contact: person, said, campaigns, doubt, standing };
    Ok((card(cx.tr, &talk, actor.role, cx.now), last))
}

/// Campaigns' messages among what was said, and the last one before it: what the customer answers.
/// Of those that were sent longer ago than words are kept they are made anew, of the template and
/// of what is known of the contact now.
async fn campaigns(cx: &Cx, contact: ContactId, said: &[Said]) -> Result<Vec<(Campaigned, String)>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let mut sent = inbox::campaigned(store, account, contact, CAMPAIGNS).await?;
    if let Some(first) = said.first() {
        let before = sent.iter().filter(|one| one.at < first.at).count();
        sent.drain(..before.saturating_sub(1));
    }
    let mut told = Vec::with_capacity(sent.len());
    for one in sent {
        if let Some(said) = one.said() {
            told.push((one, said.body.text));
            continue;
        }
        let version = match one.version {
            Some(version) => versions::version(store, account, version).await?,
            None => None,
        };
        let words = match version.and_then(|version| Prepared::new(&version.content()).ok()) {
            Some(prepared) => preview::render_for(store, account, &prepared, contact, cx.now).await?.and_then(Result::ok),
            None => None,
        };
        told.push((one, words.map(|made| made.body.text).unwrap_or_default()));
    }
    Ok(told)
}

/// Marks a conversation as done, or takes the mark off, and shows what is left of the list or the
/// conversation.
async fn mark(cx: &Cx, contact: ContactId, last: i64, handled: bool) -> Outcome {
    load(cx, contact).await?;
    let outcome = inbox::set_handled(&cx.deps.store, cx.actor()?, contact, last, handled, cx.now).await;
    outcome.map_err(|error| words::refused(cx.tr, error))?;
    let said = inbox::thread(&cx.deps.store, cx.actor()?.account, contact, MESSAGES).await?;
    match said.iter().rev().find(|one| one.stop.is_none()) {
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
    cx.ask(Step::Reply { contact, channel, album: None }).await?;
    // What the customer writes meanwhile does not take the question away.
    Ok(Reply::screen(ask(cx.tr, &person)).only(ONLY, contact.0, ""))
}

#[cfg(test)]
mod tests;
