//! Statements of the consent room.
