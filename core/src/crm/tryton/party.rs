//! A party of Tryton in the words of the trait, and its fields. Pure.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::wire::moment;
use crate::{
    clock::Moment,
    crm::{CrmContact, CrmField, CrmFieldKind, call::OPT_OUT_TAG},
};

/// Its name as a field, which no field of Tryton's can have.
pub const MARK: &str = "category:opt-out";
/// What a read of parties needs.
const NEEDED: &[&str] = &["name", "active", "categories", "create_date", "write_date", "replaced_by"];
/// What is no field to map: read otherwise, or technical.
const OWN: &[&str] = &[
    "id",
    "name",
    "active",
    "rec_name",
    "full_name",
    "xml_id",
    "code_alnum",
    "code_digit",
    "code_readonly",
    "distance",
    "create_date",
    "write_date",
    "last_modified_at",
    "phone",
    "mobile",
    "email",
    "fax",
];

/// The fields of a model as `fields_get` tells them, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known(BTreeMap<String, Value>);

impl Known {
    /// The fields of an answer of `fields_get`.
    pub fn of(answer: &Value) -> Self {
        Self(answer.as_object().into_iter().flatten().map(|(name, field)| (name.clone(), field.clone())).collect())
    }

    fn kind(&self, name: &str) -> &str {
        self.0.get(name).and_then(|field| field["type"].as_str()).unwrap_or_default()
    }

    fn holds(&self, name: &str) -> Option<CrmFieldKind> {
        Some(match self.kind(name) {
            "char" | "text" | "selection" => CrmFieldKind::Text,
            "integer" | "biginteger" | "float" | "numeric" => CrmFieldKind::Number,
            "date" | "datetime" | "timestamp" => CrmFieldKind::Date,
            "boolean" => CrmFieldKind::Flag,
            _ => return None,
        })
    }

    fn offered(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|name| !OWN.contains(name) && self.holds(name).is_some())
    }

    /// Whether a field of a module's own can be ticked.
    pub fn is_checkbox(&self, name: &str) -> bool {
        !OWN.contains(&name) && self.kind(name) == "boolean" && self.0.get(name).is_some_and(|field| field["readonly"] != true)
    }

    /// Names to ask for with a page of parties.
    pub fn wanted(&self) -> Vec<&str> {
        NEEDED.iter().copied().chain(self.offered()).collect()
    }

    /// Codes of a selection with their labels; some are computed, and have none here.
    fn choices(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.get(name).and_then(|field| field["selection"].as_array());
        pairs.into_iter().flatten().filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()?)))
    }

    /// The fields that people map; the category comes last, so that a checkbox goes before it.
    pub fn fields(&self) -> Vec<CrmField> {
        let field = |name: &str| {
            let title = self.0.get(name).and_then(|field| field["string"].as_str()).unwrap_or(name);
            let options = self.choices(name).map(|(_, label)| label.to_owned()).collect();
            Some(CrmField::new(name.to_owned(), title, self.holds(name)?, options))
        };
        let mark = CrmField::new(MARK.to_owned(), "Не писать (opt-out)", CrmFieldKind::Flag, Vec::new());
        self.offered().filter_map(field).chain([mark]).collect()
    }

    /// A value as it is kept. Times and decimals are tagged, a flag may be a number.
    fn values(&self, name: &str, value: &Value) -> Vec<Value> {
        let label =
            |code: &str| self.choices(name).find(|(known, _)| *known == code).map_or_else(|| json!(code), |(_, label)| json!(label));
        match (self.kind(name), value) {
            ("boolean", value) => vec![json!(is(value))],
            (_, Value::Null) => Vec::new(),
            (_, Value::String(text)) if text.is_empty() => Vec::new(),
            ("selection", Value::String(code)) => vec![label(code)],
            ("datetime" | "timestamp", value) => moment(value).map(|at| json!(at.timestamp())).into_iter().collect(),
            ("date", value) => day(value).into_iter().collect(),
            (_, Value::Object(tagged)) => tagged.get("decimal").cloned().into_iter().collect(),
            (_, value) => vec![value.clone()],
        }
    }
}

fn day(value: &Value) -> Option<Value> {
    let part = |name: &str| value[name].as_u64();
    Some(json!(format!("{:04}-{:02}-{:02}", part("year")?, part("month")?, part("day")?)))
}

/// Whether a flag is set, however the engine writes it.
pub fn is(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_i64().is_some_and(|number| number != 0))
}

/// Ids of a relation's value.
pub fn ids(value: &Value) -> impl Iterator<Item = u64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_u64)
}

/// Ways to reach a party.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ways {
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

/// The ways of parties, by the party's id. Values are as they were typed, whatever they are.
pub fn ways(rows: &[Value]) -> HashMap<u64, Ways> {
    let mut out: HashMap<u64, Ways> = HashMap::new();
    for row in rows {
        let (Some(party), Some(value)) = (row["party"].as_u64(), row["value"].as_str()) else { continue };
        let ways = out.entry(party).or_default();
        match row["type"].as_str() {
            Some("phone" | "mobile") => ways.phones.push(value.trim().to_owned()),
            Some("email") => ways.emails.push(value.trim().to_owned()),
            _ => {}
        }
    }
    out
}

/// What a page of rows is read with.
pub struct Reading<'a> {
    pub known: &'a Known,
    /// Names of categories.
    pub tags: &'a HashMap<u64, String>,
    pub ways: &'a HashMap<u64, Ways>,
}

/// When a row was written last: where nobody wrote it since it was made, when it was made.
pub fn written(row: &Value) -> Moment {
    moment(&row["write_date"]).or_else(|| moment(&row["create_date"])).unwrap_or_default()
}

impl Reading<'_> {
    /// A row as a contact; `None`: it has no id. One that is switched off (as the loser of a merge
    /// is) is gone.
    pub fn contact(&self, row: &Value) -> Option<CrmContact> {
        let id = row["id"].as_u64()?;
        let ways = self.ways.get(&id).cloned().unwrap_or_default();
        let tags: Vec<String> = ids(&row["categories"]).filter_map(|id| self.tags.get(&id)).cloned().collect();
        let fields = self.known.offered().map(|name| (name.to_owned(), self.known.values(name, &row[name])));
        let mark = (MARK.to_owned(), vec![json!(tags.iter().any(|tag| tag == OPT_OUT_TAG))]);
        let deleted = !is(&row["active"]) || row["replaced_by"].is_u64();
        Some(CrmContact {
            id: id.to_string(),
            name: row["name"].as_str().unwrap_or_default().trim().to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            phones: ways.phones,
            emails: ways.emails,
            fields: fields.chain([mark]).collect(),
            tags,
            updated_at: written(row),
            deleted,
            merged_into: row["replaced_by"].as_u64().map(|survivor| survivor.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_is_read_whatever_its_engine() {
        let known = Known::of(&json!({
            "name": { "type": "char", "string": "Name" },
            "code": { "type": "char", "string": "Code" },
            "email": { "type": "char", "string": "Email" },
            "x_vip": { "type": "boolean", "string": "VIP", "readonly": false },
            "x_sum": { "type": "numeric", "string": "Sum" },
            "x_born": { "type": "date", "string": "Born" },
            "x_kind": { "type": "selection", "string": "Kind", "selection": [["a", "Новый"]] },
            "categories": { "type": "many2many", "string": "Categories" },
        }));
        let fields = known.fields();
        let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(ids, ["code", "x_born", "x_kind", "x_sum", "x_vip", MARK]);
        let tags = HashMap::from([(1, OPT_OUT_TAG.to_owned()), (2, "VIP".to_owned())]);
        let ways = ways(&[
            json!({ "party": 7, "type": "mobile", "value": " +79123456789 " }),
            json!({ "party": 7, "type": "email", "value": "a@example.com" }),
            json!({ "party": 7, "type": "skype", "value": "anna" }),
        ]);
        let at =
            json!({ "__class__": "datetime", "year": 2026, "month": 7, "day": 1, "hour": 4, "minute": 7, "second": 29, "microsecond": 0 });
        let mut row = json!({ "id": 7, "name": "Анна", "active": 1, "categories": [1, 2, 9], "create_date": at, "write_date": null,
            "replaced_by": null, "code": "", "x_vip": 1, "x_sum": { "__class__": "Decimal", "decimal": "10.50" },
            "x_born": { "__class__": "date", "year": 1990, "month": 5, "day": 2 }, "x_kind": "a" });
        let read = |row: &Value| Reading { known: &known, tags: &tags, ways: &ways }.contact(row).expect("a contact");
        let contact = read(&row);
        assert_eq!(
            (contact.phones.as_slice(), contact.emails.as_slice()),
            (["+79123456789".to_owned()].as_slice(), ["a@example.com".to_owned()].as_slice())
        );
        assert_eq!((contact.tags.as_slice(), contact.deleted), ([OPT_OUT_TAG.to_owned(), "VIP".to_owned()].as_slice(), false));
        let values: Vec<&[Value]> = contact.fields.iter().map(|(_, values)| values.as_slice()).collect();
        assert_eq!(values, [&[][..], &[json!("1990-05-02")], &[json!("Новый")], &[json!("10.50")], &[json!(true)], &[json!(true)]]);
        assert_eq!(Some(contact.updated_at), moment(&at), "never written since");
        row["active"] = json!(0);
        assert!(read(&row).deleted && read(&row).merged_into.is_none());
        row["replaced_by"] = json!(8);
        assert_eq!(read(&row).merged_into.as_deref(), Some("8"));
    }
}
