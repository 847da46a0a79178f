//! Companies, their members, logins, sessions and licences.

pub mod licence;
pub mod queries;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, MemberId};

/// A language the product speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Language {
    /// Russian, the first language of the product.
    #[default]
    Ru,
    /// English.
    En,
}

/// What a member is allowed, as a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
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
            Right::Edit => matches!(self, Self::Owner | Self::Manager),
            Right::Approve => matches!(self, Self::Owner | Self::Approver),
            Right::Own => matches!(self, Self::Owner),
        }
    }
}

/// A signed-in member, as every change wants to know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Whose.
    pub account: AccountId,
    /// Who.
    pub member: MemberId,
    /// As what.
    pub role: Role,
    /// In which language.
    pub language: Language,
    /// The name others see.
    pub name: String,
}
