//! Keyboards and rich media: what is taken (contract, 2.3), and how a phone shows them.

use serde_json::Value;

use super::error::{ViberError, ViberResult};
use crate::view::Button;

/// Columns of a row.
const COLUMNS: u64 = 6;
/// The lowest client that shares a number.
const SHARES: i64 = 3;

/// A keyboard that may be sent.
pub(crate) fn check(keyboard: &Value, text: usize, least: i64) -> ViberResult<Value> {
    if keyboard["Type"] != "keyboard" {
        return Err(ViberError::bad("Type of the keyboard"));
    }
    let buttons = buttons(keyboard)?;
    for button in buttons {
        check_button(button, text, 2)?;
        if matches!(button["ActionType"].as_str(), Some("share-phone" | "location-picker")) && least < SHARES {
            return Err(ViberError::new(14));
        }
    }
    Ok(keyboard.clone())
}

fn buttons(of: &Value) -> ViberResult<&Vec<Value>> {
    of["Buttons"].as_array().filter(|buttons| !buttons.is_empty()).ok_or_else(|| ViberError::missing("Buttons"))
}

fn check_button(button: &Value, most: usize, rows: u64) -> ViberResult<()> {
    let within = |name: &str, most: u64| match &button[name] {
        Value::Null => Ok(()),
        value => value.as_u64().filter(|count| (1..=most).contains(count)).map(|_| ()).ok_or_else(|| ViberError::bad(name)),
    };
    within("Columns", COLUMNS)?;
    within("Rows", rows)?;
    let action = button["ActionType"].as_str().unwrap_or("reply");
    if !matches!(action, "reply" | "open-url" | "location-picker" | "share-phone" | "none") {
        return Err(ViberError::bad(format!("ActionType {action}")));
    }
    let body = button["ActionBody"].as_str().unwrap_or_default();
    if body.is_empty() && action != "none" {
        return Err(ViberError::missing("ActionBody"));
    }
    if action == "open-url" && !(body.starts_with("http://") || body.starts_with("https://") || body.starts_with("viber://")) {
        return Err(ViberError::bad("ActionBody is no address"));
    }
    if button["Text"].as_str().is_some_and(|text| text.chars().count() > most) {
        return Err(ViberError::bad("Text of a button"));
    }
    Ok(())
}

/// The buttons of rich media, by rows.
pub(crate) fn carousel(rich: &Value, text: usize) -> ViberResult<Vec<Vec<Button>>> {
    if rich["Type"] != "rich_media" {
        return Err(ViberError::bad("Type of the rich media"));
    }
    let within = |name: &str, most: u64| rich[name].is_null() || rich[name].as_u64().is_some_and(|count| (1..=most).contains(&count));
    if !within("ButtonsGroupColumns", COLUMNS) || !within("ButtonsGroupRows", 7) {
        return Err(ViberError::bad("ButtonsGroupColumns or ButtonsGroupRows"));
    }
    for button in buttons(rich)? {
        check_button(button, text, 7)?;
    }
    Ok(shown(rich))
}

/// The buttons as a phone shows them, row by row of six columns.
pub(crate) fn shown(keyboard: &Value) -> Vec<Vec<Button>> {
    let mut rows: Vec<Vec<Button>> = Vec::new();
    let mut left = 0;
    for button in keyboard["Buttons"].as_array().into_iter().flatten() {
        let columns = button["Columns"].as_u64().unwrap_or(COLUMNS);
        let action = button["ActionType"].as_str().unwrap_or("reply");
        let body = button["ActionBody"].as_str().map(str::to_owned);
        let one = Button {
            text: button["Text"].as_str().map(plain).unwrap_or_default(),
            kind: if button["Silent"] == true { format!("{action} silent") } else { action.to_owned() },
            url: body.clone().filter(|_| action == "open-url"),
            data: body.filter(|_| action != "open-url"),
            copy: None,
            contact: action == "share-phone",
        };
        if columns > left {
            rows.push(Vec::new());
            left = COLUMNS;
        }
        left -= columns.min(left);
        if let Some(row) = rows.last_mut() {
            row.push(one);
        }
    }
    rows
}

/// A button's text without the marks of HTML that it may have.
fn plain(text: &str) -> String {
    let mut inside = false;
    let kept = text.chars().filter(|character| {
        let mark = inside || *character == '<';
        inside = mark && *character != '>';
        !mark
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn buttons_stand_in_rows_of_six_columns() {
        let button = |columns: u64, text: &str| json!({ "Columns": columns, "ActionType": "reply", "ActionBody": "x", "Text": text });
        let keyboard = json!({ "Type": "keyboard", "Buttons": [button(3, "а"), button(3, "<b>б</b>"), button(6, "в"), button(4, "г")] });
        let rows: Vec<Vec<String>> =
            shown(&check(&keyboard, 250, 1).unwrap()).into_iter().map(|row| row.into_iter().map(|button| button.text).collect()).collect();
        assert_eq!(rows, [vec!["а", "б"], vec!["в"], vec!["г"]]);
        let refused = |button: Value, least: i64| check(&json!({ "Type": "keyboard", "Buttons": [button] }), 5, least).unwrap_err().status;
        assert_eq!(refused(json!({ "Columns": 7, "ActionBody": "x" }), 1), 3);
        assert_eq!(refused(json!({ "ActionType": "reply" }), 1), 4);
        assert_eq!(refused(json!({ "ActionType": "open-url", "ActionBody": "x" }), 1), 3);
        assert_eq!(refused(json!({ "ActionBody": "x", "Text": "шесть." }), 1), 3);
        assert_eq!(refused(json!({ "ActionType": "share-phone", "ActionBody": "x" }), 2), 14);
    }
}
