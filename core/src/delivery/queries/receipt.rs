//! What providers tell of messages afterwards: found, applied, kept until their message comes.

macro_rules! by_ref {
    ($table:literal) => {
        concat!(
            "select id from ",
            $table,
            " where account_id = $1 and channel_id = $2 and message_ref in (select value from json_each($3))"
        )
    };
}
macro_rules! by_ref_postgres {
    ($table:literal) => {
        concat!(
            "select r.id from unnest($3::text[]) as v (message_ref) cross join lateral (select id from ",
            $table,
            " where account_id = $1 and channel_id = $2 and message_ref = v.message_ref limit 8) r"
        )
    };
}
/// The rows receipts are of.
pub const BY_REF_SQLITE: &str = by_ref!("delivery");
/// The same on PostgreSQL: each value is looked up by its key, whatever the statistics say of so
/// many values.
pub const BY_REF_POSTGRES: &str = by_ref_postgres!("delivery");
/// Messages outside campaigns receipts are of.
pub const OUT_BY_REF_SQLITE: &str = by_ref!("outgoing");
/// The same on PostgreSQL.
pub const OUT_BY_REF_POSTGRES: &str = by_ref_postgres!("outgoing");
/// Those of these messages, of either kind, that are not known to be read.
pub const UNREAD_SQLITE: &str = "select message_ref from delivery where account_id = $1 and channel_id = $2 and read_at is null \
    and message_ref in (select value from json_each($3)) \
    union all select message_ref from outgoing where account_id = $1 and channel_id = $2 and read_at is null \
    and message_ref in (select value from json_each($3))";
/// The same on PostgreSQL, each looked up by its key.
pub const UNREAD_POSTGRES: &str = "select r.message_ref from unnest($3::text[]) as v (message_ref) cross join lateral (\
    (select message_ref from delivery where account_id = $1 and channel_id = $2 and message_ref = v.message_ref and read_at is null limit 8) \
    union all (select message_ref from outgoing where account_id = $1 and channel_id = $2 and message_ref = v.message_ref and read_at is null limit 8)) r";
macro_rules! told {
    ($table:literal, $columns:literal) => {
        concat!(
            "select id, ",
            $columns,
            ", state, reason, attempt, message_ref, sent_at, delivered_at, read_at, detail from ",
            $table,
            " where account_id = $1 and channel_id = $2 and id in (select value from json_each($3)) order by id"
        )
    };
}
macro_rules! told_postgres {
    ($table:literal, $columns:literal) => {
        concat!(
            "select r.* from unnest($3::bigint[]) as v (id) cross join lateral (select id, ",
            $columns,
            ", state, reason, attempt, message_ref, sent_at, delivered_at, read_at, detail from ",
            $table,
            " where id = v.id and account_id = $1 and channel_id = $2 for update) r"
        )
    };
}
/// Deliveries as receipts find them.
pub const TOLD_SQLITE: &str = told!(
    "delivery",
    "campaign_id, step, variant, contact_id, planned, stamped_at is not null as stamped, counted_in, next_on, wait_seconds, deadline_at, passed, charge"
);
/// The same on PostgreSQL, held in the order of the ids given.
pub const TOLD_POSTGRES: &str = told_postgres!(
    "delivery",
    "campaign_id, step, variant, contact_id, planned, stamped_at is not null as stamped, counted_in, next_on, wait_seconds, deadline_at, passed, charge"
);
macro_rules! addressed {
    ($which:literal) => {
        concat!("select d.id, a.value from delivery d join address a on a.id = d.address_id where d.account_id = $1 and d.id ", $which)
    };
}
/// The addresses of deliveries.
pub const ADDRESSED_SQLITE: &str = addressed!("in (select value from json_each($2))");
/// The same on PostgreSQL.
pub const ADDRESSED_POSTGRES: &str = addressed!("= any($2)");
macro_rules! barred {
    ($which:literal) => {
        concat!(
            "select distinct d.campaign_id from delivery d join campaign_variant w on w.campaign_id = d.campaign_id and w.step = d.step \
             and w.variant = d.variant where d.account_id = $1 and not exists (select 1 from provider_template p where p.account_id = d.account_id \
             and p.channel_id = d.channel_id and p.template_version_id = w.template_version_id and p.state = 'approved' \
             and p.changed_at > coalesce(d.sent_at, d.first_tried_at, d.updated_at)) and d.id ",
            $which
        )
    };
}
/// The campaigns of messages whose templates the provider has not approved anew since they went.
pub const BARRED_SQLITE: &str = barred!("in (select value from json_each($2))");
/// The same on PostgreSQL.
pub const BARRED_POSTGRES: &str = barred!("= any($2)");
/// Messages outside campaigns as receipts find them.
pub const OUT_TOLD_SQLITE: &str = told!("outgoing", "contact_id, address_value");
/// The same on PostgreSQL.
pub const OUT_TOLD_POSTGRES: &str = told_postgres!("outgoing", "contact_id, address_value");
/// Deliveries as their receipts make them, all in one statement. What arrived although it was
/// thought not to have gone is counted now.
pub const TELL_SQLITE: &str = "update or fail delivery set state = v.state, reason = v.reason, delivered_at = v.delivered_at, read_at = v.read_at, \
    detail = v.detail, charge = v.charge, lease_until = null, sent_at = coalesce(delivery.sent_at, v.sent_at, v.delivered_at, v.read_at), updated_at = $3, \
    message_ref = coalesce(delivery.message_ref, v.message_ref), \
    stamped_at = case when v.state <> 'failed' then delivery.stamped_at end, \
    counted_in = case when delivery.sent_at is null and v.state in ('sent', 'delivered', 'read') then coalesce(delivery.counted_in, $4) else delivery.counted_in end, \
    quota_at = case when v.state <> 'failed' then delivery.quota_at end \
    from (select value ->> 'id' as id, value ->> 'state' as state, value ->> 'reason' as reason, value ->> 'delivered_at' as delivered_at, \
    value ->> 'read_at' as read_at, value ->> 'detail' as detail, value ->> 'sent_at' as sent_at, value ->> 'message_ref' as message_ref, value ->> 'charge' as charge \
    from json_each($2)) v where delivery.id = v.id and delivery.account_id = $1";
/// The same on PostgreSQL.
pub const TELL_POSTGRES: &str = "update delivery set state = v.state, reason = v.reason, delivered_at = v.delivered_at, read_at = v.read_at, \
    detail = v.detail, charge = v.charge, lease_until = null, sent_at = coalesce(delivery.sent_at, v.sent_at, v.delivered_at, v.read_at), updated_at = $8, \
    message_ref = coalesce(delivery.message_ref, v.message_ref), \
    stamped_at = case when v.state <> 'failed' then delivery.stamped_at end, \
    counted_in = case when delivery.sent_at is null and v.state in ('sent', 'delivered', 'read') then coalesce(delivery.counted_in, $9) else delivery.counted_in end, \
    quota_at = case when v.state <> 'failed' then delivery.quota_at end \
    from unnest($2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $10::timestamptz[], $11::text[], $12::text[]) \
    as v(id, state, reason, delivered_at, read_at, detail, sent_at, message_ref, charge) where delivery.id = v.id and delivery.account_id = $1";
/// A message outside campaigns as its receipts make it.
pub const OUT_TELL: &str = "update outgoing set state = $3, reason = $4, delivered_at = $5, read_at = $6, detail = $7, lease_until = null, \
    sent_at = coalesce(sent_at, $8, $5, $6), message_ref = coalesce(message_ref, $9) where account_id = $1 and id = $2";
/// Keeps a receipt whose message is not known yet; of the same twice the earlier. The channel must
/// be the account's.
pub const EARLY_KEEP: &str = "insert into receipt_early (account_id, channel_id, message_ref, client_id, state, reason, detail, happened_at, at, charge) \
    select c.account_id, c.id, $3, $4, $5, $6, $7, $8, $9, $10 from channel c where c.account_id = $1 and c.id = $2 \
    on conflict (channel_id, message_ref, client_id, state) do update set \
    happened_at = case when excluded.happened_at < receipt_early.happened_at then excluded.happened_at else receipt_early.happened_at end, \
    reason = case when excluded.reason < receipt_early.reason then excluded.reason else receipt_early.reason end, \
    detail = case when excluded.reason < receipt_early.reason or excluded.reason = receipt_early.reason and coalesce(excluded.detail, '') < coalesce(receipt_early.detail, '') \
    then excluded.detail else receipt_early.detail end, \
    charge = case when receipt_early.charge is null or excluded.charge < receipt_early.charge then excluded.charge else receipt_early.charge end";
/// Channels with such receipts, or with words that nobody's message is known by yet.
pub const EARLY_CHANNELS: &str = "select account_id, channel_id from receipt_early union select account_id, channel_id from echo";
/// Those whose message is known now, and not in flight.
pub const EARLY_DUE: &str = "select e.message_ref, e.client_id, e.state, e.reason, e.detail, e.happened_at, e.charge from receipt_early e \
    where e.account_id = $1 and e.channel_id = $2 and \
    (exists (select 1 from delivery d where e.message_ref <> '' and d.channel_id = e.channel_id and d.account_id = e.account_id and d.message_ref = e.message_ref and d.state <> 'sending') \
    or exists (select 1 from outgoing o where e.message_ref <> '' and o.channel_id = e.channel_id and o.account_id = e.account_id and o.message_ref = e.message_ref and o.state <> 'sending') \
    or exists (select 1 from delivery d where d.id = e.client_id and d.channel_id = e.channel_id and d.account_id = e.account_id and d.state <> 'sending') \
    or exists (select 1 from outgoing o where o.id = -e.client_id and o.channel_id = e.channel_id and o.account_id = e.account_id and o.state <> 'sending')) \
    order by e.message_ref, e.client_id, e.state limit $3";
/// One of them is applied.
pub const EARLY_DONE: &str =
    "delete from receipt_early where account_id = $1 and channel_id = $2 and message_ref = $3 and client_id = $4 and state = $5";
/// Those whose message nobody knows although it would be recorded by now.
pub const EARLY_ORPHANS: &str = "select c.kind, e.message_ref, e.state, e.happened_at from receipt_early e join channel c on c.id = e.channel_id \
    where e.account_id = $1 and e.channel_id = $2 and e.client_id = 0 and e.message_ref <> '' and e.state in ('delivered', 'read') and e.at <= $3 \
    and not exists (select 1 from delivery d where d.channel_id = e.channel_id and d.account_id = e.account_id and d.message_ref = e.message_ref) \
    and not exists (select 1 from outgoing o where o.channel_id = e.channel_id and o.account_id = e.account_id and o.message_ref = e.message_ref) \
    order by e.message_ref, e.state limit $4";
/// Messages to an address that may have gone and have no name: deliveries by their ids, others by
/// theirs, negative.
pub const NAMELESS: &str = "select d.id, d.state, d.first_tried_at from address a join delivery d on d.contact_id = a.contact_id and d.address_id = a.id \
    where a.account_id = $1 and a.kind = $2 and a.value = $3 and a.scope_id = $4 and d.account_id = a.account_id and d.channel_id = $5 \
    and d.state in ('sending', 'uncertain') and d.message_ref is null \
    union all select -o.id, o.state, null from address a join outgoing o on o.contact_id = a.contact_id \
    where a.account_id = $1 and a.kind = $2 and a.value = $3 and a.scope_id = $4 and o.account_id = a.account_id and o.channel_id = $5 \
    and o.address_value = a.value and o.state in ('sending', 'uncertain') limit 2";
/// Those whose message never came. One whose message is there is applied first, however old.
pub const EARLY_DROP: &str = "delete from receipt_early where account_id = $1 and channel_id = $2 and at <= $3 \
    and not exists (select 1 from delivery d where receipt_early.message_ref <> '' and d.channel_id = receipt_early.channel_id \
    and d.account_id = receipt_early.account_id and d.message_ref = receipt_early.message_ref) \
    and not exists (select 1 from outgoing o where receipt_early.message_ref <> '' and o.channel_id = receipt_early.channel_id \
    and o.account_id = receipt_early.account_id and o.message_ref = receipt_early.message_ref) \
    and not exists (select 1 from delivery d where d.id = receipt_early.client_id and d.channel_id = receipt_early.channel_id \
    and d.account_id = receipt_early.account_id) \
    and not exists (select 1 from outgoing o where o.id = -receipt_early.client_id and o.channel_id = receipt_early.channel_id \
    and o.account_id = receipt_early.account_id)";
