-- What names a person in the consent ledger goes when their data are destroyed on demand: nothing but the evidence of an entry changes, and it says so (`forgotten`).
drop trigger consent_no_update;
create trigger consent_no_update before update on consent
when new.id is not old.id or new.account_id is not old.account_id or new.contact_id is not old.contact_id or new.purpose is not old.purpose
    or new.action is not old.action or new.grade is not old.grade or new.wording_id is not old.wording_id or new.channel_id is not old.channel_id
    or new.actor is not old.actor or new.at is not old.at or new.recorded_at is not old.recorded_at or new.batch is not old.batch
    or json_extract(new.evidence, '$.forgotten') is null
begin select raise(abort, 'the consent ledger is append-only'); end;

-- The digest of a link's entries since then, made with the key of the trail by a change that found them whole.
create table consent_forgotten (
    account_id blob not null references account (id),
    -- The link's number (`consent_link.seq`).
    link integer not null,
    digest text not null,
    mac text not null,
    primary key (account_id, link)
) strict, without rowid;
