//! Webhooks of automation rules (contracts/crm/odoo.md, 6): the fields are the company's choice,
//! the model and the record's id are always there.

use std::borrow::Cow;

use serde_json::Value;

use super::{LEAD, PARTNER};
use crate::crm::{
    CrmHint,
    gate::only,
    occasion::{OccasionKind, OccasionRef},
};

/// The contact or the lead that a body names, if it names one.
///
/// # Errors
/// Never: any body is a hint.
pub fn understand(body: &[u8], _external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let id = said["_id"].as_u64().or_else(|| said["id"].as_u64()).map(|id| id.to_string());
    Ok(vec![match (said["_model"].as_str(), id) {
        (Some(PARTNER), Some(id)) => CrmHint::Contact(id),
        (Some(LEAD), Some(id)) => CrmHint::Occasion(OccasionRef { kind: OccasionKind::Deal, id }),
        _ => CrmHint::Ignored,
    }])
}

/// A body without what it says of a person.
#[must_use]
pub fn kept(body: &[u8]) -> Cow<'_, [u8]> {
    Cow::Owned(only(body, &["_id", "id", "_model", "_action", "_name"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_names_a_record_or_says_that_something_changed() {
        let hint = |body: &[u8]| understand(body, Some("x")).expect("a hint").remove(0);
        assert_eq!(hint(br#"{"_action":"Send(#1)","_id":7,"_model":"res.partner","id":7}"#), CrmHint::Contact("7".to_owned()));
        assert_eq!(hint(br#"{"_name":"Send","_model":"res.partner","id":7}"#), CrmHint::Contact("7".to_owned()));
        let deal = CrmHint::Occasion(OccasionRef { kind: OccasionKind::Deal, id: "31".to_owned() });
        assert_eq!(hint(br#"{"_id":31,"_model":"crm.lead","stage_id":4}"#), deal);
        for body in [&b""[..], b"{}", b"<html>", br#"{"_id":7,"_model":"sale.order"}"#, br#"{"_id":-1,"_model":"res.partner"}"#] {
            assert_eq!(hint(body), CrmHint::Ignored);
        }
    }

    #[test]
    fn nothing_of_a_person_is_kept() {
        let body = r#"{"_name":"Send","_id":7,"_model":"res.partner","name":"Анна","id":7}"#.as_bytes();
        let kept = kept(body);
        assert_eq!(understand(&kept, None), understand(body, None));
        assert!(!String::from_utf8_lossy(&kept).contains("Анна"));
        assert_eq!(super::kept(b"<name>"), &b"{}"[..]);
    }
}
