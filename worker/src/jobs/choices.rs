//! The job `apply_choices`: carries out whose word counts for a field, for everybody who is in
//! several CRMs. Asked to stop it ends after the portion at hand; the tick rings again for what is
//! left.

use mms_core::{clock, contact::source::apply, id::AccountId};

use crate::Deps;

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(deps: &Deps, account: AccountId) -> anyhow::Result<()> {
    while !deps.stop.is_cancelled() && apply::portion(&deps.store, account, clock::now()).await? {}
    Ok(())
}
