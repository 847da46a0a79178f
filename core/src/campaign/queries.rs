//! Statements of the campaign room.
