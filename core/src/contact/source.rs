//! The records of CRMs that a contact is: a person may be in several.
//!
//! While a contact is one record, the contact is what that record says. Of several each keeps what
//! it says ([`Said`]), and the contact is made of them: for each field counts the word of the
//! record that was the person's first, where it says anything, unless the company chose another
//! ([`Wins`]). Records of a connection that was ended come last.

pub mod apply;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::types::Json;

use super::{Contact, CrmRef, Draft, PHONE, queries, write};
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    id::{ANY_CHANNEL, AccountId, ConnectionId, ContactId},
    on,
    store::{Store, Tx, fetch_among},
};

/// The name by which the first, last and full name are set together ([`rules`]).
pub const NAMES: &str = "name";

/// A contact's record in one CRM.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Source {
    pub connection_id: ConnectionId,
    /// The record's id there.
    pub crm_id: String,
    /// Its last change there.
    pub updated_at: Moment,
    /// Since when it is this contact's.
    pub since: Moment,
    /// What it says, where the contact has several.
    pub said: Option<Json<Said>>,
    /// What the connection is called.
    pub name: String,
    /// The connection was ended: nothing is told to it, and its word comes last.
    pub ended: bool,
}

/// What a record says of its contact.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Said {
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// By field key; only what it says anything of.
    pub values: Map<String, Value>,
    /// In the form in which tags are kept.
    pub tags: Vec<String>,
    /// In E.164.
    pub phones: Vec<String>,
}

impl Said {
    fn of(draft: &Draft, crm: &CrmRef) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            name: text(&draft.name),
            first_name: text(&draft.first_name),
            last_name: text(&draft.last_name),
            values: draft.attributes.iter().filter(|(_, value)| says(value)).map(|(key, value)| (key.clone(), value.clone())).collect(),
            tags: crm.tags.iter().filter_map(|raw| write::tag(raw)).collect(),
            phones: draft.addresses.iter().filter(|address| address.kind == PHONE).map(|address| address.value.clone()).collect(),
        }
    }
}

/// What other records say of the contacts of these records of a connection, by their ids there:
/// what one of them gives stays although this one gives it no more.
///
/// # Errors
/// The database's.
pub async fn others(
    tx: &mut Tx,
    account: AccountId,
    connection: ConnectionId,
    records: &[&str],
) -> sqlx::Result<HashMap<String, Vec<Option<Said>>>> {
    let mut found: HashMap<String, Vec<Option<Said>>> = HashMap::new();
    let rows: Vec<(String, Option<Json<Said>>)> =
        fetch_among!(tx, query_as, queries::OTHERS, [account, connection], records, |record| *record);
    for (record, said) in rows {
        found.entry(record).or_default().push(said.map(|said| said.0));
    }
    Ok(found)
}

fn says(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

/// Whose word counts for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wins {
    /// The record that was the person's first.
    #[default]
    First,
    /// The record that was changed last.
    Newest,
    /// This CRM's, where it says anything; else the first one's.
    Of(ConnectionId),
}

/// Whose word counts, by field key ([`NAMES`] for the names); a field without an entry is the
/// first's.
pub type Rules = HashMap<String, Wins>;

type RuleRow = (String, String, Option<ConnectionId>);

fn read((field, wins, connection): RuleRow) -> (String, Wins) {
    (field, connection.filter(|_| wins == "connection").map_or(Wins::Newest, Wins::Of))
}

/// What the company chose.
///
/// # Errors
/// The database's.
pub async fn rules(store: &Store, account: AccountId) -> sqlx::Result<Rules> {
    let rows: Vec<RuleRow> = on!(store.read(), |c| sqlx::query_as(queries::RULES).bind(account).fetch_all(c).await)?;
    Ok(rows.into_iter().map(read).collect())
}

pub(super) async fn rules_in(tx: &mut Tx, account: AccountId) -> sqlx::Result<Rules> {
    let rows: Vec<RuleRow> = on!(tx.conn(), |c| sqlx::query_as(queries::RULES).bind(account).fetch_all(c).await)?;
    Ok(rows.into_iter().map(read).collect())
}

/// Chooses whose word counts for a field. It is carried out for everybody who is in several CRMs
/// ([`apply`]): ring [`crate::queue::Job::ApplyChoices`].
///
/// # Errors
/// [`AccountError::Forbidden`]; [`AccountError::NotFound`] for a connection of nobody here.
pub async fn choose(store: &Store, actor: &Actor, field: &str, wins: Wins, now: Moment) -> Result<(), AccountError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::DROP_RULE).bind(actor.account).bind(field).execute(c).await.map(|_| ()))?;
    let row = match wins {
        Wins::First => None,
        Wins::Newest => Some(("newest", None)),
        Wins::Of(connection) => Some(("connection", Some(connection))),
    };
    if let Some((word, connection)) = row {
        let done = on!(tx.conn(), |c| sqlx::query(queries::ADD_RULE)
            .bind(actor.account)
            .bind(field)
            .bind(word)
            .bind(connection)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        if done == 0 {
            return Err(AccountError::NotFound);
        }
    }
    let connection = row.and_then(|(_, connection)| connection);
    let details = serde_json::json!({ "wins": row.map_or("first", |(word, _)| word), "connection": connection });
    apply::begin(&mut tx, actor.account, field, now).await?;
    by.audit(&mut tx, "field.source", field, details, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The records a contact is, the first one first; those of ended connections last.
///
/// # Errors
/// The database's.
pub async fn of_contact(store: &Store, account: AccountId, contact: ContactId) -> sqlx::Result<Vec<Source>> {
    on!(store.read(), |c| sqlx::query_as(queries::SOURCES).bind(account).bind(contact).fetch_all(c).await)
}

/// The same inside a change.
///
/// # Errors
/// The database's.
pub async fn of(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Vec<Source>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::SOURCES).bind(account).bind(contact).fetch_all(c).await)
}

/// Whose record this is, deleted contacts among them: whom a member deleted is not taken in again.
/// A record of the same account of the CRM under a connection that was ended is the same record,
/// and is this connection's from now on.
///
/// # Errors
/// The database's.
pub async fn whose(tx: &mut Tx, account: AccountId, crm: &CrmRef) -> sqlx::Result<Option<ContactId>> {
    let found: Option<ContactId> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::BY_CRM).bind(account).bind(crm.connection).bind(&crm.id).fetch_optional(c).await)?;
    if found.is_some() {
        return Ok(found);
    }
    let before: Option<(ContactId, ConnectionId)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::BY_ENDED_CRM).bind(account).bind(crm.connection).bind(&crm.id).fetch_optional(c).await)?;
    let Some((contact, ended)) = before else { return Ok(None) };
    on!(tx.conn(), |c| sqlx::query(queries::TAKE_SOURCE)
        .bind(account)
        .bind(ended)
        .bind(&crm.id)
        .bind(crm.connection)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(Some(contact))
}

/// What a record's news are to its contact.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The record was not this contact's before.
    pub attached: bool,
    /// What the contact is to be told: what the record says, after the rules.
    pub draft: Option<Draft>,
}

/// Notes what a record says of a contact, and that it is the contact's.
pub(super) async fn heard(tx: &mut Tx, account: AccountId, row: &Contact, draft: &Draft, now: Moment) -> sqlx::Result<Heard> {
    let Some(crm) = &draft.crm else { return Ok(Heard::default()) };
    let mut sources = of(tx, account, row.id).await?;
    let at = sources.iter().position(|one| one.connection_id == crm.connection && one.crm_id == crm.id);
    let attached = at.is_none();
    let alone = sources.len() == usize::from(!attached);
    if alone {
        if at.is_none_or(|at| sources[at].updated_at != crm.updated_at) {
            put(tx, account, row.id, crm, None, now).await?;
        }
        return Ok(Heard { attached, draft: None });
    }
    snapshot(tx, account, row, &mut sources).await?;
    let said = Said::of(draft, crm);
    let same = at.is_some_and(|at| sources[at].updated_at == crm.updated_at && sources[at].said.as_deref() == Some(&said));
    if !same {
        put(tx, account, row.id, crm, Some(&said), now).await?;
        sources = of(tx, account, row.id).await?;
    }
    Ok(Heard { attached, draft: Some(resolved(&rules_in(tx, account).await?, &sources, draft)) })
}

/// Writes a record of a contact down.
pub(super) async fn put(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    crm: &CrmRef,
    said: Option<&Said>,
    now: Moment,
) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::PUT_SOURCE)
        .bind(account)
        .bind(crm.connection)
        .bind(&crm.id)
        .bind(contact)
        .bind(crm.updated_at)
        .bind(now)
        .bind(said.map(Json))
        .execute(c)
        .await
        .map(|_| ()))
}

/// What a contact is was said by its records that keep no word of their own yet.
pub(super) async fn snapshot(tx: &mut Tx, account: AccountId, row: &Contact, sources: &mut [Source]) -> sqlx::Result<()> {
    if sources.iter().all(|one| one.said.is_some()) {
        return Ok(());
    }
    let said = Said {
        name: row.name.clone(),
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        values: row.attributes.clone(),
        tags: on!(tx.conn(), |c| sqlx::query_scalar(queries::CRM_TAGS).bind(account).bind(row.id).fetch_all(c).await)?,
        phones: on!(tx.conn(), |c| sqlx::query_scalar(queries::CRM_PHONES).bind(account).bind(row.id).fetch_all(c).await)?,
    };
    for one in sources.iter_mut().filter(|one| one.said.is_none()) {
        say(tx, account, one, Some(&said)).await?;
        one.said = Some(Json(said.clone()));
    }
    Ok(())
}

async fn say(tx: &mut Tx, account: AccountId, of: &Source, said: Option<&Said>) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SAY)
        .bind(account)
        .bind(of.connection_id)
        .bind(&of.crm_id)
        .bind(said.map(Json))
        .execute(c)
        .await
        .map(|_| ()))
}

/// The source whose word on something counts, of those that say anything of it. Pure.
#[must_use]
pub fn winner(wins: Wins, sources: &[Source], says: impl Fn(&Said) -> bool) -> Option<&Source> {
    let mut able = sources.iter().filter(|one| one.said.as_deref().is_some_and(&says));
    match wins {
        Wins::First => able.next(),
        Wins::Newest => able.fold(None, |best: Option<&Source>, one| match best {
            Some(best) if (!best.ended && one.ended) || (best.ended == one.ended && best.updated_at >= one.updated_at) => Some(best),
            _ => Some(one),
        }),
        Wins::Of(connection) => {
            let first = able.clone().next();
            able.find(|one| one.connection_id == connection).or(first)
        }
    }
}

/// What the contact is told where a record says `told`: of each field it speaks of the word that
/// counts. Pure.
pub(super) fn resolved(rules: &Rules, sources: &[Source], told: &Draft) -> Draft {
    let mut draft = told.clone();
    let names = rules.get(NAMES).copied().unwrap_or_default();
    for (slot, part) in [
        (&mut draft.name, (|said| &said.name) as fn(&Said) -> &String),
        (&mut draft.first_name, |said| &said.first_name),
        (&mut draft.last_name, |said| &said.last_name),
    ] {
        let best = winner(names, sources, |said| !part(said).is_empty());
        *slot = best.and_then(|one| one.said.as_deref()).map(|said| part(said).clone());
    }
    for (key, value) in &mut draft.attributes {
        let wins = rules.get(key).copied().unwrap_or_default();
        let best = winner(wins, sources, |said| said.values.contains_key(key));
        *value = best.and_then(|one| one.said.as_deref()).map_or(Value::Null, |said| said.values[key].clone());
    }
    draft
}

/// A record is a contact's no more, which stays: what that record alone said is taken away. What
/// people or files gave stays.
///
/// # Errors
/// The database's.
pub async fn let_go(tx: &mut Tx, account: AccountId, contact: ContactId, record: (ConnectionId, &str), now: Moment) -> sqlx::Result<()> {
    let (stay, gone): (Vec<Source>, Vec<Source>) =
        of(tx, account, contact).await?.into_iter().partition(|one| (one.connection_id, one.crm_id.as_str()) != record);
    on!(tx.conn(), |c| sqlx::query(queries::DROP_SOURCE).bind(account).bind(record.0).bind(record.1).execute(c).await.map(|_| ()))?;
    if stay.is_empty() {
        for sql in [queries::KEEP_CRM_TAGS, queries::KEEP_CRM_PHONES] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
        }
        return Ok(());
    }
    let Some(said) = gone.into_iter().find_map(|one| one.said) else { return Ok(()) };
    let told = Draft { attributes: said.values.iter().map(|(key, _)| (key.clone(), Value::Null)).collect(), ..Draft::default() };
    let draft = resolved(&rules_in(tx, account).await?, &stay, &told);
    write::update(tx, account, contact, &draft, now).await?;
    let others = |value: &String, of: fn(&Said) -> &Vec<String>| {
        stay.iter().any(|one| one.said.as_deref().is_none_or(|said| of(said).contains(value)))
    };
    let tags: Vec<String> = on!(tx.conn(), |c| sqlx::query_scalar(queries::CRM_TAGS).bind(account).bind(contact).fetch_all(c).await)?;
    for tag in tags.iter().filter(|tag| !others(tag, |said| &said.tags)) {
        on!(tx.conn(), |c| sqlx::query(queries::DROP_TAG).bind(account).bind(contact).bind(tag).execute(c).await.map(|_| ()))?;
    }
    let phones: Vec<String> = on!(tx.conn(), |c| sqlx::query_scalar(queries::CRM_PHONES).bind(account).bind(contact).fetch_all(c).await)?;
    for phone in phones.iter().filter(|phone| !others(phone, |said| &said.phones)) {
        write::detach_address(tx, account, contact, PHONE, phone, ANY_CHANNEL, now).await?;
    }
    alone(tx, account, contact).await
}

/// A record became `survivor` in its CRM, which merged them. A survivor whom nobody here is is the
/// record's contact from now on; of one who is somebody the record is let go without a word, for
/// what it said is the survivor's, who is taken in whole when they are read next.
///
/// # Errors
/// The database's.
pub async fn become_of(
    tx: &mut Tx,
    account: AccountId,
    (connection, record): (ConnectionId, &str),
    survivor: &str,
    known: bool,
) -> sqlx::Result<()> {
    if !known {
        let sql = queries::RENAME_SOURCE;
        return on!(tx.conn(), |c| sqlx::query(sql)
            .bind(account)
            .bind(connection)
            .bind(record)
            .bind(survivor)
            .execute(c)
            .await
            .map(|_| ()));
    }
    for (sql, id) in [(queries::DROP_SOURCE, record), (queries::READ_ANEW, survivor)] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(connection).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// A contact that is one record is what that one says: nothing is kept beside.
///
/// # Errors
/// The database's.
pub async fn alone(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<()> {
    match of(tx, account, contact).await?.as_slice() {
        [one] if one.said.is_some() => say(tx, account, one, None).await,
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
