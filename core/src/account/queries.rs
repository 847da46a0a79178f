//! Statements of the account room.
