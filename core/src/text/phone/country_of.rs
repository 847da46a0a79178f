//! The country of a phone by how it begins, for prices: providers charge by the code that is
//! dialled, so of a code that a country shares with islands of its own the country is meant.

use phonenumber::metadata::DATABASE;

/// Characters of a phone in E.164 that say its country, the `+` among them: the code, and of +7 and
/// +1, which several countries share, what follows it.
pub const HEAD: usize = 5;

/// The ISO 3166 region of a phone in E.164 that begins so; `None`: no country has such.
#[must_use]
pub fn country_of(head: &str) -> Option<String> {
    let digits = head.strip_prefix('+')?;
    match digits.as_bytes() {
        [b'7', b'6' | b'7', ..] => return Some("KZ".to_owned()),
        [b'7', ..] => return Some("RU".to_owned()),
        // The code of an area says which country it is; the rest may be any number.
        [b'1', _, _, _] => {
            let number = phonenumber::parse(None, format!("+{digits}5550123")).ok()?;
            return Some(number.country().id().map_or_else(|| "US".to_owned(), |id| id.as_ref().to_owned()));
        }
        _ => {}
    }
    let code = |length: usize| digits.get(..length)?.parse::<u16>().ok();
    // No code begins with another one. Of several regions the main one comes first (phonenumber
    // 0.3.10, metadata/database.rs); `001` is no country.
    let region = (1..=3).filter_map(code).find_map(|code| DATABASE.region(&code)?.first().map(|region| (*region).to_owned()));
    region.filter(|region| region != "001")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_begins_with_its_country() {
        for (phone, country) in [
            ("+79161234567", Some("RU")),
            ("+78121234567", Some("RU")),
            ("+77012345678", Some("KZ")),
            ("+76001234567", Some("KZ")),
            ("+375291234567", Some("BY")),
            ("+37491123456", Some("AM")),
            ("+4930901820", Some("DE")),
            ("+447911123456", Some("GB")),
            ("+12125550123", Some("US")),
            ("+14165550123", Some("CA")),
            ("+18765550123", Some("JM")),
            ("+9101234567", Some("IN")),
            ("+99890123456", Some("UZ")),
            ("+80012345678", None),
            ("+", None),
            ("79161234567", None),
            ("", None),
        ] {
            let head: String = phone.chars().take(HEAD).collect();
            assert_eq!(country_of(&head).as_deref(), country, "{phone}");
        }
    }

    /// Every country's code leads to it, or to the country that it shares the code with.
    #[test]
    fn every_country_has_phones_that_begin_so() {
        let mut seen = 0;
        for country in DATABASE.iter().filter(|country| country.id() != "001") {
            let code = country.country_code();
            if code == 1 || code == 7 {
                continue;
            }
            let found = country_of(&format!("+{code}5").chars().take(HEAD).collect::<String>()).expect("a country");
            assert!(DATABASE.region(&code).expect("known").contains(&found.as_str()), "{found} for +{code}");
            seen += 1;
        }
        assert!(seen > 190, "{seen}");
    }
}
