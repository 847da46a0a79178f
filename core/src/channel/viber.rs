//! Viber's bots (contracts/messengers/viber.md; its section 0 wins).
//!
//! One call of the API is one attempt: the adapter writes the message ([`wire`]), reads the answer
//! ([`classify`]) and never sends again, but for one case. A message whose buttons or marks are too
//! new for every device of the recipient is refused for that alone, so it is said once more in
//! words ([`fit::in_words`]).
//!
//! The same words to several people go in one call where Viber allows the bot that (section 2.4):
//! nobody tells whether it does, so the first such call finds it out.
//!
//! There is no client id, and nothing can be looked up (section 3). A person's next word brings our
//! id of the last message back ([`wire::Tracking`]): a message whose answer was lost is known by
//! it.
//!
//! There is no polling: what people do comes by webhooks alone ([`gate`]), and nothing is sent
//! before one is set. Files are fetched by Viber itself, from an address of ours
//! ([`super::MediaSource::Link`]).

mod broadcast;
mod classify;
mod credentials;
mod gate;
mod limits;
mod understand;
mod wire;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::OnceCell;

pub use credentials::{assemble, is_token, is_whole, likeness, renewed};
pub use gate::GATE;

use self::{broadcast::Allowed, credentials::Credentials, limits::Limits};
use super::{
    Batch, Capabilities, Channel, Event, Free, Identity, Markup, Outbound, Polled, SendError, Sent, Terms, Unit, download,
    fit::{self, Fitted},
    lease,
};
use crate::{
    clock,
    http::{self, Route},
    limits::{AIR, BEFORE_CALL},
    pace::{ChannelRate, Rates, RecipientRate},
    secret::Secret,
    text::clean_to,
};

/// All calls of one message answer within this, or its outcome is unknown.
const CALL: Duration = Duration::from_secs(13);
/// The bot's name is asked for before its first message; that takes no longer.
const NAME: Duration = Duration::from_secs(4);
/// With less time left a message is not said a second time.
const LEAST: Duration = Duration::from_secs(3);
/// Time for a file of a person's.
const FETCH: Duration = Duration::from_secs(50);
/// Longest name of a bot, characters.
const MAX_NAME: usize = 100;

const _: () = assert!(BEFORE_CALL.as_millis() + CALL.as_millis() <= AIR.as_millis());
const _: () = assert!(NAME.as_millis() + LEAST.as_millis() < CALL.as_millis());

/// What the product wants to hear of (contract, 6.1); `message` is told always.
const EVENTS: [&str; 6] = ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"];

/// What a bot can do (contract, sections 2.2, 2.3 and 4). How fast a bot may send is not published:
/// the speed begins at the lower and ends at the higher of the figures that the contract advises. A
/// person gets one message after the other, for a keyboard is replaced by the next message; the
/// limit of a hundred without an answer is met by [`limits`].
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_limit: wire::TEXT,
    caption_limit: wire::CAPTION,
    unit: Unit::Chars,
    markup: Markup::Marks(wire::MARKS),
    file_captions: false,
    pictures_only: false,
    photo_bytes: wire::PICTURE,
    document_bytes: wire::FILE,
    download_bytes: http::MAX_BODY as u64,
    // As many as fit into a message of 30 KB with links of the usual length.
    max_buttons: 24,
    keyboard: wire::KEYBOARD,
    older_devices: true,
    weight: Some(wire::WEIGHT),
    rates: Rates {
        channel: ChannelRate { floor: 20.0, ceiling: 50.0 },
        recipient: RecipientRate { every: Duration::from_secs(1), burst: 1 },
    },
    batch: Batch { any: 1, same: broadcast::PEOPLE },
    sells_speed: false,
    client_id_window: None,
    finds_by_client_id: false,
    finds_by_words: false,
    address_kind: "viber",
    scoped_addresses: true,
    global_ids: false,
    tells_delivered: true,
    tells_read: true,
    tells_charge: false,
    receipts_name_person: true,
    limits_people: false,
    asks_ahead: 0,
    webhook_only: true,
    hook_first: true,
    fetches_files: true,
    one_keyboard: true,
    window: None,
    templates: None,
    starts_by_message: true,
    asks_phone: true,
    presses_are_words: false,
};

/// What a bot can do whose broadcasts Viber refused.
const ALONE: Capabilities = Capabilities { batch: Batch::ONE, ..CAPABILITIES };

/// Where a bot is opened; the payload comes as its context (contract, 2.1).
#[must_use]
pub(super) fn entry(uri: &str, payload: Option<&str>) -> String {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let context = payload.map(|payload| format!("&context={}", encoded(payload))).unwrap_or_default();
    format!("viber://pa?chatURI={}{context}", encoded(uri))
}

/// A Viber bot as a channel.
#[derive(Debug)]
pub struct Viber {
    base: String,
    credentials: Credentials,
    client: reqwest::Client,
    /// What messages are signed by, asked for once.
    name: OnceCell<String>,
    limits: Limits,
    /// Whether it may write to several people at once.
    together: Allowed,
}

impl Viber {
    /// A bot with these credentials ([`assemble`]) at this API base (no trailing slash), by this
    /// route.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(base: &str, route: &Route, credentials: &Secret) -> reqwest::Result<Self> {
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            credentials: Credentials::read(credentials),
            client: http::shared(CALL, route)?,
            name: OnceCell::new(),
            limits: Limits::default(),
            together: Allowed::default(),
        })
    }

    /// Calls a method and reads its answer.
    async fn call(&self, method: &str, body: &Value, within: Duration) -> Result<Value, SendError> {
        let request = self.client.post(format!("{}/{method}", self.base)).header("X-Viber-Auth-Token", self.credentials.token.expose());
        let answer = request.timeout(within).json(body).send().await.map_err(|error| {
            if http::never_sent(&error) { SendError::Transient(http::describe(error)) } else { SendError::Unknown(http::describe(error)) }
        })?;
        let status = answer.status().as_u16();
        let hold = answer.headers().get(reqwest::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = http::body(answer).await.map_err(SendError::Unknown)?;
        classify::answer(status, hold, &body)
    }

    /// The name the bot has at Viber. A message does not go before it is known.
    async fn name(&self) -> Result<&str, SendError> {
        let asked = self.name.get_or_try_init(|| async {
            let shown = self.call("get_account_info", &json!({}), NAME).await.map_err(|error| match error {
                SendError::Unknown(why) => SendError::Transient(why),
                other => other,
            })?;
            Ok::<_, SendError>(shown["name"].as_str().unwrap_or_default().to_owned())
        });
        asked.await.map(String::as_str)
    }

    async fn send_one(&self, message: &Outbound) -> Result<Sent, SendError> {
        let began = Instant::now();
        let left = || CALL.saturating_sub(began.elapsed());
        let free = message.free()?;
        let envelope = wire::Envelope { to: &message.to, from: self.name().await?, tag: &self.credentials.tag, client: message.client_id };
        lease::still_ours()?;
        let sent = self.call("send_message", &wire::body(&envelope, free)?, left()).await;
        if sent.as_ref().is_err_and(classify::wants_less) && left() > LEAST {
            return self.say_in_words(&envelope, free, left()).await;
        }
        self.taken(&envelope, sent)
    }

    /// The same for a device that is too old for buttons or marks.
    async fn say_in_words(&self, envelope: &wire::Envelope<'_>, free: &Free, within: Duration) -> Result<Sent, SendError> {
        let free = in_words_alone(free)?;
        lease::still_ours()?;
        let sent = self.call("send_message", &wire::body(envelope, &free)?, within).await;
        Ok(Sent { in_words: true, ..self.taken(envelope, sent)? })
    }

    fn taken(&self, envelope: &wire::Envelope<'_>, answer: Result<Value, SendError>) -> Result<Sent, SendError> {
        let answer = answer.map_err(|error| self.limits.widen(envelope.to, error))?;
        self.limits.taken(envelope.to);
        // A 0 means that it was sent; an odd answer only loses the message's name.
        let message_ref = understand::token(&answer).map(|token| understand::reference(token, envelope.to)).unwrap_or_default();
        Ok(Sent { message_ref, ..Sent::default() })
    }
}

/// A message for a device that is too old for its buttons or marks.
fn in_words_alone(free: &Free) -> Result<Free, SendError> {
    let file = free.media.as_ref().map(|media| media.kind);
    let Fitted { body, buttons, .. } = fit::in_words(free.body.clone(), free.buttons.clone(), file, &CAPABILITIES)
        .map_err(|_| SendError::Rejected("13: the recipient's Viber is too old for this message".to_owned()))?;
    Ok(Free { body, buttons, ..free.clone() })
}

#[async_trait::async_trait]
impl Channel for Viber {
    fn capabilities(&self) -> &Capabilities {
        if self.together.is_so() { &CAPABILITIES } else { &ALONE }
    }

    async fn identify(&self) -> Result<Identity, SendError> {
        let shown = self.call("get_account_info", &json!({}), CALL).await?;
        let word = |name: &str| clean_to(shown[name].as_str().unwrap_or_default(), MAX_NAME);
        let (external_id, username, name) = (word("id"), word("uri"), word("name"));
        if external_id.is_empty() {
            return Err(SendError::Unknown("get_account_info names no bot".to_owned()));
        }
        let name = if name.is_empty() { username.clone() } else { name };
        Ok(Identity { external_id, username, name, terms: Terms::default() })
    }

    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        if broadcast::is_one(batch) {
            return self.broadcast(batch).await;
        }
        let mut results = Vec::with_capacity(batch.len());
        for message in batch {
            results.push(self.send_one(message).await);
        }
        results
    }

    fn understand(&self, raw: &str) -> Result<Vec<Event>, String> {
        understand::update(raw, &self.credentials.tag, clock::now())
    }

    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError> {
        // Addresses end, after about an hour (unconfirmed).
        let url = download::address(Some(reference), &self.base)?;
        download::fetch(self.client.get(url), FETCH, CAPABILITIES.download_bytes).await
    }

    /// Nobody's client waits: a press is a message like any other.
    async fn answer_press(&self, _query_id: &str, _text: &str) -> Result<(), SendError> {
        Ok(())
    }

    async fn poll(&self, _cursor: Option<&str>, _timeout: Duration) -> Result<Polled, SendError> {
        Err(SendError::Misconfigured("Viber tells what people do by webhooks alone".to_owned()))
    }

    /// Viber asks the address before it answers, so somebody must be listening there already. What
    /// comes is signed with the token: the channel's own secret is not needed.
    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError> {
        let body = match hook {
            Some((url, _)) => json!({ "url": url, "event_types": EVENTS, "send_name": true, "send_photo": false }),
            None => json!({ "url": "" }),
        };
        self.call("set_webhook", &body, CALL).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_carries_its_context() {
        let link = |payload| crate::channel::registry::entry(crate::channel::ChannelKind::Viber, "shopbot", payload);
        assert_eq!(link(Some("c_8fK2")).as_deref(), Some("viber://pa?chatURI=shopbot&context=c_8fK2"));
        assert_eq!(link(None).as_deref(), Some("viber://pa?chatURI=shopbot"));
    }

    #[tokio::test]
    async fn a_refused_connection_is_harmless_and_names_no_secret() {
        let token = "4f0c1d2e3a4b5c6d-very-secret-5a6b7c8d9e0f1a2b";
        let bot = Viber::new("http://127.0.0.1:9/pa", &Route::default(), &assemble(&[token.to_owned()])).expect("a client");
        let error = bot.identify().await.expect_err("nobody answers");
        assert!(matches!(error, SendError::Transient(_)), "{error:?}");
        assert!(!format!("{error} {error:?} {bot:?}").contains("very-secret"));
    }
}
