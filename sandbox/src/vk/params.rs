//! A call as it came: the parameters of its query and of its form, which VK treats alike.

use std::collections::BTreeMap;

use axum::{
    extract::{FromRequest as _, Multipart, Request},
    http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName},
};
use serde_json::{Map, Value};

use super::error::{VkError, VkResult};

/// Largest body of a call: `execute` with 25 long texts in percents is well below.
const MAX_BODY: usize = 8 * 1024 * 1024;

#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    pub(crate) token: Option<String>,
}

fn pairs(encoded: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    url::form_urlencoded::parse(encoded).into_owned()
}

fn header(request: &Request, name: HeaderName) -> String {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

impl Params {
    pub(crate) async fn read(request: Request) -> VkResult<Self> {
        let mut values: BTreeMap<String, String> = pairs(request.uri().query().unwrap_or_default().as_bytes()).collect();
        let (bearer, kind) = (header(&request, AUTHORIZATION), header(&request, CONTENT_TYPE).to_ascii_lowercase());
        let broken = || VkError::new(8);
        if kind.starts_with("multipart/form-data") {
            let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
            while let Some(field) = form.next_field().await.map_err(|_| broken())? {
                let name = field.name().unwrap_or_default().to_owned();
                values.insert(name, field.text().await.map_err(|_| broken())?);
            }
        } else {
            // Read to its end before anything is answered: a client still writing would see a
            // broken pipe instead of the answer.
            let body = axum::body::to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| broken())?;
            if kind.starts_with("application/x-www-form-urlencoded") {
                values.extend(pairs(&body));
            }
        }
        let token = values.remove("access_token").or_else(|| bearer.strip_prefix("Bearer ").map(str::to_owned));
        Ok(Self { values, token: token.filter(|token| !token.is_empty()) })
    }

    /// The parameters of a call inside `execute`.
    pub(crate) fn of_script(object: &Map<String, Value>) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Bool(flag) => u8::from(*flag).to_string(),
            Value::Array(list) => {
                let item = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                list.iter().map(item).collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        };
        let values = object.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), text(value))).collect();
        Self { values, token: None }
    }

    /// Everything but the token, for the answer of a refusal.
    pub(crate) fn shown(&self) -> Vec<(String, String)> {
        self.values.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// A parameter that is there; empty ones count as absent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn int(&self, name: &str) -> VkResult<Option<i64>> {
        self.text(name).map(|text| text.trim().parse().map_err(|_| VkError::parameter(format!("{name} should be integer")))).transpose()
    }

    pub(crate) fn required(&self, name: &str) -> VkResult<i64> {
        self.int(name)?.ok_or_else(|| VkError::parameter(format!("{name} is undefined")))
    }

    pub(crate) fn required_text(&self, name: &str) -> VkResult<&str> {
        self.text(name).ok_or_else(|| VkError::parameter(format!("{name} is undefined")))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("1" | "true" | "True"))
    }

    /// Numbers with commas between them.
    pub(crate) fn ints(&self, name: &str) -> VkResult<Option<Vec<i64>>> {
        let wrong = |_| VkError::parameter(format!("{name} should be a list of integers"));
        self.text(name).map(|list| list.split(',').map(|one| one.trim().parse().map_err(wrong)).collect()).transpose()
    }

    /// JSON in a text.
    pub(crate) fn json(&self, name: &str) -> VkResult<Option<Value>> {
        let wrong = |_| VkError::parameter(format!("{name} should be JSON"));
        self.text(name).map(|text| serde_json::from_str(text).map_err(wrong)).transpose()
    }

    /// Of flags, those that are set one way or the other, by name.
    pub(crate) fn flags(&self) -> impl Iterator<Item = (&str, bool)> {
        self.values.iter().filter(|(_, value)| matches!(value.as_str(), "0" | "1")).map(|(name, value)| (name.as_str(), value == "1"))
    }
}
