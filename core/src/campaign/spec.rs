//! Everything that will go out and everything that decides to whom, read at one moment and hashed.
//! An approval holds only while the hash it was given to equals the hash of what is there now: a
//! changed segment, setting or window voids it.

use std::str::FromStr;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Campaign, CampaignError, NextOn, Result, Step, UncertainPolicy, queries};
use crate::{
    channel::{ChannelKind, ReviewState, registry},
    clock::Moment,
    contact::{Field, segment::Filter},
    id::{AccountId, ChannelId, SegmentId, VersionId},
    store::{Db, Store, Tx},
    template::Class,
};

/// How rows are read: outside or inside a change.
#[derive(Debug)]
pub(super) enum Via<'a> {
    /// Outside.
    Read(&'a Store),
    /// As the change at hand sees it.
    Change(&'a mut Tx),
}

macro_rules! via {
    ($via:expr, |$c:ident| $body:expr) => {
        match $via {
            Via::Read(store) => match store.read() {
                Db::Sqlite($c) => $body,
                Db::Postgres($c) => $body,
            },
            Via::Change(tx) => match tx.conn() {
                Db::Sqlite($c) => $body,
                Db::Postgres($c) => $body,
            },
        }
    };
}

/// What of the account decides who gets a message.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Rules {
    /// Who advertises.
    pub advertiser: String,
    /// The weakest evidence with which advertising may be sent: 1 = A … 4 = D.
    pub min_grade: i16,
    /// Hours between two advertising messages to one person; 0: no cap.
    pub cap_hours: i32,
    /// IANA time zone.
    pub zone: String,
}

/// A segment of the audience, with its text as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub id: SegmentId,
    pub name: String,
    pub text: String,
    /// Its text, read.
    pub filter: Filter,
}

/// What a step sends, and through what.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// From 1.
    pub step: i16,
    pub version: VersionId,
    /// The template's name and the version's number, for people.
    pub template: (String, i32),
    /// Advertising or service.
    pub class: Class,
    /// SHA-256 of the version.
    pub content_hash: String,
    /// Through what.
    pub channel: ChannelId,
    pub kind: ChannelKind,
    /// The channel's name, for people.
    pub channel_name: String,
    /// The template at the channel's provider, where campaigns go by one and it was handed in.
    pub provided: Option<Provided>,
    /// What makes the next step go.
    pub next_on: NextOn,
    /// How long after the message went the next step goes.
    pub wait_seconds: i32,
}

/// A template at a channel's provider.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Provided {
    /// Of all of it that is the same for everybody.
    pub digest: String,
    pub state: ReviewState,
    /// Why, in the provider's word.
    pub reason: Option<String>,
}

/// All that will go out, and to whom.
#[derive(Debug, Clone)]
pub struct Spec {
    pub account: AccountId,
    /// The account's rules.
    pub rules: Rules,
    /// The account's zone, read.
    pub zone: chrono_tz::Tz,
    /// What goes, step by step; one at least.
    pub steps: Vec<Sending>,
    /// Any of these; empty: everybody.
    pub include: Vec<Part>,
    /// None of these.
    pub exclude: Vec<Part>,
    pub starts_at: Option<Moment>,
    /// After which nothing more is sent.
    pub ends_at: Option<Moment>,
    /// What becomes of unknown outcomes.
    pub policy: UncertainPolicy,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    class: Class,
    state: String,
    content_hash: Option<String>,
    number: i32,
    name: String,
}

/// What is hashed, in this order. A change of the shape voids every approval, so the shape carries
/// a number.
#[derive(Serialize)]
struct Canonical<'a> {
    shape: u8,
    steps: Vec<CanonicalStep<'a>>,
    include: Vec<(SegmentId, &'a str)>,
    exclude: Vec<(SegmentId, &'a str)>,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    policy: UncertainPolicy,
    advertiser: &'a str,
    min_grade: i16,
    cap_hours: i32,
    zone: &'a str,
}

/// A step of it. One variant a step, so its share is all of the step's people.
#[derive(Serialize)]
struct CanonicalStep<'a> {
    step: i16,
    version: VersionId,
    content_hash: &'a str,
    class: Class,
    channel: ChannelId,
    next_on: NextOn,
    wait_seconds: i32,
    /// What the provider approved; only where campaigns go by such templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    provided: Option<&'a str>,
}

/// What was hashed while a campaign had one step: an approval of that time holds on.
#[derive(Serialize)]
struct FirstShape<'a> {
    shape: u8,
    version: VersionId,
    content_hash: &'a str,
    class: Class,
    include: Vec<(SegmentId, &'a str)>,
    exclude: Vec<(SegmentId, &'a str)>,
    channel: ChannelId,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    policy: UncertainPolicy,
    advertiser: &'a str,
    min_grade: i16,
    cap_hours: i32,
    zone: &'a str,
}

fn digest(shape: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(shape).map_err(|error| CampaignError::Db(sqlx::Error::Encode(Box::new(error))))?;
    Ok(hex::encode(Sha256::digest(json)))
}

/// Segments in the order of their ids, each with its text.
fn sorted(parts: &[Part]) -> Vec<(SegmentId, &str)> {
    let mut list: Vec<_> = parts.iter().map(|part| (part.id, part.text.as_str())).collect();
    list.sort_unstable();
    list
}

impl Spec {
    /// SHA-256 of the canonical JSON of everything here that goes out or decides to whom, hex.
    ///
    /// # Errors
    /// Never in practice: the shape has no map with keys that are not text.
    pub fn hash(&self) -> Result<String> {
        digest(&Canonical {
            shape: 2,
            steps: self
                .steps
                .iter()
                .map(|step| CanonicalStep {
                    step: step.step,
                    version: step.version,
                    content_hash: &step.content_hash,
                    class: step.class,
                    channel: step.channel,
                    next_on: step.next_on,
                    wait_seconds: step.wait_seconds,
                    provided: step.provided.as_ref().map(|provided| provided.digest.as_str()),
                })
                .collect(),
            include: sorted(&self.include),
            exclude: sorted(&self.exclude),
            starts_at: self.starts_at.map(|at| at.timestamp_millis()),
            ends_at: self.ends_at.map(|at| at.timestamp_millis()),
            policy: self.policy,
            advertiser: &self.rules.advertiser,
            min_grade: self.rules.min_grade,
            cap_hours: self.rules.cap_hours,
            zone: &self.rules.zone,
        })
    }

    /// The hash an approval of before campaigns had steps was bound to; `None`: there are several,
    /// or what could not go in those days.
    ///
    /// # Errors
    /// As [`Self::hash`].
    pub fn first_hash(&self) -> Result<Option<String>> {
        let [only] = self.steps.as_slice() else { return Ok(None) };
        if only.provided.is_some() {
            return Ok(None);
        }
        let hash = digest(&FirstShape {
            shape: 1,
            version: only.version,
            content_hash: &only.content_hash,
            class: only.class,
            include: sorted(&self.include),
            exclude: sorted(&self.exclude),
            channel: only.channel,
            starts_at: self.starts_at.map(|at| at.timestamp_millis()),
            ends_at: self.ends_at.map(|at| at.timestamp_millis()),
            policy: self.policy,
            advertiser: &self.rules.advertiser,
            min_grade: self.rules.min_grade,
            cap_hours: self.rules.cap_hours,
            zone: &self.rules.zone,
        })?;
        Ok(Some(hash))
    }

    /// Whether any of it is advertising.
    #[must_use]
    pub fn advertises(&self) -> bool {
        self.steps.iter().any(|step| step.class == Class::Advertising)
    }
}

/// The account's rules and fields.
async fn rules(via: &mut Via<'_>, account: AccountId) -> Result<(Rules, chrono_tz::Tz)> {
    let rules: Rules =
        via!(via, |c| sqlx::query_as(queries::ACCOUNT).bind(account).fetch_optional(c).await)?.ok_or(CampaignError::NotFound)?;
    let zone = chrono_tz::Tz::from_str(&rules.zone).map_err(|_| CampaignError::BadZone(rules.zone.clone()))?;
    Ok((rules, zone))
}

async fn parts(via: &mut Via<'_>, account: AccountId, ids: &[SegmentId], fields: &[Field]) -> Result<Vec<Part>> {
    let mut parts = Vec::with_capacity(ids.len());
    for &id in ids {
        let row: Option<(String, String)> =
            via!(&mut *via, |c| sqlx::query_as(queries::SEGMENT).bind(account).bind(id).fetch_optional(c).await)?;
        let (name, text) = row.ok_or(CampaignError::SegmentMissing(id))?;
        let filter = Filter::parse_kept(&text, fields).map_err(|error| CampaignError::SegmentBroken { name: name.clone(), error })?;
        parts.push(Part { id, name, text, filter });
    }
    Ok(parts)
}

/// What a step sends, as it is now.
async fn sending(via: &mut Via<'_>, account: AccountId, step: &Step) -> Result<Sending> {
    let (version, channel) =
        (step.version.ok_or(CampaignError::TemplateNotApproved)?, step.channel.ok_or(CampaignError::ChannelNotActive)?);
    let row: VersionRow = via!(&mut *via, |c| sqlx::query_as(queries::VERSION).bind(account).bind(version).fetch_optional(c).await)?
        .ok_or(CampaignError::TemplateNotApproved)?;
    let content_hash = row.content_hash.filter(|_| row.state == "approved").ok_or(CampaignError::TemplateNotApproved)?;
    let channel_row: Option<(ChannelKind, String, String)> =
        via!(&mut *via, |c| sqlx::query_as(queries::CHANNEL).bind(account).bind(channel).fetch_optional(c).await)?;
    let (kind, _, channel_name) = channel_row.filter(|(_, state, _)| state != "removed").ok_or(CampaignError::ChannelNotActive)?;
    let provided: Option<Provided> = match registry::capabilities(kind).templates {
        Some(_) => {
            via!(&mut *via, |c| sqlx::query_as(queries::PROVIDED).bind(account).bind(channel).bind(version).fetch_optional(c).await)?
        }
        None => None,
    };
    Ok(Sending {
        step: step.step,
        version,
        template: (row.name, row.number),
        class: row.class,
        content_hash,
        channel,
        kind,
        channel_name,
        provided,
        next_on: step.next_on,
        wait_seconds: step.wait_seconds,
    })
}

/// Reads everything `campaign` consists of, as it is now.
pub(super) async fn load(mut via: Via<'_>, campaign: &Campaign) -> Result<Spec> {
    let account = campaign.account_id;
    if !campaign.missing().is_empty() {
        return Err(CampaignError::Incomplete(campaign.missing()));
    }
    let (rules, zone) = rules(&mut via, account).await?;
    let mut steps = Vec::with_capacity(campaign.steps.len());
    for step in &campaign.steps {
        steps.push(sending(&mut via, account, step).await?);
    }
    if let Some(last) = steps.last_mut() {
        // Nothing comes after it.
        (last.next_on, last.wait_seconds) = (NextOn::Never, 0);
    }
    let fields: Vec<Field> = via!(&mut via, |c| sqlx::query_as(queries::FIELDS).bind(account).fetch_all(c).await)?;
    Ok(Spec {
        account,
        rules,
        zone,
        steps,
        include: parts(&mut via, account, &campaign.audience.include, &fields).await?,
        exclude: parts(&mut via, account, &campaign.audience.exclude, &fields).await?,
        starts_at: campaign.starts_at,
        ends_at: campaign.ends_at,
        policy: campaign.uncertain_policy,
    })
}
