//! What a customer said is kept for people, once; a message that was changed says what it says now.

use chrono::TimeDelta;
use serde_json::json;

use super::One;
use crate::{
    channel::{Attached, EventKind},
    contact::erase,
    id::{CampaignId, ContactId},
    inbound::{inbox, queries, talk},
    notice::{self, NewNotice, NoticeKind},
    on,
    opt_out::OptOutBy,
};

/// An answer without a reference to what it answers is counted for the campaign that wrote to the
/// person so lately.
const ANSWERS_WITHIN: TimeDelta = TimeDelta::hours(72);
/// Longest text of a notice, characters.
const NOTICE_CHARS: usize = 1_000;

/// The file that came with a message.
fn file_of(kind: &EventKind) -> Option<&Attached> {
    match kind {
        EventKind::Media { file, .. } => file.as_ref(),
        EventKind::Edited(now) => file_of(now),
        _ => None,
    }
}

/// The words of a message as they are kept; none of a press.
fn words_of(kind: &EventKind) -> String {
    match kind {
        EventKind::Text { body, .. } => body.clone(),
        EventKind::Media { what, caption, .. } => format!("[{what}] {caption}").trim_end().to_owned(),
        EventKind::Edited(now) => words_of(now),
        _ => String::new(),
    }
}

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
            Some(body) if body == text => return self.attach(contact, &reference).await,
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
        self.attach(contact, &reference).await?;
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
        let (member, muted) = talk::told(self.tx, source.account, contact).await?;
        // What is perhaps a refusal everybody hears of.
        let left_out = if doubtful { Vec::new() } else { muted };
        let notice = NewNotice {
            account: source.account,
            member,
            kind,
            payload: json!({
                "contact": contact, "channel": source.channel, "name": name, "text": shown, "edited": edited, notice::NOT_FOR: left_out,
            }),
            // One a conversation: handling an event and its mark are one transaction, so each
            // message is counted once.
            dedupe_key: erase::conversation_key(kind, contact, source.channel),
        };
        notice::raise_again(self.tx, notice, self.now).await
    }

    /// Keeps where the file of a message is, if it has one: the bytes stay at the provider until somebody asks to see them.
    async fn attach(&mut self, contact: ContactId, reference: &str) -> sqlx::Result<()> {
        let source = self.source;
        let Some(Attached { kind, reference: at, name, mime, size }) = file_of(&self.event.kind) else { return Ok(()) };
        let size = size.and_then(|size| i64::try_from(size).ok());
        on!(self.tx.conn(), |c| sqlx::query(queries::ATTACH)
            .bind(source.account)
            .bind(contact)
            .bind(source.channel)
            .bind(reference)
            .bind(*kind)
            .bind(at)
            .bind(name)
            .bind(mime)
            .bind(size)
            .execute(c)
            .await
            .map(|_| ()))
    }

    /// Keeps the words by which a person opted out, for whoever reads the conversation: they wait for no answer, nobody is told of
    /// them here, and they are no sign that the person writes again.
    pub(super) async fn keep_stop(&mut self, contact: ContactId, by: OptOutBy) -> sqlx::Result<()> {
        let source = self.source;
        let reference = self.event.message_ref.clone().unwrap_or_else(|| format!("inbound:{}:{}", self.row.id, self.n));
        on!(self.tx.conn(), |c| sqlx::query(queries::SAID)
            .bind(source.account)
            .bind(contact)
            .bind(source.channel)
            .bind(words_of(&self.event.kind))
            .bind(&reference)
            .bind(Option::<CampaignId>::None)
            .bind(self.event.at.min(self.now))
            .execute(c)
            .await
            .map(|_| ()))?;
        // A message that was changed into a stop was kept before as what it said.
        on!(self.tx.conn(), |c| sqlx::query(queries::STOPPED)
            .bind(source.account)
            .bind(contact)
            .bind(source.channel)
            .bind(&reference)
            .bind(words_of(&self.event.kind))
            .bind(by.as_str())
            .bind(self.now)
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self.tx.conn(), |c| sqlx::query(queries::STOP_WORD)
            .bind(source.account)
            .bind(contact)
            .bind(source.channel)
            .bind(&reference)
            .execute(c)
            .await
            .map(|_| ()))?;
        self.attach(contact, &reference).await
    }

    /// The campaign a message answers.
    async fn campaign(&mut self, contact: ContactId) -> sqlx::Result<Option<CampaignId>> {
        let source = self.source;
        if let EventKind::Text { reply_to: Some(reply_to), .. } | EventKind::Media { reply_to: Some(reply_to), .. } = &self.event.kind {
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
