//! Refusals in VK's shape: HTTP 200 and an `error` with a code. The codes and what they mean are
//! the contract's section 5.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::double::Refusal;

/// Codes and VK's words for them.
const TABLE: &[(u32, &str)] = &[
    (1, "Unknown error occurred"),
    (2, "Application is disabled. Enable your application or use test mode"),
    (3, "Unknown method passed"),
    (5, "User authorization failed"),
    (6, "Too many requests per second"),
    (7, "Permission to perform this action is denied"),
    (8, "Invalid request"),
    (9, "Flood control"),
    (10, "Internal server error"),
    (12, "Unable to compile code"),
    (13, "Runtime error occurred during code invocation"),
    (14, "Captcha needed"),
    (15, "Access denied"),
    (17, "Validation required"),
    (18, "User was deleted or banned"),
    (20, "Permission to perform this action is denied for non-standalone applications"),
    (23, "This method was disabled"),
    (24, "Confirmation required"),
    (25, "Token confirmation required"),
    (27, "Group authorization failed"),
    (28, "Application authorization failed"),
    (29, "Rate limit reached"),
    (30, "This profile is private"),
    (32, "Need wait"),
    (33, "Not implemented yet"),
    (34, "Client version deprecated"),
    (36, "Method execution was interrupted due to timeout"),
    (37, "User was banned"),
    (38, "Unknown application"),
    (39, "Unknown user"),
    (40, "Unknown group"),
    (42, "IP address is not allowed"),
    (43, "This section is temporary unavailable"),
    (100, "One of the parameters specified was missing or invalid"),
    (101, "Invalid application API ID"),
    (103, "Out of limits"),
    (104, "Not found"),
    (105, "Couldn't save file"),
    (113, "Invalid user id"),
    (118, "Invalid server"),
    (121, "Invalid hash"),
    (122, "Invalid photos list"),
    (125, "Invalid group id"),
    (129, "Invalid photo"),
    (22, "Upload error"),
    (900, "Can't send messages for users from blacklist"),
    (901, "Can't send messages for users without permission"),
    (902, "Can't send messages to this user due to their privacy settings"),
    (909, "Can't edit this message, because it's too old"),
    (910, "Can't sent this message, because it's too big"),
    (911, "Keyboard format is invalid"),
    (912, "This is a chat bot feature, change this status in settings"),
    (913, "Too many forwarded messages"),
    (914, "Message is too long"),
    (917, "You don't have access to this chat"),
    (920, "Can't edit this kind of message"),
    (921, "Can't forward these messages"),
    (922, "You left this chat"),
    (924, "Can't delete this message for everybody"),
    (925, "You are not admin of this chat"),
    (927, "Chat does not exist"),
    (935, "User not found in chat"),
    (936, "Contact not found"),
    (940, "Too many posts in messages"),
    (943, "Cannot use this intent"),
    (944, "Limits overflow for this intent"),
    (945, "Chat was disabled"),
    (946, "Chat not supported"),
    (950, "Can't send message, reply timed out"),
    (979, "This action disabled for community chats"),
    (983, "Writing is disabled for this chat"),
    (984, "Sending messages is restricted because of spam"),
    (985, "Only notifications are allowed in this group"),
    (987, "Message request needs to be sent"),
    (988, "Message request is pending"),
    (1012, "Can't add this user to chat"),
    (1117, "Access token has expired"),
    (1150, "Invalid document id"),
    (1151, "Access to document deleting is denied"),
    (1152, "Invalid document title"),
    (1153, "Access to document is denied"),
    (2000, "Cannot add more than 10 servers"),
    (3300, "Recaptcha needed"),
];

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct VkError {
    /// An error of HTTP instead of the API's, as a fault wants it.
    pub(crate) http: Option<u16>,
    pub(crate) code: u32,
    pub(crate) message: String,
    /// Parameters of the call, without the token.
    pub(crate) params: Vec<(String, String)>,
}

pub(crate) type VkResult<T = Value> = Result<T, VkError>;

impl VkError {
    pub(crate) fn new(code: u32) -> Self {
        let words = TABLE.iter().find(|(known, _)| *known == code).map_or("Unknown error occurred", |(_, words)| words);
        Self { http: None, code, message: words.to_owned(), params: Vec::new() }
    }

    /// The same with what is the matter.
    pub(crate) fn with(code: u32, what: impl std::fmt::Display) -> Self {
        let error = Self::new(code);
        Self { message: format!("{}: {what}", error.message), ..error }
    }

    /// 100: a parameter is missing or wrong.
    pub(crate) fn parameter(what: impl std::fmt::Display) -> Self {
        Self::with(100, what)
    }

    pub(crate) fn envelope(&self) -> Value {
        let params: Vec<Value> = self.params.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        let mut error = json!({ "error_code": self.code, "error_msg": self.message, "request_params": params });
        if matches!(self.code, 14 | 3300) {
            error["captcha_sid"] = json!("538614017463");
            error["captcha_img"] = json!("https://api.vk.com/captcha.php?sid=538614017463");
        }
        json!({ "error": error })
    }
}

impl Refusal for VkError {
    /// `code` is VK's own, or an HTTP status (400…599), whose body is then the description.
    fn told(code: u16, description: &str, _: Option<u64>) -> Self {
        let error = Self::new(u32::from(code));
        let message = if description.is_empty() { error.message.clone() } else { description.to_owned() };
        Self { http: (400..600).contains(&code).then_some(code), message, ..error }
    }

    /// VK says nothing of when to come back.
    fn too_many(_: u64) -> Self {
        Self::new(6)
    }

    fn noted(&self) -> (u16, String) {
        (u16::try_from(self.code).unwrap_or(u16::MAX), self.message.clone())
    }

    fn response(&self) -> Response {
        match self.http.and_then(|status| StatusCode::from_u16(status).ok()) {
            Some(status) => (status, self.message.clone()).into_response(),
            None => Json(self.envelope()).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words_once() {
        let mut codes: Vec<u32> = TABLE.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.len());
        assert_eq!(VkError::told(29, "", None).message, "Rate limit reached");
        assert_eq!(VkError::told(503, "busy", None).http, Some(503));
    }
}
