//! Hooks of a branch (contracts/crm/yclients.md, 6): a change of a client or of a record, whole. It
//! is not signed, so it is a hint.

use std::borrow::Cow;

use serde_json::Value;

use super::wire::id;
use crate::crm::{
    CrmHint,
    gate::only,
    occasion::{OccasionKind, OccasionRef},
};

/// Whom or which visit a body is about.
///
/// # Errors
/// It is of another branch, or no hook at all.
pub fn understand(body: &[u8], external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    let hook: Value = serde_json::from_slice(body).map_err(|_| "the hook is no JSON".to_owned())?;
    // The two brands number their branches for themselves, and a hook says its number alone.
    let own = external_id.map(|own| own.rsplit(':').next().unwrap_or(own));
    let of = id(&hook["company_id"]).ok_or_else(|| "the hook names no branch".to_owned())?;
    if own.is_some_and(|own| own != of) {
        return Err("the hook is of another branch".to_owned());
    }
    Ok(vec![match (hook["resource"].as_str(), id(&hook["resource_id"])) {
        (Some("client"), Some(id)) => CrmHint::Contact(id),
        (Some("record"), Some(id)) => CrmHint::Occasion(OccasionRef { kind: OccasionKind::Visit, id }),
        _ => CrmHint::Ignored,
    }])
}

/// A body without what it says of a person.
#[must_use]
pub fn kept(body: &[u8]) -> Cow<'_, [u8]> {
    Cow::Owned(only(body, &["company_id", "resource", "resource_id", "status"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hook_names_a_client_or_a_record() {
        let read = |body: Value, of: Option<&str>| understand(body.to_string().as_bytes(), of);
        let hook = |resource: &str| json!({ "company_id": 4564, "resource": resource, "resource_id": 77, "status": "update", "data": {} });
        assert_eq!(read(hook("client"), Some("4564")), Ok(vec![CrmHint::Contact("77".to_owned())]));
        assert_eq!(read(hook("client"), Some("altegio:4564")), Ok(vec![CrmHint::Contact("77".to_owned())]));
        let visit = OccasionRef { kind: OccasionKind::Visit, id: "77".to_owned() };
        assert_eq!(read(hook("record"), None), Ok(vec![CrmHint::Occasion(visit)]));
        assert_eq!(read(hook("goods_operations_sale"), Some("4564")), Ok(vec![CrmHint::Ignored]));
        let bare = json!({ "company_id": "4564", "resource": "client", "resource_id": -1 });
        assert_eq!(read(bare, Some("4564")), Ok(vec![CrmHint::Ignored]));
        for bad in [&b""[..], b"{}", b"<html>", b"[]", br#"{"company_id":4565,"resource":"client","resource_id":77}"#] {
            assert!(understand(bad, Some("4564")).is_err());
        }
    }

    #[test]
    fn nothing_of_a_person_is_kept() {
        let body = json!({ "company_id": 4564, "resource": "client", "resource_id": 77, "status": "update", "data": { "name": "Анна", "phone": "79161234567" } });
        let body = body.to_string();
        let kept = kept(body.as_bytes());
        assert_eq!(understand(&kept, Some("4564")), understand(body.as_bytes(), Some("4564")));
        assert!(!String::from_utf8_lossy(&kept).contains("Анна"));
    }
}
