//! What every screen stands in and no screen is known to: who asks, what a button carries, what is
//! typed next, how a screen is drawn, edited and kept live. The features are in [`crate::screens`],
//! which know the frame; `tests/house.rs` keeps it one way.

pub mod api;
pub mod auth;
pub mod callback;
pub mod cards;
pub mod chats;
pub mod cx;
pub mod deps;
pub mod dialogue;
pub mod error;
pub mod fit;
pub mod gates;
pub mod keyed;
pub mod page;
pub mod pulse;
pub mod render;
pub mod reply;
pub mod screen;
pub mod standing;
pub mod surveys;
pub mod turns;
pub mod ways;
