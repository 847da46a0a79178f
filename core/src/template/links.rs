//! Where a message leads. An address that hides where it goes is refused before anybody gets the
//! message, one that looks like another is confirmed by its author, and whoever approves is shown
//! each of them as a messenger opens it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Rendered, engine::Place};
use crate::{
    channel::ButtonAction,
    text::{Rich, Style},
};

/// Links of one message at most, its buttons among them: nobody looks at more.
pub const MOST: usize = 30;
/// Addresses of one button on one site that are kept one by one; with a variable in it each contact
/// has another.
const OF_A_BUTTON: usize = 3;
/// Addresses kept one by one in all.
const KEPT: usize = 90;

/// Why nobody is sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// It is no address of a page.
    NoPage,
    /// What stands before its `@` reads like the site and is not:
    /// `https://bank.example@other.example`.
    UserInfo,
    /// A number stands in place of a site's name, however it is written.
    Number,
    /// It begins with neither `https` nor `http`: an application of the recipient would act on it.
    Scheme,
}

/// What a person should look at twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Odd {
    /// Letters of the site's name look like those of another name.
    LookAlike,
    /// What is written on the link is the address of another site.
    OtherSite,
    /// It stands in a message as plain text, put there by a contact's value, and would be
    /// [`Refused`] as a link.
    Refused(Refused),
}

/// Reads an address that a messenger opens as a page.
///
/// # Errors
/// [`Refused`].
pub fn read(text: &str) -> Result<Url, Refused> {
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| Refused::NoPage)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::Scheme);
    }
    // An empty name before the `@` is gone from the parsed address, and still misleads whoever
    // reads it.
    if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        return Err(Refused::UserInfo);
    }
    match url.host() {
        Some(Host::Domain(name)) if name.trim_end_matches('.').contains('.') => Ok(url),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Err(Refused::Number),
        Some(Host::Domain(_)) | None => Err(Refused::NoPage),
    }
}

/// What stands between the scheme and the path, as it was written.
fn authority(text: &str) -> &str {
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest).trim_start_matches(['/', '\\']);
    rest.split(['/', '\\', '?', '#']).next().unwrap_or_default()
}

/// A site's name as people read it: `пример.рф` for `xn--e1afmkfd.xn--p1ai`.
fn readable(host: &str) -> String {
    idna::domain_to_unicode(host).0
}

/// An address as it is shown: a name in letters other than Latin also as the messenger knows it.
fn shown(url: &Url) -> String {
    let (text, host) = (url.as_str(), url.host_str().unwrap_or_default());
    let name = readable(host);
    if name == host { text.to_owned() } else { format!("{} ({host})", text.replacen(host, &name, 1)) }
}

/// Cyrillic letters that a reader takes for Latin ones.
const LATIN_LOOKING: &str = "аеорсухіјѕһԁԛԝӏкмтвнпгьз";

/// Whether the letters of a site's name may be taken for those of another: an alphabet within
/// another, a name of Cyrillic letters that all look Latin under a Latin ending, any alphabet but
/// these two, Latin letters with marks.
fn looks_alike(host: &str) -> bool {
    let name = readable(host);
    let latin_ending = name.rsplit('.').find(|label| !label.is_empty()).is_some_and(|label| label.is_ascii());
    name.split('.').any(|label| {
        let letters = || label.chars().filter(|c| c.is_alphabetic());
        let cyrillic = |c: char| matches!(c, '\u{400}'..='\u{52f}');
        if letters().all(|c| c.is_ascii()) {
            return false;
        }
        !letters().all(cyrillic) || latin_ending && letters().all(|c| LATIN_LOOKING.contains(c))
    })
}

/// An address of a message and what is written on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// In the text, or which button.
    pub place: Place,
    /// What the recipient reads; the address itself where that is what stands there.
    pub text: String,
    /// Where it leads.
    pub address: String,
    /// The site of it, as people read it.
    pub site: String,
    /// What a person should look at twice.
    pub odd: Option<Odd>,
}

impl Target {
    fn new(place: Place, text: &str, url: &str, plain: bool) -> Self {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match read(url) {
            Ok(url) => {
                let host = url.host_str().unwrap_or_default();
                let other = || !plain && addresses(&text).iter().filter_map(|named| read(named).ok()).any(|named| !same_site(&named, &url));
                let odd = if looks_alike(host) { Some(Odd::LookAlike) } else { other().then_some(Odd::OtherSite) };
                Self { place, text, address: shown(&url), site: readable(host), odd }
            }
            Err(why) => Self { place, text, address: url.to_owned(), site: authority(url).to_owned(), odd: Some(Odd::Refused(why)) },
        }
    }
}

fn same_site(one: &Url, other: &Url) -> bool {
    let name = |url: &Url| url.host_str().unwrap_or_default().trim_start_matches("www.").trim_end_matches('.').to_owned();
    name(one) == name(other)
}

/// Every address of a message: of its links, in its text as it stands, of its buttons.
#[must_use]
pub fn of(message: &Rendered) -> Vec<Target> {
    let body = &message.body;
    let links = body.spans.iter().filter_map(|span| match &span.style {
        Style::Link(url) => Some(Target::new(Place::Body, body.under(span), url, false)),
        _ => None,
    });
    let plain = addresses(&unstyled(body)).into_iter().map(|url| Target::new(Place::Body, &url, &url, true));
    let buttons = message.buttons.iter().flatten().enumerate().filter_map(|(n, button)| match &button.action {
        ButtonAction::Url(url) => Some(Target::new(Place::ButtonUrl(n), &button.text, url, false)),
        ButtonAction::Callback(_) | ButtonAction::SharePhone => None,
    });
    links.chain(plain).chain(buttons).collect()
}

/// The text in which a messenger looks for addresses: links have theirs, and in code it looks for
/// none.
fn unstyled(body: &Rich) -> String {
    let covered = |style: &Style| matches!(style, Style::Link(_) | Style::Code | Style::Pre);
    let hidden: Vec<_> = body.spans.iter().filter(|span| covered(&span.style)).map(|span| body.bytes(span)).collect();
    body.text.char_indices().map(|(at, c)| if hidden.iter().any(|range| range.contains(&at)) { ' ' } else { c }).collect()
}

/// What a messenger makes links of by itself, as addresses.
fn addresses(text: &str) -> Vec<String> {
    let around = |c: char| !c.is_alphanumeric() && !matches!(c, '/' | '-' | '_' | '=' | '&' | '%' | '#' | '+' | '~');
    text.split_whitespace()
        .filter_map(|word| {
            if let Some(at) = word.find("://") {
                let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
                let start = word[..at].char_indices().rev().take_while(|(_, c)| scheme(*c)).last().map(|(start, _)| start)?;
                return Some(word[start..].trim_end_matches(around).to_owned());
            }
            let word = word.trim_matches(around);
            bare(word).then(|| format!("http://{word}"))
        })
        .collect()
}

/// Endings of sites' names in Cyrillic letters.
const CYRILLIC_ENDINGS: [&str; 9] = ["рф", "рус", "москва", "дети", "онлайн", "сайт", "орг", "ком", "укр"];

/// Whether a word without a scheme reads like an address: `example.ru/a`, `10.0.0.1`. An e-mail
/// address does not.
fn bare(word: &str) -> bool {
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let fits = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let (Some(ending), true) = (labels.last(), labels.len() >= 2 && labels.iter().all(fits)) else { return false };
    let latin = ending.len() >= 2 && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
    // «конец.Start» is two sentences and a missing space.
    let sentence = ending.starts_with(|c: char| c.is_ascii_uppercase()) && ending[1..].bytes().any(|byte| byte.is_ascii_lowercase());
    let number = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    latin && !sentence || number || CYRILLIC_ENDINGS.contains(&ending.to_lowercase().as_str())
}

/// Where the messages of a version lead, of all contacts looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets {
    /// Each address once with each thing written on it, in the order of finding.
    pub each: Vec<Target>,
    /// How many messages have an address beside those, by site: with a variable in it each contact
    /// has another.
    pub others: BTreeMap<String, u64>,
}

impl Targets {
    /// Of one message.
    #[must_use]
    pub fn of(message: &Rendered) -> Self {
        let mut targets = Self::default();
        targets.add(message);
        targets
    }

    /// The addresses of one message more.
    pub fn add(&mut self, message: &Rendered) {
        for target in of(message) {
            if self.each.contains(&target) {
                continue;
            }
            let same =
                self.each.iter().filter(|kept| kept.place == target.place && kept.site == target.site && kept.odd == target.odd).count();
            let room = if target.place == Place::Body { MOST } else { OF_A_BUTTON };
            if same < room && self.each.len() < KEPT {
                self.each.push(target);
            } else {
                *self.others.entry(target.site).or_default() += 1;
            }
        }
    }

    /// Whether nobody is led anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Button;

    #[test]
    fn an_address_that_hides_where_it_leads_is_refused() {
        for (address, why) in [
            ("https://bank.ru@evil.ru", Refused::UserInfo),
            ("https://bank.ru:443@evil.ru/login", Refused::UserInfo),
            ("https://@evil.ru", Refused::UserInfo),
            ("https:\\\\bank.ru@evil.ru", Refused::UserInfo),
            ("http://127.0.0.1/", Refused::Number),
            ("http://2130706433/", Refused::Number),
            ("http://0x7f000001/", Refused::Number),
            ("http://0x7f.1/", Refused::Number),
            ("http://0177.0.0.1/", Refused::Number),
            ("http://[::1]/", Refused::Number),
            ("http://[2001:db8::1]:8080/", Refused::Number),
            ("http://１２７.０.０.１/", Refused::Number),
            ("tg://resolve?domain=evil", Refused::Scheme),
            ("javascript:alert(1)", Refused::Scheme),
            ("mailto:a@b.ru", Refused::Scheme),
            ("ftp://x.ru/", Refused::Scheme),
            ("intent://x.ru/#Intent;end", Refused::Scheme),
            ("x.ru", Refused::NoPage),
            ("https://localhost/", Refused::NoPage),
            ("https://com./", Refused::NoPage),
            ("https://bank.ru%40evil.ru/", Refused::NoPage),
            ("", Refused::NoPage),
        ] {
            assert_eq!(read(address), Err(why), "{address}");
        }
        for (address, normal) in [
            (" https://Example.RU ", "https://example.ru/"),
            ("https://x.ru/@name?q=a@b", "https://x.ru/@name?q=a@b"),
            ("https://пример.рф/путь", "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"),
        ] {
            assert_eq!(read(address).map(String::from).as_deref(), Ok(normal), "{address}");
        }
    }

    #[test]
    fn a_name_that_looks_like_another_is_told() {
        // The first letter of each is Cyrillic, or all of them are.
        for odd in ["sberbаnk.ru", "аpple.com", "сосо.com", "рауса.ru", "bänk.ru", "οzon.ru"] {
            let url = read(&format!("https://{odd}/")).expect(odd);
            assert!(looks_alike(url.host_str().expect("a host")), "{odd}");
        }
        for plain in ["example.ru", "xn.ru", "пример.рф", "кремль.рф", "цветы.com", "магазин-2.онлайн"] {
            let url = read(&format!("https://{plain}/")).expect(plain);
            assert!(!looks_alike(url.host_str().expect("a host")), "{plain}");
        }
    }

    fn message(html: &str, buttons: &[(&str, &str)]) -> Rendered {
        let button = |(text, url): &(&str, &str)| vec![Button { text: (*text).to_owned(), action: ButtonAction::Url((*url).to_owned()) }];
        Rendered { body: Rich::from_html(html).expect("markup"), buttons: buttons.iter().map(button).collect(), ..Rendered::default() }
    }

    #[test]
    fn every_address_of_a_message_is_found() {
        let html = "👋 <a href=\"https://evil.ru/x\">bank.ru</a>, «example.ru/a», пишите a@b.ru. И (https://пример.рф), <code>no.ru</code>, \
            tg://resolve?domain=x, 10.0.0.1! И т.д. с 10.12.2026. Конец.Start";
        let found = of(&message(html, &[("Да", "https://www.x.ru/"), ("x.ru", "https://www.x.ru/")]));
        let seen: Vec<(&str, &str, Option<Odd>)> = found.iter().map(|t| (t.text.as_str(), t.address.as_str(), t.odd)).collect();
        assert_eq!(
            seen,
            [
                ("bank.ru", "https://evil.ru/x", Some(Odd::OtherSite)),
                ("http://example.ru/a", "http://example.ru/a", None),
                ("https://пример.рф", "https://пример.рф/ (xn--e1afmkfd.xn--p1ai)", None),
                ("tg://resolve?domain=x", "tg://resolve?domain=x", Some(Odd::Refused(Refused::Scheme))),
                ("http://10.0.0.1", "http://10.0.0.1", Some(Odd::Refused(Refused::Number))),
                ("Да", "https://www.x.ru/", None),
                ("x.ru", "https://www.x.ru/", None),
            ]
        );
    }

    #[test]
    fn addresses_that_vary_are_counted_by_site() {
        let mut targets = Targets::default();
        for n in 0..1_000 {
            let personal = format!("https://x.ru/?c={n}");
            let other = if n == 999 { "https://evil.ru/" } else { "https://y.ru/" };
            targets.add(&message(&format!("<a href=\"{other}\">сайт</a>"), &[("Записаться", &personal)]));
        }
        let each: Vec<&str> = targets.each.iter().map(|target| target.address.as_str()).collect();
        assert_eq!(each, ["https://y.ru/", "https://x.ru/?c=0", "https://x.ru/?c=1", "https://x.ru/?c=2", "https://evil.ru/"]);
        assert_eq!(targets.others, [("x.ru".to_owned(), 997)].into());
    }
}
