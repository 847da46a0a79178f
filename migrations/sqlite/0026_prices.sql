-- What a message costs an account, where it says so itself (`price`); elsewhere the data files hold. Of one day the last word counts.
create table price (
    account_id blob not null references account (id),
    -- The messenger.
    provider text not null,
    category text not null check (category in ('marketing', 'utility', 'authentication', 'service')),
    -- ISO 3166; empty: every country that has no price of its own.
    country text not null,
    -- The first day it holds for, by the account's own clock: YYYY-MM-DD.
    since text not null,
    -- Millionths of the currency's unit; null: from that day on the account has no price of its own.
    amount integer,
    -- ISO 4217.
    currency text,
    primary key (account_id, provider, category, country, since)
) strict, without rowid;

-- What a campaign was to cost when it was launched, and what it cost when it was closed (`campaign::cost`): JSON.
alter table campaign add column cost_forecast text;
alter table campaign add column cost_spent text;
