//! Bitrix24 (contracts/crm/bitrix24.md): REST 2, for REST 3.0 has no CRM, and of REST 3.0 the tasks
//! alone, for their keys against doubling. Lists are read by the growing id, which no change moves:
//! nobody is lost or doubled while pages are read. What is gone is in no list of changes: events
//! tell of it, and the nightly load of everything.

mod booking;
mod contact;
mod deal;
mod hook;
mod host;
mod login;
mod oauth;
mod pages;
mod sender;
mod wire;
mod write;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

pub use login::{Login, Way};

use super::{
    ContactPage, Crm, CrmCapabilities, CrmContact, CrmError, CrmField, CrmIdentity, Hooking, ReadMode, WriteItem,
    gate::Gate,
    mapping::CrmSettings,
    message::Told,
    occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef},
    one_by_one,
};
use crate::{
    clock::{self, Moment},
    http,
    pace::spacer::Spacer,
};
use contact::Fields;
use pages::{Command, Place};
use wire::{Answer, Done, Kind};

/// What Bitrix24 can do, and how fast.
pub const CAPABILITIES: CrmCapabilities = CrmCapabilities {
    // What leaks out of the bucket of an ordinary plan (Enterprise has 5, which it does not tell).
    // The 50 it holds are left to the company's other integrations.
    per_second: 2,
    // One call each, two for a task, besides those that look for a note.
    writes: 20,
    overlap: TimeDelta::seconds(300),
    hooks: Hooking::Either,
    opt_out_field: true,
    occasions: &[OccasionKind::Deal, OccasionKind::Visit],
    answers: &[],
    comments: &[OccasionKind::Deal],
    tasks: true,
    whole: false,
    sender: true,
};

/// How its events are taken.
pub const GATE: Gate = Gate { most: 64 * 1024, understand: hook::understand, message: hook::message, kept: hook::kept };

/// `entityTypeId` of contacts and deals.
const CONTACT: u32 = 3;
const DEAL: u32 = 2;
/// The scope without which nothing here works.
const SCOPE: &str = "crm";
/// A request may take a minute there.
const WITHIN: Duration = Duration::from_secs(65);
/// What we ask to be told of, whatever was granted.
const EVENTS: &[&str] =
    &["ONCRMCONTACTADD", "ONCRMCONTACTUPDATE", "ONCRMCONTACTDELETE", "ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALDELETE"];

/// What the adapter is bound to.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Where the portal is, without a trailing slash.
    pub base: String,
    /// The portal's name of today.
    pub host: String,
    /// It may be in our own network, or is called at another place than its own.
    pub near: bool,
    pub way: Way,
    /// The checkbox that says "do not write".
    pub opt_out_field: Option<String>,
    /// The company's own fields of contacts that are mapped: they are asked for by name.
    pub fields: BTreeSet<String>,
}

impl Bound {
    /// To the portal of this address, as people set its connection up.
    /// `private`: a portal on a company's own server may be in our own network.
    #[must_use]
    pub fn new(base: String, home: &str, way: Way, settings: &CrmSettings, private: bool) -> Self {
        let consents = settings
            .consents
            .iter()
            .flat_map(|consent| std::iter::once(&consent.crm_field).chain(&consent.at_field).chain(&consent.author_field));
        let mapped = settings.fields.iter().map(|field| &field.crm_field).chain(consents).chain(&settings.opt_out_field);
        let fields: BTreeSet<String> = mapped.filter(|id| id.starts_with("ufCrm")).cloned().collect();
        let host = host::parse(home).unwrap_or_default();
        let near = private || host::cloud(home).is_some() || base != home;
        Self { base, host, near, way, opt_out_field: settings.opt_out_field.clone(), fields }
    }
}

/// A portal as a CRM.
#[derive(Debug)]
pub struct Bitrix24 {
    http: Client,
    bound: Bound,
    pacer: Arc<Spacer>,
    /// Methods that have worked so much that they would be closed, until when.
    overworked: Mutex<HashMap<String, Moment>>,
    fields: OnceCell<Fields>,
    stages: OnceCell<deal::Stages>,
    /// The user whose rights we have.
    user: OnceCell<String>,
    /// What was granted.
    scopes: OnceCell<Vec<String>>,
    /// Names of what can be booked.
    resources: OnceCell<HashMap<u64, String>>,
}

impl Bitrix24 {
    /// The adapter.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(bound: Bound, pacer: Arc<Spacer>) -> reqwest::Result<Self> {
        let http = if bound.near { http::client(WITHIN)? } else { http::outside(WITHIN)? };
        Ok(Self {
            http,
            bound,
            pacer,
            overworked: Mutex::default(),
            fields: OnceCell::new(),
            stages: OnceCell::new(),
            user: OnceCell::new(),
            scopes: OnceCell::new(),
            resources: OnceCell::new(),
        })
    }

    /// A call of REST 2: the whole answer.
    async fn call(&self, kind: Kind, method: &str, body: Value) -> Result<Value, CrmError> {
        self.rested(method)?;
        let answer = self.post(kind, "rest", method, body, None).await?;
        self.worked(method, &answer["time"]);
        Ok(answer)
    }

    /// A call of REST 3.0, which answers a repeat with the same key as it answered the first.
    async fn call_once(&self, method: &str, body: Value, key: &str) -> Result<Value, CrmError> {
        self.post(Kind::Repeatable, "rest/api", method, body, Some(key)).await
    }

    async fn post(&self, kind: Kind, api: &str, method: &str, mut body: Value, key: Option<&str>) -> Result<Value, CrmError> {
        self.pacer.turn().await;
        let base = &self.bound.base;
        let url = match &self.bound.way {
            Way::Webhook { user, secret, .. } => format!("{base}/{api}/{user}/{}/{method}", secret.expose()),
            Way::Application { token, .. } => {
                body["auth"] = json!(token.expose());
                format!("{base}/{api}/{method}")
            }
        };
        let request = self.http.post(url).json(&body);
        let request = match key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(wire::no_answer(kind, http::never_sent(&error), http::describe(error))),
        };
        let status = response.status().as_u16();
        match http::body(response).await {
            Ok(body) => wire::classify(kind, &Answer { status, body: &body }, clock::now()),
            Err(error) => Err(wire::no_answer(kind, false, error)),
        }
    }

    /// Up to fifty commands in one call; they end with the first that fails.
    async fn batch(&self, commands: &[Command]) -> Result<Vec<Option<Result<Done, CrmError>>>, CrmError> {
        for command in commands {
            self.rested(command.method)?;
        }
        let cmd: serde_json::Map<String, Value> =
            commands.iter().enumerate().map(|(place, command)| (wire::key(place), json!(command.written()))).collect();
        let answer = self.call(Kind::Read, "batch", json!({ "halt": 1, "cmd": cmd })).await?;
        let ends = wire::commands(Kind::Read, &answer, commands.len(), clock::now());
        for (command, end) in commands.iter().zip(&ends) {
            if let Some(Ok(done)) = end {
                self.worked(command.method, &done.time);
            }
        }
        Ok(ends)
    }

    /// The results of a batch all of which must be there.
    async fn results(&self, commands: &[Command]) -> Result<Vec<Value>, CrmError> {
        let missing = || CrmError::Transient { detail: "a command of a batch was not carried out".to_owned(), smaller: false };
        let ends = self.batch(commands).await?;
        ends.into_iter().map(|end| end.unwrap_or_else(|| Err(missing())).map(|done| done.result)).collect()
    }

    /// Refuses a call of a method that would be closed for its work.
    fn rested(&self, method: &str) -> Result<(), CrmError> {
        let now = clock::now();
        let overworked = self.overworked.lock().unwrap_or_else(PoisonError::into_inner);
        match overworked.get(method) {
            Some(until) if *until > now => Err(CrmError::RetryAfter(wire::until(*until, now))),
            _ => Ok(()),
        }
    }

    fn worked(&self, method: &str, time: &Value) {
        if let Some(until) = wire::overworked(time) {
            self.overworked.lock().unwrap_or_else(PoisonError::into_inner).insert(method.to_owned(), until);
        }
    }

    async fn fields_of_contacts(&self) -> Result<&Fields, CrmError> {
        self.fields.get_or_try_init(|| self.read_fields()).await
    }

    async fn read_fields(&self) -> Result<Fields, CrmError> {
        let list = |name: &str| Command::new("crm.status.list", &[("filter[ENTITY_ID]", name)]);
        let commands = [Command::new("crm.item.fields", &[("entityTypeId", &CONTACT.to_string())]), list("CONTACT_TYPE"), list("SOURCE")];
        let results = self.results(&commands).await?;
        let lists: Vec<&Value> = results[1..].iter().flat_map(|list| list.as_array().into_iter().flatten()).collect();
        let fields = Fields::read(&results[0], &lists, &[]);
        if !fields.lacks_words() {
            return Ok(fields);
        }
        let own = match self.call(Kind::Read, "crm.contact.userfield.list", json!({})).await {
            Err(CrmError::Forbidden(_) | CrmError::Rejected(_)) => return Ok(fields),
            other => other?,
        };
        Ok(Fields::read(&results[0], &lists, &own["result"].as_array().into_iter().flatten().collect::<Vec<_>>()))
    }

    /// What of a contact is asked for.
    fn select(&self) -> Vec<(String, String)> {
        let own = self.bound.fields.iter().map(String::as_str);
        ["*", "fm"].into_iter().chain(own).map(|name| ("select[]".to_owned(), name.to_owned())).collect()
    }

    /// A page of items of a kind by their growing ids: as many lists of fifty as the place says,
    /// each from the last id of the one before.
    async fn page(&self, of: u32, filter: &[(String, String)], select: &[(String, String)], place: Place) -> Result<pages::Read, CrmError> {
        let ends = self.batch(&place.commands(of, filter, select)).await?;
        place.read(ends)
    }

    /// Items by their ids.
    async fn by_id(&self, of: u32, ids: &[String], select: &[(String, String)]) -> Result<Vec<Value>, CrmError> {
        let ids: Vec<&String> = ids.iter().filter(|id| id.parse::<u64>().is_ok()).collect();
        let commands: Vec<Command> = ids.chunks(pages::PAGE).map(|ids| Command::of_ids(of, ids, select)).collect();
        let mut out = Vec::new();
        for some in commands.chunks(pages::MOST) {
            let results = self.results(some).await?;
            out.extend(results.iter().flat_map(|result| wire::items(result, "items")).cloned());
        }
        Ok(out)
    }

    /// Items as contacts: what their fields are is asked only if there are any.
    async fn contacts_of(&self, items: &[Value]) -> Result<Vec<CrmContact>, CrmError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let fields = self.fields_of_contacts().await?;
        Ok(items.iter().filter_map(|item| contact::contact(item, fields)).collect())
    }

    /// Items as deals, in the same way.
    async fn deals_of(&self, items: &[Value]) -> Result<Vec<CrmOccasion>, CrmError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let stages = self.stages().await?;
        Ok(items.iter().filter_map(|item| deal::deal(item, stages)).collect())
    }

    /// Whether this scope was granted.
    async fn may(&self, scope: &str) -> Result<bool, CrmError> {
        let ask = || async {
            let answer = self.call(Kind::Read, "scope", json!({})).await?;
            Ok::<_, CrmError>(wire::items(&answer, "result").into_iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        let scopes: &Vec<String> = self.scopes.get_or_try_init(ask).await?;
        Ok(scopes.iter().any(|granted| granted == scope))
    }

    /// What we ask to be told of.
    async fn events(&self) -> Result<Vec<&'static str>, CrmError> {
        let more = if self.may(booking::SCOPE).await? { booking::EVENTS } else { &[] };
        Ok(EVENTS.iter().chain(more).copied().collect())
    }

    /// The events that the portal tells at this address.
    async fn bound_events(&self, url: &str) -> Result<Vec<String>, CrmError> {
        let answer = self.call(Kind::Read, "event.get", json!({})).await?;
        let ours = wire::items(&answer, "result").into_iter().filter(|bound| bound["handler"] == url);
        Ok(ours.filter_map(|bound| bound["event"].as_str()).map(str::to_ascii_uppercase).collect())
    }

    async fn unbind(&self, url: &str) -> Result<(), CrmError> {
        for event in self.bound_events(url).await? {
            match self.call(Kind::Repeatable, "event.unbind", json!({ "event": event, "handler": url })).await {
                Ok(_) | Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn is_application(&self) -> bool {
        matches!(self.bound.way, Way::Application { .. })
    }
}

#[async_trait::async_trait]
impl Crm for Bitrix24 {
    /// A webhook does not tell which portal it is of: the portal is known by the name it had when
    /// it was connected. Its zone is not told either, and every moment is written with its offset.
    async fn identify(&self) -> Result<CrmIdentity, CrmError> {
        if !self.may(SCOPE).await? {
            return Err(CrmError::Forbidden(format!("there is no scope `{SCOPE}`")));
        }
        let id = match &self.bound.way {
            Way::Webhook { portal, .. } => portal,
            Way::Application { member, .. } => member,
        };
        Ok(CrmIdentity::new(id.clone(), &[&self.bound.host], None))
    }

    async fn fields(&self) -> Result<Vec<CrmField>, CrmError> {
        Ok(self.fields_of_contacts().await?.shown())
    }

    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        let filter = match mode {
            ReadMode::Full => Vec::new(),
            ReadMode::Since { at, .. } => vec![pages::since("updatedTime", at, CAPABILITIES.overlap)],
        };
        let read = self.page(CONTACT, &filter, &self.select(), Place::of(cursor)).await?;
        Ok(ContactPage { contacts: self.contacts_of(&read.items).await?, next: read.next, ..ContactPage::default() })
    }

    fn lighter(&self, cursor: Option<&Value>) -> Option<Value> {
        Place::of(cursor).lighter()
    }

    async fn contacts_by_id(&self, ids: &[String]) -> Result<Vec<CrmContact>, CrmError> {
        let items = self.by_id(CONTACT, ids, &self.select()).await?;
        self.contacts_of(&items).await
    }

    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
        one_by_one::write(self, items).await
    }

    async fn occasions(&self, mode: OccasionMode<'_>, cursor: Option<&Value>) -> Result<OccasionPage, CrmError> {
        if let Some(window) = booking::Window::of(cursor) {
            let (occasions, next) = self.bookings(window).await?;
            return Ok(OccasionPage { occasions, next: next.map(booking::Window::cursor), ..OccasionPage::default() });
        }
        let filter = match mode {
            OccasionMode::Full { from } => pages::since("createdTime", from, TimeDelta::zero()),
            OccasionMode::Since { at, .. } => pages::since("updatedTime", at, CAPABILITIES.overlap),
        };
        let read = self.page(DEAL, &[filter], &deal::select(), Place::of(cursor)).await?;
        let next = match read.next {
            None if self.may(booking::SCOPE).await? => Some(booking::Window::first(mode, clock::now()).cursor()),
            next => next,
        };
        Ok(OccasionPage { occasions: self.deals_of(&read.items).await?, next, ..OccasionPage::default() })
    }

    async fn occasions_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        let ids = |kind| of.iter().filter(|of| of.kind == kind).map(|of| of.id.clone()).collect::<Vec<_>>();
        let items = self.by_id(DEAL, &ids(OccasionKind::Deal), &deal::select()).await?;
        let mut found = self.deals_of(&items).await?;
        let bookings = ids(OccasionKind::Visit);
        if !bookings.is_empty() {
            found.extend(self.bookings_by_id(&bookings).await?);
        }
        Ok(found)
    }

    /// Bookings are read by the time of the visit, those to come every time: deals are asked for.
    async fn occasions_of(&self, contacts: &[String], from: Moment) -> Result<Option<Vec<CrmOccasion>>, CrmError> {
        let mut filter: Vec<(String, String)> = contacts.iter().map(|id| ("filter[@contactId][]".to_owned(), id.clone())).collect();
        filter.push(pages::since("createdTime", from, TimeDelta::zero()));
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let read = self.page(DEAL, &filter, &deal::select(), Place::of(cursor.as_ref())).await?;
            found.extend(self.deals_of(&read.items).await?);
            match read.next {
                Some(next) => cursor = Some(next),
                None => return Ok(Some(found)),
            }
        }
    }

    /// Only an application may: a webhook's owner makes an outgoing webhook by hand.
    async fn subscribe(&self, url: Option<&str>, old: Option<&str>) -> Result<(), CrmError> {
        if !self.is_application() {
            return Ok(());
        }
        if let Some(old) = old.filter(|old| url != Some(*old)) {
            self.unbind(old).await?;
        }
        if let Some(url) = url {
            let there = self.bound_events(url).await?;
            for event in self.events().await?.into_iter().filter(|event| !there.iter().any(|bound| bound == event)) {
                let body = json!({ "event": event, "handler": url, "event_type": "online" });
                self.call(Kind::Repeatable, "event.bind", body).await?;
            }
        }
        Ok(())
    }

    async fn hooked(&self, url: &str) -> Result<Option<bool>, CrmError> {
        if !self.is_application() {
            return Err(CrmError::Forbidden("a webhook may not ask for events".to_owned()));
        }
        let there = self.bound_events(url).await?;
        Ok(self.events().await?.iter().all(|event| there.iter().any(|bound| bound == event)).then_some(true))
    }

    async fn offer_sender(&self, code: &str, url: Option<&str>) -> Result<(), CrmError> {
        self.offer(code, url).await
    }

    async fn tell_message(&self, code: &str, message: &str, told: Told) -> Result<(), CrmError> {
        self.tell_of(code, message, told).await
    }
}
