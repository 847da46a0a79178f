-- What a CRM was told of a person's stop is asked for by the person, for each page of its records.
create index crm_write_stop on crm_write (contact_id) where kind in ('opt_out', 'opt_in');
