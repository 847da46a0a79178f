//! Statements of the inbound room.
