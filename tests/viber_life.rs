//! Viber as a channel, with real processes: a bot is connected in the chat and sends nothing before
//! its webhook is taken; people subscribe by a word or by a personal link, agree, and get a
//! campaign with a picture, whose receipts come once for each of their devices; whoever stops or
//! unsubscribes is left alone.

use mms_core::{
    campaign::{Audience, State, approval, draft},
    channel::store::{self as channels, ChannelState},
    channel::{
        Button, ButtonAction, Channel, ChannelKind, Content, FileKind, Free, Media, MediaSource, Outbound, SendError, hook, registry,
    },
    clock,
    config::Endpoints,
    contact::link,
    id::{ChannelId, ContactId},
    on,
    store::file,
    template::{Class, TemplateButton, versions},
    text::{Rich, Span, Style},
};
use mms_sandbox::{
    Sandbox, User,
    fault::{Fault, Rule},
    viber::{Phone, Settings, Viber},
    view::Message,
};
use std::sync::Arc;

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

fn new_token() -> String {
    let digits = mms_core::secret::token(24);
    format!("4f0c1d2e3a4b5c6d-{}-5a6b7c8d9e0f1a2b", hex::encode(digits))
}

/// A bot at the double.
pub struct Bot<'a> {
    world: &'a World,
    pub id: i64,
    token: String,
}

impl<'a> Bot<'a> {
    fn new(world: &'a World) -> Self {
        let (id, token) = (next_id(), new_token());
        world.sandbox.viber().add_bot(id, &token, &format!("romashka{id}")).expect("a bot");
        Self { world, id, token }
    }

    pub fn viber(&self) -> &Viber {
        self.world.sandbox.viber()
    }

    /// The owner connects it in the chat with the managers' bot.
    async fn is_connected_by(&self, owner: &Person<'_>) {
        owner.presses("Настройки").await;
        owner.presses("Каналы").await;
        owner.presses("Подключить бота").await;
        owner.presses("Viber").await;
        owner.sees("creators.viber.com").await;
        owner.types("стоп");
        owner.sees("Это не похоже на токен").await;
        owner.types(&self.token);
        owner.sees("подключён").await;
        let left = self.world.sandbox.history(self.world.manager_bot, owner.id);
        assert!(!left.iter().any(|message| message.text.contains(&self.token)), "the token stays in the chat");
    }

    /// A connected bot, without a chat; its webhook is there.
    pub async fn connect(world: &'a World, company: &Company) -> (Self, ChannelId) {
        let bot = Self::new(world);
        let settings = channels::ChannelSettings { mode: channels::Mode::Webhook, ..channels::ChannelSettings::default() };
        let endpoints = Endpoints { viber: bot.viber().url().to_owned(), ..Endpoints::default() };
        let credentials = registry::assemble(ChannelKind::Viber, std::slice::from_ref(&bot.token));
        channels::add(&world.store, &world.sealer, &endpoints, &company.owner, ChannelKind::Viber, credentials, settings, clock::now())
            .await
            .expect("a channel");
        let channel = channel_of(world, company).await;
        bot.may_send(channel).await;
        (bot, channel)
    }

    /// Its webhook is there, so it may send.
    async fn may_send(&self, channel: ChannelId) {
        until("the webhook to be there", || async {
            let row = channels::find(&self.world.store, channel).await.expect("read").expect("there");
            row.sends().then_some(())
        })
        .await;
        assert!(self.viber().bots().iter().any(|bot| bot.id == self.id && bot.webhook.is_some()));
    }

    pub fn customer(&self, name: &str) -> i64 {
        let id = next_id();
        self.viber().add_user(User::new(id, name, &phone(id)));
        id
    }

    fn writes(&self, customer: i64, text: &str) {
        self.viber().send_text(self.id, customer, text).expect("written");
    }

    async fn gets(&self, customer: i64, text: &str) -> Message {
        let wanted = |message: &Message| message.text.contains(text);
        self.viber().expect_last(self.id, customer, PATIENCE, wanted).await.unwrap_or_else(|seen| panic!("waited for «{text}»: {seen}"))
    }

    /// The customer agrees to what is asked, one question after the other.
    async fn agrees(&self, customer: i64) {
        for question in ["Разрешаете", "реклам"] {
            self.gets(customer, question).await;
            self.viber().press_text(self.id, customer, "Согласиться").expect("pressed");
        }
        self.gets(customer, "Спасибо").await;
    }

    pub fn address(&self, customer: i64) -> String {
        self.viber().user_id(self.id, customer)
    }

    async fn count(&self, sql: &'static str, value: &str) -> i64 {
        on!(self.world.store.read(), |c| sqlx::query_scalar(sql).bind(value).fetch_one(c).await).expect("counted")
    }

    async fn contact_of(&self, customer: i64) -> Option<ContactId> {
        let address = self.address(customer);
        let sql = "select contact_id from address where kind = 'viber' and value = $1 and contact_id is not null";
        on!(self.world.store.read(), |c| sqlx::query_scalar(sql).bind(&address).fetch_optional(c).await).expect("found")
    }

    async fn is_out(&self, customer: i64) -> bool {
        const OUT: &str = "select count(*) from contact c join address a on a.contact_id = c.id \
            where a.kind = 'viber' and a.value = $1 and c.opted_out_at is not null";
        self.count(OUT, &self.address(customer)).await == 1
    }

    async fn is_blocked(&self, customer: i64) -> bool {
        const BLOCKED: &str =
            "select count(*) from suppression where kind = 'viber' and value = $1 and reason = 'blocked' and lifted_at is null";
        self.count(BLOCKED, &self.address(customer)).await == 1
    }

    pub fn got(&self, customer: i64, text: &str) -> usize {
        self.viber().history(self.id, customer).iter().filter(|message| message.from_bot && message.text.contains(text)).count()
    }
}

/// The channel of Viber that an account has.
async fn channel_of(world: &World, company: &Company) -> ChannelId {
    let all = channels::list(&world.store, company.account).await.expect("listed");
    all.into_iter().find(|one| one.kind == ChannelKind::Viber).expect("connected").id
}

/// A campaign with a picture, through a channel, to everybody; to its end.
async fn campaign(world: &World, company: &Company, channel: ChannelId) -> mms_core::id::CampaignId {
    let (store, now) = (&world.store, clock::now());
    let draft = versions::create(store, &company.owner, "Весна", Class::Advertising, now).await.expect("a draft");
    let mut tx = store.begin().await.expect("begun");
    let picture = file::put(&mut tx, company.account, "весна.gif", "image/gif", PICTURE, now).await.expect("kept");
    tx.commit().await.expect("committed");
    let buttons = vec![TemplateButton::OptOut { text: "Отписаться".to_owned() }];
    for edit in [
        versions::Edit::Body("<b>{{ name }}</b>, скидка 10% на пионы! Реклама, {{ advertiser }}".to_owned()),
        versions::Edit::Buttons(buttons),
        versions::Edit::Media(Some((mms_core::channel::MediaKind::Photo, picture.id))),
    ] {
        versions::edit(store, &company.owner, draft.id, edit, now).await.expect("edited");
    }
    versions::submit(store, &company.owner, draft.id, registry::capabilities(ChannelKind::Viber), now).await.expect("submitted");
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
    company.until_state(world, id, State::Finished).await;
    company.must_balance(world, id).await;
    id
}

async fn a_life(shape: Shape) {
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 1).await;
    let bot = Bot::new(&world);
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    bot.is_connected_by(&owner).await;
    let channel = channel_of(&world, &company).await;
    bot.may_send(channel).await;
    let viber = bot.viber();

    // Who opens the chat cannot be written to; the answer of the hook is our one word to them.
    let anna = bot.customer("Анна");
    viber.set_phone(bot.id, anna, Phone { devices: 2, ..Phone::default() }).expect("two devices");
    viber.open(bot.id, anna, None).expect("opened");
    bot.gets(anna, "Нажмите «Начать»").await;
    assert_eq!(bot.contact_of(anna).await, None, "nobody is subscribed yet");
    viber.press_text(bot.id, anna, "Начать").expect("pressed");
    bot.agrees(anna).await;
    // The phone is asked for last, for each message takes the keyboard of the one before away.
    viber.press_text(bot.id, anna, "Поделиться номером").expect("shared");
    bot.gets(anna, "номер получен").await;
    assert_eq!(bot.count("select count(*) from address where kind = 'phone' and value = $1", &phone(anna)).await, 1);

    // By a personal link the bot knows who it is, when they write in place of pressing.
    let (_, known) = company.customers.iter().next().map(|(chat, contact)| (*chat, *contact)).expect("a customer");
    let token = link::issue(&world.store, &company.owner, channel, known, clock::now()).await.expect("a link");
    let boris = bot.customer("Борис");
    viber.open(bot.id, boris, Some(&token)).expect("opened");
    bot.gets(boris, "Нажмите «Начать»").await;
    bot.writes(boris, "Добрый день");
    until("the link to be known", || async { (bot.contact_of(boris).await == Some(known)).then_some(()) }).await;
    owner.sees("Добрый день").await;

    // A conversation: the answer goes, and comes once however many devices there are.
    press(&world, &owner, "Ответить", "Что ответить?").await;
    owner.types("Здравствуйте, слушаем");
    bot.gets(boris, "слушаем").await;
    // A lost answer of Viber's is known by the person's next word, which brings our id back.
    let lost = world.sandbox.faults().add(Rule::new(Fault::DropAfter).service("viber").method("send_message").chat(boris).times(1));
    press(&world, &owner, "Переписка", "слушаем").await;
    press(&world, &owner, "Ответить", "Что ответить?").await;
    owner.types("Привезём завтра");
    bot.gets(boris, "Привезём завтра").await;
    bot.writes(boris, "Хорошо, жду");
    until("the lost answer to be known as sent", || async {
        const SENT: &str = "select count(*) from outgoing where state = 'sent' and delivered_at is not null and purpose = $1";
        (bot.count(SENT, "reply").await == 2).then_some(())
    })
    .await;
    assert_eq!((world.sandbox.faults().struck(lost), bot.got(boris, "Привезём завтра")), (Some(1), 1), "it went once");

    // A campaign with a picture that Viber fetches from us.
    let spring = campaign(&world, &company, channel).await;
    let picture = bot.gets(anna, "скидка 10%").await;
    assert!(picture.text.contains("Анна"), "{}", picture.text);
    assert_eq!(picture.photo.as_ref().map(|photo| photo.size), Some(PICTURE.len() as u64), "it was fetched, whole");
    assert!(viber.told(bot.id).iter().all(|(_, event)| event["event"] != "failed"), "nothing failed");
    viber.read(bot.id, anna).expect("read");
    until("the receipts to be kept", || async {
        let numbers = company.stats(&world, spring).await.numbers;
        // Whoever read it got it too.
        (numbers.read == 1 && numbers.delivered == 2).then_some(())
    })
    .await;
    let seen = viber.told(bot.id).iter().filter(|(user, event)| *user == anna && event["event"] == "seen").count();
    assert!(seen >= 2, "each device tells");

    // Stop by the button, by a word, and by unsubscribing, which is of this chat alone.
    let (vera, olga) = (bot.customer("Вера"), bot.customer("Ольга"));
    for customer in [vera, olga] {
        bot.writes(customer, "Здравствуйте");
        bot.agrees(customer).await;
    }
    viber.press_text(bot.id, anna, "Отписаться").expect("pressed");
    bot.gets(anna, "отписаны").await;
    bot.writes(vera, "Больше не пишите мне");
    bot.gets(vera, "отписаны").await;
    viber.unsubscribe(bot.id, olga).expect("unsubscribed");
    until("the stops to be kept", || async {
        (bot.is_out(anna).await && bot.is_out(vera).await && bot.is_blocked(olga).await).then_some(())
    })
    .await;
    campaign(&world, &company, channel).await;
    assert_eq!([anna, vera, olga, boris].map(|customer| bot.got(customer, "скидка 10%")), [1, 0, 0, 2]);
    assert_eq!(viber.ledger().refused(6), 0, "nobody who unsubscribed was tried");
    bot.writes(olga, "Снова я");
    until("the chat to be hers again", || async { (!bot.is_blocked(olga).await).then_some(()) }).await;

    let logs = world.logs();
    for word in [bot.token.as_str(), "Добрый день", "скидка 10%", &bot.address(anna)] {
        assert!(!logs.contains(word), "`{word}` in a log");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_of_viber_lives_on_sqlite() {
    a_life(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_of_viber_lives_on_postgresql_and_redis() {
    a_life(Shape::Apart { workers: 1 }).await;
}

/// A hook that nobody signed, or signed with another token, leaves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_of_viber_that_is_not_signed_is_refused_and_a_repeated_one_is_kept_once() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let (company, other) = (Company::found(&world, 0).await, Company::found(&world, 0).await);
    let (bot, theirs) = (Bot::new(&world), Bot::new(&world));
    let endpoints = Endpoints { viber: bot.viber().url().to_owned(), ..Endpoints::default() };
    let mut ids = Vec::new();
    for (bot, owner) in [(&bot, &company.owner), (&theirs, &other.owner)] {
        let credentials = registry::assemble(ChannelKind::Viber, std::slice::from_ref(&bot.token));
        let (settings, now) = (channels::ChannelSettings::default(), clock::now());
        let row = channels::add(&world.store, &world.sealer, &endpoints, owner, ChannelKind::Viber, credentials, settings, now).await;
        let row = row.expect("a channel");
        assert!(hook::is_awaited(&row), "it sends nothing before its webhook is taken");
        bot.may_send(row.id).await;
        ids.push(row.id);
    }
    let at = |path: &str| format!("{}{path}", world.setting("MMS_PUBLIC_URL"));
    let receipt = |token: u64| {
        serde_json::json!({ "event": "seen", "timestamp": 1_780_000_060_000_i64, "message_token": token, "user_id": "kX93hFq0aB7cDe==" })
            .to_string()
    };
    let signed = |body: &str, token: &str| {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(token.as_bytes()).expect("a key");
        mac.update(body.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    };
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = async |path: String, body: String, signature: Option<String>| {
        let mut request = client.post(at(&path)).body(body);
        if let Some(signature) = signature {
            request = request.header("X-Viber-Content-Signature", signature);
        }
        request.send().await.expect("it answers").status().as_u16()
    };
    let kept = async || bot.count("select count(*) from inbound where source_kind = $1 and external_id like 'seen:%'", "channel").await;
    let hook = format!("/hooks/viber/{}", ids[0]);
    let body = receipt(u64::MAX);
    assert_eq!(post(hook.clone(), body.clone(), None).await, 401);
    assert_eq!(post(hook.clone(), body.clone(), Some(signed(&body, "another"))).await, 401, "forged");
    assert_eq!(post(hook.clone(), body.clone(), Some(signed(&body, &theirs.token))).await, 401, "of another company's bot");
    assert_eq!(post(hook.clone(), receipt(5), Some(signed(&body, &bot.token))).await, 401, "of another body");
    assert_eq!(post(hook.clone(), body[..body.len() - 1].to_owned(), Some(signed(&body, &bot.token))).await, 401, "truncated");
    let large = " ".repeat(256 * 1024 + 1);
    assert_eq!(post(hook.clone(), large.clone(), Some(signed(&large, &bot.token))).await, 413, "larger than any");
    let nobodys = format!("/hooks/viber/{}", ChannelId::new());
    assert_eq!(post(nobodys, body.clone(), Some(signed(&body, &bot.token))).await, 401, "of a channel that is not there");
    let telegrams = format!("/hooks/viber/{}", company.channel);
    assert_eq!(post(telegrams, body.clone(), Some(signed(&body, ""))).await, 401, "of a channel of another messenger");
    let odd = r#"{"event":"message"}"#.to_owned();
    assert_eq!(post(hook.clone(), odd.clone(), Some(signed(&odd, &bot.token))).await, 400, "no event of Viber");
    assert_eq!(kept().await, 0, "nothing is kept of them");
    for _ in 0..2 {
        assert_eq!(post(hook.clone(), body.clone(), Some(signed(&body, &bot.token))).await, 200);
        assert_eq!(kept().await, 1, "the second device, or the same one again");
    }
    let in_query = format!("{hook}?sig={}", signed(&receipt(7), &bot.token));
    assert_eq!(post(in_query, receipt(7), None).await, 200, "the proof may come in the address");
    assert_eq!(kept().await, 2);
    world.stop().await;
}

/// Without a webhook nothing goes, and a bot whose webhook was forgotten goes on by itself; an
/// empty balance stops the channel with a sentence.
#[tokio::test(flavor = "multi_thread")]
async fn what_stops_a_bot_of_viber_is_told_in_a_sentence() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let bot = Bot::new(&world);
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    let refused = world.sandbox.faults().add(Rule::new(Fault::DropBefore).service("viber").method("hook").bot(bot.id).times(2));
    bot.is_connected_by(&owner).await;
    let channel = channel_of(&world, &company).await;
    let row = channels::find(&world.store, channel).await.expect("read").expect("there");
    assert!(hook::is_awaited(&row) || world.sandbox.faults().struck(refused) == Some(2), "it waits until Viber reached us");
    bot.may_send(channel).await;
    let anna = bot.customer("Анна");
    bot.writes(anna, "Здравствуйте");
    bot.agrees(anna).await;
    world.sandbox.clock().advance(std::time::Duration::from_secs(25 * 3_600));
    bot.viber().set_money(bot.id, None, Some(0)).expect("an empty balance");
    press(&world, &owner, "Ответить", "Что ответить?").await;
    owner.types("Пионы есть");
    owner.sees("на балансе бота в Viber кончились деньги").await;
    let row = channels::find(&world.store, channel).await.expect("read").expect("there");
    assert_eq!((row.state, row.state_reason.as_deref()), (ChannelState::Misconfigured, Some("24: noBalance")));
    assert_eq!(bot.got(anna, "Пионы есть"), 0);
    // Topped up, what waited goes.
    bot.viber().set_money(bot.id, None, Some(5)).expect("a balance");
    channels::resume(&world.store, &company.owner, channel, clock::now()).await.expect("resumed");
    bot.gets(anna, "Пионы есть").await;
    world.stop().await;
}

/// The adapter and the double, without processes.
struct Alone {
    sandbox: Sandbox,
    adapter: Arc<dyn Channel>,
    bot: i64,
}

impl Alone {
    async fn new() -> Self {
        let sandbox =
            Sandbox::builder().viber(Settings { tokens_above_i64: true, ..Settings::default() }).start().await.expect("a sandbox");
        let (bot, token) = (next_id(), new_token());
        sandbox.viber().add_bot(bot, &token, "shopbot").expect("a bot");
        let endpoints = Endpoints { viber: sandbox.viber().url().to_owned(), ..Endpoints::default() };
        let credentials = registry::assemble(ChannelKind::Viber, &[token]);
        let adapter = registry::build(ChannelKind::Viber, &credentials, &endpoints).expect("a client");
        Self { sandbox, adapter, bot }
    }

    /// With a webhook that says yes to everything.
    async fn listening() -> Self {
        let alone = Self::new().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                let _ = caller.read(&mut [0; 64 * 1024]).await;
                let _ = caller.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            }
        });
        alone.adapter.set_webhook(Some((&url, "not used"))).await.expect("taken");
        alone
    }

    fn person(&self) -> i64 {
        let id = next_id();
        self.sandbox.viber().add_user(User::new(id, "Анна", &phone(id)));
        self.sandbox.viber().open_chats(self.bot, [id]).expect("subscribed");
        id
    }

    async fn send(&self, person: i64, free: Free) -> Result<mms_core::channel::Sent, SendError> {
        let to = self.sandbox.viber().user_id(self.bot, person);
        let message = Outbound { client_id: 7, series: None, to, content: Content::Free(free), paid: false };
        self.adapter.send(&[message]).await.pop().expect("a result")
    }
}

fn text(words: &str) -> Free {
    Free { body: Rich::plain(words), ..Free::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adapter_and_the_double_of_viber_agree() {
    let silent = Alone::new().await;
    let anna = silent.person();
    assert_eq!(silent.send(anna, text("раз")).await, Err(SendError::Misconfigured(hook::AWAITED.to_owned())), "no webhook yet");
    assert!(
        matches!(silent.adapter.set_webhook(Some(("http://127.0.0.1:9/hook", ""))).await, Err(SendError::Misconfigured(why)) if why.starts_with("1:"))
    );

    let alone = Alone::listening().await;
    let (viber, bot) = (alone.sandbox.viber(), alone.bot);
    let identity = alone.adapter.identify().await.expect("a bot");
    assert_eq!((identity.external_id, identity.username.as_str()), (format!("pa:{bot}"), "shopbot"));
    let anna = alone.person();
    let sent = alone.send(anna, text("раз")).await.expect("sent");
    let (token, user) = sent.message_ref.split_once(':').expect("a token and a person");
    assert!(token.parse::<u64>().is_ok_and(|token| token > i64::MAX as u64), "{token}");
    assert_eq!(
        (user, viber.message(bot, anna, token.parse().expect("a token")).map(|one| one.text)),
        (viber.user_id(bot, anna).as_str(), Some("раз".to_owned()))
    );

    // Marks and buttons, and the same for a client that knows neither.
    let offer = || Free {
        body: Rich { text: "Скидка 10%".to_owned(), spans: vec![Span { offset: 0, len: 6, style: Style::Bold }] },
        buttons: vec![vec![
            Button { text: "Записаться".to_owned(), action: ButtonAction::Url("https://ex.ru/b".to_owned()) },
            Button { text: "Отписаться".to_owned(), action: ButtonAction::Callback("stop".to_owned()) },
        ]],
        ..Free::default()
    };
    alone.send(anna, offer()).await.expect("sent");
    let chat = viber.chat(bot, anna);
    let last = chat.messages.last().expect("a message");
    assert_eq!((last.text.as_str(), last.entities.len(), chat.keyboard[0].len()), ("Скидка 10%", 1, 2));
    let old = alone.person();
    viber.set_phone(bot, old, Phone { api_version: 1, ..Phone::default() }).expect("an old phone");
    alone.send(old, offer()).await.expect("sent without what is too new");
    let chat = viber.chat(bot, old);
    assert_eq!(
        chat.messages.last().expect("a message").text,
        "Скидка 10%\n\nЗаписаться: https://ex.ru/b\n\nЧтобы отписаться, ответьте «стоп»."
    );
    assert!(chat.keyboard.is_empty());

    // Who is not there, who left, and what a bot may not.
    let class = async |person: i64| alone.send(person, text("раз")).await.expect_err("refused");
    let gone = alone.person();
    viber.unsubscribe(bot, gone).expect("unsubscribed");
    assert_eq!(class(gone).await, SendError::Blocked);
    for (status, unreachable) in [(5, true), (11, true), (21, true), (3, false), (22, false)] {
        let person = alone.person();
        viber.set_trouble(bot, person, Some(status)).expect("trouble");
        let error = class(person).await;
        assert!(
            if unreachable { matches!(error, SendError::Unreachable(_)) } else { matches!(error, SendError::Rejected(_)) },
            "{status} {error:?}"
        );
    }
    for status in [7, 9, 15, 18, 23, 24] {
        viber.set_bot_trouble(bot, Some(status)).expect("trouble");
        assert!(matches!(class(anna).await, SendError::Misconfigured(_)), "{status}");
    }
    viber.set_bot_trouble(bot, None).expect("no trouble");

    // A lost answer is unknown, and is not sent again.
    let lost = alone.sandbox.faults().add(Rule::new(Fault::DropAfter).service("viber").method("send_message").chat(anna).times(1));
    assert!(matches!(alone.send(anna, text("два")).await, Err(SendError::Unknown(_))));
    assert_eq!(alone.sandbox.faults().struck(lost), Some(1));
    assert_eq!(viber.history(bot, anna).iter().filter(|one| one.text == "два").count(), 1);
    let overloaded = Fault::Error { code: 503, description: String::new(), retry_after: None };
    alone.sandbox.faults().add(Rule::new(overloaded).service("viber").method("send_message").times(1));
    assert!(matches!(alone.send(anna, text("три")).await, Err(SendError::Unknown(_))), "a gateway says nothing of it");
    // A hundred without an answer, and no more for an hour.
    let silent = alone.person();
    for _ in 0..100 {
        alone.send(silent, text("х")).await.expect("sent");
    }
    assert!(matches!(class(silent).await, SendError::RetryAfter { whole_channel: false, .. }));
    assert_eq!(class(silent).await, SendError::RetryAfter { after: std::time::Duration::from_secs(3_600), whole_channel: false });
    // A file is fetched, or it fails afterwards; here nobody has it.
    let source = MediaSource::Link {
        url: "http://127.0.0.1:9/media/t/file.pdf".to_owned(),
        name: "Прайс.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        size: 9,
    };
    let file = Free { media: Some(Media { kind: FileKind::Document, source }), ..Free::default() };
    alone.send(anna, file).await.expect("taken");
    let failed =
        viber.until(PATIENCE, |viber| viber.told(bot).into_iter().find(|(_, event)| event["event"] == "failed")).await.expect("told");
    let events = alone.adapter.understand(&failed.1.to_string()).expect("understood");
    assert!(format!("{events:?}").contains("media was not fetched"), "{events:?}");
}

/// Files that Viber fetches: only by an address of ours, in parts, and no longer than it lives.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_served_at_its_own_address_alone() {
    use mms_core::{secret::Sealer, store::public_file::PublicFiles};
    for shape in [Shape::One, Shape::Apart { workers: 0 }] {
        let mut world = World::prepare(shape).await;
        world.be_reachable();
        world.start_all();
        let company = Company::found(&world, 0).await;
        let now = clock::now();
        let mut tx = world.store.begin().await.expect("begun");
        let page =
            file::put(&mut tx, company.account, "страница.html", "text/html", b"<script>0123456789</script>", now).await.expect("kept");
        let picture = file::put(&mut tx, company.account, "весна.gif", "image/gif", PICTURE, now).await.expect("kept");
        tx.commit().await.expect("committed");
        let base = world.setting("MMS_PUBLIC_URL").to_owned();
        let files = PublicFiles::new(&world.sealer, Some(&base));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        until("the HTTP side to answer", || async { client.get(format!("{base}/healthz")).send().await.ok().map(|_| ()) }).await;
        let get = async |url: &str, range: &str| {
            let mut request = client.get(url);
            if !range.is_empty() {
                request = request.header("range", range);
            }
            let answer = request.send().await.expect("it answers");
            let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let told = ["content-type", "content-disposition", "content-range", "x-content-type-options"].map(header);
            (answer.status().as_u16(), told, answer.bytes().await.expect("a body"))
        };
        let url = files.address(&picture, now).expect("an address");
        let (status, [kind, shown, _, sniff], bytes) = get(&url, "").await;
        assert_eq!(
            (status, kind.as_str(), shown.as_str(), sniff.as_str(), bytes.as_ref()),
            (200, "image/gif", "inline", "nosniff", PICTURE)
        );
        let (status, [.., range, _], bytes) = get(&url, "bytes=3-5").await;
        assert_eq!((status, range.as_str(), bytes.as_ref()), (206, format!("bytes 3-5/{}", PICTURE.len()).as_str(), &PICTURE[3..6]));
        assert_eq!(get(&url, "bytes=-4").await.2.as_ref(), &PICTURE[PICTURE.len() - 4..]);
        assert_eq!(get(&url, "bytes=9000-").await.0, 416);
        let head = client.head(&url).send().await.expect("it answers");
        let length = head.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        assert_eq!((head.status().as_u16(), length), (200, Some(PICTURE.len())));
        let (_, [_, shown, ..], _) = get(&files.address(&page, now).expect("an address"), "").await;
        assert_eq!(shown, "attachment", "a page is saved, not shown");
        // Guessed, of another installation, ended, of another ending, of a file that was forgotten.
        let over = files.address(&picture, now - chrono::TimeDelta::days(9)).expect("an address");
        let foreign = PublicFiles::new(&Sealer::new(&[9; 32]), Some(&base)).address(&picture, now).expect("an address");
        let token = url.split('/').nth(4).expect("a token");
        let guessed = url.replace(token, &format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' }));
        let unknown = files.address(&file::FileInfo { id: mms_core::id::FileId::new(), ..picture.clone() }, now).expect("an address");
        for wrong in [over, foreign, guessed, unknown, url.replace("file.gif", "file.html"), format!("{base}/media/x/file.gif")] {
            assert_eq!(get(&wrong, "").await.0, 404, "{wrong}");
        }
        world.stop().await;
    }
}
