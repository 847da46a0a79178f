//! Filters, orders and pages of lists: prefixes, OR, pages of 50, the fast pattern by `start: -1`.

use std::cmp::Ordering;

use chrono::DateTime;
use serde_json::Value;

use super::{
    error::{B24Error, B24Result},
    params::{Params, listed, whole},
};

/// Rows of a page.
pub(crate) const PAGE: usize = 50;

/// Prefixes of fields, the longer before the shorter.
const PREFIXES: [(&str, Op); 13] = [
    (">=", Op::AtLeast),
    ("<=", Op::AtMost),
    ("!@", Op::NotIn),
    ("!%", Op::NotLike),
    ("=%", Op::Like),
    ("%=", Op::Like),
    ("!=", Op::Not),
    (">", Op::Above),
    ("<", Op::Below),
    ("@", Op::Equal),
    ("%", Op::Like),
    ("=", Op::Equal),
    ("!", Op::Not),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Equal,
    Not,
    NotIn,
    Above,
    AtLeast,
    Below,
    AtMost,
    Like,
    NotLike,
}

#[derive(Debug)]
enum Test {
    One { field: String, op: Op, wanted: Value },
    Group { any: bool, tests: Vec<Test> },
}

/// Which rows, in what order, from where.
#[derive(Debug)]
pub(crate) struct Clauses {
    tests: Vec<Test>,
    /// The field, and whether the largest comes first.
    order: Vec<(String, bool)>,
    /// Without a count.
    fast: bool,
    start: usize,
    id: &'static str,
}

fn read(filter: &Value, known: &dyn Fn(&str) -> Option<String>) -> B24Result<Vec<Test>> {
    let mut tests = Vec::new();
    for (key, wanted) in filter.as_object().into_iter().flatten() {
        if key == "logic" || key == "LOGIC" {
            continue;
        }
        if key.parse::<u32>().is_ok() {
            let logic = ["logic", "LOGIC"].iter().find_map(|key| wanted[*key].as_str()).unwrap_or("AND");
            tests.push(Test::Group { any: logic.eq_ignore_ascii_case("OR"), tests: read(wanted, known)? });
            continue;
        }
        let (prefix, op) = PREFIXES.into_iter().find(|(prefix, _)| key.starts_with(prefix)).unwrap_or(("", Op::Equal));
        let name = &key[prefix.len()..];
        let field = known(name).ok_or_else(|| B24Error::bad(format!("Invalid filter: field '{name}' is not allowed in filter")))?;
        tests.push(Test::One { field, op, wanted: wanted.clone() });
    }
    Ok(tests)
}

impl Clauses {
    /// Reads `filter`, `order` and `start`; `known` gives the canonical name of a field, `id` is
    /// that of the identifier.
    pub(crate) fn read(params: &Params, id: &'static str, known: &dyn Fn(&str) -> Option<String>) -> B24Result<Self> {
        let filter = if params.get("filter").is_null() { params.get("FILTER") } else { params.get("filter") };
        let mut order = Vec::new();
        for (name, direction) in &params.order {
            let field = known(name).ok_or_else(|| B24Error::bad(format!("Invalid order: field '{name}' is not allowed in order")))?;
            order.push((field, direction.as_str().is_some_and(|word| word.eq_ignore_ascii_case("DESC"))));
        }
        if order.is_empty() {
            order.push((id.to_owned(), false));
        }
        let start = params.whole("start").unwrap_or(0);
        Ok(Self { tests: read(filter, known)?, order, fast: start < 0, start: usize::try_from(start).unwrap_or(0), id })
    }

    /// Rows with smaller ids than this are out, whatever else is asked.
    pub(crate) fn after(&self, id: &str) -> i64 {
        let bound = |test: &Test| match test {
            Test::One { field, op: Op::Above, wanted } if field == id => whole(wanted).map(|least| least + 1),
            Test::One { field, op: Op::AtLeast, wanted } if field == id => whole(wanted),
            _ => None,
        };
        self.tests.iter().filter_map(bound).max().unwrap_or(i64::MIN)
    }

    /// A page of rows that come in the order of their ids: the rows, the total (0 in the fast
    /// pattern), and where the next page begins.
    pub(crate) fn page<T>(&self, rows: impl Iterator<Item = T>, field: impl Fn(&T, &str) -> Value) -> (Vec<T>, usize, Option<usize>) {
        let fits = |row: &T| self.tests.iter().all(|test| test.holds(&|name| field(row, name)));
        if self.fast && self.order == [(self.id.to_owned(), false)] {
            return (rows.filter(fits).take(PAGE).collect(), 0, None);
        }
        let mut found: Vec<T> = rows.filter(fits).collect();
        if self.order != [(self.id.to_owned(), false)] {
            found.sort_by(|one, other| {
                let by = |(name, largest_first): &(String, bool)| {
                    let order = compared(&field(one, name), &field(other, name)).unwrap_or(Ordering::Equal);
                    if *largest_first { order.reverse() } else { order }
                };
                self.order.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            });
        }
        let total = if self.fast { 0 } else { found.len() };
        let next = (!self.fast && self.start + PAGE < found.len()).then_some(self.start + PAGE);
        (found.into_iter().skip(self.start).take(PAGE).collect(), total, next)
    }
}

impl Test {
    fn holds(&self, field: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Self::Group { any: true, tests } => tests.iter().any(|test| test.holds(field)),
            Self::Group { any: false, tests } => tests.iter().all(|test| test.holds(field)),
            Self::One { field: name, op, wanted } => {
                let has = field(name);
                let ordering = || compared(&has, wanted);
                match op {
                    Op::Equal => equals(&has, wanted),
                    Op::Not | Op::NotIn => !equals(&has, wanted),
                    // A reference of a batch that leads nowhere is empty, and bounds nothing.
                    Op::Above | Op::AtLeast | Op::Below | Op::AtMost if wanted == "" => true,
                    Op::Above => ordering() == Some(Ordering::Greater),
                    Op::AtLeast => ordering().is_some_and(Ordering::is_ge),
                    Op::Below => ordering() == Some(Ordering::Less),
                    Op::AtMost => ordering().is_some_and(Ordering::is_le),
                    Op::Like => like(&has, wanted),
                    Op::NotLike => !like(&has, wanted),
                }
            }
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(flag) => if *flag { "1" } else { "" }.to_owned(),
        other => other.to_string(),
    }
}

/// A list of wanted values means one of them; a field of many values has one that fits.
fn equals(has: &Value, wanted: &Value) -> bool {
    if wanted.is_array() || wanted.is_object() {
        return listed(wanted).into_iter().any(|one| equals(has, one));
    }
    match has {
        Value::Array(list) if list.is_empty() => text(wanted).is_empty(),
        Value::Array(list) => list.iter().any(|one| equals(one, wanted)),
        _ => compared(has, wanted) == Some(Ordering::Equal),
    }
}

fn compared(has: &Value, wanted: &Value) -> Option<Ordering> {
    let (one, other) = (text(has), text(wanted));
    // A phone with a plus is a text.
    let number = |text: &str| text.parse::<f64>().ok().filter(|_| !text.starts_with('+'));
    if let (Some(one), Some(other)) = (number(&one), number(&other)) {
        return one.partial_cmp(&other);
    }
    if let (Ok(one), Ok(other)) = (DateTime::parse_from_rfc3339(&one), DateTime::parse_from_rfc3339(&other)) {
        return Some(one.cmp(&other));
    }
    Some(one.to_lowercase().cmp(&other.to_lowercase()))
}

fn like(has: &Value, wanted: &Value) -> bool {
    text(has).to_lowercase().contains(text(wanted).to_lowercase().trim_matches('%'))
}
