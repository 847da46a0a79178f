-- Words by which people come (`inbound::keyword`): whoever writes one to the company is asked for consents as after its link.
create table keyword (
    id uuid primary key,
    account_id uuid not null references account (id),
    -- Where it counts; null: in every channel.
    channel_id uuid references channel (id),
    -- As it is printed, and as it is compared.
    word text not null,
    folded text not null,
    created_by uuid not null references member (id),
    created_at timestamptz not null,
    -- Since when it means nothing; null: it is on.
    off_at timestamptz
);
create unique index keyword_word on keyword (account_id, folded);

-- Who came by it: the first time, and the last with its message.
create table keyword_visit (
    keyword_id uuid not null references keyword (id),
    contact_id uuid not null references contact (id),
    account_id uuid not null references account (id),
    message_ref text not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (keyword_id, contact_id)
);
create index keyword_visit_contact on keyword_visit (contact_id);
