//! Statements of the campaign room. The ones that carry a segment's filter are built in
//! `audience.rs`.

macro_rules! columns {
    () => {
        "id, account_id, name, state, state_reason, audience, starts_at, ends_at, uncertain_policy, comment, submitted_hash, approved_hash, submitted_by, submitted_at, approved_by, approved_at, launched_by, launched_at, confirmed_count, planned_at, finished_at, created_by, created_at, updated_at"
    };
}

/// A counter of deliveries, summed over campaigns.
macro_rules! counted {
    () => {
        "c.step, c.variant, c.planned, c.person, c.state, nullif(c.reason, '') as reason, cast(sum(c.n) as bigint) as n"
    };
}
/// The last campaigns of a class that began before a moment and are over.
macro_rules! before {
    () => {
        "select k.id from campaign k join campaign_variant w on w.campaign_id = k.id and w.step = 1 and w.variant = 1 \
         join template_version v on v.id = w.template_version_id where k.account_id = $1 and k.planned_at < $2 \
         and k.finished_at is not null and v.class = $3 order by k.planned_at desc limit $4"
    };
}

/// One campaign.
pub const ONE: &str = concat!("select ", columns!(), " from campaign where account_id = $1 and id = $2");
/// Campaigns, newest first, before an id.
pub const PAGE: &str = concat!("select ", columns!(), " from campaign where account_id = $1 and id < $2 order by id desc limit $3");
/// A page of campaigns by number, newest first.
pub const PAGE_AT: &str = concat!("select ", columns!(), " from campaign where account_id = $1 order by id desc limit $2 offset $3");
/// Whose a campaign is.
pub const ACCOUNT_OF: &str = "select account_id from campaign where id = $1";
/// How many campaigns are in each state.
pub const STATES: &str = "select state, count(*) from campaign where account_id = $1 group by state";
/// A new draft.
pub const INSERT: &str = "insert into campaign (id, account_id, name, state, audience, uncertain_policy, created_by, created_at, updated_at) values ($1, $2, $3, 'draft', $4, 'leave', $5, $6, $6)";
/// A new draft with what another campaign consists of.
pub const DUPLICATE: &str = "insert into campaign (id, account_id, name, state, audience, uncertain_policy, created_by, created_at, updated_at) select $3, account_id, $4, 'draft', audience, uncertain_policy, $5, $6, $6 from campaign where account_id = $1 and id = $2";
/// Drafts that a member made since, under this name, and that nobody touched, the newest first.
pub const JUST_MADE: &str = concat!(
    "select ",
    columns!(),
    " from campaign where account_id = $1 and created_by = $2 and name = $3 and state = 'draft' and created_at = updated_at and created_at >= $4 order by id desc"
);
/// Campaigns that wait for an approver, the longest waiting first.
pub const WAITING_APPROVAL: &str = "select k.id, k.name, k.created_by, k.submitted_by, m.name, k.submitted_at from campaign k left join member m on m.id = k.submitted_by \
     where k.account_id = $1 and k.state = 'submitted' order by k.submitted_at, k.id";
/// Campaigns that were launched and are not over, newest first.
pub const LIVE: &str = concat!(
    "select ",
    columns!(),
    " from campaign where account_id = $1 and state in ('scheduled', 'planning', 'running', 'paused') order by id desc limit $2"
);
/// Takes a draft away.
pub const DELETE: &str = "delete from campaign where account_id = $1 and id = $2 and state = 'draft'";
/// The compare-and-set of the state; `updated_at` catches a change that kept the state.
pub const MOVE: &str = "update campaign set state = $5, state_reason = $6, updated_at = $7 where account_id = $1 and id = $2 and state = $3 and updated_at = $4";
/// Takes hold of the row until the change ends.
pub const HOLD: &str = "update campaign set updated_at = updated_at where account_id = $1 and id = $2";
/// Campaigns a member launched that are under way or will start by themselves.
pub const LIVE_OF: &str =
    "select id from campaign where account_id = $1 and launched_by = $2 and state in ('scheduled', 'planning', 'running') order by id";
/// Campaigns of an account that were launched and are not over.
pub const LIVE_OF_ACCOUNT: &str =
    "select id from campaign where account_id = $1 and state in ('scheduled', 'planning', 'running', 'paused') order by id";
/// Campaigns of an account that send or are about to.
pub const SENDING: &str = "select id from campaign where account_id = $1 and state in ('scheduled', 'planning', 'running') order by id";
/// Of these, such as need a function: advertising, or a messenger (`channel.` and its code).
pub const SENDING_BY: &str = "select id from campaign where account_id = $1 and state in ('scheduled', 'planning', 'running') and (exists \
    (select 1 from campaign_step s join channel h on h.id = s.channel_id where s.account_id = $1 and s.campaign_id = campaign.id \
    and 'channel.' || h.kind = $2) or $2 = 'advertising' and exists (select 1 from campaign_variant w join template_version v \
    on v.id = w.template_version_id where w.account_id = $1 and w.campaign_id = campaign.id and v.class = 'advertising')) order by id";
/// A function that a campaign needs and that is off.
pub const NEEDS_OFF: &str = "select f.name, f.reason from feature_off f where f.account_id = $1 and (f.name in \
    (select 'channel.' || h.kind from campaign_step s join channel h on h.id = s.channel_id where s.account_id = $1 and s.campaign_id = $2) \
    or f.name = 'advertising' and exists (select 1 from campaign_variant w join template_version v on v.id = w.template_version_id \
    where w.account_id = $1 and w.campaign_id = $2 and v.class = 'advertising')) order by f.name limit 1";
/// Forgets submission, approval and launch.
pub const FORGET: &str = "update campaign set submitted_hash = null, submitted_by = null, submitted_at = null, approved_hash = null, approved_by = null, approved_at = null, launched_by = null, launched_at = null, confirmed_count = null where account_id = $1 and id = $2";
/// Forgets the launch only.
pub const FORGET_LAUNCH: &str =
    "update campaign set launched_by = null, launched_at = null, confirmed_count = null where account_id = $1 and id = $2";
/// The name.
pub const SET_NAME: &str = "update campaign set name = $3 where account_id = $1 and id = $2";
/// The template version.
pub const SET_TEMPLATE: &str =
    "update campaign_variant set template_version_id = $4 where account_id = $1 and campaign_id = $2 and step = $3 and variant = 1";
/// The audience.
pub const SET_AUDIENCE: &str = "update campaign set audience = $3 where account_id = $1 and id = $2";
/// The channel.
pub const SET_CHANNEL: &str = "update campaign_step set channel_id = $4 where account_id = $1 and campaign_id = $2 and step = $3";
/// What makes the next step go.
pub const SET_RULE: &str =
    "update campaign_step set next_on = $4, wait_seconds = $5 where account_id = $1 and campaign_id = $2 and step = $3";
macro_rules! steps_of {
    ($from:literal, $which:literal) => {
        concat!(
            "select s.campaign_id, s.step, s.channel_id as channel, w.template_version_id as version, s.next_on, s.wait_seconds from ",
            $from,
            " join campaign_variant w on w.campaign_id = s.campaign_id and w.step = s.step and w.variant = 1 where s.account_id = $1 and ",
            $which,
            " order by s.campaign_id, s.step"
        )
    };
}
/// The steps of a campaign.
pub const STEPS: &str = steps_of!("campaign_step s", "s.campaign_id = $2");
/// The steps of some campaigns (`$2`: their ids as a JSON list of hex).
pub const STEPS_OF_SQLITE: &str = steps_of!("json_each($2) cross join campaign_step s on s.campaign_id = unhex(json_each.value)", "true");
/// The same on PostgreSQL, where ids are bound as they are.
pub const STEPS_OF_POSTGRES: &str = steps_of!("campaign_step s", "s.campaign_id = any($2)");
/// A new step, with nothing chosen yet.
pub const ADD_STEP: &str = "insert into campaign_step (campaign_id, step, account_id) values ($1, $2, $3)";
/// What it says: nothing yet.
pub const ADD_VARIANT: &str = "insert into campaign_variant (campaign_id, step, variant, account_id, share) values ($1, $2, 1, $3, 100)";
/// A step goes.
pub const REMOVE_STEP: &str = "delete from campaign_step where account_id = $1 and campaign_id = $2 and step = $3";
/// What it said goes.
pub const REMOVE_VARIANTS: &str = "delete from campaign_variant where account_id = $1 and campaign_id = $2 and step = $3";
/// A step moves up by one.
pub const MOVE_STEP: &str = "update campaign_step set step = step - 1 where account_id = $1 and campaign_id = $2 and step = $3";
/// So does what it says.
pub const MOVE_VARIANTS: &str = "update campaign_variant set step = step - 1 where account_id = $1 and campaign_id = $2 and step = $3";
/// All steps of a campaign go.
pub const CLEAR_STEPS: &str = "delete from campaign_step where account_id = $1 and campaign_id = $2";
/// What they said goes.
pub const CLEAR_VARIANTS: &str = "delete from campaign_variant where account_id = $1 and campaign_id = $2";
/// The steps of another campaign.
pub const COPY_STEPS: &str = "insert into campaign_step (campaign_id, step, account_id, channel_id, next_on, wait_seconds) \
    select $3, step, account_id, channel_id, next_on, wait_seconds from campaign_step where account_id = $1 and campaign_id = $2";
/// What they say.
pub const COPY_VARIANTS: &str = "insert into campaign_variant (campaign_id, step, variant, account_id, template_version_id, share) \
    select $3, step, variant, account_id, template_version_id, share from campaign_variant where account_id = $1 and campaign_id = $2";
/// The window.
pub const SET_WINDOW: &str = "update campaign set starts_at = $3, ends_at = $4 where account_id = $1 and id = $2";
/// What becomes of unknown outcomes.
pub const SET_POLICY: &str = "update campaign set uncertain_policy = $3 where account_id = $1 and id = $2";
/// Submitted.
pub const SET_SUBMITTED: &str = "update campaign set submitted_hash = $3, submitted_by = $4, submitted_at = $5, comment = null, approved_hash = null, approved_by = null, approved_at = null where account_id = $1 and id = $2";
/// What was handed in, as it was.
pub const SET_HANDED: &str = "update campaign set handed = $3 where account_id = $1 and id = $2";
/// It was decided about.
pub const SET_DECIDED: &str = "update campaign set decided = handed where account_id = $1 and id = $2";
/// What was decided about last.
pub const DECIDED: &str = "select decided from campaign where account_id = $1 and id = $2";
/// Approved.
pub const SET_APPROVED: &str =
    "update campaign set approved_hash = $3, approved_by = $4, approved_at = $5 where account_id = $1 and id = $2";
/// Given back with a comment.
pub const SET_COMMENT: &str = "update campaign set comment = $3 where account_id = $1 and id = $2";
/// Launched.
pub const SET_LAUNCHED: &str =
    "update campaign set launched_by = $3, launched_at = $4, confirmed_count = $5 where account_id = $1 and id = $2";
/// Planned, all of it.
pub const SET_PLANNED: &str = "update campaign set planned_at = $3, planned_to = null where account_id = $1 and id = $2";
/// Up to which contact there are deliveries.
pub const PLANNED_TO: &str = "select planned_to from campaign where account_id = $1 and id = $2";
/// The next contacts have their deliveries, if nobody came between: neither another planner nor a
/// pause or a stop.
pub const PLAN_ON: &str =
    "update campaign set planned_to = $4 where account_id = $1 and id = $2 and state = 'planning' and planned_to is not distinct from $3";
/// The delivery that was made last.
pub const NEWEST_DELIVERY: &str = "select coalesce(max(id), 0) from delivery";
/// What deliveries of an account were made after one. Not of which campaign: asked for that too,
/// SQLite would look through all of the campaign's.
pub const MADE: &str = "select step, planned, state, reason, count(*) from delivery where id > $2 and account_id = $1 group by 1, 2, 3, 4";
/// Launched: what an earlier planning left behind is taken back first. `$3`: all zeros.
pub const PLAN_ANEW: &str = "update campaign set planned_to = $3 where account_id = $1 and id = $2 and planned_to is not null";
/// Campaigns of which deliveries are to be taken back: planning was broken off for good, or they
/// are launched again. `$1`: all zeros.
pub const HALF_PLANNED: &str = "select account_id, id from campaign where planned_to is not null and (state not in ('planning', 'paused') or planned_to = $1) order by id";
/// Takes hold of such a campaign. `$3`: all zeros.
pub const HOLD_HALF_PLANNED: &str = "update campaign set planned_to = $3 where account_id = $1 and id = $2 and planned_to is not null and (state not in ('planning', 'paused') or planned_to = $3)";
/// Takes some of its deliveries back; none of them was ever sent, for it never ran.
pub const TAKE_BACK: &str = "delete from delivery where id in (select id from delivery where account_id = $1 and campaign_id = $2 order by contact_id limit $3) returning step, variant, planned, state, reason";
/// All of them are taken back.
pub const TAKEN_BACK: &str = "update campaign set planned_to = null where account_id = $1 and id = $2";
/// Closed. `$4`: notes for the CRM are to be made behind this contact (all zeros: of everybody), or
/// null.
pub const SET_FINISHED: &str =
    "update campaign set finished_at = $3, noted_to = $4 where account_id = $1 and id = $2 and finished_at is null";

/// What of the account decides who gets a message.
pub const ACCOUNT: &str = "select advertiser, min_grade, cap_hours, zone from account where id = $1";
/// A template version with its template's name.
pub const VERSION: &str = "select v.class, v.state, v.content_hash, v.number, t.name from template_version v join template t on t.id = v.template_id where v.account_id = $1 and v.id = $2";
/// A channel; one that is active and does not hear people is `deaf`.
pub const CHANNEL: &str = "select kind, case when state = 'active' and deaf is not null then 'deaf' else state end, name from channel where account_id = $1 and id = $2";
/// A messenger said before anything was sent that an address may not be written to.
pub const FORBIDDEN_AHEAD: &str = "update address set state = 'unreachable', state_reason = 'forbidden', updated_at = $3 \
    where account_id = $1 and id = $2 and state <> 'unreachable'";
/// It says that one may be written to again.
pub const ALLOWED_AHEAD: &str = "update address set state = 'unknown', state_reason = null, updated_at = $3 \
    where account_id = $1 and id = $2 and state = 'unreachable' and state_reason = 'forbidden'";
/// What goes at a channel's provider.
pub const PROVIDED: &str =
    "select digest, state, reason from provider_template where account_id = $1 and channel_id = $2 and template_version_id = $3";
/// The messenger of each step, and where its template stands there.
pub const REVIEWED: &str = "select h.kind, p.state, p.reason from campaign_step s join campaign_variant w on w.campaign_id = s.campaign_id \
    and w.step = s.step and w.variant = 1 join channel h on h.id = s.channel_id left join provider_template p on p.channel_id = s.channel_id \
    and p.template_version_id = w.template_version_id where s.account_id = $1 and s.campaign_id = $2 order by s.step";
/// What the messages of each step are charged as.
pub const CHARGES: &str = "select s.step, h.kind, h.settings, v.class, p.category from campaign_step s join campaign_variant w on w.campaign_id = s.campaign_id \
    and w.step = s.step and w.variant = 1 join channel h on h.id = s.channel_id join template_version v on v.id = w.template_version_id \
    left join provider_template p on p.channel_id = s.channel_id and p.template_version_id = w.template_version_id \
    where s.account_id = $1 and s.campaign_id = $2 order by s.step";
/// What it is to cost.
pub const SET_COST_FORECAST: &str = "update campaign set cost_forecast = $3 where account_id = $1 and id = $2";
/// What it cost.
pub const SET_COST_SPENT: &str = "update campaign set cost_spent = $3 where account_id = $1 and id = $2";
/// Both.
pub const COSTS: &str = "select cost_forecast, cost_spent from campaign where account_id = $1 and id = $2";
/// Running campaigns that go by a version through a channel.
pub const GO_BY: &str = "select k.id from campaign k join campaign_step s on s.campaign_id = k.id join campaign_variant w on w.campaign_id = k.id \
    and w.step = s.step and w.variant = 1 where k.account_id = $1 and s.channel_id = $2 and w.template_version_id = $3 \
    and k.state = 'running' order by k.id";
/// A segment.
pub const SEGMENT: &str = "select name, filter from segment where account_id = $1 and id = $2 and deleted_at is null";
/// The account's contact fields.
pub const FIELDS: &str = "select id, key, title, kind from field where account_id = $1 order by position, id";
/// Whether the account has a licence now.
pub const LICENSED: &str = "select count(*) from licence where account_id = $1 and revoked_at is null and (valid_from <= $2 or valid_from <= created_at or valid_from <= (select at from clock_seen where id = 1)) and valid_until > $2";

/// Messages of other live campaigns that wait at the same channel.
pub const WAITING: &str = "select cast(coalesce(sum(k.n), 0) as bigint) from campaign_step s join campaign c on c.id = s.campaign_id join delivery_count k on k.campaign_id = c.id and k.step = s.step where s.account_id = $1 and s.channel_id = $2 and c.id <> $3 and c.state in ('running', 'paused') and k.state = 'queued'";
/// Messages with an unknown outcome go again, marked: they may have gone already.
pub const RESEND: &str = "update delivery set state = 'queued', reason = 'resend', due_at = $3, updated_at = $3 where account_id = $1 and campaign_id = $2 and state = 'uncertain' and passed = false and deadline_at is null returning step, variant, planned";
/// Its window closed: takes hold of the campaign for the first of what is cancelled, unless it went
/// on since.
pub const CLOSE_WINDOW: &str = "update campaign set state_reason = 'window_closed', updated_at = $5 where account_id = $1 and id = $2 and state = $3 and updated_at = $4";

/// Campaigns of which something is due to be looked at: those under way, and those that ended since
/// `$2`, for a provider may refuse a message days after it took it. A paused one is looked at when
/// it goes on. Of each one message is enough, and so it is asked for: `exists` let PostgreSQL read
/// all that wait, into a list of its own.
pub const NEXT_DUE: &str = "select k.account_id, k.id from campaign k where ((k.finished_at is null and k.state in ('running', 'stopped')) or k.finished_at > $2) \
    and (select d.id from delivery d where d.campaign_id = k.id and d.deadline_at <= $1 limit 1) is not null order by k.id";
/// Since when something waits to be understood of what came in through the channels of a campaign:
/// there may be a «read» in it. What was put off is not waited for.
pub const UNHEARD: &str = "select min(i.received_at) from campaign_step s join inbound i on i.source_id = s.channel_id \
    where s.account_id = $1 and s.campaign_id = $2 and i.state = 'new' and i.due_at <= $3";
macro_rules! next_rows {
    ($which:literal) => {
        concat!(
            "select d.id, d.campaign_id, d.step, d.variant, d.contact_id, d.planned, d.state, d.reason, d.next_on, d.wait_seconds, \
             coalesce(d.sent_at, d.first_tried_at, d.updated_at) as went_at, d.passed, (d.passed = false and d.step > 1 and exists (select 1 from delivery e \
             where e.campaign_id = d.campaign_id and e.contact_id = d.contact_id and e.step < d.step and e.passed = true \
             and (e.state = 'read' or (e.state = 'delivered' and e.next_on <> 'unread')))) as reached from delivery d where d.account_id = $1 and d.id ",
            $which
        )
    };
}
/// Messages of a campaign that are due to be looked at, and whether an earlier one reached the
/// person meanwhile.
pub const NEXT_ROWS_SQLITE: &str = next_rows!(
    "in (select id from delivery where account_id = $1 and campaign_id = $2 and deadline_at <= $3 order by deadline_at limit $4)"
);
/// On PostgreSQL they are held first, and read then: one statement would read them as they were
/// before whoever held them until then. Rows that another change holds are left for later.
pub const NEXT_HOLD_POSTGRES: &str = "select id from delivery where account_id = $1 and campaign_id = $2 and deadline_at <= $3 \
    order by deadline_at limit $4 for update skip locked";
/// Until the end of the change rows are read in the order of an index, not gathered first.
pub const IN_ORDER_POSTGRES: &str = "set local enable_bitmapscan = off";
/// The rows that are held.
pub const NEXT_ROWS_POSTGRES: &str = next_rows!("= any($2)");
macro_rules! further {
    ($which:literal) => {
        concat!(
            "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, attempt, due_at, updated_at, step, \
             next_on, wait_seconds) \
             select d.account_id, d.campaign_id, d.contact_id, $3, a.id, true, 'queued', 0, $9, $9, $6, $7, $8 from delivery d join address a on a.id = (select b.id from address b where b.contact_id = d.contact_id \
             and b.kind = $4 and b.scope_id = $5 and b.state <> 'unreachable' and not exists (select 1 from suppression s \
             where s.account_id = d.account_id and s.kind = b.kind and s.value = b.value and s.scope_id = b.scope_id and s.reason = 'blocked' \
             and s.lifted_at is null) order by case b.state when 'reachable' then 0 else 1 end, b.updated_at desc, b.id limit 1) \
             where d.account_id = $1 and d.id ",
            $which,
            " order by d.contact_id on conflict do nothing returning contact_id"
        )
    };
}
/// A further step to those of these people who can be reached at its channel.
pub const FURTHER_SQLITE: &str = further!("in (select value from json_each($2))");
/// The same on PostgreSQL.
pub const FURTHER_POSTGRES: &str = further!("= any($2)");

/// What the rows say of every launched campaign that is not closed.
pub const STANDING: &str = "select c.id, c.account_id, c.state, c.starts_at, c.ends_at, c.uncertain_policy, c.planned_at, c.updated_at, cast(coalesce((select sum(k.n) from delivery_count k where k.campaign_id = c.id and k.state = 'queued'), 0) as bigint) as queued, cast(coalesce((select sum(k.n) from delivery_count k where k.campaign_id = c.id and k.state = 'sending'), 0) as bigint) as sending, cast(coalesce((select sum(k.n) from delivery_count k where k.campaign_id = c.id and k.person = 'unknown'), 0) as bigint) as uncertain, cast(coalesce((select sum(k.n) from delivery_count k where k.campaign_id = c.id and k.person = 'open' and k.state not in ('queued', 'sending')), 0) as bigint) as waiting from campaign c where c.finished_at is null and c.state in ('scheduled', 'planning', 'running', 'paused', 'stopped') order by c.id";

/// Steps of campaigns under way whose channel was removed while messages wait there; one of them is
/// asked for, as by [`NEXT_DUE`].
pub const LEFT_BEHIND: &str = "select s.account_id, s.campaign_id, s.step from channel h join campaign_step s on s.channel_id = h.id \
    join campaign k on k.id = s.campaign_id where h.state = 'removed' and k.finished_at is null and k.state in ('running', 'paused') \
    and (select d.id from delivery d where d.campaign_id = s.campaign_id and d.step = s.step and d.state = 'queued' limit 1) is not null";
/// One contact's messages in a campaign, step by step.
pub const WHO_ROW: &str = "select d.step, d.planned, d.state, d.reason, d.detail, d.attempt, d.due_at, d.sent_at, d.delivered_at, d.read_at, d.deadline_at, d.updated_at, h.name as channel, a.value as address, exists (select 1 from delivery_text t where t.delivery_id = d.id and t.attempt <= d.attempt and (d.state <> 'sending' or t.attempt < d.attempt)) as kept from delivery d left join address a on a.id = d.address_id left join channel h on h.id = d.channel_id where d.account_id = $1 and d.campaign_id = $2 and d.contact_id = $3 order by d.step";
/// A contact's name.
pub const CONTACT_NAME: &str = "select name, deleted_at from contact where account_id = $1 and id = $2";
/// A member's name.
pub const MEMBER_NAME: &str = "select name from member where account_id = $1 and id = $2";
/// Whose phone it is.
pub const BY_PHONE: &str = "select contact_id from address where account_id = $1 and kind = 'phone' and value = $2 order by id limit 1";
/// The list of recipients, by contact and step.
pub const RECIPIENTS: &str = "select d.contact_id, d.step, d.planned, d.state, d.reason, d.detail, d.sent_at, d.delivered_at, d.read_at, d.updated_at, coalesce(c.name, '') as name, a.value as address, h.name as channel, (select r.at from response r where r.campaign_id = d.campaign_id and r.contact_id = d.contact_id and r.what = 'reply') as replied_at, (select r.at from response r where r.campaign_id = d.campaign_id and r.contact_id = d.contact_id and r.what = 'opt_out') as opted_out_at, (select p.value from address p where p.contact_id = d.contact_id and p.kind = 'phone' order by p.id limit 1) as phone from delivery d left join contact c on c.id = d.contact_id left join address a on a.id = d.address_id left join channel h on h.id = d.channel_id where d.account_id = $1 and d.campaign_id = $2 and (d.contact_id, d.step) > ($3, $4) order by d.contact_id, d.step limit $5";

/// How many campaigns began within a span.
pub const WITHIN: &str = "select count(*) from campaign where account_id = $1 and planned_at >= $2 and planned_at < $3";
/// Their counters, summed.
pub const WITHIN_COUNTS: &str = concat!(
    "select ",
    counted!(),
    " from campaign k join delivery_count c on c.campaign_id = k.id \
    where k.account_id = $1 and k.planned_at >= $2 and k.planned_at < $3 group by c.step, c.variant, c.planned, c.person, c.state, c.reason"
);
/// What people did after them, summed.
pub const WITHIN_RESPONSES: &str = "select r.what, cast(sum(r.n) as bigint) from campaign k join response_count r on r.campaign_id = k.id \
    where k.account_id = $1 and k.planned_at >= $2 and k.planned_at < $3 group by r.what";
/// The last campaigns of a class that began before a moment and are over.
pub const BEFORE: &str = before!();
/// Their counters, summed.
pub const BEFORE_COUNTS: &str = concat!(
    "select ",
    counted!(),
    " from delivery_count c where c.campaign_id in (",
    before!(),
    ") group by c.step, c.variant, c.planned, c.person, c.state, c.reason"
);
/// What people did after them, summed.
pub const BEFORE_RESPONSES: &str =
    concat!("select r.what, cast(sum(r.n) as bigint) from response_count r where r.campaign_id in (", before!(), ") group by r.what");
/// The account's language.
pub const LANGUAGE: &str = "select language from account where id = $1";
/// When the first and the last message went.
pub const SENT_SPAN: &str = "select min(sent_at), max(sent_at) from delivery where account_id = $1 and campaign_id = $2";
/// Messages sent in each of the equal slices of a span (PostgreSQL): `$3` its start, `$4` a slice
/// in seconds.
pub const SENT_BUCKETS_POSTGRES: &str = "select cast(floor(extract(epoch from sent_at - $3) / $4) as bigint) as bucket, count(*) from delivery where account_id = $1 and campaign_id = $2 and sent_at is not null group by 1 order by 1";
/// The same on SQLite, whose times are text.
pub const SENT_BUCKETS_SQLITE: &str = "select cast((unixepoch(sent_at, 'subsec') - unixepoch($3, 'subsec')) / $4 as integer) as bucket, count(*) from delivery where account_id = $1 and campaign_id = $2 and sent_at is not null group by 1 order by 1";
/// A kept report.
pub const KEPT_FILE: &str = "select file_id from campaign_file where account_id = $1 and campaign_id = $2 and kind = $3 and language = $4";
/// Keeps a report.
pub const KEEP_FILE: &str = "insert into campaign_file (campaign_id, kind, language, account_id, file_id, created_at) values ($1, $2, $3, $4, $5, $6) on conflict (campaign_id, kind, language) do nothing";
/// Up to which contact there are notes for the CRM.
pub const NOTED_TO: &str = "select noted_to from campaign where account_id = $1 and id = $2";
/// Notes for the CRM come to another contact, if nobody came between. Null: all of them are in
/// line.
pub const NOTE_ON: &str = "update campaign set noted_to = $4 where account_id = $1 and id = $2 and noted_to = $3";
/// Closed campaigns whose notes are not all in line yet.
pub const NOTES_LEFT: &str = "select account_id, id from campaign where noted_to is not null order by id";
/// The contact a portion ends with, counted from the one it begins behind (`$3`).
pub const PORTION_END: &str = "select contact_id from delivery where account_id = $1 and campaign_id = $2 and contact_id > $3 order by contact_id, step limit 1 offset $4";
/// A note in each CRM where they are for everybody of a portion who got the message, but in the
/// kinds that can be told nothing ($7); a build before wrote one for a message.
pub const NOTES: &str = concat!(
    "insert into crm_write (account_id, connection_id, contact_id, crm_id, kind, payload, dedupe_key, state, due_at, created_at) \
     select d.account_id, s.connection_id, c.id, s.crm_id, 'note', $3, 'campaign-note:' || cast(d.id as text) || ",
    crate::of_record!(),
    ", 'queued', $4, $4 from delivery d join contact c on c.id = d.contact_id and c.deleted_at is null join contact_source s on s.contact_id = c.id \
     join crm_connection k on k.id = s.connection_id and k.state <> 'disconnected' and $7 not like '%,' || k.kind || ',%' where d.account_id = $1 and d.campaign_id = $2 and d.contact_id > $5 \
     and d.contact_id <= $6 and d.state in ('sent', 'delivered', 'read') and d.passed = false and not exists (select 1 from crm_write w \
     where w.dedupe_key = 'campaign-note:' || cast(d.id as text) and w.connection_id = s.connection_id) on conflict (dedupe_key) do nothing"
);

/// Every static statement both engines share, for the test that prepares them.
pub const ALL: &[&str] = &[
    ONE,
    PAGE,
    PAGE_AT,
    ACCOUNT_OF,
    STATES,
    INSERT,
    DUPLICATE,
    JUST_MADE,
    WAITING_APPROVAL,
    LIVE,
    DELETE,
    MOVE,
    HOLD,
    LIVE_OF,
    LIVE_OF_ACCOUNT,
    SENDING,
    SENDING_BY,
    NEEDS_OFF,
    FORGET,
    FORGET_LAUNCH,
    SET_NAME,
    SET_TEMPLATE,
    SET_AUDIENCE,
    SET_CHANNEL,
    SET_RULE,
    STEPS,
    ADD_STEP,
    ADD_VARIANT,
    REMOVE_STEP,
    REMOVE_VARIANTS,
    MOVE_STEP,
    MOVE_VARIANTS,
    CLEAR_STEPS,
    CLEAR_VARIANTS,
    COPY_STEPS,
    COPY_VARIANTS,
    SET_WINDOW,
    SET_POLICY,
    SET_SUBMITTED,
    SET_HANDED,
    SET_DECIDED,
    DECIDED,
    SET_APPROVED,
    SET_COMMENT,
    SET_LAUNCHED,
    SET_PLANNED,
    PLANNED_TO,
    PLAN_ON,
    NEWEST_DELIVERY,
    MADE,
    PLAN_ANEW,
    HALF_PLANNED,
    HOLD_HALF_PLANNED,
    TAKE_BACK,
    TAKEN_BACK,
    SET_FINISHED,
    ACCOUNT,
    VERSION,
    CHANNEL,
    FORBIDDEN_AHEAD,
    ALLOWED_AHEAD,
    PROVIDED,
    REVIEWED,
    CHARGES,
    SET_COST_FORECAST,
    SET_COST_SPENT,
    COSTS,
    GO_BY,
    SEGMENT,
    FIELDS,
    LICENSED,
    WAITING,
    RESEND,
    CLOSE_WINDOW,
    NEXT_DUE,
    UNHEARD,
    STANDING,
    LEFT_BEHIND,
    WHO_ROW,
    CONTACT_NAME,
    MEMBER_NAME,
    BY_PHONE,
    RECIPIENTS,
    WITHIN,
    WITHIN_COUNTS,
    WITHIN_RESPONSES,
    BEFORE,
    BEFORE_COUNTS,
    BEFORE_RESPONSES,
    LANGUAGE,
    SENT_SPAN,
    KEPT_FILE,
    KEEP_FILE,
    NOTED_TO,
    NOTE_ON,
    NOTES_LEFT,
    PORTION_END,
    NOTES,
    MAINTENANCE,
    PLAN_MAINTENANCE,
    LIFT_MAINTENANCE,
    COLLIDES,
    COMPANIES,
];
/// When the server is or will be worked on, the first first.
pub const MAINTENANCE: &str =
    "select id, begins_at, ends_at, reason from maintenance where lifted_at is null and ends_at > $1 order by begins_at";
/// Plans such a time.
pub const PLAN_MAINTENANCE: &str = "insert into maintenance (id, begins_at, ends_at, reason, created_at) values ($1, $2, $3, $4, $5)";
/// Calls one off, or ends it.
pub const LIFT_MAINTENANCE: &str = "update maintenance set lifted_at = $2 where id = $1 and lifted_at is null and ends_at > $2 \
    returning id, begins_at, ends_at, reason";
/// Launched campaigns whose start falls into a time, of all companies.
pub const COLLIDES: &str = "select c.account_id, a.name as account, c.name as campaign, c.starts_at from campaign c join account a on a.id = c.account_id \
    where c.state = 'scheduled' and c.starts_at >= $1 and c.starts_at < $2 order by c.starts_at, c.id";
/// Companies that somebody can come into.
pub const COMPANIES: &str =
    "select id from account where exists (select 1 from member m where m.account_id = account.id and m.disabled_at is null) order by id";
/// Statements in SQLite's own words.
pub const ALL_SQLITE: &[&str] = &[STEPS_OF_SQLITE, NEXT_ROWS_SQLITE, FURTHER_SQLITE];
/// Statements in PostgreSQL's own words.
pub const ALL_POSTGRES: &[&str] = &[STEPS_OF_POSTGRES, NEXT_HOLD_POSTGRES, NEXT_ROWS_POSTGRES, FURTHER_POSTGRES];
