//! A campaign from its draft to its report, and who may see it.

use super::*;
use crate::{account::usage, campaign::advertising, store::usage as counters};

// How much of the month is left was told by the licence's screen alone, after the fact.
both!(async fn the_forecast_says_how_many_messages_of_the_month_are_left(store) {
    let w = world(&store).await;
    crowd(&store, &w, 5).await;
    let mut tx = store.begin().await.unwrap();
    let month = usage::month_in(&mut tx, w.owner.account, w.now).await.unwrap();
    drop(tx);
    counters::preset(&store, w.owner.account, counters::Counted::Messages, month, 99_998).await;
    let id = approved(&store, &w).await;
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    let forecast = audience::forecast(&store, &campaign, w.now).await.unwrap();
    assert_eq!((forecast.month.map(|month| (month.left, month.allowed)), forecast.beyond_plan()), (Some((2, 100_000)), 3));
    // One that starts in another month has that month's messages.
    let later = Campaign { starts_at: Some(w.now + TimeDelta::days(32)), ends_at: None, ..campaign };
    let forecast = audience::forecast(&store, &later, w.now).await.unwrap();
    assert_eq!((forecast.month.map(|month| month.left), forecast.beyond_plan()), (Some(100_000), 0));
});

both!(async fn a_whole_life(store) {
    let w = world(&store).await;
    let account = w.owner.account;
    let people = crowd(&store, &w, 5).await;
    let silent = person(&store, &w, &Person { chats: vec!["reachable"], phone: Some("+79161234567".to_owned()), ..Person::default() }).await;
    let connection = crate::id::ConnectionId::new();
    run!(
        store,
        "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'amo', '', '1', 'active', $3, $4, '', $4, 'idle', $5)",
        connection, account, vec![0_u8], Json(serde_json::json!({})), w.now
    );
    sourced(&store, &w, people[0], (connection, "77")).await;

    let id = approved(&store, &w).await;
    let campaign = get(&store, account, id).await.unwrap();
    let forecast = audience::forecast(&store, &campaign, w.now).await.unwrap();
    assert_eq!((forecast.audience, forecast.planned), (6, 5));
    assert_eq!(forecast.skipped, [(Reason::NoConsent, 1)]);
    assert_eq!(forecast.duration, TimeDelta::milliseconds(167), "5 messages at 30 a second");
    assert!(matches!(approval::launch(&store, &w.manager, id, 6, w.now).await, Err(CampaignError::WrongCount { typed: 6, planned: 5 })));
    let launched = approval::launch(&store, &w.manager, id, 5, w.now).await.unwrap();
    assert_eq!(launched, Launched::Planning(Job::PlanCampaign { campaign: id }));

    let planned = plan::plan(&store, id, w.now).await.unwrap();
    assert_eq!(planned, Planned::Running { channels: vec![w.channel], planned: 5, skipped: 1 });
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::NotPlanning, "twice changes nothing");
    assert_eq!(balanced(&store, &w, id).await.queued, 5);
    assert!(tick::due(&store, w.now).await.unwrap().is_empty());
    assert_eq!(report::close(&store, id, note, w.now).await.unwrap(), Closed::NotYet);

    outcome(&store, &w, id, 4, delivery::State::Sent, None).await;
    outcome(&store, &w, id, 1, delivery::State::Failed, Some(Reason::Blocked)).await;
    assert_eq!(tick::tick(&store, w.now).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
    let Closed::Now { state: end, numbers, notes, balanced: even } = report::close(&store, id, note, w.now).await.unwrap() else {
        panic!("it closes")
    };
    assert_eq!((end, numbers.sent, numbers.failed, numbers.left_out, even), (State::Finished, 4, 1, 1, true));
    assert_eq!(notes, 1, "one of those who got it came from a CRM");
    assert_eq!(report::close(&store, id, note, w.now).await.unwrap(), Closed::Nothing);
    assert!(tick::due(&store, w.now).await.unwrap().is_empty());

    let Who::Row { contact, rows, .. } = view::who(&store, account, id, &Whom::Phone("+79161234567".to_owned())).await.unwrap() else {
        panic!("the silent one is in the books")
    };
    let [row] = rows.as_slice() else { panic!("one step: {rows:?}") };
    assert_eq!((contact, row.planned, row.state.as_str(), row.reason.clone()), (silent, false, "skipped", Some(Reason::NoConsent.into())));
    assert_eq!(view::who(&store, account, id, &Whom::Phone("+7000".to_owned())).await.unwrap(), Who::Unknown);
    let late = person(&store, &w, &fan()).await;
    assert!(matches!(view::who(&store, account, id, &Whom::Contact(late)).await.unwrap(), Who::NotInAudience { .. }));

    let first = report::xlsx::recipients(&store, account, id, &xlsx_words(), w.now).await.unwrap();
    let again = report::xlsx::recipients(&store, account, id, &xlsx_words(), w.now).await.unwrap();
    assert_eq!(first, again, "a closed campaign's list is kept");
    assert!(first.name.starts_with("Ноябрь ") && first.name.ends_with(".xlsx"), "{}", first.name);
    let chart = report::chart::picture(&store, account, id, &chart_words(), w.now).await.unwrap();
    assert_eq!(&chart.content[1..4], b"PNG");
    let card = view::card(&store, account, id).await.unwrap();
    assert_eq!((card.created_by.as_str(), card.approved_by.as_deref()), ("Борис", Some("Вера")));
    assert_eq!(view::list(&store, account, None, 10).await.unwrap().len(), 1);
    assert_eq!(view::states(&store, account).await.unwrap(), [(State::Finished, 1)]);
    assert!(audit::verify(&store, account).await.unwrap().is_ok());
});

both!(async fn another_account_sees_nothing(store) {
    let w = world(&store).await;
    let foreign = world(&store).await;
    crowd(&store, &w, 1).await;
    let id = running(&store, &w, 1).await;
    let (actor, now) = (&foreign.owner, w.now);
    let absent = |what: &str, result: Result<()>| assert!(matches!(result, Err(CampaignError::NotFound)), "{what}: {result:?}");
    absent("get", get(&store, actor.account, id).await.map(|_| ()));
    absent("edit", draft::edit(&store, actor, id, Change::Name("x".to_owned()), now).await.map(|_| ()));
    absent("duplicate", draft::duplicate(&store, actor, id, "x", now).await.map(|_| ()));
    absent("delete", draft::delete(&store, actor, id, now).await);
    absent("submit", approval::submit(&store, actor, id, now).await.map(|_| ()));
    absent("approve", approval::approve(&store, actor, id, now).await);
    absent("return", approval::give_back(&store, actor, id, "", now).await);
    absent("launch", approval::launch(&store, actor, id, 1, now).await.map(|_| ()));
    absent("pause", control::pause(&store, actor, id, now).await);
    absent("resume", control::resume(&store, actor, id, now).await.map(|_| ()));
    absent("recall", control::recall(&store, actor, id, now).await);
    absent("stop", control::stop(&store, actor, id, now).await.map(|_| ()));
    absent("decide", control::decide_uncertain(&store, actor, id, Word::Leave, 1, now).await.map(|_| ()));
    absent("card", view::card(&store, actor.account, id).await.map(|_| ()));
    absent("who", view::who(&store, actor.account, id, &Whom::Phone("+7".to_owned())).await.map(|_| ()));
    absent("list of recipients", report::xlsx::recipients(&store, actor.account, id, &xlsx_words(), now).await.map(|_| ()));
    absent("chart", report::chart::picture(&store, actor.account, id, &chart_words(), now).await.map(|_| ()));
    assert_eq!(view::numbers(&store, actor.account, id).await.unwrap(), Numbers::default());
    assert!(view::recipients(&store, actor.account, id, None, 10).await.unwrap().is_empty());
    assert!(view::list(&store, actor.account, None, 10).await.unwrap().is_empty());
    // And what belongs to another account cannot be built in.
    let own = draft::create(&store, actor, "Своя", now).await.unwrap();
    let theirs = segment(&store, &w, "").await;
    assert!(matches!(draft::edit(&store, actor, own, Change::Template(1, w.version), now).await, Err(CampaignError::TemplateNotApproved)));
    assert!(matches!(draft::edit(&store, actor, own, Change::Channel(1, w.channel), now).await, Err(CampaignError::ChannelNotActive)));
    let audience = Audience::of(theirs);
    assert!(matches!(draft::edit(&store, actor, own, Change::Audience(audience), now).await, Err(CampaignError::SegmentMissing(_))));
    assert_eq!(state(&store, &w, id).await, State::Running);
});

both!(async fn roles_are_checked_at_every_call(store) {
    let w = world(&store).await;
    let id = ready(&store, &w).await;
    for role in Role::ALL {
        let actor = Actor { role, ..w.approver.clone() };
        let refused = |result: Result<()>| matches!(result, Err(CampaignError::NotAllowed(_)));
        let edit = !role.may(Right::Edit);
        assert_eq!(refused(draft::create(&store, &actor, "x", w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(draft::edit(&store, &actor, id, Change::Name("Ноябрь".to_owned()), w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(approval::launch(&store, &actor, id, 1, w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(control::pause(&store, &actor, id, w.now).await), edit, "{role:?}");
        assert_eq!(refused(control::resume(&store, &actor, id, w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(control::stop(&store, &actor, id, w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(approval::approve(&store, &actor, id, w.now).await), !role.may(Right::Approve), "{role:?}");
        assert_eq!(refused(approval::give_back(&store, &actor, id, "", w.now).await), !role.may(Right::Approve), "{role:?}");
    }
});

// A CRM that was paused at the moment of a restore did not count as unread: the opt-outs that it
// keeps were not heard of before advertising went on.
both!(async fn advertising_waits_for_a_paused_crm_too(store) {
    let w = world(&store).await;
    let connection = crate::id::ConnectionId::new();
    run!(
        store,
        "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'amo', '', '1', 'paused', $3, $4, '', $4, 'idle', $5)",
        connection, w.owner.account, vec![0_u8], Json(serde_json::json!({})), w.now
    );
    advertising::hold(&store, w.now).await.unwrap();
    let refused = advertising::confirm(&store, &w.owner, w.now).await;
    assert!(matches!(refused, Err(advertising::ConfirmError::Unread(names)) if names == ["amo"]));
    run!(store, "update crm_connection set state = 'disconnected' where id = $1", connection);
    assert!(advertising::confirm(&store, &w.owner, w.now).await.unwrap());
});
