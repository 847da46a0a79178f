//! The list of campaigns, names, deletion: pure screens.

use mms_core::{
    account::{Right, Role},
    campaign::{Campaign, State},
    clock::Moment,
    delivery::{Numbers, Responses},
    id::CampaignId,
};

use super::{Call, clip, refusal, results};
use crate::{
    frame::{page::Page, screen::Screen},
    i18n::Tr,
    p, t,
};

/// The list: each campaign with its day and what came of it.
#[must_use]
pub fn list(tr: Tr, rows: &[(Campaign, Numbers, Responses)], count: i64, page: Page, role: Role, now: Moment) -> Screen {
    let mut html = if count == 0 { t!(tr, "campaigns-none") } else { t!(tr, "campaigns-title", count = count) };
    for (campaign, numbers, responses) in rows {
        html.push_str("\n\n");
        html.push_str(&line(tr, campaign, numbers, responses, now));
    }
    rows.iter()
        .fold(Screen::new(html), |screen, (campaign, ..)| screen.button(button(tr, campaign, now), Call::Card { campaign: campaign.id }))
        .pager(page, |page| Call::List { page })
        .button_if(count > 0, p!(tr, "campaigns-totals-button"), Call::Totals { days: results::FIRST })
        .button_if(role.may(Right::Edit), p!(tr, "campaigns-new"), Call::New)
        .at(Call::List { page: page.at })
        .home(tr)
}

/// When a campaign began, is to begin, or was last changed.
fn day(campaign: &Campaign) -> Moment {
    match campaign.state {
        State::Scheduled => campaign.starts_at.unwrap_or(campaign.updated_at),
        _ => campaign.planned_at.unwrap_or(campaign.updated_at),
    }
}

/// A campaign in two lines: its name; what it is at, when, and what came of it.
fn line(tr: Tr, campaign: &Campaign, all: &Numbers, did: &Responses, now: Moment) -> String {
    let name = clip(&campaign.name, 60);
    let title = t!(tr, "campaigns-line", mark = refusal::mark(campaign.state), name = name);
    let day = if campaign.state == State::Scheduled { tr.when(day(campaign), now) } else { tr.short_day(day(campaign), now) };
    let state = refusal::state(tr, campaign.state);
    let came = if campaign.planned_at.is_some() {
        t!(tr, "campaigns-line-sent", day = day, sent = all.sent, planned = all.planned)
    } else {
        t!(tr, "campaigns-line-state", day = day, state = state)
    };
    let mut parts = vec![came];
    parts.extend((did.replied > 0).then(|| t!(tr, "campaigns-line-replied", count = did.replied)));
    parts.extend((did.opted_out > 0).then(|| t!(tr, "campaigns-line-out", count = did.opted_out)));
    format!("{title}\n{}", parts.join(" · "))
}

/// A campaign on a button: mark, name, day.
fn button(tr: Tr, campaign: &Campaign, now: Moment) -> String {
    let tail = format!(" · {}", tr.short_day(day(campaign), now));
    // A campaign that was named after its segment and its day names it already.
    let tail = if campaign.name.ends_with(&tail) { "" } else { &tail };
    // What a phone shows of a button: the name gives way to what follows it.
    let room = 40usize.saturating_sub(tail.chars().count()).max(16);
    format!("{} {}{tail}", refusal::mark(campaign.state), clip(&campaign.name, room))
}

/// Which name?
#[must_use]
pub fn ask_name(tr: Tr, campaign: Option<&Campaign>) -> Screen {
    match campaign {
        None => Screen::new(t!(tr, "campaigns-ask-name")).nav_back(tr, Call::List { page: 0 }),
        Some(row) => Screen::new(t!(tr, "campaigns-ask-rename", name = &row.name)).nav(tr, Call::More { campaign: row.id }),
    }
}

/// Not this one.
#[must_use]
pub fn name_again(tr: Tr, campaign: Option<CampaignId>, sentence: &str) -> Screen {
    let screen = Screen::new(t!(tr, "campaigns-name-again", sentence = sentence));
    match campaign {
        None => screen.nav_back(tr, Call::List { page: 0 }),
        Some(campaign) => screen.nav(tr, Call::More { campaign }),
    }
}

/// Sure?
#[must_use]
pub fn ask_delete(tr: Tr, campaign: &Campaign) -> Screen {
    Screen::new(t!(tr, "campaigns-ask-delete", name = &campaign.name))
        .button(p!(tr, "campaigns-delete-now"), Call::Delete { campaign: campaign.id })
        .nav(tr, Call::More { campaign: campaign.id })
}
