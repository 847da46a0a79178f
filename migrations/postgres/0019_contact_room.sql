-- A campaign's claim stamps each of its contacts, and no index has what it changes. With room for the new version of a row in the page of the old
-- one PostgreSQL touches no index of the table; without it the table grows as large all the same, and each stamp is an entry more in every index.
-- Pages written from now on have the room.
alter table contact set (fillfactor = 50);
