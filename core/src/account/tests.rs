//! The account room on both engines.

use chrono::TimeDelta;

use super::{invitation::Fingerprint, *};
use crate::{
    both,
    campaign::lost_phone,
    clock,
    clock::Moment,
    founding::Founded,
    notice::NoticeKind,
    secret::Secret,
    store::{Db, Engine, audit},
    testing,
};

mod limits;

const PASSWORD: &str = "korova na lune";

async fn founded(store: &Store, login: &str, now: Moment) -> (Founded, Actor) {
    let founded = testing::found(store, login, PASSWORD, now).await;
    let actor =
        Actor { account: founded.account, member: founded.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
    (founded, actor)
}

async fn manager(store: &Store, owner: &Actor, login: &str, now: Moment) -> Actor {
    let new =
        member::NewMember { login, password: &Secret::new(PASSWORD), name: "Борис", role: Role::Manager, language: Language::En };
    let id = member::add(store, owner, &new, now).await.expect("a member is taken in");
    Actor { account: owner.account, member: id, role: Role::Manager, language: Language::En, name: "Борис".to_owned() }
}

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

both!(async fn an_account_keeps_an_owner(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    assert!(matches!(member::set_role(&store, &boris, owner.member, Role::Viewer, now).await, Err(AccountError::Forbidden(_))));
    assert!(matches!(member::set_role(&store, &owner, owner.member, Role::Viewer, now).await, Err(AccountError::LastOwner)));
    assert!(matches!(member::set_disabled(&store, &owner, owner.member, true, now).await, Err(AccountError::LastOwner)));
    member::set_role(&store, &owner, boris.member, Role::Owner, now).await.unwrap();
    login(&store, 1, "", "anna", &Secret::new(PASSWORD), now).await.unwrap();
    member::set_disabled(&store, &owner, owner.member, true, now).await.unwrap();
    assert!(authenticate(&store, 1, now).await.unwrap().is_none());
    assert!(matches!(login(&store, 1, "", "anna", &Secret::new(PASSWORD), now).await, Err(LoginError::Disabled)));
    // A login belongs to one member of the whole server.
    let (_, stranger) = founded(&store, "vera", now).await;
    let taken = member::NewMember { login: "Boris", password: &Secret::new(PASSWORD), name: "Б", role: Role::Viewer, language: Language::Ru };
    assert!(matches!(member::add(&store, &stranger, &taken, now).await, Err(AccountError::LoginTaken)));
    // Another account's members are as absent as none.
    assert!(matches!(member::set_role(&store, &stranger, boris.member, Role::Viewer, now).await, Err(AccountError::NotFound)));
    assert!(matches!(member::unlock(&store, &stranger, boris.member, now).await, Err(AccountError::NotFound)));
    assert!(matches!(lost_phone::of_member(&store, &stranger, boris.member, now).await, Err(AccountError::NotFound)));
    assert!(matches!(reset::create(&store, &stranger, boris.member, now).await, Err(AccountError::NotFound)));
    assert!(session::list(&store, &stranger, boris.member).await.unwrap().is_empty());
    assert_eq!(member::list(&store, stranger.account).await.unwrap().len(), 1);
});

both!(async fn invitations_make_one_member_once(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let (id, token) = invitation::create(&store, &owner, Role::Approver, now).await.unwrap();
    assert_eq!(invitation::list(&store, &owner, now).await.unwrap()[0].id, id);
    assert_eq!(invitation::look(&store, &Fingerprint::of(token.expose()), now).await.unwrap().unwrap().account_name, "Ромашка");
    let weak = invitation::Acceptance { link: &Fingerprint::of(token.expose()), login: "vera", password: &Secret::new("short"), name: "Вера", language: Language::Ru };
    assert!(matches!(invitation::accept(&store, 9, "Vera", &weak, now).await, Err(AccountError::WeakPassword(_))));
    let good = invitation::Acceptance { password: &Secret::new(PASSWORD), ..weak };
    let late = now + TimeDelta::hours(invitation::VALID_HOURS);
    assert!(matches!(invitation::accept(&store, 9, "Vera", &good, late).await, Err(AccountError::InvitationInvalid)));
    let signed = invitation::accept(&store, 9, "Vera", &good, now).await.unwrap();
    assert_eq!(signed.actor.role, Role::Approver);
    // The owners hear who joined, once.
    let told = crate::notice::due(&store, now, 100).await.unwrap();
    let joined: Vec<_> = told.iter().filter(|one| one.kind() == Some(NoticeKind::MemberJoined)).collect();
    assert_eq!((joined.len(), &joined[0].payload["name"], &joined[0].payload["role"]), (1, &serde_json::json!("Вера"), &serde_json::json!("approver")));
    assert!(joined[0].is_for(owner.member) && !joined[0].is_for(signed.actor.member));
    assert_eq!(authenticate(&store, 9, now).await.unwrap().unwrap().actor, signed.actor);
    assert!(matches!(invitation::accept(&store, 10, "", &good, now).await, Err(AccountError::InvitationInvalid)));
    let (id, token) = invitation::create(&store, &owner, Role::Viewer, now).await.unwrap();
    invitation::revoke(&store, &owner, id, now).await.unwrap();
    assert!(invitation::look(&store, &Fingerprint::of(token.expose()), now).await.unwrap().is_none());
    assert!(matches!(invitation::create(&store, &signed.actor, Role::Owner, now).await, Err(AccountError::Forbidden(_))));
});

both!(async fn ones_own_password_is_changed_by_the_old_one(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    let one = login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
    login(&store, 2, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
    let new = Secret::new("loshad na marse");
    assert!(matches!(password::prove(&store, &boris, 1, &Secret::new("no"), now).await, Err(AccountError::WrongPassword)));
    password::prove(&store, &boris, 1, &Secret::new(PASSWORD), now).await.unwrap();
    password::renew(&store, &boris, one.session, &new, now).await.unwrap();
    assert!(authenticate(&store, 1, now).await.unwrap().is_some(), "the session in hand goes on");
    assert!(authenticate(&store, 2, now).await.unwrap().is_none(), "the others end");
});

// An owner set an approver's password, signed in as the approver, and approved their own work;
// nobody was told.
both!(async fn a_new_password_is_chosen_by_its_member_alone(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
    assert!(matches!(reset::create(&store, &boris, owner.member, now).await, Err(AccountError::Forbidden(_))));
    assert!(matches!(reset::create(&store, &owner, owner.member, now).await, Err(AccountError::Forbidden(_))), "not for oneself");
    let first = Fingerprint::of(reset::create(&store, &owner, boris.member, now).await.unwrap().expose());
    let second = Fingerprint::of(reset::create(&store, &owner, boris.member, now).await.unwrap().expose());
    let new = Secret::new("loshad na marse");
    assert!(matches!(reset::accept(&store, (9, "Boris"), &first, &new, now).await, Err(AccountError::InvitationInvalid)), "a newer link");
    assert_eq!(reset::look(&store, &second, now).await.unwrap().unwrap().login, "boris");
    assert!(matches!(reset::accept(&store, (9, "Boris"), &second, &Secret::new("short"), now).await, Err(AccountError::WeakPassword(_))));
    let late = now + TimeDelta::hours(reset::VALID_HOURS);
    assert!(matches!(reset::accept(&store, (9, "Boris"), &second, &new, late).await, Err(AccountError::InvitationInvalid)));
    lost_phone::of_member(&store, &owner, boris.member, now).await.unwrap();
    let signed = reset::accept(&store, (9, "Boris"), &second, &new, now).await.unwrap();
    assert_eq!((signed.actor.member, signed.actor.role), (boris.member, Role::Manager));
    assert!(matches!(reset::accept(&store, (9, "Boris"), &second, &new, now).await, Err(AccountError::InvitationInvalid)), "once");
    assert!(authenticate(&store, 1, now).await.unwrap().is_none());
    assert!(authenticate(&store, 9, now).await.unwrap().is_some_and(|visitor| !visitor.password_due));
    assert!(matches!(login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await, Err(LoginError::Wrong { .. })));
    // Everybody who owns is told of each, and he of the link, where he is signed in.
    let told = crate::notice::due(&store, now, 100).await.unwrap();
    for (kind, member) in [
        (NoticeKind::MemberPasswordLink, None),
        (NoticeKind::MemberPasswordLink, Some(boris.member)),
        (NoticeKind::MemberPasswordSet, None),
    ] {
        assert!(told.iter().any(|n| n.kind() == Some(kind) && n.member_id == member), "{kind} {member:?}");
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(password::no_approvals_until(&mut tx, boris.account, boris.member, now).await.unwrap(), Some(now + TimeDelta::hours(24)));
    assert_eq!(password::no_approvals_until(&mut tx, boris.account, boris.member, now + TimeDelta::hours(24)).await.unwrap(), None);
    assert_eq!(password::no_approvals_until(&mut tx, owner.account, owner.member, now).await.unwrap(), None);
});

async fn campaign(store: &Store, by: &Actor, name: &str, state: &str, now: Moment) -> crate::id::CampaignId {
    let id = crate::id::CampaignId::new();
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into campaign (id, account_id, name, state, audience, launched_by, created_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6, $7, $7)")
        .bind(id).bind(by.account).bind(name).bind(state).bind(sqlx::types::Json(serde_json::json!({}))).bind(by.member).bind(now).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    id
}

// Scheduled campaigns and those being planned went on.
both!(async fn a_lost_phone_closes_everything(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
    let mut all = Vec::new();
    for state in ["running", "planning", "scheduled", "approved"] {
        all.push(campaign(&store, &boris, state, state, now).await);
    }
    let others = campaign(&store, &owner, "Чужая", "running", now).await;
    let closed = lost_phone::by_password(&store, 77, "boris", &Secret::new(PASSWORD), now).await.unwrap();
    assert!(closed.locked && closed.sessions == 1);
    assert_eq!(closed.paused.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["running", "planning", "scheduled"]);
    assert!(authenticate(&store, 1, now).await.unwrap().is_none());
    assert!(matches!(login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await, Err(LoginError::Locked)));
    let state = async |id: crate::id::CampaignId| -> String {
        on!(store.read(), |c| sqlx::query_scalar("select state from campaign where id = $1").bind(id).fetch_one(c).await).unwrap()
    };
    for (id, expected) in all.iter().zip(["paused", "paused", "approved", "approved"]) {
        assert_eq!(state(*id).await, expected);
    }
    assert_eq!(state(others).await, "running");
    let again = lost_phone::of_member(&store, &owner, boris.member, now).await.unwrap();
    assert_eq!((again.sessions, again.paused.len()), (0, 0));
    // A disabled member pauses nothing any more: they are out already.
    member::unlock(&store, &owner, boris.member, now).await.unwrap();
    member::set_disabled(&store, &owner, boris.member, true, now).await.unwrap();
    assert!(matches!(lost_phone::by_password(&store, 77, "boris", &Secret::new(PASSWORD), now).await, Err(LoginError::Disabled)));
});

// An account could be left with an owner who was locked: nobody lifts a lock then.
both!(async fn an_account_keeps_an_owner_who_can_sign_in(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    login(&store, 1, "", "anna", &Secret::new(PASSWORD), now).await.unwrap();
    // The only owner: sessions end, and the password is changed before anything else, from wherever
    // she signs in.
    let closed = lost_phone::by_password(&store, 77, "anna", &Secret::new(PASSWORD), now).await.unwrap();
    assert!(!closed.locked && closed.sessions == 1);
    login(&store, 3, "", "anna", &Secret::new(PASSWORD), now).await.unwrap();
    assert!(authenticate(&store, 3, now).await.unwrap().unwrap().password_due);
    // Of two the first is locked, and the second is the only one then.
    member::set_role(&store, &owner, boris.member, Role::Owner, now).await.unwrap();
    assert!(lost_phone::of_member(&store, By::Admin(owner.account), boris.member, now).await.unwrap().locked);
    assert!(matches!(member::set_role(&store, &owner, owner.member, Role::Viewer, now).await, Err(AccountError::LastOwner)));
    assert!(matches!(member::set_disabled(&store, &owner, owner.member, true, now).await, Err(AccountError::LastOwner)));
    assert!(!lost_phone::of_self(&store, &owner, now).await.unwrap().locked);
});

both!(async fn licences_hold_limit_and_warn(store) {
    let now = clock::now();
    let (founded, owner) = founded(&store, "anna", now).await;
    let account = founded.account;
    assert!(licence::current(&store, account, now).await.unwrap().is_none());
    let until = now + TimeDelta::days(30);
    let id = licence::issue(&store, account, licence::PlanKind::Trial, now, until, now).await.unwrap();
    assert_eq!(licence::current(&store, account, now).await.unwrap().unwrap().id, id);
    assert!(licence::current(&store, account, until).await.unwrap().is_none());
    manager(&store, &owner, "boris", now).await;
    manager(&store, &owner, "vera", now).await;
    let fourth = member::NewMember { login: "gleb", password: &Secret::new(PASSWORD), name: "Глеб", role: Role::Viewer, language: Language::Ru };
    assert!(matches!(member::add(&store, &owner, &fourth, now).await, Err(AccountError::OverLimit(_))));
    assert!(usage::check(&store, account, licence::Limit::MessagesThisMonth, 10_001, now).await.unwrap().is_err());
    assert!(usage::check(&store, account, licence::Limit::Contacts, 5_000, now).await.unwrap().is_ok());
    assert_eq!(licence::warn_ending(&store, now).await.unwrap(), 0);
    for _ in 0..2 {
        assert_eq!(licence::warn_ending(&store, until - TimeDelta::days(6)).await.unwrap(), 1);
    }
    licence::warn_ending(&store, until - TimeDelta::hours(2)).await.unwrap();
    let told = crate::notice::due(&store, until, 10).await.unwrap().iter().filter(|n| n.kind() == Some(NoticeKind::LicenceEnding)).count();
    assert_eq!(told, 2);
    // A longer one makes the ending one no news.
    licence::issue(&store, account, licence::PlanKind::Unlimited, now, until + TimeDelta::days(300), now).await.unwrap();
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
    let id = licence::issue(&store, account, licence::PlanKind::Trial, now, now + TimeDelta::days(30), now).await.unwrap();
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
    licence::issue(&store, account, licence::PlanKind::Trial, now + TimeDelta::days(1), now + TimeDelta::days(30), now).await.unwrap();
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
    let id = licence::issue(&store, account, licence::PlanKind::Trial, begins, now + TimeDelta::days(30), now).await.unwrap();
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
