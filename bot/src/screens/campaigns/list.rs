//! The list of campaigns, names, deletion: pure screens.

use mms_core::{
    account::{Right, Role},
    campaign::{Campaign, State, view::Numbers},
    id::CampaignId,
};

use super::{Call, clip, refusal};
use crate::{frame::screen::Screen, i18n::Tr, p, t};

/// The list.
#[must_use]
pub fn list(tr: Tr, rows: &[(Campaign, Numbers)], count: i64, (page, pages): (u32, u32), role: Role) -> Screen {
    let html = if count == 0 { t!(tr, "campaigns-none") } else { t!(tr, "campaigns-title", count = count) };
    rows.iter()
        .fold(Screen::new(html), |screen, (campaign, numbers)| {
            screen.button(line(tr, campaign, numbers), Call::Card { campaign: campaign.id })
        })
        .pager(page, pages, |page| Call::List { page })
        .button_if(role.may(Right::Edit), p!(tr, "campaigns-new"), Call::New)
        .at(Call::List { page })
        .home(tr)
}

/// A campaign on a button: mark, name, how far.
fn line(tr: Tr, campaign: &Campaign, numbers: &Numbers) -> String {
    let mark = refusal::mark(campaign.state);
    let tail = match campaign.state {
        State::Running | State::Paused | State::Stopped | State::Finished => {
            format!(" · {}/{}", tr.number(numbers.sent), tr.number(numbers.planned))
        }
        State::Scheduled => campaign.starts_at.map(|at| format!(" · {}", tr.moment(at))).unwrap_or_default(),
        _ => String::new(),
    };
    // What a phone shows of a button: the name gives way to what follows it.
    let room = 44usize.saturating_sub(tail.chars().count()).max(16);
    format!("{mark} {}{tail}", clip(&campaign.name, room))
}

/// Which name?
#[must_use]
pub fn ask_name(tr: Tr, campaign: Option<&Campaign>) -> Screen {
    match campaign {
        None => Screen::new(t!(tr, "campaigns-ask-name")).nav(tr, Call::List { page: 0 }),
        Some(row) => Screen::new(t!(tr, "campaigns-ask-rename", name = &row.name)).nav(tr, Call::Compose { campaign: row.id }),
    }
}

/// Not this one.
#[must_use]
pub fn name_again(tr: Tr, campaign: Option<CampaignId>, sentence: &str) -> Screen {
    let screen = Screen::new(t!(tr, "campaigns-name-again", sentence = sentence));
    match campaign {
        None => screen.nav(tr, Call::List { page: 0 }),
        Some(campaign) => screen.nav(tr, Call::Compose { campaign }),
    }
}

/// Sure?
#[must_use]
pub fn ask_delete(tr: Tr, campaign: &Campaign) -> Screen {
    Screen::new(t!(tr, "campaigns-ask-delete", name = &campaign.name))
        .button(p!(tr, "campaigns-delete-now"), Call::Delete { campaign: campaign.id })
        .nav(tr, Call::Compose { campaign: campaign.id })
}
