-- Two contacts also become one where the CRM merged their records: it says so (`crm`), or one record is gone there and the
-- other one has its phones (`gone`). A list of words in a CHECK is changed by making the table anew; it has a row a join.
create table contact_join_new (
    id blob primary key,
    account_id blob not null references account (id),
    -- Whom the two became, and who the other one was.
    contact_id blob not null references contact (id),
    other_id blob not null references contact (id),
    proof text not null check (proof in ('phone', 'member', 'crm', 'gone')),
    member_id blob references member (id),
    at text not null,
    -- What each had; blanked with the person.
    kept text not null,
    undone_at text,
    undone_by blob references member (id)
) strict;
insert into contact_join_new (id, account_id, contact_id, other_id, proof, member_id, at, kept, undone_at, undone_by)
    select id, account_id, contact_id, other_id, proof, member_id, at, kept, undone_at, undone_by from contact_join;
drop table contact_join;
alter table contact_join_new rename to contact_join;
create index contact_join_contact on contact_join (contact_id, id) where undone_at is null;
create index contact_join_account on contact_join (account_id, id) where undone_at is null;
