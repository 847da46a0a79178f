//! The dossier as a text for people: who, how, in whose words; numbers for whoever checks come
//! last.

use std::fmt::Write as _;

use chrono::TimeDelta;
use serde_json::Value;

use super::{Dossier, Entry};
use crate::{
    account::Language,
    clock::Moment,
    consent::{
        Action, Grade, Purpose,
        doubt::{Outcome, Past},
        wording,
    },
};

/// An entry written down later than this after it happened says so.
const AT_ONCE: TimeDelta = TimeDelta::minutes(1);

/// The text in the making.
struct Writer<'a> {
    dossier: &'a Dossier,
    language: Language,
    zone: chrono_tz::Tz,
    out: String,
}

impl Dossier {
    /// The dossier as a text file, times in `zone`.
    #[must_use]
    pub fn text(&self, language: Language, zone: chrono_tz::Tz) -> String {
        let mut writer = Writer { dossier: self, language, zone, out: String::new() };
        writer.all();
        writer.out
    }
}

impl Writer<'_> {
    fn pick(&self, russian: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::Ru => russian,
            Language::En => english,
        }
    }

    fn when(&self, at: Moment) -> String {
        at.with_timezone(&self.zone).format("%d.%m.%Y %H:%M:%S %Z").to_string()
    }

    fn quoted(&self, text: &str) -> String {
        match self.language {
            Language::Ru => format!("«{text}»"),
            Language::En => format!("“{text}”"),
        }
    }

    fn line(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.out, "{text}");
    }

    /// `  Title: text`.
    fn fact(&mut self, russian: &'static str, english: &'static str, text: &str) {
        let title = self.pick(russian, english);
        self.line(&format!("  {title}: {text}"));
    }

    /// A text of several lines under a title.
    fn block(&mut self, title: &str, text: &str) {
        self.line(&format!("  {title}:"));
        for line in text.lines() {
            self.line(&format!("    {line}"));
        }
    }

    fn all(&mut self) {
        let dossier = self.dossier;
        self.line(self.pick("Согласия и доказательства", "Consents and evidence"));
        let name = self.person();
        self.line(&format!("{}: {name}", self.pick("Клиент", "Customer")));
        self.line(&format!("{}: {}", self.pick("Составлено", "Made at"), self.when(dossier.at)));
        self.line(&format!("{}: {}", self.pick("Записей", "Entries"), dossier.entries.len()));
        for entry in &dossier.entries {
            self.line("");
            self.entry(entry);
        }
        for doubt in &dossier.doubts {
            self.line("");
            self.doubt(doubt);
        }
        self.line("");
        self.line(&format!("{}: {}", self.pick("Номер клиента в базе", "The customer’s number in the database"), dossier.contact));
    }

    /// The customer's name.
    fn person(&self) -> String {
        let name = self.dossier.name.trim();
        if name.is_empty() { self.pick("без имени", "no name").to_owned() } else { name.to_owned() }
    }

    fn entry(&mut self, entry: &Entry) {
        let purpose = match entry.purpose {
            Purpose::PersonalData => self.pick("персональные данные", "personal data"),
            Purpose::Marketing => self.pick("реклама", "advertising"),
        };
        let action = match entry.action {
            Action::Granted => self.pick("согласие", "granted"),
            Action::Withdrawn => self.pick("отказ", "withdrawn"),
        };
        self.line(&format!("№ {} · {purpose} · {action}", entry.id));
        self.fact("Когда", "When", &self.when(entry.at));
        if entry.recorded_at - entry.at > AT_ONCE {
            self.fact("Записано", "Recorded", &self.when(entry.recorded_at));
        }
        let (who, how) = (self.who(entry), self.how(entry));
        self.fact("Кто", "Who", &who);
        if let Some(how) = how {
            self.fact("Как", "How", &how);
        }
        let said = |key: &str| entry.evidence[key].as_str().and_then(|message| self.dossier.words.get(message));
        let words = said("keyword_message").or_else(|| said("message"));
        if let Some(words) = words {
            let title = self.pick("Слова клиента", "The customer’s words").to_owned();
            self.block(&title, &self.quoted(words));
        }
        if let Some(body) = &entry.wording_body {
            let (title, version_of) =
                (self.pick("Текст, который видел человек", "The words the person read"), self.pick("версия", "version"));
            match entry.wording_version {
                Some(version) => self.block(&format!("{title} ({version_of} {version})"), body),
                None => self.block(title, body),
            }
        }
        let grade = match entry.grade {
            Grade::A => self.pick("A — в чате с ботом", "A: in a chat with the bot"),
            Grade::B => self.pick("B — подписанный документ", "B: a signed document"),
            Grade::C => self.pick("C — отметка в CRM с датой и автором", "C: a mark in the CRM with date and author"),
            Grade::D => self.pick("D — со слов владельца", "D: stated by the owner"),
        };
        self.fact("Доказательство", "Evidence", grade);
        if let Some(channel) = &entry.channel_name {
            self.fact("Канал", "Channel", channel);
        }
        if let Some(paper) = self.dossier.paper(entry) {
            let said = match self.dossier.paper_path(entry) {
                Some(path) => format!("{path} ({}, {} {})", paper.mime, paper.size, self.pick("байт", "bytes")),
                None => self.pick("файл больше не хранится", "the file is kept no more").to_owned(),
            };
            self.fact("Бумага в архиве доказательств", "The paper in the archive of evidence", &said);
        }
        let numbers = self.numbers(entry);
        if !numbers.is_empty() {
            self.fact("Для проверки", "To check", &numbers);
        }
    }

    /// Who said it, by name.
    fn who(&self, entry: &Entry) -> String {
        let named = |id: &str| self.dossier.names.get(id).cloned();
        match entry.actor.as_str() {
            "contact" => format!("{}, {}", self.person(), self.pick("сам клиент", "the customer")),
            "crm" => {
                let crm = entry.evidence["connection"].as_str().and_then(named).map(|name| format!(" {}", self.quoted(&name)));
                format!("{}{}", self.pick("CRM", "the CRM"), crm.unwrap_or_default())
            }
            "system" => self.pick("программа", "the program").to_owned(),
            member => named(member).map_or_else(
                || self.pick("сотрудник", "a member of staff").to_owned(),
                |name| format!("{name}, {}", self.pick("сотрудник", "a member of staff")),
            ),
        }
    }

    /// How it was said.
    fn how(&self, entry: &Entry) -> Option<String> {
        let evidence = &entry.evidence;
        let text = |key: &str| evidence[key].as_str().map(str::trim).filter(|text| !text.is_empty());
        if let Some(pressed) = text("button").and_then(|data| self.pressed(data)) {
            let word = text("keyword").map(|word| format!("; {} {}", self.pick("пришёл по слову", "came by the word"), self.quoted(word)));
            return Some(format!("{pressed}{}", word.unwrap_or_default()));
        }
        if let Some(how) = text("how") {
            return Some(
                match how {
                    "text" => self.pick("сообщение в чате с ботом", "a message in the chat with the bot"),
                    "command" => self.pick("команда /stop в чате с ботом", "the command /stop in the chat with the bot"),
                    "button" => self.pick("кнопка отписки под сообщением", "the unsubscribe button under a message"),
                    "question" => self
                        .pick("ответ «Да» на вопрос «Отписать вас от рассылки?»", "answered “Yes” to “Unsubscribe you from our mailings?”"),
                    "manual" => self.pick("сказано сотруднику", "told a member of staff"),
                    "crm" => self.pick("отметка «не писать» в CRM", "the mark “do not write” in the CRM"),
                    "signed" => {
                        let day = text("signed_on").and_then(|day| day.parse::<chrono::NaiveDate>().ok());
                        let day = day.map(|day| day.format("%d.%m.%Y").to_string()).unwrap_or_default();
                        return Some(format!("{} {day}", self.pick("подписанная бумага от", "a signed paper of")));
                    }
                    "twin" => self.pick("записано в другой карточке того же человека", "noted on another card of the same person"),
                    "divided" => self.pick("карточки разделены: согласие дал другой", "the cards were divided: another one consented"),
                    other => return Some(other.to_owned()),
                }
                .to_owned(),
            );
        }
        if let Some(file) = text("file") {
            let basis = match text("basis") {
                Some("signed_document") => self.pick("подписанный документ", "a signed document"),
                Some("owner_statement") => self.pick("слова владельца", "the owner’s word"),
                _ => "",
            };
            let mut how = format!("{} {}", self.pick("импорт файла", "import of the file"), self.quoted(file));
            if let Some(row) = evidence["row"].as_u64() {
                let _ = write!(how, ", {} {row}", self.pick("строка", "line"));
            }
            if !basis.is_empty() {
                let _ = write!(how, "; {}: {basis}", self.pick("основание", "basis"));
            }
            if let Some(origin) = text("origin") {
                let _ = write!(how, " ({origin})");
            }
            return Some(how);
        }
        (!evidence["crm_contact"].is_null() || text("author").is_some()).then(|| {
            let marks: Vec<String> = evidence["value"].as_array().into_iter().flatten().map(|mark| self.mark(mark)).collect();
            let mut how = self.pick("отметка в карточке CRM", "a mark on the CRM’s card").to_owned();
            if !marks.is_empty() {
                let _ = write!(how, ": {}", marks.join(", "));
            }
            if let Some(author) = text("author") {
                let _ = write!(how, "; {}: {author}", self.pick("кто отметил", "marked by"));
            }
            if let Some(at) = text("at").and_then(|at| at.parse::<Moment>().ok()) {
                let _ = write!(how, "; {}: {}", self.pick("когда", "when"), self.when(at));
            }
            how
        })
    }

    /// A mark of a CRM as people read it.
    fn mark(&self, mark: &Value) -> String {
        match mark {
            Value::Bool(true) => self.pick("да", "yes").to_owned(),
            Value::Bool(false) => self.pick("нет", "no").to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The button of a question of consent, as its data says: its words in the language it was
    /// shown in.
    fn pressed(&self, data: &str) -> Option<String> {
        let mut parts = data.strip_prefix("c:")?.split(':');
        let (_, answer, shown) = (parts.next()?, parts.next()?, parts.next()?);
        let [yes, no] = wording::yes_no(if shown.starts_with("ru") { Language::Ru } else { Language::En });
        let button = self.quoted(if answer == "y" { yes } else { no });
        Some(format!(
            "{} {button} {}",
            self.pick("кнопка", "the button"),
            self.pick("под вопросом в чате с ботом", "under the question in the chat with the bot")
        ))
    }

    /// Numbers by which it is found again at the messenger and in the database.
    fn numbers(&self, entry: &Entry) -> String {
        let number = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        [
            ("chat", "чат", "chat"),
            ("address_mark", "хеш телефона", "hash of the phone"),
            ("forgotten", "стёрто по требованию, хеш прежней записи", "erased on demand, hash of what was there"),
            ("message", "сообщение", "message"),
            ("keyword_message", "сообщение со словом", "message with the word"),
            ("inbound", "событие", "event"),
            ("crm_contact", "контакт CRM", "CRM contact"),
            ("field", "поле CRM", "CRM field"),
            ("sha256", "SHA-256 бумаги", "SHA-256 of the paper"),
            ("words_sha256", "SHA-256 текста", "SHA-256 of the words"),
            ("import", "импорт", "import"),
            ("moved_from", "чат раньше был записан как клиент", "the chat was kept before as customer"),
        ]
        .into_iter()
        .filter_map(|(key, russian, english)| Some(format!("{} {}", self.pick(russian, english), number(&entry.evidence[key])?)))
        .collect::<Vec<_>>()
        .join(", ")
    }

    fn doubt(&mut self, one: &Past) {
        let title = (self.pick("Сомнение", "Doubt"), self.pick("похоже на отказ от рекламы", "perhaps a refusal"));
        self.line(&format!("{} № {} · {}", title.0, one.id, title.1));
        self.fact("Когда", "When", &self.when(one.opened_at));
        self.fact("Канал", "Channel", &one.channel);
        if let Some(words) = one.message_ref.as_deref().and_then(|message| self.dossier.words.get(message)) {
            let title = self.pick("Слова клиента", "The customer’s words").to_owned();
            self.block(&title, &self.quoted(words));
        }
        let settled = match one.outcome {
            None => self.pick("ответа нет, реклама не отправляется", "no answer, no advertising is sent"),
            Some(Outcome::Yes) => self.pick("ответ «Да»: отписка", "answered “Yes”: unsubscribed"),
            Some(Outcome::No) => self.pick("ответ «Нет»", "answered “No”"),
            Some(Outcome::Stopped) => self.pick("отказ", "a refusal"),
            Some(Outcome::Lifted) => self.pick("сотрудник отметил, что это не отказ", "a member of staff marked it as no refusal"),
            Some(Outcome::Moved) => self.pick("чат перешёл к другому контакту", "the chat went to another contact"),
        };
        let settled = match one.closed_at {
            Some(at) => format!("{settled}, {}", self.when(at)),
            None => settled.to_owned(),
        };
        self.fact("Итог", "Outcome", &settled);
        if let (Some(member), Some(reason)) = (&one.member, &one.reason) {
            self.fact("Кто и почему", "Who and why", &format!("{member}: {}", self.quoted(reason)));
        }
        if let Some(message) = &one.message_ref {
            let message = format!("{} {message}", self.pick("сообщение", "message"));
            self.fact("Для проверки", "To check", &message);
        }
    }
}
