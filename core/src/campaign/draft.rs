//! Putting a campaign together. Whatever is changed after submission, approval or a scheduled
//! launch makes it a draft again: what was approved is what goes out.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::types::Json;

use super::{
    Audience, Campaign, CampaignError, Event, NextOn, Result, STEPS, State, UncertainPolicy, allow, begin, queries, schedule, shift, steps,
};
use crate::{
    account::{Actor, Right},
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, SegmentId, VersionId},
    on,
    store::{Store, Tx, audit},
};

/// Characters of a name.
pub const NAME_LIMIT: usize = 100;

/// One change of what a campaign consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Name(String),
    /// Another template version of a step; it must be approved.
    Template(i16, VersionId),
    /// Another audience.
    Audience(Audience),
    /// Another channel of a step.
    Channel(i16, ChannelId),
    /// A further step behind the last one, if what went before did not arrive, or was not read, in
    /// time.
    AddStep {
        /// Why the new step goes: of the step that was the last.
        next_on: NextOn,
        /// How long after the message before it.
        wait: TimeDelta,
        /// Through what.
        channel: Option<ChannelId>,
        /// What it says; it must be approved.
        version: Option<VersionId>,
    },
    /// A step is taken away; those behind it move up.
    RemoveStep(i16),
    /// What makes the step after this one go.
    Rule {
        step: i16,
        next_on: NextOn,
        /// How long after the message went.
        wait: TimeDelta,
    },
    /// Another window: from when (`None`: from the launch on), and after which nothing more is
    /// sent.
    Window {
        starts_at: Option<Moment>,
        /// After which nothing more is sent.
        ends_at: Option<Moment>,
    },
    /// Another fate of unknown outcomes.
    Policy(UncertainPolicy),
}

/// What an edit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// It was so already; nothing changed, an approval stands.
    Same,
    /// Changed; the campaign was a draft before.
    Changed,
    /// Changed; a submission or approval is void now.
    Voided,
}

fn name(text: &str) -> Result<String> {
    let name = crate::text::clean(text);
    if name.is_empty() || name.chars().count() > NAME_LIMIT { Err(CampaignError::BadName) } else { Ok(name) }
}

/// A new draft made by a press pressed twice is the first one as long as nobody touched it.
const SAME_PRESS: TimeDelta = TimeDelta::minutes(1);

/// What a new draft consists of from its first moment on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Begun {
    /// A template version; it must be approved.
    pub template: Option<VersionId>,
    /// Whom it is for; `None`: nobody said yet.
    pub segment: Option<SegmentId>,
    /// Through what.
    pub channel: Option<ChannelId>,
}

/// A new draft: its template, audience and channel are chosen later.
///
/// # Errors
/// [`CampaignError::BadName`], [`CampaignError::NotAllowed`], the database's.
pub async fn create(store: &Store, actor: &Actor, title: &str, now: Moment) -> Result<CampaignId> {
    allow(actor, Right::Edit)?;
    let title = name(title)?;
    let mut tx = store.begin().await?;
    let id = insert(&mut tx, actor, &title, &Audience::undecided(), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// A new draft begun from a segment or a template. The same press within a minute gives the same
/// draft, unless somebody changed it meanwhile.
///
/// # Errors
/// [`CampaignError::TemplateNotApproved`], [`CampaignError::SegmentMissing`],
/// [`CampaignError::BadName`], [`CampaignError::NotAllowed`], the database's.
pub async fn begin_with(store: &Store, actor: &Actor, title: &str, begun: &Begun, now: Moment) -> Result<CampaignId> {
    allow(actor, Right::Edit)?;
    let title = name(title)?;
    let mut tx = store.begin().await?;
    let audience = begun.segment.map_or_else(Audience::undecided, Audience::of);
    let same = |one: &Campaign| one.version() == begun.template && one.audience == audience && one.channel() == begun.channel;
    if let Some(same) = just_made(&mut tx, actor, &title, same, now).await? {
        return Ok(same);
    }
    let id = insert(&mut tx, actor, &title, &Audience::undecided(), now).await?;
    let campaign = super::get_in(&mut tx, actor.account, id).await?;
    let audience = begun.segment.map(|_| Change::Audience(audience));
    for change in
        [audience, begun.template.map(|version| Change::Template(1, version)), begun.channel.map(|channel| Change::Channel(1, channel))]
            .into_iter()
            .flatten()
    {
        let change = check(&mut tx, &campaign, change, now).await?;
        apply(&mut tx, &campaign, &change).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// A draft of this name, and of the `same` content, that the member made within the last minute and
/// that nobody touched since.
async fn just_made(tx: &mut Tx, actor: &Actor, title: &str, same: impl Fn(&Campaign) -> bool, now: Moment) -> Result<Option<CampaignId>> {
    let rows: Vec<Campaign> = on!(tx.conn(), |c| sqlx::query_as(queries::JUST_MADE)
        .bind(actor.account)
        .bind(actor.member)
        .bind(title)
        .bind(now - SAME_PRESS)
        .fetch_all(c)
        .await)?;
    for mut one in rows {
        one.steps = steps::of_in(tx, actor.account, one.id).await?;
        if same(&one) {
            return Ok(Some(one.id));
        }
    }
    Ok(None)
}

async fn insert(tx: &mut Tx, actor: &Actor, title: &str, audience: &Audience, now: Moment) -> Result<CampaignId> {
    let id = CampaignId::new();
    on!(tx.conn(), |c| sqlx::query(queries::INSERT)
        .bind(id)
        .bind(actor.account)
        .bind(title)
        .bind(Json(audience))
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    steps::add(tx, actor.account, id, 1).await?;
    record(tx, actor, "campaign.create", id, &json!({ "name": title }), now).await?;
    Ok(id)
}

/// A new draft that consists of what another campaign consists of, without its window. The same
/// press within a minute gives the same copy, unless somebody changed it meanwhile.
///
/// # Errors
/// [`CampaignError::NotFound`], [`CampaignError::BadName`], [`CampaignError::NotAllowed`], the
/// database's.
pub async fn duplicate(store: &Store, actor: &Actor, source: CampaignId, title: &str, now: Moment) -> Result<CampaignId> {
    allow(actor, Right::Edit)?;
    let (id, title) = (CampaignId::new(), name(title)?);
    let mut tx = store.begin().await?;
    let original = super::get_in(&mut tx, actor.account, source).await?;
    let same = |one: &Campaign| {
        one.uncertain_policy == original.uncertain_policy && one.steps == original.steps && one.audience == original.audience
    };
    if let Some(same) = just_made(&mut tx, actor, &title, same, now).await? {
        return Ok(same);
    }
    let made = on!(tx.conn(), |c| sqlx::query(queries::DUPLICATE)
        .bind(actor.account)
        .bind(source)
        .bind(id)
        .bind(&title)
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if made == 0 {
        return Err(CampaignError::NotFound);
    }
    steps::copy(&mut tx, actor.account, source, id).await?;
    record(&mut tx, actor, "campaign.duplicate", id, &json!({ "name": title, "source": source }), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes a draft away; what was ever launched stays.
///
/// # Errors
/// [`CampaignError::NotFound`], [`CampaignError::Refused`] if it is no draft,
/// [`CampaignError::NotAllowed`], the database's.
pub async fn delete(store: &Store, actor: &Actor, id: CampaignId, now: Moment) -> Result<()> {
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    if campaign.state != State::Draft {
        return Err(super::Refused { state: campaign.state, event: Event::Edit }.into());
    }
    steps::clear(&mut tx, actor.account, id).await?;
    let gone = on!(tx.conn(), |c| sqlx::query(queries::DELETE).bind(actor.account).bind(id).execute(c).await.map(|r| r.rows_affected()))?;
    if gone != 1 {
        return Err(CampaignError::Changed);
    }
    record(&mut tx, actor, "campaign.delete", id, &json!({ "name": campaign.name }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes one thing of a campaign that is not running yet. A submission, an approval or a
/// scheduled launch is void after it; a change that changes nothing voids nothing.
///
/// # Errors
/// [`CampaignError`]: what was chosen does not exist or does not fit, or the campaign is past
/// changing.
pub async fn edit(store: &Store, actor: &Actor, id: CampaignId, change: Change, now: Moment) -> Result<Edited> {
    edit_seen(store, actor, id, change, |_| true, now).await
}

/// The same of a campaign that is still as it was `seen` when the change was chosen: a step is
/// named by its place, and a list is changed as a whole.
///
/// # Errors
/// [`CampaignError::Changed`] when it is not; others as [`edit`].
pub async fn edit_seen(
    store: &Store,
    actor: &Actor,
    id: CampaignId,
    change: Change,
    seen: impl FnOnce(&Campaign) -> bool + Send,
    now: Moment,
) -> Result<Edited> {
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    campaign.state.next(Event::Edit)?;
    if !seen(&campaign) {
        return Err(CampaignError::Changed);
    }
    let change = check(&mut tx, &campaign, change, now).await?;
    let Some((what, from, to)) = difference(&campaign, &change) else { return Ok(Edited::Same) };
    shift(&mut tx, &campaign, Event::Edit, None, now).await?;
    apply(&mut tx, &campaign, &change).await?;
    let voided = campaign.state != State::Draft;
    if voided {
        on!(tx.conn(), |c| sqlx::query(queries::FORGET).bind(actor.account).bind(id).execute(c).await.map(|_| ()))?;
    }
    let details = json!({ "what": what, "from": from, "to": to, "voided": voided.then_some(campaign.state) });
    record(&mut tx, actor, "campaign.edit", id, &details, now).await?;
    tx.commit().await?;
    Ok(if voided { Edited::Voided } else { Edited::Changed })
}

/// The change in its final form, or why it cannot be.
async fn check(tx: &mut Tx, campaign: &Campaign, change: Change, now: Moment) -> Result<Change> {
    let account = campaign.account_id;
    Ok(match change {
        Change::Name(text) => Change::Name(name(&text)?),
        Change::Template(step, version) => {
            campaign.step(step).ok_or(CampaignError::NoStep)?;
            approved(tx, account, version).await?;
            Change::Template(step, version)
        }
        Change::Audience(mut audience) => {
            for list in [&mut audience.include, &mut audience.exclude] {
                list.sort();
                list.dedup();
                for segment in list.iter() {
                    let found: Option<(String, String)> =
                        on!(tx.conn(), |c| sqlx::query_as(queries::SEGMENT).bind(account).bind(*segment).fetch_optional(c).await)?;
                    found.ok_or(CampaignError::SegmentMissing(*segment))?;
                }
            }
            Change::Audience(audience)
        }
        Change::Channel(step, channel) => {
            campaign.step(step).ok_or(CampaignError::NoStep)?;
            present(tx, account, channel).await?;
            Change::Channel(step, channel)
        }
        Change::AddStep { next_on, wait, channel, version } => {
            if campaign.steps.len() >= usize::from(STEPS.unsigned_abs()) {
                return Err(CampaignError::TooManySteps);
            }
            let wait = TimeDelta::seconds(steps::rule(next_on, wait)?.into());
            if let Some(channel) = channel {
                present(tx, account, channel).await?;
            }
            if let Some(version) = version {
                approved(tx, account, version).await?;
            }
            Change::AddStep { next_on, wait, channel, version }
        }
        Change::RemoveStep(step) => {
            if campaign.steps.len() < 2 || campaign.step(step).is_none() {
                return Err(CampaignError::NoStep);
            }
            Change::RemoveStep(step)
        }
        Change::Rule { step, next_on, wait } => {
            if campaign.step(step + 1).is_none() {
                return Err(CampaignError::NoStep);
            }
            let wait = TimeDelta::seconds(steps::rule(next_on, wait)?.into());
            Change::Rule { step, next_on, wait }
        }
        Change::Window { starts_at, ends_at } => {
            let after_start = ends_at.zip(starts_at).is_none_or(|(end, start)| end > start);
            if !after_start || schedule::window_closed(ends_at, now) {
                return Err(CampaignError::BadWindow);
            }
            Change::Window { starts_at, ends_at }
        }
        Change::Policy(policy) => Change::Policy(policy),
    })
}

/// The account has this version, and it is approved.
async fn approved(tx: &mut Tx, account: AccountId, version: VersionId) -> Result<()> {
    let state: Option<String> = on!(tx.conn(), |c| sqlx::query_as(queries::VERSION).bind(account).bind(version).fetch_optional(c).await)?
        .map(|(_, state, _, _, _): (String, String, Option<String>, i32, String)| state);
    if state.as_deref() == Some("approved") { Ok(()) } else { Err(CampaignError::TemplateNotApproved) }
}

/// The account has this channel.
async fn present(tx: &mut Tx, account: AccountId, channel: ChannelId) -> Result<()> {
    let found: Option<(String, String, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::CHANNEL).bind(account).bind(channel).fetch_optional(c).await)?;
    found.filter(|(_, state, _)| state != "removed").map(|_| ()).ok_or(CampaignError::ChannelNotActive)
}

/// What differs, for the trail: the word, before, after; `None` when nothing does.
fn difference(campaign: &Campaign, change: &Change) -> Option<(&'static str, Value, Value)> {
    let (word, from, to) = match change {
        Change::Name(name) => ("name", json!(campaign.name), json!(name)),
        Change::Template(step, version) => {
            ("template", json!((step, of(campaign, *step, |step| json!(step.version)))), json!((step, version)))
        }
        Change::Audience(audience) => ("audience", json!(campaign.audience), json!(audience)),
        Change::Channel(step, channel) => {
            ("channel", json!((step, of(campaign, *step, |step| json!(step.channel)))), json!((step, channel)))
        }
        Change::AddStep { next_on, wait, channel, version } => {
            ("step", json!(campaign.steps.len()), json!((next_on, wait.num_seconds(), channel, version)))
        }
        Change::RemoveStep(step) => {
            ("step_removed", of(campaign, *step, |step| json!((step.step, step.version, step.channel))), Value::Null)
        }
        Change::Rule { step, next_on, wait } => (
            "rule",
            of(campaign, *step, |one| json!((one.step, one.next_on, one.wait_seconds))),
            json!((step, next_on, wait.num_seconds())),
        ),
        Change::Window { starts_at, ends_at } => ("window", json!([campaign.starts_at, campaign.ends_at]), json!([starts_at, ends_at])),
        Change::Policy(policy) => ("policy", json!(campaign.uncertain_policy), json!(policy)),
    };
    (from != to).then_some((word, from, to))
}

/// Something of a step, for the trail.
fn of(campaign: &Campaign, step: i16, what: impl Fn(&super::Step) -> Value) -> Value {
    campaign.step(step).map_or(Value::Null, what)
}

/// Sets what a step goes through, or what it says.
async fn set(tx: &mut Tx, campaign: &Campaign, sql: &'static str, step: i16, what: uuid::Uuid) -> Result<()> {
    let (account, id) = (campaign.account_id, campaign.id);
    Ok(on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(id).bind(step).bind(what).execute(c).await.map(|_| ()))?)
}

async fn set_rule(tx: &mut Tx, campaign: &Campaign, step: i16, next_on: NextOn, wait: TimeDelta) -> Result<()> {
    let (account, id, wait) = (campaign.account_id, campaign.id, steps::rule(next_on, wait)?);
    Ok(on!(tx.conn(), |c| sqlx::query(queries::SET_RULE)
        .bind(account)
        .bind(id)
        .bind(step)
        .bind(next_on)
        .bind(wait)
        .execute(c)
        .await
        .map(|_| ()))?)
}

async fn apply(tx: &mut Tx, campaign: &Campaign, change: &Change) -> Result<()> {
    let (account, id) = (campaign.account_id, campaign.id);
    Ok(match change {
        Change::AddStep { next_on, wait, channel, version } => {
            let last = campaign.steps.last().map_or(0, |step| step.step);
            set_rule(tx, campaign, last, *next_on, *wait).await?;
            steps::add(tx, account, id, last + 1).await?;
            if let Some(channel) = channel {
                set(tx, campaign, queries::SET_CHANNEL, last + 1, channel.0).await?;
            }
            return match version {
                Some(version) => set(tx, campaign, queries::SET_TEMPLATE, last + 1, version.0).await,
                None => Ok(()),
            };
        }
        Change::RemoveStep(step) => {
            steps::remove(tx, account, id, *step).await?;
            // What was the last step but one leads on no more.
            let last = campaign.steps.last().is_some_and(|last| last.step == *step);
            return if last { set_rule(tx, campaign, step - 1, NextOn::Never, TimeDelta::zero()).await } else { Ok(()) };
        }
        Change::Rule { step, next_on, wait } => return set_rule(tx, campaign, *step, *next_on, *wait).await,
        Change::Name(name) => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_NAME).bind(account).bind(id).bind(name).execute(c).await.map(|_| ()))
        }
        Change::Template(step, version) => return set(tx, campaign, queries::SET_TEMPLATE, *step, version.0).await,
        Change::Audience(audience) => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_AUDIENCE).bind(account).bind(id).bind(Json(audience)).execute(c).await.map(|_| ()))
        }
        Change::Channel(step, channel) => return set(tx, campaign, queries::SET_CHANNEL, *step, channel.0).await,
        Change::Window { starts_at, ends_at } => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_WINDOW)
                .bind(account)
                .bind(id)
                .bind(*starts_at)
                .bind(*ends_at)
                .execute(c)
                .await
                .map(|_| ()))
        }
        Change::Policy(policy) => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_POLICY).bind(account).bind(id).bind(*policy).execute(c).await.map(|_| ()))
        }
    }?)
}

/// Writes to the trail what a member did to a campaign.
pub(super) async fn record(tx: &mut Tx, actor: &Actor, action: &str, id: CampaignId, details: &Value, now: Moment) -> sqlx::Result<()> {
    audit::record(tx, actor.account, &actor.member.to_string(), action, &id.to_string(), details, now).await
}
