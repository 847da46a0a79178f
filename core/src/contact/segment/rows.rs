//! Saved segments, and the live count of a filter.

use chrono_tz::Tz;
use serde_json::json;

use super::{Compiled, Filter, FilterError, MAX_LENGTH};
use crate::{
    account::Actor,
    bind_filter,
    clock::Moment,
    contact::{
        field,
        id_range::{IdRange, ranges_for},
        queries,
    },
    id::{AccountId, SegmentId},
    on,
    store::{Engine, Store, audit},
    text::clean,
};

/// A saved filter.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Segment {
    pub id: SegmentId,
    /// The name people see; one live segment of an account has it.
    pub name: String,
    /// The canonical text.
    pub filter: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

/// Why a segment cannot be saved.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// Another segment of the account has the name.
    #[error("a segment named `{0}` exists")]
    NameTaken(String),
    /// The name is empty or longer than 60 characters.
    #[error("a segment's name is 1 to 60 characters")]
    BadName,
    /// The filter is wrong.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// Somebody else changed the filter meanwhile.
    #[error("the segment's filter was changed meanwhile")]
    Changed,
    /// The account has no such segment.
    #[error("no such segment")]
    Absent,
    /// These campaigns, not over yet, are aimed by it.
    #[error("campaigns that are not over are aimed by it: {0:?}")]
    InUse(Vec<String>),
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// A contact in a segment.
pub type Sample = crate::contact::card::Found;

fn check_name(name: &str) -> Result<String, SegmentError> {
    let name = clean(name);
    if (1..=60).contains(&name.chars().count()) { Ok(name) } else { Err(SegmentError::BadName) }
}

fn taken(name: &str) -> impl FnOnce(sqlx::Error) -> SegmentError {
    let name = name.to_owned();
    move |error| match error {
        sqlx::Error::Database(db) if db.is_unique_violation() => SegmentError::NameTaken(name),
        other => SegmentError::Db(other),
    }
}

/// Saves a filter by name.
///
/// # Errors
/// [`SegmentError`].
pub async fn create(store: &Store, actor: &Actor, name: &str, filter: &Filter, now: Moment) -> Result<SegmentId, SegmentError> {
    let (id, name, text) = (SegmentId::new(), check_name(name)?, checked_text(filter)?);
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_SEGMENT)
        .bind(id)
        .bind(actor.account)
        .bind(&name)
        .bind(&text)
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .map_err(taken(&name))?;
    audit::record(
        &mut tx,
        actor.account,
        &actor.member.to_string(),
        "segment.create",
        &id.to_string(),
        &json!({ "name": name, "filter": text }),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// The canonical text of a filter, as it is kept.
fn checked_text(filter: &Filter) -> Result<String, FilterError> {
    let text = filter.to_text();
    let length = text.chars().count();
    if length > MAX_LENGTH {
        return Err(FilterError { at: MAX_LENGTH, len: length - MAX_LENGTH, problem: super::Problem::TooLong });
    }
    Ok(text)
}

/// Gives a segment another name.
///
/// # Errors
/// [`SegmentError`].
pub async fn rename(store: &Store, actor: &Actor, id: SegmentId, name: &str, now: Moment) -> Result<(), SegmentError> {
    let name = check_name(name)?;
    change(store, actor, id, queries::RENAME_SEGMENT, &[name.as_str()], "segment.rename", now).await
}

/// Gives a segment, as it was `seen`, another filter.
///
/// # Errors
/// [`SegmentError`]; [`SegmentError::Changed`] when it has another filter by now.
pub async fn update(store: &Store, actor: &Actor, seen: &Segment, filter: &Filter, now: Moment) -> Result<(), SegmentError> {
    let text = checked_text(filter)?;
    let to = [text.as_str(), seen.filter.as_str()];
    match change(store, actor, seen.id, queries::UPDATE_SEGMENT, &to, "segment.update", now).await {
        Err(SegmentError::Absent) if get(store, actor.account, seen.id).await?.is_some() => Err(SegmentError::Changed),
        outcome => outcome,
    }
}

/// Deletes a segment that no live campaign is aimed by; its name is free again.
///
/// # Errors
/// [`SegmentError`].
pub async fn delete(store: &Store, actor: &Actor, id: SegmentId, now: Moment) -> Result<(), SegmentError> {
    let users = used_by(store, actor.account, id).await?;
    if !users.is_empty() {
        return Err(SegmentError::InUse(users));
    }
    change(store, actor, id, queries::DELETE_SEGMENT, &[], "segment.delete", now).await
}

async fn change(
    store: &Store,
    actor: &Actor,
    id: SegmentId,
    sql: &'static str,
    to: &[&str],
    action: &str,
    now: Moment,
) -> Result<(), SegmentError> {
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| {
        let query = sqlx::query(sql).bind(actor.account).bind(id).bind(now);
        to.iter().fold(query, |query, value| query.bind(*value)).execute(c).await.map(|r| r.rows_affected())
    })
    .map_err(taken(to.first().copied().unwrap_or_default()))?;
    if touched == 0 {
        return Err(SegmentError::Absent);
    }
    audit::record(&mut tx, actor.account, &actor.member.to_string(), action, &id.to_string(), &json!({ "to": to.first() }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// The names of the campaigns, not over yet, that are aimed by a segment (or leave it out).
///
/// # Errors
/// The database's.
pub async fn used_by(store: &Store, account: AccountId, id: SegmentId) -> sqlx::Result<Vec<String>> {
    let pattern = format!("%{id}%");
    on!(store.read(), |c| sqlx::query_scalar(queries::SEGMENT_USERS).bind(account).bind(&pattern).fetch_all(c).await)
}

/// The account's segments by name.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Segment>> {
    on!(store.read(), |c| sqlx::query_as(queries::SEGMENTS).bind(account).fetch_all(c).await)
}

/// A live segment.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: SegmentId) -> sqlx::Result<Option<Segment>> {
    on!(store.read(), |c| sqlx::query_as(queries::SEGMENT).bind(account).bind(id).fetch_optional(c).await)
}

impl Segment {
    /// The filter, checked against the account's fields as they are now.
    ///
    /// # Errors
    /// [`SegmentError::Filter`] when a field it names is gone; the database's.
    pub async fn parse(&self, store: &Store, account: AccountId) -> Result<Filter, SegmentError> {
        let fields = field::list(store, account).await?;
        Ok(Filter::parse_kept(&self.filter, &fields)?)
    }
}

/// How many contacts are in, now.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId, filter: &Filter, zone: Tz, now: Moment) -> sqlx::Result<i64> {
    count_in(store, account, filter, zone, now, &ranges_for(store, account, filter).await?).await
}

/// The same over these ranges, all of them side by side.
pub(super) async fn count_in(
    store: &Store,
    account: AccountId,
    filter: &Filter,
    zone: Tz,
    now: Moment,
    ranges: &[IdRange],
) -> sqlx::Result<i64> {
    let counts = ranges.iter().map(async |range| -> sqlx::Result<i64> {
        let Compiled { sql, binds } = count_sql(store.engine(), account, filter, zone, now, *range);
        on!(store.read(), |c| {
            let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(account);
            if let Some((from, until)) = range.bounds() {
                query = query.bind(from).bind(until);
            }
            bind_filter!(query, &binds).fetch_one(c).await
        })
    });
    Ok(futures::future::try_join_all(counts).await?.into_iter().sum())
}

/// The count over one range: the account is `$1`, the range's bounds, if it has some, `$2` and
/// `$3`.
pub(super) fn count_sql(engine: Engine, account: AccountId, filter: &Filter, zone: Tz, now: Moment, range: IdRange) -> Compiled {
    let (within, first) = if range.bounds().is_some() { (" and c.id >= $2 and c.id < $3", 4) } else { ("", 2) };
    let Compiled { sql, binds } = filter.compile_for(range.look(), engine, account, zone, now, first);
    Compiled { sql: format!("select count(*) from contact c where c.account_id = $1 and c.deleted_at is null{within} and {sql}"), binds }
}

/// A few contacts that are in, the newest first.
///
/// # Errors
/// The database's.
pub async fn sample(store: &Store, account: AccountId, filter: &Filter, zone: Tz, now: Moment, limit: i64) -> sqlx::Result<Vec<Sample>> {
    let compiled = filter.compile(store.engine(), account, zone, now, 3);
    let sql = format!(
        "select c.id, c.name from contact c where c.account_id = $1 and c.deleted_at is null and {} order by c.id desc limit $2",
        compiled.sql
    );
    on!(store.read(), |c| bind_filter!(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account).bind(limit), &compiled.binds)
        .fetch_all(c)
        .await)
}
