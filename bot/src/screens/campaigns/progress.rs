//! A campaign that goes, waits, or is over, in numbers and words: pure.

use chrono::TimeDelta;
use mms_core::{
    account::{Actor, Right, Role},
    campaign::{Campaign, State, UncertainPolicy, control, view},
    delivery::{self, Numbers, Responses, stats::Stats},
    words::{Reason, Why},
};

use super::{Call, Shown, cards, costs, decide, refusal, results, reviewed, steps};
use crate::{
    frame::screen::{Button, Screen},
    i18n::{Html, Tr},
    p,
    screens::evidence,
    t,
    words::{capital, reasons},
};

/// Cells of the bar.
const CELLS: usize = 12;
/// Reasons shown of each kind; the list of recipients has all.
const REASONS: usize = 6;

/// `▓▓▓▓░░░░ 42 %`.
#[must_use]
pub fn bar(tr: Tr, done: i64, all: i64) -> String {
    let share = if all <= 0 { 0 } else { usize::try_from(done.clamp(0, all)).unwrap_or(0) * CELLS / usize::try_from(all).unwrap_or(1) };
    format!("{}{} {}", "▓".repeat(share), "░".repeat(CELLS - share), mms_core::text::escape(&tr.percent(done, all)))
}

/// Its name and how it stands; with a bar, of so many, and the numbers once it is planned.
fn head(tr: Tr, row: &Campaign, stats: &Stats, standing: &str, done: i64) -> String {
    let mut html = t!(tr, "campaigns-progress-title", mark = refusal::mark(row.state), name = &row.name);
    html.push('\n');
    html.push_str(standing);
    if row.planned_at.is_some() {
        html.push_str(&format!("\n\n{}\n{}", bar(tr, done, stats.numbers.planned), numbers(tr, stats)));
    }
    html
}

/// Goes, or waits.
#[must_use]
pub fn running(tr: Tr, shown: &Shown, me: &Actor) -> Screen {
    let (card, stats) = (&shown.card, &shown.stats);
    let all = &stats.numbers;
    let row = &card.campaign;
    let campaign = row.id;
    let mut html = head(tr, row, stats, &standing(tr, row, all, me.role), all.planned - all.open());
    if row.planned_at.is_some() {
        if shown.responses != Responses::default() {
            html.push('\n');
            html.push_str(&results::responses(tr, all, &shown.responses));
        }
        if card.steps.len() > 1 {
            html.push_str(&format!("\n\n{}", steps::progress(tr, card)));
        }
        if row.state == State::Running {
            html.push_str(&pace(tr, stats));
            html.push_str(&waits(tr, card));
        }
    }
    html.push_str("\n\n");
    let through = Html(channels(tr, card));
    html.push_str(&t!(tr, "campaigns-channel-and-window", channel = through, window = Html(cards::window(tr, row))));
    for line in reviewed::lines(tr, card) {
        html.push('\n');
        html.push_str(&line);
    }
    let asks = asks(row);
    if asks {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "campaigns-ask-uncertain", count = all.people.unknown));
    }
    let mut screen = Screen::new(html).at(Call::Card { campaign });
    if me.role.may(Right::Edit) {
        if asks {
            // Nobody sends so many that they do not fit.
            let about = u32::try_from(all.people.unknown).unwrap_or(u32::MAX);
            screen = screen
                .button(p!(tr, "campaigns-uncertain-resend"), Call::Decide { campaign, word: control::Word::Resend, about })
                .button(p!(tr, "campaigns-uncertain-leave"), Call::Decide { campaign, word: control::Word::Leave, about });
        }
        let toggle = if row.state == State::Paused {
            (!asks).then(|| Button::call(p!(tr, "campaigns-resume"), Call::Resume { campaign }))
        } else {
            Some(Button::call(p!(tr, "campaigns-pause"), Call::Pause { campaign }))
        };
        screen = screen.row(toggle.into_iter().chain([Button::call(p!(tr, "campaigns-stop"), Call::AskStop { campaign })]));
    }
    let screen = if row.planned_at.is_some() { files(screen, tr, campaign, me.role) } else { screen };
    screen.nav(tr, Call::List { page: 0 })
}

/// Through what it goes; a channel that sends nothing now says so.
fn channels(tr: Tr, card: &view::Card) -> String {
    let mut names: Vec<String> = card.steps.iter().map(|step| cards::channel(tr, step.channel.as_ref())).collect();
    names.dedup();
    names.join(" → ")
}

fn channel(card: &view::Card) -> String {
    let mut names: Vec<&str> = card.steps.iter().filter_map(|step| step.channel.as_ref()).map(|(name, _)| name.as_str()).collect();
    names.dedup();
    names.join(" → ")
}

/// Whether the campaign waits for a word on unknown outcomes.
fn asks(row: &Campaign) -> bool {
    row.state == State::Paused && row.uncertain_policy == UncertainPolicy::Ask && row.state_reason == Some(Reason::Uncertain.into())
}

/// What it is doing, in a line.
fn standing(tr: Tr, row: &Campaign, all: &Numbers, role: Role) -> String {
    match (row.state, &row.state_reason) {
        (State::Planning, _) => t!(tr, "campaigns-is-planning"),
        (State::Paused, reason) => {
            reason.as_ref().and_then(|why| paused(tr, why, role)).unwrap_or_else(|| t!(tr, "campaigns-is-paused", sending = all.sending))
        }
        (State::Running, _) if all.open() == 0 && all.people.open > 0 => t!(tr, "campaigns-is-waiting-on", people = all.people.open),
        _ => t!(tr, "campaigns-is-running"),
    }
}

/// For texts that say what comes next: whether the reader can do it.
#[must_use]
pub fn may(role: Role) -> &'static str {
    if role.may(Right::Edit) { "yes" } else { "no" }
}

/// Why a campaign paused, in a sentence; `None`: a member wanted it. Nobody is told to press what
/// their role has no button for.
#[must_use]
pub fn paused(tr: Tr, why: &Why, role: Role) -> Option<String> {
    let may = may(role);
    Some(match why {
        Why::Is(Reason::Member) => return None,
        Why::Is(Reason::LostPhone) => t!(tr, "campaigns-is-paused-phone"),
        Why::Is(Reason::Uncertain) => t!(tr, "campaigns-is-paused-uncertain"),
        Why::Is(Reason::Licence) => t!(tr, "campaigns-is-paused-licence", may = may),
        Why::Is(Reason::PlanLimit) => t!(tr, "campaigns-is-paused-plan", may = may),
        Why::Is(Reason::Template) => t!(tr, "campaigns-is-paused-template", may = may),
        Why::Is(Reason::TemplateBarred) => t!(tr, "campaigns-is-paused-barred", may = may),
        Why::Is(Reason::Restored) => t!(tr, "campaigns-is-paused-restored"),
        Why::AllFailed(each) => t!(tr, "campaigns-is-paused-refused", reason = reasons::why(tr, each), may = may),
        other => t!(tr, "campaigns-is-paused-other", reason = reasons::why(tr, other)),
    })
}

/// Sent, failed, left out, unknown, cancelled, waiting: lines with something in them.
fn numbers(tr: Tr, stats: &Stats) -> String {
    let all = &stats.numbers;
    let mut lines = vec![t!(tr, "campaigns-sent-of", sent = all.sent, planned = all.planned)];
    let mut some = |n: i64, line: &dyn Fn() -> String| lines.extend((n > 0).then(line));
    some(all.delivered, &|| match stats.read_after {
        Some(after) => {
            t!(tr, "campaigns-n-delivered-after", count = all.delivered, read = all.read, after = tr.duration(after))
        }
        None => t!(tr, "campaigns-n-delivered", count = all.delivered, read = all.read),
    });
    some(all.failed, &|| t!(tr, "campaigns-n-failed", count = all.failed));
    some(all.dropped, &|| t!(tr, "campaigns-n-dropped", count = all.dropped));
    some(all.uncertain, &|| t!(tr, "campaigns-n-uncertain", count = all.uncertain));
    some(all.cancelled, &|| t!(tr, "campaigns-n-cancelled", count = all.cancelled));
    some(all.open(), &|| t!(tr, "campaigns-n-waiting", count = all.queued, sending = all.sending));
    some(all.left_out, &|| t!(tr, "campaigns-n-left-out", count = all.left_out));
    lines.join("\n")
}

/// Rate and remaining time, when something goes.
fn pace(tr: Tr, stats: &Stats) -> String {
    let rate = (stats.rate * 10.0).round() / 10.0;
    match stats.remaining.and_then(|left| TimeDelta::from_std(left).ok()) {
        Some(left) => format!("\n{}", t!(tr, "campaigns-pace", rate = rate, left = tr.duration(left))),
        None => String::new(),
    }
}

/// Who may not be begun with yet, a line a step.
fn waits(tr: Tr, card: &view::Card) -> String {
    let waiting = card.steps.iter().filter_map(|step| Some((step.channel.as_ref()?, step.daily?)));
    let line = |((channel, _), daily): (&(String, bool), view::CardDaily)| {
        format!("\n{}", t!(tr, "campaigns-waits-today", channel = channel, most = daily.most, until = tr.moment(daily.until)))
    };
    waiting.map(line).collect()
}

fn files(screen: Screen, tr: Tr, campaign: mms_core::id::CampaignId, role: Role) -> Screen {
    let sheet = role.may(Right::Export).then(|| Button::call(p!(tr, "campaigns-sheet"), Call::Sheet { campaign }));
    screen
        .row([Button::call(p!(tr, "campaigns-chart"), Call::Chart { campaign })].into_iter().chain(sheet))
        .button(p!(tr, "campaigns-who"), Call::AskWho { campaign })
        .button_if(role.may(Right::Evidence), p!(tr, "evidence-make"), evidence::Call::Campaign { campaign })
}

/// Is over: the report.
#[must_use]
pub fn over(tr: Tr, shown: &Shown, me: &Actor) -> Screen {
    let (card, stats) = (&shown.card, &shown.stats);
    let all = &stats.numbers;
    let row = &card.campaign;
    let campaign = row.id;
    let mut html = head(tr, row, stats, &ending(tr, row, all), all.sent);
    if row.planned_at.is_some() {
        let did = results::responses(tr, all, &shown.responses);
        let before = shown.before.as_ref().map(|before| results::compared(tr, before)).filter(|_| !did.is_empty());
        html.extend([did].into_iter().chain(before).filter(|line| !line.is_empty()).map(|line| format!("\n\n{line}")));
        if card.steps.len() > 1 {
            html.push_str(&format!("\n\n{}", steps::progress(tr, card)));
        }
        html.push_str(&why(tr, all));
        let cost = costs::report(tr, card, &shown.costs);
        if !cost.is_empty() {
            html.push_str(&format!("\n\n{cost}"));
        }
        if let (Some(from), Some(to)) = (row.planned_at, row.finished_at) {
            html.push_str("\n\n");
            html.push_str(&t!(tr, "campaigns-took", duration = decide::takes(tr, to - from)));
        }
    }
    html.push_str("\n\n");
    html.push_str(&story(tr, card));
    let screen = Screen::new(html).at(Call::Card { campaign });
    let screen = if row.planned_at.is_some() { files(screen, tr, campaign, me.role) } else { screen };
    screen.button_if(me.role.may(Right::Edit), p!(tr, "campaigns-duplicate"), Call::Duplicate { campaign }).nav(tr, Call::List { page: 0 })
}

fn ending(tr: Tr, row: &Campaign, all: &Numbers) -> String {
    let time = row.finished_at.map(|at| tr.moment(at)).unwrap_or_default();
    match (row.state, row.finished_at) {
        (State::Finished, _) => t!(tr, "campaigns-is-finished", time = time),
        (State::Stopped, None) => t!(tr, "campaigns-is-stopping", count = all.open()),
        (State::Stopped, Some(_)) => t!(tr, "campaigns-is-stopped", time = time),
        _ if row.state_reason == Some(Reason::WindowClosed.into()) => t!(tr, "campaigns-is-missed"),
        _ => t!(tr, "campaigns-is-failed", reason = row.state_reason.as_ref().map(|why| reasons::why(tr, why)).unwrap_or_default()),
    }
}

/// Reasons of whatever has one, the most frequent first.
fn why(tr: Tr, all: &Numbers) -> String {
    let mut html = String::new();
    let kinds = [delivery::State::Failed, delivery::State::Skipped, delivery::State::Uncertain, delivery::State::Cancelled];
    for state in kinds {
        let sums = all.ranked(state);
        if sums.is_empty() {
            continue;
        }
        let title = capital(&reasons::state(tr, state.as_str()));
        html.push_str(&format!("\n\n{}", t!(tr, "campaigns-why", title = title)));
        for (reason, n) in sums.iter().take(REASONS) {
            html.push_str(&format!("\n{}", t!(tr, "campaigns-reason-line", reason = reasons::why(tr, reason), count = *n)));
        }
        if sums.len() > REASONS {
            html.push_str(&format!("\n{}", t!(tr, "campaigns-why-more")));
        }
    }
    html
}

/// What went, by whom.
fn story(tr: Tr, card: &view::Card) -> String {
    let (approved, launched) = (card.approved_by.as_deref().unwrap_or("—"), card.launched_by.as_deref().unwrap_or("—"));
    if card.steps.len() > 1 {
        let said = |step: &view::CardStep| {
            let (template, channel) = (cards::template(tr, step.template.as_ref()), cards::channel(tr, step.channel.as_ref()));
            t!(tr, "campaigns-story-step", step = step.step, template = Html(template), channel = Html(channel))
        };
        let steps: Vec<String> = card.steps.iter().map(said).collect();
        let steps = Html(steps.join("\n"));
        return t!(tr, "campaigns-story-steps", steps = steps, created = &card.created_by, approved = approved, launched = launched);
    }
    let template = card.template();
    t!(
        tr,
        "campaigns-story",
        template = template.map(|template| template.name.as_str()).unwrap_or_default(),
        number = template.map(|template| template.number).unwrap_or_default(),
        channel = channel(card),
        created = &card.created_by,
        approved = approved,
        launched = launched
    )
}

/// Stop for good?
#[must_use]
pub fn ask_stop(tr: Tr, card: &view::Card) -> Screen {
    let (row, numbers) = (&card.campaign, &card.numbers);
    let campaign = row.id;
    // Whoever waits for a further step; the others of the open ones wait or are in flight.
    let further = (numbers.people.open - numbers.open()).max(0);
    let html = if row.planned_at.is_some() {
        t!(tr, "campaigns-ask-stop", name = &row.name, sent = numbers.sent, queued = numbers.queued, sending = numbers.sending)
    } else {
        t!(tr, "campaigns-ask-stop-early", name = &row.name)
    };
    let html = if further > 0 { format!("{html}\n\n{}", t!(tr, "campaigns-ask-stop-next", people = further)) } else { html };
    Screen::new(html).button(p!(tr, "campaigns-stop-now"), Call::Stop { campaign }).nav(tr, Call::Card { campaign })
}
