//! Who makes the acts: the company as an operator of personal data, and who signs. Asked once.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::types::Json;

use super::{ErasureError, queries};
use crate::{
    account::{Actor, By, Right},
    clock::Moment,
    id::AccountId,
    on,
    store::Store,
    text::clean,
};

/// Characters of a line.
const LINE: usize = 300;
/// People who sign.
const SIGNERS: usize = 6;

/// Somebody who signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    pub post: String,
    pub name: String,
}

/// The company as an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Its full name.
    pub name: String,
    pub address: String,
    /// Who signs; the first is responsible for personal data.
    pub signers: Vec<Signer>,
}

impl Operator {
    /// Reads what an owner wrote: the name, the address, and a line for each person, the post
    /// before the name.
    ///
    /// # Errors
    /// [`ErasureError::Operator`].
    pub fn read(typed: &str) -> Result<Self, ErasureError> {
        let mut lines = typed.lines().map(clean).filter(|line| !line.is_empty());
        let (Some(name), Some(address)) = (lines.next(), lines.next()) else { return Err(ErasureError::Operator) };
        let mut signers = Vec::new();
        for line in lines {
            let (post, name) = line.rsplit_once(',').ok_or(ErasureError::Operator)?;
            let (post, name) = (post.trim().to_owned(), name.trim().to_owned());
            if post.is_empty() || name.is_empty() || line.chars().count() > LINE {
                return Err(ErasureError::Operator);
            }
            signers.push(Signer { post, name });
        }
        let fits = [&name, &address].iter().all(|line| line.chars().count() <= LINE) && (1..=SIGNERS).contains(&signers.len());
        if fits { Ok(Self { name, address, signers }) } else { Err(ErasureError::Operator) }
    }
}

/// Who makes the acts of an account; `None`: nobody said it yet.
///
/// # Errors
/// The database's.
pub async fn operator(store: &Store, account: AccountId) -> sqlx::Result<Option<Operator>> {
    let row: Option<Option<Json<Operator>>> =
        on!(store.read(), |c| sqlx::query_scalar(queries::OPERATOR).bind(account).fetch_optional(c).await)?;
    Ok(row.flatten().map(|Json(operator)| operator))
}

/// Says it. Acts that were made keep what was said then.
///
/// # Errors
/// [`ErasureError`].
pub async fn set_operator(store: &Store, actor: &Actor, typed: &str, now: Moment) -> Result<Operator, ErasureError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let operator = Operator::read(typed)?;
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::SET_OPERATOR).bind(actor.account).bind(Json(&operator)).execute(c).await.map(|_| ()))?;
    by.audit(&mut tx, "erasure.operator", actor.account, json!({ "signers": operator.signers.len() }), now).await?;
    tx.commit().await?;
    Ok(operator)
}
