//! Tokens, rights, limits, faults, licences.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use super::*;
use crate::{
    Fault, Rule,
    yclients::{NotFound, Rights},
};

#[tokio::test]
async fn both_tokens_and_the_media_type_are_wanted() {
    let world = World::new().await;
    let kind = "application/vnd.yclients.v2+json";
    let companies = |accept: &str, tokens: &str| {
        answered(world.request("GET", "/companies?my=1").header("accept", accept.to_owned()).header("authorization", tokens.to_owned()))
    };
    let good = format!("Bearer {PARTNER}, User {}", world.token);
    let (status, answer) = companies(kind, &good).await;
    assert_eq!((status, ids(&answer["data"]), &answer["meta"]["count"]), (200, vec![SALON, BRANCH], &json!(2)));
    assert_eq!(answer["data"][1]["timezone_name"], "Europe/Samara");
    assert_eq!(companies("application/json", &good).await.0, 400);
    for wrong in ["", "Bearer nobody", &format!("Bearer {PARTNER}"), &format!("Bearer {PARTNER}, User 0"), &world.token] {
        let (status, answer) = companies(kind, wrong).await;
        assert_eq!(status, 401, "{wrong}");
        assert_eq!(answer, json!({ "success": false, "data": null, "meta": { "message": "Authentication needed." } }));
    }
}

#[tokio::test]
async fn a_login_gives_the_token_until_the_password_changes() {
    let world = World::new().await;
    let auth = |password: &str| {
        let request = world.request("POST", "/auth").header("accept", "application/vnd.yclients.v2+json");
        let request = request.header("authorization", format!("Bearer {PARTNER}"));
        answered(request.json(&json!({ "login": "79161234567", "password": password })))
    };
    assert_eq!(auth("wrong").await.0, 401);
    let (status, answer) = auth("secret").await;
    assert_eq!((status, answer["data"]["user_token"].as_str()), (201, Some(world.token.as_str())));
    world.yclients().change_password(world.user, "another");
    assert_eq!(world.get("/companies").await.0, 401);
    assert_eq!(auth("secret").await.0, 401);
    let (_, again) = auth("another").await;
    assert_ne!(again["data"]["user_token"].as_str(), Some(world.token.as_str()));
}

#[tokio::test]
async fn rights_and_licences_close_a_company() {
    let world = World::new().await;
    let anna = world.anna();
    let boris = world.yclients().add_client(SALON, Client::person("Борис", "Чижов", "79120000001"));
    let path = format!("/clients/{SALON}");
    assert_eq!(world.get(&format!("/clients/{}", SALON + 9)).await.0, 403, "another's company");
    let few = Rights { phones: false, records: false, settings: false, hidden_clients: BTreeSet::from([boris]), ..Rights::default() };
    world.yclients().set_rights(world.user, SALON, Some(few));
    let (_, seen) = world.get(&path).await;
    assert_eq!(ids(&seen["data"]), [anna]);
    assert_eq!((&seen["data"][0]["phone"], &seen["meta"]["total_count"]), (&json!(""), &json!(1)), "less, without an error");
    assert_eq!(world.get(&format!("/client/{SALON}/{boris}")).await.0, 404);
    let (status, refusal) = world.get(&format!("/records/{SALON}")).await;
    assert_eq!((status, &refusal["meta"]["message"]), (403, &json!("Access denied.")));
    assert_eq!(world.get(&format!("/hooks_settings/{SALON}")).await.0, 403);
    world.yclients().set_rights(world.user, SALON, Some(Rights::default()));
    world.yclients().set_unpaid(SALON, true);
    let (status, refusal) = world.get(&path).await;
    assert_eq!(status, 402);
    assert!(refusal["meta"]["message"].as_str().unwrap().contains("4564"), "{refusal}");
    assert_eq!(world.get(&format!("/clients/{BRANCH}")).await.0, 200, "the branch beside it is paid for");
    world.yclients().set_rights(world.user, BRANCH, None);
    assert_eq!(world.get(&format!("/clients/{BRANCH}")).await.0, 403);
}

#[tokio::test]
async fn too_many_calls_are_refused_until_time_passes() {
    let world = World::with(Settings { per_minute: Some(3), ..Settings::quick() }).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(world.get("/companies").await.0);
    }
    assert_eq!(seen, [200, 200, 200, 429, 429]);
    world.sandbox.clock().advance(Duration::from_secs(60));
    assert_eq!(world.get("/companies").await.0, 200, "what was refused does not count");
    world.yclients().set(|settings| (settings.per_minute, settings.per_second, settings.retry_after) = (None, Some(0), Some(7)));
    let tokens = format!("Bearer {PARTNER}, User {}", world.token);
    let request = world.request("GET", "/companies").header("accept", "application/vnd.yclients.v2+json").header("authorization", tokens);
    let answer = request.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    assert_eq!(world.yclients().ledger().refused(429), 3);
    assert_eq!(world.yclients().ledger().calls()["GET /companies"], 7);
}

#[tokio::test]
async fn not_found_has_four_faces() {
    let world = World::new().await;
    let mut seen = Vec::new();
    for not_found in [NotFound::Message, NotFound::EmptyObject, NotFound::EmptyList, NotFound::Old] {
        world.yclients().set(|settings| settings.not_found = not_found);
        let (status, answer) = world.get(&format!("/client/{SALON}/1")).await;
        assert_eq!(status, 404);
        seen.push(answer);
    }
    assert_eq!(seen[0]["meta"]["message"], "Not Found");
    assert_eq!((&seen[1]["meta"], &seen[2]["meta"]), (&json!({}), &json!([])));
    assert_eq!(seen[3], json!({ "success": false, "errors": { "code": 404, "message": "Not Found" } }));
    assert_eq!(world.get("/nothing").await.0, 404);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_write() {
    let world = World::new().await;
    let anna = world.anna();
    let path = format!("/company/{SALON}/clients/{anna}/comments");
    let faults = world.yclients().faults();
    faults.add(Rule::new(Fault::DropAfter).service("yclients").method("POST /company/{id}/clients/{id}/comments").times(1));
    let tokens = format!("Bearer {PARTNER}, User {}", world.token);
    let request = world.request("POST", &path).header("accept", "application/vnd.yclients.v2+json").header("authorization", tokens);
    assert!(request.json(&json!({ "text": "раз" })).send().await.is_err());
    assert_eq!(world.yclients().comments_of(SALON, anna).len(), 1);
    faults.add(Rule::new(Fault::DropBefore).bot(SALON).chat(anna).times(1));
    assert!(world.request("GET", &format!("/client/{SALON}/{anna}")).send().await.is_err());
    faults.add(Rule::new(Fault::Gateway { code: 502, accepted: false }).times(1));
    assert_eq!(world.call("POST", &path, json!({ "text": "два" })).await.0, 502);
    faults.add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).times(1));
    assert_eq!(world.call("POST", &path, json!({ "text": "два" })).await.0, 429);
    faults.add(Rule::new(Fault::Error { code: 500, description: "oops".to_owned(), retry_after: None }).times(1));
    assert_eq!(world.call("POST", &path, json!({ "text": "два" })).await.1["meta"]["message"], "oops");
    assert_eq!(world.yclients().writes().len(), 1);
}

#[tokio::test]
async fn an_application_is_installed_and_removed() {
    let world = World::new().await;
    let hook = Hook::serve().await;
    let system = world.yclients().install(PARTNER, SALON);
    let token = world.yclients().user_token(system);
    let kind = "application/vnd.yclients.v2+json";
    let clients = || {
        let request = world.request("GET", &format!("/clients/{SALON}")).header("accept", kind);
        answered(request.header("authorization", format!("Bearer {PARTNER}, User {token}")))
    };
    assert_eq!(clients().await.0, 403, "not confirmed yet");
    let confirm = |partner: &str, application: i64| {
        let request = world.request("POST", "/marketplace/partner/callback").header("accept", kind);
        let request = request.header("authorization", format!("Bearer {partner}"));
        answered(request.json(&json!({ "salon_id": SALON, "application_id": application })))
    };
    assert_eq!(confirm(OTHER, 17).await.0, 403);
    assert_eq!(confirm(PARTNER, 17).await.0, 200);
    assert_eq!(clients().await.0, 200);
    assert_eq!(world.yclients().tell_application(PARTNER, SALON, "uninstall", &hook.url).await, 200);
    let told = json!({ "salon_id": SALON, "application_id": 17, "event": "uninstall", "partner_token": PARTNER });
    assert_eq!(hook.bodies(), [told]);
    assert_eq!(clients().await.0, 403);
    assert_eq!(confirm(PARTNER, 17).await.0, 404, "nobody installs it now");
    assert_eq!(world.call("POST", "/marketplace/partner/callback", Value::Null).await.0, 422);
}

#[tokio::test]
async fn the_control_surface_does_what_the_handle_does() {
    let world = World::new().await;
    let base = format!("{}/sandbox/yclients", world.sandbox.url());
    let post = |path: &str, body: Value| answered(world.http.post(format!("{base}{path}")).json(&body));
    assert_eq!(post("/partners", json!({ "token": "third", "application": 19 })).await.0, 200);
    assert_eq!(post("/companies", json!({ "id": 7, "title": "Студия" })).await.0, 200);
    let (_, user) = post("/users", json!({ "login": "7", "password": "p", "companies": [7] })).await;
    let (_, seeded) = post("/companies/7/seed", json!({ "count": 3 })).await;
    let tokens = format!("Bearer third, User {}", user["token"].as_str().unwrap());
    let request = world.request("GET", "/clients/7").header("accept", "application/vnd.yclients.v2+json");
    assert_eq!(json!(ids(&answered(request.header("authorization", tokens)).await.1["data"])), seeded);
    let settings = world.http.put(format!("{base}/settings")).json(&json!({ "per_second": 0 }));
    assert_eq!(answered(settings).await.0, 200);
    assert_eq!(answered(world.http.get(format!("{base}/settings"))).await.1["per_second"], 0);
    assert_eq!(answered(world.http.get(format!("{base}/writes"))).await.1, json!([]));
    assert_eq!(world.get("/companies").await.0, 429);
}
