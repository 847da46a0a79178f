//! Signing in and out, guessing, sessions.

use super::*;

both!(async fn sign_in_and_out(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let right = Secret::new(PASSWORD);
    assert!(authenticate(&store, 1, now).await.unwrap().is_none());
    let first = login(&store, 1, "Anna", " ANNA ", &right, now).await.unwrap();
    assert_eq!(first.actor, owner);
    let visitor = authenticate(&store, 1, now).await.unwrap().unwrap();
    assert_eq!((visitor.actor, visitor.session), (owner.clone(), first.session));
    // Signing in again from the same Telegram user ends the former session; another user's stays.
    let second = login(&store, 1, "Anna", "anna", &right, now).await.unwrap();
    let other = login(&store, 2, "Anna's tablet", "anna", &right, now).await.unwrap();
    let ids: Vec<_> = session::list(&store, &owner, owner.member).await.unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&second.session) && ids.contains(&other.session));
    // Use is noted once a minute at most.
    let later = now + TimeDelta::seconds(61);
    authenticate(&store, 2, now + TimeDelta::seconds(10)).await.unwrap().unwrap();
    authenticate(&store, 2, later).await.unwrap().unwrap();
    assert_eq!(session::list(&store, &owner, owner.member).await.unwrap()[0].last_seen_at, later);
    session::logout(&store, &owner, second.session, now).await.unwrap();
    assert!(authenticate(&store, 1, now).await.unwrap().is_none());
    assert_eq!(session::end_all(&store, &owner, owner.member, None, now).await.unwrap(), 1);
    assert!(authenticate(&store, 2, now).await.unwrap().is_none());
    assert!(audit::verify(&store, owner.account).await.unwrap().is_ok());
});

/// A right password, a wrong one.
fn passwords() -> (Secret, Secret) {
    (Secret::new(PASSWORD), Secret::new("not it at all"))
}

// Ten wrong passwords of strangers locked a login, for good where its owner was the only one.
both!(async fn strangers_keep_nobody_out_and_are_slowed_all_the_same(store) {
    let mut now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let (right, wrong) = passwords();
    login(&store, 1, "Anna", "anna", &right, now).await.unwrap();
    for n in 1..=30 {
        // Each from another phone: only the login's own count slows this down.
        let error = login(&store, 100 + n, "", "anna", &wrong, now).await.unwrap_err();
        let LoginError::Wrong { wait_until } = error else { panic!("{n}: {error}") };
        assert_eq!(wait_until, login::delay(i32::try_from(n).unwrap()).map(|d| now + d), "{n}");
        // The phone she was signed in from is let in whatever they do.
        login(&store, 1, "Anna", "anna", &right, now).await.unwrap();
        if let Some(until) = wait_until {
            let early = login(&store, 7_000 + n, "", "anna", &right, until - TimeDelta::milliseconds(1)).await;
            assert!(matches!(early, Err(LoginError::Wait { .. })), "{n}");
            now = until;
        }
    }
    // A phone of hers that the login does not know waits an hour at most, then it is let in.
    login(&store, 8, "Anna", "anna", &right, now + TimeDelta::hours(1)).await.unwrap();
    let row = member::get(&store, owner.account, owner.member).await.unwrap().unwrap();
    assert_eq!(row.locked_at, None);
    let told = crate::notice::due(&store, now + TimeDelta::hours(1), 100).await.unwrap();
    assert_eq!(told.iter().filter(|n| n.kind() == Some(NoticeKind::MemberGuessed)).count(), 1, "once a day");
    // Every wrong password is on the record, without the login.
    let entries = audit::entries(&store, owner.account, 0, 1_000).await.unwrap();
    let refused: Vec<_> = entries.iter().filter(|e| e.action == "session.refused").collect();
    assert_eq!(refused.len(), 30);
    assert!(refused.iter().all(|e| !e.details.contains("anna") && e.details.contains("\"known_phone\":false")));
});

both!(async fn a_phone_shuts_itself_out_of_a_login_for_a_day(store) {
    let mut now = clock::now();
    founded(&store, "anna", now).await;
    let (right, wrong) = passwords();
    login(&store, 1, "Anna", "anna", &right, now).await.unwrap();
    for n in 1..=login::SHUT_AFTER {
        let error = login(&store, 1, "", "anna", &wrong, now).await.unwrap_err();
        let LoginError::Wrong { wait_until } = error else { panic!("{n}: {error}") };
        now = wait_until.unwrap_or(now);
    }
    let shut = now - TimeDelta::milliseconds(1);
    assert!(matches!(login(&store, 1, "", "anna", &right, shut).await, Err(LoginError::Wait { .. })), "the right one is not looked at");
    // Another phone of hers, and this one after a day.
    login(&store, 2, "", "anna", &right, shut - TimeDelta::hours(2)).await.unwrap();
    login(&store, 1, "", "anna", &right, now).await.unwrap();
});

// The third answer told: a login that was there was delayed by its own count.
both!(async fn a_login_that_does_not_exist_is_answered_like_one_that_does(store) {
    let now = clock::now();
    founded(&store, "anna", now).await;
    let (_, wrong) = passwords();
    for (first, names) in [(100, ["anna", "nobody"]), (200, ["nobody2", "anna"])] {
        let mut answers: [Vec<String>; 2] = [vec![], vec![]];
        for n in 0..14 {
            for (who, login_name) in names.iter().enumerate() {
                let phone = first + n * 10 + i64::try_from(who).unwrap();
                let at = now + TimeDelta::hours(if first == 200 { 48 } else { 0 });
                answers[who].push(format!("{:?}", login(&store, phone, "", login_name, &wrong, at).await.unwrap_err()));
            }
        }
        assert_eq!(answers[0], answers[1], "{names:?}");
    }
});

/// Lines that a subscriber of this thread was given.
#[derive(Clone, Default)]
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a refused sign-in cost the database: rows written on SQLite (its statements run on another
/// thread), statements on PostgreSQL.
async fn cost_of(store: &Store, phone: i64, login_name: &str, now: Moment) -> i64 {
    let written = async || {
        if store.engine() == Engine::Postgres {
            return 0;
        }
        match store.begin().await.unwrap().conn() {
            Db::Sqlite(c) => sqlx::query_scalar::<_, i64>("select total_changes()").fetch_one(c).await.unwrap(),
            Db::Postgres(_) => 0,
        }
    };
    let (_, wrong) = passwords();
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_env_filter("sqlx::query=debug").with_writer(move || writer.clone()).with_ansi(false).finish();
    let before = written().await;
    {
        let _guard = tracing::subscriber::set_default(subscriber);
        login(store, phone, "", login_name, &wrong, now).await.unwrap_err();
    }
    let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    match store.engine() {
        Engine::Sqlite => written().await - before,
        // A connection that the pool opens meanwhile has statements of its own.
        Engine::Postgres => {
            let of_ours =
                |line: &&str| ["select", "insert", "update", "delete"].iter().any(|word| line.contains(&format!("summary=\"{word}")));
            i64::try_from(said.lines().filter(of_ours).count()).unwrap()
        }
    }
}

// The time of an answer told: a wrong password was written to a trail, an unknown login was not.
both!(async fn a_login_that_is_not_there_costs_the_database_as_much(store) {
    let now = clock::now();
    founded(&store, "anna", now).await;
    founded(&store, "boris", now).await;
    // Connections, prepared statements; then what counts.
    for (phone, name) in [(1, "before"), (2, "boris")] {
        cost_of(&store, phone, name, now).await;
    }
    let mut costs = [vec![], vec![]];
    for n in 0..12 {
        // Each after every delay, from another phone, as far as the count at which owners are told.
        let at = now + TimeDelta::hours(2 * n);
        for (who, name) in ["anna", "nobody"].into_iter().enumerate() {
            costs[who].push(cost_of(&store, 100 + 10 * n + i64::try_from(who).unwrap(), name, at).await);
        }
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0].iter().all(|cost| *cost >= 6), "{costs:?}");
});

// Signing in to one's own login forgot what was counted against the phone, so three others could be
// tried again.
both!(async fn a_sign_in_of_ones_own_does_not_make_guessing_cheaper(store) {
    let now = clock::now();
    founded(&store, "anna", now).await;
    founded(&store, "boris", now).await;
    let (right, wrong) = passwords();
    for n in 1..=2 {
        assert!(matches!(login(&store, 5, "", &format!("nobody{n}"), &wrong, now).await, Err(LoginError::Wrong { wait_until: None })));
    }
    // One slip at one's own, forgiven; the two guesses stay.
    let slip = login(&store, 5, "", "anna", &wrong, now).await.unwrap_err();
    let LoginError::Wrong { wait_until: Some(until) } = slip else { panic!("{slip}") };
    login(&store, 5, "", "anna", &right, until).await.unwrap();
    let LoginError::Wrong { wait_until } = login(&store, 5, "", "boris", &wrong, until).await.unwrap_err() else { panic!("a third guess") };
    assert_eq!(wait_until, Some(until + TimeDelta::seconds(5)), "the third guess is the third");
    assert!(matches!(login(&store, 5, "", "anna", &right, until).await, Err(LoginError::Wait { .. })));
    // A day later nothing is left of it, nor of its rows.
    login::sweep(&store, until + TimeDelta::hours(30)).await.unwrap();
    let left: i64 = on!(store.read(), |c| sqlx::query_scalar("select (select count(*) from login_guard) + (select count(*) from login_try) + (select count(*) from login_count)").fetch_one(c).await).unwrap();
    assert_eq!(left, 0);
});

// Sessions never ended, and nobody was told of one more.
both!(async fn sessions_end_by_themselves(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let (right, _) = passwords();
    login(&store, 1, "Anna", "anna", &right, now).await.unwrap();
    login(&store, 2, "Tablet", "anna", &right, now).await.unwrap();
    let mut day = now;
    for _ in 0..7 {
        day += TimeDelta::days(25);
        assert!(authenticate(&store, 1, day).await.unwrap().is_some(), "used every 25 days");
    }
    // 175 days: the tablet was idle for 30, this one is too old after 180.
    assert_eq!(session::end_outlived(&store, day).await.unwrap(), 1);
    assert!(authenticate(&store, 2, day).await.unwrap().is_none());
    assert_eq!(session::reachable(&store, owner.account).await.unwrap().len(), 1);
    assert!(authenticate(&store, 1, now + TimeDelta::days(180)).await.unwrap().is_none());
    let reasons: Vec<String> = on!(store.read(), |c| sqlx::query_scalar("select end_reason from session order by end_reason").fetch_all(c).await).unwrap();
    assert_eq!(reasons, ["expired", "idle"]);
    // The company's own limits.
    settings::change(&store, &owner, &settings::Change::SessionIdle(7), now).await.unwrap();
    login(&store, 1, "Anna", "anna", &right, now).await.unwrap();
    assert!(authenticate(&store, 1, now + TimeDelta::days(6)).await.unwrap().is_some());
    assert!(authenticate(&store, 1, now + TimeDelta::days(13)).await.unwrap().is_none());
    assert!(matches!(settings::change(&store, &owner, &settings::Change::SessionMax(0), now).await, Err(AccountError::BadSetting(settings::BadSetting::Session))));
});

both!(async fn a_sign_in_from_a_new_phone_is_told_and_can_be_disowned(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    let (right, _) = passwords();
    let told = async |kind: NoticeKind| -> Vec<crate::notice::Notice> {
        crate::notice::due(&store, now + TimeDelta::days(1), 100).await.unwrap().into_iter().filter(|n| n.kind() == Some(kind)).collect()
    };
    login(&store, 1, "Boris", "boris", &right, now).await.unwrap();
    assert!(told(NoticeKind::SessionNew).await.is_empty(), "the first of all is no news");
    login(&store, 1, "Boris", "boris", &right, now).await.unwrap();
    assert!(told(NoticeKind::SessionNew).await.is_empty(), "a phone that is known");
    login(&store, 66, "Thief", "boris", &right, now).await.unwrap();
    let news = told(NoticeKind::SessionNew).await;
    // The member's other phones are told, and the owners; nobody twice.
    assert_eq!(news.iter().map(|one| one.member_id).collect::<Vec<_>>(), [Some(boris.member), None], "{news:?}");
    assert!(news.iter().all(|one| one.goes_to(1) && !one.goes_to(66)), "{news:?}");
    assert!(news[1].is_for(owner.member) && !news[1].is_for(boris.member), "{news:?}");
    // Without another session the owners alone are told.
    session::end_all(&store, &boris, boris.member, None, now).await.unwrap();
    login(&store, 77, "Thief's other", "boris", &right, now).await.unwrap();
    let news = told(NoticeKind::SessionNew).await;
    assert_eq!((news.len(), news[2].member_id), (3, None));

    // «It was not me»: out, not known, and the password opens nothing from a new phone.
    assert!(matches!(session::not_me(&store, &boris, owner.member, 77, now).await, Err(AccountError::Forbidden(_))));
    let done = session::not_me(&store, &owner, boris.member, 77, now).await.unwrap();
    assert_eq!((done.ended, done.phone.as_str()), (1, "Thief's other"));
    session::not_me(&store, &owner, boris.member, 66, now).await.unwrap();
    assert_eq!(told(NoticeKind::SessionNotMe).await.len(), 2);
    assert!(authenticate(&store, 77, now).await.unwrap().is_none());
    for phone in [77, 66, 99] {
        assert!(matches!(login(&store, phone, "Thief", "boris", &right, now).await, Err(LoginError::PasswordDue)), "{phone}");
    }
    // His own phone is let in, and a new password comes before anything else.
    let back = login(&store, 1, "Boris", "boris", &right, now).await.unwrap();
    assert!(authenticate(&store, 1, now).await.unwrap().unwrap().password_due);
    assert!(matches!(password::renew(&store, &boris, back.session, &right, now).await, Err(AccountError::SamePassword)));
    password::renew(&store, &boris, back.session, &Secret::new("loshad na marse"), now).await.unwrap();
    assert!(!authenticate(&store, 1, now).await.unwrap().unwrap().password_due);
    assert!(audit::verify(&store, owner.account).await.unwrap().is_ok());
});
