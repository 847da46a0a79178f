//! The messengers behind channels: who is addressed how, who may be written to first, how long a
//! text may be (contract, 2.1 to 2.3).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::telegram::User;

/// What a channel goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// An ordinary WhatsApp number.
    Whatsapp,
    /// WABA.
    Wapi,
    /// A personal Telegram account.
    Tgapi,
    /// A Telegram bot.
    Telegram,
    /// A personal MAX account.
    Max,
    Maxbot,
    Viber,
    Vk,
    Avito,
    Instagram,
}

impl Transport {
    /// The `chatType` its messages have.
    #[must_use]
    pub fn chat_type(self) -> &'static str {
        match self {
            Self::Whatsapp | Self::Wapi => "whatsapp",
            Self::Tgapi | Self::Telegram => "telegram",
            Self::Max | Self::Maxbot => "max",
            Self::Viber => "viber",
            Self::Vk => "vk",
            Self::Avito => "avito",
            Self::Instagram => "instagram",
        }
    }

    /// What the messenger calls a person.
    #[must_use]
    pub fn chat_id(self, user: &User) -> String {
        match self {
            Self::Whatsapp | Self::Wapi | Self::Viber => digits(&user.phone),
            Self::Instagram => user.username.clone().unwrap_or_else(|| format!("ig{}", user.id)),
            Self::Avito => format!("u2i-{}", user.id),
            Self::Tgapi | Self::Telegram | Self::Max | Self::Maxbot | Self::Vk => user.id.to_string(),
        }
    }

    /// Whether a person may be written to before they wrote.
    pub(crate) fn writes_first(self) -> bool {
        matches!(self, Self::Whatsapp | Self::Wapi | Self::Tgapi | Self::Max)
    }

    /// Whether a person is found by a phone number.
    pub(crate) fn by_phone(self) -> bool {
        matches!(self, Self::Tgapi | Self::Max)
    }

    /// How long after the person's last word ordinary messages are taken, and the code after it.
    pub(crate) fn window(self) -> Option<(TimeDelta, &'static str)> {
        match self {
            Self::Wapi => Some((TimeDelta::hours(24), "24_HOURS_EXCEEDED")),
            Self::Instagram => Some((TimeDelta::days(7), "7_DAYS_EXCEEDED")),
            _ => None,
        }
    }

    /// Whether the messenger tells that a message was delivered.
    pub(crate) fn delivers(self) -> bool {
        !matches!(self, Self::Telegram | Self::Tgapi)
    }

    /// Characters of a text, and the code of a longer one.
    pub(crate) fn text(self, settings: &Settings) -> (usize, &'static str) {
        match self {
            Self::Whatsapp => (settings.whatsapp_text, "MESSAGE_TEXT_TOO_LONG"),
            Self::Wapi => (settings.waba_text, "MESSAGES_TOO_LONG_WABA"),
            Self::Telegram | Self::Tgapi => (4096, "MESSAGES_TOO_LONG_TELEGRAM"),
            Self::Max | Self::Maxbot => (4096, "MESSAGE_TEXT_TOO_LONG"),
            Self::Viber => (6999, "MESSAGES_TOO_LONG_VIBER"),
            Self::Vk => (settings.vk_text, "MESSAGES_TOO_LONG_VK"),
            Self::Avito => (1000, "MESSAGES_TOO_LONG_AVITO"),
            Self::Instagram => (1000, "MESSAGES_TOO_LONG_INSTAGRAM"),
        }
    }

    /// Bytes of a picture and of any other file, and the code of a larger one.
    pub(crate) fn file(self) -> (usize, usize, &'static str) {
        const MB: usize = 1024 * 1024;
        match self {
            Self::Wapi => (5 * MB, 10 * MB, "MESSAGES_CONTENT_SIZE_EXCEEDED_WABA"),
            Self::Telegram | Self::Tgapi => (5 * MB, 10 * MB, "MESSAGES_CONTENT_SIZE_EXCEEDED_TELEGRAM"),
            // Ten megabytes through the API, whatever the messenger.
            _ => (10 * MB, 10 * MB, "MESSAGES_CONTENT_SIZE_EXCEEDED"),
        }
    }
}

pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
