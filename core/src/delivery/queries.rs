//! Statements of the delivery room. Where claiming or recording in bulk must differ by engine, both texts stand side by side.

/// Moves one counter.
pub const COUNT: &str = "insert into delivery_count (campaign_id, planned, state, reason, n) values ($1, $2, $3, $4, $5) \
    on conflict (campaign_id, planned, state, reason) do update set n = delivery_count.n + excluded.n";
/// A campaign's counters.
pub const COUNTS: &str = "select c.planned, c.state, c.reason, c.n from delivery_count c join campaign k on k.id = c.campaign_id \
    where k.account_id = $1 and c.campaign_id = $2 and c.n <> 0";

/// Takes hold of the contact's row first: whoever changes a contact and its deliveries does it in this order.
pub const HOLD_CONTACT: &str = "update contact set opted_out_at = opted_out_at where account_id = $1 and id = $2";
/// What of a contact's is not yet in the air goes no more.
pub const CANCEL_CONTACT: &str = "update delivery set state = 'cancelled', reason = $3, updated_at = $4 \
    where account_id = $1 and contact_id = $2 and state = 'queued' returning campaign_id, planned";
/// A manager's reply to a person who said stop goes no more either; answers and the confirmation do.
pub const CANCEL_REPLIES: &str = "update outgoing set state = 'failed', reason = $3 where account_id = $1 and contact_id = $2 and state = 'queued' and purpose = 'reply'";
/// What of a campaign is not yet in the air goes no more, so many rows at most. A row that another change holds is waited for.
pub const LEAVE_OUT: &str = "update delivery set state = $3, reason = $4, updated_at = $5 \
    where state = 'queued' and id in (select id from delivery where account_id = $1 and campaign_id = $2 and state = 'queued' limit $6) \
    returning planned";

/// Queues a message outside campaigns, once per key.
pub const ENQUEUE: &str = "insert into outgoing (account_id, channel_id, contact_id, address_value, purpose, payload, dedupe_key, state, due_at, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $8) on conflict (dedupe_key) do nothing";
