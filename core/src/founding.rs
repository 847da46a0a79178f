//! Founding an account: the company, its first owner, and the consent wordings it begins with.

use serde_json::json;

use crate::{
    account::{AccountError, By, Language, Role, member, name, queries, settings},
    clock::Moment,
    consent::wording,
    id::{AccountId, MemberId},
    on,
    secret::Secret,
    store::Store,
};

/// A company to be founded.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    pub name: &'a str,
    /// IANA time zone.
    pub zone: &'a str,
    pub language: Language,
    /// ISO 3166 region of phones written without a country code.
    pub phone_region: &'a str,
    /// Who advertises; may be empty until the first advertising message.
    pub advertiser: &'a str,
    /// The first owner's login.
    pub owner_login: &'a str,
    /// The first owner's password.
    pub owner_password: &'a Secret,
    /// The first owner's name.
    pub owner_name: &'a str,
}

/// What was founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Founded {
    /// The company.
    pub account: AccountId,
    /// Its first owner.
    pub owner: MemberId,
}

/// Founds an account: the command line's act.
///
/// # Errors
/// [`AccountError`].
pub async fn create(store: &Store, new: &NewAccount<'_>, now: Moment) -> Result<Founded, AccountError> {
    let company = name(new.name)?;
    let zone = settings::zone_name(new.zone)?;
    let region = settings::region(new.phone_region)?;
    let owner = member::NewMember {
        login: new.owner_login,
        password: new.owner_password,
        name: new.owner_name,
        role: Role::Owner,
        language: new.language,
    };
    let owner = member::ready(&owner, &company).await?;
    let account = AccountId::new();
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_ACCOUNT)
        .bind(account)
        .bind(&company)
        .bind(&zone)
        .bind(new.language)
        .bind(&region)
        .bind(new.advertiser.trim())
        .bind(settings::FIRST_CAP_HOURS)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    let actor = member::insert(&mut tx, account, &owner, now).await?;
    wording::found(&mut tx, account, &company, now).await?;
    By::Admin(account).audit(&mut tx, "account.create", account, json!({ "owner": actor.member }), now).await?;
    tx.commit().await?;
    Ok(Founded { account, owner: actor.member })
}
