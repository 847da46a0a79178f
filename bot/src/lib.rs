//! The managers' control plane: a Telegram bot whose screens change what `core` keeps; and the HTTP
//! side of the product.
//!
//! The way of an update: [`polling`] or [`ingress`] → [`dispatch`] (in order per chat) → [`schema`]
//! (the gates) → [`endpoints`] → a feature of [`screens`] → [`frame::render`]. Next to it run
//! [`notices`], [`frame::cards`] and [`listeners`] (what customers write: stored raw, understood by
//! the worker). A task that ends takes the process down with an error.
//!
//! [`frame`] knows no screen; screens know the frame; what joins them ([`endpoints`], [`notices`],
//! [`mod@run`]) is above both.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests have clocks and tasks of their own"))]

pub mod dispatch;
pub mod endpoints;
pub mod frame;
#[cfg(any(test, feature = "testing"))]
pub mod fuzzing;
pub mod i18n;
pub mod ingress;
pub mod listeners;
pub mod notices;
pub mod polling;
pub mod purchase;
pub mod rhythm;
pub mod run;
pub mod schema;
pub mod screens;
pub mod serve;
pub mod settings;
pub mod words;

#[cfg(test)]
mod testing;

pub use run::{Bot, ListenError, listen, run};
pub use settings::{BotSettings, Integration, Limits, Metrics, Mode};
