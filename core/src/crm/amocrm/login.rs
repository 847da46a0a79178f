//! The two ways into amoCRM: a long-lived token that a person pastes, and the page where an
//! administrator allows our integration (contracts/crm/amocrm.md, 1).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{host, oauth};
use crate::{
    clock::Moment,
    config::Endpoints,
    crm::{
        CrmError,
        login::{Ask, Credentials, CrmLogin, LoginPage, OauthApp, Pair, Query, Returned},
    },
    secret::{Likeness, Secret},
};

/// The ways into amoCRM.
#[derive(Debug)]
pub struct Login;

/// A token is one run of characters without spaces.
fn is_token(text: &str) -> bool {
    text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl CrmLogin for Login {
    fn home(&self, typed: &str) -> Option<String> {
        host::parse(typed).map(|host| format!("https://{host}"))
    }

    fn base(&self, home: &str, endpoints: &Endpoints) -> Option<String> {
        host::base(home, endpoints.amocrm_override.as_deref())
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask { name: "token", secret: true, fits: is_token }]
    }

    fn assemble(&self, values: &[Secret]) -> Credentials {
        let token = values.first().cloned().unwrap_or_else(|| Secret::new(""));
        let expires_at = oauth::token_ends(&token);
        Credentials::LongLived { token, expires_at }
    }

    fn renewed(&self, _old: &Credentials, value: &Secret) -> Credentials {
        self.assemble(std::slice::from_ref(value))
    }

    fn likeness(&self, word: &str) -> Option<Likeness> {
        oauth::likeness(word)
    }

    fn page(&self) -> Option<&'static dyn LoginPage> {
        Some(&Self)
    }
}

/// Where the OAuth of that account is called, when it is our turn: the CRM counts by the address
/// that calls come from.
async fn turn(home: &str, endpoints: &Endpoints) -> Result<String, CrmError> {
    let base = Login.base(home, endpoints).ok_or_else(|| CrmError::Rejected("the address is not one of this CRM".to_owned()))?;
    endpoints.crm_egress.turn().await;
    Ok(base)
}

#[async_trait::async_trait]
impl LoginPage for Login {
    fn address(&self, home: &str, client_id: &str, state: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", client_id)
            .append_pair("state", state)
            .append_pair("mode", "popup")
            .finish();
        format!("{}?{query}", host::authorise_page(home))
    }

    fn returned(&self, query: &Query) -> Option<Returned> {
        let said = |name: &str| query.get(name).cloned().unwrap_or_default();
        let agreed = said("error").is_empty() && !said("code").is_empty();
        agreed.then(|| Returned { code: said("code"), home: said("referer"), state: said("state") })
    }

    async fn exchange(&self, home: &str, app: &OauthApp, code: &str, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError> {
        oauth::exchange(&turn(home, endpoints).await?, app, code, now).await
    }

    async fn refresh(&self, home: &str, app: &OauthApp, pair: &Pair, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError> {
        oauth::refresh(&turn(home, endpoints).await?, app, &pair.refresh_token, now).await
    }

    /// The token says where its account can be asked for (section 1.2).
    async fn whereabouts(&self, _home: &str, pair: &Pair, endpoints: &Endpoints) -> Result<Option<String>, CrmError> {
        let Some(api) = oauth::api_domain(&pair.access_token) else { return Ok(None) };
        let base = turn(&api, endpoints).await?;
        let host = oauth::whereabouts(&base, &pair.refresh_token).await?;
        Ok(host.map(|host| format!("https://{host}")))
    }

    /// The signature is made with the integration's secret (section 1.4).
    fn removed(&self, app: &OauthApp, query: &Query) -> Option<String> {
        let said = |name: &str| query.get(name).map_or("", String::as_str);
        let (client, account) = (said("client_uuid"), said("account_id"));
        let signature = hex::decode(said("signature").trim()).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(app.client_secret.expose().as_bytes()).ok()?;
        mac.update(format!("{client}|{account}").as_bytes());
        (client == app.client_id && mac.verify_slice(&signature).is_ok()).then(|| account.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_amocrm_itself_says_that_we_were_removed() {
        let app = OauthApp { client_id: "0f3a".to_owned(), client_secret: Secret::new("s3cr3t"), redirect_uri: String::new() };
        let removed = |client: &str, account: &str, signature: &str| {
            let said = [("client_uuid", client), ("account_id", account), ("signature", signature)];
            Login.removed(&app, &said.map(|(key, value)| (key.to_owned(), value.to_owned())).into())
        };
        // printf '0f3a|28805383' | openssl dgst -sha256 -hmac s3cr3t
        let good = "430bc757b070f70159e4da11e51c140f0784101c0c5306df71c8754147a74093";
        assert_eq!(removed("0f3a", "28805383", good).as_deref(), Some("28805383"));
        assert_eq!(removed("0f3a", "28805383", &good.to_uppercase()).as_deref(), Some("28805383"));
        for (client, account, signature) in [
            ("0f3b", "28805383", good),
            ("0f3a", "28805384", good),
            ("0f3a", "28805383", &good[2..]),
            ("0f3a", "28805383", ""),
            ("", "", "нет"),
        ] {
            assert_eq!(removed(client, account, signature), None, "{client} {account} {signature}");
        }
        assert_eq!(Login.removed(&app, &Query::new()), None);
    }

    #[test]
    fn a_browser_brings_a_code_or_a_no() {
        let query = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let back = Login.returned(&query(&[("code", "c"), ("referer", "example.amocrm.ru"), ("state", "s")]));
        assert_eq!(back, Some(Returned { code: "c".to_owned(), home: "example.amocrm.ru".to_owned(), state: "s".to_owned() }));
        assert_eq!(Login.returned(&query(&[("error", "access_denied"), ("state", "s")])), None);
        assert_eq!(Login.returned(&query(&[])), None);
    }
}
