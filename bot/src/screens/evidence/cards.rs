//! The screens of evidence: pure.

use chrono::NaiveDate;
use mms_core::{
    campaign::{Campaign, view::Numbers},
    contact::card::Found,
    evidence::{
        DossierFile, DossierRow, DossierState, Scope, make,
        request::{Request, Standing},
    },
};

use super::Call;
use crate::{
    frame::{
        callback::Sought,
        page::Page,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::{contacts::say, law, register},
    t,
};

/// Characters of a name on a button.
const NAME: usize = 40;

/// How a request stands, in words.
#[must_use]
pub fn standing(tr: Tr, standing: Standing) -> String {
    match standing {
        Standing::Open => p!(tr, "evidence-stands-open"),
        Standing::Soon => p!(tr, "evidence-stands-soon"),
        Standing::Today => p!(tr, "evidence-stands-today"),
        Standing::Overdue => p!(tr, "evidence-stands-overdue"),
        Standing::Answered => p!(tr, "evidence-stands-answered"),
        Standing::AnsweredLate => p!(tr, "evidence-stands-answered-late"),
        Standing::Unknown => p!(tr, "evidence-stands-unknown"),
    }
}

fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "🟢",
        Standing::Soon => "🟡",
        Standing::Today | Standing::Overdue => "🔴",
        Standing::Answered => "✅",
        Standing::AnsweredLate => "☑️",
        Standing::Unknown => "⚪",
    }
}

/// Of whom a dossier is, in words.
#[must_use]
pub fn about(tr: Tr, row: &DossierRow) -> String {
    let name = if row.about.trim().is_empty() { p!(tr, "evidence-nameless") } else { row.about.clone() };
    match row.scope() {
        Scope::Person(_) => name,
        Scope::Segment(_) => p!(tr, "evidence-of-segment", name = name),
        Scope::Campaign(_) => p!(tr, "evidence-of-campaign", name = name),
    }
}

fn dossier_button(tr: Tr, row: &DossierRow) -> Button {
    let mark = match row.state {
        DossierState::Wanted | DossierState::Making => "⏳",
        DossierState::Ready => "📁",
        DossierState::Failed => "⚠️",
        DossierState::Forgotten => "🗑",
    };
    let text = format!("{mark} {}, {}", say::short(&about(tr, row), NAME), tr.moment(row.created_at));
    Button::call(text, Call::Dossier { dossier: row.id })
}

/// The register and the newest dossiers.
#[must_use]
pub fn home(tr: Tr, (all, open): (i64, i64), requests: &[Request], dossiers: &[DossierRow], page: Page, today: NaiveDate) -> Screen {
    let screen = Screen::new(t!(tr, "evidence-home", all = all, open = open)).at(Call::Open { page: page.at });
    let entry = |one: &Request| {
        let text = format!("{} № {} · {}", mark(one.standing(today)), one.number, say::short(&one.from_whom, NAME));
        (text, Call::Request { request: one.id })
    };
    let mut screen = register::entries(screen, requests, entry, page, |page| Call::Open { page });
    let register = (all > 0).then(|| Button::call(p!(tr, "evidence-register-button"), Call::Register));
    screen = screen.row([Button::call(p!(tr, "evidence-new"), Call::New)].into_iter().chain(register));
    for row in dossiers {
        screen = screen.row([dossier_button(tr, row)]);
    }
    screen.nav(tr, law::Call::Open)
}

/// A dossier: where it stands, what is lacking, its files, how it is checked.
#[must_use]
pub fn dossier(tr: Tr, row: &DossierRow, files: &[DossierFile], key: &str) -> Screen {
    let head = t!(tr, "evidence-dossier", about = about(tr, row), by = &row.member, at = tr.moment(row.created_at));
    let state = match row.state {
        DossierState::Wanted | DossierState::Making => t!(tr, "evidence-making"),
        DossierState::Ready => {
            t!(tr, "evidence-ready", people = row.people.unwrap_or_default(), gaps = row.gaps.unwrap_or_default(), key = key)
        }
        DossierState::Failed => match row.error.as_deref() {
            Some(make::GONE) => t!(tr, "evidence-not-made-gone"),
            Some(make::TOO_MANY) => t!(tr, "evidence-not-made-too-many", most = make::MOST),
            _ => t!(tr, "evidence-not-made"),
        },
        DossierState::Forgotten => t!(tr, "evidence-forgotten"),
    };
    let mut screen = Screen::new(format!("{head}\n\n{state}"));
    let parts = files.iter().filter(|file| file.part > 0).count();
    for file in files.iter().filter(|file| file.size > 0) {
        let text = match file.part {
            0 => p!(tr, "evidence-paper"),
            _ if parts == 1 => p!(tr, "evidence-archive"),
            part => p!(tr, "evidence-archive-part", part = part, of = parts),
        };
        screen = screen.button(text, Call::File { dossier: row.id, part: u32::try_from(file.part).unwrap_or_default() });
    }
    match row.state {
        DossierState::Wanted | DossierState::Making => {
            screen = screen.button(p!(tr, "evidence-look-again"), Call::Dossier { dossier: row.id })
        }
        DossierState::Failed | DossierState::Forgotten => {
            let again = match row.scope() {
                Scope::Person(contact) => Call::Person { contact },
                Scope::Segment(segment) => Call::Segment { segment },
                Scope::Campaign(campaign) => Call::Campaign { campaign },
            };
            screen = screen.button(p!(tr, "evidence-again"), again);
        }
        DossierState::Ready => {}
    }
    let parent = row.request_id.map_or(Call::Open { page: 0 }, |request| Call::Request { request });
    screen.at(Call::Dossier { dossier: row.id }).nav(tr, parent)
}

/// A request.
#[must_use]
pub fn request(tr: Tr, row: &Request, dossiers: &[DossierRow], today: NaiveDate) -> Screen {
    let stands = row.standing(today);
    let mut parts = vec![t!(
        tr,
        "evidence-request",
        number = row.number,
        from = &row.from_whom,
        about = &row.about,
        received = tr.date(row.received_on.0),
        by = &row.made_by
    )];
    let due = row.due().map(|due| tr.date(due));
    parts.push(match (row.answered(), &row.answer) {
        (Some(day), answer) => {
            let by = row.answered_by.as_deref().unwrap_or_default();
            let answer = answer.as_deref().unwrap_or_default();
            t!(
                tr,
                "evidence-request-answered",
                mark = mark(stands),
                state = standing(tr, stands),
                day = tr.date(day),
                by = by,
                answer = answer
            )
        }
        (None, _) => match due {
            Some(due) => t!(tr, "evidence-request-due", mark = mark(stands), state = standing(tr, stands), due = due),
            None => t!(tr, "evidence-request-no-day", mark = mark(stands)),
        },
    });
    let mut screen = Screen::new(parts.join("\n\n")).at(Call::Request { request: row.id });
    for one in dossiers {
        screen = screen.row([dossier_button(tr, one)]);
    }
    if row.answered_on.is_none() {
        screen = screen
            .row([
                Button::call(p!(tr, "evidence-whose"), Call::Whose { request: row.id }),
                Button::call(p!(tr, "evidence-which-campaign"), Call::Campaigns { request: row.id }),
            ])
            .button(p!(tr, "evidence-answer"), Call::Answer { request: row.id });
    }
    screen.nav(tr, Call::Open { page: 0 })
}

/// A new request: what is asked for; `wrong`: what was wrong with what was typed.
#[must_use]
pub fn new_asked(tr: Tr, wrong: Option<&str>) -> Screen {
    asked(t!(tr, "evidence-ask-new"), wrong).nav(tr, Call::Open { page: 0 })
}

/// How was it answered?
#[must_use]
pub fn answer_asked(tr: Tr, row: &Request, wrong: Option<&str>) -> Screen {
    asked(t!(tr, "evidence-ask-answer", number = row.number), wrong).nav(tr, Call::Request { request: row.id })
}

fn asked(html: String, wrong: Option<&str>) -> Screen {
    let wrong = wrong.map(|wrong| format!("⚠️ {}\n\n", mms_core::text::escape(wrong)));
    Screen::new(format!("{}{html}", wrong.unwrap_or_default()))
}

/// Whose dossier: the question, or those who were found.
#[must_use]
pub fn found(tr: Tr, row: &Request, sought: Option<&str>, found: &[Found]) -> Screen {
    let request = row.id;
    let html = match sought {
        None => t!(tr, "evidence-ask-whose", about = &row.about),
        Some(_) if found.is_empty() => t!(tr, "evidence-nobody", about = &row.about),
        Some(_) => t!(tr, "evidence-several"),
    };
    let screen = found
        .iter()
        .fold(Screen::new(html), |screen, one| screen.button(say::found(tr, one), Call::PersonFor { request, contact: one.id }));
    match sought {
        Some(sought) if !found.is_empty() => screen.at(Call::Found { request, sought: Sought::of(sought) }),
        _ => screen,
    }
    .nav(tr, Call::Request { request })
}

/// Which campaign's dossier?
#[must_use]
pub fn campaigns(tr: Tr, row: &Request, list: &[(Campaign, Numbers)]) -> Screen {
    let request = row.id;
    let html = if list.is_empty() { t!(tr, "evidence-no-campaigns") } else { t!(tr, "evidence-ask-campaign") };
    list.iter()
        .fold(Screen::new(html), |screen, (campaign, _)| {
            screen.button(say::short(&campaign.name, NAME), Call::CampaignFor { request, campaign: campaign.id })
        })
        .nav(tr, Call::Request { request })
}
