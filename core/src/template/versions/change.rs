//! Writing: templates made, named, put away; drafts edited.

use chrono::TimeDelta;
use serde_json::json;
use sqlx::types::Json;

use super::{Edit, TemplateError, Version, VersionEvent, VersionState, hold, need, need_version, trail};
use crate::{
    account::{Actor, Right},
    clock::Moment,
    contact::{Field, field},
    id::{MemberId, TemplateId, VersionId},
    on,
    store::{Store, Tx, file},
    template::{Class, Content, TemplateButton, names, queries},
};

/// A button with titles as keys.
fn named(button: TemplateButton, fields: &[Field]) -> TemplateButton {
    let key = |text: String| names::translate(&text, fields);
    match button {
        TemplateButton::Url { text, url } => TemplateButton::Url { text: key(text), url: key(url) },
        TemplateButton::OptOut { text } => TemplateButton::OptOut { text: key(text) },
        TemplateButton::Answer { text, comes } => TemplateButton::Answer { text: key(text), comes },
    }
}

fn clean_name(name: &str) -> Result<String, TemplateError> {
    let name = crate::text::clean(name);
    if (1..=120).contains(&name.chars().count()) { Ok(name) } else { Err(TemplateError::Name) }
}

/// Makes a template with a first, empty draft.
///
/// # Errors
/// [`TemplateError::Forbidden`], [`TemplateError::Name`], the database's.
pub async fn create(store: &Store, actor: &Actor, name: &str, class: Class, now: Moment) -> Result<Version, TemplateError> {
    let content = Content { class, body: String::new(), media: None, buttons: Vec::new() };
    make(store, actor, name, (&content, None), now).await
}

/// A template made by a press pressed twice is the first one as long as nobody touched it.
const SAME_PRESS: TimeDelta = TimeDelta::minutes(1);

/// Makes a template whose first draft is this content. The same press within a minute gives the
/// same template, unless somebody changed it meanwhile.
///
/// # Errors
/// [`TemplateError::Forbidden`], [`TemplateError::Name`], the database's.
pub async fn create_with(store: &Store, actor: &Actor, name: &str, content: &Content, now: Moment) -> Result<Version, TemplateError> {
    make(store, actor, name, (content, None), now).await
}

/// Makes a template whose first draft is a copy of a version. The same press within a minute gives
/// the same copy, unless somebody changed it meanwhile.
///
/// # Errors
/// [`TemplateError`].
pub async fn duplicate(store: &Store, actor: &Actor, version: VersionId, name: &str, now: Moment) -> Result<Version, TemplateError> {
    let original = need_version(store, actor.account, version).await?;
    make(store, actor, name, (&original.content(), Some(&original)), now).await
}

/// A template of this name and content that the member made within the last minute and that nobody
/// touched since. One without a text is none: its name was typed.
async fn just_made(tx: &mut Tx, actor: &Actor, name: &str, content: &Content, now: Moment) -> Result<Option<VersionId>, TemplateError> {
    if content.body.is_empty() {
        return Ok(None);
    }
    let ids: Vec<VersionId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::JUST_MADE)
        .bind(actor.account)
        .bind(actor.member)
        .bind(name)
        .bind(now - SAME_PRESS)
        .fetch_all(c)
        .await)?;
    for id in ids {
        let version: Option<Version> =
            on!(tx.conn(), |c| sqlx::query_as(queries::VERSION).bind(actor.account).bind(id).fetch_optional(c).await)?;
        if version.is_some_and(|version| version.content() == *content) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

async fn make(
    store: &Store,
    actor: &Actor,
    name: &str,
    (content, original): (&Content, Option<&Version>),
    now: Moment,
) -> Result<Version, TemplateError> {
    need(actor, Right::Edit)?;
    let name = clean_name(name)?;
    let (template, version) = (TemplateId::new(), VersionId::new());
    // What nobody has approved yet stays the work of those who wrote it, in a copy too.
    let mut authors = original.filter(|one| one.state != VersionState::Approved).map_or_else(Vec::new, |one| one.authors.clone());
    if !authors.contains(&actor.member) {
        authors.push(actor.member);
    }
    let mut tx = store.begin().await?;
    if let Some(same) = just_made(&mut tx, actor, &name, content, now).await? {
        drop(tx);
        return need_version(store, actor.account, same).await;
    }
    on!(tx.conn(), |c| sqlx::query(queries::CREATE)
        .bind(template)
        .bind(actor.account)
        .bind(&name)
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    add_version(&mut tx, actor, (template, version, 1), content, &authors, now).await?;
    let details = json!({ "name": name, "class": content.class, "copy_of": original.map(|one| one.id) });
    trail(&mut tx, actor, "template.create", template, details, now).await?;
    tx.commit().await?;
    need_version(store, actor.account, version).await
}

async fn add_version(
    tx: &mut Tx,
    actor: &Actor,
    (template, version, number): (TemplateId, VersionId, i32),
    content: &Content,
    authors: &[MemberId],
    now: Moment,
) -> Result<(), TemplateError> {
    on!(tx.conn(), |c| sqlx::query(queries::ADD_VERSION)
        .bind(version)
        .bind(actor.account)
        .bind(template)
        .bind(number)
        .bind(content.class)
        .bind(&content.body)
        .bind(content.media.map(|m| m.0))
        .bind(content.media.map(|m| m.1))
        .bind(Json(&content.buttons))
        .bind(actor.member)
        .bind(Json(authors))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Gives a template another name.
///
/// # Errors
/// [`TemplateError`].
pub async fn rename(store: &Store, actor: &Actor, template: TemplateId, name: &str, now: Moment) -> Result<(), TemplateError> {
    need(actor, Right::Edit)?;
    let name = clean_name(name)?;
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::RENAME)
        .bind(actor.account)
        .bind(template)
        .bind(&name)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(TemplateError::NotFound);
    }
    trail(&mut tx, actor, "template.rename", template, json!({ "name": name }), now).await?;
    Ok(tx.commit().await?)
}

/// Puts a template away: it leaves the lists and cannot be changed; campaigns that have it go on.
///
/// # Errors
/// [`TemplateError`].
pub async fn archive(store: &Store, actor: &Actor, template: TemplateId, now: Moment) -> Result<(), TemplateError> {
    need(actor, Right::Edit)?;
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::ARCHIVE)
        .bind(actor.account)
        .bind(template)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(TemplateError::NotFound);
    }
    trail(&mut tx, actor, "template.archive", template, json!({}), now).await?;
    Ok(tx.commit().await?)
}

/// Takes an archived template back.
///
/// # Errors
/// [`TemplateError`].
pub async fn restore(store: &Store, actor: &Actor, template: TemplateId, now: Moment) -> Result<(), TemplateError> {
    need(actor, Right::Edit)?;
    let mut tx = store.begin().await?;
    let touched =
        on!(tx.conn(), |c| sqlx::query(queries::RESTORE).bind(actor.account).bind(template).execute(c).await.map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(TemplateError::NotFound);
    }
    trail(&mut tx, actor, "template.restore", template, json!({}), now).await?;
    Ok(tx.commit().await?)
}

/// Changes a version and gives the version that now holds the change: the same one while it is a
/// draft or was returned, a new draft with the next number when it was submitted or approved.
///
/// # Errors
/// [`TemplateError`]; [`TemplateError::Newer`] when a newer version exists already.
pub async fn edit(store: &Store, actor: &Actor, version: VersionId, edit: Edit, now: Moment) -> Result<Version, TemplateError> {
    need(actor, Right::Edit)?;
    let old = need_version(store, actor.account, version).await?;
    let mut content = old.content();
    let part = match edit {
        Edit::Body(body) => {
            content.body = names::translate(&body, &field::list(store, actor.account).await?);
            "body"
        }
        Edit::Class(class) => {
            content.class = class;
            "class"
        }
        Edit::Media(media) => {
            if let Some((_, id)) = media
                && file::info(store, actor.account, id).await?.is_none()
            {
                return Err(TemplateError::NoFile);
            }
            content.media = media;
            "media"
        }
        Edit::Buttons(buttons) => {
            let fields = field::list(store, actor.account).await?;
            content.buttons = buttons.into_iter().map(|button| named(button, &fields)).collect();
            "buttons"
        }
    };
    let mut tx = store.begin().await?;
    hold(&mut tx, actor.account, old.template_id).await?;
    let newest: Option<(VersionId, i32, VersionState)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::NEWEST).bind(actor.account).bind(old.template_id).fetch_optional(c).await)?;
    let (newest, number, _) = newest.ok_or(TemplateError::NotFound)?;
    if newest != old.id {
        return Err(TemplateError::Newer(newest));
    }
    // What nobody has approved yet stays the work of those who wrote it, in a copy too.
    let mut authors = if old.state == VersionState::Approved { Vec::new() } else { old.authors.clone() };
    if !authors.contains(&actor.member) {
        authors.push(actor.member);
    }
    let now_in = if old.state.next(VersionEvent::Edit).is_ok() {
        // Two edits within a millisecond must not look alike to the compare-and-set.
        let stamp = now.max(old.updated_at + chrono::TimeDelta::milliseconds(1));
        let touched = on!(tx.conn(), |c| sqlx::query(queries::EDIT)
            .bind(actor.account)
            .bind(old.id)
            .bind(old.updated_at)
            .bind(stamp)
            .bind(content.class)
            .bind(&content.body)
            .bind(content.media.map(|m| m.0))
            .bind(content.media.map(|m| m.1))
            .bind(Json(&content.buttons))
            .bind(Json(&authors))
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        if touched != 1 {
            return Err(TemplateError::Changed);
        }
        (old.id, old.number)
    } else {
        let id = VersionId::new();
        add_version(&mut tx, actor, (old.template_id, id, number + 1), &content, &authors, now).await?;
        (id, number + 1)
    };
    trail(&mut tx, actor, "template.edit", old.template_id, json!({ "version": now_in.0, "number": now_in.1, "part": part }), now).await?;
    tx.commit().await?;
    need_version(store, actor.account, now_in.0).await
}
