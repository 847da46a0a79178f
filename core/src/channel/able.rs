//! What a messenger can do: data, so that nothing outside its folder asks which one it is.

use std::time::Duration;

#[cfg(doc)]
use super::{Channel, Charge, MediaSource, Outbound, Sent, fit, hook, store};
use super::{
    FileKind, MediaKind,
    fit::{Keyboard, Markup, Unit, Weight},
    review::TemplateRules,
};
use crate::{
    id::{ANY_CHANNEL, ChannelId},
    pace::Rates,
};

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
