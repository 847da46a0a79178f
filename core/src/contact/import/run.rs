//! Running an import: the dry run in numbers, then chunk by chunk.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::json;
use sqlx::types::Json;
use tokio_util::sync::CancellationToken;

use super::{
    Counts, Import, ImportError, Numbers, State,
    chunk::{self, LEASE, Open, Taken},
    refused::{self, Told},
    row::{LeftOut, Reason},
    table::TableError,
};
use crate::{
    account::{Actor, Language, feature::Off, usage},
    aside,
    clock::{self, Moment},
    contact::{bulk, queries},
    id::{AccountId, ContactId, ImportId},
    notice::{self, NewNotice, NoticeKind},
    on,
    retry::{self, RetryPolicy},
    store::{Store, Tx, audit, file},
};

/// Rows of one transaction.
pub const CHUNK: usize = 2_000;
/// Times a chunk is tried when another writer took one of its phones meanwhile.
const TRIES: usize = 5;

/// Counts what the import would do, changing nothing, and makes it ready to start.
///
/// # Errors
/// [`ImportError`].
pub async fn dry_run(store: &Store, actor: &Actor, id: ImportId, now: Moment) -> Result<Numbers, ImportError> {
    let import = super::waiting(store, actor, id).await?;
    if !import.mapping.has_addresses() {
        return Err(ImportError::NoAddressColumn);
    }
    let (Some(_), Some(basis)) = (&import.origin, import.basis) else { return Err(ImportError::NoBasis) };
    let open = Arc::new(Open::of(store, import).await?);
    if let Some(column) = open.import.mapping.undecided(&open.fields) {
        return Err(ImportError::DayOrder(column));
    }
    let mut chunks = open.chunks(0, CHUNK);
    let mut numbers = Numbers::default();
    while let Some(chunk) = chunks.recv().await {
        let mut tx = store.begin().await?;
        let erased = chunk::erased_rows(&mut tx, actor.account, &chunk).await?;
        chunk.count(&mut numbers, &open, &erased);
        if !erased.is_empty() {
            *numbers.refused.entry(Reason::Erased(0).code().to_owned()).or_default() += erased.len() as u64;
        }
        let holders = chunk::holders(&mut tx, actor.account, &chunk).await?;
        let people = || chunk.good.iter().filter(|row| !row.joins && !erased.contains_key(&row.place()));
        let found: Vec<ContactId> = people().filter_map(|row| chunk::holder(&holders, &row.draft)).collect();
        let known: Vec<ContactId> = found.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let spared = match basis.grade() {
            Some(grade) => bulk::needing_no_consent(&mut tx, actor.account, &known, grade as i16).await?.len(),
            None => 0,
        };
        for (kind, contacts) in bulk::chats(&mut tx, actor.account, &known).await? {
            *numbers.chats.entry(kind).or_default() += contacts;
        }
        // Nothing was changed: dropping the transaction lets the next writer in.
        drop(tx);
        let new = (people().count() - found.len()) as u64;
        numbers.updated += found.len() as u64;
        numbers.new += new;
        if basis.grade().is_some() {
            numbers.consents += 2 * (new + (known.len() - spared) as u64);
        }
    }
    if numbers.rows != open.rows().len() as u64 {
        return Err(broken_down());
    }
    let mut tx = store.begin().await?;
    // What the plan would leave out now; the run asks again.
    let room = usage::room_for_contacts(&mut tx, actor.account, now).await?;
    let beyond = numbers.new.saturating_sub(room.left.unsigned_abs());
    if beyond > 0 {
        numbers.new -= beyond;
        numbers.refused.insert(Reason::PlanLimit.code().to_owned(), beyond);
        numbers.consents = numbers.consents.saturating_sub(if basis.grade().is_some() { 2 * beyond } else { 0 });
    }
    let counts = Counts { dry: numbers.clone(), live: Numbers::default() };
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

/// The rows' reader ended before the rows did.
pub(super) fn broken_down() -> ImportError {
    TableError::Unreadable("reading its rows broke down".to_owned()).into()
}

/// Takes a running import's rows in until it is done, cancelled, or the process is asked to stop.
/// May be run by anybody at any time: the rows know where it stands. What moves nothing on is tried
/// again, less and less often, then held.
///
/// # Errors
/// [`ImportError`]; the rows keep what was taken in.
pub async fn run(store: &Store, id: ImportId, stop: &CancellationToken) -> Result<(), ImportError> {
    by(store, id, stop, CHUNK, retry::IMPORT).await
}

/// As [`run`], by another schedule of tries.
///
/// # Errors
/// As [`run`].
pub async fn run_by(store: &Store, id: ImportId, stop: &CancellationToken, retry: RetryPolicy) -> Result<(), ImportError> {
    by(store, id, stop, CHUNK, retry).await
}

/// As [`run`], by chunks of another size too.
pub(super) async fn by(store: &Store, id: ImportId, stop: &CancellationToken, size: usize, retry: RetryPolicy) -> Result<(), ImportError> {
    let import: Option<Import> = on!(store.read(), |c| sqlx::query_as(queries::IMPORT_BY_ID).bind(id).fetch_optional(c).await)?;
    let Some(import) = import.filter(|import| import.state == State::Running) else { return Ok(()) };
    let account = import.account_id;
    if retry.given_up(import.attempts) {
        return hold(store, &import, clock::now()).await;
    }
    // Counted before anything is done: a file that kills the process is bounded too, and where
    // nothing can be written nothing is read either.
    if !count_try(store, &import, clock::now()).await? {
        return Ok(());
    }
    match take_in(store, import, stop, size).await {
        // What the file itself is to blame for stays wrong however often it is tried.
        Err(error @ (ImportError::Table(_) | ImportError::Report(_) | ImportError::Absent | ImportError::NoBasis)) => {
            fail(store, account, id, &error.to_string(), clock::now()).await?;
            tracing::error!(import.id = %id, error = %error, "an import failed");
            Ok(())
        }
        Err(error) => {
            put_off(store, account, id, &error.to_string(), retry, clock::now()).await?;
            Err(error)
        }
        Ok(()) => Ok(()),
    }
}

async fn take_in(store: &Store, import: Import, stop: &CancellationToken, size: usize) -> Result<(), ImportError> {
    let mut next = usize::try_from(import.next_row).unwrap_or(0);
    let mut live = import.counts.live.clone();
    let open = Arc::new(Open::of(store, import).await?);
    let all = open.rows().len();
    let mut chunks = open.chunks(next, size);
    let mut told = Told::default();
    while let Some(chunk) = chunks.recv().await {
        if stop.is_cancelled() {
            return release(store, &open.import).await;
        }
        told.refused.extend(chunk.refused.iter().cloned());
        told.partly.extend(chunk.partly.iter().cloned());
        if chunk.from < next {
            continue;
        }
        let mut tries = 0;
        loop {
            match chunk::take(store, &open, &chunk, &live, clock::now()).await? {
                Taken::In(now_live) => {
                    live = now_live;
                    break;
                }
                Taken::NotOurs => return Ok(()),
                Taken::Off(off) => return hold_off(store, &open.import, &off, clock::now()).await,
                Taken::Again if tries < TRIES => tries += 1,
                Taken::Again => return Err(ImportError::Db(sqlx::Error::RowNotFound)),
            }
        }
        next = chunk.to;
    }
    if next < all {
        return Err(broken_down());
    }
    finish(store, &open, told, clock::now()).await
}

/// Rows of a chunk that only the database could refuse: those that the plan left no room for, by
/// their places.
#[derive(sqlx::FromRow)]
struct NoRoom {
    #[sqlx(json)]
    places: Vec<usize>,
    /// Rows that name somebody who was erased, with the number of the demand.
    #[sqlx(json)]
    erased: Vec<(usize, i64)>,
}

/// Writes the file of what was left out, tells the member, and closes the import.
async fn finish(store: &Store, open: &Arc<Open>, mut told: Told, now: Moment) -> Result<(), ImportError> {
    let import = &open.import;
    let account = import.account_id;
    let language: Option<Language> =
        on!(store.read(), |c| sqlx::query_scalar(queries::MEMBER_LANGUAGE).bind(account).bind(import.member_id).fetch_optional(c).await)?;
    let language = language.unwrap_or_default();
    let chunks: Vec<NoRoom> = on!(store.read(), |c| sqlx::query_as(queries::LEFT_OUT).bind(account).bind(import.id).fetch_all(c).await)?;
    let whole = |reason| vec![LeftOut { column: None, cell: String::new(), reason }];
    let erased: BTreeMap<usize, i64> = chunks.iter().flat_map(|chunk| chunk.erased.iter().copied()).collect();
    told.refused.extend(chunks.into_iter().flat_map(|chunk| chunk.places).map(|at| (at, whole(Reason::PlanLimit))));
    told.refused.extend(erased.iter().map(|(at, number)| (*at, whole(Reason::Erased(*number)))));
    told.partly.retain(|(at, _)| !erased.contains_key(at));
    told.refused.sort_by_key(|(at, _)| *at);
    let report = if told.is_empty() { None } else { Some(report(Arc::clone(open), told, language).await?) };
    let mut tx = store.begin().await?;
    if !erased.is_empty() {
        tx.overwrite().await?;
    }
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
    if !erased.is_empty() {
        // The file names people who are not to be kept.
        on!(tx.conn(), |c| sqlx::query(queries::FORGET_FILE).bind(account).bind(import.file_id).execute(c).await.map(|_| ()))?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::DROP_LEFT_OUT).bind(account).bind(import.id).execute(c).await.map(|_| ()))?;
    audit::record(&mut tx, account, "system", "import.done", &import.id.to_string(), &json!({}), now).await?;
    tell(&mut tx, import, NoticeKind::ImportDone, format!("import.done:{}", import.id), now).await?;
    tx.commit().await?;
    if !erased.is_empty() {
        store.cut_log().await;
    }
    Ok(())
}

/// The workbook of what was left out, made off the threads that answer others.
async fn report(open: Arc<Open>, told: Told, language: Language) -> Result<Vec<u8>, ImportError> {
    let made = aside::run(move || refused::workbook(&open.import.mapping, open.rows(), &told, language, &open.fields));
    Ok(made.await.map_err(|_| broken_down())??)
}

async fn tell(tx: &mut Tx, import: &Import, kind: NoticeKind, dedupe_key: String, now: Moment) -> sqlx::Result<()> {
    let payload = json!({ "import": import.id, "name": import.mapping.file_name });
    let notice = NewNotice { account: import.account_id, member: Some(import.member_id), kind, payload, dedupe_key };
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
        tell(&mut tx, &import, NoticeKind::ImportStopped, format!("import.failed:{id}"), now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Counts a try; `false`: another worker began one meanwhile.
async fn count_try(store: &Store, import: &Import, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let ours = on!(tx.conn(), |c| sqlx::query(queries::TRY_IMPORT)
        .bind(import.account_id)
        .bind(import.id)
        .bind(import.attempts)
        .bind(now + LEASE)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    tx.commit().await?;
    Ok(ours > 0)
}

/// The database refused: tried again later, and less often the longer nothing moves on.
async fn put_off(store: &Store, account: AccountId, id: ImportId, error: &str, retry: RetryPolicy, now: Moment) -> Result<(), ImportError> {
    let Some(import) = super::get(store, account, id).await? else { return Ok(()) };
    let wait = retry.wait(import.attempts);
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::PUT_IMPORT_OFF)
        .bind(account)
        .bind(id)
        .bind(now + wait)
        .bind(error)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await?;
    Ok(())
}

/// Asked to stop: another worker may go on at once.
async fn release(store: &Store, import: &Import) -> Result<(), ImportError> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::RELEASE_IMPORT).bind(import.account_id).bind(import.id).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(())
}

/// Imports were switched off: what is in stays, and the member hears where it stands, for the card
/// is not shown meanwhile.
async fn hold_off(store: &Store, import: &Import, off: &Off, now: Moment) -> Result<(), ImportError> {
    let mut tx = store.begin().await?;
    let held = on!(tx.conn(), |c| sqlx::query(queries::HOLD_IMPORT_OFF)
        .bind(import.account_id)
        .bind(import.id)
        .bind(format!("{}{}", super::OFF, off.reason))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if held > 0 {
        let row: Option<Import> =
            on!(tx.conn(), |c| sqlx::query_as(queries::IMPORT).bind(import.account_id).bind(import.id).fetch_optional(c).await)?;
        let live = row.map(|row| row.counts.live.rows);
        let payload = json!({
            "import": import.id, "name": import.mapping.file_name, "off": off.reason, "done": live, "rows": import.counts.dry.rows,
        });
        let dedupe_key = format!("import.off:{}:{}", import.id, now.timestamp_millis());
        let notice =
            NewNotice { account: import.account_id, member: Some(import.member_id), kind: NoticeKind::ImportStopped, payload, dedupe_key };
        notice::raise(&mut tx, notice, now).await?;
        audit::record(&mut tx, import.account_id, "system", "import.off", &import.id.to_string(), &json!({ "done": live }), now).await?;
        tracing::info!(import.id = %import.id, "an import is held: imports are switched off");
    }
    tx.commit().await?;
    Ok(())
}

/// Tried often enough: a member looks at it and lets it go on from where it stands.
async fn hold(store: &Store, import: &Import, now: Moment) -> Result<(), ImportError> {
    let mut tx = store.begin().await?;
    let ours = on!(tx.conn(), |c| sqlx::query(queries::HOLD_IMPORT)
        .bind(import.account_id)
        .bind(import.id)
        .bind("the process ended each time")
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if ours > 0 {
        let key = format!("import.held:{}:{}", import.id, now.timestamp_millis());
        tell(&mut tx, import, NoticeKind::ImportStopped, key, now).await?;
        tracing::error!(import.id = %import.id, tries = import.attempts, "an import is held: nothing moved it on");
    }
    tx.commit().await?;
    Ok(())
}
