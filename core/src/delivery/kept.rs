//! What was sent, word for word: the text, the buttons, whether a file went along.
//!
//! It is kept before the call, in the change that lists the message as begun
//! ([`super::begun::list`]), so nothing that may have gone is without its words, whatever dies
//! meanwhile. A try that certainly did not go takes its words back when it is recorded. Words are
//! made to fit the messenger before ([`crate::channel::fit`]), and its adapter adds none. A try
//! that repeats an earlier one under the same client id says the words kept of that ([`before`]).
//!
//! The body is a byte that says how the rest is written, and JSON, compressed (LZ4) against
//! [`COMMON`] and the text of the version it was made of: what is the same for everybody costs a
//! few bytes. How long it is kept: [`crate::store::retention`].

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{State, queries};
use crate::{
    channel::{Button, MediaKind},
    clock::Moment,
    id::{AccountId, CampaignId, ContactId, DeliveryId, VersionId},
    on,
    store::{Db, Engine, Store, Together, heed, json_ids},
    text::Rich,
};

/// How bodies are written today: [`COMMON`] and the version's text before them.
const FIRST: u8 = 1;

/// What the JSON of most messages has in common. Never to be changed: what was kept is read by it.
const COMMON: &str = concat!(
    r#"{"style":"spoiler"}{"style":"strike"}{"style":"underline"}{"style":"quote"}{"style":"code"}"#,
    r#"{"style":"italic"},{"style":"bold"},{"style":{"link":"https://"}},"#,
    r#"{"body":{"text":"","spans":[{"offset":0,"len":1,"style":"bold"}]},"#,
    r#""buttons":[[{"text":"","action":{"url":"https://"}}],[{"text":"🚫 Отписаться","action":{"callback":"stop"}}]],"#,
    r#""media":"document"}"media":"photo"}{"body":{"text":""#,
);

/// Longer than any message with its buttons, bytes: what claims to be longer is damaged.
const LONGEST: usize = 1 << 20;

/// What one person got.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Message {
    /// Text or caption.
    pub body: Rich,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Answers that stand in the text, for they could not stand under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Button>,
    /// The version's file went along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaKind>,
    /// The values of the template that the provider approved, if it went by one: a repeat gives the
    /// same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
}

impl Message {
    /// As it is kept; `version`: the text of the version it was made of.
    #[must_use]
    pub fn pack(&self, version: &str) -> Vec<u8> {
        // Strings and numbers alone: this has a JSON.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
        let mut packed = Vec::with_capacity(64);
        packed.push(FIRST);
        packed.extend(length.to_le_bytes());
        packed.extend(lz4_flex::block::compress_with_dict(&json, dictionary(version).as_bytes()));
        packed
    }

    /// What was kept; `None`: it is damaged, or written by a release that came after this one.
    #[must_use]
    pub fn unpack(packed: &[u8], version: &str) -> Option<Self> {
        let (&FIRST, rest) = packed.split_first()? else { return None };
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= LONGEST)?;
        let json = lz4_flex::block::decompress_with_dict(rest, length, dictionary(version).as_bytes()).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

fn dictionary(version: &str) -> String {
    // The text of a version stands nearest: LZ4 forgets what is farther than 64 KiB.
    format!("{COMMON}{version}")
}

/// Words of messages that are about to leave.
#[derive(Debug, Default)]
pub struct Words {
    pub(super) ids: Vec<i64>,
    pub(super) attempts: Vec<i32>,
    pub(super) bodies: Vec<Vec<u8>>,
}

impl Words {
    /// Adds a try's words, as [`Message::pack`] makes them.
    pub fn add(&mut self, delivery: i64, attempt: i32, packed: Vec<u8>) {
        self.ids.push(delivery);
        self.attempts.push(attempt);
        self.bodies.push(packed);
    }

    /// For SQLite: all bodies in a row, and a JSON list of `[delivery, attempt, from, length]`,
    /// `from` counted from 1.
    pub(super) fn in_a_row(&self) -> (Vec<u8>, String) {
        let mut from = 1;
        let mut rows = Vec::with_capacity(self.ids.len());
        for ((id, attempt), body) in self.ids.iter().zip(&self.attempts).zip(&self.bodies) {
            rows.push((id, attempt, from, body.len()));
            from += body.len();
        }
        (self.bodies.concat(), serde_json::json!(rows).to_string())
    }
}

/// Takes the words of tries that certainly did not go back, at the end of a change.
pub(super) fn take_back(end: &mut Together, tries: &[(i64, i32)]) {
    if tries.is_empty() {
        return;
    }
    match end.engine() {
        Engine::Sqlite => end.add(queries::UNKEEP_SQLITE).bind(serde_json::json!(tries).to_string()),
        Engine::Postgres => {
            let (ids, attempts): (Vec<i64>, Vec<i32>) = tries.iter().copied().unzip();
            end.beside(queries::UNKEEP_POSTGRES).bind_postgres(ids).bind_postgres(attempts)
        }
    };
}

/// Keeps other words of a try than those it began with: its recipient's device showed no others.
///
/// # Errors
/// The database's.
pub async fn instead(store: &Store, account: AccountId, (delivery, attempt): (DeliveryId, i32), packed: &[u8]) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(queries::KEEP_INSTEAD)
        .bind(account)
        .bind(delivery)
        .bind(attempt)
        .bind(packed)
        .execute(c)
        .await
        .map(|_| ()))
}

/// What the newest try before the one under way said, for those of these deliveries of which
/// something is kept, as [`Message::pack`] made it.
///
/// # Errors
/// The database's.
pub async fn before(store: &Store, account: AccountId, deliveries: &[DeliveryId]) -> sqlx::Result<HashMap<DeliveryId, Vec<u8>>> {
    let ids: Vec<i64> = deliveries.iter().map(|id| id.0).collect();
    let rows: Vec<(DeliveryId, Vec<u8>)> = match store.read() {
        Db::Sqlite(c) => heed(sqlx::query_as(queries::KEPT_BEFORE_SQLITE).bind(account).bind(json_ids(&ids)).fetch_all(c).await)?,
        Db::Postgres(c) => sqlx::query_as(queries::KEPT_BEFORE_POSTGRES).bind(account).bind(&ids).fetch_all(c).await?,
    };
    Ok(rows.into_iter().collect())
}

/// What the tries under way of these deliveries say.
///
/// # Errors
/// The database's.
pub async fn of(store: &Store, account: AccountId, deliveries: &[DeliveryId]) -> sqlx::Result<HashMap<DeliveryId, Message>> {
    let ids: Vec<i64> = deliveries.iter().map(|id| id.0).collect();
    let rows: Vec<(DeliveryId, Vec<u8>, String)> = match store.read() {
        Db::Sqlite(c) => heed(sqlx::query_as(queries::KEPT_OF_SQLITE).bind(account).bind(json_ids(&ids)).fetch_all(c).await)?,
        Db::Postgres(c) => sqlx::query_as(queries::KEPT_OF_POSTGRES).bind(account).bind(&ids).fetch_all(c).await?,
    };
    Ok(rows.into_iter().filter_map(|(id, body, text)| Some((id, Message::unpack(&body, &text)?))).collect())
}

/// What was sent to somebody by one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Of the campaign, from 1.
    pub step: i16,
    /// What became of the delivery.
    pub state: State,
    /// When it went, as far as is known.
    pub at: Moment,
    /// The version it was made of.
    pub version: VersionId,
    /// What it said; `None`: it cannot be read any more.
    pub message: Option<Message>,
}

#[derive(sqlx::FromRow)]
struct Row {
    step: i16,
    state: State,
    at: Moment,
    body: Vec<u8>,
    version: VersionId,
    text: String,
}

/// What a campaign sent to one contact, in the order of steps and tries. Empty: nothing went, or it
/// went longer ago than such words are kept.
///
/// # Errors
/// The database's.
pub async fn to(store: &Store, account: AccountId, campaign: CampaignId, contact: ContactId) -> sqlx::Result<Vec<Kept>> {
    let rows: Vec<Row> =
        on!(store.read(), |c| sqlx::query_as(queries::KEPT).bind(account).bind(campaign).bind(contact).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|Row { step, state, at, body, version, text }| Kept { step, state, at, version, message: Message::unpack(&body, &text) })
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        channel::{ButtonAction, OPT_OUT_CALLBACK},
        text::{Span, Style},
    };

    fn message(text: &str) -> Message {
        let button = |text: &str, action| Button { text: text.to_owned(), action };
        Message {
            body: Rich { text: text.to_owned(), spans: vec![Span { offset: 0, len: 4, style: Style::Bold }] },
            buttons: vec![
                vec![button("Записаться", ButtonAction::Url("https://salon.example/book?u=1".to_owned()))],
                vec![button("🚫 Отписаться", ButtonAction::Callback(OPT_OUT_CALLBACK.to_owned()))],
            ],
            media: Some(MediaKind::Photo),
            ..Message::default()
        }
    }

    proptest! {
        #[test]
        fn whatever_was_sent_is_read_as_it_was(text in "\\PC{0,200}", version in "\\PC{0,200}") {
            let sent = Message { body: Rich::plain(text), ..message("") };
            prop_assert_eq!(Message::unpack(&sent.pack(&version), &version), Some(sent));
        }

        #[test]
        fn what_is_damaged_is_nobodys_words(packed in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Message::unpack(&packed, "Здравствуйте");
            let mut kept = message("Анна, ждём вас").pack("");
            kept.truncate(packed.len().min(kept.len() - 1));
            prop_assert_eq!(Message::unpack(&kept, ""), None);
        }
    }

    #[test]
    fn what_is_the_same_for_everybody_costs_little() {
        let version = "Здравствуйте, {{ name }}! Завтра в {{ time }} ждём вас в нашем салоне на Тверской. Если планы изменились, ответьте на это \
                       сообщение, и мы подберём другое время. До встречи!";
        let sent = message(&version.replace("{{ name }}", "Анна").replace("{{ time }}", "12:30"));
        let (packed, plain) = (sent.pack(version).len(), serde_json::to_vec(&sent).unwrap().len());
        assert!(packed * 4 < plain, "{packed} of {plain} bytes");
    }
}
