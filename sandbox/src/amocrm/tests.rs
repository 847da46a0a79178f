//! The double enforces what the contract says.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::*;

struct Caller {
    amo: Amo,
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Caller {
    async fn new() -> Self {
        let amo = Amo::new("example");
        amo.set_limits(10_000, 60, Duration::from_secs(600));
        let base = format!("{}/example", amo.clone().serve().await.expect("a port"));
        let token = amo.long_lived_token();
        let http = reqwest::Client::builder().user_agent("test").build().expect("a client");
        Self { amo, base, token, http }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}/api/v4/{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        (status, serde_json::from_str(&answer.text().await.expect("a body")).unwrap_or(Value::Null))
    }

    async fn token(&self, body: Value) -> (StatusCode, Value) {
        let answer = self.http.post(format!("{}/oauth2/access_token", self.base)).json(&body).send().await.expect("an answer");
        let status = answer.status();
        (status, serde_json::from_str(&answer.text().await.expect("a body")).unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn pages_filters_and_absence() {
    let caller = Caller::new().await;
    assert_eq!(caller.call(Method::GET, "contacts", None).await.0, StatusCode::NO_CONTENT);
    let ids = caller.amo.seed(&Seed { count: 300, ..Seed::default() });
    assert_eq!(caller.call(Method::GET, "contacts?limit=251", None).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, first) = caller.call(Method::GET, "contacts?limit=250&page=1&order[id]=asc", None).await;
    assert_eq!(first["_embedded"]["contacts"].as_array().map(Vec::len), Some(250));
    let next = first["_links"]["next"]["href"].as_str().expect("a next page").to_owned();
    assert!(next.starts_with(&caller.base), "{next}");
    let second: Value = caller.http.get(next).bearer_auth(&caller.token).send().await.expect("an answer").json().await.expect("json");
    assert_eq!(second["_embedded"]["contacts"].as_array().map(Vec::len), Some(50));
    assert!(second["_links"]["next"].is_null());
    let (_, one) = caller.call(Method::GET, &format!("contacts?filter[id][]={}&filter[id][]={}", ids[3], ids[4]), None).await;
    assert_eq!(one["_embedded"]["contacts"].as_array().map(Vec::len), Some(2));
    assert_eq!(caller.call(Method::GET, "contacts/1", None).await.0, StatusCode::NO_CONTENT);
    caller.amo.delete(ids[0]);
    assert_eq!(caller.call(Method::GET, &format!("contacts/{}", ids[0]), None).await.0, StatusCode::NO_CONTENT);
    let (_, events) = caller.call(Method::GET, "events?filter[type]=contact_deleted,entity_merged", None).await;
    assert_eq!(events["_embedded"]["events"][0]["entity_id"], ids[0]);
}

#[tokio::test]
async fn writes_replace_values_move_tags_and_name_the_wrong_item() {
    let caller = Caller::new().await;
    let ids = caller.amo.seed(&Seed { count: 2, ..Seed::default() });
    let good = json!({ "id": ids[0], "custom_fields_values": [{ "field_id": fields::OPT_OUT, "values": [{ "value": true }] }],
        "tags_to_add": [{ "name": "opt-out" }], "request_id": "a" });
    let bad = json!({ "id": ids[1], "custom_fields_values": [{ "field_id": 999, "values": [{ "value": true }] }], "request_id": "b" });
    let (status, refusal) = caller.call(Method::PATCH, "contacts", Some(json!([good.clone(), bad]))).await;
    assert_eq!((status, &refusal["validation-errors"][0]["request_id"]), (StatusCode::BAD_REQUEST, &json!("b")));
    assert!(caller.amo.ledger().is_empty(), "a refused array changes nothing");
    let (status, done) = caller.call(Method::PATCH, "contacts", Some(json!([good]))).await;
    assert_eq!((status, &done["_embedded"]["contacts"][0]["request_id"]), (StatusCode::OK, &json!("a")));
    let contact = caller.amo.contact(ids[0]).expect("the contact");
    assert_eq!(contact.get(fields::OPT_OUT), Some(&json!(true)));
    assert!(contact.tags.contains(&"opt-out".to_owned()) && contact.get(fields::CITY).is_some(), "what was not sent stays");
    let note = json!([{ "entity_id": ids[0], "note_type": "common", "params": { "text": "привет" }, "request_id": "n" }]);
    assert_eq!(caller.call(Method::POST, "contacts/notes", Some(note)).await.0, StatusCode::OK);
    let (_, notes) = caller.call(Method::GET, &format!("contacts/{}/notes", ids[0]), None).await;
    assert_eq!(notes["_embedded"]["notes"][0]["params"]["text"], "привет");
    let many: Vec<Value> = (0..251).map(|_| json!({ "name": "x" })).collect();
    assert_eq!(caller.call(Method::POST, "contacts", Some(json!(many))).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn too_fast_is_refused_and_then_banned() {
    let caller = Caller::new().await;
    caller.amo.set_limits(7, 3, Duration::from_secs(600));
    let mut seen = Vec::new();
    for _ in 0..12 {
        seen.push(caller.call(Method::GET, "account", None).await);
    }
    assert_eq!(seen.iter().filter(|(status, _)| *status == StatusCode::OK).count(), 7);
    assert_eq!(seen[7].1["retry_after"], 1);
    assert_eq!(seen[11].0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_refresh_token_works_once() {
    let caller = Caller::new().await;
    caller.amo.register("id", "secret", "https://app/cb");
    let ask = |grant: &str, key: &str, value: &str| json!({ "client_id": "id", "client_secret": "secret", "redirect_uri": "https://app/cb", "grant_type": grant, key: value });
    let code = caller.amo.code("id");
    let (status, pair) = caller.token(ask("authorization_code", "code", &code)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(caller.token(ask("authorization_code", "code", &code)).await.0, StatusCode::BAD_REQUEST);
    let old = pair["refresh_token"].as_str().expect("a token").to_owned();
    let (status, next) = caller.token(ask("refresh_token", "refresh_token", &old)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(caller.token(ask("refresh_token", "refresh_token", &old)).await.0, StatusCode::BAD_REQUEST, "amoCRM: dead at once");
    caller.amo.set_oauth(LostAnswer::OldLivesUntilUse, None);
    let old = next["refresh_token"].as_str().expect("a token").to_owned();
    assert_eq!(caller.token(ask("refresh_token", "refresh_token", &old)).await.0, StatusCode::OK, "its answer is lost");
    let (status, pair) = caller.token(ask("refresh_token", "refresh_token", &old)).await;
    assert_eq!(status, StatusCode::OK, "Kommo: asked again with the old one");
    let caller = Caller { token: pair["access_token"].as_str().expect("a token").to_owned(), ..caller };
    assert_eq!(caller.call(Method::GET, "account", None).await.0, StatusCode::OK);
    assert_eq!(caller.token(ask("refresh_token", "refresh_token", &old)).await.0, StatusCode::BAD_REQUEST, "the new pair was used");
    caller.amo.revoke_all();
    assert_eq!(caller.call(Method::GET, "account", None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_dropped_connection_still_accepted() {
    let caller = Caller::new().await;
    let ids = caller.amo.seed(&Seed { count: 1, ..Seed::default() });
    caller.amo.inject(Rule::once(Fault::DropAfter, Method::POST, "/notes"));
    let note = json!([{ "entity_id": ids[0], "note_type": "common", "params": { "text": "раз" } }]);
    let lost = caller.http.post(format!("{}/api/v4/contacts/notes", caller.base)).bearer_auth(&caller.token).json(&note).send().await;
    assert!(lost.is_err());
    assert_eq!(caller.amo.notes_of(ids[0]).len(), 1);
}

#[tokio::test]
async fn hooks_come_as_nested_forms_doubled_and_out_of_order() {
    let caller = Caller::new().await;
    let ids = caller.amo.seed(&Seed { count: 2, ..Seed::default() });
    let (sender, mut bodies) = tokio::sync::mpsc::unbounded_channel::<String>();
    let app = axum::Router::new().route(
        "/hook",
        axum::routing::post(move |body: String| {
            let sender = sender.clone();
            async move { sender.send(body).map_or(StatusCode::GONE, |()| StatusCode::OK).as_u16().to_string() }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let ask = json!({ "destination": url, "settings": ["update_contact", "delete_contact", "status_lead"], "sort": 10 });
    assert_eq!(caller.call(Method::POST, "webhooks", Some(ask.clone())).await.0, StatusCode::OK);
    caller.amo.set_hooks(HookBehaviour { doubled: true, held: true, ..HookBehaviour::default() });
    caller.amo.edit(ids[0], |contact| contact.name = "Анна".to_owned());
    caller.amo.delete(ids[1]);
    caller.amo.flush_hooks().await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let body = bodies.recv().await.expect("a hook");
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        seen.push(pairs[0].clone());
    }
    assert_eq!(seen[0], ("contacts[delete][0][id]".to_owned(), ids[1].to_string()), "the newest first");
    assert_eq!(seen[3], ("contacts[update][0][id]".to_owned(), ids[0].to_string()));
    caller.amo.set_hooks(HookBehaviour::default());
    let lead = caller.amo.add_lead(Lead::of(ids[0], "Торт", 1_500));
    caller.amo.move_lead(lead, pipelines::SALES, pipelines::WON);
    let body = bodies.recv().await.expect("a hook");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(pairs[0], ("leads[status][0][id]".to_owned(), lead.to_string()), "an added one was not asked for");
    assert!(pairs.contains(&("leads[status][0][old_status_id]".to_owned(), pipelines::FIRST.to_string())));
    assert_eq!(caller.call(Method::DELETE, "webhooks", Some(json!({ "destination": url }))).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn leads_are_listed_moved_and_go() {
    let caller = Caller::new().await;
    assert_eq!(caller.call(Method::GET, "leads", None).await.0, StatusCode::NO_CONTENT);
    let anna = caller.amo.add(Contact::person("Анна", "Петрова", &[]));
    let boris = caller.amo.add(Contact::person("Борис", "Сидоров", &[]));
    let lead = caller.amo.add_lead(Lead { contacts: vec![anna, boris], ..Lead::of(anna, "Торт", 1_500) });
    let other =
        caller.amo.add_lead(Lead { pipeline: pipelines::AGAIN, created_at: 1_600_000_000, ..Lead::of(boris, "Ещё торт", 900) });
    assert_eq!(caller.call(Method::GET, "leads?limit=251", None).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let ids = async |path: &str| {
        let (_, found) = caller.call(Method::GET, path, None).await;
        found["_embedded"]["leads"]
            .as_array()
            .map(|all| all.iter().filter_map(|lead| lead["id"].as_u64()).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    assert_eq!(ids("leads?order[id]=asc").await, [lead, other]);
    assert_eq!(ids("leads?order[created_at]=asc").await, [other, lead]);
    assert_eq!(ids("leads?filter[created_at][from]=1600000001").await, [lead]);
    assert_eq!(ids(&format!("leads?filter[id][]={lead}&filter[id][]={other}&limit=1&page=2")).await, [other]);
    let stage = format!("filter[statuses][0][pipeline_id]={}&filter[statuses][0][status_id]={}", pipelines::AGAIN, pipelines::TALKS);
    assert_eq!(ids(&format!("leads?{stage}")).await, [other]);
    let (_, plain) = caller.call(Method::GET, &format!("leads/{lead}"), None).await;
    assert_eq!((&plain["price"], &plain["_embedded"]["contacts"]), (&json!(1_500), &Value::Null));
    let (_, with) = caller.call(Method::GET, &format!("leads/{lead}?with=contacts"), None).await;
    assert_eq!(with["_embedded"]["contacts"], json!([{ "id": boris, "is_main": false }, { "id": anna, "is_main": true }]));
    let (_, all) = caller.call(Method::GET, "leads/pipelines", None).await;
    assert_eq!(all["_embedded"]["pipelines"][1]["_embedded"]["statuses"][1]["name"], "Купили снова");

    let wrong = json!({ "status_id": pipelines::TALKS });
    assert_eq!(caller.call(Method::PATCH, &format!("leads/{lead}"), Some(wrong)).await.0, StatusCode::BAD_REQUEST, "of another pipeline");
    let won = json!({ "pipeline_id": pipelines::SALES, "status_id": pipelines::WON });
    assert_eq!(caller.call(Method::PATCH, &format!("leads/{lead}"), Some(won)).await.0, StatusCode::OK);
    assert!(caller.amo.lead(lead).is_some_and(|lead| lead.closed_at.is_some()));
    caller.amo.delete_lead(lead);
    assert_eq!(caller.call(Method::GET, &format!("leads/{lead}"), None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ids("leads").await, [other]);
    let (_, events) = caller.call(Method::GET, "events?filter[entity]=lead&filter[type]=lead_deleted,lead_status_changed", None).await;
    let events = events["_embedded"]["events"].as_array().cloned().unwrap_or_default();
    assert_eq!(
        events.iter().map(|event| event["type"].as_str().unwrap_or_default()).collect::<Vec<_>>(),
        ["lead_deleted", "lead_status_changed"]
    );
    assert_eq!(events[1]["value_after"], json!([{ "lead_status": { "id": pipelines::WON, "pipeline_id": pipelines::SALES } }]));
    caller.amo.restore_lead(lead);
    assert_eq!(ids("leads").await, [lead, other]);
    let (_, users) = caller.call(Method::GET, "users", None).await;
    assert_eq!(users["_embedded"]["users"][0]["id"], with["responsible_user_id"]);
}

#[tokio::test]
async fn notes_of_leads_and_tasks_are_taken_or_named() {
    let caller = Caller::new().await;
    let anna = caller.amo.add(Contact::person("Анна", "Петрова", &[]));
    let lead = caller.amo.add_lead(Lead::of(anna, "Торт", 1_500));
    let note = |id: u64| json!([{ "entity_id": id, "note_type": "common", "params": { "text": "спросили" }, "request_id": "n" }]);
    assert_eq!(caller.call(Method::POST, "leads/notes", Some(note(anna))).await.0, StatusCode::BAD_REQUEST, "no lead");
    assert_eq!(caller.call(Method::POST, "leads/notes", Some(note(lead))).await.0, StatusCode::OK);
    assert_eq!((caller.amo.lead_notes(lead).len(), caller.amo.notes_of(lead).len()), (1, 0));
    let (_, found) = caller.call(Method::GET, &format!("leads/notes?filter[entity_id][]={lead}"), None).await;
    assert_eq!(found["_embedded"]["notes"][0]["params"]["text"], "спросили");
    assert_eq!(caller.call(Method::GET, "contacts/notes", None).await.0, StatusCode::NO_CONTENT);

    let task = |user: u64, text: &str| {
        json!({ "text": text, "complete_till": 1_720_099_999, "entity_id": anna, "entity_type": "contacts", "task_type_id": 1,
            "responsible_user_id": user, "request_id": text })
    };
    let olga = caller.amo.add_user("Ольга");
    let (status, refusal) = caller.call(Method::POST, "tasks", Some(json!([task(olga, "да"), task(1, "нет")]))).await;
    assert_eq!((status, &refusal["validation-errors"][0]["request_id"]), (StatusCode::BAD_REQUEST, &json!("нет")));
    let (status, made) = caller.call(Method::POST, "tasks", Some(json!([task(olga, "да")]))).await;
    assert_eq!((status, &made["_embedded"]["tasks"][0]["request_id"]), (StatusCode::OK, &json!("да")));
    let (_, found) = caller.call(Method::GET, &format!("tasks?filter[entity_type]=contacts&filter[entity_id][]={anna}"), None).await;
    let read = &found["_embedded"]["tasks"][0];
    assert_eq!((&read["result"], &read["responsible_user_id"]), (&json!([]), &json!(olga)), "an absent result is an empty list");
    let id = caller.amo.tasks()[0].id;
    let done = json!({ "is_completed": true, "result": { "text": "готово" } });
    assert_eq!(caller.call(Method::PATCH, &format!("tasks/{id}"), Some(done)).await.0, StatusCode::OK);
    assert_eq!(caller.call(Method::GET, "tasks?filter[is_completed]=0", None).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_crowd_is_made_up_page_by_page() {
    let caller = Caller::new().await;
    caller.amo.set_crowd(600, 0);
    let contacts = async |path: &str| -> Vec<Value> {
        let (_, answer) = caller.call(Method::GET, path, None).await;
        answer["_embedded"]["contacts"].as_array().cloned().unwrap_or_default()
    };
    let mut all = Vec::new();
    for page in 1..=4 {
        all.extend(contacts(&format!("contacts?limit=250&page={page}&order[id]=asc")).await);
    }
    let mut ids: Vec<u64> = all.iter().filter_map(|contact| contact["id"].as_u64()).collect();
    assert!(ids.len() == 600 && ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), 600);
    assert_eq!(contacts(&format!("contacts?limit=250&page=1&filter[id][]={}&filter[id][]=7", ids[4])).await, [all[4].clone()]);
    // Nothing has changed lately; with another turn every one has.
    assert!(contacts("contacts?limit=250&page=1&filter[updated_at][from]=1790000000").await.is_empty());
    caller.amo.set_crowd(600, 1);
    let then = contacts("contacts?limit=250&page=1&order[id]=asc").await;
    assert!(then.iter().zip(&all).all(|(then, before)| then["updated_at"] != before["updated_at"] && then["id"] == before["id"]));
    assert!(then.iter().zip(&all).all(|(then, before)| then["custom_fields_values"] != before["custom_fields_values"]));
}

#[tokio::test]
async fn a_card_shows_what_the_company_has_of_a_phone() {
    let shop = Caller::new().await;
    let mut contact = Contact::person("Анна", "Соколова", &["8 (999) 100-00-00"]);
    contact.set(fields::CITY, json!("Москва"));
    contact.set(fields::CONSENT, json!(false));
    let anna = shop.amo.add(contact);
    let lead = shop.amo.add_lead(Lead::of(anna, "Букет", 4_500));
    for (path, of, text) in [("contacts/notes", anna, "Звонила"), ("leads/notes", lead, "К обеду")] {
        let note = json!([{ "entity_id": of, "note_type": "common", "params": { "text": text } }]);
        assert_eq!(shop.call(Method::POST, path, Some(note)).await.0, StatusCode::OK, "{path}");
    }
    assert_eq!(shop.amo.cards("+7 999 000-00-00"), []);
    let [card] = &shop.amo.cards("+7 999 100-00-00")[..] else { panic!("one card") };
    let fields = [("Телефон", "8 (999) 100-00-00"), ("Город", "Москва")].map(|(title, value)| (title.to_owned(), value.to_owned()));
    assert_eq!((card.name.as_str(), card.fields.as_slice()), ("Анна Соколова", &fields[..]), "a box that is not ticked is not shown");
    let mut entries: Vec<(&str, &str)> = card.entries.iter().map(|entry| (entry.text.as_str(), entry.state.as_str())).collect();
    entries.sort_unstable();
    assert_eq!(entries, [("Букет, 4500 ₽", "Первичный контакт"), ("Звонила", ""), ("К обеду", "")]);
}
