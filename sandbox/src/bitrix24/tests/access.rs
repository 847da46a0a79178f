//! Webhooks, tokens, plans, portals that move.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_webhook_is_its_secret_its_user_and_its_scopes() {
    let world = World::new().await;
    let (status, answer) = world.call("profile.json", json!({})).await;
    assert_eq!((status, &answer["result"]["ID"]), (200, &json!("1")));
    assert!(answer["time"]["operating"].is_number() && answer["time"]["date_start"].is_string(), "{answer}");
    let wrong = world.webhook.replace("/rest/1/", "/rest/2/");
    assert_eq!(world.at(&format!("{wrong}profile"), json!({})).await.1["error"], "NO_AUTH_FOUND");
    assert_eq!(world.refused("crm.nothing.list", json!({})).await, refusal(404, "ERROR_METHOD_NOT_FOUND"));
    assert_eq!(world.refused("event.get", json!({})).await, refusal(403, "WRONG_AUTH_TYPE"));
    let few = world.bitrix().webhook(world.portal, 1, &["user"]);
    let (status, answer) = world.at(&format!("{few}crm.item.list"), json!({ "entityTypeId": 3 })).await;
    assert_eq!((status, &answer["error"]), (403, &json!("insufficient_scope")));
    assert_eq!(world.ok("method.get", json!({ "name": "crm.item.list" })).await, json!({ "isExisting": true, "isAvailable": true }));
    assert_eq!(world.ok("method.get", json!({ "name": "crm.nothing" })).await["isExisting"], false);
    let mortal = world.bitrix().add_user(world.portal, false);
    let theirs = world.bitrix().webhook(world.portal, mortal, &["crm"]);
    world.bitrix().dismiss(world.portal, mortal);
    let (status, answer) = world.at(&format!("{theirs}profile"), json!({})).await;
    assert_eq!((status, &answer["error"]), (403, &json!("INVALID_CREDENTIALS")));
    world.bitrix().end_webhooks(world.portal, Some(world.bitrix().now()));
    assert_eq!(world.refused("profile", json!({})).await, refusal(401, "NO_AUTH_FOUND"));
}

#[tokio::test]
async fn forms_and_queries_are_read_as_json_is() {
    let world = World::new().await;
    let anna = world.anna();
    let form = [("entityTypeId", "3"), ("filter[=lastName]", "Петрова"), ("select[]", "id"), ("start", "-1")];
    let (status, answer) = answered(world.http.post(format!("{}crm.item.list", world.webhook)).form(&form)).await;
    assert_eq!((status, ids(&answer["result"]["items"])), (200, vec![anna]));
    let query = format!("{}crm.item.get?entityTypeId=3&id={anna}", world.webhook);
    assert_eq!(answered(world.http.get(query)).await.1["result"]["item"]["name"], "Анна");
    let broken = world.http.post(format!("{}profile", world.webhook)).header("content-type", "application/json").body("{");
    assert_eq!(answered(broken).await.1["error"], "INVALID_REQUEST");
}

#[tokio::test]
async fn tokens_come_for_a_code_and_are_renewed_once() {
    let world = World::new().await;
    let server = format!("{}/oauth/token/", world.bitrix().url());
    let ask = async |grant: &str, key: &str, value: &str| {
        let query = [("grant_type", grant), ("client_id", CLIENT), ("client_secret", "secret"), (key, value)];
        answered(world.http.get(&server).query(&query)).await
    };
    let address = format!("{}/{DOMAIN}/oauth/authorize/?client_id={CLIENT}&state=7", world.bitrix().url());
    let answer = world.http.get(address).send().await.unwrap();
    let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let brought: HashMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!((brought["state"].as_str(), brought["domain"].as_str()), ("7", DOMAIN));
    assert_eq!(brought["member_id"], world.bitrix().member_id(world.portal));
    let (status, pair) = ask("authorization_code", "code", &brought["code"]).await;
    assert_eq!((status, &pair["expires_in"], &pair["client_endpoint"]), (200, &json!(3600), &json!(world.bitrix().endpoint(world.portal))));
    assert_eq!(ask("authorization_code", "code", &brought["code"]).await.1["error"], "invalid_grant", "a code is used once");
    let late = world.bitrix().code(CLIENT, world.portal);
    world.sandbox.clock().advance(Duration::from_secs(30));
    assert_eq!(ask("authorization_code", "code", &late).await.1["error"], "invalid_grant");

    let access = pair["access_token"].as_str().unwrap();
    assert_eq!(world.by_app(access, "app.info", json!({})).await.1["result"]["CODE"], CLIENT);
    world.sandbox.clock().advance(Duration::from_secs(3_600));
    let (status, answer) = world.by_app(access, "app.info", json!({})).await;
    assert_eq!((status, &answer["error"]), (401, &json!("expired_token")));
    assert_eq!(world.by_app("nonsense", "app.info", json!({})).await.1["error"], "NO_AUTH_FOUND");
    let old = pair["refresh_token"].as_str().unwrap();
    let (_, next) = ask("refresh_token", "refresh_token", old).await;
    assert!(next["expires"].is_i64() && next["user_id"] == 1 && next["member_id"] == pair["member_id"], "{next}");
    assert_eq!(ask("refresh_token", "refresh_token", old).await.1["error"], "invalid_grant", "the new one is in its place");
    world.bitrix().set(|settings| settings.old_refresh_lives = true);
    let newer = next["refresh_token"].as_str().unwrap();
    assert_eq!(ask("refresh_token", "refresh_token", newer).await.0, 200);
    assert_eq!(ask("refresh_token", "refresh_token", newer).await.0, 200, "where an answer that is lost costs nothing");
    world.sandbox.clock().advance(Duration::from_secs(181 * 86_400));
    assert_eq!(ask("refresh_token", "refresh_token", newer).await.1["error"], "invalid_grant", "180 days of silence");
    let wrong = [("grant_type", "refresh_token"), ("client_id", CLIENT), ("client_secret", "x"), ("refresh_token", old)];
    let (status, answer) = answered(world.http.get(&server).query(&wrong)).await;
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
}

#[tokio::test]
async fn a_revoked_application_is_nobody() {
    let world = World::new().await;
    let (access, refresh) = world.bitrix().grant(world.portal, CLIENT);
    assert_eq!(world.by_app(&access, "profile", json!({})).await.0, 200);
    world.bitrix().expire_access(world.portal);
    assert_eq!(world.by_app(&access, "profile", json!({})).await.1["error"], "expired_token");
    world.bitrix().revoke_all(world.portal);
    assert_eq!(world.by_app(&access, "profile", json!({})).await.1["error"], "NO_AUTH_FOUND");
    let query = [("grant_type", "refresh_token"), ("client_id", CLIENT), ("client_secret", "secret"), ("refresh_token", &refresh)];
    let renewed = world.http.get(format!("{}/oauth/token/", world.bitrix().url())).query(&query);
    assert_eq!(answered(renewed).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn plans_closures_and_moves() {
    let world = World::new().await;
    world.bitrix().set_plan(world.portal, false, false);
    let (status, answer) = world.call("profile", json!({})).await;
    assert_eq!((status, &answer["error"]), (403, &json!("ACCESS_DENIED")));
    assert_eq!(answer["error_description"], "REST API is available only on commercial plans");
    world.bitrix().set_plan(world.portal, true, false);
    world.bitrix().set_closed(world.portal, true);
    assert_eq!(world.refused("profile", json!({})).await, refusal(500, "PORTAL_DELETED"));
    world.bitrix().set_closed(world.portal, false);
    world.bitrix().move_portal(world.portal, "lepestok.bitrix24.ru");
    let answer = world.http.post(format!("{}profile?x=1", world.webhook)).json(&json!({})).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 302);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(location, format!("{}profile?x=1", world.webhook.replace(DOMAIN, "lepestok.bitrix24.ru")));
    assert_eq!(world.at(&location, json!({})).await.0, 200);
    assert_eq!(world.at(&format!("{}/nobody.bitrix24.ru/rest/1/x/profile", world.bitrix().url()), json!({})).await.0, 404);
}

#[tokio::test]
async fn the_control_surface_makes_a_portal() {
    let world = World::new().await;
    let base = format!("{}/sandbox/bitrix24", world.sandbox.url());
    let post = |path: &str, body: Value| answered(world.http.post(format!("{base}{path}")).json(&body));
    let portal = post("/portals", json!({ "domain": "sosed.bitrix24.ru" })).await.1["id"].as_i64().unwrap();
    let field = json!({ "kind": "contact", "name": "UF_CRM_1", "user_type": "boolean", "label": "Не писать" });
    assert_eq!(post(&format!("/portals/{portal}/fields"), field).await.0, 200);
    let (_, seeded) = post(&format!("/portals/{portal}/seed"), json!({ "count": 2 })).await;
    let (_, hook) = post(&format!("/portals/{portal}/webhooks"), json!({ "user": 1, "scopes": ["crm"] })).await;
    let address = format!("{}crm.item.list", hook["url"].as_str().unwrap());
    let (_, answer) = world.at(&address, json!({ "entityTypeId": 3, "select": ["id", "ufCrm_1"] })).await;
    assert_eq!((json!(ids(&answer["result"]["items"])), &answer["result"]["items"][0]["ufCrm_1"]), (seeded.clone(), &json!("N")));
    let notes = world.http.get(format!("{base}/portals/{portal}/notes/contact/{}", seeded[0]));
    assert_eq!(answered(notes).await.1, json!([]));
    let settings = world.http.put(format!("{base}/settings")).json(&json!({ "bucket": { "capacity": 0.0, "drain": 0.0 } }));
    assert_eq!(answered(settings).await.0, 200);
    assert_eq!(answered(world.http.get(format!("{base}/settings"))).await.1["operating_limit"], 480.0);
    assert_eq!(answered(world.http.get(format!("{base}/writes"))).await.1, json!([]));
    assert_eq!(world.at(&address, json!({})).await.0, 503);
}
