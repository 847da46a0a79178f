//! Appointments as visits, as the adapter tells of them.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDateTime;
use mms_core::{
    clock::Moment,
    contact::occasion::{Occasion, OccasionState, of_contact},
    crm::{
        Crm,
        occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionRef},
    },
};
use mms_sandbox::yclients::Record;

use super::*;

/// Four hours ahead all the year.
fn samara() -> chrono::FixedOffset {
    chrono::FixedOffset::east_opt(4 * 3_600).expect("an offset")
}

fn at(days: i64, hour: u32) -> NaiveDateTime {
    (clock::now().date_naive() + TimeDelta::days(days)).and_hms_opt(hour, 0, 0).expect("a time")
}

/// All pages, the later of the same visit over the earlier.
async fn all(crm: &Arc<dyn Crm>, mode: OccasionMode<'_>) -> BTreeMap<String, CrmOccasion> {
    let (mut found, mut cursor) = (BTreeMap::new(), None);
    loop {
        let page = crm.occasions(mode, cursor.as_ref()).await.expect("a page");
        found.extend(page.occasions.into_iter().map(|one| (one.of.id.clone(), one)));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

async fn since(crm: &Arc<dyn Crm>, at: Moment) -> BTreeMap<String, CrmOccasion> {
    all(crm, OccasionMode::Since { at, mark: None }).await
}

fn of(record: i64) -> OccasionRef {
    OccasionRef { kind: OccasionKind::Visit, id: record.to_string() }
}

both!(async fn visits_are_read_and_followed(store) {
    let salon = Salon::new(store).await;
    let yclients = salon.yclients();
    let ids = yclients.seed(BRANCH, &People { count: 300, visits: 3, ahead_every: 2, ..People::default() });
    let crm = salon.crm("4565");
    let from = clock::now() - TimeDelta::days(60);
    let full = all(&crm, OccasionMode::Full { from }).await;
    let start = from.with_timezone(&samara()).date_naive();
    let wanted: Vec<String> = yclients.record_ids(BRANCH).into_iter().filter(|id| yclients.record(BRANCH, *id).is_some_and(|record| record.date.date() >= start)).map(|id| id.to_string()).collect();
    assert_eq!(full.keys().cloned().collect::<Vec<_>>(), wanted, "each once, those to come, too");
    assert!(full.values().any(|visit| visit.at > clock::now() && visit.state == OccasionState::Open));
    assert!(full.values().all(|visit| visit.place == "Салон на Речной" && visit.staff == "Ольга" && visit.title == "Стрижка" && visit.amount == Some(150_000)));
    // Of one client, whatever changed when.
    let own = crm.occasions_of(&[ids[0].to_string()], from).await.expect("read").expect("it can be asked");
    let wanted: BTreeMap<String, CrmOccasion> = full.iter().filter(|(_, visit)| visit.contact == Some(ids[0].to_string())).map(|(id, visit)| (id.clone(), visit.clone())).collect();
    assert_eq!(own.into_iter().map(|visit| (visit.of.id.clone(), visit)).collect::<BTreeMap<_, _>>(), wanted);
    let before = clock::now();
    assert!(since(&crm, before + TimeDelta::minutes(6)).await.is_empty());

    // Made, moved, confirmed, attended, cancelled, deleted, restored.
    let made = yclients.add_record(BRANCH, Record { services: vec![(12, 1_000), (13, 4_000)], online: true, ..Record::at(ids[0], at(3, 12)) });
    let nobodys = yclients.add_record(BRANCH, Record { client: None, ..Record::at(ids[0], at(3, 15)) });
    let one = since(&crm, before).await.remove(&made.to_string()).expect("the visit");
    let wall = one.at.with_timezone(&samara()).naive_local();
    assert_eq!((wall, one.until.map(|until| (until - one.at).num_minutes())), (at(3, 12), Some(60)), "by the clock on the wall");
    assert_eq!((one.contact, one.title.as_str(), one.amount), (Some(ids[0].to_string()), "Стрижка, Окрашивание", Some(500_000)));
    assert_eq!(since(&crm, before).await[&nobodys.to_string()].contact, None);
    let step = async |change: &dyn Fn(&mut Record)| {
        yclients.edit_record(BRANCH, made, |record| change(record));
        let read = crm.occasions_by_id(&[of(made)]).await.expect("read").remove(0);
        assert_eq!(since(&crm, before).await[&made.to_string()], read);
        (read.state, read.at.with_timezone(&samara()).naive_local())
    };
    assert_eq!(step(&|record| record.date = at(4, 10)).await, (OccasionState::Open, at(4, 10)));
    assert_eq!(step(&|record| record.attendance = 2).await.0, OccasionState::Confirmed);
    assert_eq!(step(&|record| record.attendance = -1).await.0, OccasionState::Cancelled, "said before it began");
    assert_eq!(step(&|record| (record.attendance, record.date) = (-1, at(-1, 10))).await.0, OccasionState::Missed);
    assert_eq!(step(&|record| record.attendance = 1).await.0, OccasionState::Done);
    assert_eq!(step(&|record| record.confirmed = false).await.0, OccasionState::Cancelled);
    assert_eq!(step(&|record| (record.confirmed, record.attendance) = (true, 0)).await.0, OccasionState::Open);
    yclients.delete_record(BRANCH, made);
    let gone = &since(&crm, before).await[&made.to_string()];
    assert_eq!((gone.deleted, gone.state), (true, OccasionState::Cancelled));
    assert!(crm.occasions_by_id(&[of(made)]).await.expect("read").is_empty(), "who asks by id is told that it is gone");
    yclients.restore_record(BRANCH, made);
    assert_eq!(since(&crm, before).await[&made.to_string()].state, OccasionState::Open);
    assert_eq!(crm.occasions_by_id(&[of(made), of(1)]).await.expect("read").len(), 1);
});

impl Salon {
    async fn visits(&self, client: i64) -> Vec<Occasion> {
        let (contact, ..) = self.contact(client).await.expect("the contact");
        of_contact(&self.world.deps.store, self.world.account, contact, 10).await.expect("read")
    }
}

both!(async fn visits_come_move_and_go_with_the_journal(store) {
    let salon = Salon::new(store).await;
    let (world, yclients) = (&salon.world, salon.yclients());
    let anna = yclients.add_client(SALON, Client::person("Анна", "Петрова", "79123456789"));
    let boris = yclients.add_client(SALON, Client::person("Борис", "", "79120000002"));
    let past = yclients.add_record(SALON, Record { attendance: 1, paid_full: true, ..Record::at(anna, at(-20, 12)) });
    let next = yclients.add_record(SALON, Record::at(boris, at(5, 12)));
    let id = salon.connect().await;
    let row = world.sync(id).await;
    assert_eq!((row.sync_phase, row.state_reason.as_deref()), (SyncPhase::Idle, None));
    let [one] = salon.visits(anna).await.try_into().expect("one visit");
    assert_eq!((one.external_id.as_str(), one.state, one.amount), (past.to_string().as_str(), OccasionState::Done, Some(150_000)));
    assert_eq!((one.title.as_str(), one.staff.as_str(), one.place.as_str()), ("Стрижка", "Ольга", "Салон на Лесной"));
    assert_eq!((one.data["prepaid"].as_bool(), one.until.map(|until| (until - one.at).num_minutes())), (Some(true), Some(60)));

    // One is moved, then confirmed; somebody new books; that one is deleted, and restored.
    let read = async |client: i64| {
        world.sync(id).await;
        let visit = salon.visits(client).await.remove(0);
        let moscow = chrono::FixedOffset::east_opt(3 * 3_600).expect("an offset");
        (visit.state, visit.at.with_timezone(&moscow).naive_local())
    };
    yclients.edit_record(SALON, next, |record| record.date = at(6, 15));
    assert_eq!(read(boris).await, (OccasionState::Open, at(6, 15)));
    yclients.edit_record(SALON, next, |record| record.attendance = 2);
    assert_eq!(read(boris).await.0, OccasionState::Confirmed);
    yclients.edit_record(SALON, next, |record| record.confirmed = false);
    assert_eq!(read(boris).await.0, OccasionState::Cancelled);
    let vera = yclients.add_client(SALON, Client::person("Вера", "Иванова", "79120000003"));
    let hers = yclients.add_record(SALON, Record::at(vera, at(7, 10)));
    assert_eq!(read(vera).await.0, OccasionState::Open);
    yclients.delete_record(SALON, hers);
    assert_eq!(read(vera).await.0, OccasionState::Cancelled);
    yclients.restore_record(SALON, hers);
    assert_eq!(read(vera).await.0, OccasionState::Open);
    let before = world.count("select count(*) from occasion").await;
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((world.count("select count(*) from occasion").await, stats.occasions, stats.called_off), (before, 0, 0), "the same again");

    // A journal that does not show what was deleted: all is read in the end.
    yclients.set(|settings| settings.include_deleted = false);
    yclients.delete_record(SALON, hers);
    assert_eq!(read(vera).await.0, OccasionState::Open);
    let mut progress = world.row(id).await.sync_cursor.0;
    progress.occasions.watermark = None;
    let mut tx = world.deps.store.begin().await.expect("begin");
    on!(tx.conn(), |c| sqlx::query("update crm_connection set sync_cursor = $1 where id = $2").bind(sqlx::types::Json(&progress)).bind(id).execute(c).await.map(|_| ())).expect("kept");
    tx.commit().await.expect("commit");
    assert_eq!(read(vera).await.0, OccasionState::Cancelled);
});
