//! Stop means stop, end to end with real processes: edited words, an opt-out behind an event that
//! always fails, a doubt, the company's own list of numbers, a member's word, and what could not be
//! read.

use mms_core::{
    campaign::State,
    channel::store as channels,
    clock,
    consent::{refusal, suppression},
    contact::{self, NewAddress},
    id::{CampaignId, ContactId},
    inbound::{self, NewRaw, SourceKind},
    on,
};
use mms_sandbox::{User, phone::Phone};

use crate::harness::{Company, Launch, PASSWORD, PATIENCE, Shape, World, next_id, until};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

async fn is_out(world: &World, contact: ContactId) -> bool {
    on!(world.store.read(), |c| sqlx::query_scalar("select opted_out_at is not null from contact where id = $1")
        .bind(contact)
        .fetch_one(c)
        .await)
    .expect("read")
}

async fn until_out(world: &World, contact: ContactId) {
    until("the opt-out to be carried out", || async { is_out(world, contact).await.then_some(()) }).await;
}

async fn run(world: &World, sql: &'static str) {
    let mut tx = world.store.begin().await.expect("a change");
    on!(tx.conn(), |c| sqlx::raw_sql(sql).execute(c).await.map(|_| ())).expect(sql);
    tx.commit().await.expect("a change");
}

/// The company's owner in front of the managers' bot.
async fn owner(world: &World, company: &Company) -> Phone {
    let id = next_id();
    world.sandbox.add_user(User::new(id, "Анна", "+79990000001"));
    let phone = world.sandbox.phone(world.manager_bot, id).patient(PATIENCE);
    phone.start(None, "Чтобы начать, войдите").await.unwrap();
    phone.say("/login", "Введите логин").await.unwrap();
    phone.say(&company.owner_login, "Введите пароль").await.unwrap();
    phone.say(PASSWORD, "Владелец").await.unwrap();
    phone
}

/// Words the recogniser is not sure of.
fn doubtful() -> &'static str {
    let words = ["не интересно", "отстань", "не хочу"];
    words.into_iter().find(|words| refusal::recognise(words) == refusal::Answer::Doubt).expect("the recogniser doubts one of these")
}

/// An edited message was never asked for, so «стоп» written over an earlier message was never seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_edited_to_stop_is_a_stop() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let (user, contact) = company.customers.iter().next().map(|(user, contact)| (*user, *contact)).expect("a customer");
        let message = world.sandbox.send_text(company.bot, user, "Спасибо").expect("written");
        let kept = "select count(*) from chat_message where contact_id = $1 and body = 'Спасибо'";
        until("the message to be kept", || async {
            let kept: i64 = on!(world.store.read(), |c| sqlx::query_scalar(kept).bind(contact).fetch_one(c).await).expect("read");
            (kept == 1).then_some(())
        })
        .await;
        world.sandbox.edit_text(company.bot, user, message, "стоп").expect("edited");
        until_out(&world, contact).await;
        world.stop().await;
    }
}

/// One message could never be stored; the same person's «стоп» waited behind it for the whole
/// schedule of its retries.
#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_waits_behind_nothing() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let (user, contact) = company.customers.iter().next().map(|(user, contact)| (*user, *contact)).expect("a customer");
        run(
            &world,
            match shape {
                Shape::One => {
                    "create trigger poison before insert on chat_message when new.body = 'яд' begin select raise(abort, 'poison'); end"
                }
                Shape::Apart { .. } => "alter table chat_message add constraint poison check (body <> 'яд')",
            },
        )
        .await;
        world.sandbox.send_text(company.bot, user, "яд").expect("written");
        let tries = "select coalesce(max(attempt), 0) from inbound where state = 'new' and account_id = $1";
        until("the message to fail", || async {
            let tries: i32 = on!(world.store.read(), |c| sqlx::query_scalar(tries).bind(company.account).fetch_one(c).await).expect("read");
            (tries > 0).then_some(())
        })
        .await;
        world.sandbox.send_text(company.bot, user, "стоп").expect("written");
        until_out(&world, contact).await;
        let waiting: i64 =
            on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from inbound where state = 'new' and account_id = $1")
                .bind(company.account)
                .fetch_one(c)
                .await)
            .expect("read");
        assert_eq!(waiting, 1, "the message goes on being tried");
        world.stop().await;
    }
}

/// After `mms admin forget-key` what had come through a channel waited until the channel was
/// connected anew, and meanwhile the person was written to through another.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_understood_when_the_credentials_of_its_channel_do_not_open() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let (user, contact) = company.customers.iter().next().map(|(user, contact)| (*user, *contact)).expect("a customer");
    run(&world, "update channel set credentials = x''").await;
    let update = serde_json::json!({ "update_id": 900_000_000, "message": {
        "message_id": 900_000, "date": clock::now().timestamp(), "text": "стоп",
        "chat": { "id": user, "type": "private" }, "from": { "id": user, "is_bot": false, "first_name": "Анна" },
    } });
    let event = NewRaw {
        account: company.account,
        source_kind: SourceKind::Channel,
        source: company.channel.0,
        external_id: "before the key was lost",
        payload: &update.to_string(),
        seed: None,
    };
    inbound::store(&world.store, &[event], clock::now()).await.expect("kept");
    until_out(&world, contact).await;
    world.abandon("the confirmation waits for a channel that cannot be opened").await;
}

/// The reasons of a campaign's deliveries that did not go, by contact.
async fn reason(world: &World, campaign: CampaignId, contact: ContactId) -> (String, Option<String>) {
    on!(world.store.read(), |c| sqlx::query_as("select state, reason from delivery where campaign_id = $1 and contact_id = $2")
        .bind(campaign)
        .bind(contact)
        .fetch_one(c)
        .await)
    .expect("a delivery")
}

/// A doubt was taken for talk, and a number on the company's list held nobody, for campaigns go to
/// chats.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_doubt_or_on_the_list_is_skipped_with_the_reason() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 5).await;
        let people: Vec<(i64, ContactId)> = company.customers.iter().map(|(user, contact)| (*user, *contact)).collect();
        let [(doubting, in_doubt), (_, listed), (_, listed_before), ..] = people[..] else { panic!("five customers") };
        world.sandbox.send_text(company.bot, doubting, doubtful()).expect("written");
        let phone = world.sandbox.phone(company.bot, doubting).patient(PATIENCE);
        phone.see("Отписать вас от рассылки?").await.unwrap();
        let now = clock::now();
        let mut tx = world.store.begin().await.expect("a change");
        for (contact, number) in [(listed, "+79995550001"), (listed_before, "+79995550002")] {
            let address = NewAddress::phone(number.to_owned(), number);
            assert_eq!(contact::attach_address(&mut tx, company.account, contact, &address, now).await.expect("attached"), Ok(true));
        }
        let old = NewAddress::phone("+79995550002".to_owned(), "");
        contact::detach_address(&mut tx, company.account, listed_before, &old.kind, &old.value, old.scope, now).await.expect("detached");
        tx.commit().await.expect("a change");
        suppression::add_phones(&world.store, &company.owner, "+79995550001\n+79995550002", now).await.expect("listed");
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        for (contact, why) in [(in_doubt, "doubt"), (listed, "suppressed"), (listed_before, "suppressed")] {
            assert_eq!(reason(&world, campaign, contact).await, ("skipped".to_owned(), Some(why.to_owned())));
        }
        for (user, _) in &people[..3] {
            let got = world.sandbox.ledger().to(company.bot, *user).iter().filter(|entry| entry.text.contains("скидка 10%")).count();
            assert_eq!(got, 0);
        }
        assert_eq!(company.stats(&world, campaign).await.numbers.sent, 2);
        company.must_balance(&world, campaign).await;
        // «Нет»: the next campaign goes to them again.
        phone.tap("Нет", "всё остаётся как было").await.unwrap();
        let next = company.launch(&world, Launch::default()).await;
        company.until_state(&world, next, State::Finished).await;
        assert_eq!(reason(&world, next, in_doubt).await.0, "sent");
        world.stop().await;
    }
}

/// The manager who reads a customer's words ends writing to them from the notice itself; a reply
/// that did not arrive says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_manager_ends_it_from_the_notice_and_sees_what_did_not_arrive() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 2).await;
    let people: Vec<(i64, ContactId)> = company.customers.iter().map(|(user, contact)| (*user, *contact)).collect();
    let [(first, first_contact), (second, second_contact)] = people[..] else { panic!("two customers") };
    let owner = owner(&world, &company).await;
    world.sandbox.send_text(company.bot, first, "Где мой заказ?").expect("written");
    owner.tap("Ответить", "Что ответить?").await.unwrap();
    world.sandbox.block(company.bot, first).expect("blocked");
    owner.say("Уже едет", "Уже едет").await.unwrap();
    owner.see("Ваш ответ не доставлен").await.unwrap();
    owner.tap("Переписка", "⚠️ не доставлено").await.unwrap();
    assert!(!is_out(&world, first_contact).await, "a block is no opt-out");
    world.sandbox.send_text(company.bot, second, "Это не мой номер телефона").expect("written");
    owner.see("Это не мой номер телефона").await.unwrap();
    owner.tap("🚫 Больше не писать", "Отписать?").await.unwrap();
    owner.tap("Да, отписать", "Отписка").await.unwrap();
    until_out(&world, second_contact).await;
    world.stop().await;
}

/// An event that could not be read was a line in a log, and an opt-out may be in it.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_and_read_again() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let owner = owner(&world, &company).await;
        let channel = channels::find(&world.store, company.channel).await.expect("read").expect("a channel");
        let broken = NewRaw {
            account: company.account,
            source_kind: SourceKind::Channel,
            source: channel.id.0,
            external_id: "900000",
            payload: r#"{"update_id":900000,"message":5}"#,
            seed: None,
        };
        inbound::store(&world.store, &[broken], clock::now()).await.expect("kept");
        owner.see("не удалось обработать").await.unwrap();
        owner.tap("Открыть", "не читается").await.unwrap();
        owner.tap("Прочитать снова", "Сообщения клиентов").await.unwrap();
        until("it to be given up again", || async {
            let row: (String, i32) =
                on!(world.store.read(), |c| sqlx::query_as("select state, attempt from inbound where external_id = '900000'")
                    .fetch_one(c)
                    .await)
                .expect("read");
            (row == ("failed".to_owned(), 1)).then_some(())
        })
        .await;
        let doctor = world.output(&["doctor"], "");
        let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(doctor.contains("1 could not be handled"), "{doctor}");
        world.stop().await;
    }
}
