//! Contacts beyond the plan: an import takes in what fits, and gives the rest back.

use chrono::TimeDelta;

use super::*;
use crate::{
    account::{feature, licence},
    clock,
    store::usage::{self, Counted, Month},
};

/// Contacts of the smallest plan.
const ALLOWED: i64 = 5_000;

/// An account on the smallest plan with so much room left.
async fn with_room(store: &Store, room: i64) -> Actor {
    let (actor, now) = (fixture::actor(store).await, clock::now());
    licence::issue(store, actor.account, licence::PlanCode::TRIAL, now - TimeDelta::days(1), now + TimeDelta::days(30), now)
        .await
        .expect("a licence");
    usage::preset(store, actor.account, Counted::Contacts, Month::NONE, ALLOWED - room).await;
    actor
}

async fn used(store: &Store, actor: &Actor) -> i64 {
    usage::used(store, actor.account, Counted::Contacts, Month::NONE).await.expect("a counter")
}

both!(
    // The limit was shown on the licence's screen and never asked.
    async fn rows_beyond_the_plan_are_told_before_and_come_back_as_refused(store) {
        let actor = with_room(&store, 3).await;
        let now = clock::now();
        let known = contact::Draft { addresses: vec![NewAddress::phone("+79120000005".into(), "")], source: "crm".into(), ..Default::default() };
        let mut tx = store.begin().await.expect("begin");
        contact::create(&mut tx, actor.account, &known, now).await.expect("a contact");
        tx.commit().await.expect("commit");
        let mut csv = String::from("Имя;Телефон\n");
        for n in 1..=6 {
            csv.push_str(&format!("Клиент {n};8912000000{n}\n"));
        }
        csv.push_str("Никто;нет\n");
        let (import, dry) = ready(&store, &actor, &csv, Basis::OwnerStatement).await;
        assert_eq!((dry.new, dry.updated, dry.refused.get("plan_limit"), dry.consents), (2, 1, Some(&3), 6));
        start(&store, &actor, import.id, clock::now()).await.expect("started");
        // A chunk a row, and a death between two of them: what was left out before it is not
        // forgotten.
        let stop = CancellationToken::new();
        let mut polls = 20;
        let done = loop {
            let doomed = Doomed { inner: Box::pin(run::by(&store, import.id, &stop, 1, retry::IMPORT)), polls };
            drop(doomed.await);
            let import = get(&store, actor.account, import.id).await.expect("read").expect("there");
            match import.state {
                State::Running => polls += 20,
                State::Held => resume(&store, &actor, import.id, clock::now()).await.expect("resumed"),
                _ => break import,
            }
        };
        let live = &done.counts.live;
        assert_eq!((done.state, live.new, live.updated, &live.refused, live.consents), (State::Done, 2, 1, &dry.refused, 6));
        assert_eq!((count(&store, actor.account, "").await, used(&store, &actor).await), (3, ALLOWED));
        let refused = file::content(&store, actor.account, done.refused_file_id.expect("a file")).await.expect("read").expect("there");
        let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(refused)).expect("a workbook");
        let range = book.worksheet_range_at(0).expect("a sheet").expect("readable");
        let rows: Vec<String> = range.rows().skip(1).map(|row| format!("{}|{}|{}", row[0], row[3], row[4])).collect();
        let full = "По тарифу больше нет места для новых контактов|plan_limit";
        assert_eq!(rows[..3], [format!("4|{full}"), format!("5|{full}"), format!("7|{full}")]);
        assert!(rows.len() == 4 && rows[3].starts_with("8|"), "{rows:?}");
        // Somebody is deleted, and the refused rows find room.
        let anna = contact::resolve(&store, actor.account, contact::PHONE, "+79120000001", ANY_CHANNEL).await.expect("read").expect("there");
        contact::delete_by_member(&store, &actor, anna, now).await.expect("deleted");
        assert_eq!(used(&store, &actor).await, ALLOWED - 1);
        let (again, _) = ready(&store, &actor, &csv, Basis::NoConsent).await;
        assert_eq!(finish(&store, &actor, &again).await.counts.live.new, 1);
    }
);

both!(
    // A switch that came while rows were taken in did not stop them.
    async fn an_import_stands_still_at_a_chunk_while_imports_are_off_and_goes_on_from_there(store) {
        let actor = fixture::actor(&store).await;
        const ROWS: i64 = 5_000;
        let csv: String = (0..ROWS).map(|n| format!("8912{n:07}\n")).collect();
        let (import, numbers) = ready(&store, &actor, &csv, Basis::NoConsent).await;
        start(&store, &actor, import.id, clock::now()).await.expect("started");
        let switch = async |off: Option<&str>| {
            let mut tx = store.begin().await.expect("begin");
            feature::put(&mut tx, actor.account, feature::IMPORTS, off, clock::now()).await.expect("switched");
            tx.commit().await.expect("commit");
        };
        let stop = CancellationToken::new();
        let under_way = tokio::spawn({
            let (store, stop) = (store.clone(), stop.clone());
            async move { run::run(&store, import.id, &stop).await }
        });
        while !under_way.is_finished() && get(&store, actor.account, import.id).await.expect("read").expect("there").next_row == 0 {}
        switch(Some("Письмо № 5")).await;
        under_way.await.expect("no panic").expect("held");
        let held = get(&store, actor.account, import.id).await.expect("read").expect("there");
        let taken = held.next_row;
        assert!((1..ROWS).contains(&taken), "{taken}");
        assert_eq!((held.state, held.switched_off()), (State::Held, Some("Письмо № 5")));
        assert_eq!(count(&store, actor.account, "").await, taken);
        let told = notice::due(&store, clock::now(), 10).await.expect("notices");
        assert_eq!((told.len(), told[0].kind(), &told[0].payload["off"], &told[0].payload["done"]), (1, Some(NoticeKind::ImportStopped), &serde_json::json!("Письмо № 5"), &serde_json::json!(taken)));
        assert!(matches!(resume(&store, &actor, import.id, clock::now()).await, Err(ImportError::FeatureOff(_))));
        assert!(running(&store).await.expect("read").is_empty());
        switch(None).await;
        resume(&store, &actor, import.id, clock::now()).await.expect("resumed");
        run::run(&store, import.id, &stop).await.expect("run");
        let done = get(&store, actor.account, import.id).await.expect("read").expect("there");
        assert_eq!((done.state, &done.counts.live, done.switched_off()), (State::Done, &numbers, None));
        assert_eq!(count(&store, actor.account, "").await, ROWS);
    }
);

both!(
    async fn two_imports_at_once_do_not_pass_the_plan(store) {
        let actor = with_room(&store, 100).await;
        let mut imports = Vec::new();
        for code in [912, 913, 914] {
            let csv: String = (0..90).map(|n| format!("8{code}{n:07}\n")).collect();
            let (import, _) = ready(&store, &actor, &csv, Basis::NoConsent).await;
            start(&store, &actor, import.id, clock::now()).await.expect("started");
            imports.push(import.id);
        }
        let workers: Vec<_> = imports
            .iter()
            .map(|id| {
                let (store, id) = (store.clone(), *id);
                tokio::spawn(async move {
                    let stop = CancellationToken::new();
                    // Who lost the last room to another tries again, as the tick would. The tick
                    // leaves pauses between tries; here they follow at once, so none is the last.
                    let retry = retry::IMPORT.tries(u32::MAX);
                    while running(&store).await.expect("read").contains(&id) {
                        let _ = run::by(&store, id, &stop, 7, retry).await;
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.expect("a worker");
        }
        assert_eq!((count(&store, actor.account, "").await, used(&store, &actor).await), (100, ALLOWED));
        let mut left_out = 0;
        for id in imports {
            let done = get(&store, actor.account, id).await.expect("read").expect("there");
            assert_eq!(done.state, State::Done);
            left_out += done.counts.live.refused.get("plan_limit").copied().unwrap_or(0);
        }
        assert_eq!(left_out, 170);
    }
);
