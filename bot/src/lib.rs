//! The managers' control plane: a Telegram bot whose screens change what `core` keeps; and the HTTP side of the product.
//!
//! The way of an update: [`polling`] or [`ingress`] → [`dispatch`] (in order per chat) → [`schema`] (the gates) →
//! [`endpoints`] → a feature of [`screens`] → [`render`]. Next to it run [`notices`], [`cards`] and [`channels`] (what
//! customers write: stored raw, understood by the worker). A task that ends takes the process down with an error.

pub mod api;
pub mod auth;
pub mod callback;
pub mod cards;
pub mod channels;
pub mod commands;
pub mod cx;
pub mod deps;
pub mod dialogue;
pub mod dispatch;
pub mod endpoints;
pub mod error;
#[cfg(any(test, feature = "testing"))]
pub mod fuzzing;
pub mod gates;
pub mod i18n;
pub mod ingress;
pub mod notices;
pub mod polling;
pub mod render;
pub mod reply;
pub mod run;
pub mod schema;
pub mod screen;
pub mod screens;
pub mod settings;
pub mod turns;
pub mod words;

#[cfg(test)]
mod testing;

pub use run::{Bot, run};
pub use settings::{BotSettings, Integration, Metrics, Mode};
