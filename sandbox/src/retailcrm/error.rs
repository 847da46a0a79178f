//! Refusals in RetailCRM's shape (contract, 5).

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use crate::double::Refusal;

/// A refusal: `{"success":false,"errorMsg":…,"errors":{…}}`, or a page of HTML.
#[derive(Clone, Debug, PartialEq)]
pub struct RetailError {
    pub(crate) status: u16,
    pub(crate) message: String,
    /// Field → words.
    pub(crate) errors: Vec<(String, String)>,
    /// What stands beside the message: `combinedTo`, the lists of an upload.
    pub(crate) beside: Map<String, Value>,
    /// A page instead of JSON.
    pub(crate) page: bool,
}

pub(crate) type RetailResult<T = Value> = Result<T, RetailError>;

/// Words of one field.
pub(crate) const NOT_VALID: &str = "This value is not valid";
pub(crate) const USED: &str = "This value is already used";
pub(crate) const BLANK: &str = "This value should not be blank";
pub(crate) const EXTRA: &str = "This form should not contain extra fields";

impl RetailError {
    pub(crate) fn new(status: u16, message: &str) -> Self {
        Self { status, message: message.to_owned(), errors: Vec::new(), beside: Map::new(), page: false }
    }

    /// 400 with the fields of a body.
    pub(crate) fn format(errors: Vec<(String, String)>) -> Self {
        Self { errors, ..Self::new(400, "Errors in the entity format") }
    }

    /// 400 with a parameter of the query.
    pub(crate) fn invalid(name: &str, words: &str) -> Self {
        Self { errors: vec![(name.to_owned(), words.to_owned())], ..Self::new(400, "Validation error") }
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::new(400, &format!("Parameter '{name}' is missing"))
    }

    pub(crate) fn denied() -> Self {
        Self::new(403, "Access denied.")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not found")
    }

    /// A page of HTML with this status.
    pub(crate) fn page(status: u16) -> Self {
        Self { page: true, ..Self::new(status, "a page") }
    }

    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.beside.insert(name.to_owned(), value);
        self
    }
}

impl Refusal for RetailError {
    /// The description is the `errorMsg`. A code of 200 is an answer with `"success":false`.
    fn told(status: u16, description: &str, _: Option<u64>) -> Self {
        Self::new(status, description)
    }

    /// No time to come back is documented; the body is a page.
    fn too_many(_: u64) -> Self {
        Self::page(503)
    }

    fn noted(&self) -> (u16, String) {
        (self.status, self.message.clone())
    }

    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        if self.page {
            let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
            return (status, [(header::CONTENT_TYPE, "text/html")], page).into_response();
        }
        let mut body = self.beside.clone();
        body.insert("success".to_owned(), json!(false));
        body.insert("errorMsg".to_owned(), json!(self.message));
        if !self.errors.is_empty() {
            let errors: Map<String, Value> = self.errors.iter().map(|(field, words)| (field.clone(), json!(words))).collect();
            body.insert("errors".to_owned(), Value::Object(errors));
        }
        (status, Json(Value::Object(body))).into_response()
    }
}
