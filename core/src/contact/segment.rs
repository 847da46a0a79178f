//! Segments: a filter over contacts as one line of text, checked against the account's fields, compiled to SQL.
//!
//! `tag = vip and last_visit < 90d and city in (Москва, Казань)`

use crate::{clock::Moment, id::AccountId, store::Engine};

use super::Field;

/// A checked filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    _private: (),
}

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem:?} at character {at}")]
pub struct FilterError {
    /// First character of the place, from 0.
    pub at: usize,
    /// Characters of the place (0: the end of the text).
    pub len: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong, in a form that screens word in the member's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Written by the contact room.
    Placeholder,
}

/// A value for a placeholder of [`Compiled::sql`].
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A moment.
    Moment(Moment),
    /// An account.
    Account(AccountId),
}

/// A filter as a condition over `contact c`.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// A boolean expression over alias `c`, placeholders numbered from the `first` given to [`Filter::compile`].
    pub sql: String,
    /// Its values, in order.
    pub binds: Vec<Bind>,
}

impl Filter {
    /// Reads and checks one line of text. An empty text is everybody.
    ///
    /// # Errors
    /// [`FilterError`] with the place.
    pub fn parse(_text: &str, _fields: &[Field]) -> Result<Self, FilterError> {
        unimplemented!("written by the contact room")
    }

    /// The condition for this engine at this moment; relative dates count in `zone`.
    #[must_use]
    pub fn compile(&self, _engine: Engine, _account: AccountId, _zone: chrono_tz::Tz, _now: Moment, _first: usize) -> Compiled {
        unimplemented!("written by the contact room")
    }
}
