//! What a message costs a bot: sessions, the month's free ones, the balance (contract, 0 and 1).

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};

use super::{
    error::{ViberError, ViberResult},
    settings::Settings,
};

/// A session lasts this long.
const SESSION: TimeDelta = TimeDelta::hours(24);

/// How a bot pays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Money {
    /// Free messages of a month outside sessions, of a bot made before the change; then status 23.
    pub free_a_month: Option<u32>,
    /// Messages outside sessions that the balance still pays; then status 24.
    pub balance: Option<u32>,
    /// How many were billed or counted so far, in all.
    pub billed: u64,
    month: Option<(i32, u32)>,
    used: u32,
}

/// The time in which messages to one person are free.
#[derive(Default)]
pub(crate) struct Session {
    since: Option<DateTime<Utc>>,
    messages: usize,
}

impl Session {
    /// The person wrote.
    pub(crate) fn word(&mut self, settings: &Settings, now: DateTime<Utc>) {
        let on = self.since.is_some_and(|since| now - since < SESSION);
        if !on || settings.session_from_last {
            self.since = Some(now);
            self.messages = if on { self.messages } else { 0 };
        }
    }

    /// Whether one more message is free.
    fn takes(&self, settings: &Settings, now: DateTime<Utc>) -> bool {
        let on = self.since.is_some_and(|since| now - since < SESSION);
        on && settings.session_messages.is_none_or(|most| self.messages < most)
    }
}

/// Pays for one message; gives its `billing_status`.
pub(crate) fn pay(money: &mut Money, session: &mut Session, settings: &Settings, now: DateTime<Utc>) -> ViberResult<u8> {
    if session.takes(settings, now) {
        session.messages += 1;
        return Ok(settings.billing.0);
    }
    let month = (now.year(), now.month());
    if money.month.replace(month) != Some(month) {
        money.used = 0;
    }
    if money.free_a_month.is_some_and(|free| money.used >= free) {
        return Err(ViberError::new(23));
    }
    if money.balance == Some(0) {
        return Err(ViberError::new(24));
    }
    money.balance = money.balance.map(|left| left - 1);
    (money.used, money.billed) = (money.used + 1, money.billed + 1);
    Ok(settings.billing.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_free_and_the_rest_is_counted() {
        let (settings, now) = (Settings::default(), Utc::now());
        let (mut money, mut session) = (Money { balance: Some(1), ..Money::default() }, Session::default());
        assert_eq!(pay(&mut money, &mut session, &settings, now), Ok(1));
        assert_eq!(pay(&mut money, &mut session, &settings, now).unwrap_err().status, 24);
        session.word(&settings, now);
        session.word(&settings, now + TimeDelta::hours(12));
        assert_eq!(pay(&mut money, &mut session, &settings, now + TimeDelta::hours(23)), Ok(0));
        assert_eq!(pay(&mut money, &mut session, &settings, now + TimeDelta::hours(24)).unwrap_err().status, 24, "from the first word");
        let last = Settings { session_from_last: true, ..Settings::default() };
        session.word(&last, now + TimeDelta::hours(30));
        session.word(&last, now + TimeDelta::hours(40));
        assert_eq!(pay(&mut money, &mut session, &last, now + TimeDelta::hours(63)), Ok(0), "from the last word");
        let mut old = Money { free_a_month: Some(1), ..Money::default() };
        assert_eq!(pay(&mut old, &mut Session::default(), &settings, now), Ok(1));
        assert_eq!(pay(&mut old, &mut Session::default(), &settings, now).unwrap_err().status, 23);
        assert_eq!(pay(&mut old, &mut Session::default(), &settings, now + TimeDelta::days(31)), Ok(1), "another month");
    }
}
