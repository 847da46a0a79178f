//! Refusals in the cloud's shapes (contract, 5).

use axum::{
    Json,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::double::Refusal;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct B24Error {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) description: String,
    /// The shape of REST 3.0, with what is wrong with each field.
    pub(crate) v3: Option<Value>,
    /// Where the portal lives now.
    pub(crate) location: Option<String>,
}

pub(crate) type B24Result<T> = Result<T, B24Error>;

impl B24Error {
    pub(crate) fn new(status: u16, code: impl Into<String>, description: impl Into<String>) -> Self {
        Self { status, code: code.into(), description: description.into(), v3: None, location: None }
    }

    pub(crate) fn bad(description: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARG_VALUE", description)
    }

    pub(crate) fn missing(what: &str) -> Self {
        Self::new(400, "100", format!("Could not find value for parameter {{{what}}}"))
    }

    pub(crate) fn value(field: &str) -> Self {
        Self::new(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", format!("The value of {field} is not valid"))
    }

    pub(crate) fn not_found() -> Self {
        Self::new(400, "NOT_FOUND", "Element not found")
    }

    pub(crate) fn denied(description: &str) -> Self {
        Self::new(403, "ACCESS_DENIED", description)
    }

    pub(crate) fn unauthorised() -> Self {
        Self::new(401, "NO_AUTH_FOUND", "Wrong authorization data")
    }

    pub(crate) fn no_method() -> Self {
        Self::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
    }

    pub(crate) fn v3(status: u16, code: &str, message: &str, validation: Value) -> Self {
        Self { v3: Some(validation), ..Self::new(status, format!("BITRIX_REST_V3_EXCEPTION_{code}"), message) }
    }

    /// What a command of a batch is answered.
    pub(crate) fn inner(&self) -> Value {
        json!({ "error": self.code, "error_description": self.description })
    }
}

impl Refusal for B24Error {
    /// A description that begins with a code (`OPERATION_TIME_LIMIT: …`) has it.
    fn told(status: u16, description: &str, _: Option<u64>) -> Self {
        let code = description.split(':').next().unwrap_or_default().trim();
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let words = description.split_once(':').map_or(description, |(_, words)| words.trim());
        Self::new(status, if is_code { code } else { "INTERNAL_SERVER_ERROR" }, words)
    }

    /// The bucket is full; no header says when to come again.
    fn too_many(_: u64) -> Self {
        Self::new(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
    }

    fn noted(&self) -> (u16, String) {
        (self.status, format!("{}: {}", self.code, self.description))
    }

    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        if let Some(location) = &self.location {
            return (status, [(LOCATION, location.clone())]).into_response();
        }
        let body = match &self.v3 {
            Some(validation) => {
                let mut error = json!({ "code": self.code, "message": self.description });
                if !validation.is_null() {
                    error["validation"] = validation.clone();
                }
                json!({ "error": error })
            }
            None => self.inner(),
        };
        (status, Json(body)).into_response()
    }
}
