-- How much of what its tariff limits an account uses. A row moves in the transaction that moves what it counts.
create table usage_count (
    account_id uuid not null references account (id),
    -- `contacts`: those that are not deleted, under month 0. `messages`: campaign messages of a month in the account's zone.
    what text not null check (what in ('contacts', 'messages')),
    -- Year and month as one number: 202612.
    month integer not null,
    n bigint not null,
    primary key (account_id, what, month)
);
insert into usage_count (account_id, what, month, n)
select account_id, 'contacts', 0, count(*) from contact where deleted_at is null group by account_id;

-- The month a message was counted in; null: it was not claimed yet, or certainly did not go.
alter table delivery add column counted_in integer;
-- What went in the month under way, and what may have gone. By the latest moment any process saw, and by UTC, for SQLite knows no
-- zones: so of the month of the upgrade alone the counter may differ by what went in the hours between.
update delivery set counted_in = (select cast(to_char(at at time zone 'UTC', 'YYYYMM') as integer) from clock_seen where id = 1)
where state in ('sending', 'uncertain') or (state = 'queued' and reason in ('resend', 'repeat'))
    or to_char(sent_at at time zone 'UTC', 'YYYYMM') = (select to_char(at at time zone 'UTC', 'YYYYMM') from clock_seen where id = 1);
insert into usage_count (account_id, what, month, n)
select account_id, 'messages', counted_in, count(*) from delivery where counted_in is not null group by account_id, counted_in;

-- Rows of a file that the plan left no room for, a row a chunk: the file of refused rows gives them back.
create table import_left_out (
    import_id uuid not null references import (id),
    -- The first row of the chunk.
    from_row bigint not null,
    -- JSON: places among the file's rows, from 0.
    places jsonb not null,
    primary key (import_id, from_row)
);
