//! Files: an address to upload to, the bytes, an attachment to send by (contract, 2.3). An
//! attachment serves for every recipient.

use axum::{body::Bytes, extract::Multipart};
use serde_json::{Value, json};

use super::{
    Vk,
    error::{VkError, VkResult},
    params::Params,
    state::State,
};
use crate::view::{File, unique};

const MB: usize = 1024 * 1024;
const MAX_PHOTO: usize = 50 * MB;
/// (Unconfirmed.)
pub(crate) const MAX_DOC: usize = 200 * MB;
/// Sum of the sides of a photo, in pixels.
const MAX_SIDES: usize = 14_000;
/// One side of a photo by the other (unconfirmed).
const MAX_RATIO: usize = 20;
/// Attachments that are somebody else's and taken as they are.
const ELSEWHERE: [&str; 8] = ["video", "audio", "wall", "market", "poll", "story", "clip", "article"];

/// An address that was given out, and what came to it.
pub(crate) struct Upload {
    group: i64,
    photo: bool,
    /// Of the file, as its server answers it.
    hash: String,
    file: Option<(Option<String>, Bytes)>,
}

pub(crate) struct Kept {
    pub(crate) group: i64,
    pub(crate) name: Option<String>,
    pub(crate) data: Bytes,
    pub(crate) unique: String,
    /// As a message carries it.
    attachment: Value,
}

impl Kept {
    pub(crate) fn shown(&self, id: &str) -> File {
        File::of(id.to_owned(), self.unique.clone(), self.name.clone(), &self.data)
    }
}

/// `photos.getMessagesUploadServer` and `docs.getMessagesUploadServer`.
pub(crate) fn address(vk: &Vk, group: i64, photo: bool, params: &Params) -> VkResult {
    if !photo && !matches!(params.text("type").unwrap_or("doc"), "doc" | "audio_message" | "graffiti") {
        return Err(VkError::parameter("type is invalid"));
    }
    let mut state = vk.quiet();
    let id = format!("u{}{:016x}", state.fresh(), rand::random::<u64>());
    let url = format!("{}/upload/{id}", state.base);
    state.uploads.insert(id, Upload { group, photo, hash: format!("{:032x}", rand::random::<u128>()), file: None });
    Ok(if photo { json!({ "upload_url": url, "album_id": -64, "user_id": 0, "group_id": group }) } else { json!({ "upload_url": url }) })
}

/// Whose an address is.
pub(crate) fn owner(state: &State, id: &str) -> Option<i64> {
    state.uploads.get(id).map(|upload| upload.group)
}

/// The bytes of an upload, and the answer of the server that takes them.
pub(crate) async fn take(vk: &Vk, id: &str, mut form: Multipart) -> VkResult {
    let broken = || VkError::new(22);
    let photo = vk.quiet().uploads.get(id).map(|upload| upload.photo).ok_or_else(broken)?;
    let wanted = if photo { "photo" } else { "file" };
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        // Clients name parts of photos `photo`, `file1` and the like.
        let name = field.name().unwrap_or_default().to_owned();
        if name != wanted && !(photo && name.starts_with("file")) {
            continue;
        }
        let file = (field.file_name().map(str::to_owned), field.bytes().await.map_err(|_| broken())?);
        check(photo, file.0.as_deref(), &file.1)?;
        let mut state = vk.quiet();
        let upload = state.uploads.get_mut(id).ok_or_else(broken)?;
        let hash = upload.hash.clone();
        upload.file = Some(file);
        // What comes back names the upload, so that saving finds it.
        return Ok(match photo {
            true => json!({ "server": 777_000, "photo": json!([{ "upload": id }]).to_string(), "hash": hash }),
            false => json!({ "file": format!("{id}|{hash}") }),
        });
    }
    Err(VkError::with(22, format!("{wanted} is undefined")))
}

fn check(photo: bool, name: Option<&str>, data: &[u8]) -> VkResult<()> {
    let wrong = |why: &str| Err(VkError::with(if photo { 129 } else { 105 }, why));
    if data.is_empty() {
        return wrong("the file is empty");
    }
    if !photo {
        let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        // Programs are refused.
        return if data.len() > MAX_DOC || matches!(ending.as_str(), "exe" | "msi" | "apk" | "bat") {
            wrong("the file is refused")
        } else {
            Ok(())
        };
    }
    use imagesize::ImageType::{Gif, Jpeg, Png};
    if data.len() > MAX_PHOTO || !imagesize::image_type(data).is_ok_and(|kind| matches!(kind, Jpeg | Png | Gif)) {
        return wrong("a photo is JPG, PNG or GIF of at most 50 MB");
    }
    let sides = imagesize::blob_size(data).map(|size| (size.width.max(size.height), size.width.min(size.height).max(1)));
    match sides {
        Ok((long, short)) if long + short <= MAX_SIDES && long <= short * MAX_RATIO => Ok(()),
        _ => wrong("sides of a photo are at most 14000 together, and 20 to 1"),
    }
}

/// `photos.saveMessagesPhoto`.
pub(crate) fn save_photo(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let hash = params.required_text("hash")?;
    params.required("server").map_err(|_| VkError::new(118))?;
    let list = params.json("photo")?.ok_or_else(|| VkError::new(122))?;
    let id = list[0]["upload"].as_str().ok_or_else(|| VkError::new(122))?;
    let mut state = vk.quiet();
    Ok(json!([save(&mut state, group, id, hash, None)?["photo"]]))
}

/// `docs.save`.
pub(crate) fn save_doc(vk: &Vk, group: i64, params: &Params) -> VkResult {
    let (id, hash) = params.required_text("file")?.split_once('|').ok_or_else(|| VkError::new(105))?;
    let mut state = vk.quiet();
    save(&mut state, group, id, hash, params.text("title"))
}

/// Keeps what was uploaded, once; gives the attachment.
fn save(state: &mut State, group: i64, id: &str, hash: &str, title: Option<&str>) -> VkResult {
    let known = state.uploads.get(id).filter(|upload| upload.group == group).ok_or_else(|| VkError::new(105))?;
    if known.hash != hash {
        return Err(VkError::new(121));
    }
    let photo = known.photo;
    let (name, data) = state.uploads.get_mut(id).and_then(|upload| upload.file.take()).ok_or_else(|| VkError::new(105))?;
    Ok(state.keep(-group, group, photo, title.map(str::to_owned).or(name), data))
}

impl State {
    /// Keeps a file of somebody; gives it as a message carries it.
    pub(crate) fn keep(&mut self, owner: i64, group: i64, photo: bool, name: Option<String>, data: Bytes) -> Value {
        let number = if photo { 456_239_000 } else { 600_000_000 } + self.fresh();
        let (kind, now) = (if photo { "photo" } else { "doc" }, self.now().timestamp());
        let key = format!("{kind}{owner}_{number}");
        let access = format!("{:018x}", rand::random::<u64>());
        let url = format!("{}/files/{key}", self.base);
        let size = imagesize::blob_size(&data).ok();
        let of = match photo {
            true => {
                let (width, height) = size.map_or((0, 0), |size| (size.width, size.height));
                json!({ "id": number, "owner_id": owner, "album_id": -64, "date": now, "text": "", "access_key": access, "user_id": 100,
                    "has_tags": false, "sizes": [{ "type": "x", "width": width, "height": height, "url": url }] })
            }
            false => {
                let title = name.clone().unwrap_or_else(|| "file".to_owned());
                let ext = title.rsplit_once('.').map_or("", |(_, ext)| ext).to_owned();
                json!({ "id": number, "owner_id": owner, "title": title, "size": data.len(), "ext": ext, "date": now, "type": 1,
                    "url": url, "access_key": access })
            }
        };
        let attachment = json!({ "type": kind, kind: of });
        let unique = unique(&data);
        self.files.insert(key, Kept { group, name, data, unique, attachment: attachment.clone() });
        attachment
    }
}

/// The attachments of a send, as a message carries them: `photo-777_456239017_ab12,doc-777_111`.
pub(crate) fn attachments(state: &State, group: i64, list: &str) -> VkResult<Vec<Value>> {
    let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > state.settings.attachments {
        return Err(VkError::parameter("attachment contains too many items"));
    }
    names.into_iter().map(|name| attachment(state, group, name)).collect()
}

fn attachment(state: &State, group: i64, name: &str) -> VkResult<Value> {
    let wrong = || VkError::parameter(format!("attachment is invalid: {name}"));
    let at = name.find(|character: char| character == '-' || character.is_ascii_digit()).ok_or_else(wrong)?;
    let (kind, rest) = name.split_at(at);
    let mut parts = rest.splitn(3, '_');
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok()).ok_or_else(wrong);
    let (owner, id) = (number()?, number()?);
    let access = parts.next();
    match kind {
        "photo" | "doc" => {
            let kept = state.files.get(&format!("{kind}{owner}_{id}")).ok_or_else(wrong)?;
            // Somebody else's needs its key.
            let open = kept.group == group || access.is_some_and(|access| kept.attachment[kind]["access_key"] == access);
            if open { Ok(kept.attachment.clone()) } else { Err(wrong()) }
        }
        _ if ELSEWHERE.contains(&kind) => Ok(json!({ "type": kind, kind: { "owner_id": owner, "id": id } })),
        _ => Err(wrong()),
    }
}
