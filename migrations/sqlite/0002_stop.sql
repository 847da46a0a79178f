-- Stop means stop: what a contact was reached at before, doubts, what became of a reply, events that were never understood.

-- Addresses a contact had: the company's stop-list holds for whoever had the number when it was put there, and after.
create table former_address (
    contact_id blob not null references contact (id),
    kind text not null,
    value text not null,
    scope_id blob not null,
    account_id blob not null references account (id),
    until text not null,
    primary key (contact_id, kind, value, scope_id)
) strict, without rowid;
create index former_address_value on former_address (account_id, kind, value);

-- A message that perhaps was a refusal: while it is open, no advertising goes to the person.
create table doubt (
    id integer primary key autoincrement,
    account_id blob not null references account (id),
    contact_id blob not null references contact (id),
    channel_id blob not null references channel (id),
    -- The message that raised it.
    message_ref text,
    opened_at text not null,
    closed_at text,
    outcome text check (outcome in ('yes', 'no', 'stopped', 'lifted', 'moved')),
    -- What it was answered by; an object.
    evidence text,
    -- The member who lifted it, and why.
    member_id blob references member (id),
    reason text
) strict;
create unique index doubt_open on doubt (account_id, contact_id) where closed_at is null;
create index doubt_contact on doubt (contact_id, id);

-- The message of `outgoing` that carries a reply; no reference, for SQLite would look through this table at every message that goes.
alter table chat_message add column outgoing_id integer;
-- When the customer last changed it.
alter table chat_message add column edited_at text;
create index chat_message_outgoing on chat_message (outgoing_id) where outgoing_id is not null;

-- Events given up and not yet looked at by a member.
create index inbound_failed on inbound (account_id, id) where state = 'failed' and handled_at is null;
