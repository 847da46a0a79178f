-- The people whom campaigns wrote to in a month are counted where a plan limits them. Of a contact: the last month it was counted in.
alter table contact add column written_month integer;
-- A list of words in a CHECK is changed by making the table anew; it has a few rows an account.
create table usage_count_new (
    account_id blob not null references account (id),
    -- `contacts`: those that are not deleted, under month 0. `messages`: campaign messages of a month in the account's zone.
    -- `people`: whom they went to, each once a month.
    what text not null check (what in ('contacts', 'messages', 'people')),
    -- Year and month as one number: 202612.
    month integer not null,
    n integer not null,
    primary key (account_id, what, month)
) strict;
insert into usage_count_new (account_id, what, month, n) select account_id, what, month, n from usage_count;
drop table usage_count;
alter table usage_count_new rename to usage_count;

-- The terms that were ever accepted, word for word.
create table licence_terms (
    hash text primary key,
    language text not null check (language in ('ru', 'en')),
    body text not null,
    created_at text not null
) strict;

-- A licence that somebody means to buy. Its number stands on papers.
create table licence_order (
    id integer primary key autoincrement,
    account_id blob not null references account (id),
    member_id blob not null references member (id),
    plan text not null,
    -- Calendar months.
    months integer not null check (months between 1 and 60),
    -- The day of the edition of the plans.
    edition text not null,
    -- Hundredths of the currency; whole Telegram Stars where that is XTR.
    amount integer not null check (amount > 0),
    currency text not null,
    way text not null check (way in ('telegram', 'stars', 'bank')),
    state text not null check (state in ('open', 'paid', 'expired', 'cancelled')),
    -- Which terms were accepted with it; who and when are its member and its time.
    terms text not null references licence_terms (hash),
    -- Who buys, as they wrote it: for a bank.
    buyer text not null default '',
    buyer_inn text not null default '',
    created_at text not null,
    expires_at text not null,
    ended_at text,
    licence_id blob references licence (id)
) strict;
create index licence_order_account on licence_order (account_id, id);
create index licence_order_open on licence_order (expires_at) where state = 'open';

-- Money that came, each payment once, whatever became of it.
create table licence_payment (
    -- Who says so, and their number of it.
    payment text primary key,
    account_id blob not null references account (id),
    order_id integer not null references licence_order (id),
    amount integer not null,
    currency text not null,
    -- The licence it made; null: it was not what the order wanted, or one payment too many.
    licence_id blob references licence (id),
    created_at text not null
) strict;
create index licence_payment_order on licence_payment (account_id, order_id);

-- Signed keys that were entered, each once.
create table licence_key (
    id text primary key,
    account_id blob not null references account (id),
    licence_id blob not null references licence (id),
    entered_at text not null
) strict;
create index licence_key_account on licence_key (account_id);
