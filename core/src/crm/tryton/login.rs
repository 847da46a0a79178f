//! The way into Tryton: its own address, the name of the database, a user and their password
//! (contracts/crm/tryton.md, 2). A password opens a session, and there is a session a job.

use crate::crm::{
    login::Ask,
    own_login::{self, DATABASE, LOGIN, Own, is_login},
};

/// The name of the password among the pasted values.
pub const PASSWORD: &str = "password";

/// The way into Tryton. The company's own name is always given: nobody else serves databases. A
/// password looks like anything.
pub static WAY: Own = Own {
    asks: [
        Ask { name: DATABASE, secret: false, fits: is_database },
        Ask { name: LOGIN, secret: false, fits: is_login },
        Ask { name: PASSWORD, secret: true, fits: is_password },
    ],
    bare: "invalid",
    served: false,
    sites: &[],
    instead: |endpoints| endpoints.tryton_override.as_deref(),
    likeness: |_| None,
};

fn is_database(text: &str) -> bool {
    own_login::is_database(text, 64, b"_-")
}

fn is_password(text: &str) -> bool {
    (8..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Endpoints, crm::login::CrmLogin as _, secret::Secret};

    #[test]
    fn a_server_is_named_whole_and_is_not_here() {
        assert_eq!(WAY.home("https://erp.romashka.example:8443/#crm").as_deref(), Some("https://erp.romashka.example:8443"));
        for bad in ["", "romashka", "http://127.0.0.1:8000", "localhost:8000", "192.168.1.5"] {
            assert_eq!(WAY.home(bad), None, "{bad}");
        }
        assert_eq!(WAY.base("https://127.0.0.1", &Endpoints::default()), None);
    }

    #[test]
    fn a_password_given_anew_keeps_its_database_and_its_user() {
        let old = WAY.assemble(&["crm", "bot", "long enough"].map(Secret::new));
        let new = WAY.renewed(&old, &Secret::new("another one"));
        let value = |name: &str| new.value(name).map(Secret::expose);
        assert_eq!((value(DATABASE), value(LOGIN), value(PASSWORD)), (Some("crm"), Some("bot"), Some("another one")));
        assert!(is_database("crm_2") && !is_database("a/b") && !is_database("") && is_login("анна") && !is_login("a b"));
        assert!(is_password("два слова") && !is_password("short") && !is_password("line\nbreak"));
    }
}
