//! One row of a file as a contact. A person with one good address comes in; what cannot be read is
//! left out of that person and told, never the person refused. What a row becomes depends on the
//! file and the mapping alone, so a second reading (after a crash, for the file of what was left
//! out) says the same.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    Import,
    mapping::{Mapping, Target},
    table::Row,
};
use crate::{
    contact::{
        Draft, EMAIL, Field, FieldKind, NewAddress, full_name,
        names::{self, NameOrder},
        value::{Reading, ValueError, read_value},
    },
    text::{
        blank, clean_to, missing,
        phone::{self, PhoneError},
    },
    text::{clean, fold},
};

/// Why a row, or a cell of it, is not taken in. All but [`Reason::PlanLimit`] and
/// [`Reason::Erased`] are found by reading alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is neither phone nor e-mail in it.
    NoAddress,
    /// A phone of it is none.
    Phone(PhoneError),
    /// An e-mail of it is none.
    Email,
    /// Its e-mail is that of another person in a row above.
    TakenEmail,
    /// Its phone is that of a person with another name in a row above.
    TakenPhone,
    /// A row above has its phone and another name: that name stays.
    OtherName,
    /// The plan allows no more contacts.
    PlanLimit,
    /// It names somebody whose data were destroyed by the demand of this number.
    Erased(i64),
    /// A value does not fit its field.
    Value {
        /// The field's key.
        key: String,
        /// What is wrong with the value.
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
            Self::TakenEmail => "taken_email",
            Self::TakenPhone => "taken_phone",
            Self::OtherName => "other_name",
            Self::PlanLimit => crate::words::Reason::PlanLimit.as_str(),
            Self::Erased(_) => "erased",
            Self::Value { error, .. } => error.as_str(),
        }
    }
}

/// What is left out of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The column it stands in; `None` when it is the whole row.
    pub column: Option<usize>,
    /// As it is written.
    pub cell: String,
    /// What could not be taken about it.
    pub reason: Reason,
}

/// A row read.
#[derive(Debug, Clone, PartialEq)]
pub struct RowRead {
    /// The person; `None`: there is no address to know one by.
    pub draft: Option<Draft>,
    /// A row above is the same person: its tags and fields are added to that one.
    pub joins: bool,
    /// What is left out, all of it.
    pub left_out: Vec<LeftOut>,
}

/// Longest cell that is told of, characters.
const SHOWN: usize = 60;

/// A column and how its cells are read.
#[derive(Debug)]
struct Column {
    target: Target,
    kind: Option<FieldKind>,
    reading: Reading,
    names: Option<NameOrder>,
}

/// Reads rows in their order.
#[derive(Debug)]
pub struct RowReader {
    columns: Vec<Column>,
    tags: Vec<String>,
    region: String,
    /// Addresses of the rows above, with a hash of the person's name; 0: it has none.
    seen: HashMap<String, u64>,
}

impl RowReader {
    /// A reader at the first row of an import.
    #[must_use]
    pub fn of(import: &Import, fields: &[Field], region: &str) -> Self {
        Self::new(&import.mapping, fields, region, import.created_at.date_naive())
    }

    /// A reader at the first row; `today` is when the file came: years of two digits are in the
    /// past.
    #[must_use]
    pub fn new(mapping: &Mapping, fields: &[Field], region: &str, today: chrono::NaiveDate) -> Self {
        let kinds: HashMap<&str, FieldKind> = fields.iter().map(|field| (field.key.as_str(), field.kind)).collect();
        let column = |(at, target): (usize, &Target)| Column {
            target: target.clone(),
            kind: if let Target::Field { key } = target { kinds.get(key.as_str()).copied() } else { None },
            reading: Reading { today, order: mapping.order_of(at), marks: mapping.marks_of(at) },
            names: mapping.names_of(at),
        };
        Self {
            columns: mapping.columns.iter().enumerate().map(column).collect(),
            tags: mapping.tags.clone(),
            region: region.to_owned(),
            seen: HashMap::new(),
        }
    }

    /// The next row.
    pub fn read(&mut self, row: &Row) -> RowRead {
        let mut draft = Draft { tags: self.tags.clone(), source: "import".to_owned(), ..Draft::default() };
        let mut left_out = Vec::new();
        let mut patronymic = None;
        let mut order = None;
        for (at, (column, cell)) in self.columns.iter().zip(row.cells()).enumerate() {
            if column.target == Target::Skip || cell.trim().is_empty() {
                continue;
            }
            let mut leave = |cell: &str, reason| left_out.push(LeftOut { column: Some(at), cell: clean_to(cell, SHOWN), reason });
            // WhatsApp marks names that their owners gave themselves.
            let name = || Some(cell.trim_start_matches('~').trim().to_owned()).filter(|cell| !blank(cell));
            match &column.target {
                Target::Skip => {}
                Target::Phone => {
                    let (emails, cell) = emails_among(cell);
                    for email in emails {
                        add(
                            &mut draft.addresses,
                            NewAddress { kind: EMAIL.to_owned(), value: email, scope: crate::id::ANY_CHANNEL, raw: None },
                        );
                    }
                    let read = phone::read_cell(&cell, &self.region);
                    for one in read.found {
                        add(&mut draft.addresses, NewAddress::phone(one.e164, &one.raw));
                    }
                    for (raw, error) in read.unread {
                        leave(&raw, Reason::Phone(error));
                    }
                }
                Target::Email => {
                    let (good, bad) = emails(cell);
                    for email in good {
                        let raw = Some(cell.chars().take(254).collect());
                        add(&mut draft.addresses, NewAddress { kind: EMAIL.to_owned(), value: email, scope: crate::id::ANY_CHANNEL, raw });
                    }
                    for raw in bad {
                        leave(raw, Reason::Email);
                    }
                }
                Target::Name => {
                    draft.name = name();
                    order = column.names;
                }
                Target::FirstName => draft.first_name = name(),
                Target::LastName => draft.last_name = name(),
                Target::Patronymic => patronymic = name(),
                Target::Tags => draft.tags.extend(tags(cell)),
                Target::Field { key } => {
                    // A field that is gone since the mapping holds nothing.
                    let Some(kind) = column.kind else { continue };
                    match read_value(kind, cell, column.reading) {
                        Ok(Some(value)) => {
                            draft.attributes.insert(key.clone(), value);
                        }
                        Ok(None) => {}
                        Err(error) => leave(cell, Reason::Value { key: key.clone(), error }),
                    }
                }
            }
        }
        name_parts(&mut draft, patronymic, order);
        if draft.addresses.is_empty() {
            if left_out.iter().all(|one| !matches!(one.reason, Reason::Phone(_) | Reason::Email)) {
                left_out.insert(0, LeftOut { column: None, cell: String::new(), reason: Reason::NoAddress });
            }
            return RowRead { draft: None, joins: false, left_out };
        }
        // The phones come first: a person is known by them before the e-mail.
        draft.addresses.sort_by_key(|address| address.kind == EMAIL);
        let joins = self.join(&mut draft, &mut left_out);
        RowRead { draft: Some(draft), joins, left_out }
    }

    /// Whether a row above is the same person. Somebody else's address is not this row's: it is
    /// taken off.
    fn join(&mut self, draft: &mut Draft, left_out: &mut Vec<LeftOut>) -> bool {
        let name = hash_of(draft);
        let known: Vec<(bool, Option<u64>)> =
            draft.addresses.iter().map(|address| (address.kind == EMAIL, self.seen.get(&address.value).copied())).collect();
        let other = |held: u64| held != 0 && name != 0 && held != name;
        let fresh_phone = known.iter().any(|(email, held)| !email && held.is_none());
        let phones = known.iter().any(|(email, _)| !email);
        // One of its phones says that the row above is the same person.
        let same_phone = known.iter().any(|(email, held)| !email && held.is_some_and(|held| !other(held)));
        let (mut joins, mut named, mut renamed) = (false, false, false);
        let mut at = 0;
        draft.addresses.retain(|address| {
            let (email, held) = known[at];
            at += 1;
            let Some(held) = held else { return true };
            // A shared mailbox, or a mother's phone beside one's own, makes two people no one.
            let somebodys = (email && phones && ((fresh_phone && !same_phone) || other(held))) || (!email && fresh_phone && other(held));
            if somebodys {
                let reason = if email { Reason::TakenEmail } else { Reason::TakenPhone };
                left_out.push(LeftOut { column: None, cell: address.value.clone(), reason });
                return false;
            }
            joins = true;
            named |= held != 0;
            renamed |= other(held);
            true
        });
        if renamed {
            let told = draft.name.clone().unwrap_or_else(|| {
                full_name(draft.first_name.as_deref().unwrap_or_default(), draft.last_name.as_deref().unwrap_or_default())
            });
            left_out.push(LeftOut { column: None, cell: clean_to(&told, SHOWN), reason: Reason::OtherName });
            // What is known of somebody else is not known of the person above.
            draft.attributes.clear();
        }
        // The first row names the person.
        if named {
            (draft.name, draft.first_name, draft.last_name) = (None, None, None);
        }
        for address in &draft.addresses {
            let held = self.seen.entry(address.value.clone()).or_insert(name);
            if *held == 0 {
                *held = name;
            }
        }
        joins
    }
}

/// First and last name out of the full one, where the file does not give them; the full one out of
/// its parts.
fn name_parts(draft: &mut Draft, patronymic: Option<String>, order: Option<NameOrder>) {
    // Several words under «Имя»: a full name among first names, or one with a note.
    if let (None, Some(whole)) = (&draft.last_name, &draft.first_name)
        && draft.name.is_none()
        && patronymic.is_none()
        && whole.contains(char::is_whitespace)
        && let Some(parts) = names::split(whole, order)
    {
        draft.name = draft.first_name.take();
        draft.first_name = Some(parts.first).filter(|part| !part.is_empty());
        draft.last_name = Some(parts.last).filter(|part| !part.is_empty());
        return;
    }
    if let Some(first) = &mut draft.first_name {
        *first = names::first(first);
    }
    if let Some(name) = &draft.name
        && draft.first_name.is_none()
        && draft.last_name.is_none()
        && let Some(parts) = names::split(name, order)
    {
        draft.first_name = Some(parts.first).filter(|part| !part.is_empty());
        draft.last_name = Some(parts.last).filter(|part| !part.is_empty());
    } else if draft.name.is_none()
        && let (Some(first), Some(patronymic)) = (&draft.first_name, &patronymic)
    {
        let last = draft.last_name.as_deref().unwrap_or_default();
        draft.name = Some(format!("{last} {first} {patronymic}").trim().to_owned());
    }
}

/// The first name, or the whole one: «Анна» and «Анна Орлова» are one person, «Борис Орлов» is
/// another. 0: there is none.
fn hash_of(draft: &Draft) -> u64 {
    let name =
        [&draft.first_name, &draft.name, &draft.last_name].into_iter().flatten().map(|name| fold(name)).find(|name| !name.is_empty());
    name.map_or(0, |name| {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hasher.finish().max(1)
    })
}

fn add(addresses: &mut Vec<NewAddress>, address: NewAddress) {
    if addresses.iter().all(|other| other.value != address.value) {
        addresses.push(address);
    }
}

/// The tags of a cell: by commas, semicolons, bars, lines, or as Google parts its labels; without
/// quotation marks.
pub fn tags(cell: &str) -> impl Iterator<Item = String> {
    let parts = cell.split([',', ';', '|', '\n']).flat_map(|part| part.split(":::")).flat_map(|part| part.split(" / "));
    let parts = parts.flat_map(|part| part.split(" #"));
    // `* myContacts` are Google's own.
    let own =
        parts.map(|tag| tag.trim().trim_matches(['"', '\'', '«', '»', '[', ']', '“', '”']).trim()).filter(|tag| !tag.starts_with("* "));
    own.filter(|tag| !missing(tag)).map(str::to_owned)
}

/// The e-mails that stand among the phones of a cell, and the cell without them. An id of WhatsApp
/// is a phone.
fn emails_among(cell: &str) -> (Vec<String>, Cow<'_, str>) {
    if !cell.contains('@') {
        return (Vec::new(), Cow::Borrowed(cell));
    }
    let (mut found, mut rest) = (Vec::new(), String::with_capacity(cell.len()));
    for word in cell.split_inclusive(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'));
        match email(bare).filter(|email| !email.ends_with("c.us") && !email.ends_with("whatsapp.net") && !email.ends_with("g.us")) {
            Some(email) => found.push(email),
            None => rest.push_str(word),
        }
    }
    (found, Cow::Owned(rest))
}

/// The e-mails of a cell in small letters, and what was to be one and is none.
fn emails(cell: &str) -> (Vec<String>, Vec<&str>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for part in cell.split([',', ';', '\n', '\r', '|']).flat_map(|part| part.split(":::")).flat_map(|part| part.split(" / ")) {
        let part = part.trim();
        if part.is_empty() || blank(part) {
            continue;
        }
        // `Анна <a@example.org>`.
        let inner = part.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(part, |(inner, _)| inner);
        if let Some(email) = email(inner) {
            good.push(email);
            continue;
        }
        // Words around it, or several parted by spaces.
        let words: Vec<&str> = part.split_whitespace().filter(|word| word.contains('@')).collect();
        let read: Vec<String> = words.iter().filter_map(|word| email(word)).collect();
        // «anna @example.org» is none, and neither is half of it.
        if read.is_empty() || read.len() < words.len() || part.split_whitespace().any(|word| word.starts_with('@') || word.ends_with('@')) {
            bad.push(part);
        } else {
            good.extend(read);
        }
    }
    (good, bad)
}

/// The phones and e-mails of a cell, whatever its column is taken for.
pub(super) fn addresses_in(cell: &str, region: &str) -> Vec<String> {
    let (_, without) = emails_among(cell);
    let phones = phone::read_cell(&without, region).found.into_iter().map(|one| one.e164);
    emails(cell).0.into_iter().chain(phones).collect()
}

/// An e-mail in small letters, when it has the shape of one.
pub(crate) fn email(text: &str) -> Option<String> {
    let email = clean(text).to_lowercase();
    let email = email.strip_prefix("mailto:").unwrap_or(&email);
    let email = email.trim_matches(|c: char| matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | ',' | ';' | '.') || c.is_whitespace());
    let (name, host) = email.split_once('@')?;
    let shaped = !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.contains("..")
        && !email.contains(char::is_whitespace)
        && !email.contains([',', ';', '<', '>', '"', '(', ')', ':'])
        && !host.contains('@')
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
        && email.len() <= 254;
    shaped.then(|| email.to_owned())
}

#[cfg(test)]
mod tests;
