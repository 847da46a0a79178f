//! What a customer said is kept for people, once; a message that was changed says what it says now.

use chrono::TimeDelta;
use serde_json::json;

use super::One;
use crate::{
    channel::EventKind,
    contact::erase,
    id::{CampaignId, ContactId},
    inbound::{inbox, queries},
    notice::{self, NewNotice, NoticeKind},
    on,
};

/// An answer without a reference to what it answers is counted for the campaign that wrote to the
/// person so lately.
const ANSWERS_WITHIN: TimeDelta = TimeDelta::hours(72);
/// Longest text of a notice, characters.
const NOTICE_CHARS: usize = 1_000;

impl One<'_> {
    /// Keeps what was said and tells the members; `doubtful`: it is perhaps a refusal.
    pub(super) async fn keep(&mut self, contact: ContactId, name: &str, text: &str, doubtful: bool) -> sqlx::Result<()> {
        let source = self.source;
        let reference = self.event.message_ref.clone().unwrap_or_else(|| format!("inbound:{}:{}", self.row.id, self.n));
        let edited = matches!(self.event.kind, EventKind::Edited(_));
        let before: Option<String> = if edited {
            on!(self.tx.conn(), |c| sqlx::query_scalar(queries::KEPT)
                .bind(source.account)
                .bind(contact)
                .bind(source.channel)
                .bind(&reference)
                .fetch_optional(c)
                .await)?
        } else {
            None
        };
        match before {
            // Something else of it changed: a place on the map moved, a link got its picture.
            Some(body) if body == text => return Ok(()),
            Some(_) => {
                on!(self.tx.conn(), |c| sqlx::query(queries::CHANGED)
                    .bind(source.account)
                    .bind(contact)
                    .bind(source.channel)
                    .bind(&reference)
                    .bind(text)
                    .bind(self.now)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
            }
            None => {
                let campaign = self.campaign(contact).await?;
                on!(self.tx.conn(), |c| sqlx::query(queries::SAID)
                    .bind(source.account)
                    .bind(contact)
                    .bind(source.channel)
                    .bind(text)
                    .bind(&reference)
                    .bind(campaign)
                    .bind(self.event.at.min(self.now))
                    .execute(c)
                    .await
                    .map(|_| ()))?;
            }
        }
        inbox::last_word(self.tx, source.account, contact).await?;
        // When it came, not when it was handled: a «стоп» may have been said, and carried out, in
        // between.
        on!(self.tx.conn(), |c| sqlx::query(queries::ANSWERED)
            .bind(source.account)
            .bind(contact)
            .bind(self.row.received_at.min(self.now))
            .execute(c)
            .await
            .map(|_| ()))?;
        let shown: String = text.chars().take(NOTICE_CHARS).collect();
        let kind = if doubtful { NoticeKind::CustomerDoubt } else { NoticeKind::CustomerAnswered };
        let notice = NewNotice {
            account: source.account,
            member: None,
            kind,
            payload: json!({ "contact": contact, "channel": source.channel, "name": name, "text": shown, "edited": edited }),
            // One a conversation: handling an event and its mark are one transaction, so each
            // message is counted once.
            dedupe_key: erase::conversation_key(kind, contact, source.channel),
        };
        notice::raise_again(self.tx, notice, self.now).await
    }

    /// The campaign a message answers.
    async fn campaign(&mut self, contact: ContactId) -> sqlx::Result<Option<CampaignId>> {
        let source = self.source;
        if let EventKind::Text { reply_to: Some(reply_to), .. } = &self.event.kind {
            let found: Option<CampaignId> = on!(self.tx.conn(), |c| sqlx::query_scalar(queries::CAMPAIGN_OF_MESSAGE)
                .bind(source.account)
                .bind(source.channel)
                .bind(reply_to)
                .fetch_optional(c)
                .await)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        on!(self.tx.conn(), |c| sqlx::query_scalar(queries::LAST_CAMPAIGN)
            .bind(source.account)
            .bind(contact)
            .bind(source.channel)
            .bind(self.now - ANSWERS_WITHIN)
            .fetch_optional(c)
            .await)
    }
}
