//! Invented contacts, with a deal for some of them.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

use super::{Bitrix24, Item, Kind};
use crate::invented::{self, phone};

/// What the seeded contacts are like.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Seed {
    pub count: u64,
    /// Every how many-th has no phone; 0: all have one.
    pub without_phone_every: u64,
    /// Every how many-th has a deal; 0: nobody has.
    pub deal_every: u64,
}

impl Default for Seed {
    fn default() -> Self {
        Self { count: 1_000, without_phone_every: 50, deal_every: 5 }
    }
}

impl Bitrix24 {
    /// Adds invented contacts, and deals in the general funnel; no events go out, and no stages are
    /// noted. Gives the contacts' ids in order. The phone of the `n`-th is [`phone`]`(n)`.
    pub fn seed(&self, portal: i64, seed: &Seed) -> Vec<i64> {
        let mut state = self.state();
        let now = state.now();
        let every = |n: u64, step: u64| step > 0 && n % step == step - 1;
        let mut ids = Vec::new();
        let Some(place) = state.portals.get_mut(&portal) else { return ids };
        for n in 0..seed.count {
            let (name, last_name) = invented::name(n);
            let mut item = Item::contact(name, &last_name);
            if !every(n, seed.without_phone_every) {
                item = item.phone(&phone(n));
            }
            item.id = place.next_id();
            let past = now - TimeDelta::days(30) + TimeDelta::seconds(i64::try_from(n).unwrap_or(0));
            (item.created, item.updated) = (past, past);
            for multi in &mut item.fm {
                multi.id = place.next_id();
            }
            let id = item.id;
            place.items.entry(Kind::Contact).or_default().insert(id, item);
            ids.push(id);
            if every(n, seed.deal_every) {
                let mut deal = Item::deal("Заказ", id, "NEW").with("opportunity", json!(1_500 + n % 9_000));
                (deal.id, deal.created, deal.updated, deal.moved) = (place.next_id(), past, past, past);
                place.items.entry(Kind::Deal).or_default().insert(deal.id, deal);
            }
        }
        ids
    }
}
