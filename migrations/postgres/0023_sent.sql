-- What went to people, or may have gone, word for word: one row a try (`delivery::kept`). Written before the call, taken back when the try certainly
-- did not go. The body is compressed against the text of its version.
create table delivery_text (
    delivery_id bigint not null,
    attempt integer not null,
    body bytea not null,
    primary key (delivery_id, attempt)
);
-- It is compressed already, and short.
alter table delivery_text alter column body set storage external;

-- How long after they were sent messages were opened: how many in each length of time (`delivery::read_time`).
create table read_time (
    campaign_id uuid not null,
    step smallint not null,
    bucket smallint not null,
    n bigint not null,
    primary key (campaign_id, step, bucket)
);
