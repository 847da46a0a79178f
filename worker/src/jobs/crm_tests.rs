//! Sync and write-back against the double of amoCRM, on both engines.

use std::time::Duration;

use chrono::TimeDelta;
use mms_core::{
    account::By,
    both, clock,
    config::Endpoints,
    consent::Purpose,
    crm::{
        CrmChange, CrmError, CrmKind,
        connection::{self, ConnectError, Connection, ConnectionState, Entry, SyncPhase, session},
        lease,
        login::{OauthApp, Returned},
        mapping::ConsentMapping,
        write_back,
    },
    id::{AccountId, ConnectionId, ContactId},
    on,
    queue::Queue,
    secret::{Sealer, Secret},
    store::Store,
};
use mms_sandbox::amocrm::{Amo, Contact, Fault, LostAnswer, Method, Rule, Seed, fields, phone};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{sync, write_back as tell};
use crate::Deps;

mod bitrix;
mod leads;
mod limits;
mod merges;
mod moves;
mod odoo;
mod orders;
mod pages;
mod reading;
mod retail;
mod salon;
mod spreadsheet;
mod tryton;

/// What a browser brings back.
fn back(state: &str, code: &str, home: &str) -> Returned {
    Returned { code: code.to_owned(), home: home.to_owned(), state: state.to_owned() }
}

struct World {
    deps: Deps,
    amo: Amo,
    account: AccountId,
}

impl World {
    async fn new(store: Store) -> Self {
        let amo = Amo::new("example");
        // It is renamed in some tests.
        let base = Amo::serve_all(&[(&amo, &["example", "renamed"])]).await.expect("a port");
        let queue = Queue::memory();
        let endpoints = Endpoints { amocrm_override: Some(base), ..Endpoints::default() };
        let deps = Deps::new(store, Sealer::new(&[7; 32]), endpoints, queue, "test");
        let account = AccountId::new();
        let world = Self { deps, amo, account };
        let mut tx = world.deps.store.begin().await.expect("begin");
        mms_core::testing::account(&mut tx, account, clock::now()).await;
        tx.commit().await.expect("commit");
        world
    }

    async fn connect(&self) -> ConnectionId {
        let Deps { store, sealer, endpoints, .. } = &self.deps;
        let values = [Secret::new(self.amo.long_lived_token())];
        let entry = Entry { kind: CrmKind::Amocrm, address: "example.amocrm.ru", values: &values };
        connection::connect(store, sealer, endpoints, By::Admin(self.account), entry, clock::now()).await.expect("connected").id
    }

    async fn connect_oauth(&self) -> ConnectionId {
        let Deps { store, sealer, endpoints, .. } = &self.deps;
        self.amo.register("app", "secret", "https://mms.example/amo");
        let app = OauthApp {
            client_id: "app".to_owned(),
            client_secret: Secret::new("secret"),
            redirect_uri: "https://mms.example/amo".to_owned(),
        };
        let by = By::Admin(self.account);
        let (id, page) =
            connection::begin_authorisation(store, sealer, by, (CrmKind::Amocrm, "example"), app, None, clock::now()).await.expect("begun");
        let state = page.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state").to_owned();
        let code = self.amo.code("app");
        let late = clock::now() + chrono::TimeDelta::minutes(31);
        for (state, referer, at) in [
            ("x.y", "example.amocrm.ru", clock::now()),
            (state.as_str(), "evil.com", clock::now()),
            // Another account of the same CRM than the one that was named.
            (state.as_str(), "another.amocrm.ru", clock::now()),
            (state.as_str(), "example.amocrm.ru", late),
        ] {
            let refused = connection::authorise(store, sealer, endpoints, CrmKind::Amocrm, &back(state, &code, referer), at).await;
            assert!(matches!(refused, Err(ConnectError::BadState | ConnectError::BadAddress)), "{refused:?}");
        }
        let back = back(&state, &code, "example.amocrm.ru");
        connection::authorise(store, sealer, endpoints, CrmKind::Amocrm, &back, clock::now()).await.expect("authorised");
        let again = connection::authorise(store, sealer, endpoints, CrmKind::Amocrm, &back, clock::now()).await;
        assert!(matches!(again, Err(ConnectError::BadState)), "a state works once");
        id
    }

    async fn map(&self, id: ConnectionId) {
        let (store, by, now) = (&self.deps.store, By::Admin(self.account), clock::now());
        for (field, key) in [(fields::CITY, "city"), (fields::BONUS, "bonus"), (fields::LAST_VISIT, "last_visit")] {
            connection::map_field(store, by, id, &field.to_string(), Some(key), now).await.expect("mapped");
        }
        let consent = ConsentMapping {
            purpose: Purpose::Marketing,
            crm_field: fields::CONSENT.to_string(),
            yes: Vec::new(),
            at_field: Some(fields::CONSENT_AT.to_string()),
            author_field: Some(fields::CONSENT_AUTHOR.to_string()),
            stated_at: now,
        };
        connection::map_consent(store, by, id, consent, now).await.expect("mapped");
        connection::map_opt_out(store, by, id, Some(&fields::OPT_OUT.to_string()), now).await.expect("mapped");
    }

    async fn row(&self, id: ConnectionId) -> Connection {
        connection::get(&self.deps.store, self.account, id).await.expect("read").expect("the connection")
    }

    /// Every limit and pause is over.
    async fn sync(&self, id: ConnectionId) -> Connection {
        self.exec("update crm_connection set held_until = null, lease_until = null, next_sync_at = created_at").await;
        self.works_off(id).await
    }

    /// Turn after turn, as the queue rings for them: on a machine with nothing to spare one may be
    /// too short for all. Ends with what was due, or with what keeps the connection from it.
    async fn works_off(&self, id: ConnectionId) -> Connection {
        loop {
            sync::run(&self.deps, id).await.expect("the job");
            let row = self.row(id).await;
            let goes_on = row.state == ConnectionState::Active && row.state_reason.is_none() && row.held_until.is_none();
            if row.sync_phase == SyncPhase::Idle || !goes_on {
                return row;
            }
        }
    }

    /// The same beside the test, until it is killed.
    fn works(&self, id: ConnectionId) -> JoinHandle<anyhow::Result<()>> {
        let deps = self.deps.clone();
        tokio::spawn(async move {
            loop {
                sync::run(&deps, id).await?;
            }
        })
    }

    /// Kills a sync that hangs in a call, once it has written so many: it asks for a page while the
    /// one before is written.
    async fn kill(&self, sync: JoinHandle<anyhow::Result<()>>, id: ConnectionId, written: i64) {
        while self.row(id).await.sync_done < written {
            tokio::task::yield_now().await;
        }
        sync.abort();
        assert!(sync.await.is_err_and(|error| error.is_cancelled()));
    }

    async fn tell(&self, id: ConnectionId) {
        self.exec("update crm_connection set held_until = null, lease_until = null").await;
        self.exec("update crm_write set due_at = created_at").await;
        tell::run(&self.deps, id).await.expect("the job");
    }

    async fn exec(&self, sql: &'static str) {
        let mut tx = self.deps.store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query(sql).execute(c).await.map(|_| ())).expect("executed");
        tx.commit().await.expect("commit");
    }

    async fn count(&self, sql: &'static str) -> i64 {
        on!(self.deps.store.read(), |c| sqlx::query_scalar(sql).fetch_one(c).await).expect("a count")
    }

    async fn contact(&self, crm_id: u64) -> Option<(ContactId, String, Value, Option<i16>)> {
        let row: Option<(ContactId, String, sqlx::types::Json<Value>, Option<i16>)> = on!(self.deps.store.read(), |c| sqlx::query_as(
            "select c.id, c.name, c.attributes, c.marketing_grade from contact_source s join contact c on c.id = s.contact_id where s.crm_id = $1 and c.deleted_at is null"
        )
        .bind(crm_id.to_string())
        .fetch_optional(c)
        .await)
        .expect("read");
        row.map(|(id, name, attributes, grade)| (id, name, attributes.0, grade))
    }

    /// What proved the joins that stand.
    async fn proofs(&self) -> Vec<String> {
        let sql = "select proof from contact_join where undone_at is null order by id";
        on!(self.deps.store.read(), |c| sqlx::query_scalar(sql).fetch_all(c).await).expect("read")
    }

    /// What a record's contact is reached by, as its CRMs gave it.
    async fn phones(&self, crm_id: u64) -> Vec<String> {
        let (contact, ..) = self.contact(crm_id).await.expect("the contact");
        let sql = "select value from address where contact_id = $1 and from_crm order by value";
        on!(self.deps.store.read(), |c| sqlx::query_scalar(sql).bind(contact).fetch_all(c).await).expect("read")
    }

    async fn enqueue(&self, contact: ContactId, change: &CrmChange, key: &str) {
        let mut tx = self.deps.store.begin().await.expect("begin");
        write_back::enqueue(&mut tx, self.account, contact, change, key, clock::now()).await.expect("queued");
        tx.commit().await.expect("commit");
    }
}

both!(async fn a_thousand_contacts_come_and_then_what_changed(store) {
    let world = World::new(store).await;
    let ids = world.amo.seed(&Seed::default());
    let id = world.connect().await;
    assert!(matches!(world.row(id).await.settings.opt_out_field.as_deref(), Some("31001")), "the usual checkbox is found");
    world.map(id).await;
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None));
    assert!(row.last_synced_at.is_some() && row.next_sync_at.is_some_and(|at| at > clock::now()));
    assert_eq!(world.count("select count(*) from contact").await, 1_000);
    assert_eq!(world.count("select count(*) from address where kind = 'phone' and from_crm").await, 980);
    assert_eq!(world.count("select count(*) from contact where marketing_grade = 3").await, 900);
    assert_eq!(world.count("select count(*) from contact_tag").await, 334);
    assert_eq!(world.amo.limited(), 0, "the limit is kept");
    let (_, name, attributes, grade) = world.contact(ids[4]).await.expect("the contact");
    assert!(!name.is_empty() && attributes["city"].is_string());
    assert_eq!((&attributes["bonus"], grade), (&json!(148), Some(3)));
    assert!(attributes["last_visit"].as_str().is_some_and(|day| day.len() == 10));

    // In the CRM: one changes, one takes back, one is deleted, two are merged, one gets another's
    // phone, one says stop.
    world.amo.edit(ids[0], |contact| {
        contact.set(fields::CITY, Value::Null);
        contact.tags = vec!["Постоянный".to_owned()];
        contact.set_phones(&["+7 912 000-00-01"]);
    });
    world.amo.edit(ids[1], |contact| contact.set(fields::CONSENT, json!(false)));
    world.amo.delete(ids[2]);
    world.amo.merge(ids[3], ids[4]);
    let twin = world.amo.add(Contact::person("Нина", "Двойникова", &[&phone(5), "не телефон"]));
    world.amo.edit(ids[6], |contact| contact.set(fields::OPT_OUT, json!(true)));
    let row = world.sync(id).await;
    let stats = row.sync_cursor.stats;
    // Whoever survived the merge asked for a phone that was the other one's until then.
    assert_eq!((stats.created, stats.deleted, stats.shared_phones, stats.opted_out), (1, 2, 2, 1), "{stats:?}");
    assert_eq!(stats.bad_phones, 1);
    let (first, _, attributes, _) = world.contact(ids[0]).await.expect("the contact");
    assert!(attributes.get("city").is_none(), "what was cleared there is cleared here");
    let phones: Vec<String> = on!(world.deps.store.read(), |c| sqlx::query_scalar("select value from address where contact_id = $1").bind(first).fetch_all(c).await).expect("read");
    assert_eq!(phones, ["+79120000001"]);
    let tags: Vec<String> = on!(world.deps.store.read(), |c| sqlx::query_scalar("select tag from contact_tag where contact_id = $1").bind(first).fetch_all(c).await).expect("read");
    assert_eq!(tags, ["постоянный"]);
    assert_eq!(world.contact(ids[1]).await.and_then(|(.., grade)| grade), None, "the CRM takes back what it gave");
    assert!(world.contact(ids[2]).await.is_none() && world.contact(ids[3]).await.is_none());
    assert!(world.contact(twin).await.is_some());
    assert_eq!(world.count("select count(*) from contact where opted_out_at is not null and marketing_grade is null").await, 1);
    assert_eq!(world.count("select count(*) from contact where deleted_at is null").await, 999);
    let entries = world.count("select count(*) from consent").await;
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from consent").await, entries, "the same again changes nothing");
});

both!(async fn a_sync_killed_in_the_middle_goes_on_from_its_page(store) {
    let world = World::new(store).await;
    world.amo.seed(&Seed::default());
    let id = world.connect().await;
    world.amo.inject(Rule { fault: Fault::Latency(Duration::from_secs(600)), method: Some(Method::GET), path: "/contacts".to_owned(), after: 3, times: 1 });
    let job = world.works(id);
    // The fields and two pages are through; the third is in flight.
    while world.amo.requests_of("GET", "/api/v4/contacts") < 3 {
        tokio::task::yield_now().await;
    }
    world.kill(job, id, 500).await;
    let row = world.row(id).await;
    assert_eq!((row.sync_phase, row.sync_done), (SyncPhase::Full, 500));
    sync::run(&world.deps, id).await.expect("the job");
    assert_eq!(world.row(id).await.sync_done, 500, "the dead worker's lease still holds");
    let row = world.sync(id).await;
    assert_eq!(row.sync_phase, SyncPhase::Idle);
    assert_eq!(world.count("select count(*) from contact").await, 1_000);
    // Two pages, the one in flight, two pages, and the look at what changed meanwhile.
    assert_eq!(world.amo.requests_of("GET", "/api/v4/contacts"), 6);
});

both!(async fn refusals_put_the_connection_in_the_right_state(store) {
    let world = World::new(store).await;
    world.amo.seed(&Seed { count: 10, ..Seed::default() });
    let id = world.connect().await;
    world.amo.inject(Rule { fault: Fault::TooMany(300), method: None, path: String::new(), after: 0, times: 1 });
    let row = world.sync(id).await;
    assert_eq!(row.state_reason.as_deref(), Some("limited"));
    assert!(row.held_until.is_some_and(|until| until > clock::now() + TimeDelta::seconds(250)));
    let before = world.amo.requests();
    sync::run(&world.deps, id).await.expect("the job");
    assert_eq!(world.amo.requests(), before, "held is held");

    world.amo.inject(Rule { fault: Fault::Status(504), method: None, path: "/contacts".to_owned(), after: 1, times: 1 });
    let row = world.sync(id).await;
    assert_eq!((row.sync_phase, row.state_reason), (SyncPhase::Idle, None), "a page too heavy is asked for in halves");
    assert_eq!(world.count("select count(*) from contact").await, 10);

    world.amo.inject(Rule { fault: Fault::Status(503), method: None, path: String::new(), after: 0, times: 1 });
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("unreachable"));
    world.amo.set_unpaid(true);
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("not_paid"));
    world.amo.set_unpaid(false);
    world.amo.set_limits(0, 0, Duration::from_secs(600));
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("limited"));
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("limited"), "banned: 403 for everything");
    world.amo.set_limits(7, 60, Duration::from_secs(600));
    world.amo.heal();
    assert_eq!(world.sync(id).await.state_reason, None);
    world.amo.revoke_all();
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
    assert_eq!(world.count("select count(*) from notice where kind = 'crm.reauth'").await, 1);

    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let token = Secret::new(world.amo.long_lived_token());
    connection::replace_token(store, sealer, endpoints, By::Admin(world.account), id, token, clock::now()).await.expect("replaced");
    assert_eq!(world.sync(id).await.state, ConnectionState::Active);
    connection::pause(store, By::Admin(world.account), id, clock::now()).await.expect("paused");
    let before = world.amo.requests();
    world.sync(id).await;
    assert_eq!(world.amo.requests(), before, "a paused connection calls nobody");
    connection::disconnect(store, By::Admin(world.account), id, clock::now()).await.expect("disconnected");
    assert!(connection::list(store, world.account).await.expect("read").is_empty());
});

both!(async fn only_one_refresh_reaches_the_crm(store) {
    let world = World::new(store).await;
    world.amo.seed(&Seed { count: 10, ..Seed::default() });
    // The first pair is near its end at once; the refreshed ones live a day.
    world.amo.set_oauth(LostAnswer::OldDead, Some(Duration::from_secs(60)));
    let id = world.connect_oauth().await;
    world.amo.set_oauth(LostAnswer::OldDead, None);
    let (a, b, c) = tokio::join!(sync::run(&world.deps, id), tell::run(&world.deps, id), sync::run(&world.deps, id));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!((world.amo.refreshes(), world.row(id).await.state), (1, ConnectionState::Active));

    // An owner thought dead comes back after another took over: it must not spend the token.
    world.amo.expire_access();
    world.exec("update crm_connection set held_until = null, lease_until = null").await;
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let now = clock::now();
    let old = lease::take(store, id, "old", now).await.expect("read").expect("the lease");
    let new = lease::take(store, id, "new", now + lease::LEASE).await.expect("read").expect("the lease");
    let row = world.row(id).await;
    let (mine, theirs) = tokio::join!(
        session::reopen(store, sealer, endpoints, &new, &row, &CrmError::Unauthorised, now),
        session::reopen(store, sealer, endpoints, &old, &row, &CrmError::Unauthorised, now)
    );
    assert!(mine.expect("an adapter").identify().await.is_ok());
    assert!(matches!(theirs, Err(ConnectError::Crm(CrmError::Transient { .. }))));
    assert_eq!(world.amo.refreshes(), 2);

    // An access token revoked early is refreshed once in the middle of the work.
    world.amo.expire_access();
    assert_eq!(world.sync(id).await.state_reason, None);
    assert_eq!(world.amo.refreshes(), 3);

    // A lost answer: the old token is tried once more; where it is dead, a person must authorise.
    world.amo.expire_access();
    world.amo.inject(Rule::once(Fault::DropAfter, Method::POST, "/oauth2/access_token"));
    let row = world.sync(id).await;
    assert_eq!((world.amo.refreshes(), row.state), (5, ConnectionState::ReauthRequired));
});

both!(async fn a_lost_refresh_is_asked_for_again_where_it_may(store) {
    let world = World::new(store).await;
    world.amo.set_oauth(LostAnswer::OldLivesUntilUse, None);
    let id = world.connect_oauth().await;
    world.amo.expire_access();
    world.amo.inject(Rule::once(Fault::DropAfter, Method::POST, "/oauth2/access_token"));
    let row = world.sync(id).await;
    assert_eq!((world.amo.refreshes(), row.state, row.state_reason), (2, ConnectionState::Active, None));
});

both!(async fn each_note_is_written_once_whatever_happens_on_the_way(store) {
    let world = World::new(store).await;
    let ids = world.amo.seed(&Seed { count: 3, ..Seed::default() });
    let id = world.connect().await;
    world.map(id).await;
    world.sync(id).await;
    let note = CrmChange::Note { text: "Кампания «Май»: доставлено".to_owned() };
    let mut contacts = Vec::new();
    for crm_id in &ids {
        let (contact, ..) = world.contact(*crm_id).await.expect("the contact");
        world.enqueue(contact, &note, "campaign:1").await;
        contacts.push(contact);
    }
    world.enqueue(contacts[0], &CrmChange::OptOut(true), "1").await;
    world.amo.inject(Rule::once(Fault::DropAfter, Method::POST, "/notes"));
    world.tell(id).await;
    assert_eq!(world.count("select count(*) from crm_write where state = 'queued'").await, 3, "no answer: later");
    assert_eq!(world.amo.contact(ids[0]).and_then(|contact| contact.get(fields::OPT_OUT).cloned()), Some(json!(true)));
    assert!(world.amo.contact(ids[0]).is_some_and(|contact| contact.tags.contains(&"opt-out".to_owned())));
    world.tell(id).await;
    for crm_id in &ids {
        assert_eq!(world.amo.notes_of(*crm_id).len(), 1, "exactly one note");
    }
    assert_eq!(world.count("select count(*) from crm_write where state = 'done'").await, 4);

    // Nothing done and no answer; then too many requests; then it goes.
    world.enqueue(contacts[1], &note, "campaign:2").await;
    for fault in [Fault::DropBefore, Fault::TooMany(1), Fault::Status(500)] {
        world.amo.inject(Rule::once(fault, Method::POST, "/notes"));
        world.tell(id).await;
    }
    world.tell(id).await;
    assert_eq!(world.amo.notes_of(ids[1]).len(), 2, "a note of the same text is not mistaken for its trace");
    assert_eq!(world.count("select count(*) from crm_write where state = 'done'").await, 5);

    // One contact is gone in the CRM: its item alone is refused. The other comes back.
    world.amo.delete(ids[2]);
    world.enqueue(contacts[2], &CrmChange::OptOut(true), "3").await;
    world.enqueue(contacts[0], &CrmChange::OptOut(false), "2").await;
    world.tell(id).await;
    assert_eq!(world.count("select count(*) from crm_write where state = 'failed'").await, 1);
    assert_eq!(world.amo.contact(ids[0]).and_then(|contact| contact.get(fields::OPT_OUT).cloned()), Some(json!(false)));
    assert!(world.amo.contact(ids[0]).is_some_and(|contact| !contact.tags.contains(&"opt-out".to_owned())));
    assert!(write_back::counts(&world.deps.store, world.account, id).await.expect("read").contains(&("done".to_owned(), 6)));
});
