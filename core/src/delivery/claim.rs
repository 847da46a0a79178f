//! Claiming: a micro-batch of a campaign goes from `queued` to `sending` in one transaction,
//! committed before any call to the provider. Everything that could forbid a message is asked again
//! here (suppression, consent, campaign, window, licence, lease, law), so an opt-out wins against
//! everything not yet in flight.
//!
//! On PostgreSQL the rows of the campaign, the channel and the licence are held for share: a pause,
//! a lost lease or a revoked licence waits for the claim under way, and no claim passes it. On
//! SQLite the one writer gives the same.
//!
//! The month's messages are counted here too, one change of the counter a batch and the last before
//! the commit: nobody holds the account's counter while rows are looked at. A batch that would pass
//! the plan's limit is dropped and taken once more, smaller. The month's people are counted the
//! same way, if the plan limits them: a contact keeps the last month it was counted in. So are the
//! people of the day, where the provider limits them ([`super::daily`]): whom no place is left for
//! stays in the queue.

use std::time::Duration;

use chrono::TimeDelta;
use sqlx::{FromRow as _, PgConnection};

use super::{
    Part, State,
    cascade::LeadsOn,
    counts::{At, Moves},
    daily::Places,
    queries,
};
use crate::{
    account::licence::{Limit, PlanCode},
    channel::{Capabilities, ChannelKind, Terms, lease::Lease, registry},
    clock::Moment,
    id::{AccountId, CampaignId, ContactId, DeliveryId},
    law::{self, Profile},
    on,
    store::{
        Db, Engine, Store, Together, Tx, json_hex,
        usage::{self, Counted, Month, Move},
    },
    template::{self, Class, TemplateButton},
    words::{Reason, UncertainPolicy, Why},
};

/// A delivery that is ours to send, with what rendering needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub delivery: DeliveryId,
    /// What it is a message of.
    pub part: Part,
    pub contact: ContactId,
    /// The fencing token it was claimed under.
    pub claim: i64,
    /// Which try this is, from 1.
    pub attempt: i32,
    /// It was sent once with an unknown outcome, and the campaign's policy or a member sends it
    /// again.
    pub resent: bool,
    /// It was lost too long ago for a harmless repeat: before anything is sent, the provider is
    /// asked for it ([`Repeats::looked_up`]).
    pub looked_up: bool,
    /// Should the provider be unable to tell, it is sent: the policy or a member says so.
    pub whatever: bool,
    /// It is the very message of an earlier try, so it says what was kept of that try
    /// ([`super::kept::before`]), whatever is known of the recipient by now: a provider that takes
    /// both for one shows the first.
    pub repeats: bool,
    pub first_tried_at: Moment,
    /// Until when it may be in flight; with the token and the attempt it names this claim.
    pub until: Moment,
    /// The recipient's address at the channel.
    pub to: String,
    /// The contact's full name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// Attributes by field key.
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

/// Why a campaign gives nothing to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The lease is another's now.
    LeaseLost,
    /// The channel is paused, misconfigured, removed or held.
    Channel,
    /// The campaign is not running.
    Campaign,
    /// Its window is over.
    Window,
    /// The account has no valid licence.
    Licence,
    /// The plan's messages of this month are used up, or its people.
    PlanLimit,
    /// It is advertising, and the account's waits for an owner's word after a restore.
    Advertising,
}

/// What a claim brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Rows to send, and how many were left out; both may be none, when nothing is due.
    Rows {
        /// To send.
        rows: Vec<Claimed>,
        /// Left out, with their reasons recorded.
        skipped: usize,
        /// In the queue still: the day's people are as many as may be ([`super::daily`]).
        deferred: usize,
    },
    /// Nothing may be sent.
    Closed(Closed),
}

#[derive(sqlx::FromRow)]
struct Head {
    running: bool,
    ends_at: Option<Moment>,
    uncertain_policy: UncertainPolicy,
    class: Class,
    min_grade: i16,
    cap_hours: i32,
    channel_sends: bool,
    lease_token: i64,
    held_until: Option<Moment>,
    kind: ChannelKind,
    #[sqlx(json)]
    terms: Terms,
    advertising_held_at: Option<Moment>,
    zone: String,
    #[sqlx(json(nullable))]
    law: Option<Profile>,
    plan: Option<PlanCode>,
}

impl Head {
    fn zone(&self) -> chrono_tz::Tz {
        self.zone.parse().unwrap_or(chrono_tz::UTC)
    }
}

/// The texts of a step.
#[derive(sqlx::FromRow)]
struct Texts {
    body: String,
    #[sqlx(json)]
    buttons: Vec<TemplateButton>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: DeliveryId,
    variant: i16,
    next_on: Option<LeadsOn>,
    contact_id: ContactId,
    attempt: i32,
    reason: Option<Why>,
    first_tried_at: Option<Moment>,
    marketing_before: Option<Moment>,
    value: Option<String>,
    address_state: Option<String>,
    address_contact: Option<ContactId>,
    present: bool,
    name: String,
    first_name: String,
    last_name: String,
    #[sqlx(json)]
    attributes: serde_json::Map<String, serde_json::Value>,
    opted_out_at: Option<Moment>,
    marketing_grade: Option<i16>,
    written_month: Option<Month>,
    suppressed: bool,
    blocked: bool,
    in_doubt: bool,
    /// An earlier step of the campaign reached the person meanwhile.
    reached: bool,
}

/// What decides whether a recipient may be written to.
struct Rules {
    class: Class,
    min_grade: i16,
    cap_hours: i32,
    /// A rule of law stops the whole step.
    unlawful: bool,
}

/// Why this recipient must not be written to, or nothing.
fn forbidden(row: &Row, rules: &Rules, now: Moment) -> Option<Reason> {
    if !row.present {
        return Some(Reason::Deleted);
    }
    // The address went to another contact (a merge, a shared phone): it is no longer this person's.
    if row.value.is_none() || row.address_contact != Some(row.contact_id) {
        return Some(Reason::NoAddress);
    }
    if row.reached {
        return Some(Reason::Reached);
    }
    if row.opted_out_at.is_some() {
        return Some(Reason::OptedOut);
    }
    if row.suppressed {
        return Some(Reason::Suppressed);
    }
    if row.blocked {
        return Some(Reason::Blocked);
    }
    if row.address_state.as_deref() == Some("unreachable") {
        return Some(Reason::Unreachable);
    }
    if rules.class == Class::Advertising {
        if row.in_doubt {
            return Some(Reason::Doubt);
        }
        match row.marketing_grade {
            None => return Some(Reason::NoConsent),
            Some(grade) if grade > rules.min_grade => return Some(Reason::ConsentGrade),
            Some(_) => {}
        }
        let cap = TimeDelta::hours(i64::from(rules.cap_hours));
        if rules.cap_hours > 0 && row.marketing_before.is_some_and(|at| at > now - cap) {
            return Some(Reason::FrequencyCap);
        }
    }
    // Last: what the person said, or did not allow, holds whatever an owner decides of a rule.
    rules.unlawful.then_some(Reason::Law)
}

/// Claims up to `limit` due deliveries of a step of a campaign under a lease; each may stay in
/// flight for `air`. What was lost goes again as `repeats` say.
///
/// Each message counts for its month's limit here, and an advertising message stamps its contact,
/// for the frequency cap: no other campaign finds the contact without it. The record takes count
/// and stamp back when the message certainly did not go.
///
/// # Errors
/// The database's; then nothing was claimed.
#[expect(clippy::too_many_arguments, reason = "each is a thing of its own, and none has a default")]
pub async fn claim(
    store: &Store,
    account: AccountId,
    (campaign, step): (CampaignId, i16),
    lease: Lease,
    limit: i64,
    air: Duration,
    repeats: Option<Repeats>,
    now: Moment,
) -> sqlx::Result<Claim> {
    let ask = Ask { account, campaign, step, lease, air, repeats, now };
    let mut limit = limit;
    loop {
        match batch(store, &ask, limit).await? {
            Batch::Done(claim) => return Ok(claim),
            Batch::Fits(0) => return Ok(Claim::Closed(Closed::PlanLimit)),
            // Fewer each time: it ends.
            Batch::Fits(left) => limit = left,
        }
    }
}

/// How what was lost may go again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeats {
    /// For so long the provider takes a repeat under the same client id for the same message
    /// ([`crate::channel::Capabilities::client_id_window`]).
    pub window: Duration,
    /// After that it is looked up ([`crate::channel::Capabilities::finds_by_client_id`],
    /// [`crate::channel::Capabilities::finds_by_words`]).
    pub looked_up: bool,
}

impl Repeats {
    /// How a messenger with these capabilities takes them.
    #[must_use]
    pub fn of(capabilities: &Capabilities) -> Option<Self> {
        let Capabilities { client_id_window, finds_by_client_id, finds_by_words, .. } = *capabilities;
        // Where words alone tell a message, no repeat is harmless, and each is looked up first.
        let window = client_id_window.or(finds_by_words.then_some(Duration::ZERO))?;
        Some(Self { window, looked_up: finds_by_client_id || finds_by_words })
    }
}

/// Whose rows are claimed, and how.
struct Ask {
    account: AccountId,
    campaign: CampaignId,
    step: i16,
    lease: Lease,
    air: Duration,
    repeats: Option<Repeats>,
    now: Moment,
}

/// What one try at a claim came to.
enum Batch {
    /// It is committed, or there was nothing to commit.
    Done(Claim),
    /// It was more than the plan's messages of this month allow, and nothing was changed; this many
    /// fit.
    Fits(i64),
}

/// What decides whether the campaign may send at all and, on SQLite, the rows it would send.
async fn look(tx: &mut Tx, ask: &Ask, limit: i64) -> sqlx::Result<(Option<Head>, Vec<Row>)> {
    match tx.conn() {
        Db::Sqlite(c) => {
            let mut both = Together::new(Engine::Sqlite);
            both.add(queries::HEAD).bind(ask.account).bind(ask.campaign).bind(ask.lease.channel).bind(ask.now).bind(ask.step);
            both.add(queries::FACTS_SQLITE).bind(ask.campaign).bind(ask.now).bind(limit).bind(ask.step);
            let answers = both.fetch(c).await?;
            let rows = |index: usize| answers.get(index).map_or(&[][..], |answer| &answer.rows);
            let head = rows(0).first().map(Head::from_row).transpose()?;
            Ok((head, rows(1).iter().map(Row::from_row).collect::<sqlx::Result<_>>()?))
        }
        Db::Postgres(c) => {
            let head = sqlx::query_as(queries::HEAD_POSTGRES).bind(ask.account).bind(ask.campaign).bind(ask.lease.channel);
            let head = head.bind(ask.now).bind(ask.step);
            Ok((head.fetch_optional(c).await?, Vec::new()))
        }
    }
}

/// Takes due rows on PostgreSQL, with what is known of their recipients.
async fn taken(c: &mut PgConnection, ask: &Ask, limit: i64, advertising: bool, month: Month, until: Moment) -> sqlx::Result<Vec<Row>> {
    let Ask { campaign, step, lease, now, .. } = *ask;
    if advertising {
        let take = sqlx::query_as(queries::TAKE_STAMPED_POSTGRES).bind(campaign).bind(now).bind(lease.token).bind(until).bind(limit);
        return take.bind(month).bind(step).fetch_all(c).await;
    }
    let take = sqlx::query_scalar(queries::TAKE_POSTGRES).bind(campaign).bind(now).bind(lease.token).bind(until).bind(limit);
    let ids: Vec<i64> = take.bind(month).bind(step).fetch_all(&mut *c).await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(queries::FACTS_POSTGRES).bind(&ids).fetch_all(c).await
}

async fn batch(store: &Store, ask: &Ask, limit: i64) -> sqlx::Result<Batch> {
    let Ask { account, campaign, step, lease, air, repeats, now } = *ask;
    let mut tx = store.begin_bulk().await?;
    let (head, mut found) = look(&mut tx, ask, limit).await?;
    let Some(head) = head else { return Ok(Batch::Done(Claim::Closed(Closed::Campaign))) };
    if let Some(why) = closed(&head, lease, now) {
        return Ok(Batch::Done(Claim::Closed(why)));
    }
    let advertising = head.class == Class::Advertising;
    let until = now + air;
    let month = Month::of(now, head.zone());
    let unlawful = unlawful(&mut tx, &head, ask).await?;
    if let Db::Postgres(c) = tx.conn() {
        found = taken(c, ask, limit, advertising, month, until).await?;
    }
    if found.is_empty() {
        return Ok(Batch::Done(Claim::Rows { rows: Vec::new(), skipped: 0, deferred: 0 }));
    }
    let mut places = match &head.terms.daily {
        Some(daily) => {
            let contacts: Vec<ContactId> = found.iter().map(|row| row.contact_id).collect();
            let at = (account, lease.channel);
            Some(Places::of(&mut tx, daily, at, registry::capabilities(head.kind), &contacts, now).await?)
        }
        None => None,
    };
    let rules = Rules { class: head.class, min_grade: head.min_grade, cap_hours: head.cap_hours, unlawful };
    let mut moves = Moves::default();
    let (mut rows, mut left_out, mut counted) = (Vec::with_capacity(found.len()), Vec::new(), 0);
    let people_allowed = head.plan.and_then(|plan| Limit::PeopleThisMonth.of(plan));
    // Whom nothing was written to this month.
    let mut new_people = Vec::new();
    // What goes as a second message by the campaign's policy.
    let mut second = Vec::new();
    for row in found {
        let part = Part { campaign, step, variant: row.variant };
        let before = row.reason.as_ref().and_then(Why::known);
        let first_tried_at = row.first_tried_at.unwrap_or(now);
        // A repeat that is no longer harmless goes as a second message where the policy says so,
        // else not at all.
        let past = repeats.is_none_or(|repeats| first_tried_at + repeats.window <= until);
        let late = before == Some(Reason::Repeat) && past;
        let looked_up = past && may_have_gone(before) && repeats.is_some_and(|repeats| repeats.looked_up);
        let policy = head.uncertain_policy == UncertainPolicy::Resend;
        let stays = match forbidden(&row, &rules, now) {
            None if late && !looked_up && !policy => Some((State::Uncertain, Reason::NoAnswer)),
            None => None,
            // What was to go again may have gone the first time.
            Some(_) if may_have_gone(before) => Some((State::Uncertain, Reason::NoAnswer)),
            Some(reason) => Some((State::Skipped, reason)),
        };
        if let Some(stays) = stays {
            // Of several steps it is looked at at once whether the next one goes.
            left_out.push((row.id, part, row.next_on.map(|_| now), stays));
            continue;
        }
        if let Some(places) = &mut places
            && !places.admits(row.id, row.contact_id, may_have_gone(before))
        {
            continue;
        }
        moves.step(part, true, (State::Queued, None), (State::Sending, None));
        // What may have gone once is counted already, and so is whom it may have gone to.
        counted += i64::from(!may_have_gone(before));
        if people_allowed.is_some() && row.written_month != Some(month) && !may_have_gone(before) {
            new_people.push(row.contact_id);
        }
        if late && policy {
            second.push(row.id.0);
        }
        rows.push(Claimed {
            delivery: row.id,
            part,
            contact: row.contact_id,
            claim: lease.token,
            attempt: row.attempt,
            resent: late || before == Some(Reason::Resend),
            looked_up,
            whatever: policy || before == Some(Reason::Resend),
            repeats: looked_up || before == Some(Reason::Repeat) && !past,
            first_tried_at,
            until,
            // `forbidden` left out rows without an address.
            to: row.value.unwrap_or_default(),
            name: row.name,
            first_name: row.first_name,
            last_name: row.last_name,
            attributes: row.attributes,
        });
    }
    let waiting = places.as_ref().map_or(&[][..], Places::waiting);
    let mut rest = Together::new(tx.engine());
    match tx.engine() {
        Engine::Sqlite => {
            let going = rows.iter().map(|row| row.delivery.0);
            let ids: Vec<i64> = going.clone().chain(left_out.iter().map(|(id, ..)| id.0)).collect();
            if !ids.is_empty() {
                rest.add(if advertising { queries::TAKE_STAMPED_SQLITE } else { queries::TAKE_SQLITE });
                rest.bind_ids(&ids).bind(now).bind(lease.token).bind(until).bind(month);
            }
            if advertising && !rows.is_empty() {
                rest.add(queries::ADVERTISED_SQLITE).bind_ids(&going.collect::<Vec<_>>()).bind(now);
            }
        }
        // The rows were taken with their contacts' stamps; who is left out, or waits, got no
        // message.
        Engine::Postgres if advertising && !(left_out.is_empty() && waiting.is_empty()) => {
            let ids: Vec<i64> = left_out.iter().map(|(id, ..)| id.0).chain(waiting.iter().copied()).collect();
            rest.add(queries::UNSTAMPED_POSTGRES).bind_ids(&ids);
        }
        Engine::Postgres => {}
    }
    if let Some(places) = &places {
        places.add_to(&mut rest, now);
    }
    for (id, part, look_at, (state, reason)) in &left_out {
        rest.add(queries::SKIP).bind(*id).bind(*state).bind(reason.as_str()).bind(*look_at);
        // One at a time: each text that is sent is prepared once and kept.
        tx.run(std::mem::replace(&mut rest, Together::new(tx.engine()))).await?;
        let to = At::of(*state, Some(&(*reason).into()), look_at.is_some(), false);
        moves.step(*part, true, (State::Queued, None), to);
    }
    if !second.is_empty() {
        rest.add_own(queries::SECOND_SQLITE, queries::SECOND_POSTGRES).bind_ids(&second);
    }
    moves.add_to(&mut rest);
    if let (Some(allowed), false) = (people_allowed, new_people.is_empty())
        && !people_fit(&mut tx, &mut rest, account, month, &new_people, allowed).await?
    {
        let used = usage::used_in(&mut tx, account, Counted::People, month).await?;
        tx.roll_back().await?;
        return Ok(Batch::Fits((allowed - used).max(0).min(limit - 1)));
    }
    let allowed = head.plan.and_then(|plan| Limit::MessagesThisMonth.of(plan));
    let step = Move { account, what: Counted::Messages, month, by: counted, bound: allowed.map(|allowed| (counted, allowed)) };
    if step.is_needed() {
        // The last of them all: what it changed tells whether it fits.
        step.add_to(&mut rest);
    }
    let changed = tx.run(rest).await?;
    if step.is_needed() && step.bound.is_some() && changed.last() == Some(&0) {
        let used = usage::used_in(&mut tx, account, Counted::Messages, month).await?;
        // The very rows are taken anew at once.
        tx.roll_back().await?;
        return Ok(Batch::Fits((allowed.unwrap_or(used) - used).max(0)));
    }
    tx.commit().await?;
    rows.sort_by_key(|row| row.delivery);
    let deferred = places.map_or(0, |places| places.deferred());
    Ok(Batch::Done(Claim::Rows { rows, skipped: left_out.len(), deferred }))
}

/// Counts the people of a batch to whom nothing was written this month; `false`: there are more of
/// them than the plan allows. What waits in `rest` goes first.
///
/// A contact that another claim counted a moment before is none: only those that this change marks
/// are counted.
async fn people_fit(
    tx: &mut Tx,
    rest: &mut Together,
    account: AccountId,
    month: Month,
    people: &[ContactId],
    allowed: i64,
) -> sqlx::Result<bool> {
    match tx.engine() {
        Engine::Sqlite => {
            rest.add(queries::WRITTEN_SQLITE).bind(month).bind(json_hex(people.iter().map(|contact| contact.0)));
        }
        Engine::Postgres => {
            rest.add(queries::WRITTEN_POSTGRES).bind(month).bind_postgres(people);
        }
    }
    let changed = tx.run(std::mem::replace(rest, Together::new(tx.engine()))).await?;
    let new = changed.last().copied().map_or(0, u64::cast_signed);
    usage::moved(tx, Move { account, what: Counted::People, month, by: new, bound: Some((new, allowed)) }).await
}

/// Whether a rule of law stops the step today. The rules are in memory and what the account said
/// came with the head; the step's texts are read only where a rule turns on them.
async fn unlawful(tx: &mut Tx, head: &Head, ask: &Ask) -> sqlx::Result<bool> {
    let Some(profile) = &head.law else { return Ok(false) };
    let day = ask.now.with_timezone(&head.zone()).date_naive();
    let mut asked = law::Ask { class: head.class, kind: head.kind, personal: false, day };
    if law::book().turns_on_personal(profile, asked) {
        let texts: Option<Texts> = on!(tx.conn(), |c| sqlx::query_as(queries::STEP_TEXTS)
            .bind(ask.account)
            .bind(ask.campaign)
            .bind(ask.step)
            .fetch_optional(c)
            .await)?;
        asked.personal = texts.is_none_or(|texts| template::is_personal(&texts.body, &texts.buttons));
    }
    Ok(law::book().blocks(profile, asked))
}

/// Whether a queued row with this reason went once with an unknown outcome.
pub(super) fn may_have_gone(reason: Option<Reason>) -> bool {
    matches!(reason, Some(Reason::Resend | Reason::Repeat))
}

fn closed(head: &Head, lease: Lease, now: Moment) -> Option<Closed> {
    if head.lease_token != lease.token {
        Some(Closed::LeaseLost)
    } else if !head.channel_sends || head.held_until.is_some_and(|until| until > now) {
        Some(Closed::Channel)
    } else if !head.running {
        Some(Closed::Campaign)
    } else if head.ends_at.is_some_and(|end| end <= now) {
        Some(Closed::Window)
    } else if head.plan.and_then(PlanCode::plan).is_none() {
        // A plan that the server does not know has no limits that could be kept.
        Some(Closed::Licence)
    } else if head.class == Class::Advertising && head.advertising_held_at.is_some() {
        Some(Closed::Advertising)
    } else {
        None
    }
}

/// What came in is understood so soon as a rule. While it takes longer, later steps wait: somebody
/// may have read the earlier message, and nobody here knows it yet.
const UNDERSTOOD: TimeDelta = TimeDelta::seconds(2);

/// Campaigns of a channel with something due, each with its step, oldest first.
///
/// # Errors
/// The database's.
pub async fn campaigns_due(store: &Store, lease: Lease, account: AccountId, now: Moment) -> sqlx::Result<Vec<(CampaignId, i16)>> {
    on!(store.read(), |c| sqlx::query_as(queries::CAMPAIGNS_DUE)
        .bind(account)
        .bind(lease.channel)
        .bind(now)
        .bind(now - UNDERSTOOD)
        .fetch_all(c)
        .await)
}
