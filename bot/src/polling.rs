//! Long polling for the managers' bot: the offset moves only past updates that are kept.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    dispatch::Dispatcher,
    frame::{api::ApiError, deps::Deps, gates},
};

/// Polls until `stop`.
///
/// # Errors
/// A refused token: nothing can work, the process ends with a sentence.
pub async fn run(deps: Deps, dispatcher: Dispatcher, stop: CancellationToken) -> anyhow::Result<()> {
    let mut offset = 0_i64;
    let mut failures = 0_u32;
    loop {
        let answer = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            answer = deps.bot.updates(offset) => answer,
        };
        let pause = match answer {
            Ok(updates) => match gates::keep(&deps, &updates).await {
                Ok(()) => {
                    failures = 0;
                    for update in updates {
                        if let Some(id) = update["update_id"].as_i64() {
                            offset = offset.max(id + 1);
                            dispatcher.accept(&update);
                        }
                    }
                    gates::let_go(&deps, &dispatcher.gone()).await;
                    continue;
                }
                Err(error) => {
                    tracing::warn!(%error, "updates of the managers' bot could not be kept, they wait at Telegram");
                    Duration::from_secs(1)
                }
            },
            Err(error) if error.unauthorised() => {
                anyhow::bail!(
                    "Telegram does not accept the token of the managers' bot: check it, or make a new one with @BotFather ({error})"
                )
            }
            Err(error) if error.conflict() => {
                // A webhook left from before, or another process with this token: the one is taken away, the other waited for.
                tracing::warn!(%error, "somebody else receives the updates of the managers' bot");
                if error.says("webhook") {
                    let _ = deps.bot.call("deleteWebhook", &json!({})).await;
                }
                Duration::from_secs(3)
            }
            Err(ApiError::Limited(after)) => after,
            Err(error) => {
                failures += 1;
                if failures.is_power_of_two() {
                    tracing::warn!(%error, failures, "updates of the managers' bot could not be asked for");
                }
                Duration::from_millis(250) * 2_u32.pow(failures.min(6))
            }
        };
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}
