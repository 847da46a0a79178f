//! Statements of the CRM room.
