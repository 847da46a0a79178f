//! The screens of demands to destroy data: pure.

use mms_core::{
    account::{Right, Role},
    clock::Moment,
    erasure::{Erasure, Ground, Operator, State, act},
    id::ContactId,
};

use super::Call;
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{
        contacts::{self, say},
        register as entries,
    },
    t,
};

/// A ground in words.
#[must_use]
pub fn ground(tr: Tr, ground: Ground) -> String {
    match ground {
        Ground::Unlawful => p!(tr, "erasures-ground-unlawful"),
        Ground::Unneeded => p!(tr, "erasures-ground-unneeded"),
        Ground::Demanded => p!(tr, "erasures-ground-demanded"),
        Ground::Withdrawn => p!(tr, "erasures-ground-withdrawn"),
        Ground::Achieved => p!(tr, "erasures-ground-achieved"),
    }
}

fn late(demand: &Erasure, now: Moment) -> bool {
    demand.state == State::Open && demand.destroy_by() < now.date_naive()
}

/// The register.
#[must_use]
pub fn register(tr: Tr, rows: &[Erasure], open: i64, page: Page, operator: Option<&Operator>, role: Role, now: Moment) -> Screen {
    let mut html = if rows.is_empty() { t!(tr, "erasures-none") } else { t!(tr, "erasures-title", open = open) };
    if let Some(operator) = operator {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "erasures-operator", name = say::short(&operator.name, 100), count = operator.signers.len()));
    }
    let line = |demand: &Erasure| {
        let number = demand.number.to_string();
        match demand.state {
            State::Open if late(demand, now) => p!(tr, "erasures-line-late", number = number, last = tr.date(demand.destroy_by())),
            State::Open => p!(tr, "erasures-line-open", number = number, last = tr.date(demand.destroy_by())),
            State::Done => p!(tr, "erasures-line-done", number = number, day = tr.day(demand.done_at.unwrap_or(demand.asked_at))),
            State::Dropped => p!(tr, "erasures-line-dropped", number = number),
        }
    };
    let entry = |demand: &Erasure| (line(demand), Call::Card { erasure: demand.id });
    entries::entries(Screen::new(html), rows, entry, page, |page| Call::List { page })
        .button_if(role.may(Right::Own), p!(tr, "erasures-operator-button"), Call::AskOperator)
        .at(Call::List { page: page.at })
        .nav(tr, contacts::Call::Open)
}

/// A demand; `name`: of a person who is not erased.
#[must_use]
pub fn demand(tr: Tr, demand: &Erasure, name: Option<&str>, role: Role, now: Moment) -> Screen {
    let mut parts = vec![t!(
        tr,
        "erasures-card",
        number = demand.number.to_string(),
        ground = ground(tr, demand.ground),
        day = tr.moment(demand.asked_at),
        by = demand.filed_by.as_deref().unwrap_or_default()
    )];
    let owner = role.may(Right::Own);
    let mut screen = match demand.state {
        State::Open => {
            parts.push(t!(tr, "erasures-card-open", name = name.unwrap_or_default(), reason = say::short(&demand.reason, 500)));
            if let Some(stop) = demand.stop_by() {
                parts.push(t!(tr, "erasures-card-stop", last = tr.date(stop)));
            }
            parts.push(t!(tr, "erasures-card-last", last = tr.date(demand.destroy_by())));
            if !demand.exact {
                parts.push(t!(tr, "erasures-card-inexact"));
            }
            if late(demand, now) {
                parts.push(t!(tr, "erasures-card-late"));
            }
            Screen::default()
                .button_if(owner && name.is_some(), p!(tr, "erasures-do"), Call::AskSure { erasure: demand.id })
                .button_if(role.may(Right::Edit), p!(tr, "erasures-date"), Call::AskDate { erasure: demand.id })
                .button_if(name.is_some(), p!(tr, "contacts-to-card"), contacts::Call::Card { contact: demand.contact_id })
                .button_if(owner, p!(tr, "erasures-drop"), Call::Drop { erasure: demand.id })
        }
        State::Done => {
            parts.push(t!(
                tr,
                "erasures-card-done",
                day = tr.moment(demand.done_at.unwrap_or(demand.asked_at)),
                by = demand.done_by.as_deref().unwrap_or_default()
            ));
            if let Some(facts) = demand.facts() {
                let kinds: Vec<String> =
                    facts.categories.iter().map(|(kind, count)| format!("{}: {count}", act::category(tr.language, *kind))).collect();
                parts.push(t!(tr, "erasures-card-categories", lines = Html(mms_core::text::escape(&kinds.join("\n")))));
                parts.push(t!(tr, "erasures-card-backups", last = tr.date(facts.backups_until)));
            }
            let documents = role.may(Right::Export);
            Screen::default().row(
                [
                    Button::call(p!(tr, "erasures-act"), Call::Act { erasure: demand.id }),
                    Button::call(p!(tr, "erasures-extract"), Call::Extract { erasure: demand.id }),
                ]
                .into_iter()
                .filter(|_| documents),
            )
        }
        State::Dropped => {
            parts.push(t!(
                tr,
                "erasures-card-dropped",
                day = tr.moment(demand.done_at.unwrap_or(demand.asked_at)),
                by = demand.done_by.as_deref().unwrap_or_default()
            ));
            Screen::default()
        }
    };
    screen.html = parts.join("\n\n");
    screen.at(Call::Card { erasure: demand.id }).nav(tr, Call::List { page: 0 })
}

/// Why must the data be destroyed?
#[must_use]
pub fn ask_ground(tr: Tr, contact: ContactId, name: &str) -> Screen {
    Ground::ALL
        .iter()
        .fold(Screen::new(t!(tr, "erasures-ask-ground", name = name)), |screen, each| {
            screen.button(ground(tr, *each), Call::AskReason { contact, ground: *each })
        })
        .nav(tr, contacts::Call::AskDelete { contact })
}

/// Who demands it, and by what? With `sentence`: why the last answer was not taken.
#[must_use]
pub fn ask_reason(tr: Tr, contact: ContactId, chosen: Ground, name: &str, sentence: Option<&str>) -> Screen {
    let screen = Screen::new(t!(tr, "erasures-ask-reason", name = name, ground = ground(tr, chosen)));
    let screen = match sentence {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen.nav(tr, Call::AskGround { contact })
}

/// When did it come? With `sentence`: why the last answer was not taken.
#[must_use]
pub fn ask_date(tr: Tr, demand: &Erasure, sentence: Option<&str>) -> Screen {
    let screen = Screen::new(t!(tr, "erasures-ask-date", number = demand.number.to_string()));
    let screen = match sentence {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen.nav(tr, Call::Card { erasure: demand.id })
}

/// Destroy?
#[must_use]
pub fn ask_sure(tr: Tr, demand: &Erasure, name: &str) -> Screen {
    Screen::new(t!(tr, "erasures-ask-sure", name = name, number = demand.number.to_string()))
        .button(p!(tr, "erasures-sure"), Call::Sure { erasure: demand.id })
        .nav(tr, Call::Card { erasure: demand.id })
}

/// Who makes the acts? `old`: what was said before; with `sentence`: why the last answer was not
/// taken.
#[must_use]
pub fn ask_operator(tr: Tr, old: Option<&Operator>, sentence: Option<&str>) -> Screen {
    let mut html = t!(tr, "erasures-ask-operator");
    if let Some(old) = old {
        let people = old.signers.iter().map(|one| format!("{}, {}", one.post, one.name));
        let lines: Vec<String> = [old.name.clone(), old.address.clone()].into_iter().chain(people).collect();
        html.push_str("\n\n");
        html.push_str(&t!(tr, "erasures-operator-old", lines = Html(mms_core::text::escape(&lines.join("\n")))));
    }
    let screen = Screen::new(html);
    let screen = match sentence {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen.nav(tr, Call::List { page: 0 })
}

#[cfg(test)]
mod tests {
    use mms_core::{
        erasure::{Category, Facts, Signer},
        id::ErasureId,
    };
    use sqlx::types::Json;
    use uuid::Uuid;

    use super::*;
    use crate::{snapshots, testing};

    fn operator() -> Operator {
        let signer = |post: &str, name: &str| Signer { post: post.to_owned(), name: name.to_owned() };
        Operator {
            name: "ООО «Ромашка»".to_owned(),
            address: "101000, Москва, ул. Полевая, 1".to_owned(),
            signers: vec![signer("Директор", "Иван Петров"), signer("Бухгалтер", "Анна <Сидорова>")],
        }
    }

    fn filed(number: i64, state: State) -> Erasure {
        let contact = ContactId(Uuid::from_u128(7));
        let facts = Facts {
            number,
            person: contact,
            operator: operator(),
            company: "Ромашка".to_owned(),
            ground: Ground::Withdrawn,
            asked_at: testing::moment(),
            done_at: testing::moment(),
            categories: vec![(Category::Name, 1), (Category::Phones, 2), (Category::Words, 14)],
            backups_until: "2027-01-10".parse().unwrap(),
            confirmed_by: "Анна".to_owned(),
            language: mms_core::account::Language::Ru,
            zone: "Europe/Moscow".to_owned(),
        };
        let over = state != State::Open;
        Erasure {
            id: ErasureId(Uuid::from_u128(number.unsigned_abs().into())),
            number,
            contact_id: contact,
            ground: Ground::Unlawful,
            reason: "сама, письмом <вчера>".to_owned(),
            asked_at: testing::moment(),
            stop_by: Some("2026-12-04".to_owned()),
            destroy_by: "2027-01-12".to_owned(),
            exact: number != 3,
            state,
            done_at: over.then(testing::moment),
            facts: (state == State::Done).then_some(Json(facts)),
            act_sha256: None,
            extract_sha256: None,
            filed_by: Some("Пётр".to_owned()),
            done_by: over.then(|| "Анна".to_owned()),
        }
    }

    fn page() -> Page {
        Page::of(3, 10, 0)
    }

    snapshots!(erasures_none, |tr| register(tr, &[], 0, Page::of(0, 10, 0), None, Role::Owner, testing::moment()));
    snapshots!(erasures_register, |tr| {
        let rows = [filed(3, State::Open), filed(2, State::Done), filed(1, State::Dropped)];
        register(tr, &rows, 1, page(), Some(&operator()), Role::Owner, testing::moment())
    });
    snapshots!(erasures_register_late, |tr| {
        let late = "2027-02-01T00:00:00Z".parse().unwrap();
        register(tr, &[filed(3, State::Open)], 1, page(), None, Role::Viewer, late)
    });
    snapshots!(erasures_open, |tr| demand(tr, &filed(3, State::Open), Some("Анна"), Role::Owner, testing::moment()));
    snapshots!(erasures_open_manager, |tr| demand(tr, &filed(3, State::Open), Some("Анна"), Role::Manager, testing::moment()));
    snapshots!(erasures_done, |tr| demand(tr, &filed(2, State::Done), None, Role::Owner, testing::moment()));
    snapshots!(erasures_dropped, |tr| demand(tr, &filed(1, State::Dropped), Some("Анна"), Role::Owner, testing::moment()));
    snapshots!(erasures_ask_ground, |tr| ask_ground(tr, ContactId(Uuid::from_u128(7)), "Анна <К>"));
    snapshots!(erasures_ask_reason, |tr| {
        let sentence = p!(tr, "erasures-reason-bad", least = 3, most = 500);
        ask_reason(tr, ContactId(Uuid::from_u128(7)), Ground::Demanded, "Анна", Some(&sentence))
    });
    snapshots!(erasures_ask_date, |tr| ask_date(tr, &filed(3, State::Open), None));
    snapshots!(erasures_ask_date_again, |tr| {
        let sentence = entries::day_refused(tr, mms_core::register::DayError::Nonsense);
        ask_date(tr, &filed(3, State::Open), Some(&sentence))
    });
    snapshots!(erasures_ask_sure, |tr| ask_sure(tr, &filed(3, State::Open), "Анна"));
    snapshots!(erasures_ask_operator, |tr| ask_operator(tr, Some(&operator()), Some(&p!(tr, "erasures-operator-bad"))));
}
