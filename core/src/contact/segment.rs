//! Segments: a filter over contacts as one line of text, checked against the account's fields,
//! compiled to SQL.
//!
//! «тег = vip и последний визит меньше 90 дней назад и город в (Москва, Казань)», kept as
//! `tag = vip and last_visit < 90d and city in (Москва, Казань)`.
//!
//! # What a filter means
//! - **Names**: `tag`, `name`, `first_name`, `last_name`, `phone`, `telegram`, `language`,
//!   `source`, `consent`, `personal_data`, `opted_out`, `created`, `last_contacted`,
//!   `last_answered`, and every field of the account by its key (or by its title, of several words
//!   too). The product's names have Russian twins (`тег`, `имя`, `согласие` …).
//! - **Texts** are compared without regard to case, `ё` and `е`, and runs of spaces
//!   ([`crate::text::fold`]).
//! - **A missing value** matches `is empty` and whatever stands under `not`, nothing else: `city !=
//!   Москва` is true of those who have another city; `not city = Москва` also of those who have
//!   none.
//! - **Tags** are a set, never missing: `tag = vip` has it, `tag != vip` has it not, `tag in (a,
//!   b)` has any, `tag contains x` has one with `x` in it, `tag is empty` has none.
//! - **Dates** are days in the account's zone, also of moments (`created`, `last_contacted`,
//!   `last_answered`). A day is `2026-05-01`, `01.05.2026`, `today`, `yesterday`, `tomorrow`, or
//!   counted from today with a sign: `-7d`, `+3d`.
//! - **Ages** are written without a sign: `90d`, `2w`, `3m`, `1y`. `x < 90d` is "less than 90 days
//!   ago" (today too, days to come not); `x <= 90d` lets the ninetieth day in; `x > 90d` is "longer
//!   than 90 days ago"; `x = 90d` is that very day; `x != 90d` any other.
//! - **Anniversaries**: `birthday in next 7d` compares day and month alone: from today to the
//!   seventh day after it, across the end of the year too; those of 29 February fall on the 28th in
//!   a common year.
//! - **Consent** has the order none, D, C, B, A: `consent >= C` is "C or better"; `consent = any`
//!   is "some"; it is never missing.
//! - **Occasions** of the CRM (`visit`, `order`, `deal`, `payment`): `visit.last` and `visit.next`
//!   are days (`visit.next is empty`: nothing is booked); `order.count` and `order.sum` are numbers
//!   and never missing, of all time or of a period (`order.sum_365d >= 10000`); `deal.stage`,
//!   `visit.title`, `visit.staff`, `visit.place` are sets of texts, as tags are. Cancelled and
//!   missed ones do not count ([`Told`]).
//! - **Flags**: `yes`, `no` (`да`, `нет`). `phone` and `telegram` say whether there is such an
//!   address (`phone is empty`: there is none); `opted_out` whether the person said stop; none of
//!   the three is ever unknown.

mod compile;
mod edit;
mod eval;
mod lexer;
mod names;
mod occasions;
mod parser;
mod phrases;
mod rows;
mod shown;
mod typed;
mod values;
mod write;

#[cfg(test)]
mod tests;

pub use compile::{Bind, Compiled, Look};
pub use edit::Join;
pub use eval::{ContactFacts, OccasionFacts};
pub use occasions::{Part, TOLD, Told, What};
pub use rows::{Sample, Segment, SegmentError, count, create, delete, get, list, rename, sample, update, used_by};

use chrono::NaiveDate;

use super::{Field, FieldKind};
use crate::consent::Grade;

/// Longest filter, characters.
pub const MAX_LENGTH: usize = 4_000;
/// Most conditions in one filter.
pub const MAX_CONDITIONS: usize = 100;
/// Most values in one list.
pub const MAX_VALUES: usize = 500;
/// Deepest nesting of brackets and `not`.
pub const MAX_DEPTH: usize = 24;
/// Farthest day counted from today.
pub const MAX_DAYS: i32 = 36_500;

/// A checked filter; `None` at the root is everybody.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    pub(super) root: Option<Expr>,
}

/// A condition or conditions joined. Made by [`Expr::and`], [`Expr::or`], [`Expr::negate`], so that
/// equal meanings of brackets have one form: an `and` never holds an `and`, an `or` never an `or`,
/// neither fewer than two.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All of them.
    And(Vec<Self>),
    /// Any of them.
    Or(Vec<Self>),
    Not(Box<Self>),
    /// One condition.
    Cond(Cond),
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Cond {
    pub name: Name,
    pub test: Test,
}

/// What a condition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// The set of tags.
    Tag,
    /// The full name.
    Name,
    FirstName,
    LastName,
    /// Whether there is a phone.
    Phone,
    /// Whether there is a Telegram chat.
    Telegram,
    /// The language tag.
    Language,
    /// Where the contact came from first.
    Source,
    /// The advertising consent.
    Consent,
    /// The personal data consent.
    PersonalData,
    /// Whether the contact said stop.
    OptedOut,
    /// When the contact came in.
    Created,
    /// When it was last written to.
    LastContacted,
    /// When it last wrote.
    LastAnswered,
    /// Something of the contact's occasions.
    Occasion(&'static Told),
    /// A field of the account.
    Field {
        key: String,
        kind: FieldKind,
    },
}

/// What kind of values a name has, and so which operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A set of tags.
    Tags,
    Text,
    Number,
    /// A day.
    Date,
    /// Yes or no.
    Flag,
    /// A consent's grade.
    Consent,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Op {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

/// A test of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// A comparison.
    Cmp(Op, Literal),
    /// `in (…)`, `not in (…)`.
    In {
        /// `not in`.
        negated: bool,
        /// The list, not empty.
        values: Vec<Literal>,
    },
    /// `contains …`, `not contains …`.
    Contains {
        /// `not contains`.
        negated: bool,
        part: String,
    },
    /// `is empty`, `is not empty`.
    Empty {
        /// `is not empty`.
        negated: bool,
    },
    /// `in next 7d`: the anniversary of a day falls within this number of days from today.
    Next {
        /// Days after today.
        days: i32,
    },
}

/// A value in a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text, as written.
    Text(String),
    Number(f64),
    /// A day of the calendar.
    Day(NaiveDate),
    /// A day counted from today.
    FromToday(i32),
    /// How long ago.
    Age(Age),
    /// Yes or no.
    Flag(bool),
    /// A grade of consent.
    Grade(ConsentLevel),
}

/// How long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Age {
    pub count: i32,
    pub unit: Unit,
}

/// A measure of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Day,
    Week,
    /// Months of the calendar (the last day of a shorter month stands for the days it lacks).
    Month,
    Year,
}

/// A consent in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsentLevel {
    /// None was given.
    None,
    /// Some was given; only with `=` and `!=`.
    Any,
    /// Of this evidence.
    Grade(Grade),
}

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem:?} at character {at}")]
pub struct FilterError {
    /// First character of the place, from 0.
    pub at: usize,
    /// Characters of the place (0: the end of the text).
    pub len: usize,
    pub problem: Problem,
}

/// What is wrong, in a form that screens word in the member's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No such name.
    UnknownName {
        name: String,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// Something else must stand here.
    Expected {
        /// What must.
        expected: Expected,
        /// What does; `None`: the text ends.
        found: Option<String>,
    },
    /// This bracket is never closed.
    UnclosedBracket,
    /// This closing bracket closes nothing.
    StrayBracket,
    /// This quote is never closed.
    UnclosedQuote,
    /// The operator does not go with the name's kind of values.
    OperatorForKind {
        operator: String,
        /// The name, as written.
        name: String,
        kind: Kind,
    },
    /// Words that lead to nothing after a condition: perhaps one more value of it.
    ValueAlone {
        value: String,
        /// The name of the condition before.
        name: String,
    },
    /// Not a number.
    BadNumber(String),
    /// `1,250`: a thousand or one and a quarter.
    EitherNumber {
        /// With the comma between thousands.
        grouped: String,
        /// With the comma before the fraction.
        decimal: String,
    },
    /// Not a day, nor an age.
    BadDate(String),
    /// A list and `in` take days, not ages.
    AgeInList(String),
    /// Birthdays of a day ahead («завтра», «через 3 дня»): only those up to a day are counted.
    BornLater { days: i32 },
    /// Not a number of days (`7d`).
    BadDays(String),
    /// Neither yes nor no.
    BadFlag(String),
    /// Not one of none, any, A, B, C, D.
    BadGrade(String),
    /// `any` has no order.
    AnyHasNoOrder,
    /// Longer than [`MAX_LENGTH`].
    TooLong,
    /// More than [`MAX_CONDITIONS`] conditions, or [`MAX_VALUES`] values in one list.
    TooMany,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// What must stand at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// A condition: a name, `not`, a bracket.
    Condition,
    /// An operator: `=`, `<`, `in`, `contains`, `is empty` …
    Operator,
    Value,
    /// `and`, `or`, or the end.
    AndOr,
    /// `(` before a list.
    List,
    /// `,` or `)` in a list.
    CommaOrClose,
    /// `empty` or `not empty` after `is`.
    Empty,
    /// `in` or `contains` after `not`.
    InOrContains,
    /// `and` of `between … and …`.
    And,
}

impl Name {
    /// Every name of the product.
    pub const BUILT_IN: [Self; 14] = [
        Self::Tag,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Phone,
        Self::Telegram,
        Self::Language,
        Self::Source,
        Self::Consent,
        Self::PersonalData,
        Self::OptedOut,
        Self::Created,
        Self::LastContacted,
        Self::LastAnswered,
    ];

    /// Every name that no account makes: those of the product, and those of occasions.
    pub fn of_the_product() -> impl Iterator<Item = Self> {
        Self::BUILT_IN.into_iter().chain(TOLD.iter().map(Self::Occasion))
    }

    /// As it is written in a filter.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tag => "tag",
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Phone => "phone",
            Self::Telegram => "telegram",
            Self::Language => "language",
            Self::Source => "source",
            Self::Consent => "consent",
            Self::PersonalData => "personal_data",
            Self::OptedOut => "opted_out",
            Self::Created => "created",
            Self::LastContacted => "last_contacted",
            Self::LastAnswered => "last_answered",
            Self::Occasion(told) => told.word,
            Self::Field { key, .. } => key,
        }
    }

    /// What kind of values it has.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Tag => Kind::Tags,
            Self::Name | Self::FirstName | Self::LastName | Self::Language | Self::Source => Kind::Text,
            Self::Phone | Self::Telegram | Self::OptedOut => Kind::Flag,
            Self::Consent | Self::PersonalData => Kind::Consent,
            Self::Created | Self::LastContacted | Self::LastAnswered => Kind::Date,
            Self::Occasion(told) => match told.what {
                What::Last | What::Next => Kind::Date,
                What::Count(_) | What::Sum(_) => Kind::Number,
                What::Any(_) => Kind::Tags,
            },
            Self::Field { kind, .. } => match kind {
                FieldKind::Text => Kind::Text,
                FieldKind::Number => Kind::Number,
                FieldKind::Date => Kind::Date,
                FieldKind::Flag => Kind::Flag,
            },
        }
    }
}

impl From<&Field> for Name {
    fn from(field: &Field) -> Self {
        Self::Field { key: field.key.clone(), kind: field.kind }
    }
}

impl Filter {
    /// A filter of this expression; `None` is everybody.
    #[must_use]
    pub fn new(root: Option<Expr>) -> Self {
        Self { root }
    }

    /// Its expression; `None` is everybody.
    #[must_use]
    pub fn root(&self) -> Option<&Expr> {
        self.root.as_ref()
    }

    /// Whether it asks for what a CRM tells of people.
    #[must_use]
    pub fn asks_for_occasions(&self) -> bool {
        fn asks(expr: &Expr) -> bool {
            match expr {
                Expr::And(parts) | Expr::Or(parts) => parts.iter().any(asks),
                Expr::Not(inner) => asks(inner),
                Expr::Cond(cond) => matches!(cond.name, Name::Occasion(_)),
            }
        }
        self.root.as_ref().is_some_and(asks)
    }

    /// Reads and checks a line that a person wrote, in Russian or English, or [`Filter::shown`]. An
    /// empty text is everybody.
    ///
    /// # Errors
    /// [`FilterError`] with the place.
    pub fn parse(text: &str, fields: &[Field]) -> Result<Self, FilterError> {
        typed::parse(text, fields).map(Self::new)
    }

    /// Reads a filter as it is kept ([`Filter::to_text`]), by the grammar of whatever version kept
    /// it.
    ///
    /// # Errors
    /// [`FilterError`] when it names a field that is gone.
    pub fn parse_kept(text: &str, fields: &[Field]) -> Result<Self, FilterError> {
        parser::parse(text, fields).map(Self::new)
    }
}
