-- A choice of whose word counts for a field is carried out for everybody who is in several CRMs, a portion at a time: how far it
-- is. The row goes at its end.
create table field_apply (
    account_id blob not null references account (id),
    field text not null,
    -- People up to this id are done.
    after_id blob not null,
    done integer not null,
    -- People who were in several CRMs when it was chosen.
    total integer not null,
    -- Grows when it is chosen anew, so that a portion under the former choice is dropped.
    turn integer not null,
    begun_at text not null,
    primary key (account_id, field)
) strict, without rowid;
-- People of several records.
create index contact_source_said on contact_source (account_id, contact_id) where said is not null;
