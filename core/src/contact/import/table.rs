//! The bytes of a CSV, an Excel workbook, a web page's table or a vCard file as rows of text,
//! whatever program wrote it.

mod book;
mod decode;
mod foreign;
mod old_book;
mod page;
mod records;
mod sheet;
mod text;
mod vcard;

#[cfg(test)]
mod tests;

use std::{panic::catch_unwind, sync::LazyLock};

use tokio::sync::{Semaphore, SemaphorePermit};

pub use super::unpack::MAX_UNPACKED;
pub use foreign::Foreign;

/// Largest file, bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most rows.
pub const MAX_ROWS: usize = 1_100_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 200;
/// Most cells, the empty ones before a filled one included: a row whose only filled cell is the
/// last costs as much as a full one.
pub const MAX_CELLS: usize = 20_000_000;
/// Most bytes of text in all cells: a small archive may unpack to very much.
const MAX_TEXT: usize = 256 * 1024 * 1024;

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
    /// A workbook with a password.
    #[error("the Excel workbook is protected by a password: save it as .xlsx without one, or as CSV")]
    Protected,
    /// Something else, which is known: a PDF, a picture.
    #[error("the file is {0} and not a table: save it as CSV or as .xlsx")]
    Foreign(Foreign),
    /// Not a table.
    #[error("the file cannot be read as a table: {0}")]
    Unreadable(String),
}

/// A row: its cells are one text and their ends, because a cell of its own memory costs ten times
/// what most cells hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, its row in the sheet, from 1.
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
    /// The visible sheets of a workbook.
    pub sheets: Vec<String>,
    /// The place among them of the one that was read.
    pub sheet: usize,
    /// Hidden columns with anything in them, counted from 0: somebody decides whether they are
    /// wanted.
    pub hidden: Vec<usize>,
    /// What must be told of the file.
    pub notes: Vec<Note>,
}

/// What was found in a file besides its rows, and must be told: nothing is left out, and nothing
/// mended, without a word.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// Rows above the headings, left out.
    Above {
        /// Rows with anything in them.
        rows: usize,
    },
    /// Hidden rows (a filter hides those who are not meant), left out.
    HiddenRows {
        /// Rows of the sheet that is read.
        rows: usize,
    },
    /// Hidden columns, left out until somebody chooses them.
    HiddenColumns {
        /// Their headings, or their letters.
        names: Vec<String>,
    },
    /// Hidden sheets, left out.
    HiddenSheets { names: Vec<String> },
    /// Cells with a formula whose value the file does not hold.
    Uncomputed {
        /// Such cells in all.
        cells: u64,
        /// The first, as `B2`.
        first: String,
    },
    /// Lines in another encoding than the rest.
    OtherEncoding {
        /// Such lines in all.
        lines: usize,
        /// The first, from 1.
        first: usize,
        /// How they were read.
        encoding: String,
    },
    /// UTF-8 that was taken for another encoding and written once more; read as it was meant.
    Twice {
        /// What it was taken for.
        encoding: String,
    },
    /// Lines with broken letters: a program cut them in the middle of one.
    Torn {
        /// Such lines in all.
        lines: usize,
        /// The first, from 1.
        first: usize,
    },
    /// A quotation mark that is never closed, read as a character.
    OpenQuote {
        /// The first such line, from 1.
        line: usize,
        /// How many lines have one.
        lines: usize,
    },
}

impl Table {
    /// Megabytes it takes up, rounded up.
    fn megabytes(&self) -> u32 {
        let bytes: usize = self.rows.iter().map(|row| size_of::<Row>() + row.text.len() + 4 * row.ends.len()).sum();
        u32::try_from(bytes / (1024 * 1024) + 1).unwrap_or(ROOM).min(ROOM)
    }
}

/// How a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
        /// The sheet that was read: the one chosen, or the first visible one with anything in it.
        sheet: String,
    },
    /// The table of a web page, which CRMs export under the name `.xls`.
    #[default]
    Page,
    /// Cards of a phone's or a mail program's address book.
    Vcard,
}

/// Reads a file.
///
/// # Errors
/// [`TableError`].
pub fn read(bytes: &[u8]) -> Result<Table, TableError> {
    read_sheet(bytes, None)
}

/// Reads a file, and of a workbook the sheet at this place among the visible ones.
///
/// # Errors
/// [`TableError`].
pub fn read_sheet(bytes: &[u8], sheet: Option<usize>) -> Result<Table, TableError> {
    if bytes.len() > MAX_BYTES {
        return Err(TableError::TooLarge);
    }
    let table = if bytes.starts_with(b"PK\x03\x04") {
        // calamine 0.38 panics at places that cannot be, such as `A5:C3` in a debug build.
        catch_unwind(|| book::read(bytes, sheet)).unwrap_or_else(|_| Err(TableError::Unreadable("the workbook is damaged".to_owned())))?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        // calamine's reader of these takes a record's word for what it holds.
        catch_unwind(|| old_book::read(bytes, sheet))
            .unwrap_or_else(|_| Err(TableError::Unreadable("the workbook is damaged".to_owned())))?
    } else if let Some(other) = foreign::of_bytes(bytes) {
        return Err(TableError::Foreign(other));
    } else {
        text::read(bytes)?
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

/// Reads a file off the threads that answer others, after those before it and once there is room
/// for its table.
///
/// # Errors
/// [`TableError`].
pub async fn read_aside(bytes: Vec<u8>, sheet: Option<usize>) -> Result<Held, TableError> {
    let broken = |error: &dyn std::fmt::Display| TableError::Unreadable(error.to_string());
    let turn = PARSING.acquire().await.map_err(|error| broken(&error))?;
    // The turn ends with the work and not with whoever waits for it, who may be gone before.
    #[expect(clippy::disallowed_methods, reason = "files are parsed one at a time anyhow")]
    let read = tokio::task::spawn_blocking(move || (read_sheet(&bytes, sheet), turn));
    let (table, turn) = read.await.map_err(|error| broken(&error))?;
    let table = table?;
    // Nobody parses more while there is no room for this one. Whoever holds a table never waits
    // here for a second.
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
        Table { rows: self.rows, columns: self.columns, format, sheets: Vec::new(), sheet: 0, hidden: Vec::new(), notes: Vec::new() }
    }
}
