//! Invented contacts, the fields they have, and their leads.

use serde_json::{Value, json};

use super::{
    Amo,
    leads::{Lead, pipelines},
    state::{ACCOUNT, ADMIN, Contact},
};
use crate::invented;
pub use crate::invented::phone;

/// Field ids of the double.
pub mod fields {
    /// Phones (code `PHONE`).
    pub const PHONE: u64 = 3;
    /// E-mails (code `EMAIL`).
    pub const EMAIL: u64 = 5;
    /// «Не писать», a checkbox (code `MSG_OPT_OUT`).
    pub const OPT_OUT: u64 = 31_001;
    /// «Город», text.
    pub const CITY: u64 = 31_002;
    /// «День рождения».
    pub const BIRTHDAY: u64 = 31_003;
    /// «Бонусы», a number.
    pub const BONUS: u64 = 31_004;
    /// «Последний визит», a date.
    pub const LAST_VISIT: u64 = 31_005;
    /// «Согласие на рассылку», a checkbox.
    pub const CONSENT: u64 = 31_006;
    /// «Согласие: кто отметил», text.
    pub const CONSENT_AUTHOR: u64 = 31_007;
    /// «Согласие: когда», date and time.
    pub const CONSENT_AT: u64 = 31_008;
}

/// A field in the API's shape.
pub fn field(id: u64, name: &str, kind: &str, code: Option<&str>, enums: Option<Value>) -> Value {
    json!({ "id": id, "name": name, "type": kind, "account_id": ACCOUNT, "code": code, "sort": 510, "is_api_only": false,
        "enums": enums, "group_id": null, "required_statuses": [], "is_deletable": code.is_none(), "is_predefined": id < 100,
        "entity_type": "contacts", "tracking_callback": null, "remind": null })
}

/// The fields every account of the double begins with.
pub fn metadata() -> Vec<Value> {
    let list = |values: &[&str]| {
        Some(Value::Array(values.iter().enumerate().map(|(n, value)| json!({ "id": n + 1, "value": value, "sort": n })).collect()))
    };
    vec![
        field(fields::PHONE, "Телефон", "multitext", Some("PHONE"), list(&["MOB", "WORK", "HOME", "OTHER"])),
        field(fields::EMAIL, "Email", "multitext", Some("EMAIL"), list(&["WORK", "PRIV", "OTHER"])),
        field(fields::OPT_OUT, "Не писать", "checkbox", Some("MSG_OPT_OUT"), None),
        field(fields::CITY, "Город", "text", None, None),
        field(fields::BIRTHDAY, "День рождения", "birthday", None, None),
        field(fields::BONUS, "Бонусы", "numeric", None, None),
        field(fields::LAST_VISIT, "Последний визит", "date", None, None),
        field(fields::CONSENT, "Согласие на рассылку", "checkbox", None, None),
        field(fields::CONSENT_AUTHOR, "Согласие: кто отметил", "text", None, None),
        field(fields::CONSENT_AT, "Согласие: когда", "date_time", None, None),
    ]
}

/// What the seeded contacts are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    pub count: u64,
    /// Every how many-th has no consent; 0: all have it.
    pub without_consent_every: u64,
    /// Every how many-th has no phone; 0: all have one.
    pub without_phone_every: u64,
    /// Every how many-th has a lead; 0: nobody.
    pub lead_every: u64,
}

impl Default for Seed {
    fn default() -> Self {
        Self { count: 1_000, without_consent_every: 10, without_phone_every: 50, lead_every: 0 }
    }
}

const TITLES: &[&str] = &["Букет на юбилей", "Зёрна для офиса", "Абонемент на кофе", "Торт на заказ"];
/// Tags that contacts have.
pub(super) const TAGS: &[&str] = &["vip", "новый", "кофе", "десерты", "день рождения"];

/// The lead of the `n`-th contact, made then.
fn lead(n: u64, contact: u64, at: i64) -> Lead {
    let mut lead = Lead::of(contact, invented::pick(TITLES, n, 1), i64::try_from(500 + n % 40 * 100).unwrap_or(500));
    (lead.created_at, lead.updated_at) = (at, at);
    lead.status = [pipelines::FIRST, pipelines::INVOICE, pipelines::WON][usize::try_from(n / 2 % 3).unwrap_or(0)];
    lead.closed_at = (lead.status == pipelines::WON).then_some(at);
    lead
}

impl Amo {
    /// Adds invented contacts; no hooks go out. Returns their ids in order.
    pub fn seed(&self, seed: &Seed) -> Vec<u64> {
        let mut state = self.state();
        let now = state.tick();
        let day = 86_400;
        let every = |n: u64, step: u64| step > 0 && n % step == step - 1;
        (0..seed.count)
            .map(|n| {
                let (first, last) = invented::name(n);
                let mut contact = Contact::person(first, &last, &[&invented::written(n)]);
                if every(n, seed.without_phone_every) {
                    contact.set_phones(&[]);
                }
                let past = i64::try_from(n).unwrap_or(0);
                contact.id = state.next_id();
                contact.created_at = now - 400 * day + past * 60;
                contact.updated_at = now - 30 * day + past;
                contact.updated_by = ADMIN;
                contact.set(fields::CITY, json!(invented::city(n)));
                contact.set(fields::BONUS, json!((n * 37 % 5_000).to_string()));
                contact.set(fields::BIRTHDAY, json!(-past * day % (day * 9_000) + 400_000_000));
                contact.set(fields::LAST_VISIT, json!(now - (past % 200) * day));
                if !every(n, seed.without_consent_every) {
                    contact.set(fields::CONSENT, json!(true));
                    contact.set(fields::CONSENT_AUTHOR, json!("Администратор зала"));
                    contact.set(fields::CONSENT_AT, json!(now - 100 * day + past));
                }
                if n % 3 == 0 {
                    contact.tags.push(invented::pick(TAGS, n, 1).to_owned());
                }
                for tag in contact.tags.clone() {
                    state.tag_id(&tag);
                }
                let id = contact.id;
                state.contacts.insert(id, contact);
                if every(n, seed.lead_every) {
                    state.put_lead(lead(n, id, now - past % 200 * day));
                }
                id
            })
            .collect()
    }
}
