//! MAX Bot API (contracts/messengers/max.md; its section 0 wins).
//!
//! One call of the API is one attempt: the adapter writes the message ([`wire`]), reads the answer
//! ([`classify`]) and never sends again. There is no client id; but a bot can read its own
//! dialogues, so after a call without an answer the adapter looks whether the message is there
//! (contract, section 3). Found, it was sent; not found, nobody knows: how late a dialogue may show
//! what was taken is not told.

mod classify;
mod gate;
mod understand;
mod wire;

use std::time::{Duration, Instant};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

pub use gate::GATE;

use super::{
    Capabilities, Channel, Event, FileKind, Free, Identity, Keyboard, Markup, Media, MediaSource, Outbound, Polled, RawUpdate, Resolution,
    SendError, Sent, Terms, Unit, download, lease, storm::Storm,
};
use crate::{
    clock::{self, Moment},
    http::{self, Route, misread},
    limits::{AIR, AIR_UPLOAD, BEFORE_CALL},
    pace::{ChannelRate, Rates, RecipientRate},
    secret::{Likeness, Secret, is_mixed, is_url_safe},
};

/// A call answers within this, or its outcome is unknown.
const CALL: Duration = Duration::from_secs(10);
/// How long the dialogue is looked at after that.
const LOOK: Duration = Duration::from_secs(4);
/// Time for an upload with all its steps.
const UPLOAD: Duration = Duration::from_secs(50);

const _: () = assert!(BEFORE_CALL.as_millis() + CALL.as_millis() + LOOK.as_millis() <= AIR.as_millis());
const _: () = assert!(BEFORE_CALL.as_millis() + UPLOAD.as_millis() + CALL.as_millis() + LOOK.as_millis() <= AIR_UPLOAD.as_millis());

/// Pauses before a message whose file is not processed yet is tried again, as the vendor's client
/// has them (contract, 2.3).
const PROCESSING: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// Messages of a dialogue that are looked through right after a call, and long after it: no page
/// has more (contract, 2.5).
const FEW: u32 = 10;
const PAGE: u32 = 100;
/// A message found in a dialogue may have the time of a clock that is so much behind ours.
const SKEW: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// Where people open a bot (contract, 2.1).
pub(super) const ENTRY: &str = "max.ru";
/// What the product wants to hear of (contract, 6.1).
const UPDATES: [&str; 6] = ["message_created", "message_edited", "message_callback", "bot_started", "bot_stopped", "dialog_removed"];

/// What a bot can do (contract, sections 0, 2.2, 2.3, 2.4 and 4). 30 a second is a ceiling and no
/// promise, so the speed is found out.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4000,
    caption_limit: 4000,
    unit: Unit::Utf16,
    markup: Markup::Tags,
    file_captions: true,
    pictures_only: false,
    photo_bytes: 50 * 1024 * 1024,
    document_bytes: 4 * 1024 * 1024 * 1024,
    download_bytes: http::MAX_BODY as u64,
    // As many as stand in thirty rows when they open pages.
    max_buttons: 90,
    keyboard: Keyboard { label: 128, address: 2_048, row: 3, rows: 30, ..Keyboard::ANY },
    older_devices: false,
    weight: None,
    rates: Rates {
        channel: ChannelRate { floor: 10.0, ceiling: 30.0 },
        recipient: RecipientRate { every: Duration::from_millis(500), burst: 1 },
    },
    batch: super::Batch::ONE,
    sells_speed: false,
    client_id_window: None,
    finds_by_client_id: false,
    finds_by_words: true,
    address_kind: "max",
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

/// Whether `text` can be a bot's token: one word of a header. The contract gives no form.
#[must_use]
pub fn is_token(text: &str) -> bool {
    (10..=1024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~+/=".contains(&byte))
}

/// What bots' tokens of today begin with (secondary: the contract gives no form). So do the words
/// of links to people, `https://max.ru/u/…`, which are no secret.
const TOKENS_BEGIN: &str = "f9LHodD0cO";

/// How surely a word is a bot's token.
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    if !is_url_safe(word) {
        return None;
    }
    if word.starts_with(TOKENS_BEGIN) && word.len() >= 16 {
        return Some(Likeness::Sure);
    }
    // Of another beginning: an id of a document, a mark that an advertisement left in a link.
    ((40..=200).contains(&word.len()) && is_mixed(word)).then_some(Likeness::Perhaps)
}

/// A MAX bot as a channel.
#[derive(Debug)]
pub struct Max {
    base: String,
    token: Secret,
    client: reqwest::Client,
    storm: Storm,
}

impl Max {
    /// A bot with this token at this API base (no trailing slash), by this route.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(base: &str, route: &Route, token: Secret) -> reqwest::Result<Self> {
        let client = http::shared(CALL, route)?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), token, client, storm: Storm::default() })
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}/{path}", self.base)).header(reqwest::header::AUTHORIZATION, self.token.expose())
    }

    /// Calls a method and reads its answer.
    async fn call(&self, request: reqwest::RequestBuilder) -> Result<Box<RawValue>, SendError> {
        let answer = request.send().await.map_err(|error| {
            if http::never_sent(&error) { SendError::Transient(http::describe(error)) } else { SendError::Unknown(http::describe(error)) }
        })?;
        let status = answer.status().as_u16();
        let hold = answer.headers().get(reqwest::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = http::body(answer).await.map_err(SendError::Unknown)?;
        classify::answer(status, hold, &body)
    }

    async fn read<T: DeserializeOwned>(&self, what: &str, request: reqwest::RequestBuilder) -> Result<T, SendError> {
        let answer = self.call(request).await?;
        serde_json::from_str(answer.get()).map_err(|error| SendError::Unknown(format!("{what}: {}", misread(&error))))
    }

    /// A call whose answer says only that it was done.
    async fn done(&self, request: reqwest::RequestBuilder) -> Result<(), SendError> {
        classify::done(&self.call(request).await?)
    }

    async fn send_one(&self, message: &Outbound) -> Result<Sent, SendError> {
        let free = message.free()?;
        let Some(Media { kind, source: MediaSource::Bytes { name, mime, content } }) = &free.media else {
            let token = match &free.media {
                Some(Media { kind, source: MediaSource::Reference(token) }) => Some((*kind, token.as_str())),
                Some(Media { source: MediaSource::Link { .. }, .. }) => return Err(SendError::takes_uploads()),
                Some(Media { source: MediaSource::Bytes { .. }, .. }) | None => None,
            };
            return self.post(message, free, token).await;
        };
        // The whole of an upload is before the message: what fails here certainly did not go.
        let token = tokio::time::timeout(UPLOAD, self.upload(*kind, name, mime, content.clone())).await;
        let token =
            token.unwrap_or_else(|_| Err(SendError::Transient("the upload took too long".to_owned()))).map_err(|error| match error {
                SendError::Unknown(why) => SendError::Transient(why),
                other => other,
            })?;
        let began = Instant::now();
        let mut sent = self.post(message, free, Some((*kind, &token))).await;
        for pause in PROCESSING {
            let unready = matches!(&sent, Err(SendError::Transient(why)) if classify::is_unready(why));
            if !unready || began.elapsed() + pause > CALL {
                break;
            }
            tokio::time::sleep(pause).await;
            sent = self.post(message, free, Some((*kind, &token))).await;
        }
        sent.map(|sent| Sent { media_reference: Some(token), ..sent })
    }

    /// Uploads a file and gives the token messages name it by.
    async fn upload(&self, kind: FileKind, name: &str, mime: &str, content: std::sync::Arc<[u8]>) -> Result<String, SendError> {
        let place: wire::Place =
            self.read("uploads", self.request(reqwest::Method::POST, &format!("uploads?type={}", wire::media(kind)))).await?;
        let form = wire::form(name, mime, content)?;
        // The address is the provider's and needs no credentials.
        let answer = self.client.post(&place.url).timeout(UPLOAD).multipart(form).send().await;
        let answer = answer.map_err(|error| SendError::Transient(http::describe(error)))?;
        let (status, body) = (answer.status(), http::body(answer).await.map_err(SendError::Transient)?);
        if !status.is_success() {
            return Err(classify::upload(status.as_u16(), &String::from_utf8_lossy(&body)));
        }
        wire::token(place.token, &body).ok_or_else(|| SendError::Transient("the upload gave no token".to_owned()))
    }

    /// One message.
    async fn post(&self, message: &Outbound, free: &Free, file: Option<(FileKind, &str)>) -> Result<Sent, SendError> {
        let began = clock::now();
        let path = format!("messages?chat_id={}", wire::chat(&message.to)?);
        let request = self.request(reqwest::Method::POST, &path).json(&wire::body(free, file)?);
        lease::still_ours()?;
        let lost = match self.call(request).await {
            Ok(answer) => return Ok(Sent { message_ref: wire::sent(&answer), ..Sent::default() }),
            Err(SendError::Unknown(why)) => why,
            Err(SendError::Rejected(why)) if file.is_some() && classify::is_lost_reference(&why) => {
                return Err(SendError::ReferenceLost(why));
            }
            Err(error) => return Err(self.storm.widen(&message.to, error)),
        };
        match tokio::time::timeout(LOOK, self.look(&message.to, &free.body.text, began, FEW)).await {
            Ok(Ok(Some(message_ref))) => Ok(Sent { message_ref, ..Sent::default() }),
            _ => Err(SendError::Unknown(lost)),
        }
    }

    /// Looks for a message that may have arrived since `began` among so many of the newest of the
    /// dialogue.
    async fn look(&self, to: &str, text: &str, began: Moment, count: u32) -> Result<Option<String>, SendError> {
        // The newest of it, without bounds: the contract's words and the vendor's schema differ in
        // which of `from` and `to` is the older one.
        let path = format!("messages?chat_id={}&count={count}", wire::chat(to)?);
        let page: wire::Page = self.read("messages", self.request(reqwest::Method::GET, &path).timeout(LOOK)).await?;
        Ok(page.find(text, (began - SKEW).timestamp_millis()))
    }
}

/// A bot has a name always (contract, section 1): an answer without one is not MAX's.
#[derive(Deserialize)]
struct Me {
    user_id: i64,
    #[serde(default)]
    first_name: String,
    username: String,
}

#[derive(Deserialize)]
struct Updates {
    updates: Vec<Box<RawValue>>,
    marker: Option<i64>,
}

#[async_trait::async_trait]
impl Channel for Max {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn identify(&self) -> Result<Identity, SendError> {
        let me: Me = self.read("me", self.request(reqwest::Method::GET, "me")).await?;
        // The name becomes a part of addresses.
        let named = !me.username.is_empty() && me.username.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if me.user_id <= 0 || !named {
            return Err(SendError::Unknown("me names no bot: no id or no username".to_owned()));
        }
        Ok(Identity { external_id: me.user_id.to_string(), username: me.username, name: me.first_name, terms: Terms::default() })
    }

    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        let mut results = Vec::with_capacity(batch.len());
        for message in batch {
            results.push(self.send_one(message).await);
        }
        results
    }

    /// Reads the newest of the dialogue: a message of the bot's with these very words, since then,
    /// and no other with them, is the one. That none is there says nothing: how late a dialogue may
    /// show what was taken is not told.
    async fn resolve(&self, unknown: &Outbound, since: Moment) -> Resolution {
        let Ok(Free { body, .. }) = unknown.free() else { return Resolution::CannotTell };
        if body.text.trim().is_empty() {
            return Resolution::CannotTell;
        }
        match self.look(&unknown.to, &body.text, since, PAGE).await {
            Ok(found) => found.map_or(Resolution::CannotTell, |message_ref| Resolution::Sent(Sent { message_ref, ..Sent::default() })),
            Err(SendError::RetryAfter { .. } | SendError::Transient(_) | SendError::Unknown(_)) => Resolution::NotNow,
            Err(_) => Resolution::CannotTell,
        }
    }

    fn understand(&self, raw: &str) -> Result<Vec<Event>, String> {
        understand::update(raw, &self.token, clock::now())
    }

    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError> {
        let url = download::address(Some(reference), &self.base)?;
        download::fetch(self.client.get(url), UPLOAD, CAPABILITIES.download_bytes).await
    }

    async fn answer_press(&self, query_id: &str, text: &str) -> Result<(), SendError> {
        let request = self.request(reqwest::Method::POST, "answers").query(&[("callback_id", query_id)]);
        match self.done(request.json(&wire::press_answer(text))).await {
            // Nobody waits for it any more.
            Err(SendError::Rejected(_) | SendError::Unreachable(_)) => Ok(()),
            other => other,
        }
    }

    async fn take_buttons(&self, message_ref: &str) -> Result<(), SendError> {
        let request = self.request(reqwest::Method::PUT, "messages").query(&[("message_id", message_ref)]);
        // No attachments in place of those it has: a question has buttons alone.
        match self.done(request.json(&json!({ "attachments": [] }))).await {
            // They are gone already, or the message is.
            Err(SendError::Rejected(_) | SendError::Unreachable(_)) => Ok(()),
            other => other,
        }
    }

    async fn poll(&self, cursor: Option<&str>, timeout: Duration) -> Result<Polled, SendError> {
        // What is no number is not MAX's: only the newest update comes then.
        let marker: i64 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
        let mut path = format!("updates?limit=100&timeout={}&types={}", timeout.as_secs().min(90), UPDATES.join(","));
        if marker > 0 {
            path.push_str(&format!("&marker={marker}"));
        }
        let polled: Updates = self.read("updates", self.request(reqwest::Method::GET, &path).timeout(timeout + CALL)).await?;
        // One that has no name of its own cannot be told from another; those beside it may be
        // opt-outs.
        let named = polled
            .updates
            .into_iter()
            .filter_map(|update| Some(RawUpdate { external_id: gate::update_name(update.get())?, payload: update.get().to_owned() }));
        // It moves without updates, too.
        Ok(Polled { updates: named.collect(), cursor: polled.marker.map(|marker| marker.to_string()), forgot: false })
    }

    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError> {
        let known: wire::Subscriptions = self.read("subscriptions", self.request(reqwest::Method::GET, "subscriptions")).await?;
        let wanted = hook.map(|(url, _)| url);
        // While any webhook is set the bot cannot be polled, and each would get every update.
        for old in known.subscriptions.into_iter().filter(|old| Some(old.url.as_str()) != wanted) {
            let request = self.request(reqwest::Method::DELETE, "subscriptions").query(&[("url", old.url)]);
            self.done(request).await?;
        }
        let Some((url, secret)) = hook else { return Ok(()) };
        let body: Value = json!({ "url": url, "update_types": UPDATES, "secret": secret });
        self.done(self.request(reqwest::Method::POST, "subscriptions").json(&body)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word() {
        for token in ["mAxT0k3nExample", "f9LHodD0cOJ5BfLGZ81uXgypU1z7PNhJMkmIe_dtEcxfC3V8vxWk65jRJX8MJDR5hYE"] {
            assert!(is_token(token), "{token}");
        }
        for other in ["", "короткий", "a b c d e f g h i j", "abc", "mAxT0k3nExample\n", "mAxT0k3n:Example"] {
            assert!(!is_token(other), "{other}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_harmless_and_names_no_token() {
        let bot = Max::new("http://127.0.0.1:9", &Route::default(), Secret::new("very-secret-token")).expect("a client");
        let error = bot.identify().await.expect_err("nobody answers");
        assert!(matches!(error, SendError::Transient(_)), "{error:?}");
        assert!(!format!("{error} {error:?} {bot:?}").contains("very-secret"));
    }
}
