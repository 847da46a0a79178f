//! What a test may change while the double runs: modules, limits, and what the contract does not
//! confirm.

use serde::{Deserialize, Serialize};

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The major version: 16 to 22. It decides which protocols, fields and codes there are. Default
    /// 19.
    pub version: u32,
    /// `crm`: leads, stages, teams. Default true.
    pub crm: bool,
    /// `phone_validation`: `phone_sanitized`, the flags of the blacklist and the blacklist itself.
    /// Default true.
    pub phone_validation: bool,
    /// `mass_mailing`: `is_blacklisted` and the blacklist of e-mails. Default true.
    pub mass_mailing: bool,
    /// One host serves several databases: JSON-2 wants `X-Odoo-Database`. Default false.
    pub several_databases: bool,
    /// Maintenance: every call is led to a login page (303). Default false.
    pub maintenance: bool,
    /// Calls a second, before 429; Online is said to want one (unconfirmed). Default none.
    pub per_second: Option<usize>,
    /// A call that asks for more rows than this is killed: 504 with a page. Default none.
    pub rows_in_time: Option<usize>,
    /// `error.code` of JSON-RPC (unconfirmed for each version). Default: 200 up to 18, then 0.
    pub error_code: Option<i64>,
    /// The status of JSON-2 for exceptions that are no Odoo's own, such as an unknown field
    /// (unconfirmed). Default 500.
    pub foreign_status: u16,
    /// A write that changes nothing moves `write_date` (unconfirmed). Default true.
    pub writes_bump: bool,
    /// `message_post` of JSON-2 gives a list with the message's id (unconfirmed). Default false.
    pub post_gives_list: bool,
    /// How `phone.blacklist.add` answers (unconfirmed): true is a list of ids, false is `true`.
    /// Default true.
    pub blacklist_gives_ids: bool,
    /// Webhooks call the rule `_name` instead of `_action`, as some versions do. Default false.
    pub rule_is_name: bool,
    /// Keys made by the API need the parameter `base.enable_programmatic_api_keys`. Default true:
    /// it is on.
    pub programmatic_keys: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: 19,
            crm: true,
            phone_validation: true,
            mass_mailing: true,
            several_databases: false,
            maintenance: false,
            per_second: None,
            rows_in_time: None,
            error_code: None,
            foreign_status: 500,
            writes_bump: true,
            post_gives_list: false,
            blacklist_gives_ids: true,
            rule_is_name: false,
            programmatic_keys: true,
        }
    }
}
