//! A channel is one sending identity in one messenger. The trait is sized for all of
//! `contracts/messengers`: batch senders (VK), receipts (WhatsApp), client ids (VK, Wazzup),
//! looking back (MAX), media by reference, webhooks and polling.
//!
//! The adapter classifies, it never retries: each [`SendError`] is one transition of the delivery
//! and one sentence for the manager. Pacing, retries and records are the worker's.

pub mod charge;
pub mod cut;
pub mod daily;
mod download;
pub mod echo;
pub mod fit;
pub mod gate;
pub mod hook;
pub mod lease;
pub mod managers;
pub mod marks;
pub mod max;
pub mod media_ref;
mod nameless;
pub mod queries;
pub mod registry;
pub mod review;
pub mod shared;
pub mod store;
pub mod storm;
pub mod telegram;
pub mod viber;
pub mod vk;
pub mod wazzup;
pub mod whatsapp;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

pub use charge::Charge;
pub use daily::Daily;
pub use echo::Echo;
pub use fit::{Keyboard, Markup, Unit, Weight};
pub use review::{Category, FormButton, ReviewState, TemplateForm, TemplateNews, TemplateRules};

use crate::{
    clock::Moment,
    id::{ANY_CHANNEL, ChannelId},
    pace::{Rates, SharedRate},
    text::{Rich, clean_to},
    words::Reason,
};

/// Which messenger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChannelKind {
    /// A Telegram bot.
    Telegram,
    /// A bot of MAX.
    Max,
    /// A number of WhatsApp's Cloud API.
    Whatsapp,
    /// A bot of Viber.
    Viber,
    /// A community of VK.
    Vk,
    /// An ordinary number of WhatsApp at Wazzup, an aggregator. It has channels of many messengers,
    /// and each of them does what its own messenger lets it do.
    WazzupWhatsapp,
    /// A number of the WhatsApp Business API at Wazzup.
    WazzupWaba,
    /// A personal account of Telegram at Wazzup.
    WazzupTelegram,
    /// A bot of Telegram at Wazzup.
    WazzupTelegramBot,
    /// A personal account of MAX at Wazzup.
    WazzupMax,
    /// A bot of MAX at Wazzup.
    WazzupMaxBot,
    /// Viber at Wazzup.
    WazzupViber,
    /// A community of VK at Wazzup.
    WazzupVk,
    /// Avito at Wazzup.
    WazzupAvito,
    /// Instagram at Wazzup.
    WazzupInstagram,
}

impl ChannelKind {
    /// Every messenger.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The messenger of a name ([`Self::as_str`]).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The name in tables, callbacks, addresses of webhooks and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whose credentials a channel of this kind has: the messenger itself, or the aggregator whose
    /// channels go through many. Its name is what a kind's begins with.
    #[must_use]
    pub fn provider(self) -> &'static str {
        let name = self.as_str();
        name.split_once('_').map_or(name, |(provider, _)| provider)
    }

    /// The kinds of the same provider, this one among them.
    pub fn siblings(self) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |kind| kind.provider() == self.provider())
    }

    /// One kind of each provider, the first.
    pub fn providers() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| kind.siblings().next() == Some(*kind))
    }
}

/// What a messenger can do; data, so that lint, forecast and pump need no `match` on the messenger.
#[derive(Debug, Clone, PartialEq)]
pub struct Capabilities {
    /// The longest text message, in [`Self::unit`].
    pub text_limit: usize,
    /// The longest caption under media.
    pub caption_limit: usize,
    /// What lengths are counted in.
    pub unit: Unit,
    /// How styles are shown.
    pub markup: Markup,
    /// Words can stand under a file that is no picture.
    pub file_captions: bool,
    /// No other file than a picture goes along.
    pub pictures_only: bool,
    /// Largest photo, bytes.
    pub photo_bytes: u64,
    /// Largest document, bytes.
    pub document_bytes: u64,
    /// Largest file of a person that can be brought here ([`Channel::fetch`]), bytes.
    pub download_bytes: u64,
    /// Buttons under a message.
    pub max_buttons: usize,
    /// What they may be like.
    pub keyboard: Keyboard,
    /// A device of a recipient may show neither buttons nor styles: a message that it does not take
    /// goes a second time in words ([`fit::in_words`]).
    pub older_devices: bool,
    /// The most that a message may weigh as a whole; `None`: nothing is known of that.
    pub weight: Option<Weight>,
    /// How fast messages go, where the channel's row says nothing else
    /// ([`store::ChannelRow::rates`]).
    pub rates: Rates,
    /// How many messages one call carries.
    pub batch: Batch,
    /// Speed above the free limit is sold.
    pub sells_speed: bool,
    /// A repeat with the same client id makes no second message, within this time.
    pub client_id_window: Option<Duration>,
    /// A lost message is found in its dialogue by the client id ([`Channel::resolve`]), however
    /// long ago it went.
    pub finds_by_client_id: bool,
    /// A lost message is found in its dialogue by its words ([`Channel::resolve`]).
    pub finds_by_words: bool,
    /// The address kind recipients are reached at (`telegram`, `phone` …).
    pub address_kind: &'static str,
    /// Whether an address belongs to one sending identity only.
    pub scoped_addresses: bool,
    /// An address is the same person wherever it is met, though each sending identity may write to
    /// those alone who came to it.
    pub global_ids: bool,
    /// It tells when a message came to the recipient's device.
    pub tells_delivered: bool,
    /// It tells when a message was opened.
    pub tells_read: bool,
    /// Its receipts tell what a message is charged as ([`Charge`]).
    pub tells_charge: bool,
    /// The name of a message is `<id>:<address>`, so that a receipt says whose it is even when the
    /// message is not known by it ([`Sent::message_ref`]).
    pub receipts_name_person: bool,
    /// A tariff of the provider limits how many people are written to in a calendar month
    /// ([`store::ChannelSettings::people`]): the provider does not tell how many.
    pub limits_people: bool,
    /// It tells of so many people in one call whether they may be written to, before anything is
    /// sent ([`Channel::ask_ahead`]); 0: it does not.
    pub asks_ahead: usize,
    /// What people write comes by webhooks alone: the world must reach us.
    pub webhook_only: bool,
    /// Nothing can be sent before the messenger took the address of our webhook ([`hook`]).
    pub hook_first: bool,
    /// It takes no uploads: it fetches a file from an address of ours ([`MediaSource::Link`]).
    pub fetches_files: bool,
    /// There is one keyboard in a chat, the newest message's: what asks for an answer by buttons
    /// must not be followed by another message.
    pub one_keyboard: bool,
    /// A free text goes so long after the person's last word; at any other time, and so to
    /// whoever did not write, only a template that the provider approved. `None`: at any time.
    pub window: Option<Duration>,
    /// Campaigns go by templates that the provider approved before, and such ones can be handed in
    /// here ([`Channel::submit_template`]).
    pub templates: Option<TemplateRules>,
    /// People begin by writing, not by pressing a button «start»: their first words are answered
    /// as that press is elsewhere.
    pub starts_by_message: bool,
    /// A person can be asked to share their phone by a button.
    pub asks_phone: bool,
    /// A pressed button is told as the words on it, or there are no buttons at all: then what a
    /// button carries is found by the words, among the questions that the person was asked.
    pub presses_are_words: bool,
}

impl Capabilities {
    /// The longest words of a message with such a file, or with none.
    #[must_use]
    pub fn words(&self, media: Option<MediaKind>) -> usize {
        media.map_or(self.text_limit, |kind| self.words_under(kind.into()))
    }

    /// The longest words under a file of this kind; 0: none stand there.
    #[must_use]
    pub fn words_under(&self, kind: FileKind) -> usize {
        match kind {
            FileKind::Photo => self.caption_limit,
            _ if self.file_captions => self.caption_limit,
            _ => 0,
        }
    }

    /// Whether it tells what came to the device, and what was opened.
    #[must_use]
    pub fn receipts(&self) -> (bool, bool) {
        (self.tells_delivered, self.tells_read)
    }

    /// Whether no campaign goes by it: a free text reaches only those who wrote within the window,
    /// and there are no templates for the others.
    #[must_use]
    pub fn takes_no_campaigns(&self) -> bool {
        self.window.is_some() && self.templates.is_none()
    }

    /// What an address at this channel is tied to: the channel itself, or no sending identity
    /// ([`ANY_CHANNEL`]).
    #[must_use]
    pub fn scope(&self, channel: ChannelId) -> ChannelId {
        if self.scoped_addresses { channel } else { ANY_CHANNEL }
    }
}

/// How many messages one call to the provider carries at most: its limit is of calls, and
/// [`Capabilities::rates`] tell the messages of full calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Of whatever they say.
    pub any: usize,
    /// Of those that say the same ([`Outbound::series`]).
    pub same: usize,
}

impl Batch {
    /// A call carries one message.
    pub const ONE: Self = Self { any: 1, same: 1 };
}

/// Who the credentials say we are.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The sender's id at the provider.
    pub external_id: String,
    /// `@name`, without the `@`; may be empty.
    pub username: String,
    /// The name people see.
    pub name: String,
    /// What this very sender may do.
    pub terms: Terms,
}

/// A sender that some credentials lead to, where they lead to several ([`Channel::senders`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub kind: ChannelKind,
    /// As [`Identity::external_id`].
    pub external_id: String,
    /// As [`Identity::username`].
    pub username: String,
    /// The provider lets it send now.
    pub sends: bool,
}

/// What a provider says of a sender as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderState {
    /// It may send.
    Sends,
    /// It may not until the provider says otherwise: the provider's word for its state.
    Stands(String),
    /// It is to leave people alone for so long.
    Rests(Duration),
    /// What it stood still for under this word, or this code of a refusal, is over; for anything
    /// else it stands.
    Lifted(String),
}

/// What a look at a sender told ([`Channel::look`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The address of our webhook stands at the provider as it was given.
    pub hooked: bool,
    /// Where another program's webhook leads that stands there instead: a host, with its port where
    /// it is no usual one.
    pub elsewhere: Option<String>,
    /// `None`: the provider tells nothing of the sender.
    pub sender: Option<SenderState>,
    /// What the sender may do now; `None`: the provider was not asked.
    pub terms: Option<Terms>,
}

/// What a provider lets this very sender do, where its senders differ: a number's throughput, what
/// it shares with others. Kept in the channel's row; what is not told is as [`Capabilities`] say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// Messages a second through the whole channel.
    pub rate: Option<f64>,
    /// The limit it shares with other channels of the same account at the provider.
    pub shared: Option<SharedRate>,
    /// The people it may begin to write to within 24 hours.
    pub daily: Option<Daily>,
}

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

/// The provider took the message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// The provider's id of the message, unique within the channel (Telegram: `<chat>:<message>`).
    pub message_ref: String,
    /// The provider's reference of the uploaded file, to be used from now on.
    pub media_reference: Option<String>,
    /// The recipient's device is too old for the message, and this is what went: the same in words
    /// ([`fit::in_words`]).
    pub in_words: bool,
    /// The provider took it and does not let it go yet; `None`: it goes.
    pub held: Option<Held>,
}

/// Why a provider keeps a message that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The provider's word for it.
    pub why: String,
    /// Its template is paused: nothing else goes by that. What becomes of this message a receipt
    /// tells.
    pub barred: bool,
}

/// Why a message did not go, in the words of the delivery (design.md, Delivery). One variant, one
/// transition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too fast: not sent; nothing to this recipient (or through the whole channel) before `after`
    /// has passed.
    #[error("limited by the provider for {} s", after.as_secs())]
    RetryAfter {
        /// How long to hold.
        after: Duration,
        /// The whole channel, or this recipient alone.
        whole_channel: bool,
    },
    /// Not sent, for a passing cause: the same message may go later.
    #[error("a passing failure at the provider: {0}")]
    Transient(String),
    /// This recipient cannot be reached by this channel (never started, deleted, bad address).
    #[error("the recipient cannot be reached: {0}")]
    Unreachable(String),
    /// This recipient refused us: suppression.
    #[error("the recipient blocked the sender")]
    Blocked,
    /// This recipient told the messenger that they want no advertising from us: an opt-out.
    #[error("the recipient told the messenger to stop: {0}")]
    Stopped(String),
    /// The messenger lets nothing of this kind through to this recipient now; a later message may
    /// arrive.
    #[error("the provider withheld the message: {0}")]
    Withheld(String),
    /// The recipient wrote too long ago: outside this time only an approved template may go.
    #[error("the recipient wrote too long ago for a free text: {0}")]
    WindowClosed(String),
    /// The message needs a template of the provider's that is approved and in force, and this one
    /// is none.
    #[error("there is no approved template for the message: {0}")]
    TemplateNeeded(String),
    /// Not sent: the sender's quota is used up. Nothing goes through the channel before `until`.
    #[error("the sender's quota is used up until {until}: {why}")]
    Quota {
        until: Moment,
        /// The provider's code and words.
        why: String,
    },
    /// Not sent: the sender wrote to as many people this month as it may. Whoever is one of them
    /// may be written to still, and nobody else before `until`.
    #[error("the sender's people of this month are used up until {until}: {why}")]
    Newcomer {
        until: Moment,
        /// The provider's code and words.
        why: String,
    },
    /// This message is refused, whoever the recipient.
    #[error("the message was refused: {0}")]
    Rejected(String),
    /// Not sent: the provider no longer knows the reference the message's file went by. Uploaded
    /// again, it goes.
    #[error("the provider no longer knows the file: {0}")]
    ReferenceLost(String),
    /// Our credentials are no longer valid: the channel pauses.
    #[error("the credentials of the channel were refused: {0}")]
    Unauthorised(String),
    /// The channel is set up wrongly or frozen: it pauses.
    #[error("the channel cannot send: {0}")]
    Misconfigured(String),
    /// Not sent: this sender may not say the same to several people in one call. By now its
    /// capabilities say so, and each message goes by itself.
    #[error("the sender may not write to several people at once: {0}")]
    Apart(String),
    /// Not sent: the channel has been taken over meanwhile, or may have been ([`lease::under`]).
    #[error("the channel is no longer ours to send through")]
    NotOurs,
    /// No answer: it may have been sent. Never «send again» by itself.
    #[error("no answer, so it is not known whether the message was sent: {0}")]
    Unknown(String),
}

impl SendError {
    /// The provider's own code and words, for the manager: kept with a message that it ends
    /// ([`Self::SAID`] characters at most).
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let words = match self {
            Self::Blocked | Self::RetryAfter { .. } | Self::NotOurs => return None,
            Self::Transient(why)
            | Self::Unreachable(why)
            | Self::Stopped(why)
            | Self::Withheld(why)
            | Self::WindowClosed(why)
            | Self::TemplateNeeded(why)
            | Self::Quota { why, .. }
            | Self::Newcomer { why, .. }
            | Self::Rejected(why)
            | Self::ReferenceLost(why)
            | Self::Unauthorised(why)
            | Self::Misconfigured(why)
            | Self::Apart(why)
            | Self::Unknown(why) => why,
        };
        Some(clean_to(words, Self::SAID)).filter(|words| !words.is_empty())
    }

    /// A file was given by its address to a messenger that takes uploads.
    #[must_use]
    pub fn takes_uploads() -> Self {
        Self::Rejected("this messenger takes uploads and fetches no files".to_owned())
    }

    /// The most that is kept of a provider's words, characters.
    pub const SAID: usize = 300;
}

/// What can be said of a message whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    Sent(Sent),
    /// It certainly was not.
    NotSent,
    /// This provider cannot tell.
    CannotTell,
    /// The provider did not answer, or would not just now: it may tell later.
    NotNow,
}

/// Something that came from a messenger, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The address it came from, as this channel writes addresses.
    pub from: String,
    /// The person as the messenger shows them.
    pub profile: Profile,
    /// When it happened, by the provider.
    pub at: Moment,
    /// The provider's id of the message it is about or came in, if any, in the form of
    /// [`Sent::message_ref`].
    pub message_ref: Option<String>,
    pub kind: EventKind,
}

/// How the messenger shows a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    pub first_name: String,
    pub last_name: String,
    /// Nickname without `@`.
    pub username: String,
    /// IETF language tag, if told.
    pub language: Option<String>,
    /// Their own phone with its plus, where the messenger itself says whose it is.
    pub phone: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// `/start`, with the deep link's payload.
    Started(Option<String>),
    /// A text, perhaps an answer to one of our messages.
    Text {
        /// What was written.
        body: String,
        /// The message it answers, as a `message_ref`.
        reply_to: Option<String>,
    },
    /// A phone number shared by its owner (`own`), or somebody else's contact card.
    Phone {
        number: String,
        /// It is the sender's own.
        own: bool,
    },
    /// A phone that the person says is theirs, which nothing proves.
    PhoneClaimed { number: String },
    /// The messenger refuses the sender as a whole, and says so of a message it had taken: its code
    /// and words.
    Refused(String),
    /// A button under a message; of ours, or of another program that wrote in our name.
    Press {
        data: String,
        /// What stands on it; empty where the messenger does not say.
        label: String,
        /// What to answer the press by.
        query_id: String,
    },
    /// A picture, voice, file …: the kind as a word, with the caption.
    Media {
        /// `photo`, `voice` …
        what: String,
        caption: String,
        /// The file; `None`: there is none (a place on the map, a poll).
        file: Option<Attached>,
        /// The message it answers, as a `message_ref`.
        reply_to: Option<String>,
    },
    /// A message of the person's was changed: what it says now.
    Edited(Box<EventKind>),
    /// The person blocked us.
    Blocked,
    /// The person lifted the block.
    Unblocked,
    /// The person told the messenger that they want no advertising from us.
    Stopped,
    /// The person has another address now: whatever was known of the old one ([`Event::from`]) is
    /// theirs.
    Moved {
        /// The new address.
        to: String,
        /// A phone that is theirs no more; the new one is in [`Event::profile`].
        old_phone: Option<String>,
    },
    /// The provider's news of a message of ours.
    Receipt(News),
    /// Something went out, of ours or written by hand.
    Echo(Echo),
    /// The person opened the dialogue: everything of ours in it is read, up to one message.
    Read {
        /// The provider's id of that message. Of the others in the dialogue those are meant whose
        /// id ends with a smaller number, or the same, after its last colon.
        last: String,
    },
    /// The provider's news of a template.
    Template(Box<TemplateNews>),
    /// The provider's news of the sender itself.
    Sender(SenderState),
    /// The provider's news of senders that need not be the one it came to.
    Senders {
        /// The account at the provider whose senders they are ([`Daily::account`]).
        account: String,
        /// The one of this name ([`Identity::username`]); `None`: all of them.
        name: Option<String>,
        state: SenderState,
    },
    /// The provider's news of how many people may be begun with within 24 hours ([`Daily`]).
    Daily {
        /// The account at the provider whose senders it is about.
        account: String,
        /// People; `None`: any number.
        most: Option<i64>,
    },
    /// Nothing the product acts upon.
    Ignored,
}

/// What a provider tells of a message after it took it. They come twice, out of order, early and
/// late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It left: an answer that was lost was a yes.
    Sent,
    /// On the recipient's device.
    Delivered,
    /// Opened.
    Read,
    /// Taken and then refused after all. What arrived is never taken back by it.
    Failed(Reason),
}

/// How a provider names a message of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageName {
    /// By its own id, unique within the channel.
    Ref(String),
    /// By the id we gave it ([`Outbound::client_id`]).
    Client(i64),
}

/// The longest name a provider's message may have, bytes: many times what any of them gives, and
/// what a key of the database holds.
const LONGEST_NAME: usize = 500;

/// A provider's later news of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub message: MessageName,
    /// The provider's id of it, where `message` is ours: kept if the answer that told it was lost.
    pub message_ref: Option<String>,
    /// How far it got.
    pub receipt: Receipt,
    /// When, as the provider says; `None`: it does not, and the time it came counts.
    pub at: Option<Moment>,
    /// The provider's code and words, for whoever asks it.
    pub detail: Option<String>,
    /// What it is charged as, where the provider says it.
    pub charge: Option<Charge>,
}

impl News {
    /// Whether its names are of a length that a message of ours may have: a longer one is nobody's.
    #[must_use]
    pub fn is_of_a_message(&self) -> bool {
        let names = match &self.message {
            MessageName::Ref(name) => [Some(name), self.message_ref.as_ref()],
            MessageName::Client(_) => [None, self.message_ref.as_ref()],
        };
        names.into_iter().flatten().all(|name| name.len() <= LONGEST_NAME)
    }
}

/// A raw update as it came by long polling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUpdate {
    /// What the provider's update is told from others by, for deduplication: the same one twice has
    /// the same.
    pub external_id: String,
    /// The body, verbatim.
    pub payload: String,
}

/// What one long poll brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Polled {
    pub updates: Vec<RawUpdate>,
    /// Where to go on: the messenger's own text, and nobody else's to compare. It follows the
    /// newest batch wherever that leads. `None`: from where this poll began.
    pub cursor: Option<String>,
    /// The messenger says that events before these are lost: somebody's «stop» may be among them.
    pub forgot: bool,
}

/// One messenger's adapter, bound to one sending identity.
#[async_trait::async_trait]
pub trait Channel: Send + Sync + std::fmt::Debug {
    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Asks the provider who we are.
    async fn identify(&self) -> Result<Identity, SendError>;

    /// The senders that these credentials lead to, where a member picks among several.
    async fn senders(&self) -> Result<Vec<Offer>, SendError> {
        Ok(Vec::new())
    }

    /// Sends `batch`; one result each, in order.
    async fn send(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>>;

    /// How many calls a message takes. Each takes its place in the channel's pace.
    fn calls(&self, message: &Outbound) -> usize {
        let _ = message;
        1
    }

    /// What became of a message whose outcome is unknown, and which was tried at `since` first.
    async fn resolve(&self, unknown: &Outbound, since: Moment) -> Resolution {
        let _ = (unknown, since);
        Resolution::CannotTell
    }

    /// Understands a raw update or webhook body.
    ///
    /// # Errors
    /// A sentence for the log when the body is not of the provider's shape.
    fn understand(&self, raw: &str) -> Result<Vec<Event>, String>;

    /// How the messenger shows these people, where its events do not tell: by their addresses.
    /// Nobody's words wait long for it, and whom it leaves out stays without a name.
    async fn introduce(&self, people: &[String]) -> Vec<(String, Profile)> {
        let _ = people;
        Vec::new()
    }

    /// Whether these people may be written to, or how a message would be refused, by their
    /// addresses: [`Capabilities::asks_ahead`] of them at most. Whom the messenger does not name is
    /// left out.
    async fn ask_ahead(&self, people: &[String]) -> Result<Vec<(String, Result<(), SendError>)>, SendError> {
        let _ = people;
        Ok(Vec::new())
    }

    /// How long the reference of a file of ours is used after its upload ([`media_ref`]).
    fn media_lives(&self) -> TimeDelta {
        TimeDelta::MAX
    }

    /// The bytes of a file that a person sent ([`Attached::reference`]):
    /// [`Capabilities::download_bytes`] at most. A file that is there no more is
    /// [`SendError::ReferenceLost`], a larger one [`SendError::Rejected`].
    async fn fetch(&self, reference: &str) -> Result<Vec<u8>, SendError>;

    /// Answers a button press, so that the recipient's client stops waiting.
    async fn answer_press(&self, query_id: &str, text: &str) -> Result<(), SendError>;

    /// Takes the buttons of a message of ours away: its question was answered. A messenger that
    /// changes no message leaves them.
    async fn take_buttons(&self, message_ref: &str) -> Result<(), SendError> {
        let _ = message_ref;
        Ok(())
    }

    /// Hands a template in for review ([`Capabilities::templates`]). One of its name and language
    /// that the provider has already is what it then tells of, so a second try does no harm.
    async fn submit_template(&self, form: &TemplateForm) -> Result<TemplateNews, SendError> {
        let _ = form;
        Err(SendError::Rejected("this messenger has no templates of its own".to_owned()))
    }

    /// What has become of templates of these names: those that are there, in any order.
    async fn templates(&self, names: &[String]) -> Result<Vec<TemplateNews>, SendError> {
        let _ = names;
        Err(SendError::Rejected("this messenger has no templates of its own".to_owned()))
    }

    /// One long poll from where the one before led ([`Polled::cursor`]); `None`: the first of all.
    async fn poll(&self, cursor: Option<&str>, timeout: Duration) -> Result<Polled, SendError>;

    /// Asks for webhooks at `url` with this secret; `None` goes back to polling.
    async fn set_webhook(&self, hook: Option<(&str, &str)>) -> Result<(), SendError>;

    /// A harmless question to a messenger that calls us: whether it answers, whether our webhook at
    /// this address with this secret is there still, and how the sender stands.
    async fn look(&self, hook: (&str, &str)) -> Result<Look, SendError> {
        let _ = hook;
        self.identify().await.map(|identity| Look { hooked: true, elsewhere: None, sender: None, terms: Some(identity.terms) })
    }

    /// What answers the question whether the address of webhooks is ours, where the messenger asks
    /// so ([`gate::Gate::confirmation`]).
    async fn confirmation(&self) -> Result<String, SendError> {
        Err(SendError::Misconfigured("this messenger does not ask whose the address is".to_owned()))
    }
}
