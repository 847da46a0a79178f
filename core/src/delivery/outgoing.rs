//! Messages outside campaigns: consent questions, confirmations, managers' replies. They go through
//! the same channel lease at the same pace, first in line.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    outcome::{Tried, Verdict, lost_sight},
    queries,
};
use crate::{
    channel::{Button, FileKind, lease::Lease},
    clock::Moment,
    contact::erase,
    crm::message,
    id::{AccountId, ChannelId, ContactId, FileId, MemberId, OutgoingId},
    limits::{AIR, AIR_UPLOAD},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Engine, Store, Tx},
    text::Rich,
    words::{Reason, UncertainPolicy},
};

/// Why a message goes outside a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OutgoingPurpose {
    /// The customer bot's answer in a dialogue (greeting, consent question).
    Answer,
    /// Confirms an opt-out: the one message that goes to a person who said stop.
    Confirmation,
    /// A manager's reply, here or by the CRM ([`crate::crm::message`]).
    Reply,
}

impl OutgoingPurpose {
    /// Whether a second copy does no harm: a question put twice is answered once, and a
    /// confirmation says the same. A manager's reply is not sent a second time by itself, but where
    /// the provider makes one message of both ([`is_repeatable`]).
    #[must_use]
    pub fn harmless_twice(self) -> bool {
        match self {
            Self::Answer | Self::Confirmation => true,
            Self::Reply => false,
        }
    }

    /// How a try at such a message is judged; `repeatable`: the provider makes one message of it
    /// and a repeat ([`is_repeatable`]).
    #[must_use]
    pub fn tried(self, attempt: i32, repeatable: bool) -> Tried {
        Tried { attempt, resent: true, policy: UncertainPolicy::Leave, repeatable: repeatable || self.harmless_twice() }
    }
}

/// Whether a provider makes one message of one that was first tried then and a repeat under the
/// same client id: it does within `window`
/// ([`crate::channel::Capabilities::client_id_window`]).
#[must_use]
pub fn is_repeatable(first_tried_at: Moment, window: Option<Duration>, now: Moment) -> bool {
    window.is_some_and(|window| first_tried_at + window > now)
}

/// What goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMessage {
    /// Text.
    pub body: Rich,
    /// Rows of buttons.
    #[serde(default)]
    pub buttons: Vec<Vec<Button>>,
    /// Take away the reply keyboard shown before.
    #[serde(default)]
    pub remove_keyboard: bool,
    /// A file we keep; the text stands under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<OutgoingMedia>,
}

/// The file of a message outside campaigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMedia {
    /// How it is sent.
    pub kind: FileKind,
    /// Where its bytes are.
    pub file: FileId,
}

/// A message to be queued.
#[derive(Debug, Clone)]
pub struct NewOutgoing {
    pub account: AccountId,
    pub channel: ChannelId,
    /// To whom, if known.
    pub contact: Option<ContactId>,
    /// The address at that channel.
    pub to: String,
    pub purpose: OutgoingPurpose,
    pub message: OutgoingMessage,
    /// The same key is queued once: handling an inbound event twice sends one answer.
    pub dedupe_key: String,
}

/// Queues a message in the caller's transaction; ring [`crate::queue::Job::Deliver`] after the
/// commit. `None`: one with this key was queued before.
///
/// # Errors
/// The database's.
pub async fn enqueue(tx: &mut Tx, new: NewOutgoing, now: Moment) -> sqlx::Result<Option<OutgoingId>> {
    on!(tx.conn(), |c| sqlx::query_scalar(queries::ENQUEUE)
        .bind(new.account)
        .bind(new.channel)
        .bind(new.contact)
        .bind(&new.to)
        .bind(new.purpose)
        .bind(sqlx::types::Json(&new.message))
        .bind(&new.dedupe_key)
        .bind(now)
        .fetch_optional(c)
        .await)
}

/// Tells the members whose replies these were that they did not arrive (`failed`, with the reason),
/// or that nobody knows (`uncertain`). Where a CRM wrote one, it is told
/// ([`crate::crm::message`]).
///
/// # Errors
/// The database's.
pub(super) async fn tell_undelivered(
    tx: &mut Tx,
    account: AccountId,
    messages: &[OutgoingId],
    state: &str,
    reason: Reason,
    now: Moment,
) -> sqlx::Result<()> {
    message::moved(tx, account, messages, now).await?;
    for id in messages {
        let reply: Option<(MemberId, ContactId, ChannelId, String)> =
            on!(tx.conn(), |c| sqlx::query_as(queries::REPLY_OF).bind(account).bind(*id).fetch_optional(c).await)?;
        let Some((member, contact, channel, name)) = reply else { continue };
        let told = NewNotice {
            account,
            member: Some(member),
            kind: NoticeKind::ReplyUndelivered,
            payload: json!({ "contact": contact, "channel": channel, "name": name, "state": state, "reason": reason }),
            dedupe_key: erase::reply_key(*id, state),
        };
        notice::raise(tx, told, now).await?;
    }
    Ok(())
}

/// A message outside campaigns that goes no more.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Cancelled {
    id: OutgoingId,
    /// `uncertain`: it may have gone before; else `failed`.
    state: String,
}

/// Tells the members whose replies these were ([`tell_undelivered`]).
///
/// # Errors
/// The database's.
pub(super) async fn tell_cancelled(tx: &mut Tx, account: AccountId, some: &[Cancelled], reason: Reason, now: Moment) -> sqlx::Result<()> {
    for one in some {
        let reason = if one.state == "uncertain" { Reason::NoAnswer } else { reason };
        tell_undelivered(tx, account, &[one.id], &one.state, reason, now).await?;
    }
    Ok(())
}

/// A message outside campaigns that is ours to send.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ClaimedOutgoing {
    pub id: OutgoingId,
    /// To whom, if known.
    pub contact_id: Option<ContactId>,
    /// The address at the channel.
    pub address_value: String,
    pub purpose: OutgoingPurpose,
    #[sqlx(json)]
    pub payload: OutgoingMessage,
    /// Which try this is, from 1.
    pub attempt: i32,
    /// Until when it may be in flight; with the token and the attempt it names this claim.
    pub lease_until: Moment,
    /// When it was tried for the first time; of the tries since then one may have gone.
    pub first_tried_at: Moment,
}

/// Whether a channel has a message outside campaigns that is due.
///
/// # Errors
/// The database's.
pub async fn any_due(store: &Store, account: AccountId, channel: ChannelId, now: Moment) -> sqlx::Result<bool> {
    let due: Option<i64> =
        on!(store.read(), |c| sqlx::query_scalar(queries::OUTGOING_DUE).bind(account).bind(channel).bind(now).fetch_optional(c).await)?;
    Ok(due.is_some())
}

/// Claims up to `limit` due messages of the lease's channel, one a person, as deliveries are
/// claimed: committed before any call. A manager's reply to a person who said stop and has not
/// written since fails here, and the manager is told. A reply whose answer was lost goes again
/// within `window` of its first try ([`is_repeatable`]), and is uncertain after that.
///
/// # Errors
/// The database's; then nothing was claimed.
pub async fn claim(
    store: &Store,
    account: AccountId,
    lease: Lease,
    limit: i64,
    window: Option<Duration>,
    now: Moment,
) -> sqlx::Result<Vec<ClaimedOutgoing>> {
    let channel = lease.channel;
    if !any_due(store, account, channel, now).await? {
        return Ok(Vec::new());
    }
    let mut tx = store.begin().await?;
    let fence = match tx.engine() {
        Engine::Sqlite => queries::FENCE,
        Engine::Postgres => queries::FENCE_POSTGRES,
    };
    let open: Option<ChannelId> =
        on!(tx.conn(), |c| sqlx::query_scalar(fence).bind(account).bind(channel).bind(lease.token).bind(now).fetch_optional(c).await)?;
    if open.is_none() {
        return Ok(Vec::new());
    }
    let stopped: Vec<Cancelled> =
        on!(tx.conn(), |c| sqlx::query_as(queries::OUTGOING_STOPPED).bind(account).bind(channel).fetch_all(c).await)?;
    tell_cancelled(&mut tx, account, &stopped, Reason::OptedOut, now).await?;
    // A repeat must be at the provider within the window, however long it is in flight.
    let window = window.unwrap_or_default();
    let lapsed: Vec<Cancelled> = on!(tx.conn(), |c| sqlx::query_as(queries::OUTGOING_LAPSED)
        .bind(account)
        .bind(channel)
        .bind(now)
        .bind(now + AIR - window)
        .bind(now + AIR_UPLOAD - window)
        .fetch_all(c)
        .await)?;
    tell_cancelled(&mut tx, account, &lapsed, Reason::NoAnswer, now).await?;
    let mut rows: Vec<ClaimedOutgoing> = on!(tx.conn(), |c| sqlx::query_as(queries::OUTGOING_TAKE)
        .bind(account)
        .bind(channel)
        .bind(now)
        .bind(lease.token)
        .bind(now + AIR)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    // An upload takes longer.
    for row in rows.iter_mut().filter(|row| row.payload.media.is_some()) {
        row.lease_until = now + AIR_UPLOAD;
        on!(tx.conn(), |c| sqlx::query(queries::OUTGOING_LONGER)
            .bind(account)
            .bind(row.id)
            .bind(lease.token)
            .bind(row.lease_until)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    tx.commit().await?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// The verdict on one call outside campaigns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingOutcome {
    /// Of which message.
    pub id: OutgoingId,
    /// The claim the call was made under.
    pub claim: i64,
    pub attempt: i32,
    /// What was claimed to be in flight until then; see [`super::outcome::Outcome::until`].
    pub until: Option<Moment>,
    pub verdict: Verdict,
    /// The provider's code and words, where it refused.
    pub detail: Option<String>,
}

impl OutgoingOutcome {
    /// The verdict on a message claimed under this lease.
    #[must_use]
    pub fn of(claimed: &ClaimedOutgoing, lease: Lease, verdict: Verdict) -> Self {
        Self { id: claimed.id, claim: lease.token, attempt: claimed.attempt, until: Some(claimed.lease_until), verdict, detail: None }
    }
}

/// Records outcomes in one transaction. A message that is harmless twice was judged to go again
/// when its outcome was unknown ([`OutgoingPurpose::harmless_twice`], [`is_repeatable`]); any other
/// becomes uncertain and is never sent again.
///
/// # Errors
/// The database's; the same outcomes may be recorded again.
pub async fn record(store: &Store, outcomes: &[OutgoingOutcome], now: Moment) -> sqlx::Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for outcome in outcomes {
        let (mut reason, mut due, mut message_ref, mut sent_at, mut attempt) = (None, None, None, None, outcome.attempt);
        let state = match &outcome.verdict {
            Verdict::Sent { message_ref: reference, at } => {
                (message_ref, sent_at) = (Some(reference.as_str()).filter(|name| !name.is_empty()), Some(*at));
                "sent"
            }
            Verdict::Later { due_at } => {
                due = Some(*due_at);
                "queued"
            }
            Verdict::Repeat { due_at } => {
                (due, reason) = (Some(*due_at), Some(Reason::Repeat));
                "queued"
            }
            Verdict::Returned => {
                (due, attempt) = (Some(now), outcome.attempt - 1);
                "queued"
            }
            Verdict::Held { until } => {
                (due, attempt) = (Some(*until), outcome.attempt - 1);
                "queued"
            }
            Verdict::Failed { reason: why } | Verdict::Skipped { reason: why } => {
                reason = Some(*why);
                "failed"
            }
            Verdict::Uncertain | Verdict::Again { .. } => {
                reason = Some(Reason::NoAnswer);
                "uncertain"
            }
        };
        let changed: Option<(AccountId, OutgoingPurpose)> = on!(tx.conn(), |c| sqlx::query_as(queries::OUTGOING_RECORD)
            .bind(outcome.id)
            .bind(outcome.claim)
            .bind(outcome.attempt)
            .bind(state)
            .bind(reason.map(Reason::as_str))
            .bind(due)
            .bind(message_ref)
            .bind(sent_at)
            .bind(attempt)
            .bind(outcome.until.filter(|_| outcome.verdict.untried()))
            .bind(outcome.detail.as_deref().filter(|_| state == "failed"))
            .fetch_optional(c)
            .await)?;
        match (changed, reason) {
            (Some((account, OutgoingPurpose::Reply)), Some(reason)) if state != "queued" => {
                tell_undelivered(&mut tx, account, &[outcome.id], state, reason, now).await?;
            }
            (Some((account, OutgoingPurpose::Reply)), None) if state == "sent" => {
                message::moved(&mut tx, account, &[outcome.id], now).await?
            }
            _ => {}
        }
    }
    tx.commit().await
}

/// A message that was left in flight.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StaleOutgoing {
    id: OutgoingId,
    claim: Option<i64>,
    attempt: i32,
    purpose: OutgoingPurpose,
    first_tried_at: Option<Moment>,
}

impl StaleOutgoing {
    /// Which it is.
    #[must_use]
    pub fn id(&self) -> OutgoingId {
        self.id
    }

    /// Its outcome is unknown: it goes again where that does no harm; see [`is_repeatable`].
    #[must_use]
    pub fn outcome(&self, window: Option<Duration>, now: Moment, jitter: f64) -> OutgoingOutcome {
        let repeatable = self.first_tried_at.is_some_and(|first| is_repeatable(first, window, now));
        self.with(lost_sight(self.purpose.tried(self.attempt, repeatable), now, jitter))
    }

    /// Its outcome is unknown, and nothing goes again.
    #[must_use]
    pub fn lost(&self) -> OutgoingOutcome {
        self.with(Verdict::Uncertain)
    }

    fn with(&self, verdict: Verdict) -> OutgoingOutcome {
        OutgoingOutcome { id: self.id, claim: self.claim.unwrap_or_default(), attempt: self.attempt, until: None, verdict, detail: None }
    }
}

/// Messages of a channel that were left in flight, oldest first.
///
/// # Errors
/// The database's.
pub async fn stale(store: &Store, account: AccountId, channel: ChannelId, limit: i64, now: Moment) -> sqlx::Result<Vec<StaleOutgoing>> {
    on!(store.read(), |c| sqlx::query_as(queries::OUTGOING_STALE).bind(account).bind(channel).bind(now).bind(limit).fetch_all(c).await)
}
