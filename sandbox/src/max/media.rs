//! Files: an address to upload to, the bytes, a token to send by (contract, 2.3).

use axum::{
    Json,
    body::Bytes,
    http::header,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Max,
    error::{ApiError, ApiResult},
    params::Params,
    state::State,
};
use crate::view::unique;

const MB: usize = 1024 * 1024;
/// The most the double reads. MAX takes files of 4 GB; the double has memory for a sound's limit.
pub(crate) const MAX_FILE: usize = 257 * MB;
/// Pixels of a side of a picture.
const MAX_SIDE: usize = 7680;

/// What a file is to MAX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// Any file.
    File,
}

impl Kind {
    pub(crate) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "image" => Self::Image,
            "video" => Self::Video,
            "audio" => Self::Audio,
            "file" => Self::File,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::File => "file",
        }
    }

    /// Bytes.
    fn limit(self) -> usize {
        match self {
            Self::Image => 50 * MB,
            Self::Video => 250 * MB,
            Self::Audio => 256 * MB,
            Self::File => MAX_FILE,
        }
    }

    /// Whether these bytes under this name are of this kind. Of sounds and files MAX names
    /// examples only, so any are taken.
    fn takes(self, name: &str, data: &[u8]) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        match self {
            Self::Image => imagesize::image_type(data).is_ok_and(|kind| {
                use imagesize::ImageType::{Bmp, Gif, Heif, Jpeg, Png, Tiff};
                matches!(kind, Jpeg | Png | Gif | Tiff | Bmp | Heif(_))
            }),
            Self::Video => matches!(ending.as_str(), "mp4" | "mov" | "mkv" | "webm"),
            Self::Audio | Self::File => true,
        }
    }
}

/// An address that was given out; it does not expire.
pub(crate) struct Upload {
    pub(crate) bot: i64,
    kind: Kind,
    /// Of films and sounds: the token is known before the bytes.
    token: Option<String>,
}

pub(crate) struct StoredFile {
    pub(crate) bot: i64,
    pub(crate) kind: Kind,
    pub(crate) name: Option<String>,
    pub(crate) data: Bytes,
    number: u64,
    /// How many more sends are answered `attachment.not.ready`.
    not_ready: u32,
    /// An id of the bytes.
    pub(crate) unique: String,
}

impl StoredFile {
    /// As a message carries it.
    pub(crate) fn attachment(&self, base: &str, token: &str) -> Value {
        let url = format!("{base}/files/{token}");
        match self.kind {
            Kind::Image => json!({ "type": "image", "payload": { "photo_id": self.number, "token": token, "url": url } }),
            Kind::File => {
                json!({ "type": "file", "payload": { "url": url, "token": token }, "filename": self.name, "size": self.data.len() })
            }
            kind => json!({ "type": kind.name(), "payload": { "url": url, "token": token, "id": self.number } }),
        }
    }
}

/// `POST /uploads`.
pub(crate) fn address(max: &Max, bot: i64, params: &Params) -> ApiResult {
    // `photo` was a type once.
    let kind = params.text("type").and_then(Kind::read).ok_or_else(|| ApiError::payload("type: must be image, video, audio or file"))?;
    let mut state = max.quiet();
    let id = format!("u{}{:08x}", state.fresh(), rand::random::<u32>());
    let token = matches!(kind, Kind::Video | Kind::Audio).then(|| new_token(kind));
    let mut answer = json!({ "url": format!("{}/upload/{id}", max.url()) });
    if let Some(token) = &token {
        answer["token"] = json!(token);
    }
    state.uploads.insert(id, Upload { bot, kind, token });
    Ok(answer)
}

/// The bytes of an upload, and the answer of the server that takes them.
pub(crate) fn take(max: &Max, id: &str, name: Option<String>, data: Bytes) -> ApiResult<Response> {
    let mut state = max.quiet();
    let (bot, kind, known) = match state.uploads.get(id) {
        Some(upload) => (upload.bot, upload.kind, upload.token.clone()),
        None => return Err(ApiError::not_found("Upload is not found")),
    };
    if data.is_empty() {
        return Err(ApiError::payload("data: must not be empty"));
    }
    if data.len() > kind.limit() {
        return Err(ApiError::new(413, "proto.payload", "File is too large"));
    }
    if !kind.takes(name.as_deref().unwrap_or_default(), &data) {
        return Err(ApiError::new(400, "upload.error", "File extension is forbidden"));
    }
    if kind == Kind::Image && imagesize::blob_size(&data).is_ok_and(|size| size.width > MAX_SIDE || size.height > MAX_SIDE) {
        return Err(ApiError::new(400, "upload.error", "Key: errors.process.attachment.image.too.large"));
    }
    let token = known.unwrap_or_else(|| new_token(kind));
    let not_ready = if kind == Kind::Image { 0 } else { max.timing().not_ready };
    state.keep(token.clone(), bot, kind, name, data, not_ready);
    Ok(match kind {
        Kind::Image => {
            let key = format!("{:x}", rand::random::<u64>());
            Json(json!({ "photos": { key: { "token": token } } })).into_response()
        }
        Kind::File => Json(json!({ "token": token })).into_response(),
        Kind::Video | Kind::Audio => ([(header::CONTENT_TYPE, "application/xml")], "<retval>1</retval>").into_response(),
    })
}

pub(crate) fn new_token(kind: Kind) -> String {
    format!("{}{:016x}{:016x}", &kind.name()[..2], rand::random::<u64>(), rand::random::<u64>())
}

impl State {
    /// Keeps a file under a token.
    pub(crate) fn keep(&mut self, token: String, bot: i64, kind: Kind, name: Option<String>, data: Bytes, not_ready: u32) {
        let (number, unique) = (self.fresh(), unique(&data));
        self.files.insert(token, StoredFile { bot, kind, name, data, number, not_ready, unique });
    }

    /// The file behind a token, if a message may carry it now.
    pub(crate) fn attachable(&mut self, bot: i64, kind: Kind, token: &str) -> ApiResult<&StoredFile> {
        // A film's token is known before its bytes have come.
        let awaited = self.uploads.values().any(|upload| upload.bot == bot && upload.token.as_deref() == Some(token));
        let not_ready = || ApiError::new(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed");
        match self.files.get_mut(token).filter(|file| file.bot == bot && file.kind == kind) {
            Some(file) if file.not_ready > 0 => {
                file.not_ready -= 1;
                Err(not_ready())
            }
            Some(file) => Ok(file),
            None if awaited => Err(not_ready()),
            None => Err(ApiError::payload(format!("attachments: {}: token is not valid", kind.name()))),
        }
    }
}
