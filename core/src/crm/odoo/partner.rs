//! A contact of Odoo (`res.partner`) in the words of the trait, and its fields. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use serde_json::{Value, json};

use crate::{
    clock::Moment,
    crm::{CrmContact, CrmField, CrmFieldKind},
};

/// The mark of the blacklist of phones, which no field of a contact's own is: the SMS of the
/// company heed it, and so do we.
pub const BLACKLIST: &str = "phone_sanitized_blacklisted";
/// Flags that say a number of the contact is on that list; which of them there are depends on the
/// version.
const LISTED: &[&str] = &[BLACKLIST, "phone_blacklisted", "mobile_blacklisted"];
/// What of a contact says whether it is written to, besides the checkbox that is mapped.
pub const MARKS: &[&str] = &["category_id", "phone_sanitized", BLACKLIST, "phone_blacklisted", "mobile_blacklisted"];
/// Fields of every contact that are worth having besides the company's own (`x_…`).
const USUAL: &[&str] =
    &["parent_id", "function", "city", "state_id", "country_id", "street", "zip", "website", "vat", "ref", "lang", "user_id", "comment"];
/// What a read of contacts needs; `mobile` is gone from some version on, `phone_sanitized` is of a
/// module.
const NEEDED: &[&str] =
    &["name", "is_company", "type", "active", "email", "phone", "mobile", "phone_sanitized", "category_id", "write_date"];

/// The fields of a model as `fields_get` tells them, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known(pub BTreeMap<String, Value>);

impl Known {
    /// The fields of an answer of `fields_get`.
    pub fn of(answer: &Value) -> Self {
        Self(answer.as_object().into_iter().flatten().map(|(name, field)| (name.clone(), field.clone())).collect())
    }

    /// Whether this version, with its modules, has the field.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn kind(&self, name: &str) -> &str {
        self.0.get(name).and_then(|field| field["type"].as_str()).unwrap_or_default()
    }

    /// Whether a field of the company's own can be ticked.
    pub fn is_checkbox(&self, name: &str) -> bool {
        !LISTED.contains(&name) && self.kind(name) == "boolean" && self.0.get(name).is_some_and(|field| field["readonly"] != true)
    }

    /// Whether the contact's numbers can be on a blacklist.
    pub fn has_blacklist(&self) -> bool {
        self.has("phone_sanitized") && LISTED.iter().any(|name| self.has(name))
    }

    /// Names of the fields that are offered, in their order.
    fn offered(&self) -> impl Iterator<Item = &str> {
        let own = self.0.keys().map(String::as_str).filter(|name| name.starts_with("x_"));
        USUAL.iter().copied().filter(|name| self.has(name)).chain(own).filter(|name| self.holds(name).is_some())
    }

    /// What a field holds, if the product can hold it.
    fn holds(&self, name: &str) -> Option<CrmFieldKind> {
        Some(match self.kind(name) {
            "char" | "text" | "html" | "selection" | "many2one" => CrmFieldKind::Text,
            "integer" | "float" | "monetary" => CrmFieldKind::Number,
            "date" | "datetime" => CrmFieldKind::Date,
            "boolean" => CrmFieldKind::Flag,
            _ => return None,
        })
    }

    /// Names to ask for with a page of contacts.
    pub fn wanted(&self) -> Vec<&str> {
        let needed = NEEDED.iter().chain(LISTED).copied().filter(|name| self.has(name));
        needed.chain(self.offered()).collect()
    }

    /// What may be chosen, of a list: codes with their labels.
    fn choices(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.get(name).and_then(|field| field["selection"].as_array());
        pairs.into_iter().flatten().filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()?)))
    }

    /// The fields that people map.
    pub fn fields(&self, russian: bool) -> Vec<CrmField> {
        let field = |name: &str| {
            let title = self.0.get(name).and_then(|field| field["string"].as_str()).unwrap_or(name);
            let options = self.choices(name).map(|(_, label)| label.to_owned()).collect();
            Some(CrmField::new(name.to_owned(), title, self.holds(name)?, options))
        };
        // It comes last: a checkbox of the company's own goes before it (`crm::connection`).
        let title =
            if russian { "Не писать (чёрный список телефонов)" } else { "No messages (blacklist of phones)" };
        let listed = self.has_blacklist().then(|| CrmField::new(BLACKLIST.to_owned(), title, CrmFieldKind::Flag, Vec::new()));
        self.offered().filter_map(field).chain(listed).collect()
    }

    /// A value as it is kept: nothing of any type is `false`.
    fn values(&self, name: &str, value: &Value) -> Vec<Value> {
        let kind = self.kind(name);
        match value {
            Value::Bool(_) if kind == "boolean" => vec![value.clone()],
            Value::Bool(false) | Value::Null => Vec::new(),
            Value::String(code) if kind == "selection" => {
                let label = self.choices(name).find(|(known, _)| known == code).map_or(code.as_str(), |(_, label)| label);
                vec![json!(label)]
            }
            // Times are UTC without a zone; seconds are a day where the company is at home.
            Value::String(text) if kind == "datetime" => vec![moment(value).map_or_else(|| json!(text), |at| json!(at.timestamp()))],
            Value::String(text) if kind == "html" => {
                Some(plain(text)).filter(|text| !text.is_empty()).map(Value::String).into_iter().collect()
            }
            Value::Array(pair) if kind == "many2one" => pair.get(1).filter(|name| name.is_string()).cloned().into_iter().collect(),
            value => vec![value.clone()],
        }
    }
}

/// A moment of Odoo: UTC without an offset.
pub fn moment(value: &Value) -> Option<Moment> {
    NaiveDateTime::parse_from_str(value.as_str()?.get(..19)?, "%Y-%m-%d %H:%M:%S").ok().map(|at| at.and_utc())
}

/// A moment as Odoo's conditions have it.
pub fn stamp(at: Moment) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// HTML without its marks.
pub fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else {
            rest = "";
            break;
        };
        let tag = rest[at + 1..at + end].trim_end_matches('/').trim().to_ascii_lowercase();
        if matches!(tag.as_str(), "br" | "/p" | "/div" | "/li") {
            out.push('\n');
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    entities.iter().fold(out.trim().to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

/// Ids of a relation's value.
pub fn ids(value: &Value) -> impl Iterator<Item = u64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_u64)
}

/// A contact's text; nothing is `false`.
fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().trim().to_owned()
}

/// Whether a row is a person who can be written to: neither a company, nor an address of somebody
/// (an invoice's, a delivery's), nor archived, which is how a company deletes softly.
pub fn is_person(row: &Value) -> bool {
    row["is_company"] != true && row["active"] != false && matches!(row["type"].as_str(), None | Some("contact" | "private"))
}

/// Whether the blacklist has a number of this row.
pub fn is_listed(row: &Value) -> bool {
    LISTED.iter().any(|name| row[*name] == true)
}

/// The number of a row as the blacklist has it.
pub fn number(row: &Value) -> Option<&str> {
    row["phone_sanitized"].as_str().filter(|number| !number.is_empty())
}

/// Numbers as they are written. Odoo knows the contact's country, so a number that it made
/// international stands in place of the local writing of the same.
fn phones(row: &Value) -> Vec<String> {
    const SAME: usize = 7;
    let tail = |text: &str| {
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        (digits.len() >= SAME).then(|| digits[digits.len() - SAME..].iter().collect::<String>())
    };
    let mut out: Vec<String> = Vec::new();
    for written in ["phone", "mobile"].map(|name| text(row, name)).into_iter().filter(|written| !written.is_empty()) {
        let whole = number(row).filter(|number| !written.starts_with('+') && tail(number).is_some() && tail(number) == tail(&written));
        let phone = whole.map_or(written, str::to_owned);
        if !out.contains(&phone) {
            out.push(phone);
        }
    }
    out
}

/// What a page of rows is read with.
pub struct Reading<'a> {
    pub known: &'a Known,
    /// Names of tags.
    pub tags: &'a HashMap<u64, String>,
    /// When the numbers on the blacklist got there.
    pub listed: &'a HashMap<String, Moment>,
    /// The checkbox that says "do not write", if one is mapped.
    pub opt_out_field: Option<&'a str>,
}

impl Reading<'_> {
    /// A row as a contact; `None`: it has no id. One that is no person (any more) is gone. The
    /// blacklist is a hard no whichever checkbox is mapped: as of the day the number got there,
    /// for the list changes nothing of the contact's own row.
    pub fn contact(&self, row: &Value) -> Option<CrmContact> {
        let id = row["id"].as_u64()?.to_string();
        let written = moment(&row["write_date"]).unwrap_or_default();
        if !is_person(row) {
            return Some(gone(id, written));
        }
        let listed = is_listed(row);
        let listed_at = number(row).filter(|_| listed).and_then(|number| self.listed.get(number)).copied();
        let mut fields: Vec<(String, Vec<Value>)> =
            self.known.offered().map(|name| (name.to_owned(), self.known.values(name, &row[name]))).collect();
        if self.known.has_blacklist() {
            fields.push((BLACKLIST.to_owned(), vec![json!(listed)]));
        }
        if let Some((_, values)) = fields.iter_mut().find(|(name, _)| listed && self.opt_out_field == Some(name.as_str())) {
            *values = vec![json!(true)];
        }
        Some(CrmContact {
            id,
            name: text(row, "name"),
            first_name: String::new(),
            last_name: String::new(),
            phones: phones(row),
            emails: Some(text(row, "email")).filter(|email| !email.is_empty()).into_iter().collect(),
            tags: ids(&row["category_id"]).filter_map(|id| self.tags.get(&id)).cloned().collect(),
            fields,
            updated_at: written.max(listed_at.unwrap_or(written)),
            deleted: false,
            merged_into: None,
        })
    }
}

fn gone(id: String, at: Moment) -> CrmContact {
    CrmContact {
        id,
        name: String::new(),
        first_name: String::new(),
        last_name: String::new(),
        phones: Vec::new(),
        emails: Vec::new(),
        tags: Vec::new(),
        fields: Vec::new(),
        updated_at: at,
        deleted: true,
        merged_into: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known::of(&json!({
            "name": { "string": "Name", "type": "char" },
            "phone": { "string": "Phone", "type": "char" },
            "phone_sanitized": { "string": "Sanitized Number", "type": "char" },
            "phone_sanitized_blacklisted": { "string": "Phone Blacklisted", "type": "boolean", "readonly": true },
            "category_id": { "string": "Tags", "type": "many2many", "relation": "res.partner.category" },
            "city": { "string": "City", "type": "char" },
            "comment": { "string": "Notes", "type": "html" },
            "country_id": { "string": "Country", "type": "many2one", "relation": "res.country" },
            "x_no": { "string": "Не писать", "type": "boolean", "readonly": false },
            "x_drink": { "string": "Напиток", "type": "selection", "selection": [["tea", "Чай"], ["coffee", "Кофе"]] },
            "x_seen": { "string": "Был", "type": "datetime" },
            "x_photo": { "string": "Фото", "type": "binary" },
            "write_date": { "string": "Last Updated on", "type": "datetime" },
        }))
    }

    #[test]
    fn fields_are_the_usual_ones_and_the_companys_own() {
        let known = known();
        let fields = known.fields(true);
        let names: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(names, ["city", "country_id", "comment", "x_drink", "x_no", "x_seen", BLACKLIST]);
        assert_eq!((fields[3].kind, fields[3].options.as_slice()), (CrmFieldKind::Text, ["Чай".to_owned(), "Кофе".to_owned()].as_slice()));
        assert_eq!(fields[6].title, "Не писать (чёрный список телефонов)");
        let wanted = known.wanted();
        assert!(!wanted.contains(&"mobile") && !wanted.contains(&"x_photo"), "only what there is is asked for: {wanted:?}");
        assert!(known.is_checkbox("x_no") && !known.is_checkbox(BLACKLIST) && !known.is_checkbox("x_gone"));
    }

    #[test]
    fn a_row_is_a_person_or_gone() {
        let known = known();
        let day = |text: &str| moment(&json!(text)).expect("a moment");
        let (tags, listed) =
            (HashMap::from([(4, "VIP".to_owned())]), HashMap::from([("+79123456789".to_owned(), day("2026-07-05 10:00:00"))]));
        let read = |row: &Value, mapped: Option<&str>| {
            Reading { known: &known, tags: &tags, listed: &listed, opt_out_field: mapped }.contact(row).expect("a contact")
        };
        let mut row = json!({ "id": 7, "name": "Анна Петрова", "is_company": false, "type": "contact", "active": true, "email": false,
            "phone": "8 (912) 345-67-89", "phone_sanitized": "+79123456789", "phone_sanitized_blacklisted": false, "category_id": [4, 9],
            "city": false, "comment": "<p>Любит <b>чай</b> &amp; кофе<br/>и сахар</p>", "country_id": [190, "Россия"], "x_drink": "tea",
            "x_no": false, "x_seen": "2026-06-30 21:30:00", "write_date": "2026-07-01 09:00:00" });
        let contact = read(&row, Some("x_no"));
        assert_eq!(
            (contact.id.as_str(), contact.phones.as_slice(), contact.tags.as_slice()),
            ("7", ["+79123456789".to_owned()].as_slice(), ["VIP".to_owned()].as_slice())
        );
        let value = |contact: &CrmContact, name: &str| {
            contact.fields.iter().find(|(id, _)| id == name).map(|(_, values)| values.clone()).expect("the field")
        };
        assert_eq!(value(&contact, "comment"), [json!("Любит чай & кофе\nи сахар")]);
        assert_eq!((value(&contact, "x_drink"), value(&contact, "country_id")), (vec![json!("Чай")], vec![json!("Россия")]));
        assert_eq!((value(&contact, "x_seen"), value(&contact, "city")), (vec![json!(1_782_855_000)], Vec::new()));
        assert_eq!((value(&contact, "x_no"), contact.updated_at), (vec![json!(false)], day("2026-07-01 09:00:00")));

        row["phone_sanitized_blacklisted"] = json!(true);
        let contact = read(&row, Some("x_no"));
        assert_eq!((value(&contact, "x_no"), value(&contact, BLACKLIST)), (vec![json!(true)], vec![json!(true)]));
        assert_eq!(contact.updated_at, day("2026-07-05 10:00:00"), "the list moves no write_date");
        row["phone"] = json!("+372 5123 4567");
        assert_eq!(read(&row, None).phones, ["+372 5123 4567"], "another number than the one made international");

        for (name, value) in [("active", json!(false)), ("is_company", json!(true)), ("type", json!("invoice"))] {
            let mut other = row.clone();
            other[name] = value;
            assert!(read(&other, None).deleted, "{name}");
        }
    }

    #[test]
    fn marks_of_html_are_dropped() {
        for (html, text) in [
            ("<p>раз</p>", "раз"),
            ("<p>&lt;b&gt;раз&lt;/b&gt; &amp;amp; &#34;два&#34;</p>", "<b>раз</b> &amp; \"два\""),
            ("раз<br>два<br/>три", "раз\nдва\nтри"),
            ("<p>раз</p><p>два", "раз\nдва"),
            ("без меток", "без меток"),
            ("обрыв <b", "обрыв"),
        ] {
            assert_eq!(plain(html), text, "{html}");
        }
    }
}
