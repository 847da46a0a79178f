//! Stop means stop also for whoever was deleted before they said it: the address they wrote from
//! was kept again, the others they had were not held at all, and what a receipt said was noted of
//! nobody.

use super::{
    super::{
        crm::tests::{World as Crms, person},
        receipts,
        reply::reply,
    },
    *,
};
use crate::{
    channel::{MessageName, News, Receipt},
    config,
    consent::suppression,
    contact::{
        by_hand,
        import::{self, Basis, run},
    },
    delivery::outcome::Verdict,
    erasure,
    id::ANY_CHANNEL,
    words::Reason,
};

const CHAT: &str = "777000777123";
const PHONE: &str = "+79161234567";

/// What the bot says to whoever said stop.
const STOPPED: &str = "вы отписаны";

impl World {
    /// Somebody whom the company knew by a chat and a phone.
    async fn with_phone(store: Store) -> (Self, ContactId) {
        let mut w = Self::new(store).await;
        w.licensed().await;
        let anna = w.agreed(CHAT).await;
        w.happens(CHAT, EventKind::Phone { number: PHONE.to_owned(), own: true }).await;
        assert_eq!(w.owner(PHONE).await, Some(anna));
        (w, anna)
    }

    /// The same, deleted since.
    async fn left(store: Store) -> (Self, ContactId) {
        let (w, anna) = Self::with_phone(store).await;
        contact::delete_by_member(&w.store, &w.actor, anna, w.now).await.unwrap();
        (w, anna)
    }

    async fn owner(&self, phone: &str) -> Option<ContactId> {
        contact::resolve(&self.store, self.actor.account, contact::PHONE, phone, ANY_CHANNEL).await.unwrap()
    }

    async fn is_out(&self, contact: ContactId) -> bool {
        let mut tx = self.store.begin().await.unwrap();
        suppression::is_stopped(&mut tx, self.actor.account, contact).await.unwrap()
    }

    /// The confirmations queued so far.
    async fn confirmed(&self) -> i64 {
        self.count("select count(*) from outgoing where account_id = $1 and purpose = 'confirmation'").await
    }

    /// Whether the chat, or the phone, stands anywhere a deletion would not find it.
    async fn names_them(&self) -> Vec<String> {
        let sql = "select value from suppression where account_id = $1 union all select value from address where account_id = $1 \
            union all select address_value from outgoing where account_id = $1 union all select cast(payload as text) from outgoing \
            where account_id = $1 and contact_id is null union all select payload from inbound where account_id = $1 \
            union all select body from chat_message where account_id = $1 union all select coalesce(message_ref, '') from outgoing \
            where account_id = $1 and contact_id is null";
        let all: Vec<String> = on!(self.store.read(), |c| sqlx::query_scalar(sql).bind(self.actor.account).fetch_all(c).await).unwrap();
        all.into_iter().filter(|cell| cell.contains(CHAT) || cell.contains(&PHONE[1..])).collect()
    }

    async fn import(&self, csv: &str) {
        let one = import::begin(&self.store, &self.actor, "клиенты.csv", csv.as_bytes(), self.now).await.unwrap();
        import::set_basis(&self.store, &self.actor, one.id, "Анкеты в магазине", Basis::SignedDocument, self.now).await.unwrap();
        run::dry_run(&self.store, &self.actor, one.id, self.now).await.unwrap();
        import::start(&self.store, &self.actor, one.id, self.now).await.unwrap();
        run::run(&self.store, one.id, &tokio_util::sync::CancellationToken::new()).await.unwrap();
    }
}

both!(async fn a_stop_of_somebody_deleted_is_confirmed_once_and_stores_nothing_of_them(store) {
    let (mut w, anna) = World::left(store).await;
    let after = w.text(CHAT, "стоп").await;
    assert!(after.opted_out && after.deliver);
    assert!(w.last_said().await.body.text.contains(STOPPED), "{:?}", w.last_said().await);
    w.text(CHAT, "стоп").await;
    w.happens(CHAT, EventKind::Press { data: OPT_OUT_CALLBACK.to_owned(), query_id: "q".to_owned(), label: String::new() }).await;
    assert_eq!(w.confirmed().await, 1);
    assert_eq!(w.contact(CHAT).await, None, "they are nobody's contact");
    // It waits to go, and knows where; once it went, nothing is left.
    assert_eq!(w.names_them().await, [CHAT]);
    let lease = crate::channel::lease::take(&w.store, w.source.channel, "w", w.now).await.unwrap().unwrap();
    assert!(!w.all_go(lease, "", Verdict::Uncertain).await);
    assert_eq!(w.names_them().await, Vec::<String>::new());
    // That they said it is in the ledger, in the name of whoever they were.
    assert!(w.grades(anna).await.2);
    assert!(audit::verify(&w.store, w.actor.account).await.unwrap().is_ok());
});

both!(async fn whoever_brings_back_an_address_of_theirs_finds_the_stop(store) {
    for way in ["a file", "by hand", "a CRM", "a CRM, one by one", "another messenger"] {
        let (mut w, anna) = World::left(store.clone()).await;
        w.text(CHAT, "стоп").await;
        match way {
            "a file" => w.import("Имя;Телефон\nАнна;8 916 123-45-67\nВера;+79120000009\n").await,
            "by hand" => drop(by_hand::add(&w.store, &w.actor, "Анна +7 916 123-45-67", "RU", w.now).await.unwrap()),
            "another messenger" => {
                w.source.channel = channel(&w.store, w.actor.account, w.now).await;
                w.source.scope = w.source.channel;
                w.happens("88", EventKind::Started(None)).await;
                w.happens("88", EventKind::Phone { number: PHONE.to_owned(), own: true }).await;
            }
            _ => {
                let crms = Crms { actor: w.actor.clone(), ..Crms::new(w.store.clone()).await };
                let crm = crms.crm("crm").await;
                let record = person("1", "Анна", &[PHONE], &[]);
                let other = person("2", "Вера", &["+79120000009"], &[]);
                // What is new and alone goes in with others; what shares a phone goes by itself.
                let records = if way == "a CRM" { vec![record, other] } else { vec![record.clone(), person("3", "Анна", &[PHONE], &[])] };
                crms.page(&crm, &records).await;
            }
        }
        let back = w.owner(PHONE).await.expect(way);
        assert_ne!(back, anna, "{way}");
        assert!(w.is_out(back).await, "{way}");
        if let Some(other) = w.owner("+79120000009").await {
            assert!(!w.is_out(other).await, "{way}: another person");
        }
    }
});

both!(async fn who_came_back_before_the_late_stop_is_out_by_it(store) {
    let (mut w, anna) = World::left(store).await;
    w.import("Имя;Телефон\nАнна;8 916 123-45-67\n").await;
    let back = w.owner(PHONE).await.expect("taken in");
    assert!(back != anna && !w.is_out(back).await, "they had said nothing yet");
    w.text(CHAT, "стоп").await;
    assert!(w.is_out(back).await && w.grades(back).await.2, "one person by whichever address");
    assert_eq!(w.confirmed().await, 1);
});

both!(async fn a_receipt_that_says_stop_of_somebody_deleted_holds_for_their_addresses(store) {
    let (mut w, anna) = World::with_phone(store).await;
    w.text(CHAT, "Где мой заказ?").await;
    reply(&w.store, &w.actor, anna, None, Rich::plain("Едет"), "1", w.now).await.unwrap();
    let lease = crate::channel::lease::take(&w.store, w.source.channel, "w", w.now).await.unwrap().unwrap();
    assert!(w.all_go(lease, "Едет", Verdict::Sent { message_ref: "m:1".to_owned(), at: w.now }).await);
    contact::delete_by_member(&w.store, &w.actor, anna, w.now).await.unwrap();
    let said = w.confirmed().await;
    let told = News {
        message: MessageName::Ref("m:1".to_owned()),
        message_ref: None,
        receipt: Receipt::Failed(Reason::OptedOut),
        at: None,
        detail: None,
        charge: None,
    };
    for _ in 0..2 {
        receipts(&w.store, &w.source, std::slice::from_ref(&told), w.now).await.unwrap();
    }
    assert_eq!(w.names_them().await, Vec::<String>::new());
    w.import("Имя;Телефон\nАнна;8 916 123-45-67\n").await;
    let back = w.owner(PHONE).await.expect("taken in");
    assert!(w.is_out(back).await);
    assert_eq!(w.confirmed().await, said, "who told the messenger waits for no answer");
});

both!(async fn who_was_erased_is_heard_too_and_nothing_of_them_is_stored_again(store) {
    let (mut w, anna) = World::with_phone(store).await;
    let terms = config::Erasure::default();
    let demand = erasure::file(&w.store, &w.actor, anna, erasure::Ground::Withdrawn, "сама, письмом", &terms, w.now).await.unwrap();
    let operator = "ООО «Ромашка»\n101000, Москва, ул. Полевая, 1\nДиректор, Иван Петров";
    erasure::set_operator(&w.store, &w.actor, operator, w.now).await.unwrap();
    erasure::carry_out(&w.store, &w.actor, demand, &terms, w.now).await.unwrap();
    w.happens(CHAT, EventKind::Blocked).await;
    w.happens(CHAT, EventKind::Unblocked).await;
    w.text(CHAT, "стоп").await;
    w.text(CHAT, "стоп").await;
    assert_eq!(w.confirmed().await, 1, "they are told that they are heard");
    let lease = crate::channel::lease::take(&w.store, w.source.channel, "w", w.now).await.unwrap().unwrap();
    assert!(!w.all_go(lease, "", Verdict::Uncertain).await);
    assert_eq!(w.names_them().await, Vec::<String>::new());
    w.happens(CHAT, EventKind::Started(None)).await;
    let back = w.contact(CHAT).await.expect("who writes is answered as somebody new");
    assert!(w.is_out(back).await);
});

both!(async fn whoever_comes_back_by_themselves_is_held_by_nothing_they_said_before(store) {
    let (mut w, _) = World::left(store).await;
    w.text(CHAT, "стоп").await;
    let back = w.agreed(CHAT).await;
    assert!(!w.is_out(back).await, "a new «yes»");
    // The phone is theirs, and their «stop» is over for it as well.
    w.happens(CHAT, EventKind::Phone { number: PHONE.to_owned(), own: true }).await;
    assert_eq!(w.owner(PHONE).await, Some(back));
    assert!(!w.is_out(back).await);
});

both!(async fn a_stop_of_somebody_deleted_goes_with_them_to_another_address(store) {
    let (mut w, _) = World::left(store).await;
    w.text(CHAT, "стоп").await;
    w.happens(CHAT, EventKind::Moved { to: "99".to_owned(), old_phone: None }).await;
    assert_eq!(w.count("select count(*) from suppression where account_id = $1").await, 0, "nothing is stored of them");
    w.happens("99", EventKind::Started(None)).await;
    let back = w.contact("99").await.unwrap();
    assert!(w.is_out(back).await);
});
