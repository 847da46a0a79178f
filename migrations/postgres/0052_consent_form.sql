-- What people typed into our form of consents, until they confirm it in the messenger (`consent::form`): no consent before that.
create table consent_form (
    id uuid primary key,
    account_id uuid not null references account (id),
    channel_id uuid not null references channel (id),
    -- The payload of the link that confirms it, once.
    token text not null unique,
    name text not null,
    -- As it was typed: evidence, never an address.
    phone text not null,
    data_wording uuid not null references wording (id),
    -- Null: that tick was not set.
    ads_wording uuid references wording (id),
    -- The hash of the words as they were shown.
    shown text not null,
    created_at timestamptz not null,
    taken_at timestamptz,
    contact_id uuid references contact (id)
);
create index consent_form_waiting on consent_form (channel_id, created_at) where taken_at is null;
create index consent_form_old on consent_form (created_at) where taken_at is null;
create index consent_form_contact on consent_form (contact_id) where contact_id is not null;
create index consent_form_account on consent_form (account_id);
