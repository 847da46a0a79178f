//! Money, exactly: whole millionths of a currency's unit and never a float. Sums of several
//! currencies stand side by side; nothing here turns one currency into another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use super::Price;

/// Digits after the point that an amount can have.
pub const PLACES: usize = 6;
/// Millionths of a unit.
const UNIT: i64 = 1_000_000;
/// Millionths of a hundredth of a unit: what people round money to.
const CENT: i64 = UNIT / 100;

/// An amount of some currency, in millionths of its unit: 19 600 is €0.0196. Never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most one message may cost: ten thousand units. A sum over 900 million such messages is
    /// still exact.
    pub const MOST: Self = Self(10_000 * UNIT);

    /// The amount that digits say, with a point or a comma and at most [`PLACES`] digits behind it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = match text.split_once(['.', ',']) {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > PLACES {
            return None;
        }
        let units: i64 = whole.parse().ok()?;
        let rest: i64 = format!("{fraction:0<PLACES$}").parse().ok()?;
        units.checked_mul(UNIT)?.checked_add(rest).map(Self)
    }

    /// All its digits, two at least behind the point: `0.0196`, `12.50`. [`Self::parse`] reads it
    /// back.
    #[must_use]
    pub fn exact(self) -> String {
        let fraction = format!("{:0>PLACES$}", self.0 % UNIT);
        let kept = fraction.trim_end_matches('0').len().max(2);
        format!("{}.{}", self.0 / UNIT, fraction.get(..kept).unwrap_or_default())
    }

    /// To the hundredth, halves up, as sums are shown; less than a hundredth keeps all its digits.
    #[must_use]
    pub fn rounded(self) -> String {
        if self.0 < CENT {
            return self.exact();
        }
        Self((self.0 + CENT / 2) / CENT * CENT).exact()
    }

    /// That many times as much. Beyond what fits it stays at the largest amount there is.
    #[must_use]
    pub fn times(self, n: i64) -> Self {
        Self(self.0.saturating_mul(n))
    }

    /// Both together. Beyond what fits it stays at the largest amount there is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// A currency that prices may be in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "UPPERCASE")]
#[sqlx(type_name = "text", rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub enum Currency {
    Rub,
    Eur,
    Usd,
    Kzt,
    Byn,
    Amd,
    Uzs,
    Kgs,
    Gel,
    Azn,
    Try,
    Aed,
    Gbp,
    Inr,
    Cny,
}

impl Currency {
    /// The code of ISO 4217.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// Its sign; its code where there is none that everybody knows.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Rub => "₽",
            Self::Eur => "€",
            Self::Usd => "$",
            Self::Kzt => "₸",
            Self::Amd => "֏",
            Self::Gel => "₾",
            Self::Azn => "₼",
            Self::Try => "₺",
            Self::Gbp => "£",
            Self::Inr => "₹",
            Self::Cny => "¥",
            Self::Byn | Self::Uzs | Self::Kgs | Self::Aed => self.code(),
        }
    }

    /// What people call it besides its code and its sign, folded.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Rub => &["р", "руб", "рубль", "рубля", "рублей", "rur", "ruble", "rubles", "rouble", "roubles"],
            Self::Eur => &["евро", "euro", "euros"],
            Self::Usd => &["доллар", "доллара", "долларов", "dollar", "dollars"],
            Self::Kzt => &["тенге", "тг", "tenge"],
            Self::Byn => &[],
            Self::Amd => &["драм", "драма", "драмов", "dram", "drams"],
            Self::Uzs => &["сум", "сума", "сумов"],
            Self::Kgs => &["сом", "сома", "сомов"],
            Self::Gel => &["лари", "lari"],
            Self::Azn => &["манат", "маната", "манатов", "manat"],
            Self::Try => &["лира", "лиры", "лир", "lira"],
            Self::Aed => &["дирхам", "дирхама", "дирхамов", "dirham", "dirhams"],
            Self::Gbp => &["фунт", "фунта", "фунтов", "pound", "pounds"],
            Self::Inr => &["рупия", "рупии", "рупий", "rupee", "rupees"],
            Self::Cny => &["юань", "юаня", "юаней", "yuan"],
        }
    }

    /// The currency that a folded word names: its code, its sign, or what people call it.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::VARIANTS
            .iter()
            .copied()
            .find(|currency| currency.sign() == word || currency.code().eq_ignore_ascii_case(word) || currency.words().contains(&word))
    }
}

/// What some messages cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// By currency; none where it is free.
    pub sums: BTreeMap<Currency, Amount>,
    /// Messages that have a price, be it nothing.
    pub priced: i64,
    /// Messages for which no price is set.
    pub unpriced: i64,
}

impl Cost {
    /// `n` messages more at this price; `None`: none is set.
    pub fn add(&mut self, n: i64, price: Option<Price>) {
        if n <= 0 {
            return;
        }
        match price {
            None => self.unpriced += n,
            Some(price) => {
                self.priced += n;
                self.more(price.currency, price.amount.times(n));
            }
        }
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        for (currency, amount) in &other.sums {
            self.more(*currency, *amount);
        }
        Self { priced: self.priced + other.priced, unpriced: self.unpriced + other.unpriced, ..self }
    }

    fn more(&mut self, currency: Currency, amount: Amount) {
        if amount > Amount::ZERO {
            let sum = self.sums.entry(currency).or_default();
            *sum = sum.plus(amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency() -> impl Strategy<Value = Currency> {
        (0..Currency::VARIANTS.len()).prop_map(|n| Currency::VARIANTS[n])
    }

    /// Messages with a price, or without one.
    fn messages() -> impl Strategy<Value = Vec<(i64, Option<Price>)>> {
        let price = (0..=Amount::MOST.0, currency()).prop_map(|(amount, currency)| Price { amount: Amount(amount), currency });
        prop::collection::vec((0_i64..1_000_000, prop::option::of(price)), 0..20)
    }

    fn cost(messages: &[(i64, Option<Price>)]) -> Cost {
        let mut cost = Cost::default();
        for (n, price) in messages {
            cost.add(*n, *price);
        }
        cost
    }

    proptest! {
        #[test]
        fn an_amount_is_read_back_to_the_last_digit(millionths in 0..i64::MAX) {
            prop_assert_eq!(Amount::parse(&Amount(millionths).exact()), Some(Amount(millionths)));
        }

        /// Off by half a hundredth at most, and never shown as nothing.
        #[test]
        fn a_sum_is_shown_to_the_hundredth(millionths in 0..i64::MAX / 2) {
            let shown = Amount::parse(&Amount(millionths).rounded()).unwrap();
            prop_assert!((shown.0 - millionths).abs() <= CENT / 2, "{shown:?}");
            prop_assert_eq!(shown == Amount::ZERO, millionths == 0);
        }

        /// Against whole numbers that cannot overflow, currency by currency.
        #[test]
        fn a_cost_is_the_exact_sum_of_its_messages(messages in messages()) {
            let cost = cost(&messages);
            for currency in Currency::VARIANTS {
                let exact: i128 = messages
                    .iter()
                    .filter_map(|(n, price)| price.filter(|price| price.currency == *currency).map(|price| i128::from(*n) * i128::from(price.amount.0)))
                    .sum();
                prop_assert_eq!(i128::from(cost.sums.get(currency).copied().unwrap_or_default().0), exact);
            }
            let count = |priced: bool| messages.iter().filter(|(_, price)| price.is_some() == priced).map(|(n, _)| n).sum::<i64>();
            prop_assert_eq!((cost.priced, cost.unpriced), (count(true), count(false)));
        }

        #[test]
        fn it_does_not_matter_how_messages_are_put_together(messages in messages(), at in 0_usize..20, whole in any::<prop::sample::Index>()) {
            let (one, other) = messages.split_at(at.min(messages.len()));
            prop_assert_eq!(cost(one).with(&cost(other)), cost(&messages));
            prop_assert_eq!(cost(other).with(&cost(one)), cost(&messages));
            let mut turned = messages.clone();
            if !turned.is_empty() {
                let middle = whole.index(turned.len());
                turned.rotate_left(middle);
            }
            prop_assert_eq!(cost(&turned), cost(&messages));
        }
    }

    #[test]
    fn amounts_as_people_write_them() {
        for (text, millionths) in [("0.0196", 19_600), ("12", 12_000_000), ("12,5", 12_500_000), ("0", 0), ("0,000001", 1)] {
            assert_eq!(Amount::parse(text), Some(Amount(millionths)), "{text}");
        }
        for text in ["", ".", "1.", ".5", "-1", "1e3", "1.0000001", "1.2.3", "99999999999999", "٣"] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
        assert_eq!(["0.0196", "12.5", "3"].map(|text| Amount::parse(text).unwrap().exact()), ["0.0196", "12.50", "3.00"]);
        assert_eq!(["0.0196", "0.004", "1234.565"].map(|text| Amount::parse(text).unwrap().rounded()), ["0.02", "0.004", "1234.57"]);
    }

    #[test]
    fn a_currency_is_known_by_its_code_its_sign_and_its_name() {
        for currency in Currency::VARIANTS {
            for word in
                [currency.sign(), currency.code(), &currency.code().to_lowercase()].into_iter().chain(currency.words().iter().copied())
            {
                assert_eq!(Currency::named(word), Some(*currency), "{word}");
            }
        }
        assert_eq!(Currency::named("bitcoin"), None);
    }

    #[test]
    fn a_price_of_nothing_is_a_price() {
        let mut free = Cost::default();
        free.add(7, Some(Price { amount: Amount::ZERO, currency: Currency::Rub }));
        assert_eq!(free, Cost { priced: 7, ..Cost::default() });
    }
}
