//! How far a sync is: written by the owner of the lease alone, each time in the transaction of what
//! it tells of.

use chrono::TimeDelta;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::types::Json;

use super::{Connection, ConnectionState, SyncPhase};
use crate::{
    clock::Moment,
    contact::occasion::OccasionKind,
    crm::{
        CrmError, CrmField,
        lease::{LEASE, Lease},
        queries,
        rows::RowsRead,
        unusable::Unusable,
    },
    notice::{self, NewNotice, NoticeKind},
    on, retry,
    store::{Store, Tx},
    words::Reason,
};

/// The `sync_cursor` column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Where the next page begins; the adapter's own.
    pub next: Option<Value>,
    /// What changed after this is not here yet; `None`: nothing was ever read to its end.
    pub watermark: Option<Moment>,
    /// How far the CRM's feed of changes is read, where it has one; the adapter's own.
    pub mark: Option<Value>,
    /// The version of the settings under which everything was last read.
    pub mapped: u32,
    /// The version of the settings under which the full load under way reads.
    pub mapping: u32,
    /// All pages are read. Of a full load the records it did not see are being looked up, up to
    /// this id; of a read of changes the history is next.
    pub verified: Option<String>,
    /// The CRM's contact fields, as last read.
    pub fields: Vec<CrmField>,
    /// When they were read.
    pub fields_at: Option<Moment>,
    /// The CRM account's time zone, as the CRM tells it: its dates are midnights there.
    pub zone: Option<String>,
    /// The subscription to webhooks, as last seen.
    pub hooks: Option<super::Hooks>,
    /// What became of us as a way by which the CRM's own cards and robots write, as last seen.
    pub sender: Option<super::Hooks>,
    /// Numbers of the sync under way, or of the last one.
    pub stats: Stats,
    /// Failures in a row.
    pub failures: u32,
    /// When everything was last read to its end.
    pub full_at: Option<Moment>,
    /// The full load before was the first of two: it found people gone whose phones are others'
    /// there.
    pub repeated: bool,
    /// The full load under way is the nightly one: whatever it finds, hooks and feeds had missed.
    pub reconciling: bool,
    /// What the last nightly load found that hooks and feeds had missed, and when it ended.
    pub reconciled: Option<Reconciled>,
    /// What is read now.
    pub turn: Turn,
    /// How far occasions are read.
    pub occasions: OccasionProgress,
    /// Why what the CRM gave last is not used.
    pub unusable: Option<Unusable>,
    /// What was found in the rows, of a CRM that gives all of them at once.
    pub rows: Option<RowsRead>,
    /// Contacts that the plan had no room for since the last full load began, or fewer. Once there
    /// is room ([`ROOM`]), all is loaded anew.
    pub left_out: u64,
}

/// What a sync reads, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    #[default]
    Contacts,
    Occasions,
}

/// How far occasions are read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OccasionProgress {
    /// What changed after this is not here yet; `None`: nothing was ever read to its end.
    pub watermark: Option<Moment>,
    /// How far the CRM's feed of their changes is read, where it has one; the adapter's own.
    pub mark: Option<Value>,
    /// All of them are being read, those not before then.
    pub full_from: Option<Moment>,
    /// Records that are new here while what changed is followed: the CRM told of what happens to
    /// them before that (they were in its bin, or the plan had no room), so they are asked about.
    pub of: Vec<String>,
    /// All pages of the full read are read; those of this kind that it did not see are being looked
    /// up, up to this id.
    pub verified: Option<(OccasionKind, String)>,
}

/// What a nightly load found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    pub at: Moment,
    /// Contacts and occasions that were new, changed or gone.
    pub found: u64,
}

/// Contacts that the plan had no room for are loaded once there is room for this many, or for all.
pub const ROOM: u64 = 100;

/// Numbers of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Stats {
    /// New contacts.
    pub created: u64,
    /// Changed ones.
    pub updated: u64,
    /// Gone in the CRM and therefore here.
    pub deleted: u64,
    /// Merged there, and therefore one here.
    pub merged: u64,
    /// Phones that belong to another contact already.
    pub shared_phones: u64,
    /// Writings that are no phone.
    pub bad_phones: u64,
    /// Names that were longer than is kept.
    pub cut_names: u64,
    /// Entries added to the consent ledger.
    pub consents: u64,
    /// People who said stop by the CRM's checkbox.
    pub opted_out: u64,
    /// New contacts that the plan had no room for.
    pub left_out: u64,
    /// Records of people who were erased on demand: refused.
    pub erased: u64,
    /// Occasions that were new or changed.
    pub occasions: u64,
    /// Occasions that will not take place any more.
    pub called_off: u64,
}

impl Stats {
    /// How much of it was new, changed or gone.
    #[must_use]
    pub fn found(&self) -> u64 {
        self.created + self.updated + self.deleted + self.merged + self.occasions + self.called_off
    }

    /// Adds another page's numbers.
    pub fn add(&mut self, other: &Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.deleted += other.deleted;
        self.merged += other.merged;
        self.shared_phones += other.shared_phones;
        self.bad_phones += other.bad_phones;
        self.cut_names += other.cut_names;
        self.consents += other.consents;
        self.opted_out += other.opted_out;
        self.left_out += other.left_out;
        self.erased += other.erased;
        self.occasions += other.occasions;
        self.called_off += other.called_off;
    }
}

/// Saves how far the sync is, in the transaction of the page; `false`: the lease is lost, drop the
/// transaction.
///
/// # Errors
/// The database's.
pub async fn checkpoint(
    tx: &mut Tx,
    lease: &Lease,
    progress: &Progress,
    phase: SyncPhase,
    done: i64,
    started: Moment,
    now: Moment,
) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query(queries::CHECKPOINT)
        .bind(lease.connection)
        .bind(lease.token)
        .bind(Json(progress))
        .bind(phase)
        .bind(done)
        .bind(started)
        .bind(now + LEASE)
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1))
}

/// The sync came to its end; the next is due at `next`. `false`: the lease is lost.
///
/// # Errors
/// The database's.
pub async fn finished(store: &Store, lease: &Lease, progress: &Progress, done: i64, next: Moment, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let kept = on!(tx.conn(), |c| sqlx::query(queries::FINISHED)
        .bind(lease.connection)
        .bind(lease.token)
        .bind(Json(progress))
        .bind(done)
        .bind(now)
        .bind(now + LEASE)
        .bind(next)
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1))?;
    tx.commit().await?;
    Ok(kept)
}

/// How long after something that cannot be used the CRM is asked again.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(15);

/// What a failure does to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Consequence {
    state: ConnectionState,
    reason: &'static str,
    wait: TimeDelta,
    /// The notice, if people must know.
    tell: Option<NoticeKind>,
}

/// `failures`: how many in a row, this one included.
fn consequence(error: &CrmError, failures: u32) -> Consequence {
    let active = |reason, wait, tell| Consequence { state: ConnectionState::Active, reason, wait, tell };
    let backoff = TimeDelta::from_std(retry::CRM_CALL.wait(failures)).unwrap_or(TimeDelta::minutes(1));
    match error {
        CrmError::RetryAfter(after) => {
            let told = TimeDelta::from_std(*after).unwrap_or(TimeDelta::hours(1));
            // Minutes: not a moment's excess but a ban.
            active("limited", told.max(backoff), (told >= TimeDelta::minutes(10)).then_some(NoticeKind::CrmHeld))
        }
        CrmError::Transient { .. } | CrmError::Unknown(_) => active("unreachable", backoff.max(TimeDelta::seconds(5)), None),
        CrmError::Unauthorised | CrmError::ReauthRequired => Consequence {
            state: ConnectionState::ReauthRequired,
            reason: "token_refused",
            wait: TimeDelta::zero(),
            tell: Some(NoticeKind::CrmReauth),
        },
        CrmError::Moved => Consequence {
            state: ConnectionState::ReauthRequired,
            reason: "moved",
            wait: TimeDelta::zero(),
            tell: Some(NoticeKind::CrmReauth),
        },
        CrmError::PaymentRequired => active("not_paid", TimeDelta::days(1), Some(NoticeKind::CrmHeld)),
        CrmError::Forbidden(_) => active("forbidden", TimeDelta::hours(1), Some(NoticeKind::CrmHeld)),
        // It may be as it should at the next look.
        CrmError::Unusable(_) => active("unusable", LOOK_AGAIN, Some(NoticeKind::CrmHeld)),
        CrmError::NotFound | CrmError::NoPlace | CrmError::Rejected(_) => active("refused", TimeDelta::hours(1), Some(NoticeKind::CrmHeld)),
    }
}

/// A call failed: the connection goes into the state that says so, people are told where they must
/// act, and the next try is set. `false`: the lease is lost and nothing was written.
///
/// # Errors
/// The database's.
pub async fn failed(store: &Store, lease: &Lease, connection: &Connection, error: &CrmError, now: Moment) -> sqlx::Result<bool> {
    let mut progress = connection.sync_cursor.0.clone();
    progress.failures += 1;
    progress.unusable = if let CrmError::Unusable(unusable) = error { Some((**unusable).clone()) } else { None };
    let what = consequence(error, progress.failures);
    // Some jitter, so that connections that failed together do not come back together.
    let until = now + what.wait + TimeDelta::milliseconds(rand::rng().random_range(0..500));
    // A person who mended the file need not wait.
    let held = progress.unusable.is_none().then_some(until);
    let mut tx = store.begin().await?;
    let kept = on!(tx.conn(), |c| sqlx::query(queries::FAILED)
        .bind(lease.connection)
        .bind(lease.token)
        .bind(what.state)
        .bind(what.reason)
        .bind(held)
        .bind(until)
        .bind(Json(&progress))
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1))?;
    if !kept {
        return Ok(false);
    }
    if let Some(kind) = what.tell {
        // Told once a day for one reason, and again after every new authorisation.
        let dedupe_key = format!("{kind}:{}:{}:{}:{}", connection.id, what.reason, connection.credentials_version, now.date_naive());
        let payload = json!({ "connection": connection.id, "name": connection.name, "reason": what.reason, "until": until, "unusable": progress.unusable });
        notice::raise(&mut tx, NewNotice { account: lease.account, member: None, kind, payload, dedupe_key }, now).await?;
    }
    tx.commit().await?;
    tracing::warn!(crm.connection = %connection.id, crm.reason = what.reason, wait_s = what.wait.num_seconds(), %error, "a CRM call failed");
    Ok(true)
}

/// The plan has no room for all contacts of the CRM: the owners are told, once a day. In the
/// transaction of the page.
///
/// # Errors
/// The database's.
pub async fn tell_left_out(tx: &mut Tx, connection: &Connection, now: Moment) -> sqlx::Result<()> {
    let notice = NewNotice {
        account: connection.account_id,
        member: None,
        kind: NoticeKind::CrmHeld,
        payload: json!({ "connection": connection.id, "name": connection.name, "reason": Reason::PlanLimit.as_str() }),
        dedupe_key: format!("crm.left_out:{}:{}", connection.id, now.date_naive()),
    };
    notice::raise(tx, notice, now).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_error_has_its_consequence() {
        let seen = |error: CrmError, failures| {
            let what = consequence(&error, failures);
            (what.state, what.reason, what.wait.num_seconds(), what.tell)
        };
        let transient = CrmError::Transient { detail: String::new(), smaller: false };
        assert_eq!(seen(CrmError::RetryAfter(Duration::from_secs(1)), 1), (ConnectionState::Active, "limited", 1, None));
        assert_eq!(seen(CrmError::RetryAfter(Duration::from_secs(1)), 4), (ConnectionState::Active, "limited", 8, None));
        assert_eq!(seen(CrmError::RetryAfter(Duration::from_secs(600)), 1).3, Some(NoticeKind::CrmHeld));
        assert_eq!(seen(transient.clone(), 1), (ConnectionState::Active, "unreachable", 5, None));
        assert_eq!(seen(transient, 90), (ConnectionState::Active, "unreachable", 60, None));
        assert_eq!(seen(CrmError::Unauthorised, 1), (ConnectionState::ReauthRequired, "token_refused", 0, Some(NoticeKind::CrmReauth)));
        assert_eq!(seen(CrmError::Moved, 1), (ConnectionState::ReauthRequired, "moved", 0, Some(NoticeKind::CrmReauth)));
        assert_eq!(seen(CrmError::PaymentRequired, 1), (ConnectionState::Active, "not_paid", 86_400, Some(NoticeKind::CrmHeld)));
        let unusable = CrmError::from(crate::crm::unusable::Why::Page);
        assert_eq!(seen(unusable, 9), (ConnectionState::Active, "unusable", 900, Some(NoticeKind::CrmHeld)), "it comes back by itself");
    }
}
