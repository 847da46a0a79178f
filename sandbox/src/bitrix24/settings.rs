//! What a test may change while the double runs: limits, tokens, events, and what the contract
//! leaves open.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A leaky bucket.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Calls it holds.
    pub capacity: f64,
    /// Calls that leave it in a second.
    pub drain: f64,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Of an ordinary plan; `None` is no limit. Default 50 and 2.
    pub bucket: Option<Bucket>,
    /// Of the Enterprise plan. Default 250 and 5.
    pub enterprise_bucket: Option<Bucket>,
    /// Seconds of work of a method for one application within ten minutes (the vendor's example,
    /// not promised). Default 480.
    pub operating_limit: Option<f64>,
    /// Milliseconds of work a call takes, as the double pretends. Default 100.
    pub operating_ms: u64,
    /// The same of single methods, by their names in small letters.
    pub slow_ms: BTreeMap<String, u64>,
    /// Seconds an access token lives. Default 3600.
    pub access_seconds: u64,
    /// A refresh token works once more after a new one was issued (undocumented). Default false.
    pub old_refresh_lives: bool,
    /// The code for a method that wants an application's context (undocumented). Default
    /// `WRONG_AUTH_TYPE`.
    pub wrong_context: String,
    /// Errors of old `crm.*` methods have an empty code. Default true.
    pub legacy_empty_code: bool,
    /// Comments of a timeline can be listed; no contract says so. Default true.
    pub comments_listed: bool,
    /// Whether portals have offline events. Default true.
    pub offline: bool,
    /// Offline events that were taken and not confirmed are not given again (undocumented). Default
    /// false.
    pub offline_taken_hidden: bool,
    /// How often an update of an element is told; one save may fire several. Default 1.
    pub update_copies: u32,
    /// Milliseconds between a change and its event. Default 0.
    pub event_delay_ms: u64,
    /// How long an event waits for its answer (undocumented), milliseconds. Default 10 000.
    pub event_within_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bucket: Some(Bucket { capacity: 50.0, drain: 2.0 }),
            enterprise_bucket: Some(Bucket { capacity: 250.0, drain: 5.0 }),
            operating_limit: Some(480.0),
            operating_ms: 100,
            slow_ms: BTreeMap::new(),
            access_seconds: 3_600,
            old_refresh_lives: false,
            wrong_context: "WRONG_AUTH_TYPE".to_owned(),
            legacy_empty_code: true,
            comments_listed: true,
            offline: true,
            offline_taken_hidden: false,
            update_copies: 1,
            event_delay_ms: 0,
            event_within_ms: 10_000,
        }
    }
}

impl Settings {
    /// No limits: for tests of something else.
    #[must_use]
    pub fn quick() -> Self {
        Self { bucket: None, enterprise_bucket: None, operating_limit: None, ..Self::default() }
    }
}
