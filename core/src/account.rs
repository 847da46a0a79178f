//! Companies, their members, logins, sessions and licences.

pub mod export;
pub mod feature;
pub mod invitation;
pub mod key;
pub mod licence;
pub mod load;
pub mod login;
pub mod member;
pub mod order;
pub mod password;
pub mod payment;
pub mod plan;
pub mod queries;
pub mod reset;
pub mod second;
pub mod session;
pub mod settings;
pub mod suspension;
pub mod usage;

#[cfg(test)]
mod tests;

pub use login::{LoginError, SignedIn, login};
pub use session::authenticate;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, MemberId},
    on,
    store::{Store, Tx, audit},
};

/// A language the product speaks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Language {
    /// Russian, the first language of the product.
    #[default]
    Ru,
    /// English.
    En,
}

impl Language {
    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The product's language for an IETF tag (`ru-RU`, `en`, `uk` …): Russian for the languages
    /// whose speakers mostly read Russian, English for the rest.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "ru" | "be" | "uk" | "kk" | "ky" | "tg" | "tt" | "ba" | "uz" | "hy" | "az" => Self::Ru,
            _ => Self::En,
        }
    }
}

/// What a member is allowed, as a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// Everything, members and channels too.
    Owner,
    /// Contacts, segments, templates, campaigns; approves nothing.
    Manager,
    /// Sees all, approves templates and campaigns of others.
    Approver,
    /// Sees, changes nothing.
    Viewer,
}

/// One thing a member may or may not do; every update and every button asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// See screens.
    View,
    /// Change contacts, segments, templates, campaigns; launch, pause, stop; answer customers.
    Edit,
    /// Approve or return what another member submitted.
    Approve,
    /// Take customers' data out as a file: contacts, recipients of a campaign, a person's consents,
    /// refused rows of an import, photos and documents of a conversation.
    Export,
    /// Gather evidence: dossiers of people, lists and campaigns, and the register of requests.
    Evidence,
    /// Members, invitations, sessions of others, channels, CRM connections, settings.
    Own,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Manager, Self::Approver, Self::Viewer];

    /// Whether this role has that right.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        match right {
            Right::View => true,
            Right::Edit | Right::Evidence => matches!(self, Self::Owner | Self::Manager),
            Right::Export => !matches!(self, Self::Viewer),
            Right::Approve => matches!(self, Self::Owner | Self::Approver),
            Right::Own => matches!(self, Self::Owner),
        }
    }
}

/// A signed-in member, as every change wants to know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub account: AccountId,
    pub member: MemberId,
    pub role: Role,
    pub language: Language,
    /// The name others see.
    pub name: String,
}

/// Who makes a change: a signed-in member, or the person at the server's command line.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A member; their role decides.
    Member(&'a Actor),
    /// `mms admin`, acting on this account; may do everything.
    Admin(AccountId),
}

impl<'a> From<&'a Actor> for By<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self::Member(actor)
    }
}

impl By<'_> {
    /// Whose rows the change may touch.
    #[must_use]
    pub fn account(&self) -> AccountId {
        match self {
            Self::Member(actor) => actor.account,
            Self::Admin(account) => *account,
        }
    }

    /// The member, when it is one.
    #[must_use]
    pub fn member(&self) -> Option<MemberId> {
        match self {
            Self::Member(actor) => Some(actor.member),
            Self::Admin(_) => None,
        }
    }

    /// The name in the audit trail: the member's id, or `admin`.
    #[must_use]
    pub fn trail(&self) -> String {
        match self {
            Self::Member(actor) => actor.member.to_string(),
            Self::Admin(_) => "admin".to_owned(),
        }
    }

    /// Asks for a right.
    ///
    /// # Errors
    /// [`AccountError::Forbidden`].
    pub fn need(&self, right: Right) -> Result<(), AccountError> {
        match self {
            Self::Member(actor) if !actor.role.may(right) => Err(AccountError::Forbidden(right)),
            _ => Ok(()),
        }
    }

    /// Writes the change down in its own transaction.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        action: &str,
        subject: impl ToString,
        details: serde_json::Value,
        now: crate::clock::Moment,
    ) -> sqlx::Result<()> {
        audit::record(tx, self.account(), &self.trail(), action, &subject.to_string(), &details, now).await
    }
}

/// Why a change of accounts, members or sessions was not made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The role does not allow it.
    #[error("this role has no such right ({0:?})")]
    Forbidden(Right),
    /// The account has no such member, session, invitation or licence.
    #[error("there is no such thing in this account")]
    NotFound,
    /// Somebody has this login already; logins are unique over all accounts of a server.
    #[error("this login is taken")]
    LoginTaken,
    /// A login is 3–32 Latin letters, digits and `._-@`.
    #[error("a login is 3 to 32 Latin letters, digits and the signs . _ - @")]
    BadLogin,
    /// The name is empty or longer than 100 characters.
    #[error("a name has 1 to 100 characters")]
    BadName,
    /// The password is too easy to guess.
    #[error("the password is too weak: {0}")]
    WeakPassword(#[from] password::Weak),
    /// The old password, asked again before a change, is not right.
    #[error("the password is wrong")]
    WrongPassword,
    /// The new password is the old one.
    #[error("the new password is the one there is")]
    SamePassword,
    /// Asked too often: not before then.
    #[error("too many wrong passwords: wait until {0}")]
    Wait(crate::clock::Moment),
    /// An account keeps at least one owner who can sign in.
    #[error("the account would be left without an owner")]
    LastOwner,
    /// The invitation was used, revoked, ran out, or never was.
    #[error("the invitation is not valid")]
    InvitationInvalid,
    /// The licence's plan allows no more of these.
    #[error(transparent)]
    OverLimit(#[from] licence::OverLimit),
    /// One company's load reached its bound.
    #[error(transparent)]
    Heavy(#[from] load::Heavy),
    /// The licensor closed access ([`suspension`]); why.
    #[error("access is suspended: {0}")]
    Suspended(String),
    /// The licensor switched the function off.
    #[error(transparent)]
    FeatureOff(#[from] feature::Off),
    /// A setting's value is outside what is allowed.
    #[error("the value is not allowed: {0}")]
    BadSetting(#[from] settings::BadSetting),
    /// The password could not be hashed: the machine is out of memory, or a stored hash is not one.
    #[error("the password could not be checked: {0}")]
    Hashing(#[from] password::HashingFailed),
    /// The database's.
    #[error("the database failed: {0}")]
    Store(#[from] sqlx::Error),
}

/// The trail's word for a company that is deleted ([`crate::deletion`]).
pub const DELETE: &str = "account.delete";

/// A company, as `mms admin` lists it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountRow {
    pub id: AccountId,
    pub name: String,
    pub created_at: crate::clock::Moment,
}

/// Every account of this server, oldest first: for the command line and the tick only.
///
/// # Errors
/// The database's.
pub async fn all(store: &Store) -> sqlx::Result<Vec<AccountRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::ACCOUNTS).fetch_all(c).await)
}

/// A name of 1–100 characters without line breaks, trimmed.
pub(crate) fn name(raw: &str) -> Result<String, AccountError> {
    let name = crate::text::clean(raw);
    if name.is_empty() || name.chars().count() > 100 { Err(AccountError::BadName) } else { Ok(name) }
}
