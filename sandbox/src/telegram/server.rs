//! The HTTP face: `/bot<token>/<method>` and `/file/bot<token>/<path>`, with the faults around the
//! call.

use axum::{
    Json, Router,
    body::Body,
    extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{any, get},
};

use super::{MAX_REQUEST, Telegram, canonical, error::ApiError, params::Params, success};
use crate::{
    fault::Call,
    server::Connection,
    strike::{Struck, strike},
};

/// The routes under `/bot<token>/` and `/file/`.
pub(crate) fn router(telegram: Telegram) -> Router {
    Router::new()
        .route("/bot{token}/{method}", any(call))
        .route("/file/bot{token}/{*path}", get(download))
        // Uploads are bounded by the double's own 413.
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(telegram)
}

async fn call(
    State(telegram): State<Telegram>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path((token, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some(bot) = telegram.quiet().bot_by_token(&token).map(|bot| bot.id) else {
        // A token that is none at all is answered 404, one that was revoked or never given 401.
        let formed = token.split_once(':').is_some_and(|(id, secret)| id.parse::<i64>().is_ok() && !secret.is_empty());
        return refuse(&if formed { ApiError::new(401, "Unauthorized") } else { ApiError::new(404, "Not Found") });
    };
    let Some(method) = canonical(&method) else { return refuse(&ApiError::new(404, "Not Found: method not found")) };
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(error) => return refuse(&error),
    };
    let chat = params.int("chat_id");
    telegram.ledger().called(method);
    let drawn = telegram.faults().draw(Call { service: "telegram", method, bot: Some(bot), chat });
    let struck = Called { telegram: &telegram, bot, chat, method };
    let answer = strike(&struck, &connection, drawn, carry_out(&telegram, bot, chat, method, &params)).await;
    telegram.touch();
    answer
}

async fn carry_out(telegram: &Telegram, bot: i64, chat: Option<i64>, method: &'static str, params: &Params) -> Response {
    match telegram.call(bot, method, params).await {
        Ok(result) => Json(success(result)).into_response(),
        Err(error) => {
            telegram.ledger().refuse(bot, chat, method, error.code, &error.description);
            refuse(&error)
        }
    }
}

/// The call that a fault strikes.
struct Called<'a> {
    telegram: &'a Telegram,
    bot: i64,
    chat: Option<i64>,
    method: &'static str,
}

impl Struck for Called<'_> {
    fn refuse(&self, code: u16, description: String, retry_after: Option<u64>) -> Response {
        self.lost(code, &description);
        refuse(&ApiError { code, description, retry_after })
    }

    fn too_many(&self, retry_after: u64) -> Response {
        let error = ApiError::too_many(retry_after);
        self.lost(error.code, &error.description);
        refuse(&error)
    }

    fn lost(&self, code: u16, why: &str) {
        self.telegram.ledger().refuse(self.bot, self.chat, self.method, code, why);
    }

    fn touch(&self) {
        self.telegram.touch();
    }
}

fn refuse(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = (status, Json(error.envelope())).into_response();
    if let Some(seconds) = error.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

async fn download(State(telegram): State<Telegram>, Path((token, path)): Path<(String, String)>) -> Response {
    let state = telegram.quiet();
    let Some(bot) = state.bot_by_token(&token) else { return refuse(&ApiError::new(401, "Unauthorized")) };
    match state.files.values().find(|file| file.bot == bot.id && file.path == path) {
        Some(file) => ([(header::CONTENT_TYPE, "application/octet-stream")], Body::from(file.data.clone())).into_response(),
        None => refuse(&ApiError::new(404, "Not Found")),
    }
}
