//! What can be set: limits, receipts, the ways of webhooks, and everything the contract leaves
//! open. Times are milliseconds of the double's clock.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::limits::Rates;

/// How statuses of accepted messages come. A person may have their own
/// ([`super::WhatsApp::set_receipts`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipts {
    /// From acceptance to `sent`; `None`: that status never comes. Default 0.
    pub sent_ms: Option<u64>,
    /// From acceptance to arrival on a phone that is on, with its `delivered`; `None`: the message
    /// arrives and the status never comes. Default 0.
    pub delivered_ms: Option<u64>,
    /// From arrival to reading by itself; `None`, the default: read when the person reads.
    pub read_ms: Option<u64>,
    /// From acceptance to `failed`, for a message that was taken and then refused. Default 0.
    pub failed_ms: u64,
    /// Whoever reads at once sends no `delivered`: `read` implies it. Default false.
    pub read_swallows_delivered: bool,
    /// Chance that a status comes twice, 0..=1.
    pub doubled: f64,
    /// Chance that a status overtakes the one before it.
    pub reordered: f64,
    /// Chance that a status is lost on the way.
    pub lost: f64,
}

impl Default for Receipts {
    fn default() -> Self {
        Self {
            sent_ms: Some(0),
            delivered_ms: Some(0),
            read_ms: None,
            failed_ms: 0,
            read_swallows_delivered: false,
            doubled: 0.0,
            reordered: 0.0,
            lost: 0.0,
        }
    }
}

/// What becomes of a phone given without a plus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plus {
    /// The country code of the business number is put in front, as the contract says.
    #[default]
    Prepend,
    /// Its digits are taken for a whole number, as a `wa_id` is by many clients.
    Tolerate,
}

/// What becomes of a template that was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterReview {
    /// It waits until [`super::WhatsApp::approve`] or [`super::WhatsApp::reject`].
    #[default]
    Waits,
    /// It is approved by itself after this long.
    Approved {
        /// Milliseconds.
        after_ms: u64,
    },
    /// It is rejected by itself after this long.
    Rejected {
        /// Milliseconds.
        after_ms: u64,
        /// `PROMOTIONAL`, `TAG_CONTENT_MISMATCH`…
        reason: String,
    },
}

/// How an error of a template's creation carries its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreationCodes {
    /// `code` 100 with the number as `error_subcode` and sentences for people, as answers recorded
    /// by others show it.
    #[default]
    Subcode,
    /// The number is the `code`, as the contract's table has it.
    Code,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Limits in force.
    pub rates: Rates,
    /// Statuses of people without their own.
    pub receipts: Receipts,
    /// Templates that are handed in.
    pub review: AfterReview,
    /// Codes that are told by a `failed` status after HTTP 200. Default 131026, 131049, 131050,
    /// 130472; the contract says 132015 may come both ways.
    pub late: BTreeSet<u32>,
    /// The code of whoever is over the portfolio's tier: not stated by Meta. Default 131048.
    pub tier_code: u32,
    /// The code of a message to somebody who blocks the number. `None`, the default: blocking shows
    /// only as a missing delivery.
    pub block_code: Option<u32>,
    pub plus: Plus,
    pub creation_codes: CreationCodes,
    /// Marketing templates a person takes a day outside a window before 131049 (not in the EEA,
    /// the UK, Japan and South Korea). Meta's own figure is not disclosed; `None`, the default,
    /// is no limit.
    pub marketing_a_day: Option<u32>,
    /// Whether marketing templates to numbers of the USA fail with 131049. Default true.
    pub us_marketing_refused: bool,
    /// Whether newlines, tabs and four spaces in a template's parameter are refused (132012).
    /// Default true.
    pub strict_parameters: bool,
    /// A body needs this many words for each variable and one more, else 2388293. The figure is
    /// not Meta's. Default 2.
    pub words_a_variable: usize,
    /// Free-form messages are charged beyond the free ones (in force since 2026-10-01 by secondary
    /// sources). Default true.
    pub service_charged: bool,
    /// Free-form messages of a number free of charge in a month. Default 1000.
    pub service_free: u32,
    /// `failed` statuses carry `contacts`; the contract says they are left out. Default false.
    pub contacts_on_failed: bool,
    /// Statuses and messages of one POST, at most. Default 1000.
    pub batch: usize,
    /// Each status is a change of its own instead of one of an array. Default false.
    pub one_a_change: bool,
    /// How long a webhook gathers before it is pushed. Default 10.
    pub gather_ms: u64,
    /// Pushes to one address at a time. Default 4.
    pub pushes: usize,
    /// First pause before a push is repeated; it doubles up to an hour. Default 1000.
    pub retry_ms: u64,
    /// A push that fails for this long is given up. Default 36 hours; another page of Meta's says
    /// seven days.
    pub retry_for_ms: u64,
    /// How long a push waits for its answer. Default 20 000.
    pub answer_within_ms: u64,
}

const HOUR_MS: u64 = 3_600_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            rates: Rates::default(),
            receipts: Receipts::default(),
            review: AfterReview::default(),
            late: BTreeSet::from([131_026, 131_049, 131_050, 130_472]),
            tier_code: 131_048,
            block_code: None,
            plus: Plus::default(),
            creation_codes: CreationCodes::default(),
            marketing_a_day: None,
            us_marketing_refused: true,
            strict_parameters: true,
            words_a_variable: 2,
            service_charged: true,
            service_free: 1000,
            contacts_on_failed: false,
            batch: 1000,
            one_a_change: false,
            gather_ms: 10,
            pushes: 4,
            retry_ms: 1000,
            retry_for_ms: 36 * HOUR_MS,
            answer_within_ms: 20_000,
        }
    }
}
