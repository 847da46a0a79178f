//! A table at an address or in a folder as the CRM of those who have none: a CSV file or an Excel
//! workbook, read by the import's own reader, with its limits and its guards.
//!
//! It is fetched whole, and only where the server says that it changed. Its rows are known by a
//! column that people choose. Nothing of it is ever written, and a file that is not like the one
//! before changes nothing until a person says that it is meant ([`Unusable`]).

mod fetch;
mod login;
mod rows;

use std::{path::PathBuf, sync::Arc};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

pub use login::{Login, SOURCE};

use super::{
    ContactPage, Crm, CrmCapabilities, CrmContact, CrmError, CrmField, CrmHint, CrmIdentity, Hooking, ReadMode, WriteItem,
    gate::Gate,
    mapping::{CrmSettings, Part, PartMapping, guessed_parts},
    unusable::{Unusable, Why},
};
use crate::{
    aside,
    clock::{self, Moment},
    config::Endpoints,
    contact::import::{
        mapping::{self, Mapping},
        table::{self, Held, TableError},
    },
    pace::spacer::Spacer,
    secret::Secret,
};
use fetch::{Got, Validators, Web};
use login::Source;
use rows::{Column, Places, Records};

/// What a table can do.
pub const CAPABILITIES: CrmCapabilities = CrmCapabilities {
    per_second: 1,
    // It is somebody's file: nothing is written into it.
    writes: 0,
    overlap: TimeDelta::zero(),
    hooks: Hooking::Never,
    opt_out_field: true,
    occasions: &[],
    answers: &[],
    comments: &[],
    tasks: false,
    whole: true,
    sender: false,
};

/// It sends nothing; what comes to its address says nothing.
pub const GATE: Gate = Gate::of_hints(1024, nothing, |_| std::borrow::Cow::Borrowed(b""));

fn nothing(_body: &[u8], _external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    Ok(vec![CrmHint::Ignored])
}

/// Rows of a page.
const PAGE: usize = 500;
/// Keys a sample must have before it is asked who is left of it.
const TELLING: usize = 8;
/// The country by which columns without a title are taken for phones: an adapter knows no account.
const REGION: &str = "RU";

/// What the adapter is bound to.
#[derive(Debug, Clone)]
pub struct Bound {
    source: Source,
    /// The host, for the name.
    home: String,
    /// Folders that this server allows.
    folders: Vec<PathBuf>,
    /// Called in place of every host.
    instead: Option<String>,
    /// Hosts may be in our own network.
    private: bool,
    parts: Vec<PartMapping>,
    /// Columns that are used, by their ids.
    used: Vec<String>,
    /// The hash of a file that a person said is meant.
    accepted: Option<String>,
    /// As the file was when it was last read.
    known: Option<Mark>,
}

impl Bound {
    /// `None`: the source is none.
    #[must_use]
    pub fn of(source: &Secret, home: &str, settings: &CrmSettings, endpoints: &Endpoints, mark: Option<&Value>) -> Option<Self> {
        let used = settings.parts.iter().map(|mapped| &mapped.crm_field).chain(settings.fields.iter().map(|mapped| &mapped.crm_field));
        let consents = settings.consents.iter().flat_map(|one| [Some(&one.crm_field), one.at_field.as_ref(), one.author_field.as_ref()]);
        let used = used.chain(consents.flatten()).chain(settings.opt_out_field.as_ref());
        Some(Self {
            source: Source::parse(source.expose())?,
            home: home.to_owned(),
            folders: endpoints.crm_folders.clone(),
            instead: endpoints.spreadsheet_override.clone(),
            private: endpoints.crm_private_hosts,
            parts: settings.parts.clone(),
            used: used.cloned().collect(),
            accepted: settings.accepted.clone(),
            known: mark.and_then(|mark| serde_json::from_value(mark.clone()).ok()),
        })
    }
}

/// How far a table is read: all of it, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Mark {
    /// Whose validators these are ([`Source::id`]).
    of: String,
    validators: Validators,
    /// Of the bytes.
    hash: String,
    /// Rows with a key of their own.
    rows: u64,
    /// Some of the keys ([`Records::sample`]).
    sample: Vec<u32>,
}

/// Where a page begins: with the file it is of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    at: usize,
    hash: String,
}

/// A table that was read, and is like the one before or was said to be meant.
struct Loaded {
    table: Held,
    mapping: Mapping,
    columns: Vec<Column>,
    places: Places,
    records: Records,
    mark: Mark,
    at: Moment,
}

impl Loaded {
    fn contact(&self, key: &str, at: usize) -> CrmContact {
        let body = self.mapping.body(&self.table.rows);
        rows::contact(key, &body[at], &self.columns, &self.places, self.at)
    }
}

/// A table as a CRM.
pub struct Spreadsheet {
    web: Web,
    bound: Bound,
    pacer: Arc<Spacer>,
    loaded: OnceCell<Loaded>,
}

/// Without its rows.
impl std::fmt::Debug for Spreadsheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spreadsheet").field("home", &self.bound.home).finish_non_exhaustive()
    }
}

impl Spreadsheet {
    /// The adapter.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(bound: Bound, pacer: Arc<Spacer>) -> reqwest::Result<Self> {
        Ok(Self { web: Web::new(bound.private, bound.instead.clone())?, bound, pacer, loaded: OnceCell::new() })
    }

    async fn fetch(&self, known: Option<&Validators>) -> Result<Got, CrmError> {
        self.pacer.turn().await;
        match &self.bound.source {
            Source::Web { url, opens } => self.web.get(url, opens, known).await,
            Source::File(path) => fetch::file(path.clone(), self.bound.folders.clone(), known.cloned()).await,
        }
    }

    /// The table, fetched once.
    async fn loaded(&self) -> Result<&Loaded, CrmError> {
        let load = || async {
            match self.fetch(None).await? {
                Got::Body { bytes, validators } => self.read(bytes, validators).await,
                Got::Same => Err(CrmError::Transient { detail: "the same as nothing".to_owned(), smaller: false }),
            }
        };
        self.loaded.get_or_try_init(load).await
    }

    /// Reads what came, and looks whether it is like the one before.
    async fn read(&self, bytes: Vec<u8>, validators: Validators) -> Result<Loaded, CrmError> {
        let hash = hex::encode(&Sha256::digest(&bytes)[..16]);
        let page = is_page(&bytes);
        let (table, mapping) = parsed(bytes).await.map_err(|error| means(&error, page))?;
        // Web pages have tables for other ends.
        if page && !mapping.has_addresses() {
            return Err(Why::Page.into());
        }
        let at = clock::now();
        let parts = self.bound.parts.clone();
        let work = move || {
            let columns = rows::columns(&table, &mapping, at.date_naive());
            let parts = if parts.is_empty() { guessed_parts(columns.iter().map(|column| &column.field)) } else { parts };
            let places = Places::of(&columns, &parts);
            let records = places.key().map(|key| Records::of(mapping.body(&table.rows), &columns, &places, key));
            (table, mapping, columns, parts, places, records)
        };
        let done = aside::run(work).await;
        let (table, mapping, columns, parts, places, records) =
            done.map_err(|error| CrmError::Transient { detail: error.to_string(), smaller: false })?;
        let key = parts.iter().filter(|mapped| mapped.part == Part::Key).map(|mapped| mapped.crm_field.clone());
        let records = records.ok_or_else(|| Unusable::because(Why::NoKey).of(key.clone()))?;
        let (rows, sample) = (records.keys.len() as u64, records.sample());
        let mark = Mark { of: self.bound.source.id(), validators, hash, rows, sample };
        let loaded = Loaded { table, mapping, columns, places, records, mark, at };
        self.guard(&loaded, key)?;
        Ok(loaded)
    }

    /// Refuses a table that is not like the one before, unless a person said that it is meant.
    fn guard(&self, loaded: &Loaded, key: impl Iterator<Item = String>) -> Result<(), CrmError> {
        let (rows, hash) = (loaded.mark.rows, loaded.mark.hash.clone());
        let before = self.bound.known.as_ref().filter(|known| known.rows > 0);
        let unlike = |why, names: Vec<String>| {
            let before = before.map_or(0, |known| known.rows);
            Err(CrmError::from(Unusable { before, now: rows, hash: Some(hash.clone()), ..Unusable::because(why) }.of(names)))
        };
        if rows == 0 && before.is_none() {
            let why = if loaded.records.read.rows == 0 { Why::Empty } else { Why::NoKey };
            return Err(Unusable::because(why).of(key).into());
        }
        if self.bound.accepted.as_deref() == Some(hash.as_str()) {
            return Ok(());
        }
        let there = |id: &String| loaded.columns.iter().any(|column| column.field.id == *id);
        let gone: Vec<String> = self.bound.used.iter().filter(|id| !there(id)).cloned().collect();
        if !gone.is_empty() {
            return unlike(Why::Columns, gone);
        }
        let Some(before) = before else { return Ok(()) };
        if rows * 2 < before.rows {
            return unlike(Why::Fewer, Vec::new());
        }
        let left = loaded.records.kept(&before.sample);
        if before.sample.len() >= TELLING && left * 2 < before.sample.len() {
            return unlike(Why::Others, Vec::new());
        }
        Ok(())
    }
}

/// The rows of a file and what its columns are; of a workbook, its first sheet with people.
async fn parsed(bytes: Vec<u8>) -> Result<(Held, Mapping), TableError> {
    let of = async |sheet| mapping::guess_aside(table::read_aside(bytes.clone(), sheet).await?, "", &[], REGION).await;
    let (table, first) = of(None).await?;
    if first.has_addresses() || first.sheets.len() < 2 {
        return Ok((table, first));
    }
    // Whoever holds a table waits for no other.
    drop(table);
    for sheet in (0..first.sheets.len()).filter(|sheet| Some(*sheet) != first.sheet) {
        if let Ok((table, other)) = of(Some(sheet)).await
            && other.has_addresses()
        {
            return Ok((table, other));
        }
    }
    of(None).await
}

/// Whether it is a web page, by its first letters.
fn is_page(bytes: &[u8]) -> bool {
    let head: Vec<u8> = bytes.iter().take(512).map(u8::to_ascii_lowercase).collect();
    let head = String::from_utf8_lossy(&head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with("<!doctype html") || head.starts_with("<html") || head.contains("<head")
}

fn means(error: &TableError, page: bool) -> CrmError {
    match error {
        _ if page => Why::Page,
        TableError::TooLarge | TableError::TooMuch | TableError::Bomb => Why::TooLarge,
        TableError::Empty => Why::Empty,
        TableError::Protected => Why::Protected,
        TableError::Foreign(_) | TableError::Unreadable(_) => Why::NotTable,
    }
    .into()
}

#[async_trait::async_trait]
impl Crm for Spreadsheet {
    /// A table is known by its address: what opens it may change.
    async fn identify(&self) -> Result<CrmIdentity, CrmError> {
        self.loaded().await?;
        let name = self.bound.source.name().unwrap_or_default();
        let host = self.bound.home.split_once("://").map_or("", |(_, host)| host);
        Ok(CrmIdentity::new(self.bound.source.id(), &[&name, host], None))
    }

    async fn fields(&self) -> Result<Vec<CrmField>, CrmError> {
        Ok(self.loaded().await?.columns.iter().map(|column| column.field.clone()).collect())
    }

    async fn mark(&self) -> Result<Option<Value>, CrmError> {
        Ok(serde_json::to_value(&self.loaded().await?.mark).ok())
    }

    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        if let ReadMode::Since { .. } = mode {
            return self.changed().await;
        }
        let loaded = self.loaded().await?;
        let place: Place = cursor.and_then(|cursor| serde_json::from_value(cursor.clone()).ok()).unwrap_or_default();
        // Another file than the one the pages before were of: from its beginning.
        let from = if place.hash == loaded.mark.hash { place.at } else { 0 };
        let keys = loaded.records.keys.iter().skip(from).take(PAGE);
        let contacts: Vec<CrmContact> = keys.map(|(key, at)| loaded.contact(key, *at)).collect();
        let to = from + contacts.len();
        let next = (to < loaded.records.keys.len()).then(|| json!(Place { at: to, hash: loaded.mark.hash.clone() }));
        let mark = serde_json::to_value(&loaded.mark).ok();
        Ok(ContactPage { contacts, next, mark, anew: false, rows: Some(loaded.records.read.clone()) })
    }

    async fn contacts_by_id(&self, ids: &[String]) -> Result<Vec<CrmContact>, CrmError> {
        let loaded = self.loaded().await?;
        Ok(ids.iter().filter_map(|id| Some(loaded.contact(id, *loaded.records.by_key.get(id)?))).collect())
    }

    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
        items.iter().map(|_| Err(CrmError::Rejected("nothing is written into a table".to_owned()))).collect()
    }
}

impl Spreadsheet {
    /// Whether the file is another one than it was; nothing is read of one that is not.
    async fn changed(&self) -> Result<ContactPage, CrmError> {
        let known = self.bound.known.as_ref();
        let validators = known.filter(|known| known.of == self.bound.source.id()).map(|known| &known.validators);
        // Read to its end a moment ago.
        if self.loaded.initialized() {
            return Ok(ContactPage::default());
        }
        match self.fetch(validators).await? {
            Got::Same => Ok(ContactPage::default()),
            Got::Body { bytes, validators } => {
                let hash = hex::encode(&Sha256::digest(&bytes)[..16]);
                if let Some(known) = known.filter(|known| known.hash == hash) {
                    // A server whose word for the same file is another one each time.
                    let mark = Mark { of: self.bound.source.id(), validators, ..known.clone() };
                    return Ok(ContactPage { mark: serde_json::to_value(mark).ok(), ..ContactPage::default() });
                }
                let read = self.read(bytes, validators).await?;
                let _ = self.loaded.set(read);
                Ok(ContactPage { anew: true, ..ContactPage::default() })
            }
        }
    }
}
