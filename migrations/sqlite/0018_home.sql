-- Where this database is at home: PostgreSQL's to tell. A SQLite file is restored by `mms admin restore`.
create table home (
    id integer primary key check (id = 1),
    place text not null
) strict;
