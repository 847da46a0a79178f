//! What of a CRM contact becomes what of ours: fields, consents, the "do not write" checkbox. Pure.

use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{CrmContact, CrmField, CrmFieldKind};
use crate::{
    clock::Moment,
    consent::{Action, Grade, Purpose},
    contact::{
        FieldKind,
        value::{MAX_TEXT, number, read_date, read_flag, read_number},
    },
    id::ChannelId,
    text::clean_to,
};

/// What people set on a connection; only people write it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CrmSettings {
    /// CRM field → contact field.
    pub fields: Vec<FieldMapping>,
    /// CRM field → consent.
    pub consents: Vec<ConsentMapping>,
    /// The checkbox that says "do not write": read, and ticked when a person says stop.
    pub opt_out_field: Option<String>,
    /// A customer who writes becomes a task of whoever is responsible for them.
    pub tasks: bool,
    /// What columns are besides fields, of a CRM that has columns alone.
    pub parts: Vec<PartMapping>,
    /// Minutes between two reads of what changed, where a person chose them.
    pub every: Option<u32>,
    /// The hash of what a person said is meant, although it was not like what came before
    /// ([`super::unusable::Unusable`]).
    pub accepted: Option<String>,
    /// The channel through which the CRM's own cards and robots write ([`super::message`]); `None`:
    /// they do not write through us.
    pub sender: Option<ChannelId>,
    /// Grows with every change of the mapping: the contacts are then read anew.
    pub version: u32,
    /// Where the CRM sends its webhooks, once subscribed, without the secret at the end of that
    /// address.
    pub hook_url: Option<String>,
    /// The nonce of an authorisation under way.
    pub oauth_nonce: Option<String>,
    /// Until when it is good; without a time it is not.
    pub oauth_until: Option<Moment>,
}

/// A CRM field that becomes a contact field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldMapping {
    /// The field's id in the CRM.
    pub crm_field: String,
    /// The contact field's key.
    pub key: String,
    /// What the contact field holds.
    pub kind: FieldKind,
}

/// What a column is of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Part {
    /// What tells the row from all others: it stays the person's for ever.
    Key,
    /// Full name.
    Name,
    FirstName,
    LastName,
    /// A part of the full name.
    Patronymic,
    /// Phones, one or several in a cell.
    Phone,
    /// E-mails, one or several in a cell.
    Email,
    /// Tags, by commas.
    Tags,
}

impl Part {
    /// Every part.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word for tables and texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether several columns may be it.
    #[must_use]
    pub fn many(self) -> bool {
        matches!(self, Self::Phone | Self::Email | Self::Tags)
    }
}

/// A column that is a part of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartMapping {
    /// The column's id ([`super::CrmField::id`]).
    pub crm_field: String,
    pub part: Part,
}

/// Whether a title is what companies usually call the checkbox that says "do not write".
#[must_use]
pub fn says_do_not_write(title: &str) -> bool {
    let title = title.to_lowercase();
    // What follows in brackets says more of it.
    let title = title.split(" (").next().unwrap_or_default();
    ["не писать", "не беспокоить", "исключить из sms-рассылок", "no messages", "do not write", "opt-out", "opt out"].contains(&title)
}

/// The parts of a person that columns are taken for: the first phone is the key where no column is
/// one.
pub fn guessed_parts<'a>(fields: impl Iterator<Item = &'a CrmField>) -> Vec<PartMapping> {
    let mut parts: Vec<PartMapping> =
        fields.filter_map(|field| Some(PartMapping { crm_field: field.id.clone(), part: field.part? })).collect();
    let is = |part: Part| move |mapped: &&PartMapping| mapped.part == part;
    let phone = parts.iter().find(is(Part::Phone)).map(|mapped| mapped.crm_field.clone());
    if let Some(crm_field) = phone.filter(|_| !parts.iter().any(|mapped| mapped.part == Part::Key)) {
        parts.push(PartMapping { crm_field, part: Part::Key });
    }
    parts
}

/// A CRM field that says a contact consents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentMapping {
    pub purpose: Purpose,
    /// The checkbox or the list.
    pub crm_field: String,
    /// The values of a list that mean yes; a checkbox needs none.
    #[serde(default)]
    pub yes: Vec<String>,
    /// The field with the time of the consent.
    #[serde(default)]
    pub at_field: Option<String>,
    /// The field with who noted it. Who changed the record last is not asked: that may be anybody
    /// who mended a phone.
    #[serde(default)]
    pub author_field: Option<String>,
    /// When the owner stated that this field is a consent.
    pub stated_at: Moment,
}

impl From<CrmFieldKind> for FieldKind {
    fn from(kind: CrmFieldKind) -> Self {
        match kind {
            CrmFieldKind::Text => Self::Text,
            CrmFieldKind::Number => Self::Number,
            CrmFieldKind::Date => Self::Date,
            CrmFieldKind::Flag => Self::Flag,
        }
    }
}

impl From<FieldKind> for CrmFieldKind {
    fn from(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text => Self::Text,
            FieldKind::Number => Self::Number,
            FieldKind::Date => Self::Date,
            FieldKind::Flag => Self::Flag,
        }
    }
}

/// A consent as the CRM states it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    pub purpose: Purpose,
    /// Marked, or not (no mark is no consent).
    pub action: Action,
    /// C when the CRM holds both author and time, else D.
    pub grade: Grade,
    pub at: Moment,
    /// Field, value, author, time.
    pub evidence: Value,
}

fn values<'a>(contact: &'a CrmContact, field: &str) -> &'a [Value] {
    contact.fields.iter().find(|(id, _)| id == field).map_or(&[], |(_, values)| values.as_slice())
}

/// A value as a text, so much of it as is ever kept.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().chars().take(MAX_TEXT).collect()).filter(|text: &String| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) if text.trim().is_empty() => Some(false),
        Value::String(text) => read_flag(text),
        _ => None,
    }
}

/// A moment: unix seconds (as a number or as digits), or a date written out.
fn moment(value: &Value) -> Option<Moment> {
    let seconds = value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    if let Some(seconds) = seconds {
        return DateTime::from_timestamp(seconds, 0);
    }
    let text = value.as_str()?.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    ["%Y-%m-%d", "%d.%m.%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        .and_then(|date| date.and_hms_opt(0, 0, 0))
        .map(|at| at.and_utc())
}

/// A day: one that is written out is that day, whatever the zone; seconds are a midnight in the
/// CRM's.
fn day(value: &Value, zone: chrono_tz::Tz) -> Option<NaiveDate> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.date_naive());
    }
    read_date(text)
        .filter(|_| text.contains(|c: char| !c.is_ascii_digit()))
        .or_else(|| Some(moment(value)?.with_timezone(&zone).date_naive()))
}

/// A CRM value as a contact field of this kind keeps it; `None` when it says nothing of the kind.
#[must_use]
pub fn value(kind: FieldKind, values: &[Value], zone: chrono_tz::Tz) -> Option<Value> {
    match kind {
        FieldKind::Text => {
            let texts: Vec<String> = values.iter().filter_map(text).collect();
            // As an import keeps it; of what is longer the beginning, for a CRM cannot be asked
            // for less.
            Some(clean_to(&texts.join(", "), MAX_TEXT)).filter(|text| !text.is_empty()).map(Value::String)
        }
        FieldKind::Number => values.first().and_then(|value| number(value.as_f64().or_else(|| read_number(value.as_str()?))?)),
        FieldKind::Date => values.first().and_then(|value| day(value, zone)).map(|day| json!(day.format("%Y-%m-%d").to_string())),
        FieldKind::Flag => values.first().and_then(flag).map(Value::Bool),
    }
}

impl CrmSettings {
    /// The parts that a column is.
    pub fn parts_of<'a>(&'a self, crm_field: &'a str) -> impl Iterator<Item = Part> + 'a {
        self.parts.iter().filter(move |mapped| mapped.crm_field == crm_field).map(|mapped| mapped.part)
    }

    /// The contact's values by field key; a null where the CRM holds none, so that what was cleared
    /// there is cleared here.
    #[must_use]
    pub fn attributes(&self, contact: &CrmContact, zone: chrono_tz::Tz) -> Map<String, Value> {
        self.fields
            .iter()
            .map(|field| (field.key.clone(), value(field.kind, values(contact, &field.crm_field), zone).unwrap_or(Value::Null)))
            .collect()
    }

    /// What the CRM states of the contact's consents.
    #[must_use]
    pub fn consents(&self, contact: &CrmContact) -> Vec<Stated> {
        self.consents.iter().map(|mapping| mapping.stated(contact)).collect()
    }

    /// Whether the "do not write" checkbox is ticked; `None` when none is mapped.
    #[must_use]
    pub fn opted_out(&self, contact: &CrmContact) -> Option<bool> {
        let field = self.opt_out_field.as_deref()?;
        Some(values(contact, field).first().and_then(flag).unwrap_or(false))
    }
}

impl ConsentMapping {
    fn stated(&self, contact: &CrmContact) -> Stated {
        let marks = values(contact, &self.crm_field);
        let yes = if self.yes.is_empty() {
            marks.first().and_then(flag).unwrap_or(false)
        } else {
            marks.iter().filter_map(text).any(|mark| self.yes.iter().any(|yes| yes.to_lowercase() == mark.to_lowercase()))
        };
        let at = self.at_field.as_deref().and_then(|field| values(contact, field).first().and_then(moment));
        let author = self.author_field.as_deref().and_then(|field| values(contact, field).first().and_then(text));
        let short = |text: &str| json!(text.chars().take(MAX_TEXT).collect::<String>());
        let kept: Vec<Value> = marks.iter().map(|mark| mark.as_str().map_or_else(|| mark.clone(), short)).collect();
        // Without author and time the mark is only what the owner says of it: as of the day it was
        // said, so that a refusal heard since weighs more.
        let grade = if at.is_some() && author.is_some() { Grade::C } else { Grade::D };
        Stated {
            purpose: self.purpose,
            action: if yes { Action::Granted } else { Action::Withdrawn },
            grade,
            at: if yes { at.unwrap_or(self.stated_at) } else { contact.updated_at },
            evidence: json!({ "crm_contact": contact.id, "field": self.crm_field, "value": kept, "author": author, "at": at,
                "author_field": self.author_field, "at_field": self.at_field }),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Moscow;

    use super::*;

    #[test]
    fn values_take_the_kind_of_their_field() {
        let as_kind = |kind, raw: Value| value(kind, &[raw], Moscow);
        assert_eq!(as_kind(FieldKind::Number, json!("1 234,5")), Some(json!(1234.5)));
        assert_eq!(as_kind(FieldKind::Number, json!("700")), Some(json!(700)));
        assert_eq!(as_kind(FieldKind::Number, json!("много")), None);
        // Midnight in Moscow is the day before in UTC.
        assert_eq!(as_kind(FieldKind::Date, json!(1_719_954_000)), Some(json!("2024-07-03")));
        assert_eq!(as_kind(FieldKind::Date, json!("03.07.2024")), Some(json!("2024-07-03")));
        // A day that is written out is that day, also west of Greenwich.
        assert_eq!(value(FieldKind::Date, &[json!("12 мая 1990")], chrono_tz::America::New_York), Some(json!("1990-05-12")));
        assert_eq!(value(FieldKind::Date, &[json!("1990-05-12T00:00:00+10:00")], Moscow), Some(json!("1990-05-12")));
        assert_eq!(as_kind(FieldKind::Flag, json!("1")), Some(json!(true)));
        assert_eq!(as_kind(FieldKind::Flag, json!("не согласен")), Some(json!(false)));
        assert_eq!(value(FieldKind::Text, &[json!("чай"), json!("кофе")], Moscow), Some(json!("чай, кофе")));
        assert_eq!(value(FieldKind::Text, &[], Moscow), None);
        // Not even by a CRM: a value of megabytes was kept, and turned the line round it stood in.
        let long = as_kind(FieldKind::Text, json!(format!("\u{202e}чай\n{}", "ж".repeat(100_000))));
        let long = long.as_ref().and_then(Value::as_str).expect("a text");
        assert!(long.starts_with("чай жж") && long.chars().count() <= MAX_TEXT, "{}", long.chars().count());
    }

    /// A birthday was a day early wherever the product's zone lies west of the CRM's.
    #[test]
    fn a_day_of_the_crm_is_the_day_it_is_there() {
        let case: Value = serde_json::from_str(include_str!("../../fixtures/import/crm_zone.json")).expect("JSON");
        let zone: chrono_tz::Tz = case["crm_zone"].as_str().and_then(|zone| zone.parse().ok()).expect("a zone");
        let day = NaiveDate::from_ymd_opt(1990, 5, 12).expect("a day");
        let midnight = day.and_hms_opt(0, 0, 0).and_then(|at| at.and_local_timezone(zone).single()).expect("a midnight");
        assert_eq!(value(FieldKind::Date, &[json!(midnight.timestamp())], zone), Some(json!("1990-05-12")));
    }

    #[test]
    fn a_mark_with_author_and_time_is_grade_c() {
        let mapping = ConsentMapping {
            purpose: Purpose::Marketing,
            crm_field: "1".to_owned(),
            yes: vec!["Да".to_owned()],
            at_field: Some("2".to_owned()),
            author_field: Some("3".to_owned()),
            stated_at: DateTime::from_timestamp(50, 0).expect("a time"),
        };
        let mut contact = CrmContact {
            id: "7".to_owned(),
            name: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            phones: Vec::new(),
            emails: Vec::new(),
            tags: Vec::new(),
            fields: vec![
                ("1".to_owned(), vec![json!("да")]),
                ("2".to_owned(), vec![json!(100)]),
                ("3".to_owned(), vec![json!("Администратор")]),
            ],
            updated_at: DateTime::from_timestamp(200, 0).expect("a time"),
            deleted: false,
            merged_into: None,
        };
        let stated = mapping.stated(&contact);
        assert_eq!((stated.action, stated.grade, stated.at.timestamp()), (Action::Granted, Grade::C, 100));
        assert_eq!(stated.evidence["author"], "Администратор");
        contact.fields.pop();
        assert_eq!(mapping.stated(&contact).grade, Grade::D, "nobody stands for it");
        contact.fields.pop();
        assert_eq!(mapping.stated(&contact).at.timestamp(), 50, "the time it was stated");
        contact.fields.clear();
        assert_eq!(mapping.stated(&contact).action, Action::Withdrawn);
    }
}
