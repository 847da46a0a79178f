//! Campaigns: template version → audience → channel → when → forecast → approval → launch → report.
//!
//! A campaign's row is the truth of its life ([`State`], one pure `next`, a compare-and-set that
//! must touch one row). An approval is bound to a hash of everything that will go out ([`spec`]):
//! it is compared again at launch and once more when the audience is planned, so nothing that an
//! approver did not see is ever sent.

pub mod access;
pub mod advertising;
pub mod ahead;
pub mod approval;
pub mod audience;
pub mod cascade;
pub mod control;
pub mod cost;
pub mod draft;
mod fill;
pub mod handed;
pub mod lawful;
pub mod lost_phone;
pub mod maintenance;
pub mod night;
pub mod plan;
pub mod queries;
pub mod report;
pub mod results;
pub mod reviewed;
pub mod schedule;
pub mod spec;
mod state;
pub mod steps;
pub mod tick;
pub mod view;

#[cfg(test)]
mod tests;

pub use crate::words::UncertainPolicy;
pub use state::{Event, Refused, State};
pub use steps::{NextOn, STEPS, Step};

use serde::{Deserialize, Serialize};

use crate::{
    account::{Actor, Right, feature, licence::OverLimit, load},
    agreement::Document,
    channel::{ChannelKind, ReviewState},
    clock::Moment,
    contact::segment::FilterError,
    id::{AccountId, CampaignId, MemberId, SegmentId},
    on,
    store::{Store, Tx},
    template::lint::Finding,
    words::Why,
};

/// Whom a campaign is for: contacts of any included segment and of no excluded one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Audience {
    /// Any of these; empty: everybody, unless nothing was chosen yet.
    #[serde(default)]
    pub include: Vec<SegmentId>,
    /// None of these.
    #[serde(default)]
    pub exclude: Vec<SegmentId>,
    /// Nobody said yet whom the campaign is for: it is not complete. Rows from before this was kept
    /// lack it, and mean what they meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
}

impl Audience {
    /// Nobody said yet whom the campaign is for.
    #[must_use]
    pub fn undecided() -> Self {
        Self { undecided: true, ..Self::default() }
    }

    /// Everybody.
    #[must_use]
    pub fn everybody() -> Self {
        Self::default()
    }

    /// Contacts of one segment.
    #[must_use]
    pub fn of(segment: SegmentId) -> Self {
        Self { include: vec![segment], ..Self::default() }
    }
}

/// A campaign's row.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Campaign {
    pub id: CampaignId,
    pub account_id: AccountId,
    /// The name members see; recipients never do.
    pub name: String,
    pub state: State,
    /// Why it is there, if there is something to say.
    pub state_reason: Option<Why>,
    #[sqlx(json)]
    pub audience: Audience,
    /// Through what it goes and what it says, step by step.
    #[sqlx(skip)]
    pub steps: Vec<Step>,
    /// From when; `None`: from the launch on.
    pub starts_at: Option<Moment>,
    /// After which nothing more is sent.
    pub ends_at: Option<Moment>,
    /// What becomes of unknown outcomes.
    pub uncertain_policy: UncertainPolicy,
    /// The approver's comment when it was given back.
    pub comment: Option<String>,
    /// [`spec::Spec::hash`] when it was submitted.
    pub submitted_hash: Option<String>,
    pub approved_hash: Option<String>,
    /// Who asked for approval.
    pub submitted_by: Option<MemberId>,
    pub submitted_at: Option<Moment>,
    pub approved_by: Option<MemberId>,
    pub approved_at: Option<Moment>,
    pub launched_by: Option<MemberId>,
    pub launched_at: Option<Moment>,
    /// The number of recipients the launching member typed.
    pub confirmed_count: Option<i64>,
    /// When its deliveries were made.
    pub planned_at: Option<Moment>,
    /// When it was closed.
    pub finished_at: Option<Moment>,
    /// Who made it.
    pub created_by: MemberId,
    pub created_at: Moment,
    /// The last change.
    pub updated_at: Moment,
}

/// What a campaign still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// No template version was chosen.
    Template,
    /// Nobody said whom it is for.
    Audience,
    /// No channel was chosen.
    Channel,
}

impl Campaign {
    /// What was not chosen yet, in the order in which it is asked for.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let template = self.steps.iter().any(|step| step.version.is_none()).then_some(Missing::Template);
        let audience = self.audience.undecided.then_some(Missing::Audience);
        let channel = self.steps.iter().any(|step| step.channel.is_none()).then_some(Missing::Channel);
        [template, audience, channel].into_iter().flatten().collect()
    }
}

/// Why something cannot be done with a campaign.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// The database failed.
    #[error("the database failed: {0}")]
    Db(#[from] sqlx::Error),
    /// The account has no such campaign.
    #[error("the account has no such campaign")]
    NotFound,
    /// The member's role does not allow it.
    #[error("the member's role does not give the right {0:?}")]
    NotAllowed(Right),
    /// The campaign is in another state.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else changed the campaign at the same moment; look again.
    #[error("the campaign was changed by somebody else at the same moment")]
    Changed,
    /// Something was not chosen yet.
    #[error("the campaign is not complete: {0:?}")]
    Incomplete(Vec<Missing>),
    /// The name is empty or longer than [`draft::NAME_LIMIT`] characters.
    #[error("the name must have 1 to {} characters", draft::NAME_LIMIT)]
    BadName,
    /// It goes back with a comment, or its author would not know what to mend.
    #[error("the comment must have 1 to {} characters", approval::COMMENT_LIMIT)]
    BadComment,
    /// The end is not after the start, or is past.
    #[error("the window must end in the future and after it starts")]
    BadWindow,
    /// Between two steps there are five minutes to seven days.
    #[error("a further step goes five minutes to seven days after the one before")]
    BadWait,
    /// It has as many steps as a campaign may have.
    #[error("a campaign has {} steps at most", STEPS)]
    TooManySteps,
    /// The step is not there (any more), or is the only one.
    #[error("there is no such step to change")]
    NoStep,
    /// The window in which messages may go has closed.
    #[error("the window in which messages may go has closed")]
    WindowClosed,
    /// The account has no such template version, or it is not approved.
    #[error("the template version is not approved")]
    TemplateNotApproved,
    /// The account has no such channel, or it cannot send.
    #[error("the channel is not active")]
    ChannelNotActive,
    /// The channel's messenger takes campaigns as templates that it approved before, and this one
    /// was not handed in.
    #[error("the channel's messenger takes no campaign without a template of its own")]
    NeedsProviderTemplate(ChannelKind),
    /// The channel's messenger has the template, and no message may go by it (yet).
    #[error("the template is {} at the channel's messenger", state.as_str())]
    ProviderTemplate {
        kind: ChannelKind,
        state: ReviewState,
        /// Why, in the provider's word.
        reason: Option<String>,
    },
    /// The account has no such segment (any more).
    #[error("a segment of the audience does not exist")]
    SegmentMissing(SegmentId),
    /// A segment's filter cannot be read any more (a field was removed).
    #[error("the segment «{name}» cannot be read: {error}")]
    SegmentBroken {
        name: String,
        /// What is wrong and where.
        error: FilterError,
    },
    /// The account's time zone is not known.
    #[error("the account's time zone «{0}» is not known")]
    BadZone(String),
    /// The template would go out wrong: the findings, errors among them.
    #[error("the template would go out wrong: {} findings", .0.len())]
    Lint(Vec<Finding>),
    /// Nobody approves what they made or submitted.
    #[error("nobody approves their own campaign")]
    OwnWork,
    /// The approver's password was set by a link somebody else made: they approve nothing before
    /// then.
    #[error("the approver's password was set by a link that somebody else made: no approvals before {0}")]
    FreshPassword(Moment),
    /// What would go out is no longer what was submitted or approved; the campaign is a draft
    /// again.
    #[error("the campaign changed since it was approved, the approval is void")]
    ApprovalVoid,
    /// The law lets no step of it go on the day it would start.
    #[error("the law lets no step of the campaign go")]
    Law(Vec<lawful::StepLaw>),
    /// Advertising waits for an owner's word after a restore ([`advertising`]).
    #[error("advertising waits for an owner's word after a restore")]
    AdvertisingHeld,
    /// The server is worked on until then ([`maintenance`]).
    #[error("the server is worked on until {0}")]
    Maintenance(Moment),
    /// A text of the licensor's is in force that no owner accepted yet ([`crate::agreement`]).
    #[error("the version {1} of `{doc}` has to be accepted by an owner first", doc = .0.as_str())]
    NotAccepted(Document, String),
    /// The licensor closed sending ([`access`]); why.
    #[error("sending is suspended: {0}")]
    Suspended(String),
    /// The licensor switched off a function that the campaign needs.
    #[error(transparent)]
    FeatureOff(#[from] feature::Off),
    /// So many campaigns of the account are at work already.
    #[error(transparent)]
    Heavy(#[from] load::Heavy),
    /// The account has no valid licence.
    #[error("the account has no valid licence")]
    NoLicence,
    /// The plan's messages of this month are used up.
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    /// The typed number is not the number of recipients.
    #[error("typed {typed}, but {planned} recipients would get the message")]
    WrongCount {
        typed: i64,
        /// Who would get it now.
        planned: i64,
    },
    /// Nobody would get it.
    #[error("nobody would get the message")]
    Nobody,
    /// The report could not be written.
    #[error("the report could not be written: {0}")]
    Report(String),
}

/// What this room returns.
pub type Result<T> = std::result::Result<T, CampaignError>;

/// One campaign of the account.
///
/// # Errors
/// [`CampaignError::NotFound`], the database's.
pub async fn get(store: &Store, account: AccountId, id: CampaignId) -> Result<Campaign> {
    let row: Option<Campaign> = on!(store.read(), |c| sqlx::query_as(queries::ONE).bind(account).bind(id).fetch_optional(c).await)?;
    steps::of(store, account, row.into_iter().collect()).await?.pop().ok_or(CampaignError::NotFound)
}

/// Whose campaign it is: jobs carry a bare id.
///
/// # Errors
/// [`CampaignError::NotFound`], the database's.
pub async fn account_of(store: &Store, id: CampaignId) -> Result<AccountId> {
    on!(store.read(), |c| sqlx::query_scalar(queries::ACCOUNT_OF).bind(id).fetch_optional(c).await)?.ok_or(CampaignError::NotFound)
}

/// The campaign as the change at hand sees it.
async fn get_in(tx: &mut Tx, account: AccountId, id: CampaignId) -> Result<Campaign> {
    let row: Option<Campaign> = on!(tx.conn(), |c| sqlx::query_as(queries::ONE).bind(account).bind(id).fetch_optional(c).await)?;
    let mut campaign = row.ok_or(CampaignError::NotFound)?;
    campaign.steps = steps::of_in(tx, account, id).await?;
    Ok(campaign)
}

fn allow(actor: &Actor, right: Right) -> Result<()> {
    if actor.role.may(right) { Ok(()) } else { Err(CampaignError::NotAllowed(right)) }
}

/// Begins a member's change: the right asked, the transaction, and the row as it is in it.
/// [`shift`] then takes hold of that very row.
async fn begin(store: &Store, actor: &Actor, right: Right, id: CampaignId) -> Result<(Tx, Campaign)> {
    allow(actor, right)?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, actor.account, id).await?;
    Ok((tx, campaign))
}

/// The same for a change that follows a long look outside it: [`CampaignError::Changed`] unless the
/// row is still what was seen.
async fn begin_seen(store: &Store, actor: &Actor, right: Right, seen: &Campaign) -> Result<(Tx, Campaign)> {
    let (tx, campaign) = begin(store, actor, right, seen.id).await?;
    if campaign.updated_at == seen.updated_at && campaign.state == seen.state { Ok((tx, campaign)) } else { Err(CampaignError::Changed) }
}

/// Moves the state by compare-and-set; the row is ours until the end of the change.
async fn shift(tx: &mut Tx, campaign: &Campaign, event: Event, reason: Option<&Why>, now: Moment) -> Result<State> {
    let next = campaign.state.next(event)?;
    let touched = on!(tx.conn(), |c| sqlx::query(queries::MOVE)
        .bind(campaign.account_id)
        .bind(campaign.id)
        .bind(campaign.state)
        .bind(campaign.updated_at)
        .bind(next)
        .bind(reason.map(Why::code))
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if touched != 1 {
        return Err(CampaignError::Changed);
    }
    if event == Event::Start {
        fill::anew(tx, campaign).await?;
    }
    Ok(next)
}
