//! Which hosts the product may talk to as amoCRM. A host that comes from outside (typed by a
//! person, brought by an OAuth redirect) would otherwise make the server call anything, with a
//! secret in hand.

/// The domains accounts live under.
const DOMAINS: &[&str] = &["amocrm.ru", "amocrm.com", "kommo.com"];

/// The host of an account, from what a person typed or a redirect brought (`example`,
/// `example.amocrm.ru`, `https://example.amocrm.ru/leads/`): a bare label under a known domain,
/// else `None`. A bare label is amocrm.ru's.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
    // Everything after the host is dropped; what is left must be nothing but a host, so a user part
    // or a port is refused.
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (label, domain) = host.split_once('.').unwrap_or((host, DOMAINS[0]));
    let good = (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
        // The product's own sites, not accounts.
        && !matches!(label, "www" | "api" | "oauth");
    (good && DOMAINS.contains(&domain)).then(|| format!("{label}.{domain}"))
}

/// The address of an account's API: the host itself, or its place in the sandbox.
#[must_use]
pub fn base(base_url: &str, instead: Option<&str>) -> Option<String> {
    let host = parse(base_url)?;
    Some(match instead {
        Some(sandbox) => format!("{sandbox}/{}", host.split('.').next().unwrap_or_default()),
        None => format!("https://{host}"),
    })
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
