//! What each messenger behind Wazzup lets a channel do (contracts/messengers/wazzup.md, sections
//! 1, 2 and 4): data. Where pages of the provider disagree, the lower number stands.

use std::time::Duration;

use crate::{
    channel::{
        Batch, Capabilities, ChannelKind, Keyboard, Markup, Unit,
        fit::{Answers, Links},
        marks::Marks,
    },
    http,
    pace::{ChannelRate, Rates, RecipientRate},
};

use super::templates;

/// Bytes of a file through the API, whatever the messenger; of a picture where it takes less.
const FILE: u64 = 10 * 1024 * 1024;
const SMALL_PICTURE: u64 = 5 * 1024 * 1024;

/// Which buttons a message may have (section 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Buttons {
    /// None: they are words.
    Words,
    /// A list of short answers.
    Answers,
    /// Rows of a keyboard whose buttons write what is on them. Those that carry something under a
    /// message exist too, but no event of a press is documented.
    Keyboard,
    /// Rows of a bot of MAX: those that write, and those that open a page.
    Max,
}

/// A messenger behind Wazzup.
#[derive(Debug)]
pub(super) struct Transport {
    pub kind: ChannelKind,
    /// `transport` in the list of channels.
    pub word: &'static str,
    /// `chatType` of its messages.
    pub chat_type: &'static str,
    /// A `chatId` is a phone, digits alone.
    pub chats_are_phones: bool,
    /// `plainId` is a phone, or the name of a bot.
    pub is_found_by_phone: bool,
    pub buttons: Buttons,
    pub capabilities: Capabilities,
}

/// What the channels have in common. A repeat under one `crmMessageId` is refused for 60 seconds
/// (section 3); ten of them are left to clocks that differ and to answers that are late.
const COMMON: Capabilities = Capabilities {
    text_limit: 4_096,
    caption_limit: 4_096,
    unit: Unit::Chars,
    markup: Markup::None,
    file_captions: true,
    pictures_only: false,
    photo_bytes: FILE,
    document_bytes: FILE,
    download_bytes: http::MAX_BODY as u64,
    max_buttons: 24,
    keyboard: Keyboard::NONE,
    older_devices: false,
    weight: None,
    rates: Rates { channel: BOT, recipient: RecipientRate { every: Duration::from_secs(1), burst: 2 } },
    batch: Batch::ONE,
    sells_speed: false,
    client_id_window: Some(Duration::from_secs(50)),
    finds_by_client_id: false,
    finds_by_words: false,
    address_kind: "",
    scoped_addresses: true,
    global_ids: false,
    tells_delivered: true,
    tells_read: true,
    tells_charge: false,
    receipts_name_person: false,
    limits_people: true,
    asks_ahead: 0,
    webhook_only: true,
    hook_first: false,
    fetches_files: true,
    one_keyboard: false,
    window: None,
    templates: None,
    starts_by_message: true,
    asks_phone: false,
    presses_are_words: true,
};

/// Characters on a short answer, and on a button of a keyboard.
const ON_ANSWER: usize = 20;
const ON_BUTTON: usize = 64;

/// A press comes back as the words on the button.
const ANSWERS: Keyboard = Keyboard { links: Links::Said, answers: Answers::Understood, label: ON_ANSWER, ..Keyboard::ANY };
const KEYBOARD: Keyboard = Keyboard { label: ON_BUTTON, ..ANSWERS };
const MAX: Keyboard = Keyboard { links: Links::Stand, ..KEYBOARD };

/// What WhatsApp reads out of a text, and what others do (section 2.3), of which nothing more is
/// told.
const WHATSAPP: Markup = Markup::Marks(MARKS);
const OTHERS: Markup = Markup::Marks(Marks { at_words: false, ..MARKS });
pub(super) const MARKS: Marks =
    Marks { bold: "*", italic: "_", strike: "~", code: "```", pre: "```", blocks: false, under_files: true, at_words: true };

/// A number or an account of a person is blocked for what looks like a mailing: one message in ten
/// seconds is the faster end of what section 4 advises.
const PERSONAL: ChannelRate = ChannelRate::fixed(0.1);
/// No figure is published for bots and communities: it is found out, far below the key's limit.
const BOT: ChannelRate = ChannelRate { floor: 5.0, ceiling: 20.0 };
const WABA: ChannelRate = ChannelRate { floor: 10.0, ceiling: 40.0 };

const fn with(channel: ChannelRate) -> Rates {
    Rates { channel, ..COMMON.rates }
}

/// All of them; the order is that of a list of channels.
pub(super) static TRANSPORTS: [Transport; 10] = [
    Transport {
        kind: ChannelKind::WazzupWhatsapp,
        word: "whatsapp",
        chat_type: "whatsapp",
        chats_are_phones: true,
        is_found_by_phone: true,
        buttons: Buttons::Words,
        capabilities: Capabilities {
            markup: WHATSAPP,
            text_limit: 10_000,
            caption_limit: 10_000,
            rates: with(PERSONAL),
            address_kind: "wazzup_whatsapp",
            global_ids: true,
            ..COMMON
        },
    },
    Transport {
        kind: ChannelKind::WazzupWaba,
        word: "wapi",
        chat_type: "whatsapp",
        chats_are_phones: true,
        is_found_by_phone: true,
        buttons: Buttons::Answers,
        capabilities: Capabilities {
            markup: WHATSAPP,
            keyboard: ANSWERS,
            text_limit: 1_024,
            caption_limit: 1_024,
            photo_bytes: SMALL_PICTURE,
            max_buttons: 10,
            rates: with(WABA),
            address_kind: "wazzup_waba",
            global_ids: true,
            window: Some(Duration::from_secs(24 * 3_600)),
            templates: Some(templates::RULES),
            ..COMMON
        },
    },
    Transport {
        kind: ChannelKind::WazzupTelegram,
        word: "tgapi",
        chat_type: "telegram",
        chats_are_phones: false,
        is_found_by_phone: true,
        buttons: Buttons::Words,
        capabilities: Capabilities {
            photo_bytes: SMALL_PICTURE,
            rates: with(PERSONAL),
            address_kind: "wazzup_telegram",
            tells_delivered: false,
            ..COMMON
        },
    },
    Transport {
        kind: ChannelKind::WazzupTelegramBot,
        word: "telegram",
        chat_type: "telegram",
        chats_are_phones: false,
        is_found_by_phone: false,
        buttons: Buttons::Keyboard,
        capabilities: Capabilities {
            markup: OTHERS,
            keyboard: KEYBOARD,
            photo_bytes: SMALL_PICTURE,
            address_kind: "wazzup_telegram_bot",
            tells_delivered: false,
            ..COMMON
        },
    },
    Transport {
        kind: ChannelKind::WazzupMax,
        word: "max",
        chat_type: "max",
        chats_are_phones: false,
        is_found_by_phone: true,
        buttons: Buttons::Words,
        capabilities: Capabilities { rates: with(PERSONAL), address_kind: "wazzup_max", ..COMMON },
    },
    Transport {
        kind: ChannelKind::WazzupMaxBot,
        word: "maxbot",
        chat_type: "max",
        chats_are_phones: false,
        is_found_by_phone: false,
        buttons: Buttons::Max,
        capabilities: Capabilities { keyboard: MAX, address_kind: "wazzup_max_bot", ..COMMON },
    },
    Transport {
        kind: ChannelKind::WazzupViber,
        word: "viber",
        chat_type: "viber",
        chats_are_phones: true,
        is_found_by_phone: true,
        buttons: Buttons::Words,
        capabilities: Capabilities {
            markup: OTHERS,
            text_limit: 6_999,
            caption_limit: 6_999,
            address_kind: "wazzup_viber",
            global_ids: true,
            ..COMMON
        },
    },
    Transport {
        kind: ChannelKind::WazzupVk,
        word: "vk",
        chat_type: "vk",
        chats_are_phones: false,
        is_found_by_phone: false,
        buttons: Buttons::Words,
        capabilities: Capabilities { text_limit: 1_000, caption_limit: 1_000, address_kind: "wazzup_vk", ..COMMON },
    },
    Transport {
        kind: ChannelKind::WazzupAvito,
        word: "avito",
        chat_type: "avito",
        chats_are_phones: false,
        is_found_by_phone: false,
        buttons: Buttons::Words,
        capabilities: Capabilities {
            text_limit: 1_000,
            caption_limit: 1_000,
            rates: with(PERSONAL),
            address_kind: "wazzup_avito",
            ..COMMON
        },
    },
    Transport {
        kind: ChannelKind::WazzupInstagram,
        word: "instagram",
        chat_type: "instagram",
        chats_are_phones: false,
        is_found_by_phone: false,
        buttons: Buttons::Words,
        capabilities: Capabilities {
            pictures_only: true,
            text_limit: 1_000,
            caption_limit: 1_000,
            rates: with(PERSONAL),
            address_kind: "wazzup_instagram",
            window: Some(Duration::from_secs(7 * 24 * 3_600)),
            ..COMMON
        },
    },
];

/// The messenger of a kind of channels.
pub(super) fn of(kind: ChannelKind) -> &'static Transport {
    TRANSPORTS.iter().find(|transport| transport.kind == kind).unwrap_or(&TRANSPORTS[0])
}

/// The messenger of a word in the list of channels; `None`: one that is newer than this program.
pub(super) fn named(word: &str) -> Option<&'static Transport> {
    TRANSPORTS.iter().find(|transport| transport.word.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The way back to a person goes by the kind of their address.
    #[test]
    fn each_messenger_is_there_once_with_addresses_of_its_own() {
        let kinds: Vec<ChannelKind> = ChannelKind::WazzupWaba.siblings().collect();
        assert_eq!(kinds, TRANSPORTS.iter().map(|transport| transport.kind).collect::<Vec<_>>());
        for transport in &TRANSPORTS {
            assert_eq!(transport.capabilities.address_kind, transport.kind.as_str());
            assert_eq!(of(transport.kind).word, transport.word);
            assert_eq!(named(transport.word).map(|one| one.kind), Some(transport.kind));
            assert!(!transport.chats_are_phones || transport.capabilities.global_ids, "a phone is the same everywhere");
            assert_eq!(transport.capabilities.text_limit, transport.capabilities.caption_limit, "words are a message of their own");
        }
        assert!(named("icq").is_none());
    }
}
