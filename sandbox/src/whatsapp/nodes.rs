//! What can be read of numbers and accounts, and done to numbers: sections 1 and 4.

use serde_json::{Map, Value, json};

use super::{
    error::{GraphError, GraphResult},
    server::Params,
    state::State,
    templates::fields,
};

const NUMBER: &[&str] = &[
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "webhook_configuration",
];

fn all(state: &State, id: i64) -> Map<String, Value> {
    let Some(number) = state.numbers.get(&id) else { return Map::new() };
    let waba = state.wabas.get(&number.waba);
    let tier = waba.and_then(|waba| state.portfolios.get(&waba.portfolio)).map(|portfolio| portfolio.tier.name());
    let level = if number.throughput > 80 { "HIGH" } else { "STANDARD" };
    let mut hooks = json!({});
    if let Some(hook) = &number.hook {
        hooks["phone_number"] = json!(hook.url);
    }
    if let Some(hook) = waba.and_then(|waba| waba.hook.as_ref()) {
        hooks["whatsapp_business_account"] = json!(hook.url);
    }
    let app = waba.and_then(|waba| waba.subscribed.iter().find_map(|app| state.apps.get(app)?.hook.as_ref()));
    if let Some(hook) = app {
        hooks["application"] = json!(hook.url);
    }
    Map::from_iter([
        ("id".to_owned(), json!(id.to_string())),
        ("verified_name".to_owned(), json!(number.name)),
        ("code_verification_status".to_owned(), json!("VERIFIED")),
        ("display_phone_number".to_owned(), json!(format!("+{}", number.display()))),
        ("quality_rating".to_owned(), json!(number.quality)),
        ("platform_type".to_owned(), json!(if number.registered { "CLOUD_API" } else { "NOT_APPLICABLE" })),
        ("throughput".to_owned(), json!({ "level": level })),
        ("webhook_configuration".to_owned(), hooks),
        ("whatsapp_business_manager_messaging_limit".to_owned(), json!(tier)),
        ("status".to_owned(), json!(if number.registered { "CONNECTED" } else { "DISCONNECTED" })),
        ("name_status".to_owned(), json!("APPROVED")),
        ("account_mode".to_owned(), json!("LIVE")),
        ("is_pin_enabled".to_owned(), json!(number.pin.is_some())),
    ])
}

pub(crate) fn number(state: &State, id: i64, params: &Params) -> Value {
    fields(all(state, id), params.text("fields").as_deref(), NUMBER)
}

/// `GET /{WABA_ID}/phone_numbers`.
pub(crate) fn numbers(state: &State, waba: &str, params: &Params) -> Value {
    let of = state.numbers.iter().filter(|(_, number)| number.waba == waba && !number.deleted);
    let data: Vec<Value> = of.map(|(id, _)| number(state, *id, params)).collect();
    json!({ "data": data, "paging": { "cursors": { "before": "MA", "after": "MQ" } } })
}

/// `GET /{WABA_ID}`.
pub(crate) fn account(state: &State, id: &str, params: &Params) -> Value {
    let Some(waba) = state.wabas.get(id) else { return json!({}) };
    let tier = state.portfolios.get(&waba.portfolio).map(|portfolio| portfolio.tier.name());
    let all = Map::from_iter([
        ("id".to_owned(), json!(id)),
        ("name".to_owned(), json!(waba.name)),
        ("timezone_id".to_owned(), json!("1")),
        ("currency".to_owned(), json!("USD")),
        ("message_template_namespace".to_owned(), json!(format!("ns_{id}"))),
        ("account_review_status".to_owned(), json!("APPROVED")),
        ("business_verification_status".to_owned(), json!("verified")),
        ("whatsapp_business_manager_messaging_limit".to_owned(), json!(tier)),
        ("owner_business_info".to_owned(), json!({ "id": waba.portfolio, "name": waba.portfolio })),
    ]);
    fields(all, params.text("fields").as_deref(), &["name", "timezone_id", "message_template_namespace"])
}

/// `POST /{PHONE_NUMBER_ID}/register`: with the PIN it was registered with before, if it was.
pub(crate) fn register(state: &mut State, id: i64, params: &Params) -> GraphResult {
    let pin = params.text("pin").filter(|pin| pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()));
    let pin = pin.ok_or_else(|| GraphError::parameter("Param pin must have 6 digits."))?;
    let number = state.numbers.get_mut(&id).ok_or_else(|| GraphError::no_node("POST", &id.to_string()))?;
    if number.pin.as_ref().is_some_and(|known| *known != pin) {
        return Err(GraphError::new(133_005));
    }
    (number.pin, number.registered) = (Some(pin), true);
    Ok(json!({ "success": true }))
}

pub(crate) fn deregister(state: &mut State, id: i64) -> Value {
    if let Some(number) = state.numbers.get_mut(&id) {
        number.registered = false;
    }
    json!({ "success": true })
}

/// `GET /{PHONE_NUMBER_ID}/message_history?message_id=`: the steps of one message. (The contract
/// names the steps; the shape around them is taken from Meta's OpenAPI file and unconfirmed.)
pub(crate) fn history(state: &State, id: i64, params: &Params) -> GraphResult {
    let wamid = params.text("message_id").ok_or_else(|| GraphError::parameter("The parameter message_id is required."))?;
    let serial = state.by_wamid.get(&wamid);
    let message = serial.and_then(|serial| state.messages.get(serial)).filter(|message| message.number == id && message.from_business);
    let message = message.ok_or_else(|| GraphError::parameter(format!("There is no message {wamid} of this number.")))?;
    let event = |(status, at, code): &(super::Status, chrono::DateTime<chrono::Utc>, Option<u32>)| {
        let mut event = json!({ "delivery_status": status.name().to_ascii_uppercase(), "timestamp": at.timestamp() });
        if let Some(code) = code {
            event["error_description"] = json!(GraphError::new(*code).message);
        }
        event
    };
    let told = message.steps.iter().filter(|(status, ..)| *status >= super::Status::Sent).map(event).collect::<Vec<_>>();
    Ok(json!({ "data": [{ "id": message.serial.to_string(), "message_id": wamid, "events": { "data": told } }] }))
}
