//! YCLIENTS in the same room: a branch by two tokens, followed by windows of time, told whole
//! cards.

use mms_core::{
    consent::Purpose,
    crm::{ReadMode, login::Credentials, mapping::CrmSettings, registry},
};
use mms_sandbox::{
    Fault as Strike, Rule as Struck, Sandbox,
    yclients::{Client, CommentsPath, Company, Rights, Seed as People, Settings, Yclients},
};

use super::*;

mod told;
mod visits;

const SALON: i64 = 4_564;
const BRANCH: i64 = 4_565;
const PARTNER: &str = "yusw3yeu6hrr4r9j3gw6";
const SEARCH: &str = "POST /company/{id}/clients/search";
const LIST: &str = "GET /clients/{id}";

struct Salon {
    world: World,
    sandbox: Sandbox,
    owner: i64,
}

impl Salon {
    /// Two branches of one owner.
    async fn new(store: Store) -> Self {
        let mut world = World::new(store).await;
        let sandbox = Sandbox::builder().yclients(Settings::quick()).start().await.expect("a sandbox");
        let yclients = sandbox.yclients();
        yclients.add_partner(PARTNER, 17);
        let company = |id, title: &str| {
            let company = Company::new(id, title).category(31, "VIP").client_field(901, "city", "Город", "text");
            company.client_field(902, "consent_at", "Согласие: когда", "date").client_field(903, "consent_by", "Согласие: кто", "text")
        };
        yclients.add_company(company(SALON, "Салон на Лесной"));
        yclients.add_company(company(BRANCH, "Салон на Речной").zone(4, "Europe/Samara"));
        let owner = yclients.add_user("79161234567", "secret", &[SALON, BRANCH]);
        let endpoints = world.deps.endpoints.clone().yclients_calls_per_second(1_000);
        world.deps.endpoints = Endpoints { yclients_override: Some(format!("{}/yclients", sandbox.url())), ..endpoints };
        Self { world, sandbox, owner }
    }

    fn yclients(&self) -> &Yclients {
        self.sandbox.yclients()
    }

    async fn try_connect(&self, address: &str, partner: &str, user: &str) -> Result<ConnectionId, ConnectError> {
        let Deps { store, sealer, endpoints, .. } = &self.world.deps;
        let values = [Secret::new(partner), Secret::new(user)];
        let entry = Entry { kind: CrmKind::Yclients, address, values: &values };
        Ok(connection::connect(store, sealer, endpoints, By::Admin(self.world.account), entry, clock::now()).await?.id)
    }

    async fn connect(&self) -> ConnectionId {
        let user = self.yclients().user_token(self.owner);
        self.try_connect("https://yclients.com/timetable/4564", PARTNER, &user).await.expect("connected")
    }

    async fn map_field(&self, id: ConnectionId, field: &str, key: &str) {
        let (store, by) = (&self.world.deps.store, By::Admin(self.world.account));
        connection::map_field(store, by, id, field, Some(key), clock::now()).await.expect("mapped");
    }

    /// The adapter itself.
    fn crm(&self, address: &str) -> std::sync::Arc<dyn mms_core::crm::Crm> {
        let values = [Secret::new(PARTNER), Secret::new(self.yclients().user_token(self.owner))];
        let credentials: Credentials = registry::assemble(CrmKind::Yclients, &values).expect("credentials");
        let home = registry::login(CrmKind::Yclients).home(address).expect("a branch");
        let pacer = std::sync::Arc::new(mms_core::pace::spacer::Spacer::new(1_000, None));
        registry::build(CrmKind::Yclients, &home, &credentials, &CrmSettings::default(), &self.world.deps.endpoints, pacer, None)
            .expect("an adapter")
    }

    async fn contact(&self, id: i64) -> Option<(ContactId, String, Value, Option<i16>)> {
        self.world.contact(u64::try_from(id).expect("an id")).await
    }

    /// Runs a sync up to a call that hangs, changes something then, and runs it to its end.
    async fn sync_with(&self, id: ConnectionId, (method, skip): (&str, u64), written: i64, change: impl FnOnce(&Yclients)) {
        let faults = self.yclients().faults();
        let hang = faults.add(Struck::new(Strike::Hang { accepted: false }).method(method).skip(skip).times(1));
        self.world.exec("update crm_connection set held_until = null, lease_until = null, next_sync_at = created_at").await;
        let job = self.world.works(id);
        while faults.struck(hang) != Some(1) {
            tokio::task::yield_now().await;
        }
        self.world.kill(job, id, written).await;
        change(self.yclients());
        self.world.sync(id).await;
    }
}

const PEOPLE: &str = "select count(*) from contact where deleted_at is null";
const OUT: &str = "select count(*) from contact where opted_out_at is not null and deleted_at is null";

both!(async fn a_branch_is_read_and_followed(store) {
    let salon = Salon::new(store).await;
    let ids = salon.yclients().seed(SALON, &People { count: 250, ..People::default() });
    let id = salon.connect().await;
    let (world, yclients) = (&salon.world, salon.yclients());
    let row = world.row(id).await;
    assert_eq!((row.name.as_str(), row.base_url.as_str()), ("Салон на Лесной", "https://yclients.com/company/4564"));
    assert_eq!(row.settings.opt_out_field.as_deref(), Some("sms_not"), "the platform's own refusal is found");
    for (field, key) in [("custom.city", "city"), ("birth_date", "birthday"), ("visits", "visits"), ("last_visit_date", "last_visit")] {
        salon.map_field(id, field, key).await;
    }
    let consent = ConsentMapping {
        purpose: Purpose::Marketing,
        crm_field: "sms_check".to_owned(),
        yes: Vec::new(),
        at_field: None,
        author_field: None,
        stated_at: clock::now(),
    };
    connection::map_consent(&world.deps.store, By::Admin(world.account), id, consent, clock::now()).await.expect("mapped");
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None));
    assert_eq!(world.count(PEOPLE).await, 250);
    assert_eq!(world.count("select count(*) from address where kind = 'phone' and from_crm").await, 245);
    assert_eq!(world.count(OUT).await, 25);
    assert_eq!(world.count("select count(*) from contact where marketing_grade = 4").await, 225, "the owner's word alone");
    let (_, name, attributes, grade) = salon.contact(ids[4]).await.expect("the contact");
    assert!(name.contains(' ') && attributes["last_visit"].as_str().is_some_and(|day| day.len() == 10));
    assert_eq!((&attributes["city"], &attributes["visits"], grade), (&json!("Казань"), &json!(1), Some(4)));
    let born = yclients.client(SALON, ids[4]).and_then(|client| client.birth_date).expect("a birthday");
    assert_eq!(attributes["birthday"], json!(born.format("%Y-%m-%d").to_string()));

    // One changes, one takes back, one says stop, one comes with another's phone, one goes, two are
    // merged.
    yclients.edit_client(SALON, ids[0], |client| {
        client.custom_fields.clear();
        client.categories = vec![31];
        client.phone = "79120000001".to_owned();
    });
    yclients.edit_client(SALON, ids[1], |client| client.sms_check = false);
    yclients.edit_client(SALON, ids[2], |client| client.sms_not = true);
    let taken = yclients.client(SALON, ids[5]).expect("a client").phone;
    let twin = yclients.add_client(SALON, Client::person("Нина", "Двойникова", &taken));
    yclients.delete_client(SALON, ids[3]);
    yclients.merge_clients(SALON, ids[6], ids[7]);
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.created, stats.shared_phones, stats.opted_out, stats.deleted), (1, 1, 1, 0), "{stats:?}");
    let (first, _, attributes, _) = salon.contact(ids[0]).await.expect("the contact");
    assert!(attributes.get("city").is_none() && attributes["last_visit"].is_string(), "{attributes}");
    let tags: Vec<String> = on!(world.deps.store.read(), |c| sqlx::query_scalar("select tag from contact_tag where contact_id = $1").bind(first).fetch_all(c).await).expect("read");
    assert_eq!(tags, ["vip"]);
    assert_eq!(salon.contact(ids[1]).await.and_then(|(.., grade)| grade), None, "the CRM takes back what it gave");
    assert!(salon.contact(twin).await.is_some() && salon.contact(ids[3]).await.is_some(), "who is gone is not told of");
    let entries = world.count("select count(*) from consent").await;
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from consent").await, entries, "the same again changes nothing");

    // All is read: who is gone there is gone here.
    salon.map_field(id, "sex", "sex").await;
    world.sync(id).await;
    assert!(salon.contact(ids[3]).await.is_none() && salon.contact(ids[6]).await.is_none());
    assert_eq!(world.count(PEOPLE).await, 249);
});

both!(async fn nobody_is_lost_or_doubled_who_changes_while_pages_are_read(store) {
    let salon = Salon::new(store).await;
    let ids = salon.yclients().seed(SALON, &People { count: 450, visits: 0, ..People::default() });
    let id = salon.connect().await;
    let world = &salon.world;
    // Between the first page and the second one the first client goes, so all move by one place,
    // and another comes, so that they are as many as before.
    salon.sync_with(id, (SEARCH, 1), 200, |yclients| {
        yclients.delete_client(SALON, ids[0]);
        yclients.add_client(SALON, Client::person("Новая", "Клиентка", "79990000001"));
    }).await;
    assert_eq!(world.count(PEOPLE).await, 451, "with the one who is gone, until the night");
    assert!(salon.contact(ids[200]).await.is_some(), "who moved from one page to the other");

    // Very many change at once, and while they are read some change again and one goes.
    for (n, id) in ids.iter().enumerate().skip(1) {
        salon.yclients().edit_client(SALON, *id, |client| client.surname = format!("Изменённая{n}"));
    }
    salon.sync_with(id, (LIST, 2), 0, |yclients| {
        yclients.edit_client(SALON, ids[1], |client| client.surname = "Дважды".to_owned());
        yclients.delete_client(SALON, ids[2]);
    }).await;
    world.sync(id).await;
    for id in &ids[3..] {
        assert!(salon.contact(*id).await.is_some_and(|(_, name, ..)| name.contains("Изменённая")), "{id}");
    }
    assert!(salon.contact(ids[1]).await.is_some_and(|(_, name, ..)| name.ends_with("Дважды")));
    assert_eq!(world.count(PEOPLE).await, 451);
    salon.map_field(id, "sex", "sex").await;
    world.sync(id).await;
    assert_eq!(world.count(PEOPLE).await, 449);
});

both!(async fn a_list_that_does_not_heed_the_time_waits_for_the_night(store) {
    let salon = Salon::new(store).await;
    let ids = salon.yclients().seed(SALON, &People { count: 230, visits: 0, ..People::default() });
    salon.yclients().set(|settings| settings.changed_after = false);
    let id = salon.connect().await;
    let (world, yclients) = (&salon.world, salon.yclients());
    world.sync(id).await;
    yclients.edit_client(SALON, ids[0], |client| client.surname = "Позже".to_owned());
    let row = world.sync(id).await;
    assert_eq!((row.state_reason.as_deref(), row.sync_phase), (None, SyncPhase::Idle));
    assert!(salon.contact(ids[0]).await.is_some_and(|(_, name, ..)| !name.ends_with("Позже")), "too many to read them all each time");
    let crm = salon.crm("4564");
    let read = async || crm.contacts(ReadMode::Since { at: clock::now(), mark: None }, None).await.expect("a page");
    assert_eq!((read().await.contacts.len(), read().await.next), (0, None));
    salon.map_field(id, "sex", "sex").await;
    world.sync(id).await;
    assert!(salon.contact(ids[0]).await.is_some_and(|(_, name, ..)| name.ends_with("Позже")), "when all is read");
    // A few are read all the same; and where the old list tells its number in another place.
    for gone in &ids[20..] {
        yclients.delete_client(SALON, *gone);
    }
    yclients.set(|settings| settings.count_beside = true);
    assert_eq!(read().await.contacts.len(), 20);
});

both!(async fn refusals_of_yclients_put_the_connection_in_the_right_state(store) {
    let salon = Salon::new(store).await;
    let ids = salon.yclients().seed(SALON, &People { count: 30, visits: 0, ..People::default() });
    let (world, yclients) = (&salon.world, salon.yclients());
    let user = yclients.user_token(salon.owner);
    for (address, partner, token) in [
        ("evil.com/4564", PARTNER, user.as_str()),
        ("4564", "не токен", user.as_str()),
        ("4564", "aaaaaaaaaaaaaaaaaaaa", user.as_str()),
        ("4564", PARTNER, "aaaaaaaaaaaaaaaaaaaa"),
        ("4566", PARTNER, user.as_str()),
    ] {
        let refused = salon.try_connect(address, partner, token).await.expect_err("a refusal");
        let right = match (address, partner) {
            ("evil.com/4564", _) => matches!(refused, ConnectError::BadAddress),
            ("4566", _) => matches!(refused, ConnectError::Crm(CrmError::Forbidden(_))),
            (_, "не токен") => matches!(refused, ConnectError::BadValues),
            _ => matches!(refused, ConnectError::Crm(CrmError::Unauthorised)),
        };
        assert!(right, "{address} {partner}: {refused}");
    }
    let id = salon.connect().await;
    assert!(matches!(salon.try_connect("yclients.com/company/4564", PARTNER, &user).await, Err(ConnectError::Twin)));
    let other = salon.try_connect("4565", PARTNER, &user).await.expect("a branch is a connection of its own");
    connection::pause(&world.deps.store, By::Admin(world.account), other, clock::now()).await.expect("paused");
    world.sync(id).await;
    for (fault, reason) in [
        (Strike::TooManyRequests { retry_after: 1 }, "limited"),
        (Strike::Gateway { code: 502, accepted: false }, "unreachable"),
        (Strike::DropBefore, "unreachable"),
        (Strike::Error { code: 200, description: "No".to_owned(), retry_after: None }, "refused"),
    ] {
        yclients.faults().add(Struck::new(fault).method(LIST).times(1));
        assert_eq!(world.sync(id).await.state_reason.as_deref(), Some(reason));
        world.exec("update crm_connection set state_reason = null").await;
    }
    yclients.faults().add(Struck::new(Strike::TooManyRequests { retry_after: 1 }).method(LIST).times(1));
    let row = world.sync(id).await;
    assert!(row.held_until.is_some_and(|until| until > clock::now() + TimeDelta::seconds(50)), "a minute, where none is told");
    yclients.faults().add(Struck::new(Strike::Gateway { code: 504, accepted: false }).method(LIST).times(1));
    assert_eq!(world.sync(id).await.state_reason, None, "a page too heavy is asked for in halves");
    yclients.set_unpaid(SALON, true);
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("not_paid"));
    yclients.set_unpaid(SALON, false);

    // Rights: without clients nothing is read; without phones nobody loses theirs.
    let phones = world.count("select count(*) from address where kind = 'phone'").await;
    for rights in [Rights { clients: false, ..Rights::default() }, Rights { phones: false, ..Rights::default() }] {
        yclients.set_rights(salon.owner, SALON, Some(rights));
        yclients.edit_client(SALON, ids[0], |client| client.surname = "Скрытая".to_owned());
        assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("forbidden"));
    }
    yclients.set(|settings| settings.hidden_phone = "7912*****01".to_owned());
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("forbidden"));
    assert_eq!(world.count("select count(*) from address where kind = 'phone'").await, phones);
    yclients.set_rights(salon.owner, SALON, Some(Rights { settings: false, ..Rights::default() }));
    assert_eq!(world.sync(id).await.state_reason, None, "fields of its own and hooks are missed, no more");
    yclients.set_rights(salon.owner, SALON, Some(Rights { records: false, ..Rights::default() }));
    assert_eq!(world.sync(id).await.state_reason, None, "visits are missed, no more");
    yclients.set_rights(salon.owner, SALON, Some(Rights::default()));

    yclients.change_password(salon.owner, "new");
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    let renew = async |token: &str| connection::replace_token(store, sealer, endpoints, by, id, Secret::new(token), clock::now()).await;
    assert!(matches!(renew("короткий").await, Err(ConnectError::BadValues)));
    assert!(matches!(renew(&user).await, Err(ConnectError::Crm(CrmError::Unauthorised))));
    renew(&yclients.user_token(salon.owner)).await.expect("replaced");
    assert_eq!(world.sync(id).await.state, ConnectionState::Active);
    connection::disconnect(store, by, id, clock::now()).await.expect("disconnected");
    assert_eq!(world.count(PEOPLE).await, 30);
});

both!(async fn an_application_is_confirmed_where_it_was_installed(store) {
    let salon = Salon::new(store).await;
    let yclients = salon.yclients();
    let system = yclients.install(PARTNER, SALON);
    let token = yclients.user_token(system);
    let refused = salon.try_connect("4564", PARTNER, &token).await;
    assert!(matches!(refused, Err(ConnectError::Crm(CrmError::Forbidden(_)))), "nobody confirmed it");
    let id = salon.try_connect("4564", &format!("{PARTNER} 17"), &token).await.expect("connected");
    yclients.add_client(SALON, Client::person("Анна", "Петрова", "79123456789"));
    assert_eq!(salon.world.sync(id).await.state_reason, None);
    assert_eq!(salon.world.count(PEOPLE).await, 1);
    assert!(salon.try_connect("4565", &format!("{PARTNER} 17"), &token).await.is_err(), "nobody installed it there");
});

both!(async fn hooks_are_added_to_those_of_others(store) {
    let salon = Salon::new(store).await;
    let (crm, yclients) = (salon.crm("4564"), salon.yclients());
    let (ours, moved, theirs) = ("https://mms.example/hooks/crm/yclients/1/s", "https://new.example/hooks/crm/yclients/1/s", "https://other.example/h");
    yclients.take_hooks(SALON, theirs);
    assert_eq!(crm.hooked(ours).await, Ok(None));
    crm.subscribe(Some(ours), None).await.expect("subscribed");
    assert_eq!((yclients.hook_urls(SALON), crm.hooked(ours).await), (vec![theirs.to_owned(), ours.to_owned()], Ok(Some(true))));
    crm.subscribe(Some(moved), Some(ours)).await.expect("moved");
    assert_eq!(yclients.hook_urls(SALON), [theirs, moved]);
    // Another vendor saves its own without looking.
    yclients.take_hooks(SALON, theirs);
    assert_eq!(crm.hooked(moved).await, Ok(None));
    crm.subscribe(Some(moved), None).await.expect("subscribed again");
    let anna = yclients.add_client(SALON, Client::person("Анна", "Петрова", "79123456789"));
    let told = yclients.told(SALON);
    let gate = registry::gate(CrmKind::Yclients);
    let body = told.last().expect("a hook").to_string();
    assert_eq!((gate.understand)(body.as_bytes(), Some("4564")), Ok(vec![mms_core::crm::CrmHint::Contact(anna.to_string())]));
    assert!((gate.understand)(body.as_bytes(), Some("4565")).is_err());
    crm.subscribe(None, Some(moved)).await.expect("gone");
    crm.subscribe(None, Some(moved)).await.expect("gone already");
    assert_eq!(yclients.hook_urls(SALON), [theirs]);
});
