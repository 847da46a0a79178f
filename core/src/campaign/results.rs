//! What came of campaigns: of one, of those of some days, of the last ones before another. All of
//! it is sums of counters, so it costs the same for ten recipients and ten million.

use super::{Campaign, Result, queries};
use crate::{
    clock::Moment,
    delivery::{self, Count, Numbers, Response, Responses},
    id::{AccountId, CampaignId},
    on,
    store::Store,
    template::Class,
};

/// Campaigns that a campaign is compared with: the last ones of its class.
pub const COMPARED: i64 = 5;

/// What came of one campaign or of several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    pub campaigns: i64,
    /// Their deliveries.
    pub numbers: Numbers,
    /// What people did after them.
    pub responses: Responses,
}

/// What people did after a campaign.
///
/// # Errors
/// The database's.
pub async fn responses(store: &Store, account: AccountId, id: CampaignId) -> Result<Responses> {
    Ok(delivery::response::responses(store, account, id).await?)
}

/// What came of the campaigns whose messages began to go within a span.
///
/// # Errors
/// The database's.
pub async fn within(store: &Store, account: AccountId, from: Moment, until: Moment) -> Result<Results> {
    let campaigns = on!(store.read(), |c| sqlx::query_scalar(queries::WITHIN).bind(account).bind(from).bind(until).fetch_one(c).await)?;
    let counts: Vec<Count> =
        on!(store.read(), |c| sqlx::query_as(queries::WITHIN_COUNTS).bind(account).bind(from).bind(until).fetch_all(c).await)?;
    let responses: Vec<(Response, i64)> =
        on!(store.read(), |c| sqlx::query_as(queries::WITHIN_RESPONSES).bind(account).bind(from).bind(until).fetch_all(c).await)?;
    Ok(Results { campaigns, numbers: Numbers::of(&counts), responses: Responses::of(&responses) })
}

/// What came of the last [`COMPARED`] campaigns of the same class that began before this one and
/// are over; `None`: there are none, or this one has not begun.
///
/// # Errors
/// The database's.
pub async fn before(store: &Store, campaign: &Campaign, class: Class) -> Result<Option<Results>> {
    let Some(began) = campaign.planned_at else { return Ok(None) };
    let account = campaign.account_id;
    let campaigns: Vec<CampaignId> =
        on!(store.read(), |c| sqlx::query_scalar(queries::BEFORE).bind(account).bind(began).bind(class).bind(COMPARED).fetch_all(c).await)?;
    if campaigns.is_empty() {
        return Ok(None);
    }
    let counts: Vec<Count> = on!(store.read(), |c| sqlx::query_as(queries::BEFORE_COUNTS)
        .bind(account)
        .bind(began)
        .bind(class)
        .bind(COMPARED)
        .fetch_all(c)
        .await)?;
    let responses: Vec<(Response, i64)> = on!(store.read(), |c| sqlx::query_as(queries::BEFORE_RESPONSES)
        .bind(account)
        .bind(began)
        .bind(class)
        .bind(COMPARED)
        .fetch_all(c)
        .await)?;
    let campaigns = i64::try_from(campaigns.len()).unwrap_or(COMPARED);
    Ok(Some(Results { campaigns, numbers: Numbers::of(&counts), responses: Responses::of(&responses) }))
}
