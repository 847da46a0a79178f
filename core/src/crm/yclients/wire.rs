//! What YCLIENTS says, in the words of the trait. Pure.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use serde_json::Value;

use super::login::Branch;
pub use crate::crm::call::Kind;
use crate::{
    clock::Moment,
    crm::{CrmContact, CrmError, CrmField, CrmFieldKind, CrmIdentity},
    text::clean,
};

/// An answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    /// Seconds; no contract tells of this header.
    pub retry_after: Option<u64>,
    pub body: &'a [u8],
}

/// When to come back after too many calls: nothing tells a time, and the limit is of a minute
/// (section 4, unconfirmed).
const AGAIN: Duration = Duration::from_secs(60);
/// When to come back where no connection was made for what must not be done twice.
const UNREACHED: Duration = Duration::from_secs(15);

/// No answer came. What was certainly not sent is not counted as a try: a repeat of what counts is
/// looked for first, and this CRM may show nothing to look at.
pub fn no_answer(kind: Kind, never_sent: bool, detail: String) -> CrmError {
    match kind {
        Kind::Once if never_sent => CrmError::RetryAfter(UNREACHED),
        Kind::Once => CrmError::Unknown(detail),
        Kind::Read | Kind::Repeatable => CrmError::Transient { detail, smaller: false },
    }
}

/// An answer came (section 5). Its words are in the language of the account and decide nothing.
pub fn classify(kind: Kind, answer: &Answer<'_>) -> Result<Value, CrmError> {
    let text = String::from_utf8_lossy(answer.body);
    let json: Value = serde_json::from_str(&clean::json(&text)).unwrap_or_default();
    // Old methods say their code inside.
    let inside = json["errors"]["code"].as_u64().and_then(|code| u16::try_from(code).ok());
    let refused = json["success"] == false;
    let status = match answer.status {
        200..=299 if refused => inside.unwrap_or(answer.status),
        status => status,
    };
    let said = || {
        let message = json["meta"]["message"].as_str().or_else(|| json["errors"]["message"].as_str()).unwrap_or_default();
        let mut said = format!("{status} {message}").trim_end().to_owned();
        for (field, words) in json["meta"]["errors"].as_object().into_iter().flatten() {
            let word = words.as_str().or_else(|| words[0].as_str()).unwrap_or_default();
            said.push_str(&format!("; {field}: {word}"));
        }
        said
    };
    Err(match status {
        204 => return Ok(Value::Null),
        200..=299 if json["success"] == true => return Ok(json),
        200..=299 if json.is_null() && kind == Kind::Once => CrmError::Unknown("the answer is not JSON".to_owned()),
        200..=299 if json.is_null() => CrmError::Transient { detail: "the answer is not JSON".to_owned(), smaller: false },
        401 => CrmError::Unauthorised,
        402 => CrmError::PaymentRequired,
        403 => CrmError::Forbidden(said()),
        404 => CrmError::NotFound,
        429 => CrmError::RetryAfter(answer.retry_after.map_or(AGAIN, Duration::from_secs)),
        500..=599 if kind == Kind::Once => CrmError::Unknown(said()),
        500..=599 => CrmError::Transient { detail: said(), smaller: status == 504 },
        _ => CrmError::Rejected(said()),
    })
}

/// The rows of a list.
pub fn rows(answer: &Value) -> &[Value] {
    answer["data"].as_array().map_or(&[], Vec::as_slice)
}

/// How many rows a list has altogether; old versions tell it beside the data.
pub fn total(answer: &Value) -> Option<u64> {
    whole(&answer["meta"]["total_count"]).or_else(|| whole(&answer["count"]))
}

fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// An id, whether written as a number or as a text.
pub fn id(value: &Value) -> Option<String> {
    whole(value).filter(|id| *id > 0).map(|id| id.to_string())
}

/// `1`, `"1"`, `true`; `None`: nothing of the kind.
pub fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_i64().map(|number| number != 0)).or_else(|| match value.as_str()? {
        "1" | "true" => Some(true),
        "0" | "false" | "" => Some(false),
        _ => None,
    })
}

/// A text, without the entities of HTML that some texts have in them.
pub fn plain(value: &Value) -> String {
    const ENTITIES: [(&str, &str); 7] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    if !text.contains('&') {
        return text;
    }
    ENTITIES.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign))
}

/// Where the walls of a branch have their clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    Named(Tz),
    /// A branch that tells no name of its zone, or an unknown one.
    Fixed(FixedOffset),
}

impl Zone {
    fn of(company: &Value) -> Self {
        let hours = company["timezone"].as_i64().or_else(|| company["timezone"].as_str()?.parse().ok()).unwrap_or_default();
        let offset = i32::try_from(hours).ok().and_then(|hours| FixedOffset::east_opt(hours.checked_mul(3_600)?));
        match company["timezone_name"].as_str().and_then(|name| name.parse().ok()) {
            Some(zone) => Self::Named(zone),
            None => offset.map_or(Self::Named(Tz::UTC), Self::Fixed),
        }
    }

    /// A time by the clock on the wall. Of an hour that comes twice the first; an hour that does
    /// not come is what the clocks show after they were put forward.
    pub fn moment(self, wall: NaiveDateTime) -> Moment {
        let found = |wall: &NaiveDateTime| match self {
            Self::Named(zone) => zone.from_local_datetime(wall).earliest().map(|at| at.to_utc()),
            Self::Fixed(zone) => zone.from_local_datetime(wall).earliest().map(|at| at.to_utc()),
        };
        found(&wall).or_else(|| found(&(wall + TimeDelta::hours(1)))).unwrap_or_else(|| wall.and_utc())
    }

    /// What the clock on the wall shows.
    pub fn wall(self, at: Moment) -> NaiveDateTime {
        match self {
            Self::Named(zone) => at.with_timezone(&zone).naive_local(),
            Self::Fixed(zone) => at.with_timezone(&zone).naive_local(),
        }
    }

    /// The offset of a time by the clock on the wall, `+03:00`.
    pub fn offset(self, wall: NaiveDateTime) -> String {
        let at = self.moment(wall);
        let ahead = (self.wall(at) - at.naive_utc()).num_minutes();
        format!("{}{:02}:{:02}", if ahead < 0 { '-' } else { '+' }, ahead.abs() / 60, ahead.abs() % 60)
    }
}

/// What is known of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub identity: CrmIdentity,
    pub zone: Zone,
}

/// The branch among those of the user.
pub fn place(companies: &[Value], branch: Branch) -> Option<Place> {
    let own = companies.iter().find(|company| whole(&company["id"]) == Some(branch.id))?;
    let zone = Zone::of(own);
    let named = match zone {
        Zone::Named(zone) => Some(zone.name().to_owned()),
        Zone::Fixed(_) => None,
    };
    let title = plain(&own["title"]);
    Some(Place { identity: CrmIdentity::new(branch.external_id(), &[&title], named), zone })
}

/// A moment with an offset, with or without a colon in it.
pub fn moment(value: &Value) -> Option<Moment> {
    let text = value.as_str()?;
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z").or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|at| at.to_utc())
}

/// What every client has: its id here, its title, what it holds, its names in answers (Altegio has
/// others than YCLIENTS). The titles are those of the platform's own pages.
const USUAL: &[(&str, &str, CrmFieldKind, &[&str])] = &[
    ("birth_date", "Дата рождения", CrmFieldKind::Date, &["birth_date"]),
    ("sex", "Пол", CrmFieldKind::Text, &["sex", "gender"]),
    ("patronymic", "Отчество", CrmFieldKind::Text, &["patronymic", "middle_name"]),
    ("visits", "Количество визитов", CrmFieldKind::Number, &["visits"]),
    ("first_visit_date", "Первый визит", CrmFieldKind::Date, &["first_visit_date"]),
    ("last_visit_date", "Последний визит", CrmFieldKind::Date, &["last_visit_date"]),
    ("spent", "Продано", CrmFieldKind::Number, &["spent"]),
    ("paid", "Оплачено", CrmFieldKind::Number, &["paid"]),
    ("balance", "Баланс", CrmFieldKind::Number, &["balance"]),
    ("discount", "Скидка", CrmFieldKind::Number, &["discount"]),
    ("card", "Номер карты", CrmFieldKind::Text, &["card"]),
    ("importance", "Класс важности", CrmFieldKind::Text, &["importance"]),
    ("comment", "Комментарий", CrmFieldKind::Text, &["comment"]),
    ("sms_check", "Поздравлять с днём рождения по SMS", CrmFieldKind::Flag, &["sms_check"]),
    (SMS_NOT, "Исключить из SMS-рассылок", CrmFieldKind::Flag, &["sms_not"]),
];
/// The platform's own refusal of advertising (section 8).
pub const SMS_NOT: &str = "sms_not";
/// What only the search tells.
const STATISTICS: [&str; 2] = ["first_visit_date", "last_visit_date"];
/// Before the code of a field the company made: it may be called like one that everybody has.
const OWN: &str = "custom.";

/// Whether a field is known to the search alone.
pub fn is_statistics(field: &str) -> bool {
    STATISTICS.contains(&field)
}

/// The code of a field that the company made.
pub fn own_code(field: &str) -> Option<&str> {
    field.strip_prefix(OWN)
}

/// The fields that every branch has.
pub fn usual_fields() -> Vec<CrmField> {
    USUAL.iter().map(|(id, title, kind, _)| CrmField::new((*id).to_owned(), title, *kind, Vec::new())).collect()
}

/// A field that the company made.
pub fn field(field: &Value) -> Option<CrmField> {
    let field = &field["custom_field"];
    let code = field["code"].as_str().filter(|code| !code.is_empty())?;
    // Types beside these are told nowhere: whatever else there is is a text.
    let kind = match field["type"]["code"].as_str().unwrap_or_default() {
        "number" | "numeric" | "integer" | "float" => CrmFieldKind::Number,
        "date" | "datetime" => CrmFieldKind::Date,
        "bool" | "boolean" | "checkbox" | "flag" => CrmFieldKind::Flag,
        _ => CrmFieldKind::Text,
    };
    let option = |value: &Value| {
        let text = plain(value);
        let text = if text.is_empty() { plain(&value["value"]) } else { text };
        Some(if text.is_empty() { plain(&value["title"]) } else { text }).filter(|text| !text.is_empty())
    };
    let options = field["values"].as_array().into_iter().flatten().filter_map(option).collect();
    Some(CrmField::new(format!("{OWN}{code}"), &plain(&field["title"]), kind, options))
}

/// Values as contacts have them: nothing for what is empty (a birthday may be `0`).
fn values(kind: CrmFieldKind, value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Object(_) => Vec::new(),
        Value::Array(items) => items.iter().flat_map(|item| values(kind, item)).collect(),
        Value::Number(_) if kind == CrmFieldKind::Date => Vec::new(),
        Value::String(_) => {
            let text = plain(value);
            // A moment without a zone is the day that is written.
            let day = text.get(..10).filter(|_| kind == CrmFieldKind::Date && text.len() > 10);
            let text = day.map_or_else(|| text.clone(), str::to_owned);
            if text.is_empty() || text.starts_with("0000") { Vec::new() } else { vec![Value::String(text)] }
        }
        value => vec![value.clone()],
    }
}

/// A phone as it is read best: digits with the code of their country, so with a plus; a Russian one
/// may have been typed with an eight.
fn phone(value: &Value) -> Option<String> {
    let text = plain(value);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = digits && (11..=15).contains(&text.len()) && !text.starts_with('0') && !(text.len() == 11 && text.starts_with('8'));
    Some(if whole { format!("+{text}") } else { text }).filter(|text| !text.is_empty())
}

/// Whether a phone is there but not shown: a right of the user is missing.
pub fn is_masked(client: &Value) -> bool {
    client["phone"].as_str().is_some_and(|phone| phone.contains(['*', 'x', 'X', '•', '…']))
}

/// Whether a client has a phone that is shown.
pub fn has_phone(client: &Value) -> bool {
    phone(&client["phone"]).is_some() && !is_masked(client)
}

/// The titles of a client's categories.
pub fn categories(client: &Value) -> impl Iterator<Item = (u64, String)> {
    client["categories"].as_array().into_iter().flatten().filter_map(|one| Some((whole(&one["id"])?, plain(&one["title"]))))
}

/// What kind of values the company's own fields hold, by their codes.
pub type Kinds = HashMap<String, CrmFieldKind>;

/// A client as the list and the card have it; `found`: what the search tells of it. `None`: it has
/// no id.
pub fn client(client: &Value, found: Option<&Value>, kinds: &Kinds) -> Option<CrmContact> {
    let (first_name, last_name) = (plain(&client["name"]), plain(&client["surname"]));
    let name = [first_name.as_str(), last_name.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let usual = USUAL.iter().map(|(id, _, kind, names)| {
        let of = |source: &Value| names.iter().map(|name| &source[*name]).find(|value| !value.is_null()).cloned();
        let value = of(client).or_else(|| of(found?)).unwrap_or_default();
        ((*id).to_owned(), values(*kind, &value))
    });
    // An empty object is written as a list.
    let own = client["custom_fields"].as_object().into_iter().flatten().map(|(code, value)| {
        let kind = kinds.get(code).copied().unwrap_or(CrmFieldKind::Text);
        (format!("{OWN}{code}"), values(kind, value))
    });
    Some(CrmContact {
        id: id(&client["id"])?,
        name,
        first_name,
        last_name,
        phones: phone(&client["phone"]).into_iter().collect(),
        emails: Some(plain(&client["email"])).filter(|email| !email.is_empty()).into_iter().collect(),
        tags: categories(client).map(|(_, title)| title).filter(|title| !title.is_empty()).collect(),
        fields: usual.chain(own).collect(),
        updated_at: moment(&client["last_change_date"]).unwrap_or_default(),
        deleted: false,
        merged_into: None,
    })
}

#[cfg(test)]
mod tests;
