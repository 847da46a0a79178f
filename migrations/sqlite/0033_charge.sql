-- What the messenger says it charged a message as (`channel::Charge`); null: it did not say.
alter table delivery add column charge text check (charge in ('authentication', 'free', 'marketing', 'service', 'utility'));
alter table receipt_early add column charge text check (charge in ('authentication', 'free', 'marketing', 'service', 'utility'));
