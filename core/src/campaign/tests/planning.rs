//! Who gets it: never more than was confirmed, and the same as the rules written in Rust.

use super::*;
use crate::contact::id_range::{self, IdRange};

both!(async fn planning_never_sends_to_more_than_was_confirmed(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    let id = approved(&store, &w).await;
    approval::launch(&store, &w.manager, id, 3, w.now).await.unwrap();
    crowd(&store, &w, 1).await;
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Outgrown { planned: 4, confirmed: 3 });
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    assert_eq!((campaign.state, campaign.state_reason, campaign.confirmed_count), (State::Approved, Some(Reason::AudienceGrew.into()), None));
    assert_eq!(balanced(&store, &w, id).await, Numbers::default());
    // Asked again, confirmed again; then one of them says stop: fewer go on.
    approval::launch(&store, &w.manager, id, 4, w.now).await.unwrap();
    run!(store, "update contact set opted_out_at = $2 where id = (select id from contact where account_id = $1 order by id limit 1)", w.owner.account, w.now);
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { channels: vec![w.channel], planned: 3, skipped: 1 });
});

both!(async fn an_audience_of_many_portions_is_planned_whole(store) {
    let w = world(&store).await;
    for n in 0..843 {
        person(&store, &w, &Person { opted_out: n % 7 == 3, ..fan() }).await;
    }
    let id = approved(&store, &w).await;
    approval::launch(&store, &w.manager, id, 723, w.now).await.unwrap();
    let planned = plan::plan(&store, id, w.now).await.unwrap();
    assert_eq!(planned, Planned::Running { channels: vec![w.channel], planned: 723, skipped: 120 });
    let numbers = balanced(&store, &w, id).await;
    assert_eq!((numbers.planned, numbers.queued, numbers.left_out), (723, 723, 120));
    // A second planner finds nothing to do.
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::NotPlanning);
});

/// The same rules, written in Rust: `None` is not in the audience, `Some(None)` gets it.
fn oracle(p: &Person, include_vip: bool, exclude_old: bool, min_grade: i16, advertising: bool) -> Option<Option<Reason>> {
    if p.deleted || (include_vip && !p.tags.contains(&"vip")) || (exclude_old && p.tags.contains(&"old")) {
        return None;
    }
    let best = ["reachable", "unknown", "unreachable"].into_iter().find(|state| p.chats.contains(state));
    Some(Some(match (best, p.grade) {
        _ if p.opted_out => Reason::OptedOut,
        (None, _) => Reason::NoAddress,
        _ if p.listed || p.listed_before => Reason::Suppressed,
        _ if p.blocked => Reason::Blocked,
        (Some("unreachable"), _) => Reason::Unreachable,
        _ if advertising && p.doubtful => Reason::Doubt,
        (_, None) if advertising => Reason::NoConsent,
        (_, Some(grade)) if advertising && grade > min_grade => Reason::ConsentGrade,
        _ if advertising && p.recent => Reason::FrequencyCap,
        _ => return Some(None),
    }))
}

both!(async fn planning_equals_the_oracle(store) {
    for seed in 0..6_u64 {
        let mut random = StdRng::seed_from_u64(seed);
        let w = world(&store).await;
        let account = w.owner.account;
        let mut people = std::collections::HashMap::new();
        for _ in 0..40 {
            let mut p = Person {
                grade: [None, Some(1), Some(2), Some(3), Some(4)][random.random_range(0..5)],
                opted_out: random.random_bool(0.1),
                deleted: random.random_bool(0.1),
                recent: random.random_bool(0.2),
                elsewhere: random.random_bool(0.2),
                blocked: random.random_bool(0.15),
                listed: random.random_bool(0.1),
                listed_before: random.random_bool(0.1),
                doubtful: random.random_bool(0.15),
                ..Person::default()
            };
            p.tags = ["vip", "old"].into_iter().filter(|_| random.random_bool(0.5)).collect();
            p.chats = (0..random.random_range(0..3)).map(|_| ["reachable", "unknown", "unreachable"][random.random_range(0..3)]).collect();
            people.insert(person(&store, &w, &p).await, p);
        }
        let (vip, old, advertising) = (random.random_bool(0.5), random.random_bool(0.5), random.random_bool(0.7));
        let min_grade = random.random_range(1..=4_i16);
        run!(store, "update account set min_grade = $2 where id = $1", account, min_grade);
        let class = if advertising { "advertising" } else { "service" };
        run!(store, "update template_version set class = $2 where account_id = $1", account, class);
        let mut audience = Audience::everybody();
        if vip {
            audience.include.push(segment(&store, &w, "tag = vip").await);
        }
        if old {
            audience.exclude.push(segment(&store, &w, "tag = old").await);
        }
        let id = ready(&store, &w).await;
        draft::edit(&store, &w.manager, id, Change::Audience(audience), w.now).await.unwrap();
        let expected: std::collections::HashMap<ContactId, Option<Reason>> =
            people.iter().filter_map(|(id, p)| Some((*id, oracle(p, vip, old, min_grade, advertising)?))).collect();
        let planned = i64::try_from(expected.values().filter(|reason| reason.is_none()).count()).unwrap();

        let campaign = get(&store, account, id).await.unwrap();
        let forecast = audience::forecast(&store, &campaign, w.now).await.unwrap();
        assert_eq!(forecast.audience, i64::try_from(expected.len()).unwrap(), "seed {seed}");
        assert_eq!(forecast.planned, planned, "seed {seed}");
        assert_eq!(forecast.audience, forecast.planned + forecast.skipped.iter().map(|(_, n)| n).sum::<i64>());
        // Counted side by side it is the same.
        let spec = spec::load(spec::Via::Read(&store), &campaign).await.unwrap();
        let asked = audience::Asked { day: w.now, phones: seed % 2 == 0 };
        let counted = async |ranges: &[IdRange]| {
            let mut counted = std::collections::BTreeMap::new();
            for group in audience::groups(&store, &spec, w.now, ranges, asked).await.unwrap() {
                *counted.entry((group.reason, group.zone)).or_insert(0) += group.n;
            }
            counted
        };
        let three = id_range::cut(&store, account, 3, 1).await.unwrap();
        assert_eq!(three.len(), 3);
        assert_eq!(counted(&three).await, counted(&[IdRange::ALL]).await, "seed {seed}");
        if planned == 0 {
            continue;
        }
        approval::submit(&store, &w.manager, id, w.now).await.unwrap();
        approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        approval::launch(&store, &w.manager, id, planned, w.now).await.unwrap();
        // In a few portions, the last of them not a whole one.
        assert!(matches!(plan::by(&store, id, 7, w.now).await.unwrap(), Planned::Running { .. }));
        let rows = view::recipients(&store, account, id, None, 1_000).await.unwrap();
        let got: std::collections::HashMap<ContactId, Option<Reason>> =
            rows.iter().map(|row| (row.contact_id, row.reason.as_ref().map(|why| why.known().unwrap()))).collect();
        assert_eq!(got, expected, "seed {seed}");
        assert_eq!(rows.len(), expected.len(), "one row a person");
        assert!(rows.iter().all(|row| row.planned == (row.state == "queued")));
        balanced(&store, &w, id).await;
    }
});
