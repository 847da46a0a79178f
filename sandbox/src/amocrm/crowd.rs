//! A crowd: as many contacts as one likes, made up as they are asked for and kept nowhere, so that
//! a million of them cost the double no memory and a page no search.

use serde_json::{Value, json};

use super::{
    Amo,
    api::Ask,
    seed::{self, fields},
    state::{ADMIN, Contact, State},
};
use crate::invented;

/// The id of the first of a crowd; the others follow.
const FIRST: u64 = 50_000_000;
/// When the crowd came, Unix seconds: long before any sync of today.
const CAME: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

/// What is known of a crowd.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    count: u64,
    turn: u32,
}

impl Crowd {
    fn contact(self, n: u64) -> Contact {
        let (first, last) = invented::name(n);
        let mut contact = Contact::person(first, &last, &[&invented::written(n)]);
        let (past, turn) = (i64::try_from(n).unwrap_or(0), i64::from(self.turn));
        contact.id = FIRST + n;
        (contact.created_at, contact.updated_at, contact.updated_by) = (CAME - 400 * DAY, CAME + turn, ADMIN);
        contact.set(fields::CITY, json!(invented::city(n)));
        contact.set(fields::BIRTHDAY, json!(400_000_000 + past * DAY % (DAY * 9_000)));
        contact.set(fields::LAST_VISIT, json!(CAME - past % 200 * DAY));
        contact.set(fields::BONUS, json!(((past * 37 + turn * 101) % 5_000).to_string()));
        if n.is_multiple_of(3) {
            contact.tags.push(invented::pick(seed::TAGS, n, 1).to_owned());
        }
        contact
    }

    /// A page of them in the order of their ids, and whether there are more after it. `None`: they
    /// are asked for in another way than a full read, or by ids, does.
    pub(super) fn page(
        self,
        state: &State,
        ask: &Ask,
        ids: &[u64],
        (page, limit): (usize, usize),
        base: &str,
    ) -> Option<(Vec<Value>, bool)> {
        if ask.get("query").is_some() || ask.get("filter[name]").is_some() || ask.get("order[id]") == Some("desc") {
            return None;
        }
        let since = ask.number("filter[updated_at][from]").unwrap_or(i64::MIN);
        let all = if CAME + i64::from(self.turn) < since { 0 } else { self.count };
        let show = |n: u64| state.show(&self.contact(n), base);
        if !ids.is_empty() {
            let of = ids.iter().filter_map(|id| id.checked_sub(FIRST)).filter(|n| *n < all);
            return Some((of.map(show).collect(), false));
        }
        let (page, limit) = (u64::try_from(page).ok()?, u64::try_from(limit).ok()?);
        let (from, to) = ((page - 1).saturating_mul(limit).min(all), page.saturating_mul(limit).min(all));
        Some(((from..to).map(show).collect(), to < all))
    }
}

impl Amo {
    /// From now on the account holds `count` invented contacts that are made up when they are asked
    /// for, and nobody else. Another `turn` than before: every one of them was changed since.
    pub fn set_crowd(&self, count: u64, turn: u32) {
        let mut state = self.state();
        for tag in seed::TAGS {
            state.tag_id(tag);
        }
        state.crowd = Some(Crowd { count, turn });
    }
}
