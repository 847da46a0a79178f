//! What the words typed next are for: a step and ids, kept in a table, so that a restart loses
//! nothing. Drafts live in their own tables; only a text that waits for its author's word, because
//! a colleague wrote another one meanwhile, is kept with its step.

use mms_core::{channel::FileKind, clock::Moment, on, store::Store, text::Rich};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use teloxide::types::{Message, MessageEntityKind, MessageKind};

use super::callback::Need;

/// Of which shape the stored state is; another shape is an outdated dialogue.
const VERSION: u32 = 1;

/// The state of a chat.
pub const GET: &str = "select state from dialogue where chat_id = $1";
/// Puts it.
pub const SET: &str = "insert into dialogue (chat_id, state, updated_at) values ($1, $2, $3) on conflict (chat_id) do update set state = excluded.state, updated_at = excluded.updated_at";
/// Ends it.
pub const CLEAR: &str = "delete from dialogue where chat_id = $1";
/// Every statement.
pub const ALL: &[&str] = &[GET, SET, CLEAR];

/// What a feature's steps can do.
pub trait Steps {
    /// Who may answer this step; asked again at every answer, for a role may have changed
    /// meanwhile.
    fn need(&self) -> Need;

    /// Whether passwords and tokens may come here: the step deletes their messages itself.
    /// Elsewhere a token is taken for a slip of the hand.
    fn takes_secrets(&self) -> bool {
        false
    }

    /// Whether a press of this button answers the step: then the dialogue is not left by it.
    fn waits_for(&self, wire: &str) -> bool {
        let _ = wire;
        false
    }

    /// Whether this can be an answer: words, unless the step says otherwise. Anything else (a
    /// sticker, a place, a voice message) leaves the question as it stands, and the member is told.
    fn takes(&self, input: &Input) -> bool {
        input.has_words()
    }

    /// Whether the step was only kept for more of what was sent before, and this is something else:
    /// then nothing is asked.
    fn is_over(&self, input: &Input) -> bool {
        let _ = input;
        false
    }
}

/// A feature's step as the question a chat is asked: what is kept of it names its feature, so that
/// the answer finds the way back.
pub trait Question {
    /// The steps of all features in one.
    type Kept: Serialize + Sync;
    /// The step as it is kept.
    fn kept(self) -> Self::Kept;
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept<S> {
    v: u32,
    step: S,
    /// The message that shows the question: it loses its buttons once it is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<i32>,
}

/// The step a chat is at; `None` also for a state of another version of the program.
///
/// # Errors
/// The database's.
pub async fn get<S: DeserializeOwned>(store: &Store, chat: i64) -> sqlx::Result<Option<S>> {
    Ok(question(store, chat).await?.map(|(step, _)| step))
}

/// The step a chat is at, and the message that shows its question if that was noted.
///
/// # Errors
/// The database's.
pub async fn question<S: DeserializeOwned>(store: &Store, chat: i64) -> sqlx::Result<Option<(S, Option<i32>)>> {
    let state: Option<sqlx::types::Json<serde_json::Value>> =
        on!(store.read(), |c| sqlx::query_scalar(GET).bind(chat).fetch_optional(c).await)?;
    Ok(state
        .and_then(|state| serde_json::from_value::<Kept<S>>(state.0).ok())
        .filter(|kept| kept.v == VERSION)
        .map(|kept| (kept.step, kept.message)))
}

/// Puts a chat at a step.
///
/// # Errors
/// The database's.
pub async fn set<S: Serialize + Sync>(store: &Store, chat: i64, step: &S, now: Moment) -> sqlx::Result<()> {
    put(store, chat, &Kept { v: VERSION, step, message: None }, now).await
}

/// Notes which message shows the question of the step a chat is at.
///
/// # Errors
/// The database's.
pub async fn shown(store: &Store, chat: i64, message: i32, now: Moment) -> sqlx::Result<()> {
    match question::<serde_json::Value>(store, chat).await? {
        Some((step, before)) if before != Some(message) => put(store, chat, &Kept { v: VERSION, step, message: Some(message) }, now).await,
        _ => Ok(()),
    }
}

async fn put<S: Serialize + Sync>(store: &Store, chat: i64, kept: &Kept<S>, now: Moment) -> sqlx::Result<()> {
    let state = sqlx::types::Json(kept);
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(SET).bind(chat).bind(state).bind(now).execute(c).await.map(|_| ()))?;
    tx.commit().await
}

/// Takes a chat out of its dialogue.
///
/// # Errors
/// The database's.
pub async fn clear(store: &Store, chat: i64) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(CLEAR).bind(chat).execute(c).await.map(|_| ()))?;
    tx.commit().await
}

/// What a member typed or sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input {
    /// The words (or a file's caption) with their styles; empty when there are none.
    pub rich: Rich,
    pub file: Option<IncomingFile>,
    /// The message's id.
    pub message: i32,
    /// Styles that no other messenger has and that the words lose.
    pub lost: Lost,
    /// Of which album the file is.
    pub album: Option<String>,
    /// Something recorded or played: what it is, and the file. Only conversations take such.
    pub recorded: Option<(FileKind, IncomingFile)>,
}

/// Styles of a typed message that are kept as plain ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Custom emoji: their plain twins stay.
    pub emoji: usize,
    /// Quotations that unfold: they stay as quotations.
    pub expandable: usize,
}

/// A file a member sent; [`crate::frame::api::Api::download`] brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingFile {
    /// Telegram's reference.
    pub file_id: String,
    /// Its name; empty for a picture.
    pub name: String,
    /// MIME type, if told.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Sent as a picture.
    pub photo: bool,
}

impl Input {
    /// The words without styles, trimmed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.rich.text.trim()
    }

    /// Whether there are words that a person sees.
    #[must_use]
    pub fn has_words(&self) -> bool {
        !mms_core::text::clean(self.text()).is_empty()
    }

    /// A file that is no picture: what a table is sent as.
    #[must_use]
    pub fn document(&self) -> Option<&IncomingFile> {
        self.file.as_ref().filter(|file| !file.photo)
    }

    /// Reads a message.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let (text, entities) = match (message.text(), message.caption()) {
            (Some(text), _) => (text, message.entities()),
            (None, Some(caption)) => (caption, message.caption_entities()),
            (None, None) => ("", None),
        };
        let entities = entities.unwrap_or_default();
        let count = |lost: fn(&MessageEntityKind) -> bool| entities.iter().filter(|entity| lost(&entity.kind)).count();
        Self {
            rich: Rich { text: text.to_owned(), spans: entities.iter().filter_map(span).collect() },
            file: file(message),
            message: message.id.0,
            lost: Lost {
                emoji: count(|kind| matches!(kind, MessageEntityKind::CustomEmoji { .. })),
                expandable: count(|kind| matches!(kind, MessageEntityKind::ExpandableBlockquote)),
            },
            album: message.media_group_id().map(|group| group.0.clone()),
            recorded: recorded(message),
        }
    }
}

/// Whether Telegram tells of the chat itself (a message was pinned, a photo was changed): nobody
/// sent it, so it answers nothing.
#[must_use]
pub fn is_service(message: &Message) -> bool {
    use MessageKind as Kind;
    // What this version cannot tell apart may have been sent by the person.
    !matches!(message.kind, Kind::Common(_) | Kind::Dice(_) | Kind::Giveaway(_) | Kind::Invoice(_) | Kind::WebAppData(_) | Kind::Empty {})
}

fn span(entity: &teloxide::types::MessageEntity) -> Option<mms_core::text::Span> {
    use MessageEntityKind as Kind;
    use mms_core::text::Style;
    let style = match &entity.kind {
        Kind::Bold => Style::Bold,
        Kind::Italic => Style::Italic,
        Kind::Underline => Style::Underline,
        Kind::Strikethrough => Style::Strike,
        Kind::Spoiler => Style::Spoiler,
        Kind::Code => Style::Code,
        Kind::Pre { .. } => Style::Pre,
        Kind::Blockquote | Kind::ExpandableBlockquote => Style::Quote,
        Kind::TextLink { url } => Style::Link(url.to_string()),
        _ => return None,
    };
    Some(mms_core::text::Span { offset: entity.offset, len: entity.length, style })
}

fn file(message: &Message) -> Option<IncomingFile> {
    if let Some(document) = message.document() {
        return Some(IncomingFile {
            file_id: document.file.id.0.clone(),
            name: document.file_name.clone().unwrap_or_default(),
            mime: document.mime_type.as_ref().map(ToString::to_string).unwrap_or_default(),
            size: u64::from(document.file.size),
            photo: false,
        });
    }
    // Sizes come smallest first.
    message.photo()?.last().map(|photo| IncomingFile {
        file_id: photo.file.id.0.clone(),
        name: String::new(),
        mime: "image/jpeg".to_owned(),
        size: u64::from(photo.file.size),
        photo: true,
    })
}

fn told(mime: Option<&impl ToString>, usual: &str) -> String {
    mime.map_or_else(|| usual.to_owned(), ToString::to_string)
}

/// A film, a sound or a sticker.
fn recorded(message: &Message) -> Option<(FileKind, IncomingFile)> {
    let of = |kind, file: &teloxide::types::FileMeta, name: Option<&String>, mime: String| {
        let name = name.cloned().unwrap_or_default();
        Some((kind, IncomingFile { file_id: file.id.0.clone(), name, mime, size: u64::from(file.size), photo: false }))
    };
    if let Some(voice) = message.voice() {
        return of(FileKind::Voice, &voice.file, None, told(voice.mime_type.as_ref(), "audio/ogg"));
    }
    if let Some(video) = message.video() {
        return of(FileKind::Video, &video.file, video.file_name.as_ref(), told(video.mime_type.as_ref(), "video/mp4"));
    }
    if let Some(note) = message.video_note() {
        return of(FileKind::VideoNote, &note.file, None, "video/mp4".to_owned());
    }
    if let Some(audio) = message.audio() {
        return of(FileKind::Audio, &audio.file, audio.file_name.as_ref(), told(audio.mime_type.as_ref(), "audio/mpeg"));
    }
    if let Some(film) = message.animation() {
        return of(FileKind::Animation, &film.file, film.file_name.as_ref(), told(film.mime_type.as_ref(), "video/mp4"));
    }
    let sticker = message.sticker()?;
    let mime = if sticker.is_animated() {
        "application/x-tgsticker"
    } else if sticker.is_video() {
        "video/webm"
    } else {
        "image/webp"
    };
    of(FileKind::Sticker, &sticker.file, None, mime.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The other files of an album were answered as if nobody had asked for them; emoji and
    /// quotations lost what they were without a word.
    #[test]
    fn an_album_and_lost_styles_are_seen() {
        let message = serde_json::json!({
            "message_id": 1, "date": 0, "media_group_id": "12", "caption": "x👍",
            "chat": { "id": 7, "type": "private", "first_name": "Anna" },
            "from": { "id": 7, "is_bot": false, "first_name": "Anna" },
            "photo": [{ "file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "file_size": 1 }],
            "caption_entities": [
                { "type": "expandable_blockquote", "offset": 0, "length": 1 },
                { "type": "custom_emoji", "offset": 1, "length": 2, "custom_emoji_id": "5" },
            ],
        });
        let input = Input::of(&serde_json::from_str(&message.to_string()).expect("a message"));
        assert_eq!((input.album.as_deref(), input.lost), (Some("12"), Lost { emoji: 1, expandable: 1 }));
        assert!(input.file.is_some_and(|file| file.photo));
    }
}
