//! A CRM connection: credentials and a sync cursor for one CRM. The trait is sized for all of
//! `contracts/crm`: polling is the truth and webhooks are hints, history feeds, write-back of notes
//! and flags, refreshable credentials. The room names no CRM: a CRM brings its folder, with its way
//! in ([`login::CrmLogin`]), what it can do ([`CrmCapabilities`]) and its gate ([`gate::Gate`]).
//!
//! The adapter classifies, it never retries; leases, cursors and records are the worker's.

pub mod amocrm;
pub mod bitrix24;
pub mod by_id;
pub mod call;
pub mod connection;
pub mod gate;
mod host;
pub mod lease;
pub mod login;
pub mod mapping;
pub mod message;
pub mod occasion;
pub mod odoo;
pub mod one_by_one;
pub mod own_login;
pub mod queries;
pub mod registry;
pub mod retailcrm;
pub mod rows;
pub mod spreadsheet;
pub mod tryton;
pub mod unusable;
pub mod write_back;
pub mod yclients;

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use self::{
    mapping::Part,
    message::Told,
    occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef},
    rows::RowsRead,
    unusable::Unusable,
};
use crate::{clock::Moment, text::clean_to};

/// Which CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CrmKind {
    /// amoCRM / Kommo.
    Amocrm,
    /// RetailCRM / Simla.com.
    Retailcrm,
    /// Odoo, online or on a company's own server.
    Odoo,
    /// YCLIENTS / Altegio.
    Yclients,
    /// Bitrix24.
    Bitrix24,
    /// Tryton, on a company's own server.
    Tryton,
    /// A CSV file or an Excel workbook at an address: the CRM of those who have none.
    Spreadsheet,
}

impl CrmKind {
    /// Every CRM.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The CRM of a name ([`Self::as_str`]).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The name in tables, callbacks, addresses of webhooks and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a CRM can do; data, so that the room and the screens need no `match` on the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrmCapabilities {
    /// Calls a second of one connection.
    pub per_second: u32,
    /// Rows told in one go ([`write_back::claim`]): no more than can be told before the claim ends.
    /// 0: it can be told nothing.
    pub writes: i64,
    /// How far back a read of changes and a look for a note reach: clocks differ, and changes come
    /// late.
    pub overlap: TimeDelta,
    /// How it tells of a change at once.
    pub hooks: Hooking,
    /// Contacts can have a checkbox that says "do not write".
    pub opt_out_field: bool,
    /// What it tells of besides contacts ([`Crm::occasions`]).
    pub occasions: &'static [OccasionKind],
    /// Occasions whose customer's answer it takes ([`CrmChange::Answer`]).
    pub answers: &'static [OccasionKind],
    /// Occasions it takes a comment to ([`CrmChange::Comment`]).
    pub comments: &'static [OccasionKind],
    /// It has tasks ([`CrmChange::Task`]).
    pub tasks: bool,
    /// What its own cards and robots write may go through us ([`Crm::offer_sender`]), where our
    /// application was allowed there.
    pub sender: bool,
    /// It gives all of its records at once, and no word of what changed: they are compared with
    /// what was taken in. People say what its columns are ([`Part`]), and when its first load
    /// begins.
    pub whole: bool,
}

impl CrmCapabilities {
    /// Whether it can be told anything at all.
    #[must_use]
    pub fn takes_writes(&self) -> bool {
        self.writes > 0
    }
}

/// How a CRM tells us of a change at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hooking {
    /// We ask it to call us ([`Crm::subscribe`]).
    Subscribed,
    /// A person of the company writes our address into it.
    ByHand,
    /// We ask it, where the way we came by allows that; else a person does it.
    Either,
    /// Never: it calls nobody.
    Never,
}

/// Whose CRM it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmIdentity {
    /// The account's id there.
    pub external_id: String,
    pub name: String,
    /// Its IANA time zone, if told.
    pub zone: Option<String>,
}

/// Longest name of an account or a field that a CRM gives, characters.
const MAX_NAME: usize = 100;

impl CrmIdentity {
    /// With the first of these names that has anything to be seen, as names are kept.
    pub fn new(external_id: String, names: &[&str], zone: Option<String>) -> Self {
        let name = names.iter().map(|name| clean_to(name, MAX_NAME)).find(|name| !name.is_empty());
        Self { name: name.unwrap_or_else(|| external_id.clone()), external_id, zone }
    }
}

/// A field of contacts in the CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmField {
    /// Its id there.
    pub id: String,
    /// Its title there.
    pub title: String,
    pub kind: CrmFieldKind,
    /// What may be chosen, of a list.
    #[serde(default)]
    pub options: Vec<String>,
    /// What it is taken for, of a CRM that has columns alone ([`CrmCapabilities::whole`]).
    #[serde(default)]
    pub part: Option<Part>,
}

impl CrmField {
    /// With a title as titles are kept; what may be chosen stays as it is, for values are compared
    /// with it.
    pub fn new(id: String, title: &str, kind: CrmFieldKind, options: Vec<String>) -> Self {
        Self { id, title: clean_to(title, MAX_NAME), kind, options, part: None }
    }
}

/// What a CRM field holds, in the words of contact fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrmFieldKind {
    /// Text, one of a list, several of a list (joined by `, `).
    Text,
    Number,
    Date,
    /// Yes or no.
    Flag,
}

/// A contact as the CRM gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct CrmContact {
    /// Its id there.
    pub id: String,
    /// Full name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// Phones as written.
    pub phones: Vec<String>,
    /// E-mails as written.
    pub emails: Vec<String>,
    pub tags: Vec<String>,
    /// Field id → values as written.
    pub fields: Vec<(String, Vec<serde_json::Value>)>,
    /// Last change there.
    pub updated_at: Moment,
    /// Deleted there.
    pub deleted: bool,
    /// Merged there into this one, and deleted by that, where the CRM tells.
    pub merged_into: Option<String>,
}

/// A page of contacts and where to go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ContactPage {
    pub contacts: Vec<CrmContact>,
    /// Where the next page begins; `None` when this was the last.
    pub next: Option<serde_json::Value>,
    /// How far the feed of changes is read with this page, where the CRM has one ([`Crm::mark`]).
    pub mark: Option<serde_json::Value>,
    /// The feed does not reach back to where it was read: everything must be read anew.
    pub anew: bool,
    /// What was found in the rows, of a CRM that gives all of them at once.
    pub rows: Option<RowsRead>,
}

/// What kind of read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMode<'a> {
    /// Everything.
    Full,
    /// What changed.
    Since {
        /// Since then.
        at: Moment,
        /// Since this place in the CRM's feed of changes, where it has one ([`Crm::mark`]).
        mark: Option<&'a serde_json::Value>,
    },
}

/// Something the CRM must be told of one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteItem {
    /// The contact's id there.
    pub crm_id: String,
    /// What to write.
    pub what: CrmChange,
    /// An earlier try had no answer: look for its trace from then on before repeating what is not
    /// repeatable by nature.
    pub look_first: Option<Look>,
}

/// How to look for the trace of a try that had no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// It was not made before then.
    pub since: Moment,
    /// So many traces just like it are other writes' own.
    pub others: u32,
}

/// What to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrmChange {
    /// A note in the contact's feed.
    Note { text: String },
    /// Said stop (true), or came back (false): the mapped checkbox and the `opt-out` tag.
    OptOut(bool),
    /// What the customer answered about an occasion.
    Answer {
        of: OccasionRef,
        /// They come (true), or they do not.
        comes: bool,
    },
    /// A comment of an occasion.
    Comment { of: OccasionRef, text: String },
    /// A task for whoever is responsible for the contact.
    Task {
        text: String,
        /// To be done by then.
        due: Moment,
    },
}

impl CrmChange {
    /// Whether a second time would be another one: there is a trace to look for before a try is
    /// repeated ([`Look`]).
    #[must_use]
    pub fn leaves_a_trace(&self) -> bool {
        match self {
            Self::Note { .. } | Self::Comment { .. } | Self::Task { .. } => true,
            Self::OptOut(_) | Self::Answer { .. } => false,
        }
    }
}

/// A webhook's hint: re-read these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrmHint {
    /// A contact changed.
    Contact(String),
    /// An occasion changed.
    Occasion(OccasionRef),
    /// Nothing the product acts upon.
    Ignored,
}

/// Why a CRM call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrmError {
    /// Too fast, or banned for a while: the whole connection holds.
    #[error("limited by the CRM for {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// A passing failure: the same call may be made later (with a smaller page if `smaller`).
    #[error("a passing failure at the CRM: {detail}")]
    Transient {
        /// What was seen.
        detail: String,
        /// The call was too heavy.
        smaller: bool,
    },
    /// The access token was refused: refresh once, then [`CrmError::ReauthRequired`].
    #[error("the CRM refused the access token")]
    Unauthorised,
    /// A person must authorise again.
    #[error("the CRM must be connected again")]
    ReauthRequired,
    /// The CRM account is not paid.
    #[error("the CRM account is not paid")]
    PaymentRequired,
    /// The account does not live at this address any more: it was renamed or moved.
    #[error("the CRM account is not at its address any more")]
    Moved,
    /// No rights.
    #[error("the CRM gave no right: {0}")]
    Forbidden(String),
    /// No such thing there.
    #[error("the CRM has no such record")]
    NotFound,
    /// It has no place for the mark "do not write": the note that goes with every opt-out says it.
    #[error("the CRM has no place for the mark, so the note alone says it")]
    NoPlace,
    /// Refused for good.
    #[error("the CRM refused: {0}")]
    Rejected(String),
    /// What it gave cannot be used: nothing is changed by it.
    #[error(transparent)]
    Unusable(#[from] Box<Unusable>),
    /// No answer to a write: look before repeating.
    #[error("no answer, so it is not known whether the CRM took it: {0}")]
    Unknown(String),
}

/// One CRM's adapter, bound to one connection.
#[async_trait::async_trait]
pub trait Crm: Send + Sync + std::fmt::Debug {
    /// Whose CRM it is; also the health check.
    async fn identify(&self) -> Result<CrmIdentity, CrmError>;

    /// The fields of contacts.
    async fn fields(&self) -> Result<Vec<CrmField>, CrmError>;

    /// Where the CRM's feed of changes ends now, asked before everything is read: changes are then
    /// read from there. `None`: it has no feed, and changes are read by their time.
    async fn mark(&self) -> Result<Option<serde_json::Value>, CrmError> {
        Ok(None)
    }

    /// A page of contacts: `cursor` is what the page before gave as `next`, `None` for the first.
    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&serde_json::Value>) -> Result<ContactPage, CrmError>;

    /// The same place with smaller pages, after [`CrmError::Transient`] with `smaller`; `None` when
    /// they cannot be smaller.
    fn lighter(&self, cursor: Option<&serde_json::Value>) -> Option<serde_json::Value> {
        let _ = cursor;
        None
    }

    /// These contacts, as they are now; the absent ones are gone. One that was merged into another
    /// may come as a deleted one that says so ([`CrmContact::merged_into`]).
    async fn contacts_by_id(&self, ids: &[String]) -> Result<Vec<CrmContact>, CrmError>;

    /// Writes; one result each, in order.
    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>>;

    /// Contacts that were deleted, restored or merged since then: what a read of changes does not
    /// show. Re-read them.
    async fn history(&self, since: Moment) -> Result<Vec<CrmHint>, CrmError> {
        let _ = since;
        Ok(Vec::new())
    }

    /// Where the CRM's feed of changes of occasions ends now, as [`Crm::mark`].
    async fn occasion_mark(&self) -> Result<Option<serde_json::Value>, CrmError> {
        Ok(None)
    }

    /// A page of occasions of the kinds it tells of ([`CrmCapabilities::occasions`]): `cursor` is
    /// what the page before gave as `next`, `None` for the first.
    async fn occasions(&self, mode: OccasionMode<'_>, cursor: Option<&serde_json::Value>) -> Result<OccasionPage, CrmError> {
        let _ = (mode, cursor);
        Ok(OccasionPage::default())
    }

    /// These occasions, as they are now; the absent ones are gone.
    async fn occasions_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        let _ = of;
        Ok(Vec::new())
    }

    /// Occasions of these contacts that are not before then, however long ago they changed: of
    /// contacts who were not here when the CRM told of them. `None`: it cannot be asked so, and all
    /// are read anew.
    async fn occasions_of(&self, contacts: &[String], from: Moment) -> Result<Option<Vec<CrmOccasion>>, CrmError> {
        let _ = (contacts, from);
        Ok(None)
    }

    /// Subscribes to webhooks at this URL (`None` unsubscribes `old`), where that is how they come
    /// ([`Hooking::Subscribed`]).
    async fn subscribe(&self, url: Option<&str>, old: Option<&str>) -> Result<(), CrmError> {
        let _ = (url, old);
        Ok(())
    }

    /// Whether webhooks to this URL are subscribed: `Some(false)` when the CRM has switched them
    /// off, `None` when it knows of none.
    async fn hooked(&self, url: &str) -> Result<Option<bool>, CrmError> {
        let _ = url;
        Ok(None)
    }

    /// Makes us a way by which the CRM's own cards and robots write to people, known there by this
    /// code and called at this URL; `None`: no more ([`CrmCapabilities::sender`]).
    async fn offer_sender(&self, code: &str, url: Option<&str>) -> Result<(), CrmError> {
        let _ = (code, url);
        Ok(())
    }

    /// Tells what became of a message that came so. To tell the same twice does no harm.
    async fn tell_message(&self, code: &str, message: &str, told: Told) -> Result<(), CrmError> {
        let _ = (code, message, told);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod fixture {
    //! Rows for the tests of this room.

    use serde_json::json;
    use sqlx::types::Json;

    use crate::{
        clock::Moment,
        id::{AccountId, ConnectionId, ContactId},
        on,
        store::Store,
    };

    /// An account.
    pub async fn account(store: &Store, now: Moment) -> AccountId {
        let account = AccountId::new();
        let mut tx = store.begin().await.expect("begin");
        crate::testing::account(&mut tx, account, now).await;
        tx.commit().await.expect("commit");
        account
    }

    /// An account with an active connection without credentials.
    pub async fn connection(store: &Store, now: Moment) -> (AccountId, ConnectionId) {
        let (account, connection) = (account(store, now).await, ConnectionId::new());
        let mut tx = store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query(
            "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'Demo', 'https://example.amocrm.ru', '1', 'active', $3, $4, 'secret', $4, 'idle', $5)"
        ).bind(connection).bind(account).bind(Vec::<u8>::new()).bind(Json(json!({}))).bind(now).execute(c).await.map(|_| ())).expect("insert");
        tx.commit().await.expect("commit");
        (account, connection)
    }

    /// A contact, from that connection with that id if told.
    pub async fn contact(store: &Store, account: AccountId, from: Option<(ConnectionId, &str)>, now: Moment) -> ContactId {
        let contact = ContactId::new();
        let mut tx = store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query(
            "insert into contact (id, account_id, attributes, source, created_at, updated_at) values ($1, $2, $3, 'crm', $4, $4)"
        )
        .bind(contact)
        .bind(account)
        .bind(Json(json!({})))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
        .expect("insert");
        if let Some((connection, id)) = from {
            crate::contact::fixture::source(&mut tx, account, contact, (connection, id)).await;
        }
        tx.commit().await.expect("commit");
        contact
    }
}
