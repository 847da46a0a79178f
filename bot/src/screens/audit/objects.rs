//! What an entry of the trail is about: the entry keeps its id, people know it by its name.

use std::collections::HashMap;

use mms_core::{
    campaign::{self, CampaignError},
    channel::store as channels,
    contact::{card, field, segment},
    crm::connection,
    id::{AccountId, CampaignId, ChannelId, ConnectionId, ContactId, FieldId, KeywordId, SegmentId, TemplateId},
    inbound::keyword,
    store::{Store, audit::Entry},
    template::versions,
};
use uuid::Uuid;

use crate::frame::error::BotError;

/// Adds the names of what `entries` are about, by id. What has been deleted meanwhile has none.
///
/// # Errors
/// The database's.
pub async fn add(store: &Store, account: AccountId, entries: &[Entry], names: &mut HashMap<String, String>) -> Result<(), BotError> {
    for entry in entries {
        if names.contains_key(&entry.subject) {
            continue;
        }
        if let Some(name) = name(store, account, entry).await? {
            names.insert(entry.subject.clone(), name);
        }
    }
    Ok(())
}

async fn name(store: &Store, account: AccountId, entry: &Entry) -> Result<Option<String>, BotError> {
    // An entry about the whole account, or about several things, has no such id.
    let Ok(id) = entry.subject.parse::<Uuid>() else { return Ok(None) };
    let room = match entry.action.as_str() {
        "export.recipients" => "campaign",
        "export.dossier" | "export.file" | "export.paper" | "export.person" => "contact",
        "export.segment" => "segment",
        "address.allowed" | "address.blocked" => "contact",
        action => action.split('.').next().unwrap_or_default(),
    };
    Ok(match room {
        "campaign" => match campaign::get(store, account, CampaignId(id)).await {
            Ok(found) => Some(found.name),
            Err(CampaignError::NotFound) => None,
            Err(error) => return Err(BotError::Other(error.into())),
        },
        "template" => versions::versions(store, account, TemplateId(id)).await?.into_iter().next().map(|version| version.name),
        "segment" => segment::get(store, account, SegmentId(id)).await?.map(|found| found.name),
        "contact" => card::contact(store, account, ContactId(id)).await?.map(|found| found.name),
        "channel" => channels::get(store, account, ChannelId(id)).await?.map(|found| found.name),
        "crm" => connection::get(store, account, ConnectionId(id)).await?.map(|found| found.name),
        "keyword" => keyword::one(store, account, KeywordId(id)).await?.map(|found| found.word),
        "field" => field::list(store, account).await?.into_iter().find(|found| found.id == FieldId(id)).map(|found| found.title),
        _ => None,
    })
}
