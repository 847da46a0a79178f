//! When the clock is set back. Whatever was written by a clock that was ahead would wait until the time comes again: leases, rows
//! due later, holds. So the latest moment seen is kept, and when now lies clearly before it, every wait of the machine's own is
//! cut short. Times that people chose (starts, ends, licences) stay as they are.
//!
//! Cutting short is safe: leases are fenced by tokens, a row judged too early takes the answer of its own call all the same, and a
//! provider that asked to wait asks again.

use std::time::Duration;

use super::Store;
use crate::{clock::Moment, delivery::claim::AIR, on};

/// Clocks of several machines may differ by this much; less is no setting back.
pub const TOLERANCE: Duration = Duration::from_secs(15);
/// The moment seen is written so often at most.
const WRITTEN: Duration = Duration::from_secs(5);

/// The latest moment seen.
pub const SEEN: &str = "select at from clock_seen where id = 1";
/// Keeps it.
pub const SEE: &str = "insert into clock_seen (id, at) values (1, $1) on conflict (id) do update set at = excluded.at";
/// Waits that end later than now are over now: everything in line, holds, leases nobody at this time can have.
pub const CUT_SHORT: &[&str] = &[
    "update channel set lease_owner = null, lease_until = null where lease_until > $1",
    "update channel set held_until = null where held_until > $1",
    "update channel set next_allowed_at = $1 where next_allowed_at > $1",
    "update crm_connection set lease_owner = null, lease_until = null where lease_until > $1",
    "update crm_connection set held_until = null where held_until > $1",
    "update crm_connection set next_allowed_at = $1 where next_allowed_at > $1",
    "update crm_connection set next_sync_at = $1 where next_sync_at > $1",
    "update crm_write set due_at = $1 where state = 'queued' and due_at > $1",
    "update delivery set due_at = $1 where state = 'queued' and due_at > $1",
    "update outgoing set due_at = $1 where state = 'queued' and due_at > $1",
    "update inbound set due_at = $1 where state = 'new' and due_at > $1",
    "update card set due_at = $1 where due_at > $1",
    "update notice set due_at = $1 where due_at > $1",
];
/// What is in the air keeps the time of a call from now on.
pub const LAND: &[&str] = &[
    "update delivery set lease_until = $1 where state = 'sending' and lease_until > $1",
    "update outgoing set lease_until = $1 where state = 'sending' and lease_until > $1",
    "update crm_write set lease_until = $1 where state = 'sending' and lease_until > $1",
];

impl Store {
    /// Looks whether the clock was set back, and if so cuts every wait of the machine's short. `true`: it was.
    ///
    /// # Errors
    /// The database's.
    pub async fn watch_clock(&self, now: Moment) -> sqlx::Result<bool> {
        let seen: Option<Moment> = on!(self.read(), |c| sqlx::query_scalar(SEEN).fetch_optional(c).await)?;
        let back = seen.is_some_and(|seen| seen > now + TOLERANCE);
        if !back && seen.is_some_and(|seen| now < seen + WRITTEN) {
            return Ok(false);
        }
        let mut tx = self.begin().await?;
        if back {
            for &sql in CUT_SHORT {
                on!(tx.conn(), |c| sqlx::query(sql).bind(now).execute(c).await.map(|_| ()))?;
            }
            for &sql in LAND {
                on!(tx.conn(), |c| sqlx::query(sql).bind(now + AIR).execute(c).await.map(|_| ()))?;
            }
        }
        on!(tx.conn(), |c| sqlx::query(SEE).bind(now).execute(c).await.map(|_| ()))?;
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
        let lease = channel::store::lease(&store, fixture.channel, "another", now).await.expect("asked");
        assert!(lease.is_some(), "the lease of another time is free");
    });
}
