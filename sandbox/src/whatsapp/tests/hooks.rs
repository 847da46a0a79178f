use super::*;
use crate::{
    Fault, Rule,
    whatsapp::{Receipts, Status},
};

#[tokio::test]
async fn an_address_must_answer_the_challenge() {
    let world = World::new().await;
    assert!(world.set_callback(APP, &world.address, "wrong", &[]).await.is_err());
    assert!(world.set_callback(APP, "http://127.0.0.1:1/hook", "verify", &[]).await.is_err());
    assert!(world.set_callback(APP, "https://ex.ru/hook", "verify", &[]).await.is_err(), "the sandbox has no network");
    assert!(world.set_callback(APP, &world.address, "verify", &["moon"]).await.is_err());
    let subscribe = async |token: &str, verify: &str, fields: &str| {
        let query = [
            ("object", "whatsapp_business_account"),
            ("callback_url", &world.address),
            ("verify_token", verify),
            ("fields", fields),
            ("access_token", token),
        ];
        let answer = world.client.post(world.at(&format!("{APP}/subscriptions"))).query(&query).send().await.unwrap();
        answer.status().as_u16()
    };
    let query = [("grant_type", "client_credentials"), ("client_id", APP), ("client_secret", SECRET)];
    let own: Value = world.client.get(world.at("oauth/access_token")).query(&query).send().await.unwrap().json().await.unwrap();
    let own = own["access_token"].as_str().unwrap();
    assert_eq!(subscribe(own, "wrong", "messages").await, 400);
    assert_eq!(subscribe("1001|wrong", "verify", "messages").await, 401);
    assert_eq!(subscribe(own, "verify", "user_preferences").await, 200);
    world.write(NUMBER, ANNA, "not asked for").unwrap();
    world.set_marketing(NUMBER, ANNA, false).unwrap();
    world.rest().await;
    let fields: Vec<String> = world.hook.changes().into_iter().map(|(_, field, _)| field).collect();
    assert_eq!(fields, ["user_preferences"]);
}

#[tokio::test]
async fn an_account_and_a_number_may_have_addresses_of_their_own() {
    let world = World::new().await;
    let other = Hook::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/other", listener.local_addr().unwrap());
    let app = Router::new().route("/other", get(prove).post(receive)).with_state(other.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let path = format!("{WABA}/subscribed_apps");
    let (_, listed) = world.get(&path).await;
    assert_eq!(listed["data"][0]["whatsapp_business_api_data"]["id"], APP);
    let hook = json!({ "override_callback_uri": address, "verify_token": "verify" });
    assert_eq!(world.post(&path, hook.clone()).await, (200, json!({ "success": true })));
    world.write(NUMBER, ANNA, "account").unwrap();
    world.rest().await;
    assert_eq!((other.messages().len(), world.hook.messages().len()), (1, 0));
    assert_eq!(world.post(&path, json!({})).await.0, 200, "without an address the app's own is back");
    assert_eq!(world.post(&OTHER.to_string(), json!({ "webhook_configuration": hook })).await.0, 200);
    world.write(NUMBER, ANNA, "app").unwrap();
    world.write(OTHER, ANNA, "number").unwrap();
    world.rest().await;
    assert_eq!(other.messages()[1]["text"]["body"], "number");
    assert_eq!(world.hook.messages()[0]["text"]["body"], "app");
    assert_eq!(world.call(reqwest::Method::DELETE, &path, None).await.0, 200);
    world.write(NUMBER, ANNA, "nobody hears").unwrap();
    world.rest().await;
    assert_eq!((other.messages().len(), world.hook.messages().len()), (2, 1));
}

/// Whatever is not 200 is tried again, later each time, and given up after 36 hours.
#[tokio::test]
async fn pushes_are_repeated_and_given_up() {
    let world = World::new().await;
    *world.hook.answers.lock().unwrap() = vec![500, 204, 302];
    world.write(NUMBER, ANNA, "x").unwrap();
    world.rest().await;
    assert_eq!(world.hook.messages().len(), 1);
    *world.hook.answers.lock().unwrap() = vec![500; 10_000];
    world.set(|settings| settings.retry_ms = 3_600_000);
    world.write(NUMBER, ANNA, "lost").unwrap();
    let left = || world.hook.answers.lock().unwrap().len();
    let mut before = 10_000;
    while world.given_up() == 0 {
        let tried = |whatsapp: &WhatsApp| (left() < before && (whatsapp.pending() == 1 || whatsapp.given_up() == 1)).then_some(());
        world.until(SOON, tried).await.expect("it is tried");
        before = left();
        world.sandbox.clock().advance(Duration::from_secs(3600));
    }
    assert_eq!(10_000 - left(), 37, "every hour of the 36");
    assert_eq!(world.hook.messages().len(), 1);
}

/// Statuses of many messages come in one POST, those of each number in one change.
#[tokio::test]
async fn statuses_come_in_batches() {
    let world = World::with(Settings { gather_ms: 60_000, ..free() }).await;
    world.approved("promo", "MARKETING").await;
    world.add_people((0..600).map(|n| Person::new(1000 + n, "Кто-то", &format!("+7900{n:07}"))));
    for n in 0..600 {
        world.send(&format!("+7900{n:07}"), template("promo")).await;
    }
    world.until(SOON, |whatsapp| (whatsapp.pending() == 1201).then_some(())).await.expect("two statuses a message and the approval");
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.rest().await;
    let sizes: Vec<usize> = world.hook.of("messages").iter().map(|value| value["statuses"].as_array().unwrap().len()).collect();
    assert_eq!((sizes.iter().sum::<usize>(), sizes.len()), (1200, 2), "1000 at most in one POST: {sizes:?}");
    world.hook.bodies.lock().unwrap().clear();
    world.set(|settings| (settings.gather_ms, settings.batch, settings.one_a_change) = (0, 10, true));
    world.send(ANNAS, template("promo")).await;
    world.rest().await;
    assert!(world.hook.of("messages").iter().all(|value| value["statuses"].as_array().unwrap().len() == 1));
}

/// Several numbers are behind one address; each change says whose it is.
#[tokio::test]
async fn several_numbers_stand_behind_one_hook() {
    let world = World::new().await;
    world.add_waba("305500667788991", "900200").unwrap();
    world.add_number(7, "305500667788991", "+74950002233", "Другая").unwrap();
    for number in [NUMBER, OTHER, 7] {
        world.write(number, ANNA, "x").unwrap();
    }
    world.rest().await;
    let mut from: Vec<(String, Value)> =
        world.hook.changes().into_iter().map(|(waba, _, value)| (waba, value["metadata"].clone())).collect();
    from.sort_by_key(|(_, metadata)| metadata["phone_number_id"].to_string());
    let of =
        |waba: &str, phone: &str, id: i64| (waba.to_owned(), json!({ "display_phone_number": phone, "phone_number_id": id.to_string() }));
    assert_eq!(from, [of(WABA, "74950001122", NUMBER), of(WABA, "74950001133", OTHER), of("305500667788991", "74950002233", 7)]);
    let ids: Vec<_> = [NUMBER, 7].map(|number| world.user_id(number, ANNA)).into();
    assert_ne!(ids[0], ids[1], "a BSUID belongs to one portfolio");
    assert_eq!(world.user_id(NUMBER, ANNA), world.user_id(OTHER, ANNA));
}

#[tokio::test]
async fn statuses_are_late_missing_doubled_and_out_of_order() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    let receipts = |change: &dyn Fn(&mut Receipts)| {
        let mut receipts = Receipts::default();
        change(&mut receipts);
        world.set_receipts(ANNA, Some(receipts)).unwrap();
    };
    receipts(&|receipts| receipts.doubled = 1.0);
    let wamid = world.text(ANNAS, "doubled").await;
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), ["sent", "sent", "delivered", "delivered"]);
    receipts(&|receipts| (receipts.sent_ms, receipts.delivered_ms) = (None, None));
    let wamid = world.text(ANNAS, "missing").await;
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), Vec::<String>::new());
    assert_eq!(world.message(&wamid).unwrap().status, Status::Delivered, "it is on the phone");
    receipts(&|receipts| receipts.lost = 1.0);
    let wamid = world.text(ANNAS, "lost").await;
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), Vec::<String>::new());
    receipts(&|receipts| receipts.delivered_ms = Some(3_600_000));
    let wamid = world.text(ANNAS, "late").await;
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), ["sent"]);
    world.sandbox.clock().advance(Duration::from_secs(3600));
    world.until(SOON, |_| (world.hook.told(&wamid).len() == 2).then_some(())).await.unwrap();
    receipts(&|receipts| (receipts.read_ms, receipts.read_swallows_delivered) = (Some(0), true));
    let wamid = world.text(ANNAS, "read at once").await;
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), ["sent", "read"], "read implies delivered");
    world.tell_status(&wamid, Status::Sent, None).unwrap();
    world.tell_status(&wamid, Status::Failed, Some(131_000)).unwrap();
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), ["sent", "read", "sent", "failed"]);
    world.set(|settings| settings.gather_ms = 60_000);
    receipts(&|receipts| receipts.reordered = 1.0);
    let wamid = world.text(ANNAS, "reordered").await;
    world.until(SOON, |whatsapp| (whatsapp.pending() == 2).then_some(())).await.unwrap();
    world.sandbox.clock().advance(Duration::from_secs(60));
    world.rest().await;
    assert_eq!(world.hook.told(&wamid), ["delivered", "sent"]);
}

#[tokio::test]
async fn faults_double_hold_and_lose_webhooks() {
    let world = World::new().await;
    let faults = world.faults();
    faults.add(Rule::new(Fault::DoubleUpdate).service("whatsapp").chat(ANNA).times(1));
    faults.add(Rule::new(Fault::WithholdUpdate).service("whatsapp").chat(BORIS).times(1));
    world.write(NUMBER, ANNA, "twice").unwrap();
    world.write(NUMBER, BORIS, "never").unwrap();
    world.rest().await;
    let texts: Vec<Value> = world.hook.messages().iter().map(|message| message["text"]["body"].clone()).collect();
    assert_eq!(texts, ["twice", "twice"]);
    // The receiver's 200 is lost: the same comes once more.
    faults.add(Rule::new(Fault::DropAfter).method("hook").times(1));
    faults.add(Rule::new(Fault::DropBefore).method("hook").times(1));
    world.write(NUMBER, ANNA, "again").unwrap();
    world.rest().await;
    let again = world.hook.messages().into_iter().filter(|message| message["text"]["body"] == "again").count();
    assert_eq!(again, 2);
}
