//! What the owner sets up: the customers' bot, the company's settings, the wording of consents.

use mms_core::{account::licence, both};

use super::talk::{TOKEN, Talk};

const ANNA: i64 = 77_601;
const SHOP: &str = "7000000002:AAE-shop_0123456789";

both!(async fn a_customers_bot_is_connected_paced_and_removed(store) {
    let talk = Talk::start(store).await;
    talk.licensed(licence::PlanCode::BUSINESS).await;
    talk.sandbox.add_bot(SHOP, "shop_bot").unwrap();
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "Каналы", "Каналов пока нет").await;
    talk.goes(ANNA, "Подключить бота", "Где будет бот для клиентов?").await;
    talk.goes(ANNA, "Telegram", "Пришлите токен бота").await;
    talk.says(ANNA, "не токен", "не похоже на токен").await;
    talk.says(ANNA, "7000000009:AAE-nobody_0123456789", "Telegram не знает такого токена").await;
    let secret = talk.types(ANNA, SHOP);
    talk.sees(ANNA, "подключён").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, secret).unwrap().deleted, "the token's message is deleted");
    talk.goes(ANNA, "Карточка канала", "🟢 Работает").await;

    assert_eq!(talk.told(ANNA, "Пауза").await, "Канал на паузе.");
    assert_eq!(talk.told(ANNA, "Продолжить").await, "Канал снова работает.");
    talk.goes(ANNA, "Скорость", "Скорость отправки").await;
    talk.goes(ANNA, "10 в секунду", "Скорость: до 10 в секунду").await;
    talk.goes(ANNA, "Скорость", "Скорость отправки").await;
    assert_eq!(talk.told(ANNA, "Включить платную рассылку").await, "Сохранено.");
    talk.goes(ANNA, "Скорость", "Скорость отправки").await;
    talk.offers(ANNA, "300 в секунду").await;
    assert_eq!(talk.told(ANNA, "Выключить платную рассылку").await, "Сохранено.");
    talk.goes(ANNA, "Скорость", "Скорость отправки").await;
    talk.goes(ANNA, "Максимальная", "максимальная для Telegram").await;

    // A new token is of the same bot.
    talk.goes(ANNA, "Новый токен", "Новый токен для @shop_bot").await;
    talk.says(ANNA, TOKEN, "от другого бота").await;
    let secret = talk.types(ANNA, SHOP);
    talk.sees(ANNA, "Новый токен принят").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, secret).unwrap().deleted);

    talk.goes(ANNA, "Назад", "Каналы — 1").await;
    talk.goes(ANNA, "@shop_bot", "🟢 Работает").await;
    talk.goes(ANNA, "Удалить", "Отправка прекратится").await;
    assert_eq!(talk.told(ANNA, "Да, удалить").await, "Канал удалён.");
    talk.sees(ANNA, "Каналов пока нет").await;
    talk.ends().await;
});

both!(async fn the_companys_settings_are_changed_by_buttons_and_words(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "Компания", "Название: Ромашка").await;
    talk.goes(ANNA, "Название", "Напишите название").await;
    talk.says(ANNA, "Ромашка и Ко", "Название: Ромашка и Ко").await;
    talk.goes(ANNA, "Часовой пояс", "По нему запускаются кампании").await;
    talk.goes(ANNA, "Самара", "Часовой пояс: Самара (UTC+4)").await;
    talk.goes(ANNA, "Код страны", "Напишите страну").await;
    talk.says(ANNA, "Лилипутия", "Напишите ещё раз").await;
    talk.says(ANNA, "Казахстан", "Номера без кода страны: Казахстан (+7)").await;
    talk.goes(ANNA, "Рекламодатель", "кто рекламодатель").await;
    talk.says(ANNA, "ООО «Ромашка», ИНН 7700000000", "ИНН 7700000000").await;
    talk.goes(ANNA, "Уровень согласия", "Какое согласие нужно").await;
    talk.goes(ANNA, "B — подписанный документ", "не слабее: B").await;
    talk.goes(ANNA, "Частота рекламы", "не чаще одной рекламы").await;
    talk.goes(ANNA, "2 дня", "одному человеку: 2 дня").await;
    talk.goes(ANNA, "Частота рекламы", "не чаще одной рекламы").await;
    talk.goes(ANNA, "Другое", "Сколько времени должно пройти").await;
    talk.says(ANNA, "часто", "Напишите ещё раз").await;
    talk.says(ANNA, "100", "одному человеку: 100 часов").await;
    talk.goes(ANNA, "Язык клиентов", "язык которых неизвестен").await;
    talk.goes(ANNA, "English", "Язык клиентов по умолчанию: English").await;

    talk.goes(ANNA, "Тексты согласий", "Правка создаёт новую версию").await;
    talk.goes(ANNA, "Реклама · Русский · версия 1", "Версия 1 с").await;
    talk.goes(ANNA, "Изменить", "Напишите новый текст вопроса").await;
    talk.says(ANNA, &"я".repeat(4_090), "Текст — от 1 до").await;
    talk.says(ANNA, "Можно присылать вам новости и скидки?", "Можно присылать вам новости").await;
    talk.goes(ANNA, "Назад", "Правка создаёт новую версию").await;
    talk.offers(ANNA, "Реклама · Русский · версия 2").await;
    talk.goes(ANNA, "Назад", "Название: Ромашка и Ко").await;

    talk.goes(ANNA, "Цены сообщений", "считается стоимость кампании").await;
    talk.goes(ANNA, "MAX · реклама", "Своей цены нет").await;
    talk.goes(ANNA, "Записать цену", "сколько стоит одно сообщение").await;
    talk.says(ANNA, "дорого", "Не понял, сколько").await;
    talk.says(ANNA, "5", "в какой валюте").await;
    talk.says(ANNA, "Лилипутия 5 ₽", "Нет такой страны").await;
    talk.says(ANNA, "Казахстан 3,5 тенге", "Казахстан — 3,50").await;
    talk.goes(ANNA, "Записать цену", "сколько стоит одно сообщение").await;
    talk.says(ANNA, "0,86 руб", "остальные страны — 0,86").await;
    assert_eq!(talk.told(ANNA, "Убрать свои цены").await, "Сохранено.");
    talk.sees(ANNA, "Своей цены нет").await;
    talk.goes(ANNA, "Назад", "считается стоимость кампании").await;
    talk.goes(ANNA, "Назад", "Название: Ромашка и Ко").await;
    talk.ends().await;
});
