//! Notices under a flood: one a conversation, alarms first, presses before both, each company for
//! itself.

use mms_core::{
    account::Language,
    both, clock, founding,
    id::{AccountId, ChannelId, ContactId},
    notice::{self, NewNotice, NoticeKind},
    secret::Secret,
};
use mms_sandbox::{Fault, Rates, Rule, telegram::Telegram};
use serde_json::json;

use super::talk::{PASSWORD, Talk, WAIT, until};

const ANNA: i64 = 77_901;
const OLGA: i64 = 77_902;

/// The company's owner at a bot with Telegram's own limits.
async fn limited(store: mms_core::store::Store) -> Talk {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.sandbox.set_rates(Rates::default());
    talk
}

/// A customer writes `times` messages.
async fn writes(talk: &Talk, customer: ContactId, name: &str, times: usize) {
    let channel = ChannelId(uuid::Uuid::nil());
    let mut tx = talk.store.begin().await.unwrap();
    for n in 1..=times {
        let payload = json!({ "contact": customer, "channel": channel, "name": name, "text": format!("Сообщение {n}") });
        let dedupe_key = format!("customer.answered:{customer}:{channel}");
        let notice = NewNotice { account: talk.account, member: None, kind: NoticeKind::CustomerAnswered, payload, dedupe_key };
        notice::raise_again(&mut tx, notice, clock::now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// News of a company, each for itself.
async fn news(talk: &Talk, account: AccountId, kind: NoticeKind, name: &str, times: usize) {
    let mut tx = talk.store.begin().await.unwrap();
    for n in 0..times {
        let payload = json!({ "campaign": uuid::Uuid::nil(), "channel": uuid::Uuid::nil(), "name": format!("{name} {n}") });
        let notice = NewNotice { account, member: None, kind, payload, dedupe_key: format!("{kind}:{name}:{n}") };
        notice::raise(&mut tx, notice, clock::now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Messages of the chat with these words.
fn shown(telegram: &Telegram, talk: &Talk, id: i64, words: &str) -> Vec<String> {
    let all = telegram.history(talk.bot, id).into_iter().filter(|message| !message.deleted && message.text.contains(words));
    all.map(|message| message.text).collect()
}

/// A person of contacts' rows: what a notice names must be there.
async fn customer(talk: &Talk, name: &str) -> ContactId {
    let draft = mms_core::contact::Draft { name: Some(name.to_owned()), source: "telegram".to_owned(), ..Default::default() };
    let mut tx = talk.store.begin().await.unwrap();
    let made = mms_core::contact::create(&mut tx, talk.account, &draft, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    made.contact
}

// 150 messages of one customer were 150 notices, a second each.
both!(async fn a_customers_burst_is_one_message_that_is_edited(store) {
    let talk = limited(store).await;
    let olga = customer(&talk, "Ольга").await;
    writes(&talk, olga, "Ольга", 1).await;
    talk.hears(ANNA, "Сообщение 1", 1).await;
    writes(&talk, olga, "Ольга", 37).await;
    let edited = |telegram: &Telegram| shown(telegram, &talk, ANNA, "и ещё 37 сообщений").pop();
    let text = talk.sandbox.until(WAIT, edited).await.expect("the message is edited");
    assert!(text.contains("Ольга") && text.contains("Сообщение 37"), "{text}");
    assert_eq!(shown(&talk.sandbox, &talk, ANNA, "Ольга").len(), 1);

    // Who has looked is told anew.
    talk.goes(ANNA, "Переписка", "Ольга").await;
    writes(&talk, olga, "Ольга", 1).await;
    let anew = |telegram: &Telegram| telegram.history(talk.bot, ANNA).last().filter(|last| last.text.contains("Сообщение 1")).map(|_| ());
    talk.sandbox.until(WAIT, anew).await.expect("a message of its own");
    talk.ends().await;
});

both!(async fn very_many_conversations_share_one_message(store) {
    let talk = limited(store).await;
    for n in 0..30 {
        let one = customer(&talk, &format!("Клиент {n}")).await;
        writes(&talk, one, &format!("Клиент {n}"), 2).await;
    }
    talk.hears(ANNA, "Вам написали", 1).await;
    let rest = async || notice::due_accounts(&talk.store, clock::now(), 10).await.unwrap();
    until(async || rest().await.is_empty()).await;
    let messages = shown(&talk.sandbox, &talk, ANNA, "Клиент").len();
    assert!((1..=6).contains(&messages), "{messages} messages for thirty conversations");
    talk.ends().await;
});

// Another company's alarm waited for 144 s, a member's /menu for 25 s.
both!(async fn an_alarm_and_a_press_do_not_wait_for_a_flood(store) {
    let talk = limited(store).await;
    let password = Secret::new(PASSWORD);
    let other = founding::NewAccount {
        name: "Фиалка",
        zone: "Europe/Moscow",
        language: Language::Ru,
        phone_region: "RU",
        advertiser: "ООО «Фиалка»",
        owner_login: "olga",
        owner_password: &password,
        owner_name: "Ольга",
    };
    let other = founding::create(&talk.store, &other, clock::now()).await.unwrap().account;
    talk.sandbox.set_rates(Rates::off());
    talk.person(OLGA, "Olga").await;
    talk.types(OLGA, "/login");
    talk.sees(OLGA, "Введите логин").await;
    talk.types(OLGA, "olga");
    talk.sees(OLGA, "Введите пароль").await;
    talk.types(OLGA, PASSWORD);
    talk.sees(OLGA, "Фиалка").await;
    talk.sandbox.set_rates(Rates::default());

    news(&talk, talk.account, NoticeKind::CampaignFinished, "Осень", 600).await;
    talk.hears(ANNA, "«Осень", 1).await;
    // The other company's alarm, this company's own (behind more news than are read at once), and a
    // press: each comes before the flood's end.
    news(&talk, other, NoticeKind::ChannelStopped, "Бот", 1).await;
    talk.hears(OLGA, "Канал «Бот 0» остановлен", 1).await;
    news(&talk, talk.account, NoticeKind::ChannelStopped, "Касса", 1).await;
    talk.hears(ANNA, "Канал «Касса 0» остановлен", 1).await;
    for _ in 0..4 {
        talk.says(ANNA, "/menu", "Анна · Владелец").await;
    }
    let left = notice::due_of(&talk.store, talk.account, clock::now(), 500).await.unwrap().len();
    assert!(left > 100, "the flood is not over: {left}");
    talk.ends().await;
});

// A chat that Telegram holds for a minute held every company's notices.
both!(async fn a_chat_that_is_held_holds_nobody_else(store) {
    let talk = limited(store).await;
    talk.sandbox.set_rates(Rates::off());
    talk.member("boris", mms_core::account::Role::Owner).await;
    talk.comes_in(OLGA, "Boris", "boris").await;
    talk.sandbox.faults().add(Rule::new(Fault::TooManyRequests { retry_after: 600 }).method("sendMessage").chat(ANNA).times(1));
    news(&talk, talk.account, NoticeKind::ChannelStopped, "Касса", 2).await;
    talk.hears(OLGA, "Канал «Касса 0» остановлен", 1).await;
    talk.hears(OLGA, "Канал «Касса 1» остановлен", 1).await;
    assert!(shown(&talk.sandbox, &talk, ANNA, "Касса").is_empty(), "she is told when her chat is free");
    assert_eq!(notice::due_of(&talk.store, talk.account, clock::now(), 10).await.unwrap().len(), 2, "and it stays due");
    talk.ends().await;
});

// Ten replies a second took the chat's budget, and a file that a limit stopped was lost.
both!(async fn a_file_is_not_lost_to_a_limit(store) {
    let talk = limited(store).await;
    talk.sandbox.set_rates(Rates::off());
    let olga = customer(&talk, "Ольга").await;
    writes(&talk, olga, "Ольга", 1).await;
    talk.goes(ANNA, "Переписка", "Ольга").await;
    talk.takes(ANNA, "Карточка контакта").await;
    talk.offers(ANNA, "Согласия и доказательства").await;
    talk.sandbox.faults().add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).method("sendDocument").times(3));
    talk.presses(ANNA, "Согласия и доказательства");
    // What she does meanwhile is answered at once, and the file comes in the end.
    talk.says(ANNA, "/menu", "Анна · Владелец").await;
    let came = |telegram: &Telegram| telegram.history(talk.bot, ANNA).iter().any(|message| message.document.is_some()).then_some(());
    talk.sandbox.until(WAIT, came).await.expect("the file comes after the wait");
    talk.ends().await;
});
