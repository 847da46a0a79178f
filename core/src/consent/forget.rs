//! What of the ledger's evidence names a person: it goes when their data are destroyed on demand.
//! That a consent was given or taken back, when, to which words and how stays, with a keyed hash of
//! the evidence as it was: whoever shows it later can be answered whether it is the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sqlx::types::Json;

use crate::{
    id::{AccountId, ContactId},
    on,
    store::{Store, Tx, trail::consents::forgotten},
};

/// Entries of a contact, and of the chats that turned out to be theirs.
pub const ENTRIES: &str = "select e.id, e.evidence from consent e where e.account_id = $1 and (e.contact_id = $2 or e.contact_id in (\
    select m.id from contact m where m.account_id = $1 and m.merged_into = $2)) order by e.id";
/// What a contact is called.
pub const NAMES: &str = "select name, first_name, last_name from contact where account_id = $1 and id = $2";
/// Every statement.
pub const ALL: &[&str] = &[ENTRIES, NAMES];

/// What says that something was taken out, and holds the hash of all that was there.
const FORGOTTEN: &str = "forgotten";
/// Who it is, or words of somebody about them: never kept.
const NAMING: [&str; 3] = ["chat", "value", "author"];
/// Shorter names are parts of other words, shorter addresses of other numbers.
const TELLING: (usize, usize) = (3, 6);

/// By what a person is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Words of the name, in small letters.
    names: Vec<String>,
    /// Addresses, in small letters; of phones the digits without the country's first.
    addresses: Vec<String>,
}

impl Known {
    /// Whoever has this name and these addresses (kind and value).
    #[must_use]
    pub fn new(names: &[String], addresses: &[(String, String)]) -> Self {
        let words = |name: &String| name.to_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let address = |(_, value): &(String, String)| match value.strip_prefix('+') {
            Some(digits) => digits.get(1..).unwrap_or(digits).to_owned(),
            None => value.to_lowercase(),
        };
        Self {
            names: names.iter().flat_map(words).filter(|word| word.chars().count() >= TELLING.0).collect(),
            addresses: addresses.iter().map(address).filter(|one| one.len() >= TELLING.1).collect(),
        }
    }

    /// Whether a text names the person, by name or by an address however it is written.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        let small = text.to_lowercase();
        let digits: String = small.chars().filter(char::is_ascii_digit).collect();
        self.names.iter().any(|name| small.contains(name)) || self.addresses.iter().any(|one| small.contains(one) || digits.contains(one))
    }

    fn is_in_any(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_in(text),
            Value::Number(number) => self.is_in(&number.to_string()),
            Value::Array(all) => all.iter().any(|one| self.is_in_any(one)),
            Value::Object(all) => all.iter().any(|(key, one)| self.is_in(key) || self.is_in_any(one)),
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// The evidence without what names the person; `None`: nothing of it does.
    fn without(&self, evidence: &Value) -> Option<Map<String, Value>> {
        let Value::Object(facts) = evidence else {
            return self.is_in_any(evidence).then(Map::new);
        };
        let names = |key: &str, value: &Value| !value.is_null() && (NAMING.contains(&key) || self.is_in(key) || self.is_in_any(value));
        if !facts.iter().any(|(key, value)| names(key, value)) {
            return None;
        }
        Some(facts.iter().filter(|(key, value)| !names(key, value)).map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}

/// By what an account knows a contact that has and had these addresses.
///
/// # Errors
/// The database's.
pub async fn known(store: &Store, account: AccountId, contact: ContactId, addresses: &[(String, String)]) -> sqlx::Result<Known> {
    let row: Option<(String, Option<String>, Option<String>)> =
        on!(store.read(), |c| sqlx::query_as(NAMES).bind(account).bind(contact).fetch_optional(c).await)?;
    let (name, first, last) = row.unwrap_or_default();
    Ok(Known::new(&[Some(name), first, last].into_iter().flatten().collect::<Vec<_>>(), addresses))
}

/// How many entries name the person.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId, contact: ContactId, known: &Known) -> sqlx::Result<usize> {
    let rows: Vec<(i64, Json<Value>)> = on!(store.read(), |c| sqlx::query_as(ENTRIES).bind(account).bind(contact).fetch_all(c).await)?;
    Ok(rows.iter().filter(|(_, evidence)| known.without(&evidence.0).is_some()).count())
}

/// Takes out of a contact's entries what names the person.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, account: AccountId, contact: ContactId, known: &Known) -> sqlx::Result<()> {
    let rows: Vec<(i64, Json<Value>)> = on!(tx.conn(), |c| sqlx::query_as(ENTRIES).bind(account).bind(contact).fetch_all(c).await)?;
    let mut replaced = BTreeMap::new();
    for (id, Json(evidence)) in rows {
        if let Some(mut left) = known.without(&evidence) {
            let hash = tx.person_digest(account, "evidence", &forgotten::canonical(&evidence)).unwrap_or_default();
            left.insert(FORGOTTEN.to_owned(), Value::String(hash));
            replaced.insert(id, Value::Object(left));
        }
    }
    forgotten::forget(tx, account, replaced).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Known {
        let address = |kind: &str, value: &str| (kind.to_owned(), value.to_owned());
        let addresses =
            [address("phone", "+79161234567"), address("email", "A@Ex.org"), address("telegram", "777000777123"), address("vk", "12")];
        Known::new(&["Акулина Ю".to_owned(), "Акулина".to_owned()], &addresses)
    }

    #[test]
    fn what_names_the_person_is_found_however_it_is_written() {
        for (text, is_in) in [
            ("Анкета АКУЛИНЫ и акулина", true),
            ("8 (916) 123-45-67", true),
            ("wa:79161234567", true),
            ("a@ex.org", true),
            ("chat 777000777123", true),
            ("Анкеты с выставки, папка 7", false),
            ("8 (916) 123-45-68", false),
            ("строка 12, ю", false),
        ] {
            assert_eq!(known().is_in(text), is_in, "{text}");
        }
    }

    #[test]
    fn evidence_keeps_what_names_nobody() {
        let left = |evidence: Value| known().without(&evidence).map(Value::Object);
        assert_eq!(left(json!({ "how": "button", "message": "17", "chat": null })), None);
        assert_eq!(
            left(json!({ "chat": "5", "message": "17", "wording_version": 3 })),
            Some(json!({ "message": "17", "wording_version": 3 }))
        );
        assert_eq!(
            left(json!({ "file": "акулина.csv", "row": 2, "origin": "Анкеты", "basis": "signed_document" })),
            Some(json!({ "row": 2, "origin": "Анкеты", "basis": "signed_document" }))
        );
        assert_eq!(left(json!({ "field": "7", "at": [1, { "said": "+7 916 123-45-67" }] })), Some(json!({ "field": "7" })));
        assert_eq!(left(json!("+79161234567")), Some(json!({})));
        assert_eq!(left(json!(["нет"])), None);
    }
}
