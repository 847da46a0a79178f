//! What messages that were taken and then refused say of their channel: a provider that tells of no
//! sender tells of its messages.

use std::time::Duration;

use crate::{
    channel::{registry, store as channels},
    clock::Moment,
    id::ChannelId,
    store::Store,
};

/// What the failure of a message says of its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// It sends nothing until a person looks at it.
    Stops,
    /// It is to leave people alone for so long.
    Rests(Duration),
    /// Once, it rests for so long. A few times, or while it rests, it stops.
    Suspects(Duration),
}

/// So many suspicions told together stop a channel.
const FEW: usize = 3;

/// Does to a channel what the failures of its messages say, in the provider's words; its members
/// are told when it stops.
///
/// # Errors
/// The database's.
pub async fn blamed(store: &Store, channel: ChannelId, refusals: &[String], now: Moment) -> sqlx::Result<()> {
    if refusals.is_empty() {
        return Ok(());
    }
    let Some(row) = channels::find(store, channel).await? else { return Ok(()) };
    let found: Vec<(&String, Blame)> =
        refusals.iter().filter_map(|words| registry::blame(row.kind, words).map(|blame| (words, blame))).collect();
    let suspicions = found.iter().filter(|(_, blame)| matches!(blame, Blame::Suspects(_))).count();
    let again = suspicions >= FEW || row.held_until.is_some_and(|until| until > now);
    for (words, blame) in found {
        let mut tx = store.begin().await?;
        match blame {
            Blame::Rests(time) => channels::hold(&mut tx, channel, now + time).await?,
            Blame::Suspects(time) if !again => channels::hold(&mut tx, channel, now + time).await?,
            Blame::Stops | Blame::Suspects(_) => {
                tracing::error!(channel.id = %channel, error = %words, "the provider refuses the channel, it stops");
                channels::misconfigured(&mut tx, channel, words, now).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}
