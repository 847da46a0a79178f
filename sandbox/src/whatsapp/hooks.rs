//! Where webhooks go: an app's own address, an account's or a number's instead, each proved by a
//! challenge before it is kept. Section 6.1.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use super::{
    WhatsApp,
    error::{GraphError, GraphResult},
    server::Params,
    state::State,
};
use crate::ActionError;

/// An address that answered the challenge.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hook {
    pub(crate) url: String,
    /// The app it was set by.
    pub(crate) app: String,
}

/// Fields an app can subscribe to (those the double tells, and those it only takes).
const FIELDS: &[&str] = &[
    "messages",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "business_capability_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "user_preferences",
    "security",
];

/// The field of this name.
pub(crate) fn field(name: &str) -> Option<&'static str> {
    FIELDS.iter().copied().find(|known| *known == name)
}

/// Where a challenge may be sent: loopback over either scheme, for the sandbox has no network; the
/// provider itself wants HTTPS.
fn check(url: &str) -> Result<url::Url, String> {
    let parsed = url::Url::parse(url).map_err(|_| format!("'{url}' is no URL"))?;
    let loopback = crate::links::is_loopback(&parsed);
    if loopback && matches!(parsed.scheme(), "http" | "https") { Ok(parsed) } else { Err(format!("'{url}' does not answer")) }
}

/// Asks an address to prove that it is meant: it answers 200 with the bare challenge.
async fn challenge(url: &str, verify_token: &str) -> Result<(), String> {
    let mut asked = check(url)?;
    let challenge = rand::random_range(100_000_000_u64..10_000_000_000).to_string();
    asked
        .query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", verify_token);
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(20)).build();
    let client = client.map_err(|_| "there is no HTTP client".to_owned())?;
    let answer = client.get(asked).send().await.map_err(|_| format!("'{url}' does not answer"))?;
    let status = answer.status();
    let body = answer.text().await.unwrap_or_default();
    if status == reqwest::StatusCode::OK && body == challenge {
        Ok(())
    } else {
        Err(format!("'{url}' answered HTTP {status} and not the challenge"))
    }
}

fn unproved(reason: String) -> GraphError {
    let message = format!("(#2200) Callback verification failed with the following errors: {reason}");
    GraphError { status: 400, code: 2200, message, details: None, subcode: None, for_people: None }
}

/// Every field an app may subscribe to.
pub(crate) fn every_field() -> BTreeSet<String> {
    FIELDS.iter().map(|field| (*field).to_owned()).collect()
}

/// `POST /{APP_ID}/subscriptions`, with the app's own token.
pub(crate) async fn subscribe(whatsapp: &WhatsApp, app: &str, params: &Params) -> GraphResult {
    let need = |name: &str| params.text(name).ok_or_else(|| GraphError::parameter(format!("The parameter {name} is required.")));
    if need("object")? != "whatsapp_business_account" {
        return Err(GraphError::parameter("Param object must be whatsapp_business_account."));
    }
    let (url, token) = (need("callback_url")?, need("verify_token")?);
    let fields: BTreeSet<String> =
        params.text("fields").unwrap_or_default().split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    challenge(&url, &token).await.map_err(unproved)?;
    whatsapp.change(|state| {
        let found = state.apps.get_mut(app).ok_or_else(|| GraphError::no_node("POST", app))?;
        found.hook = Some(Hook { url, app: app.to_owned() });
        found.fields = fields;
        Ok(json!({ "success": true }))
    })
}

/// `POST /{WABA_ID}/subscribed_apps`: the app of the token gets the account's webhooks, at an
/// address of their own if one is given. A call without one takes that away.
pub(crate) async fn subscribe_account(whatsapp: &WhatsApp, app: &str, waba: &str, params: &Params) -> GraphResult {
    let hook = replacement(app, params.text("override_callback_uri"), params.text("verify_token")).await?;
    whatsapp.change(|state| {
        let found = state.wabas.get_mut(waba).ok_or_else(|| GraphError::no_node("POST", waba))?;
        found.subscribed.insert(app.to_owned());
        found.hook = hook;
        Ok(json!({ "success": true }))
    })
}

/// `POST /{PHONE_NUMBER_ID}` with `webhook_configuration`.
pub(crate) async fn configure_number(whatsapp: &WhatsApp, app: &str, number: i64, configuration: &Value) -> GraphResult {
    let text = |name: &str| configuration[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let hook = replacement(app, text("override_callback_uri"), text("verify_token")).await?;
    whatsapp.change(|state| {
        if let Some(number) = state.numbers.get_mut(&number) {
            number.hook = hook;
        }
        Ok(json!({ "success": true }))
    })
}

async fn replacement(app: &str, url: Option<String>, token: Option<String>) -> GraphResult<Option<Hook>> {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(None) };
    let token = token.ok_or_else(|| GraphError::parameter("The parameter verify_token is required."))?;
    challenge(&url, &token).await.map_err(unproved)?;
    Ok(Some(Hook { url, app: app.to_owned() }))
}

pub(crate) fn unsubscribe_account(state: &mut State, app: &str, waba: &str) -> Value {
    if let Some(waba) = state.wabas.get_mut(waba) {
        waba.subscribed.remove(app);
        waba.hook = None;
    }
    json!({ "success": true })
}

/// `GET /{WABA_ID}/subscribed_apps`.
pub(crate) fn subscribed(state: &State, waba: &str) -> Value {
    let Some(waba) = state.wabas.get(waba) else { return json!({ "data": [] }) };
    let show = |app: &String| {
        let mut shown =
            json!({ "whatsapp_business_api_data": { "id": app, "name": format!("App {app}"), "link": "https://www.facebook.com/" } });
        if let Some(hook) = waba.hook.as_ref().filter(|hook| hook.app == *app) {
            shown["override_callback_uri"] = json!(hook.url);
        }
        shown
    };
    json!({ "data": waba.subscribed.iter().map(show).collect::<Vec<_>>() })
}

impl WhatsApp {
    /// Sets an app's webhook address as its dashboard does: the address must answer the challenge.
    /// Without fields those it has stay.
    ///
    /// # Errors
    /// If there is no such app, the address does not answer the challenge, or a field is unknown.
    pub async fn set_callback(&self, app: &str, url: &str, verify_token: &str, fields: &[&str]) -> Result<(), ActionError> {
        if let Some(field) = fields.iter().find(|field| !FIELDS.contains(field)) {
            return Err(ActionError::Invalid(format!("there is no field {field:?} to subscribe to")));
        }
        if !self.look().apps.contains_key(app) {
            return Err(ActionError::Invalid(format!("there is no app {app:?}: add it first")));
        }
        challenge(url, verify_token).await.map_err(ActionError::Invalid)?;
        self.change(|state| {
            if let Some(found) = state.apps.get_mut(app) {
                found.hook = Some(Hook { url: url.to_owned(), app: app.to_owned() });
                if !fields.is_empty() {
                    found.fields = fields.iter().map(|field| (*field).to_owned()).collect();
                }
            }
        });
        Ok(())
    }
}
