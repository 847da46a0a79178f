//! Leads: read by pages, moved, put into the bin; the pipelines they are in and the users who look
//! after them.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Amo,
    api::{Ask, Here, MAX_LIMIT, page_of},
    hal, problem,
    state::{ADMIN, Accepted, State as Data},
    write::{invalid, request_id},
};

/// Pipelines and stages of the double.
pub mod pipelines {
    /// «Продажи», the main one.
    pub const SALES: u64 = 3_104_455;
    /// «Неразобранное» of it.
    pub const UNSORTED: u64 = 32_392_156;
    /// «Первичный контакт» of it.
    pub const FIRST: u64 = 32_392_157;
    /// «Счёт отправлен» of it.
    pub const INVOICE: u64 = 32_392_158;
    /// «Повторные продажи».
    pub const AGAIN: u64 = 3_104_460;
    /// «Переговоры» of it.
    pub const TALKS: u64 = 32_392_161;
    /// Won, in every pipeline.
    pub const WON: u64 = 142;
    /// Lost, in every pipeline.
    pub const LOST: u64 = 143;
}

/// Pipelines with their stages in order: ids and names. The last two of each have the same ids
/// everywhere and may have names of their own.
type Stages = &'static [(u64, &'static str)];
const PIPELINES: &[(u64, &str, Stages)] = &[
    (
        pipelines::SALES,
        "Продажи",
        &[
            (pipelines::UNSORTED, "Неразобранное"),
            (pipelines::FIRST, "Первичный контакт"),
            (pipelines::INVOICE, "Счёт отправлен"),
            (pipelines::WON, "Успешно реализовано"),
            (pipelines::LOST, "Закрыто и не реализовано"),
        ],
    ),
    (
        pipelines::AGAIN,
        "Повторные продажи",
        &[(pipelines::TALKS, "Переговоры"), (pipelines::WON, "Купили снова"), (pipelines::LOST, "Закрыто и не реализовано")],
    ),
];

fn known(pipeline: u64, status: u64) -> bool {
    PIPELINES.iter().any(|(id, _, stages)| *id == pipeline && stages.iter().any(|(id, _)| *id == status))
}

/// What the stage of a pipeline is called; empty for one that is not there.
pub fn stage_name(pipeline: u64, status: u64) -> &'static str {
    let stages = PIPELINES.iter().find(|(id, ..)| *id == pipeline).map_or(&[] as Stages, |(.., stages)| stages);
    stages.iter().find(|(id, _)| *id == status).map_or("", |(_, name)| name)
}

/// A lead. Left at zero, the pipeline and the stage are the first ones of all, the user is the
/// administrator, the times are now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lead {
    pub id: u64,
    pub name: String,
    /// The sum, whole units.
    pub price: Option<i64>,
    pub pipeline: u64,
    pub status: u64,
    /// The user who looks after it.
    pub responsible: u64,
    /// Its contacts; the first is the main one.
    pub contacts: Vec<u64>,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds.
    pub updated_at: i64,
    /// Unix seconds.
    pub closed_at: Option<i64>,
    /// In the bin.
    pub deleted: bool,
}

impl Lead {
    /// A lead of this contact.
    #[must_use]
    pub fn of(contact: u64, name: &str, price: i64) -> Self {
        Self { name: name.to_owned(), price: Some(price), contacts: vec![contact], ..Self::default() }
    }

    fn put(&mut self, (pipeline, status): (u64, u64), at: i64) {
        (self.pipeline, self.status) = (pipeline, status);
        self.closed_at = matches!(status, pipelines::WON | pipelines::LOST).then_some(at);
        self.updated_at = at;
    }

    fn show(&self, account: u64, contacts: bool, base: &str) -> Value {
        let mut embedded = json!({ "tags": [], "companies": [] });
        if contacts {
            let of = self.contacts.iter().enumerate().map(|(n, id)| json!({ "id": id, "is_main": n == 0 }));
            // The main one need not be the first of the list.
            embedded["contacts"] = of.rev().collect();
        }
        json!({ "id": self.id, "name": self.name, "price": self.price.unwrap_or_default(), "responsible_user_id": self.responsible,
            "group_id": 0, "status_id": self.status, "pipeline_id": self.pipeline, "loss_reason_id": null, "created_by": ADMIN,
            "updated_by": ADMIN, "created_at": self.created_at, "updated_at": self.updated_at, "closed_at": self.closed_at,
            "closest_task_at": null, "is_deleted": self.deleted, "custom_fields_values": null, "score": null, "account_id": account,
            "_links": { "self": { "href": format!("{base}/api/v4/leads/{}", self.id) } }, "_embedded": embedded })
    }
}

impl Data {
    /// Takes a lead in, what it leaves open filled up; no hooks and no events.
    pub(super) fn put_lead(&mut self, lead: Lead) -> u64 {
        let (id, now) = (self.next_id(), self.tick());
        let or = |value: u64, usual: u64| if value == 0 { usual } else { value };
        let created_at = if lead.created_at == 0 { now } else { lead.created_at };
        let status = or(lead.status, if lead.pipeline == pipelines::AGAIN { pipelines::TALKS } else { pipelines::FIRST });
        let (pipeline, responsible) = (or(lead.pipeline, pipelines::SALES), or(lead.responsible, ADMIN));
        let updated_at = lead.updated_at.max(created_at);
        self.leads.insert(id, Lead { id, pipeline, status, responsible, created_at, updated_at, ..lead });
        id
    }
}

impl Amo {
    /// A lead as it is, in the bin too.
    #[must_use]
    pub fn lead(&self, id: u64) -> Option<Lead> {
        self.state().leads.get(&id).cloned()
    }

    /// A person of the company adds a lead.
    pub fn add_lead(&self, lead: Lead) -> u64 {
        let (id, at) = {
            let mut state = self.state();
            let id = state.put_lead(lead);
            let at = state.tick();
            state.event("lead_added", id, at);
            (id, at)
        };
        self.raise_lead("add", id, None, at);
        id
    }

    /// A person changes a lead: its time moves, hooks go out.
    pub fn edit_lead(&self, id: u64, change: impl FnOnce(&mut Lead)) {
        let at = {
            let mut state = self.state();
            let at = state.tick();
            let Some(lead) = state.leads.get_mut(&id) else { return };
            change(lead);
            lead.updated_at = at;
            at
        };
        self.raise_lead("update", id, None, at);
    }

    /// A person moves a lead to another stage.
    ///
    /// # Panics
    /// When there is no such stage: the test is wrong.
    pub fn move_lead(&self, id: u64, pipeline: u64, status: u64) {
        assert!(known(pipeline, status), "no stage {status} in the pipeline {pipeline}");
        let (old, at) = {
            let mut state = self.state();
            let at = state.tick();
            let Some(lead) = state.leads.get_mut(&id) else { return };
            let old = (lead.pipeline, lead.status);
            lead.put((pipeline, status), at);
            state.moved(id, old, (pipeline, status), at);
            (old, at)
        };
        self.raise_lead("status", id, Some(old), at);
    }

    /// A person puts a lead into the bin.
    pub fn delete_lead(&self, id: u64) {
        let at = {
            let mut state = self.state();
            let at = state.tick();
            if let Some(lead) = state.leads.get_mut(&id) {
                lead.deleted = true;
            }
            state.event("lead_deleted", id, at);
            at
        };
        self.raise_lead("delete", id, None, at);
    }

    /// A person takes a lead out of the bin.
    pub fn restore_lead(&self, id: u64) {
        let at = {
            let mut state = self.state();
            let at = state.tick();
            if let Some(lead) = state.leads.get_mut(&id) {
                lead.deleted = false;
                lead.updated_at = at;
            }
            at
        };
        self.raise_lead("restore", id, None, at);
    }

    /// Another user of the account; the id.
    pub fn add_user(&self, name: &str) -> u64 {
        let mut state = self.state();
        let id = state.next_id();
        state.users.insert(id, name.to_owned());
        id
    }
}

/// The users every account of the double begins with.
pub fn users() -> BTreeMap<u64, String> {
    BTreeMap::from([(ADMIN, "Мария Смирнова".to_owned())])
}

/// The stages that `filter[statuses][n][pipeline_id]` and `[status_id]` ask for.
fn stages(ask: &Ask) -> Vec<(i64, i64)> {
    let one = |n: usize, key: &str| ask.number(&format!("filter[statuses][{n}][{key}]"));
    (0..).map_while(|n| Some((one(n, "pipeline_id")?, one(n, "status_id")?))).collect()
}

fn matches(lead: &Lead, ask: &Ask) -> bool {
    let within = |key: &str, at: Option<i64>| {
        ask.number(&format!("filter[{key}][from]")).is_none_or(|from| at.is_some_and(|at| at >= from))
            && ask.number(&format!("filter[{key}][to]")).is_none_or(|to| at.is_some_and(|at| at <= to))
    };
    let among = |key: &str, id: u64| {
        let wanted = ask.all(&format!("filter[{key}]"));
        wanted.is_empty() || wanted.contains(&id.to_string())
    };
    let stages = stages(ask);
    !lead.deleted
        && among("id", lead.id)
        && among("pipeline_id", lead.pipeline)
        && (stages.is_empty()
            || stages.iter().any(|(pipeline, status)| {
                lead.pipeline.to_string() == pipeline.to_string() && lead.status.to_string() == status.to_string()
            }))
        && within("created_at", Some(lead.created_at))
        && within("updated_at", Some(lead.updated_at))
        && within("closed_at", lead.closed_at)
}

/// `GET /leads`.
pub async fn list(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let ask = Ask::parse(raw.as_deref());
    let (page, limit) = match ask.page(MAX_LIMIT, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let contacts = ask.all("with").iter().any(|with| with == "contacts");
    let state = amo.state();
    let mut found: Vec<&Lead> = state.leads.values().filter(|lead| matches(lead, &ask)).collect();
    let order = |key: &str| ask.get(&format!("order[{key}]"));
    if let Some(way) = order("updated_at").or(order("created_at")).or(order("id")) {
        if order("updated_at").is_some() {
            found.sort_by_key(|lead| lead.updated_at);
        } else if order("created_at").is_some() {
            found.sort_by_key(|lead| lead.created_at);
        }
        if way == "desc" {
            found.reverse();
        }
    }
    let more = found.len() > page * limit;
    let items = found.iter().skip((page - 1) * limit).take(limit).map(|lead| lead.show(state.account, contacts, &here.base)).collect();
    page_of("leads", items, more, page, &here)
}

/// `GET /leads/{id}`: the bare object; 204 when absent.
pub async fn one(State(amo): State<Amo>, Path(id): Path<u64>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let contacts = Ask::parse(raw.as_deref()).all("with").iter().any(|with| with == "contacts");
    let state = amo.state();
    match state.leads.get(&id).filter(|lead| !lead.deleted) {
        Some(lead) => hal(&lead.show(state.account, contacts, &here.base)),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// `PATCH /leads/{id}`: moves it.
pub async fn update(State(amo): State<Amo>, Path(id): Path<u64>, here: Here, Json(item): Json<Value>) -> Response {
    let Some(lead) = amo.lead(id).filter(|lead| !lead.deleted) else {
        return problem(StatusCode::NOT_FOUND, "Not Found", "Resource not found");
    };
    if !item.is_object() {
        return problem(StatusCode::BAD_REQUEST, "Bad Request", "An object is expected");
    }
    let (pipeline, status) = (item["pipeline_id"].as_u64().unwrap_or(lead.pipeline), item["status_id"].as_u64().unwrap_or(lead.status));
    if !known(pipeline, status) {
        let wrong = json!({ "code": "NotSupportedChoice", "path": "status_id", "detail": "The value you selected is not a valid choice." });
        return invalid(&[(request_id(&item, 0), wrong)]);
    }
    amo.move_lead(id, pipeline, status);
    let mut state = amo.state();
    let at = state.leads.get(&id).map_or(0, |lead| lead.updated_at);
    state.ledger.push(Accepted { what: "lead", id, body: item });
    hal(&json!({ "id": id, "updated_at": at, "_links": { "self": { "href": format!("{}/api/v4/leads/{id}", here.base) } } }))
}

/// `GET /leads/pipelines`.
pub async fn pipelines_list(State(amo): State<Amo>, here: Here) -> Response {
    let account = amo.state().account;
    let shown: Vec<Value> = PIPELINES
        .iter()
        .enumerate()
        .map(|(place, (pipeline, name, stages))| {
            let stages: Vec<Value> = stages
                .iter()
                .enumerate()
                .map(|(n, (id, name))| {
                    json!({ "id": id, "name": name, "sort": (n + 1) * 10, "is_editable": !matches!(*id, pipelines::WON | pipelines::LOST | pipelines::UNSORTED),
                        "pipeline_id": pipeline, "color": "#c1c1c1", "type": u8::from(*id == pipelines::UNSORTED), "account_id": account })
                })
                .collect();
            json!({ "id": pipeline, "name": name, "sort": place + 1, "is_main": place == 0, "is_unsorted_on": place == 0, "is_archive": false,
                "account_id": account, "_embedded": { "statuses": stages } })
        })
        .collect();
    let link = format!("{}/api/v4/leads/pipelines", here.base);
    hal(&json!({ "_total_items": shown.len(), "_links": { "self": { "href": link } }, "_embedded": { "pipelines": shown } }))
}

/// `GET /users`, in the envelope of the other lists (unconfirmed).
pub async fn users_list(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let (page, limit) = match Ask::parse(raw.as_deref()).page(MAX_LIMIT, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let state = amo.state();
    let items = state.users.iter().skip((page - 1) * limit).take(limit).map(|(id, name)| json!({ "id": id, "name": name })).collect();
    page_of("users", items, state.users.len() > page * limit, page, &here)
}
