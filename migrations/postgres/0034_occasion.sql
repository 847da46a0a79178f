-- What happens to a contact, as a CRM tells it: visits, orders, deals, payments.
create table occasion (
    connection_id uuid not null references crm_connection (id),
    kind text not null check (kind in ('visit', 'order', 'deal', 'payment', 'birthday')),
    -- Its id in the CRM, one among those of its kind.
    external_id text not null,
    account_id uuid not null references account (id),
    contact_id uuid not null references contact (id),
    -- When the visit begins; when the order was placed, the deal made, the money paid.
    at timestamptz not null,
    until timestamptz,
    state text not null check (state in ('open', 'confirmed', 'done', 'missed', 'cancelled')),
    -- The CRM's own word for where it stands.
    stage text not null,
    title text not null,
    staff text not null,
    place text not null,
    -- Hundredths of the currency's unit.
    amount bigint,
    url text,
    -- A few short values by their names.
    data jsonb not null,
    -- {"stage", "title", "staff", "place"} folded: what segments compare.
    folded jsonb not null,
    -- When the CRM last changed it: an older state never replaces a newer one.
    changed_at timestamptz not null,
    -- When a full read last saw it: what it did not see is looked up.
    seen_at timestamptz not null,
    primary key (connection_id, kind, external_id)
);
-- Segments read it alone: whoever had a visit stands together, in the order of contacts.
create index occasion_contact on occasion (account_id, kind, contact_id, at, state, amount);
create index occasion_contact_id on occasion (contact_id);

-- The CRM is told of answers, comments and tasks, too.
alter table crm_write drop constraint crm_write_kind_check;
alter table crm_write add constraint crm_write_kind_check check (kind in ('note', 'opt_out', 'opt_in', 'answer', 'comment', 'task'));
