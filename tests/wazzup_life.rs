//! Wazzup as a channel of many messengers, with real processes: the channels of one key are picked
//! in the chat and share one webhook; people write first and agree by words, get a campaign with a
//! picture, and their receipts come; whoever says stop is left alone, and what a person of the
//! company writes at Wazzup is nobody's stop. A lost answer makes no second message.

use mms_core::{
    campaign::{Audience, State, approval, control, draft},
    channel::{
        ChannelKind, registry,
        store::{self as channels, ChannelRow, ChannelSettings, ChannelState},
    },
    clock,
    config::Endpoints,
    id::{CampaignId, ChannelId},
    on,
    store::file,
    template::{Class, TemplateButton, versions},
};
use mms_sandbox::{
    User,
    fault::{Fault, Rule},
    view::Message,
    wazzup::{Transport, Wazzup},
};

use crate::{
    bot_life::Person,
    harness::{Company, Launch, PATIENCE, Shape, World, next_id, phone, until},
    inbox_life::press,
};

/// A picture of one point.
const PICTURE: &[u8] = &[
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1,
    0, 0x3b,
];

fn new_key() -> String {
    hex::encode(mms_core::secret::token(24))
}

/// A key at the double and its channels.
pub struct Account<'a> {
    world: &'a World,
    pub id: i64,
    key: String,
}

/// One channel of a key.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    account: &'a Account<'a>,
    pub id: i64,
    kind: ChannelKind,
}

impl<'a> Account<'a> {
    pub fn new(world: &'a World) -> Self {
        let (id, key) = (next_id(), new_key());
        world.sandbox.wazzup().add_account(id, &key).expect("an account");
        Self { world, id, key }
    }

    pub fn wazzup(&self) -> &'a Wazzup {
        self.world.sandbox.wazzup()
    }

    pub fn line(&'a self, transport: Transport, kind: ChannelKind, plain: &str) -> Line<'a> {
        let id = next_id();
        self.wazzup().add_channel(id, self.id, transport, plain).expect("a channel");
        Line { account: self, id, kind }
    }

    /// The owner connects the channels of these names in the chat with the managers' bot.
    pub async fn is_connected_by(&self, owner: &Person<'_>, names: &[&str]) {
        owner.presses("Настройки").await;
        owner.presses("Каналы").await;
        owner.presses("Подключить бота").await;
        owner.presses("Wazzup").await;
        owner.sees("Пришлите ключ API Wazzup").await;
        owner.types("стоп");
        owner.sees("Это не похоже на токен").await;
        owner.types(&new_key());
        owner.sees("не знает такого токена").await;
        owner.types(&self.key);
        owner.sees("какие каналы подключить").await;
        for name in names {
            press(self.world, owner, &format!("➕ {name}"), "какие каналы подключить").await;
            let connected = format!("✅ {name}");
            let (sandbox, bot) = (&self.world.sandbox, self.world.manager_bot);
            let seen = sandbox.expect_last(bot, owner.id, PATIENCE, |message| message.button(&connected).is_some()).await;
            seen.unwrap_or_else(|error| panic!("`{name}` is connected: {error:?}"));
        }
        let left = self.world.sandbox.history(self.world.manager_bot, owner.id);
        assert!(!left.iter().any(|message| message.text.contains(&self.key)), "the key stays in the chat");
    }

    /// Wazzup has our address.
    pub async fn is_heard(&self) -> String {
        until("the webhook to be there", || async { self.wazzup().webhook(self.id) }).await
    }

    pub async fn count(&self, sql: &'static str, value: &str) -> i64 {
        on!(self.world.store.read(), |c| sqlx::query_scalar(sql).bind(value).fetch_one(c).await).expect("counted")
    }
}

impl Line<'_> {
    pub fn wazzup(&self) -> &Wazzup {
        self.account.wazzup()
    }

    /// Its `channelId`.
    pub fn external_id(&self) -> String {
        self.wazzup().channels().into_iter().find(|one| one.id == self.id).expect("there").channel_id
    }

    pub async fn row(&self, company: &Company) -> ChannelRow {
        let all = channels::list(&self.account.world.store, company.account).await.expect("listed");
        all.into_iter().find(|one| one.external_id == self.external_id()).expect("connected")
    }

    /// Connects it without a chat.
    pub async fn connect(&self, company: &Company) -> ChannelRow {
        let world = self.account.world;
        let endpoints = Endpoints { wazzup: self.wazzup().url().to_owned(), ..Endpoints::default() };
        let key = registry::assemble(self.kind, std::slice::from_ref(&self.account.key));
        let credentials = registry::of_sender(self.kind, &key, &self.external_id());
        let (settings, now) = (ChannelSettings::default(), clock::now());
        channels::add(&world.store, &world.sealer, &endpoints, &company.owner, self.kind, credentials, settings, now)
            .await
            .expect("a channel")
    }

    /// A number of a person goes slowly; here it need not.
    pub async fn may_hurry(&self, company: &Company) -> ChannelId {
        let row = self.row(company).await;
        let settings = ChannelSettings { rate: Some(20.0), ..row.settings };
        channels::configure(&self.account.world.store, &company.owner, row.id, &settings, clock::now()).await.expect("configured");
        row.id
    }

    pub fn customer(&self, name: &str) -> i64 {
        let id = next_id();
        self.wazzup().add_user(User::new(id, name, &phone(id)));
        id
    }

    pub fn writes(&self, customer: i64, text: &str) {
        self.wazzup().send_text(self.id, customer, text).expect("written");
    }

    pub async fn gets(&self, customer: i64, text: &str) -> Message {
        let wanted = |message: &Message| message.text.contains(text);
        self.wazzup().expect_last(self.id, customer, PATIENCE, wanted).await.unwrap_or_else(|seen| panic!("waited for «{text}»: {seen}"))
    }

    /// The customer agrees to what is asked, one question after the other, by writing what it
    /// offers.
    pub async fn agrees(&self, customer: i64) {
        for question in ["Разрешаете", "реклам"] {
            let asked = self.gets(customer, question).await;
            if asked.buttons.is_empty() {
                assert!(asked.text.contains("Ответьте «Согласиться» или"), "{}", asked.text);
                self.writes(customer, "согласиться");
            } else {
                self.wazzup().press_text(self.id, customer, "Согласиться").expect("pressed");
            }
        }
        self.gets(customer, "Спасибо").await;
    }

    /// The address as we keep it.
    pub fn address(&self, customer: i64) -> String {
        let chat = self.wazzup().chat_id(self.id, customer).expect("a chat");
        if matches!(self.kind, ChannelKind::WazzupWhatsapp | ChannelKind::WazzupWaba) { format!("+{chat}") } else { chat }
    }

    pub async fn is_out(&self, customer: i64) -> bool {
        const OUT: &str = "select count(*) from contact c join address a on a.contact_id = c.id \
            where a.kind like 'wazzup%' and a.value = $1 and c.opted_out_at is not null";
        self.account.count(OUT, &self.address(customer)).await == 1
    }

    pub fn got(&self, customer: i64, text: &str) -> usize {
        self.wazzup().history(self.id, customer).iter().filter(|message| message.from_bot && message.text.contains(text)).count()
    }
}

/// A campaign through a channel to everybody who is there; to its end.
async fn campaign(world: &World, company: &Company, line: &Line<'_>, with_picture: bool) -> CampaignId {
    let id = launched(world, company, line, with_picture).await;
    company.until_state(world, id, State::Finished).await;
    company.must_balance(world, id).await;
    id
}

async fn launched(world: &World, company: &Company, line: &Line<'_>, with_picture: bool) -> CampaignId {
    let (store, now) = (&world.store, clock::now());
    let channel = line.row(company).await.id;
    let draft = versions::create(store, &company.owner, "Весна", Class::Advertising, now).await.expect("a draft");
    let buttons = vec![TemplateButton::OptOut { text: "Отписаться".to_owned() }];
    let mut edits = vec![
        versions::Edit::Body("<b>{{ name }}</b>, скидка 10% на пионы! Реклама, {{ advertiser }}".to_owned()),
        versions::Edit::Buttons(buttons),
    ];
    if with_picture {
        let mut tx = store.begin().await.expect("begun");
        let picture = file::put(&mut tx, company.account, "весна.gif", "image/gif", PICTURE, now).await.expect("kept");
        tx.commit().await.expect("committed");
        edits.push(versions::Edit::Media(Some((mms_core::channel::MediaKind::Photo, picture.id))));
    }
    for edit in edits {
        versions::edit(store, &company.owner, draft.id, edit, now).await.expect("edited");
    }
    versions::submit(store, &company.owner, draft.id, registry::capabilities(line.kind), now).await.expect("submitted");
    let seen = versions::version(store, company.account, draft.id).await.expect("read").expect("there").content_hash.expect("a hash");
    versions::approve(store, &company.approver, draft.id, &seen, now).await.expect("approved");
    let id = draft::create(store, &company.owner, "Весна", now).await.expect("a draft");
    for change in [
        draft::Change::Template(1, draft.id),
        draft::Change::Audience(Audience::everybody()),
        draft::Change::Channel(1, channel),
        draft::Change::Policy(Launch::default().policy),
    ] {
        draft::edit(store, &company.owner, id, change, now).await.expect("edited");
    }
    approval::submit(store, &company.owner, id, now).await.expect("submitted");
    approval::approve(store, &company.approver, id, now).await.expect("approved");
    company.start(world, id).await.expect("launched");
    id
}

async fn a_life(shape: Shape) {
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let account = Account::new(&world);
    let (number, bot) = (format!("7495{:07}", next_id() % 10_000_000), format!("romashka{}_bot", account.id));
    let whatsapp = account.line(Transport::Whatsapp, ChannelKind::WazzupWhatsapp, &number);
    let telegram = account.line(Transport::Telegram, ChannelKind::WazzupTelegramBot, &bot);
    account.line(Transport::Avito, ChannelKind::WazzupAvito, "shop");
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    account.is_connected_by(&owner, &[&format!("+{number}"), &format!("@{bot}")]).await;
    assert_eq!(channels::list(&world.store, company.account).await.expect("listed").len(), 3, "with the company's own of Telegram");
    let hook = account.is_heard().await;
    assert!(hook.contains("/hooks/wazzup_whatsapp/"), "the oldest channel's address is that of both: {hook}");
    whatsapp.may_hurry(&company).await;

    // People write first, through either channel, and agree by words or by a button.
    let (anna, boris) = (whatsapp.customer("Анна"), telegram.customer("Борис"));
    whatsapp.writes(anna, "Здравствуйте");
    telegram.writes(boris, "Здравствуйте");
    whatsapp.agrees(anna).await;
    telegram.agrees(boris).await;

    // A conversation. What a person of the company writes at Wazzup is nobody's stop.
    until("both first words to be told", || async {
        let told = world.sandbox.history(world.manager_bot, owner.id);
        ["Анна", "Борис"].iter().all(|name| told.iter().any(|one| one.text.contains(name))).then_some(())
    })
    .await;
    telegram.writes(boris, "Пионы есть?");
    // The notice of Boris's words, which need not be the newest: one of each conversation is
    // edited.
    let (notice, row, column) = until("the notice of the question", || async {
        let told = world.sandbox.history(world.manager_bot, owner.id);
        let notice = told.into_iter().rev().find(|one| one.text.contains("Пионы есть?"))?;
        let (row, column, _) = notice.button("Ответить")?;
        Some((notice.id, row, column))
    })
    .await;
    world.sandbox.press(world.manager_bot, owner.id, notice, row, column).expect("pressed");
    owner.sees("Что ответить?").await;
    // Its answer is lost; somebody of the company wrote other words on the phone meanwhile.
    let lose = |person: i64| {
        world.sandbox.faults().add(Rule::new(Fault::DropAfter).service("wazzup").method("POST /message").chat(person).times(1))
    };
    lose(boris);
    telegram.wazzup().write_on_phone(telegram.id, boris, "Сейчас отвечу").expect("written");
    owner.types("Есть, ждём вас");
    telegram.gets(boris, "ждём вас").await;
    until("the lost reply to be known by its words", || async {
        const NAMED: &str =
            "select count(*) from outgoing where purpose = 'reply' and state = 'sent' and message_ref is not null and $1 = $1";
        (account.count(NAMED, "").await == 1).then_some(())
    })
    .await;
    for author in ["Ольга", "Ирина"] {
        whatsapp.wazzup().write_by_hand(whatsapp.id, anna, author, "стоп, отпишите меня").expect("written");
    }
    whatsapp.wazzup().write_on_phone(whatsapp.id, anna, "стоп, отпишите меня").expect("written");

    // A campaign with a picture through WhatsApp: two messages there, one delivery here, its
    // receipts. Another through the bot: Wazzup's answer is lost, and there is no second message.
    let spring = campaign(&world, &company, &whatsapp, true).await;
    let text = whatsapp.gets(anna, "скидка 10%").await;
    assert!(text.text.starts_with("*Анна*, скидка") && text.text.ends_with("ответьте «стоп»."), "{}", text.text);
    let pictures = whatsapp.wazzup().history(whatsapp.id, anna).into_iter().filter_map(|one| one.photo).collect::<Vec<_>>();
    assert_eq!(pictures.iter().map(|one| one.size).collect::<Vec<_>>(), [PICTURE.len() as u64], "it was fetched, whole, once");
    whatsapp.wazzup().read(whatsapp.id, anna).expect("read");
    until("the receipts to be kept", || async {
        let numbers = company.stats(&world, spring).await.numbers;
        (numbers.read == 1 && numbers.delivered == 1).then_some(())
    })
    .await;
    assert!(!whatsapp.is_out(anna).await, "she said no stop");
    let lost = lose(boris);
    let autumn = campaign(&world, &company, &telegram, false).await;
    telegram.gets(boris, "скидка 10%").await;
    assert_eq!((world.sandbox.faults().struck(lost), telegram.got(boris, "скидка 10%")), (Some(1), 1), "it went once");
    const UNCERTAIN: &str = "select count(*) from delivery where state in ('uncertain', 'failed') and $1 = $1";
    assert_eq!(account.count(UNCERTAIN, "").await, 0);
    // Its name was lost with the answer, and its receipts find it all the same.
    telegram.wazzup().read(telegram.id, boris).expect("read");
    until("the lost message to be read", || async { (company.stats(&world, autumn).await.numbers.read == 1).then_some(()) }).await;

    // Stop by a word in one messenger and by a button in the other.
    whatsapp.writes(anna, "Больше не пишите мне");
    whatsapp.gets(anna, "отписаны").await;
    telegram.wazzup().press_text(telegram.id, boris, "Отписаться").expect("pressed");
    telegram.gets(boris, "отписаны").await;
    assert!(whatsapp.is_out(anna).await && telegram.is_out(boris).await);

    // The phone goes offline: the channel says so, and goes on when it is back.
    let state = async |wanted: ChannelState, reason: Option<&str>| {
        until("the channel to follow its state at Wazzup", || async {
            let row = whatsapp.row(&company).await;
            (row.state == wanted && row.state_reason.as_deref() == reason).then_some(())
        })
        .await;
    };
    whatsapp.wazzup().set_channel_state(whatsapp.id, "phoneUnavailable").expect("offline");
    state(ChannelState::Misconfigured, Some("phoneunavailable: state")).await;
    assert_eq!(telegram.row(&company).await.state, ChannelState::Active, "it is of that channel alone");
    whatsapp.wazzup().set_channel_state(whatsapp.id, "active").expect("online");
    state(ChannelState::Active, None).await;

    // The oldest channel is removed: its address stays good for the other one.
    channels::remove(&world.store, &company.owner, whatsapp.row(&company).await.id, clock::now()).await.expect("removed");
    let vera = telegram.customer("Вера");
    telegram.writes(vera, "Здравствуйте");
    telegram.agrees(vera).await;

    assert_eq!(account.wazzup().given_up(account.id), 0);
    let logs = world.logs();
    for word in [account.key.as_str(), "Пионы есть?", "скидка 10%", &whatsapp.address(anna)] {
        assert!(!logs.contains(word), "`{word}` in a log");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_of_wazzup_live_on_sqlite() {
    a_life(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_of_wazzup_live_on_postgresql_and_redis() {
    a_life(Shape::Apart { workers: 1 }).await;
}

/// A hook without its secret leaves nothing, and another company's key opens nothing of ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_of_wazzup_without_its_secret_is_refused_and_a_repeated_one_is_kept_once() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let (company, other) = (Company::found(&world, 0).await, Company::found(&world, 0).await);
    let (ours, theirs) = (Account::new(&world), Account::new(&world));
    ours.wazzup().set_crm_key(theirs.id, Some("crm-key")).expect("a key");
    let mine = [Transport::Whatsapp, Transport::Viber].map(|transport| {
        let kind = if transport == Transport::Viber { ChannelKind::WazzupViber } else { ChannelKind::WazzupWhatsapp };
        ours.line(transport, kind, "74950001122")
    });
    let their = theirs.line(Transport::Whatsapp, ChannelKind::WazzupWhatsapp, "74950003344");
    let rows = [mine[0].connect(&company).await, mine[1].connect(&company).await];
    let endpoints = Endpoints { wazzup: ours.wazzup().url().to_owned(), ..Endpoints::default() };
    let pasted = registry::assemble(ChannelKind::WazzupWhatsapp, &[format!("{} crm-key", theirs.key)]);
    let credentials = registry::of_sender(ChannelKind::WazzupWhatsapp, &pasted, &their.external_id());
    let (settings, now) = (ChannelSettings::default(), clock::now());
    channels::add(&world.store, &world.sealer, &endpoints, &other.owner, ChannelKind::WazzupWhatsapp, credentials, settings, now)
        .await
        .expect("a channel");
    let (hook, foreign) = (ours.is_heard().await, theirs.is_heard().await);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = async |url: &str, body: &str, bearer: Option<&str>| {
        let mut request = client.post(url).header("content-type", "application/json; charset-utf-8").body(body.to_owned());
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        request.send().await.expect("it answers").status().as_u16()
    };
    let message = |channel: &str, id: &str| {
        serde_json::json!({ "messages": [{ "messageId": id, "dateTime": "2026-06-01T09:15:00.120Z", "channelId": channel, "chatType": "whatsapp",
            "chatId": "79991234567", "type": "missing_call", "isEcho": false, "status": "inbound" }] })
        .to_string()
    };
    let kept = async |external_id: &str| ours.count("select count(*) from inbound where external_id = $1", external_id).await;
    let own = message(&mine[0].external_id(), "one");
    let bare = hook.split('?').next().expect("an address").to_owned();
    let secret = hook.split("k=").nth(1).expect("a secret").to_owned();
    assert_eq!(post(&bare, &own, None).await, 401, "without the secret");
    assert_eq!(post(&bare, &own, Some(&secret)).await, 401, "the secret in another place");
    assert_eq!(post(&format!("{bare}?k={}x", secret), &own, None).await, 401, "forged");
    let foreign_secret = foreign.split("k=").nth(1).expect("a secret");
    assert_eq!(post(&format!("{bare}?k={foreign_secret}"), &own, Some("crm-key")).await, 401, "another company's");
    let nobodys = hook.replace(&rows[0].id.to_string(), &ChannelId::new().to_string());
    assert_eq!(post(&nobodys, &own, None).await, 401, "of a channel that is not there");
    assert_eq!(post(&hook.replace("wazzup_whatsapp", "wazzup_viber"), &own, None).await, 401, "of a channel of another kind");
    assert_eq!(post(&hook, &own[..own.len() - 1], None).await, 400, "truncated");
    assert_eq!(post(&hook, &" ".repeat(4 * 1024 * 1024 + 1), None).await, 413, "larger than any");
    assert_eq!(kept("m:one").await, 0, "nothing is kept of them");
    assert_eq!(post(&hook, r#"{"test":true}"#, None).await, 200, "the test of the address");
    for _ in 0..2 {
        assert_eq!(post(&hook, &own, None).await, 200);
        assert_eq!(kept("m:one").await, 1, "once, however often it comes");
    }
    // Another company's channel is not reached through our address, whoever sends it.
    assert_eq!(post(&hook, &message(&their.external_id(), "two"), None).await, 200);
    assert_eq!(kept("m:two").await, 0);
    // Theirs wants its key besides.
    let two = message(&their.external_id(), "two");
    assert_eq!(post(&foreign, &two, None).await, 401, "without the key that was agreed upon");
    assert_eq!(post(&foreign, &two, Some("other")).await, 401);
    assert_eq!(post(&foreign, &two, Some("crm-key")).await, 200);
    assert_eq!(kept("m:two").await, 1);
    // A status names no channel: both of ours get it, and nobody else.
    let status =
        serde_json::json!({ "statuses": [{ "messageId": "m-1", "timestamp": "2026-06-01T09:15:00Z", "status": "read" }] }).to_string();
    assert_eq!(post(&hook, &status, None).await, 200);
    assert_eq!(ours.count("select count(*) from inbound where external_id like 's:%' and $1 = $1", "").await, 2);
    // Somebody else took the webhook: it is set anew when the channel is opened next.
    assert_eq!(ours.wazzup().webhook(ours.id).as_deref(), Some(hook.as_str()));
    ours.wazzup().forget_webhook(ours.id);
    let (id, key) = (ours.id, ours.key.clone());
    world.kill_bot().await;
    world.start_all();
    let again = Account { world: &world, id, key };
    assert_eq!(again.is_heard().await, hook);
    world.stop().await;
}

/// A tariff lets a channel write to so many people a month. Once they are used up, whoever is one
/// of them gets what is for them, and nobody else is tried again and again; the channel goes on.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_new_to_the_month_waits_and_the_others_do_not() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let account = Account::new(&world);
    let line = account.line(Transport::Whatsapp, ChannelKind::WazzupWhatsapp, "74950001122");
    line.connect(&company).await;
    account.is_heard().await;
    line.may_hurry(&company).await;
    let people = ["Анна", "Борис", "Вера"].map(|name| line.customer(name));
    for person in people {
        line.writes(person, "Здравствуйте");
        line.agrees(person).await;
    }
    until("every answer to be recorded", || async {
        const OPEN: &str = "select count(*) from outgoing where state in ('queued', 'sending') and $1 = $1";
        (account.count(OPEN, "").await == 0).then_some(())
    })
    .await;
    // All of that was last month; one person of this month fits into the tariff.
    const LAST_MONTH: &str = "update outgoing set sent_at = $1";
    let ago = clock::now() - chrono::TimeDelta::days(40);
    let mut tx = world.store.begin().await.expect("begun");
    on!(tx.conn(), |c| sqlx::query(LAST_MONTH).bind(ago).execute(c).await.map(|_| ())).expect("moved");
    const NO_CAP: &str = "update account set cap_hours = 0 where id = $1";
    on!(tx.conn(), |c| sqlx::query(NO_CAP).bind(company.account).execute(c).await.map(|_| ())).expect("changed");
    tx.commit().await.expect("committed");
    line.wazzup().begin_month(line.id).expect("begun");
    line.wazzup().set_tariff(line.id, Some(1), true, None).expect("a tariff");
    let got = || people.map(|person| line.got(person, "скидка 10%"));
    let refusals = || line.wazzup().ledger().refusals().iter().filter(|one| one.method == "POST /message").count();
    let waits = async |campaign: CampaignId| {
        until("one message to go and two to wait", || async {
            let numbers = company.stats(&world, campaign).await.numbers;
            (numbers.sent == 1 && numbers.queued == 2 && numbers.sending == 0).then_some(())
        })
        .await;
    };
    let first = launched(&world, &company, &line, false).await;
    waits(first).await;
    assert_eq!(got().iter().sum::<usize>(), 1, "{:?}", got());
    let before = (got(), refusals());
    assert!((1..=2).contains(&before.1), "{before:?}");
    let row = line.row(&company).await;
    assert_eq!((row.state, row.held_until), (ChannelState::Active, None), "it writes to whom it may");
    // The next campaign asks nobody in vain.
    let second = launched(&world, &company, &line, false).await;
    waits(second).await;
    assert_eq!((got(), refusals()), (before.0.map(|n| n * 2), before.1));
    for campaign in [first, second] {
        control::stop(&world.store, &company.owner, campaign, clock::now()).await.expect("stopped");
        company.until_state(&world, campaign, State::Stopped).await;
    }
    world.stop().await;
}
