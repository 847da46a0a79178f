//! Makes the messages of what was claimed, beside the next claim: neither waits for the other.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use mms_core::{
    channel::{Media, MediaSource, Outbound},
    clock::{self, Moment},
    delivery::{
        claim::Claimed,
        kept, month,
        outcome::{Outcome, Verdict},
    },
    id::{ContactId, DeliveryId},
    retry,
    template::engine::RenderError,
};
use tokio::{
    sync::{
        OwnedSemaphorePermit,
        mpsc::{UnboundedReceiver, UnboundedSender},
    },
    time::{Instant, sleep},
};

use super::{
    flight::Landed,
    turn::{Campaign, Ready, Sending, Turn, Upload},
};

/// Claimed: it may be rendered, and only here it becomes [`Ready`].
#[derive(Debug)]
pub(super) struct Batch {
    pub campaign: Arc<Campaign>,
    /// Its one message carries the campaign's file.
    pub upload: bool,
    /// What was claimed, each with its place between claim and air.
    pub rows: Vec<(Claimed, OwnedSemaphorePermit)>,
    /// When it was claimed.
    pub since: Instant,
}

/// Renders until the claimer is done. Dropping `ready` tells the next loop that all is rendered.
pub(super) async fn run(
    turn: &Arc<Turn>,
    mut batches: UnboundedReceiver<Batch>,
    ready: UnboundedSender<Vec<Ready>>,
    landed: UnboundedSender<Landed>,
) {
    let mut failures = 0;
    while let Some(mut batch) = batches.recv().await {
        // Handed over together: what comes one by one would be listed as begun one by one.
        let mut all = Vec::with_capacity(batch.rows.len());
        let held = newcomers(turn, &batch).await;
        let said = said(turn, &batch).await;
        let told = about(turn, &mut batch).await;
        for (row, place) in batch.rows {
            if let Some((until, _)) = held.as_ref().filter(|(_, known)| !known.contains(&row.contact)) {
                stays_here(&batch.campaign, batch.upload);
                let outcome = Outcome::of(&row, Verdict::Held { until: *until });
                drop(landed.send(Landed::delivery(outcome, row.part.campaign)));
                continue;
            }
            let made = if told {
                render(turn, row, said.as_ref(), &batch.campaign, batch.upload, place, batch.since).await
            } else {
                unread(&row, &batch.campaign, batch.upload)
            };
            match made {
                // Neither the next loop nor the recorder ends before this one.
                Made::Ready(one) => all.push(*one),
                Made::Landed(one) => drop(landed.send(*one)),
                Made::Unread(one) => {
                    drop(landed.send(*one));
                    drop(ready.send(std::mem::take(&mut all)));
                    failures += 1;
                    if retry::TURN.given_up(failures) {
                        turn.ground.cancel();
                    }
                    sleep(retry::TURN.wait(failures)).await;
                    continue;
                }
            }
            failures = 0;
        }
        if !all.is_empty() {
            drop(ready.send(all));
        }
    }
}

/// While the provider takes nobody new: until when, and who of a batch is known. What cannot be
/// asked the provider says again.
async fn newcomers(turn: &Turn, batch: &Batch) -> Option<(Moment, HashSet<ContactId>)> {
    let until = turn.newcomers_until()?;
    let contacts: Vec<ContactId> = batch.rows.iter().map(|(row, _)| row.contact).collect();
    match month::of(&turn.deps.store, turn.row.account_id, turn.row.id, &contacts, clock::now()).await {
        Ok(known) => Some((until, known)),
        Err(error) => {
            tracing::warn!(%error, "who was written to in this month is not known");
            None
        }
    }
}

/// What earlier tries of a batch said, where they are repeated; `None`: it could not be read now.
async fn said(turn: &Turn, batch: &Batch) -> Option<HashMap<DeliveryId, Vec<u8>>> {
    let again: Vec<DeliveryId> = batch.rows.iter().filter(|(row, _)| row.repeats).map(|(row, _)| row.delivery).collect();
    if again.is_empty() {
        return Some(HashMap::new());
    }
    match kept::before(&turn.deps.store, turn.row.account_id, &again).await {
        Ok(said) => Some(said),
        Err(error) => {
            tracing::warn!(%error, "what earlier tries said was not read, trying again");
            None
        }
    }
}

/// Adds what the messages of a batch are about, where the template names a visit or an order;
/// `false`: it could not be read now.
async fn about(turn: &Turn, batch: &mut Batch) -> bool {
    let rows = batch.rows.iter_mut().map(|(row, _)| row).collect();
    match batch.campaign.sheet.about(&turn.deps.store, turn.row.account_id, rows, clock::now()).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "what the messages are about was not read, trying again");
            false
        }
    }
}

/// What became of a claimed delivery here.
enum Made {
    /// It may leave.
    Ready(Box<Ready>),
    /// It does not leave: it cannot be rendered and is skipped with the reason, or the reference it
    /// was to go by is lost.
    Landed(Box<Landed>),
    /// The campaign's file, what an earlier try said, or what the message is about could not be
    /// read: back to the queue.
    Unread(Box<Landed>),
}

async fn render(
    turn: &Turn,
    mut row: Claimed,
    said: Option<&HashMap<DeliveryId, Vec<u8>>>,
    campaign: &Arc<Campaign>,
    upload: bool,
    place: OwnedSemaphorePermit,
    since: Instant,
) -> Made {
    let now = clock::now();
    // What went before the words were kept, or longer ago than they are, is rendered anew.
    let before = match said {
        _ if !row.repeats => None,
        Some(said) => said.get(&row.delivery).and_then(|packed| campaign.sheet.again(packed)),
        None => return unread(&row, campaign, upload),
    };
    // The values first: rendering takes what is known of the recipient.
    let anew = |row: &mut Claimed| {
        let values = campaign.sheet.values(row, now)?;
        let rendered = campaign.sheet.render(row, values.as_deref(), turn.adapter.capabilities(), now)?;
        Ok((rendered, values))
    };
    let (rendered, values) = match before.map_or_else(|| anew(&mut row), Ok) {
        Ok(made) => made,
        Err(error) => return not_rendered(&row, campaign, upload, &error),
    };
    let media = match (&campaign.sheet.media, campaign.upload()) {
        (Some((kind, file)), _) if turn.adapter.capabilities().fetches_files => {
            Some(Media { kind: (*kind).into(), source: turn.linked(file) })
        }
        (Some((kind, _)), Upload::There(reference)) => Some(Media { kind: (*kind).into(), source: MediaSource::Reference(reference) }),
        // Claimed to go by a reference that was lost since: the next claim finds where the file is,
        // with the time an upload may take.
        (Some(_), _) if !upload => {
            return Made::Landed(Box::new(Landed::delivery(Outcome::of(&row, Verdict::Returned), row.part.campaign)));
        }
        (Some((kind, file)), _) => match campaign.sheet.bytes(&turn.deps.store, turn.row.account_id).await {
            Ok(content) => {
                let source = MediaSource::Bytes { name: file.name.clone(), mime: file.mime.clone(), content };
                Some(Media { kind: (*kind).into(), source })
            }
            Err(error) => {
                tracing::warn!(campaign.id = %row.part.campaign, %error, "the campaign's file was not read, trying again");
                return unread(&row, campaign, upload);
            }
        },
        (None, _) => None,
    };
    let words = campaign.sheet.keep(&rendered, values.as_deref());
    let content = match campaign.sheet.message(rendered, values, media) {
        Ok(content) => content,
        Err(error) => return not_rendered(&row, campaign, upload, &error),
    };
    let series = campaign.sheet.says_the_same().then(|| row.part.series());
    let message = Outbound { client_id: row.delivery.0, series, to: row.to.clone(), content, paid: turn.row.settings.paid };
    Made::Ready(Box::new(Ready {
        sending: Sending::Delivery(row, Arc::clone(campaign)),
        message,
        words: Some(words),
        upload,
        place,
        since,
    }))
}

/// It is skipped, with the reason.
fn not_rendered(row: &Claimed, campaign: &Campaign, upload: bool, error: &RenderError) -> Made {
    // The detail names places and variables, never values.
    tracing::debug!(campaign.id = %row.part.campaign, delivery.id = %row.delivery, reason = %error.reason, "not rendered");
    stays_here(campaign, upload);
    let verdict = Verdict::Skipped { reason: error.reason };
    Made::Landed(Box::new(Landed::delivery(Outcome::of(row, verdict), row.part.campaign)))
}

/// It goes back, for something of it could not be read now.
fn unread(row: &Claimed, campaign: &Campaign, upload: bool) -> Made {
    stays_here(campaign, upload);
    Made::Unread(Box::new(Landed::delivery(Outcome::of(row, Verdict::Returned), row.part.campaign)))
}

/// The message that was to carry the campaign's file does not leave: the next one carries it.
fn stays_here(campaign: &Campaign, upload: bool) {
    if upload {
        campaign.set_upload(Upload::Here);
    }
}
