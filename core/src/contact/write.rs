//! Changes of contacts: the only writers of `contact`, `contact_tag` and `address`.

use serde_json::{Map, Value, json};
use sqlx::types::Json;

use super::{Contact, Draft, NewAddress, Outcome, Upserted, compared, erase, full_name, gone, import, name, occasion, queries, source};
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    consent::suppression,
    id::{AccountId, AddressId, ChannelId, ContactId},
    on,
    store::{Store, Tx, audit},
    text::fold,
};

/// Binds the columns of [`New`] in their order.
macro_rules! columns {
    ($query:expr, $row:expr) => {
        $query
            .bind(&$row.name)
            .bind(&$row.first_name)
            .bind(&$row.last_name)
            .bind(&$row.search)
            .bind(&$row.language)
            .bind(&$row.zone)
            .bind(Json(&$row.attributes))
            .bind(Json(&$row.folded))
    };
}
pub(super) use columns;

/// Longest tag, characters.
pub const MAX_TAG: usize = 60;

/// A tag as it is kept: folded, [`MAX_TAG`] characters at most; `None` for nothing. Tags are the
/// same whatever their case.
#[must_use]
pub fn tag(raw: &str) -> Option<String> {
    let tag: String = fold(raw.trim().trim_start_matches('#')).chars().take(MAX_TAG).collect();
    let tag = tag.trim_end().to_owned();
    (!tag.is_empty()).then_some(tag)
}

/// Whose address this is.
///
/// # Errors
/// The database's.
pub async fn resolve(store: &Store, account: AccountId, kind: &str, value: &str, scope: ChannelId) -> sqlx::Result<Option<ContactId>> {
    on!(store.read(), |c| sqlx::query_scalar(queries::BY_ADDRESS).bind(account).bind(kind).bind(value).bind(scope).fetch_optional(c).await)
}

/// Whose address this is, inside a change.
///
/// # Errors
/// The database's.
pub async fn resolve_in(tx: &mut Tx, account: AccountId, kind: &str, value: &str, scope: ChannelId) -> sqlx::Result<Option<ContactId>> {
    on!(tx.conn(), |c| sqlx::query_scalar(queries::BY_ADDRESS).bind(account).bind(kind).bind(value).bind(scope).fetch_optional(c).await)
}

/// Creates the contact or brings it up to date: found by its CRM record, else by the first of its
/// addresses that somebody has. A contact that is a record of a CRM is not taken over by another
/// record because of a shared phone: whether the two are one person is asked elsewhere
/// (`inbound::join`).
///
/// # Errors
/// The database's.
pub async fn upsert(tx: &mut Tx, account: AccountId, draft: &Draft, now: Moment) -> sqlx::Result<Upserted> {
    match known(tx, account, draft).await? {
        Some(contact) => update(tx, account, contact, draft, now).await,
        None => create(tx, account, draft, now).await,
    }
}

/// Whom a draft is about: whose CRM record it is, else who has the first of its addresses that
/// somebody has; `None`: nobody known.
///
/// # Errors
/// The database's.
pub async fn known(tx: &mut Tx, account: AccountId, draft: &Draft) -> sqlx::Result<Option<ContactId>> {
    let mut found = match &draft.crm {
        Some(crm) => source::whose(tx, account, crm).await?,
        None => None,
    };
    if found.is_none() {
        for address in &draft.addresses {
            let Some(holder) = resolve_in(tx, account, &address.kind, &address.value, address.scope).await? else { continue };
            let other_record = draft.crm.is_some() && !source::of(tx, account, holder).await?.is_empty();
            if !other_record {
                found = Some(holder);
                break;
            }
        }
    }
    Ok(found)
}

async fn load(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<Contact>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::CONTACT).bind(account).bind(contact).fetch_optional(c).await)
}

/// Creates a contact whatever others there are, and counts it; whether the plan allows one more is
/// the caller's to ask.
///
/// # Errors
/// The database's.
pub async fn create(tx: &mut Tx, account: AccountId, draft: &Draft, now: Moment) -> sqlx::Result<Upserted> {
    let contact = ContactId::new();
    let row = New::of(draft);
    on!(tx.conn(), |c| columns!(sqlx::query(queries::INSERT_CONTACT).bind(contact).bind(account), row)
        .bind(&draft.source)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.contacts_moved(account, 1);
    if let Some(crm) = &draft.crm {
        source::put(tx, account, contact, crm, None, now).await?;
    }
    add_tags(tx, account, contact, &draft.tags).await?;
    let mut taken = Vec::new();
    for address in &draft.addresses {
        if let Err(holder) = attach_address(tx, account, contact, address, now).await? {
            taken.push((address.clone(), holder));
        }
    }
    Ok(Upserted { contact, outcome: Outcome::Created, taken, attached: draft.crm.is_some() })
}

/// The columns of a contact that a draft knows of, and the copies made of them.
#[derive(Debug)]
pub(super) struct New {
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub search: String,
    pub language: Option<String>,
    pub zone: Option<String>,
    pub attributes: Map<String, Value>,
    pub folded: Map<String, Value>,
}

impl New {
    /// What a draft gives.
    pub fn of(draft: &Draft) -> Self {
        let text = |value: &Option<String>| value.as_deref().map(name).unwrap_or_default();
        let (first_name, last_name) = (text(&draft.first_name), text(&draft.last_name));
        let name = Some(text(&draft.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| full_name(&first_name, &last_name));
        let mut attributes = Map::new();
        merge(&mut attributes, &draft.attributes);
        Self {
            search: fold(&name),
            folded: compared::copy(&first_name, &last_name, &attributes),
            language: draft.language.as_deref().map(fold).filter(|text| !text.is_empty()),
            zone: draft.zone.clone(),
            name,
            first_name,
            last_name,
            attributes,
        }
    }

    /// A contact's row as its columns.
    pub fn of_row(row: &Contact) -> Self {
        Self {
            search: fold(&row.name),
            folded: compared::copy(&row.first_name, &row.last_name, &row.attributes),
            name: row.name.clone(),
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            language: row.language.clone(),
            zone: row.zone.clone(),
            attributes: row.attributes.clone(),
        }
    }
}

fn merge(attributes: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (key, value) in changes {
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            attributes.remove(key);
        } else {
            attributes.insert(key.clone(), value.clone());
        }
    }
}

/// A contact as it is once it knows what the draft knows; tags and addresses apart.
pub(super) fn revised(old: &Contact, draft: &Draft) -> Contact {
    let mut new = old.clone();
    let text = |value: &Option<String>| value.as_deref().map(name).filter(|value| !value.is_empty());
    if let Some(first) = text(&draft.first_name) {
        new.first_name = first;
    }
    if let Some(last) = text(&draft.last_name) {
        new.last_name = last;
    }
    // A full name made of its parts follows them; one that was told stays until another is told.
    let made = old.name.is_empty() || old.name == full_name(&old.first_name, &old.last_name);
    if let Some(name) = text(&draft.name) {
        new.name = name;
    } else if made {
        let name = full_name(&new.first_name, &new.last_name);
        if !name.is_empty() {
            new.name = name;
        }
    }
    if let Some(language) = draft.language.as_deref().map(fold).filter(|text| !text.is_empty()) {
        new.language = Some(language);
    }
    if draft.zone.is_some() {
        new.zone.clone_from(&draft.zone);
    }
    merge(&mut new.attributes, &draft.attributes);
    new
}

/// Brings a contact up to date with what the draft knows. A deleted contact stays deleted.
///
/// # Errors
/// The database's; [`sqlx::Error::RowNotFound`] when the account has no such contact.
pub async fn update(tx: &mut Tx, account: AccountId, contact: ContactId, draft: &Draft, now: Moment) -> sqlx::Result<Upserted> {
    let old = load(tx, account, contact).await?.ok_or(sqlx::Error::RowNotFound)?;
    if old.deleted_at.is_some() {
        return Ok(Upserted { contact, outcome: Outcome::Deleted, taken: Vec::new(), attached: false });
    }
    let source::Heard { attached, draft: resolved } = source::heard(tx, account, &old, draft, now).await?;
    let new = revised(&old, resolved.as_ref().unwrap_or(draft));
    let mut changed = attached || new != old;
    if new != old {
        save(tx, &new, account, now).await?;
    }
    if draft.replace_tags {
        let keep: Vec<String> = draft.tags.iter().filter_map(|raw| tag(raw)).collect();
        let has: Vec<String> = on!(tx.conn(), |c| sqlx::query_scalar(queries::TAGS).bind(account).bind(contact).fetch_all(c).await)?;
        for gone in has.iter().filter(|tag| !keep.contains(tag)) {
            changed = true;
            on!(tx.conn(), |c| sqlx::query(queries::DROP_TAG).bind(account).bind(contact).bind(gone).execute(c).await.map(|_| ()))?;
        }
    }
    changed |= add_tags(tx, account, contact, &draft.tags).await? > 0;
    let mut taken = Vec::new();
    for address in &draft.addresses {
        match attach_address(tx, account, contact, address, now).await? {
            Ok(added) => changed |= added,
            Err(holder) => taken.push((address.clone(), holder)),
        }
    }
    Ok(Upserted { contact, outcome: if changed { Outcome::Updated } else { Outcome::Unchanged }, taken, attached })
}

/// Writes a contact's row as it is to be, with the copies made of it.
pub(super) async fn save(tx: &mut Tx, new: &Contact, account: AccountId, now: Moment) -> sqlx::Result<()> {
    let row = New::of_row(new);
    on!(tx.conn(), |c| columns!(sqlx::query(queries::UPDATE_CONTACT).bind(account).bind(new.id), row)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Adds tags to a contact of the account; how many are new.
///
/// # Errors
/// The database's.
pub async fn add_tags(tx: &mut Tx, account: AccountId, contact: ContactId, tags: &[String]) -> sqlx::Result<u64> {
    let mut added = 0;
    for tag in tags.iter().filter_map(|raw| tag(raw)) {
        added += on!(tx.conn(), |c| sqlx::query(queries::ADD_TAG)
            .bind(contact)
            .bind(tag)
            .bind(account)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
    }
    Ok(added)
}

/// Attaches an address to a contact. `Ok(true)`: it is new; `Ok(false)`: it was there, or the
/// account has no such contact; `Err`: another contact has it.
///
/// # Errors
/// The database's; whose the address is, is the inner result.
pub async fn attach_address(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    address: &NewAddress,
    now: Moment,
) -> sqlx::Result<Result<bool, ContactId>> {
    let added = on!(tx.conn(), |c| sqlx::query(queries::ADD_ADDRESS)
        .bind(AddressId::new())
        .bind(account)
        .bind(contact)
        .bind(&address.kind)
        .bind(&address.value)
        .bind(address.scope)
        .bind(&address.raw)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if added > 0 {
        gone::heed(tx, account, contact, address, now).await?;
        return Ok(Ok(true));
    }
    let holder = resolve_in(tx, account, &address.kind, &address.value, address.scope).await?;
    Ok(match holder {
        Some(holder) if holder != contact => Err(holder),
        _ => Ok(false),
    })
}

/// Takes an address away from a contact, and remembers that it had it; whether it had.
///
/// # Errors
/// The database's.
pub async fn detach_address(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    kind: &str,
    value: &str,
    scope: ChannelId,
    now: Moment,
) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query(queries::KEEP_FORMER)
        .bind(account)
        .bind(contact)
        .bind(kind)
        .bind(value)
        .bind(scope)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::DROP_ADDRESS)
        .bind(account)
        .bind(contact)
        .bind(kind)
        .bind(value)
        .bind(scope)
        .execute(c)
        .await
        .map(|r| r.rows_affected() > 0))
}

/// Gives an address of a contact to another one, as it is: messages that went to it are known by
/// it, whoever has it.
///
/// # Errors
/// The database's.
pub async fn hand_over(
    tx: &mut Tx,
    account: AccountId,
    (from, to): (ContactId, ContactId),
    kind: &str,
    value: &str,
    scope: ChannelId,
    now: Moment,
) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::HAND_OVER)
        .bind(account)
        .bind(from)
        .bind(kind)
        .bind(value)
        .bind(scope)
        .bind(to)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Writes another value into an address of a contact, and remembers that it had the old one: what
/// waits for the address goes to the new one.
///
/// # Errors
/// The database's; another contact's address of the new value among them.
pub async fn readdress(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    kind: &str,
    (from, to): (&str, &str),
    scope: ChannelId,
    now: Moment,
) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::KEEP_FORMER)
        .bind(account)
        .bind(contact)
        .bind(kind)
        .bind(from)
        .bind(scope)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::READDRESS)
        .bind(account)
        .bind(contact)
        .bind(kind)
        .bind(from)
        .bind(scope)
        .bind(to)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Who deletes a contact.
#[derive(Debug, Clone, Copy)]
pub enum DeletedBy<'a> {
    /// A person: the contact stays deleted even if the CRM goes on naming it.
    Member(&'a Actor),
    /// The CRM: the record, restored there, comes in as a new contact.
    Crm,
    /// Nobody: the chat turned out to belong to another contact, which has all that was said in it
    /// now.
    Merged {
        /// That contact.
        into: ContactId,
    },
    /// A restore: a member had deleted it after the backup was made.
    Restore,
    /// The whole company is deleted, which is one entry of the trail.
    Company,
}

/// Deletes a contact: its name, attributes, tags, addresses and what else names it ([`erase`]) are
/// forgotten; the consent ledger, the suppressions and the delivery rows stay. Who must not be
/// written to stays so at every address they had. `false` when the account has no such contact (any
/// more).
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, account: AccountId, contact: ContactId, by: DeletedBy<'_>, now: Moment) -> sqlx::Result<bool> {
    tx.overwrite().await?;
    let gone = on!(tx.conn(), |c| sqlx::query(queries::DELETE_CONTACT)
        .bind(account)
        .bind(contact)
        .bind(Json(Map::<String, Value>::new()))
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if gone == 0 {
        return Ok(false);
    }
    tx.contacts_moved(account, -1);
    // The company that is deleted writes to nobody any more.
    if !matches!(by, DeletedBy::Company) {
        suppression::keep_for_addresses(tx, account, contact, now).await?;
    }
    if !matches!(by, DeletedBy::Company | DeletedBy::Merged { .. }) {
        gone::leave(tx, account, contact).await?;
    }
    if matches!(by, DeletedBy::Member(_) | DeletedBy::Crm | DeletedBy::Restore) {
        let addresses: Vec<String> =
            on!(tx.conn(), |c| sqlx::query_scalar(queries::ADDRESS_VALUES).bind(account).bind(contact).fetch_all(c).await)?;
        import::shown::forget(tx, account, &addresses).await?;
    }
    if let DeletedBy::Merged { into } = by {
        occasion::hand_over(tx, account, contact, into).await?;
    }
    let dropped = [
        queries::DROP_TAGS,
        queries::DROP_ADDRESSES,
        queries::DROP_FORMER,
        queries::DROP_CONVERSATION,
        queries::DROP_MUTES,
        queries::DROP_OCCASIONS,
        queries::FORGET_SAID,
    ];
    for sql in dropped {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
    }
    if let DeletedBy::Merged { into } = by {
        on!(tx.conn(), |c| sqlx::query(queries::MERGE).bind(account).bind(contact).bind(into).execute(c).await.map(|_| ()))?;
    } else {
        // What still names a chat that turned out to be theirs is of the same person.
        let merged: Vec<ContactId> =
            on!(tx.conn(), |c| sqlx::query_scalar(queries::MERGED).bind(account).bind(contact).fetch_all(c).await)?;
        for one in std::iter::once(contact).chain(merged) {
            erase::erase(tx, account, one).await?;
        }
    }
    match by {
        DeletedBy::Member(actor) => {
            audit::record(tx, account, &actor.member.to_string(), "contact.delete", &contact.to_string(), &Value::Object(Map::new()), now)
                .await?;
        }
        DeletedBy::Restore => {
            audit::record(
                tx,
                account,
                "system",
                "contact.delete",
                &contact.to_string(),
                &json!({ "why": "deleted after the backup" }),
                now,
            )
            .await?;
        }
        DeletedBy::Company => {}
        DeletedBy::Crm | DeletedBy::Merged { .. } => {
            on!(tx.conn(), |c| sqlx::query(queries::FORGET_CRM).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
        }
    }
    Ok(true)
}

/// The contact that a chat's contact turned out to be, if it did.
///
/// # Errors
/// The database's.
pub async fn merged_into(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<ContactId>> {
    let into: Option<Option<ContactId>> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::MERGED_INTO).bind(account).bind(contact).fetch_optional(c).await)?;
    Ok(into.flatten())
}

/// A member deletes a contact, as [`delete`] says.
///
/// # Errors
/// [`AccountError::Forbidden`], [`AccountError::NotFound`], the database's.
pub async fn delete_by_member(store: &Store, actor: &Actor, contact: ContactId, now: Moment) -> Result<(), AccountError> {
    By::Member(actor).need(Right::Edit)?;
    let mut tx = store.begin().await?;
    if !delete(&mut tx, actor.account, contact, DeletedBy::Member(actor), now).await? {
        return Err(AccountError::NotFound);
    }
    tx.commit().await?;
    Ok(())
}
