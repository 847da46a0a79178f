//! What happens to campaigns without anybody's hand: the tick asks for what is due, each step is a
//! compare-and-set of its own, and the bells to ring come back. Whoever loses a race finds nothing
//! to do.

use serde_json::json;

use super::{
    CampaignError, Event, Result, State, UncertainPolicy, control, fill, get_in, plan, queries,
    report::notes,
    schedule::{self, Due, Standing},
    shift,
};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId},
    on,
    queue::Job,
    store::{Store, audit},
    words::Reason,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: CampaignId,
    account_id: AccountId,
    state: State,
    starts_at: Option<Moment>,
    ends_at: Option<Moment>,
    uncertain_policy: UncertainPolicy,
    planned_at: Option<Moment>,
    updated_at: Moment,
    queued: i64,
    sending: i64,
    uncertain: i64,
    waiting: i64,
}

/// What is to be done with which campaign at `now`.
///
/// # Errors
/// The database's.
pub async fn due(store: &Store, now: Moment) -> Result<Vec<(AccountId, CampaignId, Due)>> {
    let rows: Vec<Row> = on!(store.read(), |c| sqlx::query_as(queries::STANDING).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let standing = Standing {
                state: row.state,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                policy: row.uncertain_policy,
                planned: row.planned_at.is_some(),
                moved_at: row.updated_at,
                queued: row.queued,
                sending: row.sending,
                uncertain: row.uncertain,
                waiting: row.waiting,
            };
            schedule::due(&standing, now).map(|due| (row.account_id, row.id, due))
        })
        .collect())
}

/// Does everything that is due at `now` and returns the bells to ring. What fails of one campaign
/// is logged and is that one's: the others go on, and the next tick tries it again.
///
/// # Errors
/// The database's, when it cannot say what is due; a step lost to somebody else is no error.
pub async fn tick(store: &Store, now: Moment) -> Result<Vec<Job>> {
    for (account, id) in fill::half_planned(store).await? {
        if let Err(error) = fill::take_back(store, account, id).await {
            tracing::error!(campaign.id = %id, %error, "what was half planned of a campaign was not taken back");
        }
    }
    let left: Vec<(AccountId, CampaignId, i16)> =
        on!(store.read(), |c| sqlx::query_as(queries::LEFT_BEHIND).persistent(false).fetch_all(c).await)?;
    for (account, id, step) in left {
        if let Err(error) = control::leave_channel(store, account, (id, step), now).await {
            tracing::error!(campaign.id = %id, %error, "messages of a channel that was removed were not cancelled");
        }
    }
    let mut jobs: Vec<Job> = notes::left(store).await?.into_iter().map(|(_, campaign)| Job::CloseCampaign { campaign }).collect();
    jobs.extend(super::cascade::due(store, now).await?.into_iter().map(|(_, campaign)| Job::NextStep { campaign }));
    for (account, id, what) in due(store, now).await? {
        match step(store, account, id, what, now).await {
            Ok(job) => jobs.extend(job),
            Err(CampaignError::Changed | CampaignError::NotFound | CampaignError::Refused(_)) => {}
            Err(error) => tracing::error!(campaign.id = %id, ?what, %error, "a campaign's step was not made"),
        }
    }
    Ok(jobs)
}

/// Does one step and returns the bell to ring.
async fn step(store: &Store, account: AccountId, id: CampaignId, what: Due, now: Moment) -> Result<Option<Job>> {
    match what {
        Due::Plan => return Ok(Some(Job::PlanCampaign { campaign: id })),
        Due::Close => return Ok(Some(Job::CloseCampaign { campaign: id })),
        Due::CloseWindow => {
            control::close_window(store, account, id, now).await?;
            return Ok(None);
        }
        Due::CancelLeft => {
            control::cancel_queued(store, account, id, Reason::CampaignStopped, now).await?;
            return Ok(None);
        }
        Due::Start | Due::Missed | Due::AskUncertain => {}
    }
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, account, id).await?;
    let job = match what {
        Due::Start => {
            shift(&mut tx, &campaign, Event::Start, None, now).await?;
            audit::record(&mut tx, account, "system", "campaign.start", &id.to_string(), &json!({}), now).await?;
            Some(Job::PlanCampaign { campaign: id })
        }
        Due::Missed => {
            plan::miss(&mut tx, &campaign, now).await?;
            None
        }
        Due::AskUncertain => {
            control::pause_in(&mut tx, &campaign, &Reason::Uncertain.into(), None, now).await?;
            None
        }
        Due::Plan | Due::Close | Due::CloseWindow | Due::CancelLeft => None,
    };
    tx.commit().await?;
    Ok(job)
}
