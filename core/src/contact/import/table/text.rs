//! A text with a delimiter: CSV as every program writes it.

use super::{
    Format, Note, Row, Rows, Table, TableError, decode,
    foreign::{self, Foreign},
    page,
    records::Records,
    vcard,
};

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
    match foreign::of_text(text) {
        Some(Foreign::Page) => {
            let mut table = page::read(text)?;
            table.notes.extend(broken);
            return Ok(table);
        }
        Some(other) => return Err(TableError::Foreign(other)),
        None => {}
    }
    let (declared, skipped) = declared(text);
    let rest = &text[skipped..];
    let unwrapped = unwrapped(rest);
    let rest = unwrapped.as_deref().unwrap_or(rest);
    let delimiter = declared.unwrap_or_else(|| delimiter(rest));
    let mut records = Records::new(rest, u8::try_from(delimiter).unwrap_or(b';'));
    let (mut rows, mut cells) = (Rows::default(), Vec::new());
    let before = usize::from(skipped > 0);
    while let Some(line) = records.next(&mut cells) {
        for (column, cell) in cells.iter().map(|cell| cell.trim()).enumerate().filter(|(_, cell)| !cell.is_empty()) {
            rows.cell(before + line, column, unquoted(cell))?;
        }
    }
    let mut table = rows.table(Format::Csv { encoding: encoding.to_owned(), delimiter });
    table.notes.extend(broken);
    if let Some((lines, first)) = records.open {
        table.notes.push(Note::OpenQuote { line: before + first, lines });
    }
    people_of_one_line(&mut table);
    Ok(table)
}

/// The text of a file whose lines are one quoted cell each: Excel opened it with another delimiter
/// and saved it again.
fn unwrapped(text: &str) -> Option<String> {
    let whole = |line: &str| {
        let inner = line.trim_end_matches(['\r', ' ', ';', ',', '\t']).strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\u{0}");
        (!inner.contains('"')).then(|| inner.replace('\u{0}', "\""))
    };
    let head: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT).map(whole).collect::<Option<_>>()?;
    let mark = [';', ',', '\t', '|'].into_iter().find(|mark| head.first().is_some_and(|line| line.contains(*mark)))?;
    let cells = |line: &String| line.matches(mark).count();
    if !head.iter().all(|line| cells(line) >= cells(&head[0])) {
        return None;
    }
    // What is no such line any more stays as it is.
    Some(text.lines().map(|line| whole(line).unwrap_or_else(|| line.to_owned()) + "\n").collect())
}

/// A cell without apostrophes around it: a program's way to quote.
fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('\'').and_then(|cell| cell.strip_suffix('\'')).filter(|cell| !cell.contains('\'')).map_or(cell, str::trim)
}

/// A file of one line, a list of people as messengers and mail programs copy it: each of its cells
/// is a row.
fn people_of_one_line(table: &mut Table) {
    let [row] = table.rows.as_slice() else { return };
    let address = |cell: &str| {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        (digits >= 10 && !cell.chars().any(char::is_alphabetic)) || (cell.contains('@') && cell.contains('.'))
    };
    if row.cells().filter(|cell| address(cell)).count() < 3 {
        return;
    }
    let cells = row.cells().filter(|cell| !cell.is_empty());
    table.rows = cells.map(|cell| Row::new(row.number, &[cell.to_owned()])).collect();
    table.columns = 1;
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
