//! The Bot API as the managers' bot uses it.
//!
//! Types of updates and the handler tree are teloxide's; the calls are our own, because teloxide
//! 0.17's `Bot` sleeps ten seconds on every 5xx before it answers, panics at the start when `getMe`
//! lacks a flag it knows, and doubles the slash of a base address that ends in one. Here a failure
//! comes back at once, and never with the token in it.

use std::{sync::Arc, time::Duration};

use mms_core::{
    channel::{storm, telegram},
    http,
    secret::Secret,
    text::clean,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::frame::{screen::Media, standing::Standing};

/// How long one call may take.
const CALL: Duration = Duration::from_secs(30);
/// How long the server holds a long poll.
pub const POLL: Duration = Duration::from_secs(25);
/// The longest a call waits for a limit to pass before it gives up.
const PATIENCE: Duration = Duration::from_secs(40);
/// Largest file a bot may download (contracts/messengers/telegram.md).
pub const MAX_DOWNLOAD: usize = 20 * 1024 * 1024;

/// How long calls under way are waited for once the process is asked to stop.
pub const LAST_CALLS: Duration = Duration::from_secs(5);

/// Telegram did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Too fast, and waiting did not help within the call's patience.
    #[error("limited by Telegram for {} s", .0.as_secs())]
    Limited(Duration),
    /// Refused, with Telegram's own words.
    #[error("Telegram refused `{method}`: {code} {description}")]
    Refused {
        method: &'static str,
        /// The HTTP status.
        code: i64,
        /// Telegram's sentence.
        description: String,
    },
    /// The server had trouble, or there was no answer: it may have been done.
    #[error("no answer of Telegram to `{method}`: {what}")]
    Unknown { method: &'static str, what: String },
}

impl ApiError {
    /// Whether Telegram's sentence contains `words`.
    #[must_use]
    pub fn says(&self, words: &str) -> bool {
        matches!(self, Self::Refused { description, .. } if description.to_lowercase().contains(words))
    }

    /// Whether the person cannot be written to any more.
    #[must_use]
    pub fn unreachable(&self) -> bool {
        matches!(self, Self::Refused { code: 403, .. }) || self.says("chat not found")
    }

    /// Whether the token is refused.
    #[must_use]
    pub fn unauthorised(&self) -> bool {
        matches!(self, Self::Refused { code: 401 | 404, .. })
    }

    /// Whether another program polls with the same token.
    #[must_use]
    pub fn conflict(&self) -> bool {
        matches!(self, Self::Refused { code: 409, .. })
    }
}

/// The managers' bot at its API address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api {
    base: Arc<str>,
    token: Secret,
    http: reqwest::Client,
    standing: Standing,
    /// Cancelled when the process is asked to stop: from then on no limit is waited out.
    ending: CancellationToken,
    /// Cancelled [`LAST_CALLS`] later: from then on no answer is waited for.
    over: CancellationToken,
}

impl Api {
    /// A bot with this token at this API base, by this route.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(base: &str, route: &http::Route, token: Secret) -> reqwest::Result<Self> {
        let (ending, over) = (CancellationToken::new(), CancellationToken::new());
        Ok(Self {
            base: base.trim_end_matches('/').into(),
            token,
            http: http::routed(CALL + POLL, route)?,
            standing: Standing::default(),
            ending,
            over,
        })
    }

    /// How the bot stands with Telegram, as of the last call.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Asks who the bot is: its own name, without `@`.
    ///
    /// # Errors
    /// [`ApiError`]; an answer that names no bot is [`ApiError::Unknown`].
    pub async fn me(&self) -> Result<String, ApiError> {
        const METHOD: &str = "getMe";
        let me = self.call(METHOD, &json!({})).await?;
        match me["username"].as_str().filter(|name| telegram::is_username(name) && me["id"].as_i64().is_some_and(|id| id > 0)) {
            Some(name) => Ok(name.to_owned()),
            None => Err(ApiError::Unknown { method: METHOD, what: "the answer names no bot".to_owned() }),
        }
    }

    /// The process is asked to stop by `stop`: limits are waited out no longer then, and soon no
    /// answers either. Runs until that is over.
    pub async fn end_with(self, stop: CancellationToken) {
        stop.cancelled().await;
        self.ending.cancel();
        tokio::time::sleep(LAST_CALLS).await;
        self.over.cancel();
    }

    /// Whether the process was asked to stop: nothing new is begun.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.ending.is_cancelled()
    }

    /// Returns when the process is asked to stop.
    pub async fn ending(&self) {
        self.ending.cancelled().await;
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.base, self.token.expose())
    }

    /// Calls a method and waits out a limit (429) for as long as is decent.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn call(&self, method: &'static str, body: &Value) -> Result<Value, ApiError> {
        self.patiently(|| self.call_once(method, body)).await
    }

    /// Calls a method and comes back at once with a limit (429).
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn call_once(&self, method: &'static str, body: &Value) -> Result<Value, ApiError> {
        self.in_time(method, self.http.post(self.url(method)).timeout(CALL).json(body)).await
    }

    /// Calls a method with a file and comes back at once with a limit (429).
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn upload_once(
        &self,
        method: &'static str,
        fields: &[(&'static str, String)],
        name: &'static str,
        file: &Media,
    ) -> Result<Value, ApiError> {
        let part = reqwest::multipart::Part::bytes(file.content.to_vec()).file_name(file.name.clone());
        let part = part.mime_str(&file.mime).map_err(|error| ApiError::Unknown { method, what: http::describe(error) })?;
        let form = fields.iter().fold(reqwest::multipart::Form::new(), |form, (field, value)| form.text(*field, value.clone()));
        self.in_time(method, self.http.post(self.url(method)).timeout(CALL).multipart(form.part(name, part))).await
    }

    /// Tries again after a limit (429), for as long as is decent and the process is not asked to
    /// stop.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn patiently<T, F: Future<Output = Result<T, ApiError>>>(&self, attempt: impl Fn() -> F) -> Result<T, ApiError> {
        let mut left = PATIENCE;
        loop {
            match attempt().await {
                Err(ApiError::Limited(after)) if after <= left => {
                    left -= after;
                    if self.ending.run_until_cancelled(tokio::time::sleep(after)).await.is_none() {
                        return Err(ApiError::Limited(after));
                    }
                }
                answer => return answer,
            }
        }
    }

    /// Makes a call; once the process ends its answer is not waited for.
    async fn in_time(&self, method: &'static str, request: reqwest::RequestBuilder) -> Result<Value, ApiError> {
        let call = async { self.read(method, request.send().await).await };
        let unknown = || Err(ApiError::Unknown { method, what: "the process ends".to_owned() });
        self.over.run_until_cancelled(call).await.unwrap_or_else(unknown)
    }

    async fn read(&self, method: &'static str, sent: reqwest::Result<reqwest::Response>) -> Result<Value, ApiError> {
        let unknown = |what| ApiError::Unknown { method, what };
        let response = sent.map_err(|error| unknown(http::describe(error)))?;
        let status = response.status();
        let body = http::body(response).await.map_err(unknown)?;
        // A gateway answers with HTML; only an envelope is Telegram's word.
        // Cleaned first: one character that nobody can keep must not cost a whole batch of updates.
        let mut envelope: Value = serde_json::from_str(&clean::json(&String::from_utf8_lossy(&body)))
            .map_err(|_| unknown(format!("HTTP {} without an answer of the Bot API", status.as_u16())))?;
        if envelope["ok"] == json!(true) {
            self.standing.accepted();
            return Ok(envelope["result"].take());
        }
        let code = envelope["error_code"].as_i64().unwrap_or_else(|| i64::from(status.as_u16()));
        let description = envelope["description"].as_str().unwrap_or_default().to_owned();
        if code == 429 {
            let after = envelope["parameters"]["retry_after"].as_u64().unwrap_or(1);
            return Err(ApiError::Limited(Duration::from_secs(after.max(1)).min(storm::LONGEST_HOLD)));
        }
        if code == 401 {
            self.standing.refused();
        }
        if code >= 500 {
            return Err(unknown(format!("{code} {description}")));
        }
        Err(ApiError::Refused { method, code, description })
    }

    /// One long poll from `offset`: raw updates.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn updates(&self, offset: i64) -> Result<Vec<Value>, ApiError> {
        let body = json!({
            "offset": offset, "limit": 100, "timeout": POLL.as_secs(),
            "allowed_updates": ["message", "callback_query", "my_chat_member", "pre_checkout_query"],
        });
        let answer = self.read("getUpdates", self.http.post(self.url("getUpdates")).json(&body).send().await).await?;
        match answer {
            Value::Array(updates) => Ok(updates),
            _ => Err(ApiError::Unknown { method: "getUpdates", what: "the answer is no list of updates".to_owned() }),
        }
    }

    /// The bytes of a file a member sent.
    ///
    /// # Errors
    /// [`ApiError`]; `file is too big` past [`MAX_DOWNLOAD`].
    pub async fn download(&self, file_id: &str) -> Result<Vec<u8>, ApiError> {
        const METHOD: &str = "getFile";
        let unknown = |what| ApiError::Unknown { method: METHOD, what };
        let file = self.call(METHOD, &json!({ "file_id": file_id })).await?;
        let path = file["file_path"].as_str().ok_or_else(|| unknown("the answer names no path".to_owned()))?;
        let url = telegram::file_address(&self.base, &self.token, path)
            .ok_or_else(|| unknown("the answer names a path that leads elsewhere".to_owned()))?;
        let response = self.http.get(url).timeout(CALL).send().await.map_err(|error| unknown(http::describe(error)))?;
        if !response.status().is_success() {
            return Err(unknown(format!("HTTP {} for the file", response.status().as_u16())));
        }
        let bytes = http::body(response).await.map_err(unknown)?;
        if bytes.len() > MAX_DOWNLOAD {
            return Err(ApiError::Refused { method: METHOD, code: 400, description: "Bad Request: file is too big".to_owned() });
        }
        Ok(bytes)
    }
}
