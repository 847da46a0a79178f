//! A chat to which campaigns wrote turns out to be a known contact's.

use super::*;
use crate::{
    channel::{MessageName, News, Receipt, lease},
    delivery::{
        Part, State, begun,
        books::books,
        claim::{Claim, Claimed, claim},
        counts::Moves,
        fixture::Fixture,
        kept::{self, Kept, Message, Words},
        outcome::{self, Outcome, Verdict},
    },
    id::CampaignId,
    inbound::receipts,
    limits::AIR,
    words::Reason,
};

const PHONE: &str = "+79990000001";

/// A company whose contacts are chats of which it knows no more, at `1000`, `1001` …
async fn chats(store: &Store, many: usize) -> (World, Fixture) {
    let fixture = Fixture::new(store, many, 30.0).await;
    fixture.change(store, "update contact set source = 'telegram' where account_id = $1").await;
    let world = World::new(store.clone()).await;
    let source = ChannelSource { account: fixture.account, channel: fixture.channel, scope: fixture.channel, ..world.source.clone() };
    (World { actor: fixture.owner(), source, ..world }, fixture)
}

/// Claims what waits of a campaign, and lists it as begun with its words.
async fn claimed(store: &Store, fixture: &Fixture, campaign: CampaignId) -> Vec<Claimed> {
    fixture.change(store, "update channel set lease_until = null where account_id = $1").await;
    let lease = lease::take(store, fixture.channel, "w", clock::now()).await.unwrap().unwrap();
    begun::take_over(store, fixture.account, lease).await.unwrap();
    let rows = match claim(store, fixture.account, (campaign, 1), lease, 100, AIR, None, clock::now()).await.unwrap() {
        Claim::Rows { rows, .. } => rows,
        Claim::Closed(why) => panic!("{why:?}"),
    };
    let mut words = Words::default();
    for row in &rows {
        let message = Message { body: Rich::plain(&row.to), ..Message::default() };
        words.add(row.delivery.0, row.attempt, message.pack("{{ first_name }}, добрый день"));
    }
    let ids = rows.iter().map(|row| row.delivery.0).collect();
    assert!(begun::list(store, fixture.account, lease, &begun::text(&ids), words).await.unwrap());
    rows
}

/// What a campaign sent to a contact.
async fn got(store: &Store, fixture: &Fixture, campaign: CampaignId, contact: ContactId) -> Vec<String> {
    let kept = kept::to(store, fixture.account, campaign, contact).await.unwrap();
    kept.into_iter().map(|Kept { message, .. }| message.unwrap().body.text).collect()
}

async fn balanced(store: &Store, fixture: &Fixture, campaign: CampaignId) {
    let books = books(store, fixture.account, campaign).await.unwrap();
    assert!(books.balanced(), "{books:?}");
}

/// What a campaign has of a contact.
async fn stands(store: &Store, campaign: CampaignId, contact: ContactId) -> Option<(State, Option<String>)> {
    on!(store.read(), |c| sqlx::query_as("select state, reason from delivery where campaign_id = $1 and contact_id = $2")
        .bind(campaign)
        .bind(contact)
        .fetch_optional(c)
        .await)
    .unwrap()
}

fn sent(row: &Claimed) -> Outcome {
    Outcome::of(row, Verdict::Sent { message_ref: row.delivery.to_string(), at: clock::now() })
}

impl World {
    /// The owner of a chat shares their phone: it is the known contact's.
    async fn turns_out(&mut self, chat: &str, phone: &str) {
        self.happens(chat, EventKind::Phone { number: phone.to_owned(), own: true }).await;
    }

    async fn is_told(&self, row: &Claimed, reason: Reason) {
        let message = MessageName::Ref(row.delivery.to_string());
        let news = News { message, message_ref: None, receipt: Receipt::Failed(reason), at: None, detail: None, charge: None };
        receipts(&self.store, &self.source, &[news], self.now).await.unwrap();
    }
}

both!(async fn a_stop_told_late_is_of_whoever_the_chat_is_by_now(store) {
    let (mut w, fixture) = chats(&store, 2).await;
    let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
    let rows = claimed(&store, &fixture, campaign).await;
    outcome::record(&store, &rows.iter().map(sent).collect::<Vec<_>>(), clock::now()).await.unwrap();
    let (stops, blocks) = (w.known(PHONE).await, w.known("+79990000002").await);
    w.turns_out("1000", PHONE).await;
    w.turns_out("1001", "+79990000002").await;
    assert_eq!((w.contact("1000").await, w.contact("1001").await), (Some(stops), Some(blocks)));
    let of = |n: usize| rows.iter().find(|row| row.to == (1000 + n).to_string()).unwrap();
    w.is_told(of(0), Reason::OptedOut).await;
    assert!(w.grades(stops).await.2, "nothing more goes to the person, wherever");
    w.is_told(of(1), Reason::Blocked).await;
    assert!(!w.grades(blocks).await.2);
    let blocked = "select count(*) from suppression where account_id = $1 and lifted_at is null and reason = 'blocked' and value = '1001'";
    assert_eq!(w.count(blocked).await, 1, "nor to the chat that is blocked");
});

both!(async fn what_waits_for_a_chat_goes_to_whoever_it_turns_out_to_be(store) {
    let (mut w, fixture) = chats(&store, 1).await;
    let [waits, flies] = [
        fixture.campaign(&store, "service", "leave", 1, None).await,
        fixture.campaign(&store, "service", "leave", 1, None).await,
    ];
    let chat = fixture.contacts[0];
    let row = claimed(&store, &fixture, flies).await.remove(0);
    let anna = w.known(PHONE).await;
    w.turns_out("1000", PHONE).await;
    let queued = claimed(&store, &fixture, waits).await;
    assert_eq!(queued.iter().map(|row| (row.contact, row.to.as_str())).collect::<Vec<_>>(), [(anna, "1000")], "nobody is left out for it");
    outcome::record(&store, &[sent(&row), sent(&queued[0])], clock::now()).await.unwrap();
    for campaign in [waits, flies] {
        assert_eq!(stands(&store, campaign, anna).await, Some((State::Sent, None)));
        assert_eq!(stands(&store, campaign, chat).await, None);
        assert_eq!(got(&store, &fixture, campaign, anna).await, ["1000"]);
        balanced(&store, &fixture, campaign).await;
    }
    contact::delete_by_member(&store, &fixture.owner(), anna, w.now).await.unwrap();
    assert_eq!(w.count("select count(*) from delivery_text t join delivery d on d.id = t.delivery_id where d.account_id = $1").await, 0, "deleted, they leave no words");
});

both!(async fn what_a_chat_got_counts_for_whoever_it_turns_out_to_be(store) {
    let (mut w, mut fixture) = chats(&store, 2).await;
    fixture.change(&store, "update account set cap_hours = 24 where id = $1").await;
    let campaign = fixture.campaign(&store, "advertising", "leave", 2, None).await;
    let rows = claimed(&store, &fixture, campaign).await;
    let of = |chat: &str| rows.iter().find(|row| row.to == chat).unwrap();
    outcome::record(&store, &[sent(of("1000"))], clock::now()).await.unwrap();
    let (anna, vera) = (w.known(PHONE).await, w.known("+79990000002").await);
    w.turns_out("1000", PHONE).await;
    w.turns_out("1001", "+79990000002").await;
    // What was in flight did not go after all.
    outcome::record(&store, &[Outcome::of(of("1001"), Verdict::Failed { reason: Reason::Rejected })], clock::now()).await.unwrap();
    fixture.change(&store, "update contact set marketing_grade = 1 where account_id = $1").await;
    fixture.contacts = vec![anna, vera];
    fixture.change(&store, "delete from address where account_id = $1 and kind = 'phone'").await;
    let next = fixture.campaign(&store, "advertising", "leave", 2, None).await;
    assert_eq!(claimed(&store, &fixture, next).await.iter().map(|row| row.contact).collect::<Vec<_>>(), [vera]);
    assert_eq!(stands(&store, next, anna).await, Some((State::Skipped, Some("frequency_cap".to_owned()))));
});

both!(async fn two_of_a_campaign_who_turn_out_to_be_one_get_it_once(store) {
    let (mut w, mut fixture) = chats(&store, 8).await;
    // Chats 0 to 3 turn out to be contacts 4 to 7, who are in the campaign by chats of their own.
    let phone = |n: usize| format!("+7999000000{n}");
    let mut tx = store.begin().await.unwrap();
    for n in 0..4 {
        let address = NewAddress::phone(phone(n), &phone(n));
        assert_eq!(contact::attach_address(&mut tx, fixture.account, fixture.contacts[4 + n], &address, w.now).await.unwrap(), Ok(true));
    }
    tx.commit().await.unwrap();
    let contacts = fixture.contacts.clone();
    fixture.contacts = contacts[..4].to_vec();
    let campaign = fixture.campaign(&store, "service", "leave", 4, None).await;
    let first = claimed(&store, &fixture, campaign).await;
    // The others come to the campaign later: nobody waits for them meanwhile.
    join(&store, &fixture, campaign, &contacts[4..]).await;
    let of = |rows: &[Claimed], n: usize| rows.iter().find(|row| row.contact == contacts[n]).unwrap().clone();
    // 0 got it, 1 is getting it, 2 is to get it, 3 got it as well as contact 7.
    let back = Outcome::of(&of(&first, 2), Verdict::Returned);
    outcome::record(&store, &[sent(&of(&first, 0)), back, sent(&of(&first, 3))], clock::now()).await.unwrap();
    fixture.change(&store, "update delivery set due_at = '2100-01-01T00:00:00+00:00' where account_id = $1 and state = 'queued'").await;
    hurry(&store, campaign, &[contacts[6], contacts[7]]).await;
    let second = claimed(&store, &fixture, campaign).await;
    assert_eq!(second.len(), 2);
    outcome::record(&store, &[sent(&of(&second, 7))], clock::now()).await.unwrap();
    for n in 0..4 {
        w.turns_out(&(1000 + n).to_string(), &phone(n)).await;
        assert_eq!(w.contact(&(1000 + n).to_string()).await, Some(contacts[4 + n]));
        balanced(&store, &fixture, campaign).await;
    }
    // 1 arrives; what was in flight to contact 6 comes back, and it is to go to them.
    outcome::record(&store, &[sent(&of(&first, 1)), Outcome::of(&of(&second, 6), Verdict::Returned)], clock::now()).await.unwrap();
    hurry(&store, campaign, &contacts).await;
    let third = claimed(&store, &fixture, campaign).await;
    assert_eq!(third.iter().map(|row| row.contact).collect::<Vec<_>>(), [contacts[6]]);
    outcome::record(&store, &[sent(&third[0])], clock::now()).await.unwrap();
    let ended = Some((State::Cancelled, Some("same_person".to_owned())));
    for n in 0..3 {
        assert_eq!(stands(&store, campaign, contacts[4 + n]).await, Some((State::Sent, None)), "{n}");
        assert_eq!(stands(&store, campaign, contacts[n]).await, ended, "{n}");
    }
    assert_eq!(got(&store, &fixture, campaign, contacts[4]).await, ["1000"], "what the person got, by either chat");
    balanced(&store, &fixture, campaign).await;
    // Both had got it: what is left of the chat goes with the person.
    assert_eq!((got(&store, &fixture, campaign, contacts[7]).await.len(), got(&store, &fixture, campaign, contacts[3]).await.len()), (1, 1));
    contact::delete_by_member(&store, &fixture.owner(), contacts[7], w.now).await.unwrap();
    assert_eq!((got(&store, &fixture, campaign, contacts[7]).await.len(), got(&store, &fixture, campaign, contacts[3]).await.len()), (0, 0));
});

both!(async fn what_is_in_flight_to_somebody_who_got_it_goes_no_second_time(store) {
    let (mut w, mut fixture) = chats(&store, 2).await;
    let contacts = fixture.contacts.clone();
    let mut tx = store.begin().await.unwrap();
    let address = NewAddress::phone(PHONE.to_owned(), PHONE);
    assert_eq!(contact::attach_address(&mut tx, fixture.account, contacts[1], &address, w.now).await.unwrap(), Ok(true));
    tx.commit().await.unwrap();
    fixture.contacts.truncate(1);
    let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
    let first = claimed(&store, &fixture, campaign).await;
    join(&store, &fixture, campaign, &contacts[1..]).await;
    let second = claimed(&store, &fixture, campaign).await;
    outcome::record(&store, &[sent(&first[0])], clock::now()).await.unwrap();
    w.turns_out("1000", PHONE).await;
    outcome::record(&store, &[Outcome::of(&second[0], Verdict::Returned)], clock::now()).await.unwrap();
    assert_eq!(claimed(&store, &fixture, campaign).await, []);
    assert_eq!(stands(&store, campaign, contacts[1]).await, Some((State::Sent, None)));
    assert_eq!(stands(&store, campaign, contacts[0]).await, Some((State::Cancelled, Some("same_person".to_owned()))));
    balanced(&store, &fixture, campaign).await;
});

/// More people of a running campaign, by their chats.
async fn join(store: &Store, fixture: &Fixture, campaign: CampaignId, contacts: &[ContactId]) {
    let mut tx = store.begin().await.unwrap();
    for contact in contacts {
        on!(tx.conn(), |c| sqlx::query(
            "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, due_at, updated_at) \
             select $1, $2, $3, $4, a.id, $5, 'queued', $6, $6 from address a where a.contact_id = $3 and a.kind = 'telegram'"
        )
        .bind(fixture.account)
        .bind(campaign)
        .bind(*contact)
        .bind(fixture.channel)
        .bind(true)
        .bind(clock::now())
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
    }
    let mut moves = Moves::default();
    moves.add(Part::first(campaign), true, (State::Queued, None), i64::try_from(contacts.len()).unwrap());
    moves.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// What waits for these people is due now.
async fn hurry(store: &Store, campaign: CampaignId, contacts: &[ContactId]) {
    let mut tx = store.begin().await.unwrap();
    for contact in contacts {
        on!(tx.conn(), |c| sqlx::query("update delivery set due_at = $3 where campaign_id = $1 and contact_id = $2 and state = 'queued'")
            .bind(campaign)
            .bind(*contact)
            .bind(clock::now())
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
    }
    tx.commit().await.unwrap();
}

both!(
    // The old address was taken away, and what waited to go there was left out.
    async fn what_waits_for_a_changed_address_goes_to_the_new_one(store) {
        let (mut w, fixture) = chats(&store, 2).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        let both = fixture.campaign(&store, "service", "leave", 2, None).await;
        w.text("2000", "Это мой новый номер").await;
        for (old, new) in [("1000", "2000"), ("1001", "1000")] {
            w.happens(old, EventKind::Moved { to: new.to_owned(), old_phone: None }).await;
        }
        let rows = claimed(&store, &fixture, campaign).await;
        assert_eq!(rows.iter().map(|row| (row.contact, &*row.to)).collect::<Vec<_>>(), [(fixture.contacts[0], "2000")]);
        let rows = claimed(&store, &fixture, both).await;
        let to: std::collections::BTreeSet<&str> = rows.iter().map(|row| &*row.to).collect();
        assert_eq!(to.len(), rows.len(), "nobody twice");
        balanced(&store, &fixture, campaign).await;
        balanced(&store, &fixture, both).await;
    }
);

both!(
    // Whoever hides their phone answers under an id that nobody knows, and their «стоп» was a
    // stranger's.
    async fn who_answers_under_our_message_is_whoever_it_went_to(store) {
        let (mut w, fixture) = chats(&store, 3).await;
        for n in 0..2 {
            let sql = format!("update address set value = '+7999000001{n}' where account_id = $1 and value = '{}'", 1000 + n);
            fixture.change(&store, Box::leak(sql.into_boxed_str())).await;
        }
        let campaign = fixture.campaign(&store, "service", "leave", 3, None).await;
        let rows = claimed(&store, &fixture, campaign).await;
        outcome::record(&store, &rows.iter().map(sent).collect::<Vec<_>>(), clock::now()).await.unwrap();
        let of = |to: &str| Some(rows.iter().find(|row| row.to == to).unwrap().delivery.to_string());
        let says = |body: &str, reply_to| EventKind::Text { body: body.to_owned(), reply_to };
        w.happens("RU.1", says("стоп", of("+79990000010"))).await;
        assert!(w.grades(fixture.contacts[0]).await.2, "their «стоп» is theirs");
        assert_eq!(w.contact("RU.1").await, Some(fixture.contacts[0]));
        w.happens("RU.2", says("Здравствуйте", of("+79990000011"))).await;
        assert_eq!(w.contact("RU.2").await, Some(fixture.contacts[1]));
        // What went to an id says nothing of another one, and a message of nobody's names nobody.
        w.happens("RU.3", says("Здравствуйте", of("1002"))).await;
        w.happens("RU.4", says("Здравствуйте", Some("77".to_owned()))).await;
        assert!(![w.contact("RU.3").await, w.contact("RU.4").await].contains(&Some(fixture.contacts[2])));
    }
);
