//! What is wrong with a filter, in words, with a pointer under the place.

use mms_core::contact::segment::{Expected, FilterError, Kind, MAX_CONDITIONS, MAX_LENGTH, MAX_VALUES, Problem};

use crate::{
    i18n::{Html, Tr},
    p, t,
};

/// Characters of the line that are shown: a phone wraps longer lines, and the pointer would miss
/// its place.
const WINDOW: usize = 30;
/// Of them, before the place.
const BEFORE: usize = 18;

/// The line with `^` under the place, then what is wrong: small HTML.
#[must_use]
pub fn shown(tr: Tr, line: &str, error: &FilterError) -> String {
    let (window, pointer) = pointed(line, error.at, error.len);
    let code = format!("<pre>{}\n{pointer}</pre>", mms_core::text::escape(&window));
    t!(tr, "segments-error", code = Html(code), problem = problem(tr, &error.problem))
}

/// A window of the line around the place, and the pointer under it.
fn pointed(line: &str, at: usize, len: usize) -> (String, String) {
    // A tab or a line break would shift what stands after it.
    let chars: Vec<char> = line.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let from = if chars.len() <= WINDOW { 0 } else { at.saturating_sub(BEFORE).min(chars.len().saturating_sub(WINDOW)) };
    let to = (from + WINDOW).min(chars.len());
    let (head, tail) = (if from > 0 { "…" } else { "" }, if to < chars.len() { "…" } else { "" });
    let window: String = chars[from..to].iter().collect();
    let place = at.saturating_sub(from).min(to - from);
    let width = len.max(1).min((to - from).saturating_sub(place).max(1));
    let pointer = format!("{}{}", " ".repeat(head.chars().count() + place), "^".repeat(width));
    (format!("{head}{window}{tail}"), pointer)
}

fn kind(tr: Tr, kind: Kind) -> String {
    match kind {
        Kind::Tags => p!(tr, "segments-kind-tags"),
        Kind::Text => p!(tr, "segments-kind-text"),
        Kind::Number => p!(tr, "segments-kind-number"),
        Kind::Date => p!(tr, "segments-kind-date"),
        Kind::Flag => p!(tr, "segments-kind-flag"),
        Kind::Consent => p!(tr, "segments-kind-consent"),
    }
}

/// The operators that go with a kind.
fn goes_with(tr: Tr, kind: Kind) -> String {
    match kind {
        Kind::Tags | Kind::Text => p!(tr, "segments-goes-text"),
        Kind::Number => p!(tr, "segments-goes-number"),
        Kind::Date => p!(tr, "segments-goes-date"),
        Kind::Flag => p!(tr, "segments-goes-flag"),
        Kind::Consent => p!(tr, "segments-goes-consent"),
    }
}

fn expected(tr: Tr, what: Expected) -> String {
    match what {
        Expected::Condition => p!(tr, "segments-expected-condition"),
        Expected::Operator => p!(tr, "segments-expected-operator"),
        Expected::Value => p!(tr, "segments-expected-value"),
        Expected::AndOr => p!(tr, "segments-expected-and-or"),
        Expected::List => p!(tr, "segments-expected-list"),
        Expected::CommaOrClose => p!(tr, "segments-expected-comma"),
        Expected::Empty => p!(tr, "segments-expected-empty"),
        Expected::InOrContains => p!(tr, "segments-expected-in"),
        Expected::And => p!(tr, "segments-expected-and"),
    }
}

/// What is wrong, in a plain sentence.
#[must_use]
pub fn problem(tr: Tr, problem: &Problem) -> String {
    match problem {
        Problem::UnknownName { name, suggestion: Some(near) } => p!(tr, "segments-unknown-near", name = name, near = near),
        Problem::UnknownName { name, suggestion: None } => p!(tr, "segments-unknown", name = name),
        Problem::Expected { expected: what, found: Some(found) } => {
            p!(tr, "segments-expected-found", expected = expected(tr, *what), found = found)
        }
        Problem::Expected { expected: what, found: None } => p!(tr, "segments-expected-end", expected = expected(tr, *what)),
        Problem::UnclosedBracket => p!(tr, "segments-unclosed-bracket"),
        Problem::StrayBracket => p!(tr, "segments-stray-bracket"),
        Problem::UnclosedQuote => p!(tr, "segments-unclosed-quote"),
        Problem::OperatorForKind { operator, name, kind: of } => {
            p!(tr, "segments-wrong-operator", operator = operator, name = name, kind = kind(tr, *of), fits = goes_with(tr, *of))
        }
        Problem::ValueAlone { value, name } => p!(tr, "segments-value-alone", value = value, name = name),
        Problem::EitherNumber { grouped, decimal } => p!(tr, "segments-either-number", grouped = grouped, decimal = decimal),
        Problem::BadNumber(text) => p!(tr, "segments-bad-number", text = text),
        Problem::BadDate(text) => p!(tr, "segments-bad-date", text = text),
        Problem::AgeInList(text) => p!(tr, "segments-age-in-list", text = text),
        Problem::BornLater { days } => p!(tr, "segments-born-later", days = i64::from(*days)),
        Problem::BadDays(text) => p!(tr, "segments-bad-days", text = text),
        Problem::BadFlag(text) => p!(tr, "segments-bad-flag", text = text),
        Problem::BadGrade(text) => p!(tr, "segments-bad-grade", text = text),
        Problem::AnyHasNoOrder => p!(tr, "segments-any-order"),
        Problem::TooLong => p!(tr, "segments-too-long", max = MAX_LENGTH),
        Problem::TooMany => p!(tr, "segments-too-many", conditions = MAX_CONDITIONS, values = MAX_VALUES),
        Problem::TooDeep => p!(tr, "segments-too-deep"),
    }
}

#[cfg(test)]
mod tests {
    use super::pointed;

    #[test]
    fn the_pointer_stands_under_the_place() {
        assert_eq!(pointed("tagg = vip", 0, 4), ("tagg = vip".to_owned(), "^^^^".to_owned()));
        assert_eq!(pointed("tag = ", 6, 0), ("tag = ".to_owned(), "      ^".to_owned()));
        let long = "tag = vip and city = Москва and sity = Казань and name contains Анна";
        let at = long.chars().position(|c| c == 'k').unwrap_or_else(|| long.split("sity").next().unwrap().chars().count());
        let (window, pointer) = pointed(long, at, 4);
        let start = pointer.chars().count() - 4;
        assert_eq!(window.chars().skip(start).take(4).collect::<String>(), "sity");
        assert!(window.chars().count() <= super::WINDOW + 2);
        assert_eq!(pointed("a\tb", 2, 1), ("a b".to_owned(), "  ^".to_owned()));
    }
}
