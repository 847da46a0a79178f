-- Where long polling goes on is the messenger's own text: a number in one, a time or a key in another. `update_offset` is read no more.
alter table channel add column update_cursor text;
update channel set update_cursor = cast(update_offset as text) where update_offset <> 0;

-- What the provider lets this very sender do, where its senders differ (`channel::Terms`).
alter table channel add column terms text not null default '{}';
-- Messages a second that were found out, where the messenger's limit is not known. The next owner begins with it.
alter table channel add column found_rate real;

-- The messenger gives no good answer since then, and the members know.
alter table channel add column cut_since text;

-- Recipients who must wait when a channel goes to its next owner: [number, until when in milliseconds since 1970]. The number names nobody.
create table channel_owed (
    channel_id blob primary key references channel (id),
    recipients text not null
) strict;

-- How the owners of channels that share a limit of the provider divide it: each one's part, until when it is theirs. The row without
-- a channel is the scope's own: whoever changes a part takes it first.
create table shared_part (
    scope text not null,
    channel_id blob not null,
    part real not null,
    until text not null,
    primary key (scope, channel_id)
) strict;
