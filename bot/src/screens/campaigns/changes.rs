//! What changed in a campaign since an approver decided about it last.

use chrono::TimeDelta;
use mms_core::{
    campaign::{
        Campaign,
        handed::{self, Handed, HandedStep, Segment},
    },
    clock::Moment,
    contact::{Field, field, segment::Filter},
    template::versions,
};

use super::{cards, clip, refusal, steps};
use crate::{
    frame::{cx::Cx, error::BotError},
    i18n::{Html, Tr},
    p,
    screens::templates,
    t,
};

/// UTF-16 units of a comparison of texts on the card.
const TEXT: usize = 600;
/// Changes of the audience named; further ones are on the card below.
const PARTS: usize = 8;
/// Characters of a filter shown.
const FILTER: usize = 200;

/// What changed, in lines; `None`: nobody decided before. No line: nothing changed.
pub async fn load(cx: &Cx, campaign: &Campaign) -> Result<Option<Vec<String>>, BotError> {
    let (store, account) = (&cx.deps.store, campaign.account_id);
    let Some((before, now)) = handed::since_decided(store, campaign).await.map_err(|error| refusal::refused(cx.tr, error))? else {
        return Ok(None);
    };
    let mut texts = Vec::new();
    for (before, now) in before.steps().zip(now.steps()) {
        let mut text = None;
        if before.version != now.version {
            let (old, new) =
                (versions::version(store, account, before.version).await?, versions::version(store, account, now.version).await?);
            text = old.zip(new).map(|(old, new)| templates::version_changes(cx.tr, &old, &new, TEXT));
        }
        texts.push(text);
    }
    let fields = field::list(store, account).await?;
    Ok(Some(lines(cx.tr, &before, &now, texts, &fields)))
}

/// What changed, in lines; `texts`: the comparison of the texts, step by step.
#[must_use]
pub fn lines(tr: Tr, before: &Handed, now: &Handed, texts: Vec<Option<String>>, fields: &[Field]) -> Vec<String> {
    let mut lines = Vec::new();
    for ((old, new), text) in before.steps().zip(now.steps()).zip(texts) {
        lines.extend(step(tr, old, new, text));
    }
    let (had, has) = (before.steps().count(), now.steps().count());
    if had != has {
        lines.push(t!(tr, "campaigns-changed-steps", old = had, new = has));
    }
    lines.extend(audience(tr, before, now, fields).into_iter().take(PARTS));
    // Each end of the window by itself: the one that stayed is on the card above.
    if before.starts_at != now.starts_at {
        let start = |at: Option<Moment>| at.map_or_else(|| p!(tr, "campaigns-at-launch"), |at| tr.moment(at));
        lines.push(t!(tr, "campaigns-changed-start", old = start(before.starts_at), new = start(now.starts_at)));
    }
    if before.ends_at != now.ends_at {
        let end = |at: Option<Moment>| at.map_or_else(|| p!(tr, "campaigns-changed-no-end"), |at| tr.moment(at));
        lines.push(t!(tr, "campaigns-changed-end", old = end(before.ends_at), new = end(now.ends_at)));
    }
    if before.policy != now.policy {
        lines.push(t!(tr, "campaigns-changed-unknown", old = cards::policy(tr, before.policy), new = cards::policy(tr, now.policy)));
    }
    lines
}

/// What changed in a step; `text`: the comparison of its texts.
fn step(tr: Tr, before: &HandedStep, now: &HandedStep, text: Option<String>) -> Vec<String> {
    let mut lines = Vec::new();
    if before.version != now.version {
        lines.push(t!(
            tr,
            "campaigns-changed-template",
            old = &before.template,
            old_number = before.number,
            new = &now.template,
            new_number = now.number
        ));
        lines.extend(text.map(|text| t!(tr, "campaigns-changed-text", changes = Html(text))));
    }
    if before.channel != now.channel {
        lines.push(t!(tr, "campaigns-changed-channel", old = &before.channel_name, new = &now.channel_name));
    }
    let rule = |step: &HandedStep| (step.next_on, step.wait_seconds);
    if rule(before) != rule(now) {
        let words = |step: &HandedStep| steps::rule(tr, step.next_on, TimeDelta::seconds(step.wait_seconds.into()));
        lines.push(t!(tr, "campaigns-changed-rule", old = words(before), new = words(now)));
    }
    lines
}

/// Segments that came, went, or mean something else now.
fn audience(tr: Tr, before: &Handed, now: &Handed, fields: &[Field]) -> Vec<String> {
    let mut lines = Vec::new();
    match (before.include.is_empty(), now.include.is_empty()) {
        (true, false) => lines.push(t!(tr, "campaigns-changed-from-everybody")),
        (false, true) => lines.push(t!(tr, "campaigns-changed-to-everybody")),
        _ => {}
    }
    let missing = |from: &[Segment], all: &[Segment]| -> Vec<String> {
        all.iter().filter(|one| from.iter().all(|other| other.id != one.id)).map(|one| clip(&one.name, 60)).collect()
    };
    lines.extend(missing(&before.include, &now.include).iter().map(|name| t!(tr, "campaigns-changed-added", name = name)));
    lines.extend(missing(&now.include, &before.include).iter().map(|name| t!(tr, "campaigns-changed-removed", name = name)));
    lines.extend(missing(&before.exclude, &now.exclude).iter().map(|name| t!(tr, "campaigns-changed-excluded", name = name)));
    lines.extend(missing(&now.exclude, &before.exclude).iter().map(|name| t!(tr, "campaigns-changed-unexcluded", name = name)));
    let words = |text: &str| {
        let shown = Filter::parse_kept(text, fields).map(|filter| filter.shown(fields, tr.language == mms_core::account::Language::Ru));
        let shown = shown.unwrap_or_else(|_| text.to_owned());
        if shown.trim().is_empty() { p!(tr, "campaigns-changed-all") } else { clip(&shown, FILTER) }
    };
    for (old, new) in [(&before.include, &now.include), (&before.exclude, &now.exclude)] {
        for one in new {
            if let Some(was) = old.iter().find(|other| other.id == one.id && other.text != one.text) {
                let name = clip(&one.name, 60);
                lines.push(t!(tr, "campaigns-changed-segment", name = name, old = words(&was.text), new = words(&one.text)));
            }
        }
    }
    lines
}
