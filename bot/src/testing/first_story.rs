//! The first day of a company: the steps that are left, a ready text, help.

use mms_core::{
    account::{Role, licence},
    both, clock,
    contact::{self, Draft, NewAddress},
    on,
    template::versions,
};

use super::talk::Talk;

const ANNA: i64 = 77_811;
const SHOP: &str = "7000000002:AAE-shop_0123456789";

// A new owner saw fifteen equal buttons and no word of what comes first.
both!(async fn the_first_steps_are_shown_until_they_are_done(store) {
    let talk = Talk::start(store).await;
    let now = clock::now();
    talk.licensed(licence::PlanCode::BUSINESS).await;
    talk.sandbox.add_bot(SHOP, "shop_bot").unwrap();
    talk.comes_in(ANNA, "Anna", "anna").await;
    let menu = talk.sees(ANNA, "Бот для клиентов не подключён").await;
    assert!(menu.buttons.iter().flatten().count() <= 6, "{:?}", menu.buttons);

    // The advertiser was named when the company was founded.
    talk.goes(ANNA, "Первые шаги · 1 из 6", "Подключить бота для клиентов").await;
    talk.goes(ANNA, "Подключить бота для клиентов", "Где будет бот для клиентов?").await;
    talk.goes(ANNA, "Telegram", "Пришлите токен бота").await;
    talk.says(ANNA, SHOP, "подключён").await;
    talk.opens(ANNA, "Первые шаги · 2 из 6", "Загрузить контакты").await;
    talk.goes(ANNA, "Загрузить контакты", "Excel").await;
    let draft = Draft { name: Some("Ольга".to_owned()), addresses: vec![NewAddress::phone("+79161234567".to_owned(), "8916")], source: "manual".to_owned(), ..Draft::default() };
    let mut tx = talk.store.begin().await.unwrap();
    contact::create(&mut tx, talk.account, &draft, now).await.unwrap();
    tx.commit().await.unwrap();
    talk.opens(ANNA, "Первые шаги · 3 из 6", "Пригласить согласующего").await;
    talk.goes(ANNA, "Пригласить согласующего", "Кого пригласить?").await;
    // Back to where the step was pressed.
    talk.goes(ANNA, "Назад", "Первые шаги — 3 из 6").await;
    talk.member("boris", Role::Approver).await;

    // A ready text goes as it is.
    talk.opens(ANNA, "Первые шаги · 4 из 6", "Подготовить первый шаблон").await;
    talk.goes(ANNA, "Подготовить первый шаблон", "Готовые тексты").await;
    let card = talk.goes(ANNA, "Скидка на выходные", "замечаний нет").await;
    assert!(card.text.contains("Реклама. {{ advertiser }}") && card.text.contains("кнопка отписки"), "{}", card.text);
    talk.goes(ANNA, "На согласование", "ждёт согласования").await;
    let version = versions::list(&talk.store, talk.account, false, 1, 0).await.unwrap()[0].version_id;
    let hash = versions::version(&talk.store, talk.account, version).await.unwrap().unwrap().content_hash.unwrap();
    let boris = talk.actor("boris").await;
    versions::approve(&talk.store, &boris, version, &hash, clock::now()).await.unwrap();
    talk.hears(ANNA, "Шаблон «Скидка на выходные» согласован", 1).await;
    talk.opens(ANNA, "Первые шаги · 5 из 6", "Запустить первую кампанию").await;
    talk.goes(ANNA, "Запустить первую кампанию", "Напишите название").await;
    talk.says(ANNA, "Пионы", "Какой шаблон?").await;
    talk.goes(ANNA, "Скидка на выходные", "Сегментов пока нет").await;
    talk.goes(ANNA, "Все контакты", "Всё выбрано").await;
    let mut tx = talk.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("update campaign set state = 'finished' where account_id = $1").bind(talk.account).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    let menu = talk.says(ANNA, "/menu", "Канал работает").await;
    assert!(menu.button("Первые шаги").is_none() && menu.button("Сообщения").is_some(), "{:?}", menu.buttons);
    talk.ends().await;
});

both!(async fn help_is_by_topics(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.says(ANNA, "/help", "Справка").await;
    talk.goes(ANNA, "Кампании", "Прогноз").await;
    talk.goes(ANNA, "Назад", "Справка").await;
    talk.goes(ANNA, "Согласие и отписка", "🚫 Больше не писать").await;
    talk.goes(ANNA, "Меню", "Анна · Владелец").await;
    talk.ends().await;
});
