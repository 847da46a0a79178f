//! Keyboards: what is taken (contract, 2.4), and how a phone shows them.

use serde_json::Value;

use super::error::{VkError, VkResult};
use crate::view::Button;

/// Characters of a label (from a widely used library).
const MAX_LABEL: usize = 40;
/// Characters of a payload, as JSON.
const MAX_PAYLOAD: usize = 255;
const COLOURS: [&str; 4] = ["primary", "secondary", "positive", "negative"];

fn wrong(what: &str) -> VkError {
    VkError::with(911, what)
}

/// A keyboard as it came, in the shape a message keeps.
pub(crate) fn read(raw: &str) -> VkResult<Value> {
    let mut keyboard: Value = serde_json::from_str(raw).map_err(|_| wrong("is not JSON"))?;
    if !keyboard.is_object() {
        return Err(wrong("is not an object"));
    }
    for name in ["one_time", "inline"] {
        match &keyboard[name] {
            Value::Null => keyboard[name] = Value::Bool(false),
            Value::Bool(_) => {}
            _ => return Err(wrong(&format!("{name} should be boolean"))),
        }
    }
    let inline = keyboard["inline"] == true;
    if inline && keyboard["one_time"] == true {
        return Err(wrong("inline keyboard can't be one_time"));
    }
    let rows = keyboard["buttons"].as_array().ok_or_else(|| wrong("buttons is undefined"))?;
    let (most_rows, most) = if inline { (6, 10) } else { (10, 40) };
    let count: usize = rows.iter().map(|row| row.as_array().map_or(0, Vec::len)).sum();
    if rows.len() > most_rows || count > most || (inline && count == 0) {
        return Err(wrong(&format!("at most {most_rows} rows and {most} buttons")));
    }
    for row in rows {
        let row = row.as_array().filter(|row| (1..=5).contains(&row.len())).ok_or_else(|| wrong("a row has 1-5 buttons"))?;
        row.iter().try_for_each(button)?;
    }
    // Shown as a text, however it came; the schema has it in every button but those that write.
    let rows = keyboard["buttons"].as_array_mut().into_iter().flatten();
    for button in rows.filter_map(Value::as_array_mut).flatten() {
        let Some(action) = button["action"].as_object_mut() else { continue };
        let text = match action.get("payload") {
            Some(Value::Null) | None if matches!(action["type"].as_str(), Some("text" | "callback")) => continue,
            Some(Value::Null) | None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        action.insert("payload".to_owned(), Value::String(text));
    }
    Ok(keyboard)
}

fn button(button: &Value) -> VkResult<()> {
    let action = &button["action"];
    let kind = action["type"].as_str().ok_or_else(|| wrong("action type is undefined"))?;
    let label = action["label"].as_str();
    let labelled = matches!(kind, "text" | "callback" | "open_link" | "open_app");
    if labelled && label.is_none_or(|label| label.is_empty() || label.chars().count() > MAX_LABEL) {
        return Err(wrong(&format!("label should have 1-{MAX_LABEL} characters")));
    }
    match &action["payload"] {
        Value::Null => {}
        // Taken as JSON in a text or as JSON itself.
        Value::String(text) => {
            if text.chars().count() > MAX_PAYLOAD || (!text.is_empty() && serde_json::from_str::<Value>(text).is_err()) {
                return Err(wrong("payload should be JSON of at most 255 characters"));
            }
        }
        other => {
            if other.to_string().chars().count() > MAX_PAYLOAD {
                return Err(wrong("payload should be JSON of at most 255 characters"));
            }
        }
    }
    let link = action["link"].as_str().unwrap_or_default();
    match kind {
        "text" | "callback" | "location" | "vkpay" => {}
        "open_link" if link.starts_with("http://") || link.starts_with("https://") => {}
        "open_link" => return Err(wrong("link is undefined")),
        "open_app" if action["app_id"].is_i64() => {}
        "open_app" => return Err(wrong("app_id is undefined")),
        _ => return Err(wrong(&format!("unknown type {kind}"))),
    }
    match &button["color"] {
        Value::Null => Ok(()),
        Value::String(colour) if COLOURS.contains(&colour.as_str()) && matches!(kind, "text" | "callback") => Ok(()),
        _ => Err(wrong(&format!("color is not for {kind}"))),
    }
}

/// The buttons as a phone shows them.
pub(crate) fn shown(keyboard: &Value) -> Vec<Vec<Button>> {
    let shown = |button: &Value| {
        let action = &button["action"];
        let kind = action["type"].as_str().unwrap_or_default().to_owned();
        let text =
            action["label"].as_str().map_or_else(|| if kind == "location" { "Местоположение" } else { "VK Pay" }.to_owned(), str::to_owned);
        let data = action["payload"].as_str().filter(|payload| !payload.is_empty()).map(str::to_owned);
        Button { text, url: action["link"].as_str().map(str::to_owned), data, kind, ..Button::default() }
    };
    let rows = keyboard["buttons"].as_array().into_iter().flatten();
    rows.map(|row| row.as_array().into_iter().flatten().map(shown).collect()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keyboards_have_bounds() {
        let text = |label: &str| json!({ "action": { "type": "text", "label": label, "payload": "{\"a\":1}" } });
        let taken = |keyboard: Value| read(&keyboard.to_string()).map_err(|error| error.code);
        let rows = |count: usize, row: usize| json!({ "buttons": vec![vec![text("да"); row]; count] });
        let inline = |mut keyboard: Value| {
            keyboard["inline"] = json!(true);
            keyboard
        };
        assert!(
            taken(rows(10, 4)).is_ok() && taken(inline(rows(2, 5))).is_ok() && taken(json!({ "buttons": [], "one_time": true })).is_ok()
        );
        for refused in [
            rows(11, 1),
            rows(9, 5),
            rows(1, 6),
            inline(rows(7, 1)),
            inline(rows(3, 4)),
            inline(json!({ "buttons": [] })),
            json!({ "buttons": [[text(&"ж".repeat(41))]] }),
            json!({ "buttons": [[text("")]] }),
            json!({ "buttons": [[{ "action": { "type": "text", "label": "a", "payload": "no json" } }]] }),
            json!({ "buttons": [[{ "action": { "type": "text", "label": "a", "payload": format!("\"{}\"", "ж".repeat(254)) } }]] }),
            json!({ "buttons": [[{ "action": { "type": "open_link", "label": "a" } }]] }),
            json!({ "buttons": [[{ "action": { "type": "open_link", "label": "a", "link": "https://ex.ru" }, "color": "primary" }]] }),
            json!({ "buttons": [[{ "action": { "type": "dance", "label": "a" } }]] }),
            json!({ "one_time": true }),
        ] {
            assert_eq!(taken(refused.clone()), Err(911), "{refused}");
        }
        let link =
            json!({ "buttons": [[{ "action": { "type": "open_link", "label": "Сайт", "link": "https://ex.ru" } }]], "inline": true });
        assert_eq!(shown(&taken(link).unwrap())[0][0].url.as_deref(), Some("https://ex.ru"));
    }
}
