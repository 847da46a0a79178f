//! Statements of the contact room.

/// What an import is read by.
macro_rules! import_columns {
    () => {
        "id, account_id, member_id, file_id, (select f.name from file f where f.id = import.file_id) as file_name, state, mapping, origin, basis, counts, next_row, refused_file_id, attempts, error, created_at, \
         finished_at"
    };
}

/// The account's fields in their order.
pub const FIELDS: &str = "select id, key, title, kind from field where account_id = $1 order by position, id";
/// Adds a field.
pub const INSERT_FIELD: &str =
    "insert into field (id, account_id, key, title, kind, position, created_at) values ($1, $2, $3, $4, $5, $6, $7)";
/// Gives a field another title.
pub const RENAME_FIELD: &str = "update field set title = $3 where account_id = $1 and id = $2";

/// What a contact is read by ([`super::Contact`]).
macro_rules! contact_columns {
    () => {
        "id, name, first_name, last_name, language, zone, attributes, marketing_grade, personal_data_grade, opted_out_at, \
         source, last_contacted_at, last_marketing_at, last_answered_at, created_at, deleted_at"
    };
}

/// A contact by its id.
pub const CONTACT: &str = concat!("select ", contact_columns!(), " from contact where account_id = $1 and id = $2");
/// Many of them, held by the text of `contact::bulk::among`.
pub(super) const CONTACTS_AMONG: &str = concat!("select ", contact_columns!(), " from contact where account_id = {} and id {among}{held}");
/// What is here of records of a CRM, and how many records each contact is.
pub(super) const RECORDS_SQLITE: &str = concat!(
    "select s.crm_id as record, (select count(*) from contact_source o where o.contact_id = s.contact_id) as records, ",
    contact_columns!(),
    " from contact_source s join contact on contact.id = s.contact_id and contact.account_id = s.account_id \
     where s.account_id = {} and s.connection_id = {} and s.crm_id {among}"
);
/// The same, each looked up by itself ([`super::bulk::HOLDERS_POSTGRES`]).
pub(super) const RECORDS_POSTGRES: &str = concat!(
    "select v.record, (select count(*) from contact_source o where o.contact_id = c.id) as records, c.* \
     from unnest($3::text[]) as v (record) cross join lateral (select ",
    contact_columns!(),
    " from contact_source s join contact on contact.id = s.contact_id and contact.account_id = s.account_id \
     where s.account_id = $1 and s.connection_id = $2 and s.crm_id = v.record limit 1) c"
);
/// Every statement about many contacts or records.
pub const AMONG: [&[&str]; 2] = [&super::bulk::AMONG, &[RECORDS_SQLITE, OTHERS, OCCASIONS_ABOUT, super::page::AGAIN]];
pub use super::bulk::update_sqlite;
/// What other records of the same contacts say.
pub(super) const OTHERS: &str = "select s.crm_id, o.said from contact_source s join contact_source o on o.contact_id = s.contact_id \
    and (o.connection_id <> s.connection_id or o.crm_id <> s.crm_id) \
    where s.account_id = {} and s.connection_id = {} and s.crm_id {among}";
/// Whether this account of a CRM was connected before, under a connection that was ended.
pub const CONNECTED_BEFORE: &str = "select exists (select 1 from crm_connection n join crm_connection o on o.account_id = n.account_id \
    and o.kind = n.kind and o.external_id = n.external_id and o.state = 'disconnected' and o.id <> n.id \
    where n.account_id = $1 and n.id = $2 and n.external_id <> '')";
/// Whose record of a CRM this is.
pub const BY_CRM: &str = "select contact_id from contact_source where account_id = $1 and connection_id = $2 and crm_id = $3";
/// Whose it was under a connection to the same account of the CRM that was ended.
pub const BY_ENDED_CRM: &str = "select s.contact_id, s.connection_id from crm_connection n join crm_connection o on o.account_id = n.account_id \
    and o.kind = n.kind and o.external_id = n.external_id and o.state = 'disconnected' and o.id <> n.id \
    join contact_source s on s.connection_id = o.id and s.crm_id = $3 where n.account_id = $1 and n.id = $2 and n.external_id <> '' limit 1";
/// A record is the new connection's.
pub const TAKE_SOURCE: &str = "update contact_source set connection_id = $4 where account_id = $1 and connection_id = $2 and crm_id = $3";
/// The records a contact is, the first one first.
pub const SOURCES: &str = "select s.connection_id, s.crm_id, s.updated_at, s.since, s.said, k.name, k.state = 'disconnected' as ended \
    from contact_source s join crm_connection k on k.id = s.connection_id where s.account_id = $1 and s.contact_id = $2 \
    order by 7, s.since, s.connection_id, s.crm_id";
/// Writes a record of a contact down; another contact's stays that one's.
pub const PUT_SOURCE: &str = "insert into contact_source (account_id, connection_id, crm_id, contact_id, updated_at, since, said) \
    select account_id, $2, $3, id, $5, $6, $7 from contact where account_id = $1 and id = $4 \
    on conflict (connection_id, crm_id) do update set updated_at = excluded.updated_at, said = excluded.said, digest = null \
    where contact_source.contact_id = excluded.contact_id";
/// What a record says.
pub const SAY: &str = "update contact_source set said = $4, digest = null where account_id = $1 and connection_id = $2 and crm_id = $3";
/// A record is nobody's any more.
pub const DROP_SOURCE: &str = "delete from contact_source where account_id = $1 and connection_id = $2 and crm_id = $3";
/// A record became another one of the same connection: it is read anew.
pub const RENAME_SOURCE: &str =
    "update contact_source set crm_id = $4, digest = null where account_id = $1 and connection_id = $2 and crm_id = $3";
/// A record is taken in whole when it is read next, although it may be as it was.
pub const READ_ANEW: &str = "update contact_source set digest = null where account_id = $1 and connection_id = $2 and crm_id = $3";
/// Forgets what the records of a deleted contact say; whose they were stays.
pub const FORGET_SAID: &str = "update contact_source set said = null, digest = null where account_id = $1 and contact_id = $2";
/// Tags of a contact that a CRM gave.
pub const CRM_TAGS: &str = "select tag from contact_tag where account_id = $1 and contact_id = $2 and from_crm order by tag";
/// Phones of a contact that a CRM gave.
pub const CRM_PHONES: &str =
    "select value from address where account_id = $1 and contact_id = $2 and kind = 'phone' and from_crm order by id";
/// They are the contact's own from now on.
pub const KEEP_CRM_TAGS: &str = "update contact_tag set from_crm = false where account_id = $1 and contact_id = $2 and from_crm";
/// So are the phones.
pub const KEEP_CRM_PHONES: &str = "update address set from_crm = false where account_id = $1 and contact_id = $2 and from_crm";
/// Gives all records of a contact to another one.
pub const MOVE_SOURCES: &str = "update contact_source set contact_id = $3 where account_id = $1 and contact_id = $2";
/// Gives one of them back.
pub const GIVE_SOURCE: &str =
    "update contact_source set contact_id = $3 where account_id = $1 and contact_id = $2 and connection_id = $4 and crm_id = $5";
/// A contact's tags, and whether a CRM gave them.
pub const TAGS_OF: &str = "select tag, from_crm from contact_tag where account_id = $1 and contact_id = $2 order by tag";
/// Gives a contact's tags to another one.
pub const MOVE_TAGS: &str = "insert into contact_tag (contact_id, tag, account_id, from_crm) select k.id, t.tag, t.account_id, t.from_crm \
    from contact_tag t join contact k on k.account_id = t.account_id and k.id = $3 where t.account_id = $1 and t.contact_id = $2 \
    on conflict (account_id, contact_id, tag) do nothing";
/// Gives a tag back.
pub const GIVE_TAG: &str = "insert into contact_tag (contact_id, tag, account_id, from_crm) \
    select id, $3, account_id, $4 from contact where account_id = $1 and id = $2 on conflict (account_id, contact_id, tag) do nothing";
/// The ids of a contact's addresses.
pub const ADDRESS_IDS: &str = "select id from address where account_id = $1 and contact_id = $2 order by id";
/// Gives them to another contact, as they are.
pub const MOVE_ADDRESSES: &str = "update address set contact_id = $3, updated_at = $4 where account_id = $1 and contact_id = $2";
/// Gives one of them back.
pub const GIVE_ADDRESS: &str = "update address set contact_id = $3, updated_at = $5 where account_id = $1 and contact_id = $2 and id = $4";
/// Addresses a contact had before.
pub const FORMER_OF: &str = "select kind, value, scope_id, until from former_address where account_id = $1 and contact_id = $2";
/// Another contact had them, too.
pub const MOVE_FORMER: &str = "insert into former_address (contact_id, kind, value, scope_id, account_id, until) \
    select k.id, f.kind, f.value, f.scope_id, f.account_id, f.until from former_address f join contact k on k.account_id = f.account_id and k.id = $3 \
    where f.account_id = $1 and f.contact_id = $2 on conflict (contact_id, kind, value, scope_id) do nothing";
/// A contact had one.
pub const HAD_FORMER: &str = "insert into former_address (contact_id, kind, value, scope_id, account_id, until) \
    select id, $3, $4, $5, account_id, $6 from contact where account_id = $1 and id = $2 on conflict (contact_id, kind, value, scope_id) do nothing";
/// What tells a contact's occasions apart.
pub const OCCASIONS_BY_KEY: &str = "select connection_id, kind, external_id from occasion where account_id = $1 and contact_id = $2";
/// Gives back those of a connection.
pub const GIVE_OCCASIONS: &str = "update occasion set contact_id = $3 where account_id = $1 and contact_id = $2 and connection_id = $4";
/// Gives one back.
pub const GIVE_OCCASION: &str = "update occasion set contact_id = $3 where account_id = $1 and contact_id = $2 and connection_id = $4 \
    and kind = $5 and external_id = $6";
/// A contact that had become another one is a contact again.
pub const REVIVE: &str = "update contact set deleted_at = null, merged_into = null, updated_at = $4 \
    where account_id = $1 and id = $2 and merged_into = $3 and deleted_at is not null";
/// Whoever had become it before is that one's.
pub const MERGED_AGAIN: &str = "update contact set merged_into = $3 where account_id = $1 and merged_into = $2 and id = $4";

/// Two contacts may be one person.
pub const NOTE_ALIKE: &str = "insert into contact_alike (account_id, one_id, two_id, why, found_at) values ($1, $2, $3, $4, $5) \
    on conflict (account_id, one_id, two_id) do nothing";
/// They are two.
pub const KEEP_APART: &str = "insert into contact_alike (account_id, one_id, two_id, why, found_at, apart_at, apart_by) \
    values ($1, $2, $3, $4, $5, $5, $6) on conflict (account_id, one_id, two_id) do update set apart_at = excluded.apart_at, apart_by = excluded.apart_by";
/// Whether they were said to be two.
pub const ARE_TWO: &str =
    "select exists (select 1 from contact_alike where account_id = $1 and one_id = $2 and two_id = $3 and apart_at is not null)";
/// Whom a contact was said not to be.
pub const APART_FROM: &str = "select one_id, two_id, why, apart_at, apart_by from contact_alike where account_id = $1 and one_id = $2 and apart_at is not null \
    union all select one_id, two_id, why, apart_at, apart_by from contact_alike where account_id = $1 and two_id = $2 and apart_at is not null";
/// How many pairs are to be asked about.
pub const COUNT_ALIKE: &str = "select count(*) from contact_alike where account_id = $1 and apart_at is null";
/// One of them, the longest known first.
pub const NTH_ALIKE: &str = "select one_id, two_id, why from contact_alike where account_id = $1 and apart_at is null \
    order by found_at, one_id, two_id limit 1 offset $2";
/// This one, if it is to be asked about.
pub const ONE_ALIKE: &str =
    "select one_id, two_id, why from contact_alike where account_id = $1 and one_id = $2 and two_id = $3 and apart_at is null";
/// Contacts of one name and one date in the field `$2`.
pub const SAME_BIRTHDAY: &str = "select f.id, f.search, f.day from (select c.id, c.search, cast(c.attributes ->> $2 as text) as day, \
    count(*) over (partition by c.search, cast(c.attributes ->> $2 as text)) as n from contact c \
    where c.account_id = $1 and c.deleted_at is null and c.search <> '') f where f.n > 1 and f.day is not null order by f.search, f.day, f.id limit 400";
/// Whose word counts, by field.
pub const RULES: &str = "select field, wins, connection_id from field_source where account_id = $1";
/// The first one's counts.
pub const DROP_RULE: &str = "delete from field_source where account_id = $1 and field = $2";
/// Another one's counts, of the account's connections.
pub const ADD_RULE: &str = "insert into field_source (account_id, field, wins, connection_id) select a.id, $2, $3, k.id \
    from account a left join crm_connection k on k.account_id = a.id and k.id = $4 where a.id = $1 and ($3 = 'newest' or k.id is not null)";
/// A choice for a field is to be carried out, from the beginning; nobody in several records: it is.
pub const BEGIN_APPLY: &str = "insert into field_apply (account_id, field, after_id, done, total, turn, begun_at) \
    select a.id, $2, $3, 0, (select count(distinct s.contact_id) from contact_source s where s.account_id = $1 and s.said is not null), 0, $4 \
    from account a where a.id = $1 and exists (select 1 from contact_source o where o.account_id = $1 and o.said is not null) \
    on conflict (account_id, field) do update set after_id = excluded.after_id, done = 0, total = excluded.total, \
    turn = field_apply.turn + 1, begun_at = excluded.begun_at";
/// How far it is.
pub const APPLYING: &str = "select done, total from field_apply where account_id = $1 and field = $2";
/// The one to go on with.
pub const NEXT_APPLY: &str = "select field, after_id, done, turn from field_apply where account_id = $1 order by field limit 1";
/// People of several records.
pub const OF_SEVERAL: &str = "select distinct contact_id from contact_source where account_id = $1 and said is not null and contact_id > $2 \
    order by contact_id limit $3";
/// A portion is done, unless the choice was made anew or another did it.
pub const APPLIED: &str =
    "update field_apply set after_id = $5, done = done + $6 where account_id = $1 and field = $2 and done = $3 and turn = $4";
/// All of it is.
pub const END_APPLY: &str = "delete from field_apply where account_id = $1 and field = $2 and done = $3 and turn = $4";
/// Whose address this is.
pub const BY_ADDRESS: &str = "select contact_id from address where account_id = $1 and kind = $2 and value = $3 and scope_id = $4";
/// Adds a contact.
pub const INSERT_CONTACT: &str = "insert into contact (id, account_id, name, first_name, last_name, search, language, zone, attributes, folded, \
    source, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, jsonb(cast($10 as text)), $11, $12, $12)";
/// Writes a contact anew; whoever was deleted meanwhile stays so, with all that is theirs.
pub const UPDATE_CONTACT: &str = "update contact set name = $3, first_name = $4, last_name = $5, search = $6, language = $7, zone = $8, \
    attributes = $9, folded = jsonb(cast($10 as text)), updated_at = $11 where account_id = $1 and id = $2 and deleted_at is null";
/// Forgets a deleted contact's personal data.
pub const DELETE_CONTACT: &str = "update contact set name = '', first_name = '', last_name = '', search = '', language = null, zone = null, \
    attributes = $3, folded = jsonb(cast('{}' as text)), deleted_at = $4, updated_at = $4 where account_id = $1 and id = $2 and deleted_at is null";
/// A contact turned out to be another one, and so did whatever had turned out to be it.
pub const MERGE: &str = "update contact set merged_into = $3 where account_id = $1 and (id = $2 or merged_into = $2)";
/// Contacts that turned out to be this one.
pub const MERGED: &str = "select id from contact where account_id = $1 and merged_into = $2";
/// The contact that one turned out to be.
pub const MERGED_INTO: &str = "select merged_into from contact where account_id = $1 and id = $2";
/// Cuts a deleted contact from its CRM records, so that one, restored there, comes in as new.
pub const FORGET_CRM: &str = "delete from contact_source where account_id = $1 and contact_id = $2";

/// Occasions of one kind that a full read did not see.
pub const OCCASIONS_UNSEEN: &str = "select external_id from occasion where account_id = $6 and connection_id = $1 and kind = $2 and external_id > $3 \
    and at >= $4 and seen_at < $5 and state <> 'cancelled' order by external_id limit 200";
/// A full read saw these occasions of one kind.
pub const OCCASIONS_SEEN_SQLITE: &str = "update occasion set seen_at = {} where connection_id = {} and kind = {} and external_id {among}";
/// The same on PostgreSQL, which looks each of `$4` up: of a connection whose occasions it has not
/// counted yet it thinks there is one, and reads all of them. A row that is held stays where it is.
pub const OCCASIONS_SEEN_POSTGRES: &str = "update occasion set seen_at = $1 where ctid = any(array(select o.at from unnest($4::text[]) as v (id) \
    cross join lateral (select ctid as at from occasion where connection_id = $2 and kind = $3 and external_id = v.id limit 1 for no key update) o))";
/// An occasion is gone in the CRM.
pub const CANCEL_OCCASION: &str = "update occasion set state = 'cancelled' where account_id = $4 and connection_id = $1 and kind = $2 and external_id = $3 \
    and state <> 'cancelled'";
/// A contact's occasions, the latest first.
pub const OCCASIONS_OF: &str = "select connection_id, kind, external_id, contact_id, at, until, state, stage, title, staff, place, amount, url, \
    data, changed_at from occasion where account_id = $1 and contact_id = $2 order by at desc, kind, external_id limit $3";
/// Of each of some contacts and each kind the occasion a message is about: the next to come, else
/// the latest. `{}` is now, then the account, `{among}` the contacts.
pub(super) const OCCASIONS_ABOUT: &str = "with o as (select a.*, case when a.state in ('open', 'confirmed') and a.at > n.now then a.at end as ahead \
    from (select {} as now) n join occasion a on {+}a.account_id = {} and a.contact_id {among} and a.state in ('open', 'confirmed', 'done')), \
    r as (select o.*, row_number() over (partition by contact_id, kind order by case when ahead is null then 1 else 0 end, ahead, at desc, external_id) as nth from o) \
    select connection_id, kind, external_id, contact_id, at, until, state, stage, title, staff, place, amount, url, data, changed_at from r where nth = 1";
/// The kinds of occasions an account has any of.
pub const OCCASION_KINDS: &str = "select few.kind from (select 'visit' as kind union all select 'order' union all select 'deal' union all select 'payment') few \
    where exists (select 1 from occasion o where o.account_id = $1 and o.kind = few.kind and o.state in ('open', 'confirmed', 'done'))";
/// What was one contact's is another's.
pub const HAND_OVER_OCCASIONS: &str = "update occasion set contact_id = $3 where account_id = $1 and contact_id = $2";
/// Forgets those of a deleted contact.
pub const DROP_OCCASIONS: &str = "delete from occasion where account_id = $1 and contact_id = $2";

/// A contact's tags.
pub const TAGS: &str = "select tag from contact_tag where account_id = $1 and contact_id = $2 order by tag";
/// Adds a tag to a contact of the account.
pub const ADD_TAG: &str = "insert into contact_tag (contact_id, tag, account_id) \
    select id, $2, account_id from contact where id = $1 and account_id = $3 and deleted_at is null on conflict (account_id, contact_id, tag) do nothing";
/// Takes a tag away.
pub const DROP_TAG: &str = "delete from contact_tag where account_id = $1 and contact_id = $2 and tag = $3";
/// Takes all tags away.
pub const DROP_TAGS: &str = "delete from contact_tag where account_id = $1 and contact_id = $2";
/// The account's tags with how many contacts have each, the commonest first.
pub const ACCOUNT_TAGS: &str = "select tag, count(*) from contact_tag where account_id = $1 group by tag order by 2 desc, tag limit $2";

/// A contact's addresses.
pub const ADDRESSES: &str =
    "select id, contact_id, kind, value, scope_id, state, state_reason from address where account_id = $1 and contact_id = $2 order by id";
/// Contacts after one, with what hangs on each, as they leave in a file; what they must match,
/// their order and how many follow it.
pub const EXPORT_LINES: &str = "select c.id, c.name, c.first_name, c.last_name, c.attributes, c.marketing_grade, c.opted_out_at, c.created_at, \
    coalesce((select string_agg(a.value, ', ' order by a.id) from address a where a.contact_id = c.id and a.kind = 'phone'), '') as phones, \
    coalesce((select string_agg(a.value, ', ' order by a.id) from address a where a.contact_id = c.id and a.kind = 'email'), '') as emails, \
    coalesce((select string_agg(t.tag, ', ' order by t.tag) from contact_tag t where t.account_id = c.account_id and t.contact_id = c.id), '') as tags \
    from contact c where c.account_id = $1 and c.deleted_at is null and c.id > $2";
/// Attaches an address, unless somebody has it.
pub const ADD_ADDRESS: &str = "insert into address (id, account_id, contact_id, kind, value, scope_id, raw, state, created_at, updated_at) \
    select $1, account_id, id, $4, $5, $6, $7, 'unknown', $8, $8 from contact where account_id = $2 and id = $3 and deleted_at is null \
    on conflict (account_id, kind, value, scope_id) do nothing";
/// Takes an address away.
pub const DROP_ADDRESS: &str =
    "delete from address where account_id = $1 and contact_id = $2 and kind = $3 and value = $4 and scope_id = $5";
/// Gives an address to another contact.
pub const HAND_OVER: &str = "update address set contact_id = $6, updated_at = $7 where account_id = $1 and contact_id = $2 and kind = $3 and value = $4 and scope_id = $5";
/// Writes another value into an address; whether anybody is there is to be found out.
pub const READDRESS: &str = "update address set value = $6, state = 'unknown', state_reason = null, updated_at = $7 where account_id = $1 and contact_id = $2 and kind = $3 and value = $4 and scope_id = $5";
/// Remembers an address that a contact is about to lose: the company's stop-list holds for them all
/// the same.
pub const KEEP_FORMER: &str = "insert into former_address (contact_id, kind, value, scope_id, account_id, until) \
    select contact_id, kind, value, scope_id, account_id, $6 from address where account_id = $1 and contact_id = $2 and kind = $3 and value = $4 and scope_id = $5 \
    on conflict (contact_id, kind, value, scope_id) do nothing";
/// Forgets those of a deleted contact.
pub const DROP_FORMER: &str = "delete from former_address where account_id = $1 and contact_id = $2";
/// What a contact is, or was, written to.
pub const ADDRESS_VALUES: &str = "select value from address where account_id = $1 and contact_id = $2 \
    union all select f.value from contact c join former_address f on f.contact_id = c.id where c.account_id = $1 and c.id = $2";
/// Takes all addresses away.
pub const DROP_ADDRESSES: &str = "delete from address where account_id = $1 and contact_id = $2";
/// Takes a contact's conversation off the inbox; what was said stays.
pub const DROP_CONVERSATION: &str = "delete from conversation where account_id = $1 and contact_id = $2";
/// Forgets who was not told of it.
pub const DROP_MUTES: &str = "delete from conversation_mute where account_id = $1 and contact_id = $2";

/// How many contacts there are.
pub const COUNT: &str = "select count(*) from contact where account_id = $1 and deleted_at is null";
/// The contact that comes after a number of others, in the order of ids.
pub const NTH: &str = "select id from contact where account_id = $1 and deleted_at is null order by id limit 1 offset $2";
/// How many contacts there are, counted up to a limit.
pub const COUNT_TO: &str = "select count(*) from (select 1 from contact where account_id = $1 and deleted_at is null limit $2) few";
/// What tells contacts of a list apart: a phone of theirs, and the field `$2`, which holds their
/// city.
macro_rules! found {
    () => {
        "c.id, c.name, (select min(p.value) from address p where p.account_id = $1 and p.contact_id = c.id and p.kind = 'phone') as phone, \
         cast(c.attributes ->> $2 as text) as city"
    };
}

/// Whether the folded name, without whatever people write for an apostrophe, is like a pattern.
macro_rules! name_like {
    ($pattern:literal) => {
        concat!(
            "replace(replace(replace(replace(replace(c.search, '''', ''), '’', ''), 'ʼ', ''), '`', ''), '‘', '') like ",
            $pattern,
            " escape '\\'"
        )
    };
}

/// Contacts whose folded name has all of these in it (`$3` … `$7` are LIKE patterns), and a phone
/// like `$8` unless it is empty, by name.
pub const FIND_BY_NAME: &str = concat!(
    "select ",
    found!(),
    " from contact c where c.account_id = $1 and c.deleted_at is null and ",
    name_like!("$3"),
    " and ",
    name_like!("$4"),
    " and ",
    name_like!("$5"),
    " and ",
    name_like!("$6"),
    " and ",
    name_like!("$7"),
    " and ($8 = '' or exists (select 1 from address a where a.account_id = $1 and a.contact_id = c.id and a.kind = 'phone' \
     and a.value like $8 escape '\\')) order by c.search, c.id limit $9"
);
/// Contacts whose address of a kind has this in it (`$4` is a LIKE pattern).
pub const FIND_BY_ADDRESS: &str = concat!(
    "select distinct ",
    found!(),
    " from address a join contact c on c.id = a.contact_id \
     where a.account_id = $1 and a.kind = $3 and a.value like $4 escape '\\' and c.deleted_at is null order by c.name, c.id limit $5"
);
/// A contact's last deliveries.
pub const LAST_DELIVERIES: &str = "select d.id, d.campaign_id, p.name as campaign, d.state, d.reason, coalesce(d.sent_at, d.updated_at) as at \
    from delivery d join campaign p on p.id = d.campaign_id where d.account_id = $1 and d.contact_id = $2 order by d.id desc limit $3";
/// A contact's last messages.
pub const LAST_MESSAGES: &str = "select m.direction, m.body, m.at, m.file_kind, o.state, o.reason, o.detail from chat_message m left join outgoing o on o.id = m.outgoing_id \
     where m.account_id = $1 and m.contact_id = $2 and (m.stop is null or m.body <> '') order by m.id desc limit $3";
/// The last word on each purpose in the consent ledger.
pub const CONSENTS: &str = "select e.purpose, e.action, e.grade, e.at from consent e where e.account_id = $1 and e.contact_id = $2 \
    and e.id = (select max(l.id) from consent l where l.contact_id = e.contact_id and l.purpose = e.purpose) order by e.purpose";
/// When a contact was asked for their consents last: to personal data, to advertising.
pub const ASKED: &str = "select data_asked_at, ads_asked_at from contact where account_id = $1 and id = $2";
/// What stands against writing to each address of a contact: a stop-list or a stop by any address
/// of theirs, or a block of that one.
pub const SUPPRESSIONS: &str = concat!(
    "select a.id as address_id, s.reason as reason, s.created_at as created_at, 0 as rank from address a cross join suppression s \
     where a.account_id = $1 and a.contact_id = $2 and s.account_id = a.account_id and s.kind = a.kind and s.value = a.value \
     and s.lifted_at is null and (s.reason <> 'blocked' or s.scope_id = a.scope_id) \
     union all select a.id as address_id, few.reason, few.created_at, 1 as rank from address a cross join (select st.reason, st.created_at from (",
    crate::stops!("s.*" of "$1", "$2"),
    ") st order by st.created_at limit 1) few where a.account_id = $1 and a.contact_id = $2 order by rank, created_at"
);

/// Saves a segment.
pub const INSERT_SEGMENT: &str =
    "insert into segment (id, account_id, name, filter, created_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)";
/// Gives a segment another name.
pub const RENAME_SEGMENT: &str = "update segment set name = $4, updated_at = $3 where account_id = $1 and id = $2 and deleted_at is null";
/// Gives a segment another filter, if it still has the one that was changed (`$5`).
pub const UPDATE_SEGMENT: &str =
    "update segment set filter = $4, updated_at = $3 where account_id = $1 and id = $2 and filter = $5 and deleted_at is null";
/// Deletes a segment.
pub const DELETE_SEGMENT: &str =
    "update segment set deleted_at = $3, updated_at = $3 where account_id = $1 and id = $2 and deleted_at is null";
/// Campaigns that are not over and name a segment (`$2` is a LIKE pattern of its id).
pub const SEGMENT_USERS: &str = "select name from campaign where account_id = $1 and state not in ('finished', 'stopped', 'failed') \
    and cast(audience as text) like $2 order by name, id";
/// The account's segments.
pub const SEGMENTS: &str =
    "select id, name, filter, created_at, updated_at from segment where account_id = $1 and deleted_at is null order by name, id";
/// A live segment.
pub const SEGMENT: &str =
    "select id, name, filter, created_at, updated_at from segment where account_id = $1 and id = $2 and deleted_at is null";

/// Makes a link.
pub const INSERT_LINK: &str = "insert into contact_link (token, account_id, channel_id, contact_id, created_at) \
    select $1, c.account_id, h.id, c.id, $5 from contact c join channel h on h.account_id = c.account_id and h.id = $3 \
    where c.account_id = $2 and c.id = $4";
/// Takes a link, once.
pub const TAKE_LINK: &str = "update contact_link set used_at = $3 where token = $1 and channel_id = $2 and used_at is null and created_at >= $4 returning account_id, contact_id";

/// Takes a file in.
pub const INSERT_IMPORT: &str = "insert into import (id, account_id, member_id, file_id, state, mapping, counts, created_at) \
    values ($1, $2, $3, $4, 'mapping', $5, $6, $7)";
/// How much of imports an account has: those that wait, those that came since `$2`, bytes of their
/// files.
pub const IMPORT_QUOTA: &str = "select cast(coalesce(sum(case when i.state in ('mapping', 'ready') then 1 else 0 end), 0) as bigint) as waiting, \
    cast(coalesce(sum(f.size + coalesce(r.size, 0)), 0) as bigint) as bytes \
    from import i join file f on f.id = i.file_id left join file r on r.id = i.refused_file_id where i.account_id = $1";
/// An import.
pub const IMPORT: &str = concat!("select ", import_columns!(), " from import where account_id = $1 and id = $2");
/// An import by its id alone: for the job that was rung for it.
pub const IMPORT_BY_ID: &str = concat!("select ", import_columns!(), " from import where id = $1");
/// The account's last imports.
pub const IMPORTS: &str =
    concat!("select ", import_columns!(), " from import where account_id = $1 order by created_at desc, id desc limit $2");
/// Those that wait for a member, who is shown some of their rows.
pub const WAITING_IMPORTS: &str =
    concat!("select ", import_columns!(), " from import where account_id = $1 and state in ('mapping', 'ready') order by id");
/// Imports of which a file is still kept, or that take rows in.
pub const KEPT_IMPORTS: &str = concat!(
    "select ",
    import_columns!(),
    " from import where account_id = $1 and (state in ('running', 'held') or exists (select 1 from file k \
    where k.id in (import.file_id, import.refused_file_id) and k.size > 0)) order by id"
);
/// Forgets a file; its name stays.
pub const FORGET_FILE: &str = "update file set content = substr(content, 1, 0), size = 0 where account_id = $1 and id = $2";
/// Imports that are running.
pub const RUNNING_IMPORTS: &str = "select id from import where state = 'running' order by id";
/// What was said of the file; an earlier dry run holds no more.
pub const SAVE_IMPORT: &str = "update import set mapping = $3, origin = $4, basis = $5, state = 'mapping' \
    where account_id = $1 and id = $2 and state in ('mapping', 'ready')";
/// The dry run's numbers.
pub const READY_IMPORT: &str =
    "update import set counts = $3, state = 'ready' where account_id = $1 and id = $2 and state in ('mapping', 'ready')";
/// What is kept of the columns and the numbers once nothing is said of them any more.
pub const SAY_LESS: &str = "update import set mapping = $3, counts = $4 where account_id = $1 and id = $2";
/// Starts; `$3` is not before the file was sent.
pub const START_IMPORT: &str =
    "update import set state = 'running', next_row = 0 where account_id = $1 and id = $2 and state = 'ready' and created_at <= $3";
/// Lets a held one go on; `$3` is not before the file was sent.
pub const RESUME_IMPORT: &str = "update import set state = 'running', attempts = 0, due_at = null, error = null \
    where account_id = $1 and id = $2 and state = 'held' and created_at <= $3";
/// Gives up.
pub const CANCEL_IMPORT: &str = "update import set state = 'cancelled', finished_at = $3 where account_id = $1 and id = $2 and state in ('mapping', 'ready', 'running', 'held')";
/// Counts a try and leaves the import to whoever makes it for a while.
pub const TRY_IMPORT: &str = "update import set attempts = attempts + 1, due_at = $4 \
    where account_id = $1 and id = $2 and state = 'running' and attempts = $3";
/// Moves the place on: the rows in between are this transaction's.
pub const MOVE_IMPORT: &str = "update import set next_row = $4, attempts = 0, due_at = $5, error = null \
    where account_id = $1 and id = $2 and state = 'running' and next_row = $3";
/// A try that broke off: when the next one is.
pub const PUT_IMPORT_OFF: &str = "update import set due_at = $3, error = $4 where account_id = $1 and id = $2 and state = 'running'";
/// Asked to stop: anybody may go on.
pub const RELEASE_IMPORT: &str = "update import set due_at = null, attempts = 0 where account_id = $1 and id = $2 and state = 'running'";
/// Tried often enough.
pub const HOLD_IMPORT: &str = "update import set state = 'held', due_at = null, error = coalesce(error, $3) \
    where account_id = $1 and id = $2 and state = 'running'";
/// Imports were switched off for the company; it goes on from where it stands once they are on.
pub const HOLD_IMPORT_OFF: &str = "update import set state = 'held', due_at = null, attempts = 0, error = $3 \
    where account_id = $1 and id = $2 and state = 'running'";
/// The numbers so far.
pub const COUNT_IMPORT: &str = "update import set counts = $3 where account_id = $1 and id = $2";
/// All rows are in.
pub const FINISH_IMPORT: &str = "update import set state = 'done', refused_file_id = $3, finished_at = $4 \
    where account_id = $1 and id = $2 and state = 'running' and next_row >= $5";
/// It cannot go on.
pub const FAIL_IMPORT: &str =
    "update import set state = 'failed', error = $3, finished_at = $4 where account_id = $1 and id = $2 and state = 'running'";
/// Keeps which rows of a chunk the plan left no room for, by their places.
pub const LEAVE_OUT: &str = "insert into import_left_out (import_id, from_row, places, erased) select i.id, $3, $4, $5 from import i where i.account_id = $1 and i.id = $2";
/// All of them.
pub const LEFT_OUT: &str = "select o.places, o.erased from import_left_out o join import i on i.id = o.import_id where i.account_id = $1 and o.import_id = $2 order by o.from_row";
/// The file of refused rows has them.
pub const DROP_LEFT_OUT: &str =
    "delete from import_left_out where import_id in (select i.id from import i where i.account_id = $1 and i.id = $2)";
/// The country of phones without a code.
pub const PHONE_REGION: &str = "select phone_region from account where id = $1";
/// The language a member reads.
pub const MEMBER_LANGUAGE: &str = "select language from member where account_id = $1 and id = $2";

/// Addresses at which a provider reached nobody long ago: somebody may be there now.
pub const TRY_AGAIN: &str = "update address set state = 'unknown', state_reason = null, updated_at = $3 where id in (select id from address \
    where account_id = $1 and state = 'unreachable' and state_reason = 'provider' and updated_at < $2 limit $4)";
/// Every statement.
pub const ALL: &[&str] = &[
    TRY_AGAIN,
    OCCASIONS_UNSEEN,
    CANCEL_OCCASION,
    OCCASIONS_OF,
    OCCASION_KINDS,
    HAND_OVER_OCCASIONS,
    DROP_OCCASIONS,
    FIELDS,
    INSERT_FIELD,
    RENAME_FIELD,
    CONTACT,
    BY_CRM,
    BY_ENDED_CRM,
    CONNECTED_BEFORE,
    TAKE_SOURCE,
    SOURCES,
    PUT_SOURCE,
    SAY,
    DROP_SOURCE,
    BEGIN_APPLY,
    APPLYING,
    NEXT_APPLY,
    OF_SEVERAL,
    APPLIED,
    END_APPLY,
    RENAME_SOURCE,
    READ_ANEW,
    FORGET_SAID,
    CRM_TAGS,
    CRM_PHONES,
    KEEP_CRM_TAGS,
    KEEP_CRM_PHONES,
    MOVE_SOURCES,
    GIVE_SOURCE,
    TAGS_OF,
    MOVE_TAGS,
    GIVE_TAG,
    ADDRESS_IDS,
    MOVE_ADDRESSES,
    GIVE_ADDRESS,
    FORMER_OF,
    MOVE_FORMER,
    HAD_FORMER,
    OCCASIONS_BY_KEY,
    GIVE_OCCASIONS,
    GIVE_OCCASION,
    REVIVE,
    MERGED_AGAIN,
    NOTE_ALIKE,
    KEEP_APART,
    ARE_TWO,
    APART_FROM,
    COUNT_ALIKE,
    NTH_ALIKE,
    ONE_ALIKE,
    SAME_BIRTHDAY,
    RULES,
    DROP_RULE,
    ADD_RULE,
    BY_ADDRESS,
    INSERT_CONTACT,
    UPDATE_CONTACT,
    DELETE_CONTACT,
    MERGE,
    MERGED,
    MERGED_INTO,
    FORGET_CRM,
    TAGS,
    ADD_TAG,
    DROP_TAG,
    DROP_TAGS,
    ACCOUNT_TAGS,
    EXPORT_LINES,
    ADDRESSES,
    ADD_ADDRESS,
    DROP_ADDRESS,
    HAND_OVER,
    READDRESS,
    KEEP_FORMER,
    DROP_FORMER,
    ADDRESS_VALUES,
    DROP_ADDRESSES,
    COUNT,
    COUNT_TO,
    NTH,
    DROP_CONVERSATION,
    DROP_MUTES,
    FIND_BY_NAME,
    FIND_BY_ADDRESS,
    LAST_DELIVERIES,
    LAST_MESSAGES,
    CONSENTS,
    ASKED,
    SUPPRESSIONS,
    INSERT_SEGMENT,
    RENAME_SEGMENT,
    UPDATE_SEGMENT,
    DELETE_SEGMENT,
    SEGMENT_USERS,
    SEGMENTS,
    SEGMENT,
    INSERT_LINK,
    TAKE_LINK,
    INSERT_IMPORT,
    IMPORT_QUOTA,
    IMPORT,
    IMPORT_BY_ID,
    IMPORTS,
    WAITING_IMPORTS,
    KEPT_IMPORTS,
    FORGET_FILE,
    RUNNING_IMPORTS,
    SAVE_IMPORT,
    READY_IMPORT,
    SAY_LESS,
    START_IMPORT,
    RESUME_IMPORT,
    CANCEL_IMPORT,
    TRY_IMPORT,
    MOVE_IMPORT,
    PUT_IMPORT_OFF,
    RELEASE_IMPORT,
    HOLD_IMPORT,
    HOLD_IMPORT_OFF,
    COUNT_IMPORT,
    FINISH_IMPORT,
    FAIL_IMPORT,
    LEAVE_OUT,
    LEFT_OUT,
    DROP_LEFT_OUT,
    PHONE_REGION,
    MEMBER_LANGUAGE,
];
