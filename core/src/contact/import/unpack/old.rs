//! A workbook of Excel 97 to 2003 (`.xls`) before its reader sees it.
//!
//! calamine 0.38 follows the chains of such a file wherever they lead, asks for the memory of as
//! many cells as a sheet says it has, and copies a shared text into each cell that names it. So the
//! container is read by the crate `cfb`, which follows no chain twice, the records are walked here
//! and counted, and what is handed on is a new container with nothing else in it.

use std::io::{Cursor, Read as _, Write as _};

use cfb::{CompoundFile, Version};

use super::{MAX_TEXTS, OfSheet};
use crate::contact::import::table::{Foreign, MAX_BYTES, TableError};

/// Most sheets, charts included.
const MAX_SHEETS: usize = 256;
/// Most cells of the rectangles that hold all of each sheet's: its reader keeps them whole.
const MAX_AREA: u64 = 2_500_000;

/// Records by their numbers (MS-XLS, 2.3).
mod record {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const COLUMN_INFO: u16 = 0x007D;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00BD;
    pub(super) const RICH_STRING: u16 = 0x00D6;
    pub(super) const SHARED_STRINGS: u16 = 0x00FC;
    pub(super) const LABEL_SHARED: u16 = 0x00FD;
    pub(super) const DIMENSIONS: u16 = 0x0200;
    pub(super) const BLANK: u16 = 0x0201;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_OR_ERROR: u16 = 0x0205;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const BEGIN: u16 = 0x0809;
}

/// The workbook and nothing else, once what it asks for was found within reason, and its sheets in
/// their order.
///
/// # Errors
/// [`TableError::Protected`] when a password protects it, [`TableError::Foreign`] when it is a
/// document, [`TableError::Bomb`] when it holds more than any table does,
/// [`TableError::Unreadable`].
pub(crate) fn defuse_old(bytes: &[u8]) -> Result<(Vec<u8>, Vec<OfSheet>), TableError> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| damaged())?;
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)) else {
        let has = |name: &str| file.exists(name);
        return Err(if has("/EncryptedPackage") {
            TableError::Protected
        } else if has("/WordDocument") {
            TableError::Foreign(Foreign::Document)
        } else {
            damaged()
        });
    };
    let mut stream = Vec::new();
    let mut part = file.open_stream(name).map_err(|_| damaged())?.take(MAX_BYTES as u64);
    part.read_to_end(&mut stream).map_err(|_| damaged())?;
    let sheets = survey(&mut stream)?;
    let packed = (|| {
        let mut copy = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::with_capacity(stream.len() + 4_096)))?;
        let mut part = copy.create_stream(name)?;
        part.write_all(&stream)?;
        part.flush()?;
        drop(part);
        copy.flush()?;
        Ok::<_, std::io::Error>(copy.into_inner().into_inner())
    })();
    Ok((packed.map_err(|_| damaged())?, sheets))
}

fn damaged() -> TableError {
    TableError::Unreadable("the workbook is damaged".to_owned())
}

/// A record and where its data stand.
struct Record {
    kind: u16,
    at: usize,
    len: usize,
}

/// The record at a place.
fn record(stream: &[u8], at: usize) -> Option<Record> {
    let head = stream.get(at..at + 4)?;
    let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
    stream.get(at + 4..at + 4 + len)?;
    Some(Record { kind: u16::from_le_bytes([head[0], head[1]]), at: at + 4, len })
}

fn short(stream: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(stream.get(at..at + 2)?.try_into().ok()?))
}

fn long(stream: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(stream.get(at..at + 4)?.try_into().ok()?))
}

/// Counts what the workbook asks for, and takes out of it what is not read and costs memory: the
/// sizes that sheets claim, the formulas behind values.
fn survey(stream: &mut [u8]) -> Result<Vec<OfSheet>, TableError> {
    let (mut at, mut places, mut texts) = (0, Vec::new(), Vec::new());
    loop {
        let one = record(stream, at).ok_or_else(damaged)?;
        at = one.at + one.len;
        match one.kind {
            record::EOF => break,
            record::FILE_PASS => return Err(TableError::Protected),
            record::BOUND_SHEET => places.push(long(stream, one.at).ok_or_else(damaged)? as usize),
            record::SHARED_STRINGS => {
                let mut parts: Vec<_> = std::iter::once(one.at..one.at + one.len).collect();
                while let Some(more) = record(stream, at).filter(|more| more.kind == record::CONTINUE) {
                    at = more.at + more.len;
                    parts.push(more.at..at);
                }
                texts = shared(stream, &parts).ok_or_else(damaged)?;
            }
            _ => {}
        }
    }
    // Two sheets of one place would be read twice.
    let in_order = places.windows(2).all(|two| two[0] < two[1]);
    if places.len() > MAX_SHEETS || !in_order {
        return Err(TableError::Bomb);
    }
    let (mut area, mut copied, mut sheets) = (0_u64, 0_u64, Vec::with_capacity(places.len()));
    for (n, place) in places.iter().enumerate() {
        let mut sheet = Sheet::default();
        let end = sheet.walk(stream, *place, &texts)?;
        area += sheet.area();
        copied += sheet.copied;
        if area > MAX_AREA || copied > MAX_TEXTS || places.get(n + 1).is_some_and(|next| *next < end) {
            return Err(TableError::Bomb);
        }
        sheets.push(sheet.told);
    }
    Ok(sheets)
}

/// One sheet while it is walked.
#[derive(Default)]
struct Sheet {
    told: OfSheet,
    /// The first and the last row and column of its cells.
    corners: Option<[u16; 4]>,
    /// Bytes of shared texts in all its cells.
    copied: u64,
}

impl Sheet {
    /// Walks the sheet that begins at a place; where it ends.
    fn walk(&mut self, stream: &mut [u8], mut at: usize, texts: &[u32]) -> Result<usize, TableError> {
        // A chart within the sheet has records of its own, which its reader passes over too. It
        // reads what stands before the sheet's beginning.
        let mut depth = 0_u32;
        loop {
            let one = record(stream, at).ok_or_else(damaged)?;
            at = one.at + one.len;
            match one.kind {
                record::BEGIN => depth += 1,
                record::EOF if depth <= 1 => return Ok(at),
                record::EOF => depth -= 1,
                _ if depth <= 1 => self.see(stream, &one, texts)?,
                _ => {}
            }
        }
    }

    fn see(&mut self, stream: &mut [u8], one: &Record, texts: &[u32]) -> Result<(), TableError> {
        match one.kind {
            record::DIMENSIONS => stream[one.at - 4..one.at - 2].copy_from_slice(&record::BLANK.to_le_bytes()),
            record::ROW => {
                let hidden = stream.get(one.at + 12).is_some_and(|flags| one.len > 12 && flags & 0x20 != 0);
                if let Some(row) = short(stream, one.at).filter(|_| hidden) {
                    self.told.hidden_rows.insert(u32::from(row) + 1);
                }
            }
            record::COLUMN_INFO => {
                let hidden = one.len > 8 && stream.get(one.at + 8).is_some_and(|flags| flags & 1 != 0);
                if let (true, Some(first), Some(last)) = (hidden, short(stream, one.at), short(stream, one.at + 2)) {
                    self.told.hide_columns(first.into(), last.into());
                }
            }
            record::NUMBER | record::LABEL | record::RICH_STRING | record::BOOL_OR_ERROR | record::RK => self.cell(stream, one, 0)?,
            record::LABEL_SHARED => {
                self.cell(stream, one, 0)?;
                let text = long(stream, one.at + 6).and_then(|n| texts.get(n as usize)).copied().unwrap_or(0);
                self.copied += u64::from(text) + 32;
            }
            record::MUL_RK => self.cell(stream, one, u16::try_from(one.len / 6).unwrap_or(u16::MAX))?,
            record::FORMULA => {
                self.cell(stream, one, 0)?;
                // How long the formula is: nought.
                if let Some(len) = stream.get_mut(one.at + 20..one.at + one.len.min(22)) {
                    len.fill(0);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A cell, and as many behind it in its row.
    fn cell(&mut self, stream: &[u8], one: &Record, behind: u16) -> Result<(), TableError> {
        let (Some(row), Some(column)) = (short(stream, one.at), short(stream, one.at + 2)) else { return Err(damaged()) };
        let last = column.saturating_add(behind);
        let [top, bottom, left, right] = self.corners.unwrap_or([row, row, column, last]);
        self.corners = Some([top.min(row), bottom.max(row), left.min(column), right.max(last)]);
        Ok(())
    }

    fn area(&self) -> u64 {
        self.corners.map_or(0, |[top, bottom, left, right]| (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1))
    }
}

/// The lengths in bytes of the shared texts (MS-XLS, 2.5.293), whose characters may go on in the
/// next part.
fn shared(stream: &[u8], parts: &[std::ops::Range<usize>]) -> Option<Vec<u32>> {
    let mut reader = Parts { stream, parts, at: parts.first()?.start + 8, part: 0 };
    let mut lengths = Vec::new();
    while reader.more() {
        let (count, flags) = (u32::from(short(stream, reader.take(2)?)?), stream[reader.take(1)?]);
        let runs = if flags & 0x8 != 0 { u32::from(short(stream, reader.take(2)?)?) } else { 0 };
        let phonetic = if flags & 0x4 != 0 { long(stream, reader.take(4)?)? } else { 0 };
        reader.characters(count, flags & 1 != 0)?;
        reader.pass(u64::from(runs) * 4 + u64::from(phonetic))?;
        // Of UTF-16 three bytes become of a unit at most.
        lengths.push(count * 3);
    }
    Some(lengths)
}

/// A place in parts that follow each other.
struct Parts<'a> {
    stream: &'a [u8],
    parts: &'a [std::ops::Range<usize>],
    part: usize,
    at: usize,
}

impl Parts<'_> {
    /// Goes to the next part at the end of one; whether there is anything.
    fn more(&mut self) -> bool {
        while self.parts.get(self.part).is_some_and(|part| self.at >= part.end) {
            self.part += 1;
            self.at = self.parts.get(self.part).map_or(self.at, |part| part.start);
        }
        self.part < self.parts.len()
    }

    fn left(&self) -> usize {
        self.parts.get(self.part).map_or(0, |part| part.end - self.at)
    }

    /// The place of so many bytes, which stand in one part.
    fn take(&mut self, len: usize) -> Option<usize> {
        if !self.more() || self.left() < len {
            return None;
        }
        let at = self.at;
        self.at += len;
        Some(at)
    }

    /// Passes over characters; each part they go on in says anew how wide they are.
    fn characters(&mut self, mut count: u32, mut wide: bool) -> Option<()> {
        while count > 0 {
            if self.left() == 0 {
                if !self.more() {
                    return None;
                }
                wide = self.stream[self.take(1)?] & 1 != 0;
            }
            let width = if wide { 2 } else { 1 };
            let here = u32::try_from(self.left() / width).ok()?.min(count);
            if here == 0 {
                return None;
            }
            self.at += here as usize * width;
            count -= here;
        }
        Some(())
    }

    fn pass(&mut self, mut len: u64) -> Option<()> {
        while len > 0 {
            if !self.more() {
                return None;
            }
            let here = len.min(self.left() as u64);
            self.at += usize::try_from(here).ok()?;
            len -= here;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::import::table::{Row, read};

    fn put(stream: &mut Vec<u8>, kind: u16, data: &[u8]) {
        stream.extend(kind.to_le_bytes());
        stream.extend(u16::try_from(data.len()).expect("short").to_le_bytes());
        stream.extend(data);
    }

    fn number(row: u16, column: u16, value: f64) -> Vec<u8> {
        let head = [row, column, 0].into_iter().flat_map(u16::to_le_bytes);
        head.chain(value.to_le_bytes()).collect()
    }

    /// A file of one sheet: records of the workbook before it, and its own.
    fn book(globals: &[(u16, Vec<u8>)], sheet: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let begin = [0x0600_u16, 0x0005, 0, 0].into_iter().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let mut stream = Vec::new();
        put(&mut stream, record::BEGIN, &begin);
        for (kind, data) in globals {
            put(&mut stream, *kind, data);
        }
        let name = b"\x05\x00Sheet";
        let place = u32::try_from(stream.len() + 4 + 6 + name.len() + 4).expect("short");
        put(&mut stream, record::BOUND_SHEET, &[&place.to_le_bytes()[..], &[0, 0][..], &name[..]].concat());
        put(&mut stream, record::EOF, &[]);
        put(&mut stream, record::BEGIN, &begin);
        for (kind, data) in sheet {
            put(&mut stream, *kind, data);
        }
        put(&mut stream, record::EOF, &[]);
        packed("Workbook", &stream)
    }

    fn packed(name: &str, stream: &[u8]) -> Vec<u8> {
        let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new())).expect("created");
        let mut part = file.create_stream(name).expect("a stream");
        part.write_all(stream).expect("written");
        part.flush().expect("flushed");
        drop(part);
        file.flush().expect("flushed");
        file.into_inner().into_inner()
    }

    /// A sheet that says it has four thousand million rows costs what its cells cost.
    #[test]
    fn an_old_workbook_is_read_by_its_cells() {
        let claims = [0_u32.to_le_bytes(), u32::MAX.to_le_bytes(), [0, 0, 255, 0], [0; 4]].concat()[..14].to_vec();
        let bytes = book(
            &[],
            &[(record::DIMENSIONS, claims), (record::NUMBER, number(2, 0, 79_161_170_001.0)), (record::NUMBER, number(4, 1, 5.5))],
        );
        let table = read(&bytes).expect("a table");
        let row = |number, cells: &[&str]| Row::new(number, &cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
        assert_eq!(table.rows, [row(3, &["79161170001"]), row(5, &["", "5.5"])]);
    }

    /// A hidden column of an old workbook was taken in like any other.
    #[test]
    fn an_old_workbook_tells_its_hidden_columns() {
        let column =
            |first: u16, last: u16, flags: u16| [first, last, 2_560, 15, flags, 0].into_iter().flat_map(u16::to_le_bytes).collect();
        let sheet = [
            (record::COLUMN_INFO, column(0, 0, 0)),
            (record::COLUMN_INFO, column(1, 2, 1)),
            (record::COLUMN_INFO, column(200, u16::MAX, 1)),
            (record::NUMBER, number(0, 0, 1.0)),
            (record::NUMBER, number(0, 2, 2.0)),
        ];
        // Of the two one is empty.
        assert_eq!(read(&book(&[], &sheet)).expect("a table").hidden, [2]);
    }

    #[test]
    fn an_old_workbook_beyond_reason_is_refused() {
        let far = book(&[], &[(record::NUMBER, number(0, 0, 1.0)), (record::NUMBER, number(65_535, 255, 1.0))]);
        assert_eq!(read(&far), Err(TableError::Bomb));
        // One text of thirty thousand letters in each of ten thousand cells.
        let text = [&[1, 0, 0, 0, 1, 0, 0, 0][..], &30_000_u16.to_le_bytes()[..], &[0][..], &vec![b'x'; 8_000][..]].concat();
        let mut globals = vec![(record::SHARED_STRINGS, text)];
        globals.extend((0..3).map(|part| (record::CONTINUE, [&[0][..], &vec![b'x'; if part < 2 { 8_000 } else { 6_000 }][..]].concat())));
        let cell = |row: u16| (record::LABEL_SHARED, [&row.to_le_bytes()[..], &[0; 8][..]].concat());
        let once = read(&book(&globals, &[cell(0)])).expect("a table");
        assert_eq!(once.rows[0].cell(0).map(str::len), Some(30_000));
        assert_eq!(read(&book(&globals, &(0..10_000).map(cell).collect::<Vec<_>>())), Err(TableError::Bomb));
    }

    #[test]
    fn what_is_no_old_workbook_is_called_what_it_is() {
        let protected = book(&[(record::FILE_PASS, vec![1, 0])], &[(record::NUMBER, number(0, 0, 1.0))]);
        assert_eq!(read(&protected), Err(TableError::Protected));
        assert_eq!(read(&packed("EncryptedPackage", b"x")), Err(TableError::Protected));
        assert_eq!(read(&packed("WordDocument", b"x")), Err(TableError::Foreign(Foreign::Document)));
        assert!(matches!(read(&packed("Other", b"x")), Err(TableError::Unreadable(_))));
        assert!(matches!(read(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and nothing"), Err(TableError::Unreadable(_))));
        // Cut off in the middle of a record.
        let whole = book(&[], &[(record::NUMBER, number(0, 0, 1.0))]);
        assert!(read(&whole[..whole.len() - 700]).is_err());
    }
}
