use super::*;
use crate::{Fault, Rule};

impl World {
    fn fault(&self, fault: Fault) -> u64 {
        self.max().faults().add(Rule::new(fault).service("max").method("POST /messages").times(1))
    }

    async fn send(&self, text: &str) -> Result<u16, reqwest::Error> {
        let request = self.request("POST", &format!("/messages?user_id={ANNA}")).json(&json!({ "text": text }));
        request.send().await.map(|response| response.status().as_u16())
    }
}

#[tokio::test]
async fn lost_answers_before_and_after_accepting() {
    let world = World::new().await;
    world.say("warm").await;
    let id = world.fault(Fault::DropBefore);
    assert!(!world.send("before").await.unwrap_err().is_timeout());
    world.fault(Fault::DropAfter);
    assert!(!world.send("after").await.unwrap_err().is_timeout());
    world.fault(Fault::Gateway { code: 502, accepted: true });
    assert_eq!(world.send("gateway").await.unwrap(), 502);
    let texts: Vec<_> = world.max().ledger().entries().into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["warm", "after", "gateway"]);
    assert_eq!(world.max().faults().victims(id), [(BOT, ANNA)], "the person, whatever the call names");
    // How a bot learns which of them arrived.
    let found = world.get(&format!("/messages?chat_id={}&count=10", world.chat())).await;
    let read: Vec<_> = found["messages"].as_array().unwrap().iter().map(|message| message["body"]["text"].as_str().unwrap()).collect();
    assert_eq!(read, ["gateway", "after", "warm"]);
    assert!(found["messages"].as_array().unwrap().iter().all(|message| message["sender"]["user_id"] == BOT));
}

#[tokio::test]
async fn errors_in_the_providers_words() {
    let world = World::new().await;
    let to = format!("/messages?user_id={ANNA}");
    let error = |code: u16, description: &str| Fault::Error { code, description: description.to_owned(), retry_after: None };
    world.fault(error(403, "chat.denied: Key: error.dialog.suspended, args: [1,]"));
    let told = world.refused("POST", &to, json!({ "text": "x" })).await;
    assert_eq!(told, (403, "chat.denied".to_owned(), "Key: error.dialog.suspended, args: [1,]".to_owned()));
    world.fault(error(503, "we are busy: come later"));
    let told = world.refused("POST", &to, json!({ "text": "x" })).await;
    assert_eq!(told, (503, "service.unavailable".to_owned(), "we are busy: come later".to_owned()));
    world.fault(error(403, ""));
    let response = world.request("POST", &to).json(&json!({ "text": "x" })).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.bytes().await.unwrap().len()), (403, 0), "an empty body is seen in the wild");
    world.fault(Fault::TooManyRequests { retry_after: 4 });
    let response = world.request("POST", &to).json(&json!({ "text": "x" })).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (429, &"4".parse().unwrap()));
    assert!(world.max().ledger().is_empty());
    assert_eq!(world.max().ledger().refusals().len(), 4);
}

#[tokio::test]
async fn a_hung_provider() {
    let world = World::new().await;
    world.fault(Fault::Hang { accepted: true });
    let request =
        world.request("POST", &format!("/messages?user_id={ANNA}")).timeout(Duration::from_millis(200)).json(&json!({ "text": "x" }));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(world.max().ledger().len(), 1);
}

#[tokio::test]
async fn a_rule_for_one_double_spares_the_other() {
    let world = World::new().await;
    world.sandbox.faults().add(Rule::new(Fault::DropBefore).service("telegram"));
    world.say("x").await;
    assert!(world.sandbox.ledger().is_empty(), "each double has its own ledger");
}
