//! What an approver's card has no room for, on screens of its own: what changed since the last
//! decision, and the conditions of the segments.

use mms_core::{
    campaign::{Campaign, State},
    id::CampaignId,
};

use super::{Call, Side, changes, choose, clip, load, show};
use crate::{
    frame::{cx::Cx, error::Outcome, fit, page::Page, screen::Screen},
    i18n::Tr,
    t,
};

/// UTF-16 units of a page.
const PAGE: usize = 3_000;
/// Characters of a condition; longer ones nobody reads on a phone.
const CONDITION: usize = 1_500;

/// What changed since an approver decided last.
pub async fn show_changes(cx: &Cx, campaign: CampaignId, page: u32) -> Outcome {
    let card = load(cx, campaign).await?;
    if card.campaign.state != State::Submitted {
        return show(cx, campaign).await;
    }
    match changes::load(cx, &card.campaign).await? {
        Some(lines) if !lines.is_empty() => {
            let title = t!(cx.tr, "campaigns-changed");
            Ok(listed(cx.tr, &card.campaign, &title, &lines, page, |page| Call::Changes { campaign, page }).into())
        }
        _ => show(cx, campaign).await,
    }
}

/// The conditions of the segments.
pub async fn show_conditions(cx: &Cx, campaign: CampaignId, page: u32) -> Outcome {
    let card = load(cx, campaign).await?;
    let parts = choose::filters(cx, &card).await?;
    if parts.is_empty() {
        return show(cx, campaign).await;
    }
    let title = t!(cx.tr, "campaigns-conditions-title", name = &card.campaign.name);
    let lines = conditions(cx.tr, &parts, CONDITION);
    Ok(listed(cx.tr, &card.campaign, &title, &lines, page, |page| Call::Conditions { campaign, page }).into())
}

/// Segments with their conditions, a line each, at most `most` characters of a condition.
#[must_use]
pub fn conditions(tr: Tr, parts: &[(Side, String, String)], most: usize) -> Vec<String> {
    let line = |(side, name, text): &(Side, String, String)| {
        let (name, text) = (clip(name, 60), clip(text, most));
        match side {
            Side::Include => t!(tr, "campaigns-part-include", name = name, text = text),
            Side::Exclude => t!(tr, "campaigns-part-exclude", name = name, text = text),
        }
    };
    parts.iter().map(line).collect()
}

/// Lines on pages that a message holds.
#[must_use]
pub fn listed(tr: Tr, row: &Campaign, title: &str, lines: &[String], page: u32, call: impl Fn(u32) -> Call) -> Screen {
    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut left = 0;
    for line in lines {
        let line = fit::fitted(line, PAGE - 1).into_owned();
        let units = fit::shown(&line) + 1;
        match pages.last_mut().filter(|_| units <= left) {
            Some(last) => last.push(line),
            None => {
                pages.push(vec![line]);
                left = PAGE;
            }
        }
        left -= units;
    }
    let page = Page::of(pages.len(), 1, page);
    let shown = page.rows(&pages).first().map(|lines| lines.join("\n")).unwrap_or_default();
    Screen::new(format!("{title}\n{shown}")).pager(page, call).nav(tr, Call::Card { campaign: row.id })
}
