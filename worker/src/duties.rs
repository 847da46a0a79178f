//! What must be looked at a few times a day: licences and CRM tokens that end soon (each tells people once a stage), and the
//! tokens of paused CRM connections, which die when nobody uses them.

use mms_core::{account::licence, clock::Moment, crm::connection};

use crate::Deps;

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
