//! The job `sync`: brings a CRM's contacts here. First everything, page by page with the place
//! saved in each page's own transaction; then, every few minutes, what changed. One owner of the
//! connection at a time; it works for about twenty seconds, tells what waits to be told, gives the
//! connection back and rings again. After the contacts come their occasions ([`occasions`]).
//!
//! Once a night everything is read anew: it finds what hooks and feeds missed.

mod occasions;

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Timelike as _};
use mms_core::{
    account::{licence::Limit, usage},
    clock::{self, Moment},
    crm::{
        ContactPage, Crm, CrmContact, CrmError, CrmHint, ReadMode,
        connection::{self, ConnectError, Connection, HookState, Progress, Reconciled, Stats, SyncPhase, Turn, session},
        lease::{self, Lease},
        occasion::OccasionPage,
        registry,
    },
    id::ConnectionId,
    inbound::{
        crm::{self as records, Reader},
        join::Proof,
        occasions as whats_on,
    },
    queue::Job,
};
use tokio::time::Instant;

use super::write_back;
use crate::Deps;

/// How long one run works before it gives the connection back.
const SLICE: Duration = Duration::from_secs(20);
/// The least time between two readings of the CRM's field list: with every regular sync, so that a
/// field that was just made is found.
const FIELDS_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Everything is read anew in these hours of the account's day, when nobody waits for it,
const NIGHT: std::ops::Range<u32> = 1..5;
/// if that was not done for so long,
const RECONCILE_AFTER: TimeDelta = TimeDelta::hours(20);
/// and right after what changed was read: what was to come by the feed anyway was not missed.
const JUST_READ: TimeDelta = TimeDelta::minutes(1);

/// Runs the job.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn run(deps: &Deps, connection: ConnectionId) -> anyhow::Result<()> {
    let Some(lease) = lease::take(&deps.store, connection, &deps.worker, clock::now()).await? else { return Ok(()) };
    let more = slice(deps, &lease).await;
    // Who syncs for hours must not keep an opt-out from the CRM.
    if matches!(more, Ok(true)) {
        write_back::drain(deps, &lease, SLICE).await?;
    }
    lease.release(&deps.store).await?;
    if more? {
        deps.queue.ring(Job::SyncCrm { connection }).await;
    }
    Ok(())
}

/// Works for one slice under a lease that the caller holds; whether there is more to do.
///
/// # Errors
/// What kept it from its end; the rows keep what was done.
pub async fn slice(deps: &Deps, lease: &Lease) -> anyhow::Result<bool> {
    let Some(row) = connection::by_id(&deps.store, lease.connection).await? else { return Ok(false) };
    let crm = match session::open(&deps.store, &deps.sealer, &deps.endpoints, lease, &row, clock::now()).await {
        Ok(crm) => crm,
        Err(error) => return give_up(deps, lease, &row, error).await,
    };
    let reader = Reader::load(&deps.store, lease.account).await?;
    let mut sync =
        Sync { deps, lease, reader, crm, row, renewed: false, until: Instant::now() + SLICE, ahead: None, occasions_ahead: None };
    loop {
        match sync.step().await {
            Ok(Step::Again) if (sync.has_time() || sync.is_ahead()) && !deps.stop.is_cancelled() => {}
            Ok(Step::Again) => return Ok(!deps.stop.is_cancelled()),
            Ok(Step::Rest | Step::Lost) => return Ok(false),
            Err(ConnectError::Crm(after @ (CrmError::Unauthorised | CrmError::Moved))) if !sync.renewed => {
                sync.renewed = true;
                match session::reopen(&deps.store, &deps.sealer, &deps.endpoints, lease, &sync.row, &after, clock::now()).await {
                    Ok(crm) => sync.crm = crm,
                    Err(error) => return give_up(deps, lease, &sync.row, error).await,
                }
            }
            Err(ConnectError::Crm(CrmError::Transient { smaller: true, detail })) => {
                let Some(place) = sync.crm.lighter(sync.row.sync_cursor.next.as_ref()) else {
                    return give_up(deps, lease, &sync.row, CrmError::Transient { detail, smaller: true }.into()).await;
                };
                sync.row.sync_cursor.next = Some(place);
            }
            Err(error) => return give_up(deps, lease, &sync.row, error).await,
        }
    }
}

/// Puts the CRM's refusal into the row; anything else is the job's error.
pub(super) async fn give_up(deps: &Deps, lease: &Lease, row: &Connection, error: ConnectError) -> anyhow::Result<bool> {
    match error {
        ConnectError::Crm(error) => {
            connection::failed(&deps.store, lease, row, &error, clock::now()).await?;
            Ok(false)
        }
        error => Err(error.into()),
    }
}

enum Step {
    Again,
    Rest,
    Lost,
}

struct Sync<'a> {
    deps: &'a Deps,
    lease: &'a Lease,
    reader: Reader,
    crm: Arc<dyn Crm>,
    /// The row as last read, its sync columns kept up with what was saved.
    row: Connection,
    /// The tokens were refreshed in this slice.
    renewed: bool,
    /// No page is asked for after this.
    until: Instant,
    /// The page at the saved place, where it was asked for while the one before it was written:
    /// the CRM and the database work at once.
    ahead: Option<Result<ContactPage, CrmError>>,
    /// The same of occasions.
    occasions_ahead: Option<Result<OccasionPage, CrmError>>,
}

impl Sync<'_> {
    /// Whether it is time for the night's reading of everything.
    fn is_due_for_all(&self, now: Moment) -> bool {
        let last = self.row.sync_cursor.full_at.unwrap_or(self.row.created_at);
        NIGHT.contains(&now.with_timezone(&self.reader.zone).hour()) && now - last > RECONCILE_AFTER
    }

    fn has_time(&self) -> bool {
        Instant::now() < self.until
    }

    /// Whether a page that was asked for is still to be written.
    fn is_ahead(&self) -> bool {
        self.ahead.is_some() || self.occasions_ahead.is_some()
    }

    async fn step(&mut self) -> Result<Step, ConnectError> {
        let now = clock::now();
        match self.row.sync_phase {
            SyncPhase::Idle if self.row.next_sync_at.is_none_or(|due| due > now) => Ok(Step::Rest),
            SyncPhase::Idle => self.begin(now).await,
            SyncPhase::Full | SyncPhase::Incremental if self.row.sync_cursor.turn == Turn::Occasions => self.occasions(now).await,
            SyncPhase::Full if self.row.sync_cursor.verified.is_some() => self.verify(now).await,
            SyncPhase::Incremental if self.row.sync_cursor.verified.is_some() => self.history(now).await,
            SyncPhase::Full | SyncPhase::Incremental => self.page(now).await,
        }
    }

    /// Whether the CRM gives all its records at once.
    fn whole(&self) -> bool {
        registry::capabilities(self.row.kind).whole
    }

    fn started(&self) -> Moment {
        self.row.sync_started_at.unwrap_or(Moment::UNIX_EPOCH)
    }

    async fn begin(&mut self, now: Moment) -> Result<Step, ConnectError> {
        let mut progress = Progress {
            next: None,
            verified: None,
            reconciling: false,
            turn: Turn::Contacts,
            stats: Stats::default(),
            mapping: self.row.settings.version,
            ..self.row.sync_cursor.0.clone()
        };
        // What the plan had no room for comes with a full load once there is some.
        let wanted = i64::try_from(progress.left_out.min(connection::ROOM)).unwrap_or(i64::MAX);
        let room = usage::check(&self.deps.store, self.row.account_id, Limit::Contacts, wanted, now).await?.is_ok();
        let anew = progress.left_out > 0 && room;
        let just_read = self.row.last_synced_at.is_some_and(|at| now - at < JUST_READ);
        progress.reconciling = self.is_due_for_all(now) && (just_read || self.whole());
        let first = progress.watermark.is_none() || progress.mapped != self.row.settings.version || anew;
        let mut phase = if first || progress.reconciling { SyncPhase::Full } else { SyncPhase::Incremental };
        // Of a CRM that gives everything at once nothing is asked before it says that it changed.
        let asked = phase == SyncPhase::Full || !self.whole();
        if phase == SyncPhase::Full || asked && progress.fields_at.is_none_or(|at| now - at > FIELDS_EVERY) {
            progress.fields = self.crm.fields().await?;
            progress.fields_at = Some(now);
            let zone = self.crm.identify().await?.zone;
            // In another zone its dates are other days: all are read anew.
            if zone.is_some() && zone != progress.zone {
                progress.zone = zone;
                phase = SyncPhase::Full;
            }
        }
        if phase == SyncPhase::Full {
            progress.left_out = 0;
            // Asked before anything is read: what changes meanwhile comes after it.
            progress.mark = self.crm.mark().await?;
        }
        progress.hooks = connection::check_hooks(&*self.crm, &self.deps.sealer, &self.row, progress.hooks.take(), now).await?;
        if progress.hooks.as_ref().is_some_and(|hooks| hooks.checked_at == now && hooks.state == HookState::Disabled) {
            connection::warn_disabled(&self.deps.store, &self.row, now).await?;
        }
        progress.sender = connection::check_sender(&*self.crm, &self.deps.sealer, &self.row, progress.sender.take(), now).await?;
        self.row.sync_started_at = Some(now);
        self.save(progress, phase, 0, Vec::new(), Vec::new()).await
    }

    async fn page(&mut self, now: Moment) -> Result<Step, ConnectError> {
        let cursor = &self.row.sync_cursor;
        let mode = match (self.row.sync_phase, cursor.watermark) {
            (SyncPhase::Incremental, Some(at)) => ReadMode::Since { at, mark: cursor.mark.as_ref() },
            _ => ReadMode::Full,
        };
        let all = matches!(mode, ReadMode::Full);
        let page = match self.ahead.take() {
            Some(page) => page,
            None => self.crm.contacts(mode, cursor.next.as_ref()).await,
        };
        let ContactPage { contacts, next, mark, anew, rows } = page?;
        if anew && self.row.sync_phase == SyncPhase::Incremental {
            tracing::info!(crm.connection = %self.row.id, "the CRM's feed does not reach back to where it was read: all is read anew");
            self.row.sync_cursor.watermark = None;
            return self.begin(now).await;
        }
        let done = self.row.sync_done + i64::try_from(contacts.len()).unwrap_or(0);
        let mut progress = self.row.sync_cursor.0.clone();
        let last = next.is_none();
        progress.next = next;
        // In the transaction of what it tells of.
        progress.mark = mark.or(progress.mark);
        progress.rows = rows.or(progress.rows);
        if last {
            progress.verified = Some(String::new());
        }
        let phase = self.row.sync_phase;
        let (crm, place) = (Arc::clone(&self.crm), progress.next.clone().filter(|_| all && self.has_time()));
        let next = async {
            match &place {
                Some(place) => Some(crm.contacts(ReadMode::Full, Some(place)).await),
                None => None,
            }
        };
        let (saved, ahead) = tokio::join!(self.save(progress, phase, done, contacts, Vec::new()), next);
        let saved = saved?;
        self.ahead = ahead;
        Ok(saved)
    }

    /// Pages shift while records change, and deleted ones are not listed: what was not seen is
    /// asked for by id.
    async fn verify(&mut self, now: Moment) -> Result<Step, ConnectError> {
        let after = self.row.sync_cursor.verified.clone().unwrap_or_default();
        let ids = records::unseen(&self.deps.store, &self.row, &after, self.started()).await?;
        let Some(last) = ids.last().cloned() else { return self.after_contacts(now).await };
        let contacts = self.crm.contacts_by_id(&ids).await?;
        let gone = ids.into_iter().filter(|id| contacts.iter().all(|contact| contact.id != *id)).collect();
        let mut progress = self.row.sync_cursor.0.clone();
        progress.verified = Some(last);
        self.save(progress, SyncPhase::Full, self.row.sync_done, contacts, gone).await
    }

    /// What was deleted, restored or merged. After what changed: whoever survived a merge is known
    /// with what they have of the other one when that one is found gone.
    async fn history(&mut self, now: Moment) -> Result<Step, ConnectError> {
        let since = self.row.sync_cursor.watermark.unwrap_or(Moment::UNIX_EPOCH);
        let hints = match self.crm.history(since).await {
            Ok(hints) => hints,
            // The event log is not open to every tariff; a full load finds what is gone, too.
            Err(CrmError::Forbidden(_) | CrmError::NotFound | CrmError::Rejected(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let (mut ids, mut of) = (Vec::new(), Vec::new());
        for hint in hints {
            match hint {
                CrmHint::Contact(id) => ids.push(id),
                CrmHint::Occasion(one) => of.push(one),
                CrmHint::Ignored => {}
            }
        }
        let contacts = if ids.is_empty() { Vec::new() } else { self.crm.contacts_by_id(&ids).await? };
        let gone = ids.into_iter().filter(|id| contacts.iter().all(|contact| contact.id != *id)).collect();
        let progress = self.row.sync_cursor.0.clone();
        match self.save(progress, SyncPhase::Incremental, self.row.sync_done, contacts, gone).await? {
            Step::Again if !of.is_empty() => match self.looked_up(of).await? {
                Step::Again => self.after_contacts(now).await,
                step => Ok(step),
            },
            Step::Again => self.after_contacts(now).await,
            step => Ok(step),
        }
    }

    /// What became of records that are gone, where the CRM tells of no merges; and of those that
    /// have to be read for that, and of whoever survived a merge it tells of, what they are now.
    async fn survivors(&self, contacts: &[CrmContact], gone: &[String]) -> Result<(Vec<(String, String)>, Vec<CrmContact>), ConnectError> {
        let candidates = records::candidates(&self.deps.store, &self.row, gone).await?;
        let told = contacts.iter().filter_map(|contact| contact.merged_into.clone());
        let mut wanted: Vec<String> = candidates.iter().map(|one| one.survivor.clone()).chain(told).collect();
        wanted.retain(|id| contacts.iter().all(|contact| contact.id != *id));
        wanted.sort_unstable();
        wanted.dedup();
        let read = if wanted.is_empty() { Vec::new() } else { self.crm.contacts_by_id(&wanted).await? };
        let there: Vec<CrmContact> =
            contacts.iter().chain(&read).filter(|one| candidates.iter().any(|other| other.survivor == one.id)).cloned().collect();
        Ok((records::became(&candidates, &there, &self.reader), read))
    }

    /// A page and the place after it, in one transaction.
    async fn save(
        &mut self,
        mut progress: Progress,
        phase: SyncPhase,
        done: i64,
        contacts: Vec<CrmContact>,
        gone: Vec<String>,
    ) -> Result<Step, ConnectError> {
        let now = clock::now();
        let mut contacts = records::changed(&self.deps.store, &self.row, contacts, &self.reader).await?;
        let (became, mut read) = self.survivors(&contacts, &gone).await?;
        contacts.append(&mut read);
        let new = self.unknown(&progress, &contacts).await?;
        let mut tx = self.deps.store.begin_bulk().await?;
        progress.stats.merged += records::carry(&mut tx, &self.row, &became, Proof::Gone, now).await?;
        let deleted = records::delete(&mut tx, &self.row, &gone, now).await?;
        let stats = records::page(&mut tx, &self.row, &contacts, &self.reader, now).await?;
        progress.stats.add(&stats);
        if progress.left_out == 0 && progress.stats.left_out > 0 {
            connection::tell_left_out(&mut tx, &self.row, now).await?;
        }
        progress.left_out = progress.left_out.max(progress.stats.left_out);
        progress.stats.deleted += deleted;
        progress.occasions.of.append(&mut whats_on::here(&mut tx, self.row.id, &new).await?);
        progress.failures = 0;
        progress.unusable = None;
        if !connection::checkpoint(&mut tx, self.lease, &progress, phase, done, self.started(), now).await? {
            return Ok(Step::Lost);
        }
        tx.commit().await?;
        self.row.sync_cursor.0 = progress;
        self.row.sync_phase = phase;
        self.row.sync_done = done;
        Ok(Step::Again)
    }

    async fn finish(&mut self, now: Moment) -> Result<Step, ConnectError> {
        let full = self.row.sync_phase == SyncPhase::Full;
        let started = self.started();
        let mut progress = self.row.sync_cursor.0.clone();
        // Whoever was gone had a phone that is another's there, and free here only since: all are
        // read once more, and no third time: somebody is always gone in a large base.
        let again = full && !progress.repeated && progress.stats.deleted > 0 && progress.stats.shared_phones > 0;
        progress.repeated = again;
        progress.watermark = (!again).then_some(started);
        progress.turn = Turn::Contacts;
        if full {
            progress.full_at = Some(started);
        }
        if progress.reconciling {
            let found = progress.stats.found();
            progress.reconciled = Some(Reconciled { at: now, found });
            tracing::info!(crm.connection = %self.row.id, sync.found = found, "the nightly load found what hooks and feeds had missed");
        }
        progress.reconciling = false;
        progress.next = None;
        progress.verified = None;
        if full {
            progress.mapped = progress.mapping;
        }
        // A full load takes its time: what changed meanwhile comes right after it.
        let at_once = if full { !self.whole() } else { self.is_due_for_all(now) };
        let next = if at_once { now } else { now + connection::every(&self.row, self.deps.sync_every) };
        if !connection::finished(&self.deps.store, self.lease, &progress, self.row.sync_done, next, now).await? {
            return Ok(Step::Lost);
        }
        tracing::info!(crm.connection = %self.row.id, sync.full = full, sync.contacts = self.row.sync_done, "a CRM sync came to its end");
        match connection::by_id(&self.deps.store, self.lease.connection).await? {
            Some(row) => self.row = row,
            None => return Ok(Step::Lost),
        }
        Ok(Step::Again)
    }
}
