//! A page of CRM contacts becomes contacts here, in the caller's transaction: fields, tags, phones,
//! consents, opt-outs.
//!
//! Repeatable: the same page again changes nothing. What the CRM gave (tags, phones) is taken away
//! when the CRM takes it away; what people, customers or another CRM gave stays. A phone belongs to
//! one contact: the second is kept without it, and counted. Of a CRM that gives all its records at
//! once, those alone are taken in that are not as they were ([`changed`]).

mod plain;
mod preview;
mod whole;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use super::join;
use crate::{
    account::usage,
    clock::Moment,
    consent::{self, Action, NewConsent},
    contact::{
        self, CrmRef, DeletedBy, Draft, NewAddress, Outcome,
        alike::{self, Shared},
        names::{self, NameOrder},
        page,
        source::{self, Said},
    },
    crm::{
        CrmChange, CrmContact,
        connection::{Connection, Stats},
        queries, registry, write_back,
    },
    delivery,
    id::{ANY_CHANNEL, AccountId, ConnectionId, ContactId},
    on,
    opt_out::{OptOutBy, OptOutDone, OptOutHow, opt_out},
    store::{Store, Tx, usage::settle_contacts},
    text::phone,
    words::Reason,
};
use plain::{Other, Plain, plain, tags};

pub use preview::{Counted, Person, Preview, preview};
pub use whole::changed;

/// Where a contact came from that a CRM told of first.
const FROM_CRM: &str = "crm";

/// How the account reads what the CRM holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Its time zone: a date of a CRM that tells no zone of its own is a day there.
    pub zone: chrono_tz::Tz,
    /// The region of phones without a country code.
    pub region: String,
}

const READER: &str = "select zone, phone_region from account where id = $1";

impl Reader {
    /// The account's.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(store: &Store, account: AccountId) -> sqlx::Result<Self> {
        let (zone, region): (String, String) = on!(store.read(), |c| sqlx::query_as(READER).bind(account).fetch_one(c).await)?;
        Ok(Self { zone: zone.parse().unwrap_or(chrono_tz::UTC), region })
    }
}

/// `$2, $3, $4`: so many from the first.
pub(super) fn placeholders(count: usize, first: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// Takes a page in. Contacts marked as deleted are deleted. New ones that the plan has no room for
/// are left out and counted, except those whose checkbox says stop: that is taken even beyond the
/// limit.
///
/// # Errors
/// The database's; [`sqlx::Error::RowNotFound`] when somebody else took the last room of the plan
/// meanwhile: drop the change, and take the page in once more.
pub async fn page(tx: &mut Tx, connection: &Connection, contacts: &[CrmContact], reader: &Reader, now: Moment) -> sqlx::Result<Stats> {
    let mut stats = Stats::default();
    let gone: Vec<String> = contacts.iter().filter(|contact| contact.deleted).map(|contact| contact.id.clone()).collect();
    stats.deleted += delete(tx, connection, &gone, now).await?;
    // The same record twice on a page that shifted: the later change counts.
    let mut page: BTreeMap<&str, &CrmContact> = BTreeMap::new();
    for contact in contacts.iter().filter(|contact| !contact.deleted) {
        let slot = page.entry(contact.id.as_str()).or_insert(contact);
        if contact.updated_at > slot.updated_at {
            *slot = contact;
        }
    }
    if page.is_empty() {
        return Ok(stats);
    }

    let order = names::order(page.values().map(|contact| contact.name.as_str()));
    let drafts: Vec<(&CrmContact, Draft)> =
        page.values().map(|contact| (*contact, draft(connection, contact, reader, order, &mut stats))).collect();
    free(tx, connection, &drafts, now).await?;

    let account = connection.account_id;
    let mut room = usage::room_for_contacts(tx, account, now).await?;
    let mut beside = 0;
    let whole = registry::capabilities(connection.kind).whole;
    // What such a CRM gives was compared already, record by record.
    let Plain { mut known, others } =
        if whole { Plain::none_of(&drafts) } else { plain(tx, connection, &drafts, &mut room.left, now, &mut stats).await? };
    for Other { record: (contact, draft), added } in others {
        let done = if let Some(added) = added {
            added
        } else {
            match contact::known(tx, account, draft).await? {
                Some(id) => contact::update(tx, account, id, draft, now).await?,
                None if room.left <= 0
                    && connection.settings.opted_out(contact) != Some(true)
                    && !join::will_join(tx, account, draft).await? =>
                {
                    stats.left_out += 1;
                    continue;
                }
                None => {
                    beside += i64::from(room.left <= 0);
                    room.left -= 1;
                    contact::create(tx, account, draft, now).await?
                }
            }
        };
        stats.cut_names += u64::from(contact::cuts_a_name(draft));
        match done.outcome {
            Outcome::Created => stats.created += 1,
            Outcome::Updated => stats.updated += 1,
            Outcome::Unchanged => {}
            // A person deleted it here: the CRM has no say.
            Outcome::Deleted => continue,
        }
        let (id, gone) = join::by_phones(tx, account, done.contact, &done.taken, now).await?;
        if let Some(gone) = gone {
            // One contact less than was counted.
            if done.outcome == Outcome::Created {
                stats.created -= 1;
                stats.updated += 1;
                beside -= i64::from(room.left < 0);
                room.left += 1;
            }
            for (known, _) in known.iter_mut().filter(|(known, _)| *known == gone) {
                *known = id;
            }
            // Of several records each keeps its own word.
            contact::update(tx, account, id, draft, now).await?;
        } else {
            stats.shared_phones += done.taken.len() as u64;
        }
        if done.attached {
            same_emails(tx, account, id, contact, now).await?;
        }
        let done = contact::Upserted { contact: id, ..done };
        if done.attached && done.outcome != Outcome::Created {
            told_of_stop(tx, connection, done.contact, now).await?;
        }
        for address in draft.addresses.iter().filter(|address| !done.taken.iter().any(|(taken, _)| taken == *address)) {
            mark_phone(tx, connection.account_id, done.contact, &address.value).await?;
        }
        for tag in tags(contact) {
            on!(tx.conn(), |c| sqlx::query(queries::ADD_CRM_TAG)
                .bind(done.contact)
                .bind(&tag)
                .bind(connection.account_id)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        // Who lacks a phone that is another's comes again: it may be free then.
        if whole && done.taken.is_empty() {
            let digest = whole::digest(connection, contact, reader);
            on!(tx.conn(), |c| sqlx::query(queries::SET_DIGEST)
                .bind(account)
                .bind(connection.id)
                .bind(&contact.id)
                .bind(digest)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        known.push((done.contact, *contact));
    }
    if !whole {
        let seen: Vec<_> = known.iter().map(|(id, contact)| (*id, contact.id.as_str(), contact.updated_at)).collect();
        page::saw(tx, account, connection.id, &seen, now).await?;
    }
    stats.opted_out += opt_outs(tx, connection, &known, now).await?;
    stats.consents += consents(tx, connection, &known, now).await?;
    if settle_contacts(tx, account, room.allowed, beside).await? { Ok(stats) } else { Err(sqlx::Error::RowNotFound) }
}

/// Somebody else has an e-mail of a record that is new here: they may be one person.
async fn same_emails(tx: &mut Tx, account: AccountId, contact: ContactId, record: &CrmContact, now: Moment) -> sqlx::Result<()> {
    for email in &record.emails {
        let email = email.trim().to_lowercase();
        let holder = contact::resolve_in(tx, account, contact::EMAIL, &email, ANY_CHANNEL).await?;
        if let Some(holder) = holder.filter(|holder| *holder != contact) {
            alike::note(tx, account, (contact, holder), Shared::Email, now).await?;
        }
    }
    Ok(())
}

/// Somebody who said stop turned out to be a record of this CRM, too: it is told.
async fn told_of_stop(tx: &mut Tx, connection: &Connection, contact: ContactId, now: Moment) -> sqlx::Result<()> {
    let account = connection.account_id;
    let out: Option<Option<Moment>> =
        on!(tx.conn(), |c| sqlx::query_scalar(super::queries::OUT_SINCE).bind(account).bind(contact).fetch_optional(c).await)?;
    if out.flatten().is_some() {
        let key = format!("attached:{}", now.timestamp_millis());
        write_back::enqueue_for(tx, account, (contact, Some(connection.id)), &CrmChange::OptOut(true), &key, now).await?;
    }
    Ok(())
}

async fn mark_phone(tx: &mut Tx, account: AccountId, contact: ContactId, value: &str) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::MARK_CRM_PHONE).bind(account).bind(contact).bind(value).execute(c).await.map(|_| ()))
}

fn draft(connection: &Connection, contact: &CrmContact, reader: &Reader, order: Option<NameOrder>, stats: &mut Stats) -> Draft {
    let mut addresses: Vec<NewAddress> = Vec::new();
    for cell in &contact.phones {
        let read = phone::read_cell(cell, &reader.region);
        stats.bad_phones += read.unread.len() as u64;
        for one in read.found {
            if addresses.iter().all(|address| address.value != one.e164) {
                addresses.push(NewAddress::phone(one.e164, &one.raw));
            }
        }
    }
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (first_name, last_name) = parts(contact, order);
    // Its dates are midnights where the CRM is at home.
    let zone = connection.sync_cursor.zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(reader.zone);
    Draft {
        name: some(&contact.name),
        first_name,
        last_name,
        attributes: connection.settings.attributes(contact, zone),
        addresses,
        source: FROM_CRM.to_owned(),
        crm: Some(CrmRef { connection: connection.id, id: contact.id.clone(), updated_at: contact.updated_at, tags: contact.tags.clone() }),
        ..Draft::default()
    }
}

/// First and last name: the CRM's, or those of the whole name where it was typed into one field.
/// `order` is the page's; a name that only a page can tell stays as it was when it comes alone.
fn parts(contact: &CrmContact, order: Option<NameOrder>) -> (Option<String>, Option<String>) {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let whole = contact.last_name.is_empty() && (contact.first_name.is_empty() || contact.first_name == contact.name);
    if whole {
        if let Some(parts) = names::split(&contact.name, order) {
            return (some(&parts.first), some(&parts.last));
        }
        if names::split(&contact.name, Some(NameOrder::FirstLast)).is_some() {
            return (None, None);
        }
    }
    (some(&contact.first_name), some(&contact.last_name))
}

/// Takes away what the CRM gave before and gives no more, of all contacts of the page before any
/// gets something new: a phone that moved from one to another is free when the other asks for it.
async fn free(tx: &mut Tx, connection: &Connection, drafts: &[(&CrmContact, Draft)], now: Moment) -> sqlx::Result<()> {
    let ids = placeholders(drafts.len(), 2);
    type Row = (ContactId, String, String);
    let mut given: [Vec<Row>; 2] = [Vec::new(), Vec::new()];
    for (slot, (table, column)) in given.iter_mut().zip([("contact_tag", "tag"), ("address", "value")]) {
        let sql = format!(
            "select g.contact_id, s.crm_id, g.{column} from contact_source s join {table} g on g.contact_id = s.contact_id and g.account_id = s.account_id \
             where g.from_crm and s.connection_id = $1 and s.crm_id in ({ids})"
        );
        *slot = on!(tx.conn(), |c| {
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str())).bind(connection.id);
            for (contact, _) in drafts {
                query = query.bind(contact.id.as_str());
            }
            query.fetch_all(c).await
        })?;
    }
    let by_id: HashMap<&str, &(&CrmContact, Draft)> = drafts.iter().map(|pair| (pair.0.id.as_str(), pair)).collect();
    let others = others(tx, connection.id, drafts).await?;
    let elsewhere =
        |crm_id: &str, says: &dyn Fn(&Said) -> bool| others.iter().any(|(id, said)| id == crm_id && said.as_deref().is_none_or(says));
    let [tags, phones] = given;
    for (contact, crm_id, tag) in tags {
        let kept = by_id.get(crm_id.as_str()).is_none_or(|(crm, _)| crm.tags.iter().any(|raw| contact::tag(raw).as_ref() == Some(&tag)));
        if !kept && !elsewhere(&crm_id, &|said| said.tags.contains(&tag)) {
            on!(tx.conn(), |c| sqlx::query(queries::DROP_CRM_TAG)
                .bind(connection.account_id)
                .bind(contact)
                .bind(&tag)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
    }
    for (contact, crm_id, value) in phones {
        let kept = by_id.get(crm_id.as_str()).is_none_or(|(_, draft)| draft.addresses.iter().any(|address| address.value == value));
        if !kept && !elsewhere(&crm_id, &|said| said.phones.contains(&value)) {
            contact::detach_address(tx, connection.account_id, contact, contact::PHONE, &value, ANY_CHANNEL, now).await?;
        }
    }
    Ok(())
}

/// What other records say of the contacts of a page, by the page's records: what one of them gives
/// stays although this one gives it no more.
async fn others(
    tx: &mut Tx,
    connection: ConnectionId,
    drafts: &[(&CrmContact, Draft)],
) -> sqlx::Result<Vec<(String, Option<sqlx::types::Json<Said>>)>> {
    let sql = format!(
        "select s.crm_id, o.said from contact_source s join contact_source o on o.contact_id = s.contact_id \
         and (o.connection_id <> s.connection_id or o.crm_id <> s.crm_id) where s.connection_id = $1 and s.crm_id in ({})",
        placeholders(drafts.len(), 2)
    );
    on!(tx.conn(), |c| {
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str())).bind(connection);
        for (contact, _) in drafts {
            query = query.bind(contact.id.as_str());
        }
        query.fetch_all(c).await
    })
}

/// What the ledger must be told. A mark counts as the CRM states it; a missing mark takes back only
/// what this CRM itself gave, so that it never overrules a person's own word, nor another CRM's.
async fn consents(tx: &mut Tx, connection: &Connection, known: &[(ContactId, &CrmContact)], now: Moment) -> sqlx::Result<u64> {
    if known.is_empty() || connection.settings.consents.is_empty() {
        return Ok(0);
    }
    let ids = placeholders(known.len(), 2);
    let opted_out: BTreeSet<ContactId> = {
        let sql = format!("select id from contact where account_id = $1 and opted_out_at is not null and id in ({ids})");
        let rows: Vec<ContactId> = on!(tx.conn(), |c| {
            let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.as_str())).bind(connection.account_id);
            for (id, _) in known {
                query = query.bind(*id);
            }
            query.fetch_all(c).await
        })?;
        rows.into_iter().collect()
    };
    let given: HashMap<(ContactId, String), Option<ConnectionId>> = {
        let sql = format!(
            "select e.contact_id, e.purpose, e.evidence from consent e where e.account_id = $1 and e.actor = 'crm' and e.action = 'granted' \
             and e.contact_id in ({ids}) and e.id = (select max(l.id) from consent l where l.contact_id = e.contact_id and l.purpose = e.purpose)"
        );
        let rows: Vec<(ContactId, String, sqlx::types::Json<serde_json::Value>)> = on!(tx.conn(), |c| {
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str())).bind(connection.account_id);
            for (id, _) in known {
                query = query.bind(*id);
            }
            query.fetch_all(c).await
        })?;
        let by = |evidence: &serde_json::Value| evidence["connection"].as_str().and_then(|id| id.parse().ok());
        rows.into_iter().map(|(id, purpose, evidence)| ((id, purpose), by(&evidence))).collect()
    };
    let mut entries = Vec::new();
    for (id, contact) in known {
        for stated in connection.settings.consents(contact) {
            let tell = match stated.action {
                Action::Granted => !opted_out.contains(id),
                Action::Withdrawn => match given.get(&(*id, stated.purpose.as_str().to_owned())) {
                    None => false,
                    Some(by) => !is_of_another(tx, connection, *id, *by).await?,
                },
            };
            if tell {
                let mut evidence = stated.evidence;
                evidence["connection"] = json!(connection.id);
                entries.push(NewConsent {
                    account: connection.account_id,
                    contact: *id,
                    purpose: stated.purpose,
                    action: stated.action,
                    grade: stated.grade,
                    wording: None,
                    channel: None,
                    evidence,
                    actor: "crm".to_owned(),
                    at: stated.at,
                });
            }
        }
    }
    consent::record_many(tx, connection.account_id, &entries, now).await
}

/// Whether what a connection gave is another CRM's to take back: the person is still a record
/// there.
async fn is_of_another(tx: &mut Tx, connection: &Connection, contact: ContactId, by: Option<ConnectionId>) -> sqlx::Result<bool> {
    let Some(by) = by.filter(|by| *by != connection.id) else { return Ok(false) };
    Ok(source::of(tx, connection.account_id, contact).await?.iter().any(|one| one.connection_id == by && !one.ended))
}

/// People whose checkbox says stop and who have not said it here. The checkbox is older than what
/// the person said last when something of it still waits to be told to this CRM, or was told to it
/// after the record's last change.
async fn opt_outs(tx: &mut Tx, connection: &Connection, known: &[(ContactId, &CrmContact)], now: Moment) -> sqlx::Result<u64> {
    let ticked: Vec<&(ContactId, &CrmContact)> =
        known.iter().filter(|(_, contact)| connection.settings.opted_out(contact) == Some(true)).collect();
    if ticked.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "select contact_id, max(coalesce(done_at, created_at)), max(case when state in ('queued', 'sending') then 1 else 0 end) from crm_write \
         where account_id = $1 and connection_id = $2 and kind in ('opt_out', 'opt_in') and contact_id in ({}) group by contact_id",
        placeholders(ticked.len(), 3)
    );
    let told: Vec<(ContactId, Moment, i32)> = on!(tx.conn(), |c| {
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str())).bind(connection.account_id).bind(connection.id);
        for (id, _) in &ticked {
            query = query.bind(*id);
        }
        query.fetch_all(c).await
    })?;
    let told: HashMap<ContactId, (Moment, bool)> = told.into_iter().map(|(id, at, waits)| (id, (at, waits == 1))).collect();
    let mut count = 0;
    for (id, contact) in ticked {
        if told.get(id).is_some_and(|(at, waits)| *waits || contact.updated_at <= *at) {
            continue;
        }
        let how = OptOutHow { by: OptOutBy::Crm, channel: None, message_ref: None, said_at: None };
        if let OptOutDone::Now { .. } = opt_out(tx, connection.account_id, *id, &how, now).await? {
            count += 1;
        }
    }
    Ok(count)
}

/// These records are gone in the CRM; how many were here. A contact goes with its last record,
/// unless it was here before the CRM told of it (from a file, by hand, from a chat).
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, connection: &Connection, crm_ids: &[String], now: Moment) -> sqlx::Result<u64> {
    let mut count = 0;
    for crm_id in crm_ids {
        let found: Option<(ContactId, String, i64)> = on!(tx.conn(), |c| sqlx::query_as(queries::CONTACT_BY_CRM)
            .bind(connection.account_id)
            .bind(connection.id)
            .bind(crm_id)
            .fetch_optional(c)
            .await)?;
        let Some((contact, made_by, records)) = found else { continue };
        count += 1;
        if records > 1 || made_by != FROM_CRM {
            source::let_go(tx, connection.account_id, contact, (connection.id, crm_id), now).await?;
        } else if contact::delete(tx, connection.account_id, contact, DeletedBy::Crm, now).await? {
            delivery::cancel_contact(tx, connection.account_id, contact, Reason::Deleted, now).await?;
        }
    }
    Ok(count)
}

/// Contacts a full load that began at `started` did not see, after `after`; 250 at most, by their
/// id in the CRM. Of a CRM that gives all its records at once, the next thousand whatever was seen:
/// it costs nothing to ask for them.
///
/// # Errors
/// The database's.
pub async fn unseen(store: &Store, connection: &Connection, after: &str, started: Moment) -> sqlx::Result<Vec<String>> {
    if registry::capabilities(connection.kind).whole {
        return on!(store.read(), |c| sqlx::query_scalar(queries::OF_CONNECTION)
            .bind(connection.account_id)
            .bind(connection.id)
            .bind(after)
            .fetch_all(c)
            .await);
    }
    on!(store.read(), |c| sqlx::query_scalar(queries::UNSEEN).bind(connection.id).bind(after).bind(started).fetch_all(c).await)
}

/// Every static statement here.
pub const ALL: &[&str] = &[READER];

#[cfg(test)]
pub mod tests;
