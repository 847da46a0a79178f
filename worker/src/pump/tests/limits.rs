//! The plan's messages of a month, through the pump.

use mms_core::{
    account::usage as plan,
    campaign::{self, State as Standing, control},
    store::usage::{self, Counted},
    words::Reason,
};

use super::*;

both!(
    // The limit was shown on the licence's screen and never asked.
    async fn a_campaign_stops_at_the_plans_limit_and_goes_on_in_a_larger_plan(store) {
        let world = World::new(store, 30, 1000.0, Rates::off()).await;
        let (fixture, store) = (&world.fixture, &world.store);
        fixture.change(store, "update licence set plan = 'trial' where account_id = $1").await;
        let mut tx = store.begin().await.unwrap();
        let month = plan::month_in(&mut tx, fixture.account, clock::now()).await.unwrap();
        drop(tx);
        usage::preset(store, fixture.account, Counted::Messages, month, 10_000 - 12).await;
        let campaign = fixture.campaign(store, "service", "leave", 30, None).await;
        let other = fixture.campaign(store, "advertising", "leave", 30, None).await;
        run(&world.worker("a"), fixture.channel).await.unwrap();
        assert_eq!(world.sent(), 12);
        for id in [campaign, other] {
            let row = campaign::get(store, fixture.account, id).await.unwrap();
            assert_eq!((row.state, row.state_reason), (Standing::Paused, Some(Reason::PlanLimit.into())));
            world.books(id).await;
        }
        assert_eq!(usage::check(store, fixture.account).await.unwrap().iter().filter(|one| one.what == Counted::Contacts).count(), 0);
        fixture.change(store, "update licence set plan = 'start' where account_id = $1").await;
        for id in [campaign, other] {
            control::resume(store, &fixture.owner(), id, clock::now()).await.unwrap();
        }
        // A person gets one message a second, so what goes to the same people goes after a while.
        while world.sent() < 60 {
            world.later().await;
            run(&world.worker("a"), fixture.channel).await.unwrap();
        }
        assert_eq!(usage::used(store, fixture.account, Counted::Messages, month).await.unwrap(), 10_048);
    }
);
