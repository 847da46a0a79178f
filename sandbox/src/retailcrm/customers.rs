//! Reading customers and corporate customers (contract, 2.1).

use std::collections::HashSet;

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    ask::Ask,
    error::{EXTRA, NOT_VALID, RetailError, RetailResult},
    keys::Key,
    state::{By, Customer, Order, State},
};

/// A page in the provider's envelope.
pub(crate) fn envelope(key: &str, items: Vec<Value>, total: usize, page: usize, limit: usize) -> Value {
    json!({ "success": true,
        "pagination": { "limit": limit, "totalCount": total, "currentPage": page, "totalPageCount": total.div_ceil(limit) },
        key: items })
}

/// Whether a key sees a site.
pub(crate) fn visible(key: &Key, site: &str) -> bool {
    key.sites.as_ref().is_none_or(|sites| sites.iter().any(|known| known == site))
}

const FILTERS: &[&str] = &[
    "ids",
    "externalIds",
    "name",
    "email",
    "city",
    "region",
    "segment",
    "tags",
    "attachedTags",
    "sites",
    "managers",
    "dateFrom",
    "dateTo",
    "firstOrderFrom",
    "firstOrderTo",
    "lastOrderFrom",
    "lastOrderTo",
    "minOrdersCount",
    "maxOrdersCount",
    "minTotalSumm",
    "maxTotalSumm",
    "vip",
    "bad",
    "emailMarketingUnsubscribed",
    "mgChannels",
    "mgCustomerId",
    "subscriptions",
    "customFields",
];

/// A condition on a custom field.
enum Test {
    Is(String),
    Min(String),
    Max(String),
}

/// `subscriptions[0][channel|subscription|subscribed]`.
#[derive(Default)]
struct Subscribed {
    channel: Option<String>,
    code: Option<String>,
    subscribed: Option<bool>,
}

type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The filter of a list, read once.
struct Filter {
    ids: Option<HashSet<u64>>,
    external: Option<HashSet<String>>,
    texts: [Option<String>; 4],
    segment: Option<String>,
    tags: Option<Vec<String>>,
    sites: Option<Vec<String>>,
    managers: Option<Vec<String>>,
    created: Span,
    first_order: Span,
    last_order: Span,
    orders: (Option<usize>, Option<usize>),
    sum: (Option<f64>, Option<f64>),
    vip: Option<bool>,
    bad: Option<bool>,
    unsubscribed: Option<bool>,
    gateway: Option<u64>,
    channels: Option<Vec<String>>,
    subscriptions: Vec<Subscribed>,
    custom: Vec<(String, Test)>,
}

impl Filter {
    fn read(state: &State, ask: &Ask) -> RetailResult<Self> {
        if state.settings.strict {
            ask.only_filters(FILTERS)?;
        }
        let zone = state.zone();
        let span = |from, to| RetailResult::Ok((ask.moment(from, zone, false)?, ask.moment(to, zone, true)?));
        let ids = ask.filters("ids").map(|ids| {
            let ids: Result<HashSet<u64>, _> = ids.iter().map(|id| id.parse()).collect();
            ids.map_err(|_| RetailError::invalid("filter[ids]", NOT_VALID))
        });
        let text = |name: &str| ask.filter(name).map(str::to_lowercase);
        let custom = ask.under("customFields").into_iter().map(|(path, value)| {
            let value = value.to_owned();
            let code = path[0].clone();
            if state.field("customer", &code).is_none() {
                return Err(RetailError::invalid(&format!("filter[customFields][{code}]"), EXTRA));
            }
            let test = match path.get(1).map(String::as_str) {
                None => Test::Is(value),
                Some("min") if state.settings.ranges => Test::Min(value),
                Some("max") if state.settings.ranges => Test::Max(value),
                Some(_) => return Err(RetailError::invalid(&format!("filter[customFields][{code}]"), NOT_VALID)),
            };
            Ok((code, test))
        });
        let mut subscriptions: Vec<(String, Subscribed)> = Vec::new();
        for (path, value) in ask.under("subscriptions") {
            let at = subscriptions.iter().position(|(name, _)| *name == path[0]).unwrap_or_else(|| {
                subscriptions.push((path[0].clone(), Subscribed::default()));
                subscriptions.len() - 1
            });
            let one = &mut subscriptions[at].1;
            match path.get(1).map(String::as_str) {
                Some("channel") => one.channel = Some(value.to_owned()),
                Some("subscription") => one.code = Some(value.to_owned()),
                Some("subscribed") => one.subscribed = Some(matches!(value, "1" | "true")),
                _ => return Err(RetailError::invalid("filter[subscriptions]", EXTRA)),
            }
        }
        let tags = ask.filters("tags").or_else(|| ask.filters("attachedTags"));
        Ok(Self {
            ids: ids.transpose()?,
            external: ask.filters("externalIds").map(|ids| ids.into_iter().collect()),
            texts: [text("name"), text("email"), text("city"), text("region")],
            segment: ask.filter("segment").map(str::to_owned),
            tags,
            sites: ask.filters("sites"),
            managers: ask.filters("managers"),
            created: span("dateFrom", "dateTo")?,
            first_order: span("firstOrderFrom", "firstOrderTo")?,
            last_order: span("lastOrderFrom", "lastOrderTo")?,
            orders: (ask.number("minOrdersCount")?, ask.number("maxOrdersCount")?),
            sum: (ask.number("minTotalSumm")?, ask.number("maxTotalSumm")?),
            vip: ask.flag("vip")?,
            bad: ask.flag("bad")?,
            unsubscribed: ask.flag("emailMarketingUnsubscribed")?,
            gateway: ask.number("mgCustomerId")?,
            channels: ask.filters("mgChannels"),
            subscriptions: subscriptions.into_iter().map(|(_, one)| one).collect(),
            custom: custom.collect::<RetailResult<_>>()?,
        })
    }

    fn asks_of_orders(&self) -> bool {
        let open = |span: &Span| span.0.is_none() && span.1.is_none();
        !(open(&self.first_order) && open(&self.last_order) && self.orders == (None, None) && self.sum == (None, None))
    }

    fn takes(&self, state: &State, customer: &Customer) -> bool {
        let [name, email, city, region] = &self.texts;
        let has = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| value.to_lowercase().contains(wanted));
        self.ids.as_ref().is_none_or(|ids| ids.contains(&customer.id))
            && self.external.as_ref().is_none_or(|ids| customer.external_id.as_ref().is_some_and(|id| ids.contains(id)))
            && name.as_ref().is_none_or(|name| named(customer, name))
            && has(email, &customer.email)
            && has(city, &customer.city)
            && has(region, &customer.region)
            && self.segment.as_ref().is_none_or(|code| customer.segments.contains(code))
            && self.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| customer.tags.contains(tag)))
            && self.sites.as_ref().is_none_or(|sites| sites.contains(&customer.site))
            && self.managers.as_ref().is_none_or(|ids| customer.manager.is_some_and(|id| ids.contains(&id.to_string())))
            && within(&self.created, customer.created_at)
            && self.vip.is_none_or(|vip| vip == customer.vip)
            && self.bad.is_none_or(|bad| bad == customer.bad)
            && self.unsubscribed.is_none_or(|gone| gone == customer.email_unsubscribed_at.is_some())
            && self.gateway.is_none_or(|id| customer.gateway.iter().any(|(known, _)| *known == id))
            && self.channels.as_ref().is_none_or(|_| !customer.gateway.is_empty())
            && self.subscriptions.iter().all(|one| subscribed(state, customer, one))
            && self.custom.iter().all(|(code, test)| custom(customer.custom.get(code), test))
            && (!self.asks_of_orders() || self.by_orders(state, customer))
    }

    fn by_orders(&self, state: &State, customer: &Customer) -> bool {
        let orders: Vec<&Order> = state.orders_of(customer.id).collect();
        let sum: f64 = orders.iter().map(|order| order.sum()).sum();
        let moment = |span: &Span, at: Option<DateTime<Utc>>| match span {
            (None, None) => true,
            span => at.is_some_and(|at| within(span, at)),
        };
        let times = || orders.iter().map(|order| order.created_at);
        self.orders.0.is_none_or(|least| orders.len() >= least)
            && self.orders.1.is_none_or(|most| orders.len() <= most)
            && self.sum.0.is_none_or(|least| sum >= least)
            && self.sum.1.is_none_or(|most| sum <= most)
            && moment(&self.first_order, times().min())
            && moment(&self.last_order, times().max())
    }
}

fn within((from, to): &Span, at: DateTime<Utc>) -> bool {
    from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to)
}

/// The filter by name looks at phones, too.
fn named(customer: &Customer, wanted: &str) -> bool {
    let full = format!("{} {} {}", customer.last_name, customer.first_name, customer.patronymic).to_lowercase();
    let other = format!("{} {}", customer.first_name, customer.last_name).to_lowercase();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = digits(wanted);
    full.contains(wanted)
        || other.contains(wanted)
        || customer.phones.iter().any(|phone| phone.contains(wanted) || (number.len() >= 4 && digits(phone).contains(&number)))
}

fn subscribed(state: &State, customer: &Customer, wanted: &Subscribed) -> bool {
    customer.subscriptions.iter().any(|(topic, (subscribed, _))| {
        state.topics.get(topic).is_some_and(|topic| {
            wanted.channel.as_ref().is_none_or(|channel| *channel == topic.channel)
                && wanted.code.as_ref().is_none_or(|code| *code == topic.code)
                && wanted.subscribed.is_none_or(|yes| yes == *subscribed)
        })
    })
}

fn custom(value: Option<&Value>, test: &Test) -> bool {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => u8::from(*yes).to_string(),
        other => other.to_string(),
    };
    // Numbers are compared as numbers, days as texts.
    let order = |left: &str, right: &str| match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    };
    match (value, test) {
        (Some(Value::Array(items)), Test::Is(wanted)) => items.iter().any(|item| plain(item) == *wanted),
        (Some(value), Test::Is(wanted)) => plain(value) == *wanted || value.as_bool().is_some_and(|yes| yes.to_string() == *wanted),
        (Some(value), Test::Min(least)) => order(&plain(value), least).is_ge(),
        (Some(value), Test::Max(most)) => order(&plain(value), most).is_le(),
        // What was never ticked is not ticked.
        (None, Test::Is(wanted)) => wanted == "0" || wanted == "false",
        (None, _) => false,
    }
}

/// `GET /customers`.
pub(crate) fn list(state: &State, key: &Key, ask: &Ask) -> RetailResult<Response> {
    let filter = Filter::read(state, ask)?;
    let (page, limit) = ask.page()?;
    let plain = !ask.has_filters() && key.sites.is_none();
    let seen = |customer: &&Customer| visible(key, &customer.site) && filter.takes(state, customer);
    let skip = (page - 1).saturating_mul(limit);
    let show = |customer: &Customer| state.show_customer(customer);
    let newest = state.settings.newest_first;
    let (total, items): (usize, Vec<Value>) = if plain {
        let all = state.customers.values();
        let items =
            if newest { all.rev().skip(skip).take(limit).map(show).collect() } else { all.skip(skip).take(limit).map(show).collect() };
        (state.customers.len(), items)
    } else {
        let mut found: Vec<&Customer> = match &filter.ids {
            Some(ids) => ids.iter().filter_map(|id| state.customers.get(id)).filter(seen).collect(),
            None => state.customers.values().filter(seen).collect(),
        };
        found.sort_by_key(|customer| customer.id);
        if newest {
            found.reverse();
        }
        (found.len(), found.into_iter().skip(skip).take(limit).map(show).collect())
    };
    Ok(Json(envelope("customers", items, total, page, limit)).into_response())
}

/// `GET /customers/{externalId|id}`.
pub(crate) fn one(state: &State, key: &Key, ask: &Ask, reference: &str) -> RetailResult<Response> {
    let (by, site) = state.by(key, ask)?;
    let customer = state.find(by, reference, site.as_deref())?;
    if !visible(key, &customer.site) {
        return Err(RetailError::not_found());
    }
    Ok(Json(json!({ "success": true, "customer": state.show_customer(customer) })).into_response())
}

/// The id of the corporate customer a call names.
pub(crate) fn corporate_id(state: &State, key: &Key, ask: &Ask, reference: &str) -> RetailResult<u64> {
    let (by, site) = state.by(key, ask)?;
    let found = state.corporates.values().find(|corporate| {
        let named = match by {
            By::Id => corporate.id.to_string() == reference,
            By::External => corporate.external_id.as_deref() == Some(reference),
        };
        named && visible(key, &corporate.site) && site.as_ref().is_none_or(|site| *site == corporate.site)
    });
    found.map(|corporate| corporate.id).ok_or_else(RetailError::not_found)
}

/// `GET /customers-corporate` (its filters are secondary: the vendor's client).
pub(crate) fn corporates(state: &State, key: &Key, ask: &Ask) -> RetailResult<Response> {
    if state.settings.strict {
        ask.only_filters(&["ids", "externalIds", "nickName", "sites"])?;
    }
    let (page, limit) = ask.page()?;
    let (ids, external, sites) = (ask.filters("ids"), ask.filters("externalIds"), ask.filters("sites"));
    let names = ask.filters("nickName").or_else(|| ask.filter("nickName").map(|name| vec![name.to_owned()]));
    let mut found: Vec<_> = state
        .corporates
        .values()
        .filter(|corporate| {
            visible(key, &corporate.site)
                && ids.as_ref().is_none_or(|ids| ids.contains(&corporate.id.to_string()))
                && external.as_ref().is_none_or(|ids| corporate.external_id.as_ref().is_some_and(|id| ids.contains(id)))
                && sites.as_ref().is_none_or(|sites| sites.contains(&corporate.site))
                && names.as_ref().is_none_or(|names| names.iter().any(|name| corporate.nick_name.contains(name)))
        })
        .collect();
    if state.settings.newest_first {
        found.reverse();
    }
    let total = found.len();
    let shown = found.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).map(|corporate| state.show_corporate(corporate));
    Ok(Json(envelope("customersCorporate", shown.collect(), total, page, limit)).into_response())
}

/// `GET /customers-corporate/{externalId|id}`, and its `…/contacts`.
pub(crate) fn corporate(state: &State, key: &Key, ask: &Ask, reference: &str, contacts: bool) -> RetailResult<Response> {
    let id = corporate_id(state, key, ask, reference)?;
    let corporate = state.corporates.get(&id).ok_or_else(RetailError::not_found)?;
    if !contacts {
        return Ok(Json(json!({ "success": true, "customerCorporate": state.show_corporate(corporate) })).into_response());
    }
    let (page, limit) = ask.page()?;
    let total = corporate.contacts.len();
    let shown = corporate.contacts.iter().enumerate().skip((page - 1).saturating_mul(limit)).take(limit).map(|(at, contact)| {
        json!({ "id": contact, "isMain": at == 0, "customer": { "id": contact, "site": corporate.site, "type": "customer" }, "companies": [] })
    });
    Ok(Json(envelope("contacts", shown.collect(), total, page, limit)).into_response())
}
