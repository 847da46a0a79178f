//! What an account said of itself, once: its country and what it does; and which rules its owners
//! switched off, each with a reason. All of it is one value in the account's row, so the claim of a
//! delivery reads it with what it reads anyway.
//!
//! Until the country is said, no rule of this room stops anything. It is told at submission and
//! launch that nobody can say what the law allows; so accounts of before this room, which launch
//! every day, stand still nowhere in silence.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::types::Json;

use super::{Category, Country, Severity, book, queries};
use crate::{
    account::{AccountError, By, Right, settings},
    channel::ChannelKind,
    clock::Moment,
    id::AccountId,
    on,
    store::{Store, Tx},
};

/// Characters of a reason, at least and at most.
pub const REASON: (usize, usize) = (5, 500);

/// Trademarks an account keeps at most.
const TRADEMARKS: usize = 500;

/// What an account said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// `None`: nobody said it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// `None`: nobody said it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Rules that are switched off, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub off: BTreeMap<String, Switched>,
    /// Rules of texts whose warnings stop a text, by id.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub strict: BTreeSet<String>,
    /// Words in Latin letters that are trademarks.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub trademarks: BTreeSet<String>,
}

impl Profile {
    /// Whether everything was said that rules turn on.
    #[must_use]
    pub fn is_said(&self) -> bool {
        match self.country {
            Some(Country::Other) => true,
            Some(Country::Ru) => self.category.is_some(),
            None => false,
        }
    }
}

/// A rule that an owner switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// The owner's words.
    pub reason: String,
    /// The owner's name, as it was.
    pub by: String,
    pub at: Moment,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LawError {
    /// The account room's refusal.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// There is no such rule (any more).
    #[error("there is no rule `{0}`")]
    NoRule(String),
    /// The rule has no switch.
    #[error("the rule `{0}` cannot be switched off")]
    NoSwitch(String),
    /// The reason is too short or too long ([`REASON`]).
    #[error("a reason has {} to {} characters", REASON.0, REASON.1)]
    Reason,
}

impl From<sqlx::Error> for LawError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// What an account said; nothing, of one that does not exist.
///
/// # Errors
/// The database's.
pub async fn load(store: &Store, account: AccountId) -> sqlx::Result<Profile> {
    let row: Option<Option<Json<Profile>>> =
        on!(store.read(), |c| sqlx::query_scalar(queries::PROFILE).bind(account).fetch_optional(c).await)?;
    Ok(row.flatten().map(|Json(profile)| profile).unwrap_or_default())
}

/// Messengers through which the law lets an account write to nobody today, by its own clock.
///
/// # Errors
/// The database's.
pub async fn barred(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<Vec<ChannelKind>> {
    let said = load(store, account).await?;
    let day = now.with_timezone(&settings::zone(store, account).await?).date_naive();
    Ok(ChannelKind::ALL.iter().copied().filter(|kind| book().bars(&said, *kind, day)).collect())
}

async fn held(tx: &mut Tx, account: AccountId) -> Result<Profile, AccountError> {
    on!(tx.conn(), |c| sqlx::query(queries::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let row: Option<Option<Json<Profile>>> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::PROFILE).bind(account).fetch_optional(c).await)?;
    Ok(row.ok_or(AccountError::NotFound)?.map(|Json(profile)| profile).unwrap_or_default())
}

async fn write(tx: &mut Tx, account: AccountId, profile: &Profile) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::WRITE).bind(account).bind(Json(profile)).execute(c).await.map(|_| ()))
}

/// Says where a company works and what it does. In another country than Russia nothing turns on
/// what it does, and nothing is kept of it.
///
/// # Errors
/// [`LawError::Account`].
pub async fn say(
    store: &Store,
    by: impl Into<By<'_>>,
    country: Country,
    category: Option<Category>,
    now: Moment,
) -> Result<Profile, LawError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let old = held(&mut tx, by.account()).await?;
    let category = category.filter(|_| country == Country::Ru);
    let new = Profile { country: Some(country), category, ..old.clone() };
    if new == old {
        return Ok(new);
    }
    write(&mut tx, by.account(), &new).await?;
    let said = |profile: &Profile| json!({ "country": profile.country, "category": profile.category });
    by.audit(&mut tx, "law.profile", by.account(), json!({ "from": said(&old), "to": said(&new) }), now).await?;
    tx.commit().await?;
    Ok(new)
}

/// Switches a rule off, on the record: who, when, why, and what was known of the rule.
///
/// # Errors
/// [`LawError`].
pub async fn switch_off(store: &Store, by: impl Into<By<'_>>, rule: &str, reason: &str, now: Moment) -> Result<Profile, LawError> {
    let by = by.into();
    by.need(Right::Own)?;
    let known = book().rule(rule).ok_or_else(|| LawError::NoRule(rule.to_owned()))?;
    if !known.off {
        return Err(LawError::NoSwitch(rule.to_owned()));
    }
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if !(REASON.0..=REASON.1).contains(&reason.chars().count()) {
        return Err(LawError::Reason);
    }
    let mut tx = store.begin().await?;
    let mut profile = held(&mut tx, by.account()).await?;
    let details = json!({ "rule": rule, "reason": reason, "source": known.source, "reviewed": known.reviewed });
    let name = match &by {
        By::Member(actor) => actor.name.clone(),
        By::Admin(_) => by.trail(),
    };
    profile.off.insert(rule.to_owned(), Switched { reason, by: name, at: now });
    write(&mut tx, by.account(), &profile).await?;
    by.audit(&mut tx, "law.off", rule, details, now).await?;
    tx.commit().await?;
    Ok(profile)
}

/// Switches a rule on again. What waits is asked about at its claim.
///
/// # Errors
/// [`LawError::Account`].
pub async fn switch_on(store: &Store, by: impl Into<By<'_>>, rule: &str, now: Moment) -> Result<Profile, LawError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let mut profile = held(&mut tx, by.account()).await?;
    let Some(was) = profile.off.remove(rule) else { return Ok(profile) };
    write(&mut tx, by.account(), &profile).await?;
    by.audit(&mut tx, "law.on", rule, json!({ "rule": rule, "was": was }), now).await?;
    tx.commit().await?;
    Ok(profile)
}

/// Whether what a rule finds in a text stops it, or is warned of. A rule that is an error by itself
/// stays one.
///
/// # Errors
/// [`LawError::NoRule`], [`LawError::NoSwitch`] of a rule that finds nothing in texts;
/// [`LawError::Account`].
pub async fn set_strict(store: &Store, by: impl Into<By<'_>>, rule: &str, strict: bool, now: Moment) -> Result<Profile, LawError> {
    let by = by.into();
    by.need(Right::Own)?;
    let known = book().rule(rule).ok_or_else(|| LawError::NoRule(rule.to_owned()))?;
    if known.severity != Severity::Warning {
        return Err(LawError::NoSwitch(rule.to_owned()));
    }
    let mut tx = store.begin().await?;
    let mut profile = held(&mut tx, by.account()).await?;
    let changed = if strict { profile.strict.insert(rule.to_owned()) } else { profile.strict.remove(rule) };
    if !changed {
        return Ok(profile);
    }
    write(&mut tx, by.account(), &profile).await?;
    by.audit(&mut tx, "law.strict", rule, json!({ "rule": rule, "strict": strict }), now).await?;
    tx.commit().await?;
    Ok(profile)
}

/// Words that are trademarks of the company, or of whose goods it sells. Whoever writes texts may
/// say so; it is on the trail.
///
/// # Errors
/// [`LawError::Account`].
pub async fn add_trademarks(store: &Store, by: impl Into<By<'_>>, words: &[String], now: Moment) -> Result<Profile, LawError> {
    let by = by.into();
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let mut profile = held(&mut tx, by.account()).await?;
    let new: Vec<String> = words.iter().map(|word| word.to_lowercase()).filter(|word| !profile.trademarks.contains(word)).collect();
    if new.is_empty() || profile.trademarks.len() + new.len() > TRADEMARKS {
        return Ok(profile);
    }
    profile.trademarks.extend(new.iter().cloned());
    write(&mut tx, by.account(), &profile).await?;
    by.audit(&mut tx, "law.trademarks", by.account(), json!({ "added": new }), now).await?;
    tx.commit().await?;
    Ok(profile)
}

/// No word is a trademark any more.
///
/// # Errors
/// [`LawError::Account`].
pub async fn clear_trademarks(store: &Store, by: impl Into<By<'_>>, now: Moment) -> Result<Profile, LawError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let mut profile = held(&mut tx, by.account()).await?;
    if profile.trademarks.is_empty() {
        return Ok(profile);
    }
    let gone = std::mem::take(&mut profile.trademarks);
    write(&mut tx, by.account(), &profile).await?;
    by.audit(&mut tx, "law.trademarks", by.account(), json!({ "removed": gone }), now).await?;
    tx.commit().await?;
    Ok(profile)
}
