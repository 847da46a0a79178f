//! Keys of the API with their methods and sites, and what a call must pass (contract, 1 and 4).

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    ask::Ask,
    error::{NOT_VALID, RetailError, RetailResult},
    state::{By, State},
};
use crate::window::Window;

const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Every method of the double, as `credentials` lists them.
pub const METHODS: &[&str] = &[
    "/api/v5/custom-fields",
    "/api/v5/custom-fields/dictionaries",
    "/api/v5/custom-fields/{entity}/create",
    "/api/v5/customers",
    "/api/v5/customers-corporate",
    "/api/v5/customers-corporate/create",
    "/api/v5/customers-corporate/history",
    "/api/v5/customers-corporate/{externalId}",
    "/api/v5/customers-corporate/{externalId}/contacts",
    "/api/v5/customers-corporate/{externalId}/edit",
    "/api/v5/customers/combine",
    "/api/v5/customers/create",
    "/api/v5/customers/fix-external-ids",
    "/api/v5/customers/history",
    "/api/v5/customers/notes",
    "/api/v5/customers/notes/create",
    "/api/v5/customers/notes/{id}/delete",
    "/api/v5/customers/upload",
    "/api/v5/customers/{externalId}",
    "/api/v5/customers/{externalId}/edit",
    "/api/v5/customers/{externalId}/subscriptions",
    "/api/v5/orders",
    "/api/v5/orders/create",
    "/api/v5/orders/history",
    "/api/v5/orders/{externalId}",
    "/api/v5/orders/{externalId}/edit",
    "/api/v5/reference/mg-channels",
    "/api/v5/reference/sites",
    "/api/v5/reference/status-groups",
    "/api/v5/reference/statuses",
    "/api/v5/segments",
    "/api/v5/tasks",
    "/api/v5/tasks/create",
    "/api/v5/users",
];

/// A key of the API: made in the account's screens, without an end.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) key: String,
    /// Methods that are allowed; `None`: all.
    pub(crate) methods: Option<BTreeSet<String>>,
    /// Sites that are seen; `None`: all, those to come too.
    pub(crate) sites: Option<Vec<String>>,
    pub(crate) revoked: bool,
    pub(crate) calls: Window,
}

impl Key {
    pub(crate) fn new(key: &str) -> Self {
        Self { key: key.to_owned(), methods: None, sites: None, revoked: false, calls: Window::default() }
    }

    pub(crate) fn may(&self, method: &str) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.contains(method))
    }
}

impl State {
    /// The key of a call, by the header or the older parameter.
    pub(crate) fn key_of(&self, header: Option<&str>, ask: &Ask) -> RetailResult<&Key> {
        let given = header.or_else(|| ask.old_key()).filter(|key| !key.is_empty());
        let given = given.ok_or_else(|| RetailError::new(403, "\"apiKey\" is missing."))?;
        self.keys.get(given).filter(|key| !key.revoked).ok_or_else(|| RetailError::new(403, "Wrong \"apiKey\" value."))
    }

    /// Counts a call against the limits; an exceeded one is no call.
    pub(crate) fn count(&mut self, key: &str) -> RetailResult<()> {
        let (now, settings) = (self.now(), &self.settings);
        let over = RetailError { page: settings.limit_page, ..RetailError::new(settings.limit_status, "Too many requests") };
        let (own, all) = (settings.per_second, settings.account_per_second);
        let within = self.calls.take(all, SECOND, now) && self.keys.get_mut(key).is_some_and(|key| key.calls.take(own, SECOND, now));
        if within {
            return Ok(());
        }
        self.limited += 1;
        Err(over)
    }

    /// Codes of the sites a key sees.
    pub(crate) fn sites_of(&self, key: &Key) -> Vec<String> {
        match &key.sites {
            Some(sites) => sites.clone(),
            None => self.sites.iter().map(|(code, _)| code.clone()).collect(),
        }
    }

    /// The site of a call: named, or the only one the key sees. With `needed` there must be one.
    pub(crate) fn site(&self, key: &Key, ask: &Ask, needed: bool) -> RetailResult<Option<String>> {
        let seen = self.sites_of(key);
        match ask.get("site") {
            Some(site) if !self.sites.iter().any(|(code, _)| code == site) => {
                Err(RetailError::format(vec![("site".to_owned(), NOT_VALID.to_owned())]))
            }
            Some(site) if !seen.iter().any(|code| code == site) => Err(RetailError::denied()),
            Some(site) => Ok(Some(site.to_owned())),
            None if !needed => Ok(None),
            None => match seen.as_slice() {
                [only] => Ok(Some(only.clone())),
                _ => Err(RetailError::missing("site")),
            },
        }
    }

    /// How the path names its object, and the site in which it is looked for.
    pub(crate) fn by(&self, key: &Key, ask: &Ask) -> RetailResult<(By, Option<String>)> {
        let by = match ask.get("by") {
            None | Some("externalId") => By::External,
            Some("id") => By::Id,
            Some(_) => return Err(RetailError::invalid("by", NOT_VALID)),
        };
        Ok((by, self.site(key, ask, by == By::External)?))
    }
}

/// `GET /api/credentials`.
pub(crate) fn credentials(key: &Key) -> Value {
    let methods: Vec<&str> = METHODS.iter().copied().filter(|method| key.may(method)).collect();
    let mut scopes = BTreeSet::new();
    for method in &methods {
        let thing = match method.trim_start_matches("/api/v5/").split('/').next().unwrap_or_default() {
            "customers" | "customers-corporate" | "segments" => "customer",
            "orders" => "order",
            "tasks" => "task",
            "users" => "user",
            "custom-fields" => "custom_fields",
            _ => "reference",
        };
        let writes = ["create", "edit", "upload", "combine", "fix-external-ids", "delete", "subscriptions"];
        let write = method.rsplit('/').next().is_some_and(|last| writes.contains(&last));
        scopes.insert(format!("{thing}_{}", if write { "write" } else { "read" }));
    }
    let mut body = json!({ "success": true, "scopes": scopes, "credentials": methods });
    match &key.sites {
        None => body["siteAccess"] = json!("access_full"),
        Some(sites) => {
            body["siteAccess"] = json!("access_selective");
            body["sitesAvailable"] = json!(sites);
        }
    }
    body
}
