//! The act of destruction and the extract of the event log, with what the order of Roskomnadzor
//! No. 179 of 2022-10-28 asks for (points 3 and 5). The person is named by their number in the
//! journals: an act with the name in it would keep what it says was destroyed. Whoever wants the
//! name in the printed act writes it by hand.

use super::{Category, Facts, Ground};
use crate::{account::Language, clock::Moment, paper::Paper};

pub use crate::paper::PaperError;

/// The name of the information system.
const SYSTEM: &str = "Messenger Marketing Solution (mms)";

/// Words in the language of the document.
struct Say(Language);

impl Say {
    fn of<'a>(&self, ru: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Language::Ru => ru,
            Language::En => en,
        }
    }
}

fn ground(say: &Say, ground: Ground) -> String {
    let words = match ground {
        Ground::Unlawful => say.of(
            "Неправомерная обработка, обеспечить правомерность невозможно (152-ФЗ, ст. 21, ч. 3)",
            "Unlawful processing that cannot be made lawful (152-FZ, art. 21, part 3)",
        ),
        Ground::Unneeded => say.of(
            "Данные получены незаконно или не нужны для цели обработки (152-ФЗ, ст. 20, ч. 3)",
            "Data got unlawfully, or not needed for their purpose (152-FZ, art. 20, part 3)",
        ),
        Ground::Demanded => say.of(
            "Требование субъекта прекратить обработку (152-ФЗ, ст. 21, ч. 5.1)",
            "The person's demand to stop processing (152-FZ, art. 21, part 5.1)",
        ),
        Ground::Withdrawn => say.of(
            "Отзыв согласия на обработку персональных данных (152-ФЗ, ст. 21, ч. 5)",
            "The consent to processing was taken back (152-FZ, art. 21, part 5)",
        ),
        Ground::Achieved => {
            say.of("Цель обработки достигнута (152-ФЗ, ст. 21, ч. 4)", "The purpose of processing is achieved (152-FZ, art. 21, part 4)")
        }
    };
    words.to_owned()
}

/// A kind of data in words.
#[must_use]
pub fn category(language: Language, category: Category) -> &'static str {
    let say = Say(language);
    match category {
        Category::Name => say.of("Фамилия, имя, отчество", "Name"),
        Category::Phones => say.of("Номера телефонов", "Phone numbers"),
        Category::Emails => say.of("Адреса электронной почты", "E-mail addresses"),
        Category::Chats => say.of("Идентификаторы в мессенджерах", "Ids in messengers"),
        Category::Fields => say.of("Сведения о клиенте в полях карточки", "Fields of the customer's card"),
        Category::Tags => say.of("Метки", "Tags"),
        Category::Words => say.of("Переписка", "Conversations"),
        Category::Texts => say.of("Тексты отправленных сообщений рассылок", "Texts of messages sent by campaigns"),
        Category::Answers => say.of("Ответы и служебные сообщения", "Replies and service messages"),
        Category::Occasions => say.of("Визиты, заказы, сделки", "Visits, orders, deals"),
        Category::Events => say.of("Входящие события мессенджеров", "Incoming events of messengers"),
        Category::Notes => say.of("Записи, переданные в CRM", "Notes told to the CRM"),
        Category::Papers => say.of("Подписанные согласия (копии бумаг)", "Signed consents (copies of papers)"),
        Category::Files => say.of("Файлы импорта со сведениями о человеке", "Files of imports that named the person"),
        Category::Proofs => say.of("Адреса и имена в записях журнала согласий", "Addresses and names in entries of the consent ledger"),
    }
}

fn time(facts: &Facts, at: Moment) -> String {
    let zone: chrono_tz::Tz = facts.zone.parse().unwrap_or(chrono_tz::UTC);
    at.with_timezone(&zone).format("%d.%m.%Y %H:%M:%S %Z").to_string()
}

fn day(facts: &Facts, at: Moment) -> String {
    let zone: chrono_tz::Tz = facts.zone.parse().unwrap_or(chrono_tz::UTC);
    at.with_timezone(&zone).format("%d.%m.%Y").to_string()
}

fn system(facts: &Facts) -> String {
    format!("{SYSTEM}, «{}»", facts.company)
}

/// The act of destruction.
///
/// # Errors
/// [`PaperError`].
pub fn act(facts: &Facts) -> Result<Vec<u8>, PaperError> {
    let say = Say(facts.language);
    let title = match facts.language {
        Language::Ru => format!("Акт об уничтожении персональных данных № {}", facts.number),
        Language::En => format!("Act of destruction of personal data No. {}", facts.number),
    };
    let mut paper = Paper::new(&title, facts.language);
    let responsible = facts.operator.signers.first().map(|one| format!("{}, {}", one.post, one.name)).unwrap_or_default();
    let (done, system, person) = (day(facts, facts.done_at), system(facts), facts.person.to_string());
    let (why, asked) = (ground(&say, facts.ground), day(facts, facts.asked_at));
    paper.heading(&title);
    paper.fields(&[
        (say.of("Дата уничтожения", "Date of destruction"), &done),
        (say.of("Оператор", "Operator"), &facts.operator.name),
        (say.of("Адрес оператора", "The operator's address"), &facts.operator.address),
        (say.of("Ответственный за обработку", "Responsible for processing"), &responsible),
        (say.of("Субъект персональных данных (номер в журналах системы)", "The person (number in the system's journals)"), &person),
        (say.of("Фамилия, имя, отчество (вписываются от руки, если нужно)", "Name (written by hand if wanted)"), "____________________"),
        (say.of("Информационная система", "Information system"), &system),
        (
            say.of("Способ уничтожения", "Way of destruction"),
            say.of(
                "Программное удаление и обезличивание записей без возможности восстановления средствами системы",
                "Records are deleted or blanked by the program; the system cannot bring them back",
            ),
        ),
        (say.of("Причина", "Reason"), &why),
        (say.of("Требование поступило", "The demand came"), &asked),
    ]);
    paper.heading(say.of("Перечень категорий уничтоженных данных", "Categories of destroyed data"));
    let rows: Vec<Vec<String>> =
        facts.categories.iter().map(|(one, count)| vec![category(facts.language, *one).to_owned(), count.to_string()]).collect();
    paper.table(&[say.of("Категория", "Category"), say.of("Записей", "Records")], &rows);
    let until = facts.backups_until.format("%d.%m.%Y").to_string();
    paper.text(&match facts.language {
        Language::Ru => format!(
            "Резервные копии, сделанные до уничтожения, хранятся не дольше чем до {until}. При восстановлении из такой копии уничтожение \
             применяется повторно. От адресов остались ключевые хеши (HMAC-SHA-256), по которым нельзя узнать человека: по ним система \
             отказывает в повторном внесении. Сохранены без сведений о человеке: журнал согласий и отказов и факты отправки."
        ),
        Language::En => format!(
            "Backups made before the destruction are kept until {until} at most. When one is restored, the destruction is done again. Of the \
             addresses keyed hashes (HMAC-SHA-256) are left, by which nobody can be known: the system refuses to take the person in again by \
             them. Kept without anything that names the person: the journal of consents and refusals, and the facts of sending."
        ),
    });
    let lines: Vec<(&str, &str)> = facts.operator.signers.iter().map(|one| (one.post.as_str(), one.name.as_str())).collect();
    paper.heading(say.of("Подписи", "Signatures"));
    paper.sign_lines(&lines);
    paper.finish()
}

/// The extract of the event log.
///
/// # Errors
/// [`PaperError`].
pub fn extract(facts: &Facts) -> Result<Vec<u8>, PaperError> {
    let say = Say(facts.language);
    let title = match facts.language {
        Language::Ru => format!("Выгрузка из журнала событий к акту № {}", facts.number),
        Language::En => format!("Extract of the event log for act No. {}", facts.number),
    };
    let mut paper = Paper::new(&title, facts.language);
    paper.heading(&title);
    let (why, done, asked) = (ground(&say, facts.ground), time(facts, facts.done_at), time(facts, facts.asked_at));
    let (system, person) = (system(facts), facts.person.to_string());
    paper.fields(&[
        (say.of("Субъект персональных данных (номер)", "The person (number)"), &person),
        (say.of("Информационная система", "Information system"), &system),
        (say.of("Причина уничтожения", "Reason"), &why),
        (say.of("Требование внесено", "The demand was filed"), &asked),
        (say.of("Дата уничтожения", "Date of destruction"), &done),
        (say.of("Подтвердил", "Confirmed by"), &facts.confirmed_by),
    ]);
    let rows: Vec<Vec<String>> = facts
        .categories
        .iter()
        .map(|(one, count)| vec![done.clone(), category(facts.language, *one).to_owned(), count.to_string()])
        .collect();
    paper.table(&[say.of("Время", "Time"), say.of("Категория", "Category"), say.of("Уничтожено записей", "Records destroyed")], &rows);
    paper.finish()
}
