//! The screens of settings: pure.

use chrono_tz::Tz;
use mms_core::{
    account::{Language, Right, Role, settings::AccountSettings},
    campaign::advertising::Held,
    clock::Moment,
    consent::{Grade, Purpose, wording::Wording},
    text::said::places,
};

use super::{Call, What, ZONES};
use crate::{
    frame::screen::{Button, Screen},
    i18n::Tr,
    p,
    screens::{law, menu},
    t, words,
};

/// Hours offered by buttons; others are typed.
const CAPS: [u16; 5] = [0, 24, 48, 72, 168];

/// Days without use offered by buttons, and days since the sign-in.
const IDLE: [u16; 3] = [7, 30, 90];
const LONGEST: [u16; 3] = [30, 180, 365];

fn grade(tr: Tr, grade: Grade) -> String {
    match grade {
        Grade::A => p!(tr, "settings-grade-a"),
        Grade::B => p!(tr, "settings-grade-b"),
        Grade::C => p!(tr, "settings-grade-c"),
        Grade::D => p!(tr, "settings-grade-d"),
    }
}

fn cap(tr: Tr, hours: i64) -> String {
    match (hours, hours % 168, hours % 24) {
        (0, ..) => p!(tr, "settings-cap-none"),
        (24, ..) => p!(tr, "settings-cap-day"),
        (_, 0, _) => p!(tr, "settings-cap-weeks", weeks = hours / 168),
        (.., 0) => p!(tr, "settings-days", count = hours / 24),
        _ => p!(tr, "settings-cap-hours", hours = hours),
    }
}

/// What a consent is for.
#[must_use]
pub fn purpose(tr: Tr, purpose: Purpose) -> String {
    match purpose {
        Purpose::PersonalData => p!(tr, "settings-purpose-personal-data"),
        Purpose::Marketing => p!(tr, "settings-purpose-marketing"),
    }
}

fn checked(chosen: bool, text: &str) -> String {
    if chosen { format!("✓ {text}") } else { text.to_owned() }
}

/// The card.
#[must_use]
pub fn card(tr: Tr, settings: &AccountSettings, held: Option<&Held>, role: Role, now: Moment) -> Screen {
    let advertiser = if settings.advertiser.is_empty() { p!(tr, "settings-advertiser-none") } else { settings.advertiser.clone() };
    let html = t!(
        tr,
        "settings-card",
        name = &settings.name,
        zone = tr.zone_name(now),
        language = words::language(settings.language),
        region = places::region_shown(&settings.phone_region, tr.language == Language::Ru),
        advertiser = advertiser,
        grade = grade(tr, settings.min_grade),
        cap = if settings.cap_hours == 0 { p!(tr, "settings-cap-no") } else { cap(tr, i64::from(settings.cap_hours)) },
        idle = p!(tr, "settings-days", count = i64::from(settings.session_idle_days)),
        longest = p!(tr, "settings-days", count = i64::from(settings.session_max_days))
    );
    let screen = match held {
        None => Screen::new(html),
        Some(held) => {
            Screen::new(format!("{}\n\n{html}", waits(tr, held))).button_if(role.may(Right::Own), p!(tr, "settings-held-go"), Call::AskHeld)
        }
    };
    let screen = if role.may(Right::Own) {
        screen
            .row([
                Button::call(p!(tr, "settings-name"), Call::Ask { what: What::Name }),
                Button::call(p!(tr, "settings-zone"), Call::Zones),
            ])
            .row([
                Button::call(p!(tr, "settings-advertiser"), Call::Ask { what: What::Advertiser }),
                Button::call(p!(tr, "settings-region"), Call::Ask { what: What::Region }),
            ])
            .row([Button::call(p!(tr, "settings-grade"), Call::Grades), Button::call(p!(tr, "settings-cap"), Call::Caps)])
            .row([Button::call(checked(settings.logo_allowed, &p!(tr, "settings-logo")), Call::Logo { on: !settings.logo_allowed })])
            .row([Button::call(p!(tr, "settings-language"), Call::Languages), Button::call(p!(tr, "settings-sessions"), Call::Sessions)])
    } else {
        screen
    };
    screen
        .row([Button::call(p!(tr, "settings-prices"), Call::Prices), Button::call(p!(tr, "settings-wordings"), Call::Wordings)])
        .button(p!(tr, "law-button"), law::Call::Open)
        .at(Call::Open)
        .nav(tr, menu::Call::Settings)
}

/// Why advertising waits.
fn waits(tr: Tr, held: &Held) -> String {
    let unread = if held.unread.is_empty() { "none" } else { "some" };
    t!(tr, "settings-held", since = tr.moment(held.since), unread = unread, names = held.unread.join(", "))
}

/// Let advertising go on?
#[must_use]
pub fn ask_held(tr: Tr) -> Screen {
    Screen::new(t!(tr, "settings-held-ask")).button(p!(tr, "settings-held-yes"), Call::Release).nav(tr, Call::Open)
}

/// Which zone?
#[must_use]
pub fn zones(tr: Tr, chosen: Tz, now: Moment) -> Screen {
    let buttons: Vec<Button> = ZONES
        .iter()
        .zip(0_u8..)
        .map(|(zone, index)| {
            Button::call(checked(*zone == chosen, &places::name(*zone, tr.language == Language::Ru)), Call::SetZone { index })
        })
        .collect();
    buttons
        .chunks(2)
        .fold(Screen::new(t!(tr, "settings-zones", zone = tr.zone_name(now))), |screen, row| screen.row(row.to_vec()))
        .button(p!(tr, "settings-other"), Call::Ask { what: What::Zone })
        .at(Call::Zones)
        .nav(tr, Call::Open)
}

/// Which evidence?
#[must_use]
pub fn grades(tr: Tr, now: Grade) -> Screen {
    [Grade::A, Grade::B, Grade::C]
        .into_iter()
        .fold(Screen::new(t!(tr, "settings-grades")), |screen, each| {
            screen.button(checked(each == now, &grade(tr, each)), Call::SetGrade { grade: each })
        })
        .nav(tr, Call::Open)
}

/// How often?
#[must_use]
pub fn caps(tr: Tr, now: i32) -> Screen {
    CAPS.into_iter()
        .fold(Screen::new(t!(tr, "settings-caps")), |screen, hours| {
            screen.button(checked(i32::from(hours) == now, &cap(tr, i64::from(hours))), Call::SetCap { hours })
        })
        .button(p!(tr, "settings-other"), Call::Ask { what: What::Cap })
        .at(Call::Caps)
        .nav(tr, Call::Open)
}

/// How long do sessions last?
#[must_use]
pub fn sessions(tr: Tr, now: &AccountSettings) -> Screen {
    let days = |count: u16| p!(tr, "settings-days", count = i64::from(count));
    let idle = IDLE.map(|count| {
        let text = p!(tr, "settings-session-idle", days = days(count));
        Button::call(checked(i32::from(count) == now.session_idle_days, &text), Call::SetIdle { days: count })
    });
    let longest = LONGEST.map(|count| {
        let text = p!(tr, "settings-session-longest", days = days(count));
        Button::call(checked(i32::from(count) == now.session_max_days, &text), Call::SetLongest { days: count })
    });
    let screen = Screen::new(t!(tr, "settings-sessions-card"));
    let demand = Button::call(checked(now.second_factor, &p!(tr, "settings-second-factor")), Call::Demand { on: !now.second_factor });
    idle.into_iter().chain(longest).chain([demand]).fold(screen, |screen, button| screen.row([button])).nav(tr, Call::Open)
}

/// Which language for those who told none?
#[must_use]
pub fn languages(tr: Tr, now: Language) -> Screen {
    [Language::Ru, Language::En]
        .into_iter()
        .fold(Screen::new(t!(tr, "settings-languages")), |screen, language| {
            screen.button(checked(language == now, words::language(language)), Call::SetLanguage { language })
        })
        .nav(tr, Call::Open)
}

/// Type it.
#[must_use]
pub fn ask(tr: Tr, what: What) -> Screen {
    let html = match what {
        What::Name => t!(tr, "settings-ask-name"),
        What::Zone => t!(tr, "settings-ask-zone"),
        What::Region => t!(tr, "settings-ask-region"),
        What::Advertiser => t!(tr, "settings-ask-advertiser"),
        What::Cap => t!(tr, "settings-ask-cap"),
    };
    Screen::new(html).nav_back(tr, Call::Open)
}

/// Not this one.
#[must_use]
pub fn again(tr: Tr, sentence: &str) -> Screen {
    Screen::new(t!(tr, "settings-again", sentence = sentence)).nav_back(tr, Call::Open)
}

/// The wordings.
#[must_use]
pub fn wordings(tr: Tr, list: &[Wording]) -> Screen {
    let screen = Screen::new(t!(tr, "settings-wordings-title"));
    Purpose::ALL
        .into_iter()
        .flat_map(|purpose| [(purpose, Language::Ru), (purpose, Language::En)])
        .fold(screen, |screen, (each, language)| {
            // The newest of each comes first.
            let version =
                list.iter().find(|wording| wording.purpose == each && wording.language == language).map(|wording| wording.version);
            let name = words::language(language);
            let text = match version {
                Some(version) => p!(tr, "settings-wording-line", purpose = purpose(tr, each), language = name, version = version),
                None => p!(tr, "settings-wording-line-default", purpose = purpose(tr, each), language = name),
            };
            screen.button(text, Call::Wording { purpose: each, language })
        })
        .nav(tr, Call::Open)
}

/// One wording.
#[must_use]
pub fn wording_card(tr: Tr, what: Purpose, language: Language, found: Option<&Wording>, default: &str, role: Role) -> Screen {
    let name = words::language(language);
    let html = match found {
        Some(wording) => t!(
            tr,
            "settings-wording",
            purpose = purpose(tr, what),
            language = name,
            version = wording.version,
            since = tr.moment(wording.created_at),
            body = &wording.body
        ),
        None => t!(tr, "settings-wording-default", purpose = purpose(tr, what), language = name, body = default),
    };
    Screen::new(html)
        .button_if(role.may(Right::Own), p!(tr, "settings-wording-edit"), Call::EditWording { purpose: what, language })
        .nav(tr, Call::Wordings)
}

/// Write it.
#[must_use]
pub fn ask_wording(tr: Tr, what: Purpose, language: Language) -> Screen {
    Screen::new(t!(tr, "settings-ask-wording", purpose = purpose(tr, what), language = words::language(language)))
        .nav(tr, Call::Wording { purpose: what, language })
}

#[cfg(test)]
mod tests {
    use mms_core::{id::WordingId, text::said::spans};

    use super::*;
    use crate::{snapshots, testing};

    fn settings() -> AccountSettings {
        AccountSettings {
            name: "Ромашка & Ко".to_owned(),
            zone: "Europe/Moscow".to_owned(),
            language: Language::Ru,
            phone_region: "RU".to_owned(),
            min_grade: Grade::C,
            cap_hours: 24,
            advertiser: String::new(),
            session_idle_days: 30,
            session_max_days: 180,
            second_factor: false,
            logo_allowed: false,
        }
    }

    fn wording() -> Wording {
        Wording {
            id: WordingId(uuid::Uuid::nil()),
            purpose: Purpose::Marketing,
            language: Language::Ru,
            version: 3,
            body: "Можно присылать вам новости и скидки?".to_owned(),
            created_by: None,
            created_at: testing::moment(),
        }
    }

    fn held(unread: &[&str]) -> Held {
        Held { since: testing::moment(), unread: unread.iter().map(|name| (*name).to_owned()).collect() }
    }

    snapshots!(settings_owner, |tr| card(tr, &settings(), None, Role::Owner, testing::moment()));
    snapshots!(settings_viewer, |tr| card(tr, &settings(), None, Role::Viewer, testing::moment()));
    snapshots!(settings_held, |tr| card(tr, &settings(), Some(&held(&["amoCRM «Ромашка»"])), Role::Owner, testing::moment()));
    snapshots!(settings_held_read, |tr| card(tr, &settings(), Some(&held(&[])), Role::Viewer, testing::moment()));
    snapshots!(settings_ask_held, |tr| ask_held(tr));
    snapshots!(settings_zones, |tr| zones(tr, tr.zone, testing::moment()));
    snapshots!(settings_grades, |tr| grades(tr, Grade::C));
    snapshots!(settings_caps, |tr| caps(tr, 0));
    snapshots!(settings_sessions, |tr| sessions(tr, &settings()));
    snapshots!(settings_languages, |tr| languages(tr, Language::Ru));
    snapshots!(settings_ask_name, |tr| ask(tr, What::Name));
    snapshots!(settings_ask_zone, |tr| ask(tr, What::Zone));
    snapshots!(settings_ask_region, |tr| ask(tr, What::Region));
    snapshots!(settings_ask_advertiser, |tr| ask(tr, What::Advertiser));
    snapshots!(settings_ask_cap, |tr| ask(tr, What::Cap));
    snapshots!(settings_again, |tr| again(tr, &p!(tr, "setting-zone-bad")));
    snapshots!(settings_wordings, |tr| wordings(tr, &[wording()]));
    snapshots!(settings_wording, |tr| wording_card(tr, Purpose::Marketing, Language::Ru, Some(&wording()), "", Role::Owner));
    snapshots!(settings_wording_default, |tr| wording_card(tr, Purpose::PersonalData, Language::En, None, "May we?", Role::Viewer));
    snapshots!(settings_ask_wording, |tr| ask_wording(tr, Purpose::Marketing, Language::En));

    /// «Сутки», «неделя», `2 days`: whatever the card says may be typed.
    #[test]
    fn a_pause_is_read_as_it_is_shown() {
        for hours in 0..=720 {
            for language in [Language::Ru, Language::En] {
                let shown = cap(Tr::new(language, chrono_tz::UTC), hours);
                assert_eq!(spans::hours(&shown).map(i64::from), Some(hours), "{shown}");
            }
        }
    }
}
