//! Statements of the delivery room. Where claiming or recording in bulk must differ by engine, both
//! texts stand side by side.

mod kept;
mod outgoing;
mod receipt;

pub use kept::*;
pub use outgoing::*;
pub use receipt::*;

use crate::{blocked, in_doubt, licence_plan, stops};

macro_rules! count {
    ($values:literal) => {
        concat!(
            "insert into delivery_count (campaign_id, step, variant, planned, person, state, reason, n) values ",
            $values,
            " on conflict (campaign_id, step, variant, planned, person, state, reason) do update set n = delivery_count.n + excluded.n"
        )
    };
}
/// Moves one counter.
pub const COUNT: &str = count!("($1, $2, $3, $4, $5, $6, $7, $8)");
/// Moves two counters, as when rows go from one state to another: one journey to the database's
/// thread instead of two.
pub const COUNT_TWO: &str = count!("($1, $2, $3, $4, $5, $6, $7, $8), ($9, $10, $11, $12, $13, $14, $15, $16)");
macro_rules! counts_of {
    ($what:literal, $from:literal, $which:literal) => {
        concat!(
            "select ",
            $what,
            "c.step, c.variant, c.planned, c.person, c.state, nullif(c.reason, '') as reason, c.n from ",
            $from,
            " join campaign k on k.id = c.campaign_id where k.account_id = $1 and c.n <> 0",
            $which
        )
    };
}
/// A campaign's counters.
pub const COUNTS: &str = counts_of!("", "delivery_count c", " and c.campaign_id = $2");
/// Those of some campaigns (`$2`: their ids as a JSON list of hex).
pub const COUNTS_OF_SQLITE: &str =
    counts_of!("c.campaign_id, ", "json_each($2) cross join delivery_count c on c.campaign_id = unhex(json_each.value)", "");
/// The same on PostgreSQL, where ids are bound as they are.
pub const COUNTS_OF_POSTGRES: &str = counts_of!("c.campaign_id, ", "delivery_count c", " and c.campaign_id = any($2)");
/// How many messages of a channel wait.
pub const DEPTH: &str = "select cast(coalesce(sum(c.n), 0) as bigint) from campaign_step s join campaign k on k.id = s.campaign_id \
    join delivery_count c on c.campaign_id = k.id and c.step = s.step \
    where s.account_id = $1 and s.channel_id = $2 and k.state in ('running', 'paused') and c.state = 'queued'";

/// Takes hold of the contact's row first: whoever changes a contact and its deliveries does it in
/// this order.
pub const HOLD_CONTACT: &str = "update contact set opted_out_at = opted_out_at where account_id = $1 and id = $2";
/// What of a contact's is not yet in flight goes no more. What was to go again may have gone the
/// first time.
pub const CANCEL_CONTACT: &str = "update delivery set state = case when reason in ('resend', 'repeat') then 'uncertain' else 'cancelled' end, \
    reason = case when reason in ('resend', 'repeat') then 'no_answer' else $3 end, updated_at = $4 \
    where account_id = $1 and contact_id = $2 and state = 'queued' returning id, campaign_id, step, variant, contact_id, planned, state, reason, false as waits";
/// A manager's reply to a person who said stop goes no more either.
pub const CANCEL_REPLIES: &str = concat!(
    "update outgoing set ",
    crate::goes_no_more!("$3"),
    " where account_id = $1 and contact_id = $2 and state = 'queued' and purpose = 'reply' returning id, state"
);
/// Nor does an answer to what they did before that: no question whether they want advertising comes
/// after «stop». The confirmation is queued later, and goes.
/// One that is in flight is marked: should it come back to the queue, it goes no more.
pub const CANCEL_ANSWERS: &str = "update outgoing set state = case when state = 'queued' then 'failed' else state end, reason = $3 \
    where account_id = $1 and contact_id = $2 and state in ('queued', 'sending') and purpose = 'answer'";
/// What of a contact's is not yet in flight to one address goes no more. What was to go again may
/// have gone the first time.
pub const CANCEL_ADDRESS: &str = "update delivery set state = case when reason in ('resend', 'repeat') then 'uncertain' else 'cancelled' end, \
    reason = case when reason in ('resend', 'repeat') then 'no_answer' else $4 end, updated_at = $5, \
    deadline_at = case when next_on is not null then $5 else deadline_at end where account_id = $1 and contact_id = $2 and address_id = $3 and state = 'queued' returning id, campaign_id, step, variant, contact_id, planned, state, reason, deadline_at is not null as waits";
/// Nor does a manager's reply to that address.
pub const CANCEL_REPLIES_TO: &str = concat!(
    "update outgoing set ",
    crate::goes_no_more!("$5"),
    " where account_id = $1 and contact_id = $2 and channel_id = $3 and address_value = $4 and state = 'queued' and purpose = 'reply' returning id, state"
);
/// What of a step is not yet in flight goes no more, for its channel is gone; so many rows at most.
/// The next step may go to these people.
pub const LEAVE_STEP: &str = "update delivery set state = case when reason in ('resend', 'repeat') then 'uncertain' else 'cancelled' end, \
    reason = case when reason in ('resend', 'repeat') then 'no_answer' else $4 end, updated_at = $5, \
    deadline_at = case when next_on is not null then $5 else deadline_at end where state = 'queued' and id in (select id from delivery \
    where account_id = $1 and campaign_id = $2 and step = $3 and state = 'queued' limit $6) \
    returning id, campaign_id, step, variant, contact_id, planned, state, reason, deadline_at is not null as waits";
/// What of a campaign is not yet in flight goes no more, so many rows at most. A row that another
/// change holds is waited for. What was to go again may have gone the first time.
pub const LEAVE_OUT: &str = "update delivery set state = case when reason in ('resend', 'repeat') then 'uncertain' else 'cancelled' end, \
    reason = case when reason in ('resend', 'repeat') then 'no_answer' else $3 end, updated_at = $4 \
    where state = 'queued' and id in (select id from delivery where account_id = $1 and campaign_id = $2 and state = 'queued' limit $5) \
    returning id, campaign_id, step, variant, contact_id, planned, state, reason, false as waits";

macro_rules! head {
    ($licence:literal, $suffix:literal) => {
        concat!(
            "select ca.state = 'running' as running, ca.ends_at, ca.uncertain_policy, v.class, ac.min_grade, ac.cap_hours, ac.advertising_held_at, ac.zone, ac.law, \
             ch.state = 'active' and ch.deaf is null as channel_sends, ch.lease_token, ch.held_until, ch.kind, ch.terms, ",
            licence_plan!("ca.account_id", "$4", $licence),
            " as plan from campaign ca join account ac on ac.id = ca.account_id \
             join campaign_step s on s.campaign_id = ca.id and s.step = $5 join channel ch on ch.id = s.channel_id \
             join campaign_variant w on w.campaign_id = ca.id and w.step = s.step and w.variant = 1 \
             join template_version v on v.id = w.template_version_id where ca.account_id = $1 and ca.id = $2 and s.channel_id = $3",
            $suffix
        )
    };
}
/// What decides whether a campaign may send at all.
pub const HEAD: &str = head!("", "");
/// The same on PostgreSQL: a pause, a stop, a taken lease or a revoked licence waits for this
/// claim, and no claim passes it.
pub const HEAD_POSTGRES: &str = head!(" for share", " for share of ca, ch");

/// What a step of a campaign says, where it depends on that whether it may go at all
/// ([`crate::law`]).
pub const STEP_TEXTS: &str = "select v.body, v.buttons from campaign_variant w join template_version v on v.id = w.template_version_id \
    where w.account_id = $1 and w.campaign_id = $2 and w.step = $3 and w.variant = 1";

/// Takes rows that were picked ([`FACTS_SQLITE`]). `or fail`: SQLite need not note how every page
/// was, in a file of its own, to take back this statement alone; whatever fails here takes the
/// whole transaction back.
pub const TAKE_SQLITE: &str = "update or fail delivery set state = 'sending', claim = $3, attempt = attempt + 1, lease_until = $4, updated_at = $2, \
    first_tried_at = coalesce(first_tried_at, $2), counted_in = coalesce(counted_in, $5) where id in (select value from json_each($1))";
/// Takes due rows on PostgreSQL; rows that another change holds are left for later. The array makes
/// the inner query run once.
pub const TAKE_POSTGRES: &str = "update delivery set state = 'sending', claim = $3, attempt = attempt + 1, lease_until = $4, updated_at = $2, \
    first_tried_at = coalesce(first_tried_at, $2), counted_in = coalesce(counted_in, $6) \
    where id = any(array(select id from delivery where campaign_id = $1 and step = $7 and state = 'queued' and due_at <= $2 \
    order by due_at, id limit $5 for update skip locked)) returning id";
/// What a contact's stamp says to a message about to be claimed: a stamp of an earlier try of the
/// very row, or of an earlier step of its campaign, is none, for to the frequency cap a campaign is
/// one message. `$row`: the delivery; `$last`: the contact's stamp.
macro_rules! before_this {
    ($row:literal, $last:literal, $kept:literal) => {
        concat!(
            "case when ",
            $last,
            " = ",
            $row,
            ".stamped_at then ",
            $row,
            ".",
            $kept,
            " when ",
            $row,
            ".step > 1 and exists (select 1",
            earlier_stamp!($row, $last),
            ") then (select e.",
            $kept,
            earlier_stamp!($row, $last),
            " order by e.step limit 1) else ",
            $last,
            " end"
        )
    };
}
/// The earlier step of the same person that left this stamp.
macro_rules! earlier_stamp {
    ($row:literal, $last:literal) => {
        concat!(
            " from delivery e where e.campaign_id = ",
            $row,
            ".campaign_id and e.contact_id = ",
            $row,
            ".contact_id and e.step < ",
            $row,
            ".step and e.stamped_at = ",
            $last
        )
    };
}
/// Takes rows of an advertising campaign and keeps what their contacts' stamps say.
pub const TAKE_STAMPED_SQLITE: &str = concat!(
    "update or fail delivery set state = 'sending', claim = $3, attempt = attempt + 1, lease_until = $4, updated_at = $2, \
     first_tried_at = coalesce(first_tried_at, $2), counted_in = coalesce(counted_in, $5), stamped_at = $2, (marketing_before, contacted_before) = (select ",
    before_this!("delivery", "c.last_marketing_at", "marketing_before"),
    ", ",
    before_this!("delivery", "c.last_contacted_at", "contacted_before"),
    " from contact c where c.id = delivery.contact_id) where id in (select value from json_each($1))"
);
macro_rules! facts {
    ($tries:literal, [$($marketing_before:tt)*], $rows:literal, $contacts:literal, $which:literal) => {
        concat!(
            "select d.id, d.variant, d.next_on, d.contact_id, d.attempt + ",
            $tries,
            " as attempt, d.reason, case when d.attempt + ",
            $tries,
            " > 1 then d.first_tried_at end as first_tried_at, ",
            $($marketing_before)*,
            " as marketing_before, a.value, a.state as address_state, a.contact_id as address_contact, \
             (c.id is not null and c.deleted_at is null) as present, coalesce(c.name, '') as name, coalesce(c.first_name, '') as first_name, \
             coalesce(c.last_name, '') as last_name, coalesce(c.attributes, '{}') as attributes, c.opted_out_at, c.marketing_grade, c.written_month, \
             exists (",
            stops!("1" of "d.account_id", "d.contact_id"),
            ") as suppressed, ",
            blocked!("a"),
            " as blocked, ",
            in_doubt!("d.account_id", "d.contact_id"),
            " as in_doubt, (d.step > 1 and exists (select 1 from delivery e where e.campaign_id = d.campaign_id and e.contact_id = d.contact_id \
             and e.step < d.step and (e.state = 'read' or (e.state = 'delivered' and e.next_on <> 'unread')))) as reached from ",
            $rows,
            " d left join ",
            $contacts,
            " c on c.id = d.contact_id left join address a on a.id = d.address_id",
            $which
        )
    };
}
/// Picks due rows with what is known of their recipients, as they will be once they are taken. One
/// writer, so they are the same until then; they are asked for with [`HEAD`], in one journey.
pub const FACTS_SQLITE: &str = facts!(
    "1",
    [before_this!("d", "c.last_marketing_at", "marketing_before")],
    "delivery",
    "contact",
    " where d.id in (select id from delivery where campaign_id = $1 and step = $4 and state = 'queued' and due_at <= $2 order by due_at, id limit $3)"
);
/// What is known of the recipients of rows just taken, on PostgreSQL.
pub const FACTS_POSTGRES: &str = facts!("0", ["d.marketing_before"], "delivery", "contact", " where d.id = any($1)");
/// The same on PostgreSQL, which writes the stamps with it: whoever turns out not to be written to
/// gets the stamp of before back ([`UNSTAMPED_POSTGRES`]). The contacts are held before they are
/// changed, so that of two claims of one account only one finds a contact without a stamp. Whatever
/// another change holds is left for later, contacts too: nobody waits, and nobody waits crosswise.
/// Rows that are held are found again by where they lie (`ctid`): it cannot change meanwhile. What
/// is known of the recipients comes with them: of the contacts as they were held, for whatever
/// somebody changed a moment before is in those. PostgreSQL thinks a list has ten elements, and
/// thinks that of a campaign it has not counted yet one message waits: by a list it looks each row
/// up once, not each beside every other.
pub const TAKE_STAMPED_POSTGRES: &str = concat!(
    "with held as materialized (select id, ctid as at, contact_id from delivery where campaign_id = $1 and step = $7 \
    and state = 'queued' and due_at <= $2 order by due_at, id limit $5 for update skip locked), \
    due as materialized (select unnest(array(select id from held)) as id, unnest(array(select at from held)) as at, \
    unnest(array(select contact_id from held)) as contact_id), \
    free as materialized (select c.*, c.ctid as at from contact c \
    where c.id = any(array(select contact_id from due)) for no key update skip locked), \
    stamped as (update contact c set last_contacted_at = $2, last_marketing_at = $2 where c.ctid = any(array(select at from free))), \
    taken as (update delivery d set state = 'sending', claim = $3, attempt = d.attempt + 1, lease_until = $4, updated_at = $2, \
    first_tried_at = coalesce(d.first_tried_at, $2), counted_in = coalesce(d.counted_in, $6), stamped_at = $2, \
    marketing_before = ",
    before_this!("d", "f.last_marketing_at", "marketing_before"),
    ", contacted_before = ",
    before_this!("d", "f.last_contacted_at", "contacted_before"),
    " from due left join free f on f.id = due.contact_id where d.ctid = any(array(select at from due)) and d.id = due.id \
    and (f.id is not null or (select c.id from contact c where c.id = due.contact_id) is null) returning d.*) ",
    facts!("0", ["d.marketing_before"], "taken", "free", "")
);

/// People to whom something was written this month, those of them who do not count yet (SQLite).
pub const WRITTEN_SQLITE: &str = "update or fail contact set written_month = $1 where id in (select unhex(value) from json_each($2)) \
    and (written_month is null or written_month <> $1)";
/// The same on PostgreSQL, in one order: two claims of one account do not wait for each other
/// crosswise.
pub const WRITTEN_POSTGRES: &str = "update contact set written_month = $1 where id = any(array(select id from contact where id = any($2) \
    order by id for no key update)) and (written_month is null or written_month <> $1)";

/// A row just taken must not go; what may have gone the first time stays counted.
pub const SKIP: &str = "update delivery set state = $2, reason = $3, deadline_at = $4, lease_until = null, attempt = attempt - 1, stamped_at = null, \
    counted_in = case when $2 = 'uncertain' then counted_in end where id = $1 and state = 'sending'";
/// Rows just taken that go as a second message, for their repeat is harmless no more: the one that
/// the campaign's policy allows. Whoever finds them left in flight knows by the mark.
pub const SECOND_SQLITE: &str = "update or fail delivery set reason = 'resend' where id in (select value from json_each($1))";
/// The same on PostgreSQL.
pub const SECOND_POSTGRES: &str = "update delivery set reason = 'resend' where id = any($1)";
/// When it is to be looked at whether the next step goes to these people (SQLite).
pub const DEADLINES_SQLITE: &str = "update or fail delivery set deadline_at = v.at, passed = v.passed from (select value ->> 'id' as id, value ->> 'at' as at, \
    value ->> 'passed' as passed from json_each($1)) v where delivery.id = v.id";
/// The same on PostgreSQL.
pub const DEADLINES_POSTGRES: &str = "update delivery set deadline_at = v.at, passed = v.passed from unnest($1::bigint[], $2::timestamptz[], $3::boolean[]) \
    as v(id, at, passed) where delivery.id = v.id";
/// Steps that wait for a person who was reached by an earlier one go no more. What was to go again
/// may have gone the first time.
pub const REACHED_EARLIER: &str = "update delivery set state = case when reason in ('resend', 'repeat') then 'uncertain' else 'cancelled' end, \
    reason = case when reason in ('resend', 'repeat') then 'no_answer' else 'reached' end, passed = true, updated_at = $5 \
    where account_id = $1 and campaign_id = $2 and contact_id = $3 and step > $4 and state = 'queued' returning step, variant, planned, state, reason";
/// A later step came to its end and did not reach the person: the earlier one speaks for them.
pub const SPEAKS_NO_MORE: &str = "update delivery set passed = true, updated_at = $5 where account_id = $1 and campaign_id = $2 and contact_id = $3 and step > $4 \
    and state in ('failed', 'skipped', 'cancelled', 'uncertain') and passed = false and deadline_at is null returning step, variant, planned, state, reason";
macro_rules! earlier {
    ($which:literal) => {
        concat!(
            "select id, campaign_id, step, variant, contact_id, planned, state, reason from delivery where account_id = $1 and campaign_id = $2 and contact_id ",
            $which,
            " and passed = true"
        )
    };
}
/// Messages of these people that something else speaks for.
pub const EARLIER_SQLITE: &str = earlier!("in (select unhex(value) from json_each($3))");
/// The same on PostgreSQL, whoever holds them.
pub const EARLIER_ALL_POSTGRES: &str = earlier!("= any($3)");
/// Held; what another change holds is left out.
pub const EARLIER_POSTGRES: &str = concat!(earlier!("= any($3)"), " order by id for update skip locked");
/// Whether a campaign is closed.
pub const OVER: &str = "select finished_at is not null from campaign where account_id = $1 and id = $2";
/// No further step goes to a person.
pub const SETTLE_CONTACT: &str = "update delivery set deadline_at = null where account_id = $1 and contact_id = $2 and deadline_at is not null \
    returning id, campaign_id, step, variant, contact_id, planned, state, reason, passed, false as waits";
/// No further step of a campaign goes, so many rows at most.
pub const SETTLE_CAMPAIGN: &str = "update delivery set deadline_at = null where deadline_at is not null and id in (select id from delivery \
    where account_id = $1 and campaign_id = $2 and deadline_at is not null limit $3) returning id, campaign_id, step, variant, contact_id, planned, state, reason, passed, false as waits";
/// What is in flight to either of two contacts that turned out to be one is held.
pub const MERGE_HOLD_POSTGRES: &str =
    "select id from delivery where account_id = $1 and contact_id in ($2, $3) and state = 'sending' order by id for update";
macro_rules! merge_rows {
    ($suffix:literal) => {
        concat!(
            "select d.id, d.campaign_id, d.contact_id, d.state, d.reason from delivery d where d.account_id = $1 and d.contact_id in ($2, $3) \
             and d.campaign_id in (select e.campaign_id from delivery e where e.account_id = $1 and e.contact_id = $2) order by d.id",
            $suffix
        )
    };
}
/// Messages of a chat that turned out to be a contact (`$2`), and of that contact (`$3`) in the
/// same campaigns.
pub const MERGE_ROWS_SQLITE: &str = merge_rows!("");
/// The same on PostgreSQL, held.
pub const MERGE_ROWS_POSTGRES: &str = merge_rows!(" for update of d");
/// What went to the contact before counts for the chat's messages, too: should one of them turn out
/// not to have gone, the contact's stamp is that of before.
pub const MERGE_BEFORE: &str = "update delivery set \
    marketing_before = case when delivery.marketing_before is null or c.last_marketing_at > delivery.marketing_before then c.last_marketing_at else delivery.marketing_before end, \
    contacted_before = case when delivery.contacted_before is null or c.last_contacted_at > delivery.contacted_before then c.last_contacted_at else delivery.contacted_before end \
    from contact c where c.account_id = $1 and c.id = $3 and delivery.account_id = $1 and delivery.contact_id = $2 and delivery.stamped_at is not null";
/// What last went to either, and what last came from either, is the one person's.
pub const MERGE_STAMPS: &str = "update contact set \
    last_marketing_at = (select max(c.last_marketing_at) from contact c where c.account_id = $1 and c.id in ($2, $3)), \
    last_contacted_at = (select max(c.last_contacted_at) from contact c where c.account_id = $1 and c.id in ($2, $3)), \
    last_answered_at = (select max(c.last_answered_at) from contact c where c.account_id = $1 and c.id in ($2, $3)) \
    where account_id = $1 and id = $3";
/// What is in flight goes no second time to somebody who is in the campaign twice. What went once
/// with an unknown outcome keeps its mark.
pub const MERGE_MARK: &str = "update delivery set reason = 'same_person' where account_id = $1 and campaign_id = $2 and contact_id = $3 \
    and state = 'sending' and (reason is null or reason not in ('resend', 'repeat'))";
/// What waits does not go. What was to go again may have gone the first time.
pub const MERGE_CANCEL: &str = "update delivery set state = case when reason in ('resend', 'repeat') then 'uncertain' else 'cancelled' end, \
    reason = case when reason in ('resend', 'repeat') then 'no_answer' else 'same_person' end, updated_at = $4 \
    where account_id = $1 and campaign_id = $2 and contact_id = $3 and state = 'queued' \
    returning id, campaign_id, step, variant, contact_id, planned, state, reason, false as waits";
/// No further step goes.
pub const MERGE_SETTLE: &str = "update delivery set deadline_at = null where account_id = $1 and campaign_id = $2 and contact_id = $3 \
    and deadline_at is not null returning id, campaign_id, step, variant, contact_id, planned, state, reason, passed, false as waits";
/// The messages of a contact in a campaign.
pub const MERGE_OF: &str = "select id from delivery where account_id = $1 and campaign_id = $2 and contact_id = $3 order by id";
/// Makes messages a contact's (SQLite).
pub const MERGE_GIVE_SQLITE: &str =
    "update or fail delivery set contact_id = $3 where account_id = $1 and id in (select value from json_each($2))";
/// The same on PostgreSQL.
pub const MERGE_GIVE_POSTGRES: &str = "update delivery set contact_id = $3 where account_id = $1 and id = any($2)";
/// Campaigns of a channel with something due, each with its step. A later step waits while what
/// came in through the channels of those before it is understood late: there may be a «read» in it.
/// None while the server is worked on, while the licensor closed sending to the company, or once
/// the messenger was switched off for it.
pub const CAMPAIGNS_DUE: &str = "select s.campaign_id, s.step from campaign_step s join campaign ca on ca.id = s.campaign_id \
    where s.account_id = $1 and s.channel_id = $2 and ca.state = 'running' and exists (select 1 from delivery d \
    where d.campaign_id = s.campaign_id and d.step = s.step and d.state = 'queued' and d.due_at <= $3) \
    and (s.step = 1 or not exists (select 1 from campaign_step e join inbound i on i.source_id = e.channel_id \
    where e.campaign_id = s.campaign_id and e.step < s.step and i.state = 'new' and i.received_at < $4 and i.due_at <= $3)) \
    and not exists (select 1 from maintenance w where w.lifted_at is null and w.ends_at > $3 and w.begins_at <= $3) \
    and not exists (select 1 from suspension x where x.account_id = $1 and x.lifted_at is null and (x.ends_at is null or x.ends_at > $3)) \
    and not exists (select 1 from feature_off f join channel h on f.name = 'channel.' || h.kind where f.account_id = $1 and h.id = $2) \
    order by s.campaign_id, s.step";

macro_rules! rows {
    ($place:literal, $which:literal) => {
        concat!(
            "select ",
            $place,
            " as place, id, account_id, campaign_id, step, variant, planned, state, reason, claim, attempt, lease_until, updated_at, stamped_at is not null as stamped, \
             counted_in, next_on, wait_seconds, deadline_at, passed \
             from delivery where id ",
            $which
        )
    };
}
/// The rows an outcome is for.
pub const ROWS_SQLITE: &str = rows!("null", "in (select value from json_each($1))");
/// The same on PostgreSQL, held in the order of their ids, with where they lie.
pub const ROWS_POSTGRES: &str = rows!("ctid::text", "= any($1) order by id for update");

macro_rules! contacted {
    ($update:literal, $which:literal) => {
        concat!($update, " contact set last_contacted_at = $2 where id in (select contact_id from delivery where id ", $which, ")")
    };
}
/// Contacts that got a message.
pub const CONTACTED_SQLITE: &str = contacted!("update or fail", "in (select value from json_each($1))");
/// The same on PostgreSQL.
pub const CONTACTED_POSTGRES: &str = contacted!("update", "= any($1)");
/// Contacts an advertising message is about to go to; on PostgreSQL the claim says so itself.
pub const ADVERTISED_SQLITE: &str = "update or fail contact set last_contacted_at = $2, last_marketing_at = $2 \
    where id in (select contact_id from delivery where id in (select value from json_each($1)))";
/// What a contact's stamp was before a message: the stamp of an earlier step of the same campaign
/// that may have gone, else what the claim kept.
macro_rules! stamp_before {
    ($kept:literal) => {
        concat!(
            "case when d.step > 1 then coalesce((select max(e.stamped_at) from delivery e where e.campaign_id = d.campaign_id \
             and e.contact_id = d.contact_id and e.step < d.step), ",
            $kept,
            ") else ",
            $kept,
            " end"
        )
    };
}
macro_rules! unstamped {
    ($update:literal, $which:literal) => {
        concat!(
            $update,
            " contact set last_marketing_at = ",
            stamp_before!("d.marketing_before"),
            ", last_contacted_at = case when contact.last_contacted_at = d.stamped_at then ",
            stamp_before!("d.contacted_before"),
            " else contact.last_contacted_at end from delivery d where contact.id = d.contact_id and contact.last_marketing_at = d.stamped_at and d.id ",
            $which
        )
    };
}
/// Contacts to whom an advertising message certainly did not go: as they were before, unless
/// something went to them since.
pub const UNSTAMPED_SQLITE: &str = unstamped!("update or fail", "in (select value from json_each($1))");
/// The same on PostgreSQL.
pub const UNSTAMPED_POSTGRES: &str = unstamped!("update", "= any($1)");
macro_rules! addresses_are {
    ($to:literal, $which:literal) => {
        concat!("update address set ", $to, ", updated_at = $2 where id in (select address_id from delivery where id ", $which, ")")
    };
}
/// Addresses at which nobody can be reached.
pub const UNREACHABLE_SQLITE: &str =
    addresses_are!("state = 'unreachable', state_reason = 'provider'", "in (select value from json_each($1))");
/// The same on PostgreSQL.
pub const UNREACHABLE_POSTGRES: &str = addresses_are!("state = 'unreachable', state_reason = 'provider'", "= any($1)");
/// Something arrived at an address that was thought to reach nobody.
pub const REACHABLE_SQLITE: &str = addresses_are!("state = 'reachable', state_reason = null", "in (select value from json_each($1))");
/// Whoever a step found unreachable, although it reached nobody at all: that says something of the
/// sender, and nothing of them.
pub const PERHAPS_REACHABLE: &str = "update address set state = 'unknown', state_reason = null where state = 'unreachable' \
    and id in (select address_id from delivery where account_id = $1 and campaign_id = $2 and step = $3 and state = 'failed' and reason = 'unreachable')";
/// The same on PostgreSQL.
pub const REACHABLE_POSTGRES: &str = addresses_are!("state = 'reachable', state_reason = null", "= any($1)");

macro_rules! record_sqlite {
    ($to:literal, $read:literal) => {
        concat!(
            "update or fail delivery set state = v.state, reason = v.reason, due_at = coalesce(v.due_at, delivery.due_at), attempt = v.attempt, \
             message_ref = coalesce(v.message_ref, delivery.message_ref), sent_at = coalesce(v.sent_at, delivery.sent_at), lease_until = null, updated_at = $2, detail = v.detail, \
             stamped_at = case when v.gone then delivery.stamped_at end, counted_in = case when v.gone then delivery.counted_in end, \
             quota_at = case when v.gone then delivery.quota_at end, first_tried_at = case when v.attempt > 0 then delivery.first_tried_at end",
            $to,
            " from (select value ->> 'gone' as gone, value ->> 'id' as id, value ->> 'state' as state, value ->> 'reason' as reason, value ->> 'due_at' as due_at, \
             value ->> 'attempt' as attempt, value ->> 'message_ref' as message_ref, value ->> 'sent_at' as sent_at, value ->> 'detail' as detail",
            $read,
            " from json_each($1)) v where delivery.id = v.id"
        )
    };
}
macro_rules! record_postgres {
    ($to:literal, $array:literal, $name:literal) => {
        concat!(
            "update delivery set state = v.state, reason = v.reason, due_at = coalesce(v.due_at, delivery.due_at), attempt = v.attempt, \
             message_ref = coalesce(v.message_ref, delivery.message_ref), sent_at = coalesce(v.sent_at, delivery.sent_at), lease_until = null, updated_at = $8, detail = v.detail, \
             stamped_at = case when v.gone then delivery.stamped_at end, counted_in = case when v.gone then delivery.counted_in end, \
             quota_at = case when v.gone then delivery.quota_at end, first_tried_at = case when v.attempt > 0 then delivery.first_tried_at end",
            $to,
            " from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::integer[], $6::text[], $7::timestamptz[], $9::boolean[], $10::text[], $11::text[]",
            $array,
            ") as v(id, state, reason, due_at, attempt, message_ref, sent_at, gone, detail, place",
            $name,
            ") where delivery.ctid = v.place::tid and delivery.id = v.id"
        )
    };
}
/// Records outcomes, all in one statement. `or fail` as in [`TAKE_SQLITE`].
pub const RECORD_SQLITE: &str = record_sqlite!("", "");
/// The same on PostgreSQL. The rows are held, so they still lie where they lay.
pub const RECORD_POSTGRES: &str = record_postgres!("", "", "");
/// Records outcomes, and when it is to be looked at whether the next step goes.
pub const RECORD_WAITING_SQLITE: &str = record_sqlite!(", deadline_at = v.deadline_at", ", value ->> 'deadline_at' as deadline_at");
/// The same on PostgreSQL.
pub const RECORD_WAITING_POSTGRES: &str = record_postgres!(", deadline_at = v.deadline_at", ", $12::timestamptz[]", ", deadline_at");
/// How many went in a slice of time.
pub const PACE: &str = "insert into delivery_pace (campaign_id, at, began, sent) values ($1, $2, $3, $4) \
    on conflict (campaign_id, at) do update set sent = delivery_pace.sent + excluded.sent, \
    began = case when excluded.began < delivery_pace.began then excluded.began else delivery_pace.began end";
/// What went lately, by ten seconds, with the moment the first of them went.
pub const RATE: &str = "select p.began, p.sent from delivery_pace p join campaign k on k.id = p.campaign_id \
    where k.account_id = $1 and p.campaign_id = $2 and p.at >= $3 order by p.at";
/// What a campaign sends, and how.
pub const SHEET: &str = "select v.class, v.body, v.media_kind, v.media_file_id, v.buttons, ac.name as account_name, ac.advertiser, ac.zone, ac.language, \
    ca.uncertain_policy from campaign ca join campaign_variant w on w.campaign_id = ca.id and w.step = $3 and w.variant = 1 \
    join template_version v on v.id = w.template_version_id join account ac on ac.id = ca.account_id where ca.account_id = $1 and ca.id = $2";

/// Rows that were left in flight.
pub const STALE: &str = "select d.id, d.campaign_id, d.step, d.variant, d.contact_id, d.claim, d.attempt, d.reason, d.updated_at, d.first_tried_at, a.value, ca.uncertain_policy \
    from delivery d join campaign ca on ca.id = d.campaign_id left join address a on a.id = d.address_id \
    where d.account_id = $1 and d.channel_id = $2 and d.state = 'sending' and d.lease_until <= $3 order by d.id limit $4";

/// The books: rows by what they are, and the counters. One statement sees one moment on both
/// engines; two would compare the rows of one with the counters of another.
pub const BOOKS: &str = "select false as counter, step, variant, planned, case when passed then 'passed' \
    when state in ('queued', 'sending') or deadline_at is not null then 'open' when state in ('sent', 'delivered', 'read') then 'reached' \
    when state = 'uncertain' then 'unknown' else 'missed' end as person, state, \
    case when state in ('queued', 'sending') then null else nullif(reason, '') end as reason, \
    count(*) as n from delivery where account_id = $1 and campaign_id = $2 group by 2, 3, 4, 5, 6, 7 \
    union all select true, c.step, c.variant, c.planned, c.person, c.state, nullif(c.reason, ''), c.n \
    from delivery_count c join campaign k on k.id = c.campaign_id where k.account_id = $1 and c.campaign_id = $2 and c.n <> 0";

/// Everybody of a campaign of several steps.
pub const PEOPLE: &str = "select count(distinct contact_id) from delivery where account_id = $1 and campaign_id = $2";

/// Every statement both engines share.
pub const ALL: &[&str] = &[
    COUNT,
    COUNT_TWO,
    COUNTS,
    DEPTH,
    HOLD_CONTACT,
    CANCEL_CONTACT,
    CANCEL_REPLIES,
    CANCEL_ANSWERS,
    CANCEL_ADDRESS,
    CANCEL_REPLIES_TO,
    LEAVE_OUT,
    LEAVE_STEP,
    HEAD,
    STEP_TEXTS,
    SKIP,
    REACHED_EARLIER,
    SPEAKS_NO_MORE,
    PERHAPS_REACHABLE,
    OVER,
    SETTLE_CONTACT,
    SETTLE_CAMPAIGN,
    MERGE_BEFORE,
    MERGE_STAMPS,
    MERGE_MARK,
    MERGE_CANCEL,
    MERGE_SETTLE,
    MERGE_OF,
    CAMPAIGNS_DUE,
    PACE,
    RATE,
    SHEET,
    MINE,
    STALE,
    OUT_TELL,
    EARLY_KEEP,
    EARLY_CHANNELS,
    EARLY_DUE,
    EARLY_DONE,
    EARLY_ORPHANS,
    NAMELESS,
    EARLY_DROP,
    BOOKS,
    PEOPLE,
    ENQUEUE,
    OUTGOING_DUE,
    FENCE,
    OUTGOING_STOPPED,
    OUTGOING_LAPSED,
    REPLY_OF,
    OUTGOING_TAKE,
    OUTGOING_LONGER,
    OUTGOING_RECORD,
    OUTGOING_STALE,
    MINE_OUTGOING,
    BEGUN_TAKE,
    BEGUN_DONE,
    BEGUN_OPEN,
    BEGUN_LIST,
    KEPT,
    KEEP_INSTEAD,
    READ_TIME,
    READ_TIMES,
];
/// Statements in SQLite's own words.
pub const ALL_SQLITE: &[&str] = &[
    EARLIER_SQLITE,
    MERGE_ROWS_SQLITE,
    MERGE_GIVE_SQLITE,
    KEEP_SQLITE,
    KEPT_BEFORE_SQLITE,
    KEPT_OF_SQLITE,
    UNKEEP_SQLITE,
    COUNTS_OF_SQLITE,
    TAKE_SQLITE,
    TAKE_STAMPED_SQLITE,
    WRITTEN_SQLITE,
    SECOND_SQLITE,
    FACTS_SQLITE,
    ROWS_SQLITE,
    CONTACTED_SQLITE,
    ADVERTISED_SQLITE,
    UNSTAMPED_SQLITE,
    UNREACHABLE_SQLITE,
    REACHABLE_SQLITE,
    RECORD_SQLITE,
    RECORD_WAITING_SQLITE,
    DEADLINES_SQLITE,
    BY_REF_SQLITE,
    OUT_BY_REF_SQLITE,
    UNREAD_SQLITE,
    TOLD_SQLITE,
    ADDRESSED_SQLITE,
    BARRED_SQLITE,
    OUT_TOLD_SQLITE,
    TELL_SQLITE,
];
/// Statements in PostgreSQL's own words.
pub const ALL_POSTGRES: &[&str] = &[
    EARLIER_ALL_POSTGRES,
    MERGE_HOLD_POSTGRES,
    MERGE_ROWS_POSTGRES,
    MERGE_GIVE_POSTGRES,
    EARLIER_POSTGRES,
    BEGUN_LIST_POSTGRES,
    KEPT_BEFORE_POSTGRES,
    KEPT_OF_POSTGRES,
    UNKEEP_POSTGRES,
    COUNTS_OF_POSTGRES,
    HEAD_POSTGRES,
    TAKE_POSTGRES,
    TAKE_STAMPED_POSTGRES,
    WRITTEN_POSTGRES,
    SECOND_POSTGRES,
    FACTS_POSTGRES,
    DEADLINES_POSTGRES,
    ROWS_POSTGRES,
    CONTACTED_POSTGRES,
    UNSTAMPED_POSTGRES,
    UNREACHABLE_POSTGRES,
    REACHABLE_POSTGRES,
    RECORD_POSTGRES,
    RECORD_WAITING_POSTGRES,
    BY_REF_POSTGRES,
    OUT_BY_REF_POSTGRES,
    UNREAD_POSTGRES,
    TOLD_POSTGRES,
    ADDRESSED_POSTGRES,
    BARRED_POSTGRES,
    OUT_TOLD_POSTGRES,
    TELL_POSTGRES,
    FENCE_POSTGRES,
];
