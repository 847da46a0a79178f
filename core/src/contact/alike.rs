//! Contacts that may be one person: they share a phone, an e-mail, or a name and a birthday, and
//! nothing proves that they are. Whether they are is for a member to say (`inbound::join`); two who
//! were said to be two are not asked about again.

use std::collections::HashMap;

use super::{Field, FieldKind, field, queries};
use crate::{
    clock::Moment,
    id::{AccountId, ContactId, MemberId},
    on,
    store::{Store, Tx},
    text::fold,
};

/// What two contacts share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Shared {
    /// A phone that both are given, and one has.
    Phone,
    Email,
    /// The name and the birthday.
    Birthday,
}

/// Two contacts that may be one person, the lower id first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Pair {
    pub one_id: ContactId,
    pub two_id: ContactId,
    pub why: Shared,
}

fn ordered(one: ContactId, two: ContactId) -> (ContactId, ContactId) {
    (one.min(two), one.max(two))
}

/// Notes that two contacts may be one person; what people said of them stays.
///
/// # Errors
/// The database's.
pub async fn note(tx: &mut Tx, account: AccountId, (one, two): (ContactId, ContactId), why: Shared, now: Moment) -> sqlx::Result<()> {
    let (one, two) = ordered(one, two);
    on!(tx.conn(), |c| sqlx::query(queries::NOTE_ALIKE).bind(account).bind(one).bind(two).bind(why).bind(now).execute(c).await.map(|_| ()))
}

/// Whether people said that these are two.
///
/// # Errors
/// The database's.
pub async fn are_two(tx: &mut Tx, account: AccountId, one: ContactId, two: ContactId) -> sqlx::Result<bool> {
    let (one, two) = ordered(one, two);
    on!(tx.conn(), |c| sqlx::query_scalar(queries::ARE_TWO).bind(account).bind(one).bind(two).fetch_one(c).await)
}

/// These are two people: they are not asked about again, and nothing joins them by itself.
///
/// # Errors
/// The database's.
pub async fn keep_apart(
    tx: &mut Tx,
    account: AccountId,
    (one, two): (ContactId, ContactId),
    why: Shared,
    by: Option<MemberId>,
    now: Moment,
) -> sqlx::Result<()> {
    let (one, two) = ordered(one, two);
    on!(tx.conn(), |c| sqlx::query(queries::KEEP_APART)
        .bind(account)
        .bind(one)
        .bind(two)
        .bind(why)
        .bind(now)
        .bind(by)
        .execute(c)
        .await
        .map(|_| ()))
}

/// One contact becomes another: whoever is not the one is not the other.
///
/// # Errors
/// The database's.
pub async fn hand_over(tx: &mut Tx, account: AccountId, from: ContactId, to: ContactId) -> sqlx::Result<()> {
    type Row = (ContactId, ContactId, Shared, Moment, Option<MemberId>);
    let rows: Vec<Row> = on!(tx.conn(), |c| sqlx::query_as(queries::APART_FROM).bind(account).bind(from).fetch_all(c).await)?;
    for (one, two, why, at, by) in rows {
        let other = if one == from { two } else { one };
        if other != to {
            keep_apart(tx, account, (other, to), why, by, at).await?;
        }
    }
    Ok(())
}

/// How many pairs there are to be asked about.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::COUNT_ALIKE).bind(account).fetch_one(c).await)
}

/// The pair after so many others, the longest known first.
///
/// # Errors
/// The database's.
pub async fn nth(store: &Store, account: AccountId, after: i64) -> sqlx::Result<Option<Pair>> {
    on!(store.read(), |c| sqlx::query_as(queries::NTH_ALIKE).bind(account).bind(after).fetch_optional(c).await)
}

/// Whether these two are to be asked about, and what they share.
///
/// # Errors
/// The database's.
pub async fn one(store: &Store, account: AccountId, one: ContactId, two: ContactId) -> sqlx::Result<Option<Pair>> {
    let (one, two) = ordered(one, two);
    on!(store.read(), |c| sqlx::query_as(queries::ONE_ALIKE).bind(account).bind(one).bind(two).fetch_optional(c).await)
}

/// Whether a field holds the day somebody was born.
fn is_birthday(field: &Field) -> bool {
    let title = fold(&field.title);
    let named = |name: &str| title.contains(name) || field.key.contains(name);
    field.kind == FieldKind::Date && ["рожд", "birth", "rozhd"].iter().any(|name| named(name))
}

/// Looks for contacts of one name who were born on the same day, and notes the pairs.
///
/// # Errors
/// The database's.
pub async fn look(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<()> {
    let fields = field::list(store, account).await?;
    for field in fields.iter().filter(|field| is_birthday(field)) {
        let rows: Vec<(ContactId, String, String)> =
            on!(store.read(), |c| sqlx::query_as(queries::SAME_BIRTHDAY).bind(account).bind(&field.key).fetch_all(c).await)?;
        if rows.is_empty() {
            continue;
        }
        let mut people: HashMap<(&str, &str), Vec<ContactId>> = HashMap::new();
        for (id, name, day) in &rows {
            people.entry((name, day)).or_default().push(*id);
        }
        let mut tx = store.begin().await?;
        for same in people.values() {
            for (at, one) in same.iter().enumerate().skip(1) {
                note(&mut tx, account, (same[at - 1], *one), Shared::Birthday, now).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}
