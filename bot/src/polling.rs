//! Long polling for the managers' bot: the offset moves only past updates that are kept.
//!
//! It follows the newest batch, downwards too: after a week without updates Telegram's next
//! `update_id` may be a lower one, and an offset far past its queue is answered from the queue's
//! beginning and confirms nothing (contracts/messengers/telegram.md, 6.1).

use std::time::{Duration, Instant};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    dispatch::Dispatcher,
    frame::{api::ApiError, deps::Deps, gates},
    rhythm::Rhythm,
};

/// The longest pause while the database does not answer: it is ours, and nearer.
const AGAIN: Duration = Duration::from_secs(2);

/// Polls until `stop`; whatever Telegram answers, it is asked again.
pub async fn run(deps: &Deps, dispatcher: &Dispatcher, stop: &CancellationToken) {
    let mut offset = 0_i64;
    let mut rhythm = Rhythm::default();
    loop {
        let asked = Instant::now();
        let answer = tokio::select! {
            () = stop.cancelled() => return,
            answer = deps.bot.updates(offset) => answer,
        };
        let pause = match answer {
            Ok(updates) => match gates::keep(deps, &updates).await {
                Ok(new) => {
                    offset = updates.iter().filter_map(gates::id_of).max().map_or(offset, |newest| newest.saturating_add(1));
                    updates.iter().for_each(|update| dispatcher.accept(update));
                    gates::let_go(deps, &dispatcher.gone()).await;
                    rhythm.answered(new > 0, asked.elapsed(), |pause| {
                        tracing::warn!(
                            asked.every_seconds = pause.as_secs(),
                            "Telegram answers the managers' bot at once with nothing new: it is asked more seldom"
                        );
                    })
                }
                Err(error) => {
                    let pause = rhythm.failed(|failures| {
                        tracing::warn!(%error, failures, "updates of the managers' bot could not be kept, they wait at Telegram");
                    });
                    pause.min(AGAIN)
                }
            },
            Err(error) => failed(deps, &error, &mut rhythm).await,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What a failure means, and how long to wait.
async fn failed(deps: &Deps, error: &ApiError, rhythm: &mut Rhythm) -> Duration {
    let pause = rhythm.failed(|failures| tracing::warn!(%error, failures, "updates of the managers' bot could not be asked for"));
    match error {
        ApiError::Limited(after) => pause.max(*after),
        error if error.unauthorised() => {
            deps.bot.standing().refused();
            pause
        }
        // A webhook left from before, or another process with this token: the one is taken away,
        // the other waited for.
        error if error.conflict() => {
            if error.says("webhook") {
                let _ = deps.bot.call("deleteWebhook", &json!({})).await;
            }
            pause.max(Duration::from_secs(3))
        }
        _ => pause,
    }
}
