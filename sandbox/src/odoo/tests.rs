//! The double enforces what the contract says.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::{Fault, Rule};

struct Caller {
    odoo: Odoo,
    base: String,
    key: String,
    http: reqwest::Client,
}

impl Caller {
    async fn new(version: u32) -> Self {
        let odoo = Odoo::new(version);
        Self { key: odoo.api_key(), base: odoo.clone().serve().await.unwrap(), odoo, http: reqwest::Client::new() }
    }

    /// JSON-2.
    async fn call(&self, method: &str, body: Value) -> (u16, Value) {
        answer(self.http.post(format!("{}/json/2/{method}", self.base)).bearer_auth(&self.key).json(&body)).await
    }

    /// JSON-2 that is accepted.
    async fn ok(&self, method: &str, body: Value) -> Value {
        let (status, value) = self.call(method, body).await;
        assert_eq!(status, 200, "{method}: {value}");
        value
    }

    /// JSON-RPC.
    async fn rpc(&self, service: &str, method: &str, args: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "method": "call", "id": 5, "params": { "service": service, "method": method, "args": args } });
        let (status, value) = answer(self.http.post(format!("{}/jsonrpc", self.base)).json(&body)).await;
        assert_eq!((status, &value["id"]), (200, &json!(5)));
        value
    }

    async fn kw(&self, model: &str, method: &str, args: Value, named: Value) -> Value {
        self.rpc("object", "execute_kw", json!(["example", ADMIN, self.key, model, method, args, named])).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[tokio::test]
async fn versions_are_told_apart() {
    for version in [16, 17, 18, 19, 20, 22] {
        let caller = Caller::new(version).await;
        let (status, web) = answer(caller.http.get(format!("{}/web/version", caller.base))).await;
        assert_eq!(status, if version >= 19 { 200 } else { 404 });
        assert!(version < 19 || web["version_info"][0] == version);
        let json2 = caller.call("res.partner/search_count", json!({})).await;
        assert_eq!(json2.0, if version >= 19 { 200 } else { 404 }, "{version}");
        if version == 22 {
            assert_eq!(answer(caller.http.post(format!("{}/jsonrpc", caller.base)).json(&json!({}))).await.0, 404);
            continue;
        }
        assert_eq!(caller.rpc("common", "version", json!([])).await["result"]["server_version_info"][0], version);
        let fields = caller.kw("res.partner", "fields_get", json!([]), json!({ "attributes": ["type"] })).await;
        assert_eq!(fields["result"].get("mobile").is_some(), version <= 18);
        assert_eq!(fields["result"].get("complete_name").is_some(), version >= 17);
        assert_eq!(fields["result"]["category_id"], json!({ "type": "many2many" }));
        let wrong = caller.kw("res.partner", "search_read", json!([[]]), json!({ "fields": ["nothing"] })).await;
        assert_eq!(wrong["error"]["code"], if version <= 18 { 200 } else { 0 });
        assert_eq!(
            (&wrong["error"]["message"], &wrong["error"]["data"]["name"]),
            (&json!("Odoo Server Error"), &json!("builtins.ValueError"))
        );
        let list = caller.rpc("db", "list", json!([])).await;
        assert_eq!(list.get("result").is_some(), version < 20);
    }
}

#[tokio::test]
async fn keys_end_and_rights_are_kept() {
    let caller = Caller::new(19).await;
    assert_eq!(caller.rpc("common", "authenticate", json!(["example", "admin", caller.key, {}])).await["result"], ADMIN);
    for wrong in
        [json!(["example", "admin", "none", {}]), json!(["other", "admin", caller.key, {}]), json!(["example", "nobody", caller.key, {}])]
    {
        assert_eq!(caller.rpc("common", "authenticate", wrong).await["result"], false, "no error");
    }
    let denied = caller.rpc("object", "execute_kw", json!(["example", 3, caller.key, "res.partner", "search", [[]]])).await;
    assert_eq!(denied["error"]["data"]["name"], "odoo.exceptions.AccessDenied");
    let user = caller.odoo.add_user("bot", "Робот");
    let ends = caller.odoo.now() + TimeDelta::days(90);
    let bot = Caller {
        key: caller.odoo.key_of(user, Some(ends)),
        odoo: caller.odoo.clone(),
        base: caller.base.clone(),
        http: caller.http.clone(),
    };
    let anna = caller.odoo.add_partner("Анна", "8 912 345-67-89");
    caller.odoo.hide(user, "res.partner", anna);
    assert_eq!(bot.ok("res.partner/search", json!({ "domain": [["id", "=", anna]] })).await, json!([]), "silently");
    assert_eq!(bot.call("res.partner/read", json!({ "ids": [anna] })).await.0, 403);
    caller.odoo.deny(user, "crm.lead", "create", true);
    let (status, refusal) = bot.call("crm.lead/create", json!({ "vals_list": [{ "name": "x" }] })).await;
    assert_eq!((status, &refusal["name"]), (403, &json!("odoo.exceptions.AccessError")));
    let long = json!({ "key": bot.key, "name": "n", "expiration_date": "2100-01-01 00:00:00" });
    assert_eq!(bot.call("res.users.apikeys/generate", long).await.0, 422, "three months at most");
    let soon = (caller.odoo.now() + TimeDelta::days(30)).format("%Y-%m-%d %H:%M:%S").to_string();
    let next = bot.ok("res.users.apikeys/generate", json!({ "key": bot.key, "scope": null, "name": "n", "expiration_date": soon })).await;
    assert_eq!(bot.ok("res.users.apikeys/revoke", json!({ "key": bot.key })).await, true);
    assert_eq!(bot.call("res.partner/search", json!({})).await.0, 401);
    let bot = Caller { key: next.as_str().unwrap().to_owned(), ..bot };
    assert_eq!(bot.call("res.partner/search", json!({})).await.0, 200);
    caller.odoo.clock().advance(Duration::from_secs(31 * 86_400));
    let (status, refusal) = bot.call("res.partner/search", json!({})).await;
    assert_eq!((status, &refusal["message"]), (401, &json!("Invalid apikey")), "it has ended");
    caller.odoo.set(|settings| settings.several_databases = true);
    assert_eq!(caller.call("res.partner/search", json!({})).await.0, 404);
    let named = caller.http.post(format!("{}/json/2/res.partner/search_count", caller.base)).bearer_auth(&caller.key);
    assert_eq!(answer(named.header("X-Odoo-Database", "example").json(&json!({}))).await.0, 200);
    caller.odoo.set(|settings| settings.maintenance = true);
    let no_redirects = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    assert_eq!(answer(no_redirects.get(format!("{}/web/version", caller.base))).await.0, 303);
}

#[tokio::test]
async fn lists_by_keys_by_moments_and_with_archived_rows() {
    let caller = Caller::new(19).await;
    let ids = caller.odoo.seed(&Seed { count: 600, archived_every: 100, together: 300, ..Seed::default() });
    let page = json!({ "domain": [["id", ">", ids[9]]], "fields": ["name", "ref"], "order": "id asc", "limit": 5 });
    let rows = caller.ok("res.partner/search_read", page).await;
    assert_eq!((rows[0]["ref"].as_str(), rows.as_array().map(Vec::len)), (Some("ext-10"), Some(5)));
    let all = json!({ "domain": [["id", ">=", ids[0]]], "context": { "active_test": false } });
    assert_eq!(caller.ok("res.partner/search_count", all).await, 600);
    assert_eq!(caller.ok("res.partner/search_count", json!({ "domain": [["id", ">=", ids[0]]] })).await, 594);
    assert_eq!(
        caller.ok("res.partner/search_count", json!({ "domain": [["id", ">=", ids[0]], ["active", "in", [true, false]]] })).await,
        600
    );
    let first = caller.odoo.get("res.partner", ids[0]).unwrap()["write_date"].as_str().unwrap().to_owned();
    let same = json!({ "domain": ["&", ["write_date", "=", first], ["active", "=", true]], "order": "write_date asc, id asc" });
    assert_eq!(caller.ok("res.partner/search", same).await.as_array().unwrap().len(), 297, "many have one moment");
    let later = json!({ "domain": [["write_date", ">", first], ["ref", "!=", false]], "order": "write_date asc, id asc", "limit": 1 });
    assert_eq!(caller.ok("res.partner/search", later).await, json!([ids[300]]));
    caller.odoo.clock().advance(Duration::from_secs(60));
    caller.odoo.write_all("res.partner", &ids[5..8], json!({ "city": "Тверь" }));
    let newest = json!({ "domain": [], "order": "write_date desc, id desc", "limit": 3 });
    assert_eq!(caller.ok("res.partner/search", newest).await, json!([ids[7], ids[6], ids[5]]));
    for (wrong, name) in [
        (json!({ "fields": ["mobile"] }), "builtins.ValueError"),
        (json!({ "domain": [["mobile", "!=", false]] }), "builtins.ValueError"),
        (json!({ "order": "nothing asc" }), "builtins.ValueError"),
        (json!({ "page": 2 }), "werkzeug.exceptions.UnprocessableEntity"),
        (json!({ "ids": [1] }), "werkzeug.exceptions.UnprocessableEntity"),
    ] {
        assert_eq!(caller.call("res.partner/search_read", wrong.clone()).await.1["name"], name, "{wrong}");
    }
    assert_eq!(caller.call("res.nothing/search", json!({})).await.0, 404);
    assert_eq!(caller.call("res.partner/_search", json!({})).await.0, 404);
    caller.odoo.set(|settings| settings.rows_in_time = Some(500));
    assert_eq!(caller.call("res.partner/search_read", json!({ "limit": 1000 })).await.0, 504, "killed for its time");
    assert_eq!(caller.call("res.partner/search_read", json!({ "limit": 500 })).await.0, 200);
    caller.odoo.unlink("res.partner", ids[1]);
    let (status, gone) = caller.call("res.partner/read", json!({ "ids": [ids[1]], "fields": ["name"] })).await;
    assert_eq!((status, &gone["name"]), (404, &json!("odoo.exceptions.MissingError")));
}

#[tokio::test]
async fn values_are_of_their_types_and_a_call_is_one_transaction() {
    let caller = Caller::new(18).await;
    caller.odoo.set(|settings| settings.version = 19);
    assert!(caller.odoo.add_field("res.partner", "x_msg_opt_out", "Не писать", "boolean"));
    let tag = caller.ok("res.partner.category/create", json!({ "vals_list": [{ "name": "opt-out" }] })).await[0].as_u64().unwrap();
    let firm =
        caller.ok("res.partner/create", json!({ "vals_list": [{ "name": "Ромашка", "is_company": true }] })).await[0].as_u64().unwrap();
    let made = json!({ "vals_list": [{ "name": "Анна", "phone": "8 (912) 345-67-89", "parent_id": firm, "category_id": [[4, tag, 0]] }, { "name": "Борис" }] });
    let ids = caller.ok("res.partner/create", made).await;
    let (anna, boris) = (ids[0].as_u64().unwrap(), ids[1].as_u64().unwrap());
    let row = caller
        .ok(
            "res.partner/read",
            json!({ "ids": [anna], "fields": ["parent_id", "email", "category_id", "display_name", "phone_sanitized", "x_msg_opt_out"] }),
        )
        .await;
    let expected = json!([{ "id": anna, "parent_id": [firm, "Ромашка"], "email": false, "category_id": [tag], "display_name": "Ромашка, Анна",
        "phone_sanitized": "+79123456789", "x_msg_opt_out": false }]);
    assert_eq!(row, expected);
    let bare = caller
        .ok("res.partner/search_read", json!({ "domain": [["parent_id.name", "=", "Ромашка"]], "fields": ["parent_id"], "load": null }))
        .await;
    assert_eq!(bare, json!([{ "id": anna, "parent_id": firm }]));
    assert_eq!(caller.ok("res.partner/search", json!({ "domain": [["parent_id", "child_of", firm]] })).await, json!([anna]));
    assert_eq!(
        caller
            .ok("res.partner/write", json!({ "ids": [anna, boris], "vals": { "x_msg_opt_out": true, "category_id": [[5, 0, 0]] } }))
            .await,
        true
    );
    assert_eq!(caller.odoo.get("res.partner", anna).unwrap()["category_id"], json!([]));
    let count = caller.odoo.ids("res.partner").len();
    for wrong in [
        json!({ "vals_list": [{ "name": "Вера" }, { "name": 7 }] }),
        json!({ "vals_list": [{ "name": "Вера" }, { "phone": "1" }] }),
        json!({ "vals_list": [{ "name": "Вера" }, { "name": "x", "mobile": "1" }] }),
        json!({ "vals_list": [{ "name": "Вера", "category_id": [[4, 999, 0]] }] }),
        json!({ "vals_list": [{ "name": "Вера", "type": "friend" }] }),
        json!({}),
    ] {
        assert!(caller.call("res.partner/create", wrong.clone()).await.0 >= 422, "{wrong}");
    }
    assert_eq!(caller.odoo.ids("res.partner").len(), count, "a bad row rolls back all");
    assert_eq!(
        caller.kw("res.partner", "create", json!([{ "name": "Глеб" }]), json!({})).await["result"].as_u64().map(|id| id > boris),
        Some(true)
    );
    let before = caller.odoo.get("res.partner", boris).unwrap()["write_date"].clone();
    caller.odoo.clock().advance(Duration::from_secs(5));
    caller.odoo.set(|settings| settings.writes_bump = false);
    caller.ok("res.partner/write", json!({ "ids": [boris], "vals": { "name": "Борис" } })).await;
    assert_eq!(caller.odoo.get("res.partner", boris).unwrap()["write_date"], before);
    caller.odoo.merge(boris, anna);
    assert!(caller.odoo.get("res.partner", boris).is_none());
    let lead = caller
        .ok("crm.lead/create", json!({ "vals_list": [{ "name": "Из бота", "type": "opportunity", "partner_id": anna, "stage_id": 1 }] }))
        .await;
    caller.odoo.clock().advance(Duration::from_secs(5));
    caller.ok("crm.lead/write", json!({ "ids": lead, "vals": { "stage_id": 4 } })).await;
    let shown = caller.ok("crm.lead/read", json!({ "ids": lead, "fields": ["stage_id", "date_last_stage_update", "write_date"] })).await;
    assert!(shown[0]["stage_id"] == json!([4, "Выигран"]) && shown[0]["date_last_stage_update"] == shown[0]["write_date"]);
    caller.odoo.set(|settings| settings.crm = false);
    assert_eq!(caller.call("crm.lead/search", json!({})).await.0, 404, "the module is not installed");
    let kinds: Vec<String> = caller.odoo.writes().iter().map(|write| format!("{}.{}", write.model, write.method)).collect();
    assert_eq!(kinds.last().map(String::as_str), Some("crm.lead.write"));
}

#[tokio::test]
async fn the_chatter_and_the_blacklist() {
    let caller = Caller::new(19).await;
    let anna = caller.odoo.add_partner("Анна", "8 (912) 345-67-89");
    let post = json!({ "ids": [anna], "body": "<b>May</b>: delivered", "message_type": "comment", "subtype_xmlid": "mail.mt_note" });
    assert!(caller.ok("res.partner/message_post", post.clone()).await.is_u64());
    assert_eq!(caller.odoo.messages_of("res.partner", anna), ["<p>&lt;b&gt;May&lt;/b&gt;: delivered</p>"]);
    caller.odoo.set(|settings| settings.post_gives_list = true);
    assert!(caller.ok("res.partner/message_post", post).await[0].is_u64());
    let found =
        json!({ "domain": [["model", "=", "res.partner"], ["res_id", "=", anna], ["body", "ilike", "delivered"]], "fields": ["body"] });
    assert_eq!(caller.ok("mail.message/search_read", found).await.as_array().unwrap().len(), 2, "what was said is looked up");
    assert_eq!(caller.call("res.partner/message_post", json!({ "ids": [anna + 1], "body": "x" })).await.0, 404);

    assert_eq!(
        caller.call("phone.blacklist/add", json!({ "number": "нет", "message": "STOP" })).await.1["name"],
        "odoo.exceptions.UserError"
    );
    caller.ok("phone.blacklist/add", json!({ "number": "8 912 345-67-89", "message": "STOP in Telegram" })).await;
    let flags =
        caller.ok("res.partner/read", json!({ "ids": [anna], "fields": ["phone_blacklisted", "phone_sanitized_blacklisted"] })).await;
    assert_eq!(flags, json!([{ "id": anna, "phone_blacklisted": true, "phone_sanitized_blacklisted": true }]));
    caller.ok("phone.blacklist/remove", json!({ "number": "+79123456789", "message": "back" })).await;
    assert!(!caller.odoo.blacklisted("+79123456789"));
    assert_eq!(caller.ok("phone.blacklist/search", json!({ "domain": [] })).await, json!([]), "archived there");
    caller.ok("phone.blacklist/create", json!({ "vals_list": [{ "number": "+79123456789" }] })).await;
    assert!(caller.odoo.blacklisted("+79123456789"), "an archived number is listed again");
    caller.odoo.write("res.partner", anna, json!({ "email": "Anna@Example.com" }));
    caller.ok("mail.blacklist/create", json!({ "vals_list": [{ "email": "anna@example.com" }] })).await;
    assert_eq!(caller.odoo.get("res.partner", anna).unwrap()["is_blacklisted"], true);
    caller.odoo.set(|settings| settings.phone_validation = false);
    assert_eq!(caller.call("phone.blacklist/add", json!({ "number": "+79123456789" })).await.0, 404, "the module is not installed");
}

#[tokio::test]
async fn limits_faults_and_rules() {
    let caller = Caller::new(19).await;
    caller.odoo.set(|settings| settings.per_second = Some(1));
    let mut limited = 0;
    while limited == 0 {
        let (status, body) = caller.call("res.partner/search_count", json!({})).await;
        limited += u32::from(status == 429 && body.as_str().is_some_and(|page| page.contains("<html>")));
        assert!(caller.odoo.requests() < 10_000);
    }
    caller.odoo.set(|settings| settings.per_second = None);
    let anna = caller.odoo.add_partner("Анна", "8 912 345-67-89");
    let faults = caller.odoo.faults();
    faults.add(Rule::new(Fault::DropAfter).service(SERVICE).method("res.partner.message_post").times(1));
    let post = caller.http.post(format!("{}/json/2/res.partner/message_post", caller.base)).bearer_auth(&caller.key);
    assert!(post.json(&json!({ "ids": [anna], "body": "раз" })).send().await.is_err());
    assert_eq!(caller.odoo.messages_of("res.partner", anna).len(), 1, "accepted, and nobody knows");
    let serial = Fault::Error {
        code: 500,
        description: "psycopg2.errors.SerializationFailure: could not serialize access".to_owned(),
        retry_after: None,
    };
    faults.add(Rule::new(serial).times(2));
    assert_eq!(caller.call("res.partner/search", json!({})).await.1["name"], "psycopg2.errors.SerializationFailure");
    let told = caller.kw("res.partner", "search", json!([[]]), json!({})).await;
    assert_eq!(told["error"]["data"]["message"], "could not serialize access", "within 200");

    let (sender, mut bodies) = tokio::sync::mpsc::unbounded_channel::<String>();
    let app = axum::Router::new().route(
        "/hooks/secret",
        axum::routing::post(move |body: String| {
            let told = sender.send(body).is_ok();
            async move { if told { axum::http::StatusCode::OK } else { axum::http::StatusCode::GONE } }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/secret", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    caller.odoo.add_rule("Send partner", "res.partner", &url, &["name", "parent_id"], false);
    caller.ok("res.partner/write", json!({ "ids": [anna], "vals": { "name": "Анна П." } })).await;
    let body: Value = serde_json::from_str(&bodies.recv().await.unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "_action": "Send partner(#100)", "_id": anna, "_model": "res.partner", "id": anna, "name": "Анна П.", "parent_id": false })
    );
    caller.odoo.until(Duration::from_secs(10), |odoo| (odoo.rule_answers() == [200]).then_some(())).await.unwrap();
}
