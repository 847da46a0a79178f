-- A person may be in several CRMs: what ties a contact to a record of one. `contact` keeps its own
-- connection_id, crm_id, crm_updated_at and crm_seen_at for a build before this one that still runs
-- beside; nothing here reads them, and a later migration drops them.
create table contact_source (
    connection_id uuid not null references crm_connection (id),
    crm_id text not null,
    account_id uuid not null references account (id),
    contact_id uuid not null references contact (id),
    -- The record's last change in the CRM.
    updated_at timestamptz not null,
    -- When a sync last saw the record: what a full load did not see is looked up and, when gone, let go.
    seen_at timestamptz,
    -- Since when it is this person's: the first one is by it.
    since timestamptz not null,
    -- What the record says, while its contact has several: {"name", "first_name", "last_name", "values", "tags", "phones"}.
    said jsonb,
    -- What the record said when it was taken in, of a CRM that gives all its records at once.
    digest bigint,
    primary key (connection_id, crm_id)
);
create index contact_source_contact on contact_source (contact_id);
insert into contact_source (connection_id, crm_id, account_id, contact_id, updated_at, seen_at, since)
    select connection_id, crm_id, account_id, id, coalesce(crm_updated_at, created_at), crm_seen_at, created_at
    from contact where connection_id is not null and crm_id is not null order by connection_id, crm_id;

-- Which CRM's word counts for a field (`name`: for the names); without a row the first one's does.
create table field_source (
    account_id uuid not null references account (id),
    field text not null,
    wins text not null check (wins in ('newest', 'connection')),
    connection_id uuid references crm_connection (id),
    primary key (account_id, field)
);

-- Two contacts that turned out to be one person, and what each had: it can be undone.
create table contact_join (
    id uuid primary key,
    account_id uuid not null references account (id),
    -- Whom the two became, and who the other one was.
    contact_id uuid not null references contact (id),
    other_id uuid not null references contact (id),
    -- What proved it: one phone in two CRMs, or a member's word.
    proof text not null check (proof in ('phone', 'member')),
    member_id uuid references member (id),
    at timestamptz not null,
    -- What each had; blanked with the person.
    kept jsonb not null,
    undone_at timestamptz,
    undone_by uuid references member (id)
);
create index contact_join_contact on contact_join (contact_id, id) where undone_at is null;
create index contact_join_account on contact_join (account_id, id) where undone_at is null;

-- Two contacts that may be one person, the lower id first; and those of whom people said that they are two.
create table contact_alike (
    account_id uuid not null references account (id),
    one_id uuid not null references contact (id),
    two_id uuid not null references contact (id),
    -- What they share.
    why text not null check (why in ('phone', 'email', 'birthday')),
    found_at timestamptz not null,
    apart_at timestamptz,
    apart_by uuid references member (id),
    primary key (account_id, one_id, two_id)
);
create index contact_alike_two on contact_alike (account_id, two_id);
create index contact_alike_open on contact_alike (account_id, found_at) where apart_at is null;
