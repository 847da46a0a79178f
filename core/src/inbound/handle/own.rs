//! What is looked up of a person only when it is asked for: what is kept of them, and the question
//! they answered by words.

use serde_json::{Map, Value};

use super::One;
use crate::{
    channel::EventKind,
    id::ContactId,
    inbound::{conversation::Person, queries, texts::Kept},
    on,
};

#[derive(sqlx::FromRow)]
struct Own {
    name: String,
    #[sqlx(json)]
    attributes: Map<String, Value>,
    phones: i64,
    emails: i64,
    tags: i64,
}

impl One<'_> {
    /// What is kept of the person.
    pub(super) async fn kept(&mut self, contact: ContactId) -> sqlx::Result<Kept> {
        let account = self.source.account;
        let own: Option<Own> = on!(self.tx.conn(), |c| sqlx::query_as(queries::OWN).bind(account).bind(contact).fetch_optional(c).await)?;
        let Some(own) = own else { return Ok(Kept::default()) };
        let titles: Vec<(String, String)> =
            on!(self.tx.conn(), |c| sqlx::query_as(queries::FIELD_TITLES).bind(account).fetch_all(c).await)?;
        let holds = |key: &str| own.attributes.get(key).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
        Ok(Kept {
            name: !own.name.trim().is_empty(),
            phone: own.phones > 0,
            email: own.emails > 0,
            fields: titles.into_iter().filter(|(key, _)| holds(key)).map(|(_, title)| title).collect(),
            tags: own.tags > 0,
        })
    }

    /// The person answered the open question whether they want messages by words: its buttons go as
    /// after a press.
    pub(super) async fn typed_answer(&mut self, contact: ContactId, person: &Person) -> sqlx::Result<()> {
        let Some(doubt) = person.doubt.filter(|_| !matches!(self.event.kind, EventKind::Press { .. })) else { return Ok(()) };
        let question: Option<String> = on!(self.tx.conn(), |c| sqlx::query_scalar(queries::QUESTION)
            .bind(self.source.account)
            .bind(contact)
            .bind(self.source.channel)
            .bind(format!("%\"d:y:{doubt}\"%"))
            .fetch_optional(c)
            .await)?;
        self.answered_by(question);
        Ok(())
    }
}
