//! People as they are outside the API: phones, countries, and the ids a portfolio knows them by.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A person with a phone and WhatsApp on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The sandbox's own number of the person: it stays when the phone changes.
    pub id: i64,
    pub name: String,
    /// International, `+79991234567`.
    pub phone: String,
    /// What WhatsApp makes of the phone, where that is not its digits (`5511…` without a nine).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Two letters; guessed from the phone where it is empty.
    #[serde(default)]
    pub country: String,
    /// Has a username and shows the phone only to whom the contract's 2.6 lists.
    #[serde(default)]
    pub hides_phone: bool,
    /// Has an account; without one messages fail with 131026.
    #[serde(default = "yes")]
    pub on_whatsapp: bool,
    /// The phone is on; while it is not, messages wait for up to 30 days.
    #[serde(default = "yes")]
    pub online: bool,
    /// Lets others see that a message was read.
    #[serde(default = "yes")]
    pub read_receipts: bool,
}

fn yes() -> bool {
    true
}

/// Countries by the beginning of the phone, the longer beginnings first.
const COUNTRIES: &[(&str, &str)] = &[
    ("77", "KZ"),
    ("76", "KZ"),
    ("7", "RU"),
    ("1", "US"),
    ("375", "BY"),
    ("380", "UA"),
    ("374", "AM"),
    ("994", "AZ"),
    ("995", "GE"),
    ("996", "KG"),
    ("998", "UZ"),
    ("33", "FR"),
    ("34", "ES"),
    ("39", "IT"),
    ("44", "GB"),
    ("48", "PL"),
    ("49", "DE"),
    ("52", "MX"),
    ("55", "BR"),
    ("81", "JP"),
    ("82", "KR"),
    ("90", "TR"),
    ("91", "IN"),
    ("971", "AE"),
    ("972", "IL"),
];

/// Where Meta's own cap of marketing is not applied.
pub(crate) const NO_CAP: &[&str] = &["GB", "JP", "KR", "FR", "ES", "IT", "PL", "DE"];

/// The country of a phone's digits; `XX` where the double knows none.
pub(crate) fn country_of(digits: &str) -> &'static str {
    COUNTRIES.iter().filter(|(code, _)| digits.starts_with(code)).max_by_key(|(code, _)| code.len()).map_or("XX", |(_, country)| country)
}

/// The country code a number begins with.
pub(crate) fn calling_code(digits: &str) -> &str {
    let code = match digits.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ => COUNTRIES.iter().filter(|(code, _)| digits.starts_with(code)).map(|(code, _)| code.len()).max().unwrap_or(3),
    };
    digits.get(..code).unwrap_or(digits)
}

/// Digits of a phone.
pub(crate) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

impl Person {
    /// A person whose phone is on and whose receipts are shown; change the fields for anyone else.
    #[must_use]
    pub fn new(id: i64, name: &str, phone: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            phone: phone.to_owned(),
            wa_id: None,
            username: None,
            country: country_of(&digits(phone)).to_owned(),
            hides_phone: false,
            on_whatsapp: true,
            online: true,
            read_receipts: true,
        }
    }

    pub(crate) fn wa_id(&self) -> String {
        self.wa_id.clone().unwrap_or_else(|| digits(&self.phone))
    }

    pub(crate) fn country(&self) -> &str {
        if self.country.is_empty() { country_of(&digits(&self.phone)) } else { &self.country }
    }
}

/// Twenty digits that follow from the words.
fn twenty(words: &str) -> String {
    let digest = Sha256::digest(words.as_bytes());
    let digits: String = digest.iter().map(|byte| char::from(b'0' + byte % 10)).collect();
    format!("7{}", &digits[..19])
}

pub(crate) fn bsuid(person: &Person, portfolio: &str, generation: u32) -> String {
    format!("{}.{}", person.country(), twenty(&format!("{portfolio} {} {generation}", person.id)))
}

pub(crate) fn parent(person: &Person, generation: u32) -> String {
    format!("{}.ENT.{}", person.country(), twenty(&format!("parent {} {generation}", person.id)))
}
