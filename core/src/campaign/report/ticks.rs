//! What is written at the axes of a picture: even steps that people count in, and no label twice.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::clock::Moment;

/// Labels of an axis besides its beginning.
const LABELS: i64 = 6;
/// Steps of time that people count in, seconds, up to a week.
const STEPS: [i64; 19] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800];

/// Whole numbers from nothing to `most`, evenly spaced.
#[must_use]
pub fn counts(most: i64) -> Vec<i64> {
    let most = most.max(1);
    let step =
        (0..19).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i64.pow(power))).find(|step| most / step <= LABELS).unwrap_or(most);
    (0..=most / step).map(|n| n * step).collect()
}

/// Moments within so many seconds of a beginning, evenly spaced by the clock of a zone: seconds
/// after the beginning, and what is written there.
#[must_use]
pub fn times(from: Moment, seconds: f64, zone: Tz) -> Vec<(f64, String)> {
    #[expect(clippy::cast_possible_truncation, reason = "a campaign takes far fewer seconds than 2^52")]
    let whole = seconds.floor() as i64;
    let longest = STEPS[STEPS.len() - 1];
    // Weeks are grouped until there are few enough.
    let step = STEPS.into_iter().find(|step| whole / step < LABELS).unwrap_or(longest * (whole / longest / LABELS + 1));
    let shown = |offset: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "a campaign takes far fewer milliseconds than 2^52")]
        let at = from + TimeDelta::milliseconds((offset * 1_000.0).round() as i64);
        at.with_timezone(&zone).naive_local()
    };
    let local = shown(0.0).and_utc();
    let begun = local.timestamp_millis();
    let first = (begun + step * 1_000 - 1).div_euclid(step * 1_000) * step * 1_000;
    #[expect(clippy::cast_precision_loss, reason = "a campaign takes far fewer milliseconds than 2^52")]
    let mut offsets: Vec<f64> =
        (0..=LABELS).map(|n| (first + n * step * 1_000 - begun) as f64 / 1_000.0).filter(|offset| *offset <= seconds).collect();
    if offsets.is_empty() {
        offsets.push(0.0);
    }
    let days = |at: f64| shown(at).date();
    let one_day = offsets.iter().all(|offset| days(*offset) == days(offsets[0]));
    let shape = match step {
        86_400.. => "%d.%m",
        _ if !one_day => "%d.%m %H:%M",
        60.. => "%H:%M",
        _ => "%H:%M:%S",
    };
    let mut labelled: Vec<(f64, String)> = Vec::new();
    for offset in offsets {
        let label = shown(offset).format(shape).to_string();
        // The hour that a clock goes through twice is written once.
        if labelled.iter().all(|(_, other)| *other != label) {
            labelled.push((offset, label));
        }
    }
    labelled
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::{Berlin, Moscow};

    use super::*;

    fn labels(from: &str, seconds: f64, zone: Tz) -> Vec<String> {
        times(from.parse().unwrap(), seconds, zone).into_iter().map(|(_, label)| label).collect()
    }

    /// The axis of three messages read «0, 1, 1, 2, 2, 3», and that of ten seconds «04:16, 04:16,
    /// 04:16».
    #[test]
    fn no_label_is_written_twice() {
        for most in [0, 1, 2, 3, 5, 7, 10, 99, 383, 1_000, 10_731, 1_000_000, i64::MAX] {
            let counts = counts(most);
            assert!(counts.windows(2).all(|two| two[0] < two[1]) && counts.len() >= 2 && counts.len() <= 8, "{most}: {counts:?}");
            assert_eq!(counts[0], 0);
        }
        for seconds in [1.0, 1.008, 3.0, 9.0, 10.0, 75.0, 363.0, 600.0, 3_599.0, 7_200.0, 40_000.0, 86_400.0, 200_000.0, 3e6, 1e9] {
            let labels = labels("2026-11-28T01:16:07.300Z", seconds, Moscow);
            let mut once = labels.clone();
            once.dedup();
            assert!(!labels.is_empty() && labels.len() <= 7 && once == labels, "{seconds} s: {labels:?}");
        }
    }

    #[test]
    fn steps_are_those_that_people_count_in() {
        assert_eq!(counts(3), [0, 1, 2, 3]);
        assert_eq!(counts(383), [0, 100, 200, 300]);
        assert_eq!(counts(12_480), [0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000]);
        assert_eq!(labels("2026-11-28T01:16:07Z", 9.0, Moscow), ["04:16:08", "04:16:10", "04:16:12", "04:16:14", "04:16:16"]);
        assert_eq!(labels("2026-11-28T01:16:07Z", 363.0, Moscow), ["04:18", "04:20", "04:22"]);
        assert_eq!(
            labels("2026-11-28T19:10:00Z", 18_000.0, Moscow),
            ["28.11 23:00", "29.11 00:00", "29.11 01:00", "29.11 02:00", "29.11 03:00"]
        );
        assert_eq!(labels("2026-11-28T01:16:07Z", 260_000.0, Moscow), ["29.11", "30.11", "01.12"]);
    }

    #[test]
    fn an_hour_that_a_clock_goes_through_twice_is_written_once() {
        let labels = labels("2026-10-24T23:30:00Z", 14_400.0, Berlin);
        assert_eq!(labels, ["02:00", "03:00", "04:00"]);
    }
}
