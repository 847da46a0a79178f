-- What a CRM was told is shown, the newest first.
create index crm_write_connection on crm_write (connection_id, id);
