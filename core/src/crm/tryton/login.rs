//! The way into Tryton: its own address, the name of the database, a user and their password
//! (contracts/crm/tryton.md, 2). A password opens a session, and there is a session a job.

use crate::{
    config::Endpoints,
    crm::{
        host,
        login::{Ask, Credentials, CrmLogin},
    },
    secret::{Likeness, Secret},
};

/// The name of the database among the pasted values.
pub const DATABASE: &str = "database";
pub const LOGIN: &str = "login";
pub const PASSWORD: &str = "password";
/// What a bare label is under: the company's own name is always given.
const BARE: &str = "invalid";

/// The way into Tryton.
#[derive(Debug)]
pub struct Login;

fn is_database(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn is_login(text: &str) -> bool {
    (1..=100).contains(&text.chars().count()) && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

fn is_password(text: &str) -> bool {
    (8..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

impl CrmLogin for Login {
    fn home(&self, typed: &str) -> Option<String> {
        let bare = format!(".{BARE}");
        host::own(typed, BARE).filter(|host| !host.ends_with(&bare)).map(|host| format!("https://{host}"))
    }

    fn base(&self, home: &str, endpoints: &Endpoints) -> Option<String> {
        let home = self.home(home)?;
        Some(endpoints.tryton_override.clone().unwrap_or(home))
    }

    fn asks(&self) -> &'static [Ask] {
        &[
            Ask { name: DATABASE, secret: false, fits: is_database },
            Ask { name: LOGIN, secret: false, fits: is_login },
            Ask { name: PASSWORD, secret: true, fits: is_password },
        ]
    }

    fn assemble(&self, values: &[Secret]) -> Credentials {
        let names = self.asks().iter().map(|ask| ask.name.to_owned());
        Credentials::Pasted { values: names.zip(values.iter().cloned()).collect() }
    }

    fn renewed(&self, old: &Credentials, value: &Secret) -> Credentials {
        let kept = |name: &str| old.value(name).cloned().unwrap_or_else(|| Secret::new(""));
        self.assemble(&[kept(DATABASE), kept(LOGIN), value.clone()])
    }

    /// A password looks like anything.
    fn likeness(&self, _word: &str) -> Option<Likeness> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_whole_and_is_not_here() {
        assert_eq!(Login.home("https://erp.romashka.example:8443/#crm").as_deref(), Some("https://erp.romashka.example:8443"));
        for bad in ["", "romashka", "http://127.0.0.1:8000", "localhost:8000", "192.168.1.5"] {
            assert_eq!(Login.home(bad), None, "{bad}");
        }
        assert_eq!(Login.base("https://127.0.0.1", &Endpoints::default()), None);
    }

    #[test]
    fn a_password_given_anew_keeps_its_database_and_its_user() {
        let old = Login.assemble(&["crm", "bot", "long enough"].map(Secret::new));
        let new = Login.renewed(&old, &Secret::new("another one"));
        let value = |name: &str| new.value(name).map(Secret::expose);
        assert_eq!((value(DATABASE), value(LOGIN), value(PASSWORD)), (Some("crm"), Some("bot"), Some("another one")));
        assert!(is_database("crm_2") && !is_database("a/b") && !is_database("") && is_login("анна") && !is_login("a b"));
        assert!(is_password("два слова") && !is_password("short") && !is_password("line\nbreak"));
    }
}
