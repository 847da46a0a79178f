//! What a forecast says a manager may have overlooked.

use super::*;
use crate::{
    campaign::{
        audience::{self, Correspondents, Newcomers},
        night::Night,
    },
    channel::{Daily, Terms, store as channels},
    delivery::{daily, month},
};

async fn forecast(store: &Store, w: &World, id: CampaignId, at: Moment) -> audience::Forecast {
    audience::forecast(store, &get(store, w.owner.account, id).await.unwrap(), at).await.unwrap()
}

// At 04:18 of its recipients' clocks, and for the third time on a day, a campaign was launched
// without a word of warning.
both!(async fn a_forecast_says_whom_it_would_wake_and_who_got_advertising_today(store) {
    let w = world(&store).await;
    run!(store, "update account set cap_hours = 0 where id = $1", w.owner.account);
    let people = crowd(&store, &w, 5).await;
    run!(store, "update contact set last_marketing_at = null where account_id = $1", w.owner.account);
    let at: Moment = "2026-11-28T01:18:00Z".parse().unwrap();
    for (who, hours) in [(people[0], 1), (people[1], 5)] {
        run!(store, "update contact set last_marketing_at = $2 where id = $1", who, at - TimeDelta::hours(hours));
    }
    run!(store, "update contact set zone = 'Asia/Vladivostok' where id = $1", people[2]);
    run!(store, "update contact set zone = 'No/Such' where id = $1", people[3]);
    // Who does not get it wakes nobody and is not counted.
    let out = person(&store, &w, &Person { opted_out: true, ..fan() }).await;
    run!(store, "update contact set last_marketing_at = $2 where id = $1", out, at - TimeDelta::hours(1));

    let id = ready(&store, &w).await;
    let found = forecast(&store, &w, id, at).await;
    assert_eq!((found.audience, found.planned), (6, 5));
    let four = chrono::NaiveTime::from_hms_opt(4, 18, 0).unwrap();
    assert_eq!(found.night, Some(Night { people: 4, local: four, at_start: true }), "04:18 in Moscow, 11:18 in Vladivostok");
    assert_eq!(found.again, 1, "20:18 of yesterday by UTC is yesterday in Moscow too");

    let by_day = forecast(&store, &w, id, at + TimeDelta::hours(6)).await;
    assert_eq!(by_day.night, None, "07:18 UTC is day for everybody");
    run!(store, "update template_version set class = 'service' where id = $1", w.version);
    assert_eq!(forecast(&store, &w, id, at).await.again, 0, "a service message is no advertising");
});

// Whoever had advertising today was left out of a campaign for the day after tomorrow: it could not
// be launched, or found more people than were confirmed when its time came.
both!(async fn a_forecast_counts_by_the_moment_the_campaign_starts(store) {
    let w = world(&store).await;
    run!(store, "update account set cap_hours = 24 where id = $1", w.owner.account);
    crowd(&store, &w, 3).await;
    run!(store, "update contact set last_marketing_at = $2 where account_id = $1", w.owner.account, w.now - TimeDelta::hours(1));
    let id = ready(&store, &w).await;
    let now = get(&store, w.owner.account, id).await.unwrap();
    let at = async |campaign: &Campaign| {
        let found = audience::forecast(&store, campaign, w.now).await.unwrap();
        (found.planned, found.skipped, audience::sample(&store, campaign, 0, w.now).await.unwrap().is_some())
    };
    assert_eq!(at(&now).await, (0, vec![(Reason::FrequencyCap, 3)], false));
    let soon = Campaign { starts_at: Some(w.now + TimeDelta::hours(22)), ends_at: None, ..now.clone() };
    assert_eq!(at(&soon).await, (0, vec![(Reason::FrequencyCap, 3)], false));
    let later = Campaign { starts_at: Some(w.now + TimeDelta::hours(23)), ends_at: None, ..now };
    assert_eq!(at(&later).await, (3, vec![], true));
});

// A tariff of Wazzup's lets a channel write to so many people a month, and nobody said who of a
// campaign would be new to it.
both!(async fn a_forecast_says_who_is_new_to_the_month_of_a_channel(store) {
    let w = world(&store).await;
    run!(store, "update account set cap_hours = 0 where id = $1", w.owner.account);
    let people = crowd(&store, &w, 5).await;
    run!(store, "update channel set kind = 'wazzup_whatsapp' where id = $1", w.channel);
    run!(store, "update address set kind = 'wazzup_whatsapp' where account_id = $1", w.owner.account);
    let began = month::began(w.now);
    for (n, at) in [(0, w.now), (1, began - TimeDelta::days(1)), (0, w.now)] {
        run!(
            store,
            "insert into outgoing (account_id, channel_id, contact_id, address_value, purpose, payload, dedupe_key, state, attempt, due_at, created_at, sent_at) \
             values ($1, $2, $3, '7', 'answer', $4, $5, 'sent', 1, $6, $6, $6)",
            w.owner.account,
            w.channel,
            people[n],
            Json(serde_json::json!({})),
            ContactId::new().to_string(),
            at
        );
    }
    let id = ready(&store, &w).await;
    let asked = async |at: Moment| forecast(&store, &w, id, at).await.steps[0].people;
    assert_eq!(asked(w.now).await, None, "nobody said what the tariff is");
    run!(store, "update channel set settings = $2 where id = $1", w.channel, Json(serde_json::json!({ "people": 4 })));
    let found = asked(w.now).await.unwrap();
    assert_eq!(found, Correspondents { most: 4, used: 1, new: 4 });
    assert_eq!((found.left(), found.beyond()), (3, 1));
    let next = began + TimeDelta::days(40);
    assert_eq!(asked(next).await, Some(Correspondents { most: 4, used: 0, new: 5 }), "the count begins anew");
    let known = month::of(&store, w.owner.account, w.channel, &people, w.now).await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), [people[0]]);
});

// A number of WhatsApp's may begin with so many people a day, and a launch did not know it.
both!(async fn a_forecast_says_who_is_new_to_the_day_and_how_many_days_it_takes(store) {
    let w = world(&store).await;
    run!(store, "update account set cap_hours = 0 where id = $1", w.owner.account);
    let people = crowd(&store, &w, 9).await;
    let other = running(&store, &w, 9).await;
    outcome(&store, &w, other, 9, delivery::State::Sent, None).await;
    run!(store, "update channel set kind = 'whatsapp' where id = $1", w.channel);
    run!(store, "update address set kind = 'whatsapp' where account_id = $1", w.owner.account);
    run!(store, "update template_version set class = 'service' where id = $1", w.version);
    let id = ready(&store, &w).await;
    let asked = async |at: Moment| forecast(&store, &w, id, at).await;
    assert_eq!(asked(w.now).await.steps[0].daily, None, "nobody told a limit");
    let limit = async |most| {
        let row = channels::find(&store, w.channel).await.unwrap().unwrap();
        let daily = Daily { scope: "owner".to_owned(), account: "305".to_owned(), most };
        daily::keep_terms(&store, &row, Terms { daily: Some(daily), ..row.terms.clone() }, w.now).await.unwrap();
    };
    limit(Some(3)).await;
    // Two got something today, one of them an hour ago; one wrote today.
    for (n, hours) in [(0, 20), (1, 1), (2, 25)] {
        let at = w.now - TimeDelta::hours(hours);
        run!(store, "update delivery set quota_at = $2 where campaign_id = $1 and contact_id = $3", other, at, people[n]);
    }
    run!(
        store,
        "insert into chat_message (account_id, contact_id, channel_id, direction, body, at) values ($1, $2, $3, 'in', 'Здравствуйте', $4)",
        w.owner.account,
        people[8],
        w.channel,
        w.now - TimeDelta::hours(2)
    );
    let found = asked(w.now).await;
    let daily = found.steps[0].daily.unwrap();
    assert_eq!((found.planned, daily), (9, Newcomers { most: 3, used: 2, before: 0, new: 6 }));
    assert_eq!((daily.left(), daily.at_once(), daily.beyond(), daily.days()), (1, 1, 5, 3));
    assert_eq!(found.duration, TimeDelta::days(2), "one now, three tomorrow, two the day after");
    let row = get(&store, w.owner.account, id).await.unwrap();
    let ends = |hours| Campaign { ends_at: Some(w.now + TimeDelta::hours(hours)), ..row.clone() };
    let late = async |hours| audience::forecast(&store, &ends(hours), w.now).await.unwrap().too_late;
    assert_eq!((late(12).await, late(30).await, late(49).await), (5, 2, 0));
    // In five hours the one of twenty hours ago counts no more.
    let soon = asked(w.now + TimeDelta::hours(5)).await.steps[0].daily.unwrap();
    assert_eq!((soon.used, soon.new), (1, 7));
    limit(None).await;
    assert_eq!(asked(w.now).await.steps[0].daily, None, "any number");
});
