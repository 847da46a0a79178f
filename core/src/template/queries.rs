//! Statements of the template room.
