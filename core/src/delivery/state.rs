//! The states of a delivery and which may follow which.

use serde::{Deserialize, Serialize};

/// Where a delivery is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Claimed: from here until its outcome is recorded it may be in flight.
    Sending,
    /// The provider took it.
    Sent,
    /// It is on the recipient's device.
    Delivered,
    /// It was opened.
    Read,
    /// It did not go and will not.
    Failed,
    /// It was left out, by planning or by the claim.
    Skipped,
    /// It may have gone: nobody can tell.
    Uncertain,
    /// It was taken back before it went.
    Cancelled,
}

/// What happens to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A worker takes it.
    Claim,
    /// The provider took it.
    Sent,
    /// The provider says it arrived.
    Delivered,
    /// The provider says it was opened.
    Read,
    /// The provider took it and says later that it refuses it after all.
    Bounce,
    /// It certainly did not go; it may go later.
    PutBack,
    /// It certainly did not go and will not.
    Fail,
    /// It must not go: suppression, consent, window, rendering.
    Skip,
    /// It is not known whether it went.
    LoseSight,
    /// A person, or the campaign's policy, sends an uncertain one again.
    SendAgain,
    /// Opt-out or stop.
    Cancel,
    /// Opt-out, stop or the claim, of one that was to go again: it may have gone the first time.
    CancelRepeat,
}

/// A step that the states do not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {from:?} cannot take the step {event:?}")]
pub struct Forbidden {
    pub from: State,
    /// What was to happen.
    pub event: Event,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
        Self::Skipped,
        Self::Uncertain,
        Self::Cancelled,
    ];

    /// The name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Still on its way: a campaign with one of these is not finished.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sending)
    }

    /// Reached the provider, whatever receipts say.
    #[must_use]
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Read)
    }

    /// The state after `event`.
    ///
    /// An uncertain delivery still takes the answer of its own call: it may come late, and it is
    /// the truth. A queued one does too when it is queued again after its call lost sight of it;
    /// who may say so is checked by claim and attempt.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn next(self, event: Event) -> Result<Self, Forbidden> {
        use Event as E;
        use State as S;
        Ok(match (self, event) {
            (S::Queued, E::Claim) => S::Sending,
            (S::Queued, E::Skip) => S::Skipped,
            (S::Queued, E::Cancel) => S::Cancelled,
            (S::Sending | S::Uncertain | S::Queued, E::Sent) => S::Sent,
            (S::Sending | S::Uncertain, E::PutBack) | (S::Uncertain, E::SendAgain) => S::Queued,
            (S::Sending | S::Uncertain, E::Fail) => S::Failed,
            (S::Sending, E::Skip) => S::Skipped,
            (S::Sending, E::LoseSight) | (S::Queued, E::CancelRepeat) => S::Uncertain,
            // Receipts come twice and out of order: the highest rank stays, and what arrived was
            // not refused. A receipt also proves an uncertain one sent, and one that is to go
            // again; that a refused first try goes again is as it should be.
            (S::Sending | S::Queued | S::Uncertain | S::Failed | S::Sent | S::Delivered, E::Delivered) => S::Delivered,
            (S::Sending | S::Queued | S::Uncertain | S::Failed | S::Sent | S::Delivered | S::Read, E::Read)
            | (S::Read, E::Delivered | E::Sent | E::Bounce) => S::Read,
            (S::Uncertain | S::Sent | S::Failed, E::Bounce) => S::Failed,
            (S::Delivered, E::Sent | E::Bounce) => S::Delivered,
            (S::Sent, E::Sent) => S::Sent,
            (from, event) => return Err(Forbidden { from, event }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Event as E, State as S};

    const EVENTS: [E; 12] = [
        E::Claim,
        E::Sent,
        E::Delivered,
        E::Read,
        E::Bounce,
        E::PutBack,
        E::Fail,
        E::Skip,
        E::LoseSight,
        E::SendAgain,
        E::Cancel,
        E::CancelRepeat,
    ];

    #[test]
    fn the_whole_table() {
        // Rows: states; columns: events in the order of EVENTS; a dot is forbidden.
        let table = "
            queued     sending sent delivered read . . . skipped . . cancelled uncertain
            sending    . sent delivered read . queued failed skipped uncertain . . .
            sent       . sent delivered read failed . . . . . . .
            delivered  . delivered delivered read delivered . . . . . . .
            read       . read read read read . . . . . . .
            failed     . . delivered read failed . . . . . . .
            skipped    . . . . . . . . . . . .
            uncertain  . sent delivered read failed queued failed . . queued . .
            cancelled  . . . . . . . . . . . .";
        let mut rows = 0;
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap();
            let from = S::ALL.into_iter().find(|state| state.as_str() == name).unwrap();
            for event in EVENTS {
                let expected = words.next().unwrap();
                let got = from.next(event).map_or(".", S::as_str);
                assert_eq!(got, expected, "{from:?} on {event:?}");
            }
            assert_eq!(words.next(), None);
            rows += 1;
        }
        assert_eq!(rows, S::ALL.len());
    }

    #[test]
    fn a_receipt_never_lowers_the_rank() {
        for from in [S::Sent, S::Delivered, S::Read] {
            for event in [E::Sent, E::Delivered, E::Read] {
                assert!(from.next(event).unwrap() >= from);
            }
        }
    }
}
