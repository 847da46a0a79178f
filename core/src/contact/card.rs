//! Finding contacts, and all that a contact's card shows.

use super::{Address, Contact, PHONE, TELEGRAM, fold::fold, queries};
use crate::{
    clock::Moment,
    consent::{Grade, Purpose},
    id::{AccountId, AddressId, CampaignId, ContactId, DeliveryId},
    on,
    store::Store,
    text::phone,
    words::Why,
};

/// A contact in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Found {
    /// Its id.
    pub id: ContactId,
    /// Its name.
    pub name: String,
}

/// All that a card shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The row.
    pub contact: Contact,
    /// Tags by name.
    pub tags: Vec<String>,
    /// Addresses, the oldest first.
    pub addresses: Vec<Address>,
    /// What stands against writing to the addresses.
    pub suppressions: Vec<SuppressedAddress>,
    /// The last word on each purpose.
    pub consents: Vec<ConsentLine>,
    /// The last deliveries, newest first.
    pub deliveries: Vec<DeliveryLine>,
    /// The last messages, newest first.
    pub messages: Vec<MessageLine>,
}

impl Card {
    /// Why nothing goes to one of the contact's addresses: `opt_out`, `manual`, `complaint`, `blocked`. A stop is the person's, so it is
    /// shown at every address of theirs; a block is its address's.
    #[must_use]
    pub fn refusal(&self, address: &Address) -> Option<&str> {
        if self.contact.opted_out_at.is_some() {
            return Some("opt_out");
        }
        self.suppressions.iter().find(|one| one.address_id == address.id).map(|one| one.reason.as_str())
    }
}

/// What stands against writing to one of the contact's addresses.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SuppressedAddress {
    /// Which.
    pub address_id: AddressId,
    /// Why: `opt_out`, `blocked`, `complaint`, `manual`.
    pub reason: String,
    /// Since.
    pub created_at: Moment,
}

/// The last word on a purpose.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ConsentLine {
    /// For what.
    pub purpose: Purpose,
    /// `granted` or `withdrawn`.
    pub action: String,
    /// The evidence.
    pub grade: Grade,
    /// When.
    pub at: Moment,
}

/// A delivery in a card.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DeliveryLine {
    /// Its id.
    pub id: DeliveryId,
    /// In which campaign.
    pub campaign_id: CampaignId,
    /// The campaign's name.
    pub campaign: String,
    /// The outcome, as the row's state.
    pub state: String,
    /// Why, where there is a reason.
    pub reason: Option<Why>,
    /// When it was sent, else when it came to its state.
    pub at: Moment,
}

/// A message in a card.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MessageLine {
    /// `in` or `out`.
    pub direction: String,
    /// The text.
    pub body: String,
    /// When.
    pub at: Moment,
    /// What became of a member's reply: `queued`, `sending`, `sent`, `failed`, `uncertain`.
    pub state: Option<String>,
    /// Why it failed.
    pub reason: Option<Why>,
}

/// Deliveries and messages in a card.
const HISTORY: i64 = 10;

/// A contact's row, deleted or not.
///
/// # Errors
/// The database's.
pub async fn contact(store: &Store, account: AccountId, id: ContactId) -> sqlx::Result<Option<Contact>> {
    on!(store.read(), |c| sqlx::query_as(queries::CONTACT).bind(account).bind(id).fetch_optional(c).await)
}

/// How many contacts the account has.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::COUNT).bind(account).fetch_one(c).await)
}

/// How many contacts the account has, but never more than `most` (counting all of a large account takes as long as it is large).
///
/// # Errors
/// The database's.
pub async fn count_to(store: &Store, account: AccountId, most: i64) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::COUNT_TO).bind(account).bind(most).fetch_one(c).await)
}

/// All that a contact's card shows; `None` when the account has no such contact.
///
/// # Errors
/// The database's.
pub async fn card(store: &Store, account: AccountId, id: ContactId) -> sqlx::Result<Option<Card>> {
    let Some(contact) = contact(store, account, id).await? else { return Ok(None) };
    Ok(Some(Card {
        contact,
        tags: on!(store.read(), |c| sqlx::query_scalar(queries::TAGS).bind(account).bind(id).fetch_all(c).await)?,
        addresses: on!(store.read(), |c| sqlx::query_as(queries::ADDRESSES).bind(account).bind(id).fetch_all(c).await)?,
        suppressions: on!(store.read(), |c| sqlx::query_as(queries::SUPPRESSIONS).bind(account).bind(id).fetch_all(c).await)?,
        consents: on!(store.read(), |c| sqlx::query_as(queries::CONSENTS).bind(account).bind(id).fetch_all(c).await)?,
        deliveries: on!(store.read(), |c| sqlx::query_as(queries::LAST_DELIVERIES)
            .bind(account)
            .bind(id)
            .bind(HISTORY)
            .fetch_all(c)
            .await)?,
        messages: on!(store.read(), |c| sqlx::query_as(queries::LAST_MESSAGES).bind(account).bind(id).bind(HISTORY).fetch_all(c).await)?,
    }))
}

/// The account's tags with how many contacts have each, the commonest first.
///
/// # Errors
/// The database's.
pub async fn tags(store: &Store, account: AccountId, limit: i64) -> sqlx::Result<Vec<(String, i64)>> {
    on!(store.read(), |c| sqlx::query_as(queries::ACCOUNT_TAGS).bind(account).bind(limit).fetch_all(c).await)
}

/// Contacts by what a person typed: a whole phone in any writing, the last digits of one (four at least), a Telegram
/// id, or a part of a name in any case.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, account: AccountId, region: &str, typed: &str, limit: i64) -> sqlx::Result<Vec<Found>> {
    let typed = typed.trim();
    if let Ok(e164) = phone::normalise(typed, region) {
        let found = find_address(store, account, PHONE, &like(&e164), limit).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let only_digits = typed.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '+' | '-' | '(' | ')'));
    if only_digits && digits.len() >= 4 {
        let mut found = find_address(store, account, PHONE, &format!("%{digits}"), limit).await?;
        found.extend(
            find_address(store, account, TELEGRAM, &digits, limit)
                .await?
                .into_iter()
                .filter(|one| !found.contains(one))
                .collect::<Vec<_>>(),
        );
        if !found.is_empty() {
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok(found);
        }
    }
    let name = fold(typed);
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let pattern = format!("%{}%", like(&name));
    on!(store.read(), |c| sqlx::query_as(queries::FIND_BY_NAME).bind(account).bind(&pattern).bind(limit).fetch_all(c).await)
}

async fn find_address(store: &Store, account: AccountId, kind: &str, pattern: &str, limit: i64) -> sqlx::Result<Vec<Found>> {
    on!(store.read(), |c| sqlx::query_as(queries::FIND_BY_ADDRESS).bind(account).bind(kind).bind(pattern).bind(limit).fetch_all(c).await)
}

/// `text` as a part of a LIKE pattern that stands for itself.
fn like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
