//! Orders as occasions (contracts/crm/retailcrm.md, 2.3): read by pages at first, then by their own
//! history feed, which names those to be read once more. A key that may not read orders has none.
//!
//! No time of a change is told of an order, so what is read is as new as the moment it was asked
//! for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{PAGE, Place, RetailCrm, wire};
use crate::{
    clock::{self, Moment},
    crm::{
        CrmError,
        occasion::{CrmOccasion, OccasionKind, OccasionPage, OccasionState, hundredths},
    },
};

/// What the account calls a status, and where an order of it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    name: String,
    state: OccasionState,
}

/// Statuses by their codes.
pub type Statuses = HashMap<String, Status>;

/// The group of statuses that ends well, and the one that ends badly: the usual groups.
const DONE: &str = "complete";
const CANCELLED: &str = "cancel";

/// Statuses of an answer of `reference/statuses`, a map by code.
pub fn statuses(answer: &Value) -> Statuses {
    let all = answer["statuses"].as_object().into_iter().flatten();
    all.map(|(code, status)| {
        let state = match status["group"].as_str() {
            Some(DONE) => OccasionState::Done,
            Some(CANCELLED) => OccasionState::Cancelled,
            _ => OccasionState::Open,
        };
        let name = status["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(code).to_owned();
        (code.clone(), Status { name, state })
    })
    .collect()
}

/// An order as the wire has it; `None`: it has no id or no day.
pub fn order(order: &Value, statuses: &Statuses, offset: TimeDelta, read_at: Moment) -> Option<CrmOccasion> {
    let at = (wire::local(&order["createdAt"])? - offset).and_utc();
    // A company's order is of the person who made it (secondary: the vendor's client).
    let whose = if order["customer"]["type"] == "customer_corporate" { &order["contact"] } else { &order["customer"] };
    let person = wire::id(&whose["id"]);
    let mut read = CrmOccasion::new(OccasionKind::Order, wire::id(&order["id"])?, person, at, read_at);
    let code = order["status"].as_str().unwrap_or_default();
    match statuses.get(code) {
        Some(status) => {
            read.stage.clone_from(&status.name);
            read.state = status.state;
        }
        None => code.clone_into(&mut read.stage),
    }
    let number = order["number"].as_str().unwrap_or_default();
    let items: Vec<&str> = wire::items(order, "items")
        .iter()
        .filter_map(|item| {
            item["offer"]["displayName"].as_str().or_else(|| item["offer"]["name"].as_str()).or_else(|| item["productName"].as_str())
        })
        .collect();
    read.title = if items.is_empty() { number.to_owned() } else { items.join(", ") };
    if !number.is_empty() {
        read.data.insert("number".to_owned(), json!(number));
    }
    order["site"].as_str().unwrap_or_default().clone_into(&mut read.place);
    let sum = order["totalSumm"].as_f64().or_else(|| order["summ"].as_f64());
    read.amount = sum.and_then(hundredths);
    if let Some(paid) = order["prepaySum"].as_f64().filter(|paid| *paid > 0.0) {
        read.data.insert("paid".to_owned(), json!(paid));
    }
    Some(read)
}

impl RetailCrm {
    async fn statuses(&self) -> Result<&Statuses, CrmError> {
        self.statuses.get_or_try_init(|| async { Ok(statuses(&self.get("v5/reference/statuses").await?)) }).await
    }

    /// How far the account's own time is ahead, by the feed of orders.
    async fn ahead(&self) -> Result<TimeDelta, CrmError> {
        let ask = || async {
            let answer = self.get("v5/orders/history?limit=20").await?;
            Ok(wire::offset(&answer["generatedAt"], clock::now()))
        };
        self.ahead.get_or_try_init(ask).await.copied()
    }

    async fn orders(&self, answer: &Value, asked: Moment) -> Result<Vec<CrmOccasion>, CrmError> {
        let (statuses, offset) = (self.statuses().await?, self.ahead().await?);
        Ok(wire::items(answer, "orders").iter().filter_map(|one| order(one, statuses, offset, asked)).collect())
    }

    /// Every order since a day, by pages, as [`RetailCrm::everyone`] reads people.
    pub(super) async fn all_orders(&self, from: Moment, place: Place) -> Result<OccasionPage, CrmError> {
        let Place { page, limit, .. } = place;
        let (asked, from) = (clock::now(), from.format("%Y-%m-%d"));
        let answer = self.get(&format!("v5/orders?limit={limit}&page={page}&filter[createdAtFrom]={from}")).await?;
        let next = place.after(&answer);
        Ok(OccasionPage { occasions: self.orders(&answer, asked).await?, next, ..OccasionPage::default() })
    }

    /// Orders that changed after a place in their feed, read once more.
    pub(super) async fn changed_orders(&self, mark: u64, place: Place) -> Result<OccasionPage, CrmError> {
        let lost = || Ok(OccasionPage { anew: true, ..OccasionPage::default() });
        let Some(feed) = self.feed("orders", mark, place).await? else { return lost() };
        let Some(last) = feed.last else { return Ok(OccasionPage::default()) };
        let (mut touched, mut gone) = (BTreeSet::new(), BTreeMap::new());
        for record in &feed.records {
            let Some(id) = wire::id(&record["order"]["id"]) else { continue };
            if record["deleted"] == true {
                gone.insert(id.clone(), ());
            }
            touched.insert(id);
        }
        let asked = clock::now();
        let wanted: Vec<String> = touched.iter().filter(|id| !gone.contains_key(*id)).cloned().collect();
        let mut occasions = self.orders_by_id(&wanted).await?;
        let there: BTreeSet<String> = occasions.iter().map(|one| one.of.id.clone()).collect();
        occasions.extend(
            touched
                .into_iter()
                .filter(|id| !there.contains(id))
                .map(|id| CrmOccasion { deleted: true, ..CrmOccasion::new(OccasionKind::Order, id, None, asked, asked) }),
        );
        Ok(OccasionPage { occasions, next: feed.next, mark: Some(json!(last)), anew: false })
    }

    /// Orders of these customers since a day.
    pub(super) async fn orders_of(&self, customers: &[String], from: Moment) -> Result<Vec<CrmOccasion>, CrmError> {
        let (mut out, from) = (Vec::new(), from.format("%Y-%m-%d"));
        for id in customers.iter().filter(|id| id.parse::<u64>().is_ok()) {
            let asked = clock::now();
            let found = self.all(&format!("v5/orders?filter[customerId]={id}&filter[createdAtFrom]={from}"), "orders").await?;
            out.extend(self.orders(&json!({ "orders": found }), asked).await?);
        }
        Ok(out)
    }

    pub(super) async fn orders_by_id(&self, ids: &[String]) -> Result<Vec<CrmOccasion>, CrmError> {
        let mut out = Vec::new();
        for chunk in ids.chunks(100) {
            let filter: String = chunk.iter().filter(|id| id.parse::<u64>().is_ok()).map(|id| format!("&filter[ids][]={id}")).collect();
            if !filter.is_empty() {
                let asked = clock::now();
                let answer = self.get(&format!("v5/orders?limit={PAGE}{filter}")).await?;
                out.extend(self.orders(&answer, asked).await?);
            }
        }
        Ok(out)
    }
}
