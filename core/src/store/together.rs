//! Statements of a change that are asked together. On SQLite they go to its thread in one journey:
//! each is two wake-ups of threads that share the machine with everything else, and the one writer
//! stands still meanwhile. A claim and a record of a batch make eight of them in place of fourteen.
//! On PostgreSQL they go one after the other, but for those that are said to have nothing to do
//! with each other ([`Together::beside`]): these go as parts of one statement.

use std::{borrow::Cow, fmt::Write as _};

use futures::TryStreamExt as _;
use sqlx::{
    Arguments as _, AssertSqlSafe, Either, Encode, Executor as _, PgConnection, Postgres, Sqlite, SqliteConnection, Type,
    error::BoxDynError,
    postgres::PgArguments,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{Db, Engine, Store, Tx, heed};

/// Statements with what is bound to them, run in the order in which they were added.
#[derive(Debug)]
pub struct Together {
    statements: Db<(String, SqliteArguments), Vec<Journey>>,
    /// What could not be bound.
    failed: Option<BoxDynError>,
}

/// What goes to PostgreSQL at once: one statement or several that have nothing to do with each
/// other.
#[derive(Debug, Default)]
struct Journey {
    /// Each with its parameters numbered from the end of those before it.
    parts: Vec<Cow<'static, str>>,
    arguments: PgArguments,
}

impl Journey {
    fn add(&mut self, statement: &'static str) {
        let before = self.arguments.len();
        if before == 0 {
            return self.parts.push(Cow::Borrowed(statement));
        }
        let mut sql = String::with_capacity(statement.len() + 16);
        renumber(statement, before, &mut sql);
        self.parts.push(Cow::Owned(sql));
    }

    /// Runs it; how many rows each part changed.
    async fn run(self, connection: &mut PgConnection, changed: &mut Vec<u64>) -> sqlx::Result<()> {
        if let [only] = self.parts.as_slice() {
            let done = sqlx::query_with(AssertSqlSafe(only.as_ref()), self.arguments).execute(connection).await?;
            changed.push(done.rows_affected());
            return Ok(());
        }
        // The parts run when they are asked for, in their order.
        let mut sql = String::from("with ");
        for (index, part) in self.parts.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = write!(sql, "{}p{index} as ({part} returning 1)", if index == 0 { "" } else { ", " });
        }
        sql.push_str(" select array[");
        for index in 0..self.parts.len() {
            let _ = write!(sql, "{}(select count(*) from p{index})", if index == 0 { "" } else { ", " });
        }
        sql.push(']');
        let counts: Vec<i64> = sqlx::query_scalar_with(AssertSqlSafe(sql), self.arguments).fetch_one(connection).await?;
        changed.extend(counts.into_iter().map(i64::unsigned_abs));
        Ok(())
    }
}

/// What a statement answered.
#[derive(Debug, Default)]
pub struct Answer {
    /// The rows it gave.
    pub rows: Vec<SqliteRow>,
    /// How many rows it changed.
    pub changed: u64,
}

impl Together {
    /// None yet, for an engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        let statements = match engine {
            Engine::Sqlite => Db::Sqlite((String::new(), SqliteArguments::default())),
            Engine::Postgres => Db::Postgres(Vec::new()),
        };
        Self { statements, failed: None }
    }

    /// For which database they are.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.statements {
            Db::Sqlite(_) => Engine::Sqlite,
            Db::Postgres(_) => Engine::Postgres,
        }
    }

    /// Adds a statement with numbered parameters; [`Self::bind`] binds them, in their order.
    pub fn add(&mut self, statement: &'static str) -> &mut Self {
        match &mut self.statements {
            Db::Sqlite((sql, arguments)) => {
                if !sql.is_empty() {
                    sql.push_str("; ");
                }
                renumber(statement, arguments.len(), sql);
            }
            Db::Postgres(all) => {
                let mut journey = Journey::default();
                journey.add(statement);
                all.push(journey);
            }
        }
        self
    }

    /// Adds a change (no `returning`) that has nothing to do with those added since the last
    /// [`Self::add`]: it changes none of their rows and reads nothing that they change. On
    /// PostgreSQL it goes with them.
    pub fn beside(&mut self, statement: &'static str) -> &mut Self {
        if let Db::Postgres(all) = &mut self.statements
            && let Some(last) = all.last_mut()
        {
            last.add(statement);
            return self;
        }
        self.add(statement)
    }

    /// Adds the statement of the engine at hand, where the two must differ.
    pub fn add_own(&mut self, sqlite: &'static str, postgres: &'static str) -> &mut Self {
        let own = match self.statements {
            Db::Sqlite(_) => sqlite,
            Db::Postgres(_) => postgres,
        };
        self.add(own)
    }

    /// Binds the next parameter of the statement added last.
    pub fn bind<'q, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres>,
    {
        let bound = match &mut self.statements {
            Db::Sqlite((_, arguments)) => arguments.add(value),
            Db::Postgres(all) => all.last_mut().map_or(Ok(()), |journey| journey.arguments.add(value)),
        };
        if let Err(error) = bound {
            self.failed.get_or_insert(error);
        }
        self
    }

    /// Binds the next parameter of a statement in PostgreSQL's own words.
    pub fn bind_postgres<'q, T: Encode<'q, Postgres> + Type<Postgres>>(&mut self, value: T) -> &mut Self {
        if let Db::Postgres(all) = &mut self.statements
            && let Some(journey) = all.last_mut()
            && let Err(error) = journey.arguments.add(value)
        {
            self.failed.get_or_insert(error);
        }
        self
    }

    /// Binds row ids, as each engine takes many of them in one parameter: SQLite as a JSON list.
    pub fn bind_ids(&mut self, ids: &[i64]) -> &mut Self {
        match self.statements {
            Db::Sqlite(_) => self.bind(json_ids(ids)),
            Db::Postgres(_) => self.bind_postgres(ids),
        }
    }

    /// Runs them; how many rows each changed.
    async fn run(self, connection: Db<&mut SqliteConnection, &mut PgConnection>) -> sqlx::Result<Vec<u64>> {
        match connection {
            Db::Sqlite(c) => Ok(self.fetch(c).await?.into_iter().map(|answer| answer.changed).collect()),
            Db::Postgres(c) => {
                if let Some(error) = self.failed {
                    return Err(sqlx::Error::Encode(error));
                }
                let Db::Postgres(statements) = self.statements else { return Ok(Vec::new()) };
                let mut changed = Vec::with_capacity(statements.len());
                for journey in statements {
                    journey.run(&mut *c, &mut changed).await?;
                }
                Ok(changed)
            }
        }
    }

    /// Runs them on SQLite, each with its rows. One that fails ends it: the change is to be
    /// dropped.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch(self, connection: &mut SqliteConnection) -> sqlx::Result<Vec<Answer>> {
        if let Some(error) = self.failed {
            return Err(sqlx::Error::Encode(error));
        }
        let Db::Sqlite((sql, arguments)) = self.statements else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        if sql.is_empty() {
            return Ok(all);
        }
        let mut answers = connection.fetch_many(sqlx::query_with(AssertSqlSafe(sql), arguments));
        let mut answer = Answer::default();
        while let Some(part) = heed(answers.try_next().await)? {
            match part {
                // The end of a statement.
                Either::Left(done) => {
                    answer.changed = done.rows_affected();
                    all.push(std::mem::take(&mut answer));
                }
                Either::Right(row) => answer.rows.push(row),
            }
        }
        Ok(all)
    }
}

impl Store {
    /// Runs statements outside of a transaction: each is committed by itself before the next one.
    /// On SQLite they are one journey all the same. How many rows each changed is given; one that
    /// fails ends it, and those before it stay.
    ///
    /// # Errors
    /// The database's.
    #[expect(clippy::disallowed_methods, reason = "each statement is a change of its own")]
    pub async fn one_after_the_other(&self, together: Together) -> sqlx::Result<Vec<u64>> {
        match self.once() {
            Db::Sqlite(pool) => together.run(Db::Sqlite(&mut *pool.acquire().await?)).await,
            Db::Postgres(pool) => together.run(Db::Postgres(&mut *pool.acquire().await?)).await,
        }
    }
}

impl Tx {
    /// Runs statements; how many rows each changed is given. One that fails ends it: the change is
    /// to be dropped.
    ///
    /// # Errors
    /// The database's.
    pub async fn run(&mut self, together: Together) -> sqlx::Result<Vec<u64>> {
        together.run(self.conn()).await
    }
}

/// Writes a statement with its parameters numbered from `before` on: the driver counts those of all
/// statements as one row (sqlx-sqlite 0.9, `SqliteArguments::bind`).
fn renumber(statement: &str, before: usize, sql: &mut String) {
    let mut pieces = statement.split('$');
    sql.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        // Writing to a string does not fail. A `$` without a number is of a JSON path.
        let _ = match number.parse::<usize>() {
            Ok(number) => write!(sql, "${}{rest}", number + before),
            Err(_) => write!(sql, "${piece}"),
        };
    }
}

/// Ids as a JSON list of hex, for `unhex(value)` over `json_each` in SQLite.
#[must_use]
pub fn json_hex(ids: impl Iterator<Item = uuid::Uuid>) -> String {
    let ids: Vec<String> = ids.map(|id| id.simple().to_string()).collect();
    serde_json::Value::from(ids).to_string()
}

/// Row ids as SQLite takes many of them in one parameter.
#[must_use]
pub fn json_ids(ids: &[i64]) -> String {
    let mut text = String::with_capacity(ids.len() * 8 + 2);
    text.push('[');
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{id}");
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use sqlx::Row as _;

    use super::*;
    use crate::{both, testing};

    both!(async fn statements_run_in_their_order_each_with_its_own_parameters(store) {
        let mut tx = store.begin().await.unwrap();
        let mut all = Together::new(tx.engine());
        all.add("create temp table t (a integer, b text)");
        all.add("insert into t values ($2, $1)").bind("one").bind(1);
        all.add("insert into t values ($1, $2), ($3, $2)").bind(2).bind("two").bind(3);
        all.add("update t set a = a + $1 where b = $2").bind(10).bind("two");
        assert_eq!(tx.run(all).await.unwrap()[1..], [1, 2, 2]);
        let rows: Vec<(i32, String)> =
            crate::on!(tx.conn(), |c| sqlx::query_as("select a, b from t order by a").fetch_all(c).await).unwrap();
        assert_eq!(rows, [(1, "one".to_owned()), (12, "two".to_owned()), (13, "two".to_owned())]);
        assert_eq!(tx.run(Together::new(tx.engine())).await.unwrap(), [0; 0]);

        let mut wrong = Together::new(tx.engine());
        wrong.add("insert into t values ($1, 'three')").bind(3).add("insert into nowhere values (1)").add("delete from t");
        tx.run(wrong).await.unwrap_err();
    });

    both!(async fn what_goes_beside_tells_its_own_changes(store) {
        let mut tx = store.begin().await.unwrap();
        let mut all = Together::new(tx.engine());
        all.add("create temp table t (a integer primary key, b text)").add("create temp table u (a integer primary key, n integer)");
        all.add("insert into t values ($1, $2), ($3, $2)").bind(1).bind("one").bind(2);
        all.beside("insert into u values ($1, $2)").bind(7).bind(70);
        all.add("update t set b = $1 where a <= $2").bind("two").bind(2);
        all.beside("insert into u values ($1, $2) on conflict (a) do update set n = u.n + excluded.n where u.n < $2").bind(7).bind(5);
        all.beside("insert into u values ($1, $2)").bind(8).bind(80);
        assert_eq!(tx.run(all).await.unwrap()[2..], [2, 1, 2, 0, 1]);
        let rows: Vec<(i32, i32)> = crate::on!(tx.conn(), |c| sqlx::query_as("select a, n from u order by a").fetch_all(c).await).unwrap();
        assert_eq!(rows, [(7, 70), (8, 80)]);
    });

    #[tokio::test]
    async fn rows_are_told_apart_by_statement() {
        let store = testing::store(Engine::Sqlite).await;
        let mut tx = store.begin().await.unwrap();
        let Db::Sqlite(c) = tx.conn() else { panic!("SQLite") };
        let mut all = Together::new(Engine::Sqlite);
        all.add("select $1 where $1 > 5").bind(1);
        all.add("select value, json_extract($2, '$.b') from json_each($1)").bind_ids(&[7, 8]).bind(r#"{"b":9}"#);
        let answers = all.fetch(c).await.unwrap();
        let rows: Vec<Vec<(i64, i64)>> = answers.iter().map(|a| a.rows.iter().map(|row| (row.get(0), row.get(1))).collect()).collect();
        assert_eq!(rows, [vec![], vec![(7, 9), (8, 9)]]);
    }
}
