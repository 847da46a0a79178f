//! Raw events: kept once and in their order, put off, given up.

use super::*;

/// What a poll brought, each update of this name, and where it led.
fn polled(updates: &[&str], cursor: Option<&str>) -> Polled {
    let update = |name: &&str| RawUpdate { external_id: (*name).to_owned(), payload: format!("{{\"update_id\":\"{name}\"}}") };
    Polled { updates: updates.iter().map(update).collect(), cursor: cursor.map(str::to_owned), forgot: false }
}

both!(async fn polled_updates_move_the_cursor_with_them(store) {
    let w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel);
    let keep = async |updates: &[&str], cursor| raw::store_polled(&w.store, account, channel, &polled(updates, cursor), w.now).await.unwrap();
    let cursor = async || channel::store::find(&w.store, channel).await.unwrap().unwrap().update_cursor;
    assert_eq!(keep(&["5", "6"], Some("7")).await, 2);
    assert_eq!(keep(&["6", "7"], Some("8")).await, 1);
    assert_eq!(cursor().await.as_deref(), Some("8"));
    // After a quiet week the provider counts from anywhere: what was there before says nothing.
    assert_eq!(keep(&["3", "2"], Some("4")).await, 2);
    assert_eq!(cursor().await.as_deref(), Some("4"), "after the newest of the batch");
    // A cursor is the provider's text, and moves without updates.
    assert_eq!(keep(&[], Some("ts=1780000000;pts=9/я")).await, 0);
    assert_eq!(cursor().await.as_deref(), Some("ts=1780000000;pts=9/я"));
    assert_eq!(keep(&["8"], None).await, 1);
    assert_eq!(cursor().await.as_deref(), Some("ts=1780000000;pts=9/я"), "a poll that leads nowhere leaves it");
});

both!(async fn a_poisoned_event_is_put_off_and_given_up(store) {
    let mut w = World::new(store).await;
    let mut row = w.raw().await;
    for n in 1..=8 {
        raw::failed(&w.store, &row, "broken", retry::INBOUND, w.now).await.unwrap();
        let rows = raw::waiting(&w.store, w.source.channel.0, InboundId(0), 10).await.unwrap();
        assert_eq!(rows.len(), usize::from(n < 8), "{n}");
        let stale = handle(&w.store, &w.source, &row, &[], w.now).await.unwrap();
        assert_eq!(stale, if n < 8 { Handled::PutOff } else { Handled::Before });
        if let Some(next) = rows.into_iter().next() {
            assert!(next.due_at > w.now);
            row = next;
        }
    }
});

both!(async fn hints_of_a_crm_bring_its_sync_forward(store) {
    let w = World::new(store).await;
    let connection = crate::id::ConnectionId::new();
    let mut tx = w.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, next_sync_at, created_at) values ($1, $2, 'amocrm', 'amo', '', '1', 'active', $3, $4, 's', $4, 'idle', $5, $6)")
        .bind(connection).bind(w.actor.account).bind(&b""[..]).bind(sqlx::types::Json(json!({}))).bind(w.now + TimeDelta::hours(1)).bind(w.now).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    let hint = [("h1", "contacts[update][0][id]=1")];
    assert_eq!(keep(&w.store, w.actor.account, SourceKind::Crm, connection.0, &hint, w.now).await, 1);
    let rows = raw::waiting(&w.store, connection.0, InboundId(0), 10).await.unwrap();
    assert_eq!(raw::take_hints(&w.store, &rows, w.now).await.unwrap(), 1);
    assert_eq!(raw::take_hints(&w.store, &rows, w.now).await.unwrap(), 0);
    let next: Moment = on!(w.store.read(), |c| sqlx::query_scalar("select next_sync_at from crm_connection where id = $1").bind(connection).fetch_one(c).await).unwrap();
    assert_eq!(next, w.now);
});

both!(async fn what_comes_together_is_kept_in_its_order_and_once(store) {
    let w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel.0);
    let many: Vec<(String, String)> = (1..=300).map(|n| (n.to_string(), format!("{{\"text\": \"«привет» \\\\ {n}\"}}"))).collect();
    let mut events: Vec<(&str, &str)> = many.iter().map(|(id, body)| (id.as_str(), body.as_str())).collect();
    events.push(("7", "the same twice"));
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &events, w.now).await, 300);
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &events[5..9], w.now).await, 0);
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &[], w.now).await, 0);
    let rows = raw::waiting(&w.store, channel, InboundId(0), 1_000).await.unwrap();
    let kept: Vec<(String, String)> = rows.into_iter().map(|row| (row.external_id, row.payload)).collect();
    assert_eq!(kept, many, "in the order they came, byte for byte");
});

// A page of the longest bodies would take hundreds of megabytes once it is understood.
both!(async fn long_bodies_are_taken_a_few_at_a_time_and_none_is_left_out(store) {
    let w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel.0);
    let long: Vec<(String, String)> = (1..=5).map(|n| (n.to_string(), "я".repeat(750_000))).collect();
    let events: Vec<(&str, &str)> = long.iter().map(|(id, body)| (id.as_str(), body.as_str())).collect();
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &events, w.now).await, 5);
    let (mut after, mut taken) = (InboundId(0), Vec::new());
    loop {
        let rows = raw::waiting(&w.store, channel, after, 200).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = last.id;
        taken.push(rows.len());
    }
    assert_eq!(taken, [3, 2]);
});
