//! When a campaign goes: by one touch or typed, in the account's zone.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use mms_core::{
    campaign::{Campaign, draft, draft::Change},
    clock::Moment,
    id::CampaignId,
};

use super::{Call, End, Start, cards, edited, fresh, refusal, row, told};
use crate::{
    frame::{
        cx::Cx,
        error::Outcome,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p, t,
};

/// A date without a year that is at most so many days past is a mistake, not a date of next year.
const PAST_DAYS: i64 = 180;

/// Why a typed time is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// It cannot be read.
    Unreadable,
    /// It is past.
    Past,
    /// The clocks are put forward over it: that day has no such time.
    Skipped,
}

/// Reads a time typed by a person: «25.11 10:00», «25.11.2026 10:00», «10:00», «завтра 10:00», `tomorrow 10:00`.
///
/// # Errors
/// [`Bad`].
pub fn read(typed: &str, zone: Tz, now: Moment) -> Result<Moment, Bad> {
    let typed = typed.trim().to_lowercase().replace(" в ", " ").replace(" at ", " ").replace(',', " ");
    let words: Vec<&str> = typed.split_whitespace().collect();
    let local = now.with_timezone(&zone);
    let today = local.date_naive();
    let at = match words.as_slice() {
        [word] => {
            let time = time(word)?;
            let date = if time > local.time() { today } else { tomorrow(today) };
            date.and_time(time)
        }
        ["сегодня" | "today", word] => today.and_time(time(word)?),
        ["завтра" | "tomorrow", word] => tomorrow(today).and_time(time(word)?),
        ["послезавтра", word] => tomorrow(tomorrow(today)).and_time(time(word)?),
        [date, word] => day(date, today)?.and_time(time(word)?),
        _ => return Err(Bad::Unreadable),
    };
    let at = moment(at, zone)?;
    if at <= now { Err(Bad::Past) } else { Ok(at) }
}

/// `10:00`, `10.00`, `9-30`.
fn time(word: &str) -> Result<NaiveTime, Bad> {
    let (hours, minutes) = word.split_once([':', '.', '-']).ok_or(Bad::Unreadable)?;
    if minutes.len() != 2 {
        return Err(Bad::Unreadable);
    }
    let (hours, minutes) = (hours.parse().map_err(|_| Bad::Unreadable)?, minutes.parse().map_err(|_| Bad::Unreadable)?);
    NaiveTime::from_hms_opt(hours, minutes, 0).ok_or(Bad::Unreadable)
}

/// `25.11`, `25.11.26`, `25.11.2026`, `25/11`, `2026-11-25`.
fn day(word: &str, today: NaiveDate) -> Result<NaiveDate, Bad> {
    if let Ok(date) = word.parse::<NaiveDate>() {
        return Ok(date);
    }
    let numbers: Vec<i32> = word.split(['.', '/']).map(str::parse).collect::<Result<_, _>>().map_err(|_| Bad::Unreadable)?;
    let small = |n: i32| u32::try_from(n).map_err(|_| Bad::Unreadable);
    let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or(Bad::Unreadable);
    match numbers.as_slice() {
        [day, month] => {
            let this = date(today.year(), small(*month)?, small(*day)?)?;
            if this < today && (today - this).num_days() > PAST_DAYS {
                date(today.year() + 1, small(*month)?, small(*day)?)
            } else {
                Ok(this)
            }
        }
        [day, month, year] => date(if *year < 100 { 2_000 + year } else { *year }, small(*month)?, small(*day)?),
        _ => Err(Bad::Unreadable),
    }
}

fn tomorrow(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// A local time as a moment; of two (the clocks are put back over it) the first.
fn moment(at: NaiveDateTime, zone: Tz) -> Result<Moment, Bad> {
    zone.from_local_datetime(&at).earliest().map(|at| at.to_utc()).ok_or(Bad::Skipped)
}

/// The next time the clock shows `hour`.
fn next(hour: u32, zone: Tz, now: Moment) -> Option<Moment> {
    read(&format!("{hour}:00"), zone, now).ok()
}

/// When?
pub async fn show(cx: &Cx, campaign: CampaignId) -> Outcome {
    Ok(card(cx.tr, &row(cx, campaign).await?, cx.now).into())
}

/// The window, to be changed.
#[must_use]
pub fn card(tr: Tr, row: &Campaign, now: Moment) -> Screen {
    let campaign = row.id;
    // The earlier one first, whatever the clock shows.
    let mut quick: Vec<(Moment, Start)> = [(10, Start::Ten), (18, Start::Eighteen)]
        .into_iter()
        .filter_map(|(hour, start)| Some((next(hour, tr.zone, now)?, start)))
        .collect();
    quick.sort_by_key(|(at, _)| *at);
    let html = t!(tr, "campaigns-when-card", window = Html(cards::window(tr, row)), zone = tr.zone.name(), time = tr.time(now));
    let screen = Screen::new(html).row([
        Button::call(p!(tr, "campaigns-start-now"), Call::SetStart { campaign, start: Start::Now }),
        Button::call(p!(tr, "campaigns-start-hour"), Call::SetStart { campaign, start: Start::Hour }),
    ]);
    quick
        .into_iter()
        .fold(screen, |screen, (at, start)| {
            screen.button(p!(tr, "campaigns-quick", time = tr.moment(at)), Call::SetStart { campaign, start })
        })
        .button(p!(tr, "campaigns-start-typed"), Call::AskStart { campaign })
        .row([
            Button::call(p!(tr, "campaigns-end-never"), Call::SetEnd { campaign, end: End::Never }),
            Button::call(p!(tr, "campaigns-end-day"), Call::SetEnd { campaign, end: End::Day }),
        ])
        .row([
            Button::call(p!(tr, "campaigns-end-nine"), Call::SetEnd { campaign, end: End::Nine }),
            Button::call(p!(tr, "campaigns-end-typed"), Call::AskEnd { campaign }),
        ])
        .nav(tr, Call::Compose { campaign })
}

/// Which time?
#[must_use]
pub fn ask(tr: Tr, campaign: CampaignId, refused: Option<&str>, start: bool) -> Screen {
    let html =
        if start { t!(tr, "campaigns-ask-start", zone = tr.zone.name()) } else { t!(tr, "campaigns-ask-end", zone = tr.zone.name()) };
    let screen = Screen::new(html).nav(tr, Call::When { campaign });
    match refused {
        Some(sentence) => super::with_note(sentence, screen),
        None => screen,
    }
}

/// A start by one touch.
pub async fn set_start(cx: &Cx, campaign: CampaignId, start: Start) -> Outcome {
    let row = row(cx, campaign).await?;
    let starts_at = match start {
        Start::Now => None,
        Start::Hour => Some(cx.now + TimeDelta::hours(1)),
        Start::Ten => next(10, cx.tr.zone, cx.now),
        Start::Eighteen => next(18, cx.tr.zone, cx.now),
    };
    set(cx, campaign, starts_at, row.ends_at).await
}

/// An end by one touch.
pub async fn set_end(cx: &Cx, campaign: CampaignId, end: End) -> Outcome {
    let row = row(cx, campaign).await?;
    let from = row.starts_at.filter(|at| *at > cx.now).unwrap_or(cx.now);
    let ends_at = match end {
        End::Never => None,
        End::Nine => next(21, cx.tr.zone, from),
        End::Day => Some(from + TimeDelta::days(1)),
    };
    set(cx, campaign, row.starts_at, ends_at).await
}

async fn set(cx: &Cx, campaign: CampaignId, starts_at: Option<Moment>, ends_at: Option<Moment>) -> Outcome {
    match draft::edit(&cx.deps.store, cx.actor()?, campaign, Change::Window { starts_at, ends_at }, cx.now).await {
        Ok(edited) => Ok(told(cx, show(cx, campaign).await?, edited)),
        Err(error @ mms_core::campaign::CampaignError::BadWindow) => {
            let mut reply = show(cx, campaign).await?.saying(refusal::sentence(cx.tr, error)?);
            reply.alert = true;
            Ok(reply)
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// A typed time; what cannot be taken is answered and asked again.
pub async fn typed(cx: &Cx, campaign: CampaignId, text: &str, start: bool) -> Outcome {
    let again = |sentence: &str| Ok(ask(cx.tr, campaign, Some(sentence), start).into());
    let at = match read(text, cx.tr.zone, cx.now) {
        Ok(at) => at,
        Err(Bad::Unreadable) => return again(&p!(cx.tr, "campaigns-time-unreadable")),
        Err(Bad::Past) => return again(&p!(cx.tr, "campaigns-time-past", time = cx.tr.moment(cx.now))),
        Err(Bad::Skipped) => return again(&p!(cx.tr, "campaigns-time-skipped")),
    };
    let row = row(cx, campaign).await?;
    let change = if start {
        Change::Window { starts_at: Some(at), ends_at: row.ends_at }
    } else {
        Change::Window { starts_at: row.starts_at, ends_at: Some(at) }
    };
    match draft::edit(&cx.deps.store, cx.actor()?, campaign, change, cx.now).await {
        Err(error @ mms_core::campaign::CampaignError::BadWindow) => again(&refusal::sentence(cx.tr, error)?),
        other => {
            cx.leave().await?;
            edited(cx, campaign, other).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn reads(typed: &str) -> Result<Moment, Bad> {
        // 15:40 in Moscow.
        read(typed, chrono_tz::Europe::Moscow, at("2026-11-23T12:40:05Z"))
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for typed in
            ["25.11 10:00", "25.11.2026 10:00", "25.11.26 10.00", " 25.11, 10:00 ", "25.11 в 10:00", "25/11 10:00", "2026-11-25 10:00"]
        {
            assert_eq!(reads(typed), Ok(at("2026-11-25T07:00:00Z")), "{typed}");
        }
        assert_eq!(reads("завтра 9:30"), Ok(at("2026-11-24T06:30:00Z")));
        assert_eq!(reads("Tomorrow at 9:30"), Ok(at("2026-11-24T06:30:00Z")));
        assert_eq!(reads("послезавтра 9:30"), Ok(at("2026-11-25T06:30:00Z")));
        assert_eq!(reads("18:00"), Ok(at("2026-11-23T15:00:00Z")));
        assert_eq!(reads("10:00"), Ok(at("2026-11-24T07:00:00Z")), "past today: tomorrow");
        assert_eq!(reads("10.01 10:00"), Ok(at("2027-01-10T07:00:00Z")), "of next year");
    }

    #[test]
    fn nonsense_and_the_past_are_refused() {
        for typed in ["", "скоро", "25.11", "31.02 10:00", "25.11 25:00", "25.11 10", "1.2.3.4 10:00", "25.13 10:00", "-1.-1 10:00"] {
            assert_eq!(reads(typed), Err(Bad::Unreadable), "{typed}");
        }
        assert_eq!(reads("22.11 10:00"), Err(Bad::Past));
        assert_eq!(reads("сегодня 10:00"), Err(Bad::Past));
        assert_eq!(reads("25.11.2020 10:00"), Err(Bad::Past));
    }

    #[test]
    fn a_time_the_clocks_skip_is_refused() {
        let now = at("2026-03-20T12:00:00Z");
        assert_eq!(read("29.03 2:30", chrono_tz::Europe::Berlin, now), Err(Bad::Skipped));
        // Put back over it: the first of the two.
        assert_eq!(read("25.10 2:30", chrono_tz::Europe::Berlin, now), Ok(at("2026-10-25T00:30:00Z")));
    }
}
