//! What of an event goes into the ledger, with its evidence; the word by which a person came to be
//! asked is part of it.

use serde_json::{Value, json};

use super::One;
use crate::{
    channel::EventKind,
    consent::{self, Action, Grade, NewConsent, Purpose},
    id::{ContactId, WordingId},
    inbound::{conversation::Did, keyword},
};

impl One<'_> {
    /// What is talk may be a word by which people come: the refusals among it are known by now.
    pub(super) async fn word(&mut self, did: Did) -> sqlx::Result<Did> {
        let (Did::Said(_), EventKind::Text { body, .. }) = (&did, &self.event.kind) else { return Ok(did) };
        self.keyword = keyword::heard(self.tx, self.source.account, self.source.channel, body).await?;
        Ok(if self.keyword.is_some() { Did::Word(body.clone()) } else { did })
    }

    /// Appends what the person agreed to, or took back.
    pub(super) async fn record(
        &mut self,
        contact: ContactId,
        purpose: Purpose,
        action: Action,
        asked: Option<(WordingId, i32)>,
    ) -> sqlx::Result<()> {
        let mut evidence = self.evidence(asked);
        let came = match self.keyword {
            Some(word) => keyword::came(self.tx, self.source.account, word, contact).await?,
            None => None,
        };
        if let (Some((word, message)), Value::Object(facts)) = (came, &mut evidence) {
            facts.extend(
                [("tool", "keyword".to_owned()), ("keyword", word), ("keyword_message", message)]
                    .map(|(key, text)| (key.to_owned(), text.into())),
            );
        }
        let new = NewConsent {
            account: self.source.account,
            contact,
            purpose,
            action,
            grade: Grade::A,
            wording: asked.map(|(id, _)| id),
            channel: Some(self.source.channel),
            evidence,
            actor: "contact".to_owned(),
            // A press has no time of its own at Telegram, and an answer must come after the «stop»
            // before it.
            at: self.now,
        };
        consent::record(self.tx, new, self.now).await
    }

    /// What the person said or pressed, and where it is kept. The ledger outlives its people: where
    /// their address is a phone, it has the keyed hash that stays of whoever is erased.
    pub(super) fn evidence(&self, asked: Option<(WordingId, i32)>) -> Value {
        let button = match &self.event.kind {
            EventKind::Press { data, .. } => Some(data.as_str()),
            _ => None,
        };
        let from = &self.event.from;
        let is_phone = from.starts_with('+');
        let mark = is_phone.then(|| self.tx.person_digest(self.source.account, &self.source.address_kind, from)).flatten();
        json!({
            "chat": (!is_phone).then_some(from),
            "address_mark": mark,
            "message": self.event.message_ref,
            "button": button,
            "inbound": self.row.id,
            "update": self.row.external_id,
            "wording_version": asked.map(|(_, version)| version),
        })
    }
}
