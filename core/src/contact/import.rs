//! File import: a CSV, an XLSX or a vCard becomes contacts, with the origin of the data on record.
//! A person with one good address comes in; what cannot be read is left out of that person and
//! given back.
//!
//! `mapping` (columns, origin and basis are being said) → `ready` (a dry run has shown the numbers)
//! → `running` → `done`. Rows are taken in by chunks; a chunk and the place it moved `next_row` to
//! are one transaction, so a crash costs no row and doubles none. What moves nothing on is tried
//! again ever less often, then `held` until a member lets it go on; so is an import of a company
//! for which imports were switched off, at the end of the chunk at hand. A licence that ended stops
//! no import.

mod chunk;
pub mod heading;
pub mod mapping;
pub mod named;
pub mod people;
pub mod phones;
pub mod profile;
pub mod quota;
pub mod refused;
pub mod row;
pub mod run;
mod say;
pub(super) mod shown;
pub mod table;
mod unpack;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::types::Json;

use self::{
    mapping::{Mapping, Target},
    table::TableError,
};
use super::{
    Field,
    field::{self, FieldError},
    queries,
    segment::SegmentError,
};
use crate::{
    account::{Actor, feature, load},
    clock::Moment,
    consent::Grade,
    id::{AccountId, FileId, ImportId, MemberId},
    on,
    stamp::Stamp,
    store::{Store, Tx, audit, file},
};
pub use say::{choose_sheet, set_day_order, take_all};

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Columns, origin and basis are being said.
    Mapping,
    /// A dry run has shown the numbers.
    Ready,
    /// Rows are taken in.
    Running,
    /// All rows are in, or refused with a reason.
    Done,
    /// The database kept refusing its rows, or the licensor switched imports off
    /// ([`Import::switched_off`]): it goes on from where it stands when a member lets it
    /// ([`resume`]).
    Held,
    /// It could not go on.
    Failed,
    /// A person gave it up; what was taken in stays.
    Cancelled,
}

/// By what right the company has the data: decides the consents that the rows bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Basis {
    /// Every person of the file signed a consent: grade B.
    SignedDocument,
    /// The owner says they consented: grade D.
    OwnerStatement,
    /// None: no consent is recorded, advertising does not reach them.
    NoConsent,
}

impl Basis {
    /// The grade of the consents it gives.
    #[must_use]
    pub fn grade(self) -> Option<Grade> {
        match self {
            Self::SignedDocument => Some(Grade::B),
            Self::OwnerStatement => Some(Grade::D),
            Self::NoConsent => None,
        }
    }
}

/// A cell that is left out, as an example of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The word of its reason ([`row::Reason::code`]).
    pub code: String,
    /// Its line in the file, its row in the sheet.
    pub line: usize,
    /// As it is written.
    pub cell: String,
    /// The heading of its column, where the value of a field is left out.
    #[serde(default)]
    pub title: String,
    /// The whole row is left out.
    pub whole: bool,
}

/// Examples of one reason.
const EXAMPLES: usize = 2;

/// How many rows became what.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Numbers {
    /// Rows, headings and empty ones not counted.
    pub rows: u64,
    /// Contacts that are new.
    pub new: u64,
    /// Contacts that were known: brought up to date.
    pub updated: u64,
    /// Rows that joined one above: the same person.
    pub joined: u64,
    /// Rows refused, by their first reason.
    pub refused: BTreeMap<String, u64>,
    /// Rows taken in but for something.
    pub partly: u64,
    /// What was left out of those, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Examples of what is left out; a dry run's only.
    pub examples: Vec<Example>,
    /// People of the file who can be written to in a chat today, by the kind of address
    /// (`telegram`).
    pub chats: BTreeMap<String, u64>,
    /// Names that were longer than is kept.
    pub cut_names: u64,
    /// Consents recorded (two for a contact: personal data and advertising).
    pub consents: u64,
}

impl Numbers {
    /// All refused rows.
    #[must_use]
    pub fn refused_rows(&self) -> u64 {
        self.refused.values().sum()
    }

    /// All rows of which something was left out.
    #[must_use]
    pub fn told_rows(&self) -> u64 {
        self.refused_rows() + self.partly
    }

    fn example(&mut self, line: usize, left_out: &row::LeftOut, whole: bool, mapping: &Mapping) {
        let code = left_out.reason.code();
        if self.examples.iter().filter(|one| one.code == code && one.whole == whole).count() < EXAMPLES {
            let of_field = matches!(left_out.reason, row::Reason::Value { .. }) && mapping.header;
            let title = left_out.column.filter(|_| of_field).and_then(|column| mapping.titles.get(column)).cloned().unwrap_or_default();
            self.examples.push(Example { code: code.to_owned(), line, cell: left_out.cell.clone(), title, whole });
        }
    }
}

/// The numbers of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// What the dry run foresaw.
    pub dry: Numbers,
    /// What was done so far.
    pub live: Numbers,
}

/// An import's row.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Import {
    pub id: ImportId,
    pub account_id: AccountId,
    /// Who sent the file.
    pub member_id: MemberId,
    pub file_id: FileId,
    /// The file's name, which stays when the rest of it is forgotten.
    pub file_name: String,
    /// Where it stands.
    pub state: State,
    /// Which column holds what.
    #[sqlx(json)]
    pub mapping: Mapping,
    /// Where the data come from, in the member's words.
    pub origin: Option<String>,
    /// By what right.
    pub basis: Option<Basis>,
    /// The numbers.
    #[sqlx(json)]
    pub counts: Counts,
    /// The first row not taken in yet, counted from 0 without headings and empty rows.
    pub next_row: i64,
    /// The file of what was left out, when there is anything.
    pub refused_file_id: Option<FileId>,
    /// Tries in a row that moved nothing on.
    pub attempts: i32,
    /// Why it could not go on.
    pub error: Option<String>,
    /// When the file was sent.
    pub created_at: Moment,
    /// When it came to its end.
    pub finished_at: Option<Moment>,
}

/// Why an import cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The account has as much of imports as it may.
    #[error(transparent)]
    Quota(#[from] quota::Quota),
    /// The company's files take up as much room as one may have.
    #[error(transparent)]
    Heavy(#[from] load::Heavy),
    /// The licensor switched imports off for the company.
    #[error(transparent)]
    FeatureOff(#[from] feature::Off),
    /// The account has no such import.
    #[error("no such import")]
    Absent,
    /// The import is past this step.
    #[error("the import is past this step")]
    State,
    /// Somebody said something else of the columns, or counted anew, since the numbers were shown.
    #[error("the import is not what was shown any more")]
    Changed,
    /// No column holds phones or e-mails.
    #[error("no column holds phones or e-mails")]
    NoAddressColumn,
    /// Columns in number unlike the file's, or one target given to two columns.
    #[error("the mapping does not fit the file")]
    BadMapping,
    /// A column goes to a field that the account does not have.
    #[error("no field `{0}`")]
    UnknownField(String),
    /// Dates such as `05/06/2026`, and nothing in the file says which number is the month: in this
    /// column.
    #[error("nothing says whether the dates of column {} begin with the day or with the month", .0 + 1)]
    DayOrder(usize),
    /// The workbook has no such sheet to read.
    #[error("the workbook has no such sheet")]
    NoSheet,
    /// A new field cannot be.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Origin (1 to 500 characters) or basis of the data are not said.
    #[error("the origin and the basis of the data are not said")]
    NoBasis,
    /// The file is not kept any more.
    #[error("the file of the import is not kept any more")]
    Forgotten,
    /// The segment of its people cannot be.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// The file of refused rows could not be written.
    #[error("the file of refused rows could not be written: {0}")]
    Report(#[from] rust_xlsxwriter::XlsxError),
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Takes a file in and guesses its columns.
///
/// # Errors
/// [`ImportError::Quota`]; [`ImportError::Table`] when it is no table.
pub async fn begin(store: &Store, actor: &Actor, name: &str, bytes: &[u8], now: Moment) -> Result<Import, ImportError> {
    quota::check(store, actor.account, bytes.len(), now).await?;
    let fields = field::list(store, actor.account).await?;
    let region = region(store, actor.account).await?;
    let mapping = guessed(bytes, name, &fields, &region).await?;
    let id = ImportId::new();
    let mime = match mapping.format {
        table::Format::Csv { .. } => "text/csv",
        table::Format::Xlsx { .. } => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        table::Format::Page => "text/html",
        table::Format::Vcard => "text/vcard",
    };
    let mut tx = store.begin().await?;
    feature::need(&mut tx, actor.account, feature::IMPORTS).await??;
    quota::take(&mut tx, actor.account, bytes.len(), now).await?;
    let info = file::put(&mut tx, actor.account, name, mime, bytes, now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_IMPORT)
        .bind(id)
        .bind(actor.account)
        .bind(actor.member)
        .bind(info.id)
        .bind(Json(&mapping))
        .bind(Json(Counts::default()))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    audit::record(
        &mut tx,
        actor.account,
        &actor.member.to_string(),
        "import.begin",
        &id.to_string(),
        &json!({ "sha256": info.sha256 }),
        now,
    )
    .await?;
    tx.commit().await?;
    get(store, actor.account, id).await?.ok_or(ImportError::Absent)
}

/// The columns of a file; of a workbook those of its first sheet with phones or e-mails.
async fn guessed(bytes: &[u8], name: &str, fields: &[Field], region: &str) -> Result<Mapping, ImportError> {
    let read = async |sheet| {
        let table = table::read_aside(bytes.to_vec(), sheet).await?;
        let (table, mapping) = mapping::guess_aside(table, name, fields, region).await?;
        // Headings and nothing below them.
        let empty = mapping.body(&table.rows).is_empty();
        Ok::<_, TableError>((mapping, empty))
    };
    let (first, empty) = read(None).await?;
    if empty || !first.has_addresses() {
        for sheet in (0..first.sheets.len()).filter(|sheet| Some(*sheet) != first.sheet) {
            if let Ok((other, false)) = read(Some(sheet)).await
                && other.has_addresses()
            {
                return Ok(other);
            }
        }
    }
    if empty { Err(TableError::Empty.into()) } else { Ok(first) }
}

/// The account's country for phones without a code.
pub(super) async fn region(store: &Store, account: AccountId) -> sqlx::Result<String> {
    on!(store.read(), |c| sqlx::query_scalar(queries::PHONE_REGION).bind(account).fetch_one(c).await)
}

/// An import.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: ImportId) -> sqlx::Result<Option<Import>> {
    on!(store.read(), |c| sqlx::query_as(queries::IMPORT).bind(account).bind(id).fetch_optional(c).await)
}

/// The account's last imports, newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, limit: i64) -> sqlx::Result<Vec<Import>> {
    on!(store.read(), |c| sqlx::query_as(queries::IMPORTS).bind(account).bind(limit).fetch_all(c).await)
}

/// Imports that are running, whoever's: what the tick rings for.
///
/// # Errors
/// The database's.
pub async fn running(store: &Store) -> sqlx::Result<Vec<ImportId>> {
    on!(store.read(), |c| sqlx::query_scalar(queries::RUNNING_IMPORTS).fetch_all(c).await)
}

async fn waiting(store: &Store, actor: &Actor, id: ImportId) -> Result<Import, ImportError> {
    let import = get(store, actor.account, id).await?.ok_or(ImportError::Absent)?;
    if matches!(import.state, State::Mapping | State::Ready) { Ok(import) } else { Err(ImportError::State) }
}

/// Says which column holds what, whether the first row is headings, and the tags for all.
///
/// # Errors
/// [`ImportError`].
pub async fn set_mapping(
    store: &Store,
    actor: &Actor,
    id: ImportId,
    columns: Vec<Target>,
    header: bool,
    tags: Vec<String>,
    now: Moment,
) -> Result<(), ImportError> {
    let mut import = waiting(store, actor, id).await?;
    if columns.len() != import.mapping.columns.len() {
        return Err(ImportError::BadMapping);
    }
    let fields = field::list(store, actor.account).await?;
    for (at, target) in columns.iter().enumerate() {
        if let Target::Field { key } = target
            && fields.iter().all(|field| field.key != *key)
        {
            return Err(ImportError::UnknownField(key.clone()));
        }
        if !target.many() && columns[..at].contains(target) {
            return Err(ImportError::BadMapping);
        }
    }
    import.mapping.columns = columns;
    import.mapping.header = header;
    import.mapping.tags = tags.iter().filter_map(|raw| super::tag(raw)).collect();
    save(store, actor, &import, "import.mapping", now).await
}

/// Says where the data come from and by what right.
///
/// # Errors
/// [`ImportError`].
pub async fn set_basis(store: &Store, actor: &Actor, id: ImportId, origin: &str, basis: Basis, now: Moment) -> Result<(), ImportError> {
    let origin = crate::text::clean(origin);
    if !(1..=500).contains(&origin.chars().count()) {
        return Err(ImportError::NoBasis);
    }
    let mut import = waiting(store, actor, id).await?;
    import.origin = Some(origin);
    import.basis = Some(basis);
    save(store, actor, &import, "import.basis", now).await
}

/// Keeps what was said; the numbers of an earlier dry run hold no more.
async fn save(store: &Store, actor: &Actor, import: &Import, action: &str, now: Moment) -> Result<(), ImportError> {
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::SAVE_IMPORT)
        .bind(actor.account)
        .bind(import.id)
        .bind(Json(&import.mapping))
        .bind(&import.origin)
        .bind(import.basis)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched == 0 {
        return Err(ImportError::State);
    }
    let details =
        json!({ "columns": import.mapping.columns, "header": import.mapping.header, "tags": import.mapping.tags, "basis": import.basis });
    audit::record(&mut tx, actor.account, &actor.member.to_string(), action, &import.id.to_string(), &details, now).await?;
    tx.commit().await?;
    Ok(())
}

/// How the reason of an import begins that is held because imports were switched off; the reason of
/// the switch follows.
const OFF: &str = "feature_off: ";

impl Import {
    /// Why imports were switched off when this one was held for it.
    #[must_use]
    pub fn switched_off(&self) -> Option<&str> {
        self.error.as_deref().filter(|_| self.state == State::Held)?.strip_prefix(OFF)
    }

    /// The stamp of what would be taken in, and how: what the button that starts it compares.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let (said, dry) = (&self.mapping, &self.counts.dry);
        // Not the cells that are shown: those of whoever is deleted meanwhile go.
        let how = (said.sheet, said.header, &said.columns, &said.tags, said.day_order);
        let what = (dry.rows, dry.new, dry.updated, dry.joined, &dry.refused, dry.partly, &dry.left_out, dry.consents);
        Stamp::of(&(how, &self.origin, self.basis, what))
    }

    /// The stamp of the file's columns: what buttons that name one by its place compare.
    #[must_use]
    pub fn columns_stamp(&self) -> Stamp {
        Stamp::of(&(self.mapping.sheet, self.mapping.header, &self.mapping.titles))
    }
}

/// Starts an import whose numbers were shown; the caller then rings
/// [`crate::queue::Job::RunImport`].
///
/// # Errors
/// [`ImportError`].
pub async fn start(store: &Store, actor: &Actor, id: ImportId, now: Moment) -> Result<(), ImportError> {
    begin_rows(store, actor, id, None, now).await
}

/// The same, as long as it is what was `seen` ([`Import::stamp`]).
///
/// # Errors
/// [`ImportError`]; [`ImportError::Changed`].
pub async fn start_seen(store: &Store, actor: &Actor, id: ImportId, seen: Stamp, now: Moment) -> Result<(), ImportError> {
    begin_rows(store, actor, id, Some(seen), now).await
}

async fn begin_rows(store: &Store, actor: &Actor, id: ImportId, seen: Option<Stamp>, now: Moment) -> Result<(), ImportError> {
    let mut tx = store.begin().await?;
    feature::need(&mut tx, actor.account, feature::IMPORTS).await??;
    // The row first: from here on nobody says anything else of it.
    step(&mut tx, actor, id, queries::START_IMPORT, "import.start", now).await?;
    let row: Option<Import> = on!(tx.conn(), |c| sqlx::query_as(queries::IMPORT).bind(actor.account).bind(id).fetch_optional(c).await)?;
    if seen.is_some_and(|seen| row.is_none_or(|row| row.stamp() != seen)) {
        return Err(ImportError::Changed);
    }
    forget_cells(&mut tx, actor.account, id, false).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets an import that is held go on from where it stands; the caller then rings
/// [`crate::queue::Job::RunImport`].
///
/// # Errors
/// [`ImportError`].
pub async fn resume(store: &Store, actor: &Actor, id: ImportId, now: Moment) -> Result<(), ImportError> {
    let mut tx = store.begin().await?;
    feature::need(&mut tx, actor.account, feature::IMPORTS).await??;
    step(&mut tx, actor, id, queries::RESUME_IMPORT, "import.resume", now).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives an import up; what was taken in stays.
///
/// # Errors
/// [`ImportError`].
pub async fn cancel(store: &Store, actor: &Actor, id: ImportId, now: Moment) -> Result<(), ImportError> {
    let mut tx = store.begin().await?;
    step(&mut tx, actor, id, queries::CANCEL_IMPORT, "import.cancel", now).await?;
    forget_cells(&mut tx, actor.account, id, true).await?;
    tx.commit().await?;
    Ok(())
}

/// Nothing is said of the columns any more, so the cells of people that were shown for it go;
/// `examples`: those of the dry run too, which the first rows taken in would replace.
async fn forget_cells(tx: &mut Tx, account: AccountId, id: ImportId, examples: bool) -> sqlx::Result<()> {
    let found: Option<Import> = on!(tx.conn(), |c| sqlx::query_as(queries::IMPORT).bind(account).bind(id).fetch_optional(c).await)?;
    let Some(mut import) = found else { return Ok(()) };
    import.mapping.forget_cells();
    if examples {
        import.counts.dry.examples.clear();
    }
    on!(tx.conn(), |c| sqlx::query(queries::SAY_LESS)
        .bind(account)
        .bind(id)
        .bind(Json(&import.mapping))
        .bind(Json(&import.counts))
        .execute(c)
        .await
        .map(|_| ()))
}

async fn step(tx: &mut Tx, actor: &Actor, id: ImportId, sql: &'static str, action: &str, now: Moment) -> Result<(), ImportError> {
    let touched = on!(tx.conn(), |c| sqlx::query(sql).bind(actor.account).bind(id).bind(now).execute(c).await.map(|r| r.rows_affected()))?;
    if touched == 0 {
        return Err(ImportError::State);
    }
    audit::record(tx, actor.account, &actor.member.to_string(), action, &id.to_string(), &json!({}), now).await?;
    Ok(())
}
