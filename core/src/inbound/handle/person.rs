//! Who is behind an event, and how they stand with the company.

use super::{ChannelSource, One};
use crate::{
    account::Language,
    channel::{Event, EventKind, Profile},
    clock::Moment,
    consent::{self, Action, Grade, Purpose, Step, suppression},
    contact::{self, AddressState, Draft, gone},
    id::{ContactId, DoubtId},
    inbound::{
        conversation::{Did, Person, Standing},
        identify, queries,
        texts::Kept,
    },
    on,
    store::Tx,
};

#[derive(sqlx::FromRow)]
struct PersonRow {
    name: String,
    language: Option<String>,
    opted_out_at: Option<Moment>,
    phones: i64,
    reach: Option<AddressState>,
    doubt: Option<DoubtId>,
    asked_last: bool,
}

/// The event as it would have come with its address: the messenger named the person alone, and how
/// it names them is kept since they were met. `None`: it has its address, or nobody is known so.
pub(super) async fn placed(tx: &mut Tx, source: &ChannelSource, event: &Event) -> sqlx::Result<Option<Event>> {
    let Some(id) = event.profile.id.as_ref().filter(|_| event.from.is_empty()) else { return Ok(None) };
    let address: Option<String> = on!(tx.conn(), |c| sqlx::query_scalar(queries::BY_ID)
        .bind(source.account)
        .bind(&source.address_kind)
        .bind(source.scope)
        .bind(id)
        .fetch_optional(c)
        .await)?;
    Ok(address.map(|from| Event { from, ..event.clone() }))
}

impl One<'_> {
    /// The contact behind the event; somebody who only says stop, or presses, is not made one.
    pub(super) async fn who(&mut self, did: &Did) -> sqlx::Result<Option<ContactId>> {
        let Event { from, profile, kind, message_ref, .. } = self.event;
        let about = match kind {
            EventKind::Text { reply_to, .. } | EventKind::Media { reply_to, .. } => reply_to.as_deref(),
            EventKind::Press { .. } => message_ref.as_deref(),
            _ => None,
        };
        let (known, met) = identify::recognise(self.tx, self.source, from, profile, about, self.now).await?;
        self.met = met;
        let who = match (did, kind) {
            (Did::Start, EventKind::Started(payload)) => {
                Some(identify::by_start(self.tx, self.source, from, payload.as_deref(), profile, self.now).await?)
            }
            (Did::Phone, EventKind::Phone { number, .. }) => {
                Some(identify::by_phone(self.tx, self.source, from, (number, true), profile, self.now).await?)
            }
            (Did::Phone, EventKind::PhoneClaimed { number }) => {
                Some(identify::by_phone(self.tx, self.source, from, (number, false), profile, self.now).await?)
            }
            (Did::Said(_) | Did::Word(_) | Did::Doubtful(_), _) => {
                Some(identify::find_or_create(self.tx, self.source, from, profile, self.now).await?)
            }
            _ => known,
        };
        if let Some(id) = &profile.id {
            on!(self.tx.conn(), |c| sqlx::query(queries::KEEP_ID)
                .bind(self.source.account)
                .bind(&self.source.address_kind)
                .bind(from)
                .bind(self.source.scope)
                .bind(id)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(who)
    }

    /// Notes whose event it was, so that a deletion finds it.
    pub(super) async fn note_whose(&mut self, contact: Option<ContactId>) -> sqlx::Result<()> {
        let Some(contact) = contact else { return Ok(()) };
        self.owner = Some(contact);
        on!(self.tx.conn(), |c| sqlx::query(queries::WHOSE)
            .bind(self.source.account)
            .bind(self.row.id)
            .bind(contact)
            .execute(c)
            .await
            .map(|_| ()))
    }

    pub(super) async fn person(&mut self, contact: Option<ContactId>) -> sqlx::Result<(String, Person)> {
        let source = self.source;
        let account = source.account;
        let (kind, from) = (&source.address_kind, &self.event.from);
        let suppressed = match suppression::said_stop(self.tx, account, kind, from).await? {
            // Somebody who was deleted is known by no address of theirs.
            None if contact.is_none() => gone::said_stop(self.tx, account, kind, from).await?,
            suppressed => suppressed,
        };
        let row: Option<PersonRow> = match contact {
            Some(contact) => on!(self.tx.conn(), |c| sqlx::query_as(queries::PERSON)
                .bind(account)
                .bind(contact)
                .bind(&source.address_kind)
                .bind(&self.event.from)
                .bind(source.scope)
                .bind(source.channel)
                .fetch_optional(c)
                .await)?,
            None => None,
        };
        self.reach = row.as_ref().and_then(|r| r.reach);
        let tag = row.as_ref().and_then(|r| r.language.clone()).or_else(|| self.event.profile.language.clone());
        let language = tag.map_or(source.language, |tag| Language::from_tag(&tag));
        let mut person = Person {
            company: source.company.clone(),
            language,
            out_since: row.as_ref().and_then(|r| r.opted_out_at).or(suppressed),
            data: Standing::Unknown,
            ads: Standing::Unknown,
            has_phone: !source.asks_phone || row.as_ref().is_some_and(|r| r.phones > 0),
            one_keyboard: source.one_keyboard,
            met: source.starts_by_message && self.met,
            doubt: row.as_ref().and_then(|r| r.doubt),
            asked_last: row.as_ref().is_some_and(|r| r.asked_last),
            kept: Kept::default(),
        };
        if let Some(contact) = contact {
            if let Some(language) = &self.event.profile.language
                && row.as_ref().is_some_and(|r| r.language.is_none())
            {
                self.speaks(contact, &language.to_lowercase()).await?;
            }
            (person.data, person.ads) = self.standing(contact).await?;
            if row.as_ref().is_some_and(|r| r.name.is_empty()) {
                self.is_called(contact).await?;
            }
        }
        Ok((row.map(|r| r.name).unwrap_or_default(), person))
    }

    /// Notes the name of a contact whose name was not known: the messenger did not tell it at
    /// first.
    async fn is_called(&mut self, contact: ContactId) -> sqlx::Result<()> {
        let Profile { first_name, last_name, .. } = &self.event.profile;
        if first_name.trim().is_empty() && last_name.trim().is_empty() {
            return Ok(());
        }
        let draft = Draft { first_name: Some(first_name.clone()), last_name: Some(last_name.clone()), ..Draft::default() };
        contact::update(self.tx, self.source.account, contact, &draft, self.now).await.map(|_| ())
    }

    /// Notes the language of a contact whose language was not known.
    async fn speaks(&mut self, contact: ContactId, language: &str) -> sqlx::Result<()> {
        on!(self.tx.conn(), |c| sqlx::query(queries::SET_LANGUAGE)
            .bind(self.source.account)
            .bind(contact)
            .bind(language)
            .execute(c)
            .await
            .map(|_| ()))
    }

    /// How a contact stands with personal data and with advertising.
    async fn standing(&mut self, contact: ContactId) -> sqlx::Result<(Standing, Standing)> {
        let steps: Vec<(Purpose, Action, Grade, Moment, i64)> = on!(self.tx.conn(), |c| sqlx::query_as(consent::queries::ALL_STEPS)
            .bind(self.source.account)
            .bind(contact)
            .fetch_all(c)
            .await)?;
        let standing = |purpose: Purpose| {
            let of = steps.iter().filter(|step| step.0 == purpose);
            let steps: Vec<Step> = of.map(|&(_, action, grade, at, id)| Step { action, grade, at, id }).collect();
            match consent::grade_of(&steps) {
                Some(grade) => Standing::Granted(grade),
                None if steps.is_empty() => Standing::Unknown,
                None => Standing::Refused,
            }
        };
        Ok((standing(Purpose::PersonalData), standing(Purpose::Marketing)))
    }
}
