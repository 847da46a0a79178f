//! Refusals in the platform's shapes (contract, 5).

use axum::{
    Json,
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::settings::{NotFound, Settings};
use crate::double::Refusal;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct YcError {
    pub(crate) status: u16,
    pub(crate) message: String,
    /// By field, of a 422.
    pub(crate) errors: Option<Value>,
    pub(crate) not_found: NotFound,
    pub(crate) retry_after: Option<u64>,
}

pub(crate) type YcResult<T = Response> = Result<T, YcError>;

impl YcError {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: None, not_found: NotFound::Message, retry_after: None }
    }

    pub(crate) fn unauthorised() -> Self {
        Self::new(401, "Authentication needed.")
    }

    pub(crate) fn denied() -> Self {
        Self::new(403, "Access denied.")
    }

    pub(crate) fn unpaid(company: i64) -> Self {
        Self::new(402, format!("It is necessary to renew the license in the branch with id {company}"))
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// A route that is not there.
    pub(crate) fn no_route() -> Self {
        Self { not_found: NotFound::Old, ..Self::not_found() }
    }

    /// 422 with what is wrong with each field.
    pub(crate) fn invalid(errors: &[(&str, &str)]) -> Self {
        let errors = errors.iter().map(|(field, why)| ((*field).to_owned(), json!([why]))).collect();
        Self { errors: Some(Value::Object(errors)), ..Self::new(422, "An error has occurred") }
    }

    /// As the settings want it shown.
    pub(crate) fn shaped(self, settings: &Settings) -> Self {
        match self.status {
            404 if self.not_found == NotFound::Message => Self { not_found: settings.not_found, ..self },
            429 => Self { retry_after: settings.retry_after, ..self },
            _ => self,
        }
    }
}

impl Refusal for YcError {
    fn told(status: u16, description: &str, retry_after: Option<u64>) -> Self {
        Self { retry_after, ..Self::new(status, description) }
    }

    /// No header is documented; [`Settings::retry_after`] adds one.
    fn too_many(_: u64) -> Self {
        Self::new(429, "Too many requests")
    }

    fn noted(&self) -> (u16, String) {
        (self.status, self.message.clone())
    }

    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let envelope = |meta: Value| json!({ "success": false, "data": null, "meta": meta });
        let body = match (self.status, self.not_found) {
            (404, NotFound::EmptyObject) => envelope(json!({})),
            (404, NotFound::EmptyList) => envelope(json!([])),
            (404, NotFound::Old) => json!({ "success": false, "errors": { "code": 404, "message": self.message } }),
            _ => match &self.errors {
                Some(errors) => envelope(json!({ "message": self.message, "errors": errors })),
                None => envelope(json!({ "message": self.message })),
            },
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
