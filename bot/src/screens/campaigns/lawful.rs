//! What the law says of a campaign: lines beside a forecast, the channels it closes, and the screen
//! on which a campaign is refused.

use mms_core::{
    account::feature::{self, Switches},
    campaign::{
        Campaign,
        lawful::{self, StepLaw},
    },
    channel::{ChannelKind, store::ChannelRow},
    id::VersionId,
    law::{Rule, Ruling, Stand},
};

use super::{Call, clip};
use crate::{
    frame::{
        cx::Cx,
        error::BotError,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::{access, law},
    t,
    words::messenger,
};

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

/// Messengers that are closed to a step.
#[derive(Debug, Clone, Default)]
pub struct Barred {
    /// By the law: each with the rules that close it.
    pub rules: Vec<(ChannelKind, Vec<&'static Rule>)>,
    /// By the licensor's switch.
    pub off: Switches,
}

/// What is closed to a step that says this version.
pub async fn barred(cx: &Cx, row: &Campaign, version: Option<VersionId>) -> Result<Barred, BotError> {
    Ok(Barred { rules: lawful::barred(&cx.deps.store, row, version, cx.now).await?, off: cx.closed.off.clone() })
}

/// The button of a channel that is closed to a step: it opens what closes it.
pub fn closed_button(tr: Tr, barred: &Barred, channel: &ChannelRow) -> Option<Button> {
    let name = clip(&channel.name, 36);
    if barred.off.contains_key(&feature::channel(channel.kind.as_str())) {
        return Some(Button::call(p!(tr, "campaigns-channel-off", name = name), access::Call::Open));
    }
    let rule = closing(barred, channel).first()?;
    Some(Button { text: p!(tr, "campaigns-channel-closed", name = name), ..law::rule_button(tr, "🚫", rule) })
}

/// The rules that close a channel to a step.
fn closing<'a>(barred: &'a Barred, channel: &ChannelRow) -> &'a [&'static Rule] {
    barred.rules.iter().find(|(kind, _)| *kind == channel.kind).map_or(&[], |(_, rules)| rules.as_slice())
}

/// Why channels of a list are closed to a step: under its heading, each rule once with the channels
/// it closes.
pub fn closed(tr: Tr, html: String, all: &[ChannelRow], barred: &Barred) -> String {
    let mut lines: Vec<(&Rule, Vec<&ChannelRow>)> = Vec::new();
    for channel in all {
        for rule in closing(barred, channel) {
            match lines.iter_mut().find(|(seen, _)| seen.id == rule.id) {
                Some((_, channels)) => channels.push(channel),
                None => lines.push((rule, vec![channel])),
            }
        }
    }
    lines.into_iter().fold(html, |html, (rule, channels)| {
        let names = channels.iter().map(|channel| clip(&channel.name, 36)).collect::<Vec<_>>().join(", ");
        let line = t!(
            tr,
            "law-channels-closed",
            channels = names,
            text = rule.text(tr.language),
            source = &rule.source,
            reviewed = tr.date(rule.reviewed)
        );
        format!("{html}\n\n{line}")
    })
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
