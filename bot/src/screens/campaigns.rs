//! Campaigns: put together, forecast, approved, launched, watched, told of. The card of a campaign
//! is one screen that shows whatever the campaign is at: what is missing, what waits for whom, how
//! it goes, how it ended.

mod cards;
mod cautions;
mod changes;
mod choose;
mod costs;
mod decide;
mod decided;
mod lawful;
mod list;
mod people;
mod progress;
mod refusal;
mod results;
pub mod reviewed;
mod steps;
mod when;
mod wire;

pub use cards::Shown;
pub use choose::for_segment;
pub use progress::paused;
pub use refusal::{refused, state as state_word};
pub use wire::{Call, End, Side, Start, Step};

use mms_core::{
    account::{Right, member},
    campaign::{
        self, Campaign, CampaignError, Missing, State, audience, control,
        cost::{self, Costs},
        draft::{self, Change, Edited},
        results as came, view,
    },
    delivery::stats,
    id::CampaignId,
    queue::Job,
    stamp::Stamp,
};

use crate::{
    frame::{
        cards::Live,
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        page::Page,
        reply::Reply,
        screen::Screen,
    },
    p,
};

/// The kind of live cards of campaigns.
pub const LIVE: &str = "campaign";
/// Campaigns a page.
const PAGE: u32 = 8;

/// A press.
///
/// # Errors
/// The database's; a refusal of the campaign room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List { page } => show_list(cx, page).await,
        Call::Totals { days } => results::show(cx, days).await,
        Call::Card { campaign } => show(cx, campaign).await,
        Call::New => {
            cx.ask(Step::Name).await?;
            Ok(list::ask_name(cx.tr, None).into())
        }
        Call::Compose { campaign } => compose(cx, campaign).await,
        Call::Rename { campaign } => {
            let row = row(cx, campaign).await?;
            cx.ask(Step::Rename { campaign }).await?;
            Ok(list::ask_name(cx.tr, Some(&row)).into())
        }
        Call::More { campaign } => more(cx, campaign).await,
        Call::Done { campaign } => advance(cx, campaign).await,
        Call::ForSegment { segment } => choose::for_segment(cx, segment).await,
        Call::OfTemplate { version } => choose::of_template(cx, version).await,
        Call::Duplicate { campaign } => duplicate(cx, campaign).await,
        Call::AskDelete { campaign } => Ok(list::ask_delete(cx.tr, &row(cx, campaign).await?).into()),
        Call::Delete { campaign } => match draft::delete(&cx.deps.store, cx.actor()?, campaign, cx.now).await {
            Ok(()) => Ok(show_list(cx, 0).await?.saying(p!(cx.tr, "campaigns-deleted"))),
            Err(error) => fresh(cx, campaign, error).await,
        },
        Call::Templates { campaign, step, page, stamp } => match as_shown(cx, campaign, stamp).await? {
            Some(row) => choose::templates(cx, &row, step, page).await,
            None => fresh(cx, campaign, CampaignError::Changed).await,
        },
        Call::SetTemplate { campaign, step, version, stamp } => chosen(cx, campaign, (step, stamp), Change::Template(step, version)).await,
        Call::StepCard { campaign, step, stamp } => match as_shown(cx, campaign, stamp).await? {
            Some(_) => steps::show(cx, campaign, step).await,
            None => fresh(cx, campaign, CampaignError::Changed).await,
        },
        Call::AddStep { campaign } => steps::add(cx, campaign).await,
        Call::StepThrough { campaign, channel, stamp } => match as_shown(cx, campaign, stamp).await? {
            Some(row) => steps::through(cx, &row, channel).await,
            None => fresh(cx, campaign, CampaignError::Changed).await,
        },
        Call::NewStep { campaign, channel, next_on, minutes, stamp } => steps::make(cx, campaign, channel, (next_on, minutes), stamp).await,
        Call::Rules { campaign, step, stamp } => match as_shown(cx, campaign, stamp).await? {
            Some(row) => steps::rules(cx, &row, step).await,
            None => fresh(cx, campaign, CampaignError::Changed).await,
        },
        Call::SetRule { campaign, step, next_on, minutes, stamp } => steps::set_rule(cx, campaign, (step, stamp), next_on, minutes).await,
        Call::AskRule { campaign, step, next_on, stamp } => steps::ask_rule(cx, campaign, (step, stamp), next_on).await,
        Call::AskRemoveStep { campaign, step, stamp } => match as_shown(cx, campaign, stamp).await? {
            Some(_) => steps::ask_remove(cx, campaign, step).await,
            None => fresh(cx, campaign, CampaignError::Changed).await,
        },
        Call::RemoveStep { campaign, step, stamp } => steps::remove(cx, campaign, (step, stamp)).await,
        Call::Audience { campaign } => choose::segments(cx, campaign, Side::Include, 0).await,
        Call::Segments { campaign, side, page } => choose::segments(cx, campaign, side, page).await,
        Call::Toggle { campaign, segment, side, page, on } => choose::toggle(cx, campaign, (segment, on), side, page).await,
        Call::Everybody { campaign } => choose::everybody(cx, campaign).await,
        Call::Channels { campaign, step, stamp } => match as_shown(cx, campaign, stamp).await? {
            Some(row) => choose::channels(cx, &row, step).await,
            None => fresh(cx, campaign, CampaignError::Changed).await,
        },
        Call::SetChannel { campaign, step, channel, stamp } => chosen(cx, campaign, (step, stamp), Change::Channel(step, channel)).await,
        Call::When { campaign } => when::show(cx, campaign).await,
        Call::SetStart { campaign, start } => when::set_start(cx, campaign, start).await,
        Call::SetAt { campaign, start, minute } => when::set_at(cx, campaign, start, minute).await,
        Call::SetEnd { campaign, end } => when::set_end(cx, campaign, end).await,
        Call::AskStart { campaign } => {
            cx.ask(Step::Start { campaign }).await?;
            Ok(when::ask(cx.tr, campaign, true, cx.now).into())
        }
        Call::AskEnd { campaign } => {
            cx.ask(Step::End { campaign }).await?;
            Ok(when::ask(cx.tr, campaign, false, cx.now).into())
        }
        Call::Policies { campaign } => Ok(choose::policies(cx.tr, &row(cx, campaign).await?).into()),
        Call::SetPolicy { campaign, policy } => edit(cx, campaign, Change::Policy(policy)).await,
        Call::Forecast { campaign } => decide::show_forecast(cx, campaign).await,
        Call::Sample { campaign, step, n } => decide::show_sample(cx, campaign, step, n).await,
        Call::HandIn { campaign, step, stamp } => reviewed::hand_in(cx, campaign, (step, stamp)).await,
        Call::Submit { campaign } => decide::submit(cx, campaign).await,
        Call::Approve { campaign, seen } => decide::approve(cx, campaign, seen).await,
        Call::AskReturn { campaign, seen } => decide::ask_comment(cx, campaign, seen).await,
        Call::Changes { campaign, page } => decided::show_changes(cx, campaign, page).await,
        Call::Conditions { campaign, page } => decided::show_conditions(cx, campaign, page).await,
        Call::AskLaunch { campaign } => decide::ask_launch(cx, campaign).await,
        Call::Recall { campaign } => {
            let done = control::recall(&cx.deps.store, cx.actor()?, campaign, cx.now).await;
            said(cx, campaign, done, p!(cx.tr, "campaigns-recalled")).await
        }
        Call::Pause { campaign } => {
            let done = control::pause(&cx.deps.store, cx.actor()?, campaign, cx.now).await;
            said(cx, campaign, done, p!(cx.tr, "campaigns-paused")).await
        }
        Call::Resume { campaign } => match control::resume(&cx.deps.store, cx.actor()?, campaign, cx.now).await {
            Ok(jobs) => {
                for job in jobs {
                    cx.deps.queue.ring(job).await;
                }
                Ok(show(cx, campaign).await?.saying(p!(cx.tr, "campaigns-resumed")))
            }
            Err(error) => fresh(cx, campaign, error).await,
        },
        Call::AskStop { campaign } => {
            let card = load(cx, campaign).await?;
            if card.campaign.state.live() { Ok(progress::ask_stop(cx.tr, &card).into()) } else { show(cx, campaign).await }
        }
        Call::Stop { campaign } => match control::stop(&cx.deps.store, cx.actor()?, campaign, cx.now).await {
            Ok(cancelled) => Ok(show(cx, campaign).await?.saying(p!(cx.tr, "campaigns-stopped", count = cancelled))),
            Err(error) => fresh(cx, campaign, error).await,
        },
        Call::Decide { campaign, word, about } => decide_uncertain(cx, campaign, word, about).await,
        Call::Chart { campaign } => people::chart(cx, campaign).await,
        Call::Sheet { campaign } => people::sheet(cx, campaign).await,
        Call::AskWho { campaign } => {
            let row = row(cx, campaign).await?;
            cx.ask(Step::Who { campaign }).await?;
            Ok(people::ask_who(cx.tr, &row).into())
        }
        Call::Who { campaign, contact } => people::who(cx, campaign, contact).await,
        Call::Got { campaign, contact, n } => people::got(cx, campaign, contact, n).await,
        Call::WhoFound { campaign, sought } => people::found(cx, campaign, &sought.0).await,
    }
}

/// An answer.
///
/// # Errors
/// The database's; a refusal of the campaign room.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let text = input.text();
    match step {
        Step::Name => match draft::create(&cx.deps.store, cx.actor()?, text, cx.now).await {
            Ok(campaign) => {
                cx.leave().await?;
                advance(cx, campaign).await
            }
            Err(error) => Ok(list::name_again(cx.tr, None, &refusal::sentence(cx.tr, error)?).into()),
        },
        Step::Rename { campaign } => {
            let changed = draft::edit(&cx.deps.store, cx.actor()?, campaign, Change::Name(text.to_owned()), cx.now).await;
            match changed {
                Err(CampaignError::BadName) => {
                    Ok(list::name_again(cx.tr, Some(campaign), &refusal::sentence(cx.tr, CampaignError::BadName)?).into())
                }
                other => {
                    cx.leave().await?;
                    edited(cx, campaign, other).await
                }
            }
        }
        Step::Start { campaign } => when::typed(cx, campaign, text, true).await,
        Step::End { campaign } => when::typed(cx, campaign, text, false).await,
        Step::Return { campaign, seen } => decide::give_back(cx, campaign, seen, text).await,
        Step::Launch { campaign, seen } => decide::launch(cx, campaign, seen, text).await,
        Step::Who { campaign } => people::typed(cx, campaign, text).await,
        Step::Rule { campaign, step, next_on, stamp } => steps::typed(cx, campaign, (step, stamp), next_on, text).await,
        Step::Segment { campaign, side } => choose::typed(cx, campaign, side, text).await,
    }
}

/// The card as it is now.
///
/// # Errors
/// The database's.
pub async fn live(cx: &Cx, subject: uuid::Uuid) -> Result<Option<Live>, BotError> {
    let reply = show(cx, CampaignId(subject)).await?;
    let more = reply.live.is_some();
    Ok(reply.screen.map(|screen| Live { screen, more, last: None }))
}

/// Whether a card of this campaign goes on changing by itself.
fn moving(campaign: &Campaign) -> bool {
    campaign.state.live() || (campaign.state == State::Stopped && campaign.finished_at.is_none())
}

async fn load(cx: &Cx, campaign: CampaignId) -> Result<view::Card, BotError> {
    view::card(&cx.deps.store, cx.actor()?.account, campaign).await.map_err(|error| refusal::refused(cx.tr, error))
}

async fn row(cx: &Cx, campaign: CampaignId) -> Result<Campaign, BotError> {
    campaign::get(&cx.deps.store, cx.actor()?.account, campaign).await.map_err(|error| refusal::refused(cx.tr, error))
}

async fn show_list(cx: &Cx, page: u32) -> Outcome {
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let states = view::states(store, actor.account).await.map_err(|error| refusal::refused(cx.tr, error))?;
    let count: i64 = states.iter().map(|(_, n)| n).sum();
    let page = Page::of(count, PAGE, page);
    let rows = view::page(store, actor.account, page.at, PAGE).await.map_err(|error| refusal::refused(cx.tr, error))?;
    let mut shown = Vec::with_capacity(rows.len());
    for (campaign, numbers) in rows {
        let responses = came::responses(store, actor.account, campaign.id).await.map_err(|error| refusal::refused(cx.tr, error))?;
        shown.push((campaign, numbers, responses));
    }
    Ok(list::list(cx.tr, &shown, count, page, actor.role, cx.now).into())
}

/// The card of a campaign, live while the campaign moves by itself.
async fn show(cx: &Cx, campaign: CampaignId) -> Outcome {
    let card = load(cx, campaign).await?;
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let state = card.campaign.state;
    let (mut forecast, mut samples, mut targets, mut changed, mut parts, mut alone) =
        (None, Vec::new(), Vec::new(), None, Vec::new(), false);
    // Not while scheduled: that card draws itself every few seconds, and a forecast counts every
    // contact.
    if matches!(state, State::Submitted | State::Approved) {
        forecast = Some(audience::forecast(store, &card.campaign, cx.now).await);
    }
    if state == State::Submitted {
        samples = decide::sample_texts(cx, &card.campaign).await?;
        targets = decide::targets(cx, &card.campaign).await?;
        parts = choose::filters(cx, &card).await?;
        changed = changes::load(cx, &card.campaign).await?;
        let own: Vec<_> = [Some(card.campaign.created_by), card.campaign.submitted_by].into_iter().flatten().collect();
        alone = !member::approver_besides(store, actor.account, &own).await?;
    }
    let stats = stats::stats(store, actor.account, campaign, cx.now).await?;
    let responses = came::responses(store, actor.account, campaign).await.map_err(|error| refusal::refused(cx.tr, error))?;
    let before = match (card.template(), state.over()) {
        (Some(template), true) => {
            came::before(store, &card.campaign, template.class).await.map_err(|error| refusal::refused(cx.tr, error))?
        }
        _ => None,
    };
    let costs = match state.over() {
        true => cost::of(store, actor.account, campaign).await.map_err(|error| refusal::refused(cx.tr, error))?,
        false => Costs::default(),
    };
    let forecast = match forecast {
        Some(Ok(forecast)) => Some(Ok(forecast)),
        Some(Err(error)) => Some(Err(refusal::sentence(cx.tr, error)?)),
        None => None,
    };
    let moving = moving(&card.campaign);
    let shown = Shown { card, stats, responses, before, costs, forecast, samples, targets, changes: changed, parts, alone };
    let screen = cards::card(cx.tr, &shown, actor);
    let reply = Reply::screen(screen);
    Ok(if moving { reply.live(LIVE, campaign.0) } else { reply })
}

/// What it consists of, to be changed; what cannot be changed any more is shown as it is.
async fn compose(cx: &Cx, campaign: CampaignId) -> Outcome {
    let card = load(cx, campaign).await?;
    if card.campaign.state.editable() && cx.actor()?.role.may(Right::Edit) {
        return Ok(cards::compose(cx.tr, &card).into());
    }
    show(cx, campaign).await
}

/// What is needed less often; what cannot be changed any more is shown as it is.
async fn more(cx: &Cx, campaign: CampaignId) -> Outcome {
    let card = load(cx, campaign).await?;
    if card.campaign.state.editable() { Ok(cards::more(cx.tr, &card).into()) } else { show(cx, campaign).await }
}

/// Asks for the next thing a draft lacks; a complete one is shown. The only channel there is needs
/// no question.
async fn advance(cx: &Cx, campaign: CampaignId) -> Outcome {
    choose::only_channel(cx, campaign).await?;
    let row = row(cx, campaign).await?;
    match row.missing().first().filter(|_| row.state == State::Draft) {
        Some(Missing::Template) => choose::templates(cx, &row, steps::lacking(&row, |step| step.version.is_none()), 0).await,
        Some(Missing::Audience) => choose::segments(cx, campaign, Side::Include, 0).await,
        Some(Missing::Channel) => choose::channels(cx, &row, steps::lacking(&row, |step| step.channel.is_none())).await,
        None => compose(cx, campaign).await,
    }
}

/// A choice of a step was made: the next question, or the card; of several steps the step's own.
async fn chosen(cx: &Cx, campaign: CampaignId, (step, stamp): (i16, Stamp), change: Change) -> Outcome {
    match edit_steps(cx, campaign, stamp, change).await {
        Ok(edited) => {
            let row = row(cx, campaign).await?;
            let several = row.steps.len() > 1 && row.missing().is_empty();
            let next = if several { steps::show(cx, campaign, step).await? } else { advance(cx, campaign).await? };
            Ok(told(cx, next, edited))
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// The campaign, if its steps are those that were shown: a step is named by its place among them.
async fn as_shown(cx: &Cx, campaign: CampaignId, stamp: Stamp) -> Result<Option<Campaign>, BotError> {
    let row = row(cx, campaign).await?;
    Ok((row.steps_stamp() == stamp).then_some(row))
}

/// Changes something of the steps, if they are those that were shown.
async fn edit_steps(cx: &Cx, campaign: CampaignId, stamp: Stamp, change: Change) -> campaign::Result<Edited> {
    let Some(actor) = &cx.who else { return Err(CampaignError::NotFound) };
    draft::edit_seen(&cx.deps.store, actor, campaign, change, |row| row.steps_stamp() == stamp, cx.now).await
}

async fn edit(cx: &Cx, campaign: CampaignId, change: Change) -> Outcome {
    let outcome = draft::edit(&cx.deps.store, cx.actor()?, campaign, change, cx.now).await;
    edited(cx, campaign, outcome).await
}

/// The card after an edit, with what it did.
async fn edited(cx: &Cx, campaign: CampaignId, outcome: Result<Edited, CampaignError>) -> Outcome {
    match outcome {
        Ok(edited) => Ok(told(cx, compose(cx, campaign).await?, edited)),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// Says that an approval is void, if it is.
fn told(cx: &Cx, mut reply: Reply, edited: Edited) -> Reply {
    if edited == Edited::Voided {
        reply.toast = Some(p!(cx.tr, "campaigns-voided"));
        reply.alert = true;
    }
    reply
}

async fn duplicate(cx: &Cx, campaign: CampaignId) -> Outcome {
    let row = row(cx, campaign).await?;
    let name: String = row.name.chars().take(draft::NAME_LIMIT - 10).collect();
    let name = p!(cx.tr, "campaigns-copy-name", name = name);
    match draft::duplicate(&cx.deps.store, cx.actor()?, campaign, &name, cx.now).await {
        Ok(copy) => Ok(compose(cx, copy).await?.saying(p!(cx.tr, "campaigns-duplicated"))),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

async fn decide_uncertain(cx: &Cx, campaign: CampaignId, word: control::Word, about: u32) -> Outcome {
    let channels = row(cx, campaign).await?.channels();
    match control::decide_uncertain(&cx.deps.store, cx.actor()?, campaign, word, about.into(), cx.now).await {
        Ok(count) => {
            for channel in channels {
                cx.deps.queue.ring(Job::Deliver { channel }).await;
            }
            let said = match word {
                control::Word::Resend => p!(cx.tr, "campaigns-resent", count = count),
                control::Word::Leave => p!(cx.tr, "campaigns-left", count = count),
            };
            Ok(show(cx, campaign).await?.saying(said))
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// The card with a sentence, or why it did not work.
async fn said(cx: &Cx, campaign: CampaignId, outcome: Result<(), CampaignError>, sentence: String) -> Outcome {
    match outcome {
        Ok(()) => Ok(show(cx, campaign).await?.saying(sentence)),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// What the member saw is no longer so, or it cannot be: the sentence, over a fresh card.
async fn fresh(cx: &Cx, campaign: CampaignId, error: CampaignError) -> Outcome {
    // A second press found done what it wants: that needs no alarm.
    if let CampaignError::Refused(refused) = &error
        && let Some(already) = refusal::already(cx.tr, *refused)
    {
        return Ok(show(cx, campaign).await?.saying(already));
    }
    let sentence = refusal::sentence(cx.tr, error)?;
    let mut reply = show(cx, campaign).await?.saying(sentence);
    reply.alert = true;
    Ok(reply)
}

/// What an approver is told with: the card on which they decide. `None`: there is nothing (any
/// more) for them to decide.
///
/// # Errors
/// The database's.
pub async fn decision(cx: &Cx, campaign: CampaignId) -> Result<Option<Screen>, BotError> {
    let (row, actor) = (row(cx, campaign).await?, cx.actor()?);
    let own = row.created_by == actor.member || row.submitted_by == Some(actor.member);
    if row.state != State::Submitted || own || !actor.role.may(Right::Approve) {
        return Ok(None);
    }
    Ok(show(cx, campaign).await?.screen)
}

/// A text cut to `most` characters, for buttons.
fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// A screen with a sentence above it, after an answer that changes what is shown.
fn with_note(note: &str, screen: Screen) -> Screen {
    screen.under(note)
}

#[cfg(test)]
mod stale;
#[cfg(test)]
mod story;
#[cfg(test)]
mod taps;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::campaign as sample_of;
