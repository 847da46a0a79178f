//! The table of a web page: what Bitrix24 and others export under the name `.xls`. Of several
//! tables the largest is the one. Read by its tags alone, because such pages close them as they
//! like.

use super::{Foreign, Format, Rows, Table, TableError};
use crate::text::html::unescape;

/// Columns that one cell may take up.
const WIDEST: usize = 50;
/// Cells of a page's tables, each of which costs memory before it holds anything.
const MAX_CELLS: usize = 2_000_000;
/// Tables within tables.
const DEEPEST: usize = 16;

/// A table while it is read.
#[derive(Default)]
struct Grid {
    rows: Vec<Vec<String>>,
    /// The column of the last row's cell whose text goes on.
    open: Option<usize>,
}

impl Grid {
    fn cells(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    fn cell(&mut self) -> Option<&mut String> {
        self.rows.last_mut()?.get_mut(self.open?)
    }
}

pub(super) fn read(text: &str) -> Result<Table, TableError> {
    let mut best = Grid::default();
    let mut open: Vec<Grid> = Vec::new();
    let (mut rest, mut made) = (text, 0);
    while let Some(at) = rest.find('<') {
        if let Some(cell) = open.last_mut().and_then(Grid::cell) {
            cell.push_str(&rest[..at]);
        }
        rest = &rest[at..];
        let end = if rest.starts_with("<!--") { rest.find("-->").map(|end| end + 3) } else { rest.find('>').map(|end| end + 1) };
        let Some(end) = end else { break };
        let tag = &rest[1..end - 1];
        rest = &rest[end..];
        let name =
            tag.split(|c: char| c.is_whitespace() || c == '/').find(|name| !name.is_empty()).unwrap_or_default().to_ascii_lowercase();
        match (name.as_str(), tag.starts_with('/')) {
            ("table", false) if open.len() < DEEPEST => open.push(Grid::default()),
            ("table", true) => close(&mut open, &mut best),
            ("tr", false) => {
                if let Some(grid) = open.last_mut() {
                    grid.rows.push(Vec::new());
                    grid.open = None;
                }
            }
            ("td" | "th", false) => {
                if let Some(grid) = open.last_mut() {
                    if grid.rows.is_empty() {
                        grid.rows.push(Vec::new());
                    }
                    // Over several columns, a cell fills the first.
                    let over = span(tag);
                    made += over;
                    if made > MAX_CELLS {
                        return Err(TableError::TooMuch);
                    }
                    if let Some(row) = grid.rows.last_mut() {
                        grid.open = Some(row.len());
                        row.resize(row.len() + over, String::new());
                    }
                }
            }
            ("td" | "th" | "tr", true) => open.last_mut().into_iter().for_each(|grid| grid.open = None),
            ("br" | "p" | "div", _) => open.last_mut().and_then(Grid::cell).into_iter().for_each(|cell| cell.push('\n')),
            ("style" | "script", false) => {
                let close = format!("</{name}");
                rest = rest.find(close.as_str()).map_or("", |at| &rest[at..]);
            }
            _ => {}
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut best);
    }
    if best.cells() == 0 {
        return Err(TableError::Foreign(Foreign::Page));
    }
    let mut rows = Rows::default();
    for (row, cells) in best.rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let value = unescape(cell);
            let value = value.trim();
            if !value.is_empty() {
                rows.cell(row + 1, column, value)?;
            }
        }
    }
    Ok(rows.table(Format::Page))
}

/// A table ends; the larger one is kept.
fn close(open: &mut Vec<Grid>, best: &mut Grid) {
    if let Some(grid) = open.pop()
        && grid.cells() > best.cells()
    {
        *best = grid;
    }
}

/// How many columns a cell takes up.
fn span(tag: &str) -> usize {
    let lower = tag.to_ascii_lowercase();
    let value = lower.split_once("colspan").and_then(|(_, rest)| rest.trim_start().strip_prefix('='));
    let digits = value.map(|value| value.trim_start().trim_start_matches(['"', '\'']));
    digits.and_then(|value| value.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).unwrap_or(1).clamp(1, WIDEST)
}
