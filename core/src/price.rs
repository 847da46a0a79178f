//! What a message costs: data files with what is known of the providers' prices, and before them
//! the prices that an account set itself. No price is made up: where neither says one there is
//! none, and screens say so.
//!
//! A price is of one provider, one category and one country, or every country, from a day on. The
//! files lie in `price/rates`, each named by the day on which its figures were read. A newer file
//! takes the place of an older one from its own day on, so what was sent before keeps its price.

pub mod money;
pub mod queries;
pub mod typed;

use std::{collections::BTreeSet, sync::LazyLock};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use money::{Amount, Cost, Currency};
pub use typed::Typed;

use crate::{
    account::{AccountError, By, Right, settings},
    channel::{self, ChannelKind, Charge},
    clock::Moment,
    id::AccountId,
    on,
    store::{Store, Tx},
};

/// The data files: the day on which each was read is within it.
const FILES: &[&str] = &[include_str!("price/rates/2026-11-28.json")];

/// What providers charge by (contracts/messengers/whatsapp_cloud.md, 6.2: `pricing.category`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Category {
    /// Advertising.
    Marketing,
    /// About what the customer ordered.
    Utility,
    /// A code to sign in with.
    Authentication,
    /// An answer within a conversation.
    Service,
}

impl Category {
    /// What campaigns are charged as.
    pub const OF_CAMPAIGNS: [Self; 2] = [Self::Marketing, Self::Utility];

    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl From<channel::Category> for Category {
    fn from(category: channel::Category) -> Self {
        match category {
            channel::Category::Marketing => Self::Marketing,
            channel::Category::Utility => Self::Utility,
        }
    }
}

impl Category {
    /// What a provider says it charged a message as; `None`: it takes nothing for it.
    #[must_use]
    pub fn charged(charge: Charge) -> Option<Self> {
        match charge {
            Charge::Free => None,
            Charge::Marketing => Some(Self::Marketing),
            Charge::Utility => Some(Self::Utility),
            Charge::Authentication => Some(Self::Authentication),
            Charge::Service => Some(Self::Service),
        }
    }
}

/// What one message costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    pub amount: Amount,
    /// Of an amount of nothing it says nothing.
    pub currency: Currency,
}

impl Price {
    /// What costs nothing.
    pub const NOTHING: Self = Self { amount: Amount::ZERO, currency: Currency::Rub };
}

/// What a message is charged as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    pub provider: ChannelKind,
    pub category: Category,
    /// Only the account's own price holds: its channel pays for speed, of which the files say
    /// nothing.
    pub own_alone: bool,
}

/// A price of a data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    pub provider: ChannelKind,
    /// `None`: every category.
    pub category: Option<Category>,
    /// ISO 3166; `None`: every country.
    pub country: Option<String>,
    pub price: Price,
    /// The day on which it was read; before it the file says nothing.
    pub since: NaiveDate,
    /// The provider says it itself; else only others say it of the provider.
    pub confirmed: bool,
    /// Where it was read.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    read: NaiveDate,
    rates: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    provider: ChannelKind,
    category: Option<Category>,
    country: Option<String>,
    /// Decimal digits with a point.
    amount: String,
    /// Only an amount of nothing is in none.
    currency: Option<Currency>,
    confirmed: bool,
    source: String,
}

impl Line {
    fn rate(self, since: NaiveDate) -> Option<Rate> {
        let amount = Amount::parse(&self.amount)?;
        let currency = self.currency.or((amount == Amount::ZERO).then_some(Currency::Rub))?;
        let Self { provider, category, country, confirmed, source, .. } = self;
        Some(Rate { provider, category, country, price: Price { amount, currency }, since, confirmed, source })
    }
}

/// A file's prices; `None`: it is not one.
fn read(file: &str) -> Option<Vec<Rate>> {
    let File { read, rates } = serde_json::from_str(file).ok()?;
    rates.into_iter().map(|line| line.rate(read)).collect()
}

/// All that the files say. They are part of the program, and a test reads each.
static RATES: LazyLock<Vec<Rate>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|file| {
            let rates = read(file);
            if rates.is_none() {
                tracing::error!("a file of prices cannot be read");
            }
            rates
        })
        .flatten()
        .collect()
});

/// A price that the account set itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub provider: ChannelKind,
    pub category: Category,
    /// ISO 3166; `None`: every country without one of its own.
    pub country: Option<String>,
    /// The first day it holds for, by the account's clock.
    pub since: NaiveDate,
    /// `None`: from that day on there is none.
    pub price: Option<Price>,
}

/// What messages cost an account.
#[derive(Debug, Clone, Default)]
pub struct Prices {
    own: Vec<Own>,
}

type OwnRow = (ChannelKind, Category, String, String, Option<Amount>, Option<Currency>);

impl Prices {
    /// An account's.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(store: &Store, account: AccountId) -> sqlx::Result<Self> {
        let rows = on!(store.read(), |c| sqlx::query_as(queries::OWN).bind(account).fetch_all(c).await)?;
        Ok(Self::of_rows(rows))
    }

    async fn load_in(tx: &mut Tx, account: AccountId) -> sqlx::Result<Self> {
        let rows = on!(tx.conn(), |c| sqlx::query_as(queries::OWN).bind(account).fetch_all(c).await)?;
        Ok(Self::of_rows(rows))
    }

    fn of_rows(rows: Vec<OwnRow>) -> Self {
        let own = rows.into_iter().filter_map(|(provider, category, country, since, amount, currency)| {
            let price = amount.zip(currency).map(|(amount, currency)| Price { amount, currency });
            Some(Own {
                provider,
                category,
                country: Some(country).filter(|country| !country.is_empty()),
                since: since.parse().ok()?,
                price,
            })
        });
        Self { own: own.collect() }
    }

    /// Prices that an account set.
    #[must_use]
    pub fn of_own(own: Vec<Own>) -> Self {
        Self { own }
    }

    /// What a message cost, or will cost, on a day: the account's own price for the country, its
    /// own for every country, the files' for the country, the files' for every country. `country`:
    /// that of the recipient's phone; `None`: not known.
    #[must_use]
    pub fn on(&self, what: Charged, country: Option<&str>, day: NaiveDate) -> Option<Price> {
        let own = |country: Option<&str>| self.own_on(what.provider, what.category, country, day);
        let known = |country: Option<&str>| {
            let of = |rate: &&Rate| rate.country.as_deref() == country && rate.since <= day && rate.is_of(what.provider, what.category);
            RATES.iter().filter(of).max_by_key(|rate| (rate.since, rate.category.is_some())).map(|rate| rate.price)
        };
        country
            .and_then(|country| own(Some(country)))
            .or_else(|| own(None))
            .or_else(|| if what.own_alone { None } else { country.and_then(|country| known(Some(country))).or_else(|| known(None)) })
    }

    fn own_on(&self, provider: ChannelKind, category: Category, country: Option<&str>, day: NaiveDate) -> Option<Price> {
        let of = |own: &&Own| own.provider == provider && own.category == category && own.country.as_deref() == country && own.since <= day;
        self.own.iter().filter(of).max_by_key(|own| own.since)?.price
    }

    /// Whether a price depends on the recipient's country.
    #[must_use]
    pub fn by_country(&self, what: Charged) -> bool {
        let own = self.own.iter().any(|own| own.provider == what.provider && own.category == what.category && own.country.is_some());
        own || (!what.own_alone && RATES.iter().any(|rate| rate.country.is_some() && rate.is_of(what.provider, what.category)))
    }

    /// The days on which a price begins to hold, after one day and up to another.
    #[must_use]
    pub fn changes(&self, of: &[Charged], after: NaiveDate, until: NaiveDate) -> BTreeSet<NaiveDate> {
        let own = self.own.iter().filter(|own| of.iter().any(|what| own.provider == what.provider && own.category == what.category));
        let known = RATES.iter().filter(|rate| of.iter().any(|what| rate.is_of(what.provider, what.category)));
        own.map(|own| own.since).chain(known.map(|rate| rate.since)).filter(|day| *day > after && *day <= until).collect()
    }

    /// The account's own prices that hold on a day: those of single countries first.
    #[must_use]
    pub fn own(&self, provider: ChannelKind, category: Category, day: NaiveDate) -> Vec<&Own> {
        let mut countries: BTreeSet<Option<&str>> = BTreeSet::new();
        let of = |own: &&Own| own.provider == provider && own.category == category && own.since <= day;
        countries.extend(self.own.iter().filter(of).map(|own| own.country.as_deref()));
        // `None` comes first in the order of options.
        let last = countries.remove(&None).then_some(None);
        let newest =
            |country: Option<&str>| self.own.iter().filter(of).filter(|own| own.country.as_deref() == country).max_by_key(|own| own.since);
        countries.into_iter().chain(last).filter_map(newest).filter(|own| own.price.is_some()).collect()
    }

    /// Providers with a price of the account's own, be it of earlier days.
    pub fn providers(&self) -> impl Iterator<Item = ChannelKind> {
        self.own.iter().map(|own| own.provider)
    }
}

impl Rate {
    fn is_of(&self, provider: ChannelKind, category: Category) -> bool {
        self.provider == provider && self.category.is_none_or(|own| own == category)
    }
}

/// What the files say of a category on a day, the newest of each country.
#[must_use]
pub fn known(provider: ChannelKind, category: Category, day: NaiveDate) -> Vec<&'static Rate> {
    let mut found: Vec<&Rate> = Vec::new();
    for rate in RATES.iter().filter(|rate| rate.since <= day && rate.is_of(provider, category)) {
        match found.iter_mut().find(|before| before.country == rate.country) {
            Some(before) if (before.since, before.category.is_some()) < (rate.since, rate.category.is_some()) => *before = rate,
            Some(_) => {}
            None => found.push(rate),
        }
    }
    found
}

/// Today by the account's own clock.
///
/// # Errors
/// The database's.
pub async fn today(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<NaiveDate> {
    Ok(now.with_timezone(&settings::zone(store, account).await?).date_naive())
}

async fn write(tx: &mut Tx, account: AccountId, own: &Own) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SET)
        .bind(account)
        .bind(own.provider)
        .bind(own.category)
        .bind(own.country.as_deref().unwrap_or_default())
        .bind(own.since.to_string())
        .bind(own.price.map(|price| price.amount))
        .bind(own.price.map(|price| price.currency))
        .execute(c)
        .await
        .map(|_| ()))
}

/// A price for the trail.
fn shown(price: Option<Price>) -> serde_json::Value {
    price.map_or(serde_json::Value::Null, |price| json!(format!("{} {}", price.amount.exact(), price.currency.code())))
}

/// Sets the account's own price of a category, from today on.
///
/// # Errors
/// [`AccountError::Forbidden`]; the database's.
pub async fn set(
    store: &Store,
    by: impl Into<By<'_>>,
    (provider, category): (ChannelKind, Category),
    typed: &Typed,
    now: Moment,
) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let since = today(store, by.account(), now).await?;
    let mut tx = store.begin().await?;
    let before = Prices::load_in(&mut tx, by.account()).await?.own_on(provider, category, typed.country.as_deref(), since);
    if before == Some(typed.price) {
        return Ok(());
    }
    let own = Own { provider, category, country: typed.country.clone(), since, price: Some(typed.price) };
    write(&mut tx, by.account(), &own).await?;
    let details =
        json!({ "provider": provider, "category": category, "country": own.country, "from": shown(before), "to": shown(own.price) });
    by.audit(&mut tx, "price.set", by.account(), details, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The account has no price of its own for this category any more, from today on: the files hold
/// again.
///
/// # Errors
/// [`AccountError::Forbidden`]; the database's.
pub async fn clear(
    store: &Store,
    by: impl Into<By<'_>>,
    (provider, category): (ChannelKind, Category),
    now: Moment,
) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let since = today(store, by.account(), now).await?;
    let mut tx = store.begin().await?;
    let prices = Prices::load_in(&mut tx, by.account()).await?;
    let gone = prices.own(provider, category, since);
    if gone.is_empty() {
        return Ok(());
    }
    for own in &gone {
        write(&mut tx, by.account(), &Own { since, price: None, ..(*own).clone() }).await?;
    }
    let from: Vec<_> = gone.iter().map(|own| json!({ "country": own.country, "price": shown(own.price) })).collect();
    by.audit(&mut tx, "price.clear", by.account(), json!({ "provider": provider, "category": category, "from": from }), now).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests;
