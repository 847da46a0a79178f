-- Some providers limit how many people a sender may begin to write to within 24 hours, with all others of the same owner (`channel::Daily`).
-- Whose limit it is; null: nobody limits that.
alter table channel add column quota_scope text;
create index channel_quota on channel (quota_scope) where quota_scope is not null;

-- When the message took a place among those people, outside of a conversation that its recipient had begun; null: it took none, or gave it back.
alter table delivery add column quota_at text;
create index delivery_quota on delivery (channel_id, quota_at, contact_id) where quota_at is not null;
