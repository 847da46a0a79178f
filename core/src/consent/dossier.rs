//! The evidence dossier: everything a contact's consents rest on, with the words the person was shown.

use std::fmt::Write as _;

use super::{
    Action, Grade, Purpose,
    doubt::{self, Outcome, Past},
    queries,
};
use crate::{
    account::Language,
    clock::Moment,
    id::{AccountId, ContactId},
    on,
    store::Store,
};

/// One entry of the ledger with what it refers to.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Entry {
    /// Its number in the ledger.
    pub id: i64,
    /// For what.
    pub purpose: Purpose,
    /// Given or taken back.
    pub action: Action,
    /// How good the evidence is.
    pub grade: Grade,
    /// When it happened.
    pub at: Moment,
    /// When it was written down.
    pub recorded_at: Moment,
    /// Who wrote it down.
    pub actor: String,
    /// The evidence.
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
    /// Whose.
    pub contact: ContactId,
    /// The contact's name; empty when the contact was deleted (the ledger stays).
    pub name: String,
    /// Every entry, oldest first.
    pub entries: Vec<Entry>,
    /// Messages that perhaps were refusals, with how each was settled, oldest first.
    pub doubts: Vec<Past>,
    /// Made at.
    pub at: Moment,
}

/// The dossier of a contact; `None` when the account has no such contact.
///
/// # Errors
/// The database's.
pub async fn dossier(store: &Store, account: AccountId, contact: ContactId, now: Moment) -> sqlx::Result<Option<Dossier>> {
    let name: Option<String> =
        on!(store.read(), |c| sqlx::query_scalar(queries::NAME).bind(account).bind(contact).fetch_optional(c).await)?;
    let Some(name) = name else { return Ok(None) };
    let entries = on!(store.read(), |c| sqlx::query_as(queries::DOSSIER).bind(account).bind(contact).fetch_all(c).await)?;
    let doubts = doubt::all(store, account, contact).await?;
    Ok(Some(Dossier { contact, name, entries, doubts, at: now }))
}

impl Dossier {
    /// The dossier as a text file, times in `zone`.
    #[must_use]
    pub fn text(&self, language: Language, zone: chrono_tz::Tz) -> String {
        let when = |at: Moment| at.with_timezone(&zone).format("%d.%m.%Y %H:%M:%S %Z").to_string();
        let ru = language == Language::Ru;
        let pick = |russian: &'static str, english: &'static str| if ru { russian } else { english };
        let mut out = String::new();
        // Writing to a String cannot fail.
        let mut line = |text: String| {
            let _ = writeln!(out, "{text}");
        };
        line(pick("Согласия и доказательства", "Consents and evidence").to_owned());
        line(format!("{}: {} ({})", pick("Контакт", "Contact"), self.name, self.contact));
        line(format!("{}: {}", pick("Составлено", "Made at"), when(self.at)));
        line(format!("{}: {}", pick("Записей", "Entries"), self.entries.len()));
        for entry in &self.entries {
            line(String::new());
            let purpose = match entry.purpose {
                Purpose::PersonalData => pick("персональные данные", "personal data"),
                Purpose::Marketing => pick("реклама", "advertising"),
            };
            let action = match entry.action {
                Action::Granted => pick("согласие", "granted"),
                Action::Withdrawn => pick("отказ", "withdrawn"),
            };
            let grade = match entry.grade {
                Grade::A => pick("A — в чате с ботом", "A: in a chat with the bot"),
                Grade::B => pick("B — подписанный документ", "B: a signed document"),
                Grade::C => pick("C — отметка в CRM с датой и автором", "C: a mark in the CRM with date and author"),
                Grade::D => pick("D — со слов владельца", "D: stated by the owner"),
            };
            line(format!("№ {} · {purpose} · {action}", entry.id));
            line(format!("  {}: {}", pick("Когда", "When"), when(entry.at)));
            line(format!("  {}: {}", pick("Записано", "Recorded"), when(entry.recorded_at)));
            line(format!("  {}: {}", pick("Кем", "By"), entry.actor));
            line(format!("  {}: {grade}", pick("Доказательство", "Evidence")));
            if let Some(channel) = &entry.channel_name {
                line(format!("  {}: {channel}", pick("Канал", "Channel")));
            }
            if let Some(facts) = entry.evidence.as_object() {
                for (key, value) in facts.iter().filter(|(_, value)| !value.is_null()) {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    line(format!("  · {key}: {value}"));
                }
            }
            if let (Some(version), Some(body)) = (entry.wording_version, &entry.wording_body) {
                line(format!(
                    "  {} ({} {version}):",
                    pick("Текст, который видел человек", "The words the person read"),
                    pick("версия", "version")
                ));
                for text in body.lines() {
                    line(format!("    {text}"));
                }
            }
        }
        for one in &self.doubts {
            line(String::new());
            line(format!("{} № {} · {}", pick("Сомнение", "Doubt"), one.id, pick("похоже на отказ от рекламы", "perhaps a refusal")));
            line(format!("  {}: {}", pick("Когда", "When"), when(one.opened_at)));
            line(format!("  {}: {}", pick("Канал", "Channel"), one.channel));
            if let Some(message) = &one.message_ref {
                line(format!("  {}: {message}", pick("Сообщение", "Message")));
            }
            let settled = match one.outcome {
                None => pick("ответа нет, реклама не отправляется", "no answer, no advertising is sent"),
                Some(Outcome::Yes) => pick("ответ «Да»: отписка", "answered “Yes”: unsubscribed"),
                Some(Outcome::No) => pick("ответ «Нет»", "answered “No”"),
                Some(Outcome::Stopped) => pick("отказ", "a refusal"),
                Some(Outcome::Lifted) => pick("участник отметил, что это не отказ", "a member marked it as no refusal"),
                Some(Outcome::Moved) => pick("чат перешёл к другому контакту", "the chat went to another contact"),
            };
            line(match one.closed_at {
                Some(at) => format!("  {}: {settled}, {}", pick("Итог", "Outcome"), when(at)),
                None => format!("  {}: {settled}", pick("Итог", "Outcome")),
            });
            if let (Some(member), Some(reason)) = (&one.member, &one.reason) {
                line(format!("  {}: {member}. {reason}", pick("Кто и почему", "Who and why")));
            }
        }
        out
    }
}
