//! The card of a contact, as a user of the account sees it.

use serde_json::Value;

use super::{
    Amo,
    leads::stage_name,
    seed::fields,
    state::{Contact, Owner, State},
};
use crate::card::{Card, Entry, EntryKind, newest_first, same_phone};

impl Amo {
    /// The cards that have this phone.
    #[must_use]
    pub fn cards(&self, phone: &str) -> Vec<Card> {
        let state = self.state();
        let has = |contact: &&Contact| {
            let phones = contact.values.get(&fields::PHONE).into_iter().flatten();
            !contact.deleted && phones.filter_map(|value| value["value"].as_str()).any(|its| same_phone(its, phone))
        };
        state.contacts.values().filter(has).map(|contact| card(&state, contact)).collect()
    }
}

fn card(state: &State, contact: &Contact) -> Card {
    let titled = state.fields.iter().filter_map(|field| {
        let values = contact.values.get(&field["id"].as_u64()?)?;
        let shown: Vec<String> = values.iter().filter_map(|value| shown(field, &value["value"])).collect();
        Some((field["name"].as_str()?.to_owned(), shown.join(", "))).filter(|(_, shown)| !shown.is_empty())
    });
    let leads = || state.leads.values().filter(|lead| !lead.deleted && lead.contacts.contains(&contact.id));
    let mut entries: Vec<Entry> = leads()
        .map(|lead| Entry {
            kind: EntryKind::Deal,
            at: lead.updated_at,
            text: lead.price.filter(|price| *price != 0).map_or_else(|| lead.name.clone(), |price| format!("{}, {price} ₽", lead.name)),
            state: stage_name(lead.pipeline, lead.status).to_owned(),
        })
        .collect();
    let ours = |of: Owner, id: u64| (of == Owner::Contact && id == contact.id) || (of == Owner::Lead && leads().any(|lead| lead.id == id));
    entries.extend(state.notes.iter().filter(|note| ours(note.owner, note.entity_id)).map(|note| Entry {
        kind: EntryKind::Note,
        at: note.created_at,
        text: note.params["text"].as_str().unwrap_or_default().to_owned(),
        state: String::new(),
    }));
    let of_task = |kind: &str| if kind == "leads" { Owner::Lead } else { Owner::Contact };
    entries.extend(state.tasks.iter().filter(|task| ours(of_task(&task.entity_type), task.entity_id)).map(|task| Entry {
        kind: EntryKind::Task,
        at: task.created_at,
        text: task.text.clone(),
        state: if task.done { "✓".to_owned() } else { String::new() },
    }));
    Card {
        crm: "amoCRM".to_owned(),
        name: contact.name.clone(),
        tags: contact.tags.clone(),
        fields: titled.collect(),
        entries: newest_first(entries),
    }
}

/// A value as a person reads it; a box that is not ticked is not shown.
fn shown(field: &Value, value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some("✓".to_owned()),
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(seconds) if matches!(field["type"].as_str(), Some("date" | "birthday" | "date_time")) => {
            chrono::DateTime::from_timestamp(seconds.as_i64()?, 0).map(|at| at.format("%d.%m.%Y").to_string())
        }
        other => Some(other.to_string()),
    }
}
