-- Consents signed on paper (`consent::signed`): what a member says of one, until its picture is there, and with the picture from then on.
create table consent_paper (
    id blob primary key,
    account_id blob not null references account (id),
    contact_id blob not null references contact (id),
    -- Who brings it.
    member_id blob not null references member (id),
    purpose text not null check (purpose in ('marketing', 'personal_data')),
    -- The version of the company's words that was signed; null: none was chosen yet, or the paper says something else.
    wording_id blob references wording (id),
    -- It says something else: these words, if somebody typed them.
    other integer not null,
    words text not null,
    -- The day on the paper, in the account's zone.
    signed_on text,
    file_id blob references file (id),
    created_at text not null,
    -- Null: it is no evidence yet.
    kept_at text
) strict;
create unique index consent_paper_draft on consent_paper (contact_id, member_id) where kept_at is null;
create index consent_paper_contact on consent_paper (contact_id);
create index consent_paper_old on consent_paper (created_at) where kept_at is null;
create index consent_paper_kept on consent_paper (kept_at) where kept_at is not null;
create index consent_paper_account on consent_paper (account_id, contact_id);
