//! Refusals in MAX's shape: an HTTP status, a code and a message. There is no official list of
//! codes (contract, 5); those without a source are of the same make.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::double::Refusal;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) retry_after: Option<u64>,
}

pub(crate) type ApiResult<T = Value> = Result<T, ApiError>;

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), retry_after: None }
    }

    /// 400: the request itself is wrong.
    pub(crate) fn payload(message: impl Into<String>) -> Self {
        Self::new(400, "proto.payload", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "not.found", message)
    }

    pub(crate) fn token() -> Self {
        Self::new(401, "verify.token", "Invalid access_token")
    }

    /// 429; without `Retry-After` unless the double is told to send one.
    pub(crate) fn too_many(retry_after: Option<u64>) -> Self {
        Self { retry_after, ..Self::new(429, "too.many.requests", "Too many requests") }
    }

    pub(crate) fn envelope(&self) -> Value {
        json!({ "code": self.code, "message": self.message })
    }
}

impl Refusal for ApiError {
    /// What a rule of faults says: `code: message`, where the code has a dot and no space; a code
    /// for the status stands in where it has none. An empty text is an empty body.
    fn told(status: u16, text: &str, retry_after: Option<u64>) -> Self {
        let parts = text.split_once(": ").filter(|(code, _)| code.contains('.') && !code.contains(' '));
        let (code, message) = parts.unwrap_or_else(|| {
            let code = match status {
                401 => "verify.token",
                403 => "access.denied",
                404 => "not.found",
                405 => "method.not.allowed",
                429 => "too.many.requests",
                503 => "service.unavailable",
                500.. => "internal.error",
                _ => "proto.payload",
            };
            (code, text)
        });
        Self { retry_after, ..Self::new(status, code, message) }
    }

    fn too_many(retry_after: u64) -> Self {
        Self::too_many(Some(retry_after).filter(|seconds| *seconds > 0))
    }

    fn noted(&self) -> (u16, String) {
        (self.status, format!("{}: {}", self.code, self.message))
    }

    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = if self.message.is_empty() { status.into_response() } else { (status, Json(self.envelope())).into_response() };
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer
    }
}

/// `{"success":true}`.
pub(crate) fn success() -> Value {
    json!({ "success": true })
}

/// An answer with HTTP 200 that is a refusal all the same (contract, 0 and 2.5).
pub(crate) fn failure(code: &str, message: &str) -> Value {
    json!({ "success": false, "code": code, "message": message })
}
