//! What the registers of a company share (tickets, claims, requests for evidence, demands to
//! destroy data): numbers that people name, without gaps and twins; how many there are and how many
//! are open; pages; the day on which something came.

use chrono::{Days, NaiveDate, NaiveTime, TimeZone as _};
use chrono_tz::Tz;
use sqlx::{FromRow, postgres::PgRow, sqlite::SqliteRow};

use crate::{
    clock::Moment,
    id::AccountId,
    on,
    store::{Store, Tx, audit},
    text::{fold, said::when},
};

/// Days back on which something may have come.
pub const BACK: i64 = 365;

/// Why a day is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// It is no day.
    #[error("this is no date")]
    Nonsense,
    /// It is still to come.
    #[error("{0} is still to come")]
    Ahead(NaiveDate),
    /// Before that day nobody could write such a paper.
    #[error("before {0} nobody could have signed it")]
    TooEarly(NaiveDate),
    /// More than [`BACK`] days ago: a slip of the year, most likely.
    #[error("{0} is more than {BACK} days ago")]
    LongAgo(NaiveDate),
}

/// The day on which something came, as people write it: today, yesterday, a date with its year.
///
/// # Errors
/// [`DayError`].
pub fn came_on(typed: &str, today: NaiveDate) -> Result<NaiveDate, DayError> {
    check(said(typed, today)?, today)
}

/// A day as people write it: today, yesterday, a date with its year.
///
/// # Errors
/// [`DayError::Nonsense`].
pub fn said(typed: &str, today: NaiveDate) -> Result<NaiveDate, DayError> {
    let day = match fold(typed).as_str() {
        "сегодня" | "today" => Some(today),
        "вчера" | "yesterday" => today.checked_sub_days(Days::new(1)),
        _ => when::calendar(typed),
    };
    day.ok_or(DayError::Nonsense)
}

/// Whether something may have come on that day.
///
/// # Errors
/// [`DayError`].
pub fn check(day: NaiveDate, today: NaiveDate) -> Result<NaiveDate, DayError> {
    match (today - day).num_days() {
        ago if ago < 0 => Err(DayError::Ahead(day)),
        ago if ago > BACK => Err(DayError::LongAgo(day)),
        _ => Ok(day),
    }
}

/// The moment that stands for a day: now, if it is today; else its noon.
#[must_use]
pub fn moment_of(day: NaiveDate, zone: Tz, now: Moment) -> Moment {
    if now.with_timezone(&zone).date_naive() == day {
        return now;
    }
    let noon = day.and_time(NaiveTime::MIN) + chrono::TimeDelta::hours(12);
    // No zone puts its clocks on over noon; if one did, noon of UTC is of the same day.
    zone.from_local_datetime(&noon).earliest().map_or_else(|| noon.and_utc(), |at| at.to_utc())
}

/// An entry, as a row of either engine has it.
pub trait Entry: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Entry for T {}

/// A register: its statements. Each takes the account first.
#[derive(Debug, Clone, Copy)]
pub struct Register {
    /// The number of the next entry.
    pub next: &'static str,
    /// How many there are, and how many are open.
    pub counts: &'static str,
    /// A page, in the register's own order; limit, offset.
    pub page: &'static str,
}

/// The statement of [`Register::next`] of a table.
#[macro_export]
macro_rules! register_next {
    ($table:literal) => {
        concat!("select cast(coalesce(max(number), 0) + 1 as bigint) from ", $table, " where account_id = $1")
    };
}

/// The statement of [`Register::counts`] of a table; the condition says what is open.
#[macro_export]
macro_rules! register_counts {
    ($table:literal, $open:literal) => {
        concat!(
            "select cast(count(*) as bigint), cast(coalesce(sum(case when ",
            $open,
            " then 1 else 0 end), 0) as bigint) from ",
            $table,
            " where account_id = $1"
        )
    };
}

impl Register {
    /// The number of the next entry. Whoever else enters one waits until this change is over.
    ///
    /// # Errors
    /// The database's.
    pub async fn next(&self, tx: &mut Tx, account: AccountId) -> sqlx::Result<i64> {
        on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
        on!(tx.conn(), |c| sqlx::query_scalar(self.next).bind(account).fetch_one(c).await)
    }

    /// How many entries there are, and how many of them are open.
    ///
    /// # Errors
    /// The database's.
    pub async fn counts(&self, store: &Store, account: AccountId) -> sqlx::Result<(i64, i64)> {
        on!(store.read(), |c| sqlx::query_as(self.counts).bind(account).fetch_one(c).await)
    }

    /// A page of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn page<T: Entry>(&self, store: &Store, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<Vec<T>> {
        on!(store.read(), |c| sqlx::query_as(self.page).bind(account).bind(limit).bind(offset).fetch_all(c).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_of_a_paper_is_read_as_people_write_it() {
        let today = day("2026-11-30");
        for (typed, expected) in [
            ("сегодня", Ok("2026-11-30")),
            ("Вчера", Ok("2026-11-29")),
            ("yesterday", Ok("2026-11-29")),
            ("28.11.2026", Ok("2026-11-28")),
            ("1 ноября 2026", Ok("2026-11-01")),
            ("30.11.2025", Ok("2025-11-30")),
            ("29.11.2025", Err(DayError::LongAgo(day("2025-11-29")))),
            ("28.11.1026", Err(DayError::LongAgo(day("1026-11-28")))),
            ("01.12.2026", Err(DayError::Ahead(day("2026-12-01")))),
            ("28.11.2062", Err(DayError::Ahead(day("2062-11-28")))),
            ("когда-то", Err(DayError::Nonsense)),
            ("31.02.2026", Err(DayError::Nonsense)),
            ("28.11", Err(DayError::Nonsense)),
            ("", Err(DayError::Nonsense)),
        ] {
            assert_eq!(came_on(typed, today), expected.map(day), "{typed}");
        }
    }

    #[test]
    fn the_moment_of_a_day_is_of_that_day_in_its_zone() {
        let now: Moment = "2026-11-30T21:30:00Z".parse().unwrap();
        for (zone, today) in [(Tz::Europe__Moscow, "2026-12-01"), (Tz::UTC, "2026-11-30"), (Tz::Pacific__Kiritimati, "2026-12-01")] {
            assert_eq!(moment_of(day(today), zone, now), now);
            let before = day("2026-11-28");
            assert_eq!(moment_of(before, zone, now).with_timezone(&zone).date_naive(), before, "{zone}");
        }
    }
}
