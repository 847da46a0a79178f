//! What a customer said is kept for people, once; a message that was changed says what it says now.

use serde_json::json;

use super::One;
use crate::{
    account::feature,
    channel::{Attached, EventKind, MessageName, News, Receipt},
    contact::erase,
    crm::write_back,
    delivery::{
        Response, receipt,
        response::{self, Written},
    },
    id::{CampaignId, ContactId, KeywordId},
    inbound::{inbox, keyword, queries, talk, texts},
    notice::{self, NewNotice, NoticeKind},
    on,
    opt_out::OptOutBy,
};

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
    /// By what the message is known: the provider's name of it, or the event's.
    fn reference(&self) -> String {
        self.event.message_ref.clone().unwrap_or_else(|| format!("inbound:{}:{}", self.row.id, self.n))
    }

    /// Keeps the word a person came by, and counts them: it needs no answer, and nobody is told.
    /// Returns what it answers.
    pub(super) async fn keep_word(&mut self, contact: ContactId, word: KeywordId, text: &str) -> sqlx::Result<Option<Written>> {
        let (account, channel, reference) = (self.source.account, self.source.channel, self.reference());
        let answered = self.answered(contact).await?;
        on!(self.tx.conn(), |c| sqlx::query(queries::SAID)
            .bind(account)
            .bind(contact)
            .bind(channel)
            .bind(text)
            .bind(&reference)
            .bind(answered.map(|to| to.campaign))
            .bind(self.event.at.min(self.now))
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self.tx.conn(), |c| sqlx::query(queries::NEEDS_NO_ANSWER)
            .bind(account)
            .bind(contact)
            .bind(channel)
            .bind(&reference)
            .bind(self.now)
            .execute(c)
            .await
            .map(|_| ()))?;
        inbox::last_word(self.tx, account, contact).await?;
        on!(self.tx.conn(), |c| sqlx::query(queries::ANSWERED)
            .bind(account)
            .bind(contact)
            .bind(self.row.received_at.min(self.now))
            .execute(c)
            .await
            .map(|_| ()))?;
        keyword::visit(self.tx, account, word, contact, &reference, self.now).await?;
        Ok(answered)
    }

    /// Keeps what was said and tells the members; `doubtful`: it is perhaps a refusal. Returns what
    /// it answers, if it is new.
    pub(super) async fn keep(&mut self, contact: ContactId, name: &str, text: &str, doubtful: bool) -> sqlx::Result<Option<Written>> {
        let source = self.source;
        let reference = self.reference();
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
        let mut answered = None;
        match before {
            // Something else of it changed: a place on the map moved, a link got its picture.
            Some(body) if body == text => {
                self.attach(contact, &reference).await?;
                return Ok(None);
            }
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
                answered = self.answered(contact).await?;
                on!(self.tx.conn(), |c| sqlx::query(queries::SAID)
                    .bind(source.account)
                    .bind(contact)
                    .bind(source.channel)
                    .bind(text)
                    .bind(&reference)
                    .bind(answered.map(|to| to.campaign))
                    .bind(self.event.at.min(self.now))
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                // What is perhaps a refusal is no question.
                let words = (texts::wrote(source.language), text);
                if !doubtful && write_back::task(self.tx, source.account, contact, words, self.now).await? {
                    self.crm_bell(contact).await?;
                }
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
        // Where conversations are switched off nobody could read it; what may be a refusal is told.
        if !doubtful && feature::need(self.tx, source.account, feature::INBOX).await?.is_err() {
            return Ok(answered);
        }
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
        notice::raise_again(self.tx, notice, self.now).await?;
        Ok(answered)
    }

    /// Keeps where the file of a message is, if it has one: the bytes stay at the provider until
    /// somebody asks to see them.
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

    /// Keeps the words by which a person opted out, for whoever reads the conversation: they wait
    /// for no answer, nobody is told of them here, and they are no sign that the person writes
    /// again.
    pub(super) async fn keep_stop(&mut self, contact: ContactId, by: OptOutBy) -> sqlx::Result<()> {
        let source = self.source;
        let reference = self.reference();
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

    /// The campaign that what the person did belongs to, and whom it wrote to: that of the message
    /// they answered or pressed a button under, else the last one.
    async fn answered(&mut self, contact: ContactId) -> sqlx::Result<Option<Written>> {
        let message = match &self.event.kind {
            EventKind::Text { reply_to, .. } | EventKind::Media { reply_to, .. } => reply_to.as_deref(),
            EventKind::Press { .. } => self.event.message_ref.as_deref(),
            _ => None,
        };
        response::written(self.tx, self.source.account, (self.source.channel, contact), message, self.now).await
    }

    /// Counts what the person did for the campaign it belongs to, if it belongs to one.
    pub(super) async fn responded(&mut self, contact: ContactId, what: Response) -> sqlx::Result<()> {
        let to = self.answered(contact).await?;
        self.count(to, what).await
    }

    /// Whoever answers a message, or says stop under it, has read it, whatever their messenger
    /// hides: no further step goes to them because it was «not read». Where the messenger tells
    /// nothing at all of what arrived, nothing is told of a few either.
    async fn read(&mut self, to: &Written, what: Response) -> sqlx::Result<()> {
        let did = matches!(what, Response::Reply | Response::OptOut);
        if !did || !self.source.tells || !to.was_read(self.event.at) {
            return Ok(());
        }
        let read = News {
            message: MessageName::Client(to.delivery.0),
            message_ref: None,
            receipt: Receipt::Read,
            at: Some(self.event.at),
            detail: None,
            charge: None,
        };
        receipt::apply(self.tx, self.source.account, self.source.channel, &[read], self.now).await.map(|_| ())
    }

    /// Counts what somebody did for a campaign; the last thing a change does.
    pub(super) async fn count(&mut self, to: Option<Written>, what: Response) -> sqlx::Result<()> {
        match to {
            Some(to) => {
                self.read(&to, what).await?;
                response::note(self.tx, self.source.account, (to.campaign, to.contact), what, self.now).await
            }
            None => Ok(()),
        }
    }
}
