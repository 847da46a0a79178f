//! Addresses at which a provider once reached nobody. It says so of somebody who was not there, or
//! not yet: whoever joins the messenger later would be left out of every campaign for good. So the
//! mark is forgotten after a while (contracts/messengers/whatsapp_cloud.md, section 5: to be looked
//! at again after weeks), and the next campaign tries.

use chrono::TimeDelta;

use super::queries;
use crate::{clock::Moment, id::AccountId, on, store::Store};

/// How long nobody is sought where nobody was.
pub const AFTER: TimeDelta = TimeDelta::weeks(4);
/// Addresses a transaction: a writer that waits for it waits milliseconds.
const PORTION: i64 = 500;

/// Forgets the marks of an account that are old; how many there were.
///
/// # Errors
/// The database's; what was forgotten stays so.
pub async fn forget(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<u64> {
    let mut all = 0;
    loop {
        let mut tx = store.begin().await?;
        let some = on!(tx.conn(), |c| sqlx::query(queries::TRY_AGAIN)
            .bind(account)
            .bind(now - AFTER)
            .bind(now)
            .bind(PORTION)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        tx.commit().await?;
        all += some;
        if some < PORTION.unsigned_abs() {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{both, clock, delivery::fixture::Fixture};

    both!(
        // Somebody without the messenger in May was left out of every campaign for good.
        async fn nobody_is_unreachable_for_ever_for_what_a_provider_once_said(store) {
            let fixture = Fixture::new(&store, 3, 30.0).await;
            let mark = async |n: usize, reason: &str, at: &str| {
                let sql = format!(
                    "update address set state = 'unreachable', state_reason = '{reason}', updated_at = '{at}' where account_id = $1 \
                     and value = '{}'",
                    1000 + n
                );
                fixture.change(&store, Box::leak(sql.into_boxed_str())).await;
            };
            mark(0, "provider", "2026-05-01T10:00:00+00:00").await;
            mark(1, "provider", "2026-05-20T10:00:00+00:00").await;
            mark(2, "blocked", "2026-01-01T10:00:00+00:00").await;
            let now = "2026-06-01T10:00:00Z".parse::<clock::Moment>().unwrap();
            assert_eq!(forget(&store, fixture.account, now).await.unwrap(), 1);
            assert_eq!(forget(&store, fixture.account, now).await.unwrap(), 0);
            let sql = "select state from address where account_id = $1 and kind = 'telegram' order by value";
            let states: Vec<String> = on!(store.read(), |c| sqlx::query_scalar(sql).bind(fixture.account).fetch_all(c).await).unwrap();
            assert_eq!(states, ["unknown", "unreachable", "unreachable"]);
        }
    );
}
