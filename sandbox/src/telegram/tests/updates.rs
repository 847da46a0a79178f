use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};

use super::*;
use crate::{Fault, Rule};

#[tokio::test]
async fn offsets_confirm_and_limits_cut() {
    let world = World::new().await;
    for text in ["a", "b", "c"] {
        world.sandbox.send_text(BOT, ANNA, text).unwrap();
    }
    let all = world.ok("getUpdates", json!({})).await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(world.ok("getUpdates", json!({ "limit": 1 })).await[0]["message"]["text"], "a", "unconfirmed ones come again");
    let second = all[1]["update_id"].as_i64().unwrap();
    let rest = world.ok("getUpdates", json!({ "offset": second })).await;
    assert_eq!(rest.as_array().unwrap().len(), 2);
    assert_eq!(rest[0]["message"]["text"], "b");
    let last = world.ok("getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(last[0]["message"]["text"], "c");
    world.ok("getUpdates", json!({ "offset": second + 2 })).await;
    assert_eq!(world.sandbox.pending(BOT), 0);
}

#[tokio::test]
async fn a_long_poll_wakes_for_the_update() {
    let world = World::new().await;
    let poll = {
        let (client, url) = (world.client.clone(), world.url("getUpdates"));
        tokio::spawn(async move { client.post(url).json(&json!({ "timeout": 20 })).send().await.unwrap().json::<Value>().await.unwrap() })
    };
    world.sandbox.until(SOON, |telegram| (telegram.ledger().calls().get("getUpdates") == Some(&1)).then_some(())).await;
    world.sandbox.press_start(BOT, ANNA, Some("c_8fK2")).unwrap();
    let update = &tokio::time::timeout(SOON, poll).await.unwrap().unwrap()["result"][0];
    assert_eq!(update["message"]["text"], "/start c_8fK2");
    assert_eq!(update["message"]["entities"][0], json!({ "type": "bot_command", "offset": 0, "length": 6 }));
    assert_eq!(update["message"]["from"]["language_code"], "ru");
}

#[tokio::test]
async fn a_second_consumer_ends_the_first() {
    let world = World::new().await;
    let first = {
        let (client, url) = (world.client.clone(), world.url("getUpdates"));
        tokio::spawn(async move { client.post(url).json(&json!({ "timeout": 20 })).send().await.unwrap().status().as_u16() })
    };
    world.sandbox.until(SOON, |telegram| (telegram.quiet().bots[&BOT].poll == 1).then_some(())).await.unwrap();
    world.ok("getUpdates", json!({})).await;
    assert!(!first.is_finished(), "one that does not wait ends nobody");
    let second = {
        let (client, url) = (world.client.clone(), world.url("getUpdates"));
        tokio::spawn(async move { client.post(url).json(&json!({ "timeout": 20 })).send().await.unwrap().status().as_u16() })
    };
    assert_eq!(tokio::time::timeout(SOON, first).await.unwrap().unwrap(), 409);
    world.sandbox.send_text(BOT, ANNA, "for the second").unwrap();
    assert_eq!(tokio::time::timeout(SOON, second).await.unwrap().unwrap(), 200);
}

/// An offset that is far past the newest update confirms nothing and is answered from the oldest
/// one; one just past it confirms all. The double used to drop what waited, and so hid that a
/// client which only ever raises its offset goes deaf.
#[tokio::test]
async fn an_offset_of_former_numbers_is_answered_from_the_oldest() {
    let world = World::new().await;
    world.sandbox.send_text(BOT, ANNA, "before").unwrap();
    let offset = world.ok("getUpdates", json!({})).await[0]["update_id"].as_i64().unwrap() + 1;
    world.ok("getUpdates", json!({ "offset": offset })).await;
    world.sandbox.count_updates_from(BOT, 1_000).unwrap();
    for text in ["a", "b"] {
        world.sandbox.send_text(BOT, ANNA, text).unwrap();
    }
    for _ in 0..3 {
        let got = world.ok("getUpdates", json!({ "offset": offset })).await;
        assert_eq!((got[0]["update_id"].as_i64(), got.as_array().unwrap().len()), (Some(1_000), 2), "served for ever");
    }
    assert_eq!(world.ok("getUpdates", json!({ "offset": 1_001 })).await[0]["message"]["text"], "b", "followed downwards");
    // Far before the oldest one: the same.
    world.sandbox.count_updates_from(BOT, 900_000).unwrap();
    world.sandbox.send_text(BOT, ANNA, "c").unwrap();
    assert_eq!(world.ok("getUpdates", json!({ "offset": 7 })).await[0]["message"]["text"], "c");
    // Up to ten past the newest one is near enough to confirm it.
    assert_eq!(world.ok("getUpdates", json!({ "offset": 900_001 + 11 })).await[0]["message"]["text"], "c");
    world.ok("getUpdates", json!({ "offset": 900_001 + 10 })).await;
    assert_eq!(world.sandbox.pending(BOT), 0);
    assert!(world.sandbox.count_updates_from(BOT, 0).is_err() && world.sandbox.count_updates_from(5, 1).is_err());
}

/// Who asks the same again and again is slowed down, and gets one update at a time.
#[tokio::test]
async fn the_same_question_again_waits() {
    let timing = Timing { poll_again: Duration::from_millis(600), ..Timing::default() };
    let world = World::timed(Rates::off(), timing).await;
    for text in ["a", "b"] {
        world.sandbox.send_text(BOT, ANNA, text).unwrap();
    }
    assert_eq!(world.ok("getUpdates", json!({})).await.as_array().unwrap().len(), 2);
    let last = world.ok("getUpdates", json!({ "offset": -1 })).await[0]["update_id"].as_i64().unwrap();
    world.ok("getUpdates", json!({ "offset": last + 1 })).await;
    let before = std::time::Instant::now();
    assert_eq!(world.ok("getUpdates", json!({ "offset": last + 1 })).await, json!([]));
    assert!(before.elapsed() >= Duration::from_millis(600));
}

#[tokio::test]
async fn kinds_are_asked_for_in_any_case() {
    let world = World::new().await;
    world.ok("getUpdates", json!({ "allowed_updates": ["CALLBACK_Query", "no such kind"] })).await;
    world.sandbox.send_text(BOT, ANNA, "lost").unwrap();
    assert_eq!(world.sandbox.pending(BOT), 0);
    // What cannot be read changes nothing; nothing known in it means the default.
    for unread in [json!("nonsense"), json!({}), json!([1])] {
        world.ok("getUpdates", json!({ "allowed_updates": unread })).await;
    }
    assert_eq!(world.ok("getWebhookInfo", json!({})).await["allowed_updates"], json!(["callback_query"]));
    world.ok("getUpdates", json!({ "allowed_updates": ["no such kind"] })).await;
    world.sandbox.send_text(BOT, ANNA, "heard").unwrap();
    assert_eq!(world.sandbox.pending(BOT), 1);
}

#[tokio::test]
async fn kinds_not_asked_for_never_come() {
    let world = World::new().await;
    world.ok("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    world.sandbox.send_text(BOT, ANNA, "lost").unwrap();
    assert_eq!(world.sandbox.pending(BOT), 0);
    world.ok("getUpdates", json!({ "allowed_updates": [] })).await;
    world.sandbox.block(BOT, ANNA).unwrap();
    let change = world.ok("getUpdates", json!({})).await;
    let change = &change[0]["my_chat_member"];
    assert_eq!((&change["old_chat_member"]["status"], &change["new_chat_member"]["status"]), (&json!("member"), &json!("kicked")));
    assert!(world.sandbox.send_text(BOT, ANNA, "x").is_err());
    world.sandbox.press_start(BOT, ANNA, None).unwrap();
    let updates = world.ok("getUpdates", json!({})).await;
    assert_eq!(updates[1]["my_chat_member"]["new_chat_member"]["status"], "member");
    assert_eq!(updates[2]["message"]["text"], "/start");
}

#[tokio::test]
async fn doubled_reordered_and_repeated() {
    let world = World::new().await;
    world.sandbox.faults().add(Rule::new(Fault::DoubleUpdate).times(1));
    world.sandbox.send_text(BOT, ANNA, "a").unwrap();
    let updates = world.ok("getUpdates", json!({})).await;
    assert_eq!(updates[0], updates[1]);
    world.ok("getUpdates", json!({ "offset": updates[0]["update_id"].as_i64().unwrap() + 1 })).await;
    assert_eq!(world.sandbox.pending(BOT), 0);
    world.sandbox.send_text(BOT, ANNA, "b").unwrap();
    world.sandbox.faults().add(Rule::new(Fault::ReorderUpdate).times(1));
    world.sandbox.send_text(BOT, ANNA, "c").unwrap();
    let updates = world.ok("getUpdates", json!({})).await;
    assert_eq!((&updates[0]["message"]["text"], &updates[1]["message"]["text"]), (&json!("c"), &json!("b")));
    let next = updates[0]["update_id"].as_i64().unwrap() + 1;
    world.ok("getUpdates", json!({ "offset": next })).await;
    assert_eq!(world.sandbox.redeliver(BOT, 1).unwrap(), 1);
    let again = world.ok("getUpdates", json!({ "offset": next })).await;
    assert_eq!(again[0]["message"]["text"], "c");
    assert_eq!(world.ok("getUpdates", json!({ "offset": next })).await, json!([]));
}

/// The secret that came with an update, and the update.
type Got = (Option<String>, Value);

#[derive(Clone, Default)]
struct Hook {
    got: Arc<Mutex<Vec<Got>>>,
    failures: Arc<Mutex<u32>>,
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, axum::Json(update): axum::Json<Value>) -> (StatusCode, axum::Json<Value>) {
    let mut failures = hook.failures.lock().unwrap();
    if *failures > 0 {
        *failures -= 1;
        return (StatusCode::BAD_GATEWAY, axum::Json(json!({})));
    }
    let secret = headers.get("x-telegram-bot-api-secret-token").map(|value| value.to_str().unwrap().to_owned());
    let text = update["message"]["text"].as_str().unwrap_or_default().to_owned();
    hook.got.lock().unwrap().push((secret, update));
    let reply = match text.as_str() {
        "call" => json!({ "method": "sendMessage", "chat_id": ANNA, "text": "called" }),
        // Not carried out: a webhook's answer may not change the way of updates.
        "leave" => json!({ "method": "DeleteWebhook" }),
        _ => json!({}),
    };
    (StatusCode::OK, axum::Json(reply))
}

#[tokio::test]
async fn webhooks_push_with_the_secret_and_try_again() {
    let world = World::new().await;
    let hook = Hook::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = Router::new().route("/hook", post(receive)).with_state(hook.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });

    for wrong in ["http://ex.ru/hook", "https://ex.ru:8080/hook"] {
        assert!(world.refused("setWebhook", json!({ "url": wrong })).await.starts_with("Bad Request: bad webhook: "));
    }
    assert_eq!(world.refused("setWebhook", json!({ "url": "nonsense" })).await, "Bad Request: invalid webhook URL specified");
    assert!(world.refused("setWebhook", json!({ "url": url, "secret_token": "no spaces" })).await.contains("unallowed characters"));
    *hook.failures.lock().unwrap() = 2;
    world.sandbox.send_text(BOT, ANNA, "before").unwrap();
    world.ok("setWebhook", json!({ "url": url, "secret_token": "s3cret", "allowed_updates": ["message"] })).await;
    assert!(world.refused("getUpdates", json!({})).await.starts_with("Conflict: can't use getUpdates method while webhook is active"));
    world.sandbox.send_text(BOT, ANNA, "after").unwrap();
    let drained = |telegram: &crate::Telegram| (telegram.pending(BOT) == 0).then_some(());
    world.sandbox.until(SOON, drained).await.expect("both updates are pushed");
    {
        let got = hook.got.lock().unwrap();
        let texts: Vec<_> = got.iter().map(|(_, update)| update["message"]["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["before", "after"], "the order within a chat is kept through retries");
        assert!(got.iter().all(|(secret, _)| secret.as_deref() == Some("s3cret")));
    }
    let info = world.ok("getWebhookInfo", json!({})).await;
    assert_eq!((&info["url"], &info["pending_update_count"]), (&json!(url), &json!(0)));
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 502 Bad Gateway");
    world.sandbox.send_text(BOT, ANNA, "leave").unwrap();
    world.sandbox.send_text(BOT, ANNA, "call").unwrap();
    world.sandbox.expect_last(BOT, ANNA, SOON, |message| message.text == "called").await.unwrap();
    assert_eq!(world.ok("getWebhookInfo", json!({})).await["url"], json!(url), "the webhook is still there");
    world.ok("deleteWebhook", json!({})).await;
    assert_eq!(world.ok("getWebhookInfo", json!({})).await["url"], "");
    world.sandbox.send_text(BOT, ANNA, "polled").unwrap();
    assert_eq!(world.ok("getUpdates", json!({})).await[0]["message"]["text"], "polled");
}

/// The real server answers the second `setWebhook` of a second with 429; taking a webhook away
/// counts for nothing.
#[tokio::test]
async fn a_webhook_is_set_once_a_second() {
    let world = World::timed(Rates::off(), Timing::default()).await;
    world.ok("deleteWebhook", json!({})).await;
    assert_eq!(world.refused("setWebhook", json!({ "url": "nonsense" })).await, "Bad Request: invalid webhook URL specified");
    let (status, answer) = world.raw("setWebhook", json!({ "url": "https://ex.ru/hook" })).await;
    assert_eq!((status, &answer["parameters"]["retry_after"]), (429, &json!(1)));
    world.ok("deleteWebhook", json!({})).await;
}
