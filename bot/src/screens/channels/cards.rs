//! The screens of channels: pure.

use mms_core::{
    account::{Right, Role},
    channel::{
        ChannelKind, Offer, hook, managers, registry,
        store::{ChannelRow, ChannelState},
    },
    clock::Moment,
    id::ChannelId,
};

use uuid::Uuid;

use super::Call;
use crate::{
    frame::screen::{Button, Screen},
    i18n::{Html, Tr},
    p,
    screens::{keywords, menu},
    t, words,
};

/// Speeds to choose from, messages a second; 0 is the messenger's own.
const SPEEDS: [u32; 6] = [0, 5, 10, 20, 25, 30];
/// People a month to choose from, as tariffs have them; 0 is any number.
const PEOPLE: [u32; 4] = [100, 500, 1_000, 0];
/// Speeds of a bot with paid broadcast.
const PAID_SPEEDS: [u32; 4] = [0, 100, 300, 1_000];

fn mark(row: &ChannelRow) -> &'static str {
    match row.state {
        ChannelState::Active if hook::is_awaited(row) => "⏳",
        ChannelState::Active if row.cut_since.is_some() || row.deaf.is_some() => "🔴",
        ChannelState::Active => "🟢",
        ChannelState::Paused => "⏸",
        ChannelState::Misconfigured => "⚠️",
        ChannelState::Removed => "✖️",
    }
}

/// The list.
#[must_use]
pub fn list(tr: Tr, channels: &[ChannelRow], role: Role) -> Screen {
    let html = if channels.is_empty() { t!(tr, "channels-none") } else { t!(tr, "channels-title", count = channels.len()) };
    channels
        .iter()
        .fold(Screen::new(html), |screen, row| {
            let handle = registry::handle(row.kind, &row.username);
            let text = format!("{} {} · {handle} · {}", mark(row), row.name, words::messenger(row.kind));
            screen.button(text, Call::Card { channel: row.id })
        })
        .button_if(role.may(Right::Own), p!(tr, "channels-add"), Call::Add)
        .at(Call::List)
        .nav(tr, menu::Call::Settings)
}

/// What people write does not reach us: why, and what becomes of it.
fn unheard(tr: Tr, messenger: &str, why: &str) -> String {
    match why {
        hook::AWAITED => t!(tr, "channels-state-awaits", messenger = messenger),
        why if let Some(host) = hook::taken_by(why) => t!(tr, "channels-state-contested", host = words::inert(host)),
        why => t!(tr, "channels-state-deaf", messenger = messenger, reason = words::inert(why)),
    }
}

/// A channel's card.
#[must_use]
pub fn card(tr: Tr, row: &ChannelRow, role: Role, now: Moment) -> Screen {
    let messenger = words::messenger(row.kind);
    let cut = row.cut_since.filter(|_| row.state == ChannelState::Active);
    let held = row.held_until.filter(|until| *until > now && cut.is_none());
    let state = match (row.state, held) {
        _ if cut.is_some() => {
            t!(tr, "channels-state-cut", messenger = messenger, since = cut.map(|since| tr.moment(since)).unwrap_or_default())
        }
        (ChannelState::Active, _) if let Some(why) = &row.deaf => unheard(tr, messenger, why),
        (ChannelState::Active, Some(until)) => t!(tr, "channels-state-held", messenger = messenger, until = tr.time(until)),
        (ChannelState::Active, None) => t!(tr, "channels-state-active"),
        (ChannelState::Paused, _) => match &row.deaf {
            Some(why) => format!("{}\n{}", t!(tr, "channels-state-paused"), unheard(tr, messenger, why)),
            None => t!(tr, "channels-state-paused"),
        },
        (ChannelState::Misconfigured, _) => match row.state_reason.as_deref() {
            Some(managers::REASON) => t!(tr, "channels-state-managers"),
            reason => {
                let reason = reason.unwrap_or_default();
                let (kind, code, word) = (row.kind.provider(), words::code(reason), words::code_word(reason));
                let reason = words::inert(hook::spoken(reason));
                t!(tr, "channels-state-misconfigured", kind = kind, code = code, word = word, messenger = messenger, reason = reason)
            }
        },
        (ChannelState::Removed, _) => t!(tr, "channels-state-removed"),
    };
    let speed = match row.settings.rate {
        Some(rate) => t!(tr, "channels-speed-own", rate = rate),
        None => {
            let capabilities = registry::capabilities(row.kind);
            let (rate, most) = (row.rate(capabilities), row.rates(capabilities).channel.ceiling);
            if capabilities.rates.channel.is_known() {
                if rate < 1.0 {
                    t!(tr, "channels-speed-slow", seconds = 1.0 / rate)
                } else {
                    t!(tr, "channels-speed-free", kind = row.kind.provider(), rate = rate)
                }
            } else {
                t!(tr, "channels-speed-found", rate = rate, most = most)
            }
        }
    };
    let html = t!(
        tr,
        "channels-card",
        name = &row.name,
        handle = registry::handle(row.kind, &row.username),
        messenger = messenger,
        state = Html(state),
        speed = Html(speed),
        since = tr.day(row.created_at)
    );
    let html = match registry::capabilities(row.kind).window {
        Some(_) => format!("{}\n\n{}", html.trim_end(), t!(tr, "channels-windowed", kind = row.kind.as_str(), messenger = messenger)),
        None => html,
    };
    let html = match row.settings.people.filter(|_| registry::capabilities(row.kind).limits_people) {
        Some(most) => format!("{}\n{}", html.trim_end(), t!(tr, "channels-people-set", most = most)),
        None => html,
    };
    let html = match row.terms.daily.as_ref().and_then(|daily| daily.most) {
        Some(most) => format!("{}\n{}", html.trim_end(), t!(tr, "channels-daily", most = most)),
        None => html,
    };
    let screen = match registry::entry(row.kind, &row.username, None) {
        Some(url) if url.starts_with("https://") => {
            Screen::new(html).row([Button::url(p!(tr, "channels-open", kind = row.kind.provider()), url)])
        }
        // A button leads to pages alone.
        Some(link) => Screen::new(format!("{}\n\n{}", html.trim_end(), t!(tr, "channels-entry", link = link))),
        None => Screen::new(html),
    };
    let has_link = registry::entry(row.kind, &row.username, None).is_some();
    let code = has_link.then(|| Button::call(p!(tr, "channels-qr-button"), Call::Qr { channel: row.id }));
    let word = Button::call(p!(tr, "keywords-button"), keywords::Call::List { channel: row.id });
    let screen = screen.row(code.into_iter().chain([word]));
    if !role.may(Right::Own) {
        return screen.nav(tr, Call::List);
    }
    let id = row.id;
    let screen = if row.state == ChannelState::Active {
        screen.button(p!(tr, "channels-pause"), Call::Pause { channel: id })
    } else {
        screen.button(p!(tr, "channels-resume"), Call::Resume { channel: id })
    };
    screen
        .row([
            Button::call(p!(tr, "channels-speed"), Call::Speeds { channel: id }),
            Button::call(p!(tr, "channels-token"), Call::Token { channel: id }),
        ])
        .button_if(registry::capabilities(row.kind).limits_people, p!(tr, "channels-people-button"), Call::People { channel: id })
        .button(p!(tr, "channels-remove"), Call::AskRemove { channel: id })
        .nav(tr, Call::List)
}

/// How many people a month, of whom so many were written to.
#[must_use]
pub fn people(tr: Tr, row: &ChannelRow, used: i64) -> Screen {
    let chosen = row.settings.people.unwrap_or_default();
    let buttons = PEOPLE.map(|most| {
        let text = if most == 0 { p!(tr, "channels-people-any") } else { p!(tr, "channels-people-most", most = most) };
        let mark = if chosen == most { "✓ " } else { "" };
        Button::call(format!("{mark}{text}"), Call::SetPeople { channel: row.id, most })
    });
    let screen = Screen::new(t!(tr, "channels-people", messenger = words::provider(row.kind), used = used));
    buttons.chunks(2).fold(screen, |screen, row| screen.row(row.to_vec())).nav(tr, Call::Card { channel: row.id })
}

/// In which messenger? `barred`: those through which the law lets the company write to nobody.
#[must_use]
pub fn which(tr: Tr, barred: &[ChannelKind]) -> Screen {
    let mut html = t!(tr, "channels-which");
    // A provider of many messengers is there as long as one of them is.
    let (gone, left): (Vec<_>, Vec<_>) = ChannelKind::providers().partition(|kind| kind.siblings().all(|one| barred.contains(&one)));
    if !gone.is_empty() {
        let names = gone.iter().map(|kind| words::provider(*kind)).collect::<Vec<_>>().join(", ");
        html.push_str("\n\n");
        html.push_str(&t!(tr, "law-channels-hidden", names = names));
    }
    left.into_iter()
        .fold(Screen::new(html), |screen, kind| screen.button(words::provider(kind), Call::Connect { kind }))
        .nav_back(tr, Call::List)
}

/// Which token?
#[must_use]
pub fn ask_token(tr: Tr, kind: ChannelKind) -> Screen {
    Screen::new(t!(tr, "channels-ask-token", kind = kind.provider())).nav(tr, Call::Add)
}

/// Which of the senders that the token leads to? Those that are connected are marked, those that do
/// not send now too.
#[must_use]
pub fn pick(tr: Tr, kind: ChannelKind, offers: &[(Uuid, Offer, bool)]) -> Screen {
    let screen = Screen::new(t!(tr, "channels-pick", messenger = words::provider(kind), count = offers.len()));
    offers
        .iter()
        .fold(screen, |screen, (number, offer, is_there)| {
            let mark = if *is_there {
                "✅"
            } else if offer.sends {
                "➕"
            } else {
                "⚠️"
            };
            let text = format!("{mark} {} · {}", registry::handle(offer.kind, &offer.username), words::messenger(offer.kind));
            screen.button(text, Call::Pick { sender: *number })
        })
        .nav(tr, Call::List)
}

/// Which new token?
#[must_use]
pub fn ask_new_token(tr: Tr, row: &ChannelRow) -> Screen {
    let html = t!(tr, "channels-ask-new-token", kind = row.kind.provider(), handle = registry::handle(row.kind, &row.username));
    Screen::new(html).nav(tr, Call::Card { channel: row.id })
}

/// The next value of the credentials; `odd`: the one that was just sent cannot be this.
#[must_use]
pub fn ask_value(tr: Tr, field: &str, odd: Option<&str>) -> Screen {
    let mut html = t!(tr, "channels-ask-value", field = field);
    if let Some(odd) = odd {
        html = format!("{}\n\n{html}", t!(tr, "channels-not-a-value", field = odd).trim_end());
    }
    Screen::new(html).nav(tr, Call::Add)
}

/// Not this one; `another`: another token, or the same once more, may do.
#[must_use]
pub fn again(tr: Tr, channel: Option<ChannelId>, sentence: &str, another: bool) -> Screen {
    let html = if another { t!(tr, "channels-again", sentence = sentence) } else { mms_core::text::escape(sentence) };
    let screen = Screen::new(html);
    match channel {
        None => screen.nav_back(tr, Call::List),
        Some(channel) => screen.nav(tr, Call::Card { channel }),
    }
}

/// It is there.
#[must_use]
pub fn added(tr: Tr, row: &ChannelRow) -> Screen {
    let handle = registry::handle(row.kind, &row.username);
    Screen::new(t!(tr, "channels-added", kind = row.kind.provider(), name = &row.name, handle = handle))
        .button(p!(tr, "channels-to-card"), Call::Card { channel: row.id })
        .nav(tr, Call::List)
}

/// Which speed?
#[must_use]
pub fn speeds(tr: Tr, row: &ChannelRow) -> Screen {
    let id = row.id;
    let chosen = row.settings.rate.unwrap_or_default();
    let sells = registry::capabilities(row.kind).sells_speed;
    let choices: &[u32] = if row.settings.paid && sells { &PAID_SPEEDS } else { &SPEEDS };
    // No faster than anybody may go there, unless it is sold.
    let most = registry::capabilities(row.kind).rates.channel.ceiling;
    let buttons = choices.iter().filter(|rate| sells || f64::from(**rate) <= most).map(|rate| {
        let text = if *rate == 0 {
            p!(tr, "channels-speed-limit", kind = row.kind.provider())
        } else {
            p!(tr, "channels-per-second", rate = *rate)
        };
        let mark = if (chosen - f64::from(*rate)).abs() < 0.5 { "✓ " } else { "" };
        Button::call(format!("{mark}{text}"), Call::SetSpeed { channel: id, rate: *rate })
    });
    let buttons: Vec<Button> = buttons.collect();
    let screen =
        buttons.chunks(2).fold(Screen::new(t!(tr, "channels-speeds", kind = row.kind.provider())), |screen, row| screen.row(row.to_vec()));
    let screen = if !sells {
        screen
    } else if row.settings.paid {
        screen.button(p!(tr, "channels-paid-off"), Call::SetPaid { channel: id, paid: false })
    } else {
        screen.button(p!(tr, "channels-paid-on"), Call::SetPaid { channel: id, paid: true })
    };
    screen.nav(tr, Call::Card { channel: id })
}

/// Sure?
#[must_use]
pub fn ask_remove(tr: Tr, row: &ChannelRow) -> Screen {
    Screen::new(t!(tr, "channels-ask-remove", name = &row.name))
        .button(p!(tr, "channels-remove-now"), Call::Remove { channel: row.id })
        .nav(tr, Call::Card { channel: row.id })
}

#[cfg(test)]
mod tests {
    use mms_core::channel::{Daily, Terms, store::ChannelSettings};

    use super::*;
    use crate::{snapshots, testing};

    fn row(state: ChannelState) -> ChannelRow {
        let state_reason = (state == ChannelState::Misconfigured).then(|| "Unauthorized".to_owned());
        ChannelRow { state, state_reason, ..testing::channel() }
    }

    fn held() -> ChannelRow {
        ChannelRow { held_until: Some(testing::moment() + chrono::TimeDelta::seconds(30)), ..row(ChannelState::Active) }
    }

    fn cut() -> ChannelRow {
        ChannelRow { cut_since: Some(testing::moment() - chrono::TimeDelta::minutes(25)), ..max() }
    }

    fn paid() -> ChannelRow {
        ChannelRow {
            settings: ChannelSettings { rate: Some(300.0), paid: true, ..ChannelSettings::default() },
            ..row(ChannelState::Active)
        }
    }

    snapshots!(channels_none, |tr| list(tr, &[], Role::Owner));
    snapshots!(channels_list, |tr| list(tr, &[row(ChannelState::Active), row(ChannelState::Misconfigured)], Role::Viewer));
    snapshots!(channels_card, |tr| card(tr, &row(ChannelState::Active), Role::Owner, testing::moment()));
    snapshots!(channels_card_viewer, |tr| card(tr, &row(ChannelState::Paused), Role::Viewer, testing::moment()));
    snapshots!(channels_card_misconfigured, |tr| card(tr, &row(ChannelState::Misconfigured), Role::Owner, testing::moment()));
    snapshots!(channels_card_managers, |tr| {
        let row = ChannelRow { state_reason: Some(managers::REASON.to_owned()), ..row(ChannelState::Misconfigured) };
        card(tr, &row, Role::Owner, testing::moment())
    });
    snapshots!(channels_card_held, |tr| card(tr, &held(), Role::Owner, testing::moment()));
    snapshots!(channels_card_cut, |tr| card(tr, &cut(), Role::Owner, testing::moment()));
    snapshots!(channels_list_cut, |tr| list(tr, &[cut()], Role::Viewer));
    snapshots!(channels_card_paid, |tr| card(tr, &paid(), Role::Owner, testing::moment()));
    fn max() -> ChannelRow {
        ChannelRow { kind: ChannelKind::Max, username: "beauty_bot".to_owned(), ..row(ChannelState::Active) }
    }

    fn whatsapp() -> ChannelRow {
        ChannelRow { kind: ChannelKind::Whatsapp, username: "74950001122".to_owned(), ..row(ChannelState::Active) }
    }

    snapshots!(channels_card_whatsapp, |tr| card(tr, &whatsapp(), Role::Owner, testing::moment()));
    snapshots!(channels_card_whatsapp_daily, |tr| {
        let daily = Daily { scope: "portfolio 900100".to_owned(), account: "305500667788990".to_owned(), most: Some(250) };
        let terms = Terms { daily: Some(daily), ..Terms::default() };
        card(tr, &ChannelRow { terms, ..whatsapp() }, Role::Owner, testing::moment())
    });
    snapshots!(channels_card_whatsapp_flagged, |tr| {
        let row = ChannelRow { state: ChannelState::Misconfigured, state_reason: Some("FLAGGED: state".to_owned()), ..whatsapp() };
        card(tr, &row, Role::Owner, testing::moment())
    });
    snapshots!(channels_card_whatsapp_stopped, |tr| {
        let reason = "131042: Business eligibility payment issue — There is a problem with the payment method.".to_owned();
        let row = ChannelRow { state: ChannelState::Misconfigured, state_reason: Some(reason), ..whatsapp() };
        card(tr, &row, Role::Owner, testing::moment())
    });
    fn viber() -> ChannelRow {
        ChannelRow { kind: ChannelKind::Viber, username: "shopbot".to_owned(), ..row(ChannelState::Active) }
    }

    fn viber_stopped(reason: &str) -> ChannelRow {
        ChannelRow { state: ChannelState::Misconfigured, state_reason: Some(reason.to_owned()), ..viber() }
    }

    fn viber_waits() -> ChannelRow {
        ChannelRow { deaf: Some(hook::AWAITED.to_owned()), ..viber() }
    }

    snapshots!(channels_card_viber, |tr| card(tr, &viber(), Role::Owner, testing::moment()));
    snapshots!(channels_card_viber_awaits, |tr| card(tr, &viber_waits(), Role::Owner, testing::moment()));
    snapshots!(channels_card_viber_free, |tr| card(tr, &viber_stopped("23: freeMessagesExceeded"), Role::Viewer, testing::moment()));
    snapshots!(channels_card_viber_balance, |tr| card(tr, &viber_stopped("24: noBalance"), Role::Viewer, testing::moment()));
    snapshots!(channels_card_viber_other, |tr| card(tr, &viber_stopped("15: publicAccountNotAuthorized"), Role::Viewer, testing::moment()));
    snapshots!(channels_ask_token_viber, |tr| ask_token(tr, ChannelKind::Viber));
    snapshots!(channels_ask_new_token_viber, |tr| ask_new_token(tr, &viber()));
    snapshots!(channels_added_viber, |tr| added(tr, &viber_waits()));
    snapshots!(channels_speeds_viber, |tr| speeds(tr, &viber()));
    snapshots!(channels_ask_token_whatsapp, |tr| ask_token(tr, ChannelKind::Whatsapp));
    snapshots!(channels_ask_value_number, |tr| ask_value(tr, "number", None));
    snapshots!(channels_ask_value_account, |tr| ask_value(tr, "account", None));
    snapshots!(channels_ask_value_secret, |tr| ask_value(tr, "secret", Some("secret")));
    snapshots!(channels_ask_value_token, |tr| ask_value(tr, "token", Some("token")));
    snapshots!(channels_ask_new_token_whatsapp, |tr| ask_new_token(tr, &whatsapp()));
    snapshots!(channels_added_whatsapp, |tr| added(tr, &whatsapp()));
    snapshots!(channels_speeds_whatsapp, |tr| speeds(tr, &whatsapp()));
    snapshots!(channels_again_whatsapp, |tr| {
        again(tr, None, &p!(tr, "channels-data-refused", messenger = "WhatsApp", words = "100: Unsupported get request"), true)
    });
    fn vk() -> ChannelRow {
        ChannelRow { kind: ChannelKind::Vk, username: "romashka".to_owned(), ..row(ChannelState::Active) }
    }

    snapshots!(channels_card_vk, |tr| card(tr, &vk(), Role::Owner, testing::moment()));
    snapshots!(channels_card_vk_deaf, |tr| {
        let deaf = Some("VK got no confirmation from the address of the callback server".to_owned());
        card(tr, &ChannelRow { deaf, ..vk() }, Role::Owner, testing::moment())
    });
    snapshots!(channels_card_vk_paused_deaf, |tr| {
        let deaf = Some("2000: Callback API servers limit".to_owned());
        card(tr, &ChannelRow { state: ChannelState::Paused, deaf, ..vk() }, Role::Owner, testing::moment())
    });
    snapshots!(channels_card_vk_stopped, |tr| {
        let reason = Some("14: Captcha needed".to_owned());
        card(tr, &ChannelRow { state: ChannelState::Misconfigured, state_reason: reason, ..vk() }, Role::Owner, testing::moment())
    });
    snapshots!(channels_ask_token_vk, |tr| ask_token(tr, ChannelKind::Vk));
    snapshots!(channels_ask_new_token_vk, |tr| ask_new_token(tr, &vk()));
    snapshots!(channels_added_vk, |tr| added(tr, &vk()));
    snapshots!(channels_speeds_vk, |tr| speeds(tr, &vk()));
    snapshots!(channels_again_vk, |tr| {
        let words = "15: the key has not these rights: manage";
        again(tr, None, &p!(tr, "channels-cannot-send", kind = "vk", messenger = "VK", words = words), true)
    });
    const WAZZUP: ChannelKind = ChannelKind::WazzupWhatsapp;

    fn wazzup(kind: ChannelKind, username: &str) -> ChannelRow {
        ChannelRow { kind, username: username.to_owned(), name: registry::handle(kind, username), ..row(ChannelState::Active) }
    }

    fn wazzup_stopped(reason: &str) -> ChannelRow {
        let row = wazzup(WAZZUP, "74950001122");
        ChannelRow { state: ChannelState::Misconfigured, state_reason: Some(reason.to_owned()), ..row }
    }

    snapshots!(channels_ask_token_wazzup, |tr| ask_token(tr, WAZZUP));
    snapshots!(channels_pick_wazzup, |tr| {
        let offer = |kind, name: &str, sends| Offer { kind, external_id: name.to_owned(), username: name.to_owned(), sends };
        let offers = [
            (Uuid::from_u128(1), offer(WAZZUP, "74950001122", true), true),
            (Uuid::from_u128(2), offer(ChannelKind::WazzupWaba, "74950003344", true), false),
            (Uuid::from_u128(3), offer(ChannelKind::WazzupTelegramBot, "shop_bot", false), false),
        ];
        pick(tr, WAZZUP, &offers)
    });
    snapshots!(channels_card_wazzup, |tr| card(tr, &wazzup(WAZZUP, "74950001122"), Role::Owner, testing::moment()));
    snapshots!(channels_people_wazzup, |tr| people(tr, &wazzup(WAZZUP, "74950001122"), 421));
    snapshots!(channels_people_wazzup_limited, |tr| {
        let settings = ChannelSettings { people: Some(500), ..ChannelSettings::default() };
        people(tr, &ChannelRow { settings, ..wazzup(WAZZUP, "74950001122") }, 1)
    });
    snapshots!(channels_card_wazzup_limited, |tr| {
        let settings = ChannelSettings { people: Some(500), ..ChannelSettings::default() };
        card(tr, &ChannelRow { settings, ..wazzup(WAZZUP, "74950001122") }, Role::Owner, testing::moment())
    });
    snapshots!(channels_card_wazzup_waba, |tr| {
        card(tr, &wazzup(ChannelKind::WazzupWaba, "74950003344"), Role::Owner, testing::moment())
    });
    snapshots!(channels_card_wazzup_instagram, |tr| {
        card(tr, &wazzup(ChannelKind::WazzupInstagram, "romashka"), Role::Viewer, testing::moment())
    });
    snapshots!(channels_card_wazzup_qr, |tr| card(tr, &wazzup_stopped("qr: state"), Role::Viewer, testing::moment()));
    snapshots!(channels_card_wazzup_money, |tr| {
        card(tr, &wazzup_stopped("CHANNEL_NO_MONEY: The channel is not paid"), Role::Viewer, testing::moment())
    });
    snapshots!(channels_card_wazzup_contested, |tr| {
        let deaf = Some("webhook at crm.example".to_owned());
        card(tr, &ChannelRow { deaf, ..wazzup(WAZZUP, "74950001122") }, Role::Owner, testing::moment())
    });
    snapshots!(channels_card_wazzup_unpaid, |tr| {
        card(tr, &wazzup_stopped("NOT_ENOUGH_MONEY: The messenger says so"), Role::Viewer, testing::moment())
    });
    snapshots!(channels_card_wazzup_spam, |tr| card(tr, &wazzup_stopped("SPAM: Suspected spam"), Role::Viewer, testing::moment()));
    snapshots!(channels_card_wazzup_first, |tr| {
        card(tr, &wazzup_stopped("MESSAGES_NOT_TEXT_FIRST: tariff"), Role::Viewer, testing::moment())
    });
    snapshots!(channels_card_wazzup_other, |tr| card(
        tr,
        &wazzup_stopped("HTTP 403: the key may not call this"),
        Role::Viewer,
        testing::moment()
    ));
    snapshots!(channels_ask_new_token_wazzup, |tr| ask_new_token(tr, &wazzup(WAZZUP, "74950001122")));
    snapshots!(channels_speeds_wazzup, |tr| speeds(tr, &wazzup(WAZZUP, "74950001122")));
    snapshots!(channels_which, |tr| which(tr, &[]));
    snapshots!(channels_which_bank, |tr| which(
        tr,
        &[ChannelKind::Telegram, ChannelKind::Whatsapp, ChannelKind::Viber, ChannelKind::WazzupViber]
    ));
    snapshots!(channels_ask_token, |tr| ask_token(tr, ChannelKind::Telegram));
    snapshots!(channels_ask_token_max, |tr| ask_token(tr, ChannelKind::Max));
    snapshots!(channels_ask_new_token, |tr| ask_new_token(tr, &row(ChannelState::Active)));
    snapshots!(channels_ask_new_token_max, |tr| ask_new_token(tr, &max()));
    snapshots!(channels_card_max, |tr| card(tr, &max(), Role::Owner, testing::moment()));
    snapshots!(channels_speeds_max, |tr| speeds(tr, &max()));
    snapshots!(channels_again, |tr| again(tr, None, &p!(tr, "channels-token-refused", messenger = "Telegram"), true));
    snapshots!(channels_taken, |tr| again(tr, None, &p!(tr, "channels-taken"), false));
    snapshots!(channels_added, |tr| added(tr, &row(ChannelState::Active)));
    snapshots!(channels_speeds, |tr| speeds(tr, &row(ChannelState::Active)));
    snapshots!(channels_speeds_paid, |tr| speeds(tr, &paid()));
    snapshots!(channels_ask_remove, |tr| ask_remove(tr, &row(ChannelState::Active)));
}
