//! Once a second, one statement for all that the bot waits for in the database: due notices, due
//! cards, channels to listen to. Whoever waits for one of them is woken by it, instead of asking
//! for itself.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use mms_core::{clock::Moment, on, store::Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{cards::is_due, deps::Deps};

/// How often the rows are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// Channels are looked through at least this often, whatever seems to have changed.
const CHANNELS: Duration = Duration::from_secs(30);

/// What there is to do.
pub const LOOK: &str = concat!(
    "
select 'notices' as kind, cast(null as uuid) as id, '' as what, count(*) as n from notice where due_at is not null and due_at <= $1
union all select 'cards', cast(null as uuid), '', count(*) from card where ",
    is_due!(),
    "
union all select 'channel', id, cast(settings as text), cast(0 as bigint) from channel where state <> 'removed'"
);
/// Every statement.
pub const ALL: &[&str] = &[LOOK];

/// Wakes who waits. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    notices: Arc<Notify>,
    cards: Arc<Notify>,
    channels: Arc<Notify>,
}

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    notices: i64,
    cards: i64,
    /// A digest of the channels and their settings.
    channels: u64,
}

async fn look(store: &Store, now: Moment) -> sqlx::Result<Found> {
    let rows: Vec<(String, Option<Uuid>, String, i64)> = on!(store.read(), |c| sqlx::query_as(LOOK).bind(now).fetch_all(c).await)?;
    let (mut notices, mut cards, mut channels) = (0, 0, 0);
    for (kind, id, what, n) in rows {
        match kind.as_str() {
            "notices" => notices = n,
            "cards" => cards = n,
            // Rows come in any order.
            _ => {
                let mut digest = DefaultHasher::new();
                (id, what).hash(&mut digest);
                channels ^= digest.finish();
            }
        }
    }
    Ok(Found { notices, cards, channels })
}

impl Pulse {
    /// Waits until a notice is due.
    pub async fn notices(&self) {
        self.notices.notified().await;
    }

    /// Waits until a card is due.
    pub async fn cards(&self) {
        self.cards.notified().await;
    }

    /// Waits until channels came, went or were set otherwise, or were not looked through for long.
    pub async fn channels(&self) {
        drop(tokio::time::timeout(CHANNELS, self.channels.notified()).await);
    }

    /// Looks until `stop`. An unreachable database is waited for.
    ///
    /// # Errors
    /// None by itself.
    pub async fn run(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
        let mut beat = tokio::time::interval(EVERY);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut channels, mut heard) = (None, true);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = beat.tick() => {}
            }
            match look(&deps.store, deps.now()).await {
                Ok(found) => {
                    heard = true;
                    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
                    metrics::gauge!("mms_notices_pending").set(found.notices as f64);
                    if found.notices > 0 {
                        self.notices.notify_one();
                    }
                    if found.cards > 0 {
                        self.cards.notify_one();
                    }
                    if channels.replace(found.channels) != Some(found.channels) {
                        self.channels.notify_one();
                    }
                }
                Err(error) => {
                    if std::mem::replace(&mut heard, false) {
                        tracing::warn!(%error, "notices, cards and channels were not looked for, trying again");
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mms_core::{both, clock};

    use super::*;

    both!(async fn nothing_is_found_where_nothing_is(store) {
        let found = look(&store, clock::now()).await.unwrap();
        assert_eq!((found.notices, found.cards), (0, 0));
        assert_eq!(look(&store, clock::now()).await.unwrap(), found, "and nothing changes by itself");
    });
}
