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
pub mod echo;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Part, State,
    cascade::LeadsOn,
    counts::{At, Moves},
    outcome::{add_deadlines, sqlite_text},
    outgoing::tell_undelivered,
    queries,
    read_time::Reads,
    speaker::{self, Ended, Over},
    state::Event,
};
use crate::{
    account,
    channel::{Charge, MessageName, News, Receipt},
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, ContactId, DeliveryId, OutgoingId},
    on,
    store::{
        Db, Store, Together, Tx, heed, json_ids,
        usage::{Counted, Month, Move},
    },
    words::{Reason, Why},
};

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

/// Why it was refused, and the provider's words.
type Refusal = (Reason, Option<String>);
/// A receipt as it is kept until its message is known.
struct Kept<'a> {
    state: State,
    at: Option<Moment>,
    failed: Option<&'a Refusal>,
}

/// All that is told of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Told {
    sent: Option<Moment>,
    delivered: Option<Moment>,
    read: Option<Moment>,
    failed: Option<Refusal>,
    /// It was refused lately: a webhook that comes again a day later says nothing of the channel.
    lately: bool,
    /// The provider's id of the message, told with one of ours.
    reference: Option<String>,
    /// What it is charged as; of several words the first by the alphabet.
    charge: Option<Charge>,
}

/// Whether a refusal is the recipient's own no.
fn is_no(reason: Reason) -> bool {
    matches!(reason, Reason::Blocked | Reason::OptedOut)
}

fn earliest(kept: &mut Option<Moment>, at: Moment) {
    *kept = Some(kept.map_or(at, |kept| kept.min(at)));
}

impl Told {
    fn add(&mut self, news: &News, now: Moment) {
        let at = news.at.unwrap_or(now).min(now);
        self.named(news.message_ref.clone());
        self.charged(news.charge);
        match news.receipt {
            Receipt::Sent => earliest(&mut self.sent, at),
            Receipt::Delivered => earliest(&mut self.delivered, at),
            Receipt::Read => earliest(&mut self.read, at),
            Receipt::Failed(reason) => {
                self.lately |= now - at < WAIT;
                self.refuse(reason, news.detail.clone());
            }
        }
    }

    fn join(&mut self, other: Self) {
        self.named(other.reference);
        self.charged(other.charge);
        for (kept, at) in [(&mut self.sent, other.sent), (&mut self.delivered, other.delivered), (&mut self.read, other.read)] {
            if let Some(at) = at {
                earliest(kept, at);
            }
        }
        self.lately |= other.lately;
        if let Some((reason, detail)) = other.failed {
            self.refuse(reason, detail);
        }
    }

    /// Of several ids the first stays.
    fn named(&mut self, reference: Option<String>) {
        let first = reference.as_ref().is_some_and(|new| self.reference.as_ref().is_none_or(|kept| new < kept));
        if first {
            self.reference = reference;
        }
    }

    fn charged(&mut self, charge: Option<Charge>) {
        self.charge = [self.charge, charge].into_iter().flatten().min_by_key(|one| one.as_str());
    }

    /// Of several refusals the first by its words stays.
    fn refuse(&mut self, reason: Reason, detail: Option<String>) {
        let first = self.failed.as_ref().is_none_or(|(kept, words)| (reason.as_str(), &detail) < (kept.as_str(), words));
        if first {
            self.failed = Some((reason, detail));
        }
    }

    /// Whether its recipient blocked us or told the messenger to stop, as is said of a message that
    /// came to `state`; said again each time, for a caller that died before it carried it out. Of a
    /// message that arrived it is not true any more.
    fn blocks(&self, state: State) -> Option<Reason> {
        if matches!(state, State::Delivered | State::Read) {
            return None;
        }
        self.failed.as_ref().map(|(reason, _)| *reason).filter(|reason| is_no(*reason))
    }

    /// Whether it says that the provider approves the template no more; said again each time, too.
    fn bars(&self, state: State) -> bool {
        state == State::Failed && self.failed.as_ref().is_some_and(|(reason, _)| *reason == Reason::TemplateNeeded)
    }

    /// The words of a refusal that is news: of a message that was not refused before.
    fn refusal(&self, from: State, moved: &Moved) -> Option<String> {
        let (_, words) = self.failed.as_ref().filter(|_| self.lately && moved.state == State::Failed && from != State::Failed)?;
        words.clone()
    }

    fn events(&self) -> impl Iterator<Item = Event> {
        let told = [
            (self.sent.is_some(), Event::Sent),
            (self.failed.is_some(), Event::Bounce),
            (self.delivered.is_some(), Event::Delivered),
            (self.read.is_some(), Event::Read),
        ];
        told.into_iter().filter(|(told, _)| *told).map(|(_, event)| event)
    }

    /// One receipt each, as they are kept until their message is known.
    fn each(&self) -> impl Iterator<Item = Kept<'_>> {
        let one = [
            (State::Sent, self.sent, None),
            (State::Delivered, self.delivered, None),
            (State::Read, self.read, None),
            (State::Failed, None, self.failed.as_ref()),
        ];
        one.into_iter().filter(|(_, at, failed)| at.is_some() || failed.is_some()).map(|(state, at, failed)| Kept { state, at, failed })
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: DeliveryId,
    #[sqlx(flatten)]
    part: Part,
    contact_id: ContactId,
    planned: bool,
    /// It stamped its contact for the frequency cap.
    stamped: bool,
    counted_in: Option<Month>,
    /// `None`: the campaign has one step.
    next_on: Option<LeadsOn>,
    wait_seconds: Option<i32>,
    deadline_at: Option<Moment>,
    passed: bool,
    state: State,
    reason: Option<Why>,
    attempt: i32,
    message_ref: Option<String>,
    sent_at: Option<Moment>,
    delivered_at: Option<Moment>,
    read_at: Option<Moment>,
    detail: Option<String>,
    charge: Option<Charge>,
}

/// A delivery as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moved {
    state: State,
    reason: Option<Why>,
    delivered: Option<Moment>,
    read: Option<Moment>,
    detail: Option<String>,
    /// When it left, if a receipt told.
    sent: Option<Moment>,
    /// The provider's id of it, if it had none.
    reference: Option<String>,
    charge: Option<Charge>,
}

impl Row {
    /// As the message that speaks for its person and comes to its end.
    fn ended(&self, moved: &Moved) -> Ended {
        let Self { id, part, contact_id: contact, planned, .. } = *self;
        Ended { id, part, contact, planned, state: moved.state, reason: moved.reason.clone() }
    }

    /// Whether it may be in flight, so that its own record comes first.
    fn flies(&self) -> bool {
        self.state == State::Sending
    }

    /// Whether it never went, so that no word of the provider's is taken for it.
    fn never_went(&self) -> bool {
        self.state == State::Queued && self.attempt == 0
    }

    /// What it comes to; `None`: nothing new.
    fn told(&self, told: &Told) -> Option<Moved> {
        if self.never_went() {
            return None;
        }
        // A refusal of ours is no receipt: only one of what was sent is compared with another.
        let refused = (self.state == State::Failed && self.sent_at.is_some())
            .then(|| Some((self.reason.as_ref()?.known()?, self.detail.clone())))
            .flatten();
        let mut all = Told { delivered: self.delivered_at, read: self.read_at, failed: refused, charge: self.charge, ..Told::default() };
        all.join(told.clone());
        let reference = all.reference.take().filter(|_| self.message_ref.is_none());
        let state = all.events().fold(self.state, |state, event| state.next(event).unwrap_or(state));
        // That a refused first try goes again is as it should be, but not against the person's no.
        let no = state == State::Queued && all.failed.as_ref().is_some_and(|(reason, _)| is_no(*reason));
        let state = if no { State::Failed } else { state };
        let refused = all.failed.filter(|_| state == State::Failed);
        let (reason, detail) = match (state, refused) {
            (State::Failed, Some((reason, detail))) => (Some(reason.into()), detail),
            (State::Sent | State::Delivered | State::Read, _) => (None, None),
            _ => return None,
        };
        let Told { delivered, read, sent, charge, .. } = all;
        let moved = Moved { state, reason, delivered, read, detail, sent, reference, charge };
        let same = moved.state == self.state
            && moved.reference.is_none()
            && moved.reason == self.reason
            && moved.delivered == self.delivered_at
            && moved.read == self.read_at
            && moved.detail == self.detail
            && moved.charge == self.charge;
        (!same).then_some(moved)
    }
}

#[derive(sqlx::FromRow)]
struct OutRow {
    id: OutgoingId,
    contact_id: Option<ContactId>,
    address_value: String,
    state: String,
    reason: Option<Why>,
    attempt: i32,
    message_ref: Option<String>,
    sent_at: Option<Moment>,
    delivered_at: Option<Moment>,
    read_at: Option<Moment>,
    detail: Option<String>,
}

impl OutRow {
    /// The same rule as a delivery's; its table has no states for what arrived, the times say it.
    fn as_row(&self) -> Option<Row> {
        let state = match self.state.as_str() {
            "queued" => State::Queued,
            "sending" => State::Sending,
            "sent" if self.read_at.is_some() => State::Read,
            "sent" if self.delivered_at.is_some() => State::Delivered,
            "sent" => State::Sent,
            "failed" => State::Failed,
            "uncertain" => State::Uncertain,
            _ => return None,
        };
        Some(Row {
            id: DeliveryId(self.id.0),
            part: Part::first(CampaignId(uuid::Uuid::nil())),
            contact_id: ContactId(uuid::Uuid::nil()),
            planned: true,
            stamped: false,
            counted_in: None,
            next_on: None,
            wait_seconds: None,
            deadline_at: None,
            passed: false,
            state,
            reason: self.reason.clone(),
            attempt: self.attempt,
            message_ref: self.message_ref.clone(),
            sent_at: self.sent_at,
            delivered_at: self.delivered_at,
            read_at: self.read_at,
            detail: self.detail.clone(),
            charge: None,
        })
    }
}

/// What is told of each message, by both of its names.
#[derive(Default)]
struct Board {
    by_name: BTreeMap<MessageName, Told>,
}

impl Board {
    fn refs(&self) -> Vec<&str> {
        self.by_name.keys().filter_map(|name| if let MessageName::Ref(id) = name { Some(id.as_str()) } else { None }).collect()
    }

    /// Ids of ours: of deliveries as they are, of messages outside campaigns negative.
    fn clients(&self, outgoing: bool) -> Vec<i64> {
        let ids = self.by_name.keys().filter_map(|name| if let MessageName::Client(id) = name { Some(*id) } else { None });
        if outgoing { ids.filter(|id| *id < 0).map(|id| -id).collect() } else { ids.filter(|id| *id > 0).collect() }
    }

    /// Takes what is told of a message off the board.
    fn take(&mut self, client: i64, message_ref: Option<&str>) -> Option<Told> {
        let names = [Some(MessageName::Client(client)), message_ref.map(|id| MessageName::Ref(id.to_owned()))];
        let told: Vec<Told> = names.into_iter().flatten().filter_map(|name| self.by_name.remove(&name)).collect();
        told.into_iter().reduce(|mut all, one| {
            all.join(one);
            all
        })
    }
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
        }
        applied.moved += 1;
    }
    Ok(())
}

/// Keeps receipts whose message is not known yet. The channel must be the account's.
async fn keep(tx: &mut Tx, account: AccountId, channel: ChannelId, board: &Board, now: Moment) -> sqlx::Result<usize> {
    let mut kept = 0;
    for (name, told) in &board.by_name {
        let (message_ref, client_id) = match name {
            MessageName::Ref(id) => (id.as_str(), 0),
            MessageName::Client(id) => (told.reference.as_deref().unwrap_or_default(), *id),
        };
        for Kept { state, at, failed } in told.each() {
            let (reason, detail) = failed.map_or((None, None), |(reason, detail)| (Some(reason.as_str()), detail.as_deref()));
            kept += on!(tx.conn(), |c| sqlx::query(queries::EARLY_KEEP)
                .bind(account)
                .bind(channel)
                .bind(message_ref)
                .bind(client_id)
                .bind(state)
                .bind(reason)
                .bind(detail)
                .bind(at)
                .bind(now)
                .bind(told.charge)
                .execute(c)
                .await
                .map(|r| r.rows_affected()))?;
        }
    }
    Ok(usize::try_from(kept).unwrap_or(0))
}

#[derive(sqlx::FromRow)]
struct Early {
    message_ref: String,
    client_id: i64,
    state: State,
    reason: Option<Why>,
    detail: Option<String>,
    happened_at: Option<Moment>,
    charge: Option<Charge>,
}

impl Early {
    fn news(self) -> News {
        let receipt = match self.state {
            State::Sent => Receipt::Sent,
            State::Read => Receipt::Read,
            State::Failed => Receipt::Failed(self.reason.as_ref().and_then(Why::known).unwrap_or(Reason::Rejected)),
            _ => Receipt::Delivered,
        };
        let reference = Some(self.message_ref).filter(|id| !id.is_empty());
        let (message, message_ref) = match reference {
            Some(id) if self.client_id == 0 => (MessageName::Ref(id), None),
            reference => (MessageName::Client(self.client_id), reference),
        };
        News { message, message_ref, receipt, at: self.happened_at, detail: self.detail, charge: self.charge }
    }
}

/// What receipts of one channel that came before their messages came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub account: AccountId,
    pub channel: ChannelId,
    /// Whoever blocked us or told the messenger to stop ([`Applied::blocked`]): carry it out, then
    /// say so ([`carried_out`]). What says it is kept until then.
    pub blocked: Vec<Unwilling>,
    /// See [`Applied::barred`].
    pub barred: BTreeSet<CampaignId>,
    /// See [`Applied::refusals`].
    pub refusals: Vec<String>,
    /// See [`Applied::failed`].
    pub failed: Failed,
    /// The receipts that say it.
    kept: Vec<(String, i64)>,
}

/// Applies receipts that came before the record of their message, of all channels, and drops those
/// whose message never came. One channel's failure is logged and is that one's.
///
/// # Errors
/// The database's, when it cannot say which channels have such receipts.
pub async fn settle(store: &Store, now: Moment) -> sqlx::Result<Vec<Settled>> {
    let waiting: Vec<(AccountId, ChannelId)> = on!(store.read(), |c| sqlx::query_as(queries::EARLY_CHANNELS).fetch_all(c).await)?;
    let mut all = Vec::new();
    for (account, channel) in waiting {
        match settle_channel(store, account, channel, now).await {
            Ok(settled) => all.push(settled),
            Err(error) => tracing::error!(channel.id = %channel, %error, "receipts that came before their messages were not applied"),
        }
    }
    Ok(all)
}

async fn settle_channel(store: &Store, account: AccountId, channel: ChannelId, now: Moment) -> sqlx::Result<Settled> {
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let mut tx = store.begin_bulk().await?;
    // Only those whose message is there now.
    let due: Vec<Early> =
        on!(tx.conn(), |c| sqlx::query_as(queries::EARLY_DUE).bind(account).bind(channel).bind(limit).fetch_all(c).await)?;
    let stops = |early: &Early| early.reason.as_ref().and_then(Why::known).is_some_and(is_no);
    let mut kept = Vec::new();
    for early in &due {
        if stops(early) {
            kept.push((early.message_ref.clone(), early.client_id));
        } else {
            done(&mut tx, account, channel, (&early.message_ref, early.client_id, early.state)).await?;
        }
    }
    let mut news: Vec<News> = due.into_iter().map(Early::news).collect();
    news.extend(adopt::adopted(&mut tx, account, channel, now).await?);
    news.extend(echo::named(&mut tx, account, channel, now).await?);
    let applied = apply(&mut tx, account, channel, &news, now).await?;
    // However long nobody looked: what is of a message is dropped by whoever applies it.
    on!(tx.conn(), |c| sqlx::query(queries::EARLY_DROP).bind(account).bind(channel).bind(now - WAIT).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(Settled {
        account,
        channel,
        blocked: applied.blocked,
        barred: applied.barred,
        refusals: applied.refusals,
        failed: applied.failed,
        kept,
    })
}

async fn done(tx: &mut Tx, account: AccountId, channel: ChannelId, (reference, client, state): (&str, i64, State)) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::EARLY_DONE)
        .bind(account)
        .bind(channel)
        .bind(reference)
        .bind(client)
        .bind(state)
        .execute(c)
        .await
        .map(|_| ()))
}

/// What receipts said of people who want nothing more is carried out: they are needed no more.
///
/// # Errors
/// The database's; then they say it again.
pub async fn carried_out(store: &Store, settled: &Settled) -> sqlx::Result<()> {
    if settled.kept.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for (reference, client) in &settled.kept {
        done(&mut tx, settled.account, settled.channel, (reference, *client, State::Failed)).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests;
