//! Messages outside campaigns: consent questions, confirmations, managers' replies. They go through the same channel
//! lease at the same pace, first in line.

use serde::{Deserialize, Serialize};

use super::queries;
use crate::{
    channel::Button,
    clock::Moment,
    id::{AccountId, ChannelId, ContactId},
    on,
    store::Tx,
    text::Rich,
};

/// Why a message goes outside a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OutgoingPurpose {
    /// The customer bot's answer in a dialogue (greeting, consent question).
    Answer,
    /// Confirms an opt-out: the one message that goes to a person who said stop.
    Confirmation,
    /// A manager's reply.
    Reply,
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
}

/// A message to be queued.
#[derive(Debug, Clone)]
pub struct NewOutgoing {
    /// Whose.
    pub account: AccountId,
    /// Through which channel.
    pub channel: ChannelId,
    /// To whom, if known.
    pub contact: Option<ContactId>,
    /// The address at that channel.
    pub to: String,
    /// Why.
    pub purpose: OutgoingPurpose,
    /// What.
    pub message: OutgoingMessage,
    /// The same key is queued once: handling an inbound event twice sends one answer.
    pub dedupe_key: String,
}

/// Queues a message in the caller's transaction; ring [`crate::queue::Job::Deliver`] after the commit.
///
/// # Errors
/// The database's.
pub async fn enqueue(tx: &mut Tx, new: NewOutgoing, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::ENQUEUE)
        .bind(new.account)
        .bind(new.channel)
        .bind(new.contact)
        .bind(&new.to)
        .bind(new.purpose)
        .bind(sqlx::types::Json(&new.message))
        .bind(&new.dedupe_key)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}
