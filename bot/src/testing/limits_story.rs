//! Channels within the plan, however many are connected at once.

use chrono::TimeDelta;
use mms_core::{
    account::licence,
    both,
    channel::{
        ChannelKind,
        store::{self, ChannelError, ChannelSettings},
    },
    clock,
    config::Endpoints,
    secret::Secret,
};

use super::talk::Talk;

// Only the press asked: two presses at once, or a program beside the bot, passed the limit.
both!(async fn channels_connected_at_once_do_not_pass_the_plan(store) {
    let talk = Talk::start(store).await;
    let now = clock::now();
    licence::issue(&talk.store, talk.account, licence::PlanCode::TRIAL, now, now + TimeDelta::days(30), now).await.unwrap();
    let endpoints = Endpoints { telegram: talk.sandbox.url(), ..Endpoints::default() };
    let token = |n: usize| format!("700000010{n}:AAE-shop_0123456789");
    let mut tries = Vec::new();
    for n in 0..3 {
        talk.sandbox.add_bot(&token(n), &format!("shop_{n}_bot")).unwrap();
        let (store, sealer, endpoints, owner, token) = (talk.store.clone(), talk.sealer(), endpoints.clone(), talk.owner(), Secret::new(token(n)));
        tries.push(tokio::spawn(async move {
            store::add(&store, &sealer, &endpoints, &owner, ChannelKind::Telegram, token, ChannelSettings::default(), clock::now()).await
        }));
    }
    let mut connected = Vec::new();
    for (n, tried) in tries.into_iter().enumerate() {
        match tried.await.unwrap() {
            Ok(row) => connected.push((n, row.id)),
            Err(ChannelError::OverLimit(over)) => assert_eq!((over.allowed, over.used), (1, 1)),
            Err(error) => panic!("{error}"),
        }
    }
    let [(first, id)] = connected[..] else { panic!("{connected:?}") };
    // Removed, it makes room; back again, it is one more.
    store::remove(&talk.store, &talk.owner(), id, clock::now()).await.unwrap();
    let add = async |n: usize| {
        store::add(&talk.store, &talk.sealer(), &endpoints, &talk.owner(), ChannelKind::Telegram, Secret::new(token(n)), ChannelSettings::default(), clock::now()).await
    };
    add((first + 1) % 3).await.unwrap();
    assert!(matches!(add(first).await, Err(ChannelError::OverLimit(_))));
    talk.ends().await;
});
