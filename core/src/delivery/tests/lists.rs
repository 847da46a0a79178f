//! What an owner lists as begun, and what of a dead owner goes back.

use std::collections::HashSet;

use super::*;
use crate::delivery::begun::{self, Left};

/// The lease as the next owner takes it.
async fn next_lease(store: &Store, fixture: &Fixture, before: Lease) -> Lease {
    lease::give_back(store, before, &lease::Memory::default()).await.unwrap();
    lease(store, fixture).await
}

both!(
    async fn what_a_former_owner_claimed_and_never_began_goes_back_at_once(store) {
        let fixture = Fixture::new(&store, 4, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 3, None).await;
        let now = clock::now();
        let mut tx = store.begin().await.unwrap();
        let message = OutgoingMessage { body: Rich::plain("?"), buttons: Vec::new(), remove_keyboard: false, media: None };
        let new = NewOutgoing { account: fixture.account, channel: fixture.channel, contact: Some(fixture.contacts[3]), to: "1003".to_owned(), purpose: OutgoingPurpose::Answer, message, dedupe_key: "q".to_owned() };
        outgoing::enqueue(&mut tx, new, now).await.unwrap();
        tx.commit().await.unwrap();
        let first = lease(&store, &fixture).await;
        assert_eq!(begun::take_over(&store, fixture.account, first).await.unwrap(), []);
        let rows = take(&store, &fixture, campaign, first, 3).await;
        let answers = outgoing::claim(&store, fixture.account, first, 9, None, now).await.unwrap();
        assert!(begun::list(&store, fixture.account, first, &format!("[{}]", rows[1].delivery), kept::Words::default()).await.unwrap());
        // It dies. Whoever comes next knows what it may have sent.
        let second = next_lease(&store, &fixture, first).await;
        let left = begun::take_over(&store, fixture.account, second).await.unwrap();
        assert_eq!(left, [Left { token: first.token, begun: [rows[1].delivery.0].into() }]);
        // It dies over it, or its database does: the one after it learns the same.
        let second = next_lease(&store, &fixture, second).await;
        let empty = Left { token: second.token - 1, begun: HashSet::new() };
        assert_eq!(begun::take_over(&store, fixture.account, second).await.unwrap(), [left[0].clone(), empty]);
        assert!(!begun::list(&store, fixture.account, first, "[]", kept::Words::default()).await.unwrap(), "the former owner can begin nothing more");
        let (deliveries, messages) = begun::never_begun(&store, fixture.account, second, &left[0]).await.unwrap();
        assert_eq!(outcome::record(&store, &deliveries, now).await.unwrap().applied, 2);
        outgoing::record(&store, &messages, now).await.unwrap();
        for left in [first.token, second.token - 1] {
            begun::done(&store, fixture.account, second, &Left { token: left, begun: HashSet::new() }).await.unwrap();
        }
        for (n, state) in [(0, State::Queued), (1, State::Sending), (2, State::Queued)] {
            assert_eq!(fixture.delivery(&store, campaign, n).await.0, state);
        }
        let back = take(&store, &fixture, campaign, second, 9).await;
        assert!(back.len() == 2 && back.iter().all(|row| row.attempt == 1), "no try is counted");
        let again = outgoing::claim(&store, fixture.account, second, 9, None, now).await.unwrap();
        assert_eq!((again[0].id, again[0].attempt), (answers[0].id, 1));
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn an_owner_without_a_list_says_nothing(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        // As a worker of the release before would.
        let first = lease(&store, &fixture).await;
        take(&store, &fixture, campaign, first, 1).await;
        let second = next_lease(&store, &fixture, first).await;
        assert_eq!(begun::take_over(&store, fixture.account, second).await.unwrap(), []);
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Sending);
    }
);

/// A former owner lists something at the very moment it is taken over: the taking waits and reads
/// what was listed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_being_written_is_waited_for() {
    let store = crate::testing::store(crate::store::Engine::Postgres).await;
    let fixture = Fixture::new(&store, 0, 30.0).await;
    let first = lease(&store, &fixture).await;
    begun::take_over(&store, fixture.account, first).await.unwrap();
    let second = next_lease(&store, &fixture, first).await;
    let mut tx = store.begin().await.unwrap();
    let crate::store::Db::Postgres(connection) = tx.conn() else { panic!("PostgreSQL was asked for") };
    let list = sqlx::query(super::super::queries::BEGUN_LIST).bind(fixture.account).bind(first.channel).bind(first.token).bind("[7]");
    assert_eq!(list.execute(connection).await.unwrap().rows_affected(), 1);
    let taking = {
        let (store, account) = (store.clone(), fixture.account);
        tokio::spawn(async move { begun::take_over(&store, account, second).await.unwrap() })
    };
    let crate::store::Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(pool).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    tx.commit().await.unwrap();
    assert_eq!(taking.await.unwrap(), [Left { token: first.token, begun: [7].into() }]);
}
