//! The doubles.

pub mod amocrm;
