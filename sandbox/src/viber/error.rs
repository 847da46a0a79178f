//! Refusals in Viber's shape: HTTP 200, a `status` and its words (contract, 5).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::double::Refusal;

/// Viber's number of a refusal.
pub type Status = u32;

/// Statuses and their names, which answers have as words.
const NAMES: &[(Status, &str)] = &[
    (1, "invalidUrl"),
    (2, "invalidAuthToken"),
    (3, "badData"),
    (4, "missingData"),
    (5, "receiverNotRegistered"),
    (6, "notSubscribed"),
    (7, "publicAccountBlocked"),
    (8, "publicAccountNotFound"),
    (9, "publicAccountSuspended"),
    (10, "webhookNotSet"),
    (11, "receiverNoSuitableDevice"),
    (12, "tooManyRequests"),
    (13, "apiVersionNotSupported"),
    (14, "incompatibleWithVersion"),
    (15, "publicAccountNotAuthorized"),
    (16, "inchatReplyMessageNotAllowed"),
    (17, "publicAccountIsNotInline"),
    (18, "noPublicChat"),
    (19, "cannotSendBroadcast"),
    (20, "broadcastNotAllowed"),
    (21, "unsupportedCountry"),
    (22, "paymentUnsupported"),
    (23, "freeMessagesExceeded"),
    (24, "noBalance"),
];

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct ViberError {
    /// An error of HTTP instead of the API's, as a fault wants it.
    pub(crate) http: Option<u16>,
    pub(crate) status: Status,
    pub(crate) message: String,
}

pub(crate) type ViberResult<T = Value> = Result<T, ViberError>;

impl ViberError {
    pub(crate) fn new(status: Status) -> Self {
        let name = NAMES.iter().find(|(known, _)| *known == status).map_or("generalError", |(_, name)| name);
        Self { http: None, status, message: name.to_owned() }
    }

    /// 3: a value is not as it should be.
    pub(crate) fn bad(what: impl std::fmt::Display) -> Self {
        Self { message: format!("badData: {what}"), ..Self::new(3) }
    }

    /// 4: a field is missing.
    pub(crate) fn missing(what: impl std::fmt::Display) -> Self {
        Self { message: format!("missingData: {what}"), ..Self::new(4) }
    }

    pub(crate) fn said(status: Status, message: &str) -> Self {
        Self { http: None, status, message: message.to_owned() }
    }

    pub(crate) fn envelope(&self) -> Value {
        json!({ "status": self.status, "status_message": self.message, "chat_hostname": super::state::HOST })
    }
}

impl Refusal for ViberError {
    /// `code` is Viber's own status, or an HTTP status (400…599), whose body is then the
    /// description.
    fn told(code: u16, description: &str, _: Option<u64>) -> Self {
        let error = Self::new(u32::from(code));
        let message = if description.is_empty() { error.message } else { description.to_owned() };
        Self { http: (400..600).contains(&code).then_some(code), status: error.status, message }
    }

    fn too_many(_: u64) -> Self {
        Self::new(12)
    }

    fn noted(&self) -> (u16, String) {
        (u16::try_from(self.status).unwrap_or(u16::MAX), self.message.clone())
    }

    fn response(&self) -> Response {
        match self.http.and_then(|status| StatusCode::from_u16(status).ok()) {
            Some(status) => (status, self.message.clone()).into_response(),
            None => Json(self.envelope()).into_response(),
        }
    }
}
