//! amoCRM / Kommo, REST v4 (contracts/crm/amocrm.md). One product, two brands.

mod hook;
mod host;
mod leads;
mod login;
mod oauth;
mod wire;
mod write;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::sync::OnceCell;

pub use login::Login;

use super::{
    ContactPage, Crm, CrmCapabilities, CrmContact, CrmError, CrmField, CrmHint, CrmIdentity, Hooking, ReadMode, WriteItem,
    gate::Gate,
    occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef},
};
use crate::{clock::Moment, http, pace::spacer::Spacer, secret::Secret};
use wire::{Answer, Kind};

/// What amoCRM can do, and how fast.
pub const CAPABILITIES: CrmCapabilities = CrmCapabilities {
    // The limit is 7, the rest is for the company's other integrations.
    per_second: 5,
    // It advises no more in one array.
    writes: 50,
    overlap: TimeDelta::seconds(OVERLAP_SECONDS),
    hooks: Hooking::Subscribed,
    opt_out_field: true,
    occasions: &[OccasionKind::Deal],
    answers: &[],
    comments: &[OccasionKind::Deal],
    tasks: true,
    whole: false,
    sender: false,
};

/// How its webhooks are taken.
pub const GATE: Gate = Gate::of_hints(1024 * 1024, hook::understand, hook::kept);

/// Contacts per page: the most there may be.
const PAGE: u64 = 250;
/// Pages of an auxiliary list (events, notes, fields) read at most in one go.
const MAX_PAGES: u32 = 50;
/// How far a refused host is left alone after a ban.
const BAN: Duration = Duration::from_secs(600);
/// Overlap of incremental reads and of looking for a note: clocks differ and changes come late.
const OVERLAP_SECONDS: i64 = 300;
/// What the subscription asks to be told of.
const HOOKS: &[&str] = &[
    "add_contact",
    "update_contact",
    "delete_contact",
    "restore_contact",
    "add_lead",
    "update_lead",
    "delete_lead",
    "restore_lead",
    "status_lead",
    "responsible_lead",
];

/// What the adapter is bound to.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Where the account's API is, without a trailing slash.
    pub base: String,
    /// The access or long-lived token.
    pub token: Secret,
    /// The checkbox that says "do not write".
    pub opt_out_field: Option<u64>,
}

/// An amoCRM account as a CRM.
#[derive(Debug)]
pub struct AmoCrm {
    http: Client,
    bound: Bound,
    pacer: Arc<Spacer>,
    /// Shared by every connection of the process.
    egress: Arc<Spacer>,
    /// What pipelines, stages and users are called, read with the first lead.
    names: OnceCell<leads::Names>,
}

impl AmoCrm {
    /// The adapter.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(bound: Bound, pacer: Arc<Spacer>, egress: Arc<Spacer>) -> reqwest::Result<Self> {
        Ok(Self { http: http::client(Duration::from_secs(30))?, bound, pacer, egress, names: OnceCell::new() })
    }

    async fn call(&self, kind: Kind, method: Method, path: &str, body: Option<&Value>) -> Result<Option<Value>, wire::Failure> {
        self.pacer.turn().await;
        self.egress.turn().await;
        let url = format!("{}/api/v4/{path}", self.bound.base);
        let mut request = self.http.request(method, url).bearer_auth(self.bound.token.expose());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(wire::no_answer(kind, http::never_sent(&error), http::describe(error)).into()),
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        let body = match http::body(response).await {
            Ok(body) => body,
            Err(error) => return Err(wire::no_answer(kind, false, error).into()),
        };
        wire::classify(kind, &Answer { status, retry_after, body: &body })
    }

    /// A read; a 403 and a 404 are looked into: when the account itself is refused too, our address
    /// is banned; when it is not there either, the account has moved.
    async fn get(&self, path: &str) -> Result<Option<Value>, CrmError> {
        match self.call(Kind::Read, Method::GET, path, None).await.map_err(CrmError::from) {
            Err(error) => Err(self.looked_into(error).await),
            other => other,
        }
    }

    async fn looked_into(&self, error: CrmError) -> CrmError {
        match error {
            CrmError::Forbidden(detail) => self.forbidden(detail).await,
            CrmError::NotFound => match self.call(Kind::Read, Method::GET, "account", None).await.map_err(CrmError::from) {
                Err(CrmError::NotFound | CrmError::Moved) => CrmError::Moved,
                _ => CrmError::NotFound,
            },
            other => other,
        }
    }

    async fn forbidden(&self, detail: String) -> CrmError {
        match self.call(Kind::Read, Method::GET, "account", None).await.map_err(CrmError::from) {
            Err(CrmError::Forbidden(_)) => CrmError::RetryAfter(BAN),
            _ => CrmError::Forbidden(detail),
        }
    }

    /// Every item of an auxiliary list.
    async fn all(&self, path: &str, key: &str) -> Result<Vec<Value>, CrmError> {
        let mut out = Vec::new();
        for page in 1..=MAX_PAGES {
            let Some(answer) = self.get(&format!("{path}&page={page}")).await? else { break };
            let (items, more) = wire::page(&answer, key);
            out.extend(items.iter().cloned());
            if !more {
                break;
            }
        }
        Ok(out)
    }
}

#[async_trait::async_trait]
impl Crm for AmoCrm {
    async fn identify(&self) -> Result<CrmIdentity, CrmError> {
        let account = self.call(Kind::Read, Method::GET, "account?with=datetime_settings", None).await?;
        account.as_ref().and_then(wire::identity).ok_or_else(|| CrmError::Rejected("the answer names no account".to_owned()))
    }

    async fn fields(&self) -> Result<Vec<CrmField>, CrmError> {
        Ok(self.all("contacts/custom_fields?limit=250", "custom_fields").await?.iter().filter_map(wire::field).collect())
    }

    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        let place = |key: &str, default: u64| cursor.and_then(|cursor| cursor[key].as_u64()).unwrap_or(default);
        let (page, limit) = (place("page", 1), place("limit", PAGE));
        let filter = match mode {
            ReadMode::Full => "order[id]=asc".to_owned(),
            ReadMode::Since { at, .. } => {
                format!("order[updated_at]=asc&filter[updated_at][from]={}", at.timestamp() - OVERLAP_SECONDS)
            }
        };
        let Some(answer) = self.get(&format!("contacts?limit={limit}&page={page}&{filter}")).await? else {
            return Ok(ContactPage::default());
        };
        let (items, more) = wire::page(&answer, "contacts");
        Ok(ContactPage {
            contacts: items.iter().filter_map(wire::contact).collect(),
            next: more.then(|| serde_json::json!({ "page": page + 1, "limit": limit })),
            ..ContactPage::default()
        })
    }

    fn lighter(&self, cursor: Option<&Value>) -> Option<Value> {
        if let Some(cursor) = cursor.filter(|cursor| cursor["from"].is_i64()) {
            return leads::lighter(cursor);
        }
        let place = |key: &str, default: u64| cursor.and_then(|cursor| cursor[key].as_u64()).unwrap_or(default);
        let (page, limit) = (place("page", 1), place("limit", PAGE));
        // The same record must be the first of the smaller page, so the limit divides evenly: 250,
        // 125, 25, 5.
        let times = match limit {
            250 => 2,
            125 | 25 => 5,
            _ => return None,
        };
        Some(serde_json::json!({ "page": (page - 1) * times + 1, "limit": limit / times }))
    }

    async fn contacts_by_id(&self, ids: &[String]) -> Result<Vec<CrmContact>, CrmError> {
        let mut out = Vec::new();
        // Ids go into the address: not so many that a proxy on the way finds it too long.
        for chunk in ids.chunks(100) {
            let filter: String = chunk.iter().filter(|id| id.parse::<u64>().is_ok()).map(|id| format!("&filter[id][]={id}")).collect();
            if !filter.is_empty()
                && let Some(answer) = self.get(&format!("contacts?limit=250&page=1{filter}")).await?
            {
                out.extend(wire::page(&answer, "contacts").0.iter().filter_map(wire::contact));
            }
        }
        Ok(out)
    }

    async fn history(&self, since: Moment) -> Result<Vec<CrmHint>, CrmError> {
        let from = since.timestamp() - OVERLAP_SECONDS;
        let path = format!(
            "events?limit=100&filter[type]=contact_deleted,contact_restored,entity_merged&filter[entity]=contact&filter[created_at][from]={from}"
        );
        let mut ids: Vec<String> = self
            .all(&path, "events")
            .await?
            .iter()
            .filter(|event| event["entity_type"].as_str().is_none_or(|kind| kind.starts_with("contact")))
            .filter_map(|event| wire::id(&event["entity_id"]))
            .collect();
        ids.sort();
        ids.dedup();
        let contacts = ids.into_iter().map(CrmHint::Contact);
        Ok(contacts.chain(self.gone_leads(from).await?).collect())
    }

    async fn occasions(&self, mode: OccasionMode<'_>, cursor: Option<&Value>) -> Result<OccasionPage, CrmError> {
        self.leads(mode, cursor).await
    }

    async fn occasions_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        self.leads_by_id(of).await
    }

    async fn occasions_of(&self, contacts: &[String], from: Moment) -> Result<Option<Vec<CrmOccasion>>, CrmError> {
        self.leads_of(contacts, from).await.map(Some)
    }

    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
        write::write(self, items).await
    }

    async fn subscribe(&self, url: Option<&str>, old: Option<&str>) -> Result<(), CrmError> {
        if let Some(old) = old.filter(|old| url != Some(*old)) {
            let body = serde_json::json!({ "destination": old });
            match self.call(Kind::Repeatable, Method::DELETE, "webhooks", Some(&body)).await.map_err(CrmError::from) {
                Ok(_) | Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(url) = url {
            let body = serde_json::json!({ "destination": url, "settings": HOOKS, "sort": 10 });
            self.call(Kind::Repeatable, Method::POST, "webhooks", Some(&body)).await?;
        }
        Ok(())
    }

    async fn hooked(&self, url: &str) -> Result<Option<bool>, CrmError> {
        let wanted: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
        let Some(answer) = self.get(&format!("webhooks?filter[destination]={wanted}")).await? else { return Ok(None) };
        let (hooks, _) = wire::page(&answer, "webhooks");
        let ours = hooks.iter().find(|hook| hook["destination"] == url);
        Ok(ours.and_then(|hook| {
            let on = !hook["disabled"].as_bool().unwrap_or(false);
            let told = |code: &&str| hook["settings"].as_array().is_none_or(|told| told.iter().any(|one| one == code));
            // One that works and tells of less than we want to hear is as good as none: it is asked
            // for once more. One that was switched off is the administrator's to bring back.
            (!on || HOOKS.iter().all(told)).then_some(on)
        }))
    }
}
