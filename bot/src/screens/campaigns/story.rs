//! The way of a campaign from its name to its report, by typing and pressing.

use chrono::TimeDelta;
use mms_core::{
    account::{Actor, Language, Role, licence},
    both,
    campaign::{plan, report, view},
    clock,
    contact::{
        self, Draft, NewAddress,
        segment::{self, Filter},
    },
    id::ChannelId,
    template::{
        Class,
        versions::{self, Edit},
    },
};
use mms_sandbox::telegram::Message;

use crate::testing::talk::Talk;

const VERA: i64 = 77_401;
const BORIS: i64 = 77_402;

/// Waits until the bot's newest message has a button with these characters, and presses it.
async fn press(talk: &Talk, id: i64, text: &str) -> String {
    let within = std::time::Duration::from_secs(30);
    talk.sandbox.expect_last(talk.bot, id, within, |message| message.button(text).is_some()).await.unwrap();
    talk.presses(id, text)
}

/// Presses and waits for a screen with these words.
async fn goes(talk: &Talk, id: i64, button: &str, words: &str) -> Message {
    press(talk, id, button).await;
    talk.sees(id, words).await
}

/// Presses and waits for the sentence over the chat.
async fn told(talk: &Talk, id: i64, button: &str) -> String {
    let pressed = press(talk, id, button).await;
    talk.toast(&pressed).await
}

/// Types and waits for a screen with these words.
async fn says(talk: &Talk, id: i64, typed: &str, words: &str) -> Message {
    talk.types(id, typed);
    talk.sees(id, words).await
}

fn owner(talk: &Talk) -> Actor {
    Actor { account: talk.account, member: talk.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() }
}

async fn customer(talk: &Talk, channel: ChannelId, name: &str, phone: &str, chat: Option<&str>, tag: &str) {
    let mut addresses = vec![NewAddress::phone(phone.to_owned(), phone)];
    if let Some(chat) = chat {
        addresses.push(NewAddress { kind: "telegram".to_owned(), value: chat.to_owned(), scope: channel, ..addresses[0].clone() });
    }
    let draft = Draft {
        name: Some(name.to_owned()),
        first_name: Some(name.to_owned()),
        tags: vec![tag.to_owned()],
        addresses,
        source: "manual".to_owned(),
        ..Draft::default()
    };
    let mut tx = talk.store.begin().await.unwrap();
    contact::create(&mut tx, talk.account, &draft, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// An approved template, a channel, three customers (one without a chat), two segments, a manager and an approver signed in.
async fn prepared(talk: &Talk) -> ChannelId {
    let now = clock::now();
    let anna = owner(talk);
    licence::issue(&talk.store, talk.account, licence::PlanKind::Business, now - TimeDelta::days(1), now + TimeDelta::days(90), now)
        .await
        .unwrap();
    let channel = talk.channel("7000000002:AAE-customers").await;
    customer(talk, channel, "Ольга", "+79161234567", Some("88001"), "vip").await;
    customer(talk, channel, "Пётр", "+79167654321", Some("88002"), "vip").await;
    customer(talk, channel, "Семён", "+79160000001", None, "vip").await;
    for (name, filter) in [("Важные", "tag = vip"), ("Лишние", "tag = bad")] {
        segment::create(&talk.store, &anna, name, &Filter::parse(filter, &[]).unwrap(), now).await.unwrap();
    }
    talk.member("vera", Role::Manager).await;
    talk.member("boris", Role::Approver).await;
    let draft = versions::create(&talk.store, &anna, "Напоминание", Class::Service, now).await.unwrap();
    let body = "{{ first_name | default: \"друг\" }}, ждём вас завтра".to_owned();
    let version = versions::edit(&talk.store, &anna, draft.id, Edit::Body(body), now).await.unwrap();
    let capabilities = mms_core::channel::registry::capabilities(mms_core::channel::ChannelKind::Telegram);
    versions::submit(&talk.store, &anna, version.id, capabilities, now).await.unwrap();
    let hash = versions::version(&talk.store, talk.account, version.id).await.unwrap().unwrap().content_hash.unwrap();
    let boris = mms_core::account::member::list(&talk.store, talk.account).await.unwrap();
    let boris = boris.iter().find(|member| member.login == "boris").unwrap();
    let boris = Actor { account: talk.account, member: boris.id, role: Role::Approver, language: Language::Ru, name: "boris".to_owned() };
    versions::approve(&talk.store, &boris, version.id, &hash, now).await.unwrap();
    for (id, name, login) in [(VERA, "Vera", "vera"), (BORIS, "Boris", "boris")] {
        talk.person(id, name).await;
        talk.signs_in(id, login).await;
    }
    channel
}

both!(async fn a_campaign_goes_from_its_name_to_its_report(store) {
    let mut talk = Talk::start(store).await;
    prepared(&talk).await;

    // A name, and what is missing.
    goes(&talk, VERA, "Кампании", "Кампаний пока нет").await;
    goes(&talk, VERA, "Новая кампания", "Напишите название").await;
    says(&talk, VERA, &"я".repeat(101), "от 1 до 100").await;
    talk.restarts().await;
    let draft = says(&talk, VERA, "Ноябрь", "Осталось выбрать: шаблон, канал").await;
    assert!(draft.button("На согласование").is_none());
    goes(&talk, VERA, "Шаблон", "Какой шаблон?").await;
    goes(&talk, VERA, "Напоминание", "Осталось выбрать: канал").await;
    goes(&talk, VERA, "Канал", "Через какой канал?").await;
    goes(&talk, VERA, "shop_bot", "Всё выбрано").await;

    // Whom for.
    goes(&talk, VERA, "Аудитория", "Сейчас: все контакты").await;
    goes(&talk, VERA, "Включить", "Кого включить?").await;
    goes(&talk, VERA, "▫️ Важные", "Кого включить?").await;
    press(&talk, VERA, "✅ Важные").await;
    press(&talk, VERA, "▫️ Важные").await;
    goes(&talk, VERA, "Назад", "Сейчас: «Важные»").await;
    goes(&talk, VERA, "Исключить", "Кого исключить?").await;
    press(&talk, VERA, "▫️ Лишние").await;
    press(&talk, VERA, "🚫 Лишние").await;
    press(&talk, VERA, "▫️ Лишние").await;
    goes(&talk, VERA, "Назад", "«Важные», кроме «Лишние»").await;
    goes(&talk, VERA, "Все контакты", "Сейчас: все контакты").await;
    goes(&talk, VERA, "Назад", "Всё выбрано").await;

    // When; what to do with unknown outcomes.
    goes(&talk, VERA, "Когда", "Когда отправлять?").await;
    goes(&talk, VERA, "Через час", "Сейчас: 2").await;
    goes(&talk, VERA, "Конец через сутки", "не позже").await;
    goes(&talk, VERA, "Без конца", "Когда отправлять?").await;
    goes(&talk, VERA, "Другое время", "Когда начать?").await;
    says(&talk, VERA, "когда-нибудь", "Не получилось прочитать время").await;
    says(&talk, VERA, "01.02.2020 10:00", "уже прошло").await;
    says(&talk, VERA, "завтра 10:00", "Всё выбрано").await;
    goes(&talk, VERA, "Когда", "Когда отправлять?").await;
    goes(&talk, VERA, "Другой конец", "Когда закончить?").await;
    says(&talk, VERA, "завтра 9:00", "позже начала").await;
    says(&talk, VERA, "завтра 21:00", "не позже").await;
    goes(&talk, VERA, "Когда", "Когда отправлять?").await;
    goes(&talk, VERA, "Сразу", "сразу после запуска").await;
    goes(&talk, VERA, "Назад", "Всё выбрано").await;
    goes(&talk, VERA, "Что делать с неизвестными", "исход неизвестен").await;
    goes(&talk, VERA, "Спросить меня", "спросить меня").await;

    // Forecast, sample, name.
    let forecast = goes(&talk, VERA, "Прогноз", "Получат 2 из 3").await;
    assert!(forecast.text.contains("нет адреса в этом канале"), "{}", forecast.text);
    goes(&talk, VERA, "Пересчитать", "Получат 2 из 3").await;
    goes(&talk, VERA, "Пример сообщения", "ждём вас завтра").await;
    goes(&talk, VERA, "следующий", "ждём вас завтра").await;
    goes(&talk, VERA, "Назад", "Всё выбрано").await;
    goes(&talk, VERA, "Название", "новое название").await;
    says(&talk, VERA, "Декабрь", "Декабрь").await;
    goes(&talk, VERA, "Сделать копию", "Декабрь (копия)").await;
    goes(&talk, VERA, "Удалить", "Удалить черновик").await;
    goes(&talk, VERA, "Да, удалить", "Кампании — 1").await;
    goes(&talk, VERA, "Декабрь", "Всё выбрано").await;

    // Handed in, given back, handed in, approved by another.
    goes(&talk, VERA, "На согласование", "Ждёт согласования").await;
    talk.sees(BORIS, "Кампания «Декабрь» ждёт согласования").await;
    let card = goes(&talk, BORIS, "Открыть", "Так это увидит получатель").await;
    assert!(card.text.contains("Получат 2 из 3") && card.text.contains("Напоминание"), "{}", card.text);
    goes(&talk, BORIS, "Вернуть", "что исправить").await;
    says(&talk, BORIS, "Добавьте адрес", "Кампания возвращена автору").await;
    talk.sees(VERA, "Добавьте адрес").await;
    goes(&talk, VERA, "Открыть", "Возвращена с комментарием").await;
    goes(&talk, VERA, "На согласование", "Ждёт согласования").await;
    // The card from before is outdated: it says so and shows what is there.
    talk.sees(BORIS, "Кампания «Декабрь» ждёт согласования").await;
    goes(&talk, BORIS, "Открыть", "Так это увидит получатель").await;
    assert_eq!(told(&talk, BORIS, "✅ Согласовать").await, "Согласовано. Теперь её можно запустить.");
    talk.sees(VERA, "Кампания «Декабрь» согласована").await;
    goes(&talk, VERA, "Открыть", "Согласована, можно запускать").await;

    // A change voids the approval; the same again does not.
    goes(&talk, VERA, "Изменить", "Любое изменение снимет согласование").await;
    goes(&talk, VERA, "Что делать с неизвестными", "исход неизвестен").await;
    goes(&talk, VERA, "Спросить меня", "Любое изменение снимет согласование").await;
    goes(&talk, VERA, "Назад", "Согласована, можно запускать").await;

    // Launch: nonsense and a wrong number keep the step.
    goes(&talk, VERA, "Запустить", "напишите число получателей: 2").await;
    says(&talk, VERA, "два", "Нужно число цифрами").await;
    says(&talk, VERA, "3", "Вы написали 3, а получат 2").await;
    says(&talk, VERA, "2", "Готовится список получателей").await;
    let rows = view::page(&talk.store, talk.account, 0, 10).await.unwrap();
    let campaign = rows[0].0.id;
    plan::plan(&talk.store, campaign, clock::now()).await.unwrap();
    // The card draws itself.
    let running = talk.sees(VERA, "Отправлено 0 из 2").await;
    assert!(running.text.contains("░") && running.text.contains("Ждут 2"), "{}", running.text);
    assert_eq!(told(&talk, VERA, "Пауза").await, "Пауза: новые сообщения не уходят.");
    talk.sees(VERA, "На паузе").await;
    assert_eq!(told(&talk, VERA, "Продолжить").await, "Отправка продолжается.");
    talk.sees(VERA, "Идёт отправка").await;
    let stop = goes(&talk, VERA, "Остановить", "насовсем?").await;
    assert!(stop.text.contains("Не будет отправлено: 2"), "{}", stop.text);
    assert_eq!(told(&talk, VERA, "Да, остановить").await, "Остановлено. Не будет отправлено: 2.");
    let closed = report::close(&talk.store, campaign, |_, _| "note".to_owned(), clock::now()).await.unwrap();
    assert!(matches!(closed, report::Closed::Now { balanced: true, .. }), "{closed:?}");
    talk.sees(VERA, "Кампания «Декабрь» завершена").await;

    // The report, its files, its people.
    let report = goes(&talk, VERA, "Открыть", "Остановлена").await;
    assert!(report.text.contains("кампанию остановили — 2"), "{}", report.text);
    assert_eq!(told(&talk, VERA, "График").await, "График ниже.");
    let within = std::time::Duration::from_secs(30);
    talk.sandbox.expect_last(talk.bot, VERA, within, |message| message.button("К кампании").is_some()).await.unwrap();
    goes(&talk, VERA, "К кампании", "Остановлена").await;
    assert_eq!(told(&talk, VERA, "Таблица").await, "Таблица ниже.");
    goes(&talk, VERA, "К кампании", "Остановлена").await;
    goes(&talk, VERA, "Кто получил", "Напишите телефон или имя").await;
    says(&talk, VERA, "Никто", "никого не нашлось").await;
    says(&talk, VERA, "8 916 123-45-67", "Ольга — отменено: кампанию остановили").await;
    says(&talk, VERA, "семён", "Семён — пропущено: нет адреса").await;
    goes(&talk, VERA, "Спросить о другом", "Напишите телефон или имя").await;
    goes(&talk, VERA, "Назад", "Остановлена").await;
    goes(&talk, VERA, "Сделать копию", "Декабрь (копия)").await;
    talk.ends().await;
});
