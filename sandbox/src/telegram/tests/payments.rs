//! Invoices, the question before money moves, the message after it.

use super::*;
use crate::telegram::Checkout;

const TOKEN_OF_PROVIDER: &str = "381764678:TEST:100037";

fn invoice(change: Value) -> Value {
    let mut body = json!({
        "chat_id": ANNA, "title": "Лицензия «Старт»", "description": "Заказ № 1", "payload": "licence:1",
        "provider_token": TOKEN_OF_PROVIDER, "currency": "RUB", "prices": [{ "label": "Лицензия", "amount": 490_000 }],
    });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn updates(world: &World, offset: i64) -> Vec<Value> {
    world.ok("getUpdates", json!({ "offset": offset })).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn an_invoice_has_the_fields_it_must_have() {
    let world = World::new().await;
    let sent = world.ok("sendInvoice", invoice(json!({}))).await;
    assert_eq!(sent["invoice"]["total_amount"], 490_000);
    assert!(sent["invoice"].get("payload").is_none(), "the payload is the bot's own");
    let stars = json!({ "provider_token": "", "currency": "XTR", "prices": [{ "label": "Лицензия", "amount": 2_900 }] });
    assert_eq!(world.ok("sendInvoice", invoice(stars.clone())).await["invoice"]["currency"], "XTR");
    let table = [
        (json!({ "title": "" }), "Bad Request: parameter \"title\" is required"),
        (json!({ "title": "а".repeat(33) }), "Bad Request: TITLE_INVALID"),
        (json!({ "description": "а".repeat(256) }), "Bad Request: DESCRIPTION_INVALID"),
        (json!({ "payload": "a".repeat(129) }), "Bad Request: INVOICE_PAYLOAD_INVALID"),
        (json!({ "currency": "rub" }), "Bad Request: CURRENCY_INVALID"),
        (json!({ "provider_token": "" }), "Bad Request: PAYMENT_PROVIDER_INVALID"),
        (json!({ "prices": [] }), "Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID"),
        (json!({ "prices": [{ "label": "a", "amount": 0 }] }), "Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID"),
        (json!({ "prices": [{ "label": "a", "amount": 1.5 }] }), "Bad Request: can't parse labeled price: amount must be of type Number"),
        (json!({ "prices": "x" }), "Bad Request: can't parse prices JSON object"),
        (json!({ "currency": "XTR" }), "Bad Request: STARS_INVOICE_INVALID"),
        (json!({ "start_parameter": "a b" }), "Bad Request: START_PARAM_INVALID"),
    ];
    for (change, words) in table {
        assert_eq!(world.refused("sendInvoice", invoice(change.clone())).await, words, "{change}");
    }
    let mut two = invoice(stars);
    two["prices"] = json!([{ "label": "a", "amount": 1 }, { "label": "b", "amount": 1 }]);
    assert_eq!(world.refused("sendInvoice", two).await, "Bad Request: STARS_INVOICE_INVALID");
}

#[tokio::test]
async fn money_moves_on_the_bots_word_alone() {
    let world = World::new().await;
    let sent = world.ok("sendInvoice", invoice(json!({}))).await;
    let id = world.sandbox.pay(BOT, ANNA, sent["message_id"].as_i64().unwrap()).unwrap();
    let asked = updates(&world, 0).await;
    let query = &asked.last().unwrap()["pre_checkout_query"];
    assert_eq!((query["id"].as_str(), query["invoice_payload"].as_str()), (Some(id.as_str()), Some("licence:1")));
    assert_eq!((query["total_amount"].as_i64(), query["from"]["id"].as_i64()), (Some(490_000), Some(ANNA)));
    let no_words = json!({ "pre_checkout_query_id": id, "ok": false });
    assert_eq!(world.refused("answerPreCheckoutQuery", no_words).await, "Bad Request: parameter \"error_message\" is required");
    world.ok("answerPreCheckoutQuery", json!({ "pre_checkout_query_id": id, "ok": false, "error_message": "поздно" })).await;
    assert_eq!(world.sandbox.checkout(&id), Some(Checkout::Refused("поздно".to_owned())));
    let next = asked.last().unwrap()["update_id"].as_i64().unwrap() + 1;
    assert!(updates(&world, next).await.is_empty(), "nothing was charged");

    let id = world.sandbox.pay_newest(BOT, ANNA).unwrap();
    world.ok("answerPreCheckoutQuery", json!({ "pre_checkout_query_id": id, "ok": true })).await;
    let told = updates(&world, next + 1).await;
    let paid = &told.last().unwrap()["message"]["successful_payment"];
    assert_eq!((paid["total_amount"].as_i64(), paid["invoice_payload"].as_str()), (Some(490_000), Some("licence:1")));
    let again = world.refused("answerPreCheckoutQuery", json!({ "pre_checkout_query_id": id, "ok": true })).await;
    assert!(again.contains("query is too old"), "{again}");
    world.sandbox.tell_paid_again(&id).unwrap();
    let twice = updates(&world, next + 2).await;
    assert_eq!(&twice.last().unwrap()["message"]["successful_payment"], paid, "the same charge in another message");
}

#[tokio::test]
async fn a_word_that_comes_late_charges_nothing() {
    let world = World::new().await;
    world.ok("sendInvoice", invoice(json!({}))).await;
    let id = world.sandbox.pay_newest(BOT, ANNA).unwrap();
    world.sandbox.expire_checkout(&id);
    let late = world.refused("answerPreCheckoutQuery", json!({ "pre_checkout_query_id": id, "ok": true })).await;
    assert!(late.contains("query is too old"), "{late}");
    assert_eq!(world.sandbox.checkout(&id), None);
    assert!(world.sandbox.tell_paid_again(&id).is_err() && world.sandbox.pay(BOT, ANNA, 999).is_err());
}
