-- A version in the form in which the provider of a channel must approve it before it may be sent.
create table provider_template (
    id uuid primary key,
    account_id uuid not null references account (id),
    channel_id uuid not null references channel (id),
    template_version_id uuid not null references template_version (id),
    -- At the provider. Its id there comes with the first answer.
    name text not null,
    language text not null,
    external_id text not null,
    category text not null check (category in ('marketing', 'utility')),
    state text not null check (state in ('sending', 'refused', 'pending', 'approved', 'rejected', 'paused', 'disabled', 'gone')),
    -- Why, and how people take it, in the provider's words.
    reason text,
    quality text,
    -- How its values come out of the version (`template::provider::Mapping`).
    mapping jsonb not null,
    -- All of it that is the same for everybody: an approval of a campaign is for this.
    digest text not null,
    submitted_by uuid not null references member (id),
    submitted_at timestamptz not null,
    changed_at timestamptz not null,
    -- When the provider is asked what has become of it; null: no more.
    look_at timestamptz,
    unique (channel_id, template_version_id)
);
create index provider_template_account on provider_template (account_id, template_version_id);
create index provider_template_look on provider_template (look_at) where look_at is not null;
