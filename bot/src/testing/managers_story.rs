//! The managers' own bot and customers' channels are kept apart.

use mms_core::{
    both,
    channel::store::{self, ChannelSettings, ChannelState},
    clock,
    config::Endpoints,
    contact::{self, Draft, NewAddress, TELEGRAM},
    id::ChannelId,
    secret::Secret,
};

use super::talk::{TOKEN, Talk};
const ANNA: i64 = 501;

/// The managers' bot as a channel, the way it could be connected before.
async fn connected(talk: &Talk) -> ChannelId {
    let endpoints = Endpoints { telegram: talk.sandbox.url(), ..Endpoints::default() };
    let kind = mms_core::channel::ChannelKind::Telegram;
    let token = Secret::new(TOKEN);
    store::add(&talk.store, &talk.sealer(), &endpoints, &talk.owner(), kind, token, ChannelSettings::default(), clock::now())
        .await
        .unwrap()
        .id
}

// Both sides read the same updates, and the managers' bot fell silent.
both!(async fn the_managers_own_token_is_no_channel(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "Каналы", "Каналов пока нет").await;
    talk.goes(ANNA, "Подключить бота", "Где будет бот для клиентов?").await;
    talk.goes(ANNA, "Telegram", "Пришлите токен бота").await;
    talk.types(ANNA, TOKEN);
    talk.sees(ANNA, "Это бот для сотрудников").await;
    assert!(store::list(&talk.store, talk.account).await.unwrap().is_empty());
    talk.ends().await;
});

both!(async fn a_channel_with_the_managers_bot_is_set_aside(store) {
    let mut talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let channel = connected(&talk).await;
    talk.restarts().await;
    talk.sees(ANNA, "в нём бот для сотрудников").await;
    assert_eq!(store::find(&talk.store, channel).await.unwrap().unwrap().state, ChannelState::Misconfigured);
    // The bot answers its members, and nobody lets the channel go on.
    talk.opens(ANNA, "Каналы", "Каналы").await;
    talk.goes(ANNA, "mms_test_bot", "это бот для сотрудников").await;
    assert!(talk.told(ANNA, "Продолжить").await.contains("Это бот для сотрудников"));
    talk.ends().await;
});

// The other way round: customers of that bot would say stop to the managers' side.
both!(async fn a_customers_bot_does_not_become_the_managers(store) {
    let talk = Talk::start(store).await;
    let channel = connected(&talk).await;
    let chat = NewAddress { kind: TELEGRAM.to_owned(), value: "7".to_owned(), scope: channel, raw: None };
    let draft = Draft { name: Some("Пётр".to_owned()), addresses: vec![chat], source: "telegram".to_owned(), ..Draft::default() };
    let mut tx = talk.store.begin().await.unwrap();
    contact::create(&mut tx, talk.account, &draft, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    let refused = talk.starts_again().await.unwrap_err().to_string();
    assert!(refused.contains("customers who say stop there would not be heard") && refused.contains("MMS_TELEGRAM_TOKEN"), "{refused}");
    assert_eq!(store::find(&talk.store, channel).await.unwrap().unwrap().state, ChannelState::Active, "the channel is not the wrong one");
    talk.ends().await;
});
