//! What would come of a CRM's records, as its columns and fields are mapped now: read live, shown
//! to a person, kept nowhere.

use serde_json::{Map, Value};

use super::{Reader, draft};
use crate::{
    config::Endpoints,
    consent::{Action, Purpose},
    contact::names,
    crm::{
        CrmContact, ReadMode,
        connection::{ConnectError, Connection, Stats, session},
        mapping::Stated,
        registry,
        rows::RowsRead,
    },
    id::{AccountId, ConnectionId},
    secret::Sealer,
    store::Store,
};

/// People shown.
const SHOWN: usize = 3;
/// Pages looked through for them, of a CRM that is asked page by page.
const PAGES: usize = 3;

/// A person as they would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub name: String,
    /// In E.164.
    pub phones: Vec<String>,
    pub tags: Vec<String>,
    /// By the contact field's key; a null where there is nothing.
    pub attributes: Map<String, Value>,
    pub consents: Vec<Stated>,
    /// They must not be written to.
    pub opted_out: bool,
}

/// Numbers of all records, of a CRM that gives them at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    pub people: u64,
    pub without_phone: u64,
    /// Writings that are no phone.
    pub bad_phones: u64,
    pub opted_out: u64,
    /// Consents that would be recorded, in the order of [`Purpose::ALL`].
    pub consents: Vec<(Purpose, u64)>,
}

/// What would come.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    pub connection: Connection,
    pub people: Vec<Person>,
    pub counted: Option<Counted>,
    /// What was found in the rows of a table.
    pub rows: Option<RowsRead>,
}

impl Counted {
    fn add(&mut self, person: &Person) {
        self.people += 1;
        self.without_phone += u64::from(person.phones.is_empty());
        self.opted_out += u64::from(person.opted_out);
        for (purpose, count) in &mut self.consents {
            let given = |stated: &&Stated| stated.purpose == *purpose && stated.action == Action::Granted;
            *count += u64::from(!person.opted_out && person.consents.iter().any(|stated| given(&stated)));
        }
    }
}

/// The first people a CRM gives, as they would be: with a phone, if it gives any.
///
/// # Errors
/// [`ConnectError::Absent`]; the CRM's refusal.
pub async fn preview(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    account: AccountId,
    id: ConnectionId,
) -> Result<Preview, ConnectError> {
    let (connection, crm) = session::look(store, sealer, endpoints, account, id).await?;
    let reader = Reader::load(store, account).await?;
    let whole = registry::capabilities(connection.kind).whole;
    let (mut people, mut others) = (Vec::new(), Vec::new());
    let mut counted = Counted { consents: Purpose::ALL.iter().map(|purpose| (*purpose, 0)).collect(), ..Counted::default() };
    let (mut cursor, mut rows, mut stats) = (None, None, Stats::default());
    let mut pages = 0;
    loop {
        let page = crm.contacts(ReadMode::Full, cursor.as_ref()).await?;
        pages += 1;
        rows = page.rows.or(rows);
        let here: Vec<&CrmContact> = page.contacts.iter().filter(|contact| !contact.deleted).collect();
        let order = names::order(here.iter().map(|contact| contact.name.as_str()));
        for contact in here {
            let draft = draft(&connection, contact, &reader, order, &mut stats);
            let person = Person {
                name: draft.name.filter(|name| !name.is_empty()).or(draft.first_name).unwrap_or_default(),
                phones: draft.addresses.into_iter().map(|address| address.value).collect(),
                tags: contact.tags.clone(),
                attributes: draft.attributes,
                consents: connection.settings.consents(contact),
                opted_out: connection.settings.opted_out(contact) == Some(true),
            };
            counted.add(&person);
            let kind = if person.phones.is_empty() { &mut others } else { &mut people };
            if kind.len() < SHOWN {
                kind.push(person);
            }
        }
        cursor = page.next;
        if cursor.is_none() || !whole && (people.len() >= SHOWN || pages >= PAGES) {
            break;
        }
    }
    counted.bad_phones = stats.bad_phones;
    people.extend(others);
    people.truncate(SHOWN);
    Ok(Preview { connection, people, counted: whole.then_some(counted), rows })
}
