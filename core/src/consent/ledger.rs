//! The ledger: append-only; what it amounts to is kept on the contact, computed anew in the entry's
//! own transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Action, Grade, NewConsent, Purpose, Step, grade_of, queries};
use crate::{
    clock::Moment,
    id::{AccountId, ContactId},
    on,
    store::{Db, Tx, groups, heed, marks, trail::consents::Fact, values},
};

/// Entries that are looked at together.
const CHUNK: usize = 250;

/// Takes the contacts' rows for the transaction, so that two entries of one contact are counted one
/// after the other. Returns those the account has.
pub(super) async fn hold(tx: &mut Tx, account: AccountId, contacts: &[ContactId]) -> sqlx::Result<BTreeSet<ContactId>> {
    let rows: Vec<ContactId> = match tx.conn() {
        // One writer: nobody else can be here.
        Db::Sqlite(c) => {
            let sql = format!("select id from contact where account_id = ? and id in ({})", marks(contacts.len()));
            let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(account);
            for contact in contacts {
                query = query.bind(*contact);
            }
            heed(query.fetch_all(c).await)?
        }
        Db::Postgres(c) => {
            sqlx::query_scalar("select id from contact where account_id = $1 and id = any($2) order by id for update")
                .bind(account)
                .bind(uuids(contacts))
                .fetch_all(c)
                .await?
        }
    };
    Ok(rows.into_iter().collect())
}

fn uuids(contacts: &[ContactId]) -> Vec<uuid::Uuid> {
    contacts.iter().map(|contact| contact.0).collect()
}

/// Appends one entry, whether or not it changes what the contact's consents amount to (a repeated
/// «no» is evidence too), and refolds the contact.
///
/// # Errors
/// The database's; [`sqlx::Error::RowNotFound`] when the account has no such contact.
pub async fn record(tx: &mut Tx, new: NewConsent, now: Moment) -> sqlx::Result<()> {
    if !hold(tx, new.account, &[new.contact]).await?.contains(&new.contact) {
        return Err(sqlx::Error::RowNotFound);
    }
    let batch = chain(tx, new.account, &[&new], now);
    on!(tx.conn(), |c| sqlx::query(queries::INSERT)
        .bind(new.account)
        .bind(new.contact)
        .bind(new.purpose)
        .bind(new.action)
        .bind(new.grade)
        .bind(new.wording)
        .bind(new.channel)
        .bind(sqlx::types::Json(&new.evidence))
        .bind(&new.actor)
        .bind(new.at.min(now))
        .bind(now)
        .bind(batch)
        .execute(c)
        .await
        .map(|_| ()))?;
    let steps: Vec<(Action, Grade, Moment, i64)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::STEPS).bind(new.account).bind(new.contact).bind(new.purpose).fetch_all(c).await)?;
    let steps: Vec<Step> = steps.into_iter().map(|(action, grade, at, id)| Step { action, grade, at, id }).collect();
    let sql = match new.purpose {
        Purpose::Marketing => queries::SET_MARKETING,
        Purpose::PersonalData => queries::SET_PERSONAL_DATA,
    };
    on!(tx.conn(), |c| sqlx::query(sql).bind(new.account).bind(new.contact).bind(grade_of(&steps)).execute(c).await.map(|_| ()))
}

/// Appends those entries that change what their contact's consents amount to, in few statements,
/// and refolds: for sync and import, where the same facts come again and again. Contacts of other
/// accounts are passed over, and so are grants on weaker evidence after a withdrawal in the
/// person's own chat. Returns how many entries were appended.
///
/// # Errors
/// The database's.
pub async fn record_many(tx: &mut Tx, account: AccountId, new: &[NewConsent], now: Moment) -> sqlx::Result<u64> {
    let mut appended = 0;
    for chunk in new.chunks(CHUNK) {
        appended += record_chunk(tx, account, chunk, now).await?;
    }
    Ok(appended)
}

async fn record_chunk(tx: &mut Tx, account: AccountId, new: &[NewConsent], now: Moment) -> sqlx::Result<u64> {
    let asked: BTreeSet<ContactId> = new.iter().filter(|n| n.account == account).map(|n| n.contact).collect();
    if asked.is_empty() {
        return Ok(0);
    }
    let contacts: Vec<ContactId> = hold(tx, account, &asked.into_iter().collect::<Vec<_>>()).await?.into_iter().collect();
    if contacts.is_empty() {
        return Ok(0);
    }

    // What is there.
    const STEPS: &str = "select contact_id, purpose, action, grade, at, id from consent where account_id =";
    type Row = (ContactId, Purpose, Action, Grade, Moment, i64);
    let rows: Vec<Row> = match tx.conn() {
        Db::Sqlite(c) => {
            let mut query =
                sqlx::query_as(sqlx::AssertSqlSafe(format!("{STEPS} ? and contact_id in ({})", marks(contacts.len())))).bind(account);
            for contact in &contacts {
                query = query.bind(*contact);
            }
            heed(query.fetch_all(c).await)?
        }
        Db::Postgres(c) => {
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{STEPS} $1 and contact_id = any($2)")))
                .bind(account)
                .bind(uuids(&contacts))
                .fetch_all(c)
                .await?
        }
    };
    let mut ledgers: HashMap<(ContactId, Purpose), Vec<Step>> = HashMap::new();
    for (contact, purpose, action, grade, at, id) in rows {
        ledgers.entry((contact, purpose)).or_default().push(Step { action, grade, at, id });
    }

    // What would change it.
    let known: BTreeSet<ContactId> = contacts.iter().copied().collect();
    let mut append: Vec<&NewConsent> = Vec::new();
    let mut changed: BTreeMap<(Purpose, ContactId), Option<Grade>> = BTreeMap::new();
    for (entry, id) in new.iter().zip(i64::MAX - CHUNK as i64..) {
        if entry.account != account || !known.contains(&entry.contact) {
            continue;
        }
        let ledger = ledgers.entry((entry.contact, entry.purpose)).or_default();
        // What the person said in their own chat no box in a CRM and no file takes back; they come
        // back themselves.
        let last = ledger.iter().max_by_key(|s| (s.at, s.id));
        if entry.action == Action::Granted
            && entry.grade > Grade::A
            && last.is_some_and(|s| s.action == Action::Withdrawn && s.grade == Grade::A)
        {
            continue;
        }
        let before = grade_of(ledger);
        // Numbers of entries to come are above every number there is.
        ledger.push(Step { action: entry.action, grade: entry.grade, at: entry.at.min(now), id });
        let after = grade_of(ledger);
        if before == after {
            ledger.pop();
        } else {
            append.push(entry);
            changed.insert((entry.purpose, entry.contact), after);
        }
    }
    if append.is_empty() {
        return Ok(0);
    }

    // Append and refold.
    insert(tx, account, &append, now).await?;
    let mut by_grade: BTreeMap<(Purpose, Option<Grade>), Vec<ContactId>> = BTreeMap::new();
    for ((purpose, contact), grade) in changed {
        by_grade.entry((purpose, grade)).or_default().push(contact);
    }
    for ((purpose, grade), contacts) in by_grade {
        let column = match purpose {
            Purpose::Marketing => "marketing_grade",
            Purpose::PersonalData => "personal_data_grade",
        };
        match tx.conn() {
            Db::Sqlite(c) => {
                let sql = format!("update contact set {column} = ? where account_id = ? and id in ({})", marks(contacts.len()));
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(grade).bind(account);
                for contact in &contacts {
                    query = query.bind(*contact);
                }
                heed(query.execute(c).await)?;
            }
            Db::Postgres(c) => {
                let sql = format!("update contact set {column} = $1 where account_id = $2 and id = any($3)");
                sqlx::query(sqlx::AssertSqlSafe(sql)).bind(grade).bind(account).bind(uuids(&contacts)).execute(c).await?;
            }
        }
    }
    Ok(append.len() as u64)
}

/// Appends the first entries of contacts that were made in this very transaction, each with its
/// consents at what these entries amount to ([`grade_of`]): nothing is there to be read or folded
/// again.
///
/// # Errors
/// The database's.
pub async fn record_first(tx: &mut Tx, account: AccountId, new: &[NewConsent], now: Moment) -> sqlx::Result<()> {
    insert(tx, account, &new.iter().filter(|entry| entry.account == account).collect::<Vec<_>>(), now).await
}

/// Adds the entries to what this change chains, in the order they are inserted; gives the batch
/// they belong to.
fn chain(tx: &mut Tx, account: AccountId, new: &[&NewConsent], now: Moment) -> Option<uuid::Uuid> {
    let untraced = tx.is_untraced();
    let batch = tx.consents(account, now);
    for entry in new {
        batch.add(&Fact {
            contact: entry.contact.0,
            purpose: entry.purpose.as_str(),
            action: entry.action.as_str(),
            grade: entry.grade as i16,
            wording: entry.wording.map(|id| id.0),
            channel: entry.channel.map(|id| id.0),
            evidence: &entry.evidence,
            actor: &entry.actor,
            at: entry.at.min(now),
            recorded_at: now,
        });
    }
    (!untraced).then_some(batch.id)
}

async fn insert(tx: &mut Tx, account: AccountId, new: &[&NewConsent], now: Moment) -> sqlx::Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let batch = chain(tx, account, new, now);
    match tx.conn() {
        Db::Sqlite(c) => {
            for part in groups(new) {
                let sql = format!(
                    "insert into consent (account_id, contact_id, purpose, action, grade, wording_id, channel_id, evidence, actor, at, recorded_at, batch) \
                     values {}",
                    values(part.len(), 12)
                );
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                for entry in part {
                    query = query
                        .bind(account)
                        .bind(entry.contact)
                        .bind(entry.purpose)
                        .bind(entry.action)
                        .bind(entry.grade)
                        .bind(entry.wording)
                        .bind(entry.channel)
                        .bind(sqlx::types::Json(&entry.evidence))
                        .bind(&entry.actor)
                        .bind(entry.at.min(now))
                        .bind(now)
                        .bind(batch);
                }
                heed(query.execute(&mut *c).await)?;
            }
        }
        Db::Postgres(c) => {
            sqlx::query(
                "insert into consent (account_id, contact_id, purpose, action, grade, wording_id, channel_id, evidence, actor, at, recorded_at, batch) \
                 select $1, u.contact_id, u.purpose, u.action, u.grade, u.wording_id, u.channel_id, u.evidence, u.actor, u.at, $2, $12 \
                 from unnest($3::uuid[], $4::text[], $5::text[], $6::smallint[], $7::uuid[], $8::uuid[], $9::jsonb[], $10::text[], \
                 $11::timestamptz[]) with ordinality as u(contact_id, purpose, action, grade, wording_id, channel_id, evidence, actor, at, n) \
                 order by u.n",
            )
            .bind(account)
            .bind(now)
            .bind(new.iter().map(|entry| entry.contact.0).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| entry.purpose.as_str()).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| entry.grade as i16).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| entry.wording.map(|id| id.0)).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| entry.channel.map(|id| id.0)).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| sqlx::types::Json(&entry.evidence)).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| entry.actor.as_str()).collect::<Vec<_>>())
            .bind(new.iter().map(|entry| entry.at.min(now)).collect::<Vec<_>>())
            .bind(batch)
            .execute(c)
            .await?;
        }
    }
    Ok(())
}
