use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_years_of_the_file_have_as_many_working_days_as_the_published_calendars() {
    let calendar = Calendar::read(RU).unwrap();
    for year in [2025, 2026, 2027] {
        let days = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days().take_while(|day| day.year() == year);
        let working = days.filter(|day| calendar.is_working(*day).unwrap()).count();
        assert_eq!(working, 247, "{year}");
    }
}

/// Days off in a row, moved days, and a Saturday that was worked.
#[test]
fn terms_end_on_the_day_the_law_says() {
    for (from, working, until) in [
        ("2025-12-30", 1, "2026-01-12"),
        ("2026-11-30", 3, "2026-12-03"),
        ("2026-11-30", 5, "2026-12-07"),
        ("2026-12-30", 1, "2027-01-11"),
        ("2026-12-28", 5, "2027-01-13"),
        ("2026-04-30", 1, "2026-05-04"),
        ("2026-05-08", 1, "2026-05-12"),
        ("2026-03-06", 1, "2026-03-10"),
        ("2025-10-31", 1, "2025-11-01"),
        ("2027-02-19", 2, "2027-02-24"),
        ("2026-11-28", 0, "2026-11-28"),
    ] {
        assert_eq!(russia().after(day(from), working).unwrap(), day(until), "{working} after {from}");
    }
}

#[test]
fn a_year_that_is_not_known_says_so() {
    assert_eq!(russia().is_working(day("2024-12-31")), Err(UnknownYear(2024)));
    assert_eq!(russia().after(day("2027-12-30"), 3), Err(UnknownYear(2028)));
    assert_eq!(russia().after(day("2027-12-28"), 2).unwrap(), day("2027-12-30"));
    assert_eq!(UnknownYear(2028).to_string(), "the working days of 2028 are not known");
}

#[test]
fn a_broken_file_is_refused_in_words() {
    let file = |off: &str| {
        format!("country = \"ru\"\nreviewed = \"2026-11-30\"\n[[year]]\nyear = 2026\nsource = \"s\"\noff = [{off}]\nwork = []\n")
    };
    assert!(Calendar::read(&file("\"02-23\"")).is_ok());
    for (text, says) in [
        (file("\"02-30\""), "`02-30`, which there is not"),
        (file("\"02-22\""), "the week says it"),
        (file("\"02-23\", \"02-23\""), "is there twice"),
        (file("").replace("\"ru\"", "\"kz\""), "of the country `kz`"),
        (file("").replace("\"s\"", "\"\""), "has no source"),
        (file("").replace("year = 2026", "year = 2026\nmaybe = 1"), "cannot be read"),
        (
            format!("{0}{1}", file(""), file("").split_once("[[year]]").map(|(_, rest)| format!("[[year]]{rest}")).unwrap()),
            "is there twice",
        ),
    ] {
        let broken = Calendar::read(&text).unwrap_err();
        assert!(broken.contains(says), "{broken}\nshould say: {says}");
    }
}
