-- Segments ask for occasions that count, or for those ahead, and never for others: indexes of these
-- alone are smaller, and nothing is left to be filtered.
drop index occasion_contact;
create index occasion_counts on occasion (account_id, kind, contact_id, at, amount) where state in ('open', 'confirmed', 'done');
create index occasion_ahead on occasion (account_id, kind, contact_id, at) where state in ('open', 'confirmed');
