//! Invented clients, with visits behind them and before them.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use serde::Deserialize;
use serde_json::json;

use super::{Client, Record, Yclients};
use crate::invented::{name as invented, phone};

/// What the seeded clients are like.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Seed {
    pub count: u64,
    /// Every how many-th has no phone; 0: all have one.
    pub without_phone_every: u64,
    /// Every how many-th refused mailings (`sms_not`); 0: nobody did.
    pub refused_every: u64,
    /// Past visits of each.
    pub visits: u64,
    /// Every how many-th has an appointment ahead; 0: nobody has.
    pub ahead_every: u64,
}

impl Default for Seed {
    fn default() -> Self {
        Self { count: 1_000, without_phone_every: 50, refused_every: 10, visits: 1, ahead_every: 4 }
    }
}

impl Yclients {
    /// Adds invented clients with their records to a company; no hooks go out. Gives the clients'
    /// ids in order. The phone of the `n`-th is [`phone`]`(n)` without its plus.
    pub fn seed(&self, company: i64, seed: &Seed) -> Vec<i64> {
        let mut state = self.state();
        let now = state.now();
        let every = |n: u64, step: u64| step > 0 && n % step == step - 1;
        let mut ids = Vec::new();
        for n in 0..seed.count {
            let (id, days) = (state.next_id(), i64::try_from(n % 200).unwrap_or(0));
            let (name, surname) = invented(n);
            let mut client = Client::person(name, &surname, phone(n).trim_start_matches('+'));
            if every(n, seed.without_phone_every) {
                client.phone.clear();
            }
            client.id = id;
            client.sex_id = if n % 2 == 0 { 2 } else { 1 };
            client.sms_not = every(n, seed.refused_every);
            client.birth_date = NaiveDate::from_ymd_opt(1975, 1, 1).and_then(|first| first.checked_add_days(Days::new(n * 31 % 12_000)));
            client.spent = i64::try_from(seed.visits * 1_500).unwrap_or(0);
            client.changed = now - TimeDelta::days(30) + TimeDelta::seconds(i64::try_from(n).unwrap_or(0));
            let ahead = every(n, seed.ahead_every);
            let times = (0..seed.visits).map(|visit| (-days - 1 - 30 * i64::try_from(visit).unwrap_or(0), 1));
            let times: Vec<(i64, i64)> = times.chain(ahead.then_some((days % 14 + 1, 0))).collect();
            let records: Vec<(i64, i64)> = times.iter().map(|_| (state.next_id(), state.next_id())).collect();
            let Some(place) = state.companies.get_mut(&company) else { return ids };
            if place.client_fields.iter().any(|field| field.code == "city") {
                client.custom_fields.insert("city".to_owned(), json!("Казань"));
            }
            let today = place.local(now).date_naive();
            let hour = NaiveTime::from_hms_opt(10 + u32::try_from(n % 9).unwrap_or(0), 0, 0).unwrap_or_default();
            for ((day, attendance), (record, visit_id)) in times.into_iter().zip(records) {
                let date = (today + TimeDelta::days(day)).and_time(hour);
                let created = place.moment(date) - TimeDelta::days(15);
                let changed = created.min(now);
                place.records.put(Record { id: record, visit_id, attendance, created: changed, changed, ..Record::at(id, date) });
            }
            place.clients.insert(id, client);
            ids.push(id);
        }
        ids
    }
}
