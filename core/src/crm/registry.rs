//! Builds the adapter of a CRM connection: one exhaustive `match`.

use std::sync::Arc;

use super::{
    Crm, CrmError, CrmHint, CrmKind,
    amocrm::{self, AmoCrm, Bound},
    mapping::CrmSettings,
};
use crate::{
    config::Endpoints,
    http,
    pace::spacer::Spacer,
    secret::{Likeness, Secret},
};

/// The adapter of a connection.
///
/// # Errors
/// [`CrmError::Rejected`] when the address is none of that CRM's, or TLS cannot start.
pub fn build(
    kind: CrmKind,
    base_url: &str,
    external_id: Option<&str>,
    token: &Secret,
    settings: &CrmSettings,
    endpoints: &Endpoints,
    pacer: Arc<Spacer>,
) -> Result<Arc<dyn Crm>, CrmError> {
    match kind {
        CrmKind::Amocrm => {
            let bound = Bound {
                base: base(kind, base_url, endpoints)?,
                token: token.clone(),
                external_id: external_id.map(str::to_owned),
                opt_out_field: settings.opt_out_field.as_deref().and_then(|id| id.parse().ok()),
            };
            let amo = AmoCrm::new(bound, pacer, endpoints.crm_egress.clone()).map_err(|error| CrmError::Rejected(http::describe(error)))?;
            Ok(Arc::new(amo))
        }
    }
}

/// How surely a word is what opens a CRM: looked for wherever nobody asked for it
/// ([`crate::secret::credential_in`]).
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    let of = |kind: &CrmKind| match kind {
        CrmKind::Amocrm => amocrm::oauth::likeness(word),
    };
    CrmKind::ALL.iter().filter_map(of).max()
}

/// Where the API of that address is called.
///
/// # Errors
/// [`CrmError::Rejected`] when the address is none of that CRM's.
pub fn base(kind: CrmKind, base_url: &str, endpoints: &Endpoints) -> Result<String, CrmError> {
    match kind {
        CrmKind::Amocrm => amocrm::host::base(base_url, endpoints.amocrm_override.as_deref()),
    }
    .ok_or_else(|| CrmError::Rejected("the address is not one of this CRM".to_owned()))
}

/// Understands a webhook body of a connection to that CRM account.
///
/// # Errors
/// A sentence for the log.
pub fn understand_hook(kind: CrmKind, external_id: &str, body: &[u8]) -> Result<Vec<CrmHint>, String> {
    match kind {
        CrmKind::Amocrm => amocrm::hook::understand(body, Some(external_id)),
    }
}
