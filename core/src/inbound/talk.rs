//! Whose a conversation is: the member who answers, and those who do not want to be told of it.

use serde_json::json;

use super::queries;
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    contact::erase,
    id::{AccountId, ContactId, MemberId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx},
};

/// How a conversation stands, as a member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Standing {
    /// The member who answers.
    pub assigned_to: Option<MemberId>,
    pub assigned: Option<String>,
    /// The member who looks is not told of the customer's messages.
    pub muted: bool,
}

/// How a conversation stands; without one nothing of it does.
///
/// # Errors
/// The database's.
pub async fn standing(store: &Store, actor: &Actor, contact: ContactId) -> sqlx::Result<Standing> {
    let found: Option<Standing> = on!(store.read(), |c| sqlx::query_as(queries::STANDING)
        .bind(actor.account)
        .bind(contact)
        .bind(actor.member)
        .fetch_optional(c)
        .await)?;
    Ok(found.unwrap_or_default())
}

/// Gives a conversation to a member who may answer, or takes it from whoever had it (`None`). The
/// member is told, unless it is the one who gives; from now on only they are told of what the
/// customer writes.
///
/// # Errors
/// [`AccountError::NotFound`]: no such conversation, or no such member, or one who may not answer.
pub async fn assign(store: &Store, actor: &Actor, contact: ContactId, to: Option<MemberId>, now: Moment) -> Result<(), AccountError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let changed = match to {
        Some(member) => on!(tx.conn(), |c| sqlx::query(queries::ASSIGN)
            .bind(actor.account)
            .bind(contact)
            .bind(member)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        None => on!(tx.conn(), |c| sqlx::query(queries::UNASSIGN)
            .bind(actor.account)
            .bind(contact)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
    };
    if changed == 0 {
        return Err(AccountError::NotFound);
    }
    let name: Option<String> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::NAME).bind(actor.account).bind(contact).fetch_optional(c).await)?;
    let name = name.ok_or(AccountError::NotFound)?;
    by.audit(&mut tx, "contact.assigned", contact, json!({ "member": to }), now).await?;
    if let Some(member) = to.filter(|member| *member != actor.member) {
        let notice = NewNotice {
            account: actor.account,
            member: Some(member),
            kind: NoticeKind::TalkAssigned,
            payload: json!({ "contact": contact, "name": name, "by": actor.name }),
            dedupe_key: erase::assigned_key(contact, member),
        };
        notice::raise_again(&mut tx, notice, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A member wants (not) to be told of what a customer writes. What is perhaps a refusal is told all
/// the same.
///
/// # Errors
/// [`AccountError::NotFound`]: no such conversation.
pub async fn mute(store: &Store, actor: &Actor, contact: ContactId, muted: bool, now: Moment) -> Result<(), AccountError> {
    By::Member(actor).need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let there: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::IS_TALK).bind(actor.account).bind(contact).fetch_one(c).await)?;
    if there == 0 {
        return Err(AccountError::NotFound);
    }
    let sql = if muted { queries::MUTE } else { queries::UNMUTE };
    on!(tx.conn(), |c| {
        let query = sqlx::query(sql).bind(actor.account).bind(contact).bind(actor.member);
        if muted { query.bind(now).execute(c).await } else { query.execute(c).await }.map(|_| ())
    })?;
    tx.commit().await?;
    Ok(())
}

/// Who is told of what a customer wrote: the member whose the conversation is, if they can be
/// reached and may answer, else everybody (`None`); and those who are not.
pub(super) async fn told(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<(Option<MemberId>, Vec<MemberId>)> {
    let assignee: Option<MemberId> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::ASSIGNEE).bind(account).bind(contact).fetch_optional(c).await)?;
    let muted: Vec<MemberId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::MUTED).bind(account).bind(contact).fetch_all(c).await)?;
    Ok((assignee, muted))
}
