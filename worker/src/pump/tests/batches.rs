//! Several messages in one call, through a community of VK: full calls at the pace of calls, each
//! message with its own outcome and its own record.

use mms_core::{
    channel::{ChannelKind, Content, FileKind, Free, Media, MediaSource, Outbound, SendError, registry},
    delivery::kept,
    secret::Secret,
    text::Rich,
};
use mms_sandbox::vk::{Settings, Vk};

use super::*;

const GROUP: i64 = 777;
const KEY: &str = "vk1.a.fixture-of-the-pump";

/// The fixture's channel as a community, its contacts as people who allowed messages.
struct Community {
    store: Store,
    sandbox: Sandbox,
    fixture: Fixture,
}

impl Community {
    async fn new(store: Store, people: usize, settings: Settings) -> Self {
        let sandbox = Sandbox::builder().vk(settings).start().await.unwrap();
        let ids = || (0..people).map(|n| 1000 + i64::try_from(n).unwrap());
        sandbox.vk().add_community(GROUP, KEY, "romashka").unwrap();
        sandbox.vk().add_users(ids().map(|id| User::new(id, "Анна", "+79991234567")));
        sandbox.vk().open_chats(GROUP, ids()).unwrap();
        let fixture = Fixture::new(&store, people, 30.0).await;
        let credentials: Secret = registry::assemble(ChannelKind::Vk, &[KEY.to_owned()]);
        let sealed = sealer().seal(credentials.expose().as_bytes(), fixture.channel.0);
        let mut tx = store.begin().await.unwrap();
        // No rate of a member's: as fast as VK takes it.
        let sql = "update channel set kind = 'vk', credentials = $2, settings = '{}' where account_id = $1";
        on!(tx.conn(), |c| sqlx::query(sql).bind(fixture.account).bind(&sealed).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        fixture.change(&store, "update address set kind = 'vk' where account_id = $1").await;
        Self { store, sandbox, fixture }
    }

    fn vk(&self) -> &Vk {
        self.sandbox.vk()
    }

    fn calls(&self, method: &str) -> u64 {
        self.vk().ledger().calls().get(method).copied().unwrap_or_default()
    }

    fn worker(&self) -> Deps {
        let endpoints = Endpoints { vk: self.vk().url().to_owned(), ..Endpoints::default() };
        Deps::new(self.store.clone(), sealer(), endpoints, Queue::memory(), "a")
    }

    /// Turn after turn until everything of a campaign is sent.
    async fn send_all(&self, campaign: CampaignId, people: i64) {
        let deps = self.worker();
        for _ in 0..20 {
            run(&deps, self.fixture.channel).await.unwrap();
            if self.books(campaign).await.of(State::Sent) == people {
                return;
            }
            let due = "update delivery set due_at = updated_at where account_id = $1 and state = 'queued'";
            self.fixture.change(&self.store, due).await;
            self.fixture.change(&self.store, "update channel set held_until = null where account_id = $1").await;
        }
        panic!("{:?}", self.books(campaign).await);
    }

    async fn books(&self, campaign: CampaignId) -> Books {
        let books = books(&self.store, self.fixture.account, campaign).await.unwrap();
        assert!(books.balanced(), "{books:?}");
        books
    }

    /// Everybody got so many messages.
    fn each(&self, people: usize, times: u64) {
        let counts = self.vk().ledger().counts(GROUP, |_| true);
        assert_eq!(counts.len(), people);
        assert!(counts.values().all(|n| *n == times), "{counts:?}");
    }
}

both!(
    async fn calls_are_full_and_never_more_than_twenty_a_second(store) {
        let world = Community::new(store, 400, Settings::default()).await;
        let campaign = world.fixture.campaign(&world.store, "advertising", "leave", 400, None).await;
        world.send_all(campaign, 400).await;
        world.each(400, 1);
        assert_eq!(world.vk().ledger().refused(6), 0, "{:?}", world.vk().ledger().refusals());
        // Sixteen full ones carry them all; a machine with nothing to spare fills them less.
        let calls = world.calls("execute");
        assert!((16..60).contains(&calls), "{calls} calls for 400 messages");
        assert!(world.vk().ledger().entries().iter().all(|entry| entry.text == "Анна, добрый день"));
    }
);

both!(
    async fn a_lost_call_is_one_and_what_was_in_it_goes_again_by_itself(store) {
        let world = Community::new(store, 150, Settings::default()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 150, None).await;
        world.vk().deny(GROUP, 1007).unwrap();
        let fault = || Rule::new(Fault::Gateway { code: 502, accepted: true }).service("vk").method("execute");
        let lost = world.sandbox.faults().add(fault().skip(1).times(1));
        run(&world.worker(), world.fixture.channel).await.unwrap();
        assert_eq!(world.sandbox.faults().struck(lost), Some(1));
        let books = world.books(campaign).await;
        assert!(books.of(State::Sent) >= 150 - 25 - 1, "one lost call ends no turn: {books:?}");
        assert_eq!((books.of(State::Uncertain), books.of(State::Failed)), (0, 1), "{books:?}");
        assert_eq!(world.fixture.delivery(&world.store, campaign, 7).await, (State::Failed, Some("blocked".to_owned())));
        world.send_all(campaign, 149).await;
        world.each(149, 1);
    }
);

impl Community {
    /// What is kept of each person's tries, in their order.
    async fn kept(&self, campaign: CampaignId) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for contact in &self.fixture.contacts {
            let kept = kept::to(&self.store, self.fixture.account, campaign, *contact).await.unwrap();
            all.push(kept.into_iter().map(|one| one.message.unwrap().body.text).collect());
        }
        all
    }
}

both!(
    // VK keeps the first text of a `random_id`. The repeat was rendered anew, and where a name had
    // changed meanwhile, «Что пришло» told words that nobody had got; where a value was gone, the
    // repeat was never made.
    async fn a_repeat_says_what_was_kept_of_the_first_try(store) {
        let renamed = "update contact set first_name = 'Мария' where account_id = $1";
        let nameless = "update contact set first_name = '' where account_id = $1";
        for (accepted, changed) in [(true, renamed), (false, renamed), (true, nameless)] {
            let world = Community::new(store.clone(), 25, Settings::default()).await;
            let campaign = world.fixture.campaign(&world.store, "service", "leave", 25, None).await;
            let fault = Rule::new(Fault::Gateway { code: 502, accepted }).service("vk").method("execute");
            let lost = world.sandbox.faults().add(fault.times(1));
            run(&world.worker(), world.fixture.channel).await.unwrap();
            assert_eq!(world.sandbox.faults().struck(lost), Some(1));
            world.fixture.change(&world.store, changed).await;
            world.send_all(campaign, 25).await;
            world.each(25, 1);
            assert!(world.vk().ledger().entries().iter().all(|entry| entry.text == "Анна, добрый день"));
            let kept = world.kept(campaign).await;
            assert!(kept.iter().any(|tries| tries.len() > 1), "something was repeated: {kept:?}");
            assert!(kept.iter().flatten().all(|text| text == "Анна, добрый день"), "{kept:?}");
        }
    }
);

both!(
    async fn a_picture_goes_alone_once_and_then_by_its_name_in_full_calls(store) {
        let world = Community::new(store, 60, Settings::default()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 60, Some(&png())).await;
        world.send_all(campaign, 60).await;
        world.each(60, 1);
        assert_eq!(world.calls("photos.saveMessagesPhoto"), 1);
        assert!((3..15).contains(&world.calls("execute")), "{:?}", world.vk().ledger().calls());
    }
);

impl Community {
    /// A dead worker left all of a campaign in flight so long ago.
    async fn left_in_flight(&self, campaign: CampaignId, ago: chrono::TimeDelta) {
        let (account, channel) = (self.fixture.account, self.fixture.channel);
        let dead = lease::take(&self.store, channel, "dead", clock::now()).await.unwrap().unwrap();
        self.fixture.change(&self.store, "update delivery set due_at = '2020-01-01T00:00:00+00:00' where account_id = $1").await;
        let claimed = claim::claim(&self.store, account, (campaign, 1), dead, 100, Duration::from_secs(20), None, clock::now() - ago).await;
        assert!(matches!(claimed.unwrap(), Claim::Rows { rows, .. } if !rows.is_empty()));
        lease::give_back(&self.store, dead, &lease::Memory::default()).await.unwrap();
    }
}

both!(
    // Every dialogue was read, one after the other and beside the pace, for messages that might go
    // again without harm: the channel stood still, and its lease ended meanwhile.
    async fn what_may_go_again_without_harm_is_not_looked_for(store) {
        let world = Community::new(store, 30, Settings::default()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 30, None).await;
        world.left_in_flight(campaign, chrono::TimeDelta::minutes(5)).await;
        world.send_all(campaign, 30).await;
        world.each(30, 1);
        assert_eq!(world.calls("messages.getHistory"), 0);
    }
);

both!(
    async fn what_was_lost_long_ago_is_looked_for_in_the_dialogue(store) {
        let world = Community::new(store, 3, Settings::default()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 3, None).await;
        world.left_in_flight(campaign, chrono::TimeDelta::hours(2)).await;
        run(&world.worker(), world.fixture.channel).await.unwrap();
        assert_eq!(world.books(campaign).await.of(State::Uncertain), 3, "nobody can say");
        assert_eq!(world.calls("messages.getHistory"), 3);
    }
);

both!(
    // A worker that was frozen between the upload of a file and its message sent the message after
    // its lease had ended.
    async fn a_lease_that_ends_during_the_upload_sends_nothing(store) {
        let world = Community::new(store, 1, Settings::default()).await;
        let deps = world.worker();
        let (_, adapter) = channels::load(&deps.store, &deps.sealer, &deps.endpoints, world.fixture.channel).await.unwrap();
        let (name, content): (String, Arc<[u8]>) = ("a.png".to_owned(), png().into());
        let source = MediaSource::Bytes { name, mime: "image/png".to_owned(), content };
        let free = Free { body: Rich::plain("Добрый день"), media: Some(Media { kind: FileKind::Photo, source }), ..Free::default() };
        let message = Outbound { client_id: 7, series: None, to: "1000".to_owned(), content: Content::Free(free), paid: false };
        let slow = world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 400 }).service("vk").method("photos.saveMessagesPhoto"));
        let ours = lease::Ours::default();
        ours.until(clock::uptime() + LONG);
        let sending = {
            let (ours, message) = (ours.clone(), message.clone());
            let adapter = Arc::clone(&adapter);
            tokio::spawn(async move { lease::under(ours, adapter.send(&[message])).await })
        };
        // The file is there, and the process is frozen until the lease is over.
        while world.sandbox.faults().struck(slow) == Some(0) {
            tokio::task::yield_now().await;
        }
        ours.until(Duration::ZERO);
        assert_eq!(sending.await.unwrap(), [Err(SendError::NotOurs)]);
        assert_eq!(world.vk().ledger().entries().len(), 0);
    }
);
