//! The screens of the register: pure.

use mms_core::{
    agreement::claims::{Claim, Direction, State},
    clock::Moment,
    text::escape,
};

use super::Call;
use crate::{
    frame::{page::Page, screen::Screen},
    i18n::Tr,
    p,
    screens::{contacts::say, support},
    t,
};

/// Claims on a page.
const PAGE: u32 = 8;

/// Against whom, in words.
#[must_use]
pub fn direction(tr: Tr, direction: Direction) -> String {
    match direction {
        Direction::ToLicensor => p!(tr, "claims-to-licensor"),
        Direction::ToCompany => p!(tr, "claims-to-company"),
    }
}

/// Where a claim stands, in words.
#[must_use]
pub fn state(tr: Tr, state: State) -> String {
    match state {
        State::Open => p!(tr, "claims-state-open"),
        State::Answered => p!(tr, "claims-state-answered"),
        State::Closed => p!(tr, "claims-state-closed"),
    }
}

/// How much of its term is left, while it is open.
fn clock(tr: Tr, claim: &Claim, now: Moment) -> Option<String> {
    (claim.state == State::Open).then(|| match (claim.due_at - now).num_days() {
        left if claim.due_at > now => t!(tr, "claims-left", day = tr.day(claim.due_at), left = left),
        _ => t!(tr, "claims-overdue", day = tr.day(claim.due_at)),
    })
}

/// The register.
#[must_use]
pub fn list(tr: Tr, claims: &[Claim], page: u32, now: Moment) -> Screen {
    let page = Page::of(claims.len(), PAGE, page);
    let mut html = t!(tr, "claims-title");
    html.push_str("\n\n");
    html.push_str(&if claims.is_empty() { t!(tr, "claims-none") } else { t!(tr, "claims-list") });
    for one in page.rows(claims) {
        let line = t!(tr, "claims-line", number = one.number, claimant = say::short(&one.claimant, 40), state = state(tr, one.state));
        html.push_str(&format!("\n• {line}"));
        if let Some(clock) = clock(tr, one, now) {
            html.push_str(&format!(" · {clock}"));
        }
    }
    page.rows(claims)
        .iter()
        .fold(Screen::new(html).button(p!(tr, "claims-new"), Call::New), |screen, one| {
            let text = p!(tr, "claims-one-button", number = one.number, subject = say::short(&one.subject, 30));
            screen.button(text, Call::Card { claim: one.id })
        })
        .pager(page, |page| Call::List { page })
        .button_if(!claims.is_empty(), p!(tr, "claims-export"), Call::Export)
        .at(Call::List { page: page.at })
        .nav(tr, support::Call::List { page: 0 })
}

/// A claim.
#[must_use]
pub fn card(tr: Tr, claim: &Claim, now: Moment) -> Screen {
    let mut html = t!(
        tr,
        "claims-card",
        number = claim.number,
        direction = direction(tr, claim.direction),
        claimant = &claim.claimant,
        received = tr.moment(claim.received_at),
        state = state(tr, claim.state)
    );
    if let Some(clock) = clock(tr, claim, now) {
        html.push('\n');
        html.push_str(&clock);
    }
    html.push_str(&format!("\n\n{}", escape(&claim.subject)));
    if let (Some(answer), Some(at)) = (&claim.answer, claim.answered_at) {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "claims-answer", at = tr.moment(at), text = answer));
    }
    let id = claim.id;
    let ours = claim.direction == Direction::ToCompany && claim.state == State::Open;
    Screen::new(html)
        .button_if(ours, p!(tr, "claims-answer-button"), Call::Answer { claim: id })
        .button_if(claim.file_id.is_some(), p!(tr, "claims-document-button"), Call::File { claim: id })
        .button_if(claim.state != State::Closed, p!(tr, "claims-close"), Call::Close { claim: id })
        .at(Call::Card { claim: id })
        .nav(tr, Call::List { page: 0 })
}

/// Against whom?
#[must_use]
pub fn directions(tr: Tr) -> Screen {
    let screen = Screen::new(t!(tr, "claims-ask-direction"));
    [Direction::ToCompany, Direction::ToLicensor]
        .into_iter()
        .fold(screen, |screen, one| screen.button(direction(tr, one), Call::NewOf { direction: one }))
        .at(Call::New)
        .nav(tr, Call::List { page: 0 })
}

/// Who claims?
#[must_use]
pub fn ask_claimant(tr: Tr) -> Screen {
    Screen::new(t!(tr, "claims-ask-claimant")).nav(tr, Call::New)
}

/// What is claimed?
#[must_use]
pub fn ask_subject(tr: Tr, direction: Direction) -> Screen {
    let html = match direction {
        Direction::ToLicensor => t!(tr, "claims-ask-subject-licensor"),
        Direction::ToCompany => t!(tr, "claims-ask-subject"),
    };
    Screen::new(html).nav(tr, Call::New)
}

/// What was answered?
#[must_use]
pub fn ask_answer(tr: Tr, claim: &Claim) -> Screen {
    Screen::new(t!(tr, "claims-ask-answer", number = claim.number)).nav(tr, Call::Card { claim: claim.id })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use mms_core::id::{ClaimId, MemberId};

    use super::*;
    use crate::{snapshots, testing};

    fn claim(number: i64, direction: Direction, state: State) -> Claim {
        Claim {
            id: ClaimId(uuid::Uuid::nil()),
            number,
            direction,
            claimant: "Роскомнадзор <запрос>".to_owned(),
            subject: "Жалоба получателя: писали без согласия".to_owned(),
            received_at: testing::moment(),
            due_at: testing::moment() + TimeDelta::days(30),
            state,
            answer: (state == State::Answered).then(|| "Согласие приложено".to_owned()),
            answered_at: (state == State::Answered).then(testing::moment),
            file_id: None,
            member_id: MemberId(uuid::Uuid::nil()),
        }
    }

    snapshots!(claims_none, |tr| list(tr, &[], 0, testing::moment()));
    snapshots!(claims_list, |tr| {
        let late = Claim { due_at: testing::moment() - TimeDelta::days(2), ..claim(1, Direction::ToLicensor, State::Open) };
        list(tr, &[late, claim(3, Direction::ToCompany, State::Open), claim(2, Direction::ToCompany, State::Closed)], 0, testing::moment())
    });
    snapshots!(claims_card, |tr| card(tr, &claim(3, Direction::ToCompany, State::Open), testing::moment()));
    snapshots!(claims_card_answered, |tr| card(tr, &claim(3, Direction::ToLicensor, State::Answered), testing::moment()));
    snapshots!(claims_directions, |tr| directions(tr));
    snapshots!(claims_ask_claimant, |tr| ask_claimant(tr));
    snapshots!(claims_ask_subject, |tr| ask_subject(tr, Direction::ToCompany));
    snapshots!(claims_ask_answer, |tr| ask_answer(tr, &claim(3, Direction::ToCompany, State::Open)));
}
