//! Webhooks before they are pushed: who wants them, and the bodies they make together.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{SERVICE, state::State};
use crate::{
    fault::{Call, Fault, UPDATE},
    hooks::{millis, span},
};

/// What a webhook tells.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Status {
        contact: Option<Value>,
        status: Value,
    },
    Message {
        contact: Option<Value>,
        message: Value,
    },
    /// Any other field's value.
    Value(Value),
}

/// One thing told to one app.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) app: String,
    pub(crate) waba: String,
    pub(crate) field: &'static str,
    pub(crate) number: Option<i64>,
    pub(crate) body: Body,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    pub(crate) not_before: DateTime<Utc>,
    /// The last pause after a failed push.
    pub(crate) pause: TimeDelta,
    pub(crate) tried: Option<DateTime<Utc>>,
}

/// How a webhook goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Once,
    Twice,
    /// Before the one that waits in front of it.
    Early,
    Never,
}

impl State {
    /// Puts a webhook on its way to every app that wants it.
    pub(crate) fn note(&mut self, waba: &str, field: &'static str, number: Option<i64>, person: Option<i64>, body: Body) {
        self.note_as(waba, field, number, person, body, Way::Once);
    }

    pub(crate) fn note_as(&mut self, waba: &str, field: &'static str, number: Option<i64>, person: Option<i64>, body: Body, way: Way) {
        let drawn = self.faults.draw(Call { service: SERVICE, method: UPDATE, bot: number, chat: person });
        let way = match drawn.fault {
            Some(Fault::DoubleUpdate) => Way::Twice,
            Some(Fault::ReorderUpdate) => Way::Early,
            Some(Fault::WithholdUpdate) => Way::Never,
            _ => way,
        };
        let now = self.now();
        let not_before = now + millis(self.settings.gather_ms) + span(drawn.latency);
        let apps: Vec<String> = self.wabas.get(waba).map(|waba| waba.subscribed.iter().cloned().collect()).unwrap_or_default();
        for app in apps {
            let wanted = self.apps.get(&app).is_some_and(|app| app.fields.contains(field));
            if !wanted || way == Way::Never || self.hook_of(&app, waba, number).is_none() {
                continue;
            }
            let note = Note {
                app,
                waba: waba.to_owned(),
                field,
                number,
                body: body.clone(),
                at: now,
                not_before,
                pause: TimeDelta::zero(),
                tried: None,
            };
            match way {
                Way::Twice => self.notes.extend([note.clone(), note]),
                Way::Early if !self.notes.is_empty() => self.notes.insert(self.notes.len() - 1, note),
                _ => self.notes.push_back(note),
            }
        }
    }

    /// The address of an app's webhooks about a number or an account: the number's own, the
    /// account's own, the app's.
    pub(crate) fn hook_of(&self, app: &str, waba: &str, number: Option<i64>) -> Option<&str> {
        let number = number.and_then(|number| self.numbers.get(&number)?.hook.as_ref()).filter(|hook| hook.app == app);
        let account = || self.wabas.get(waba)?.hook.as_ref().filter(|hook| hook.app == app);
        let hook = number.or_else(account).or_else(|| self.apps.get(app)?.hook.as_ref())?;
        Some(&hook.url)
    }

    fn value(&self, number: i64) -> Value {
        let display = self.numbers.get(&number).map(|number| number.display()).unwrap_or_default();
        json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": display, "phone_number_id": number.to_string() },
        })
    }

    /// The body of a push of these webhooks.
    pub(crate) fn envelope(&self, notes: &[Note]) -> Value {
        let mut entries: Vec<Value> = Vec::new();
        for note in notes {
            let of_messages = note.field == "messages";
            let same = |entry: &Value| entry["id"] == note.waba.as_str() && entry["time"].is_null() == of_messages;
            let entry = match entries.last_mut() {
                Some(last) if same(last) => last,
                _ => {
                    entries.push(json!({ "id": note.waba, "changes": [] }));
                    let entry = entries.last_mut().expect("one was just put in");
                    if !of_messages {
                        entry["time"] = json!(note.at.timestamp());
                    }
                    entry
                }
            };
            let Some(changes) = entry["changes"].as_array_mut() else { continue };
            self.join(changes, note);
        }
        json!({ "object": "whatsapp_business_account", "entry": entries })
    }

    fn join(&self, changes: &mut Vec<Value>, note: &Note) {
        let value = match (&note.body, note.number) {
            (Body::Value(value), Some(number)) => {
                let mut whole = self.value(number);
                if let (Some(whole), Some(value)) = (whole.as_object_mut(), value.as_object()) {
                    whole.extend(value.clone());
                }
                whole
            }
            (Body::Value(value), None) => value.clone(),
            (Body::Message { contact, message }, number) => {
                let mut value = self.value(number.unwrap_or_default());
                if let Some(contact) = contact {
                    value["contacts"] = json!([contact]);
                }
                value["messages"] = json!([message]);
                value
            }
            (Body::Status { contact, status }, number) => {
                let number = number.unwrap_or_default();
                let last = changes.last_mut().filter(|_| !self.settings.one_a_change);
                let last = last.filter(|last| {
                    last["value"]["statuses"].is_array() && last["value"]["metadata"]["phone_number_id"] == number.to_string().as_str()
                });
                if let Some(last) = last {
                    if let Some(statuses) = last["value"]["statuses"].as_array_mut() {
                        statuses.push(status.clone());
                    }
                    if let Some(contact) = contact {
                        let known = last["value"]["contacts"].as_array().is_some_and(|contacts| contacts.contains(contact));
                        match last["value"]["contacts"].as_array_mut() {
                            Some(contacts) if !known => contacts.push(contact.clone()),
                            Some(_) => {}
                            None => last["value"]["contacts"] = json!([contact]),
                        }
                    }
                    return;
                }
                let mut value = self.value(number);
                if let Some(contact) = contact {
                    value["contacts"] = json!([contact]);
                }
                value["statuses"] = json!([status]);
                value
            }
        };
        changes.push(json!({ "field": note.field, "value": value }));
    }

    /// Notes that may go to one address now, and are taken out.
    pub(crate) fn gather(&mut self, app: &str, url: &str, now: DateTime<Utc>) -> Vec<Note> {
        let most = self.settings.batch.max(1);
        let mut taken = Vec::new();
        let mut left = VecDeque::with_capacity(self.notes.len());
        for note in std::mem::take(&mut self.notes) {
            let due = taken.len() < most && note.not_before <= now && note.app == app;
            let goes = due && self.hook_of(&note.app, &note.waba, note.number) == Some(url);
            if goes { taken.push(note) } else { left.push_back(note) }
        }
        self.notes = left;
        taken
    }

    /// Addresses with something due, and when the next thing is.
    pub(crate) fn waiting(&self, now: DateTime<Utc>) -> (Vec<(String, String)>, Option<DateTime<Utc>>) {
        let mut due: Vec<(String, String)> = Vec::new();
        let mut next: Option<DateTime<Utc>> = None;
        for note in &self.notes {
            if note.not_before > now {
                next = Some(next.map_or(note.not_before, |other| other.min(note.not_before)));
            } else if let Some(url) = self.hook_of(&note.app, &note.waba, note.number) {
                // Few addresses, many webhooks: nothing is allocated for those that are known.
                if !due.iter().any(|(app, known)| *app == note.app && known == url) {
                    due.push((note.app.clone(), url.to_owned()));
                }
            }
        }
        (due, next)
    }
}

/// As JSON in ASCII, the way Meta's bodies come: everything else as `\uXXXX`.
pub(crate) fn ascii(value: &Value) -> String {
    let text = value.to_string();
    if text.is_ascii() {
        return text;
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_ascii_and_mean_the_same() {
        let value = json!({ "body": "СТОП 👍 \"a\"\n" });
        let text = ascii(&value);
        assert!(text.is_ascii() && text.contains("\\u0421\\u0422"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
