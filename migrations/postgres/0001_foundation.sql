-- The foundation: every room of `core` owns the tables under its heading.
-- Both engines keep the same tables, columns and constraints (tests/schema_parity.rs compares them).
-- Times are UTC, cut to milliseconds by the program and bound as parameters; nothing here reads an SQL clock.

-- ---------------------------------------------------------------- account
create table account (
    id uuid primary key,
    name text not null,
    zone text not null,
    language text not null check (language in ('ru', 'en')),
    phone_region text not null,
    -- The weakest evidence with which advertising may be sent: 1 = A … 4 = D.
    min_grade smallint not null default 3 check (min_grade between 1 and 4),
    -- Hours between two advertising messages to one person; 0 = no cap.
    cap_hours integer not null default 0,
    -- Who advertises: shown in advertising messages, required by lint.
    advertiser text not null default '',
    created_at timestamptz not null
);

create table member (
    id uuid primary key,
    account_id uuid not null references account (id),
    login text not null unique,
    password_hash text not null,
    name text not null,
    role text not null check (role in ('owner', 'manager', 'approver', 'viewer')),
    language text not null check (language in ('ru', 'en')),
    failures integer not null default 0,
    -- Until when no attempt is looked at (grows with failures).
    delayed_until timestamptz,
    -- A hard lock: lifted by an owner only.
    locked_at timestamptz,
    lock_reason text,
    disabled_at timestamptz,
    created_at timestamptz not null
);
create index member_account on member (account_id);

create table session (
    id uuid primary key,
    account_id uuid not null references account (id),
    member_id uuid not null references member (id),
    telegram_user_id bigint not null,
    telegram_name text not null default '',
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    ended_at timestamptz,
    end_reason text
);
create unique index session_live on session (telegram_user_id) where ended_at is null;
create index session_member on session (member_id);

-- Wrong passwords counted by who types them, so that guessing many logins from one phone slows down too.
create table login_guard (
    telegram_user_id bigint primary key,
    failures integer not null,
    delayed_until timestamptz,
    updated_at timestamptz not null
);

create table invitation (
    id uuid primary key,
    account_id uuid not null references account (id),
    token_hash text not null unique,
    role text not null check (role in ('owner', 'manager', 'approver', 'viewer')),
    created_by uuid references member (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    used_by uuid references member (id)
);
create index invitation_account on invitation (account_id);

create table licence (
    id uuid primary key,
    account_id uuid not null references account (id),
    plan text not null,
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null
);
create index licence_account on licence (account_id, valid_until);

-- ---------------------------------------------------------------- store
-- What a person changed, each entry chained to the one before by hash; `seq` counts within one account.
create table audit (
    account_id uuid not null references account (id),
    seq bigint not null,
    at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    details text not null,
    prev_hash text not null,
    hash text not null,
    primary key (account_id, seq)
);

-- Bytes the product keeps: campaign media, import files, reports.
create table file (
    id uuid primary key,
    account_id uuid not null references account (id),
    sha256 text not null,
    name text not null,
    mime text not null,
    size bigint not null,
    content bytea not null,
    created_at timestamptz not null
);
create index file_account on file (account_id, sha256);

-- ---------------------------------------------------------------- channel
create table channel (
    id uuid primary key,
    account_id uuid not null references account (id),
    kind text not null,
    name text not null,
    -- The sender's id at the provider (a bot's user id); one channel may hold it.
    external_id text not null,
    username text not null default '',
    credentials bytea not null,
    settings jsonb not null,
    state text not null check (state in ('active', 'paused', 'misconfigured', 'removed')),
    state_reason text,
    hook_secret text not null,
    lease_owner text,
    lease_token bigint not null default 0,
    lease_until timestamptz,
    -- The pacer's memory: the earliest time of the next message, so that a hand-over never bursts.
    next_allowed_at timestamptz,
    -- Closed until then by the provider's retry_after.
    held_until timestamptz,
    -- Long polling: the next update id to ask for.
    update_offset bigint not null default 0,
    created_at timestamptz not null
);
create unique index channel_identity on channel (kind, external_id) where state <> 'removed';
create index channel_account on channel (account_id);

-- A file already uploaded through a channel: sent by reference from then on.
create table media_ref (
    channel_id uuid not null references channel (id),
    sha256 text not null,
    media_kind text not null,
    reference text not null,
    created_at timestamptz not null,
    primary key (channel_id, sha256, media_kind)
);

-- ---------------------------------------------------------------- crm
create table crm_connection (
    id uuid primary key,
    account_id uuid not null references account (id),
    kind text not null,
    name text not null,
    base_url text not null,
    external_id text not null,
    state text not null check (state in ('active', 'paused', 'reauth_required', 'disconnected')),
    state_reason text,
    credentials bytea not null,
    -- Grows with every refresh; a refresher that read an older one lost the race.
    credentials_version bigint not null default 1,
    settings jsonb not null,
    hook_secret text not null,
    sync_cursor jsonb not null,
    sync_phase text not null check (sync_phase in ('idle', 'full', 'incremental')),
    sync_done bigint not null default 0,
    sync_started_at timestamptz,
    last_synced_at timestamptz,
    next_sync_at timestamptz,
    lease_owner text,
    lease_token bigint not null default 0,
    lease_until timestamptz,
    next_allowed_at timestamptz,
    held_until timestamptz,
    created_at timestamptz not null
);
create index crm_connection_account on crm_connection (account_id);

-- What must be told to the CRM: rows are the truth, the WriteBack job is the bell.
create table crm_write (
    id bigint generated by default as identity primary key,
    account_id uuid not null references account (id),
    connection_id uuid not null references crm_connection (id),
    contact_id uuid not null,
    crm_id text not null,
    kind text not null check (kind in ('note', 'opt_out', 'opt_in')),
    payload jsonb not null,
    dedupe_key text not null unique,
    state text not null check (state in ('queued', 'sending', 'done', 'failed')),
    attempt integer not null default 0,
    due_at timestamptz not null,
    lease_until timestamptz,
    error text,
    created_at timestamptz not null,
    done_at timestamptz
);
create index crm_write_due on crm_write (connection_id, due_at) where state in ('queued', 'sending');
create index crm_write_contact on crm_write (contact_id, connection_id) where state = 'done';

-- ---------------------------------------------------------------- contact
create table field (
    id uuid primary key,
    account_id uuid not null references account (id),
    -- The variable's name in templates and segments: latin letters, digits, underscores.
    key text not null,
    title text not null,
    kind text not null check (kind in ('text', 'number', 'date', 'flag')),
    position integer not null,
    created_at timestamptz not null,
    unique (account_id, key)
);

create table contact (
    id uuid primary key,
    account_id uuid not null references account (id),
    name text not null default '',
    first_name text not null default '',
    last_name text not null default '',
    -- The folded name (`contact::fold`): what people search by. SQLite's lower() knows only ASCII.
    search text not null default '',
    language text,
    zone text,
    -- {"<field key>": "text" | number | true | "YYYY-MM-DD"}; typed by `field.kind`.
    attributes jsonb not null,
    -- The same with texts folded, and the folded first_name and last_name: what segments compare.
    folded jsonb not null default '{}',
    -- The fold of the consent ledger, kept in the ledger's own transaction: 1 = A … 4 = D, null = no consent.
    marketing_grade smallint,
    personal_data_grade smallint,
    -- Said stop and has not come back: nothing is sent through any channel.
    opted_out_at timestamptz,
    connection_id uuid references crm_connection (id),
    crm_id text,
    crm_updated_at timestamptz,
    -- When a sync last saw the record: what a full load did not see is looked up and, when gone, deleted.
    crm_seen_at timestamptz,
    source text not null,
    last_contacted_at timestamptz,
    last_marketing_at timestamptz,
    last_answered_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz
-- Every message touches its contact: with room left on the page the row is changed in place, and no index learns of it.
) with (fillfactor = 85);
create unique index contact_crm on contact (connection_id, crm_id) where crm_id is not null;
create index contact_account on contact (account_id, id) where deleted_at is null;

create table contact_tag (
    contact_id uuid not null references contact (id),
    tag text not null,
    account_id uuid not null references account (id),
    -- Given by the CRM: taken away when the CRM takes it away.
    from_crm boolean not null default false,
    primary key (account_id, contact_id, tag)
);
create index contact_tag_name on contact_tag (account_id, tag, contact_id);

-- `scope_id` ties an address to one sending identity where the provider does (a Telegram chat belongs to one bot);
-- the nil UUID means "any" (a phone).
create table address (
    id uuid primary key,
    account_id uuid not null references account (id),
    contact_id uuid not null references contact (id),
    kind text not null,
    value text not null,
    scope_id uuid not null,
    raw text,
    -- Given by the CRM: taken away when the CRM takes it away.
    from_crm boolean not null default false,
    state text not null check (state in ('unknown', 'reachable', 'unreachable')),
    state_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index address_identity on address (account_id, kind, value, scope_id);
create index address_contact on address (contact_id, kind);

create table segment (
    id uuid primary key,
    account_id uuid not null references account (id),
    name text not null,
    filter text not null,
    created_by uuid not null references member (id),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz
);
create unique index segment_name on segment (account_id, name) where deleted_at is null;

create table import (
    id uuid primary key,
    account_id uuid not null references account (id),
    member_id uuid not null references member (id),
    file_id uuid not null references file (id),
    state text not null check (state in ('mapping', 'ready', 'running', 'held', 'done', 'failed', 'cancelled')),
    -- Column mapping and the dry run's numbers.
    mapping jsonb not null,
    origin text,
    basis text,
    counts jsonb not null,
    -- The first row of the file not taken in yet: who moves it on owns the rows in between.
    next_row bigint not null default 0,
    refused_file_id uuid references file (id),
    -- Tries in a row that moved nothing on.
    attempts integer not null default 0,
    -- Left alone until then: somebody is at it, or the last try broke off.
    due_at timestamptz,
    error text,
    created_at timestamptz not null,
    finished_at timestamptz
);
create index import_account on import (account_id, created_at);

-- A one-time opaque token that carries a contact into a customer bot's /start.
create table contact_link (
    token text primary key,
    account_id uuid not null references account (id),
    channel_id uuid not null references channel (id),
    contact_id uuid not null references contact (id),
    created_at timestamptz not null,
    used_at timestamptz
);

-- ---------------------------------------------------------------- consent
create table wording (
    id uuid primary key,
    account_id uuid not null references account (id),
    purpose text not null check (purpose in ('personal_data', 'marketing')),
    language text not null check (language in ('ru', 'en')),
    version integer not null,
    body text not null,
    created_by uuid references member (id),
    created_at timestamptz not null,
    unique (account_id, purpose, language, version)
);

-- Append-only: triggers below refuse every change.
create table consent (
    id bigint generated by default as identity primary key,
    account_id uuid not null references account (id),
    contact_id uuid not null,
    purpose text not null check (purpose in ('personal_data', 'marketing')),
    action text not null check (action in ('granted', 'withdrawn')),
    grade smallint not null check (grade between 1 and 4),
    wording_id uuid references wording (id),
    channel_id uuid references channel (id),
    evidence jsonb not null,
    actor text not null,
    at timestamptz not null,
    recorded_at timestamptz not null
);
create index consent_contact on consent (contact_id, id);

create table suppression (
    id uuid primary key,
    account_id uuid not null references account (id),
    kind text not null,
    value text not null,
    -- The nil UUID: whatever the sending identity.
    scope_id uuid not null,
    reason text not null check (reason in ('opt_out', 'blocked', 'complaint', 'manual')),
    contact_id uuid,
    evidence jsonb not null,
    created_at timestamptz not null,
    lifted_at timestamptz,
    lifted_reason text
);
create unique index suppression_live on suppression (account_id, kind, value, scope_id, reason) where lifted_at is null;
create index suppression_contact on suppression (contact_id) where lifted_at is null;

-- ---------------------------------------------------------------- template
create table template (
    id uuid primary key,
    account_id uuid not null references account (id),
    name text not null,
    created_by uuid not null references member (id),
    created_at timestamptz not null,
    archived_at timestamptz
);
create index template_account on template (account_id);

create table template_version (
    id uuid primary key,
    account_id uuid not null references account (id),
    template_id uuid not null references template (id),
    number integer not null,
    class text not null check (class in ('advertising', 'service')),
    -- Liquid over the small HTML of messages (b, i, u, s, a, code, pre, tg-spoiler, blockquote).
    body text not null,
    media_kind text check (media_kind in ('photo', 'document')),
    media_file_id uuid references file (id),
    -- [{"text": "…", "url": "…"}], Liquid in both.
    buttons jsonb not null,
    state text not null check (state in ('draft', 'submitted', 'approved', 'returned')),
    -- SHA-256 of all that goes out, set on submission.
    content_hash text,
    comment text,
    created_by uuid not null references member (id),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    submitted_by uuid references member (id),
    submitted_at timestamptz,
    decided_by uuid references member (id),
    decided_at timestamptz,
    -- Every member who wrote in it: none of them may approve it. ["<member id>"…]
    authors jsonb not null default '[]',
    unique (template_id, number)
);

-- ---------------------------------------------------------------- campaign
create table campaign (
    id uuid primary key,
    account_id uuid not null references account (id),
    name text not null,
    state text not null check (state in ('draft', 'submitted', 'approved', 'scheduled', 'planning', 'running', 'paused', 'finished', 'stopped', 'failed')),
    state_reason text,
    template_version_id uuid references template_version (id),
    -- {"include": ["<segment id>"…], "exclude": […]}; an empty include means everybody.
    audience jsonb not null,
    channel_id uuid references channel (id),
    starts_at timestamptz,
    ends_at timestamptz,
    uncertain_policy text not null default 'leave' check (uncertain_policy in ('leave', 'resend', 'ask')),
    comment text,
    -- The hash that was submitted / approved: approval holds only while it equals the hash of what would go out.
    submitted_hash text,
    approved_hash text,
    submitted_by uuid references member (id),
    submitted_at timestamptz,
    approved_by uuid references member (id),
    approved_at timestamptz,
    launched_by uuid references member (id),
    launched_at timestamptz,
    -- Recipients the launching member typed; planning that finds more stops instead of sending.
    confirmed_count bigint,
    -- Planning is under way: contacts up to this one have their deliveries. All zeros: what an earlier, broken-off planning made is
    -- to be taken back first. Null: there are no deliveries, or planning is done.
    planned_to uuid,
    planned_at timestamptz,
    finished_at timestamptz,
    created_by uuid not null references member (id),
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index campaign_account on campaign (account_id, created_at);
create index campaign_live on campaign (channel_id, state) where state in ('scheduled', 'planning', 'running', 'paused');
create index campaign_open on campaign (state) where finished_at is null;
create index campaign_half on campaign (planned_to) where planned_to is not null;

-- A closed campaign's report, made once on demand and kept; one a kind and language.
create table campaign_file (
    campaign_id uuid not null references campaign (id),
    kind text not null check (kind in ('recipients', 'chart')),
    language text not null check (language in ('ru', 'en')),
    account_id uuid not null references account (id),
    file_id uuid not null references file (id),
    created_at timestamptz not null,
    primary key (campaign_id, kind, language)
);

-- ---------------------------------------------------------------- delivery
create table delivery (
    id bigint generated by default as identity primary key,
    account_id uuid not null,
    campaign_id uuid not null references campaign (id),
    contact_id uuid not null,
    channel_id uuid not null,
    address_id uuid,
    -- false: left out by planning (state 'skipped'); true: was meant to go.
    planned boolean not null,
    state text not null check (state in ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'skipped', 'uncertain', 'cancelled')),
    reason text,
    attempt integer not null default 0,
    due_at timestamptz,
    -- The channel's fencing token under which the row was claimed.
    claim bigint,
    lease_until timestamptz,
    message_ref text,
    sent_at timestamptz,
    updated_at timestamptz not null
);
create unique index delivery_person on delivery (campaign_id, contact_id);
create unique index delivery_address on delivery (campaign_id, address_id) where planned;
create index delivery_due on delivery (campaign_id, due_at, id) where state = 'queued';
create index delivery_air on delivery (channel_id, lease_until) where state = 'sending';
create index delivery_contact on delivery (contact_id, id);
create index delivery_message on delivery (channel_id, message_ref) where message_ref is not null;

-- Counters move in the transaction that moves the rows.
create table delivery_count (
    campaign_id uuid not null references campaign (id),
    planned boolean not null,
    state text not null,
    reason text not null,
    n bigint not null,
    primary key (campaign_id, planned, state, reason)
);

-- How many messages of a campaign went, by stretches of ten seconds: its rate now and its course later.
create table delivery_pace (
    campaign_id uuid not null references campaign (id),
    at timestamptz not null,
    -- When the first of them went: a campaign begins in the middle of a stretch.
    began timestamptz not null,
    sent bigint not null,
    primary key (campaign_id, at)
);

-- Receipts that came before the record of their message.
create table receipt_early (
    account_id uuid not null references account (id),
    channel_id uuid not null references channel (id),
    message_ref text not null,
    state text not null check (state in ('delivered', 'read')),
    at timestamptz not null,
    primary key (channel_id, message_ref)
);

-- Messages outside campaigns: consent questions, confirmations, managers' replies. Same channel lease, same pace, first in line.
create table outgoing (
    id bigint generated by default as identity primary key,
    account_id uuid not null references account (id),
    channel_id uuid not null references channel (id),
    contact_id uuid,
    address_value text not null,
    purpose text not null check (purpose in ('answer', 'confirmation', 'reply')),
    payload jsonb not null,
    dedupe_key text not null unique,
    state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'uncertain')),
    reason text,
    attempt integer not null default 0,
    due_at timestamptz not null,
    claim bigint,
    lease_until timestamptz,
    message_ref text,
    created_at timestamptz not null,
    sent_at timestamptz
);
create index outgoing_due on outgoing (channel_id, due_at, id) where state = 'queued';
create index outgoing_air on outgoing (channel_id, lease_until) where state = 'sending';
create index outgoing_contact on outgoing (contact_id) where contact_id is not null;

-- ---------------------------------------------------------------- inbound
-- Raw before understood. `source_id` is the channel or the CRM connection.
create table inbound (
    id bigint generated by default as identity primary key,
    account_id uuid not null references account (id),
    source_kind text not null check (source_kind in ('channel', 'crm')),
    source_id uuid not null,
    external_id text not null,
    payload text not null,
    state text not null check (state in ('new', 'handled', 'failed')),
    attempt integer not null default 0,
    due_at timestamptz not null,
    error text,
    received_at timestamptz not null,
    handled_at timestamptz,
    unique (source_id, external_id)
);
create index inbound_due on inbound (source_id, id) where state = 'new';

-- What was said between a customer and the company.
create table chat_message (
    id bigint generated by default as identity primary key,
    account_id uuid not null references account (id),
    contact_id uuid not null references contact (id),
    channel_id uuid not null references channel (id),
    direction text not null check (direction in ('in', 'out')),
    body text not null,
    message_ref text,
    member_id uuid references member (id),
    campaign_id uuid,
    at timestamptz not null,
    -- A member's word that the customer's message needs no answer.
    handled_at timestamptz,
    handled_by uuid references member (id)
);
create index chat_message_contact on chat_message (account_id, contact_id, id);

-- A conversation a contact, as the inbox lists them: its last message, and whether that waits for an answer.
create table conversation (
    contact_id uuid primary key references contact (id),
    account_id uuid not null references account (id),
    -- Of `chat_message`; no reference, for SQLite would look through this table at every message said.
    last_id bigint not null,
    waits boolean not null
);
create index conversation_list on conversation (account_id, waits, last_id);

-- ---------------------------------------------------------------- bot
-- A dialogue of the managers' bot: a step and ids; drafts live in their own tables.
create table dialogue (
    chat_id bigint primary key,
    state jsonb not null,
    updated_at timestamptz not null
);

-- A message of the managers' bot that edits itself.
create table card (
    chat_id bigint not null,
    message_id bigint not null,
    account_id uuid not null references account (id),
    member_id uuid not null references member (id),
    kind text not null,
    subject_id uuid not null,
    shown text not null default '',
    due_at timestamptz,
    primary key (chat_id, message_id)
);
create index card_due on card (due_at) where due_at is not null;
create index card_subject on card (subject_id);

-- Something members must be told: sent once by the bot, whoever raised it.
create table notice (
    id bigint generated by default as identity primary key,
    account_id uuid not null references account (id),
    member_id uuid references member (id),
    kind text not null,
    payload jsonb not null,
    dedupe_key text not null unique,
    attempt integer not null default 0,
    due_at timestamptz,
    created_at timestamptz not null,
    sent_at timestamptz
);
create index notice_due on notice (due_at) where due_at is not null;

-- Updates of the managers' bot already taken, so that one handled twice changes nothing.
create table manager_update (
    update_id bigint primary key,
    received_at timestamptz not null,
    -- Sealed, for a password may be in it; null once it was taken.
    payload bytea
);

-- The latest moment any process saw: a clock that was set back shows.
create table clock_seen (
    id smallint primary key check (id = 1),
    at timestamptz not null,
    -- When what was written by a clock that was ahead is looked for once more.
    again_at timestamptz
);

-- The ledgers are append-only, whoever asks.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end $$;
create trigger consent_no_change before update or delete on consent for each row execute function refuse_change();
create trigger audit_no_change before update or delete on audit for each row execute function refuse_change();
