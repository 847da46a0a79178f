//! Outcomes: what became of a call, recorded in batches, rows and counters in one transaction.
//!
//! Each outcome is fenced by the claim and the attempt of the call it belongs to. So an answer that
//! comes late, when its row is uncertain already, still resolves it, and an answer of an older call
//! changes nothing of a newer one.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use chrono::{DurationRound, TimeDelta};
use serde_json::json;

use super::{
    Part, State, Wanted,
    cascade::LeadsOn,
    claim::{Claimed, may_have_gone},
    counts::{At, Moves, counts},
    kept, queries,
    speaker::{self, Ended, Over},
    state::Event,
};
use crate::{
    channel::SendError,
    clock::Moment,
    id::{AccountId, CampaignId, ContactId, DeliveryId},
    limits::{AIR, AIR_UPLOAD},
    on,
    retry::{LIMITED, REPEAT, RESEND, RetryPolicy},
    store::{
        Db, Engine, Store, Together, heed, json_ids,
        usage::{Counted, Month, Move},
    },
    words::{Reason, UncertainPolicy, Why},
};

/// When so many first recipients all fail the same way, the campaign pauses.
pub const BREAKER: i64 = 20;

/// What became of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The provider took it.
    Sent {
        /// The provider's id of it.
        message_ref: String,
        at: Moment,
    },
    /// It certainly did not go; it may go later.
    Later { due_at: Moment },
    /// It was never tried: the attempt is given back.
    Returned,
    /// It was never tried, because the recipient must not be written to before then: the attempt is
    /// given back.
    Held { until: Moment },
    /// It certainly did not go and will not.
    Failed {
        /// The reason it is recorded with.
        reason: Reason,
    },
    /// It must not go.
    Skipped {
        /// The reason it is recorded with.
        reason: Reason,
    },
    /// It is not known whether it went.
    Uncertain,
    /// It is not known whether it went, and a repeat under the same client id is harmless for a
    /// while.
    Repeat { due_at: Moment },
    /// It is not known whether it went, and the policy sends it again.
    Again { due_at: Moment },
}

/// The verdict on one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub delivery: DeliveryId,
    /// To whom it went.
    pub contact: ContactId,
    /// The claim the call was made under.
    pub claim: i64,
    pub attempt: i32,
    /// What was claimed to be in flight until then; it names the claim of what was never tried, for
    /// its attempt is given back.
    pub until: Option<Moment>,
    pub verdict: Verdict,
    /// The provider's code and words, where it refused, or keeps what it took
    /// ([`crate::channel::Held`]).
    pub detail: Option<String>,
}

/// How tries at a message are judged.
#[derive(Debug, Clone, Copy)]
pub struct Tried {
    /// Which try it was, from 1.
    pub attempt: i32,
    /// It was sent again once already.
    pub resent: bool,
    /// What the campaign does with unknown outcomes.
    pub policy: UncertainPolicy,
    /// A repeat with the same client id is harmless now.
    pub repeatable: bool,
}

/// One error, one transition (design.md, Delivery). What failed in passing is tried again by this
/// schedule.
#[must_use]
pub fn judge(error: &SendError, tried: Tried, retry: RetryPolicy, now: Moment, jitter: f64) -> Verdict {
    let failed = |reason| Verdict::Failed { reason };
    let later = |reason| {
        let due = retry.due(tried.attempt, jitter, now);
        due.map_or(failed(reason), |due_at| Verdict::Later { due_at })
    };
    match error {
        SendError::RetryAfter { .. } if LIMITED.given_up(tried.attempt) => failed(Reason::AttemptsExhausted),
        SendError::RetryAfter { after, .. } => {
            // Spread over a second, so that all that was limited does not come back at once.
            #[expect(clippy::cast_possible_truncation, reason = "a second in milliseconds")]
            let spread = TimeDelta::milliseconds((jitter.clamp(0.0, 1.0) * 1_000.0) as i64);
            Verdict::Later { due_at: now + *after + spread }
        }
        SendError::Transient(_) => later(Reason::AttemptsExhausted),
        // The next try uploads the file again; the first of them need not wait.
        SendError::ReferenceLost(_) if tried.attempt == 1 => Verdict::Later { due_at: now },
        SendError::ReferenceLost(_) => later(Reason::Rejected),
        SendError::Unreachable(_) => failed(Reason::Unreachable),
        SendError::Blocked => failed(Reason::Blocked),
        SendError::Stopped(_) => failed(Reason::OptedOut),
        SendError::Withheld(_) => failed(Reason::Withheld),
        SendError::WindowClosed(_) => failed(Reason::ReplyWindow),
        SendError::TemplateNeeded(_) => failed(Reason::TemplateNeeded),
        SendError::Quota { .. } | SendError::Newcomer { .. } if LIMITED.given_up(tried.attempt) => failed(Reason::Quota),
        SendError::Quota { until, .. } | SendError::Newcomer { until, .. } => Verdict::Later { due_at: *until },
        SendError::Rejected(_) => failed(Reason::Rejected),
        // The channel is at fault or another's, or the call; not the message.
        SendError::Unauthorised(_) | SendError::Misconfigured(_) | SendError::Apart(_) | SendError::NotOurs => Verdict::Returned,
        SendError::Unknown(_) => lost_sight(tried, now, jitter),
    }
}

/// The verdict on a message of which nobody can say whether it went.
#[must_use]
pub fn lost_sight(tried: Tried, now: Moment, jitter: f64) -> Verdict {
    let repeat = REPEAT.due(tried.attempt, jitter, now).filter(|_| tried.repeatable);
    if let Some(due_at) = repeat {
        Verdict::Repeat { due_at }
    } else if tried.policy == UncertainPolicy::Resend && !tried.resent {
        Verdict::Again { due_at: now + RESEND.wait(1) }
    } else {
        Verdict::Uncertain
    }
}

impl Outcome {
    /// The verdict on a claimed delivery.
    #[must_use]
    pub fn of(claimed: &Claimed, verdict: Verdict) -> Self {
        let Claimed { delivery, contact, claim, attempt, until, .. } = *claimed;
        Self { delivery, contact, claim, attempt, until: Some(until), verdict, detail: None }
    }
}

impl Verdict {
    fn event(&self) -> Event {
        match self {
            Self::Sent { .. } => Event::Sent,
            Self::Later { .. } | Self::Returned | Self::Held { .. } => Event::PutBack,
            Self::Failed { .. } => Event::Fail,
            Self::Skipped { .. } => Event::Skip,
            Self::Uncertain | Self::Repeat { .. } | Self::Again { .. } => Event::LoseSight,
        }
    }

    /// It was never tried, so the attempt is given back, and the next claim has the same number.
    pub(super) fn untried(&self) -> bool {
        matches!(self, Self::Returned | Self::Held { .. })
    }

    /// It certainly did not go.
    fn not_gone(&self) -> bool {
        match self {
            Self::Later { .. } | Self::Returned | Self::Held { .. } | Self::Failed { .. } | Self::Skipped { .. } => true,
            Self::Sent { .. } | Self::Uncertain | Self::Repeat { .. } | Self::Again { .. } => false,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    /// Where it lies on PostgreSQL.
    place: Option<String>,
    id: DeliveryId,
    account_id: AccountId,
    #[sqlx(flatten)]
    part: Part,
    planned: bool,
    state: State,
    reason: Option<Why>,
    claim: Option<i64>,
    attempt: i32,
    lease_until: Option<Moment>,
    updated_at: Moment,
    stamped: bool,
    counted_in: Option<Month>,
    /// `None`: the campaign has one step.
    next_on: Option<LeadsOn>,
    wait_seconds: Option<i32>,
    deadline_at: Option<Moment>,
    passed: bool,
}

impl Row {
    /// As the message that speaks for its person and came to its end.
    fn ended(&self, contact: ContactId, state: State, reason: Option<Why>) -> Ended {
        Ended { id: self.id, part: self.part, contact, planned: self.planned, state, reason }
    }

    /// When it is to be looked at whether the next step goes, once this one comes to `to`.
    fn deadline(&self, to: State, sent_at: Option<Moment>, now: Moment) -> Option<Moment> {
        let leads_on = self.next_on.filter(|_| !self.passed)?;
        let wait = TimeDelta::seconds(self.wait_seconds.unwrap_or_default().into());
        leads_on.deadline(to, sent_at.unwrap_or(now), wait, now)
    }

    /// Whether it is in the claim an outcome belongs to. What was never tried gives its attempt
    /// back: a record of it that is made once more must not take back the claim after it.
    fn is_of(&self, outcome: &Outcome) -> bool {
        let same = self.claim == Some(outcome.claim) && self.attempt == outcome.attempt;
        same && (!outcome.verdict.untried() || self.lease_until.is_none() || self.lease_until == outcome.until || self.claimed_for(outcome))
    }

    /// Whether it was claimed at the moment the outcome's claim was. After a clock was set back its
    /// time in flight is cut short (`store::clock_jump`), and that moment still names its claim.
    fn claimed_for(&self, outcome: &Outcome) -> bool {
        outcome.until.is_some_and(|until| [AIR, AIR_UPLOAD].into_iter().any(|air| self.updated_at + air == until))
    }
}

/// A row as it will be.
#[derive(Debug, Default)]
struct Written {
    ids: Vec<i64>,
    states: Vec<&'static str>,
    reasons: Vec<Option<Why>>,
    dues: Vec<Option<Moment>>,
    attempts: Vec<i32>,
    refs: Vec<Option<String>>,
    sents: Vec<Option<Moment>>,
    /// Whether it may have gone, and so keeps its stamp and its count.
    gone: Vec<bool>,
    /// The provider's words, where it refused.
    details: Vec<Option<String>>,
    /// Where they lie on PostgreSQL.
    places: Vec<Option<String>>,
    /// When it is to be looked at whether the next step goes.
    deadlines: Vec<Option<Moment>>,
    /// Whether any of these changes: most campaigns have one step, and its rows are in no index of
    /// what is to be looked at.
    waiting: bool,
}

impl Written {
    fn codes(&self) -> Vec<Option<Cow<'_, str>>> {
        self.reasons.iter().map(|reason| reason.as_ref().map(Why::code)).collect()
    }

    fn json(&self) -> String {
        let rows: Vec<_> = (0..self.ids.len())
            .map(|i| {
                json!({
                    "id": self.ids[i], "state": self.states[i], "reason": self.reasons[i], "due_at": self.dues[i].as_ref().map(sqlite_text),
                    "attempt": self.attempts[i], "message_ref": self.refs[i], "sent_at": self.sents[i].as_ref().map(sqlite_text),
                    "gone": self.gone[i], "detail": self.details[i], "deadline_at": self.deadlines[i].as_ref().map(sqlite_text),
                })
            })
            .collect();
        serde_json::Value::Array(rows).to_string()
    }

    /// Adds what is to be written to the end of a change.
    fn add_to(&self, end: &mut Together, engine: Engine, now: Moment) {
        if self.ids.is_empty() {
            return;
        }
        let (sqlite, postgres) = if self.waiting {
            (queries::RECORD_WAITING_SQLITE, queries::RECORD_WAITING_POSTGRES)
        } else {
            (queries::RECORD_SQLITE, queries::RECORD_POSTGRES)
        };
        match engine {
            Engine::Sqlite => end.add(sqlite).bind(self.json()).bind(now),
            Engine::Postgres => end
                .beside(postgres)
                .bind_postgres(&self.ids)
                .bind_postgres(&self.states)
                .bind_postgres(self.codes())
                .bind_postgres(&self.dues)
                .bind_postgres(&self.attempts)
                .bind_postgres(&self.refs)
                .bind_postgres(&self.sents)
                .bind_postgres(now)
                .bind_postgres(&self.gone)
                .bind_postgres(&self.details)
                .bind_postgres(&self.places),
        };
        if self.waiting && engine == Engine::Postgres {
            end.bind_postgres(&self.deadlines);
        }
    }
}

/// What a recording changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Rows that took their outcome.
    pub applied: usize,
    /// Outcomes of calls whose rows went on without them.
    pub stale: usize,
    /// Steps of campaigns concerned, with how many messages of each newly failed.
    pub steps: HashMap<(CampaignId, i16), i64>,
}

/// Records outcomes in one transaction: contacts, rows, counters, in this order. What certainly did
/// not go is given back to its month.
///
/// # Errors
/// The database's; then nothing was recorded, and the same outcomes may be recorded again.
pub async fn record(store: &Store, outcomes: &[Outcome], now: Moment) -> sqlx::Result<Recorded> {
    if outcomes.is_empty() {
        return Ok(Recorded::default());
    }
    let by_id: HashMap<DeliveryId, &Outcome> = outcomes.iter().map(|outcome| (outcome.delivery, outcome)).collect();
    let ids: Vec<i64> = by_id.keys().map(|id| id.0).collect();
    let mut tx = store.begin_bulk().await?;
    let rows: Vec<Row> = match tx.conn() {
        Db::Sqlite(c) => heed(sqlx::query_as(queries::ROWS_SQLITE).bind(json_ids(&ids)).fetch_all(c).await)?,
        Db::Postgres(c) => sqlx::query_as(queries::ROWS_POSTGRES).bind(&ids).fetch_all(c).await?,
    };
    let mut recorded = Recorded::default();
    let mut moves = Moves::default();
    let mut written = Written::default();
    let (mut contacted, mut unstamped, mut unreachable) = (Vec::new(), Vec::new(), Vec::new());
    // Tries that did not go, by delivery and attempt.
    let mut unsaid: Vec<(i64, i32)> = Vec::new();
    let mut uncounted: BTreeMap<(AccountId, Month), i64> = BTreeMap::new();
    // What came to its end although its campaign is closed.
    let (mut over, mut late) = (Over::default(), BTreeMap::<AccountId, Vec<Ended>>::new());
    let mut paces: HashMap<(CampaignId, Moment), (Moment, i64)> = HashMap::new();
    for row in rows {
        // The rows were asked for by these very ids.
        let Some(outcome) = by_id.get(&row.id) else { continue };
        let next = row.is_of(outcome).then(|| row.state.next(outcome.verdict.event()).ok()).flatten();
        // Recorded already: a commit that went unanswered and is made again.
        let Some(mut to) = next.filter(|to| *to != row.state) else {
            recorded.stale += 1;
            continue;
        };
        let (mut reason, mut due, mut attempt, mut message_ref, mut sent_at) = (None::<Why>, None, row.attempt, None, None);
        // What went once with an unknown outcome may have gone then, whatever became of this try.
        let before = may_have_gone(row.reason.as_ref().and_then(Why::known));
        let gone = before || !outcome.verdict.not_gone();
        match &outcome.verdict {
            Verdict::Sent { message_ref: reference, at } => {
                // What was taken without a name may be named by a receipt.
                (message_ref, sent_at) = (Some(reference.clone()).filter(|name| !name.is_empty()), Some(*at));
                // An advertising message stamped its contact when it was claimed.
                if !row.stamped {
                    contacted.push(row.id.0);
                }
                let (began, n) = paces.entry((row.part.campaign, slice(*at))).or_insert((*at, 0));
                (*began, *n) = ((*began).min(*at), *n + 1);
            }
            Verdict::Later { due_at } => due = Some(*due_at),
            Verdict::Returned => (due, attempt) = (Some(now), row.attempt - 1),
            Verdict::Held { until } => (due, attempt) = (Some(*until), row.attempt - 1),
            Verdict::Failed { reason: why } => {
                reason = Some((*why).into());
                *recorded.steps.entry((row.part.campaign, row.part.step)).or_default() += i64::from(!before);
                if *why == Reason::Unreachable {
                    unreachable.push(row.id.0);
                }
            }
            Verdict::Skipped { reason: why } => reason = Some((*why).into()),
            Verdict::Uncertain => reason = Some(Reason::NoAnswer.into()),
            Verdict::Repeat { due_at } | Verdict::Again { due_at } => {
                // Sight is lost and it goes again: two steps, one write.
                to = to.next(Event::SendAgain).unwrap_or(to);
                let mark = if matches!(outcome.verdict, Verdict::Again { .. }) { Reason::Resend } else { Reason::Repeat };
                (reason, due) = (Some(mark.into()), Some(*due_at));
            }
        }
        // Told so late that the campaign is closed: nothing goes again, and nothing is waited for.
        let closed = row.state == State::Uncertain && over.holds(&mut tx, row.account_id, row.part.campaign).await?;
        if closed && to == State::Queued {
            (to, reason, due) = (State::Cancelled, Some(Reason::WindowClosed.into()), None);
        }
        // Known so late not to have gone that the next step took over: nothing goes after it.
        // Nor a second one to a person who turned out to be in the campaign twice.
        let twice = row.reason == Some(Reason::SamePerson.into());
        if (row.passed || twice) && to == State::Queued {
            (to, reason, due) = if gone {
                (State::Uncertain, Some(Reason::NoAnswer.into()), None)
            } else {
                (State::Cancelled, Some(if twice { Reason::SamePerson } else { Reason::TakenOver }.into()), None)
            };
        }
        if before {
            match to {
                // Queued again, it keeps the mark that it went once already.
                State::Queued if reason.is_none() || row.reason == Some(Reason::Resend.into()) => reason.clone_from(&row.reason),
                State::Failed | State::Skipped => (to, reason) = (State::Uncertain, Some(Reason::NoAnswer.into())),
                _ => {}
            }
        }
        if !gone && row.stamped {
            unstamped.push(row.id.0);
        }
        if outcome.verdict.not_gone() && !outcome.verdict.untried() {
            unsaid.push((row.id.0, row.attempt));
        }
        if let Some(month) = row.counted_in.filter(|_| !gone) {
            *uncounted.entry((row.account_id, month)).or_default() += 1;
        }
        recorded.applied += 1;
        recorded.steps.entry((row.part.campaign, row.part.step)).or_default();
        let deadline = row.deadline(to, sent_at, now).filter(|_| !closed);
        if closed && !row.passed {
            late.entry(row.account_id).or_default().push(row.ended(outcome.contact, to, reason.clone()));
        }
        written.waiting |= deadline != row.deadline_at;
        written.deadlines.push(deadline);
        let from = At::of(row.state, row.reason.as_ref(), row.deadline_at.is_some(), row.passed);
        moves.step(row.part, row.planned, from, At::of(to, reason.as_ref(), deadline.is_some(), row.passed));
        written.ids.push(row.id.0);
        written.places.push(row.place);
        written.states.push(to.as_str());
        written.reasons.push(reason);
        written.dues.push(due);
        written.attempts.push(attempt);
        written.refs.push(message_ref);
        written.sents.push(sent_at);
        written.gone.push(gone);
        written.details.push(outcome.detail.clone().filter(|_| matches!(to, State::Failed | State::Sent)));
    }
    let mut end = Together::new(tx.engine());
    if !contacted.is_empty() {
        end.add_own(queries::CONTACTED_SQLITE, queries::CONTACTED_POSTGRES).bind_ids(&contacted).bind(now);
    }
    if !unstamped.is_empty() {
        end.add_own(queries::UNSTAMPED_SQLITE, queries::UNSTAMPED_POSTGRES).bind_ids(&unstamped);
    }
    unreachable_to(&mut end, &unreachable, now);
    written.add_to(&mut end, tx.engine(), now);
    kept::take_back(&mut end, &unsaid);
    for ((campaign, at), (began, n)) in paces {
        end.beside(queries::PACE).bind(campaign).bind(at).bind(began).bind(n);
    }
    moves.add_to(&mut end);
    for ((account, month), n) in uncounted {
        Move { account, what: Counted::Messages, month, by: -n, bound: None }.add_to(&mut end);
    }
    tx.run(end).await?;
    for (account, ended) in late {
        speaker::speak(&mut tx, account, &ended, now).await?;
    }
    tx.commit().await?;
    recorded.stale += outcomes.len() - recorded.applied - recorded.stale;
    Ok(recorded)
}

/// When these are to be looked at, and whether another message speaks for their person.
pub(crate) fn add_deadlines(end: &mut Together, rows: &[(DeliveryId, Option<Moment>, bool)]) {
    if rows.is_empty() {
        return;
    }
    match end.engine() {
        Engine::Sqlite => {
            let rows: Vec<_> =
                rows.iter().map(|(id, at, passed)| json!({ "id": id.0, "at": at.as_ref().map(sqlite_text), "passed": passed })).collect();
            end.add(queries::DEADLINES_SQLITE).bind(serde_json::Value::Array(rows).to_string())
        }
        Engine::Postgres => end
            .add(queries::DEADLINES_POSTGRES)
            .bind_postgres(rows.iter().map(|(id, ..)| id.0).collect::<Vec<_>>())
            .bind_postgres(rows.iter().map(|(_, at, _)| *at).collect::<Vec<_>>())
            .bind_postgres(rows.iter().map(|(.., passed)| *passed).collect::<Vec<_>>()),
    };
}

/// A moment as sqlx writes it into SQLite (sqlx-sqlite 0.9, types/chrono.rs).
pub(super) fn sqlite_text(at: &Moment) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
}

/// The slice of ten seconds a moment is in.
pub(super) fn slice(at: Moment) -> Moment {
    at.duration_trunc(TimeDelta::seconds(10)).unwrap_or(at)
}

/// The addresses of these deliveries reach nobody.
pub(super) fn unreachable_to(end: &mut Together, ids: &[i64], now: Moment) {
    if !ids.is_empty() {
        end.add_own(queries::UNREACHABLE_SQLITE, queries::UNREACHABLE_POSTGRES).bind_ids(ids).bind(now);
    }
}

/// Whoever a step found unreachable may be reached after all.
async fn forget_unreachable(store: &Store, account: AccountId, (campaign, step): (CampaignId, i16)) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::PERHAPS_REACHABLE).bind(account).bind(campaign).bind(step).execute(c).await.map(|_| ()))?;
    tx.commit().await
}

/// When messages were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// By the answers to their calls: whatever was taken speaks for the rest.
    AtOnce,
    /// By receipts, after they were taken: only what arrived does.
    Later,
}

/// Looks whether the first messages of a step all failed the same way; then its campaign should
/// pause. What comes after a failed message, a further step or nothing, makes no difference.
/// `newly` is how many failed in the recording just made: a campaign that was resumed gets as many
/// tries again. That the provider reaches nobody at all is no word about anybody: their addresses
/// are as they were before anything was tried (MAX says so of everybody while a bot waits for its
/// moderation, contracts/messengers/max.md).
///
/// # Errors
/// The database's.
pub async fn breaker(
    store: &Store,
    account: AccountId,
    (campaign, step): (CampaignId, i16),
    newly: i64,
    refused: Refused,
) -> sqlx::Result<Option<Wanted>> {
    if newly == 0 {
        return Ok(None);
    }
    let mut failed: BTreeMap<Option<Why>, i64> = BTreeMap::new();
    for count in counts(store, account, campaign).await?.into_iter().filter(|count| count.step == step) {
        let well = if refused == Refused::AtOnce { count.state.is_sent() } else { matches!(count.state, State::Delivered | State::Read) };
        if well && count.n > 0 {
            return Ok(None);
        }
        if count.state == State::Failed {
            *failed.entry(count.reason).or_default() += count.n;
        }
    }
    let (Some((each, n)), None) = (failed.pop_first(), failed.pop_first()) else { return Ok(None) };
    let again = n / BREAKER > (n - newly) / BREAKER;
    let each = each.unwrap_or_else(|| Why::of(""));
    // What was in flight when the campaign paused is one of them, too.
    if n >= BREAKER
        && each == Why::Is(Reason::Unreachable)
        && let Err(error) = forget_unreachable(store, account, (campaign, step)).await
    {
        tracing::warn!(campaign.id = %campaign, %error, "whoever nobody could reach stays unreachable");
    }
    Ok(again.then(|| Wanted::Pause(Why::AllFailed(Box::new(each)))))
}
