//! The functions that a licensor switches on and off, in words.

use mms_core::{
    account::feature::{self, Off},
    channel::ChannelKind,
    crm::CrmKind,
};

use crate::{i18n::Tr, p, words};

/// A function's name; one of another version keeps its code.
#[must_use]
pub fn name(tr: Tr, function: &str) -> String {
    let channel = function.strip_prefix(feature::CHANNEL).and_then(ChannelKind::named);
    let crm = function.strip_prefix(feature::CRM).and_then(CrmKind::named);
    match (function, channel, crm) {
        (_, Some(kind), _) => p!(tr, "access-feature-channel", messenger = words::provider(kind)),
        (_, _, Some(kind)) => p!(tr, "access-feature-crm", crm = words::crm(kind)),
        (feature::ADVERTISING, ..) => p!(tr, "access-feature-advertising"),
        (feature::INBOX, ..) => p!(tr, "access-feature-inbox"),
        (feature::IMPORTS, ..) => p!(tr, "access-feature-imports"),
        (feature::EXPORTS, ..) => p!(tr, "access-feature-exports"),
        (other, ..) => other.to_owned(),
    }
}

/// A refusal because a function is off.
#[must_use]
pub fn off(tr: Tr, off: &Off) -> String {
    p!(tr, "access-off", name = name(tr, &off.name), reason = &off.reason)
}
