//! Statements of the consent room.

/// What a wording is read by.
macro_rules! wording_columns {
    () => {
        "id, purpose, language, version, body, created_by, created_at"
    };
}

/// Suppressions that hold for a person: of any address they have, whoever it was that said stop
/// from it; of any address they had, when the company itself put it on its list; and what was noted
/// in their name. One text for everybody who asks: forecast and planning ask for all of an account
/// at once (`people of`), a claim and a reply for one contact (`of`). A block holds for its address
/// alone and is asked for by [`blocked!`](crate::blocked).
///
/// The arguments are literals: what is selected of the suppression `s`, the SQL of the account's id
/// and of the contact's.
#[macro_export]
macro_rules! stops {
    (@live) => {
        "s.lifted_at is null and s.reason <> 'blocked'"
    };
    (@same) => {
        concat!("x.account_id = s.account_id and x.kind = s.kind and x.value = s.value and ", $crate::stops!(@live))
    };
    // The joins are crossed in the order in which SQLite must go: it keeps no statistics of either
    // table.
    (people of $account:literal) => {
        concat!(
            "select x.contact_id from suppression s cross join address x where s.account_id = ",
            $account,
            " and ",
            $crate::stops!(@same),
            " union all select x.contact_id from suppression s cross join former_address x where s.account_id = ",
            $account,
            " and s.contact_id is null and ",
            $crate::stops!(@same),
            " union all select s.contact_id from suppression s where s.account_id = ",
            $account,
            " and s.contact_id is not null and ",
            $crate::stops!(@live),
        )
    };
    ($what:literal of $account:literal, $contact:literal) => {
        concat!(
            "select ",
            $what,
            " from address x cross join suppression s where x.contact_id = ",
            $contact,
            " and ",
            $crate::stops!(@same),
            " union all select ",
            $what,
            " from former_address x cross join suppression s where x.contact_id = ",
            $contact,
            " and s.contact_id is null and ",
            $crate::stops!(@same),
            " union all select ",
            $what,
            " from suppression s where s.contact_id = ",
            $contact,
            " and s.account_id = ",
            $account,
            " and ",
            $crate::stops!(@live),
        )
    };
}

/// An SQL condition: this very address (`a`) is one whose owner blocked the sender it belongs to.
#[macro_export]
macro_rules! blocked {
    ($address:literal) => {
        concat!(
            "exists (select 1 from suppression s where s.account_id = ",
            $address,
            ".account_id and s.kind = ",
            $address,
            ".kind and s.value = ",
            $address,
            ".value and s.scope_id = ",
            $address,
            ".scope_id and s.reason = 'blocked' and s.lifted_at is null)"
        )
    };
}

/// An SQL condition: nobody may reply to the contact `c`. They said stop, or stand on a list of
/// those never written to, and have not written since. Who writes after their stop may be answered;
/// whoever asks, asks by this one text.
#[macro_export]
macro_rules! not_to_be_answered {
    () => {
        concat!(
            "((c.opted_out_at is not null and (c.last_answered_at is null or c.last_answered_at <= c.opted_out_at)) \
             or exists (select 1 from (",
            $crate::stops!("s.created_at" of "c.account_id", "c.id"),
            ") st where c.last_answered_at is null or c.last_answered_at <= st.created_at))"
        )
    };
}

/// An SQL condition: a doubt about the contact is open, so no advertising goes to them.
#[macro_export]
macro_rules! in_doubt {
    ($account:literal, $contact:literal) => {
        concat!(
            "exists (select 1 from doubt q where q.account_id = ",
            $account,
            " and q.contact_id = ",
            $contact,
            " and q.closed_at is null)"
        )
    };
}

/// Appends to the ledger.
pub const INSERT: &str = "insert into consent (account_id, contact_id, purpose, action, grade, wording_id, channel_id, evidence, actor, at, recorded_at, batch) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
/// The steps of one contact for one purpose.
pub const STEPS: &str = "select action, grade, at, id from consent where account_id = $1 and contact_id = $2 and purpose = $3";
/// The same for every purpose.
pub const ALL_STEPS: &str = "select purpose, action, grade, at, id from consent where account_id = $1 and contact_id = $2";
/// Whether the account has the contact; on SQLite the one writer needs no lock.
pub const CONTACT: &str = "select id from contact where account_id = $1 and id = $2";
/// The grade that a ledger of advertising amounts to.
pub const SET_MARKETING: &str = "update contact set marketing_grade = $3 where account_id = $1 and id = $2";
/// The grade that a ledger of personal data amounts to.
pub const SET_PERSONAL_DATA: &str = "update contact set personal_data_grade = $3 where account_id = $1 and id = $2";

/// A new version of a wording; the number of two at once differs by the unique key.
pub const INSERT_WORDING: &str = "insert into wording (id, account_id, purpose, language, version, body, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
/// The newest version of a wording.
pub const WORDING: &str = concat!(
    "select ",
    wording_columns!(),
    " from wording where account_id = $1 and purpose = $2 and language = $3 order by version desc limit 1"
);
/// One version by its id.
pub const WORDING_BY_ID: &str = concat!("select ", wording_columns!(), " from wording where account_id = $1 and id = $2");
/// All versions of all wordings, newest first within each.
pub const WORDINGS: &str =
    concat!("select ", wording_columns!(), " from wording where account_id = $1 order by purpose, language, version desc");

/// Marks a contact as out, once.
pub const MARK_OUT: &str = "update contact set opted_out_at = $3 where account_id = $1 and id = $2 and opted_out_at is null";
/// Who is out says it again, after having written or been asked: what they wrote before this is
/// answered no more, and a «yes» under an older question does not bring them back.
pub const OUT_AGAIN: &str = "update contact set opted_out_at = $3 where account_id = $1 and id = $2 and opted_out_at < $3 \
    and (last_answered_at >= opted_out_at or data_asked_at >= opted_out_at or ads_asked_at >= opted_out_at)";
/// Marks a contact as back.
pub const MARK_BACK: &str = "update contact set opted_out_at = null where account_id = $1 and id = $2 and opted_out_at is not null";
/// A contact's addresses.
pub const ADDRESSES: &str = "select kind, value from address where account_id = $1 and contact_id = $2 order by id";
/// What a note to the CRM is written in.
pub const NOTE_SETTINGS: &str = "select language, zone from account where id = $1";
/// What a channel is called.
pub const CHANNEL_NAME: &str = "select name from channel where account_id = $1 and id = $2";
/// Of which messenger a channel is.
pub const CHANNEL_KIND: &str = "select kind from channel where account_id = $1 and id = $2";
/// A contact's addresses at a channel.
pub const ADDRESSES_AT: &str =
    "select value from address where account_id = $1 and contact_id = $2 and kind = $3 and scope_id = $4 order by id";
/// Suppresses an address; one that is suppressed for this reason stays as it is.
pub const SUPPRESS: &str = "insert into suppression (id, account_id, kind, value, scope_id, reason, contact_id, evidence, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (account_id, kind, value, scope_id, reason) where lifted_at is null do nothing";
/// Why an address is not written to, but for what its owner said or did: each reason once.
pub const FORBIDDEN_BY_OTHERS: &str = "select reason, contact_id from suppression where account_id = $1 and kind = $2 and value = $3 \
    and reason in ('complaint', 'manual') and lifted_at is null order by reason";
/// Lifts what the contact said themselves: of their addresses as they are, and as they were when
/// they said it.
pub const LIFT_OF_CONTACT: &str = "update suppression set lifted_at = $3, lifted_reason = 'came_back' where lifted_at is null and reason in ('opt_out', 'blocked') and id in (select s.id from suppression s where s.contact_id = $2 and s.account_id = $1 and s.lifted_at is null union select s.id from address a cross join suppression s where a.account_id = $1 and a.contact_id = $2 and s.account_id = a.account_id and s.kind = a.kind and s.value = a.value and s.lifted_at is null)";
/// What a contact must not be written to for, each reason once.
pub const STOPPED_FOR: &str = concat!(
    "select t.reason from (",
    stops!("s.reason as reason" of "$1", "$2"),
    ") t union select 'opt_out' from contact c where c.account_id = $1 and c.id = $2 and c.opted_out_at is not null"
);
/// Takes away what was noted in the name of somebody who is erased.
pub const FORGET_NOTED: &str = "delete from suppression where contact_id = $2 and account_id = $1";
/// Takes an address of theirs off the list.
pub const FORGET_ADDRESS: &str = "delete from suppression where account_id = $1 and kind = $2 and value = $3";
/// Lifts a suppression of the account's own list.
pub const LIFT_MANUAL: &str = "update suppression set lifted_at = $3, lifted_reason = 'member' where account_id = $1 and id = $2 and reason = 'manual' and lifted_at is null";
/// Since when the owner of an address has said stop.
pub const SAID_STOP: &str = "select created_at from suppression where account_id = $1 and kind = $2 and value = $3 and reason = 'opt_out' and lifted_at is null order by created_at desc limit 1";
/// Lifts what a block put on an address: its owner unblocked us, or wrote.
pub const UNBLOCK: &str = "update suppression set lifted_at = $5, lifted_reason = 'unblocked' where account_id = $1 and kind = $2 and value = $3 and scope_id = $4 and reason = 'blocked' and lifted_at is null";
/// Whose an address is.
pub const ADDRESS_AT: &str = "select contact_id, id from address where account_id = $1 and kind = $2 and value = $3 and scope_id = $4";
/// Notes that an address cannot be written to, for its owner blocked us.
pub const MARK_BLOCKED: &str =
    "update address set state = 'unreachable', state_reason = 'blocked', updated_at = $3 where account_id = $1 and id = $2";

/// Opens a doubt about a contact, unless one is open.
pub const OPEN_DOUBT: &str = "insert into doubt (account_id, contact_id, channel_id, message_ref, opened_at) select k.account_id, k.id, $3, $4, $5 from contact k where k.account_id = $1 and k.id = $2 and k.opted_out_at is null and k.deleted_at is null on conflict (account_id, contact_id) where closed_at is null do nothing returning id";
/// A contact's open doubt.
pub const DOUBT: &str = "select q.id, q.opened_at, q.message_ref, h.name as channel from doubt q join channel h on h.id = q.channel_id where q.account_id = $1 and q.contact_id = $2 and q.closed_at is null";
/// Closes a contact's open doubt.
pub const CLOSE_DOUBT: &str = "update doubt set closed_at = $3, outcome = $4, evidence = $5, member_id = $6, reason = $7 where account_id = $1 and contact_id = $2 and closed_at is null";
/// The same of a contact about whom the doubt was opened together with another's ($8), if that
/// one's is still open.
pub const CLOSE_DOUBT_ALIKE: &str = "update doubt set closed_at = $3, outcome = $4, evidence = $5, member_id = $6, reason = $7 \
    where account_id = $1 and contact_id = $2 and closed_at is null and exists (select 1 from doubt o where o.account_id = $1 \
    and o.contact_id = $8 and o.closed_at is null and o.channel_id = doubt.channel_id and o.opened_at = doubt.opened_at)";
/// Others who write from the very chat of a contact, to another sender of the company: a messenger
/// gives a person one address for all of them.
pub const SAME_CHATS: &str = "select distinct y.contact_id from address x join address y on y.account_id = x.account_id and y.kind = x.kind \
    and y.value = x.value where x.account_id = $1 and x.contact_id = $2 and y.contact_id <> $2";
/// The doubt a question was about, if it is this contact's.
pub const DOUBT_OF: &str = "select closed_at is null from doubt where account_id = $1 and contact_id = $2 and id = $3";
/// Moves an open doubt to the contact its chat turned out to belong to, unless there is one.
pub const MOVE_DOUBT: &str = "update doubt set contact_id = $3 where account_id = $1 and contact_id = $2 and closed_at is null and not exists (select 1 from doubt o where o.account_id = $1 and o.contact_id = $3 and o.closed_at is null)";
/// A doubt that was moved with its contact is that contact's again.
pub const DOUBT_BACK: &str = "update doubt set contact_id = $4, closed_at = null, outcome = null, evidence = null \
    where account_id = $1 and id = $2 and (outcome = 'moved' or (contact_id = $3 and closed_at is null))";
/// Suppressions that were noted in a contact's name.
pub const NOTED_FOR: &str = "select id from suppression where account_id = $1 and contact_id = $2 and lifted_at is null";
/// They are another contact's, who is the same person.
pub const NOTE_FOR: &str = "update suppression set contact_id = $3 where account_id = $1 and contact_id = $2 and lifted_at is null";
/// One of them is its contact's again.
pub const NOTE_BACK: &str =
    "update suppression set contact_id = $3 where account_id = $1 and contact_id = $2 and id = $4 and lifted_at is null";
/// So is what stands at the contact's own addresses.
pub const NOTE_ADDRESSES_BACK: &str = "update suppression set contact_id = $3 where account_id = $1 and contact_id = $2 and lifted_at is null \
    and exists (select 1 from address a where a.account_id = $1 and a.contact_id = $3 and a.kind = suppression.kind and a.value = suppression.value)";
/// Everything of a contact's ledger for one purpose with its evidence, oldest first.
pub const LEDGER: &str = "select action, grade, wording_id, channel_id, evidence, at from consent \
    where account_id = $1 and contact_id = $2 and purpose = $3 order by at, id";
/// A contact's doubts, oldest first, for the dossier.
pub const DOUBTS: &str = "select q.id, q.opened_at, q.message_ref, h.name as channel, q.closed_at, q.outcome, b.name as member, q.reason from doubt q join channel h on h.id = q.channel_id left join member b on b.id = q.member_id where q.account_id = $1 and q.contact_id = $2 order by q.id";
/// Live suppressions, newest first.
pub const SUPPRESSIONS: &str = "select id, kind, value, scope_id, reason, contact_id, created_at from suppression where account_id = $1 and lifted_at is null order by created_at desc, id desc limit $2 offset $3";
/// One of them.
pub const SUPPRESSION: &str = "select id, kind, value, scope_id, reason, contact_id, created_at from suppression where account_id = $1 and id = $2 and lifted_at is null";
/// Live suppressions by reason.
pub const SUPPRESSION_COUNTS: &str =
    "select reason, count(*) from suppression where account_id = $1 and lifted_at is null group by reason order by reason";
/// A contact's name.
pub const NAME: &str = "select name from contact where account_id = $1 and id = $2";
/// A contact's ledger with what it refers to, oldest first.
pub const DOSSIER: &str = "select e.id, e.purpose, e.action, e.grade, e.at, e.recorded_at, e.actor, e.evidence, h.name as channel_name, w.version as wording_version, w.body as wording_body from consent e left join channel h on h.id = e.channel_id left join wording w on w.id = e.wording_id where e.account_id = $1 and e.contact_id = $2 order by e.at, e.id";
/// What a contact wrote by a message of this name.
pub const WORDS: &str =
    "select body from chat_message where account_id = $1 and contact_id = $2 and message_ref = $3 and direction = 'in' order by id limit 1";
/// What a member is called.
pub const MEMBER_NAME: &str = "select name from member where account_id = $1 and id = $2";
/// What a CRM is called.
pub const CRM_NAME: &str = "select name from crm_connection where account_id = $1 and id = $2";
/// A version of a wording.
pub const WORDING_VERSION: &str =
    concat!("select ", wording_columns!(), " from wording where account_id = $1 and purpose = $2 and language = $3 and version = $4");

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
    WORDING_BY_ID,
    WORDINGS,
    WORDING_VERSION,
    MARK_OUT,
    OUT_AGAIN,
    MARK_BACK,
    ADDRESSES,
    NOTE_SETTINGS,
    CHANNEL_NAME,
    CHANNEL_KIND,
    ADDRESSES_AT,
    SUPPRESS,
    STOPPED_FOR,
    FORGET_NOTED,
    FORGET_ADDRESS,
    LIFT_OF_CONTACT,
    LIFT_MANUAL,
    SAID_STOP,
    FORBIDDEN_BY_OTHERS,
    UNBLOCK,
    ADDRESS_AT,
    MARK_BLOCKED,
    OPEN_DOUBT,
    DOUBT,
    CLOSE_DOUBT,
    CLOSE_DOUBT_ALIKE,
    SAME_CHATS,
    DOUBT_OF,
    MOVE_DOUBT,
    DOUBT_BACK,
    NOTED_FOR,
    NOTE_FOR,
    NOTE_BACK,
    NOTE_ADDRESSES_BACK,
    LEDGER,
    DOUBTS,
    SUPPRESSIONS,
    SUPPRESSION,
    SUPPRESSION_COUNTS,
    NAME,
    DOSSIER,
    WORDS,
    MEMBER_NAME,
    CRM_NAME,
];
