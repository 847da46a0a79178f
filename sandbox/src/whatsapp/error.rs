//! Refusals in Meta's shape. The codes, their HTTP statuses and what they mean are the contract's
//! section 5; a message begins with its code, and only code and details are to be relied on.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::double::Refusal;

/// A code, the HTTP status it comes with, its message and its details.
type Row = (u32, u16, &'static str, &'static str);

/// Every code of the contract's table that a client of messages can meet.
pub(crate) const TABLE: &[Row] = &[
    (0, 401, "AuthException", "The app user could not be authenticated."),
    (1, 400, "API Unknown", "The request is invalid, or a server could not carry it out."),
    (2, 503, "API Service", "A temporary outage or overload."),
    (3, 500, "API Method", "The app lacks a capability or a permission."),
    (4, 400, "Application request limit reached", "The app has reached its limit of calls."),
    (10, 403, "Application does not have permission for this action", "A permission was not given or was taken away."),
    (33, 400, "Parameter value is not valid", "The business phone number was deleted."),
    (100, 400, "Invalid parameter", "A parameter is unknown, missing or misspelt."),
    (190, 401, "Access token has expired", "The access token has expired or was revoked."),
    (200, 403, "Permissions error", "A permission was not given or was taken away."),
    (368, 403, "Temporarily blocked for policies violations", "The account is restricted for violating a policy."),
    (80_007, 400, "Rate limit issues", "The WhatsApp Business Account has reached its limit of calls."),
    (130_429, 400, "Rate limit hit", "Cloud API message throughput has been reached."),
    (130_472, 400, "User's number is part of an experiment", "The message was not sent as part of an experiment."),
    (130_497, 403, "Business account is restricted from messaging users in this country", "Messaging to this country is not allowed."),
    (131_000, 500, "Something went wrong", "Message failed to send because of an unknown error."),
    (131_005, 403, "Access denied", "A permission was not given or was taken away."),
    (131_008, 400, "Required parameter is missing", "The request lacks a required parameter."),
    (131_009, 400, "Parameter value is not valid", "One or more parameter values are invalid."),
    (131_016, 500, "Service unavailable", "A service is temporarily unavailable."),
    (131_021, 400, "Recipient cannot be sender", "Sender and recipient are the same phone number."),
    (131_026, 400, "Message undeliverable", "The message cannot be delivered to this recipient."),
    (131_031, 403, "Account has been locked", "The account is locked or disabled."),
    (131_037, 400, "Display name approval needed", "The display name of this number is not approved yet."),
    (131_042, 400, "Business eligibility payment issue", "There is a problem with the payment method."),
    (131_045, 500, "Incorrect certificate", "The phone number is not properly registered."),
    (131_047, 400, "Re-engagement message", "More than 24 hours have passed since the recipient last replied to this number."),
    (131_048, 400, "Spam rate limit hit", "Too many messages of this number were blocked or reported as spam."),
    (131_049, 400, HEALTHY, "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."),
    (131_050, 400, "User has stopped marketing messages", "The recipient chose to stop marketing messages of this business."),
    (131_051, 400, "Unsupported message type", "Message type is not supported."),
    (131_052, 400, "Media download error", "The media that the user sent could not be downloaded."),
    (131_053, 400, "Media upload error", "The media of the message could not be uploaded."),
    (131_055, 400, "Method not allowed", "This number is not set up for the Marketing Messages API."),
    (131_056, 400, "(Business Account, Consumer Account) pair rate limit hit", PAIR),
    (131_057, 500, "Account in maintenance mode", "The number is being moved to a higher throughput."),
    (131_062, 400, "Business-scoped user id is not supported for this message", "Use the phone number of the recipient."),
    (131_064, 400, "Message failed to reach because of the messaging limit", "The account has reached its messaging limit."),
    (
        132_000,
        400,
        "Number of parameters does not match the expected number of params",
        "The count of parameters differs from the template's.",
    ),
    (132_001, 404, "Template name does not exist in the translation", "No approved template has this name and language."),
    (132_005, 400, "Translated text too long", "The text with its values is too long."),
    (132_007, 400, "Content policy violated", "The content of the template violates a policy."),
    (132_012, 400, "Parameter format does not match format in the created template", "A value differs in format from the template's."),
    (132_015, 400, "Template is paused", "The template is paused for low quality and cannot be sent."),
    (132_016, 400, "Template is disabled", "The template was paused too often for low quality and is disabled for good."),
    (132_068, 400, "Flow is blocked", "The flow is blocked."),
    (132_069, 400, "Flow is throttled", "The flow is throttled to ten messages an hour."),
    (133_000, 400, "Incomplete deregistration", "An earlier removal of the number did not end."),
    (133_004, 503, "Server temporarily unavailable", "The server is temporarily unavailable."),
    (133_005, 400, "Two-step verification PIN mismatch", "The PIN is not the number's."),
    (133_006, 400, "Phone number re-verification needed", "The number must be verified before it is registered."),
    (133_010, 400, "Phone number not registered", "The number is not registered with the Cloud API."),
    (134_011, 400, "Payment terms not accepted", "The terms of payments are not accepted."),
    (134_100, 400, "Only marketing messages are supported", "Only marketing templates go through this address."),
    (134_101, 400, "Template is syncing", "A new template can be used here within ten minutes."),
    (134_102, 400, "Not eligible", "The template or the account cannot be used here."),
    (135_000, 400, "Generic user error", "A parameter of the request is not valid."),
];

const HEALTHY: &str = "This message was not delivered to maintain healthy ecosystem engagement.";
const PAIR: &str = "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.";

/// Where errors of webhooks point.
const HREF: &str = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes";

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphError {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) details: Option<String>,
    pub(crate) subcode: Option<u32>,
    /// `error_user_title` and `error_user_msg`.
    pub(crate) for_people: Option<(String, String)>,
}

pub(crate) type GraphResult<T = Value> = Result<T, GraphError>;

fn row(code: u32) -> Row {
    let unknown = (code, 400, "Unknown error", "The error is not known.");
    TABLE.iter().copied().find(|row| row.0 == code).unwrap_or(unknown)
}

impl GraphError {
    /// The error of this code as the table has it.
    pub(crate) fn new(code: u32) -> Self {
        let (_, status, message, details) = row(code);
        let details = Some(details.to_owned());
        Self { status, code, message: format!("(#{code}) {message}"), details, subcode: None, for_people: None }
    }

    /// The same with details of its own.
    pub(crate) fn with(code: u32, details: impl Into<String>) -> Self {
        Self { details: Some(details.into()), ..Self::new(code) }
    }

    /// A wrong parameter, told in the message as Graph does.
    pub(crate) fn parameter(message: impl AsRef<str>) -> Self {
        Self { message: format!("(#100) {}", message.as_ref()), details: None, ..Self::new(100) }
    }

    /// A node that is not there, or not for this token.
    pub(crate) fn no_node(method: &str, id: &str) -> Self {
        let message = format!(
            "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not \
             support this operation",
            method.to_ascii_lowercase()
        );
        Self { status: 400, code: 100, message, details: None, subcode: Some(33), for_people: None }
    }

    /// The body of an answer.
    pub(crate) fn envelope(&self) -> Value {
        let mut error = json!({ "message": self.message, "type": "OAuthException", "code": self.code });
        if let Some(details) = &self.details {
            error["error_data"] = json!({ "messaging_product": "whatsapp", "details": details });
        }
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some((title, text)) = &self.for_people {
            error["is_transient"] = json!(false);
            error["error_user_title"] = json!(title);
            error["error_user_msg"] = json!(text);
        }
        error["fbtrace_id"] = json!(format!("A{:020x}", rand::random::<u64>()));
        json!({ "error": error })
    }

    /// The element of `errors` in a status.
    pub(crate) fn in_webhook(&self) -> Value {
        let title = self.message.split_once(") ").map_or(self.message.as_str(), |(_, title)| title);
        json!({ "code": self.code, "title": title, "message": title, "error_data": { "details": self.details }, "href": HREF })
    }
}

impl Refusal for GraphError {
    /// A refusal that was asked for by a fault: the code is read from a description that begins
    /// with `(#131026)`, else it is the generic one for this HTTP status.
    fn told(status: u16, description: &str, _: Option<u64>) -> Self {
        let told = description.strip_prefix("(#").and_then(|rest| rest.split_once(')')).and_then(|(code, _)| code.parse().ok());
        let code = told.unwrap_or(match status {
            401 => 190,
            403 => 10,
            503 => 2,
            500.. => 131_000,
            _ => 1,
        });
        Self { status, message: description.to_owned(), ..Self::new(code) }
    }

    /// Meta documents no `Retry-After`.
    fn too_many(_: u64) -> Self {
        Self::new(130_429)
    }

    fn noted(&self) -> (u16, String) {
        let words = match &self.details {
            Some(details) => format!("{}: {details}", self.message),
            None => self.message.clone(),
        };
        (self.status, words)
    }

    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.envelope())).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_in_the_table_once_and_keeps_its_status() {
        let mut codes: Vec<u32> = TABLE.iter().map(|row| row.0).collect();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.len());
        assert!(codes.is_sorted());
        for (code, status) in [(190, 401), (131_047, 400), (132_001, 404), (130_497, 403), (131_057, 500), (131_056, 400)] {
            assert_eq!(GraphError::new(code).status, status);
        }
    }

    #[test]
    fn a_fault_names_its_code() {
        assert_eq!(GraphError::told(400, "(#131026) Message undeliverable", None).code, 131_026);
        assert_eq!(GraphError::told(500, "oops", None).code, 131_000);
        assert_eq!(GraphError::told(401, "oops", None).code, 190);
    }

    #[test]
    fn the_two_shapes_of_an_error() {
        let error = GraphError::new(131_056);
        let body = error.envelope();
        assert_eq!((&body["error"]["code"], &body["error"]["error_data"]["messaging_product"]), (&json!(131_056), &json!("whatsapp")));
        assert_eq!(error.in_webhook()["title"], "(Business Account, Consumer Account) pair rate limit hit");
    }
}
