//! Statements of joins.

/// What a join is listed by.
macro_rules! listed {
    () => {
        "select j.id, j.contact_id, c.name, j.proof, b.name as member, j.at, j.kept from contact_join j join contact c on c.id = j.contact_id \
         left join member b on b.id = j.member_id where j.account_id = $1 and j.undone_at is null and c.deleted_at is null and "
    };
}

/// Keeps a join.
pub const INSERT: &str = "insert into contact_join (id, account_id, contact_id, other_id, proof, member_id, at, kept) \
    select $1, c.account_id, c.id, o.id, $5, $6, $7, $8 from contact c join contact o on o.account_id = c.account_id and o.id = $4 \
    where c.account_id = $2 and c.id = $3";
/// Undoes it, once; what was kept is needed no more after that.
pub const UNDO: &str = "update contact_join set undone_at = $3, undone_by = $4 where account_id = $1 and id = $2 and undone_at is null \
    returning contact_id, other_id, kept";
/// Forgets what was kept of one that was undone.
pub const BLANK: &str = "update contact_join set kept = '{}' where account_id = $1 and id = $2 and undone_at is not null";
/// The last join of a contact that is not undone.
pub const LAST: &str =
    "select id from contact_join where account_id = $1 and contact_id = $2 and undone_at is null order by id desc limit 1";
/// Joins that may be undone, the newest first.
pub const LIST: &str = concat!(listed!(), "true order by j.id desc limit $2 offset $3");
/// One of them.
pub const ONE: &str = concat!(listed!(), "j.id = $2");
/// How many there are.
pub const COUNT: &str = "select count(*) from contact_join j join contact c on c.id = j.contact_id \
    where j.account_id = $1 and j.undone_at is null and c.deleted_at is null";
/// The messages of a conversation.
pub const MESSAGES: &str = "select id from chat_message where account_id = $1 and contact_id = $2 order by id";
/// Messages outside campaigns.
pub const OUTGOING: &str = "select id from outgoing where account_id = $1 and contact_id = $2 order by id";
/// Raw events.
pub const EVENTS: &str = "select id from inbound where account_id = $1 and contact_id = $2 order by id";
/// Whose a conversation is.
pub const ASSIGNED: &str = "select assigned_to from conversation where account_id = $1 and contact_id = $2";
/// What one was asked, and the other was not, was asked of the one person.
pub const ASKED: &str = "update contact set \
    data_asked_at = coalesce(data_asked_at, (select f.data_asked_at from contact f where f.account_id = $1 and f.id = $2)), \
    ads_asked_at = coalesce(ads_asked_at, (select f.ads_asked_at from contact f where f.account_id = $1 and f.id = $2)) \
    where account_id = $1 and id = $3";

/// Every statement.
pub const ALL: &[&str] = &[INSERT, UNDO, BLANK, LAST, LIST, ONE, COUNT, MESSAGES, OUTGOING, EVENTS, ASSIGNED, ASKED];
