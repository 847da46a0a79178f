//! A conversation with a running bot through the Telegram double: what a person types and presses,
//! what they see.

use std::time::Duration;

use chrono::TimeDelta;
use mms_core::{
    account::{
        Actor, Language, Role,
        licence::{self, PlanCode},
        member::{self, NewMember},
    },
    clock,
    config::{Billing, Endpoints},
    crm::CrmKind,
    id::{AccountId, ChannelId, MemberId},
    on,
    queue::Queue,
    secret::{Sealer, Secret},
    sign::Signer,
    store::Store,
};
use mms_sandbox::{
    Rates, Sandbox, User,
    amocrm::Amo,
    retailcrm::RetailCrm,
    spreadsheet::Spreadsheets,
    telegram::{Attachment, FileKind, Message, Pressed, Telegram},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Bot, BotSettings, settings::Integration};

/// How long a test waits for an answer before it fails.
pub const WAIT: Duration = Duration::from_secs(30);
/// The managers' bot's token in the sandbox.
pub const TOKEN: &str = "7000000001:AAE-managers";
/// The password of every member in these tests.
pub const PASSWORD: &str = "correct horse battery 7";

/// Rooms behind «Settings».
const SETTINGS: [&str; 8] = ["Компания", "Каналы", "CRM", "Участники", "Лицензия", "Журнал", "Сеансы", "Выйти"];

/// A running bot and its sandbox.
pub struct Talk {
    /// The Telegram double.
    pub sandbox: Sandbox,
    /// The amoCRM double, `romashka.amocrm.ru`.
    pub amo: Amo,
    /// The RetailCRM double, `romashka.retailcrm.ru`.
    pub retail: RetailCrm,
    /// The double of web servers with tables.
    pub tables: Spreadsheets,
    /// The database.
    pub store: Store,
    /// The managers' bot's id.
    pub bot: i64,
    /// The account «Ромашка»; its owner's login is `anna`.
    pub account: AccountId,
    pub owner: MemberId,
    sealer: Sealer,
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
    /// Where the HTTP side listens.
    pub http: String,
    /// Where its `/metrics` are.
    pub metrics: String,
    /// The world reaches it at [`PUBLIC`], and it has an integration of amoCRM.
    reachable: bool,
}

/// Where the world reaches the bot of [`Talk::start_reachable`].
pub const PUBLIC: &str = "https://mms.example";
/// Its integration of amoCRM, id and secret.
pub const INTEGRATION: (&str, &str) = ("0f3a-integration", "s3cr3t");

/// With what a bank's side signs.
pub const HOOK_SECRET: &str = "bank-s3cr3t";

/// Who signs licence keys that the bot takes.
pub fn signer() -> Signer {
    Signer::of_seed(&[9; 32])
}

impl Talk {
    /// Starts a sandbox without limits and a bot on this store, with an account and its owner
    /// `anna`.
    pub async fn start(store: Store) -> Self {
        Self::begin(store, false).await
    }

    /// The same, with a public address and an integration of amoCRM.
    pub async fn start_reachable(store: Store) -> Self {
        Self::begin(store, true).await
    }

    async fn begin(store: Store, reachable: bool) -> Self {
        if let Ok(filter) = std::env::var("MMS_TEST_LOG") {
            // Once a process; the second start changes nothing.
            mms_core::telemetry::logs(&mms_core::config::Log { format: mms_core::config::LogFormat::Pretty, filter }).unwrap();
        }
        let amo = Amo::new("romashka");
        amo.register(INTEGRATION.0, INTEGRATION.1, &format!("{PUBLIC}/oauth/amocrm"));
        let retail = RetailCrm::new("romashka");
        let tables = Spreadsheets::new();
        let sandbox = Sandbox::builder()
            .nest("/amo/romashka", amo.clone().router())
            .nest("/retail/romashka", retail.clone().router())
            .nest("/tables", tables.clone().router())
            .rates(Rates::off())
            .start()
            .await
            .unwrap();
        let bot = sandbox.add_bot(TOKEN, "mms_test_bot").unwrap();
        let founded = mms_core::testing::found(&store, "anna", PASSWORD, clock::now()).await;
        let (stop, running, http, metrics) = run(&sandbox, &store, reachable).await;
        Self {
            sandbox,
            amo,
            retail,
            tables,
            store,
            bot,
            account: founded.account,
            owner: founded.owner,
            sealer: Sealer::new(&[7; 32]),
            stop,
            running,
            http,
            metrics,
            reachable,
        }
    }

    /// A person with a phone, who opened the bot.
    pub async fn person(&self, id: i64, name: &str) {
        self.sandbox.add_user(User::new(id, name, "+79990000000"));
        self.sandbox.press_start(self.bot, id, None).unwrap();
        self.sees(id, "").await;
    }

    /// One more member.
    pub async fn member(&self, login: &str, role: Role) {
        let password = Secret::new(PASSWORD);
        let new = NewMember { login, password: &password, name: login, role, language: Language::Ru };
        member::add(&self.store, mms_core::account::By::Admin(self.account), &new, clock::now()).await.unwrap();
    }

    /// A person signs in and sees the menu.
    pub async fn signs_in(&self, id: i64, login: &str) {
        self.types(id, "/login");
        self.sees(id, "Введите логин").await;
        self.types(id, login);
        self.sees(id, "Введите пароль").await;
        self.types(id, PASSWORD);
        self.sees(id, "Ромашка").await;
    }

    /// A person with a phone opens the bot and signs in.
    pub async fn comes_in(&self, id: i64, name: &str, login: &str) {
        self.person(id, name).await;
        self.signs_in(id, login).await;
    }

    /// The account has a licence, from yesterday on for a month.
    pub async fn licensed(&self, plan: PlanCode) {
        let now = clock::now();
        let (from, until) = (now - TimeDelta::days(1), now + TimeDelta::days(30));
        licence::issue(&self.store, self.account, plan, from, until, now).await.unwrap();
    }

    /// A customers' bot of the account, as a channel.
    pub async fn channel(&self, token: &str) -> ChannelId {
        self.channel_of(token, "shop_bot").await
    }

    /// The same, of another name.
    pub async fn channel_of(&self, token: &str, username: &str) -> ChannelId {
        self.sandbox.add_bot(token, username).unwrap();
        let actor = self.owner();
        let endpoints = Endpoints { telegram: self.sandbox.url(), ..Endpoints::default() };
        let settings = mms_core::channel::store::ChannelSettings::default();
        let token = Secret::new(token);
        let kind = mms_core::channel::ChannelKind::Telegram;
        mms_core::channel::store::add(&self.store, &self.sealer, &endpoints, &actor, kind, token, settings, clock::now()).await.unwrap().id
    }

    /// The first channel is of this messenger from now on: for screens that go by what its
    /// messenger tells.
    pub async fn first_channel_is(&self, kind: &'static str) {
        let id = mms_core::channel::store::list(&self.store, self.account).await.unwrap()[0].id;
        let mut tx = self.store.begin().await.unwrap();
        let sql = "update channel set kind = $3 where account_id = $1 and id = $2";
        on!(tx.conn(), |c| sqlx::query(sql).bind(self.account).bind(id).bind(kind).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
    }

    /// Types a text.
    pub fn types(&self, id: i64, text: &str) -> i64 {
        self.sandbox.send_text(self.bot, id, text).unwrap()
    }

    /// Presses the newest button with these characters.
    pub fn presses(&self, id: i64, text: &str) -> String {
        match self.sandbox.press_text(self.bot, id, text).unwrap() {
            Pressed::Callback(press) => press,
            other => panic!("`{text}` is no button of the bot: {other:?}"),
        }
    }

    /// Waits until the newest message of the bot contains these characters.
    pub async fn sees(&self, id: i64, text: &str) -> Message {
        self.sandbox.expect_last(self.bot, id, WAIT, |message| message.text.contains(text)).await.unwrap()
    }

    /// Sends a file.
    pub fn sends(&self, id: i64, name: &str, content: &str) {
        let data = content.as_bytes().to_vec().into();
        let file = Attachment { name: name.to_owned(), mime: None, data, kind: FileKind::Document, caption: String::new() };
        self.sandbox.send_file(self.bot, id, file).unwrap();
    }

    /// Waits until the newest message of the chat offers a button.
    pub async fn offers(&self, id: i64, button: &str) {
        let offered = |telegram: &Telegram| telegram.history(self.bot, id).last().and_then(|last| last.button(button).map(|_| ()));
        let last = || self.sandbox.last(self.bot, id).map(|last| (last.text, last.buttons));
        self.sandbox.until(WAIT, offered).await.unwrap_or_else(|| panic!("no button «{button}» in {:?}", last()));
    }

    /// Presses a button once it is there.
    pub async fn takes(&self, id: i64, button: &str) -> String {
        self.offers(id, button).await;
        self.presses(id, button)
    }

    /// Presses a button once it is there, and waits for a screen with these words.
    pub async fn goes(&self, id: i64, button: &str, words: &str) -> Message {
        self.takes(id, button).await;
        self.sees(id, words).await
    }

    /// Opens the menu anew and goes to a room, wherever its button is: on the first level, behind
    /// «More…» or behind «Settings».
    pub async fn opens(&self, id: i64, room: &str, words: &str) -> Message {
        let typed = self.types(id, "/menu");
        let newest = |telegram: &Telegram, button: &str| {
            telegram.history(self.bot, id).into_iter().rfind(|message| message.id > typed && message.button(button).is_some())
        };
        let menu = self.sandbox.until(WAIT, |telegram| newest(telegram, "Настройки")).await.expect("the menu comes");
        if menu.button(room).is_none() {
            self.presses(id, if SETTINGS.contains(&room) { "Настройки" } else { "Ещё…" });
            self.offers(id, room).await;
        }
        self.goes(id, room, words).await
    }

    /// Presses a button once it is there, and waits for the sentence over the chat.
    pub async fn told(&self, id: i64, button: &str) -> String {
        let press = self.takes(id, button).await;
        self.toast(&press).await
    }

    /// Waits until messages with these words came `times` times.
    pub async fn hears(&self, id: i64, words: &str, times: usize) {
        let told = |telegram: &Telegram| telegram.ledger().to(self.bot, id).iter().filter(|entry| entry.text.contains(words)).count();
        let heard = self.sandbox.until(WAIT, |telegram| (told(telegram) >= times).then_some(())).await;
        heard.unwrap_or_else(|| panic!("«{words}» came {} times", told(&self.sandbox)));
    }

    /// Types, and waits for a screen with these words.
    pub async fn says(&self, id: i64, typed: &str, words: &str) -> Message {
        self.types(id, typed);
        self.sees(id, words).await
    }

    /// The owner, as the rooms want to know them.
    pub fn owner(&self) -> Actor {
        Actor { account: self.account, member: self.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() }
    }

    /// A conversation that a link began is kept without what opens the link.
    pub async fn keeps_no_token(&self, id: i64, payload: &str) {
        let state: String = on!(self.store.read(), |c| sqlx::query_scalar("select cast(state as text) from dialogue where chat_id = $1")
            .bind(id)
            .fetch_one(c)
            .await)
        .unwrap();
        let token = payload.split_once('_').expect("a kind and a token").1;
        assert!(!token.is_empty() && !state.contains(token), "{state}");
    }

    /// What the trail has of an action: who did it to what.
    pub async fn on_record(&self, action: &str) -> Vec<(String, String)> {
        let entries = mms_core::store::audit::entries(&self.store, self.account, 0, 1_000).await.unwrap();
        entries.into_iter().filter(|entry| entry.action == action).map(|entry| (entry.actor, entry.subject)).collect()
    }

    /// A member by their login, as the rooms want to know them.
    pub async fn actor(&self, login: &str) -> Actor {
        let all = member::list(&self.store, self.account).await.unwrap();
        let found = all.into_iter().find(|member| member.login == login).expect("there is such a member");
        Actor { account: self.account, member: found.id, role: found.role, language: found.language, name: found.name }
    }

    /// Waits for the sentence that answers a press.
    pub async fn toast(&self, press: &str) -> String {
        let found = self.sandbox.until(WAIT, |telegram| telegram.answer(press).map(|answer| answer.text.unwrap_or_default())).await;
        found.expect("the press is answered")
    }

    /// The bot's process ends and starts again.
    pub async fn restarts(&mut self) {
        self.stop.cancel();
        (&mut self.running).await.unwrap().unwrap();
        (self.stop, self.running, self.http, self.metrics) = run(&self.sandbox, &self.store, self.reachable).await;
    }

    /// What seals credentials in these tests.
    pub fn sealer(&self) -> Sealer {
        self.sealer.clone()
    }

    /// How a second bot process on the same database would start.
    pub async fn starts_again(&self) -> anyhow::Result<Bot> {
        build(&self.sandbox, &self.store, self.reachable).await
    }

    /// The same, without waiting until Telegram serves the bot.
    pub async fn restarts_without_waiting(&mut self) {
        self.stop.cancel();
        (&mut self.running).await.unwrap().unwrap();
        (self.stop, self.running, self.http, self.metrics) = begin(&self.sandbox, &self.store, self.reachable).await;
    }

    /// The bot's process ends; its outcome must be clean.
    pub async fn ends(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
        self.sandbox.stop();
    }
}

/// Starts the bot and waits until it is ready.
async fn run(sandbox: &Sandbox, store: &Store, reachable: bool) -> Running {
    let running = begin(sandbox, store, reachable).await;
    let ready = format!("{}/readyz", running.2);
    until(|| async { reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()) }).await;
    running
}

async fn build(sandbox: &Sandbox, store: &Store, reachable: bool) -> anyhow::Result<Bot> {
    let settings = BotSettings {
        public_url: reachable.then(|| PUBLIC.to_owned()),
        integrations: reachable
            .then(|| (CrmKind::Amocrm, Integration { client_id: INTEGRATION.0.to_owned(), client_secret: Secret::new(INTEGRATION.1) }))
            .into_iter()
            .collect(),
        billing: Billing {
            provider_token: Secret::new("381764678:TEST:100037"),
            stars: true,
            seller: "ООО «Лицензиар»".to_owned(),
            inn: "7707083893".to_owned(),
            account: "40702810900000000001".to_owned(),
            bank: "АО «Пример-Банк»".to_owned(),
            bic: "044525000".to_owned(),
            pay_days: 5,
            hook_secret: Secret::new(HOOK_SECRET),
            licence_keys: signer().public(),
            ..Billing::default()
        },
        metrics: Some((([127, 0, 0, 1], 0).into(), crate::Metrics(std::sync::Arc::new(|| "mms_up 1\n".to_owned())))),
        // A slash at the end is what people paste.
        ..BotSettings::new(Secret::new(TOKEN), format!("{}/", sandbox.url()))
    };
    let endpoints = Endpoints {
        telegram: sandbox.url(),
        amocrm_override: Some(format!("{}/amo", sandbox.url())),
        retailcrm_override: Some(format!("{}/retail", sandbox.url())),
        odoo_override: Some(format!("{}/odoo", sandbox.url())),
        yclients_override: Some(format!("{}/yclients", sandbox.url())),
        bitrix24_override: Some(sandbox.bitrix24().url().to_owned()),
        spreadsheet_override: Some(format!("{}/tables", sandbox.url())),
        ..Endpoints::default()
    };
    Bot::build(settings, store.clone(), Sealer::new(&[7; 32]), Queue::memory(), endpoints).await
}

/// What stops a bot, what tells how it ended, where its HTTP side and its metrics are.
type Running = (CancellationToken, JoinHandle<anyhow::Result<()>>, String, String);

async fn begin(sandbox: &Sandbox, store: &Store, reachable: bool) -> Running {
    let bot = build(sandbox, store, reachable).await.unwrap();
    let http = format!("http://{}", bot.address().unwrap());
    let metrics = format!("http://{}", bot.metrics_address().unwrap().unwrap());
    let stop = CancellationToken::new();
    (stop.clone(), tokio::spawn(bot.run(stop)), http, metrics)
}

/// Waits for a condition that the database tells.
pub async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let waiting = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(WAIT, waiting).await.expect("the condition holds in time");
}
