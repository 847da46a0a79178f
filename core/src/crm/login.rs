//! How one comes to a CRM: what a member pastes, the CRM's own page of consent, and the credentials
//! that come of them. All of it is the adapter's; the room asks, seals and keeps.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::CrmError;
use crate::{
    clock::Moment,
    config::Endpoints,
    secret::{Likeness, Secret},
};

/// An integration of ours in a CRM, by which an administrator allows access on the CRM's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthApp {
    pub client_id: String,
    pub client_secret: Secret,
    /// Where the browser comes back to; byte for byte as registered.
    pub redirect_uri: String,
}

/// Tokens as issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Opens the API.
    pub access_token: Secret,
    /// Gives the next pair, once.
    pub refresh_token: Secret,
    /// When the access token ends.
    pub expires_at: Moment,
    /// The account's id there, where nothing but the tokens' answer tells it.
    #[serde(default)]
    pub account: Option<String>,
}

/// What opens a CRM, one variant for each way of coming there. Sealed in the connection's row as
/// JSON, so a name of a variant or a field never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// A token a person copied from the integration's card; it cannot be refreshed.
    LongLived {
        token: Secret,
        /// Until when, if told.
        expires_at: Option<Moment>,
    },
    /// An integration whose authorisation is under way.
    Pending {
        /// The integration.
        app: OauthApp,
    },
    /// An integration with its tokens.
    Oauth {
        /// The integration.
        app: OauthApp,
        /// The tokens.
        pair: Pair,
    },
    /// Values that a person pasted, by their names ([`Ask::name`]); they are good until somebody
    /// takes them back.
    Pasted { values: BTreeMap<String, Secret> },
}

impl Credentials {
    /// The token that opens the API, if it is a token that does.
    #[must_use]
    pub fn access(&self) -> Option<&Secret> {
        match self {
            Self::LongLived { token, .. } => Some(token),
            Self::Oauth { pair, .. } => Some(&pair.access_token),
            Self::Pending { .. } | Self::Pasted { .. } => None,
        }
    }

    /// A pasted value; `None`: there is none of this name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Secret> {
        match self {
            Self::Pasted { values } => values.get(name),
            Self::LongLived { .. } | Self::Pending { .. } | Self::Oauth { .. } => None,
        }
    }

    /// When they end; `None`: it is not known, or they renew themselves.
    #[must_use]
    pub fn ends(&self) -> Option<Moment> {
        match self {
            Self::LongLived { expires_at, .. } => *expires_at,
            Self::Pending { .. } | Self::Oauth { .. } | Self::Pasted { .. } => None,
        }
    }
}

/// A value that a member pastes.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// Its name: in the sealed credentials, and of the words that say where it is found.
    pub name: &'static str,
    /// The message that held it is deleted at once.
    pub secret: bool,
    /// Whether a text can be this value: asked before any call is made with it.
    pub fits: fn(&str) -> bool,
}

/// The query of an address that a browser or a CRM opens at our HTTP side.
pub type Query = HashMap<String, String>;

/// The way to one CRM.
pub trait CrmLogin: Send + Sync + std::fmt::Debug {
    /// The address of an account as it is kept (`https://…`), of what a person typed; `None`: it is
    /// no address of this CRM, and nothing may be called there.
    fn home(&self, typed: &str) -> Option<String>;

    /// Where the API of an account is called: its own host, or the sandbox that stands in. `None`:
    /// it is no address of this CRM.
    fn base(&self, home: &str, endpoints: &Endpoints) -> Option<String>;

    /// What is asked for in the chat once the address is known, in this order.
    fn asks(&self) -> &[Ask];

    /// The credentials of all the values, in the order of [`Self::asks`].
    fn assemble(&self, values: &[Secret]) -> Credentials;

    /// The credentials of the same account with its key, the last value asked for, given anew.
    fn renewed(&self, old: &Credentials, value: &Secret) -> Credentials;

    /// How surely a word is what opens this CRM ([`crate::secret::credential_in`]).
    fn likeness(&self, word: &str) -> Option<Likeness>;

    /// The address itself is what opens the account: it is the only value asked for, and another
    /// address is the same account's.
    fn address_opens(&self) -> bool {
        false
    }

    /// Whether there is one account at an address: whatever its id is called by the way one came,
    /// two connections to the address are one account's.
    fn one_at_an_address(&self) -> bool {
        false
    }

    /// The CRM's own page, where an administrator allows access; `None`: it has none.
    fn page(&self) -> Option<&'static dyn LoginPage> {
        None
    }
}

/// What a browser brought back from a CRM's page of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// Gives the first pair of tokens, once.
    pub code: String,
    /// The account's address, as the CRM tells it: checked by [`CrmLogin::home`].
    pub home: String,
    /// What we gave the page.
    pub state: String,
}

/// A CRM's own page, where an administrator allows access (OAuth).
#[async_trait::async_trait]
pub trait LoginPage: Send + Sync + std::fmt::Debug {
    /// Where the administrator's browser goes to agree.
    fn address(&self, home: &str, client_id: &str, state: &str) -> String;

    /// What the browser brought back; `None`: the administrator said no.
    fn returned(&self, query: &Query) -> Option<Returned>;

    /// Exchanges the code of a redirect.
    ///
    /// # Errors
    /// [`CrmError::ReauthRequired`] when the code is refused.
    async fn exchange(&self, home: &str, app: &OauthApp, code: &str, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError>;

    /// Takes the next pair. The old one may work no more after this, so who calls must be the only
    /// one (`crm::connection` sees to it).
    ///
    /// # Errors
    /// [`CrmError::ReauthRequired`] when the token is refused; [`CrmError::Moved`] when no account
    /// is at that address; [`CrmError::Transient`] when the CRM is not to be reached.
    async fn refresh(&self, home: &str, app: &OauthApp, pair: &Pair, endpoints: &Endpoints, now: Moment) -> Result<Pair, CrmError>;

    /// The address under which the account of these tokens, which lived at `home`, lives now;
    /// `None` when the CRM does not say. The tokens are not spent by this.
    ///
    /// # Errors
    /// [`CrmError::Transient`] when there is no answer.
    async fn whereabouts(&self, home: &str, pair: &Pair, endpoints: &Endpoints) -> Result<Option<String>, CrmError>;

    /// The id of the account that removed our integration, once it is proved that the CRM itself
    /// says so; in a time that does not tell where the proof differs.
    fn removed(&self, app: &OauthApp, query: &Query) -> Option<String>;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Rows of before the second CRM hold these words: they must open for ever.
    #[test]
    fn credentials_that_were_sealed_before_are_still_read() {
        let app = json!({ "client_id": "0f3a", "client_secret": "s3cr3t", "redirect_uri": "https://mms.example/oauth/amocrm" });
        let pair = json!({ "access_token": "a", "refresh_token": "r", "expires_at": "2026-11-29T10:00:00Z" });
        let read = |row: serde_json::Value| serde_json::from_value::<Credentials>(row).expect("credentials");
        let long = read(json!({ "long_lived": { "token": "t", "expires_at": "2027-11-29T10:00:00Z" } }));
        assert_eq!((long.access().map(Secret::expose), long.ends().is_some()), (Some("t"), true));
        assert_eq!(read(json!({ "long_lived": { "token": "t", "expires_at": null } })).ends(), None);
        assert_eq!(read(json!({ "pending": { "app": app } })).access(), None);
        assert_eq!(read(json!({ "oauth": { "app": app, "pair": pair } })).access().map(Secret::expose), Some("a"));
        let pasted = read(json!({ "pasted": { "values": { "key": "k" } } }));
        assert_eq!((pasted.value("key").map(Secret::expose), pasted.value("login")), (Some("k"), None));
    }
}
