//! How soon something that failed in passing is tried again, and when it is given up: one type, and
//! every schedule of the product by name, with the reason for its figures. Pure: the moment and the
//! chance are arguments.
//!
//! Not here: pauses that a provider names itself (`Retry-After`), periods of what happens anyway
//! (the tick, a sync), and the delays after wrong passwords (`account::login`), which hold somebody
//! off on purpose.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;

use crate::clock::Moment;

/// A schedule of tries. A try that fails for the n-th time in a row (n from 1) is followed by the
/// n-th wait, until so many failed that it is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    waits: Waits,
    /// How many tries may fail; `None`: it is never given up.
    tries: Option<u32>,
    /// Up to this share of a wait, in per cent, is added by chance.
    spread: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// One after the other; the last stays.
    Steps(&'static [Duration]),
    /// Twice as long each time, up to the second.
    Doubling(Duration, Duration),
    /// Longer by the first each time, up to the second.
    Growing(Duration, Duration),
}

impl RetryPolicy {
    /// These waits one after the other, then the last again and again.
    #[must_use]
    pub const fn steps(waits: &'static [Duration]) -> Self {
        Self::of(Waits::Steps(waits))
    }

    /// The first wait, twice as long each time, up to the longest.
    #[must_use]
    pub const fn doubling(first: Duration, longest: Duration) -> Self {
        Self::of(Waits::Doubling(first, longest))
    }

    /// The first wait, longer by as much each time, up to the longest.
    #[must_use]
    pub const fn growing(first: Duration, longest: Duration) -> Self {
        Self::of(Waits::Growing(first, longest))
    }

    /// These waits, in seconds, one after the other; the try after the last of them is the last.
    #[must_use]
    pub fn listed(seconds: &[u32]) -> Self {
        let waits: Vec<Duration> = seconds.iter().map(|seconds| s(u64::from(*seconds))).collect();
        // Settings are read once, and their schedules live as long as the process.
        let waits: &'static [Duration] = Box::leak(waits.into_boxed_slice());
        Self::steps(waits).tries(u32::try_from(waits.len()).unwrap_or(u32::MAX).saturating_add(1))
    }

    const fn of(waits: Waits) -> Self {
        Self { waits, tries: None, spread: 0 }
    }

    /// Given up when `tries` have failed.
    #[must_use]
    pub const fn tries(self, tries: u32) -> Self {
        Self { tries: Some(tries), ..self }
    }

    /// Up to so many per cent of a wait are added by chance, so that what failed together does not
    /// come back together.
    #[must_use]
    pub const fn spread(self, percent: u32) -> Self {
        Self { spread: percent, ..self }
    }

    /// Whether nothing is tried any more after so many failures.
    #[must_use]
    pub fn given_up(&self, failures: impl Into<i64>) -> bool {
        self.tries.is_some_and(|tries| failures.into() >= i64::from(tries))
    }

    /// The wait after so many failures, without what chance adds and whether or not it is given up.
    #[must_use]
    pub fn wait(&self, failures: impl Into<i64>) -> Duration {
        let before = u32::try_from(failures.into().saturating_sub(1).max(0)).unwrap_or(u32::MAX);
        match self.waits {
            Waits::Steps(waits) => {
                let at = usize::try_from(before).unwrap_or(usize::MAX).min(waits.len().saturating_sub(1));
                waits.get(at).copied().unwrap_or_default()
            }
            Waits::Doubling(first, longest) => first.saturating_mul(1 << before.min(31)).min(longest),
            Waits::Growing(first, longest) => first.saturating_mul(before.saturating_add(1)).min(longest),
        }
    }

    /// The wait after so many failures; `None`: it is given up.
    #[must_use]
    pub fn next(&self, failures: impl Into<i64>) -> Option<Duration> {
        let failures = failures.into();
        (!self.given_up(failures)).then(|| self.wait(failures))
    }

    /// When it is tried again after so many failures, the last of them `now`; `None`: it is given
    /// up. `chance` is between 0 and 1.
    #[must_use]
    pub fn due(&self, failures: impl Into<i64>, chance: f64, now: Moment) -> Option<Moment> {
        let wait = i64::try_from(self.next(failures)?.as_millis()).unwrap_or(i64::MAX / 4);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a share of hours in milliseconds")]
        let more = (wait as f64 * f64::from(self.spread) / 100.0 * chance.clamp(0.0, 1.0)) as i64;
        Some(now + TimeDelta::milliseconds(wait + more))
    }
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The schedules that an operator may set (`[retry]` in the settings): how long a provider's or a
/// CRM's bad hour lasts differs from place to place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "Lists")]
pub struct Schedules {
    /// [`DELIVERY`] at first.
    pub delivery: RetryPolicy,
    /// [`INBOUND`] at first.
    pub inbound: RetryPolicy,
    /// [`IMPORT`] at first.
    pub import: RetryPolicy,
    /// [`CRM_WRITE`] at first.
    pub crm_write: RetryPolicy,
    /// [`NOTICE`] at first.
    pub notice: RetryPolicy,
}

impl Default for Schedules {
    fn default() -> Self {
        Self { delivery: DELIVERY, inbound: INBOUND, import: IMPORT, crm_write: CRM_WRITE, notice: NOTICE }
    }
}

/// As the settings have them: waits in seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    delivery: Vec<u32>,
    inbound: Vec<u32>,
    import: Vec<u32>,
    crm_write: Vec<u32>,
    notice: Vec<u32>,
}

impl From<Lists> for Schedules {
    fn from(lists: Lists) -> Self {
        let [delivery, inbound, import, crm_write, notice] =
            [lists.delivery, lists.inbound, lists.import, lists.crm_write, lists.notice].map(|waits| RetryPolicy::listed(&waits));
        Self { delivery: delivery.spread(DELIVERY.spread), inbound, import, crm_write, notice }
    }
}

/// A message that failed for a passing cause. Eight tries are four to six minutes: a provider's
/// short illness. A longer one is met by the claimer, which asks whether the provider answers at
/// all.
pub const DELIVERY: RetryPolicy = RetryPolicy::steps(&[s(2), s(4), s(8), s(16), s(32), s(64), s(128)]).spread(50).tries(8);
/// Money that came and could not be booked: the database is away, and whoever paid waits for the
/// licence. It is never given up.
pub const PAYMENT: RetryPolicy = RetryPolicy::doubling(s(1), s(60));
/// A message that the provider limits: it names the wait, and limits are our own haste, so there
/// are more tries.
pub const LIMITED: RetryPolicy = RetryPolicy::steps(&[Duration::ZERO]).tries(40);
/// A message of which nobody knows whether it went, and whose repeat under the same client id is
/// harmless for a while: soon.
pub const REPEAT: RetryPolicy = RetryPolicy::doubling(s(2), s(4)).spread(50).tries(8);
/// The same without a client id, where the campaign's policy sends once more: an answer that is
/// only late comes first.
pub const RESEND: RetryPolicy = RetryPolicy::steps(&[s(30)]);
/// Another message to somebody for whom WhatsApp refused one, because the messages to them came too
/// quickly (contracts/messengers/whatsapp_cloud.md, sections 4 and 5): four times as long each
/// time.
pub const PAIR: RetryPolicy = RetryPolicy::steps(&[s(4), s(16), s(64), s(256)]);
/// A bot of which Viber refused messages to several people in a short time
/// (contracts/messengers/viber.md, section 4): it does not say for how long.
pub const STORM: RetryPolicy = RetryPolicy::doubling(s(1), s(60));
/// An event that came in and failed. The first waits are short because a customer waits for an
/// answer, the last long because by then a person must mend something; after eight tries the
/// members are told.
pub const INBOUND: RetryPolicy = RetryPolicy::steps(&[s(2), s(5), s(15), s(60), s(300), s(900), s(900)]).tries(8);
/// An import whose chunk moved nothing on. A member watches it, so it is soon either on its way or
/// held.
pub const IMPORT: RetryPolicy = RetryPolicy::steps(&[s(1), s(2), s(5), s(10), s(20), s(30), s(60), s(60)]).tries(9);
/// A call of a CRM connection: polling is the truth and never ends, so neither does this.
pub const CRM_CALL: RetryPolicy = RetryPolicy::doubling(s(1), s(60));
/// A row that a CRM did not take for a passing cause. Twelve tries are a little more than two
/// hours: a CRM's bad evening.
pub const CRM_WRITE: RetryPolicy =
    RetryPolicy::steps(&[s(5), s(10), s(20), s(40), s(80), s(160), s(320), s(640), s(1_280), s(2_560), s(2_560)]).tries(12);
/// A notice that Telegram did not take. Twelve tries are almost three hours, after which it is no
/// news.
pub const NOTICE: RetryPolicy =
    RetryPolicy::steps(&[s(5), s(10), s(20), s(40), s(80), s(160), s(320), s(640), s(1_280), s(2_560), s(5_120)]).tries(12);
/// Asking for updates where the last answer came at once and brought nothing: what is written
/// meanwhile is heard this late at worst.
pub const POLL_IDLE: RetryPolicy = RetryPolicy::doubling(ms(100), s(5));
/// Asking for updates where the last call failed.
pub const POLL_FAILED: RetryPolicy = RetryPolicy::doubling(ms(250), s(15));
/// The start of a process whose database is away: it is there within seconds after the database is.
pub const START: RetryPolicy = RetryPolicy::doubling(ms(250), s(5));
/// An outcome that could not be recorded: what went must be known, so this ends only with the
/// process.
pub const RECORD: RetryPolicy = RetryPolicy::doubling(ms(50), s(2));
/// A step of a turn on a channel that the database refused: twenty in a row are five seconds, then
/// the turn ends and another worker may have it.
pub const TURN: RetryPolicy = RetryPolicy::steps(&[ms(250)]).tries(20);
/// A trial at a provider that leaves what is sent unanswered: each is a message of which nobody may
/// know whether it went, so they are few. A minute is what a campaign loses at most once the
/// provider is back.
pub const TRIAL: RetryPolicy = RetryPolicy::steps(&[s(1), s(2), s(5), s(15), s(60)]);
/// How long no code of a second factor is looked at after a wrong one: a million codes, three of
/// which are right at a time, are not tried in a lifetime.
pub const CODE: RetryPolicy = RetryPolicy::doubling(s(60), s(43_200));
/// A line of the queue whose worker died.
pub const LINE: RetryPolicy = RetryPolicy::growing(ms(100), s(5));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock;

    const NAMED: [RetryPolicy; 19] = [
        DELIVERY,
        LIMITED,
        REPEAT,
        RESEND,
        PAIR,
        STORM,
        INBOUND,
        IMPORT,
        CRM_CALL,
        CRM_WRITE,
        NOTICE,
        POLL_IDLE,
        POLL_FAILED,
        START,
        RECORD,
        TURN,
        TRIAL,
        CODE,
        LINE,
    ];

    fn seconds(policy: &RetryPolicy, tries: u32) -> Vec<f64> {
        (1..=tries).map_while(|n| policy.next(n)).map(|wait| wait.as_secs_f64()).collect()
    }

    #[test]
    fn every_schedule_has_its_figures() {
        assert_eq!(seconds(&DELIVERY, 99), [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]);
        assert_eq!(seconds(&CODE, 11), [60.0, 120.0, 240.0, 480.0, 960.0, 1_920.0, 3_840.0, 7_680.0, 15_360.0, 30_720.0, 43_200.0]);
        assert_eq!(seconds(&LIMITED, 99).len(), 39);
        assert_eq!(seconds(&REPEAT, 99), [2.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0]);
        assert_eq!(seconds(&RESEND, 2), [30.0, 30.0]);
        assert_eq!(seconds(&PAIR, 5), [4.0, 16.0, 64.0, 256.0, 256.0]);
        assert_eq!(seconds(&STORM, 8)[4..], [16.0, 32.0, 60.0, 60.0]);
        assert_eq!(seconds(&INBOUND, 99), [2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 900.0]);
        assert_eq!(seconds(&IMPORT, 99), [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0]);
        assert_eq!(seconds(&CRM_CALL, 8), [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
        assert_eq!(seconds(&CRM_WRITE, 99)[8..], [1280.0, 2560.0, 2560.0]);
        assert_eq!(seconds(&NOTICE, 99)[..3], [5.0, 10.0, 20.0]);
        assert_eq!(seconds(&POLL_IDLE, 8)[5..], [3.2, 5.0, 5.0]);
        assert_eq!(seconds(&TRIAL, 6), [1.0, 2.0, 5.0, 15.0, 60.0, 60.0]);
        assert_eq!(seconds(&POLL_FAILED, 8)[5..], [8.0, 15.0, 15.0]);
        assert_eq!(seconds(&START, 7)[4..], [4.0, 5.0, 5.0]);
        assert_eq!(seconds(&RECORD, 7)[4..], [0.8, 1.6, 2.0]);
        assert_eq!(seconds(&TURN, 99), [0.25; 19]);
        assert_eq!(seconds(&LINE, 60)[48..], [4.9, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0]);
    }

    #[test]
    fn a_list_of_waits_ends_with_one_try_more() {
        let policy = RetryPolicy::listed(&[1, 5, 5]);
        assert_eq!(seconds(&policy, 99), [1.0, 5.0, 5.0]);
        assert!(policy.given_up(4) && !policy.given_up(3));
        assert!(RetryPolicy::listed(&[]).given_up(1), "no waits: one try");
        assert_eq!(RetryPolicy::listed(&[2, 4, 8, 16, 32, 64, 128]).spread(50), DELIVERY);
    }

    /// The comments say how long each goes on.
    #[test]
    fn a_schedule_takes_as_long_as_it_says() {
        let minutes = |policy: &RetryPolicy| seconds(policy, 99).iter().sum::<f64>() / 60.0;
        for (policy, least, most) in [
            (DELIVERY, 4.0, 4.5),
            (INBOUND, 36.0, 37.0),
            (IMPORT, 3.0, 3.5),
            (CRM_WRITE, 120.0, 130.0),
            (NOTICE, 165.0, 175.0),
            (TURN, 0.05, 0.1),
        ] {
            let took = minutes(&policy);
            assert!(least <= took && took <= most, "{policy:?}: {took} minutes");
        }
    }

    fn any_policy() -> impl Strategy<Value = (RetryPolicy, Duration)> {
        let parts = (0_u64..10_000, 0_u64..100_000_000, prop::option::of(1_u32..60), 0_u32..200, any::<bool>());
        let made = parts.prop_map(|(first, more, tries, spread, doubling)| {
            let (first, longest) = (ms(first), ms(first + more));
            let policy = if doubling { RetryPolicy::doubling(first, longest) } else { RetryPolicy::growing(first, longest) };
            let policy = policy.spread(spread);
            (tries.map_or(policy, |tries| policy.tries(tries)), longest)
        });
        let named = prop::sample::select(NAMED.to_vec()).prop_map(|policy| (policy, policy.wait(i64::MAX)));
        prop_oneof![made, named]
    }

    proptest! {
        /// However often something failed: a later wait is not shorter, none is longer than the
        /// longest, and given up stays given up.
        #[test]
        fn waits_grow_and_are_bounded((policy, longest) in any_policy(), failures in 0_i64..100_000, chance in -1.0_f64..2.0) {
            let now = clock::now();
            let (wait, after) = (policy.wait(failures), policy.wait(failures + 1));
            prop_assert!(wait <= after && after <= longest);
            prop_assert!(!policy.given_up(failures) || policy.given_up(failures + 1));
            match policy.due(failures, chance, now) {
                None => prop_assert!(policy.given_up(failures)),
                Some(due) => {
                    let waited = (due - now).to_std().unwrap();
                    prop_assert!(!policy.given_up(failures));
                    prop_assert!(wait <= waited && waited <= wait + wait * policy.spread / 100 + ms(1));
                }
            }
            prop_assert!(policy.wait(i64::MAX) <= longest && policy.wait(i64::MIN) == policy.wait(1));
        }
    }
}
