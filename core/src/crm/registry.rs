//! Builds the adapter of a CRM connection: one exhaustive `match` for each thing a CRM brings.

use std::sync::Arc;

use super::{
    Crm, CrmCapabilities, CrmError, CrmKind,
    amocrm::{self, AmoCrm},
    bitrix24::{self, Bitrix24},
    gate::Gate,
    login::{Credentials, CrmLogin},
    mapping::CrmSettings,
    odoo::{self, Odoo},
    own_login,
    retailcrm::{self, RetailCrm},
    spreadsheet::{self, Spreadsheet},
    tryton::{self, Tryton},
    yclients::{self, YClients},
};
use crate::{
    config::Endpoints,
    http,
    pace::spacer::Spacer,
    secret::{Likeness, Secret},
};

/// The adapter of a connection to the account at this address. `mark`: how far it was read before
/// ([`Crm::mark`]).
///
/// # Errors
/// [`CrmError::Rejected`] when the address is none of that CRM's, or TLS cannot start;
/// [`CrmError::ReauthRequired`] when the credentials open nothing yet.
pub fn build(
    kind: CrmKind,
    home: &str,
    credentials: &Credentials,
    settings: &CrmSettings,
    endpoints: &Endpoints,
    pacer: Arc<Spacer>,
    mark: Option<&serde_json::Value>,
) -> Result<Arc<dyn Crm>, CrmError> {
    let base = login(kind).base(home, endpoints).ok_or_else(|| CrmError::Rejected("the address is not one of this CRM".to_owned()))?;
    let no_tls = |error| CrmError::Rejected(http::describe(error));
    Ok(match kind {
        CrmKind::Amocrm => {
            let token = credentials.access().cloned().ok_or(CrmError::ReauthRequired)?;
            let opt_out_field = settings.opt_out_field.as_deref().and_then(|id| id.parse().ok());
            let bound = amocrm::Bound { base, token, opt_out_field };
            Arc::new(AmoCrm::new(bound, pacer, endpoints.crm_egress.clone()).map_err(no_tls)?)
        }
        CrmKind::Retailcrm => {
            let key = credentials.value(retailcrm::KEY).cloned().ok_or(CrmError::ReauthRequired)?;
            Arc::new(RetailCrm::new(retailcrm::Bound::new(base, key, settings), pacer).map_err(no_tls)?)
        }
        CrmKind::Odoo => {
            let bound = own_login::Bound::of(base, home, credentials, odoo::KEY, settings, endpoints).ok_or(CrmError::ReauthRequired)?;
            Arc::new(Odoo::new(bound, pacer).map_err(no_tls)?)
        }
        CrmKind::Yclients => {
            let bound = yclients::Bound::of(base, home, credentials, settings, endpoints).ok_or(CrmError::ReauthRequired)?;
            Arc::new(YClients::new(bound, pacer).map_err(no_tls)?)
        }
        CrmKind::Bitrix24 => {
            let way = bitrix24::Way::of(credentials).ok_or(CrmError::ReauthRequired)?;
            Arc::new(Bitrix24::new(bitrix24::Bound::new(base, home, way, settings, endpoints.crm_private_hosts), pacer).map_err(no_tls)?)
        }
        CrmKind::Tryton => {
            let bound =
                own_login::Bound::of(base, home, credentials, tryton::PASSWORD, settings, endpoints).ok_or(CrmError::ReauthRequired)?;
            Arc::new(Tryton::new(bound, pacer).map_err(no_tls)?)
        }
        CrmKind::Spreadsheet => {
            let source = credentials.value(spreadsheet::SOURCE).ok_or(CrmError::ReauthRequired)?;
            let bound = spreadsheet::Bound::of(source, home, settings, endpoints, mark).ok_or(CrmError::ReauthRequired)?;
            Arc::new(Spreadsheet::new(bound, pacer).map_err(no_tls)?)
        }
    })
}

/// What a CRM can do, without building an adapter.
#[must_use]
pub fn capabilities(kind: CrmKind) -> &'static CrmCapabilities {
    match kind {
        CrmKind::Amocrm => &amocrm::CAPABILITIES,
        CrmKind::Retailcrm => &retailcrm::CAPABILITIES,
        CrmKind::Odoo => &odoo::CAPABILITIES,
        CrmKind::Yclients => &yclients::CAPABILITIES,
        CrmKind::Bitrix24 => &bitrix24::CAPABILITIES,
        CrmKind::Tryton => &tryton::CAPABILITIES,
        CrmKind::Spreadsheet => &spreadsheet::CAPABILITIES,
    }
}

/// How one comes to a CRM.
#[must_use]
pub fn login(kind: CrmKind) -> &'static dyn CrmLogin {
    match kind {
        CrmKind::Amocrm => &amocrm::Login,
        CrmKind::Retailcrm => &retailcrm::Login,
        CrmKind::Odoo => &odoo::WAY,
        CrmKind::Yclients => &yclients::Login,
        CrmKind::Bitrix24 => &bitrix24::Login,
        CrmKind::Tryton => &tryton::WAY,
        CrmKind::Spreadsheet => &spreadsheet::Login,
    }
}

/// How a CRM's webhooks are taken.
#[must_use]
pub fn gate(kind: CrmKind) -> &'static Gate {
    match kind {
        CrmKind::Amocrm => &amocrm::GATE,
        CrmKind::Retailcrm => &retailcrm::GATE,
        CrmKind::Odoo => &odoo::GATE,
        CrmKind::Yclients => &yclients::GATE,
        CrmKind::Bitrix24 => &bitrix24::GATE,
        CrmKind::Tryton => &tryton::GATE,
        CrmKind::Spreadsheet => &spreadsheet::GATE,
    }
}

/// Spaces the calls of one connection, the first not before `next`.
#[must_use]
pub fn pacer(kind: CrmKind, next: Option<crate::clock::Moment>) -> Arc<Spacer> {
    Arc::new(Spacer::new(capabilities(kind).per_second, next))
}

/// The kinds of CRM that can be told nothing, between commas: what is compared by SQL.
#[must_use]
pub fn told_nothing() -> String {
    let kinds = CrmKind::ALL.iter().filter(|kind| !capabilities(**kind).takes_writes());
    kinds.fold(",".to_owned(), |list, kind| list + kind.as_str() + ",")
}

/// How surely a word is what opens a CRM: looked for wherever nobody asked for it
/// ([`crate::secret::credential_in`]).
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    CrmKind::ALL.iter().filter_map(|kind| login(*kind).likeness(word)).max()
}

/// The values that a member pastes for a CRM, once all of them are there and fit; `None` otherwise.
#[must_use]
pub fn assemble(kind: CrmKind, values: &[Secret]) -> Option<Credentials> {
    let asks = login(kind).asks();
    let fit = values.len() == asks.len() && values.iter().zip(asks).all(|(value, ask)| (ask.fits)(value.expose()));
    fit.then(|| login(kind).assemble(values))
}
