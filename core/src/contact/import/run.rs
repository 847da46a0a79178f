//! Running an import: the dry run in numbers, then chunk by chunk.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::json;
use sqlx::types::Json;
use tokio_util::sync::CancellationToken;

use super::{
    Basis, Counts, Import, ImportError, Numbers, State,
    mapping::Target,
    refused::{self, RefusedRow},
    region,
    row::{Reason, RowReader},
    table::{self, Table},
};
use crate::{
    account::{Actor, Language},
    clock::{self, Moment},
    consent::{self, Action, NewConsent, Purpose},
    contact::{Draft, EMAIL, Field, Outcome, PHONE, bulk, field, queries, update},
    id::{ANY_CHANNEL, AccountId, ContactId, ImportId},
    notice::{self, NewNotice},
    on,
    store::{Store, Tx, audit, file},
};

/// Rows of one transaction.
pub const CHUNK: usize = 500;
/// Times a chunk is tried when another writer took one of its phones meanwhile.
const TRIES: usize = 5;

/// An import with its file open.
struct Open {
    import: Import,
    table: Table,
    fields: Vec<Field>,
    region: String,
}

impl Open {
    async fn of(store: &Store, import: Import) -> Result<Self, ImportError> {
        let bytes = file::content(store, import.account_id, import.file_id).await?.ok_or(ImportError::Absent)?;
        let fields = field::list(store, import.account_id).await?;
        let region = region(store, import.account_id).await?;
        // Unpacking and parsing up to 20 MB: off the threads that answer others.
        let table = tokio::task::spawn_blocking(move || table::read(&bytes))
            .await
            .map_err(|error| table::TableError::Unreadable(error.to_string()))??;
        Ok(Self { import, table, fields, region })
    }

    fn reader(&self) -> RowReader {
        RowReader::new(&self.import.mapping, &self.fields, &self.region)
    }

    /// Rows without headings.
    fn rows(&self) -> &[(usize, Vec<String>)] {
        &self.table.rows[usize::from(self.import.mapping.header).min(self.table.rows.len())..]
    }
}

/// A chunk read: contacts to be, and refusals.
struct Chunk {
    rows: u64,
    drafts: Vec<(usize, Draft)>,
    refused: BTreeMap<String, u64>,
}

fn read_chunk(reader: &mut RowReader, rows: &[(usize, Vec<String>)]) -> Chunk {
    let mut chunk = Chunk { rows: rows.len() as u64, drafts: Vec::with_capacity(rows.len()), refused: BTreeMap::new() };
    for (number, row) in rows {
        match reader.read(row) {
            Ok(draft) => chunk.drafts.push((*number, draft)),
            Err(reason) => *chunk.refused.entry(reason.code().to_owned()).or_default() += 1,
        }
    }
    chunk
}

/// Counts what the import would do, changing nothing, and makes it ready to start.
///
/// # Errors
/// [`ImportError`].
pub async fn dry_run(store: &Store, actor: &Actor, id: ImportId, now: Moment) -> Result<Numbers, ImportError> {
    let import = super::waiting(store, actor, id).await?;
    if !import.mapping.columns.iter().any(|target| matches!(target, Target::Phone | Target::Email)) {
        return Err(ImportError::NoAddressColumn);
    }
    let (Some(_), Some(basis)) = (&import.origin, import.basis) else { return Err(ImportError::NoBasis) };
    let open = Open::of(store, import).await?;
    let mut reader = open.reader();
    let mut numbers = Numbers::default();
    for rows in open.rows().chunks(CHUNK) {
        let chunk = read_chunk(&mut reader, rows);
        numbers.rows += chunk.rows;
        merge(&mut numbers.refused, &chunk.refused);
        let mut tx = store.begin().await?;
        let found = matched(&mut tx, actor.account, &chunk.drafts).await?;
        let known: BTreeSet<ContactId> = found.iter().flatten().copied().collect();
        let known: Vec<ContactId> = known.into_iter().collect();
        let spared = match basis.grade() {
            Some(grade) => bulk::needing_no_consent(&mut tx, actor.account, &known, grade as i16).await?.len(),
            None => 0,
        };
        // Nothing was changed: dropping the transaction lets the next writer in.
        drop(tx);
        let updated = found.iter().flatten().count() as u64;
        let new = found.len() as u64 - updated;
        numbers.updated += updated;
        numbers.new += new;
        if basis.grade().is_some() {
            numbers.consents += 2 * (new + (known.len() - spared) as u64);
        }
    }
    let counts = Counts { dry: numbers.clone(), live: Numbers::default() };
    let mut tx = store.begin().await?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::READY_IMPORT)
        .bind(actor.account)
        .bind(id)
        .bind(Json(&counts))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched == 0 {
        return Err(ImportError::State);
    }
    audit::record(
        &mut tx,
        actor.account,
        &actor.member.to_string(),
        "import.dry_run",
        &id.to_string(),
        &json!({ "rows": numbers.rows }),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(numbers)
}

fn merge(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (reason, n) in from {
        *into.entry(reason.clone()).or_default() += n;
    }
}

/// For each draft the contact that has one of its addresses already, the first address first.
async fn matched(tx: &mut Tx, account: AccountId, drafts: &[(usize, Draft)]) -> sqlx::Result<Vec<Option<ContactId>>> {
    let mut holders: HashMap<(&str, String), ContactId> = HashMap::new();
    for kind in [PHONE, EMAIL] {
        let values: Vec<&str> = drafts
            .iter()
            .flat_map(|(_, draft)| &draft.addresses)
            .filter(|address| address.kind == kind)
            .map(|address| address.value.as_str())
            .collect();
        for part in values.chunks(1_000) {
            for (value, contact) in bulk::holders(tx, account, kind, ANY_CHANNEL, part).await? {
                holders.insert((kind, value), contact);
            }
        }
    }
    let holder =
        |draft: &Draft| draft.addresses.iter().find_map(|address| holders.get(&(address.kind.as_str(), address.value.clone())).copied());
    Ok(drafts.iter().map(|(_, draft)| holder(draft)).collect())
}

/// What became of a chunk.
enum Taken {
    /// It is in.
    In(Numbers),
    /// Another writer took one of its phones: once more.
    Again,
    /// Another worker took it, or the import was cancelled.
    NotOurs,
}

/// Takes a running import's rows in until it is done, cancelled, or the process is asked to stop. May be run by anybody
/// at any time: the rows know where it stands.
///
/// # Errors
/// [`ImportError`]; the rows keep what was taken in.
pub async fn run(store: &Store, id: ImportId, stop: &CancellationToken) -> Result<(), ImportError> {
    let import: Option<Import> = on!(store.read(), |c| sqlx::query_as(queries::IMPORT_BY_ID).bind(id).fetch_optional(c).await)?;
    let Some(import) = import.filter(|import| import.state == State::Running) else { return Ok(()) };
    let account = import.account_id;
    match take_in(store, import, stop).await {
        // What the file itself is to blame for stays wrong however often it is tried.
        Err(error @ (ImportError::Table(_) | ImportError::Report(_) | ImportError::Absent | ImportError::NoBasis)) => {
            fail(store, account, id, &error.to_string(), clock::now()).await?;
            tracing::error!(import.id = %id, error = %error, "an import failed");
            Ok(())
        }
        other => other,
    }
}

async fn take_in(store: &Store, import: Import, stop: &CancellationToken) -> Result<(), ImportError> {
    let open = Open::of(store, import).await?;
    let mut reader = open.reader();
    let mut next = usize::try_from(open.import.next_row).unwrap_or(0);
    let mut live = open.import.counts.live.clone();
    let rows = open.rows();
    // What is in already is read again: its phones tell the duplicates below.
    read_chunk(&mut reader, &rows[..next.min(rows.len())]);
    while next < rows.len() {
        if stop.is_cancelled() {
            return Ok(());
        }
        let to = (next + CHUNK).min(rows.len());
        let chunk = read_chunk(&mut reader, &rows[next..to]);
        let mut tries = 0;
        loop {
            match take_chunk(store, &open.import, &chunk, next, to, &live, clock::now()).await? {
                Taken::In(now_live) => {
                    live = now_live;
                    break;
                }
                Taken::NotOurs => return Ok(()),
                Taken::Again if tries < TRIES => tries += 1,
                Taken::Again => return Err(ImportError::Db(sqlx::Error::RowNotFound)),
            }
        }
        next = to;
    }
    finish(store, &open, clock::now()).await
}

async fn take_chunk(
    store: &Store,
    import: &Import,
    chunk: &Chunk,
    from: usize,
    to: usize,
    live: &Numbers,
    now: Moment,
) -> Result<Taken, ImportError> {
    let account = import.account_id;
    let mut tx = store.begin().await?;
    // First of all: whoever moves the place on owns the rows in between, and holds the import's row until the end.
    let ours = on!(tx.conn(), |c| sqlx::query(queries::MOVE_IMPORT)
        .bind(account)
        .bind(import.id)
        .bind(i64::try_from(from).unwrap_or(i64::MAX))
        .bind(i64::try_from(to).unwrap_or(i64::MAX))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if ours == 0 {
        return Ok(Taken::NotOurs);
    }
    let found = matched(&mut tx, account, &chunk.drafts).await?;
    let mut numbers = live.clone();
    let (mut fresh, mut everybody) = (Vec::new(), Vec::with_capacity(found.len()));
    let mut known = BTreeSet::new();
    for ((number, draft), holder) in chunk.drafts.iter().zip(found) {
        if let Some(contact) = holder {
            let done = update(&mut tx, account, contact, draft, now).await?;
            numbers.updated += 1;
            if done.outcome != Outcome::Deleted && known.insert(contact) {
                everybody.push((contact, *number));
            }
        } else {
            let contact = ContactId::new();
            fresh.push((contact, draft));
            everybody.push((contact, *number));
            numbers.new += 1;
        }
    }
    if !bulk::insert_many(&mut tx, account, &fresh, now).await? {
        return Ok(Taken::Again);
    }
    numbers.consents += consents(&mut tx, import, &everybody, &known, now).await?;
    numbers.rows += chunk.rows;
    merge(&mut numbers.refused, &chunk.refused);
    let counts = Counts { dry: import.counts.dry.clone(), live: numbers.clone() };
    on!(tx.conn(), |c| sqlx::query(queries::COUNT_IMPORT).bind(account).bind(import.id).bind(Json(&counts)).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(Taken::In(numbers))
}

/// Records what the basis says, but never over a person's own stop.
async fn consents(
    tx: &mut Tx,
    import: &Import,
    everybody: &[(ContactId, usize)],
    known: &BTreeSet<ContactId>,
    now: Moment,
) -> Result<u64, ImportError> {
    let Some(grade) = import.basis.and_then(Basis::grade) else { return Ok(0) };
    let known: Vec<ContactId> = known.iter().copied().collect();
    let spared: HashSet<ContactId> = bulk::needing_no_consent(tx, import.account_id, &known, grade as i16).await?.into_iter().collect();
    let entries: Vec<NewConsent> = everybody
        .iter()
        .filter(|(contact, _)| !spared.contains(contact))
        .flat_map(|(contact, row)| {
            Purpose::ALL.map(|purpose| NewConsent {
                account: import.account_id,
                contact: *contact,
                purpose,
                action: Action::Granted,
                grade,
                wording: None,
                channel: None,
                evidence: json!({
                    "import": import.id, "file": import.mapping.file_name, "row": row, "origin": import.origin, "basis": import.basis,
                }),
                actor: import.member_id.to_string(),
                at: now,
            })
        })
        .collect();
    Ok(consent::record_many(tx, import.account_id, &entries, now).await?)
}

/// Writes the file of refused rows, tells the member, and closes the import.
async fn finish(store: &Store, open: &Open, now: Moment) -> Result<(), ImportError> {
    let import = &open.import;
    let account = import.account_id;
    let mut reader = open.reader();
    let refused: Vec<RefusedRow<'_>> = open
        .rows()
        .iter()
        .filter_map(|(number, row)| {
            let reason: Reason = reader.read(row).err()?;
            Some((*number, row.as_slice(), reason))
        })
        .collect();
    let language: Option<Language> =
        on!(store.read(), |c| sqlx::query_scalar(queries::MEMBER_LANGUAGE).bind(account).bind(import.member_id).fetch_optional(c).await)?;
    let language = language.unwrap_or_default();
    let report = if refused.is_empty() { None } else { Some(refused::workbook(&import.mapping, &refused, language, &open.fields)?) };
    let mut tx = store.begin().await?;
    let file_id = match &report {
        Some(bytes) => {
            let name = refused::file_name(&import.mapping, language);
            let mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Some(file::put(&mut tx, account, &name, mime, bytes, now).await?.id)
        }
        None => None,
    };
    let ours = on!(tx.conn(), |c| sqlx::query(queries::FINISH_IMPORT)
        .bind(account)
        .bind(import.id)
        .bind(file_id)
        .bind(now)
        .bind(i64::try_from(open.rows().len()).unwrap_or(i64::MAX))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if ours == 0 {
        return Ok(());
    }
    audit::record(&mut tx, account, "system", "import.done", &import.id.to_string(), &json!({}), now).await?;
    tell(&mut tx, import, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell(tx: &mut Tx, import: &Import, now: Moment) -> sqlx::Result<()> {
    let notice = NewNotice {
        account: import.account_id,
        member: Some(import.member_id),
        kind: "import.done",
        payload: json!({ "import": import.id }),
        dedupe_key: format!("import.done:{}", import.id),
    };
    notice::raise(tx, notice, now).await
}

async fn fail(store: &Store, account: AccountId, id: ImportId, error: &str, now: Moment) -> Result<(), ImportError> {
    let Some(import) = super::get(store, account, id).await? else { return Ok(()) };
    let mut tx = store.begin().await?;
    let ours = on!(tx.conn(), |c| sqlx::query(queries::FAIL_IMPORT)
        .bind(account)
        .bind(id)
        .bind(error)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if ours > 0 {
        tell(&mut tx, &import, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
