//! Photos, documents, films, sounds and stickers: uploads, file ids (each bot has its own), URLs on
//! loopback, sizes.

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    clean, entities,
    error::{ApiError, ApiResult},
    params::{Params, Upload},
    send::caption_content,
    state::{FileKind, State, StoredFile},
};

const PHOTO_BYTES: usize = 10 * 1024 * 1024;
const DOCUMENT_BYTES: usize = 50 * 1024 * 1024;
const PHOTO_URL_BYTES: usize = 5 * 1024 * 1024;
const DOCUMENT_URL_BYTES: usize = 20 * 1024 * 1024;
/// `getFile` gives no file above this.
pub(crate) const DOWNLOAD_BYTES: usize = 20 * 1024 * 1024;

/// A media value, read and checked, not yet a file of the bot.
pub(crate) enum Media {
    /// A `file_id`.
    Known(FileKind, String),
    /// Bytes that came with the call or from a URL.
    New(FileKind, Upload),
}

impl Media {
    pub(crate) fn kind(&self) -> FileKind {
        match self {
            Self::Known(kind, _) | Self::New(kind, _) => *kind,
        }
    }

    /// Reads `value` (`file_id`, URL, `attach://part`) or, with `own_part`, the multipart file
    /// under the field's own name.
    pub(crate) async fn read(params: &Params, kind: FileKind, value: Option<&str>, own_part: bool) -> ApiResult<Self> {
        let value = value.map(str::trim).filter(|value| !value.is_empty());
        let upload = params.upload(if own_part { kind.field() } else { "" }, value);
        if let Some(upload) = upload {
            check(kind, &upload.data, if kind == FileKind::Photo { PHOTO_BYTES } else { DOCUMENT_BYTES })?;
            return Ok(Self::New(kind, upload.clone()));
        }
        match value {
            None => Err(ApiError::bad(format!("there is no {} in the request", kind.field()))),
            Some(value) if value.starts_with("attach://") => Err(ApiError::bad("wrong file identifier/HTTP URL specified")),
            Some(value) if value.starts_with("http://") || value.starts_with("https://") => {
                let limit = if kind == FileKind::Photo { PHOTO_URL_BYTES } else { DOCUMENT_URL_BYTES };
                let upload = fetch(value, limit).await?;
                check(kind, &upload.data, limit)?;
                Ok(Self::New(kind, upload))
            }
            Some(value) => Ok(Self::Known(kind, value.to_owned())),
        }
    }

    /// The object that stands in the message: `PhotoSize[]` or `Document`.
    pub(crate) fn store(self, state: &mut State, bot: i64) -> ApiResult {
        match self {
            Self::Known(kind, id) => {
                if !is_file_id(&id) {
                    return Err(ApiError::bad("wrong remote file identifier specified: can't unserialize it. Wrong last symbol"));
                }
                let wrong = || ApiError::bad("wrong file identifier/HTTP URL specified");
                let file = state.files.get(&id).filter(|file| file.bot == bot).ok_or_else(wrong)?;
                if file.kind != kind {
                    return Err(ApiError::bad(format!("can't use file of type {} as {}", file.kind.title(), kind.title())));
                }
                Ok(file.json.clone())
            }
            Self::New(kind, upload) => Ok(save(state, bot, kind, upload)),
        }
    }
}

/// An `InputMediaPhoto` or `InputMediaDocument` with its caption, for an `album` or to replace
/// another.
pub(crate) async fn read_input(params: &Params, item: &Value, album: bool) -> ApiResult<(Media, Map<String, Value>)> {
    let cannot = |reason: String| ApiError::bad(format!("can't parse InputMedia: {reason}"));
    if !item.is_object() {
        return Err(cannot("expected an Object".to_owned()));
    }
    let mode = item["parse_mode"].as_str().unwrap_or_default();
    let explicit = item.get("caption_entities").filter(|value| !value.is_null());
    let parsed = entities::parse(item["caption"].as_str().unwrap_or_default(), mode, explicit);
    // What the server itself cannot read of its caption it cannot read of the whole; what its
    // library refuses later is refused as it is.
    let (caption, entities) = parsed.map_err(|error| match error.description.strip_prefix("Bad Request: ") {
        Some(why) if ["can't parse", "unsupported parse_mode", "text is too long"].iter().any(|begin| why.starts_with(begin)) => {
            cannot(why[..1].to_uppercase() + &why[1..])
        }
        _ => error,
    })?;
    if item["media"].as_str().is_none_or(str::is_empty) {
        return Err(cannot("media not found".to_owned()));
    }
    let kind = match item["type"].as_str() {
        Some("photo") => FileKind::Photo,
        Some("document") => FileKind::Document,
        None => return Err(cannot("Can't find field \"type\"".to_owned())),
        Some(other @ "animation") if album => return Err(cannot(format!("type \"{other}\" can't be used in sendMediaGroup"))),
        Some(other @ ("animation" | "audio" | "video")) => {
            return Err(cannot(format!("type \"{other}\" is not there in the sandbox: photo or document")));
        }
        Some(other) => return Err(cannot(format!("type \"{other}\" is unsupported"))),
    };
    let flag = |name: &str| item[name] == json!(true);
    let content = caption_content(caption, entities, flag("show_caption_above_media"), flag("has_spoiler"))?;
    Ok((Media::read(params, kind, item["media"].as_str(), false).await?, content))
}

/// Whether something is written as the ids are that the double gives out.
fn is_file_id(id: &str) -> bool {
    let symbols = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    symbols && id.len() > 32 && FileKind::ALL.iter().any(|kind| id.starts_with(kind.prefix()))
}

fn check(kind: FileKind, data: &Bytes, limit: usize) -> ApiResult<()> {
    if data.is_empty() {
        return Err(ApiError::bad("file must be non-empty"));
    }
    if data.len() > limit {
        return Err(match kind {
            FileKind::Photo => {
                ApiError::bad(format!("file of size {} bytes is too big for a photo; the maximum size is {limit} bytes", data.len()))
            }
            _ => ApiError::new(413, "Request Entity Too Large"),
        });
    }
    if kind == FileKind::Photo {
        let size = imagesize::blob_size(data).map_err(|_| ApiError::bad("IMAGE_PROCESS_FAILED"))?;
        let (long, short) = (size.width.max(size.height), size.width.min(size.height));
        if short == 0 || size.width + size.height > 10_000 || long > 20 * short {
            return Err(ApiError::bad("PHOTO_INVALID_DIMENSIONS"));
        }
    }
    Ok(())
}

/// Fetches from loopback only: the sandbox has no network, so any other address fails as an
/// unreachable one does.
async fn fetch(address: &str, limit: usize) -> ApiResult<Upload> {
    let failed = || ApiError::bad("failed to get HTTP URL content");
    let parsed = url::Url::parse(address).map_err(|_| ApiError::bad("wrong HTTP URL specified"))?;
    if !parsed.has_host() {
        return Err(ApiError::bad("wrong HTTP URL specified"));
    }
    let loopback = crate::links::is_loopback(&parsed);
    if !loopback {
        return Err(failed());
    }
    let client = reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(5)).build().map_err(|_| failed())?;
    let response = client.get(parsed.clone()).send().await.map_err(|_| failed())?;
    if !response.status().is_success() {
        return Err(failed());
    }
    let mime = response.headers().get("content-type").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if mime.as_deref().is_some_and(|mime| mime.starts_with("text/html")) {
        return Err(ApiError::bad("wrong type of the web page content"));
    }
    let data = response.bytes().await.map_err(|_| failed())?;
    if data.len() > limit {
        return Err(ApiError::bad("file is too big"));
    }
    let name = parsed.path_segments().and_then(|mut segments| segments.next_back()).filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Upload { name, mime, data })
}

/// Makes bytes a file of this bot. Every upload gets new ids; `file_unique_id` follows from the
/// bytes.
pub(crate) fn save(state: &mut State, bot: i64, kind: FileKind, upload: Upload) -> Value {
    let name = upload.name.as_deref().map(clean::file_name).filter(|name| !name.is_empty());
    let upload = Upload { name, ..upload };
    let digest = Sha256::digest(&upload.data);
    let unique = |suffix: &str| format!("AQ{}{suffix}", URL_SAFE_NO_PAD.encode(&digest[..12]));
    // The name decides, as for the real server: clients label parts carelessly.
    let mime = guess(upload.name.as_deref()).or_else(|| upload.mime.clone());
    state.next_file += 1;
    let number = state.next_file;
    let put = |suffix: &str, json: &mut Value| {
        let secret: [u8; 24] = rand::random();
        let id = format!("{}{}{suffix}", kind.prefix(), URL_SAFE_NO_PAD.encode(secret));
        json["file_id"] = json!(id);
        json["file_unique_id"] = json!(unique(suffix));
        id
    };
    let extension = upload.name.as_deref().and_then(|name| name.rsplit_once('.')).map_or("", |(_, extension)| extension);
    let extension = if extension.chars().all(|c| c.is_ascii_alphanumeric()) { extension } else { "" };
    let (ids, json) = match kind {
        other if other != FileKind::Photo => {
            // The double opens no film and no sound: a second of a small one.
            let mut file = match other {
                FileKind::Video | FileKind::Animation => json!({ "width": 640, "height": 360, "duration": 1 }),
                FileKind::VideoNote => json!({ "length": 240, "duration": 1 }),
                FileKind::Voice | FileKind::Audio => json!({ "duration": 1 }),
                FileKind::Sticker => {
                    json!({ "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false })
                }
                FileKind::Photo | FileKind::Document => json!({}),
            };
            file["file_size"] = json!(upload.data.len());
            let named = matches!(other, FileKind::Document | FileKind::Video | FileKind::Animation | FileKind::Audio);
            if let Some(name) = upload.name.as_ref().filter(|_| named) {
                file["file_name"] = json!(name);
            }
            if let Some(mime) = mime.as_ref().filter(|_| named || other == FileKind::Voice) {
                file["mime_type"] = json!(mime);
            }
            (vec![put("", &mut file)], file)
        }
        _ => {
            let size = imagesize::blob_size(&upload.data).unwrap_or(imagesize::ImageSize { width: 1, height: 1 });
            let long = size.width.max(size.height);
            let mut ids = Vec::new();
            let mut sizes = Vec::new();
            for (suffix, bound) in [("s", 90), ("m", 320), ("x", 800), ("y", 1280)] {
                let last = long <= bound || bound == 1280;
                let bound = bound.min(long);
                let scaled = |side: usize| (side * bound).div_ceil(long).max(1);
                let bytes = if last { upload.data.len() } else { (upload.data.len() * bound / long).max(1) };
                let mut entry = json!({ "width": scaled(size.width), "height": scaled(size.height), "file_size": bytes });
                ids.push(put(suffix, &mut entry));
                sizes.push(entry);
                if last {
                    break;
                }
            }
            (ids, Value::Array(sizes))
        }
    };
    let (folder, usual) = kind.folder();
    let extension = if extension.is_empty() { usual } else { extension };
    let dot = if extension.is_empty() { "" } else { "." };
    let path = format!("{folder}/file_{number}{dot}{extension}");
    for (index, id) in ids.into_iter().enumerate() {
        let unique = match kind {
            FileKind::Photo => json[index]["file_unique_id"].as_str().unwrap_or_default().to_owned(),
            _ => unique(""),
        };
        let file = StoredFile {
            bot,
            kind,
            unique,
            path: path.clone(),
            name: upload.name.clone(),
            mime: mime.clone(),
            data: upload.data.clone(),
            json: json.clone(),
        };
        state.files.insert(id, file);
    }
    json
}

fn guess(name: Option<&str>) -> Option<String> {
    let (_, extension) = name?.rsplit_once('.')?;
    let mime = match extension.to_ascii_lowercase().as_str() {
        "csv" => "text/csv",
        "txt" => "text/plain",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "json" => "application/json",
        "ogg" | "oga" => "audio/ogg",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => return None,
    };
    Some(mime.to_owned())
}

/// `file_unique_id` of a message's media, of the largest size for photos.
pub(crate) fn unique_id(message: &Map<String, Value>) -> Option<String> {
    let media = match message.get(FileKind::of(message)?.field())? {
        Value::Array(sizes) => sizes.last()?,
        other => other,
    };
    Some(media["file_unique_id"].as_str()?.to_owned())
}

/// `getFile`.
pub(crate) fn get(state: &State, bot: i64, params: &Params) -> ApiResult {
    let id = params.text("file_id").unwrap_or_default();
    if id.is_empty() {
        return Err(ApiError::bad("file_id not specified"));
    }
    if !is_file_id(&id) {
        return Err(ApiError::bad("invalid file_id"));
    }
    let wrong = || ApiError::bad("wrong file_id or the file is temporarily unavailable");
    let file = state.files.get(&id).filter(|file| file.bot == bot).ok_or_else(wrong)?;
    if file.data.len() > DOWNLOAD_BYTES {
        return Err(ApiError::bad("file is too big"));
    }
    Ok(json!({ "file_id": id, "file_unique_id": file.unique, "file_size": file.data.len(), "file_path": file.path }))
}
