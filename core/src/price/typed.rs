//! A price as a person types it: «0,86 ₽», «Казахстан 3,5 тенге», `€0.0196`. Whatever a screen
//! shows of a price is read back.

use super::{Amount, Currency, Price};
use crate::{account::settings, text::fold};

/// A price, and the country it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// ISO 3166; `None`: every country.
    pub country: Option<String>,
    pub price: Price,
}

/// Why a text is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPrice {
    /// There is no amount in it, several, or one that cannot be.
    #[error("there is no amount, or one that cannot be: up to six digits after the point")]
    Amount,
    /// More than [`Amount::MOST`].
    #[error("one message costs no more than ten thousand")]
    TooMuch,
    /// No currency, one that is not known, or several.
    #[error("there is no currency that is known")]
    Currency,
    /// What else is written names no country.
    #[error("there is no such country")]
    Country,
}

/// Words that say nothing.
const FILLERS: [&str; 6] = ["за", "сообщение", "per", "message", "a", "for"];
/// Words that say that nothing is to be paid.
const FREE: [&str; 3] = ["бесплатно", "даром", "free"];

/// What is written before the number, its digits, and what is written behind it.
fn around_number(text: &str) -> Option<(&str, String, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at(start);
    // A space within a number parts thousands, so three digits follow it.
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let goes_on = match byte {
            b'0'..=b'9' => true,
            b'.' | b',' => digit(end + 1),
            b' ' => digit(end + 1) && digit(end + 2) && digit(end + 3) && !digit(end + 4),
            _ => false,
        };
        if !goes_on {
            break;
        }
        end += 1;
    }
    let (number, behind) = rest.split_at(end);
    let number = number.replace(' ', "");
    // `1,234.50`: where a point parts the whole, commas part thousands.
    let thousands = number
        .rfind('.')
        .is_some_and(|point| number.get(..point).is_some_and(|whole| whole.split(',').skip(1).all(|three| three.len() == 3)));
    Some((before, if thousands { number.replace(',', "") } else { number }, behind))
}

/// Reads a price.
///
/// # Errors
/// [`BadPrice`]: what is wrong with it first.
pub fn read(text: &str) -> Result<Typed, BadPrice> {
    let text = fold(text);
    let (before, number, behind) = match around_number(&text) {
        Some((before, number, behind)) => (before, Some(number), behind),
        None => (text.as_str(), None, ""),
    };
    if behind.contains(|c: char| c.is_ascii_digit()) || before.ends_with(['-', '−', '–', '+', '.', ',']) {
        return Err(BadPrice::Amount);
    }
    let parted = |c: char| c.is_whitespace() || matches!(c, ':' | ';' | '/' | '—' | '–');
    let mut words: Vec<&str> = before
        .split(parted)
        .chain(behind.split(parted))
        .map(|word| word.trim_matches(['.', ',']))
        .filter(|word| !word.is_empty())
        .collect();
    let all = words.len();
    words.retain(|word| !FREE.contains(word));
    let amount = match &number {
        Some(number) => Amount::parse(number).ok_or(BadPrice::Amount)?,
        None if words.len() < all => Amount::ZERO,
        None => return Err(BadPrice::Amount),
    };
    if amount > Amount::MOST {
        return Err(BadPrice::TooMuch);
    }
    let named: Vec<Currency> = words.iter().filter_map(|word| Currency::named(word)).collect();
    let currency = match named.as_slice() {
        [only] => *only,
        // Of nothing the currency does not matter.
        [] if amount == Amount::ZERO => Currency::Rub,
        _ => return Err(BadPrice::Currency),
    };
    words.retain(|word| Currency::named(word).is_none() && !FILLERS.contains(word));
    let country = match words.join(" ") {
        rest if rest.is_empty() => None,
        rest => Some(settings::region(&rest).map_err(|_| BadPrice::Country)?),
    };
    Ok(Typed { country, price: Price { amount, currency } })
}
