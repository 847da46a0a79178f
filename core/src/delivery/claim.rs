//! Claiming.

use super::{State, counts::Moves, queries};
use crate::{
    clock::Moment,
    id::{AccountId, CampaignId},
    on,
    store::Tx,
};

/// Takes queued deliveries of a campaign out of the way, `limit` rows at most: skipped or cancelled, with the reason why.
pub(super) async fn leave_out(
    tx: &mut Tx,
    account: AccountId,
    campaign: CampaignId,
    to: (State, &str),
    limit: i64,
    now: Moment,
) -> sqlx::Result<u64> {
    let rows: Vec<bool> = on!(tx.conn(), |c| sqlx::query_scalar(queries::LEAVE_OUT)
        .bind(account)
        .bind(campaign)
        .bind(to.0)
        .bind(to.1)
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let mut moves = Moves::default();
    for planned in &rows {
        moves.step(campaign, *planned, (State::Queued, ""), to);
    }
    moves.write(tx).await?;
    Ok(rows.len() as u64)
}
