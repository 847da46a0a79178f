-- Evidence: requests for it, with the days they must be answered in, and the dossiers that answer them.
create table evidence_request (
    id uuid primary key,
    account_id uuid not null references account (id),
    -- From 1, by account.
    number integer not null,
    -- Who asks, and about whom or what, in the words of whoever entered it.
    from_whom text not null,
    about text not null,
    -- Found since.
    contact_id uuid,
    campaign_id uuid references campaign (id),
    -- Days in the account's zone.
    received_on text not null,
    -- The last day for an answer; null: the calendar of that year is not known.
    due_on text,
    answered_on text,
    answer text,
    answered_by uuid references member (id),
    created_by uuid not null references member (id),
    created_at timestamptz not null,
    unique (account_id, number)
);
create index evidence_request_open on evidence_request (due_on) where answered_on is null;
create index evidence_request_contact on evidence_request (contact_id) where contact_id is not null;

create table dossier (
    id uuid primary key,
    account_id uuid not null references account (id),
    -- Who asked for it.
    member_id uuid not null references member (id),
    request_id uuid references evidence_request (id),
    -- Of whom: a contact, the people of a segment, those of a campaign.
    scope text not null check (scope in ('person', 'segment', 'campaign')),
    subject uuid not null,
    -- Its name when it was asked for.
    about text not null,
    language text not null check (language in ('ru', 'en')),
    state text not null check (state in ('wanted', 'making', 'ready', 'failed', 'forgotten')),
    attempt integer not null default 0,
    -- When somebody (else) may make it; null: it is made, or given up.
    due_at timestamptz,
    people integer,
    -- What is lacking, so many things.
    gaps integer,
    error text,
    created_at timestamptz not null,
    made_at timestamptz
);
create index dossier_due on dossier (due_at) where due_at is not null;
create index dossier_account on dossier (account_id, id);
create index dossier_request on dossier (request_id) where request_id is not null;
create index dossier_subject on dossier (subject);
create index dossier_made on dossier (made_at) where state = 'ready';

-- Its files: 0 the paper, parts of the archive from 1.
create table dossier_file (
    dossier_id uuid not null references dossier (id),
    part integer not null,
    account_id uuid not null references account (id),
    file_id uuid not null references file (id),
    primary key (dossier_id, part)
);
