//! A page of CRM contacts becomes contacts here, in the caller's transaction: fields, tags, phones,
//! consents, opt-outs.
//!
//! Repeatable: the same page again changes nothing. What the CRM gave (tags, phones) is taken away
//! when the CRM takes it away; what people, customers or another CRM gave stays. A phone belongs to
//! one contact: the second is kept without it, and counted. Those alone are taken in that are not
//! as they were ([`same`]).

mod merged;
mod plain;
mod preview;
mod same;

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
        erased,
        names::{self, NameOrder},
        page::{self, Here},
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
    store::{Store, Tx, fetch_among, usage::settle_contacts},
    text::phone,
    words::Reason,
};
use plain::{Other, plain, tags};
use same::Digested;

pub use merged::{Candidate, became, candidates, carry};
pub use preview::{Counted, Person, Preview, preview};
pub use same::changed;

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

/// Takes a page in. Contacts marked as deleted are deleted. New ones that the plan has no room for
/// are left out and counted, except those whose checkbox says stop: that is taken even beyond the
/// limit.
///
/// # Errors
/// The database's; [`sqlx::Error::RowNotFound`] when somebody else took the last room of the plan
/// meanwhile: drop the change, and take the page in once more.
pub async fn page(tx: &mut Tx, connection: &Connection, contacts: &[CrmContact], reader: &Reader, now: Moment) -> sqlx::Result<Stats> {
    let mut stats = Stats { merged: merged::told(tx, connection, contacts, now).await?, ..Stats::default() };
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
    let mut news: Vec<Digested<'_>> = page.values().map(|contact| (*contact, same::digest(connection, contact, reader))).collect();
    let mut known = same::seen(tx, connection, &mut news, now).await?;
    let as_they_were = known.len();
    if news.is_empty() {
        stats.opted_out += opt_outs(tx, connection, &known, now).await?;
        stats.consents += consents(tx, connection, &known, now).await?;
        return Ok(stats);
    }

    let account = connection.account_id;
    let order = names::order(page.values().map(|contact| contact.name.as_str()));
    let mut digests: HashMap<&str, i64> = HashMap::with_capacity(news.len());
    let mut drafts: Vec<(&CrmContact, Draft)> = Vec::with_capacity(news.len());
    for (contact, digest) in news {
        let before = stats.bad_phones;
        let draft = draft(connection, contact, reader, order, &mut stats);
        // What could not be taken in whole is told of at each reading, and a name that only a page
        // tells apart may come with one.
        let told_apart = draft.name.is_none() || draft.first_name.is_some() || draft.last_name.is_some();
        if stats.bad_phones == before && !contact::cuts_a_name(&draft) && told_apart {
            digests.insert(&contact.id, digest);
        }
        drafts.push((contact, draft));
    }
    let drafts = without_erased(tx, account, drafts, &mut stats).await?;
    if drafts.is_empty() {
        stats.opted_out += opt_outs(tx, connection, &known, now).await?;
        stats.consents += consents(tx, connection, &known, now).await?;
        return Ok(stats);
    }
    let records: Vec<&str> = drafts.iter().map(|(contact, _)| contact.id.as_str()).collect();
    let here = page::here(tx, account, connection.id, &records).await?;
    free(tx, connection, &drafts, &here, now).await?;

    let mut room = usage::room_for_contacts(tx, account, now).await?;
    let mut beside = 0;
    let plain = plain(tx, connection, &drafts, &here, &mut room.left, now, &mut stats).await?;
    known.extend(plain.known);
    for Other { record: (contact, draft), added } in plain.others {
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
        if !done.taken.is_empty() {
            digests.remove(contact.id.as_str());
        }
        known.push((done.contact, *contact));
    }
    let seen = known[as_they_were..].iter().map(|(id, contact)| page::Seen {
        contact: *id,
        record: &contact.id,
        updated_at: contact.updated_at,
        digest: digests.get(contact.id.as_str()).copied(),
    });
    page::saw(tx, account, connection.id, &seen.collect::<Vec<_>>(), now).await?;
    stats.opted_out += opt_outs(tx, connection, &known, now).await?;
    stats.consents += consents(tx, connection, &known, now).await?;
    if settle_contacts(tx, account, room.allowed, beside).await? { Ok(stats) } else { Err(sqlx::Error::RowNotFound) }
}

/// Refuses records of people who were erased on demand. A record that is somebody here already
/// keeps its person and goes without the address that is an erased one's.
async fn without_erased<'a>(
    tx: &mut Tx,
    account: AccountId,
    drafts: Vec<(&'a CrmContact, Draft)>,
    stats: &mut Stats,
) -> sqlx::Result<Vec<(&'a CrmContact, Draft)>> {
    let email =
        |email: &String| NewAddress { kind: contact::EMAIL.to_owned(), value: email.trim().to_lowercase(), scope: ANY_CHANNEL, raw: None };
    let emails: Vec<Vec<NewAddress>> = drafts.iter().map(|(record, _)| record.emails.iter().map(email).collect()).collect();
    let all: Vec<&NewAddress> = drafts.iter().flat_map(|(_, draft)| &draft.addresses).chain(emails.iter().flatten()).collect();
    let marked = erased::among(tx, account, &all).await?;
    if marked.is_empty() {
        return Ok(drafts);
    }
    let mut kept = Vec::with_capacity(drafts.len());
    for ((record, mut draft), emails) in drafts.into_iter().zip(emails) {
        if draft.addresses.iter().chain(&emails).any(|address| marked.contains_key(&address.value)) {
            let here = match &draft.crm {
                Some(crm) => source::whose(tx, account, crm).await?,
                None => None,
            };
            let here = match here {
                Some(contact) => erased::is_here(tx, account, contact).await?,
                None => false,
            };
            if !here {
                stats.erased += 1;
                continue;
            }
            draft.addresses.retain(|address| !marked.contains_key(&address.value));
        }
        kept.push((record, draft));
    }
    Ok(kept)
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
/// `here` is what is here of them.
async fn free(
    tx: &mut Tx,
    connection: &Connection,
    drafts: &[(&CrmContact, Draft)],
    here: &HashMap<String, Here>,
    now: Moment,
) -> sqlx::Result<()> {
    let account = connection.account_id;
    let of_several: Vec<&str> = here.iter().filter(|(_, here)| here.is_of_several()).map(|(record, _)| record.as_str()).collect();
    let others = source::others(tx, account, connection.id, &of_several).await?;
    let elsewhere = |record: &str, says: &dyn Fn(&Said) -> bool| {
        others.get(record).is_some_and(|others| others.iter().any(|said| said.as_ref().is_none_or(says)))
    };
    for (record, draft) in drafts {
        let Some(here) = here.get(&record.id) else { continue };
        let (dropped, gone) = here.given_no_more(&tags(record), draft);
        for tag in dropped.iter().filter(|tag| !elsewhere(&record.id, &|said| said.tags.contains(tag))) {
            on!(tx.conn(), |c| sqlx::query(queries::DROP_CRM_TAG)
                .bind(account)
                .bind(here.contact())
                .bind(tag)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        for phone in gone.iter().filter(|phone| !elsewhere(&record.id, &|said| said.phones.contains(phone))) {
            contact::detach_address(tx, account, here.contact(), contact::PHONE, phone, ANY_CHANNEL, now).await?;
        }
    }
    Ok(())
}

/// What the ledger must be told. A mark counts as the CRM states it; a missing mark takes back only
/// what this CRM itself gave, so that it never overrules a person's own word, nor another CRM's.
async fn consents(tx: &mut Tx, connection: &Connection, known: &[(ContactId, &CrmContact)], now: Moment) -> sqlx::Result<u64> {
    if known.is_empty() || connection.settings.consents.is_empty() {
        return Ok(0);
    }
    let (account, ids): (_, Vec<ContactId>) = (connection.account_id, known.iter().map(|(id, _)| *id).collect());
    let opted_out: BTreeSet<ContactId> = {
        let rows: Vec<ContactId> = fetch_among!(tx, query_scalar, OUT, [account], &ids);
        rows.into_iter().collect()
    };
    let given: HashMap<(ContactId, String), (Option<ConnectionId>, Moment)> = {
        type Row = (ContactId, String, sqlx::types::Json<serde_json::Value>, Moment);
        let rows: Vec<Row> = fetch_among!(tx, query_as, GIVEN, [account], &ids);
        let by = |evidence: &serde_json::Value| evidence["connection"].as_str().and_then(|id| id.parse().ok());
        rows.into_iter().map(|(id, purpose, evidence, at)| ((id, purpose), (by(&evidence), at))).collect()
    };
    let mut entries = Vec::new();
    for (id, contact) in known {
        for stated in connection.settings.consents(contact) {
            let before = given.get(&(*id, stated.purpose.as_str().to_owned()));
            let tell = match (stated.action, before) {
                (Action::Granted, _) => !opted_out.contains(id),
                (Action::Withdrawn, None) => false,
                (Action::Withdrawn, Some((by, _))) => !is_of_another(tx, connection, *id, *by).await?,
            };
            // What is gone now was there then. A CRM that dates a mark by its own day, or by a
            // clock that is ahead, would otherwise take it back before it was given, and nothing
            // would change.
            let at = match (stated.action, before) {
                (Action::Withdrawn, Some((_, given))) => stated.at.max(*given),
                _ => stated.at,
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
                    at,
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
    let ids: Vec<ContactId> = ticked.iter().map(|(id, _)| *id).collect();
    let told: Vec<(ContactId, Moment, i32)> = fetch_among!(tx, query_as, TOLD, [connection.account_id, connection.id], &ids);
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

/// Those of some contacts who said stop.
const OUT: &str = "select id from contact where account_id = {} and opted_out_at is not null and id {among}";
/// What CRMs gave of some contacts, where nothing newer is of that purpose.
const GIVEN: &str = "select e.contact_id, e.purpose, e.evidence, e.at from consent e where e.account_id = {} and e.actor = 'crm' \
    and e.action = 'granted' and e.contact_id {among} \
    and e.id = (select max(l.id) from consent l where l.contact_id = e.contact_id and l.purpose = e.purpose)";
/// When this CRM was last told of some contacts' stop, and whether something of it waits still.
const TOLD: &str = "select contact_id, max(coalesce(done_at, created_at)), max(case when state in ('queued', 'sending') then 1 else 0 end) \
    from crm_write where account_id = {} and {+}connection_id = {} and kind in ('opt_out', 'opt_in') and contact_id {among} group by contact_id";

/// Every statement about many records here.
pub const AMONG: [&str; 4] = [same::TAKEN_IN, OUT, GIVEN, TOLD];
/// Every static statement here.
pub const ALL: &[&str] = &[READER];

#[cfg(test)]
pub mod tests;
