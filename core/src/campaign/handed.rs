//! What was handed in, as it was at that moment, so that an approver who sees it again is shown
//! what changed since they decided.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::{
    Campaign, CampaignError, NextOn, Result, UncertainPolicy, queries,
    spec::{self, Part, Spec, Via},
};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, SegmentId, VersionId},
    on,
    store::{Store, Tx},
};

/// A segment as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub id: SegmentId,
    pub name: String,
    /// Its filter's text.
    pub text: String,
}

/// A step as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedStep {
    pub version: VersionId,
    /// The template's name.
    pub template: String,
    /// The version's number.
    pub number: i32,
    /// Through what.
    pub channel: ChannelId,
    /// The channel's name.
    pub channel_name: String,
    /// What makes the next step go.
    #[serde(default)]
    pub next_on: NextOn,
    /// How long after the message went.
    #[serde(default)]
    pub wait_seconds: i32,
}

/// All that an approver decides about, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The first step, where rows of before campaigns had steps keep it.
    #[serde(flatten)]
    pub first: HandedStep,
    /// The steps behind it.
    #[serde(default)]
    pub further: Vec<HandedStep>,
    /// Any of these; empty: everybody.
    pub include: Vec<Segment>,
    /// None of these.
    pub exclude: Vec<Segment>,
    pub starts_at: Option<Moment>,
    /// After which nothing more is sent.
    pub ends_at: Option<Moment>,
    /// What becomes of unknown outcomes.
    pub policy: UncertainPolicy,
}

impl Handed {
    fn of(spec: &Spec) -> Option<Self> {
        let parts = |parts: &[Part]| {
            let mut all: Vec<Segment> =
                parts.iter().map(|part| Segment { id: part.id, name: part.name.clone(), text: part.text.clone() }).collect();
            all.sort_by_key(|segment| segment.id);
            all
        };
        let mut steps = spec.steps.iter().map(|step| HandedStep {
            version: step.version,
            template: step.template.0.clone(),
            number: step.template.1,
            channel: step.channel,
            channel_name: step.channel_name.clone(),
            next_on: step.next_on,
            wait_seconds: step.wait_seconds,
        });
        Some(Self {
            first: steps.next()?,
            further: steps.collect(),
            include: parts(&spec.include),
            exclude: parts(&spec.exclude),
            starts_at: spec.starts_at,
            ends_at: spec.ends_at,
            policy: spec.policy,
        })
    }

    /// Every step.
    pub fn steps(&self) -> impl Iterator<Item = &HandedStep> {
        std::iter::once(&self.first).chain(&self.further)
    }

    /// Whether this means the same as another for whoever gets it; names may differ.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        fn meant(segments: &[Segment]) -> Vec<(SegmentId, &str)> {
            segments.iter().map(|segment| (segment.id, segment.text.as_str())).collect()
        }
        fn sent(handed: &Handed) -> Vec<(VersionId, ChannelId, NextOn, i32)> {
            handed.steps().map(|step| (step.version, step.channel, step.next_on, step.wait_seconds)).collect()
        }
        sent(self) == sent(other)
            && meant(&self.include) == meant(&other.include)
            && meant(&self.exclude) == meant(&other.exclude)
            && (self.starts_at, self.ends_at, self.policy) == (other.starts_at, other.ends_at, other.policy)
    }
}

/// Keeps what is handed in.
pub(super) async fn keep(tx: &mut Tx, account: AccountId, id: CampaignId, spec: &Spec) -> Result<()> {
    let handed = Json(Handed::of(spec));
    on!(tx.conn(), |c| sqlx::query(queries::SET_HANDED).bind(account).bind(id).bind(handed).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// An approver decided about what was handed in: the next one is compared with it.
pub(super) async fn decided(tx: &mut Tx, account: AccountId, id: CampaignId) -> Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SET_DECIDED).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// What an approver decided about last, and what there is now; `None`: nobody decided before, or
/// nothing can be handed in now.
///
/// # Errors
/// The database's.
pub async fn since_decided(store: &Store, campaign: &Campaign) -> Result<Option<(Handed, Handed)>> {
    let (account, id) = (campaign.account_id, campaign.id);
    let kept: Option<Option<Json<Handed>>> =
        on!(store.read(), |c| sqlx::query_scalar(queries::DECIDED).bind(account).bind(id).fetch_optional(c).await)?;
    let Some(before) = kept.flatten() else { return Ok(None) };
    match spec::load(Via::Read(store), campaign).await {
        Ok(spec) => Ok(Handed::of(&spec).map(|now| (before.0, now))),
        Err(CampaignError::Db(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
