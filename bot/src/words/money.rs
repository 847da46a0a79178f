//! Money in words: prices, sums, and what has no price.

use mms_core::{
    account::Language,
    price::{Amount, Category, Cost, Currency, Price},
    text::said::places,
};

use crate::{i18n::Tr, p};

/// An amount of digits, with its currency.
fn money(tr: Tr, digits: &str, currency: Currency) -> String {
    format!("{}\u{a0}{}", tr.decimal(digits), currency.sign())
}

/// What one message costs, to the last digit.
#[must_use]
pub fn price(tr: Tr, price: Price) -> String {
    if price.amount == Amount::ZERO { p!(tr, "money-free") } else { money(tr, &price.amount.exact(), price.currency) }
}

/// What messages cost: the sums of several currencies side by side, and how many have no price.
#[must_use]
pub fn cost(tr: Tr, cost: &Cost) -> String {
    if cost.priced == 0 {
        return if cost.unpriced == 0 { p!(tr, "money-nothing") } else { p!(tr, "money-unset") };
    }
    let sums: Vec<String> = cost.sums.iter().map(|(currency, amount)| money(tr, &amount.rounded(), *currency)).collect();
    let known = if sums.is_empty() { p!(tr, "money-free") } else { sums.join(" + ") };
    if cost.unpriced == 0 { known } else { p!(tr, "money-and-unset", known = known, count = cost.unpriced) }
}

/// What messages cost at best and at worst; said once where it is the same.
#[must_use]
pub fn between(tr: Tr, best: &Cost, worst: &Cost) -> String {
    if best == worst || worst.priced == 0 {
        return cost(tr, worst);
    }
    p!(tr, "money-between", best = cost(tr, best), worst = cost(tr, worst))
}

/// The name of a country; of none: all the others.
#[must_use]
pub fn country(tr: Tr, country: Option<&str>) -> String {
    country.map_or_else(|| p!(tr, "price-other-countries"), |country| places::country_name(country, tr.language == Language::Ru))
}

/// What a message is charged as.
#[must_use]
pub fn category(tr: Tr, category: Category) -> String {
    match category {
        Category::Marketing => p!(tr, "price-marketing"),
        Category::Utility => p!(tr, "price-utility"),
        Category::Authentication => p!(tr, "price-authentication"),
        Category::Service => p!(tr, "price-service"),
    }
}
