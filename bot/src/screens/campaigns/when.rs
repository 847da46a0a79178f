//! When a campaign goes: by one touch or typed, in the account's zone. What a person types is read
//! by [`mms_core::text::said::when`].

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use mms_core::{
    account::Language,
    campaign::{Campaign, draft, draft::Change},
    clock::Moment,
    id::CampaignId,
    text::said::when::{Said, Slash, Unclear, read},
};

use super::{Call, End, Start, cards, edited, fresh, refusal, row, told};
use crate::{
    frame::{
        cx::Cx,
        error::Outcome,
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p, t,
    words::capital,
};

/// The next time the clock shows `hour`.
fn next(hour: u32, zone: Tz, now: Moment) -> Option<Moment> {
    match read(&format!("{hour}:00"), zone, Slash::DayFirst, now) {
        Ok(Said::At(at)) => Some(at),
        _ => None,
    }
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
    let mut quick: Vec<Moment> = [10, 18].into_iter().filter_map(|hour| next(hour, tr.zone, now)).collect();
    quick.sort();
    let now_chosen = Html(t!(tr, "campaigns-chosen", what = Html(cards::window(tr, row))));
    let html = t!(tr, "campaigns-when-card", chosen = now_chosen, zone = tr.zone_name(now), time = tr.time(now));
    let screen = Screen::new(html).row([
        Button::call(p!(tr, "campaigns-start-now"), Call::SetStart { campaign, start: Start::Now }),
        Button::call(p!(tr, "campaigns-start-hour"), Call::SetStart { campaign, start: Start::Hour }),
    ]);
    quick
        .into_iter()
        // The very moment that is written on it, whenever it is pressed.
        .filter_map(|at| Some((at, minute_of(at)?)))
        .fold(screen, |screen, (at, minute)| {
            screen.button(p!(tr, "campaigns-quick", time = capital(&tr.when(at, now))), Call::SetAt { campaign, start: true, minute })
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
        .button(p!(tr, "campaigns-done"), Call::Done { campaign })
        .nav(tr, Call::Compose { campaign })
}

/// Which time?
#[must_use]
pub fn ask(tr: Tr, campaign: CampaignId, start: bool, now: Moment) -> Screen {
    let zone = tr.zone_name(now);
    let html = if start { t!(tr, "campaigns-ask-start", zone = zone) } else { t!(tr, "campaigns-ask-end", zone = zone) };
    Screen::new(html).nav(tr, Call::When { campaign })
}

/// The question once more, with a sentence about what was typed.
#[must_use]
pub fn again(tr: Tr, campaign: CampaignId, start: bool, sentence: &str, now: Moment) -> Screen {
    super::with_note(sentence, ask(tr, campaign, start, now))
}

/// What was typed has two meanings, or lacks the hour: the moments it may be, by a press.
#[must_use]
pub fn clarify(tr: Tr, campaign: CampaignId, start: bool, moments: &[Moment]) -> Screen {
    let html = match moments {
        [_] => t!(tr, "campaigns-time-hour"),
        _ => t!(tr, "campaigns-time-either"),
    };
    moments
        .iter()
        .filter_map(|at| Some((at, minute_of(*at)?)))
        .fold(Screen::new(html), |screen, (at, minute)| screen.button(tr.moment(*at), Call::SetAt { campaign, start, minute }))
        .nav(tr, Call::When { campaign })
}

/// A moment in a button.
fn minute_of(at: Moment) -> Option<u32> {
    u32::try_from(at.timestamp() / 60).ok()
}

/// A moment that a button offers; one that came meanwhile is over.
pub async fn set_at(cx: &Cx, campaign: CampaignId, start: bool, minute: u32) -> Outcome {
    let at = DateTime::from_timestamp(i64::from(minute) * 60, 0).ok_or(crate::frame::error::BotError::Gone)?;
    cx.leave().await?;
    let row = row(cx, campaign).await?;
    if at <= cx.now {
        let past = p!(cx.tr, "campaigns-time-past", time = cx.tr.moment(cx.now));
        return Ok(Reply::screen(card(cx.tr, &row, cx.now)).warning(past));
    }
    if start { set(cx, &row, Some(at), row.ends_at).await } else { set(cx, &row, row.starts_at, Some(at)).await }
}

/// A start by one touch.
pub async fn set_start(cx: &Cx, campaign: CampaignId, start: Start) -> Outcome {
    let row = row(cx, campaign).await?;
    let starts_at = match start {
        Start::Now => None,
        Start::Hour => Some(cx.now + TimeDelta::hours(1)),
    };
    set(cx, &row, starts_at, row.ends_at).await
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
    set(cx, &row, row.starts_at, ends_at).await
}

/// Another window in place of that of the row: a colleague may have set another meanwhile.
async fn set(cx: &Cx, row: &Campaign, starts_at: Option<Moment>, ends_at: Option<Moment>) -> Outcome {
    let campaign = row.id;
    let same = |now: &Campaign| (now.starts_at, now.ends_at) == (row.starts_at, row.ends_at);
    match draft::edit_seen(&cx.deps.store, cx.actor()?, campaign, Change::Window { starts_at, ends_at }, same, cx.now).await {
        Ok(edited) => Ok(told(cx, show(cx, campaign).await?, edited)),
        Err(error @ mms_core::campaign::CampaignError::BadWindow) => {
            Ok(show(cx, campaign).await?.warning(refusal::sentence(cx.tr, error)?))
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// A typed time; what cannot be taken is answered and asked again.
pub async fn typed(cx: &Cx, campaign: CampaignId, text: &str, start: bool) -> Outcome {
    let again = |sentence: &str| Ok(again(cx.tr, campaign, start, sentence, cx.now).into());
    // `1/12` is a day and a month in Russian, and either in English.
    let slash = if cx.tr.language == Language::Ru { Slash::DayFirst } else { Slash::Either };
    let at = match (read(text, cx.tr.zone, slash, cx.now), start) {
        (Ok(Said::At(at)), _) => Some(at),
        (Ok(Said::Now), true) | (Ok(Said::Never), false) => None,
        (Ok(Said::Now), false) => return again(&p!(cx.tr, "campaigns-time-past", time = cx.tr.moment(cx.now))),
        (Ok(Said::Never), true) | (Err(Unclear::Unreadable), _) => return again(&p!(cx.tr, "campaigns-time-unreadable")),
        (Err(Unclear::NoTime(at)), _) => return Ok(clarify(cx.tr, campaign, start, &[at]).into()),
        (Err(Unclear::Either(one, other)), _) => return Ok(clarify(cx.tr, campaign, start, &[one, other]).into()),
        (Err(Unclear::Past), _) => return again(&p!(cx.tr, "campaigns-time-past", time = cx.tr.moment(cx.now))),
        (Err(Unclear::Skipped), _) => return again(&p!(cx.tr, "campaigns-time-skipped")),
    };
    let row = row(cx, campaign).await?;
    let change = if start {
        Change::Window { starts_at: at, ends_at: row.ends_at }
    } else {
        Change::Window { starts_at: row.starts_at, ends_at: at }
    };
    let same = |now: &Campaign| (now.starts_at, now.ends_at) == (row.starts_at, row.ends_at);
    match draft::edit_seen(&cx.deps.store, cx.actor()?, campaign, change, same, cx.now).await {
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

    /// Everything that a screen shows as a moment is read back as that moment, in both languages;
    /// of the hour that the clocks show twice the first is meant.
    #[test]
    fn a_moment_is_read_as_it_is_shown() {
        let now: Moment = "2026-11-23T12:40:05Z".parse().expect("a moment");
        let mut minutes = 17;
        for turn in 0..4_000 {
            // Steps without a common measure with an hour or a day: every hour and every month
            // comes.
            minutes += 61 + turn % 997;
            let at = "2026-11-23T13:00:00Z".parse::<Moment>().expect("a moment") + TimeDelta::minutes(minutes);
            for zone in [chrono_tz::Europe::Moscow, chrono_tz::Asia::Kamchatka, chrono_tz::America::St_Johns, chrono_tz::UTC] {
                for (language, slash) in [(Language::Ru, Slash::DayFirst), (Language::En, Slash::Either)] {
                    let first = chrono::TimeZone::from_local_datetime(&zone, &at.with_timezone(&zone).naive_local())
                        .earliest()
                        .map(|at| Said::At(at.to_utc()));
                    let tr = Tr::new(language, zone);
                    for shown in [tr.moment(at), tr.when(at, now)] {
                        assert_eq!(read(&shown, zone, slash, now).ok(), first, "{shown} in {zone}");
                    }
                }
            }
        }
    }
}
