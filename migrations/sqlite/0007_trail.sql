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
