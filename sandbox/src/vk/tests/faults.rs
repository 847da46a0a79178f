use super::*;
use crate::{Fault, Rule};

#[tokio::test]
async fn a_lost_answer_is_in_the_ledger_and_safely_repeated() {
    let world = World::new().await;
    world.vk().faults().add(Rule::new(Fault::DropAfter).service("vk").method("messages.send").chat(ANNA).times(1));
    let mut params = json!({ "peer_id": ANNA, "random_id": 77, "message": "раз" });
    params["access_token"] = json!(TOKEN);
    params["v"] = json!("5.199");
    assert!(world.form("messages.send", &params).send().await.is_err(), "no answer");
    assert_eq!(world.vk().ledger().len(), 1);
    assert_eq!(world.say(77, "раз").await, 1, "the same message");
    assert_eq!(world.vk().history(GROUP, ANNA).len(), 1);
}

#[tokio::test]
async fn errors_of_the_table_are_asked_for_by_their_codes() {
    let world = World::new().await;
    for code in [9, 14, 29, 10, 984] {
        world.vk().faults().add(Rule::new(Fault::Error { code, description: String::new(), retry_after: None }).service("vk").times(1));
        let answer = world.raw("messages.send", json!({ "peer_id": ANNA, "random_id": 1, "message": "x" })).await;
        assert_eq!((&answer["error"]["error_code"], answer["error"]["captcha_sid"].is_string()), (&json!(code), code == 14));
    }
    world.vk().faults().add(Rule::new(Fault::TooManyRequests { retry_after: 0 }).service("vk").times(1));
    assert_eq!(world.refused("messages.send", json!({ "peer_id": ANNA, "random_id": 1, "message": "x" })).await, 6);
    let gateway = Fault::Error { code: 502, description: "<html>".to_owned(), retry_after: None };
    world.vk().faults().add(Rule::new(gateway).service("vk").times(1));
    let answer = world.form("users.get", &json!({ "access_token": TOKEN, "v": "5.199" })).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(world.vk().ledger().is_empty());
}

#[tokio::test]
async fn a_fault_strikes_one_call_of_an_execute_or_loses_all_of_its_answer() {
    let world = World::new().await;
    world.vk().open_chats(GROUP, [BORIS]).unwrap();
    let code = |random: i32| {
        let call = |peer: i64| format!("API.messages.send({})", json!({ "peer_id": peer, "random_id": random, "message": "x" }));
        json!({ "code": format!("return [{},{}];", call(ANNA), call(BORIS)) })
    };
    let flood = Fault::Error { code: 9, description: String::new(), retry_after: None };
    world.vk().faults().add(Rule::new(flood).service("vk").method("messages.send").chat(BORIS).times(1));
    let answer = world.raw("execute", code(1)).await;
    assert_eq!((&answer["response"][1], &answer["execute_errors"][0]["error_code"]), (&json!(false), &json!(9)));
    world.vk().faults().add(Rule::new(Fault::DropAfter).service("vk").method("messages.send").chat(BORIS).times(1));
    let mut params = code(2);
    params["access_token"] = json!(TOKEN);
    params["v"] = json!("5.199");
    assert!(world.form("execute", &params).send().await.is_err());
    assert_eq!(world.vk().ledger().len(), 3, "both were carried out");
}
