-- Refused sign-ins at logins that nobody has, the last 256 of them, without the login. One at a
-- login that is there becomes an entry of its company's trail; so that the time of the answer does
-- not tell which it was, the other one is as much work.
create table stranger_head (
    id integer primary key check (id = 1),
    attempts integer not null,
    hash text not null,
    mac text not null
) strict;
insert into stranger_head (id, attempts, hash, mac) values (1, 0, '', '');
create table stranger_attempt (
    slot integer primary key,
    at text not null,
    prev_hash text not null,
    hash text not null
) strict;
