-- A second factor of a member: codes of an authenticator, by a secret that is sealed.
create table second_factor (
    member_id blob primary key references member (id),
    account_id blob not null references account (id),
    secret blob not null,
    -- From when it is asked for; nothing: it is being set up.
    confirmed_at text,
    -- The last step of time a code of which was taken: each code is taken once.
    last_step integer not null default 0,
    -- Codes mistyped since the last good one, and until when none is looked at.
    wrong integer not null default 0,
    delayed_until text,
    created_at text not null
) strict;
create index second_factor_account on second_factor (account_id);

-- Codes for the day on which the authenticator is gone, each used once.
create table recovery_code (
    member_id blob not null references member (id),
    digest text not null,
    account_id blob not null references account (id),
    used_at text,
    primary key (member_id, digest)
) strict;
create index recovery_code_account on recovery_code (account_id);

-- When the second factor was proved in this session.
alter table session add column proved_at text;
-- An owner demands it of every member.
alter table account add column second_factor integer not null default 0;
