//! A part of a campaign: one variant of one step; and what a delivery says of its person.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::State;
use crate::id::CampaignId;

/// Steps of a campaign at most.
pub const STEPS: i16 = 5;

/// One variant of one step of a campaign: what a delivery belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::FromRow)]
pub struct Part {
    #[sqlx(rename = "campaign_id")]
    pub campaign: CampaignId,
    /// From 1 to [`STEPS`].
    pub step: i16,
    /// From 1.
    pub variant: i16,
}

impl Part {
    /// The first variant of a step.
    #[must_use]
    pub fn of(campaign: CampaignId, step: i16) -> Self {
        Self { campaign, step, variant: 1 }
    }

    /// The number of the series that its messages are, where they all say the same
    /// ([`crate::channel::Outbound::series`]): each person has one message of a part.
    #[must_use]
    pub fn series(self) -> i64 {
        let Self { campaign, step, variant } = self;
        let digest = Sha256::new()
            .chain_update(campaign.0.as_bytes())
            .chain_update(step.to_le_bytes())
            .chain_update(variant.to_le_bytes())
            .finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
    }

    /// The first variant of the first step: all there is of a campaign of one step.
    #[must_use]
    pub fn first(campaign: CampaignId) -> Self {
        Self::of(campaign, 1)
    }
}

/// What a delivery says of its person. One delivery of each person of a campaign speaks for them,
/// the others are `passed`; so people are counted by the same counters as messages.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Person {
    /// The message is on its way, or it is to be looked at whether the next step goes.
    Open,
    /// It went, as far as is known.
    Reached,
    /// Nobody can tell whether it went.
    Unknown,
    /// It did not go.
    Missed,
    /// Another message of the campaign speaks for the person.
    Passed,
}

impl Person {
    /// Of a delivery in a state; `waits`: it is to be looked at whether the next step goes;
    /// `passed`: another message speaks for the person. [`super::queries::BOOKS`] says the same in
    /// SQL.
    #[must_use]
    pub fn of(state: State, waits: bool, passed: bool) -> Self {
        match state {
            _ if passed => Self::Passed,
            State::Queued | State::Sending => Self::Open,
            _ if waits => Self::Open,
            State::Sent | State::Delivered | State::Read => Self::Reached,
            State::Uncertain => Self::Unknown,
            State::Failed | State::Skipped | State::Cancelled => Self::Missed,
        }
    }
}
