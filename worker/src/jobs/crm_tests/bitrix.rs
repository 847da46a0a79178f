//! Bitrix24 in the same room: read by growing ids, told by calls one at a time, by a webhook or by
//! an application.

use std::sync::Arc;

use mms_core::crm::{
    Crm, CrmHint, Look, WriteItem,
    connection::HookState,
    mapping::CrmSettings,
    occasion::{OccasionKind, OccasionMode, OccasionRef, OccasionState},
    registry,
};
use mms_sandbox::{
    Fault as Strike, Rule as Struck, Sandbox,
    bitrix24::{Bitrix24, Item, Kind, Seed as People, Settings, UserField},
};

use super::*;

mod merges;
mod sender;

const DOMAIN: &str = "romashka.bitrix24.ru";
const OPT_OUT: &str = "ufCrmNoMessages";
const CITY: &str = "ufCrm_1700000002";
const DONE: &str = "select count(*) from crm_write where state = 'done'";
const PEOPLE: &str = "select count(*) from contact where deleted_at is null";
const OPTED_OUT: &str = "select count(*) from contact where opted_out_at is not null";

struct Office {
    world: World,
    sandbox: Sandbox,
    portal: i64,
    webhook: String,
}

/// A webhook's address as the portal shows it: the double is elsewhere.
fn shown(address: &str) -> String {
    format!("https://{}", address.split_once("/bitrix24/").expect("a portal of the double").1)
}

impl Office {
    async fn new(store: Store) -> Self {
        let mut world = World::new(store).await;
        let sandbox = Sandbox::builder().bitrix24(Settings::quick()).start().await.expect("a sandbox");
        let bitrix = sandbox.bitrix24();
        let portal = bitrix.add_portal(DOMAIN);
        for (name, kind, label) in [
            ("UF_CRM_NO_MESSAGES", "boolean", "Не писать"),
            ("UF_CRM_CONSENT", "boolean", "Согласие"),
            ("UF_CRM_CONSENT_AT", "datetime", "Согласие: когда"),
            ("UF_CRM_CONSENT_BY", "string", "Согласие: кто отметил"),
        ] {
            bitrix.add_field(portal, UserField::of_contacts(name, kind, label));
        }
        let city = UserField::of_contacts("UF_CRM_1700000002", "enumeration", "Город").choices(&[(44, "Казань"), (45, "Пермь")]);
        bitrix.add_field(portal, city);
        let webhook = shown(&bitrix.webhook(portal, 1, &["crm", "task"]));
        world.deps.endpoints.bitrix24_override = Some(bitrix.url().to_owned());
        Self { world, portal, webhook, sandbox }
    }

    fn bitrix(&self) -> &Bitrix24 {
        self.sandbox.bitrix24()
    }

    async fn try_connect(&self, address: &str, webhook: &str) -> Result<ConnectionId, ConnectError> {
        let Deps { store, sealer, endpoints, .. } = &self.world.deps;
        let values = [Secret::new(webhook)];
        let entry = Entry { kind: CrmKind::Bitrix24, address, values: &values };
        Ok(connection::connect(store, sealer, endpoints, By::Admin(self.world.account), entry, clock::now()).await?.id)
    }

    async fn connect(&self) -> ConnectionId {
        self.try_connect("https://romashka.bitrix24.ru/crm/contact/list/", &self.webhook).await.expect("connected")
    }

    /// Another portal, by a webhook of its own.
    async fn connect_to(&self, domain: &str) -> ConnectionId {
        let other = self.bitrix().add_portal(domain);
        let webhook = shown(&self.bitrix().webhook(other, 1, &["crm", "task"]));
        self.try_connect(domain, &webhook).await.expect("connected")
    }

    async fn map(&self, id: ConnectionId) {
        let (store, by, now) = (&self.world.deps.store, By::Admin(self.world.account), clock::now());
        for (field, key) in [(CITY, "city"), ("birthdate", "birthday"), ("sourceId", "came_by")] {
            connection::map_field(store, by, id, field, Some(key), now).await.expect("mapped");
        }
        let consent = ConsentMapping {
            purpose: Purpose::Marketing,
            crm_field: "ufCrmConsent".to_owned(),
            yes: Vec::new(),
            at_field: Some("ufCrmConsentAt".to_owned()),
            author_field: Some("ufCrmConsentBy".to_owned()),
            stated_at: now,
        };
        connection::map_consent(store, by, id, consent, now).await.expect("mapped");
    }

    fn edit(&self, id: i64, change: impl FnOnce(&mut Item)) {
        self.bitrix().edit(self.portal, Kind::Contact, id, change);
    }

    fn consents(&self, id: i64) {
        self.edit(id, |item| {
            item.set("ufCrmConsent", json!("Y"));
            item.set("ufCrmConsentAt", json!("2026-05-01T12:00:00+03:00"));
            item.set("ufCrmConsentBy", json!("Ольга"));
        });
    }

    async fn contact(&self, id: i64) -> Option<(ContactId, String, Value, Option<i16>)> {
        self.world.contact(id.unsigned_abs()).await
    }

    async fn known(&self, id: i64) -> ContactId {
        self.contact(id).await.expect("the contact").0
    }

    /// It is night, and the last load of everything was the day before.
    async fn night(&self, id: ConnectionId) {
        let mut progress = self.world.row(id).await.sync_cursor.0;
        progress.full_at = Some(clock::now() - TimeDelta::hours(25));
        let mut tx = self.world.deps.store.begin().await.expect("begin");
        let set = "update crm_connection set sync_cursor = $1 where id = $2";
        on!(tx.conn(), |c| sqlx::query(set).bind(sqlx::types::Json(&progress)).bind(id).execute(c).await.map(|_| ())).expect("aged");
        let zone = orders::night();
        on!(tx.conn(), |c| sqlx::query("update account set zone = $1 where id = $2")
            .bind(zone)
            .bind(self.world.account)
            .execute(c)
            .await
            .map(|_| ()))
        .expect("moved");
        tx.commit().await.expect("commit");
    }

    fn strikes(&self, fault: Strike, method: &str) -> u64 {
        self.bitrix().faults().add(Struck::new(fault).service("bitrix24").method(method).times(1))
    }

    fn notes(&self, id: i64) -> usize {
        self.bitrix().notes_of(self.portal, Kind::Contact, id).len()
    }

    fn ticked(&self, id: i64) -> Option<Value> {
        self.bitrix().item(self.portal, Kind::Contact, id).and_then(|item| item.get(OPT_OUT).cloned())
    }

    fn adapter(&self, settings: &CrmSettings) -> Arc<dyn Crm> {
        let credentials = registry::assemble(CrmKind::Bitrix24, &[Secret::new(&*self.webhook)]).expect("a webhook");
        let (kind, endpoints) = (CrmKind::Bitrix24, &self.world.deps.endpoints);
        registry::build(kind, &format!("https://{DOMAIN}"), &credentials, settings, endpoints, registry::pacer(kind, None), None)
            .expect("built")
    }
}

both!(async fn a_portal_is_read_and_then_what_changed(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    let ids = bitrix.seed(portal, &People { count: 330, ..People::default() });
    for id in &ids[..20] {
        office.consents(*id);
    }
    office.edit(ids[4], |item| {
        item.set(CITY, json!(44));
        item.set("birthdate", json!("1990-03-11"));
        item.set("sourceId", json!("CALL"));
    });
    let id = office.connect().await;
    assert_eq!(world.row(id).await.settings.opt_out_field.as_deref(), Some(OPT_OUT), "the usual checkbox is found");
    office.map(id).await;
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None));
    assert_eq!((row.external_id.as_str(), row.name.as_str()), (DOMAIN, DOMAIN));
    assert_eq!(world.count(PEOPLE).await, 330);
    assert_eq!(world.count("select count(*) from address where kind = 'phone' and from_crm").await, 324);
    assert_eq!(world.count("select count(*) from contact where marketing_grade = 3").await, 20);
    assert_eq!(world.count("select count(*) from occasion where kind = 'deal' and state = 'open' and stage = 'Новая'").await, 66);
    let (_, name, attributes, grade) = office.contact(ids[4]).await.expect("the contact");
    assert!(name.contains(' '));
    assert_eq!((&attributes["city"], &attributes["birthday"], &attributes["came_by"], grade), (&json!("Казань"), &json!("1990-03-11"), &json!("Звонок"), Some(3)));

    // More than a page of them change within one second; one says stop, one takes back.
    for id in &ids[30..150] {
        office.edit(*id, |item| item.set("lastName", json!("Новая")));
    }
    office.edit(ids[1], |item| item.set("ufCrmConsent", json!("N")));
    office.edit(ids[6], |item| item.set(OPT_OUT, json!("Y")));
    let fresh = bitrix.add(portal, Item::contact("Нина", "Двойникова").phone("не телефон"));
    let deals = bitrix.ids(portal, Kind::Deal);
    bitrix.edit(portal, Kind::Deal, deals[0], |deal| deal.set("stageId", json!("WON")));
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.created, stats.opted_out, stats.bad_phones), (1, 1, 1), "{stats:?}");
    assert_eq!(world.count("select count(*) from contact where last_name = 'Новая'").await, 120, "nobody is lost between pages");
    assert_eq!(office.contact(ids[1]).await.and_then(|(.., grade)| grade), None, "the CRM takes back what it gave");
    assert!(office.contact(fresh).await.is_some());
    assert_eq!(world.count("select count(*) from occasion where state = 'done' and stage = 'Успешна'").await, 1);
    let entries = world.count("select count(*) from consent").await;
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from consent").await, entries, "the same again changes nothing");

    // Whoever is gone or merged is in no list of changes: everything is read once a night.
    bitrix.delete(portal, Kind::Contact, ids[2]);
    bitrix.merge(portal, ids[3], ids[200]);
    bitrix.delete(portal, Kind::Deal, deals[1]);
    world.sync(id).await;
    assert!(office.contact(ids[2]).await.is_some());
    office.night(id).await;
    world.sync(id).await;
    assert!(office.contact(ids[2]).await.is_none() && office.contact(ids[3]).await.is_none());
    let winner = office.known(ids[200]).await;
    let phones: i64 = on!(world.deps.store.read(), |c| sqlx::query_scalar("select count(*) from address where contact_id = $1").bind(winner).fetch_one(c).await).expect("read");
    assert_eq!((world.count(PEOPLE).await, phones), (329, 2), "the one who stays has the other's phone");
    assert_eq!(world.count(OPTED_OUT).await, 1);
    assert_eq!(world.count("select count(*) from occasion where state = 'cancelled'").await, 1, "a deal that is gone is off");
});

both!(async fn people_who_come_and_go_while_a_portal_is_read_cost_nobody(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    let ids = bitrix.seed(portal, &People { count: 120, deal_every: 0, ..People::default() });
    let id = office.connect().await;
    // The fields are read, then the first list; the next call hangs.
    let hung = bitrix.faults().add(Struck::new(Strike::Hang { accepted: false }).service("bitrix24").method("batch").skip(2).times(1));
    let job = world.works(id);
    while bitrix.faults().struck(hung) != Some(1) {
        tokio::task::yield_now().await;
    }
    world.kill(job, id, 50).await;
    assert_eq!(world.row(id).await.sync_done, 50);
    for id in [ids[0], ids[60], ids[119]] {
        bitrix.delete(portal, Kind::Contact, id);
    }
    office.edit(ids[10], |item| item.set("lastName", json!("Новая")));
    bitrix.add(portal, Item::contact("Нина", "Новая"));
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact where last_name = 'Новая'").await, 2);
    assert_eq!(world.count(PEOPLE).await, 119, "whoever was read before they went is found gone with the next load");
    office.night(id).await;
    world.sync(id).await;
    assert_eq!(world.count(PEOPLE).await, 118);
});

both!(async fn refusals_of_a_portal_put_the_connection_in_the_right_state(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    bitrix.seed(portal, &People { count: 10, ..People::default() });
    let narrow = shown(&bitrix.webhook(portal, 1, &["task"]));
    for (address, webhook) in [
        ("127.0.0.1", office.webhook.as_str()),
        ("romashka", "https://romashka.bitrix24.ru/"),
        ("romashka", "https://romashka.bitrix24.ru/rest/1/0123456789abcdef/"),
        ("romashka", narrow.as_str()),
    ] {
        let refused = office.try_connect(address, webhook).await.expect_err("a refusal");
        let right = match (address, webhook) {
            ("127.0.0.1", _) => matches!(refused, ConnectError::BadAddress),
            (_, webhook) if webhook == narrow => matches!(&refused, ConnectError::Crm(CrmError::Forbidden(why)) if why.contains("crm")),
            (_, webhook) if webhook.contains("0123") => matches!(refused, ConnectError::Crm(CrmError::Unauthorised)),
            _ => matches!(refused, ConnectError::BadValues),
        };
        assert!(right, "{address} {webhook}: {refused}");
    }
    let id = office.connect().await;
    assert!(matches!(office.try_connect("romashka", &office.webhook).await, Err(ConnectError::Twin)));
    world.sync(id).await;
    let fails = |code: u16, words: &str| Strike::Error { code, description: words.to_owned(), retry_after: None };
    for (fault, reason) in [
        (Strike::TooManyRequests { retry_after: 1 }, "limited"),
        (fails(429, "OPERATION_TIME_LIMIT: No"), "limited"),
        (Strike::Gateway { code: 502, accepted: false }, "unreachable"),
        (Strike::DropBefore, "unreachable"),
        (fails(403, "ACCESS_DENIED: REST API is available only on commercial plans"), "not_paid"),
        (fails(403, "insufficient_scope: No"), "forbidden"),
        (fails(400, "INVALID_ARG_VALUE: No"), "refused"),
    ] {
        office.strikes(fault, "batch");
        assert_eq!(world.sync(id).await.state_reason.as_deref(), Some(reason));
        world.exec("update crm_connection set state = 'active', state_reason = null").await;
    }
    // The portal is closed for a while, then it is called otherwise; a webhook cannot say how.
    bitrix.set_closed(portal, true);
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("unreachable"));
    bitrix.set_closed(portal, false);
    bitrix.move_portal(portal, "rose.bitrix24.ru");
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("moved")));
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    connection::relocate(store, sealer, endpoints, by, id, "rose.bitrix24.ru", clock::now()).await.expect("the same portal");
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref(), row.external_id.as_str()), (ConnectionState::Active, None, DOMAIN));

    // Access is taken back in the middle of a load.
    let hung = bitrix.faults().add(Struck::new(fails(401, "NO_AUTH_FOUND: Wrong authorization data")).service("bitrix24").method("batch").skip(1));
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
    bitrix.faults().remove(hung);
    bitrix.end_webhooks(portal, None);
    let renew = async |webhook: &str| connection::replace_token(store, sealer, endpoints, by, id, Secret::new(webhook), clock::now()).await;
    assert!(matches!(renew("romashka").await, Err(ConnectError::BadValues)));
    assert!(matches!(renew(&office.webhook).await, Err(ConnectError::Crm(CrmError::Unauthorised))));
    renew(&shown(&bitrix.webhook(portal, 1, &["crm", "task"]))).await.expect("replaced");
    assert_eq!(world.sync(id).await.state, ConnectionState::Active);
    bitrix.dismiss(portal, 1);
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("token_refused"));
    connection::disconnect(store, by, id, clock::now()).await.expect("disconnected");
    assert_eq!((connection::list(store, world.account).await.expect("read").len(), world.count(PEOPLE).await), (0, 10));
});

both!(async fn a_portal_is_told_once_whatever_happens_on_the_way(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    let ids = bitrix.seed(portal, &People { count: 6, deal_every: 0, ..People::default() });
    let id = office.connect().await;
    world.sync(id).await;
    let note = CrmChange::Note { text: "Кампания «Май»: доставлено".to_owned() };
    for n in [0, 1] {
        world.enqueue(office.known(ids[n]).await, &note, "campaign:1").await;
    }
    world.enqueue(office.known(ids[0]).await, &CrmChange::OptOut(true), "1").await;
    office.strikes(Strike::DropAfter, "crm.timeline.comment.add");
    world.tell(id).await;
    assert_eq!(office.ticked(ids[0]), Some(json!("Y")));
    assert_eq!(world.count("select count(*) from crm_write where state = 'queued'").await, 1, "no answer: later");
    world.tell(id).await;
    assert_eq!((office.notes(ids[0]), office.notes(ids[1]), world.count(DONE).await), (1, 1, 3), "exactly one note");

    // Nothing done and no answer; then too many requests; then it goes.
    world.enqueue(office.known(ids[1]).await, &note, "campaign:2").await;
    for fault in [Strike::DropBefore, Strike::TooManyRequests { retry_after: 1 }, Strike::Gateway { code: 500, accepted: false }] {
        office.strikes(fault, "crm.timeline.comment.add");
        world.tell(id).await;
    }
    world.tell(id).await;
    assert_eq!(office.notes(ids[1]), 2, "a note of the same text is not mistaken for its trace");

    // Whoever came back here is not opted out by our own tick, which is still there.
    world.enqueue(office.known(ids[0]).await, &CrmChange::OptOut(false), "2").await;
    world.sync(id).await;
    assert_eq!(world.count(OPTED_OUT).await, 0, "a flag from before they came back says nothing");
    world.tell(id).await;
    assert_eq!(office.ticked(ids[0]), Some(json!("N")));

    // Deleted meanwhile: nobody is told, and it is known why.
    world.enqueue(office.known(ids[4]).await, &note, "campaign:3").await;
    bitrix.delete(portal, Kind::Contact, ids[4]);
    world.tell(id).await;
    let failed: Vec<String> = on!(world.deps.store.read(), |c| sqlx::query_scalar("select error from crm_write where state = 'failed'").fetch_all(c).await).expect("read");
    assert_eq!(failed, ["the CRM has no such record"]);

    // Where comments cannot be looked for, what may be there is not written again.
    bitrix.set(|settings| settings.comments_listed = false);
    world.enqueue(office.known(ids[5]).await, &note, "campaign:4").await;
    office.strikes(Strike::DropAfter, "crm.timeline.comment.add");
    world.tell(id).await;
    world.tell(id).await;
    assert_eq!((office.notes(ids[5]), world.count("select count(*) from crm_write where state = 'failed'").await), (1, 2));
});

both!(async fn an_application_renews_its_tokens_and_follows_its_portal(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    bitrix.seed(portal, &People { count: 10, ..People::default() });
    bitrix.register("app.1", "secret", "https://mms.example/oauth/bitrix24", &["crm", "task"]);
    let app = OauthApp {
        client_id: "app.1".to_owned(),
        client_secret: Secret::new("secret"),
        redirect_uri: "https://mms.example/oauth/bitrix24".to_owned(),
    };
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    let way = (CrmKind::Bitrix24, "romashka");
    let begun = connection::begin_authorisation(store, sealer, by, way, app, None, clock::now()).await;
    let (id, page) = begun.expect("begun");
    assert!(page.starts_with("https://romashka.bitrix24.ru/oauth/authorize/?client_id=app.1&state="), "{page}");
    let state = page.split("state=").nth(1).expect("a state").to_owned();
    // A code of another portal than the one that was named.
    let other = bitrix.add_portal("other.bitrix24.ru");
    for (code, domain) in [(bitrix.code("app.1", portal), "other.bitrix24.ru"), (bitrix.code("app.1", other), DOMAIN), ("x".to_owned(), DOMAIN)] {
        let refused = connection::authorise(store, sealer, endpoints, CrmKind::Bitrix24, &back(&state, &code, domain), clock::now()).await;
        assert!(matches!(refused, Err(ConnectError::BadAddress | ConnectError::Crm(CrmError::ReauthRequired))), "{refused:?}");
    }
    let came = back(&state, &bitrix.code("app.1", portal), DOMAIN);
    connection::authorise(store, sealer, endpoints, CrmKind::Bitrix24, &came, clock::now()).await.expect("authorised");
    connection::expect_hooks(store, world.account, id, "https://mms.example", clock::now()).await.expect("expected");
    let row = world.sync(id).await;
    assert_eq!((row.state, row.external_id.as_str(), world.count(PEOPLE).await), (ConnectionState::Active, bitrix.member_id(portal).as_str(), 10));
    assert_eq!(row.sync_cursor.hooks.as_ref().map(|hooks| hooks.state), Some(HookState::On));
    assert_eq!((bitrix.handlers(portal).len(), connection::by_hand(&row)), (6, false));
    assert!(matches!(office.try_connect("romashka", &office.webhook).await, Err(ConnectError::Twin)), "one portal, whichever way one came");

    bitrix.expire_access(portal);
    assert_eq!(world.sync(id).await.state_reason, None, "the tokens renew themselves");
    bitrix.move_portal(portal, "rose.bitrix24.ru");
    let row = world.sync(id).await;
    assert_eq!((row.state_reason.as_deref(), row.base_url.as_str()), (None, "https://rose.bitrix24.ru"), "the portal is followed");
    office.strikes(Strike::DropAfter, "oauth/token");
    bitrix.set(|settings| settings.old_refresh_lives = true);
    bitrix.expire_access(portal);
    assert_eq!(world.sync(id).await.state_reason, None, "a lost pair is asked for once more");

    let leaving = connection::leaving(store, sealer, endpoints, world.account, id).await.expect("read").expect("events to take away");
    leaving.end().await;
    assert!(bitrix.handlers(portal).is_empty());
    bitrix.revoke_all(portal);
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
});

both!(async fn a_portal_on_a_companys_own_server_is_connected_by_its_webhook(store) {
    let office = Office::new(store).await;
    let id = office.connect_to("portal.romashka.example").await;
    let row = office.world.sync(id).await;
    assert_eq!((row.state, row.base_url.as_str()), (ConnectionState::Active, "https://portal.romashka.example"));
    // It is connected already: our application need not ask for its page.
    let app = OauthApp { client_id: "app.1".to_owned(), client_secret: Secret::new("secret"), redirect_uri: "https://mms.example/x".to_owned() };
    let (Deps { store, sealer, .. }, by) = (&office.world.deps, By::Admin(office.world.account));
    let way = (CrmKind::Bitrix24, "portal.romashka.example");
    let twin = connection::begin_authorisation(store, sealer, by, way, app, None, clock::now()).await;
    assert!(matches!(twin, Err(ConnectError::Twin)));
});

both!(async fn without_a_checkbox_an_opt_out_is_told_by_its_note(store) {
    let office = Office::new(store).await;
    let (world, bitrix) = (&office.world, office.bitrix());
    let other = bitrix.add_portal("lilia.bitrix24.ru");
    let contact = bitrix.add(other, Item::contact("Нина", "Лебедева").phone("+7 912 000-00-01"));
    let webhook = shown(&bitrix.webhook(other, 1, &["crm"]));
    let id = office.try_connect("lilia", &webhook).await.expect("connected");
    world.sync(id).await;
    world.enqueue(office.known(contact).await, &CrmChange::OptOut(true), "1").await;
    world.tell(id).await;
    let ended: Vec<(String, Option<String>)> = on!(world.deps.store.read(), |c| sqlx::query_as("select state, error from crm_write").fetch_all(c).await).expect("read");
    assert_eq!(ended.len(), 1);
    assert!(ended[0].0 == "done" && ended[0].1.as_deref().is_some_and(|how| how.contains("the note alone")), "{ended:?}");
});

both!(async fn bookings_are_visits(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    let anna = bitrix.add(portal, Item::contact("Анна", "Петрова").phone("8 (912) 345-67-89"));
    let firm = bitrix.add(portal, Item::company("Ромашка"));
    let hall = bitrix.add_resource(portal, "Зал");
    let now = clock::now();
    let day = |days: i64| now + TimeDelta::days(days);
    let soon = bitrix.add_booking(portal, "Стрижка", (day(1), day(1) + TimeDelta::hours(1)), &[hall], &[(Kind::Company, firm), (Kind::Contact, anna)]);
    let past = bitrix.add_booking(portal, "Укладка", (day(-40), day(-40) + TimeDelta::hours(1)), &[hall], &[(Kind::Contact, anna)]);
    bitrix.add_booking(portal, "Ремонт", (day(2), day(2) + TimeDelta::hours(1)), &[hall], &[]);
    for n in 0..60 {
        let at = day(3 + n);
        bitrix.add_booking(portal, &format!("Окно {n}"), (at, at + TimeDelta::minutes(5)), &[hall], &[(Kind::Contact, anna)]);
    }
    let webhook = shown(&bitrix.webhook(portal, 1, &["crm", "booking"]));
    let id = office.try_connect("romashka", &webhook).await.expect("connected");
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from occasion where kind = 'visit'").await, 62, "nobody's booking is none of ours");
    let visit = async |id: i64| {
        let sql = "select title, staff, state, at from occasion where kind = 'visit' and external_id = $1";
        let row: (String, String, String, chrono::DateTime<chrono::Utc>) =
            on!(world.deps.store.read(), |c| sqlx::query_as(sql).bind(id.to_string()).fetch_one(c).await).expect("the visit");
        row
    };
    let (title, staff, state, at) = visit(soon).await;
    assert_eq!((title.as_str(), staff.as_str(), state.as_str(), at.timestamp()), ("Стрижка", "Зал", "open", day(1).timestamp()));
    assert_eq!(visit(past).await.2, "done");
    // One is moved: the next read of changes sees it. One is taken away: the night does.
    bitrix.move_booking(portal, soon, (day(5), day(5) + TimeDelta::hours(1)));
    world.sync(id).await;
    assert_eq!(visit(soon).await.3.timestamp(), day(5).timestamp());
    bitrix.drop_booking(portal, soon);
    office.night(id).await;
    world.sync(id).await;
    assert_eq!(visit(soon).await.2, "cancelled");
    assert_eq!(visit(past).await.2, "done");
});

both!(async fn the_owner_of_a_webhook_writes_our_address_into_the_portal(store) {
    let office = Office::new(store).await;
    let world = &office.world;
    let id = office.connect().await;
    connection::expect_hooks(&world.deps.store, world.account, id, "https://mms.example", clock::now()).await.expect("expected");
    let row = world.sync(id).await;
    assert_eq!(row.sync_cursor.hooks.as_ref().map(|hooks| hooks.state), Some(HookState::Refused));
    let address = connection::hook_address(&world.deps.sealer, &row).expect("an address");
    assert!(address.starts_with(&format!("https://mms.example/hooks/crm/bitrix24/{id}/")));
    let body = b"event=ONCRMCONTACTUPDATE&data[FIELDS][ID]=7&auth[domain]=romashka.bitrix24.ru&auth[member_id]=a223";
    let hints = (registry::gate(row.kind).understand)(body, Some(&row.external_id)).expect("hints");
    assert_eq!(hints, [CrmHint::Contact("7".to_owned())]);
});

both!(async fn deals_are_occasions_and_tasks_are_made_once(store) {
    let office = Office::new(store).await;
    let (bitrix, portal) = (office.bitrix(), office.portal);
    bitrix.add_category(portal, 9, "Опт");
    let anna = bitrix.add(portal, Item::contact("Анна", "Петрова").phone("8 (912) 345-67-89"));
    let deals: Vec<i64> = (0..60).map(|n| bitrix.add(portal, Item::deal(&format!("Заказ {n}"), anna, "NEW").with("opportunity", json!(1_500.5)))).collect();
    let crm = office.adapter(&CrmSettings::default());
    let from = clock::now() - TimeDelta::days(30);
    let first = crm.occasions(OccasionMode::Full { from }, None).await.expect("read");
    let second = crm.occasions(OccasionMode::Full { from }, first.next.as_ref()).await.expect("read");
    assert_eq!((first.occasions.len(), second.occasions.len(), second.next), (50, 10, None));
    let deal = &first.occasions[0];
    assert_eq!((deal.contact.clone(), deal.title.as_str(), deal.stage.as_str()), (Some(anna.to_string()), "Заказ 0", "Новая"));
    assert_eq!((deal.state, deal.amount, &deal.data["currency"]), (OccasionState::Open, Some(150_050), &json!("RUB")));
    let future = OccasionMode::Full { from: clock::now() + TimeDelta::days(1) };
    assert!(crm.occasions(future, None).await.expect("read").occasions.is_empty());

    bitrix.edit(portal, Kind::Deal, deals[0], |deal| deal.set("stageId", json!("WON")));
    bitrix.edit(portal, Kind::Deal, deals[1], |deal| {
        deal.set("categoryId", json!(9));
        deal.set("stageId", json!("C9:LOSE"));
    });
    bitrix.delete(portal, Kind::Deal, deals[2]);
    let of: Vec<OccasionRef> = deals[..3].iter().map(|id| OccasionRef { kind: OccasionKind::Deal, id: id.to_string() }).collect();
    let now = crm.occasions_by_id(&of).await.expect("read");
    let seen: Vec<_> = now.iter().map(|deal| (deal.stage.as_str(), deal.state, deal.until.is_some())).collect();
    assert_eq!(seen, [("Успешна", OccasionState::Done, true), ("Провалена", OccasionState::Cancelled, true)]);
    let since = OccasionMode::Since { at: clock::now() + TimeDelta::minutes(10), mark: None };
    assert!(crm.occasions(since, None).await.expect("read").occasions.is_empty());

    // A comment to a deal; a task for the responsible, once whatever happens.
    let text = "Отвечает: «да»".to_owned();
    let item = |what: CrmChange, look_first| WriteItem { crm_id: anna.to_string(), what, look_first };
    let task = CrmChange::Task { text: "Перезвонить Анне".to_owned(), due: clock::now() + TimeDelta::days(1) };
    office.strikes(Strike::DropAfter, "v3 tasks.task.add");
    let told = crm.write(&[item(CrmChange::Comment { of: of[0].clone(), text }, None), item(task.clone(), None)]).await;
    assert!(matches!(&told[..], [Ok(()), Err(CrmError::Transient { .. })]), "{told:?}");
    assert_eq!(bitrix.notes_of(portal, Kind::Deal, deals[0]), [("comment", "Отвечает: «да»".to_owned())]);
    let look = |hours| Some(Look { since: clock::now() - TimeDelta::hours(hours), others: 0 });
    assert_eq!(crm.write(&[item(task.clone(), look(1))]).await, [Ok(())]);
    assert_eq!(bitrix.tasks(portal), [("Перезвонить Анне".to_owned(), 1, vec![format!("C_{anna}")])]);
    // Somebody else is responsible meanwhile: the task is made all the same.
    let ivan = bitrix.add_user(portal, false);
    bitrix.edit(portal, Kind::Contact, anna, |item| item.set("assignedById", json!(ivan)));
    assert_eq!(crm.write(&[item(task.clone(), look(1))]).await, [Ok(())]);
    assert!(matches!(&crm.write(&[item(task, look(30))]).await[..], [Err(CrmError::Rejected(_))]), "the key is forgotten");
    assert_eq!(bitrix.tasks(portal).len(), 1);
    let answer = CrmChange::Answer { of: of[0].clone(), comes: true };
    let refused = crm.write(&[item(CrmChange::OptOut(true), None), item(answer, None)]).await;
    assert!(matches!(&refused[..], [Err(CrmError::NoPlace), Err(CrmError::Rejected(_))]), "no checkbox is chosen");
});

both!(async fn a_method_that_worked_too_much_is_left_alone(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    bitrix.seed(portal, &People { count: 300, deal_every: 0, ..People::default() });
    bitrix.set(|settings| {
        settings.operating_limit = Some(480.0);
        settings.slow_ms = [("crm.item.list".to_owned(), 410_000)].into();
    });
    let id = office.connect().await;
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("limited"));
    assert_eq!(world.row(id).await.sync_done, 50, "it stopped before it was closed");
    assert_eq!(bitrix.ledger().refused(429), 0);
    assert!(world.row(id).await.held_until.is_some_and(|until| until > clock::now()));
    bitrix.set(|settings| settings.operating_limit = None);
    bitrix.set(|settings| settings.slow_ms.clear());
    // The work is forgotten there.
    office.sandbox.clock().advance(std::time::Duration::from_secs(660));
    world.sync(id).await;
    assert_eq!(world.count(PEOPLE).await, 300);
});
