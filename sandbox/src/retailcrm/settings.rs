//! What a test may change while the double runs: limits, and what the contract does not confirm.

use serde::{Deserialize, Serialize};

/// The answer to a `sinceId` older than what the feed still keeps (unconfirmed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaleFeed {
    /// The oldest records that are kept: only the gap in the ids tells.
    #[default]
    Oldest,
    /// An empty list, as though nothing happened.
    Empty,
    /// 400 with `sinceId` among the errors.
    Refused,
}

/// How an address without an account answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nobody {
    /// 405 with a page of HTML, as from behind the proxy.
    #[default]
    Page,
    /// 400 `Account does not exist.`
    BadRequest,
    /// 404 `Account does not exist.`
    NotFound,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Requests a second of one key, by the clock of the double. Default 10.
    pub per_second: Option<usize>,
    /// Requests a second of the whole account, whatever the key (unconfirmed). Default none.
    pub account_per_second: Option<usize>,
    /// The status of an exceeded limit: 503, or 429. Default 503.
    pub limit_status: u16,
    /// An exceeded limit answers with a page of HTML instead of JSON. Default true.
    pub limit_page: bool,
    /// The account's time zone in minutes east of Greenwich: answers have no offset. Default 180.
    pub zone_minutes: i32,
    /// Lists begin with the newest (unconfirmed): what is added while a client walks the pages
    /// moves people from one page to the next. False: by id. Default true.
    pub newest_first: bool,
    /// What a `sinceId` before the feed's beginning gets (unconfirmed).
    pub stale_feed: StaleFeed,
    /// How an account that is not there answers.
    pub nobody: Nobody,
    /// Ranges of custom fields, `customFields[code][min]` (unconfirmed). False: refused. Default
    /// true.
    pub ranges: bool,
    /// A change of a subscription stands in the customers' feed (unconfirmed). Default true.
    pub subscriptions_in_history: bool,
    /// Custom fields of the type `datetime` (unconfirmed). Default false.
    pub datetime_fields: bool,
    /// Refuse parameters and keys of bodies that the contract does not name (unconfirmed: the
    /// contract says nothing of them). Default true.
    pub strict: bool,
    /// Rules of the account: an order that comes into the first status moves into the second one by
    /// itself, within the same second.
    pub moves: Vec<(String, String)>,
    /// How often a trigger's request is repeated when its receiver does not answer 2xx
    /// (unconfirmed). Default 0.
    pub trigger_repeats: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            per_second: Some(10),
            account_per_second: None,
            limit_status: 503,
            limit_page: true,
            zone_minutes: 180,
            newest_first: true,
            stale_feed: StaleFeed::default(),
            nobody: Nobody::default(),
            ranges: true,
            subscriptions_in_history: true,
            datetime_fields: false,
            strict: true,
            moves: Vec::new(),
            trigger_repeats: 0,
        }
    }
}
