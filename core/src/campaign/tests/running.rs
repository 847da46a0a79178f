//! Pausing, stopping, the clock, and unknown outcomes.

use super::*;

both!(async fn pause_resume_stop(store) {
    let w = world(&store).await;
    crowd(&store, &w, 4).await;
    let id = running(&store, &w, 4).await;
    let later = w.now + TimeDelta::seconds(1);
    control::pause(&store, &w.owner, id, later).await.unwrap();
    assert_eq!(state(&store, &w, id).await, State::Paused);
    assert!(matches!(control::pause(&store, &w.owner, id, later).await, Err(CampaignError::Refused(_))));
    assert_eq!(control::resume(&store, &w.owner, id, later).await.unwrap(), [Job::Deliver { channel: w.channel }]);
    outcome(&store, &w, id, 1, delivery::State::Sending, None).await;
    assert_eq!(control::stop(&store, &w.owner, id, later).await.unwrap(), 3);
    let numbers = balanced(&store, &w, id).await;
    assert_eq!((numbers.cancelled, numbers.sending, numbers.reason(delivery::State::Cancelled, Reason::CampaignStopped)), (3, 1, 3));
    assert!(tick::due(&store, later).await.unwrap().is_empty(), "one is in flight");
    // The provider gave it back to the queue (a limit): it must not wait for ever.
    run!(store, "update delivery set state = 'queued' where campaign_id = $1 and state = 'sending'", id);
    let mut tx = store.begin().await.unwrap();
    let mut moves = Moves::default();
    moves.step(delivery::Part::first(id), true, (delivery::State::Sending, None), (delivery::State::Queued, None));
    moves.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(tick::tick(&store, later).await.unwrap().is_empty());
    assert_eq!(balanced(&store, &w, id).await.cancelled, 4);
    assert_eq!(tick::tick(&store, later).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
    assert!(matches!(report::close(&store, id, note, later).await.unwrap(), Closed::Now { state: State::Stopped, .. }));
    assert!(tick::due(&store, later).await.unwrap().is_empty());
});

both!(async fn the_schedule_moves_campaigns(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let account = w.owner.account;
    let at = |seconds| w.now + TimeDelta::seconds(seconds);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = ready(&store, &w).await;
        let window = Change::Window { starts_at: Some(at(60)), ends_at: Some(at(120)) };
        draft::edit(&store, &w.manager, id, window, w.now).await.unwrap();
        approval::submit(&store, &w.manager, id, w.now).await.unwrap();
        approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        assert_eq!(approval::launch(&store, &w.manager, id, 2, w.now).await.unwrap(), Launched::Scheduled(at(60)));
        ids.push(id);
    }
    let (id, taken_back) = (ids[0], ids[1]);
    control::recall(&store, &w.manager, taken_back, w.now).await.unwrap();
    assert_eq!(state(&store, &w, taken_back).await, State::Approved);
    assert!(tick::tick(&store, at(59)).await.unwrap().is_empty());
    assert_eq!(tick::tick(&store, at(60)).await.unwrap(), [Job::PlanCampaign { campaign: id }]);
    assert!(tick::tick(&store, at(61)).await.unwrap().is_empty());
    assert_eq!(tick::due(&store, at(70)).await.unwrap(), [(account, id, Due::Plan)], "its worker may have died");
    plan::plan(&store, id, at(71)).await.unwrap();
    outcome(&store, &w, id, 1, delivery::State::Sent, None).await;
    assert!(tick::tick(&store, at(119)).await.unwrap().is_empty());
    assert!(tick::tick(&store, at(120)).await.unwrap().is_empty());
    let numbers = balanced(&store, &w, id).await;
    assert_eq!((numbers.sent, numbers.reason(delivery::State::Cancelled, Reason::WindowClosed)), (1, 1));
    assert_eq!(tick::tick(&store, at(121)).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
    assert!(matches!(report::close(&store, id, note, at(121)).await.unwrap(), Closed::Now { state: State::Finished, .. }));
    assert!(matches!(approval::launch(&store, &w.manager, taken_back, 2, at(121)).await, Err(CampaignError::WindowClosed)));
});

both!(async fn unknown_outcomes_wait_for_a_word(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    for (word, end) in [(Word::Resend, (0, 1)), (Word::Leave, (1, 0))] {
        let id = ready(&store, &w).await;
        draft::edit(&store, &w.manager, id, Change::Policy(UncertainPolicy::Ask), w.now).await.unwrap();
        approval::submit(&store, &w.manager, id, w.now).await.unwrap();
        approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        approval::launch(&store, &w.manager, id, 3, w.now).await.unwrap();
        plan::plan(&store, id, w.now).await.unwrap();
        outcome(&store, &w, id, 2, delivery::State::Sent, None).await;
        outcome(&store, &w, id, 1, delivery::State::Uncertain, Some(Reason::NoAnswer)).await;
        assert!(tick::tick(&store, w.now).await.unwrap().is_empty());
        assert_eq!(state(&store, &w, id).await, State::Paused, "the question is put");
        assert!(tick::due(&store, w.now).await.unwrap().is_empty());
        assert_eq!(control::decide_uncertain(&store, &w.manager, id, word, 1, w.now).await.unwrap(), 1);
        assert_eq!(state(&store, &w, id).await, State::Running);
        let numbers = balanced(&store, &w, id).await;
        assert_eq!((numbers.uncertain, numbers.queued), end);
        if word == Word::Resend {
            outcome(&store, &w, id, 1, delivery::State::Sent, None).await;
        }
        assert_eq!(tick::tick(&store, w.now).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
        assert!(matches!(report::close(&store, id, note, w.now).await.unwrap(), Closed::Now { .. }));
    }
});

// What a member had sent again was cancelled by a stop, although it may have arrived.
both!(async fn what_a_member_sent_again_is_unknown_after_a_stop_and_not_cancelled(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    let id = running(&store, &w, 3).await;
    outcome(&store, &w, id, 1, delivery::State::Sent, None).await;
    outcome(&store, &w, id, 1, delivery::State::Uncertain, Some(Reason::NoAnswer)).await;
    let at = w.now + TimeDelta::seconds(1);
    let asks = delivery::Wanted::Pause(Reason::Uncertain.into());
    assert!(control::grant(&store, w.owner.account, id, &asks, at).await.unwrap());
    assert_eq!(control::decide_uncertain(&store, &w.owner, id, Word::Resend, 1, at).await.unwrap(), 1);
    assert_eq!(balanced(&store, &w, id).await.queued, 2);
    assert_eq!(control::stop(&store, &w.owner, id, at).await.unwrap(), 2);
    let numbers = balanced(&store, &w, id).await;
    assert_eq!((numbers.sent, numbers.uncertain, numbers.cancelled), (1, 1, 1));
    assert_eq!(numbers.reason(delivery::State::Uncertain, Reason::NoAnswer), 1);
    assert_eq!(numbers.reason(delivery::State::Cancelled, Reason::CampaignStopped), 1);
});
