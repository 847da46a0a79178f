//! YCLIENTS, abroad Altegio: one platform for bookings, REST v1 (contracts/crm/yclients.md). A
//! connection is one branch; its clients are contacts, its records are visits.
//!
//! What changed is told by the old list of clients, which is deprecated and does not show who is
//! gone: the nightly reading finds them.

mod feed;
mod hook;
mod login;
mod read;
mod visit;
mod wire;
mod write;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use chrono::TimeDelta;
use reqwest::{
    Client, Method,
    header::{ACCEPT, AUTHORIZATION},
};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

pub use self::login::{APPLICATION, Branch, Brand, Login, PARTNER, USER};
use super::{
    ContactPage, Crm, CrmCapabilities, CrmContact, CrmError, CrmField, CrmIdentity, Hooking, ReadMode, WriteItem,
    gate::Gate,
    login::Credentials,
    mapping::CrmSettings,
    occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef},
    one_by_one,
};
use crate::{clock::Moment, config::Endpoints, http, pace::spacer::Spacer, secret::Secret};
use wire::{Answer, Kind, Kinds, Place};

/// What YCLIENTS can do, and how fast.
pub const CAPABILITIES: CrmCapabilities = CrmCapabilities {
    // The limit is the address's ([`crate::limits::YCLIENTS_TAKES`]), and all connections together
    // keep it: [`Bound::egress`].
    per_second: crate::limits::YCLIENTS_TAKES,
    // Up to four calls each, while other branches call, too.
    writes: 10,
    overlap: TimeDelta::seconds(300),
    hooks: Hooking::Subscribed,
    opt_out_field: true,
    occasions: &[OccasionKind::Visit],
    answers: &[OccasionKind::Visit],
    comments: &[OccasionKind::Visit],
    tasks: false,
    whole: false,
    sender: false,
};

/// How its hooks are taken.
pub const GATE: Gate = Gate::of_hints(256 * 1024, hook::understand, hook::kept);

/// Branches of a user that are looked through, in pages of a hundred.
const MAX_PAGES: u32 = 20;

/// What the adapter is bound to.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Where the API is, without a trailing slash.
    pub base: String,
    pub branch: Branch,
    pub partner: Secret,
    pub user: Secret,
    /// The partner's application, where it is to be confirmed in a branch that installed it.
    pub application: Option<u64>,
    /// The field that says "do not write".
    pub opt_out_field: Option<String>,
    /// A field is in use that only the search tells.
    pub statistics: bool,
    /// Shared by every connection of the process.
    pub egress: Arc<Spacer>,
}

impl Bound {
    /// To the branch at this address; `None`: a token is missing, or it is no branch's address.
    #[must_use]
    pub fn of(base: String, home: &str, credentials: &Credentials, settings: &CrmSettings, endpoints: &Endpoints) -> Option<Self> {
        let value = |name: &str| credentials.value(name).cloned();
        Some(Self {
            base,
            branch: Branch::of(home)?,
            partner: value(PARTNER)?,
            user: value(USER)?,
            application: value(APPLICATION).and_then(|number| number.expose().parse().ok()),
            opt_out_field: settings.opt_out_field.clone(),
            statistics: settings.fields.iter().any(|field| wire::is_statistics(&field.crm_field)),
            egress: endpoints.yclients_egress.clone(),
        })
    }
}

/// A branch as a CRM.
#[derive(Debug)]
pub struct YClients {
    http: Client,
    bound: Bound,
    pacer: Arc<Spacer>,
    place: OnceCell<Place>,
    /// Fields of clients that the company made.
    own: OnceCell<Vec<CrmField>>,
    /// The user sees phones.
    phones: OnceCell<bool>,
    /// Comments are at the second of the two printed paths.
    comments: AtomicBool,
}

impl YClients {
    /// The adapter.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(bound: Bound, pacer: Arc<Spacer>) -> reqwest::Result<Self> {
        let http = http::client(Duration::from_secs(30))?;
        let (place, own, phones) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Ok(Self { http, bound, pacer, place, own, phones, comments: AtomicBool::new(false) })
    }

    fn branch(&self) -> u64 {
        self.bound.branch.id
    }

    fn brand(&self) -> Brand {
        self.bound.branch.brand
    }

    fn opt_out_field(&self) -> Option<&str> {
        self.bound.opt_out_field.as_deref()
    }

    /// A call. A refusal for want of rights names the section they are of.
    async fn call(&self, kind: Kind, method: Method, path: &str, body: Option<&Value>) -> Result<Value, CrmError> {
        self.pacer.turn().await;
        self.bound.egress.turn().await;
        let tokens = format!("Bearer {}, User {}", self.bound.partner.expose(), self.bound.user.expose());
        let request = self.http.request(method, format!("{}/{path}", self.bound.base));
        let mut request = request.header(ACCEPT, self.brand().media_type()).header(AUTHORIZATION, tokens);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(wire::no_answer(kind, http::never_sent(&error), http::describe(error))),
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        let answer = match http::body(response).await {
            Ok(body) => wire::classify(kind, &Answer { status, retry_after, body: &body }),
            Err(error) => Err(wire::no_answer(kind, false, error)),
        };
        answer.map_err(|error| match error {
            CrmError::Forbidden(detail) => CrmError::Forbidden(format!("{}: {detail}", section(path))),
            other => other,
        })
    }

    async fn get(&self, path: &str) -> Result<Value, CrmError> {
        self.call(Kind::Read, Method::GET, path, None).await
    }

    /// The branch among those of the user.
    async fn find(&self) -> Result<Option<Place>, CrmError> {
        for page in 1..=MAX_PAGES {
            let answer = self.get(&format!("companies?my=1&count=100&page={page}")).await?;
            let found = wire::place(wire::rows(&answer), self.bound.branch);
            if found.is_some() || wire::rows(&answer).len() < 100 {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The system user of an application is let into a branch once the application has confirmed
    /// that it was installed there (section 1; unconfirmed beyond the two numbers).
    async fn confirm(&self) -> Result<Option<Place>, CrmError> {
        let Some(application) = self.bound.application else { return Ok(None) };
        let body = json!({ "salon_id": self.branch(), "application_id": application });
        match self.call(Kind::Repeatable, Method::POST, "marketplace/partner/callback", Some(&body)).await {
            Ok(_) => self.find().await,
            Err(CrmError::NotFound | CrmError::Forbidden(_) | CrmError::Rejected(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn place(&self) -> Result<&Place, CrmError> {
        self.place
            .get_or_try_init(|| async {
                let found = match self.find().await? {
                    None => self.confirm().await?,
                    found => found,
                };
                found.ok_or_else(|| CrmError::Forbidden(format!("branches: the user is not let into the branch {}", self.branch())))
            })
            .await
    }

    /// What fields the company made. Who may not see the settings has none.
    async fn own_fields(&self) -> Result<&[CrmField], CrmError> {
        let ask = || async {
            match self.get(&format!("custom_fields/client/{}", self.branch())).await {
                Ok(answer) => Ok(wire::rows(&answer).iter().filter_map(wire::field).collect()),
                Err(CrmError::Forbidden(_) | CrmError::NotFound) => Ok(Vec::new()),
                Err(error) => Err(error),
            }
        };
        self.own.get_or_try_init(ask).await.map(Vec::as_slice)
    }

    async fn kinds(&self) -> Result<Kinds, CrmError> {
        let kind = |field: &CrmField| Some((wire::own_code(&field.id)?.to_owned(), field.kind));
        Ok(self.own_fields().await?.iter().filter_map(kind).collect())
    }

    /// The hooks of the branch: all addresses, and the flags as far as they are told.
    async fn hooks(&self) -> Result<(Vec<String>, Map<String, Value>), CrmError> {
        let answer = self.get(&format!("hooks_settings/{}", self.branch())).await?;
        // An empty object is written as a list.
        let flags = answer["data"].as_object().cloned().unwrap_or_default();
        let urls = answer["data"]["urls"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok((urls, flags))
    }
}

/// The section of a path, as rights are given for it.
fn section(path: &str) -> &'static str {
    match path {
        path if path.contains("client/") || path.contains("clients") => "clients",
        path if path.starts_with("record") => "records",
        _ => "settings",
    }
}

#[async_trait::async_trait]
impl Crm for YClients {
    async fn identify(&self) -> Result<CrmIdentity, CrmError> {
        Ok(self.place().await?.identity.clone())
    }

    async fn fields(&self) -> Result<Vec<CrmField>, CrmError> {
        Ok(wire::usual_fields().into_iter().chain(self.own_fields().await?.iter().cloned()).collect())
    }

    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        match mode {
            ReadMode::Full => self.everyone(cursor).await,
            ReadMode::Since { at, .. } => {
                let Some((cards, next)) = self.changed("clients", "", at, cursor).await? else { return Ok(ContactPage::default()) };
                let ids: Vec<String> = cards.iter().filter_map(|card| wire::id(&card["id"])).collect();
                let contacts = self.contacts_of(&cards, &self.statistics(&ids).await?).await?;
                Ok(ContactPage { contacts, next, ..ContactPage::default() })
            }
        }
    }

    fn lighter(&self, cursor: Option<&Value>) -> Option<Value> {
        if let Some(window) = read::window(cursor) {
            return window.lighter().map(|window| json!(window));
        }
        let number = |name: &str| cursor.and_then(|cursor| cursor[name].as_u64());
        let (page, limit) = (number("page").unwrap_or(1), number("limit").unwrap_or(read::PAGE));
        // The first row of the smaller page is the first of the larger one.
        (limit > 25).then(|| json!({ "page": (page - 1) * 2 + 1, "limit": limit / 2, "total": number("total"), "last": number("last") }))
    }

    async fn contacts_by_id(&self, ids: &[String]) -> Result<Vec<CrmContact>, CrmError> {
        let ids: Vec<String> = ids.iter().filter(|id| id.parse::<u64>().is_ok()).cloned().collect();
        let cards = self.cards(&ids).await?;
        self.contacts_of(&cards, &self.statistics(&ids).await?).await
    }

    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
        one_by_one::write(self, items).await
    }

    /// Who may not see the journal has clients all the same.
    async fn occasions(&self, mode: OccasionMode<'_>, cursor: Option<&Value>) -> Result<OccasionPage, CrmError> {
        let read = match mode {
            OccasionMode::Full { from } => self.visits_from(from, cursor).await.map(Some),
            // Whether deleted records are shown is unconfirmed: where they are not, the night finds
            // them.
            OccasionMode::Since { at, .. } => self.changed("records", "&include_deleted=1", at, cursor).await,
        };
        let (rows, next) = match read {
            Ok(Some(read)) => read,
            Ok(None) | Err(CrmError::Forbidden(_)) => return Ok(OccasionPage::default()),
            Err(error) => return Err(error),
        };
        let place = self.place().await?;
        Ok(OccasionPage { occasions: rows.iter().filter_map(|row| visit::occasion(row, place)).collect(), next, ..OccasionPage::default() })
    }

    async fn occasions_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        let place = self.place().await?;
        let mut found = Vec::new();
        for one in of.iter().filter(|one| one.kind == OccasionKind::Visit && one.id.parse::<u64>().is_ok()) {
            match self.get(&format!("record/{}/{}", self.branch(), one.id)).await {
                Ok(answer) => found.extend(visit::occasion(&answer["data"], place)),
                Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn occasions_of(&self, contacts: &[String], from: Moment) -> Result<Option<Vec<CrmOccasion>>, CrmError> {
        let rows = match self.visits_of(contacts, from).await {
            Err(CrmError::Forbidden(_)) => return Ok(Some(Vec::new())),
            other => other?,
        };
        let place = self.place().await?;
        Ok(Some(rows.iter().filter_map(|row| visit::occasion(row, place)).collect()))
    }

    /// A save of the hooks replaces those of everybody (section 6), so others' addresses and flags
    /// are sent along. Two flags are not told: where there are others, goods stay told of, for that
    /// is what the others might want.
    async fn subscribe(&self, url: Option<&str>, old: Option<&str>) -> Result<(), CrmError> {
        let (before, flags) = self.hooks().await?;
        let mut urls: Vec<String> =
            before.iter().filter(|known| Some(known.as_str()) != old && Some(known.as_str()) != url).cloned().collect();
        let others = !urls.is_empty();
        urls.extend(url.map(str::to_owned));
        if url.is_none() && urls.len() == before.len() {
            return Ok(());
        }
        let mut body = Value::Object(flags);
        body["good"] = json!(u8::from(others));
        body["self_sending"] = json!(0);
        body["urls"] = json!(urls);
        if url.is_some() {
            for flag in ["active", "client", "record"] {
                body[flag] = json!(1);
            }
        }
        self.call(Kind::Repeatable, Method::POST, &format!("hooks_settings/{}", self.branch()), Some(&body)).await.map(|_| ())
    }

    /// Another vendor's save may have left us out, or switched off what we want to be told of: then
    /// we subscribe once more.
    async fn hooked(&self, url: &str) -> Result<Option<bool>, CrmError> {
        let (urls, flags) = self.hooks().await?;
        let on = ["active", "client", "record"].iter().all(|flag| flags.get(*flag).and_then(wire::flag) == Some(true));
        Ok((on && urls.iter().any(|known| known == url)).then_some(true))
    }
}
