//! SQLite's statements of many rows. PostgreSQL takes arrays instead.

use std::fmt::Write as _;

use super::Engine;

/// Sizes of the groups that rows are taken in: a few, so that each statement is prepared once and
/// kept, and the pages of most CRMs (250, 100, 50) are one or two. The largest of the statements
/// has eighteen parameters a row; SQLite takes 32 766.
pub const SIZES: [usize; 4] = [250, 50, 10, 1];

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

/// The text of a statement about many ids, from one for both engines: `{}` is a value, in the order
/// of binding, `{among}` says "is one of the ids", which are bound last, and `{held}` at its end
/// holds the rows until the transaction's end where others may be changing them (SQLite has one
/// writer). `{+}` before `column = {}` says that it finds nothing: SQLite has no statistics, and
/// PostgreSQL none yet of a table that grows, so either takes the first column of an index for one
/// that few rows share and would read a whole account; a comparison it knows no index for is none
/// to choose. `count` ids are bound one by one on SQLite, as one array on PostgreSQL.
#[must_use]
pub fn among(engine: Engine, sql: &str, count: usize) -> String {
    let (mut out, mut bound) = (String::with_capacity(sql.len() + 3 * count), 0);
    for (at, piece) in sql.split("{}").enumerate() {
        if at > 0 {
            bound = at;
            match engine {
                Engine::Sqlite => out.push('?'),
                // Writing into a string does not fail.
                Engine::Postgres => drop(write!(out, "${at}")),
            }
        }
        out.push_str(piece);
    }
    let (one_of, held) = match engine {
        Engine::Sqlite => (format!("in ({})", marks(count)), ""),
        Engine::Postgres => (format!("= any(${})", bound + 1), " order by id for update"),
    };
    let out = match engine {
        Engine::Sqlite => out.replace("{+}", "+"),
        Engine::Postgres => {
            let mut pieces = out.split("{+}");
            let first = pieces.next().unwrap_or_default().to_owned();
            pieces.fold(first, |text, piece| text + &piece.replacen(" = ", " is not distinct from ", 1))
        }
    };
    out.replace("{among}", &one_of).replace("{held}", held)
}

/// Fetches the rows of many ids by such a text ([`among`]), in a few statements on SQLite and one
/// on PostgreSQL. That one is planned anew each time: a plan kept from when the table was empty
/// reads all of it. What the ids are is said last, when they are not ids of contacts: `|id| *id`
/// for texts. `read` before the store's reading side; a change's own connection without.
macro_rules! fetch_among {
    (read $db:expr, $query:ident, $sql:expr, [$($value:expr),+], $ids:expr, $array:expr) => {
        $crate::store::fetch_among!(@ $db, c => c, $query, $sql, [$($value),+], $ids, $array)
    };
    ($tx:expr, $query:ident, $sql:expr, [$($value:expr),+], $ids:expr) => {
        $crate::store::fetch_among!($tx, $query, $sql, [$($value),+], $ids, |id: &$crate::id::ContactId| id.0)
    };
    ($tx:expr, $query:ident, $sql:expr, [$($value:expr),+], $ids:expr, $array:expr) => {
        $crate::store::fetch_among!(@ $tx.conn(), c => &mut *c, $query, $sql, [$($value),+], $ids, $array)
    };
    (@ $db:expr, $c:ident => $again:expr, $query:ident, $sql:expr, [$($value:expr),+], $ids:expr, $array:expr) => {{
        let ids = $ids;
        let mut found = Vec::new();
        match $db {
            $crate::store::Db::Sqlite($c) => {
                for part in $crate::store::groups(ids) {
                    let sql = $crate::store::among($crate::store::Engine::Sqlite, $sql, part.len());
                    let mut query = sqlx::$query(sqlx::AssertSqlSafe(sql))$(.bind($value))+;
                    for id in part {
                        query = query.bind(*id);
                    }
                    found.append(&mut $crate::store::heed(query.fetch_all($again).await)?);
                }
            }
            $crate::store::Db::Postgres(_) if ids.is_empty() => {}
            $crate::store::Db::Postgres($c) => {
                let ids: Vec<_> = ids.iter().map($array).collect();
                let sql = $crate::store::among($crate::store::Engine::Postgres, $sql, 0);
                let query = sqlx::$query(sqlx::AssertSqlSafe(sql)).persistent(false);
                found = query$(.bind($value))+.bind(ids).fetch_all($again).await?;
            }
        }
        found
    }};
}
pub(crate) use fetch_among;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_sizes() {
        let rows: Vec<usize> = (0..243).collect();
        let cut: Vec<usize> = groups(&rows).map(<[usize]>::len).collect();
        assert_eq!(cut, [50, 50, 50, 50, 10, 10, 10, 10, 1, 1, 1]);
        assert_eq!(groups(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(groups(&rows[..0]).count(), 0);
        assert_eq!((marks(3).as_str(), values(2, 2).as_str(), marks(0).as_str()), ("?, ?, ?", "(?, ?), (?, ?)", ""));
    }

    #[test]
    fn one_text_asks_about_many_on_both_engines() {
        let sql = "select id from contact where {+}account_id = {} and grade = {} and id {among}{held}";
        assert_eq!(among(Engine::Sqlite, sql, 2), "select id from contact where +account_id = ? and grade = ? and id in (?, ?)");
        assert_eq!(
            among(Engine::Postgres, sql, 0),
            "select id from contact where account_id is not distinct from $1 and grade = $2 and id = any($3) order by id for update"
        );
    }
}
