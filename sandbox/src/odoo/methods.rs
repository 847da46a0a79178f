//! Methods of single models: the chatter, the blacklist of phones, API keys (contract, 1.1, 3
//! and 8).

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use super::{
    error::{OdooError, OdooResult},
    server::Call,
    state::{Key, Row, State},
    write::existing,
};

/// Keys of one user.
const KEYS: usize = 10;
/// The longest life of an ordinary user's key, in days.
const KEY_DAYS: i64 = 92;

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;")
}

/// `message_post` on the chatter of a partner or a lead.
pub(crate) fn message_post(state: &mut State, call: &Call) -> OdooResult {
    if !matches!(call.model.as_str(), "res.partner" | "crm.lead") {
        return Err(OdooError::not_found(format!("The method '{}.message_post' does not exist", call.model)));
    }
    state.may(call.user, &call.model, "read")?;
    existing(state, call)?;
    let [id] = call.ids.as_slice() else {
        return Err(OdooError::value(format!("Expected singleton: {}{:?}", call.model, call.ids)));
    };
    let kind = call.get("message_type").as_str().unwrap_or("notification");
    if !["comment", "notification", "email"].contains(&kind) {
        return Err(OdooError::value(format!("Wrong value for mail.message.message_type: '{kind}'")));
    }
    let subtype = call.get("subtype_xmlid").as_str();
    if subtype.is_some_and(|name| !["mail.mt_note", "mail.mt_comment"].contains(&name)) {
        return Err(OdooError::value(format!("External ID not found in the system: {}", subtype.unwrap_or_default())));
    }
    let body = call.get("body").as_str().unwrap_or_default();
    // Older versions take HTML as it comes.
    let body = if state.settings.version >= 17 { format!("<p>{}</p>", escaped(body)) } else { format!("<p>{body}</p>") };
    let values = [
        ("model", json!(call.model)),
        ("res_id", json!(id)),
        ("body", json!(body)),
        ("message_type", json!(kind)),
        ("is_internal", json!(subtype != Some("mail.mt_comment"))),
    ];
    let values: Row = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let message = state.make("mail.message", &values);
    state.accept(&call.model, "message_post", &[*id], json!({ "body": call.get("body"), "message": message }));
    Ok(if call.strict && state.settings.post_gives_list { json!([message]) } else { json!(message) })
}

/// `phone.blacklist`: `add` and `remove` by the number.
pub(crate) fn blacklist(state: &mut State, call: &Call) -> OdooResult {
    state.may(call.user, &call.model, "write")?;
    let given = call.get("number").as_str().unwrap_or_default();
    let number = State::sanitized(given).ok_or_else(|| OdooError::user(format!("Invalid number {given}")))?;
    let active = call.method == "add";
    let id = state.make("phone.blacklist", &Row::from_iter([("number".to_owned(), json!(number))]));
    if !active {
        state.change("phone.blacklist", id, &Row::from_iter([("active".to_owned(), json!(false))]));
    }
    state.accept(&call.model, &call.method, &[id], json!({ "number": given, "message": call.get("message") }));
    Ok(if state.settings.blacklist_gives_ids { json!([id]) } else { json!(true) })
}

/// `res.users.apikeys`: `generate` and `revoke`.
pub(crate) fn keys(state: &mut State, call: &Call) -> OdooResult {
    let given = call.get("key").as_str().unwrap_or_default();
    if state.user_of(given) != Some(call.user) {
        return Err(OdooError::access("The provided API key is invalid."));
    }
    if call.method == "revoke" {
        state.keys.retain(|key| key.key != given);
        return Ok(json!(true));
    }
    if !state.settings.programmatic_keys && call.user != super::state::ADMIN {
        return Err(OdooError::access("Programmatic API keys are not enabled"));
    }
    if state.keys.iter().filter(|key| key.user == call.user).count() >= KEYS {
        return Err(OdooError::user(format!("Limit of {KEYS} API keys is reached")));
    }
    let now = state.now();
    let until = call.get("expiration_date").as_str().and_then(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok());
    let until = until.map(|at| at.and_utc()).ok_or_else(|| OdooError::user("The API key must have an expiration date"))?;
    if call.user != super::state::ADMIN && until > now + TimeDelta::days(KEY_DAYS) {
        return Err(OdooError::user("You cannot exceed 90 days."));
    }
    let key = state.new_key(call.user, Some(until));
    Ok(Value::String(key))
}

impl State {
    /// A new key of a user.
    pub(crate) fn new_key(&mut self, user: u64, expires: Option<chrono::DateTime<chrono::Utc>>) -> String {
        let key = format!("{:040x}", rand::random::<u128>());
        self.keys.push(Key { key: key.clone(), expires, user });
        key
    }
}
