//! Putting a campaign together. Whatever is changed after submission, approval or a scheduled
//! launch makes it a draft again: what was approved is what goes out.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::types::Json;

use super::{Audience, Campaign, CampaignError, Event, Result, State, UncertainPolicy, allow, begin, queries, schedule, shift};
use crate::{
    account::{Actor, Right},
    clock::Moment,
    id::{CampaignId, ChannelId, SegmentId, VersionId},
    on,
    store::{Store, Tx, audit},
};

/// Characters of a name.
pub const NAME_LIMIT: usize = 100;

/// One change of what a campaign consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Name(String),
    /// Another template version; it must be approved.
    Template(VersionId),
    /// Another audience.
    Audience(Audience),
    /// Another channel.
    Channel(ChannelId),
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
    let same = |one: &Campaign| one.template_version_id == begun.template && one.audience == audience && one.channel_id == begun.channel;
    if let Some(same) = just_made(&mut tx, actor, &title, same, now).await? {
        return Ok(same);
    }
    let id = insert(&mut tx, actor, &title, &Audience::undecided(), now).await?;
    let campaign = super::get_in(&mut tx, actor.account, id).await?;
    let audience = begun.segment.map(|_| Change::Audience(audience));
    for change in [audience, begun.template.map(Change::Template), begun.channel.map(Change::Channel)].into_iter().flatten() {
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
    Ok(rows.into_iter().find(|one| same(one)).map(|one| one.id))
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
        (one.template_version_id, one.channel_id, one.uncertain_policy)
            == (original.template_version_id, original.channel_id, original.uncertain_policy)
            && one.audience == original.audience
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
    let (mut tx, campaign) = begin(store, actor, Right::Edit, id).await?;
    campaign.state.next(Event::Edit)?;
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
        Change::Template(version) => {
            let state: Option<String> =
                on!(tx.conn(), |c| sqlx::query_as(queries::VERSION).bind(account).bind(version).fetch_optional(c).await)?
                    .map(|(_, state, _, _, _): (String, String, Option<String>, i32, String)| state);
            if state.as_deref() != Some("approved") {
                return Err(CampaignError::TemplateNotApproved);
            }
            Change::Template(version)
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
        Change::Channel(channel) => {
            let found: Option<(String, String, String)> =
                on!(tx.conn(), |c| sqlx::query_as(queries::CHANNEL).bind(account).bind(channel).fetch_optional(c).await)?;
            found.filter(|(_, state, _)| state != "removed").ok_or(CampaignError::ChannelNotActive)?;
            Change::Channel(channel)
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

/// What differs, for the trail: the word, before, after; `None` when nothing does.
fn difference(campaign: &Campaign, change: &Change) -> Option<(&'static str, Value, Value)> {
    let (word, from, to) = match change {
        Change::Name(name) => ("name", json!(campaign.name), json!(name)),
        Change::Template(version) => ("template", json!(campaign.template_version_id), json!(version)),
        Change::Audience(audience) => ("audience", json!(campaign.audience), json!(audience)),
        Change::Channel(channel) => ("channel", json!(campaign.channel_id), json!(channel)),
        Change::Window { starts_at, ends_at } => ("window", json!([campaign.starts_at, campaign.ends_at]), json!([starts_at, ends_at])),
        Change::Policy(policy) => ("policy", json!(campaign.uncertain_policy), json!(policy)),
    };
    (from != to).then_some((word, from, to))
}

async fn apply(tx: &mut Tx, campaign: &Campaign, change: &Change) -> sqlx::Result<()> {
    let (account, id) = (campaign.account_id, campaign.id);
    match change {
        Change::Name(name) => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_NAME).bind(account).bind(id).bind(name).execute(c).await.map(|_| ()))
        }
        Change::Template(version) => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_TEMPLATE).bind(account).bind(id).bind(*version).execute(c).await.map(|_| ()))
        }
        Change::Audience(audience) => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_AUDIENCE).bind(account).bind(id).bind(Json(audience)).execute(c).await.map(|_| ()))
        }
        Change::Channel(channel) => {
            on!(tx.conn(), |c| sqlx::query(queries::SET_CHANNEL).bind(account).bind(id).bind(*channel).execute(c).await.map(|_| ()))
        }
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
    }
}

/// Writes to the trail what a member did to a campaign.
pub(super) async fn record(tx: &mut Tx, actor: &Actor, action: &str, id: CampaignId, details: &Value, now: Moment) -> sqlx::Result<()> {
    audit::record(tx, actor.account, &actor.member.to_string(), action, &id.to_string(), details, now).await
}
