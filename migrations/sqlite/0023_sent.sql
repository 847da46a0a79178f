-- What went to people, or may have gone, word for word: one row a try (`delivery::kept`). Written before the call, taken back when the try certainly
-- did not go. The body is compressed against the text of its version.
create table delivery_text (
    delivery_id integer not null,
    attempt integer not null,
    body blob not null,
    primary key (delivery_id, attempt)
) strict, without rowid;

-- How long after they were sent messages were opened: how many in each length of time (`delivery::read_time`).
create table read_time (
    campaign_id blob not null,
    step integer not null,
    bucket integer not null,
    n integer not null,
    primary key (campaign_id, step, bucket)
) strict, without rowid;
