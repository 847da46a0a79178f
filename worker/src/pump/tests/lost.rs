//! What a dead worker left in flight, where the messenger has no ids of ours and shows its
//! dialogue: a message is known by the words that were kept of it.

use std::collections::BTreeSet;

use mms_core::{
    channel::{ChannelKind, Content, Free, Outbound},
    delivery::{
        begun,
        kept::{Message, Words},
    },
};

use super::{words::Stage, *};

impl Stage {
    /// A worker claims the message, lists it with its words, and dies: before its call, or after
    /// it. Its time in flight is over.
    async fn dies(&self, store: &Store, after_its_call: bool) {
        let Fixture { account, channel, .. } = self.fixture;
        let deps = self.worker(store);
        let (_, adapter) = channels::load(&deps.store, &deps.sealer, &deps.endpoints, channel).await.unwrap();
        let dead = lease::take(store, channel, "dead", clock::now()).await.unwrap().unwrap();
        begun::take_over(store, account, dead).await.unwrap();
        self.fixture.change(store, "update delivery set due_at = '2020-01-01T00:00:00+00:00' where account_id = $1").await;
        let ago = clock::now() - chrono::TimeDelta::minutes(5);
        let claimed = claim::claim(store, account, (self.campaign, 1), dead, 1, Duration::from_secs(20), None, ago).await.unwrap();
        let Claim::Rows { mut rows, .. } = claimed else { panic!("{claimed:?}") };
        let row = &mut rows[0];
        let sheet = Sheet::load(store, account, self.campaign, 1).await.unwrap();
        let rendered = sheet.render(row, None, adapter.capabilities(), ago).unwrap();
        let mut words = Words::default();
        words.add(row.delivery.0, row.attempt, sheet.keep(&rendered, None));
        let list = begun::text(&BTreeSet::from([row.delivery.0]));
        assert!(begun::list(store, account, dead, &list, words).await.unwrap());
        if after_its_call {
            let content = Content::Free(Free { body: rendered.body, buttons: rendered.buttons, ..Free::default() });
            let message = Outbound { client_id: row.delivery.0, series: None, to: row.to.clone(), content, paid: false };
            assert!(adapter.send(&[message]).await[0].is_ok());
        }
        lease::give_back(store, dead, &lease::Memory::default()).await.unwrap();
    }

    async fn reference(&self, store: &Store) -> Option<String> {
        on!(store.read(), |c| sqlx::query_scalar("select message_ref from delivery where campaign_id = $1")
            .bind(self.campaign)
            .fetch_one(c)
            .await)
        .unwrap()
    }
}

both!(
    // Every message that a worker of MAX had in flight when it died stayed unknown, though the bot
    // reads its own dialogues.
    async fn what_max_has_in_its_dialogue_was_sent(store) {
        for (after_its_call, expected) in [(true, State::Sent), (false, State::Uncertain)] {
            let stage = Stage::new(&store, ChannelKind::Max, None).await;
            stage.dies(&store, after_its_call).await;
            // What is known of the person changed meanwhile: the words that were kept are looked
            // for.
            stage.fixture.change(&store, "update contact set first_name = 'Мария' where account_id = $1").await;
            stage.turn(&store).await;
            assert_eq!(stage.fixture.delivery(&store, stage.campaign, 0).await.0, expected);
            assert_eq!(stage.reference(&store).await.is_some(), after_its_call, "by its name");
            assert_eq!(stage.sandbox.max().ledger().len(), usize::from(after_its_call), "nothing goes again by itself");
        }
    }
);

both!(
    // A second message went without a look, though the first one stood in the dialogue.
    async fn what_goes_again_by_the_policy_is_looked_for_first(store) {
        for there in [true, false] {
            let stage = Stage::new(&store, ChannelKind::Max, None).await;
            stage.fixture.change(&store, "update campaign set uncertain_policy = 'resend' where account_id = $1").await;
            stage.dies(&store, there).await;
            // Nobody can be asked while it is settled.
            let away = stage.sandbox.faults().add(Rule::new(Fault::Error { code: 404, description: "not.found".to_owned(), retry_after: None }).service("max").method("GET /messages"));
            stage.turn(&store).await;
            stage.sandbox.faults().remove(away);
            stage.fixture.change(&store, "update delivery set due_at = '2020-01-01T00:00:00+00:00' where account_id = $1 and state = 'queued'").await;
            stage.turn(&store).await;
            assert_eq!(stage.fixture.delivery(&store, stage.campaign, 0).await.0, State::Sent);
            assert_eq!(stage.sandbox.max().ledger().len(), 1, "once, whether the first had gone or not");
            let kept: Vec<Message> = kept_of(&store, &stage).await;
            assert!(kept.iter().all(|message| message.body.text.starts_with("Анна, наш сайт")), "{kept:?}");
        }
    }
);

async fn kept_of(store: &Store, stage: &Stage) -> Vec<Message> {
    let Fixture { account, ref contacts, .. } = stage.fixture;
    let kept = mms_core::delivery::kept::to(store, account, stage.campaign, contacts[0]).await.unwrap();
    kept.into_iter().filter_map(|one| one.message).collect()
}
