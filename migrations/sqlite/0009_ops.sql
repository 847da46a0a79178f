-- After a restore that cannot know who said stop since the backup, advertising waits for an owner's word.
alter table account add column advertising_held_at text;

-- A value sealed by the sealing key of this database: a key that does not open it is another's.
create table sealing_proof (
    id integer primary key check (id = 1),
    sealed blob not null,
    created_at text not null
) strict;
