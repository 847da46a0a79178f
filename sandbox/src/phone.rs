//! One person's phone with one bot open: says, taps, looks. For scenarios and the demonstration,
//! which act as people do.

use std::time::Duration;

use crate::telegram::{Message, Telegram};

/// A person's chat with a bot.
#[derive(Clone)]
pub struct Phone {
    telegram: Telegram,
    bot: i64,
    user: i64,
    patience: Duration,
}

impl Telegram {
    /// The phone of a person with this bot open.
    #[must_use]
    pub fn phone(&self, bot: i64, user: i64) -> Phone {
        Phone { telegram: self.clone(), bot, user, patience: Duration::from_secs(20) }
    }
}

impl Phone {
    /// How long an answer is awaited; 20 s unless said otherwise.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The person's id.
    #[must_use]
    pub fn user(&self) -> i64 {
        self.user
    }

    /// Writes, and waits until the bot's newest message contains `expect`.
    ///
    /// # Errors
    /// A sentence with what the phone shows instead.
    pub async fn say(&self, text: &str, expect: &str) -> Result<Message, String> {
        let sent = self.telegram.send_text(self.bot, self.user, text).map_err(|error| error.to_string())?;
        self.newer(sent, expect).await
    }

    /// Presses START, perhaps with a deep link's payload.
    ///
    /// # Errors
    /// As [`Phone::say`].
    pub async fn start(&self, payload: Option<&str>, expect: &str) -> Result<Message, String> {
        let sent = self.telegram.press_start(self.bot, self.user, payload).map_err(|error| error.to_string())?;
        self.newer(sent, expect).await
    }

    /// Waits for the newest button whose text contains `button`, taps it, and waits until some
    /// message that changed since contains `expect`.
    ///
    /// # Errors
    /// As [`Phone::say`].
    pub async fn tap(&self, button: &str, expect: &str) -> Result<Message, String> {
        self.until(
            |messages| messages.iter().any(|message| message.button(button).is_some()).then_some(()),
            &format!("a button «{button}»"),
        )
        .await?;
        let before: Vec<(i64, u32)> =
            self.telegram.history(self.bot, self.user).iter().map(|message| (message.id, message.edits)).collect();
        self.telegram.press_text(self.bot, self.user, button).map_err(|error| error.to_string())?;
        let fresh = |message: &Message| !before.contains(&(message.id, message.edits));
        self.until(
            |messages| messages.iter().rev().find(|message| message.from_bot && fresh(message) && message.text.contains(expect)).cloned(),
            &format!("«{expect}» after tapping «{button}»"),
        )
        .await
    }

    /// Waits until some message of the bot contains `expect` (the newest such is given).
    ///
    /// # Errors
    /// As [`Phone::say`].
    pub async fn see(&self, expect: &str) -> Result<Message, String> {
        self.until(
            |messages| messages.iter().rev().find(|message| message.from_bot && message.text.contains(expect)).cloned(),
            &format!("«{expect}»"),
        )
        .await
    }

    /// Waits until the bot's newest message is as wanted.
    ///
    /// # Errors
    /// As [`Phone::say`].
    pub async fn last(&self, wanted: impl FnMut(&Message) -> bool) -> Result<Message, String> {
        self.telegram.expect_last(self.bot, self.user, self.patience, wanted).await
    }

    async fn newer(&self, than: i64, expect: &str) -> Result<Message, String> {
        self.until(
            |messages| {
                messages.iter().rev().find(|message| message.from_bot && message.id > than && message.text.contains(expect)).cloned()
            },
            &format!("«{expect}»"),
        )
        .await
    }

    async fn until<T>(&self, mut look: impl FnMut(&[Message]) -> Option<T>, what: &str) -> Result<T, String> {
        let found = self.telegram.until(self.patience, |telegram| look(&telegram.history(self.bot, self.user))).await;
        found.ok_or_else(|| {
            let shown: Vec<String> = self
                .telegram
                .history(self.bot, self.user)
                .iter()
                .rev()
                .take(3)
                .map(|message| {
                    let buttons: Vec<&str> = message.buttons.iter().flatten().map(|button| button.text.as_str()).collect();
                    format!("{:?} {buttons:?}", message.text)
                })
                .collect();
            format!("the phone of {} shows no {what}; its newest messages: {}", self.user, shown.join(" | "))
        })
    }
}
