//! Which messengers there are, and whose.

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

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
