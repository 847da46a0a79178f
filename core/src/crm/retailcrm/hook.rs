//! Requests of triggers: the company types their bodies, so a request says no more than that
//! something changed (contracts/crm/retailcrm.md, 6).

use serde_json::Value;

use crate::crm::CrmHint;

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
}
