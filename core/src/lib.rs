//! What the bot and the worker of `mms` share: rooms, rules, store, channels and CRMs.
//!
//! Arrows point one way: `src → bot, worker → core`, and between rooms from the higher
//! floor to the lower (`tests/house.rs`). This crate never names Telegram's screens or the job
//! runner's workers. A room (a feature folder) holds its types, its rules (pure, `now` an argument)
//! and its SQL (`queries.rs`); the ground floor are mechanisms: `store`, `clock`, `id`, `limits`,
//! `retry`, `words`, `secret`, `http`, `text`, `pace`, `queue`, `notice`, `config`, `telemetry`.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests have clocks and tasks of their own"))]

pub mod account;
pub mod agreement;
pub mod aside;
pub mod billing;
pub mod calendar;
pub mod campaign;
pub mod carry;
pub mod channel;
pub mod clock;
pub mod config;
pub mod consent;
pub mod contact;
pub mod crm;
pub mod deletion;
pub mod delivery;
pub mod erasure;
pub mod evidence;
pub mod founding;
pub mod http;
pub mod id;
pub mod inbound;
pub mod law;
pub mod limits;
pub mod mail;
pub mod notice;
pub mod opt_out;
pub mod pace;
pub mod paper;
pub mod price;
pub mod queue;
pub mod readiness;
pub mod register;
pub mod retry;
pub mod secret;
pub mod sign;
pub mod smtp;
pub mod stamp;
pub mod store;
pub mod telemetry;
pub mod template;
pub mod text;
pub mod words;

#[cfg(feature = "testing")]
pub mod fuzzing;
#[cfg(feature = "testing")]
pub mod testing;
