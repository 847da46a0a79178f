mod heard;

use chrono::{Datelike, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;

use super::{
    places, spans,
    when::{Said, Slash, Unclear, read},
};
use crate::clock::Moment;

const ZONE: Tz = chrono_tz::Europe::Moscow;

/// Monday, 23 November 2026, 15:40 in Moscow.
fn now() -> Moment {
    "2026-11-23T12:40:05Z".parse().expect("a moment")
}

/// What a text says, as Moscow's clock shows it.
fn said(typed: &str, slash: Slash) -> String {
    let shown = |at: Moment| at.with_timezone(&ZONE).format("%d.%m.%Y %H:%M").to_string();
    match read(typed, ZONE, slash, now()) {
        Ok(Said::At(at)) => shown(at),
        Ok(Said::Now) => "now".to_owned(),
        Ok(Said::Never) => "never".to_owned(),
        Err(Unclear::Unreadable) => "?".to_owned(),
        Err(Unclear::Past) => "past".to_owned(),
        Err(Unclear::Skipped) => "skipped".to_owned(),
        Err(Unclear::NoTime(at)) => format!("when on {}", shown(at)),
        Err(Unclear::Either(one, other)) => format!("{} or {}", shown(one), shown(other)),
    }
}

fn table(rows: &[(&str, &str)], slash: Slash) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(typed, expected)| {
            let found = said(typed, slash);
            (found != *expected).then(|| format!("{typed}: {found}, not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The commonest ways people write a time, most of them refused before.
#[test]
fn times_are_read_as_people_write_them() {
    table(
        &[
            // As the bot shows it, and as a phone's calendar pastes it.
            ("1 декабря 2026, 10:00", "01.12.2026 10:00"),
            ("30\u{a0}ноября\u{a0}2026, 12:00", "30.11.2026 12:00"),
            ("30 November 2026, 12:00", "30.11.2026 12:00"),
            ("понедельник, 30 ноября 2026 г., 12:00", "30.11.2026 12:00"),
            ("Mon, 30 Nov 2026 12:00", "30.11.2026 12:00"),
            ("2026-11-30T12:00:00+03:00", "30.11.2026 12:00"),
            ("2026-11-30 12:00", "30.11.2026 12:00"),
            ("не позже 30 ноября 2026, 21:00", "30.11.2026 21:00"),
            // Dates in numbers.
            ("25.11 10:00", "25.11.2026 10:00"),
            (" 25.11, 10:00 ", "25.11.2026 10:00"),
            ("25.11,10:00", "25.11.2026 10:00"),
            ("25.11 в 10:00", "25.11.2026 10:00"),
            ("25.11.26 10.00", "25.11.2026 10:00"),
            ("25.11.2026 10-00", "25.11.2026 10:00"),
            ("25/11 10:00", "25.11.2026 10:00"),
            ("25-11-2026 10:00", "25.11.2026 10:00"),
            ("10:00 25.11", "25.11.2026 10:00"),
            ("10.00 25.11", "25.11.2026 10:00"),
            ("25.11 – 10:00", "25.11.2026 10:00"),
            ("1.12 9", "01.12.2026 09:00"),
            ("1.12 в 9", "01.12.2026 09:00"),
            ("1/12 9:00", "01.12.2026 09:00"),
            ("10.01 10:00", "10.01.2027 10:00"),
            // Dates in words.
            ("1 декабря в 10 утра", "01.12.2026 10:00"),
            ("1 дек 10:00", "01.12.2026 10:00"),
            ("1-го декабря, 10:00", "01.12.2026 10:00"),
            ("первого декабря в десять утра", "01.12.2026 10:00"),
            ("двадцать пятого ноября в 10", "25.11.2026 10:00"),
            ("15-го в 10:00", "15.12.2026 10:00"),
            ("15 числа в 10", "15.12.2026 10:00"),
            ("в 10 утра 1 декабря 2026 года", "01.12.2026 10:00"),
            ("1 января 0:00", "01.01.2027 00:00"),
            // Days counted from today.
            ("завтра в 10", "24.11.2026 10:00"),
            ("Завтра, в 10.", "24.11.2026 10:00"),
            ("завтра 10 00", "24.11.2026 10:00"),
            ("завтра в 10ч30", "24.11.2026 10:30"),
            ("завтра в 10 часов 30 минут", "24.11.2026 10:30"),
            ("в 10:00 завтра", "24.11.2026 10:00"),
            ("завтра утром в 10", "24.11.2026 10:00"),
            ("завтра в 7 вечера", "24.11.2026 19:00"),
            ("завтра вечером в 7", "24.11.2026 19:00"),
            ("завтра в 3 дня", "24.11.2026 15:00"),
            ("завтра в час дня", "24.11.2026 13:00"),
            ("завтра в 2 часа ночи", "24.11.2026 02:00"),
            ("завтра в полдень", "24.11.2026 12:00"),
            ("завтра 24:00", "25.11.2026 00:00"),
            ("завтра в половине девятого утра", "24.11.2026 08:30"),
            ("завтра без четверти девять", "24.11.2026 08:45"),
            ("послезавтра 9:30", "25.11.2026 09:30"),
            ("сегодня в 18:30", "23.11.2026 18:30"),
            ("сегодня в 6", "23.11.2026 18:00"),
            ("сегодня в 10 вечера", "23.11.2026 22:00"),
            ("сегодня в полночь", "24.11.2026 00:00"),
            // Days of the week.
            ("пн 10:00", "30.11.2026 10:00"),
            ("пн. 18:00", "23.11.2026 18:00"),
            ("в понедельник в 10", "30.11.2026 10:00"),
            ("во вторник, 10:00", "24.11.2026 10:00"),
            ("в пятницу в 10 утра", "27.11.2026 10:00"),
            ("в эту субботу 12:00", "28.11.2026 12:00"),
            ("в следующий понедельник в 10:00", "30.11.2026 10:00"),
            ("на следующей неделе в среду в 10", "02.12.2026 10:00"),
            ("ср 25.11 10:00", "25.11.2026 10:00"),
            // Counted from now.
            ("через 2 часа", "23.11.2026 17:40"),
            ("через час", "23.11.2026 16:40"),
            ("через полчаса", "23.11.2026 16:10"),
            ("через полтора часа", "23.11.2026 17:10"),
            ("через 1,5 часа", "23.11.2026 17:10"),
            ("через два часа", "23.11.2026 17:40"),
            ("через 2ч", "23.11.2026 17:40"),
            ("через 1 час 30 минут", "23.11.2026 17:10"),
            ("через 45 мин", "23.11.2026 16:25"),
            ("через сутки", "24.11.2026 15:40"),
            ("через 3 дня", "26.11.2026 15:40"),
            ("через 3 дня в 10:00", "26.11.2026 10:00"),
            ("через неделю в 10", "30.11.2026 10:00"),
            ("через месяц в 10", "23.12.2026 10:00"),
            // The time alone.
            ("18:00", "23.11.2026 18:00"),
            ("10:00", "24.11.2026 10:00"),
            ("в 18", "23.11.2026 18:00"),
            ("10", "24.11.2026 10:00"),
            ("18.30", "23.11.2026 18:30"),
            ("10 утра", "24.11.2026 10:00"),
            ("полдень", "24.11.2026 12:00"),
            ("в полночь", "24.11.2026 00:00"),
            // By another clock.
            ("завтра в 10:00 мск", "24.11.2026 10:00"),
            ("завтра в 10:00 по Екатеринбургу", "24.11.2026 08:00"),
            ("завтра в 10:00 по московскому времени", "24.11.2026 10:00"),
            ("завтра в 10:00 (UTC+5)", "24.11.2026 08:00"),
            ("завтра в 10:00 по местному времени", "24.11.2026 10:00"),
            ("сейчас", "now"),
            ("Сразу после запуска", "now"),
            ("без ограничения", "never"),
        ],
        Slash::DayFirst,
    );
}

#[test]
fn english_times_are_read_as_people_write_them() {
    table(
        &[
            ("1 December 2026, 10:00", "01.12.2026 10:00"),
            ("December 1, 2026 at 10:00", "01.12.2026 10:00"),
            ("Dec 1st, 10am", "01.12.2026 10:00"),
            ("the 1st of December at 10 am", "01.12.2026 10:00"),
            ("tomorrow at 10", "24.11.2026 10:00"),
            ("Tomorrow at 9:30 a.m.", "24.11.2026 09:30"),
            ("tomorrow at 7pm", "24.11.2026 19:00"),
            ("tomorrow at noon", "24.11.2026 12:00"),
            ("tomorrow at half past nine", "24.11.2026 09:30"),
            ("tomorrow at a quarter to nine", "24.11.2026 08:45"),
            ("the day after tomorrow at 10 o'clock", "25.11.2026 10:00"),
            ("day after tomorrow 10:00", "25.11.2026 10:00"),
            ("today at 6 pm", "23.11.2026 18:00"),
            ("tonight at 9", "23.11.2026 21:00"),
            ("Monday 10:00", "30.11.2026 10:00"),
            ("on Friday at 10 in the morning", "27.11.2026 10:00"),
            ("next week on Wed at 10:00", "02.12.2026 10:00"),
            ("in 2 hours", "23.11.2026 17:40"),
            ("in an hour", "23.11.2026 16:40"),
            ("in half an hour", "23.11.2026 16:10"),
            ("in an hour and 30 minutes", "23.11.2026 17:10"),
            ("in 3 days at 10:00", "26.11.2026 10:00"),
            ("in a couple of hours", "23.11.2026 17:40"),
            ("not later than 30 November 2026, 21:00", "30.11.2026 21:00"),
            ("12/25 10:00", "25.12.2026 10:00"),
            ("12pm", "24.11.2026 12:00"),
            ("tomorrow 12am", "24.11.2026 00:00"),
            ("tomorrow 10:00 UTC", "24.11.2026 13:00"),
            ("right after the launch", "now"),
            ("no end", "never"),
            ("3/12 10:00", "03.12.2026 10:00 or 12.03.2027 10:00"),
        ],
        Slash::Either,
    );
}

/// What has two meanings ahead, or lacks the hour, is asked; nonsense and the past are refused.
#[test]
fn what_can_be_understood_in_two_ways_is_not_guessed() {
    table(
        &[
            ("завтра в 6", "24.11.2026 06:00 or 24.11.2026 18:00"),
            ("в 6", "23.11.2026 18:00 or 24.11.2026 06:00"),
            ("завтра в полночь", "24.11.2026 00:00 or 25.11.2026 00:00"),
            ("в следующую пятницу в 10", "27.11.2026 10:00 or 04.12.2026 10:00"),
            ("05.10", "24.11.2026 05:10"),
            ("05.12", "when on 05.12.2026 10:00"),
            ("10.12", "when on 10.12.2026 10:00"),
            ("сегодня вечером", "when on 23.11.2026 19:00"),
            ("вечером", "when on 23.11.2026 19:00"),
            ("утром", "when on 24.11.2026 10:00"),
            ("завтра", "when on 24.11.2026 10:00"),
            ("завтра утром", "when on 24.11.2026 10:00"),
            ("сегодня", "when on 23.11.2026 17:00"),
            ("25.11", "when on 25.11.2026 10:00"),
            ("1 декабря", "when on 01.12.2026 10:00"),
            ("в пятницу", "when on 27.11.2026 10:00"),
            ("22.11", "past"),
            ("22.11 10:00", "past"),
            ("сегодня 10:00", "past"),
            ("сегодня утром", "past"),
            ("25.11.2020 10:00", "past"),
            ("", "?"),
            ("скоро", "?"),
            ("31.02 10:00", "?"),
            ("25.11 25:00", "?"),
            ("1.2.3.4 10:00", "?"),
            ("25.13 10:00", "?"),
            ("-1.-1 10:00", "?"),
            ("10:00-12:00", "?"),
            ("завтра с 10 до 12", "?"),
            ("10–12", "when on 10.12.2026 10:00"),
            ("10 - 12", "?"),
            ("пн или вт 10:00", "?"),
            ("вт 25.11 10:00", "?"),
            ("не завтра 10:00", "?"),
            ("через 2 часа в 10", "?"),
            ("18 утра", "?"),
            ("завтра в 10:60", "?"),
            ("+7 916 123-45-67", "?"),
            ("завтра в 10 по Марсу", "?"),
            ("через 99999999999 часов", "?"),
        ],
        Slash::DayFirst,
    );
}

#[test]
fn a_time_the_clocks_skip_is_refused_and_of_two_the_first_is_taken() {
    let berlin = chrono_tz::Europe::Berlin;
    let now: Moment = "2026-03-20T12:00:00Z".parse().expect("a moment");
    assert_eq!(read("29.03 2:30", berlin, Slash::DayFirst, now), Err(Unclear::Skipped));
    let first = "2026-10-25T00:30:00Z".parse().expect("a moment");
    assert_eq!(read("25.10 2:30", berlin, Slash::DayFirst, now), Ok(Said::At(first)));
}

#[test]
fn zones_are_read_by_city_by_name_and_by_difference() {
    for (typed, zone) in [
        ("Москва", "Europe/Moscow"),
        ("москва", "Europe/Moscow"),
        ("мск", "Europe/Moscow"),
        ("Москва (UTC+3)", "Europe/Moscow"),
        ("europe/moscow", "Europe/Moscow"),
        ("Moscow", "Europe/Moscow"),
        ("по Москве", "Europe/Moscow"),
        ("московское время", "Europe/Moscow"),
        ("г. Санкт-Петербург", "Europe/Moscow"),
        ("спб", "Europe/Moscow"),
        ("Екб", "Asia/Yekaterinburg"),
        ("Челябинск", "Asia/Yekaterinburg"),
        ("по Екатеринбургу", "Asia/Yekaterinburg"),
        ("екатеринбургское время", "Asia/Yekaterinburg"),
        ("новосибирск", "Asia/Novosibirsk"),
        ("Хабаровск", "Asia/Vladivostok"),
        ("орел", "Europe/Moscow"),
        ("Нижний Новгород", "Europe/Moscow"),
        ("asia/novosibirsk", "Asia/Novosibirsk"),
        ("new york", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("Нью-Йорк", "America/New_York"),
        ("Алматы", "Asia/Almaty"),
        ("UTC+5", "Etc/GMT-5"),
        ("utc +5", "Etc/GMT-5"),
        ("GMT-3", "Etc/GMT+3"),
        ("UTC−3", "Etc/GMT+3"),
        ("+05:00", "Etc/GMT-5"),
        ("+5", "Etc/GMT-5"),
        ("МСК+2", "Etc/GMT-5"),
        ("мск + 2 ч", "Etc/GMT-5"),
        ("UTC+5:30", "Asia/Kolkata"),
        ("UTC", "UTC"),
    ] {
        assert_eq!(places::zone(typed).map(Tz::name), Some(zone), "{typed}");
    }
    for typed in ["", "Марс", "UTC+25", "Россия", "5", "()", "времени"] {
        assert_eq!(places::zone(typed), None, "{typed}");
    }
}

#[test]
fn every_zone_is_read_as_it_is_shown() {
    for zone in TZ_VARIANTS {
        for russian in [true, false] {
            let shown = places::shown(zone, russian, now());
            assert_eq!(places::zone(&shown), Some(zone), "{shown}");
        }
    }
    assert_eq!(places::shown(ZONE, true, now()), "Москва (UTC+3)");
    assert_eq!(places::shown(ZONE, false, now()), "Moscow (UTC+3)");
    assert_eq!(places::shown(chrono_tz::Etc::GMTMinus5, true, now()), "UTC+5");
    assert_eq!(places::shown(chrono_tz::America::St_Johns, true, now()), "St Johns (UTC−3:30)");
}

#[test]
fn countries_are_read_by_name_code_and_letters() {
    for (typed, region) in [
        ("Россия", "RU"),
        ("россия", "RU"),
        ("РФ", "RU"),
        ("ru", "RU"),
        ("+7", "RU"),
        ("Россия (+7)", "RU"),
        ("Казахстан", "KZ"),
        ("Белоруссия", "BY"),
        ("Germany", "DE"),
    ] {
        assert_eq!(places::region(typed), Some(region), "{typed}");
    }
    assert_eq!((places::region("Марс"), places::region("")), (None, None));
    assert_eq!((places::region_shown("RU", true), places::region_shown("RU", false)), ("Россия (+7)".to_owned(), "Russia (+7)".to_owned()));
    assert_eq!(places::region_shown("BR", true), "BR");
}

#[test]
fn spans_are_read_in_hours() {
    for (typed, hours) in [
        ("24", Some(24)),
        ("0", Some(0)),
        ("24 часа", Some(24)),
        ("24ч", Some(24)),
        ("сутки", Some(24)),
        ("Сутки.", Some(24)),
        ("двое суток", Some(48)),
        ("день", Some(24)),
        ("2 дня", Some(48)),
        ("полтора дня", Some(36)),
        ("1,5 суток", Some(36)),
        ("полдня", Some(12)),
        ("неделя", Some(168)),
        ("неделю", Some(168)),
        ("2 недели", Some(336)),
        ("две недели", Some(336)),
        ("месяц", Some(720)),
        ("1 день 12 часов", Some(36)),
        ("раз в сутки", Some(24)),
        ("не чаще раза в неделю", Some(168)),
        ("не чаще 1 раз в неделю", Some(168)),
        ("каждые 2 дня", Some(48)),
        ("без паузы", Some(0)),
        ("нет", Some(0)),
        ("a day", Some(24)),
        ("2 days", Some(48)),
        ("once a week", Some(168)),
        ("every 3 days", Some(72)),
        ("no pause", Some(0)),
        ("36h", Some(36)),
        ("1000000", Some(1_000_000)),
        ("30 минут", None),
        ("год", None),
        ("часто", None),
        ("", None),
        ("99999999999999", None),
    ] {
        assert_eq!(spans::hours(typed), hours, "{typed}");
    }
}

#[test]
fn lengths_are_read_as_people_write_them() {
    for (typed, minutes) in [
        ("45", Some(45)),
        ("45 минут", Some(45)),
        ("30м", Some(30)),
        ("3 ч", Some(180)),
        ("3часа", Some(180)),
        ("полчаса", Some(30)),
        ("1,5 часа", Some(90)),
        ("полтора часа", Some(90)),
        ("2 часа 30 минут", Some(150)),
        ("через 2 часа", Some(120)),
        ("час", Some(60)),
        ("сутки", Some(1_440)),
        ("2 дня", Some(2_880)),
        ("неделя", Some(10_080)),
        (" 1 day ", Some(1_440)),
        ("half an hour", Some(30)),
        ("70000", Some(70_000)),
        ("", None),
        ("скоро", None),
        ("-5 минут", None),
        ("0", None),
        ("2 часа завтра", None),
        ("99999999999 дней", None),
    ] {
        assert_eq!(spans::minutes(typed), minutes, "{typed}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}", mixed in prop::collection::vec(prop_oneof![
        Just("через"), Just("2"), Just("99999"), Just("часа"), Just("лет"), Just("в"), Just("10:00"), Just("завтра"), Just("пн"), Just("следующий"),
        Just("декабря"), Just("31"), Just("29.02"), Just("1,5"), Just("2026"), Just("по"), Just("мск"), Just("полночь"), Just("вечера"), Just("-"), Just("пол"),
    ], 0..9)) {
        for slash in [Slash::DayFirst, Slash::Either] {
            for text in [&text, &mixed.join(" "), &mixed.concat()] {
                if let Ok(Said::At(at)) = read(text, ZONE, slash, now()) {
                    prop_assert!(at > now());
                }
            }
        }
        let _ = (places::zone(&text), places::region(&text), spans::hours(&text), spans::hours(&mixed.join(" ")));
    }

    /// Any minute of the next years, as a person would copy it from a screen or write it by hand.
    #[test]
    fn a_written_moment_is_that_moment(minutes in 1_i64..5_000_000, form in 0_usize..6) {
        let at = now().date_naive().and_hms_opt(12, 0, 0).expect("noon").and_utc() + TimeDelta::minutes(41 + minutes);
        let local = at.with_timezone(&ZONE);
        let form = ["%d.%m.%Y %H:%M", "%H:%M %d.%m.%Y", "%Y-%m-%d %H:%M", "%d %B %Y, %H:%M", "%B %d, %Y %I:%M %p", "%a %d.%m.%Y в %H-%M"][form];
        let text = local.format(form).to_string();
        prop_assert_eq!(read(&text, ZONE, Slash::DayFirst, now()), Ok(Said::At(at)), "{}", text);
        prop_assert!(ZONE.from_local_datetime(&local.naive_local()).single().is_some() && local.year() > 2025);
    }
}
