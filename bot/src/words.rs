//! Words that many screens share: roles, plans, and sentences for the errors of the account room.

pub mod functions;
pub mod money;
pub mod reasons;
pub mod trail;

use mms_core::{
    account::{
        AccountError, Language, Role,
        licence::{Limit, PlanCode},
        load::{Guard, Heavy},
        order::STARS,
        password::Weak,
        settings::BadSetting,
    },
    channel::{ChannelKind, registry},
    clock::Moment,
    crm::CrmKind,
    text::unseen,
};

use crate::{frame::error::BotError, i18n::Tr, p};

/// What somebody outside wrote, as it is shown to members: a `/command` in it is not one to be
/// touched, because Telegram sees none where an unseen joiner stands after the stroke; and nothing
/// in it turns the line round.
#[must_use]
pub fn inert(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().filter(|char| !unseen(*char)).peekable();
    let mut before = ' ';
    while let Some(char) = chars.next() {
        shown.push(char);
        let begins = char == '/' && !before.is_alphanumeric() && !matches!(before, '/' | '@' | '_');
        if begins && chars.peek().is_some_and(|next| next.is_ascii_alphanumeric() || *next == '_') {
            shown.push('\u{2060}');
        }
        before = char;
    }
    shown
}

/// With a capital letter.
#[must_use]
pub fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A role's name.
#[must_use]
pub fn role(tr: Tr, role: Role) -> String {
    match role {
        Role::Owner => p!(tr, "role-owner"),
        Role::Manager => p!(tr, "role-manager"),
        Role::Approver => p!(tr, "role-approver"),
        Role::Viewer => p!(tr, "role-viewer"),
    }
}

/// What a role may do, in a line.
#[must_use]
pub fn role_about(tr: Tr, role: Role) -> String {
    match role {
        Role::Owner => p!(tr, "role-owner-about"),
        Role::Manager => p!(tr, "role-manager-about"),
        Role::Approver => p!(tr, "role-approver-about"),
        Role::Viewer => p!(tr, "role-viewer-about"),
    }
}

/// A language's own name.
#[must_use]
pub fn language(language: Language) -> &'static str {
    match language {
        Language::Ru => "Русский",
        Language::En => "English",
    }
}

/// A plan's name; its code, if this server does not know it.
#[must_use]
pub fn plan(tr: Tr, plan: PlanCode) -> String {
    plan.plan().map_or_else(|| plan.to_string(), |known| known.name(tr.language).to_owned())
}

/// A sum of an order: hundredths of a currency, or whole Telegram Stars.
#[must_use]
pub fn sum(tr: Tr, amount: i64, currency: &str) -> String {
    if currency == STARS {
        return format!("{}\u{a0}⭐", tr.number(amount));
    }
    let (whole, rest) = (tr.number(amount / 100), (amount % 100).abs());
    let point = if tr.language == Language::Ru { "," } else { "." };
    let digits = if rest == 0 { whole } else { format!("{whole}{point}{rest:02}") };
    let sign = if currency == "RUB" { "₽" } else { currency };
    format!("{digits}\u{a0}{sign}")
}

/// Until when a licence is valid: «по 31 декабря 2027». One that ends at midnight UTC, as the
/// command line's day says, is valid through the day before, whatever zone reads it; of any other
/// the moment is said.
#[must_use]
pub fn valid_until(tr: Tr, until: Moment) -> String {
    let utc = Tr::new(tr.language, chrono_tz::UTC);
    if until.time() == chrono::NaiveTime::MIN {
        p!(tr, "licence-through", day = utc.day(until - chrono::TimeDelta::seconds(1)))
    } else {
        p!(tr, "licence-before", time = tr.moment(until))
    }
}

/// Why a password is refused.
#[must_use]
pub fn weak(tr: Tr, weak: Weak) -> String {
    match weak {
        Weak::Short => p!(tr, "password-short", min = mms_core::account::password::MIN_CHARS),
        Weak::Long => p!(tr, "password-long", max = mms_core::account::password::MAX_CHARS),
        Weak::HoldsLogin => p!(tr, "password-holds-login"),
        Weak::HoldsCompany => p!(tr, "password-holds-company"),
        Weak::Common => p!(tr, "password-common"),
    }
}

/// A sentence for the account room's refusal; `Err` for what is no refusal but a failure or a
/// missing thing.
///
/// # Errors
/// [`BotError::Gone`], [`BotError::Forbidden`], [`BotError::Database`], [`BotError::Other`].
pub fn account_refusal(tr: Tr, error: AccountError) -> Result<String, BotError> {
    Ok(match error {
        AccountError::Forbidden(_) => return Err(BotError::Forbidden),
        AccountError::NotFound => return Err(BotError::Gone),
        AccountError::Store(error) => return Err(error.into()),
        AccountError::Hashing(error) => return Err(BotError::Other(error.into())),
        AccountError::Heavy(one) => heavy(tr, one),
        AccountError::FeatureOff(off) => functions::off(tr, &off),
        AccountError::Suspended(reason) => p!(tr, "account-suspended", reason = reason),
        AccountError::LoginTaken => p!(tr, "account-login-taken"),
        AccountError::BadLogin => p!(tr, "account-login-bad"),
        AccountError::BadName => p!(tr, "account-name-bad"),
        AccountError::WeakPassword(reason) => weak(tr, reason),
        AccountError::SamePassword => p!(tr, "account-password-same"),
        AccountError::WrongPassword => p!(tr, "account-password-wrong"),
        AccountError::Wait(until) => p!(tr, "account-wait", time = tr.time(until)),
        AccountError::LastOwner => p!(tr, "account-last-owner"),
        AccountError::InvitationInvalid => p!(tr, "account-invitation-invalid"),
        AccountError::OverLimit(over) => {
            let plan = plan(tr, over.plan);
            match over.limit {
                Limit::Members => p!(tr, "account-limit-members", plan = plan, allowed = over.allowed),
                Limit::Channels => p!(tr, "account-limit-channels", plan = plan, allowed = over.allowed),
                Limit::Contacts => p!(tr, "account-limit-contacts", plan = plan, allowed = over.allowed),
                Limit::PeopleThisMonth => p!(tr, "account-limit-people", plan = plan, allowed = over.allowed),
                Limit::MessagesThisMonth => p!(tr, "account-limit-messages", plan = plan, allowed = over.allowed),
            }
        }
        AccountError::BadSetting(bad) => match bad {
            BadSetting::Zone => p!(tr, "setting-zone-bad"),
            BadSetting::Region => p!(tr, "setting-region-bad"),
            BadSetting::Grade => p!(tr, "setting-grade-bad"),
            BadSetting::Cap => p!(tr, "setting-cap-bad"),
            BadSetting::OwnSecondFirst => p!(tr, "settings-second-own-first"),
            BadSetting::Session => p!(tr, "setting-session-bad"),
            BadSetting::Advertiser => p!(tr, "setting-advertiser-bad"),
        },
    })
}

/// The same as an error for `?`: shown over the chat.
#[must_use]
pub fn refused(tr: Tr, error: AccountError) -> BotError {
    match account_refusal(tr, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

/// Why one company's load goes no higher, and what can be done.
#[must_use]
pub fn heavy(tr: Tr, heavy: Heavy) -> String {
    let (used, allowed) = (tr.number(heavy.used), tr.number(heavy.allowed));
    match heavy.guard {
        Guard::Campaigns => p!(tr, "load-campaigns", used = used, allowed = allowed),
        Guard::Imports => p!(tr, "imports-quota-often", most = heavy.allowed),
        Guard::Files => p!(tr, "load-files", used = used, allowed = allowed),
        Guard::FromCrm => p!(tr, "load-from-crm", allowed = allowed),
    }
}

/// The number with which a provider's words begin, or 0.
#[must_use]
pub fn code(reason: &str) -> i64 {
    reason.split_once(':').and_then(|(code, _)| code.parse().ok()).unwrap_or_default()
}

/// The word with which a provider's words begin, without its spelling: what a code with letters is
/// told from others by.
#[must_use]
pub fn code_word(reason: &str) -> String {
    let word = reason.split(':').next().unwrap_or_default();
    word.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_lowercase()).collect()
}

/// The name of a messenger: the same in every language.
#[must_use]
pub fn messenger(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Telegram => "Telegram",
        ChannelKind::Max => "MAX",
        ChannelKind::Whatsapp => "WhatsApp",
        ChannelKind::Viber => "Viber",
        ChannelKind::Vk => "VK",
        ChannelKind::WazzupWhatsapp => "WhatsApp (Wazzup)",
        ChannelKind::WazzupWaba => "WhatsApp Business (Wazzup)",
        ChannelKind::WazzupTelegram => "Telegram (Wazzup)",
        ChannelKind::WazzupTelegramBot => "Telegram bot (Wazzup)",
        ChannelKind::WazzupMax => "MAX (Wazzup)",
        ChannelKind::WazzupMaxBot => "MAX bot (Wazzup)",
        ChannelKind::WazzupViber => "Viber (Wazzup)",
        ChannelKind::WazzupVk => "VK (Wazzup)",
        ChannelKind::WazzupAvito => "Avito (Wazzup)",
        ChannelKind::WazzupInstagram => "Instagram (Wazzup)",
    }
}

/// The name of whoever a channel's credentials are of: the messenger, or the aggregator.
#[must_use]
pub fn provider(kind: ChannelKind) -> &'static str {
    match kind.provider() {
        "wazzup" => "Wazzup",
        _ => messenger(kind),
    }
}

/// The name of a CRM: the same in every language.
#[must_use]
pub fn crm(kind: CrmKind) -> &'static str {
    match kind {
        CrmKind::Amocrm => "amoCRM",
        CrmKind::Retailcrm => "RetailCRM",
        CrmKind::Odoo => "Odoo",
        CrmKind::Yclients => "YCLIENTS",
        CrmKind::Bitrix24 => "Bitrix24",
        CrmKind::Tryton => "Tryton",
        CrmKind::Spreadsheet => "CSV, XLSX",
    }
}

/// What the address of an account of a CRM looks like.
#[must_use]
pub fn crm_example(kind: CrmKind) -> &'static str {
    match kind {
        CrmKind::Amocrm => "example.amocrm.ru",
        CrmKind::Retailcrm => "example.retailcrm.ru",
        CrmKind::Odoo => "example.odoo.com",
        CrmKind::Yclients => "yclients.com/timetable/4564",
        CrmKind::Bitrix24 => "example.bitrix24.ru",
        CrmKind::Tryton => "tryton.example.org",
        CrmKind::Spreadsheet => "https://example.org/clients.csv",
    }
}

/// The messenger whose chats are addresses of this kind, if they are chats.
#[must_use]
pub fn messenger_of(address_kind: &str) -> Option<&'static str> {
    ChannelKind::ALL.iter().find(|kind| registry::capabilities(**kind).address_kind == address_kind).map(|kind| messenger(*kind))
}

#[cfg(test)]
mod tests {
    use mms_core::account::Language;

    use super::{inert, valid_until};
    use crate::i18n::Tr;

    /// A licence through 31 December was shown in Moscow as valid until 1 January, 03:00.
    #[test]
    fn a_licence_is_valid_through_the_day_it_was_issued_for() {
        let (ru, en) = (Tr::new(Language::Ru, chrono_tz::Europe::Moscow), Tr::new(Language::En, chrono_tz::Asia::Tokyo));
        let through = "2028-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(
            (valid_until(ru, through).as_str(), valid_until(en, through).as_str()),
            ("по 31 декабря 2027", "through 31 December 2027")
        );
        assert_eq!(valid_until(ru, "2028-01-01T12:30:00Z".parse().unwrap()), "до 1 января 2028, 15:30");
    }

    /// A customer's `/logout` in a notice could be touched.
    #[test]
    fn a_command_in_what_somebody_wrote_cannot_be_touched() {
        for (written, shown) in [
            ("/menu", "/\u{2060}menu"),
            ("нажмите /logout, (/stop) и /_x", "нажмите /\u{2060}logout, (/\u{2060}stop) и /\u{2060}_x"),
            ("https://ex.ru/a/b, 1/2, и/или, /", "https://ex.ru/a/b, 1/2, и/или, /"),
            ("\u{202e}/menu\u{200b}\nвторая", "/\u{2060}menu\nвторая"),
        ] {
            assert_eq!(inert(written), shown, "{written:?}");
        }
    }
}
