//! Statements of the price room.

/// An account's own prices, of all days.
pub const OWN: &str = "select provider, category, country, since, amount, currency from price where account_id = $1 \
    order by provider, category, country, since";
/// A price from a day on; of one day the last word counts.
pub const SET: &str = "insert into price (account_id, provider, category, country, since, amount, currency) values ($1, $2, $3, $4, $5, $6, $7) \
    on conflict (account_id, provider, category, country, since) do update set amount = excluded.amount, currency = excluded.currency";

/// Every statement.
pub const ALL: &[&str] = &[OWN, SET];
