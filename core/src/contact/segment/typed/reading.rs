//! Values, alone and in lists.

use super::{Parser, Result, at, joins, with_or_without};
use crate::{
    contact::{
        segment::{
            ConsentLevel, Expected, FilterError, Kind, Literal, MAX_VALUES, Op, Problem,
            lexer::{Token, What},
            names::resolve,
            parser::{Keyword, keyword},
            values,
        },
        value::read_flag,
    },
    text::{clean, fold},
};

impl Parser<'_> {
    /// «и выше», «или больше», `or better` after a value.
    pub(super) fn or_more(&mut self) -> Option<Op> {
        self.join_here()?;
        let op = match self.word_at(self.next + 1).map(fold)?.as_str() {
            "выше" | "лучше" | "больше" | "более" | "сильнее" | "better" | "more" | "above" | "higher" => Op::Ge,
            "ниже" | "хуже" | "меньше" | "менее" | "слабее" | "worse" | "less" | "below" | "lower" => Op::Le,
            _ => return None,
        };
        self.next += 2;
        Some(op)
    }

    /// Values without brackets.
    pub(super) fn row(&mut self, kind: Kind, listed: bool) -> Result<Vec<Literal>> {
        let first = self.ordered(kind, false)?;
        self.more(kind, first, listed)
    }

    /// The values that follow one, with commas or «или» between them.
    pub(super) fn more(&mut self, kind: Kind, first: Literal, listed: bool) -> Result<Vec<Literal>> {
        let mut values = vec![first];
        loop {
            let joined = match self.peek().map(|token| &token.what) {
                Some(What::Comma) => true,
                // «Москва или Казань», «Москва, Казань и Тула»
                _ => match self.join_here() {
                    Some(Keyword::Or) => true,
                    Some(_) => values.len() > 1 || listed,
                    None => false,
                },
            };
            if !joined || !self.value_at(kind, self.next + 1) {
                break;
            }
            if values.len() == 1
                && let Some(Literal::Age(_)) = values.first()
            {
                return Err(self.before(Problem::AgeInList));
            }
            self.next += 1;
            values.push(self.ordered(kind, false)?);
            if values.len() > MAX_VALUES {
                return Err(self.before(|_| Problem::TooMany));
            }
        }
        Ok(values)
    }

    /// Whether a value, and not a condition, begins at a token.
    pub(super) fn value_at(&self, kind: Kind, index: usize) -> bool {
        match self.tokens.get(index) {
            Some(Token { what: What::Word(word), .. }) if kind == Kind::Consent && values::grade(word).is_some() => true,
            Some(Token { what: What::Quoted(text), .. }) => {
                resolve(text, self.fields).is_none() || !matches!(self.tokens.get(index + 1).map(|token| &token.what), Some(What::Op(_)))
            }
            Some(Token { what: What::Word(word), at, .. }) => {
                let denied = keyword(word) == Some(Keyword::Not)
                    || with_or_without(&fold(word)).is_some()
                    || matches!(fold(word).as_str(), "кроме" | "except");
                !denied && joins(word).is_none() && self.names.at(&self.chars, *at).is_none() && !self.compared(index)
            }
            _ => false,
        }
    }

    /// Whether a comparison follows the words that begin at a token: then they are meant as a name.
    fn compared(&self, index: usize) -> bool {
        let mut index = index;
        while let Some(word) = self.word_at(index) {
            if joins(word).is_some() {
                return false;
            }
            if word.ends_with(':') {
                return true;
            }
            index += 1;
        }
        matches!(self.tokens.get(index).map(|token| &token.what), Some(What::Op(_)))
    }

    pub(super) fn ends_at(&self, index: usize) -> bool {
        match self.tokens.get(index) {
            None => true,
            Some(token) => match &token.what {
                What::Break | What::Comma | What::Close => true,
                What::Word(word) => joins(word).is_some(),
                _ => false,
            },
        }
    }

    /// A value of a list or a range: ages are not among them.
    pub(super) fn ordered(&mut self, kind: Kind, divides: bool) -> Result<Literal> {
        let token = self.peek().cloned();
        match (self.value(kind, divides, &[])?, token) {
            (Literal::Age(_), Some(token)) => Err(at(&token, Problem::AgeInList(token.shown()))),
            (Literal::Grade(ConsentLevel::Any), Some(token)) => Err(at(&token, Problem::AnyHasNoOrder)),
            (value, _) => Ok(value),
        }
    }

    /// A list in brackets.
    pub(super) fn list(&mut self, kind: Kind) -> Result<Vec<Literal>> {
        let Some(open) = self.peek().cloned() else { return Err(self.expected(Expected::List)) };
        self.next += 1;
        // Divided by semicolons it has its commas in its numbers.
        let commas = !self.tokens[self.next..].iter().take_while(|token| token.what != What::Close).any(|token| token.what == What::Break);
        let mut values = Vec::new();
        loop {
            values.push(self.ordered(kind, commas)?);
            if values.len() > MAX_VALUES {
                return Err(at(&open, Problem::TooMany));
            }
            match self.peek().map(|token| &token.what) {
                Some(What::Comma | What::Break) => {
                    self.next += 1;
                    if !matches!(self.peek().map(|token| &token.what), Some(What::Close)) {
                        continue;
                    }
                    self.next += 1;
                    return Ok(values);
                }
                Some(What::Close) => {
                    self.next += 1;
                    return Ok(values);
                }
                None => return Err(at(&open, Problem::UnclosedBracket)),
                // «(Москва или Казань)»
                Some(_) if self.join_here().is_some() => self.next += 1,
                Some(_) => return Err(self.expected(Expected::CommaOrClose)),
            }
        }
    }

    /// The words of one value that is no text, as they stand; whether a comma between digits
    /// divides values.
    pub(super) fn words(&mut self, divides: bool, stops: &[&str]) -> Result<(Token, String)> {
        let Some(first) = self.peek().cloned() else { return Err(self.expected(Expected::Value)) };
        if let What::Quoted(text) = &first.what {
            self.next += 1;
            let text = text.clone();
            return Ok((first, text));
        }
        let digit = |at: Option<usize>| at.and_then(|at| self.chars.get(at)).is_some_and(char::is_ascii_digit);
        let (from, mut index, mut end) = (self.next, self.next, first.at);
        while let Some(token) = self.tokens.get(index) {
            match &token.what {
                What::Word(word) if joins(word).is_some() || (index == from && keyword(word) == Some(Keyword::Not)) => break,
                What::Word(word) if index > from && stops.contains(&fold(word).as_str()) => break,
                What::Word(_) if index > from && self.begins(index) => return Err(self.missing_join(index)),
                What::Word(_) => {}
                What::Comma if !divides && digit(token.at.checked_sub(1)) && digit(Some(token.at + 1)) => {}
                _ => break,
            }
            end = token.at + token.len;
            index += 1;
        }
        if index == from {
            return Err(self.expected(Expected::Value));
        }
        self.next = index;
        let text: String = self.chars[first.at..end].iter().collect();
        Ok((Token { at: first.at, len: end - first.at, what: first.what }, clean(&text)))
    }

    /// Whether a condition begins at a word: a name with a comparison after it.
    fn begins(&self, index: usize) -> bool {
        let Some(token) = self.tokens.get(index) else { return false };
        let Some((_, end)) = self.names.at(&self.chars, token.at) else { return false };
        let next = self.chars[end..].iter().find(|c| !c.is_whitespace());
        next.is_some_and(|c| matches!(c, '=' | '<' | '>' | '!' | '≤' | '≥' | '≠' | ':'))
    }

    fn missing_join(&self, index: usize) -> FilterError {
        let token = self.tokens.get(index);
        let problem = Problem::Expected { expected: Expected::AndOr, found: token.map(Token::shown) };
        token.map_or_else(|| self.here(problem.clone()), |token| at(token, problem.clone()))
    }

    pub(super) fn value(&mut self, kind: Kind, divides: bool, stops: &[&str]) -> Result<Literal> {
        if kind == Kind::Text {
            return self.text().map(Literal::Text);
        }
        if kind == Kind::Tags {
            // «тег #vip»: a tag is kept without its mark.
            let text = self.text()?;
            let bare = text.trim_start_matches('#');
            return Ok(Literal::Text(if bare.is_empty() { text } else { bare.to_owned() }));
        }
        let (place, text) = self.words(divides, stops)?;
        match kind {
            Kind::Number => values::number(&text).map(Literal::Number).map_err(|problem| at(&place, problem)),
            Kind::Date => values::date(&text).ok_or_else(|| at(&place, Problem::BadDate(text))),
            Kind::Flag => read_flag(&text).map(Literal::Flag).ok_or_else(|| at(&place, Problem::BadFlag(text))),
            Kind::Consent => values::grade(&text).map(Literal::Grade).ok_or_else(|| at(&place, Problem::BadGrade(text))),
            Kind::Text | Kind::Tags => Err(at(&place, Problem::BadFlag(text))),
        }
    }

    /// Bare words that follow a bare word are one value: `city = Нижний Новгород`.
    fn text(&mut self) -> Result<String> {
        let (token, mut text) = match self.peek() {
            Some(token @ Token { what: What::Quoted(text), .. }) => (token.clone(), text.clone()),
            Some(token @ Token { what: What::Word(word), .. }) if joins(word).is_none() && keyword(word) != Some(Keyword::Not) => {
                (token.clone(), word.clone())
            }
            _ => return Err(self.expected(Expected::Value)),
        };
        self.next += 1;
        if matches!(token.what, What::Word(_)) {
            while let Some(word) = self.word_at(self.next) {
                if joins(word).is_some() || self.and_also(self.next) {
                    break;
                }
                if self.begins(self.next) {
                    return Err(self.missing_join(self.next));
                }
                text.push(' ');
                text.push_str(word);
                self.next += 1;
            }
        }
        Ok(text)
    }
}
