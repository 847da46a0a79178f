//! A message on its way out: its words, its file, its buttons.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use super::SendError;
#[cfg(doc)]
use super::{Capabilities, Channel, EventKind, Sent};
use crate::text::Rich;

/// What kind of file goes with a message of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Photo,
    /// A file.
    Document,
}

impl From<MediaKind> for FileKind {
    fn from(kind: MediaKind) -> Self {
        match kind {
            MediaKind::Photo => Self::Photo,
            MediaKind::Document => Self::Document,
        }
    }
}

/// What kind of file goes with a message of a conversation, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FileKind {
    /// A picture.
    Photo,
    /// A file.
    Document,
    /// A film.
    Video,
    /// A film without sound that plays by itself.
    Animation,
    /// A round film recorded in the chat.
    VideoNote,
    /// Words recorded in the chat.
    Voice,
    /// Music.
    Audio,
    Sticker,
}

impl FileKind {
    /// Every kind.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word in tables and in the words that are kept of a message.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Video => "video",
            Self::Animation => "animation",
            Self::VideoNote => "video_note",
            Self::Voice => "voice",
            Self::Audio => "audio",
            Self::Sticker => "sticker",
        }
    }

    /// The kind of a word; `None`: something without a file (a place, a poll).
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Whether words can stand under it.
    #[must_use]
    pub fn has_caption(self) -> bool {
        !matches!(self, Self::VideoNote | Self::Sticker)
    }
}

/// A file that came with a message, still at the provider: [`Channel::fetch`] brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    pub kind: FileKind,
    /// The provider's reference; of use to this channel alone.
    pub reference: String,
    /// The name the sender gave it; empty: none.
    pub name: String,
    /// MIME type; empty: not told.
    pub mime: String,
    /// Bytes, as the provider says; `None`: it does not.
    pub size: Option<u64>,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Picture or file.
    pub kind: FileKind,
    /// Where it comes from.
    pub source: MediaSource,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaSource {
    /// At the provider already: its reference (Telegram: `file_id`).
    Reference(String),
    /// Here: uploaded with the message; the provider's reference comes back in
    /// [`Sent::media_reference`].
    Bytes {
        /// The name the recipient sees.
        name: String,
        /// MIME type.
        mime: String,
        /// The bytes.
        content: Arc<[u8]>,
    },
    /// Here, at an address from which the messenger fetches it
    /// ([`Capabilities::fetches_files`]).
    Link {
        /// Public, unguessable, and gone after a while ([`crate::store::public_file`]).
        url: String,
        /// The name the recipient sees.
        name: String,
        /// MIME type.
        mime: String,
        /// Bytes.
        size: u64,
    },
}

/// What the opt-out button in a customer's chat carries; the chat itself says whose it is.
pub const OPT_OUT_CALLBACK: &str = "stop";

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What is written on it.
    pub text: String,
    /// What it does.
    pub action: ButtonAction,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// Opens a page.
    Url(String),
    /// Comes back to us as [`EventKind::Press`]; 64 bytes at most.
    Callback(String),
    /// Asks the person to share their own phone number (a reply keyboard).
    SharePhone,
}

/// A message ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Our id of this message, the same at every attempt: for providers that take one.
    pub client_id: i64,
    /// Messages of one series say the same, and each person gets one of it: then its number stands
    /// for [`Self::client_id`] where a provider takes many recipients in one call.
    pub series: Option<i64>,
    /// The recipient's address at this messenger.
    pub to: String,
    pub content: Content,
    /// Pay for speed above the free limit, where the provider sells it.
    pub paid: bool,
}

impl Outbound {
    /// The file that goes with it, if one does.
    #[must_use]
    pub fn media(&self) -> Option<&Media> {
        match &self.content {
            Content::Free(free) => free.media.as_ref(),
            Content::Template(template) => template.header.as_ref(),
        }
    }

    /// Its own words and what goes with them.
    ///
    /// # Errors
    /// It goes by a template of the provider's: a messenger that has none refuses it.
    pub fn free(&self) -> Result<&Free, SendError> {
        match &self.content {
            Content::Free(free) => Ok(free),
            Content::Template(_) => Err(SendError::Rejected("this messenger has no templates of its own".to_owned())),
        }
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Its own words.
    Free(Free),
    /// A text that the provider approved before, with values for its variables.
    Template(Box<ProviderTemplate>),
}

/// A message's own words, with what goes with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Free {
    /// Text or caption.
    pub body: Rich,
    /// A file.
    pub media: Option<Media>,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// Take away the reply keyboard shown before.
    pub remove_keyboard: bool,
}

/// A template at the provider, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderTemplate {
    /// Its name at the provider.
    pub name: String,
    /// The provider's id of it; empty: not told yet.
    pub external_id: String,
    /// Its language, as the provider writes it (`ru`, `en_US`).
    pub language: String,
    /// Names and values of the body's variables, in their order; an empty name is a variable that
    /// is known by its place.
    pub parameters: Vec<(String, String)>,
    /// The file of its header.
    pub header: Option<Media>,
    /// What its buttons carry, by their place: [`ButtonAction::Callback`] is a quick reply,
    /// [`ButtonAction::Url`] the end of an address; `None`: nothing, for it is the same for all.
    pub buttons: Vec<Option<ButtonAction>>,
}
