//! Why something cannot be done with a campaign, as a sentence.

use mms_core::campaign::{CampaignError, Event, Missing, Refused, State};

use crate::{frame::error::BotError, i18n::Tr, p, screens::agreement, words};

/// A sentence for a refusal; `Err` for what is no refusal but a failure or a missing thing.
///
/// # Errors
/// [`BotError::Gone`], [`BotError::Forbidden`], [`BotError::Database`], [`BotError::Other`].
pub fn sentence(tr: Tr, error: CampaignError) -> Result<String, BotError> {
    use CampaignError as E;
    Ok(match error {
        E::Db(error) => return Err(error.into()),
        E::NotFound => return Err(BotError::Gone),
        E::NotAllowed(_) => return Err(BotError::Forbidden),
        E::Report(words) => return Err(BotError::Other(anyhow::anyhow!("a report was not made: {words}"))),
        E::Refused(refused) => p!(tr, "campaigns-refused-state", state = state(tr, refused.state)),
        E::Changed => p!(tr, "campaigns-refused-changed"),
        E::Incomplete(missing) => p!(tr, "campaigns-refused-incomplete", what = what(tr, &missing)),
        E::BadName => p!(tr, "campaigns-refused-name", max = mms_core::campaign::draft::NAME_LIMIT),
        E::BadComment => p!(tr, "campaigns-comment-bad", max = mms_core::campaign::approval::COMMENT_LIMIT),
        E::BadWait => p!(tr, "campaigns-refused-wait"),
        E::TooManySteps => p!(tr, "campaigns-refused-steps", most = mms_core::campaign::STEPS),
        E::NoStep => p!(tr, "campaigns-refused-step"),
        E::BadWindow => p!(tr, "campaigns-refused-window"),
        E::WindowClosed => p!(tr, "campaigns-refused-closed"),
        E::TemplateNotApproved => p!(tr, "campaigns-refused-template"),
        E::ChannelNotActive => p!(tr, "campaigns-refused-channel"),
        E::NeedsProviderTemplate(kind) => super::reviewed::needed(tr, kind),
        E::ProviderTemplate { kind, state, reason } => super::reviewed::refused(tr, kind, state, reason.as_deref()),
        E::SegmentMissing(_) => p!(tr, "campaigns-refused-segment"),
        E::SegmentBroken { name, .. } => p!(tr, "campaigns-refused-broken", name = name),
        E::BadZone(zone) => p!(tr, "campaigns-refused-zone", zone = zone),
        E::Lint(findings) => {
            let errors = findings.iter().filter(|finding| finding.severity == mms_core::template::lint::Severity::Error).count();
            p!(tr, "campaigns-refused-lint", count = errors)
        }
        E::OwnWork => p!(tr, "campaigns-refused-own"),
        E::FreshPassword(until) => p!(tr, "account-no-approvals", until = tr.moment(until)),
        E::ApprovalVoid => p!(tr, "campaigns-refused-void"),
        E::Law(steps) => p!(tr, "law-refused-short", rules = super::lawful::rules(&steps)),
        E::AdvertisingHeld => p!(tr, "campaigns-refused-advertising"),
        E::Maintenance(until) => p!(tr, "campaigns-refused-maintenance", until = tr.moment(until)),
        E::NotAccepted(document, _) => p!(tr, "campaigns-refused-agreement", name = agreement::name(tr, document)),
        E::Suspended(reason) => p!(tr, "campaigns-refused-suspended", reason = reason),
        E::FeatureOff(off) => words::functions::off(tr, &off),
        E::Heavy(heavy) => words::heavy(tr, heavy),
        E::NoLicence => p!(tr, "campaigns-refused-licence"),
        E::OverLimit(over) => p!(tr, "campaigns-refused-plan", plan = words::plan(tr, over.plan), allowed = over.allowed),
        E::WrongCount { typed, planned } => p!(tr, "campaigns-refused-count", typed = tr.number(typed), planned = tr.number(planned)),
        E::Nobody => p!(tr, "campaigns-refused-nobody"),
    })
}

/// The same as an error for `?`.
#[must_use]
pub fn refused(tr: Tr, error: CampaignError) -> BotError {
    match sentence(tr, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

/// A second press, or a colleague's first: what was wanted is done. `None`: something else is.
#[must_use]
pub fn already(tr: Tr, refused: Refused) -> Option<String> {
    Some(match (refused.event, refused.state) {
        (Event::Pause, State::Paused) => p!(tr, "campaigns-already-paused"),
        (Event::Resume { .. }, State::Running | State::Planning) => p!(tr, "campaigns-already-running"),
        (Event::Stop, State::Stopped) => p!(tr, "campaigns-already-stopped"),
        (Event::Submit, State::Submitted) => p!(tr, "campaigns-already-submitted"),
        (Event::Approve, State::Approved | State::Scheduled | State::Planning | State::Running) => p!(tr, "campaigns-already-approved"),
        (Event::Start | Event::Schedule, State::Scheduled | State::Planning | State::Running) => p!(tr, "campaigns-already-launched"),
        (Event::Recall, State::Approved) => p!(tr, "campaigns-already-recalled"),
        _ => return None,
    })
}

/// What is missing, in words.
#[must_use]
pub fn what(tr: Tr, missing: &[Missing]) -> String {
    let words: Vec<String> = missing
        .iter()
        .map(|missing| match missing {
            Missing::Template => p!(tr, "campaigns-missing-template"),
            Missing::Audience => p!(tr, "campaigns-missing-audience"),
            Missing::Channel => p!(tr, "campaigns-missing-channel"),
        })
        .collect();
    words.join(", ")
}

/// A state's name.
#[must_use]
pub fn state(tr: Tr, state: State) -> String {
    match state {
        State::Draft => p!(tr, "campaigns-state-draft"),
        State::Submitted => p!(tr, "campaigns-state-submitted"),
        State::Approved => p!(tr, "campaigns-state-approved"),
        State::Scheduled => p!(tr, "campaigns-state-scheduled"),
        State::Planning => p!(tr, "campaigns-state-planning"),
        State::Running => p!(tr, "campaigns-state-running"),
        State::Paused => p!(tr, "campaigns-state-paused"),
        State::Finished => p!(tr, "campaigns-state-finished"),
        State::Stopped => p!(tr, "campaigns-state-stopped"),
        State::Failed => p!(tr, "campaigns-state-failed"),
    }
}

/// A state's mark.
#[must_use]
pub fn mark(state: State) -> &'static str {
    match state {
        State::Draft => "✏️",
        State::Submitted => "⏳",
        State::Approved => "✅",
        State::Scheduled => "🗓",
        State::Planning => "⚙️",
        State::Running => "▶️",
        State::Paused => "⏸",
        State::Finished => "🏁",
        State::Stopped => "⏹",
        State::Failed => "⚠️",
    }
}
