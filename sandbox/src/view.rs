//! What a phone shows, in the words of the page: one shape for the doubles whose messages have
//! nothing that needs another.

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A button under a message or of a keyboard.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Button {
    pub text: String,
    /// In the provider's words (`callback`, `link`, `open_link`…).
    pub kind: String,
    /// What a press tells the bot.
    pub data: Option<String>,
    /// The page or mini-app it opens.
    pub url: Option<String>,
    /// The text it copies.
    pub copy: Option<String>,
    /// Whether it shares the person's number.
    pub contact: bool,
}

/// A file of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct File {
    /// The id to ask the double by. Of a picture somewhere else its address.
    pub id: String,
    /// The same bytes have the same one.
    pub unique_id: String,
    pub name: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Pixels of a picture.
    pub width: Option<u64>,
    /// Pixels of a picture.
    pub height: Option<u64>,
}

impl File {
    pub(crate) fn of(id: String, unique_id: String, name: Option<String>, data: &[u8]) -> Self {
        let size = imagesize::blob_size(data).ok();
        Self {
            id,
            unique_id,
            name,
            size: data.len() as u64,
            width: size.as_ref().map(|size| size.width as u64),
            height: size.map(|size| size.height as u64),
        }
    }
}

/// An id of these bytes.
pub(crate) fn unique(data: &[u8]) -> String {
    hex::encode(&Sha256::digest(data)[..12])
}

/// A message of either side.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Message {
    /// As the provider calls it.
    pub id: String,
    /// Sent by the bot; otherwise by the person.
    pub from_bot: bool,
    pub at: DateTime<Utc>,
    /// As the person reads it; empty for bare media.
    pub text: String,
    /// What is marked in the text, in the words of the page.
    pub entities: Vec<Value>,
    pub photo: Option<File>,
    /// Any other file.
    pub document: Option<File>,
    /// The phone number of a shared contact.
    pub contact: Option<String>,
    /// By rows.
    pub buttons: Vec<Vec<Button>>,
    /// Id of the message it replies to.
    pub reply_to: Option<String>,
    /// How many times it was edited.
    pub edits: u32,
    /// Whether the person has read it.
    pub read: bool,
}

impl Message {
    /// The first button whose text contains these characters, with its row and column.
    #[must_use]
    pub fn button(&self, text: &str) -> Option<(usize, usize, &Button)> {
        find(&self.buttons, text)
    }
}

/// The first of these buttons whose text contains these characters.
pub(crate) fn find<'a>(rows: &'a [Vec<Button>], text: &str) -> Option<(usize, usize, &'a Button)> {
    let with_places = |(row, buttons): (usize, &'a Vec<Button>)| buttons.iter().enumerate().map(move |(at, button)| (row, at, button));
    rows.iter().enumerate().flat_map(with_places).find(|(_, _, button)| button.text.contains(text))
}

/// One chat as the phone shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChatView {
    /// The bot, community, number or channel.
    pub bot: i64,
    /// The person's id.
    pub user: i64,
    /// Whether the phone shows a field to write in.
    pub started: bool,
    /// Whether the bot is blocked now.
    pub blocked: bool,
    /// Messages that are there, oldest first.
    pub messages: Vec<Message>,
    /// The keyboard in place of the person's own.
    pub keyboard: Vec<Vec<Button>>,
    pub commands: Vec<Value>,
    /// `typing` and the like, while it is shown.
    pub action: Option<String>,
    /// The last answer to a press, with the press's id.
    pub toast: Option<(String, Value)>,
    /// How many messages the person has not read.
    pub unread: usize,
    /// Grows with every change.
    pub version: u64,
}

/// A file's bytes, name and MIME type.
pub(crate) type Served = (Bytes, Option<String>, Option<String>);
