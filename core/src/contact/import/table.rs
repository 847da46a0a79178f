//! The bytes of a CSV or XLSX file as rows of text, whatever program wrote it.

use std::{
    io::{self, Cursor, Read as _},
    panic::catch_unwind,
};

use calamine::{DataRef, Reader as _, Xlsx};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};

use super::claims::Claims;

/// Largest file, bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most rows.
pub const MAX_ROWS: usize = 1_100_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 200;
/// Most characters' bytes in all cells: a small archive may unpack to very much.
const MAX_TEXT: usize = 256 * 1024 * 1024;

/// Most bytes a workbook may unpack to, all of it.
pub const MAX_UNPACKED: u64 = 400 * 1024 * 1024;
/// Most bytes of its table of texts, which is held in memory whole, however little each text is.
const MAX_TEXTS: u64 = 100 * 1024 * 1024;

/// Why a file is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Larger than [`MAX_BYTES`].
    #[error("the file is larger than 20 MB")]
    TooLarge,
    /// More than [`MAX_ROWS`] rows, [`MAX_COLUMNS`] columns, or too much text.
    #[error("the table has too many rows, columns or too much text")]
    TooMuch,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A workbook that unpacks to more than [`MAX_UNPACKED`], or whose texts do to more than a quarter of it: a fault or an attack.
    #[error("the workbook unpacks to too much: save it as CSV")]
    Bomb,
    /// An old or protected workbook.
    #[error("this is an old or a protected Excel workbook: save it as .xlsx without a password, or as CSV")]
    OldWorkbook,
    /// Not a table.
    #[error("the file cannot be read as a table: {0}")]
    Unreadable(String),
}

/// A table of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Rows, each with its number in the file (from 1); empty rows are left out.
    pub rows: Vec<(usize, Vec<String>)>,
    /// Columns of the widest row.
    pub columns: usize,
    /// How it was read.
    pub format: Format,
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

/// Reads a file off the threads that answer others: up to 20 MB are unpacked and parsed.
///
/// # Errors
/// [`TableError`].
pub async fn read_aside(bytes: Vec<u8>) -> Result<Table, TableError> {
    tokio::task::spawn_blocking(move || read(&bytes)).await.map_err(|error| TableError::Unreadable(error.to_string()))?
}

/// Unpacks a workbook into nothing, counting: what the archive says of its sizes may be a lie, and the reader of workbooks
/// takes whatever comes.
fn defuse(bytes: &[u8], most: u64, most_texts: u64) -> Result<(), TableError> {
    let unreadable = |error: zip::result::ZipError| TableError::Unreadable(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut left = most;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(unreadable)?;
        let texts = part.name().map_err(unreadable)?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let limit = if texts { left.min(most_texts) } else { left };
        if part.size() > limit {
            return Err(TableError::Bomb);
        }
        let mut claims = Claims::default();
        let mut content = part.by_ref().take(limit + 1);
        let unpacked = if texts { io::copy(&mut content, &mut claims) } else { io::copy(&mut content, &mut io::sink()) }
            .map_err(|error| TableError::Unreadable(error.to_string()))?;
        if claims.beyond_reason() {
            return Err(TableError::Bomb);
        }
        left = limit.checked_sub(unpacked).map(|_| left - unpacked).ok_or(TableError::Bomb)?;
    }
    Ok(())
}

/// Rows as they come, under the limits.
#[derive(Default)]
struct Rows {
    rows: Vec<(usize, Vec<String>)>,
    columns: usize,
    text: usize,
}

impl Rows {
    fn push(&mut self, number: usize, mut row: Vec<String>) -> Result<(), TableError> {
        while row.last().is_some_and(String::is_empty) {
            row.pop();
        }
        if row.is_empty() {
            return Ok(());
        }
        self.columns = self.columns.max(row.len());
        self.text += row.iter().map(String::len).sum::<usize>();
        self.rows.push((number, row));
        if self.rows.len() > MAX_ROWS || self.columns > MAX_COLUMNS || self.text > MAX_TEXT { Err(TableError::TooMuch) } else { Ok(()) }
    }

    fn table(self, format: Format) -> Table {
        Table { rows: self.rows, columns: self.columns, format }
    }
}

fn workbook(bytes: &[u8]) -> Result<Table, TableError> {
    let unreadable = |error: calamine::XlsxError| TableError::Unreadable(error.to_string());
    defuse(bytes, MAX_UNPACKED, MAX_TEXTS)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    for sheet in book.sheet_names() {
        let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else { continue };
        let mut rows = Rows::default();
        let mut current: (usize, Vec<String>) = (0, Vec::new());
        // Cell by cell: a range would hold every cell of the rectangle, and one far cell makes it huge.
        while let Some(cell) = cells.next_cell().map_err(unreadable)? {
            let (row, column) = cell.get_position();
            let (row, column) = (row as usize + 1, column as usize);
            let value = cell_text(cell.get_value());
            if value.is_empty() {
                continue;
            }
            if column >= MAX_COLUMNS {
                return Err(TableError::TooMuch);
            }
            if row != current.0 {
                let done = std::mem::replace(&mut current, (row, Vec::new()));
                rows.push(done.0, done.1)?;
            }
            if current.1.len() <= column {
                current.1.resize(column + 1, String::new());
            }
            current.1[column] = value;
        }
        rows.push(current.0, current.1)?;
        if !rows.rows.is_empty() {
            return Ok(rows.table(Format::Xlsx { sheet }));
        }
    }
    Err(TableError::Empty)
}

fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => (*text).trim().to_owned(),
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
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        _ => String::new(),
    }
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
        rows.push(number, record.iter().map(|cell| cell.trim().to_owned()).collect())?;
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
        read(bytes).expect("a table").rows.into_iter().map(|(_, row)| row).collect()
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
        assert_eq!(
            table.rows,
            [
                (1, vec!["Телефон".into(), String::new(), "Визит".into()]),
                (3, vec!["79123456789".into(), String::new(), "2026-05-01".into()])
            ]
        );
    }

    /// A workbook of little that unpacks to much: `name` is the part of spaces, `claimed` the size the archive claims for it.
    fn bomb(name: &str, size: usize, claimed: Option<u32>) -> Vec<u8> {
        use std::io::Write as _;
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(name, options).expect("a part");
        archive.write_all(&vec![b' '; size]).expect("written");
        let mut bytes = archive.finish().expect("an archive").into_inner();
        if let Some(claimed) = claimed {
            let real = u32::try_from(size).expect("small").to_le_bytes();
            while let Some(at) = bytes.windows(4).position(|four| four == real) {
                bytes[at..at + 4].copy_from_slice(&claimed.to_le_bytes());
            }
        }
        bytes
    }

    #[test]
    fn a_workbook_that_unpacks_to_too_much_is_no_table() {
        let texts = bomb("xl/sharedStrings.xml", usize::try_from(MAX_TEXTS).expect("fits") + 1, None);
        assert!(texts.len() < 1024 * 1024, "{}", texts.len());
        assert_eq!(read(&texts), Err(TableError::Bomb));
        let sheet = bomb("xl/worksheets/sheet1.xml", 3_000_001, None);
        assert_eq!(defuse(&sheet, 3_000_000, 10), Err(TableError::Bomb));
        assert_eq!(defuse(&sheet, 3_000_001, 10), Ok(()));
        // One that claims so many texts that memory for them would end the process.
        let claim = br#"<sst uniqueCount="99999999999999"></sst>"#;
        assert_eq!(read(&crate::fuzzing::workbook_of(b"<worksheet/>", claim)), Err(TableError::Bomb));
        // One that lies about its size is no better.
        assert!(defuse(&bomb("xl/sharedStrings.xml", 3_000_001, Some(7)), 2_000_000, 2_000_000).is_err());
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
