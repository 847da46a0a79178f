//! What every handler is given.

use std::sync::Arc;

use mms_core::{clock::Moment, config::Endpoints, queue::Queue, secret::Sealer, store::Store};

use crate::{
    frame::{api::Api, chats::Chats, surveys::Surveys, turns::Turns, ways::Ways},
    settings::BotSettings,
};

/// What every handler is given. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The database.
    pub store: Store,
    /// Seals and opens credentials.
    pub sealer: Sealer,
    /// Rings the worker's bells.
    pub queue: Queue,
    /// Where messengers are reached.
    pub endpoints: Endpoints,
    /// The managers' bot.
    pub bot: Api,
    /// How this process was set up.
    pub settings: Arc<BotSettings>,
    /// Whose turn it is to draw in a chat.
    pub turns: Turns,
    /// What each chat can take now.
    pub chats: Chats,
    /// Looks over an audience that members asked for.
    pub surveys: Surveys,
    /// Where members came from, and what their messages show.
    pub ways: Ways,
}

impl Deps {
    /// The current moment: the edge's clock.
    #[must_use]
    pub fn now(&self) -> Moment {
        mms_core::clock::now()
    }
}
