//! What a campaign costs: the forecast's best and worst case, and what was spent by the prices of
//! the days.

use super::*;
use crate::{
    campaign::{
        audience::{Arg, Asked, Sql, bind_args},
        cost::{self, Costs, StepCost},
        spec,
    },
    channel::{ChannelKind, Charge},
    contact::id_range::IdRange,
    id::AddressId,
    price::{self, Amount, Category, Cost, Currency, typed},
    store::{Db, Engine},
    testing,
};

async fn priced(store: &Store, w: &World, kind: ChannelKind, text: &str, now: Moment) {
    price::set(store, &w.owner, (kind, Category::Marketing), &typed::read(text).unwrap(), now).await.unwrap();
}

fn cost(sums: &[(&str, Currency)], priced: i64, unpriced: i64) -> Cost {
    let sums = sums.iter().map(|(amount, currency)| (*currency, Amount::parse(amount).unwrap())).collect();
    Cost { sums, priced, unpriced }
}

async fn with_phone(store: &Store, w: &World, phone: Option<&str>) -> ContactId {
    person(store, w, &Person { phone: phone.map(str::to_owned), ..fan() }).await
}

async fn costs(store: &Store, w: &World, id: CampaignId) -> Costs {
    cost::of(store, w.owner.account, id).await.unwrap()
}

both!(async fn what_was_sent_costs_what_held_on_its_day(store) {
    let w = world(&store).await;
    for n in 0..4 {
        with_phone(&store, &w, Some(&format!("+7916000000{n}"))).await;
    }
    for n in 0..2 {
        with_phone(&store, &w, Some(&format!("+37529000000{n}"))).await;
    }
    with_phone(&store, &w, None).await;
    priced(&store, &w, ChannelKind::Telegram, "1,1 ₽", w.now).await;
    priced(&store, &w, ChannelKind::Telegram, "Беларусь 0,0138 EUR", w.now).await;
    let draft = ready(&store, &w).await;
    let forecast = audience::forecast(&store, &get(&store, w.owner.account, draft).await.unwrap(), w.now).await.unwrap();
    let wanted = cost(&[("5.5", Currency::Rub), ("0.0276", Currency::Eur)], 7, 0);
    assert_eq!(forecast.cost(), (wanted.clone(), wanted.clone()));
    let id = running(&store, &w, 7).await;
    assert_eq!(costs(&store, &w, id).await, Costs { forecast: Some(vec![StepCost { step: 1, best: wanted.clone(), worst: wanted }]), spent: None });
    outcome(&store, &w, id, 1, delivery::State::Failed, Some(Reason::Rejected)).await;
    outcome(&store, &w, id, 4, delivery::State::Delivered, None).await;
    outcome(&store, &w, id, 2, delivery::State::Sent, None).await;
    // The last two went the day after, when the general price was another one: to Belarus, and to
    // somebody without a phone.
    let next = w.now + TimeDelta::days(1);
    run!(store, "update delivery set sent_at = $2 where campaign_id = $1 and state = 'sent'", id, next);
    priced(&store, &w, ChannelKind::Telegram, "2 ₽", next).await;
    let later = w.now + TimeDelta::days(2);
    assert!(matches!(report::close(&store, id, note, later).await.unwrap(), Closed::Now { balanced: true, .. }));
    let spent = costs(&store, &w, id).await.spent.unwrap();
    // Planned by contact, the first was refused: three Russians and a Belarusian on the first day.
    assert_eq!(cost::sum_spent(&spent), cost(&[("5.3", Currency::Rub), ("0.0276", Currency::Eur)], 6, 0));
    // A price that is set afterwards changes nothing of it.
    priced(&store, &w, ChannelKind::Telegram, "9 ₽", later).await;
    assert_eq!(report::close(&store, id, note, later).await.unwrap(), Closed::Nothing);
    assert_eq!(costs(&store, &w, id).await.spent.unwrap(), spent);
});

// No price, and one that is the same everywhere and all the time, are counted by the counters.
both!(async fn without_countries_the_counters_say_what_it_cost(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    run!(store, "update channel set settings = $1", Json(serde_json::json!({ "paid": true })));
    let unset = running(&store, &w, 3).await;
    let none = cost(&[], 0, 3);
    let kept = costs(&store, &w, unset).await.forecast.unwrap();
    assert_eq!(cost::sum(kept.iter()), (none.clone(), none), "what is paid for speed is in no file");
    outcome(&store, &w, unset, 3, delivery::State::Sent, None).await;
    report::close(&store, unset, note, w.now).await.unwrap();
    assert_eq!(cost::sum_spent(&costs(&store, &w, unset).await.spent.unwrap()), cost(&[], 0, 3));
    priced(&store, &w, ChannelKind::Telegram, "0,000001 ₽", w.now).await;
    let set = running(&store, &w, 3).await;
    outcome(&store, &w, set, 2, delivery::State::Sent, None).await;
    outcome(&store, &w, set, 1, delivery::State::Uncertain, Some(Reason::NoAnswer)).await;
    report::close(&store, set, note, w.now).await.unwrap();
    let spent = costs(&store, &w, set).await.spent.unwrap();
    assert_eq!(cost::sum_spent(&spent), cost(&[("0.000002", Currency::Rub)], 2, 0), "what is not known to have gone costs nothing");
});

// A message of a template that is advertising for the product was charged as one about an order,
// and one within a conversation as nothing: the report counted all of them as advertising.
both!(async fn what_the_messenger_says_it_charged_comes_before_what_the_template_is(store) {
    let w = world(&store).await;
    crowd(&store, &w, 5).await;
    for (category, text) in [(Category::Marketing, "5 ₽"), (Category::Utility, "2 ₽")] {
        price::set(&store, &w.owner, (ChannelKind::Whatsapp, category), &typed::read(text).unwrap(), w.now).await.unwrap();
    }
    let id = running(&store, &w, 5).await;
    run!(store, "update channel set kind = 'whatsapp' where id = $1", w.channel);
    outcome(&store, &w, id, 5, delivery::State::Delivered, None).await;
    // The fifth is one of which nothing was told.
    for (n, charge) in [(1, Charge::Free), (2, Charge::Utility), (3, Charge::Service), (4, Charge::Marketing)] {
        run!(store, "update delivery set charge = $3 where id = (select min(d.id) + $2 from delivery d where d.campaign_id = $1)", id, n - 1_i64, charge);
    }
    report::close(&store, id, note, w.now).await.unwrap();
    let spent = costs(&store, &w, id).await.spent.unwrap();
    assert_eq!(cost::sum_spent(&spent), cost(&[("12", Currency::Rub)], 4, 1), "of what was an answer no price is set");
});

both!(async fn of_several_steps_there_is_a_best_and_a_worst_case(store) {
    let w = world(&store).await;
    let second = ChannelId::new();
    run!(
        store,
        "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) select $2, account_id, 'viber', 'Второй', 'other', credentials, settings, state, hook_secret, created_at from channel where id = $1",
        w.channel,
        second
    );
    let kazakh = person(&store, &w, &Person { phone: Some("+77010000000".to_owned()), chats: Vec::new(), ..fan() }).await;
    let russian = with_phone(&store, &w, Some("+79160000000")).await;
    with_phone(&store, &w, None).await;
    for contact in [kazakh, russian] {
        run!(
            store,
            "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) values ($1, $2, $3, 'viber', $4, $5, 'reachable', $6, $6)",
            AddressId::new(), w.owner.account, contact, contact.to_string(), second, w.now
        );
    }
    for (kind, text) in [(ChannelKind::Telegram, "1 ₽"), (ChannelKind::Viber, "2 ₽"), (ChannelKind::Viber, "KZ 0,03 EUR")] {
        priced(&store, &w, kind, text, w.now).await;
    }
    let id = ready(&store, &w).await;
    let step = Change::AddStep { next_on: NextOn::Unread, wait: TimeDelta::minutes(30), channel: Some(second), version: Some(w.version) };
    draft::edit(&store, &w.manager, id, step, w.now).await.unwrap();
    let forecast = audience::forecast(&store, &get(&store, w.owner.account, id).await.unwrap(), w.now).await.unwrap();
    assert_eq!(forecast.planned, 3);
    let [first, then] = forecast.steps.as_slice() else { panic!("two steps") };
    let begins = cost(&[("2", Currency::Rub)], 2, 0);
    assert_eq!(first.cost, StepCost { step: 1, best: begins.clone(), worst: begins });
    // One begins with it, and the two of the first step may come to it.
    let (best, worst) = (cost(&[("0.03", Currency::Eur)], 1, 0), cost(&[("4", Currency::Rub), ("0.03", Currency::Eur)], 3, 0));
    assert_eq!(then.cost, StepCost { step: 2, best, worst });
    let (best, worst) = (cost(&[("2", Currency::Rub), ("0.03", Currency::Eur)], 3, 0), cost(&[("6", Currency::Rub), ("0.03", Currency::Eur)], 5, 0));
    assert_eq!(forecast.cost(), (best, worst));
});

/// How SQLite goes about a statement, step by step.
async fn plan_of(store: &Store, sql: Sql) -> Vec<String> {
    let Db::Sqlite(pool) = store.read() else { panic!("SQLite was asked for") };
    let query = sqlx::query_as(sqlx::AssertSqlSafe(format!("explain query plan {}", sql.text)));
    let steps: Vec<(i64, i64, i64, String)> = bind_args!(query, &sql.args).fetch_all(pool).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}

/// The countries of phones are found by the contact, messages by the campaign.
#[tokio::test]
async fn no_table_is_read_whole_for_what_it_costs() {
    let store = testing::store(Engine::Sqlite).await;
    let w = world(&store).await;
    let campaign = get(&store, w.owner.account, ready(&store, &w).await).await.unwrap();
    let spec = spec::load(spec::Via::Read(&store), &campaign).await.unwrap();
    let asked = Asked { day: w.now, phones: true };
    let counted = plan_of(&store, audience::count_sql(&spec, Engine::Sqlite, w.now, IdRange::ALL, asked)).await;
    let went = plan_of(&store, cost::went_sql(&campaign, &[w.now])).await;
    for plan in [&counted, &went] {
        assert!(plan.iter().any(|step| step.starts_with("SEARCH p USING INDEX address_contact (contact_id=? AND kind=?)")), "{plan:?}");
        assert!(!plan.iter().any(|step| step.starts_with("SCAN") && !step.ends_with("SUBQUERY")), "{plan:?}");
    }
    assert!(went.iter().any(|step| step.starts_with("SEARCH d USING INDEX") && step.contains("campaign_id=?")), "{went:?}");
}
