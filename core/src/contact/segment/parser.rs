//! A kept filter into a checked expression, by recursive descent: `or` of `and` of `not` of a
//! bracket or a condition. What a person types has a larger grammar ([`super::typed`]); this one
//! stays as it is.

use super::{
    Age, Cond, ConsentLevel, Expected, Expr, FilterError, Kind, Literal, MAX_CONDITIONS, MAX_DEPTH, MAX_VALUES, Name, Op, Problem, Test,
    Unit,
    lexer::{Token, What, tokens},
    names::{Names, resolve},
    values::{age, date, grade, number},
};
use crate::{
    contact::{Field, value::read_flag},
    text::fold,
};

type Result<T> = std::result::Result<T, FilterError>;

/// A word of the grammar; as a value it is written in quotes wherever it could be misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    And,
    Or,
    Not,
    In,
    Contains,
    Is,
    Empty,
    Between,
    Next,
}

/// The keyword that this word is, in either language.
pub fn keyword(word: &str) -> Option<Keyword> {
    Some(match fold(word).as_str() {
        "and" | "и" => Keyword::And,
        "or" | "или" => Keyword::Or,
        "not" | "не" => Keyword::Not,
        "in" | "в" => Keyword::In,
        "contains" | "содержит" => Keyword::Contains,
        "is" | "есть" => Keyword::Is,
        "empty" | "пусто" | "пустой" | "пустая" => Keyword::Empty,
        "between" | "между" => Keyword::Between,
        "next" | "ближайшие" | "следующие" => Keyword::Next,
        _ => return None,
    })
}

/// Reads and checks one line.
pub fn parse(text: &str, fields: &[Field]) -> Result<Option<Expr>> {
    let tokens = tokens(&text.chars().collect::<Vec<_>>(), 0, false)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.chars().count(), fields, conditions: 0 };
    let expr = parser.or(0)?;
    match parser.peek() {
        None => Ok(Some(expr)),
        Some(Token { what: What::Close, .. }) => Err(parser.here(Problem::StrayBracket)),
        Some(_) => Err(parser.expected(Expected::AndOr)),
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    next: usize,
    /// Characters of the text.
    end: usize,
    fields: &'a [Field],
    conditions: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    fn keyword_here(&self) -> Option<Keyword> {
        match self.peek().map(|token| &token.what) {
            Some(What::Word(word)) => keyword(word),
            _ => None,
        }
    }

    fn take_keyword(&mut self, wanted: Keyword) -> bool {
        let found = self.keyword_here() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn here(&self, problem: Problem) -> FilterError {
        self.peek().map_or(FilterError { at: self.end, len: 0, problem: problem.clone() }, |token| at(token, problem))
    }

    fn expected(&self, expected: Expected) -> FilterError {
        self.here(Problem::Expected { expected, found: self.peek().map(Token::shown) })
    }

    fn or(&mut self, depth: usize) -> Result<Expr> {
        let mut parts = vec![self.and(depth)?];
        while self.take_keyword(Keyword::Or) {
            parts.push(self.and(depth)?);
        }
        Ok(Expr::or(parts))
    }

    fn and(&mut self, depth: usize) -> Result<Expr> {
        let mut parts = vec![self.not(depth)?];
        while self.take_keyword(Keyword::And) {
            parts.push(self.not(depth)?);
        }
        Ok(Expr::and(parts))
    }

    fn not(&mut self, depth: usize) -> Result<Expr> {
        if depth > MAX_DEPTH {
            return Err(self.here(Problem::TooDeep));
        }
        if self.take_keyword(Keyword::Not) {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        if let Some(open @ Token { what: What::Open, .. }) = self.peek() {
            self.next += 1;
            let inner = self.or(depth + 1)?;
            return match self.peek() {
                Some(Token { what: What::Close, .. }) => {
                    self.next += 1;
                    Ok(inner)
                }
                None => Err(at(open, Problem::UnclosedBracket)),
                Some(_) => Err(self.expected(Expected::AndOr)),
            };
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Expr> {
        let written = match self.peek() {
            Some(token @ Token { what: What::Word(word), .. }) if keyword(word).is_none() => token,
            Some(token @ Token { what: What::Quoted(_), .. }) => token,
            _ => return Err(self.expected(Expected::Condition)),
        };
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(self.here(Problem::TooMany));
        }
        self.next += 1;
        let name = resolve(&written.shown(), self.fields)
            .ok_or_else(|| at(written, Names::new(self.fields).unknown(&written.shown(), self.fields)))?;
        let operator = self.peek();
        let refuse = |operator: &Token, shown: &str| {
            at(operator, Problem::OperatorForKind { operator: shown.to_owned(), name: written.shown(), kind: name.kind() })
        };
        let kind = name.kind();
        let Some(operator) = operator else { return Err(self.expected(Expected::Operator)) };
        let test = match (&operator.what, self.keyword_here()) {
            (What::Op(op), _) => {
                self.next += 1;
                let ordered = matches!(kind, Kind::Number | Kind::Date | Kind::Consent);
                if !ordered && !matches!(op, Op::Eq | Op::Ne) {
                    return Err(refuse(operator, op.as_str()));
                }
                let place = self.peek();
                let value = self.literal(kind)?;
                if value == Literal::Grade(ConsentLevel::Any) && !matches!(op, Op::Eq | Op::Ne) {
                    return Err(place.map_or_else(|| self.expected(Expected::Value), |token| at(token, Problem::AnyHasNoOrder)));
                }
                Test::Cmp(*op, value)
            }
            (_, Some(Keyword::In)) => {
                self.next += 1;
                if self.take_keyword(Keyword::Next) {
                    // Moments have no anniversaries.
                    if kind != Kind::Date || !matches!(name, Name::Field { .. }) {
                        return Err(refuse(operator, "in next"));
                    }
                    Test::Next { days: self.days()? }
                } else {
                    if kind == Kind::Flag {
                        return Err(refuse(operator, "in"));
                    }
                    Test::In { negated: false, values: self.list(kind)? }
                }
            }
            (_, Some(Keyword::Contains)) => {
                self.next += 1;
                self.contains(kind, false).map_err(|early| early.unwrap_or_else(|| refuse(operator, "contains")))?
            }
            (_, Some(Keyword::Not)) => {
                self.next += 1;
                if self.take_keyword(Keyword::In) {
                    if kind == Kind::Flag {
                        return Err(refuse(operator, "not in"));
                    }
                    Test::In { negated: true, values: self.list(kind)? }
                } else if self.take_keyword(Keyword::Contains) {
                    self.contains(kind, true).map_err(|early| early.unwrap_or_else(|| refuse(operator, "not contains")))?
                } else if self.take_keyword(Keyword::Empty) {
                    Test::Empty { negated: true }
                } else {
                    return Err(self.expected(Expected::InOrContains));
                }
            }
            (_, Some(Keyword::Empty)) => {
                self.next += 1;
                Test::Empty { negated: false }
            }
            (_, Some(Keyword::Is)) => {
                self.next += 1;
                let negated = self.take_keyword(Keyword::Not);
                if !self.take_keyword(Keyword::Empty) {
                    return Err(self.expected(Expected::Empty));
                }
                Test::Empty { negated }
            }
            (_, Some(Keyword::Between)) => {
                self.next += 1;
                if !matches!(kind, Kind::Number | Kind::Date) {
                    return Err(refuse(operator, "between"));
                }
                let low = self.ordered(kind)?;
                if !self.take_keyword(Keyword::And) {
                    return Err(self.expected(Expected::And));
                }
                let high = self.ordered(kind)?;
                self.conditions += 1;
                let side = |op, value| Expr::Cond(Cond { name: name.clone(), test: Test::Cmp(op, value) });
                return Ok(Expr::and(vec![side(Op::Ge, low), side(Op::Le, high)]));
            }
            _ => return Err(self.expected(Expected::Operator)),
        };
        Ok(Expr::Cond(Cond { name, test }))
    }

    /// `Err(None)`: the operator does not go with the kind.
    fn contains(&mut self, kind: Kind, negated: bool) -> std::result::Result<Test, Option<FilterError>> {
        if !matches!(kind, Kind::Text | Kind::Tags) {
            return Err(None);
        }
        let Literal::Text(part) = self.literal(Kind::Text)? else { return Err(None) };
        Ok(Test::Contains { negated, part })
    }

    /// A value of a list or a range: ages are not among them.
    fn ordered(&mut self, kind: Kind) -> Result<Literal> {
        let token = self.peek();
        match (self.literal(kind)?, token) {
            (Literal::Age(_), Some(token)) => Err(at(token, Problem::AgeInList(token.shown()))),
            (Literal::Grade(ConsentLevel::Any), Some(token)) => Err(at(token, Problem::AnyHasNoOrder)),
            (value, _) => Ok(value),
        }
    }

    fn list(&mut self, kind: Kind) -> Result<Vec<Literal>> {
        let open = match self.peek() {
            Some(open @ Token { what: What::Open, .. }) => open,
            _ => return Err(self.expected(Expected::List)),
        };
        self.next += 1;
        let mut values = Vec::new();
        loop {
            values.push(self.ordered(kind)?);
            if values.len() > MAX_VALUES {
                return Err(at(open, Problem::TooMany));
            }
            match self.peek() {
                Some(Token { what: What::Comma, .. }) => self.next += 1,
                Some(Token { what: What::Close, .. }) => {
                    self.next += 1;
                    return Ok(values);
                }
                None => return Err(at(open, Problem::UnclosedBracket)),
                Some(_) => return Err(self.expected(Expected::CommaOrClose)),
            }
        }
    }

    fn days(&mut self) -> Result<i32> {
        match self.peek() {
            Some(token @ Token { what: What::Word(word), .. }) => {
                self.next += 1;
                match age(word) {
                    Some(Age { count, unit: Unit::Day }) if count <= 366 => Ok(count),
                    Some(Age { count, unit: Unit::Week }) if count <= 52 => Ok(count * 7),
                    _ => Err(at(token, Problem::BadDays(word.clone()))),
                }
            }
            _ => Err(self.expected(Expected::Value)),
        }
    }

    fn literal(&mut self, kind: Kind) -> Result<Literal> {
        let (token, text) = match self.peek() {
            Some(token @ Token { what: What::Quoted(text), .. }) => (token, text.clone()),
            Some(token @ Token { what: What::Word(word), .. })
                if !matches!(keyword(word), Some(Keyword::And | Keyword::Or | Keyword::Not)) =>
            {
                (token, word.clone())
            }
            _ => return Err(self.expected(Expected::Value)),
        };
        self.next += 1;
        match kind {
            Kind::Text | Kind::Tags => Ok(Literal::Text(self.more_words(token, text))),
            Kind::Number => number(&text).map(Literal::Number).map_err(|problem| at(token, problem)),
            Kind::Date => date(&text).ok_or_else(|| at(token, Problem::BadDate(text))),
            Kind::Flag => read_flag(&text).map(Literal::Flag).ok_or_else(|| at(token, Problem::BadFlag(text))),
            Kind::Consent => grade(&text).map(Literal::Grade).ok_or_else(|| at(token, Problem::BadGrade(text))),
        }
    }

    /// Bare words that follow a bare word are one value: `city = Нижний Новгород`.
    fn more_words(&mut self, first: &Token, mut text: String) -> String {
        if matches!(first.what, What::Word(_)) {
            while let Some(Token { what: What::Word(word), .. }) = self.peek() {
                if matches!(keyword(word), Some(Keyword::And | Keyword::Or)) {
                    break;
                }
                text.push(' ');
                text.push_str(word);
                self.next += 1;
            }
        }
        text
    }
}

fn at(token: &Token, problem: Problem) -> FilterError {
    FilterError { at: token.at, len: token.len, problem }
}
