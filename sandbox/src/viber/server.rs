//! The HTTP face: `POST /<method>` with a JSON body and the token in a header or in the body.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, State as Extract},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};

use super::{
    Viber,
    content::MAX_JSON,
    error::{ViberError, ViberResult},
    methods,
};
use crate::{control::served, double::Refusal as _, server::Connection};

pub(crate) fn router(viber: Viber) -> Router {
    // Larger than any message may be, so that it is refused in Viber's words.
    Router::new().route("/{method}", post(call)).layer(DefaultBodyLimit::max(1024 * 1024)).with_state(viber)
}

/// What people sent.
pub(crate) async fn file(Extract(viber): Extract<Viber>, Path(id): Path<String>) -> Response {
    served(viber.file(&id))
}

/// The bot whose token it is.
fn admit(viber: &Viber, headers: &HeaderMap, body: &Value) -> ViberResult<i64> {
    let header = headers.get("x-viber-auth-token").and_then(|value| value.to_str().ok());
    let token = header.or_else(|| body["auth_token"].as_str()).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| ViberError::said(2, "missing_auth_token"))?;
    viber.quiet().by_token(token).ok_or_else(|| ViberError::new(2))
}

/// The body as an object.
fn read(bytes: &Bytes) -> ViberResult<Value> {
    let body: Value = serde_json::from_slice(bytes).map_err(|_| ViberError::bad("the body is no JSON"))?;
    if !body.is_object() {
        return Err(ViberError::bad("the body is no object"));
    }
    Ok(body)
}

/// A message has a largest size as JSON, whomever it goes to.
fn fits(method: &str, body: &Value, bytes: usize) -> ViberResult<()> {
    let list = body["broadcast_list"].to_string().len();
    let large = method.ends_with("_message") && bytes.saturating_sub(list) > MAX_JSON;
    if large { Err(ViberError::bad("the message is larger than 30 KB")) } else { Ok(()) }
}

async fn call(
    Extract(viber): Extract<Viber>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path(method): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let body = read(&bytes);
    let bot = match admit(&viber, &headers, body.as_ref().unwrap_or(&Value::Null)) {
        Ok(bot) => bot,
        Err(error) => return error.response(),
    };
    let user = body.as_ref().ok().and_then(|body| methods::person(&viber, bot, body));
    let call = async {
        let body = body?;
        fits(&method, &body, bytes.len())?;
        let mut answer = methods::call(&viber, bot, &method, &body).await?;
        (answer["status"], answer["status_message"]) = (json!(0), json!("ok"));
        Ok(Json(answer).into_response())
    };
    viber.calling(&method, Some(bot), user).answer(&connection, call).await
}
