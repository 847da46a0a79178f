//! What of a conversation the CRM is told: answers about a visit, a task for whoever is
//! responsible.

use super::*;
use crate::{
    channel::Button,
    contact::occasion::{self, NewOccasion, OccasionKind, OccasionState, VisitAnswer},
    crm::{CrmChange, CrmKind, mapping::CrmSettings, registry},
    delivery::{fixture::Fixture, kept},
};

impl World {
    /// A visit of a contact who is the record `7` of a CRM.
    async fn visit(&self, contact: ContactId, id: &str, ahead: TimeDelta, state: OccasionState) {
        let mut tx = self.store.begin().await.unwrap();
        let connection = match on!(tx.conn(), |c| sqlx::query_scalar("select id from crm_connection where account_id = $1")
            .bind(self.actor.account)
            .fetch_optional(c)
            .await)
        .unwrap()
        {
            Some(connection) => connection,
            None => fixture::connection(&mut tx, self.actor.account).await,
        };
        fixture::source(&mut tx, self.actor.account, contact, (connection, "7")).await;
        let row = NewOccasion {
            kind: OccasionKind::Visit,
            external_id: id.to_owned(),
            contact,
            at: self.now + ahead,
            until: None,
            state,
            stage: String::new(),
            title: "Стрижка".to_owned(),
            staff: String::new(),
            place: String::new(),
            amount: None,
            url: None,
            data: serde_json::Map::new(),
            changed_at: self.now,
        };
        occasion::put(&mut tx, self.actor.account, connection, &[row], self.now).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn says_of_a_visit(&mut self, chat: &str, visit: &str, comes: bool) -> Aftermath {
        let data = VisitAnswer { comes, visit: visit.to_owned() }.encode().unwrap();
        let label = if comes { "Подтверждаю" } else { "Не приду" };
        self.happens(chat, EventKind::Press { data, query_id: format!("q{}", self.next), label: label.to_owned() }).await
    }

    async fn states(&self, contact: ContactId) -> Vec<OccasionState> {
        let mut all = occasion::of_contact(&self.store, self.actor.account, contact, 10).await.unwrap();
        all.sort_by(|a, b| a.external_id.cmp(&b.external_id));
        all.into_iter().map(|one| one.state).collect()
    }

    async fn told_the_crm(&self) -> Vec<CrmChange> {
        let rows: Vec<sqlx::types::Json<CrmChange>> =
            on!(self.store.read(), |c| sqlx::query_scalar("select payload from crm_write where account_id = $1 order by id")
                .bind(self.actor.account)
                .fetch_all(c)
                .await)
            .unwrap();
        rows.into_iter().map(|row| row.0).collect()
    }
}

both!(async fn a_press_confirms_the_visit_and_tells_the_crm_once(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    w.visit(anna, "1", TimeDelta::days(1), OccasionState::Open).await;
    let after = w.says_of_a_visit("77", "1", true).await;
    assert_eq!((after.write_back.len(), after.presses.len()), (1, 1), "the CRM is rung, and the press answered");
    assert_eq!(w.states(anna).await, [OccasionState::Confirmed]);
    assert_eq!(w.last_said().await.body.text, "Спасибо, ждём вас!");
    // That CRM has no such answers: people read it in the card.
    let [CrmChange::Note { text }] = &w.told_the_crm().await[..] else { panic!("one note") };
    assert_eq!(text, "Клиент подтвердил запись кнопкой в сообщении");
    assert_eq!(w.count("select count(*) from conversation where account_id = $1").await, 0, "nobody need read a «yes»");

    // They change their mind: people must know, and the visit is theirs to call off.
    w.says_of_a_visit("77", "1", false).await;
    assert_eq!(w.states(anna).await, [OccasionState::Confirmed]);
    assert_eq!((w.told_the_crm().await.len(), w.count("select count(*) from conversation where account_id = $1").await), (2, 1));
    assert!(w.last_said().await.body.text.starts_with("Поняли"));
});

both!(async fn a_press_about_a_visit_that_is_past_cancelled_or_of_another_changes_nothing(store) {
    let mut w = World::new(store).await;
    let (anna, boris) = (w.agreed("77").await, w.agreed("78").await);
    w.visit(anna, "1", TimeDelta::days(-1), OccasionState::Open).await;
    w.visit(anna, "2", TimeDelta::days(1), OccasionState::Cancelled).await;
    w.visit(anna, "3", TimeDelta::days(1), OccasionState::Open).await;
    for (chat, visit) in [("77", "1"), ("77", "2"), ("77", "9"), ("78", "3"), ("79", "3")] {
        w.says_of_a_visit(chat, visit, true).await;
        assert!(w.last_said().await.body.text.starts_with("Эта запись уже прошла"), "{chat} {visit}");
    }
    assert_eq!(w.states(anna).await, [OccasionState::Open, OccasionState::Cancelled, OccasionState::Open]);
    assert!(w.told_the_crm().await.is_empty() && w.states(boris).await.is_empty());
});

both!(async fn whoever_said_stop_after_the_press_is_not_spoken_to_and_the_crm_knows_all_the_same(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    w.visit(anna, "1", TimeDelta::days(1), OccasionState::Open).await;
    let row = w.raw().await;
    w.text("77", "стоп").await;
    let said = w.count("select count(*) from outgoing where account_id = $1").await;
    let data = VisitAnswer { comes: true, visit: "1".to_owned() }.encode().unwrap();
    let event = w.event("77", EventKind::Press { data, query_id: "late".to_owned(), label: String::new() });
    assert!(matches!(handle(&w.store, &w.source, &row, &[event], w.now).await.unwrap(), Handled::Done(_)));
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1").await, said);
    assert_eq!(w.states(anna).await, [OccasionState::Confirmed]);
});

impl World {
    /// A campaign told a chat this, in a messenger where its answers are words.
    async fn told_by_a_campaign(&self, chat: &str, contact: ContactId, said: Vec<Button>) {
        let Actor { account, member, .. } = self.actor;
        let fixture = Fixture { account, member, channel: self.source.channel, contacts: vec![contact] };
        let campaign = fixture.campaign(&self.store, "service", "leave", 1, None).await;
        let packed =
            kept::Message { body: Rich::plain("Ждём вас завтра"), said, ..kept::Message::default() }.pack("{{ first_name }}, добрый день");
        let mut tx = self.store.begin().await.unwrap();
        let delivery: i64 = on!(tx.conn(), |c| sqlx::query_scalar(
            "update delivery set state = 'sent', attempt = 1, message_ref = $3 where account_id = $1 and campaign_id = $2 returning id"
        )
        .bind(self.actor.account)
        .bind(campaign)
        .bind(format!("{chat}:told"))
        .fetch_one(c)
        .await)
        .unwrap();
        on!(tx.conn(), |c| sqlx::query("insert into delivery_text (delivery_id, attempt, body) values ($1, 1, $2)")
            .bind(delivery)
            .bind(packed)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
    }
}

both!(async fn whoever_writes_an_answer_where_there_are_no_buttons_gives_it(store) {
    let mut w = World::new(store).await;
    w.source.presses_are_words = true;
    let anna = w.agreed("77").await;
    for (visit, days) in [("1", 1), ("2", 7)] {
        w.visit(anna, visit, TimeDelta::days(days), OccasionState::Open).await;
    }
    let answer = |comes: bool, text: &str| Button {
        text: text.to_owned(),
        action: ButtonAction::Callback(VisitAnswer { comes, visit: "1".to_owned() }.encode().unwrap()),
    };
    w.told_by_a_campaign("77", anna, vec![answer(true, "Подтверждаю"), answer(false, "Не приду")]).await;
    w.text("77", "А парковка есть?").await;
    assert_eq!(w.states(anna).await, [OccasionState::Open, OccasionState::Open], "a question is no answer");
    w.text("77", " подтверждаю!").await;
    assert_eq!(w.states(anna).await, [OccasionState::Confirmed, OccasionState::Open], "the visit that was told of, not another");
    assert_eq!(w.last_said().await.body.text, "Спасибо, ждём вас!");
    let told = w.told_the_crm().await;
    assert!(matches!(&told[..], [CrmChange::Note { .. }]), "{told:?}");

    // Where buttons are pressed, the same words are words.
    w.source.presses_are_words = false;
    w.text("77", "Не приду").await;
    assert_eq!(w.told_the_crm().await.len(), 1);
});

both!(async fn a_customer_who_writes_becomes_a_task_once_a_day_where_the_owner_asked_for_it(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    let kind = *CrmKind::ALL.iter().find(|kind| registry::capabilities(**kind).tasks).expect("a CRM with tasks");
    w.visit(anna, "1", TimeDelta::days(1), OccasionState::Open).await;
    let settings = |tasks| sqlx::types::Json(CrmSettings { tasks, ..CrmSettings::default() });
    let turn = async |w: &World, tasks: bool| {
        let mut tx = w.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update crm_connection set kind = $2, settings = $3 where account_id = $1")
            .bind(w.actor.account)
            .bind(kind)
            .bind(settings(tasks))
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
    };
    turn(&w, false).await;
    w.text("77", "А размер L есть?").await;
    assert!(w.told_the_crm().await.is_empty(), "nobody asked for tasks");
    turn(&w, true).await;
    let after = w.text("77", "И сколько стоит?").await;
    assert_eq!(after.write_back.len(), 1, "the CRM is rung");
    w.text("77", "Ау").await;
    let [CrmChange::Task { text, due }] = &w.told_the_crm().await[..] else { panic!("one task") };
    assert_eq!(text, "Клиент написал:\nИ сколько стоит?");
    assert!(*due > w.now && *due < w.now + TimeDelta::days(1));
    w.text("77", "стоп").await;
    assert_eq!(w.told_the_crm().await.iter().filter(|change| matches!(change, CrmChange::Task { .. })).count(), 1, "a refusal is no question");
});
