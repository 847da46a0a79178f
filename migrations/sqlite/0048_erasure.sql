-- Demands that a person's data be destroyed (`erasure`): a register with its clock. What was in them goes with the act: nothing here names the person.
create table erasure (
    id blob primary key,
    account_id blob not null references account (id),
    -- Within the account, from 1.
    number integer not null,
    -- Whoever was erased may be unknown to a backup that was restored since.
    contact_id blob not null,
    ground text not null check (ground in ('unlawful', 'unneeded', 'demanded', 'withdrawn', 'achieved')),
    -- Who demanded it and by what, in a member's words: until it is done.
    reason text not null,
    member_id blob not null references member (id),
    asked_at text not null,
    -- The last days: processing stops, data are destroyed. `exact`: by a calendar that knows them.
    stop_by text,
    destroy_by text not null,
    exact integer not null,
    state text not null check (state in ('open', 'done', 'dropped')),
    done_at text,
    done_by blob references member (id),
    -- What the act says (`erasure::Facts`), and the hashes of both documents.
    facts text,
    act_sha256 text,
    extract_sha256 text,
    unique (account_id, number)
) strict;
create index erasure_open on erasure (account_id, destroy_by) where state = 'open';
create unique index erasure_of_contact on erasure (contact_id) where state = 'open';

-- By which an erased person is known when a file, a CRM or a member names them again: a keyed hash of each address they had.
create table erased_mark (
    account_id blob not null references account (id),
    digest text not null,
    erasure_id blob not null references erasure (id),
    -- They had said stop: whoever comes back by this address has still said it.
    stopped integer not null,
    primary key (account_id, digest)
) strict, without rowid;
create index erased_mark_erasure on erased_mark (erasure_id);

-- Whom the acts are made by: the operator, its address, who is responsible, who signs. JSON; null: not asked yet.
alter table account add column operator text;
-- Rows of a file that name an erased person, by their places.
alter table import_left_out add column erased text not null default '[]';
-- What was ever noted of an address, and in somebody's name, lifted or not: an erasure takes all of it.
create index suppression_address on suppression (account_id, kind, value);
create index suppression_person on suppression (contact_id, account_id) where contact_id is not null;
