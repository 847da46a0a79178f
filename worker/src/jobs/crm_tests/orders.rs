//! Orders of RetailCRM as occasions: read at first, followed by their own feed, called off when the
//! CRM calls them off.

use chrono::{DateTime, Utc};
use mms_core::contact::occasion::{self, Occasion, OccasionState};
use mms_sandbox::{
    Fault as Strike, Rule as Struck,
    retailcrm::{Customer, Order},
};

use super::{retail::Shop, *};

fn order(customer: u64, number: &str, at: DateTime<Utc>, items: &[(&str, f64)]) -> Order {
    Order {
        number: number.to_owned(),
        customer: Some(customer),
        created_at: at,
        items: items.iter().map(|(name, price)| ((*name).to_owned(), *price, 1.0)).collect(),
        ..Order::default()
    }
}

impl Shop {
    async fn orders(&self, customer: u64) -> Vec<Occasion> {
        let contact = self.contact(customer).await;
        occasion::of_contact(&self.world.deps.store, self.world.account, contact, 10).await.expect("read")
    }
}

both!(async fn orders_come_move_and_go_with_the_crm(store) {
    let shop = Shop::new(store).await;
    let (world, retail) = (&shop.world, &shop.retail);
    let (anna, boris) = (
        retail.add(Customer::person("Анна", "Петрова", &["+7 912 000-00-01"])),
        retail.add(Customer::person("Борис", "Сидоров", &["+7 912 000-00-02"])),
    );
    let day = |days: i64| clock::now() - TimeDelta::days(days);
    let tea = retail.add_order(order(anna, "14", day(20), &[("Чай зелёный", 300.0), ("Кружка", 450.5)]));
    let old = retail.add_order(order(anna, "2", day(1_000), &[]));
    let coffee = retail.add_order(order(boris, "15", day(3), &[("Кофе", 900.0)]));
    let id = shop.connect().await;
    let row = world.sync(id).await;
    assert_eq!((row.sync_phase, row.state_reason.as_deref()), (SyncPhase::Idle, None));
    assert_eq!(row.sync_cursor.stats.left_out, 0);

    let [one] = shop.orders(anna).await.try_into().expect("one order: the other is older than is asked for");
    assert_eq!((one.external_id.as_str(), one.state, one.stage.as_str()), (tea.to_string().as_str(), OccasionState::Open, "Новый"));
    assert_eq!((one.title.as_str(), one.amount, one.data["number"].as_str()), ("Чай зелёный, Кружка", Some(75_050), Some("14")));
    assert!((one.at - day(20)).abs() < TimeDelta::minutes(1), "in UTC, whatever the account's zone: {}", one.at);

    // One is moved on, one cancelled, one comes of a customer who is new, and one goes.
    retail.move_order(tea, "complete");
    retail.move_order(coffee, "cancel-other");
    let vera = retail.add(Customer::person("Вера", "Иванова", &["+7 912 000-00-03"]));
    let lost = retail.add_order(order(vera, "16", day(0), &[("Торт", 1_200.0)]));
    world.sync(id).await;
    assert_eq!((shop.orders(anna).await[0].state, shop.orders(boris).await[0].state), (OccasionState::Done, OccasionState::Cancelled));
    assert_eq!(shop.orders(anna).await[0].stage, "Выполнен");
    assert_eq!(shop.orders(vera).await[0].title, "Торт");
    retail.delete_order(lost);
    retail.move_order(old, "complete");
    world.sync(id).await;
    assert_eq!(shop.orders(vera).await[0].state, OccasionState::Cancelled, "deleted there, it will not take place");
    assert_eq!(shop.orders(anna).await.len(), 2, "what changes is wanted, however old");

    // The same again changes nothing; a key that may not read orders keeps the people.
    let before = world.count("select count(*) from occasion").await;
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((world.count("select count(*) from occasion").await, stats.occasions, stats.called_off), (before, 0, 0));
    retail.allow_methods(&shop.key, Some(&[
        "/api/v5/customers",
        "/api/v5/customers/history",
        "/api/v5/customers/{externalId}/edit",
        "/api/v5/customers/notes",
        "/api/v5/customers/notes/create",
        "/api/v5/custom-fields",
        "/api/system-info",
    ]));
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase), (ConnectionState::Active, SyncPhase::Idle));

    // A person who goes takes their orders along.
    retail.delete(anna);
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from occasion").await, before - 2);
});

both!(async fn whoever_is_new_here_has_the_orders_of_before(store) {
    let shop = Shop::new(store).await;
    let (world, retail) = (&shop.world, &shop.retail);
    let anna = retail.add(Customer::person("Анна", "Петрова", &["+7 912 000-00-01"]));
    for n in 0..3 {
        retail.add_order(order(anna, &format!("{n}"), clock::now() - TimeDelta::days(20 + n), &[("Чай", 300.0)]));
    }
    let id = shop.connect().await;
    world.sync(id).await;
    // As if they had not been here when the feed told of the orders.
    world.exec("delete from occasion").await;
    world.exec("delete from contact_source").await;
    retail.edit(anna, |customer| customer.first_name = "Аня".to_owned());
    world.sync(id).await;
    assert_eq!(shop.orders(anna).await.len(), 3);
});

both!(async fn a_read_of_orders_that_is_killed_goes_on_from_its_page(store) {
    let shop = Shop::new(store).await;
    let (world, retail) = (&shop.world, &shop.retail);
    let anna = retail.add(Customer::person("Анна", "Петрова", &["+7 912 000-00-01"]));
    for n in 0..250 {
        retail.add_order(order(anna, &format!("{n}"), clock::now() - TimeDelta::days(20), &[("Чай", 300.0)]));
    }
    let id = shop.connect().await;
    let third = retail.faults().add(Struck::new(Strike::Hang { accepted: false }).method("GET /orders").skip(2).times(1));
    let job = world.works(id);
    // It hangs in the third page while the second one is written.
    while retail.faults().struck(third) != Some(1) || world.count("select count(*) from occasion").await < 200 {
        tokio::task::yield_now().await;
    }
    job.abort();
    assert!(job.await.is_err_and(|error| error.is_cancelled()));
    assert_eq!(world.row(id).await.sync_cursor.next.as_ref().map(|next| next["page"].clone()), Some(json!(3)));
    assert_eq!(world.count("select count(*) from occasion").await, 200);
    let row = world.sync(id).await;
    assert_eq!((row.sync_phase, world.count("select count(*) from occasion").await), (SyncPhase::Idle, 250));
});

both!(async fn the_night_finds_what_hooks_and_feeds_missed(store) {
    let shop = Shop::new(store).await;
    let (world, retail) = (&shop.world, &shop.retail);
    let anna = retail.add(Customer::person("Анна", "Петрова", &["+7 912 000-00-01"]));
    let tea = retail.add_order(order(anna, "14", clock::now() - TimeDelta::days(2), &[("Чай", 300.0)]));
    let id = shop.connect().await;
    world.sync(id).await;
    // The order goes and the feed does not say so; and the last full load was yesterday, in the
    // zone where it is night now.
    retail.delete_order(tea);
    let end = retail.last_history().1;
    // Another is new, and the feed tells of it: the night is not needed for that one.
    retail.add_order(order(anna, "15", clock::now() - TimeDelta::days(1), &[("Кофе", 500.0)]));
    let mut progress = world.row(id).await.sync_cursor.0;
    progress.occasions.mark = Some(json!(end));
    progress.full_at = Some(clock::now() - TimeDelta::hours(25));
    let mut tx = world.deps.store.begin().await.expect("begin");
    on!(tx.conn(), |c| sqlx::query("update crm_connection set sync_cursor = $1, last_synced_at = $3 where id = $2")
        .bind(sqlx::types::Json(&progress))
        .bind(id)
        .bind(clock::now() - TimeDelta::hours(1))
        .execute(c)
        .await
        .map(|_| ()))
    .expect("kept");
    let zone = night();
    on!(tx.conn(), |c| sqlx::query("update account set zone = $1 where id = $2").bind(zone).bind(world.account).execute(c).await.map(|_| ())).expect("moved");
    tx.commit().await.expect("commit");
    let row = world.sync(id).await;
    assert_eq!(row.sync_cursor.reconciled.map(|night| night.found), Some(1), "{:?}", row.sync_cursor.stats);
    let states: Vec<_> = shop.orders(anna).await.into_iter().map(|one| (one.external_id, one.state)).collect();
    assert!(states.contains(&(tea.to_string(), OccasionState::Cancelled)) && states.len() == 2, "{states:?}");
    let stats = world.sync(id).await;
    assert_eq!(stats.sync_cursor.reconciled.map(|night| night.found), Some(1), "once a night");
});

/// A zone where it is about three in the morning.
pub(super) fn night() -> String {
    use chrono::Timelike as _;
    // `Etc/GMT-3` is three hours ahead; from twelve behind to fourteen ahead.
    let hour = i64::from(clock::now().hour());
    let ahead = (3 - hour).rem_euclid(24);
    let ahead = if ahead > 14 { ahead - 24 } else { ahead };
    if ahead >= 0 { format!("Etc/GMT-{ahead}") } else { format!("Etc/GMT+{}", -ahead) }
}
