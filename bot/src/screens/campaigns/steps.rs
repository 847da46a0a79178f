//! The steps of a campaign: what each says and through what, and when the next one goes.

use chrono::TimeDelta;
use mms_core::{
    account::Role,
    campaign::{Campaign, NextOn, STEPS, State, draft::Change, steps::WAITS, view},
    channel::{
        registry,
        store::{self as channels, ChannelRow},
    },
    delivery::cascade::LeadsOn,
    id::{CampaignId, ChannelId},
    stamp::Stamp,
    text::said::spans,
};

use super::{
    Call, Step, cards, choose, clip, decide, edit_steps, edited, fresh,
    lawful::{self, Barred},
    load, reviewed, row, with_note,
};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p, t,
    words::capital,
};

/// When the next step goes, by one touch: what is asked of the message, and minutes after it.
const QUICK: [(NextOn, u16); 6] = [
    (NextOn::Undelivered, 30),
    (NextOn::Undelivered, 120),
    (NextOn::Undelivered, 1_440),
    (NextOn::Unread, 120),
    (NextOn::Unread, 1_440),
    (NextOn::Unread, 4_320),
];

/// What makes the next step go, in words.
#[must_use]
pub fn rule(tr: Tr, next_on: NextOn, wait: TimeDelta) -> String {
    match next_on {
        NextOn::Never => p!(tr, "campaigns-rule-failed"),
        NextOn::Undelivered => p!(tr, "campaigns-rule-undelivered", wait = tr.duration(wait)),
        NextOn::Unread => p!(tr, "campaigns-rule-unread", wait = tr.duration(wait)),
    }
}

/// A step in a line of a card.
#[must_use]
pub fn line(tr: Tr, step: &view::CardStep) -> String {
    let template = cards::template(tr, step.template.as_ref());
    let channel = cards::channel(tr, step.channel.as_ref());
    let line = t!(tr, "campaigns-step-line", step = step.step, channel = Html(channel), template = Html(template));
    match step.next {
        None => line,
        Some(next) => format!("{line}\n{}{}", t!(tr, "campaigns-step-next", rule = rule(tr, next.holds, next.wait)), untold(tr, &next)),
    }
}

/// Why another rule holds than was asked for.
fn untold(tr: Tr, next: &view::NextRule) -> String {
    match (next.asked, next.holds) {
        (asked, holds) if asked == holds => String::new(),
        (_, NextOn::Undelivered) => format!(" {}", t!(tr, "campaigns-rule-tells-no-reads")),
        (NextOn::Undelivered, _) => format!(" {}", t!(tr, "campaigns-rule-tells-no-deliveries")),
        _ => format!(" {}", t!(tr, "campaigns-rule-tells-nothing")),
    }
}

/// The button of a step: its number, its channel, its template.
fn button(tr: Tr, step: &view::CardStep) -> String {
    let channel = step.channel.as_ref().map_or_else(|| p!(tr, "campaigns-step-no-channel"), |(name, _)| clip(name, 24));
    let template = step.template.as_ref().map_or_else(|| p!(tr, "campaigns-step-no-template"), |one| clip(&one.name, 24));
    p!(tr, "campaigns-step-button", step = step.step, channel = channel, template = template)
}

/// The rows of a campaign's own card that lead to its steps.
#[must_use]
pub fn rows(tr: Tr, card: &view::Card, screen: Screen) -> Screen {
    let (campaign, stamp) = (card.campaign.id, card.campaign.steps_stamp());
    let screen = card
        .steps
        .iter()
        .filter(|_| card.steps.len() > 1)
        .fold(screen, |screen, step| screen.button(button(tr, step), Call::StepCard { campaign, step: step.step, stamp }));
    let room = card.steps.len() < usize::from(STEPS.unsigned_abs());
    screen.button_if(room, p!(tr, "campaigns-add-step"), Call::AddStep { campaign })
}

/// A step, to be changed; what cannot be changed any more is shown with the campaign.
pub async fn show(cx: &Cx, campaign: CampaignId, step: i16) -> Outcome {
    let card = load(cx, campaign).await?;
    if !card.campaign.state.editable() || card.steps.len() < 2 {
        return super::compose(cx, campaign).await;
    }
    match card.steps.iter().find(|one| one.step == step) {
        Some(one) => Ok(step_card(cx.tr, &card, one).into()),
        None => super::compose(cx, campaign).await,
    }
}

/// A step, to be changed.
#[must_use]
pub fn step_card(tr: Tr, card: &view::Card, one: &view::CardStep) -> Screen {
    let (campaign, step, stamp) = (card.campaign.id, one.step, card.campaign.steps_stamp());
    let html = t!(tr, "campaigns-step-card", name = &card.campaign.name, of = card.steps.len(), line = Html(line(tr, one)));
    let html = reviewed::of_step(tr, one).map_or(html.clone(), |review| format!("{html}\n\n{review}"));
    let html = if card.campaign.state == State::Draft { html } else { format!("{html}\n\n{}", t!(tr, "campaigns-change-voids")) };
    let rule = one.next.map(|_| Button::call(p!(tr, "campaigns-step-rule"), Call::Rules { campaign, step, stamp }));
    Screen::new(html)
        .at(Call::StepCard { campaign, step, stamp })
        .row([
            Button::call(p!(tr, "campaigns-template"), Call::Templates { campaign, step, page: 0, stamp }),
            Button::call(p!(tr, "campaigns-channel"), Call::Channels { campaign, step, stamp }),
        ])
        .row(rule.into_iter().chain([Button::call(p!(tr, "campaigns-remove-step"), Call::AskRemoveStep { campaign, step, stamp })]))
        .nav(tr, Call::Compose { campaign })
}

/// A further step: through which channel?
pub async fn add(cx: &Cx, campaign: CampaignId) -> Outcome {
    let row = row(cx, campaign).await?;
    let all = channels::list(&cx.deps.store, cx.actor()?.account).await?;
    // It says what the one before says until another template is chosen.
    let version = row.steps.last().and_then(|last| last.version);
    let barred = lawful::barred(cx, &row, version).await?;
    Ok(add_card(cx.tr, &row, &all, &barred, cx.actor()?.role).into())
}

/// The channels for a further step; those that have one already come last.
#[must_use]
pub fn add_card(tr: Tr, row: &Campaign, all: &[ChannelRow], barred: &Barred, role: Role) -> Screen {
    let (campaign, stamp) = (row.id, row.steps_stamp());
    let used = row.channels();
    let mut sorted: Vec<&ChannelRow> = all.iter().collect();
    sorted.sort_by_key(|channel| used.contains(&channel.id));
    let lone = sorted.iter().all(|channel| used.contains(&channel.id));
    let html = if lone { t!(tr, "campaigns-add-step-lone") } else { t!(tr, "campaigns-add-step-card") };
    sorted
        .into_iter()
        .fold(Screen::new(lawful::closed(tr, html, all, barred)), |screen, channel| {
            if let Some(button) = lawful::closed_button(tr, barred, channel) {
                return screen.row([button]);
            }
            let has = if used.contains(&channel.id) { " ✓" } else { "" };
            let text = format!("{}{has}", choose::channel_button(tr, channel));
            screen.button(text, Call::StepThrough { campaign, channel: channel.id, stamp })
        })
        .button_if(lone && role.may(mms_core::account::Right::Own), p!(tr, "channels-add"), crate::screens::channels::Call::Add)
        .at(Call::AddStep { campaign })
        .nav(tr, Call::Compose { campaign })
}

/// A further step through this channel: when does it go?
pub async fn through(cx: &Cx, row: &Campaign, channel: ChannelId) -> Outcome {
    let told = told_by(cx, row.steps.last()).await?;
    Ok(rule_card(cx.tr, row, Asked::New(channel), None, told).into())
}

/// When does the step behind this one go?
pub async fn rules(cx: &Cx, row: &Campaign, step: i16) -> Outcome {
    let one = row.step(step);
    let now = one.map(|one| (one.next_on, one.wait()));
    let told = told_by(cx, one).await?;
    Ok(rule_card(cx.tr, row, Asked::Behind(step), now, told).into())
}

/// Whether the channel of a step tells what arrived, and what was read; while none is chosen it may
/// tell both.
async fn told_by(cx: &Cx, step: Option<&mms_core::campaign::Step>) -> Result<(bool, bool), BotError> {
    let Some(channel) = step.and_then(|step| step.channel) else { return Ok((true, true)) };
    let row = mms_core::channel::store::get(&cx.deps.store, cx.actor()?.account, channel).await?;
    Ok(row.map_or((true, true), |row| registry::capabilities(row.kind).receipts()))
}

/// What the rule is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A further step through this channel.
    New(ChannelId),
    /// The step behind this one.
    Behind(i16),
}

/// When does it go?
#[must_use]
pub fn rule_card(tr: Tr, row: &Campaign, asked: Asked, chosen: Option<(NextOn, TimeDelta)>, told: (bool, bool)) -> Screen {
    let (campaign, stamp) = (row.id, row.steps_stamp());
    let call = |next_on, minutes| match asked {
        Asked::New(channel) => Call::NewStep { campaign, channel, next_on, minutes, stamp },
        Asked::Behind(step) => Call::SetRule { campaign, step, next_on, minutes, stamp },
    };
    let before = match asked {
        Asked::New(_) => row.steps.len(),
        Asked::Behind(step) => usize::from(step.unsigned_abs()),
    };
    let back = match asked {
        Asked::New(_) => Call::AddStep { campaign },
        Asked::Behind(step) => Call::StepCard { campaign, step, stamp },
    };
    // Only what the channel tells can be waited for.
    let holds = |on: &NextOn| LeadsOn::holds(*on, told) == *on;
    let tells = match told {
        (_, true) => "reads",
        (true, false) => "deliveries",
        (false, false) => "nothing",
    };
    let screen = Screen::new(t!(tr, "campaigns-rule-card", before = before, next = before + 1, tells = tells));
    let screen = QUICK.into_iter().filter(|(on, _)| holds(on)).fold(screen, |screen, (on, minutes)| {
        let wait = TimeDelta::minutes(minutes.into());
        let mark = if chosen == Some((on, wait)) { "✓ " } else { "" };
        screen.button(format!("{mark}{}", capital(&rule(tr, on, wait))), call(on, minutes))
    });
    let never = chosen.is_some_and(|(on, _)| on == NextOn::Never || !holds(&on));
    let mark = if never { "✓ " } else { "" };
    let screen = screen.button(format!("{mark}{}", capital(&rule(tr, NextOn::Never, TimeDelta::zero()))), call(NextOn::Never, 0));
    let screen = match asked {
        Asked::New(_) => screen,
        Asked::Behind(step) => {
            let typed =
                [(NextOn::Undelivered, p!(tr, "campaigns-rule-type-undelivered")), (NextOn::Unread, p!(tr, "campaigns-rule-type-unread"))];
            let typed = typed.into_iter().filter(|(on, _)| holds(on));
            screen.row(typed.map(|(next_on, text)| Button::call(text, Call::AskRule { campaign, step, next_on, stamp })))
        }
    };
    screen.nav(tr, back)
}

/// A further step: it says what the one before says until another template is chosen.
pub async fn make(cx: &Cx, campaign: CampaignId, channel: ChannelId, (next_on, minutes): (NextOn, u16), stamp: Stamp) -> Outcome {
    let version = row(cx, campaign).await?.steps.last().and_then(|last| last.version);
    let change = Change::AddStep { next_on, wait: TimeDelta::minutes(minutes.into()), channel: Some(channel), version };
    let outcome = edit_steps(cx, campaign, stamp, change).await;
    edited(cx, campaign, outcome).await
}

/// The rule of a step was chosen.
pub async fn set_rule(cx: &Cx, campaign: CampaignId, (step, stamp): (i16, Stamp), next_on: NextOn, minutes: u16) -> Outcome {
    let change = Change::Rule { step, next_on, wait: TimeDelta::minutes(minutes.into()) };
    match edit_steps(cx, campaign, stamp, change).await {
        Ok(done) => Ok(super::told(cx, show(cx, campaign, step).await?, done)),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// How long after?
pub async fn ask_rule(cx: &Cx, campaign: CampaignId, (step, stamp): (i16, Stamp), next_on: NextOn) -> Outcome {
    cx.ask(Step::Rule { campaign, step, next_on, stamp }).await?;
    Ok(ask_card(cx.tr, campaign, (step, stamp), next_on).into())
}

/// How long after?
#[must_use]
pub fn ask_card(tr: Tr, campaign: CampaignId, (step, stamp): (i16, Stamp), next_on: NextOn) -> Screen {
    let html = match next_on {
        NextOn::Unread => t!(tr, "campaigns-rule-ask-unread"),
        NextOn::Undelivered | NextOn::Never => t!(tr, "campaigns-rule-ask-undelivered"),
    };
    Screen::new(html).nav(tr, Call::Rules { campaign, step, stamp })
}

/// A time was typed.
pub async fn typed(cx: &Cx, campaign: CampaignId, at: (i16, Stamp), next_on: NextOn, text: &str) -> Outcome {
    let typed = spans::minutes(text).filter(|minutes| (WAITS.0..=WAITS.1).contains(&TimeDelta::minutes((*minutes).into())));
    match typed.and_then(|minutes| u16::try_from(minutes).ok()) {
        Some(minutes) => {
            cx.leave().await?;
            set_rule(cx, campaign, at, next_on, minutes).await
        }
        None => Ok(with_note(&p!(cx.tr, "campaigns-rule-unclear"), ask_card(cx.tr, campaign, at, next_on)).into()),
    }
}

/// Without this step?
pub async fn ask_remove(cx: &Cx, campaign: CampaignId, step: i16) -> Outcome {
    let card = load(cx, campaign).await?;
    match card.steps.iter().find(|one| one.step == step).filter(|_| card.campaign.state.editable()) {
        Some(one) => Ok(remove_card(cx.tr, &card, one).into()),
        None => super::compose(cx, campaign).await,
    }
}

/// Without this step?
#[must_use]
pub fn remove_card(tr: Tr, card: &view::Card, one: &view::CardStep) -> Screen {
    let (campaign, step, stamp) = (card.campaign.id, one.step, card.campaign.steps_stamp());
    let html = t!(tr, "campaigns-ask-remove-step", name = &card.campaign.name, line = Html(line(tr, one)));
    Screen::new(html)
        .button(p!(tr, "campaigns-remove-step-now"), Call::RemoveStep { campaign, step, stamp })
        .nav(tr, Call::StepCard { campaign, step, stamp })
}

/// A step goes.
pub async fn remove(cx: &Cx, campaign: CampaignId, (step, stamp): (i16, Stamp)) -> Outcome {
    let outcome = edit_steps(cx, campaign, stamp, Change::RemoveStep(step)).await;
    edited(cx, campaign, outcome).await
}

/// What the forecast says of several steps, a line each.
#[must_use]
pub fn outlook(tr: Tr, row: &Campaign, forecast: &mms_core::campaign::audience::Forecast) -> String {
    let lines = forecast.steps.iter().map(|step| {
        t!(
            tr,
            "campaigns-forecast-step",
            step = step.step,
            channel = &step.channel,
            begin = step.begin,
            most = step.most,
            rate = (step.rate * 10.0).round() / 10.0
        )
    });
    let mut html = lines.collect::<Vec<_>>().join("\n");
    let most: i64 = forecast.steps.iter().map(|step| step.most).sum();
    html.push('\n');
    html.push_str(&t!(tr, "campaigns-forecast-most", planned = forecast.planned, most = most));
    let longest = forecast.latest - forecast.starts_at;
    html.push('\n');
    html.push_str(&t!(tr, "campaigns-forecast-latest", duration = decide::takes(tr, longest)));
    if let Some(end) = row.ends_at.filter(|end| *end < forecast.latest) {
        html.push('\n');
        html.push_str(&t!(tr, "campaigns-forecast-window", end = tr.moment(end)));
    }
    html
}

/// What came of each step so far, a line each, and people by what is known of them.
#[must_use]
pub fn progress(tr: Tr, card: &view::Card) -> String {
    let lines = card.steps.iter().map(|step| {
        let numbers = card.by_step.get(&step.step).cloned().unwrap_or_default();
        let channel = step.channel.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default();
        t!(
            tr,
            "campaigns-step-progress",
            step = step.step,
            channel = channel,
            planned = numbers.planned,
            sent = numbers.sent,
            delivered = numbers.delivered,
            read = numbers.read,
            failed = numbers.failed,
            reached = numbers.people.reached
        )
    });
    let people = card.numbers.people;
    let line = t!(
        tr,
        "campaigns-people",
        reached = people.reached,
        open = people.open,
        unknown = people.unknown,
        missed = people.missed,
        audience = card.numbers.audience
    );
    format!("{line}\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// The step whose template or channel is missing, else the first.
#[must_use]
pub fn lacking(row: &Campaign, lacks: impl Fn(&mms_core::campaign::Step) -> bool) -> i16 {
    row.steps.iter().find(|step| lacks(step)).map_or(1, |step| step.step)
}
