//! Templates and their versions: writing, handing in, approving, returning.
//!
//! A version is written as a draft, handed in, and decided by somebody who neither wrote in it nor
//! handed it in. From then on nothing changes it: an edit of a submitted or approved version goes
//! into a new draft with the next number. Every change is a compare-and-set that must touch one
//! row, with its audit entry in the same transaction.

mod change;
mod decide;

#[cfg(test)]
mod tests;

pub use change::{archive, create, create_with, duplicate, edit, rename, restore};
pub use decide::{COMMENT_LIMIT, SEEN_DIGITS, approve, recall, send_back, submit};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Class, Content, TemplateButton, lint::Finding, queries};
use crate::{
    account::{Actor, Right},
    channel::MediaKind,
    clock::Moment,
    id::{AccountId, FileId, MemberId, TemplateId, VersionId},
    on,
    store::{Store, Tx, audit},
};

/// Where a version is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, strum::VariantArray)]
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
    /// The account has no such template or version (another account's is as absent as one that
    /// never was).
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
    /// The version is not in a state in which this can happen (an approved version is never
    /// returned, a draft never approved).
    #[error("a version that is {state:?} cannot take {event:?}")]
    Step {
        state: VersionState,
        /// What was asked.
        event: VersionEvent,
    },
    /// An older version was edited while a newer one is being written or waits: the newer one is
    /// the one to edit.
    #[error("there is a newer version")]
    Newer(VersionId),
    /// The member wrote in the version or handed it in: somebody else must decide.
    #[error("nobody approves their own")]
    Own,
    /// The approver's password was set by a link somebody else made: they approve nothing before
    /// then.
    #[error("the approver's password was set by a link that somebody else made: no approvals before {0}")]
    FreshPassword(Moment),
    /// A version goes back with a comment, or its author would not know what to mend.
    #[error("a returned version needs a comment of 1 to {COMMENT_LIMIT} characters")]
    BadComment,
    /// The check found errors; nothing was handed in. Warnings may be among them.
    #[error("the check found errors")]
    Lint(Vec<Finding>),
    /// Somebody else changed the version in between, or it is no longer what the member saw: look
    /// again.
    #[error("the version was changed in between")]
    Changed,
    /// The database failed; nothing changed.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Template {
    pub id: TemplateId,
    /// The name people see.
    pub name: String,
    /// Who made it.
    pub created_by: MemberId,
    pub created_at: Moment,
    /// When it was put away.
    pub archived_at: Option<Moment>,
}

/// A template in a list, with its newest version.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
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
    pub class: Class,
    pub state: VersionState,
    /// When it last changed.
    pub updated_at: Moment,
    /// The newest approved version, the one campaigns take.
    pub approved_id: Option<VersionId>,
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Version {
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
    pub submitted_at: Option<Moment>,
    /// Who approved or returned it.
    pub decided_by: Option<MemberId>,
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
    Buttons(Vec<TemplateButton>),
}

/// SHA-256 (hex) of all that goes out: class, text, the bytes of the media and the buttons, as JSON
/// in this order.
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
            TemplateButton::Answer { text, comes } => json!(["answer", text, comes]),
        })
        .collect()
}

fn need(actor: &Actor, right: Right) -> Result<(), TemplateError> {
    if actor.role.may(right) { Ok(()) } else { Err(TemplateError::Forbidden) }
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

/// Holds the template's row in a change; an archived one cannot change.
async fn hold(tx: &mut Tx, account: AccountId, template: TemplateId) -> Result<(), TemplateError> {
    let held = on!(tx.conn(), |c| sqlx::query(queries::HOLD).bind(account).bind(template).execute(c).await.map(|r| r.rows_affected()))?;
    if held == 1 { Ok(()) } else { Err(TemplateError::Archived) }
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

/// How many there are.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId, archived: bool) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::COUNT).bind(account).bind(!archived).fetch_one(c).await)
}

/// What waits for an approver's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting<I> {
    pub id: I,
    pub name: String,
    /// The member who asks.
    pub by: Option<String>,
    /// When they asked.
    pub since: Option<Moment>,
}

/// Versions that wait for a decision of this member, the longest waiting first: nobody decides on
/// their own work.
///
/// # Errors
/// The database's.
pub async fn waiting_for(store: &Store, account: AccountId, member: MemberId) -> sqlx::Result<Vec<Waiting<VersionId>>> {
    type Row = (VersionId, String, MemberId, Option<MemberId>, sqlx::types::Json<Vec<MemberId>>, Option<String>, Option<Moment>);
    let rows: Vec<Row> = on!(store.read(), |c| sqlx::query_as(queries::WAITING_APPROVAL).bind(account).fetch_all(c).await)?;
    let own = |(_, _, author, submitter, authors, ..): &Row| *author == member || *submitter == Some(member) || authors.0.contains(&member);
    Ok(rows.into_iter().filter(|row| !own(row)).map(|(id, name, _, _, _, by, since)| Waiting { id, name, by, since }).collect())
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
