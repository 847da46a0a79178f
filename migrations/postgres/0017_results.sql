-- What came of a campaign beyond its deliveries: who replied, opted out or blocked the sender after
-- it; what approvers compare; what was asked of a person.

-- One mark a person and kind; the counters move in the transaction that makes the mark.
create table response (
    campaign_id uuid not null references campaign (id),
    contact_id uuid not null,
    what text not null check (what in ('reply', 'opt_out', 'block')),
    account_id uuid not null references account (id),
    at timestamptz not null,
    primary key (campaign_id, contact_id, what)
);
create table response_count (
    campaign_id uuid not null references campaign (id),
    what text not null check (what in ('reply', 'opt_out', 'block')),
    account_id uuid not null references account (id),
    n bigint not null,
    primary key (campaign_id, what)
);

-- What is known of the time before: replies, and opt-outs by the button under a message.
insert into response (campaign_id, contact_id, what, account_id, at)
select m.campaign_id, m.contact_id, 'reply', m.account_id, min(m.at) from chat_message m join campaign k on k.id = m.campaign_id
where m.direction = 'in' group by m.campaign_id, m.contact_id, m.account_id;
insert into response (campaign_id, contact_id, what, account_id, at)
select d.campaign_id, d.contact_id, 'opt_out', d.account_id, min(e.at) from consent e
join delivery d on d.channel_id = e.channel_id and d.message_ref = e.evidence ->> 'message' and d.account_id = e.account_id
where e.purpose = 'marketing' and e.action = 'withdrawn' and e.evidence ->> 'how' = 'button'
group by d.campaign_id, d.contact_id, d.account_id;
insert into response_count (campaign_id, what, account_id, n)
select campaign_id, what, account_id, count(*) from response group by campaign_id, what, account_id;

-- Kept lists of recipients lack who replied and who opted out: they are made anew when somebody
-- asks.
update file set content = substr(content, 1, 0), size = 0 where id in (select file_id from campaign_file where kind = 'recipients');
delete from campaign_file where kind = 'recipients';

-- What was handed in, as an approver saw it, and what one decided about last: JSON.
alter table campaign add column handed jsonb;
alter table campaign add column decided jsonb;

-- When the person was asked for a consent last: without an answer the ledger has no entry.
alter table contact add column data_asked_at timestamptz;
alter table contact add column ads_asked_at timestamptz;
update contact set data_asked_at = (select max(o.created_at) from outgoing o where o.contact_id = contact.id and cast(o.payload as text) like '%"c:p:%')
where id in (select contact_id from outgoing where cast(payload as text) like '%"c:p:%');
update contact set ads_asked_at = (select max(o.created_at) from outgoing o where o.contact_id = contact.id and cast(o.payload as text) like '%"c:m:%')
where id in (select contact_id from outgoing where cast(payload as text) like '%"c:m:%');
