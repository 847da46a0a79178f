use super::*;
use crate::{Fault, Rule};

fn texts(answer: &Value) -> Vec<&str> {
    answer["updates"].as_array().unwrap().iter().map(|update| update["message"]["body"]["text"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_marker_confirms_what_is_before_it() {
    let world = World::new().await;
    for text in ["a", "b", "c"] {
        world.max().send_text(BOT, ANNA, text).unwrap();
    }
    let newest = world.get("/updates?timeout=0").await;
    assert_eq!(texts(&newest), ["c"], "without a marker only the newest one comes");
    let first = world.get("/updates?timeout=0&marker=1&limit=2").await;
    assert_eq!(texts(&first), ["a", "b"]);
    let again = world.get("/updates?timeout=0&marker=1").await;
    assert_eq!(texts(&again), ["a", "b", "c"], "what is not confirmed comes again");
    let rest = world.get(&format!("/updates?timeout=0&marker={}", first["marker"])).await;
    assert_eq!(texts(&rest), ["c"]);
    let end = rest["marker"].as_i64().unwrap();
    assert_eq!(world.get(&format!("/updates?timeout=0&marker={end}")).await, json!({ "updates": [], "marker": end }));
    assert_eq!(world.max().pending(BOT), 0);
    for wrong in ["limit=0", "limit=1001", "timeout=91", "marker=x", "types=message_made"] {
        assert_eq!(world.refused("GET", &format!("/updates?{wrong}"), Value::Null).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_long_poll_wakes_for_the_update_and_for_its_kind() {
    let world = World::new().await;
    let poll = |query: &str| {
        let request = world.request("GET", &format!("/updates?timeout=20{query}"));
        tokio::spawn(async move { request.send().await.unwrap().json::<Value>().await.unwrap() })
    };
    let waiting = poll("");
    let chosen = poll("&types=bot_started,bot_stopped");
    world.max().until(SOON, |max| (max.ledger().calls().get("GET /updates") == Some(&2)).then_some(())).await.unwrap();
    world.max().send_text(BOT, ANNA, "привет").unwrap();
    assert_eq!(texts(&tokio::time::timeout(SOON, waiting).await.unwrap().unwrap()), ["привет"]);
    assert!(!chosen.is_finished());
    world.max().press_start(BOT, BORIS, Some("c_8fK2")).unwrap();
    let answer = tokio::time::timeout(SOON, chosen).await.unwrap().unwrap();
    let started = &answer["updates"][0];
    assert_eq!(
        (&started["update_type"], &started["payload"], &started["user_locale"]),
        (&json!("bot_started"), &json!("c_8fK2"), &json!("ru"))
    );
}

#[tokio::test]
async fn updates_wait_a_day_and_no_longer() {
    let world = World::new().await;
    world.max().send_text(BOT, ANNA, "old").unwrap();
    world.sandbox.clock().advance(Duration::from_secs(23 * 3600));
    world.max().send_text(BOT, ANNA, "new").unwrap();
    assert_eq!(texts(&world.get("/updates?timeout=0&marker=1").await), ["old", "new"]);
    world.sandbox.clock().advance(Duration::from_secs(3600));
    assert_eq!(texts(&world.get("/updates?timeout=0&marker=1").await), ["new"]);
}

#[tokio::test]
async fn doubled_reordered_withheld_and_sent_again() {
    let world = World::new().await;
    let fault = |fault: Fault| world.max().faults().add(Rule::new(fault).service("max").method("update").times(1));
    fault(Fault::DoubleUpdate);
    world.max().send_text(BOT, ANNA, "a").unwrap();
    world.max().send_text(BOT, ANNA, "b").unwrap();
    fault(Fault::ReorderUpdate);
    world.max().send_text(BOT, ANNA, "c").unwrap();
    fault(Fault::WithholdUpdate);
    world.max().send_text(BOT, ANNA, "d").unwrap();
    let got = world.get("/updates?timeout=0&marker=1").await;
    assert_eq!(texts(&got), ["a", "a", "c", "b"]);
    assert_eq!(got["updates"][0], got["updates"][1]);
    assert_eq!(world.max().redeliver(BOT, 1).unwrap(), 1);
    assert_eq!(texts(&world.get(&format!("/updates?timeout=0&marker={}", got["marker"])).await), ["d"], "late, not lost");
}

#[tokio::test]
async fn polls_can_be_limited() {
    let world = World::with(Rates { polls: Some(2), ..Rates::off() }, Timing::default()).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(world.raw("GET", "/updates?timeout=0&marker=1", Value::Null).await.0);
    }
    assert_eq!(statuses, [200, 200, 429]);
}
