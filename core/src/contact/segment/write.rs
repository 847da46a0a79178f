//! A filter back into text as it is kept: canonical, so that reading it again gives the same
//! filter, by either grammar.

use std::fmt::{self, Write as _};

use super::{
    Cond, ConsentLevel, Expr, Filter, Kind, Literal, Op, Test, Unit,
    lexer::{breaks_line, breaks_word},
    parser::keyword,
    phrases::{Said, phrase},
    typed::joins,
};
use crate::{consent::Grade, text::fold};

impl Filter {
    /// The canonical text; [`Filter::parse`] of it is this filter.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        if let Some(root) = &self.root {
            // Writing into a String cannot fail.
            let _ = expr(&mut out, root, false);
        }
        out
    }
}

impl Cond {
    /// The condition alone, as it stands in the canonical text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = cond(&mut out, self);
        out
    }
}

/// Inside anything else an `and` and an `or` stand in brackets: people need not know which binds
/// tighter.
fn expr(out: &mut String, what: &Expr, inside: bool) -> fmt::Result {
    match what {
        Expr::Cond(one) => cond(out, one),
        Expr::Not(inner) => {
            out.push_str("not ");
            expr(out, inner, true)
        }
        Expr::And(parts) => joined(out, parts, " and ", inside),
        Expr::Or(parts) => joined(out, parts, " or ", inside),
    }
}

fn joined(out: &mut String, parts: &[Expr], word: &str, bracket: bool) -> fmt::Result {
    if bracket {
        out.push('(');
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(word);
        }
        expr(out, part, true)?;
    }
    if bracket {
        out.push(')');
    }
    Ok(())
}

fn cond(out: &mut String, cond: &Cond) -> fmt::Result {
    let kind = cond.name.kind();
    out.push_str(cond.name.as_str());
    match &cond.test {
        // Of a day of birth «today» would be read as the day that comes round today.
        Test::Cmp(Op::Eq, Literal::FromToday(0)) => write!(out, " = +0d"),
        Test::Cmp(op, value) => {
            write!(out, " {} ", op.as_str())?;
            literal(out, value, kind)
        }
        Test::In { negated, values } => {
            out.push_str(if *negated { " not in (" } else { " in (" });
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                literal(out, value, kind)?;
            }
            out.push(')');
            Ok(())
        }
        Test::Contains { negated, part } => {
            out.push_str(if *negated { " not contains " } else { " contains " });
            text(out, part);
            Ok(())
        }
        Test::Empty { negated } => {
            out.push_str(if *negated { " is not empty" } else { " is empty" });
            Ok(())
        }
        Test::Next { days } => write!(out, " in next {days}d"),
    }
}

fn literal(out: &mut String, value: &Literal, kind: Kind) -> fmt::Result {
    match value {
        Literal::Text(value) => text(out, value),
        Literal::Number(value) => write!(out, "{value}")?,
        Literal::Day(day) => write!(out, "{}", day.format("%Y-%m-%d"))?,
        Literal::FromToday(0) => out.push_str("today"),
        Literal::FromToday(days) => write!(out, "{days:+}d")?,
        Literal::Age(age) => {
            let unit = match age.unit {
                Unit::Day => 'd',
                Unit::Week => 'w',
                Unit::Month => 'm',
                Unit::Year => 'y',
            };
            write!(out, "{}{unit}", age.count)?;
        }
        Literal::Flag(yes) => out.push_str(if *yes { "yes" } else { "no" }),
        Literal::Grade(level) => out.push_str(match level {
            ConsentLevel::None => "none",
            ConsentLevel::Any => "any",
            ConsentLevel::Grade(Grade::A) => "A",
            ConsentLevel::Grade(Grade::B) => "B",
            ConsentLevel::Grade(Grade::C) => "C",
            ConsentLevel::Grade(Grade::D) => "D",
        }),
    }
    debug_assert!(kind != Kind::Flag || matches!(value, Literal::Flag(_)), "the parser types values by kind");
    Ok(())
}

/// A text value: bare when it would be read back as it is, else in quotes.
fn text(out: &mut String, value: &str) {
    let words: Vec<&str> = value.split(' ').collect();
    let plain = |word: &&str| {
        !word.is_empty()
            && !word.starts_with('\'')
            && !word.chars().any(|c| breaks_word(c) || breaks_line(c))
            && keyword(word).is_none()
            && joins(word).is_none()
    };
    // «= неизвестно» would be read as «there is none».
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let bare = words.iter().all(plain)
        && !matches!(phrase(&folded), Some((Said::Empty(_), _)))
        && !folded.windows(2).any(|two| two == ["а", "также"]);
    if bare {
        out.push_str(value);
        return;
    }
    out.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}
