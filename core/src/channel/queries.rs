//! Statements of the channel room.
