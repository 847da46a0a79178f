//! Messengers that vouch for phones, tell people by ids and say when an id is another one now.

use super::*;
use crate::{consent::suppression, id::ANY_CHANNEL};

impl World {
    /// A world whose messenger has people begin by writing.
    async fn of_writers(store: Store) -> Self {
        let mut world = Self::new(store).await;
        world.source.starts_by_message = true;
        world.source.asks_phone = false;
        world
    }

    /// Something happens, and the messenger tells whose phone it is.
    async fn who_has_phone(&mut self, address: &str, phone: &str, kind: EventKind) {
        self.now += TimeDelta::seconds(1);
        let row = self.raw().await;
        let mut event = self.event(address, kind);
        event.profile.phone = Some(phone.to_owned());
        assert!(matches!(handle(&self.store, &self.source, &row, &[event], self.now).await.unwrap(), Handled::Done(_)));
    }

    async fn writes(&mut self, address: &str, phone: &str, body: &str) {
        self.who_has_phone(address, phone, EventKind::Text { body: body.to_owned(), reply_to: None }).await;
    }

    async fn owner_of(&self, phone: &str) -> Option<ContactId> {
        contact::resolve(&self.store, self.actor.account, contact::PHONE, phone, ANY_CHANNEL).await.unwrap()
    }
}

const PHONE: &str = "+79990000001";
const OTHER: &str = "+79990000002";

fn is_moved(to: &str, old_phone: Option<&str>) -> EventKind {
    EventKind::Moved { to: to.to_owned(), old_phone: old_phone.map(str::to_owned) }
}

both!(async fn first_words_are_kept_and_answered_with_the_question(store) {
    let mut w = World::of_writers(store).await;
    w.writes("RU.1", PHONE, "Пионы есть?").await;
    let anna = w.contact("RU.1").await.expect("a contact is made");
    assert_eq!(w.owner_of(PHONE).await, Some(anna), "the phone is theirs by the messenger's word");
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1").await, 1);
    let asked = w.last_said().await;
    assert!(asked.body.text.contains("Здравствуйте") && asked.buttons.len() == 2, "{asked:?}");
    // Nobody is asked for a phone that cannot be asked for.
    w.press("RU.1", 0).await;
    let asked = w.last_said().await;
    assert!(asked.buttons.iter().flatten().all(|button| button.action != ButtonAction::SharePhone), "{asked:?}");
    w.press("RU.1", 0).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
    let said = w.count("select count(*) from outgoing where account_id = $1").await;
    w.writes("RU.1", PHONE, "А розы?").await;
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1").await, said, "greeted once");
});

both!(async fn a_phone_the_company_knows_is_that_customer(store) {
    let mut w = World::of_writers(store).await;
    let known = w.known(PHONE).await;
    w.writes("RU.1", PHONE, "Где мой заказ?").await;
    assert_eq!(w.contact("RU.1").await, Some(known));
    // Nobody is made a contact by a «stop»; the customer it comes from is out by it.
    let other = w.known(OTHER).await;
    w.writes("RU.2", OTHER, "стоп").await;
    assert_eq!(w.contact("RU.2").await, Some(other));
    assert!(w.grades(other).await.2);
    assert_eq!(w.count("select count(*) from contact where account_id = $1").await, 2);
});

both!(async fn a_strangers_stop_holds_for_their_phone_too(store) {
    let mut w = World::of_writers(store).await;
    w.writes("RU.1", PHONE, "отпишите меня").await;
    assert!(w.contact("RU.1").await.is_none());
    let suppressed = "select count(*) from suppression where account_id = $1 and lifted_at is null and value in ('RU.1', '+79990000001')";
    assert_eq!(w.count(suppressed).await, 2);
});

both!(async fn who_was_known_by_their_phone_is_the_same_by_their_id(store) {
    let mut w = World::of_writers(store).await;
    w.writes(PHONE, PHONE, "Здравствуйте").await;
    let anna = w.contact(PHONE).await.expect("a contact");
    w.writes("RU.1", PHONE, "Ещё вопрос").await;
    assert_eq!((w.contact("RU.1").await, w.contact(PHONE).await), (Some(anna), None));
    let waits = "select count(*) from outgoing where account_id = $1 and state = 'queued' and address_value <> 'RU.1'";
    assert_eq!(w.count(waits).await, 0, "what waits goes to the id");
    assert_eq!(w.count("select count(*) from contact where account_id = $1 and deleted_at is null").await, 1);
});

both!(async fn a_changed_number_carries_consent_and_stop(store) {
    let mut w = World::of_writers(store).await;
    w.writes("RU.1", PHONE, "Здравствуйте").await;
    w.press("RU.1", 0).await;
    w.press("RU.1", 0).await;
    let anna = w.contact("RU.1").await.expect("a contact");
    w.who_has_phone("RU.1", OTHER, is_moved("RU.2", Some(PHONE))).await;
    assert_eq!((w.contact("RU.2").await, w.contact("RU.1").await), (Some(anna), None));
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false), "what they agreed to holds");
    assert_eq!((w.owner_of(OTHER).await, w.owner_of(PHONE).await), (Some(anna), None), "whoever gets the old number is another person");
    w.writes("RU.2", OTHER, "стоп").await;
    w.who_has_phone("RU.2", "+79990000003", is_moved("RU.3", Some(OTHER))).await;
    assert_eq!(w.contact("RU.3").await, Some(anna));
    assert!(w.grades(anna).await.2);
    // Told twice, and of an address that is nobody's any more.
    w.who_has_phone("RU.2", "+79990000003", is_moved("RU.3", Some(OTHER))).await;
    assert!(w.grades(anna).await.2 && w.contact("RU.3").await == Some(anna));
    // A new person with the old number is asked anew.
    w.writes("RU.9", PHONE, "Здравствуйте").await;
    assert_ne!(w.contact("RU.9").await, Some(anna));
});

both!(async fn a_stop_moves_also_when_the_new_number_wrote_first_or_nobody_is_known(store) {
    let mut w = World::of_writers(store).await;
    w.writes("RU.1", PHONE, "Здравствуйте").await;
    w.writes("RU.1", PHONE, "стоп").await;
    let anna = w.contact("RU.1").await.expect("a contact");
    w.writes("RU.2", OTHER, "Это снова я").await;
    assert_ne!(w.contact("RU.2").await, Some(anna), "nobody knows yet");
    w.who_has_phone("RU.1", OTHER, is_moved("RU.2", Some(PHONE))).await;
    let now = w.contact("RU.2").await.expect("somebody");
    assert!(w.grades(now).await.2, "out by either name");
    // A stranger's stop goes with the address.
    w.text("RU.5", "отпишите меня").await;
    w.happens("RU.5", is_moved("RU.6", None)).await;
    assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null and value = 'RU.6'").await, 1);
});

both!(async fn what_the_companys_list_says_of_a_number_holds_for_the_next_one(store) {
    let mut w = World::of_writers(store).await;
    w.writes("RU.1", PHONE, "Здравствуйте").await;
    suppression::add_phones(&w.store, &w.actor, &format!("{PHONE}\n+79990000005"), w.now).await.unwrap();
    w.who_has_phone("RU.1", OTHER, is_moved("RU.2", Some(PHONE))).await;
    // Nobody the company knows, but for the number on its list.
    w.who_has_phone("RU.7", "+79990000006", is_moved("RU.8", Some("+79990000005"))).await;
    let listed = "select count(*) from suppression where account_id = $1 and reason = 'manual' and lifted_at is null \
        and value in ('+79990000002', '+79990000006')";
    assert_eq!(w.count(listed).await, 2);
});

both!(async fn a_stop_told_to_the_messenger_is_a_stop_without_a_word_from_us(store) {
    let mut w = World::of_writers(store).await;
    w.writes("RU.1", PHONE, "Здравствуйте").await;
    let anna = w.contact("RU.1").await.expect("a contact");
    let said = w.count("select count(*) from outgoing where account_id = $1").await;
    w.happens("RU.1", EventKind::Stopped).await;
    assert!(w.grades(anna).await.2);
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1").await, said);
    let queued = "select count(*) from outgoing where account_id = $1 and state = 'queued'";
    assert_eq!(w.count(queued).await, 0, "and what waited does not go");
});

both!(async fn a_phone_that_comes_with_another_id_joins_nobody(store) {
    let mut w = World::of_writers(store).await;
    w.writes("RU.10", PHONE, "Пионы есть?").await;
    let first = w.contact("RU.10").await.expect("a contact is made");
    // The number was given out anew.
    w.writes("RU.11", PHONE, "Здравствуйте").await;
    let second = w.contact("RU.11").await.expect("a contact of its own");
    assert_ne!(first, second);
    assert_eq!(w.contact("RU.10").await, Some(first));
    let owner = "select count(*) from address where account_id = $1 and kind = 'phone'";
    assert_eq!(w.count(owner).await, 1, "the phone stays with the first");
});
