//! Requests of triggers: the company types their bodies, so a request says no more than that
//! something changed (contracts/crm/retailcrm.md, 6).

use std::borrow::Cow;

use serde_json::Value;

use crate::crm::{CrmHint, gate::only};

/// The customer that a body names, if it names one.
///
/// # Errors
/// Never: any body is a hint.
pub fn understand(body: &[u8], _external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let id = match &said["customer_id"] {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    Ok(vec![id.map_or(CrmHint::Ignored, |id| CrmHint::Contact(id.to_string()))])
}

/// A body without what it says of a person.
#[must_use]
pub fn kept(body: &[u8]) -> Cow<'_, [u8]> {
    Cow::Owned(only(body, &["customer_id", "order_id", "event"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_names_a_customer_or_says_that_something_changed() {
        let hint = |body: &[u8]| understand(body, Some("x")).expect("a hint").remove(0);
        assert_eq!(hint(br#"{"event":"order_status","order_id":2031,"customer_id":4770}"#), CrmHint::Contact("4770".to_owned()));
        assert_eq!(hint(br#"{"customer_id":"12"}"#), CrmHint::Contact("12".to_owned()));
        for body in [&b""[..], b"{}", b"<html>", br#"{"customer_id":"x"}"#, br#"{"customer_id":-1}"#] {
            assert_eq!(hint(body), CrmHint::Ignored);
        }
    }

    #[test]
    fn nothing_of_a_person_is_kept() {
        let body = r#"{"event":"order_status","customer_id":4770,"name":"Анна"}"#.as_bytes();
        let kept = kept(body);
        assert_eq!(understand(&kept, None), understand(body, None));
        assert!(!String::from_utf8_lossy(&kept).contains("Анна"));
    }
}
