//! All that a company has of one person, for that person (152-FZ, art. 14; GDPR, art. 15 and 20):
//! JSON for machines and a PDF for people, in one archive.

use std::io::{Cursor, Write as _};

use serde_json::{Map, Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    account::{AccountError, Actor, Language, export, settings},
    aside,
    clock::Moment,
    consent::dossier::{self, Dossier},
    contact::{
        Field,
        card::{self, Card, DeliveryLine, MessageLine},
        field, occasion, queries,
    },
    delivery::kept::{self, Message},
    id::{ContactId, DeliveryId},
    on,
    paper::{Paper, PaperError},
    store::{Store, file},
};

/// Rows of one kind at most: nobody has more, and an archive has an end.
const MOST: i64 = 100_000;
/// Deliveries whose words are read at a time.
const PORTION: usize = 500;
/// Characters of a text in the PDF; the JSON has all of it.
const SHOWN: usize = 1_000;

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// No right, no such contact, the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The PDF could not be made.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The archive could not be written.
    #[error("the archive could not be written: {0}")]
    Archive(String),
}

impl From<sqlx::Error> for PersonError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// What is known of a person.
struct Person {
    card: Card,
    fields: Vec<Field>,
    dossier: Dossier,
    deliveries: Vec<(DeliveryLine, Option<Message>)>,
    messages: Vec<MessageLine>,
    occasions: Vec<occasion::Occasion>,
    /// Papers that the person signed, by their place in the archive.
    papers: Vec<(String, Vec<u8>)>,
    company: String,
    zone: chrono_tz::Tz,
    at: Moment,
}

/// The archive of a person, on the record.
///
/// # Errors
/// [`PersonError`].
pub async fn archive(store: &Store, actor: &Actor, contact: ContactId, now: Moment) -> Result<Vec<u8>, PersonError> {
    let account = actor.account;
    let card = card::card(store, account, contact).await?.filter(|card| card.contact.deleted_at.is_none()).ok_or(AccountError::NotFound)?;
    let settings = settings::get(store, account).await?.ok_or(AccountError::NotFound)?;
    let lines: Vec<DeliveryLine> =
        on!(store.read(), |c| sqlx::query_as(queries::LAST_DELIVERIES).bind(account).bind(contact).bind(MOST).fetch_all(c).await)?;
    let ids: Vec<DeliveryId> = lines.iter().map(|line| line.id).collect();
    let mut words = std::collections::HashMap::new();
    for portion in ids.chunks(PORTION) {
        words.extend(kept::of(store, account, portion).await?);
    }
    let dossier = dossier::dossier(store, account, contact, now).await?.ok_or(AccountError::NotFound)?;
    let mut papers = Vec::new();
    for entry in &dossier.entries {
        let (Some(paper), Some(path)) = (dossier.paper(entry), dossier.paper_path(entry)) else { continue };
        if let Some(content) = file::content(store, account, paper.file_id).await? {
            papers.push((path, content));
        }
    }
    let person = Person {
        fields: field::list(store, account).await?,
        dossier,
        papers,
        deliveries: lines
            .into_iter()
            .map(|line| {
                let message = words.remove(&line.id);
                (line, message)
            })
            .collect(),
        messages: on!(store.read(), |c| sqlx::query_as(queries::LAST_MESSAGES).bind(account).bind(contact).bind(MOST).fetch_all(c).await)?,
        occasions: occasion::of_contact(store, account, contact, MOST).await?,
        company: settings.name.clone(),
        zone: settings.tz(),
        at: now,
        card,
    };
    let rows = person.messages.len() + person.deliveries.len() + person.occasions.len();
    let language = actor.language;
    // Only a panic of the drawing comes out of the first.
    let made = aside::run(move || person.archive(language)).await.map_err(|error| PersonError::Archive(error.to_string()))??;
    export::note(store, actor, export::What::Person, contact, Some(rows as u64), now).await?;
    Ok(made)
}

impl Person {
    fn archive(&self, language: Language) -> Result<Vec<u8>, PersonError> {
        let broken = |error: &dyn std::fmt::Display| PersonError::Archive(error.to_string());
        let json = serde_json::to_vec_pretty(&self.json()).map_err(|error| broken(&error))?;
        let paper = self.paper(language)?;
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let papers = self.papers.iter().map(|(path, content)| (path.as_str(), content));
        for (name, content) in [("person.json", &json), ("person.pdf", &paper)].into_iter().chain(papers) {
            zip.start_file(name, SimpleFileOptions::default()).map_err(|error| broken(&error))?;
            zip.write_all(content).map_err(|error| broken(&error))?;
        }
        Ok(zip.finish().map_err(|error| broken(&error))?.into_inner())
    }

    fn json(&self) -> Value {
        let contact = &self.card.contact;
        let named: Map<String, Value> =
            self.fields.iter().filter_map(|field| Some((field.title.clone(), contact.attributes.get(&field.key)?.clone()))).collect();
        json!({
            "format": "mms person 1",
            "company": self.company,
            "made_at": self.at,
            "id": contact.id,
            "name": contact.name,
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "language": contact.language,
            "zone": contact.zone,
            "source": contact.source,
            "known_since": contact.created_at,
            "opted_out_at": contact.opted_out_at,
            "fields": named,
            "tags": self.card.tags,
            "addresses": self.card.addresses.iter().map(|one| json!({ "kind": one.kind, "value": one.value })).collect::<Vec<_>>(),
            "crm_records": self.card.sources.iter().map(|one| json!({ "crm": one.name, "id": one.crm_id, "since": one.since })).collect::<Vec<_>>(),
            "consents": self.dossier.entries.iter().map(|one| json!({
                "purpose": one.purpose, "action": one.action, "grade": one.grade, "at": one.at, "evidence": one.evidence,
                "channel": one.channel_name, "wording_version": one.wording_version, "wording": one.wording_body,
                "paper": self.dossier.paper_path(one),
            })).collect::<Vec<_>>(),
            "campaign_messages": self.deliveries.iter().map(|(line, message)| json!({
                "campaign": line.campaign, "state": line.state, "at": line.at,
                "text": message.as_ref().map(|message| &message.body.text),
            })).collect::<Vec<_>>(),
            "conversation": self.messages.iter().map(|one| json!({
                "direction": one.direction, "at": one.at, "text": one.body, "file": one.file_kind,
            })).collect::<Vec<_>>(),
            "occasions": self.occasions.iter().map(|one| json!({
                "kind": one.kind, "at": one.at, "state": one.state, "stage": one.stage, "title": one.title, "staff": one.staff,
                "place": one.place, "amount_hundredths": one.amount, "data": one.data.0,
            })).collect::<Vec<_>>(),
        })
    }

    fn paper(&self, language: Language) -> Result<Vec<u8>, PaperError> {
        let say = |ru: &'static str, en: &'static str| if language == Language::Ru { ru } else { en };
        let time = |at: Moment| at.with_timezone(&self.zone).format("%d.%m.%Y %H:%M").to_string();
        let cut = |text: &str| text.chars().take(SHOWN).collect::<String>();
        let contact = &self.card.contact;
        let title = say("Данные о человеке", "Data of a person");
        let mut paper = Paper::new(title, language);
        paper.heading(title);
        let (made, since, tags) = (time(self.at), time(contact.created_at), self.card.tags.join(", "));
        let addresses: Vec<String> = self.card.addresses.iter().map(|one| format!("{}: {}", one.kind, one.value)).collect();
        let addresses = addresses.join("\n");
        let mut fields = vec![
            (say("Компания", "Company"), self.company.clone()),
            (say("Выгружено", "Made"), made),
            (say("Имя", "Name"), contact.name.clone()),
            (say("Известен с", "Known since"), since),
            (say("Источник", "Source"), contact.source.clone()),
            (say("Адреса", "Addresses"), addresses),
            (say("Метки", "Tags"), tags),
        ];
        if let Some(at) = contact.opted_out_at {
            fields.push((say("Отказ от рекламы", "Refused advertising"), time(at)));
        }
        let own: Vec<(&str, String)> = self
            .fields
            .iter()
            .filter_map(|field| {
                let value = contact.attributes.get(&field.key)?;
                Some((field.title.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            })
            .collect();
        let all: Vec<(&str, &str)> = fields
            .iter()
            .map(|(label, value)| (*label, value.as_str()))
            .chain(own.iter().map(|(label, value)| (*label, value.as_str())))
            .collect();
        paper.fields(&all.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>());
        let mut section = |heading: &str, head: &[&str], rows: Vec<Vec<String>>| {
            if !rows.is_empty() {
                paper.heading(heading);
                paper.table(head, &rows);
            }
        };
        let (at, text) = (say("Время", "Time"), say("Текст", "Text"));
        section(
            say("Согласия и отказы", "Consents and refusals"),
            &[at, say("О чём", "Purpose"), say("Что", "What"), say("Доказательство", "Grade")],
            self.dossier
                .entries
                .iter()
                .map(|one| vec![time(one.at), one.purpose.as_str().to_owned(), one.action.as_str().to_owned(), format!("{:?}", one.grade)])
                .collect(),
        );
        section(
            say("Сообщения рассылок", "Messages of campaigns"),
            &[at, say("Рассылка", "Campaign"), text],
            self.deliveries
                .iter()
                .map(|(line, message)| {
                    vec![time(line.at), line.campaign.clone(), message.as_ref().map(|one| cut(&one.body.text)).unwrap_or_default()]
                })
                .collect(),
        );
        section(
            say("Переписка", "Conversation"),
            &[at, say("Кто", "Who"), text],
            self.messages
                .iter()
                .map(|one| {
                    let who = if one.direction == "in" { say("клиент", "customer") } else { say("компания", "company") };
                    vec![time(one.at), who.to_owned(), cut(&one.body)]
                })
                .collect(),
        );
        section(
            say("Визиты, заказы, сделки", "Visits, orders, deals"),
            &[at, say("Что", "What"), say("Стадия", "Stage")],
            self.occasions.iter().map(|one| vec![time(one.at), one.title.clone(), one.stage.clone()]).collect(),
        );
        paper.text(say("Полный состав — в файле person.json.", "The file person.json has all of it."));
        paper.finish()
    }
}
