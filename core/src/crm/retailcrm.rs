//! RetailCRM (Simla.com), API v5 (contracts/crm/retailcrm.md). It has no updated-at filter and no
//! webhooks of its own: changes are followed by its history feed, whose ids are in order.

mod companies;
mod hook;
mod login;
mod orders;
mod subscriptions;
mod wire;
mod write;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

pub use login::{KEY, Login};

use super::{
    ContactPage, Crm, CrmCapabilities, CrmContact, CrmError, CrmField, CrmIdentity, Hooking, ReadMode, WriteItem,
    gate::Gate,
    mapping::CrmSettings,
    occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef},
    one_by_one,
};
use crate::{
    clock::{self, Moment},
    http,
    pace::spacer::Spacer,
    secret::Secret,
};
use wire::{Answer, Failure, Kind};

/// What RetailCRM can do, and how fast.
pub const CAPABILITIES: CrmCapabilities = CrmCapabilities {
    // The limit is 10 of a key; section 4 advises 8.
    per_second: 8,
    // One call each, besides those that look for a note.
    writes: 20,
    overlap: TimeDelta::seconds(300),
    hooks: Hooking::ByHand,
    opt_out_field: true,
    occasions: &[OccasionKind::Order],
    answers: &[],
    comments: &[],
    tasks: false,
    whole: false,
    sender: false,
};

/// How its triggers' requests are taken.
pub const GATE: Gate = Gate::of_hints(64 * 1024, hook::understand, hook::kept);

/// Records of a list: the most there may be. 20 and 50 are the others.
const PAGE: u64 = 100;
/// Pages of an auxiliary list (fields, dictionaries, notes) read at most in one go.
const MAX_PAGES: u32 = 50;
/// How far back the end of the feed is looked for first: its last page is then near.
const NEAR: TimeDelta = TimeDelta::days(3);
/// Absent customers asked for by themselves in one go: a call each, at 8 a second.
const ASKED: usize = 40;
/// Tells what the key may do.
const CREDENTIALS: &str = "credentials";
/// The methods that a key must have (section 1).
const NEEDED: &[&str] = &[
    "/api/v5/customers",
    "/api/v5/customers/history",
    "/api/v5/customers/{externalId}/edit",
    "/api/v5/customers/notes",
    "/api/v5/customers/notes/create",
    "/api/v5/custom-fields",
];

/// What the adapter is bound to.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Where the account is, without a trailing slash.
    pub base: String,
    pub key: Secret,
    /// The code of the checkbox that says "do not write".
    pub opt_out_field: Option<String>,
    /// The name of a person's company is asked for.
    pub companies: bool,
}

impl Bound {
    /// To the account at this address, as people set its connection up.
    #[must_use]
    pub fn new(base: String, key: Secret, settings: &CrmSettings) -> Self {
        let companies = settings.fields.iter().any(|field| field.crm_field == companies::FIELD);
        Self { base, key, opt_out_field: settings.opt_out_field.clone(), companies }
    }
}

/// A RetailCRM account as a CRM.
#[derive(Debug)]
pub struct RetailCrm {
    http: Client,
    bound: Bound,
    pacer: Arc<Spacer>,
    /// Dictionaries of custom fields by the field's code: what a code of a value is called.
    names: OnceCell<HashMap<String, BTreeMap<String, String>>>,
    statuses: OnceCell<orders::Statuses>,
    /// How far the account's own time is ahead of UTC.
    ahead: OnceCell<TimeDelta>,
    /// Names of companies by their main person.
    companies: OnceCell<HashMap<String, String>>,
}

impl RetailCrm {
    /// The adapter.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(bound: Bound, pacer: Arc<Spacer>) -> reqwest::Result<Self> {
        Ok(Self {
            http: http::client(Duration::from_secs(30))?,
            bound,
            pacer,
            names: OnceCell::new(),
            statuses: OnceCell::new(),
            ahead: OnceCell::new(),
            companies: OnceCell::new(),
        })
    }

    /// A call of `/api/…`; the form of a write, if it is one. A refusal is looked into: its words
    /// are in the language of the account, so whether the key opens anything at all tells a
    /// revoked key from a method that it may not call.
    async fn call(&self, kind: Kind, path: &str, form: Option<&[(&str, String)]>) -> Result<Value, Failure> {
        match self.ask(kind, path, form).await {
            Err(Failure::Crm(CrmError::Forbidden(detail))) => match self.ask(Kind::Read, CREDENTIALS, None).await {
                Err(Failure::Crm(CrmError::Forbidden(_) | CrmError::Unauthorised)) => Err(CrmError::Unauthorised.into()),
                _ => Err(CrmError::Forbidden(detail).into()),
            },
            other => other,
        }
    }

    async fn ask(&self, kind: Kind, path: &str, form: Option<&[(&str, String)]>) -> Result<Value, Failure> {
        self.pacer.turn().await;
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let request = self.http.request(method, format!("{}/api/{path}", self.bound.base)).header("X-API-KEY", self.bound.key.expose());
        let request = match form {
            Some(form) => request.form(form),
            None => request,
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(wire::no_answer(kind, http::never_sent(&error), http::describe(error)).into()),
        };
        let status = response.status().as_u16();
        match http::body(response).await {
            Ok(body) => wire::classify(kind, &Answer { status, body: &body }),
            Err(error) => Err(wire::no_answer(kind, false, error).into()),
        }
    }

    async fn get(&self, path: &str) -> Result<Value, CrmError> {
        self.call(Kind::Read, path, None).await.map_err(CrmError::from)
    }

    /// Every item of an auxiliary list.
    async fn all(&self, path: &str, key: &str) -> Result<Vec<Value>, CrmError> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut out = Vec::new();
        for page in 1..=MAX_PAGES {
            let answer = self.get(&format!("{path}{sign}limit={PAGE}&page={page}")).await?;
            out.extend(wire::items(&answer, key).iter().cloned());
            if wire::pages(&answer) <= u64::from(page) {
                break;
            }
        }
        Ok(out)
    }

    async fn custom_fields(&self) -> Result<Vec<Value>, CrmError> {
        self.all("v5/custom-fields?filter[entity]=customer", "customFields").await
    }

    /// What the items of custom fields' dictionaries are called; a key that may not read
    /// dictionaries has their codes.
    async fn names_of(&self, fields: &[Value]) -> Result<HashMap<String, BTreeMap<String, String>>, CrmError> {
        if fields.iter().all(|field| field["dictionary"].is_null()) {
            return Ok(HashMap::new());
        }
        let dictionaries = match self.all("v5/custom-fields/dictionaries", "customDictionaries").await {
            Err(CrmError::Forbidden(_) | CrmError::NotFound) => return Ok(HashMap::new()),
            other => other?,
        };
        Ok(wire::names(fields, &dictionaries))
    }

    async fn names(&self) -> Result<&HashMap<String, BTreeMap<String, String>>, CrmError> {
        self.names.get_or_try_init(|| async { self.names_of(&self.custom_fields().await?).await }).await
    }

    /// Everyone, by pages.
    async fn everyone(&self, place: Place) -> Result<ContactPage, CrmError> {
        let Place { page, limit, .. } = place;
        let names = self.names().await?;
        let answer = self.get(&format!("v5/customers?limit={limit}&page={page}")).await?;
        let mut contacts: Vec<CrmContact> =
            wire::items(&answer, "customers").iter().filter_map(|customer| wire::customer(customer, names)).collect();
        self.with_companies(&mut contacts).await?;
        Ok(ContactPage { contacts, next: place.after(&answer), ..ContactPage::default() })
    }

    /// What changed after a place in a feed, `customers` or `orders`. The record of the place
    /// itself is asked for first; a feed that does not have it any more has lost others, too, and
    /// is `None`.
    async fn feed(&self, of: &str, mark: u64, place: Place) -> Result<Option<Feed>, CrmError> {
        let looks = place.since.is_none() && mark > 0;
        let since = place.since.unwrap_or(if looks { mark - 1 } else { mark });
        let limit = place.limit;
        // From the very beginning, where there was nothing yet.
        let after = if since > 0 { format!("&filter[sinceId]={since}") } else { String::new() };
        let mut answer = match self.get(&format!("v5/{of}/history?limit={limit}{after}")).await {
            Err(CrmError::Rejected(why)) if looks && why.contains("sinceId") => return Ok(None),
            other => other?,
        };
        let mut records = match answer["history"].take() {
            Value::Array(records) => records,
            _ => Vec::new(),
        };
        if looks && records.first().and_then(|record| record["id"].as_u64()) != Some(mark) {
            return Ok(None);
        }
        let last = records.iter().rev().find_map(|record| record["id"].as_u64());
        if looks {
            // That record was read before.
            records.remove(0);
        }
        let more = wire::pages(&answer) > 1;
        let next = last.filter(|_| more).map(|last| json!({ "since": last, "limit": limit }));
        Ok(Some(Feed { records, last, next, offset: wire::offset(&answer["generatedAt"], clock::now()) }))
    }

    /// What changed after a place in the feed: the touched are read once more.
    async fn changes(&self, mark: u64, place: Place) -> Result<ContactPage, CrmError> {
        let Some(feed) = self.feed("customers", mark, place).await? else {
            return Ok(ContactPage { anew: true, ..ContactPage::default() });
        };
        let Some(last) = feed.last else { return Ok(ContactPage::default()) };
        let touched = wire::touched(&feed.records, self.own_field().as_deref(), feed.offset);
        let wanted: Vec<String> = touched.iter().filter(|(_, touch)| !touch.deleted).map(|(id, _)| id.clone()).collect();
        let read = self.contacts_by_id(&wanted).await?;
        let there: BTreeSet<&str> = read.iter().map(|contact| contact.id.as_str()).collect();
        let gone: Vec<CrmContact> = touched
            .iter()
            .filter(|(id, _)| !there.contains(id.as_str()))
            .map(|(id, touch)| wire::gone(id, touch.at, touch.into.clone()))
            .collect();
        let at = |contact: CrmContact| {
            let updated_at = touched.get(&contact.id).map_or(contact.updated_at, |touch| touch.at);
            CrmContact { updated_at, ..contact }
        };
        Ok(ContactPage {
            contacts: read.into_iter().map(at).chain(gone).collect(),
            next: feed.next,
            mark: Some(json!(last)),
            ..ContactPage::default()
        })
    }

    /// How the feed calls the checkbox that we tick.
    fn own_field(&self) -> Option<String> {
        self.bound.opt_out_field.as_ref().map(|code| format!("custom_{code}"))
    }

    /// Where a feed, `customers` or `orders`, ends now.
    async fn end_of(&self, feed: &str) -> Result<Option<Value>, CrmError> {
        let near = format!("&filter[startDate]={}", (clock::now() - NEAR).format("%Y-%m-%d"));
        let last = match self.last_of(feed, &near).await? {
            None => self.last_of(feed, "").await?,
            last => last,
        };
        Ok(Some(json!(last.unwrap_or_default())))
    }

    /// The last record of a feed; `None`: it has none.
    async fn last_of(&self, feed: &str, filter: &str) -> Result<Option<u64>, CrmError> {
        let path = format!("v5/{feed}/history?limit={PAGE}{filter}");
        let mut answer = self.get(&path).await?;
        let pages = wire::pages(&answer);
        if pages > 1 {
            answer = self.get(&format!("{path}&page={pages}")).await?;
        }
        Ok(wire::items(&answer, "history").last().and_then(|record| record["id"].as_u64()))
    }
}

/// A piece of a feed of changes.
#[derive(Debug)]
struct Feed {
    records: Vec<Value>,
    /// The last record of it, whether or not it is among them; `None`: nothing is there.
    last: Option<u64>,
    /// Where the next piece begins.
    next: Option<Value>,
    /// How far the account's own time is ahead.
    offset: TimeDelta,
}

/// Where a read goes on.
#[derive(Debug, Clone, Copy)]
struct Place {
    page: u64,
    limit: u64,
    /// How many people the account had at the page before.
    total: Option<u64>,
    /// The last record of the feed that was read.
    since: Option<u64>,
}

impl Place {
    fn of(cursor: Option<&Value>) -> Self {
        let number = |name: &str| cursor.and_then(|cursor| cursor[name].as_u64());
        Self { page: number("page").unwrap_or(1), limit: number("limit").unwrap_or(PAGE), total: number("total"), since: number("since") }
    }

    /// The place after a page. When the account has fewer of them than a page before, the others
    /// moved towards the beginning, and the pages they moved to are read once more.
    fn after(self, answer: &Value) -> Option<Value> {
        let Self { page, limit, .. } = self;
        let total = answer["pagination"]["totalCount"].as_u64().unwrap_or_default();
        let back = self.total.map_or(0, |before| before.saturating_sub(total)).div_ceil(limit);
        let next =
            if back > 0 && page > 1 { Some(page.saturating_sub(back).max(1)) } else { (page < wire::pages(answer)).then_some(page + 1) };
        next.map(|page| json!({ "page": page, "limit": limit, "total": total }))
    }
}

/// A key that may not do this has none of it.
fn unless_closed<T>(read: Result<T, CrmError>, nothing: T) -> Result<T, CrmError> {
    match read {
        Err(CrmError::Forbidden(_)) => Ok(nothing),
        other => other,
    }
}

#[async_trait::async_trait]
impl Crm for RetailCrm {
    /// The account has no id that the API tells: it is known by its technical address.
    async fn identify(&self) -> Result<CrmIdentity, CrmError> {
        let may = self.get(CREDENTIALS).await?;
        let missing = wire::missing(&may, NEEDED);
        if !missing.is_empty() {
            return Err(CrmError::Forbidden(format!("the key may not call {}", missing.join(", "))));
        }
        let info = self.get("system-info").await?;
        wire::identity(&info).ok_or_else(|| CrmError::Rejected("the answer names no account".to_owned()))
    }

    async fn fields(&self) -> Result<Vec<CrmField>, CrmError> {
        let fields = self.custom_fields().await?;
        let names = self.names_of(&fields).await?;
        let own = fields.iter().filter_map(|field| wire::field(field, &names));
        let more = self.topics().await?;
        Ok(wire::usual_fields().into_iter().chain(own).chain([companies::field()]).chain(more).collect())
    }

    async fn mark(&self) -> Result<Option<Value>, CrmError> {
        self.end_of("customers").await
    }

    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        let place = Place::of(cursor);
        match mode {
            ReadMode::Full => self.everyone(place).await,
            ReadMode::Since { mark, .. } => match mark.and_then(Value::as_u64) {
                Some(mark) => self.changes(mark, place).await,
                None => Ok(ContactPage { anew: true, ..ContactPage::default() }),
            },
        }
    }

    fn lighter(&self, cursor: Option<&Value>) -> Option<Value> {
        let place = Place::of(cursor);
        let limit = match place.limit {
            100 => 50,
            50 => 20,
            _ => return None,
        };
        // The first of the smaller page is the first of the larger one, or somewhat before it.
        let page = (place.page - 1) * place.limit / limit + 1;
        let mut lighter = json!({ "page": page, "limit": limit });
        for (name, number) in [("total", place.total), ("since", place.since)] {
            if let Some(number) = number {
                lighter[name] = json!(number);
            }
        }
        Some(lighter)
    }

    /// Of those that are absent some are asked for by themselves: a merged one says who survived.
    async fn contacts_by_id(&self, ids: &[String]) -> Result<Vec<CrmContact>, CrmError> {
        let mut out: Vec<CrmContact> = Vec::new();
        for chunk in ids.chunks(100) {
            let filter: String = chunk.iter().filter(|id| id.parse::<u64>().is_ok()).map(|id| format!("&filter[ids][]={id}")).collect();
            if !filter.is_empty() {
                let names = self.names().await?;
                let answer = self.get(&format!("v5/customers?limit={PAGE}{filter}")).await?;
                out.extend(wire::items(&answer, "customers").iter().filter_map(|customer| wire::customer(customer, names)));
            }
        }
        self.with_companies(&mut out).await?;
        let there: BTreeSet<&str> = out.iter().map(|contact| contact.id.as_str()).collect();
        let absent: Vec<&String> = ids.iter().filter(|id| !there.contains(id.as_str()) && id.parse::<u64>().is_ok()).take(ASKED).collect();
        for id in absent {
            match self.call(Kind::Read, &format!("v5/customers/{id}?by=id"), None).await {
                Err(Failure::Merged(into)) => out.push(wire::gone(id, clock::now(), Some(into))),
                Ok(_) | Err(Failure::Crm(CrmError::NotFound)) => {}
                // A key that may read lists alone.
                Err(Failure::Crm(CrmError::Forbidden(_))) => break,
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(out)
    }

    async fn occasion_mark(&self) -> Result<Option<Value>, CrmError> {
        unless_closed(self.end_of("orders").await, None)
    }

    async fn occasions(&self, mode: OccasionMode<'_>, cursor: Option<&Value>) -> Result<OccasionPage, CrmError> {
        let place = Place::of(cursor);
        let read = match mode {
            OccasionMode::Full { from } => self.all_orders(from, place).await,
            OccasionMode::Since { mark, .. } => match mark.and_then(Value::as_u64) {
                Some(mark) => self.changed_orders(mark, place).await,
                None => return Ok(OccasionPage { anew: true, ..OccasionPage::default() }),
            },
        };
        unless_closed(read, OccasionPage::default())
    }

    async fn occasions_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        let ids: Vec<String> = of.iter().filter(|one| one.kind == OccasionKind::Order).map(|one| one.id.clone()).collect();
        self.orders_by_id(&ids).await
    }

    async fn occasions_of(&self, contacts: &[String], from: Moment) -> Result<Option<Vec<CrmOccasion>>, CrmError> {
        unless_closed(self.orders_of(contacts, from).await, Vec::new()).map(Some)
    }

    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
        one_by_one::write(self, items).await
    }
}

/// When a record of the feed was made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Touch {
    at: Moment,
    deleted: bool,
    /// Who survived, of a merged customer.
    into: Option<String>,
}
