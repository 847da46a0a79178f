//! The cards of a campaign: what it consists of, what waits for whom. Pure.

use mms_core::{
    account::{Actor, Right, Role},
    campaign::{Campaign, Missing, State, UncertainPolicy, audience::Forecast, cost::Costs, results::Results, view},
    delivery::{Responses, stats::Stats},
    id::VersionId,
    template::{Class, links::Targets},
    text::Rich,
    words::{Reason, Why},
};

use super::{Call, Side, clip, decide, decided, progress, refusal, reviewed, steps};
use crate::{
    frame::{
        fit,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{members, templates},
    t,
};

/// UTF-16 units shown of an approver's card. What has no room is behind buttons; a line for each
/// sample that was left out comes on top.
const ROOM: usize = 3_600;
/// Of these: what the campaign consists of, and who handed it in with the forecast.
const FACTS: usize = 2_400;
const TAIL: usize = 1_100;
/// And what is said of changes that are behind a button.
const CHANGED: usize = 120;
const _: () = assert!(FACTS + TAIL < ROOM);

/// Segments named in a line.
const SEGMENTS: usize = 8;
/// Filters shown to the approver; further ones, and the rest of long ones, are behind a button.
const PARTS: usize = 6;
/// Characters of a filter shown.
const PART: usize = 250;

/// All a card is drawn from.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The campaign with names.
    pub card: view::Card,
    /// Where it stands.
    pub stats: Stats,
    /// What people did after it.
    pub responses: Responses,
    /// The last campaigns before it, to compare with; only when it is over.
    pub before: Option<Results>,
    /// What it was to cost, and what it cost; only when it is over.
    pub costs: Costs,
    /// What would happen at a launch, or why it could not be launched; only before one.
    pub forecast: Option<Result<Forecast, String>>,
    /// A recipient's message of each step, for the approver; only while submitted.
    pub samples: Vec<(i16, Rich)>,
    /// Where the messages lead, for the approver, each version once.
    pub targets: Vec<(VersionId, Targets)>,
    /// What changed since an approver decided last, for the next one; `None`: nobody decided
    /// before.
    pub changes: Option<Vec<String>>,
    /// Texts of the segments' filters, for the approver: side, name, text.
    pub parts: Vec<(Side, String, String)>,
    /// It waits for an approver, and there is none but its authors.
    pub alone: bool,
}

/// The card, whatever the campaign is at.
#[must_use]
pub fn card(tr: Tr, shown: &Shown, me: &Actor) -> Screen {
    match shown.card.campaign.state {
        State::Draft if me.role.may(Right::Edit) => compose(tr, &shown.card),
        State::Draft => {
            Screen::new(facts(tr, &shown.card, me.role)).at(Call::Card { campaign: shown.card.campaign.id }).nav(tr, Call::List { page: 0 })
        }
        State::Submitted => submitted(tr, shown, me),
        State::Approved => approved(tr, shown, me),
        State::Scheduled => scheduled(tr, shown, me),
        State::Planning | State::Running | State::Paused => progress::running(tr, shown, me),
        State::Finished | State::Stopped | State::Failed => progress::over(tr, shown, me),
    }
}

/// What it consists of, to be changed: what is missing comes first, and once nothing is, the way
/// on.
#[must_use]
pub fn compose(tr: Tr, card: &view::Card) -> Screen {
    let row = &card.campaign;
    let (campaign, stamp) = (row.id, row.steps_stamp());
    let missing = row.missing();
    let draft = row.state == State::Draft;
    // Whoever changes it may launch it too.
    let mut html = facts(tr, card, Role::Manager);
    html.push_str("\n\n");
    if !draft {
        html.push_str(&t!(tr, "campaigns-change-voids"));
    } else if missing.is_empty() {
        html.push_str(&t!(tr, "campaigns-complete"));
    } else {
        html.push_str(&t!(tr, "campaigns-missing", what = refusal::what(tr, &missing)));
    }
    let lacks = |what: Missing| missing.contains(&what);
    let mut parts: Vec<(bool, String, Call)> = vec![
        (!lacks(Missing::Template), p!(tr, "campaigns-template"), Call::Templates { campaign, step: 1, page: 0, stamp }),
        (!lacks(Missing::Audience), p!(tr, "campaigns-audience"), Call::Audience { campaign }),
        (!lacks(Missing::Channel), p!(tr, "campaigns-channel"), Call::Channels { campaign, step: 1, stamp }),
        (true, p!(tr, "campaigns-when"), Call::When { campaign }),
    ];
    // Each of several steps has a card of its own for its template and its channel.
    if card.steps.len() > 1 {
        parts.retain(|(.., call)| !matches!(call, Call::Templates { .. } | Call::Channels { .. }));
    }
    parts.sort_by_key(|(chosen, ..)| *chosen);
    let parts: Vec<Button> = parts.into_iter().map(|(chosen, text, call)| Button::call(tick(chosen, text), call)).collect();
    let forecast = Button::call(p!(tr, "campaigns-forecast"), Call::Forecast { campaign });
    let submit = draft.then(|| Button::call(p!(tr, "campaigns-submit"), Call::Submit { campaign }));
    let mut screen = Screen::new(html);
    if draft {
        screen = screen.at(Call::Card { campaign });
    }
    screen = reviewed::buttons(tr, card, screen);
    if missing.is_empty() {
        screen = screen.row([forecast].into_iter().chain(submit));
    }
    let sample = missing.is_empty().then(|| Button::call(p!(tr, "campaigns-sample"), Call::Sample { campaign, step: 1, n: 0 }));
    let screen = parts.chunks(2).fold(screen, |screen, row| screen.row(row.to_vec()));
    let screen = if missing.is_empty() || card.steps.len() > 1 { steps::rows(tr, card, screen) } else { screen };
    let screen = screen.row(sample.into_iter().chain([Button::call(p!(tr, "campaigns-more"), Call::More { campaign })]));
    if draft { screen.nav(tr, Call::List { page: 0 }) } else { screen.nav(tr, Call::Card { campaign }) }
}

/// What is needed less often.
#[must_use]
pub fn more(tr: Tr, card: &view::Card) -> Screen {
    let campaign = card.campaign.id;
    Screen::new(facts(tr, card, Role::Manager))
        .button(p!(tr, "campaigns-unknown"), Call::Policies { campaign })
        .row([
            Button::call(p!(tr, "campaigns-rename"), Call::Rename { campaign }),
            Button::call(p!(tr, "campaigns-duplicate"), Call::Duplicate { campaign }),
        ])
        .button_if(card.campaign.state == State::Draft, p!(tr, "campaigns-delete"), Call::AskDelete { campaign })
        .at(Call::More { campaign })
        .nav(tr, Call::Compose { campaign })
}

fn tick(chosen: bool, text: String) -> String {
    format!("{} {text}", if chosen { "✓" } else { "○" })
}

/// Name, state, and everything chosen; as far as there is room for it.
#[must_use]
pub fn facts(tr: Tr, card: &view::Card, role: Role) -> String {
    let row = &card.campaign;
    let review: String = reviewed::lines(tr, card).into_iter().map(|line| format!("\n{line}")).collect();
    if card.steps.len() > 1 {
        let lines: Vec<String> = card.steps.iter().map(|step| steps::line(tr, step)).collect();
        let html = t!(
            tr,
            "campaigns-facts-steps",
            name = &row.name,
            state = Html(headline(tr, row, role)),
            steps = Html(lines.join("\n")),
            audience = Html(audience(tr, card)),
            window = Html(window(tr, row)),
            unknown = policy(tr, row.uncertain_policy)
        );
        return fit::fitted(&(html + &review), FACTS).into_owned();
    }
    let html = t!(
        tr,
        "campaigns-facts",
        name = &row.name,
        state = Html(headline(tr, row, role)),
        template = Html(template(tr, card.template())),
        audience = Html(audience(tr, card)),
        channel = Html(channel(tr, card.channel())),
        window = Html(window(tr, row)),
        unknown = policy(tr, row.uncertain_policy)
    );
    fit::fitted(&(html + &review), FACTS).into_owned()
}

/// The state in a line, with what led to it.
fn headline(tr: Tr, row: &Campaign, role: Role) -> String {
    let line = format!("{} {}", refusal::mark(row.state), refusal::state(tr, row.state));
    let more = match (row.state, row.state_reason.as_ref().and_then(Why::known)) {
        (State::Draft, Some(Reason::ApprovalVoid)) => t!(tr, "campaigns-was-voided"),
        // Until it is handed in again: what is to be mended is not forgotten with the first change.
        (State::Draft, _) if row.comment.is_some() => {
            t!(tr, "campaigns-was-returned", comment = row.comment.as_deref().unwrap_or_default())
        }
        (State::Approved, Some(Reason::AudienceGrew)) => t!(tr, "campaigns-was-outgrown", may = progress::may(role)),
        _ => return line,
    };
    format!("{line}\n{more}")
}

/// A template in a line.
#[must_use]
pub fn template(tr: Tr, template: Option<&view::CardTemplate>) -> String {
    let Some(template) = template else { return t!(tr, "campaigns-not-chosen") };
    let class = match template.class {
        Class::Advertising => p!(tr, "campaigns-class-advertising"),
        Class::Service => p!(tr, "campaigns-class-service"),
    };
    let line = t!(tr, "campaigns-template-line", name = clip(&template.name, 60), number = template.number, class = class);
    if template.approved { line } else { format!("{line} {}", t!(tr, "campaigns-template-unapproved")) }
}

/// Segments by name, a few of them.
fn names(tr: Tr, list: &[(mms_core::id::SegmentId, Option<String>)], any: bool) -> String {
    let mut names: Vec<String> = list
        .iter()
        .take(SEGMENTS)
        .map(|(_, name)| {
            name.as_ref().map_or_else(|| p!(tr, "campaigns-segment-gone"), |name| p!(tr, "campaigns-quoted", name = clip(name, 60)))
        })
        .collect();
    if list.len() > SEGMENTS {
        names.push(p!(tr, "campaigns-and-more", count = list.len() - SEGMENTS));
    }
    match names.pop() {
        Some(last) if !names.is_empty() && any => p!(tr, "campaigns-or", first = names.join(", "), second = last),
        Some(last) if !names.is_empty() => p!(tr, "campaigns-and", first = names.join(", "), second = last),
        last => last.unwrap_or_default(),
    }
}

/// The audience in words.
#[must_use]
pub fn audience(tr: Tr, card: &view::Card) -> String {
    let (include, exclude) = (|| names(tr, &card.include, true), || names(tr, &card.exclude, false));
    match (card.include.is_empty(), card.exclude.is_empty()) {
        (true, true) if card.campaign.audience.undecided => t!(tr, "campaigns-undecided"),
        (true, false) if card.campaign.audience.undecided => t!(tr, "campaigns-undecided-but", exclude = exclude()),
        (true, true) => t!(tr, "campaigns-everybody"),
        (true, false) => t!(tr, "campaigns-everybody-but", exclude = exclude()),
        (false, true) => t!(tr, "campaigns-only", include = include()),
        (false, false) => t!(tr, "campaigns-only-but", include = include(), exclude = exclude()),
    }
}

/// The audience in a sentence, where it is chosen.
#[must_use]
pub fn audience_now(tr: Tr, card: &view::Card) -> String {
    if !card.campaign.audience.undecided || !card.include.is_empty() {
        return t!(tr, "campaigns-chosen", what = Html(audience(tr, card)));
    }
    if card.exclude.is_empty() {
        t!(tr, "campaigns-nobody-yet")
    } else {
        t!(tr, "campaigns-nobody-yet-but", exclude = names(tr, &card.exclude, false))
    }
}

/// A channel in a line.
#[must_use]
pub fn channel(tr: Tr, channel: Option<&(String, bool)>) -> String {
    match channel {
        None => t!(tr, "campaigns-not-chosen"),
        Some((name, true)) => t!(tr, "campaigns-channel-line", name = clip(name, 60)),
        Some((name, false)) => t!(tr, "campaigns-channel-stopped", name = clip(name, 60)),
    }
}

/// When, in words.
#[must_use]
pub fn window(tr: Tr, row: &Campaign) -> String {
    let start = match row.starts_at {
        None => t!(tr, "campaigns-at-launch"),
        Some(at) => t!(tr, "campaigns-at", time = tr.moment(at)),
    };
    match row.ends_at {
        None => start,
        Some(at) => t!(tr, "campaigns-until", start = Html(start), time = tr.moment(at)),
    }
}

/// What becomes of unknown outcomes, in words.
#[must_use]
pub fn policy(tr: Tr, policy: UncertainPolicy) -> String {
    match policy {
        UncertainPolicy::Leave => p!(tr, "campaigns-policy-leave"),
        UncertainPolicy::Ask => p!(tr, "campaigns-policy-ask"),
        UncertainPolicy::Resend => p!(tr, "campaigns-policy-resend"),
    }
}

/// Waits for an approver.
fn submitted(tr: Tr, shown: &Shown, me: &Actor) -> Screen {
    let card = &shown.card;
    let row = &card.campaign;
    let campaign = row.id;
    let own = row.created_by == me.member || row.submitted_by == Some(me.member);
    // What the decision is about comes first; the rest shares what room is left.
    let facts = facts(tr, card, me.role);
    let mut tail = vec![
        t!(tr, "campaigns-submitted-by", name = card.submitted_by.as_deref().unwrap_or_default()),
        decide::outlook(tr, row, shown.forecast.as_ref()),
    ];
    if shown.alone {
        tail.push(members::nobody_approves(tr, me.role));
    } else if me.role.may(Right::Approve) && own {
        tail.push(t!(tr, "campaigns-own-work"));
    }
    let tail = fit::fitted(&tail.join("\n\n"), TAIL).into_owned();
    let left = ROOM.saturating_sub(fit::shown(&facts) + fit::shown(&tail));
    let conditions = decided::conditions(tr, &shown.parts, PART);
    let (first, all) = fit::within(&conditions[..conditions.len().min(PARTS)], left / 2);
    let more_conditions = !all || first.len() < conditions.len() || shown.parts.iter().any(|(.., text)| text.chars().count() > PART);
    let mut html = facts;
    html.extend(first.iter().map(|line| format!("\n{line}")));
    let left = left.saturating_sub(first.iter().map(|line| fit::shown(line) + 1).sum());
    let mut more_changes = false;
    match shown.changes.as_deref() {
        None => {}
        Some([]) => html.push_str(&format!("\n\n{}", t!(tr, "campaigns-changed-nothing"))),
        Some(lines) => {
            let (first, all) = fit::within(lines, left.saturating_sub(CHANGED));
            more_changes = !all;
            html.push_str(&format!("\n\n{}", t!(tr, "campaigns-changed")));
            html.extend(first.iter().map(|line| format!("\n{line}")));
            if more_changes {
                html.push_str(&format!("\n{}", t!(tr, "campaigns-changed-more", count = lines.len() - first.len())));
            }
        }
    }
    html.push_str(&format!("\n\n{tail}"));
    let mut all_targets = Vec::new();
    for (version, targets) in &shown.targets {
        let (lead, whole) = templates::targets_on_card(tr, targets);
        let fits = |lead: &String| fit::shown(&html) + fit::shown(lead) < ROOM;
        let lead = lead.filter(fits);
        let whole = whole && (lead.is_some() || targets.is_empty());
        html.extend(lead.map(|lead| format!("\n\n{lead}")));
        all_targets.extend((!whole).then_some(templates::Call::Targets { version: *version, page: 0 }));
    }
    for (step, sample) in &shown.samples {
        let quoted = if card.steps.len() > 1 {
            t!(tr, "campaigns-sample-quoted-step", step = *step, text = Html(sample.to_html()))
        } else {
            t!(tr, "campaigns-sample-quoted", text = Html(sample.to_html()))
        };
        if fit::shown(&html) + fit::shown(&quoted) < ROOM && quotable(sample) {
            html.push_str("\n\n");
            html.push_str(&quoted);
        } else if card.steps.len() > 1 {
            html.push_str("\n\n");
            html.push_str(&t!(tr, "campaigns-sample-left-out", step = *step));
        }
    }
    // Eight hex digits always fit.
    let seen = row.submitted_hash.as_deref().and_then(decide::seen).unwrap_or_default();
    let may = me.role.may(Right::Approve) && !own;
    let decision = [
        Button::call(p!(tr, "campaigns-approve"), Call::Approve { campaign, seen }),
        Button::call(p!(tr, "campaigns-return"), Call::AskReturn { campaign, seen }),
    ];
    let screen = Screen::new(html)
        .at(Call::Card { campaign })
        .row(may.then_some(decision).into_iter().flatten())
        .button_if(shown.alone && me.role.may(Right::Own), p!(tr, "members-invite"), members::Call::Invite)
        .row([
            Button::call(p!(tr, "campaigns-sample"), Call::Sample { campaign, step: 1, n: 0 }),
            Button::call(p!(tr, "campaigns-forecast"), Call::Forecast { campaign }),
        ]);
    let changes = more_changes.then(|| Button::call(p!(tr, "campaigns-changes-button"), Call::Changes { campaign, page: 0 }));
    let conditions = more_conditions.then(|| Button::call(p!(tr, "campaigns-conditions-button"), Call::Conditions { campaign, page: 0 }));
    let screen = screen.row(changes.into_iter().chain(conditions));
    let screen = all_targets.into_iter().fold(screen, |screen, call| screen.button(p!(tr, "campaigns-targets"), call));
    let screen = if me.role.may(Right::Edit) { reviewed::buttons(tr, card, screen) } else { screen };
    screen.button_if(me.role.may(Right::Edit), p!(tr, "campaigns-change"), Call::Compose { campaign }).nav(tr, Call::List { page: 0 })
}

/// Telegram does not put a quotation into a quotation.
fn quotable(sample: &Rich) -> bool {
    !sample.spans.iter().any(|span| span.style == mms_core::text::Style::Quote)
}

/// May be launched.
fn approved(tr: Tr, shown: &Shown, me: &Actor) -> Screen {
    let card = &shown.card;
    let campaign = card.campaign.id;
    let mut html = facts(tr, card, me.role);
    html.push_str("\n\n");
    html.push_str(&t!(tr, "campaigns-approved-by", name = card.approved_by.as_deref().unwrap_or_default(), may = progress::may(me.role)));
    html.push_str("\n\n");
    html.push_str(&decide::outlook(tr, &card.campaign, shown.forecast.as_ref()));
    let edit = me.role.may(Right::Edit);
    Screen::new(html)
        .at(Call::Card { campaign })
        .button_if(edit, p!(tr, "campaigns-launch"), Call::AskLaunch { campaign })
        .row([
            Button::call(p!(tr, "campaigns-sample"), Call::Sample { campaign, step: 1, n: 0 }),
            Button::call(p!(tr, "campaigns-forecast"), Call::Forecast { campaign }),
        ])
        .button_if(edit, p!(tr, "campaigns-change"), Call::Compose { campaign })
        .nav(tr, Call::List { page: 0 })
}

/// Waits for its time.
fn scheduled(tr: Tr, shown: &Shown, me: &Actor) -> Screen {
    let card = &shown.card;
    let campaign = card.campaign.id;
    let mut html = facts(tr, card, me.role);
    html.push_str("\n\n");
    html.push_str(&t!(
        tr,
        "campaigns-scheduled-by",
        name = card.launched_by.as_deref().unwrap_or_default(),
        count = card.campaign.confirmed_count.unwrap_or_default()
    ));
    let screen = Screen::new(html).at(Call::Card { campaign });
    let screen = if me.role.may(Right::Edit) {
        screen.row([
            Button::call(p!(tr, "campaigns-recall"), Call::Recall { campaign }),
            Button::call(p!(tr, "campaigns-stop"), Call::AskStop { campaign }),
        ])
    } else {
        screen
    };
    screen.button(p!(tr, "campaigns-forecast"), Call::Forecast { campaign }).nav(tr, Call::List { page: 0 })
}
