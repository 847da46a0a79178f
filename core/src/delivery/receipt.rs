//! Receipts: what a messenger tells of a message after it took it (`sent`, `delivered`, `read`,
//! `failed`), of deliveries and of messages outside campaigns.
//!
//! They come twice, out of order, and sometimes before our own record of the message is written. So
//! what a message comes to depends only on which receipts came, not on their order: what arrived
//! ranks above what was refused, `read` above `delivered`, the earliest time of each is kept, and
//! of several refusals the first by its words. A receipt of a message that is not known yet, or is
//! still in flight, waits for it ([`settle`]). Rows and counters move in one transaction, however
//! many receipts it is of.

mod adopt;
mod early;
pub mod echo;
mod row;
mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Part, State,
    counts::{At, Moves},
    outcome::{add_deadlines, sqlite_text},
    outgoing::tell_undelivered,
    queries,
    read_time::Reads,
    speaker::{self, Over},
};
use crate::{
    account,
    channel::{Charge, News},
    clock::Moment,
    crm::message,
    id::{AccountId, CampaignId, ChannelId, ContactId},
    on,
    store::{
        Db, Together, Tx, heed, json_ids,
        usage::{Counted, Month, Move},
    },
    words::{Reason, Why},
};

use early::keep;
pub use early::{Settled, carried_out, settle};
use row::{Moved, OutRow, Row};
use told::{Board, Told};

/// How long a receipt waits for its message; it may be of one that is not ours.
pub const WAIT: TimeDelta = TimeDelta::hours(1);
/// Receipts applied in one transaction at most by [`settle`]; whoever calls [`apply`] should give
/// no more either.
pub const BATCH: usize = 1_000;

/// What receipts changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Messages that moved, deliveries and others.
    pub moved: usize,
    /// Receipts that wait: their message is not known yet, or still in flight.
    pub early: usize,
    /// Recipients who blocked us or told the messenger to stop, as a receipt says: the caller
    /// carries it out after its commit ([`crate::opt_out::block::told`]).
    pub blocked: Vec<Unwilling>,
    /// Campaigns a message of which was refused because the provider approves its template no more,
    /// and has not approved it again since.
    pub barred: BTreeSet<CampaignId>,
    /// The provider's words of messages that are known to be refused now, and lately were: they may
    /// say something of the channel ([`crate::channel::hook::blamed`]).
    pub refusals: Vec<String>,
    /// How many messages of each step are refused now that were not before
    /// ([`super::outcome::breaker`]).
    pub failed: Failed,
}

/// How many messages of steps of campaigns failed.
pub type Failed = BTreeMap<(CampaignId, i16), i64>;

/// Somebody who wants nothing more, as a receipt of a message to them says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwilling {
    /// The address that the message went to, as the channel names it: its owner of now is meant.
    /// `None`: it is kept no more.
    pub address: Option<String>,
    /// To whom it went, as it was known then.
    pub contact: Option<ContactId>,
    /// [`Reason::Blocked`] or [`Reason::OptedOut`].
    pub reason: Reason,
}

/// Applies receipts that came through a channel, in the caller's transaction. Only messages of this
/// account and channel are looked at; receipts of those that are not known, or are still in flight,
/// are kept for [`settle`].
///
/// # Errors
/// The database's.
pub async fn apply(tx: &mut Tx, account: AccountId, channel: ChannelId, news: &[News], now: Moment) -> sqlx::Result<Applied> {
    let mut board = Board::default();
    for one in news {
        board.by_name.entry(one.message.clone()).or_default().add(one, now);
    }
    let mut applied = Applied::default();
    if board.by_name.is_empty() {
        return Ok(applied);
    }
    let (refs, clients) = (board.refs(), board.clients(false));
    let ids = find(tx, account, channel, (queries::BY_REF_SQLITE, queries::BY_REF_POSTGRES), &refs, clients).await?;
    let rows: Vec<Row> = match tx.conn() {
        _ if ids.is_empty() => Vec::new(),
        Db::Sqlite(c) => heed(sqlx::query_as(queries::TOLD_SQLITE).bind(account).bind(channel).bind(json_ids(&ids)).fetch_all(c).await)?,
        Db::Postgres(c) => sqlx::query_as(queries::TOLD_POSTGRES).bind(account).bind(channel).bind(&ids).fetch_all(c).await?,
    };
    let mut moves = Moves::default();
    let mut written = Vec::new();
    let mut reads = Reads::default();
    let (mut unreachable, mut reachable, mut unstamped, mut deadlines) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut over, mut ended, mut refused, mut barred) = (Over::default(), Vec::new(), Vec::new(), Vec::new());
    let mut uncounted = 0;
    for row in rows.iter().filter(|row| !row.flies()) {
        let Some(told) = board.take(row.id.0, row.message_ref.as_deref()) else { continue };
        let moved = row.told(&told);
        let state = moved.as_ref().map_or(row.state, |moved| moved.state);
        refused.extend(told.blocks(state).filter(|_| !row.never_went()).map(|reason| (row, reason)));
        if told.bars(state) {
            barred.push(row.id.0);
        }
        let Some(moved) = moved else { continue };
        applied.refusals.extend(told.refusal(row.state, &moved));
        let cascade = lead_on(tx, account, row, &moved, (&mut moves, &mut over), now).await?;
        if cascade == Some((None, false)) && moved.state == State::Failed {
            ended.push(row.ended(&moved));
        }
        deadlines.extend(cascade.filter(|new| *new != (row.deadline_at, row.passed)).map(|(at, passed)| (row.id, at, passed)));
        let (waits, passed) = cascade.map_or((false, row.passed), |(at, passed)| (at.is_some(), passed));
        let from = At::of(row.state, row.reason.as_ref(), row.deadline_at.is_some(), row.passed);
        moves.step(row.part, row.planned, from, At::of(moved.state, moved.reason.as_ref(), waits, passed));
        if moved.state == State::Failed && moved.reason == Some(Reason::Unreachable.into()) {
            unreachable.push(row.id.0);
        }
        if moved.state == State::Failed && row.state != State::Failed {
            *applied.failed.entry((row.part.campaign, row.part.step)).or_default() += 1;
            if row.stamped {
                unstamped.push(row.id.0);
            }
        }
        if moved.state.is_sent() && row.reason == Some(Reason::Unreachable.into()) {
            reachable.push(row.id.0);
        }
        // It was given back as not gone, and arrived all the same.
        let arrived = moved.state.is_sent();
        uncounted += i64::from(arrived && row.counted_in.is_none() && row.sent_at.is_none());
        if moved.state == State::Read && row.state != State::Read {
            reads.add(row.part, row.sent_at.or(moved.sent), moved.read);
        }
        written.push((row.id.0, moved));
    }
    applied.moved += written.len();
    let mut end = Together::new(tx.engine());
    super::outcome::unreachable_to(&mut end, &unreachable, now);
    if !reachable.is_empty() {
        end.add_own(queries::REACHABLE_SQLITE, queries::REACHABLE_POSTGRES).bind_ids(&reachable).bind(now);
    }
    add_deadlines(&mut end, &deadlines);
    unstamp(tx, &unstamped).await?;
    let month = if uncounted > 0 { Some(account::usage::month_in(tx, account, now).await?) } else { None };
    write(tx, account, &written, month, now).await?;
    applied.blocked = unwilling(tx, account, &refused).await?;
    applied.barred = still_barred(tx, account, &barred).await?;
    outgoing(tx, account, channel, &mut board, &mut applied, now).await?;
    applied.early += keep(tx, account, channel, &board, now).await?;
    reads.add_to(&mut end);
    moves.add_to(&mut end);
    if let Some(month) = month {
        Move { account, what: Counted::Messages, month, by: uncounted, bound: None }.add_to(&mut end);
    }
    tx.run(end).await?;
    speaker::speak(tx, account, &ended, now).await?;
    Ok(applied)
}

/// The campaigns of messages that were refused for their templates, but for those whose template
/// was approved again since the message went.
async fn still_barred(tx: &mut Tx, account: AccountId, ids: &[i64]) -> sqlx::Result<BTreeSet<CampaignId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let campaigns: Vec<CampaignId> = match tx.conn() {
        Db::Sqlite(c) => heed(sqlx::query_scalar(queries::BARRED_SQLITE).bind(account).bind(json_ids(ids)).fetch_all(c).await)?,
        Db::Postgres(c) => sqlx::query_scalar(queries::BARRED_POSTGRES).bind(account).bind(ids).fetch_all(c).await?,
    };
    Ok(campaigns.into_iter().collect())
}

/// Whoever got no advertising after all is as they were before it.
async fn unstamp(tx: &mut Tx, ids: &[i64]) -> sqlx::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    match tx.conn() {
        Db::Sqlite(c) => heed(sqlx::query(queries::UNSTAMPED_SQLITE).bind(json_ids(ids)).execute(c).await.map(|_| ())),
        Db::Postgres(c) => sqlx::query(queries::UNSTAMPED_POSTGRES).bind(ids).execute(c).await.map(|_| ()),
    }
}

/// The addresses that these messages went to, as they are now.
async fn unwilling(tx: &mut Tx, account: AccountId, refused: &[(&Row, Reason)]) -> sqlx::Result<Vec<Unwilling>> {
    if refused.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = refused.iter().map(|(row, _)| row.id.0).collect();
    let found: Vec<(i64, String)> = match tx.conn() {
        Db::Sqlite(c) => heed(sqlx::query_as(queries::ADDRESSED_SQLITE).bind(account).bind(json_ids(&ids)).fetch_all(c).await)?,
        Db::Postgres(c) => sqlx::query_as(queries::ADDRESSED_POSTGRES).bind(account).bind(&ids).fetch_all(c).await?,
    };
    let mut found: HashMap<i64, String> = found.into_iter().collect();
    let one = |&(row, reason): &(&Row, Reason)| Unwilling { address: found.remove(&row.id.0), contact: Some(row.contact_id), reason };
    Ok(refused.iter().map(one).collect())
}

/// What a receipt means for the steps of a campaign: when the message is to be looked at, and
/// whether another one speaks for its person; `None`: the campaign has one step. What was reached
/// by an earlier step is not written to by a later one that still waits. Of a campaign that is
/// closed nothing is looked at any more: what was refused ends there.
async fn lead_on(
    tx: &mut Tx,
    account: AccountId,
    row: &Row,
    moved: &Moved,
    (moves, over): (&mut Moves, &mut Over),
    now: Moment,
) -> sqlx::Result<Option<(Option<Moment>, bool)>> {
    let Some(leads_on) = row.next_on else { return Ok(None) };
    let campaign = row.part.campaign;
    if !leads_on.is_content(moved.state) {
        let deadline = match moved.state {
            _ if row.passed => row.deadline_at,
            State::Failed if over.holds(tx, account, campaign).await? => None,
            // Refused after it was taken: the next step need not wait.
            State::Failed => Some(now),
            // It was to go again, and went.
            _ if row.state == State::Queued => {
                let went = moved.sent.or(row.sent_at).or(moved.delivered).unwrap_or(now);
                leads_on.deadline(moved.state, went, TimeDelta::seconds(row.wait_seconds.unwrap_or_default().into()), now)
            }
            _ => row.deadline_at,
        };
        return Ok(Some((deadline, row.passed)));
    }
    if !row.passed {
        return Ok(Some((None, false)));
    }
    let cancelled = later_steps(tx, queries::REACHED_EARLIER, account, row, now).await?;
    for one in &cancelled {
        let part = Part { campaign, step: one.step, variant: one.variant };
        let to = At::of(one.state, one.reason.as_ref(), false, true);
        moves.step(part, one.planned, (State::Queued, None), to);
    }
    if !cancelled.is_empty() {
        return Ok(Some((None, false)));
    }
    // The later step came to its end already and did not reach them: this one speaks again.
    let ended = later_steps(tx, queries::SPEAKS_NO_MORE, account, row, now).await?;
    for one in &ended {
        let part = Part { campaign, step: one.step, variant: one.variant };
        let reason = one.reason.as_ref();
        moves.step(part, one.planned, (one.state, reason), At::of(one.state, reason, false, true));
    }
    Ok(Some((None, ended.is_empty())))
}

/// A later step of the same person.
#[derive(sqlx::FromRow)]
struct Later {
    step: i16,
    variant: i16,
    planned: bool,
    state: State,
    reason: Option<Why>,
}

async fn later_steps(tx: &mut Tx, sql: &'static str, account: AccountId, row: &Row, now: Moment) -> sqlx::Result<Vec<Later>> {
    let Part { campaign, step, .. } = row.part;
    on!(tx.conn(), |c| sqlx::query_as(sql).bind(account).bind(campaign).bind(row.contact_id).bind(step).bind(now).fetch_all(c).await)
}

/// The ids of the messages these receipts are of, sorted: whoever holds several rows takes them in
/// this order.
async fn find(
    tx: &mut Tx,
    account: AccountId,
    channel: ChannelId,
    (sqlite, postgres): (&'static str, &'static str),
    refs: &[&str],
    mut ids: Vec<i64>,
) -> sqlx::Result<Vec<i64>> {
    if !refs.is_empty() {
        let found: Vec<i64> = match tx.conn() {
            Db::Sqlite(c) => {
                let refs = serde_json::Value::from(refs.to_vec()).to_string();
                heed(sqlx::query_scalar(sqlite).bind(account).bind(channel).bind(refs).fetch_all(c).await)?
            }
            Db::Postgres(c) => sqlx::query_scalar(postgres).bind(account).bind(channel).bind(refs).fetch_all(c).await?,
        };
        ids.extend(found);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Writes deliveries as they will be, all in one statement; `month`: in which those that were not
/// counted are.
async fn write(tx: &mut Tx, account: AccountId, written: &[(i64, Moved)], month: Option<Month>, now: Moment) -> sqlx::Result<()> {
    if written.is_empty() {
        return Ok(());
    }
    match tx.conn() {
        Db::Sqlite(c) => {
            let rows: Vec<_> = written
                .iter()
                .map(|(id, row)| {
                    json!({
                        "id": id, "state": row.state.as_str(), "reason": row.reason, "delivered_at": row.delivered.as_ref().map(sqlite_text),
                        "read_at": row.read.as_ref().map(sqlite_text), "detail": row.detail,
                        "sent_at": row.sent.as_ref().map(sqlite_text), "message_ref": row.reference, "charge": row.charge.map(Charge::as_str),
                    })
                })
                .collect();
            let rows = serde_json::Value::Array(rows).to_string();
            heed(sqlx::query(queries::TELL_SQLITE).bind(account).bind(rows).bind(now).bind(month).execute(c).await.map(|_| ()))
        }
        Db::Postgres(c) => {
            let column = |of: fn(&Moved) -> Option<String>| written.iter().map(|(_, row)| of(row)).collect::<Vec<_>>();
            let moments = |of: fn(&Moved) -> Option<Moment>| written.iter().map(|(_, row)| of(row)).collect::<Vec<_>>();
            sqlx::query(queries::TELL_POSTGRES)
                .bind(account)
                .bind(written.iter().map(|(id, _)| *id).collect::<Vec<_>>())
                .bind(column(|row| Some(row.state.as_str().to_owned())))
                .bind(column(|row| row.reason.as_ref().map(ToString::to_string)))
                .bind(moments(|row| row.delivered))
                .bind(moments(|row| row.read))
                .bind(column(|row| row.detail.clone()))
                .bind(now)
                .bind(month)
                .bind(moments(|row| row.sent))
                .bind(column(|row| row.reference.clone()))
                .bind(column(|row| row.charge.map(|charge| charge.as_str().to_owned())))
                .execute(c)
                .await
                .map(|_| ())
        }
    }
}

/// The same for messages outside campaigns: answers, confirmations, managers' replies. Whoever
/// wrote a reply that was refused after all is told.
async fn outgoing(
    tx: &mut Tx,
    account: AccountId,
    channel: ChannelId,
    board: &mut Board,
    applied: &mut Applied,
    now: Moment,
) -> sqlx::Result<()> {
    let (refs, clients) = (board.refs(), board.clients(true));
    let ids = find(tx, account, channel, (queries::OUT_BY_REF_SQLITE, queries::OUT_BY_REF_POSTGRES), &refs, clients).await?;
    let rows: Vec<OutRow> = match tx.conn() {
        _ if ids.is_empty() => Vec::new(),
        Db::Sqlite(c) => {
            heed(sqlx::query_as(queries::OUT_TOLD_SQLITE).bind(account).bind(channel).bind(json_ids(&ids)).fetch_all(c).await)?
        }
        Db::Postgres(c) => sqlx::query_as(queries::OUT_TOLD_POSTGRES).bind(account).bind(channel).bind(&ids).fetch_all(c).await?,
    };
    for out in rows {
        let Some(row) = out.as_row().filter(|row| !row.flies()) else { continue };
        let Some(told) = board.take(-out.id.0, out.message_ref.as_deref()) else { continue };
        // What campaigns cost is counted, and nothing else.
        let told = Told { charge: None, ..told };
        let moved = row.told(&told);
        let refused = told.blocks(moved.as_ref().map_or(row.state, |moved| moved.state)).filter(|_| !row.never_went());
        let address = Some(out.address_value.clone()).filter(|value| !value.is_empty());
        applied.blocked.extend(refused.map(|reason| Unwilling { address, contact: out.contact_id, reason }));
        let Some(moved) = moved else { continue };
        applied.refusals.extend(told.refusal(row.state, &moved));
        on!(tx.conn(), |c| sqlx::query(queries::OUT_TELL)
            .bind(account)
            .bind(out.id)
            .bind(if moved.state == State::Failed { "failed" } else { "sent" })
            .bind(moved.reason.as_ref().map(Why::code))
            .bind(moved.delivered)
            .bind(moved.read)
            .bind(&moved.detail)
            .bind(moved.sent)
            .bind(&moved.reference)
            .execute(c)
            .await
            .map(|_| ()))?;
        if moved.state == State::Failed {
            let why = moved.reason.as_ref().and_then(Why::known).unwrap_or(Reason::Rejected);
            tell_undelivered(tx, account, &[out.id], "failed", why, now).await?;
        } else {
            message::moved(tx, account, &[out.id], now).await?;
        }
        applied.moved += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
