//! A messenger asks by a webhook whether the address is ours, and wants a word that its own API
//! gives (VK). The question proves nothing and nothing of it is kept; the word is no secret of the
//! company's, and only the community that the channel is of is told it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use mms_core::{
    channel::{
        ChannelKind,
        store::{self as channels, ChannelState},
    },
    id::ChannelId,
};

use super::{Ingress, intake};

/// So long a word is remembered: whoever asks again and again costs one call.
const REMEMBERED: Duration = Duration::from_secs(5);
/// Words remembered at most.
const MOST: usize = 1_024;

/// Words that were given lately.
#[derive(Debug, Default)]
pub(super) struct Confirmations(Mutex<HashMap<ChannelId, (Instant, String)>>);

impl Confirmations {
    fn of(&self, channel: ChannelId) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&channel).filter(|(at, _)| at.elapsed() < REMEMBERED).map(|(_, word)| word.clone())
    }

    fn keep(&self, channel: ChannelId, word: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(channel, (Instant::now(), word.to_owned()));
    }
}

/// What answers the question about the sender of this id.
///
/// # Errors
/// What to answer instead: 401 for a channel that is not there, or is of another sender; 503 when
/// nobody can say.
pub(super) async fn answer(ingress: &Ingress, (kind, id): (ChannelKind, ChannelId), identity: &str) -> Result<String, StatusCode> {
    let deps = &ingress.deps;
    let row = channels::find(&deps.store, id).await.map_err(|error| intake::broken(&error))?;
    let ours = row.filter(|row| row.kind == kind && row.state != ChannelState::Removed && row.external_id == identity);
    if ours.is_none() {
        return Err(StatusCode::UNAUTHORIZED);
    }
    if let Some(word) = ingress.confirmations.of(id) {
        return Ok(word);
    }
    let unavailable = |error: &dyn std::fmt::Display| {
        tracing::warn!(channel.id = %id, %error, "the messenger's question about our address was not answered");
        StatusCode::SERVICE_UNAVAILABLE
    };
    let loaded = channels::load(&deps.store, &deps.sealer, &deps.endpoints, id).await;
    let (_, adapter) = loaded.map_err(|error| unavailable(&error))?;
    let word = adapter.confirmation().await.map_err(|error| unavailable(&error))?;
    ingress.confirmations.keep(id, &word);
    Ok(word)
}
