-- What names a person in the consent ledger goes when their data are destroyed on demand: nothing but the evidence of an entry changes, and it says so (`forgotten`).
create function refuse_consent_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.evidence ? 'forgotten' and (to_jsonb(new) - 'evidence') = (to_jsonb(old) - 'evidence') then
        return new;
    end if;
    raise exception '% is append-only', tg_table_name;
end $$;
drop trigger consent_no_change on consent;
create trigger consent_no_change before update or delete on consent for each row execute function refuse_consent_change();

-- The digest of a link's entries since then, made with the key of the trail by a change that found them whole.
create table consent_forgotten (
    account_id uuid not null references account (id),
    -- The link's number (`consent_link.seq`).
    link bigint not null,
    digest text not null,
    mac text not null,
    primary key (account_id, link)
);
