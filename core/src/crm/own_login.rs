//! The way into a CRM that a company serves itself, and what its adapter is bound to: its address,
//! the name of the database, a user, and what opens it for them. Odoo and Tryton differ in what
//! that is, and in where the provider serves databases itself; the rest is the same.

use std::time::Duration;

use super::{
    host,
    login::{Ask, Credentials, CrmLogin},
    mapping::CrmSettings,
};
use crate::{
    config::Endpoints,
    http,
    secret::{Likeness, Secret},
};

/// The name of the database among the pasted values.
pub const DATABASE: &str = "database";
/// The login of the user.
pub const LOGIN: &str = "login";

/// What one such CRM has of its own.
#[derive(Debug)]
pub struct Own {
    /// Asked for in this order: the database, the login, what opens it.
    pub asks: [Ask; 3],
    /// What a bare label is under; a host under it that is none of [`Self::served`]'s is refused.
    pub bare: &'static str,
    /// Whether the provider serves databases under [`Self::bare`].
    pub served: bool,
    /// The provider's own sites, not instances.
    pub sites: &'static [&'static str],
    /// What stands in for every instance.
    pub instead: fn(&Endpoints) -> Option<&str>,
    /// How surely a word is what opens one.
    pub likeness: fn(&str) -> Option<Likeness>,
}

/// The name of a database, of at most so many characters of these kinds.
#[must_use]
pub fn is_database(text: &str, most: usize, signs: &[u8]) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte))
}

/// A login: one word.
#[must_use]
pub fn is_login(text: &str) -> bool {
    (1..=100).contains(&text.chars().count()) && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

impl CrmLogin for Own {
    fn home(&self, typed: &str) -> Option<String> {
        let host = host::own(typed, self.bare)?;
        let under = host.strip_suffix(self.bare).is_some_and(|label| label.ends_with('.'));
        ((!under || self.served) && !self.sites.contains(&host.as_str())).then(|| format!("https://{host}"))
    }

    fn base(&self, home: &str, endpoints: &Endpoints) -> Option<String> {
        let home = self.home(home)?;
        Some((self.instead)(endpoints).map_or(home, str::to_owned))
    }

    fn asks(&self) -> &[Ask] {
        &self.asks
    }

    fn assemble(&self, values: &[Secret]) -> Credentials {
        let names = self.asks.iter().map(|ask| ask.name.to_owned());
        Credentials::Pasted { values: names.zip(values.iter().cloned()).collect() }
    }

    fn renewed(&self, old: &Credentials, value: &Secret) -> Credentials {
        let kept = |name: &str| old.value(name).cloned().unwrap_or_else(|| Secret::new(""));
        self.assemble(&[kept(DATABASE), kept(LOGIN), value.clone()])
    }

    fn likeness(&self, word: &str) -> Option<Likeness> {
        (self.likeness)(word)
    }
}

/// What an adapter of such a CRM is bound to.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Where the instance is, without a trailing slash.
    pub base: String,
    /// As it is kept: `https://…`, whatever stands in for it.
    pub home: String,
    pub database: Secret,
    pub login: Secret,
    /// What opens it for the user.
    pub key: Secret,
    /// The checkbox that says "do not write".
    pub opt_out_field: Option<String>,
    /// The instance may be in our own network.
    pub private: bool,
}

impl Bound {
    /// To the instance at this address, as people set its connection up; `None`: the credentials
    /// open nothing yet.
    #[must_use]
    pub fn of(
        base: String,
        home: &str,
        credentials: &Credentials,
        key: &str,
        settings: &CrmSettings,
        endpoints: &Endpoints,
    ) -> Option<Self> {
        let value = |name: &str| credentials.value(name).cloned();
        let (database, login, key) = (value(DATABASE)?, value(LOGIN)?, value(key)?);
        let (home, opt_out_field) = (home.to_owned(), settings.opt_out_field.clone());
        Some(Self { base, home, database, login, key, opt_out_field, private: endpoints.crm_private_hosts })
    }

    /// A client that does not call our own network, unless it may or something stands in.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn client(&self, within: Duration) -> reqwest::Result<reqwest::Client> {
        if self.private || self.base != self.home { http::client(within) } else { http::outside(within) }
    }
}
