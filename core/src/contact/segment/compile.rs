//! A filter as SQL over `contact c`: values only ever as binds, every condition true or false and
//! never null, so that `not` and the exclusion of a whole segment mean the same on both engines.

mod occasions;

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Tz;

use super::{Age, Cond, ConsentLevel, Expr, Filter, Kind, Literal, Name, Op, Test, Unit};
use crate::{
    clock::{Moment, start_of},
    contact::{PHONE, TELEGRAM},
    id::{AccountId, ContactId},
    store::Engine,
    text::fold,
};

/// A value for a placeholder of [`Compiled::sql`]; bound by [`bind_filter!`](crate::bind_filter).
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    Moment(Moment),
    Account(AccountId),
    Contact(ContactId),
}

/// Which contacts of the account a statement looks at, for SQLite, which lists who has a tag before
/// it looks at anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// All of them.
    All,
    /// From one, and before another.
    Between(ContactId, ContactId),
    /// A few, one does not know which: they are looked up one by one.
    Few,
}

/// A filter as a condition over `contact c`.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// A boolean expression over alias `c`, never null, placeholders numbered from the `first`
    /// given to [`Filter::compile`].
    pub sql: String,
    /// Its values, in order.
    pub binds: Vec<Bind>,
}

/// Binds the values of a [`Compiled`] to any sqlx query, in order:
/// `bind_filter!(query.bind(account), &compiled.binds)`.
#[macro_export]
macro_rules! bind_filter {
    ($query:expr, $binds:expr) => {{
        let mut query = $query;
        for value in $binds {
            query = match value {
                $crate::contact::segment::Bind::Text(value) => query.bind(value.clone()),
                $crate::contact::segment::Bind::Int(value) => query.bind(*value),
                $crate::contact::segment::Bind::Float(value) => query.bind(*value),
                $crate::contact::segment::Bind::Moment(value) => query.bind(*value),
                $crate::contact::segment::Bind::Account(value) => query.bind(*value),
                $crate::contact::segment::Bind::Contact(value) => query.bind(*value),
            };
        }
        query
    }};
}

impl Filter {
    /// The condition for this engine at this moment; relative dates count in `zone`.
    #[must_use]
    pub fn compile(&self, engine: Engine, account: AccountId, zone: Tz, now: Moment, first: usize) -> Compiled {
        self.compile_for(Look::All, engine, account, zone, now, first)
    }

    /// The same for a statement that looks at some contacts only.
    #[must_use]
    pub fn compile_for(&self, look: Look, engine: Engine, account: AccountId, zone: Tz, now: Moment, first: usize) -> Compiled {
        let today = now.with_timezone(&zone).date_naive();
        let mut sql = Sql { look, engine, account, zone, now, today, first, binds: Vec::new() };
        let text = match &self.root {
            Some(root) => format!("({})", sql.expr(root)),
            None => "(1 = 1)".to_owned(),
        };
        Compiled { sql: text, binds: sql.binds }
    }
}

struct Sql {
    look: Look,
    engine: Engine,
    account: AccountId,
    zone: Tz,
    now: Moment,
    today: NaiveDate,
    first: usize,
    binds: Vec<Bind>,
}

/// Days from one to another, both within; `None` is without end.
#[derive(Debug, Clone, Copy)]
struct Days {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Sql {
    fn bind(&mut self, value: Bind) -> String {
        self.binds.push(value);
        format!("${}", self.first + self.binds.len() - 1)
    }

    fn text(&mut self, value: &str) -> String {
        self.bind(Bind::Text(value.to_owned()))
    }

    fn expr(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Cond(cond) => self.cond(cond),
            Expr::Not(inner) => format!("not ({})", self.expr(inner)),
            Expr::And(parts) => self.joined(parts, " and ", "(1 = 1)"),
            Expr::Or(parts) => self.joined(parts, " or ", "(1 = 0)"),
        }
    }

    fn joined(&mut self, parts: &[Expr], word: &str, nothing: &str) -> String {
        if parts.is_empty() {
            return nothing.to_owned();
        }
        let parts: Vec<String> = parts.iter().map(|part| format!("({})", self.expr(part))).collect();
        parts.join(word)
    }

    fn cond(&mut self, cond: &Cond) -> String {
        if let Name::Occasion(told) = &cond.name {
            return self.occasions(told, &cond.test);
        }
        match cond.name.kind() {
            Kind::Tags => self.tags(&cond.test),
            Kind::Text => self.texts(&cond.name, &cond.test),
            Kind::Number => self.numbers(&cond.name, &cond.test),
            Kind::Date => self.dates(&cond.name, &cond.test),
            Kind::Flag => self.flag(&cond.name, &cond.test),
            Kind::Consent => self.consent(&cond.name, &cond.test),
        }
    }

    fn tags(&mut self, test: &Test) -> String {
        let (negated, inner) = match test {
            Test::Cmp(op, Literal::Text(tag)) => (*op == Op::Ne, format!("t.tag = {}", self.text(&fold(tag)))),
            Test::In { negated, values } => (*negated, format!("t.tag in ({})", self.text_list(values))),
            Test::Contains { negated, part } => (*negated, self.position("t.tag", part, " > 0")),
            Test::Empty { negated } => (!negated, "1 = 1".to_owned()),
            _ => return mistyped(),
        };
        let account = self.bind(Bind::Account(self.account));
        let not = if negated { "not " } else { "" };
        // SQLite would look each contact up in the tags; whoever has one certain tag stands
        // together in an index, in the order of contacts.
        if self.engine == Engine::Sqlite && matches!(test, Test::Cmp(..)) && self.look != Look::Few {
            let within = if let Look::Between(from, until) = self.look {
                let (from, until) = (self.bind(Bind::Contact(from)), self.bind(Bind::Contact(until)));
                format!(" and t.contact_id >= {from} and t.contact_id < {until}")
            } else {
                String::new()
            };
            return format!("c.id {not}in (select t.contact_id from contact_tag t where t.account_id = {account} and {inner}{within})");
        }
        format!("{not}exists (select 1 from contact_tag t where t.contact_id = c.id and t.account_id = {account} and {inner})")
    }

    fn text_list(&mut self, values: &[Literal]) -> String {
        let list: Vec<String> =
            values.iter().map(|value| if let Literal::Text(value) = value { self.text(&fold(value)) } else { mistyped() }).collect();
        list.join(", ")
    }

    /// Whether the folded part is in the column.
    fn position(&mut self, column: &str, part: &str, test: &str) -> String {
        let function = match self.engine {
            Engine::Sqlite => "instr",
            Engine::Postgres => "strpos",
        };
        let part = self.text(&fold(part));
        format!("{function}({column}, {part}){test}")
    }

    fn field(&mut self, name: &Name) -> String {
        let key = self.text(name.as_str());
        format!("(c.folded->>{key})")
    }

    fn texts(&mut self, name: &Name, test: &Test) -> String {
        let column = match name {
            Name::Name => "nullif(c.search, '')".to_owned(),
            Name::Language => "nullif(c.language, '')".to_owned(),
            Name::Source => "nullif(c.source, '')".to_owned(),
            other => self.field(other),
        };
        match test {
            Test::Cmp(op, Literal::Text(value)) => {
                let value = self.text(&fold(value));
                sure(&format!("{column} {} {value}", if *op == Op::Ne { "<>" } else { "=" }))
            }
            Test::In { negated, values } => {
                let not = if *negated { "not " } else { "" };
                let list = self.text_list(values);
                sure(&format!("{column} {not}in ({list})"))
            }
            Test::Contains { negated, part } => {
                let position = self.position(&column, part, if *negated { " = 0" } else { " > 0" });
                sure(&position)
            }
            Test::Empty { negated } => empty(&column, *negated),
            _ => mistyped(),
        }
    }

    fn numbers(&mut self, name: &Name, test: &Test) -> String {
        let key = self.text(name.as_str());
        // A cast of what is no number would fail the whole statement on PostgreSQL; SQLite gives
        // the number as it is.
        let column = match self.engine {
            Engine::Sqlite => format!("(c.folded->>{key})"),
            Engine::Postgres => format!("(case when jsonb_typeof(c.folded->{key}) = 'number' then (c.folded->>{key})::float8 end)"),
        };
        match test {
            Test::Cmp(op, Literal::Number(value)) => {
                let value = self.bind(Bind::Float(*value));
                sure(&format!("{column} {} {value}", sql_op(*op)))
            }
            Test::In { negated, values } => {
                let list: Vec<String> = values
                    .iter()
                    .map(|value| if let Literal::Number(value) = value { self.bind(Bind::Float(*value)) } else { mistyped() })
                    .collect();
                sure(&format!("{column} {}in ({})", if *negated { "not " } else { "" }, list.join(", ")))
            }
            Test::Empty { negated } => empty(&column, *negated),
            _ => mistyped(),
        }
    }

    fn dates(&mut self, name: &Name, test: &Test) -> String {
        let moment = match name {
            Name::Created => Some("c.created_at"),
            Name::LastContacted => Some("c.last_contacted_at"),
            Name::LastAnswered => Some("c.last_answered_at"),
            _ => None,
        };
        let column = moment.map_or_else(|| self.day_column(name), str::to_owned);
        match test {
            Test::Cmp(Op::Ne, value) => {
                let same = span(Op::Eq, value, self.today);
                let within = self.within(&column, moment.is_some(), same);
                sure(&format!("not ({within})"))
            }
            Test::Cmp(op, value) => {
                let days = span(*op, value, self.today);
                let within = self.within(&column, moment.is_some(), days);
                sure(&within)
            }
            Test::In { negated, values } => {
                let any: Vec<String> = values
                    .iter()
                    .map(|value| {
                        let days = span(Op::Eq, value, self.today);
                        self.within(&column, moment.is_some(), days)
                    })
                    .collect();
                let any = any.join(" or ");
                sure(&if *negated { format!("not ({any})") } else { any })
            }
            Test::Empty { negated } => empty(&column, *negated),
            Test::Next { days } => self.anniversary(&column, *days),
            _ => mistyped(),
        }
    }

    fn day_column(&mut self, name: &Name) -> String {
        let column = self.field(name);
        match self.engine {
            Engine::Sqlite => column,
            // Plain bytes: quicker than the database's collation, and the same as SQLite's.
            Engine::Postgres => format!("({column} collate \"C\")"),
        }
    }

    fn within(&mut self, column: &str, moments: bool, days: Days) -> String {
        let mut parts = Vec::new();
        if let Some(from) = days.from {
            let from = if moments { Bind::Moment(start_of(from, self.zone)) } else { Bind::Text(iso(from)) };
            parts.push(format!("{column} >= {}", self.bind(from)));
        }
        if let Some(to) = days.to {
            if moments {
                let end = start_of(to.succ_opt().unwrap_or(to), self.zone);
                parts.push(format!("{column} < {}", self.bind(Bind::Moment(end))));
            } else {
                parts.push(format!("{column} <= {}", self.bind(Bind::Text(iso(to)))));
            }
        }
        format!("({})", parts.join(" and "))
    }

    fn anniversary(&mut self, column: &str, days: i32) -> String {
        if days >= 365 {
            return empty(column, true);
        }
        let end = self.today + TimeDelta::days(i64::from(days));
        let day = |date: NaiveDate| date.format("%m-%d").to_string();
        let leap = NaiveDate::from_ymd_opt(end.year(), 2, 29).is_some();
        // Those of 29 February fall on the 28th in a common year.
        let last = if (end.month(), end.day()) == (2, 28) && !leap { "02-29".to_owned() } else { day(end) };
        let word = if day(self.today) <= last { "and" } else { "or" };
        let (from, to) = (self.text(&day(self.today)), self.text(&last));
        sure(&format!("(substr({column}, 6, 5) >= {from} {word} substr({column}, 6, 5) <= {to})"))
    }

    fn flag(&mut self, name: &Name, test: &Test) -> String {
        let has = match name {
            Name::OptedOut => Some("c.opted_out_at is not null".to_owned()),
            Name::Phone => Some(self.has_address(PHONE)),
            Name::Telegram => Some(self.has_address(TELEGRAM)),
            _ => None,
        };
        match (has, test) {
            (Some(has), Test::Cmp(op, Literal::Flag(yes))) => {
                if (*op == Op::Eq) == *yes {
                    has
                } else {
                    format!("not ({has})")
                }
            }
            // An address that is not there is "empty"; a stop that was not said is an answer.
            (Some(has), Test::Empty { negated }) => match (name, *negated) {
                (Name::OptedOut, negated) => if negated { "1 = 1" } else { "1 = 0" }.to_owned(),
                (_, true) => has,
                (_, false) => format!("not ({has})"),
            },
            (None, Test::Cmp(op, Literal::Flag(yes))) => {
                let column = self.field(name);
                let value = match (self.engine, (*op == Op::Eq) == *yes) {
                    (Engine::Sqlite, true) => "1",
                    (Engine::Sqlite, false) => "0",
                    (Engine::Postgres, true) => "'true'",
                    (Engine::Postgres, false) => "'false'",
                };
                sure(&format!("{column} = {value}"))
            }
            (None, Test::Empty { negated }) => {
                let column = self.field(name);
                empty(&column, *negated)
            }
            _ => mistyped(),
        }
    }

    fn has_address(&mut self, kind: &str) -> String {
        let account = self.bind(Bind::Account(self.account));
        let kind = self.text(kind);
        format!("exists (select 1 from address a where a.contact_id = c.id and a.account_id = {account} and a.kind = {kind})")
    }

    fn consent(&mut self, name: &Name, test: &Test) -> String {
        let column = if *name == Name::Consent { "c.marketing_grade" } else { "c.personal_data_grade" };
        let rank = format!("coalesce(5 - {column}, 0)");
        match test {
            Test::Cmp(op, Literal::Grade(ConsentLevel::Any)) => empty(column, *op == Op::Eq),
            Test::Cmp(op, Literal::Grade(level)) => {
                let value = self.bind(Bind::Int(strength(*level)));
                format!("{rank} {} {value}", sql_op(*op))
            }
            Test::In { negated, values } => {
                let list: Vec<String> = values
                    .iter()
                    .map(|value| if let Literal::Grade(level) = value { self.bind(Bind::Int(strength(*level))) } else { mistyped() })
                    .collect();
                format!("{rank} {}in ({})", if *negated { "not " } else { "" }, list.join(", "))
            }
            Test::Empty { negated } => empty(column, *negated),
            _ => mistyped(),
        }
    }
}

/// The order of consents: none, D, C, B, A.
pub(super) fn strength(level: ConsentLevel) -> i64 {
    match level {
        ConsentLevel::None | ConsentLevel::Any => 0,
        ConsentLevel::Grade(grade) => 5 - i64::from(grade as i16),
    }
}

/// The days that a comparison lets in (for `!=`: those of `=`, to be turned round).
fn span(op: Op, value: &Literal, today: NaiveDate) -> Days {
    let (day, age) = match value {
        Literal::Day(day) => (*day, false),
        Literal::FromToday(days) => (today + TimeDelta::days(i64::from(*days)), false),
        Literal::Age(age) => (ago(today, *age), true),
        // The parser gives dates nothing else; a filter built by hand that does matches nobody.
        _ => return Days { from: Some(NaiveDate::MAX), to: Some(NaiveDate::MIN) },
    };
    let (before, after) = (day.pred_opt().unwrap_or(day), day.succ_opt().unwrap_or(day));
    let (from, to) = match (op, age) {
        (Op::Eq | Op::Ne, _) => (Some(day), Some(day)),
        (Op::Lt, false) => (None, Some(before)),
        (Op::Le, false) => (None, Some(day)),
        (Op::Gt, false) => (Some(after), None),
        (Op::Ge, false) => (Some(day), None),
        (Op::Lt, true) => (Some(after), Some(today)),
        (Op::Le, true) => (Some(day), Some(today)),
        (Op::Gt, true) => (None, Some(before)),
        (Op::Ge, true) => (None, Some(day)),
    };
    Days { from, to }
}

/// The day that lies this span before today.
pub(super) fn ago(today: NaiveDate, age: Age) -> NaiveDate {
    let count = u32::try_from(age.count).unwrap_or(0);
    let months = |months: u32| today.checked_sub_months(chrono::Months::new(months)).unwrap_or(NaiveDate::MIN);
    match age.unit {
        Unit::Day => today - TimeDelta::days(i64::from(count)),
        Unit::Week => today - TimeDelta::weeks(i64::from(count)),
        Unit::Month => months(count),
        Unit::Year => months(count.saturating_mul(12)),
    }
}

fn iso(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

/// A condition that is false where a value is missing.
fn sure(condition: &str) -> String {
    format!("coalesce({condition}, false)")
}

fn empty(column: &str, negated: bool) -> String {
    format!("{column} is {}null", if negated { "not " } else { "" })
}

fn sql_op(op: Op) -> &'static str {
    match op {
        Op::Ne => "<>",
        other => other.as_str(),
    }
}

/// The parser never makes such a pair of name and test; a filter built by hand that has one matches
/// nobody.
fn mistyped() -> String {
    "1 = 0".to_owned()
}
