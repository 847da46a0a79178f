//! Submission, approval, launch. What is approved is a hash of everything that will go out; nobody
//! approves their own; a launch asks for the number of recipients to be typed.

use serde_json::json;

use super::{
    Campaign, CampaignError, Event, Result, State, access, advertising, allow, audience, begin, begin_seen, cost,
    draft::record,
    get, handed, lawful, maintenance, queries, reviewed, schedule, shift,
    spec::{self, Spec, Via},
};
use crate::{
    account::{Actor, Right, load, password},
    channel::registry,
    clock::Moment,
    id::{AccountId, CampaignId},
    notice::{self, NewNotice, NoticeKind},
    on,
    queue::Job,
    store::{Store, Tx},
    template::{
        self,
        lint::{self, Finding, Severity},
    },
    words::Reason,
};

/// Hex digits of a hash that an approval needs at least: 64 bits, which nobody finds another
/// campaign for.
pub const SEEN_DIGITS: usize = 16;

/// Most characters of the comment with which a campaign is given back.
pub const COMMENT_LIMIT: usize = 1_000;

/// Whether a hash is the one that was seen: the hash, or its first [`SEEN_DIGITS`] digits or more.
fn is_seen(hash: Option<&str>, seen: &str) -> bool {
    seen.len() >= SEEN_DIGITS && hash.is_some_and(|hash| hash.starts_with(seen))
}

/// What a launch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launched {
    /// It waits for its time.
    Scheduled(Moment),
    /// It is being planned: ring this bell after the call.
    Planning(Job),
}

/// Asks for approval. The template is checked once more, against the account as it is today and the
/// campaign's own channel; warnings come back.
///
/// # Errors
/// [`CampaignError`]: something is missing, not approved, not active, past its window, may not go
/// at all ([`CampaignError::Law`]), or would go out wrong ([`CampaignError::Lint`]).
pub async fn submit(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<Vec<Finding>> {
    allow(actor, Right::Edit)?;
    let seen = get(store, actor.account, id).await?;
    seen.state.next(Event::Submit)?;
    let checked = spec::load(Via::Read(store), &seen).await?;
    reviewed::may_be_submitted(&checked)?;
    lawful::may_go(checked.steps.len(), &lawful::of(store, &checked, lawful::day(&checked, &seen, now)).await?)?;
    let mut findings: Vec<Finding> = Vec::new();
    for step in &checked.steps {
        let content = template::content(store, actor.account, step.version).await?.ok_or(CampaignError::TemplateNotApproved)?;
        for finding in lint::check(store, actor.account, &content, registry::capabilities(step.kind), now).await? {
            // Two steps may say the same.
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(CampaignError::Lint(findings));
    }
    let (mut tx, campaign) = begin_seen(store, actor, Right::Edit, &seen).await?;
    let spec = spec::load(Via::Change(&mut tx), &campaign).await?;
    if schedule::window_closed(campaign.ends_at, now) {
        return Err(CampaignError::WindowClosed);
    }
    access::has_its_functions(&mut tx, &campaign).await?;
    let hash = spec.hash()?;
    shift(&mut tx, &campaign, Event::Submit, None, now).await?;
    sign(&mut tx, queries::SET_SUBMITTED, actor, id, &hash, now).await?;
    handed::keep(&mut tx, actor.account, id, &spec).await?;
    record(&mut tx, actor, "campaign.submit", id, &json!({ "hash": hash }), now).await?;
    let facts = json!({ "by": actor.name, (notice::NOT_FOR): [campaign.created_by, actor.member] });
    tell(&mut tx, &campaign, NoticeKind::CampaignSubmitted, None, facts, now).await?;
    tx.commit().await?;
    Ok(findings)
}

/// Agrees to what is submitted now.
///
/// # Errors
/// As [`approve_seen`].
pub async fn approve(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<()> {
    agree(store, actor, id, None, now).await
}

/// Agrees to exactly what was seen: `seen` is the [`Campaign::submitted_hash`] the approver was
/// shown, or its first [`SEEN_DIGITS`] digits or more (a button holds few bytes). What was
/// submitted anew since is not approved.
///
/// # Errors
/// [`CampaignError::Changed`] when it is not what was seen; [`CampaignError::OwnWork`];
/// [`CampaignError::ApprovalVoid`] when it changed since the submission (it is a draft again).
pub async fn approve_seen(store: &Store, actor: &Actor, id: CampaignId, seen: &str, now: Moment) -> Result<()> {
    agree(store, actor, id, Some(seen), now).await
}

async fn agree(store: &Store, actor: &Actor, id: CampaignId, seen: Option<&str>, now: Moment) -> Result<()> {
    let (mut tx, campaign) = begin(store, actor, Right::Approve, id).await?;
    campaign.state.next(Event::Approve)?;
    if campaign.created_by == actor.member || campaign.submitted_by == Some(actor.member) {
        return Err(CampaignError::OwnWork);
    }
    if let Some(until) = password::no_approvals_until(&mut tx, actor.account, actor.member, now).await? {
        return Err(CampaignError::FreshPassword(until));
    }
    if seen.is_some_and(|seen| !is_seen(campaign.submitted_hash.as_deref(), seen)) {
        return Err(CampaignError::Changed);
    }
    let Some(hash) = unchanged(&mut tx, &campaign, campaign.submitted_hash.as_deref()).await? else {
        void(&mut tx, &campaign, &actor.member.to_string(), now).await?;
        tx.commit().await?;
        return Err(CampaignError::ApprovalVoid);
    };
    reviewed::approved(&mut tx, &campaign).await?;
    shift(&mut tx, &campaign, Event::Approve, None, now).await?;
    sign(&mut tx, queries::SET_APPROVED, actor, id, &hash, now).await?;
    handed::decided(&mut tx, actor.account, id).await?;
    record(&mut tx, actor, "campaign.approve", id, &json!({ "hash": hash }), now).await?;
    tell(&mut tx, &campaign, NoticeKind::CampaignApproved, campaign.submitted_by, json!({ "by": actor.name }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts a member's name and the moment to a hash.
async fn sign(tx: &mut Tx, sql: &'static str, actor: &Actor, id: CampaignId, hash: &str, now: Moment) -> Result<()> {
    on!(tx.conn(), |c| sqlx::query(sql).bind(actor.account).bind(id).bind(hash).bind(actor.member).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Gives what is submitted now back with a comment.
///
/// # Errors
/// As [`give_back_seen`].
pub async fn give_back(store: &Store, actor: &Actor, id: CampaignId, comment: &str, now: Moment) -> Result<()> {
    hand_back(store, actor, id, None, comment, now).await
}

/// Gives exactly what was seen back with a comment; `seen` as in [`approve_seen`].
///
/// # Errors
/// [`CampaignError::Changed`] when it is not what was seen; [`CampaignError::BadComment`]; not
/// submitted, or not the member's to decide.
pub async fn give_back_seen(store: &Store, actor: &Actor, id: CampaignId, seen: &str, comment: &str, now: Moment) -> Result<()> {
    hand_back(store, actor, id, Some(seen), comment, now).await
}

async fn hand_back(store: &Store, actor: &Actor, id: CampaignId, seen: Option<&str>, comment: &str, now: Moment) -> Result<()> {
    let (mut tx, campaign) = begin(store, actor, Right::Approve, id).await?;
    campaign.state.next(Event::Return)?;
    if seen.is_some_and(|seen| !is_seen(campaign.submitted_hash.as_deref(), seen)) {
        return Err(CampaignError::Changed);
    }
    let comment = comment.trim();
    if !(1..=COMMENT_LIMIT).contains(&comment.chars().count()) {
        return Err(CampaignError::BadComment);
    }
    shift(&mut tx, &campaign, Event::Return, Some(&Reason::Returned.into()), now).await?;
    handed::decided(&mut tx, actor.account, id).await?;
    on!(tx.conn(), |c| sqlx::query(queries::FORGET).bind(actor.account).bind(id).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::SET_COMMENT).bind(actor.account).bind(id).bind(comment).execute(c).await.map(|_| ()))?;
    record(&mut tx, actor, "campaign.return", id, &json!({ "comment": comment }), now).await?;
    tell(&mut tx, &campaign, NoticeKind::CampaignReturned, campaign.submitted_by, json!({ "by": actor.name, "comment": comment }), now)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Launches what was approved, if `typed` is exactly the number of people who would get it now.
///
/// # Errors
/// [`CampaignError::ApprovalVoid`] when it changed since the approval (it is a draft again);
/// [`CampaignError::WrongCount`], [`CampaignError::Nobody`], [`CampaignError::NoLicence`],
/// [`CampaignError::WindowClosed`] and others.
pub async fn launch(store: &Store, actor: &Actor, id: CampaignId, typed: i64, now: Moment) -> Result<Launched> {
    start(store, actor, id, None, typed, now).await
}

/// The same of exactly what was shown when the number was asked for: `shown` is the
/// [`Campaign::approved_hash`] then, or its first [`SEEN_DIGITS`] digits or more.
///
/// # Errors
/// [`CampaignError::Changed`] when something else was approved since; others as [`launch`].
pub async fn launch_seen(store: &Store, actor: &Actor, id: CampaignId, shown: &str, typed: i64, now: Moment) -> Result<Launched> {
    start(store, actor, id, Some(shown), typed, now).await
}

async fn start(store: &Store, actor: &Actor, id: CampaignId, shown: Option<&str>, typed: i64, now: Moment) -> Result<Launched> {
    allow(actor, Right::Edit)?;
    let seen = get(store, actor.account, id).await?;
    seen.state.next(Event::Start)?;
    if seen.state != State::Approved {
        // A scheduled campaign was launched already; its time starts it.
        return Err(super::Refused { state: seen.state, event: Event::Schedule }.into());
    }
    if shown.is_some_and(|shown| !is_seen(seen.approved_hash.as_deref(), shown)) {
        return Err(CampaignError::Changed);
    }
    // Counting a large audience takes a while, and on SQLite a change holds the only writer: count
    // outside it. A change in between is caught by the compare-and-set; more people in between, by
    // planning.
    let counted = audience::forecast(store, &seen, now).await;
    let (mut tx, campaign) = begin_seen(store, actor, Right::Edit, &seen).await?;
    if unchanged(&mut tx, &campaign, campaign.approved_hash.as_deref()).await?.is_none() {
        void(&mut tx, &campaign, &actor.member.to_string(), now).await?;
        tx.commit().await?;
        return Err(CampaignError::ApprovalVoid);
    }
    if schedule::window_closed(campaign.ends_at, now) {
        return Err(CampaignError::WindowClosed);
    }
    if !licensed(&mut tx, actor.account, now).await? {
        return Err(CampaignError::NoLicence);
    }
    // One that starts later starts when that is over.
    if !schedule::starts_later(campaign.starts_at, now)
        && let Some(worked_on) = maintenance::under_way(&mut tx, now).await?
    {
        return Err(CampaignError::Maintenance(worked_on.ends_at));
    }
    access::may_be_launched(&mut tx, &campaign, now).await?;
    load::need(&mut tx, actor.account, load::Guard::Campaigns, 1, now).await??;
    if advertising::waits(&mut tx, &campaign).await? {
        return Err(CampaignError::AdvertisingHeld);
    }
    if !active(&mut tx, &campaign).await? {
        return Err(CampaignError::ChannelNotActive);
    }
    reviewed::approved(&mut tx, &campaign).await?;
    let forecast = counted?;
    lawful::may_go(forecast.steps.len(), &forecast.law)?;
    let planned = forecast.planned;
    if planned == 0 {
        return Err(CampaignError::Nobody);
    }
    if planned != typed {
        return Err(CampaignError::WrongCount { typed, planned });
    }
    let later = campaign.starts_at.filter(|_| schedule::starts_later(campaign.starts_at, now));
    let event = if later.is_some() { Event::Schedule } else { Event::Start };
    shift(&mut tx, &campaign, event, None, now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::SET_LAUNCHED)
        .bind(actor.account)
        .bind(id)
        .bind(actor.member)
        .bind(now)
        .bind(typed)
        .execute(c)
        .await
        .map(|_| ()))?;
    let costs: Vec<_> = forecast.steps.into_iter().map(|step| step.cost).collect();
    cost::keep_forecast(&mut tx, actor.account, id, &costs).await?;
    record(&mut tx, actor, "campaign.launch", id, &json!({ "recipients": typed, "starts_at": later }), now).await?;
    tx.commit().await?;
    Ok(later.map_or(Launched::Planning(Job::PlanCampaign { campaign: id }), Launched::Scheduled))
}

/// The hash of what is there now, if it is `expected`. A segment or version that went away is a
/// change too.
pub(super) async fn unchanged(tx: &mut Tx, campaign: &Campaign, expected: Option<&str>) -> Result<Option<String>> {
    Ok(match spec::load(Via::Change(tx), campaign).await {
        Ok(spec) => same(&spec, expected)?,
        Err(CampaignError::Db(error)) => return Err(error.into()),
        Err(_) => None,
    })
}

/// The spec's hash, if it is `expected`.
pub(super) fn same(spec: &Spec, expected: Option<&str>) -> Result<Option<String>> {
    let hash = spec.hash()?;
    if Some(hash.as_str()) == expected {
        return Ok(Some(hash));
    }
    // Approved before campaigns had steps: it is the very same thing.
    Ok(spec.first_hash()?.filter(|first| Some(first.as_str()) == expected))
}

/// Makes it a draft again because what would go out is not what was approved.
pub(super) async fn void(tx: &mut Tx, campaign: &Campaign, actor: &str, now: Moment) -> Result<()> {
    shift(tx, campaign, Event::Void, Some(&Reason::ApprovalVoid.into()), now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::FORGET).bind(campaign.account_id).bind(campaign.id).execute(c).await.map(|_| ()))?;
    let details = json!({ "was": campaign.state, "submitted": campaign.submitted_hash, "approved": campaign.approved_hash });
    crate::store::audit::record(tx, campaign.account_id, actor, "campaign.void", &campaign.id.to_string(), &details, now).await?;
    Ok(())
}

/// Whether the account has a licence now.
async fn licensed(tx: &mut Tx, account: AccountId, now: Moment) -> Result<bool> {
    let n: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::LICENSED).bind(account).bind(now).fetch_one(c).await)?;
    Ok(n > 0)
}

/// Whether the campaign's channels can send, all of them.
async fn active(tx: &mut Tx, campaign: &Campaign) -> Result<bool> {
    for channel in campaign.channels() {
        let row: Option<(String, String, String)> =
            on!(tx.conn(), |c| sqlx::query_as(queries::CHANNEL).bind(campaign.account_id).bind(channel).fetch_optional(c).await)?;
        if row.is_none_or(|(_, state, _)| state != "active") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Raises a notice about a campaign; `facts` are added to its id and name.
pub(super) async fn tell(
    tx: &mut Tx,
    campaign: &Campaign,
    kind: NoticeKind,
    member: Option<crate::id::MemberId>,
    facts: serde_json::Value,
    now: Moment,
) -> Result<()> {
    let mut payload = json!({ "campaign": campaign.id, "name": campaign.name });
    if let (Some(all), serde_json::Value::Object(more)) = (payload.as_object_mut(), facts) {
        all.extend(more);
    }
    let dedupe_key = format!("{kind}:{}:{}", campaign.id, now.timestamp_millis());
    let notice = NewNotice { account: campaign.account_id, member, kind, payload, dedupe_key };
    notice::raise(tx, notice, now).await?;
    Ok(())
}
