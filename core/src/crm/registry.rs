//! Builds the adapter of a CRM connection: one exhaustive `match`.
