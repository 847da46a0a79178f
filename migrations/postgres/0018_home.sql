-- Where this database is at home: the number PostgreSQL gave to this very table. What pg_restore makes has other numbers, so a
-- database that was restored says so by itself.
create table home (
    id integer primary key check (id = 1),
    place text not null
);
