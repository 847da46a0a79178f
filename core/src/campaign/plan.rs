//! Planning: the audience becomes deliveries, counters and a running campaign in one transaction, once.
//!
//! The hash is compared a last time here, so a segment edited between launch and start sends nothing. A count above the
//! one the launching member typed sends nothing either: the campaign goes back to `approved` and the launch is asked
//! again. Fewer recipients (somebody said stop in between) go on, and the report says so.

use serde_json::json;

use super::{
    Campaign, CampaignError, Event, Result, State, account_of, approval, fill, get_in, queries, schedule, shift,
    spec::{self, Via},
};
use crate::{
    clock::Moment,
    id::{CampaignId, ChannelId},
    on,
    store::{Store, Tx, audit},
};

/// What planning came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// The deliveries are there: ring the channel's bell.
    Running {
        /// Through which channel they go.
        channel: ChannelId,
        /// Who gets it.
        planned: i64,
        /// Who was left out.
        skipped: i64,
    },
    /// It is not in planning (any more): somebody else planned it, paused it, stopped it.
    NotPlanning,
    /// More people than the launching member confirmed: nothing was made.
    Outgrown {
        /// Who would get it.
        planned: i64,
        /// What was confirmed.
        confirmed: i64,
    },
    /// It is not what was approved any more: nothing was made.
    Void,
    /// Its window closed before it could start.
    Missed,
}

/// Turns the audience of a campaign in planning into deliveries. Run any number of times, it does it once.
///
/// # Errors
/// [`CampaignError::NotFound`], the database's.
pub async fn plan(store: &Store, id: CampaignId, now: Moment) -> Result<Planned> {
    let account = account_of(store, id).await?;
    let mut tx = store.begin_bulk().await?;
    let campaign = get_in(&mut tx, account, id).await?;
    if campaign.state != State::Planning {
        return Ok(Planned::NotPlanning);
    }
    if schedule::window_closed(campaign.ends_at, now) {
        miss(&mut tx, &campaign, now).await?;
        tx.commit().await?;
        return Ok(Planned::Missed);
    }
    let spec = match spec::load(Via::Change(&mut tx), &campaign).await {
        Ok(spec) if approval::same(&spec, campaign.approved_hash.as_deref())?.is_some() => spec,
        Err(CampaignError::Db(error)) => return Err(error.into()),
        Ok(_) | Err(_) => {
            approval::void(&mut tx, &campaign, "system", now).await?;
            let facts = json!({ "reason": "approval_void" });
            approval::tell(&mut tx, &campaign, "campaign.failed", None, facts, now).await?;
            tx.commit().await?;
            return Ok(Planned::Void);
        }
    };
    // First the state: on PostgreSQL this row's lock makes a second planner wait, and then find nothing to do.
    match shift(&mut tx, &campaign, Event::Planned, None, now).await {
        Ok(_) => {}
        Err(CampaignError::Changed) => return Ok(Planned::NotPlanning),
        Err(error) => return Err(error),
    }
    fill::fill(store, &mut tx, &spec, &campaign, now).await?;
    let counts: Vec<(bool, String, String, i64)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::COUNTS).bind(account).bind(id).fetch_all(c).await)?;
    let sum = |meant: bool| counts.iter().filter(|(planned, ..)| *planned == meant).map(|(.., n)| n).sum::<i64>();
    let (planned, skipped) = (sum(true), sum(false));
    let confirmed = campaign.confirmed_count.unwrap_or(0);
    if planned > confirmed {
        drop(tx);
        return outgrown(store, &campaign, planned, confirmed, now).await;
    }
    on!(tx.conn(), |c| sqlx::query(queries::SET_PLANNED).bind(account).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    let details = json!({ "planned": planned, "skipped": skipped, "confirmed": confirmed });
    audit::record(&mut tx, account, "system", "campaign.planned", &id.to_string(), &details, now).await?;
    tx.commit().await?;
    Ok(Planned::Running { channel: spec.channel, planned, skipped })
}

/// Nothing was made; back to `approved`, and the launching member is asked again.
async fn outgrown(store: &Store, campaign: &Campaign, planned: i64, confirmed: i64, now: Moment) -> Result<Planned> {
    let mut tx = store.begin().await?;
    match shift(&mut tx, campaign, Event::Outgrown, Some("audience_grew"), now).await {
        Ok(_) => {}
        Err(CampaignError::Changed) => return Ok(Planned::NotPlanning),
        Err(error) => return Err(error),
    }
    let (account, id) = (campaign.account_id, campaign.id);
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_LAUNCH).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    let facts = json!({ "reason": "audience_grew", "planned": planned, "confirmed": confirmed });
    audit::record(&mut tx, account, "system", "campaign.outgrown", &id.to_string(), &facts, now).await?;
    approval::tell(&mut tx, campaign, "campaign.failed", None, facts, now).await?;
    tx.commit().await?;
    Ok(Planned::Outgrown { planned, confirmed })
}

/// Its window closed before anything was made.
pub(super) async fn miss(tx: &mut Tx, campaign: &Campaign, now: Moment) -> Result<()> {
    shift(tx, campaign, Event::Fail, Some("window_closed"), now).await?;
    let (account, id) = (campaign.account_id, campaign.id);
    on!(tx.conn(), |c| sqlx::query(queries::SET_FINISHED).bind(account).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    audit::record(tx, account, "system", "campaign.missed", &id.to_string(), &json!({ "ends_at": campaign.ends_at }), now).await?;
    approval::tell(tx, campaign, "campaign.failed", None, json!({ "reason": "window_closed" }), now).await
}
