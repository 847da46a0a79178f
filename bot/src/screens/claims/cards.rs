//! The screens of the register: pure.

use mms_core::{
    agreement::claims::{Claim, Direction, State},
    campaign::{Campaign, view::Numbers},
    clock::Moment,
    contact::card::Found,
    text::escape,
};

use super::Call;
use crate::{
    frame::{page::Page, screen::Screen},
    i18n::Tr,
    p,
    screens::{contacts::say, evidence, register, support},
    t,
};

/// Characters of a name on a button.
const NAME: usize = 40;

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
pub fn list(tr: Tr, claims: &[Claim], page: Page, now: Moment) -> Screen {
    let mut html = t!(tr, "claims-title");
    html.push_str("\n\n");
    html.push_str(&if claims.is_empty() { t!(tr, "claims-none") } else { t!(tr, "claims-list") });
    for one in claims {
        let line = t!(tr, "claims-line", number = one.number, claimant = say::short(&one.claimant, 40), state = state(tr, one.state));
        html.push_str(&format!("\n• {line}"));
        if let Some(clock) = clock(tr, one, now) {
            html.push_str(&format!(" · {clock}"));
        }
    }
    let entry = |one: &Claim| {
        let text = p!(tr, "claims-one-button", number = one.number, subject = say::short(&one.subject, 30));
        (text, Call::Card { claim: one.id })
    };
    let screen = Screen::new(html).button(p!(tr, "claims-new"), Call::New);
    register::entries(screen, claims, entry, page, |page| Call::List { page })
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
        received = tr.day(claim.received_at),
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
    if let Some(about) = &claim.dossier {
        let about = if about.trim().is_empty() { p!(tr, "claims-dossier-nameless") } else { about.clone() };
        html.push_str("\n\n");
        html.push_str(&match claim.dossier_made_at {
            Some(at) => t!(tr, "claims-dossier-line", about = about, at = tr.moment(at)),
            None => t!(tr, "claims-dossier-line", about = about, at = p!(tr, "claims-dossier-making")),
        });
    }
    let id = claim.id;
    let open = claim.state != State::Closed;
    let ours = claim.direction == Direction::ToCompany && claim.state == State::Open;
    let screen = Screen::new(html).button_if(ours, p!(tr, "claims-answer-button"), Call::Answer { claim: id }).button_if(
        claim.file_id.is_some(),
        p!(tr, "claims-document-button"),
        Call::File { claim: id },
    );
    let screen = match claim.dossier_id {
        Some(dossier) => screen.button(p!(tr, "claims-dossier-open"), evidence::Call::Dossier { dossier }),
        None => screen.button_if(open, p!(tr, "claims-dossier-make"), Call::Dossier { claim: id }),
    };
    screen
        .button_if(claim.state == State::Open, p!(tr, "claims-date"), Call::AskDate { claim: id })
        .button_if(open, p!(tr, "claims-close"), Call::Close { claim: id })
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

/// Whose dossier? `found`: those who were looked for; `last`: campaigns.
#[must_use]
pub fn whose(tr: Tr, claim: &Claim, found: Option<&Vec<Found>>, last: &[(Campaign, Numbers)]) -> Screen {
    let id = claim.id;
    let html = match found {
        Some(found) if found.is_empty() => t!(tr, "claims-nobody"),
        _ => t!(tr, "claims-ask-whose", number = claim.number, claimant = &claim.claimant),
    };
    let people = found.into_iter().flatten();
    let screen =
        people.fold(Screen::new(html), |screen, one| screen.button(say::found(tr, one), Call::Person { claim: id, contact: one.id }));
    last.iter()
        .fold(screen, |screen, (campaign, _)| {
            let text = p!(tr, "claims-of-campaign", name = say::short(&campaign.name, NAME));
            screen.button(text, Call::Campaign { claim: id, campaign: campaign.id })
        })
        .nav(tr, Call::Card { claim: id })
}

/// When did it come? With `sentence`: why the last answer was not taken.
#[must_use]
pub fn ask_date(tr: Tr, claim: &Claim, sentence: Option<&str>) -> Screen {
    let screen = Screen::new(t!(tr, "claims-ask-date", number = claim.number));
    let screen = match sentence {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen.nav(tr, Call::Card { claim: claim.id })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use mms_core::id::{ClaimId, ContactId, DossierId, MemberId};

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
            dossier_id: None,
            dossier: None,
            dossier_made_at: None,
        }
    }

    fn with_dossier(about: &str, made: bool) -> Claim {
        Claim {
            dossier_id: Some(DossierId(uuid::Uuid::nil())),
            dossier: Some(about.to_owned()),
            dossier_made_at: made.then(testing::moment),
            ..claim(3, Direction::ToCompany, State::Open)
        }
    }

    fn person() -> Found {
        let name = "Иванова Мария <А.>".to_owned();
        Found { id: ContactId(uuid::Uuid::nil()), name, phone: Some("+79991234567".to_owned()), city: None }
    }

    snapshots!(claims_none, |tr| list(tr, &[], Page::of(0, 8, 0), testing::moment()));
    snapshots!(claims_list, |tr| {
        let late = Claim { due_at: testing::moment() - TimeDelta::days(2), ..claim(1, Direction::ToLicensor, State::Open) };
        let all = [late, claim(3, Direction::ToCompany, State::Open), claim(2, Direction::ToCompany, State::Closed)];
        list(tr, &all, Page::of(3, 8, 0), testing::moment())
    });
    snapshots!(claims_card, |tr| card(tr, &claim(3, Direction::ToCompany, State::Open), testing::moment()));
    snapshots!(claims_card_answered, |tr| card(tr, &claim(3, Direction::ToLicensor, State::Answered), testing::moment()));
    snapshots!(claims_card_closed, |tr| card(tr, &claim(3, Direction::ToCompany, State::Closed), testing::moment()));
    snapshots!(claims_card_dossier, |tr| card(tr, &with_dossier("Иванова Мария <А.>", true), testing::moment()));
    snapshots!(claims_card_dossier_made, |tr| card(tr, &with_dossier("", false), testing::moment()));
    snapshots!(claims_whose, |tr| whose(tr, &claim(3, Direction::ToCompany, State::Open), Some(&vec![person()]), &[]));
    snapshots!(claims_whose_nobody, |tr| whose(tr, &claim(3, Direction::ToCompany, State::Open), Some(&Vec::new()), &[]));
    snapshots!(claims_ask_date, |tr| ask_date(tr, &claim(3, Direction::ToCompany, State::Open), None));
    snapshots!(claims_ask_date_again, |tr| {
        let sentence = register::day_refused(tr, mms_core::register::DayError::Ahead("2027-01-05".parse().unwrap()));
        ask_date(tr, &claim(3, Direction::ToCompany, State::Open), Some(&sentence))
    });
    snapshots!(claims_directions, |tr| directions(tr));
    snapshots!(claims_ask_claimant, |tr| ask_claimant(tr));
    snapshots!(claims_ask_subject, |tr| ask_subject(tr, Direction::ToCompany));
    snapshots!(claims_ask_answer, |tr| ask_answer(tr, &claim(3, Direction::ToCompany, State::Open)));
}
