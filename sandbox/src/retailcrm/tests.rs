//! The double enforces what the contract says.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{Fault, Rule};

struct Caller {
    retail: RetailCrm,
    base: String,
    key: String,
    http: reqwest::Client,
}

impl Caller {
    async fn new() -> Self {
        Self::with(Settings { per_second: None, ..Settings::default() }).await
    }

    async fn with(settings: Settings) -> Self {
        let retail = RetailCrm::builder().settings(settings).account("shop");
        let base = format!("{}/shop", retail.clone().serve().await.unwrap());
        Self { key: retail.api_key(), retail, base, http: reqwest::Client::new() }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.http.get(format!("{}/api/v5/{path}", self.base)).header("X-API-KEY", &self.key)).await
    }

    async fn post(&self, path: &str, form: &[(&str, Value)]) -> (u16, Value) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in form {
            body.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        let request = self.http.post(format!("{}/api/v5/{path}", self.base)).header("X-API-KEY", &self.key);
        answer(request.header("Content-Type", "application/x-www-form-urlencoded").body(body.finish())).await
    }

    /// Ids of a list.
    async fn ids(&self, path: &str, of: &str) -> Vec<u64> {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body[of].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn anna() -> Customer {
    Customer {
        email: "anna@example.com".to_owned(),
        ..Customer::person("Анна", "Петрова", &["89229112322", "+79094055044"]).external("ext-1")
    }
}

#[tokio::test]
async fn keys_have_methods_sites_and_an_end() {
    let caller = Caller::new().await;
    let url = format!("{}/api/credentials", caller.base);
    assert_eq!(answer(caller.http.get(&url)).await, (403, json!({ "success": false, "errorMsg": "\"apiKey\" is missing." })));
    assert_eq!(answer(caller.http.get(&url).header("X-API-KEY", "no")).await.1["errorMsg"], "Wrong \"apiKey\" value.");
    let (_, all) = answer(caller.http.get(&url).header("X-API-KEY", &caller.key)).await;
    assert_eq!((all["siteAccess"].as_str(), all["credentials"].as_array().map(Vec::len)), (Some("access_full"), Some(METHODS.len())));
    assert_eq!(answer(caller.http.get(format!("{url}?apiKey={}", caller.key))).await.0, 200, "the older form");

    caller.retail.add_site("shop-two", "Второй");
    let (first, second) = (caller.retail.add(anna()), caller.retail.add(anna().site("shop-two")));
    assert_eq!(caller.ids("customers", "customers").await, [second, first], "the newest first");
    assert_eq!(caller.get("customers/ext-1").await, (400, json!({ "success": false, "errorMsg": "Parameter 'site' is missing" })));
    assert_eq!(caller.get("customers/ext-1?site=shop-two").await.1["customer"]["id"], second);
    assert_eq!(caller.get("customers/ext-1?site=shop-three").await.0, 400);
    caller.retail.allow_sites(&caller.key, Some(&["shop-main"]));
    caller.retail.allow_methods(&caller.key, Some(&["/api/v5/customers", "/api/v5/customers/{externalId}", "/api/v5/customers/history"]));
    let (_, some) = answer(caller.http.get(&url).header("X-API-KEY", &caller.key)).await;
    assert_eq!((&some["siteAccess"], &some["sitesAvailable"]), (&json!("access_selective"), &json!(["shop-main"])));
    assert_eq!(some["scopes"], json!(["customer_read"]));
    assert_eq!(caller.ids("customers", "customers").await, [first]);
    assert_eq!(caller.get("customers/history").await.1["history"].as_array().unwrap().len(), 1);
    assert_eq!(caller.get("customers/ext-1").await.1["customer"]["id"], first, "one site is seen: it need not be named");
    assert_eq!(caller.get(&format!("customers/{second}?by=id")).await.0, 404);
    assert_eq!(caller.get("customers/ext-1?site=shop-two").await.1["errorMsg"], "Access denied.");
    assert_eq!(caller.get("orders").await, (403, json!({ "success": false, "errorMsg": "Access denied." })));
    caller.retail.revoke(&caller.key);
    assert_eq!(caller.get("customers").await.1["errorMsg"], "Wrong \"apiKey\" value.");
}

#[tokio::test]
async fn addresses_verbs_and_accounts_that_are_not_there() {
    let caller = Caller::new().await;
    assert_eq!(caller.get("customers/create").await.1["errorMsg"], "Method Not Allowed");
    assert_eq!(caller.post("customers", &[]).await, (405, json!({ "success": false, "errorMsg": "Method Not Allowed" })));
    assert_eq!(caller.get("nothing").await.0, 404);
    let (status, page) = answer(caller.http.get(caller.base.replace("/shop", "/nobody/api/credentials"))).await;
    assert!(status == 405 && page.as_str().unwrap().starts_with("<html>"));
    caller.retail.set(|settings| settings.nobody = Nobody::BadRequest);
    caller.retail.disable(true);
    assert_eq!(caller.get("customers").await, (400, json!({ "success": false, "errorMsg": "Account does not exist." })));
    caller.retail.disable(false);
    assert_eq!(
        answer(caller.http.get(format!("{}/api/system-info", caller.base)).header("X-API-KEY", &caller.key)).await.1["systemVersion"],
        "8.12"
    );
    let json = caller.http.post(format!("{}/api/v5/customers/create", caller.base)).header("X-API-KEY", &caller.key);
    assert_eq!(answer(json.json(&json!({ "customer": {} }))).await.1["errorMsg"], "Parameter 'customer' is missing", "JSON is no form");
}

#[tokio::test]
async fn pages_limits_and_filters() {
    let caller = Caller::new().await;
    let ids = caller.retail.seed(&Seed { count: 250, order_every: 5, ..Seed::default() });
    for wrong in ["limit=10", "limit=101", "page=0", "filter[updatedAt]=2026-01-01", "filter[ids][]=x", "filter[dateFrom]=yesterday"] {
        assert_eq!(caller.get(&format!("customers?{wrong}")).await.1["errorMsg"], "Validation error", "{wrong}");
    }
    let (_, page) = caller.get("customers?limit=100&page=3").await;
    assert_eq!(page["pagination"], json!({ "limit": 100, "totalCount": 250, "currentPage": 3, "totalPageCount": 3 }));
    assert_eq!(page["customers"].as_array().unwrap().len(), 50);
    assert_eq!(caller.ids("customers?limit=100&page=4", "customers").await, [0; 0]);
    let late = caller.retail.add(Customer::person("Новая", "", &[]));
    let moved = caller.ids("customers?limit=50&page=2", "customers").await;
    assert_eq!(moved[0], ids[200], "whoever is added moves the pages");
    assert_eq!(caller.ids(&format!("customers?filter[ids][]={}&filter[ids][]={late}", ids[3]), "customers").await, [late, ids[3]]);
    assert_eq!(caller.ids("customers?filter[externalIds][0]=ext-7", "customers").await, [ids[7]]);
    assert_eq!(caller.ids("customers?filter[name]=0000007", "customers").await, [0; 0]);
    assert_eq!(caller.ids("customers?filter[name]=9991000007", "customers").await, [ids[7]], "the name's filter takes phones");
    assert_eq!(caller.ids("customers?filter[minOrdersCount]=1&limit=100", "customers").await.len(), 50);
    assert_eq!(caller.ids("customers?filter[customFields][bonus][max]=0&limit=100", "customers").await, [ids[0]]);
    caller.retail.set(|settings| settings.ranges = false);
    assert_eq!(caller.get("customers?filter[customFields][bonus][max]=0").await.0, 400);
    assert_eq!(caller.get("customers?filter[customFields][nothing]=1").await.0, 400);
    let (_, one) = caller.get("customers/ext-4").await;
    let (one, two) = (&one["customer"], &caller.get(&format!("customers/{late}?by=id")).await.1["customer"]);
    assert!(one["customFields"].is_object() && two["customFields"] == json!([]), "an empty map is a list");
    assert!(one["externalId"] == "ext-4" && two.get("externalId").is_none() && two.get("email").is_none());
    assert!(one["ordersCount"] == 1 && one["totalSumm"].is_i64());
    assert_eq!(
        caller.get(&format!("orders?filter[customerId]={}&limit=20", ids[4])).await.1["orders"][0]["customer"]["externalId"],
        "ext-4"
    );
}

#[tokio::test]
async fn writes_are_checked_and_keep_what_was_not_sent() {
    let caller = Caller::new().await;
    let body = json!({ "externalId": "b-1", "firstName": "Борис", "phones": [{ "number": "8 912 345-67-89" }], "customFields": { "drink": "tea" } });
    let (status, made) = caller.post("customers/create", &[("customer", body.clone()), ("site", json!("shop-main"))]).await;
    let id = made["id"].as_u64().unwrap();
    assert_eq!((status, &made["success"]), (201, &json!(true)));
    let (status, again) = caller.post("customers/create", &[("customer", body), ("site", json!("shop-main"))]).await;
    assert_eq!((status, &again["errors"]["externalId"]), (400, &json!("This value is already used")), "no key makes a repeat safe");
    let wrong = json!({ "email": "no", "managerId": 1, "sex": "x", "birthday": "01.02.1990", "phones": ["1"], "vip": 1, "updatedAt": "x",
        "customFields": { "drink": "beer", "msg_opt_out": "yes", "none": 1, "bonus": 1.5 } });
    let (_, refusal) = caller.post("customers/b-1/edit", &[("customer", wrong)]).await;
    let fields: Vec<&str> = refusal["errors"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "birthday",
        "customFields.bonus",
        "customFields.drink",
        "customFields.msg_opt_out",
        "customFields.none",
        "email",
        "managerId",
        "phones",
        "sex",
        "updatedAt",
        "vip",
    ];
    assert_eq!((refusal["errorMsg"].as_str(), fields), (Some("Errors in the entity format"), expected.to_vec()));
    let edit = json!({ "customFields": { "msg_opt_out": true }, "addTags": ["opt-out"], "subscribed": false });
    assert_eq!(
        caller.post("customers/b-1/edit", &[("customer", edit)]).await,
        (200, json!({ "success": true, "id": id, "state": "updated" }))
    );
    let now = caller.retail.customer(id).unwrap();
    assert_eq!((now.custom["drink"].as_str(), now.tags.as_slice(), now.phones.len()), (Some("tea"), &["opt-out".to_owned()][..], 1));
    assert!(now.email_unsubscribed_at.is_some());
    let many: Vec<Value> = (0..51).map(|n| json!({ "externalId": format!("m-{n}") })).collect();
    assert_eq!(caller.post("customers/upload", &[("customers", json!(many))]).await.0, 400);
    let some = json!([{ "externalId": "u-1" }, { "externalId": "u-2", "managerId": 99 }, { "externalId": "b-1", "lastName": "Орлов" }]);
    let (status, partial) = caller.post("customers/upload", &[("customers", some)]).await;
    assert_eq!((status, &partial["failedCustomers"]), (460, &json!([{ "externalId": "u-2" }])));
    assert_eq!(
        (partial["uploadedCustomers"][1]["id"].as_u64(), &partial["errors"]["managerId"]),
        (Some(id), &json!("This value is not valid"))
    );
    assert_eq!(caller.retail.customer(id).unwrap().last_name, "Орлов");
    let note = |text: &str| json!({ "customer": { "id": id }, "managerId": 23, "text": text });
    assert_eq!(caller.post("customers/notes/create", &[("note", note(" "))]).await.1["errors"]["text"], "This value should not be blank");
    assert_eq!(caller.post("customers/notes/create", &[("note", note("привет"))]).await.0, 201);
    let (_, notes) = caller.get("customers/notes?filter[customerExternalIds][]=b-1").await;
    assert_eq!((&notes["notes"][0]["text"], &notes["notes"][0]["customer"]["externalId"]), (&json!("привет"), &json!("b-1")));
    let task = json!({ "text": "Перезвонить", "datetime": "2026-08-01 15:00", "performerId": 27, "customer": { "id": id } });
    assert_eq!(caller.post("tasks/create", &[("task", task)]).await.0, 201);
    assert_eq!(
        caller.post("tasks/create", &[("task", json!({ "text": "x", "performerId": 1 }))]).await.1["errors"]["performerId"],
        "This value is not valid"
    );
    caller.retail.complete_task(caller.retail.tasks()[0].id);
    assert_eq!(caller.get("tasks?filter[status]=completed").await.1["tasks"][0]["complete"], true);
    let kinds: Vec<&str> = caller.retail.writes().iter().map(|write| write.what).collect();
    assert_eq!(kinds, ["customer", "customer", "customer", "customer", "note", "task"]);
}

#[tokio::test]
async fn feeds_are_in_order_and_know_their_own() {
    let caller = Caller::new().await;
    let (since, orders_since) = caller.retail.last_history();
    let id = caller.retail.add(anna());
    caller.retail.edit(id, |customer| customer.phones.push("9515120000".to_owned()));
    caller.post("customers/ext-1/edit", &[("customer", json!({ "customFields": { "msg_opt_out": true } }))]).await;
    let (_, feed) = caller.get(&format!("customers/history?filter[sinceId]={since}&limit=100")).await;
    let [made, phone, field] = feed["history"].as_array().unwrap().as_slice() else { panic!("{feed}") };
    assert!(made["created"] == true && made["customer"]["firstName"] == "Анна" && made.get("deleted").is_none());
    assert_eq!((&phone["newValue"], &phone["source"], &phone["user"]["id"]), (&json!("9515120000"), &json!("user"), &json!(23)));
    assert!(phone["customer"].get("firstName").is_none(), "ids alone");
    assert_eq!((&field["field"], &field["apiKey"]["current"]), (&json!("custom_msg_opt_out"), &json!(true)));
    let other =
        Caller { key: caller.retail.api_key(), retail: caller.retail.clone(), base: caller.base.clone(), http: caller.http.clone() };
    let last = field["id"].as_u64().unwrap();
    assert_eq!(other.get(&format!("customers/history?filter[sinceId]={}", last - 1)).await.1["history"][0]["apiKey"]["current"], false);
    assert_eq!(caller.get(&format!("customers/history?filter[sinceId]={last}")).await.1["pagination"]["totalCount"], 0);

    caller.retail.add_segment("davnie", "Давние", true);
    caller.retail.recount_segment("davnie", &[id]);
    let winner = caller.retail.add(Customer::person("Анна", "П.", &[]).external("2"));
    caller.post("customers/combine", &[("customers", json!([{ "id": id }])), ("resultCustomer", json!({ "id": winner }))]).await;
    let (_, feed) = caller.get(&format!("customers/history?filter[sinceId]={last}")).await;
    assert_eq!((&feed["history"][0]["field"], &feed["history"][0]["source"]), (&json!("segments"), &json!("code")));
    let gone = &feed["history"][2];
    assert!(gone["deleted"] == true && gone["combinedTo"]["id"] == winner && gone["customer"]["firstName"] == "Анна");
    let (status, lost) = caller.get("customers/ext-1").await;
    assert_eq!((status, &lost["errorMsg"], &lost["combinedTo"]["externalId"]), (404, &json!("Not found"), &json!("2")));
    caller.retail.delete(winner);
    assert!(caller.get("customers/2").await.1.get("combinedTo").is_none());

    caller.retail.set(|settings| settings.moves = vec![("client-confirmed".to_owned(), "assembling".to_owned())]);
    let order = caller.retail.add_order(Order { items: vec![("Зёрна".to_owned(), 650.5, 2.0)], ..Order::default() });
    let moved =
        caller.post(&format!("orders/{order}/edit"), &[("by", json!("id")), ("order", json!({ "status": "client-confirmed" }))]).await;
    assert_eq!(moved, (200, json!({ "success": true, "id": order })));
    let (_, feed) = caller.get(&format!("orders/history?filter[sinceId]={orders_since}")).await;
    let history = feed["history"].as_array().unwrap();
    assert_eq!(history[0]["order"]["totalSumm"], 1301);
    assert_eq!(
        (&history[1]["newValue"]["code"], &history[2]["newValue"]["code"]),
        (&json!("client-confirmed"), &json!("assembling")),
        "in twos"
    );
    assert!(history[2]["source"] == "rule" && history[2]["order"].get("customer").is_none());
    assert_eq!(caller.ids("orders?filter[extendedStatus][]=assembling", "orders").await, [order]);

    caller.retail.forget_history();
    let late = caller.retail.add(Customer::default());
    assert_eq!(
        caller.get(&format!("customers/history?filter[sinceId]={since}")).await.1["history"][0]["newValue"],
        late,
        "only a gap tells"
    );
    caller.retail.set(|settings| settings.stale_feed = StaleFeed::Refused);
    assert_eq!(caller.get(&format!("customers/history?filter[sinceId]={since}")).await.0, 400);
}

#[tokio::test]
async fn subscriptions_fields_and_corporate_customers() {
    let caller = Caller::new().await;
    let id = caller.retail.add(anna());
    assert!(caller.get("customers/ext-1").await.1["customer"].get("customerSubscriptions").is_none(), "no record is no consent");
    let stop = json!([{ "channel": "waba", "subscription": "default_marketing", "active": false, "messageId": 123 }]);
    assert_eq!(caller.post("customers/ext-1/subscriptions", &[("subscriptions", stop)]).await, (200, json!({ "success": true })));
    assert_eq!(caller.retail.subscribed(id, "waba", "default_marketing"), Some(false));
    let (_, one) = caller.get("customers/ext-1").await;
    assert_eq!(one["customer"]["customerSubscriptions"][0]["subscription"]["channel"], "waba");
    for wrong in [
        json!([{ "channel": "sms", "subscription": "x", "active": false }]),
        json!([{ "channel": "waba", "subscription": "default_marketing" }]),
    ] {
        assert_eq!(caller.post("customers/ext-1/subscriptions", &[("subscriptions", wrong)]).await.0, 400);
    }
    let found = caller.ids("customers?filter[subscriptions][0][channel]=waba&filter[subscriptions][0][subscribed]=0", "customers").await;
    assert_eq!(found, [id]);

    let field = json!({ "code": "msg_at", "name": "Когда", "type": "datetime", "ordering": 10, "displayArea": "customer" });
    assert_eq!(
        caller.post("custom-fields/customer/create", &[("customField", field.clone())]).await.1["errors"]["type"],
        "This value is not valid"
    );
    caller.retail.set(|settings| settings.datetime_fields = true);
    assert_eq!(
        caller.post("custom-fields/customer/create", &[("customField", field)]).await,
        (201, json!({ "success": true, "code": "msg_at" }))
    );
    let (_, fields) = caller.get("custom-fields?filter[entity]=customer&limit=100").await;
    assert!(fields["customFields"].as_array().unwrap().iter().any(|field| field["code"] == "drink" && field["dictionary"] == "drink"));
    assert_eq!(caller.get("custom-fields/dictionaries").await.1["customDictionaries"][0]["elements"][2]["name"], "Чай");
    assert_eq!(caller.get("reference/statuses").await.1["statuses"]["3"]["group"], "cancel", "a map, its codes may look like numbers");

    let firm = json!({ "nickName": "Ромашка", "externalId": "firm", "customerContacts": [{ "customer": { "id": id } }], "companies": [{ "name": "ООО «Ромашка»" }] });
    assert_eq!(caller.post("customers-corporate/create", &[("customerCorporate", firm)]).await.0, 201);
    let (_, firms) = caller.get("customers-corporate").await;
    assert_eq!(
        (&firms["customersCorporate"][0]["type"], &firms["customersCorporate"][0]["mainCustomerContact"]["customer"]["id"]),
        (&json!("customer_corporate"), &json!(id))
    );
    assert!(firms["customersCorporate"][0].get("phones").is_none());
    assert_eq!(caller.get("customers-corporate/firm/contacts").await.1["contacts"][0]["customer"]["id"], id);
    assert_eq!(caller.get("customers/ext-1").await.1["customer"]["isContact"], true);
    assert_eq!(caller.get("customers-corporate/history").await.1["history"][0]["created"], true);
}

#[tokio::test]
async fn ten_a_second_and_faults_on_both_sides() {
    let caller = Caller::with(Settings::default()).await;
    let second =
        Caller { key: caller.retail.api_key(), retail: caller.retail.clone(), base: caller.base.clone(), http: caller.http.clone() };
    let mut refused = 0;
    while refused == 0 {
        let (status, body) = caller.get("users").await;
        assert!(status == 200 || (status == 503 && body.as_str().unwrap().starts_with("<html>")));
        refused += u32::from(status == 503);
        assert!(caller.retail.requests() < 10_000);
    }
    assert_eq!((caller.retail.limited(), caller.retail.ledger().refused(503)), (1, 1));
    assert_eq!(second.get("users").await.0, 200, "each key has its own");
    caller.retail.clock().advance(Duration::from_secs(1));
    assert_eq!(caller.get("users").await.0, 200);
    caller.retail.set(|settings| settings.per_second = None);

    let faults = caller.retail.faults();
    faults.add(Rule::new(Fault::DropAfter).service(SERVICE).method("POST /customers/notes/create").times(1));
    let id = caller.retail.add(anna());
    let note = format!(
        "note={}&site=shop-main",
        url::form_urlencoded::byte_serialize(json!({ "customer": { "id": id }, "text": "раз" }).to_string().as_bytes()).collect::<String>()
    );
    let request = caller.http.post(format!("{}/api/v5/customers/notes/create", caller.base)).header("X-API-KEY", &caller.key);
    assert!(request.header("Content-Type", "application/x-www-form-urlencoded").body(note).send().await.is_err());
    assert_eq!(caller.retail.notes_of(id).len(), 1, "accepted, and nobody knows");
    faults.add(Rule::new(Fault::Error { code: 200, description: "Что-то пошло не так".to_owned(), retry_after: None }).times(1));
    assert_eq!(caller.get("users").await, (200, json!({ "success": false, "errorMsg": "Что-то пошло не так" })));
    faults.add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).times(1));
    assert_eq!(caller.get("users").await.0, 503);
    assert_eq!(caller.get("users").await.0, 200);
}

#[tokio::test]
async fn a_trigger_tells_and_is_repeated_where_told() {
    let caller = Caller::with(Settings { per_second: None, trigger_repeats: 1, ..Settings::default() }).await;
    let (sender, mut bodies) = tokio::sync::mpsc::unbounded_channel::<String>();
    let app = axum::Router::new().route(
        "/hooks/secret",
        axum::routing::post(move |body: String| {
            let told = sender.send(body).is_ok();
            async move { if told { axum::http::StatusCode::BAD_GATEWAY } else { axum::http::StatusCode::GONE } }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/secret", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let order = caller.retail.add_order(Order::default());
    caller.retail.add_trigger(&url);
    caller.retail.move_order(order, "complete");
    let body: Value = serde_json::from_str(&bodies.recv().await.unwrap()).unwrap();
    assert_eq!(body, json!({ "event": "order_status", "order_id": order, "customer_id": null, "status": "complete" }));
    caller.retail.until(Duration::from_secs(10), |retail| (!retail.trigger_answers().is_empty()).then_some(())).await.unwrap();
    caller.retail.clock().advance(Duration::from_secs(60));
    assert!(bodies.recv().await.is_some());
    caller.retail.until(Duration::from_secs(10), |retail| (retail.trigger_answers() == [502, 502]).then_some(())).await.unwrap();
}
