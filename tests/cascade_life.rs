//! One campaign of five steps over five messengers, with real processes: VK, Viber, WhatsApp, MAX,
//! Telegram. Everybody is known by five addresses, and everything that can become of a message
//! becomes of one: read, not read, not arrived, refused, taken and lost, read too late, «стоп»
//! while the next one is in flight. The books balance, and nobody is written to by a step that was
//! claimed after they had read an earlier one.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use mms_core::{
    campaign::{Audience, NextOn, State, approval, draft},
    channel::store as channels,
    clock,
    config::Endpoints,
    contact::{self, NewAddress},
    delivery::People,
    id::{CampaignId, ChannelId, ContactId, VersionId},
    on,
    template::provider::standing,
};
use mms_sandbox::{
    User,
    fault::{Fault, Rule},
};

use crate::{
    harness::{Company, Shape, World, next_id, phone, until},
    max_life::Max,
    viber_life::Bot,
    vk_life::Community,
    whatsapp_life::Number,
};

/// One person in five messengers.
#[derive(Debug, Clone, Copy)]
struct Somebody {
    contact: ContactId,
    vk: i64,
    viber: i64,
    whatsapp: i64,
    max: i64,
    telegram: i64,
}

/// A company with a sender in each messenger.
struct Five<'a> {
    world: &'a World,
    company: &'a Company,
    vk: Community<'a>,
    viber: Bot<'a>,
    whatsapp: Number<'a>,
    max: Max<'a>,
    /// Step by step.
    channels: [ChannelId; 5],
}

impl<'a> Five<'a> {
    async fn connect(world: &'a World, company: &'a Company) -> Self {
        let vk = Community::connect(world, company).await;
        let (viber, viber_channel) = Bot::connect(world, company).await;
        let (whatsapp, whatsapp_channel) = Number::connect(world, company).await;
        let max = Max::connect(world, company).await;
        let channels = [vk.channel().await.id, viber_channel, whatsapp_channel, max.channel, company.channel];
        Self { world, company, vk, viber, whatsapp, max, channels }
    }

    /// A customer of Telegram is known in the four others, too.
    async fn know(&self, (telegram, contact): (i64, ContactId)) -> Somebody {
        let sandbox = &self.world.sandbox;
        let (vk, viber, whatsapp) = (self.vk.person("Анна"), self.viber.customer("Анна"), self.whatsapp.customer("Анна"));
        let max = next_id();
        sandbox.max().add_user(User::new(max, "Анна", &phone(max)));
        sandbox.vk().open_chats(self.vk.group, [vk]).expect("allowed");
        sandbox.viber().open_chats(self.viber.id, [viber]).expect("subscribed");
        sandbox.max().open_chats(self.max.bot, [max]).expect("started");
        let [of_vk, of_viber, of_whatsapp, of_max, _] = self.channels;
        let addresses = [
            NewAddress::chat("vk", &vk.to_string(), of_vk),
            NewAddress::chat("viber", &self.viber.address(viber), of_viber),
            NewAddress::chat("whatsapp", &sandbox.whatsapp().user_id(self.whatsapp.id, whatsapp).expect("an id"), of_whatsapp),
            NewAddress::chat("max", &sandbox.max().chat_id(self.max.bot, max).to_string(), of_max),
        ];
        let mut tx = self.world.store.begin().await.expect("begun");
        for address in &addresses {
            let theirs = contact::attach_address(&mut tx, self.company.account, contact, address, clock::now()).await.expect("attached");
            assert_eq!(theirs, Ok(true), "{address:?}");
        }
        tx.commit().await.expect("committed");
        Somebody { contact, vk, viber, whatsapp, max, telegram }
    }

    /// The template of the third step, approved by WhatsApp.
    async fn template(&self) -> VersionId {
        let body = "Здравствуйте, {{ first_name }}! {{ advertiser }}: скидка 10% до конца недели.";
        let version = self.company.template(self.world, body).await;
        let (world, channel) = (self.world, self.channels[2]);
        let endpoints = Endpoints { whatsapp: self.whatsapp.endpoint(), ..Endpoints::default() };
        standing::hand_in(&world.store, &world.sealer, &endpoints, &self.company.owner, channel, version, clock::now())
            .await
            .expect("handed in");
        let there = world.sandbox.whatsapp().templates();
        world.sandbox.whatsapp().approve(there.first().expect("a template").id).expect("approved");
        until("the template to be approved", || async {
            let row = standing::one(&world.store, self.company.account, channel, version).await.expect("read")?;
            (row.state == mms_core::channel::ReviewState::Approved).then_some(())
        })
        .await;
        version
    }

    /// Hands in, approves and launches the campaign to everybody.
    async fn launch(&self) -> CampaignId {
        let version = self.template().await;
        let (store, company, now) = (&self.world.store, self.company, clock::now());
        let id = draft::create(store, &company.owner, "Весна", now).await.expect("a draft");
        let [first, viber, whatsapp, max, telegram] = self.channels;
        let mut changes = vec![
            draft::Change::Template(1, company.version),
            draft::Change::Audience(Audience::everybody()),
            draft::Change::Channel(1, first),
        ];
        // What is asked of the step before, and through what the next one goes.
        for (next_on, channel, version) in [
            (NextOn::Unread, viber, company.version),
            (NextOn::Unread, whatsapp, version),
            (NextOn::Undelivered, max, company.version),
            (NextOn::Never, telegram, company.version),
        ] {
            let wait = if next_on == NextOn::Never { TimeDelta::zero() } else { TimeDelta::minutes(30) };
            changes.push(draft::Change::AddStep { next_on, wait, channel: Some(channel), version: Some(version) });
        }
        for change in changes {
            draft::edit(store, &company.owner, id, change, now).await.expect("edited");
        }
        approval::submit(store, &company.owner, id, now).await.expect("submitted");
        approval::approve(store, &company.approver, id, now).await.expect("approved");
        company.start(self.world, id).await.expect("launched");
        id
    }

    /// Everybody's message of a step: its state and reason.
    async fn step(&self, id: CampaignId, step: i16) -> BTreeMap<ContactId, (String, Option<String>)> {
        const ROWS: &str = "select contact_id, state, reason from delivery where campaign_id = $1 and step = $2 and planned";
        let rows: Vec<(ContactId, String, Option<String>)> =
            on!(self.world.store.read(), |c| sqlx::query_as(ROWS).bind(id).bind(step).fetch_all(c).await).expect("rows");
        rows.into_iter().map(|(contact, state, reason)| (contact, (state, reason))).collect()
    }

    /// Waits until the messages of a step are these, of these people and nobody else.
    async fn until_step(&self, id: CampaignId, step: i16, wanted: &[(Somebody, &str)]) {
        let wanted: BTreeMap<ContactId, &str> = wanted.iter().map(|(who, state)| (who.contact, *state)).collect();
        let seen = std::sync::Mutex::new(BTreeMap::new());
        let reached = async {
            until("the step to be", || async {
                let rows = self.step(id, step).await;
                let same = rows.len() == wanted.len() && rows.iter().all(|(who, (state, _))| wanted.get(who) == Some(&state.as_str()));
                *seen.lock().expect("unpoisoned") = rows;
                same.then_some(())
            })
            .await;
        };
        if tokio::time::timeout(crate::harness::PATIENCE * 2 / 3, reached).await.is_err() {
            panic!("step {step} is {:?}, not {wanted:?}", seen.lock().expect("unpoisoned"));
        }
    }

    /// The time in which the messages of a step may be read has passed.
    async fn waits_pass(&self, id: CampaignId, step: i16) {
        const AGE: &str = "update delivery set deadline_at = $3, sent_at = $3, first_tried_at = $3 \
            where campaign_id = $1 and step = $2 and deadline_at is not null";
        let mut tx = self.world.store.begin().await.expect("begun");
        let past = clock::now() - TimeDelta::hours(1);
        on!(tx.conn(), |c| sqlx::query(AGE).bind(id).bind(step).bind(past).execute(c).await.map(|_| ())).expect("aged");
        tx.commit().await.expect("committed");
    }

    /// How many messages of the campaign somebody was given, messenger by messenger.
    fn got(&self, who: Somebody) -> [usize; 5] {
        let taken = self.world.sandbox.whatsapp().accepted(self.whatsapp.id, who.whatsapp);
        let telegram = self.company.received(self.world).get(&who.telegram).copied().unwrap_or(0);
        [
            self.vk.got(who.vk),
            self.viber.got(who.viber, "скидка 10%"),
            taken.iter().filter(|message| message.shown.text.contains("скидка 10%")).count(),
            self.max.got(who.max),
            usize::try_from(telegram).expect("few"),
        ]
    }
}

async fn five_steps_and_every_outcome(shape: Shape) {
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 10).await;
    let five = Five::connect(&world, &company).await;
    let sandbox = &world.sandbox;
    let (vk, viber, whatsapp) = (sandbox.vk(), sandbox.viber(), sandbox.whatsapp());
    let mut known: Vec<(i64, ContactId)> = company.customers.iter().map(|(telegram, contact)| (*telegram, *contact)).collect();
    let (alone, alone_contact) = known.pop().expect("ten");
    let mut people = Vec::new();
    for one in known {
        people.push(five.know(one).await);
    }
    let [reads, second, refused, offline, withheld, early, stops, late, max] = people[..] else { panic!("nine") };

    // What becomes of whom.
    vk.set_trouble(five.vk.group, refused.vk, Some(901)).expect("refused by VK");
    viber.set_trouble(five.viber.id, stops.viber, Some(5)).expect("refused by Viber");
    for who in [offline, stops, max] {
        whatsapp.set_online(who.whatsapp, false).expect("switched off");
    }
    let faults = sandbox.faults();
    let no_news = faults.add(Rule::new(Fault::WithholdUpdate).service("viber").chat(withheld.viber));
    let lost = faults.add(Rule::new(Fault::DropAfter).service("whatsapp").method("messages").chat(early.whatsapp).times(1));
    let denied = || Fault::Error { code: 403, description: "chat.denied: Key: error.dialog.suspended".to_owned(), retry_after: None };
    faults.add(Rule::new(Fault::Latency { ms: 4_000 }).service("max").method("POST /messages").chat(stops.max));
    for who in [offline, stops] {
        faults.add(Rule::new(denied()).service("max").method("POST /messages").chat(who.max));
    }

    let id = five.launch().await;

    // First VK. Who has only Telegram begins at the end.
    let all_sent = [reads, second, offline, withheld, early, stops, late, max].map(|who| (who, "sent"));
    let refused_first = [(refused, "failed")];
    let first: Vec<_> = all_sent.into_iter().chain(refused_first).collect();
    five.until_step(id, 1, &first).await;
    channels::pause(&world.store, &company.owner, five.channels[1], clock::now()).await.expect("paused");
    vk.read(five.vk.group, reads.vk).expect("read");
    let read_first: Vec<_> = first.iter().map(|(who, state)| (*who, if who.vk == reads.vk { "read" } else { *state })).collect();
    five.until_step(id, 1, &read_first).await;
    five.waits_pass(id, 1).await;

    // Then Viber, which waits: somebody reads in VK what the next step would have repeated.
    let to_viber = [second, refused, offline, withheld, early, stops, late, max];
    let state_of = |who: Somebody, rows: &BTreeMap<ContactId, (String, Option<String>)>| rows.get(&who.contact).cloned();
    until("the second step to be made", || async { (five.step(id, 2).await.len() == to_viber.len()).then_some(()) }).await;
    vk.read(five.vk.group, late.vk).expect("read");
    until("the step that is needless to be taken back", || async {
        let rows = five.step(id, 2).await;
        (state_of(late, &rows) == Some(("cancelled".to_owned(), Some("reached".to_owned())))).then_some(())
    })
    .await;
    channels::resume(&world.store, &company.owner, five.channels[1], clock::now()).await.expect("resumed");
    let viber_rows = |read: &'static str| {
        vec![
            (second, read),
            (refused, read),
            (offline, "delivered"),
            (withheld, "sent"),
            (early, "delivered"),
            (stops, "failed"),
            (late, "cancelled"),
            (max, "delivered"),
        ]
    };
    five.until_step(id, 2, &viber_rows("delivered")).await;
    for who in [second, refused, withheld] {
        viber.read(five.viber.id, who.viber).expect("read");
    }
    five.until_step(id, 2, &viber_rows("read")).await;
    five.until_step(id, 3, &[(stops, "sent")]).await;
    five.waits_pass(id, 2).await;

    // Then WhatsApp. The news of one of its messages come before our own record of it.
    five.until_step(id, 3, &[(stops, "sent"), (offline, "sent"), (max, "sent"), (withheld, "delivered"), (early, "delivered")]).await;
    assert_eq!(faults.struck(lost), Some(1), "an answer was lost");
    // Viber tells at last what was read long ago.
    faults.remove(no_news);
    let told = viber.told(five.viber.id).len();
    viber.redeliver(five.viber.id, told).expect("told again");
    until("the late news to be kept", || async {
        (state_of(withheld, &five.step(id, 2).await).is_some_and(|(state, _)| state == "read")).then_some(())
    })
    .await;
    five.waits_pass(id, 3).await;

    // Then MAX. Whoever says stop meanwhile gets nothing after what is in flight.
    until("a message to be in flight", || async {
        (state_of(stops, &five.step(id, 4).await).is_some_and(|(state, _)| state == "sending")).then_some(())
    })
    .await;
    vk.send_text(five.vk.group, stops.vk, "стоп").expect("written");
    until("the stop to be kept", || async {
        const OUT: &str = "select count(*) from contact where id = $1 and opted_out_at is not null";
        let n: i64 = on!(world.store.read(), |c| sqlx::query_scalar(OUT).bind(stops.contact).fetch_one(c).await).expect("counted");
        (n == 1).then_some(())
    })
    .await;
    five.until_step(id, 4, &[(offline, "failed"), (stops, "failed"), (max, "sent")]).await;

    company.until_state(&world, id, State::Finished).await;
    company.must_balance(&world, id).await;
    let nothing = [0; 5];
    for (who, what, wanted) in [
        (reads, "who read the first message", [1, 0, 0, 0, 0]),
        (late, "who read it before the second was claimed", [1, 0, 0, 0, 0]),
        (second, "who read the second", [1, 1, 0, 0, 0]),
        (refused, "whom VK refused", [0, 1, 0, 0, 0]),
        (withheld, "whose receipts came late", [1, 1, 1, 0, 0]),
        (early, "whose receipts came early", [1, 1, 1, 0, 0]),
        (max, "whom MAX reached", [1, 1, 1, 1, 0]),
        (stops, "who said stop", [1, 0, 1, 0, 0]),
        (offline, "whom Telegram reached", [1, 1, 1, 0, 1]),
    ] {
        assert_eq!(five.got(who), wanted, "{what}");
        assert_ne!(five.got(who), nothing);
    }
    let received = company.received(&world);
    assert_eq!((received.get(&alone), received.len()), (Some(&1), 2), "Telegram alone");
    assert_eq!(five.step(id, 5).await.get(&alone_contact).map(|(state, _)| state.as_str()), Some("sent"));

    // Of people and of steps.
    let numbers = company.stats(&world, id).await.numbers;
    assert_eq!((numbers.audience, numbers.people), (10, People { reached: 10, ..People::default() }), "{numbers:?}");
    // No step was claimed after an earlier one had been read, but for the one of which it was not
    // known yet.
    const AFTER: &str = "select d.contact_id from delivery d join delivery e on e.campaign_id = d.campaign_id \
        and e.contact_id = d.contact_id and e.step < d.step where d.campaign_id = $1 and d.sent_at is not null \
        and e.read_at < d.first_tried_at";
    let after: Vec<ContactId> = on!(world.store.read(), |c| sqlx::query_scalar(AFTER).bind(id).fetch_all(c).await).expect("read");
    assert_eq!(after, [withheld.contact]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_steps_and_every_outcome_on_sqlite() {
    five_steps_and_every_outcome(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_steps_and_every_outcome_on_postgresql_and_redis() {
    five_steps_and_every_outcome(Shape::Apart { workers: 2 }).await;
}
