//! The account room on both engines.

use chrono::TimeDelta;

use super::*;
use crate::{
    both,
    campaign::lost_phone,
    clock,
    clock::Moment,
    founding::{Founded, NewAccount, create},
    secret::Secret,
    store::audit,
};

const PASSWORD: &str = "korova na lune";

async fn founded(store: &Store, login: &str, now: Moment) -> (Founded, Actor) {
    let new = NewAccount {
        name: "Ромашка",
        zone: "Europe/Moscow",
        language: Language::Ru,
        phone_region: "ru",
        advertiser: "ООО «Ромашка»",
        owner_login: login,
        owner_password: &Secret::new(PASSWORD),
        owner_name: "Анна",
    };
    let founded = create(store, &new, now).await.expect("an account is founded");
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
    let (actor, session) = authenticate(&store, 1, now).await.unwrap().unwrap();
    assert_eq!((actor, session), (owner.clone(), first.session));
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

both!(async fn guessing_is_slowed_and_then_locked(store) {
    let mut now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    let (right, wrong) = (Secret::new(PASSWORD), Secret::new("not it at all"));
    for n in 1..=10 {
        // Each from another phone: only the login's own count slows this down.
        let error = login(&store, 100 + n, "", "boris", &wrong, now).await.unwrap_err();
        let LoginError::Wrong { wait_until } = error else { panic!("{n}: {error}") };
        let n = i32::try_from(n).unwrap();
        assert_eq!(wait_until, login::delay(n).map(|d| now + d), "{n}");
        if let Some(until) = wait_until {
            let early = login(&store, 1, "", "boris", &right, until - TimeDelta::milliseconds(1)).await;
            assert!(matches!(early, Err(LoginError::Wait { .. })), "{n}");
            now = until;
        }
        // What the early try counted against its Telegram user is not this test's matter.
        now += TimeDelta::hours(2);
    }
    let row = member::get(&store, owner.account, boris.member).await.unwrap().unwrap();
    assert_eq!(row.lock_reason.as_deref(), Some("wrong_passwords"));
    // The right password now says that the login is locked; a wrong one says nothing of it.
    assert!(matches!(login(&store, 7, "", "boris", &right, now).await, Err(LoginError::Locked)));
    assert!(matches!(login(&store, 8, "", "boris", &wrong, now).await, Err(LoginError::Wrong { .. })));
    let notices = crate::notice::due(&store, now, 10).await.unwrap();
    assert_eq!(notices.iter().filter(|n| n.kind == "member.locked").count(), 1);
    // Only an owner lifts it.
    assert!(matches!(member::unlock(&store, &boris, boris.member, now).await, Err(AccountError::Forbidden(Right::Own))));
    member::unlock(&store, &owner, boris.member, now).await.unwrap();
    login(&store, 7, "", "boris", &right, now).await.unwrap();
});

both!(async fn a_phone_that_tries_many_logins_is_slowed_too(store) {
    let now = clock::now();
    founded(&store, "anna", now).await;
    let wrong = Secret::new("not it at all");
    for n in 1..=3 {
        let error = login(&store, 5, "", &format!("nobody{n}"), &wrong, now).await.unwrap_err();
        assert!(matches!(error, LoginError::Wrong { .. }), "{error}");
    }
    assert!(matches!(login(&store, 5, "", "anna", &Secret::new(PASSWORD), now).await, Err(LoginError::Wait { .. })));
    let later = now + TimeDelta::seconds(5);
    login(&store, 5, "", "anna", &Secret::new(PASSWORD), later).await.unwrap();
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
    assert!(matches!(password::reset(&store, &stranger, boris.member, &Secret::new("another long one"), true, now).await, Err(AccountError::NotFound)));
    assert!(session::list(&store, &stranger, boris.member).await.unwrap().is_empty());
    assert_eq!(member::list(&store, stranger.account).await.unwrap().len(), 1);
});

both!(async fn invitations_make_one_member_once(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let (id, token) = invitation::create(&store, &owner, Role::Approver, now).await.unwrap();
    assert_eq!(invitation::list(&store, &owner, now).await.unwrap()[0].id, id);
    assert_eq!(invitation::look(&store, token.expose(), now).await.unwrap().unwrap().account_name, "Ромашка");
    let weak = invitation::Acceptance { token: token.expose(), login: "vera", password: &Secret::new("short"), name: "Вера", language: Language::Ru };
    assert!(matches!(invitation::accept(&store, 9, "Vera", &weak, now).await, Err(AccountError::WeakPassword(_))));
    let good = invitation::Acceptance { password: &Secret::new(PASSWORD), ..weak };
    let late = now + TimeDelta::hours(invitation::VALID_HOURS);
    assert!(matches!(invitation::accept(&store, 9, "Vera", &good, late).await, Err(AccountError::InvitationInvalid)));
    let signed = invitation::accept(&store, 9, "Vera", &good, now).await.unwrap();
    assert_eq!(signed.actor.role, Role::Approver);
    assert_eq!(authenticate(&store, 9, now).await.unwrap().unwrap().0, signed.actor);
    assert!(matches!(invitation::accept(&store, 10, "", &good, now).await, Err(AccountError::InvitationInvalid)));
    let (id, token) = invitation::create(&store, &owner, Role::Viewer, now).await.unwrap();
    invitation::revoke(&store, &owner, id, now).await.unwrap();
    assert!(invitation::look(&store, token.expose(), now).await.unwrap().is_none());
    assert!(matches!(invitation::create(&store, &signed.actor, Role::Owner, now).await, Err(AccountError::Forbidden(_))));
});

both!(async fn passwords_are_changed_and_reset(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    let one = login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
    login(&store, 2, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
    let new = Secret::new("loshad na marse");
    let wrong = password::change(&store, &boris, one.session, 1, &Secret::new("no"), &new, now).await;
    assert!(matches!(wrong, Err(AccountError::WrongPassword)));
    password::change(&store, &boris, one.session, 1, &Secret::new(PASSWORD), &new, now).await.unwrap();
    assert!(authenticate(&store, 1, now).await.unwrap().is_some(), "the session in hand goes on");
    assert!(authenticate(&store, 2, now).await.unwrap().is_none(), "the others end");
    assert!(matches!(password::reset(&store, &boris, owner.member, &new, false, now).await, Err(AccountError::Forbidden(_))));
    password::reset(&store, By::Admin(owner.account), boris.member, &Secret::new(PASSWORD), true, now).await.unwrap();
    assert!(authenticate(&store, 1, now).await.unwrap().is_none());
    login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
});

both!(async fn a_lost_phone_closes_everything(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await.unwrap();
    let campaign = crate::id::CampaignId::new();
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into campaign (id, account_id, name, state, audience, launched_by, created_by, created_at, updated_at) values ($1, $2, 'Весна', 'running', $3, $4, $4, $5, $5)")
        .bind(campaign).bind(owner.account).bind(sqlx::types::Json(serde_json::json!({}))).bind(boris.member).bind(now).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    let closed = lost_phone::by_password(&store, 77, "boris", &Secret::new(PASSWORD), now).await.unwrap();
    assert_eq!(closed, lost_phone::Closed { sessions: 1, paused: vec![(campaign, "Весна".to_owned())] });
    assert!(authenticate(&store, 1, now).await.unwrap().is_none());
    assert!(matches!(login(&store, 1, "", "boris", &Secret::new(PASSWORD), now).await, Err(LoginError::Locked)));
    let state: (String, Option<String>) = on!(store.read(), |c| sqlx::query_as("select state, state_reason from campaign where id = $1").bind(campaign).fetch_one(c).await).unwrap();
    assert_eq!(state, ("paused".to_owned(), Some("lost_phone".to_owned())));
    assert_eq!(lost_phone::of_member(&store, &owner, boris.member, now).await.unwrap(), lost_phone::Closed { sessions: 0, paused: vec![] });
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
    assert!(licence::check(&store, account, licence::Limit::MessagesThisMonth, 10_001, now).await.unwrap().is_err());
    assert!(licence::check(&store, account, licence::Limit::Contacts, 5_000, now).await.unwrap().is_ok());
    assert_eq!(licence::warn_ending(&store, now).await.unwrap(), 0);
    for _ in 0..2 {
        assert_eq!(licence::warn_ending(&store, until - TimeDelta::days(6)).await.unwrap(), 1);
    }
    licence::warn_ending(&store, until - TimeDelta::hours(2)).await.unwrap();
    let told = crate::notice::due(&store, until, 10).await.unwrap().iter().filter(|n| n.kind == "licence.ending").count();
    assert_eq!(told, 2);
    // A longer one makes the ending one no news.
    licence::issue(&store, account, licence::PlanKind::Unlimited, now, until + TimeDelta::days(300), now).await.unwrap();
    assert_eq!(licence::warn_ending(&store, until - TimeDelta::days(6)).await.unwrap(), 0);
    member::add(&store, &owner, &fourth, now).await.unwrap();
    let held: bool = on!(store.read(), |c| sqlx::query_scalar(concat!("select ", crate::licence_live!("a.id", "$2"), " from account a where a.id = $1")).bind(account).bind(now).fetch_one(c).await).unwrap();
    assert!(held);
    let (_, stranger) = super::tests::founded(&store, "zoya", now).await;
    assert!(matches!(licence::revoke(&store, stranger.account, id, now).await, Err(AccountError::NotFound)));
    licence::revoke(&store, account, id, now).await.unwrap();
    assert_eq!(licence::list(&store, account).await.unwrap().len(), 2);
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
    let settings = settings::change(&store, &owner, &Change::CapHours(24), now).await.unwrap();
    assert_eq!(settings::get(&store, owner.account).await.unwrap().unwrap(), settings);
    assert_eq!((settings.tz(), settings.cap_hours), (chrono_tz::Asia::Yekaterinburg, 24));
    let changes = audit::entries(&store, owner.account, 0, 100).await.unwrap();
    assert_eq!(changes.iter().filter(|e| e.action == "settings.change").count(), 3);
});
