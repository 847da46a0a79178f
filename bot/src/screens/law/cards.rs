//! The screens of the law: pure.

use chrono::NaiveDate;
use mms_core::{
    account::{Right, Role},
    calendar::{self, UnknownYear},
    law::{Category, Country, Profile, Rule, Severity, Standing, book},
};

use super::{Call, RuleId, TRADEMARKS};
use crate::{
    frame::screen::{Button, Screen},
    i18n::{Html, Tr},
    p,
    screens::{evidence, settings},
    t,
};

/// What a company does, in words.
fn category(tr: Tr, category: Category) -> String {
    match category {
        Category::Bank => p!(tr, "law-category-bank"),
        Category::Finance => p!(tr, "law-category-finance"),
        Category::State => p!(tr, "law-category-state"),
        Category::Telecom => p!(tr, "law-category-telecom"),
        Category::Marketplace => p!(tr, "law-category-marketplace"),
        Category::Pharmacy => p!(tr, "law-category-pharmacy"),
        Category::Housing => p!(tr, "law-category-housing"),
        Category::Other => p!(tr, "law-category-other"),
    }
}

fn country(tr: Tr, country: Country) -> String {
    match country {
        Country::Ru => p!(tr, "law-country-ru"),
        Country::Other => p!(tr, "law-country-other"),
    }
}

/// A mark and a word for how a rule stands.
fn stand(tr: Tr, rule: &Rule, profile: &Profile, day: NaiveDate) -> (&'static str, String) {
    match rule.standing(profile, day) {
        Standing::InForce if rule.severity == Severity::Block => ("⛔", p!(tr, "law-stand-block")),
        Standing::InForce if is_strict(rule, profile) => ("❌", p!(tr, "law-stand-strict")),
        Standing::InForce if rule.severity == Severity::Warning => ("⚠️", p!(tr, "law-stand-warning")),
        Standing::InForce => ("📌", p!(tr, "law-stand-in-force")),
        Standing::Contested => ("⚖️", p!(tr, "law-stand-contested")),
        Standing::Off => ("⭕", p!(tr, "law-stand-off")),
        Standing::Ahead => ("⏳", p!(tr, "law-stand-ahead", day = tr.date(rule.from))),
        Standing::Over => ("🏁", p!(tr, "law-stand-over")),
        Standing::Elsewhere => ("🌍", p!(tr, "law-stand-elsewhere")),
    }
}

/// Whether what it finds in a text stops the text.
fn is_strict(rule: &Rule, profile: &Profile) -> bool {
    rule.severity == Severity::Error || (rule.severity == Severity::Warning && profile.strict.contains(&rule.id))
}

/// A button that opens a rule.
#[must_use]
pub fn rule_button(tr: Tr, mark: &str, rule: &Rule) -> Button {
    Button::call(format!("{mark} {}", rule.name(tr.language)), Call::Rule { rule: RuleId(rule.id.clone()) })
}

/// The card: what the company said, or the question.
#[must_use]
pub fn card(tr: Tr, profile: &Profile, day: NaiveDate, role: Role) -> Screen {
    let owner = role.may(Right::Own);
    let Some(place) = profile.country else {
        let screen = Screen::new(t!(tr, "law-ask-country", may = if owner { "yes" } else { "no" }));
        return proved(tr, countries(tr, screen, None, owner), role);
    };
    let what = profile.category.map_or_else(|| p!(tr, "law-category-unsaid"), |own| category(tr, own));
    let mut html = match place {
        Country::Ru => t!(tr, "law-card", country = country(tr, place), category = what),
        Country::Other => t!(tr, "law-card-elsewhere", country = country(tr, place)),
    };
    html.push_str("\n\n");
    html.push_str(&t!(tr, "law-no-advice"));
    let mut screen = Screen::new(html);
    if place == Country::Ru {
        screen = rules(tr, screen, profile, day, |rule| rule.gate.is_some())
            .row([Button::call(p!(tr, "law-texts"), Call::Texts), Button::call(p!(tr, "law-notes"), Call::Notes)])
            .button_if(owner, p!(tr, "law-category"), Call::Categories);
    }
    proved(tr, countries(tr, screen, Some(place), owner), role)
}

/// The way to what can be handed in: somebody may ask for it before the country is said.
fn proved(tr: Tr, screen: Screen, role: Role) -> Screen {
    screen
        .button_if(role.may(Right::Evidence), p!(tr, "evidence-button"), evidence::Call::Open { page: 0 })
        .at(Call::Open)
        .nav(tr, settings::Call::Open)
}

fn rules(tr: Tr, screen: Screen, profile: &Profile, day: NaiveDate, which: fn(&Rule) -> bool) -> Screen {
    let shown = book().rules.iter().filter(|rule| which(rule));
    shown.fold(screen, |screen, rule| screen.row([rule_button(tr, stand(tr, rule, profile, day).0, rule)]))
}

/// Rules of texts.
#[must_use]
pub fn texts(tr: Tr, profile: &Profile, day: NaiveDate) -> Screen {
    rules(tr, Screen::new(t!(tr, "law-texts-card")), profile, day, |rule| rule.lint.is_some()).nav(tr, Call::Open)
}

/// Rules that are told only.
#[must_use]
pub fn notes(tr: Tr, profile: &Profile, day: NaiveDate) -> Screen {
    rules(tr, Screen::new(t!(tr, "law-notes-card")), profile, day, |rule| rule.severity == Severity::Note).nav(tr, Call::Open)
}

fn countries(tr: Tr, screen: Screen, now: Option<Country>, owner: bool) -> Screen {
    let button = |each: Country| {
        let mark = if now == Some(each) { "✓ " } else { "" };
        Button::call(format!("{mark}{}", country(tr, each)), Call::SetCountry { country: each })
    };
    if owner { screen.row([button(Country::Ru), button(Country::Other)]) } else { screen }
}

/// What does the company do?
#[must_use]
pub fn categories(tr: Tr, now: Option<Category>) -> Screen {
    Category::ALL
        .iter()
        .fold(Screen::new(t!(tr, "law-ask-category")), |screen, each| {
            let mark = if now == Some(*each) { "✓ " } else { "" };
            screen.button(format!("{mark}{}", category(tr, *each)), Call::SetCategory { category: *each })
        })
        .nav(tr, Call::Open)
}

/// A rule: its sentence, its source, its dates, and what an owner decided.
#[must_use]
pub fn rule(tr: Tr, rule: &Rule, profile: &Profile, day: NaiveDate, role: Role) -> Screen {
    let (mark, word) = stand(tr, rule, profile, day);
    let mut html = t!(
        tr,
        "law-rule",
        name = rule.name(tr.language),
        mark = mark,
        stand = word,
        text = rule.text(tr.language),
        source = &rule.source,
        dates = Html(dates(tr, rule)),
        reviewed = tr.date(rule.reviewed),
        id = &rule.id
    );
    let off = profile.off.get(&rule.id).filter(|_| rule.off);
    html.push_str("\n\n");
    html.push_str(&match (off, rule.severity) {
        (Some(off), _) => t!(tr, "law-rule-off", by = &off.by, time = tr.moment(off.at), reason = &off.reason),
        (None, Severity::Contested) => t!(tr, "law-rule-contested"),
        (None, Severity::Block) => t!(tr, "law-rule-block"),
        (None, Severity::Note) => t!(tr, "law-rule-note"),
        (None, Severity::Error | Severity::Warning) if is_strict(rule, profile) => t!(tr, "law-rule-strict"),
        (None, Severity::Error | Severity::Warning) => t!(tr, "law-rule-warning"),
    });
    if !rule.terms.is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "law-terms", terms = Html(terms(tr, rule, day))));
    }
    let knows_marks = rule.id == TRADEMARKS && !profile.trademarks.is_empty();
    if knows_marks {
        let words: Vec<&str> = profile.trademarks.iter().map(String::as_str).collect();
        html.push_str("\n\n");
        html.push_str(&t!(tr, "law-trademarks", words = words.join(", ")));
    }
    let list = match rule.severity {
        Severity::Contested | Severity::Block => Call::Open,
        Severity::Error | Severity::Warning => Call::Texts,
        Severity::Note => Call::Notes,
    };
    let switch = || RuleId(rule.id.clone());
    let owner = role.may(Right::Own) && rule.off && profile.country == Some(Country::Ru);
    let (asks, strict) = (off.is_none() && rule.severity == Severity::Warning, is_strict(rule, profile));
    Screen::new(html)
        .button_if(owner && asks && !strict, p!(tr, "law-make-strict"), Call::Strict { rule: switch(), strict: true })
        .button_if(owner && asks && strict, p!(tr, "law-make-warning"), Call::Strict { rule: switch(), strict: false })
        .button_if(owner && knows_marks, p!(tr, "law-clear-trademarks"), Call::ClearTrademarks)
        .button_if(owner && off.is_none(), p!(tr, "law-switch-off"), Call::AskOff { rule: switch() })
        .button_if(owner && off.is_some(), p!(tr, "law-switch-on"), Call::On { rule: switch() })
        .at(Call::Rule { rule: switch() })
        .nav(tr, list)
}

/// Terms of working days that would begin today: until when each lasts.
fn terms(tr: Tr, rule: &Rule, day: NaiveDate) -> String {
    let line = |working: &u32| match calendar::russia().after(day, *working) {
        Ok(last) => t!(tr, "law-term", count = *working, last = tr.date(last)),
        Err(UnknownYear(year)) => t!(tr, "law-term-unknown", count = *working, year = year.to_string()),
    };
    rule.terms.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn dates(tr: Tr, rule: &Rule) -> String {
    match rule.until {
        None => t!(tr, "law-from", from = tr.date(rule.from)),
        Some(last) => t!(tr, "law-from-until", from = tr.date(rule.from), last = tr.date(last)),
    }
}

/// Why is it switched off? With `sentence`: why the last answer was not taken.
#[must_use]
pub fn ask_reason(tr: Tr, rule: &Rule, sentence: Option<&str>) -> Screen {
    let html = t!(
        tr,
        "law-ask-reason",
        name = rule.name(tr.language),
        text = rule.text(tr.language),
        source = &rule.source,
        reviewed = tr.date(rule.reviewed)
    );
    let screen = Screen::new(html);
    let screen = match sentence {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen.nav(tr, Call::Rule { rule: RuleId(rule.id.clone()) })
}

#[cfg(test)]
mod tests {
    use mms_core::law::Switched;

    use super::*;
    use crate::{snapshots, testing};

    fn day() -> NaiveDate {
        "2026-11-30".parse().unwrap()
    }

    fn said(category: Category) -> Profile {
        Profile { country: Some(Country::Ru), category: Some(category), ..Profile::default() }
    }

    fn overridden() -> Profile {
        let off =
            Switched { reason: "Юрист <Иванов> согласен".to_owned(), by: "Анна".to_owned(), at: testing::moment() };
        Profile { off: [("38fz-5-10-7".to_owned(), off)].into(), ..said(Category::Other) }
    }

    fn known(id: &str) -> &'static Rule {
        book().rule(id).unwrap()
    }

    snapshots!(law_ask_country, |tr| card(tr, &Profile::default(), day(), Role::Owner));
    snapshots!(law_ask_country_manager, |tr| card(tr, &Profile::default(), day(), Role::Manager));
    snapshots!(law_card, |tr| card(tr, &overridden(), day(), Role::Owner));
    snapshots!(law_card_manager, |tr| card(tr, &said(Category::Bank), day(), Role::Manager));
    snapshots!(law_texts, |tr| texts(tr, &said(Category::Other), day()));
    snapshots!(law_notes, |tr| notes(tr, &said(Category::Other), day()));
    snapshots!(law_card_elsewhere, |tr| {
        let elsewhere = Profile { country: Some(Country::Other), ..Profile::default() };
        card(tr, &elsewhere, day(), Role::Owner)
    });
    snapshots!(law_categories, |tr| categories(tr, Some(Category::Telecom)));
    snapshots!(law_rule_contested, |tr| rule(tr, known("38fz-5-10-7"), &said(Category::Other), day(), Role::Owner));
    snapshots!(law_rule_off, |tr| rule(tr, known("38fz-5-10-7"), &overridden(), day(), Role::Owner));
    snapshots!(law_rule_block, |tr| rule(tr, known("41fz"), &said(Category::Bank), day(), Role::Owner));
    snapshots!(law_rule_warning, |tr| rule(tr, known("38fz-18-1-mark"), &said(Category::Other), day(), Role::Owner));
    snapshots!(law_rule_strict, |tr| {
        let strict = Profile { strict: ["38fz-18-1-mark".to_owned()].into(), ..said(Category::Other) };
        rule(tr, known("38fz-18-1-mark"), &strict, day(), Role::Owner)
    });
    snapshots!(law_rule_trademarks, |tr| {
        let marks = Profile { trademarks: ["nokian".to_owned(), "bosch".to_owned()].into(), ..said(Category::Other) };
        rule(tr, known("168fz"), &marks, day(), Role::Owner)
    });
    snapshots!(law_rule_terms, |tr| rule(tr, known("152fz-erase"), &said(Category::Other), day(), Role::Viewer));
    snapshots!(law_rule_terms_unknown, |tr| {
        rule(tr, known("152fz-erase"), &said(Category::Other), "2027-12-24".parse().unwrap(), Role::Viewer)
    });
    snapshots!(law_rule_note, |tr| rule(tr, known("38fz-18-1"), &said(Category::Bank), day(), Role::Viewer));
    snapshots!(law_ask_reason, |tr| ask_reason(tr, known("38fz-5-10-7"), None));
    snapshots!(law_ask_reason_again, |tr| {
        let sentence = p!(tr, "law-reason-bad", least = 5, most = 500);
        ask_reason(tr, known("38fz-5-10-7"), Some(&sentence))
    });
}
