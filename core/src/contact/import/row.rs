//! One row of a file as a contact, or the reason why not. What a row becomes depends on the file and the mapping alone,
//! so a second reading (after a crash, for the file of refused rows) says the same.

use std::collections::{HashMap, HashSet};

use super::{
    mapping::{Mapping, Target},
    table::Row,
};
use crate::{
    contact::{
        Draft, EMAIL, Field, FieldKind, NewAddress,
        field::{ValueError, read_value},
    },
    text::phone::{self, PhoneError},
};

/// Why a row is not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is neither phone nor e-mail in it.
    NoAddress,
    /// Its phone is none.
    Phone(PhoneError),
    /// Its e-mail is none.
    Email,
    /// A row above has the same phone or e-mail.
    Duplicate,
    /// A value does not fit its field.
    Value {
        /// The field's key.
        key: String,
        /// Why.
        error: ValueError,
    },
}

impl Reason {
    /// The reason as a word, the same for all fields.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::Phone(error) => error.as_str(),
            Self::Email => "bad_email",
            Self::Duplicate => "duplicate",
            Self::Value { error, .. } => error.as_str(),
        }
    }
}

/// Reads rows in their order.
#[derive(Debug)]
pub struct RowReader {
    columns: Vec<(Target, Option<FieldKind>)>,
    tags: Vec<String>,
    region: String,
    seen: HashSet<String>,
}

impl RowReader {
    /// A reader at the first row.
    #[must_use]
    pub fn new(mapping: &Mapping, fields: &[Field], region: &str) -> Self {
        let kinds: HashMap<&str, FieldKind> = fields.iter().map(|field| (field.key.as_str(), field.kind)).collect();
        let kind = |target: &Target| if let Target::Field { key } = target { kinds.get(key.as_str()).copied() } else { None };
        Self {
            columns: mapping.columns.iter().map(|target| (target.clone(), kind(target))).collect(),
            tags: mapping.tags.clone(),
            region: region.to_owned(),
            seen: HashSet::new(),
        }
    }

    /// The next row.
    ///
    /// # Errors
    /// [`Reason`].
    pub fn read(&mut self, row: &Row) -> Result<Draft, Reason> {
        let mut draft = Draft { tags: self.tags.clone(), source: "import".to_owned(), ..Draft::default() };
        let mut wrong_phone = None;
        for ((target, kind), cell) in self.columns.iter().zip(row.cells()) {
            if cell.trim().is_empty() {
                continue;
            }
            match target {
                Target::Skip => {}
                Target::Phone => {
                    for one in phone::split(cell) {
                        match phone::normalise(one, &self.region) {
                            Ok(e164) => add(&mut draft.addresses, NewAddress::phone(e164, one)),
                            Err(error) => wrong_phone = wrong_phone.or(Some(error)),
                        }
                    }
                }
                Target::Email => {
                    let email = email(cell).ok_or(Reason::Email)?;
                    add(
                        &mut draft.addresses,
                        NewAddress { kind: EMAIL.to_owned(), value: email, scope: crate::id::ANY_CHANNEL, raw: Some(cell.to_owned()) },
                    );
                }
                Target::Name => draft.name = Some(cell.to_owned()),
                Target::FirstName => draft.first_name = Some(cell.to_owned()),
                Target::LastName => draft.last_name = Some(cell.to_owned()),
                Target::Tags => draft.tags.extend(cell.split([',', ';']).map(str::to_owned)),
                Target::Field { key } => {
                    // A field that is gone since the mapping holds nothing.
                    let Some(kind) = kind else { continue };
                    match read_value(*kind, cell) {
                        Ok(Some(value)) => {
                            draft.attributes.insert(key.clone(), value);
                        }
                        Ok(None) => {}
                        Err(error) => return Err(Reason::Value { key: key.clone(), error }),
                    }
                }
            }
        }
        if draft.addresses.is_empty() {
            return Err(wrong_phone.map_or(Reason::NoAddress, Reason::Phone));
        }
        // The phones come first: a person is known by them before the e-mail.
        draft.addresses.sort_by_key(|address| address.kind == EMAIL);
        // An address of a row above is that row's; when nothing is left, this row is a duplicate.
        let seen = &mut self.seen;
        draft.addresses.retain(|address| seen.insert(address.value.clone()));
        if draft.addresses.is_empty() { Err(Reason::Duplicate) } else { Ok(draft) }
    }
}

fn add(addresses: &mut Vec<NewAddress>, address: NewAddress) {
    if addresses.iter().all(|other| other.value != address.value) {
        addresses.push(address);
    }
}

/// An e-mail in small letters, when it has the shape of one.
fn email(cell: &str) -> Option<String> {
    let email = cell.trim().to_lowercase();
    let (name, host) = email.split_once('@')?;
    let shaped = !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !email.contains(char::is_whitespace)
        && !email.contains(char::is_control)
        && !host.contains('@')
        && email.len() <= 254;
    shaped.then_some(email)
}
