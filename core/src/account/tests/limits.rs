//! Members within the plan, however many come in at once.

use super::*;

both!(async fn two_who_come_in_at_once_do_not_pass_the_plan(store) {
    let now = clock::now();
    let (founded, owner) = founded(&store, "anna", now).await;
    // Invited before there was a licence, so that nothing was in the way then.
    let mut links = Vec::new();
    for _ in 0..4 {
        links.push(invitation::create(&store, &owner, Role::Viewer, now).await.unwrap().1);
    }
    let gone = manager(&store, &owner, "boris", now).await;
    member::set_disabled(&store, &owner, gone.member, true, now).await.unwrap();
    licence::issue(&store, founded.account, licence::PlanCode::TRIAL, now, now + TimeDelta::days(30), now).await.unwrap();
    // Three may be in, one is: four links and a member let in again want two places.
    let mut tries: Vec<tokio::task::JoinHandle<Result<(), AccountError>>> = Vec::new();
    for (n, link) in links.into_iter().enumerate() {
        let store = store.clone();
        tries.push(tokio::spawn(async move {
            let login = format!("vera{n}");
            let password = Secret::new(PASSWORD);
            let accepted = invitation::Acceptance { link: &Fingerprint::of(link.expose()), login: &login, password: &password, name: "Вера", language: Language::Ru };
            invitation::accept(&store, 90 + i64::try_from(n).unwrap(), "Vera", &accepted, now).await.map(|_| ())
        }));
    }
    let (again, by) = (store.clone(), owner.clone());
    tries.push(tokio::spawn(async move { member::set_disabled(&again, &by, gone.member, false, now).await }));
    let mut came = 0;
    for tried in tries {
        match tried.await.unwrap() {
            Ok(()) => came += 1,
            Err(AccountError::OverLimit(over)) => assert_eq!((over.limit, over.allowed, over.used), (licence::Limit::Members, 3, 3)),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(came, 2);
    assert_eq!(usage::used(&store, founded.account, licence::Limit::Members, now).await.unwrap(), 3);
    assert!(matches!(invitation::create(&store, &owner, Role::Viewer, now).await, Err(AccountError::OverLimit(_))));
    assert!(audit::verify(&store, founded.account).await.unwrap().is_ok());
});
