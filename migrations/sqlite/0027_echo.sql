-- What went out through a channel comes back with its words, whoever wrote it: what no message of
-- ours is known by is kept for an hour, for one whose own name was lost with its answer.
create table echo (
    account_id blob not null references account (id),
    channel_id blob not null references channel (id),
    -- The provider's.
    message_ref text not null,
    -- To whom, as addresses of the channel are written.
    address_value text not null,
    -- A digest of its words.
    gist text not null,
    -- When the provider says it went.
    happened_at text not null,
    at text not null,
    primary key (channel_id, message_ref)
) strict;
