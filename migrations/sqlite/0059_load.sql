-- How much of the server one company takes at a time (`account::load`) is asked with every file and every message of a CRM.
create index file_size on file (account_id, size);
create index crm_message_lately on crm_message (account_id, created_at);
