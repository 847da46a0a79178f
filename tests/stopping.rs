//! Asked to stop, a process ends: whatever a provider does with its calls, and however long it says to wait. Nothing here asserts a
//! time: the double holds a call for twelve seconds, and the process must have ended before the double lets it go.

use mms_core::on;
use mms_sandbox::{Fault, Rule, User};

use crate::harness::{Company, Launch, Shape, World, next_id, phone, until};

/// How long the double holds a call, milliseconds: longer than a stop may take (ten seconds), shorter than a call may take.
const HOLDS: u64 = 12_000;

/// Ends every process of an installation; each must end well.
async fn end(world: &mut World) {
    for worker in world.workers.drain(..) {
        worker.terminate().await;
    }
    if let Some(bot) = world.bot.take() {
        bot.terminate().await;
    }
}

/// The messenger hangs while a campaign is under way: what is in the air is uncertain, the rest waits in the queue.
#[tokio::test(flavor = "multi_thread")]
async fn a_sending_process_ends_before_a_hanging_messenger_answers() {
    for shape in [Shape::One, Shape::Apart { workers: 1 }] {
        let mut world = World::start(shape).await;
        let company = Company::found(&world, 60).await;
        let holds = world.sandbox.faults().add(Rule::new(Fault::Latency { ms: HOLDS }).method("send*").bot(company.bot).skip(10));
        let campaign = company.launch(&world, Launch::default()).await;
        until("a call to hang", || async { (world.sandbox.faults().struck(holds) >= Some(3)).then_some(()) }).await;
        let sent = company.received(&world).len();
        end(&mut world).await;
        assert_eq!(company.received(&world).len(), sent, "the messenger let its calls go first");
        let states: Vec<(String, i64)> =
            on!(world.store.read(), |c| sqlx::query_as("select state, count(*) from delivery where campaign_id = $1 group by state")
                .bind(campaign)
                .fetch_all(c)
                .await)
            .expect("counted");
        let of = |name: &str| states.iter().find(|(state, _)| state == name).map_or(0, |(_, n)| *n);
        assert_eq!((of("sending"), of("sent")), (0, 10), "{states:?}");
        assert!(of("uncertain") >= 3 && of("uncertain") + of("queued") == 50, "{states:?}");
        world.stop().await;
    }
}

/// The managers' messenger hangs, or says to come back much later: nobody waits for it once asked to stop.
#[tokio::test(flavor = "multi_thread")]
async fn the_bot_ends_before_a_hanging_or_limiting_messenger_is_done() {
    let limited = Fault::TooManyRequests { retry_after: HOLDS / 1_000 };
    for fault in [Fault::Latency { ms: HOLDS }, limited] {
        let mut world = World::start(Shape::Apart { workers: 1 }).await;
        let strikes = world.sandbox.faults().add(Rule::new(fault).method("sendMessage").bot(world.manager_bot));
        let people: Vec<i64> = (0..5).map(|_| next_id()).collect();
        for id in &people {
            world.sandbox.add_user(User::new(*id, "Иван", &phone(*id)));
            world.sandbox.press_start(world.manager_bot, *id, None).expect("started");
        }
        let began = until("an answer to be held up", || async { world.sandbox.faults().struck(strikes).filter(|n| *n > 0) }).await;
        // From here on nothing is in the way any more but what was begun.
        world.sandbox.faults().remove(strikes);
        end(&mut world).await;
        let told = world.sandbox.ledger().counts(world.manager_bot, |_| true);
        assert!(told.len() < people.len(), "{began} were held up, {} were told: the process waited for all of them", told.len());
        world.stop().await;
    }
}
