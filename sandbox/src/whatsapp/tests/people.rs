use super::*;
use crate::{ActionError, whatsapp::Attachment};

#[tokio::test]
async fn people_write_answer_and_react() {
    let world = World::new().await;
    let first = world.write(NUMBER, ANNA, "СТОП").unwrap();
    let sent = world.text(ANNAS, "Вы отписаны").await;
    world.expect_last(NUMBER, ANNA, SOON, |message| message.wamid == sent).await.unwrap();
    world.reply(NUMBER, ANNA, &sent, "Спасибо").unwrap();
    world.react(NUMBER, ANNA, &sent, "❤").unwrap();
    let photo = Attachment {
        name: "a.png".to_owned(),
        mime: "image/png".to_owned(),
        data: vec![1, 2, 3].into(),
        kind: "image".to_owned(),
        caption: "вот".to_owned(),
    };
    world.send_file(NUMBER, ANNA, photo).unwrap();
    world.send_unsupported(NUMBER, ANNA, "poll").unwrap();
    world.rest().await;
    let messages = world.hook.messages();
    let user_id = world.user_id(NUMBER, ANNA).unwrap();
    assert_eq!(
        (&messages[0]["id"], &messages[0]["from"], &messages[0]["from_user_id"]),
        (&json!(first), &json!("79991234567"), &json!(user_id))
    );
    assert_eq!(messages[0]["text"], json!({ "body": "СТОП" }));
    assert_eq!(messages[1]["context"], json!({ "from": "74950001122", "id": sent }));
    assert_eq!(messages[2]["reaction"], json!({ "message_id": sent, "emoji": "❤" }));
    assert_eq!((&messages[3]["image"]["caption"], &messages[3]["image"]["mime_type"]), (&json!("вот"), &json!("image/png")));
    assert_eq!((&messages[4]["errors"][0]["code"], &messages[4]["unsupported"]["type"]), (&json!(131_051), &json!("poll")));
    let contacts = &world.hook.of("messages")[0]["contacts"];
    assert_eq!(contacts, &json!([{ "profile": { "name": "Анна" }, "user_id": user_id, "wa_id": "79991234567" }]));
    assert!(world.write(NUMBER, ANNA, " ").is_err() && world.write(5, ANNA, "x").is_err() && world.write(NUMBER, 77, "x").is_err());
    assert!(world.reply(NUMBER, BORIS, &sent, "x").is_err(), "not in that chat");
}

/// Nothing tells of a block: messages are sent and never arrive, also after it ends.
#[tokio::test]
async fn a_block_shows_only_as_a_missing_delivery() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    world.block(NUMBER, ANNA).unwrap();
    assert_eq!(world.write(NUMBER, ANNA, "x"), Err(ActionError::Blocked));
    let lost = world.text(ANNAS, "lost").await;
    world.rest().await;
    assert_eq!((world.hook.told(&lost), world.received(NUMBER).get(&ANNA)), (vec!["sent".to_owned()], None));
    world.set(|settings| settings.block_code = Some(131_026));
    let failed = world.text(ANNAS, "failed").await;
    world.rest().await;
    assert_eq!(world.hook.told(&failed), ["sent", "failed"], "if it does show");
    world.unblock(NUMBER, ANNA).unwrap();
    world.set_online(ANNA, false).unwrap();
    world.set_online(ANNA, true).unwrap();
    world.text(ANNAS, "arrives").await;
    world.rest().await;
    assert_eq!(world.received(NUMBER)[&ANNA], 1);
}

#[tokio::test]
async fn a_phone_that_is_off_gets_its_messages_for_thirty_days() {
    let world = World::new().await;
    world.approved("promo", "MARKETING").await;
    world.set_online(ANNA, false).unwrap();
    let waits = world.send(ANNAS, template("promo")).await;
    world.rest().await;
    assert_eq!(world.hook.told(&waits), ["sent"]);
    world.sandbox.clock().advance(DAY * 29);
    world.set_online(ANNA, true).unwrap();
    world.rest().await;
    assert_eq!(world.hook.told(&waits), ["sent", "delivered"]);
    world.set_online(ANNA, false).unwrap();
    let dropped = world.send(ANNAS, template("promo")).await;
    world.sandbox.clock().advance(DAY * 31);
    world.set_online(ANNA, true).unwrap();
    world.rest().await;
    assert_eq!(world.hook.told(&dropped), ["sent"], "dropped without a word");
}

#[tokio::test]
async fn reading_is_told_by_those_who_show_it() {
    let world = World::new().await;
    world.add_person(Person { read_receipts: false, ..Person::new(BORIS, "Борис", BORISES) });
    for person in [ANNA, BORIS] {
        world.write(NUMBER, person, "x").unwrap();
    }
    let (anna, boris) = (world.text(ANNAS, "x").await, world.text(BORISES, "x").await);
    world.rest().await;
    assert_eq!((world.read(NUMBER, ANNA).unwrap(), world.read(NUMBER, BORIS).unwrap()), (1, 1));
    assert_eq!(world.read(NUMBER, ANNA).unwrap(), 0);
    world.rest().await;
    assert_eq!((world.hook.told(&anna).len(), world.hook.told(&boris).len()), (3, 2));
}

#[tokio::test]
async fn advertising_is_stopped_and_resumed_inside_the_app() {
    let world = World::new().await;
    world.approved("promo", "MARKETING").await;
    world.approved("bill", "UTILITY").await;
    world.set_marketing(NUMBER, ANNA, false).unwrap();
    let stopped = world.send(ANNAS, template("promo")).await;
    let bill = world.send(ANNAS, template("bill")).await;
    world.set_marketing(NUMBER, ANNA, true).unwrap();
    let again = world.send(ANNAS, template("promo")).await;
    world.rest().await;
    let failed = |wamid: &str| world.message(wamid).unwrap().failed;
    assert_eq!((failed(&stopped), failed(&bill), failed(&again)), (Some(131_050), None, None));
    let told = world.hook.of("user_preferences");
    let values: Vec<&Value> = told.iter().map(|value| &value["user_preferences"][0]["value"]).collect();
    assert_eq!(values, ["stop", "resume"]);
    assert_eq!(
        (&told[0]["user_preferences"][0]["category"], &told[0]["contacts"][0]["wa_id"]),
        (&json!("marketing_messages"), &json!("79991234567"))
    );
}

/// New phone, new BSUID, a system message without contacts; the old ones are nobody's.
#[tokio::test]
async fn a_number_that_changes() {
    let world = World::new().await;
    world.set_portfolio(PORTFOLIO, false, true).unwrap();
    world.write(NUMBER, ANNA, "x").unwrap();
    let before = world.user_id(NUMBER, ANNA).unwrap();
    assert!(world.change_phone(ANNA, BORISES).is_err(), "somebody has it");
    world.change_phone(ANNA, "+79990000000").unwrap();
    let after = world.user_id(NUMBER, ANNA).unwrap();
    assert_ne!(before, after);
    world.rest().await;
    let value = world.hook.of("messages").pop().unwrap();
    let message = &value["messages"][0];
    assert!(value.get("contacts").is_none());
    assert_eq!((&message["type"], &message["from"], &message["from_user_id"]), (&json!("system"), &json!("79991234567"), &json!(before)));
    let system = &message["system"];
    assert_eq!((&system["type"], &system["wa_id"]), (&json!("user_changed_number"), &json!("79990000000")));
    assert_eq!((&system["user_id"], &system["previous_user_id"]), (&json!(after), &json!(before)));
    assert!(
        system["parent_user_id"].as_str().unwrap().starts_with("RU.ENT.") && system["parent_user_id"] != system["previous_parent_user_id"]
    );
    for old in [ANNAS, before.as_str()] {
        let wamid = world.text_or_template(old).await;
        world.rest().await;
        assert_eq!(world.message(&wamid).unwrap().failed, Some(131_026), "{old}");
    }
    world.text(&after, "the window went along").await;
    world.text("+79990000000", "x").await;
    assert_eq!(world.ledger().to(NUMBER, ANNA).len(), 2, "one person, whatever the number");
    world.change_user_id(ANNA).unwrap();
    world.rest().await;
    let value = world.hook.of("messages").into_iter().rfind(|value| value["messages"][0]["type"] == "system").unwrap();
    let system = &value["messages"][0]["system"];
    assert_eq!((&system["type"], system.get("wa_id"), &system["previous_user_id"]), (&json!("user_changed_user_id"), None, &json!(after)));
}

impl World {
    async fn text_or_template(&self, to: &str) -> String {
        let (_, answer) = self.send_raw(to, say("x")).await;
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }
}

/// Whoever has a username may be there without a phone, unless there was contact by phone within 30
/// days or the business knows it.
#[tokio::test]
async fn people_without_a_phone() {
    let world = World::new().await;
    world.add_person(Person { username: Some("anna.k".to_owned()), hides_phone: true, ..Person::new(ANNA, "Анна", ANNAS) });
    world.write(NUMBER, ANNA, "кто вы?").unwrap();
    let user_id = world.user_id(NUMBER, ANNA).unwrap();
    let wamid = world.text(&user_id, "Магазин").await;
    world.rest().await;
    let message = &world.hook.messages()[0];
    assert_eq!((message.get("from"), &message["from_user_id"]), (None, &json!(user_id)));
    let contact = &world.hook.of("messages")[0]["contacts"][0];
    assert_eq!((contact.get("wa_id"), &contact["profile"]["username"]), (None, &json!("anna.k")));
    let status = world.hook.statuses().into_iter().find(|status| status["id"] == wamid.as_str()).unwrap();
    assert_eq!((status.get("recipient_id"), &status["recipient_user_id"]), (None, &json!(user_id)));
    // Authentication does not go by BSUID.
    world.approved("code", "AUTHENTICATION").await;
    assert_eq!(world.refused(&user_id, template("code")).await, (400, 131_062));
    // Contact by phone makes the phone visible for 30 days.
    world.text(ANNAS, "по номеру").await;
    world.write(NUMBER, ANNA, "вижу").unwrap();
    world.rest().await;
    assert_eq!(world.hook.messages()[1]["from"], "79991234567");
    world.sandbox.clock().advance(DAY * 31);
    world.write(NUMBER, ANNA, "спустя месяц").unwrap();
    world.put_in_book(NUMBER, ANNA).unwrap();
    world.write(NUMBER, ANNA, "в книге").unwrap();
    world.rest().await;
    let messages = world.hook.messages();
    assert_eq!((messages[2].get("from"), &messages[3]["from"]), (None, &json!("79991234567")));
}
