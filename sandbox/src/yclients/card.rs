//! The card of a client, as the salon's administrator sees it.

use super::{
    Yclients,
    state::{Client, Company, Record},
};
use crate::card::{Card, Entry, EntryKind, newest_first, same_phone};

impl Yclients {
    /// The cards that have this phone, of every company.
    #[must_use]
    pub fn cards(&self, phone: &str) -> Vec<Card> {
        let state = self.state();
        let of = |company: &Company| {
            let has = |client: &&Client| same_phone(&client.phone, phone);
            company.clients.values().filter(has).map(|client| card(company, client)).collect::<Vec<_>>()
        };
        state.companies.values().flat_map(of).collect()
    }
}

fn card(company: &Company, client: &Client) -> Card {
    let mut entries: Vec<Entry> =
        company.records.of(client.id).filter(|record| !record.deleted).map(|record| visit(company, record)).collect();
    entries.extend(company.comments.iter().filter(|comment| comment.client == client.id).map(|comment| Entry {
        kind: EntryKind::Note,
        at: comment.created.timestamp(),
        text: comment.text.clone(),
        state: String::new(),
    }));
    let named = |id: &i64| company.categories.iter().find(|category| category.id == *id).map(|category| category.title.clone());
    Card {
        crm: format!("YCLIENTS: {}", company.title),
        name: [client.name.as_str(), client.surname.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
        tags: client.categories.iter().filter_map(named).collect(),
        fields: [("Комментарий", client.comment.clone()), ("Визитов на", format!("{} ₽", client.spent))]
            .into_iter()
            .filter(|(_, value)| !value.is_empty() && value != "0 ₽")
            .map(|(title, value)| (title.to_owned(), value))
            .collect(),
        entries: newest_first(entries),
    }
}

fn visit(company: &Company, record: &Record) -> Entry {
    let services = record.services.iter().filter_map(|(id, _)| company.services.iter().find(|service| service.id == *id));
    let mut parts: Vec<String> = services.map(|service| service.title.clone()).collect();
    parts.extend(company.staff.iter().find(|staff| staff.id == record.staff_id).map(|staff| staff.name.clone()));
    let state = match (record.confirmed, record.attendance) {
        (false, _) | (_, -1) => "✗",
        (_, 1) => "✓",
        (_, 2) => "☎",
        _ => "",
    };
    Entry {
        kind: EntryKind::Visit,
        at: record.date.and_utc().timestamp() - i64::from(company.timezone) * 3_600,
        text: parts.join(", "),
        state: state.to_owned(),
    }
}
