-- What an account said of its country and of what it does, and how its owners set the rules of law (`law::profile`): JSON; null: nothing yet.
alter table account add column law jsonb;

-- What members answered to what the rules found in a text (`law::answers`). An edit of what it is about asks anew.
create table law_answer (
    account_id uuid not null references account (id),
    -- The rule's id in `core/data/law`.
    rule text not null,
    -- A hash of the sentences, the text or the file.
    about text not null,
    -- The words that were found.
    words text not null,
    answer text not null check (answer in ('false_alarm', 'own', 'licence', 'stock', 'document')),
    -- Of a document.
    file_id uuid references file (id),
    member_id uuid not null references member (id),
    answered_at timestamptz not null,
    primary key (account_id, rule, about)
);
