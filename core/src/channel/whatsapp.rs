//! WhatsApp Cloud API (contracts/messengers/whatsapp_cloud.md; its section 0 wins).
//!
//! One call of the API is one attempt: the adapter writes the message ([`wire`]), reads the answer
//! ([`classify`]) and never sends again. Nobody can look a message up; but each carries our id of
//! it (`biz_opaque_callback_data`), which comes back in its statuses, so a message whose answer was
//! lost is known by the first of them ([`understand`]).
//!
//! There is no polling: what people write comes by webhooks alone ([`gate`]).

mod account;
mod classify;
pub mod credentials;
mod gate;
mod pairs;
mod templates;
mod understand;
mod wire;

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

pub use gate::GATE;

use self::{credentials::Credentials, pairs::Pairs};
use super::{
    Capabilities, Channel, Daily, Event, FileKind, Identity, Markup, MediaSource, Outbound, Polled, SendError, Sent, TemplateForm,
    TemplateNews, Terms, Unit, download, lease,
};
use crate::{
    clock,
    http::{self, Route},
    limits::{AIR, AIR_UPLOAD, BEFORE_CALL},
    pace::{ChannelRate, Rates, RecipientRate},
    secret::Secret,
    text::clean_to,
};

/// A call answers within this, or its outcome is unknown.
const CALL: Duration = Duration::from_secs(12);
/// Time for an upload.
const UPLOAD: Duration = Duration::from_secs(50);

const _: () = assert!(BEFORE_CALL.as_millis() + CALL.as_millis() <= AIR.as_millis());
const _: () = assert!(BEFORE_CALL.as_millis() + UPLOAD.as_millis() + CALL.as_millis() <= AIR_UPLOAD.as_millis());

/// Where people open a number; the contract tells no such address, it is WhatsApp's own for links.
pub(super) const ENTRY: &str = "wa.me";
/// Longest name of a number, characters.
const NAME: usize = 100;

/// Messages a second of a number that Meta moved to 1 000: as much is left to what comes in.
const HIGH: f64 = 750.0;

/// What a number can do (contract, sections 0, 2.2, 2.3 and 4). The speed leaves a quarter of the
/// 80 messages a second for what people write, which counts too. A person takes a message in six
/// seconds and 45 at once; half of those are left to what the next owner of the channel may not
/// know of.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_limit: wire::TEXT,
    caption_limit: wire::WITH_BUTTONS,
    unit: Unit::Chars,
    markup: Markup::Marks(wire::MARKS),
    file_captions: true,
    pictures_only: false,
    photo_bytes: 5 * 1024 * 1024,
    document_bytes: 100 * 1024 * 1024,
    download_bytes: http::MAX_BODY as u64,
    max_buttons: wire::BUTTONS,
    keyboard: wire::KEYBOARD,
    older_devices: false,
    weight: None,
    rates: Rates { channel: ChannelRate::fixed(60.0), recipient: RecipientRate { every: classify::PAIR, burst: 22 } },
    batch: super::Batch::ONE,
    sells_speed: false,
    client_id_window: None,
    finds_by_client_id: false,
    finds_by_words: false,
    address_kind: "whatsapp",
    scoped_addresses: true,
    // A person has one id for all numbers of a portfolio, and one phone for all
    // (contracts/messengers/whatsapp_cloud.md, 0).
    global_ids: true,
    tells_delivered: true,
    // Unless the person hides it.
    tells_read: true,
    tells_charge: true,
    receipts_name_person: false,
    limits_people: false,
    asks_ahead: 0,
    webhook_only: true,
    hook_first: false,
    fetches_files: false,
    one_keyboard: false,
    window: Some(Duration::from_secs(24 * 3_600)),
    templates: Some(templates::RULES),
    starts_by_message: true,
    asks_phone: false,
    presses_are_words: false,
};

/// A number of the Cloud API as a channel.
#[derive(Debug)]
pub struct Whatsapp {
    /// The API with its version, without a trailing slash.
    base: String,
    credentials: Credentials,
    client: reqwest::Client,
    pairs: Pairs,
}

impl Whatsapp {
    /// A number with these credentials ([`credentials::assemble`]) at this API base with its
    /// version, by this route.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(base: &str, route: &Route, credentials: &Secret) -> reqwest::Result<Self> {
        let credentials = Credentials::read(credentials);
        Ok(Self { base: base.trim_end_matches('/').to_owned(), credentials, client: http::shared(CALL, route)?, pairs: Pairs::default() })
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}/{path}", self.base)).bearer_auth(self.credentials.token.expose())
    }

    /// Calls a method and reads its answer.
    async fn call(&self, request: reqwest::RequestBuilder) -> Result<Value, SendError> {
        let answer = request.send().await.map_err(|error| {
            if http::never_sent(&error) { SendError::Transient(http::describe(error)) } else { SendError::Unknown(http::describe(error)) }
        })?;
        let status = answer.status().as_u16();
        let body = http::body(answer).await.map_err(SendError::Unknown)?;
        classify::answer(status, &body)
    }

    /// A call of management: `{"success":true}` is a yes.
    async fn done(&self, request: reqwest::RequestBuilder) -> Result<(), SendError> {
        match self.call(request).await? {
            answer if answer["success"] == true => Ok(()),
            _ => Err(SendError::Rejected("the answer is no yes".to_owned())),
        }
    }

    async fn send_one(&self, message: &Outbound) -> Result<Sent, SendError> {
        let Some(media) = message.media() else { return self.post(message, None).await };
        let (name, uploaded) = match &media.source {
            MediaSource::Reference(id) => (None, id.clone()),
            MediaSource::Link { .. } => return Err(SendError::takes_uploads()),
            // The whole of an upload is before the message: what fails here certainly did not go.
            MediaSource::Bytes { name, mime, content } => {
                let form = wire::form(name, mime, content.clone())?;
                let path = format!("{}/media", self.credentials.number);
                let request = self.request(reqwest::Method::POST, &path).timeout(UPLOAD).multipart(form);
                let answer = self.call(request).await.map_err(|error| match error {
                    SendError::Unknown(why) => SendError::Transient(why),
                    other => other,
                })?;
                let id = answer["id"].as_str().map(str::to_owned).or_else(|| answer["id"].as_u64().map(|id| id.to_string()));
                (Some(name.as_str()), id.ok_or_else(|| SendError::Transient("the upload gave no id".to_owned()))?)
            }
        };
        // A picture of a type that is none of WhatsApp's goes as a file.
        let kind = match &media.source {
            MediaSource::Bytes { mime, .. } if media.kind == FileKind::Photo && !matches!(mime.as_str(), "image/jpeg" | "image/png") => {
                FileKind::Document
            }
            _ => media.kind,
        };
        let sent = self.post(message, Some((kind, &uploaded, name))).await.map_err(|error| match error {
            SendError::Rejected(why) if name.is_none() && classify::is_lost_reference(&why) => SendError::ReferenceLost(why),
            other => other,
        })?;
        Ok(Sent { media_reference: Some(uploaded), ..sent })
    }

    /// One message.
    async fn post(&self, message: &Outbound, file: Option<wire::File<'_>>) -> Result<Sent, SendError> {
        let body = wire::body(message, &self.credentials.tag, file)?;
        let path = format!("{}/messages", self.credentials.number);
        lease::still_ours()?;
        let answer = self.call(self.request(reqwest::Method::POST, &path).json(&body)).await;
        let answer = answer.map_err(|error| self.pairs.widen(&message.to, error))?;
        Ok(Sent { message_ref: wire::sent(&answer), held: classify::held(&answer), ..Sent::default() })
    }

    /// Uploads a form's example, in one piece (Graph's Resumable Upload API, whose shapes the
    /// contract does not tell): a session of the token's own app, then the bytes, then a handle.
    async fn example(&self, name: &str, mime: &str, content: &[u8]) -> Result<String, SendError> {
        let length = content.len().to_string();
        let asked = [("file_name", name), ("file_length", length.as_str()), ("file_type", mime)];
        let begun = self.call(self.request(reqwest::Method::POST, "app/uploads").query(&asked)).await?;
        let session = begun["id"].as_str().ok_or_else(|| SendError::Transient("the upload has no session".to_owned()))?;
        let bytes = self.request(reqwest::Method::POST, session).timeout(UPLOAD).header("file_offset", "0").body(content.to_vec());
        let answer = self.call(bytes).await?;
        answer["h"].as_str().map(str::to_owned).ok_or_else(|| SendError::Transient("the upload gave no handle".to_owned()))
    }

    /// The people a day of the number's portfolio, by the word the number has for it.
    ///
    /// The contract does not say how a number tells its portfolio: Graph names the owner of an
    /// account (`owner_business_info`, unconfirmed). A token that may not ask, or a Graph that does
    /// not know, leaves the account to stand for its portfolio; then numbers of several accounts of
    /// one portfolio are not seen to share the limit, and Meta refuses what is too much.
    async fn daily(&self, word: &Value) -> Result<Option<Daily>, SendError> {
        let Some(account::Limit(most)) = account::people(word) else { return Ok(None) };
        let waba = &self.credentials.account;
        let owner = match self.call(self.request(reqwest::Method::GET, &format!("{waba}?fields=owner_business_info"))).await {
            Ok(answer) => answer["owner_business_info"]["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned),
            Err(SendError::Rejected(_) | SendError::Misconfigured(_)) => None,
            Err(error) => return Err(error),
        };
        let scope = owner.map_or_else(|| waba.clone(), |portfolio| format!("portfolio {portfolio}"));
        Ok(Some(Daily { scope, account: waba.clone(), most }))
    }

    /// Graph's own proof that the app's secret belongs to the token (not in the contract; a Graph
    /// that does not know it ignores it). A wrong secret would leave every webhook unproved, and
    /// nobody would hear of it.
    fn secret_proof(&self) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.credentials.secret.expose().as_bytes());
        mac.map(|mut mac| {
            mac.update(self.credentials.token.expose().as_bytes());
            hex::encode(mac.finalize().into_bytes())
        })
        .unwrap_or_default()
    }
}

#[async_trait::async_trait]
impl Channel for Whatsapp {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn identify(&self) -> Result<Identity, SendError> {
        let Credentials { number, account: waba, .. } = &self.credentials;
        let proof = [("appsecret_proof", self.secret_proof())];
        let path = format!("{number}?fields=id,display_phone_number,verified_name,throughput,{}", account::LIMIT);
        let shown = self.call(self.request(reqwest::Method::GET, &path).query(&proof)).await?;
        let numbers = self.call(self.request(reqwest::Method::GET, &format!("{waba}/phone_numbers?fields=id&limit=100"))).await?;
        let is_of_account = numbers["data"].as_array().is_some_and(|all| all.iter().any(|one| one["id"] == number.as_str()));
        if !is_of_account {
            return Err(SendError::Rejected("the number is not of this WhatsApp Business account".to_owned()));
        }
        let digits: String = shown["display_phone_number"].as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() {
            return Err(SendError::Unknown("the answer names no phone number".to_owned()));
        }
        let name = clean_to(shown["verified_name"].as_str().unwrap_or_default(), NAME);
        let name = if name.is_empty() { format!("+{digits}") } else { name };
        let is_high = shown["throughput"]["level"] == "HIGH";
        let daily = self.daily(&shown[account::LIMIT]).await?;
        let terms = Terms { rate: is_high.then_some(HIGH), daily, ..Terms::default() };
        Ok(Identity { external_id: number.clone(), username: digits, name, terms })
    }

    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        let mut results = Vec::with_capacity(batch.len());
        for message in batch {
            results.push(self.send_one(message).await);
        }
        results
    }

    fn understand(&self, raw: &str) -> Result<Vec<Event>, String> {
        understand::body(raw, &self.credentials, clock::now())
    }

    /// Their ids live thirty days (contract, section 3).
    fn media_lives(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(29)
    }

    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError> {
        // A part of a path, and no more than that.
        if reference.is_empty() || !reference.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SendError::ReferenceLost("the file has no id".to_owned()));
        }
        let told = self.call(self.request(reqwest::Method::GET, reference)).await.map_err(|error| match error {
            // People's files live seven days.
            SendError::Rejected(why) => SendError::ReferenceLost(why),
            other => other,
        })?;
        if told["file_size"].as_u64().is_some_and(|size| size > CAPABILITIES.download_bytes) {
            return Err(SendError::Rejected("the file is too big".to_owned()));
        }
        // The token goes there, too.
        let url = download::address(told["url"].as_str(), &self.base)?;
        download::fetch(self.client.get(url).bearer_auth(self.credentials.token.expose()), UPLOAD, CAPABILITIES.download_bytes).await
    }

    /// Nobody's client waits: a press is a message like any other.
    async fn answer_press(&self, _query_id: &str, _text: &str) -> Result<(), SendError> {
        Ok(())
    }

    async fn submit_template(&self, form: &TemplateForm) -> Result<TemplateNews, SendError> {
        let handle = match templates::file(form)? {
            // Nothing is handed in yet, whatever became of it.
            Some((name, mime, content)) => Some(self.example(name, mime, content).await.map_err(|error| match error {
                SendError::Unknown(why) => SendError::Transient(why),
                other => other,
            })?),
            None => None,
        };
        let path = format!("{}/message_templates", self.credentials.account);
        let body = templates::body(form, handle.as_deref());
        let refused = match self.call(self.request(reqwest::Method::POST, &path).json(&body)).await {
            Ok(answer) => return Ok(templates::taken(form, &answer)),
            // It may be there: from a call whose answer was lost, or through another number.
            Err(error @ (SendError::Rejected(_) | SendError::Unknown(_))) => error,
            Err(error) => return Err(error),
        };
        let there = self.templates(std::slice::from_ref(&form.name)).await.unwrap_or_default();
        there.into_iter().find(|one| one.language == form.language).ok_or(refused)
    }

    async fn templates(&self, names: &[String]) -> Result<Vec<TemplateNews>, SendError> {
        let account = &self.credentials.account;
        let limit = templates::PAGE.to_string();
        let mut found = Vec::new();
        // The list may take a part of a name for it (contract, 2.4, does not say): each is looked
        // at.
        let asked: Vec<Option<&str>> =
            if names.len() > templates::FEW { vec![None] } else { names.iter().map(|name| Some(name.as_str())).collect() };
        for name in asked {
            let mut after: Option<String> = None;
            for _ in 0..templates::PAGES {
                let mut query = vec![("fields", templates::FIELDS), ("limit", limit.as_str())];
                query.extend(name.map(|name| ("name", name)));
                query.extend(after.as_deref().map(|after| ("after", after)));
                let page = self.call(self.request(reqwest::Method::GET, &format!("{account}/message_templates")).query(&query)).await?;
                let shown = page["data"].as_array().into_iter().flatten().map(templates::shown);
                found.extend(shown.filter(|one| names.contains(&one.name)));
                // A next page is named by its address; its cursor alone is there on the last one
                // too.
                after = page["paging"]["cursors"]["after"].as_str().filter(|_| page["paging"]["next"].is_string()).map(str::to_owned);
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    async fn poll(&self, _cursor: Option<&str>, _timeout: Duration) -> Result<Polled, SendError> {
        Err(SendError::Misconfigured("WhatsApp tells what people write by webhooks alone".to_owned()))
    }

    /// The account's webhooks come to this address, and the number's own messages too, whatever
    /// other number of the account is connected elsewhere. That a number has an address of its own
    /// is unconfirmed: without it the account's stands.
    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError> {
        let Some((url, secret)) = hook else { return Ok(()) };
        let Credentials { number, account, .. } = &self.credentials;
        let here = json!({ "override_callback_uri": url, "verify_token": secret });
        self.done(self.request(reqwest::Method::POST, &format!("{account}/subscribed_apps")).json(&here)).await?;
        match self.done(self.request(reqwest::Method::POST, number).json(&json!({ "webhook_configuration": here }))).await {
            Err(SendError::Rejected(why)) => {
                tracing::debug!(error = %why, "the number has no webhook address of its own, its account's stands");
                Ok(())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A personal link writes the words by which the person comes.
    #[test]
    fn a_link_writes_the_start_into_the_persons_message() {
        let link = |payload| crate::channel::registry::entry(crate::channel::ChannelKind::Whatsapp, "74950001122", payload);
        assert_eq!(link(Some("c_8fK2")).as_deref(), Some("https://wa.me/74950001122?text=%2Fstart%20c_8fK2"));
        assert_eq!(link(None).as_deref(), Some("https://wa.me/74950001122"));
    }

    #[tokio::test]
    async fn a_refused_connection_is_harmless_and_names_no_secret() {
        let values = ["EAAGvery-secret-token", "204400112233445", "305500667788990", "0123456789abcdef0123456789abcdef"];
        let number = Whatsapp::new("http://127.0.0.1:9/v26.0", &Route::default(), &credentials::assemble(&values.map(str::to_owned)))
            .expect("a client");
        let error = number.identify().await.expect_err("nobody answers");
        assert!(matches!(error, SendError::Transient(_)), "{error:?}");
        assert!(!format!("{error} {error:?} {number:?}").contains("very-secret"));
    }
}
