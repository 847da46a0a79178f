//! Builds the adapter of a channel: one exhaustive `match` for each thing a messenger brings.

use std::sync::Arc;

use super::{Button, Capabilities, Channel, ChannelKind, gate::Gate, hook::Blame, max, telegram, viber, vk, wazzup, whatsapp};
use crate::{
    config::Endpoints,
    http::Route,
    secret::{Likeness, Secret},
    text::Rich,
};

/// Every kind of channel that Wazzup has.
macro_rules! wazzup {
    () => {
        ChannelKind::WazzupWhatsapp
            | ChannelKind::WazzupWaba
            | ChannelKind::WazzupTelegram
            | ChannelKind::WazzupTelegramBot
            | ChannelKind::WazzupMax
            | ChannelKind::WazzupMaxBot
            | ChannelKind::WazzupViber
            | ChannelKind::WazzupVk
            | ChannelKind::WazzupAvito
            | ChannelKind::WazzupInstagram
    };
}

/// The adapter for a channel with these credentials.
///
/// # Errors
/// Only if the TLS backend cannot start.
pub fn build(kind: ChannelKind, credentials: &Secret, endpoints: &Endpoints) -> reqwest::Result<Arc<dyn Channel>> {
    Ok(match kind {
        ChannelKind::Telegram => Arc::new(telegram::Telegram::new(&endpoints.telegram, &endpoints.telegram_route, credentials.clone())?),
        ChannelKind::Max => Arc::new(max::Max::new(&endpoints.max, &endpoints.max_route, credentials.clone())?),
        ChannelKind::Whatsapp => Arc::new(whatsapp::Whatsapp::new(&endpoints.whatsapp, &endpoints.whatsapp_route, credentials)?),
        ChannelKind::Viber => Arc::new(viber::Viber::new(&endpoints.viber, &endpoints.viber_route, credentials)?),
        ChannelKind::Vk => Arc::new(vk::Vk::new(&endpoints.vk, &endpoints.vk_route, credentials)?),
        wazzup!() => Arc::new(wazzup::Wazzup::new(kind, &endpoints.wazzup, &endpoints.wazzup_route, credentials)?),
    })
}

/// Whether these can be credentials of a messenger at all: asked before any call is made with them.
#[must_use]
pub fn plausible(kind: ChannelKind, credentials: &Secret) -> bool {
    match kind {
        ChannelKind::Telegram => telegram::is_token(credentials.expose()),
        ChannelKind::Max => max::is_token(credentials.expose()),
        ChannelKind::Whatsapp => whatsapp::credentials::is_whole(credentials),
        ChannelKind::Viber => viber::is_whole(credentials),
        ChannelKind::Vk => vk::credentials::is_whole(credentials),
        wazzup!() => wazzup::credentials::is_whole(credentials),
    }
}

/// How surely a word is what opens a sender of any messenger: looked for wherever nobody asked for
/// it ([`crate::secret::credential_in`]).
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    let of = |kind: &ChannelKind| match kind {
        ChannelKind::Telegram => telegram::likeness(word),
        ChannelKind::Max => max::likeness(word),
        ChannelKind::Whatsapp => whatsapp::credentials::likeness(word),
        ChannelKind::Viber => viber::likeness(word),
        ChannelKind::Vk => vk::credentials::likeness(word),
        wazzup!() => wazzup::credentials::likeness(word),
    };
    ChannelKind::ALL.iter().filter_map(of).max()
}

/// The values a messenger's credentials are made of, in the order in which they are asked for.
#[must_use]
pub fn fields(kind: ChannelKind) -> &'static [&'static str] {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max | ChannelKind::Viber | ChannelKind::Vk | wazzup!() => &["token"],
        ChannelKind::Whatsapp => whatsapp::credentials::FIELDS,
    }
}

/// Whether a text can be this value of a messenger's credentials.
#[must_use]
pub fn plausible_value(kind: ChannelKind, field: &str, text: &str) -> bool {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max => plausible(kind, &Secret::new(text)),
        ChannelKind::Whatsapp => whatsapp::credentials::plausible(field, text),
        ChannelKind::Viber => viber::is_token(text),
        ChannelKind::Vk => vk::credentials::is_token(text),
        wazzup!() => wazzup::credentials::is_key(text),
    }
}

/// The credentials of all their values, in the order of [`fields`].
#[must_use]
pub fn assemble(kind: ChannelKind, values: &[String]) -> Secret {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max => Secret::new(values.first().cloned().unwrap_or_default()),
        ChannelKind::Whatsapp => whatsapp::credentials::assemble(values),
        ChannelKind::Viber => viber::assemble(values),
        ChannelKind::Vk => vk::credentials::assemble(values.first().map_or("", String::as_str)),
        wazzup!() => wazzup::credentials::assemble(values.first().map_or("", String::as_str)),
    }
}

/// The credentials of the same sender with one value given anew.
#[must_use]
pub fn renewed(kind: ChannelKind, old: &Secret, value: &Secret) -> Secret {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max => value.clone(),
        ChannelKind::Whatsapp => whatsapp::credentials::renewed(old, value.expose()),
        ChannelKind::Viber => viber::renewed(old, value.expose()),
        ChannelKind::Vk => vk::credentials::renewed(old, value.expose()),
        wazzup!() => wazzup::credentials::renewed(old, value.expose()),
    }
}

/// Whether a channel that stopped for this reason did so for want of valid credentials, as far as
/// its messenger's words tell: new ones let it send again. Those of several senders are given to
/// all of them, also to one that stopped for another reason.
#[must_use]
pub fn lacks_credentials(kind: ChannelKind, reason: &str) -> bool {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max | ChannelKind::Whatsapp | ChannelKind::Viber | ChannelKind::Vk => true,
        wazzup!() => wazzup::lacks_key(reason),
    }
}

/// Whether these credentials lead to several senders ([`Channel::senders`]), of which a member
/// picks.
#[must_use]
pub fn has_senders(kind: ChannelKind) -> bool {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max | ChannelKind::Whatsapp | ChannelKind::Viber | ChannelKind::Vk => false,
        wazzup!() => true,
    }
}

/// The credentials of one of the senders that these lead to.
#[must_use]
pub fn of_sender(kind: ChannelKind, credentials: &Secret, external_id: &str) -> Secret {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max | ChannelKind::Whatsapp | ChannelKind::Viber | ChannelKind::Vk => credentials.clone(),
        wazzup!() => wazzup::credentials::of_sender(credentials, external_id),
    }
}

/// What a messenger can do, without building an adapter: for lint and forecasts.
#[must_use]
pub fn capabilities(kind: ChannelKind) -> &'static Capabilities {
    match kind {
        ChannelKind::Telegram => &telegram::CAPABILITIES,
        ChannelKind::Max => &max::CAPABILITIES,
        ChannelKind::Whatsapp => &whatsapp::CAPABILITIES,
        ChannelKind::Viber => &viber::CAPABILITIES,
        ChannelKind::Vk => &vk::CAPABILITIES,
        wazzup!() => wazzup::capabilities(kind),
    }
}

/// How a messenger's webhooks are proved and told apart.
#[must_use]
pub fn gate(kind: ChannelKind) -> &'static Gate {
    match kind {
        ChannelKind::Telegram => &telegram::GATE,
        ChannelKind::Max => &max::GATE,
        ChannelKind::Whatsapp => &whatsapp::GATE,
        ChannelKind::Viber => &viber::GATE,
        ChannelKind::Vk => &vk::GATE,
        wazzup!() => &wazzup::GATE,
    }
}

/// Where a messenger's server is, and the way to it.
#[must_use]
pub fn server(kind: ChannelKind, endpoints: &Endpoints) -> (&str, &Route) {
    match kind {
        ChannelKind::Telegram => (&endpoints.telegram, &endpoints.telegram_route),
        ChannelKind::Max => (&endpoints.max, &endpoints.max_route),
        ChannelKind::Whatsapp => (&endpoints.whatsapp, &endpoints.whatsapp_route),
        ChannelKind::Viber => (&endpoints.viber, &endpoints.viber_route),
        ChannelKind::Vk => (&endpoints.vk, &endpoints.vk_route),
        wazzup!() => (&endpoints.wazzup, &endpoints.wazzup_route),
    }
}

/// Where a person opens a sender of this name; with a payload it comes with their start. `None`:
/// the sender has no name to be found by.
#[must_use]
pub fn entry(kind: ChannelKind, username: &str, payload: Option<&str>) -> Option<String> {
    if username.is_empty() {
        return None;
    }
    // WhatsApp writes the words of a link into the person's own message.
    let (host, start) = match kind {
        ChannelKind::Telegram => (telegram::ENTRY, "start="),
        ChannelKind::Max => (max::ENTRY, "start="),
        ChannelKind::Whatsapp => (whatsapp::ENTRY, "text=%2Fstart%20"),
        ChannelKind::Viber => return Some(viber::entry(username, payload)),
        ChannelKind::Vk => (vk::ENTRY, "ref="),
        wazzup!() => return wazzup::entry(kind, username, payload),
    };
    let start = payload.map(|payload| format!("?{start}{payload}")).unwrap_or_default();
    Some(format!("https://{host}/{username}{start}"))
}

/// What a sender is called beside its name: `@name`, or the phone it writes from.
#[must_use]
pub fn handle(kind: ChannelKind, username: &str) -> String {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max | ChannelKind::Vk => format!("@{username}"),
        ChannelKind::Whatsapp => format!("+{username}"),
        ChannelKind::Viber => username.to_owned(),
        wazzup!() => wazzup::handle(kind, username),
    }
}

/// What a message may say when it is told back ([`super::Echo`]), where a messenger does that: as a
/// template that the provider approved, and as its own words.
#[must_use]
pub fn told_back(kind: ChannelKind, body: &Rich, buttons: &[Vec<Button>]) -> Vec<String> {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max | ChannelKind::Whatsapp | ChannelKind::Viber | ChannelKind::Vk => Vec::new(),
        wazzup!() => wazzup::told_back(kind, body, buttons),
    }
}

/// What a message that was taken and then refused says of its channel, by the provider's words;
/// `None`: nothing, or the messenger says it of the sender itself ([`super::EventKind::Refused`]).
#[must_use]
pub fn blame(kind: ChannelKind, words: &str) -> Option<Blame> {
    match kind {
        ChannelKind::Telegram | ChannelKind::Max | ChannelKind::Whatsapp | ChannelKind::Viber | ChannelKind::Vk => None,
        wazzup!() => wazzup::blame(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::credential_in;

    #[test]
    fn every_messengers_secrets_are_known_by_their_shape_and_other_words_are_not() {
        let sure = [
            "7000000001:AAE-example_0123456789",
            "https://api.telegram.org/bot7000000001:AAE-example_0123456789/getMe",
            "f9LHodD0cOJ5BfLGZ81uXgypU1z7PNhJMkmIe_dtEcxfC3V8vxWk65jRJX8MJDR5hYE",
            "EAAGm0PX4ZCpsBAKZCexample",
            "204400112233445|0123456789abcdef0123456789abcdef",
            "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b",
            "vk1.a.NgWdkTz5Qk-example_key",
            &"a1b2c".repeat(17),
        ];
        for word in sure {
            assert_eq!(likeness(word), Some(Likeness::Sure), "{word}");
            assert!(credential_in(&format!("Вот ключ: {word}, никому"), likeness), "{word}");
        }
        let perhaps = ["0123456789abcdef0123456789abcdef", "0A1B2C3D4E5F60718293A4B5C6D7E8F9", "qT7Rk_example-Of-A-Random-Word-0123456789"];
        for word in perhaps {
            assert_eq!(likeness(word), Some(Likeness::Perhaps), "{word}");
            assert!(credential_in(word, likeness) && !credential_in(&format!("Ваш заказ {word}"), likeness), "{word}");
        }
        let none = [
            "",
            "7000000001",
            ":AAE-example_0123456789",
            "7000000001:short",
            "x1:AAE-example_0123456789",
            "7:AAE example 0123456789",
            "в 12:30:00 у входа",
            "www.romashka.example",
            "https://max.ru/u/f9LHodD0cOJ5BfLGZ81uXgypU1z7PNhJMkmIe_dtEcxfC3V8vxWk65jRJX8",
            "https://docs.example.org/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
            "https://romashka.example/?utm_source=vk&fbclid=IwAR3kExampleExampleExampleExampleExample0123456789",
            "1d6c1b7e-3b0e-4b5e-9a55-1a2b3c4d5e6f",
            "4111111111111111-2222222222222222",
            "EAAaaaaaaaaaaaaaaaaaaaaaaa",
            "vk1.a.short",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "RA644000001RU",
            "40817810099910004312",
        ];
        for text in none {
            assert!(!credential_in(text, likeness), "{text}");
        }
    }
}
