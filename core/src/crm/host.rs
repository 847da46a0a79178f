//! Which hosts the product may talk to as a CRM's. A host that comes from outside (typed by a
//! person, brought by a redirect) would otherwise make the server call anything, with a secret in
//! hand.

/// The host of an account, from what a person typed or a redirect brought (`example`,
/// `example.crm.example`, `https://example.crm.example/leads/`): a bare label under one of these
/// domains, else `None`. A bare label is under the first. `sites`: labels that are the provider's
/// own and no accounts.
#[must_use]
pub fn account(text: &str, domains: &[&str], sites: &[&str]) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
    // Everything after the host is dropped; what is left must be nothing but a host, so a user part
    // or a port is refused.
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (label, domain) = host.split_once('.').or(domains.first().map(|first| (host, *first)))?;
    let good = (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !sites.contains(&label);
    (good && domains.contains(&domain)).then(|| format!("{label}.{domain}"))
}

/// The host of a CRM that companies serve themselves, with its port if it has one of its own, from
/// what a person typed (`crm.example.org`, `https://crm.example.org:8443/web`); a bare label is
/// under `bare`. Never a number and never this machine: where a name leads, the client looks itself
/// ([`crate::http::outside`]).
#[must_use]
pub fn own(typed: &str, bare: &str) -> Option<String> {
    let text = typed.trim().to_lowercase();
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
    let (host, port) = match text.split(['/', '?', '#']).next()?.split_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        None => (text.split(['/', '?', '#']).next()?, None),
    };
    let host = match host.contains('.') {
        true => host.to_owned(),
        // A bare label with a port is a machine nearby.
        false if port.is_some() || host == "localhost" => return None,
        false => format!("{host}.{bare}"),
    };
    // Letters of any language become those of DNS; any way to write a number is known as one.
    let Ok(url::Host::Domain(host)) = url::Host::parse(&host) else { return None };
    let good = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let named = host.len() <= 253 && host.split('.').all(good) && host.split('.').next_back() != Some("localhost");
    match port {
        _ if !named => None,
        None | Some(443) => Some(host),
        // What listens below is no web server of a company's.
        Some(port) => (port >= 1024).then(|| format!("{host}:{port}")),
    }
}

/// Where the API of that host is called: the host itself, or its place in the sandbox, which is
/// `<sandbox>/<label>`.
#[must_use]
pub fn base(host: &str, instead: Option<&str>) -> String {
    match instead {
        Some(sandbox) => format!("{sandbox}/{}", host.split('.').next().unwrap_or_default()),
        None => format!("https://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_ones_own_is_a_name() {
        let good = |typed: &str, host: &str| assert_eq!(own(typed, "odoo.com").as_deref(), Some(host), "{typed}");
        good("romashka", "romashka.odoo.com");
        good(" https://Romashka.odoo.com/web#id=1 ", "romashka.odoo.com");
        good("http://crm.example.org", "crm.example.org");
        good("crm.example.org:443/odoo", "crm.example.org");
        good("https://crm.example.org:8443", "crm.example.org:8443");
        good("црм.пример.рф", "xn--l1ahr.xn--e1afmkfd.xn--p1ai");
        for bad in [
            "",
            "https://",
            "127.0.0.1",
            "http://127.1",
            "0x7f.1",
            "2130706433.",
            "[::1]",
            "https://[fd00::1]:8443",
            "169.254.169.254/latest",
            "localhost",
            "localhost.",
            "odoo:8069",
            "odoo.localhost",
            "user@crm.example.org",
            "user:secret@crm.example.org",
            "crm.example.org:22",
            "crm.example.org:http",
            "crm.example.org\\@evil.com",
            "crm..example.org",
            "-crm.example.org",
            "два слова",
            "ftp://crm.example.org",
        ] {
            assert_eq!(own(bad, "odoo.com"), None, "{bad}");
        }
    }
}
