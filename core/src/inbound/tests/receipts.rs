//! Receipts by the thousand: one transaction, and no statement that reads a table for them.

use super::*;
use crate::{
    channel::{MessageName, News, Receipt},
    delivery::{
        State,
        books::books,
        claim::{Claim, claim},
        fixture::Fixture,
        outcome::{self, Outcome, Verdict},
        queries, stats,
    },
    inbound::receipts,
    limits::AIR,
    store::{Db, Engine},
    words::Reason,
};

const MANY: usize = 1_000;

/// What a provider tells of each of these messages in one request: every tenth is refused, the
/// others arrived.
fn post(rows: &[Outcome]) -> Vec<News> {
    let news = |(n, row): (usize, &Outcome)| {
        let Verdict::Sent { message_ref, .. } = &row.verdict else { panic!("it was sent") };
        let receipt = if n % 10 == 0 { Receipt::Failed(Reason::Rejected) } else { Receipt::Delivered };
        News { message: MessageName::Ref(message_ref.clone()), message_ref: None, receipt, at: None, detail: None, charge: None }
    };
    rows.iter().enumerate().map(news).collect()
}

both!(
    // Each receipt was a transaction of its own.
    async fn a_thousand_receipts_of_one_request_are_one_transaction(store) {
        let fixture = Fixture::new(&store, MANY, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", MANY, None).await;
        let lease = crate::channel::lease::take(&store, fixture.channel, "w", clock::now()).await.unwrap().unwrap();
        let claimed = claim(&store, fixture.account, (campaign, 1), lease, 1_000, AIR, None, clock::now()).await.unwrap();
        let Claim::Rows { rows, .. } = claimed else { panic!("closed") };
        let sent = |row| Outcome::of(row, Verdict::Sent { message_ref: format!("m:{}", row.delivery), at: clock::now() });
        let outcomes: Vec<Outcome> = rows.iter().map(sent).collect();
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        let source = ChannelSource { account: fixture.account, channel: fixture.channel, scope: fixture.channel, ..World::new(store.clone()).await.source };
        let news = post(&outcomes);
        for _ in 0..2 {
            receipts(&store, &source, &news, clock::now()).await.unwrap();
            let numbers = stats::stats(&store, fixture.account, campaign, clock::now()).await.unwrap().numbers;
            assert_eq!((numbers.sent, numbers.delivered, numbers.failed), (900, 900, 100));
            assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        }
        if let Db::Postgres(pool) = store.read() {
            let transactions: i64 = sqlx::query_scalar("select count(distinct cast(xmin as text)) from delivery where campaign_id = $1").bind(campaign).fetch_one(pool).await.unwrap();
            assert_eq!(transactions, 1);
        }
        let failed: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from delivery where campaign_id = $1 and state = $2")
            .bind(campaign)
            .bind(State::Failed)
            .fetch_one(c)
            .await)
        .unwrap();
        assert_eq!(failed, 100);
    }
);

/// An account that came after the statistics were taken looks small to PostgreSQL, however large it
/// is: asked for any of a thousand values, it would read all of the account's rows and compare
/// them.
#[tokio::test]
async fn receipts_find_their_messages_by_key_in_an_account_without_statistics() {
    let store = crate::testing::store(Engine::Postgres).await;
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    for statistics in [true, false] {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        for sql in [
            "insert into delivery (account_id, campaign_id, contact_id, channel_id, planned, state, message_ref, sent_at, updated_at) \
             select $1, $2, gen_random_uuid(), $3, true, 'sent', 'm:' || n, now(), now() from generate_series(1, 20000) n",
            "insert into outgoing (account_id, channel_id, address_value, purpose, payload, dedupe_key, state, message_ref, due_at, created_at) \
             select $1, $3, cast(n as text), 'reply', '{}', cast($2 as text) || ':' || n, 'sent', 'o:' || n, now(), now() from generate_series(1, 20000) n",
        ] {
            sqlx::query(sql).bind(fixture.account).bind(campaign).bind(fixture.channel).execute(pool).await.unwrap();
        }
        if statistics {
            sqlx::query("analyze").execute(pool).await.unwrap();
            continue;
        }
        let refs: Vec<String> = (0..MANY).map(|n| format!("m:{n}")).collect();
        let ids: Vec<i64> = (0..1_000).collect();
        for sql in [queries::BY_REF_POSTGRES, queries::OUT_BY_REF_POSTGRES, queries::TOLD_POSTGRES, queries::OUT_TOLD_POSTGRES] {
            let asked = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("explain {sql}"))).bind(fixture.account).bind(fixture.channel);
            let by_ref = sql.contains("message_ref = v.message_ref");
            let plan: Vec<String> = if by_ref { asked.bind(&refs) } else { asked.bind(&ids) }.fetch_all(pool).await.unwrap();
            let plan = plan.join("\n");
            let by_key = if by_ref { plan.contains("(message_ref = v.message_ref)") } else { plan.contains("(id = v.id)") };
            assert!(by_key && !plan.contains("Seq Scan") && !plan.contains("Hash"), "{sql}\n{plan}");
        }
    }
}
