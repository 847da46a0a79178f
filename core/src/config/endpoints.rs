//! Where messengers and CRMs are reached, and what all calls of a process share on the way.

use std::{path::PathBuf, sync::Arc};

use crate::{
    http::Route,
    limits::{CRM_CALLS_PER_ADDRESS, YCLIENTS_CALLS},
    pace::spacer::Spacer,
    secret::Secret,
};

/// Where providers are reached; configuration, so that a self-hosted Bot API server or the sandbox
/// can stand in.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Telegram Bot API base, without a trailing slash.
    pub telegram: String,
    /// MAX Bot API base, without a trailing slash.
    pub max: String,
    /// WhatsApp's Graph API with its version, without a trailing slash.
    pub whatsapp: String,
    /// Viber's REST API base, without a trailing slash.
    pub viber: String,
    /// VK's API host, without a trailing slash.
    pub vk: String,
    /// Wazzup's API base, without a trailing slash.
    pub wazzup: String,
    /// The way to Telegram.
    pub telegram_route: Route,
    /// The way to MAX.
    pub max_route: Route,
    /// The way to WhatsApp.
    pub whatsapp_route: Route,
    /// The way to Viber.
    pub viber_route: Route,
    /// The way to VK.
    pub vk_route: Route,
    /// The way to Wazzup.
    pub wazzup_route: Route,
    /// Stands in for every amoCRM host (the sandbox): `<this>/<subdomain>` is called in place of
    /// `https://<subdomain>.amocrm.ru`. Without a trailing slash.
    pub amocrm_override: Option<String>,
    /// The same for RetailCRM: `<this>/<account>` in place of `https://<account>.retailcrm.ru`.
    pub retailcrm_override: Option<String>,
    /// Called in place of every Odoo.
    pub odoo_override: Option<String>,
    /// Called in place of every Tryton.
    pub tryton_override: Option<String>,
    /// Called in place of every host with a table, with the host as the first part of the path.
    pub spreadsheet_override: Option<String>,
    /// Folders whose tables may be connected by their paths.
    pub crm_folders: Vec<PathBuf>,
    /// CRMs that companies serve themselves may be in our own network ([`crate::http::outside`]).
    pub crm_private_hosts: bool,
    /// Stands in for YCLIENTS and Altegio: `<this>/api/v1`. Without a trailing slash.
    pub yclients_override: Option<String>,
    /// Spaces the calls of all YCLIENTS connections of this process together: it counts by the
    /// address they come from.
    pub yclients_egress: Arc<Spacer>,
    /// For Bitrix24 `<this>/<host>` in place of `https://<host>`, and `<this>/oauth` in place of
    /// the server of tokens.
    pub bitrix24_override: Option<String>,
    /// The managers' bot's id at Telegram: it is nobody's channel. `None` where the process has no
    /// token of it.
    pub managers: Option<String>,
    /// Spaces the calls of all CRM connections of this process together: the CRM counts by the
    /// address they come from, too.
    pub crm_egress: Arc<Spacer>,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            telegram: "https://api.telegram.org".to_owned(),
            // contracts/messengers/max.md, section 1.
            max: "https://platform-api2.max.ru".to_owned(),
            // contracts/messengers/whatsapp_cloud.md, section 0.
            whatsapp: "https://graph.facebook.com/v26.0".to_owned(),
            // contracts/messengers/viber.md, section 1.
            viber: "https://chatapi.viber.com/pa".to_owned(),
            // contracts/messengers/vk.md, section 1: the newer host.
            vk: "https://api.vk.ru".to_owned(),
            // contracts/messengers/wazzup.md, section 1.
            wazzup: "https://api.wazzup24.com/v3".to_owned(),
            telegram_route: Route::default(),
            max_route: Route::default(),
            whatsapp_route: Route::default(),
            viber_route: Route::default(),
            vk_route: Route::default(),
            wazzup_route: Route::default(),
            amocrm_override: None,
            retailcrm_override: None,
            odoo_override: None,
            tryton_override: None,
            spreadsheet_override: None,
            crm_folders: Vec::new(),
            crm_private_hosts: false,
            yclients_override: None,
            yclients_egress: egress(YCLIENTS_CALLS),
            bitrix24_override: None,
            managers: None,
            crm_egress: egress(CRM_CALLS_PER_ADDRESS),
        }
    }
}

fn egress(calls_per_second: u32) -> Arc<Spacer> {
    Arc::new(Spacer::new(calls_per_second, None))
}

impl Endpoints {
    /// With at most `calls` a second of all CRM connections together.
    #[must_use]
    pub fn crm_calls_per_second(mut self, calls: u32) -> Self {
        self.crm_egress = egress(calls);
        self
    }

    /// With at most `calls` a second of all YCLIENTS connections together.
    #[must_use]
    pub fn yclients_calls_per_second(mut self, calls: u32) -> Self {
        self.yclients_egress = egress(calls);
        self
    }

    /// With the managers' bot of this token: Telegram writes a bot's id before the colon.
    #[must_use]
    pub fn with_managers(mut self, token: &Secret) -> Self {
        self.managers = token.expose().split_once(':').map(|(id, _)| id.to_owned());
        self
    }

    /// Whether a sender at Telegram is the managers' bot.
    #[must_use]
    pub fn is_managers(&self, external_id: &str) -> bool {
        self.managers.as_deref() == Some(external_id)
    }
}
