//! Which hosts are amoCRM's.

use crate::crm::host;

/// The domains accounts live under; a bare label is of the first.
const DOMAINS: &[&str] = &["amocrm.ru", "amocrm.com", "kommo.com"];
/// The product's own sites, not accounts.
const SITES: &[&str] = &["www", "api", "oauth"];

/// The host of an account, from what a person typed or a redirect brought ([`host::account`]).
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    host::account(text, DOMAINS, SITES)
}

/// The address of an account's API: the host itself, or its place in the sandbox.
#[must_use]
pub fn base(home: &str, instead: Option<&str>) -> Option<String> {
    Some(host::base(&parse(home)?, instead))
}

/// Where the browser of the administrator goes to agree.
#[must_use]
pub fn authorise_page(host: &str) -> &'static str {
    if host.ends_with("kommo.com") { "https://www.kommo.com/oauth" } else { "https://www.amocrm.ru/oauth" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accounts_of_amocrm_are_hosts() {
        let good = |text: &str, host: &str| assert_eq!(parse(text).as_deref(), Some(host), "{text}");
        good("example", "example.amocrm.ru");
        good(" Example.AmoCRM.ru ", "example.amocrm.ru");
        good("https://shop-2.kommo.com/leads/?a=b", "shop-2.kommo.com");
        good("old.amocrm.com", "old.amocrm.com");
        for bad in [
            "",
            "a.b.amocrm.ru",
            "evil.com",
            "amocrm.ru.evil.com",
            "evil.com#.amocrm.ru",
            "evil.com/.amocrm.ru",
            "user@example.amocrm.ru",
            "example.amocrm.ru:8080",
            "127.0.0.1",
            "[::1]",
            "-a.amocrm.ru",
            "www.amocrm.ru",
            "пример.amocrm.ru",
            "example.amocrm.ru\\@evil.com",
            "localhost.",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(base("https://example.amocrm.ru", Some("http://127.0.0.1:1/amo")).as_deref(), Some("http://127.0.0.1:1/amo/example"));
        assert_eq!(base("https://evil.com", None), None);
    }
}
