//! Buttons under a message (contract, 2.4).

use serde_json::{Value, json};

use super::{
    error::{ApiError, ApiResult},
    params::units,
};

const MAX_ROWS: usize = 30;
const MAX_IN_ROW: usize = 7;
/// Of a row with links, apps or requests (unconfirmed).
const MAX_WIDE: usize = 3;
const MAX_BUTTONS: usize = 210;
const MAX_LABEL: usize = 128;
const MAX_PAYLOAD: usize = 1024;
const MAX_URL: usize = 2048;

/// Checks `payload.buttons`; gives them as a message carries them.
pub(crate) fn read(payload: &Value) -> ApiResult<Value> {
    let wrong = |why: &str| ApiError::payload(format!("attachments: inline_keyboard: {why}"));
    let rows = payload["buttons"].as_array().ok_or_else(|| wrong("buttons: must be an array of arrays"))?;
    if rows.len() > MAX_ROWS {
        return Err(wrong(&format!("size of buttons must be between 1 and {MAX_ROWS}")));
    }
    let (mut shown, mut count) = (Vec::new(), 0);
    for row in rows {
        let row = row.as_array().ok_or_else(|| wrong("buttons: must be an array of arrays"))?;
        let wide = row
            .iter()
            .any(|button| matches!(button["type"].as_str(), Some("link" | "open_app" | "request_contact" | "request_geo_location")));
        let most = if wide { MAX_WIDE } else { MAX_IN_ROW };
        if row.is_empty() || row.len() > most {
            return Err(wrong(&format!("size of row must be between 1 and {most}")));
        }
        count += row.len();
        shown.push(row.iter().map(button).collect::<ApiResult<Vec<Value>>>()?);
    }
    if count == 0 || count > MAX_BUTTONS {
        return Err(wrong(&format!("count of buttons must be between 1 and {MAX_BUTTONS}")));
    }
    Ok(json!({ "buttons": shown }))
}

fn button(raw: &Value) -> ApiResult<Value> {
    let wrong = |why: String| ApiError::payload(format!("attachments: inline_keyboard: button: {why}"));
    let kind = raw["type"].as_str().unwrap_or_default();
    let label = raw["text"].as_str().unwrap_or_default();
    if label.trim().is_empty() || units(label) > MAX_LABEL {
        return Err(wrong(format!("text: size must be between 1 and {MAX_LABEL}")));
    }
    let text = |name: &str, most: usize| match &raw[name] {
        Value::Null => Ok(None),
        Value::String(text) if units(text) <= most => Ok(Some(text.clone())),
        Value::String(_) => Err(wrong(format!("{name}: size must be between 0 and {most}"))),
        _ => Err(wrong(format!("{name}: must be a string"))),
    };
    let required = |name: &str, most: usize| {
        let found = text(name, most)?.filter(|text| !text.is_empty());
        found.ok_or_else(|| wrong(format!("{name}: is required")))
    };
    let mut shown = json!({ "type": kind, "text": label });
    match kind {
        "callback" => {
            if let Some(payload) = text("payload", MAX_PAYLOAD)? {
                shown["payload"] = json!(payload);
            }
            match &raw["intent"] {
                Value::Null => {}
                intent if matches!(intent.as_str(), Some("default" | "positive" | "negative")) => shown["intent"] = intent.clone(),
                _ => return Err(wrong("intent: unknown value".to_owned())),
            }
        }
        "link" => {
            let url = required("url", MAX_URL)?;
            if !["http://", "https://", "max://"].iter().any(|scheme| url.starts_with(scheme)) {
                return Err(wrong("url: is not a valid URL".to_owned()));
            }
            shown["url"] = json!(url);
        }
        "clipboard" => shown["payload"] = json!(required("payload", MAX_PAYLOAD)?),
        "message" | "request_contact" => {}
        "request_geo_location" => shown["quick"] = json!(raw["quick"] == Value::Bool(true)),
        "open_app" => {
            for name in ["web_app", "payload"] {
                if let Some(value) = text(name, MAX_PAYLOAD)? {
                    shown[name] = json!(value);
                }
            }
            if raw["contact_id"].is_i64() {
                shown["contact_id"] = raw["contact_id"].clone();
            }
        }
        other => return Err(wrong(format!("type: unknown value {other}"))),
    }
    Ok(shown)
}
