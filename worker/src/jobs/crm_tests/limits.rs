//! Contacts of the CRM beyond the plan: new ones are left out, what is known goes on, and an
//! opt-out is taken all the same.

use mms_core::{
    account::licence::{self, PlanCode},
    store::usage::{self, Counted, Month},
};

use super::*;

/// Contacts of the smallest plan.
const ALLOWED: i64 = 5_000;

async fn used(world: &World) -> i64 {
    usage::used(&world.deps.store, world.account, Counted::Contacts, Month::NONE).await.expect("a counter")
}

both!(
    // The limit was shown on the licence's screen and never asked.
    async fn a_sync_at_the_plans_limit_goes_on_with_those_it_knows_and_takes_the_rest_later(store) {
        let world = World::new(store).await;
        let now = clock::now();
        let licensed = async |plan| licence::issue(&world.deps.store, world.account, plan, now - TimeDelta::days(1), now + TimeDelta::days(30), now).await.expect("a licence");
        let trial = licensed(PlanCode::TRIAL).await;
        usage::preset(&world.deps.store, world.account, Counted::Contacts, Month::NONE, ALLOWED - 10).await;
        let ids = world.amo.seed(&Seed { count: 20, ..Seed::default() });
        let id = world.connect().await;
        world.map(id).await;
        world.amo.edit(ids[19], |contact| contact.set(fields::OPT_OUT, json!(true)));
        let row = world.sync(id).await;
        assert_eq!((row.state, row.state_reason.as_deref(), row.sync_cursor.left_out), (ConnectionState::Active, None, 9));
        assert_eq!((world.count("select count(*) from contact").await, used(&world).await), (11, ALLOWED + 1));
        assert_eq!(world.count("select count(*) from contact where opted_out_at is not null").await, 1, "whoever said stop is taken");
        assert_eq!(world.count("select count(*) from notice where kind = 'crm.held'").await, 1);

        // Known contacts go on: one changes, one says stop; whoever was left out still waits.
        let mut known = Vec::new();
        for crm_id in &ids {
            if world.contact(*crm_id).await.is_some() {
                known.push(*crm_id);
            }
        }
        world.amo.edit(known[0], |contact| contact.set(fields::CITY, json!("Тверь")));
        world.amo.edit(known[1], |contact| contact.set(fields::OPT_OUT, json!(true)));
        world.amo.add(Contact::person("Нина", "Новикова", &[&phone(900)]));
        let row = world.sync(id).await;
        assert_eq!((row.sync_cursor.left_out, row.sync_cursor.stats.opted_out), (9, 1));
        assert_eq!(world.contact(known[0]).await.expect("the contact").2["city"], json!("Тверь"));
        assert_eq!(world.count("select count(*) from notice where kind = 'crm.held'").await, 1);

        // A larger plan: the next sync reads everything.
        licence::revoke(&world.deps.store, world.account, trial, clock::now()).await.expect("revoked");
        licensed(PlanCode::START).await;
        let row = world.sync(id).await;
        assert_eq!((row.sync_cursor.left_out, row.sync_phase), (0, SyncPhase::Idle));
        assert_eq!((world.count("select count(*) from contact").await, used(&world).await), (21, ALLOWED + 11));
    }
);
