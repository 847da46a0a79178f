//! Templates and their immutable versions: Liquid text, media, buttons; lint, preview, approval.

pub mod engine;
pub mod filters;
mod marks;
mod meter;
pub mod queries;
mod scan;
mod tags;

use serde::{Deserialize, Serialize};

use crate::{
    channel::{Button, MediaKind},
    clock::Moment,
    id::FileId,
    text::Rich,
};

/// The class of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Class {
    /// Needs marketing consent, names the advertiser, offers a way out.
    Advertising,
    /// About what the customer ordered; needs no marketing consent.
    Service,
}

/// A button of a template; text and link are Liquid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum TemplateButton {
    /// Opens a page.
    Url {
        /// What is written on it.
        text: String,
        /// Where it leads.
        url: String,
    },
    /// Withdraws the recipient's consent at one touch.
    OptOut {
        /// What is written on it.
        text: String,
    },
}

/// All of a version that goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Advertising or service.
    pub class: Class,
    /// Liquid over the small HTML of [`crate::text`].
    pub body: String,
    /// A file that goes along.
    pub media: Option<(MediaKind, FileId)>,
    /// Buttons, one a row.
    pub buttons: Vec<TemplateButton>,
}

/// What a template can see: one contact, the account, the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The contact's full name, first name, last name.
    pub name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The contact's attributes by field key.
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// The account's name.
    pub account_name: String,
    /// Who advertises.
    pub advertiser: String,
    /// The moment of rendering.
    pub now: Moment,
    /// The account's zone.
    pub zone: chrono_tz::Tz,
}

/// A rendered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Text or caption.
    pub body: Rich,
    /// Rows of buttons; the opt-out button's callback is [`OPT_OUT_CALLBACK`].
    pub buttons: Vec<Vec<Button>>,
}

/// The callback data of the opt-out button in a customer's chat; the chat itself says whose it is.
pub const OPT_OUT_CALLBACK: &str = "stop";
