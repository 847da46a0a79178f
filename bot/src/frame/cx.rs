//! Who asks, in which language, from which chat: what every screen's handler starts from.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use mms_core::{
    account::{Actor, feature::Switches, second::Waiting, suspension::Suspension},
    clock::Moment,
    id::SessionId,
};

use super::{
    deps::Deps,
    dialogue::{self, Question},
    error::BotError,
};
use crate::i18n::Tr;

/// What the licensor closed to a company, looked up for each update of a member.
#[derive(Debug, Clone, Default)]
pub struct Closed {
    pub suspended: Option<Suspension>,
    /// Functions that are off.
    pub off: Switches,
}

/// Who asks, in which language, from which chat.
#[derive(Debug, Clone)]
pub struct Cx {
    /// Store, queue, bot.
    pub deps: Deps,
    /// The signed-in member, if any; see [`Cx::actor`].
    pub who: Option<Actor>,
    pub session: Option<SessionId>,
    /// A session that waits for the second factor: until then nobody is signed in.
    pub pending: Option<Waiting>,
    /// A new password comes before anything else.
    pub password_due: bool,
    /// What the licensor closed to the member's company, and what it switched off.
    pub closed: Closed,
    /// Texts in the member's language with dates of the account's zone.
    pub tr: Tr,
    /// The chat; for a private one it equals `user`.
    pub chat: i64,
    /// The Telegram user id.
    pub user: i64,
    /// How Telegram shows the person: first and last name.
    pub user_name: String,
    /// When the update is handled.
    pub now: Moment,
    /// A question was asked: the message that shows it is noted once it is drawn. Shared by the
    /// clones of one update's context.
    pub asked: Arc<AtomicBool>,
}

impl Cx {
    /// The signed-in member. The gate has checked the right the call needs.
    ///
    /// # Errors
    /// [`BotError::SignedOut`], which the gate turns into the welcome.
    pub fn actor(&self) -> Result<&Actor, BotError> {
        self.who.as_ref().ok_or(BotError::SignedOut)
    }

    /// The next words or file typed in this chat go to `step`.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask(&self, step: impl Question) -> Result<(), BotError> {
        dialogue::set(&self.deps.store, self.chat, &step.kept(), self.now).await?;
        self.asked.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// What is typed next means nothing in particular again.
    ///
    /// # Errors
    /// The database's.
    pub async fn leave(&self) -> Result<(), BotError> {
        self.asked.store(false, Ordering::Relaxed);
        Ok(dialogue::clear(&self.deps.store, self.chat).await?)
    }
}
