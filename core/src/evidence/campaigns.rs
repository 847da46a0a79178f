//! What campaigns rest on: who wrote, approved and launched them, what their versions say, whose
//! the pictures are, what the rules of law found and what was answered.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::queries;
use crate::{
    account::member,
    campaign::{self, Campaign},
    clock::Moment,
    id::{AccountId, CampaignId, ChannelId, FileId, MemberId, VersionId},
    law::{self, answers::Given, profile},
    on,
    store::{
        Store, audit,
        file::{self, FileInfo},
    },
    template::{
        lint,
        versions::{self, Version, VersionState},
    },
};

/// A file that a version or an answer names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Material {
    /// The name people gave it.
    pub name: String,
    pub sha256: String,
    /// Where it is in the archive; `None`: it is kept no more.
    pub path: Option<String>,
}

/// An answer to what a rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    pub given: Given,
    pub document: Option<Material>,
}

/// A version that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionFacts {
    pub version: Version,
    pub material: Option<Material>,
    pub answers: Vec<Answered>,
}

impl VersionFacts {
    /// Whether somebody said whose the picture is.
    #[must_use]
    pub fn has_right(&self) -> bool {
        use law::answers::Answer;
        self.answers.iter().any(|one| matches!(one.given.answer, Answer::Own | Answer::Licence | Answer::Stock))
    }
}

/// A campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignFacts {
    pub campaign: Campaign,
    pub gaps: Vec<Gap>,
}

/// Something that is lacking of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "gap")]
pub enum Gap {
    /// Nobody approved what was sent.
    NotApproved { campaign: String },
    /// Nobody is known who launched it.
    NotLaunched { campaign: String },
    /// A version that nobody approved.
    VersionNotApproved { version: String },
    /// A picture or a document went along, and nobody said by what right.
    NoRight { version: String },
    /// A file is kept no more.
    NoFile { version: String },
    /// The company has not said where it works and what it does.
    NoProfile,
}

/// A line of the trail that speaks of what the dossier is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    pub seq: i64,
    pub at: Moment,
    /// The member's name; `admin`, `system`.
    pub who: String,
    pub action: String,
    pub subject: String,
    pub details: Value,
}

/// What a dossier says besides of people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub campaigns: Vec<CampaignFacts>,
    pub versions: BTreeMap<VersionId, VersionFacts>,
    /// Names of channels.
    pub channels: BTreeMap<ChannelId, String>,
    /// Names of members.
    pub members: BTreeMap<MemberId, String>,
    pub law: profile::Profile,
    pub lines: Vec<Line>,
    pub gaps: Vec<Gap>,
}

/// Materials by their place in the archive.
pub type Materials = BTreeMap<String, FileId>;

/// A file as the dossier names it. One that is kept goes into the archive under its hash.
async fn material(store: &Store, account: AccountId, id: FileId, into: &mut Materials) -> sqlx::Result<Option<Material>> {
    let Some(FileInfo { sha256, name, size, .. }) = file::info(store, account, id).await? else { return Ok(None) };
    let ending: String = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let plain = !ending.is_empty() && ending.len() <= 5 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let path = (size > 0).then(|| {
        let short = sha256.get(..16).unwrap_or(&sha256);
        if plain { format!("materials/{short}.{ending}") } else { format!("materials/{short}") }
    });
    if let Some(path) = &path {
        into.insert(path.clone(), id);
    }
    Ok(Some(Material { name, sha256, path }))
}

async fn version(
    store: &Store,
    account: AccountId,
    id: VersionId,
    now: Moment,
    into: &mut Materials,
) -> sqlx::Result<Option<VersionFacts>> {
    let Some(version) = versions::version(store, account, id).await? else { return Ok(None) };
    let material = match version.media_file_id {
        Some(file) => material(store, account, file, into).await?,
        None => None,
    };
    let mut answers = Vec::new();
    for given in lint::answered(store, account, &version.content(), now).await? {
        let document = match given.file_id {
            Some(file) => self::material(store, account, file, into).await?,
            None => None,
        };
        answers.push(Answered { given, document });
    }
    Ok(Some(VersionFacts { version, material, answers }))
}

/// Gathers the campaigns and all they rest on; `subjects`: what else entries of the trail are to be
/// about.
///
/// # Errors
/// The database's.
pub async fn gather(
    store: &Store,
    account: AccountId,
    ids: &BTreeSet<CampaignId>,
    mut subjects: BTreeSet<String>,
    now: Moment,
) -> sqlx::Result<(Facts, Materials)> {
    let mut facts = Facts { law: profile::load(store, account).await?, ..Facts::default() };
    let mut materials = Materials::new();
    facts.members = member::list(store, account).await?.into_iter().map(|one| (one.id, one.name)).collect();
    let channels: Vec<(ChannelId, String)> = on!(store.read(), |c| sqlx::query_as(queries::CHANNELS).bind(account).fetch_all(c).await)?;
    facts.channels = channels.into_iter().collect();
    for id in ids {
        let campaign = match campaign::get(store, account, *id).await {
            Ok(campaign) => campaign,
            Err(campaign::CampaignError::Db(error)) => return Err(error),
            Err(_) => continue,
        };
        subjects.insert(id.to_string());
        let mut gaps = Vec::new();
        let name = || campaign.name.clone();
        if campaign.approved_by.is_none() {
            gaps.push(Gap::NotApproved { campaign: name() });
        }
        if campaign.launched_by.is_none() {
            gaps.push(Gap::NotLaunched { campaign: name() });
        }
        for wanted in campaign.steps.iter().filter_map(|step| step.version) {
            if facts.versions.contains_key(&wanted) {
                continue;
            }
            let Some(found) = version(store, account, wanted, now, &mut materials).await? else { continue };
            let named = || format!("{} № {}", found.version.name, found.version.number);
            if found.version.state != VersionState::Approved {
                gaps.push(Gap::VersionNotApproved { version: named() });
            }
            if found.version.media_file_id.is_some() {
                if !found.has_right() {
                    gaps.push(Gap::NoRight { version: named() });
                }
                if found.material.as_ref().is_none_or(|material| material.path.is_none()) {
                    gaps.push(Gap::NoFile { version: named() });
                }
            }
            subjects.extend([wanted.to_string(), found.version.template_id.to_string()]);
            facts.versions.insert(wanted, found);
        }
        facts.campaigns.push(CampaignFacts { campaign, gaps });
    }
    facts.gaps = facts.campaigns.iter().flat_map(|one| one.gaps.clone()).collect();
    if !facts.law.is_said() {
        facts.gaps.push(Gap::NoProfile);
    }
    facts.gaps.sort();
    facts.gaps.dedup();
    facts.lines = lines(store, account, &subjects, &facts.members).await?;
    Ok((facts, materials))
}

/// Entries of the trail about these subjects, and those of the law: who decided what.
async fn lines(
    store: &Store,
    account: AccountId,
    subjects: &BTreeSet<String>,
    members: &BTreeMap<MemberId, String>,
) -> sqlx::Result<Vec<Line>> {
    const PAGE: i64 = 1_000;
    let (mut lines, mut after) = (Vec::new(), 0);
    loop {
        let page = audit::entries(store, account, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(lines) };
        after = last.seq;
        for entry in page.into_iter().filter(|entry| subjects.contains(&entry.subject) || entry.action.starts_with("law.")) {
            let member = entry.actor.parse().ok().and_then(|id: MemberId| members.get(&id));
            lines.push(Line {
                seq: entry.seq,
                at: entry.at,
                who: member.cloned().unwrap_or(entry.actor),
                action: entry.action,
                subject: entry.subject,
                details: serde_json::from_str(&entry.details).unwrap_or(Value::String(entry.details)),
            });
        }
    }
}

impl Facts {
    /// A member's name.
    #[must_use]
    pub fn member(&self, id: Option<MemberId>) -> Option<&str> {
        id.and_then(|id| self.members.get(&id)).map(String::as_str)
    }

    /// The campaigns, for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let campaigns: Vec<Value> = self.campaigns.iter().map(|one| self.campaign(one)).collect();
        let versions: Vec<Value> = self.versions.values().map(|one| self.version(one)).collect();
        json!({ "campaigns": campaigns, "versions": versions, "trail": self.lines, "gaps": self.gaps })
    }

    fn campaign(&self, one: &CampaignFacts) -> Value {
        let row = &one.campaign;
        let steps: Vec<Value> = row
            .steps
            .iter()
            .map(|step| {
                let channel = step.channel.and_then(|id| self.channels.get(&id));
                json!({ "step": step.step, "channel": channel, "version": step.version })
            })
            .collect();
        json!({
            "id": row.id, "name": row.name, "state": row.state, "audience": row.audience, "steps": steps,
            "created_by": self.member(Some(row.created_by)), "created_at": row.created_at,
            "submitted_by": self.member(row.submitted_by), "submitted_at": row.submitted_at, "submitted_hash": row.submitted_hash,
            "approved_by": self.member(row.approved_by), "approved_at": row.approved_at, "approved_hash": row.approved_hash,
            "launched_by": self.member(row.launched_by), "launched_at": row.launched_at, "confirmed_count": row.confirmed_count,
            "starts_at": row.starts_at, "ends_at": row.ends_at, "planned_at": row.planned_at, "finished_at": row.finished_at,
            "gaps": one.gaps,
        })
    }

    fn version(&self, one: &VersionFacts) -> Value {
        let row = &one.version;
        let authors: Vec<Option<&str>> = row.authors.iter().map(|id| self.member(Some(*id))).collect();
        let answers: Vec<Value> = one
            .answers
            .iter()
            .map(|Answered { given, document }| {
                json!({
                    "rule": given.rule, "words": given.words, "answer": given.answer, "by": given.given_by, "at": given.answered_at,
                    "document": document,
                })
            })
            .collect();
        json!({
            "id": row.id, "template": row.name, "number": row.number, "class": row.class, "body": row.body, "buttons": row.buttons,
            "state": row.state, "content_hash": row.content_hash, "material": one.material, "answers": answers, "authors": authors,
            "submitted_by": self.member(row.submitted_by), "submitted_at": row.submitted_at,
            "decided_by": self.member(row.decided_by), "decided_at": row.decided_at, "comment": row.comment,
        })
    }

    /// The rules of law, and how the company's owners set them.
    #[must_use]
    pub fn rules(&self) -> Value {
        let rules: Vec<Value> = law::book()
            .rules
            .iter()
            .map(|rule| {
                json!({
                    "id": rule.id, "name": rule.name_ru, "text": rule.ru, "source": rule.source, "from": rule.from, "until": rule.until,
                    "reviewed": rule.reviewed, "off": self.law.off.get(&rule.id),
                })
            })
            .collect();
        json!({ "company": self.law, "rules": rules })
    }
}
