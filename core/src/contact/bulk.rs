//! Many new contacts in few statements: what makes an import quick.

use std::fmt::Write as _;

use sqlx::types::Json;

use super::{Draft, tag, write::New};
use crate::{
    clock::Moment,
    id::{AccountId, AddressId, ChannelId, ContactId},
    on,
    store::Tx,
};

/// `($1, $2), ($3, $4)`: `rows` groups of `columns` placeholders.
fn groups(rows: usize, columns: usize) -> String {
    let mut out = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        out.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            // Writing into a String cannot fail.
            let _ = write!(out, "{}${}", if column == 1 { "" } else { ", " }, row * columns + column);
        }
        out.push(')');
    }
    out
}

/// Placeholders `$first …` by commas.
fn list(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// Whose these addresses of one kind are, where somebody's: value and contact.
///
/// # Errors
/// The database's.
pub async fn holders(
    tx: &mut Tx,
    account: AccountId,
    kind: &str,
    scope: ChannelId,
    values: &[&str],
) -> sqlx::Result<Vec<(String, ContactId)>> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select value, contact_id from address where account_id = $1 and kind = $2 and scope_id = $3 and value in ({})",
        list(4, values.len())
    );
    on!(tx.conn(), |c| {
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account).bind(kind).bind(scope);
        for value in values {
            query = query.bind(*value);
        }
        query.fetch_all(c).await
    })
}

/// Adds contacts that are all new, with their tags and addresses. `false`: somebody took one of the addresses meanwhile,
/// and the whole change must be dropped and tried again.
///
/// # Errors
/// The database's.
pub async fn insert_many(tx: &mut Tx, account: AccountId, drafts: &[(ContactId, &Draft)], now: Moment) -> sqlx::Result<bool> {
    if drafts.is_empty() {
        return Ok(true);
    }
    let sql = format!(
        "insert into contact (id, account_id, name, first_name, last_name, search, language, zone, attributes, folded, source, created_at, updated_at) values {}",
        groups(drafts.len(), 13)
    );
    let rows: Vec<New> = drafts.iter().map(|(_, draft)| New::of(draft)).collect();
    on!(tx.conn(), |c| {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for ((id, draft), row) in drafts.iter().zip(&rows) {
            query = query
                .bind(*id)
                .bind(account)
                .bind(&row.name)
                .bind(&row.first_name)
                .bind(&row.last_name)
                .bind(&row.search)
                .bind(&row.language)
                .bind(&row.zone)
                .bind(Json(&row.attributes))
                .bind(Json(&row.folded))
                .bind(&draft.source)
                .bind(now)
                .bind(now);
        }
        query.execute(c).await.map(|_| ())
    })?;
    insert_tags(tx, account, drafts).await?;
    insert_addresses(tx, account, drafts, now).await
}

/// Rows of one statement of few columns.
const CHUNK: usize = 1_000;

async fn insert_tags(tx: &mut Tx, account: AccountId, drafts: &[(ContactId, &Draft)]) -> sqlx::Result<()> {
    let tags: Vec<(ContactId, String)> =
        drafts.iter().flat_map(|(id, draft)| draft.tags.iter().filter_map(|raw| tag(raw)).map(|tag| (*id, tag))).collect();
    for part in tags.chunks(CHUNK) {
        let sql = format!(
            "insert into contact_tag (contact_id, tag, account_id) values {} on conflict (contact_id, tag) do nothing",
            groups(part.len(), 3)
        );
        on!(tx.conn(), |c| {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (id, tag) in part {
                query = query.bind(*id).bind(tag).bind(account);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

async fn insert_addresses(tx: &mut Tx, account: AccountId, drafts: &[(ContactId, &Draft)], now: Moment) -> sqlx::Result<bool> {
    let addresses: Vec<_> = drafts.iter().flat_map(|(id, draft)| draft.addresses.iter().map(|address| (*id, address))).collect();
    for part in addresses.chunks(CHUNK) {
        let sql = format!(
            "insert into address (id, account_id, contact_id, kind, value, scope_id, raw, state, created_at, updated_at) values {} \
             on conflict (account_id, kind, value, scope_id) do nothing",
            groups(part.len(), 10)
        );
        let added = on!(tx.conn(), |c| {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (contact, address) in part {
                query = query
                    .bind(AddressId::new())
                    .bind(account)
                    .bind(*contact)
                    .bind(&address.kind)
                    .bind(&address.value)
                    .bind(address.scope)
                    .bind(&address.raw)
                    .bind("unknown")
                    .bind(now)
                    .bind(now);
            }
            query.execute(c).await.map(|r| r.rows_affected())
        })?;
        if added != part.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Of these contacts, those whom a consent of this grade on paper or by word must not touch: they said stop or took an
/// advertising consent back, or their consents are as good already.
///
/// # Errors
/// The database's.
pub async fn needing_no_consent(tx: &mut Tx, account: AccountId, contacts: &[ContactId], grade: i16) -> sqlx::Result<Vec<ContactId>> {
    if contacts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select c.id from contact c where c.account_id = $1 and c.id in ({}) and (c.opted_out_at is not null \
         or (c.marketing_grade <= $2 and c.personal_data_grade <= $2) \
         or exists (select 1 from consent e where e.contact_id = c.id and e.purpose = 'marketing' and e.action = 'withdrawn'))",
        list(3, contacts.len())
    );
    on!(tx.conn(), |c| {
        let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(account).bind(grade);
        for contact in contacts {
            query = query.bind(*contact);
        }
        query.fetch_all(c).await
    })
}
