//! The people that a sender begins to write to within 24 hours, with all others of its owner
//! ([`Daily`]): counted by the claim, given back when a message certainly did not go.
//!
//! Whoever wrote within the messenger's window, and whoever was written to within these 24 hours,
//! takes no further place. A message outside the window marks its row (`delivery.quota_at`), so the
//! rows say how many people there are, and whatever takes a message back takes its mark back. Whom
//! no place is left for waits in the queue until some are free; that is no try.
//!
//! People are told apart by contact: whoever has two phones and is written to by both through two
//! numbers counts once here and twice at the provider, which then refuses.

use std::collections::HashSet;

use chrono::TimeDelta;

use crate::{
    channel::{Capabilities, ChannelKind, Daily, Terms, shared, store as channels, store::ChannelRow},
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, ContactId, DeliveryId},
    limits::AIR,
    on,
    store::{Db, Engine, Store, Together, Tx, heed, json_hex},
};

/// How long somebody counts.
pub const DAY: TimeDelta = TimeDelta::hours(24);
/// So many times in those 24 hours waiting messages are looked at: each time a part of the places
/// is free again. One at a time, thousands would be moved for each.
const LOOKS: i64 = 24;
/// Waiting messages that one change brings forward.
const PORTION: i64 = 2_000;

/// The rows of all senders of an owner since a moment.
macro_rules! of_owner {
    ($scope:literal, $since:literal) => {
        concat!(
            "from delivery q where q.channel_id in (select h.id from channel h where h.quota_scope = ",
            $scope,
            ") and q.quota_at > ",
            $since
        )
    };
}
/// Messages outside windows: no fewer than people.
pub const AT_MOST: &str = concat!("select count(*) ", of_owner!("$1", "$2"));
/// People.
pub const USED: &str = concat!("select count(distinct q.contact_id) ", of_owner!("$1", "$2"));
/// When the last message went to the person behind so many, of those who count longest.
pub const FREED: &str =
    concat!("select max(q.quota_at) as last ", of_owner!("$1", "$2"), " group by q.contact_id order by last limit 1 offset $3");
macro_rules! counted {
    ($which:literal) => {
        concat!("select distinct q.contact_id ", of_owner!("$1", "$2"), " and q.contact_id ", $which)
    };
}
/// Those of these people who count already (SQLite).
pub const COUNTED_SQLITE: &str = counted!("in (select unhex(value) from json_each($3))");
/// The same on PostgreSQL.
pub const COUNTED_POSTGRES: &str = counted!("= any($3)");
macro_rules! wrote {
    ($which:literal) => {
        concat!(
            "select distinct m.contact_id from chat_message m where m.account_id = $1 and m.channel_id = $2 and m.direction = 'in' \
             and m.at > $3 and m.contact_id ",
            $which
        )
    };
}
/// Those of these people who wrote to a channel since a moment (SQLite).
pub const WROTE_SQLITE: &str = wrote!("in (select unhex(value) from json_each($4))");
/// The same on PostgreSQL.
pub const WROTE_POSTGRES: &str = wrote!("= any($4)");
/// Messages take their places (SQLite).
pub const PLACE_SQLITE: &str = "update or fail delivery set quota_at = $2 where id in (select value from json_each($1))";
/// The same on PostgreSQL.
pub const PLACE_POSTGRES: &str = "update delivery set quota_at = $2 where id = any($1)";
/// Messages that no place is left for wait (SQLite, where they were not taken).
pub const DEFER_SQLITE: &str =
    "update or fail delivery set due_at = $2, reason = 'quota' where state = 'queued' and id in (select value from json_each($1))";
/// The same on PostgreSQL, where they were.
pub const DEFER_POSTGRES: &str = "update delivery set state = 'queued', reason = 'quota', due_at = $2, attempt = attempt - 1, lease_until = null, \
    stamped_at = null, counted_in = null, first_tried_at = case when attempt > 1 then first_tried_at end where id = any($1) and state = 'sending'";
/// When the next of a step's messages goes that wait for a place.
pub const WAITS: &str = "select due_at from delivery where account_id = $1 and campaign_id = $2 and step = $3 and state = 'queued' \
    and reason = 'quota' and due_at > $4 order by due_at limit 1";
/// Messages of a channel that wait for a place are due now, so many at most.
pub const BRING_FORWARD: &str = "update delivery set due_at = $3 where state = 'queued' and id in (select d.id from campaign_step s \
    join campaign k on k.id = s.campaign_id join delivery d on d.campaign_id = s.campaign_id and d.step = s.step \
    where s.account_id = $1 and s.channel_id = $2 and k.state in ('running', 'paused') and d.state = 'queued' and d.due_at > $3 \
    and d.reason = 'quota' limit $4)";

/// What both engines share.
pub const ALL: &[&str] = &[AT_MOST, USED, FREED, WAITS, BRING_FORWARD];
/// SQLite's own.
pub const ALL_SQLITE: &[&str] = &[COUNTED_SQLITE, WROTE_SQLITE, PLACE_SQLITE, DEFER_SQLITE];
/// PostgreSQL's own.
pub const ALL_POSTGRES: &[&str] = &[COUNTED_POSTGRES, WROTE_POSTGRES, PLACE_POSTGRES, DEFER_POSTGRES];

/// Since when somebody must have written for their window to be open now, and for as long as a
/// message may be in the air; `None`: the messenger has no window.
#[must_use]
pub fn wrote_since(capabilities: &Capabilities, now: Moment) -> Option<Moment> {
    let window = TimeDelta::from_std(capabilities.window?.saturating_sub(AIR)).ok()?;
    Some(now - window)
}

/// SQL's condition: this contact takes no place at this channel: they count already, or their
/// window is open. The account is the first placeholder.
#[must_use]
pub fn costs_nothing(contact: &str, scope: &str, since: &str, window: Option<(&str, &str)>) -> String {
    let counts = format!(
        "exists (select 1 from delivery q where q.contact_id = {contact} and q.quota_at > {since} \
         and q.channel_id in (select h.id from channel h where h.quota_scope = {scope}))"
    );
    match window {
        Some((channel, wrote_since)) => format!(
            "({counts} or exists (select 1 from chat_message m where m.account_id = $1 and m.contact_id = {contact} \
             and m.channel_id = {channel} and m.direction = 'in' and m.at > {wrote_since}))"
        ),
        None => counts,
    }
}

/// How many people count.
///
/// # Errors
/// The database's.
pub async fn used(store: &Store, daily: &Daily, now: Moment) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(USED).bind(&daily.scope).bind(now - DAY).fetch_one(c).await)
}

/// When the next message of a step goes that waits for a place; `None`: none does.
///
/// # Errors
/// The database's.
pub async fn waits(store: &Store, account: AccountId, (campaign, step): (CampaignId, i16), now: Moment) -> sqlx::Result<Option<Moment>> {
    on!(store.read(), |c| sqlx::query_scalar(WAITS).bind(account).bind(campaign).bind(step).bind(now).fetch_optional(c).await)
}

/// The places of a claim: who of a batch takes one, and for whom none is left.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// They take no place: their window is open.
    open: HashSet<ContactId>,
    /// They count already.
    counted: HashSet<ContactId>,
    /// How many others may be begun with.
    room: i64,
    /// When some places are free again.
    until: Option<Moment>,
    taken: Vec<i64>,
    deferred: Vec<i64>,
}

impl Places {
    /// The places for these people at a channel. On PostgreSQL nobody else of the owner takes one
    /// before the change is made.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(
        tx: &mut Tx,
        daily: &Daily,
        (account, channel): (AccountId, ChannelId),
        capabilities: &Capabilities,
        contacts: &[ContactId],
        now: Moment,
    ) -> sqlx::Result<Self> {
        let scope = daily.scope.as_str();
        if tx.engine() == Engine::Postgres && daily.most.is_some() {
            shared::hold(tx, &format!("people of {scope}")).await?;
        }
        let since = now - DAY;
        let mut places = Self { room: i64::MAX, ..Self::default() };
        match tx.conn() {
            Db::Sqlite(c) => {
                let contacts = json_hex(contacts.iter().map(|id| id.0));
                let counted: Vec<ContactId> =
                    heed(sqlx::query_scalar(COUNTED_SQLITE).bind(scope).bind(since).bind(&contacts).fetch_all(&mut *c).await)?;
                places.counted = counted.into_iter().collect();
                if let Some(since) = wrote_since(capabilities, now) {
                    let wrote = sqlx::query_scalar(WROTE_SQLITE).bind(account).bind(channel).bind(since).bind(contacts);
                    places.open = heed(wrote.fetch_all(c).await)?.into_iter().collect();
                }
            }
            Db::Postgres(c) => {
                let counted: Vec<ContactId> =
                    sqlx::query_scalar(COUNTED_POSTGRES).bind(scope).bind(since).bind(contacts).fetch_all(&mut *c).await?;
                places.counted = counted.into_iter().collect();
                if let Some(since) = wrote_since(capabilities, now) {
                    let wrote = sqlx::query_scalar(WROTE_POSTGRES).bind(account).bind(channel).bind(since).bind(contacts);
                    places.open = wrote.fetch_all(c).await?.into_iter().collect();
                }
            }
        }
        let Some(most) = daily.most else { return Ok(places) };
        let newcomers = contacts.iter().filter(|one| !places.open.contains(one) && !places.counted.contains(one)).count();
        let newcomers = i64::try_from(newcomers).unwrap_or(i64::MAX);
        if newcomers == 0 {
            return Ok(places);
        }
        // Counting people is dearer than counting messages, and needed only near the limit.
        let at_most: i64 = on!(tx.conn(), |c| sqlx::query_scalar(AT_MOST).bind(scope).bind(since).fetch_one(c).await)?;
        if at_most + newcomers <= most {
            places.room = newcomers;
            return Ok(places);
        }
        let used: i64 = on!(tx.conn(), |c| sqlx::query_scalar(USED).bind(scope).bind(since).fetch_one(c).await)?;
        places.room = (most - used).max(0);
        if places.room < newcomers {
            // Of a limit that was lowered there are more people than places.
            let behind = ((used - most).max(0) + most / LOOKS).min(used - 1).max(0);
            let last: Option<Moment> =
                on!(tx.conn(), |c| sqlx::query_scalar(FREED).bind(scope).bind(since).bind(behind).fetch_optional(c).await)?;
            places.until = Some(last.map_or(now + DAY, |last| last + DAY).max(now + TimeDelta::seconds(1)));
        }
        Ok(places)
    }

    /// Whether a message may go to a contact; one that may have gone already does.
    pub fn admits(&mut self, delivery: DeliveryId, contact: ContactId, may_have_gone: bool) -> bool {
        if self.open.contains(&contact) {
            return true;
        }
        if !may_have_gone && !self.counted.contains(&contact) {
            if self.room <= 0 {
                self.deferred.push(delivery.0);
                return false;
            }
            self.room -= 1;
        }
        self.taken.push(delivery.0);
        true
    }

    /// How many messages wait for a place.
    pub fn deferred(&self) -> usize {
        self.deferred.len()
    }

    /// Those of them whose contacts were stamped by the taking (PostgreSQL).
    pub fn waiting(&self) -> &[i64] {
        &self.deferred
    }

    /// Adds what is to be written of the places to a change.
    pub fn add_to(&self, rest: &mut Together, now: Moment) {
        if !self.taken.is_empty() {
            rest.add_own(PLACE_SQLITE, PLACE_POSTGRES).bind_ids(&self.taken).bind(now);
        }
        if !self.deferred.is_empty() {
            rest.add_own(DEFER_SQLITE, DEFER_POSTGRES).bind_ids(&self.deferred).bind(self.until.unwrap_or(now + DAY));
        }
    }
}

/// Keeps what a provider lets a channel's sender do. Where it may begin with more people than
/// before, whoever waits for a place is looked at again at once.
///
/// # Errors
/// The database's.
pub async fn keep_terms(store: &Store, row: &ChannelRow, mut terms: Terms, now: Moment) -> sqlx::Result<()> {
    let before = row.terms.daily.as_ref();
    terms.daily = terms.daily.map(|daily| daily.after(before));
    if terms == row.terms {
        return Ok(());
    }
    let any = |daily: Option<&Daily>| daily.and_then(|daily| daily.most).unwrap_or(i64::MAX);
    let grows = any(terms.daily.as_ref()) > any(before);
    let mut tx = store.begin().await?;
    channels::set_terms(&mut tx, row.account_id, row.id, &terms).await?;
    tx.commit().await?;
    if grows { bring_forward(store, row, now).await } else { Ok(()) }
}

/// Takes a provider's news of the people that the senders of one of its accounts may begin with:
/// it holds for all the company's senders of the same owner.
///
/// # Errors
/// The database's.
pub async fn told(store: &Store, account: AccountId, kind: ChannelKind, (of, most): (&str, Option<i64>), now: Moment) -> sqlx::Result<()> {
    let mut all = channels::list(store, account).await?;
    all.retain(|row| row.kind.provider() == kind.provider());
    let scopes: HashSet<String> = all
        .iter()
        .filter_map(|row| row.terms.daily.as_ref())
        .filter(|daily| daily.account == of)
        .map(|daily| daily.scope.clone())
        .collect();
    for row in all {
        let Some(daily) = row.terms.daily.as_ref().filter(|daily| scopes.contains(&daily.scope)) else { continue };
        let terms = Terms { daily: Some(Daily { most, ..daily.clone() }), ..row.terms.clone() };
        tracing::info!(channel.id = %row.id, people.most = most, "the provider tells how many people may be begun with a day");
        keep_terms(store, &row, terms, now).await?;
    }
    Ok(())
}

/// Whoever waits for a place at a channel is looked at again.
async fn bring_forward(store: &Store, row: &ChannelRow, now: Moment) -> sqlx::Result<()> {
    loop {
        let mut tx = store.begin_bulk().await?;
        let brought = on!(tx.conn(), |c| sqlx::query(BRING_FORWARD)
            .bind(row.account_id)
            .bind(row.id)
            .bind(now)
            .bind(PORTION)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        tx.commit().await?;
        if brought < PORTION.unsigned_abs() {
            return Ok(());
        }
    }
}
