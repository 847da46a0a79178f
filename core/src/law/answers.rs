//! What members answered to what the rules found in a text: a false alarm, whose a picture is, a
//! document. On the record, one press; an edit of what it is about asks anew.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{LawError, book, file::AnsweredBy, queries};
use crate::{
    account::{Actor, By, Right},
    clock::Moment,
    id::{AccountId, FileId},
    on,
    store::Store,
};

/// Characters of the words that are kept.
const WORDS: usize = 200;

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Answer {
    /// The rule does not speak of this.
    FalseAlarm,
    /// The company made the picture, or owns it.
    Own,
    /// It has a licence for it.
    Licence,
    /// It is from a collection that allows it.
    Stock,
    /// A document is attached.
    Document,
}

impl Answer {
    /// Whether a finding is answered so.
    #[must_use]
    pub fn fits(self, by: AnsweredBy) -> bool {
        match by {
            AnsweredBy::Word => self == Self::FalseAlarm,
            AnsweredBy::Document => matches!(self, Self::FalseAlarm | Self::Document),
            AnsweredBy::Right => matches!(self, Self::Own | Self::Licence | Self::Stock),
        }
    }
}

/// A finding that is answered: the rule's id and [`super::look::Found::about`].
pub type Key = (String, String);

/// An answer, with who gave it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Given {
    pub rule: String,
    pub about: String,
    pub words: String,
    pub answer: Answer,
    pub file_id: Option<FileId>,
    /// The member's name.
    pub given_by: String,
    pub answered_at: Moment,
}

/// The findings an account has answered.
///
/// # Errors
/// The database's.
pub async fn keys(store: &Store, account: AccountId) -> sqlx::Result<BTreeSet<Key>> {
    let rows: Vec<Key> = on!(store.read(), |c| sqlx::query_as(queries::ANSWER_KEYS).bind(account).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// The answer to a finding, with who gave it.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, rule: &str, about: &str) -> sqlx::Result<Option<Given>> {
    on!(store.read(), |c| sqlx::query_as(queries::ANSWER).bind(account).bind(rule).bind(about).fetch_optional(c).await)
}

/// Answers a finding; of one finding the last word counts.
///
/// # Errors
/// [`LawError::NoRule`], [`LawError::NoSwitch`] when the finding is not answered so; the role's;
/// the database's.
pub async fn give(
    store: &Store,
    actor: &Actor,
    (rule, about): (&str, &str),
    words: &str,
    (answer, file): (Answer, Option<FileId>),
    now: Moment,
) -> Result<(), LawError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let known = book().rule(rule).ok_or_else(|| LawError::NoRule(rule.to_owned()))?;
    let attached = match answer {
        Answer::Document => file.is_some(),
        // A licence can be shown, and need not be.
        Answer::Licence | Answer::Stock => true,
        Answer::FalseAlarm | Answer::Own => file.is_none(),
    };
    let fits = known.lint.as_ref().is_some_and(|lint| answer.fits(lint.answered_by)) && attached;
    if !fits {
        return Err(LawError::NoSwitch(rule.to_owned()));
    }
    let words: String = words.chars().take(WORDS).collect();
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::GIVE)
        .bind(actor.account)
        .bind(rule)
        .bind(about)
        .bind(&words)
        .bind(answer)
        .bind(file)
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    let details = json!({ "rule": rule, "words": words, "answer": answer, "file": file });
    by.audit(&mut tx, "law.answer", rule, details, now).await?;
    tx.commit().await?;
    Ok(())
}
