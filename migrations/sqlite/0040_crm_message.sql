-- What a CRM's own cards and robots send through us, and what the CRM was told of it.
create table crm_message (
    connection_id blob not null references crm_connection (id),
    -- The CRM's id of the message: the same one twice is one message.
    external_id text not null,
    account_id blob not null references account (id),
    -- Whose it is, once found by the phone.
    contact_id blob,
    -- What carries it to the person; none when it was refused.
    outgoing_id integer,
    origin text not null check (origin in ('card', 'robot')),
    -- Why it was refused.
    reason text,
    -- {"to", "text"}: the phone as it came, and the words.
    payload text not null,
    -- What the CRM was last told.
    told text check (told in ('sent', 'delivered', 'undelivered', 'failed')),
    -- Grows with every change of what there is to tell.
    turn integer not null default 0,
    attempt integer not null default 0,
    -- When the CRM is to be told; none when there is nothing to tell.
    due_at text,
    -- What was seen of the last try that failed.
    error text,
    created_at text not null,
    primary key (connection_id, external_id)
) strict, without rowid;
create index crm_message_due on crm_message (connection_id, due_at) where due_at is not null;
create unique index crm_message_outgoing on crm_message (outgoing_id) where outgoing_id is not null;
create index crm_message_contact on crm_message (contact_id) where contact_id is not null;
create index crm_message_list on crm_message (connection_id, created_at);
create index crm_message_old on crm_message (created_at) where payload <> '{}';
create index crm_message_words on crm_message (account_id) where payload <> '{}';

-- A digest of what requests of the CRM itself are proved by, once seen.
alter table crm_connection add column message_proof text;
