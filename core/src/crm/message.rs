//! Messages that a CRM's own cards and robots write through us. Each is kept once, under the id it
//! has there; it goes to the person as any message outside campaigns does, or is refused, and the
//! CRM is told what became of it ([`super::Crm::tell_message`]). Rows are the truth: what is to be
//! told has a time in its row, and the job `WriteBack` is the bell.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::types::Json;
use subtle::ConstantTimeEq as _;

use super::queries;
use crate::{
    clock::Moment,
    id::{AccountId, ConnectionId, ContactId, OutgoingId},
    on,
    secret::Secret,
    store::{Store, Tx},
    words::Reason,
};

/// How the id of a raw event begins that holds such a message: the CRM's own id follows.
pub const RAW: &str = "message:";
/// Rows told in one go: as many calls.
const PORTION: i64 = 20;

/// A message as a CRM gives it to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmMessage {
    /// Its id there.
    pub id: String,
    /// The phone, as written there.
    pub to: String,
    pub text: String,
    pub origin: Origin,
    /// The account it is of, by its id there.
    pub account: String,
    /// What proves that the CRM itself says so; `None` once it was proved and kept.
    pub proof: Option<Secret>,
}

/// Who writes in the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Origin {
    /// A person, from a card.
    Card,
    /// The CRM by itself: a robot, a process, a mailing.
    Robot,
}

/// What a CRM is told of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Told {
    /// The messenger took it.
    Sent,
    /// It is on the person's device.
    Delivered,
    /// The messenger took it, and it did not arrive.
    Undelivered,
    /// It did not go.
    Failed,
}

/// Why a message was refused before it was put in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No message goes through the connection: switched off, or the connection is paused.
    Off,
    /// What stands for a phone is none.
    NoPhone,
    /// Nobody has this phone.
    Nobody,
    /// What keeps any message from going.
    Is(Reason),
}

impl Refused {
    /// The code in the row.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::NoPhone => "no_phone",
            Self::Nobody => "nobody",
            Self::Is(reason) => reason.as_str(),
        }
    }

    /// The refusal of a code; `None`: another version's.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        match code {
            "off" => Some(Self::Off),
            "no_phone" => Some(Self::NoPhone),
            "nobody" => Some(Self::Nobody),
            other => Reason::of(other).map(Self::Is),
        }
    }
}

/// The words of a message, as the row keeps them; forgotten with the person, and by age.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// The phone, as written in the CRM.
    pub to: String,
    pub text: String,
}

/// The code by which a CRM knows us as a sender: one for each connection, for two companies may
/// have connected one account of a CRM.
#[must_use]
pub fn code(connection: ConnectionId) -> String {
    format!("mms-{}", connection.0.simple().to_string().get(20..).unwrap_or_default())
}

/// Whether a message comes from the CRM account of its connection itself. What proves it is told to
/// nobody in advance (contracts/crm/bitrix24.md, 1.2: at an installation that has no address of
/// ours), so the first that comes to the connection's secret address is believed and its digest
/// kept; from then on there is no other, until somebody authorises anew.
///
/// # Errors
/// The database's.
pub async fn proved(store: &Store, connection: ConnectionId, message: &CrmMessage) -> sqlx::Result<bool> {
    let Some(proof) = message.proof.as_ref().filter(|proof| !proof.expose().is_empty()) else { return Ok(false) };
    let row: Option<(AccountId, String, Option<String>)> =
        on!(store.read(), |c| sqlx::query_as(queries::MESSAGE_PROOF).bind(connection).fetch_optional(c).await)?;
    let Some((account, external_id, known)) = row else { return Ok(false) };
    if external_id.is_empty() || external_id != message.account {
        return Ok(false);
    }
    let digest = hex::encode(Sha256::digest(format!("{connection}\n{}", proof.expose())));
    if let Some(known) = known {
        return Ok(bool::from(known.as_bytes().ct_eq(digest.as_bytes())));
    }
    let mut tx = store.begin().await?;
    let first = on!(tx.conn(), |c| sqlx::query(queries::KEEP_MESSAGE_PROOF)
        .bind(account)
        .bind(connection)
        .bind(&digest)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    tx.commit().await?;
    Ok(first == 1)
}

/// A message to be kept, in line or refused.
#[derive(Debug)]
pub struct NewMessage<'a> {
    pub account: AccountId,
    pub connection: ConnectionId,
    pub message: &'a CrmMessage,
    /// Whose it is, once found.
    pub contact: Option<ContactId>,
    /// What carries it, or why nothing does.
    pub end: Result<OutgoingId, Refused>,
}

/// Keeps a message; `false`: it was kept before. A refusal is to be told at once.
///
/// # Errors
/// The database's.
pub async fn keep(tx: &mut Tx, new: &NewMessage<'_>, now: Moment) -> sqlx::Result<bool> {
    let words = Words { to: new.message.to.clone(), text: new.message.text.clone() };
    let kept = on!(tx.conn(), |c| sqlx::query(queries::MESSAGE_KEEP)
        .bind(new.account)
        .bind(new.connection)
        .bind(&new.message.id)
        .bind(new.contact)
        .bind(new.end.ok())
        .bind(new.message.origin)
        .bind(new.end.err().map(Refused::code))
        .bind(Json(&words))
        .bind(new.end.err().map(|_| now))
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    Ok(kept == 1)
}

/// Whether a message was kept before.
///
/// # Errors
/// The database's.
pub async fn known(tx: &mut Tx, account: AccountId, connection: ConnectionId, id: &str) -> sqlx::Result<bool> {
    let found: Option<i64> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::MESSAGE_KNOWN).bind(account).bind(connection).bind(id).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// What became of messages outside campaigns has changed: where a CRM wrote one, it is to be told.
///
/// # Errors
/// The database's.
pub async fn moved(tx: &mut Tx, account: AccountId, outgoing: &[OutgoingId], now: Moment) -> sqlx::Result<()> {
    for id in outgoing {
        on!(tx.conn(), |c| sqlx::query(queries::MESSAGE_MOVED).bind(account).bind(*id).bind(now).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// A message of which the CRM may have to be told something.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Untold {
    pub account_id: AccountId,
    pub connection_id: ConnectionId,
    /// Its id there.
    pub external_id: String,
    told: Option<Told>,
    turn: i64,
    /// Tries before this one.
    pub attempt: i32,
    /// What carries it: `queued`, `sending`, `sent`, `failed`, `uncertain`; none when refused.
    state: Option<String>,
    sent_at: Option<Moment>,
    delivered_at: Option<Moment>,
    read_at: Option<Moment>,
}

impl Untold {
    /// What the CRM is to be told now; `None`: nothing new. Of what nobody knows nothing is told.
    #[must_use]
    pub fn news(&self) -> Option<Told> {
        stands(self.state.as_deref(), self.sent_at.is_some(), self.delivered_at.or(self.read_at).is_some())
            .filter(|now| self.told != Some(*now))
    }
}

/// How a message stands, in the words of CRMs. Pure.
fn stands(state: Option<&str>, went: bool, arrived: bool) -> Option<Told> {
    match state {
        None => Some(Told::Failed),
        Some("sent") if arrived => Some(Told::Delivered),
        Some("sent") => Some(Told::Sent),
        Some("failed") if went => Some(Told::Undelivered),
        Some("failed") => Some(Told::Failed),
        Some(_) => None,
    }
}

/// Messages of a connection whose CRM is to be told something by now; the caller holds its lease.
///
/// # Errors
/// The database's.
pub async fn untold(store: &Store, account: AccountId, connection: ConnectionId, now: Moment) -> sqlx::Result<Vec<Untold>> {
    on!(store.read(), |c| sqlx::query_as(queries::MESSAGE_UNTOLD).bind(account).bind(connection).bind(now).bind(PORTION).fetch_all(c).await)
}

/// What came of telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The CRM knows this, or there was nothing to tell.
    Told(Option<Told>),
    /// Given up: why.
    Failed(String),
    /// Again at that time.
    Later {
        due: Moment,
        /// What was seen.
        error: String,
        /// This try counts.
        counted: bool,
    },
}

/// Notes what came of telling; what changed meanwhile is told next.
///
/// # Errors
/// The database's.
pub async fn told(store: &Store, row: &Untold, end: &End) -> sqlx::Result<()> {
    let (told, due, error, attempt) = match end {
        End::Told(told) => (told.or(row.told), None, None, 0),
        End::Failed(error) => (row.told, None, Some(error.as_str()), row.attempt + 1),
        End::Later { due, error, counted } => (row.told, Some(*due), Some(error.as_str()), row.attempt + i32::from(*counted)),
    };
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::MESSAGE_TOLD)
        .bind(row.account_id)
        .bind(row.connection_id)
        .bind(&row.external_id)
        .bind(row.turn)
        .bind(told)
        .bind(due)
        .bind(error)
        .bind(attempt)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await
}

/// A message in the list of its connection.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Listed {
    pub origin: Origin,
    /// Why it was refused before it was put in line, or what became of what carries it.
    pub reason: Option<String>,
    pub payload: Json<Words>,
    /// What carries it: `queued`, `sending`, `sent`, `failed`, `uncertain`; none when refused.
    pub state: Option<String>,
    pub sent_at: Option<Moment>,
    pub delivered_at: Option<Moment>,
    pub read_at: Option<Moment>,
    pub told: Option<Told>,
    /// When the CRM is to be told something.
    pub due_at: Option<Moment>,
    /// What was seen of the last try that failed.
    pub error: Option<String>,
    pub created_at: Moment,
    /// Whose it is; empty when nobody was found.
    pub name: String,
}

impl Listed {
    /// How it stands, in the words of CRMs; `None`: it waits, or nobody knows.
    #[must_use]
    pub fn stands(&self) -> Option<Told> {
        stands(self.state.as_deref(), self.sent_at.is_some(), self.delivered_at.or(self.read_at).is_some())
    }
}

/// A connection's messages, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, connection: ConnectionId, limit: i64) -> sqlx::Result<Vec<Listed>> {
    on!(store.read(), |c| sqlx::query_as(queries::MESSAGES).bind(account).bind(connection).bind(limit).fetch_all(c).await)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{both, clock, crm::fixture};

    #[test]
    fn a_crm_is_told_what_is_known_and_nothing_else() {
        let table = [
            (None, false, false, Some(Told::Failed)),
            (Some("queued"), false, false, None),
            (Some("sending"), false, false, None),
            (Some("sent"), true, false, Some(Told::Sent)),
            (Some("sent"), true, true, Some(Told::Delivered)),
            (Some("failed"), false, false, Some(Told::Failed)),
            (Some("failed"), true, false, Some(Told::Undelivered)),
            (Some("uncertain"), false, false, None),
        ];
        for (state, went, arrived, wanted) in table {
            assert_eq!(stands(state, went, arrived), wanted, "{state:?} {went} {arrived}");
        }
        for refused in [Refused::Off, Refused::NoPhone, Refused::Nobody, Refused::Is(Reason::OptedOut)] {
            assert_eq!(Refused::of(refused.code()), Some(refused));
        }
        assert_eq!(Refused::of("of another version"), None);
    }

    fn message(id: &str, account: &str, proof: &str) -> CrmMessage {
        CrmMessage {
            id: id.to_owned(),
            to: "+79123456789".to_owned(),
            text: "Ждём вас завтра".to_owned(),
            origin: Origin::Robot,
            account: account.to_owned(),
            proof: Some(Secret::new(proof)),
        }
    }

    both!(async fn a_message_is_proved_kept_once_and_told_until_it_is_known(store) {
        let now = clock::now();
        let (account, connection) = fixture::connection(&store, now).await;
        let first = message("7", "1", "token");
        assert!(!proved(&store, connection, &message("7", "another", "token")).await.expect("asked"), "of another account");
        assert!(!proved(&store, connection, &message("7", "1", "")).await.expect("asked"), "of nobody");
        assert!(!proved(&store, ConnectionId::new(), &first).await.expect("asked"));
        assert!(proved(&store, connection, &first).await.expect("asked"), "the first is believed");
        assert!(proved(&store, connection, &first).await.expect("asked"));
        assert!(!proved(&store, connection, &message("8", "1", "another")).await.expect("asked"), "and there is no other");

        let mut tx = store.begin().await.expect("begin");
        let new = NewMessage { account, connection, message: &first, contact: None, end: Err(Refused::Nobody) };
        assert!(!known(&mut tx, account, connection, "7").await.expect("asked"));
        assert!(keep(&mut tx, &new, now).await.expect("kept"));
        assert!(!keep(&mut tx, &new, now).await.expect("kept"), "once");
        assert!(known(&mut tx, account, connection, "7").await.expect("asked"));
        tx.commit().await.expect("commit");

        let rows = untold(&store, account, connection, now).await.expect("read");
        assert_eq!(rows.iter().map(Untold::news).collect::<Vec<_>>(), [Some(Told::Failed)]);
        let later = now + TimeDelta::seconds(5);
        told(&store, &rows[0], &End::Later { due: later, error: "no answer".to_owned(), counted: true }).await.expect("noted");
        assert!(untold(&store, account, connection, now).await.expect("read").is_empty());
        let again = untold(&store, account, connection, later).await.expect("read");
        assert_eq!(again[0].attempt, 1);
        told(&store, &again[0], &End::Told(Some(Told::Failed))).await.expect("noted");
        assert!(untold(&store, account, connection, later).await.expect("read").is_empty());
        let listed = list(&store, account, connection, 10).await.expect("read");
        assert_eq!((listed[0].reason.as_deref(), listed[0].told, listed[0].payload.to.as_str()), (Some("nobody"), Some(Told::Failed), "+79123456789"));
    });
}
