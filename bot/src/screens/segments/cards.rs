//! The screens of segments: pure.

use mms_core::{
    account::{Language, Right, Role},
    contact::{
        Field,
        segment::{Cond, Filter, FilterError, Join, Segment},
    },
};

use super::{Call, Shown, error_shown, stamp};
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{
        campaigns,
        contacts::{self, say},
        evidence,
    },
    t,
};

/// Conditions on a page.
const CONDITIONS: u32 = 20;

/// The list; `None`: the filter cannot be read any more.
#[must_use]
pub fn list(tr: Tr, shown: &[(Segment, Option<i64>)], all: usize, page: Page, role: Role) -> Screen {
    let mut html = if all == 0 { t!(tr, "segments-none") } else { t!(tr, "segments-title", count = all) };
    // One page is looked over at a glance.
    if page.of > 1 {
        html = format!("{html}\n\n{}", t!(tr, "segments-find"));
    }
    let edit = role.may(Right::Edit);
    shown
        .iter()
        .fold(Screen::new(html), |screen, (segment, count)| {
            let count = count.map_or_else(|| "⚠️".to_owned(), |count| tr.number(count));
            screen.button(format!("{} · {count}", say::short(&segment.name, 40)), Call::Card { segment: segment.id })
        })
        .pager(page, |page| Call::List { page })
        .row(
            edit.then(|| Button::call(p!(tr, "segments-new"), Call::New))
                .into_iter()
                .chain([Button::call(p!(tr, "segments-help-button"), Call::Help)]),
        )
        .at(Call::List { page: page.at })
        .nav(tr, contacts::Call::Open)
}

/// Which of those whose names begin so? `more`: how many further ones there are.
#[must_use]
pub fn found(tr: Tr, list: &[Segment], more: usize) -> Screen {
    let mut html = t!(tr, "segments-found");
    if more > 0 {
        html = format!("{html}\n{}", t!(tr, "segments-found-more", count = more));
    }
    list.iter()
        .fold(Screen::new(html), |screen, one| screen.button(say::short(&one.name, 60), Call::Card { segment: one.id }))
        .nav(tr, Call::List { page: 0 })
}

/// A filter's text as a card shows it.
fn line(tr: Tr, text: &str) -> String {
    if text.is_empty() { t!(tr, "segments-everybody") } else { mms_core::text::escape(&say::short(text, 2_000)) }
}

/// The same, to be copied by a touch and corrected.
fn copied(tr: Tr, text: &str) -> String {
    if text.is_empty() { line(tr, text) } else { format!("<code>{}</code>", line(tr, text)) }
}

/// A segment's card.
#[must_use]
pub fn card(tr: Tr, shown: &Shown, role: Role) -> Screen {
    let (segment, id) = (&shown.segment, shown.segment.id);
    let mut parts = vec![t!(tr, "segments-card", name = &segment.name, filter = Html(line(tr, &shown.words)))];
    match &shown.filter {
        Ok(_) => {
            parts.push(t!(tr, "segments-count", count = shown.count));
            if !shown.sample.is_empty() {
                parts.push(t!(tr, "segments-sample", names = shown.sample.join(", ")));
            }
        }
        Err(error) => parts.push(error_shown(tr, &segment.filter, error)),
    }
    if !shown.users.is_empty() {
        parts.push(t!(tr, "segments-used", names = used(tr, &shown.users)));
    }
    let screen = Screen::new(parts.join("\n\n")).at(Call::Card { segment: id });
    if !role.may(Right::Edit) {
        let screen =
            screen.button_if(shown.filter.is_ok() && role.may(Right::Export), p!(tr, "segments-export"), Call::Export { segment: id });
        return screen.nav(tr, Call::List { page: 0 });
    }
    let add = |text: String, join: Join| Button::call(text, Call::Add { segment: id, join, page: 0 });
    let text = Button::call(p!(tr, "segments-text"), Call::Text { segment: id });
    let screen = match &shown.filter {
        Err(_) => screen.row([text]),
        Ok(filter) if filter.root().is_none() => screen.row([add(p!(tr, "segments-add"), Join::And), text]),
        Ok(_) => screen
            .button(p!(tr, "segments-campaign"), campaigns::Call::ForSegment { segment: id })
            .row([add(p!(tr, "segments-and"), Join::And), add(p!(tr, "segments-or"), Join::Or)])
            .row([Button::call(p!(tr, "segments-conditions-button"), Call::Conditions { segment: id, page: 0 }), text]),
    };
    screen.button(p!(tr, "segments-more"), Call::More { segment: id }).nav(tr, Call::List { page: 0 })
}

/// What is needed less often.
#[must_use]
pub fn more(tr: Tr, segment: &Segment, words: &str, conditions: bool, role: Role) -> Screen {
    let id = segment.id;
    Screen::new(t!(tr, "segments-card", name = &segment.name, filter = Html(line(tr, words))))
        .row([
            Button::call(p!(tr, "segments-rename"), Call::Rename { segment: id }),
            Button::call(p!(tr, "segments-delete"), Call::AskDelete { segment: id }),
        ])
        .button_if(role.may(Right::Export), p!(tr, "segments-export"), Call::Export { segment: id })
        .button_if(role.may(Right::Evidence), p!(tr, "evidence-make"), evidence::Call::Segment { segment: id })
        .row(
            conditions
                .then(|| Button::call(p!(tr, "segments-invert-all"), Call::InvertAll { segment: id, stamp: stamp(segment) }))
                .into_iter()
                .chain([Button::call(p!(tr, "segments-help-button"), Call::Help)]),
        )
        .at(Call::More { segment: id })
        .nav(tr, Call::Card { segment: id })
}

fn used(tr: Tr, users: &[String]) -> String {
    let mut names: Vec<String> = users.iter().take(5).map(|name| p!(tr, "segments-quoted", name = say::short(name, 60))).collect();
    if users.len() > names.len() {
        names.push(format!("+{}", users.len() - names.len()));
    }
    names.join(", ")
}

/// How a filter is written.
#[must_use]
pub fn help(tr: Tr) -> Screen {
    Screen::new(t!(tr, "segments-help")).at(Call::Help).nav(tr, Call::List { page: 0 })
}

/// A name? `None`: of a new segment.
#[must_use]
pub fn ask_name(tr: Tr, segment: Option<&Segment>) -> Screen {
    match segment {
        None => Screen::new(t!(tr, "segments-ask-name")).nav_back(tr, Call::List { page: 0 }),
        Some(segment) => Screen::new(t!(tr, "segments-ask-rename", name = &segment.name)).nav(tr, Call::More { segment: segment.id }),
    }
}

/// Not this name.
#[must_use]
pub fn named_again(tr: Tr, segment: Option<&Segment>, sentence: &str) -> Screen {
    let screen = Screen::new(t!(tr, "segments-name-again", sentence = sentence));
    match segment {
        None => screen.nav_back(tr, Call::List { page: 0 }),
        Some(segment) => screen.nav(tr, Call::More { segment: segment.id }),
    }
}

/// The filter as a line? With the line just sent and what is wrong with it.
#[must_use]
pub fn ask_text(tr: Tr, segment: &Segment, words: &str, wrong: Option<(&str, &FilterError)>) -> Screen {
    let html = match wrong {
        None => t!(tr, "segments-ask-text", name = &segment.name, filter = Html(copied(tr, words))),
        Some((typed, error)) => t!(tr, "segments-text-again", error = Html(error_shown(tr, typed, error))),
    };
    Screen::new(html).nav(tr, Call::Card { segment: segment.id })
}

/// Delete? Not while a campaign is aimed by it.
#[must_use]
pub fn ask_delete(tr: Tr, segment: &Segment, users: &[String]) -> Screen {
    if !users.is_empty() {
        return Screen::new(t!(tr, "segments-in-use", name = &segment.name, users = used(tr, users)))
            .nav(tr, Call::More { segment: segment.id });
    }
    Screen::new(t!(tr, "segments-ask-delete", name = &segment.name))
        .button(p!(tr, "segments-delete-now"), Call::Delete { segment: segment.id })
        .nav(tr, Call::More { segment: segment.id })
}

/// The conditions one by one.
#[must_use]
pub fn conditions(tr: Tr, segment: &Segment, filter: &Filter, fields: &[Field], page: u32) -> Screen {
    let (id, stamp) = (segment.id, stamp(segment));
    // There are a hundred at most.
    let all: Vec<(u8, &Cond)> = (0_u8..).zip(filter.conditions()).collect();
    let page = Page::of(all.len(), CONDITIONS, page);
    page.rows(&all)
        .iter()
        .fold(Screen::new(t!(tr, "segments-conditions", count = all.len())), |screen, (at, cond)| {
            let text = say::short(&cond.shown(fields, tr.language == Language::Ru), 60);
            screen.button(text, Call::Condition { segment: id, at: *at, stamp })
        })
        .pager(page, |page| Call::Conditions { segment: id, page })
        .nav(tr, Call::Card { segment: segment.id })
}

/// One condition.
#[must_use]
pub fn condition(tr: Tr, segment: &Segment, cond: &Cond, fields: &[Field], at: u8) -> Screen {
    let (id, stamp) = (segment.id, stamp(segment));
    Screen::new(t!(tr, "segments-condition", condition = say::short(&cond.shown(fields, tr.language == Language::Ru), 2_000)))
        .row([
            Button::call(p!(tr, "segments-invert"), Call::Invert { segment: id, at, stamp }),
            Button::call(p!(tr, "segments-remove"), Call::Remove { segment: id, at, stamp }),
        ])
        .nav(tr, Call::Conditions { segment: id, page: u32::from(at) / CONDITIONS })
}

/// The only condition goes: then the segment is everybody.
#[must_use]
pub fn ask_remove_last(tr: Tr, segment: &Segment) -> Screen {
    let id = segment.id;
    Screen::new(t!(tr, "segments-ask-remove-last", name = &segment.name))
        .button(p!(tr, "segments-remove-last"), Call::RemoveLast { segment: id, stamp: stamp(segment) })
        .nav(tr, Call::Conditions { segment: id, page: 0 })
}
