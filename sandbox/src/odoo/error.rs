//! Refusals: an exception of Python with its class, told by JSON-2 as an HTTP status and by
//! JSON-RPC inside HTTP 200 (contract, 1.2, 1.3 and 5).

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::double::Refusal;

/// An exception, or a page.
#[derive(Clone, Debug, PartialEq)]
pub struct OdooError {
    /// The HTTP status of JSON-2.
    pub(crate) status: u16,
    /// The class with its module.
    pub(crate) name: String,
    pub(crate) message: String,
    /// HTML instead of an exception: a proxy, a login page.
    pub(crate) page: bool,
}

pub(crate) type OdooResult<T = Value> = Result<T, OdooError>;

impl OdooError {
    fn new(status: u16, name: &str, message: impl Into<String>) -> Self {
        Self { status, name: name.to_owned(), message: message.into(), page: false }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
    }

    pub(crate) fn denied() -> Self {
        Self::new(403, "odoo.exceptions.AccessDenied", "Access Denied")
    }

    pub(crate) fn access(message: impl Into<String>) -> Self {
        Self::new(403, "odoo.exceptions.AccessError", message)
    }

    pub(crate) fn user(message: impl Into<String>) -> Self {
        Self::new(422, "odoo.exceptions.UserError", message)
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(422, "odoo.exceptions.ValidationError", message)
    }

    pub(crate) fn missing(model: &str, id: u64) -> Self {
        let words = format!("Record does not exist or has been deleted.\n(Record: {model}({id},), User: 2)");
        Self::new(404, "odoo.exceptions.MissingError", words)
    }

    /// No such model, method or database.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "werkzeug.exceptions.NotFound", message)
    }

    /// A call whose parameters do not fit the method.
    pub(crate) fn unbound(message: impl Into<String>) -> Self {
        Self::new(422, "werkzeug.exceptions.UnprocessableEntity", message)
    }

    /// Python's own: an unknown field, an unknown operator. The status is a setting.
    pub(crate) fn value(message: impl Into<String>) -> Self {
        Self::new(0, "builtins.ValueError", message)
    }

    /// A page of HTML; 303 leads to the login.
    pub(crate) fn page(status: u16) -> Self {
        Self { page: true, ..Self::new(status, "page", "a page") }
    }

    /// With the status that the settings give to foreign exceptions.
    pub(crate) fn with_status(self, foreign: u16) -> Self {
        if self.status == 0 { Self { status: foreign, ..self } } else { self }
    }

    fn data(&self) -> Value {
        json!({ "name": self.name, "message": self.message, "arguments": [self.message], "context": {},
            "debug": format!("Traceback (most recent call last):\n  ...\n{}: {}", self.name, self.message) })
    }

    /// The envelope of JSON-RPC, within HTTP 200.
    pub(crate) fn envelope(&self, id: &Value, code: i64) -> Value {
        let not_found = self.name == "werkzeug.exceptions.NotFound";
        let (code, message) = if not_found { (404, "404: Not Found") } else { (code, "Odoo Server Error") };
        json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message, "data": self.data() } })
    }
}

impl Refusal for OdooError {
    /// A description that begins with a class (`psycopg2.errors.SerializationFailure: …`) has it.
    fn told(status: u16, description: &str, _: Option<u64>) -> Self {
        let class = description.split(": ").next().filter(|class| class.contains('.') && !class.contains(' '));
        let words = class.map_or(description, |class| description[class.len()..].trim_start_matches(": "));
        Self::new(status, class.unwrap_or("odoo.exceptions.UserError"), words)
    }

    /// From a proxy: a page.
    fn too_many(_: u64) -> Self {
        Self::page(429)
    }

    fn noted(&self) -> (u16, String) {
        (self.status, format!("{}: {}", self.name, self.message))
    }

    /// As JSON-2 has it; the exception goes along for JSON-RPC to put in its envelope.
    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.page {
            let page = format!("<!DOCTYPE html><html><body><h1>{status}</h1></body></html>\n");
            let mut answer = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
            if status == StatusCode::SEE_OTHER {
                answer.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static("/web/login"));
            }
            return answer;
        }
        let mut answer = (status, Json(self.data())).into_response();
        answer.extensions_mut().insert(self.clone());
        answer
    }
}
