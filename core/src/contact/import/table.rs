//! The bytes of a CSV or XLSX file as rows of text, whatever program wrote it.

use std::{borrow::Cow, io::Cursor, panic::catch_unwind, sync::LazyLock};

use calamine::{DataRef, Reader as _, Xlsx};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::unpack;
pub use super::unpack::MAX_UNPACKED;

/// Largest file, bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most rows.
pub const MAX_ROWS: usize = 1_100_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 200;
/// Most cells, the empty ones before a filled one included: a row whose only filled cell is the last costs as much as a full one.
pub const MAX_CELLS: usize = 20_000_000;
/// Most bytes of text in all cells: a small archive may unpack to very much.
const MAX_TEXT: usize = 256 * 1024 * 1024;
/// Sheets of a workbook that are looked at until one has anything in it: each may be the same part, read once more.
const MAX_SHEETS: usize = 16;

/// Megabytes that the tables of one process may take up together; each is at most about 430 MB.
const ROOM: u32 = 900;
/// One file is parsed at a time, however many people send one.
static PARSING: Semaphore = Semaphore::const_new(1);
static HELD: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(ROOM as usize));

/// Why a file is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Larger than [`MAX_BYTES`].
    #[error("the file is larger than 20 MB")]
    TooLarge,
    /// More than [`MAX_ROWS`] rows, [`MAX_COLUMNS`] columns, [`MAX_CELLS`] cells, or too much text.
    #[error("the table has too many rows, columns or cells, or too much text")]
    TooMuch,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A workbook that unpacks to more than any table does: a fault or an attack.
    #[error("the workbook unpacks to too much: save it as CSV")]
    Bomb,
    /// An old or protected workbook.
    #[error("this is an old or a protected Excel workbook: save it as .xlsx without a password, or as CSV")]
    OldWorkbook,
    /// Not a table.
    #[error("the file cannot be read as a table: {0}")]
    Unreadable(String),
}

/// A row: its cells are one text and their ends, because a cell of its own memory costs ten times what most cells hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file, from 1.
    pub number: usize,
    text: Box<str>,
    ends: Box<[u32]>,
}

impl Row {
    /// A row of these cells. The text of one is below 4 GB: [`MAX_TEXT`] holds for all together.
    #[must_use]
    pub fn new(number: usize, cells: &[String]) -> Self {
        let (mut text, mut ends) = (String::with_capacity(cells.iter().map(String::len).sum()), Vec::with_capacity(cells.len()));
        for cell in cells {
            text.push_str(cell);
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Self { number, text: text.into(), ends: ends.into() }
    }

    /// The cells up to the last that is filled.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|column| self.cell(column))
    }

    /// The cell of a column, counted from 0; `None` after the last that is filled.
    #[must_use]
    pub fn cell(&self, column: usize) -> Option<&str> {
        let from = if column == 0 { 0 } else { *self.ends.get(column - 1)? };
        self.text.get(from as usize..*self.ends.get(column)? as usize)
    }

    /// How many cells there are up to the last that is filled.
    #[must_use]
    pub fn width(&self) -> usize {
        self.ends.len()
    }
}

/// A table of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Rows in their order; empty ones are left out.
    pub rows: Vec<Row>,
    /// Columns of the widest row.
    pub columns: usize,
    /// How it was read.
    pub format: Format,
}

impl Table {
    /// Megabytes it takes up, rounded up.
    fn megabytes(&self) -> u32 {
        let bytes: usize = self.rows.iter().map(|row| size_of::<Row>() + row.text.len() + 4 * row.ends.len()).sum();
        u32::try_from(bytes / (1024 * 1024) + 1).unwrap_or(ROOM).min(ROOM)
    }
}

/// How a file was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Format {
    /// Text with a delimiter.
    Csv {
        /// The encoding's name.
        encoding: String,
        /// `;`, `,`, tab or `|`.
        delimiter: char,
    },
    /// An Excel workbook.
    Xlsx {
        /// The sheet that was read: the first with anything in it.
        sheet: String,
    },
}

/// Reads a file.
///
/// # Errors
/// [`TableError`].
pub fn read(bytes: &[u8]) -> Result<Table, TableError> {
    if bytes.len() > MAX_BYTES {
        return Err(TableError::TooLarge);
    }
    let table = if bytes.starts_with(b"PK\x03\x04") {
        // calamine 0.38 panics at places that cannot be, such as `A5:C3` in a debug build.
        catch_unwind(|| workbook(bytes)).unwrap_or_else(|_| Err(TableError::Unreadable("the workbook is damaged".to_owned())))?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(TableError::OldWorkbook);
    } else {
        text(bytes)?
    };
    if table.rows.is_empty() { Err(TableError::Empty) } else { Ok(table) }
}

/// A table and the room in memory it takes up, which the tables of one process share.
#[derive(Debug)]
pub struct Held {
    table: Table,
    _room: SemaphorePermit<'static>,
}

impl std::ops::Deref for Held {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.table
    }
}

/// Reads a file off the threads that answer others, after those before it and once there is room for its table.
///
/// # Errors
/// [`TableError`].
pub async fn read_aside(bytes: Vec<u8>) -> Result<Held, TableError> {
    let broken = |error: &dyn std::fmt::Display| TableError::Unreadable(error.to_string());
    let turn = PARSING.acquire().await.map_err(|error| broken(&error))?;
    // The turn ends with the work and not with whoever waits for it, who may be gone before.
    let read = tokio::task::spawn_blocking(move || (read(&bytes), turn));
    let (table, turn) = read.await.map_err(|error| broken(&error))?;
    let table = table?;
    // Nobody parses more while there is no room for this one. Whoever holds a table never waits here for a second.
    let room = HELD.acquire_many(table.megabytes()).await.map_err(|error| broken(&error))?;
    drop(turn);
    Ok(Held { table, _room: room })
}

/// Rows as they come, under the limits.
#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    columns: usize,
    cells: usize,
    text: usize,
    /// The number of the row whose cells are coming, and those that came.
    current: (usize, Vec<String>),
}

impl Rows {
    /// A filled cell of a row; counted before it is kept, with the empty ones before it.
    fn cell(&mut self, row: usize, column: usize, value: &str) -> Result<(), TableError> {
        if row != self.current.0 {
            self.close();
            self.current.0 = row;
        }
        let width = self.current.1.len();
        if column >= width {
            self.cells += column + 1 - width;
        }
        self.text += value.len();
        if column >= MAX_COLUMNS || self.cells > MAX_CELLS || self.text > MAX_TEXT || self.rows.len() >= MAX_ROWS {
            return Err(TableError::TooMuch);
        }
        if column >= width {
            self.current.1.resize(column + 1, String::new());
            self.columns = self.columns.max(column + 1);
        }
        value.clone_into(&mut self.current.1[column]);
        Ok(())
    }

    fn close(&mut self) {
        if !self.current.1.is_empty() {
            self.rows.push(Row::new(self.current.0, &self.current.1));
            self.current.1.clear();
        }
    }

    fn table(mut self, format: Format) -> Table {
        self.close();
        Table { rows: self.rows, columns: self.columns, format }
    }
}

fn workbook(bytes: &[u8]) -> Result<Table, TableError> {
    // calamine's words may hold a cell or a sheet's name, and these go to logs.
    let unreadable = |_: calamine::XlsxError| TableError::Unreadable("its sheets cannot be read".to_owned());
    let book = unpack::defuse(bytes, MAX_UNPACKED, unpack::MAX_TEXTS)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book)).map_err(unreadable)?;
    for sheet in book.sheet_names().into_iter().take(MAX_SHEETS) {
        let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else { continue };
        let mut rows = Rows::default();
        // Cell by cell: a range would hold every cell of the rectangle, and one far cell makes it huge.
        while let Some(cell) = cells.next_cell().map_err(unreadable)? {
            let (row, column) = cell.get_position();
            let value = cell_text(cell.get_value());
            if !value.is_empty() {
                rows.cell(row as usize + 1, column as usize, &value)?;
            }
        }
        let table = rows.table(Format::Xlsx { sheet });
        if !table.rows.is_empty() {
            return Ok(table);
        }
    }
    Err(TableError::Empty)
}

fn cell_text<'a>(value: &'a DataRef<'_>) -> Cow<'a, str> {
    Cow::Owned(match value {
        DataRef::String(text) => return Cow::Borrowed(text.trim()),
        DataRef::SharedString(text) => return Cow::Borrowed(text.trim()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => return Cow::Borrowed(text),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::Bool(yes) => if *yes { "1" } else { "0" }.to_owned(),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::DateTime(at) => at.as_f64().to_string(),
        _ => String::new(),
    })
}

fn text(bytes: &[u8]) -> Result<Table, TableError> {
    let encoding = encoding(bytes);
    let (text, _, _) = encoding.decode(bytes);
    let mut text = text.as_ref();
    let mut declared = None;
    // Excel's own hint in the first line.
    if let Some(rest) = text.strip_prefix("sep=") {
        declared = rest.chars().next();
        text = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    if text.chars().take(4_096).any(|c| c == '\0') {
        return Err(TableError::Unreadable("it is not text".to_owned()));
    }
    let delimiter = declared.filter(char::is_ascii).unwrap_or_else(|| delimiter(text));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        // Fits: the delimiters are ASCII.
        .delimiter(u8::try_from(delimiter).unwrap_or(b';'))
        .from_reader(text.as_bytes());
    let mut rows = Rows::default();
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    while reader.read_record(&mut record).map_err(|error| TableError::Unreadable(error.to_string()))? {
        number += 1;
        for (column, cell) in record.iter().map(str::trim).enumerate().filter(|(_, cell)| !cell.is_empty()) {
            rows.cell(number, column, cell)?;
        }
    }
    Ok(rows.table(Format::Csv { encoding: encoding.name().to_owned(), delimiter }))
}

fn encoding(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    let head = &bytes[..bytes.len().min(4_096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    // Every second byte of Latin letters and digits in UTF-16 is zero.
    if zeros(1) * 4 > head.len() / 2 {
        UTF_16LE
    } else if zeros(0) * 4 > head.len() / 2 {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1251
    }
}

/// The delimiter that parts the first rows into the same number of cells, most of them.
fn delimiter(text: &str) -> char {
    let score = |delimiter: char| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(u8::try_from(delimiter).unwrap_or(b';'))
            .from_reader(text.as_bytes());
        let widths: Vec<usize> = reader.records().take(20).filter_map(Result::ok).map(|row| row.len()).filter(|width| *width > 0).collect();
        let Some(first) = widths.first().copied().filter(|width| *width > 1) else { return 0 };
        let even = widths.iter().filter(|width| **width == first).count();
        even * 1_000 / widths.len() + first.min(100)
    };
    // At a tie the earlier wins: `max_by_key` keeps the last.
    [',', '|', '\t', ';'].into_iter().max_by_key(|delimiter| score(*delimiter)).unwrap_or(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes).expect("a table").rows.iter().map(|row| row.cells().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn reads_every_usual_encoding_and_delimiter() {
        let wanted = [["Имя", "Телефон"], ["Анна, мама", "8 912 345-67-89"]];
        let csv = |delimiter: &str| format!("Имя{delimiter}Телефон\r\n\"Анна, мама\"{delimiter}8 912 345-67-89\r\n\r\n");
        for delimiter in [";", ",", "\t", "|"] {
            let text = csv(delimiter);
            let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
            let utf16be: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
            for bytes in [
                text.clone().into_bytes(),
                format!("\u{feff}{text}").into_bytes(),
                WINDOWS_1251.encode(&text).0.into_owned(),
                utf16,
                utf16be,
            ] {
                assert_eq!(cells(&bytes), wanted, "{delimiter:?}");
            }
        }
        assert_eq!(cells("sep=|\nа|б".as_bytes()), [["а", "б"]]);
        assert_eq!(read(b"89123456789\n89123456788\n").expect("one column").columns, 1);
    }

    #[test]
    fn reads_a_workbook() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "Телефон").expect("written");
        sheet.write(0, 2, "Визит").expect("written");
        sheet.write(2, 0, 79_123_456_789.0).expect("written");
        let date = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 5, 1).expect("a day");
        sheet.write_with_format(2, 2, &day, &date).expect("written");
        let bytes = book.save_to_buffer().expect("saved");
        let table = read(&bytes).expect("a table");
        let row = |number, cells: [&str; 3]| Row::new(number, &cells.map(str::to_owned));
        assert_eq!(table.rows, [row(1, ["Телефон", "", "Визит"]), row(3, ["79123456789", "", "2026-05-01"])]);
    }

    /// Each row has one filled cell, the last of all columns: 4.8 MB of them became 5.4 GB of empty cells.
    #[test]
    fn cells_are_counted_with_the_empty_ones_before_they_are_made() {
        let mut rows = Rows::default();
        let most = (1..).find(|row| rows.cell(*row, MAX_COLUMNS - 1, "1").is_err());
        assert_eq!(most, Some(MAX_CELLS / MAX_COLUMNS + 1));
        assert_eq!(rows.rows.iter().map(Row::width).sum::<usize>() + rows.current.1.len(), MAX_CELLS);
        let csv = |rows| format!("{}1\n", ";".repeat(MAX_COLUMNS - 1)).repeat(rows);
        assert_eq!(read(csv(MAX_CELLS / MAX_COLUMNS + 1).as_bytes()), Err(TableError::TooMuch));
        let table = read(csv(MAX_CELLS / MAX_COLUMNS).as_bytes()).expect("within the limits");
        assert_eq!((table.columns, table.rows.len()), (MAX_COLUMNS, MAX_CELLS / MAX_COLUMNS));
        assert!(table.megabytes() < 100, "{} MB", table.megabytes());
    }

    /// The same as a workbook, with the limit told to whoever sent it.
    #[test]
    fn a_workbook_of_sparse_rows_is_too_much() {
        use std::fmt::Write as _;
        let last = "GR";
        let mut sheet = String::from("<worksheet><sheetData>");
        for row in 1..=MAX_CELLS / MAX_COLUMNS + 1 {
            write!(sheet, "<row r=\"{row}\"><c r=\"{last}{row}\"><v>1</v></c></row>").expect("written");
        }
        sheet.push_str("</sheetData></worksheet>");
        assert_eq!(read(&crate::fuzzing::workbook_of(sheet.as_bytes(), b"")), Err(TableError::TooMuch));
    }

    #[test]
    fn a_cell_of_no_row_is_none() {
        let row = Row::new(7, &["а".to_owned(), String::new(), "бв".to_owned()]);
        assert_eq!(row.cells().collect::<Vec<_>>(), ["а", "", "бв"]);
        assert_eq!((row.cell(2), row.cell(3), row.width()), (Some("бв"), None, 3));
    }

    #[test]
    fn says_why_not() {
        assert_eq!(read(b""), Err(TableError::Empty));
        assert_eq!(read(b" ; \n"), Err(TableError::Empty));
        assert_eq!(read(&[0xD0, 0xCF, 0x11, 0xE0, 0]), Err(TableError::OldWorkbook));
        assert!(matches!(read(b"PK\x03\x04nothing"), Err(TableError::Unreadable(_))));
        assert_eq!(read(&vec![b'1'; MAX_BYTES + 1]), Err(TableError::TooLarge));
        assert_eq!(read(";".repeat(MAX_COLUMNS).as_bytes()), Err(TableError::Empty));
        assert_eq!(read(format!("{}1", ";".repeat(MAX_COLUMNS)).as_bytes()), Err(TableError::TooMuch));
    }
}
