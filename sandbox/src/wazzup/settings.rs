//! What a test may change while the double runs: limits, statuses, and what the contract does not
//! confirm.

use serde::{Deserialize, Serialize};

/// How the outcome of a message is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipts {
    /// Whether a message comes back as `isEcho`. Default true.
    pub echo: bool,
    /// Milliseconds to `sent`. Default 0.
    pub sent_ms: u64,
    /// Milliseconds to `delivered`; `None` is never. Telegram has none in any case. Default 0.
    pub delivered_ms: Option<u64>,
    /// Milliseconds to `read` by itself. Default `None`: when the person reads.
    pub read_ms: Option<u64>,
    /// How often each status is told. Default 1.
    pub copies: u32,
    /// Statuses are told in the opposite order. Default false.
    pub reversed: bool,
    /// An error stands in the echo instead of in a status, as was seen. Default false.
    pub error_in_echo: bool,
}

impl Default for Receipts {
    fn default() -> Self {
        Self { echo: true, sent_ms: 0, delivered_ms: Some(0), read_ms: None, copies: 1, reversed: false, error_in_echo: false }
    }
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub receipts: Receipts,
    /// Calls of one key in five seconds, counted anew every five, before HTTP 429. Default 500.
    pub per_five_seconds: Option<u32>,
    /// Seconds within which a `crmMessageId` is known. Default 60.
    pub crm_message_id_seconds: u64,
    /// The older spelling of codes, `repeatedCrmMessageId`. Default false.
    pub old_spelling: bool,
    /// The code stands in `description`, as some pages have it. Default false.
    pub code_in_description: bool,
    /// Refusals have an empty body. Default false.
    pub empty_refusals: bool,
    /// Whoever has no account is refused with HTTP 400 instead of a status afterwards. Default
    /// false.
    pub bad_contact_at_once: bool,
    /// The code of a message to somebody who blocks the channel; there is no event of a block
    /// (unconfirmed). Default `GENERAL_ERROR`.
    pub blocked_code: String,
    /// Characters of an ordinary WhatsApp text. Default 10 000.
    pub whatsapp_text: usize,
    /// Characters of a WABA text outside templates: pages say 1024 and 4096. Default 4096.
    pub waba_text: usize,
    /// Characters of a template with its values: pages say 550 and 1024. Default 1024.
    pub template_text: usize,
    /// Characters of a VK text: pages say 1000 and 4096. Default 4096.
    pub vk_text: usize,
    /// Whether files at addresses of this machine are fetched; others are taken for fetched.
    /// Default true.
    pub fetches: bool,
    /// What the inline form of templates has between values (unconfirmed). Default `;`.
    pub inline_separator: String,
    /// Messages and statuses of one POST, at most. Default 100.
    pub batch: usize,
    /// First pause before a push is repeated; it doubles (undocumented for v3). Default 10 000.
    pub retry_ms: u64,
    /// How often a push is tried (undocumented for v3). Default 5.
    pub attempts: u32,
    /// How long a push waits for its answer. Default 30 000.
    pub answer_within_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            receipts: Receipts::default(),
            per_five_seconds: Some(500),
            crm_message_id_seconds: 60,
            old_spelling: false,
            code_in_description: false,
            empty_refusals: false,
            bad_contact_at_once: false,
            blocked_code: "GENERAL_ERROR".to_owned(),
            whatsapp_text: 10_000,
            waba_text: 4096,
            template_text: 1024,
            vk_text: 4096,
            fetches: true,
            inline_separator: ";".to_owned(),
            batch: 100,
            retry_ms: 10_000,
            attempts: 5,
            answer_within_ms: 30_000,
        }
    }
}
