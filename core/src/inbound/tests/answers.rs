//! What customers write reaches the members, and is replied to.

use super::*;

both!(async fn answers_reach_the_members_and_can_be_replied_to(store) {
    let mut w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel);
    let after = w.text("77", "Где мой заказ?").await;
    assert!(!after.deliver, "nothing is answered by itself");
    let anna = w.contact("77").await.unwrap();
    let notices = crate::notice::due(&w.store, w.now, 10).await.unwrap();
    let told: Vec<_> = notices.iter().filter(|n| n.kind() == Some(NoticeKind::CustomerAnswered)).collect();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].payload["text"].as_str(), told[0].payload["name"].as_str()), (Some("Где мой заказ?"), Some("Анна")));
    let body = Rich::plain("Уже в пути");
    // Without a licence whoever wrote is answered, and nobody is written to out of the blue.
    let none = reply(&w.store, &w.actor, anna, None, body.clone(), "1", w.now + reply::ANSWERED_WITHIN + TimeDelta::days(1)).await;
    assert!(matches!(none, Err(reply::ReplyError::NoLicence)));
    assert!(reply(&w.store, &w.actor, anna, None, body.clone(), "1", w.now).await.is_ok());
    licence::issue(&w.store, account, licence::PlanCode::START, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    for _ in 0..2 {
        assert_eq!(reply(&w.store, &w.actor, anna, None, body.clone(), "1", w.now).await.unwrap(), channel);
    }
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1 and purpose = 'reply'").await, 1);
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1 and direction = 'out'").await, 1);
    // The inbox: who waits comes first, and only this account's.
    w.text("78", "А мой?").await;
    let counts = inbox::counts(&w.store, account).await.unwrap();
    assert_eq!((counts.all, counts.waiting), (2, 1));
    let list = inbox::conversations(&w.store, account, 10, 0).await.unwrap();
    assert_eq!(list.iter().map(|one| (one.waits(), one.body.as_str())).collect::<Vec<_>>(), [(true, "А мой?"), (false, "Уже в пути")]);
    assert_eq!(inbox::conversations(&w.store, account, 10, 1).await.unwrap().len(), 1);
    let thread = inbox::thread(&w.store, account, anna, 10).await.unwrap();
    assert_eq!(thread.iter().map(|said| said.body.as_str()).collect::<Vec<_>>(), ["Где мой заказ?", "Уже в пути"]);
    assert_eq!(thread[1].member.as_deref(), Some("Анна"));
    // What needs no answer waits no more, until the customer writes again; the mark can be taken
    // off.
    let lena = w.contact("78").await.unwrap();
    let last = inbox::thread(&w.store, account, lena, 10).await.unwrap().last().unwrap().id;
    let viewer = Actor { role: crate::account::Role::Viewer, ..w.actor.clone() };
    assert!(inbox::set_handled(&w.store, &viewer, lena, last, true, w.now).await.is_err());
    let stranger = fixture::actor(&w.store).await;
    assert!(!inbox::set_handled(&w.store, &stranger, lena, last, true, w.now).await.unwrap(), "not theirs");
    let waiting = async |w: &World| inbox::counts(&w.store, account).await.unwrap().waiting;
    for (handled, changed, left) in [(true, true, 0), (true, false, 0), (false, true, 1), (false, false, 1), (true, true, 0)] {
        assert_eq!(inbox::set_handled(&w.store, &w.actor, lena, last, handled, w.now).await.unwrap(), changed);
        assert_eq!(waiting(&w).await, left);
    }
    let thread = inbox::thread(&w.store, account, lena, 10).await.unwrap();
    assert_eq!((thread[0].handled_at, thread[0].handled_by.as_deref()), (Some(w.now), Some("Анна")));
    w.text("78", "Ау!").await;
    assert_eq!(waiting(&w).await, 1);
    assert!(inbox::set_handled(&w.store, &w.actor, lena, last, true, w.now).await.is_ok_and(|changed| !changed), "only what was seen");
    assert_eq!(waiting(&w).await, 1);
    let other = fixture::actor(&w.store).await.account;
    assert!(inbox::conversations(&w.store, other, 10, 0).await.unwrap().is_empty());
    assert!(inbox::thread(&w.store, other, anna, 10).await.unwrap().is_empty());
    assert_eq!(inbox::counts(&w.store, other).await.unwrap(), inbox::Counts::default());
    // After «стоп» only if they write again.
    w.text("77", "стоп").await;
    assert!(matches!(reply(&w.store, &w.actor, anna, None, body.clone(), "2", w.now).await, Err(reply::ReplyError::OptedOut)));
    w.text("77", "А заказ-то где?").await;
    reply(&w.store, &w.actor, anna, Some(channel), body.clone(), "3", w.now).await.unwrap();
    // Others cannot.
    let stranger = fixture::actor(&w.store).await;
    licence::issue(&w.store, stranger.account, licence::PlanCode::START, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    assert!(matches!(reply(&w.store, &stranger, anna, Some(channel), body.clone(), "4", w.now).await, Err(reply::ReplyError::Account(crate::account::AccountError::NotFound))));
    let viewer = Actor { role: crate::account::Role::Viewer, ..w.actor.clone() };
    assert!(matches!(reply(&w.store, &viewer, anna, None, body, "5", w.now).await, Err(reply::ReplyError::Account(_))));
});
