//! Everything that will go out and everything that decides to whom, read at one moment and hashed.
//! An approval holds only while the hash it was given to equals the hash of what is there now: a
//! changed segment, setting or window voids it.

use std::str::FromStr;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Campaign, CampaignError, Result, UncertainPolicy, queries};
use crate::{
    channel::ChannelKind,
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

/// All that will go out, and to whom.
#[derive(Debug, Clone)]
pub struct Spec {
    pub account: AccountId,
    /// The account's rules.
    pub rules: Rules,
    /// The account's zone, read.
    pub zone: chrono_tz::Tz,
    pub version: VersionId,
    /// The template's name and the version's number, for people.
    pub template: (String, i32),
    /// Advertising or service.
    pub class: Class,
    /// SHA-256 of the version.
    pub content_hash: String,
    /// Any of these; empty: everybody.
    pub include: Vec<Part>,
    /// None of these.
    pub exclude: Vec<Part>,
    /// Through what.
    pub channel: ChannelId,
    pub kind: ChannelKind,
    /// The channel's name, for people.
    pub channel_name: String,
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

impl Spec {
    /// SHA-256 of the canonical JSON of everything here that goes out or decides to whom, hex.
    ///
    /// # Errors
    /// Never in practice: the shape has no map with keys that are not text.
    pub fn hash(&self) -> Result<String> {
        let parts = |parts: &'_ [Part]| -> Vec<(SegmentId, String)> {
            let mut list: Vec<_> = parts.iter().map(|part| (part.id, part.text.clone())).collect();
            list.sort();
            list
        };
        let (include, exclude) = (parts(&self.include), parts(&self.exclude));
        let canonical = Canonical {
            shape: 1,
            version: self.version,
            content_hash: &self.content_hash,
            class: self.class,
            include: include.iter().map(|(id, text)| (*id, text.as_str())).collect(),
            exclude: exclude.iter().map(|(id, text)| (*id, text.as_str())).collect(),
            channel: self.channel,
            starts_at: self.starts_at.map(|at| at.timestamp_millis()),
            ends_at: self.ends_at.map(|at| at.timestamp_millis()),
            policy: self.policy,
            advertiser: &self.rules.advertiser,
            min_grade: self.rules.min_grade,
            cap_hours: self.rules.cap_hours,
            zone: &self.rules.zone,
        };
        let json = serde_json::to_vec(&canonical).map_err(|error| CampaignError::Db(sqlx::Error::Encode(Box::new(error))))?;
        Ok(hex::encode(Sha256::digest(json)))
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

/// Reads everything `campaign` consists of, as it is now.
pub(super) async fn load(mut via: Via<'_>, campaign: &Campaign) -> Result<Spec> {
    let account = campaign.account_id;
    let (Some(version), Some(channel), false) = (campaign.template_version_id, campaign.channel_id, campaign.audience.undecided) else {
        return Err(CampaignError::Incomplete(campaign.missing()));
    };
    let (rules, zone) = rules(&mut via, account).await?;
    let row: VersionRow = via!(&mut via, |c| sqlx::query_as(queries::VERSION).bind(account).bind(version).fetch_optional(c).await)?
        .ok_or(CampaignError::TemplateNotApproved)?;
    let content_hash = row.content_hash.filter(|_| row.state == "approved").ok_or(CampaignError::TemplateNotApproved)?;
    let channel_row: Option<(ChannelKind, String, String)> =
        via!(&mut via, |c| sqlx::query_as(queries::CHANNEL).bind(account).bind(channel).fetch_optional(c).await)?;
    let (kind, _, channel_name) = channel_row.filter(|(_, state, _)| state != "removed").ok_or(CampaignError::ChannelNotActive)?;
    let fields: Vec<Field> = via!(&mut via, |c| sqlx::query_as(queries::FIELDS).bind(account).fetch_all(c).await)?;
    Ok(Spec {
        account,
        rules,
        zone,
        version,
        template: (row.name, row.number),
        class: row.class,
        content_hash,
        include: parts(&mut via, account, &campaign.audience.include, &fields).await?,
        exclude: parts(&mut via, account, &campaign.audience.exclude, &fields).await?,
        channel,
        kind,
        channel_name,
        starts_at: campaign.starts_at,
        ends_at: campaign.ends_at,
        policy: campaign.uncertain_policy,
    })
}
