//! While the server is worked on nothing of campaigns leaves, and everybody was told.

use chrono::TimeDelta;

use super::*;
use crate::{
    campaign::maintenance::{self, PlanError},
    channel::lease::Lease,
    delivery::{claim, fixture::Fixture},
    notice::{self, NoticeKind},
};

async fn due(store: &Store, fixture: &Fixture, now: Moment) -> usize {
    let lease = Lease { channel: fixture.channel, token: 0 };
    claim::campaigns_due(store, lease, fixture.account, now).await.unwrap().len()
}

both!(async fn nothing_of_a_campaign_is_due_while_the_server_is_worked_on(store) {
    let (fixture, now) = (Fixture::new(&store, 2, 30.0).await, clock::now());
    fixture.campaign(&store, "service", "leave", 2, None).await;
    let (from, until) = (now + TimeDelta::hours(1), now + TimeDelta::hours(2));
    let planned = maintenance::plan(&store, (from, until), "Новый диск", now).await.unwrap();
    assert_eq!((planned.told, planned.collides.len()), (1, 0));
    assert_eq!(due(&store, &fixture, now).await, 1, "it is not begun");
    assert_eq!(due(&store, &fixture, from).await, 0);
    assert_eq!(due(&store, &fixture, until - TimeDelta::seconds(1)).await, 0);
    assert_eq!(due(&store, &fixture, until).await, 1, "it goes on by itself");

    let told = notice::due_of(&store, fixture.account, now, 10).await.unwrap();
    let [told] = &told[..] else { panic!("one notice: {told:?}") };
    assert_eq!((told.kind(), told.payload["reason"].as_str()), (Some(NoticeKind::MaintenancePlanned), Some("Новый диск")));

    let lifted = maintenance::lift(&store, planned.maintenance.id, from).await.unwrap();
    assert_eq!(lifted.map(|one| one.id), Some(planned.maintenance.id));
    assert_eq!(due(&store, &fixture, from).await, 1, "over sooner");
    assert_eq!(maintenance::lift(&store, planned.maintenance.id, from).await.unwrap(), None, "once");
    assert!(maintenance::ahead(&store, now).await.unwrap().is_empty());
});

both!(async fn what_cannot_be_a_time_of_work_is_refused(store) {
    let (_fixture, now) = (Fixture::new(&store, 1, 30.0).await, clock::now());
    let hours = |from: i64, until: i64| (now + TimeDelta::hours(from), now + TimeDelta::hours(until));
    for (from, until) in [(2, 1), (1, 1), (-2, -1), (-1, 0)] {
        assert!(matches!(maintenance::plan(&store, hours(from, until), "", now).await, Err(PlanError::Backwards)), "{from} {until}");
    }
    assert!(matches!(maintenance::plan(&store, hours(1, 26), "", now).await, Err(PlanError::TooLong)));
    // It may have begun already, and one may follow another.
    let first = maintenance::plan(&store, hours(-1, 2), "", now).await.unwrap().maintenance;
    let overlaps = maintenance::plan(&store, hours(1, 3), "", now).await;
    assert!(matches!(&overlaps, Err(PlanError::Overlaps(other)) if other.id == first.id), "{overlaps:?}");
    maintenance::plan(&store, hours(2, 3), "", now).await.unwrap();
    assert_eq!(maintenance::ahead(&store, now).await.unwrap().len(), 2);
});

both!(async fn none_is_launched_meanwhile_and_one_that_starts_then_is_told_of(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let (now_one, later) = (approved(&store, &w).await, ready(&store, &w).await);
    let (from, until) = (w.now + TimeDelta::hours(1), w.now + TimeDelta::hours(2));
    let starts = from + TimeDelta::minutes(30);
    draft::edit(&store, &w.manager, later, Change::Window { starts_at: Some(starts), ends_at: None }, w.now).await.unwrap();
    approval::submit(&store, &w.manager, later, w.now).await.unwrap();
    approval::approve(&store, &w.approver, later, w.now).await.unwrap();
    assert!(matches!(approval::launch(&store, &w.manager, later, 2, w.now).await.unwrap(), Launched::Scheduled(_)));
    let planned = maintenance::plan(&store, (from, until), "", w.now).await.unwrap();
    let collides: Vec<_> = planned.collides.iter().map(|one| (one.account_id, one.starts_at)).collect();
    assert_eq!(collides, [(w.owner.account, starts)]);
    let refused = approval::launch(&store, &w.manager, now_one, 2, from).await;
    assert!(matches!(refused, Err(CampaignError::Maintenance(at)) if at == until), "{refused:?}");
    assert_eq!(state(&store, &w, now_one).await, State::Approved, "nothing is lost");
    assert!(matches!(approval::launch(&store, &w.manager, now_one, 2, until).await.unwrap(), Launched::Planning(_)));
});
