//! The managers' bot is no channel: one bot has one reader of its updates, and whoever reads first
//! keeps them from the other. As a channel it would leave members without answers; read by the
//! managers' side it would leave a customer's «stop» unheard.

use super::{
    ChannelKind, queries,
    store::{self, ChannelRow},
};
use crate::{clock::Moment, config::Endpoints, on, store::Store};

/// The state's reason of a channel that has the managers' bot.
pub const REASON: &str = "managers_bot";
/// The kind of an address that belongs to one bot.
const CHAT: &str = "telegram";

/// A channel that has the managers' bot.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    pub channel: ChannelRow,
    /// Customers wrote to it: the wrong one of the two is the managers' token.
    pub heard: bool,
}

impl std::error::Error for Clash {}

impl std::fmt::Display for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = &self.channel.name;
        if self.heard {
            write!(
                f,
                "the token of the managers' bot belongs to the customers' channel “{name}”, and customers who say stop there would \
                 not be heard: make another bot for managers with @BotFather and set its token (MMS_TELEGRAM_TOKEN)"
            )
        } else {
            write!(
                f,
                "the channel “{name}” has the managers' own bot and is left alone: remove the channel and connect another bot for customers"
            )
        }
    }
}

/// The channel that has the managers' bot, if one does.
///
/// # Errors
/// The database's.
pub async fn clash(store: &Store, endpoints: &Endpoints) -> sqlx::Result<Option<Clash>> {
    let Some(bot) = &endpoints.managers else { return Ok(None) };
    let kind = ChannelKind::Telegram;
    let found: Option<ChannelRow> = on!(store.read(), |c| sqlx::query_as(queries::IDENTITY).bind(kind).bind(bot).fetch_optional(c).await)?;
    let Some(channel) = found else { return Ok(None) };
    let one: Option<i64> = on!(store.read(), |c| sqlx::query_scalar(queries::HEARD)
        .bind(channel.account_id)
        .bind(CHAT)
        .bind(channel.id)
        .fetch_optional(c)
        .await)?;
    Ok(Some(Clash { channel, heard: one.is_some() }))
}

/// Stops the channel of a clash, and tells its owners.
///
/// # Errors
/// The database's.
pub async fn set_aside(store: &Store, clash: &Clash, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    store::misconfigured(&mut tx, clash.channel.id, REASON, now).await?;
    tx.commit().await
}
