//! A provider that answers questions and leaves what is sent unanswered.

use super::*;
use crate::pump::turn;

both!(
    // Whatever was claimed became uncertain, a second after a second, for `getMe` was answered.
    async fn a_provider_that_answers_questions_alone_leaves_few_uncertain(store) {
        let world = World::new(store, 400, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 400, None).await;
        let silent = Rule::new(Fault::Gateway { code: 502, accepted: true }).method("sendMessage");
        let silent = world.sandbox.faults().add(silent);
        let deps = world.worker("a");
        let works = async |length| {
            let (row, adapter) = channels::load(&deps.store, &deps.sealer, &deps.endpoints, world.fixture.channel).await.unwrap();
            turn(&deps, &row, adapter, length).await.unwrap();
            world.books(campaign).await.of(State::Uncertain)
        };
        let mut first = 0;
        while first == 0 {
            first = works(Duration::from_millis(300)).await;
        }
        // In so long three trials may be made; the channel's next turn knows of the one before.
        let then = works(Duration::from_secs(4)).await;
        assert!(then - first <= 3, "{first}, {then}");
        assert!(world.books(campaign).await.of(State::Queued) > 100, "the rest waits");
        // One that is answered opens the channel again.
        world.sandbox.faults().remove(silent);
        while world.books(campaign).await.of(State::Queued) > 0 {
            world.later().await;
            works(LONG).await;
        }
        world.each_once(400);
        let books = world.books(campaign).await;
        assert_eq!(books.of(State::Sent) + books.of(State::Uncertain), 400);
        assert_eq!(books.of(State::Uncertain), then);
    }
);
