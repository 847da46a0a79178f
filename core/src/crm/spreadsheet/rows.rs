//! A table as records: its columns, what they are taken for, the key of each row. Pure.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::Moment,
    contact::{
        FieldKind,
        import::{
            mapping::{Mapping, Target, letters},
            row::tags,
            table::{Row, Table},
        },
        value::{Reading, read_value},
    },
    crm::{
        CrmContact, CrmField, CrmFieldKind,
        mapping::{Part, PartMapping, says_do_not_write},
        rows::RowsRead,
    },
    text::{clean, clean_to, fold, missing, phone},
};

/// The country of phones without a code where they are keys: an adapter knows no account, and the
/// same number must be the same key, whatever country it is taken for.
const REGION: &str = "RU";
/// Longest key, characters.
const MAX_KEY: usize = 200;
/// Keys of a sample ([`Records::sample`]).
const SAMPLE: usize = 64;

/// Titles of columns with a key, folded.
const KEYS: [&str; 24] = [
    "id",
    "ид",
    "uid",
    "uuid",
    "guid",
    "ключ",
    "key",
    "код",
    "код клиента",
    "id клиента",
    "ид клиента",
    "номер клиента",
    "клиент id",
    "client id",
    "client_id",
    "clientid",
    "customer id",
    "customer_id",
    "customerid",
    "contact id",
    "contact_id",
    "внешний код",
    "внешний id",
    "external id",
];

/// One column of a table.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub field: CrmField,
    kind: FieldKind,
    reading: Reading,
}

/// The columns of a table under their titles: of one without headings, under their letters. A title
/// that comes twice is numbered.
pub(super) fn columns(table: &Table, mapping: &Mapping, today: NaiveDate) -> Vec<Column> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut columns: Vec<Column> = (0..table.columns)
        .map(|at| {
            let title = mapping.titles.get(at).filter(|_| mapping.header).map(|title| clean(title)).filter(|title| !title.is_empty());
            let title = title.unwrap_or_else(|| letters(at));
            let times = seen.entry(title.clone()).and_modify(|times| *times += 1).or_insert(1);
            let title = if *times == 1 { title } else { format!("{title} ({times})") };
            let kind = mapping.profiles.get(at).map_or(FieldKind::Text, |profile| profile.kind);
            let order = mapping.order_of(at);
            // Nobody can be asked what `05/06/2026` means: such a column stays as it is written.
            let unsure = mapping.profiles.get(at).is_some_and(|profile| profile.dates.either) && order.is_none();
            let kind = if kind == FieldKind::Date && unsure { FieldKind::Text } else { kind };
            // Nobody is marked yet.
            let empty = mapping.profiles.get(at).is_none_or(|profile| !profile.filled);
            let kind = if empty && says_do_not_write(&title) { FieldKind::Flag } else { kind };
            let field = CrmField::new(title.clone(), &title, CrmFieldKind::from(kind), Vec::new());
            Column { field, kind, reading: Reading { today, order, marks: mapping.marks_of(at) } }
        })
        .collect();
    guess(&mut columns, table, mapping);
    columns
}

fn guess(columns: &mut [Column], table: &Table, mapping: &Mapping) {
    for (column, target) in columns.iter_mut().zip(&mapping.columns) {
        column.field.part = match target {
            Target::Phone => Some(Part::Phone),
            Target::Email => Some(Part::Email),
            Target::Name => Some(Part::Name),
            Target::FirstName => Some(Part::FirstName),
            Target::LastName => Some(Part::LastName),
            Target::Patronymic => Some(Part::Patronymic),
            Target::Tags => Some(Part::Tags),
            Target::Skip | Target::Field { .. } => None,
        };
    }
    let body = mapping.body(&table.rows);
    let is_key = |at: usize| {
        let cells = || body.iter().filter_map(|row| row.cell(at)).map(str::trim).filter(|cell| !cell.is_empty());
        let (filled, different) = (cells().count(), cells().collect::<HashSet<_>>().len());
        // Some rows may lack it, and some may have it twice: they are told.
        let tells = filled * 2 >= body.len() && different * 10 >= filled * 8;
        mapping.header && KEYS.contains(&fold(&columns[at].field.title).as_str()) && tells
    };
    let titled = (0..columns.len()).find(|at| columns[*at].field.part.is_none() && is_key(*at));
    if let Some(at) = titled {
        columns[at].field.part = Some(Part::Key);
    }
}

/// The rows of a table by their keys.
#[derive(Debug)]
pub(super) struct Records {
    /// The key of each row that has one of its own, and its place among the rows.
    pub keys: Vec<(String, usize)>,
    pub by_key: HashMap<String, usize>,
    pub read: RowsRead,
}

/// What each column is, by its place.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    parts: Vec<(Part, usize)>,
}

impl Places {
    /// Of the columns that a table has.
    pub(super) fn of(columns: &[Column], parts: &[PartMapping]) -> Self {
        let place = |id: &str| columns.iter().position(|column| column.field.id == id);
        Self { parts: parts.iter().filter_map(|mapped| Some((mapped.part, place(&mapped.crm_field)?))).collect() }
    }

    pub(super) fn key(&self) -> Option<usize> {
        self.all(Part::Key).next()
    }

    fn all(&self, part: Part) -> impl Iterator<Item = usize> {
        self.parts.iter().filter(move |(is, _)| *is == part).map(|(_, at)| *at)
    }
}

/// A cell as a key: a phone whatever way it is written.
fn key(cell: &str, phones: bool) -> Option<String> {
    let cell = clean_to(cell, MAX_KEY);
    if missing(&cell) {
        return None;
    }
    if !phones {
        return Some(cell);
    }
    let read = phone::read_cell(&cell, REGION);
    let digits = || Some(cell.chars().filter(char::is_ascii_digit).collect::<String>()).filter(|digits| !digits.is_empty());
    read.found.into_iter().next().map(|one| one.e164).or_else(digits)
}

impl Records {
    /// The rows of people, by the column of their keys.
    pub(super) fn of(body: &[Row], columns: &[Column], places: &Places, at: usize) -> Self {
        let phones = places.all(Part::Phone).any(|phone| phone == at);
        let mut read = RowsRead { rows: body.len() as u64, ..RowsRead::default() };
        let (mut keys, mut by_key) = (Vec::with_capacity(body.len()), HashMap::with_capacity(body.len()));
        for (place, row) in body.iter().enumerate() {
            let Some(key) = key(row.cell(at).unwrap_or_default(), phones) else {
                read.unkeyed.add(row.number);
                continue;
            };
            if by_key.contains_key(&key) {
                read.doubled.add(row.number);
                continue;
            }
            if columns.iter().zip(row.cells()).any(|(column, cell)| read_value(column.kind, cell, column.reading).is_err()) {
                read.unread.add(row.number);
            }
            by_key.insert(key.clone(), place);
            keys.push((key, place));
        }
        Self { keys, by_key, read }
    }

    /// Some of the keys, the same ones as long as they are there: hashes, the least of them.
    pub(super) fn sample(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.keys.iter().map(|(key, _)| hash(key)).collect();
        all.sort_unstable();
        all.dedup();
        all.truncate(SAMPLE);
        all
    }

    /// How many keys of a sample are still there.
    pub(super) fn kept(&self, sample: &[u32]) -> usize {
        let there: HashSet<u32> = self.keys.iter().map(|(key, _)| hash(key)).collect();
        sample.iter().filter(|hash| there.contains(hash)).count()
    }
}

/// The head of a hash: the same on every machine, for it is kept. So short that thousands of phones
/// share it: it tells a crowd from another one, and nobody by themselves.
fn hash(key: &str) -> u32 {
    let digest = Sha256::digest(key.as_bytes());
    u32::from_be_bytes([0, digest[0], digest[1], digest[2]])
}

/// A row as a contact of this key.
pub(super) fn contact(key: &str, row: &Row, columns: &[Column], places: &Places, at: Moment) -> CrmContact {
    let cell = |at: usize| row.cell(at).map(clean).filter(|cell| !missing(cell));
    let first = |part| places.all(part).find_map(cell).unwrap_or_default();
    let (first_name, last_name, patronymic) = (first(Part::FirstName), first(Part::LastName), first(Part::Patronymic));
    let name = match first(Part::Name) {
        name if name.is_empty() => {
            [&last_name, &first_name, &patronymic].map(String::as_str).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        }
        name => name,
    };
    let fields = columns.iter().enumerate().filter_map(|(at, column)| {
        let value = value(column, row.cell(at)?)?;
        Some((column.field.id.clone(), vec![value]))
    });
    CrmContact {
        id: key.to_owned(),
        name,
        first_name,
        last_name,
        phones: places.all(Part::Phone).filter_map(cell).collect(),
        emails: places.all(Part::Email).filter_map(cell).collect(),
        tags: places.all(Part::Tags).filter_map(cell).flat_map(|cell| tags(&cell).collect::<Vec<_>>()).collect(),
        fields: fields.collect(),
        updated_at: at,
        deleted: false,
        merged_into: None,
    }
}

/// A cell as its column's kind keeps it; of what cannot be read, nothing.
fn value(column: &Column, cell: &str) -> Option<Value> {
    // A text is cut where it is kept ([`crate::crm::mapping::value`]).
    if column.kind == FieldKind::Text {
        return Some(clean(cell)).filter(|cell| !missing(cell)).map(|cell| json!(cell));
    }
    read_value(column.kind, cell, column.reading).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contact::import::{mapping, table},
        crm::mapping::guessed_parts,
    };

    fn parts(columns: &[Column]) -> Vec<PartMapping> {
        guessed_parts(columns.iter().map(|column| &column.field))
    }

    fn read(csv: &str) -> (Table, Mapping, Vec<Column>) {
        let table = table::read(csv.as_bytes()).expect("a table");
        let mapping = mapping::guess(&table, "a.csv", &[], REGION);
        let columns = columns(&table, &mapping, NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day"));
        (table, mapping, columns)
    }

    fn records(csv: &str) -> (Vec<CrmContact>, RowsRead) {
        let (table, mapping, columns) = read(csv);
        let places = Places::of(&columns, &parts(&columns));
        let body = mapping.body(&table.rows);
        let records = Records::of(body, &columns, &places, places.key().expect("a key"));
        let contacts = records.keys.iter().map(|(key, at)| contact(key, &body[*at], &columns, &places, Moment::UNIX_EPOCH)).collect();
        (contacts, records.read)
    }

    const CLIENTS: &str = "ID;ФИО;Телефон;Город;Бонусы;Был;Согласие;Дата согласия\n\
        7;Анна Орлова;8 912 345-67-89;Москва;1 250,5;25.05.2026;да;01.03.2026\n\
        8;Борис;+7 999 000-00-01;;0;;нет;\n";

    #[test]
    fn columns_are_guessed_by_titles_and_cells() {
        let (_, _, columns) = read(CLIENTS);
        let seen: Vec<(&str, CrmFieldKind, Option<Part>)> =
            columns.iter().map(|column| (column.field.id.as_str(), column.field.kind, column.field.part)).collect();
        assert_eq!(
            seen,
            [
                ("ID", CrmFieldKind::Number, Some(Part::Key)),
                ("ФИО", CrmFieldKind::Text, Some(Part::Name)),
                ("Телефон", CrmFieldKind::Text, Some(Part::Phone)),
                ("Город", CrmFieldKind::Text, None),
                ("Бонусы", CrmFieldKind::Number, None),
                ("Был", CrmFieldKind::Date, None),
                ("Согласие", CrmFieldKind::Flag, None),
                ("Дата согласия", CrmFieldKind::Date, None),
            ]
        );
        let (_, _, bare) = read("Анна;89123456789\nБорис;89123456788\n");
        assert_eq!(bare.iter().map(|column| column.field.id.as_str()).collect::<Vec<_>>(), ["A", "B"], "cells of people are no titles");
        let (_, _, twice) = read("Имя;Телефон;Телефон\nАнна;89123456789;89123456788\n");
        assert_eq!(twice[2].field.id, "Телефон (2)");
        // Nobody says which number is the month.
        let (_, _, dates) = read("Телефон;Был\n+79161200001;05/06/2026\n");
        assert_eq!(dates[1].field.kind, CrmFieldKind::Text);
    }

    #[test]
    fn a_row_is_a_contact_with_its_values() {
        let (contacts, read) = records(CLIENTS);
        assert_eq!((contacts.len(), read.rows), (2, 2));
        let anna = &contacts[0];
        assert_eq!(
            (anna.id.as_str(), anna.name.as_str(), anna.phones.as_slice()),
            ("7", "Анна Орлова", ["8 912 345-67-89".to_owned()].as_slice())
        );
        let value = |id: &str| anna.fields.iter().find(|(field, _)| field == id).map(|(_, values)| values[0].clone());
        assert_eq!(value("Бонусы"), Some(json!(1250.5)));
        assert_eq!(value("Был"), Some(json!("2026-05-25")));
        assert_eq!(value("Согласие"), Some(json!(true)));
        assert!(contacts[1].fields.iter().all(|(field, _)| field != "Город"), "an empty cell says nothing");
    }

    #[test]
    fn rows_without_a_key_and_with_that_of_another_are_told() {
        let (contacts, read) =
            records("Имя;Телефон;Был\nАнна;8 912 345-67-89;25.05.2026\nБорис;;\nВера;+79123456789;\nГлеб;+79120000001;вчера\n");
        assert_eq!(contacts.iter().map(|contact| contact.id.as_str()).collect::<Vec<_>>(), ["+79123456789", "+79120000001"]);
        assert_eq!((read.rows, read.unkeyed.first, read.doubled.first), (4, vec![3], vec![4]));
        assert_eq!(read.unread.count, 0, "a column with such a cell is no column of dates");
    }

    #[test]
    fn a_sample_tells_people_from_others() {
        let of = |from: usize| {
            let rows: String = (from..from + 200).map(|n| format!("{n};Имя{n};+7912{n:07}\n")).collect();
            let (table, mapping, columns) = read(&format!("ID;Имя;Телефон\n{rows}"));
            let places = Places::of(&columns, &parts(&columns));
            Records::of(mapping.body(&table.rows), &columns, &places, places.key().expect("a key"))
        };
        let sample = of(0).sample();
        assert_eq!((sample.len(), of(0).kept(&sample)), (SAMPLE, SAMPLE));
        assert_eq!(of(1_000).kept(&sample), 0);
        let half = of(100).kept(&sample);
        assert!((SAMPLE / 4..=SAMPLE * 3 / 4).contains(&half), "{half}");
    }
}
