//! What a test may change while the double runs: limits, hooks, and what the contract does not
//! confirm.

use serde::{Deserialize, Serialize};

/// Whose address and words these are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brand {
    /// `application/vnd.yclients.v2+json`; `patronymic`, `sex_id`, `labels`.
    #[default]
    Yclients,
    /// `application/vnd.api.v2+json`; `middle_name`, `gender_id`, `categories`.
    Altegio,
}

/// Which of the two printed paths takes comments; the other is not found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentsPath {
    /// `/company/{company}/clients/{client}/comments`.
    #[default]
    Company,
    /// `/clients/{company}/clients/{client}/comments`.
    Clients,
}

/// How «not found» looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotFound {
    /// `meta.message`.
    #[default]
    Message,
    /// `"meta":{}`.
    EmptyObject,
    /// `"meta":[]`.
    EmptyList,
    /// `{"success":false,"errors":{"code":404,"message":"Not Found"}}`, as old methods do.
    Old,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub brand: Brand,
    /// A call without the brand's media type in `Accept` is refused with 400 (unconfirmed for v1).
    /// Default true.
    pub strict_accept: bool,
    /// Calls a second of one address before 429 (unconfirmed). Default 5.
    pub per_second: Option<usize>,
    /// Calls a minute of one address before 429 (unconfirmed). Default 200.
    pub per_minute: Option<usize>,
    /// `Retry-After` of a 429, seconds (undocumented). Default `None`.
    pub retry_after: Option<u64>,
    /// A page of the search may have so many; more is refused. Default 200.
    pub search_page: usize,
    /// A page of the old lists has at most so many, whatever is asked (unconfirmed). Default 300.
    pub list_page: usize,
    /// The old list of clients heeds `changed_after` and `changed_before`; it is marked deprecated.
    /// Default true.
    pub changed_after: bool,
    /// The old list tells its total as `count` beside `data`, as old versions did. Default false.
    pub count_beside: bool,
    /// `include_deleted` shows deleted records (unconfirmed). Default true.
    pub include_deleted: bool,
    /// Types change as the contract warns: a phone is a text or a number, an empty birthday `""` or
    /// `0`, `paid_full` `0` or `false`, each by the id. Default true.
    pub mixed_types: bool,
    /// The offset in a record's `datetime` is wrong; `date` is right. Default false.
    pub wrong_offsets: bool,
    /// What stands for a phone that a user may not see. Default nothing.
    pub hidden_phone: String,
    /// `PUT` of a client resets what was left out (the contract: «may be reset»). Default true.
    pub put_resets: bool,
    /// Removal answers `success:true` and not 204. Default false.
    pub delete_has_body: bool,
    /// A taken time is refused with 409 (unconfirmed), otherwise with 422. Default true.
    pub busy_is_conflict: bool,
    pub comments_path: CommentsPath,
    /// Comments of a client can be listed; no contract says so. Default false.
    pub comments_listed: bool,
    pub not_found: NotFound,
    /// Milliseconds between a change and its hook. Default 5000.
    pub hook_delay_ms: u64,
    /// How long a hook waits for its answer, milliseconds. Default 15 000.
    pub hook_within_ms: u64,
    /// How often a hook is tried. Default 1: a failed one is not repeated.
    pub hook_attempts: u32,
    /// Pause before a repeat, milliseconds. Default 60 000.
    pub hook_retry_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            brand: Brand::default(),
            strict_accept: true,
            per_second: Some(5),
            per_minute: Some(200),
            retry_after: None,
            search_page: 200,
            list_page: 300,
            changed_after: true,
            count_beside: false,
            include_deleted: true,
            mixed_types: true,
            wrong_offsets: false,
            hidden_phone: String::new(),
            put_resets: true,
            delete_has_body: false,
            busy_is_conflict: true,
            comments_path: CommentsPath::default(),
            comments_listed: false,
            not_found: NotFound::default(),
            hook_delay_ms: 5_000,
            hook_within_ms: 15_000,
            hook_attempts: 1,
            hook_retry_ms: 60_000,
        }
    }
}

impl Settings {
    /// No limits, and hooks at once: for tests of something else.
    #[must_use]
    pub fn quick() -> Self {
        Self { per_second: None, per_minute: None, hook_delay_ms: 0, ..Self::default() }
    }

    /// The media type `Accept` must have.
    pub(crate) fn media_type(&self) -> &'static str {
        match self.brand {
            Brand::Yclients => "application/vnd.yclients.v2+json",
            Brand::Altegio => "application/vnd.api.v2+json",
        }
    }
}
