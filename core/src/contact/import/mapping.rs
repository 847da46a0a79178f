//! Which column holds what: guessed from headings and contents, then confirmed by a person.

use serde::{Deserialize, Serialize};

use super::table::{Format, Row, Table};
use crate::{
    contact::{Field, fold::fold},
    text::{clean_to, phone},
};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Target {
    /// Nothing of ours.
    Skip,
    /// Phones, one or several in a cell.
    Phone,
    /// E-mail.
    Email,
    /// Full name.
    Name,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Tags, by commas.
    Tags,
    /// A field of the account.
    Field {
        /// Its key.
        key: String,
    },
}

/// How a file's columns become contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The file's name, as it was sent.
    pub file_name: String,
    /// How the file was read.
    pub format: Format,
    /// The first row is headings.
    pub header: bool,
    /// Headings, or the first row's cells.
    pub titles: Vec<String>,
    /// What each column holds.
    pub columns: Vec<Target>,
    /// A few rows, for the screen.
    pub sample: Vec<Vec<String>>,
    /// Tags that every contact of the file gets.
    pub tags: Vec<String>,
}

/// Rows shown.
const SAMPLE: usize = 3;
/// Characters kept of a heading, of a cell of those rows, and of names: for screens, which show
/// fewer. What is taken in is the file.
const CELL: usize = 100;
/// Rows looked at to guess.
const LOOKED_AT: usize = 50;

/// Guesses the columns; each target is given to one column at most, phones to any number.
#[must_use]
pub fn guess(table: &Table, file_name: &str, fields: &[Field], region: &str) -> Mapping {
    let cells = |row: &Row| row.cells().map(str::to_owned).collect::<Vec<_>>();
    let first = table.rows.first().map(cells).unwrap_or_default();
    let known = |cell: &String| by_title(cell, fields).is_some();
    let is_phone = |cell: &str| phone::split(cell).into_iter().any(|one| phone::normalise(one, region).is_ok());
    let header = first.iter().any(known) || !first.iter().any(|cell| is_phone(cell) || cell.chars().any(|c| c.is_ascii_digit()));
    let body: Vec<&Row> = table.rows.iter().skip(usize::from(header)).take(LOOKED_AT).collect();
    let mut columns = Vec::with_capacity(table.columns);
    for column in 0..table.columns {
        let by_heading = if header { first.get(column).and_then(|title| by_title(title, fields)) } else { None };
        let filled: Vec<&str> = body.iter().filter_map(|row| row.cell(column)).filter(|cell| !cell.is_empty()).collect();
        let most =
            |test: &dyn Fn(&str) -> bool| !filled.is_empty() && filled.iter().filter(|cell| test(cell)).count() * 10 >= filled.len() * 6;
        let target = by_heading.unwrap_or_else(|| {
            if most(&is_phone) {
                Target::Phone
            } else if most(&|cell| cell.contains('@') && cell.contains('.')) {
                Target::Email
            } else if !header && most(&|cell| cell.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '-' | '.'))) {
                Target::Name
            } else {
                Target::Skip
            }
        });
        let again = target != Target::Phone && target != Target::Tags && columns.contains(&target);
        columns.push(if again { Target::Skip } else { target });
    }
    let kept = |row: &Row| row.cells().map(|cell| clean_to(cell, CELL)).collect::<Vec<_>>();
    let mut titles: Vec<String> = table.rows.first().map(kept).unwrap_or_default();
    titles.resize(table.columns, String::new());
    let format = match &table.format {
        Format::Xlsx { sheet } => Format::Xlsx { sheet: clean_to(sheet, CELL) },
        csv => csv.clone(),
    };
    Mapping {
        file_name: clean_to(file_name, CELL),
        format,
        header,
        titles,
        columns,
        sample: body.iter().take(SAMPLE).map(|row| kept(row)).collect(),
        tags: Vec::new(),
    }
}

fn by_title(title: &str, fields: &[Field]) -> Option<Target> {
    let folded = fold(title);
    let title = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if title.is_empty() {
        return None;
    }
    if let Some(field) = fields.iter().find(|field| field.key == title || fold(&field.title) == title) {
        return Some(Target::Field { key: field.key.clone() });
    }
    Some(match title {
        "имя" | "first name" | "firstname" | "first_name" | "given name" => Target::FirstName,
        "фамилия" | "last name" | "lastname" | "last_name" | "surname" => Target::LastName,
        "фио"
        | "ф.и.о"
        | "имя фамилия"
        | "фамилия имя"
        | "фамилия имя отчество"
        | "полное имя"
        | "клиент"
        | "контакт"
        | "name"
        | "full name"
        | "fullname"
        | "customer"
        | "имя клиента"
        | "наименование" => Target::Name,
        "тег" | "теги" | "тэг" | "тэги" | "метка" | "метки" | "tag" | "tags" | "labels" => Target::Tags,
        "почта" | "e-mail" | "email" | "mail" | "эл. почта" | "электронная почта" => Target::Email,
        _ if ["телефон", "phone", "мобильный", "моб", "тел", "сотовый", "номер тел", "mobile", "whatsapp", "контактный номер"]
            .iter()
            .any(|word| title.starts_with(word) || title.ends_with(word)) =>
        {
            Target::Phone
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contact::{FieldKind, import::table},
        id::FieldId,
    };

    fn guessed(csv: &str) -> Mapping {
        let fields = [Field { id: FieldId::new(), key: "city".into(), title: "Город".into(), kind: FieldKind::Text }];
        guess(&table::read(csv.as_bytes()).expect("a table"), "a.csv", &fields, "RU")
    }

    // A heading of a megabyte, or one that turns a line round, was kept and shown as it came.
    #[test]
    fn what_screens_show_of_a_file_is_cut_and_clean() {
        let long = "я".repeat(5_000);
        let csv = format!("Имя\u{202e};Телефон {long}\nАн\u{200b}на\u{7};89123456789 {long}\n");
        let mapping = guess(&table::read(csv.as_bytes()).expect("a table"), &format!("\u{2066}{long}.csv"), &[], "RU");
        assert_eq!((mapping.titles[0].as_str(), mapping.sample[0][0].as_str()), ("Имя", "Анна"));
        let cut = [&mapping.titles[1], &mapping.sample[0][1], &mapping.file_name];
        assert!(cut.iter().all(|text| text.chars().count() == CELL), "{cut:?}");
        assert_eq!(mapping.columns, [Target::FirstName, Target::Phone], "they are guessed by the whole of it");
    }

    #[test]
    fn guesses_by_headings_and_contents() {
        let mapping = guessed("ФИО;Моб. телефон;Город;Метки;Сумма\nАнна;89123456789;Москва;vip;5\n");
        let city = Target::Field { key: "city".into() };
        assert!(mapping.header);
        assert_eq!(mapping.columns, [Target::Name, Target::Phone, city, Target::Tags, Target::Skip]);
        let bare = guessed("Анна;89123456789;a@b.ru\nИван;89123456788;c@d.ru\n");
        assert!(!bare.header);
        assert_eq!(bare.columns, [Target::Name, Target::Phone, Target::Email]);
        let odd = guessed("Кому;Куда\nАнна;89123456789\n");
        assert_eq!((odd.header, odd.columns), (true, vec![Target::Skip, Target::Phone]));
    }
}
