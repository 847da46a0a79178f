//! Working days, for deadlines that the law counts in them. Dated data (`core/data/calendar`): of a
//! year that is not there nobody knows which days the government will move, so it is told and not
//! reckoned.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use config::{Config, File, FileFormat};
use serde::Deserialize;

/// The days of Russia.
const RU: &str = include_str!("../data/calendar/ru.toml");

/// A year of which the working days are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the working days of {0} are not known")]
pub struct UnknownYear(pub i32);

/// Days of one year that are not as the week says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Year {
    off: BTreeSet<NaiveDate>,
    work: BTreeSet<NaiveDate>,
}

/// The working days of a country, by year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// The day on which somebody looked whether it is still so.
    pub reviewed: NaiveDate,
    years: BTreeMap<i32, Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    country: String,
    reviewed: NaiveDate,
    year: Vec<YearShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearShape {
    year: i32,
    source: String,
    off: Vec<String>,
    work: Vec<String>,
}

/// The calendar of Russia. It is part of the program, and a test reads it.
static RUSSIA: LazyLock<Calendar> = LazyLock::new(|| {
    Calendar::read(RU).unwrap_or_else(|broken| {
        tracing::error!(%broken, "the calendar cannot be read");
        Calendar::default()
    })
});

/// The calendar of Russia.
#[must_use]
pub fn russia() -> &'static Calendar {
    &RUSSIA
}

impl Calendar {
    /// Reads a file of years.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    fn read(text: &str) -> Result<Self, String> {
        let shape: Shape = Config::builder()
            .add_source(File::from_str(text, FileFormat::Toml))
            .build()
            .and_then(Config::try_deserialize)
            .map_err(|error| format!("the file cannot be read: {error}"))?;
        if shape.country != "ru" {
            return Err(format!("the file has the days of the country `{}`, of which nothing is known here", shape.country));
        }
        let mut years = BTreeMap::new();
        for YearShape { year, source, off, work } in shape.year {
            if source.trim().is_empty() {
                return Err(format!("the year {year} has no source"));
            }
            let days = |words: &[String], weekend: bool| -> Result<BTreeSet<NaiveDate>, String> {
                let mut days = BTreeSet::new();
                for word in words {
                    let day = format!("{year}-{word}")
                        .parse()
                        .map_err(|_| format!("the year {year} has the day `{word}`, which there is not"))?;
                    if is_weekend(day) != weekend {
                        return Err(format!("{day} needs no word: the week says it"));
                    }
                    if !days.insert(day) {
                        return Err(format!("{day} is there twice"));
                    }
                }
                Ok(days)
            };
            let one = Year { off: days(&off, false)?, work: days(&work, true)? };
            if years.insert(year, one).is_some() {
                return Err(format!("the year {year} is there twice"));
            }
        }
        Ok(Self { reviewed: shape.reviewed, years })
    }

    /// Whether a day is a working day.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn is_working(&self, day: NaiveDate) -> Result<bool, UnknownYear> {
        let year = self.years.get(&day.year()).ok_or(UnknownYear(day.year()))?;
        Ok(if is_weekend(day) { year.work.contains(&day) } else { !year.off.contains(&day) })
    }

    /// The last day of a term of so many working days that begins on the day after `day`.
    ///
    /// # Errors
    /// [`UnknownYear`] when the term leads into one.
    pub fn after(&self, day: NaiveDate, working: u32) -> Result<NaiveDate, UnknownYear> {
        let (mut at, mut left) = (day, working);
        while left > 0 {
            at = at.checked_add_days(Days::new(1)).ok_or(UnknownYear(at.year()))?;
            left -= u32::from(self.is_working(at)?);
        }
        Ok(at)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests;
