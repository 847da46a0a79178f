//! What a deleted person had written stayed in the raw events, the conversation, the messages to
//! them and the notices.

use super::{super::reply::reply, *};
use crate::{delivery::outcome::Verdict, words::Reason};

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

// What became of a reply was told with the customer's name, and a provider's words of a failure
// stayed beside the message.
both!(async fn a_deletion_blanks_what_was_told_of_replies_and_failures(store) {
    let mut w = World::new(store).await;
    w.licensed().await;
    let channel = w.source.channel;
    let anna = w.agreed("77").await;
    w.text("77", "Где мой заказ?").await;
    let lease = crate::channel::lease::take(&w.store, channel, "w", w.now).await.unwrap().unwrap();
    for (key, words, verdict) in [("1", "Едет", Verdict::Failed { reason: Reason::Blocked }), ("2", "Приехал", Verdict::Uncertain)] {
        reply(&w.store, &w.actor, anna, None, Rich::plain(words), key, w.now).await.unwrap();
        assert!(w.all_go(lease, words, verdict).await);
    }
    let mut tx = w.store.begin().await.unwrap();
    let words = "update outgoing set detail = 'user 77 is deactivated' where state in ('failed', 'uncertain')";
    on!(tx.conn(), |c| sqlx::query(words).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(w.told(NoticeKind::ReplyUndelivered).await.len(), 2);
    contact::delete_by_member(&w.store, &w.actor, anna, w.now).await.unwrap();
    assert_eq!(w.told(NoticeKind::ReplyUndelivered).await, []);
    assert_eq!(w.count("select count(*) from notice where account_id = $1 and payload <> '{}'").await, 0);
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1 and detail is not null").await, 0);
});

// An echo holds the text, a status the phone, one POST what several people did; none of them was
// found by a deletion.
both!(async fn what_no_deletion_would_find_is_not_kept(store) {
    let mut w = World::new(store).await;
    w.happens("77", EventKind::Started(None)).await;
    w.happens("77", EventKind::Read { last: "77:1".to_owned() }).await;
    w.happens("77", EventKind::Ignored).await;
    let said = |body: &str| EventKind::Text { body: body.to_owned(), reply_to: None };
    let row = w.raw().await;
    let of_two = [w.event("77", said("Раз")), w.event("78", said("Два"))];
    assert!(matches!(handle(&w.store, &w.source, &row, &of_two, w.now).await.unwrap(), Handled::Done(_)));
    let row = w.raw().await;
    let later = Event { message_ref: Some("77:later".to_owned()), ..w.event("77", said("Четыре")) };
    let of_one = [w.event("77", said("Три")), later];
    assert!(matches!(handle(&w.store, &w.source, &row, &of_one, w.now).await.unwrap(), Handled::Done(_)));
    let row = w.raw().await;
    assert!(matches!(handle(&w.store, &w.source, &row, &[], w.now).await.unwrap(), Handled::Done(_)), "nothing of interest");
    assert_eq!(texts(&w, "select payload from inbound where account_id = $1 order by id").await, ["{}", "", "", "", "{}", ""]);
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1").await, 4);
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

/// Nothing was ever forgotten: events, notices, messages and conversations went on naming people
/// for as long as the database lived.
mod age {
    use super::*;
    use crate::store::{file, retention};

    async fn forget(store: &Store, days: &retention::Days, now: Moment) {
        for rule in retention::RULES {
            while rule.portion(store, days, now).await.unwrap() {}
        }
    }

    async fn import(w: &World, state: &'static str, at: Moment) -> crate::id::FileId {
        let mut tx = w.store.begin().await.unwrap();
        let kept = file::put(&mut tx, w.actor.account, "clients.csv", "text/csv", b"name;phone", at).await.unwrap().id;
        on!(tx.conn(), |c| sqlx::query("insert into import (id, account_id, member_id, file_id, state, mapping, counts, created_at) values ($1, $2, $3, $4, $5, $6, $6, $7)")
            .bind(uuid::Uuid::now_v7()).bind(w.actor.account).bind(w.actor.member).bind(kept).bind(state).bind(sqlx::types::Json(json!({ "sample": [["Анна", "+79990000001"]] }))).bind(at).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        kept
    }

    both!(async fn what_is_old_is_forgotten_and_what_is_not_stays(store) {
        let mut w = World::new(store).await;
        let days = retention::Days::default();
        w.happens("77", EventKind::Started(None)).await;
        w.text("77", "Где мой заказ?").await;
        // More than a portion; one event that waits still, however old.
        let many: Vec<(String, &str)> = (0..retention::PORTION + 7).map(|n| (format!("many-{n}"), "{}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(id, payload)| (id.as_str(), *payload)).collect();
        keep(&w.store, w.actor.account, SourceKind::Channel, w.source.channel.0, &many, w.now).await;
        let mut tx = w.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update inbound set state = 'handled', handled_at = $1 where external_id like 'many-%'").bind(w.now).execute(c).await.map(|_| ())).unwrap();
        on!(tx.conn(), |c| sqlx::query("update outgoing set state = 'sent', sent_at = $1").bind(w.now).execute(c).await.map(|_| ())).unwrap();
        on!(tx.conn(), |c| sqlx::query("update notice set due_at = null, sent_at = $1").bind(w.now).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let waiting = w.raw().await;
        let (done, left) = (import(&w, "done", w.now).await, import(&w, "mapping", w.now).await);
        // What the database refused for good was kept for ever.
        let held = import(&w, "held", w.now).await;

        forget(&w.store, &days, w.now + TimeDelta::days(20)).await;
        assert!(texts(&w, "select payload from inbound where account_id = $1").await.iter().all(|payload| payload == "{}"), "not old yet");
        assert!(file::content(&w.store, w.actor.account, done).await.unwrap().is_some());

        let later = w.now + TimeDelta::days(100);
        forget(&w.store, &retention::Days { events: 0, ..days }, later).await;
        assert_eq!(w.count("select count(*) from inbound where account_id = $1 and payload = ''").await, 0, "0 keeps for ever");
        forget(&w.store, &days, later).await;
        assert_eq!(texts(&w, "select payload from inbound where account_id = $1 and payload <> ''").await, [waiting.payload]);
        assert_eq!(texts(&w, "select cast(payload as text) from notice where account_id = $1").await, ["{}"]);
        assert_eq!(texts(&w, "select address_value from outgoing where account_id = $1").await, [""]);
        assert_eq!(texts(&w, "select body from chat_message where account_id = $1").await, ["Где мой заказ?"], "years");
        for kept in [done, left, held] {
            assert!(file::content(&w.store, w.actor.account, kept).await.unwrap().is_none());
        }
        assert_eq!(texts(&w, "select state from import where account_id = $1 order by state").await, ["cancelled", "cancelled", "done"]);
        assert_eq!(w.count("select count(*) from import where account_id = $1 and (mapping <> '{}' or counts <> '{}')").await, 0);
        // What came in is not taken a second time because its words are gone.
        assert_eq!(keep(&w.store, w.actor.account, SourceKind::Channel, w.source.channel.0, &many[..1], w.now).await, 0);

        forget(&w.store, &days, w.now + TimeDelta::days(2_000)).await;
        assert_eq!(texts(&w, "select body from chat_message where account_id = $1").await, [""]);
        assert!(w.contact("77").await.is_some(), "the person stays");
    });
}
