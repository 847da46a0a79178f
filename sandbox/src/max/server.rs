//! The HTTP face under `/max`: the API, the server that takes uploads, the one that gives files.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Multipart, Path, Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};

use super::{
    Max,
    error::ApiError,
    media::{self, MAX_FILE},
    methods::Method,
    params::Params,
};
use crate::{double::Refusal as _, server::Connection};

pub(crate) fn router(max: Max) -> Router {
    Router::new()
        .route("/max/upload/{id}", post(upload).layer(DefaultBodyLimit::max(MAX_FILE)))
        .route("/max/files/{token}", get(file))
        .route("/max/{*path}", any(call))
        .with_state(max)
}

async fn call(State(max): State<Max>, ConnectInfo(connection): ConnectInfo<Connection>, request: Request) -> Response {
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(error) => return error.response(),
    };
    // A token in the query is not looked at any more, and `Bearer` before it makes it another.
    let known = params.token.as_deref().and_then(|token| max.quiet().bot_by_token(token).map(|bot| bot.id));
    let Some(bot) = known else { return ApiError::token().response() };
    let method = match Method::find(&params) {
        Ok(method) => method,
        Err(error) => return error.response(),
    };
    let user = method.person(&max.quiet(), bot, &params);
    let call = async { method.call(&max, bot, &params).await.map(|answer| Json(answer).into_response()) };
    max.calling(method.name(), Some(bot), user).answer(&connection, call).await
}

/// Takes the bytes of an upload; faults call it `upload`.
async fn upload(
    State(max): State<Max>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path(id): Path<String>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let Some(bot) = max.quiet().uploads.get(&id).map(|upload| upload.bot) else {
        return ApiError::not_found("Upload is not found").response();
    };
    let read = match form {
        Ok(form) => part(form).await,
        Err(_) => Err(ApiError::payload("multipart/form-data is expected")),
    };
    let (name, data) = match read {
        Ok(read) => read,
        Err(error) => return error.response(),
    };
    let call = async { media::take(&max, &id, name, data) };
    max.calling("upload", Some(bot), None).answer(&connection, call).await
}

/// The file: the part called `data`.
async fn part(mut form: Multipart) -> Result<(Option<String>, Bytes), ApiError> {
    let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(413, "proto.payload", "File is too large"),
        _ => ApiError::payload("can't parse the multipart form"),
    };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("data") {
            let name = field.file_name().map(str::to_owned);
            return Ok((name, field.bytes().await.map_err(broken)?));
        }
    }
    Err(ApiError::payload("data: is required"))
}

async fn file(State(max): State<Max>, Path(token): Path<String>) -> Response {
    crate::control::served(max.file(&token))
}
