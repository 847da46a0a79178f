//! A text with a delimiter: CSV as every program writes it.

use super::{Format, Note, Rows, Table, TableError, decode, foreign, records::Records, vcard};

/// Records from which the delimiter is found out.
const LOOKED_AT: usize = 40;

pub(super) fn read(bytes: &[u8]) -> Result<Table, TableError> {
    let (text, encoding, broken) = decode::decode(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.chars().take(4_096).any(|c| c == '\0') {
        return Err(TableError::Unreadable("it is not text".to_owned()));
    }
    if vcard::begins(text) {
        let mut table = vcard::read(text)?;
        table.notes.extend(broken);
        return Ok(table);
    }
    if let Some(other) = foreign::of_text(text) {
        return Err(TableError::Foreign(other));
    }
    let (declared, skipped) = declared(text);
    let rest = &text[skipped..];
    let delimiter = declared.unwrap_or_else(|| delimiter(rest));
    let mut records = Records::new(rest, u8::try_from(delimiter).unwrap_or(b';'));
    let (mut rows, mut cells) = (Rows::default(), Vec::new());
    let before = usize::from(skipped > 0);
    while let Some(line) = records.next(&mut cells) {
        for (column, cell) in cells.iter().map(|cell| cell.trim()).enumerate().filter(|(_, cell)| !cell.is_empty()) {
            rows.cell(before + line, column, cell)?;
        }
    }
    let mut table = rows.table(Format::Csv { encoding: encoding.to_owned(), delimiter });
    table.notes.extend(broken);
    if let Some((lines, first)) = records.open {
        table.notes.push(Note::OpenQuote { line: before + first, lines });
    }
    Ok(table)
}

/// Excel's own hint in the first line, in any writing (`sep=;`, `"SEP = ;"`, `sep=\t`), and the
/// length of that line.
fn declared(text: &str) -> (Option<char>, usize) {
    let end = text.find('\n').map_or(text.len(), |at| at + 1);
    let line = text[..end].trim_matches(['\r', '\n', '"', ' ']);
    let Some(rest) = line.get(..3).filter(|word| word.eq_ignore_ascii_case("sep")).and_then(|_| line[3..].trim_start().strip_prefix('='))
    else {
        return (None, 0);
    };
    let mark = match rest.trim_matches(' ') {
        "\\t" | "TAB" | "tab" => Some('\t'),
        mark => mark.chars().next().filter(|mark| mark.is_ascii_punctuation() || *mark == '\t'),
    };
    (mark, end)
}

/// The delimiter that parts most of the first records into the same number of cells.
fn delimiter(text: &str) -> char {
    let score = |delimiter: char| {
        let mut records = Records::new(text, u8::try_from(delimiter).unwrap_or(b';'));
        let (mut widths, mut cells) = (Vec::new(), Vec::new());
        while widths.len() < LOOKED_AT && records.next(&mut cells).is_some() {
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                widths.push(cells.len());
            }
        }
        let same = |width: usize| widths.iter().filter(|other| **other == width).count();
        let Some(usual) = widths.iter().copied().filter(|width| *width > 1).max_by_key(|width| (same(*width), *width)) else { return 0 };
        same(usual) * 1_000 / widths.len() + usual.min(100)
    };
    // At a tie the earlier wins: `max_by_key` keeps the last.
    [',', '|', '\t', ';'].into_iter().max_by_key(|delimiter| score(*delimiter)).unwrap_or(';')
}
