//! Events of a portal: a form that names one element by its id (contracts/crm/bitrix24.md, 6). The
//! address they come to holds a secret of ours, which stands for `application_token`: that token
//! is told to an application's own address at installation, and we have none. A body is a hint.

use crate::crm::{
    CrmHint,
    occasion::{OccasionKind, OccasionRef},
};

/// Most pairs read of one body.
const MAX_PAIRS: usize = 100;

/// The element an event is about.
///
/// # Errors
/// A sentence for the log: the event is of another portal.
pub fn understand(body: &[u8], external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    let (mut event, mut id, mut member) = (String::new(), None, None);
    for (key, value) in url::form_urlencoded::parse(body).take(MAX_PAIRS) {
        match key.as_ref() {
            "event" => event = value.to_ascii_uppercase(),
            "data[FIELDS][ID]" => id = value.parse::<u64>().ok(),
            "auth[member_id]" => member = Some(value.into_owned()),
            _ => {}
        }
    }
    // A portal that was connected by a webhook is known by a name, which may have changed since.
    let wanted = external_id.filter(|known| !known.contains('.'));
    if let (Some(wanted), Some(member)) = (wanted, member)
        && wanted != member
    {
        return Err("the event is of another portal".to_owned());
    }
    let Some(id) = id.map(|id| id.to_string()) else { return Ok(vec![CrmHint::Ignored]) };
    Ok(vec![match event.as_str() {
        "ONCRMCONTACTADD" | "ONCRMCONTACTUPDATE" | "ONCRMCONTACTDELETE" => CrmHint::Contact(id),
        "ONCRMDEALADD" | "ONCRMDEALUPDATE" | "ONCRMDEALDELETE" | "ONCRMDEALMOVETOCATEGORY" => {
            CrmHint::Occasion(OccasionRef { kind: OccasionKind::Deal, id })
        }
        _ => CrmHint::Ignored,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_names_one_element() {
        let body = |event: &str| {
            format!(
                "event={event}&event_handler_id=703&data%5BFIELDS%5D%5BID%5D=662&ts=1&auth[domain]=romashka.bitrix24.ru&auth[member_id]=a223c6"
            )
        };
        let hint = |body: &str, portal: &str| understand(body.as_bytes(), Some(portal));
        assert_eq!(hint(&body("ONCRMCONTACTUPDATE"), "a223c6"), Ok(vec![CrmHint::Contact("662".to_owned())]));
        assert_eq!(hint(&body("OnCrmContactDelete"), "rose.bitrix24.ru"), Ok(vec![CrmHint::Contact("662".to_owned())]));
        let deal = OccasionRef { kind: OccasionKind::Deal, id: "662".to_owned() };
        assert_eq!(hint(&body("ONCRMDEALUPDATE"), "a223c6"), Ok(vec![CrmHint::Occasion(deal)]));
        assert!(hint(&body("ONCRMCONTACTUPDATE"), "b334d7").is_err(), "another portal's");
        for other in
            ["", "{}", "event=ONCRMCONTACTUPDATE", "event=ONCRMCONTACTUPDATE&data[FIELDS][ID]=x", "event=ONAPPUNINSTALL&data[FIELDS][ID]=1"]
        {
            assert_eq!(understand(other.as_bytes(), None), Ok(vec![CrmHint::Ignored]), "{other}");
        }
    }
}
