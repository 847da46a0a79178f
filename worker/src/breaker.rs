//! The breaker: a campaign whose messages are all refused the same way pauses, whether the answers
//! to the calls say so or receipts that come later.

use mms_core::{
    campaign::control,
    clock,
    delivery::outcome::{self, Refused},
    id::{AccountId, CampaignId},
    store::Store,
};

/// Looks at steps of campaigns, each with how many of its messages newly failed.
pub(crate) async fn look(store: &Store, account: AccountId, steps: impl IntoIterator<Item = ((CampaignId, i16), i64)>, refused: Refused) {
    for ((campaign, step), failed) in steps {
        let tripped = match outcome::breaker(store, account, (campaign, step), failed, refused).await {
            Ok(None) => continue,
            Ok(Some(wanted)) => control::grant(store, account, campaign, &wanted, clock::now()).await.map_err(anyhow::Error::from),
            Err(error) => Err(error.into()),
        };
        match tripped {
            Ok(true) => tracing::warn!(campaign.id = %campaign, "every recipient failed the same way, the campaign pauses"),
            Ok(false) => {}
            Err(error) => tracing::warn!(campaign.id = %campaign, %error, "the breaker could not look"),
        }
    }
}
