//! Calls by JSON-RPC, in a session that a password opened.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Tryton,
    wire::{self, Kind},
};
use crate::{crm::CrmError, http, secret::Secret};

impl Tryton {
    /// Calls a method of a model; the context comes last, and has refusals said in English.
    pub(super) async fn model(&self, kind: Kind, model: &str, method: &str, mut params: Value) -> Result<Value, CrmError> {
        if let Some(params) = params.as_array_mut() {
            params.push(json!({ "language": "en" }));
        }
        let method = format!("model.{model}.{method}");
        let had = self.session.lock().await.clone();
        let session = match &had {
            Some(session) => session.clone(),
            None => self.open(None).await?,
        };
        match self.ask(kind, &method, &params, Some(&session)).await {
            // A session ends when nobody used it for a while, and nothing was done then.
            Err(CrmError::Unauthorised) if had.is_some() => {
                let session = self.open(had.as_ref()).await?;
                self.ask(kind, &method, &params, Some(&session)).await
            }
            other => other,
        }
    }

    /// A new session, unless somebody opened one instead of the `old`.
    async fn open(&self, old: Option<&Secret>) -> Result<Secret, CrmError> {
        let mut session = self.session.lock().await;
        if let Some(open) = session.as_ref().filter(|open| old.is_none_or(|old| old.expose() != open.expose())) {
            return Ok(open.clone());
        }
        let login = self.bound.login.expose();
        let params = json!([login, { "password": self.bound.key.expose() }, "en"]);
        let said = self.ask(Kind::Read, "common.db.login", &params, None).await?;
        let (user, key) = (said[0].as_u64(), said[1].as_str());
        let (Some(user), Some(key)) = (user, key) else { return Err(CrmError::Unauthorised) };
        let header = Secret::new(format!("Session {}", STANDARD.encode(format!("{login}:{user}:{key}"))));
        *session = Some(header.clone());
        Ok(header)
    }

    async fn ask(&self, kind: Kind, method: &str, params: &Value, session: Option<&Secret>) -> Result<Value, CrmError> {
        self.pacer.turn().await;
        let url = format!("{}/{}/rpc/", self.bound.base, self.bound.database.expose());
        let request = self.http.post(url).json(&json!({ "id": 1, "method": method, "params": params }));
        let request = match session {
            Some(session) => request.header(reqwest::header::AUTHORIZATION, session.expose()),
            None => request,
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(wire::no_answer(kind, http::never_sent(&error), http::describe(error))),
        };
        let status = response.status().as_u16();
        match http::body(response).await {
            Ok(body) => wire::classify(kind, status, &body),
            Err(error) => Err(wire::no_answer(kind, false, error)),
        }
    }
}
