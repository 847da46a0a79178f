//! A CRM account that is renamed, an integration that is removed, an address of ours that changes,
//! neighbours on one address.

use super::*;

const NOTICES: &str = "select count(*) from notice where kind = 'crm.reauth'";

both!(async fn a_renamed_account_is_followed(store) {
    let world = World::new(store).await;
    let ids = world.amo.seed(&Seed { count: 10, ..Seed::default() });
    let id = world.connect_oauth().await;
    world.sync(id).await;
    let (contact, ..) = world.contact(ids[0]).await.expect("the contact");
    world.amo.rename("renamed");
    world.amo.edit(ids[1], |contact| contact.name = "Другое имя".to_owned());
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason, row.base_url.as_str()), (ConnectionState::Active, None, "https://renamed.amocrm.ru"));
    assert_eq!(world.contact(ids[1]).await.expect("the contact").1, "Другое имя");
    assert_eq!(world.count("select count(*) from audit where action = 'crm.moved'").await, 1);

    // It goes back; this time a write is what notices.
    world.amo.rename("example");
    world.enqueue(contact, &CrmChange::OptOut(true), "1").await;
    world.tell(id).await;
    world.tell(id).await;
    assert_eq!(world.row(id).await.base_url, "https://example.amocrm.ru");
    assert_eq!(world.count("select count(*) from crm_write where state = 'done'").await, 1);
    assert_eq!(world.count(NOTICES).await, 0, "nobody had to do anything");
});

both!(async fn a_long_lived_token_asks_for_the_new_address(store) {
    let world = World::new(store).await;
    let ids = world.amo.seed(&Seed { count: 10, ..Seed::default() });
    let id = world.connect().await;
    world.sync(id).await;
    let (contact, ..) = world.contact(ids[0]).await.expect("the contact");
    world.amo.rename("renamed");
    world.enqueue(contact, &CrmChange::OptOut(true), "1").await;
    world.tell(id).await;
    let row = world.row(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("moved")));
    assert_eq!(world.count(NOTICES).await, 1);
    assert_eq!(world.count("select count(*) from crm_write where state = 'queued'").await, 1, "nothing is lost");

    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    let moved = |address| connection::relocate(store, sealer, endpoints, by, id, address, clock::now());
    assert!(matches!(moved("evil.com").await, Err(ConnectError::BadAddress)));
    assert!(matches!(moved("example").await, Err(ConnectError::Crm(CrmError::NotFound))));
    moved("renamed.amocrm.ru").await.expect("moved");
    world.tell(id).await;
    assert_eq!(world.count("select count(*) from crm_write where state = 'done'").await, 1);
    assert_eq!(world.sync(id).await.state, ConnectionState::Active);
});

both!(async fn a_removed_integration_loses_nothing(store) {
    let world = World::new(store).await;
    let ids = world.amo.seed(&Seed { count: 10, ..Seed::default() });
    let id = world.connect_oauth().await;
    // The fields come with the first sync.
    world.sync(id).await;
    world.map(id).await;
    world.sync(id).await;
    let (contact, ..) = world.contact(ids[0]).await.expect("the contact");
    world.enqueue(contact, &CrmChange::OptOut(true), "1").await;
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let app = |client: &str| OauthApp {
        client_id: client.to_owned(),
        client_secret: Secret::new("secret"),
        redirect_uri: "https://mms.example/amo".to_owned(),
    };
    let removed = async |client: &str, account: &str| {
        connection::uninstalled(store, sealer, endpoints, CrmKind::Amocrm, &app(client), account, clock::now()).await.expect("read").closed
    };
    // The same signed request is good for ever: while the tokens open, somebody repeats it.
    assert_eq!(removed("app", "28805383").await, 0, "a repeat closes nothing");
    assert_eq!(world.row(id).await.state, ConnectionState::Active);
    world.amo.revoke_all();
    assert_eq!((removed("another", "28805383").await, removed("app", "1").await), (0, 0), "others are left alone");
    assert_eq!((removed("app", "28805383").await, removed("app", "28805383").await), (1, 0), "a repeat does nothing");
    let row = world.row(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("uninstalled")));
    assert_eq!((world.count(NOTICES).await, world.count("select count(*) from contact").await), (1, 10));
    let before = world.amo.requests();
    world.sync(id).await;
    world.tell(id).await;
    assert_eq!(world.amo.requests(), before, "no call without tokens");

    // Allowed again: on from the same place.
    let by = By::Admin(world.account);
    let (again, page) =
        connection::begin_authorisation(store, sealer, by, (CrmKind::Amocrm, "example"), app("app"), Some(id), clock::now()).await.expect("begun");
    let state = page.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let back = back(state, &world.amo.code("app"), "example.amocrm.ru");
    connection::authorise(store, sealer, endpoints, CrmKind::Amocrm, &back, clock::now()).await.expect("allowed");
    assert_eq!(again, id);
    world.tell(id).await;
    assert_eq!(world.count("select count(*) from crm_write where state = 'done'").await, 1);
    assert!(!world.sync(id).await.settings.fields.is_empty(), "the mapping stayed");
});

both!(async fn a_paused_connection_keeps_its_tokens(store) {
    let world = World::new(store).await;
    world.amo.seed(&Seed { count: 10, ..Seed::default() });
    let id = world.connect_oauth().await;
    world.sync(id).await;
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    connection::pause(store, by, id, clock::now()).await.expect("paused");
    let keep = async |days| session::keep_alive(store, sealer, endpoints, "test", clock::now() + TimeDelta::days(days)).await.expect("read");
    assert_eq!((keep(0).await, keep(6).await, world.amo.refreshes()), (0, 0, 0), "a week has not gone by");
    assert_eq!((keep(8).await, world.amo.refreshes()), (1, 1));
    assert_eq!((keep(9).await, world.amo.refreshes()), (0, 1), "not again so soon");
    assert_eq!(world.row(id).await.state, ConnectionState::Paused);
    connection::resume(store, by, id, clock::now()).await.expect("resumed");
    assert_eq!(world.sync(id).await.state_reason, None, "the new pair was kept");
});

both!(async fn hooks_follow_our_address_at_once(store) {
    let world = World::new(store).await;
    world.amo.seed(&Seed { count: 10, ..Seed::default() });
    let id = world.connect().await;
    let expect = async |public: Option<&str>| connection::expect_hooks_of_all(&world.deps.store, public, clock::now()).await.expect("said");
    let subscribed = async || {
        // As a start of the bot does it: the sync is due, and rung for.
        sync::run(&world.deps, id).await.expect("the job");
        world.row(id).await.sync_cursor.hooks.as_ref().map(|hooks| hooks.url.clone())
    };
    assert_eq!(expect(Some("https://one.example")).await, [id]);
    assert!(subscribed().await.is_some_and(|url| url.starts_with("https://one.example/hooks/crm/amocrm/")));
    // The secret is the CRM's to know; in the rows it stands nowhere.
    let row = world.row(id).await;
    let secret = world.deps.sealer.hook_secret(id.0, &row.hook_seed);
    assert_eq!(world.amo.destinations(), [format!("https://one.example/hooks/crm/amocrm/{id}/{}", secret.expose())]);
    let kept = format!("{} {}", serde_json::to_string(&row.settings.0).expect("json"), serde_json::to_string(&row.sync_cursor.0).expect("json"));
    assert!(!kept.contains(secret.expose()) && !kept.contains(&row.hook_seed), "{kept}");
    assert!(expect(Some("https://one.example")).await.is_empty(), "nothing new");
    assert_eq!(expect(Some("https://two.example")).await, [id]);
    assert!(subscribed().await.is_some_and(|url| url.starts_with("https://two.example/")));
    assert_eq!(world.amo.destinations().len(), 1, "the old one is taken away");
    assert_eq!(expect(None).await, [id]);
    assert_eq!((subscribed().await, world.amo.destinations().len()), (None, 0));
});

// Rows of before: the secret stood in them, and in both addresses. The first start asks for other
// webhooks and takes those away.
both!(async fn hooks_with_a_secret_that_was_kept_are_exchanged(store) {
    let world = World::new(store).await;
    world.amo.seed(&Seed { count: 10, ..Seed::default() });
    let id = world.connect().await;
    let row = world.row(id).await;
    let old = format!("https://one.example/hooks/amocrm/{id}/{}", row.hook_seed);
    let settings = mms_core::crm::mapping::CrmSettings { hook_url: Some(old.clone()), ..row.settings.0.clone() };
    let mut tx = world.deps.store.begin().await.expect("begun");
    on!(tx.conn(), |c| sqlx::query("update crm_connection set settings = $2 where id = $1")
        .bind(id)
        .bind(sqlx::types::Json(&settings))
        .execute(c)
        .await
        .map(|_| ()))
    .expect("as before");
    tx.commit().await.expect("kept");
    sync::run(&world.deps, id).await.expect("the job");
    assert_eq!(world.amo.destinations(), [old]);
    let changed = connection::expect_hooks_of_all(&world.deps.store, Some("https://one.example"), clock::now()).await.expect("said");
    assert_eq!(changed, [id]);
    sync::run(&world.deps, id).await.expect("the job");
    let secret = world.deps.sealer.hook_secret(id.0, &row.hook_seed);
    assert_eq!(world.amo.destinations(), [format!("https://one.example/hooks/crm/amocrm/{id}/{}", secret.expose())]);
    let row = world.row(id).await;
    let kept = format!("{} {}", serde_json::to_string(&row.settings.0).expect("json"), serde_json::to_string(&row.sync_cursor.0).expect("json"));
    assert!(!kept.contains(&row.hook_seed), "{kept}");
});

both!(async fn connections_of_one_process_keep_the_limit_of_its_address(store) {
    let mut world = World::new(store).await;
    let other = world.amo.neighbour("second");
    let third = other.neighbour("third");
    let base = Amo::serve_all(&[(&world.amo, &["example"]), (&other, &["second"]), (&third, &["third"])]).await.expect("a port");
    world.deps.endpoints.amocrm_override = Some(base);
    for amo in [&world.amo, &other, &third] {
        amo.seed(&Seed { count: 2_000, ..Seed::default() });
    }
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let mut ids = vec![world.connect().await];
    for amo in [&other, &third] {
        let (values, by) = ([Secret::new(amo.long_lived_token())], By::Admin(world.account));
        let entry = Entry { kind: CrmKind::Amocrm, address: &amo.subdomain(), values: &values };
        ids.push(connection::connect(store, sealer, endpoints, by, entry, clock::now()).await.expect("connected").id);
    }
    let (a, b, c) = tokio::join!(sync::run(&world.deps, ids[0]), sync::run(&world.deps, ids[1]), sync::run(&world.deps, ids[2]));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    // Each alone keeps to five a second: without a common pace they would be refused at every
    // second call. A stutter of the machine may squeeze a few together.
    let limited = world.amo.limited() + other.limited() + third.limited();
    assert!(limited <= 3, "{limited} calls came too fast");
});
