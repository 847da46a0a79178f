//! Statements of the mail room.

/// Queues a mail, once a key.
pub const ENQUEUE: &str = "insert into mail (account_id, member_id, address, subject, body, dedupe_key, state, due_at, created_at) \
    values ($1, $2, $3, $4, $5, $6, 'queued', $7, $7) on conflict (dedupe_key) do nothing";
/// Whether there is a mail of a key.
pub const IS_THERE: &str = "select count(*) from mail where account_id = $1 and dedupe_key = $2";
/// Mails that are due, of all accounts.
pub const DUE: &str =
    "select id, account_id, address, subject, body, attempt from mail where state = 'queued' and due_at <= $1 order by due_at, id limit $2";
/// It went, or never will: its words are needed no more.
pub const END: &str = "update mail set state = $3, error = $4, ended_at = $5, subject = '', body = '', attempt = attempt + 1 \
    where account_id = $1 and id = $2 and state = 'queued'";
/// It did not go yet.
pub const LATER: &str =
    "update mail set attempt = attempt + 1, error = $3, due_at = $4 where account_id = $1 and id = $2 and state = 'queued'";

/// A member's mailbox.
pub const MAILBOX: &str =
    "select address, code, code_until, tries, codes, codes_since, confirmed_at from mailbox where account_id = $1 and member_id = $2";
/// A member names an address, and a code goes there.
pub const ASK: &str = "insert into mailbox (member_id, account_id, address, code, code_until, tries, codes, codes_since) values ($2, $1, $3, $4, $5, 0, $6, $7) \
    on conflict (member_id) do update set address = excluded.address, code = excluded.code, code_until = excluded.code_until, tries = 0, \
    codes = excluded.codes, codes_since = excluded.codes_since, confirmed_at = null";
/// A code was mistyped.
pub const MISTYPED: &str = "update mailbox set tries = tries + 1 where account_id = $1 and member_id = $2";
/// The address is theirs.
pub const CONFIRM: &str =
    "update mailbox set confirmed_at = $4, code = null, code_until = null where account_id = $1 and member_id = $2 and code = $3";
/// Nothing is mailed there any more.
pub const REMOVE: &str = "delete from mailbox where account_id = $1 and member_id = $2";
/// What waits for a member is not mailed.
pub const DROP_WAITING: &str = "delete from mail where account_id = $1 and member_id = $2 and state = 'queued'";
/// Where members of an account are told by e-mail.
pub const MAILBOXES: &str = "select b.member_id, b.address, m.role, m.language from mailbox b join member m on m.id = b.member_id \
    where b.account_id = $1 and b.confirmed_at is not null and m.disabled_at is null";

/// Every statement.
pub const ALL: &[&str] = &[ENQUEUE, IS_THERE, DUE, END, LATER, MAILBOX, ASK, MISTYPED, CONFIRM, REMOVE, DROP_WAITING, MAILBOXES];
