//! The job `import`.

use mms_core::id::ImportId;

use crate::Deps;

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(_deps: &Deps, _import: ImportId) -> anyhow::Result<()> {
    unimplemented!()
}
