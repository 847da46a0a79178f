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

/// Where the API of that host is called: the host itself, or its place in the sandbox, which is
/// `<sandbox>/<label>`.
#[must_use]
pub fn base(host: &str, instead: Option<&str>) -> String {
    match instead {
        Some(sandbox) => format!("{sandbox}/{}", host.split('.').next().unwrap_or_default()),
        None => format!("https://{host}"),
    }
}
