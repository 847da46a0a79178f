//! Reading: account, contacts, field metadata, tags, the event log.

use axum::{
    extract::{FromRequestParts, MatchedPath, Path, RawQuery, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Amo, hal, problem,
    state::{ADMIN, Contact, Event},
};

/// Largest page.
pub const MAX_LIMIT: usize = 250;

/// The query string as pairs, brackets and all.
#[derive(Debug, Clone, Default)]
pub struct Ask(Vec<(String, String)>);

impl Ask {
    /// Reads the query of an address.
    pub fn parse(raw: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The same as a number.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.get(key)?.parse().ok()
    }

    /// `key`, `key[]`, `key[0]` …, each perhaps a comma-separated list.
    pub fn all(&self, key: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(name, _)| name == key || name.strip_prefix(key).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']')))
            .flat_map(|(_, value)| value.split(','))
            .map(str::to_owned)
            .collect()
    }

    /// Page and limit, or the provider's refusal.
    #[allow(clippy::result_large_err, reason = "the refusal is the answer itself")]
    pub fn page(&self, max: usize, default: usize) -> Result<(usize, usize), Response> {
        let limit = self.number("limit").unwrap_or(i64::try_from(default).unwrap_or(50));
        let page = self.number("page").unwrap_or(1);
        match (usize::try_from(page), usize::try_from(limit)) {
            (Ok(page), Ok(limit)) if page >= 1 && (1..=max).contains(&limit) => Ok((page, limit)),
            _ => Err(problem(StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable Entity", "The limit or the page is out of range")),
        }
    }
}

/// Where the caller reached us: `_links` are absolute, and the account may live under a prefix.
#[derive(Debug, Clone)]
pub struct Here {
    /// Scheme, host and prefix.
    pub base: String,
    path: String,
    query: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Here {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        // A nested router sees its own part of the path only; the matched pattern has the prefix
        // too.
        let pattern = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let prefix = pattern.find("/api/v4").map_or("", |at| &pattern[..at]);
        let path = parts.uri.path();
        Ok(Self {
            base: format!("http://{host}{prefix}"),
            path: path.find("/api/v4").map_or(path, |at| &path[at..]).to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
        })
    }
}

/// A page of `items` in the provider's envelope; 204 when there is nothing.
pub fn page_of(key: &str, items: Vec<Value>, more: bool, page: usize, here: &Here) -> Response {
    if items.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let Here { base, path, query: asked } = here;
    let link = |page: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(asked.as_bytes()).filter(|(name, _)| name != "page") {
            query.append_pair(&name, &value);
        }
        query.append_pair("page", &page.to_string());
        json!({ "href": format!("{base}{path}?{}", query.finish()) })
    };
    let mut links = json!({ "self": link(page) });
    if more {
        links["next"] = link(page + 1);
    }
    hal(&json!({ "_page": page, "_links": links, "_embedded": { key: items } }))
}

/// `GET /account`.
pub async fn account(State(amo): State<Amo>, here: Here) -> Response {
    let (id, subdomain) = {
        let state = amo.state();
        (state.account, state.subdomain.clone())
    };
    hal(&json!({
        "id": id, "name": "Кофейня «Ромашка»", "subdomain": subdomain, "created_at": 1_585_299_171, "created_by": 0,
        "updated_at": 1_599_040_010, "updated_by": ADMIN, "current_user_id": ADMIN, "country": "RU", "currency": "RUB",
        "currency_symbol": "₽", "customers_mode": "segments", "is_unsorted_on": true, "is_loss_reason_enabled": true,
        "is_helpbot_enabled": false, "is_technical_account": false, "contact_name_display_order": 1, "version": 7,
        "is_api_filter_enabled": false,
        "_links": { "self": { "href": format!("{}/api/v4/account", here.base) } },
        "_embedded": { "datetime_settings": { "date_pattern": "d.m.Y H:i", "short_date_pattern": "d.m.Y",
            "timezone": "Europe/Moscow", "timezone_offset": "+03:00" } }
    }))
}

fn matches(contact: &Contact, ask: &Ask, ids: &[u64]) -> bool {
    let within = |key: &str, at: i64| {
        ask.number(&format!("filter[{key}][from]")).is_none_or(|from| at >= from)
            && ask.number(&format!("filter[{key}][to]")).is_none_or(|to| at <= to)
    };
    let filled = |needle: &str| {
        let needle = needle.to_lowercase();
        contact.name.to_lowercase().contains(&needle)
            || contact.values.values().flatten().any(|value| match &value["value"] {
                Value::String(text) => text.to_lowercase().contains(&needle),
                other => other.to_string().contains(&needle),
            })
    };
    !contact.deleted
        && (ids.is_empty() || ids.contains(&contact.id))
        && ask.get("filter[name]").is_none_or(|name| contact.name == name)
        && within("updated_at", contact.updated_at)
        && within("created_at", contact.created_at)
        && ask.get("query").is_none_or(filled)
}

/// `GET /contacts`.
pub async fn contacts(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let ask = Ask::parse(raw.as_deref());
    let (page, limit) = match ask.page(MAX_LIMIT, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let ids: Vec<u64> = ask.all("filter[id]").iter().filter_map(|id| id.parse().ok()).collect();
    let state = amo.state();
    if let Some(crowd) = state.crowd
        && let Some((items, more)) = crowd.page(&state, &ask, &ids, (page, limit), &here.base)
    {
        return page_of("contacts", items, more, page, &here);
    }
    let mut found: Vec<&Contact> = state.contacts.values().filter(|contact| matches(contact, &ask, &ids)).collect();
    if let Some(order) = ask.get("order[updated_at]") {
        found.sort_by_key(|contact| (contact.updated_at, contact.id));
        if order == "desc" {
            found.reverse();
        }
    } else if ask.get("order[id]") == Some("desc") {
        found.reverse();
    }
    let base = here.base.clone();
    let more = found.len() > page * limit;
    let with_leads = ask.get("with").is_some_and(|with| with.split(',').any(|word| word == "leads"));
    let shown = |contact: &Contact| {
        let mut shown = state.show(contact, &base);
        if with_leads {
            let theirs = state.leads.values().filter(|lead| !lead.deleted && lead.contacts.contains(&contact.id));
            shown["_embedded"]["leads"] = theirs.map(|lead| json!({ "id": lead.id })).collect();
        }
        shown
    };
    let items = found.iter().skip((page - 1) * limit).take(limit).map(|contact| shown(contact)).collect();
    page_of("contacts", items, more, page, &here)
}

/// `GET /contacts/{id}`: the bare object; 204 when absent.
pub async fn contact(State(amo): State<Amo>, Path(id): Path<u64>, here: Here) -> Response {
    let state = amo.state();
    match state.contacts.get(&id).filter(|contact| !contact.deleted) {
        Some(contact) => hal(&state.show(contact, &here.base)),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// `GET /contacts/custom_fields`: the one kind of list with totals.
pub async fn custom_fields(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let ask = Ask::parse(raw.as_deref());
    let (page, limit) = match ask.page(MAX_LIMIT, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let state = amo.state();
    let items: Vec<Value> = state.fields.iter().skip((page - 1) * limit).take(limit).cloned().collect();
    if items.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let base = here.base.clone();
    let mut links = json!({ "self": { "href": format!("{base}/api/v4/contacts/custom_fields?limit={limit}&page={page}") } });
    if state.fields.len() > page * limit {
        links["next"] = json!({ "href": format!("{base}/api/v4/contacts/custom_fields?limit={limit}&page={}", page + 1) });
    }
    hal(&json!({
        "_total_items": state.fields.len(), "_page": page, "_page_count": state.fields.len().div_ceil(limit), "_links": links,
        "_embedded": { "custom_fields": items }
    }))
}

/// `GET /contacts/tags`.
pub async fn tags(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let ask = Ask::parse(raw.as_deref());
    let (page, limit) = match ask.page(MAX_LIMIT, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let state = amo.state();
    let items =
        state.tags.iter().skip((page - 1) * limit).take(limit).map(|(name, id)| json!({ "id": id, "name": name, "color": null })).collect();
    page_of("tags", items, state.tags.len() > page * limit, page, &here)
}

fn entity_of(event: &Event) -> &'static str {
    if event.kind.starts_with("lead_") { "lead" } else { "contact" }
}

/// `GET /events`.
pub async fn events(State(amo): State<Amo>, RawQuery(raw): RawQuery, here: Here) -> Response {
    let ask = Ask::parse(raw.as_deref());
    let (page, limit) = match ask.page(100, 50) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let kinds = ask.all("filter[type]");
    let ids: Vec<u64> = ask.all("filter[entity_id]").iter().filter_map(|id| id.parse().ok()).collect();
    let entities = ask.all("filter[entity]");
    let (from, to) = (ask.number("filter[created_at][from]"), ask.number("filter[created_at][to]"));
    let state = amo.state();
    // Newest first, as the account's own log shows them.
    let found: Vec<_> = state
        .events
        .iter()
        .rev()
        .filter(|event| kinds.is_empty() || kinds.contains(&event.kind))
        .filter(|event| ids.is_empty() || ids.contains(&event.entity_id))
        .filter(|event| entities.is_empty() || entities.iter().any(|entity| entity == entity_of(event)))
        .filter(|event| from.is_none_or(|from| event.created_at >= from) && to.is_none_or(|to| event.created_at <= to))
        .collect();
    let items = found
        .iter()
        .skip((page - 1) * limit)
        .take(limit)
        .map(|event| {
            json!({ "id": event.id, "type": event.kind, "entity_id": event.entity_id, "entity_type": entity_of(event), "created_by": ADMIN,
                "created_at": event.created_at, "value_after": event.change[1], "value_before": event.change[0], "account_id": state.account })
        })
        .collect();
    page_of("events", items, found.len() > page * limit, page, &here)
}
