//! Telegram Bot API (contracts/messengers/telegram.md).
//!
//! One call of the API is one attempt: the adapter writes the message ([`wire`]), reads the answer
//! ([`classify`]) and never retries. There is no client id and no way to look back, so a call
//! without an answer is [`SendError::Unknown`]. A voice or a video message that the recipient's
//! privacy refuses, and so certainly did not go, goes as a file instead.

mod classify;
mod gate;
mod understand;
mod wire;

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

pub use gate::GATE;

use super::{
    Capabilities, Channel, Event, FileKind, Free, Identity, Keyboard, Markup, Media, MediaSource, Outbound, Polled, RawUpdate, SendError,
    Sent, Terms, Unit, download, lease, storm::Storm,
};
use crate::{
    http::{self, Route, misread},
    limits::{AIR, AIR_UPLOAD, BEFORE_CALL},
    pace::{ChannelRate, Rates, RecipientRate},
    secret::{Likeness, Secret, is_url_safe},
};

/// A call without a file answers within this, or its outcome is unknown. Shorter than a delivery's
/// lease ([`AIR`]), so that a row is never thought abandoned while its call still runs.
const CALL: Duration = Duration::from_secs(15);
/// The same for an upload; shorter than [`AIR_UPLOAD`].
const UPLOAD: Duration = Duration::from_secs(60);

const _: () = assert!(BEFORE_CALL.as_millis() + CALL.as_millis() <= AIR.as_millis());
const _: () = assert!(BEFORE_CALL.as_millis() + UPLOAD.as_millis() <= AIR_UPLOAD.as_millis());

/// The method of a message without a file.
const SEND_MESSAGE: &str = "sendMessage";
/// Where people open a bot (contract, 2.2).
pub(super) const ENTRY: &str = "t.me";
/// What the product wants to hear of (contract, 6.1).
const UPDATES: [&str; 4] = ["message", "edited_message", "callback_query", "my_chat_member"];

/// What a bot can do (contract, sections 2.3, 2.4, 2.5 and 4). Which units a text's characters are
/// is not told: UTF-16 ones, as of its entities, are the larger number.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4096,
    caption_limit: 1024,
    unit: Unit::Utf16,
    markup: Markup::Beside { most: 100 },
    file_captions: true,
    pictures_only: false,
    photo_bytes: 10 * 1024 * 1024,
    document_bytes: 50 * 1024 * 1024,
    download_bytes: 20 * 1024 * 1024,
    max_buttons: 100,
    keyboard: Keyboard::ANY,
    older_devices: false,
    weight: None,
    rates: Rates { channel: ChannelRate::fixed(30.0), recipient: RecipientRate { every: Duration::from_secs(1), burst: 1 } },
    batch: super::Batch::ONE,
    sells_speed: true,
    client_id_window: None,
    finds_by_client_id: false,
    finds_by_words: false,
    address_kind: "telegram",
    scoped_addresses: true,
    global_ids: false,
    tells_delivered: false,
    tells_read: false,
    tells_charge: false,
    receipts_name_person: false,
    limits_people: false,
    asks_ahead: 0,
    webhook_only: false,
    hook_first: false,
    fetches_files: false,
    one_keyboard: false,
    window: None,
    templates: None,
    starts_by_message: false,
    asks_phone: true,
    presses_are_words: false,
};

/// A method's address; it is never shown, for the token is in it.
struct Address(Option<url::Url>);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

/// A Telegram bot as a channel.
#[derive(Debug)]
pub struct Telegram {
    base: String,
    token: Secret,
    client: reqwest::Client,
    /// Where most messages go, read once.
    send_message: Address,
    storm: Storm,
}

/// Whether `text` can be a bot's token: the bot's id, a colon, a secret of base64url characters; 80
/// bytes at most, as the Bot API server has it. A token stands in the address of every call, so
/// nothing else may get there.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() <= 80
        && text.split_once(':').is_some_and(|(id, secret)| {
            (1..=16).contains(&id.len())
                && !id.starts_with('0')
                && id.bytes().all(|byte| byte.is_ascii_digit())
                && !secret.is_empty()
                && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        })
}

/// How surely a word is a bot's token, `<bot id>:<secret>` (contracts/messengers/telegram.md, 1),
/// in an address of the Bot API too.
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    let is_token = |part: &str| {
        let part = part.strip_prefix("bot").unwrap_or(part);
        part.split_once(':').is_some_and(|(id, secret)| {
            id.len() >= 6 && id.bytes().all(|byte| byte.is_ascii_digit()) && secret.len() >= 10 && is_url_safe(secret)
        })
    };
    word.split('/').any(is_token).then_some(Likeness::Sure)
}

/// The method that sends a kind of file and the parameter the file goes in: for whoever speaks the
/// Bot API without a channel.
#[must_use]
pub fn sending(kind: FileKind) -> (&'static str, &'static str) {
    (wire::method(kind), wire::field(kind))
}

/// Where a file is had from whose path `getFile` told, and from nowhere else: each part of the path
/// is escaped, and `None` is one that leads elsewhere (`..`, or from the root of a disk). Never
/// shown, for the token is in it.
#[must_use]
pub fn file_address(base: &str, token: &Secret, path: &str) -> Option<url::Url> {
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    let mut address: url::Url = base.parse().ok()?;
    let bot = format!("bot{}", token.expose());
    address.path_segments_mut().ok()?.pop_if_empty().extend(["file", &bot]).extend(path.split('/'));
    Some(address)
}

/// Whether a bot can be called so: a username stands in links, which lead where it says.
#[must_use]
pub fn is_username(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The name of an update among those of its bot. After a week without updates Telegram goes on from
/// any number, a lower one too (contract, 6.1), so the number alone would take a new update for one
/// of long ago. What comes twice is the same byte for byte, so a few bits of a digest tell the two
/// apart; too few to confirm a guess of what was written.
#[must_use]
pub fn update_name(update_id: i64, payload: &str) -> String {
    let digest = Sha256::digest(payload.trim().as_bytes());
    format!("{update_id}:{}", hex::encode(&digest[..4]))
}

fn address(base: &str, token: &Secret, method: &str) -> String {
    format!("{base}/bot{}/{method}", token.expose())
}

impl Telegram {
    /// A bot with this token at this API base (no trailing slash), by this route.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(base: &str, route: &Route, token: Secret) -> reqwest::Result<Self> {
        let base = base.trim_end_matches('/').to_owned();
        let send_message = Address(address(&base, &token, SEND_MESSAGE).parse().ok());
        Ok(Self { base, token, client: http::shared(CALL, route)?, send_message, storm: Storm::default() })
    }

    fn request(&self, method: &str) -> reqwest::RequestBuilder {
        match &self.send_message.0 {
            Some(url) if method == SEND_MESSAGE => self.client.post(url.clone()),
            // A base that is no address is told by the request.
            _ => self.client.post(address(&self.base, &self.token, method)),
        }
    }

    /// Calls a method and reads its `result`; what went wrong never carries the URL, for the token
    /// is in it.
    async fn call(&self, request: reqwest::RequestBuilder) -> Result<Box<RawValue>, SendError> {
        let answer = request.send().await.map_err(|error| {
            if http::never_sent(&error) { SendError::Transient(http::describe(error)) } else { SendError::Unknown(http::describe(error)) }
        })?;
        let status = answer.status().as_u16();
        let body = http::body(answer).await.map_err(SendError::Unknown)?;
        classify::answer(status, &body)
    }

    async fn call_json(&self, method: &str, body: &impl serde::Serialize, timeout: Duration) -> Result<Box<RawValue>, SendError> {
        self.call(self.request(method).timeout(timeout).json(body)).await
    }

    async fn send_one(&self, message: &Outbound) -> Result<Sent, SendError> {
        let free = message.free()?;
        let sent = self.send_as(message, free.media.as_ref(), wire::call(message, free)).await;
        match (&sent, &free.media) {
            (
                Err(SendError::Rejected(why)),
                Some(Media { kind: FileKind::Voice | FileKind::VideoNote, source: source @ MediaSource::Bytes { .. } }),
            ) if classify::is_recording_refused(why) => {
                let as_file = Free { media: Some(Media { kind: FileKind::Document, source: source.clone() }), ..free.clone() };
                self.send_as(message, as_file.media.as_ref(), wire::plain_file(message, &as_file)).await
            }
            _ => sent,
        }
    }

    /// One call.
    async fn send_as(&self, message: &Outbound, media: Option<&Media>, call: wire::Call) -> Result<Sent, SendError> {
        let request = match media {
            Some(media) => match &media.source {
                MediaSource::Bytes { name, mime, content } => {
                    let form = wire::form(&call, media.kind, name, mime, content.clone())?;
                    self.request(call.method).timeout(UPLOAD).multipart(form)
                }
                MediaSource::Reference(_) => self.request(call.method).json(&call.body),
                MediaSource::Link { .. } => return Err(SendError::takes_uploads()),
            },
            None => self.request(call.method).json(&call.body),
        };
        let by_reference = matches!(media, Some(Media { source: MediaSource::Reference(_), .. }));
        lease::still_ours()?;
        let result = self.call(request).await.map_err(|error| match error {
            SendError::Rejected(why) if by_reference && classify::is_lost_reference(&why) => SendError::ReferenceLost(why),
            other => self.storm.widen(&message.to, other),
        })?;
        Ok(wire::sent(&message.to, &result))
    }
}

/// A bot has a name always (contract, section 1): an answer without one is not Telegram's.
#[derive(Deserialize)]
struct Me {
    id: i64,
    #[serde(default)]
    first_name: String,
    username: String,
}

#[derive(Deserialize)]
struct UpdateId {
    update_id: i64,
}

/// Where a file can be had for an hour (contract, 2.6).
#[derive(Deserialize)]
struct FilePath {
    file_path: String,
}

#[async_trait::async_trait]
impl Channel for Telegram {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn identify(&self) -> Result<Identity, SendError> {
        let result = self.call_json("getMe", &serde_json::json!({}), CALL).await?;
        let nobody = |why: &str| SendError::Unknown(format!("getMe names no bot: {why}"));
        let me: Me = serde_json::from_str(result.get()).map_err(|error| nobody(&misread(&error)))?;
        if me.id <= 0 || !is_username(&me.username) {
            return Err(nobody("no id or no username"));
        }
        Ok(Identity { external_id: me.id.to_string(), username: me.username, name: me.first_name, terms: Terms::default() })
    }

    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        let mut results = Vec::with_capacity(batch.len());
        for message in batch {
            results.push(self.send_one(message).await);
        }
        results
    }

    fn understand(&self, raw: &str) -> Result<Vec<Event>, String> {
        understand::update(raw, crate::clock::now())
    }

    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError> {
        let found = self.call_json("getFile", &serde_json::json!({ "file_id": reference }), CALL).await;
        let result = found.map_err(|error| match error {
            SendError::Rejected(why) if classify::is_lost_reference(&why) => SendError::ReferenceLost(why),
            other => other,
        })?;
        let FilePath { file_path } =
            serde_json::from_str(result.get()).map_err(|error| SendError::Unknown(format!("getFile: {}", misread(&error))))?;
        let url = file_address(&self.base, &self.token, &file_path)
            .ok_or_else(|| SendError::Unknown("getFile: a path that leads elsewhere".to_owned()))?;
        download::fetch(self.client.get(url), UPLOAD, CAPABILITIES.download_bytes).await
    }

    async fn answer_press(&self, query_id: &str, text: &str) -> Result<(), SendError> {
        match self.call_json("answerCallbackQuery", &wire::press_answer(query_id, text), CALL).await {
            // The client has stopped waiting by itself: nothing is left to do (contract, section
            // 5).
            Err(SendError::Rejected(why)) if classify::is_stale_query(&why) => Ok(()),
            other => other.map(|_| ()),
        }
    }

    async fn take_buttons(&self, message_ref: &str) -> Result<(), SendError> {
        let Some(body) = wire::no_buttons(message_ref) else { return Ok(()) };
        match self.call_json("editMessageReplyMarkup", &body, CALL).await {
            // They are gone already, or the message is.
            Err(SendError::Rejected(_)) => Ok(()),
            other => other.map(|_| ()),
        }
    }

    async fn poll(&self, cursor: Option<&str>, timeout: Duration) -> Result<Polled, SendError> {
        // What is no number is not Telegram's: from the beginning of what it keeps.
        let offset: i64 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
        let body = serde_json::json!({ "offset": offset, "limit": 100, "timeout": timeout.as_secs().min(50), "allowed_updates": UPDATES });
        let result = self.call_json("getUpdates", &body, timeout + CALL).await?;
        let broken = |error: serde_json::Error| SendError::Unknown(format!("getUpdates: {}", misread(&error)));
        let updates: Vec<Box<RawValue>> = serde_json::from_str(result.get()).map_err(broken)?;
        // One without a number cannot be confirmed or told from another; those beside it may be
        // opt-outs.
        let mut newest = None;
        let numbered = updates.into_iter().filter_map(|update| {
            let UpdateId { update_id } = serde_json::from_str(update.get()).ok().filter(|update: &UpdateId| update.update_id > 0)?;
            newest = newest.max(Some(update_id));
            Some(RawUpdate { external_id: update_name(update_id, update.get()), payload: update.get().to_owned() })
        });
        let updates = numbered.collect();
        // After the newest of this batch, though it be lower than where we asked from (contract,
        // 6.1).
        Ok(Polled { updates, cursor: newest.map(|newest| newest.saturating_add(1).to_string()), forgot: false })
    }

    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError> {
        match hook {
            Some((url, secret)) => {
                let body = serde_json::json!({ "url": url, "secret_token": secret, "allowed_updates": UPDATES, "max_connections": 40 });
                self.call_json("setWebhook", &body, CALL).await.map(|_| ())
            }
            None => self.call_json("deleteWebhook", &serde_json::json!({}), CALL).await.map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// «Новый токен» used to put whatever was typed into the address of a call.
    #[test]
    fn a_token_is_told_from_other_words() {
        for token in ["7000000001:AAE-example_0123456789", "1:x", "4503599627370495:A"] {
            assert!(is_token(token), "{token}");
        }
        let long = format!("7:{}", "A".repeat(79));
        for other in [
            "",
            "7000000001",
            ":AAE-example",
            "привет",
            "7000000001:",
            "x1:AAE-example",
            "7:AAE example",
            "7:../../etc",
            "7:a/getMe?x=1",
            "7:a#",
            "7:ж",
            "0:AAE",
            " 7:AAE",
            "7:AAE\n",
            "99999999999999999:A",
            &long,
        ] {
            assert!(!is_token(other), "{other}");
        }
    }

    /// What a provider says of a path never leads to another method or another bot.
    #[test]
    fn a_file_is_had_from_its_folder_only() {
        let token = Secret::new("7:AAE");
        let address = |path| file_address("http://127.0.0.1:1/api/", &token, path).map(|url| url.to_string());
        assert_eq!(address("photos/file_1.jpg").as_deref(), Some("http://127.0.0.1:1/api/file/bot7:AAE/photos/file_1.jpg"));
        assert_eq!(address("a b?c#d%2e/ж").as_deref(), Some("http://127.0.0.1:1/api/file/bot7:AAE/a%20b%3Fc%23d%252e/%D0%B6"));
        for elsewhere in ["", "/etc/passwd", "../bot7:AAE/logOut", "a/../../x", "a//b", "./a", "a/"] {
            assert_eq!(address(elsewhere), None, "{elsewhere}");
        }
        assert!(is_username("shop_bot") && !is_username("") && !is_username("../shop") && !is_username("бот"));
    }

    /// An update under a number that was used before was taken for the old one for ever.
    #[test]
    fn an_update_is_named_by_its_number_and_its_bytes() {
        let stop = r#"{"update_id":5,"message":{"text":"стоп"}}"#;
        assert_eq!(update_name(5, stop), update_name(5, &format!("{stop}\n")), "the same one twice, by whatever way");
        assert_ne!(update_name(5, stop), update_name(5, r#"{"update_id":5,"message":{"text":"да"}}"#));
        assert_eq!(update_name(5, stop).len(), "5:".len() + 8);
    }

    #[tokio::test]
    async fn a_refused_connection_is_harmless_and_names_no_token() {
        // Port 9 of the loopback: nobody listens.
        let bot = Telegram::new("http://127.0.0.1:9", &Route::default(), Secret::new("123456:very-secret")).expect("a client");
        let error = bot.identify().await.expect_err("nobody answers");
        assert!(matches!(error, SendError::Transient(_)), "{error:?}");
        assert!(!format!("{error} {error:?} {bot:?}").contains("very-secret"));
    }
}
