//! Statements of the contact room.
