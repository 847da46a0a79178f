//! Choosing what a campaign consists of: template, audience, channel, the fate of unknown outcomes.

use mms_core::{
    account::{Right, Role},
    campaign::{
        self, Audience, Campaign, State, UncertainPolicy, draft,
        draft::{Begun, Change},
        view,
    },
    channel::{
        registry,
        store::{self as channel_room, ChannelRow},
    },
    contact::{
        field,
        segment::{self, Segment},
    },
    id::{CampaignId, ChannelId, SegmentId, VersionId},
    template::{
        Class,
        versions::{self, Listed},
    },
};

use super::{
    Call, Side, Step, advance, cards, clip, fresh,
    lawful::{self, Barred},
    load, refusal, row, told,
};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{channels as channel_screens, contacts as people, segments as segment_screens, templates as template_screens},
    t,
};

/// Rows a page.
const PAGE: u32 = 8;
/// Templates looked through.
const TEMPLATES: i64 = 1_000;

/// Which template?
pub async fn templates(cx: &Cx, row: &Campaign, step: i16, page: u32) -> Outcome {
    let all = versions::list(&cx.deps.store, cx.actor()?.account, false, TEMPLATES, 0).await?;
    let approved: Vec<Listed> = all.into_iter().filter(|listed| listed.approved_id.is_some()).collect();
    Ok(template_list(cx.tr, row, step, &approved, page).into())
}

/// The approved templates.
#[must_use]
pub fn template_list(tr: Tr, row: &Campaign, step: i16, approved: &[Listed], page: u32) -> Screen {
    let (campaign, stamp) = (row.id, row.steps_stamp());
    let version = row.step(step).and_then(|step| step.version);
    let back = back(row, step);
    if approved.is_empty() {
        return Screen::new(t!(tr, "campaigns-templates-none"))
            .button(p!(tr, "campaigns-to-templates"), template_screens::Call::List)
            .nav(tr, back);
    }
    let page = Page::of(approved.len(), PAGE, page);
    let screen = page.rows(approved).iter().fold(Screen::new(t!(tr, "campaigns-templates")), |screen, listed| {
        // The caller leaves out templates without an approved version.
        let Some(this) = listed.approved_id else { return screen };
        let chosen = if version == Some(this) { "✓ " } else { "" };
        let class = if listed.class == Class::Advertising { "📣" } else { "🔔" };
        screen.button(format!("{chosen}{class} {}", clip(&listed.name, 50)), Call::SetTemplate { campaign, step, version: this, stamp })
    });
    screen.pager(page, |page| Call::Templates { campaign, step, page, stamp }).nav(tr, back)
}

/// Where the choices of a step lead back to.
fn back(row: &Campaign, step: i16) -> Call {
    if row.steps.len() > 1 {
        Call::StepCard { campaign: row.id, step, stamp: row.steps_stamp() }
    } else {
        Call::Compose { campaign: row.id }
    }
}

/// Which segments?
pub async fn segments(cx: &Cx, campaign: CampaignId, side: Side, page: u16) -> Outcome {
    let card = load(cx, campaign).await?;
    let all = segment::list(&cx.deps.store, cx.actor()?.account).await?;
    // A name that is typed is ticked.
    cx.ask(Step::Segment { campaign, side }).await?;
    Ok(segment_list(cx.tr, &card, &all, side, page).into())
}

/// The beginning of a segment's name was typed: the only one it fits is ticked, of several one is
/// chosen; what fits none may be a person, as anywhere.
pub async fn typed(cx: &Cx, campaign: CampaignId, side: Side, text: &str) -> Outcome {
    let card = load(cx, campaign).await?;
    let all = segment::list(&cx.deps.store, cx.actor()?.account).await?;
    let found: Vec<Segment> = segment_screens::named(&all, text).into_iter().cloned().collect();
    match found.as_slice() {
        [one] => {
            let audience = &card.campaign.audience;
            let ticked = if side == Side::Include { &audience.include } else { &audience.exclude };
            if ticked.contains(&one.id) {
                segments(cx, campaign, side, 0).await
            } else {
                toggle(cx, campaign, (one.id, true), side, 0).await
            }
        }
        [] => match people::look_up(cx, text).await? {
            Some(person) => Ok(person),
            None => Ok(segments(cx, campaign, side, 0).await?.saying(p!(cx.tr, "segments-not-found", typed = clip(text, 60)))),
        },
        several => Ok(found_list(cx.tr, &card, several, side).into()),
    }
}

/// Whom for, or whom not: the segments with their ticks, and everybody.
#[must_use]
pub fn segment_list(tr: Tr, card: &view::Card, all: &[Segment], side: Side, page: u16) -> Screen {
    let (campaign, audience) = (card.campaign.id, &card.campaign.audience);
    let now = Html(cards::audience_now(tr, card));
    let (html, chosen, mark, back) = match side {
        Side::Include if all.is_empty() => {
            (t!(tr, "campaigns-segments-none", now = now), &audience.include, "", Call::Compose { campaign })
        }
        Side::Include => (t!(tr, "campaigns-segments-include", now = now), &audience.include, "✅", Call::Compose { campaign }),
        Side::Exclude => (t!(tr, "campaigns-segments-exclude", now = now), &audience.exclude, "🚫", Call::Audience { campaign }),
    };
    let page = Page::of(all.len(), PAGE, page.into());
    // One page is looked over at a glance.
    let html = if page.of > 1 { format!("{html}\n\n{}", t!(tr, "segments-find")) } else { html };
    let number = |page: u32| u16::try_from(page).unwrap_or(u16::MAX);
    let screen = page
        .rows(all)
        .iter()
        .fold(Screen::new(html), |screen, segment| screen.row([tick(campaign, segment, (side, number(page.at)), chosen, mark)]));
    let screen = screen.pager(page, |page| Call::Segments { campaign, side, page: number(page) });
    let screen = if side == Side::Include {
        let everybody = audience.include.is_empty() && !audience.undecided;
        let exclude = (!all.is_empty()).then(|| {
            let text = p!(tr, "campaigns-exclude", count = audience.exclude.len());
            Button::call(text, Call::Segments { campaign, side: Side::Exclude, page: 0 })
        });
        let text = if everybody { format!("✓ {}", p!(tr, "campaigns-to-everybody")) } else { p!(tr, "campaigns-to-everybody") };
        screen.row([Button::call(text, Call::Everybody { campaign })].into_iter().chain(exclude)).button_if(
            all.is_empty(),
            p!(tr, "campaigns-new-segment"),
            segment_screens::Call::New,
        )
    } else {
        screen
    };
    screen.button_if(!audience.undecided, p!(tr, "campaigns-done"), Call::Done { campaign }).nav(tr, back)
}

/// A segment's button: its mark, and a press that does what it was pressed for, whoever ticks the
/// segment meanwhile.
fn tick(campaign: CampaignId, segment: &Segment, (side, page): (Side, u16), chosen: &[SegmentId], mark: &str) -> Button {
    let on = chosen.contains(&segment.id);
    let call = Call::Toggle { campaign, segment: segment.id, side, page, on: !on };
    Button::call(format!("{} {}", if on { mark } else { "▫️" }, clip(&segment.name, 56)), call)
}

/// Which of those whose names begin so? They are a page of nothing: what is typed next looks again.
#[must_use]
pub fn found_list(tr: Tr, card: &view::Card, found: &[Segment], side: Side) -> Screen {
    let (campaign, audience) = (card.campaign.id, &card.campaign.audience);
    let (chosen, mark) = match side {
        Side::Include => (&audience.include, "✅"),
        Side::Exclude => (&audience.exclude, "🚫"),
    };
    let shown = &found[..found.len().min(PAGE as usize)];
    let mut html = t!(tr, "segments-found");
    if found.len() > shown.len() {
        html = format!("{html}\n{}", t!(tr, "segments-found-more", count = found.len() - shown.len()));
    }
    shown
        .iter()
        .fold(Screen::new(html), |screen, segment| screen.row([tick(campaign, segment, (side, 0), chosen, mark)]))
        .nav(tr, Call::Segments { campaign, side, page: 0 })
}

/// Ticks a segment or takes the tick off. A segment is on one side only, and whoever takes the last
/// tick off has not said «everybody».
pub async fn toggle(cx: &Cx, campaign: CampaignId, (segment, on): (SegmentId, bool), side: Side, page: u16) -> Outcome {
    let before = row(cx, campaign).await?.audience;
    let mut audience = before.clone();
    let aimed = !audience.include.is_empty();
    let (this, other) = match side {
        Side::Include => (&mut audience.include, &mut audience.exclude),
        Side::Exclude => (&mut audience.exclude, &mut audience.include),
    };
    this.retain(|id| *id != segment);
    if on {
        this.push(segment);
        other.retain(|id| *id != segment);
    }
    audience.undecided = audience.include.is_empty() && (audience.undecided || aimed);
    match set_audience(cx, campaign, &before, audience).await {
        Ok(edited) => Ok(told(cx, segments(cx, campaign, side, page).await?, edited)),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// Everybody, but whoever is left out.
pub async fn everybody(cx: &Cx, campaign: CampaignId) -> Outcome {
    let before = row(cx, campaign).await?.audience;
    let exclude = before.exclude.clone();
    match set_audience(cx, campaign, &before, Audience { exclude, ..Audience::everybody() }).await {
        Ok(edited) => Ok(told(cx, advance(cx, campaign).await?, edited)),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// Sets the audience without segments that were deleted since: they could never be taken out
/// otherwise. Without the last one nobody has said whom the campaign is for. `before`: the one that
/// was changed; a colleague may have set another.
async fn set_audience(cx: &Cx, campaign: CampaignId, before: &Audience, mut audience: Audience) -> campaign::Result<draft::Edited> {
    let (store, Some(actor)) = (&cx.deps.store, &cx.who) else { return Err(campaign::CampaignError::NotFound) };
    let known: Vec<SegmentId> = segment::list(store, actor.account).await?.into_iter().map(|segment| segment.id).collect();
    let aimed = !audience.include.is_empty();
    audience.include.retain(|id| known.contains(id));
    audience.exclude.retain(|id| known.contains(id));
    audience.undecided |= aimed && audience.include.is_empty();
    draft::edit_seen(store, actor, campaign, Change::Audience(audience), |row| row.audience == *before, cx.now).await
}

/// The channel of a draft that lacks one, where there is but one that sends.
pub async fn only_channel(cx: &Cx, campaign: CampaignId) -> Result<(), BotError> {
    let row = row(cx, campaign).await?;
    if row.state != State::Draft || row.channel().is_some() {
        return Ok(());
    }
    if let Some(channel) = only(cx).await? {
        let chosen = draft::edit(&cx.deps.store, cx.actor()?, campaign, Change::Channel(1, channel), cx.now).await;
        chosen.map_err(|error| refusal::refused(cx.tr, error))?;
    }
    Ok(())
}

/// The account's only channel, if it sends.
async fn only(cx: &Cx) -> Result<Option<ChannelId>, BotError> {
    let all = channel_room::list(&cx.deps.store, cx.actor()?.account).await?;
    match all.as_slice() {
        [only] if only.sends() => Ok(Some(only.id)),
        _ => Ok(None),
    }
}

/// A new campaign for a segment, named after it.
///
/// # Errors
/// [`BotError::Gone`]; the database's; a refusal of the campaign room.
pub async fn for_segment(cx: &Cx, segment: SegmentId) -> Outcome {
    let found = segment::get(&cx.deps.store, cx.actor()?.account, segment).await?.ok_or(BotError::Gone)?;
    begin(cx, &found.name, Begun { segment: Some(segment), ..Begun::default() }).await
}

/// A new campaign with a template, named after it.
pub async fn of_template(cx: &Cx, version: VersionId) -> Outcome {
    let found = versions::version(&cx.deps.store, cx.actor()?.account, version).await?.ok_or(BotError::Gone)?;
    begin(cx, &found.name, Begun { template: Some(version), ..Begun::default() }).await
}

async fn begin(cx: &Cx, after: &str, begun: Begun) -> Outcome {
    let begun = Begun { channel: only(cx).await?, ..begun };
    let name = p!(cx.tr, "campaigns-begun-name", name = clip(after, draft::NAME_LIMIT - 20), day = cx.tr.short_day(cx.now, cx.now));
    let campaign = draft::begin_with(&cx.deps.store, cx.actor()?, &name, &begun, cx.now).await;
    advance(cx, campaign.map_err(|error| refusal::refused(cx.tr, error))?).await
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
pub async fn channels(cx: &Cx, row: &Campaign, step: i16) -> Outcome {
    let all = channel_room::list(&cx.deps.store, cx.actor()?.account).await?;
    let version = row.step(step).and_then(|step| step.version);
    let barred = lawful::barred(cx, row, version).await?;
    Ok(channel_list(cx.tr, row, step, &all, &barred, cx.actor()?.role).into())
}

/// A channel on its button: whether it sends, and whether it takes campaigns at all.
#[must_use]
pub fn channel_button(tr: Tr, channel: &ChannelRow) -> String {
    let capabilities = registry::capabilities(channel.kind);
    if capabilities.takes_no_campaigns() {
        return p!(tr, "campaigns-channel-no-campaigns", name = clip(&channel.name, 36));
    }
    let mark = if channel.sends() { "🟢" } else { "⏸" };
    format!("{mark} {}", clip(&channel.name, 50))
}

/// The channels; those that are closed to the step say so.
#[must_use]
pub fn channel_list(tr: Tr, row: &Campaign, step: i16, all: &[ChannelRow], barred: &Barred, role: Role) -> Screen {
    let (campaign, stamp) = (row.id, row.steps_stamp());
    let chosen_id = row.step(step).and_then(|step| step.channel);
    let html = if all.is_empty() { t!(tr, "campaigns-channels-none") } else { t!(tr, "campaigns-channels") };
    all.iter()
        .fold(Screen::new(lawful::closed(tr, html, all, barred)), |screen, channel| {
            if let Some(button) = lawful::closed_button(tr, barred, channel) {
                return screen.row([button]);
            }
            let chosen = if chosen_id == Some(channel.id) { "✓ " } else { "" };
            screen
                .button(format!("{chosen}{}", channel_button(tr, channel)), Call::SetChannel { campaign, step, channel: channel.id, stamp })
        })
        .button_if(all.is_empty() && role.may(Right::Own), p!(tr, "channels-add"), channel_screens::Call::Add)
        .at(Call::Channels { campaign, step, stamp })
        .nav(tr, back(row, step))
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
        .nav(tr, Call::More { campaign })
}
