//! A member's reply whose answer was lost: where the provider makes one message of it and a repeat
//! under the same client id, it was left for uncertain all the same, and somebody had to ask the
//! customer whether they had got it.

use mms_core::{
    channel::{ChannelKind, Content, Free, Outbound},
    delivery::{
        begun,
        kept::Words,
        outgoing::{self, NewOutgoing, OutgoingMessage, OutgoingPurpose},
    },
    id::OutgoingId,
    limits::AIR,
    opt_out::{OptOutBy, OptOutHow, opt_out},
    text::Rich,
};
use mms_sandbox::wazzup::Transport;

use super::{words::Stage, *};

/// Messengers that make one message of both, and the call by which a message goes.
const REPEATED: [(ChannelKind, Option<Transport>); 2] = [(ChannelKind::Vk, None), (ChannelKind::WazzupWhatsapp, Some(Transport::Whatsapp))];
const WORDS: &str = "Едет";

impl Stage {
    /// A stage without a campaign, where a member replied.
    async fn with_reply(store: &Store, kind: ChannelKind, transport: Option<Transport>) -> Self {
        let stage = Self::new(store, kind, transport).await;
        stage.fixture.change(store, "update campaign set state = 'paused' where account_id = $1").await;
        let Fixture { account, channel, ref contacts, member, .. } = stage.fixture;
        let to: String =
            on!(store.read(), |c| sqlx::query_scalar("select value from address where account_id = $1").bind(account).fetch_one(c).await)
                .unwrap();
        let message = OutgoingMessage { body: Rich::plain(WORDS), buttons: Vec::new(), remove_keyboard: false, media: None };
        let (contact, purpose, now) = (Some(contacts[0]), OutgoingPurpose::Reply, clock::now());
        let new = NewOutgoing { account, channel, contact, to, purpose, message, dedupe_key: format!("reply:{account}") };
        let mut tx = store.begin().await.unwrap();
        let id = outgoing::enqueue(&mut tx, new, now).await.unwrap().unwrap();
        let said = "insert into chat_message (account_id, contact_id, channel_id, direction, body, member_id, at, outgoing_id) \
            values ($1, $2, $3, 'out', $4, $5, $6, $7)";
        on!(tx.conn(), |c| sqlx::query(said)
            .bind(account)
            .bind(contacts[0])
            .bind(channel)
            .bind(WORDS)
            .bind(member)
            .bind(now)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
        stage
    }

    /// The provider takes it, and its answer is lost.
    async fn loses_the_answer(&self, store: &Store) {
        let methods = ["messages.send", "execute", "POST /message", "sendMessage"];
        let rules = methods.map(|method| self.sandbox.faults().add(Rule::new(Fault::DropAfter).method(method).times(1)));
        self.turn(store).await;
        let struck: u64 = rules.iter().filter_map(|rule| self.sandbox.faults().struck(*rule)).sum();
        assert_eq!(struck, 1);
        self.sandbox.faults().clear();
    }

    /// A turn after the wait for a repeat.
    async fn later(&self, store: &Store) {
        self.fixture.change(store, "update outgoing set due_at = created_at where account_id = $1 and state = 'queued'").await;
        self.turn(store).await;
    }

    async fn reply(&self, store: &Store) -> (String, Option<String>) {
        on!(store.read(), |c| sqlx::query_as("select state, reason from outgoing where account_id = $1")
            .bind(self.fixture.account)
            .fetch_one(c)
            .await)
        .unwrap()
    }

    async fn told(&self, store: &Store) -> i64 {
        let sql = "select count(*) from notice where account_id = $1 and kind = 'reply.undelivered'";
        on!(store.read(), |c| sqlx::query_scalar(sql).bind(self.fixture.account).fetch_one(c).await).unwrap()
    }
}

fn is(state: &str, reason: Option<&str>) -> (String, Option<String>) {
    (state.to_owned(), reason.map(str::to_owned))
}

both!(
    async fn a_reply_whose_answer_was_lost_goes_again_and_comes_once(store) {
        for (kind, transport) in REPEATED {
            let stage = Stage::with_reply(&store, kind, transport).await;
            stage.loses_the_answer(&store).await;
            assert_eq!(stage.reply(&store).await, is("queued", Some("repeat")), "{kind:?}");
            stage.later(&store).await;
            assert_eq!(stage.reply(&store).await, is("sent", None), "{kind:?}");
            assert_eq!(stage.came(), [WORDS], "{kind:?}");
            assert_eq!(stage.told(&store).await, 0);
        }
    }
);

both!(
    async fn a_worker_that_dies_over_a_reply_leaves_one_message(store) {
        for (kind, transport) in REPEATED {
            for after_its_call in [true, false] {
                let stage = Stage::with_reply(&store, kind, transport).await;
                let Fixture { account, channel, .. } = stage.fixture;
                let deps = stage.worker(&store);
                let (_, adapter) = channels::load(&deps.store, &deps.sealer, &deps.endpoints, channel).await.unwrap();
                let dead = lease::take(&store, channel, "dead", clock::now()).await.unwrap().unwrap();
                begun::take_over(&store, account, dead).await.unwrap();
                stage.fixture.change(&store, "update outgoing set due_at = '2020-01-01T00:00:00+00:00' where account_id = $1").await;
                // Its time in flight is over.
                let ago = clock::now() - AIR - Duration::from_secs(2);
                let claimed = outgoing::claim(&store, account, dead, 9, None, ago).await.unwrap();
                let [row] = &claimed[..] else { panic!("one reply: {claimed:?}") };
                let client_id = begun::outgoing_key(row.id);
                assert!(begun::list(&store, account, dead, &format!("[{client_id}]"), Words::default()).await.unwrap());
                if after_its_call {
                    let content = Content::Free(Free { body: row.payload.body.clone(), ..Free::default() });
                    let message = Outbound { client_id, series: None, to: row.address_value.clone(), content, paid: false };
                    assert!(adapter.send(&[message]).await[0].is_ok(), "{kind:?}");
                }
                lease::give_back(&store, dead, &lease::Memory::default()).await.unwrap();
                stage.turn(&store).await;
                assert_eq!(stage.reply(&store).await, is("queued", Some("repeat")), "{kind:?}");
                stage.later(&store).await;
                assert_eq!(stage.reply(&store).await, is("sent", None), "{kind:?}");
                assert_eq!(stage.came(), [WORDS], "{kind:?} {after_its_call}");
            }
        }
    }
);

both!(
    // A repeat after the window would be a second message.
    async fn a_reply_that_was_lost_long_ago_is_uncertain_and_never_goes_again(store) {
        for (kind, transport) in REPEATED {
            let stage = Stage::with_reply(&store, kind, transport).await;
            stage.loses_the_answer(&store).await;
            stage.fixture.change(&store, "update outgoing set first_tried_at = '2020-01-01T00:00:00+00:00' where account_id = $1").await;
            for _ in 0..2 {
                stage.later(&store).await;
                assert_eq!(stage.reply(&store).await, is("uncertain", Some("no_answer")), "{kind:?}");
                assert_eq!(stage.came(), [WORDS], "{kind:?}");
                assert_eq!(stage.told(&store).await, 1, "whoever wrote it is told, once");
            }
        }
        // Where no repeat is harmless it is so at once.
        let stage = Stage::with_reply(&store, ChannelKind::Telegram, None).await;
        stage.loses_the_answer(&store).await;
        stage.later(&store).await;
        assert_eq!(stage.reply(&store).await, is("uncertain", Some("no_answer")));
        assert_eq!((stage.came(), stage.told(&store).await), (vec![WORDS.to_owned()], 1));
    }
);

both!(
    async fn whoever_stops_before_the_repeat_may_have_got_the_first(store) {
        let stage = Stage::with_reply(&store, ChannelKind::Vk, None).await;
        stage.loses_the_answer(&store).await;
        let how = OptOutHow { by: OptOutBy::Text, channel: None, message_ref: None, said_at: None };
        let mut tx = store.begin().await.unwrap();
        opt_out(&mut tx, stage.fixture.account, stage.fixture.contacts[0], &how, clock::now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(stage.reply(&store).await, is("uncertain", Some("no_answer")));
        stage.later(&store).await;
        assert_eq!(stage.came(), [WORDS]);
    }
);

both!(
    // The first try may have gone; a later one that certainly did not takes nothing of that back.
    async fn a_repeat_that_is_put_off_keeps_when_it_was_first_tried(store) {
        let stage = Stage::with_reply(&store, ChannelKind::Vk, None).await;
        let Fixture { account, channel, .. } = stage.fixture;
        stage.loses_the_answer(&store).await;
        let first = || async {
            let sql = "select id, cast(first_tried_at as text) from outgoing where account_id = $1";
            let found: (OutgoingId, Option<String>) = on!(store.read(), |c| sqlx::query_as(sql).bind(account).fetch_one(c).await).unwrap();
            found
        };
        let tried = first().await;
        assert!(tried.1.is_some());
        let lease = lease::take(&store, channel, "b", clock::now()).await.unwrap().unwrap();
        let window = Some(Duration::from_secs(3_000));
        stage.fixture.change(&store, "update outgoing set due_at = created_at where account_id = $1").await;
        let claimed = outgoing::claim(&store, account, lease, 9, window, clock::now()).await.unwrap();
        let later = Verdict::Later { due_at: clock::now() };
        let outcome = outgoing::OutgoingOutcome::of(&claimed[0], lease, later);
        outgoing::record(&store, &[outcome], clock::now()).await.unwrap();
        assert_eq!((stage.reply(&store).await, first().await), (is("queued", Some("repeat")), tried.clone()));
        // Of a reply that certainly never went the next try is the first.
        stage.fixture.change(&store, "update outgoing set reason = null where account_id = $1").await;
        let claimed = outgoing::claim(&store, account, lease, 9, window, clock::now() + chrono::TimeDelta::seconds(5)).await.unwrap();
        assert!(claimed.len() == 1 && first().await != tried);
    }
);
