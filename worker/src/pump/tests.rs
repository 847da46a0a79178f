#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mms_core::{
    both,
    channel::{lease, store as channels},
    clock,
    config::Endpoints,
    delivery::{
        State,
        books::{Books, books},
        claim::{self, Claim},
        fixture::{Fixture, TOKEN, sealer},
        outcome::{Outcome, Verdict},
        sheet::Sheet,
    },
    id::CampaignId,
    on,
    queue::{Line as QueueLine, Queue},
    store::Store,
};
use mms_sandbox::{Fault, Rates, Rule, Sandbox, User};
use tokio::sync::mpsc;

use super::{
    flight::LandedOutcome,
    renderer::{self, Batch},
    run,
    turn::{Campaign, Turn, Upload},
};
use crate::Deps;

mod about;
mod batches;
mod held;
mod limits;
mod lost;
mod removed;
mod replies;
mod silent;
mod together;
mod waits;
mod words;

const BOT: i64 = 4242;
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(20);

/// A store, a sandbox with the fixture's bot and people who started it, and workers.
struct World {
    store: Store,
    sandbox: Sandbox,
    fixture: Fixture,
}

impl World {
    async fn new(store: Store, people: usize, rate: f64, rates: Rates) -> Self {
        let sandbox = Sandbox::builder().rates(rates).start().await.unwrap();
        assert_eq!(sandbox.add_bot(TOKEN, "shop_bot").unwrap(), BOT);
        for n in 0..people {
            let id = 1000 + i64::try_from(n).unwrap();
            sandbox.add_user(User::new(id, "Анна", "+79991234567"));
            sandbox.press_start(BOT, id, None).unwrap();
        }
        let fixture = Fixture::new(&store, people, rate).await;
        Self { store, sandbox, fixture }
    }

    fn worker(&self, name: &str) -> Deps {
        let endpoints = Endpoints { telegram: self.sandbox.url(), ..Endpoints::default() };
        Deps::new(self.store.clone(), sealer(), endpoints, Queue::memory(), name)
    }

    async fn books(&self, campaign: CampaignId) -> Books {
        let books = books(&self.store, self.fixture.account, campaign).await.unwrap();
        assert!(books.balanced(), "{books:?}");
        books
    }

    fn sent(&self) -> usize {
        self.sandbox.ledger().len()
    }

    /// Everybody got it, once.
    fn each_once(&self, people: usize) {
        let counts = self.sandbox.ledger().counts(BOT, |_| true);
        assert_eq!(counts.len(), people);
        assert!(counts.values().all(|n| *n == 1), "{counts:?}");
    }

    /// Makes everything due that waits, and opens the channel.
    async fn later(&self) {
        let mut tx = self.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update delivery set due_at = $1 where state = 'queued'")
            .bind(clock::now())
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        for sql in ["update channel set held_until = null", "delete from channel_owed"] {
            on!(tx.conn(), |c| sqlx::query(sql).execute(c).await.map(|_| ())).unwrap();
        }
        tx.commit().await.unwrap();
    }
}

both!(
    async fn everybody_gets_it_once_at_the_pace(store) {
        let world = World::new(store, 50, 30.0, Rates { slack: 0, ..Rates::default() }).await;
        let campaign = world.fixture.campaign(&world.store, "advertising", "leave", 50, None).await;
        let deps = world.worker("a");
        // On a machine with nothing to spare some wait so long that they go back for the next turn.
        let mut turns = 0;
        while turns == 0 || world.books(campaign).await.of(State::Sent) < 50 && turns < 5 {
            run(&deps, world.fixture.channel).await.unwrap();
            turns += 1;
        }
        world.each_once(50);
        assert!(world.sandbox.ledger().peak_per_second(BOT) <= 30);
        assert_eq!(world.sandbox.ledger().refused(429), 0);
        assert!(world.sandbox.ledger().entries().iter().all(|entry| entry.text == "Анна, добрый день"));
        assert_eq!(world.books(campaign).await.of(State::Sent), 50);
        assert_eq!(deps.queue.depth(QueueLine::Work).await, Some(1), "the campaign is to be closed");
        assert_eq!(deps.queue.depth(QueueLine::Deliver).await, Some(0), "nothing is left to send");
        let free: i64 = on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from channel where lease_until is null and next_allowed_at is not null").fetch_one(c).await).unwrap();
        assert_eq!(free, 1, "the lease is given back with the pacer's memory");
    }
);

both!(
    async fn an_answer_that_never_comes_leaves_one_uncertain_and_no_duplicate(store) {
        let world = World::new(store, 10, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 10, None).await;
        world.sandbox.faults().add(Rule::new(Fault::DropAfter).method("sendMessage").chat(1003));
        world.sandbox.faults().add(Rule::new(Fault::Gateway { code: 502, accepted: true }).method("sendMessage").chat(1004));
        for _ in 0..2 {
            world.later().await;
            run(&world.worker("a"), world.fixture.channel).await.unwrap();
        }
        world.each_once(10);
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Sent), books.of(State::Uncertain)), (8, 2));
        assert_eq!(world.fixture.delivery(&world.store, campaign, 3).await.0, State::Uncertain);
    }
);

both!(
    async fn who_blocked_the_bot_is_left_alone_from_then_on(store) {
        let world = World::new(store, 3, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 3, None).await;
        world.sandbox.block(BOT, 1001).unwrap();
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Sent), books.of(State::Failed)), (2, 1));
        assert_eq!(world.fixture.delivery(&world.store, campaign, 1).await, (State::Failed, Some("blocked".to_owned())));
        let suppressed: i64 = on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from suppression where reason = 'blocked' and value = '1001'").fetch_one(c).await).unwrap();
        assert_eq!(suppressed, 1);
        let next = world.fixture.campaign(&world.store, "service", "leave", 3, None).await;
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        assert_eq!(world.books(next).await.of(State::Skipped), 1);
    }
);

both!(
    async fn a_picture_is_uploaded_once(store) {
        let world = World::new(store, 6, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 6, Some(&png())).await;
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        world.each_once(6);
        let entries = world.sandbox.ledger().entries();
        assert!(entries.iter().all(|entry| entry.method == "sendPhoto" && entry.file_unique_id == entries[0].file_unique_id));
        assert_eq!(world.books(campaign).await.of(State::Sent), 6);
        let kept: i64 = on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from media_ref").fetch_one(c).await).unwrap();
        assert_eq!(kept, 1);
    }
);

/// A photo of 100 × 50 as far as anybody looks.
fn png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(100_u32.to_be_bytes());
    png.extend(50_u32.to_be_bytes());
    png.extend([8, 2, 0, 0, 0]);
    png.extend([0; 4]);
    png
}

both!(
    async fn a_picture_the_provider_lost_is_uploaded_again(store) {
        let world = World::new(store, 60, 30.0, Rates::default()).await;
        let reference = || async {
            let kept: Vec<String> = on!(world.store.read(), |c| sqlx::query_scalar("select reference from media_ref").fetch_all(c).await).unwrap();
            assert_eq!(kept.len(), 1);
            kept[0].clone()
        };
        let first = world.fixture.campaign(&world.store, "service", "leave", 5, Some(&png())).await;
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        assert_eq!(world.books(first).await.of(State::Sent), 5);
        let before = reference().await;
        // Lost between two campaigns, and once more in the middle of the second.
        let one = world.sandbox.forget_files(BOT);
        let others = Fixture { contacts: world.fixture.contacts[5..].to_vec(), ..world.fixture.clone() };
        let second = others.campaign(&world.store, "service", "leave", 55, Some(&png())).await;
        let forget = async {
            world.sandbox.until(LONG, |telegram| (telegram.ledger().len() >= 20).then_some(())).await.unwrap();
            world.sandbox.forget_files(BOT)
        };
        let worker = world.worker("a");
        let (turned, forgotten) = tokio::join!(run(&worker, world.fixture.channel), forget);
        turned.unwrap();
        assert_eq!(forgotten, one, "one upload for everybody who went by the lost reference");
        world.later().await;
        run(&world.worker("b"), world.fixture.channel).await.unwrap();
        world.each_once(60);
        let books = world.books(second).await;
        assert_eq!((books.of(State::Sent), books.of(State::Failed)), (55, 0), "{books:?}");
        assert_ne!(reference().await, before);
        assert_eq!(world.sandbox.forget_files(BOT), one, "and one more");
    }
);

both!(
    async fn what_was_to_go_by_a_reference_lost_since_goes_back_and_uploads_nothing(store) {
        let world = World::new(store, 2, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 2, Some(&png())).await;
        let (deps, account, channel) = (world.worker("a"), world.fixture.account, world.fixture.channel);
        let (row, adapter) = channels::load(&deps.store, &deps.sealer, &deps.endpoints, channel).await.unwrap();
        let lease = lease::take(&deps.store, channel, &deps.worker, clock::now()).await.unwrap().unwrap();
        let turn = Arc::new(Turn::new(deps, row, adapter, lease, clock::uptime(), LONG));
        let claimed = claim::claim(&world.store, account, (campaign, 1), lease, 2, mms_core::limits::AIR, None, clock::now()).await.unwrap();
        let Claim::Rows { rows, .. } = claimed else { panic!("{claimed:?}") };
        let sheet = Sheet::load(&world.store, account, campaign, 1).await.unwrap();
        // Somebody found it lost between the claim and here, and nobody has uploaded it again yet.
        let one = Arc::new(Campaign { sheet, media: Mutex::new(Upload::Here) });
        let mut room = Arc::clone(&turn.room).acquire_many_owned(2).await.unwrap();
        let rows = rows.into_iter().map(|row| (row, room.split(1).unwrap())).collect();
        let ((batches, to_render), (ready, mut to_send), (landed, mut to_record)) =
            (mpsc::unbounded_channel(), mpsc::unbounded_channel(), mpsc::unbounded_channel());
        batches.send(Batch { campaign: one, upload: false, rows, since: tokio::time::Instant::now() }).unwrap();
        drop(batches);
        renderer::run(&turn, to_render, ready, landed).await;
        assert!(to_send.recv().await.is_none(), "only the one message claimed for it carries the file");
        for _ in 0..2 {
            let back = to_record.recv().await.unwrap();
            assert!(matches!(back.outcome, LandedOutcome::Delivery(Outcome { verdict: Verdict::Returned, .. }, _)), "{back:?}");
        }
        assert!(to_record.recv().await.is_none());
    }
);

both!(
    async fn a_limit_closes_the_channel_and_loses_nothing(store) {
        let world = World::new(store, 20, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 20, None).await;
        world.sandbox.faults().add(Rule::new(Fault::TooManyRequests { retry_after: 9 }).method("sendMessage").skip(5).times(2));
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        let held: i64 = on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from channel where held_until > $1").bind(clock::now()).fetch_one(c).await).unwrap();
        assert_eq!(held, 1, "two chats were limited: it is the bot");
        let before = world.sent();
        run(&world.worker("b"), world.fixture.channel).await.unwrap();
        assert_eq!(world.sent(), before, "nothing goes through a held channel");
        assert_eq!(world.books(campaign).await.of(State::Sending), 0);
        world.later().await;
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        world.each_once(20);
        assert_eq!(world.books(campaign).await.of(State::Sent), 20);
    }
);

both!(
    async fn a_revoked_token_stops_the_channel_and_loses_nothing(store) {
        let world = World::new(store, 5, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 5, None).await;
        let unauthorised = Fault::Error { code: 401, description: "Unauthorized".to_owned(), retry_after: None };
        world.sandbox.faults().add(Rule::new(unauthorised).method("sendMessage"));
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        assert_eq!((world.sent(), world.books(campaign).await.of(State::Queued)), (0, 5));
        let (state, told): (String, i64) = on!(world.store.read(), |c| sqlx::query_as("select state, (select count(*) from notice where kind = 'channel.stopped') from channel").fetch_one(c).await).unwrap();
        assert_eq!((state.as_str(), told), ("misconfigured", 1));
    }
);

both!(
    async fn a_pause_is_followed_by_no_more_than_was_on_its_way(store) {
        let world = World::new(store, 120, 30.0, Rates::default()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 120, None).await;
        let deps = world.worker("a");
        let turn = run(&deps, world.fixture.channel);
        let pause = async {
            world.sandbox.until(LONG, |telegram| (telegram.ledger().len() >= 5).then_some(())).await.unwrap();
            world.fixture.change(&world.store, "update campaign set state = 'paused' where account_id = $1").await;
            world.sent()
        };
        let (turned, confirmed) = tokio::join!(turn, pause);
        turned.unwrap();
        assert!(world.sent() - confirmed <= 30, "{} after the pause", world.sent() - confirmed);
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Sent) + books.of(State::Queued), books.of(State::Sending)), (120, 0));
        assert_eq!(books.of(State::Sent), i64::try_from(world.sent()).unwrap());
    }
);

both!(
    async fn asked_to_stop_it_finishes_what_is_in_flight_and_gives_the_rest_back(store) {
        let world = World::new(store, 60, 30.0, Rates::default()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 60, None).await;
        let deps = world.worker("a");
        let stop = async {
            world.sandbox.until(LONG, |telegram| (telegram.ledger().len() >= 5).then_some(())).await.unwrap();
            deps.stop.cancel();
        };
        let (turned, ()) = tokio::join!(run(&deps, world.fixture.channel), stop);
        turned.unwrap();
        let books = world.books(campaign).await;
        assert_eq!(books.of(State::Sent), i64::try_from(world.sent()).unwrap());
        assert_eq!((books.of(State::Sending), books.of(State::Uncertain)), (0, 0));
        assert!(books.of(State::Queued) > 0);
        let tried: i64 = on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from delivery where state = 'queued' and attempt > 0").fetch_one(c).await).unwrap();
        assert_eq!(tried, 0, "what did not leave was not tried");
        // Another worker goes on at once.
        run(&world.worker("b"), world.fixture.channel).await.unwrap();
        world.each_once(60);
    }
);

both!(
    async fn workers_share_and_a_small_campaign_does_not_wait_for_a_large_one(store) {
        let world = World::new(store, 203, 300.0, Rates { per_bot: Some(300), slack: 0, per_chat: None, ..Rates::default() }).await;
        let large = world.fixture.campaign(&world.store, "service", "leave", 200, None).await;
        let others = Fixture { contacts: world.fixture.contacts[200..].to_vec(), ..world.fixture.clone() };
        let small = others.campaign(&world.store, "service", "leave", 3, None).await;
        let (a, b) = (world.worker("a"), world.worker("b"));
        let (first, second) = tokio::join!(run(&a, world.fixture.channel), run(&b, world.fixture.channel));
        first.unwrap();
        second.unwrap();
        assert_eq!((world.books(large).await.of(State::Sent), world.books(small).await.of(State::Sent)), (200, 3));
        world.each_once(203);
        assert!(world.sandbox.ledger().peak_per_second(BOT) <= 300);
        let early = world.sandbox.ledger().counts(BOT, |entry| entry.seq <= 150);
        assert!((1200..1203).all(|chat| early.contains_key(&chat)), "the small one was done while the large one went on");
    }
);

both!(
    async fn rows_of_a_dead_worker_are_settled_by_the_next(store) {
        let world = World::new(store, 4, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 4, None).await;
        let lease = mms_core::channel::lease::take(&world.store, world.fixture.channel, "dead", clock::now()).await.unwrap().unwrap();
        let long_ago = clock::now() - chrono::TimeDelta::minutes(5);
        world.fixture.change(&world.store, "update delivery set due_at = '2020-01-01T00:00:00+00:00' where account_id = $1").await;
        mms_core::delivery::claim::claim(&world.store, world.fixture.account, (campaign, 1), lease, 3, Duration::from_secs(20), None, long_ago).await.unwrap();
        mms_core::channel::lease::give_back(&world.store, lease, &mms_core::channel::lease::Memory::default()).await.unwrap();
        run(&world.worker("b"), world.fixture.channel).await.unwrap();
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Uncertain), books.of(State::Sent)), (3, 1));
        assert_eq!(world.sent(), 1, "what may have gone is not sent again");
    }
);

both!(
    // What an adapter had learnt of its provider's limits was forgotten at every turn.
    async fn an_adapter_is_kept_as_long_as_its_credentials(store) {
        let world = World::new(store, 0, 1000.0, Rates::off()).await;
        let (deps, channel) = (world.worker("a"), world.fixture.channel);
        let load = async || deps.adapters.load(&deps.store, &deps.sealer, &deps.endpoints, channel).await.unwrap().1;
        let first = load().await;
        assert!(Arc::ptr_eq(&first, &load().await));
        let mut tx = world.store.begin().await.unwrap();
        let other = sealer().seal(b"4242:another", channel.0);
        on!(tx.conn(), |c| sqlx::query("update channel set credentials = $2 where id = $1").bind(channel).bind(other).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        assert!(!Arc::ptr_eq(&first, &load().await));
    }
);

both!(
    async fn what_this_process_has_in_flight_it_does_not_settle(store) {
        let world = World::new(store, 1, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 1, None).await;
        // It arrives, and its answer is long in coming.
        world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 1_500 }).method("sendMessage"));
        let (deps, channel) = (world.worker("a"), world.fixture.channel);
        let turn = tokio::spawn({
            let deps = deps.clone();
            async move { run(&deps, channel).await }
        });
        let id = "select id from delivery where campaign_id = $1";
        let id: i64 = on!(world.store.read(), |c| sqlx::query_scalar(id).bind(campaign).fetch_one(c).await).unwrap();
        // Its call has come to the messenger: what is claimed and not yet called is not sent once
        // its lease is over.
        while world.sandbox.faults().list().iter().all(|(.., struck)| *struck == 0) {
            tokio::task::yield_now().await;
        }
        assert!(deps.in_flight.holds(id), "noted before it is called");
        // By its time it is abandoned, and the channel is free for the next turn.
        let mut tx = world.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update delivery set lease_until = updated_at where state = 'sending'").execute(c).await.map(|_| ())).unwrap();
        on!(tx.conn(), |c| sqlx::query("update channel set lease_owner = null, lease_until = null").execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        run(&deps, channel).await.unwrap();
        assert_ne!(world.fixture.delivery(&world.store, campaign, 0).await.0, State::Uncertain, "its answer is still to come");
        turn.await.unwrap().unwrap();
        world.each_once(1);
        assert_eq!(world.books(campaign).await.of(State::Sent), 1);
    }
);
