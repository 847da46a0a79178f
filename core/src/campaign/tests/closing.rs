//! How a campaign ends: its window, the notes it leaves, and that none holds up another.

use super::*;

// Two ticks that found the same closed window wrote it to the trail twice, and one that came after
// a stop cancelled in the name of the window.
both!(async fn a_window_closes_once_and_not_over_a_stop(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    let (first, second) = (running(&store, &w, 3).await, running(&store, &w, 3).await);
    let later = w.now + TimeDelta::seconds(5);
    run!(store, "update campaign set ends_at = $1", w.now);
    let both = tokio::join!(tick::tick(&store, later), tick::tick(&store, later));
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    for id in [first, second] {
        assert_eq!(balanced(&store, &w, id).await.reason(delivery::State::Cancelled, Reason::WindowClosed), 3);
        let told: i64 = on!(store.read(), |c| sqlx::query_scalar(
            "select count(*) from audit where action = 'campaign.window_closed' and subject = $1"
        ).bind(id.to_string()).fetch_one(c).await).unwrap();
        assert_eq!(told, 1);
    }
    let stopped = running(&store, &w, 3).await;
    run!(store, "update campaign set ends_at = $1 where id = $2", w.now, stopped);
    run!(store, "update campaign set state = 'stopped' where id = $1", stopped);
    assert!(matches!(control::close_window(&store, w.owner.account, stopped, later).await, Err(CampaignError::Changed)));
    assert_eq!(balanced(&store, &w, stopped).await.queued, 3);
});

// The first campaign whose row could not be read ended the tick for all that came after it.
both!(async fn a_campaign_that_cannot_be_read_holds_up_no_other(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let (broken, whole) = (running(&store, &w, 2).await, running(&store, &w, 2).await);
    run!(store, "update campaign set ends_at = $1", w.now);
    run!(store, "update campaign set audience = $2 where id = $1", broken, Json(serde_json::json!([7])));
    let later = w.now + TimeDelta::seconds(5);
    tick::tick(&store, later).await.unwrap();
    assert_eq!(balanced(&store, &w, whole).await.cancelled, 2);
    assert_eq!(balanced(&store, &w, broken).await.queued, 2, "it waits for whoever mends it");
});

// Notes for the CRM were one change of all recipients, which held SQLite's writer for as long.
both!(async fn notes_are_put_in_line_in_portions_and_gone_on_with_after_a_death(store) {
    let w = world(&store).await;
    let people = crowd(&store, &w, 7).await;
    let connection = crate::id::ConnectionId::new();
    run!(
        store,
        "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'amo', '', '1', 'active', $3, $4, '', $4, 'idle', $5)",
        connection, w.owner.account, vec![0_u8], Json(serde_json::json!({})), w.now
    );
    for (person, n) in people.iter().zip(0..) {
        sourced(&store, &w, *person, (connection, &n.to_string())).await;
    }
    let id = running(&store, &w, 7).await;
    outcome(&store, &w, id, 6, delivery::State::Sent, None).await;
    outcome(&store, &w, id, 1, delivery::State::Failed, Some(Reason::Rejected)).await;
    let Closed::Now { notes, .. } = report::close(&store, id, note, w.now).await.unwrap() else { panic!("it closes") };
    assert_eq!(notes, 6);
    let written = "select count(*) from crm_write where kind = 'note'";
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    // As whoever dies after two portions of two leaves it.
    run!(store, "delete from crm_write");
    run!(store, "update campaign set noted_to = $2 where id = $1", id, people[3]);
    assert_eq!(tick::tick(&store, w.now).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
    assert_eq!(report::close(&store, id, note, w.now).await.unwrap(), Closed::Nothing);
    let last: i64 = on!(store.read(), |c| sqlx::query_scalar(written).fetch_one(c).await).unwrap();
    let expected = on!(store.read(), |c| sqlx::query_scalar::<_, i64>(
        "select count(*) from delivery where campaign_id = $1 and state = 'sent' and contact_id > $2"
    ).bind(id).bind(people[3]).fetch_one(c).await).unwrap();
    assert_eq!(last, expected);
    assert!(tick::tick(&store, w.now).await.unwrap().is_empty());
    // Whatever the size of a portion, everybody's note is in line once.
    for portion in [1, 2, 3, 7, 8] {
        run!(store, "delete from crm_write");
        run!(store, "update campaign set noted_to = $2 where id = $1", id, ContactId(uuid::Uuid::nil()));
        assert_eq!(report::notes::queue(&store, &campaign, &note, portion, w.now).await.unwrap(), 6, "{portion}");
        assert_eq!(report::notes::queue(&store, &campaign, &note, portion, w.now).await.unwrap(), 0, "{portion}");
    }
});
