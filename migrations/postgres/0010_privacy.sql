-- Whose event it was, once that was understood: a deletion blanks what the person wrote.
alter table inbound add column contact_id uuid;
create index inbound_contact on inbound (contact_id) where contact_id is not null;
create index crm_write_failed on crm_write (contact_id) where state = 'failed';

-- What is old enough is forgotten: what still has something to forget, by its age.
create index inbound_old on inbound (handled_at) where payload <> '' and handled_at is not null;
create index inbound_given_up on inbound (received_at) where payload <> '' and state = 'failed';
create index notice_old on notice (sent_at) where payload <> '{}' and sent_at is not null;
create index outgoing_old on outgoing (created_at) where payload <> '{}' and state in ('sent', 'failed', 'uncertain');
create index chat_message_old on chat_message (at) where body <> '';
create index crm_write_old on crm_write (done_at) where payload <> '{}' and done_at is not null;
create index campaign_file_old on campaign_file (created_at, file_id);
create index session_ended on session (ended_at) where ended_at is not null and telegram_user_id <> 0;
create index dialogue_old on dialogue (updated_at);
