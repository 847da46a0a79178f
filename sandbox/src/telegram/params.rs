//! Parameters of a call in any of the encodings Telegram takes: query, urlencoded, JSON, multipart.
//!
//! Form encodings carry everything as strings, nested objects as JSON text; the accessors accept
//! both shapes.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{FromRequest as _, Multipart, Request},
    http::header::CONTENT_TYPE,
};
use serde_json::{Map, Value};

use super::error::{ApiError, ApiResult};

/// Largest request read: the 50 MB of a document and room for the form around it.
pub(crate) const MAX_REQUEST: usize = 52 * 1024 * 1024;

/// A file that came in a multipart form.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) data: Bytes,
}

#[derive(Debug, Default)]
pub(crate) struct Params {
    pub(crate) values: Map<String, Value>,
    pub(crate) files: HashMap<String, Upload>,
}

impl Params {
    /// Reads the query and the body.
    pub(crate) async fn read(request: Request) -> ApiResult<Self> {
        let mut params = Self::default();
        params.form(request.uri().query().unwrap_or_default().as_bytes());
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let (head, body) = request.into_parts();
        // Read to its end before anything is answered: a client still writing would see a broken
        // pipe instead of the answer.
        let body = axum::body::to_bytes(body, MAX_REQUEST).await.map_err(|_| too_large())?;
        if kind.starts_with("multipart/form-data") {
            params.multipart(Request::from_parts(head, body.into())).await?;
        } else if kind.starts_with("application/json") {
            if !body.is_empty() {
                match serde_json::from_slice(&body) {
                    Ok(Value::Object(values)) => params.values.extend(values.into_iter().filter(|(_, value)| !value.is_null())),
                    _ => return Err(ApiError::bad("can't parse JSON object")),
                }
            }
        } else {
            params.form(&body);
        }
        Ok(params)
    }

    fn form(&mut self, encoded: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(encoded) {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    async fn multipart(&mut self, request: Request) -> ApiResult<()> {
        let broken = |_| ApiError::bad("can't parse the multipart form");
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| ApiError::bad("can't parse the multipart form"))?;
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let mime = field.content_type().map(str::to_owned);
            let data = field.bytes().await.map_err(broken)?;
            if file.is_some() {
                self.files.insert(name, Upload { name: file, mime, data });
            } else {
                let text = String::from_utf8(data.into()).map_err(|_| ApiError::bad("strings must be encoded in UTF-8"))?;
                self.values.insert(name, Value::String(text));
            }
        }
        Ok(())
    }

    /// A nested object or array, given as such or as JSON text. `null` and empty text are absence.
    pub(crate) fn json(&self, name: &str) -> ApiResult<Option<Value>> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => {
                let words = if name == "message_ids" { name.to_owned() } else { name.replace('_', " ") };
                serde_json::from_str(text).map(Some).map_err(|_| ApiError::bad(format!("can't parse {words} JSON object")))
            }
            Some(value) => Ok(Some(value.clone())),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64(),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes"),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// The upload a media value points at: `attach://<part>`, or a part under the parameter's own
    /// name.
    pub(crate) fn upload(&self, name: &str, value: Option<&str>) -> Option<&Upload> {
        match value {
            Some(value) => self.files.get(value.strip_prefix("attach://")?),
            None => self.files.get(name),
        }
    }
}

fn too_large() -> ApiError {
    ApiError::new(413, "Request Entity Too Large")
}
