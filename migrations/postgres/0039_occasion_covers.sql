-- SQLite's indexes of occasions get one more column here. PostgreSQL answers from its own as they are: it leaves out what
-- an index's condition implies.
select 1;
