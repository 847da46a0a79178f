//! A CRM from its connection to its end, every button pressed.

use mms_core::{
    account::{Actor, Language, Role},
    both, clock,
    contact::{FieldKind, field},
    crm::{CrmError, connection, lease, mapping::CrmSettings},
};
use mms_sandbox::telegram::Message;

use crate::testing::talk::Talk;

pub(super) const ANNA: i64 = 77_401;
const VERA: i64 = 77_402;

/// Presses the button with these characters as soon as it is there, and waits for a screen with
/// these words.
pub(super) async fn goes(talk: &Talk, button: &str, words: &str) -> Message {
    let within = std::time::Duration::from_secs(30);
    talk.sandbox.expect_last(talk.bot, ANNA, within, |message| message.button(button).is_some()).await.unwrap();
    talk.presses(ANNA, button);
    talk.sees(ANNA, words).await
}

pub(super) async fn says(talk: &Talk, typed: &str, words: &str) -> Message {
    talk.types(ANNA, typed);
    talk.sees(ANNA, words).await
}

pub(super) async fn says_id(talk: &Talk, typed: &str, words: &str) -> i64 {
    let id = talk.types(ANNA, typed);
    talk.sees(ANNA, words).await;
    // The sentence may be that of the try before: this one was heard when its message is gone.
    talk.sandbox
        .until(std::time::Duration::from_secs(30), |telegram| {
            telegram.message(talk.bot, ANNA, id).is_some_and(|message| message.deleted).then_some(())
        })
        .await;
    id
}

async fn settings(talk: &Talk) -> CrmSettings {
    connection::list(&talk.store, talk.account).await.unwrap()[0].settings.0.clone()
}

async fn connects(talk: &Talk) {
    talk.opens(ANNA, "CRM", "CRM не подключена").await;
    goes(talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(talk, "amoCRM", "Адрес вашей amoCRM").await;
    for nonsense in ["моя амо", "https://evil.example/", "romashka.amocrm.ru.evil.com", "'; drop table contact; --", "🌷", "."] {
        says(talk, nonsense, "не адрес amoCRM").await;
    }
    let early = talk.types(ANNA, &"eyJ0eXAiOiJKV1Qi".repeat(20));
    talk.sees(ANNA, "сейчас нужен адрес").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, early).unwrap().deleted, "a token sent too early is deleted");
    says(talk, "https://romashka.amocrm.ru/leads/", "Долгосрочный токен romashka.amocrm.ru").await;
    for nonsense in ["не токен", "romashka.amocrm.ru", "два слова но очень-очень длинно и с пробелами", "🌷🌷🌷🌷🌷🌷🌷🌷"]
    {
        let typed = says_id(talk, nonsense, "не похоже на токен").await;
        assert!(talk.sandbox.message(talk.bot, ANNA, typed).unwrap().deleted, "whatever was typed for a token is deleted");
    }
    says(talk, "eyJ0eXAiOiJKV1Qi.wrong.0123456789", "не принимает этот токен").await;
    let secret = talk.types(ANNA, &talk.amo.long_lived_token());
    talk.sees(ANNA, "romashka.amocrm.ru · amoCRM").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, secret).unwrap().deleted, "the token is deleted");
}

async fn maps_fields(talk: &Talk) {
    goes(talk, "Поля", "Используется 0 из 8").await;
    goes(talk, "Город", "Сейчас не используется").await;
    goes(talk, "Новое поле «Город»", "Используется 1 из 8").await;
    goes(talk, "Последний визит", "Чем станет это поле?").await;
    goes(talk, "Визит", "Используется 2 из 8").await;
    let mapped: Vec<String> = settings(talk).await.fields.into_iter().map(|mapping| mapping.key).collect();
    assert_eq!(mapped, ["gorod", "visit"]);
    goes(talk, "Город → Город", "поле контакта «Город»").await;
    goes(talk, "Не использовать", "Используется 1 из 8").await;
    goes(talk, "Назад", "romashka.amocrm.ru · amoCRM").await;
}

async fn maps_consents(talk: &Talk) {
    goes(talk, "Согласия", "Реклама: поле не выбрано").await;
    goes(talk, "Реклама: выбрать поле", "В каком поле записано согласие?").await;
    // Time and author are found by their titles.
    goes(talk, "Согласие на рассылку", "Уровень C: в CRM записано, кто отметил согласие и когда").await;
    goes(talk, "Кто отметил", "В каком поле CRM записано, кто").await;
    goes(talk, "Такого поля нет", "в CRM не записано, кто отметил согласие").await;
    goes(talk, "Когда дано", "когда человек согласился").await;
    goes(talk, "Такого поля нет", "в CRM не записано, когда дано согласие и кто его отметил").await;
    goes(talk, "Кто отметил", "В каком поле CRM записано, кто").await;
    goes(talk, "Согласие: кто отметил", "в CRM не записано, когда дано согласие").await;
    goes(talk, "Когда дано", "когда человек согласился").await;
    goes(talk, "Согласие: когда", "Уровень C: в CRM записано").await;
    goes(talk, "Поле с отметкой", "В каком поле записано согласие?").await;
    goes(talk, "✓ Согласие на рассылку", "Уровень C: в CRM записано").await;
    goes(talk, "Назад", "Согласия из CRM").await;
    goes(talk, "Персональные данные: выбрать поле", "В каком поле записано согласие?").await;
    goes(talk, "Согласие: кто отметил", "какие значения означают согласие").await;
    let (long, many) = ("да".repeat(60), "да,".repeat(31));
    for nonsense in [" , ", ",,,", long.as_str(), many.as_str()] {
        says(talk, nonsense, "Нужно хотя бы одно значение").await;
    }
    says(talk, "администратор, да", "Персональные данные: согласие из CRM").await;
    let set = settings(talk).await;
    assert_eq!(set.consents.len(), 2);
    assert!(set.consents.iter().any(|mapping| mapping.yes == ["администратор", "да"]));
    goes(talk, "Не брать из CRM", "Персональные данные: поле не выбрано").await;
    assert_eq!(settings(talk).await.consents.len(), 1);
    assert!(set.opt_out_field.is_some(), "the conventional checkbox is found");
    goes(talk, "Флажок «Не писать»", "Кто отмечен в CRM").await;
    goes(talk, "Без флажка", "только тег opt-out").await;
    goes(talk, "Флажок «Не писать»", "Кто отмечен в CRM").await;
    goes(talk, "Не писать", "флажок «Не писать»").await;
    goes(talk, "Назад", "romashka.amocrm.ru · amoCRM").await;
}

/// The account is not found where it was: its new address is asked for.
async fn moves(talk: &Talk) {
    let row = connection::list(&talk.store, talk.account).await.unwrap().remove(0);
    let now = clock::now();
    let lease = lease::take(&talk.store, row.id, "test", now).await.unwrap().unwrap();
    connection::failed(&talk.store, &lease, &row, &CrmError::Moved, now).await.unwrap();
    lease.release(&talk.store).await.unwrap();
    talk.sees(ANNA, "не найдена по своему адресу").await;
    goes(talk, "Открыть", "аккаунта больше нет").await;
    goes(talk, "Новый адрес", "Новый адрес amoCRM").await;
    for (typed, words) in
        [("где-то там", "не адрес amoCRM"), ("nosuch", "не нашла такой аккаунт"), (&"ey".repeat(80), "слишком длинно для адреса")]
    {
        says(talk, typed, words).await;
    }
    says(talk, "https://romashka.amocrm.ru/leads/", "Подключена").await;
}

both!(async fn a_crm_is_connected_mapped_and_ended(store) {
    let talk = Talk::start(store).await;
    talk.amo.seed(&mms_sandbox::amocrm::Seed::default());
    let owner = Actor { account: talk.account, member: talk.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
    field::create(&talk.store, &owner, "visit", "Визит", FieldKind::Date, clock::now()).await.unwrap();
    talk.comes_in(ANNA, "Anna", "anna").await;
    connects(&talk).await;
    maps_fields(&talk).await;
    maps_consents(&talk).await;
    goes(&talk, "Пауза", "На паузе").await;
    goes(&talk, "Продолжить", "Подключена").await;
    goes(&talk, "Синхронизировать сейчас", "Первая загрузка").await;
    goes(&talk, "Новый токен", "Долгосрочный токен romashka.amocrm.ru").await;
    says(&talk, &talk.amo.long_lived_token(), "Подключена").await;
    moves(&talk).await;
    // A manager may sync, not end; a twin is refused.
    talk.member("vera", Role::Manager).await;
    talk.comes_in(VERA, "Vera", "vera").await;
    talk.opens(VERA, "CRM", "CRM — 1").await;
    talk.presses(VERA, "🟢");
    let card = talk.sees(VERA, "romashka.amocrm.ru · amoCRM").await;
    assert!(card.button("Синхронизировать").is_some() && card.button("Отключить").is_none() && card.button("Новый токен").is_none());
    goes(&talk, "Назад", "CRM — 1").await;
    goes(&talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(&talk, "amoCRM", "Адрес вашей amoCRM").await;
    says(&talk, "romashka", "Долгосрочный токен").await;
    says(&talk, &talk.amo.long_lived_token(), "уже подключён").await;
    goes(&talk, "Назад", "CRM — 1").await;
    goes(&talk, "🟢", "romashka.amocrm.ru · amoCRM").await;
    goes(&talk, "Отключить", "Токен удалим").await;
    goes(&talk, "Только поставить на паузу", "На паузе").await;
    let old = goes(&talk, "Отключить", "Токен удалим").await;
    let (_, _, button) = old.button("Да, отключить").unwrap();
    let outdated = button.data.clone().unwrap();
    goes(&talk, "Да, отключить", "CRM не подключена").await;
    // The same press once more is answered without a word; of an old message, it is told.
    let press = talk.sandbox.press_data(talk.bot, ANNA, old.id, &outdated).unwrap();
    assert_eq!(talk.toast(&press).await, "");
    let menu = talk.says(ANNA, "/menu", "Анна · Владелец").await;
    let press = talk.sandbox.press_data(talk.bot, ANNA, menu.id, &outdated).unwrap();
    assert!(!talk.toast(&press).await.is_empty(), "it is said that the button is outdated");
    talk.sees(ANNA, "Анна · Владелец").await;
    assert!(connection::list(&talk.store, talk.account).await.unwrap().is_empty());
    talk.ends().await;
});
