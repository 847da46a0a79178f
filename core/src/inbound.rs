//! Raw before understood: updates and webhooks are stored, deduplicated, acknowledged, then handled by jobs; handling
//! one twice changes nothing.

pub mod queries;
