//! The job `deliver`: one turn of the pump on one channel.

use mms_core::id::ChannelId;

use crate::{Deps, pump};

/// Sends what is due through the channel, for about twenty seconds.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(deps: &Deps, channel: ChannelId) -> anyhow::Result<()> {
    pump::run(deps, channel).await
}
