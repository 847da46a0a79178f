//! What a test may change while the double runs: limits, and what the contract does not confirm.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Calls of one community in any second, before error 6; `None` is no limit. Default 20.
    pub per_second: Option<usize>,
    /// Calls of `messages.send` of one community within [`Settings::quota_seconds`], those inside
    /// `execute` counted each, before error 29. VK's own quotas are not disclosed. Default none.
    pub quota: Option<usize>,
    /// Default a day.
    pub quota_seconds: u64,
    /// Messages with the same text that one person takes within a minute, before error 9. VK's own
    /// figure is not disclosed. Default none.
    pub same_text: Option<usize>,
    /// Characters of a text, before error 914: the method's page says 4096, the schema 9000.
    /// Default 4096.
    pub text: usize,
    /// Attachments of a message (unconfirmed). Default 10.
    pub attachments: usize,
    /// What a repeat with the same `random_id` answers: the first message's id, as practice has it
    /// (unconfirmed), or 0. Default true.
    pub repeat_has_id: bool,
    /// Seconds within which a `random_id` is known. Default an hour.
    pub random_id_seconds: u64,
    /// How many of a dialogue's newest messages a `random_id` is compared with. Default 100.
    pub random_id_messages: usize,
    /// Intents that are refused with 943. Default none.
    pub refused_intents: BTreeSet<String>,
    /// Seconds after a person's last word within which messages without an intent are taken, else
    /// 901; third parties speak of 24 hours (unconfirmed). Default none.
    pub window_seconds: Option<u64>,
    /// Whether a person reads `&#91;` and the like as the character it means (unconfirmed).
    /// Default true.
    pub decodes_entities: bool,
    /// Seconds within which a press is answered (unconfirmed). Default 60.
    pub answer_press_seconds: u64,
    /// Seconds within which a message can be edited or removed for everybody. Default a day.
    pub edit_seconds: u64,
    /// Whether `payload` of `message_event` is a string; both were seen. Default false: JSON.
    pub event_payload_as_text: bool,
    /// How long a push waits for «ok» (reported; unconfirmed). Default 10 000.
    pub answer_within_ms: u64,
    /// First pause before a push is repeated; it doubles (undocumented). Default 10 000.
    pub retry_ms: u64,
    /// How often a push is repeated before it is given up and the server's status turns to
    /// `failed` (undocumented). Default 5.
    pub retries: u32,
    /// Whether a server that failed gets nothing until it is edited (unconfirmed). Default true.
    pub failed_is_cut_off: bool,
    /// Events that a long poll can go back to. Default 1000.
    pub kept_events: usize,
    /// Seconds after which the key of a long poll ends. Default an hour.
    pub poll_key_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            per_second: Some(20),
            quota: None,
            quota_seconds: 86_400,
            same_text: None,
            text: 4096,
            attachments: 10,
            repeat_has_id: true,
            random_id_seconds: 3600,
            random_id_messages: 100,
            refused_intents: BTreeSet::new(),
            window_seconds: None,
            decodes_entities: true,
            answer_press_seconds: 60,
            edit_seconds: 86_400,
            event_payload_as_text: false,
            answer_within_ms: 10_000,
            retry_ms: 10_000,
            retries: 5,
            failed_is_cut_off: true,
            kept_events: 1000,
            poll_key_seconds: 3600,
        }
    }
}

impl Settings {
    /// No limit of calls.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { per_second: None, ..Self::default() }
    }
}
