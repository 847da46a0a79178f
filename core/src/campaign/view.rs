//! What screens show of campaigns. Numbers come from the counters, so ten recipients and ten
//! million cost the same.

pub use crate::delivery::Numbers;

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Campaign, NextOn, Result, State, get, queries, steps};
use crate::{
    channel::{self, Category, ChannelKind, ReviewState, registry},
    clock::{self, Moment},
    delivery::{
        cascade::LeadsOn,
        counts::{counts, counts_of},
        daily,
    },
    id::{AccountId, CampaignId, ContactId, MemberId, SegmentId},
    on,
    store::Store,
    template::{
        Class,
        provider::standing::{self, Standing},
        versions::Waiting,
    },
    words::Why,
};

/// A campaign's numbers.
///
/// # Errors
/// The database's.
pub async fn numbers(store: &Store, account: AccountId, id: CampaignId) -> Result<Numbers> {
    Ok(Numbers::of(&counts(store, account, id).await?))
}

/// A page of campaigns, newest first, each with its numbers; `before`: the last one of the page
/// before.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, before: Option<CampaignId>, limit: i64) -> Result<Vec<(Campaign, Numbers)>> {
    let before = before.unwrap_or(CampaignId(uuid::Uuid::max()));
    let page: Vec<Campaign> =
        on!(store.read(), |c| sqlx::query_as(queries::PAGE).bind(account).bind(before).bind(limit).fetch_all(c).await)?;
    with_numbers(store, account, page).await
}

/// A page of campaigns by its number (from 0), newest first, each with its numbers.
///
/// # Errors
/// The database's.
pub async fn page(store: &Store, account: AccountId, page: u32, size: u32) -> Result<Vec<(Campaign, Numbers)>> {
    let (limit, offset) = (i64::from(size), i64::from(page) * i64::from(size));
    let rows: Vec<Campaign> =
        on!(store.read(), |c| sqlx::query_as(queries::PAGE_AT).bind(account).bind(limit).bind(offset).fetch_all(c).await)?;
    with_numbers(store, account, rows).await
}

/// Campaigns that were launched and are not over, newest first, each with its numbers; `limit` of
/// them at most.
///
/// # Errors
/// The database's.
pub async fn live(store: &Store, account: AccountId, limit: i64) -> Result<Vec<(Campaign, Numbers)>> {
    let rows: Vec<Campaign> = on!(store.read(), |c| sqlx::query_as(queries::LIVE).bind(account).bind(limit).fetch_all(c).await)?;
    with_numbers(store, account, rows).await
}

/// Campaigns that wait for a decision of this member, the longest waiting first: nobody decides on
/// their own work.
///
/// # Errors
/// The database's.
pub async fn waiting_for(store: &Store, account: AccountId, member: MemberId) -> Result<Vec<Waiting<CampaignId>>> {
    type Row = (CampaignId, String, MemberId, Option<MemberId>, Option<String>, Option<Moment>);
    let rows: Vec<Row> = on!(store.read(), |c| sqlx::query_as(queries::WAITING_APPROVAL).bind(account).fetch_all(c).await)?;
    let others = rows.into_iter().filter(|(_, _, author, submitter, ..)| *author != member && *submitter != Some(member));
    Ok(others.map(|(id, name, _, _, by, since)| Waiting { id, name, by, since }).collect())
}

async fn with_numbers(store: &Store, account: AccountId, page: Vec<Campaign>) -> Result<Vec<(Campaign, Numbers)>> {
    let ids: Vec<CampaignId> = page.iter().map(|campaign| campaign.id).collect();
    let counts = counts_of(store, account, &ids).await?;
    let page = steps::of(store, account, page).await?.into_iter().map(|campaign| {
        let numbers = Numbers::of(counts.get(&campaign.id).map_or(&[], Vec::as_slice));
        (campaign, numbers)
    });
    Ok(page.collect())
}

/// How many campaigns are in each state.
///
/// # Errors
/// The database's.
pub async fn states(store: &Store, account: AccountId) -> Result<Vec<(State, i64)>> {
    Ok(on!(store.read(), |c| sqlx::query_as(queries::STATES).bind(account).fetch_all(c).await)?)
}

/// The template of a campaign, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTemplate {
    pub name: String,
    /// The version's number.
    pub number: i32,
    /// Advertising or service.
    pub class: Class,
    /// Whether it is (still) approved.
    pub approved: bool,
}

/// A step of a campaign, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStep {
    /// From 1.
    pub step: i16,
    pub template: Option<CardTemplate>,
    /// The channel's name and whether it is active.
    pub channel: Option<(String, bool)>,
    /// What makes the next step go; `None`: none follows.
    pub next: Option<NextRule>,
    /// The template at the channel's provider; `None`: it approves none.
    pub review: Option<CardReview>,
    /// Messages wait for a place among the people of 24 hours.
    pub daily: Option<CardDaily>,
}

/// People whom a step may not begin to write to yet, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardDaily {
    /// The most within 24 hours.
    pub most: i64,
    /// When the next places are free.
    pub until: Moment,
}

/// A step's template at the provider of its channel, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardReview {
    pub kind: ChannelKind,
    /// `None`: it was not handed in.
    pub stands: Option<CardStanding>,
}

/// Where a template stands at its provider, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStanding {
    pub state: ReviewState,
    pub since: Moment,
    /// Why, and how people take it, in the provider's words.
    pub reason: Option<String>,
    pub quality: Option<String>,
    /// The provider has it in a category that it was not handed in with.
    pub recategorised: Option<Category>,
}

impl CardReview {
    /// Of a template in this class.
    #[must_use]
    pub fn of(kind: ChannelKind, stands: Option<Standing>, class: Class) -> Self {
        let stands = stands.map(|row| CardStanding {
            state: row.state,
            since: row.changed_at,
            reason: row.reason,
            quality: row.quality,
            recategorised: Some(row.category).filter(|category| *category != Category::from(class)),
        });
        Self { kind, stands }
    }

    /// Whether it may be handed in now.
    #[must_use]
    pub fn may_be_handed_in(&self) -> bool {
        self.stands.as_ref().is_none_or(|stands| stands.state.may_be_handed_in())
    }
}

/// What makes the next step go to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextRule {
    pub asked: NextOn,
    /// What holds of it: a channel that does not tell what was read goes by what arrived, and one
    /// that tells nothing by what certainly did not go.
    pub holds: NextOn,
    /// How long after the message went.
    pub wait: TimeDelta,
}

/// All a campaign's card shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub campaign: Campaign,
    /// The numbers; zeros before planning.
    pub numbers: Numbers,
    /// The same of each step that has messages.
    pub by_step: BTreeMap<i16, Numbers>,
    /// What goes, and through what; one at least.
    pub steps: Vec<CardStep>,
    /// Included segments; a name is absent when the segment is gone.
    pub include: Vec<(SegmentId, Option<String>)>,
    pub exclude: Vec<(SegmentId, Option<String>)>,
    /// Who made it.
    pub created_by: String,
    pub submitted_by: Option<String>,
    pub approved_by: Option<String>,
    pub launched_by: Option<String>,
}

impl Card {
    /// What the first step says.
    #[must_use]
    pub fn template(&self) -> Option<&CardTemplate> {
        self.steps.first()?.template.as_ref()
    }

    /// Through what the first step goes: the channel's name, and whether it is active.
    #[must_use]
    pub fn channel(&self) -> Option<&(String, bool)> {
        self.steps.first()?.channel.as_ref()
    }
}

/// Whether messages of a running campaign's step wait for a place among its channel's people of 24
/// hours.
async fn waits(store: &Store, campaign: &Campaign, step: &steps::Step, now: Moment) -> Result<Option<CardDaily>> {
    let Some(channel) = step.channel.filter(|_| campaign.state.live()) else { return Ok(None) };
    let row = channel::store::get(store, campaign.account_id, channel).await?;
    let Some(most) = row.and_then(|row| row.terms.daily?.most) else { return Ok(None) };
    let until = daily::waits(store, campaign.account_id, (campaign.id, step.step), now).await?;
    Ok(until.map(|until| CardDaily { most, until }))
}

/// A campaign's card.
///
/// # Errors
/// [`super::CampaignError::NotFound`], the database's.
pub async fn card(store: &Store, account: AccountId, id: CampaignId) -> Result<Card> {
    let campaign = get(store, account, id).await?;
    let mut steps = Vec::with_capacity(campaign.steps.len());
    for (index, step) in campaign.steps.iter().enumerate() {
        let version: Option<(Class, String, Option<String>, i32, String)> =
            on!(store.read(), |c| sqlx::query_as(queries::VERSION).bind(account).bind(step.version).fetch_optional(c).await)?;
        let channel: Option<(String, String, String)> =
            on!(store.read(), |c| sqlx::query_as(queries::CHANNEL).bind(account).bind(step.channel).fetch_optional(c).await)?;
        let kind = channel.as_ref().and_then(|(kind, ..)| ChannelKind::named(kind));
        let receipts = kind.map_or((true, true), |kind| registry::capabilities(kind).receipts());
        let next = NextRule { asked: step.next_on, holds: LeadsOn::holds(step.next_on, receipts), wait: step.wait() };
        let kind = kind.filter(|kind| registry::capabilities(*kind).templates.is_some());
        let review = match (kind, step.channel, step.version, &version) {
            (Some(kind), Some(channel), Some(id), Some((class, ..))) => {
                Some(CardReview::of(kind, standing::one(store, account, channel, id).await?, *class))
            }
            _ => None,
        };
        steps.push(CardStep {
            step: step.step,
            template: version.map(|(class, state, _, number, name)| CardTemplate { name, number, class, approved: state == "approved" }),
            channel: channel.map(|(_, state, name)| (name, state == "active")),
            next: (index + 1 < campaign.steps.len()).then_some(next),
            review,
            daily: waits(store, &campaign, step, clock::now()).await?,
        });
    }
    let counts = counts(store, account, id).await?;
    Ok(Card {
        numbers: Numbers::of(&counts),
        by_step: Numbers::by_step(&counts),
        steps,
        include: segment_names(store, account, &campaign.audience.include).await?,
        exclude: segment_names(store, account, &campaign.audience.exclude).await?,
        created_by: member_name(store, account, Some(campaign.created_by)).await?.unwrap_or_default(),
        submitted_by: member_name(store, account, campaign.submitted_by).await?,
        approved_by: member_name(store, account, campaign.approved_by).await?,
        launched_by: member_name(store, account, campaign.launched_by).await?,
        campaign,
    })
}

async fn segment_names(store: &Store, account: AccountId, ids: &[SegmentId]) -> Result<Vec<(SegmentId, Option<String>)>> {
    let mut names = Vec::with_capacity(ids.len());
    for &id in ids {
        let row: Option<(String, String)> =
            on!(store.read(), |c| sqlx::query_as(queries::SEGMENT).bind(account).bind(id).fetch_optional(c).await)?;
        names.push((id, row.map(|(name, _)| name)));
    }
    Ok(names)
}

async fn member_name(store: &Store, account: AccountId, id: Option<MemberId>) -> Result<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    Ok(on!(store.read(), |c| sqlx::query_scalar(queries::MEMBER_NAME).bind(account).bind(id).fetch_optional(c).await)?)
}

/// Whom somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    Contact(ContactId),
    /// Whoever has this phone, E.164.
    Phone(String),
}

/// Whether somebody got a campaign, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The account knows no such person.
    Unknown,
    /// Known, but not in the campaign's audience (or added after it was planned).
    NotInAudience { contact: ContactId, name: String, deleted: bool },
    /// In the audience: the outcome.
    Row {
        contact: ContactId,
        name: String,
        /// The messages, step by step; one at least.
        rows: Vec<WhoRow>,
    },
}

/// One contact's message of one step of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WhoRow {
    /// From 1.
    pub step: i16,
    /// The channel's name.
    pub channel: Option<String>,
    /// Was meant to get it.
    pub planned: bool,
    /// What became of it, as a word.
    pub state: String,
    pub reason: Option<Why>,
    /// The provider's code and words, where it refused.
    pub detail: Option<String>,
    /// Tries.
    pub attempt: i32,
    /// When it is to go next, if it waits.
    pub due_at: Option<Moment>,
    /// When it went.
    pub sent_at: Option<Moment>,
    /// When it came to the device, if that was told.
    pub delivered_at: Option<Moment>,
    /// When it was opened, if that was told.
    pub read_at: Option<Moment>,
    /// When it is looked at whether the next step goes.
    pub deadline_at: Option<Moment>,
    /// The last change.
    pub updated_at: Moment,
    /// The address it went to.
    pub address: Option<String>,
    /// What went, or may have gone, is there word for word ([`crate::delivery::kept`]).
    pub kept: bool,
}

/// Whether this person got the campaign, and why not.
///
/// # Errors
/// [`super::CampaignError::NotFound`] when the account has no such campaign; the database's.
pub async fn who(store: &Store, account: AccountId, id: CampaignId, whom: &Whom) -> Result<Who> {
    get(store, account, id).await?;
    let contact = match whom {
        Whom::Contact(contact) => Some(*contact),
        Whom::Phone(phone) => {
            on!(store.read(), |c| sqlx::query_scalar(queries::BY_PHONE).bind(account).bind(phone.as_str()).fetch_optional(c).await)?
        }
    };
    let Some(contact) = contact else { return Ok(Who::Unknown) };
    let known: Option<(String, Option<Moment>)> =
        on!(store.read(), |c| sqlx::query_as(queries::CONTACT_NAME).bind(account).bind(contact).fetch_optional(c).await)?;
    let Some((name, deleted_at)) = known else { return Ok(Who::Unknown) };
    let rows: Vec<WhoRow> =
        on!(store.read(), |c| sqlx::query_as(queries::WHO_ROW).bind(account).bind(id).bind(contact).fetch_all(c).await)?;
    Ok(if rows.is_empty() { Who::NotInAudience { contact, name, deleted: deleted_at.is_some() } } else { Who::Row { contact, name, rows } })
}

/// One line of the list of recipients: a message of one step to one contact.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Recipient {
    pub contact_id: ContactId,
    /// From 1.
    pub step: i16,
    /// Was meant to get it.
    pub planned: bool,
    /// What became of it, as a word.
    pub state: String,
    pub reason: Option<Why>,
    /// The provider's code and words, where it refused.
    pub detail: Option<String>,
    /// When it went.
    pub sent_at: Option<Moment>,
    /// When it came to the device, if that was told.
    pub delivered_at: Option<Moment>,
    /// When it was opened, if that was told.
    pub read_at: Option<Moment>,
    /// The last change.
    pub updated_at: Moment,
    pub name: String,
    /// The channel's name.
    pub channel: Option<String>,
    /// The address it went to.
    pub address: Option<String>,
    pub phone: Option<String>,
    /// When they first replied to it.
    pub replied_at: Option<Moment>,
    /// When they opted out after it.
    pub opted_out_at: Option<Moment>,
}

/// A page of the list of recipients, by contact; `after`: the last one of the page before.
///
/// # Errors
/// The database's.
pub async fn recipients(
    store: &Store,
    account: AccountId,
    id: CampaignId,
    after: Option<(ContactId, i16)>,
    limit: i64,
) -> Result<Vec<Recipient>> {
    let (after, step) = after.unwrap_or((ContactId(uuid::Uuid::nil()), 0));
    Ok(on!(store.read(), |c| sqlx::query_as(queries::RECIPIENTS)
        .bind(account)
        .bind(id)
        .bind(after)
        .bind(step)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
