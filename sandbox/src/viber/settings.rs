//! What a test may change while the double runs: limits, receipts, and what the contract does not
//! confirm.

use serde::{Deserialize, Serialize};

/// How receipts come. Each is told once for every device of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipts {
    /// Milliseconds from the answer to `delivered`; `None` is never. Default 0.
    pub delivered_ms: Option<u64>,
    /// Milliseconds from the answer to `seen` by itself. Default `None`: when the person reads.
    pub seen_ms: Option<u64>,
    /// `seen` is told before `delivered`. Default false.
    pub seen_first: bool,
    /// Whether anything is told at all. Default true.
    pub told: bool,
}

impl Default for Receipts {
    fn default() -> Self {
        Self { delivered_ms: Some(0), seen_ms: None, seen_first: false, told: true }
    }
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub receipts: Receipts,
    /// Sends of one bot in any second, before status 12; not published. Default none.
    pub per_second: Option<usize>,
    /// Messages to one person within an hour without a reply, before status 12. Default 100.
    pub unanswered: Option<usize>,
    /// `broadcast_message` of one bot within ten seconds, before status 12. Default 500.
    pub broadcasts: Option<usize>,
    /// `get_user_details` of one person within twelve hours. Default 2.
    pub details: Option<usize>,
    /// The status of a broadcast by a bot that may not: 20, or 19. Default 20.
    pub no_broadcast: u32,
    /// Characters of a picture's text: 512 in newer documents, 120 in older. Default 512.
    pub caption: usize,
    /// Characters of a button's text (unconfirmed). Default 250.
    pub button_text: usize,
    /// Whether media at addresses of this machine are fetched, and a message whose media cannot be
    /// had fails afterwards. Others are taken for fetched. Default true.
    pub fetches: bool,
    /// Seconds after `conversation_started` within which one message to somebody who is not
    /// subscribed is taken besides the hook's answer (secondary). Default 300.
    pub welcome_seconds: u64,
    /// The 24 hours free of charge count from the person's last message, as another source has it,
    /// instead of the first. Default false.
    pub session_from_last: bool,
    /// Messages within one session that are free (secondary, and contradicted). Default none.
    pub session_messages: Option<usize>,
    /// `billing_status` of a message inside a session and of a billed one; the meaning of the
    /// numbers is unconfirmed. Default 0 and 1.
    pub billing: (u8, u8),
    /// Tokens are above 2^63, where they fit an unsigned number only. Default false: above 2^53.
    pub tokens_above_i64: bool,
    /// The signature comes as `?sig=` instead of the header, as seen in a client. Default false.
    pub signature_in_query: bool,
    /// Pauses before a push is repeated, the last one for the rest (secondary). Default 10, 60,
    /// 300, 600, 900 s.
    pub retry_seconds: Vec<u64>,
    /// How often a push is tried (secondary). Default 10.
    pub attempts: u32,
    /// How long a push waits for its answer (undocumented). Default 20 000.
    pub answer_within_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            receipts: Receipts::default(),
            per_second: None,
            unanswered: Some(100),
            broadcasts: Some(500),
            details: Some(2),
            no_broadcast: 20,
            caption: 512,
            button_text: 250,
            fetches: true,
            welcome_seconds: 300,
            session_from_last: false,
            session_messages: None,
            billing: (0, 1),
            tokens_above_i64: false,
            signature_in_query: false,
            retry_seconds: vec![10, 60, 300, 600, 900],
            attempts: 10,
            answer_within_ms: 20_000,
        }
    }
}
