//! The control surface over HTTP: what the Rust handle does, for the page and for tests in other
//! processes. JSON in and out.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{delete, get, post},
};
use futures::{Stream, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Ledger, Rates, Rule, Sandbox, User,
    action::ActionError,
    telegram::{Attachment, FileKind, MAX_REQUEST},
};

pub(crate) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/sandbox/bots", get(bots).post(add_bot))
        .route("/sandbox/bots/{bot}/revoke", post(revoke))
        .route("/sandbox/bots/{bot}/redeliver", post(redeliver))
        .route("/sandbox/bots/{bot}/count", post(count_updates))
        .route("/sandbox/users", get(users).post(add_user))
        .route("/sandbox/users/{user}/deactivate", post(deactivate))
        .route("/sandbox/chats/{bot}/{user}", get(chat))
        .route("/sandbox/chats/{bot}/{user}/messages/{message}", get(message))
        .route("/sandbox/chats/{bot}/{user}/{action}", post(act))
        .route("/sandbox/chats/{bot}/{user}/file", post(send_file))
        .route("/sandbox/answers/{press}", get(answer))
        .route("/sandbox/checkouts/{query}", get(checkout))
        .route("/sandbox/files/{file}", get(file))
        .route("/sandbox/events", get(events))
        .route("/sandbox/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/sandbox/faults/{id}", delete(remove_fault))
        .route("/sandbox/rates", get(rates).put(set_rates))
        .route("/sandbox/restart", post(restart))
        .route("/sandbox/clock", get(clock).post(advance))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .nest("/sandbox", of_ledger(sandbox.ledger().clone()))
        .with_state(sandbox)
}

/// The control surface of one double's ledger.
pub(crate) fn of_ledger<S: Clone + Send + Sync + 'static>(of: Ledger) -> Router<S> {
    Router::new()
        .route("/ledger", get(ledger).delete(clear_ledger))
        .route("/ledger/counts", get(counts))
        .route("/ledger/refusals", get(refusals))
        .route("/ledger/calls", get(calls))
        .with_state(of)
}

pub(crate) type Answer = Result<Json<Value>, ActionError>;

pub(crate) fn done(value: impl serde::Serialize) -> Answer {
    Ok(Json(json!(value)))
}

async fn bots(State(sandbox): State<Sandbox>) -> Answer {
    done(sandbox.bots())
}

#[derive(Deserialize)]
struct NewBot {
    token: String,
    username: String,
    #[serde(default)]
    name: Option<String>,
}

async fn add_bot(State(sandbox): State<Sandbox>, Json(new): Json<NewBot>) -> Answer {
    let id = sandbox.add_bot(&new.token, &new.username)?;
    if let Some(name) = new.name {
        sandbox.name_bot(id, &name)?;
    }
    done(json!({ "id": id }))
}

async fn revoke(State(sandbox): State<Sandbox>, Path(bot): Path<i64>) -> Answer {
    done(sandbox.revoke(bot)?)
}

#[derive(Deserialize)]
struct Redeliver {
    count: usize,
}

async fn redeliver(State(sandbox): State<Sandbox>, Path(bot): Path<i64>, Json(body): Json<Redeliver>) -> Answer {
    done(json!({ "count": sandbox.redeliver(bot, body.count)? }))
}

#[derive(Deserialize)]
struct CountUpdates {
    from: i64,
}

async fn count_updates(State(sandbox): State<Sandbox>, Path(bot): Path<i64>, Json(body): Json<CountUpdates>) -> Answer {
    done(sandbox.count_updates_from(bot, body.from)?)
}

async fn users(State(sandbox): State<Sandbox>) -> Answer {
    done(sandbox.users())
}

async fn add_user(State(sandbox): State<Sandbox>, Json(user): Json<User>) -> Answer {
    sandbox.add_user(user);
    done(true)
}

async fn deactivate(State(sandbox): State<Sandbox>, Path(user): Path<i64>) -> Answer {
    done(sandbox.deactivate(user)?)
}

async fn chat(State(sandbox): State<Sandbox>, Path((bot, user)): Path<(i64, i64)>) -> Answer {
    done(sandbox.chat(bot, user))
}

async fn message(State(sandbox): State<Sandbox>, Path((bot, user, message)): Path<(i64, i64, i64)>) -> Answer {
    done(sandbox.message(bot, user, message).ok_or(ActionError::no_message(message))?)
}

/// What a person does; every action reads the fields it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Act {
    text: String,
    payload: Option<String>,
    reply_to: Option<i64>,
    message: i64,
    row: usize,
    column: usize,
    data: Option<String>,
}

async fn act(State(sandbox): State<Sandbox>, Path((bot, user, action)): Path<(i64, i64, String)>, body: Bytes) -> Answer {
    let act: Act = match body.is_empty() {
        true => Act::default(),
        false => serde_json::from_slice(&body).map_err(|error| ActionError::Invalid(format!("the body is not as expected: {error}")))?,
    };
    match action.as_str() {
        "text" => done(json!({ "message": match act.reply_to {
            Some(to) => sandbox.reply(bot, user, to, &act.text)?,
            None => sandbox.send_text(bot, user, &act.text)?,
        }})),
        "edit" => done(sandbox.edit_text(bot, user, act.message, &act.text)?),
        "start" => done(json!({ "message": sandbox.press_start(bot, user, act.payload.as_deref())? })),
        "contact" => done(json!({ "message": sandbox.share_contact(bot, user)? })),
        "press" => match act.data {
            Some(data) => done(json!({ "kind": "callback", "value": sandbox.press_data(bot, user, act.message, &data)? })),
            None if !act.text.is_empty() => done(sandbox.press_text(bot, user, &act.text)?),
            None => done(sandbox.press(bot, user, act.message, act.row, act.column)?),
        },
        "keyboard" => done(sandbox.press_keyboard(bot, user, &act.text)?),
        "pay" => done(json!({ "query": sandbox.pay_newest(bot, user)? })),
        "block" => done(sandbox.block(bot, user)?),
        "unblock" => done(sandbox.unblock(bot, user)?),
        "open" => done(sandbox.open_chats(bot, [user])?),
        _ => Err(ActionError::Invalid(format!(
            "people cannot {action:?}: text, edit, start, contact, press, keyboard, pay, file, block, unblock, open"
        ))),
    }
}

#[derive(Deserialize)]
struct FileQuery {
    name: String,
    #[serde(default)]
    photo: bool,
    /// Of another kind than a photo or a document.
    #[serde(default)]
    kind: Option<FileKind>,
    #[serde(default)]
    caption: String,
}

/// The body is the file itself.
async fn send_file(
    State(sandbox): State<Sandbox>,
    Path((bot, user)): Path<(i64, i64)>,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    data: Bytes,
) -> Answer {
    let mime = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).filter(|mime| !mime.is_empty()).map(str::to_owned);
    let kind = query.kind.unwrap_or(if query.photo { FileKind::Photo } else { FileKind::Document });
    let file = Attachment { name: query.name, mime, data, kind, caption: query.caption };
    done(json!({ "message": sandbox.send_file(bot, user, file)? }))
}

async fn answer(State(sandbox): State<Sandbox>, Path(press): Path<String>) -> Answer {
    done(sandbox.answer(&press))
}

async fn checkout(State(sandbox): State<Sandbox>, Path(query): Path<String>) -> Answer {
    done(sandbox.checkout(&query))
}

async fn file(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    served(sandbox.file(&id))
}

/// A file as a browser may have it: its bytes, name and MIME type.
pub(crate) fn served(found: Option<(Bytes, Option<String>, Option<String>)>) -> Response {
    let Some((data, name, mime)) = found else {
        return (StatusCode::NOT_FOUND, Json(json!({ "error": "there is no such file" }))).into_response();
    };
    // Pictures are shown; anything else is saved and never rendered under the page's own origin.
    let picture = imagesize::image_type(&data).ok().and_then(|kind| match kind {
        imagesize::ImageType::Jpeg => Some("image/jpeg"),
        imagesize::ImageType::Png => Some("image/png"),
        imagesize::ImageType::Gif => Some("image/gif"),
        imagesize::ImageType::Webp => Some("image/webp"),
        _ => None,
    });
    let name = name.unwrap_or_else(|| "file".to_owned());
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let disposition = format!("{}; filename*=UTF-8''{encoded}", if picture.is_some() { "inline" } else { "attachment" });
    let kind = picture.map_or_else(|| mime.filter(|mime| !mime.starts_with("text/html")).unwrap_or_default(), str::to_owned);
    let kind = if kind.is_empty() { "application/octet-stream".to_owned() } else { kind };
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], data).into_response()
}

/// The chats a page follows, `bot:user,bot:user` under the name of each messenger (Telegram's is
/// `chats`). Absent means all of Telegram's and MAX's; the others are followed when they are named.
type EventsQuery = HashMap<String, String>;

/// A double whose chats a page follows.
pub(crate) trait Followed: Clone + Send + Sync + 'static {
    fn watch(&self) -> tokio::sync::watch::Receiver<u64>;
    /// The chats wanted, or all there are, by bot and person, and what version each has.
    fn versions(&self, wanted: Option<&[(i64, i64)]>) -> Vec<((i64, i64), u64)>;
    /// How many bots and people there are.
    fn population(&self) -> usize;
}

/// The chats of one messenger that changed since the last of these, each with what version it has.
fn follow(messenger: &'static str, double: impl Followed, chats: Option<String>) -> impl Stream<Item = Event> + Send {
    let wanted: Option<Vec<(i64, i64)>> = chats.map(|list| {
        let pair = |pair: &str| pair.split_once(':').and_then(|(bot, user)| Some((bot.parse().ok()?, user.parse().ok()?)));
        list.split(',').filter_map(pair).collect()
    });
    let first = (double.watch(), HashMap::<(i64, i64), u64>::new(), 0usize);
    futures::stream::unfold(first, move |(mut changes, mut seen, mut people)| {
        let (double, wanted) = (double.clone(), wanted.clone());
        async move {
            loop {
                changes.mark_unchanged();
                let mut chats = double.versions(wanted.as_deref());
                chats.retain(|(chat, version)| seen.insert(*chat, *version) != Some(*version));
                let chats: Vec<(i64, i64, u64)> = chats.into_iter().map(|((bot, user), version)| (bot, user, version)).collect();
                let now = double.population();
                if !chats.is_empty() || now != people {
                    let event = json!({ "messenger": messenger, "chats": chats, "people": now != people });
                    people = now;
                    return Some((Event::default().event("chats").data(event.to_string()), (changes, seen, people)));
                }
                changes.changed().await.ok()?;
                // Many changes at once are one event.
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        }
    })
}

/// Server-sent events, of all messengers in one stream: a browser holds few connections to one
/// server.
async fn events(State(sandbox): State<Sandbox>, Query(query): Query<EventsQuery>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let of = |name: &str| query.get(name).cloned();
    let mut all =
        vec![follow("telegram", sandbox.telegram().clone(), of("chats")).boxed(), follow("max", sandbox.max().clone(), of("max")).boxed()];
    if let Some(chats) = of("whatsapp") {
        all.push(follow("whatsapp", sandbox.whatsapp().clone(), Some(chats)).boxed());
    }
    if let Some(chats) = of("vk") {
        all.push(follow("vk", sandbox.vk().clone(), Some(chats)).boxed());
    }
    if let Some(chats) = of("viber") {
        all.push(follow("viber", sandbox.viber().clone(), Some(chats)).boxed());
    }
    if let Some(chats) = of("wazzup") {
        all.push(follow("wazzup", sandbox.wazzup().clone(), Some(chats)).boxed());
    }
    Sse::new(futures::stream::select_all(all).map(Ok)).keep_alive(KeepAlive::default())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LedgerQuery {
    bot: Option<i64>,
    chat: Option<i64>,
    method: Option<String>,
    /// Only text containing this.
    text: Option<String>,
    /// Only entries after this place.
    after: u64,
    limit: Option<usize>,
}

impl LedgerQuery {
    fn keep(&self, entry: &crate::ledger::Entry) -> bool {
        entry.seq > self.after
            && self.bot.is_none_or(|bot| bot == entry.bot)
            && self.chat.is_none_or(|chat| chat == entry.chat)
            && self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(&entry.method))
            && self.text.as_deref().is_none_or(|text| entry.text.contains(text))
    }
}

async fn ledger(State(of): State<Ledger>, Query(query): Query<LedgerQuery>) -> Answer {
    let mut entries = of.select(|entry| query.keep(entry));
    entries.truncate(query.limit.unwrap_or(usize::MAX));
    done(entries)
}

async fn clear_ledger(State(of): State<Ledger>) -> Answer {
    of.clear();
    done(true)
}

/// How many messages each chat got: `{"<chat>": n}`.
async fn counts(State(of): State<Ledger>, Query(query): Query<LedgerQuery>) -> Answer {
    let mut counts: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for entry in of.select(|entry| query.keep(entry)) {
        *counts.entry(entry.chat.to_string()).or_default() += 1;
    }
    done(counts)
}

async fn refusals(State(of): State<Ledger>) -> Answer {
    done(of.refusals())
}

async fn calls(State(of): State<Ledger>) -> Answer {
    done(of.calls())
}

async fn faults(State(sandbox): State<Sandbox>) -> Answer {
    let rules = sandbox.faults().list();
    done(rules.into_iter().map(|(id, rule, struck)| json!({ "id": id, "rule": rule, "struck": struck })).collect::<Vec<_>>())
}

async fn add_fault(State(sandbox): State<Sandbox>, Json(rule): Json<Rule>) -> Answer {
    done(json!({ "id": sandbox.faults().add(rule) }))
}

async fn clear_faults(State(sandbox): State<Sandbox>) -> Answer {
    sandbox.faults().clear();
    done(true)
}

async fn remove_fault(State(sandbox): State<Sandbox>, Path(id): Path<u64>) -> Answer {
    done(sandbox.faults().remove(id))
}

async fn rates(State(sandbox): State<Sandbox>) -> Answer {
    done(sandbox.rates())
}

async fn set_rates(State(sandbox): State<Sandbox>, Json(rates): Json<Rates>) -> Answer {
    sandbox.set_rates(rates);
    done(true)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Restart {
    outage_ms: u64,
}

async fn restart(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let restart: Restart = serde_json::from_slice(&body).unwrap_or_default();
    sandbox.restart(Duration::from_millis(restart.outage_ms));
    done(true)
}

async fn clock(State(sandbox): State<Sandbox>) -> Answer {
    done(json!({ "now": sandbox.clock().now() }))
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: u64,
}

async fn advance(State(sandbox): State<Sandbox>, Json(body): Json<Advance>) -> Answer {
    sandbox.clock().advance(Duration::from_millis(body.advance_ms));
    clock(State(sandbox)).await
}
