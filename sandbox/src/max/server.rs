//! The HTTP face under `/max`: the API, the server that takes uploads, the one that gives files.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Multipart, Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};

use super::{
    Max, SERVICE,
    error::ApiError,
    media::{self, MAX_FILE},
    methods::Method,
    params::Params,
};
use crate::{
    fault::Call,
    server::Connection,
    strike::{Struck, strike},
};

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
        Err(error) => return refuse(&error),
    };
    // A token in the query is not looked at any more, and `Bearer` before it makes it another.
    let known = params.token.as_deref().and_then(|token| max.quiet().bot_by_token(token).map(|bot| bot.id));
    let Some(bot) = known else { return refuse(&ApiError::token()) };
    let method = match Method::find(&params) {
        Ok(method) => method,
        Err(error) => return refuse(&error),
    };
    let user = method.person(&max.quiet(), bot, &params);
    let called = Called { max: &max, bot, user, method: method.name() };
    max.ledger().called(called.method);
    let drawn = max.faults().draw(Call { service: SERVICE, method: called.method, bot: Some(bot), chat: user });
    let answer = strike(&called, &connection, drawn, async {
        match method.call(&max, bot, &params).await {
            Ok(answer) => Json(answer).into_response(),
            Err(error) => {
                called.lost(error.status, &error.sentence());
                refuse(&error)
            }
        }
    })
    .await;
    max.touch();
    answer
}

/// A call on its way through faults.
struct Called<'a> {
    max: &'a Max,
    bot: i64,
    user: Option<i64>,
    method: &'static str,
}

impl Struck for Called<'_> {
    fn refuse(&self, code: u16, description: String, retry_after: Option<u64>) -> Response {
        self.lost(code, &description);
        refuse(&ApiError::told(code, &description, retry_after))
    }

    fn too_many(&self, retry_after: u64) -> Response {
        let error = ApiError::too_many(Some(retry_after).filter(|seconds| *seconds > 0));
        self.lost(error.status, &error.sentence());
        refuse(&error)
    }

    fn lost(&self, code: u16, why: &str) {
        self.max.ledger().refuse(self.bot, self.user, self.method, code, why);
    }

    fn touch(&self) {
        self.max.touch();
    }
}

fn refuse(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = if error.message.is_empty() { status.into_response() } else { (status, Json(error.envelope())).into_response() };
    if let Some(seconds) = error.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// Takes the bytes of an upload; faults call it `upload`.
async fn upload(
    State(max): State<Max>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path(id): Path<String>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let Some(bot) = max.quiet().uploads.get(&id).map(|upload| upload.bot) else {
        return refuse(&ApiError::not_found("Upload is not found"));
    };
    let read = match form {
        Ok(form) => part(form).await,
        Err(_) => Err(ApiError::payload("multipart/form-data is expected")),
    };
    let (name, data) = match read {
        Ok(read) => read,
        Err(error) => return refuse(&error),
    };
    let called = Called { max: &max, bot, user: None, method: "upload" };
    max.ledger().called(called.method);
    let drawn = max.faults().draw(Call { service: SERVICE, method: called.method, bot: Some(bot), chat: None });
    strike(&called, &connection, drawn, async {
        media::take(&max, &id, name, data).unwrap_or_else(|error| {
            called.lost(error.status, &error.sentence());
            refuse(&error)
        })
    })
    .await
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
