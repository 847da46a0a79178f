//! What comes due by the double's clock, in order.

use super::{receipts, review, state::State};

/// Something to happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A message leaves for the phone.
    Sent(i64),
    /// It reaches the phone.
    Arrive(i64),
    /// It is read by itself.
    Read(i64),
    /// It is refused after all.
    Fail(i64, u32),
    /// A review ends.
    Review { template: u64, rejected: Option<String> },
    /// The pause with this number ends.
    Unpause { template: u64, pauses: u32 },
}

/// Carries out everything that is due; whether there was anything.
pub(crate) fn run(state: &mut State) -> bool {
    let now = state.now();
    let mut any = false;
    while let Some(event) = state.events.take(now) {
        any = true;
        carry_out(state, event);
    }
    any
}

pub(crate) fn carry_out(state: &mut State, event: Event) {
    match event {
        Event::Sent(message) => receipts::sent(state, message),
        Event::Arrive(message) => receipts::arrive(state, message),
        Event::Read(message) => receipts::read(state, message),
        Event::Fail(message, code) => receipts::fail(state, message, code),
        Event::Review { template, rejected } => review::decide(state, template, rejected.as_deref()),
        Event::Unpause { template, pauses } => {
            if state.templates.get(&template).is_some_and(|template| template.pauses == pauses) {
                review::unpause(state, template);
            }
        }
    }
}
