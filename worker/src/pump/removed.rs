//! What a channel that was removed left in flight. There is no provider to be asked any more, so
//! what was begun is uncertain, and what was not goes nowhere: its campaigns come to their end.

use mms_core::{
    channel::{
        lease::{self, Lease, Memory},
        store::{self, ChannelState},
    },
    clock,
    delivery::{begun, outcome, outgoing, recovery},
    id::{AccountId, ChannelId},
};

use super::SOME;
use crate::Deps;

/// Settles it, if the channel is removed and nobody is at it.
///
/// # Errors
/// The database's; the rows keep what was done.
pub(super) async fn settle(deps: &Deps, channel: ChannelId) -> anyhow::Result<()> {
    let Some(lease) = lease::take(&deps.store, channel, &deps.worker, clock::now()).await? else { return Ok(()) };
    // Read under the lease: it may have come back meanwhile.
    let Some(row) = store::find(&deps.store, channel).await? else { return Ok(()) };
    let settled = if row.state == ChannelState::Removed { under(deps, row.account_id, lease).await } else { Ok(()) };
    let memory = Memory { next_allowed_at: row.next_allowed_at, found_rate: row.found_rate, ..Memory::default() };
    lease::give_back(&deps.store, lease, &memory).await?;
    Ok(settled?)
}

async fn under(deps: &Deps, account: AccountId, lease: Lease) -> sqlx::Result<()> {
    let store = &deps.store;
    // What was claimed and never begun certainly did not go. Queued again, it is cancelled.
    for former in begun::take_over(store, account, lease).await? {
        let (mut deliveries, mut messages) = begun::never_begun(store, account, lease, &former).await?;
        deliveries.retain(|one| !deps.in_flight.holds(one.delivery.0));
        messages.retain(|one| !deps.in_flight.holds(begun::outgoing_key(one.id)));
        for some in deliveries.chunks(SOME) {
            outcome::record(store, some, clock::now()).await?;
        }
        outgoing::record(store, &messages, clock::now()).await?;
        begun::done(store, account, lease, &former).await?;
    }
    let mut messages = outgoing::stale(store, account, lease.channel, i64::MAX, clock::certain(clock::now())).await?;
    messages.retain(|message| !deps.in_flight.holds(begun::outgoing_key(message.id())));
    outgoing::record(store, &messages.iter().map(outgoing::StaleOutgoing::lost).collect::<Vec<_>>(), clock::now()).await?;
    let mut deliveries = recovery::stale(store, account, lease.channel, i64::MAX, clock::certain(clock::now())).await?;
    deliveries.retain(|row| !deps.in_flight.holds(row.delivery().0));
    for some in deliveries.chunks(SOME) {
        let outcomes: Vec<_> = some.iter().map(recovery::Stale::lost).collect();
        let recorded = outcome::record(store, &outcomes, clock::now()).await?;
        tracing::warn!(channel.id = %lease.channel, deliveries = recorded.applied, "a removed channel left deliveries in flight: they are uncertain");
        metrics::counter!("mms_recovered_total").increment(recorded.applied as u64);
    }
    Ok(())
}
