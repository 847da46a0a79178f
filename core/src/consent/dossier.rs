//! The evidence dossier: everything a contact's consents rest on, with the words the person was
//! shown and those they wrote.

mod written;

use std::collections::BTreeMap;

use super::{
    Action, Grade, Purpose,
    doubt::{self, Past},
    queries,
    signed::{self, Paper},
};
use crate::{
    clock::Moment,
    id::{AccountId, ConnectionId, ContactId, MemberId},
    on,
    store::Store,
};

/// One entry of the ledger with what it refers to.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Entry {
    /// Its number in the ledger.
    pub id: i64,
    pub purpose: Purpose,
    /// Given or taken back.
    pub action: Action,
    /// How good the evidence is.
    pub grade: Grade,
    pub at: Moment,
    /// When it was written down.
    pub recorded_at: Moment,
    /// Who wrote it down.
    pub actor: String,
    #[sqlx(json)]
    pub evidence: serde_json::Value,
    /// The channel it happened in.
    pub channel_name: Option<String>,
    /// The version of the wording the person read.
    pub wording_version: Option<i32>,
    /// The wording itself.
    pub wording_body: Option<String>,
}

/// A contact's dossier.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    pub contact: ContactId,
    /// The contact's name; empty when the contact was deleted (the ledger stays).
    pub name: String,
    /// Every entry, oldest first.
    pub entries: Vec<Entry>,
    /// Messages that perhaps were refusals, with how each was settled, oldest first.
    pub doubts: Vec<Past>,
    /// Names of the members and of the CRMs that the entries name by their ids.
    pub names: BTreeMap<String, String>,
    /// What the contact wrote, by the message's name at the messenger; what was forgotten since is
    /// not there.
    pub words: BTreeMap<String, String>,
    /// Papers that entries rest on, by their ids.
    pub papers: BTreeMap<String, Paper>,
    /// Made at.
    pub at: Moment,
}

impl Dossier {
    /// The paper that an entry rests on.
    #[must_use]
    pub fn paper(&self, entry: &Entry) -> Option<&Paper> {
        self.papers.get(entry.evidence["paper"].as_str()?)
    }

    /// Where the file of that paper is in an archive, if it is kept.
    #[must_use]
    pub fn paper_path(&self, entry: &Entry) -> Option<String> {
        let paper = self.paper(entry).filter(|paper| paper.is_there())?;
        Some(format!("papers/{}.{}", entry.id, paper.ending()))
    }
}

/// The dossier of a contact; `None` when the account has no such contact.
///
/// # Errors
/// The database's.
pub async fn dossier(store: &Store, account: AccountId, contact: ContactId, now: Moment) -> sqlx::Result<Option<Dossier>> {
    let name: Option<String> =
        on!(store.read(), |c| sqlx::query_scalar(queries::NAME).bind(account).bind(contact).fetch_optional(c).await)?;
    let Some(name) = name else { return Ok(None) };
    let mut entries: Vec<Entry> = on!(store.read(), |c| sqlx::query_as(queries::DOSSIER).bind(account).bind(contact).fetch_all(c).await)?;
    let doubts = doubt::all(store, account, contact).await?;
    let mut papers = BTreeMap::new();
    if entries.iter().any(|entry| entry.evidence["paper"].is_string()) {
        papers.extend(signed::of_contact(store, account, contact).await?.into_iter().map(|paper| (paper.id.to_string(), paper)));
    }
    for entry in entries.iter_mut().filter(|entry| entry.wording_body.is_none()) {
        let paper = entry.evidence["paper"].as_str().and_then(|id| papers.get(id));
        entry.wording_body = paper.map(|paper| paper.words.clone()).filter(|words| !words.is_empty());
    }
    let mut names = BTreeMap::new();
    let mut words = BTreeMap::new();
    for entry in &entries {
        name_of(store, account, entry, &mut names).await?;
    }
    let mut messages: Vec<&str> = Vec::new();
    for entry in &entries {
        messages.extend(["message", "keyword_message"].into_iter().filter_map(|key| entry.evidence[key].as_str()));
    }
    messages.extend(doubts.iter().filter_map(|doubt| doubt.message_ref.as_deref()));
    for message in messages {
        let said: Option<String> =
            on!(store.read(), |c| sqlx::query_scalar(queries::WORDS).bind(account).bind(contact).bind(message).fetch_optional(c).await)?;
        if let Some(said) = said.filter(|said| !said.trim().is_empty()) {
            words.insert(message.to_owned(), said);
        }
    }
    Ok(Some(Dossier { contact, name, entries, doubts, names, words, papers, at: now }))
}

/// Finds out how whoever an entry names by an id is called.
async fn name_of(store: &Store, account: AccountId, entry: &Entry, names: &mut BTreeMap<String, String>) -> sqlx::Result<()> {
    let connection = entry.evidence["connection"].as_str().unwrap_or_default();
    for id in [entry.actor.as_str(), connection] {
        let Ok(uuid) = id.parse::<uuid::Uuid>() else { continue };
        if names.contains_key(id) {
            continue;
        }
        let found: Option<String> = if id == connection {
            on!(store.read(), |c| sqlx::query_scalar(queries::CRM_NAME).bind(account).bind(ConnectionId(uuid)).fetch_optional(c).await)?
        } else {
            on!(store.read(), |c| sqlx::query_scalar(queries::MEMBER_NAME).bind(account).bind(MemberId(uuid)).fetch_optional(c).await)?
        };
        names.extend(found.map(|name| (id.to_owned(), name)));
    }
    Ok(())
}
