//! Invented customers and their orders.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

use super::{
    RetailCrm,
    state::{Customer, Order},
};
use crate::invented;

/// What the seeded customers are like.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Seed {
    pub count: u64,
    /// Every how many-th has no consent; 0: all have it.
    pub without_consent_every: u64,
    /// Every how many-th has no phone; 0: all have one.
    pub without_phone_every: u64,
    /// Every how many-th has an order; 0: nobody.
    pub order_every: u64,
}

impl Default for Seed {
    fn default() -> Self {
        Self { count: 1_000, without_consent_every: 10, without_phone_every: 50, order_every: 0 }
    }
}

impl RetailCrm {
    /// Adds invented customers, older than what the feeds still keep. Their ids in order; the
    /// `n`-th has the external id `ext-n` and the phone [`invented::phone`]`(n)`.
    pub fn seed(&self, seed: &Seed) -> Vec<u64> {
        let mut state = self.quiet();
        let now = state.now();
        let site = state.sites.first().map_or_else(String::new, |(code, _)| code.clone());
        let every = |n: u64, step: u64| step > 0 && n % step == step - 1;
        (0..seed.count)
            .map(|n| {
                let past = i64::try_from(n).unwrap_or(0);
                let (first, last) = invented::name(n);
                let phone = invented::written(n);
                let phones: &[&str] = if every(n, seed.without_phone_every) { &[] } else { &[&phone] };
                let mut customer = Customer::person(first, &last, phones).external(&format!("ext-{n}")).site(&site);
                customer.id = state.next_id();
                customer.created_at = now - TimeDelta::days(400) + TimeDelta::minutes(past % 500_000);
                invented::city(n).clone_into(&mut customer.city);
                customer.sex = if n % 2 == 0 { "female" } else { "male" }.to_owned();
                customer.birthday = format!("{}-{:02}-{:02}", 1960 + n % 45, 1 + n % 12, 1 + n % 28);
                customer.custom.insert("bonus".to_owned(), json!(n * 37 % 5_000));
                if !every(n, seed.without_consent_every) {
                    customer.custom.insert("msg_consent".to_owned(), json!(true));
                    customer.custom.insert("msg_consent_by".to_owned(), json!("Администратор зала"));
                    let at = now - TimeDelta::days(100 + past % 100);
                    customer.custom.insert("msg_consent_at".to_owned(), json!(at.format("%Y-%m-%d").to_string()));
                }
                if n % 3 == 0 {
                    customer.tags.push(invented::pick(&["vip", "новый", "кофе"], n, 1).to_owned());
                }
                let id = customer.id;
                state.put(customer);
                if every(n, seed.order_every) {
                    let order = state.next_id();
                    let at = now - TimeDelta::days(past % 200);
                    #[allow(clippy::cast_precision_loss, reason = "a price")]
                    let items = vec![("Зёрна".to_owned(), (500 + n % 40 * 10) as f64, 1.0)];
                    let status = if n % 4 == 0 { "new" } else { "complete" }.to_owned();
                    let number = format!("{order}A");
                    let order = Order {
                        id: order,
                        number,
                        site: site.clone(),
                        status,
                        status_at: at,
                        created_at: at,
                        customer: Some(id),
                        items,
                        ..Order::default()
                    };
                    state.put_order(order);
                }
                id
            })
            .collect()
    }
}
