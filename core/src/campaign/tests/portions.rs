//! Planning that is interrupted: on SQLite it goes on from where it came to, or everything of it is
//! taken back; on PostgreSQL nobody waits for it.

use std::pin::pin;

use super::*;
use crate::{
    store::{Db, Engine},
    testing,
};

/// People of the audience; planned one by one here, so that what comes between finds some planned
/// and some not.
const PEOPLE: usize = 60;

/// A launched campaign whose planner died in the middle, with its people in the order of planning.
async fn half_planned(store: &Store, w: &World) -> (CampaignId, Vec<ContactId>) {
    let mut people = crowd(store, w, PEOPLE).await;
    people.sort();
    let id = approved(store, w).await;
    approval::launch(store, &w.manager, id, 60, w.now).await.unwrap();
    {
        // It goes on between two looks alone, so that no look comes too late.
        let mut planner = pin!(plan::by(store, id, 1, w.now));
        while made(store, id).await < 3 {
            let done = futures::poll!(planner.as_mut());
            assert!(done.is_pending(), "planned before anybody looked: {done:?}");
        }
    }
    // It died in the middle of a change, perhaps of a commit: whoever has the next turn at the
    // writer comes after that.
    store.begin_bulk().await.unwrap().commit().await.unwrap();
    let made = made(store, id).await;
    assert!((3..60).contains(&made), "{made}");
    assert_eq!(balanced(store, w, id).await.planned, made);
    assert_eq!(state(store, w, id).await, State::Planning);
    (id, people)
}

async fn made(store: &Store, id: CampaignId) -> i64 {
    on!(store.read(), |c| sqlx::query_scalar("select count(*) from delivery where campaign_id = $1").bind(id).fetch_one(c).await).unwrap()
}

/// The word in the row of a contact: its state and the reason.
async fn row(store: &Store, id: CampaignId, contact: ContactId) -> Option<(String, Option<String>)> {
    on!(store.read(), |c| sqlx::query_as("select state, reason from delivery where campaign_id = $1 and contact_id = $2")
        .bind(id)
        .bind(contact)
        .fetch_optional(c)
        .await)
    .unwrap()
}

/// Nothing of the planning is there any more, nor does anything say that there is.
async fn nothing_is_left(store: &Store, w: &World, id: CampaignId) {
    assert_eq!(made(store, id).await, 0);
    assert_eq!(balanced(store, w, id).await, Numbers::default());
    let left: i64 =
        on!(store.read(), |c| sqlx::query_scalar("select count(*) from campaign where planned_to is not null").fetch_one(c).await).unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_planner_goes_on_from_where_a_dead_one_came_to() {
    let store = testing::store(Engine::Sqlite).await;
    let w = world(&store).await;
    let (id, people) = half_planned(&store, &w).await;
    // Meanwhile the first, planned already, says stop, and so does the last, who is not.
    for contact in [people[0], people[PEOPLE - 1]] {
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update contact set opted_out_at = $2 where id = $1")
            .bind(contact)
            .bind(w.now)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        delivery::cancel_contact(&mut tx, w.owner.account, contact, Reason::OptedOut, w.now).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(
        plan::by(&store, id, 7, w.now).await.unwrap(),
        Planned::Running { channels: vec![w.channel], planned: 59, skipped: 1 },
        "the last one was left out"
    );
    assert_eq!(row(&store, id, people[0]).await, Some(("cancelled".to_owned(), Some("opted_out".to_owned()))));
    assert_eq!(row(&store, id, people[PEOPLE - 1]).await, Some(("skipped".to_owned(), Some("opted_out".to_owned()))));
    let numbers = balanced(&store, &w, id).await;
    assert_eq!((numbers.planned, numbers.queued, numbers.cancelled, numbers.left_out), (59, 58, 1, 1));
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::NotPlanning);
}

#[tokio::test]
async fn an_address_that_moves_while_planning_goes_on_gets_no_second_message() {
    let store = testing::store(Engine::Sqlite).await;
    let w = world(&store).await;
    let (id, people) = half_planned(&store, &w).await;
    // The last one's own address goes, the first one's becomes theirs.
    run!(store, "delete from address where contact_id = $1", people[PEOPLE - 1]);
    run!(store, "update address set contact_id = $2 where contact_id = $1", people[0], people[PEOPLE - 1]);
    assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { planned: 59, skipped: 0, .. }));
    assert_eq!(row(&store, id, people[PEOPLE - 1]).await, None);
    assert_eq!(balanced(&store, &w, id).await.planned, 59);
}

#[tokio::test]
async fn a_pause_in_the_middle_keeps_what_is_planned_and_a_stop_takes_it_back() {
    let store = testing::store(Engine::Sqlite).await;
    let w = world(&store).await;
    let (id, _) = half_planned(&store, &w).await;
    control::pause(&store, &w.manager, id, w.now).await.unwrap();
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::NotPlanning);
    assert!(tick::tick(&store, w.now).await.unwrap().is_empty());
    let kept = made(&store, id).await;
    assert!(kept >= 3, "{kept}");
    assert_eq!(control::resume(&store, &w.manager, id, w.now).await.unwrap(), [Job::PlanCampaign { campaign: id }]);
    assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { planned: 60, skipped: 0, .. }));
    assert_eq!(balanced(&store, &w, id).await.queued, 60);

    let w = world(&store).await;
    let (id, _) = half_planned(&store, &w).await;
    control::pause(&store, &w.manager, id, w.now).await.unwrap();
    assert_eq!(control::stop(&store, &w.manager, id, w.now).await.unwrap(), 0, "nothing was going to go");
    nothing_is_left(&store, &w, id).await;
    assert_eq!(state(&store, &w, id).await, State::Stopped);
}

#[tokio::test]
async fn what_is_not_what_was_approved_or_too_late_in_the_middle_is_taken_back() {
    let store = testing::store(Engine::Sqlite).await;
    let w = world(&store).await;
    let (id, _) = half_planned(&store, &w).await;
    run!(store, "update account set min_grade = 4 where id = $1", w.owner.account);
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Void);
    nothing_is_left(&store, &w, id).await;
    assert_eq!(state(&store, &w, id).await, State::Draft);

    let w = world(&store).await;
    let (id, _) = half_planned(&store, &w).await;
    run!(store, "update campaign set ends_at = $2 where id = $1", id, w.now);
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Missed);
    nothing_is_left(&store, &w, id).await;

    let w = world(&store).await;
    let (id, _) = half_planned(&store, &w).await;
    crowd(&store, &w, 1).await;
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Outgrown { planned: 61, confirmed: 60 });
    nothing_is_left(&store, &w, id).await;
    assert_eq!(state(&store, &w, id).await, State::Approved);
}

#[tokio::test]
async fn what_a_dead_process_left_is_taken_back_by_the_tick_or_before_the_next_launch() {
    let store = testing::store(Engine::Sqlite).await;
    let w = world(&store).await;
    // Whoever stopped it died before the rows were gone.
    let (id, _) = half_planned(&store, &w).await;
    run!(store, "update campaign set state = 'stopped' where id = $1", id);
    tick::tick(&store, w.now).await.unwrap();
    nothing_is_left(&store, &w, id).await;

    // It is approved again and launched again at once, to fewer.
    let w = world(&store).await;
    let (id, people) = half_planned(&store, &w).await;
    run!(store, "update campaign set state = 'approved' where id = $1", id);
    run!(store, "delete from address where contact_id = $1", people[0]);
    run!(store, "delete from contact where id = $1", people[0]);
    approval::launch(&store, &w.manager, id, 59, w.now).await.unwrap();
    assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { planned: 59, skipped: 0, .. }));
    assert_eq!(row(&store, id, people[0]).await, None, "not what was made before");
    assert_eq!(balanced(&store, &w, id).await.queued, 59);
}

/// On PostgreSQL a planner works on all rows in one change; a pause comes in between without
/// waiting, and nothing was made.
#[tokio::test]
async fn a_pause_does_not_wait_for_a_planner() {
    let store = testing::store(Engine::Postgres).await;
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    let w = world(&store).await;
    let people = crowd(&store, &w, 3).await;
    let id = approved(&store, &w).await;
    approval::launch(&store, &w.manager, id, 3, w.now).await.unwrap();
    // Somebody holds one of the rows, so the planner is held up in the middle for as long as the
    // test likes.
    let mut held = pool.begin().await.unwrap();
    sqlx::query(
        "insert into delivery (account_id, campaign_id, contact_id, channel_id, planned, state, updated_at) values ($1, $2, $3, $4, true, 'queued', $5)",
    )
    .bind(w.owner.account)
    .bind(id)
    .bind(people[1])
    .bind(w.channel)
    .bind(w.now)
    .execute(&mut *held)
    .await
    .unwrap();
    let pressed = async {
        let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(waits).fetch_one(pool).await.unwrap() == 0 {}
        assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::NotPlanning, "one plans already");
        control::pause(&store, &w.manager, id, w.now).await.unwrap();
        held.rollback().await.unwrap();
    };
    let (planned, ()) = tokio::join!(plan::plan(&store, id, w.now), pressed);
    assert_eq!(planned.unwrap(), Planned::NotPlanning);
    nothing_is_left(&store, &w, id).await;
    assert_eq!(state(&store, &w, id).await, State::Paused);
    control::resume(&store, &w.manager, id, w.now).await.unwrap();
    assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { planned: 3, skipped: 0, .. }));
}
