//! The photo or document of a message.

use mms_core::{
    account::load as account_load,
    channel::MediaKind,
    id::VersionId,
    store::file,
    template::versions::{Edit, Version},
};

use super::{Call, Step, capabilities, lines, load, show, write::edit};
use crate::{
    frame::{
        api::{ApiError, MAX_DOWNLOAD},
        cx::Cx,
        dialogue::{IncomingFile, Input},
        error::{BotError, Outcome},
        screen::{Media, Screen},
    },
    i18n::Tr,
    p, t, words,
};

/// Asks for a file.
pub(super) async fn open(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let info = match loaded.media_file_id {
        Some(id) => file::info(&cx.deps.store, cx.actor()?.account, id).await?,
        None => None,
    };
    cx.ask(Step::Media { version }).await?;
    Ok(ask(cx.tr, &loaded, loaded.media_kind.map(|kind| lines::media(cx.tr, kind, info.as_ref()))).into())
}

/// Without a file.
pub(super) async fn remove(cx: &Cx, version: VersionId) -> Outcome {
    let made = edit(cx, version, Edit::Media(None)).await?;
    Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-media-removed")))
}

/// A file came; words under it are the text, when there is none yet.
pub(super) async fn input(cx: &Cx, version: VersionId, input: &Input) -> Outcome {
    let loaded = load(cx, version).await?;
    let made = match &input.file {
        None => Err(p!(cx.tr, "templates-media-needed")),
        Some(incoming) => take(cx, version, incoming).await?,
    };
    match made {
        Err(sentence) => Ok(again(cx.tr, &loaded, &sentence).into()),
        Ok(mut made) => {
            let words = input.rich.clone().trimmed();
            if made.body.trim().is_empty() && !words.text.is_empty() {
                made = edit(cx, made.id, Edit::Body(words.to_template())).await?;
            }
            cx.leave().await?;
            let sentence = match input.album {
                Some(_) => p!(cx.tr, "templates-media-album"),
                None => p!(cx.tr, "templates-media-kept"),
            };
            Ok(show(cx, made.id).await?.saying(sentence))
        }
    }
}

/// A file of a member's, brought here.
pub(super) struct Brought {
    pub kind: MediaKind,
    pub name: String,
    pub mime: String,
    pub bytes: Vec<u8>,
}

/// Brings a file here; the inner error is a sentence for the member.
pub(super) async fn bring(cx: &Cx, incoming: &IncomingFile) -> Result<Result<Brought, String>, BotError> {
    let limits = capabilities();
    let most = if incoming.photo { limits.photo_bytes } else { limits.document_bytes }.min(MAX_DOWNLOAD as u64);
    let too_large = || p!(cx.tr, "templates-media-large", limit = lines::size(cx.tr, most));
    if incoming.size > most {
        return Ok(Err(too_large()));
    }
    let bytes = match cx.deps.bot.download(&incoming.file_id).await {
        Ok(bytes) if bytes.len() as u64 > most => return Ok(Err(too_large())),
        Ok(bytes) if bytes.is_empty() => return Ok(Err(p!(cx.tr, "templates-media-empty"))),
        Ok(bytes) => bytes,
        Err(error) if error.says("too big") => return Ok(Err(too_large())),
        Err(error @ (ApiError::Limited(_) | ApiError::Unknown { .. } | ApiError::Refused { .. })) => {
            tracing::warn!(%error, "a template's file could not be brought");
            return Ok(Err(p!(cx.tr, "templates-media-failed")));
        }
    };
    let (kind, name) = if incoming.photo { (MediaKind::Photo, "photo.jpg") } else { (MediaKind::Document, incoming.name.as_str()) };
    let name = if name.trim().is_empty() { "file" } else { name };
    let mime = if incoming.mime.contains('/') { incoming.mime.as_str() } else { "application/octet-stream" };
    Ok(Ok(Brought { kind, name: name.to_owned(), mime: mime.to_owned(), bytes }))
}

/// Brings a file here and puts it into the version; the inner error is a sentence for the member.
pub(super) async fn take(cx: &Cx, version: VersionId, incoming: &IncomingFile) -> Result<Result<Version, String>, BotError> {
    let Brought { kind, name, mime, bytes } = match bring(cx, incoming).await? {
        Ok(brought) => brought,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let mut tx = cx.deps.store.begin().await?;
    account_load::keep_file(&mut tx, cx.actor()?.account, bytes.len(), cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let info = file::put(&mut tx, cx.actor()?.account, &name, &mime, &bytes, cx.now).await?;
    tx.commit().await?;
    Ok(Ok(edit(cx, version, Edit::Media(Some((kind, info.id)))).await?))
}

/// The file of a version, to be shown.
pub(super) async fn load_media(cx: &Cx, version: &Version) -> Result<Option<Media>, BotError> {
    let Some((kind, id)) = version.media_kind.zip(version.media_file_id) else { return Ok(None) };
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let (Some(info), Some(content)) = (file::info(store, account, id).await?, file::content(store, account, id).await?) else {
        return Ok(None);
    };
    Ok(Some(Media { kind: kind.into(), name: info.name, mime: info.mime, content: content.into() }))
}

/// Which file? `now`: the one there is.
#[must_use]
pub fn ask(tr: Tr, version: &Version, now: Option<String>) -> Screen {
    let limits = capabilities();
    let mut html = t!(
        tr,
        "templates-ask-media",
        name = &version.name,
        photo = lines::size(tr, limits.photo_bytes),
        document = lines::size(tr, limits.document_bytes.min(MAX_DOWNLOAD as u64)),
        caption = limits.caption_limit,
        text = limits.text_limit
    );
    let there = now.is_some();
    if let Some(now) = now {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "templates-media-now", file = crate::i18n::Html(now)));
    }
    Screen::new(html)
        .button_if(there, p!(tr, "templates-media-remove"), Call::RemoveMedia { version: version.id })
        .nav(tr, Call::Card { version: version.id })
}

/// Not this one.
#[must_use]
pub fn again(tr: Tr, version: &Version, sentence: &str) -> Screen {
    Screen::new(t!(tr, "templates-media-again", sentence = sentence)).nav(tr, Call::Card { version: version.id })
}
