-- What happens to a contact, as a CRM tells it: visits, orders, deals, payments.
create table occasion (
    connection_id blob not null references crm_connection (id),
    kind text not null check (kind in ('visit', 'order', 'deal', 'payment', 'birthday')),
    -- Its id in the CRM, one among those of its kind.
    external_id text not null,
    account_id blob not null references account (id),
    contact_id blob not null references contact (id),
    -- When the visit begins; when the order was placed, the deal made, the money paid.
    at text not null,
    until text,
    state text not null check (state in ('open', 'confirmed', 'done', 'missed', 'cancelled')),
    -- The CRM's own word for where it stands.
    stage text not null,
    title text not null,
    staff text not null,
    place text not null,
    -- Hundredths of the currency's unit.
    amount integer,
    url text,
    -- A few short values by their names.
    data text not null,
    -- {"stage", "title", "staff", "place"} folded: what segments compare. As JSONB, as in `contact`.
    folded blob not null,
    -- When the CRM last changed it: an older state never replaces a newer one.
    changed_at text not null,
    -- When a full read last saw it: what it did not see is looked up.
    seen_at text not null,
    primary key (connection_id, kind, external_id)
) strict, without rowid;
-- Segments read it alone: whoever had a visit stands together, in the order of contacts.
create index occasion_contact on occasion (account_id, kind, contact_id, at, state, amount);
create index occasion_contact_id on occasion (contact_id);

-- The CRM is told of answers, comments and tasks, too.
create table crm_told (
    id integer primary key autoincrement,
    account_id blob not null references account (id),
    connection_id blob not null references crm_connection (id),
    contact_id blob not null,
    crm_id text not null,
    kind text not null check (kind in ('note', 'opt_out', 'opt_in', 'answer', 'comment', 'task')),
    payload text not null,
    dedupe_key text not null unique,
    state text not null check (state in ('queued', 'sending', 'done', 'failed')),
    attempt integer not null default 0,
    due_at text not null,
    lease_until text,
    error text,
    created_at text not null,
    done_at text
) strict;
insert into crm_told (id, account_id, connection_id, contact_id, crm_id, kind, payload, dedupe_key, state, attempt, due_at, lease_until, error, created_at, done_at)
    select id, account_id, connection_id, contact_id, crm_id, kind, payload, dedupe_key, state, attempt, due_at, lease_until, error, created_at, done_at from crm_write;
drop table crm_write;
alter table crm_told rename to crm_write;
create index crm_write_due on crm_write (connection_id, due_at) where state in ('queued', 'sending');
create index crm_write_contact on crm_write (contact_id, connection_id) where state = 'done';
create index crm_write_failed on crm_write (contact_id) where state = 'failed';
create index crm_write_old on crm_write (done_at) where payload <> '{}' and done_at is not null;
