//! What must be looked at a few times a day: licences and CRM tokens that end soon (each tells people once a stage), and the
//! tokens of paused CRM connections, which die when nobody uses them.

use std::time::Duration;

use mms_core::{account::licence, clock::Moment, crm::connection};

use crate::Deps;

/// How often the whole database is read.
const LOOK: Duration = Duration::from_hours(24);

/// Reads the whole database at the start and once a day: a damaged page is noticed before somebody needs it.
///
/// # Errors
/// Never by itself: what was found is logged and shown by `/readyz`.
pub async fn look_for_damage(deps: &Deps) -> anyhow::Result<()> {
    loop {
        match deps.store.look_for_damage().await {
            Ok(None) => {}
            Ok(Some(damage)) => tracing::error!(damage, "the database is damaged"),
            Err(error) => tracing::error!(%error, "the database could not be looked through for damage"),
        }
        tokio::select! {
            () = deps.stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Looks after everything once; a failure is logged and the next time tries again.
pub async fn run(deps: &Deps, now: Moment) {
    if let Err(error) = licence::warn_ending(&deps.store, now).await {
        tracing::error!(%error, "licences that end soon could not be looked up");
    }
    if let Err(error) = connection::warn_token_ends(&deps.store, &deps.sealer, now).await {
        tracing::error!(%error, "CRM tokens that end soon could not be looked up");
    }
    if let Err(error) = connection::session::keep_alive(&deps.store, &deps.sealer, &deps.endpoints, &deps.worker, now).await {
        tracing::error!(%error, "the tokens of paused CRM connections could not be kept alive");
    }
}
