-- Closing a campaign leaves notes for the CRM, a portion of contacts a change. Notes of contacts up to this one are in line; all
-- zeros: none yet. Null: there are none to make, or all are made.
alter table campaign add column noted_to uuid;
create index campaign_noting on campaign (noted_to) where noted_to is not null;
