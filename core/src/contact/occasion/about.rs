//! The occasion that a message to a contact is about: of each kind the next one to come, else the
//! latest. Templates see it beside the contact's own values: `{{ visit.at | date: "%d.%m" }}`.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Occasion, OccasionKind};
use crate::{
    clock::Moment,
    contact::queries,
    id::{AccountId, ContactId},
    store::{Db, Engine, Store, among, groups, heed},
};

/// Kinds that a template may name.
pub const NAMED: &[OccasionKind] = &[OccasionKind::Visit, OccasionKind::Order, OccasionKind::Deal, OccasionKind::Payment];
/// What a template may name of one: `{{ visit.time }}`.
pub const PARTS: &[&str] = &["at", "date", "time", "until", "title", "staff", "place", "stage", "amount", "number"];

/// The kind that a variable of this name is.
#[must_use]
pub fn named(name: &str) -> Option<OccasionKind> {
    NAMED.iter().copied().find(|kind| kind.as_str() == name)
}

impl Occasion {
    /// As a template sees it, its times in the account's zone; a part that is not known is absent.
    #[must_use]
    pub fn facts(&self, zone: chrono_tz::Tz) -> Value {
        let local = |at: Moment| at.with_timezone(&zone);
        let mut facts = json!({
            // No part of a text: a button's answer is about it.
            "id": self.external_id,
            "at": local(self.at).to_rfc3339(),
            "date": local(self.at).format("%Y-%m-%d").to_string(),
            "time": local(self.at).format("%H:%M").to_string(),
        });
        if let Some(until) = self.until {
            facts["until"] = json!(local(until).to_rfc3339());
        }
        for (part, text) in [("title", &self.title), ("staff", &self.staff), ("place", &self.place), ("stage", &self.stage)] {
            if !text.is_empty() {
                facts[part] = json!(text);
            }
        }
        if let Some(amount) = self.amount {
            #[allow(clippy::cast_precision_loss, reason = "sums of money are far below 2^53")]
            let units = amount as f64 / 100.0;
            facts["amount"] = if amount % 100 == 0 { json!(amount / 100) } else { json!(units) };
        }
        if let Some(number) = self.data.get("number").and_then(Value::as_str) {
            facts["number"] = json!(number);
        }
        facts
    }
}

/// An occasion of each kind with every part, for whoever renders an example.
pub fn examples(now: Moment, zone: chrono_tz::Tz) -> impl Iterator<Item = (String, Value)> {
    let at = (now + chrono::TimeDelta::days(1)).with_timezone(&zone);
    let of = move |kind: &OccasionKind| {
        let parts = json!({ "at": at.to_rfc3339(), "until": at.to_rfc3339(), "date": at.format("%Y-%m-%d").to_string(), "time": "14:00",
            "title": "Стрижка", "staff": "Анна", "place": "Салон на Садовой", "stage": "Новый", "amount": 1_500, "number": "14" });
        (kind.as_str().to_owned(), parts)
    };
    NAMED.iter().map(of)
}

/// What messages to these contacts are about, at most one occasion of each kind for each.
///
/// # Errors
/// The database's.
pub async fn about(store: &Store, account: AccountId, contacts: &[ContactId], now: Moment) -> sqlx::Result<Vec<Occasion>> {
    let mut found = Vec::new();
    match store.read() {
        Db::Sqlite(c) => {
            for part in groups(contacts) {
                let sql = among(Engine::Sqlite, queries::OCCASIONS_ABOUT, part.len());
                let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(now).bind(account);
                for contact in part {
                    query = query.bind(*contact);
                }
                found.append(&mut heed(query.fetch_all(c).await)?);
            }
        }
        Db::Postgres(_) if contacts.is_empty() => {}
        Db::Postgres(c) => {
            let sql = among(Engine::Postgres, queries::OCCASIONS_ABOUT, 0);
            let ids: Vec<uuid::Uuid> = contacts.iter().map(|contact| contact.0).collect();
            found = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(now).bind(account).bind(ids).fetch_all(c).await?;
        }
    }
    Ok(found)
}

/// Adds to what is known of each contact what a message to them is about. A field of that name is
/// older than the variable, and stays.
///
/// # Errors
/// The database's.
pub async fn add(
    store: &Store,
    account: AccountId,
    zone: chrono_tz::Tz,
    contacts: Vec<(ContactId, &mut Map<String, Value>)>,
    now: Moment,
) -> sqlx::Result<()> {
    let mut contacts: HashMap<ContactId, &mut Map<String, Value>> = contacts.into_iter().collect();
    let ids: Vec<ContactId> = contacts.keys().copied().collect();
    for one in about(store, account, &ids, now).await? {
        if let Some(known) = contacts.get_mut(&one.contact_id) {
            known.entry(one.kind.as_str()).or_insert_with(|| one.facts(zone));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        both, clock,
        contact::{
            self, Draft, fixture,
            occasion::{NewOccasion, OccasionState, put},
        },
    };

    fn visit(contact: ContactId, id: &str, at: Moment, state: OccasionState) -> NewOccasion {
        NewOccasion {
            kind: OccasionKind::Visit,
            external_id: id.to_owned(),
            contact,
            at,
            until: None,
            state,
            stage: String::new(),
            title: format!("Услуга {id}"),
            staff: String::new(),
            place: String::new(),
            amount: Some(150_050),
            url: None,
            data: Map::new(),
            changed_at: at,
        }
    }

    both!(async fn a_message_is_about_the_next_visit_or_else_the_last(store) {
        let (account, now) = (fixture::actor(&store).await.account, clock::now());
        let days = |days: i64| now + TimeDelta::days(days);
        let mut tx = store.begin().await.expect("begin");
        let connection = fixture::connection(&mut tx, account).await;
        let mut people = Vec::new();
        for _ in 0..3 {
            people.push(contact::create(&mut tx, account, &Draft { source: "crm".to_owned(), ..Draft::default() }, now).await.expect("created").contact);
        }
        let [ahead, behind, nobody] = people[..] else { unreachable!("three people") };
        let rows = [
            visit(ahead, "1", days(-5), OccasionState::Done),
            visit(ahead, "2", days(9), OccasionState::Open),
            visit(ahead, "3", days(2), OccasionState::Confirmed),
            visit(ahead, "4", days(1), OccasionState::Cancelled),
            visit(behind, "5", days(-5), OccasionState::Done),
            visit(behind, "6", days(-2), OccasionState::Missed),
            visit(behind, "7", days(-3), OccasionState::Open),
            visit(nobody, "8", days(3), OccasionState::Cancelled),
        ];
        put(&mut tx, account, connection, &rows, now).await.expect("put");
        // An older state never replaces a newer one; the same again is no change.
        let older = NewOccasion { title: "Другое".to_owned(), changed_at: days(-9), ..rows[0].clone() };
        assert_eq!(put(&mut tx, account, connection, &[older], now).await.expect("put").changed, 0);
        assert_eq!(put(&mut tx, account, connection, &rows, now).await.expect("put").unchanged, 8);
        tx.commit().await.expect("commit");

        let mut found: Vec<(ContactId, String)> = about(&store, account, &people, now)
            .await
            .expect("read")
            .into_iter()
            .map(|one| (one.contact_id, one.external_id))
            .collect();
        found.sort();
        let mut wanted = vec![(ahead, "3".to_owned()), (behind, "7".to_owned())];
        wanted.sort();
        assert_eq!(found, wanted);
        assert!(about(&store, account, &[], now).await.expect("read").is_empty());

        let mut known = Map::new();
        add(&store, account, chrono_tz::Europe::Moscow, vec![(ahead, &mut known)], now).await.expect("added");
        assert_eq!((known["visit"]["title"].as_str(), known["visit"]["amount"].as_f64()), (Some("Услуга 3"), Some(1_500.5)));
        assert!(known["visit"].get("staff").is_none(), "what is not known is absent");
        let mut field = Map::from_iter([("visit".to_owned(), json!("среда"))]);
        add(&store, account, chrono_tz::UTC, vec![(ahead, &mut field)], now).await.expect("added");
        assert_eq!(field["visit"], "среда", "a field of that name is older");
    });
}
