//! Refusals in Wazzup's shape: an HTTP status, a code and words (contract, 5).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::settings::Settings;
use crate::double::Refusal;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct WazzupError {
    pub(crate) status: u16,
    /// Empty for an answer without a body.
    pub(crate) code: String,
    pub(crate) description: String,
    pub(crate) data: Option<Value>,
}

pub(crate) type WazzupResult<T = Value> = Result<T, WazzupError>;

impl WazzupError {
    pub(crate) fn new(code: &str, description: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), description: description.into(), data: None }
    }

    pub(crate) fn with(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    /// A refusal without a body.
    pub(crate) fn bare(status: u16) -> Self {
        Self { status, code: String::new(), description: String::new(), data: None }
    }

    /// 400: fields are missing or wrong.
    pub(crate) fn fields(names: &[&str]) -> Self {
        Self::new("INVALID_MESSAGE_DATA", "One or more message parameters are invalid.").with(json!({ "fields": names }))
    }

    /// As the settings want it shown.
    pub(crate) fn shaped(self, settings: &Settings) -> Self {
        if settings.empty_refusals {
            return Self::bare(self.status);
        }
        let code = if settings.old_spelling { old_spelling(&self.code) } else { self.code };
        match settings.code_in_description {
            true => Self { code: "VALIDATION_ERROR".to_owned(), description: code, ..self },
            false => Self { code, ..self },
        }
    }
}

/// `REPEATED_CRM_MESSAGE_ID` as older pages have it.
fn old_spelling(code: &str) -> String {
    let words = code.split('_').enumerate().map(|(at, word)| {
        let word = word.to_ascii_lowercase();
        let mut letters = word.chars();
        match (at, letters.next()) {
            (0, _) | (_, None) => word,
            (_, Some(first)) => first.to_ascii_uppercase().to_string() + letters.as_str(),
        }
    });
    words.collect()
}

impl Refusal for WazzupError {
    /// A description that begins with a code (`CHANNEL_NO_MONEY: …`) has it; an empty one is an
    /// answer without a body.
    fn told(status: u16, description: &str, _: Option<u64>) -> Self {
        let code = description.split(':').next().unwrap_or_default().trim();
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let words = description.split_once(':').map_or(description, |(_, words)| words.trim());
        let code = if is_code || description.is_empty() { code } else { "UNKNOWN_ERROR" };
        Self { status, ..Self::new(code, words) }
    }

    /// No `Retry-After` is documented.
    fn too_many(_: u64) -> Self {
        Self::bare(429)
    }

    fn noted(&self) -> (u16, String) {
        (self.status, format!("{}: {}", self.code, self.description))
    }

    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        if self.code.is_empty() {
            return status.into_response();
        }
        let request = format!("{:032x}", rand::random::<u128>());
        let mut body = json!({ "status": self.status, "requestId": request, "error": self.code, "description": self.description });
        if let Some(data) = &self.data {
            body["data"] = data.clone();
        }
        (status, Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_two_spellings_and_two_places() {
        assert_eq!(old_spelling("REPEATED_CRM_MESSAGE_ID"), "repeatedCrmMessageId");
        let settings = Settings { code_in_description: true, ..Settings::default() };
        assert_eq!(WazzupError::new("CHANNEL_BLOCKED", "x").shaped(&settings).description, "CHANNEL_BLOCKED");
        let told = WazzupError::told(400, "CHANNEL_NO_MONEY: pay", None);
        assert_eq!((told.code.as_str(), told.description.as_str()), ("CHANNEL_NO_MONEY", "pay"));
        assert_eq!(WazzupError::told(500, "oops", None).code, "UNKNOWN_ERROR");
    }
}
