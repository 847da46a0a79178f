-- A campaign goes by steps: first through one channel and, if it did not arrive or was not read,
-- through the next. A delivery is one step for one person.

create table campaign_step (
    campaign_id uuid not null references campaign (id),
    step smallint not null check (step between 1 and 5),
    account_id uuid not null references account (id),
    -- Through what; null while nobody chose.
    channel_id uuid references channel (id),
    -- What makes the next step go to somebody this one went to, and how long after.
    next_on text not null default 'never' check (next_on in ('never', 'undelivered', 'unread')),
    wait_seconds integer not null default 0 check (wait_seconds between 0 and 604800),
    primary key (campaign_id, step)
);
create index campaign_step_channel on campaign_step (channel_id);

-- What a step says; one variant a step for now.
create table campaign_variant (
    campaign_id uuid not null references campaign (id),
    step smallint not null check (step between 1 and 5),
    variant smallint not null check (variant between 1 and 9),
    account_id uuid not null references account (id),
    -- Null while nobody chose.
    template_version_id uuid references template_version (id),
    -- Its part of the step's people, percent.
    share smallint not null check (share between 1 and 100),
    primary key (campaign_id, step, variant)
);

-- Campaigns of before have one step. Their own columns are read no more and written no more; a
-- later migration takes them away.
insert into campaign_step (campaign_id, step, account_id, channel_id) select id, 1, account_id, channel_id from campaign;
insert into campaign_variant (campaign_id, step, variant, account_id, template_version_id, share)
select id, 1, 1, account_id, template_version_id, 100 from campaign;

alter table delivery add column step smallint not null default 1;
alter table delivery add column variant smallint not null default 1;
-- Of a campaign of several steps: what leads on from this message, and how long after it went.
-- `failed`: only that it certainly did not arrive, for the channel tells no more or no step follows.
alter table delivery add column next_on text check (next_on in ('failed', 'undelivered', 'unread'));
alter table delivery add column wait_seconds integer;
-- When it is to be looked at whether the next step goes; null: it need not be looked at (any more).
alter table delivery add column deadline_at timestamptz;
-- Another message of the same campaign speaks for this person now.
alter table delivery add column passed boolean not null default false;

drop index delivery_person;
create unique index delivery_person on delivery (campaign_id, contact_id, step);
drop index delivery_address;
create unique index delivery_address on delivery (campaign_id, step, address_id) where planned;
drop index delivery_due;
create index delivery_due on delivery (campaign_id, step, due_at, id) where state = 'queued';
create index delivery_deadline on delivery (campaign_id, deadline_at) where deadline_at is not null;

-- Counters by step and variant, and by what a message says of its person: `open`, `reached`,
-- `unknown`, `missed`, or nothing, for another speaks for them (`passed`).
create table delivery_count_by_step (
    campaign_id uuid not null references campaign (id),
    step smallint not null,
    variant smallint not null,
    planned boolean not null,
    person text not null check (person in ('open', 'reached', 'unknown', 'missed', 'passed')),
    state text not null,
    reason text not null,
    n bigint not null,
    primary key (campaign_id, step, variant, planned, person, state, reason)
);
insert into delivery_count_by_step (campaign_id, step, variant, planned, person, state, reason, n)
select campaign_id, 1, 1, planned, case when state in ('queued', 'sending') then 'open' when state in ('sent', 'delivered', 'read') then 'reached'
    when state = 'uncertain' then 'unknown' else 'missed' end, state, reason, n from delivery_count;
drop table delivery_count;
alter table delivery_count_by_step rename to delivery_count;
