//! Odoo in the same room: by JSON-2 and by JSON-RPC, followed by the moments of its rows.

use mms_core::crm::{
    Crm, WriteItem,
    login::CrmLogin as _,
    mapping::CrmSettings,
    occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionRef},
    odoo::WAY,
    registry,
};
use mms_sandbox::{
    Fault as Strike, Rule as Struck,
    odoo::{Odoo, Seed as People, phone as number},
};

use super::*;

mod merges;

struct Office {
    world: World,
    odoo: Odoo,
    key: String,
}

impl Office {
    async fn new(store: Store, version: u32) -> Self {
        let mut world = World::new(store).await;
        let odoo = Odoo::new(version);
        assert!(odoo.add_field("res.partner", "x_msg_opt_out", "Не писать", "boolean"));
        for (name, label, kind) in [
            ("x_consent", "Согласие на рассылку", "boolean"),
            ("x_consent_at", "Согласие: когда", "datetime"),
            ("x_consent_by", "Согласие: кто отметил", "char"),
            ("x_bonus", "Бонусы", "integer"),
        ] {
            assert!(odoo.add_field("res.partner", name, label, kind));
        }
        world.deps.endpoints.odoo_override = Some(odoo.clone().serve().await.expect("a port"));
        Self { world, key: odoo.api_key(), odoo }
    }

    async fn try_connect(&self, address: &str, database: &str, login: &str, key: &str) -> Result<ConnectionId, ConnectError> {
        let Deps { store, sealer, endpoints, .. } = &self.world.deps;
        let values = [database, login, key].map(Secret::new);
        let entry = Entry { kind: CrmKind::Odoo, address, values: &values };
        Ok(connection::connect(store, sealer, endpoints, By::Admin(self.world.account), entry, clock::now()).await?.id)
    }

    async fn connect(&self) -> ConnectionId {
        self.try_connect("https://crm.romashka.example/web", "example", "admin", &self.key).await.expect("connected")
    }

    async fn map(&self, id: ConnectionId) {
        let (store, by, now) = (&self.world.deps.store, By::Admin(self.world.account), clock::now());
        for (field, key) in [("city", "city"), ("x_bonus", "bonus"), ("parent_id", "firm")] {
            connection::map_field(store, by, id, field, Some(key), now).await.expect("mapped");
        }
        let consent = ConsentMapping {
            purpose: Purpose::Marketing,
            crm_field: "x_consent".to_owned(),
            yes: Vec::new(),
            at_field: Some("x_consent_at".to_owned()),
            author_field: Some("x_consent_by".to_owned()),
            stated_at: now,
        };
        connection::map_consent(store, by, id, consent, now).await.expect("mapped");
    }

    fn fails(&self, method: &str, fault: Strike) {
        self.odoo.faults().add(Struck::new(fault).method(method).times(1));
    }

    /// The adapter itself.
    fn adapter(&self) -> std::sync::Arc<dyn Crm> {
        let credentials = WAY.assemble(&["example", "admin", self.key.as_str()].map(Secret::new));
        let (settings, pacer) = (CrmSettings::default(), registry::pacer(CrmKind::Odoo, None));
        registry::build(CrmKind::Odoo, "https://crm.romashka.example", &credentials, &settings, &self.world.deps.endpoints, pacer, None)
            .expect("an adapter")
    }

    /// The checkbox, the tag, the blacklist.
    fn told(&self, id: u64) -> (Value, bool, bool) {
        let row = self.odoo.get("res.partner", id).expect("a partner");
        let tags: Vec<u64> = row["category_id"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
        let named = |tag: u64| self.odoo.get("res.partner.category", tag).is_some_and(|tag| tag["name"] == "opt-out");
        let listed = row["phone"].as_str().is_some_and(|phone| self.odoo.blacklisted(phone));
        (row["x_msg_opt_out"].clone(), tags.into_iter().any(named), listed)
    }

    async fn contact(&self, id: u64) -> ContactId {
        self.world.contact(id).await.expect("the contact").0
    }
}

const DONE: &str = "select count(*) from crm_write where state = 'done'";
const PEOPLE: &str = "select count(*) from contact where deleted_at is null";
const OUT: &str = "select count(*) from contact where opted_out_at is not null";

async fn is_read_and_followed(store: Store, version: u32) {
    let office = Office::new(store, version).await;
    // Twelve hundred with no more than three moments among them: as after an import.
    let ids = office.odoo.seed(&People { count: 1_200, together: 400, archived_every: 100, ..People::default() });
    let vip = office.odoo.create("res.partner.category", json!({ "name": "VIP" }));
    let firm = office.odoo.create("res.partner", json!({ "name": "Лютик", "is_company": true, "phone": "8 495 000-00-00" }));
    office.odoo.create("res.partner", json!({ "name": "Склад", "type": "delivery", "parent_id": firm, "phone": "8 495 000-00-01" }));
    office.odoo.write(
        "res.partner",
        ids[4],
        json!({ "x_bonus": 148, "x_consent": true, "x_consent_at": "2026-05-01 08:00:00", "x_consent_by": "Анна", "category_id": [[4, vip, 0]], "parent_id": firm }),
    );
    let deal = |n: usize| json!({ "name": "Ремонт", "type": "opportunity", "partner_id": ids[n], "expected_revenue": 1250.5 });
    let deals = [5, 8].map(|n| office.odoo.create("crm.lead", deal(n)));
    let id = office.connect().await;
    let (world, odoo) = (&office.world, &office.odoo);
    assert_eq!(world.row(id).await.settings.opt_out_field.as_deref(), Some("x_msg_opt_out"), "the company's own checkbox goes first");
    office.map(id).await;
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None), "{version}");
    assert_eq!(world.count(PEOPLE).await, 1_188, "{version}: neither companies, nor addresses, nor the archived");
    assert_eq!(world.count("select count(*) from address where kind = 'phone' and from_crm").await, 1_176);
    let (_, name, attributes, grade) = world.contact(ids[4]).await.expect("the contact");
    assert!(name.contains(' ') && attributes["city"].is_string());
    assert_eq!((&attributes["bonus"], &attributes["firm"], grade), (&json!(148), &json!("Лютик"), Some(3)));
    assert_eq!(world.count("select count(*) from contact_tag where tag = 'vip'").await, 1);
    assert_eq!(world.count("select count(*) from occasion where kind = 'deal' and state = 'open' and amount = 125050").await, 2);

    // In the CRM: a hundred change in one moment, one is archived, one is deleted, two are merged,
    // one becomes a company, one is new, one says stop, one number gets onto the list.
    odoo.write_all("res.partner", &ids[500..1_150], json!({ "city": "Кологрив" }));
    odoo.write("res.partner", ids[0], json!({ "city": false, "phone": "+7 912 000-00-01" }));
    odoo.write("res.partner", ids[1], json!({ "active": false }));
    odoo.unlink("res.partner", ids[2]);
    odoo.merge(ids[3], ids[5]);
    odoo.write("res.partner", ids[6], json!({ "is_company": true }));
    odoo.write("res.partner", ids[7], json!({ "x_msg_opt_out": true }));
    odoo.create("phone.blacklist", json!({ "number": number(8) }));
    odoo.write("res.partner", ids[4], json!({ "x_consent": false }));
    let twin = odoo.create("res.partner", json!({ "name": "Нина Двойникова", "phone": number(9) }));
    odoo.write("crm.lead", deals[0], json!({ "stage_id": 4 }));
    odoo.unlink("crm.lead", deals[1]);
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from occasion where kind = 'deal' and state = 'done'").await, 1);
    assert_eq!(world.count("select count(*) from occasion where kind = 'deal' and state = 'cancelled'").await, 1);
    assert_eq!(
        world.count("select count(*) from contact where deleted_at is null and cast(attributes as text) like '%Кологрив%'").await,
        644,
        "{version}"
    );
    let (_, _, attributes, _) = world.contact(ids[0]).await.expect("the contact");
    assert!(attributes.get("city").is_none(), "what was cleared there is cleared here");
    for gone in [ids[1], ids[2], ids[3], ids[6]] {
        assert!(world.contact(gone).await.is_none(), "{version}: {gone}");
    }
    assert!(world.contact(ids[5]).await.is_some() && world.contact(twin).await.is_some());
    assert_eq!(world.contact(ids[4]).await.and_then(|(.., grade)| grade), None, "the CRM takes back what it gave");
    assert_eq!((world.count(PEOPLE).await, world.count(OUT).await), (1_185, 2), "{version}");
    // Archived back: here again.
    odoo.write("res.partner", ids[1], json!({ "active": true }));
    world.sync(id).await;
    assert!(world.contact(ids[1]).await.is_some());
    let entries = world.count("select count(*) from consent").await;
    let before = odoo.requests();
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from consent").await, entries, "the same again changes nothing");
    assert!(odoo.requests() - before < 20, "all is not read again");
}

both!(async fn an_odoo_of_19_is_read_and_followed(store) {
    is_read_and_followed(store, 19).await;
});

both!(async fn an_odoo_of_17_is_read_and_followed_by_json_rpc(store) {
    is_read_and_followed(store, 17).await;
});

both!(async fn people_who_change_while_pages_are_read_are_neither_lost_nor_doubled(store) {
    let office = Office::new(store, 20).await;
    let ids = office.odoo.seed(&People { count: 1_200, together: 1_200, ..People::default() });
    let id = office.connect().await;
    office.map(id).await;
    let (world, odoo) = (&office.world, &office.odoo);
    world.sync(id).await;
    odoo.write_all("res.partner", &ids, json!({ "city": "Кологрив" }));
    // Between the first page and the second: one of each changes once more, the last one of the
    // first page goes.
    let second = odoo.faults().add(Struck::new(Strike::Hang { accepted: false }).method("res.partner.search_read").skip(1).times(1));
    world.exec("update crm_connection set held_until = null, lease_until = null, next_sync_at = created_at").await;
    let job = world.works(id);
    while odoo.faults().struck(second) != Some(1) {
        tokio::task::yield_now().await;
    }
    world.kill(job, id, 500).await;
    assert_eq!(world.row(id).await.sync_done, 500);
    odoo.write("res.partner", ids[10], json!({ "city": "Мышкин" }));
    odoo.write("res.partner", ids[1_100], json!({ "city": "Мышкин" }));
    odoo.unlink("res.partner", ids[498]);
    world.sync(id).await;
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact where deleted_at is null and cast(attributes as text) like '%Кологрив%'").await, 1_197);
    assert_eq!(world.count("select count(*) from contact where deleted_at is null and cast(attributes as text) like '%Мышкин%'").await, 2);
    assert_eq!(world.count(PEOPLE).await, 1_199);
});

both!(async fn refusals_of_odoo_put_the_connection_in_the_right_state(store) {
    let office = Office::new(store, 19).await;
    office.odoo.seed(&People { count: 40, ..People::default() });
    let (world, odoo) = (&office.world, &office.odoo);
    for (address, database, key) in [
        ("http://127.0.0.1:8069", "example", office.key.as_str()),
        ("http://localhost", "example", &office.key),
        ("crm.romashka.example", "моя база", &office.key),
        ("crm.romashka.example", "other", &office.key),
        ("crm.romashka.example", "example", "6578616d706c65206b65796578616d706c65206b"),
    ] {
        let refused = office.try_connect(address, database, "admin", key).await.expect_err("a refusal");
        let right = match (database, address) {
            (_, "http://127.0.0.1:8069" | "http://localhost") => matches!(refused, ConnectError::BadAddress),
            ("моя база", _) => matches!(refused, ConnectError::BadValues),
            ("other", _) => matches!(refused, ConnectError::Crm(CrmError::Rejected(_))),
            _ => matches!(refused, ConnectError::Crm(CrmError::Unauthorised)),
        };
        assert!(right, "{address} {database}: {refused}");
    }
    let id = office.connect().await;
    let twin = office.try_connect("crm.romashka.example", "example", "admin", &office.key).await;
    assert!(matches!(twin, Err(ConnectError::Twin)));
    world.sync(id).await;
    for (fault, reason) in [
        (Strike::TooManyRequests { retry_after: 1 }, "limited"),
        (Strike::Gateway { code: 502, accepted: false }, "unreachable"),
        (Strike::DropBefore, "unreachable"),
        (Strike::Error { code: 500, description: "psycopg2.errors.SerializationFailure: x".to_owned(), retry_after: None }, "unreachable"),
        (Strike::Error { code: 422, description: "odoo.exceptions.UserError: No".to_owned(), retry_after: None }, "refused"),
        (Strike::Error { code: 403, description: "odoo.exceptions.AccessError: No".to_owned(), retry_after: None }, "forbidden"),
    ] {
        office.fails("res.partner.search_count", fault);
        assert_eq!(world.sync(id).await.state_reason.as_deref(), Some(reason));
        world.exec("update crm_connection set state = 'active', state_reason = null").await;
    }
    odoo.set(|settings| settings.maintenance = true);
    assert_eq!(world.sync(id).await.state_reason.as_deref(), Some("unreachable"), "maintenance passes");
    odoo.set(|settings| settings.maintenance = false);
    odoo.set(|settings| settings.rows_in_time = Some(100));
    assert_eq!(world.sync(id).await.state_reason, None, "a page too heavy is asked for in halves");
    odoo.set(|settings| settings.rows_in_time = None);

    // In the middle of the work.
    odoo.revoke(&office.key);
    let row = world.sync(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    let renew = async |key: &str| connection::replace_token(store, sealer, endpoints, by, id, Secret::new(key), clock::now()).await;
    assert!(matches!(renew("короткий").await, Err(ConnectError::BadValues)));
    assert!(matches!(renew(&office.key).await, Err(ConnectError::Crm(CrmError::Unauthorised))));
    renew(&odoo.api_key()).await.expect("replaced");
    assert_eq!(world.sync(id).await.state, ConnectionState::Active);
    connection::disconnect(store, by, id, clock::now()).await.expect("disconnected");
    assert!(connection::list(store, world.account).await.expect("read").is_empty());
});

async fn is_told_once(store: Store, version: u32) {
    let office = Office::new(store, version).await;
    let ids = office.odoo.seed(&People { count: 12, ..People::default() });
    let id = office.connect().await;
    let (world, odoo) = (&office.world, &office.odoo);
    world.sync(id).await;
    let note = CrmChange::Note { text: "Кампания «Май» <1 & 2>: доставлено".to_owned() };
    for n in [0, 1] {
        world.enqueue(office.contact(ids[n]).await, &note, "campaign:1").await;
    }
    world.enqueue(office.contact(ids[0]).await, &CrmChange::OptOut(true), "1").await;
    office.fails("res.partner.message_post", Strike::DropAfter);
    world.tell(id).await;
    assert_eq!(office.told(ids[0]), (json!(true), true, true), "{version}");
    assert_eq!(world.count("select count(*) from crm_write where state = 'queued'").await, 1, "no answer: later");
    world.tell(id).await;
    let notes = |id: u64| odoo.messages_of("res.partner", id);
    assert_eq!((notes(ids[0]).len(), notes(ids[1]).len(), world.count(DONE).await), (1, 1, 3), "{version}: exactly one note");
    assert!(notes(ids[0])[0].contains("«Май» &lt;1 &amp; 2&gt;"), "{version}: {:?}", notes(ids[0]));

    // Nothing done and no answer; then too many requests; then it goes.
    world.enqueue(office.contact(ids[1]).await, &note, "campaign:2").await;
    for fault in [Strike::DropBefore, Strike::TooManyRequests { retry_after: 1 }, Strike::Gateway { code: 500, accepted: false }] {
        office.fails("res.partner.message_post", fault);
        world.tell(id).await;
    }
    world.tell(id).await;
    assert_eq!(notes(ids[1]).len(), 2, "{version}: a note of the same text is not mistaken for its trace");

    // What stands already is not written again.
    let written = odoo.writes().len();
    world.enqueue(office.contact(ids[0]).await, &CrmChange::OptOut(true), "2").await;
    world.tell(id).await;
    assert_eq!(odoo.writes().len(), written, "no write that changes nothing");
    world.enqueue(office.contact(ids[0]).await, &CrmChange::OptOut(false), "3").await;
    world.tell(id).await;
    assert_eq!(office.told(ids[0]), (json!(false), false, false), "{version}");

    // A task for whoever is responsible, once.
    let task = CrmChange::Task { text: "Перезвонить".to_owned(), due: clock::now() + TimeDelta::days(1) };
    let manager = odoo.add_user("manager", "Менеджер");
    odoo.write("res.partner", ids[3], json!({ "user_id": manager }));
    world.enqueue(office.contact(ids[3]).await, &task, "task:1").await;
    office.fails("mail.activity.create", Strike::DropAfter);
    world.tell(id).await;
    world.tell(id).await;
    let tasks: Vec<Value> = odoo.ids("mail.activity").iter().filter_map(|id| odoo.get("mail.activity", *id)).collect();
    assert_eq!(tasks.len(), 1, "{version}");
    assert_eq!((&tasks[0]["summary"], &tasks[0]["res_id"], &tasks[0]["user_id"]), (&json!("Перезвонить"), &json!(ids[3]), &json!(manager)));

    // The list of numbers is not this user's to write: the checkbox and the tag are enough. Gone
    // meanwhile: nobody is told, and it is known why.
    odoo.deny(mms_sandbox::odoo::ADMIN, "phone.blacklist", "write", true);
    world.enqueue(office.contact(ids[4]).await, &CrmChange::OptOut(true), "4").await;
    world.enqueue(office.contact(ids[5]).await, &note, "campaign:3").await;
    odoo.unlink("res.partner", ids[5]);
    world.tell(id).await;
    assert_eq!(office.told(ids[4]), (json!(true), true, false), "{version}");
    let failed: Vec<String> =
        on!(world.deps.store.read(), |c| sqlx::query_scalar("select error from crm_write where state = 'failed'").fetch_all(c).await)
            .expect("read");
    assert_eq!(failed, ["the CRM has no such record"]);
}

both!(async fn an_odoo_of_19_is_told_once_whatever_happens_on_the_way(store) {
    is_told_once(store, 19).await;
});

both!(async fn an_odoo_of_16_is_told_once_whatever_happens_on_the_way(store) {
    is_told_once(store, 16).await;
});

both!(async fn an_odoo_without_modules_is_served_too(store) {
    let office = Office::new(store, 18).await;
    office.odoo.set(|settings| {
        settings.phone_validation = false;
        settings.mass_mailing = false;
        settings.crm = false;
    });
    let ids = office.odoo.seed(&People { count: 5, without_phone_every: 0, ..People::default() });
    office.odoo.write("res.partner", ids[1], json!({ "phone": false, "mobile": number(1) }));
    let id = office.connect().await;
    let (world, odoo) = (&office.world, &office.odoo);
    assert_eq!(world.sync(id).await.state_reason, None);
    assert_eq!(world.count("select count(*) from address where kind = 'phone' and from_crm").await, 5);
    world.enqueue(office.contact(ids[0]).await, &CrmChange::OptOut(true), "1").await;
    world.tell(id).await;
    assert_eq!(office.told(ids[0]), (json!(true), true, false));
    // The tag alone is not this user's to make, and there is nothing else to mark them by.
    connection::map_opt_out(&world.deps.store, By::Admin(world.account), id, None, clock::now()).await.expect("unmapped");
    let tag = odoo.ids("res.partner.category")[0];
    odoo.unlink("res.partner.category", tag);
    odoo.deny(mms_sandbox::odoo::ADMIN, "res.partner.category", "create", true);
    world.enqueue(office.contact(ids[2]).await, &CrmChange::OptOut(true), "2").await;
    world.tell(id).await;
    assert_eq!(world.count("select count(*) from crm_write where state = 'failed' and error like '%res.partner.category%'").await, 1);
});

both!(async fn leads_of_odoo_are_deals(store) {
    for version in [16, 20] {
        let office = Office::new(store.clone(), version).await;
        let odoo = &office.odoo;
        let anna = odoo.add_partner("Анна", &number(1));
        let leads: Vec<u64> = (0..600)
            .map(|n| odoo.create("crm.lead", json!({ "name": format!("Сделка {n}"), "type": "opportunity", "partner_id": anna, "expected_revenue": 100.5, "user_id": 2 })))
            .collect();
        let crm = office.adapter();
        let mark = crm.occasion_mark().await.expect("a mark");
        let from = clock::now() - TimeDelta::days(30);
        let all = async |mode: OccasionMode<'_>| {
            let (mut out, mut next) = (Vec::<CrmOccasion>::new(), None);
            loop {
                let page = crm.occasions(mode, next.as_ref()).await.expect("a page");
                assert!(!page.anew);
                out.extend(page.occasions);
                next = page.next;
                if next.is_none() {
                    return out;
                }
            }
        };
        let deals = all(OccasionMode::Full { from }).await;
        assert_eq!(deals.len(), 600, "{version}");
        let first = &deals[0];
        assert_eq!((first.contact.as_deref(), first.amount, first.stage.as_str(), first.staff.as_str()), (Some(anna.to_string().as_str()), Some(10_050), "Новый", "Администратор"));
        assert!(all(OccasionMode::Full { from: clock::now() + TimeDelta::days(1) }).await.is_empty());

        odoo.write("crm.lead", leads[0], json!({ "stage_id": 4 }));
        odoo.write("crm.lead", leads[1], json!({ "active": false, "probability": 0.0 }));
        let since = OccasionMode::Since { at: clock::now(), mark: mark.as_ref() };
        let changed = all(since).await;
        let states: Vec<&str> = changed[..3].iter().map(|deal| <&str>::from(deal.state)).collect();
        assert_eq!(states, ["done", "cancelled", "open"], "{version}");
        odoo.unlink("crm.lead", leads[2]);
        let page = crm.occasions(since, None).await.expect("a page");
        assert!(page.anew && page.occasions.is_empty(), "{version}: one is gone, and nothing else tells of it");
        let of = |id: u64| OccasionRef { kind: OccasionKind::Deal, id: id.to_string() };
        let read = crm.occasions_by_id(&[of(leads[2]), of(leads[3])]).await.expect("read");
        assert_eq!(read.iter().map(|deal| deal.of.clone()).collect::<Vec<_>>(), [of(leads[3])]);

        let what = CrmChange::Comment { of: of(leads[3]), text: "Клиент ответил".to_owned() };
        let told = crm.write(&[WriteItem { crm_id: anna.to_string(), what, look_first: None }]).await;
        assert_eq!((told, odoo.messages_of("crm.lead", leads[3]).len()), (vec![Ok(())], 1));

        odoo.set(|settings| settings.crm = false);
        let crm = office.adapter();
        assert_eq!(crm.occasion_mark().await, Ok(None), "the module is not installed");
        assert!(crm.occasions(OccasionMode::Full { from }, None).await.expect("a page").occasions.is_empty());
    }
});
