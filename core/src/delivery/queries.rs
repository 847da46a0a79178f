//! Statements of the delivery room.
