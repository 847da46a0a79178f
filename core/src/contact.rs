//! Customers: contacts, addresses, phones, tags, fields, segments, file import.
//!
//! A contact is written through [`upsert`], [`create`] and [`update`] only: they keep `search` and
//! `folded` (the copies that people and segments search by) true to the row.

pub mod again;
pub mod alike;
mod bulk;
pub mod by_hand;
pub mod card;
mod compared;
pub mod erase;
pub mod erased;
pub mod export;
pub mod field;
pub mod gone;
pub mod id_range;
pub mod import;
pub mod link;
pub mod names;
pub mod occasion;
pub mod page;
pub mod queries;
pub mod segment;
pub mod source;
pub mod twin;
pub mod value;
mod write;

#[cfg(test)]
pub mod fixture;

pub use crate::words::PHONE;
pub use write::{
    DeletedBy, MAX_TAG, add_tags, attach_address, create, delete, delete_by_member, detach_address, hand_over, known, merged_into,
    readdress, resolve, resolve_in, tag, update, upsert,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    clock::Moment,
    id::{AddressId, ChannelId, ConnectionId, ContactId},
    text::{clean, clean_to},
};

/// The kind of an address that is an e-mail in small letters, tied to no channel.
pub const EMAIL: &str = "email";
/// The kind of an address that is a Telegram chat, tied to one bot.
pub const TELEGRAM: &str = "telegram";

/// What a contact field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text.
    Text,
    Number,
    /// A date, kept as `YYYY-MM-DD`.
    Date,
    /// Yes or no.
    Flag,
}

/// A contact field of an account: a variable in templates, a name in segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Field {
    pub id: crate::id::FieldId,
    /// Latin letters, digits, underscores.
    pub key: String,
    /// The title people see.
    pub title: String,
    pub kind: FieldKind,
}

/// What is known of a contact from one source; what is `None` or absent stays as it was.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// Full name; made of first and last name when they are all there is.
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// IETF language tag.
    pub language: Option<String>,
    /// IANA time zone.
    pub zone: Option<String>,
    /// Values by field key, typed by [`value::read_value`]; a null takes the value away.
    pub attributes: Map<String, Value>,
    /// Tags to add.
    pub tags: Vec<String>,
    /// The tags are all there are: others are taken away.
    pub replace_tags: bool,
    /// Where the contact can be reached, normalised.
    pub addresses: Vec<NewAddress>,
    /// Where the contact came from first (`crm`, `import`, `telegram`, `manual`): kept from its
    /// creation.
    pub source: String,
    /// The contact's record in a CRM.
    pub crm: Option<CrmRef>,
}

impl Draft {
    /// Adds what another source of the same person knows: its values stand over those known, tags
    /// and addresses are added.
    pub fn join(&mut self, later: &Self) {
        for (slot, value) in [
            (&mut self.name, &later.name),
            (&mut self.first_name, &later.first_name),
            (&mut self.last_name, &later.last_name),
            (&mut self.language, &later.language),
            (&mut self.zone, &later.zone),
        ] {
            if value.is_some() {
                slot.clone_from(value);
            }
        }
        self.attributes.extend(later.attributes.clone());
        self.tags.extend(later.tags.iter().cloned());
        let new: Vec<NewAddress> = later.addresses.iter().filter(|address| !self.addresses.contains(address)).cloned().collect();
        self.addresses.extend(new);
    }
}

/// An address to attach.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewAddress {
    /// [`PHONE`], [`EMAIL`], [`TELEGRAM`] …
    pub kind: String,
    /// Normalised: E.164, a chat id …
    pub value: String,
    /// The sending identity it belongs to; [`crate::id::ANY_CHANNEL`] for a phone.
    pub scope: ChannelId,
    /// As it was written.
    pub raw: Option<String>,
}

impl NewAddress {
    /// A phone in E.164, as `text::phone` gives it.
    #[must_use]
    pub fn phone(e164: String, raw: &str) -> Self {
        Self { kind: PHONE.to_owned(), value: e164, scope: crate::id::ANY_CHANNEL, raw: Some(raw.trim().to_owned()) }
    }

    /// A chat with one bot.
    #[must_use]
    pub fn chat(kind: &str, value: &str, channel: ChannelId) -> Self {
        Self { kind: kind.to_owned(), value: value.to_owned(), scope: channel, raw: None }
    }
}

/// A contact's record in a CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmRef {
    pub connection: ConnectionId,
    /// The id there.
    pub id: String,
    /// The last change there.
    pub updated_at: Moment,
    /// Its tags there.
    pub tags: Vec<String>,
}

/// What an [`upsert`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    /// Whom it concerned.
    pub contact: ContactId,
    /// What was done.
    pub outcome: Outcome,
    /// Addresses that were not attached, because another contact has them.
    pub taken: Vec<(NewAddress, ContactId)>,
    /// The draft's CRM record was not this contact's before.
    pub attached: bool,
}

/// What was done to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It was so already.
    Unchanged,
    /// It was deleted by a person and stays so: the source has no say.
    Deleted,
}

/// Whether messages reach an address, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum AddressState {
    /// Nothing was sent yet.
    Unknown,
    /// A message reached it, or the person wrote from it.
    Reachable,
    /// The provider says it does not exist or cannot be written to.
    Unreachable,
}

/// An address of a contact.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Address {
    pub id: AddressId,
    pub contact_id: ContactId,
    /// [`PHONE`], [`TELEGRAM`] …
    pub kind: String,
    /// Normalised.
    pub value: String,
    /// The sending identity it belongs to.
    pub scope_id: ChannelId,
    /// Whether messages reach it.
    pub state: AddressState,
    pub state_reason: Option<String>,
}

/// A contact's row.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Contact {
    pub id: ContactId,
    /// Full name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// IETF language tag.
    pub language: Option<String>,
    /// IANA time zone.
    pub zone: Option<String>,
    /// Values by field key.
    #[sqlx(json)]
    pub attributes: Map<String, Value>,
    /// The grade of the advertising consent: 1 = A … 4 = D.
    pub marketing_grade: Option<i16>,
    /// The grade of the personal data consent.
    pub personal_data_grade: Option<i16>,
    /// Said stop and has not come back.
    pub opted_out_at: Option<Moment>,
    /// Where it came from first.
    pub source: String,
    /// The last message to it.
    pub last_contacted_at: Option<Moment>,
    /// The last advertising message to it.
    pub last_marketing_at: Option<Moment>,
    /// The last message from it.
    pub last_answered_at: Option<Moment>,
    /// Known since.
    pub created_at: Moment,
    /// Deleted by a person or in the CRM.
    pub deleted_at: Option<Moment>,
}

/// The name made of its parts.
#[must_use]
pub fn full_name(first: &str, last: &str) -> String {
    name(&format!("{first} {last}"))
}

/// Longest name of a contact, characters: in a CRM anything may stand in a name, and a message has
/// to have room for it.
pub const MAX_NAME: usize = 120;

/// A name as it is kept: of one line, without what is not seen, at most [`MAX_NAME`] characters.
#[must_use]
pub fn name(raw: &str) -> String {
    clean_to(raw, MAX_NAME)
}

/// Whether one of a draft's names is longer than is kept: whoever gave it is told.
#[must_use]
pub fn cuts_a_name(draft: &Draft) -> bool {
    let long = |name: &Option<String>| name.as_deref().is_some_and(|name| clean(name).chars().count() > MAX_NAME);
    long(&draft.name) || long(&draft.first_name) || long(&draft.last_name)
}
