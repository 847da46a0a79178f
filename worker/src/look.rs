//! What the rows say is due, in one statement: an idle worker asks the database once a second, not
//! ten times.

use mms_core::{
    clock::Moment,
    id::{AccountId, ChannelId, ConnectionId, ImportId},
    on,
    queue::Job,
    store::{Store, clock_jump::Seen},
};
use uuid::Uuid;

/// Everything a tick wants to know, each row with what it is about.
/// - `inbound`: channels and connections with raw events to understand, and since when the oldest
///   waits;
/// - `deliver`: channels with something to send or to recover that nobody owns and nothing holds;
///   of each one message is asked for, since `exists` let PostgreSQL read all that wait into a
///   list;
/// - `write_back`: connections with something to tell the CRM;
/// - `sync`: connections whose next sync has come;
/// - `import`: imports that were begun and nobody is at;
/// - `choices`: accounts whose choice of whose word counts for a field is to be carried out;
/// - `templates`: channels whose provider is to be asked what has become of templates;
/// - `campaigns`: there are campaigns under way, plans to be taken back, or notes of closed ones to
///   be made;
/// - `receipts`: some came before their messages;
/// - `seen`, `again`: what the clock showed at the latest, and when to look at what it wrote once
///   more.
pub const LOOK: &str = concat!(
    "
select 'inbound' as kind, source_id as id, min(received_at) as at from inbound where state = 'new' and due_at <= $1 group by source_id
union all select 'oldest', cast(null as uuid), min(received_at) from inbound where state = 'new'
union all select 'deliver', c.id, cast(null as timestamptz) from channel c
where (c.lease_until is null or c.lease_until <= $1)
  and (exists (select 1 from delivery d where d.channel_id = c.id and d.state = 'sending' and d.lease_until <= $1)
    or exists (select 1 from outgoing o where o.channel_id = c.id and o.state = 'sending' and o.lease_until <= $1)
    or (c.state = 'active' and c.deaf is null and (c.held_until is null or c.held_until <= $1)
      and (exists (select 1 from outgoing o where o.channel_id = c.id and o.state = 'queued' and o.due_at <= $1 and ",
    mms_core::first_to_person!("o"),
    ")
        or exists (select 1 from campaign_step s join campaign k on k.id = s.campaign_id
                   where s.channel_id = c.id and k.state = 'running' and (select d.id from delivery d
                   where d.campaign_id = k.id and d.step = s.step and d.state = 'queued' and d.due_at <= $1 limit 1) is not null))))
union all select distinct 'write_back', w.connection_id, cast(null as timestamptz)
from crm_write w join crm_connection n on n.id = w.connection_id
where n.state = 'active' and (n.held_until is null or n.held_until <= $1)
  and w.state in ('queued', 'sending') and (w.state = 'queued' and w.due_at <= $1 or w.state = 'sending' and w.lease_until <= $1)
union all select distinct 'write_back', m.connection_id, cast(null as timestamptz)
from crm_message m join crm_connection n on n.id = m.connection_id
where n.state = 'active' and (n.held_until is null or n.held_until <= $1) and m.due_at is not null and m.due_at <= $1
union all select 'sync', id, cast(null as timestamptz) from crm_connection
where state = 'active' and next_sync_at <= $1 and (lease_until is null or lease_until <= $1) and (held_until is null or held_until <= $1)
union all select 'import', id, cast(null as timestamptz) from import where state = 'running' and (due_at is null or due_at <= $1)
union all select distinct 'choices', account_id, cast(null as timestamptz) from field_apply
union all select distinct 'templates', p.channel_id, cast(null as timestamptz)
from provider_template p join channel c on c.id = p.channel_id where c.state = 'active' and p.look_at <= $1
union all select 'campaigns', cast(null as uuid), cast(null as timestamptz) where exists (select 1 from campaign
    where planned_to is not null or noted_to is not null or finished_at is null and state in ('scheduled', 'planning', 'running', 'paused', 'stopped'))
union all select 'receipts', cast(null as uuid), cast(null as timestamptz) where exists (select 1 from receipt_early) or exists (select 1 from echo)
union all select 'seen', cast(null as uuid), at from clock_seen where id = 1
union all select 'again', cast(null as uuid), again_at from clock_seen where id = 1"
);
/// Of campaigns that are not over: deliveries that wait to be sent now, and unknown outcomes.
pub const OPEN: &str = "
select cast(coalesce(sum(case when c.state = 'running' and k.state = 'queued' then k.n end), 0) as bigint),
    cast(coalesce(sum(case when k.state = 'uncertain' then k.n end), 0) as bigint)
from campaign c join delivery_count k on k.campaign_id = c.id
where c.finished_at is null and c.state in ('running', 'paused', 'stopped') and k.state in ('queued', 'uncertain')";
/// Every statement.
pub const ALL: &[&str] = &[LOOK, OPEN];

/// What a look found.
#[derive(Debug, Default)]
pub struct Look {
    /// Bells to ring; what came in first.
    pub jobs: Vec<Job>,
    /// Campaigns are under way, so the time may have come for something of theirs.
    pub campaigns: bool,
    /// Receipts wait for their messages.
    pub receipts: bool,
    /// Since when the oldest event waits to be understood.
    pub oldest_event: Option<Moment>,
    /// What was kept of the clock.
    pub seen: Seen,
}

/// What the rows say is due at `now`.
///
/// # Errors
/// The database's.
pub async fn look(store: &Store, now: Moment) -> sqlx::Result<Look> {
    // Planned anew each time: a plan kept from when the tables were empty reads all of them.
    let rows: Vec<(String, Option<Uuid>, Option<Moment>)> =
        on!(store.read(), |c| sqlx::query_as(LOOK).persistent(false).bind(now).fetch_all(c).await)?;
    let (mut look, mut later) = (Look::default(), Vec::new());
    for (kind, id, at) in rows {
        match (kind.as_str(), id) {
            ("inbound", Some(source)) => look.jobs.push(Job::HandleInbound { source }),
            ("deliver", Some(id)) => later.push(Job::Deliver { channel: ChannelId(id) }),
            ("write_back", Some(id)) => later.push(Job::WriteBack { connection: ConnectionId(id) }),
            ("sync", Some(id)) => later.push(Job::SyncCrm { connection: ConnectionId(id) }),
            ("templates", Some(id)) => later.push(Job::LookAtTemplates { channel: ChannelId(id) }),
            ("choices", Some(id)) => later.push(Job::ApplyChoices { account: AccountId(id) }),
            ("import", Some(id)) => later.push(Job::RunImport { import: ImportId(id) }),
            ("campaigns", _) => look.campaigns = true,
            ("receipts", _) => look.receipts = true,
            ("oldest", _) => look.oldest_event = at,
            ("seen", _) => look.seen.at = at,
            ("again", _) => look.seen.again_at = at,
            _ => tracing::error!(kind, "a look found something of a kind that nobody knows"),
        }
    }
    look.jobs.append(&mut later);
    Ok(look)
}

/// Of campaigns that are not over: how many deliveries wait to be sent now, and how many have an
/// unknown outcome.
///
/// # Errors
/// The database's.
pub async fn open(store: &Store) -> sqlx::Result<(i64, i64)> {
    on!(store.read(), |c| sqlx::query_as(OPEN).fetch_one(c).await)
}

#[cfg(test)]
mod tests {
    use mms_core::{both, clock, delivery::fixture::Fixture};

    use super::*;

    both!(async fn one_look_finds_everything(store) {
        let now = clock::now();
        let nothing = look(&store, now).await.unwrap();
        assert!(nothing.jobs.is_empty() && !nothing.campaigns && !nothing.receipts && nothing.oldest_event.is_none());
        assert_eq!(nothing.seen, Seen::default());
        store.watch_clock(now).await.unwrap();
        let fixture = Fixture::new(&store, 3, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 3, None).await;
        let found = look(&store, now + chrono::TimeDelta::seconds(1)).await.unwrap();
        assert_eq!(found.jobs, [Job::Deliver { channel: fixture.channel }]);
        assert!(found.campaigns, "{campaign} runs");
        assert_eq!(found.seen.at, Some(now));
    });
}
