//! A clock that jumps back. Leases, holds and rows due later that were written by a clock that was
//! ahead would wait until its time comes again. So the latest moment seen is kept in `clock_seen`.
//! When `now` lies [`TOLERANCE`] before it, every wait of the machine's own is cut short. Times
//! that people chose (starts, ends, licences) stay as they are.
//!
//! Cutting short is safe. Leases are fenced by tokens, a row judged abandoned too early still takes
//! the answer of its own call, and a provider that asked to wait asks again. `docs/CLOCK.md` has
//! the whole picture.

use std::time::Duration;

use super::Store;
use crate::{clock::Moment, limits::AIR, on};

/// A smaller step back is none: the latest moment seen is up to [`WRITTEN`] old, and machines
/// differ.
pub const TOLERANCE: Duration = Duration::from_secs(15);
/// The moment seen is written once in this time at most.
const WRITTEN: Duration = Duration::from_secs(5);

/// This long after a step back the rows are looked through once more: a machine that had not
/// noticed may have written by the time ahead meanwhile, and a call under way ends with the time it
/// began with. Longer than a process takes to look at the clock (4 s).
const AGAIN: Duration = Duration::from_secs(10);
/// In that second look, a wait or lease that ends later than this from now was written by the clock
/// ahead. Longer than any row in flight keeps its lease.
pub const STRANGE: Duration = Duration::from_secs(90);

const _: () = assert!(WRITTEN.as_millis() < TOLERANCE.as_millis());
const _: () = assert!(AGAIN.as_millis() > super::time::EVERY.as_millis());
const _: () = assert!(STRANGE.as_millis() > crate::limits::AIR_UPLOAD.as_millis());

/// The latest moment seen, and when to look once more.
pub const SEEN: &str = "select at, again_at from clock_seen where id = 1";
/// Keeps both.
pub const SEE: &str = "insert into clock_seen (id, at, again_at) values (1, $1, $2) on conflict (id) do update set at = excluded.at, again_at = excluded.again_at";
/// Leases and holds that end later than this moment are over.
pub const FREE: &[&str] = &[
    "update channel set lease_owner = null, lease_until = null where lease_until > $1",
    "update channel set held_until = null where held_until > $1",
    "update crm_connection set lease_owner = null, lease_until = null where lease_until > $1",
    "update crm_connection set held_until = null where held_until > $1",
    "delete from shared_part where until > $1",
];
/// Everything in line that waits for later than the second moment is due at the first.
pub const CUT_SHORT: &[&str] = &[
    "update channel set next_allowed_at = $1 where next_allowed_at > $2",
    "update crm_connection set next_allowed_at = $1 where next_allowed_at > $2",
    "update crm_connection set next_sync_at = $1 where next_sync_at > $2",
    "update crm_write set due_at = $1 where state in ('queued', 'sending') and state = 'queued' and due_at > $2",
    "update crm_message set due_at = $1 where due_at is not null and due_at > $2",
    "update delivery set due_at = $1 where state = 'queued' and due_at > $2",
    // Looked at now, each is given its own time anew, counted from when it went: now, at the
    // latest.
    "update delivery set deadline_at = $1, sent_at = case when sent_at > $1 then $1 else sent_at end, \
     first_tried_at = case when first_tried_at > $1 then $1 else first_tried_at end, \
     updated_at = case when updated_at > $1 then $1 else updated_at end where deadline_at > $2",
    "update outgoing set due_at = $1 where state = 'queued' and due_at > $2",
    "update inbound set due_at = $1 where state = 'new' and due_at > $2",
    "update card set due_at = $1 where due_at > $2",
    "update notice set due_at = $1 where due_at > $2",
    "update import set due_at = $1 where due_at > $2",
];
/// What is in flight keeps the time of a call from now on.
pub const LAND: &[&str] = &[
    "update delivery set lease_until = $1 where state = 'sending' and lease_until > $2",
    "update outgoing set lease_until = $1 where state = 'sending' and lease_until > $2",
    "update crm_write set lease_until = $1 where state in ('queued', 'sending') and state = 'sending' and lease_until > $2",
];

/// What is kept of the clock; nothing at first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Seen {
    /// The latest moment seen.
    pub at: Option<Moment>,
    /// When to look once more for what a clock that was ahead wrote.
    pub again_at: Option<Moment>,
}

impl Store {
    /// Looks whether the clock was set back, and if so cuts every wait of the machine's short.
    /// `true`: it was.
    ///
    /// # Errors
    /// The database's.
    pub async fn watch_clock(&self, now: Moment) -> sqlx::Result<bool> {
        let seen: Option<Seen> = on!(self.read(), |c| sqlx::query_as(SEEN).fetch_optional(c).await)?;
        self.judge_clock(seen.unwrap_or_default(), now).await
    }

    /// The same for who has read what is kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn judge_clock(&self, seen: Seen, now: Moment) -> sqlx::Result<bool> {
        let back = seen.at.is_some_and(|at| at > now + TOLERANCE);
        let again = seen.again_at;
        let once_more = again.is_some_and(|again| again <= now);
        if !back && !once_more && seen.at.is_some_and(|at| now < at + WRITTEN) {
            return Ok(false);
        }
        let mut tx = self.begin().await?;
        if back || once_more {
            // The second time only what no clock of this time can have written: leases of now are
            // in use.
            let (wait, lease) = if back { (now, now + AIR) } else { (now + STRANGE, now + STRANGE) };
            for &sql in FREE {
                on!(tx.conn(), |c| sqlx::query(sql).bind(wait).execute(c).await.map(|_| ()))?;
            }
            for &sql in CUT_SHORT {
                on!(tx.conn(), |c| sqlx::query(sql).bind(now).bind(wait).execute(c).await.map(|_| ()))?;
            }
            for &sql in LAND {
                on!(tx.conn(), |c| sqlx::query(sql).bind(now + AIR).bind(lease).execute(c).await.map(|_| ()))?;
            }
        }
        let again = if back { Some(now + AGAIN) } else { again.filter(|again| *again > now) };
        on!(tx.conn(), |c| sqlx::query(SEE).bind(now).bind(again).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(back)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use crate::{both, channel, clock, delivery::fixture::Fixture, on};

    both!(async fn a_clock_set_back_leaves_nothing_waiting(store) {
        let now = clock::now();
        assert!(!store.watch_clock(now).await.expect("looked"), "the first look has nothing to compare with");
        let ahead = now + TimeDelta::hours(1);
        assert!(!store.watch_clock(ahead).await.expect("looked"), "forward is no setting back");
        let fixture = Fixture::new(&store, 3, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 3, None).await;
        let mut tx = store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query("update delivery set due_at = $1").bind(ahead).execute(c).await.map(|_| ())).expect("written");
        on!(tx.conn(), |c| sqlx::query("update channel set lease_until = $1, held_until = $1").bind(ahead).execute(c).await.map(|_| ())).expect("written");
        tx.commit().await.expect("commit");
        assert!(!store.watch_clock(ahead - TimeDelta::seconds(10)).await.expect("looked"), "machines differ a little");
        assert!(store.watch_clock(now).await.expect("looked"));
        assert!(!store.watch_clock(now).await.expect("looked"), "settled once");
        let late: i64 = on!(store.read(), |c| sqlx::query_scalar(
            "select count(*) from delivery where campaign_id = $1 and state = 'queued' and due_at > $2"
        ).bind(campaign).bind(now).fetch_one(c).await).expect("counted");
        assert_eq!(late, 0);
        // A machine that is still ahead writes once more after the others found it out.
        let mut tx = store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query("update delivery set due_at = $1").bind(ahead).execute(c).await.map(|_| ())).expect("written");
        tx.commit().await.expect("commit");
        let later = now + TimeDelta::seconds(11);
        assert!(!store.watch_clock(now + TimeDelta::seconds(6)).await.expect("looked"));
        assert!(!store.watch_clock(later).await.expect("looked"), "no new setting back, but looked for once more");
        let late: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from delivery where due_at > $1").bind(later).fetch_one(c).await).expect("counted");
        assert_eq!(late, 0);
        let lease = channel::lease::take(&store, fixture.channel, "another", now).await.expect("asked");
        assert!(lease.is_some(), "the lease of another time is free");
    });
}
