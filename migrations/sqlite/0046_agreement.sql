-- Texts of the licensor that an owner accepts, each version as it was published.
create table agreement_text (
    document text not null check (document in ('agreement', 'privacy')),
    version text not null,
    language text not null check (language in ('ru', 'en')),
    -- The day (UTC) from which it holds.
    effective_at text not null,
    body text not null,
    -- SHA-256 of the body.
    hash text not null,
    published_at text not null,
    primary key (document, version, language)
) strict;

-- Who accepted which version for their company, when, and in which chat.
create table agreement_acceptance (
    id integer primary key autoincrement,
    account_id blob not null references account (id),
    document text not null check (document in ('agreement', 'privacy')),
    version text not null,
    language text not null check (language in ('ru', 'en')),
    hash text not null,
    member_id blob not null references member (id),
    -- The messenger of the chat.
    desk text not null,
    chat_id integer not null,
    accepted_at text not null,
    unique (account_id, document, version)
) strict;

-- What the licensor closed to a company, and why.
create table suspension (
    id blob primary key,
    account_id blob not null references account (id),
    scope text not null check (scope in ('sending', 'all')),
    reason text not null,
    -- The number or the name of the document, and the SHA-256 of its file where there is one.
    document text not null,
    document_hash text,
    begins_at text not null,
    -- Until then; nothing: until it is lifted.
    ends_at text,
    lifted_at text,
    lift_reason text
) strict;
create index suspension_live on suspension (account_id) where lifted_at is null;

-- Functions that are switched off for a company; without a row a function is on.
create table feature_off (
    account_id blob not null references account (id),
    name text not null,
    reason text not null,
    since text not null,
    primary key (account_id, name)
) strict;

create trigger agreement_text_no_update before update on agreement_text begin select raise(abort, 'agreement_text is append-only'); end;
create trigger agreement_text_no_delete before delete on agreement_text begin select raise(abort, 'agreement_text is append-only'); end;
create trigger agreement_acceptance_no_update before update on agreement_acceptance begin select raise(abort, 'agreement_acceptance is append-only'); end;
create trigger agreement_acceptance_no_delete before delete on agreement_acceptance begin select raise(abort, 'agreement_acceptance is append-only'); end;
