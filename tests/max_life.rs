//! MAX as a channel, with real processes: people start the bot and agree, a campaign goes there and
//! is read back where its answer is lost, whoever stops is left alone, by word, button and block.

use std::time::Duration;

use mms_core::{
    campaign::{Audience, NextOn, State, approval, draft},
    channel::{ChannelKind, store as channels},
    clock,
    config::Endpoints,
    delivery::People,
    id::{CampaignId, ChannelId, ContactId},
    on,
    secret::Secret,
};
use mms_sandbox::{
    User,
    fault::{Fault, Rule},
    max::Rates,
};

use crate::harness::{Company, Launch, Shape, World, next_id, phone, until};

const PATIENCE: Duration = Duration::from_secs(30);
const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// A bot of MAX beside a company's bot of Telegram.
pub struct Max<'a> {
    world: &'a World,
    company: &'a Company,
    pub channel: ChannelId,
    pub bot: i64,
}

impl<'a> Max<'a> {
    pub async fn connect(world: &'a World, company: &'a Company) -> Self {
        let (bot, token) = (next_id(), format!("mAx-{}", mms_core::secret::token(24)));
        world.sandbox.max().add_bot(bot, &token, &format!("romashka_{bot}_bot")).expect("a bot");
        let endpoints = Endpoints { max: world.sandbox.max().url().to_owned(), ..Endpoints::default() };
        let settings = channels::ChannelSettings {
            mode: if world.is_reachable() { channels::Mode::Webhook } else { channels::Mode::Polling },
            ..channels::ChannelSettings::default()
        };
        let (store, sealer) = (&world.store, &world.sealer);
        let added =
            channels::add(store, sealer, &endpoints, &company.owner, ChannelKind::Max, Secret::new(token), settings, clock::now()).await;
        let max = Self { world, company, channel: added.expect("a channel").id, bot };
        if world.is_reachable() {
            // What comes before the webhook is there waits for whoever asks, and nobody does.
            until("the webhook to be there", || async {
                let bots = world.sandbox.max().bots();
                bots.iter().any(|one| one.id == bot && !one.subscriptions.is_empty()).then_some(())
            })
            .await;
        }
        max
    }

    /// Somebody starts the bot and says yes to advertising.
    async fn newcomer(&self, name: &str) -> i64 {
        let (id, max) = (next_id(), self.world.sandbox.max());
        max.add_user(User::new(id, name, &phone(id)));
        max.press_start(self.bot, id, None).expect("started");
        for question in ["Разрешаете", "реклам"] {
            let asked = |message: &mms_sandbox::max::Message| message.text.contains(question) && message.button("Согласиться").is_some();
            max.expect_last(self.bot, id, PATIENCE, asked).await.unwrap_or_else(|seen| panic!("{seen}"));
            max.press_text(self.bot, id, "Согласиться").expect("pressed");
        }
        let agreed = "select count(*) from contact c join address a on a.contact_id = c.id where a.kind = 'max' and a.value = $1 \
            and c.marketing_grade is not null";
        let chat = max.chat_id(self.bot, id).to_string();
        until("the yes to be kept", || async {
            let n: i64 = on!(self.world.store.read(), |c| sqlx::query_scalar(agreed).bind(&chat).fetch_one(c).await).expect("counted");
            (n == 1).then_some(())
        })
        .await;
        id
    }

    /// A campaign through MAX to everybody, to its end.
    async fn campaign(&self) -> CampaignId {
        let (store, company, now) = (&self.world.store, self.company, clock::now());
        let id = draft::create(store, &company.owner, "Весна", now).await.expect("a draft");
        for change in [
            draft::Change::Template(1, company.version),
            draft::Change::Audience(Audience::everybody()),
            draft::Change::Channel(1, self.channel),
            draft::Change::Policy(Launch::default().policy),
        ] {
            draft::edit(store, &company.owner, id, change, now).await.expect("edited");
        }
        approval::submit(store, &company.owner, id, now).await.expect("submitted");
        approval::approve(store, &company.approver, id, now).await.expect("approved");
        company.start(self.world, id).await.expect("launched");
        company.until_state(self.world, id, State::Finished).await;
        company.must_balance(self.world, id).await;
        id
    }

    /// How many messages of the campaign somebody got.
    pub fn got(&self, person: i64) -> usize {
        let history = self.world.sandbox.max().history(self.bot, person);
        history.iter().filter(|message| message.from_bot && message.text.contains("скидка 10%")).count()
    }

    /// Whether somebody's contact is out of all advertising.
    async fn is_out(&self, person: i64) -> bool {
        let chat = self.world.sandbox.max().chat_id(self.bot, person).to_string();
        let sql = "select count(*) from contact c join address a on a.contact_id = c.id where a.kind = 'max' and a.value = $1 \
            and c.opted_out_at is not null";
        on!(self.world.store.read(), |c| sqlx::query_scalar::<_, i64>(sql).bind(&chat).fetch_one(c).await).expect("counted") == 1
    }

    async fn contact_of(&self, person: i64) -> Option<ContactId> {
        let chat = self.world.sandbox.max().chat_id(self.bot, person).to_string();
        let sql = "select contact_id from address where kind = 'max' and value = $1 and contact_id is not null";
        on!(self.world.store.read(), |c| sqlx::query_scalar(sql).bind(&chat).fetch_optional(c).await).expect("found")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_goes_through_max_and_whoever_stops_is_left_alone() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 2).await;
        let max = Max::connect(&world, &company).await;
        let sandbox = world.sandbox.max();
        let mut people = Vec::new();
        for name in ["Анна", "Вера", "Ольга", "Нина"] {
            people.push(max.newcomer(name).await);
        }
        let [word, button, blocks, stays] = people[..] else { panic!("four") };
        max.campaign().await;
        assert!(people.iter().all(|person| max.got(*person) == 1), "each once");
        assert_eq!(world.sandbox.ledger().len(), 0, "nobody was written to in Telegram");
        let text = sandbox.last(max.bot, stays).expect("a message").text;
        assert!(text.contains("Нина"), "{text}");

        sandbox.send_text(max.bot, word, "Больше не пишите мне").expect("written");
        sandbox.press_text(max.bot, button, "Отписаться").expect("pressed");
        sandbox.block(max.bot, blocks).expect("blocked");
        until("the stops to be kept", || async { (max.is_out(word).await && max.is_out(button).await).then_some(()) }).await;
        until("the block to be kept", || async {
            let sql = "select count(*) from suppression where kind = 'max' and reason = 'blocked'";
            let n: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql).fetch_one(c).await).expect("counted");
            (n == 1).then_some(())
        })
        .await;
        max.campaign().await;
        assert_eq!(people.iter().map(|person| max.got(*person)).collect::<Vec<_>>(), [1, 1, 1, 2]);
        assert_eq!(sandbox.ledger().refused(403), 0, "nobody who blocked the bot was tried");

        // Started anew, the chat is theirs again: what they agreed to still holds.
        sandbox.press_start(max.bot, blocks, None).expect("started");
        until("the block to be lifted", || async {
            let sql = "select count(*) from suppression where kind = 'max' and reason = 'blocked' and lifted_at is null";
            let n: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql).fetch_one(c).await).expect("counted");
            (n == 0).then_some(())
        })
        .await;
        max.campaign().await;
        assert_eq!(people.iter().map(|person| max.got(*person)).collect::<Vec<_>>(), [1, 1, 2, 3]);
        world.stop().await;
    }
}

/// A call whose answer was lost is looked for in the dialogue: it was sent, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_max_is_found_in_the_dialogue() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 0).await;
    let max = Max::connect(&world, &company).await;
    let person = max.newcomer("Анна").await;
    let lost = world.sandbox.faults().add(Rule::new(Fault::DropAfter).service("max").method("POST /messages").times(1));
    let campaign = max.campaign().await;
    assert_eq!(world.sandbox.faults().struck(lost), Some(1), "an answer was lost");
    assert_eq!(max.got(person), 1);
    let numbers = company.stats(&world, campaign).await.numbers;
    assert_eq!((numbers.sent, numbers.uncertain), (1, 0), "{numbers:?}");
    world.stop().await;
}

/// One campaign, two messengers, each person once: whom MAX refuses is written to in Telegram, and
/// so is whoever has no chat there.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_reached_in_max_is_written_to_in_telegram() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 3).await;
        let max = Max::connect(&world, &company).await;
        let sandbox = world.sandbox.max();
        let mut people = Vec::new();
        for (telegram, contact) in company.customers.iter().take(2) {
            let id = next_id();
            sandbox.add_user(User::new(id, "Анна", &phone(*telegram)));
            sandbox.press_start(max.bot, id, None).expect("started");
            until("the chat to be known", || async { max.contact_of(id).await }).await;
            sandbox.share_contact(max.bot, id).expect("shared");
            until("the two to be one", || async { (max.contact_of(id).await == Some(*contact)).then_some(()) }).await;
            people.push((id, *telegram));
        }
        let [(fine, fine_telegram), (refused, refused_telegram)] = people[..] else { panic!("two") };
        let last = *company.customers.keys().nth(2).expect("three");

        let (store, now) = (&world.store, clock::now());
        let id = draft::create(store, &company.owner, "Весна", now).await.expect("a draft");
        let further = draft::Change::AddStep {
            next_on: NextOn::Undelivered,
            wait: chrono::TimeDelta::minutes(5),
            channel: Some(company.channel),
            version: Some(company.version),
        };
        let audience = draft::Change::Audience(Audience::everybody());
        for change in [draft::Change::Template(1, company.version), audience, draft::Change::Channel(1, max.channel), further] {
            draft::edit(store, &company.owner, id, change, now).await.expect("edited");
        }
        let denied = Fault::Error { code: 403, description: "chat.denied: Key: error.dialog.suspended".to_owned(), retry_after: None };
        world.sandbox.faults().add(Rule::new(denied).service("max").method("POST /messages").chat(refused));
        approval::submit(store, &company.owner, id, now).await.expect("submitted");
        approval::approve(store, &company.approver, id, now).await.expect("approved");
        company.start(&world, id).await.expect("launched");
        company.until_state(&world, id, State::Finished).await;
        company.must_balance(&world, id).await;

        assert_eq!([max.got(fine), max.got(refused)], [1, 0]);
        let telegram = company.received(&world);
        let got = [fine_telegram, refused_telegram, last].map(|chat| telegram.get(&chat).copied().unwrap_or(0));
        assert_eq!(got, [0, 1, 1], "each person once");
        let numbers = company.stats(&world, id).await.numbers;
        let people = People { reached: 3, ..People::default() };
        assert_eq!((numbers.audience, numbers.planned, numbers.people), (3, 4, people), "{numbers:?}");
        world.stop().await;
    }
}

/// A phone that MAX proves joins the chat to the customer who has it; one that it does not prove
/// joins nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_proved_phone_is_the_same_person_in_two_messengers() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 2).await;
    let max = Max::connect(&world, &company).await;
    let sandbox = world.sandbox.max();
    let mut customers = company.customers.iter();
    let (first, second) = (customers.next().expect("one"), customers.next().expect("two"));
    let mut people = Vec::new();
    for (telegram, _) in [first, second] {
        let id = next_id();
        sandbox.add_user(User::new(id, "Анна", &phone(*telegram)));
        sandbox.press_start(max.bot, id, None).expect("started");
        people.push(id);
        until("the chat to be known", || async { max.contact_of(id).await }).await;
    }
    sandbox.share_contact(max.bot, people[0]).expect("shared");
    until("the two to be one", || async { (max.contact_of(people[0]).await == Some(*first.1)).then_some(()) }).await;
    sandbox.share_contact_of(max.bot, people[1], &phone(*second.0), "Чужой", Some(people[0])).expect("shared");
    sandbox.send_text(max.bot, people[1], "это мой номер").expect("written");
    until("the words to be read", || async {
        let sql = "select count(*) from chat_message where body = $1";
        let n: i64 = on!(world.store.read(), |c| sqlx::query_scalar(sql).bind("это мой номер").fetch_one(c).await).expect("counted");
        (n == 1).then_some(())
    })
    .await;
    assert_ne!(max.contact_of(people[1]).await, Some(*second.1), "a card of somebody else's proves nothing");
    world.stop().await;
}

/// Presses used to be answered all at once, and MAX refuses what is more than two a second in a
/// dialogue: the person's client went on waiting.
#[tokio::test(flavor = "multi_thread")]
async fn presses_in_one_dialogue_are_answered_at_its_pace() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 0).await;
    let max = Max::connect(&world, &company).await;
    let (person, sandbox) = (max.newcomer("Анна").await, world.sandbox.max());
    let last = sandbox.last(max.bot, person).expect("a message").id;
    let answered = async |presses: &[String]| {
        until("every press to be answered", || async { presses.iter().all(|press| sandbox.answer(press).is_some()).then_some(()) }).await;
    };
    let press = || sandbox.press_data(max.bot, person, &last, Some("outdated")).expect("pressed");
    let presses: Vec<String> = (0..6).map(|_| press()).collect();
    answered(&presses).await;
    assert_eq!(sandbox.ledger().refused(429), 0, "{:?}", sandbox.ledger().refusals());
    // A provider that takes less than it says is asked again after the wait.
    sandbox.set_rates(Rates { per_dialogue: Some(1.0), burst: 1, retry_after: Some(1), ..Rates::default() });
    let presses: Vec<String> = (0..4).map(|_| press()).collect();
    answered(&presses).await;
    assert!(sandbox.ledger().refused(429) > 0, "it refused some of them");
    world.stop().await;
}

/// The pace of a bot of MAX is found out, and a refusal for it is remembered with the channel.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_the_pace_lowers_it_and_is_remembered() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 0).await;
    let max = Max::connect(&world, &company).await;
    for name in ["Анна", "Борис"] {
        max.newcomer(name).await;
    }
    let found = async || channels::find(&world.store, max.channel).await.expect("read").expect("there").found_rate;
    until("the turn to be over", || async { (found().await == Some(10.0)).then_some(()) }).await;
    let limited = Fault::TooManyRequests { retry_after: 1 };
    let refused = world.sandbox.faults().add(Rule::new(limited).service("max").method("POST /messages").times(1));
    let mut tx = world.store.begin().await.expect("begun");
    let faster = "update channel set found_rate = 20, lease_token = lease_token + 1 where id = $1";
    on!(tx.conn(), |c| sqlx::query(faster).bind(max.channel).execute(c).await.map(|_| ())).expect("faster");
    tx.commit().await.expect("committed");
    let campaign = max.campaign().await;
    assert_eq!(world.sandbox.faults().struck(refused), Some(1));
    until("what was found out to be kept", || async { (found().await == Some(15.0)).then_some(()) }).await;
    assert_eq!(company.stats(&world, campaign).await.numbers.sent, 2);
    world.stop().await;
}
