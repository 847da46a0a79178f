//! Planning: the audience becomes deliveries, counters and a running campaign, once.
//!
//! Nobody waits for it: PostgreSQL makes all of it in one change that takes hold of the campaign at
//! its very end, SQLite, which has one writer, in portions. Nothing is sent before the campaign
//! runs, and that is the last change. A planner that dies leaves nothing on PostgreSQL, and on
//! SQLite a place to go on from.
//!
//! The hash is compared a last time here, so a segment edited between launch and start sends
//! nothing. A count above the one the launching member typed sends nothing either: the campaign
//! goes back to `approved` and the launch is asked again. Fewer recipients (somebody said stop in
//! between) go on, and the report says so.

use serde_json::json;

use super::{
    Campaign, CampaignError, Event, Result, State, account_of, approval, control, fill, get_in, queries, reviewed, schedule, shift,
    spec::{self, Spec, Via},
};
use crate::{
    clock::Moment,
    delivery::counts::counts_in,
    id::{AccountId, CampaignId, ChannelId, ContactId},
    notice::NoticeKind,
    on,
    store::{Db, Store, Tx, audit},
    words::Reason,
};

/// Rows that SQLite's writer makes in one change: everybody else waits for one of these at most.
const PORTION: usize = 5_000;

/// What planning came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// The deliveries are there: ring the channels' bells.
    Running {
        /// Through which channels they go.
        channels: Vec<ChannelId>,
        /// Who gets it.
        planned: i64,
        /// Who was left out.
        skipped: i64,
    },
    /// It is not in planning (any more): somebody else planned it (or is about to), paused it,
    /// stopped it.
    NotPlanning,
    /// More people than the launching member confirmed: nothing was made.
    Outgrown {
        /// Who would get it.
        planned: i64,
        confirmed: i64,
    },
    /// It is not what was approved any more: nothing was made.
    Void,
    /// Its window closed before it could start.
    Missed,
}

/// Turns the audience of a campaign in planning into deliveries. Run any number of times, it does
/// it once.
///
/// # Errors
/// [`CampaignError::NotFound`], the database's.
pub async fn plan(store: &Store, id: CampaignId, now: Moment) -> Result<Planned> {
    by(store, id, PORTION, now).await
}

/// The same with another size of portions.
pub(super) async fn by(store: &Store, id: CampaignId, portion: usize, now: Moment) -> Result<Planned> {
    let account = account_of(store, id).await?;
    fill::take_back(store, account, id).await?;
    let mut tx = store.begin_bulk().await?;
    if !fill::alone(&mut tx, id).await? {
        return Ok(Planned::NotPlanning);
    }
    let (mut campaign, spec) = match ready(&mut tx, account, id, now).await? {
        Ok(ready) => ready,
        Err(done) => return broken_off(store, tx, account, id, done).await,
    };
    match store.read() {
        Db::Postgres(_) => fill::at_once(&mut tx, &spec, &campaign, now).await?,
        Db::Sqlite(read) => {
            drop(tx);
            if !fill::in_portions(store, read, &spec, &campaign, portion, now).await? {
                return Ok(Planned::NotPlanning);
            }
            tx = store.begin_bulk().await?;
            campaign = match ready(&mut tx, account, id, now).await? {
                Ok((campaign, _)) => campaign,
                Err(done) => return broken_off(store, tx, account, id, done).await,
            };
        }
    }
    let counts = counts_in(&mut tx, account, id).await?;
    let sum = |meant: bool| counts.iter().filter(|count| count.planned == meant).map(|count| count.n).sum::<i64>();
    let (planned, skipped) = (sum(true), sum(false));
    let confirmed = campaign.confirmed_count.unwrap_or(0);
    if planned > confirmed {
        drop(tx);
        return outgrown(store, &campaign, planned, confirmed, now).await;
    }
    // Last, so that on PostgreSQL no pause or stop waits for the rows: if one came meanwhile,
    // nothing was made.
    match shift(&mut tx, &campaign, Event::Planned, None, now).await {
        Ok(_) => {}
        Err(CampaignError::Changed) => return Ok(Planned::NotPlanning),
        Err(error) => return Err(error),
    }
    on!(tx.conn(), |c| sqlx::query(queries::SET_PLANNED).bind(account).bind(id).bind(now).execute(c).await.map(|_| ()))?;
    let details = json!({ "planned": planned, "skipped": skipped, "confirmed": confirmed });
    audit::record(&mut tx, account, "system", "campaign.planned", &id.to_string(), &details, now).await?;
    tx.commit().await?;
    Ok(Planned::Running { channels: campaign.channels(), planned, skipped })
}

/// The campaign and what it consists of, if it is (still) to be planned; otherwise what became of
/// it, to be committed.
async fn ready(tx: &mut Tx, account: AccountId, id: CampaignId, now: Moment) -> Result<std::result::Result<(Campaign, Spec), Planned>> {
    let campaign = get_in(tx, account, id).await?;
    if campaign.state != State::Planning {
        return Ok(Err(Planned::NotPlanning));
    }
    if schedule::window_closed(campaign.ends_at, now) {
        miss(tx, &campaign, now).await?;
        return Ok(Err(Planned::Missed));
    }
    match spec::load(Via::Change(tx), &campaign).await {
        Ok(spec) if approval::same(&spec, campaign.approved_hash.as_deref())?.is_some() => {
            // Between the launch and its time the provider may have paused what goes.
            match reviewed::approved(tx, &campaign).await {
                Ok(()) => Ok(Ok((campaign, spec))),
                Err(CampaignError::Db(error)) => Err(error.into()),
                Err(_) => {
                    control::pause_in(tx, &campaign, &Reason::TemplateBarred.into(), None, now).await?;
                    Ok(Err(Planned::NotPlanning))
                }
            }
        }
        Err(CampaignError::Db(error)) => Err(error.into()),
        Ok(_) | Err(_) => {
            approval::void(tx, &campaign, "system", now).await?;
            approval::tell(tx, &campaign, NoticeKind::CampaignFailed, None, json!({ "reason": Reason::ApprovalVoid }), now).await?;
            Ok(Err(Planned::Void))
        }
    }
}

/// It is not planned after all: what was made of it goes.
async fn broken_off(store: &Store, tx: Tx, account: AccountId, id: CampaignId, done: Planned) -> Result<Planned> {
    tx.commit().await?;
    fill::take_back(store, account, id).await?;
    Ok(done)
}

/// Nothing of it is kept; back to `approved`, and the launching member is asked again.
async fn outgrown(store: &Store, campaign: &Campaign, planned: i64, confirmed: i64, now: Moment) -> Result<Planned> {
    let mut tx = store.begin().await?;
    match shift(&mut tx, campaign, Event::Outgrown, Some(&Reason::AudienceGrew.into()), now).await {
        Ok(_) => {}
        Err(CampaignError::Changed) => return Ok(Planned::NotPlanning),
        Err(error) => return Err(error),
    }
    let (account, id) = (campaign.account_id, campaign.id);
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_LAUNCH).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    let facts = json!({ "reason": Reason::AudienceGrew, "planned": planned, "confirmed": confirmed });
    audit::record(&mut tx, account, "system", "campaign.outgrown", &id.to_string(), &facts, now).await?;
    approval::tell(&mut tx, campaign, NoticeKind::CampaignFailed, None, facts, now).await?;
    tx.commit().await?;
    fill::take_back(store, account, id).await?;
    Ok(Planned::Outgrown { planned, confirmed })
}

/// Its window closed before anything was made.
pub(super) async fn miss(tx: &mut Tx, campaign: &Campaign, now: Moment) -> Result<()> {
    shift(tx, campaign, Event::Fail, Some(&Reason::WindowClosed.into()), now).await?;
    let (account, id) = (campaign.account_id, campaign.id);
    on!(tx.conn(), |c| sqlx::query(queries::SET_FINISHED)
        .bind(account)
        .bind(id)
        .bind(now)
        .bind(None::<ContactId>)
        .execute(c)
        .await
        .map(|_| ()))?;
    audit::record(tx, account, "system", "campaign.missed", &id.to_string(), &json!({ "ends_at": campaign.ends_at }), now).await?;
    approval::tell(tx, campaign, NoticeKind::CampaignFailed, None, json!({ "reason": Reason::WindowClosed }), now).await
}
