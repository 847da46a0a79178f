-- The dossier of evidence that answers a claim.
alter table claim add column dossier_id blob references dossier (id);
