//! Comparisons, in signs and in words.

use super::{About, Parser, Result, at, cond, is_birthday};
use crate::{
    contact::segment::{
        ConsentLevel, Expected, Expr, FilterError, Kind, Literal, MAX_VALUES, Name, Op, Problem, Test,
        lexer::{Token, What},
        parser::{Keyword, keyword},
        phrases::{Said, phrase},
        values,
    },
    text::fold,
};

impl Parser<'_> {
    pub(super) fn refuse(&self, about: &About, from: usize, to: Option<usize>) -> FilterError {
        let (at, end) = match (self.tokens.get(from), self.tokens.get(to.unwrap_or(from))) {
            (Some(first), Some(last)) => (first.at, last.at + last.len),
            _ => (self.chars.len(), self.chars.len()),
        };
        let operator: String = self.chars[at..end].iter().collect();
        let problem = Problem::OperatorForKind { operator, name: about.written.clone(), kind: about.name.kind() };
        FilterError { at, len: end - at, problem }
    }

    /// A comparison in words.
    pub(super) fn said(&mut self, about: &About, said: Said, words: usize) -> Result<Expr> {
        let from = self.next;
        let refused = self.refuse(about, from, Some(from + words - 1));
        self.next += words;
        let operator = Token { at: refused.at, len: refused.len, what: What::Word(String::new()) };
        let kind = about.name.kind();
        match said {
            Said::Size(_) | Said::Time(_) | Said::UpTo => self.compare(about, said, Some(&operator)),
            Said::Equal | Said::Exactly => self.equal(about, false, Some(&operator)),
            Said::Unequal => self.equal(about, true, Some(&operator)),
            Said::In | Said::NotIn if kind == Kind::Flag => Err(refused),
            Said::In | Said::NotIn => {
                let values = match self.peek().map(|token| &token.what) {
                    Some(What::Open) => self.list(kind)?,
                    _ => self.row(kind, true)?,
                };
                Ok(cond(about, Test::In { negated: said == Said::NotIn, values }))
            }
            Said::Contains(_) if !matches!(kind, Kind::Text | Kind::Tags) => Err(refused),
            Said::Contains(negated) => match self.value(Kind::Text, false, &[])? {
                Literal::Text(part) => Ok(cond(about, Test::Contains { negated, part })),
                _ => Err(refused),
            },
            Said::Empty(negated) => Ok(cond(about, Test::Empty { negated })),
            Said::From | Said::Between if !matches!(kind, Kind::Number | Kind::Date) => Err(refused),
            Said::From => {
                let low = self.value(kind, false, &["до", "по", "to", "till", "until"])?;
                if !self.word_at(self.next).is_some_and(|word| matches!(fold(word).as_str(), "до" | "по" | "to" | "till" | "until")) {
                    let op = if matches!(low, Literal::Age(_)) { Op::Le } else { Op::Ge };
                    return Ok(cond(about, Test::Cmp(op, low)));
                }
                self.next += 1;
                let high = self.value(kind, false, &[])?;
                self.between(about, low, high)
            }
            Said::Between => {
                let low = self.value(kind, false, &[])?;
                if !self.take_join(Keyword::And) {
                    return Err(self.expected(Expected::And));
                }
                let high = self.value(kind, false, &[])?;
                self.between(about, low, high)
            }
            Said::Within if kind != Kind::Date => Err(refused),
            Said::Within => match self.value(kind, false, &[])? {
                age @ Literal::Age(_) => Ok(cond(about, Test::Cmp(Op::Le, age))),
                _ => Err(self.before(Problem::BadDays)),
            },
            // Moments have no anniversaries.
            Said::Next | Said::Anniversary if kind != Kind::Date || !matches!(about.name, Name::Field { .. }) => Err(refused),
            Said::Next => self.next_days(about),
            Said::Anniversary => {
                if let Some((Said::Next, words)) = phrase(&self.ahead(self.next)) {
                    self.next += words;
                    return self.next_days(about);
                }
                match self.value(kind, false, &[])? {
                    Literal::FromToday(0) => Ok(cond(about, Test::Next { days: 0 })),
                    _ => Err(self.before(Problem::BadDays)),
                }
            }
        }
    }

    /// What is wrong with the words just read.
    pub(super) fn before(&self, problem: impl Fn(String) -> Problem) -> FilterError {
        let last = self.next.checked_sub(1).and_then(|index| self.tokens.get(index));
        last.map_or_else(|| self.expected(Expected::Value), |token| at(token, problem(token.shown())))
    }

    fn next_days(&mut self, about: &About) -> Result<Expr> {
        let (place, text) = self.words(false, &[])?;
        let days = values::days(&text).ok_or_else(|| at(&place, Problem::BadDays(text)))?;
        Ok(cond(about, Test::Next { days }))
    }

    fn between(&mut self, about: &About, low: Literal, high: Literal) -> Result<Expr> {
        self.conditions += 1;
        if matches!(low, Literal::Age(_)) || matches!(high, Literal::Age(_)) {
            return Err(self.before(Problem::AgeInList));
        }
        let side = |op, value| cond(about, Test::Cmp(op, value));
        Ok(Expr::and(vec![side(Op::Ge, low), side(Op::Le, high)]))
    }

    /// `<` and its kin.
    pub(super) fn compare(&mut self, about: &About, said: Said, operator: Option<&Token>) -> Result<Expr> {
        let kind = about.name.kind();
        let goes = match said {
            Said::Time(_) => kind == Kind::Date,
            Said::UpTo => matches!(kind, Kind::Number | Kind::Date),
            _ => matches!(kind, Kind::Number | Kind::Date | Kind::Consent),
        };
        if !goes {
            let place = operator.cloned().unwrap_or(Token { at: self.chars.len(), len: 0, what: What::Break });
            let operator: String = self.chars[place.at..place.at + place.len].iter().collect();
            return Err(at(&place, Problem::OperatorForKind { operator, name: about.written.clone(), kind }));
        }
        let place = self.peek().cloned();
        let value = self.value(kind, false, &[])?;
        if value == Literal::Grade(ConsentLevel::Any) {
            return Err(place.map_or_else(|| self.expected(Expected::Value), |token| at(&token, Problem::AnyHasNoOrder)));
        }
        let op = match (said, &value) {
            // Earlier than so long ago is longer ago.
            (Said::Time(op), Literal::Age(_)) => flipped(op),
            (Said::UpTo, Literal::Age(_)) => Op::Gt,
            (Said::Size(op) | Said::Time(op), _) => op,
            (_, Literal::Number(_)) => Op::Le,
            _ => Op::Lt,
        };
        Ok(cond(about, Test::Cmp(op, value)))
    }

    /// «100-500», «01.10.2026 – 31.10.2026»; nothing is taken where no range stands.
    fn range(&mut self, kind: Kind) -> Option<(Literal, Literal)> {
        let from = self.next;
        let text = match kind {
            Kind::Number | Kind::Date => self.words(false, &[]).ok().map(|(_, text)| text),
            _ => None,
        };
        let marks: &[&str] = if kind == Kind::Number { &["-", "–", "—"] } else { &[" - ", " – ", " — ", "–", "—"] };
        let found = text.as_deref().and_then(|text| marks.iter().find_map(|mark| text.split_once(*mark))).and_then(|(low, high)| {
            let value = |text: &str| match kind {
                Kind::Number => values::number(text.trim()).ok().map(Literal::Number),
                _ => values::date(text.trim()).filter(|value| matches!(value, Literal::Day(_))),
            };
            Some((value(low)?, value(high)?))
        });
        if found.is_none() {
            self.next = from;
        }
        found
    }

    /// A value, or several with commas between them.
    pub(super) fn equal(&mut self, about: &About, negated: bool, operator: Option<&Token>) -> Result<Expr> {
        let kind = about.name.kind();
        if let Some(Token { what: What::Open, .. }) = self.peek() {
            if kind == Kind::Flag {
                return Err(operator.map_or_else(|| self.expected(Expected::Value), |token| at(token, Problem::BadFlag("(".to_owned()))));
            }
            return Ok(cond(about, Test::In { negated, values: self.list(kind)? }));
        }
        let exactly = self
            .next
            .checked_sub(1)
            .and_then(|index| self.word_at(index))
            .is_some_and(|word| matches!(fold(word).as_str(), "ровно" | "exactly"));
        let counted = self.peek().is_some_and(|token| token.shown().starts_with('+'));
        let today = self.peek().is_some_and(|token| matches!(fold(&token.shown()).as_str(), "сегодня" | "today"));
        let op = if negated { Op::Ne } else { Op::Eq };
        if !negated && let Some((low, high)) = self.range(kind) {
            return self.between(about, low, high);
        }
        let first = self.value(kind, false, &[])?;
        if let (Kind::Number | Kind::Consent, false, Some(op)) = (kind, negated, self.or_more()) {
            return Ok(cond(about, Test::Cmp(op, first)));
        }
        let mut values = if kind == Kind::Flag { vec![first] } else { self.more(kind, first, false)? };
        // «не Казань и не Уфа»
        while negated
            && kind != Kind::Flag
            && self.join_here() == Some(Keyword::And)
            && self.word_at(self.next + 1).is_some_and(|word| keyword(word) == Some(Keyword::Not))
            && self.value_at(kind, self.next + 2)
        {
            self.next += 2;
            values.push(self.ordered(kind, false)?);
            if values.len() > MAX_VALUES {
                return Err(self.before(|_| Problem::TooMany));
            }
        }
        match <[Literal; 1]>::try_from(values) {
            // Nobody is born tomorrow; «в ближайшие …» are the days that come round.
            Ok([Literal::FromToday(days @ 1..)]) if !negated && !exactly && !counted && is_birthday(&about.name, self.fields) => {
                Err(self.before(|_| Problem::BornLater { days }))
            }
            // Nobody was born today; their day is.
            Ok([Literal::FromToday(0)]) if today && !negated && !exactly && is_birthday(&about.name, self.fields) => {
                Ok(cond(about, Test::Next { days: 0 }))
            }
            Ok([one]) => Ok(cond(about, Test::Cmp(op, one))),
            Err(values) => Ok(cond(about, Test::In { negated, values })),
        }
    }
}

fn flipped(op: Op) -> Op {
    match op {
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
        same => same,
    }
}
