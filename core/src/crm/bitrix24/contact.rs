//! Contacts and their fields as the wire has them (contracts/crm/bitrix24.md, 2.2 and 2.3). Pure.

use serde_json::Value;

use super::wire::{items, moment, number};
use crate::crm::{CrmContact, CrmField, CrmFieldKind};

/// What of a contact is no field of the company's own and yet worth having.
const USUAL: &[&str] = &["birthdate", "typeId", "sourceId", "secondName", "post", "createdTime", "lastActivityTime"];
/// Numbers that no message can be sent to.
const NO_CALLS: &[&str] = &["FAX", "PAGER"];

/// How the values of a field are read.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// As they are.
    Plain,
    /// `Y` or `N`.
    Flag,
    /// `150|RUB`, an address with its place on the map: what is before the line.
    Before,
    /// By the words for each code.
    Named(Vec<(String, String)>),
}

/// The fields of contacts that the product can hold.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    known: Vec<(CrmField, Form)>,
}

/// A code and its words.
fn pair(value: &Value, code: &str, words: &str) -> Option<(String, String)> {
    let code = match &value[code] {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    Some((code, value[words].as_str()?.to_owned()))
}

impl Fields {
    /// Of the answer of `crm.item.fields`. `lists`: values of the portal's lists by the list's name
    /// (`crm.status.list`). `own`: the company's own fields, where their choices stand, too
    /// (`crm.contact.userfield.list`); whether they stand in the first answer is unconfirmed.
    pub fn read(answer: &Value, lists: &[&Value], own: &[&Value]) -> Self {
        let all = answer["fields"].as_object();
        let known = all.into_iter().flatten().filter_map(|(id, field)| {
            if !USUAL.contains(&id.as_str()) && field["isDynamic"] != true && !id.starts_with("ufCrm") {
                return None;
            }
            let (kind, form) = match field["type"].as_str()? {
                "string" | "text" | "url" | "char" => (CrmFieldKind::Text, Form::Plain),
                "address" => (CrmFieldKind::Text, Form::Before),
                "integer" | "double" => (CrmFieldKind::Number, Form::Plain),
                "money" => (CrmFieldKind::Number, Form::Before),
                "date" | "datetime" => (CrmFieldKind::Date, Form::Plain),
                "boolean" => (CrmFieldKind::Flag, Form::Flag),
                "enumeration" => (CrmFieldKind::Text, Form::Named(choices(field, own))),
                "crm_status" => {
                    let of = lists.iter().filter(|status| status["ENTITY_ID"] == field["statusType"]);
                    (CrmFieldKind::Text, Form::Named(of.filter_map(|status| pair(status, "STATUS_ID", "NAME")).collect()))
                }
                _ => return None,
            };
            let options = match &form {
                Form::Named(pairs) => pairs.iter().map(|(_, words)| words.clone()).collect(),
                _ => Vec::new(),
            };
            Some((CrmField::new(id.clone(), field["title"].as_str().unwrap_or(id), kind, options), form))
        });
        let mut known: Vec<_> = known.collect();
        // The company's own first, as they stand; the usual ones after them.
        known.sort_by_key(|(field, _)| (USUAL.iter().position(|usual| *usual == field.id).map_or(0, |place| place + 1), field.id.clone()));
        Self { known }
    }

    /// Whether a list has no words for its codes: they are to be asked for elsewhere.
    pub fn lacks_words(&self) -> bool {
        let bare = |(field, form): &(CrmField, Form)| field.id.starts_with("ufCrm") && *form == Form::Named(Vec::new());
        self.known.iter().any(bare)
    }

    /// For people to map.
    pub fn shown(&self) -> Vec<CrmField> {
        self.known.iter().map(|(field, _)| field.clone()).collect()
    }
}

fn choices(field: &Value, own: &[&Value]) -> Vec<(String, String)> {
    let here: Vec<_> = items(field, "items").into_iter().filter_map(|item| pair(item, "ID", "VALUE")).collect();
    if !here.is_empty() {
        return here;
    }
    let listed = own.iter().find(|known| known["FIELD_NAME"] == field["upperName"] && known["FIELD_NAME"].is_string());
    listed.map(|known| items(known, "LIST").into_iter().filter_map(|item| pair(item, "ID", "VALUE")).collect()).unwrap_or_default()
}

/// The values of a field as written. What is empty is `null`, an empty text, an empty list, false
/// or a nought, by the method and the type (section 7).
fn values(form: &Form, value: &Value) -> Vec<Value> {
    let one = |value: &Value| -> Option<Value> {
        let text = match value {
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        Some(match form {
            Form::Plain => value.clone(),
            Form::Flag => Value::Bool(matches!(text.as_str(), "Y" | "1" | "true")),
            Form::Before => Value::String(text.split('|').next().unwrap_or_default().to_owned()),
            Form::Named(pairs) => match pairs.iter().find(|(code, _)| *code == text) {
                Some((_, words)) => Value::String(words.clone()),
                None if text == "0" || text == "false" => return None,
                None => Value::String(text),
            },
        })
    };
    match value {
        Value::Array(many) => many.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}

/// A contact as the wire has it; `None`: it has no id.
pub fn contact(item: &Value, fields: &Fields) -> Option<CrmContact> {
    let text = |key: &str| item[key].as_str().unwrap_or_default().trim().to_owned();
    let (first_name, last_name) = (text("name"), text("lastName"));
    let name = [first_name.as_str(), last_name.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let multi = |kind: &str| -> Vec<String> {
        let of = items(item, "fm").into_iter().filter(|entry| entry["typeId"] == kind);
        let good = of.filter(|entry| !NO_CALLS.contains(&entry["valueType"].as_str().unwrap_or_default()));
        good.filter_map(|entry| entry["value"].as_str()).map(str::to_owned).collect()
    };
    Some(CrmContact {
        id: number(&item["id"])?.to_string(),
        name,
        first_name,
        last_name,
        phones: multi("PHONE"),
        emails: multi("EMAIL"),
        // There are none.
        tags: Vec::new(),
        fields: fields
            .known
            .iter()
            .filter(|(field, _)| item.get(&field.id).is_some())
            .map(|(field, form)| (field.id.clone(), values(form, &item[&field.id])))
            .collect(),
        updated_at: moment(&item["updatedTime"]).or_else(|| moment(&item["createdTime"])).unwrap_or_default(),
        deleted: false,
        merged_into: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> Fields {
        let own = |kind: &str, title: &str| json!({ "type": kind, "isDynamic": true, "title": title, "upperName": "UF", "settings": [] });
        let mut city = own("enumeration", "Город");
        city["items"] = json!([{ "ID": "44", "VALUE": "Казань" }, { "ID": "45", "VALUE": "Пермь" }]);
        let mut drink = own("enumeration", "Напиток");
        drink["upperName"] = json!("UF_CRM_DRINK");
        let mut kind = own("crm_status", "Тип");
        (kind["isDynamic"], kind["statusType"]) = (json!(false), json!("CONTACT_TYPE"));
        let answer = json!({ "fields": {
            "id": { "type": "integer", "isDynamic": false, "title": "ID" },
            "birthdate": { "type": "date", "isDynamic": false, "title": "Дата рождения" },
            "typeId": kind,
            "ufCrm_1": own("boolean", "Согласие"),
            "ufCrm_2": city,
            "ufCrm_3": own("money", "Бонусы"),
            "ufCrm_4": own("file", "Файл"),
            "ufCrm_5": own("datetime", "Когда"),
            "ufCrmDrink": drink,
        } });
        let statuses = [
            json!({ "ENTITY_ID": "CONTACT_TYPE", "STATUS_ID": "CLIENT", "NAME": "Клиенты" }),
            json!({ "ENTITY_ID": "SOURCE", "STATUS_ID": "CLIENT", "NAME": "Не то" }),
        ];
        let own = [json!({ "FIELD_NAME": "UF_CRM_DRINK", "LIST": [{ "ID": "7", "VALUE": "Чай" }] })];
        assert!(Fields::read(&answer, &[], &[]).lacks_words());
        let read = Fields::read(&answer, &statuses.iter().collect::<Vec<_>>(), &own.iter().collect::<Vec<_>>());
        assert!(!read.lacks_words());
        read
    }

    #[test]
    fn fields_have_their_kinds_and_their_choices() {
        let shown = fields().shown();
        let seen: Vec<_> = shown.iter().map(|field| (field.id.as_str(), field.kind, field.options.join(","))).collect();
        assert_eq!(
            seen,
            [
                ("ufCrmDrink", CrmFieldKind::Text, "Чай".to_owned()),
                ("ufCrm_1", CrmFieldKind::Flag, String::new()),
                ("ufCrm_2", CrmFieldKind::Text, "Казань,Пермь".to_owned()),
                ("ufCrm_3", CrmFieldKind::Number, String::new()),
                ("ufCrm_5", CrmFieldKind::Date, String::new()),
                ("birthdate", CrmFieldKind::Date, String::new()),
                ("typeId", CrmFieldKind::Text, "Клиенты".to_owned()),
            ]
        );
    }

    #[test]
    fn a_contact_is_read_whatever_its_gaps() {
        let item = json!({ "id": 75, "createdTime": "2024-07-22T18:00:08+02:00", "updatedTime": "2026-07-01T09:00:00+02:00",
            "name": "Anna", "lastName": "Petrova", "secondName": null, "birthdate": "1990-03-11T00:00:00+02:00", "typeId": "CLIENT",
            "ufCrm_1": "N", "ufCrm_2": [44, 99], "ufCrm_3": "150|RUB", "ufCrm_5": "", "ufCrmDrink": 0,
            "fm": [{ "id": 301, "valueType": "MOBILE", "value": "8 (912) 345-67-89", "typeId": "PHONE" },
                { "id": 302, "valueType": "WORK", "value": "a@example.com", "typeId": "EMAIL" },
                { "id": 303, "valueType": "TELEGRAM", "value": "@anna_p", "typeId": "IM" },
                { "id": 304, "valueType": "FAX", "value": "+7 495 000-00-00", "typeId": "PHONE" }] });
        let read = contact(&item, &fields()).expect("a contact");
        assert_eq!((read.id.as_str(), read.name.as_str(), read.last_name.as_str()), ("75", "Anna Petrova", "Petrova"));
        assert_eq!(
            (read.phones.as_slice(), read.emails.as_slice()),
            (&["8 (912) 345-67-89".to_owned()][..], &["a@example.com".to_owned()][..])
        );
        assert_eq!(Some(read.updated_at), "2026-07-01T07:00:00Z".parse().ok());
        let value = |id: &str| read.fields.iter().find(|(field, _)| field == id).map(|(_, values)| values.clone());
        assert_eq!((value("ufCrm_1"), value("ufCrm_2")), (Some(vec![json!(false)]), Some(vec![json!("Казань"), json!("99")])));
        assert_eq!((value("ufCrm_3"), value("ufCrm_5"), value("ufCrmDrink")), (Some(vec![json!("150")]), Some(vec![]), Some(vec![])));
        assert_eq!((value("typeId"), value("birthdate")), (Some(vec![json!("Клиенты")]), Some(vec![json!("1990-03-11T00:00:00+02:00")])));
        let bare = contact(&json!({ "id": "7", "fm": [], "name": "Анна Петрова", "lastName": false }), &fields()).expect("a contact");
        assert_eq!((bare.name.as_str(), bare.last_name.as_str(), bare.phones.len(), bare.fields.len()), ("Анна Петрова", "", 0, 0));
        assert_eq!(contact(&json!({ "name": "Анна" }), &fields()), None);
    }
}
