//! Which column holds what: guessed from headings and contents, then confirmed by a person.

use serde::{Deserialize, Serialize};

use super::{
    heading::{self, Heading},
    profile::{self, Profile, surely_phone},
    table::{Format, Held, Note, Row, Table, TableError},
};
use crate::{
    aside,
    contact::{
        Field, FieldKind,
        names::NameOrder,
        value::{DayOrder, Evidence, Marks},
    },
    text::clean_to,
};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Target {
    /// Nothing of ours.
    Skip,
    /// Phones, one or several in a cell.
    Phone,
    /// E-mails, one or several in a cell.
    Email,
    /// Full name.
    Name,
    FirstName,
    LastName,
    /// Patronymic: a part of the full name.
    Patronymic,
    /// Tags, by commas.
    Tags,
    /// A field of the account.
    Field {
        key: String,
    },
}

impl Target {
    /// Whether several columns may hold it.
    #[must_use]
    pub fn many(&self) -> bool {
        matches!(self, Self::Skip | Self::Phone | Self::Email | Self::Tags)
    }
}

/// How a file's columns become contacts. Of an import that is over nothing is left of it after a
/// while ([`crate::store::retention`]), for it shows cells of people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// The file's name, as it was sent.
    pub file_name: String,
    /// How the file was read.
    pub format: Format,
    /// The first row is headings.
    pub header: bool,
    /// Rows above the headings: a title, an empty line.
    #[serde(default)]
    pub top: usize,
    /// Headings, or the first row's cells.
    pub titles: Vec<String>,
    /// What each column holds.
    pub columns: Vec<Target>,
    /// A few rows, for the screen.
    pub sample: Vec<Vec<String>>,
    /// Tags that every contact of the file gets.
    pub tags: Vec<String>,
    /// What the cells of each column say of it; empty for a file that came before this was looked
    /// at.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// What `05/06/2026` means, where a person was asked.
    #[serde(default)]
    pub day_order: Option<DayOrder>,
    /// The visible sheets of a workbook, the one that is read among them.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// The place among them of the one that is read.
    #[serde(default)]
    pub sheet: Option<usize>,
    /// Columns that the workbook hides, counted from 0: not taken until somebody chooses them.
    #[serde(default)]
    pub hidden: Vec<usize>,
    /// What was found in the file besides its rows and columns, and must be told; see
    /// [`Mapping::told`].
    #[serde(default)]
    pub notes: Vec<Note>,
}

/// Rows shown.
const SAMPLE: usize = 3;
/// Characters kept of a heading, of a cell of those rows, and of names: for screens, which show
/// fewer. What is taken in is the file.
const CELL: usize = 100;
/// Rows looked at to guess.
const LOOKED_AT: usize = 50;
/// Rows among which the headings are looked for.
pub(super) const ABOVE: usize = 12;

impl Mapping {
    /// The rows of people.
    #[must_use]
    pub fn body<'a>(&self, rows: &'a [Row]) -> &'a [Row] {
        &rows[(self.top + usize::from(self.header)).min(rows.len())..]
    }

    /// Takes out the cells of people, which are shown while columns are being said.
    pub(super) fn forget_cells(&mut self) {
        self.sample.clear();
        if !self.header {
            self.titles.iter_mut().for_each(String::clear);
        }
    }

    /// Whether a column holds phones or e-mails.
    #[must_use]
    pub fn has_addresses(&self) -> bool {
        self.columns.iter().any(|to| matches!(to, Target::Phone | Target::Email))
    }

    /// What `05/06/2026` means in a column; `None`: nobody knows yet.
    #[must_use]
    pub fn order_of(&self, column: usize) -> Option<DayOrder> {
        let own = self.profiles.get(column).and_then(|profile| profile.dates.order());
        own.or(self.day_order).or_else(|| {
            let mut all = Evidence::default();
            self.profiles.iter().for_each(|profile| all.add(profile.dates));
            all.order()
        })
    }

    /// What the commas and points of a column's numbers are for; a workbook keeps its own with a
    /// point before the fraction.
    #[must_use]
    pub fn marks_of(&self, column: usize) -> Marks {
        let marks = self.profiles.get(column).map_or_else(Marks::default, |profile| profile.marks);
        match self.format {
            Format::Xlsx { .. } => Marks { point_fraction: true, point_thousands: false, ..marks },
            _ => marks,
        }
    }

    /// The first column of dates whose order the file does not tell: a person must.
    #[must_use]
    pub fn undecided(&self, fields: &[Field]) -> Option<usize> {
        let is_date = |key: &str| fields.iter().any(|field| field.key == key && field.kind == FieldKind::Date);
        self.columns.iter().enumerate().position(|(at, target)| {
            matches!(target, Target::Field { key } if is_date(key))
                && self
                    .profiles
                    .get(at)
                    .is_some_and(|profile| profile.dates.either && !(profile.dates.day_first && profile.dates.month_first))
                && self.order_of(at).is_none()
        })
    }

    /// What must be told of the file: what was found in it, and the hidden columns that nobody
    /// chose.
    #[must_use]
    pub fn told(&self) -> Vec<Note> {
        let left_out = self.hidden.iter().copied().filter(|at| self.columns.get(*at).is_some_and(|to| *to == Target::Skip));
        let name = |at: usize| match self.titles.get(at).map(|title| title.trim()) {
            Some(title) if self.header && !title.is_empty() => title.to_owned(),
            _ => letters(at),
        };
        let names: Vec<String> = left_out.map(name).collect();
        let hidden = (!names.is_empty()).then_some(Note::HiddenColumns { names });
        self.notes.iter().cloned().chain(hidden).collect()
    }

    /// The order of the names in a column.
    #[must_use]
    pub fn names_of(&self, column: usize) -> Option<NameOrder> {
        self.profiles.get(column).and_then(|profile| profile.names)
    }
}

/// A column as a workbook names it: `A`, `Z`, `AA`.
#[must_use]
pub fn letters(column: usize) -> String {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    match column.checked_sub(26) {
        None => letter(column).to_string(),
        Some(rest) => format!("{}{}", letters(rest / 26), letter(column)),
    }
}

/// Guesses the columns of a table off the threads that answer others: every cell is looked at, up
/// to [`super::table::MAX_CELLS`] of them.
///
/// # Errors
/// [`TableError::Unreadable`] when the guessing broke down.
pub async fn guess_aside(table: Held, file_name: &str, fields: &[Field], region: &str) -> Result<(Held, Mapping), TableError> {
    let (file_name, fields, region) = (file_name.to_owned(), fields.to_vec(), region.to_owned());
    let guessed = aside::run(move || {
        let mapping = guess(&table, &file_name, &fields, &region);
        (table, mapping)
    });
    guessed.await.map_err(|error| TableError::Unreadable(error.to_string()))
}

/// Guesses the columns; each target is given to one column at most, phones, e-mails and tags to any
/// number. Whoever answers others takes [`guess_aside`].
#[must_use]
pub(crate) fn guess(table: &Table, file_name: &str, fields: &[Field], region: &str) -> Mapping {
    let cells = |row: &Row| row.cells().map(str::to_owned).collect::<Vec<_>>();
    let (top, header) = headings(table, fields, region);
    let first = table.rows.get(top).map(cells).unwrap_or_default();
    let body = &table.rows[(top + usize::from(header)).min(table.rows.len())..];
    let profiles = profile::of(body, table.columns);
    let head = &body[..body.len().min(LOOKED_AT)];
    let read: Vec<Heading> = (0..table.columns)
        .map(|column| match first.get(column) {
            Some(title) if header => heading::read(title, fields),
            _ => Heading::Unknown,
        })
        .collect();
    let phones = |column: usize| {
        let (phones, all) =
            profile::filled(head, column).fold((0, 0), |(phones, all), cell| (phones + usize::from(surely_phone(cell, region)), all + 1));
        all > 0 && phones * 10 >= all * 6
    };
    // «Контакт» may be a name and a phone.
    let titled = read.iter().enumerate().any(|(at, heading)| match heading {
        Heading::Is(Target::Phone) => true,
        Heading::Is(Target::Name) => phones(at),
        _ => false,
    });
    // A firm's name, or a child's, beside that of a person who is written to.
    let gives_way = |column: usize| first.get(column).is_some_and(|title| heading::gives_way(title));
    let hidden = |column: usize| table.hidden.contains(&column);
    let person =
        read.iter().enumerate().any(|(at, heading)| *heading == Heading::Is(Target::Name) && !gives_way(at) && !phones(at) && !hidden(at));
    let mut columns = Vec::with_capacity(table.columns);
    for (column, heading) in read.into_iter().enumerate() {
        let filled: Vec<&str> = profile::filled(head, column).collect();
        let most =
            |test: &dyn Fn(&str) -> bool| !filled.is_empty() && filled.iter().filter(|cell| test(cell)).count() * 10 >= filled.len() * 6;
        let target = match heading {
            // Hidden with its heading it still says that no other column is the phones.
            _ if hidden(column) => Target::Skip,
            // A name of several words under «Имя» is a full one.
            Heading::Is(Target::FirstName) if most(&|cell| cell.split_whitespace().count() > 1) => Target::Name,
            Heading::Is(Target::Name) if person && gives_way(column) => Target::Skip,
            Heading::Is(Target::Name) if phones(column) => Target::Phone,
            Heading::Is(target) => target,
            Heading::Never => Target::Skip,
            Heading::Unknown if most(&|cell| surely_phone(cell, region) && (!titled || cell.contains('+'))) => Target::Phone,
            Heading::Unknown if !titled && !header && most(&|cell| bare_phone(cell, region)) => Target::Phone,
            Heading::Unknown if most(&|cell| cell.contains('@') && cell.contains('.') && !cell.contains("://")) => Target::Email,
            Heading::Unknown if !header && most(&is_words) => Target::Name,
            Heading::Unknown => Target::Skip,
        };
        let again = !target.many() && columns.contains(&target);
        columns.push(if again { Target::Skip } else { target });
    }
    // By the whole of the cells it was guessed; screens show less.
    let kept = |row: &Row| row.cells().map(|cell| clean_to(cell, CELL)).collect::<Vec<_>>();
    let mut titles = table.rows.get(top).map(kept).unwrap_or_default();
    titles.resize(table.columns, String::new());
    let format = match &table.format {
        Format::Xlsx { sheet } => Format::Xlsx { sheet: clean_to(sheet, CELL) },
        other => other.clone(),
    };
    let names = |names: &[String]| names.iter().map(|name| clean_to(name, CELL)).collect::<Vec<_>>();
    let mut notes = table.notes.clone();
    for note in &mut notes {
        match note {
            Note::HiddenSheets { names: hidden } => *hidden = names(hidden),
            Note::Uncomputed { first, .. } => *first = clean_to(first, CELL),
            _ => {}
        }
    }
    if top > 0 {
        notes.push(Note::Above { rows: top });
    }
    Mapping {
        file_name: clean_to(file_name, CELL),
        format,
        header,
        top,
        titles,
        columns,
        sample: body.iter().take(SAMPLE).map(kept).collect(),
        tags: Vec::new(),
        profiles,
        day_order: None,
        sheets: names(&table.sheets),
        sheet: matches!(table.format, Format::Xlsx { .. }).then_some(table.sheet),
        hidden: table.hidden.clone(),
        notes,
    }
}

fn is_words(cell: &str) -> bool {
    cell.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '-' | '.'))
}

/// A phone without its country's code, in a file without headings: nothing else says what it could
/// be.
fn bare_phone(cell: &str, region: &str) -> bool {
    !crate::text::phone::read_cell(cell, region).found.is_empty()
}

/// How many rows stand above the headings, and whether there are headings.
fn headings(table: &Table, fields: &[Field], region: &str) -> (usize, bool) {
    let filled = |row: &Row| row.cells().filter(|cell| !cell.is_empty()).count();
    let known = |row: &Row| row.cells().filter(|cell| matches!(heading::read(cell, fields), Heading::Is(_) | Heading::Never)).count();
    let plain = |row: &Row| !row.cells().any(|cell| cell.bytes().filter(u8::is_ascii_digit).count() > 4 || cell.contains('@'));
    let Some(first) = table.rows.first() else { return (0, false) };
    let widest = table.rows.iter().take(ABOVE * 2).map(filled).max().unwrap_or(0);
    // A title is one cell, or few, above rows of many; the headings are the first row that is about
    // as wide as those below.
    for (at, row) in table.rows.iter().take(ABOVE).enumerate() {
        let wide = filled(row) * 2 > widest || known(row) >= 2;
        if wide && known(row) > 0 && plain(row) {
            // «Клиент | Контакты» above «Имя | Фамилия | Телефон».
            let below = table.rows[at + 1..].iter().take(2).position(|next| plain(next) && known(next) > known(row));
            return (at + below.map_or(0, |rows| rows + 1), true);
        }
        if wide && !plain(row) {
            break;
        }
    }
    let looks = known(first) > 0 && plain(first)
        || !first.cells().any(|cell| surely_phone(cell, region) || cell.chars().any(|c| c.is_ascii_digit()) || cell.contains('@'));
    (0, looks)
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

    /// Numbers that look like phones and are none were written to.
    #[test]
    fn other_numbers_are_no_phones() {
        for (heading, cell) in [
            ("Номер карты", "9031112233"),
            ("Карта лояльности", "89031112233"),
            ("Заказ", "9260000001"),
            ("ИНН", "7712345678"),
            ("СНИЛС", "12345678901"),
            ("Паспорт", "4509123456"),
            ("ID", "89031112233"),
            ("Код", "9031112233"),
            ("Прочее", "9031112233"),
            ("Прочее", "771234567890"),
            ("Прочее", "12345678901"),
            ("Прочее", "2200123412341234"),
            ("Телефон менеджера", "+79031112233"),
            ("Телеграм", "@anna"),
        ] {
            let mapping = guessed(&format!("Имя;{heading};Телефон\nАнна;{cell};+79161250001\nБорис;{cell};+79161250002\n"));
            assert_eq!(mapping.columns, [Target::FirstName, Target::Skip, Target::Phone], "{heading}: {cell}");
        }
    }

    #[test]
    fn a_title_above_the_headings_is_left_out() {
        for csv in [
            "Список клиентов\nИмя,Телефон,Город\nАнна,+79161200001,Орёл\n",
            "Выгрузка;;\nза 2026 год;;\nИмя;Телефон;Город\nАнна;+79161200001;Орёл\n",
            "Отчёт от 05.10.2026 по 8 филиалам\n\nИмя;Телефон;Город\nАнна;+79161200001;Орёл\n",
        ] {
            let mapping = guessed(csv);
            assert!(mapping.header && mapping.top > 0, "{csv}");
            assert_eq!(mapping.columns[..2], [Target::FirstName, Target::Phone], "{csv}");
            assert_eq!(mapping.sample.len(), 1, "{csv}");
        }
    }

    #[test]
    fn a_full_name_under_a_first_names_heading_is_a_full_name() {
        assert_eq!(guessed("Имя;Телефон\nАнна Орлова;+79161200001\n").columns[0], Target::Name);
        assert_eq!(guessed("Имя;Телефон\nАнна;+79161200001\n").columns[0], Target::FirstName);
    }

    #[test]
    fn the_order_of_dates_is_the_files_own() {
        let mapping = guessed("Телефон;Был;Визит\n+79161200001;05/25/2026;05/06/2026\n");
        assert_eq!(mapping.order_of(2), Some(DayOrder::MonthFirst));
        let mapping = guessed("Телефон;Был\n+79161200001;05/06/2026\n");
        assert_eq!(mapping.order_of(1), None);
        let visit = Field { id: FieldId::new(), key: "visit".into(), title: "Визит".into(), kind: FieldKind::Date };
        let mut mapping = mapping;
        mapping.columns[1] = Target::Field { key: "visit".into() };
        assert_eq!(mapping.undecided(std::slice::from_ref(&visit)), Some(1));
        mapping.day_order = Some(DayOrder::DayFirst);
        assert_eq!(mapping.undecided(&[visit]), None);
    }
}
