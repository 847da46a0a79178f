//! What became of a message and why, in words: for reports, contact cards and lists of recipients. The room of deliveries
//! keeps words like `sent` and `blocked`; every one of them is worded here.

use crate::{i18n::Tr, p};

/// What became of a message: `sent`, `failed` …, in small letters.
#[must_use]
pub fn state(tr: Tr, word: &str) -> String {
    match word {
        "queued" => p!(tr, "reasons-state-queued"),
        "sending" => p!(tr, "reasons-state-sending"),
        "sent" => p!(tr, "reasons-state-sent"),
        "delivered" => p!(tr, "reasons-state-delivered"),
        "read" => p!(tr, "reasons-state-read"),
        "failed" => p!(tr, "reasons-state-failed"),
        "skipped" => p!(tr, "reasons-state-skipped"),
        "uncertain" => p!(tr, "reasons-state-uncertain"),
        "cancelled" => p!(tr, "reasons-state-cancelled"),
        other => p!(tr, "reasons-other", word = other),
    }
}

/// Why it did not go, was left out or taken back: `blocked`, `no_consent` …, in small letters, without a full stop.
#[must_use]
pub fn reason(tr: Tr, word: &str) -> String {
    match word {
        "no_address" => p!(tr, "reasons-no-address"),
        "no_consent" => p!(tr, "reasons-no-consent"),
        "consent_grade" => p!(tr, "reasons-consent-grade"),
        "opted_out" => p!(tr, "reasons-opted-out"),
        "suppressed" => p!(tr, "reasons-suppressed"),
        "doubt" => p!(tr, "reasons-doubt"),
        "frequency_cap" => p!(tr, "reasons-frequency-cap"),
        "duplicate_address" => p!(tr, "reasons-duplicate-address"),
        "deleted" => p!(tr, "reasons-deleted"),
        "unreachable" => p!(tr, "reasons-unreachable"),
        "licence" => p!(tr, "reasons-licence"),
        "window_closed" => p!(tr, "reasons-window-closed"),
        "campaign_stopped" => p!(tr, "reasons-campaign-stopped"),
        "no_value" => p!(tr, "reasons-no-value"),
        "too_long" => p!(tr, "reasons-too-long"),
        "too_much_work" => p!(tr, "reasons-too-much-work"),
        "empty" => p!(tr, "reasons-empty"),
        "bad_markup" => p!(tr, "reasons-bad-markup"),
        "blocked" => p!(tr, "reasons-blocked"),
        "rejected" => p!(tr, "reasons-rejected"),
        "attempts_exhausted" => p!(tr, "reasons-attempts-exhausted"),
        "no_answer" => p!(tr, "reasons-no-answer"),
        other => p!(tr, "reasons-other", word = other),
    }
}

#[cfg(test)]
mod tests {
    use mms_core::{account::Language, campaign::audience::Skip, delivery::State};

    use super::*;
    use crate::testing;

    #[test]
    fn every_state_and_every_reason_of_planning_has_words() {
        for language in [Language::Ru, Language::En] {
            let tr = testing::tr(language);
            for skip in Skip::ALL {
                assert_ne!(reason(tr, skip.as_str()), p!(tr, "reasons-other", word = skip.as_str()), "{skip:?}");
            }
            for of in State::ALL {
                assert!(!state(tr, of.as_str()).contains('('), "{of:?}");
            }
        }
    }
}
