//! Tryton (contracts/crm/tryton.md) by JSON-RPC: parties with their ways of contact and their
//! categories. It has no feed of changes and calls nobody: what changed is read by the moments of
//! rows, what is gone shows in how many there are.

mod login;
mod party;
mod rpc;
mod wire;
mod write;

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};

pub use login::{PASSWORD, WAY};

use super::{
    ContactPage, Crm, CrmCapabilities, CrmContact, CrmError, CrmField, CrmHint, CrmIdentity, Hooking, ReadMode, WriteItem,
    by_id::{PAGE, Place},
    gate::Gate,
    one_by_one,
    own_login::Bound,
};
use crate::{
    clock::{self, Moment},
    pace::spacer::Spacer,
    secret::Secret,
};
use party::{Known, Reading};
use wire::{Kind, tagged};

/// What Tryton can do, and how fast.
pub const CAPABILITIES: CrmCapabilities = CrmCapabilities {
    // It has no limit of its own (section 5); it is a company's server, and others work there.
    per_second: 5,
    // Up to four calls each.
    writes: 20,
    // A row bears the moment of its transaction, and clocks differ.
    overlap: TimeDelta::minutes(10),
    hooks: Hooking::Never,
    opt_out_field: true,
    occasions: &[],
    answers: &[],
    comments: &[],
    tasks: false,
    whole: false,
    sender: false,
};

/// It sends nothing; what comes to its address says nothing.
pub const GATE: Gate = Gate::of_hints(1024, nothing, |_| std::borrow::Cow::Borrowed(b""));

fn nothing(_body: &[u8], _external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    Ok(vec![CrmHint::Ignored])
}

const PARTY: &str = "party.party";
const MECHANISM: &str = "party.contact_mechanism";
const CATEGORY: &str = "party.category";
/// A full read is begun again a minute later for each of so many rows.
const ROWS_A_MINUTE: u64 = 10_000;

/// A Tryton database as a CRM.
#[derive(Debug)]
pub struct Tryton {
    http: Client,
    bound: Bound,
    pacer: Arc<Spacer>,
    /// The header that opens a session; `None`: there is none yet.
    session: Mutex<Option<Secret>>,
    known: OnceCell<Known>,
    /// Names of categories, as far as they were met.
    tags: Mutex<HashMap<u64, String>>,
}

/// Rows that were made or written since then: of a row that nobody wrote since it was made
/// `write_date` may be empty (section 3).
fn since(at: Moment) -> Value {
    let at = tagged(at - CAPABILITIES.overlap);
    json!(["OR", ["create_date", ">=", at], ["write_date", ">=", at]])
}

/// Archived rows are seen by whoever speaks of them.
fn whole() -> Value {
    json!(["active", "in", [true, false]])
}

impl Tryton {
    /// The adapter.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(bound: Bound, pacer: Arc<Spacer>) -> reqwest::Result<Self> {
        let within = Duration::from_secs(60);
        let http = bound.client(within)?;
        Ok(Self { http, bound, pacer, session: Mutex::default(), known: OnceCell::new(), tags: Mutex::default() })
    }

    async fn known(&self) -> Result<&Known, CrmError> {
        let ask = || async { Ok::<_, CrmError>(Known::of(&self.model(Kind::Read, PARTY, "fields_get", json!([[]])).await?)) };
        self.known.get_or_try_init(ask).await
    }

    /// Rows of a model in the order of their ids.
    async fn search(&self, model: &str, domain: &Value, fields: &[&str], limit: u64) -> Result<Vec<Value>, CrmError> {
        match self.model(Kind::Read, model, "search_read", json!([domain, 0, limit, [["id", "ASC"]], fields])).await? {
            Value::Array(rows) => Ok(rows),
            _ => Ok(Vec::new()),
        }
    }

    /// All of them, however many.
    async fn all(&self, model: &str, conditions: &[Value], fields: &[&str]) -> Result<Vec<Value>, CrmError> {
        let (mut out, mut place) = (Vec::new(), Place::of(None));
        loop {
            let mut domain = vec![json!(["id", ">", place.after])];
            domain.extend_from_slice(conditions);
            let found = match (self.search(model, &json!(domain), fields, place.limit).await, place.lighter()) {
                (Err(CrmError::Transient { smaller: true, .. }), Some(lighter)) => {
                    place = Place::of(Some(&lighter));
                    continue;
                }
                (found, _) => found?,
            };
            let next = place.next(&found);
            out.extend(found);
            match next {
                Some(next) => place = Place::of(Some(&next)),
                None => return Ok(out),
            }
        }
    }

    /// How many rows a model has up to an id.
    async fn count(&self, model: &str, last: u64) -> Result<u64, CrmError> {
        let domain = json!([["id", "<=", last], whole()]);
        Ok(self.model(Kind::Read, model, "search_count", json!([domain])).await?.as_u64().unwrap_or_default())
    }

    /// How many rows there are, up to which id.
    async fn census(&self, model: &str) -> Result<Value, CrmError> {
        let found = self.model(Kind::Read, model, "search", json!([[whole()], 0, 1, [["id", "DESC"]]])).await?;
        let last = found[0].as_u64().unwrap_or_default();
        Ok(json!({ "last": last, "count": self.count(model, last).await? }))
    }

    /// Whether parties, or ways of contact, are gone since everything was read: nothing tells of it
    /// but that there are fewer.
    async fn has_lost(&self, mark: &Value) -> Result<bool, CrmError> {
        let rest = 60 * (mark[PARTY]["count"].as_u64().unwrap_or_default() / ROWS_A_MINUTE);
        let past = clock::now().timestamp().saturating_sub(mark["at"].as_i64().unwrap_or_default());
        if past < i64::try_from(rest).unwrap_or(i64::MAX) {
            return Ok(false);
        }
        for model in [PARTY, MECHANISM] {
            let (Some(last), Some(count)) = (mark[model]["last"].as_u64(), mark[model]["count"].as_u64()) else { return Ok(true) };
            if self.count(model, last).await? < count {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Names of the categories of these rows; those not met before are asked for.
    async fn tags(&self, rows: &[Value]) -> Result<HashMap<u64, String>, CrmError> {
        let mut tags = self.tags.lock().await;
        let mut unmet: Vec<u64> =
            rows.iter().flat_map(|row| party::ids(&row["categories"]).collect::<Vec<_>>()).filter(|id| !tags.contains_key(id)).collect();
        unmet.sort_unstable();
        unmet.dedup();
        if !unmet.is_empty() {
            for row in self.all(CATEGORY, &[json!(["id", "in", unmet]), whole()], &["name"]).await? {
                if let (Some(id), Some(name)) = (row["id"].as_u64(), row["name"].as_str()) {
                    tags.insert(id, name.to_owned());
                }
            }
        }
        Ok(tags.clone())
    }

    /// Rows as contacts; those that are switched off are gone.
    async fn read(&self, rows: &[Value]) -> Result<Vec<CrmContact>, CrmError> {
        let ids: Vec<u64> = rows.iter().filter_map(|row| row["id"].as_u64()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ways = party::ways(&self.all(MECHANISM, &[json!(["party", "in", ids])], &["party", "type", "value"]).await?);
        let tags = self.tags(rows).await?;
        let reading = Reading { known: self.known().await?, tags: &tags, ways: &ways };
        Ok(rows.iter().filter_map(|row| reading.contact(row)).collect())
    }

    /// A page of parties of these conditions.
    async fn page(&self, place: Place, condition: Value) -> Result<ContactPage, CrmError> {
        let domain = json!([["id", ">", place.after], condition]);
        let found = self.search(PARTY, &domain, &self.known().await?.wanted(), place.limit).await?;
        Ok(ContactPage { contacts: self.read(&found).await?, next: place.next(&found), ..ContactPage::default() })
    }
}

#[async_trait::async_trait]
impl Crm for Tryton {
    /// A database is known by its name and its host.
    async fn identify(&self) -> Result<CrmIdentity, CrmError> {
        self.model(Kind::Read, PARTY, "search", json!([[], 0, 1, null])).await?;
        let host = self.bound.home.trim_start_matches("https://");
        Ok(CrmIdentity::new(format!("{}@{host}", self.bound.database.expose()), &[host], None))
    }

    async fn fields(&self) -> Result<Vec<CrmField>, CrmError> {
        Ok(self.known().await?.fields())
    }

    async fn mark(&self) -> Result<Option<Value>, CrmError> {
        let (parties, mechanisms) = (self.census(PARTY).await?, self.census(MECHANISM).await?);
        Ok(Some(json!({ PARTY: parties, MECHANISM: mechanisms, "at": clock::now().timestamp() })))
    }

    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        let place = Place::of(cursor);
        match mode {
            ReadMode::Full => {
                let mut page = self.page(place, json!(["active", "=", true])).await?;
                page.contacts.retain(|contact| !contact.deleted);
                Ok(page)
            }
            ReadMode::Since { at, mark } => {
                if place.after == 0 && self.has_lost(mark.unwrap_or(&Value::Null)).await? {
                    return Ok(ContactPage { anew: true, ..ContactPage::default() });
                }
                self.page(place, json!([since(at), whole()])).await
            }
        }
    }

    fn lighter(&self, cursor: Option<&Value>) -> Option<Value> {
        Place::of(cursor).lighter()
    }

    async fn contacts_by_id(&self, ids: &[String]) -> Result<Vec<CrmContact>, CrmError> {
        let ids: Vec<u64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let mut out = Vec::new();
        for chunk in ids.chunks(PAGE as usize) {
            let found = self.all(PARTY, &[json!(["id", "in", chunk]), whole()], &self.known().await?.wanted()).await?;
            // Whoever was merged says into whom.
            out.extend(self.read(&found).await?.into_iter().filter(|contact| !contact.deleted || contact.merged_into.is_some()));
        }
        Ok(out)
    }

    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
        one_by_one::write(self, items).await
    }

    /// Whose ways of contact changed: the party's own row does not.
    async fn history(&self, at: Moment) -> Result<Vec<CrmHint>, CrmError> {
        let found = self.all(MECHANISM, &[since(at), whole()], &["party"]).await?;
        let mut parties: Vec<u64> = found.iter().filter_map(|row| row["party"].as_u64()).collect();
        parties.sort_unstable();
        parties.dedup();
        Ok(parties.into_iter().map(|id| CrmHint::Contact(id.to_string())).collect())
    }
}
