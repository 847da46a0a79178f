//! The way into Odoo: its own address, the name of the database, a user and a key of theirs
//! (contracts/crm/odoo.md, 1). A key ends when its user said it shall, and does not tell when.

use crate::{
    crm::{
        login::Ask,
        own_login::{self, DATABASE, LOGIN, Own, is_login},
    },
    secret::Likeness,
};

/// The key, or a password before keys.
pub const KEY: &str = "key";
/// Where the provider serves databases itself.
pub const ONLINE: &str = "odoo.com";

/// The way into Odoo. JSON-2 does not ask for the login.
pub static WAY: Own = Own {
    asks: [
        Ask { name: DATABASE, secret: false, fits: is_database },
        Ask { name: LOGIN, secret: false, fits: is_login },
        Ask { name: KEY, secret: true, fits: is_key },
    ],
    bare: ONLINE,
    served: true,
    sites: &["odoo.com", "www.odoo.com", "accounts.odoo.com"],
    instead: |endpoints| endpoints.odoo_override.as_deref(),
    likeness,
};

fn is_database(text: &str) -> bool {
    own_login::is_database(text, 100, b"._-")
}

fn is_key(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Twenty bytes in hex.
fn likeness(word: &str) -> Option<Likeness> {
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
    let hex = word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (hex && has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase)).then_some(Likeness::Perhaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Endpoints, crm::login::CrmLogin as _, secret::Secret};

    #[test]
    fn an_instance_is_anywhere_but_here() {
        let home = |typed: &str| WAY.home(typed);
        assert_eq!(home("romashka").as_deref(), Some("https://romashka.odoo.com"));
        assert_eq!(home("https://crm.romashka.example/web#menu_id=1").as_deref(), Some("https://crm.romashka.example"));
        for bad in ["", "www.odoo.com", "http://127.0.0.1:8069", "localhost:8069", "http://[::1]/", "10.0.0.1"] {
            assert_eq!(home(bad), None, "{bad}");
        }
        let endpoints = Endpoints { odoo_override: Some("http://127.0.0.1:1".to_owned()), ..Endpoints::default() };
        assert_eq!(WAY.base("https://romashka.odoo.com", &endpoints).as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(WAY.base("https://127.0.0.1", &endpoints), None);
        assert_eq!(WAY.base("https://crm.example.org:8443", &Endpoints::default()).as_deref(), Some("https://crm.example.org:8443"));
    }

    #[test]
    fn a_key_given_anew_keeps_its_database_and_its_user() {
        let key = "6578616d706c65206b65796578616d706c65206b";
        let old = WAY.assemble(&["romashka-prod", "bot@romashka.example", key].map(Secret::new));
        let new = WAY.renewed(&old, &Secret::new("next-key-of-the-user"));
        let value = |name: &str| new.value(name).map(Secret::expose);
        assert_eq!(
            (value(DATABASE), value(LOGIN), value(KEY)),
            (Some("romashka-prod"), Some("bot@romashka.example"), Some("next-key-of-the-user"))
        );
        assert!(is_database("romashka-prod") && !is_database("моя база") && !is_database("") && !is_database("a b"));
        assert!(is_login("admin") && is_login("анна@ромашка.рф") && !is_login("two words") && !is_login(""));
        assert!(is_key(key) && !is_key("короткий") && !is_key("two words in a key"));
        assert_eq!(WAY.likeness(key), Some(Likeness::Perhaps));
        assert_eq!(WAY.likeness("not a key"), None);
    }
}
