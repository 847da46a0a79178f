//! The HTTP face: `/v26.0/<node>/<edge>`, with the faults around the call.

use std::collections::HashMap;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, FromRequest as _, Multipart, Path, Query, Request, State as Extract},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{any, get},
};
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Map, Value, json};

use super::{
    WhatsApp,
    error::{GraphError, GraphResult},
    hooks, media, nodes, send,
    state::{State, Token},
    templates, uploads,
};
use crate::{double::Refusal as _, server::Connection};

/// The versions and the day each ends, where Meta has named one (contract, section 0).
const VERSIONS: &[(u32, Option<&str>)] =
    &[(21, Some("2027-01-21")), (22, Some("2027-05-20")), (23, Some("2027-10-08")), (24, Some("2028-02-18")), (25, None), (26, None)];

pub(crate) fn router(whatsapp: WhatsApp) -> Router {
    Router::new()
        .route("/whatsapp_business/attachments/{id}", get(download))
        .route("/{*path}", any(graph))
        .layer(DefaultBodyLimit::max(media::MAX_REQUEST))
        .with_state(whatsapp)
}

/// A file of a form.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) data: Bytes,
}

/// Parameters of a call: of the query, of a form, of a JSON object.
#[derive(Debug, Default)]
pub(crate) struct Params {
    pub(crate) values: Map<String, Value>,
    pub(crate) files: HashMap<String, Upload>,
    /// The body as it came.
    pub(crate) raw: Bytes,
}

impl Params {
    async fn read(request: Request) -> GraphResult<Self> {
        let mut params = Self::default();
        params.form(request.uri().query().unwrap_or_default().as_bytes());
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let (head, body) = request.into_parts();
        let too_large = |_| GraphError::parameter("The request is too large.");
        params.raw = axum::body::to_bytes(body, media::MAX_REQUEST).await.map_err(too_large)?;
        if kind.starts_with("multipart/form-data") {
            params.multipart(Request::from_parts(head, params.raw.clone().into())).await?;
        } else if kind.starts_with("application/json") {
            if !params.raw.is_empty() {
                match serde_json::from_slice(&params.raw) {
                    Ok(Value::Object(values)) => params.values.extend(values.into_iter().filter(|(_, value)| !value.is_null())),
                    _ => return Err(GraphError::parameter("The body is no JSON object.")),
                }
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let raw = params.raw.clone();
            params.form(&raw);
        }
        Ok(params)
    }

    fn form(&mut self, encoded: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(encoded) {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    async fn multipart(&mut self, request: Request) -> GraphResult<()> {
        let broken = || GraphError::parameter("The form cannot be read.");
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
        while let Some(field) = form.next_field().await.map_err(|_| broken())? {
            let name = field.name().unwrap_or_default().to_owned();
            let (file, mime) = (field.file_name().map(str::to_owned), field.content_type().map(str::to_owned));
            let data = field.bytes().await.map_err(|_| broken())?;
            if file.is_some() {
                self.files.insert(name, Upload { name: file, mime, data });
            } else {
                self.values.insert(name, Value::String(String::from_utf8_lossy(&data).into_owned()));
            }
        }
        Ok(())
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    App(String),
    Waba(String),
    Number(i64),
    Template(u64),
    Media(u64),
    Session(String),
}

impl Node {
    fn find(state: &State, id: &str) -> Option<Self> {
        if state.sessions.contains_key(id) {
            return Some(Self::Session(id.to_owned()));
        }
        if state.apps.contains_key(id) {
            return Some(Self::App(id.to_owned()));
        }
        if state.wabas.contains_key(id) {
            return Some(Self::Waba(id.to_owned()));
        }
        let number: u64 = id.parse().ok()?;
        match i64::try_from(number) {
            Ok(id) if state.numbers.contains_key(&id) => Some(Self::Number(id)),
            _ if state.templates.contains_key(&number) => Some(Self::Template(number)),
            _ if state.media.contains_key(&number) => Some(Self::Media(number)),
            _ => None,
        }
    }

    /// The business account it belongs to.
    fn waba<'a>(&'a self, state: &'a State) -> Option<&'a str> {
        match self {
            Self::App(_) | Self::Session(_) => None,
            Self::Waba(waba) => Some(waba),
            Self::Number(id) => state.numbers.get(id).map(|number| number.waba.as_str()),
            Self::Template(id) => state.templates.get(id).map(|template| template.waba.as_str()),
            Self::Media(id) => state.media.get(id).map(|media| media.waba.as_str()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::App(_) => "app",
            Self::Waba(_) => "waba",
            Self::Number(_) => "phone_number",
            Self::Template(_) => "template",
            Self::Media(_) => "media_item",
            Self::Session(_) => "upload",
        }
    }
}

/// A call that may be made.
struct Admitted {
    node: Node,
    edge: String,
    method: Method,
    token: Token,
    params: Params,
    headers: HeaderMap,
}

/// The version and the rest of a path, if the version lives.
fn versioned<'a>(path: &'a str, state: &State) -> GraphResult<Vec<&'a str>> {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let first = parts.first().copied().unwrap_or_default();
    let Some(version) = first.strip_prefix('v').filter(|version| version.starts_with(|c: char| c.is_ascii_digit())) else {
        return Ok(parts);
    };
    let major = version.strip_suffix(".0").and_then(|major| major.parse::<u32>().ok());
    let known = major.and_then(|major| VERSIONS.iter().find(|(version, _)| *version == major));
    let today = state.now().date_naive();
    let goes_on = |end: &str| end.parse::<NaiveDate>().is_ok_and(|end| today < end);
    let lives = known.is_some_and(|(_, end)| end.is_none_or(goes_on));
    if !lives {
        // How Meta words the end of a version is not in the contract.
        let message = format!("Unknown path components: /{first}");
        return Err(GraphError { status: 400, code: 2500, message, details: None, subcode: None, for_people: None });
    }
    parts.remove(0);
    Ok(parts)
}

fn bearer(headers: &HeaderMap, params: &Params) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let from_header = header.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("OAuth "))).map(str::to_owned);
    from_header.or_else(|| params.text("access_token")).filter(|token| !token.is_empty())
}

/// Whose token this is, an app's own included.
fn owner(state: &State, token: Option<String>) -> GraphResult<Token> {
    let Some(token) = token else { return Err(GraphError::new(0)) };
    if let Some((app, secret)) = token.split_once('|')
        && state.apps.get(app).is_some_and(|found| found.secret == secret)
    {
        return Ok(Token { app: app.to_owned(), messaging: false, management: true, wabas: None, revoked: false, expires: None });
    }
    let now = state.now();
    let alive = state.tokens.get(&token).filter(|token| !token.revoked && token.expires.is_none_or(|at| now < at));
    alive.cloned().ok_or_else(|| GraphError::new(190))
}

async fn graph(Extract(whatsapp): Extract<WhatsApp>, ConnectInfo(connection): ConnectInfo<Connection>, request: Request) -> Response {
    let (method, path, headers) = (request.method().clone(), request.uri().path().to_owned(), request.headers().clone());
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(error) => return error.response(),
    };
    let admitted = match admit(&whatsapp, &method, &path, params, headers) {
        Ok(Ok(admitted)) => admitted,
        Ok(Err(answer)) => return answer,
        Err(error) => return error.response(),
    };
    let name = match (admitted.method.as_str(), admitted.edge.as_str()) {
        ("POST", "") => admitted.node.name().to_owned(),
        ("POST", edge) => edge.to_owned(),
        (method, "") => format!("{}_{}", method.to_ascii_lowercase(), admitted.node.name()),
        (method, edge) => format!("{}_{edge}", method.to_ascii_lowercase()),
    };
    let bot = if let Node::Number(id) = admitted.node { Some(id) } else { None };
    let sends = matches!(admitted.edge.as_str(), "messages" | "marketing_messages");
    let chat =
        bot.filter(|_| sends).and_then(|bot| send::recipient(&mut whatsapp.look(), bot, &admitted.params.values).ok()).map(|to| to.key);
    let call = async { dispatch(&whatsapp, &admitted).await.map(|answer| Json(answer).into_response()) };
    whatsapp.calling(&name, bot, chat).answer(&connection, call).await
}

/// Version, token, node and permission. The inner error is an answer that needs no node.
fn admit(whatsapp: &WhatsApp, method: &Method, path: &str, params: Params, headers: HeaderMap) -> GraphResult<Result<Admitted, Response>> {
    let mut state = whatsapp.look();
    let parts = versioned(path, &state)?;
    if parts == ["oauth", "access_token"] {
        let secret = params.text("client_secret").unwrap_or_default();
        let app = params.text("client_id").filter(|app| state.apps.get(app).is_some_and(|found| found.secret == secret));
        let app = app.ok_or_else(|| GraphError::parameter("The client_id or the client_secret is wrong."))?;
        return Ok(Err(Json(json!({ "access_token": format!("{app}|{secret}"), "token_type": "bearer" })).into_response()));
    }
    let token = owner(&state, bearer(&headers, &params))?;
    let (id, edge) = match parts.as_slice() {
        [id] => (*id, ""),
        [id, edge] => (*id, *edge),
        _ => return Err(GraphError::parameter(format!("Unknown path components: {path}"))),
    };
    // Graph's word for the app a token is of.
    let id = if id == "app" { token.app.as_str() } else { id };
    let no_node = || GraphError::no_node(method.as_str(), id);
    let node = Node::find(&state, id).ok_or_else(no_node)?;
    let waba = node.waba(&state).map(str::to_owned);
    let own = match &node {
        Node::App(app) => *app == token.app,
        Node::Session(id) => state.sessions.get(id).is_some_and(|session| session.app == token.app),
        _ => waba.as_deref().is_some_and(|waba| token.reaches(waba)),
    };
    if !own {
        return Err(no_node());
    }
    let messaging = matches!(edge, "messages" | "marketing_messages" | "media" | "message_history") || matches!(node, Node::Media(_));
    if messaging && !token.messaging {
        return Err(GraphError::new(10));
    }
    if !messaging && !token.management {
        return Err(GraphError::new(200));
    }
    if let (false, Some(waba)) = (messaging, &waba) {
        count(&mut state, waba)?;
    }
    Ok(Ok(Admitted { node, edge: edge.to_owned(), method: method.clone(), token, params, headers }))
}

/// Counts a call of management against the account's hour.
fn count(state: &mut State, waba: &str) -> GraphResult<()> {
    let now = state.now();
    let registered = state.numbers.values().any(|number| number.waba == waba && number.registered);
    let rates = &state.settings.rates;
    let most = if registered { rates.calls_an_hour_registered } else { rates.calls_an_hour };
    let room = state.wabas.get_mut(waba).is_none_or(|waba| waba.calls.take(most, TimeDelta::hours(1), now));
    if room { Ok(()) } else { Err(GraphError::new(80_007)) }
}

async fn dispatch(whatsapp: &WhatsApp, call: &Admitted) -> GraphResult {
    let (params, app) = (&call.params, call.token.app.as_str());
    let body = || Value::Object(params.values.clone());
    let unsupported = |id: &str| GraphError::no_node(call.method.as_str(), id);
    match (&call.node, call.method.as_str(), call.edge.as_str()) {
        (Node::Number(id), "POST", "messages") => send::message(whatsapp, *id, &params.values, false).await,
        (Node::Number(id), "POST", "marketing_messages") => send::message(whatsapp, *id, &params.values, true).await,
        (Node::Number(id), "POST", "media") => whatsapp.change(|state| media::upload(state, *id, params)),
        (Node::Number(id), "GET", "message_history") => nodes::history(&whatsapp.look(), *id, params),
        (Node::Number(id), "POST", "register") => whatsapp.change(|state| nodes::register(state, *id, params)),
        (Node::Number(id), "POST", "deregister") => Ok(whatsapp.change(|state| nodes::deregister(state, *id))),
        (Node::Number(id), "GET", "") => Ok(nodes::number(&whatsapp.look(), *id, params)),
        (Node::Number(id), "POST", "") => match params.values.get("webhook_configuration") {
            Some(configuration) => hooks::configure_number(whatsapp, app, *id, configuration).await,
            None => Err(GraphError::parameter("The parameter webhook_configuration is required.")),
        },
        (Node::Waba(id), "GET", "") => Ok(nodes::account(&whatsapp.look(), id, params)),
        (Node::Waba(id), "GET", "phone_numbers") => Ok(nodes::numbers(&whatsapp.look(), id, params)),
        (Node::Waba(id), "GET", "subscribed_apps") => Ok(hooks::subscribed(&whatsapp.look(), id)),
        (Node::Waba(id), "POST", "subscribed_apps") => hooks::subscribe_account(whatsapp, app, id, params).await,
        (Node::Waba(id), "DELETE", "subscribed_apps") => Ok(whatsapp.change(|state| hooks::unsubscribe_account(state, app, id))),
        (Node::Waba(id), "GET", "message_templates") => Ok(templates::list(&whatsapp.look(), id, params)),
        (Node::Waba(id), "POST", "message_templates") => whatsapp.change(|state| templates::create(state, id, &body())),
        (Node::Waba(id), "DELETE", "message_templates") => whatsapp.change(|state| templates::delete(state, id, params)),
        (Node::Template(id), "GET", "") => Ok(templates::show(&whatsapp.look(), *id, params)),
        (Node::Template(id), "POST", "") => whatsapp.change(|state| templates::edit(state, *id, &body())),
        (Node::Template(id), "POST", "unpause") => Ok(whatsapp.change(|state| templates::unpause(state, *id))),
        (Node::Media(id), "GET", "") => whatsapp.change(|state| media::show(state, *id, whatsapp.url())),
        (Node::Media(id), "DELETE", "") => whatsapp.change(|state| media::delete(state, *id)),
        (Node::App(id), "POST", "subscriptions") => hooks::subscribe(whatsapp, id, params).await,
        (Node::App(id), "POST", "uploads") => whatsapp.change(|state| uploads::begin(state, id, params)),
        (Node::Session(id), "POST", "") => whatsapp.change(|state| uploads::go_on(state, id, &call.headers, params)),
        (Node::Session(id), "GET", "") => Ok(uploads::show(&whatsapp.look(), id)),
        (node, ..) => Err(unsupported(node.name())),
    }
}

#[derive(serde::Deserialize)]
struct Hash {
    #[serde(default)]
    hash: String,
}

/// Media behind the address that was told: it too wants the token.
async fn download(Extract(whatsapp): Extract<WhatsApp>, Path(id): Path<u64>, Query(query): Query<Hash>, headers: HeaderMap) -> Response {
    let state = whatsapp.look();
    let token = match owner(&state, bearer(&headers, &Params::default())) {
        Ok(token) => token,
        Err(error) => return error.response(),
    };
    let own = state.media.get(&id).is_some_and(|media| token.reaches(&media.waba));
    match media::download(&state, id, &query.hash).filter(|_| own) {
        Some((data, mime)) => ([(header::CONTENT_TYPE, mime)], data).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
