//! Access that the licensor closed to a company: sending, or everything but what a company must be
//! able to do at any time (exports, opt-outs, erasure, support, signing out). Each has a reason and
//! a document. How one begins and ends says `campaign::access`, which pauses campaigns with it.

use super::queries;
use crate::{
    clock::Moment,
    id::{AccountId, SuspensionId},
    on,
    store::{Store, Tx},
};

/// The longest reason, and the longest name of a document, characters.
pub const WORDS: usize = 300;

/// What is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// Campaigns send nothing; everything else works.
    Sending,
    /// Screens are closed too, but for exports, opt-outs, erasure and support.
    All,
}

impl Scope {
    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A suspension.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Suspension {
    pub id: SuspensionId,
    pub scope: Scope,
    /// Why, in words for the company.
    pub reason: String,
    /// The number or the name of the document.
    pub document: String,
    /// SHA-256 of the document's file, where one was given.
    pub document_hash: Option<String>,
    pub begins_at: Moment,
    /// Until then; `None`: until it is lifted.
    pub ends_at: Option<Moment>,
    pub lifted_at: Option<Moment>,
    /// Why it was lifted.
    pub lift_reason: Option<String>,
}

/// The suspension that holds at `now`; of several the one that closes more.
///
/// # Errors
/// The database's.
pub async fn current(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<Option<Suspension>> {
    on!(store.read(), |c| sqlx::query_as(queries::SUSPENDED).bind(account).bind(now).fetch_optional(c).await)
}

/// The same in a change.
///
/// # Errors
/// The database's.
pub async fn current_in(tx: &mut Tx, account: AccountId, now: Moment) -> sqlx::Result<Option<Suspension>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::SUSPENDED).bind(account).bind(now).fetch_optional(c).await)
}

/// Every suspension a company ever had, the newest first.
///
/// # Errors
/// The database's.
pub async fn all(store: &Store, account: AccountId) -> sqlx::Result<Vec<Suspension>> {
    on!(store.read(), |c| sqlx::query_as(queries::SUSPENSIONS).bind(account).fetch_all(c).await)
}
