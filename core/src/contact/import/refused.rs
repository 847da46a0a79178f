//! The file of what was left out: refused rows, and those taken in but for something, each as it
//! was, with its number and the reasons in words.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{
    mapping::Mapping,
    row::{LeftOut, Reason},
    table::Row,
};
use crate::{
    account::Language,
    contact::{Field, value::ValueError},
    text::phone::PhoneError,
};

/// Rows of one sheet; Excel takes 1 048 576.
const SHEET_ROWS: usize = 1_000_000;
/// Characters of a cell; Excel takes 32 767.
const LONGEST: usize = 32_000;

/// What was left out, with the reason in words.
#[must_use]
pub fn words(left_out: &LeftOut, language: Language, fields: &[Field]) -> String {
    let russian = language == Language::Ru;
    let reason = reason(&left_out.reason, language, fields);
    match (left_out.cell.is_empty(), russian) {
        (true, _) => reason,
        (false, true) => format!("{reason}: «{}»", left_out.cell),
        (false, false) => format!("{reason}: “{}”", left_out.cell),
    }
}

fn reason(reason: &Reason, language: Language, fields: &[Field]) -> String {
    let russian = language == Language::Ru;
    let say = |ru: &str, en: &str| if russian { ru.to_owned() } else { en.to_owned() };
    match reason {
        Reason::NoAddress => say("Нет ни телефона, ни почты", "There is neither phone nor e-mail"),
        Reason::Email => say("Почта написана с ошибкой", "The e-mail is mistyped"),
        Reason::TakenEmail => say("Эта почта у другого человека в строке выше", "A row above gives this e-mail to somebody else"),
        Reason::TakenPhone => say("Этот телефон у другого человека в строке выше", "A row above gives this phone to somebody else"),
        Reason::OtherName => {
            say("В строке выше этот телефон с другим именем, оно и осталось", "A row above has this phone with another name, which stays")
        }
        Reason::PlanLimit => say("По тарифу больше нет места для новых контактов", "The plan has no room for more contacts"),
        Reason::Erased(number) => say(
            &format!("Стёрт по требованию № {number}: в базу не возвращается"),
            &format!("Erased by demand No. {number}: does not come back"),
        ),
        Reason::Phone(error) => match error {
            PhoneError::Empty => say("Телефон не указан", "There is no phone"),
            PhoneError::Letters => say("В телефоне есть буквы", "There are letters in the phone"),
            PhoneError::Extension => {
                say("Телефон с добавочным номером: на него не написать", "The phone has an extension: no messenger reaches it")
            }
            PhoneError::Character => say("В телефоне есть лишний знак", "The phone has a stray character"),
            PhoneError::TooShort => say("В телефоне не хватает цифр", "The phone has too few digits"),
            PhoneError::TooLong => say("В телефоне лишние цифры", "The phone has too many digits"),
            PhoneError::Invalid => say("Такого телефона не бывает", "No such phone exists"),
            PhoneError::Rounded => {
                say("Excel округлил телефон, последние цифры потеряны", "Excel rounded the phone, its last digits are lost")
            }
        },
        Reason::Value { key, error } => {
            let title = fields.iter().find(|field| field.key == *key).map_or(key.as_str(), |field| field.title.as_str());
            match error {
                ValueError::Number => say(&format!("«{title}»: здесь должно быть число"), &format!("“{title}” must be a number")),
                ValueError::Date => say(
                    &format!("«{title}»: здесь должна быть дата, например 31.12.2026"),
                    &format!("“{title}” must be a date, such as 2026-12-31"),
                ),
                ValueError::NoYear => say(&format!("«{title}»: в дате нет года"), &format!("“{title}” is a date without its year")),
                ValueError::Flag => say(&format!("«{title}»: здесь должно быть «да» или «нет»"), &format!("“{title}” must be yes or no")),
                ValueError::TooLong => say(&format!("«{title}»: слишком длинный текст"), &format!("“{title}” is too long")),
            }
        }
    }
}

/// The file's name for people: of ASCII signs and letters, as Telegram makes a space of a dash.
#[must_use]
pub fn file_name(mapping: &Mapping, language: Language) -> String {
    let stem = mapping.file_name.rsplit_once('.').map_or(mapping.file_name.as_str(), |(stem, _)| stem);
    match language {
        Language::Ru => format!("{stem} - не вошло.xlsx"),
        Language::En => format!("{stem} - left out.xlsx"),
    }
}

/// Rows by their place, and what was left out of each.
#[derive(Debug, Default)]
pub struct Told {
    /// Refused: nothing of them came in.
    pub refused: Vec<(usize, Vec<LeftOut>)>,
    /// Taken in but for this.
    pub partly: Vec<(usize, Vec<LeftOut>)>,
}

impl Told {
    /// Everything came in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refused.is_empty() && self.partly.is_empty()
    }
}

/// The workbook: the refused rows first, then those that came in but for something.
///
/// # Errors
/// The writer's.
pub fn workbook(mapping: &Mapping, rows: &[Row], told: &Told, language: Language, fields: &[Field]) -> Result<Vec<u8>, XlsxError> {
    let russian = language == Language::Ru;
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let reason_column = column(1 + mapping.titles.len());
    let names =
        if russian { ["Не вошли", "Вошли без части данных"] } else { ["Not taken in", "Taken in but for"] };
    for (list, name) in [&told.refused, &told.partly].into_iter().zip(names) {
        for (part, list) in list.chunks(SHEET_ROWS).enumerate() {
            let sheet = book.add_worksheet_with_constant_memory()?;
            sheet.set_name(if part == 0 { name.to_owned() } else { format!("{name} {}", part + 1) })?;
            sheet.set_freeze_panes(1, 0)?;
            sheet.write_with_format(0, 0, if russian { "Строка" } else { "Row" }, &bold)?;
            for (at, title) in mapping.titles.iter().enumerate() {
                let title = if mapping.header {
                    title.clone()
                } else {
                    format!("{} {}", if russian { "Столбец" } else { "Column" }, at + 1)
                };
                sheet.write_with_format(0, column(1 + at), title.chars().take(LONGEST).collect::<String>(), &bold)?;
            }
            sheet.write_with_format(0, reason_column, if russian { "Причина" } else { "Reason" }, &bold)?;
            sheet.write_with_format(0, reason_column + 1, if russian { "Код" } else { "Code" }, &bold)?;
            for (line, (at, left_out)) in (1_u32..).zip(list) {
                let Some(row) = rows.get(*at) else { continue };
                sheet.write(line, 0, u32::try_from(row.number).unwrap_or(u32::MAX))?;
                // Of whoever was erased the number of the row is told and nothing else.
                let erased = left_out.iter().any(|one| matches!(one.reason, Reason::Erased(_)));
                for (at, cell) in row.cells().enumerate().filter(|_| !erased) {
                    sheet.write_string(line, column(1 + at), cell.chars().take(LONGEST).collect::<String>())?;
                }
                let reasons: Vec<String> = left_out.iter().map(|one| words(one, language, fields)).collect();
                let mut codes: Vec<&str> = left_out.iter().map(|one| one.reason.code()).collect();
                codes.dedup();
                sheet.write_string(line, reason_column, reasons.join("; ").chars().take(LONGEST).collect::<String>())?;
                sheet.write_string(line, reason_column + 1, codes.join(", "))?;
            }
        }
    }
    book.save_to_buffer()
}

/// Columns are [`super::table::MAX_COLUMNS`] at most.
fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
