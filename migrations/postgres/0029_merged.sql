-- The contact that a chat's contact turned out to be. What still names the chat's (a second message of a campaign that both were in) is that person's:
-- a receipt that comes late is told of them, and whoever deletes them deletes it.
alter table contact add column merged_into uuid;
create index contact_merged on contact (merged_into) where merged_into is not null;
