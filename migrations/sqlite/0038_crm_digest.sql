-- What a contact's record said when it was taken in, of a CRM that gives all its records at once.
alter table contact add column crm_digest integer;
