//! The worker daemon: syncs CRMs, plans audiences, sends, understands what comes in, writes results back.

pub mod deps;
pub mod jobs;

pub use deps::Deps;
