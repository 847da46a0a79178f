-- When the server is worked on: nothing of campaigns leaves meanwhile.
create table maintenance (
    id blob primary key,
    begins_at text not null,
    ends_at text not null,
    -- What for, in the words of the person at the server.
    reason text not null,
    -- Called off, or over sooner.
    lifted_at text,
    created_at text not null
) strict;
create index maintenance_live on maintenance (ends_at) where lifted_at is null;
