//! Fields of elements: their names in two spellings, their types, what an absent one shows.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    error::{B24Error, B24Result},
    params::{listed, whole},
    portal::{Kind, Portal},
};

/// A field of the portal's own: the name in `crm.item`, the type, whether it can be written, the
/// title, the list its values are from.
type Own = (&'static str, &'static str, bool, &'static str, &'static str);

const COMMON: [Own; 14] = [
    ("id", "integer", false, "ID", ""),
    ("createdTime", "datetime", false, "Создан", ""),
    ("updatedTime", "datetime", false, "Изменён", ""),
    ("lastActivityTime", "datetime", false, "Последняя активность", ""),
    ("createdBy", "user", false, "Кем создан", ""),
    ("updatedBy", "user", false, "Кем изменён", ""),
    ("assignedById", "user", true, "Ответственный", ""),
    ("opened", "boolean", true, "Доступен для всех", ""),
    ("comments", "string", true, "Комментарий", ""),
    ("sourceId", "crm_status", true, "Источник", "SOURCE"),
    ("originatorId", "string", true, "Внешний источник", ""),
    ("originId", "string", true, "Идентификатор во внешнем источнике", ""),
    ("categoryId", "integer", true, "Воронка", ""),
    ("companyId", "crm_company", true, "Компания", ""),
];
const NAMED: [Own; 3] =
    [("name", "string", true, "Имя", ""), ("lastName", "string", true, "Фамилия", ""), ("secondName", "string", true, "Отчество", "")];
const CONTACT: [Own; 7] = [
    ("birthdate", "date", true, "Дата рождения", ""),
    ("typeId", "crm_status", true, "Тип", "CONTACT_TYPE"),
    ("post", "string", true, "Должность", ""),
    ("export", "boolean", true, "Участвует в экспорте", ""),
    ("companyIds", "crm_company", true, "Компании", ""),
    ("hasPhone", "boolean", false, "Есть телефон", ""),
    ("hasEmail", "boolean", false, "Есть почта", ""),
];
const COMPANY: [Own; 4] = [
    ("title", "string", true, "Название", ""),
    ("typeId", "crm_status", true, "Тип", "COMPANY_TYPE"),
    ("hasPhone", "boolean", false, "Есть телефон", ""),
    ("hasEmail", "boolean", false, "Есть почта", ""),
];
const STAGED: [Own; 8] = [
    ("title", "string", true, "Название", ""),
    ("stageId", "crm_status", true, "Стадия", ""),
    ("stageSemanticId", "string", false, "Группа стадии", ""),
    ("movedTime", "datetime", false, "Когда изменена стадия", ""),
    ("closed", "boolean", false, "Закрыта", ""),
    ("opportunity", "double", true, "Сумма", ""),
    ("currencyId", "crm_currency", true, "Валюта", ""),
    ("contactId", "crm_contact", true, "Контакт", ""),
];
const DEAL: [Own; 1] = [("contactIds", "crm_contact", true, "Контакты", "")];

/// A field that the company made for itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UserField {
    #[serde(default)]
    pub id: i64,
    pub kind: Kind,
    /// With the prefix: `UF_CRM_1700000001`.
    pub name: String,
    /// `string`, `boolean`, `enumeration`, `datetime`, `double`…
    pub user_type: String,
    pub label: String,
    #[serde(default)]
    pub multiple: bool,
    /// The choices of an enumeration: the id and the words.
    #[serde(default)]
    pub choices: Vec<(i64, String)>,
}

impl UserField {
    /// A field of contacts.
    #[must_use]
    pub fn of_contacts(name: &str, user_type: &str, label: &str) -> Self {
        let (name, user_type, label) = (name.to_owned(), user_type.to_owned(), label.to_owned());
        Self { id: 0, kind: Kind::Contact, name, user_type, label, multiple: false, choices: Vec::new() }
    }

    /// With the choices of an enumeration.
    #[must_use]
    pub fn choices(mut self, choices: &[(i64, &str)]) -> Self {
        self.choices = choices.iter().map(|(id, words)| (*id, (*words).to_owned())).collect();
        self
    }

    /// The name in `crm.item`: `ufCrm_1700000001`, `ufCrmMsgConsent`.
    #[must_use]
    pub fn camel(&self) -> String {
        camel(&self.name)
    }
}

/// `LAST_NAME` as `lastName`; a part that begins with a digit keeps its underscore.
pub(crate) fn camel(upper: &str) -> String {
    let mut out = String::new();
    for (at, part) in upper.split('_').enumerate() {
        let small = part.to_ascii_lowercase();
        if at == 0 {
            out.push_str(&small);
        } else if part.starts_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
            out.push_str(&small);
        } else {
            let mut letters = small.chars();
            out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            out.push_str(letters.as_str());
        }
    }
    out
}

/// `lastName` as `LAST_NAME`.
pub(crate) fn upper(camel: &str) -> String {
    let mut out = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

fn own(kind: Kind) -> impl Iterator<Item = &'static Own> {
    let (named, rest): (&[Own], Vec<&[Own]>) = match kind {
        Kind::Contact => (&NAMED, vec![&CONTACT]),
        Kind::Company => (&[], vec![&COMPANY]),
        Kind::Deal => (&[], vec![&STAGED, &DEAL]),
        Kind::Lead => (&NAMED, vec![&STAGED]),
    };
    COMMON.iter().chain(named).chain(rest.into_iter().flatten())
}

/// Every field of a kind, by its name in `crm.item`.
pub(crate) fn names(portal: &Portal, kind: Kind) -> Vec<String> {
    let user = portal.user_fields.iter().filter(|field| field.kind == kind).map(UserField::camel);
    own(kind).map(|(name, ..)| (*name).to_owned()).chain(user).chain(std::iter::once("entityTypeId".to_owned())).collect()
}

/// The name in `crm.item` of a field in either spelling, if there is such a field.
pub(crate) fn known(portal: &Portal, kind: Kind, name: &str) -> Option<String> {
    let wanted = match name {
        "DATE_CREATE" => "createdTime".to_owned(),
        "DATE_MODIFY" => "updatedTime".to_owned(),
        "STATUS_ID" if kind == Kind::Lead => "stageId".to_owned(),
        _ if name.chars().any(|c| c.is_ascii_lowercase()) => name.to_owned(),
        _ => camel(name),
    };
    names(portal, kind).contains(&wanted).then_some(wanted)
}

fn user(portal: &Portal, kind: Kind, name: &str) -> Option<UserField> {
    portal.user_fields.iter().find(|field| field.kind == kind && field.camel() == name).cloned()
}

/// Whether it is a boolean of the company's own: those are filtered by 1 and 0.
pub(crate) fn is_user_boolean(portal: &Portal, kind: Kind, name: &str) -> bool {
    name.starts_with("ufCrm") && user(portal, kind, name).is_some_and(|field| field.user_type == "boolean")
}

/// What a field shows that was never set.
pub(crate) fn absent(portal: &Portal, kind: Kind, name: &str) -> Value {
    if let Some(field) = user(portal, kind, name) {
        return match field.user_type.as_str() {
            _ if field.multiple => json!([]),
            "boolean" => json!("N"),
            _ => Value::Null,
        };
    }
    match name {
        "companyIds" | "contactIds" => json!([]),
        "companyId" | "categoryId" | "contactId" | "opportunity" => json!(0),
        "assignedById" | "createdBy" | "updatedBy" => json!(1),
        "opened" | "export" => json!("Y"),
        "currencyId" => json!("RUB"),
        "typeId" => json!(if kind == Kind::Company { "CUSTOMER" } else { "CLIENT" }),
        _ => Value::Null,
    }
}

/// The description `crm.item.fields` gives.
pub(crate) fn described(portal: &Portal, kind: Kind) -> Map<String, Value> {
    let one = |title: &str, kind: &str, read_only: bool, multiple: bool, dynamic: bool| {
        json!({ "type": kind, "isRequired": false, "isReadOnly": read_only, "isImmutable": false, "isMultiple": multiple,
            "isDynamic": dynamic, "title": title })
    };
    let mut all = Map::new();
    for (name, kind, writable, title, status) in own(kind) {
        let mut shown = one(title, kind, !writable, name.ends_with("Ids"), false);
        shown["upperName"] = json!(upper(name));
        if !status.is_empty() {
            shown["statusType"] = json!(status);
        }
        all.insert((*name).to_owned(), shown);
    }
    for field in portal.user_fields.iter().filter(|field| field.kind == kind) {
        let mut shown = one(&field.label, &field.user_type, false, field.multiple, true);
        shown["upperName"] = json!(field.name);
        // An empty map is PHP's empty list.
        shown["settings"] = if field.user_type == "boolean" { json!({ "DEFAULT_VALUE": 0 }) } else { json!([]) };
        if !field.choices.is_empty() {
            shown["items"] =
                json!(field.choices.iter().map(|(id, words)| json!({ "ID": id.to_string(), "VALUE": words })).collect::<Vec<_>>());
        }
        all.insert(field.camel(), shown);
    }
    all
}

/// A value that was sent for a field, as it is kept; `None` where the field is not there or cannot
/// be written, which is no error.
pub(crate) fn taken(portal: &Portal, kind: Kind, name: &str, sent: &Value) -> B24Result<Option<(String, Value)>> {
    let Some(name) = known(portal, kind, name) else { return Ok(None) };
    if let Some(field) = user(portal, kind, &name) {
        let value = match field.multiple {
            true => Value::Array(listed(sent).into_iter().map(|one| of_type(&field, one)).collect::<B24Result<_>>()?),
            false => of_type(&field, sent)?,
        };
        return Ok(Some((name, value)));
    }
    let Some((_, of, writable, _, status)) = own(kind).find(|(own, ..)| *own == name) else { return Ok(None) };
    if !writable {
        return Ok(None);
    }
    let empty = sent.is_null() || sent == "";
    let value = match *of {
        _ if name.ends_with("Ids") => json!(listed(sent).into_iter().filter_map(whole).collect::<Vec<_>>()),
        "boolean" => boolean(&name, sent)?,
        "integer" | "user" | "crm_company" | "crm_contact" => json!(whole(sent).unwrap_or(0)),
        "double" => json!(sent.as_f64().or_else(|| sent.as_str()?.parse().ok()).ok_or_else(|| B24Error::value(&name))?),
        "crm_status" if !status.is_empty() && !empty => {
            let listed = |text: &str| portal.statuses.iter().any(|known| known.entity == *status && known.status == text);
            json!(sent.as_str().filter(|text| listed(text)).ok_or_else(|| B24Error::value(&name))?)
        }
        "date" if !empty => {
            let day = sent.as_str().and_then(|text| text.get(..10)).filter(|day| day.parse::<chrono::NaiveDate>().is_ok());
            json!(day.ok_or_else(|| B24Error::value(&name))?)
        }
        _ if empty => Value::Null,
        _ => match sent {
            Value::String(_) => sent.clone(),
            Value::Number(number) => json!(number.to_string()),
            _ => return Err(B24Error::value(&name)),
        },
    };
    Ok(Some((name, value)))
}

fn boolean(name: &str, sent: &Value) -> B24Result<Value> {
    match sent {
        Value::Bool(flag) => Ok(json!(if *flag { "Y" } else { "N" })),
        Value::Null => Ok(json!("N")),
        _ => match sent.as_str().map(str::to_owned).or_else(|| Some(whole(sent)?.to_string())).as_deref() {
            Some("Y" | "1") => Ok(json!("Y")),
            Some("N" | "0" | "") => Ok(json!("N")),
            _ => Err(B24Error::value(name)),
        },
    }
}

fn of_type(field: &UserField, sent: &Value) -> B24Result<Value> {
    let empty = sent.is_null() || sent == "";
    match field.user_type.as_str() {
        "boolean" => boolean(&field.name, sent),
        _ if empty => Ok(Value::Null),
        "enumeration" => {
            let id = whole(sent).filter(|id| field.choices.iter().any(|(known, _)| known == id));
            id.map(|id| json!(id)).ok_or_else(|| B24Error::value(&field.name))
        }
        "integer" => whole(sent).map(|number| json!(number)).ok_or_else(|| B24Error::value(&field.name)),
        "double" => {
            let number = sent.as_f64().or_else(|| sent.as_str()?.parse().ok());
            number.map(|number| json!(number)).ok_or_else(|| B24Error::value(&field.name))
        }
        _ if sent.is_string() || sent.is_number() => Ok(sent.clone()),
        _ => Err(B24Error::value(&field.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_spellings() {
        for (big, small) in
            [("LAST_NAME", "lastName"), ("UF_CRM_1700000001", "ufCrm_1700000001"), ("UF_CRM_MSG_CONSENT", "ufCrmMsgConsent")]
        {
            assert_eq!(camel(big), small);
        }
        assert_eq!((upper("assignedById").as_str(), upper("id").as_str()), ("ASSIGNED_BY_ID", "ID"));
    }
}
