//! Choosing what a campaign consists of: template, audience, channel, the fate of unknown outcomes.

use mms_core::{
    campaign::{self, Audience, Campaign, UncertainPolicy, draft, draft::Change, view},
    channel::store::{self as channel_room, ChannelRow, ChannelState},
    contact::{
        field,
        segment::{self, Segment},
    },
    id::{CampaignId, SegmentId},
    template::{
        Class,
        versions::{self, Listed},
    },
};

use super::{Call, Side, cards, clip, fresh, load, row, told};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p, t,
};

/// Rows a page.
const PAGE: usize = 8;
/// Templates looked through.
const TEMPLATES: i64 = 1_000;

/// Which template?
pub async fn templates(cx: &Cx, campaign: CampaignId, page: u32) -> Outcome {
    let row = row(cx, campaign).await?;
    let all = versions::list(&cx.deps.store, cx.actor()?.account, false, TEMPLATES, 0).await?;
    let approved: Vec<Listed> = all.into_iter().filter(|listed| listed.approved_id.is_some()).collect();
    Ok(template_list(cx.tr, &row, &approved, page).into())
}

/// The approved templates.
#[must_use]
pub fn template_list(tr: Tr, row: &Campaign, approved: &[Listed], page: u32) -> Screen {
    let campaign = row.id;
    if approved.is_empty() {
        return Screen::new(t!(tr, "campaigns-templates-none")).nav(tr, Call::Compose { campaign });
    }
    let pages = approved.len().div_ceil(PAGE);
    let page = usize::try_from(page).unwrap_or(usize::MAX).min(pages - 1);
    let screen = approved.iter().skip(page * PAGE).take(PAGE).fold(Screen::new(t!(tr, "campaigns-templates")), |screen, listed| {
        // The caller leaves out templates without an approved version.
        let Some(version) = listed.approved_id else { return screen };
        let chosen = if row.template_version_id == Some(version) { "✓ " } else { "" };
        let class = if listed.class == Class::Advertising { "📣" } else { "🔔" };
        screen.button(format!("{chosen}{class} {}", clip(&listed.name, 50)), Call::SetTemplate { campaign, version })
    });
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    screen.pager(number(page), number(pages), |page| Call::Templates { campaign, page }).nav(tr, Call::Compose { campaign })
}

/// Whom for?
pub async fn audience(cx: &Cx, campaign: CampaignId) -> Outcome {
    Ok(audience_card(cx.tr, &load(cx, campaign).await?).into())
}

/// The audience, to be changed.
#[must_use]
pub fn audience_card(tr: Tr, card: &view::Card) -> Screen {
    let campaign = card.campaign.id;
    let everybody = card.include.is_empty() && card.exclude.is_empty();
    Screen::new(t!(tr, "campaigns-audience-card", audience = Html(cards::audience(tr, card))))
        .row([
            Button::call(
                p!(tr, "campaigns-include", count = card.include.len()),
                Call::Segments { campaign, side: Side::Include, page: 0 },
            ),
            Button::call(
                p!(tr, "campaigns-exclude", count = card.exclude.len()),
                Call::Segments { campaign, side: Side::Exclude, page: 0 },
            ),
        ])
        .button_if(!everybody, p!(tr, "campaigns-to-everybody"), Call::Everybody { campaign })
        .nav(tr, Call::Compose { campaign })
}

/// Which segments?
pub async fn segments(cx: &Cx, campaign: CampaignId, side: Side, page: u16) -> Outcome {
    let row = row(cx, campaign).await?;
    let all = segment::list(&cx.deps.store, cx.actor()?.account).await?;
    Ok(segment_list(cx.tr, &row, &all, side, page).into())
}

/// The segments with their ticks.
#[must_use]
pub fn segment_list(tr: Tr, row: &Campaign, all: &[Segment], side: Side, page: u16) -> Screen {
    let campaign = row.id;
    if all.is_empty() {
        return Screen::new(t!(tr, "campaigns-segments-none")).nav(tr, Call::Audience { campaign });
    }
    let (html, chosen, mark) = match side {
        Side::Include => (t!(tr, "campaigns-segments-include"), &row.audience.include, "✅"),
        Side::Exclude => (t!(tr, "campaigns-segments-exclude"), &row.audience.exclude, "🚫"),
    };
    let pages = all.len().div_ceil(PAGE);
    let page = usize::from(page).min(pages - 1);
    let number = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let screen = all.iter().skip(page * PAGE).take(PAGE).fold(Screen::new(html), |screen, segment| {
        let mark = if chosen.contains(&segment.id) { mark } else { "▫️" };
        let call = Call::Toggle { campaign, segment: segment.id, side, page: number(page) };
        screen.button(format!("{mark} {}", clip(&segment.name, 56)), call)
    });
    let turn = |page: u32| Call::Segments { campaign, side, page: u16::try_from(page).unwrap_or(u16::MAX) };
    screen.pager(u32::from(number(page)), u32::from(number(pages)), turn).nav(tr, Call::Audience { campaign })
}

/// Ticks a segment or takes the tick off. A segment is on one side only.
pub async fn toggle(cx: &Cx, campaign: CampaignId, segment: SegmentId, side: Side, page: u16) -> Outcome {
    let Audience { mut include, mut exclude } = row(cx, campaign).await?.audience;
    let (this, other) = match side {
        Side::Include => (&mut include, &mut exclude),
        Side::Exclude => (&mut exclude, &mut include),
    };
    if this.contains(&segment) {
        this.retain(|id| *id != segment);
    } else {
        this.push(segment);
        other.retain(|id| *id != segment);
    }
    match set_audience(cx, campaign, Audience { include, exclude }).await {
        Ok(edited) => Ok(told(cx, segments(cx, campaign, side, page).await?, edited)),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// Everybody.
pub async fn everybody(cx: &Cx, campaign: CampaignId) -> Outcome {
    match set_audience(cx, campaign, Audience::default()).await {
        Ok(edited) => Ok(told(cx, audience(cx, campaign).await?, edited)),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// Sets the audience without segments that were deleted since: they could never be taken out otherwise.
async fn set_audience(cx: &Cx, campaign: CampaignId, mut audience: Audience) -> campaign::Result<draft::Edited> {
    let (store, Some(actor)) = (&cx.deps.store, &cx.who) else { return Err(campaign::CampaignError::NotFound) };
    let known: Vec<SegmentId> = segment::list(store, actor.account).await?.into_iter().map(|segment| segment.id).collect();
    audience.include.retain(|id| known.contains(id));
    audience.exclude.retain(|id| known.contains(id));
    draft::edit(store, actor, campaign, Change::Audience(audience), cx.now).await
}

/// The texts of the audience's filters, for the approver.
pub async fn filters(cx: &Cx, card: &view::Card) -> Result<Vec<(Side, String, String)>, BotError> {
    let fields = field::list(&cx.deps.store, card.campaign.account_id).await?;
    let mut parts = Vec::new();
    let sides = [(Side::Include, &card.include), (Side::Exclude, &card.exclude)];
    for (side, list) in sides {
        for (id, _) in list {
            if let Some(segment) = segment::get(&cx.deps.store, card.campaign.account_id, *id).await? {
                let words = crate::screens::segments::words(cx.tr, &segment, &fields);
                parts.push((side, segment.name, words));
            }
        }
    }
    Ok(parts)
}

/// Through which channel?
pub async fn channels(cx: &Cx, campaign: CampaignId) -> Outcome {
    let row = row(cx, campaign).await?;
    let all = channel_room::list(&cx.deps.store, cx.actor()?.account).await?;
    Ok(channel_list(cx.tr, &row, &all).into())
}

/// The channels.
#[must_use]
pub fn channel_list(tr: Tr, row: &Campaign, all: &[ChannelRow]) -> Screen {
    let campaign = row.id;
    let html = if all.is_empty() { t!(tr, "campaigns-channels-none") } else { t!(tr, "campaigns-channels") };
    all.iter()
        .fold(Screen::new(html), |screen, channel| {
            let chosen = if row.channel_id == Some(channel.id) { "✓ " } else { "" };
            let mark = if channel.state == ChannelState::Active { "🟢" } else { "⏸" };
            let text = format!("{chosen}{mark} {}", clip(&channel.name, 50));
            screen.button(text, Call::SetChannel { campaign, channel: channel.id })
        })
        .nav(tr, Call::Compose { campaign })
}

/// What about unknown outcomes?
#[must_use]
pub fn policies(tr: Tr, row: &Campaign) -> Screen {
    let campaign = row.id;
    let choices = [
        (UncertainPolicy::Leave, p!(tr, "campaigns-choose-leave")),
        (UncertainPolicy::Ask, p!(tr, "campaigns-choose-ask")),
        (UncertainPolicy::Resend, p!(tr, "campaigns-choose-resend")),
    ];
    choices
        .into_iter()
        .fold(Screen::new(t!(tr, "campaigns-policies")), |screen, (policy, text)| {
            let chosen = if row.uncertain_policy == policy { "✓ " } else { "" };
            screen.button(format!("{chosen}{text}"), Call::SetPolicy { campaign, policy })
        })
        .nav(tr, Call::Compose { campaign })
}
