//! A community of VK (contracts/messengers/vk.md, schema 5.199).
//!
//! One call of the API is one attempt: the adapter writes the messages ([`wire`]), reads the answer
//! ([`classify`]) and never sends again. A call carries many messages: different ones by `execute`,
//! the same one by `peer_ids`. Each has a `random_id` made of our id of it, so a repeat within the
//! hour makes no second message; after that the dialogue is read for it ([`Channel::resolve`]).
//!
//! Updates come by the Callback API ([`gate`]) or by Bots Long Poll; VK gives each event to both.

mod classify;
pub mod credentials;
mod gate;
mod understand;
mod wire;

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, OnceCell};

pub use gate::GATE;

use self::{classify::About, credentials::Credentials};
use super::{
    Batch, Capabilities, Channel, Event, Identity, Markup, MediaSource, Outbound, Polled, Profile, RawUpdate, Resolution, SendError, Sent,
    Terms, Unit, download, lease, storm::Storm,
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
/// Time for an upload with all its steps.
const UPLOAD: Duration = Duration::from_secs(50);
/// Time for a question beside people's words: they wait no longer for a name.
const ASK: Duration = Duration::from_secs(6);

const _: () = assert!(BEFORE_CALL.as_millis() + CALL.as_millis() <= AIR.as_millis());
const _: () = assert!(BEFORE_CALL.as_millis() + UPLOAD.as_millis() + CALL.as_millis() <= AIR_UPLOAD.as_millis());

/// The version of the API whose shapes are read here.
const VERSION: &str = "5.199";
/// Where people open a community (contract, 2.1).
pub(super) const ENTRY: &str = "vk.me";
/// What the product wants to hear of (contract, 6.1).
const EVENTS: [&str; 6] = ["message_new", "message_edit", "message_event", "message_allow", "message_deny", "message_read"];
/// What the key must be for: the API names it so in `groups.getTokenPermissions`.
const RIGHTS: [&str; 2] = ["messages", "manage"];
/// The callback server's name among up to ten (14 characters at most).
const TITLE: &str = "mms";
/// People named by one `users.get`.
const NAMED: usize = 1_000;
/// Newest messages of a dialogue that are looked through for one of ours (contract, 2.5).
const LOOKED_THROUGH: u32 = 200;

/// What a community can do (contract, sections 2 to 4). The limit is of calls, 20 a second, and a
/// call carries 25 messages.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    text_limit: wire::TEXT,
    caption_limit: wire::TEXT,
    unit: Unit::Chars,
    markup: Markup::Mentions,
    file_captions: true,
    pictures_only: false,
    photo_bytes: 50 * 1024 * 1024,
    // (Unconfirmed.)
    document_bytes: 200 * 1024 * 1024,
    download_bytes: http::MAX_BODY as u64,
    max_buttons: wire::BUTTONS,
    keyboard: wire::KEYBOARD,
    older_devices: false,
    weight: None,
    rates: Rates {
        channel: ChannelRate::fixed(20.0 * wire::CALLS as f64),
        recipient: RecipientRate { every: Duration::from_secs(1), burst: 3 },
    },
    batch: Batch { any: wire::CALLS, same: wire::PEERS },
    sells_speed: false,
    // An hour, less the time that clocks may differ.
    client_id_window: Some(Duration::from_secs(55 * 60)),
    finds_by_client_id: true,
    finds_by_words: false,
    address_kind: "vk",
    // A person's id is the same everywhere, but who may be written to is each community's own.
    scoped_addresses: true,
    global_ids: true,
    tells_delivered: false,
    tells_read: true,
    tells_charge: false,
    receipts_name_person: false,
    limits_people: false,
    asks_ahead: wire::PEERS,
    webhook_only: false,
    hook_first: false,
    fetches_files: false,
    one_keyboard: false,
    window: None,
    templates: None,
    starts_by_message: true,
    asks_phone: false,
    presses_are_words: false,
};

/// A community as a channel.
#[derive(Debug)]
pub struct Vk {
    /// The API's host, without a trailing slash.
    base: String,
    credentials: Credentials,
    client: reqwest::Client,
    storm: Storm,
    community: OnceCell<Community>,
    poll: Mutex<Option<Poll>>,
}

/// Which community the key is of.
#[derive(Debug, Clone, Deserialize)]
struct Community {
    id: i64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    screen_name: String,
}

/// Where events are asked for (contract, 6.2).
#[derive(Debug, Clone, Deserialize)]
struct Poll {
    server: String,
    key: Secret,
    ts: Value,
}

/// A callback server of the community.
#[derive(Debug, Deserialize)]
struct Server {
    id: i64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    secret_key: Secret,
    #[serde(default)]
    status: String,
}

type Params<'a> = Vec<(&'a str, String)>;

/// A message on its way.
struct Leaving {
    /// Which of the batch it is.
    at: usize,
    peer: i64,
    params: Map<String, Value>,
    /// What its file is named by from now on.
    media: Option<String>,
}

/// A text or a number as it is written.
fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Vk {
    /// A community with these credentials ([`credentials::assemble`]) at this API host, by this
    /// route.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(base: &str, route: &Route, credentials: &Secret) -> reqwest::Result<Self> {
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            credentials: Credentials::read(credentials),
            client: http::shared(CALL, route)?,
            storm: Storm::default(),
            community: OnceCell::new(),
            poll: Mutex::default(),
        })
    }

    /// Calls a method; gives the whole of its answer.
    async fn whole(&self, method: &str, params: &Params<'_>, about: About, within: Duration) -> Result<Value, SendError> {
        let form = params.iter().map(|(name, value)| (*name, value.as_str())).chain([("v", VERSION)]);
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.client.post(format!("{}/method/{method}", self.base)).timeout(within);
        let request = request.bearer_auth(self.credentials.token.expose());
        let request = request.header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = request.send().await.map_err(|error| {
            if http::never_sent(&error) { SendError::Transient(http::describe(error)) } else { SendError::Unknown(http::describe(error)) }
        })?;
        let status = answer.status().as_u16();
        let body = http::body(answer).await.map_err(SendError::Unknown)?;
        classify::answer(status, &body, about)
    }

    async fn call(&self, method: &str, params: Params<'_>) -> Result<Value, SendError> {
        Ok(self.whole(method, &params, About::Call, CALL).await?["response"].take())
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, method: &str, params: Params<'_>) -> Result<T, SendError> {
        let answer = self.call(method, params).await?;
        serde_json::from_value(answer).map_err(|error| SendError::Unknown(format!("{method}: {}", http::misread(&error))))
    }

    /// The community, asked for anew.
    async fn ask_who(&self) -> Result<Community, SendError> {
        let answer = self.call("groups.getById", Vec::new()).await?;
        // Up to version 5.150 the list was the answer itself.
        let list = if answer["groups"].is_array() { &answer["groups"] } else { &answer };
        let community = Community::deserialize(&list[0]).ok().filter(|one| one.id > 0);
        community.ok_or_else(|| SendError::Unknown("groups.getById names no community".to_owned()))
    }

    /// The community's id: methods of communities want it.
    async fn group(&self) -> Result<String, SendError> {
        self.community.get_or_try_init(|| self.ask_who()).await.map(|community| community.id.to_string())
    }

    /// Refuses a key without the rights that nothing works without. The method is not in the
    /// contract, so what it does not say holds nobody up.
    async fn check_rights(&self) -> Result<(), SendError> {
        let told = match self.call("groups.getTokenPermissions", Vec::new()).await {
            Ok(told) => told,
            Err(error) => {
                tracing::debug!(%error, "the rights of a key were not told");
                return Ok(());
            }
        };
        let Some(list) = told["permissions"].as_array() else { return Ok(()) };
        let has = |right: &&&str| list.iter().any(|one| one["name"] == **right);
        let missing: Vec<&str> = RIGHTS.iter().filter(|right| !has(right)).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(SendError::Misconfigured(format!("15: the key has not these rights: {}", missing.join(", "))))
    }

    /// One message, made ready: its recipient, its `random_id`, its file at the provider.
    async fn prepare(&self, at: usize, message: &Outbound) -> Result<Leaving, SendError> {
        let (free, peer) = (message.free()?, wire::peer(&message.to)?);
        let media = match &free.media {
            None => None,
            Some(media) => match &media.source {
                MediaSource::Reference(reference) => Some(reference.clone()),
                MediaSource::Link { .. } => return Err(SendError::takes_uploads()),
                MediaSource::Bytes { name, mime, content } => {
                    let upload = self.upload(peer, wire::is_photo(media.kind, mime), name, mime, content.clone());
                    let took_long = || SendError::Transient("the upload took too long".to_owned());
                    Some(tokio::time::timeout(UPLOAD, upload).await.unwrap_or_else(|_| Err(took_long())).map_err(classify::upload)?)
                }
            },
        };
        let random_id = wire::random_id(&self.credentials.tag, message.series.unwrap_or(message.client_id));
        let params = wire::params(free, random_id, media.as_deref())?;
        Ok(Leaving { at, peer, params, media })
    }

    /// Brings a file to VK; gives what messages name it by. It serves for every recipient
    /// (contract, 2.3).
    async fn upload(&self, peer: i64, photo: bool, name: &str, mime: &str, content: std::sync::Arc<[u8]>) -> Result<String, SendError> {
        let (place, field) = if photo { ("photos.getMessagesUploadServer", "photo") } else { ("docs.getMessagesUploadServer", "file") };
        let mut asked = vec![("peer_id", peer.to_string())];
        if !photo {
            asked.push(("type", "doc".to_owned()));
        }
        let place = self.call(place, asked).await?;
        let url = place["upload_url"].as_str().and_then(|url| url::Url::parse(url).ok());
        let Some(url) = url else { return Err(SendError::Transient("VK gave no address for the file".to_owned())) };
        // The address is the provider's and needs no credentials.
        let request = self.client.post(url).timeout(UPLOAD).multipart(wire::file(field, name, mime, content)?);
        let answer = request.send().await.map_err(|error| SendError::Transient(http::describe(error)))?;
        let status = answer.status().as_u16();
        let body = http::body(answer).await.map_err(SendError::Transient)?;
        let told: Value = match serde_json::from_slice::<Value>(&body) {
            Ok(told) if status == 200 && told.get("error").is_none() => told,
            _ => return Err(classify::answer(status, &body, About::Call).err().unwrap_or(SendError::Transient("no answer".to_owned()))),
        };
        let kept = if photo {
            let given = ["server", "photo", "hash"].map(|field| (field, written(&told[field])));
            self.call("photos.saveMessagesPhoto", given.into()).await?[0].take()
        } else {
            let mut kept = self.call("docs.save", vec![("file", written(&told["file"])), ("title", name.to_owned())]).await?;
            let kind = kept["type"].as_str().unwrap_or("doc").to_owned();
            kept[kind.as_str()].take()
        };
        let attachment = wire::attachment(if photo { "photo" } else { "doc" }, &kept);
        attachment.ok_or_else(|| SendError::Transient("VK did not name the file".to_owned()))
    }

    /// One call with all of these.
    async fn post(&self, some: &[Leaving]) -> Vec<Result<Sent, SendError>> {
        let peers: Vec<i64> = some.iter().map(|one| one.peer).collect();
        let (Some(first), len) = (some.first(), some.len()) else { return Vec::new() };
        if let Err(error) = lease::still_ours() {
            return vec![Err(error); len];
        }
        let same = some.iter().all(|one| one.params == first.params);
        let answer = if same {
            let params = wire::addressed(first.params.clone(), &peers);
            let about = if len == 1 { About::One } else { About::Call };
            let answer = self.whole("messages.send", &wire::form(&params), about, CALL).await;
            answer.map(|whole| wire::landed(&whole["response"], &peers))
        } else {
            let calls: Vec<_> = some.iter().map(|one| wire::addressed(one.params.clone(), &[one.peer])).collect();
            let answer = self.whole("execute", &vec![("code", wire::script(&calls))], About::Call, CALL).await;
            answer.map(|whole| wire::executed(&whole, &peers))
        };
        answer.unwrap_or_else(|error| vec![Err(error); len])
    }
}

#[async_trait::async_trait]
impl Channel for Vk {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn identify(&self) -> Result<Identity, SendError> {
        let community = self.ask_who().await?;
        self.check_rights().await?;
        // The name becomes a part of addresses.
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
        let username = Some(community.screen_name).filter(|name| is_name(name)).unwrap_or_else(|| format!("club{}", community.id));
        let name = clean_to(&community.name, 100);
        let name = if name.is_empty() { username.clone() } else { name };
        Ok(Identity { external_id: community.id.to_string(), username, name, terms: Terms::default() })
    }

    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        let mut results: Vec<_> = batch.iter().map(|_| Err(SendError::Unknown("the message was left out".to_owned()))).collect();
        let mut leaving = Vec::with_capacity(batch.len());
        for (at, message) in batch.iter().enumerate() {
            match self.prepare(at, message).await {
                Ok(one) => leaving.push(one),
                Err(error) => results[at] = Err(error),
            }
        }
        let same = leaving.windows(2).all(|two| two[0].params == two[1].params);
        for some in leaving.chunks(if same { wire::PEERS } else { wire::CALLS }) {
            for (one, result) in some.iter().zip(self.post(some).await) {
                results[one.at] = match result {
                    // A repeat may be taken without a word of where it stands: the dialogue says
                    // it, and only by that a reading of it is known.
                    Ok(Sent { message_ref, .. }) if message_ref.is_empty() => {
                        let found = tokio::time::timeout(ASK, self.resolve(&batch[one.at], clock::now())).await;
                        let message_ref = if let Ok(Resolution::Sent(found)) = found { found.message_ref } else { message_ref };
                        Ok(Sent { message_ref, media_reference: one.media.clone(), ..Sent::default() })
                    }
                    Ok(sent) => Ok(Sent { media_reference: one.media.clone(), ..sent }),
                    Err(SendError::Rejected(why)) if one.media.is_some() && classify::is_about_a_file(&why) => {
                        Err(SendError::ReferenceLost(why))
                    }
                    Err(error @ SendError::RetryAfter { whole_channel: false, .. }) => Err(self.storm.widen(&one.peer.to_string(), error)),
                    Err(error) => Err(error),
                };
            }
        }
        results
    }

    /// Reads the newest of the dialogue: a message of ours there has its `random_id`. One that is
    /// not there may be older than what is shown, or was removed by hand: nobody can say.
    async fn resolve(&self, unknown: &Outbound, _since: clock::Moment) -> Resolution {
        let Ok(peer) = wire::peer(&unknown.to) else { return Resolution::CannotTell };
        let numbers = [Some(unknown.client_id), unknown.series].into_iter().flatten();
        let ids: Vec<i32> = numbers.map(|number| wire::random_id(&self.credentials.tag, number)).collect();
        let asked = vec![("peer_id", peer.to_string()), ("count", LOOKED_THROUGH.to_string())];
        let history = match self.call("messages.getHistory", asked).await {
            Ok(history) => history,
            Err(error) => {
                tracing::debug!(%error, "a dialogue was not read for a lost message");
                // A gate that is busy, or cut, says nothing of the message.
                return match error {
                    SendError::RetryAfter { .. } | SendError::Transient(_) | SendError::Unknown(_) => Resolution::NotNow,
                    _ => Resolution::CannotTell,
                };
            }
        };
        let ours =
            |message: &&Value| ids.iter().any(|id| message["random_id"] == *id) && message["from_id"].as_i64().is_some_and(|from| from < 0);
        let found = history["items"].as_array().into_iter().flatten().find(ours);
        found.map_or(Resolution::CannotTell, |message| {
            let place = message["conversation_message_id"].as_i64();
            let message_ref = place.map(|place| wire::reference(peer, place)).unwrap_or_default();
            Resolution::Sent(Sent { message_ref, ..Sent::default() })
        })
    }

    fn understand(&self, raw: &str) -> Result<Vec<Event>, String> {
        understand::event(raw, clock::now())
    }

    /// Events name nobody: people are asked for by their ids, a thousand at a time.
    async fn introduce(&self, people: &[String]) -> Vec<(String, Profile)> {
        let mut known = Vec::new();
        for some in people.chunks(NAMED) {
            let told = self.whole("users.get", &vec![("user_ids", some.join(","))], About::Call, ASK).await;
            let Ok(told) = told.inspect_err(|error| tracing::debug!(%error, "people were not named")) else { break };
            let text = |user: &Value, field: &str| user[field].as_str().unwrap_or_default().to_owned();
            known.extend(told["response"].as_array().into_iter().flatten().filter(|user| user["deactivated"].is_null()).map(|user| {
                let (first_name, last_name) = (text(user, "first_name"), text(user, "last_name"));
                (user["id"].to_string(), Profile { first_name, last_name, ..Profile::default() })
            }));
        }
        known
    }

    /// `can_write` of a hundred (contract, 2.1).
    async fn ask_ahead(&self, people: &[String]) -> Result<Vec<(String, Result<(), SendError>)>, SendError> {
        let peers: Vec<&str> = people.iter().map(String::as_str).filter(|one| wire::peer(one).is_ok()).take(wire::PEERS).collect();
        if peers.is_empty() {
            return Ok(Vec::new());
        }
        let told = self.whole("messages.getConversationsById", &vec![("peer_ids", peers.join(","))], About::Call, ASK).await?;
        Ok(wire::writable(&told["response"]))
    }

    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError> {
        let url = download::address(Some(reference), &self.base)?;
        download::fetch(self.client.get(url), UPLOAD, CAPABILITIES.download_bytes).await
    }

    async fn answer_press(&self, query_id: &str, text: &str) -> Result<(), SendError> {
        // Who pressed by writing waits for nothing.
        let Some((event, person)) = query_id.rsplit_once(':') else { return Ok(()) };
        let mut answer = vec![("event_id", event.to_owned()), ("user_id", person.to_owned()), ("peer_id", person.to_owned())];
        answer.extend(wire::press_answer(text).map(|data| ("event_data", data)));
        match self.call("messages.sendMessageEventAnswer", answer).await {
            // Nobody waits for it any more.
            Err(SendError::Rejected(_) | SendError::Unreachable(_)) => Ok(()),
            other => other.map(|_| ()),
        }
    }

    async fn take_buttons(&self, message_ref: &str) -> Result<(), SendError> {
        let Some((peer, place)) = wire::place(message_ref) else { return Ok(()) };
        // What an edit leaves out is taken away: the words are given again as they are.
        let asked = vec![("peer_id", peer.to_string()), ("conversation_message_ids", place.to_string())];
        let there = self.call("messages.getByConversationMessageId", asked).await?;
        let Some(text) = there["items"][0]["text"].as_str().filter(|text| !text.is_empty()) else { return Ok(()) };
        let edit = vec![("peer_id", peer.to_string()), ("cmid", place.to_string()), ("message", text.to_owned())];
        match self.call("messages.edit", edit).await {
            // They are gone already, or the message is.
            Err(SendError::Rejected(_) | SendError::Unreachable(_)) => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// A cursor is VK's `ts`; the key of the server is asked for anew by each adapter.
    async fn poll(&self, cursor: Option<&str>, timeout: Duration) -> Result<Polled, SendError> {
        let mut known = self.poll.lock().await;
        let poll = match &*known {
            Some(poll) => poll.clone(),
            None => self.read("groups.getLongPollServer", vec![("group_id", self.group().await?)]).await?,
        };
        *known = Some(poll.clone());
        // The place is kept before anything is waited for: from here on nothing is lost.
        let Some(ts) = cursor.map(str::to_owned) else {
            return Ok(Polled { cursor: Some(written(&poll.ts)), ..Polled::default() });
        };
        let wait = timeout.as_secs().min(90);
        let asked = [("act", "a_check"), ("key", poll.key.expose()), ("ts", &ts), ("wait", &wait.to_string())];
        let request = self.client.get(&poll.server).query(&asked).timeout(timeout + CALL);
        let answer = request.send().await.map_err(|error| SendError::Unknown(http::describe(error)))?;
        let status = answer.status().as_u16();
        let body = http::body(answer).await.map_err(SendError::Unknown)?;
        let told: Value = serde_json::from_slice(&body).map_err(|error| match status {
            200 => SendError::Unknown(http::misread(&error)),
            status => SendError::Unknown(format!("HTTP {status}")),
        })?;
        match told["failed"].as_i64() {
            None if told["ts"].is_null() => Err(SendError::Unknown("an answer without its place".to_owned())),
            None => {
                let updates = told["updates"].as_array().into_iter().flatten().map(|event| {
                    let payload = event.to_string();
                    RawUpdate { external_id: gate::name(event, &payload), payload }
                });
                Ok(Polled { updates: updates.collect(), cursor: Some(written(&told["ts"])), forgot: false })
            }
            Some(1) if !told["ts"].is_null() => {
                tracing::warn!("VK forgot some events of a community: they were not asked for in time");
                Ok(Polled { cursor: Some(written(&told["ts"])), forgot: true, ..Polled::default() })
            }
            // The key ended; where to go on stands.
            Some(2) => {
                *known = None;
                Ok(Polled { cursor: Some(ts), ..Polled::default() })
            }
            Some(_) => {
                tracing::warn!("VK begins the events of a community anew");
                let anew: Poll = self.read("groups.getLongPollServer", vec![("group_id", self.group().await?)]).await?;
                let cursor = Some(written(&anew.ts));
                *known = Some(anew);
                Ok(Polled { cursor, forgot: true, ..Polled::default() })
            }
        }
    }

    /// A callback server of ours, made or mended, with the events we want; or the long poll with
    /// the same. A server of ours that is no longer wanted stays: VK gives its events up.
    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError> {
        let group = self.group().await?;
        let settings = |more: [(&'static str, String); 2]| -> Params<'_> {
            let events = EVENTS.iter().map(|event| (*event, "1".to_owned()));
            [("group_id", group.clone()), ("api_version", VERSION.to_owned())].into_iter().chain(more).chain(events).collect()
        };
        let Some((url, secret)) = hook else {
            let on = [("enabled", "1".to_owned()), ("message_reply", "0".to_owned())];
            return self.call("groups.setLongPollSettings", settings(on)).await.map(|_| ());
        };
        let secret: String = secret.chars().take(gate::SECRET).collect();
        let answer = self.call("groups.getCallbackServers", vec![("group_id", group.clone())]).await?;
        let servers = answer["items"].as_array().into_iter().flatten().filter_map(|one| Server::deserialize(one).ok());
        // The same channel at an address of before: only the last part of it is the channel's own.
        let own = |url: &str| url.rsplit('/').next().map(str::to_owned);
        let ours = servers.filter(|one| one.title == TITLE).find(|one| own(&one.url) == own(url));
        let mut given =
            vec![("group_id", group.clone()), ("url", url.to_owned()), ("title", TITLE.to_owned()), ("secret_key", secret.clone())];
        // VK calls the address before it takes it, and tells only in the list what came of it. What
        // was refused is asked for anew, and told.
        let (server, confirmed) = match ours {
            Some(one) if one.url == url && one.secret_key.expose() == secret && one.status != "failed" => {
                let confirmed = if one.status == "ok" { Ok(()) } else { Err(unconfirmed()) };
                (one.id, confirmed)
            }
            Some(one) => {
                let same = one.url == url && one.secret_key.expose() == secret;
                given.push(("server_id", one.id.to_string()));
                self.call("groups.editCallbackServer", given).await?;
                let refused = || SendError::Misconfigured("VK got no confirmation from the address of the callback server".to_owned());
                (one.id, Err(if same { refused() } else { unconfirmed() }))
            }
            None => {
                let added = self.call("groups.addCallbackServer", given).await?;
                let id = added["server_id"].as_i64();
                let id = id.ok_or_else(|| SendError::Unknown("the new callback server has no id".to_owned()))?;
                (id, Err(unconfirmed()))
            }
        };
        let which = [("server_id", server.to_string()), ("message_reply", "0".to_owned())];
        self.call("groups.setCallbackSettings", settings(which)).await?;
        confirmed
    }

    async fn confirmation(&self) -> Result<String, SendError> {
        let answer = self.call("groups.getCallbackConfirmationCode", vec![("group_id", self.group().await?)]).await?;
        // It is sent back as it came, so it is a word and nothing else.
        let code = answer["code"].as_str().filter(|code| {
            (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        });
        code.map(str::to_owned).ok_or_else(|| SendError::Unknown("VK gave no confirmation string".to_owned()))
    }
}

/// VK took the address of the callback server and has not called it yet: it is looked for again,
/// and until it did nothing of what people write comes.
fn unconfirmed() -> SendError {
    SendError::Misconfigured("VK has not confirmed the address of the callback server yet".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A personal link carries its key beside the community's name.
    #[test]
    fn a_link_carries_the_key() {
        let link = |payload| crate::channel::registry::entry(crate::channel::ChannelKind::Vk, "romashka", payload);
        assert_eq!(link(Some("c_8fK2")).as_deref(), Some("https://vk.me/romashka?ref=c_8fK2"));
        assert_eq!(link(None).as_deref(), Some("https://vk.me/romashka"));
    }

    #[tokio::test]
    async fn a_refused_connection_is_harmless_and_names_no_key() {
        let credentials = credentials::assemble("vk1.a.very-secret-key-of-access");
        let community = Vk::new("http://127.0.0.1:9", &Route::default(), &credentials).expect("a client");
        let error = community.identify().await.expect_err("nobody answers");
        assert!(matches!(error, SendError::Transient(_)), "{error:?}");
        assert!(!format!("{error} {error:?} {community:?}").contains("very-secret"));
    }

    #[tokio::test]
    async fn whoever_pressed_by_writing_is_not_answered() {
        let community = Vk::new("http://127.0.0.1:9", &Route::default(), &credentials::assemble("vk1.a.key")).expect("a client");
        assert_eq!(community.answer_press("", "Готово").await, Ok(()));
        assert_eq!(community.take_buttons("m5012").await, Ok(()));
    }
}
