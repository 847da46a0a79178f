//! What the phone shows: dialogues and messages as plain values, for tests and for the page. The
//! names are those of the Telegram double's, so that one page draws both.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Max,
    media::Kind,
    press::{self, Answer},
    state::{State, Stored, mid, read_mid},
};
use crate::{
    double::Chats,
    view::{Button, File, find},
};

/// How long an action (`typing_on`) is shown.
const ACTION_SHOWN: Duration = Duration::from_secs(6);

/// A message as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// `mid`.
    pub id: String,
    /// Sent by the bot; otherwise by the person.
    pub from_bot: bool,
    /// When it was sent, by the double's clock.
    pub at: DateTime<Utc>,
    /// Without marks; empty for bare media.
    pub text: String,
    /// What is marked in the text, as MAX tells it.
    pub markup: Vec<Value>,
    /// The same in the words of the page.
    pub entities: Vec<Value>,
    /// The first picture.
    pub photo: Option<File>,
    /// The film, sound or file.
    pub document: Option<File>,
    pub kind: Option<Kind>,
    /// The phone number of a shared contact.
    pub contact: Option<String>,
    /// By rows.
    pub buttons: Vec<Vec<Button>>,
    /// Id of the message it replies to.
    pub reply_to: Option<String>,
    /// Whether it came without a sound.
    pub silent: bool,
    /// How many times it was edited.
    pub edits: u32,
    /// Whether it was removed since; removed ones are in no history.
    pub deleted: bool,
}

impl Message {
    fn read(state: &State, stored: &Stored) -> Self {
        let of = |kind: &str| stored.attachments.iter().find(|attachment| attachment["type"] == kind);
        let document = ["file", "video", "audio"].iter().find_map(|kind| of(kind));
        let rows = of("inline_keyboard").and_then(|keyboard| keyboard["payload"]["buttons"].as_array());
        let row = |row: &Value| row.as_array().into_iter().flatten().map(press::shown).collect();
        let card = of("contact").and_then(|contact| contact["payload"]["vcf_info"].as_str());
        let link = stored.link.as_ref().filter(|link| link["type"] == "reply");
        let any = of("image").or(document);
        Self {
            id: stored.mid.clone(),
            from_bot: stored.from_bot,
            at: stored.at,
            text: stored.text.clone().unwrap_or_default(),
            markup: stored.markup.clone(),
            entities: stored.markup.iter().map(entity).collect(),
            photo: of("image").map(|image| file(state, image)),
            document: document.map(|document| file(state, document)),
            kind: any.and_then(|any| Kind::read(any["type"].as_str()?)),
            contact: card.and_then(|card| Some(card.split_once("TEL")?.1.split_once(':')?.1.lines().next()?.to_owned())),
            buttons: rows.into_iter().flatten().map(row).collect(),
            reply_to: link.and_then(|link| link["message"]["mid"].as_str()).map(str::to_owned),
            silent: stored.silent,
            edits: stored.edits,
            deleted: stored.deleted,
        }
    }

    /// The first button whose text contains these characters, with its row and column.
    #[must_use]
    pub fn button(&self, text: &str) -> Option<(usize, usize, &Button)> {
        find(&self.buttons, text)
    }
}

fn file(state: &State, attachment: &Value) -> File {
    let payload = &attachment["payload"];
    let token = payload["token"].as_str().unwrap_or_default();
    let Some(stored) = state.files.get(token) else {
        let id = payload["url"].as_str().unwrap_or_default().to_owned();
        return File { unique_id: id.clone(), id, ..File::default() };
    };
    let name = stored.name.clone().unwrap_or_else(|| stored.kind.name().to_owned());
    File::of(token.to_owned(), stored.unique.clone(), Some(name), &stored.data)
}

/// A mark in the words of the page, which are Telegram's.
fn entity(mark: &Value) -> Value {
    let kind = match mark["type"].as_str().unwrap_or_default() {
        "strong" | "heading" => "bold",
        "emphasized" => "italic",
        "strikethrough" => "strikethrough",
        "underline" => "underline",
        "monospaced" => "code",
        "link" => "text_link",
        other => other,
    };
    json!({ "type": kind, "offset": mark["from"], "length": mark["length"], "url": mark["url"] })
}

/// One dialogue as the phone shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatView {
    /// The bot's id.
    pub bot: i64,
    /// The person's id.
    pub user: i64,
    /// Whether the person ever started the bot.
    pub started: bool,
    /// Whether the bot is stopped now.
    pub blocked: bool,
    /// Until when the bot is muted.
    pub muted_until: Option<DateTime<Utc>>,
    /// Messages that are there, oldest first.
    pub messages: Vec<Message>,
    /// The bot's commands.
    pub commands: Vec<Value>,
    /// `typing_on` and the like, while it is shown.
    pub action: Option<String>,
    /// The last answer to a press, with the press's id.
    pub toast: Option<(String, Answer)>,
    /// Grows with every change.
    pub version: u64,
}

impl Max {
    /// What the person sees in the dialogue with a bot; an empty one if there was none yet.
    #[must_use]
    pub fn chat(&self, bot: i64, user: i64) -> ChatView {
        let state = self.quiet();
        let commands = state.bots.get(&bot).map(|bot| bot.commands.clone()).unwrap_or_default();
        let dialogue = state.dialogues.get(&(bot, user));
        ChatView {
            bot,
            user,
            started: dialogue.is_some_and(|dialogue| dialogue.started),
            blocked: dialogue.is_some_and(|dialogue| dialogue.stopped),
            muted_until: dialogue.and_then(|dialogue| dialogue.muted_until).filter(|until| *until > self.clock().now()),
            messages: dialogue
                .into_iter()
                .flat_map(|dialogue| dialogue.messages.values())
                .filter(|stored| !stored.deleted)
                .map(|stored| Message::read(&state, stored))
                .collect(),
            commands,
            action: dialogue
                .and_then(|dialogue| dialogue.action.as_ref().filter(|(_, at)| at.elapsed() < ACTION_SHOWN))
                .map(|(action, _)| action.clone()),
            toast: dialogue.and_then(|dialogue| dialogue.toast.clone()),
            version: dialogue.map_or(0, |dialogue| dialogue.version),
        }
    }

    /// Messages that are there, oldest first.
    #[must_use]
    pub fn history(&self, bot: i64, user: i64) -> Vec<Message> {
        self.chat(bot, user).messages
    }

    /// One message, removed or not.
    #[must_use]
    pub fn message(&self, bot: i64, user: i64, id: &str) -> Option<Message> {
        let state = self.quiet();
        let (_, seq) = read_mid(id).filter(|(chat, seq)| mid(*chat, *seq) == id)?;
        state.dialogues.get(&(bot, user))?.messages.get(&seq).map(|stored| Message::read(&state, stored))
    }
}

impl Chats for State {
    type Message = Message;

    fn last(&self, bot: i64, user: i64) -> Option<Message> {
        let dialogue = self.dialogues.get(&(bot, user))?;
        dialogue.messages.values().rev().find(|stored| stored.from_bot && !stored.deleted).map(|stored| Message::read(self, stored))
    }

    fn version(&self, chat: (i64, i64)) -> u64 {
        self.dialogues.get(&chat).map_or(0, |dialogue| dialogue.version)
    }

    fn chats(&self) -> Vec<(i64, i64)> {
        self.dialogues.keys().copied().collect()
    }

    fn population(&self) -> usize {
        self.bots.len() + self.users.len()
    }
}
