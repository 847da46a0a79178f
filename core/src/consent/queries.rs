//! Statements of the consent room.

/// Appends to the ledger.
pub const INSERT: &str = "insert into consent (account_id, contact_id, purpose, action, grade, wording_id, channel_id, evidence, actor, at, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
/// The steps of one contact for one purpose.
pub const STEPS: &str = "select action, grade, at, id from consent where account_id = $1 and contact_id = $2 and purpose = $3";
/// Whether the account has the contact; on SQLite the one writer needs no lock.
pub const CONTACT: &str = "select id from contact where account_id = $1 and id = $2";
/// The fold of advertising.
pub const SET_MARKETING: &str = "update contact set marketing_grade = $3 where account_id = $1 and id = $2";
/// The fold of personal data.
pub const SET_PERSONAL_DATA: &str = "update contact set personal_data_grade = $3 where account_id = $1 and id = $2";

/// A new version of a wording; the number of two at once differs by the unique key.
pub const INSERT_WORDING: &str = "insert into wording (id, account_id, purpose, language, version, body, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
/// The newest version of a wording.
pub const WORDING: &str = "select id, purpose, language, version, body, created_by, created_at from wording where account_id = $1 and purpose = $2 and language = $3 order by version desc limit 1";
/// All versions of all wordings, newest first within each.
pub const WORDINGS: &str = "select id, purpose, language, version, body, created_by, created_at from wording where account_id = $1 order by purpose, language, version desc";

/// Every statement.
pub const ALL: &[&str] = &[INSERT, STEPS, CONTACT, SET_MARKETING, SET_PERSONAL_DATA, INSERT_WORDING, WORDING, WORDINGS];
