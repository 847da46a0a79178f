//! SQLite's statements of many rows. PostgreSQL takes arrays instead.

/// Sizes of the groups that rows are taken in: a few, so that each statement is prepared once and
/// kept. The largest of the statements has fifteen parameters a row; SQLite takes 32 766.
const SIZES: [usize; 3] = [200, 20, 1];

/// Cuts rows into groups of [`SIZES`].
pub fn groups<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (group, after) = rest.split_at(size);
        rest = after;
        Some(group)
    })
}

/// `?, ?, ?`. Bare, because the driver finds the name of each numbered placeholder by walking over
/// those before it (sqlx-sqlite 0.9, `SqliteArguments::bind`), which is quadratic. It counts bare
/// ones by themselves: a statement has either these alone, in the order of binding, or numbered
/// ones.
#[must_use]
pub fn marks(count: usize) -> String {
    let mut out = "?, ".repeat(count);
    out.truncate(out.len().saturating_sub(2));
    out
}

/// `(?, ?), (?, ?)`: so many rows of so many columns.
#[must_use]
pub fn values(rows: usize, columns: usize) -> String {
    rows_of(&marks(columns), rows)
}

/// The same of rows that look like this: `?, jsonb(?)`.
#[must_use]
pub fn rows_of(row: &str, rows: usize) -> String {
    let mut out = format!("({row}), ").repeat(rows);
    out.truncate(out.len().saturating_sub(2));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_sizes() {
        let rows: Vec<usize> = (0..243).collect();
        let cut: Vec<usize> = groups(&rows).map(<[usize]>::len).collect();
        assert_eq!(cut, [200, 20, 20, 1, 1, 1]);
        assert_eq!(groups(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(groups(&rows[..0]).count(), 0);
        assert_eq!((marks(3).as_str(), values(2, 2).as_str(), marks(0).as_str()), ("?, ?, ?", "(?, ?), (?, ?)", ""));
    }
}
