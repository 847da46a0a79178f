use super::*;

#[tokio::test]
async fn what_is_outside_a_session_is_paid_until_nothing_is_left() {
    let world = World::new().await;
    world.viber().set_money(BOT, None, Some(1)).unwrap();
    assert_eq!(world.ok("send_message", world.text(ANNA, "раз")).await["billing_status"], 1);
    assert_eq!(world.refused("send_message", world.text(ANNA, "два")).await, 24);
    world.viber().send_text(BOT, ANNA, "вопрос").unwrap();
    assert_eq!(world.ok("send_message", world.text(ANNA, "ответ")).await["billing_status"], 0, "a session is free");
    world.sandbox.clock().advance(Duration::from_secs(86_400));
    assert_eq!(world.refused("send_message", world.text(ANNA, "завтра")).await, 24);
    world.viber().set_money(BOT, Some(0), None).unwrap();
    assert_eq!(world.refused("send_message", world.text(ANNA, "x")).await, 23);
    assert_eq!(world.viber().bots()[0].billed, 1);
}
