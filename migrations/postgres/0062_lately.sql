-- By its account alone SQLite would read a company's messages to find those of one contact: what came lately is found by when it came.
drop index crm_message_lately;
create index crm_message_lately on crm_message (created_at, account_id);
