//! All that is known of one person: consents with their proofs, what was sent and what became of
//! it, what they said; and what is lacking.

use serde::Serialize;
use serde_json::{Value, json};

use super::queries;
use crate::{
    channel::ChannelKind,
    clock::Moment,
    consent::{
        Action, Grade, Purpose,
        dossier::{self, Dossier, Entry},
    },
    contact::card::{self, Card},
    delivery::{
        State,
        kept::{self, Message},
    },
    id::{AccountId, CampaignId, ContactId, VersionId},
    on,
    store::Store,
    words::Class,
};

/// A message of a campaign to the person, or why there was none.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct Sent {
    pub campaign_id: CampaignId,
    /// The campaign's name.
    pub campaign: String,
    /// From 1.
    pub step: i16,
    /// `false`: planning left the person out.
    pub planned: bool,
    pub state: State,
    /// The code of why.
    pub reason: Option<String>,
    /// The provider's own words.
    pub detail: Option<String>,
    /// Tries.
    pub attempt: i32,
    pub first_tried_at: Option<Moment>,
    pub sent_at: Option<Moment>,
    pub delivered_at: Option<Moment>,
    pub read_at: Option<Moment>,
    pub updated_at: Moment,
    /// Its name at the messenger.
    pub message_ref: Option<String>,
    /// The channel's name.
    pub channel: Option<String>,
    pub messenger: Option<ChannelKind>,
    pub address: Option<String>,
    /// Advertising or service.
    pub class: Option<Class>,
    pub version: Option<VersionId>,
    /// The version's number.
    pub number: Option<i32>,
    /// What the tries said, word for word.
    #[sqlx(skip)]
    pub texts: Vec<Message>,
}

impl Sent {
    /// It went, or may have gone.
    #[must_use]
    pub fn went(&self) -> bool {
        self.planned && matches!(self.state, State::Sent | State::Delivered | State::Read | State::Uncertain)
    }

    /// When, as far as is known.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.sent_at.or(self.first_tried_at).unwrap_or(self.updated_at)
    }
}

/// A message of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct Talk {
    /// `in` or `out`.
    pub direction: String,
    /// The words; empty once forgotten.
    pub body: String,
    pub at: Moment,
    pub message_ref: Option<String>,
    /// The words by which the person opted out.
    pub stop: Option<String>,
    pub file_kind: Option<String>,
    pub file_name: Option<String>,
    /// The channel's name.
    pub channel: Option<String>,
    /// Who answered.
    pub member: Option<String>,
    /// What became of an answer.
    pub state: Option<String>,
    pub reason: Option<String>,
    pub sent_at: Option<Moment>,
    pub delivered_at: Option<Moment>,
    pub read_at: Option<Moment>,
}

/// A message of the customers' bot itself.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct Said {
    /// `answer` or `confirmation`.
    pub purpose: String,
    /// The message; an empty object once forgotten.
    #[sqlx(json)]
    pub payload: Value,
    pub state: String,
    pub reason: Option<String>,
    pub created_at: Moment,
    pub sent_at: Option<Moment>,
    pub delivered_at: Option<Moment>,
    pub read_at: Option<Moment>,
    pub message_ref: Option<String>,
    /// The channel's name.
    pub channel: Option<String>,
}

impl Said {
    /// Its text, unless it was forgotten.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.payload["body"]["text"].as_str()
    }
}

/// Something that is lacking of a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "gap")]
pub enum Gap {
    /// The person was deleted: the ledger and the messages' outcomes stay.
    Erased,
    /// There is no consent to personal data.
    NoDataConsent,
    /// Advertising went, and there never was a consent to it.
    NoAdConsent,
    /// A consent whose text is not kept.
    NoWording {
        /// Its number in the ledger.
        entry: i64,
    },
    /// The paper that a consent rests on is not enclosed: it is kept no more, or the dossier is too
    /// large.
    NoPaper {
        /// Its number in the ledger.
        entry: i64,
    },
    /// A consent that stands on the owner's word alone.
    StatedByOwner {
        /// Its number in the ledger.
        entry: i64,
    },
    /// Advertising went while no consent held.
    NotCovered { campaign: String, step: i16, at: Moment },
    /// The words of a message are kept no more.
    TextForgotten { campaign: String, step: i16, at: Moment },
    /// Nobody knows whether a message arrived.
    Uncertain { campaign: String, step: i16, at: Moment },
    /// Words of the conversation are kept no more: so many messages.
    TalkForgotten { count: usize },
}

/// A person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub contact: ContactId,
    /// Consents and doubts.
    pub consents: Dossier,
    /// `None`: deleted.
    pub card: Option<Card>,
    pub sent: Vec<Sent>,
    pub talk: Vec<Talk>,
    pub said: Vec<Said>,
    pub gaps: Vec<Gap>,
}

/// Gathers a person; of one campaign alone, its messages. `None`: the account has no such contact.
///
/// # Errors
/// The database's.
pub async fn gather(
    store: &Store,
    account: AccountId,
    contact: ContactId,
    campaign: Option<CampaignId>,
    now: Moment,
) -> sqlx::Result<Option<Person>> {
    let Some(consents) = dossier::dossier(store, account, contact, now).await? else { return Ok(None) };
    let card = card::card(store, account, contact).await?.filter(|card| card.contact.deleted_at.is_none());
    let mut sent: Vec<Sent> = match campaign {
        None => on!(store.read(), |c| sqlx::query_as(queries::SENT).bind(account).bind(contact).fetch_all(c).await)?,
        Some(id) => on!(store.read(), |c| sqlx::query_as(queries::SENT_BY).bind(account).bind(contact).bind(id).fetch_all(c).await)?,
    };
    let mut of: Vec<CampaignId> = sent.iter().filter(|one| one.went()).map(|one| one.campaign_id).collect();
    of.sort_unstable();
    of.dedup();
    for id in of {
        for kept in kept::to(store, account, id, contact).await? {
            let row = sent.iter_mut().find(|one| one.campaign_id == id && one.step == kept.step);
            if let (Some(row), Some(message)) = (row, kept.message) {
                row.texts.push(message);
            }
        }
    }
    let (mut talk, mut said): (Vec<Talk>, Vec<Said>) = (Vec::new(), Vec::new());
    if campaign.is_none() {
        talk = on!(store.read(), |c| sqlx::query_as(queries::TALK).bind(account).bind(contact).fetch_all(c).await)?;
        said = on!(store.read(), |c| sqlx::query_as(queries::SAID).bind(account).bind(contact).fetch_all(c).await)?;
    }
    let mut gaps = gaps(card.is_none(), &consents.entries, &sent, &talk, &said);
    let resting = consents.entries.iter().filter(|entry| entry.evidence["paper"].is_string());
    gaps.extend(resting.filter(|entry| consents.paper_path(entry).is_none()).map(|entry| Gap::NoPaper { entry: entry.id }));
    Ok(Some(Person { contact, consents, card, sent, talk, said, gaps }))
}

/// Whether a consent for this purpose held at a moment.
fn held(entries: &[Entry], purpose: Purpose, at: Moment) -> bool {
    let before = entries.iter().filter(|entry| entry.purpose == purpose && entry.at <= at);
    before.max_by_key(|entry| (entry.at, entry.id)).is_some_and(|entry| entry.action == Action::Granted)
}

fn gaps(erased: bool, entries: &[Entry], sent: &[Sent], talk: &[Talk], said: &[Said]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if erased {
        gaps.push(Gap::Erased);
    }
    let granted = |purpose: Purpose| entries.iter().any(|entry| entry.purpose == purpose && entry.action == Action::Granted);
    if !granted(Purpose::PersonalData) {
        gaps.push(Gap::NoDataConsent);
    }
    let advertised = |one: &&Sent| one.went() && one.class == Some(Class::Advertising);
    if !granted(Purpose::Marketing) && sent.iter().any(|one| advertised(&one)) {
        gaps.push(Gap::NoAdConsent);
    }
    for entry in entries.iter().filter(|entry| entry.action == Action::Granted) {
        if entry.wording_body.is_none() {
            gaps.push(Gap::NoWording { entry: entry.id });
        }
        if entry.grade == Grade::D {
            gaps.push(Gap::StatedByOwner { entry: entry.id });
        }
    }
    for one in sent.iter().filter(|one| one.went()) {
        let (campaign, step, at) = (one.campaign.clone(), one.step, one.at());
        if one.class == Some(Class::Advertising) && !held(entries, Purpose::Marketing, at) {
            gaps.push(Gap::NotCovered { campaign: campaign.clone(), step, at });
        }
        if one.texts.is_empty() {
            gaps.push(Gap::TextForgotten { campaign: campaign.clone(), step, at });
        }
        if one.state == State::Uncertain {
            gaps.push(Gap::Uncertain { campaign, step, at });
        }
    }
    let count = talk.iter().filter(|one| one.body.is_empty() && one.file_kind.is_none()).count()
        + said.iter().filter(|one| one.text().is_none()).count();
    if count > 0 {
        gaps.push(Gap::TalkForgotten { count });
    }
    gaps
}

impl Person {
    /// The name; empty: none, or deleted.
    #[must_use]
    pub fn name(&self) -> &str {
        self.consents.name.trim()
    }

    /// Where the file of the paper that an entry rests on is in the archive, if it is enclosed.
    #[must_use]
    pub fn paper_path(&self, entry: &Entry) -> Option<String> {
        let left_out = self.gaps.contains(&Gap::NoPaper { entry: entry.id });
        self.consents.paper_path(entry).filter(|_| !left_out)
    }

    /// Everything, for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let entries: Vec<Value> = self
            .consents
            .entries
            .iter()
            .map(|entry| {
                json!({
                    "number": entry.id, "purpose": entry.purpose, "action": entry.action, "grade": entry.grade, "at": entry.at,
                    "recorded_at": entry.recorded_at, "actor": entry.actor, "evidence": entry.evidence, "channel": entry.channel_name,
                    "wording_version": entry.wording_version, "wording": entry.wording_body, "paper": self.paper_path(entry),
                })
            })
            .collect();
        let doubts: Vec<Value> = self
            .consents
            .doubts
            .iter()
            .map(|doubt| {
                json!({
                    "number": doubt.id, "opened_at": doubt.opened_at, "closed_at": doubt.closed_at, "channel": doubt.channel,
                    "message": doubt.message_ref, "outcome": doubt.outcome, "member": doubt.member, "reason": doubt.reason,
                })
            })
            .collect();
        let addresses: Vec<Value> = self
            .card
            .iter()
            .flat_map(|card| &card.addresses)
            .map(|address| json!({ "kind": address.kind, "value": address.value, "state": address.state }))
            .collect();
        let stops: Vec<Value> = self
            .card
            .iter()
            .flat_map(|card| &card.suppressions)
            .map(|stop| json!({ "reason": stop.reason, "since": stop.created_at }))
            .collect();
        json!({
            "contact": self.contact, "name": self.name(), "addresses": addresses, "stops": stops, "consents": entries, "doubts": doubts,
            "names": self.consents.names, "words": self.consents.words, "messages": self.sent, "conversation": self.talk, "bot": self.said,
            "gaps": self.gaps,
        })
    }
}

#[cfg(test)]
mod tests;
