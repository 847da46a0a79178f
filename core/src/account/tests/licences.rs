//! Licences, and the settings of an account.

use super::*;

both!(async fn licences_hold_limit_and_warn(store) {
    let now = clock::now();
    let (founded, owner) = founded(&store, "anna", now).await;
    let account = founded.account;
    assert!(licence::current(&store, account, now).await.unwrap().is_none());
    let until = now + TimeDelta::days(30);
    let id = licence::issue(&store, account, licence::PlanCode::TRIAL, now, until, now).await.unwrap();
    assert_eq!(licence::current(&store, account, now).await.unwrap().unwrap().id, id);
    assert!(licence::current(&store, account, until).await.unwrap().is_none());
    manager(&store, &owner, "boris", now).await;
    manager(&store, &owner, "vera", now).await;
    let fourth = member::NewMember { login: "gleb", password: &Secret::new(PASSWORD), name: "Глеб", role: Role::Viewer, language: Language::Ru };
    assert!(matches!(member::add(&store, &owner, &fourth, now).await, Err(AccountError::OverLimit(_))));
    assert!(usage::check(&store, account, licence::Limit::MessagesThisMonth, 10_001, now).await.unwrap().is_err());
    assert!(usage::check(&store, account, licence::Limit::Contacts, 5_000, now).await.unwrap().is_ok());
    assert_eq!(licence::warn_ending(&store, now - TimeDelta::hours(1)).await.unwrap(), 0, "it has not begun");
    for _ in 0..2 {
        assert_eq!(licence::warn_ending(&store, until - TimeDelta::days(6)).await.unwrap(), 1);
    }
    licence::warn_ending(&store, until - TimeDelta::hours(2)).await.unwrap();
    let told = crate::notice::due(&store, until, 10).await.unwrap().iter().filter(|n| n.kind() == Some(NoticeKind::LicenceEnding)).count();
    assert_eq!(told, 2);
    // A longer one makes the ending one no news.
    licence::issue(&store, account, licence::PlanCode::UNLIMITED, now, until + TimeDelta::days(300), now).await.unwrap();
    assert_eq!(licence::warn_ending(&store, until - TimeDelta::days(6)).await.unwrap(), 0);
    member::add(&store, &owner, &fourth, now).await.unwrap();
    let held: bool = on!(store.read(), |c| sqlx::query_scalar(concat!("select ", crate::licence_plan!("a.id", "$2", ""), " is not null from account a where a.id = $1")).bind(account).bind(now).fetch_one(c).await).unwrap();
    assert!(held);
    let (_, stranger) = super::tests::founded(&store, "zoya", now).await;
    assert!(matches!(licence::revoke(&store, stranger.account, id, now).await, Err(AccountError::NotFound)));
    licence::revoke(&store, account, id, now).await.unwrap();
    assert_eq!(licence::list(&store, account).await.unwrap().len(), 2);
});

// A clock an hour behind took the licence away as soon as it had been found out: the latest moment
// seen was that clock's own then.
both!(async fn a_clock_that_is_behind_takes_no_licence_away(store) {
    let now = clock::now();
    let (founded, _) = founded(&store, "anna", now).await;
    let account = founded.account;
    let id = licence::issue(&store, account, licence::PlanCode::TRIAL, now, now + TimeDelta::days(30), now).await.unwrap();
    let behind = now - TimeDelta::hours(1);
    store.watch_clock(now).await.unwrap();
    for found_out in [false, true, true] {
        if found_out {
            store.watch_clock(behind).await.unwrap();
        }
        assert_eq!(licence::current(&store, account, behind).await.unwrap().map(|row| row.id), Some(id), "{found_out}");
        let live = concat!("select ", crate::licence_plan!("a.id", "$2", ""), " is not null from account a where a.id = $1");
        let held: bool = on!(store.read(), |c| sqlx::query_scalar(live).bind(account).bind(behind).fetch_one(c).await).unwrap();
        assert!(held, "{found_out}");
    }
    // One that is to begin later has not begun.
    licence::revoke(&store, account, id, now).await.unwrap();
    licence::issue(&store, account, licence::PlanCode::TRIAL, now + TimeDelta::days(1), now + TimeDelta::days(30), now).await.unwrap();
    assert!(licence::current(&store, account, now).await.unwrap().is_none());
});

// Begun by a clock that was right, it holds for whoever saw that, a process whose clock is behind
// too. Once the database's own clock is found behind, nobody can tell which of the two was right,
// and it begins again with its day: `mms doctor` says so.
both!(async fn a_licence_that_begins_later_holds_from_its_first_day_by_the_latest_moment_seen(store) {
    let now = clock::now();
    let (founded, _) = founded(&store, "anna", now).await;
    let account = founded.account;
    let begins = now + TimeDelta::days(1);
    let id = licence::issue(&store, account, licence::PlanCode::TRIAL, begins, now + TimeDelta::days(30), now).await.unwrap();
    let held = async |at: Moment| {
        let current = licence::current(&store, account, at).await.unwrap().map(|row| row.id);
        let live = concat!("select ", crate::licence_plan!("a.id", "$2", ""), " is not null from account a where a.id = $1");
        let held: bool = on!(store.read(), |c| sqlx::query_scalar(live).bind(account).bind(at).fetch_one(c).await).unwrap();
        assert_eq!(current.is_some(), held, "screens and sending say the same");
        assert!(current.is_none_or(|current| current == id));
        held
    };
    store.watch_clock(now).await.unwrap();
    assert!(!held(begins - TimeDelta::minutes(1)).await, "its day has not come");
    assert!(held(begins).await);
    store.watch_clock(begins).await.unwrap();
    assert!(held(begins - TimeDelta::minutes(30)).await, "another process saw its first moment");
    store.watch_clock(begins - TimeDelta::minutes(30)).await.unwrap();
    assert!(!held(begins - TimeDelta::minutes(30)).await);
    assert!(held(begins).await, "never longer than the clock is behind");
});

both!(async fn settings_are_checked_and_audited(store) {
    use settings::{BadSetting, Change};
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    assert!(matches!(settings::change(&store, &boris, &Change::CapHours(1), now).await, Err(AccountError::Forbidden(_))));
    let table = [
        (Change::Zone("Mars/Base".to_owned()), BadSetting::Zone),
        (Change::PhoneRegion("ZZZ".to_owned()), BadSetting::Region),
        (Change::MinGrade(crate::consent::Grade::D), BadSetting::Grade),
        (Change::CapHours(-1), BadSetting::Cap),
        (Change::CapHours(721), BadSetting::Cap),
        (Change::Advertiser(" ".to_owned()), BadSetting::Advertiser),
    ];
    for (change, expected) in table {
        match settings::change(&store, &owner, &change, now).await {
            Err(AccountError::BadSetting(found)) => assert_eq!(found, expected),
            other => panic!("{change:?}: {other:?}"),
        }
    }
    settings::change(&store, &owner, &Change::Zone("Asia/Yekaterinburg".to_owned()), now).await.unwrap();
    settings::change(&store, &owner, &Change::MinGrade(crate::consent::Grade::A), now).await.unwrap();
    let first = settings::get(&store, owner.account).await.unwrap().unwrap();
    assert_eq!(first.cap_hours, 24, "a new account lets a day pass between two advertising messages to a person");
    let settings = settings::change(&store, &owner, &Change::CapHours(48), now).await.unwrap();
    assert_eq!(settings::get(&store, owner.account).await.unwrap().unwrap(), settings);
    assert_eq!((settings.tz(), settings.cap_hours), (chrono_tz::Asia::Yekaterinburg, 48));
    let changes = audit::entries(&store, owner.account, 0, 100).await.unwrap();
    assert_eq!(changes.iter().filter(|e| e.action == "settings.change").count(), 3);
});
