//! Nothing claimed waits for a recipient, newcomers leave a campaign its share, and what was never
//! begun goes back.

use std::cell::Cell;

use mms_core::{
    channel::lease::Lease,
    clock::Moment,
    delivery::{
        begun,
        claim::Claimed,
        kept::Words,
        outgoing::{self, NewOutgoing, OutgoingMessage, OutgoingPurpose},
    },
    text::Rich,
};

use super::*;
use crate::pump::{begin, flight, turn::Ready};

impl World {
    /// Queues a message outside campaigns to person `n`.
    async fn say(&self, n: usize, purpose: OutgoingPurpose, text: &str) {
        let mut tx = self.store.begin().await.unwrap();
        let message = OutgoingMessage { body: Rich::plain(text), buttons: Vec::new(), remove_keyboard: false, media: None };
        let (account, channel, contact) = (self.fixture.account, self.fixture.channel, Some(self.fixture.contacts[n]));
        let dedupe_key = format!("{n}:{text}");
        let new = NewOutgoing { account, channel, contact, to: (1000 + n).to_string(), purpose, message, dedupe_key };
        outgoing::enqueue(&mut tx, new, clock::now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Works until every message outside campaigns is at rest.
    async fn work_off(&self, deps: &Deps) {
        let open = "select count(*) from outgoing where state in ('queued', 'sending')";
        while on!(self.store.read(), |c| sqlx::query_scalar::<_, i64>(open).fetch_one(c).await).unwrap() > 0 {
            run(deps, self.fixture.channel).await.unwrap();
        }
    }
}

both!(
    // A recipient held after a 429 was waited for after the claim: the seat, the batch and with it
    // the channel stood still.
    async fn a_recipient_who_is_held_holds_nobody_else(store) {
        let world = World::new(store, 40, 1000.0, Rates::off()).await;
        let first = world.fixture.campaign(&world.store, "service", "leave", 2, None).await;
        world.sandbox.faults().add(Rule::new(Fault::TooManyRequests { retry_after: 600 }).method("sendMessage").chat(1001).times(1));
        let second = world.fixture.campaign(&world.store, "service", "leave", 40, None).await;
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        let waits: Vec<(i32, Moment)> = on!(world.store.read(), |c| sqlx::query_as("select attempt, due_at from delivery where contact_id = $1 and state = 'queued' order by attempt").bind(world.fixture.contacts[1]).fetch_all(c).await).unwrap();
        let (tried, untried): (Vec<_>, Vec<_>) = waits.into_iter().partition(|(attempt, _)| *attempt > 0);
        assert!(tried.iter().all(|(_, due)| *due > clock::now() + chrono::TimeDelta::minutes(5)), "{tried:?}");
        assert_eq!((tried.len(), untried.len()), (1, 1), "only the refused call was a try");
        let counts = world.sandbox.ledger().counts(BOT, |_| true);
        assert_eq!((counts.len(), counts.contains_key(&1001)), (39, false), "everybody else has a message");
        for campaign in [first, second] {
            assert_eq!(world.books(campaign).await.of(State::Sending), 0);
        }
    }
);

both!(
    // Several messages to each customer were claimed together and waited for one another, fifty at
    // a time: 47 a second at any pace.
    async fn replies_to_many_do_not_wait_for_several_to_one(store) {
        const TALKATIVE: usize = 60;
        const OTHERS: usize = 240;
        let world = World::new(store, TALKATIVE + OTHERS, 2000.0, Rates { per_chat: Some(1.0), ..Rates::off() }).await;
        for n in 0..TALKATIVE {
            for text in ["раз", "два", "три"] {
                world.say(n, OutgoingPurpose::Reply, text).await;
            }
        }
        for n in TALKATIVE..TALKATIVE + OTHERS {
            world.say(n, OutgoingPurpose::Reply, "раз").await;
        }
        world.work_off(&world.worker("a")).await;
        let entries = world.sandbox.ledger().entries();
        assert_eq!(entries.len(), TALKATIVE * 3 + OTHERS);
        for n in 0..TALKATIVE {
            let chat = 1000 + i64::try_from(n).unwrap();
            let texts: Vec<&str> = entries.iter().filter(|entry| entry.chat == chat).map(|entry| entry.text.as_str()).collect();
            assert_eq!(texts, ["раз", "два", "три"], "in their order");
        }
        assert_eq!(world.sandbox.ledger().refused(429), 0);
    }
);

both!(
    // Each batch waited for the answers of the one before it, so one slow answer was the pace of
    // all replies: 47 a second on a channel set to 2 000.
    async fn a_reply_that_is_not_answered_holds_up_nobody_elses(store) {
        const PEOPLE: usize = 60;
        // A batch is a third of a second: twenty.
        let world = World::new(store, PEOPLE, 60.0, Rates { per_chat: Some(1.0), ..Rates::off() }).await;
        world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 6_000 }).method("sendMessage").chat(1000).times(1));
        for n in 0..PEOPLE {
            world.say(n, OutgoingPurpose::Reply, "раз").await;
        }
        world.work_off(&world.worker("a")).await;
        let chats: Vec<i64> = world.sandbox.ledger().entries().iter().map(|entry| entry.chat).collect();
        assert_eq!(chats.len(), PEOPLE);
        assert_eq!(chats.last(), Some(&1000), "the others went meanwhile: {chats:?}");
    }
);

both!(
    // A thousand newcomers stopped a campaign for minutes.
    async fn answers_leave_a_campaign_its_share(store) {
        const ANSWERS: usize = 240;
        let world = World::new(store, ANSWERS + 60, 400.0, Rates { slack: 0, per_bot: Some(400), per_chat: None, ..Rates::default() }).await;
        let others = Fixture { contacts: world.fixture.contacts[ANSWERS..].to_vec(), ..world.fixture.clone() };
        let campaign = others.campaign(&world.store, "service", "leave", 60, None).await;
        for n in 0..ANSWERS {
            world.say(n, OutgoingPurpose::Answer, "?").await;
        }
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        let entries = world.sandbox.ledger().entries();
        assert_eq!(entries.len(), ANSWERS + 60);
        let early = entries[..ANSWERS].iter().filter(|entry| entry.text != "?").count();
        assert!((40..=70).contains(&early), "a quarter of what left while both waited: {early}");
        assert_eq!(world.books(campaign).await.of(State::Sent), 60);
    }
);

both!(
    // Three were claimed where there was room for one: the other two stayed in flight, nobody sent
    // them, and the next owner told their writers that nobody knows whether they arrived.
    async fn a_slow_channel_claims_no_more_replies_than_it_has_room_for(store) {
        let world = World::new(store, 3, 2.0, Rates::off()).await;
        for n in 0..3 {
            world.say(n, OutgoingPurpose::Reply, "ответ").await;
        }
        run(&world.worker("a"), world.fixture.channel).await.unwrap();
        let states: Vec<(String, i64)> = on!(world.store.read(), |c| sqlx::query_as("select state, count(*) from outgoing group by state").fetch_all(c).await).unwrap();
        assert_eq!(states, [("sent".to_owned(), 3)]);
        assert_eq!(world.sent(), 3);
    }
);

both!(
    // Of what a dead worker had claimed nine in ten had never been tried, and all of it became
    // uncertain.
    async fn what_a_dead_worker_claimed_and_never_began_is_sent(store) {
        let world = World::new(store, 9, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 8, None).await;
        world.say(8, OutgoingPurpose::Reply, "ответ").await;
        let (account, channel) = (world.fixture.account, world.fixture.channel);
        let dead = lease::take(&world.store, channel, "dead", clock::now()).await.unwrap().unwrap();
        begun::take_over(&world.store, account, dead).await.unwrap();
        let rows = claim_all(&world, campaign, dead, 6).await;
        assert_eq!(outgoing::claim(&world.store, account, dead, 9, None, clock::now()).await.unwrap().len(), 1);
        assert!(begun::list(&world.store, account, dead, &format!("[{}]", rows[2].delivery), Words::default()).await.unwrap());
        lease::give_back(&world.store, dead, &lease::Memory::default()).await.unwrap();
        run(&world.worker("b"), channel).await.unwrap();
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Sent), books.of(State::Sending)), (7, 1), "its time in flight is not over");
        assert_eq!(world.sent(), 8, "the reply too");
        // Then what was begun is uncertain, and only that.
        world.fixture.change(&world.store, "update delivery set lease_until = updated_at where account_id = $1 and state = 'sending'").await;
        run(&world.worker("c"), channel).await.unwrap();
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Sent), books.of(State::Uncertain)), (7, 1));
        assert_eq!(world.sent(), 8);
    }
);

async fn claim_all(world: &World, campaign: CampaignId, lease: Lease, limit: i64) -> Vec<Claimed> {
    match claim::claim(&world.store, world.fixture.account, (campaign, 1), lease, limit, mms_core::limits::AIR, None, clock::now())
        .await
        .unwrap()
    {
        Claim::Rows { rows, .. } => rows,
        Claim::Closed(why) => panic!("{why:?}"),
    }
}

both!(
    // A worker that was frozen past its lease sent once more, to people who had said stop
    // meanwhile.
    async fn nothing_is_sent_under_a_lease_that_may_be_over(store) {
        let world = World::new(store, 2, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 2, None).await;
        let (deps, account, channel) = (world.worker("a"), world.fixture.account, world.fixture.channel);
        let (row, adapter) = channels::load(&deps.store, &deps.sealer, &deps.endpoints, channel).await.unwrap();
        let lease = lease::take(&deps.store, channel, &deps.worker, clock::now()).await.unwrap().unwrap();
        begun::take_over(&world.store, account, lease).await.unwrap();
        let turn = Arc::new(Turn::new(deps, row, adapter, lease, clock::uptime(), LONG));
        let rows = claim_all(&world, campaign, lease, 2).await;
        let sheet = Sheet::load(&world.store, account, campaign, 1).await.unwrap();
        let one = Arc::new(Campaign { sheet, media: Mutex::new(Upload::None) });
        let mut room = Arc::clone(&turn.room).acquire_many_owned(2).await.unwrap();
        let rows = rows.into_iter().map(|row| (row, room.split(1).unwrap())).collect();
        let (batches, to_render) = mpsc::unbounded_channel();
        let (ready, to_begin) = mpsc::unbounded_channel::<Vec<Ready>>();
        let (begun, to_send) = mpsc::unbounded_channel();
        let (landed, mut to_record) = mpsc::unbounded_channel();
        batches.send(Batch { campaign: one, upload: false, rows, since: tokio::time::Instant::now() }).unwrap();
        drop(batches);
        renderer::run(&turn, to_render, ready, landed.clone()).await;
        begin::run(&turn, to_begin, begun, landed.clone()).await;
        // Claimed, rendered, listed; and then the process is frozen until the lease is over.
        turn.renewed(Duration::ZERO);
        flight::run(&turn, to_send, landed).await.join_all().await;
        for _ in 0..2 {
            let back = to_record.recv().await.unwrap();
            assert!(matches!(back.outcome, LandedOutcome::Delivery(Outcome { verdict: Verdict::Returned, .. }, _)), "{back:?}");
        }
        assert_eq!((world.sent(), world.books(campaign).await.of(State::Sending)), (0, 2));
    }
);

both!(
    // What one worker had just sent to somebody the next one knew nothing of: the person got two
    // messages within a second, and the provider refused the second.
    async fn a_recipient_waits_although_the_channel_goes_to_another_worker(store) {
        let world = World::new(store, 1, 1000.0, Rates { per_chat: Some(1.0), ..Rates::off() }).await;
        for (worker, text) in [("a", "раз"), ("b", "два"), ("c", "три")] {
            world.say(0, OutgoingPurpose::Reply, text).await;
            world.work_off(&world.worker(worker)).await;
        }
        let texts: Vec<String> = world.sandbox.ledger().entries().into_iter().map(|entry| entry.text).collect();
        assert_eq!(texts, ["раз", "два", "три"]);
        assert_eq!(world.sandbox.ledger().refused(429), 0);
    }
);

both!(
    // Two channels behind one key of the provider, each with its own worker: together no more than
    // the key takes, and nearly all of it when one of them has nothing to send.
    async fn workers_share_a_limit_of_several_channels(store) {
        // A busy machine brings a message later than the pacer allows for, so the double lets a few
        // pass; both at the whole limit would be seen all the same. That pacers keep exactly to
        // their parts is shown without a machine (`what_is_shared_is_never_exceeded_together`), and
        // that the parts are never more than the limit below.
        let world = World::new(store, 120, 1000.0, Rates { per_bot: Some(20), per_chat: None, ..Rates::default() }).await;
        let other = Fixture::new(&world.store, 60, 1000.0).await;
        let shared = "update channel set terms = '{\"shared\":{\"scope\":\"key:1\",\"rate\":20}}' where account_id = $1";
        for fixture in [&world.fixture, &other] {
            fixture.change(&world.store, shared).await;
        }
        let (first, second) =
            (world.fixture.campaign(&world.store, "service", "leave", 120, None).await, other.campaign(&world.store, "service", "leave", 60, None).await);
        let (a, b) = (world.worker("a"), world.worker("b"));
        // On a machine with nothing to spare what waits too long goes back for a later turn.
        let (mut sent, began) = ((0, 0), std::time::Instant::now());
        let most = Cell::new(0.0_f64);
        let looks = async {
            let parts = "select cast(coalesce(sum(part), 0) as double precision) from shared_part where scope = 'key:1' and until > $1";
            let mut beat = tokio::time::interval(Duration::from_millis(20));
            loop {
                let together = on!(world.store.read(), |c| sqlx::query_scalar(parts).bind(clock::now()).fetch_one(c).await).unwrap();
                most.set(most.get().max(together));
                beat.tick().await;
            }
        };
        let mut looks = Box::pin(looks);
        while sent != (120, 60) && began.elapsed() < LONG * 6 {
            let both = async { tokio::join!(run(&a, world.fixture.channel), run(&b, other.channel)) };
            let (one, two) = tokio::select! {
                done = both => done,
                () = &mut looks => unreachable!("it looks on"),
            };
            one.unwrap();
            two.unwrap();
            let (ours, others) = (world.books(first).await, books(&world.store, other.account, second).await.unwrap());
            sent = (ours.of(State::Sent), others.of(State::Sent));
        }
        assert_eq!(sent, (120, 60));
        assert!((10.0..=20.0).contains(&most.get()), "parts of {} together", most.get());
        let ledger = world.sandbox.ledger();
        let refused: Vec<_> = ledger.refusals().into_iter().map(|one| one.elapsed).collect();
        let went: Vec<_> = ledger.entries().into_iter().map(|one| (one.elapsed, one.chat)).collect();
        assert!(refused.is_empty(), "never more together than the key takes: {refused:?} of {went:?}");
    }
);
