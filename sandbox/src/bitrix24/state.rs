//! Everything the Bitrix24 double remembers, and changes of elements, whoever makes them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    auth::Application,
    error::{B24Error, B24Result},
    events, history,
    portal::{Item, Kind, Portal},
    settings::Settings,
};
use crate::{clock::Clock, fault::Faults};

/// A write that was accepted (whether or not the caller got the answer).
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    pub portal: i64,
    /// The method in small letters; `v3 tasks.task.add` of REST 3.0.
    pub method: String,
    /// The element it is about, or the thing's own id; 0 where it has none.
    pub id: i64,
    /// What was sent, without the token.
    pub params: Value,
}

/// A stage an element came to, as `crm.stagehistory.list` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub owner: i64,
    /// 1 created, 2 on the way, 3 at an end, 5 in another funnel.
    pub type_id: i64,
    pub category: i64,
    pub stage: String,
}

/// Who changed something.
#[derive(Clone, Debug, Default)]
pub(crate) struct By {
    /// A robot of the portal, if nobody.
    pub(crate) user: Option<i64>,
    /// The mark an application gave its write, so as not to hear of it offline.
    pub(crate) connector: Option<String>,
}

/// What the double keeps.
pub struct State {
    pub(crate) base: String,
    pub(crate) settings: Settings,
    pub(crate) faults: Faults,
    clock: Clock,
    pub(crate) portals: BTreeMap<i64, Portal>,
    pub(crate) applications: HashMap<String, Application>,
    /// Codes of consent: the application, the portal, the user, until when.
    pub(crate) codes: HashMap<String, (String, i64, i64, DateTime<Utc>)>,
    pub(crate) writes: Vec<Accepted>,
}

impl State {
    pub(crate) fn new(base: String, faults: Faults, clock: Clock, settings: Settings) -> Self {
        Self {
            base,
            settings,
            faults,
            clock,
            portals: BTreeMap::new(),
            applications: HashMap::new(),
            codes: HashMap::new(),
            writes: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The portal of a call that was admitted to it.
    pub(crate) fn portal(&self, id: i64) -> B24Result<&Portal> {
        self.portals.get(&id).ok_or_else(B24Error::unauthorised)
    }

    pub(crate) fn portal_mut(&mut self, id: i64) -> B24Result<&mut Portal> {
        self.portals.get_mut(&id).ok_or_else(B24Error::unauthorised)
    }

    pub(crate) fn accepted(&mut self, portal: i64, method: &str, id: i64, params: &Value) {
        let mut params = params.clone();
        if let Value::Object(params) = &mut params {
            params.remove("auth");
        }
        self.writes.push(Accepted { portal, method: method.to_owned(), id, params });
    }

    /// Puts an element in its place: with an id of 0 it is new. Its moments move, its stage is
    /// noted, events go out. Gives the id.
    pub(crate) fn put(&mut self, portal: i64, mut item: Item, by: &By) -> B24Result<i64> {
        let now = self.now();
        let place = self.portal_mut(portal)?;
        let fresh = item.id == 0;
        if fresh {
            (item.id, item.created, item.moved) = (place.next_id(), now, now);
            item.fields.entry("createdBy".to_owned()).or_insert(json!(by.user.unwrap_or(1)));
        }
        item.updated = now;
        item.fields.insert("updatedBy".to_owned(), json!(by.user.unwrap_or(1)));
        for multi in &mut item.fm {
            if multi.id == 0 {
                multi.id = place.next_id();
            }
        }
        let before = place.item(item.kind, item.id).cloned();
        history::note(place, before.as_ref(), &mut item, now)?;
        let (kind, id) = (item.kind, item.id);
        let category = before.is_some_and(|before| before.number("categoryId") != item.number("categoryId"));
        let moved = category.then(|| (item.number("categoryId"), item.text("stageId").to_owned()));
        place.items.entry(kind).or_default().insert(id, item);
        events::changed(self, portal, kind, if fresh { "ADD" } else { "UPDATE" }, id, by);
        if let Some((category, stage)) = moved.filter(|_| kind == Kind::Deal) {
            let extra = [("CATEGORY_ID", category.to_string()), ("STAGE_ID", stage)];
            events::raise(self, portal, "ONCRMDEALMOVETOCATEGORY", id, &extra, by);
        }
        Ok(id)
    }

    /// Removes an element.
    pub(crate) fn drop_item(&mut self, portal: i64, kind: Kind, id: i64, by: &By) -> B24Result<()> {
        let place = self.portal_mut(portal)?;
        place.items.entry(kind).or_default().remove(&id).ok_or_else(B24Error::not_found)?;
        events::changed(self, portal, kind, "DELETE", id, by);
        Ok(())
    }
}
