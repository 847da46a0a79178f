//! Lists messages as begun before they leave, a few at a time: what a dead owner had not listed was
//! never sent, and goes back ([`mms_core::delivery::begun`]). Only here it becomes [`Begun`], and
//! only such a message can leave.
//!
//! In the order of leaving, messages outside campaigns come first, and campaigns keep a share
//! beside them ([`ANSWERS`]).

use std::{collections::VecDeque, sync::Arc};

use mms_core::{
    delivery::{begun, kept::Words},
    retry,
};
use tokio::{
    sync::{
        OwnedSemaphorePermit,
        mpsc::{UnboundedReceiver, UnboundedSender},
    },
    time::{Instant, sleep, sleep_until},
};

use super::{
    flight::Landed,
    turn::{PATIENCE, Ready, SHORTLY, Sending, Turn},
};

/// So many messages outside campaigns go before one of a campaign that waits: a thousand newcomers
/// leave a campaign a quarter of the pace.
pub(super) const ANSWERS: u32 = 3;

/// Claimed, rendered and listed as begun: it may leave.
#[derive(Debug)]
pub(super) struct Begun {
    pub ready: Ready,
    /// Its place between the list and the air.
    pub listed: OwnedSemaphorePermit,
}

/// What waits to leave.
#[derive(Debug, Default)]
struct Waiting {
    answers: VecDeque<Ready>,
    deliveries: VecDeque<Ready>,
    /// Messages outside campaigns since the last of a campaign.
    run: u32,
}

impl Waiting {
    fn add(&mut self, some: Vec<Ready>) {
        for ready in some {
            match ready.sending {
                Sending::Outgoing(_) => self.answers.push_back(ready),
                Sending::Delivery(..) => self.deliveries.push_back(ready),
            }
        }
    }

    fn len(&self) -> usize {
        self.answers.len() + self.deliveries.len()
    }

    /// The next in the order of leaving.
    fn next(&mut self) -> Option<Ready> {
        if self.deliveries.is_empty() || self.run < ANSWERS && !self.answers.is_empty() {
            self.run = self.run.saturating_add(1);
            self.answers.pop_front()
        } else {
            self.run = 0;
            self.deliveries.pop_front()
        }
    }

    /// When the oldest was claimed.
    fn oldest(&self) -> Option<Instant> {
        [&self.answers, &self.deliveries].into_iter().filter_map(|turn| turn.front()).map(|ready| ready.since).min()
    }
}

/// Lists until the claimer is done. Dropping `begun` tells the flight that all is listed.
pub(super) async fn run(
    turn: &Arc<Turn>,
    mut incoming: UnboundedReceiver<Vec<Ready>>,
    begun: UnboundedSender<Begun>,
    landed: UnboundedSender<Landed>,
) {
    let mut waiting = Waiting::default();
    let mut errors = 0;
    loop {
        while let Ok(some) = incoming.try_recv() {
            waiting.add(some);
        }
        let Some(oldest) = waiting.oldest() else {
            match incoming.recv().await {
                Some(some) => waiting.add(some),
                None => return,
            }
            continue;
        };
        let places = tokio::select! {
            () = turn.ground.cancelled() => None,
            () = sleep_until(oldest + PATIENCE) => None,
            places = Arc::clone(&turn.listed).acquire_many_owned(turn.listing) => places.ok(),
            Some(some) = incoming.recv() => {
                waiting.add(some);
                continue;
            }
        };
        let Some(mut places) = places.filter(|_| !turn.is_closed()) else {
            // Nothing may leave, or nothing leaves for so long: it goes back. The recorder ends
            // only after this loop.
            while let Some(ready) = waiting.next() {
                let _ = landed.send(ready.unsent(turn));
            }
            continue;
        };
        let mut some = Vec::with_capacity(waiting.len().min(turn.listing as usize));
        while some.len() < turn.listing as usize {
            let Some(ready) = waiting.next() else { break };
            match stays(turn, ready) {
                Ok(ready) => some.push(ready),
                Err(stays) => drop(landed.send(*stays)),
            }
        }
        if some.is_empty() {
            continue;
        }
        let list = turn.begin(some.iter().map(Ready::key));
        let mut words = Words::default();
        for ready in &mut some {
            if let (Sending::Delivery(row, _), Some(packed)) = (&ready.sending, ready.words.take()) {
                words.add(row.delivery.0, row.attempt, packed);
            }
        }
        let listed = begun::list(&turn.deps.store, turn.row.account_id, turn.lease, &list, words).await;
        match listed {
            Ok(true) => {
                errors = 0;
                for ready in some {
                    // As many permits were taken as messages may be listed at once.
                    let Some(listed) = places.split(1) else { break };
                    // The flight ends only after this loop.
                    let _ = begun.send(Begun { ready, listed });
                }
                continue;
            }
            Ok(false) => {
                tracing::warn!("another worker took the channel over");
                turn.ground.cancel();
            }
            Err(error) => {
                errors += 1;
                tracing::warn!(%error, errors, "nothing could be listed as begun, trying again");
                if retry::TURN.given_up(errors) {
                    turn.ground.cancel();
                }
            }
        }
        for ready in some {
            let _ = landed.send(ready.unsent(turn));
        }
        sleep(retry::TURN.wait(errors)).await;
    }
}

/// A message that does not leave now, as it lands: its recipient is held, or it would go by a
/// reference that is known to be lost.
fn stays(turn: &Turn, ready: Ready) -> Result<Ready, Box<Landed>> {
    let wait = turn.pacer().recipient_at(&ready.message.to).saturating_sub(turn.micros());
    if wait > SHORTLY {
        return Err(Box::new(ready.held(turn, wait)));
    }
    if ready.outdated() {
        return Err(Box::new(ready.unsent(turn)));
    }
    Ok(ready)
}
