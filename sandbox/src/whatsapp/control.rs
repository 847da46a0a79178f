//! The control surface over HTTP, under `/sandbox/whatsapp/…`: what the Rust handle does, for the
//! page and for tests in other processes. JSON in and out. Faults, restarts, events and the clock
//! are the sandbox's.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, header},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Access, Attachment, Fate, Receipts, Settings, Tier, WhatsApp,
    media::MAX_REQUEST,
    person::Person,
    state::{Category, Status},
};
use crate::{
    ActionError,
    control::{Answer, done, served},
    desk::{body, unknown},
};

pub(crate) fn router(whatsapp: WhatsApp) -> Router {
    Router::new()
        .route("/apps", post(add_app))
        .route("/apps/{app}/callback", post(callback))
        .route("/wabas", post(add_waba))
        .route("/wabas/{waba}/{action}", post(act_waba))
        .route("/portfolios/{portfolio}", get(portfolio).put(set_portfolio))
        .route("/tokens", post(add_token))
        .route("/tokens/revoke", post(revoke))
        .route("/numbers", get(numbers).post(add_number))
        .route("/numbers/{number}/{action}", post(act_number))
        .route("/people", get(people).post(add_person))
        .route("/people/{person}/{action}", post(act_person))
        .route("/chats/{number}/{person}", get(chat))
        .route("/chats/{number}/{person}/accepted", get(accepted))
        .route("/chats/{number}/{person}/{action}", post(act))
        .route("/chats/{number}/{person}/file", post(send_file))
        .route("/messages/{wamid}", get(message))
        .route("/messages/{wamid}/{status}", post(tell_status))
        .route("/received/{number}", get(received))
        .route("/files/{file}", get(file))
        .route("/templates", get(templates))
        .route("/templates/{template}/{action}", post(act_template))
        .route("/settings", get(settings).put(set_settings))
        .route("/webhooks", get(webhooks))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(whatsapp)
}

#[derive(Deserialize)]
struct NewApp {
    id: String,
    secret: String,
}

async fn add_app(State(whatsapp): State<WhatsApp>, Json(new): Json<NewApp>) -> Answer {
    done(whatsapp.add_app(&new.id, &new.secret)?)
}

#[derive(Deserialize)]
struct Callback {
    url: String,
    verify_token: String,
    #[serde(default)]
    fields: Vec<String>,
}

async fn callback(State(whatsapp): State<WhatsApp>, Path(app): Path<String>, Json(wanted): Json<Callback>) -> Answer {
    let fields: Vec<&str> = wanted.fields.iter().map(String::as_str).collect();
    done(whatsapp.set_callback(&app, &wanted.url, &wanted.verify_token, &fields).await?)
}

#[derive(Deserialize)]
struct NewWaba {
    id: String,
    portfolio: String,
}

async fn add_waba(State(whatsapp): State<WhatsApp>, Json(new): Json<NewWaba>) -> Answer {
    done(whatsapp.add_waba(&new.id, &new.portfolio)?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ActWaba {
    country: String,
    barred: bool,
    banned: bool,
    field: String,
    value: Value,
}

async fn act_waba(State(whatsapp): State<WhatsApp>, Path((waba, action)): Path<(String, String)>, bytes: Bytes) -> Answer {
    let act: ActWaba = body(&bytes)?;
    match action.as_str() {
        "unsubscribe" => done(whatsapp.unsubscribe(&waba)?),
        "country" => done(whatsapp.bar_country(&waba, &act.country, act.barred)?),
        "ban" => done(whatsapp.ban(&waba, act.banned)?),
        "tell" => done(whatsapp.tell(&waba, &act.field, act.value)?),
        _ => Err(unknown("accounts", &action, "unsubscribe, country, ban, tell")),
    }
}

async fn portfolio(State(whatsapp): State<WhatsApp>, Path(portfolio): Path<String>) -> Answer {
    done(json!({ "reached": whatsapp.reached(&portfolio) }))
}

#[derive(Deserialize)]
struct SetPortfolio {
    #[serde(default)]
    tier: Option<Tier>,
    #[serde(default)]
    verified: bool,
    #[serde(default)]
    managed: bool,
}

async fn set_portfolio(State(whatsapp): State<WhatsApp>, Path(portfolio): Path<String>, Json(set): Json<SetPortfolio>) -> Answer {
    whatsapp.set_portfolio(&portfolio, set.verified, set.managed)?;
    if let Some(tier) = set.tier {
        whatsapp.set_tier(&portfolio, tier)?;
    }
    done(true)
}

#[derive(Deserialize)]
struct NewToken {
    token: String,
    app: String,
    #[serde(default = "yes")]
    messaging: bool,
    #[serde(default = "yes")]
    management: bool,
    #[serde(default)]
    wabas: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

async fn add_token(State(whatsapp): State<WhatsApp>, Json(new): Json<NewToken>) -> Answer {
    let access = Access { messaging: new.messaging, management: new.management, wabas: new.wabas, expires: None };
    done(whatsapp.add_token_with(&new.token, &new.app, access)?)
}

#[derive(Deserialize)]
struct Revoke {
    token: String,
}

async fn revoke(State(whatsapp): State<WhatsApp>, Json(wanted): Json<Revoke>) -> Answer {
    whatsapp.revoke(&wanted.token);
    done(true)
}

async fn numbers(State(whatsapp): State<WhatsApp>) -> Answer {
    done(whatsapp.numbers())
}

#[derive(Deserialize)]
struct NewNumber {
    id: i64,
    waba: String,
    phone: String,
    name: String,
}

async fn add_number(State(whatsapp): State<WhatsApp>, Json(new): Json<NewNumber>) -> Answer {
    done(whatsapp.add_number(new.id, &new.waba, &new.phone, &new.name)?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ActNumber {
    code: Option<u32>,
    per_second: usize,
    maintenance_ms: u64,
    quality: String,
    flagged: bool,
    may: bool,
}

async fn act_number(State(whatsapp): State<WhatsApp>, Path((number, action)): Path<(i64, String)>, bytes: Bytes) -> Answer {
    let act: ActNumber = body(&bytes)?;
    match action.as_str() {
        "trouble" => done(whatsapp.set_trouble(number, act.code)?),
        "delete" => done(whatsapp.delete_number(number)?),
        "throughput" => done(whatsapp.upgrade_throughput(number, act.per_second, Duration::from_millis(act.maintenance_ms))?),
        "quality" => done(whatsapp.set_number_quality(number, &act.quality)?),
        "flag" => done(whatsapp.flag(number, act.flagged)?),
        "marketing_api" => done(whatsapp.set_marketing_api(number, act.may)?),
        _ => Err(unknown("numbers", &action, "trouble, delete, throughput, quality, flag, marketing_api")),
    }
}

async fn people(State(whatsapp): State<WhatsApp>) -> Answer {
    done(whatsapp.people())
}

async fn add_person(State(whatsapp): State<WhatsApp>, Json(person): Json<Person>) -> Answer {
    whatsapp.add_person(person);
    done(true)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ActPerson {
    phone: String,
    online: bool,
    fates: Vec<Fate>,
    receipts: Option<Receipts>,
    number: i64,
}

async fn act_person(State(whatsapp): State<WhatsApp>, Path((person, action)): Path<(i64, String)>, bytes: Bytes) -> Answer {
    let act: ActPerson = body(&bytes)?;
    match action.as_str() {
        "phone" => done(whatsapp.change_phone(person, &act.phone)?),
        "user_id" => done(whatsapp.change_user_id(person)?),
        "online" => done(whatsapp.set_online(person, act.online)?),
        "fates" => done(whatsapp.set_fates(person, act.fates)?),
        "receipts" => done(whatsapp.set_receipts(person, act.receipts)?),
        "book" => done(whatsapp.put_in_book(act.number, person)?),
        _ => Err(unknown("people", &action, "phone, user_id, online, fates, receipts, book")),
    }
}

async fn chat(State(whatsapp): State<WhatsApp>, Path((number, person)): Path<(i64, i64)>) -> Answer {
    done(Chat { chat: whatsapp.chat(number, person), user_id: whatsapp.user_id(number, person) })
}

async fn accepted(State(whatsapp): State<WhatsApp>, Path((number, person)): Path<(i64, i64)>) -> Answer {
    done(whatsapp.accepted(number, person))
}

/// What a person does; every action reads the fields it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Act {
    text: String,
    /// The wamid it is about.
    message: Option<String>,
    wanted: bool,
}

async fn act(State(whatsapp): State<WhatsApp>, Path((number, person, action)): Path<(i64, i64, String)>, bytes: Bytes) -> Answer {
    let act: Act = body(&bytes)?;
    let about = || act.message.clone().ok_or_else(|| ActionError::Invalid(format!("{action} needs the field message")));
    match action.as_str() {
        "text" => done(json!({ "message": match &act.message {
            Some(to) => whatsapp.reply(number, person, to, &act.text)?,
            None => whatsapp.write(number, person, &act.text)?,
        }})),
        "press" => done(json!({ "message": match &act.message {
            Some(message) => whatsapp.press(number, person, message, &act.text)?,
            None => whatsapp.press_text(number, person, &act.text)?,
        }})),
        "react" => done(json!({ "message": whatsapp.react(number, person, &about()?, &act.text)? })),
        "unsupported" => done(json!({ "message": whatsapp.send_unsupported(number, person, &act.text)? })),
        "read" => done(json!({ "read": whatsapp.read(number, person)? })),
        "block" => done(whatsapp.block(number, person)?),
        "unblock" => done(whatsapp.unblock(number, person)?),
        "marketing" => done(whatsapp.set_marketing(number, person, act.wanted)?),
        _ => Err(unknown("people", &action, "text, press, react, unsupported, file, read, block, unblock, marketing")),
    }
}

#[derive(Deserialize)]
struct FileQuery {
    name: String,
    kind: String,
    #[serde(default)]
    caption: String,
}

/// The body is the file itself.
async fn send_file(
    State(whatsapp): State<WhatsApp>,
    Path((number, person)): Path<(i64, i64)>,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    data: Bytes,
) -> Answer {
    let mime = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/octet-stream").to_owned();
    let file = Attachment { name: query.name, mime, data, kind: query.kind, caption: query.caption };
    done(json!({ "message": whatsapp.send_file(number, person, file)? }))
}

async fn message(State(whatsapp): State<WhatsApp>, Path(wamid): Path<String>) -> Answer {
    done(whatsapp.message(&wamid).ok_or_else(|| ActionError::no_message(&wamid))?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TellStatus {
    code: Option<u32>,
    /// The message really fails; otherwise the status is only told.
    really: bool,
}

async fn tell_status(State(whatsapp): State<WhatsApp>, Path((wamid, status)): Path<(String, Status)>, bytes: Bytes) -> Answer {
    let told: TellStatus = body(&bytes)?;
    match (told.really, status) {
        (true, Status::Failed) => done(whatsapp.fail_message(&wamid, told.code.unwrap_or(131_000))?),
        _ => done(whatsapp.tell_status(&wamid, status, told.code)?),
    }
}

async fn received(State(whatsapp): State<WhatsApp>, Path(number): Path<i64>) -> Answer {
    let counts: BTreeMap<String, u64> = whatsapp.received(number).into_iter().map(|(person, count)| (person.to_string(), count)).collect();
    done(counts)
}

async fn file(State(whatsapp): State<WhatsApp>, Path(id): Path<u64>) -> Response {
    served(whatsapp.file(id).map(|(data, name, mime)| (data, name, Some(mime))))
}

#[derive(Serialize)]
struct Chat {
    #[serde(flatten)]
    chat: super::ChatView,
    /// The person's BSUID for this number.
    user_id: Option<String>,
}

async fn templates(State(whatsapp): State<WhatsApp>) -> Answer {
    done(whatsapp.templates())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ActTemplate {
    reason: String,
    category: Option<Category>,
    quality: String,
    free: u32,
}

async fn act_template(State(whatsapp): State<WhatsApp>, Path((template, action)): Path<(u64, String)>, bytes: Bytes) -> Answer {
    let act: ActTemplate = body(&bytes)?;
    match action.as_str() {
        "approve" => done(whatsapp.approve(template)?),
        "reject" => done(whatsapp.reject(template, if act.reason.is_empty() { "INVALID_FORMAT" } else { &act.reason })?),
        "pause" => done(whatsapp.pause(template)?),
        "disable" => done(whatsapp.disable(template)?),
        "recategorise" => {
            let category = act.category.ok_or_else(|| ActionError::Invalid("recategorise needs the field category".to_owned()))?;
            done(whatsapp.recategorise(template, category)?)
        }
        "quality" => done(whatsapp.set_quality(template, &act.quality)?),
        "pace" => done(whatsapp.pace(template, act.free)?),
        "release" => done(whatsapp.release(template)?),
        _ => Err(unknown("reviewers", &action, "approve, reject, pause, disable, recategorise, quality, pace, release")),
    }
}

async fn settings(State(whatsapp): State<WhatsApp>) -> Answer {
    done(whatsapp.settings())
}

/// The settings as a whole: what is left out goes back to its default.
async fn set_settings(State(whatsapp): State<WhatsApp>, Json(wanted): Json<Settings>) -> Answer {
    whatsapp.set(|settings| *settings = wanted);
    done(true)
}

async fn webhooks(State(whatsapp): State<WhatsApp>) -> Answer {
    done(json!({ "pending": whatsapp.pending(), "quiet": whatsapp.is_quiet(), "given_up": whatsapp.given_up() }))
}
