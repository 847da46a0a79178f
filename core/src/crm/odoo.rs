//! Odoo (contracts/crm/odoo.md): JSON-2 from version 19 on, JSON-RPC before. It has no feed of
//! changes: what changed is read by `write_date`, what is gone shows in how many there are.

mod hook;
mod lead;
mod login;
mod partner;
mod rpc;
mod wire;
mod write;

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};

pub use login::{KEY, WAY};

use super::{
    ContactPage, Crm, CrmCapabilities, CrmContact, CrmError, CrmField, CrmHint, CrmIdentity, Hooking, ReadMode, WriteItem,
    by_id::{PAGE, Place},
    gate::Gate,
    occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef},
    one_by_one,
    own_login::Bound,
};
use crate::{
    clock::{self, Moment},
    pace::spacer::Spacer,
};
use lead::Leads;
use partner::{Known, Reading, moment, stamp};
use rpc::Way;
use wire::{Failure, Kind};

/// What Odoo can do, and how fast.
pub const CAPABILITIES: CrmCapabilities = CrmCapabilities {
    // Section 4 tells no limit of a company's own server, and advises 3 to 5.
    per_second: 5,
    // Up to five calls each, and Odoo Online takes one a second.
    writes: 10,
    // A row bears the moment its transaction began, and that may last for minutes.
    overlap: TimeDelta::minutes(10),
    hooks: Hooking::ByHand,
    opt_out_field: true,
    occasions: &[OccasionKind::Deal],
    answers: &[],
    comments: &[OccasionKind::Deal],
    tasks: true,
    whole: false,
    sender: false,
};

/// How requests of its automation rules are taken.
pub const GATE: Gate = Gate::of_hints(256 * 1024, hook::understand, hook::kept);

/// Contacts.
const PARTNER: &str = "res.partner";
/// Leads and opportunities.
const LEAD: &str = "crm.lead";
/// The list of numbers that are not written to.
const BLACKLIST: &str = "phone.blacklist";
/// Somebody is deleted every hour where there are a million: a full read is begun again a minute
/// later for each of so many rows.
const ROWS_A_MINUTE: u64 = 10_000;

/// An Odoo database as a CRM.
#[derive(Debug)]
pub struct Odoo {
    http: Client,
    bound: Bound,
    pacer: Arc<Spacer>,
    way: OnceCell<Way>,
    me: OnceCell<Me>,
    known: OnceCell<Known>,
    /// `None`: the module of leads is not installed.
    leads: OnceCell<Option<Leads>>,
    /// Names of tags, as far as they were met.
    tags: Mutex<HashMap<u64, String>>,
}

/// The user whose key it is.
#[derive(Debug, Clone, Default)]
struct Me {
    /// The language that titles are in.
    lang: Option<String>,
    zone: Option<String>,
}

/// The rows there were when everything was read: nothing tells of a row that is gone or was merged
/// into another, but then there are fewer up to the id that was the last.
fn is_due(mark: &Value, count: u64, now: Moment) -> bool {
    let known = mark["count"].as_u64().unwrap_or_default();
    let since = mark["at"].as_i64().unwrap_or_default();
    let rest = 60 * (known / ROWS_A_MINUTE);
    count < known && now.timestamp().saturating_sub(since) >= i64::try_from(rest).unwrap_or(i64::MAX)
}

fn rows(answer: &Value) -> &[Value] {
    answer.as_array().map_or(&[], Vec::as_slice)
}

impl Odoo {
    /// The adapter.
    ///
    /// # Errors
    /// Only if the TLS backend cannot start.
    pub fn new(bound: Bound, pacer: Arc<Spacer>) -> reqwest::Result<Self> {
        // The server itself ends a request after two minutes at the latest.
        let within = Duration::from_secs(60);
        let http = bound.client(within)?;
        let (way, me, known, leads) = (OnceCell::new(), OnceCell::new(), OnceCell::new(), OnceCell::new());
        Ok(Self { http, bound, pacer, way, me, known, leads, tags: Mutex::default() })
    }

    /// A user may not be asked who they are on every version (secondary): then nothing is known.
    async fn me(&self) -> Result<&Me, CrmError> {
        let ask = || async {
            match self.call(Kind::Read, "res.users", "context_get", None, json!({})).await {
                Ok(said) => {
                    let word = |name: &str| said[name].as_str().map(str::to_owned);
                    Ok(Me { lang: word("lang"), zone: word("tz") })
                }
                Err(Failure::Absent(_) | Failure::Crm(CrmError::Forbidden(_) | CrmError::Rejected(_))) => Ok(Me::default()),
                Err(error) => Err(CrmError::from(error)),
            }
        };
        self.me.get_or_try_init(ask).await
    }

    /// The context of reads: archived rows are seen, titles are in the user's language.
    async fn context(&self) -> Result<Value, CrmError> {
        let mut context = json!({ "active_test": false });
        if let Some(lang) = &self.me().await?.lang {
            context["lang"] = json!(lang);
        }
        Ok(context)
    }

    /// The fields of contacts, asked once: which there are depends on the version, the modules and
    /// the company.
    async fn known(&self) -> Result<&Known, CrmError> {
        let ask = || async {
            let attributes = ["string", "type", "required", "readonly", "relation", "selection"];
            let named = json!({ "attributes": attributes, "context": self.context().await? });
            Ok(Known::of(&self.call(Kind::Read, PARTNER, "fields_get", None, named).await?))
        };
        self.known.get_or_try_init(ask).await
    }

    /// Rows of a model in the order of their ids, archived ones too.
    async fn search(&self, model: &str, domain: Value, fields: &[&str], limit: u64) -> Result<Vec<Value>, Failure> {
        let context = self.context().await?;
        let named = json!({ "domain": domain, "fields": fields, "order": "id asc", "limit": limit, "context": context });
        Ok(rows(&self.call(Kind::Read, model, "search_read", None, named).await?).to_vec())
    }

    /// All of them, however many.
    async fn all(&self, model: &str, domain: &[Value], fields: &[&str]) -> Result<Vec<Value>, Failure> {
        let (mut out, mut place) = (Vec::new(), Place::of(None));
        loop {
            let mut after = vec![json!(["id", ">", place.after])];
            after.extend_from_slice(domain);
            let found = match (self.search(model, json!(after), fields, place.limit).await, place.lighter()) {
                (Err(Failure::Crm(CrmError::Transient { smaller: true, .. })), Some(lighter)) => {
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
    async fn count(&self, model: &str, last: u64) -> Result<u64, Failure> {
        let named = json!({ "domain": [["id", "<=", last]], "context": { "active_test": false } });
        Ok(self.call(Kind::Read, model, "search_count", None, named).await?.as_u64().unwrap_or_default())
    }

    /// How many rows there are, up to which id, asked when everything is about to be read.
    async fn census(&self, model: &str) -> Result<Value, Failure> {
        let named = json!({ "domain": [], "order": "id desc", "limit": 1, "context": { "active_test": false } });
        let last = self.call(Kind::Read, model, "search", None, named).await?[0].as_u64().unwrap_or_default();
        Ok(json!({ "last": last, "count": self.count(model, last).await?, "at": clock::now().timestamp() }))
    }

    /// Whether rows are gone since everything was read.
    async fn has_lost(&self, model: &str, mark: &Value) -> Result<bool, Failure> {
        let Some(last) = mark["last"].as_u64() else { return Ok(true) };
        Ok(is_due(mark, self.count(model, last).await?, clock::now()))
    }

    /// Names of these tags: those not met before are asked for. Their renames move nobody's
    /// `write_date`, and come with the next change.
    async fn tags(&self, rows: &[Value]) -> Result<HashMap<u64, String>, CrmError> {
        let mut tags = self.tags.lock().await;
        let mut unmet: Vec<u64> =
            rows.iter().flat_map(|row| partner::ids(&row["category_id"]).collect::<Vec<_>>()).filter(|id| !tags.contains_key(id)).collect();
        unmet.sort_unstable();
        unmet.dedup();
        if !unmet.is_empty() {
            for row in self.all("res.partner.category", &[json!(["id", "in", unmet])], &["name"]).await? {
                if let (Some(id), Some(name)) = (row["id"].as_u64(), row["name"].as_str()) {
                    tags.insert(id, name.to_owned());
                }
            }
        }
        Ok(tags.clone())
    }

    /// When the numbers of these rows got onto the blacklist; a user who may not read it sees the
    /// flags alone.
    async fn listed(&self, rows: &[Value]) -> Result<HashMap<String, Moment>, CrmError> {
        let numbers: Vec<&str> = rows.iter().filter(|row| partner::is_listed(row)).filter_map(partner::number).collect();
        if numbers.is_empty() {
            return Ok(HashMap::new());
        }
        let found = match self.all(BLACKLIST, &[json!(["number", "in", numbers])], &["number", "write_date"]).await {
            Err(failure) if wire::is_lacking(&failure) => Vec::new(),
            other => other?,
        };
        Ok(found.iter().filter_map(|row| Some((row["number"].as_str()?.to_owned(), moment(&row["write_date"])?))).collect())
    }

    /// Rows as contacts; those that are no people are gone.
    async fn read(&self, rows: &[Value]) -> Result<Vec<CrmContact>, CrmError> {
        let (tags, listed) = (self.tags(rows).await?, self.listed(rows).await?);
        let known = self.known().await?;
        let reading = Reading { known, tags: &tags, listed: &listed, opt_out_field: self.bound.opt_out_field.as_deref() };
        Ok(rows.iter().filter_map(|row| reading.contact(row)).collect())
    }

    /// A page of contacts of these conditions.
    async fn page(&self, place: Place, conditions: &[Value]) -> Result<ContactPage, CrmError> {
        let mut domain = vec![json!(["id", ">", place.after])];
        domain.extend_from_slice(conditions);
        let found = self.search(PARTNER, json!(domain), &self.known().await?.wanted(), place.limit).await?;
        Ok(ContactPage { contacts: self.read(&found).await?, next: place.next(&found), ..ContactPage::default() })
    }
}

#[async_trait::async_trait]
impl Crm for Odoo {
    /// A database has no id that everybody may read: it is known by its name and its host.
    async fn identify(&self) -> Result<CrmIdentity, CrmError> {
        self.search(PARTNER, json!([]), &["id"], 1).await?;
        let host = self.bound.home.trim_start_matches("https://");
        let external_id = format!("{}@{host}", self.bound.database.expose());
        Ok(CrmIdentity::new(external_id, &[host], self.me().await?.zone.clone()))
    }

    async fn fields(&self) -> Result<Vec<CrmField>, CrmError> {
        let russian = self.me().await?.lang.as_deref().is_some_and(|lang| lang.starts_with("ru"));
        Ok(self.known().await?.fields(russian))
    }

    async fn mark(&self) -> Result<Option<Value>, CrmError> {
        Ok(Some(self.census(PARTNER).await?))
    }

    async fn contacts(&self, mode: ReadMode<'_>, cursor: Option<&Value>) -> Result<ContactPage, CrmError> {
        let place = Place::of(cursor);
        match mode {
            ReadMode::Full => {
                let people = [json!(["is_company", "=", false]), json!(["active", "=", true])];
                let mut page = self.page(place, &people).await?;
                // Nobody who is no person was ever here.
                page.contacts.retain(|contact| !contact.deleted);
                Ok(page)
            }
            ReadMode::Since { at, mark } => {
                if place.after == 0 && self.has_lost(PARTNER, mark.unwrap_or(&Value::Null)).await? {
                    return Ok(ContactPage { anew: true, ..ContactPage::default() });
                }
                // Not before: a row of the same second counts.
                self.page(place, &[json!(["write_date", ">=", stamp(at - CAPABILITIES.overlap)])]).await
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
            let found = self.all(PARTNER, &[json!(["id", "in", chunk])], &self.known().await?.wanted()).await?;
            out.extend(self.read(&found).await?.into_iter().filter(|contact| !contact.deleted));
        }
        Ok(out)
    }

    async fn write(&self, items: &[WriteItem]) -> Vec<Result<(), CrmError>> {
        one_by_one::write(self, items).await
    }

    /// Whose number got onto the blacklist, or off it: no row of a contact changes by that.
    async fn history(&self, since: Moment) -> Result<Vec<CrmHint>, CrmError> {
        if !self.known().await?.has_blacklist() {
            return Ok(Vec::new());
        }
        let since = stamp(since - CAPABILITIES.overlap);
        let listed = match self.all(BLACKLIST, &[json!(["write_date", ">=", since])], &["number"]).await {
            Err(failure) if wire::is_lacking(&failure) => return Ok(Vec::new()),
            other => other?,
        };
        let numbers: Vec<&str> = listed.iter().filter_map(|row| row["number"].as_str()).collect();
        let mut hints = Vec::new();
        for chunk in numbers.chunks(PAGE as usize) {
            let found = self.all(PARTNER, &[json!(["phone_sanitized", "in", chunk])], &["id"]).await?;
            hints.extend(found.iter().filter_map(|row| row["id"].as_u64()).map(|id| CrmHint::Contact(id.to_string())));
        }
        Ok(hints)
    }

    async fn occasion_mark(&self) -> Result<Option<Value>, CrmError> {
        self.deal_mark().await
    }

    async fn occasions(&self, mode: OccasionMode<'_>, cursor: Option<&Value>) -> Result<OccasionPage, CrmError> {
        self.deal_page(mode, cursor).await
    }

    async fn occasions_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        self.deals_by_id(of).await
    }

    async fn occasions_of(&self, contacts: &[String], from: Moment) -> Result<Option<Vec<CrmOccasion>>, CrmError> {
        self.deals_of(contacts, from).await.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_again_when_somebody_is_gone_and_not_all_the_time() {
        let at = Moment::from_timestamp(1_000_000, 0).expect("a moment");
        let mark = |count: u64| json!({ "last": 9, "count": count, "at": at.timestamp() });
        assert!(is_due(&mark(400), 399, at) && !is_due(&mark(400), 400, at) && !is_due(&mark(400), 401, at));
        assert!(!is_due(&mark(1_000_000), 999_999, at + TimeDelta::minutes(90)));
        assert!(is_due(&mark(1_000_000), 999_999, at + TimeDelta::minutes(110)));
    }
}
