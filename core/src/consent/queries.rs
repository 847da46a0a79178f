//! Statements of the consent room.

/// Appends to the ledger.
pub const INSERT: &str = "insert into consent (account_id, contact_id, purpose, action, grade, wording_id, channel_id, evidence, actor, at, recorded_at, batch) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
/// The steps of one contact for one purpose.
pub const STEPS: &str = "select action, grade, at, id from consent where account_id = $1 and contact_id = $2 and purpose = $3";
/// The same for every purpose.
pub const ALL_STEPS: &str = "select purpose, action, grade, at, id from consent where account_id = $1 and contact_id = $2";
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

/// Marks a contact as out, once.
pub const MARK_OUT: &str = "update contact set opted_out_at = $3 where account_id = $1 and id = $2 and opted_out_at is null";
/// Marks a contact as back.
pub const MARK_BACK: &str = "update contact set opted_out_at = null where account_id = $1 and id = $2 and opted_out_at is not null";
/// A contact's addresses.
pub const ADDRESSES: &str = "select kind, value from address where account_id = $1 and contact_id = $2 order by id";
/// What a note to the CRM is written in.
pub const NOTE_SETTINGS: &str = "select language, zone from account where id = $1";
/// Suppresses an address; one that is suppressed for this reason stays as it is.
pub const SUPPRESS: &str = "insert into suppression (id, account_id, kind, value, scope_id, reason, contact_id, evidence, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (account_id, kind, value, scope_id, reason) where lifted_at is null do nothing";
/// Lifts what the contact said themselves: of their addresses as they are, and as they were when they said it.
pub const LIFT_OF_CONTACT: &str = "update suppression set lifted_at = $3, lifted_reason = 'came_back' where lifted_at is null and reason in ('opt_out', 'blocked') and id in (select s.id from suppression s where s.contact_id = $2 and s.account_id = $1 and s.lifted_at is null union select s.id from address a cross join suppression s where a.account_id = $1 and a.contact_id = $2 and s.account_id = a.account_id and s.kind = a.kind and s.value = a.value and s.lifted_at is null)";
/// Lifts a suppression of the account's own list.
pub const LIFT_MANUAL: &str = "update suppression set lifted_at = $3, lifted_reason = 'member' where account_id = $1 and id = $2 and reason = 'manual' and lifted_at is null";
/// Since when the owner of an address has said stop.
pub const SAID_STOP: &str = "select created_at from suppression where account_id = $1 and kind = $2 and value = $3 and (scope_id = $4 or scope_id = $5) and reason in ('opt_out', 'blocked') and lifted_at is null order by created_at desc limit 1";
/// Live suppressions, newest first.
pub const SUPPRESSIONS: &str = "select id, kind, value, scope_id, reason, contact_id, created_at from suppression where account_id = $1 and lifted_at is null order by created_at desc, id desc limit $2 offset $3";
/// Live suppressions by reason.
pub const SUPPRESSION_COUNTS: &str =
    "select reason, count(*) from suppression where account_id = $1 and lifted_at is null group by reason order by reason";
/// A contact's name.
pub const NAME: &str = "select name from contact where account_id = $1 and id = $2";
/// A contact's ledger with what it refers to, oldest first.
pub const DOSSIER: &str = "select e.id, e.purpose, e.action, e.grade, e.at, e.recorded_at, e.actor, e.evidence, h.name as channel_name, w.version as wording_version, w.body as wording_body from consent e left join channel h on h.id = e.channel_id left join wording w on w.id = e.wording_id where e.account_id = $1 and e.contact_id = $2 order by e.at, e.id";
/// A version of a wording.
pub const WORDING_VERSION: &str = "select id, purpose, language, version, body, created_by, created_at from wording where account_id = $1 and purpose = $2 and language = $3 and version = $4";

/// Every statement.
pub const ALL: &[&str] = &[
    INSERT,
    STEPS,
    ALL_STEPS,
    CONTACT,
    SET_MARKETING,
    SET_PERSONAL_DATA,
    INSERT_WORDING,
    WORDING,
    WORDINGS,
    WORDING_VERSION,
    MARK_OUT,
    MARK_BACK,
    ADDRESSES,
    NOTE_SETTINGS,
    SUPPRESS,
    LIFT_OF_CONTACT,
    LIFT_MANUAL,
    SAID_STOP,
    SUPPRESSIONS,
    SUPPRESSION_COUNTS,
    NAME,
    DOSSIER,
];
