//! How the managers' bot stands with Telegram: who it is, and whether its token is accepted.
//!
//! A refused token is no reason to end the process: the worker and customers' channels have tokens
//! of their own. So it is said once in the log, shown by `/readyz` and a metric, and asked again;
//! whoever runs the server puts a new token in.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// How the managers' bot stands with Telegram. Cheap to clone, all clones are one; every call of
/// [`super::api::Api`] may change it.
#[derive(Debug, Clone, Default)]
pub struct Standing(Arc<Inner>);

/// What is logged of a refused token, unless whoever runs the bot gave other words.
const UNKNOWN_TOKEN: &str = "Telegram does not know this token: check MMS_TELEGRAM_TOKEN, or make a new token with @BotFather";

#[derive(Debug, Default)]
struct Inner {
    username: OnceLock<String>,
    refused: AtomicBool,
    /// [`UNKNOWN_TOKEN`] in the language of whoever runs the server.
    words: OnceLock<String>,
    /// Rung when the name is told.
    told: Notify,
}

impl Standing {
    /// The bot's own name, without `@`; empty until Telegram has told it.
    #[must_use]
    pub fn username(&self) -> &str {
        self.0.username.get().map(String::as_str).unwrap_or_default()
    }

    /// Telegram told who the bot is. A bot renamed while the process runs keeps the name it had at
    /// the start.
    pub fn introduced(&self, username: String) {
        metrics::gauge!("mms_manager_bot_refused").set(0.0);
        self.0.username.get_or_init(|| username);
        self.0.told.notify_waiters();
    }

    /// Waits until Telegram has told who the bot is.
    pub async fn served(&self) {
        loop {
            let told = self.0.told.notified();
            tokio::pin!(told);
            // Registered before looking, so that a name told in between still wakes.
            told.as_mut().enable();
            if self.0.username.get().is_some() {
                return;
            }
            told.await;
        }
    }

    /// A refused token is told in these words, which say what to do.
    pub fn tell_in(&self, words: String) {
        self.0.words.get_or_init(|| words);
    }

    /// Telegram refused the token.
    pub fn refused(&self) {
        if !self.0.refused.swap(true, Ordering::Relaxed) {
            metrics::gauge!("mms_manager_bot_refused").set(1.0);
            let words = self.0.words.get().map_or(UNKNOWN_TOKEN, String::as_str);
            tracing::error!(managers = "not served until then, everything else goes on", "{words}");
        }
    }

    /// Telegram carried a call out.
    pub fn accepted(&self) {
        if self.0.refused.swap(false, Ordering::Relaxed) {
            metrics::gauge!("mms_manager_bot_refused").set(0.0);
            tracing::info!("Telegram accepts the token of the managers' bot again");
        }
    }

    /// Why managers are not served; `None`: they are.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        if self.0.refused.load(Ordering::Relaxed) {
            Some("Telegram does not know the token of the managers' bot")
        } else if self.0.username.get().is_none() {
            Some("the managers' bot does not get its updates from Telegram yet")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_refusal_is_trouble_until_telegram_accepts_again() {
        let standing = Standing::default();
        assert!(standing.trouble().is_some() && standing.username().is_empty(), "nobody yet");
        let served = tokio::spawn({
            let standing = standing.clone();
            async move { standing.served().await }
        });
        standing.introduced("mms_bot".to_owned());
        served.await.unwrap();
        assert_eq!((standing.trouble(), standing.username()), (None, "mms_bot"));
        standing.refused();
        assert!(standing.clone().trouble().is_some_and(|why| why.contains("token")));
        standing.accepted();
        assert_eq!(standing.trouble(), None);
    }
}
