//! The managers' bot through its accidents: killed in the middle of a dialogue, called by webhook,
//! flooded, limited, stopped.

use mms_core::{campaign::State, on};
use mms_sandbox::{Fault, Rates, Rule, User, telegram::Message};
use serde_json::json;

use crate::{
    campaign_life::{quiet, until_sent},
    exactly_once::verdict,
    harness::{Company, Launch, PASSWORD, PATIENCE, Process, Shape, World, next_id, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// A person with a phone at the managers' bot.
pub struct Person<'a> {
    pub world: &'a World,
    pub id: i64,
}

impl<'a> Person<'a> {
    pub fn new(world: &'a World) -> Self {
        let id = next_id();
        world.sandbox.add_user(User::new(id, "Анна", &format!("+7999{:07}", id % 10_000_000)));
        world.sandbox.press_start(world.manager_bot, id, None).expect("started");
        Self { world, id }
    }

    pub fn types(&self, text: &str) {
        self.world.sandbox.send_text(self.world.manager_bot, self.id, text).expect("written");
    }

    pub async fn sees(&self, text: &str) -> Message {
        self.world.sees(self.id, text).await
    }

    /// Waits for a message of the bot that came after message `after` and says these words.
    pub async fn sees_after(&self, after: i64, text: &str) -> Message {
        let (sandbox, bot) = (&self.world.sandbox, self.world.manager_bot);
        let said = |telegram: &mms_sandbox::telegram::Telegram| {
            telegram.history(bot, self.id).into_iter().rev().find(|one| one.from_bot && one.id > after && one.text.contains(text))
        };
        let newest = || sandbox.last(bot, self.id).map(|one| one.text);
        sandbox.until(PATIENCE, said).await.unwrap_or_else(|| panic!("no `{text}` came, the newest is {:?}", newest()))
    }

    /// Presses a button once it is there; notices may have come after it.
    pub async fn presses(&self, button: &str) {
        self.presses_after(0, button).await;
    }

    /// Presses a button of a message that came after message `after`, once it is there.
    pub async fn presses_after(&self, after: i64, button: &str) {
        let (sandbox, bot) = (&self.world.sandbox, self.world.manager_bot);
        let shown = |telegram: &mms_sandbox::telegram::Telegram| {
            telegram.history(bot, self.id).into_iter().rev().find(|one| one.from_bot && one.id > after && one.button(button).is_some())
        };
        let newest = || sandbox.last(bot, self.id).map(|one| one.text);
        assert!(sandbox.until(PATIENCE, shown).await.is_some(), "no button `{button}`, the newest is {:?}", newest());
        sandbox.press_text(bot, self.id, button).expect("pressed");
    }

    pub async fn signs_in(&self, company: &Company) {
        self.tries(company, PASSWORD).await;
        self.sees("Владелец").await;
    }

    /// Types the owner's login and this password.
    pub async fn tries(&self, company: &Company, password: &str) {
        self.types("/login");
        self.sees("Введите логин").await;
        self.types(&company.owner_login);
        self.sees("Введите пароль").await;
        self.types(password);
    }
}

/// A power cut between two answers of a dialogue; and a button of a time long gone.
#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_dialogue_nothing_is_lost() {
    for shape in SHAPES {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let id = {
            let anna = Person::new(&world);
            anna.sees("Чтобы начать, войдите").await;
            anna.types("/login");
            anna.sees("Введите логин").await;
            anna.types(&company.owner_login);
            anna.sees("Введите пароль").await;
            anna.id
        };
        world.kill_bot().await;
        let menu = {
            let anna = Person { world: &world, id };
            anna.types(PASSWORD);
            anna.sees("Владелец").await
        };
        world.kill_bot().await;
        let anna = Person { world: &world, id };
        anna.presses("Настройки").await;
        anna.presses("Сеансы").await;
        let card = anna.sees("Ваши сеансы").await;
        assert_eq!(card.id, menu.id, "the card is edited in place after a restart, too");
        let press = world.sandbox.press_data(world.manager_bot, id, card.id, "zz:gone").expect("pressed");
        let toast = world.sandbox.until(PATIENCE, |telegram| telegram.answer(&press)).await.expect("answered");
        assert!(toast.text.unwrap_or_default().contains("устарела"));
        anna.sees("Владелец").await;
        world.stop().await;
    }
}

/// Webhooks: signed ones are taken, unsigned ones are refused and leave nothing, the same one twice
/// changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_taken_signed_and_once() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        // A port that was free a moment ago: the address must be known before the bot listens.
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        world.set("MMS_LISTEN", free.to_string());
        world.set("MMS_PUBLIC_URL", format!("http://{free}"));
        world.set("MMS_TELEGRAM_MODE", "webhook");
        world.start_all();
        let company = Company::found(&world, 1).await;
        until("the webhook to be set", || async {
            world.sandbox.bots().iter().any(|bot| bot.id == world.manager_bot && bot.webhook.is_some()).then_some(())
        })
        .await;
        let anna = Person::new(&world);
        anna.sees("Чтобы начать, войдите").await;
        anna.signs_in(&company).await;

        // Notices of what happened before may come at any time.
        let answers = || {
            let told = world.sandbox.ledger().to(world.manager_bot, anna.id);
            told.iter().filter(|entry| !entry.text.contains("Шаблон «")).count()
        };
        let before = answers();
        world.sandbox.redeliver(world.manager_bot, 3).expect("again");
        anna.types("/help");
        anna.sees("Справка").await;
        assert_eq!(answers(), before + 1, "a doubled update was handled twice");

        let update = json!({ "update_id": 999_999, "message": { "message_id": 1, "date": 1, "chat": { "id": anna.id, "type": "private" },
            "from": { "id": anna.id, "is_bot": false, "first_name": "Мария" }, "text": "стоп" } });
        let client = reqwest::Client::new();
        let count = async || -> (i64, i64) {
            on!(world.store.read(), |c| sqlx::query_as("select (select count(*) from inbound), (select count(*) from manager_update)")
                .fetch_one(c)
                .await)
            .expect("counted")
        };
        let stored = count().await;
        let channel_path = format!("/hooks/telegram/{}", company.channel);
        for path in ["/hooks/manager", channel_path.as_str(), "/hooks/telegram/01a2093f-0000-7000-8000-000000000000", "/hooks/telegram/x"] {
            for secret in [None, Some(""), Some("wrong")] {
                let mut request = client.post(format!("http://{free}{path}")).json(&update);
                if let Some(secret) = secret {
                    request = request.header("x-telegram-bot-api-secret-token", secret);
                }
                assert_eq!(request.send().await.expect("it answers").status().as_u16(), 401, "{path} with {secret:?}");
            }
        }
        assert_eq!(count().await, stored, "an unsigned webhook was stored");
        world.stop().await;
    }
}

/// A stranger's script does not stop a member.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_a_stranger_stops_nobody() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let (anna, stranger) = (Person::new(&world), Person::new(&world));
    for n in 0..400 {
        stranger.types(&format!("/start {n}"));
    }
    anna.signs_in(&company).await;
    for n in 0..400 {
        stranger.types(&format!("спам {n}"));
    }
    anna.presses("Настройки").await;
    anna.presses("Сеансы").await;
    anna.sees("Ваши сеансы").await;
    world.stop().await;
}

/// Ten thousand updates of five hundred strangers: a member's every press is answered before the
/// strangers are.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_updates_of_strangers_do_not_slow_a_member_down() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let anna = Person::new(&world);
    anna.signs_in(&company).await;
    let strangers: Vec<Person> = (0..500).map(|_| Person::new(&world)).collect();
    let answers = |who: &Person| world.sandbox.ledger().to(world.manager_bot, who.id).len();
    let (mut fed, mut opened) = (strangers.len(), true);
    for round in 0..20 {
        for stranger in &strangers {
            stranger.types(&format!("спам {round}"));
            fed += 1;
        }
        let (press, card) =
            if opened { ("Настройки", "Компания, её боты") } else { ("Меню", "Владелец") };
        // Words of an earlier card are still in the chat: the button is there when the card is.
        until("the button to be there", || async { world.sandbox.press_text(world.manager_bot, anna.id, press).ok() }).await;
        anna.sees(card).await;
        opened = !opened;
    }
    let answered: usize = strangers.iter().map(answers).sum();
    assert!(fed > 10_000 && answered < fed / 2, "{answered} of {fed} strangers' updates were answered before the member's presses");
    world.stop().await;
}

/// A member's own flood: one sentence says why nothing happens, and then everything goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_members_flood_is_held_off_with_one_sentence() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        world.sandbox.set_rates(Rates::off());
        let anna = Person::new(&world);
        anna.signs_in(&company).await;
        for n in 0..1_000 {
            anna.types(&format!("быстрее {n}"));
        }
        anna.sees("Слишком часто").await;
        until("the flood to be over", || async { (world.sandbox.pending(world.manager_bot) == 0).then_some(()) }).await;
        quiet(&world).await;
        anna.types("/help");
        anna.sees("Справка").await;
        let told = world.sandbox.ledger().to(world.manager_bot, anna.id);
        assert_eq!(told.iter().filter(|entry| entry.text.contains("Слишком часто")).count(), 1);
        world.stop().await;
    }
}

/// Killed at any moment while members press: what Telegram was told is taken is handled by the next
/// process.
#[tokio::test(flavor = "multi_thread")]
async fn no_press_is_lost_with_the_process_that_took_it() {
    for shape in SHAPES {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let id = {
            let anna = Person::new(&world);
            anna.signs_in(&company).await;
            anna.id
        };
        // Answers take long, so that the updates behind the first one wait in memory.
        let slow = world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 60_000 }).bot(world.manager_bot).chat(id));
        {
            let anna = Person { world: &world, id };
            anna.types("первое");
            for command in ["/help", "/start", "/help"] {
                anna.types(command);
            }
        }
        until("Telegram to be told that all are taken", || async { (world.sandbox.pending(world.manager_bot) == 0).then_some(()) }).await;
        world.sandbox.faults().remove(slow);
        let before = world.sandbox.ledger().to(world.manager_bot, id).len();
        world.kill_bot().await;
        until("all that waited to be handled after the kill", || async {
            let told = world.sandbox.ledger().to(world.manager_bot, id);
            (told.iter().skip(before).filter(|entry| entry.text.contains("Справка")).count() == 2).then_some(())
        })
        .await;
        world.stop().await;
    }
}

/// Telegram limits the managers' bot: every answer comes, later.
#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_managers_bot_lose_no_answer() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    world.sandbox.set_rates(Rates::off());
    let anna = Person::new(&world);
    anna.sees("Чтобы начать, войдите").await;
    for method in ["sendMessage", "editMessageText"] {
        world.sandbox.faults().add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).method(method).bot(world.manager_bot).times(2));
    }
    anna.signs_in(&company).await;
    anna.presses("Настройки").await;
    anna.presses("Сеансы").await;
    anna.sees("Ваши сеансы").await;
    assert!(world.sandbox.ledger().refused(429) >= 3, "the limits never struck");
    world.stop().await;
}

/// SIGTERM in the middle of a campaign: what is in flight lands and is written down.
#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_leaves_nothing_uncertain() {
    for shape in SHAPES {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 120).await;
        // Answers take a while, so that there is something in flight.
        world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 300 }).method("sendMessage").bot(company.bot));
        let campaign = company.launch(&world, Launch::default()).await;
        for step in [10, 50] {
            until_sent(&world, step).await;
            let old: Vec<Process> = match shape {
                Shape::One => world.bot.take().into_iter().collect(),
                Shape::Apart { .. } => world.workers.drain(..).collect(),
            };
            for process in old {
                process.terminate().await;
            }
            let left: i64 =
                on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from delivery where state in ('sending', 'uncertain')")
                    .fetch_one(c)
                    .await)
                .expect("counted");
            assert_eq!(left, 0, "rows were left in flight");
            world.start_all();
        }
        company.until_state(&world, campaign, State::Finished).await;
        let verdict = verdict(&world, &company, campaign).await;
        assert_eq!((verdict.sent, verdict.uncertain), (120, 0), "{verdict:?}");
        assert!(verdict.duplicates.is_empty() && verdict.wrong.is_empty(), "{verdict:?}");
        world.stop().await;
    }
}

/// A worker whose way to the queue is cut did not send, and ended; it works by what the rows say,
/// and by bells again when the way is mended.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_its_queue_works_on() {
    let mut world = World::prepare(Shape::Apart { workers: 1 }).await;
    let redis = world.through_proxy("REDIS_URL").await;
    world.start_all();
    let company = Company::found(&world, 10).await;
    redis.cut();
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    redis.mend();
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    world.stop().await;
}

/// Two workers share several channels; when one stops, the other takes its channels over.
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_channels_and_one_takes_over() {
    let mut world = World::start(Shape::Apart { workers: 2 }).await;
    // Whoever comes first would have sent everything before the other is there.
    let at_work = || world.logs().matches("the worker is at work").count();
    until("both workers to be at work", || async { (at_work() == 2).then_some(()) }).await;
    let mut companies = Vec::new();
    for _ in 0..6 {
        companies.push(Company::found(&world, 120).await);
    }
    let mut campaigns = Vec::new();
    for company in &companies {
        campaigns.push(company.launch(&world, Launch::default()).await);
    }
    let owners = async || -> std::collections::BTreeMap<String, i64> {
        let rows: Vec<(String, i64)> = on!(world.site.store.read(), |c| sqlx::query_as(
            "select lease_owner, count(*) from channel where lease_owner is not null group by lease_owner"
        )
        .fetch_all(c)
        .await)
        .expect("owners");
        rows.into_iter().collect()
    };
    until("both workers to own channels at the same time", || async {
        let owners = owners().await;
        (owners.len() == 2
            && owners.keys().any(|name| name.starts_with("worker0@"))
            && owners.keys().any(|name| name.starts_with("worker1@")))
        .then_some(())
    })
    .await;
    world.workers.remove(1).terminate().await;
    until("the first worker to own what the second one had", || async {
        let owners = owners().await;
        let all_finished = world.sandbox.ledger().len() >= 700;
        (all_finished || (owners.len() == 1 && owners.values().all(|n| *n == 6))).then_some(())
    })
    .await;
    for (company, campaign) in companies.iter().zip(&campaigns) {
        company.until_state(&world, *campaign, State::Finished).await;
        let verdict = verdict(&world, company, *campaign).await;
        assert_eq!((verdict.sent, verdict.uncertain), (120, 0), "{verdict:?}");
        assert!(verdict.duplicates.is_empty() && verdict.wrong.is_empty(), "{verdict:?}");
    }
    world.stop().await;
}

/// Clause 3.2 of the agreement: whoever learns a password does not get in.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_3_2_a_second_factor_is_set_up_proved_and_reset_at_the_server() {
    let authenticator = |card: &Message| {
        let key: String = card.text.lines().find(|line| line.split(' ').all(|part| part.len() == 4)).expect("a key").replace(' ', "");
        let secret = totp_rs::Secret::try_from_base32(key).expect("base32");
        let builder = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
        builder.with_secret(secret).build().expect("an authenticator")
    };
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let anna = Person::new(&world);
    anna.sees("Чтобы начать, войдите").await;
    anna.signs_in(&company).await;
    anna.presses("Настройки").await;
    anna.presses("Сеансы").await;
    anna.presses("Вход с кодом").await;
    anna.presses("Включить").await;
    let app = authenticator(&anna.sees("добавьте ключ вручную").await);
    anna.types("123");
    anna.sees("Код не подошёл").await;
    let before = u64::try_from(chrono::Utc::now().timestamp()).expect("after 1970");
    anna.types(&app.generate(before).to_string());
    let codes = anna.sees("Запасные коды").await;
    let codes: Vec<&str> = codes.text.lines().filter(|line| line.len() == 11 && line.contains('-')).collect();
    assert_eq!(codes.len(), 10);
    anna.presses("Сохранил, дальше").await;
    anna.sees("Владелец").await;

    // Another phone with the right password: nothing but the question, whatever is typed.
    let boris = Person::new(&world);
    boris.sees("Чтобы начать, войдите").await;
    boris.types("/login");
    boris.sees("Введите логин").await;
    boris.types(&company.owner_login);
    boris.sees("Введите пароль").await;
    boris.types(PASSWORD);
    boris.sees("шесть цифр").await;
    for typed in ["/menu", "/contacts", "покажи контакты", "000000"] {
        boris.types(typed);
        boris.sees("шесть цифр").await;
    }
    boris.types(codes[0]);
    boris.sees("Владелец").await;

    // Whoever lost all of it is helped at the server.
    let account = company.account.to_string();
    let reset = ["admin", "reset-second-factor", "--account", &account, "--login", &company.owner_login];
    assert!(world.command(&reset, "").contains("is reset"));
    boris.types("/menu");
    boris.sees("Чтобы начать, войдите").await;
    world.stop().await;
}
