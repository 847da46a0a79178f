//! Where portals are: under the domains of Bitrix24's cloud, or on a company's own server. The
//! double keeps portals under their whole names.

use crate::crm::host;

/// The domains portals of the cloud live under, one for a country; a bare label is of the first. No
/// contract lists them (unconfirmed): a portal under one that is not here is taken for one on a
/// company's own server, which is called with more care and not followed where it moves.
const DOMAINS: &[&str] = &[
    "bitrix24.ru",
    "bitrix24.com",
    "bitrix24.by",
    "bitrix24.kz",
    "bitrix24.uz",
    "bitrix24.ua",
    "bitrix24.eu",
    "bitrix24.de",
    "bitrix24.fr",
    "bitrix24.es",
    "bitrix24.it",
    "bitrix24.pl",
    "bitrix24.uk",
    "bitrix24.in",
    "bitrix24.cn",
    "bitrix24.jp",
    "bitrix24.vn",
    "bitrix24.id",
    "bitrix24.mx",
    "bitrix24.co",
    "bitrix24.com.br",
    "bitrix24.com.tr",
];
/// The provider's own sites, not portals.
const SITES: &[&str] = &["www", "auth", "oauth", "api", "helpdesk"];

/// The vendor's own domain, where no portal is.
const VENDOR: &str = "bitrix.info";

/// The host of a portal, from what a person typed or a redirect brought.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    cloud(text).or_else(|| own(text))
}

/// The host of a portal of the cloud ([`host::account`]).
#[must_use]
pub fn cloud(text: &str) -> Option<String> {
    host::account(text, DOMAINS, SITES)
}

/// The host of a portal on a company's own server, with its port if it has one of its own
/// ([`host::own`]).
fn own(text: &str) -> Option<String> {
    let host = host::own(text, DOMAINS.first()?)?;
    let name = host.split(':').next().unwrap_or_default();
    let of_vendor = |domain: &str| name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    (!DOMAINS.iter().chain([&VENDOR]).any(|domain| of_vendor(domain))).then_some(host)
}

/// The address of a portal: the host itself, or its place in the sandbox.
#[must_use]
pub fn base(home: &str, instead: Option<&str>) -> Option<String> {
    let host = parse(home)?;
    Some(match instead {
        Some(sandbox) => format!("{sandbox}/{host}"),
        None => format!("https://{host}"),
    })
}

/// The portal at an address that a redirect names ([`base`] the other way round).
#[must_use]
pub fn of_address(address: &str, instead: Option<&str>) -> Option<String> {
    match instead {
        Some(sandbox) => parse(address.strip_prefix(sandbox)?.trim_start_matches('/')),
        None => parse(address.starts_with("https://").then_some(address)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_is_in_the_cloud_or_on_a_server_of_the_companys_own() {
        let good = |text: &str, host: &str| assert_eq!(parse(text).as_deref(), Some(host), "{text}");
        good("romashka", "romashka.bitrix24.ru");
        good(" https://Romashka.Bitrix24.ru/crm/contact/list/?x=1 ", "romashka.bitrix24.ru");
        good("shop-2.bitrix24.com.br", "shop-2.bitrix24.com.br");
        good("https://b24-a1b2c3.bitrix24.kz/rest/1/k32hpejst9h3lwsh/", "b24-a1b2c3.bitrix24.kz");
        good("https://Portal.Romashka.example/crm/", "portal.romashka.example");
        good("портал.ромашка.рф:8443", "xn--80awhdgm.xn--80aa3agjl3d.xn--p1ai:8443");
        assert_eq!(cloud("portal.romashka.example"), None);
        for bad in [
            "",
            "user@romashka.bitrix24.ru",
            "romashka.bitrix24.ru:8443",
            "oauth.bitrix24.ru",
            "oauth.bitrix.info",
            "127.0.0.1",
            "[::1]",
            "10.0.0.1:8443",
            "localhost:8443",
            "a.b.bitrix24.ru",
            "ромашка.bitrix24.ru",
            "user@portal.romashka.example",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let sandbox = Some("http://127.0.0.1:1/bitrix24");
        assert_eq!(base("https://romashka.bitrix24.ru", sandbox).as_deref(), Some("http://127.0.0.1:1/bitrix24/romashka.bitrix24.ru"));
        assert_eq!(base("romashka", None).as_deref(), Some("https://romashka.bitrix24.ru"));
        let there = |address: &str, instead| of_address(address, instead);
        assert_eq!(there("https://new.bitrix24.ru/rest/profile", None).as_deref(), Some("new.bitrix24.ru"));
        assert_eq!(there("http://127.0.0.1:1/bitrix24/new.bitrix24.ru/rest/", sandbox).as_deref(), Some("new.bitrix24.ru"));
        for bad in ["http://new.bitrix24.ru/", "https://127.0.0.1/rest/", "//new.bitrix24.ru/", "/rest/"] {
            assert_eq!(there(bad, None), None, "{bad}");
        }
    }
}
