//! The whole way of an update on one page. The order of the gates is the security of the bot:
//! nothing below a gate runs for an update the gate turned away.

use teloxide::{
    dispatching::{DpHandlerDescription, UpdateFilterExt},
    dptree::{self, Handler},
    types::{CallbackQuery, Message, Update},
};

use crate::{
    endpoints,
    frame::{cx::Cx, dialogue, gates},
    screens::commands,
};

/// The handler tree.
pub type Tree = Handler<'static, anyhow::Result<()>, DpHandlerDescription>;

/// Builds the tree; it is given a [`Deps`](crate::frame::deps::Deps), an [`Update`], and when it
/// [`Came`](gates::Came).
#[must_use]
pub fn schema() -> Tree {
    dptree::entry()
        // 1. Once: an update that came before (a lost acknowledgement, a restart) changes nothing.
        .filter_async(gates::first_time)
        // 2. Private chats only: a card in a group would show customers' data to strangers.
        .filter_async(gates::private)
        // 3. Who: the session is looked up at every update, so a lost phone is out at once. 4. And
        //    in which language.
        .filter_map_async(gates::context)
        .branch(
            Update::filter_message()
                // 5. What Telegram tells of the chat itself is nobody's answer.
                .filter(|message: Message| !dialogue::is_service(&message))
                // 6. A command leaves the dialogue, whatever the step; its right is checked as a
                //    button's.
                .branch(dptree::filter_map(|message: Message| message.text().and_then(commands::parse)).endpoint(endpoints::command))
                // 7. Everything else typed answers the step the chat is at.
                .branch(dptree::endpoint(endpoints::input)),
        )
        // 8. A press: decoded, its right checked, then its feature.
        .branch(Update::filter_callback_query().branch(dptree::filter(|_: Cx, _: CallbackQuery| true).endpoint(endpoints::press)))
        // 9. A member who blocks the bot is only noted.
        .branch(Update::filter_my_chat_member().endpoint(endpoints::membership))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    use super::gates::Came;
    use crate::{frame::deps::Deps, testing};

    #[tokio::test]
    async fn every_handler_is_given_what_it_asks_for() {
        let deps: Deps = testing::deps(mms_core::testing::store(mms_core::store::Engine::Sqlite).await, "http://127.0.0.1:9");
        let update: Update = serde_json::from_str(&testing::text_update(1, 7, "/start").to_string()).unwrap();
        dptree::type_check(schema().sig(), &dptree::deps![deps, update, Came(Instant::now())], &[]);
    }
}
