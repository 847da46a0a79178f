-- Where a member is told by e-mail, once they proved that the address is theirs.
create table mailbox (
    member_id blob primary key references member (id),
    account_id blob not null references account (id),
    address text not null,
    -- The code that was mailed last, as a digest; how often it was mistyped.
    code text,
    code_until text,
    tries integer not null default 0,
    -- When codes were asked for lately: so many, the first of them then.
    codes integer not null default 0,
    codes_since text not null,
    confirmed_at text
) strict;
create index mailbox_account on mailbox (account_id);

-- What is mailed, once a key. Its words go when it went, or was given up.
create table mail (
    id integer primary key autoincrement,
    account_id blob not null references account (id),
    member_id blob not null references member (id),
    address text not null,
    subject text not null,
    body text not null,
    dedupe_key text not null unique,
    state text not null check (state in ('queued', 'sent', 'failed')),
    attempt integer not null default 0,
    due_at text not null,
    error text,
    created_at text not null,
    ended_at text
) strict;
create index mail_due on mail (due_at) where state = 'queued';
create index mail_account on mail (account_id, created_at);
create index mail_member on mail (member_id);
