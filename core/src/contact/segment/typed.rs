//! A line as a person writes it, in Russian first: «тег = vip и город в (Москва, Казань)»,
//! «последний визит больше 30 дней назад», «Тег: vip · Город: Москва, Казань». Whatever
//! [`super::shown`] shows and the canonical text are read as well.
//!
//! Kept filters are read by [`super::parser`], whose grammar does not grow: a line that was kept
//! means tomorrow what it means today.

mod comparing;
mod reading;

use super::{
    Cond, ConsentLevel, Expected, Expr, FilterError, Kind, Literal, MAX_CONDITIONS, MAX_DEPTH, Name, Op, Problem, Test,
    lexer::{Token, What, breaks_word, tokens},
    names::{Names, resolve},
    parser::{Keyword, keyword},
    phrases::{Said, phrase},
    values,
};
use crate::{contact::Field, text::fold};

type Result<T> = std::result::Result<T, FilterError>;

/// Words of one comparison that are looked at.
const AHEAD: usize = 6;

/// A word that joins conditions, in either language.
pub fn joins(word: &str) -> Option<Keyword> {
    match keyword(word) {
        Some(Keyword::And) => Some(Keyword::And),
        Some(Keyword::Or) => Some(Keyword::Or),
        _ => match fold(word).as_str() {
            "но" | "&" | "&&" => Some(Keyword::And),
            "либо" | "|" | "||" => Some(Keyword::Or),
            _ => None,
        },
    }
}

/// Reads and checks one line.
pub fn parse(text: &str, fields: &[Field]) -> Result<Option<Expr>> {
    let chars: Vec<char> = text.chars().collect();
    let tokens = tokens(&chars, 0, true)?;
    let everybody = matches!(
        fold(text).as_str(),
        "все"
            | "всем"
            | "все контакты"
            | "все клиенты"
            | "всем клиентам"
            | "все люди"
            | "вся база"
            | "everybody"
            | "everyone"
            | "all"
            | "all contacts"
    );
    if everybody || tokens.iter().all(|token| token.what == What::Break) {
        return Ok(None);
    }
    let mut parser = Parser { tokens, next: 0, chars, fields, names: Names::new(fields), conditions: 0, last: None };
    let expr = parser.or(0)?;
    parser.breaks();
    match parser.peek().map(|token| &token.what) {
        None => Ok(Some(expr)),
        Some(What::Close) => Err(parser.here(Problem::StrayBracket)),
        Some(_) => Err(parser.expected(Expected::AndOr)),
    }
}

struct Parser<'a> {
    chars: Vec<char>,
    /// From the place where they were read last.
    tokens: Vec<Token>,
    next: usize,
    fields: &'a [Field],
    names: Names,
    conditions: usize,
    /// The name of the condition before, if it is of texts.
    last: Option<String>,
}

/// A condition that is being read: about what, and the words that were written for it.
struct About {
    name: Name,
    written: String,
    /// «есть тег», «с тегом» or, of `false`, «без тега», «нет телефона».
    with: Option<bool>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn word_at(&self, index: usize) -> Option<&str> {
        match self.tokens.get(index).map(|token| &token.what) {
            Some(What::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The words from a token on, folded.
    fn ahead(&self, index: usize) -> Vec<String> {
        (index..index + AHEAD).map_while(|index| self.word_at(index)).map(fold).collect()
    }

    fn join_here(&self) -> Option<Keyword> {
        self.word_at(self.next).and_then(joins)
    }

    fn and_also(&self, index: usize) -> bool {
        self.ahead(index).get(..2).is_some_and(|words| *words == ["а", "также"])
    }

    fn take_join(&mut self, wanted: Keyword) -> bool {
        // «а также»
        if wanted == Keyword::And && self.and_also(self.next) {
            self.next += 2;
            return true;
        }
        let found = self.join_here() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn here(&self, problem: Problem) -> FilterError {
        match self.peek() {
            Some(token) => at(token, problem),
            None => FilterError { at: self.chars.len(), len: 0, problem },
        }
    }

    fn expected(&self, expected: Expected) -> FilterError {
        self.here(Problem::Expected { expected, found: self.peek().map(Token::shown) })
    }

    /// Goes on from a character.
    fn go_on(&mut self, from: usize) -> Result<()> {
        self.tokens = tokens(&self.chars, from, true)?;
        self.next = 0;
        Ok(())
    }

    /// Steps over what stands between conditions; whether there was any.
    fn breaks(&mut self) -> bool {
        let from = self.next;
        while matches!(self.peek().map(|token| &token.what), Some(What::Break | What::Comma)) {
            self.next += 1;
        }
        self.next > from
    }

    fn or(&mut self, depth: usize) -> Result<Expr> {
        let mut parts = vec![self.and(depth)?];
        while self.take_join(Keyword::Or) {
            parts.push(self.and(depth)?);
        }
        Ok(Expr::or(parts))
    }

    fn and(&mut self, depth: usize) -> Result<Expr> {
        self.breaks();
        let mut parts = vec![self.not(depth)?];
        loop {
            let broken = self.breaks();
            if self.take_join(Keyword::And) {
                self.breaks();
            } else if !broken || self.peek().is_none_or(|token| token.what == What::Close) || self.join_here() == Some(Keyword::Or) {
                return Ok(Expr::and(parts));
            }
            parts.push(self.not(depth)?);
        }
    }

    fn not(&mut self, depth: usize) -> Result<Expr> {
        if depth > MAX_DEPTH {
            return Err(self.here(Problem::TooDeep));
        }
        // A title may begin with «не» itself.
        let named = self.peek().and_then(|token| self.names.at(&self.chars, token.at)).is_some();
        let denies = self.word_at(self.next).is_some_and(|word| {
            keyword(word) == Some(Keyword::Not) || matches!(fold(word).as_str(), "кроме" | "исключая" | "except" | "excluding")
        });
        if denies && !named {
            self.next += 1;
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        if let Some(open @ Token { what: What::Open, .. }) = self.peek() {
            let open = open.clone();
            self.next += 1;
            let inner = self.or(depth + 1)?;
            self.breaks();
            return match self.peek().map(|token| &token.what) {
                Some(What::Close) => {
                    self.next += 1;
                    Ok(inner)
                }
                None => Err(at(&open, Problem::UnclosedBracket)),
                Some(_) => Err(self.expected(Expected::AndOr)),
            };
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Expr> {
        let about = self.about()?;
        let colon = self.colon()?;
        let kind = about.name.kind();
        // «последний визит был больше …»
        if kind == Kind::Date && self.word_at(self.next).is_some_and(|word| matches!(fold(word).as_str(), "был" | "была" | "было" | "были"))
        {
            self.next += 1;
        }
        let operator = self.peek().cloned();
        if let Some(Token { what: What::Op(op), .. }) = operator {
            self.next += 1;
            // «= пусто», «= больше 30 дней назад»; after it a text is a text, whatever it begins
            // with.
            let said = phrase(&self.ahead(self.next)).filter(|(said, _)| {
                op == Op::Eq && (matches!(said, Said::Empty(_)) || !matches!(kind, Kind::Text | Kind::Tags | Kind::Flag | Kind::Consent))
            });
            return match (said, op) {
                (Some((said, words)), _) => self.said(&about, said, words),
                (None, Op::Eq) => self.equal(&about, false, operator.as_ref()),
                (None, Op::Ne) => self.equal(&about, true, operator.as_ref()),
                (None, op) => self.compare(&about, Said::Size(op), operator.as_ref()),
            };
        }
        // «С» and «в» are grades as well.
        let graded = kind == Kind::Consent
            && self.word_at(self.next).is_some_and(|word| values::grade(word).is_some())
            && !matches!(self.tokens.get(self.next + 1).map(|token| &token.what), Some(What::Open));
        if let Some((said, words)) = phrase(&self.ahead(self.next)).filter(|_| !graded) {
            return self.said(&about, said, words);
        }
        let ends = operator.as_ref().is_none_or(|token| matches!(token.what, What::Break | What::Comma | What::Close))
            || self.join_here().is_some();
        match (ends && !colon, kind) {
            (true, Kind::Flag) => Ok(cond(&about, Test::Cmp(Op::Eq, Literal::Flag(about.with != Some(false))))),
            (true, Kind::Consent) if about.with.is_some() => {
                let level = if about.with == Some(true) { ConsentLevel::Any } else { ConsentLevel::None };
                Ok(cond(&about, Test::Cmp(Op::Eq, Literal::Grade(level))))
            }
            (true, _) => match about.with {
                Some(with) => Ok(cond(&about, Test::Empty { negated: with })),
                None => Err(self.expected(Expected::Operator)),
            },
            (false, _) => {
                let sign = |word: &str| word.chars().all(breaks_word);
                if !colon
                    && !matches!(operator.as_ref().map(|token| &token.what), Some(What::Word(word)) if !sign(word))
                    && !matches!(operator.as_ref().map(|token| &token.what), Some(What::Quoted(_)))
                {
                    return Err(self.expected(Expected::Operator));
                }
                // These are comparisons that nobody counts by, and no cities.
                const UNKNOWN: [&str; 8] =
                    ["начинается", "заканчивается", "кончается", "оканчивается", "похож", "похоже", "starts", "ends"];
                if !colon && self.word_at(self.next).is_some_and(|word| UNKNOWN.contains(&fold(word).as_str())) {
                    return Err(self.expected(Expected::Operator));
                }
                // «город нет», «город есть»: whether there is any.
                let lone = self.word_at(self.next).map(fold).filter(|_| self.ends_at(self.next + 1));
                match (lone.as_deref(), kind) {
                    (Some("нет" | "no" | "none"), Kind::Text | Kind::Tags | Kind::Number | Kind::Date) => {
                        self.next += 1;
                        Ok(cond(&about, Test::Empty { negated: false }))
                    }
                    (Some("есть" | "yes"), Kind::Text | Kind::Tags | Kind::Number | Kind::Date) => {
                        self.next += 1;
                        Ok(cond(&about, Test::Empty { negated: true }))
                    }
                    _ => self.equal(&about, about.with == Some(false), None),
                }
            }
        }
    }

    /// About what, with the words that may stand before it.
    fn about(&mut self) -> Result<About> {
        let Some(token) = self.peek().cloned() else { return Err(self.expected(Expected::Condition)) };
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(self.here(Problem::TooMany));
        }
        let word = match &token.what {
            What::Quoted(text) => {
                self.next += 1;
                let name = resolve(text, self.fields).ok_or_else(|| at(&token, self.names.unknown(text, self.fields)))?;
                return Ok(About { name, written: text.clone(), with: None });
            }
            What::Word(word) if joins(word).is_none() => fold(word),
            _ => return Err(self.expected(Expected::Condition)),
        };
        let (mut from, mut with) = (token.at, None);
        let mut found = self.names.at(&self.chars, from);
        if found.is_none()
            && let Some(next) = self.tokens.get(self.next + 1)
        {
            with = with_or_without(&word);
            if with.is_some() {
                from = next.at;
                found = self.names.at(&self.chars, from);
            }
        }
        // «бонусов больше 100», «без города»: the name in another case.
        let found = found.or_else(|| self.names.declined(&self.chars, from));
        let Some((name, end)) = found else { return Err(self.unknown()) };
        let written: String = self.chars[from..end].iter().collect();
        self.go_on(end)?;
        self.last = matches!(name.kind(), Kind::Text | Kind::Tags).then(|| written.clone());
        Ok(About { name, written, with })
    }

    /// No name stands here: the words up to the comparison, and what is nearest to them.
    fn unknown(&self) -> FilterError {
        let (mut end, mut index) = (self.next, self.next);
        while let Some(word) = self.word_at(index) {
            if index > self.next && (joins(word).is_some() || phrase(&self.ahead(index)).is_some()) {
                break;
            }
            end = index;
            index += 1;
            if word.ends_with(':') {
                break;
            }
        }
        let (Some(first), Some(last)) = (self.tokens.get(self.next), self.tokens.get(end)) else {
            return self.expected(Expected::Condition);
        };
        let written: String = self.chars[first.at..last.at + last.len].iter().collect();
        let written = written.trim_end_matches(':');
        let problem = match (self.names.unknown(written, self.fields), &self.last) {
            // Words that lead to nothing are a value after all: «город = Тула и Рязань».
            (Problem::UnknownName { name, suggestion: None }, Some(last)) if self.ends_at(end + 1) => {
                Problem::ValueAlone { value: name, name: last.clone() }
            }
            (problem, _) => problem,
        };
        FilterError { at: first.at, len: written.chars().count(), problem }
    }

    /// Steps over a colon after a name.
    fn colon(&mut self) -> Result<bool> {
        let Some(token) = self.peek() else { return Ok(false) };
        let from = token.at;
        // «город — Казань»
        if matches!(&token.what, What::Word(word) if matches!(word.as_str(), "-" | "–" | "—")) && !self.ends_at(self.next + 1) {
            self.next += 1;
            return Ok(true);
        }
        let colon = matches!(&token.what, What::Word(word) if word.starts_with(':'));
        if colon {
            self.go_on(from + 1)?;
        }
        Ok(colon)
    }
}

fn cond(about: &About, test: Test) -> Expr {
    // A language by its name is kept by its tag.
    let tag = |value: Literal| match value {
        Literal::Text(text) if about.name == Name::Language => Literal::Text(values::language(text)),
        Literal::Text(text) if about.name == Name::Source => Literal::Text(values::source(text)),
        other => other,
    };
    let test = match test {
        Test::Cmp(op, value) => Test::Cmp(op, tag(value)),
        Test::In { negated, values } => Test::In { negated, values: values.into_iter().map(tag).collect() },
        other => other,
    };
    Expr::Cond(Cond { name: about.name.clone(), test })
}

/// Whether a folded word before a name says that there is one, or none.
pub fn with_or_without(word: &str) -> Option<bool> {
    match word {
        "с" | "со" | "есть" | "имеет" | "имеют" | "with" | "has" | "have" => Some(true),
        "без" | "нет" | "without" | "no" => Some(false),
        _ => None,
    }
}

fn at(token: &Token, problem: Problem) -> FilterError {
    FilterError { at: token.at, len: token.len, problem }
}

/// Whether a field holds days of birth: today's are those whose day comes round today.
pub fn is_birthday(name: &Name, fields: &[Field]) -> bool {
    let Name::Field { key, .. } = name else { return false };
    let title = fields.iter().find(|field| field.key == *key).map_or_else(String::new, |field| fold(&field.title));
    ["рожд", "birth", "годовщин", "annivers", "bday"].iter().any(|part| title.contains(part) || key.contains(part)) || title == "др"
}
