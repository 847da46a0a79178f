//! Tryton in the same room, against a real server on SQLite.

use mms_sandbox::tryton::{DATABASE, LOGIN, PASSWORD, Tryton};

use super::*;

struct Shop {
    world: World,
    server: Tryton,
}

impl Shop {
    async fn new(store: Store) -> Self {
        let mut world = World::new(store).await;
        let server = Tryton::start().await.expect("a server");
        world.deps.endpoints.tryton_override = Some(server.base().to_owned());
        Self { world, server }
    }

    async fn try_connect(&self, database: &str, login: &str, password: &str) -> Result<ConnectionId, ConnectError> {
        let Deps { store, sealer, endpoints, .. } = &self.world.deps;
        let values = [database, login, password].map(Secret::new);
        let entry = Entry { kind: CrmKind::Tryton, address: "https://erp.romashka.example/", values: &values };
        Ok(connection::connect(store, sealer, endpoints, By::Admin(self.world.account), entry, clock::now()).await?.id)
    }

    async fn connect(&self) -> ConnectionId {
        self.try_connect(DATABASE, LOGIN, PASSWORD).await.expect("connected")
    }

    /// To its end, or to what keeps it from there: a real server takes its time, and a job has but
    /// twenty seconds.
    async fn syncs(&self, id: ConnectionId) -> Connection {
        loop {
            let row = self.world.sync(id).await;
            if row.sync_phase == SyncPhase::Idle || row.state_reason.is_some() {
                return row;
            }
        }
    }

    /// Somebody at the CRM's screen.
    async fn does(&self, model: &str, method: &str, mut params: Value) -> Value {
        params.as_array_mut().expect("a list").push(json!({}));
        self.server.call(&format!("model.{model}.{method}"), params).await.expect("done")
    }

    async fn writes(&self, party: u64, values: Value) {
        self.does("party.party", "write", json!([[party], values])).await;
    }

    /// Parties with a phone each; all of them in one transaction, so in one moment.
    async fn parties(&self, names: impl Iterator<Item = String>) -> Vec<u64> {
        let phone = |n: usize| json!([["create", [{ "type": "mobile", "value": number(n) }]]]);
        let rows: Vec<Value> = names.enumerate().map(|(n, name)| json!({ "name": name, "contact_mechanisms": phone(n) })).collect();
        let ids = self.does("party.party", "create", json!([rows])).await;
        ids.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
    }

    async fn category(&self, name: &str) -> u64 {
        self.does("party.category", "create", json!([[{ "name": name }]])).await[0].as_u64().expect("an id")
    }

    async fn categories(&self, party: u64) -> Value {
        let fields = json!(["categories"]);
        self.does("party.party", "read", json!([[party], fields])).await[0]["categories"].clone()
    }

    async fn notes(&self, party: u64) -> Vec<String> {
        let domain = json!([["resource", "=", format!("party.party,{party}")]]);
        let rows = self.does("ir.note", "search_read", json!([domain, 0, null, null, ["message"]])).await;
        rows.as_array().into_iter().flatten().filter_map(|row| row["message"].as_str()).map(str::to_owned).collect()
    }

    async fn contact(&self, id: u64) -> ContactId {
        self.world.contact(id).await.expect("the contact").0
    }
}

fn number(n: usize) -> String {
    format!("+7912{n:07}")
}

const PEOPLE: &str = "select count(*) from contact where deleted_at is null";
const PHONES: &str = "select count(*) from address where kind = 'phone' and from_crm";

both!(async fn a_real_tryton_is_read_and_followed(store) {
    let shop = Shop::new(store).await;
    // More than a page, all of one moment.
    let ids = shop.parties((0..600).map(|n| format!("Имя{n} Фамилия{n}"))).await;
    let vip = shop.category("VIP").await;
    shop.writes(ids[3], json!({ "categories": [["add", [vip]]] })).await;
    for (database, password) in [("nosuch", PASSWORD), (DATABASE, "wrong password"), (DATABASE, "short")] {
        let refused = shop.try_connect(database, LOGIN, password).await.expect_err("a refusal");
        let right = match (database, password) {
            (_, "short") => matches!(refused, ConnectError::BadValues),
            (DATABASE, _) => matches!(refused, ConnectError::Crm(CrmError::Unauthorised)),
            _ => matches!(refused, ConnectError::Crm(_)),
        };
        assert!(right, "{database} {password}: {refused}");
    }
    let id = shop.connect().await;
    let world = &shop.world;
    assert_eq!(world.row(id).await.settings.opt_out_field.as_deref(), Some("category:opt-out"), "there is no checkbox but the category");
    let by = By::Admin(world.account);
    connection::map_field(&world.deps.store, by, id, "code", Some("code"), clock::now()).await.expect("mapped");
    let row = shop.syncs(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None));
    assert_eq!((world.count(PEOPLE).await, world.count(PHONES).await), (600, 600));
    let (_, name, attributes, _) = world.contact(ids[3]).await.expect("the contact");
    assert!(name == "Имя3 Фамилия3" && attributes["code"].is_string(), "the server numbers its parties");
    assert_eq!(world.count("select count(*) from contact_tag where tag = 'vip'").await, 1);

    // In the CRM: one is renamed, one gets another phone (whose party is not written), one loses
    // it, one is switched off, one is deleted, two are merged, one is new, one says stop.
    let stop = shop.category("opt-out").await;
    shop.writes(ids[0], json!({ "name": "Вера" })).await;
    let mechanisms = async |party: u64| shop.does("party.contact_mechanism", "search", json!([[["party", "=", party]], 0, null, null])).await;
    shop.does("party.contact_mechanism", "write", json!([mechanisms(ids[1]).await, { "value": "+7 999 000-00-01" }])).await;
    shop.does("party.contact_mechanism", "delete", json!([mechanisms(ids[2]).await])).await;
    shop.writes(ids[4], json!({ "active": false })).await;
    shop.does("party.party", "delete", json!([[ids[5]]])).await;
    let merged = shop.contact(ids[6]).await;
    shop.server.merge(ids[6], ids[7]).await.expect("merged");
    shop.writes(ids[8], json!({ "categories": [["add", [stop]]] })).await;
    shop.does("party.party", "create", json!([[{ "name": "Новая" }]])).await;
    shop.syncs(id).await;
    assert_eq!(world.contact(ids[0]).await.expect("the contact").1, "Вера");
    let phone = async |id: u64| -> Vec<String> {
        let contact = shop.contact(id).await;
        on!(world.deps.store.read(), |c| sqlx::query_scalar("select value from address where contact_id = $1").bind(contact).fetch_all(c).await).expect("read")
    };
    assert_eq!((phone(ids[1]).await, phone(ids[2]).await.len()), (vec!["+79990000001".to_owned()], 0));
    for gone in [ids[4], ids[5], ids[6]] {
        assert!(world.contact(gone).await.is_none(), "{gone}");
    }
    assert_eq!(world.count(PEOPLE).await, 598);
    assert_eq!((world.proofs().await, shop.contact(ids[7]).await), (vec!["crm".to_owned()], merged), "two that were merged are one");
    assert_eq!(world.count("select count(*) from contact where opted_out_at is not null").await, 1);
    let entries = world.count("select count(*) from consent").await;
    let row = shop.syncs(id).await;
    assert_eq!((row.state_reason, world.count("select count(*) from consent").await), (None, entries), "the same again changes nothing");
});

both!(async fn a_real_tryton_is_told_once_and_goes_away(store) {
    let mut shop = Shop::new(store).await;
    let ids = shop.parties((0..4).map(|n| format!("Имя{n}"))).await;
    let id = shop.connect().await;
    shop.syncs(id).await;
    let note = CrmChange::Note { text: "Кампания «Май» <1 & 2>: доставлено".to_owned() };
    let text = "Кампания «Май» <1 & 2>: доставлено".to_owned();
    let contact = shop.contact(ids[0]).await;
    shop.world.enqueue(contact, &note, "campaign:1").await;
    shop.world.enqueue(contact, &CrmChange::OptOut(true), "1").await;
    shop.world.tell(id).await;
    assert_eq!(shop.notes(ids[0]).await, std::slice::from_ref(&text));
    let stop = shop.does("party.category", "search", json!([[["name", "=", "opt-out"]], 0, null, null])).await;
    assert_eq!(shop.categories(ids[0]).await, stop);
    // As if the answer had been lost: what was told already is found there.
    shop.world.exec("update crm_write set state = 'queued', attempt = 1").await;
    shop.world.tell(id).await;
    assert_eq!(shop.notes(ids[0]).await, std::slice::from_ref(&text), "exactly one note");
    shop.world.enqueue(contact, &note, "campaign:2").await;
    shop.world.enqueue(contact, &CrmChange::OptOut(false), "2").await;
    shop.world.tell(id).await;
    assert_eq!((shop.notes(ids[0]).await.len(), shop.categories(ids[0]).await), (2, json!([])));

    // Merged meanwhile: the one who stays is told. Deleted: nobody is, and it is known why.
    let (merged, deleted) = (shop.contact(ids[1]).await, shop.contact(ids[3]).await);
    shop.server.merge(ids[1], ids[2]).await.expect("merged");
    shop.does("party.party", "delete", json!([[ids[3]]])).await;
    shop.world.enqueue(merged, &note, "campaign:1").await;
    shop.world.enqueue(deleted, &note, "campaign:1").await;
    shop.world.tell(id).await;
    assert_eq!(shop.notes(ids[2]).await, [text]);
    let failed: Vec<String> = on!(shop.world.deps.store.read(), |c| sqlx::query_scalar("select error from crm_write where state = 'failed'").fetch_all(c).await).expect("read");
    assert_eq!(failed, ["the CRM has no such record"]);

    // The password is changed, and given anew; then the server goes away.
    let user = shop.does("res.user", "search", json!([[["login", "=", LOGIN]], 0, null, null])).await;
    shop.does("res.user", "write", json!([user, { "password": "another-secret-2" }])).await;
    let row = shop.syncs(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
    let Deps { store, sealer, endpoints, .. } = &shop.world.deps;
    let by = By::Admin(shop.world.account);
    connection::replace_token(store, sealer, endpoints, by, id, Secret::new("another-secret-2"), clock::now()).await.expect("replaced");
    assert_eq!(shop.syncs(id).await.state_reason, None);
    assert!(shop.server.stop().await.expect("it is told"));
    assert_eq!(shop.syncs(id).await.state_reason.as_deref(), Some("unreachable"));
});
