//! A channel is removed while its worker is dead.

use mms_core::{
    campaign::{report, schedule::Due, tick},
    channel::lease::Memory,
    delivery::begun,
};

use super::*;

both!(
    // They stayed in flight for ever, and their campaign never closed.
    async fn what_a_removed_channel_left_in_flight_comes_to_its_end(store) {
        let world = World::new(store, 3, 1000.0, Rates::off()).await;
        let campaign = world.fixture.campaign(&world.store, "service", "leave", 3, None).await;
        let (account, channel) = (world.fixture.account, world.fixture.channel);
        let lease = lease::take(&world.store, channel, "dead", clock::now()).await.unwrap().unwrap();
        begun::take_over(&world.store, account, lease).await.unwrap();
        let long_ago = clock::now() - chrono::TimeDelta::minutes(5);
        world.fixture.change(&world.store, "update delivery set due_at = '2020-01-01T00:00:00+00:00' where account_id = $1").await;
        let claimed = claim::claim(&world.store, account, (campaign, 1), lease, 2, Duration::from_secs(20), None, long_ago).await.unwrap();
        let Claim::Rows { rows, .. } = claimed else { panic!("closed") };
        // Of the two that were claimed one was begun.
        let begins = [rows[0].delivery.0].into();
        assert!(begun::list(&world.store, account, lease, &begun::text(&begins), Default::default()).await.unwrap());
        lease::give_back(&world.store, lease, &Memory::default()).await.unwrap();
        channels::remove(&world.store, &world.fixture.owner(), channel, clock::now()).await.unwrap();

        run(&world.worker("b"), channel).await.unwrap();
        tick::tick(&world.store, clock::now()).await.unwrap();
        let books = world.books(campaign).await;
        assert_eq!((books.of(State::Uncertain), books.of(State::Cancelled), books.of(State::Sending)), (1, 2, 0));
        assert_eq!(world.sent(), 0, "nobody asks its provider, nobody sends through it");
        assert_eq!(tick::due(&world.store, clock::now()).await.unwrap(), [(account, campaign, Due::Close)]);
        let closed = report::close(&world.store, campaign, |_, _| String::new(), clock::now()).await.unwrap();
        assert!(matches!(closed, report::Closed::Now { balanced: true, .. }), "{closed:?}");
    }
);
