//! Members: owners that stay, invitations, passwords, lost phones.

use super::*;

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
