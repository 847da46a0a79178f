-- By which somebody who was deleted is known when they say stop afterwards, or come back: a keyed hash of each address they had.
create table deleted_mark (
    account_id blob not null references account (id),
    digest text not null,
    -- Whoever was deleted may be unknown to a backup that was restored since.
    contact_id blob not null,
    -- Whoever comes by the address has said stop.
    stopped integer not null,
    -- The contact who came by the address since.
    came_as blob,
    primary key (account_id, digest, contact_id)
) strict;
create index deleted_mark_person on deleted_mark (contact_id, account_id);
insert into deleted_mark (account_id, digest, contact_id, stopped)
    select m.account_id, m.digest, e.contact_id, m.stopped from erased_mark m join erasure e on e.id = m.erasure_id;
-- When a message outside campaigns was first tried: under the same client id it is one message at the provider for so long.
alter table outgoing add column first_tried_at text;
