//! A choice of whose word counts for a field ([`super::choose`]) is carried out for everybody who
//! is in several CRMs, a portion a transaction. How far it is stands in a row: whoever dies is
//! followed by another, and a choice that is made anew begins anew.

use serde_json::Value;

use super::{NAMES, of, resolved, rules_in};
use crate::{
    clock::Moment,
    contact::{Draft, queries, write},
    id::{AccountId, ContactId},
    on,
    store::{Store, Tx},
};

/// People of a portion.
const PORTION: i64 = 100;

/// How far a choice is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Applying {
    /// People it is carried out for.
    pub done: i64,
    /// People who were in several CRMs when it was made.
    pub total: i64,
}

/// A choice was made: it is to be carried out.
pub(super) async fn begin(tx: &mut Tx, account: AccountId, field: &str, now: Moment) -> sqlx::Result<()> {
    let nobody = ContactId(uuid::Uuid::nil());
    on!(tx.conn(), |c| sqlx::query(queries::BEGIN_APPLY).bind(account).bind(field).bind(nobody).bind(now).execute(c).await.map(|_| ()))
}

/// How far the choice for a field is carried out; `None`: it is.
///
/// # Errors
/// The database's.
pub async fn applying(store: &Store, account: AccountId, field: &str) -> sqlx::Result<Option<Applying>> {
    on!(store.read(), |c| sqlx::query_as(queries::APPLYING).bind(account).bind(field).fetch_optional(c).await)
}

/// Carries choices of an account out for a portion of people. `false`: nothing is left.
///
/// # Errors
/// The database's.
pub async fn portion(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin_bulk().await?;
    let row: Option<(String, ContactId, i64, i64)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::NEXT_APPLY).bind(account).fetch_optional(c).await)?;
    let Some((field, after, done, turn)) = row else { return Ok(false) };
    let people: Vec<ContactId> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::OF_SEVERAL).bind(account).bind(after).bind(PORTION).fetch_all(c).await)?;
    let rules = rules_in(&mut tx, account).await?;
    for contact in &people {
        let sources = of(&mut tx, account, *contact).await?;
        let mut told = Draft::default();
        let says = |key: &str| sources.iter().any(|one| one.said.as_deref().is_some_and(|said| said.values.contains_key(key)));
        if field != NAMES && says(&field) {
            told.attributes.insert(field.clone(), Value::Null);
        }
        let mut draft = resolved(&rules, &sources, &told);
        if field != NAMES {
            (draft.name, draft.first_name, draft.last_name) = (None, None, None);
        }
        write::update(&mut tx, account, *contact, &draft, now).await?;
    }
    let last = people.last().filter(|_| people.len() as i64 == PORTION);
    // Another choice meanwhile, or another worker: then this portion is dropped.
    let kept = match last {
        Some(last) => on!(tx.conn(), |c| sqlx::query(queries::APPLIED)
            .bind(account)
            .bind(&field)
            .bind(done)
            .bind(turn)
            .bind(*last)
            .bind(PORTION)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        None => on!(tx.conn(), |c| sqlx::query(queries::END_APPLY)
            .bind(account)
            .bind(&field)
            .bind(done)
            .bind(turn)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
    };
    if kept == 1 {
        tx.commit().await?;
    }
    Ok(true)
}
