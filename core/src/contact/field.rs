//! The account's contact fields: each a variable in templates, a name in segments, a column of an import.

use chrono::{DateTime, NaiveDate};
use serde_json::{Number, Value, json};

use super::{Field, FieldKind, fold::clean, fold::fold, queries};
use crate::{
    account::Actor,
    clock::Moment,
    id::{AccountId, FieldId},
    on,
    store::{Store, Tx, audit},
};

/// Names that segments and templates give to what every contact has: no field may take them.
pub const RESERVED: &[&str] = &[
    "tag",
    "tags",
    "name",
    "first_name",
    "last_name",
    "phone",
    "telegram",
    "language",
    "zone",
    "consent",
    "personal_data",
    "last_contacted",
    "last_answered",
    "created",
    "source",
    "opted_out",
    "account",
    "advertiser",
    "company",
    "today",
    "now",
    "yesterday",
    "tomorrow",
    "and",
    "or",
    "not",
    "in",
    "is",
    "empty",
    "contains",
    "between",
    "next",
    "yes",
    "no",
    "true",
    "false",
    "nil",
    "blank",
    "contact",
    "forloop",
];

/// Most fields of one account.
pub const MAX_FIELDS: usize = 100;

/// Why a field cannot be.
#[derive(Debug, thiserror::Error)]
pub enum FieldError {
    /// The key is not a latin letter followed by latin letters, digits and underscores, 40 at most.
    #[error("a field's key is a small latin letter and then latin letters, digits or underscores, 40 at most")]
    BadKey,
    /// The key means something already.
    #[error("the key `{0}` is taken by the product")]
    Reserved(String),
    /// Another field has it.
    #[error("the account has a field with the key `{0}`")]
    Taken(String),
    /// The title is empty or longer than 60 characters.
    #[error("a field's title is 1 to 60 characters")]
    BadTitle,
    /// The account has [`MAX_FIELDS`] already.
    #[error("an account has {MAX_FIELDS} fields at most")]
    TooMany,
    /// The account has no such field.
    #[error("no such field")]
    Absent,
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// The account's fields, in their order.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Field>> {
    on!(store.read(), |c| sqlx::query_as(queries::FIELDS).bind(account).fetch_all(c).await)
}

/// The account's fields, inside a change.
///
/// # Errors
/// The database's.
pub async fn list_in(tx: &mut Tx, account: AccountId) -> sqlx::Result<Vec<Field>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::FIELDS).bind(account).fetch_all(c).await)
}

/// Checks a key.
///
/// # Errors
/// [`FieldError::BadKey`], [`FieldError::Reserved`].
pub fn check_key(key: &str) -> Result<(), FieldError> {
    let good = key.len() <= 40
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !good {
        return Err(FieldError::BadKey);
    }
    if RESERVED.contains(&key) {
        return Err(FieldError::Reserved(key.to_owned()));
    }
    Ok(())
}

/// A key made of a title (`Дата визита` → `data_vizita`) that is none of `taken`.
#[must_use]
pub fn suggest_key(title: &str, taken: &[Field]) -> String {
    let mut key = String::new();
    for char in fold(title).chars() {
        match char {
            'a'..='z' | '0'..='9' => key.push(char),
            'а'..='я' => key.push_str(transliterate(char)),
            _ if key.ends_with('_') || key.is_empty() => {}
            _ => key.push('_'),
        }
        if key.len() >= 32 {
            break;
        }
    }
    let mut key = key.trim_end_matches('_').to_owned();
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) {
        key.insert_str(0, "field_");
        key.truncate(key.trim_end_matches('_').len());
    }
    let free = |key: &str| check_key(key).is_ok() && taken.iter().all(|field| field.key != key);
    if free(&key) {
        return key;
    }
    // As many tries as there can be names in the way, and one more.
    (2..=taken.len() + RESERVED.len() + 2).map(|n| format!("{key}_{n}")).find(|key| free(key)).unwrap_or(key)
}

fn transliterate(char: char) -> &'static str {
    const LETTERS: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh",
        "sch", "", "y", "", "e", "yu", "ya",
    ];
    (char as usize).checked_sub('а' as usize).and_then(|at| LETTERS.get(at)).copied().unwrap_or("")
}

/// Adds a field.
///
/// # Errors
/// [`FieldError`].
pub async fn create(store: &Store, actor: &Actor, key: &str, title: &str, kind: FieldKind, now: Moment) -> Result<Field, FieldError> {
    let mut tx = store.begin().await?;
    let field = create_in(&mut tx, actor.account, &actor.member.to_string(), key, title, kind, now).await?;
    tx.commit().await?;
    Ok(field)
}

/// Adds a field inside a change; `actor` is who, for the audit.
///
/// # Errors
/// [`FieldError`].
pub async fn create_in(
    tx: &mut Tx,
    account: AccountId,
    actor: &str,
    key: &str,
    title: &str,
    kind: FieldKind,
    now: Moment,
) -> Result<Field, FieldError> {
    check_key(key)?;
    let title = check_title(title)?;
    let fields = list_in(tx, account).await?;
    if fields.iter().any(|field| field.key == key) {
        return Err(FieldError::Taken(key.to_owned()));
    }
    if fields.len() >= MAX_FIELDS {
        return Err(FieldError::TooMany);
    }
    let field = Field { id: FieldId::new(), key: key.to_owned(), title, kind };
    let position = i32::try_from(fields.len()).unwrap_or(i32::MAX);
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_FIELD)
        .bind(field.id)
        .bind(account)
        .bind(&field.key)
        .bind(&field.title)
        .bind(field.kind)
        .bind(position)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .map_err(|error| match error {
        sqlx::Error::Database(db) if db.is_unique_violation() => FieldError::Taken(key.to_owned()),
        other => FieldError::Db(other),
    })?;
    audit::record(
        tx,
        account,
        actor,
        "field.create",
        &field.id.to_string(),
        &json!({ "key": key, "title": field.title, "kind": kind }),
        now,
    )
    .await?;
    Ok(field)
}

/// Gives a field another title; its key and kind never change, because templates and segments name the key.
///
/// # Errors
/// [`FieldError`].
pub async fn rename(store: &Store, actor: &Actor, id: FieldId, title: &str, now: Moment) -> Result<(), FieldError> {
    let title = check_title(title)?;
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::RENAME_FIELD)
        .bind(actor.account)
        .bind(id)
        .bind(&title)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched == 0 {
        return Err(FieldError::Absent);
    }
    audit::record(&mut tx, actor.account, &actor.member.to_string(), "field.rename", &id.to_string(), &json!({ "title": title }), now)
        .await?;
    tx.commit().await?;
    Ok(())
}

fn check_title(title: &str) -> Result<String, FieldError> {
    let title = clean(title);
    if (1..=60).contains(&title.chars().count()) { Ok(title) } else { Err(FieldError::BadTitle) }
}

/// Why a written value does not fit its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ValueError {
    /// Not a number.
    #[error("not a number")]
    Number,
    /// Not a date.
    #[error("not a date")]
    Date,
    /// Neither yes nor no.
    #[error("neither yes nor no")]
    Flag,
    /// A text longer than [`MAX_TEXT`].
    #[error("longer than {MAX_TEXT} characters")]
    TooLong,
}

impl ValueError {
    /// The reason as a word, for tables and translations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "bad_number",
            Self::Date => "bad_date",
            Self::Flag => "bad_flag",
            Self::TooLong => "too_long",
        }
    }
}

/// Longest text of an attribute, characters.
pub const MAX_TEXT: usize = 2_000;

/// A written value as the field's kind keeps it; `None` for nothing.
///
/// # Errors
/// [`ValueError`].
pub fn read_value(kind: FieldKind, raw: &str) -> Result<Option<Value>, ValueError> {
    let text = clean(raw);
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(match kind {
        FieldKind::Text if text.chars().count() > MAX_TEXT => return Err(ValueError::TooLong),
        FieldKind::Text => Value::String(text),
        FieldKind::Number => number(read_number(&text).ok_or(ValueError::Number)?).ok_or(ValueError::Number)?,
        FieldKind::Date => Value::String(read_date(&text).ok_or(ValueError::Date)?.format("%Y-%m-%d").to_string()),
        FieldKind::Flag => Value::Bool(read_flag(&text).ok_or(ValueError::Flag)?),
    }))
}

/// A JSON value from elsewhere (a CRM) as the field's kind keeps it; `None` for nothing.
///
/// # Errors
/// [`ValueError`].
pub fn take_value(kind: FieldKind, value: &Value) -> Result<Option<Value>, ValueError> {
    match (kind, value) {
        (_, Value::Null) => Ok(None),
        (FieldKind::Flag, Value::Bool(yes)) => Ok(Some(Value::Bool(*yes))),
        (FieldKind::Number, Value::Number(n)) => n.as_f64().and_then(number).ok_or(ValueError::Number).map(Some),
        // Seconds since 1970, as amoCRM gives dates.
        (FieldKind::Date, Value::Number(n)) => {
            let at = n.as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or(ValueError::Date)?;
            read_value(kind, &at.format("%Y-%m-%d").to_string())
        }
        (_, Value::String(text)) => read_value(kind, text),
        (_, Value::Bool(yes)) => read_value(kind, if *yes { "1" } else { "0" }),
        (_, Value::Number(n)) => read_value(kind, &n.to_string()),
        (_, Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
            read_value(kind, &items.join(", "))
        }
        (_, Value::Object(_)) => read_value(kind, &value.to_string()),
    }
}

/// A finite number as JSON: whole ones without a fraction, so that both engines compare them alike.
#[must_use]
pub fn number(value: f64) -> Option<Value> {
    // 2^53: beyond it neighbouring whole numbers are one `f64`.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < WHOLE {
        #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        return Some(Value::Number(Number::from(value as i64)));
    }
    Number::from_f64(value).map(Value::Number)
}

/// `1 234,56`, `1234.56`, `-3`, `1 000 ₽`.
fn read_number(text: &str) -> Option<f64> {
    let mut plain: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '₽' | '%')).collect();
    if let Some(short) = plain.strip_suffix("руб.").or_else(|| plain.strip_suffix("руб")).map(str::to_owned) {
        plain = short;
    }
    if plain.contains('.') && plain.contains(',') {
        // Both: the last one is the decimal point.
        let comma_last = plain.rfind(',') > plain.rfind('.');
        plain = if comma_last { plain.replace('.', "").replace(',', ".") } else { plain.replace(',', "") };
    } else {
        plain = plain.replace(',', ".");
    }
    let plain = plain.replace('−', "-");
    let shaped = plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    plain.parse::<f64>().ok().filter(|value| shaped && value.is_finite())
}

/// `2026-05-01`, `01.05.2026`, `01/05/2026`, `1.5.26`, each perhaps with a time after it.
#[must_use]
pub fn read_date(text: &str) -> Option<NaiveDate> {
    let day = text.split([' ', 'T']).next()?;
    let (separator, russian) = if day.contains('-') {
        ('-', false)
    } else if day.contains('.') {
        ('.', true)
    } else {
        ('/', true)
    };
    let parts: Vec<&str> = day.split(separator).collect();
    let [first, month, last] = parts.as_slice() else { return None };
    if parts.iter().any(|part| part.is_empty() || part.len() > 4 || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let (year, date) = if russian || first.len() <= 2 { (last, first) } else { (first, last) };
    let year: i32 = match (year.len(), year.parse().ok()?) {
        (2, short) => short + if short < 50 { 2000 } else { 1900 },
        (4, full) => full,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, date.parse().ok()?).filter(|_| year >= 1000)
}

/// `да`, `yes`, `1`, `true`, `+` and their opposites.
#[must_use]
pub fn read_flag(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "да" | "yes" | "y" | "1" | "true" | "+" | "д" | "истина" | "есть" => Some(true),
        "нет" | "no" | "n" | "0" | "false" | "-" | "н" | "ложь" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{both, clock};

    #[test]
    fn reads_values_by_kind() {
        let read = |kind, raw| read_value(kind, raw).map(|value| value.map_or_else(|| "-".to_owned(), |value| value.to_string()));
        for (kind, raw, kept) in [
            (FieldKind::Text, "  Санкт-  Петербург ", "\"Санкт- Петербург\""),
            (FieldKind::Text, " ", "-"),
            (FieldKind::Number, "1 234,50", "1234.5"),
            (FieldKind::Number, "1,234.50", "1234.5"),
            (FieldKind::Number, "1.234,50 ₽", "1234.5"),
            (FieldKind::Number, "-3", "-3"),
            (FieldKind::Number, "1e3", "1000"),
            (FieldKind::Date, "01.05.2026", "\"2026-05-01\""),
            (FieldKind::Date, "2026-05-01T10:00:00", "\"2026-05-01\""),
            (FieldKind::Date, "1.5.86", "\"1986-05-01\""),
            (FieldKind::Date, "01/05/2026 10:00", "\"2026-05-01\""),
            (FieldKind::Flag, "Да", "true"),
            (FieldKind::Flag, "0", "false"),
        ] {
            assert_eq!(read(kind, raw).as_deref(), Ok(kept), "{raw}");
        }
        assert_eq!(read(FieldKind::Number, "много"), Err(ValueError::Number));
        assert_eq!(read(FieldKind::Number, "inf"), Err(ValueError::Number));
        assert_eq!(read(FieldKind::Date, "31.02.2026"), Err(ValueError::Date));
        assert_eq!(read(FieldKind::Flag, "может быть"), Err(ValueError::Flag));
        assert_eq!(take_value(FieldKind::Date, &json!(1_777_593_600)), Ok(Some(json!("2026-05-01"))));
        assert_eq!(take_value(FieldKind::Text, &json!(["a", "b"])), Ok(Some(json!("a, b"))));
    }

    #[test]
    fn makes_keys_of_titles() {
        assert_eq!(suggest_key("Дата визита", &[]), "data_vizita");
        assert_eq!(suggest_key("Name", &[]), "name_2");
        assert_eq!(suggest_key("2-й адрес", &[]), "field_2_y_adres");
        assert_eq!(suggest_key("???", &[]), "field");
        assert!(check_key(&suggest_key("Щ".repeat(60).as_str(), &[])).is_ok());
    }

    both!(async fn fields_are_made_listed_and_renamed(store) {
        let actor = crate::contact::fixture::actor(&store).await;
        let other = crate::contact::fixture::actor(&store).await;
        let now = clock::now();
        let city = create(&store, &actor, "city", "Город", FieldKind::Text, now).await.expect("a field");
        assert!(matches!(create(&store, &actor, "city", "Город", FieldKind::Text, now).await, Err(FieldError::Taken(_))));
        assert!(matches!(create(&store, &actor, "tag", "Метка", FieldKind::Text, now).await, Err(FieldError::Reserved(_))));
        assert!(matches!(create(&store, &actor, "Город", "Город", FieldKind::Text, now).await, Err(FieldError::BadKey)));
        create(&store, &other, "city", "Город", FieldKind::Date, now).await.expect("keys are an account's own");
        assert!(matches!(rename(&store, &other, city.id, "Чужое", now).await, Err(FieldError::Absent)));
        rename(&store, &actor, city.id, "Населённый пункт", now).await.expect("renamed");
        let fields = list(&store, actor.account).await.expect("a list");
        assert_eq!(fields.iter().map(|field| field.title.as_str()).collect::<Vec<_>>(), ["Населённый пункт"]);
    });
}
