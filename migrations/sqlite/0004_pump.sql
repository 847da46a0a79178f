-- What the owner of a channel has begun to send or is about to, committed before the calls. A row that is `sending` under a token
-- listed here and not in its ids was never sent, and goes back when the next owner takes over.
create table begun (
    account_id blob not null references account (id),
    channel_id blob not null references channel (id),
    -- The channel's fencing token the owner claimed under.
    token integer not null,
    -- JSON: ids of deliveries as they are, of messages outside campaigns negative.
    ids text not null,
    primary key (channel_id, token)
) strict;

-- Messages outside campaigns: one a person at a time, in their order.
create index outgoing_person on outgoing (channel_id, address_value, id) where state in ('queued', 'sending');

-- When the first call was made: until when a repeat under the same client id is harmless counts from here.
alter table delivery add column first_tried_at text;
-- The claim of an advertising message stamps its contact at this moment; what stood there before is kept and put back when the
-- message certainly did not go.
alter table delivery add column stamped_at text;
alter table delivery add column marketing_before text;
alter table delivery add column contacted_before text;
