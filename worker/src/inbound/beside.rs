//! What is done for a person beside messages: the answer to a press, the change of what was
//! pressed. It goes by the channel's own pacer, because the provider counts it too: so many in one
//! dialogue, and all of it among the channel's calls. Messages keep a quarter of the pace at least.
//!
//! Another process may have the lease, and this one's pacer knows nothing of what that one sends.
//! So whatever the provider refuses for its pace is tried again after the wait it asks for.

use std::{sync::Arc, time::Duration};

use mms_core::{
    channel::SendError,
    pace::{Beside, Micros},
};
use tokio::time::sleep_until;

use crate::paced::Paced;

/// After so long nobody waits for an answer any more.
const PATIENCE: Duration = Duration::from_secs(15);

/// Calls when the pace lets it, again after a refusal for the pace; not at all when that would be
/// too late.
///
/// # Errors
/// The call's; [`SendError::Transient`] when it was never made.
pub(crate) async fn paced<F>(paced: Arc<Paced>, what: Beside, to: &str, mut call: impl FnMut() -> F) -> Result<(), SendError>
where
    F: Future<Output = Result<(), SendError>>,
{
    let latest = paced.micros() + Micros::try_from(PATIENCE.as_micros()).unwrap_or(Micros::MAX / 2);
    let mut refused = SendError::Transient("the pace left no room for it in time".to_owned());
    loop {
        let booked = paced.pacer().book(what, to, paced.micros(), latest);
        let (ticket, at) = match booked {
            Ok(booked) => booked,
            Err(again) if again > latest => return Err(refused),
            Err(again) => {
                sleep_until(paced.instant(again)).await;
                continue;
            }
        };
        sleep_until(paced.instant(at)).await;
        let answer = call().await;
        let now = paced.micros();
        let mut pacer = paced.pacer();
        pacer.done(what, ticket, now);
        let Err(SendError::RetryAfter { after, .. }) = &answer else { return answer };
        pacer.limited(now);
        pacer.hold_beside(what, to, now + Micros::try_from(after.as_micros()).unwrap_or(Micros::MAX / 4));
        drop(pacer);
        refused = SendError::RetryAfter { after: *after, whole_channel: false };
    }
}
