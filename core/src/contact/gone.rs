//! People who were deleted, known by a keyed hash of each address they had: nobody can read out of
//! the database whom. They may say stop afterwards, by a message, a press or a receipt that comes
//! late. That holds for all their addresses, whoever brings one of them back: a file, a CRM, a
//! member, another messenger. It holds until they come back by themselves.
//!
//! Nothing is noted of those who only turned out to be somebody else: that one has their addresses.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{NewAddress, merged_into, resolve_in};
use crate::{
    clock::Moment,
    consent::{queries::ADDRESSES, suppression},
    id::{AccountId, ContactId},
    on,
    store::{Tx, fetch_among},
};

/// Whether an account has deleted anybody.
pub const ANY: &str = "select exists (select 1 from deleted_mark where account_id = $1)";
/// Marks an address of somebody who is deleted.
pub const MARK: &str = "insert into deleted_mark (account_id, digest, contact_id, stopped) values ($1, $2, $3, $4) \
    on conflict (account_id, digest, contact_id) do update set stopped = deleted_mark.stopped or excluded.stopped";
/// A contact got an address that deleted people had; whether one of them had said stop.
pub const CAME: &str = "update deleted_mark set came_as = $3 where account_id = $1 and digest = $2 returning stopped";
/// Whose an address was.
pub const WHOSE: &str = "select contact_id from deleted_mark where account_id = $1 and digest = $2";
/// Since when whoever had an address has said stop.
pub const SAID_STOP: &str = "select max(c.opted_out_at) from deleted_mark m join contact c on c.id = m.contact_id and c.account_id = m.account_id \
    where m.account_id = $1 and m.digest = $2 and m.stopped = true";
/// A deleted person says stop; who has one of their addresses by now.
pub const REFUSE: &str =
    "update deleted_mark set stopped = true where account_id = $1 and contact_id = $2 and stopped = false returning digest, came_as";
/// A deleted person who was out says so now, for the first time since.
pub const SAYS_SO: &str =
    "update contact set opted_out_at = $3 where account_id = $1 and id = $2 and deleted_at < $3 and opted_out_at <= deleted_at";
/// Whoever had an address came back.
pub const BACK: &str = "update deleted_mark set stopped = false where account_id = $1 and stopped = true and contact_id in \
    (select m.contact_id from deleted_mark m where m.account_id = $1 and m.digest = $2)";
/// Whoever had an address has another one now.
pub const MOVED: &str = "insert into deleted_mark (account_id, digest, contact_id, stopped) \
    select account_id, $3, contact_id, stopped from deleted_mark where account_id = $1 and digest = $2 \
    on conflict (account_id, digest, contact_id) do update set stopped = deleted_mark.stopped or excluded.stopped";
/// Every statement.
pub const ALL: &[&str] = &[ANY, MARK, CAME, WHOSE, SAID_STOP, REFUSE, SAYS_SO, BACK, MOVED];
/// Which of many addresses deleted people had.
pub const AMONG: &str = "select distinct digest from deleted_mark where account_id = {} and digest {among}";

async fn any(tx: &mut Tx, account: AccountId) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query_scalar(ANY).bind(account).fetch_one(c).await)
}

/// What is known of a contact's addresses when it is deleted, or of one more that turned out to be
/// theirs.
///
/// # Errors
/// The database's.
pub async fn mark(tx: &mut Tx, account: AccountId, contact: ContactId, addresses: &[(&str, &str)], stopped: bool) -> sqlx::Result<()> {
    for (kind, value) in addresses {
        let Some(digest) = tx.person_digest(account, kind, value) else { continue };
        on!(tx.conn(), |c| sqlx::query(MARK).bind(account).bind(&digest).bind(contact).bind(stopped).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// A contact is about to be deleted: each address it has is marked. What holds for them by now is
/// on the list of addresses, or is marked by whoever destroys that ([`super::erased`]).
///
/// # Errors
/// The database's.
pub(super) async fn leave(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<()> {
    let addresses = current(tx, account, contact).await?;
    let addresses: Vec<(&str, &str)> = addresses.iter().map(|(kind, value)| (kind.as_str(), value.as_str())).collect();
    mark(tx, account, contact, &addresses, false).await
}

async fn current(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Vec<(String, String)>> {
    on!(tx.conn(), |c| sqlx::query_as(ADDRESSES).bind(account).bind(contact).fetch_all(c).await)
}

/// A contact got an address: if somebody deleted had it and said stop, that holds still.
///
/// # Errors
/// The database's.
pub(super) async fn heed(tx: &mut Tx, account: AccountId, contact: ContactId, address: &NewAddress, now: Moment) -> sqlx::Result<()> {
    let Some(digest) = tx.person_digest(account, &address.kind, &address.value) else { return Ok(()) };
    let stopped: Vec<bool> = on!(tx.conn(), |c| sqlx::query_scalar(CAME).bind(account).bind(&digest).bind(contact).fetch_all(c).await)?;
    if stopped.contains(&true) {
        suppression::said_before(tx, account, (&address.kind, &address.value), contact, now).await?;
    }
    Ok(())
}

/// The same of many contacts. An address that another contact has is none of theirs. Most accounts
/// have deleted nobody: that is one statement.
///
/// # Errors
/// The database's.
pub(super) async fn heed_many(tx: &mut Tx, account: AccountId, addresses: &[(ContactId, &NewAddress)], now: Moment) -> sqlx::Result<()> {
    if addresses.is_empty() || !any(tx, account).await? {
        return Ok(());
    }
    let mut by_digest: HashMap<String, (ContactId, &NewAddress)> = HashMap::with_capacity(addresses.len());
    for &(contact, address) in addresses {
        by_digest.extend(tx.person_digest(account, &address.kind, &address.value).map(|digest| (digest, (contact, address))));
    }
    let digests: Vec<&str> = by_digest.keys().map(String::as_str).collect();
    let found: Vec<String> = fetch_among!(tx, query_scalar, AMONG, [account], &digests, |digest| *digest);
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    for (contact, address) in found.iter().filter_map(|digest| by_digest.get(*digest)) {
        if resolve_in(tx, account, &address.kind, &address.value, address.scope).await? == Some(*contact) {
            heed(tx, account, *contact, address, now).await?;
        }
    }
    Ok(())
}

/// Deleted people who had an address.
///
/// # Errors
/// The database's.
pub async fn whose(tx: &mut Tx, account: AccountId, kind: &str, value: &str) -> sqlx::Result<Vec<ContactId>> {
    let Some(digest) = tx.person_digest(account, kind, value) else { return Ok(Vec::new()) };
    on!(tx.conn(), |c| sqlx::query_scalar(WHOSE).bind(account).bind(&digest).fetch_all(c).await)
}

/// Since when a deleted person who had this address has said stop.
///
/// # Errors
/// The database's.
pub async fn said_stop(tx: &mut Tx, account: AccountId, kind: &str, value: &str) -> sqlx::Result<Option<Moment>> {
    let Some(digest) = tx.person_digest(account, kind, value) else { return Ok(None) };
    on!(tx.conn(), |c| sqlx::query_scalar(SAID_STOP).bind(account).bind(&digest).fetch_one(c).await)
}

/// A deleted person says stop: whoever comes by one of their addresses has said it. Gives the
/// contacts who came by one since, and have it still. Of a contact that is not deleted nothing is
/// marked.
///
/// # Errors
/// The database's.
pub async fn refuse(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<BTreeSet<ContactId>> {
    let marks: Vec<(String, Option<ContactId>)> =
        on!(tx.conn(), |c| sqlx::query_as(REFUSE).bind(account).bind(contact).fetch_all(c).await)?;
    let digests: HashSet<&str> = marks.iter().map(|(digest, _)| digest.as_str()).collect();
    let mut here = BTreeSet::new();
    for came in marks.iter().filter_map(|(_, came)| *came).collect::<BTreeSet<_>>() {
        let came = merged_into(tx, account, came).await?.unwrap_or(came);
        let theirs = current(tx, account, came).await?;
        let has =
            |(kind, value): &(String, String)| tx.person_digest(account, kind, value).is_some_and(|one| digests.contains(one.as_str()));
        if theirs.iter().any(has) {
            here.insert(came);
        }
    }
    Ok(here)
}

/// Whether a deleted person says stop for the first time since they were deleted, having said it
/// before.
///
/// # Errors
/// The database's.
pub async fn says_so(tx: &mut Tx, account: AccountId, contact: ContactId, now: Moment) -> sqlx::Result<bool> {
    let said =
        on!(tx.conn(), |c| sqlx::query(SAYS_SO).bind(account).bind(contact).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(said > 0)
}

/// A contact came back by themselves: what they said before they were deleted holds no more.
///
/// # Errors
/// The database's.
pub async fn back(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<()> {
    if !any(tx, account).await? {
        return Ok(());
    }
    for (kind, value) in current(tx, account, contact).await? {
        let Some(digest) = tx.person_digest(account, &kind, &value) else { continue };
        on!(tx.conn(), |c| sqlx::query(BACK).bind(account).bind(&digest).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// An address became another one of the same person, who is deleted. `false`: nobody deleted had
/// it.
///
/// # Errors
/// The database's.
pub async fn moved(tx: &mut Tx, account: AccountId, (kind, from): (&str, &str), (to_kind, to): (&str, &str)) -> sqlx::Result<bool> {
    let digests = (tx.person_digest(account, kind, from), tx.person_digest(account, to_kind, to));
    let (Some(from), Some(to)) = digests else { return Ok(false) };
    let moved =
        on!(tx.conn(), |c| sqlx::query(MOVED).bind(account).bind(&from).bind(&to).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(moved > 0)
}
