//! Lets messages go at the pace of the channel, several calls at once, and judges how they landed.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chrono::TimeDelta;
use mms_core::{
    channel::{Content, Free, Media, MediaSource, Outbound, Resolution, SendError, Sent, fit, lease, media_ref},
    clock::{self, Moment},
    delivery::{
        claim::Claimed,
        kept,
        outcome::{Outcome, Tried, Verdict, judge},
        outgoing::{self, OutgoingOutcome},
    },
    id::CampaignId,
    pace::{Micros, Ticket},
    retry::RetryPolicy,
    template::Rendered,
    words::Reason,
};
use tokio::{
    sync::{
        OwnedSemaphorePermit,
        mpsc::{UnboundedReceiver, UnboundedSender},
    },
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};
use tracing::{Instrument as _, field::display};

use super::{
    air,
    begin::Begun,
    turn::{Campaign, LONG, PATIENCE, Ready, SHORTLY, Sending, Turn, Upload, jitter},
};

/// When a provider that could not say what became of a message is asked again.
const ASKED_AGAIN: Duration = Duration::from_secs(30);

/// What became of a message, for the recorder.
#[derive(Debug)]
pub(super) struct Landed {
    /// Of a delivery, with its campaign, or of a message outside campaigns.
    pub outcome: LandedOutcome,
    /// The recipient blocked us at this address ([`Reason::Blocked`]), or told the messenger to
    /// stop ([`Reason::OptedOut`]).
    pub blocked: Option<(String, Reason)>,
    /// The provider closes the channel until then.
    pub hold: Option<Moment>,
    /// The provider refuses the channel, in its own words.
    pub refused: Option<String>,
    /// The provider lets nothing go by the campaign's template any more: the campaign pauses.
    pub barred: bool,
}

/// Whose outcome it is.
#[derive(Debug)]
pub(super) enum LandedOutcome {
    /// A delivery's.
    Delivery(Outcome, CampaignId),
    /// A message's outside campaigns.
    Outgoing(OutgoingOutcome),
}

impl Landed {
    pub(super) fn delivery(outcome: Outcome, campaign: CampaignId) -> Self {
        Self { outcome: LandedOutcome::Delivery(outcome, campaign), blocked: None, hold: None, refused: None, barred: false }
    }
}

/// On its way: the call of these messages is under way, and only its answer makes each of them a
/// [`Landed`].
struct Flying {
    messages: Vec<(Ready, Ticket)>,
    left: Instant,
    _seat: OwnedSemaphorePermit,
}

/// Sends what comes until all is listed; what is still in flight is returned to be waited for.
pub(super) async fn run(turn: &Arc<Turn>, mut incoming: UnboundedReceiver<Begun>, landed: UnboundedSender<Landed>) -> JoinSet<()> {
    let mut air = JoinSet::new();
    let mut waiting: VecDeque<Begun> = VecDeque::new();
    loop {
        while let Ok(begun) = incoming.try_recv() {
            waiting.push_back(begun);
        }
        let Some(oldest) = waiting.front().map(|begun| begun.ready.since) else {
            match incoming.recv().await {
                Some(begun) => waiting.push_back(begun),
                None => return air,
            }
            continue;
        };
        if turn.is_closed() || oldest.elapsed() > PATIENCE {
            for begun in waiting.drain(..) {
                let _ = landed.send(begun.ready.unsent(turn));
            }
            continue;
        }
        let (index, at) = match next(turn, &waiting) {
            Next::Leaves(index, at) => (index, at),
            Next::Held(index, wait) => {
                if let Some(begun) = waiting.remove(index) {
                    let _ = landed.send(begun.ready.held(turn, wait));
                }
                continue;
            }
        };
        if waiting.get(index).is_some_and(|begun| begun.ready.outdated()) {
            if let Some(begun) = waiting.remove(index) {
                let _ = landed.send(begun.ready.unsent(turn));
            }
            continue;
        }
        if at > turn.micros() + LONG {
            // A pace of less than one a second: nothing claimed waits for it.
            for begun in waiting.drain(..) {
                let _ = landed.send(begun.ready.unsent(turn));
            }
            continue;
        }
        if at > turn.micros() {
            tokio::select! {
                () = turn.ground.cancelled() => {}
                () = sleep_until(turn.instant(at)) => {}
                Some(begun) = incoming.recv() => waiting.push_back(begun),
            }
            continue;
        }
        let seat = tokio::select! {
            () = turn.ground.cancelled() => continue,
            () = sleep_until(oldest + PATIENCE) => continue,
            seat = Arc::clone(&turn.seats).acquire_owned() => seat,
        };
        // The semaphore is never closed, and the index is of this very queue.
        let (Ok(seat), Some(Begun { ready, listed })) = (seat, waiting.remove(index)) else { return air };
        // Waiting for a seat took time, never back: what the pacer allowed it still allows.
        let ticket = turn.pacer().go(&ready.message.to, turn.micros());
        for _ in 1..turn.adapter.calls(&ready.message) {
            turn.pacer().also(turn.micros());
        }
        // In the air: its place among those listed is free.
        drop(listed);
        let mut messages = vec![(ready, ticket)];
        join(turn, &mut messages, &mut waiting);
        let flying = Flying { messages, left: Instant::now(), _seat: seat };
        // Boxed: a task of this size would be copied several times on its way into the air.
        air.spawn(Box::pin(fly(Arc::clone(turn), flying, landed.clone())).in_current_span());
        while air.try_join_next().is_some() {}
    }
}

/// Fills the call with what else may leave now, where a call carries several messages: those that
/// say the same as the first one, or whatever waits.
fn join(turn: &Turn, messages: &mut Vec<(Ready, Ticket)>, waiting: &mut VecDeque<Begun>) {
    let Some((first, ticket)) = messages.first().map(|(ready, ticket)| (ready, *ticket)) else { return };
    // What an adapter may put into one call it may have learnt since the turn began.
    let call = turn.row.batch(turn.adapter.capabilities());
    if call.same <= 1 || !first.joins() {
        return;
    }
    let series = first.message.series;
    // One that is repeated may have said something else, as on the day before.
    let same = |first: &Ready, begun: &Begun| {
        series.is_some() && begun.ready.message.series == series && begun.ready.message.content == first.message.content
    };
    let alike = waiting.iter().filter(|begun| same(first, begun)).count();
    let most = if alike >= call.any { call.same } else { call.any };
    let all_alike = most > call.any;
    let mut index = 0;
    while index < waiting.len() && messages.len() < most {
        let Some(begun) = waiting.get(index) else { return };
        let now = turn.micros();
        let is_alike = || messages.first().is_some_and(|(first, _)| same(first, begun));
        let fits = begun.ready.joins() && !begun.ready.outdated() && (!all_alike || is_alike());
        if !fits || turn.pacer().recipient_at(&begun.ready.message.to) > now {
            index += 1;
            continue;
        }
        let Some(Begun { ready, listed }) = waiting.remove(index) else { return };
        drop(listed);
        let ticket = turn.pacer().join(ticket, &ready.message.to, now);
        messages.push((ready, ticket));
    }
}

/// What becomes of the messages that wait.
enum Next {
    /// This one leaves next, at that moment.
    Leaves(usize, Micros),
    /// The recipient of this one must not be written to for so long.
    Held(usize, Micros),
}

/// The first whose recipient may be written to, else the one who may soonest; but nobody waits for
/// a recipient who is held.
fn next(turn: &Turn, waiting: &VecDeque<Begun>) -> Next {
    let now = turn.micros();
    let pacer = turn.pacer();
    let mut soonest = (0, Micros::MAX);
    for (index, begun) in waiting.iter().enumerate() {
        let at = pacer.recipient_at(&begun.ready.message.to);
        if at <= now {
            return Next::Leaves(index, pacer.ready_for(turn.adapter.calls(&begun.ready.message)));
        }
        if at - now > SHORTLY {
            return Next::Held(index, at - now);
        }
        if at < soonest.1 {
            soonest = (index, at);
        }
    }
    Next::Leaves(soonest.0, soonest.1.max(pacer.ready_at()))
}

/// One call, from leaving to landing.
async fn fly(turn: Arc<Turn>, flying: Flying, landed: UnboundedSender<Landed>) {
    let Flying { messages, left, _seat } = flying;
    // A process that was frozen since the look before goes on here, and the channel may be
    // another's by now.
    if !turn.is_ours() {
        for (ready, _) in messages {
            let _ = landed.send(ready.unsent(&turn));
        }
        return;
    }
    let mut outbound = Vec::with_capacity(messages.len());
    let mut under_way = Vec::with_capacity(messages.len());
    for (Ready { sending, message, upload, place, .. }, ticket) in messages {
        // In the air: its place between claim and air is free.
        drop(place);
        outbound.push(message);
        under_way.push((sending, upload, ticket));
    }
    // Looking a message up takes of its time in the air.
    let landed_by = Instant::now() + air(under_way.iter().any(|(_, upload, _)| *upload)).saturating_sub(Duration::from_secs(2));
    let found = match (&under_way[..], &outbound[..]) {
        ([(Sending::Delivery(row, _), _, _)], [message]) if row.looked_up => look_up(&turn, row, message, landed_by).await,
        _ => Found::Sends,
    };
    let answered = match found {
        Found::Is(found) => Some(vec![found]),
        Found::NotNow => {
            for (sending, upload, ticket) in under_way {
                turn.pacer().answered(ticket, turn.micros());
                let _ = landed.send(sending.back(&turn, upload, Verdict::Held { until: clock::now() + ASKED_AGAIN }));
            }
            return;
        }
        Found::Sends => tokio::select! {
            answered = timeout_at(landed_by, lease::under(turn.ours(), turn.adapter.send(&outbound))) => answered.ok(),
            () = turn.last_call() => None,
        },
    };
    let unanswered = if answered.is_some() { "the adapter gave no answer" } else { "no answer in time" };
    let mut answers = answered.unwrap_or_default().into_iter();
    let answers: Vec<_> =
        outbound.iter().map(|_| answers.next().unwrap_or_else(|| Err(SendError::Unknown(unanswered.to_owned())))).collect();
    let now = turn.micros();
    for (_, _, ticket) in &under_way {
        turn.pacer().answered(*ticket, now);
    }
    metrics::histogram!("mms_send_seconds").record(left.elapsed().as_secs_f64());
    // A call that nobody answered is one, however many messages were in it.
    let silent = |answer: &Result<Sent, SendError>| matches!(answer, Err(SendError::Unknown(_) | SendError::Transient(_)));
    let refused = |answer: &Result<Sent, SendError>| matches!(answer, Err(SendError::Unauthorised(_) | SendError::Misconfigured(_)));
    if answers.iter().all(silent) {
        turn.trouble().stumbled();
    } else if !answers.iter().all(|answer| refused(answer) || answer == &Err(SendError::NotOurs)) {
        turn.trouble().recovered();
    }
    for (((sending, upload, _), message), answer) in under_way.into_iter().zip(&outbound).zip(&answers) {
        let report = land(&turn, sending, upload, message, answer).await;
        // The recorder ends only when every flight has landed.
        let _ = landed.send(report);
    }
}

/// What the provider says of a message that was lost long ago.
enum Found {
    /// Known, or to be taken for unknown.
    Is(Result<Sent, SendError>),
    /// It is to be sent, because it certainly was not, or whatever became of it.
    Sends,
    /// It is to be asked for later.
    NotNow,
}

/// Asks the provider for a message that was lost long ago; it is sent should the provider be unable
/// to tell and the row say so ([`Claimed::whatever`]).
async fn look_up(turn: &Turn, row: &Claimed, message: &Outbound, landed_by: Instant) -> Found {
    let asked = timeout_at(landed_by, turn.adapter.resolve(message, row.first_tried_at));
    let said = tokio::select! {
        said = asked => said.unwrap_or(Resolution::NotNow),
        () = turn.last_call() => Resolution::NotNow,
    };
    match said {
        Resolution::Sent(sent) => Found::Is(Ok(sent)),
        Resolution::NotSent => Found::Sends,
        Resolution::CannotTell if row.whatever => Found::Sends,
        Resolution::CannotTell => Found::Is(Err(SendError::Unknown("it was lost long ago, and is not found".to_owned()))),
        Resolution::NotNow => Found::NotNow,
    }
}

/// What became of one message, by the answer to it.
async fn land(turn: &Arc<Turn>, sending: Sending, upload: bool, message: &Outbound, answer: &Result<Sent, SendError>) -> Landed {
    metrics::counter!("mms_sends_total", "outcome" => word(answer)).increment(1);
    let now = clock::now();
    let (campaign_id, delivery_id) = match &sending {
        Sending::Delivery(row, _) => (Some(display(row.part.campaign)), Some(row.delivery.0)),
        Sending::Outgoing(_) => (None, None),
    };
    let (mut hold, mut refused) = (None, None);
    match answer {
        Err(SendError::RetryAfter { after, whole_channel }) => {
            metrics::counter!("mms_429_total").increment(1);
            turn.pacer().limited(turn.micros());
            if *whole_channel {
                hold = Some(now + *after);
                turn.ground.cancel();
            } else {
                let until = turn.micros() + u64::try_from(after.as_micros()).unwrap_or(u64::MAX / 4);
                turn.pacer().hold_recipient(&message.to, until);
            }
        }
        Err(SendError::Unknown(why) | SendError::Transient(why)) => {
            tracing::warn!(campaign.id = campaign_id, delivery.id = delivery_id, error = %why, "a call got no good answer");
        }
        Err(SendError::Unauthorised(why) | SendError::Misconfigured(why)) => {
            refused = Some(why.clone());
            turn.ground.cancel();
        }
        Err(SendError::Rejected(why)) => {
            tracing::warn!(campaign.id = campaign_id, delivery.id = delivery_id, error = %why, "the provider refused a message");
        }
        Err(SendError::ReferenceLost(why)) => {
            tracing::warn!(campaign.id = campaign_id, delivery.id = delivery_id, error = %why, "the provider lost a file, it is uploaded again");
        }
        Err(SendError::Quota { until, why }) => {
            tracing::warn!(campaign.id = campaign_id, delivery.id = delivery_id, error = %why, "the sender's quota is used up");
            hold = Some(*until);
            turn.ground.cancel();
        }
        Err(SendError::Newcomer { until, why }) => {
            tracing::warn!(campaign.id = campaign_id, delivery.id = delivery_id, error = %why, "the sender's people of this month are used up");
            turn.newcomers_wait(*until);
        }
        Ok(_)
        | Err(
            SendError::Unreachable(_)
            | SendError::Blocked
            | SendError::Stopped(_)
            | SendError::Withheld(_)
            | SendError::WindowClosed(_)
            | SendError::TemplateNeeded(_)
            | SendError::Apart(_)
            | SendError::NotOurs,
        ) => {}
    }
    let blocked = match answer {
        Err(SendError::Blocked) => Some((message.to.clone(), Reason::Blocked)),
        Err(SendError::Stopped(_)) => Some((message.to.clone(), Reason::OptedOut)),
        _ => None,
    };
    // The file itself was refused, and for the second time: so it will be each time.
    let again = upload && matches!(&sending, Sending::Delivery(row, _) if row.attempt > 1);
    let unfit = match answer {
        Err(SendError::ReferenceLost(why)) if again => Some(Err(SendError::Rejected(why.clone()))),
        _ => None,
    };
    let answer = unfit.as_ref().unwrap_or(answer);
    let held = answer.as_ref().ok().and_then(|sent| sent.held.as_ref());
    let detail = answer.as_ref().err().and_then(SendError::said).or_else(|| held.map(|held| held.why.clone()));
    let paused = held.is_some_and(|held| held.barred);
    let mut report = match sending {
        Sending::Delivery(row, campaign) => {
            if upload {
                uploaded(turn, &campaign, answer).await;
            } else if let (Err(SendError::ReferenceLost(_)), Some(Media { source: MediaSource::Reference(reference), .. })) =
                (answer, message.media())
            {
                lost(turn, &campaign, reference).await;
            }
            if let (Ok(Sent { in_words: true, .. }), Content::Free(free)) = (answer, &message.content) {
                keep_in_words(turn, &row, &campaign, free).await;
            }
            let tried = Tried {
                attempt: row.attempt,
                resent: row.resent,
                policy: campaign.sheet.policy,
                repeatable: turn.adapter.capabilities().client_id_window.is_some_and(|window| row.first_tried_at + window > now),
            };
            // Not the message's fault: it waits with the others until a person looked.
            let barred = matches!(answer, Err(SendError::TemplateNeeded(_))) && matches!(message.content, Content::Template(_));
            let verdict = if barred { Verdict::Returned } else { verdict(answer, tried, turn.deps.retry.delivery, now) };
            let mut report = Landed::delivery(Outcome { detail, ..Outcome::of(&row, verdict) }, row.part.campaign);
            (report.blocked, report.barred) = (blocked, barred || paused);
            report
        }
        Sending::Outgoing(row) => {
            let repeatable = outgoing::is_repeatable(row.first_tried_at, turn.adapter.capabilities().client_id_window, now);
            let verdict = verdict(answer, row.purpose.tried(row.attempt, repeatable), turn.deps.retry.delivery, now);
            let outcome = OutgoingOutcome { detail, ..OutgoingOutcome::of(&row, turn.lease, verdict) };
            Landed { outcome: LandedOutcome::Outgoing(outcome), blocked, hold: None, refused: None, barred: false }
        }
    };
    (report.hold, report.refused) = (hold, refused);
    report
}

fn verdict(answer: &Result<Sent, SendError>, tried: Tried, retry: RetryPolicy, now: Moment) -> Verdict {
    match answer {
        Ok(sent) => Verdict::Sent { message_ref: sent.message_ref.clone(), at: now },
        Err(error) => judge(error, tried, retry, now, jitter()),
    }
}

/// The recipient's device showed the message in words only: those are kept in place of the others.
async fn keep_in_words(turn: &Turn, row: &Claimed, campaign: &Campaign, free: &Free) {
    let file = free.media.as_ref().map(|media| media.kind);
    let Ok(fit::Fitted { body, buttons, said }) = fit::in_words(free.body.clone(), free.buttons.clone(), file, turn.adapter.capabilities())
    else {
        return;
    };
    let packed = campaign.sheet.keep(&Rendered { body, buttons, said }, None);
    if let Err(error) = kept::instead(&turn.deps.store, turn.row.account_id, (row.delivery, row.attempt), &packed).await {
        tracing::warn!(delivery.id = %row.delivery, %error, "what a message said in words was not kept, its first words are");
    }
}

/// The campaign's file is at the provider now, or still here.
async fn uploaded(turn: &Turn, campaign: &Campaign, answer: &Result<Sent, SendError>) {
    let reference = answer.as_ref().ok().and_then(|sent| sent.media_reference.clone());
    let Some((reference, (kind, file))) = reference.zip(campaign.sheet.media.as_ref()) else {
        campaign.set_upload(Upload::Here);
        return;
    };
    let kept = media_ref::remember(&turn.deps.store, turn.row.id, &file.sha256, *kind, &reference, clock::now());
    if let Err(error) = kept.await {
        tracing::warn!(%error, "the file's reference was not kept, another turn uploads it again");
    }
    campaign.set_upload(Upload::There(reference));
}

/// The provider no longer knows the campaign's file by this reference: it is forgotten, and the
/// next message carries the file.
async fn lost(turn: &Turn, campaign: &Campaign, reference: &str) {
    // Whoever comes second finds it taken care of.
    let Some((kind, file)) = campaign.sheet.media.as_ref().filter(|_| campaign.begin_renewal(reference)) else { return };
    let (store, channel) = (&turn.deps.store, turn.row.id);
    let kept = async {
        media_ref::forget(store, channel, &file.sha256, *kind, reference).await?;
        // Another campaign may have uploaded the same file meanwhile.
        media_ref::known(store, channel, &file.sha256, *kind, turn.media_since()).await
    };
    let kept = kept.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the lost reference was not forgotten, the new one takes its place");
        None
    });
    campaign.set_upload(kept.map_or(Upload::Here, Upload::There));
}

fn word(answer: &Result<Sent, SendError>) -> &'static str {
    match answer {
        Ok(_) => "sent",
        Err(SendError::RetryAfter { .. }) => "limited",
        Err(SendError::Transient(_)) => "transient",
        Err(SendError::Unreachable(_)) => "unreachable",
        Err(SendError::Blocked) => "blocked",
        Err(SendError::Stopped(_)) => "stopped",
        Err(SendError::Withheld(_)) => "withheld",
        Err(SendError::WindowClosed(_)) => "window_closed",
        Err(SendError::TemplateNeeded(_)) => "template_needed",
        Err(SendError::Quota { .. } | SendError::Newcomer { .. }) => "quota",
        Err(SendError::Rejected(_)) => "rejected",
        Err(SendError::ReferenceLost(_)) => "reference_lost",
        Err(SendError::Unauthorised(_)) => "unauthorised",
        Err(SendError::Misconfigured(_)) => "misconfigured",
        Err(SendError::Apart(_)) => "apart",
        Err(SendError::NotOurs) => "not_ours",
        Err(SendError::Unknown(_)) => "unknown",
    }
}

impl Ready {
    /// It may share a call. A file goes alone, for its upload may take longer than others may wait,
    /// and so does what is looked up first.
    fn joins(&self) -> bool {
        !self.upload && !matches!(&self.sending, Sending::Delivery(row, _) if row.looked_up)
    }

    /// It would go by a reference that is known to be lost.
    pub(super) fn outdated(&self) -> bool {
        match (&self.sending, self.message.media()) {
            (Sending::Delivery(_, campaign), Some(Media { source: MediaSource::Reference(reference), .. })) => !campaign.is_at(reference),
            _ => false,
        }
    }

    /// It does not leave: back to the queue, known not sent.
    pub(super) fn unsent(self, turn: &Turn) -> Landed {
        self.sending.back(turn, self.upload, Verdict::Returned)
    }

    /// Its recipient must not be written to for so many microseconds: back to the queue until then,
    /// known not sent.
    pub(super) fn held(self, turn: &Turn, wait: Micros) -> Landed {
        let wait = TimeDelta::milliseconds(i64::try_from(wait / 1_000).unwrap_or(i64::MAX / 2) + 1);
        self.sending.back(turn, self.upload, Verdict::Held { until: clock::now() + wait })
    }
}

impl Sending {
    /// Back to the queue; `upload`: it was to carry its campaign's file.
    fn back(self, turn: &Turn, upload: bool, verdict: Verdict) -> Landed {
        match self {
            Self::Delivery(row, campaign) => {
                if upload {
                    campaign.set_upload(Upload::Here);
                }
                Landed::delivery(Outcome::of(&row, verdict), row.part.campaign)
            }
            Self::Outgoing(row) => {
                let outcome = OutgoingOutcome::of(&row, turn.lease, verdict);
                Landed { outcome: LandedOutcome::Outgoing(outcome), blocked: None, hold: None, refused: None, barred: false }
            }
        }
    }
}
