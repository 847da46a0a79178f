//! After a crash: a row found `sending` past its lease has an unknown outcome. A repeat that a
//! client id makes harmless is made; where the provider lets us look, it is resolved; else it
//! becomes uncertain and follows the campaign's policy. So: no duplicates, none lost, never more
//! uncertain rows than were in flight.

use chrono::TimeDelta;

use super::{
    Part, kept,
    outcome::{Outcome, Tried, Verdict, lost_sight},
    queries,
};
use crate::{
    channel::{Capabilities, Content, Free, Outbound, Resolution, lease::Lease},
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, ContactId, DeliveryId, OutgoingId},
    on,
    store::Store,
    words::{Reason, UncertainPolicy, Why},
};

/// For so long after its claim a provider that does not answer is asked for a message.
const ASKED_FOR: TimeDelta = TimeDelta::hours(1);

/// A row that was left in flight.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Stale {
    id: DeliveryId,
    #[sqlx(flatten)]
    part: Part,
    contact_id: ContactId,
    claim: Option<i64>,
    attempt: i32,
    reason: Option<Why>,
    updated_at: Moment,
    first_tried_at: Option<Moment>,
    value: Option<String>,
    uncertain_policy: UncertainPolicy,
}

/// Rows of a channel that were left in flight, oldest first.
///
/// # Errors
/// The database's.
pub async fn stale(store: &Store, account: AccountId, channel: ChannelId, limit: i64, now: Moment) -> sqlx::Result<Vec<Stale>> {
    on!(store.read(), |c| sqlx::query_as(queries::STALE).bind(account).bind(channel).bind(now).bind(limit).fetch_all(c).await)
}

impl Stale {
    /// Which it is.
    #[must_use]
    pub fn delivery(&self) -> DeliveryId {
        self.id
    }

    /// The campaign it belongs to.
    #[must_use]
    pub fn campaign(&self) -> CampaignId {
        self.part.campaign
    }

    /// The message, as far as a provider needs it to say what became of it; `said`: its words, if
    /// they are asked for and known ([`super::kept::of`]). Whether it was one of a series is not
    /// known without its text, so both of its numbers are given.
    #[must_use]
    pub fn question(&self, said: Option<&kept::Message>) -> Outbound {
        let to = self.value.clone().unwrap_or_default();
        let body = said.map(|said| said.body.clone()).unwrap_or_default();
        let content = Content::Free(Free { body, ..Free::default() });
        Outbound { client_id: self.id.0, series: Some(self.part.series()), to, content, paid: false }
    }

    /// When it was claimed for this try.
    #[must_use]
    pub fn tried_at(&self) -> Moment {
        self.updated_at
    }

    /// Whether the provider makes one message of it and a repeat with the same client id.
    #[must_use]
    pub fn is_repeatable(&self, capabilities: &Capabilities, now: Moment) -> bool {
        let age = (now - self.first_tried_at.unwrap_or(self.updated_at)).to_std().unwrap_or_default();
        capabilities.client_id_window.is_some_and(|window| age < window)
    }

    /// Whether the provider was asked in vain for longer than is worth while: its campaign cannot
    /// come to its end meanwhile.
    #[must_use]
    pub fn is_asked_for_long(&self, now: Moment) -> bool {
        now - self.updated_at > ASKED_FOR
    }

    /// The outcome where nobody can be asked any more, and nothing goes again.
    #[must_use]
    pub fn lost(&self) -> Outcome {
        self.with(Verdict::Uncertain)
    }

    fn with(&self, verdict: Verdict) -> Outcome {
        Outcome {
            delivery: self.id,
            contact: self.contact_id,
            claim: self.claim.unwrap_or_default(),
            attempt: self.attempt,
            until: None,
            verdict,
            detail: None,
        }
    }

    /// The outcome, given what the provider said.
    #[must_use]
    pub fn outcome(&self, said: Resolution, capabilities: &Capabilities, now: Moment, jitter: f64) -> Outcome {
        let verdict = match said {
            Resolution::Sent(sent) => Verdict::Sent { message_ref: sent.message_ref, at: self.updated_at },
            Resolution::NotSent => Verdict::Later { due_at: now },
            Resolution::CannotTell | Resolution::NotNow => {
                let tried = Tried {
                    attempt: self.attempt,
                    resent: self.reason == Some(Reason::Resend.into()),
                    policy: self.uncertain_policy,
                    repeatable: self.is_repeatable(capabilities, now),
                };
                lost_sight(tried, now, jitter)
            }
        };
        self.with(verdict)
    }
}

/// Rows claimed under a lease that are still marked as in flight: after a claim whose commit went
/// unanswered, those that the owner of the lease does not know were never sent, and it gives them
/// back.
///
/// # Errors
/// The database's.
pub async fn mine(store: &Store, account: AccountId, lease: Lease) -> sqlx::Result<Vec<(DeliveryId, ContactId, i32, Option<Moment>)>> {
    on!(store.read(), |c| sqlx::query_as(queries::MINE).bind(account).bind(lease.channel).bind(lease.token).fetch_all(c).await)
}

/// The same of messages outside campaigns.
///
/// # Errors
/// The database's.
pub async fn mine_outgoing(store: &Store, account: AccountId, lease: Lease) -> sqlx::Result<Vec<(OutgoingId, i32, Option<Moment>)>> {
    on!(store.read(), |c| sqlx::query_as(queries::MINE_OUTGOING).bind(account).bind(lease.channel).bind(lease.token).fetch_all(c).await)
}
