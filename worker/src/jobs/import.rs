//! The job `import`: takes a file's rows in, chunk by chunk.
//!
//! Run twice or by two workers at once it still takes each row in once: a chunk belongs to whoever
//! moves the import's place on. Asked to stop it ends after the chunk at hand; the tick rings again
//! for what is left.

use anyhow::Context as _;
use mms_core::{contact::import, id::ImportId};

use crate::Deps;

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(deps: &Deps, import: ImportId) -> anyhow::Result<()> {
    import::run::run_by(&deps.store, import, &deps.stop, deps.retry.import).await.with_context(|| format!("the import {import}"))
}
