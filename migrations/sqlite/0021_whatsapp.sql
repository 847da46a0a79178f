-- A receipt may say that a message left: of one whose own answer was lost it is the only word.
create table receipt_told (
    account_id blob not null references account (id),
    channel_id blob not null references channel (id),
    message_ref text not null,
    client_id integer not null,
    state text not null check (state in ('sent', 'delivered', 'read', 'failed')),
    reason text,
    detail text,
    -- When the provider says it happened.
    happened_at text,
    at text not null,
    primary key (channel_id, message_ref, client_id, state)
) strict;
insert into receipt_told (account_id, channel_id, message_ref, client_id, state, reason, detail, happened_at, at)
    select account_id, channel_id, message_ref, client_id, state, reason, detail, happened_at, at from receipt_early;
drop table receipt_early;
alter table receipt_told rename to receipt_early;
