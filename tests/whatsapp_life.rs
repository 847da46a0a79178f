//! WhatsApp as a channel, with real processes: a number is connected in the chat, people write
//! first and agree, a conversation goes both ways with its receipts shown, whoever stops is left
//! alone, by word and in WhatsApp's own settings.

use std::time::Duration;

use mms_core::{
    campaign::{Audience, CampaignError, State, approval, control, draft},
    channel::{ChannelKind, ReviewState, registry, store as channels},
    clock,
    config::Endpoints,
    id::{AccountId, AddressId, CampaignId, ChannelId, ContactId},
    on,
    words::Reason,
};
use mms_sandbox::{
    fault::{Fault, Rule},
    whatsapp::{Category, Message, Person as Customer, TemplateStatus, WhatsApp},
};

use crate::{
    bot_life::Person,
    harness::{Company, PATIENCE, Shape, World, next_id, phone, until},
    inbox_life::press,
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A number of a business at the double.
pub struct Number<'a> {
    world: &'a World,
    pub id: i64,
    pub account: String,
    token: String,
}

impl<'a> Number<'a> {
    pub fn new(world: &'a World) -> Self {
        let (id, account, app) = (next_id(), next_id().to_string(), next_id().to_string());
        let token = format!("EAAG{}", mms_core::secret::token(24));
        let whatsapp = world.sandbox.whatsapp();
        whatsapp.add_app(&app, SECRET).expect("an app");
        whatsapp.add_waba(&account, "900100").expect("an account");
        whatsapp.add_number(id, &account, "+74950001122", "Ромашка").expect("a number");
        whatsapp.add_token(&token, &app).expect("a token");
        Self { world, id, account, token }
    }

    pub fn whatsapp(&self) -> &WhatsApp {
        self.world.sandbox.whatsapp()
    }

    /// The owner connects it in the chat with the managers' bot, value by value.
    async fn is_connected_by(&self, owner: &Person<'_>) {
        owner.presses("Настройки").await;
        owner.presses("Каналы").await;
        owner.presses("Подключить бота").await;
        owner.presses("WhatsApp").await;
        owner.sees("Системные пользователи").await;
        owner.types(&self.token);
        owner.sees("идентификатор номера").await;
        owner.types("+7 495 000-11-22");
        owner.sees("Это не похоже на идентификатор номера").await;
        owner.types(&self.id.to_string());
        owner.sees("идентификатор аккаунта").await;
        // Two at once, as they are copied.
        owner.types(&format!("{}\n{SECRET}", self.account));
        owner.sees("подключён").await;
        let left = self.world.sandbox.history(self.world.manager_bot, owner.id);
        assert!(
            !left.iter().any(|message| message.text.contains(&self.token) || message.text.contains(SECRET)),
            "credentials stay in the chat"
        );
        self.is_listened_to().await;
    }

    /// A connected number, without a chat.
    pub async fn connect(world: &'a World, company: &Company) -> (Self, ChannelId) {
        let number = Self::new(world);
        let settings = channels::ChannelSettings { mode: channels::Mode::Webhook, ..channels::ChannelSettings::default() };
        let endpoints = Endpoints { whatsapp: number.endpoint(), ..Endpoints::default() };
        let values = [number.token.clone(), number.id.to_string(), number.account.clone(), SECRET.to_owned()];
        let credentials = registry::assemble(ChannelKind::Whatsapp, &values);
        let row = channels::add(
            &world.store,
            &world.sealer,
            &endpoints,
            &company.owner,
            ChannelKind::Whatsapp,
            credentials,
            settings,
            clock::now(),
        );
        let channel = row.await.expect("a channel").id;
        number.is_listened_to().await;
        (number, channel)
    }

    pub fn endpoint(&self) -> String {
        format!("{}/v26.0", self.whatsapp().url())
    }

    /// What comes before the webhook is there comes nowhere.
    async fn is_listened_to(&self) {
        let info = format!("{}/v26.0/{}?fields=webhook_configuration", self.whatsapp().url(), self.id);
        until("the webhook to be there", || async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let shown: serde_json::Value = client.get(&info).bearer_auth(&self.token).send().await.ok()?.json().await.ok()?;
            shown["webhook_configuration"]["phone_number"].as_str().map(|_| ())
        })
        .await;
    }

    pub fn customer(&self, name: &str) -> i64 {
        let id = next_id();
        self.whatsapp().add_person(Customer::new(id, name, &phone(id)));
        id
    }

    pub fn writes(&self, customer: i64, text: &str) {
        self.whatsapp().write(self.id, customer, text).expect("written");
    }

    pub async fn gets(&self, customer: i64, text: &str) -> Message {
        let wanted = |message: &Message| message.shown.text.contains(text);
        self.whatsapp().expect_last(self.id, customer, PATIENCE, wanted).await.unwrap_or_else(|seen| panic!("{seen}"))
    }

    /// The customer agrees to what is asked, one question after the other.
    pub async fn agrees(&self, customer: i64) {
        for question in ["Разрешаете", "реклам"] {
            self.gets(customer, question).await;
            self.whatsapp().press_text(self.id, customer, "Согласиться").expect("pressed");
        }
        self.gets(customer, "Спасибо").await;
    }

    pub async fn count(&self, sql: &'static str, value: &str) -> i64 {
        on!(self.world.store.read(), |c| sqlx::query_scalar(sql).bind(value).fetch_one(c).await).expect("counted")
    }

    /// Whether the person at this address is out of all advertising.
    async fn is_out(&self, customer: i64) -> bool {
        const OUT: &str = "select count(*) from contact c join address a on a.contact_id = c.id \
            where a.kind = 'whatsapp' and a.value = $1 and c.opted_out_at is not null";
        self.count(OUT, &self.whatsapp().user_id(self.id, customer).expect("an id")).await == 1
    }
}

async fn a_conversation(shape: Shape) {
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 2).await;
    let number = Number::new(&world);
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    number.is_connected_by(&owner).await;

    // People write first: their words are kept, and they are asked.
    let anna = number.customer("Анна");
    number.writes(anna, "Здравствуйте, пионы есть?");
    owner.sees("пионы есть?").await;
    number.agrees(anna).await;

    // The answer goes, is received and read, and the conversation shows it.
    press(&world, &owner, "Ответить", "Что ответить?").await;
    owner.types("Есть, розовые и белые");
    let answer = number.gets(anna, "розовые и белые").await;
    assert!(answer.opaque.is_some_and(|opaque| opaque.starts_with("mms:")), "our id goes along");
    number.whatsapp().read(number.id, anna).expect("read");
    until("the receipt to be kept", || async {
        (number.count("select count(*) from outgoing where read_at is not null and purpose = $1", "reply").await == 1).then_some(())
    })
    .await;
    press(&world, &owner, "Переписка", "прочитано").await;
    owner.sees("Ответить в WhatsApp можно до").await;

    // An answer that is lost is a yes as soon as a status names our id of it.
    let lost = world.sandbox.faults().add(Rule::new(Fault::DropAfter).service("whatsapp").method("messages").bot(number.id).times(1));
    press(&world, &owner, "Ответить", "Что ответить?").await;
    owner.types("Привезём завтра");
    number.gets(anna, "Привезём завтра").await;
    until("the lost answer to be known as sent", || async {
        const SENT: &str = "select count(*) from outgoing where state = 'sent' and message_ref <> '' and purpose = $1";
        (number.count(SENT, "reply").await == 2).then_some(())
    })
    .await;
    assert_eq!(world.sandbox.faults().struck(lost), Some(1), "an answer was lost");
    let told = number.whatsapp().history(number.id, anna).iter().filter(|one| one.shown.text == "Привезём завтра").count();
    assert_eq!(told, 1, "it went once");

    // A campaign is refused when it is handed in before its template, in words.
    let channel =
        channels::list(&world.store, company.account).await.expect("listed").into_iter().find(|one| one.kind == ChannelKind::Whatsapp);
    let now = clock::now();
    let campaign = draft::create(&world.store, &company.owner, "Весна", now).await.expect("a draft");
    for change in [
        draft::Change::Template(1, company.version),
        draft::Change::Audience(Audience::everybody()),
        draft::Change::Channel(1, channel.expect("connected").id),
    ] {
        draft::edit(&world.store, &company.owner, campaign, change, now).await.expect("edited");
    }
    let refused = approval::submit(&world.store, &company.owner, campaign, now).await;
    assert!(matches!(refused, Err(CampaignError::NeedsProviderTemplate(ChannelKind::Whatsapp))), "{refused:?}");

    // Stop: by word, and in WhatsApp's own settings.
    let boris = number.customer("Борис");
    number.writes(boris, "Добрый день");
    number.gets(boris, "Разрешаете").await;
    number.writes(anna, "Больше не пишите мне");
    number.gets(anna, "отписаны").await;
    number.whatsapp().set_marketing(number.id, boris, false).expect("pressed");
    until("both stops to be kept", || async { (number.is_out(anna).await && number.is_out(boris).await).then_some(()) }).await;

    // With a new number she is the same person, and still out.
    let before = number.whatsapp().user_id(number.id, anna).expect("an id");
    let new_phone = phone(next_id());
    number.whatsapp().change_phone(anna, &new_phone).expect("changed");
    until("the new number to be known", || async { number.is_out(anna).await.then_some(()) }).await;
    const AT: &str = "select count(*) from address where kind = 'whatsapp' and value = $1";
    assert_eq!(number.count(AT, &before).await, 0);
    assert_eq!(number.count("select count(*) from address where kind = 'phone' and value = $1", &new_phone).await, 1);

    let logs = world.logs();
    for word in [number.token.as_str(), SECRET, "пионы есть", "розовые", &before] {
        assert!(!logs.contains(word), "`{word}` in a log");
    }
    assert_eq!(number.whatsapp().given_up(), 0);
    world.stop().await;
}

impl Number<'_> {
    /// Somebody who agreed to advertising and wrote long ago.
    pub async fn known(&self, account: AccountId, channel: ChannelId, name: &str) -> i64 {
        let (id, contact, now) = (self.customer(name), ContactId::new(), clock::now());
        let user = self.whatsapp().user_id(self.id, id).expect("an id");
        let mut tx = self.world.store.begin().await.expect("begun");
        on!(tx.conn(), |c| sqlx::query(
            "insert into contact (id, account_id, name, first_name, attributes, marketing_grade, source, created_at, updated_at) \
             values ($1, $2, $3, $3, '{}', 1, 'test', $4, $4)"
        )
        .bind(contact)
        .bind(account)
        .bind(name)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
        .expect("a contact");
        on!(tx.conn(), |c| sqlx::query(
            "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) \
             values ($1, $2, $3, 'whatsapp', $4, $5, 'reachable', $6, $6)"
        )
        .bind(AddressId::new())
        .bind(account)
        .bind(contact)
        .bind(&user)
        .bind(channel)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
        .expect("an address");
        tx.contacts_moved(account, 1);
        tx.commit().await.expect("committed");
        id
    }

    /// To how many of these the campaign's message was taken, arrived or not.
    pub fn reached(&self, customers: &[i64], text: &str) -> usize {
        let got = |id: &&i64| self.whatsapp().accepted(self.id, **id).iter().any(|message| message.shown.text.contains(text));
        customers.iter().filter(got).count()
    }
}

/// The owner was told so, so many times: other news may have come after it.
pub async fn told(world: &World, owner: &Person<'_>, words: &str, times: usize) {
    until(&format!("`{words}` to be told"), || async {
        let told = world.sandbox.history(world.manager_bot, owner.id).iter().filter(|message| message.text.contains(words)).count();
        (told >= times).then_some(())
    })
    .await;
}

/// A company's number, connected, and a campaign through it that lacks nothing but its template at
/// WhatsApp.
pub async fn prepared(world: &World, number: &Number<'_>, owner: &Person<'_>, company: &Company, body: &str) -> (ChannelId, CampaignId) {
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(company).await;
    number.is_connected_by(owner).await;
    let all = channels::list(&world.store, company.account).await.expect("listed");
    let channel = all.into_iter().find(|one| one.kind == ChannelKind::Whatsapp).expect("connected").id;
    let version = company.template(world, body).await;
    told(world, owner, "«Скидка» согласован", 1).await;
    let now = clock::now();
    let campaign = draft::create(&world.store, &company.owner, "Весна", now).await.expect("a draft");
    for change in [draft::Change::Template(1, version), draft::Change::Audience(Audience::everybody()), draft::Change::Channel(1, channel)]
    {
        draft::edit(&world.store, &company.owner, campaign, change, now).await.expect("edited");
    }
    (channel, campaign)
}

pub async fn approved_and_launched(world: &World, company: &Company, campaign: CampaignId) {
    let now = clock::now();
    approval::submit(&world.store, &company.owner, campaign, now).await.expect("handed in");
    approval::approve(&world.store, &company.approver, campaign, now).await.expect("approved");
    company.start(world, campaign).await.expect("launched");
}

/// A template is sent for review from the campaign's card, is approved by the double, goes out with
/// each person's values, and its button is an opt-out.
async fn a_campaign(shape: Shape) {
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 1).await;
    let number = Number::new(&world);
    let owner = Person::new(&world);
    let body = "Здравствуйте, <b>{{ first_name }}</b>! {{ advertiser }} дарит вам скидку 10% до конца недели.";
    let (channel, campaign) = prepared(&world, &number, &owner, &company, body).await;
    let [anna, boris] = [number.known(company.account, channel, "Анна").await, number.known(company.account, channel, "Борис").await];

    owner.presses("Меню").await;
    owner.presses("Кампании").await;
    owner.presses("Весна").await;
    owner.sees("шаблон не отправлен на проверку").await;
    owner.presses("На проверку в WhatsApp").await;
    owner.sees("шаблон на проверке").await;
    let there = number.whatsapp().templates();
    let [template] = there.as_slice() else { panic!("one template: {there:?}") };
    assert_eq!((template.status, template.category, template.language.as_str()), (TemplateStatus::Pending, Category::Marketing, "ru"));
    let text = template.components.iter().find(|one| one["type"] == "BODY").expect("a body")["text"].as_str().expect("a text").to_owned();
    assert_eq!(text, "Здравствуйте, *{{first_name}}*! {{advertiser}} дарит вам скидку 10% до конца недели.");
    let now = clock::now();
    approval::submit(&world.store, &company.owner, campaign, now).await.expect("handed in");
    let refused = approval::approve(&world.store, &company.approver, campaign, now).await;
    assert!(matches!(refused, Err(CampaignError::ProviderTemplate { state: ReviewState::Pending, .. })), "{refused:?}");

    number.whatsapp().approve(template.id).expect("approved");
    told(&world, &owner, "WhatsApp одобрил шаблон", 1).await;
    approval::approve(&world.store, &company.approver, campaign, clock::now()).await.expect("approved");
    company.start(&world, campaign).await.expect("launched");
    for (customer, name) in [(anna, "Анна"), (boris, "Борис")] {
        let message = number.gets(customer, "скидку").await;
        assert_eq!(message.shown.text, format!("Здравствуйте, *{name}*! ООО «Ромашка» дарит вам скидку 10% до конца недели."));
        assert_eq!(message.shown.kind, "template", "outside the window nothing else goes");
    }
    company.until_state(&world, campaign, State::Finished).await;
    company.must_balance(&world, campaign).await;
    number.whatsapp().press_text(number.id, boris, "Отписаться").expect("pressed");
    until("the opt-out to be kept", || async { number.is_out(boris).await.then_some(()) }).await;
    assert!(!number.is_out(anna).await);
    assert_eq!(number.whatsapp().given_up(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_through_whatsapp_on_sqlite() {
    a_campaign(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_through_whatsapp_on_postgresql_and_redis() {
    a_campaign(Shape::Apart { workers: 2 }).await;
}

/// A template that is paused in the middle pauses the campaign, by WhatsApp's news or, where they
/// are lost, by its refusal; nobody is written to meanwhile and no message is lost.
async fn a_template_paused_in_the_middle(shape: Shape) {
    const PEOPLE: usize = 40;
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let number = Number::new(&world);
    let owner = Person::new(&world);
    let body = "Здравствуйте, {{ first_name }}! Скидка от {{ advertiser }} ждёт вас до конца недели.";
    let (channel, campaign) = prepared(&world, &number, &owner, &company, body).await;
    let settings = channels::ChannelSettings { rate: Some(8.0), ..channels::ChannelSettings::default() };
    let settings = channels::ChannelSettings { mode: channels::Mode::Webhook, ..settings };
    channels::configure(&world.store, &company.owner, channel, &settings, clock::now()).await.expect("slowed");
    let mut people = Vec::with_capacity(PEOPLE);
    for n in 0..PEOPLE {
        people.push(number.known(company.account, channel, &format!("Анна{n}")).await);
    }
    owner.presses("Меню").await;
    owner.presses("Кампании").await;
    owner.presses("Весна").await;
    owner.presses("На проверку в WhatsApp").await;
    owner.sees("шаблон на проверке").await;
    let template = number.whatsapp().templates()[0].id;
    number.whatsapp().approve(template).expect("approved");
    told(&world, &owner, "WhatsApp одобрил шаблон", 1).await;
    approved_and_launched(&world, &company, campaign).await;

    let paused = async || {
        until("the campaign to pause", || async {
            let row = company.campaign(&world, campaign).await;
            (row.state == State::Paused && row.state_reason == Some(Reason::TemplateBarred.into())).then_some(())
        })
        .await;
    };
    let some = async |more: usize| {
        until("some to have got it", || async { (number.reached(&people, "Скидка") >= more).then_some(()) }).await;
    };
    some(3).await;
    number.whatsapp().pause(template).expect("paused");
    let got = number.reached(&people, "Скидка");
    paused().await;
    told(&world, &owner, "WhatsApp: шаблон «Скидка» приостановлен", 1).await;
    let refused = control::resume(&world.store, &company.owner, campaign, clock::now()).await;
    assert!(matches!(refused, Err(CampaignError::ProviderTemplate { state: ReviewState::Paused, .. })), "{refused:?}");
    assert!(number.reached(&people, "Скидка") == got && got < PEOPLE, "{got}");

    // It comes back by itself, and a manager lets the campaign go on; the news of the second pause
    // are lost.
    world.sandbox.clock().advance(Duration::from_secs(3 * 3_600 + 1));
    told(&world, &owner, "WhatsApp одобрил шаблон", 2).await;
    assert_eq!(company.campaign(&world, campaign).await.state, State::Paused, "nobody but a manager resumes");
    control::resume(&world.store, &company.owner, campaign, clock::now()).await.expect("resumed");
    some(got + 3).await;
    let lost = world.sandbox.faults().add(Rule::new(Fault::WithholdUpdate).service("whatsapp"));
    number.whatsapp().pause(template).expect("paused");
    let got = number.reached(&people, "Скидка");
    paused().await;
    assert_eq!(number.reached(&people, "Скидка"), got);
    world.sandbox.faults().remove(lost);
    // The look that follows the refusal tells what the news would have told.
    until("the pause to be known", || async {
        (number.count("select count(*) from provider_template where state = $1", "paused").await == 1).then_some(())
    })
    .await;

    world.sandbox.clock().advance(Duration::from_secs(6 * 3_600 + 1));
    until("the template to be approved again", || async {
        (number.count("select count(*) from provider_template where state = $1", "approved").await == 1).then_some(())
    })
    .await;
    control::resume(&world.store, &company.owner, campaign, clock::now()).await.expect("resumed");
    company.until_state(&world, campaign, State::Finished).await;
    company.must_balance(&world, campaign).await;
    for person in &people {
        let got = number.whatsapp().history(number.id, *person).iter().filter(|message| message.shown.text.contains("Скидка")).count();
        assert_eq!(got, 1, "everybody once");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_paused_in_the_middle_pauses_the_campaign_on_sqlite() {
    a_template_paused_in_the_middle(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_paused_in_the_middle_pauses_the_campaign_on_postgresql_and_redis() {
    a_template_paused_in_the_middle(Shape::Apart { workers: 2 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_through_whatsapp_on_sqlite() {
    a_conversation(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_through_whatsapp_on_postgresql_and_redis() {
    a_conversation(Shape::Apart { workers: 1 }).await;
}

/// A customer whose phone the company knows is that customer in WhatsApp, without being asked; an
/// answer outside the window is refused by WhatsApp, and the manager reads why.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_phone_is_recognised_and_a_late_answer_is_told_in_words() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 1).await;
    let number = Number::new(&world);
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    number.is_connected_by(&owner).await;
    let (telegram, contact) = company.customers.iter().next().expect("a customer");
    let customer = next_id();
    number.whatsapp().add_person(Customer::new(customer, "Анна", &phone(*telegram)));
    number.writes(customer, "Когда мой заказ?");
    owner.sees("Когда мой заказ?").await;
    let user = number.whatsapp().user_id(number.id, customer).expect("an id");
    let whose: mms_core::id::ContactId = on!(world.store.read(), |c| {
        sqlx::query_scalar("select contact_id from address where kind = 'whatsapp' and value = $1").bind(&user).fetch_one(c).await
    })
    .expect("the chat is known");
    assert_eq!(whose, *contact);

    world.sandbox.clock().advance(Duration::from_secs(25 * 3_600));
    press(&world, &owner, "Ответить", "Что ответить?").await;
    owner.types("Завтра");
    owner.sees("человек давно не писал").await;
    press(&world, &owner, "Переписка", "131047").await;
    assert!(number.whatsapp().history(number.id, customer).iter().all(|one| one.shown.text != "Завтра"));
    world.stop().await;
}

/// A hook that nobody signed, or signed with another secret, leaves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_signed_is_refused_and_a_repeated_one_is_kept_once() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let number = Number::new(&world);
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    number.is_connected_by(&owner).await;
    let channel =
        channels::list(&world.store, company.account).await.expect("listed").into_iter().find(|one| one.kind == ChannelKind::Whatsapp);
    let channel = channel.expect("connected").id;
    let at = |path: &str| format!("{}{path}", world.setting("MMS_PUBLIC_URL"));
    let message = |to: i64, id: &str| {
        serde_json::json!({ "object": "whatsapp_business_account", "entry": [{ "id": number.account, "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp", "metadata": { "phone_number_id": to.to_string() },
            "messages": [{ "from": "79991234567", "id": id, "timestamp": "1780000100", "type": "text", "text": { "body": "Здравствуйте" } }],
        } }] }] })
        .to_string()
    };
    let signed = |body: &str, secret: &str| {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(body.as_bytes());
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    };
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = async |path: String, body: String, signature: Option<String>| {
        let mut request = client.post(at(&path)).body(body);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        request.send().await.expect("it answers").status().as_u16()
    };
    let kept = async || number.count("select count(*) from inbound where source_kind = $1", "channel").await;
    let hook = format!("/hooks/whatsapp/{channel}");
    let body = message(number.id, "wamid.A");
    assert_eq!(post(hook.clone(), body.clone(), None).await, 401);
    assert_eq!(post(hook.clone(), body.clone(), Some(signed(&body, "another"))).await, 401, "of another app");
    assert_eq!(post(hook.clone(), message(number.id, "wamid.B"), Some(signed(&body, SECRET))).await, 401, "of another body");
    assert_eq!(post(hook.clone(), body[..body.len() - 1].to_owned(), Some(signed(&body, SECRET))).await, 401, "truncated");
    let large = " ".repeat(3 * 1024 * 1024 + 1);
    assert_eq!(post(hook.clone(), large.clone(), Some(signed(&large, SECRET))).await, 413, "larger than any");
    let nobodys = format!("/hooks/whatsapp/{}", mms_core::id::ChannelId::new());
    assert_eq!(post(nobodys, body.clone(), Some(signed(&body, SECRET))).await, 401, "of a channel that is not there");
    let telegrams = format!("/hooks/whatsapp/{}", company.channel);
    assert_eq!(post(telegrams, body.clone(), Some(signed(&body, ""))).await, 401, "of a channel of another messenger");
    assert_eq!(kept().await, 0, "nothing is kept of them");
    // Of a number that is not connected, and of one of another company, of another app.
    let theirs = async |secret: &str| {
        let (other, theirs) = (Company::found(&world, 0).await, Number::new(&world));
        let endpoints = Endpoints { whatsapp: format!("{}/v26.0", theirs.whatsapp().url()), ..Endpoints::default() };
        let values = [theirs.token.clone(), theirs.id.to_string(), theirs.account.clone(), secret.to_owned()];
        let credentials = registry::assemble(ChannelKind::Whatsapp, &values);
        let (settings, now) = (channels::ChannelSettings::default(), clock::now());
        channels::add(&world.store, &world.sealer, &endpoints, &other.owner, ChannelKind::Whatsapp, credentials, settings, now)
            .await
            .expect("a channel of another company");
        theirs.id
    };
    let of_another_app = theirs("00112233445566778899aabbccddeeff").await;
    for foreign in [message(7, "wamid.C"), message(of_another_app, "wamid.D")] {
        assert_eq!(post(hook.clone(), foreign.clone(), Some(signed(&foreign, SECRET))).await, 200);
        assert_eq!(kept().await, 0, "it is nobody's here");
    }
    // Two companies of one business have one app, and Meta calls one address for both: a «стоп»
    // reaches the company it was said to.
    let beside = theirs(SECRET).await;
    let said = message(beside, "wamid.E");
    assert_eq!(post(hook.clone(), said.clone(), Some(signed(&said, SECRET))).await, 200);
    let whose =
        "select count(*) from inbound i join channel c on c.id = i.source_id and c.account_id = i.account_id where c.external_id = $1";
    assert_eq!(number.count(whose, &beside.to_string()).await, 1, "it is the other company's");
    for _ in 0..2 {
        assert_eq!(post(hook.clone(), body.clone(), Some(signed(&body, SECRET))).await, 200);
        assert_eq!(kept().await, 2, "the same one is one");
    }
    let asked = |token: &str| at(&format!("{hook}?hub.mode=subscribe&hub.challenge=1357924680&hub.verify_token={token}"));
    assert_eq!(client.get(asked("wrong")).send().await.expect("it answers").status().as_u16(), 403);
    let row = channels::get(&world.store, company.account, channel).await.expect("read").expect("there");
    let answer = client.get(asked(row.hook_secret(&world.sealer).expose())).send().await.expect("it answers");
    assert_eq!((answer.status().as_u16(), answer.text().await.expect("words")), (200, "1357924680".to_owned()));
    world.stop().await;
}
