//! Channels of Wazzup (contracts/messengers/wazzup.md; its section 0 wins): one key, many channels
//! of many messengers, each a channel of ours with what its own messenger lets it do
//! ([`transport`]).
//!
//! One call is one attempt, and a message is one call, or two: a file and its words are two
//! messages at Wazzup. Each has an id made of ours, and a repeat within its minute makes no second
//! message; the refusal of a repeat says that the first one was taken. After that nobody can look a
//! message up.
//!
//! There is no polling. The channels of a key share one webhook, unsigned, at an unguessable
//! address ([`gate`]); what becomes of a message, failures among it, comes there.

mod classify;
pub mod credentials;
mod gate;
mod templates;
mod transport;
mod understand;
mod wire;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::OnceCell;

pub use gate::GATE;

use self::{credentials::Credentials, transport::Transport};
use super::{
    Button, Capabilities, Channel, ChannelKind, Event, Identity, Look, Offer, Outbound, Polled, SendError, Sent, TemplateForm,
    TemplateNews, Terms, download, hook, lease,
};
use crate::{
    clock,
    http::{self, Route},
    limits::{AIR, BEFORE_CALL},
    pace::SharedRate,
    secret::Secret,
    text::{Rich, clean_to},
};

/// All calls of one delivery answer within this, or its outcome is unknown: Wazzup fetches a file
/// before it answers.
const CALL: Duration = Duration::from_secs(14);
/// With less time left the words after a file are not begun.
const LEAST: Duration = Duration::from_secs(1);
/// The file goes first and leaves so much to its words.
const FILE: Duration = Duration::from_secs(9);
/// Time for a file of a person's.
const FETCH: Duration = Duration::from_secs(50);
/// Longest name of a channel, characters.
const NAME: usize = 100;
/// The longest address of a webhook, characters (section 6.1).
const ADDRESS: usize = 200;
/// Calls a second of all channels of a key: 500 in five seconds are taken (section 4), and those
/// that send nothing count too.
const CALLS: f64 = 90.0;

const _: () = assert!(BEFORE_CALL.as_millis() + CALL.as_millis() <= AIR.as_millis());
const _: () = assert!(FILE.as_millis() + LEAST.as_millis() < CALL.as_millis());

/// What a channel of this kind can do.
#[must_use]
pub(super) fn capabilities(kind: ChannelKind) -> &'static Capabilities {
    &transport::of(kind).capabilities
}

/// Where a channel of this name is opened: numbers of WhatsApp and bots of Telegram have such an
/// address; what the others are called at Wazzup leads nowhere.
#[must_use]
pub(super) fn entry(kind: ChannelKind, username: &str, payload: Option<&str>) -> Option<String> {
    let transport = transport::of(kind);
    let (host, start) = match transport.chat_type {
        "whatsapp" => ("wa.me", "text=%2Fstart%20"),
        "telegram" if !transport.is_found_by_phone => ("t.me", "start="),
        _ => return None,
    };
    let start = payload.map(|payload| format!("?{start}{payload}")).unwrap_or_default();
    Some(format!("https://{host}/{}{start}", username.trim_start_matches(['+', '@'])))
}

/// What a channel is called beside its name: a phone with its plus, a bot's name with its sign.
#[must_use]
pub(super) fn handle(kind: ChannelKind, username: &str) -> String {
    let is_number = !username.is_empty() && username.bytes().all(|byte| byte.is_ascii_digit());
    match (transport::of(kind).is_found_by_phone, is_number) {
        (true, true) => format!("+{username}"),
        (false, false) => format!("@{username}"),
        _ => username.to_owned(),
    }
}

/// What a message may say when it is told back.
#[must_use]
pub(super) fn told_back(kind: ChannelKind, body: &Rich, buttons: &[Vec<Button>]) -> Vec<String> {
    wire::told_back(transport::of(kind), body, buttons)
}

/// Whether a channel stopped because its key opens nothing, not enough, or another account.
#[must_use]
pub(super) fn lacks_key(reason: &str) -> bool {
    classify::lacks_key(reason)
}

/// What the failure of a message says of its channel.
#[must_use]
pub(super) fn blame(words: &str) -> Option<hook::Blame> {
    classify::blame(words)
}

/// A channel of Wazzup.
#[derive(Debug)]
pub struct Wazzup {
    base: String,
    transport: &'static Transport,
    credentials: Credentials,
    client: reqwest::Client,
    /// Templates of the key's account, asked for once.
    templates: OnceCell<Vec<Value>>,
}

impl Wazzup {
    /// A channel of this kind with these credentials ([`credentials::of_sender`]) at this API base
    /// (no trailing slash), by this route.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(kind: ChannelKind, base: &str, route: &Route, credentials: &Secret) -> reqwest::Result<Self> {
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            transport: transport::of(kind),
            credentials: Credentials::read(credentials),
            client: http::shared(CALL, route)?,
            templates: OnceCell::new(),
        })
    }

    /// Calls a route and reads its answer.
    async fn call(&self, method: reqwest::Method, path: &str, body: Option<&Value>, within: Duration) -> Result<Value, SendError> {
        let mut request = self.client.request(method, format!("{}/{path}", self.base)).bearer_auth(self.credentials.key.expose());
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.timeout(within).send().await.map_err(|error| {
            if http::never_sent(&error) { SendError::Transient(http::describe(error)) } else { SendError::Unknown(http::describe(error)) }
        })?;
        let status = answer.status().as_u16();
        let body = http::body(answer).await.map_err(SendError::Unknown)?;
        classify::answer(status, &body, clock::now())
    }

    async fn get(&self, path: &str) -> Result<Value, SendError> {
        self.call(reqwest::Method::GET, path, None, CALL).await
    }

    /// The channels of the key.
    async fn channels(&self) -> Result<Vec<Value>, SendError> {
        match self.get("channels").await? {
            Value::Array(list) => Ok(list),
            _ => Err(SendError::Unknown("the answer is no list of channels".to_owned())),
        }
    }

    /// The channel of these credentials, as the key's list has it.
    async fn own(&self) -> Result<Value, SendError> {
        let found = self.channels().await?.into_iter().find(|one| one["channelId"] == self.credentials.channel.as_str());
        found.ok_or_else(|| SendError::Rejected("CHANNEL_NOT_FOUND: the key has no such channel".to_owned()))
    }

    /// The webhook of the key. `None`: this key may not ask (one of a Sidecar has only part of the
    /// routes).
    async fn webhook(&self) -> Result<Option<Value>, SendError> {
        match self.get("webhooks").await {
            Ok(shown) => Ok(Some(shown)),
            Err(SendError::Rejected(_) | SendError::Misconfigured(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn send_one(&self, message: &Outbound) -> Result<Sent, SendError> {
        let began = Instant::now();
        let left = || CALL.saturating_sub(began.elapsed());
        let messages = wire::messages(self.transport, &self.credentials, message)?;
        let (mut message_ref, last) = (String::new(), messages.len() - 1);
        for (at, one) in messages.iter().enumerate() {
            let within = if at < last { FILE } else { left() };
            let call = async {
                lease::still_ours()?;
                self.call(reqwest::Method::POST, "message", Some(one), within.max(LEAST)).await
            };
            let answer = match call.await {
                Ok(answer) => answer,
                // Taken before under this id; which id it has there its echo tells.
                Err(error) if classify::is_repeated(&error) => Value::Null,
                Err(error) if at == 0 => return Err(error),
                Err(error) => return Err(half(error)),
            };
            message_ref = wire::sent(&answer);
        }
        Ok(Sent { message_ref, ..Sent::default() })
    }

    /// The templates of the key's account.
    async fn list(&self) -> Result<Vec<Value>, SendError> {
        let mut all = Vec::new();
        for page in 0..templates::PAGES {
            let path = format!("templates/whatsapp?limit={}&offset={}", templates::PAGE, page * templates::PAGE);
            let Value::Array(some) = self.get(&path).await? else {
                return Err(SendError::Unknown("the answer is no list of templates".to_owned()));
            };
            let full = some.len() >= templates::PAGE;
            all.extend(some);
            if !full {
                break;
            }
        }
        Ok(all)
    }
}

/// The file went and its words did not, or nobody knows. Tried again within its minute, the file
/// makes no second message and the words go; after that a person must look.
fn half(error: SendError) -> SendError {
    let with = |why: String| clean_to(&format!("the file was taken, its words were not: {why}"), SendError::SAID);
    match error {
        SendError::RetryAfter { .. } => SendError::Unknown(with("HTTP 429".to_owned())),
        SendError::NotOurs => SendError::Unknown(with("the channel is another's by now".to_owned())),
        // What stops the channel stops it with the next message.
        SendError::Transient(why)
        | SendError::Unknown(why)
        | SendError::Quota { why, .. }
        | SendError::Newcomer { why, .. }
        | SendError::Unauthorised(why)
        | SendError::Misconfigured(why) => SendError::Unknown(with(why)),
        SendError::Rejected(why) => SendError::Rejected(with(why)),
        other => other,
    }
}

/// The address of a webhook with its secret.
fn address(url: &str, secret: &str) -> String {
    format!("{url}?{}={secret}", gate::SECRET)
}

/// What is asked for. Webhooks about contacts and deals expect an answer that nobody here has.
fn subscriptions() -> Value {
    json!({ "messagesAndStatuses": true, "contactsAndDealsCreation": false, "channelsUpdates": true, "templateStatus": true })
}

/// Whether a webhook stands as we want it; what is on is shown as a text or as a word of JSON.
fn stands(shown: &Value, address: &str) -> bool {
    let on = |name: &str| shown["subscriptions"][name] == true || shown["subscriptions"][name] == "true";
    shown["webhooksUri"] == address && on("messagesAndStatuses") && on("channelsUpdates")
}

/// Where a webhook leads that is on another server than ours.
fn elsewhere(shown: &Value, own: &str) -> Option<String> {
    let server = |url: &str| {
        let url = url::Url::parse(url).ok()?;
        let host = url.host_str()?.to_owned();
        Some(url.port().map(|port| format!("{host}:{port}")).unwrap_or(host))
    };
    server(shown["webhooksUri"].as_str()?).filter(|host| server(own).as_ref() != Some(host)).map(|host| clean_to(&host, NAME))
}

#[async_trait::async_trait]
impl Channel for Wazzup {
    fn capabilities(&self) -> &Capabilities {
        &self.transport.capabilities
    }

    async fn identify(&self) -> Result<Identity, SendError> {
        let own = self.own().await?;
        let username = clean_to(own["plainId"].as_str().unwrap_or_default(), NAME);
        let external_id = self.credentials.channel.clone();
        let name = handle(self.transport.kind, &username);
        let name = if name.is_empty() { external_id.clone() } else { name };
        let shared = SharedRate { scope: self.credentials.scope(), rate: CALLS };
        Ok(Identity { external_id, username, name, terms: Terms { shared: Some(shared), ..Terms::default() } })
    }

    async fn senders(&self) -> Result<Vec<Offer>, SendError> {
        let offer = |one: &Value| {
            let transport = transport::named(one["transport"].as_str()?)?;
            Some(Offer {
                kind: transport.kind,
                external_id: one["channelId"].as_str().filter(|id| uuid::Uuid::parse_str(id).is_ok())?.to_owned(),
                username: clean_to(one["plainId"].as_str().unwrap_or_default(), NAME),
                sends: classify::state(one["state"].as_str().unwrap_or_default()) == super::SenderState::Sends,
            })
        };
        Ok(self.channels().await?.iter().filter_map(offer).collect())
    }

    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        let mut results = Vec::with_capacity(batch.len());
        for message in batch {
            results.push(self.send_one(message).await);
        }
        results
    }

    fn calls(&self, message: &Outbound) -> usize {
        wire::calls(message)
    }

    fn understand(&self, raw: &str) -> Result<Vec<Event>, String> {
        understand::body(raw, self.transport, &self.credentials, clock::now())
    }

    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError> {
        // The address needs no key.
        let url = download::address(Some(reference), &self.base)?;
        download::fetch(self.client.get(url), FETCH, self.transport.capabilities.download_bytes).await
    }

    /// Nobody's client waits: a press is a message like any other.
    async fn answer_press(&self, _query_id: &str, _text: &str) -> Result<(), SendError> {
        Ok(())
    }

    /// Finds the template that says the same: they are made in the account at Wazzup.
    async fn submit_template(&self, form: &TemplateForm) -> Result<TemplateNews, SendError> {
        templates::find(form, &self.list().await?, &self.credentials.channel)
    }

    /// All that are there: each is known by its id, whatever it is called.
    async fn templates(&self, _names: &[String]) -> Result<Vec<TemplateNews>, SendError> {
        let list = self.templates.get_or_try_init(|| self.list()).await?;
        Ok(list.iter().filter_map(templates::news).collect())
    }

    async fn poll(&self, _cursor: Option<&str>, _timeout: Duration) -> Result<Polled, SendError> {
        Err(SendError::Misconfigured("Wazzup tells what people do by webhooks alone".to_owned()))
    }

    /// Wazzup asks the address before it answers, so somebody must be listening there already. One
    /// that stands is left as it is: the channels of a key have the same.
    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError> {
        let Some((url, secret)) = hook else { return Ok(()) };
        let address = address(url, secret);
        if address.chars().count() > ADDRESS {
            return Err(SendError::Misconfigured(format!("uriNotValid: the address of a webhook has {ADDRESS} characters at most")));
        }
        if self.webhook().await?.is_some_and(|shown| stands(&shown, &address)) {
            return Ok(());
        }
        let wanted = json!({ "webhooksUri": address, "subscriptions": subscriptions() });
        self.call(reqwest::Method::PATCH, "webhooks", Some(&wanted), CALL).await.map(|_| ())
    }

    async fn look(&self, (url, secret): (&str, &str)) -> Result<Look, SendError> {
        let own = self.own().await?;
        let shown = self.webhook().await?;
        let sender = own["state"].as_str().map(classify::state);
        let Some(shown) = shown else { return Ok(Look { hooked: true, elsewhere: None, sender, terms: None }) };
        Ok(Look { hooked: stands(&shown, &address(url, secret)), elsewhere: elsewhere(&shown, url), sender, terms: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_channels_are_found_by_a_link() {
        let link = |kind, name: &str, payload| crate::channel::registry::entry(kind, name, payload);
        assert_eq!(
            link(ChannelKind::WazzupWaba, "74950001122", Some("c_8fK2")).as_deref(),
            Some("https://wa.me/74950001122?text=%2Fstart%20c_8fK2")
        );
        assert_eq!(link(ChannelKind::WazzupTelegramBot, "shop_bot", Some("c_8fK2")).as_deref(), Some("https://t.me/shop_bot?start=c_8fK2"));
        for kind in [ChannelKind::WazzupTelegram, ChannelKind::WazzupVk, ChannelKind::WazzupAvito, ChannelKind::WazzupMaxBot] {
            assert_eq!(link(kind, "74950001122", None), None, "{kind:?}");
        }
        assert_eq!(handle(ChannelKind::WazzupWhatsapp, "74950001122"), "+74950001122");
        assert_eq!(handle(ChannelKind::WazzupTelegramBot, "shop_bot"), "@shop_bot");
        assert_eq!(handle(ChannelKind::WazzupVk, "12345"), "12345");
    }

    #[test]
    fn a_webhook_stands_only_as_we_want_it() {
        let shown =
            |uri: &str, on: Value| json!({ "webhooksUri": uri, "subscriptions": { "messagesAndStatuses": on, "channelsUpdates": on } });
        let address = address("https://ex.ru/hooks/wazzup_waba/1", "s");
        assert_eq!(address, "https://ex.ru/hooks/wazzup_waba/1?k=s");
        assert!(stands(&shown(&address, json!("true")), &address) && stands(&shown(&address, json!(true)), &address));
        for odd in [shown("https://ex.ru/other", json!(true)), shown(&address, json!("false")), Value::Null, json!([])] {
            assert!(!stands(&odd, &address), "{odd}");
            assert_eq!(elsewhere(&odd, "https://ex.ru/hooks/wazzup_waba/1"), None, "{odd}");
        }
        for (uri, host) in [("https://crm.ex.ru/w?k=secret", "crm.ex.ru"), ("http://10.0.0.7:8080/w", "10.0.0.7:8080")] {
            assert_eq!(elsewhere(&shown(uri, json!(true)), "https://ex.ru/hooks/wazzup_waba/1").as_deref(), Some(host));
        }
    }

    /// A file that went is not sent a second time by itself.
    #[test]
    fn half_a_delivery_is_never_put_back_as_not_sent() {
        for error in [
            SendError::RetryAfter { after: Duration::from_secs(5), whole_channel: true },
            SendError::Transient("refused".to_owned()),
            SendError::Unknown("HTTP 500".to_owned()),
            SendError::Newcomer { until: clock::now(), why: "CHANNEL_LIMIT_EXCEEDED".to_owned() },
            SendError::Misconfigured("CHANNEL_BLOCKED".to_owned()),
        ] {
            assert!(matches!(half(error), SendError::Unknown(why) if why.starts_with("the file was taken")));
        }
        assert!(matches!(half(SendError::Rejected("x".to_owned())), SendError::Rejected(_)));
    }

    #[tokio::test]
    async fn a_refused_connection_is_harmless_and_names_no_secret() {
        let key = "0a1b2c3d4e5f60718293-very-secret";
        let channel = credentials::of_sender(&credentials::assemble(key), "3b9d1c70-6a51-4c1e-9c55-0f2f7f0a1101");
        let channel = Wazzup::new(ChannelKind::WazzupViber, "http://127.0.0.1:9/v3", &Route::default(), &channel).expect("a client");
        let error = channel.identify().await.expect_err("nobody answers");
        assert!(matches!(error, SendError::Transient(_)), "{error:?}");
        assert!(!format!("{error} {error:?} {channel:?}").contains("very-secret"));
    }
}
