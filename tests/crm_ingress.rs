//! The CRM, end to end, with real processes: connected from a manager's phone, read while it fails
//! and limits, told by hooks, written back to once, and asked for anew when the token is revoked.

use std::time::Duration;

use mms_core::{
    crm::connection::{self, Connection, ConnectionState, HookState},
    id::ConnectionId,
    notice, on,
};
use mms_sandbox::{
    User,
    amocrm::{Fault, HookBehaviour, Method, Rule, Seed, fields, phone},
    telegram::Message,
};
use serde_json::json;

use crate::harness::{Company, PASSWORD, PATIENCE, Shape, World, next_id, until};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 2 }];

/// A person in front of a bot.
struct Phone<'a> {
    world: &'a World,
    bot: i64,
    person: i64,
}

impl<'a> Phone<'a> {
    fn new(world: &'a World, bot: i64, name: &str, number: &str) -> Self {
        let person = next_id();
        world.sandbox.add_user(User::new(person, name, number));
        world.sandbox.press_start(bot, person, None).expect("started");
        Self { world, bot, person }
    }

    async fn sees(&self, words: &str) -> Message {
        let seen = self.world.sandbox.expect_last(self.bot, self.person, PATIENCE, |message| message.text.contains(words)).await;
        seen.unwrap_or_else(|error| panic!("waited for `{words}`: {error:?}"))
    }

    fn types(&self, words: &str) -> i64 {
        self.world.sandbox.send_text(self.bot, self.person, words).expect("typed")
    }

    async fn presses(&self, button: &str) {
        self.world
            .sandbox
            .expect_last(self.bot, self.person, PATIENCE, |message| message.button(button).is_some())
            .await
            .unwrap_or_else(|error| panic!("waited for the button `{button}`: {error:?}"));
        self.world.sandbox.press_text(self.bot, self.person, button).expect("pressed");
    }
}

async fn the_connection(world: &World, company: &Company) -> Option<Connection> {
    connection::list(&world.store, company.account).await.expect("read").into_iter().next()
}

async fn contacts(world: &World, company: &Company, id: ConnectionId) -> i64 {
    connection::counts(&world.store, company.account, id).await.expect("counted").contacts
}

async fn first_name(world: &World, company: &Company, crm_id: u64) -> Vec<String> {
    let sql = "select coalesce(c.first_name, '') from contact_source s join contact c on c.id = s.contact_id where s.account_id = $1 and s.crm_id = $2 and c.deleted_at is null";
    on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(company.account).bind(crm_id.to_string()).fetch_all(c).await).expect("read")
}

async fn ledger(world: &World, company: &Company) -> i64 {
    on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from consent where account_id = $1")
        .bind(company.account)
        .fetch_one(c)
        .await)
    .expect("counted")
}

fn rename(world: &World, id: u64, name: &str) {
    world.amo.edit(id, |contact| {
        contact.first_name = name.to_owned();
        contact.name = name.to_owned();
    });
}

async fn signed_in(world: &World, company: &Company, manager: &Phone<'_>) {
    // What happened before concerns nobody who is signed in; a notice would else come between the
    // screens.
    until("old notices to be done with", || async { no_notices(world).await.then_some(()) }).await;
    manager.sees("войдите").await;
    manager.types("/login");
    manager.sees("логин").await;
    manager.types(&company.owner_login);
    manager.sees("пароль").await;
    manager.types(PASSWORD);
    manager.presses("Настройки").await;
    manager.presses("CRM").await;
    manager.sees("CRM не подключена").await;
}

async fn connected(world: &World, company: &Company, manager: &Phone<'_>) -> ConnectionId {
    signed_in(world, company, manager).await;
    manager.presses("Подключить CRM").await;
    manager.presses("amoCRM").await;
    manager.sees("Адрес вашей amoCRM").await;
    manager.types("https://evil.example/");
    manager.sees("не адрес amoCRM").await;
    manager.types("Romashka.amocrm.ru");
    manager.sees("Долгосрочный токен romashka.amocrm.ru").await;
    let wrong = manager.types("eyJ0eXAiOiJKV1Qi.wrong.0123456789abcdef");
    manager.sees("не принимает этот токен").await;
    let forgotten = |id: i64| world.sandbox.message(manager.bot, manager.person, id).is_none_or(|message| message.deleted);
    assert!(forgotten(wrong), "the message with a wrong token is deleted, too");

    // The CRM is in a bad way while everything is read; it answers well once, when it is asked
    // whether the token is good.
    let on = |fault, after| Rule { fault, method: Some(Method::GET), path: "/contacts".to_owned(), after, times: 1 };
    for (fault, after) in [(Fault::Status(503), 1), (Fault::DropBefore, 1), (Fault::TooMany(1), 1), (Fault::DropAfter, 1)] {
        world.amo.inject(on(fault, after));
    }
    let token = manager.types(&world.amo.long_lived_token());
    manager.sees("romashka.amocrm.ru · amoCRM").await;
    assert!(forgotten(token), "the message with the token is deleted");
    // Fewer than our own pace: some calls are refused whatever we do.
    world.amo.set_limits(4, 10_000, Duration::from_secs(1));
    let row = until("the first sync to end and the hooks to be on", || async {
        let row = the_connection(world, company).await?;
        let hooked = row.sync_cursor.hooks.as_ref().is_some_and(|hooks| hooks.state == HookState::On);
        (row.last_synced_at.is_some() && hooked).then_some(row)
    })
    .await;
    world.amo.heal();
    world.amo.set_limits(7, 10_000, Duration::from_secs(1));
    assert_eq!(contacts(world, company, row.id).await, 1_000);
    manager.sees("1\u{a0}000 контактов").await;
    row.id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_is_read_told_and_written_back_to() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        world.be_reachable();
        world.start_all();
        let world = world;
        let ids = world.amo.seed(&Seed::default());
        let company = Company::found(&world, 0).await;
        let manager = Phone::new(&world, world.manager_bot, "Анна", "+79990000001");
        let id = connected(&world, &company, &manager).await;

        // A hook brings a change at once, not in five minutes.
        rename(&world, ids[7], "Аполлинария");
        until("the change to come", || async { (first_name(&world, &company, ids[7]).await == ["Аполлинария"]).then_some(()) }).await;

        // Doubled and out of order: the last word is the CRM's, and nothing is there twice.
        let before = ledger(&world, &company).await;
        world.amo.set_hooks(HookBehaviour { doubled: true, held: true, ..HookBehaviour::default() });
        rename(&world, ids[8], "Первая");
        rename(&world, ids[8], "Вторая");
        rename(&world, ids[9], "Третья");
        world.amo.flush_hooks().await;
        world.amo.set_hooks(HookBehaviour::default());
        until("both changes to come", || async {
            let seen = (first_name(&world, &company, ids[8]).await, first_name(&world, &company, ids[9]).await);
            (seen == (vec!["Вторая".to_owned()], vec!["Третья".to_owned()])).then_some(())
        })
        .await;
        assert_eq!(contacts(&world, &company, id).await, 1_000);
        assert_eq!(ledger(&world, &company).await, before, "reading again records no consent again");

        opts_out(&world, &company, ids[3]).await;
        reauthorised(&world, &company, &manager, id).await;
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_is_authorised_on_its_own_page() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    let redirect = format!("{}/oauth/amocrm", world.setting("MMS_PUBLIC_URL"));
    world.set("MMS_AMOCRM_CLIENT_ID", "0f3a-integration");
    world.set("MMS_AMOCRM_CLIENT_SECRET", "s3cr3t");
    world.amo.register("0f3a-integration", "s3cr3t", &redirect);
    world.start_all();
    let world = world;
    world.amo.seed(&Seed { count: 20, ..Seed::default() });
    let company = Company::found(&world, 0).await;
    let manager = Phone::new(&world, world.manager_bot, "Анна", "+79990000001");
    signed_in(&world, &company, &manager).await;
    manager.presses("Подключить CRM").await;
    manager.presses("amoCRM").await;
    manager.presses("Через страницу amoCRM").await;
    manager.sees("Адрес вашей amoCRM").await;
    manager.types("romashka");
    let asked = manager.sees("Разрешите доступ").await;
    let page = asked.button("Открыть amoCRM").and_then(|(_, _, button)| button.url.clone()).expect("a page");
    let page = url::Url::parse(&page).expect("a URL");
    assert_eq!((page.host_str(), page.path()), (Some("www.amocrm.ru"), "/oauth"));
    let state = page.query_pairs().find(|(key, _)| key == "state").expect("a state").1.into_owned();

    // The administrator's browser: first somebody else's state, then a refusal, then the right one,
    // then the same again.
    let http = reqwest::Client::new();
    let back = async |query: &[(&str, &str)]| {
        let mut url = url::Url::parse(&redirect).expect("a URL");
        url.query_pairs_mut().extend_pairs(query);
        let answer = http.get(url).header("accept-language", "ru").send().await.expect("answered");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };
    let host = "romashka.amocrm.ru";
    let code = world.amo.code("0f3a-integration");
    let (status, said) = back(&[("code", &code), ("referer", host), ("state", "somebody.else")]).await;
    assert_eq!(status, 400, "{said}");
    let (status, said) = back(&[("error", "access_denied"), ("state", &state)]).await;
    assert!(status == 200 && said.contains("Доступ не дан"), "{said}");
    let (status, said) = back(&[("code", &code), ("referer", "evil.example"), ("state", &state)]).await;
    assert_eq!(status, 400, "{said}");
    let (status, said) = back(&[("code", &code), ("referer", host), ("state", &state)]).await;
    assert!(status == 200 && said.contains("amoCRM подключена"), "{said}");
    let (status, said) = back(&[("code", &code), ("referer", host), ("state", &state)]).await;
    assert_eq!(status, 400, "a state works once: {said}");

    let row =
        until("the contacts to be read", || async { the_connection(&world, &company).await.filter(|row| row.last_synced_at.is_some()) })
            .await;
    assert_eq!((row.state, contacts(&world, &company, row.id).await), (ConnectionState::Active, 20));
    manager.presses("Карточка подключения").await;
    manager.sees("Подключена").await;
    // Access ends; it renews itself, once, and goes on.
    world.amo.expire_access();
    let id = world.amo.contact_ids()[5];
    rename(&world, id, "Пятая");
    manager.presses("Синхронизировать сейчас").await;
    until("the change to come", || async { (first_name(&world, &company, id).await == ["Пятая"]).then_some(()) }).await;
    assert_eq!(world.amo.refreshes(), 1);
    // The end: our hooks are taken away, the contacts stay.
    manager.presses("Отключить").await;
    manager.sees("20 контактов останутся").await;
    manager.presses("Да, отключить").await;
    manager.sees("CRM не подключена").await;
    assert!(the_connection(&world, &company).await.is_none());
    assert_eq!(world.amo.requests_of("DELETE", "/api/v4/webhooks"), 1);
    world.stop().await;
}

/// A customer known from the CRM says stop in the company's bot: the flag and one note come to the
/// CRM, although an answer is lost.
async fn opts_out(world: &World, company: &Company, crm_id: u64) {
    let customer = Phone::new(world, company.bot, "Клиент", &phone(3));
    customer.sees("").await;
    world.sandbox.share_contact(company.bot, customer.person).expect("shared");
    until("the person to be known as the CRM's contact", || async {
        let sql = "select count(*) from address a join contact_source s on s.contact_id = a.contact_id where s.account_id = $1 and s.crm_id = $2 and a.kind = 'telegram'";
        let known: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql)
            .bind(company.account)
            .bind(crm_id.to_string())
            .fetch_one(c)
            .await)
        .expect("counted");
        (known == 1).then_some(())
    })
    .await;
    let notes = world.amo.notes_of(crm_id).len();
    world.amo.inject(Rule::once(Fault::DropAfter, Method::POST, "/notes"));
    customer.types("стоп");
    until("the flag and the note to come to the CRM", || async {
        let contact = world.amo.contact(crm_id)?;
        (contact.get(fields::OPT_OUT) == Some(&json!(true)) && world.amo.notes_of(crm_id).len() > notes).then_some(())
    })
    .await;
    customer.types("стоп");
    until("nothing to wait for the CRM any more", || async {
        let row = the_connection(world, company).await?;
        let waiting = connection::counts(&world.store, company.account, row.id).await.expect("counted").waiting;
        (waiting == 0 && inbound_is_handled(world).await).then_some(())
    })
    .await;
    assert_eq!(world.amo.notes_of(crm_id).len(), notes + 1, "one note, once: {:?}", world.amo.notes_of(crm_id));
}

async fn no_notices(world: &World) -> bool {
    notice::due(&world.store, mms_core::clock::now(), 10).await.expect("read").is_empty()
}

async fn inbound_is_handled(world: &World) -> bool {
    let waiting: i64 =
        on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from inbound where state = 'new'").fetch_one(c).await)
            .expect("counted");
    waiting == 0
}

/// The token is revoked: people are told, and a new token goes on from the same place.
async fn reauthorised(world: &World, company: &Company, manager: &Phone<'_>, id: ConnectionId) {
    world.amo.revoke_all();
    rename(world, world.amo.contact_ids()[20], "Двадцатая");
    until("the connection to need a person", || async {
        let row = the_connection(world, company).await?;
        (row.state == ConnectionState::ReauthRequired && row.state_reason.as_deref() == Some("token_refused")).then_some(())
    })
    .await;
    manager.sees("закрыла нам доступ").await;
    manager.presses("Открыть").await;
    manager.sees("закрыла доступ").await;
    manager.presses("Новый токен").await;
    manager.sees("Долгосрочный токен").await;
    manager.types(&world.amo.long_lived_token());
    manager.sees("Подключена").await;
    let last = world.amo.contact_ids()[20];
    until("the change made meanwhile to come", || async {
        (first_name(world, company, last).await == ["Двадцатая"]).then_some(())
    })
    .await;
    assert_eq!(contacts(world, company, id).await, 1_000);
    assert!(no_notices(world).await, "every notice was told");
}
