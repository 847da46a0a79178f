-- The trail is chained with a key that the database does not hold, and so is the consent ledger; its heads are kept apart from it.

-- How far each account's two chains go: entries of the audit trail, links over the consent ledger. `mac` is over all of it.
create table trail_head (
    account_id uuid primary key references account (id),
    entries bigint not null,
    entry_hash text not null,
    links bigint not null,
    link_hash text not null,
    mac text not null
);

-- Since when every account has a head: one that is missing later was taken away.
create table trail_since (
    id integer primary key check (id = 1),
    at timestamptz not null,
    mac text not null
);

-- One link of the consent chain is what one transaction appended to the ledger, or what was found when the chain began.
create table consent_link (
    account_id uuid not null references account (id),
    seq bigint not null,
    batch uuid not null,
    entries bigint not null,
    digest text not null,
    at timestamptz not null,
    -- Why the chain begins here (again): empty for what was appended.
    note text not null default '' check (note in ('', 'upgrade', 'head_lost', 'head_broken')),
    prev_hash text not null,
    hash text not null,
    primary key (account_id, seq)
);
create unique index consent_link_batch on consent_link (batch);
-- Which link an entry belongs to; null: it was there before links were.
alter table consent add column batch uuid;

create trigger consent_link_no_change before update or delete on consent_link for each row execute function refuse_change();
