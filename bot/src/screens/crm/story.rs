//! A CRM from its connection to its end, every button pressed.

use mms_core::{
    account::{Actor, Language, Role},
    both, clock,
    contact::{FieldKind, field},
    crm::{connection, mapping::Settings},
};
use mms_sandbox::telegram::Message;

use crate::testing::talk::Talk;

const ANNA: i64 = 77_401;
const VERA: i64 = 77_402;

/// Presses the button with these characters as soon as it is there, and waits for a screen with these words.
async fn goes(talk: &Talk, button: &str, words: &str) -> Message {
    let within = std::time::Duration::from_secs(30);
    talk.sandbox.expect_last(talk.bot, ANNA, within, |message| message.button(button).is_some()).await.unwrap();
    talk.presses(ANNA, button);
    talk.sees(ANNA, words).await
}

async fn says(talk: &Talk, typed: &str, words: &str) -> Message {
    talk.types(ANNA, typed);
    talk.sees(ANNA, words).await
}

async fn settings(talk: &Talk) -> Settings {
    connection::list(&talk.store, talk.account).await.unwrap()[0].settings.0.clone()
}

async fn connects(talk: &Talk) {
    goes(talk, "CRM", "CRM не подключена").await;
    goes(talk, "Подключить amoCRM", "Адрес вашей amoCRM").await;
    says(talk, "моя амо", "не адрес amoCRM").await;
    let early = talk.types(ANNA, &"eyJ0eXAiOiJKV1Qi".repeat(20));
    talk.sees(ANNA, "сейчас нужен адрес").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, early).unwrap().deleted, "a token sent too early is deleted");
    says(talk, "https://romashka.amocrm.ru/leads/", "Долгосрочный токен romashka.amocrm.ru").await;
    says(talk, "не токен", "не похоже на токен").await;
    says(talk, "eyJ0eXAiOiJKV1Qi.wrong.0123456789", "не принимает этот токен").await;
    let secret = talk.types(ANNA, &talk.amo.long_lived_token());
    talk.sees(ANNA, "romashka.amocrm.ru · amoCRM").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, secret).unwrap().deleted, "the token is deleted");
}

async fn maps_fields(talk: &Talk) {
    goes(talk, "Поля", "Используется 0 из 8").await;
    goes(talk, "Город", "Сейчас не используется").await;
    goes(talk, "Новое поле gorod", "Используется 1 из 8").await;
    goes(talk, "Последний визит", "Чем станет это поле?").await;
    goes(talk, "(visit)", "Используется 2 из 8").await;
    let mapped: Vec<String> = settings(talk).await.fields.into_iter().map(|mapping| mapping.key).collect();
    assert_eq!(mapped, ["gorod", "visit"]);
    goes(talk, "Город → gorod", "поле контакта gorod").await;
    goes(talk, "Не использовать", "Используется 1 из 8").await;
    goes(talk, "Назад", "romashka.amocrm.ru · amoCRM").await;
}

async fn maps_consents(talk: &Talk) {
    goes(talk, "Согласия", "Реклама: поле не выбрано").await;
    goes(talk, "Реклама: выбрать поле", "Какое поле говорит о согласии?").await;
    // The date is found by its title.
    goes(talk, "Согласие на рассылку", "Дата: «Согласие: когда»").await;
    goes(talk, "Дата согласия", "когда человек согласился").await;
    goes(talk, "Такого поля нет", "уровень D").await;
    goes(talk, "Дата согласия", "когда человек согласился").await;
    goes(talk, "Согласие: когда", "уровня C").await;
    goes(talk, "Персональные данные: выбрать поле", "Какое поле говорит о согласии?").await;
    goes(talk, "Согласие: кто отметил", "какие значения означают согласие").await;
    says(talk, " , ", "Нужно хотя бы одно значение").await;
    says(talk, "администратор, да", "Согласия из CRM").await;
    let set = settings(talk).await;
    assert_eq!(set.consents.len(), 2);
    assert!(set.consents.iter().any(|mapping| mapping.yes == ["администратор", "да"]));
    goes(talk, "Не брать из CRM", "поле не выбрано").await;
    assert_eq!(settings(talk).await.consents.len(), 1);
    assert!(set.opt_out_field.is_some(), "the conventional checkbox is found");
    goes(talk, "Флажок «Не писать»", "Кто отмечен в CRM").await;
    goes(talk, "Без флажка", "только тег opt-out").await;
    goes(talk, "Флажок «Не писать»", "Кто отмечен в CRM").await;
    goes(talk, "Не писать", "флажок «Не писать»").await;
    goes(talk, "Назад", "romashka.amocrm.ru · amoCRM").await;
}

both!(async fn a_crm_is_connected_mapped_and_ended(store) {
    let talk = Talk::start(store).await;
    talk.amo.seed(&mms_sandbox::amocrm::Seed::default());
    let owner = Actor { account: talk.account, member: talk.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
    field::create(&talk.store, &owner, "visit", "Визит", FieldKind::Date, clock::now()).await.unwrap();
    talk.person(ANNA, "Anna").await;
    talk.signs_in(ANNA, "anna").await;
    connects(&talk).await;
    maps_fields(&talk).await;
    maps_consents(&talk).await;
    goes(&talk, "Пауза", "На паузе").await;
    goes(&talk, "Продолжить", "Подключена").await;
    goes(&talk, "Синхронизировать сейчас", "Первая загрузка").await;
    goes(&talk, "Новый токен", "Долгосрочный токен romashka.amocrm.ru").await;
    says(&talk, &talk.amo.long_lived_token(), "Подключена").await;
    // A manager may sync, not end; a twin is refused.
    talk.member("vera", Role::Manager).await;
    talk.person(VERA, "Vera").await;
    talk.signs_in(VERA, "vera").await;
    talk.presses(VERA, "CRM");
    talk.sees(VERA, "CRM — 1").await;
    talk.presses(VERA, "🟢");
    let card = talk.sees(VERA, "romashka.amocrm.ru · amoCRM").await;
    assert!(card.button("Синхронизировать").is_some() && card.button("Отключить").is_none() && card.button("Новый токен").is_none());
    goes(&talk, "Назад", "CRM — 1").await;
    goes(&talk, "Подключить amoCRM", "Адрес вашей amoCRM").await;
    says(&talk, "romashka", "Долгосрочный токен").await;
    says(&talk, &talk.amo.long_lived_token(), "уже подключён").await;
    goes(&talk, "Назад", "CRM — 1").await;
    goes(&talk, "🟢", "romashka.amocrm.ru · amoCRM").await;
    goes(&talk, "Отключить", "Доступ будет забыт").await;
    goes(&talk, "Да, отключить", "CRM не подключена").await;
    talk.ends().await;
});
