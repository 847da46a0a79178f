//! The steps of a campaign: first through one channel and, if the message did not arrive or was not
//! read, through the next.

use std::collections::HashMap;

use chrono::TimeDelta;

pub use crate::{delivery::part::STEPS, words::NextOn};

use super::{Campaign, CampaignError, Result, queries};
use crate::{
    id::{AccountId, CampaignId, ChannelId, VersionId},
    on,
    stamp::Stamp,
    store::{Db, Store, Tx, heed, json_hex},
};

/// The shortest and the longest time between two steps: five minutes, seven days.
pub const WAITS: (TimeDelta, TimeDelta) = (TimeDelta::minutes(5), TimeDelta::days(7));

/// A step of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Step {
    /// From 1 to [`STEPS`].
    pub step: i16,
    /// Through what.
    pub channel: Option<ChannelId>,
    /// What it says: the template's version.
    pub version: Option<VersionId>,
    /// What makes the next step go; of the last one it means nothing.
    pub next_on: NextOn,
    /// How long after the message went the next step goes.
    pub wait_seconds: i32,
}

impl Step {
    /// How long after the message went the next step goes.
    #[must_use]
    pub fn wait(&self) -> TimeDelta {
        TimeDelta::seconds(self.wait_seconds.into())
    }
}

impl Campaign {
    /// The first step; every campaign has one.
    #[must_use]
    pub fn first(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// A step by its number.
    #[must_use]
    pub fn step(&self, step: i16) -> Option<&Step> {
        self.steps.iter().find(|one| one.step == step)
    }

    /// The template version of the first step.
    #[must_use]
    pub fn version(&self) -> Option<VersionId> {
        self.first()?.version
    }

    /// The channel of the first step.
    #[must_use]
    pub fn channel(&self) -> Option<ChannelId> {
        self.first()?.channel
    }

    /// The stamp of its steps: what a button that names one of them by its number compares.
    #[must_use]
    pub fn steps_stamp(&self) -> Stamp {
        let steps = self.steps.iter().map(|one| (one.step, one.channel, one.version, one.next_on, one.wait_seconds));
        Stamp::of(&steps.collect::<Vec<_>>())
    }

    /// Every channel it goes through, each once.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelId> {
        let mut all: Vec<ChannelId> = self.steps.iter().filter_map(|step| step.channel).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The same campaigns with their steps.
pub(super) async fn of(store: &Store, account: AccountId, mut campaigns: Vec<Campaign>) -> Result<Vec<Campaign>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        campaign_id: CampaignId,
        #[sqlx(flatten)]
        step: Step,
    }
    let ids: Vec<CampaignId> = campaigns.iter().map(|campaign| campaign.id).collect();
    let rows: Vec<Row> = match store.read() {
        Db::Sqlite(c) => {
            heed(sqlx::query_as(queries::STEPS_OF_SQLITE).bind(account).bind(json_hex(ids.iter().map(|id| id.0))).fetch_all(c).await)?
        }
        Db::Postgres(c) => sqlx::query_as(queries::STEPS_OF_POSTGRES).bind(account).bind(&ids).fetch_all(c).await?,
    };
    let mut steps: HashMap<CampaignId, Vec<Step>> = HashMap::new();
    for row in rows {
        steps.entry(row.campaign_id).or_default().push(row.step);
    }
    for campaign in &mut campaigns {
        campaign.steps = steps.remove(&campaign.id).unwrap_or_default();
    }
    Ok(campaigns)
}

/// The steps of a campaign as the change at hand sees them.
pub(super) async fn of_in(tx: &mut Tx, account: AccountId, id: CampaignId) -> Result<Vec<Step>> {
    Ok(on!(tx.conn(), |c| sqlx::query_as(queries::STEPS).bind(account).bind(id).fetch_all(c).await)?)
}

/// Adds a step behind the last one, with nothing chosen yet; gives its number.
pub(super) async fn add(tx: &mut Tx, account: AccountId, id: CampaignId, step: i16) -> Result<()> {
    for sql in [queries::ADD_STEP, queries::ADD_VARIANT] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(id).bind(step).bind(account).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Takes a step away; those behind it move up.
pub(super) async fn remove(tx: &mut Tx, account: AccountId, id: CampaignId, step: i16) -> Result<()> {
    for sql in [queries::REMOVE_VARIANTS, queries::REMOVE_STEP] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(id).bind(step).execute(c).await.map(|_| ()))?;
    }
    // One after the other, so that no number is there twice.
    for behind in step + 1..=STEPS {
        for sql in [queries::MOVE_VARIANTS, queries::MOVE_STEP] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(id).bind(behind).execute(c).await.map(|_| ()))?;
        }
    }
    Ok(())
}

/// Takes all steps of a campaign away.
pub(super) async fn clear(tx: &mut Tx, account: AccountId, id: CampaignId) -> Result<()> {
    for sql in [queries::CLEAR_VARIANTS, queries::CLEAR_STEPS] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Copies the steps of another campaign of the account.
pub(super) async fn copy(tx: &mut Tx, account: AccountId, from: CampaignId, to: CampaignId) -> Result<()> {
    for sql in [queries::COPY_STEPS, queries::COPY_VARIANTS] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Whether a rule may stand: a step that leads on waits within [`WAITS`], one that does not waits
/// for nothing.
pub(super) fn rule(next_on: NextOn, wait: TimeDelta) -> Result<i32> {
    match next_on {
        NextOn::Never => Ok(0),
        NextOn::Undelivered | NextOn::Unread if wait < WAITS.0 || wait > WAITS.1 => Err(CampaignError::BadWait),
        NextOn::Undelivered | NextOn::Unread => i32::try_from(wait.num_seconds()).map_err(|_| CampaignError::BadWait),
    }
}
