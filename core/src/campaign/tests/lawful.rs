//! What the law lets go: at submission, at the launch, and at the claim of each message.

use super::*;
use crate::{
    campaign::cascade::promote,
    channel::lease::{self, Lease},
    delivery::claim::{Claim, Claimed, claim},
    id::AddressId,
    law::{Category, Country, Stand, profile},
    limits::AIR,
};

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// A company in Moscow that said where it works, at this moment.
async fn russian(store: &Store, now: Moment) -> World {
    let mut w = world(store).await;
    w.now = now;
    run!(store, "update licence set valid_from = $2 where account_id = $1", w.owner.account, now - TimeDelta::days(1));
    profile::say(store, &w.owner, Country::Ru, Some(Category::Other), now).await.unwrap();
    w
}

async fn leased(store: &Store, channel: ChannelId, now: Moment) -> Lease {
    run!(store, "update channel set lease_until = null where id = $1", channel);
    lease::take(store, channel, "w", now).await.unwrap().unwrap()
}

async fn claimed(store: &Store, w: &World, part: (CampaignId, i16), lease: Lease, limit: i64, now: Moment) -> (Vec<Claimed>, usize) {
    match claim(store, w.owner.account, part, lease, limit, AIR, None, now).await.unwrap() {
        Claim::Rows { rows, skipped, .. } => (rows, skipped),
        Claim::Closed(why) => panic!("{why:?}"),
    }
}

async fn reasons(store: &Store, w: &World, id: CampaignId) -> Vec<(String, Option<String>)> {
    on!(store.read(), |c| sqlx::query_as(
        "select state, reason from delivery where account_id = $1 and campaign_id = $2 order by state, coalesce(reason, ''), step"
    )
    .bind(w.owner.account)
    .bind(id)
    .fetch_all(c)
    .await)
    .unwrap()
}

fn refused(outcome: &Result<impl std::fmt::Debug>) -> bool {
    matches!(outcome, Err(CampaignError::Law(steps)) if steps.iter().all(crate::campaign::lawful::StepLaw::is_blocked))
}

both!(async fn the_same_campaign_goes_on_the_eve_and_not_on_the_day(store) {
    let w = russian(&store, at("2025-08-31T12:00:00Z")).await;
    crowd(&store, &w, 3).await;
    let id = running(&store, &w, 3).await;
    let lease = leased(&store, w.channel, w.now).await;
    // The account's clock counts: the day ends at 21:00 UTC.
    for (time, gone) in [("2025-08-31T12:00:01Z", (1, 0)), ("2025-08-31T20:59:59Z", (1, 0)), ("2025-08-31T21:00:00Z", (0, 1))] {
        let (rows, skipped) = claimed(&store, &w, (id, 1), lease, 1, at(time)).await;
        assert_eq!((rows.len(), skipped), gone, "{time}");
    }
    let law = Some(Reason::Law.as_str().to_owned());
    let sending = || ("sending".to_owned(), None);
    assert_eq!(reasons(&store, &w, id).await, [sending(), sending(), ("skipped".to_owned(), law)]);
    balanced(&store, &w, id).await;
    // Handed in on the eve to start on the day, and handed in on the day.
    let tomorrow = ready(&store, &w).await;
    draft::edit(&store, &w.manager, tomorrow, Change::Window { starts_at: Some(at("2025-09-01T09:00:00Z")), ends_at: None }, w.now).await.unwrap();
    assert!(refused(&approval::submit(&store, &w.manager, tomorrow, w.now).await));
    let now = ready(&store, &w).await;
    assert!(refused(&approval::submit(&store, &w.manager, now, at("2025-09-01T09:00:00Z")).await));
    assert_eq!(state(&store, &w, now).await, State::Draft);
    approval::submit(&store, &w.manager, now, w.now).await.unwrap();
});

both!(async fn the_choice_of_a_channel_says_what_the_law_closes(store) {
    let w = russian(&store, at("2026-11-30T09:00:00Z")).await;
    let closed = async |version: Option<VersionId>| {
        let row = get(&store, w.owner.account, ready(&store, &w).await).await.unwrap();
        let found = crate::campaign::lawful::barred(&store, &row, version, w.now).await.unwrap();
        found.into_iter().map(|(kind, rules)| (kind, rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>())).collect::<Vec<_>>()
    };
    // Advertising is contested where access is restricted; whatever is written, nothing is barred.
    let of_text = closed(Some(w.version)).await;
    let telegram = of_text.iter().find(|(kind, _)| *kind == crate::channel::ChannelKind::Telegram).map(|(_, rules)| rules.clone());
    assert_eq!(telegram, Some(vec!["38fz-5-10-7"]));
    assert!(of_text.iter().all(|(kind, _)| *kind != crate::channel::ChannelKind::Max));
    assert!(closed(None).await.is_empty());
    // A bank writes through no foreign messenger at all.
    profile::say(&store, &w.owner, Country::Ru, Some(Category::Bank), w.now).await.unwrap();
    let any = closed(None).await;
    let rules = |kind| any.iter().find(|(one, _)| *one == kind).map(|(_, rules)| rules.contains(&"41fz"));
    use crate::channel::ChannelKind as K;
    assert_eq!([K::Telegram, K::Whatsapp, K::Viber, K::Max].map(rules), [Some(true), Some(true), Some(true), None]);
});

both!(async fn what_was_approved_before_the_law_is_asked_again_at_the_launch(store) {
    let mut w = world(&store).await;
    w.now = at("2026-11-30T09:00:00Z");
    run!(&store, "update licence set valid_from = $2, valid_until = $3 where account_id = $1", w.owner.account, w.now - TimeDelta::days(1), w.now + TimeDelta::days(30));
    crowd(&store, &w, 2).await;
    // Nobody was asked yet: it is told, and goes.
    let id = approved(&store, &w).await;
    let forecast = audience::forecast(&store, &get(&store, w.owner.account, id).await.unwrap(), w.now).await.unwrap();
    let [told] = forecast.law.as_slice() else { panic!("{:?}", forecast.law) };
    assert!(!told.is_blocked() && told.rulings.iter().all(|ruling| ruling.stand == Stand::Unasked));
    profile::say(&store, &w.owner, Country::Ru, Some(Category::Other), w.now).await.unwrap();
    assert!(refused(&approval::launch(&store, &w.manager, id, 2, w.now).await));
    assert_eq!(state(&store, &w, id).await, State::Approved);
    // An owner decides; what was approved is the same.
    profile::switch_off(&store, &w.owner, "38fz-5-10-7", "юрист согласен", w.now).await.unwrap();
    approval::launch(&store, &w.manager, id, 2, w.now).await.unwrap();
    assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { planned: 2, .. }));
    let lease = leased(&store, w.channel, w.now).await;
    assert_eq!(claimed(&store, &w, (id, 1), lease, 1, w.now).await.0.len(), 1);
    // The override is taken back while it runs.
    profile::switch_on(&store, &w.owner, "38fz-5-10-7", w.now).await.unwrap();
    assert_eq!(claimed(&store, &w, (id, 1), lease, 9, w.now).await, (Vec::new(), 1));
    balanced(&store, &w, id).await;
});

both!(async fn an_override_opens_the_law_and_no_persons_word(store) {
    let w = russian(&store, at("2026-11-30T09:00:00Z")).await;
    run!(&store, "update licence set valid_until = $2 where account_id = $1", w.owner.account, w.now + TimeDelta::days(30));
    profile::switch_off(&store, &w.owner, "38fz-5-10-7", "юрист согласен", w.now).await.unwrap();
    let people = crowd(&store, &w, 3).await;
    let id = running(&store, &w, 3).await;
    run!(&store, "update contact set marketing_grade = null where id = $1", people[0]);
    run!(&store, "update contact set opted_out_at = created_at where id = $1", people[1]);
    let lease = leased(&store, w.channel, w.now).await;
    let (rows, skipped) = claimed(&store, &w, (id, 1), lease, 9, w.now).await;
    assert_eq!((rows.len(), skipped), (1, 2));
    let why: Vec<_> = reasons(&store, &w, id).await.into_iter().filter_map(|(_, reason)| reason).collect();
    assert_eq!(why, ["no_consent", "opted_out"]);
});

both!(async fn a_step_that_may_not_go_gives_way_to_the_next(store) {
    let w = russian(&store, at("2026-11-30T09:00:00Z")).await;
    run!(&store, "update licence set valid_until = $2 where account_id = $1", w.owner.account, w.now + TimeDelta::days(30));
    let max = ChannelId::new();
    run!(
        &store,
        "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) select $2, account_id, 'max', 'МАКС', 'max', credentials, settings, state, hook_secret, created_at from channel where id = $1",
        w.channel,
        max
    );
    let people = crowd(&store, &w, 2).await;
    run!(
        &store,
        "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) values ($1, $2, $3, 'max', '77', $4, 'reachable', $5, $5)",
        AddressId::new(),
        w.owner.account,
        people[0],
        max,
        w.now
    );
    let id = ready(&store, &w).await;
    let step = Change::AddStep { next_on: NextOn::Never, wait: TimeDelta::minutes(5), channel: Some(max), version: Some(w.version) };
    draft::edit(&store, &w.manager, id, step, w.now).await.unwrap();
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    approval::approve(&store, &w.approver, id, w.now).await.unwrap();
    let forecast = audience::forecast(&store, &get(&store, w.owner.account, id).await.unwrap(), w.now).await.unwrap();
    assert_eq!(forecast.law.iter().map(|step| (step.step, step.is_blocked())).collect::<Vec<_>>(), [(1, true)]);
    approval::launch(&store, &w.manager, id, 2, w.now).await.unwrap();
    plan::plan(&store, id, w.now).await.unwrap();
    let lease = leased(&store, w.channel, w.now).await;
    assert_eq!(claimed(&store, &w, (id, 1), lease, 9, w.now).await, (Vec::new(), 2));
    let promoted = promote(&store, id, w.now).await.unwrap();
    assert_eq!((promoted.people, promoted.channels), (1, vec![max]));
    let lease = leased(&store, max, w.now).await;
    assert_eq!(claimed(&store, &w, (id, 2), lease, 9, w.now).await.0.len(), 1);
    let books = delivery::books::books(&store, w.owner.account, id).await.unwrap();
    assert!(books.balanced(), "{books:?}");
});
