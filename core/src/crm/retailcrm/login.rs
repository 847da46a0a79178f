//! The way into RetailCRM: a key that somebody made in the account's settings
//! (contracts/crm/retailcrm.md, 1). It has no end; revoked, it opens nothing.

use crate::{
    config::Endpoints,
    crm::{
        host,
        login::{Ask, Credentials, CrmLogin},
    },
    secret::{Likeness, Secret, is_mixed},
};

/// The name of the key among the pasted values.
pub const KEY: &str = "key";
/// The domains accounts live under; a bare label is of the first.
const DOMAINS: &[&str] = &["retailcrm.ru", "retailcrm.pro", "simla.com"];
/// The provider's own sites, not accounts.
const SITES: &[&str] = &["www", "api", "help", "docs"];

/// The way into RetailCRM.
#[derive(Debug)]
pub struct Login;

fn is_key(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl CrmLogin for Login {
    fn home(&self, typed: &str) -> Option<String> {
        host::account(typed, DOMAINS, SITES).map(|host| format!("https://{host}"))
    }

    fn base(&self, home: &str, endpoints: &Endpoints) -> Option<String> {
        let host = host::account(home, DOMAINS, SITES)?;
        Some(host::base(&host, endpoints.retailcrm_override.as_deref()))
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask { name: KEY, secret: true, fits: is_key }]
    }

    fn assemble(&self, values: &[Secret]) -> Credentials {
        Credentials::Pasted { values: values.first().map(|key| (KEY.to_owned(), key.clone())).into_iter().collect() }
    }

    fn renewed(&self, _old: &Credentials, value: &Secret) -> Credentials {
        self.assemble(std::slice::from_ref(value))
    }

    /// Thirty-two letters and digits at random.
    fn likeness(&self, word: &str) -> Option<Likeness> {
        (word.len() == 32 && is_key(word) && is_mixed(word)).then_some(Likeness::Perhaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accounts_of_retailcrm_are_hosts() {
        let good = |text: &str, home: &str| assert_eq!(Login.home(text).as_deref(), Some(home), "{text}");
        good("romashka", "https://romashka.retailcrm.ru");
        good(" https://Romashka.RetailCRM.ru/admin/customers?x=1 ", "https://romashka.retailcrm.ru");
        good("shop-2.simla.com", "https://shop-2.simla.com");
        good("old.retailcrm.pro", "https://old.retailcrm.pro");
        for bad in [
            "",
            "evil.com",
            "romashka.retailcrm.ru.evil.com",
            "user@romashka.retailcrm.ru",
            "romashka.retailcrm.ru:8080",
            "127.0.0.1",
            "help.retailcrm.pro",
        ] {
            assert_eq!(Login.home(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_is_letters_and_digits() {
        assert!(is_key("KVzhB5nTqN0c8xYwLr2mPd7sEaU1fGoJ") && !is_key("не ключ") && !is_key("short") && !is_key("romashka.retailcrm.ru"));
        let credentials = Login.assemble(&[Secret::new("KVzhB5nTqN0c8xYwLr2mPd7sEaU1fGoJ")]);
        assert_eq!(credentials.value(KEY).map(Secret::expose), Some("KVzhB5nTqN0c8xYwLr2mPd7sEaU1fGoJ"));
        assert_eq!(Login.likeness("KVzhB5nTqN0c8xYwLr2mPd7sEaU1fGoJ"), Some(Likeness::Perhaps));
        assert_eq!(Login.likeness("da39a3ee5e6b4b0d3255bfef95601890afd80709"), None);
    }
}
