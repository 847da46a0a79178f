//! RetailCRM in the same room: followed by its feed, told by calls one at a time.

use mms_sandbox::{
    Fault as Strike, Rule as Struck,
    retailcrm::{Corporate, Customer, Order, RetailCrm, Seed as People, StaleFeed, phone as number},
};

use super::*;

pub(super) struct Shop {
    pub world: World,
    pub retail: RetailCrm,
    pub key: String,
}

impl Shop {
    pub async fn new(store: Store) -> Self {
        let mut world = World::new(store).await;
        let retail = RetailCrm::new("romashka");
        let key = retail.api_key();
        world.deps.endpoints.retailcrm_override = Some(retail.clone().serve().await.expect("a port"));
        Self { world, retail, key }
    }

    async fn try_connect(&self, address: &str, key: &str) -> Result<ConnectionId, ConnectError> {
        let Deps { store, sealer, endpoints, .. } = &self.world.deps;
        let values = [Secret::new(key)];
        let entry = Entry { kind: CrmKind::Retailcrm, address, values: &values };
        Ok(connection::connect(store, sealer, endpoints, By::Admin(self.world.account), entry, clock::now()).await?.id)
    }

    pub async fn connect(&self) -> ConnectionId {
        self.try_connect("https://romashka.retailcrm.ru/admin", &self.key).await.expect("connected")
    }

    async fn map(&self, id: ConnectionId) {
        let (store, by, now) = (&self.world.deps.store, By::Admin(self.world.account), clock::now());
        for (field, key) in [("address.city", "city"), ("bonus", "bonus"), ("birthday", "birthday"), ("drink", "drink")] {
            connection::map_field(store, by, id, field, Some(key), now).await.expect("mapped");
        }
        let consent = ConsentMapping {
            purpose: Purpose::Marketing,
            crm_field: "msg_consent".to_owned(),
            yes: Vec::new(),
            at_field: Some("msg_consent_at".to_owned()),
            author_field: Some("msg_consent_by".to_owned()),
            stated_at: now,
        };
        connection::map_consent(store, by, id, consent, now).await.expect("mapped");
    }

    fn note_fails(&self, fault: Strike) {
        self.retail.faults().add(Struck::new(fault).method("POST /customers/notes/create").times(1));
    }

    fn told(&self, id: u64) -> (Option<Value>, bool) {
        let customer = self.retail.customer(id).expect("a customer");
        (customer.custom.get("msg_opt_out").cloned(), customer.tags.contains(&"opt-out".to_owned()))
    }

    pub async fn contact(&self, id: u64) -> ContactId {
        self.world.contact(id).await.expect("the contact").0
    }
}

const DONE: &str = "select count(*) from crm_write where state = 'done'";
const PEOPLE: &str = "select count(*) from contact where deleted_at is null";

both!(async fn a_retailcrm_is_read_and_followed_by_its_feed(store) {
    let shop = Shop::new(store).await;
    let ids = shop.retail.seed(&People { count: 250, ..People::default() });
    let id = shop.connect().await;
    let (world, retail) = (&shop.world, &shop.retail);
    assert_eq!(world.row(id).await.settings.opt_out_field.as_deref(), Some("msg_opt_out"), "the usual checkbox is found");
    shop.map(id).await;
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None));
    assert_eq!(world.count(PEOPLE).await, 250);
    assert_eq!(world.count("select count(*) from address where kind = 'phone' and from_crm").await, 245);
    assert_eq!(world.count("select count(*) from contact where marketing_grade = 3").await, 225);
    assert_eq!(world.count("select count(*) from contact_tag").await, 84);
    assert_eq!(retail.limited(), 0, "the limit is kept");
    let (_, name, attributes, grade) = world.contact(ids[4]).await.expect("the contact");
    assert!(name.contains(' ') && attributes["city"].is_string());
    assert_eq!((&attributes["bonus"], &attributes["birthday"], grade), (&json!(148), &json!("1964-05-05"), Some(3)));

    // In the CRM: one changes, one takes back, one is deleted, two are merged, one gets another's
    // phone, one says stop, segments are computed anew.
    retail.edit(ids[0], |customer| {
        customer.city.clear();
        customer.tags = vec!["Постоянный".to_owned()];
        customer.phones = vec!["+7 912 000-00-01".to_owned()];
        customer.custom.insert("drink".to_owned(), json!("tea"));
    });
    retail.edit(ids[1], |customer| drop(customer.custom.insert("msg_consent".to_owned(), json!(false))));
    retail.delete(ids[2]);
    retail.merge(ids[3], ids[4]);
    let twin = retail.add(Customer::person("Нина", "Двойникова", &[&number(5), "не телефон"]));
    retail.edit(ids[6], |customer| drop(customer.custom.insert("msg_opt_out".to_owned(), json!(true))));
    retail.add_segment("sleeping", "Спящие", true);
    retail.recount_segment("sleeping", &ids[10..200]);
    let stats = world.sync(id).await.sync_cursor.stats;
    let numbers = (stats.created, stats.deleted, stats.merged, stats.shared_phones, stats.bad_phones, stats.opted_out);
    assert_eq!(numbers, (1, 1, 1, 1, 1, 1), "{stats:?}");
    let (_, _, attributes, _) = world.contact(ids[0]).await.expect("the contact");
    assert!(attributes.get("city").is_none(), "what was cleared there is cleared here");
    assert_eq!(attributes["drink"], "Чай", "an item of a dictionary comes by its name");
    assert_eq!(world.contact(ids[1]).await.and_then(|(.., grade)| grade), None, "the CRM takes back what it gave");
    assert!(world.contact(ids[2]).await.is_none() && world.contact(ids[3]).await.is_none() && world.contact(twin).await.is_some());
    assert_eq!(world.count("select count(*) from contact where opted_out_at is not null").await, 1);
    assert_eq!(world.count(PEOPLE).await, 249);
    let entries = world.count("select count(*) from consent").await;
    let before = retail.requests();
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from consent").await, entries, "the same again changes nothing");
    assert!(retail.requests() - before < 10, "nobody is read who did not change");
});

both!(async fn a_feed_that_lost_its_beginning_has_all_read_anew(store) {
    let shop = Shop::new(store).await;
    let ids = shop.retail.seed(&People { count: 30, ..People::default() });
    let id = shop.connect().await;
    let (world, retail) = (&shop.world, &shop.retail);
    world.sync(id).await;
    for (n, stale) in [StaleFeed::Oldest, StaleFeed::Empty, StaleFeed::Refused].into_iter().enumerate() {
        // There is a place in the feed to come back to.
        retail.edit(ids[20], |customer| customer.first_name = format!("Имя{n}"));
        world.sync(id).await;
        retail.set(|settings| settings.stale_feed = stale);
        retail.edit(ids[n], |customer| customer.first_name = "Забытая".to_owned());
        retail.delete(ids[10 + n]);
        retail.forget_history();
        retail.edit(ids[21], |customer| customer.first_name = format!("Новое{n}"));
        let row = world.sync(id).await;
        assert_eq!((row.state_reason.as_deref(), row.sync_phase), (None, SyncPhase::Idle), "{stale:?}");
        assert!(world.contact(ids[n]).await.expect("the contact").1.starts_with("Забытая"), "{stale:?}");
        assert!(world.contact(ids[10 + n]).await.is_none(), "{stale:?}");
        assert!(world.contact(ids[21]).await.expect("the contact").1.starts_with(&format!("Новое{n}")), "{stale:?}");
    }
});

both!(async fn people_who_go_while_pages_are_read_cost_nobody(store) {
    let shop = Shop::new(store).await;
    let ids = shop.retail.seed(&People { count: 250, ..People::default() });
    let id = shop.connect().await;
    let world = &shop.world;
    // Fields are read from a page, too. Between the first page of people and the second one the
    // newest goes, so everybody moves by one place.
    let second = shop.retail.faults().add(Struck::new(Strike::Hang { accepted: false }).method("GET /customers").skip(2).times(1));
    let job = world.works(id);
    while shop.retail.faults().struck(second) != Some(1) {
        tokio::task::yield_now().await;
    }
    world.kill(job, id, 100).await;
    assert_eq!(world.row(id).await.sync_done, 100);
    shop.retail.delete(ids[249]);
    world.sync(id).await;
    assert_eq!(world.count(PEOPLE).await, 249);
});

both!(async fn refusals_of_retailcrm_put_the_connection_in_the_right_state(store) {
    let shop = Shop::new(store).await;
    shop.retail.seed(&People { count: 10, ..People::default() });
    let (world, retail) = (&shop.world, &shop.retail);
    for (address, key) in [("evil.com", shop.key.as_str()), ("romashka", "не ключ"), ("romashka", "0123456789abcdef0123456789abcdef"), ("nosuch", shop.key.as_str())] {
        let refused = shop.try_connect(address, key).await.expect_err("a refusal");
        let right = match address {
            "evil.com" => matches!(refused, ConnectError::BadAddress),
            "nosuch" => matches!(refused, ConnectError::Crm(CrmError::Moved)),
            _ if key == "не ключ" => matches!(refused, ConnectError::BadValues),
            _ => matches!(refused, ConnectError::Crm(CrmError::Unauthorised)),
        };
        assert!(right, "{address} {key}: {refused}");
    }
    let narrow = retail.api_key();
    retail.allow_methods(&narrow, Some(&["/api/v5/customers", "/api/v5/custom-fields"]));
    let refused = shop.try_connect("romashka", &narrow).await.expect_err("a refusal");
    assert!(matches!(&refused, ConnectError::Crm(CrmError::Forbidden(why)) if why.contains("customers/history")), "{refused}");

    let id = shop.connect().await;
    assert!(matches!(shop.try_connect("romashka", &shop.key).await, Err(ConnectError::Twin)));
    world.sync(id).await;
    for (fault, reason) in [
        (Strike::TooManyRequests { retry_after: 1 }, "limited"),
        (Strike::Gateway { code: 502, accepted: false }, "unreachable"),
        (Strike::DropBefore, "unreachable"),
        (Strike::Error { code: 200, description: "No".to_owned(), retry_after: None }, "refused"),
        (Strike::Error { code: 400, description: "Account does not exist.".to_owned(), retry_after: None }, "moved"),
    ] {
        retail.faults().add(Struck::new(fault).method("GET /customers/history").times(1));
        assert_eq!(world.sync(id).await.state_reason.as_deref(), Some(reason));
        world.exec("update crm_connection set state = 'active', state_reason = null").await;
    }
    retail.faults().add(Struck::new(Strike::Gateway { code: 504, accepted: false }).method("GET /customers/history").times(1));
    assert_eq!(world.sync(id).await.state_reason, None, "a page too heavy is asked for in halves");
    retail.allow_methods(&shop.key, Some(&["/api/v5/customers"]));
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("forbidden"), "a method that is not allowed is no revoked key");
    retail.allow_methods(&shop.key, None);
    assert_eq!(world.sync(id).await.state_reason, None);

    retail.revoke(&shop.key);
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
    assert_eq!(world.count("select count(*) from notice where kind = 'crm.reauth'").await, 2, "once for each reason");
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    let renew = async |key: &str| connection::replace_token(store, sealer, endpoints, by, id, Secret::new(key), clock::now()).await;
    assert!(matches!(renew("короткий").await, Err(ConnectError::BadValues)));
    assert!(matches!(renew(&shop.key).await, Err(ConnectError::Crm(CrmError::Unauthorised))));
    renew(&retail.api_key()).await.expect("replaced");
    assert_eq!(world.sync(id).await.state, ConnectionState::Active);
    connection::disconnect(store, by, id, clock::now()).await.expect("disconnected");
    assert_eq!((connection::list(store, world.account).await.expect("read").len(), world.count(PEOPLE).await), (0, 10));
});

both!(async fn retailcrm_is_told_once_whatever_happens_on_the_way(store) {
    let shop = Shop::new(store).await;
    let ids = shop.retail.seed(&People { count: 12, ..People::default() });
    let id = shop.connect().await;
    let (world, retail) = (&shop.world, &shop.retail);
    world.sync(id).await;
    let note = CrmChange::Note { text: "Кампания «Май»: доставлено".to_owned() };
    for n in [0, 1] {
        world.enqueue(shop.contact(ids[n]).await, &note, "campaign:1").await;
    }
    world.enqueue(shop.contact(ids[0]).await, &CrmChange::OptOut(true), "1").await;
    shop.note_fails(Strike::DropAfter);
    world.tell(id).await;
    assert_eq!(shop.told(ids[0]), (Some(json!(true)), true));
    assert_eq!(world.count("select count(*) from crm_write where state = 'queued'").await, 1, "no answer: later");
    world.tell(id).await;
    assert_eq!((retail.notes_of(ids[0]).len(), retail.notes_of(ids[1]).len(), world.count(DONE).await), (1, 1, 3), "exactly one note");

    // Nothing done and no answer; then too many requests; then it goes.
    world.enqueue(shop.contact(ids[1]).await, &note, "campaign:2").await;
    for fault in [Strike::DropBefore, Strike::TooManyRequests { retry_after: 1 }, Strike::Gateway { code: 500, accepted: false }] {
        shop.note_fails(fault);
        world.tell(id).await;
    }
    world.tell(id).await;
    assert_eq!(retail.notes_of(ids[1]).len(), 2, "a note of the same text is not mistaken for its trace");

    // Our own tick is no news; whoever came back here is not opted out by it.
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact where opted_out_at is not null").await, 0, "a flag that we told says nothing");
    world.enqueue(shop.contact(ids[0]).await, &CrmChange::OptOut(false), "2").await;
    world.tell(id).await;
    assert_eq!(shop.told(ids[0]), (Some(json!(false)), false));

    // Merged meanwhile: the one who stays is told. Deleted: nobody is, and it is known why.
    world.enqueue(shop.contact(ids[2]).await, &CrmChange::OptOut(true), "3").await;
    world.enqueue(shop.contact(ids[4]).await, &note, "campaign:3").await;
    retail.merge(ids[2], ids[3]);
    retail.delete(ids[4]);
    world.tell(id).await;
    assert_eq!(shop.told(ids[3]), (Some(json!(true)), true));
    let failed: Vec<String> = on!(world.deps.store.read(), |c| sqlx::query_scalar("select error from crm_write where state = 'failed'").fetch_all(c).await).expect("read");
    assert_eq!(failed, ["the CRM has no such record"]);
});

both!(async fn subscriptions_are_consents_and_whoever_says_stop_is_unsubscribed(store) {
    let shop = Shop::new(store).await;
    let (world, retail) = (&shop.world, &shop.retail);
    let ids = retail.seed(&People { count: 6, ..People::default() });
    retail.add_topic("waba", "news", "Новости");
    for id in &ids[..3] {
        retail.subscribe(*id, "waba", "default_marketing", true);
        retail.subscribe(*id, "email", "default_marketing", true);
    }
    retail.subscribe(ids[0], "waba", "news", true);
    retail.subscribe(ids[3], "waba", "default_marketing", false);
    let id = shop.connect().await;
    let fields = world.row(id).await.sync_cursor.fields.clone();
    for wanted in ["subscription:waba:default_marketing", "subscription:waba:news", "subscription:email:default_marketing:at"] {
        assert!(fields.iter().any(|field| field.id == wanted), "{wanted}");
    }
    let consent = ConsentMapping {
        purpose: Purpose::Marketing,
        crm_field: "subscription:waba:default_marketing".to_owned(),
        yes: vec!["да".to_owned()],
        at_field: Some("subscription:waba:default_marketing:at".to_owned()),
        author_field: None,
        stated_at: clock::now(),
    };
    connection::map_consent(&world.deps.store, By::Admin(world.account), id, consent, clock::now()).await.expect("mapped");
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact where marketing_grade = 4").await, 3, "nobody stands for it: D");
    // One unsubscribes there: taken back here with the feed.
    retail.subscribe(ids[1], "waba", "default_marketing", false);
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact where marketing_grade = 4").await, 2);
    // One says stop here: what goes to messengers goes there no more; e-mail is none of ours.
    world.enqueue(shop.contact(ids[0]).await, &CrmChange::OptOut(true), "1").await;
    world.tell(id).await;
    let says = |channel: &str, code: &str| retail.subscribed(ids[0], channel, code);
    assert_eq!((says("waba", "default_marketing"), says("waba", "news"), says("email", "default_marketing")), (Some(false), Some(false), Some(true)));
    assert_eq!(world.count(DONE).await, 1);
    world.enqueue(shop.contact(ids[0]).await, &CrmChange::OptOut(false), "2").await;
    world.tell(id).await;
    assert_eq!(retail.subscribed(ids[0], "waba", "default_marketing"), Some(false), "nobody is subscribed by us");
});

both!(async fn people_of_companies_have_its_name_and_its_orders(store) {
    let shop = Shop::new(store).await;
    let (world, retail) = (&shop.world, &shop.retail);
    let ids = retail.seed(&People { count: 3, ..People::default() });
    let company = retail.add_corporate(Corporate { nick_name: "Ромашка".to_owned(), company: "ООО «Ромашка»".to_owned(), contacts: vec![ids[1]], ..Corporate::default() });
    let order = retail.add_order(Order { customer: Some(ids[1]), corporate: Some(company), items: vec![("Зёрна".to_owned(), 650.5, 2.0)], ..Order::default() });
    let id = shop.connect().await;
    connection::map_field(&world.deps.store, By::Admin(world.account), id, "company", Some("firm"), clock::now()).await.expect("mapped");
    world.sync(id).await;
    assert_eq!(world.count(PEOPLE).await, 3, "the company is nobody");
    let (person, _, attributes, _) = world.contact(ids[1]).await.expect("the contact");
    assert_eq!(attributes["firm"], json!("ООО «Ромашка»"));
    assert_eq!(world.contact(ids[0]).await.expect("the contact").2.get("firm").filter(|value| !value.is_null()), None);
    let sql = "select contact_id from occasion where kind = 'order' and external_id = $1";
    let whose: ContactId = on!(world.deps.store.read(), |c| sqlx::query_scalar(sql).bind(order.to_string()).fetch_one(c).await).expect("the order");
    assert_eq!(whose, person);
});

both!(async fn two_that_retailcrm_merged_are_one_here(store) {
    let shop = Shop::new(store).await;
    let (world, retail) = (&shop.world, &shop.retail);
    let ids = retail.seed(&People { count: 8, without_phone_every: 0, ..People::default() });
    let id = shop.connect().await;
    shop.map(id).await;
    world.sync(id).await;
    let first = shop.contact(ids[3]).await;
    // Its feed tells of it, whatever they are called.
    retail.merge(ids[3], ids[4]);
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.merged, stats.deleted), (1, 0), "{stats:?}");
    assert_eq!((shop.contact(ids[4]).await, world.proofs().await), (first, vec!["crm".to_owned()]));
    assert!(world.contact(ids[3]).await.is_none());
    // The feed lost it: whoever is gone is asked for, and the answer says who survived.
    let first = shop.contact(ids[5]).await;
    retail.merge(ids[5], ids[6]);
    world.exec("update crm_connection set sync_cursor = '{}'").await;
    world.sync(id).await;
    assert_eq!((shop.contact(ids[6]).await, world.proofs().await), (first, vec!["crm".to_owned(), "crm".to_owned()]));
    assert_eq!(world.count(PEOPLE).await, 6);
});
