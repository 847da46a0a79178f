//! What is wrong with a chain of the trail, in words.

use mms_core::store::trail::Broken;

use crate::{i18n::Tr, p};

/// Why a chain is not what it should be, in small letters.
#[must_use]
pub fn broken(tr: Tr, broken: &Broken) -> String {
    match broken {
        Broken::Gap { expected, found } => p!(tr, "audit-broken-gap", expected = *expected, found = *found),
        Broken::Changed(entry) => p!(tr, "audit-broken-changed", entry = *entry),
        Broken::CutOff { head, found } => p!(tr, "audit-broken-cut-off", head = *head, found = *found),
        Broken::Added(entry) => p!(tr, "audit-broken-added", entry = *entry),
        Broken::Head => p!(tr, "audit-broken-head"),
        Broken::FoundChanged => p!(tr, "audit-broken-found"),
        Broken::BrokenBefore { at, reason, entry } => {
            let utc = Tr::new(tr.language, chrono_tz::UTC);
            let at = utc.moment(*at);
            if *reason == "missing" {
                p!(tr, "audit-broken-before-missing", at = at, entry = *entry)
            } else {
                p!(tr, "audit-broken-before-forged", at = at, entry = *entry)
            }
        }
        Broken::ConsentAdded(consent) => p!(tr, "audit-broken-consent-added", consent = *consent),
        Broken::ConsentsChanged(link) => p!(tr, "audit-broken-consents-changed", link = *link),
        Broken::ConsentsMissing { chained, found } => {
            p!(tr, "audit-broken-consents-missing", chained = *chained, found = *found)
        }
        Broken::NotExpected(entry) => p!(tr, "audit-broken-not-expected", entry = *entry),
        Broken::NoKey => p!(tr, "audit-broken-no-key"),
    }
}
