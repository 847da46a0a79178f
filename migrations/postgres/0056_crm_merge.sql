-- Two contacts also become one where the CRM merged their records: it says so (`crm`), or one record is gone there and the
-- other one has its phones (`gone`).
alter table contact_join drop constraint contact_join_proof_check;
alter table contact_join add constraint contact_join_proof_check check (proof in ('phone', 'member', 'crm', 'gone'));
