//! The same words to several people in one call of Viber's, where it lets the bot do that, and one
//! by one where it does not.

use mms_core::{
    channel::{ChannelKind, registry},
    secret::Secret,
};
use mms_sandbox::viber::{Phone, Settings, Viber};

use super::*;

const BOT: i64 = 4242;
const TOKEN: &str = "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b";
const SAME: &str = "update template_version set body = 'Добрый день! Мы открылись.', \
    buttons = '[{\"kind\":\"opt_out\",\"text\":\"Отписаться\"}]' where account_id = $1";

/// The fixture's channel as a bot of Viber, its contacts as people who subscribed.
struct Bot {
    store: Store,
    sandbox: Sandbox,
    fixture: Fixture,
}

impl Bot {
    async fn new(store: Store, people: usize) -> Self {
        let sandbox = Sandbox::builder().viber(Settings::default()).start().await.unwrap();
        let ids = || (0..people).map(|n| 1000 + i64::try_from(n).unwrap());
        let viber = sandbox.viber();
        viber.add_bot(BOT, TOKEN, "shopbot").unwrap();
        viber.hook(BOT, "https://shop.example/hook").unwrap();
        viber.add_users(ids().map(|id| User::new(id, "Анна", "+79991234567")));
        viber.open_chats(BOT, ids()).unwrap();
        let fixture = Fixture::new(&store, people, 30.0).await;
        let credentials: Secret = registry::assemble(ChannelKind::Viber, &[TOKEN.to_owned()]);
        let sealed = sealer().seal(credentials.expose().as_bytes(), fixture.channel.0);
        let mut tx = store.begin().await.unwrap();
        // No rate of a member's: as fast as Viber takes it.
        let sql = "update channel set kind = 'viber', credentials = $2, settings = '{}' where account_id = $1";
        on!(tx.conn(), |c| sqlx::query(sql).bind(fixture.account).bind(&sealed).execute(c).await.map(|_| ())).unwrap();
        for (n, contact) in fixture.contacts.iter().enumerate() {
            let id = viber.user_id(BOT, 1000 + i64::try_from(n).unwrap());
            on!(tx.conn(), |c| sqlx::query("update address set kind = 'viber', value = $2 where contact_id = $1")
                .bind(contact)
                .bind(&id)
                .execute(c)
                .await
                .map(|_| ()))
            .unwrap();
        }
        tx.commit().await.unwrap();
        Self { store, sandbox, fixture }
    }

    fn viber(&self) -> &Viber {
        self.sandbox.viber()
    }

    fn calls(&self, method: &str) -> u64 {
        self.viber().ledger().calls().get(method).copied().unwrap_or_default()
    }

    fn worker(&self) -> Deps {
        let endpoints = Endpoints { viber: self.viber().url().to_owned(), ..Endpoints::default() };
        Deps::new(self.store.clone(), sealer(), endpoints, Queue::memory(), "a")
    }

    /// A campaign that says the same to everybody.
    async fn campaign(&self) -> CampaignId {
        let campaign = self.fixture.campaign(&self.store, "service", "leave", self.fixture.contacts.len(), None).await;
        self.fixture.change(&self.store, SAME).await;
        campaign
    }

    /// Turn after turn of one worker until nothing waits.
    async fn send_all(&self, campaign: CampaignId) -> Books {
        let deps = self.worker();
        for _ in 0..20 {
            run(&deps, self.fixture.channel).await.unwrap();
            let books = books(&self.store, self.fixture.account, campaign).await.unwrap();
            assert!(books.balanced(), "{books:?}");
            if books.of(State::Queued) == 0 {
                return books;
            }
            let due = "update delivery set due_at = updated_at where account_id = $1 and state = 'queued'";
            self.fixture.change(&self.store, due).await;
            self.fixture.change(&self.store, "update channel set held_until = null where account_id = $1").await;
        }
        panic!("something waits");
    }

    /// How many messages each person got.
    fn counts(&self) -> Vec<u64> {
        self.viber().ledger().counts(BOT, |_| true).into_values().collect()
    }
}

both!(
    // Every message was a call of its own, though Viber takes three hundred in one.
    async fn the_same_words_go_to_many_in_one_call_and_each_has_an_outcome(store) {
        const PEOPLE: usize = 120;
        let bot = Bot::new(store, PEOPLE).await;
        bot.viber().allow_broadcasts(BOT, true).unwrap();
        bot.viber().unsubscribe(BOT, 1007).unwrap();
        bot.viber().set_phone(BOT, 1008, Phone { api_version: 1, ..Phone::default() }).unwrap();
        let campaign = bot.campaign().await;
        let books = bot.send_all(campaign).await;
        assert_eq!((books.of(State::Sent), books.of(State::Failed)), (119, 1), "{books:?}");
        assert_eq!(bot.fixture.delivery(&bot.store, campaign, 7).await, (State::Failed, Some("blocked".to_owned())));
        assert_eq!(bot.counts(), vec![1; PEOPLE - 1], "each once");
        // The first go one by one, until it is known how fast they leave.
        let broadcasts = bot.calls("broadcast_message");
        assert!(broadcasts > 0 && broadcasts + bot.calls("send_message") < 80, "{:?}", bot.viber().ledger().calls());
        let old = bot.viber().history(BOT, 1008).into_iter().find(|message| message.from_bot).unwrap();
        assert!(old.text.ends_with("ответьте «стоп»."), "a device that is too old has the words: {}", old.text);
        let names: i64 = on!(bot.store.read(), |c| sqlx::query_scalar(
            "select count(*) from delivery d join address a on a.id = d.address_id where d.campaign_id = $1 and d.message_ref like '%:' || a.value"
        )
        .bind(campaign)
        .fetch_one(c)
        .await)
        .unwrap();
        assert_eq!(names, 119, "one token covers many people, and each receipt finds its message");
    }
);

both!(
    async fn a_bot_that_may_not_learns_it_once_and_writes_to_one_after_the_other(store) {
        for status in [20, 19] {
            let bot = Bot::new(store.clone(), 60).await;
            bot.viber().set(|settings| settings.no_broadcast = status);
            let campaign = bot.campaign().await;
            let books = bot.send_all(campaign).await;
            assert_eq!(books.of(State::Sent), 60, "{books:?}");
            assert_eq!(bot.counts(), vec![1; 60]);
            assert!(bot.calls("broadcast_message") <= 8, "as many as were on their way: {:?}", bot.viber().ledger().calls());
            let tries: i64 = on!(bot.store.read(), |c| sqlx::query_scalar("select max(attempt) from delivery where campaign_id = $1")
                .bind(campaign)
                .fetch_one(c)
                .await
                .map(|most: i32| most.into()))
            .unwrap();
            assert_eq!(tries, 1, "what never went was no try");
            let state: String = on!(bot.store.read(), |c| sqlx::query_scalar("select state from channel where id = $1")
                .bind(bot.fixture.channel)
                .fetch_one(c)
                .await)
            .unwrap();
            assert_eq!(state, "active", "nothing is wrong with the bot");
        }
    }
);

both!(
    async fn a_broadcast_without_an_answer_is_never_made_again(store) {
        let bot = Bot::new(store, 40).await;
        bot.viber().allow_broadcasts(BOT, true).unwrap();
        let lost = bot.sandbox.faults().add(
            Rule::new(Fault::Gateway { code: 502, accepted: true }).service("viber").method("broadcast_message").times(1),
        );
        let campaign = bot.campaign().await;
        let books = bot.send_all(campaign).await;
        assert_eq!(bot.sandbox.faults().struck(lost), Some(1));
        assert!(books.of(State::Uncertain) > 1, "{books:?}");
        assert_eq!(books.of(State::Uncertain) + books.of(State::Sent), 40, "{books:?}");
        assert_eq!(bot.counts(), vec![1; 40], "each once");
    }
);

both!(
    async fn words_that_name_the_person_go_by_themselves(store) {
        let bot = Bot::new(store, 20).await;
        bot.viber().allow_broadcasts(BOT, true).unwrap();
        let campaign = bot.fixture.campaign(&bot.store, "service", "leave", 20, None).await;
        assert_eq!(bot.send_all(campaign).await.of(State::Sent), 20);
        assert_eq!((bot.calls("broadcast_message"), bot.calls("send_message")), (0, 20));
    }
);
