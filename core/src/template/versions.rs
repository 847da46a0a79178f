//! Templates and their versions: writing, handing in, approving, returning.
//!
//! A version is written as a draft, handed in, and decided by somebody who neither wrote in it nor handed it in. From then
//! on nothing changes it: an edit of a submitted or approved version goes into a new draft with the next number. Every
//! change is a compare-and-set that must touch one row, with its audit entry in the same transaction.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::types::Json;

use super::{
    Class, Content, TemplateButton,
    lint::{self, Finding, Severity},
    queries,
};
use crate::{
    account::{Actor, Right},
    channel::{Capabilities, MediaKind},
    clock::Moment,
    id::{AccountId, FileId, MemberId, TemplateId, VersionId},
    notice::{self, NewNotice},
    on,
    store::{Store, Tx, audit, file},
};

/// Where a version is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum VersionState {
    /// Being written.
    Draft,
    /// Waits for an approver.
    Submitted,
    /// May be sent; never changes again.
    Approved,
    /// Came back with a comment; may be written on and handed in again.
    Returned,
}

/// What may happen to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionEvent {
    /// Its text, media, buttons or class change.
    Edit,
    /// It is handed in.
    Submit,
    /// Its submitter takes it back.
    Recall,
    /// Another member approves it.
    Approve,
    /// Another member returns it with a comment.
    Return,
}

impl VersionState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Approved, Self::Returned];

    /// The state after `event`.
    ///
    /// # Errors
    /// [`TemplateError::Step`] when this cannot happen in this state.
    pub fn next(self, event: VersionEvent) -> Result<Self, TemplateError> {
        match (self, event) {
            (Self::Draft | Self::Returned, VersionEvent::Edit) | (Self::Submitted, VersionEvent::Recall) => Ok(Self::Draft),
            (Self::Draft | Self::Returned, VersionEvent::Submit) => Ok(Self::Submitted),
            (Self::Submitted, VersionEvent::Approve) => Ok(Self::Approved),
            (Self::Submitted, VersionEvent::Return) => Ok(Self::Returned),
            _ => Err(TemplateError::Step { state: self, event }),
        }
    }
}

/// Why a template could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The member's role does not allow it. Nothing changed; somebody with the right must do it.
    #[error("the role does not allow this")]
    Forbidden,
    /// The account has no such template or version (another account's is as absent as one that never was).
    #[error("there is no such template")]
    NotFound,
    /// The template was put away; it must be restored before anything of it changes.
    #[error("the template is archived")]
    Archived,
    /// The template needs a name of one to 120 characters.
    #[error("a template's name has one to 120 characters")]
    Name,
    /// The account keeps no such file.
    #[error("there is no such file")]
    NoFile,
    /// The version is not in a state in which this can happen (an approved version is never returned, a draft never approved).
    #[error("a version that is {state:?} cannot take {event:?}")]
    Step {
        /// Where it is.
        state: VersionState,
        /// What was asked.
        event: VersionEvent,
    },
    /// An older version was edited while a newer one is being written or waits: the newer one is the one to edit.
    #[error("there is a newer version")]
    Newer(VersionId),
    /// The member wrote in the version or handed it in: somebody else must decide.
    #[error("nobody approves their own")]
    Own,
    /// A version goes back with a comment, or its author would not know what to mend.
    #[error("a returned version needs a comment")]
    NoComment,
    /// The check found errors; nothing was handed in. Warnings may be among them.
    #[error("the check found errors")]
    Lint(Vec<Finding>),
    /// Somebody else changed the version in between, or it is no longer what the member saw: look again.
    #[error("the version was changed in between")]
    Changed,
    /// The database failed; nothing changed.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// The name people see.
    pub name: String,
    /// Who made it.
    pub created_by: MemberId,
    /// When.
    pub created_at: Moment,
    /// When it was put away.
    pub archived_at: Option<Moment>,
}

/// A template in a list, with its newest version.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// Its id.
    pub id: TemplateId,
    /// The name people see.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was put away.
    pub archived_at: Option<Moment>,
    /// The newest version.
    pub version_id: VersionId,
    /// Its number, from 1.
    pub number: i32,
    /// Its class.
    pub class: Class,
    /// Its state.
    pub state: VersionState,
    /// When it last changed.
    pub updated_at: Moment,
    /// The newest approved version, the one campaigns take.
    pub approved_id: Option<VersionId>,
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Whose version.
    pub template_id: TemplateId,
    /// The template's name.
    pub name: String,
    /// Its number, from 1.
    pub number: i32,
    /// Advertising or service.
    pub class: Class,
    /// Liquid over the small HTML.
    pub body: String,
    /// What kind of file goes along.
    pub media_kind: Option<MediaKind>,
    /// Which.
    pub media_file_id: Option<FileId>,
    /// Buttons, one a row.
    #[sqlx(json)]
    pub buttons: Vec<TemplateButton>,
    /// Where it is in its life.
    pub state: VersionState,
    /// SHA-256 of all that goes out, from submission on.
    pub content_hash: Option<String>,
    /// The decider's comment.
    pub comment: Option<String>,
    /// Who began it.
    pub created_by: MemberId,
    /// Everybody who wrote in it.
    #[sqlx(json)]
    pub authors: Vec<MemberId>,
    /// When it was begun.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// Who handed it in.
    pub submitted_by: Option<MemberId>,
    /// When.
    pub submitted_at: Option<Moment>,
    /// Who approved or returned it.
    pub decided_by: Option<MemberId>,
    /// When.
    pub decided_at: Option<Moment>,
}

impl Version {
    /// All of it that goes out.
    #[must_use]
    pub fn content(&self) -> Content {
        Content {
            class: self.class,
            body: self.body.clone(),
            media: self.media_kind.zip(self.media_file_id),
            buttons: self.buttons.clone(),
        }
    }

    /// Whether it is a work of `member`'s: nobody approves their own.
    #[must_use]
    pub fn is_own(&self, member: MemberId) -> bool {
        self.created_by == member || self.submitted_by == Some(member) || self.authors.contains(&member)
    }

    /// Whose work it is, once `submitter` hands it in.
    fn own(&self, submitter: MemberId) -> Vec<MemberId> {
        [self.created_by, submitter].into_iter().chain(self.authors.iter().copied()).collect()
    }
}

/// A change of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Another text, Liquid over the small HTML.
    Body(String),
    /// Another class.
    Class(Class),
    /// Another file, or none.
    Media(Option<(MediaKind, FileId)>),
    /// Other buttons.
    Buttons(Vec<TemplateButton>),
}

/// SHA-256 (hex) of all that goes out: class, text, the bytes of the media and the buttons, as JSON in this order.
#[must_use]
pub fn content_hash(content: &Content, media_sha256: Option<&str>) -> String {
    let media = content.media.map(|(kind, _)| (kind, media_sha256));
    let canonical = json!([content.class, content.body, media, buttons_canonical(&content.buttons)]).to_string();
    hex::encode(Sha256::digest(canonical))
}

/// Buttons as arrays: no order of keys to depend on.
fn buttons_canonical(buttons: &[TemplateButton]) -> serde_json::Value {
    buttons
        .iter()
        .map(|button| match button {
            TemplateButton::Url { text, url } => json!(["url", text, url]),
            TemplateButton::OptOut { text } => json!(["opt_out", text]),
        })
        .collect()
}

fn need(actor: &Actor, right: Right) -> Result<(), TemplateError> {
    if actor.role.may(right) { Ok(()) } else { Err(TemplateError::Forbidden) }
}

fn clean_name(name: &str) -> Result<String, TemplateError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=120).contains(&name.chars().count()) { Ok(name) } else { Err(TemplateError::Name) }
}

async fn trail(
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    template: TemplateId,
    details: serde_json::Value,
    now: Moment,
) -> sqlx::Result<()> {
    audit::record(tx, actor.account, &actor.member.to_string(), action, &template.to_string(), &details, now).await
}

/// Makes a template with a first, empty draft.
///
/// # Errors
/// [`TemplateError::Forbidden`], [`TemplateError::Name`], the database's.
pub async fn create(store: &Store, actor: &Actor, name: &str, class: Class, now: Moment) -> Result<Version, TemplateError> {
    let content = Content { class, body: String::new(), media: None, buttons: Vec::new() };
    make(store, actor, name, (&content, None), now).await
}

/// Makes a template whose first draft is a copy of a version.
///
/// # Errors
/// [`TemplateError`].
pub async fn duplicate(store: &Store, actor: &Actor, version: VersionId, name: &str, now: Moment) -> Result<Version, TemplateError> {
    let original = need_version(store, actor.account, version).await?;
    make(store, actor, name, (&original.content(), Some(&original)), now).await
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

/// Changes a version and gives the version that now holds the change: the same one while it is a draft or was returned, a
/// new draft with the next number when it was submitted or approved.
///
/// # Errors
/// [`TemplateError`]; [`TemplateError::Newer`] when a newer version exists already.
pub async fn edit(store: &Store, actor: &Actor, version: VersionId, edit: Edit, now: Moment) -> Result<Version, TemplateError> {
    need(actor, Right::Edit)?;
    let old = need_version(store, actor.account, version).await?;
    let mut content = old.content();
    let part = match edit {
        Edit::Body(body) => {
            content.body = body;
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
            content.buttons = buttons;
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

/// Holds the template's row in a change; an archived one cannot change.
async fn hold(tx: &mut Tx, account: AccountId, template: TemplateId) -> Result<(), TemplateError> {
    let held = on!(tx.conn(), |c| sqlx::query(queries::HOLD).bind(account).bind(template).execute(c).await.map(|r| r.rows_affected()))?;
    if held == 1 { Ok(()) } else { Err(TemplateError::Archived) }
}

/// Hands a version in, after the check found no error in it; its findings (warnings) come back. Approvers get a notice.
///
/// # Errors
/// [`TemplateError::Lint`] with the findings when there are errors among them; the others.
pub async fn submit(
    store: &Store,
    actor: &Actor,
    version: VersionId,
    channel: &Capabilities,
    now: Moment,
) -> Result<Vec<Finding>, TemplateError> {
    need(actor, Right::Edit)?;
    let old = need_version(store, actor.account, version).await?;
    old.state.next(VersionEvent::Submit)?;
    let content = old.content();
    let findings = lint::check(store, actor.account, &content, channel, now).await?;
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
    tell(&mut tx, actor, &old, ("template.submitted", None, None), now).await?;
    tx.commit().await?;
    Ok(findings)
}

async fn tell(
    tx: &mut Tx,
    actor: &Actor,
    version: &Version,
    (kind, member, comment): (&str, Option<MemberId>, Option<&str>),
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

/// Approves a submitted version. `seen` is the [`Version::content_hash`] the approver was shown, or its first eight
/// characters or more (a button holds few bytes): what changed since is not approved.
///
/// # Errors
/// [`TemplateError::Own`] for everybody who wrote in it or handed it in; [`TemplateError::Changed`]; the others.
pub async fn approve(store: &Store, actor: &Actor, version: VersionId, seen: &str, now: Moment) -> Result<(), TemplateError> {
    decide(store, actor, version, (VersionEvent::Approve, seen, None), now).await
}

/// Returns a submitted version to its submitter with a comment; `seen` as in [`approve`].
///
/// # Errors
/// [`TemplateError::NoComment`]; [`TemplateError::Own`]; [`TemplateError::Changed`]; the others.
pub async fn send_back(
    store: &Store,
    actor: &Actor,
    version: VersionId,
    seen: &str,
    comment: &str,
    now: Moment,
) -> Result<(), TemplateError> {
    let comment = comment.trim();
    if comment.is_empty() {
        return Err(TemplateError::NoComment);
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
    if seen.len() < 8 || !hash.starts_with(seen) {
        return Err(TemplateError::Changed);
    }
    let mut tx = store.begin().await?;
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
        VersionEvent::Approve => ("template.approve", "template.approved"),
        _ => ("template.return", "template.returned"),
    };
    trail(&mut tx, actor, action, old.template_id, json!({ "version": old.id, "number": old.number, "hash": hash }), now).await?;
    tell(&mut tx, actor, &old, (kind, old.submitted_by, comment), now).await?;
    Ok(tx.commit().await?)
}

/// One template.
///
/// # Errors
/// The database's.
pub async fn template(store: &Store, account: AccountId, id: TemplateId) -> sqlx::Result<Option<Template>> {
    on!(store.read(), |c| sqlx::query_as(queries::BY_ID).bind(account).bind(id).fetch_optional(c).await)
}

/// Templates in use (or the archived ones), the one changed last first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, archived: bool, limit: i64, offset: i64) -> sqlx::Result<Vec<Listed>> {
    on!(store.read(), |c| sqlx::query_as(queries::LIST).bind(account).bind(!archived).bind(limit).bind(offset).fetch_all(c).await)
}

/// One version.
///
/// # Errors
/// The database's.
pub async fn version(store: &Store, account: AccountId, id: VersionId) -> sqlx::Result<Option<Version>> {
    on!(store.read(), |c| sqlx::query_as(queries::VERSION).bind(account).bind(id).fetch_optional(c).await)
}

/// The versions of a template, newest first.
///
/// # Errors
/// The database's.
pub async fn versions(store: &Store, account: AccountId, template: TemplateId) -> sqlx::Result<Vec<Version>> {
    on!(store.read(), |c| sqlx::query_as(queries::VERSIONS).bind(account).bind(template).fetch_all(c).await)
}

async fn need_version(store: &Store, account: AccountId, id: VersionId) -> Result<Version, TemplateError> {
    version(store, account, id).await?.ok_or(TemplateError::NotFound)
}

#[cfg(test)]
mod tests;
