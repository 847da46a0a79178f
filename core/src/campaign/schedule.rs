//! When things happen to a campaign without anybody's hand: pure rules over what its rows say,
//! `now` an argument.

use chrono::TimeDelta;

use super::{State, UncertainPolicy};
use crate::clock::Moment;

/// How long a campaign may be in planning before the bell is rung again: its worker may have died.
pub const PLAN_AGAIN: TimeDelta = TimeDelta::seconds(10);

/// What the rows say of a launched campaign that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    pub starts_at: Option<Moment>,
    /// After which nothing more is sent.
    pub ends_at: Option<Moment>,
    /// What becomes of messages with an unknown outcome.
    pub policy: UncertainPolicy,
    /// Whether its deliveries exist.
    pub planned: bool,
    /// The last change of its state.
    pub moved_at: Moment,
    /// Deliveries waiting.
    pub queued: i64,
    /// Deliveries in flight.
    pub sending: i64,
    /// Deliveries whose outcome is not known.
    pub uncertain: i64,
    /// People to whom a further step may still go.
    pub waiting: i64,
}

/// What is to be done with a campaign now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Due {
    /// Its time has come: plan it.
    Start,
    /// Its window closed before it could be planned.
    Missed,
    /// It is in planning and nobody seems to plan: ring.
    Plan,
    /// Its window closed with messages waiting: cancel them.
    CloseWindow,
    /// It was stopped, and messages came back to the queue since (a limit of the provider): cancel
    /// them too.
    CancelLeft,
    /// Messages with an unknown outcome wait for a member's word.
    AskUncertain,
    /// Every message is at rest: close the books.
    Close,
}

/// Whether the window in which messages may go has closed.
#[must_use]
pub fn window_closed(ends_at: Option<Moment>, now: Moment) -> bool {
    ends_at.is_some_and(|end| end <= now)
}

/// Whether a start lies in the future.
#[must_use]
pub fn starts_later(starts_at: Option<Moment>, now: Moment) -> bool {
    starts_at.is_some_and(|start| start > now)
}

/// How long `messages` take at `rate` a second.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "message counts are far below 2^52")]
pub fn takes(messages: i64, rate: f64) -> TimeDelta {
    TimeDelta::milliseconds((messages as f64 / rate * 1_000.0).ceil() as i64)
}

/// How many messages go in `time` at `rate` a second.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "message counts are far below 2^52")]
pub fn fits(time: TimeDelta, rate: f64) -> i64 {
    (time.num_milliseconds().max(0) as f64 * rate / 1_000.0).floor() as i64
}

/// What is to be done now, if anything.
#[must_use]
pub fn due(s: &Standing, now: Moment) -> Option<Due> {
    let closed = window_closed(s.ends_at, now);
    match s.state {
        State::Scheduled if closed => Some(Due::Missed),
        State::Scheduled => (!starts_later(s.starts_at, now)).then_some(Due::Start),
        // Moved later than now: the clock was set back since.
        State::Planning => (s.moved_at + PLAN_AGAIN <= now || s.moved_at > now + PLAN_AGAIN).then_some(Due::Plan),
        State::Paused if !s.planned => closed.then_some(Due::Missed),
        State::Running | State::Paused => {
            if s.queued > 0 || s.waiting > 0 {
                closed.then_some(Due::CloseWindow)
            } else if s.sending > 0 {
                None
            } else if s.uncertain > 0 && s.policy == UncertainPolicy::Ask && !closed {
                (s.state == State::Running).then_some(Due::AskUncertain)
            } else {
                Some(Due::Close)
            }
        }
        State::Stopped if s.queued > 0 || s.waiting > 0 => Some(Due::CancelLeft),
        State::Stopped => (s.sending == 0).then_some(Due::Close),
        State::Draft | State::Submitted | State::Approved | State::Finished | State::Failed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn standing(state: State) -> Standing {
        Standing {
            state,
            starts_at: None,
            ends_at: None,
            policy: UncertainPolicy::Leave,
            planned: true,
            moved_at: at(0),
            queued: 0,
            sending: 0,
            uncertain: 0,
            waiting: 0,
        }
    }

    #[test]
    fn a_scheduled_campaign_starts_at_its_time_and_not_before() {
        let s = Standing { starts_at: Some(at(60)), planned: false, ..standing(State::Scheduled) };
        assert_eq!(due(&s, at(59)), None);
        assert_eq!(due(&s, at(60)), Some(Due::Start));
        let s = Standing { ends_at: Some(at(70)), ..s };
        assert_eq!(due(&s, at(69)), Some(Due::Start));
        assert_eq!(due(&s, at(70)), Some(Due::Missed));
    }

    #[test]
    fn planning_is_rung_again_only_after_a_while() {
        let s = standing(State::Planning);
        assert_eq!(due(&s, at(9)), None);
        assert_eq!(due(&s, at(10)), Some(Due::Plan));
    }

    #[test]
    fn a_running_campaign_closes_when_nothing_waits_and_nothing_flies() {
        let run = standing(State::Running);
        assert_eq!(due(&Standing { queued: 1, ..run.clone() }, at(0)), None);
        assert_eq!(due(&Standing { sending: 1, ..run.clone() }, at(0)), None);
        assert_eq!(due(&run, at(0)), Some(Due::Close));
    }

    /// Nothing waits to be sent, but a further step may still go to somebody.
    #[test]
    fn a_campaign_whose_next_step_is_waited_for_does_not_close() {
        let s = Standing { waiting: 2, ends_at: Some(at(5)), ..standing(State::Running) };
        assert_eq!(due(&s, at(4)), None);
        assert_eq!(due(&s, at(5)), Some(Due::CloseWindow));
        assert_eq!(due(&Standing { waiting: 2, ..standing(State::Stopped) }, at(0)), Some(Due::CancelLeft));
    }

    #[test]
    fn a_closed_window_cancels_what_waits_also_while_paused() {
        for state in [State::Running, State::Paused] {
            let s = Standing { queued: 3, sending: 1, ends_at: Some(at(5)), ..standing(state) };
            assert_eq!(due(&s, at(4)), None);
            assert_eq!(due(&s, at(5)), Some(Due::CloseWindow));
        }
        let unplanned = Standing { planned: false, ends_at: Some(at(5)), ..standing(State::Paused) };
        assert_eq!(due(&unplanned, at(4)), None);
        assert_eq!(due(&unplanned, at(5)), Some(Due::Missed));
    }

    #[test]
    fn unknown_outcomes_wait_for_a_word_only_when_the_policy_asks() {
        let s = Standing { uncertain: 2, ..standing(State::Running) };
        assert_eq!(due(&s, at(0)), Some(Due::Close));
        let ask = Standing { policy: UncertainPolicy::Ask, ..s };
        assert_eq!(due(&ask, at(0)), Some(Due::AskUncertain));
        assert_eq!(due(&Standing { state: State::Paused, ..ask.clone() }, at(0)), None, "the question was put");
        assert_eq!(due(&Standing { ends_at: Some(at(0)), ..ask }, at(0)), Some(Due::Close), "too late to send again");
    }

    #[test]
    fn a_stopped_campaign_closes_when_the_air_is_empty() {
        let s = standing(State::Stopped);
        assert_eq!(due(&Standing { sending: 1, ..s.clone() }, at(0)), None);
        assert_eq!(due(&Standing { queued: 1, ..s.clone() }, at(0)), Some(Due::CancelLeft));
        assert_eq!(due(&s, at(0)), Some(Due::Close));
    }

    #[test]
    fn time_and_messages_are_two_sides_of_the_rate() {
        assert_eq!(takes(1_000, 30.0), TimeDelta::milliseconds(33_334));
        assert_eq!(fits(TimeDelta::seconds(10), 30.0), 300);
        assert_eq!(fits(TimeDelta::seconds(-1), 30.0), 0);
        assert_eq!(takes(0, 30.0), TimeDelta::zero());
    }

    #[test]
    fn what_is_not_launched_or_is_over_needs_nothing() {
        for state in [State::Draft, State::Submitted, State::Approved, State::Finished, State::Failed] {
            assert_eq!(due(&standing(state), at(1_000)), None, "{state:?}");
        }
    }
}
