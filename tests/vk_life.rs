//! VK as a channel, with real processes: a community is connected in the chat, people write or
//! allow messages and agree, a campaign goes in batches and is read, whoever stops is left alone, a
//! lost answer makes no second message.

use mms_core::{
    campaign::{Audience, State, approval, draft},
    channel::{ChannelKind, registry, store as channels},
    clock,
    config::Endpoints,
    consent::{self, Action, Grade, NewConsent, Purpose},
    contact::{self, Draft, NewAddress, link},
    id::{CampaignId, ChannelId, ContactId, VersionId},
    on,
};
use mms_sandbox::{
    User,
    fault::{Fault, Rule},
    view::Message,
    vk::Vk as Double,
};

use crate::{
    bot_life::Person,
    harness::{Company, Launch, PATIENCE, Shape, World, next_id, phone, until},
    inbox_life::press,
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// Ids of people in VK are below two thousand million: those above are chats of many people.
fn next_person() -> i64 {
    next_id() - 6_000_000_000
}

/// A community of VK beside a company's bot of Telegram.
pub struct Community<'a> {
    world: &'a World,
    company: &'a Company,
    pub group: i64,
    key: String,
}

impl<'a> Community<'a> {
    fn new(world: &'a World, company: &'a Company) -> Self {
        let (group, key) = (next_person(), format!("vk1.a.{}", mms_core::secret::token(24)));
        world.sandbox.vk().add_community(group, &key, &format!("romashka{group}")).expect("a community");
        world.sandbox.vk().name_community(group, "Ромашка").expect("named");
        Self { world, company, group, key }
    }

    /// The owner connects it in the chat with the managers' bot.
    async fn is_connected_by(&self, owner: &Person<'_>) {
        owner.presses("Настройки").await;
        owner.presses("Каналы").await;
        owner.presses("Подключить бота").await;
        owner.presses("VK").await;
        owner.sees("Ключи доступа").await;
        owner.types("ключ");
        owner.sees("Это не похоже на токен").await;
        self.vk().set_rights(self.group, &["messages"]).expect("fewer rights");
        owner.types(&self.key);
        owner.sees("не даёт с ним работать").await;
        self.vk().set_rights(self.group, &["messages", "manage", "photos", "docs"]).expect("all rights");
        owner.types(&self.key);
        owner.sees("подключён").await;
        let left = self.world.sandbox.history(self.world.manager_bot, owner.id);
        assert!(!left.iter().any(|message| message.text.contains(&self.key)), "the key stays in the chat");
        self.is_listened_to().await;
    }

    /// A connected community, without a chat.
    pub async fn connect(world: &'a World, company: &'a Company) -> Self {
        let community = Self::new(world, company);
        let settings = channels::ChannelSettings {
            mode: if world.is_reachable() { channels::Mode::Webhook } else { channels::Mode::Polling },
            ..channels::ChannelSettings::default()
        };
        let endpoints = Endpoints { vk: community.vk().url().to_owned(), ..Endpoints::default() };
        let credentials = registry::assemble(ChannelKind::Vk, std::slice::from_ref(&community.key));
        channels::add(&world.store, &world.sealer, &endpoints, &company.owner, ChannelKind::Vk, credentials, settings, clock::now())
            .await
            .expect("a channel");
        community.is_listened_to().await;
        community
    }

    /// What comes before somebody listens comes nowhere.
    async fn is_listened_to(&self) {
        until("the community to be listened to", || async {
            if self.world.is_reachable() {
                let servers = self.vk().communities().into_iter().find(|one| one.id == self.group)?.servers;
                return servers.iter().any(|one| format!("{:?}", one.status) == "Ok" && one.events.contains("message_new")).then_some(());
            }
            const POLLED: &str = "select count(*) from channel where external_id = $1 and update_cursor is not null";
            (self.count(POLLED, &self.group.to_string()).await == 1).then_some(())
        })
        .await;
    }

    pub fn vk(&self) -> &Double {
        self.world.sandbox.vk()
    }

    pub async fn channel(&self) -> channels::ChannelRow {
        let all = channels::list(&self.world.store, self.company.account).await.expect("listed");
        all.into_iter().find(|one| one.kind == ChannelKind::Vk).expect("connected")
    }

    pub fn person(&self, name: &str) -> i64 {
        let id = next_person();
        self.vk().add_user(User::new(id, name, &phone(id)));
        id
    }

    async fn gets(&self, person: i64, text: &str) -> Message {
        let wanted = |message: &Message| message.text.contains(text);
        self.vk().expect_last(self.group, person, PATIENCE, wanted).await.unwrap_or_else(|seen| panic!("{seen}"))
    }

    /// The person agrees to what is asked, one question after the other.
    async fn agrees(&self, person: i64) {
        for question in ["Разрешаете", "реклам"] {
            self.gets(person, question).await;
            self.vk().press_text(self.group, person, "Согласиться").expect("pressed");
        }
        self.gets(person, "Спасибо").await;
    }

    /// Somebody writes first and says yes to advertising.
    async fn newcomer(&self, name: &str) -> i64 {
        let id = self.person(name);
        self.vk().press_start(self.group, id).expect("started");
        self.agrees(id).await;
        id
    }

    /// People who allowed messages and agreed long ago, of whom the company knows.
    async fn old_friends(&self, many: usize) -> Vec<i64> {
        let people: Vec<i64> = (0..many).map(|_| self.person("Анна")).collect();
        self.vk().open_chats(self.group, people.iter().copied()).expect("allowed");
        let (channel, account, now) = (self.channel().await.id, self.company.account, clock::now());
        let mut tx = self.world.store.begin().await.expect("begun");
        let mut consents = Vec::new();
        for id in &people {
            let draft = Draft {
                first_name: Some(format!("Анна{id}")),
                addresses: vec![NewAddress::chat("vk", &id.to_string(), channel)],
                source: "vk".to_owned(),
                ..Draft::default()
            };
            let contact = contact::create(&mut tx, account, &draft, now).await.expect("a contact").contact;
            consents.push(NewConsent {
                account,
                contact,
                purpose: Purpose::Marketing,
                action: Action::Granted,
                grade: Grade::A,
                wording: None,
                channel: Some(channel),
                evidence: serde_json::json!({ "message": "1" }),
                actor: "contact".to_owned(),
                at: now,
            });
        }
        consent::ledger::record_many(&mut tx, account, &consents, now).await.expect("recorded");
        tx.commit().await.expect("committed");
        people
    }

    /// A campaign through VK to everybody, launched.
    async fn launch(&self, version: VersionId) -> CampaignId {
        let (store, company, now) = (&self.world.store, self.company, clock::now());
        let channel = self.channel().await.id;
        let id = draft::create(store, &company.owner, "Весна", now).await.expect("a draft");
        for change in [
            draft::Change::Template(1, version),
            draft::Change::Audience(Audience::everybody()),
            draft::Change::Channel(1, channel),
            draft::Change::Policy(Launch::default().policy),
        ] {
            draft::edit(store, &company.owner, id, change, now).await.expect("edited");
        }
        approval::submit(store, &company.owner, id, now).await.expect("submitted");
        approval::approve(store, &company.approver, id, now).await.expect("approved");
        company.start(self.world, id).await.expect("launched");
        id
    }

    /// The same, to its end.
    async fn campaign(&self, version: VersionId) -> CampaignId {
        let id = self.launch(version).await;
        self.company.until_state(self.world, id, State::Finished).await;
        self.company.must_balance(self.world, id).await;
        id
    }

    /// How many messages of campaigns somebody got.
    pub fn got(&self, person: i64) -> usize {
        let history = self.vk().history(self.group, person);
        history.iter().filter(|message| message.from_bot && message.text.contains("скидка 10%")).count()
    }

    async fn count(&self, sql: &'static str, value: &str) -> i64 {
        on!(self.world.store.read(), |c| sqlx::query_scalar(sql).bind(value).fetch_one(c).await).expect("counted")
    }

    async fn is_out(&self, person: i64) -> bool {
        const OUT: &str = "select count(*) from contact c join address a on a.contact_id = c.id where a.kind = 'vk' and a.value = $1 \
            and c.opted_out_at is not null";
        self.count(OUT, &person.to_string()).await == 1
    }

    async fn is_blocked(&self, person: i64) -> bool {
        const BLOCKED: &str =
            "select count(*) from suppression where kind = 'vk' and value = $1 and reason = 'blocked' and lifted_at is null";
        self.count(BLOCKED, &person.to_string()).await == 1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_goes_through_vk_and_whoever_stops_is_left_alone() {
    for shape in SHAPES {
        // One is called by VK, the other asks.
        let mut world = World::prepare(shape).await;
        if shape != Shape::One {
            world.be_reachable();
            world.set("MMS_TELEGRAM_MODE", "webhook");
        }
        world.start_all();
        let company = Company::found(&world, 2).await;
        let community = Community::new(&world, &company);
        let owner = Person::new(&world);
        owner.sees("Чтобы начать, войдите").await;
        owner.signs_in(&company).await;
        community.is_connected_by(&owner).await;
        let vk = community.vk();

        // People write first, by the button, or allow messages on a site.
        let mut people = Vec::new();
        for name in ["Анна", "Вера", "Ольга"] {
            people.push(community.newcomer(name).await);
        }
        let writes = community.person("Нина");
        vk.send_text(community.group, writes, "Здравствуйте, пионы есть?").expect("written");
        owner.sees("пионы есть?").await;
        community.agrees(writes).await;
        let allows = community.person("Инна");
        vk.allow(community.group, allows, None).expect("allowed");
        community.agrees(allows).await;
        let [word, button, denies] = people[..] else { panic!("three") };
        let everybody = [word, button, denies, writes, allows];

        let first = community.campaign(company.version).await;
        assert!(everybody.iter().all(|person| community.got(*person) == 1), "each once");
        assert!(company.received(&world).is_empty(), "nobody was written to in Telegram");
        let text = vk.last(community.group, writes).expect("a message").text;
        assert!(text.contains("Нина"), "VK told the name: {text}");

        // Reading the dialogue reads everything in it.
        vk.read(community.group, writes).expect("read");
        until("the receipt to be kept", || async { (company.stats(&world, first).await.numbers.read == 1).then_some(()) }).await;
        let read = "select count(*) from outgoing where address_value = $1 and read_at is null and state = 'sent'";
        assert_eq!(community.count(read, &writes.to_string()).await, 0, "the questions before it are read too");

        vk.send_text(community.group, word, "Больше не пишите мне").expect("written");
        vk.press_text(community.group, button, "Отписаться").expect("pressed");
        vk.deny(community.group, denies).expect("denied");
        until("the stops to be kept", || async { (community.is_out(word).await && community.is_out(button).await).then_some(()) }).await;
        until("the denial to be kept", || async { community.is_blocked(denies).await.then_some(()) }).await;
        community.campaign(company.version).await;
        assert_eq!(everybody.map(|person| community.got(person)), [1, 1, 1, 2, 2]);
        assert_eq!(vk.ledger().refused(901), 0, "nobody who denied was tried");

        // Allowed again, the chat is theirs: what they agreed to still holds.
        vk.allow(community.group, denies, None).expect("allowed");
        until("the denial to be lifted", || async { (!community.is_blocked(denies).await).then_some(()) }).await;
        community.campaign(company.version).await;
        assert_eq!(everybody.map(|person| community.got(person)), [1, 1, 2, 3, 3]);

        // An edited message counts as what it says now.
        let said = vk.send_text(community.group, allows, "Спасибо!").expect("written");
        vk.edit_text(community.group, allows, said, "Отпишите меня от рассылки").expect("edited");
        until("the stop to be kept", || async { community.is_out(allows).await.then_some(()) }).await;
        assert_eq!(vk.communities()[0].given_up, 0);
        let logs = world.logs();
        for secret in [community.key.as_str(), "пионы есть", "Больше не пишите"] {
            assert!(!logs.contains(secret), "`{secret}` in a log");
        }
        world.stop().await;
    }
}

/// A manager answers, the customer reads it, and a personal link tells who they are.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_tells_who_somebody_is_and_a_manager_answers() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let community = Community::new(&world, &company);
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    community.is_connected_by(&owner).await;
    let (vk, channel) = (community.vk(), community.channel().await.id);
    let contact = *company.customers.values().next().expect("a customer");
    let mut tx = world.store.begin().await.expect("begun");
    let made = link::create(&mut tx, company.account, channel, contact, clock::now()).await.expect("a link");
    tx.commit().await.expect("committed");
    let anna = community.person("Анна");
    vk.follow(community.group, anna, &made, Some("site")).expect("followed");
    vk.send_text(community.group, anna, "Когда мой заказ?").expect("written");
    owner.sees("Когда мой заказ?").await;
    let whose: ContactId = on!(world.store.read(), |c| {
        sqlx::query_scalar("select contact_id from address where kind = 'vk' and value = $1").bind(anna.to_string()).fetch_one(c).await
    })
    .expect("the chat is known");
    assert_eq!(whose, contact);
    press(&world, &owner, "Ответить", "Что ответить?").await;
    owner.types("Завтра в обед");
    community.gets(anna, "Завтра в обед").await;
    vk.read(community.group, anna).expect("read");
    until("the receipt to be kept", || async {
        (community.count("select count(*) from outgoing where read_at is not null and purpose = $1", "reply").await == 1).then_some(())
    })
    .await;
    press(&world, &owner, "Переписка", "прочитано").await;
    world.stop().await;
}

/// A batch whose answer was lost is sent once more under the same numbers: nobody gets it twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_a_batch_makes_no_second_message() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 0).await;
        let community = Community::connect(&world, &company).await;
        let people = community.old_friends(120).await;
        let faults = world.sandbox.faults();
        let lost = [Fault::DropAfter, Fault::Gateway { code: 502, accepted: true }, Fault::DropBefore]
            .map(|fault| faults.add(Rule::new(fault).service("vk").method("execute").skip(1).times(1)));
        let campaign = community.campaign(company.version).await;
        assert!(lost.iter().any(|rule| faults.struck(*rule) == Some(1)), "an answer was lost");
        assert!(people.iter().all(|person| community.got(*person) == 1), "each once");
        let numbers = company.stats(&world, campaign).await.numbers;
        assert_eq!((numbers.sent, numbers.uncertain), (120, 0), "{numbers:?}");
        let calls = community.vk().ledger().calls();
        assert!(calls["execute"] < 40, "they went in batches: {calls:?}");

        // The same words for everybody go to a hundred at once; a lost answer there makes no second
        // message either.
        let same = company.template(&world, "Всем скидка 10%! Реклама, {{ advertiser }}").await;
        faults.add(Rule::new(Fault::DropAfter).service("vk").method("messages.send").times(1));
        let before = community.vk().ledger().calls().get("messages.send").copied().unwrap_or_default();
        let campaign = community.campaign(same).await;
        assert!(people.iter().all(|person| community.got(*person) == 2), "each once more");
        assert_eq!(company.stats(&world, campaign).await.numbers.sent, 120);
        let after = community.vk().ledger().calls()["messages.send"] - before;
        assert!(after < 20, "{after} calls");
        world.stop().await;
    }
}

/// A quota that is used up in the middle of a campaign holds the channel for an hour, and nothing
/// is failed for it; after the hour the others get theirs, and nobody twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_quota_used_up_in_the_middle_holds_the_channel_for_an_hour() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 0).await;
        let community = Community::connect(&world, &company).await;
        let people = community.old_friends(30).await;
        community.vk().set(|settings| settings.quota = Some(10));
        let campaign = community.launch(company.version).await;
        let until_when = until("the channel to be held", || async { community.channel().await.held_until }).await;
        let minutes = (until_when - clock::now()).num_minutes();
        assert!((50..=60).contains(&minutes), "{minutes} minutes");
        until("ten to be recorded", || async { (company.stats(&world, campaign).await.numbers.sent == 10).then_some(()) }).await;
        let got = || people.iter().map(|person| community.got(*person)).sum::<usize>();
        assert_eq!(got(), 10);
        let numbers = company.stats(&world, campaign).await.numbers;
        assert_eq!((numbers.failed, numbers.uncertain), (0, 0), "{numbers:?}");
        assert_eq!(company.campaign(&world, campaign).await.state, State::Running);

        // The hour passes for us and for VK.
        const PASS: [&str; 2] = [
            "update channel set held_until = $1 where held_until > $1",
            "update delivery set due_at = $1 where state = 'queued' and due_at > $1",
        ];
        community.vk().set(|settings| settings.quota = None);
        assert_eq!(got(), 10, "not before");
        let mut tx = world.store.begin().await.expect("begun");
        for sql in PASS {
            on!(tx.conn(), |c| sqlx::query(sql).bind(clock::now()).execute(c).await.map(|_| ())).expect("passed");
        }
        tx.commit().await.expect("committed");
        company.until_state(&world, campaign, State::Finished).await;
        company.must_balance(&world, campaign).await;
        assert!(people.iter().all(|person| community.got(*person) == 1), "everybody once");
        world.stop().await;
    }
}

/// VK is cut off in the middle of a campaign, with calls under way of which some were carried out,
/// and is back after ten minutes: nobody is failed for it, everybody gets it, and nobody twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_of_ten_minutes_in_the_middle_loses_nothing_and_repeats_nothing() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 0).await;
        let community = Community::connect(&world, &company).await;
        let people = community.old_friends(120).await;
        let row = community.channel().await;
        let settings = channels::ChannelSettings { rate: Some(40.0), ..row.settings };
        channels::configure(&world.store, &company.owner, row.id, &settings, clock::now()).await.expect("slowed");
        let campaign = community.launch(company.version).await;
        let got = || people.iter().map(|person| community.got(*person)).sum::<usize>();
        until("some to have got it", || async { (got() >= 10).then_some(()) }).await;

        let faults = world.sandbox.faults();
        let lost = faults.add(Rule::new(Fault::DropAfter).service("vk").method("execute").times(1));
        until("an answer to be lost", || async { (faults.struck(lost) == Some(1)).then_some(()) }).await;
        let cut = faults.add(Rule::new(Fault::DropBefore).service("vk"));
        let asked = || community.vk().ledger().calls().get("groups.getById").copied().unwrap_or_default();
        let before = asked();
        until("nothing but harmless questions to be asked", || async { (asked() >= before + 3).then_some(()) }).await;
        let numbers = company.stats(&world, campaign).await.numbers;
        assert!(numbers.failed == 0 && got() < people.len(), "{numbers:?}");
        assert_eq!(company.campaign(&world, campaign).await.state, State::Running);

        // Ten minutes pass.
        let past = clock::now() - chrono::TimeDelta::minutes(10);
        let mut tx = world.store.begin().await.expect("begun");
        for sql in [
            "update delivery set first_tried_at = $1, updated_at = $1 where first_tried_at is not null and state in ('queued', 'sending', 'uncertain')",
            "update delivery set due_at = $1 where state = 'queued'",
            "update delivery set lease_until = $1 where state = 'sending'",
        ] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(past).execute(c).await.map(|_| ())).expect("passed");
        }
        tx.commit().await.expect("committed");
        faults.remove(cut);
        company.until_state(&world, campaign, State::Finished).await;
        company.must_balance(&world, campaign).await;
        assert!(people.iter().all(|person| community.got(*person) == 1), "everybody once");
        let numbers = company.stats(&world, campaign).await.numbers;
        assert_eq!((numbers.sent, numbers.failed, numbers.uncertain), (120, 0, 0), "{numbers:?}");
        world.stop().await;
    }
}

/// A hook with no secret, or another's, leaves nothing; the same one twice is one; the question
/// about the address is answered for the channel's own community alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_with_a_wrong_secret_is_refused_and_a_repeated_one_is_kept_once() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.set("MMS_TELEGRAM_MODE", "webhook");
    world.start_all();
    let company = Company::found(&world, 0).await;
    let community = Community::connect(&world, &company).await;
    let row = community.channel().await;
    let secret = row.hook_secret(&world.sealer).expose()[..50].to_owned();
    let event = |group: i64, id: &str, secret: Option<&str>| {
        let mut event = serde_json::json!({ "type": "message_new", "group_id": group, "event_id": id, "v": "5.199", "object": { "message": {
            "id": 1, "date": 1_780_000_100, "peer_id": 123_456, "from_id": 123_456, "conversation_message_id": 1, "out": 0, "text": "Здравствуйте" } } });
        if let Some(secret) = secret {
            event["secret"] = secret.into();
        }
        event.to_string()
    };
    let base = world.setting("MMS_PUBLIC_URL").to_owned();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = async |channel: ChannelId, body: String| {
        let answer = client.post(format!("{base}/hooks/vk/{channel}")).body(body).send().await.expect("it answers");
        (answer.status().as_u16(), answer.text().await.expect("words"))
    };
    let kept = async || community.count("select count(*) from inbound where source_kind = $1", "channel").await;
    let (ours, own) = (row.id, community.group);
    let good = event(own, "a", Some(&secret));
    let (no, none) = ((401, String::new()), String::new);
    assert_eq!(post(ours, event(own, "a", None)).await, no, "without a secret");
    assert_eq!(post(ours, event(own, "a", Some("another"))).await, no, "forged");
    assert_eq!(post(ours, event(own, "a", Some(&secret[..49]))).await, no, "a part of it");
    assert_eq!(post(ours, good[..good.len() - 1].to_owned()).await, no, "truncated");
    assert_eq!(post(ours, " ".repeat(1024 * 1024 + 1)).await, (413, none()), "larger than any");
    assert_eq!(post(ChannelId::new(), good.clone()).await, no, "of a channel that is not there");
    assert_eq!(post(company.channel, good.clone()).await, no, "of a channel of another messenger");
    assert_eq!(kept().await, 0, "nothing is kept of them");
    // Another company's community, with the secret of ours.
    let other = Company::found(&world, 0).await;
    let theirs = Community::connect(&world, &other).await;
    for group in [theirs.group, 5] {
        assert_eq!(post(ours, event(group, "b", Some(&secret))).await, (200, "ok".to_owned()));
    }
    assert_eq!(kept().await, 0, "it is nobody's here");
    for _ in 0..2 {
        assert_eq!(post(ours, good.clone()).await, (200, "ok".to_owned()));
        assert_eq!(kept().await, 1, "the same one is one");
    }
    let stored: String = on!(world.store.read(), |c| sqlx::query_scalar("select payload from inbound").fetch_one(c).await).expect("kept");
    assert!(!stored.contains(&secret), "the secret is kept nowhere");
    let asked = |group: i64| serde_json::json!({ "type": "confirmation", "group_id": group }).to_string();
    let (status, word) = post(ours, asked(own)).await;
    assert_eq!((status, word.len()), (200, 8), "the confirmation string alone: {word}");
    assert_eq!(post(ours, asked(theirs.group)).await, no, "of another community");
    assert_eq!(kept().await, 1);
    world.stop().await;
}

/// An answer was lost for longer than VK knows its number: the dialogue is read, and what is there
/// was sent. VK is busy when it is asked first: that says nothing of the message.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_for_more_than_an_hour_is_found_in_the_dialogue() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 0).await;
    let community = Community::connect(&world, &company).await;
    let people = community.old_friends(3).await;
    let faults = world.sandbox.faults();
    // Accepted and lost, and then nothing goes for more than an hour.
    let lost = faults.add(Rule::new(Fault::Gateway { code: 502, accepted: true }).service("vk").method("execute").times(1));
    let closed = Fault::Error { code: 32, description: String::new(), retry_after: None };
    let closed = faults.add(Rule::new(closed).service("vk").method("execute").skip(1));
    let alone = faults.add(Rule::new(Fault::DropBefore).service("vk").method("messages.send"));
    let campaign = community.launch(company.version).await;
    until("the answer to be lost", || async { (faults.struck(lost) == Some(1)).then_some(()) }).await;
    const TRIED: &str = "update delivery set first_tried_at = $1 where state = 'queued' and reason = 'repeat'";
    until("an hour to pass", || async {
        let mut tx = world.store.begin().await.expect("begun");
        let before = clock::now() - chrono::TimeDelta::hours(2);
        let aged = on!(tx.conn(), |c| sqlx::query(TRIED).bind(before).execute(c).await.map(|done| done.rows_affected())).expect("aged");
        tx.commit().await.expect("committed");
        (aged == 3).then_some(())
    })
    .await;
    let busy = faults.add(Rule::new(Fault::Gateway { code: 502, accepted: false }).service("vk").method("messages.getHistory").times(2));
    faults.remove(closed);
    faults.remove(alone);
    // Who was not told of is asked for again half a minute later: it passes at once here.
    const SOON: &str = "update delivery set due_at = $1 where state = 'queued' and due_at > $1";
    until("the dialogues to be read", || async {
        let mut tx = world.store.begin().await.expect("begun");
        on!(tx.conn(), |c| sqlx::query(SOON).bind(clock::now()).execute(c).await.map(|_| ())).expect("due");
        tx.commit().await.expect("committed");
        (company.stats(&world, campaign).await.numbers.sent == 3).then_some(())
    })
    .await;
    assert_eq!(faults.struck(busy), Some(2));
    company.until_state(&world, campaign, State::Finished).await;
    company.must_balance(&world, campaign).await;
    let numbers = company.stats(&world, campaign).await.numbers;
    assert_eq!((numbers.sent, numbers.uncertain), (3, 0), "{numbers:?}");
    assert!(people.iter().all(|person| community.got(*person) == 1), "each once");
    assert!(community.vk().ledger().calls()["messages.getHistory"] >= 3);
    world.stop().await;
}

/// VK is slow to be asked: nothing here waits longer than it must.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_told_in_time_keeps_nobodys_words_waiting() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 0).await;
    let community = Community::connect(&world, &company).await;
    world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 60_000 }).service("vk").method("users.get"));
    let anna = community.person("Анна");
    community.vk().send_text(community.group, anna, "Здравствуйте").expect("written");
    community.gets(anna, "Разрешаете").await;
    world.stop().await;
}
