//! SQL of the erasure room.

use crate::{register_counts, register_next};

/// The columns of [`super::Erasure`].
macro_rules! columns {
    () => {
        "e.id, e.number, e.contact_id, e.ground, e.reason, e.asked_at, e.stop_by, e.destroy_by, e.exact, e.state, e.done_at, e.facts, \
         e.act_sha256, e.extract_sha256, (select m.name from member m where m.id = e.member_id) as filed_by, \
         (select m.name from member m where m.id = e.done_by) as done_by"
    };
}

/// One demand.
pub const ONE: &str = concat!("select ", columns!(), " from erasure e where e.account_id = $1 and e.id = $2");
/// A page of the register: the open ones first, by their last day, then the newest.
pub const PAGE: &str = concat!(
    "select ",
    columns!(),
    " from erasure e where e.account_id = $1 order by case when e.state = 'open' then 0 else 1 end, \
     case when e.state = 'open' then e.destroy_by else '' end, e.number desc limit $2 offset $3"
);
/// How many there are, and how many of them are open.
pub const COUNT: &str = register_counts!("erasure", "state = 'open'");
/// The open demand of a contact.
pub const OPEN_OF: &str = "select id from erasure where account_id = $1 and contact_id = $2 and state = 'open'";
/// Open demands of all accounts whose last day is near: for the owners.
pub const DUE: &str =
    "select e.account_id, e.id, e.number, e.destroy_by from erasure e where e.state = 'open' and e.destroy_by <= $1 order by e.id";
/// The number of the next one.
pub const NEXT: &str = register_next!("erasure");
/// Registers a demand.
pub const FILE: &str = "insert into erasure (id, account_id, number, contact_id, ground, reason, member_id, asked_at, stop_by, destroy_by, exact, state) \
    select $1, $2, $3, c.id, $5, $6, $7, $8, $9, $10, $11, 'open' from contact c where c.account_id = $2 and c.id = $4 and c.deleted_at is null";
/// A demand came on another day.
pub const CAME: &str =
    "update erasure set asked_at = $3, stop_by = $4, destroy_by = $5, exact = $6 where account_id = $1 and id = $2 and state = 'open'";
/// A demand came to its end.
pub const END: &str = "update erasure set state = $3, reason = '', done_at = $4, done_by = $5, facts = $6, act_sha256 = $7, extract_sha256 = $8 \
    where account_id = $1 and id = $2 and state = 'open'";
/// What of a person there is, by kinds of data.
pub const HELD: &str = "select \
    (select count(*) from address where account_id = $1 and contact_id = $2 and kind = 'phone') as phones, \
    (select count(*) from address where account_id = $1 and contact_id = $2 and kind = 'email') as emails, \
    (select count(*) from address where account_id = $1 and contact_id = $2 and kind <> 'phone' and kind <> 'email') as chats, \
    (select count(*) from contact_tag where account_id = $1 and contact_id = $2) as tags, \
    (select count(*) from chat_message where account_id = $1 and contact_id = $2 and body <> '') as words, \
    (select count(*) from delivery_text t join delivery d on d.id = t.delivery_id where d.account_id = $1 and d.contact_id = $2) as texts, \
    (select count(*) from outgoing where account_id = $1 and contact_id = $2 and payload <> '{}') as answers, \
    (select count(*) from occasion where account_id = $1 and contact_id = $2) as occasions, \
    (select count(*) from inbound where contact_id = $2 and account_id = $1 and payload <> '') as events, \
    (select count(*) from crm_write where account_id = $1 and contact_id = $2 and state = 'done' and payload <> '{}') as notes, \
    (select count(*) from consent_paper p join file f on f.id = p.file_id where p.account_id = $1 and p.contact_id = $2 and f.size > 0) as papers";
/// Who makes the acts of an account.
pub const OPERATOR: &str = "select operator from account where id = $1";
/// Says it.
pub const SET_OPERATOR: &str = "update account set operator = $2 where id = $1";
/// Every statement.
pub const ALL: &[&str] = &[ONE, PAGE, COUNT, OPEN_OF, DUE, NEXT, FILE, CAME, END, HELD, OPERATOR, SET_OPERATOR];
