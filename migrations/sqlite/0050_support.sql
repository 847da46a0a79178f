-- What a company asks its licensor, and the answers.
create table support_ticket (
    id blob primary key,
    account_id blob not null references account (id),
    -- By which people name it: from 1 on for each company.
    number integer not null,
    member_id blob not null references member (id),
    state text not null check (state in ('open', 'answered', 'closed')),
    opened_at text not null,
    -- Until when an answer is due; nothing: the working days of that year are not known.
    due_at text,
    closed_at text,
    unique (account_id, number)
) strict;
create index support_ticket_open on support_ticket (opened_at) where state = 'open';

create table support_message (
    id integer primary key autoincrement,
    account_id blob not null references account (id),
    ticket_id blob not null references support_ticket (id),
    -- Who wrote: the company, or the licensor.
    side text not null check (side in ('company', 'licensor')),
    member_id blob references member (id),
    body text not null,
    -- A picture or a file with it.
    file_id blob references file (id),
    created_at text not null
) strict;
create index support_message_ticket on support_message (ticket_id, id);

-- Claims: the company's against its licensor, and those of recipients and authorities against it.
create table claim (
    id blob primary key,
    account_id blob not null references account (id),
    number integer not null,
    direction text not null check (direction in ('to_licensor', 'to_company')),
    -- Who claims, in the company's words.
    claimant text not null,
    subject text not null,
    received_at text not null,
    due_at text not null,
    state text not null check (state in ('open', 'answered', 'closed')),
    answer text,
    answered_at text,
    -- The document that came with it.
    file_id blob references file (id),
    member_id blob not null references member (id),
    unique (account_id, number)
) strict;

-- Whether the licensor may show the company's logo.
alter table account add column logo_allowed integer not null default 0;
