//! Telegram Bot API (contracts/messengers/telegram.md).

use std::time::Duration;

use super::{Capabilities, Channel, Event, Identity, Outbound, RawUpdate, SendError, Sent};
use crate::secret::Secret;

/// A Telegram bot as a channel.
#[derive(Debug)]
pub struct Telegram {
    _private: (),
}

impl Telegram {
    /// A bot with this token at this API base (no trailing slash).
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(_base: &str, _token: Secret) -> reqwest::Result<Self> {
        unimplemented!("written by the delivery room")
    }
}

#[async_trait::async_trait]
impl Channel for Telegram {
    fn capabilities(&self) -> &Capabilities {
        unimplemented!()
    }
    async fn identify(&self) -> Result<Identity, SendError> {
        unimplemented!()
    }
    async fn send(&self, _batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        unimplemented!()
    }
    fn understand(&self, _raw: &str) -> Result<Vec<Event>, String> {
        unimplemented!()
    }
    async fn answer_press(&self, _query_id: &str, _text: &str) -> Result<(), SendError> {
        unimplemented!()
    }
    async fn poll(&self, _offset: i64, _timeout: Duration) -> Result<Vec<RawUpdate>, SendError> {
        unimplemented!()
    }
    async fn set_webhook(&self, _hook: Option<(&str, &str)>) -> Result<(), SendError> {
        unimplemented!()
    }
}
