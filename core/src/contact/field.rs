//! The account's contact fields: each a variable in templates, a name in segments, a column of an
//! import.

use serde_json::json;

use super::{Field, FieldKind, queries};
use crate::{
    account::Actor,
    clock::Moment,
    id::{AccountId, FieldId},
    on,
    store::{Store, Tx, audit},
    text::{clean, fold},
};

/// Names that segments and templates give to what every contact has: no field may take them.
pub const RESERVED: &[&str] = &[
    "tag",
    "tags",
    "name",
    "first_name",
    "last_name",
    "patronymic",
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
    /// Another field has this title, whatever its case.
    #[error("the account has a field with this title: `{0}`")]
    SameTitle(String),
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

/// The field of this title, whatever its case: two of one title could not be told apart.
#[must_use]
pub fn of_title<'a>(fields: &'a [Field], title: &str) -> Option<&'a Field> {
    let title = fold(title);
    fields.iter().find(|field| fold(&field.title) == title)
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
    if let Some(same) = of_title(&fields, &title) {
        return Err(FieldError::SameTitle(same.key.clone()));
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

/// Gives a field another title; its key and kind never change, because templates and segments name
/// the key.
///
/// # Errors
/// [`FieldError`].
pub async fn rename(store: &Store, actor: &Actor, id: FieldId, title: &str, now: Moment) -> Result<(), FieldError> {
    let title = check_title(title)?;
    let mut tx = store.begin().await?;
    if let Some(same) = of_title(&list_in(&mut tx, actor.account).await?, &title).filter(|same| same.id != id) {
        return Err(FieldError::SameTitle(same.key.clone()));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{both, clock};

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
        assert!(matches!(create(&store, &actor, "town", " ГОРОД", FieldKind::Text, now).await, Err(FieldError::SameTitle(key)) if key == "city"));
        let visit = create(&store, &actor, "visit", "Визит", FieldKind::Date, now).await.expect("a field");
        assert!(matches!(rename(&store, &actor, visit.id, "город", now).await, Err(FieldError::SameTitle(_))));
        rename(&store, &actor, visit.id, "визит", now).await.expect("its own title in another case");
        create(&store, &other, "city", "Город", FieldKind::Date, now).await.expect("keys are an account's own");
        assert!(matches!(rename(&store, &other, city.id, "Чужое", now).await, Err(FieldError::Absent)));
        rename(&store, &actor, city.id, "Населённый пункт", now).await.expect("renamed");
        let fields = list(&store, actor.account).await.expect("a list");
        assert_eq!(fields.iter().map(|field| field.title.as_str()).collect::<Vec<_>>(), ["Населённый пункт", "визит"]);
    });
}
