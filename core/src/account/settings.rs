//! What an account decided for itself: zone, language, phone region, the weakest evidence for
//! advertising, the frequency cap, who advertises.

use serde_json::json;

use super::{AccountError, By, Language, Right, name, queries};
use crate::{clock::Moment, id::AccountId, on, store::Store, text::said::places, words::Grade};

/// Hours between two advertising messages to one person in a new account: a day. The owner changes
/// it.
pub const FIRST_CAP_HOURS: i32 = 24;

/// The settings of an account.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountSettings {
    /// The company's name.
    pub name: String,
    /// IANA time zone.
    pub zone: String,
    /// The language of new members and of customers who told none.
    pub language: Language,
    /// ISO 3166 region of phones written without a country code.
    pub phone_region: String,
    /// The weakest evidence with which advertising may be sent.
    pub min_grade: Grade,
    /// Hours between two advertising messages to one person; 0: no cap.
    pub cap_hours: i32,
    /// Who advertises, as advertising messages must say.
    pub advertiser: String,
    /// Days without use after which a session ends.
    pub session_idle_days: i32,
    /// Days after the sign-in after which a session ends.
    pub session_max_days: i32,
    /// Every member proves a second factor ([`super::second`]).
    pub second_factor: bool,
    /// The licensor may show the company's logo (clause 9.4).
    pub logo_allowed: bool,
}

impl AccountSettings {
    /// The zone to count and show times in.
    #[must_use]
    pub fn tz(&self) -> chrono_tz::Tz {
        // Only zones the table knows are let in; an older program's row would fall back to UTC.
        self.zone.parse().unwrap_or(chrono_tz::UTC)
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The company's name.
    Name(String),
    /// A time zone by its IANA name, a city of it, or its difference from UTC.
    Zone(String),
    Language(Language),
    /// Region of phones: two letters, a country's name or its code.
    PhoneRegion(String),
    /// The weakest evidence for advertising.
    MinGrade(Grade),
    /// Hours between two advertising messages.
    CapHours(i32),
    /// Who advertises.
    Advertiser(String),
    /// Days without use after which a session ends.
    SessionIdle(i32),
    /// Days after the sign-in after which a session ends.
    SessionMax(i32),
    /// Whether every member proves a second factor.
    SecondFactor(bool),
    /// Whether the licensor may show the company's logo.
    Logo(bool),
}

/// Why a value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// Neither in the IANA table nor a known city.
    #[error("there is no such time zone: write a city (Novosibirsk) or Asia/Novosibirsk")]
    Zone,
    /// Not an ISO 3166 region with phones.
    #[error("there is no such country: write its name or two letters (RU)")]
    Region,
    /// Advertising needs C or better; the owner's word alone (D) is not enough.
    #[error("advertising needs evidence of grade A, B or C")]
    Grade,
    /// Outside 0–720.
    #[error("the cap is 0 to 720 hours")]
    Cap,
    /// Outside 1–365.
    #[error("a session lasts 1 to 365 days")]
    Session,
    /// Whoever demands a second factor of everybody shuts themselves out until they set one up:
    /// they do so first.
    #[error("set up your own second factor first")]
    OwnSecondFirst,
    /// Longer than 200 characters.
    #[error("the advertiser's name has 200 characters at most")]
    Advertiser,
}

/// An account's settings; `None`: no such account.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId) -> sqlx::Result<Option<AccountSettings>> {
    on!(store.read(), |c| sqlx::query_as(queries::SETTINGS).bind(account).fetch_optional(c).await)
}

/// The company's name.
///
/// # Errors
/// [`AccountError::NotFound`]; the database's.
pub async fn company(store: &Store, account: AccountId) -> Result<String, AccountError> {
    Ok(get(store, account).await?.ok_or(AccountError::NotFound)?.name)
}

/// An account's zone; UTC for one that does not exist.
///
/// # Errors
/// The database's.
pub async fn zone(store: &Store, account: AccountId) -> sqlx::Result<chrono_tz::Tz> {
    Ok(get(store, account).await?.map_or(chrono_tz::UTC, |s| s.tz()))
}

pub(crate) fn zone_name(raw: &str) -> Result<String, BadSetting> {
    places::zone(raw).map(|zone| zone.name().to_owned()).ok_or(BadSetting::Zone)
}

pub(crate) fn region(raw: &str) -> Result<String, BadSetting> {
    // A country by its name; one that is not in the table by its two letters.
    let raw = places::region(raw).map_or_else(|| raw.trim().to_uppercase(), str::to_owned);
    raw.parse::<phonenumber::country::Id>().map(|_| raw).map_err(|_| BadSetting::Region)
}

fn applied(mut settings: AccountSettings, change: &Change) -> Result<AccountSettings, AccountError> {
    match change {
        Change::Name(raw) => settings.name = name(raw)?,
        Change::Zone(raw) => settings.zone = zone_name(raw)?,
        Change::Language(language) => settings.language = *language,
        Change::PhoneRegion(raw) => settings.phone_region = region(raw)?,
        Change::MinGrade(Grade::D) => return Err(BadSetting::Grade.into()),
        Change::MinGrade(grade) => settings.min_grade = *grade,
        Change::CapHours(hours) if !(0..=720).contains(hours) => return Err(BadSetting::Cap.into()),
        Change::CapHours(hours) => settings.cap_hours = *hours,
        Change::SessionIdle(days) | Change::SessionMax(days) if !(1..=365).contains(days) => return Err(BadSetting::Session.into()),
        Change::SessionIdle(days) => settings.session_idle_days = *days,
        Change::SessionMax(days) => settings.session_max_days = *days,
        Change::SecondFactor(demanded) => settings.second_factor = *demanded,
        Change::Logo(allowed) => settings.logo_allowed = *allowed,
        Change::Advertiser(raw) => {
            let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
            if !(1..=200).contains(&text.chars().count()) {
                return Err(BadSetting::Advertiser.into());
            }
            settings.advertiser = text;
        }
    }
    Ok(settings)
}

fn details(old: &AccountSettings, new: &AccountSettings) -> serde_json::Value {
    let field = |s: &AccountSettings| {
        json!({
            "name": s.name, "zone": s.zone, "language": s.language, "phone_region": s.phone_region,
            "min_grade": s.min_grade, "cap_hours": s.cap_hours, "advertiser": s.advertiser,
            "session_idle_days": s.session_idle_days, "session_max_days": s.session_max_days,
            "second_factor": s.second_factor, "logo_allowed": s.logo_allowed,
        })
    };
    json!({ "from": field(old), "to": field(new) })
}

/// Changes a setting; returns the settings as they are now.
///
/// # Errors
/// [`AccountError`].
pub async fn change(store: &Store, by: impl Into<By<'_>>, change: &Change, now: Moment) -> Result<AccountSettings, AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let old: Option<AccountSettings> = on!(tx.conn(), |c| sqlx::query_as(queries::SETTINGS).bind(by.account()).fetch_optional(c).await)?;
    let old = old.ok_or(AccountError::NotFound)?;
    let new = applied(old.clone(), change)?;
    if new == old {
        return Ok(new);
    }
    if new.second_factor
        && !old.second_factor
        && let Some(member) = by.member()
    {
        let has: bool = on!(tx.conn(), |c| sqlx::query_scalar(queries::HAS_SECOND).bind(by.account()).bind(member).fetch_one(c).await)?;
        if !has {
            return Err(BadSetting::OwnSecondFirst.into());
        }
    }
    on!(tx.conn(), |c| sqlx::query(queries::UPDATE_SETTINGS)
        .bind(by.account())
        .bind(&new.name)
        .bind(&new.zone)
        .bind(new.language)
        .bind(&new.phone_region)
        .bind(new.min_grade)
        .bind(new.cap_hours)
        .bind(&new.advertiser)
        .bind(new.session_idle_days)
        .bind(new.session_max_days)
        .bind(new.second_factor)
        .bind(new.logo_allowed)
        .execute(c)
        .await
        .map(|_| ()))?;
    by.audit(&mut tx, "settings.change", by.account(), details(&old, &new), now).await?;
    tx.commit().await?;
    Ok(new)
}
