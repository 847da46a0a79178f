//! Answers an account gives often: saved once, sent in two presses.

use serde_json::json;
use sqlx::types::Json;

use super::{queries, reply::MAX_UNITS};
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    id::{AccountId, QuickReplyId},
    on,
    store::Store,
    text::Rich,
};

/// Most saved answers of an account: they are chosen from one screen.
pub const MOST: usize = 30;

/// Why an answer is not saved.
#[derive(Debug, thiserror::Error)]
pub enum QuickError {
    /// Empty, or longer than a reply may be.
    #[error("a saved answer has 1 to {MAX_UNITS} characters")]
    Length,
    /// The account has [`MOST`] already.
    #[error("an account saves {MOST} answers at most")]
    TooMany,
    /// No right, no such answer, or the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for QuickError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// A saved answer.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Quick {
    pub id: QuickReplyId,
    #[sqlx(json)]
    pub body: Rich,
}

/// The account's saved answers, the oldest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Quick>> {
    on!(store.read(), |c| sqlx::query_as(queries::QUICK).bind(account).fetch_all(c).await)
}

fn checked(body: Rich) -> Result<Rich, QuickError> {
    let body = body.trimmed();
    if body.text.is_empty() || body.len_utf16() > MAX_UNITS { Err(QuickError::Length) } else { Ok(body) }
}

/// Saves an answer.
///
/// # Errors
/// [`QuickError`].
pub async fn add(store: &Store, actor: &Actor, body: Rich, now: Moment) -> Result<QuickReplyId, QuickError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let body = checked(body)?;
    let mut tx = store.begin().await?;
    let count: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::QUICK_COUNT).bind(actor.account).fetch_one(c).await)?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= MOST {
        return Err(QuickError::TooMany);
    }
    let id = QuickReplyId::new();
    on!(tx.conn(), |c| sqlx::query(queries::ADD_QUICK)
        .bind(id)
        .bind(actor.account)
        .bind(Json(&body))
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    by.audit(&mut tx, "quick_reply.add", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives a saved answer other words.
///
/// # Errors
/// [`QuickError`].
pub async fn change(store: &Store, actor: &Actor, id: QuickReplyId, body: Rich, now: Moment) -> Result<(), QuickError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let body = checked(body)?;
    let mut tx = store.begin().await?;
    let rows = on!(tx.conn(), |c| sqlx::query(queries::CHANGE_QUICK)
        .bind(actor.account)
        .bind(id)
        .bind(Json(&body))
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 0 {
        return Err(AccountError::NotFound.into());
    }
    by.audit(&mut tx, "quick_reply.change", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets a saved answer.
///
/// # Errors
/// [`QuickError`].
pub async fn remove(store: &Store, actor: &Actor, id: QuickReplyId, now: Moment) -> Result<(), QuickError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let rows = on!(tx.conn(), |c| sqlx::query(queries::DROP_QUICK)
        .bind(actor.account)
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 0 {
        return Err(AccountError::NotFound.into());
    }
    by.audit(&mut tx, "quick_reply.remove", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}
