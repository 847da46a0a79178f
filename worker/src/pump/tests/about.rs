//! A campaign whose template names what a message is about: a visit of the recipient's.

use chrono::TimeDelta;
use mms_core::{
    contact::occasion::{self, NewOccasion, OccasionKind, OccasionState},
    id::{ConnectionId, ContactId},
};

use super::*;

const CONNECTION: &str = "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, \
    sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'Demo', '', '', 'paused', $3, $4, 'seed', $4, 'idle', $5)";

fn visit(contact: ContactId, id: &str, ahead: TimeDelta, state: OccasionState) -> NewOccasion {
    NewOccasion {
        kind: OccasionKind::Visit,
        external_id: id.to_owned(),
        contact,
        at: clock::now() + ahead,
        until: None,
        state,
        stage: String::new(),
        title: format!("Стрижка {id}"),
        staff: "Мария".to_owned(),
        place: String::new(),
        amount: None,
        url: None,
        data: serde_json::Map::new(),
        changed_at: clock::now(),
    }
}

both!(
    async fn each_reads_of_their_own_visit_and_who_has_none_is_left_out(store) {
        let world = World::new(store, 3, 30.0, Rates::default()).await;
        let Fixture { account, ref contacts, .. } = world.fixture;
        let (mut tx, connection, nothing) = (world.store.begin().await.unwrap(), ConnectionId::new(), sqlx::types::Json(serde_json::json!({})));
        on!(tx.conn(), |c| sqlx::query(CONNECTION)
            .bind(connection)
            .bind(account)
            .bind(Vec::<u8>::new())
            .bind(&nothing)
            .bind(clock::now())
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        let rows = [
            visit(contacts[0], "1", TimeDelta::days(3), OccasionState::Open),
            visit(contacts[0], "2", TimeDelta::days(1), OccasionState::Confirmed),
            visit(contacts[0], "3", TimeDelta::hours(1), OccasionState::Cancelled),
            visit(contacts[1], "4", TimeDelta::days(-9), OccasionState::Done),
            visit(contacts[2], "5", TimeDelta::days(2), OccasionState::Cancelled),
        ];
        occasion::put(&mut tx, account, connection, &rows, clock::now()).await.unwrap();
        tx.commit().await.unwrap();
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 3, None).await;
        world.fixture.change(&world.store, "update template_version set body = '{{ visit.title }}, мастер {{ visit.staff }}' where account_id = $1").await;
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        let mut texts: Vec<String> = world.sandbox.ledger().entries().iter().map(|entry| entry.text.clone()).collect();
        texts.sort();
        assert_eq!(texts, ["Стрижка 2, мастер Мария", "Стрижка 4, мастер Мария"]);
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Sent), books.of(State::Skipped)), (2, 1), "a message about no visit does not go");
    }
);
