//! Two contacts that are one person, as far as this room goes: names, values, tags, addresses,
//! records of CRMs, occasions. [`unite`] gives all of one contact to the other and says what each
//! had; [`divide`] gives it back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Contact, Draft, occasion::OccasionKind, queries, source, write};
use crate::{
    clock::Moment,
    id::{AccountId, AddressId, ChannelId, ConnectionId, ContactId},
    on,
    store::Tx,
};

/// What a contact's row says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Words {
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub language: Option<String>,
    pub zone: Option<String>,
    pub values: Map<String, Value>,
}

impl Words {
    fn of(row: &Contact) -> Self {
        Self {
            name: row.name.clone(),
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            language: row.language.clone(),
            zone: row.zone.clone(),
            values: row.attributes.clone(),
        }
    }

    fn into_row(self, row: &Contact) -> Contact {
        Contact {
            name: self.name,
            first_name: self.first_name,
            last_name: self.last_name,
            language: self.language,
            zone: self.zone,
            attributes: self.values,
            ..row.clone()
        }
    }

    /// With what another one knows besides.
    fn filled(mut self, other: &Self) -> Self {
        for (mine, theirs) in
            [(&mut self.name, &other.name), (&mut self.first_name, &other.first_name), (&mut self.last_name, &other.last_name)]
        {
            if mine.is_empty() {
                mine.clone_from(theirs);
            }
        }
        self.language = self.language.or_else(|| other.language.clone());
        self.zone = self.zone.or_else(|| other.zone.clone());
        for (key, value) in &other.values {
            self.values.entry(key.clone()).or_insert_with(|| value.clone());
        }
        self
    }

    /// As it was before, but for what changed since it became `became`.
    fn without(&self, became: &Self, before: &Self) -> Self {
        let text = |now: &String, then: &String, old: &String| if now == then { old.clone() } else { now.clone() };
        let option =
            |now: &Option<String>, then: &Option<String>, old: &Option<String>| if now == then { old.clone() } else { now.clone() };
        let mut values = self.values.clone();
        for key in became.values.keys().chain(before.values.keys()) {
            if self.values.get(key) == became.values.get(key) {
                match before.values.get(key) {
                    Some(old) => drop(values.insert(key.clone(), old.clone())),
                    None => drop(values.remove(key)),
                }
            }
        }
        Self {
            name: text(&self.name, &became.name, &before.name),
            first_name: text(&self.first_name, &became.first_name, &before.first_name),
            last_name: text(&self.last_name, &became.last_name, &before.last_name),
            language: option(&self.language, &became.language, &before.language),
            zone: option(&self.zone, &became.zone, &before.zone),
            values,
        }
    }
}

type Former = (String, String, ChannelId, Moment);

/// What is kept of two contacts that became one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Kept {
    /// Whoever stays, before and after.
    pub before: Words,
    pub became: Words,
    /// Whoever goes.
    pub went: Words,
    /// Their tags, and whether a CRM gave them.
    tags: Vec<(String, bool)>,
    /// Those of them that whoever stays had not.
    new_tags: Vec<String>,
    addresses: Vec<AddressId>,
    former: Vec<Former>,
    records: Vec<(ConnectionId, String)>,
    occasions: Vec<(ConnectionId, OccasionKind, String)>,
    /// Whom they had become one with before.
    merged: Vec<ContactId>,
}

async fn row(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Contact> {
    on!(tx.conn(), |c| sqlx::query_as(queries::CONTACT).bind(account).bind(contact).fetch_one(c).await)
}

/// Runs a statement that gives what is one contact's to another.
macro_rules! give {
    ($tx:expr, $sql:expr, $account:expr, $from:expr, $to:expr $(, $bind:expr)*) => {
        on!($tx.conn(), |c| sqlx::query($sql).bind($account).bind($from).bind($to)$(.bind($bind))*.execute(c).await.map(|_| ()))
    };
}

/// Gives what `goes` has to `stays`, but for its occasions, which follow with its deletion.
///
/// # Errors
/// The database's.
pub async fn unite(tx: &mut Tx, account: AccountId, (goes, stays): (ContactId, ContactId), now: Moment) -> sqlx::Result<Kept> {
    let (their, mine) = (row(tx, account, goes).await?, row(tx, account, stays).await?);
    let mut sources = [source::of(tx, account, goes).await?, source::of(tx, account, stays).await?];
    let several = sources.iter().map(Vec::len).sum::<usize>() > 1;
    if several {
        for (row, sources) in [&their, &mine].into_iter().zip(&mut sources) {
            source::snapshot(tx, account, row, sources).await?;
        }
    }
    let tags_of = queries::TAGS_OF;
    let tags: Vec<(String, bool)> = on!(tx.conn(), |c| sqlx::query_as(tags_of).bind(account).bind(goes).fetch_all(c).await)?;
    let had: Vec<String> = on!(tx.conn(), |c| sqlx::query_scalar(queries::TAGS).bind(account).bind(stays).fetch_all(c).await)?;
    let mut kept = Kept {
        before: Words::of(&mine),
        went: Words::of(&their),
        new_tags: tags.iter().map(|(tag, _)| tag.clone()).filter(|tag| !had.contains(tag)).collect(),
        tags,
        addresses: on!(tx.conn(), |c| sqlx::query_scalar(queries::ADDRESS_IDS).bind(account).bind(goes).fetch_all(c).await)?,
        former: on!(tx.conn(), |c| sqlx::query_as(queries::FORMER_OF).bind(account).bind(goes).fetch_all(c).await)?,
        records: sources[0].iter().map(|one| (one.connection_id, one.crm_id.clone())).collect(),
        occasions: on!(tx.conn(), |c| sqlx::query_as(queries::OCCASIONS_BY_KEY).bind(account).bind(goes).fetch_all(c).await)?,
        merged: on!(tx.conn(), |c| sqlx::query_scalar(queries::MERGED).bind(account).bind(goes).fetch_all(c).await)?,
        became: Words::default(),
    };
    for sql in [queries::MOVE_FORMER, queries::MOVE_TAGS, queries::MOVE_SOURCES] {
        give!(tx, sql, account, goes, stays)?;
    }
    give!(tx, queries::MOVE_ADDRESSES, account, goes, stays, now)?;
    let mut new = kept.before.clone().filled(&kept.went).into_row(&mine);
    if several {
        new = said(tx, account, &new).await?;
    }
    if new != mine {
        write::save(tx, &new, account, now).await?;
    }
    kept.became = Words::of(&new);
    Ok(kept)
}

/// A contact as its records say it is, after the rules.
async fn said(tx: &mut Tx, account: AccountId, row: &Contact) -> sqlx::Result<Contact> {
    let sources = source::of(tx, account, row.id).await?;
    let keys: BTreeSet<&String> = sources.iter().filter_map(|one| one.said.as_deref()).flat_map(|said| said.values.keys()).collect();
    let told = Draft { attributes: keys.into_iter().map(|key| (key.clone(), Value::Null)).collect(), ..Draft::default() };
    let rules = source::rules_in(tx, account).await?;
    Ok(write::revised(row, &source::resolved(&rules, &sources, &told)))
}

/// Gives back what was whoever's who became `stays`; what came since stays there. `false`: they are
/// not one any more.
///
/// # Errors
/// The database's.
pub async fn divide(
    tx: &mut Tx,
    account: AccountId,
    (stays, goes): (ContactId, ContactId),
    kept: &Kept,
    now: Moment,
) -> sqlx::Result<bool> {
    let revived = on!(tx.conn(), |c| sqlx::query(queries::REVIVE)
        .bind(account)
        .bind(goes)
        .bind(stays)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if revived == 0 {
        return Ok(false);
    }
    tx.contacts_moved(account, 1);
    for one in &kept.merged {
        give!(tx, queries::MERGED_AGAIN, account, stays, goes, one)?;
    }
    for (connection, id) in &kept.records {
        give!(tx, queries::GIVE_SOURCE, account, stays, goes, connection, id)?;
    }
    for address in &kept.addresses {
        give!(tx, queries::GIVE_ADDRESS, account, stays, goes, address, now)?;
    }
    // On the company's list they stay, both of them.
    for (kind, value, scope, until) in &kept.former {
        on!(tx.conn(), |c| sqlx::query(queries::HAD_FORMER)
            .bind(account)
            .bind(goes)
            .bind(kind)
            .bind(value)
            .bind(scope)
            .bind(until)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    for (tag, from_crm) in &kept.tags {
        on!(tx.conn(), |c| sqlx::query(queries::GIVE_TAG).bind(account).bind(goes).bind(tag).bind(from_crm).execute(c).await.map(|_| ()))?;
    }
    for tag in &kept.new_tags {
        on!(tx.conn(), |c| sqlx::query(queries::DROP_TAG).bind(account).bind(stays).bind(tag).execute(c).await.map(|_| ()))?;
    }
    let left = source::of(tx, account, stays).await?;
    for (connection, _) in kept.records.iter().filter(|(id, _)| left.iter().all(|one| one.connection_id != *id)) {
        give!(tx, queries::GIVE_OCCASIONS, account, stays, goes, connection)?;
    }
    for (connection, kind, id) in &kept.occasions {
        give!(tx, queries::GIVE_OCCASION, account, stays, goes, connection, kind, id)?;
    }
    let mine = row(tx, account, stays).await?;
    let words = Words::of(&mine).without(&kept.became, &kept.before);
    let their = kept.went.clone().into_row(&row(tx, account, goes).await?);
    for new in [words.into_row(&mine), their] {
        let new = said(tx, account, &new).await?;
        write::save(tx, &new, account, now).await?;
        source::alone(tx, account, new.id).await?;
    }
    Ok(true)
}
