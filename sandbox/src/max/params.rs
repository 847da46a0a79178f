//! A call as it came: verb, path, query, body.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::Request,
    http::{Method, header::AUTHORIZATION},
};
use serde_json::{Map, Value};

use super::error::{ApiError, ApiResult};

/// Largest body of an API call: a message with 210 buttons of full payloads is well below.
const MAX_BODY: usize = 4 * 1024 * 1024;

pub(crate) struct Params {
    pub(crate) verb: Method,
    /// Without the prefix of the double.
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    query: HashMap<String, String>,
    body: Bytes,
}

impl Params {
    pub(crate) async fn read(request: Request) -> ApiResult<Self> {
        let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
        let path = request.uri().path();
        let path = path.strip_prefix("/max").unwrap_or(path).to_owned();
        let verb = request.method().clone();
        let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // Read to its end before anything is answered: a client still writing would see a broken
        // pipe instead of the answer.
        let body = axum::body::to_bytes(request.into_body(), MAX_BODY).await;
        let body = body.map_err(|_| ApiError::new(413, "proto.payload", "Request is too large"))?;
        Ok(Self { verb, path, token, query, body })
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A number of the query; one that is none is refused.
    pub(crate) fn int(&self, name: &str) -> ApiResult<Option<i64>> {
        let wrong = |_| ApiError::payload(format!("{name}: must be a number"));
        self.text(name).map(|text| text.parse().map_err(wrong)).transpose()
    }

    /// As [`Params::int`], within bounds.
    pub(crate) fn within(&self, name: &str, least: i64, most: i64, absent: i64) -> ApiResult<i64> {
        let value = self.int(name)?.unwrap_or(absent);
        if (least..=most).contains(&value) {
            return Ok(value);
        }
        Err(ApiError::payload(format!("{name}: must be between {least} and {most}")))
    }

    /// A flag of the query.
    pub(crate) fn flag(&self, name: &str) -> ApiResult<bool> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::payload(format!("{name}: must be true or false"))),
        }
    }

    /// The body, which must be a JSON object.
    pub(crate) fn object(&self) -> ApiResult<Map<String, Value>> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(ApiError::payload("Can't deserialize body")),
        }
    }
}

/// A text of a body: absent, `null` or a string.
pub(crate) fn text(object: &Map<String, Value>, name: &str) -> ApiResult<Option<String>> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::payload(format!("{name}: must be a string"))),
    }
}

/// A list of a body: absent, `null` or an array.
pub(crate) fn list(object: &Map<String, Value>, name: &str) -> ApiResult<Option<Vec<Value>>> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(list)) => Ok(Some(list.clone())),
        Some(_) => Err(ApiError::payload(format!("{name}: must be an array"))),
    }
}

/// How MAX is taken to count characters: UTF-16 units, as its `markup` does (unconfirmed for
/// limits). Whoever keeps to this keeps to a count of characters too.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
