-- What customers and members send besides words, whose a conversation is, saved answers.

-- A file in a conversation. A customer's is at the provider, by its reference; a member's is the one of `outgoing`.
alter table chat_message add column file_kind text check (file_kind in ('photo', 'video', 'animation', 'video_note', 'voice', 'audio', 'document', 'sticker'));
alter table chat_message add column file_ref text;
alter table chat_message add column file_name text;
alter table chat_message add column file_mime text;
alter table chat_message add column file_size integer;
-- The words by which a person opted out: how they said it. They wait for no answer.
alter table chat_message add column stop text;
-- What people search the words of an account by, newest first.
create index chat_message_account on chat_message (account_id, id);

-- The file that goes with a member's reply.
alter table outgoing add column file_id blob references file (id);
create index outgoing_file on outgoing (created_at) where file_id is not null;
create index outgoing_file_contact on outgoing (contact_id) where file_id is not null;

-- The first message of those that wait for an answer: who has waited longest comes first.
alter table conversation add column since_id integer;
-- The member who answers this customer.
alter table conversation add column assigned_to blob references member (id);
alter table conversation add column assigned_at text;
create index conversation_waiting on conversation (account_id, since_id) where waits = true;
update conversation set since_id = coalesce((select min(m.id) from chat_message m
    where m.account_id = conversation.account_id and m.contact_id = conversation.contact_id and m.direction = 'in' and m.handled_at is null
    and m.id > coalesce((select max(o.id) from chat_message o where o.account_id = conversation.account_id
    and o.contact_id = conversation.contact_id and o.direction = 'out'), 0)), last_id);

-- A member who does not want to be told of a customer's messages.
create table conversation_mute (
    contact_id blob not null references contact (id),
    member_id blob not null references member (id),
    account_id blob not null references account (id),
    at text not null,
    primary key (contact_id, member_id)
) strict;

-- Answers an account gives often.
create table quick_reply (
    id blob primary key,
    account_id blob not null references account (id),
    -- Text with its styles, as messages outside campaigns keep it.
    body text not null,
    created_by blob not null references member (id),
    created_at text not null,
    updated_at text not null
) strict;
create index quick_reply_account on quick_reply (account_id);
