//! Handing in, and the decision of another member.

use serde_json::json;

use super::{TemplateError, Version, VersionEvent, content_hash, hold, need, need_version, trail};
use crate::{
    account::{Actor, Right, password},
    clock::Moment,
    id::{MemberId, VersionId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx, file},
    template::{
        lint::{self, Finding, Severity, To},
        queries,
    },
};

/// Most characters of the comment with which a version is returned.
pub const COMMENT_LIMIT: usize = 1_000;

/// Hex digits of a hash that a decision needs at least: 64 bits, which nobody finds another version
/// for.
pub const SEEN_DIGITS: usize = 16;

/// Hands a version in, after the check found no error in it; its findings (warnings) come back.
/// Approvers get a notice.
///
/// # Errors
/// [`TemplateError::Lint`] with the findings when there are errors among them; the others.
pub async fn submit(
    store: &Store,
    actor: &Actor,
    version: VersionId,
    to: impl Into<To<'_>>,
    now: Moment,
) -> Result<Vec<Finding>, TemplateError> {
    need(actor, Right::Edit)?;
    let old = need_version(store, actor.account, version).await?;
    old.state.next(VersionEvent::Submit)?;
    let content = old.content();
    let findings = lint::check(store, actor.account, &content, to, now).await?;
    if findings.iter().any(|f| f.severity == Severity::Error) {
        return Err(TemplateError::Lint(findings));
    }
    let media = match content.media {
        Some((_, id)) => Some(file::info(store, actor.account, id).await?.ok_or(TemplateError::NoFile)?.sha256),
        None => None,
    };
    let hash = content_hash(&content, media.as_deref());
    let mut tx = store.begin().await?;
    hold(&mut tx, actor.account, old.template_id).await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::SUBMIT)
        .bind(actor.account)
        .bind(old.id)
        .bind(old.updated_at)
        .bind(now)
        .bind(&hash)
        .bind(actor.member)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(TemplateError::Changed);
    }
    trail(&mut tx, actor, "template.submit", old.template_id, json!({ "version": old.id, "number": old.number, "hash": hash }), now)
        .await?;
    tell(&mut tx, actor, &old, (NoticeKind::TemplateSubmitted, None, None), now).await?;
    tx.commit().await?;
    Ok(findings)
}

async fn tell(
    tx: &mut Tx,
    actor: &Actor,
    version: &Version,
    (kind, member, comment): (NoticeKind, Option<MemberId>, Option<&str>),
    now: Moment,
) -> sqlx::Result<()> {
    let mut payload = json!({
        "template": version.template_id, "version": version.id, "number": version.number, "name": version.name,
        "by": actor.name, "comment": comment,
    });
    if member.is_none() {
        // To everybody who may decide; nobody is asked to decide about their own.
        payload[notice::NOT_FOR] = json!(version.own(actor.member));
    }
    let dedupe_key = format!("{kind}:{}:{}", version.id, now.timestamp_millis());
    notice::raise(tx, NewNotice { account: actor.account, member, kind, payload, dedupe_key }, now).await
}

/// Takes a submitted version back: a draft again. Its submitter and everybody who may edit can.
///
/// # Errors
/// [`TemplateError`].
pub async fn recall(store: &Store, actor: &Actor, version: VersionId, now: Moment) -> Result<(), TemplateError> {
    need(actor, Right::Edit)?;
    let old = need_version(store, actor.account, version).await?;
    old.state.next(VersionEvent::Recall)?;
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::RECALL)
        .bind(actor.account)
        .bind(old.id)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(TemplateError::Changed);
    }
    trail(&mut tx, actor, "template.recall", old.template_id, json!({ "version": old.id, "number": old.number }), now).await?;
    Ok(tx.commit().await?)
}

/// Approves a submitted version. `seen` is the [`Version::content_hash`] the approver was shown, or
/// its first [`SEEN_DIGITS`] digits or more (a button holds few bytes): what changed since is not
/// approved.
///
/// # Errors
/// [`TemplateError::Own`] for everybody who wrote in it or handed it in;
/// [`TemplateError::Changed`]; the others.
pub async fn approve(store: &Store, actor: &Actor, version: VersionId, seen: &str, now: Moment) -> Result<(), TemplateError> {
    decide(store, actor, version, (VersionEvent::Approve, seen, None), now).await
}

/// Returns a submitted version to its submitter with a comment; `seen` as in [`approve`].
///
/// # Errors
/// [`TemplateError::BadComment`]; [`TemplateError::Own`]; [`TemplateError::Changed`]; the others.
pub async fn send_back(
    store: &Store,
    actor: &Actor,
    version: VersionId,
    seen: &str,
    comment: &str,
    now: Moment,
) -> Result<(), TemplateError> {
    let comment = comment.trim();
    if !(1..=COMMENT_LIMIT).contains(&comment.chars().count()) {
        return Err(TemplateError::BadComment);
    }
    decide(store, actor, version, (VersionEvent::Return, seen, Some(comment)), now).await
}

async fn decide(
    store: &Store,
    actor: &Actor,
    version: VersionId,
    (event, seen, comment): (VersionEvent, &str, Option<&str>),
    now: Moment,
) -> Result<(), TemplateError> {
    need(actor, Right::Approve)?;
    let old = need_version(store, actor.account, version).await?;
    let state = old.state.next(event)?;
    if old.is_own(actor.member) {
        return Err(TemplateError::Own);
    }
    let hash = old.content_hash.as_deref().unwrap_or_default();
    if seen.len() < SEEN_DIGITS || !hash.starts_with(seen) {
        return Err(TemplateError::Changed);
    }
    let mut tx = store.begin().await?;
    if event == VersionEvent::Approve
        && let Some(until) = password::no_approvals_until(&mut tx, actor.account, actor.member, now).await?
    {
        return Err(TemplateError::FreshPassword(until));
    }
    hold(&mut tx, actor.account, old.template_id).await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::DECIDE)
        .bind(actor.account)
        .bind(old.id)
        .bind(state)
        .bind(comment)
        .bind(actor.member)
        .bind(now)
        .bind(hash)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(TemplateError::Changed);
    }
    let (action, kind) = match event {
        VersionEvent::Approve => ("template.approve", NoticeKind::TemplateApproved),
        _ => ("template.return", NoticeKind::TemplateReturned),
    };
    trail(&mut tx, actor, action, old.template_id, json!({ "version": old.id, "number": old.number, "hash": hash }), now).await?;
    tell(&mut tx, actor, &old, (kind, old.submitted_by, comment), now).await?;
    Ok(tx.commit().await?)
}
