//! The way into YCLIENTS (abroad: Altegio): the branch, the token of the partner's application and
//! the token of a user (contracts/crm/yclients.md, 1). Neither has an end; the user's dies when
//! their password is changed.

use std::collections::BTreeMap;

use crate::{
    config::Endpoints,
    crm::login::{Ask, Credentials, CrmLogin},
    secret::{Likeness, Secret, is_mixed, is_url_safe},
};

/// The name of the partner's token among the pasted values.
pub const PARTNER: &str = "partner";
/// The name of the user's token among them.
pub const USER: &str = "user";
/// The name of the partner's application among them, where its number was written after the token.
pub const APPLICATION: &str = "application";

/// Whose address and words these are: one platform, two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brand {
    Yclients,
    Altegio,
}

impl Brand {
    /// The domain its pages are under, the host of its API, the media type that calls ask for.
    const ALL: [(Self, &'static str, &'static str, &'static str); 2] = [
        (Self::Yclients, "yclients.com", "https://api.yclients.com", "application/vnd.yclients.v2+json"),
        (Self::Altegio, "alteg.io", "https://api.alteg.io", "application/vnd.api.v2+json"),
    ];

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        let [yclients, altegio] = &Self::ALL;
        if self == Self::Yclients { yclients } else { altegio }
    }

    /// What `Accept` must say.
    pub fn media_type(self) -> &'static str {
        self.row().3
    }
}

/// A location of a company: each is a connection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    pub brand: Brand,
    pub id: u64,
}

impl Branch {
    /// The branch of what a person typed: its number, or an address of its pages
    /// (`https://yclients.com/timetable/4564`), where the first number of the path is the branch.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(id) = number(&text) {
            return Some(Self { brand: Brand::Yclients, id });
        }
        let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
        let (host, path) = text.split_once('/')?;
        // A user part or a port is refused: nothing but a host is left.
        let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
        let under = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let (brand, ..) = Brand::ALL.iter().find(|(_, domain, ..)| plain && under(domain))?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        path.split('/').find_map(number).map(|id| Self { brand: *brand, id })
    }

    /// The id of the account: the two brands count for themselves.
    pub fn external_id(self) -> String {
        match self.brand {
            Brand::Yclients => self.id.to_string(),
            Brand::Altegio => format!("altegio:{}", self.id),
        }
    }

    fn home(self) -> String {
        format!("https://{}/company/{}", self.brand.row().1, self.id)
    }
}

/// The number of a branch: not so long that it is something else, a phone above all.
fn number(text: &str) -> Option<u64> {
    let digits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| digits)
}

/// The way into YCLIENTS.
#[derive(Debug)]
pub struct Login;

/// Both tokens stand in one header, with a comma between them.
fn is_token(text: &str) -> bool {
    (10..=128).contains(&text.len()) && is_url_safe(text)
}

/// The token of a partner, and the number of the application where one is written after it.
fn partner(text: &str) -> Option<(&str, Option<u64>)> {
    let mut words = text.split_whitespace();
    let token = words.next().filter(|word| is_token(word))?;
    match (words.next(), words.next()) {
        (None, _) => Some((token, None)),
        (Some(application), None) => Some((token, Some(number(application)?))),
        _ => None,
    }
}

impl CrmLogin for Login {
    fn home(&self, typed: &str) -> Option<String> {
        Branch::of(typed).map(Branch::home)
    }

    fn base(&self, home: &str, endpoints: &Endpoints) -> Option<String> {
        let host = Branch::of(home)?.brand.row().2;
        Some(format!("{}/api/v1", endpoints.yclients_override.as_deref().unwrap_or(host)))
    }

    fn asks(&self) -> &'static [Ask] {
        &[
            Ask { name: PARTNER, secret: true, fits: |text| partner(text).is_some() },
            Ask { name: USER, secret: true, fits: |text| is_token(text.trim()) },
        ]
    }

    fn assemble(&self, values: &[Secret]) -> Credentials {
        let said = |at: usize| values.get(at).map(Secret::expose).unwrap_or_default();
        let mut kept = BTreeMap::from([(USER.to_owned(), Secret::new(said(1).trim()))]);
        if let Some((token, application)) = partner(said(0)) {
            kept.insert(PARTNER.to_owned(), Secret::new(token));
            kept.extend(application.map(|number| (APPLICATION.to_owned(), Secret::new(number.to_string()))));
        }
        Credentials::Pasted { values: kept }
    }

    /// The partner's token is the application's for ever: what ends is the user's.
    fn renewed(&self, old: &Credentials, value: &Secret) -> Credentials {
        let mut values = match old {
            Credentials::Pasted { values } => values.clone(),
            Credentials::LongLived { .. } | Credentials::Pending { .. } | Credentials::Oauth { .. } => BTreeMap::new(),
        };
        values.insert(USER.to_owned(), Secret::new(value.expose().trim()));
        Credentials::Pasted { values }
    }

    /// Some twenty letters and digits at random.
    fn likeness(&self, word: &str) -> Option<Likeness> {
        let random = word.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_mixed(word);
        ((20..=32).contains(&word.len()) && random).then_some(Likeness::Perhaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_branches_of_the_platform_are_homes() {
        let good = |text: &str, home: &str| assert_eq!(Login.home(text).as_deref(), Some(home), "{text}");
        good("4564", "https://yclients.com/company/4564");
        good(" https://yclients.com/timetable/4564#main_date=2026-07-20 ", "https://yclients.com/company/4564");
        good("n123.yclients.com/company/4564/personal/menu?o=", "https://yclients.com/company/4564");
        good("https://app.alteg.io/clients/77/base/", "https://alteg.io/company/77");
        good("https://yclients.com/company/4564", "https://yclients.com/company/4564");
        for bad in [
            "",
            "0",
            "79161234567",
            "yclients.com",
            "https://yclients.com/",
            "evil.com/4564",
            "yclients.com.evil.com/4564",
            "notyclients.com/4564",
            "user@yclients.com/4564",
            "yclients.com:8080/4564",
            "evil.com/#yclients.com/4564",
            "127.0.0.1/4564",
        ] {
            assert_eq!(Login.home(bad), None, "{bad}");
        }
        let endpoints = Endpoints::default();
        let base = |home: &str| Login.base(home, &endpoints);
        assert_eq!(base("https://yclients.com/company/4564").as_deref(), Some("https://api.yclients.com/api/v1"));
        assert_eq!(base("https://alteg.io/company/4564").as_deref(), Some("https://api.alteg.io/api/v1"));
        assert_eq!(base("https://evil.com/company/4564"), None);
        let id = |text: &str| Branch::of(text).map(Branch::external_id);
        assert_eq!((id("4564").as_deref(), id("alteg.io/c/4564").as_deref()), (Some("4564"), Some("altegio:4564")));
    }

    #[test]
    fn two_tokens_open_a_branch_and_the_second_is_renewed() {
        let [first, second] = Login.asks() else { panic!("two values") };
        assert!((first.fits)("yusw3yeu6hrr4r9j3gw6") && (first.fits)(" yusw3yeu6hrr4r9j3gw6  17 "));
        for bad in ["", "short", "yusw3yeu6hrr4r9j3gw6 x", "yusw3yeu6hrr4r9j3gw6 17 18", "yusw3yeu6hrr4r9j3gw6, User x"] {
            assert!(!(first.fits)(bad), "{bad}");
        }
        assert!((second.fits)("wec23fh8cDfFV4432fc236") && !(second.fits)("wec23fh8cDfFV4432fc236 17") && !(second.fits)("не токен"));
        let said = |credentials: &Credentials, name: &str| credentials.value(name).map(|value| value.expose().to_owned());
        let both = Login.assemble(&[Secret::new("yusw3yeu6hrr4r9j3gw6 17"), Secret::new("wec23fh8cDfFV4432fc236")]);
        assert_eq!(said(&both, PARTNER).as_deref(), Some("yusw3yeu6hrr4r9j3gw6"));
        assert_eq!((said(&both, USER).as_deref(), said(&both, APPLICATION).as_deref()), (Some("wec23fh8cDfFV4432fc236"), Some("17")));
        let anew = Login.renewed(&both, &Secret::new("aaa23fh8cDfFV4432fc236"));
        assert_eq!((said(&anew, PARTNER), said(&anew, APPLICATION)), (said(&both, PARTNER), said(&both, APPLICATION)));
        assert_eq!(said(&anew, USER).as_deref(), Some("aaa23fh8cDfFV4432fc236"));
        assert_eq!(Login.likeness("wec23fh8cDfFV4432fc236"), Some(Likeness::Perhaps));
        assert_eq!(Login.likeness("da39a3ee5e6b4b0d3255bfef95601890"), None);
    }
}
