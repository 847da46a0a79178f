//! Functions of the product that the licensor switches on and off for a company. Every function is
//! on until somebody at the server switches it off, with a reason, on the record.
//!
//! The rule is asked here, in the transaction of whatever needs the function; screens hide what is
//! off, and show the same refusal where a button was older than the switch. Opt-outs, erasure and
//! what customers write have no switch.
//!
//! | function | what it holds |
//! | --- | --- |
//! | advertising, a messenger | campaigns that need it pause; none is handed in or launched. Whoever wrote by the messenger is answered all the same |
//! | conversations | reading and answering, by the CRM's cards too; of customers' words only what may be a refusal is told |
//! | imports | none begins; one that runs is held at its next chunk |
//! | exports | no file leaves |
//! | a CRM | its connections pause: neither syncs nor hooks nor its robots |

use std::collections::BTreeMap;

use super::queries;
use crate::{
    clock::Moment,
    id::AccountId,
    on,
    store::{Store, Tx},
};

/// Advertising messages, by whatever channel.
pub const ADVERTISING: &str = "advertising";
/// Conversations with customers: reading and answering.
pub const INBOX: &str = "inbox";
/// Files of contacts.
pub const IMPORTS: &str = "imports";
/// What leaves as a file.
pub const EXPORTS: &str = "exports";
/// The functions that are one of a kind.
pub const PLAIN: [&str; 4] = [ADVERTISING, INBOX, IMPORTS, EXPORTS];
/// How the name of a messenger begins; its code follows.
pub const CHANNEL: &str = "channel.";
/// How the name of a kind of CRM begins; its code follows.
pub const CRM: &str = "crm.";
/// The longest reason, characters.
pub const REASON: usize = 300;

/// The name of a messenger's function.
#[must_use]
pub fn channel(kind: &str) -> String {
    format!("{CHANNEL}{kind}")
}

/// The name of a CRM's function.
#[must_use]
pub fn crm(kind: &str) -> String {
    format!("{CRM}{kind}")
}

/// What is refused because the licensor switched it off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the function `{name}` is switched off: {reason}")]
pub struct Off {
    /// The function.
    pub name: String,
    /// Why, in the words of whoever switched it off.
    pub reason: String,
}

/// A function that is off.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Switched {
    pub name: String,
    pub reason: String,
    pub since: Moment,
}

/// What is off for a company, by name.
pub type Switches = BTreeMap<String, Switched>;

/// The functions that are off for a company.
///
/// # Errors
/// The database's.
pub async fn off(store: &Store, account: AccountId) -> sqlx::Result<Switches> {
    let rows: Vec<Switched> = on!(store.read(), |c| sqlx::query_as(queries::FEATURES_OFF).bind(account).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|one| (one.name.clone(), one)).collect())
}

/// Asks for a function in the transaction that needs it.
///
/// # Errors
/// The database's; that it is off is the inner result.
pub async fn need(tx: &mut Tx, account: AccountId, name: &str) -> sqlx::Result<Result<(), Off>> {
    let reason: Option<String> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::FEATURE_OFF).bind(account).bind(name).fetch_optional(c).await)?;
    Ok(match reason {
        None => Ok(()),
        Some(reason) => Err(Off { name: name.to_owned(), reason }),
    })
}

/// Writes a switch; whether it was the other way before. Whoever calls it puts it on the record.
pub(crate) async fn put(tx: &mut Tx, account: AccountId, name: &str, off: Option<&str>, now: Moment) -> sqlx::Result<bool> {
    let touched = match off {
        Some(reason) => on!(tx.conn(), |c| sqlx::query(queries::SWITCH_OFF)
            .bind(account)
            .bind(name)
            .bind(reason)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?,
        None => {
            on!(tx.conn(), |c| sqlx::query(queries::SWITCH_ON).bind(account).bind(name).execute(c).await.map(|done| done.rows_affected()))?
        }
    };
    Ok(touched > 0)
}
