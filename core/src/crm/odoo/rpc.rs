//! Calls of a method of a model, by whichever protocol the version has.

use serde_json::{Value, json};

use super::{
    Odoo,
    login::ONLINE,
    wire::{self, Answer, Failure, Kind},
};
use crate::{crm::CrmError, http};

/// How an instance is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// The major version.
    pub version: u64,
    /// By JSON-RPC, as this user; `None`: by JSON-2, where the key says who.
    user: Option<u64>,
}

/// The first version with JSON-2; what was before goes with 22 (autumn 2028).
const JSON2: u64 = 19;

/// Parameters that JSON-RPC takes by their place, after the ids.
fn placed(method: &str) -> &'static [&'static str] {
    match method {
        "create" => &["vals_list"],
        "write" => &["vals"],
        "search" | "search_read" | "search_count" => &["domain"],
        "add" | "remove" => &["number"],
        _ => &[],
    }
}

/// The positional and the named parameters of a call by JSON-RPC.
fn arguments(method: &str, ids: Option<&[u64]>, mut named: Value) -> (Vec<Value>, Value) {
    let mut positional: Vec<Value> = ids.map(|ids| json!(ids)).into_iter().collect();
    if let Some(named) = named.as_object_mut() {
        positional.extend(placed(method).iter().filter_map(|name| named.remove(*name)));
    }
    (positional, named)
}

impl Odoo {
    /// Calls a method: of these records, or of the model.
    pub(super) async fn call(&self, kind: Kind, model: &str, method: &str, ids: Option<&[u64]>, named: Value) -> Result<Value, Failure> {
        match self.way().await?.user {
            None => {
                let mut body = named;
                if let Some(ids) = ids {
                    body["ids"] = json!(ids);
                }
                self.json2(kind, &format!("{model}/{method}"), &body).await
            }
            Some(user) => {
                let (positional, named) = arguments(method, ids, named);
                let (database, key) = (self.bound.database.expose(), self.bound.key.expose());
                self.rpc(kind, "object", "execute_kw", json!([database, user, key, model, method, positional, named])).await
            }
        }
    }

    /// The version, and the user before 19: asked once.
    pub(super) async fn way(&self) -> Result<&Way, CrmError> {
        let find = || async {
            let version = self.version().await?;
            if version >= JSON2 {
                return Ok::<_, CrmError>(Way { version, user: None });
            }
            let (database, login, key) = (self.bound.database.expose(), self.bound.login.expose(), self.bound.key.expose());
            let said = self.rpc(Kind::Read, "common", "authenticate", json!([database, login, key, {}])).await?;
            // Wrong credentials, or a wrong database: no error, but `false`.
            let user = said.as_u64().filter(|user| *user > 0).ok_or(CrmError::Unauthorised)?;
            Ok(Way { version, user: Some(user) })
        };
        self.way.get_or_try_init(find).await
    }

    async fn version(&self) -> Result<u64, CrmError> {
        // A server before 19 has no such page, and shows anything in its place.
        if let Ok(said) = self.send(Kind::Read, self.http.get(format!("{}/web/version", self.bound.base)), false).await
            && let Some(version) = said["version_info"][0].as_u64()
        {
            return Ok(version);
        }
        let said = self.rpc(Kind::Read, "common", "version", json!([])).await?;
        // Online servers between two versions say `saas~18.2`.
        let info = &said["server_version_info"][0];
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
        info.as_u64().or_else(|| digits(info.as_str()?)).ok_or_else(|| CrmError::Rejected("this is no Odoo".to_owned()))
    }

    async fn json2(&self, kind: Kind, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.http.post(format!("{}/json/2/{path}", self.bound.base)).bearer_auth(self.bound.key.expose());
        self.send(kind, request.header("X-Odoo-Database", self.bound.database.expose()).json(body), false).await
    }

    async fn rpc(&self, kind: Kind, service: &str, method: &str, args: Value) -> Result<Value, Failure> {
        let body = json!({ "jsonrpc": "2.0", "method": "call", "id": 1, "params": { "service": service, "method": method, "args": args } });
        self.send(kind, self.http.post(format!("{}/jsonrpc", self.bound.base)).json(&body), true).await
    }

    async fn send(&self, kind: Kind, request: reqwest::RequestBuilder, rpc: bool) -> Result<Value, Failure> {
        // Odoo Online is said to want one call a second (unconfirmed).
        let turns = if self.bound.base.ends_with(&format!(".{ONLINE}")) { super::CAPABILITIES.per_second } else { 1 };
        for _ in 0..turns {
            self.pacer.turn().await;
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(wire::no_answer(kind, http::never_sent(&error), http::describe(error)).into()),
        };
        let status = response.status().as_u16();
        match http::body(response).await {
            Ok(body) => wire::classify(kind, &Answer { status, body: &body, rpc }),
            Err(error) => Err(wire::no_answer(kind, false, error).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_their_places() {
        let of = |method: &str, ids: Option<&[u64]>, named: Value| arguments(method, ids, named);
        assert_eq!(of("write", Some(&[7]), json!({ "vals": { "ref": "a" } })), (vec![json!([7]), json!({ "ref": "a" })], json!({})));
        assert_eq!(of("create", None, json!({ "vals_list": [{}] })), (vec![json!([{}])], json!({})));
        assert_eq!(of("search_read", None, json!({ "domain": [], "limit": 1 })), (vec![json!([])], json!({ "limit": 1 })));
        assert_eq!(of("message_post", Some(&[7]), json!({ "body": "x" })), (vec![json!([7])], json!({ "body": "x" })));
    }
}
