//! An owner buys a licence in the chat: by Telegram Payments, with Stars, by a bank's invoice; a
//! signed key is entered.

use std::time::Duration;

use mms_core::{
    account::{
        Role,
        key::{self, Claims},
        licence::{self, PlanCode},
        order::{self, OrderState},
        payment,
    },
    both, clock,
    id::LicenceId,
};
use mms_sandbox::telegram::{Checkout, Telegram};
use serde_json::{Value, json};

use super::talk::{HOOK_SECRET, Talk, WAIT, signer};

const ANNA: i64 = 77_901;
const IVAN: i64 = 77_902;

/// Waits for the bot's word on a payment.
async fn word(talk: &Talk, query: &str) -> Checkout {
    talk.sandbox.until(WAIT, |telegram| telegram.checkout(query)).await.expect("the bot says its word")
}

async fn licences(talk: &Talk) -> Vec<licence::Licence> {
    licence::list(&talk.store, talk.account).await.unwrap()
}

/// Waits until a message of the chat shows these words: an order's card stands above its invoice.
async fn shows(talk: &Talk, words: &str) {
    let shown = |telegram: &Telegram| telegram.history(talk.bot, ANNA).iter().any(|message| message.text.contains(words)).then_some(());
    talk.sandbox.until(WAIT, shown).await.unwrap_or_else(|| panic!("nothing shows «{words}»"));
}

/// Presses a button of any message of the chat once it is there.
async fn presses(talk: &Talk, button: &str) {
    let there = |telegram: &Telegram| telegram.history(talk.bot, ANNA).iter().any(|message| message.button(button).is_some()).then_some(());
    talk.sandbox.until(WAIT, there).await.unwrap_or_else(|| panic!("no button «{button}»"));
    talk.presses(ANNA, button);
}

/// Opens the terms of a plan by the buttons of the licence.
async fn terms(talk: &Talk, offer: &str) {
    talk.opens(ANNA, "Лицензия", "Лицензи").await;
    talk.goes(ANNA, "Продлить / сменить тариф", "Тарифы").await;
    talk.goes(ANNA, offer, "не возвращается").await;
}

both!(async fn a_licence_is_bought_in_the_chat_and_paid_once(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    terms(&talk, "Старт, 1 мес.").await;
    talk.takes(ANNA, "Принимаю, картой").await;
    talk.sees(ANNA, "Заказ №").await;
    let order = order::list(&talk.store, talk.account, 1).await.unwrap().remove(0);
    // A stranger's question, a wrong sum, another order: each is refused in words.
    talk.person(IVAN, "Ivan").await;
    let ask = |user, payload: &str, total, currency: &str| talk.sandbox.ask_checkout(talk.bot, user, payload, total, currency).unwrap();
    let refusals = [
        (ask(IVAN, &order.payload(), order.amount, "RUB"), "владелец компании"),
        (ask(ANNA, &order.payload(), order.amount - 1, "RUB"), "Сумма счёта"),
        (ask(ANNA, &order.payload(), order.amount, "XTR"), "Сумма счёта"),
        (ask(ANNA, "licence:999999", order.amount, "RUB"), "Такого заказа нет"),
        (ask(ANNA, "pizza", order.amount, "RUB"), "Такого заказа нет"),
    ];
    for (query, words) in refusals {
        match word(&talk, &query).await {
            Checkout::Refused(said) => assert!(said.contains(words), "{said}"),
            paid => panic!("{paid:?}"),
        }
    }
    let query = talk.sandbox.pay_newest(talk.bot, ANNA).unwrap();
    assert!(matches!(word(&talk, &query).await, Checkout::Paid(_)));
    talk.hears(ANNA, "оплачен: лицензия «Старт»", 1).await;
    // Told again in another message, and the same updates once more.
    talk.sandbox.tell_paid_again(&query).unwrap();
    talk.sandbox.redeliver(talk.bot, 3).unwrap();
    let again = talk.sandbox.pay_newest(talk.bot, ANNA).unwrap();
    match word(&talk, &again).await {
        Checkout::Refused(said) => assert!(said.contains("уже оплачен"), "{said}"),
        paid => panic!("{paid:?}"),
    }
    let made = licences(&talk).await;
    assert_eq!((made.len(), made[0].plan), (1, PlanCode::START));
    assert_eq!(payment::list(&talk.store, talk.account, 10).await.unwrap().len(), 1);
    talk.ends().await;
});

both!(async fn stars_pay_and_a_cancelled_order_is_not_paid(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    terms(&talk, "Старт, 1 мес.").await;
    talk.takes(ANNA, "Принимаю, звёздами").await;
    presses(&talk, "Отменить заказ").await;
    shows(&talk, "Состояние: отменён").await;
    let query = talk.sandbox.pay_newest(talk.bot, ANNA).unwrap();
    match word(&talk, &query).await {
        Checkout::Refused(said) => assert!(said.contains("Закажите ещё раз"), "{said}"),
        paid => panic!("{paid:?}"),
    }
    assert!(licences(&talk).await.is_empty());
    terms(&talk, "Старт, 1 мес.").await;
    talk.takes(ANNA, "Принимаю, звёздами").await;
    shows(&talk, "ждёт оплаты").await;
    let query = talk.sandbox.pay_newest(talk.bot, ANNA).unwrap();
    assert!(matches!(word(&talk, &query).await, Checkout::Paid(_)));
    talk.hears(ANNA, "оплачен: лицензия «Старт»", 1).await;
    assert_eq!(payment::list(&talk.store, talk.account, 10).await.unwrap()[0].currency, "XTR");
    talk.ends().await;
});

/// Posts what a bank tells; the status and what came of it.
async fn post(talk: &Talk, body: &Value, secret: &str) -> (u16, Value) {
    let body = body.to_string();
    let signature = mms_core::billing::signature(secret, body.as_bytes());
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
    let posted = client.post(format!("{}/hooks/payment", talk.http)).header("x-mms-signature", signature).body(body);
    let answer = posted.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

both!(async fn a_banks_invoice_is_paid_by_its_signed_hook(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    terms(&talk, "Бизнес, 12 мес.").await;
    talk.goes(ANNA, "Принимаю, счёт для банка", "Кто покупает").await;
    talk.types(ANNA, "ООО «Ромашка», ИНН 7707083894, Казань");
    talk.sees(ANNA, "опечатка").await;
    talk.types(ANNA, "ООО «Ромашка», ИНН 7707083893, Казань");
    let invoice = talk.sandbox.until(WAIT, |telegram| {
        telegram.history(talk.bot, ANNA).into_iter().find(|message| message.document.as_ref().is_some_and(|file| file.name.as_deref().is_some_and(|name| name.starts_with("Счёт"))))
    });
    let file = invoice.await.expect("the invoice comes").document.unwrap();
    assert!(talk.sandbox.file(&file.id).unwrap().0.starts_with(b"%PDF-"));
    let order = order::list(&talk.store, talk.account, 1).await.unwrap().remove(0);
    let told = |payment: &str, amount: i64| json!({ "payment": payment, "order": order.id, "amount": amount, "currency": "RUB" });
    assert_eq!(post(&talk, &told("1", order.amount), "another").await.0, 401);
    assert_eq!(post(&talk, &json!({ "payment": "1" }), HOOK_SECRET).await.0, 400);
    assert_eq!(post(&talk, &json!({ "payment": "1", "order": 999_999, "amount": 1, "currency": "RUB" }), HOOK_SECRET).await.0, 404);
    // Money for nobody's order is kept, once, to be given back.
    assert_eq!(post(&talk, &json!({ "payment": "1", "order": 999_999, "amount": 1, "currency": "RUB" }), HOOK_SECRET).await.0, 404);
    let aside: Vec<_> = payment::to_give_back(&talk.store).await.unwrap().into_iter().map(|one| (one.payment, one.told)).collect();
    assert_eq!(aside, [("bank:1".to_owned(), "999999".to_owned())]);
    assert!(licences(&talk).await.is_empty() && payment::list(&talk.store, talk.account, 10).await.unwrap().is_empty());
    for outcome in ["paid", "told_before", "told_before"] {
        assert_eq!(post(&talk, &told("1", order.amount), HOOK_SECRET).await, (200, json!({ "outcome": outcome })));
    }
    assert_eq!(post(&talk, &told("2", order.amount), HOOK_SECRET).await, (200, json!({ "outcome": "paid_before" })));
    assert_eq!(licences(&talk).await.len(), 1);
    talk.hears(ANNA, "которой он не ждал", 1).await;
    talk.opens(ANNA, "Лицензия", "Бизнес").await;
    talk.goes(ANNA, "Продлить / сменить тариф", "Тарифы").await;
    talk.goes(ANNA, &format!("Заказ № {}", order.id), "Лицензия выдана").await;
    talk.takes(ANNA, "Акт (PDF)").await;
    let act = talk.sandbox.until(WAIT, |telegram| {
        telegram.history(talk.bot, ANNA).into_iter().find(|message| message.document.as_ref().is_some_and(|file| file.name.as_deref().is_some_and(|name| name.starts_with("Акт"))))
    });
    assert!(act.await.is_some());
    assert_eq!(order::get(&talk.store, talk.account, order.id).await.unwrap().state, OrderState::Paid);
    talk.ends().await;
});

both!(async fn a_signed_key_is_entered_in_the_chat(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let until = clock::now() + chrono::TimeDelta::days(90);
    let claims = Claims { id: LicenceId::new().0, account: "Ромашка".to_owned(), plan: PlanCode::BUSINESS, until };
    let text = key::issue(&signer(), &claims).unwrap();
    let foreign = key::issue(&signer(), &Claims { account: "Лютик".to_owned(), ..claims.clone() }).unwrap();
    talk.opens(ANNA, "Лицензия", "Лицензия не действует").await;
    talk.goes(ANNA, "Продлить / сменить тариф", "Тарифы").await;
    talk.goes(ANNA, "Ввести ключ лицензии", "начинается с MMS1").await;
    for (typed, words) in [("MMS1.abc", "не ключ лицензии"), (foreign.as_str(), "другой компании: «Лютик»")] {
        talk.types(ANNA, typed);
        talk.sees(ANNA, words).await;
    }
    let typed = talk.types(ANNA, &text);
    talk.sees(ANNA, "Ключ принят").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, typed).is_some_and(|message| message.deleted));
    assert_eq!(licences(&talk).await.len(), 1);
    talk.goes(ANNA, "Продлить / сменить тариф", "Тарифы").await;
    talk.goes(ANNA, "Ввести ключ лицензии", "начинается с MMS1").await;
    talk.types(ANNA, &text);
    talk.sees(ANNA, "уже ввели раньше").await;
    // A member who is no owner is offered nothing of it.
    talk.member("boris", Role::Manager).await;
    talk.comes_in(IVAN, "Ivan", "boris").await;
    let card = talk.opens(IVAN, "Лицензия", "Лицензия: Бизнес").await;
    assert!(card.button("Продлить").is_none());
    talk.ends().await;
});
