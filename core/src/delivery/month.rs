//! The people a channel wrote to in this calendar month: the tariffs of some providers limit them
//! (contracts/messengers/wazzup.md, section 0), and whoever is one of them may be written to on.
//! The month is UTC's: nobody says in which zone a provider's begins.

use std::collections::HashSet;

use chrono::Datelike as _;

use crate::{
    channel::{registry, store::ChannelRow},
    clock::{self, Moment},
    id::{AccountId, ChannelId, ContactId},
    on,
    store::{Db, Store, heed, json_hex},
};

/// Of these people those who were written to through a channel since a moment.
macro_rules! written_to {
    ($which:literal) => {
        concat!(
            "select contact_id from delivery where contact_id ",
            $which,
            " and account_id = $1 and channel_id = $2 and sent_at >= $4 \
             union select contact_id from outgoing where contact_id ",
            $which,
            " and account_id = $1 and channel_id = $2 and sent_at >= $4"
        )
    };
}
/// On SQLite.
pub const WRITTEN_SQLITE: &str = written_to!("in (select unhex(value) from json_each($3))");
/// On PostgreSQL.
pub const WRITTEN_POSTGRES: &str = written_to!("= any($3)");
/// How many addresses of a kind and scope were written to through a channel since a moment.
pub const USED: &str = "select count(*) from address a where a.account_id = $1 and a.kind = $2 and a.scope_id = $3 \
    and (exists (select 1 from delivery d where d.contact_id = a.contact_id and d.channel_id = $4 and d.sent_at >= $5) \
    or exists (select 1 from outgoing o where o.contact_id = a.contact_id and o.channel_id = $4 and o.sent_at >= $5))";
/// What both engines share.
pub const ALL: &[&str] = &[USED];

/// When the month of a moment began.
#[must_use]
pub fn began(now: Moment) -> Moment {
    let today = now.date_naive();
    clock::start_of(today.with_day(1).unwrap_or(today), chrono_tz::UTC)
}

/// SQL's condition: this contact was written to through this channel since that moment.
#[must_use]
pub fn is_one(contact: &str, channel: &str, since: &str) -> String {
    let in_table = |table: &str| {
        format!("exists (select 1 from {table} m where m.contact_id = {contact} and m.channel_id = {channel} and m.sent_at >= {since})")
    };
    format!("({} or {})", in_table("delivery"), in_table("outgoing"))
}

/// Which of these people a channel wrote to in the month.
///
/// # Errors
/// The database's.
pub async fn of(
    store: &Store,
    account: AccountId,
    channel: ChannelId,
    contacts: &[ContactId],
    now: Moment,
) -> sqlx::Result<HashSet<ContactId>> {
    let since = began(now);
    let known: Vec<ContactId> = match store.read() {
        Db::Sqlite(pool) => {
            let contacts = json_hex(contacts.iter().map(|id| id.0));
            heed(sqlx::query_scalar(WRITTEN_SQLITE).bind(account).bind(channel).bind(contacts).bind(since).fetch_all(pool).await)?
        }
        Db::Postgres(pool) => {
            sqlx::query_scalar(WRITTEN_POSTGRES).bind(account).bind(channel).bind(contacts).bind(since).fetch_all(pool).await?
        }
    };
    Ok(known.into_iter().collect())
}

/// How many people a channel wrote to in the month.
///
/// # Errors
/// The database's.
pub async fn used(store: &Store, row: &ChannelRow, now: Moment) -> sqlx::Result<i64> {
    let capabilities = registry::capabilities(row.kind);
    on!(store.read(), |c| sqlx::query_scalar(USED)
        .bind(row.account_id)
        .bind(capabilities.address_kind)
        .bind(capabilities.scope(row.id))
        .bind(row.id)
        .bind(began(now))
        .fetch_one(c)
        .await)
}
