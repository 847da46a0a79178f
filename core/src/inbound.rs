//! Raw before understood: updates and webhooks are stored, deduplicated, acknowledged, then handled
//! by jobs; handling one twice changes nothing.
//!
//! [`raw`] keeps and hands out; [`conversation`] is the pure rule of what a customer bot does;
//! [`handle()`] carries one event out in one transaction; [`reply()`] is a manager's answer,
//! [`inbox`] what there is to answer, [`talk`] whose it is.

pub mod conversation;
pub mod crm;
pub mod failed;
pub mod from_crm;
pub mod handle;
pub mod identify;
pub mod inbox;
pub mod join;
pub mod keyword;
mod moved;
pub mod occasions;
pub mod queries;
pub mod quick;
pub mod raw;
pub mod reply;
pub mod search;
pub mod talk;
pub mod texts;
pub mod visit;

#[cfg(test)]
mod tests;

pub use handle::{Aftermath, Answered, ChannelSource, Handled, Pressed, Refusals, echoes, handle, news, receipts};
pub use identify::named;
pub use raw::{NewRaw, RawEvent, SourceKind, store, store_polled, waiting};
pub use reply::{ReplyError, ReplyFile, reply, reply_with};
