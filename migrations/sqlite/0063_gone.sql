-- Who was deleted lately is looked for again and again, and is few.
create index contact_gone on contact (deleted_at) where deleted_at is not null;
