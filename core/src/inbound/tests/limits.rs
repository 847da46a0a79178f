//! Who writes is a customer, whatever the plan allows.

use super::*;
use crate::store::usage::{self, Counted, Month};

both!(async fn who_writes_and_who_says_stop_is_recorded_beyond_the_plan(store) {
    let mut w = World::new(store).await;
    licence::issue(&w.store, w.actor.account, licence::PlanCode::TRIAL, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    usage::preset(&w.store, w.actor.account, Counted::Contacts, Month::NONE, 5_000).await;
    w.text("77", "Где мой заказ?").await;
    w.happens("78", EventKind::Started(None)).await;
    assert!(w.contact("77").await.is_some());
    let out = w.contact("78").await.expect("a contact is made");
    w.text("78", "стоп").await;
    assert!(w.grades(out).await.2, "an opt-out is never refused");
    assert_eq!(usage::used(&w.store, w.actor.account, Counted::Contacts, Month::NONE).await.unwrap(), 5_002);
});

both!(async fn a_chat_that_moves_to_a_known_contact_leaves_one_counted(store) {
    let mut w = World::new(store).await;
    let anna = w.known("+79120000001").await;
    w.happens("77", EventKind::Started(None)).await;
    assert_eq!(usage::used(&w.store, w.actor.account, Counted::Contacts, Month::NONE).await.unwrap(), 2);
    w.happens("77", EventKind::Phone { number: "79120000001".to_owned(), own: true }).await;
    assert_eq!(w.contact("77").await, Some(anna));
    assert_eq!(usage::check(&w.store, w.actor.account).await.unwrap(), []);
    assert_eq!(usage::used(&w.store, w.actor.account, Counted::Contacts, Month::NONE).await.unwrap(), 1);
});
