//! What happens to the contacts: visits, orders, deals. Read after the contacts, by the same
//! pages, and in the same way: everything first, then what changed.

use std::sync::Arc;

use chrono::TimeDelta;
use mms_core::{
    clock::{self, Moment},
    contact::occasion,
    crm::{
        CrmContact, CrmError,
        connection::{self, ConnectError, OccasionProgress, Progress, Turn},
        occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef},
        registry,
    },
    inbound::{crm as records, occasions},
};

use super::{Step, Sync};

/// How far back occasions are read at first. Older ones say little of a customer of today, and a
/// shop's orders of ten years would be read for days.
const BACK: TimeDelta = TimeDelta::days(730);

/// Records that are asked about in one go: a call each, at some CRMs.
const ASKED: usize = 20;
/// Where more are new at once all occasions are read anew, which takes fewer calls.
const MANY: usize = 200;

/// What is written with a place.
struct Batch {
    occasions: Vec<CrmOccasion>,
    gone: Vec<OccasionRef>,
    /// A full read saw them.
    seen: bool,
}

impl Sync<'_> {
    fn kinds(&self) -> &'static [OccasionKind] {
        registry::capabilities(self.row.kind).occasions
    }

    /// Records of a page that are nobody here yet and whose occasions no feed will tell of.
    pub(super) async fn unknown(&self, progress: &Progress, contacts: &[CrmContact]) -> Result<Vec<String>, ConnectError> {
        if self.kinds().is_empty() || progress.occasions.watermark.is_none() || progress.reconciling {
            return Ok(Vec::new());
        }
        let ids = contacts.iter().filter(|contact| !contact.deleted).map(|contact| contact.id.as_str()).collect();
        Ok(occasions::unknown(&self.deps.store, self.row.id, ids).await?)
    }

    /// The contacts are read: their occasions are next, where the CRM tells of any.
    pub(super) async fn after_contacts(&mut self, now: Moment) -> Result<Step, ConnectError> {
        if self.kinds().is_empty() {
            return self.finish(now).await;
        }
        let mut progress = self.row.sync_cursor.0.clone();
        progress.turn = Turn::Occasions;
        progress.next = None;
        progress.verified = None;
        self.full_of_occasions(&mut progress, now).await?;
        self.keep(progress, Batch { occasions: Vec::new(), gone: Vec::new(), seen: false }).await
    }

    /// Whether all of them are to be read: at first, at night, and when the feed was lost.
    async fn full_of_occasions(&self, progress: &mut Progress, now: Moment) -> Result<(), ConnectError> {
        let full = progress.occasions.watermark.is_none() || progress.reconciling || progress.occasions.of.len() > MANY;
        if full {
            progress.occasions.of.clear();
        }
        progress.occasions.full_from = full.then_some(now - BACK);
        progress.occasions.verified = None;
        if full {
            // Asked before anything is read: what changes meanwhile comes after it.
            progress.occasions.mark = self.crm.occasion_mark().await?;
        }
        Ok(())
    }

    pub(super) async fn occasions(&mut self, now: Moment) -> Result<Step, ConnectError> {
        if let Some((kind, after)) = self.row.sync_cursor.occasions.verified.clone() {
            return self.verify_occasions(kind, &after, now).await;
        }
        if !self.row.sync_cursor.occasions.of.is_empty() {
            return self.occasions_of_new(now).await;
        }
        let cursor = &self.row.sync_cursor;
        let OccasionProgress { watermark, mark, full_from, .. } = &cursor.occasions;
        let mode = match (full_from, watermark) {
            (Some(from), _) => OccasionMode::Full { from: *from },
            (None, at) => OccasionMode::Since { at: at.unwrap_or(Moment::UNIX_EPOCH), mark: mark.as_ref() },
        };
        let page = match self.occasions_ahead.take() {
            Some(page) => page,
            None => self.crm.occasions(mode, cursor.next.as_ref()).await,
        };
        let OccasionPage { occasions, next, mark, anew } = page?;
        let (from, full) = (*full_from, full_from.is_some());
        let mut progress = cursor.0.clone();
        if anew && !full {
            tracing::info!(crm.connection = %self.row.id, "the CRM's feed of occasions does not reach back: all are read anew");
            progress.occasions.watermark = None;
            progress.next = None;
            self.full_of_occasions(&mut progress, now).await?;
            return self.keep(progress, Batch { occasions: Vec::new(), gone: Vec::new(), seen: false }).await;
        }
        let last = next.is_none();
        progress.next = next;
        progress.occasions.mark = mark.or(progress.occasions.mark);
        if last && full {
            progress.occasions.verified = self.kinds().first().map(|kind| (*kind, String::new()));
        }
        // Of all of them the next page is asked for while this one is written.
        let (crm, place) = (Arc::clone(&self.crm), progress.next.clone().filter(|_| self.has_time()));
        let next = async {
            match (&place, from) {
                (Some(place), Some(from)) => Some(crm.occasions(OccasionMode::Full { from }, Some(place)).await),
                _ => None,
            }
        };
        let (kept, ahead) = tokio::join!(self.keep(progress, Batch { occasions, gone: Vec::new(), seen: full }), next);
        let kept = kept?;
        self.occasions_ahead = ahead;
        match kept {
            Step::Again if last && !full => self.end_of_occasions(now).await,
            step => Ok(step),
        }
    }

    /// Those that the full read did not see are asked for by their ids.
    async fn verify_occasions(&mut self, kind: OccasionKind, after: &str, now: Moment) -> Result<Step, ConnectError> {
        let from = self.row.sync_cursor.occasions.full_from.unwrap_or(Moment::UNIX_EPOCH);
        let ids = occasion::unseen(&self.deps.store, (self.row.account_id, self.row.id), kind, after, (from, self.started())).await?;
        let mut progress = self.row.sync_cursor.0.clone();
        let Some(last) = ids.last().cloned() else {
            let next = self.kinds().iter().skip_while(|one| **one != kind).nth(1);
            progress.occasions.verified = next.map(|next| (*next, String::new()));
            return match next {
                Some(_) => self.keep(progress, Batch { occasions: Vec::new(), gone: Vec::new(), seen: false }).await,
                None => self.end_of_occasions(now).await,
            };
        };
        let of: Vec<OccasionRef> = ids.into_iter().map(|id| OccasionRef { kind, id }).collect();
        progress.occasions.verified = Some((kind, last));
        let Some(Batch { occasions, gone, .. }) = self.asked_for(of).await? else {
            return self.keep(progress, Batch { occasions: Vec::new(), gone: Vec::new(), seen: false }).await;
        };
        self.keep(progress, Batch { occasions, gone, seen: true }).await
    }

    /// What happened to records that are new here although they are not new there.
    async fn occasions_of_new(&mut self, now: Moment) -> Result<Step, ConnectError> {
        let mut progress = self.row.sync_cursor.0.clone();
        let rest = progress.occasions.of.split_off(progress.occasions.of.len().min(ASKED));
        let some = std::mem::replace(&mut progress.occasions.of, rest);
        let occasions = match self.crm.occasions_of(&some, now - BACK).await {
            Ok(Some(occasions)) => occasions,
            Ok(None) => {
                progress.occasions.watermark = None;
                self.full_of_occasions(&mut progress, now).await?;
                Vec::new()
            }
            // Whoever may not see any sees none of theirs.
            Err(CrmError::Forbidden(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        self.keep(progress, Batch { occasions, gone: Vec::new(), seen: false }).await
    }

    async fn end_of_occasions(&mut self, now: Moment) -> Result<Step, ConnectError> {
        let started = self.started();
        let occasions = &mut self.row.sync_cursor.0.occasions;
        occasions.watermark = Some(started);
        occasions.full_from = None;
        occasions.verified = None;
        self.finish(now).await
    }

    /// Occasions that a hint named, as they are now.
    pub(super) async fn looked_up(&mut self, of: Vec<OccasionRef>) -> Result<Step, ConnectError> {
        let Some(batch) = self.asked_for(of).await? else { return Ok(Step::Again) };
        let progress = self.row.sync_cursor.0.clone();
        self.keep(progress, batch).await
    }

    /// These as they are now, and those of them that are gone. `None`: the CRM does not let us see
    /// any, which says nothing of them.
    async fn asked_for(&self, of: Vec<OccasionRef>) -> Result<Option<Batch>, ConnectError> {
        let occasions = match self.crm.occasions_by_id(&of).await {
            Err(CrmError::Forbidden(_)) => return Ok(None),
            other => other?,
        };
        let gone = of.into_iter().filter(|of| occasions.iter().all(|one| one.of != *of)).collect();
        Ok(Some(Batch { occasions, gone, seen: false }))
    }

    /// A page and the place after it, in one transaction; and before it, whoever has an occasion on
    /// it and is not here yet.
    async fn keep(&mut self, mut progress: Progress, batch: Batch) -> Result<Step, ConnectError> {
        let strangers = occasions::strangers(&self.deps.store, self.row.id, &batch.occasions).await?;
        let contacts = if strangers.is_empty() { Vec::new() } else { self.crm.contacts_by_id(&strangers).await? };
        let now = clock::now();
        let mut tx = self.deps.store.begin_bulk().await?;
        let stats = records::page(&mut tx, &self.row, &contacts, &self.reader, now).await?;
        progress.stats.add(&stats);
        let taken = occasions::page(&mut tx, &self.row, &batch.occasions, now).await?;
        if batch.seen {
            occasions::saw(&mut tx, self.row.id, &batch.occasions, now).await?;
        }
        progress.stats.occasions += taken.changed;
        progress.stats.called_off += taken.called_off + occasions::gone(&mut tx, &self.row, &batch.gone).await?;
        progress.failures = 0;
        if !connection::checkpoint(&mut tx, self.lease, &progress, self.row.sync_phase, self.row.sync_done, self.started(), now).await? {
            return Ok(Step::Lost);
        }
        tx.commit().await?;
        self.row.sync_cursor.0 = progress;
        Ok(Step::Again)
    }
}
