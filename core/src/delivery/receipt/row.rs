//! Messages as they stand, and what they come to by what is told of them.

use super::told::{Told, is_no};
use crate::{
    channel::Charge,
    clock::Moment,
    delivery::{Part, State, cascade::LeadsOn, speaker::Ended},
    id::{CampaignId, ContactId, DeliveryId, OutgoingId},
    store::usage::Month,
    words::Why,
};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: DeliveryId,
    #[sqlx(flatten)]
    pub(super) part: Part,
    pub(super) contact_id: ContactId,
    pub(super) planned: bool,
    /// It stamped its contact for the frequency cap.
    pub(super) stamped: bool,
    pub(super) counted_in: Option<Month>,
    /// `None`: the campaign has one step.
    pub(super) next_on: Option<LeadsOn>,
    pub(super) wait_seconds: Option<i32>,
    pub(super) deadline_at: Option<Moment>,
    pub(super) passed: bool,
    pub(super) state: State,
    pub(super) reason: Option<Why>,
    pub(super) attempt: i32,
    pub(super) message_ref: Option<String>,
    pub(super) sent_at: Option<Moment>,
    pub(super) delivered_at: Option<Moment>,
    pub(super) read_at: Option<Moment>,
    pub(super) detail: Option<String>,
    pub(super) charge: Option<Charge>,
}

/// A delivery as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) state: State,
    pub(super) reason: Option<Why>,
    pub(super) delivered: Option<Moment>,
    pub(super) read: Option<Moment>,
    pub(super) detail: Option<String>,
    /// When it left, if a receipt told.
    pub(super) sent: Option<Moment>,
    /// The provider's id of it, if it had none.
    pub(super) reference: Option<String>,
    pub(super) charge: Option<Charge>,
}

impl Row {
    /// As the message that speaks for its person and comes to its end.
    pub(super) fn ended(&self, moved: &Moved) -> Ended {
        let Self { id, part, contact_id: contact, planned, .. } = *self;
        Ended { id, part, contact, planned, state: moved.state, reason: moved.reason.clone() }
    }

    /// Whether it may be in flight, so that its own record comes first.
    pub(super) fn flies(&self) -> bool {
        self.state == State::Sending
    }

    /// Whether it never went, so that no word of the provider's is taken for it.
    pub(super) fn never_went(&self) -> bool {
        self.state == State::Queued && self.attempt == 0
    }

    /// What it comes to; `None`: nothing new.
    pub(super) fn told(&self, told: &Told) -> Option<Moved> {
        if self.never_went() {
            return None;
        }
        // A refusal of ours is no receipt: only one of what was sent is compared with another.
        let refused = (self.state == State::Failed && self.sent_at.is_some())
            .then(|| Some((self.reason.as_ref()?.known()?, self.detail.clone())))
            .flatten();
        let mut all = Told { delivered: self.delivered_at, read: self.read_at, failed: refused, charge: self.charge, ..Told::default() };
        all.join(told.clone());
        let reference = all.reference.take().filter(|_| self.message_ref.is_none());
        let state = all.events().fold(self.state, |state, event| state.next(event).unwrap_or(state));
        // That a refused first try goes again is as it should be, but not against the person's no.
        let no = state == State::Queued && all.failed.as_ref().is_some_and(|(reason, _)| is_no(*reason));
        let state = if no { State::Failed } else { state };
        let refused = all.failed.filter(|_| state == State::Failed);
        let (reason, detail) = match (state, refused) {
            (State::Failed, Some((reason, detail))) => (Some(reason.into()), detail),
            (State::Sent | State::Delivered | State::Read, _) => (None, None),
            _ => return None,
        };
        let Told { delivered, read, sent, charge, .. } = all;
        let moved = Moved { state, reason, delivered, read, detail, sent, reference, charge };
        let same = moved.state == self.state
            && moved.reference.is_none()
            && moved.reason == self.reason
            && moved.delivered == self.delivered_at
            && moved.read == self.read_at
            && moved.detail == self.detail
            && moved.charge == self.charge;
        (!same).then_some(moved)
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct OutRow {
    pub(super) id: OutgoingId,
    pub(super) contact_id: Option<ContactId>,
    pub(super) address_value: String,
    pub(super) state: String,
    pub(super) reason: Option<Why>,
    pub(super) attempt: i32,
    pub(super) message_ref: Option<String>,
    pub(super) sent_at: Option<Moment>,
    pub(super) delivered_at: Option<Moment>,
    pub(super) read_at: Option<Moment>,
    pub(super) detail: Option<String>,
}

impl OutRow {
    /// The same rule as a delivery's; its table has no states for what arrived, the times say it.
    pub(super) fn as_row(&self) -> Option<Row> {
        let state = match self.state.as_str() {
            "queued" => State::Queued,
            "sending" => State::Sending,
            "sent" if self.read_at.is_some() => State::Read,
            "sent" if self.delivered_at.is_some() => State::Delivered,
            "sent" => State::Sent,
            "failed" => State::Failed,
            "uncertain" => State::Uncertain,
            _ => return None,
        };
        Some(Row {
            id: DeliveryId(self.id.0),
            part: Part::first(CampaignId(uuid::Uuid::nil())),
            contact_id: ContactId(uuid::Uuid::nil()),
            planned: true,
            stamped: false,
            counted_in: None,
            next_on: None,
            wait_seconds: None,
            deadline_at: None,
            passed: false,
            state,
            reason: self.reason.clone(),
            attempt: self.attempt,
            message_ref: self.message_ref.clone(),
            sent_at: self.sent_at,
            delivered_at: self.delivered_at,
            read_at: self.read_at,
            detail: self.detail.clone(),
            charge: None,
        })
    }
}
