//! Refusals in MAX's shape: an HTTP status, a code and a message. There is no official list of
//! codes (contract, 5); those without a source are of the same make.

use serde_json::{Value, json};

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
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

    /// What a rule of faults says: `code: message`, where the code has a dot and no space; a code
    /// for the status stands in where it has none. An empty text is an empty body.
    pub(crate) fn told(status: u16, text: &str, retry_after: Option<u64>) -> Self {
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

    pub(crate) fn envelope(&self) -> Value {
        json!({ "code": self.code, "message": self.message })
    }

    /// As the ledger tells it.
    pub(crate) fn sentence(&self) -> String {
        format!("{}: {}", self.code, self.message)
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
