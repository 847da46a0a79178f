//! Invented contacts, some of them with a company above.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

use super::{Odoo, state::Row};
use crate::invented;

/// What the seeded contacts are like.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Seed {
    pub count: u64,
    /// Every how many-th has no phone; 0: all have one.
    pub without_phone_every: u64,
    /// Every how many-th is archived; 0: nobody.
    pub archived_every: u64,
    /// How many in a row have one and the same `write_date`, as after an import.
    pub together: u64,
}

impl Default for Seed {
    fn default() -> Self {
        Self { count: 1_000, without_phone_every: 50, archived_every: 0, together: 250 }
    }
}

impl Odoo {
    /// Adds invented contacts. Their ids in order; the `n`-th has the reference `ext-n` and the
    /// phone [`super::phone`]`(n)`.
    pub fn seed(&self, seed: &Seed) -> Vec<u64> {
        let mut state = self.state();
        let start = state.now() - TimeDelta::days(30);
        let every = |n: u64, step: u64| step > 0 && n % step == step - 1;
        (0..seed.count)
            .map(|n| {
                let (first, last) = invented::name(n);
                let batch = i64::try_from(n / seed.together.max(1)).unwrap_or_default();
                let at = (start + TimeDelta::seconds(batch)).format("%Y-%m-%d %H:%M:%S").to_string();
                let mut row: Row = [
                    ("name", json!(format!("{first} {last}"))),
                    ("city", json!(invented::city(n))),
                    ("ref", json!(format!("ext-{n}"))),
                    ("type", json!("contact")),
                    ("active", json!(!every(n, seed.archived_every))),
                    ("create_date", json!(at)),
                    ("write_date", json!(at)),
                ]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
                if !every(n, seed.without_phone_every) {
                    row.insert("phone".to_owned(), json!(invented::written(n)));
                }
                state.insert("res.partner", row)
            })
            .collect()
    }
}
