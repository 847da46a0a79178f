//! What became of a message and why, in words: for reports, contact cards and lists of recipients.
//! The room of deliveries keeps words like `sent` and `blocked`; every one of them is worded here.

use mms_core::words::{Reason, Why};

use super::inert;
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

/// Why, in small letters: it goes on after a dash or a colon.
#[must_use]
pub fn reason(tr: Tr, reason: Reason) -> String {
    match reason {
        Reason::Deleted => p!(tr, "reasons-deleted"),
        Reason::NoAddress => p!(tr, "reasons-no-address"),
        Reason::OptedOut => p!(tr, "reasons-opted-out"),
        Reason::Suppressed => p!(tr, "reasons-suppressed"),
        Reason::Doubt => p!(tr, "reasons-doubt"),
        Reason::Unreachable => p!(tr, "reasons-unreachable"),
        Reason::NoConsent => p!(tr, "reasons-no-consent"),
        Reason::ConsentGrade => p!(tr, "reasons-consent-grade"),
        Reason::FrequencyCap => p!(tr, "reasons-frequency-cap"),
        Reason::Reached => p!(tr, "reasons-reached"),
        Reason::TakenOver => p!(tr, "reasons-taken-over"),
        Reason::ChannelRemoved => p!(tr, "reasons-channel-removed"),
        Reason::DuplicateAddress => p!(tr, "reasons-duplicate-address"),
        Reason::SamePerson => p!(tr, "reasons-same-person"),
        Reason::Licence => p!(tr, "reasons-licence"),
        Reason::PlanLimit => p!(tr, "reasons-plan-limit"),
        Reason::Suspended => p!(tr, "reasons-suspended"),
        Reason::FeatureOff => p!(tr, "reasons-feature-off"),
        Reason::WindowClosed => p!(tr, "reasons-window-closed"),
        Reason::CampaignStopped => p!(tr, "reasons-campaign-stopped"),
        Reason::NoValue => p!(tr, "reasons-no-value"),
        Reason::TooLong => p!(tr, "reasons-too-long"),
        Reason::TooMuchWork => p!(tr, "reasons-too-much-work"),
        Reason::Empty => p!(tr, "reasons-empty"),
        Reason::BadMarkup => p!(tr, "reasons-bad-markup"),
        Reason::Blocked => p!(tr, "reasons-blocked"),
        Reason::Rejected => p!(tr, "reasons-rejected"),
        Reason::AttemptsExhausted => p!(tr, "reasons-attempts-exhausted"),
        Reason::NoAnswer => p!(tr, "reasons-no-answer"),
        Reason::Resend => p!(tr, "reasons-resend"),
        Reason::Repeat => p!(tr, "reasons-repeat"),
        Reason::Restored => p!(tr, "reasons-restored"),
        Reason::Member => p!(tr, "reasons-member"),
        Reason::LostPhone => p!(tr, "reasons-lost-phone"),
        Reason::Uncertain => p!(tr, "reasons-uncertain"),
        Reason::Template => p!(tr, "reasons-template"),
        Reason::AudienceGrew => p!(tr, "reasons-audience-grew"),
        Reason::ApprovalVoid => p!(tr, "reasons-approval-void"),
        Reason::Returned => p!(tr, "reasons-returned"),
        Reason::ReplyWindow => p!(tr, "reasons-reply-window"),
        Reason::TemplateBarred => p!(tr, "reasons-template-barred"),
        Reason::TemplateNeeded => p!(tr, "reasons-template-needed"),
        Reason::Quota => p!(tr, "reasons-quota"),
        Reason::Law => p!(tr, "reasons-law"),
        Reason::Withheld => p!(tr, "reasons-withheld"),
    }
}

/// A stored reason in words. A code of another version is named as it is.
#[must_use]
pub fn why(tr: Tr, why: &Why) -> String {
    match why {
        Why::Is(known) => reason(tr, *known),
        Why::AllFailed(each) => p!(tr, "reasons-all-failed", reason = self::why(tr, each)),
        Why::Other(code) => p!(tr, "reasons-other", word = code),
    }
}

/// A stored reason in words, with what the provider said of it.
#[must_use]
pub fn why_said(tr: Tr, why: &Why, detail: Option<&str>) -> String {
    let reason = self::why(tr, why);
    match detail {
        Some(detail) => p!(tr, "reasons-said", reason = reason, words = inert(detail)),
        None => reason,
    }
}

#[cfg(test)]
mod tests {
    use mms_core::{account::Language, delivery::State};

    use super::*;
    use crate::testing;

    #[test]
    fn every_state_and_every_reason_has_words_in_both_languages() {
        let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
        for language in [Language::Ru, Language::En] {
            let tr = testing::tr(language);
            let states = State::ALL.map(|of| state(tr, of.as_str()));
            let words = states.into_iter().chain(Reason::ALL.iter().map(|of| reason(tr, *of)));
            for words in words {
                assert!(!words.contains("reasons-") && !words.contains('_'), "{words}");
                assert_eq!(cyrillic(&words), language == Language::Ru, "{words}");
            }
        }
    }

    #[test]
    fn a_reason_of_another_version_is_named_by_its_code() {
        let tr = testing::tr(Language::Ru);
        assert_eq!(why(tr, &Why::of("no_such_word_yet")), "другая причина (no_such_word_yet)");
        assert_eq!(why(tr, &Why::of("all_failed:blocked")), "у первых получателей подряд одна ошибка: заблокировал бота");
    }
}
