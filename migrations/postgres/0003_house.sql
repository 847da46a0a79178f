-- Closing a campaign leaves notes for the CRM, a portion of contacts a change. Notes of contacts up to this one are in line; all
-- zeros: none yet. Null: there are none to make, or all are made.
alter table campaign add column noted_to uuid;
create index campaign_noting on campaign (noted_to) where noted_to is not null;

-- Receipts: when a message arrived and was opened, and the provider's code and words of a refusal.
alter table delivery add column delivered_at timestamptz;
alter table delivery add column read_at timestamptz;
alter table delivery add column detail text;
alter table outgoing add column delivered_at timestamptz;
alter table outgoing add column read_at timestamptz;
alter table outgoing add column detail text;
create index outgoing_message on outgoing (channel_id, message_ref) where message_ref is not null;

-- Receipts that came before the record of their message: by the provider's id of it, or by ours ('' and 0: not named so).
create table receipt_waiting (
    account_id uuid not null references account (id),
    channel_id uuid not null references channel (id),
    message_ref text not null,
    client_id bigint not null,
    state text not null check (state in ('delivered', 'read', 'failed')),
    reason text,
    detail text,
    -- When the provider says it happened.
    happened_at timestamptz,
    at timestamptz not null,
    primary key (channel_id, message_ref, client_id, state)
);
insert into receipt_waiting (account_id, channel_id, message_ref, client_id, state, at) select account_id, channel_id, message_ref, 0, state, at from receipt_early;
drop table receipt_early;
alter table receipt_waiting rename to receipt_early;
