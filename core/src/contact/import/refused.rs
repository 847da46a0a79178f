//! The file of refused rows: each as it was, with its number and the reason in words.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{mapping::Mapping, row::Reason, table::Row};
use crate::{
    account::Language,
    contact::{Field, field::ValueError},
    text::phone::PhoneError,
};

/// Rows of one sheet; Excel takes 1 048 576.
const SHEET_ROWS: usize = 1_000_000;

/// The reason in words.
#[must_use]
pub fn words(reason: &Reason, language: Language, fields: &[Field]) -> String {
    let russian = language == Language::Ru;
    let say = |ru: &str, en: &str| if russian { ru.to_owned() } else { en.to_owned() };
    match reason {
        Reason::NoAddress => say("Нет ни телефона, ни почты", "There is neither phone nor e-mail"),
        Reason::Email => say("Почта написана с ошибкой", "The e-mail is mistyped"),
        Reason::Duplicate => say("Такой телефон или почта уже есть в строке выше", "A row above has the same phone or e-mail"),
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
        },
        Reason::Value { key, error } => {
            let title = fields.iter().find(|field| field.key == *key).map_or(key.as_str(), |field| field.title.as_str());
            match error {
                ValueError::Number => say(&format!("«{title}»: здесь должно быть число"), &format!("“{title}” must be a number")),
                ValueError::Date => say(
                    &format!("«{title}»: здесь должна быть дата, например 31.12.2026"),
                    &format!("“{title}” must be a date, such as 2026-12-31"),
                ),
                ValueError::Flag => say(&format!("«{title}»: здесь должно быть «да» или «нет»"), &format!("“{title}” must be yes or no")),
                ValueError::TooLong => say(&format!("«{title}»: слишком длинный текст"), &format!("“{title}” is too long")),
            }
        }
    }
}

/// The file's name for people.
#[must_use]
pub fn file_name(mapping: &Mapping, language: Language) -> String {
    let stem = mapping.file_name.rsplit_once('.').map_or(mapping.file_name.as_str(), |(stem, _)| stem);
    match language {
        Language::Ru => format!("{stem} — не приняты.xlsx"),
        Language::En => format!("{stem} - refused.xlsx"),
    }
}

/// A refused row and the reason.
pub type RefusedRow<'a> = (&'a Row, Reason);

/// The workbook.
///
/// # Errors
/// The writer's.
pub fn workbook(mapping: &Mapping, rows: &[RefusedRow<'_>], language: Language, fields: &[Field]) -> Result<Vec<u8>, XlsxError> {
    let russian = language == Language::Ru;
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let reason_column = column(1 + mapping.titles.len());
    for part in rows.chunks(SHEET_ROWS) {
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.write_with_format(0, 0, if russian { "Строка" } else { "Row" }, &bold)?;
        for (at, title) in mapping.titles.iter().enumerate() {
            let title =
                if mapping.header { title.clone() } else { format!("{} {}", if russian { "Столбец" } else { "Column" }, at + 1) };
            sheet.write_with_format(0, column(1 + at), title, &bold)?;
        }
        sheet.write_with_format(0, reason_column, if russian { "Причина" } else { "Reason" }, &bold)?;
        sheet.write_with_format(0, reason_column + 1, if russian { "Код" } else { "Code" }, &bold)?;
        for (line, (row, reason)) in (1_u32..).zip(part) {
            sheet.write(line, 0, u32::try_from(row.number).unwrap_or(u32::MAX))?;
            for (at, cell) in row.cells().enumerate() {
                // Excel takes 32 767 characters in a cell.
                sheet.write_string(line, column(1 + at), cell.chars().take(32_000).collect::<String>())?;
            }
            sheet.write_string(line, reason_column, words(reason, language, fields))?;
            sheet.write_string(line, reason_column + 1, reason.code())?;
        }
    }
    book.save_to_buffer()
}

/// Columns are [`super::table::MAX_COLUMNS`] at most.
fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
