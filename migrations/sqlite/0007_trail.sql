-- The trail is chained with a key that the database does not hold, and so is the consent ledger; its heads are kept apart from it.

-- How far each account's two chains go: entries of the audit trail, links over the consent ledger. `mac` is over all of it.
create table trail_head (
    account_id blob primary key references account (id),
    entries integer not null,
    entry_hash text not null,
    links integer not null,
    link_hash text not null,
    mac text not null
) strict;

-- Since when every account has a head: one that is missing later was taken away.
create table trail_since (
    id integer primary key check (id = 1),
    at text not null,
    mac text not null
) strict;

-- One link of the consent chain is what one transaction appended to the ledger, or what was found when the chain began.
create table consent_link (
    account_id blob not null references account (id),
    seq integer not null,
    batch blob not null,
    entries integer not null,
    digest text not null,
    at text not null,
    -- Why the chain begins here (again): empty for what was appended.
    note text not null default '' check (note in ('', 'upgrade', 'head_lost', 'head_broken')),
    prev_hash text not null,
    hash text not null,
    primary key (account_id, seq)
) strict;
create unique index consent_link_batch on consent_link (batch);
-- Which link an entry belongs to; null: it was there before links were.
alter table consent add column batch blob;

create trigger consent_link_no_update before update on consent_link begin select raise(abort, 'the consent chain is append-only'); end;
create trigger consent_link_no_delete before delete on consent_link begin select raise(abort, 'the consent chain is append-only'); end;

-- ---------------------------------------------------------------- sessions, sign-in, passwords
-- A session ends by itself: so many days without use, and so many since the sign-in.
alter table account add column session_idle_days integer not null default 30 check (session_idle_days between 1 and 365);
alter table account add column session_max_days integer not null default 180 check (session_max_days between 1 and 365);
-- Why the password must be changed before anything else: `not_me` (somebody else knows it), `lost_phone`.
alter table member add column password_due text check (password_due in ('not_me', 'lost_phone'));
-- When somebody else made a link for a new password that was used: no approvals for a while.
alter table member add column password_reset_at text;
create index session_phone on session (telegram_user_id, member_id);

-- Wrong passwords by who types them and for whom: a phone locks itself out and nobody else.
create table login_try (
    telegram_user_id integer not null,
    login text not null,
    failures integer not null,
    delayed_until text,
    updated_at text not null,
    primary key (telegram_user_id, login)
) strict;
-- Wrong passwords for a login, there or not, from phones that have never been signed in to it.
create table login_count (
    login text primary key,
    failures integer not null,
    delayed_until text,
    updated_at text not null
) strict;

-- A one-time link by which a member chooses a new password; nobody else learns it.
create table password_link (
    id blob primary key,
    account_id blob not null references account (id),
    member_id blob not null references member (id),
    token_hash text not null unique,
    created_by blob references member (id),
    created_at text not null,
    expires_at text not null,
    used_at text
) strict;
create index password_link_member on password_link (member_id) where used_at is null;

-- Strangers locked logins by wrong passwords; that lock is no more.
update member set locked_at = null, lock_reason = null, failures = 0, delayed_until = null where lock_reason = 'wrong_passwords';
