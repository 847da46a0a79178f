//! A step that reaches nobody at all says something of the sender, and nothing of the people.

use super::*;

async fn unreachable(store: &Store, fixture: &Fixture) -> i64 {
    let sql = "select count(*) from address where account_id = $1 and state = 'unreachable'";
    on!(store.read(), |c| sqlx::query_scalar(sql).bind(fixture.account).fetch_one(c).await).unwrap()
}

both!(
    // While a bot waits for its moderation MAX refuses every dialogue; whoever had been tried until
    // the campaign paused was left out of all later ones.
    async fn whoever_a_sender_that_reaches_nobody_did_not_reach_may_be_tried_again(store) {
        let many = usize::try_from(outcome::BREAKER).unwrap();
        let fixture = Fixture::new(&store, many + 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", many + 2, None).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 100).await;
        let fail = |row: &Claimed| Outcome::of(row, Verdict::Failed { reason: Reason::Unreachable });
        let looked = async |rows: &[Claimed]| {
            let recorded = outcome::record(&store, &rows.iter().map(fail).collect::<Vec<_>>(), clock::now()).await.unwrap();
            outcome::breaker(&store, fixture.account, (campaign, 1), recorded.steps[&(campaign, 1)], outcome::Refused::AtOnce).await.unwrap()
        };
        assert_eq!(looked(&rows[..many - 1]).await, None);
        assert_eq!(unreachable(&store, &fixture).await, many as i64 - 1);
        assert!(looked(&rows[many - 1..many]).await.is_some(), "the campaign pauses");
        assert_eq!(unreachable(&store, &fixture).await, 0);
        // What was in flight then comes after it.
        assert_eq!(looked(&rows[many..=many]).await, None);
        assert_eq!(unreachable(&store, &fixture).await, 0);
        // It reaches somebody: whoever it does not reach from now on is not there.
        outcome::record(&store, &[sent(&rows[many + 1])], clock::now()).await.unwrap();
        let next = fixture.campaign(&store, "service", "leave", 1, None).await;
        let rows = take(&store, &fixture, next, lease, 1).await;
        outcome::record(&store, &[fail(&rows[0])], clock::now()).await.unwrap();
        assert_eq!(outcome::breaker(&store, fixture.account, (next, 1), 1, outcome::Refused::AtOnce).await.unwrap(), None);
        assert_eq!(unreachable(&store, &fixture).await, 1);
    }
);
