-- When the server is worked on: nothing of campaigns leaves meanwhile.
create table maintenance (
    id uuid primary key,
    begins_at timestamptz not null,
    ends_at timestamptz not null,
    -- What for, in the words of the person at the server.
    reason text not null,
    -- Called off, or over sooner.
    lifted_at timestamptz,
    created_at timestamptz not null
);
create index maintenance_live on maintenance (ends_at) where lifted_at is null;
