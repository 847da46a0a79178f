//! Media: uploaded, named by id or by link, told where they are for five minutes, forgotten after
//! 30 days (7 for what people sent). Section 2.3.

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    WhatsApp,
    content::{Named, Source},
    error::{GraphError, GraphResult},
    server::Params,
    state::State,
};
use crate::links;

/// An upload lives this long.
const KEPT: TimeDelta = TimeDelta::days(30);
/// What a person sent lives this long.
const INBOUND_KEPT: TimeDelta = TimeDelta::days(7);
/// An address of media is good for this long.
const ADDRESS: TimeDelta = TimeDelta::minutes(5);
/// What stands at a link is fetched no oftener.
const LINK: TimeDelta = TimeDelta::minutes(10);

const MB: usize = 1024 * 1024;
/// Largest request read: a document and the form around it.
pub(crate) const MAX_REQUEST: usize = 101 * MB;

/// Types a kind may have; documents may have any.
const TYPES: &[(&str, &[&str], usize)] = &[
    ("image", &["image/jpeg", "image/png"], 5 * MB),
    ("video", &["video/mp4", "video/3gpp"], 16 * MB),
    ("audio", &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"], 16 * MB),
    ("sticker", &["image/webp"], 500 * 1024),
];
const DOCUMENT: usize = 100 * MB;

pub(crate) struct Media {
    pub(crate) waba: String,
    pub(crate) name: Option<String>,
    pub(crate) mime: String,
    pub(crate) data: Bytes,
    pub(crate) sha256: String,
    pub(crate) at: DateTime<Utc>,
    /// Sent by a person.
    pub(crate) inbound: bool,
    /// Fetched from a link: no id of a business.
    pub(crate) fetched: bool,
    /// What the address given last ends with, and until when.
    pub(crate) address: Option<(String, DateTime<Utc>)>,
}

/// A resumable upload of a template's example.
pub(crate) struct Session {
    pub(crate) app: String,
    pub(crate) length: usize,
    pub(crate) data: Vec<u8>,
}

impl Media {
    fn alive(&self, now: DateTime<Utc>) -> bool {
        now - self.at < if self.inbound { INBOUND_KEPT } else { KEPT }
    }
}

/// Whether media of this type and size may be sent as this kind.
fn fits(kind: &str, mime: &str, size: usize) -> Result<(), String> {
    let (types, most) = TYPES.iter().find(|(of, ..)| *of == kind).map_or((None, DOCUMENT), |(_, types, most)| (Some(*types), *most));
    if types.is_some_and(|types| !types.contains(&links::bare(mime).as_str())) {
        return Err(format!("Media of type {mime} cannot be sent as {kind}."));
    }
    if size > most { Err(format!("Media of {size} bytes is too large for {kind}: {most} at most.")) } else { Ok(()) }
}

/// Keeps bytes under a new id.
pub(crate) fn keep(state: &mut State, waba: &str, name: Option<String>, mime: &str, data: Bytes, inbound: bool, fetched: bool) -> u64 {
    let id = 880_000_000_000_000 + state.serial();
    let sha256 = hex::encode(Sha256::digest(&data));
    let at = state.now();
    let media = Media { waba: waba.to_owned(), name, mime: mime.to_owned(), data, sha256, at, inbound, fetched, address: None };
    state.media.insert(id, media);
    id
}

pub(crate) fn upload(state: &mut State, number: i64, params: &Params) -> GraphResult {
    if params.text("messaging_product").as_deref() != Some("whatsapp") {
        return Err(GraphError::parameter("The parameter messaging_product is required."));
    }
    let file = params.files.get("file").ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
    let mime = file.mime.clone().or_else(|| params.text("type")).unwrap_or_default();
    let mime = links::bare(&mime);
    let known = TYPES.iter().find(|(_, types, _)| types.contains(&mime.as_str()));
    let document = ["application/", "text/"].iter().any(|start| mime.starts_with(start)) && mime != "application/octet-stream";
    if known.is_none() && !document {
        return Err(GraphError::parameter(format!("Param file must be a file with one of the supported types, not '{mime}'.")));
    }
    let kind = known.map_or("document", |(kind, ..)| kind);
    fits(kind, &mime, file.data.len()).map_err(|why| GraphError::with(131_053, why))?;
    if file.data.is_empty() {
        return Err(GraphError::with(131_053, "The file is empty."));
    }
    let waba = state.number(number)?.waba.clone();
    let (name, data) = (file.name.clone(), file.data.clone());
    Ok(json!({ "id": keep(state, &waba, name, &mime, data, false, false).to_string() }))
}

/// `GET /{MEDIA_ID}`: where it is, for five minutes. `base` is the address of the double.
pub(crate) fn show(state: &mut State, id: u64, base: &str) -> GraphResult {
    let now = state.now();
    let media = state.media.get_mut(&id).filter(|media| media.alive(now) && !media.fetched);
    let media = media.ok_or_else(|| GraphError::no_node("GET", &id.to_string()))?;
    let hash = hex::encode(rand::random::<[u8; 12]>());
    media.address = Some((hash.clone(), now + ADDRESS));
    Ok(json!({
        "messaging_product": "whatsapp",
        "url": format!("{base}/whatsapp_business/attachments/{id}?hash={hash}"),
        "mime_type": media.mime,
        "sha256": media.sha256,
        "file_size": media.data.len(),
        "id": id.to_string(),
    }))
}

pub(crate) fn delete(state: &mut State, id: u64) -> GraphResult {
    let now = state.now();
    match state.media.get(&id).is_some_and(|media| media.alive(now)) {
        true => {
            state.media.remove(&id);
            Ok(json!({ "success": true }))
        }
        false => Err(GraphError::no_node("DELETE", &id.to_string())),
    }
}

/// The bytes behind an address, its name and type; `None` once it is too old.
pub(crate) fn download(state: &State, id: u64, hash: &str) -> Option<(Bytes, String)> {
    let now = state.now();
    let media = state.media.get(&id)?;
    let (wanted, until) = media.address.as_ref()?;
    (wanted == hash && now < *until).then(|| (media.data.clone(), media.mime.clone()))
}

/// Fetches the link of a message, unless it was fetched within ten minutes; its id.
pub(crate) async fn by_link(whatsapp: &WhatsApp, waba: &str, named: &Named) -> GraphResult<Option<u64>> {
    let Source::Link(link) = &named.from else { return Ok(None) };
    let cached = {
        let state = whatsapp.look();
        state.links.get(link).filter(|(at, _)| state.now() - *at < LINK).map(|(_, id)| *id)
    };
    if let Some(id) = cached {
        return Ok(Some(id));
    }
    let failed = |why: String| GraphError::with(131_053, format!("Downloading media from weblink failed: {why}"));
    let (data, mime) = links::fetch(link).await.map_err(failed)?;
    let mut state = whatsapp.look();
    let name = link.rsplit('/').next().map(str::to_owned);
    let id = keep(&mut state, waba, name, &mime, data, false, true);
    let now = state.now();
    state.links.insert(link.clone(), (now, id));
    Ok(Some(id))
}

/// The id of the media a message names, checked: there, alive, of this account, of the right type.
pub(crate) fn resolve(state: &State, waba: &str, named: &Named, fetched: Option<u64>) -> GraphResult<u64> {
    let unknown = |id: &str| {
        let message = format!("Param {}['id'] is not a valid whatsapp business account media attachment ID: {id}", named.kind);
        GraphError::parameter(message)
    };
    let id = match (&named.from, fetched) {
        (Source::Link(link), None) => return Err(GraphError::with(131_053, format!("{link} was not fetched"))),
        (Source::Link(_), Some(id)) => id,
        (Source::Id(text), _) => {
            let id: u64 = text.parse().map_err(|_| unknown(text))?;
            let now = state.now();
            state.media.get(&id).filter(|media| media.alive(now) && media.waba == waba && !media.fetched).ok_or_else(|| unknown(text))?;
            id
        }
    };
    let media = state.media.get(&id).ok_or_else(|| unknown(&id.to_string()))?;
    fits(&named.kind, &media.mime, media.data.len()).map_err(|why| GraphError::with(131_053, why))?;
    Ok(id)
}

impl WhatsApp {
    /// The bytes of media, its name and its type.
    #[must_use]
    pub fn file(&self, id: u64) -> Option<(Bytes, Option<String>, String)> {
        let state = self.look();
        let media = state.media.get(&id)?;
        Some((media.data.clone(), media.name.clone(), media.mime.clone()))
    }
}

/// An object of media in a webhook.
pub(crate) fn in_webhook(state: &State, id: u64, kind: &str, caption: &str) -> Value {
    let Some(media) = state.media.get(&id) else { return json!({}) };
    let mut shown = json!({ "id": id.to_string(), "mime_type": media.mime, "sha256": media.sha256 });
    if !caption.is_empty() {
        shown["caption"] = json!(caption);
    }
    if kind == "document"
        && let Some(name) = &media.name
    {
        shown["filename"] = json!(name);
    }
    if kind == "audio" {
        shown["voice"] = json!(false);
    }
    if kind == "sticker" {
        shown["animated"] = json!(false);
    }
    shown
}
