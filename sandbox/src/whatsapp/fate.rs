//! Refusals of one person's messages, as a test wants them.

use serde::{Deserialize, Serialize};

use super::state::Category;

/// When a message that is refused is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// By the answer.
    AtOnce,
    /// By a status, after HTTP 200.
    Accepted,
    /// By a status that comes after `sent`.
    Sent,
    /// By a status that comes after `delivered`.
    Delivered,
}

/// What becomes of messages to one person: refused with a code of the contract's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fate {
    pub code: u32,
    /// Absent: as [`super::Settings::late`] says of the code.
    #[serde(default)]
    pub when: Option<When>,
    /// Only templates of this category.
    #[serde(default)]
    pub category: Option<Category>,
    /// Only messages of this number.
    #[serde(default)]
    pub number: Option<i64>,
    /// How many messages; absent: all.
    #[serde(default)]
    pub times: Option<u64>,
    #[serde(skip)]
    pub(crate) struck: u64,
}

impl Fate {
    /// Every message to the person is refused with this code.
    #[must_use]
    pub fn new(code: u32) -> Self {
        Self { code, when: None, category: None, number: None, times: None, struck: 0 }
    }

    /// At this moment, whatever is usual for the code.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = Some(when);
        self
    }

    /// Only templates of this category.
    #[must_use]
    pub fn category(mut self, category: Category) -> Self {
        self.category = Some(category);
        self
    }

    /// Only this many messages.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    pub(crate) fn strikes(&self, number: i64, category: Option<Category>) -> bool {
        self.times.is_none_or(|times| self.struck < times)
            && self.number.is_none_or(|wanted| wanted == number)
            && self.category.is_none_or(|wanted| category == Some(wanted))
    }
}
