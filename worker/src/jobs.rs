//! One file a job. A job is a small struct of ids; `run` is idempotent: it looks at the rows, does what they say is due,
//! records, and may be run again at any time by anybody.

pub mod close;
pub mod deliver;
pub mod import;
pub mod inbound;
pub mod plan;
pub mod sync;
pub mod write_back;
