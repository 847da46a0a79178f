//! A person's card in a CRM, as somebody of the company sees it there: what the page with phones
//! shows of it.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use serde::{Deserialize, Serialize};

/// A card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// The CRM's own name.
    pub crm: String,
    pub name: String,
    pub tags: Vec<String>,
    /// Titles and values, in the CRM's order.
    pub fields: Vec<(String, String)>,
    /// What happened and what is to be done, the newest first.
    pub entries: Vec<Entry>,
}

/// What kind of entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    Note,
    Deal,
    Visit,
    Task,
}

/// An entry of a card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    pub kind: EntryKind,
    /// Unix seconds.
    pub at: i64,
    pub text: String,
    /// Where it stands; empty where there is nothing to say.
    pub state: String,
}

/// Finds the cards of a phone in one CRM.
pub type Look = Arc<dyn Fn(&str) -> Vec<Card> + Send + Sync>;

#[derive(Deserialize)]
struct Ask {
    phone: String,
}

/// `GET /sandbox/cards?phone=…`: the cards of a phone in every CRM here.
pub(crate) fn router(looks: Vec<Look>) -> Router {
    Router::new().route("/sandbox/cards", get(cards)).with_state(Arc::new(looks))
}

async fn cards(State(looks): State<Arc<Vec<Look>>>, Query(ask): Query<Ask>) -> Json<Vec<Card>> {
    Json(looks.iter().flat_map(|look| look(&ask.phone)).collect())
}

/// Whether two writings are one phone: by their last ten digits, as people compare them.
pub(crate) fn same_phone(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().rev().filter(char::is_ascii_digit).take(10).collect::<String>();
    digits(one).len() == 10 && digits(one) == digits(other)
}

/// Orders the entries.
pub(crate) fn newest_first(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_the_same_however_it_is_written() {
        assert!(same_phone("+7 912 000-00-01", "89120000001"));
        assert!(!same_phone("+7 912 000-00-01", "+7 912 000-00-02"));
        assert!(!same_phone("", ""));
    }
}
