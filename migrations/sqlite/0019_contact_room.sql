-- PostgreSQL gets room in the pages of contacts; SQLite changes rows where they are, and needs none.
select 1;
