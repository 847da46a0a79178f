//! What a deleted person had written stayed in the raw events, the conversation, the messages to them and the notices.

use super::*;

async fn texts(w: &World, sql: &'static str) -> Vec<String> {
    on!(w.store.read(), |c| sqlx::query_scalar(sql).bind(w.actor.account).fetch_all(c).await).unwrap()
}

both!(async fn a_deletion_blanks_what_a_person_wrote_and_was_told(store) {
    let mut w = World::new(store).await;
    w.happens("77", EventKind::Started(None)).await;
    w.text("77", "Где мой заказ, я Анна?").await;
    w.happens("78", EventKind::Started(None)).await;
    w.text("78", "А мой?").await;
    let anna = w.contact("77").await.unwrap();
    let kept = w.count("select count(*) from consent where account_id = $1").await;
    contact::delete_by_member(&w.store, &w.actor, anna, w.now).await.unwrap();

    assert_eq!(texts(&w, "select payload from inbound where account_id = $1 order by id").await, ["", "", "{}", "{}"]);
    assert_eq!(texts(&w, "select body from chat_message where account_id = $1 order by id").await, ["", "А мой?"]);
    let said = texts(&w, "select cast(payload as text) from outgoing where account_id = $1 order by id").await;
    assert_eq!(said.iter().filter(|payload| *payload == "{}").count(), 1, "{said:?}");
    assert_eq!(texts(&w, "select address_value from outgoing where account_id = $1 order by id").await, ["", "78"]);
    // The question that still waited does not go to somebody who is gone.
    assert_eq!(texts(&w, "select state from outgoing where account_id = $1 order by id").await, ["failed", "queued"]);
    let notices = texts(&w, "select cast(payload as text) from notice where account_id = $1 order by id").await;
    assert_eq!(notices[0], "{}");
    assert!(notices[1].contains("А мой?"), "another's stays");
    assert_eq!(w.count("select count(*) from notice where account_id = $1 and due_at is not null").await, 1);
    assert_eq!(w.count("select count(*) from consent where account_id = $1").await, kept, "the ledger stays");
});

both!(async fn a_chat_that_moves_takes_its_events_and_its_notice_along(store) {
    let mut w = World::new(store).await;
    let owner = w.known("+79990000002").await;
    w.happens("79", EventKind::Started(None)).await;
    w.text("79", "Здравствуйте").await;
    w.happens("79", EventKind::Phone { number: "79990000002".to_owned(), own: true }).await;
    assert_eq!(texts(&w, "select payload from inbound where account_id = $1 order by id").await, ["{}", "{}", "{}"]);
    assert_eq!(w.count("select count(*) from notice where account_id = $1 and due_at is not null").await, 1, "managers are told");
    contact::delete_by_member(&w.store, &w.actor, owner, w.now).await.unwrap();
    assert_eq!(texts(&w, "select payload from inbound where account_id = $1 order by id").await, ["", "", ""]);
    assert_eq!(texts(&w, "select body from chat_message where account_id = $1").await, [""]);
});
