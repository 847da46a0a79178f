//! Contacts as members write them: one added from a line of words, one corrected piece by piece.
//!
//! The readers are those of imports. A file leaves out what it cannot read and goes on; a member is
//! there to be asked, so here nothing is changed by words that cannot be read whole.

use serde_json::{Map, Value, json};

use super::{
    Contact, Draft, EMAIL, Field, NewAddress, PHONE, erased, field,
    import::row::email,
    names, queries,
    value::{Marks, Reading, ValueError, read_value},
    write,
};
use crate::{
    account::{AccountError, Actor, By, Right, usage},
    clock::Moment,
    id::{ANY_CHANNEL, AddressId, ContactId, FieldId},
    on,
    store::{Store, Tx, usage::settle_contacts},
    text::clean,
    text::phone::{self, PhoneError},
};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    /// There is neither a name nor an address in the words.
    #[error("nothing that was written is a name, a phone or an e-mail")]
    Empty,
    /// What was to be a phone is none.
    #[error("`{raw}` is no phone: {error}")]
    Phone {
        /// As it was written.
        raw: String,
        /// What is wrong with it.
        error: PhoneError,
    },
    /// What was to be an e-mail is none.
    #[error("`{0}` is no e-mail")]
    Email(String),
    /// Another contact has the phone or the e-mail.
    #[error("contact {0} has this phone or e-mail")]
    Taken(ContactId),
    /// Somebody with this phone or e-mail was erased by the demand of this number.
    #[error("whoever has this phone or e-mail was erased by demand {0}")]
    Erased(i64),
    /// The plan allows no more contacts.
    #[error("the plan allows {0} contacts")]
    PlanLimit(i64),
    /// The value does not fit its field.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// No right, no such contact or field, or the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for HandError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// Words in front of a phone or an e-mail that are no name, folded.
const LABELS: &[&str] =
    &["тел", "телефон", "моб", "мобильный", "сот", "почта", "имейл", "tel", "phone", "mob", "mobile", "email", "e-mail", "mail"];

/// Reads a new person: a name, phones and e-mails in any order, parted by spaces, commas or lines.
///
/// # Errors
/// [`HandError::Empty`], [`HandError::Phone`], [`HandError::Email`].
pub fn read(typed: &str, region: &str) -> Result<Draft, HandError> {
    let parts = typed.split([',', ';', '\n']).map(|part| part.trim().trim_end_matches('.'));
    let words: Vec<&str> = parts.flat_map(str::split_whitespace).collect();
    let label = |word: &str| LABELS.contains(&crate::text::fold(word).trim_end_matches(['.', ':']));
    let letters = |word: &&&str| word.chars().any(char::is_alphabetic) && !word.chars().any(|c| c.is_ascii_digit() || c == '@');
    let name: Vec<&str> = words.iter().filter(letters).copied().filter(|word| !label(word)).collect();
    let mut draft = named(&name.join(" "));
    draft.source = "manual".to_owned();
    draft.addresses = addresses(typed, region)?;
    if draft.name.is_none() && draft.addresses.is_empty() {
        return Err(HandError::Empty);
    }
    Ok(draft)
}

/// The name of a draft with its parts, where they can be told.
fn named(name: &str) -> Draft {
    let name = clean(name);
    let parts = names::split(&name, None).unwrap_or_default();
    let some = |part: String| Some(part).filter(|part| !part.is_empty());
    Draft { first_name: some(parts.first), last_name: some(parts.last), name: some(name), ..Draft::default() }
}

/// The phones and e-mails among words; words alone are neither.
fn addresses(typed: &str, region: &str) -> Result<Vec<NewAddress>, HandError> {
    let (mut found, mut rest) = (Vec::new(), String::new());
    for word in typed.split_inclusive(|c: char| c.is_whitespace() || matches!(c, ',' | ';')) {
        if word.contains('@') {
            let raw = word.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
            let value = email(raw).ok_or_else(|| HandError::Email(raw.to_owned()))?;
            found.push(NewAddress { kind: EMAIL.to_owned(), value, scope: ANY_CHANNEL, raw: Some(raw.to_owned()) });
        } else {
            rest.push_str(word);
        }
    }
    if rest.chars().any(char::is_numeric) {
        let read = phone::read_cell(&rest, region);
        if let Some((raw, error)) = read.unread.into_iter().next() {
            return Err(HandError::Phone { raw, error });
        }
        // Phones first: a person is known by them before the e-mail.
        let phones = read.found.into_iter().map(|one| NewAddress::phone(one.e164, &one.raw));
        found = phones.chain(found).collect();
    }
    found.dedup_by(|a, b| a.kind == b.kind && a.value == b.value);
    Ok(found)
}

/// Adds a person from the words a member wrote.
///
/// # Errors
/// [`HandError`]; [`HandError::Taken`] names whoever has one of the addresses.
pub async fn add(store: &Store, actor: &Actor, typed: &str, region: &str, now: Moment) -> Result<ContactId, HandError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let draft = read(typed, region)?;
    let mut tx = store.begin().await?;
    free(&mut tx, actor, None, &draft.addresses).await?;
    let room = usage::room_for_contacts(&mut tx, actor.account, now).await?;
    if let (Some(allowed), ..=0) = (room.allowed, room.left) {
        return Err(HandError::PlanLimit(allowed));
    }
    let made = write::create(&mut tx, actor.account, &draft, now).await?;
    if let Some((_, holder)) = made.taken.first() {
        return Err(HandError::Taken(*holder));
    }
    by.audit(&mut tx, "contact.create", made.contact, json!({ "addresses": draft.addresses.len() }), now).await?;
    // Another change may have taken the last place meanwhile.
    if !settle_contacts(&mut tx, actor.account, room.allowed, 0).await? {
        return Err(HandError::PlanLimit(room.allowed.unwrap_or_default()));
    }
    tx.commit().await?;
    Ok(made.contact)
}

/// Whether nobody but `contact` has these addresses.
async fn free(tx: &mut Tx, actor: &Actor, contact: Option<ContactId>, addresses: &[NewAddress]) -> Result<(), HandError> {
    for address in addresses {
        let holder = write::resolve_in(tx, actor.account, &address.kind, &address.value, address.scope).await?;
        if let Some(holder) = holder.filter(|holder| Some(*holder) != contact) {
            return Err(HandError::Taken(holder));
        }
    }
    if let Some(number) = erased::one_of(tx, actor.account, addresses).await? {
        return Err(HandError::Erased(number));
    }
    Ok(())
}

/// A contact that is there, inside a change.
async fn there(tx: &mut Tx, actor: &Actor, contact: ContactId) -> Result<Contact, HandError> {
    let row: Option<Contact> =
        on!(tx.conn(), |c| sqlx::query_as(queries::CONTACT).bind(actor.account).bind(contact).fetch_optional(c).await)?;
    Ok(row.filter(|row| row.deleted_at.is_none()).ok_or(AccountError::NotFound)?)
}

/// Gives a contact another name; first and last name follow it where they can be told, else they
/// are gone with the former name.
///
/// # Errors
/// [`HandError`].
pub async fn rename(store: &Store, actor: &Actor, contact: ContactId, typed: &str, now: Moment) -> Result<(), HandError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let draft = named(typed);
    let name = draft.name.ok_or(HandError::Empty)?;
    let mut tx = store.begin().await?;
    let mut row = there(&mut tx, actor, contact).await?;
    row.name = super::name(&name);
    row.first_name = draft.first_name.as_deref().map(super::name).unwrap_or_default();
    row.last_name = draft.last_name.as_deref().map(super::name).unwrap_or_default();
    write::save(&mut tx, &row, actor.account, now).await?;
    by.audit(&mut tx, "contact.edit", contact, json!({ "what": "name" }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds phones and e-mails to a contact; returns how many are new.
///
/// # Errors
/// [`HandError`].
pub async fn add_addresses(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    typed: &str,
    region: &str,
    now: Moment,
) -> Result<usize, HandError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let new = addresses(typed, region)?;
    if new.is_empty() {
        return Err(HandError::Empty);
    }
    let mut tx = store.begin().await?;
    there(&mut tx, actor, contact).await?;
    free(&mut tx, actor, Some(contact), &new).await?;
    let mut added = 0;
    for address in &new {
        added += usize::from(write::attach_address(&mut tx, actor.account, contact, address, now).await?.map_err(HandError::Taken)?);
    }
    if added > 0 {
        by.audit(&mut tx, "contact.edit", contact, json!({ "what": "addresses", "added": added }), now).await?;
        tx.commit().await?;
    }
    Ok(added)
}

/// Takes a phone or an e-mail away; a chat stays, for it is the person's own doing.
///
/// # Errors
/// [`HandError`]; [`AccountError::NotFound`] also for an address that is gone or is a chat.
pub async fn drop_address(store: &Store, actor: &Actor, contact: ContactId, address: AddressId, now: Moment) -> Result<(), HandError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    there(&mut tx, actor, contact).await?;
    let has: Vec<super::Address> =
        on!(tx.conn(), |c| sqlx::query_as(queries::ADDRESSES).bind(actor.account).bind(contact).fetch_all(c).await)?;
    let one = has.into_iter().find(|one| one.id == address && matches!(one.kind.as_str(), PHONE | EMAIL)).ok_or(AccountError::NotFound)?;
    write::detach_address(&mut tx, actor.account, contact, &one.kind, &one.value, one.scope_id, now).await?;
    by.audit(&mut tx, "contact.edit", contact, json!({ "what": "addresses", "removed": 1 }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts a value into a field of a contact; words that mean nothing («-», «нет») take it away, but
/// for a flag. No words at all are no answer: [`clear_value`] takes a value away.
///
/// # Errors
/// [`HandError`]; [`HandError::Empty`] where nothing was typed.
pub async fn set_value(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    field: FieldId,
    typed: &str,
    today: chrono::NaiveDate,
    now: Moment,
) -> Result<(), HandError> {
    By::Member(actor).need(Right::Edit)?;
    if clean(typed).is_empty() {
        return Err(HandError::Empty);
    }
    let field = field_of(store, actor, field).await?;
    let value = read_value(field.kind, typed, Reading { today, order: None, marks: Marks::FRACTIONS })?;
    put_value(store, actor, contact, &field, value.unwrap_or(Value::Null), now).await
}

/// Takes the value of a field of a contact away.
///
/// # Errors
/// [`HandError`].
pub async fn clear_value(store: &Store, actor: &Actor, contact: ContactId, field: FieldId, now: Moment) -> Result<(), HandError> {
    By::Member(actor).need(Right::Edit)?;
    let field = field_of(store, actor, field).await?;
    put_value(store, actor, contact, &field, Value::Null, now).await
}

async fn field_of(store: &Store, actor: &Actor, id: FieldId) -> Result<Field, HandError> {
    Ok(field::list(store, actor.account).await?.into_iter().find(|one| one.id == id).ok_or(AccountError::NotFound)?)
}

async fn put_value(store: &Store, actor: &Actor, contact: ContactId, field: &Field, value: Value, now: Moment) -> Result<(), HandError> {
    let mut tx = store.begin().await?;
    there(&mut tx, actor, contact).await?;
    let attributes = Map::from_iter([(field.key.clone(), value)]);
    write::update(&mut tx, actor.account, contact, &Draft { attributes, ..Draft::default() }, now).await?;
    By::Member(actor).audit(&mut tx, "contact.edit", contact, json!({ "what": "field", "field": field.key }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds a tag to a contact (`add`), or takes it away.
///
/// # Errors
/// [`HandError`]; [`HandError::Empty`] for a tag of nothing.
pub async fn tag(store: &Store, actor: &Actor, contact: ContactId, raw: &str, add: bool, now: Moment) -> Result<(), HandError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let tag = write::tag(raw).ok_or(HandError::Empty)?;
    let mut tx = store.begin().await?;
    there(&mut tx, actor, contact).await?;
    let changed = if add {
        write::add_tags(&mut tx, actor.account, contact, &[tag]).await?
    } else {
        on!(tx.conn(), |c| sqlx::query(queries::DROP_TAG)
            .bind(actor.account)
            .bind(contact)
            .bind(&tag)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?
    };
    if changed == 0 {
        return Ok(());
    }
    let what = if add { "added" } else { "removed" };
    by.audit(&mut tx, "contact.tags", contact, json!({ what: 1 }), now).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests;
