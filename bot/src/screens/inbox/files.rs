//! Files of a conversation, brought to the member: a customer's is at the provider, where only the
//! customers' bot may have it, so it passes through here and is kept nowhere.

use mms_core::{
    account::export::{self, What},
    channel::{
        FileKind, SendError,
        store::{self as channels, ChannelError},
    },
    clock::Moment,
    contact::Contact,
    inbound::{
        ReplyFile,
        inbox::{self, File},
    },
    store::file,
};

use super::{Call, load};
use crate::{
    frame::{
        api::MAX_DOWNLOAD,
        cx::Cx,
        dialogue::{IncomingFile, Input},
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Media, Screen},
    },
    i18n::Tr,
    p,
    screens::contacts::say,
    t, words,
};

/// Sends the file of a message to the member, which is on the record.
pub(super) async fn show(cx: &Cx, message: i64) -> Outcome {
    let account = cx.actor()?.account;
    let found = inbox::file(&cx.deps.store, account, message).await?.ok_or(BotError::Gone)?;
    let person = load(cx, found.contact_id).await?;
    let bytes = match (&found.reference, found.kept) {
        (Some(reference), _) => fetch(cx, &found, reference).await?,
        (None, Some(kept)) => file::content(&cx.deps.store, account, kept).await?.ok_or_else(|| p!(cx.tr, "inbox-file-gone")),
        (None, None) => Err(p!(cx.tr, "inbox-file-gone")),
    };
    match bytes {
        Ok(bytes) => {
            let taken = export::note(&cx.deps.store, cx.actor()?, What::File, person.id, None, cx.now).await;
            taken.map_err(|error| words::refused(cx.tr, error))?;
            Ok(Reply::default().then(screen(cx.tr, &found, &person, bytes, cx.now)))
        }
        Err(sentence) => Ok(Reply::alert(sentence)),
    }
}

/// The file of a member's message.
pub(super) fn incoming(input: &Input) -> Option<(FileKind, &IncomingFile)> {
    if let Some((kind, file)) = &input.recorded {
        return Some((*kind, file));
    }
    let file = input.file.as_ref()?;
    Some((if file.photo { FileKind::Photo } else { FileKind::Document }, file))
}

/// Brings a member's file here, to go with a reply; the inner error is a sentence for the member.
pub(super) async fn take(cx: &Cx, kind: FileKind, incoming: &IncomingFile) -> Result<Result<ReplyFile, String>, BotError> {
    let large = || p!(cx.tr, "inbox-reply-large", limit = MAX_DOWNLOAD / (1024 * 1024));
    if incoming.size > MAX_DOWNLOAD as u64 {
        return Ok(Err(large()));
    }
    let content = match cx.deps.bot.download(&incoming.file_id).await {
        Ok(content) => content,
        Err(error) if error.says("too big") => return Ok(Err(large())),
        Err(error) => {
            tracing::warn!(%error, "the file of a reply could not be brought");
            return Ok(Err(p!(cx.tr, "inbox-file-failed")));
        }
    };
    let mime = if incoming.mime.contains('/') { incoming.mime.as_str() } else { "application/octet-stream" };
    let own = Some(incoming.name.trim()).filter(|name| !name.is_empty());
    Ok(Ok(ReplyFile { kind, name: own.unwrap_or_else(|| name(kind, mime)).to_owned(), mime: mime.to_owned(), content }))
}

/// The bytes of a customer's file; the inner error is a sentence for the member.
async fn fetch(cx: &Cx, found: &File, reference: &str) -> Result<Result<Vec<u8>, String>, BotError> {
    let deps = &cx.deps;
    let adapter = match channels::load(&deps.store, &deps.sealer, &deps.endpoints, found.channel_id).await {
        Ok((_, adapter)) => adapter,
        Err(ChannelError::NotFound) => return Ok(Err(p!(cx.tr, "inbox-file-channel"))),
        Err(error) => return Err(BotError::Other(error.into())),
    };
    let most = adapter.capabilities().download_bytes;
    let large = || p!(cx.tr, "inbox-file-large", limit = most / (1024 * 1024));
    if found.size.is_some_and(|size| u64::try_from(size).unwrap_or_default() > most) {
        return Ok(Err(large()));
    }
    Ok(match adapter.fetch(reference).await {
        Ok(bytes) if bytes.is_empty() => Err(p!(cx.tr, "inbox-file-gone")),
        Ok(bytes) => Ok(bytes),
        Err(SendError::ReferenceLost(_)) => Err(p!(cx.tr, "inbox-file-gone")),
        Err(SendError::Rejected(why)) if why.contains("too big") => Err(large()),
        Err(SendError::Unauthorised(_) | SendError::Misconfigured(_)) => Err(p!(cx.tr, "inbox-file-channel")),
        Err(error) => {
            tracing::warn!(channel.id = %found.channel_id, %error, "a customer's file could not be brought");
            Err(p!(cx.tr, "inbox-file-failed"))
        }
    })
}

/// The name a file goes by when its sender gave it none.
fn name(kind: FileKind, mime: &str) -> &'static str {
    match (kind, mime) {
        (FileKind::Photo, _) => "photo.jpg",
        (FileKind::Video | FileKind::Animation | FileKind::VideoNote, _) => "video.mp4",
        (FileKind::Voice, _) => "voice.ogg",
        (FileKind::Audio, _) => "audio.mp3",
        (FileKind::Sticker, "video/webm") => "sticker.webm",
        (FileKind::Sticker, "application/x-tgsticker") => "sticker.tgs",
        (FileKind::Sticker, _) => "sticker.webp",
        (FileKind::Document, _) => "file",
    }
}

/// A file as a message: whose and of when, with the way to answer.
#[must_use]
pub fn screen(tr: Tr, found: &File, person: &Contact, bytes: Vec<u8>, now: Moment) -> Screen {
    let contact = found.contact_id;
    let mime = found.mime.as_deref().filter(|mime| mime.contains('/')).unwrap_or("application/octet-stream");
    let own = found.name.as_deref().filter(|name| !name.trim().is_empty());
    let media = Media {
        kind: found.kind,
        name: own.unwrap_or_else(|| name(found.kind, mime)).to_owned(),
        mime: mime.to_owned(),
        content: bytes.into(),
    };
    let whose = say::name(tr, &person.name);
    let caption = t!(tr, "inbox-file", name = &whose, at = tr.when(found.at, now));
    // No words stand under a sticker: its button says whose it is.
    let talk =
        if found.kind.has_caption() { p!(tr, "inbox-open") } else { format!("{} · {}", p!(tr, "inbox-open"), say::short(&whose, 40)) };
    let reply = (found.direction == "in").then(|| Button::call(p!(tr, "inbox-reply"), Call::Answer { contact, channel: found.channel_id }));
    Screen::new(caption).media(media).row([Button::call(talk, Call::Card { contact })].into_iter().chain(reply))
}
