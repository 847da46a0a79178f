//! A file as lines of phones: for a list of numbers, where the rest of a table says nothing.

use super::{
    mapping::{self, Mapping, Target},
    table::{self, Table, TableError},
};
use crate::{aside, text::phone};

/// Why a file gives no lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhonesError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// More rows, or phones, than may come at once.
    #[error("there are more phones than may come at once")]
    Many,
}

/// A line for each row: the cells of its phone columns, else those in which there is a phone, else
/// its first. Read off the threads that answer others. Rows are counted before a cell is looked at,
/// phones as they are found.
///
/// # Errors
/// [`PhonesError`].
pub async fn lines(bytes: Vec<u8>, region: &str, most: usize) -> Result<String, PhonesError> {
    let table = table::read_aside(bytes, None).await?;
    // What stands above the headings, and they themselves, are no phones.
    if table.rows.len() > most + mapping::ABOVE + 1 {
        return Err(PhonesError::Many);
    }
    let (table, mapping) = mapping::guess_aside(table, "", &[], region).await?;
    let region = region.to_owned();
    let read = aside::run(move || read(&table, &mapping, &region, most));
    read.await.map_err(|error| TableError::Unreadable(error.to_string()))?
}

fn read(table: &Table, mapping: &Mapping, region: &str, most: usize) -> Result<String, PhonesError> {
    let body = mapping.body(&table.rows);
    if body.len() > most {
        return Err(PhonesError::Many);
    }
    let mut found = 0;
    let mut has = |cell: &str| {
        let phones = phone::read_cell(cell, region).found.len();
        found += phones;
        if found > most { Err(PhonesError::Many) } else { Ok(phones > 0) }
    };
    let mut lines = Vec::with_capacity(body.len());
    for row in body {
        let columns = mapping.columns.iter().enumerate().filter(|(_, target)| **target == Target::Phone);
        let mut cells = Vec::new();
        for cell in columns.filter_map(|(at, _)| row.cell(at)) {
            if has(cell)? {
                cells.push(cell);
            }
        }
        if cells.is_empty() {
            for cell in row.cells() {
                if has(cell)? {
                    cells.push(cell);
                }
            }
        }
        if cells.is_empty() {
            cells.extend(row.cells().find(|cell| !cell.is_empty()));
        }
        lines.push(cells.join("; ").replace(['\n', '\r'], "; "));
    }
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: usize, row: &str) -> Vec<u8> {
        format!("Имя;Телефон\n{}", format!("{row}\n").repeat(rows)).into_bytes()
    }

    #[tokio::test]
    async fn rows_are_counted_before_a_cell_is_read_and_phones_as_they_are_found() {
        assert_eq!(lines(file(3, "Анна;8 999 000-00-01"), "RU", 3).await.unwrap(), ["8 999 000-00-01"; 3].join("\n"));
        assert_eq!(lines(file(4, "Анна;8 999 000-00-01"), "RU", 3).await, Err(PhonesError::Many));
        assert_eq!(lines(file(3, "Анна;8 999 000-00-01, 8 999 000-00-02"), "RU", 5).await, Err(PhonesError::Many));
        assert_eq!(lines(file(2, "+7 999 000 00 03;нет"), "RU", 3).await.unwrap(), ["+7 999 000 00 03"; 2].join("\n"));
        assert_eq!(lines(file(1, "Анна;нет"), "RU", 3).await.unwrap(), "Анна");
        assert!(matches!(lines(Vec::new(), "RU", 3).await, Err(PhonesError::Table(_))));
    }
}
