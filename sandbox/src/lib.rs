//! The doubles.
