//! Events of a portal: a form that names one element by its id (contracts/crm/bitrix24.md, 6). The
//! address they come to holds a secret of ours, which stands for `application_token`: that token
//! is told to an application's own address at installation, and we have none. A body is a hint.

use std::borrow::Cow;

use crate::{
    crm::{
        CrmHint,
        message::{CrmMessage, Origin},
        occasion::{OccasionKind, OccasionRef},
    },
    secret::Secret,
};

/// Most pairs read of one body.
const MAX_PAIRS: usize = 100;
/// What opens the portal, or proves that the portal speaks: no body is kept with it.
const SECRETS: &[&str] = &["auth[access_token]", "auth[refresh_token]", "auth[application_token]"];

/// The element an event is about.
///
/// # Errors
/// A sentence for the log: the event is of another portal.
pub fn understand(body: &[u8], external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    let (mut event, mut id, mut member) = (String::new(), None, None);
    for (key, value) in url::form_urlencoded::parse(body).take(MAX_PAIRS) {
        match key.as_ref() {
            "event" => event = value.to_ascii_uppercase(),
            "data[FIELDS][ID]" | "data[ID]" => id = value.parse::<u64>().ok(),
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
        "ONBOOKINGADD" | "ONBOOKINGUPDATE" | "ONBOOKINGDELETE" => CrmHint::Occasion(OccasionRef { kind: OccasionKind::Visit, id }),
        _ => CrmHint::Ignored,
    }])
}

/// A message that a card or a robot of the portal gives its sender (apidocs.bitrix24.com,
/// `messageservice.sender.add`). Whose word it is, a person's or the portal's own, is told by the
/// module alone.
#[must_use]
pub fn message(body: &[u8]) -> Option<CrmMessage> {
    let (mut id, mut account, mut proof, mut module) = (None, String::new(), None, String::new());
    let (mut to, mut text) = ([None, None], [None, None]);
    for (key, value) in url::form_urlencoded::parse(body) {
        let value = value.into_owned();
        match key.as_ref() {
            // An event holds no message, whatever else is in it.
            "event" => return None,
            "message_id" => id = Some(value),
            "message_to" => to[0] = Some(value),
            "properties[phone_number]" => to[1] = Some(value),
            "message_body" => text[0] = Some(value),
            "properties[message_text]" => text[1] = Some(value),
            "module_id" => module = value,
            "auth[member_id]" => account = value,
            "auth[application_token]" => proof = Some(Secret::new(value)),
            _ => {}
        }
    }
    let id = id.filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()))?;
    let first = |two: [Option<String>; 2]| two.into_iter().flatten().find(|value| !value.trim().is_empty()).unwrap_or_default();
    let origin = if module == "crm" { Origin::Card } else { Origin::Robot };
    Some(CrmMessage { id, to: first(to), text: first(text), origin, account, proof })
}

/// A body without what opens the portal.
#[must_use]
pub fn kept(body: &[u8]) -> Cow<'_, [u8]> {
    let is_secret = |key: &str| SECRETS.contains(&key);
    if !url::form_urlencoded::parse(body).any(|(key, _)| is_secret(&key)) {
        return Cow::Borrowed(body);
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(url::form_urlencoded::parse(body).filter(|(key, _)| !is_secret(key)));
    Cow::Owned(form.finish().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_a_card_or_a_robot_is_read_and_kept_without_tokens() {
        let body = "module_id=bizproc&workflow_id=1&document_id%5B0%5D=crm&type=SMS&code=mms-1&message_id=42&message_to=%2B79123456789\
            &message_body=%D0%96%D0%B4%D1%91%D0%BC%0A%D0%B2%D0%B0%D1%81&ts=1&auth%5Baccess_token%5D=opens&auth%5Brefresh_token%5D=more\
            &auth%5Bmember_id%5D=a223c6&auth%5Bapplication_token%5D=proves";
        let read = message(body.as_bytes()).expect("a message");
        assert_eq!((read.id.as_str(), read.to.as_str(), read.text.as_str()), ("42", "+79123456789", "Ждём\nвас"));
        assert_eq!((read.origin, read.account.as_str(), read.proof), (Origin::Robot, "a223c6", Some(Secret::new("proves"))));
        let kept = kept(body.as_bytes());
        let words = String::from_utf8_lossy(&kept);
        assert!(!words.contains("opens") && !words.contains("more") && !words.contains("proves"), "{words}");
        let again = message(&kept).expect("a message");
        assert_eq!((again.text, again.proof), ("Ждём\nвас".to_owned(), None));
        let card = message(b"module_id=crm&message_id=1&properties[phone_number]=8912&properties[message_text]=x").expect("a message");
        assert_eq!((card.origin, card.to.as_str(), card.text.as_str(), card.proof), (Origin::Card, "8912", "x", None));
        for other in ["", "message_id=", "message_id=a b", "event=ONCRMCONTACTUPDATE&message_id=1", "{}"] {
            assert_eq!(message(other.as_bytes()), None, "{other}");
        }
        let event = b"event=ONCRMCONTACTUPDATE&data[FIELDS][ID]=7";
        assert!(matches!(super::kept(event), Cow::Borrowed(_)), "what holds no secret is kept as it came");
    }

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
        let booking = b"event=ONBOOKINGUPDATE&data[ID]=66&auth[member_id]=a223c6";
        let visit = OccasionRef { kind: OccasionKind::Visit, id: "66".to_owned() };
        assert_eq!(understand(booking, Some("a223c6")), Ok(vec![CrmHint::Occasion(visit)]));
        assert!(hint(&body("ONCRMCONTACTUPDATE"), "b334d7").is_err(), "another portal's");
        for other in
            ["", "{}", "event=ONCRMCONTACTUPDATE", "event=ONCRMCONTACTUPDATE&data[FIELDS][ID]=x", "event=ONAPPUNINSTALL&data[FIELDS][ID]=1"]
        {
            assert_eq!(understand(other.as_bytes(), None), Ok(vec![CrmHint::Ignored]), "{other}");
        }
    }
}
