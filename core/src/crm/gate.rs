//! The gate of a CRM's webhooks: data, so that the HTTP side names no CRM. The address they come to
//! holds a secret of the connection, which is compared before the body is read; a body proves
//! nothing and is a hint, for polling is the truth.

use super::CrmHint;

/// How a CRM's webhooks are taken.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Largest body, bytes.
    pub most: usize,
    /// Reads what a body is about, of the account with this id there (`None`: of any). The error is
    /// a sentence for the log: it is of another account, or of none.
    pub understand: Understand,
}

/// Reads a body.
pub type Understand = fn(body: &[u8], external_id: Option<&str>) -> Result<Vec<CrmHint>, String>;
