//! Words by which people come to the company's bot, beside its link and its QR code: what is
//! printed, where each counts, how many came.

use mms_core::{
    account::{Right, Role},
    channel::{
        registry,
        store::{self as channel_store, ChannelRow, ChannelState},
    },
    id::{ChannelId, KeywordId},
    inbound::keyword::{self as room, Keyword, KeywordError, LONGEST, MOST, SHORTEST, WORDS},
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::channels,
    t, words,
};

calls! {
    /// Buttons of words.
    pub enum Call {
        /// The words that count in a channel.
        "l" List { channel: ChannelId } => View,
        /// One of them.
        "c" Card { channel: ChannelId, keyword: KeywordId } => View,
        /// A new one: asks which.
        "n" New { channel: ChannelId } => Edit,
        /// On or off.
        "s" Switch { channel: ChannelId, keyword: KeywordId, on: bool } => Edit,
        /// In every channel, or in this one alone.
        "p" Place { channel: ChannelId, keyword: KeywordId, all: bool } => Edit,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A new word.
    New { channel: ChannelId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Edit
    }
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let store = &cx.deps.store;
    match call {
        Call::List { channel } => {
            let (row, all) = (load(cx, channel).await?, room::list(store, cx.actor()?.account).await?);
            Ok(list(cx.tr, &row, &all, cx.actor()?.role).into())
        }
        Call::Card { channel, keyword } => show(cx, channel, keyword).await,
        Call::New { channel } => {
            let row = load(cx, channel).await?;
            cx.ask(Step::New { channel }).await?;
            Ok(ask(cx.tr, &row, None).into())
        }
        Call::Switch { channel, keyword, on } => {
            room::switch(store, cx.actor()?, keyword, on, cx.now).await.map_err(|error| refused(cx.tr, error))?;
            show(cx, channel, keyword).await
        }
        Call::Place { channel, keyword, all } => {
            let place = (!all).then_some(channel);
            room::place(store, cx.actor()?, keyword, place, cx.now).await.map_err(|error| refused(cx.tr, error))?;
            show(cx, channel, keyword).await
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let Step::New { channel } = step;
    match room::add(&cx.deps.store, cx.actor()?, Some(channel), input.text(), cx.now).await {
        Ok(keyword) => {
            cx.leave().await?;
            Ok(show(cx, channel, keyword).await?.saying(p!(cx.tr, "keywords-added")))
        }
        Err(error) => {
            let sentence = sentence(cx.tr, error)?;
            Ok(ask(cx.tr, &load(cx, channel).await?, Some(&sentence)).into())
        }
    }
}

async fn load(cx: &Cx, channel: ChannelId) -> Result<ChannelRow, BotError> {
    let row = channel_store::get(&cx.deps.store, cx.actor()?.account, channel).await?;
    row.filter(|row| row.state != ChannelState::Removed).ok_or(BotError::Gone)
}

async fn show(cx: &Cx, channel: ChannelId, keyword: KeywordId) -> Outcome {
    let row = load(cx, channel).await?;
    let found = room::one(&cx.deps.store, cx.actor()?.account, keyword).await?.ok_or(BotError::Gone)?;
    Ok(Reply::screen(card(cx.tr, &row, &found, cx.actor()?.role)))
}

/// Why a word was not taken, as a sentence; `Err` for what is no refusal of the word.
fn sentence(tr: Tr, error: KeywordError) -> Result<String, BotError> {
    Ok(match error {
        KeywordError::Length => p!(tr, "keywords-length", least = SHORTEST, most = LONGEST, words = WORDS),
        KeywordError::Command => p!(tr, "keywords-command"),
        KeywordError::Refusal => p!(tr, "keywords-refusal"),
        KeywordError::Answer => p!(tr, "keywords-answer"),
        KeywordError::Taken => p!(tr, "keywords-taken"),
        KeywordError::TooMany => p!(tr, "keywords-many", most = MOST),
        KeywordError::Account(error) => return words::account_refusal(tr, error),
    })
}

fn refused(tr: Tr, error: KeywordError) -> BotError {
    match sentence(tr, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

/// Where people write: the bot's name, or the channel's.
fn place(row: &ChannelRow) -> String {
    if row.username.is_empty() { row.name.clone() } else { registry::handle(row.kind, &row.username) }
}

/// The words that count in a channel.
#[must_use]
pub fn list(tr: Tr, row: &ChannelRow, all: &[Keyword], role: Role) -> Screen {
    let channel = row.id;
    let here: Vec<&Keyword> = all.iter().filter(|one| one.is_of(channel)).collect();
    let html = if here.is_empty() { t!(tr, "keywords-none", name = &row.name) } else { t!(tr, "keywords-list", name = &row.name) };
    here.iter()
        .fold(Screen::new(html), |screen, one| {
            let text = match one.off_at {
                None => p!(tr, "keywords-line", word = &one.word, came = one.came),
                Some(_) => p!(tr, "keywords-line-off", word = &one.word, came = one.came),
            };
            screen.button(text, Call::Card { channel, keyword: one.id })
        })
        .button_if(role.may(Right::Edit), p!(tr, "keywords-new"), Call::New { channel })
        .nav(tr, channels::Call::Card { channel })
}

/// A word: what to print, where it counts, how many came by it.
#[must_use]
pub fn card(tr: Tr, row: &ChannelRow, one: &Keyword, role: Role) -> Screen {
    let (channel, keyword) = (row.id, one.id);
    let everywhere = one.channel_id.is_none();
    let on = one.off_at.is_none();
    let (word, chat) = (one.word.to_uppercase(), place(row));
    let print = p!(tr, "keywords-print", word = &word, chat = &chat, messenger = words::provider(row.kind));
    let mut html = t!(tr, "keywords-card", word = &word, came = one.came);
    for part in [
        if everywhere { t!(tr, "keywords-everywhere") } else { t!(tr, "keywords-here", name = &row.name) },
        if on { t!(tr, "keywords-to-print", text = &print) } else { t!(tr, "keywords-off") },
    ] {
        html.push_str("\n\n");
        html.push_str(&part);
    }
    let screen = Screen::new(html).row(on.then(|| Button::copy(p!(tr, "keywords-copy"), print)));
    if !role.may(Right::Edit) {
        return screen.nav(tr, Call::List { channel });
    }
    let (text, all) = if everywhere { (p!(tr, "keywords-only-here"), false) } else { (p!(tr, "keywords-in-all"), true) };
    let switch = if on { p!(tr, "keywords-switch-off") } else { p!(tr, "keywords-switch-on") };
    screen
        .button(text, Call::Place { channel, keyword, all })
        .button(switch, Call::Switch { channel, keyword, on: !on })
        .nav(tr, Call::List { channel })
}

/// Which word?
#[must_use]
pub fn ask(tr: Tr, row: &ChannelRow, wrong: Option<&str>) -> Screen {
    let screen = Screen::new(t!(tr, "keywords-ask", name = &row.name, most = LONGEST));
    let screen = match wrong {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen.nav(tr, Call::List { channel: row.id })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{snapshots, testing};

    fn word(n: u128, word: &str, channel: Option<ChannelId>, off: bool) -> Keyword {
        Keyword {
            id: KeywordId(Uuid::from_u128(n)),
            channel_id: channel,
            channel: channel.map(|_| "Ромашка & Ко".to_owned()),
            word: word.to_owned(),
            off_at: off.then(testing::moment),
            created_at: testing::moment(),
            came: 12,
        }
    }

    fn all() -> [Keyword; 3] {
        let here = testing::channel().id;
        [word(1, "Клуб", Some(here), false), word(2, "осень 2026", None, true), word(3, "чужой", Some(ChannelId::new()), false)]
    }

    snapshots!(keywords_none, |tr| list(tr, &testing::channel(), &[], Role::Manager));
    snapshots!(keywords_list, |tr| list(tr, &testing::channel(), &all(), Role::Viewer));
    snapshots!(keywords_card, |tr| card(tr, &testing::channel(), &all()[0], Role::Manager));
    snapshots!(keywords_card_off, |tr| card(tr, &testing::channel(), &all()[1], Role::Owner));
    snapshots!(keywords_ask, |tr| ask(tr, &testing::channel(), Some(&sentence(tr, KeywordError::Refusal).unwrap())));
}
