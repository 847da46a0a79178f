//! Messages outside campaigns: answers, confirmations, replies.

use crate::not_to_be_answered;

/// Queues a message outside campaigns, once per key.
pub const ENQUEUE: &str = "insert into outgoing (account_id, channel_id, contact_id, address_value, purpose, payload, dedupe_key, state, due_at, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $8) on conflict (dedupe_key) do nothing returning id";
/// Whether no earlier message outside campaigns to the same person waits or is in flight: they go
/// one at a time and in their order.
#[macro_export]
macro_rules! first_to_person {
    ($outgoing:literal) => {
        concat!(
            "not exists (select 1 from outgoing earlier where earlier.channel_id = ",
            $outgoing,
            ".channel_id and earlier.address_value = ",
            $outgoing,
            ".address_value and earlier.state in ('queued', 'sending') and earlier.id < ",
            $outgoing,
            ".id)"
        )
    };
}
/// Whether a channel has messages outside campaigns that are due and may go.
pub const OUTGOING_DUE: &str = concat!(
    "select o.id from outgoing o where o.account_id = $1 and o.channel_id = $2 and o.state = 'queued' and o.due_at <= $3 and ",
    first_to_person!("o"),
    " limit 1"
);
/// Whether the lease is still ours and the channel open.
pub const FENCE: &str = "select id from channel where account_id = $1 and id = $2 and lease_token = $3 and state = 'active' and deaf is null \
    and (held_until is null or held_until <= $4)";
/// The same on PostgreSQL: a taken lease waits for this claim.
pub const FENCE_POSTGRES: &str = "select id from channel where account_id = $1 and id = $2 and lease_token = $3 and state = 'active' and deaf is null \
    and (held_until is null or held_until <= $4) for share";
/// A manager's reply to a person who said stop, and has not written since, does not go. Nor does an
/// answer that was in flight when they said so ([`super::CANCEL_ANSWERS`]), or what perhaps means
/// it, and came back.
pub const OUTGOING_STOPPED: &str = concat!(
    "update outgoing set ",
    crate::goes_no_more!("coalesce(reason, 'opted_out')"),
    " where account_id = $1 and channel_id = $2 and state = 'queued' and \
     (purpose = 'reply' and exists (select 1 from contact c where c.id = outgoing.contact_id and ",
    not_to_be_answered!(),
    ") or purpose = 'answer' and (reason is not null \
     or exists (select 1 from doubt q where q.account_id = $1 and q.contact_id = outgoing.contact_id and q.closed_at is null and q.opened_at > outgoing.created_at))) \
     returning id, state"
);
/// A reply whose answer was lost, and whose repeat would make a second message by now.
pub const OUTGOING_LAPSED: &str = "update outgoing set state = 'uncertain', reason = 'no_answer' where account_id = $1 and channel_id = $2 \
    and state = 'queued' and due_at <= $3 and reason = 'repeat' \
    and (file_id is null and first_tried_at <= $4 or file_id is not null and first_tried_at <= $5) returning id, state";
/// The replies among these messages, with the members who wrote them and the people they were for.
pub const REPLY_OF: &str = "select m.member_id, m.contact_id, m.channel_id, c.name from chat_message m join contact c on c.id = m.contact_id \
    where m.outgoing_id = $2 and m.account_id = $1 and m.member_id is not null";
/// Takes due messages outside campaigns, one a person. What is repeated keeps when it was first
/// tried.
pub const OUTGOING_TAKE: &str = concat!(
    "update outgoing set state = 'sending', claim = $4, attempt = attempt + 1, lease_until = $5, \
     first_tried_at = case when reason = 'repeat' then coalesce(first_tried_at, $3) else $3 end where state = 'queued' \
     and id in (select o.id from outgoing o where o.account_id = $1 and o.channel_id = $2 and o.state = 'queued' and o.due_at <= $3 and ",
    first_to_person!("o"),
    " order by o.due_at, o.id limit $6) returning id, contact_id, address_value, purpose, payload, attempt, lease_until, first_tried_at"
);
/// A claimed message carries a file: it may be in flight for longer.
pub const OUTGOING_LONGER: &str =
    "update outgoing set lease_until = $4 where account_id = $1 and id = $2 and claim = $3 and state = 'sending'";
/// Records an outcome outside campaigns; only of the very claim it belongs to. What went to nobody
/// who is known (any more) would be found by no deletion: nothing of it is kept. A reply that is to
/// be repeated stays marked so, whatever becomes of later tries that certainly did not go.
pub const OUTGOING_RECORD: &str = "update outgoing set state = $4, \
    reason = case when $4 <> 'queued' then $5 when purpose = 'answer' then nullif(coalesce(nullif($5, 'repeat'), reason), 'no_answer') \
    when purpose = 'reply' then coalesce($5, reason) end, due_at = coalesce($6, due_at), message_ref = case when contact_id is null and $4 <> 'queued' then null else coalesce($7, message_ref) end, \
    sent_at = coalesce($8, sent_at), lease_until = null, attempt = $9, detail = $11, \
    payload = case when contact_id is null and $4 <> 'queued' then '{}' else payload end, \
    address_value = case when contact_id is null and $4 <> 'queued' then '' else address_value end where id = $1 and claim = $2 and attempt = $3 and state in ('sending', 'uncertain') \
    and state <> $4 and (lease_until is null or lease_until = coalesce($10, lease_until)) returning account_id, purpose";
/// Messages outside campaigns that were left in flight: whether they went is not known.
pub const OUTGOING_STALE: &str = "select id, claim, attempt, purpose, first_tried_at from outgoing \
    where account_id = $1 and channel_id = $2 and state = 'sending' and lease_until <= $3 order by id limit $4";
