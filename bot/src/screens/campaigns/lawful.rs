//! What the law says of a campaign: lines beside a forecast, and the screen on which it is refused.
//! Pure.

use mms_core::{
    campaign::{Campaign, lawful::StepLaw},
    law::{Rule, Ruling, Stand},
};

use super::Call;
use crate::{frame::screen::Screen, i18n::Tr, p, screens::law, t, words::messenger};

/// The articles that stop a campaign, by name.
pub fn rules(steps: &[StepLaw]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for rule in blocking(steps) {
        if !names.contains(&rule.id.as_str()) {
            names.push(&rule.id);
        }
    }
    names.join(", ")
}

fn blocking(steps: &[StepLaw]) -> impl Iterator<Item = &'static Rule> {
    steps.iter().flat_map(|step| &step.rulings).filter(|ruling| ruling.stand == Stand::Blocks).map(|ruling| ruling.rule)
}

/// A line for each rule that speaks of a step; what was not asked yet is one line a step.
pub fn lines(tr: Tr, steps: &[StepLaw]) -> Vec<String> {
    let mut lines = Vec::new();
    for step in steps {
        let messenger = messenger(step.kind);
        let unasked: Vec<&str> =
            step.rulings.iter().filter(|ruling| ruling.stand == Stand::Unasked).map(|ruling| ruling.rule.id.as_str()).collect();
        if !unasked.is_empty() {
            lines.push(t!(tr, "law-step-unasked", channel = &step.channel, messenger = messenger, rules = unasked.join(", ")));
        }
        for Ruling { rule, stand } in &step.rulings {
            match stand {
                Stand::Unasked => {}
                Stand::Blocks => lines.push(blocked(tr, step, rule)),
                Stand::Off(off) => {
                    lines.push(t!(tr, "law-step-off", channel = &step.channel, rule = &rule.id, by = &off.by, reason = &off.reason))
                }
            }
        }
    }
    lines
}

fn blocked(tr: Tr, step: &StepLaw, rule: &Rule) -> String {
    t!(
        tr,
        "law-step-blocked",
        channel = &step.channel,
        messenger = messenger(step.kind),
        text = rule.text(tr.language),
        source = &rule.source,
        reviewed = tr.date(rule.reviewed)
    )
}

/// Nothing of it may go: which rule says so, and what can be done.
#[must_use]
pub fn card(tr: Tr, row: &Campaign, steps: &[StepLaw]) -> Screen {
    let mut html = t!(tr, "law-refused", name = &row.name);
    let mut rules: Vec<&Rule> = Vec::new();
    for rule in blocking(steps) {
        if !rules.iter().any(|seen| seen.id == rule.id) {
            rules.push(rule);
        }
    }
    for step in steps {
        for ruling in step.rulings.iter().filter(|ruling| ruling.stand == Stand::Blocks) {
            html.push_str("\n\n");
            html.push_str(&blocked(tr, step, ruling.rule));
        }
    }
    html.push_str("\n\n");
    html.push_str(&t!(tr, "law-refused-instead", switch = if rules.iter().all(|rule| rule.off) { "yes" } else { "no" }));
    let screen = rules.into_iter().fold(Screen::new(html), |screen, rule| screen.row([law::rule_button(tr, "⚖️", rule)]));
    screen.button(p!(tr, "campaigns-channel"), Call::Compose { campaign: row.id }).nav(tr, Call::Card { campaign: row.id })
}
