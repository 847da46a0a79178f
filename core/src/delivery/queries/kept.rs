//! What was begun under a lease, and what each try said.

/// Rows claimed under a lease that are still in flight.
pub const MINE: &str = "select id, contact_id, attempt, lease_until from delivery where account_id = $1 and channel_id = $2 and state = 'sending' and claim = $3";

/// The same of messages outside campaigns.
pub const MINE_OUTGOING: &str =
    "select id, attempt, lease_until from outgoing where account_id = $1 and channel_id = $2 and state = 'sending' and claim = $3";
/// Takes away what former owners of a channel listed as begun: under a token turned negative nobody
/// lists anything more. One that was taken and not dealt with is taken again.
pub const BEGUN_TAKE: &str =
    "update begun set token = -abs(token) where account_id = $1 and channel_id = $2 and token < $3 returning -token as token, ids";
/// A list that was taken is dealt with.
pub const BEGUN_DONE: &str = "delete from begun where account_id = $1 and channel_id = $2 and token = -cast($3 as bigint)";
/// Opens an owner's list.
pub const BEGUN_OPEN: &str = "insert into begun (account_id, channel_id, token, ids) values ($1, $2, $3, '[]')";
/// Lists what an owner has begun or is about to; nothing once its list was taken away.
pub const BEGUN_LIST: &str = "update begun set ids = $4 where account_id = $1 and channel_id = $2 and token = $3";
/// With the words of what is newly begun (`$4` all of them in a row, `$5` a JSON list of which is
/// whose), if the list is still the owner's.
pub const KEEP_SQLITE: &str = "insert into delivery_text (delivery_id, attempt, body) select value ->> 0, value ->> 1, substr($4, value ->> 2, value ->> 3) from json_each($5) \
    where exists (select 1 from begun where account_id = $1 and channel_id = $2 and token = $3) \
    on conflict (delivery_id, attempt) do update set body = excluded.body";
/// Both at once. It answers with how many lists there were.
pub const BEGUN_LIST_POSTGRES: &str = "with listed as (update begun set ids = $4 where account_id = $1 and channel_id = $2 and token = $3 returning 1), \
    kept as (insert into delivery_text (delivery_id, attempt, body) select u.id, u.attempt, u.body \
    from unnest($5::bigint[], $6::integer[], $7::bytea[]) as u (id, attempt, body) where exists (select 1 from listed) \
    on conflict (delivery_id, attempt) do update set body = excluded.body) select count(*) from listed";
/// The words of tries that certainly did not go (`$1` a JSON list of `[delivery, attempt]`).
pub const UNKEEP_SQLITE: &str =
    "delete from delivery_text where (delivery_id, attempt) in (select value ->> 0, value ->> 1 from json_each($1))";
/// The same on PostgreSQL.
pub const UNKEEP_POSTGRES: &str = "delete from delivery_text t using unnest($1::bigint[], $2::integer[]) as u (id, attempt) \
    where t.delivery_id = u.id and t.attempt = u.attempt";
/// What a try said in place of the words it began with.
pub const KEEP_INSTEAD: &str = "update delivery_text set body = $4 where attempt = $3 \
    and delivery_id = (select d.id from delivery d where d.account_id = $1 and d.id = $2)";
/// So many messages of a step were opened within a length of time.
pub const READ_TIME: &str = "insert into read_time (campaign_id, step, bucket, n) values ($1, $2, $3, $4) \
    on conflict (campaign_id, step, bucket) do update set n = read_time.n + excluded.n";
/// How many of a campaign were opened in each length of time.
pub const READ_TIMES: &str = "select r.bucket, cast(sum(r.n) as bigint) from read_time r join campaign k on k.id = r.campaign_id \
    where k.account_id = $1 and r.campaign_id = $2 group by r.bucket order by r.bucket";
/// What a campaign sent to a contact, or may have sent. A try that was given back before it was
/// made has the number of the next one, and what is in the air is not said yet.
pub const KEPT: &str = "select d.step, d.state, coalesce(d.sent_at, d.updated_at) as at, t.body, v.id as version, v.body as text from delivery d \
    join delivery_text t on t.delivery_id = d.id and t.attempt <= d.attempt \
    join campaign_variant w on w.campaign_id = d.campaign_id and w.step = d.step and w.variant = d.variant \
    join template_version v on v.id = w.template_version_id where d.account_id = $1 and d.campaign_id = $2 and d.contact_id = $3 \
    and (d.state <> 'sending' or t.attempt < d.attempt) order by d.step, t.attempt";

macro_rules! kept_before {
    ($which:literal) => {
        concat!(
            "select t.delivery_id, t.body from delivery d join delivery_text t on t.delivery_id = d.id \
             and t.attempt = (select max(x.attempt) from delivery_text x where x.delivery_id = d.id and x.attempt < d.attempt) \
             where d.account_id = $1 and d.id ",
            $which
        )
    };
}
/// What the newest of the tries before the one under way said.
pub const KEPT_BEFORE_SQLITE: &str = kept_before!("in (select value from json_each($2))");
/// The same on PostgreSQL.
pub const KEPT_BEFORE_POSTGRES: &str = kept_before!("= any($2)");

macro_rules! kept_of {
    ($which:literal) => {
        concat!(
            "select t.delivery_id, t.body, v.body as text from delivery d join delivery_text t on t.delivery_id = d.id and t.attempt = d.attempt \
             join campaign_variant w on w.campaign_id = d.campaign_id and w.step = d.step and w.variant = d.variant \
             join template_version v on v.id = w.template_version_id where d.account_id = $1 and d.id ",
            $which
        )
    };
}
/// What the tries under way say, each with the text of its version.
pub const KEPT_OF_SQLITE: &str = kept_of!("in (select value from json_each($2))");
/// The same on PostgreSQL.
pub const KEPT_OF_POSTGRES: &str = kept_of!("= any($2)");
