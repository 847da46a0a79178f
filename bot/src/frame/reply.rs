//! What a handler wants done: a screen in place or anew, a toast, more messages after it.

use crate::frame::{callback::Press, screen::Screen};

/// What a handler wants done. A press edits its card in place by default; an answer to typed words
/// is a new message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The screen; `None`: nothing changes (a toast alone).
    pub screen: Option<Screen>,
    /// Send it as a new message even after a press.
    pub anew: bool,
    /// Messages sent after the screen (samples, files).
    pub after: Vec<Screen>,
    /// A short sentence over the chat (plain, 200 characters); after typed words it stands above
    /// the screen.
    pub toast: Option<String>,
    /// The toast waits for a touch.
    pub alert: bool,
    /// Delete the message that was typed: it held a password.
    pub forget_input: bool,
    /// Keep editing this message: what it shows, and the id of its subject.
    pub live: Option<(String, uuid::Uuid)>,
    /// The only message of this kind about this subject in the chat: one that was there before
    /// goes.
    pub only: Option<Only>,
    /// In place of a screen of its own: the place one came from, or this where nothing is kept of
    /// the way.
    pub back: Option<Press>,
}

/// A message that is the only one about a subject in its chat; see [`crate::frame::cards::only`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Only {
    pub kind: &'static str,
    /// For a conversation: the contact.
    pub subject: uuid::Uuid,
    /// The number of the last message of the conversation it shows; empty: it shows none, and stays
    /// as it is whatever is said.
    pub last: String,
}

impl Reply {
    /// Shows a screen.
    #[must_use]
    pub fn screen(screen: Screen) -> Self {
        Self { screen: Some(screen), ..Self::default() }
    }

    /// Shows the place the question was asked from; see [`crate::frame::ways`]. `parent`: where
    /// nothing is kept of the way.
    pub fn back(parent: impl Into<Press>) -> Self {
        Self { back: Some(parent.into()), ..Self::default() }
    }

    /// Says a sentence over the chat and changes nothing.
    pub fn toast(text: impl Into<String>) -> Self {
        Self { toast: Some(text.into()), ..Self::default() }
    }

    /// Says a sentence that waits for a touch and changes nothing.
    pub fn alert(text: impl Into<String>) -> Self {
        Self { toast: Some(text.into()), alert: true, ..Self::default() }
    }

    /// With a sentence over the chat.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.toast = Some(text.into());
        self
    }

    /// With a sentence over the chat that waits for a touch: what is shown is not what was
    /// expected.
    #[must_use]
    pub fn warning(mut self, text: impl Into<String>) -> Self {
        self.alert = true;
        self.saying(text)
    }

    /// As a new message.
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.anew = true;
        self
    }

    /// With one more message after it.
    #[must_use]
    pub fn then(mut self, screen: Screen) -> Self {
        self.after.push(screen);
        self
    }

    /// And the typed message is deleted: it held a secret.
    #[must_use]
    pub fn forgetting_input(mut self) -> Self {
        self.forget_input = true;
        self
    }

    /// And it takes the place of the last message of this kind about this subject.
    #[must_use]
    pub fn only(mut self, kind: &'static str, subject: uuid::Uuid, last: impl Into<String>) -> Self {
        self.only = Some(Only { kind, subject, last: last.into() });
        self
    }

    /// And the message goes on editing itself: see [`crate::frame::cards`].
    #[must_use]
    pub fn live(mut self, kind: &str, subject: uuid::Uuid) -> Self {
        self.live = Some((kind.to_owned(), subject));
        self
    }
}

impl From<Screen> for Reply {
    fn from(screen: Screen) -> Self {
        Self::screen(screen)
    }
}
