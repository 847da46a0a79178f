//! What every adapter says of its calls in the same way.

use serde_json::Value;

use super::CrmError;

/// The tag that goes with the "do not write" checkbox.
pub const OPT_OUT_TAG: &str = "opt-out";

/// What a repeat of the call would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing.
    Read,
    /// Changes to the same again.
    Repeatable,
    /// Makes one more.
    Once,
}

/// What a call without an answer means; `never_sent`: it certainly did not reach the CRM.
#[must_use]
pub fn no_answer(kind: Kind, never_sent: bool, detail: String) -> CrmError {
    if kind == Kind::Once && !never_sent { CrmError::Unknown(detail) } else { CrmError::Transient { detail, smaller: false } }
}

/// An id, which comes as a number or as a text.
#[must_use]
pub fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}
