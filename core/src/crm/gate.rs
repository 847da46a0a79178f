//! The gate of a CRM's webhooks: data, so that the HTTP side names no CRM. The address they come to
//! holds a secret of the connection, which is compared before the body is read; a body proves
//! nothing and is a hint, for polling is the truth.

use std::borrow::Cow;

use super::{CrmHint, message::CrmMessage};

/// How a CRM's webhooks are taken.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Largest body, bytes.
    pub most: usize,
    /// Reads what a body is about, of the account with this id there (`None`: of any). The error is
    /// a sentence for the log: it is of another account, or of none.
    pub understand: Understand,
    /// Reads a message that the CRM gives us to send: proved beyond the address
    /// ([`super::message::proved`]) before it is kept. A function that always says `None`: this CRM
    /// sends nothing through us.
    pub message: fn(body: &[u8]) -> Option<CrmMessage>,
    /// A body as it is kept: without what opens the CRM, and without what it says of a person: that
    /// is read from the CRM itself, and whoever was erased here may be in it.
    pub kept: fn(body: &[u8]) -> Cow<'_, [u8]>,
}

impl Gate {
    /// The gate of a CRM whose webhooks are hints alone.
    #[must_use]
    pub const fn of_hints(most: usize, understand: Understand, kept: fn(body: &[u8]) -> Cow<'_, [u8]>) -> Self {
        Self { most, understand, message: |_| None, kept }
    }
}

/// A body that is JSON without all but these of its numbers and texts. What is no JSON is nothing:
/// an empty object.
#[must_use]
pub fn only(body: &[u8], keys: &[&str]) -> Vec<u8> {
    let mut said: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).unwrap_or_default();
    said.retain(|key, value| keys.contains(&key.as_str()) && (value.is_number() || value.is_string()));
    serde_json::Value::Object(said).to_string().into_bytes()
}

/// Reads a body.
pub type Understand = fn(body: &[u8], external_id: Option<&str>) -> Result<Vec<CrmHint>, String>;
