//! Domains: conditions in prefix notation (contract, 2.1).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    error::{OdooError, OdooResult},
    models::Kind,
    state::{Row, State},
};

/// A domain that was read.
#[derive(Clone, Debug)]
pub(crate) enum Domain {
    Every(Vec<Domain>),
    Any(Vec<Domain>),
    Not(Box<Domain>),
    Leaf { field: String, operator: Operator, value: Value },
    Const(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Is,
    IsNot,
    More,
    AtLeast,
    Less,
    AtMost,
    /// A part of a text; with the second true, whatever the case.
    Like(bool),
    NotLike(bool),
    /// The whole text by a pattern with `%` and `_`.
    Pattern(bool),
    In,
    NotIn,
    ChildOf,
}

impl Operator {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "=" => Self::Is,
            "!=" | "<>" => Self::IsNot,
            ">" => Self::More,
            ">=" => Self::AtLeast,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            "like" => Self::Like(false),
            "ilike" => Self::Like(true),
            "not like" => Self::NotLike(false),
            "not ilike" => Self::NotLike(true),
            "=like" => Self::Pattern(false),
            "=ilike" => Self::Pattern(true),
            "in" => Self::In,
            "not in" => Self::NotIn,
            "child_of" => Self::ChildOf,
            _ => return None,
        })
    }
}

impl Domain {
    /// Reads a domain of a model; unknown fields and operators are Python's own errors.
    pub(crate) fn read(state: &State, model: &str, value: &Value) -> OdooResult<Self> {
        let items = match value {
            Value::Null => return Ok(Self::Const(true)),
            Value::Array(items) => items,
            other => return Err(OdooError::value(format!("Domain() invalid item in domain: {other}"))),
        };
        let mut rest = items.iter();
        let mut all = Vec::new();
        while rest.len() > 0 {
            all.push(Self::term(state, model, &mut rest)?);
        }
        Ok(Self::Every(all))
    }

    fn term<'a>(state: &State, model: &str, rest: &mut impl Iterator<Item = &'a Value>) -> OdooResult<Self> {
        let item = rest.next().ok_or_else(|| OdooError::value("Domain() missing terms after an operator"))?;
        match item {
            Value::String(word) => match word.as_str() {
                "&" => Ok(Self::Every(vec![Self::term(state, model, rest)?, Self::term(state, model, rest)?])),
                "|" => Ok(Self::Any(vec![Self::term(state, model, rest)?, Self::term(state, model, rest)?])),
                "!" => Ok(Self::Not(Box::new(Self::term(state, model, rest)?))),
                other => Err(OdooError::value(format!("Domain() invalid item in domain: '{other}'"))),
            },
            Value::Array(leaf) if leaf.len() == 3 => Self::leaf(state, model, leaf),
            other => Err(OdooError::value(format!("Domain() invalid item in domain: {other}"))),
        }
    }

    fn leaf(state: &State, model: &str, leaf: &[Value]) -> OdooResult<Self> {
        // `(1, "=", 1)` and `(0, "=", 1)` are Odoo's own way to say yes and no.
        if let (Some(left), Some(right)) = (leaf[0].as_i64(), leaf[2].as_i64()) {
            return Ok(Self::Const(left == right));
        }
        let field = leaf[0].as_str().unwrap_or_default();
        let invalid = || OdooError::value(format!("Invalid field {model}.{field} in condition ('{field}', {}, {})", leaf[1], leaf[2]));
        let mut at = model.to_owned();
        for part in field.split('.') {
            let known = state.field(&at, part).ok_or_else(invalid)?;
            at = known.kind.relation().unwrap_or_default().to_owned();
        }
        let word = leaf[1].as_str().unwrap_or_default();
        let operator = Operator::read(word).ok_or_else(|| OdooError::value(format!("Invalid operator '{word}' in condition")))?;
        if matches!(operator, Operator::In | Operator::NotIn) && !leaf[2].is_array() {
            return Err(OdooError::value(format!("The domain condition ('{field}', '{word}', {}) should have a list", leaf[2])));
        }
        Ok(Self::Leaf { field: field.to_owned(), operator, value: leaf[2].clone() })
    }

    /// Whether the domain speaks of a field: a word on `active` shows archived rows, too.
    pub(crate) fn names(&self, wanted: &str) -> bool {
        match self {
            Self::Every(all) | Self::Any(all) => all.iter().any(|one| one.names(wanted)),
            Self::Not(one) => one.names(wanted),
            Self::Leaf { field, .. } => field == wanted,
            Self::Const(_) => false,
        }
    }

    /// The greatest id that the domain surely excludes together with all before it.
    pub(crate) fn after(&self) -> u64 {
        match self {
            Self::Every(all) => all.iter().map(Self::after).max().unwrap_or_default(),
            Self::Leaf { field, operator: Operator::More, value } if field == "id" => value.as_u64().unwrap_or_default(),
            _ => 0,
        }
    }

    /// The ids that alone can satisfy the domain, where it says so.
    pub(crate) fn among(&self) -> Option<BTreeSet<u64>> {
        match self {
            Self::Every(all) => all.iter().find_map(Self::among),
            Self::Leaf { field, operator: Operator::In, value } if field == "id" => {
                Some(value.as_array().into_iter().flatten().filter_map(Value::as_u64).collect())
            }
            Self::Leaf { field, operator: Operator::Is, value } if field == "id" => value.as_u64().map(|id| BTreeSet::from([id])),
            _ => None,
        }
    }

    pub(crate) fn holds(&self, state: &State, model: &str, row: &Row) -> bool {
        match self {
            Self::Every(all) => all.iter().all(|one| one.holds(state, model, row)),
            Self::Any(all) => all.iter().any(|one| one.holds(state, model, row)),
            Self::Not(one) => !one.holds(state, model, row),
            Self::Const(yes) => *yes,
            Self::Leaf { field, operator, value } => leaf(state, model, row, field, *operator, value),
        }
    }
}

fn leaf(state: &State, model: &str, row: &Row, path: &str, operator: Operator, wanted: &Value) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(field) = state.field(model, name) else { return false };
    let value = state.value(model, row, name, field);
    if let Some(rest) = rest {
        let other = field.kind.relation().unwrap_or_default();
        let linked = ids(&value);
        return linked.iter().filter_map(|id| state.row(other, *id)).any(|row| leaf(state, other, row, rest, operator, wanted));
    }
    match &field.kind {
        Kind::Many2one(other) | Kind::Many2many(other) | Kind::One2many(other, _) => related(state, other, &ids(&value), operator, wanted),
        _ => plain(&value, operator, wanted),
    }
}

/// Ids of a relation's value.
fn ids(value: &Value) -> Vec<u64> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_u64).collect(),
        other => other.as_u64().into_iter().collect(),
    }
}

fn related(state: &State, other: &str, linked: &[u64], operator: Operator, wanted: &Value) -> bool {
    // A text is looked for in the names.
    let named = |insensitive: bool| {
        let part = wanted.as_str().unwrap_or_default();
        linked.iter().any(|id| contains(&state.display(other, *id), part, insensitive))
    };
    let empty = wanted.as_bool() == Some(false);
    match operator {
        Operator::Is if empty => linked.is_empty(),
        Operator::IsNot if empty => !linked.is_empty(),
        Operator::Is if wanted.is_string() => linked.iter().any(|id| Some(state.display(other, *id).as_str()) == wanted.as_str()),
        Operator::Is | Operator::In => {
            let wants_none = wanted.as_array().is_some_and(|items| items.contains(&Value::Bool(false)));
            (wants_none && linked.is_empty()) || ids(wanted).iter().any(|id| linked.contains(id))
        }
        Operator::IsNot | Operator::NotIn => !ids(wanted).iter().any(|id| linked.contains(id)),
        Operator::Like(insensitive) => named(insensitive),
        Operator::NotLike(insensitive) => !named(insensitive),
        Operator::ChildOf => {
            let roots = ids(wanted);
            linked.iter().any(|id| {
                let mut at = Some(*id);
                while let Some(id) = at {
                    if roots.contains(&id) {
                        return true;
                    }
                    at = state.row(other, id).and_then(|row| row.get("parent_id")).and_then(Value::as_u64);
                }
                false
            })
        }
        _ => false,
    }
}

fn contains(text: &str, part: &str, insensitive: bool) -> bool {
    if insensitive { text.to_lowercase().contains(&part.to_lowercase()) } else { text.contains(part) }
}

/// `%` is any letters, `_` is one.
fn matches(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|from| matches(&text[from..], rest)),
        Some(('_', rest)) => !text.is_empty() && matches(&text[1..], rest),
        Some((letter, rest)) => text.first() == Some(letter) && matches(&text[1..], rest),
    }
}

fn plain(value: &Value, operator: Operator, wanted: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let part = wanted.as_str().unwrap_or_default();
    let pattern = |insensitive: bool| {
        let (text, part) = if insensitive { (text.to_lowercase(), part.to_lowercase()) } else { (text.to_owned(), part.to_owned()) };
        matches(&text.chars().collect::<Vec<_>>(), &part.chars().collect::<Vec<_>>())
    };
    let order = || match (value.as_f64(), wanted.as_f64()) {
        (Some(left), Some(right)) => Some(left.total_cmp(&right)),
        // An empty value is neither more nor less.
        _ if value.is_string() && wanted.is_string() => Some(text.cmp(part)),
        _ => None,
    };
    // `false` and an empty text are the same to a condition; an unset flag is false.
    let same = |wanted: &Value| {
        value == wanted
            || (value.as_bool() == Some(false) && (wanted.as_str() == Some("") || wanted.is_null()))
            || matches!((value.as_f64(), wanted.as_f64()), (Some(left), Some(right)) if left.total_cmp(&right).is_eq())
    };
    match operator {
        Operator::Is => same(wanted),
        Operator::IsNot => !same(wanted),
        Operator::More => order().is_some_and(std::cmp::Ordering::is_gt),
        Operator::AtLeast => order().is_some_and(std::cmp::Ordering::is_ge),
        Operator::Less => order().is_some_and(std::cmp::Ordering::is_lt),
        Operator::AtMost => order().is_some_and(std::cmp::Ordering::is_le),
        Operator::Like(insensitive) => value.is_string() && contains(text, part, insensitive),
        Operator::NotLike(insensitive) => !(value.is_string() && contains(text, part, insensitive)),
        Operator::Pattern(insensitive) => value.is_string() && pattern(insensitive),
        Operator::In => wanted.as_array().is_some_and(|items| items.iter().any(same)),
        Operator::NotIn => wanted.as_array().is_some_and(|items| !items.iter().any(same)),
        Operator::ChildOf => same(wanted),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{clock::Clock, odoo::Settings};

    #[test]
    fn prefix_notation_and_empty_values() {
        let state = State::new("example", Clock::default(), Settings::default());
        let row: Row =
            [("id", json!(7)), ("name", json!("Анна")), ("phone", json!("8 912")), ("active", json!(true)), ("category_id", json!([4, 9]))]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
        let holds = |domain: Value| Domain::read(&state, "res.partner", &domain).unwrap().holds(&state, "res.partner", &row);
        assert!(holds(json!(["&", ["active", "=", true], "|", ["phone", "!=", false], ["email", "!=", false]])));
        assert!(holds(json!([["email", "=", false], ["id", ">", 6], ["id", "in", [7, 8]]])));
        assert!(holds(json!(["!", ["name", "ilike", "борис"]])) && holds(json!([["name", "=ilike", "а%а"]])));
        assert!(holds(json!([["category_id", "in", [9]]])) && !holds(json!([["category_id", "=", false]])));
        assert!(!holds(json!([["city", ">", "А"]])), "an empty value is neither more nor less");
        let domain = Domain::read(&state, "res.partner", &json!([["id", ">", 5], ["active", "in", [true, false]]])).unwrap();
        assert!(domain.names("active") && domain.after() == 5);
        for wrong in
            [json!([["nothing", "=", 1]]), json!([["id", "about", 1]]), json!(["&", ["id", "=", 1]]), json!([["id", "in", 7]]), json!(7)]
        {
            assert_eq!(Domain::read(&state, "res.partner", &wrong).unwrap_err().name, "builtins.ValueError", "{wrong}");
        }
    }
}
