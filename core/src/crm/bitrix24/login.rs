//! The two ways into Bitrix24: the address of an incoming webhook that a person pastes, and the
//! page where an administrator allows our application (contracts/crm/bitrix24.md, 1). A webhook's
//! address is a secret as a whole: whoever has it acts as the user who made it.

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

/// The name of the webhook's address among the pasted values.
const WEBHOOK: &str = "webhook";
/// The name the portal had when it was connected, among the pasted values. A webhook opens its own
/// portal alone, so whatever the portal is called later, it is still this one.
const PORTAL: &str = "portal";

/// The ways into Bitrix24.
#[derive(Debug)]
pub struct Login;

/// What opens a portal.
#[derive(Debug, Clone)]
pub enum Way {
    /// An incoming webhook.
    Webhook {
        /// Whose rights it has.
        user: String,
        secret: Secret,
        /// The portal's first known name.
        portal: String,
    },
    /// Our application.
    Application {
        token: Secret,
        /// The portal's `member_id`, which never changes.
        member: String,
    },
}

impl Way {
    /// The way that these credentials are; `None`: they open nothing yet.
    #[must_use]
    pub fn of(credentials: &Credentials) -> Option<Self> {
        if let Credentials::Oauth { pair, .. } = credentials {
            return Some(Self::Application { token: pair.access_token.clone(), member: pair.account.clone().unwrap_or_default() });
        }
        let (host, user, secret) = parts(credentials.value(WEBHOOK)?.expose())?;
        let portal = credentials.value(PORTAL).map_or(host, |portal| portal.expose().to_owned());
        Some(Self::Webhook { user, secret: Secret::new(secret), portal })
    }
}

/// The portal, the user and the secret of a webhook's address. A method may stand at its end, as
/// the portal shows it with `profile.json`.
fn parts(address: &str) -> Option<(String, String, String)> {
    let address = address.trim();
    let path = address.split_once("://").map_or(address, |(_, rest)| rest).split_once('/')?.1;
    let mut parts = path.split(['?', '#']).next()?.split('/');
    if parts.next() != Some("rest") {
        return None;
    }
    let (user, secret) = (parts.next()?, parts.next()?);
    let good = !user.is_empty()
        && user.bytes().all(|byte| byte.is_ascii_digit())
        && (8..=64).contains(&secret.len())
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
    good.then_some((host::parse(address)?, user.to_owned(), secret.to_owned()))
}

fn is_webhook(text: &str) -> bool {
    parts(text).is_some()
}

impl CrmLogin for Login {
    fn home(&self, typed: &str) -> Option<String> {
        host::parse(typed).map(|host| format!("https://{host}"))
    }

    fn base(&self, home: &str, endpoints: &Endpoints) -> Option<String> {
        host::base(home, endpoints.bitrix24_override.as_deref())
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask { name: WEBHOOK, secret: true, fits: is_webhook }]
    }

    fn assemble(&self, values: &[Secret]) -> Credentials {
        let address = values.first().cloned().unwrap_or_default();
        let portal = parts(address.expose()).map(|(host, ..)| (PORTAL.to_owned(), Secret::new(host)));
        Credentials::Pasted { values: [(WEBHOOK.to_owned(), address)].into_iter().chain(portal).collect() }
    }

    fn renewed(&self, old: &Credentials, value: &Secret) -> Credentials {
        let mut credentials = self.assemble(std::slice::from_ref(value));
        if let (Credentials::Pasted { values }, Some(portal)) = (&mut credentials, old.value(PORTAL)) {
            values.insert(PORTAL.to_owned(), portal.clone());
        }
        credentials
    }

    fn likeness(&self, word: &str) -> Option<Likeness> {
        is_webhook(word).then_some(Likeness::Sure)
    }

    /// A webhook's portal is known by its name, an application's by its `member_id`.
    fn one_at_an_address(&self) -> bool {
        true
    }

    fn page(&self) -> Option<&'static dyn LoginPage> {
        Some(&Self)
    }
}

#[async_trait::async_trait]
impl LoginPage for Login {
    fn address(&self, home: &str, client_id: &str, state: &str) -> String {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("client_id", client_id).append_pair("state", state).finish();
        format!("{home}/oauth/authorize/?{query}")
    }

    fn returned(&self, query: &Query) -> Option<Returned> {
        let said = |name: &str| query.get(name).cloned().unwrap_or_default();
        let agreed = said("error").is_empty() && !said("code").is_empty();
        agreed.then(|| Returned { code: said("code"), home: said("domain"), state: said("state") })
    }

    async fn exchange(&self, home: &str, app: &OauthApp, code: &str, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError> {
        oauth::exchange(home, app, code, endpoints, now).await
    }

    /// The server of tokens does not mind what the portal is called, and a refresh token works
    /// once; so the portal is asked first whether it still lives there.
    async fn refresh(&self, home: &str, app: &OauthApp, pair: &Pair, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError> {
        if oauth::moved(home, endpoints).await.is_some() {
            return Err(CrmError::Moved);
        }
        oauth::refresh(app, pair, endpoints, now).await
    }

    /// A portal answers under its former name with the present one.
    async fn whereabouts(&self, home: &str, _pair: &Pair, endpoints: &Endpoints) -> Result<Option<String>, CrmError> {
        Ok(oauth::moved(home, endpoints).await.map(|host| format!("https://{host}")))
    }

    /// A portal says that by an event at the application's own address, which we do not have; the
    /// next call is refused, and so is the refresh.
    fn removed(&self, _app: &OauthApp, _query: &Query) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://romashka.bitrix24.ru/rest/12/k32hpejst9h3lwsh/";

    #[test]
    fn a_webhook_is_an_address_with_a_secret() {
        for good in
            [ADDRESS, "romashka.bitrix24.ru/rest/12/k32hpejst9h3lwsh", "https://romashka.bitrix24.ru/rest/12/k32hpejst9h3lwsh/profile.json"]
        {
            assert_eq!(Login.likeness(good), Some(Likeness::Sure), "{good}");
            let way = Way::of(&Login.assemble(&[Secret::new(good)]));
            assert!(matches!(way, Some(Way::Webhook { user, secret, portal })
                if user == "12" && secret.expose() == "k32hpejst9h3lwsh" && portal == "romashka.bitrix24.ru"));
        }
        for bad in [
            "",
            "romashka",
            "https://romashka.bitrix24.ru/",
            "https://romashka.bitrix24.ru/rest/",
            "https://romashka.bitrix24.ru/rest/x/k32hpejst9h3lwsh/",
            "https://romashka.bitrix24.ru/rest/12/short/",
            "https://romashka.bitrix24.ru/rest/12/k32h-ejst9h3lwsh/",
            "https://127.0.0.1/rest/12/k32hpejst9h3lwsh/",
            "https://portal.romashka.example/files/12/k32hpejst9h3lwsh/",
        ] {
            assert!(!is_webhook(bad) && Login.likeness(bad).is_none(), "{bad}");
        }
        assert!(!format!("{:?}", Way::of(&Login.assemble(&[Secret::new(ADDRESS)]))).contains("k32h"), "no log has the secret");
    }

    #[test]
    fn a_portal_on_a_companys_own_server_has_webhooks_too() {
        let address = "https://portal.romashka.example:8443/rest/12/k32hpejst9h3lwsh/";
        assert_eq!(Login.home(address).as_deref(), Some("https://portal.romashka.example:8443"));
        let way = Way::of(&Login.assemble(&[Secret::new(address)]));
        assert!(matches!(way, Some(Way::Webhook { portal, .. }) if portal == "portal.romashka.example:8443"));
        assert_eq!(Login.likeness(address), Some(Likeness::Sure));
    }

    #[test]
    fn a_new_webhook_is_of_the_portal_as_it_was_first_called() {
        let old = Login.assemble(&[Secret::new(ADDRESS)]);
        let renewed = Login.renewed(&old, &Secret::new("https://rose.bitrix24.ru/rest/1/0123456789abcdef/"));
        assert!(matches!(Way::of(&renewed), Some(Way::Webhook { user, portal, .. }) if user == "1" && portal == "romashka.bitrix24.ru"));
        assert!(Way::of(&Login.assemble(&[])).is_none());
    }

    #[test]
    fn a_browser_brings_a_code_or_a_no() {
        let query = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let back = Login.returned(&query(&[("code", "c"), ("domain", "romashka.bitrix24.ru"), ("member_id", "m"), ("state", "s")]));
        assert_eq!(back, Some(Returned { code: "c".to_owned(), home: "romashka.bitrix24.ru".to_owned(), state: "s".to_owned() }));
        assert_eq!(Login.returned(&query(&[("error", "access_denied"), ("state", "s")])), None);
        let page = Login.address("https://romashka.bitrix24.ru", "app.1", "a.b");
        assert_eq!(page, "https://romashka.bitrix24.ru/oauth/authorize/?client_id=app.1&state=a.b");
    }
}
