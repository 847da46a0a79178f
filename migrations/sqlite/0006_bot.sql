-- A conversation has one notice, raised again with each message of the customer: `times` says how often.
alter table notice add column times integer not null default 1;
create index notice_account_due on notice (account_id, due_at) where due_at is not null;

-- What a chat of a member has been told of a notice.
create table notice_copy (
    notice_id integer not null references notice (id) on delete cascade,
    chat_id integer not null,
    account_id blob not null references account (id),
    -- Whose conversation it tells of, if of one.
    contact_id blob references contact (id),
    -- The message that shows it and may still be edited; null once a screen took its place or a member looked.
    message_id integer,
    -- How often the notice had been raised before that message, and how often when it was last shown.
    base integer not null,
    shown integer not null,
    -- When that message was sent.
    told_at text not null,
    primary key (notice_id, chat_id)
) strict;
create index notice_copy_message on notice_copy (chat_id, message_id) where message_id is not null;
create index notice_copy_contact on notice_copy (contact_id) where message_id is not null;
