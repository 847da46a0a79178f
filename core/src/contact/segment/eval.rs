//! The same filter over one contact in memory: for "why is this person not in", and the oracle of
//! the SQL.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::{
    Cond, ConsentLevel, Expr, Filter, Literal, Name, Op, Part, Test, Told, What,
    compile::{ago, strength},
};
use crate::{
    clock::{Moment, start_of},
    consent::Grade,
    contact::occasion::{OccasionKind, OccasionState},
    text::fold,
};

/// What a filter looks at in one contact.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactFacts {
    /// Full name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// IETF language tag.
    pub language: Option<String>,
    /// Where the contact came from first.
    pub source: String,
    /// Values by field key.
    pub attributes: Map<String, Value>,
    pub tags: Vec<String>,
    /// There is a phone.
    pub phone: bool,
    /// There is a Telegram chat.
    pub telegram: bool,
    /// The advertising consent.
    pub consent: Option<Grade>,
    /// The personal data consent.
    pub personal_data: Option<Grade>,
    /// Said stop.
    pub opted_out: bool,
    /// Known since.
    pub created: Moment,
    /// Last written to.
    pub last_contacted: Option<Moment>,
    /// Last wrote.
    pub last_answered: Option<Moment>,
    /// What the CRM tells of.
    pub occasions: Vec<OccasionFacts>,
}

/// What a filter looks at in one occasion.
#[derive(Debug, Clone, PartialEq)]
pub struct OccasionFacts {
    pub kind: OccasionKind,
    pub at: Moment,
    pub state: OccasionState,
    pub stage: String,
    pub title: String,
    pub staff: String,
    pub place: String,
    /// Hundredths of the currency's unit.
    pub amount: Option<i64>,
}

impl OccasionFacts {
    fn part(&self, part: Part) -> &str {
        match part {
            Part::Stage => &self.stage,
            Part::Title => &self.title,
            Part::Staff => &self.staff,
            Part::Place => &self.place,
        }
    }
}

impl Filter {
    /// Whether the contact is in, at this moment; dates count in `zone`.
    #[must_use]
    pub fn matches(&self, contact: &ContactFacts, zone: Tz, now: Moment) -> bool {
        let today = now.with_timezone(&zone).date_naive();
        let day = Day { zone, now, today };
        self.root.as_ref().is_none_or(|root| expr(root, contact, day))
    }
}

/// When it is.
#[derive(Debug, Clone, Copy)]
struct Day {
    zone: Tz,
    now: Moment,
    today: NaiveDate,
}

fn expr(what: &Expr, contact: &ContactFacts, when: Day) -> bool {
    match what {
        Expr::And(parts) => parts.iter().all(|part| expr(part, contact, when)),
        Expr::Or(parts) => parts.iter().any(|part| expr(part, contact, when)),
        Expr::Not(inner) => !expr(inner, contact, when),
        Expr::Cond(one) => cond(one, contact, when),
    }
}

fn cond(cond: &Cond, contact: &ContactFacts, when: Day) -> bool {
    let (test, Day { zone, today, .. }) = (&cond.test, when);
    let day = |at: Moment| at.with_timezone(&zone).date_naive();
    match &cond.name {
        Name::Tag => tags(&contact.tags, test),
        Name::Name => text(Some(&contact.name), test),
        Name::FirstName => text(Some(&contact.first_name), test),
        Name::LastName => text(Some(&contact.last_name), test),
        Name::Language => text(contact.language.as_deref(), test),
        Name::Source => text(Some(&contact.source), test),
        Name::Phone => flag(contact.phone.then_some(true), test, contact.phone),
        Name::Telegram => flag(contact.telegram.then_some(true), test, contact.telegram),
        Name::OptedOut => flag(Some(contact.opted_out), test, contact.opted_out),
        Name::Consent => consent(contact.consent, test),
        Name::PersonalData => consent(contact.personal_data, test),
        Name::Created => date(Some(day(contact.created)), test, today),
        Name::LastContacted => date(contact.last_contacted.map(day), test, today),
        Name::LastAnswered => date(contact.last_answered.map(day), test, today),
        Name::Occasion(told) => occasions(told, &contact.occasions, test, when),
        Name::Field { key, .. } => match contact.attributes.get(key) {
            Some(Value::String(value)) if cond.name.kind() == super::Kind::Date => {
                date(NaiveDate::parse_from_str(value, "%Y-%m-%d").ok(), test, today)
            }
            Some(Value::String(value)) => text(Some(value), test),
            Some(Value::Number(value)) => number(value.as_f64(), test),
            Some(Value::Bool(value)) => flag(Some(*value), test, *value),
            _ => matches!(test, Test::Empty { negated: false }),
        },
    }
}

fn order(op: Op, found: Ordering) -> bool {
    match op {
        Op::Eq => found.is_eq(),
        Op::Ne => found.is_ne(),
        Op::Lt => found.is_lt(),
        Op::Le => found.is_le(),
        Op::Gt => found.is_gt(),
        Op::Ge => found.is_ge(),
    }
}

fn occasions(told: &Told, all: &[OccasionFacts], test: &Test, when: Day) -> bool {
    let counts = |one: &&OccasionFacts| {
        one.kind == told.kind && matches!(one.state, OccasionState::Open | OccasionState::Confirmed | OccasionState::Done)
    };
    let day = |at: Moment| at.with_timezone(&when.zone).date_naive();
    let begun = |days: Option<u16>| {
        let from = days.map(|days| start_of(when.today - TimeDelta::days(i64::from(days)), when.zone));
        all.iter().filter(counts).filter(move |one| one.at <= when.now && from.is_none_or(|from| one.at >= from))
    };
    #[allow(clippy::cast_precision_loss, reason = "no sum of a contact comes near 2^53")]
    match told.what {
        What::Last => date(begun(None).map(|one| day(one.at)).max(), test, when.today),
        What::Next => {
            let to_come = |one: &&OccasionFacts| one.at > when.now && one.state != OccasionState::Done;
            date(all.iter().filter(counts).filter(to_come).map(|one| day(one.at)).min(), test, when.today)
        }
        What::Count(days) => number(Some(begun(days).count() as f64), test),
        What::Sum(days) => number(Some(begun(days).filter_map(|one| one.amount).sum::<i64>() as f64 / 100.0), test),
        What::Any(part) => {
            let texts: Vec<String> =
                all.iter().filter(|one| one.kind == told.kind).map(|one| fold(one.part(part))).filter(|text| !text.is_empty()).collect();
            tags(&texts, test)
        }
    }
}

/// Whether a number passes.
pub(super) fn number_matches(value: f64, test: &Test) -> bool {
    number(Some(value), test)
}

fn tags(tags: &[String], test: &Test) -> bool {
    let has = |wanted: &Literal| matches!(wanted, Literal::Text(wanted) if tags.iter().any(|tag| fold(tag) == fold(wanted)));
    match test {
        Test::Cmp(op, value) => has(value) == (*op == Op::Eq),
        Test::In { negated, values } => values.iter().any(has) != *negated,
        Test::Contains { negated, part } => tags.iter().any(|tag| fold(tag).contains(&fold(part))) != *negated,
        Test::Empty { negated } => tags.is_empty() != *negated,
        Test::Next { .. } => false,
    }
}

fn text(value: Option<&str>, test: &Test) -> bool {
    let value = value.map(fold).filter(|value| !value.is_empty());
    let Some(value) = value else { return matches!(test, Test::Empty { negated: false }) };
    let same = |wanted: &Literal| matches!(wanted, Literal::Text(wanted) if value == fold(wanted));
    match test {
        Test::Cmp(op, wanted) => same(wanted) == (*op == Op::Eq),
        Test::In { negated, values } => values.iter().any(same) != *negated,
        Test::Contains { negated, part } => value.contains(&fold(part)) != *negated,
        Test::Empty { negated } => *negated,
        Test::Next { .. } => false,
    }
}

fn number(value: Option<f64>, test: &Test) -> bool {
    let Some(value) = value else { return matches!(test, Test::Empty { negated: false }) };
    let against = |wanted: &Literal| if let Literal::Number(wanted) = wanted { value.partial_cmp(wanted) } else { None };
    match test {
        Test::Cmp(op, wanted) => against(wanted).is_some_and(|found| order(*op, found)),
        Test::In { negated, values } => values.iter().any(|wanted| against(wanted) == Some(Ordering::Equal)) != *negated,
        Test::Empty { negated } => *negated,
        _ => false,
    }
}

fn flag(value: Option<bool>, test: &Test, has: bool) -> bool {
    match test {
        Test::Cmp(op, Literal::Flag(wanted)) => (has == *wanted) == (*op == Op::Eq),
        Test::Empty { negated } => value.is_none() != *negated,
        _ => false,
    }
}

fn consent(grade: Option<Grade>, test: &Test) -> bool {
    let mine = strength(grade.map_or(ConsentLevel::None, ConsentLevel::Grade));
    match test {
        Test::Cmp(op, Literal::Grade(ConsentLevel::Any)) => grade.is_some() == (*op == Op::Eq),
        Test::Cmp(op, Literal::Grade(level)) => order(*op, mine.cmp(&strength(*level))),
        Test::In { negated, values } => {
            values.iter().any(|value| matches!(value, Literal::Grade(level) if strength(*level) == mine)) != *negated
        }
        Test::Empty { negated } => grade.is_none() != *negated,
        _ => false,
    }
}

fn date(value: Option<NaiveDate>, test: &Test, today: NaiveDate) -> bool {
    let Some(value) = value else { return matches!(test, Test::Empty { negated: false }) };
    let same = |wanted: &Literal| match wanted {
        Literal::Day(day) => value == *day,
        Literal::FromToday(days) => value == today + TimeDelta::days(i64::from(*days)),
        _ => false,
    };
    match test {
        Test::Cmp(op, Literal::Day(day)) => order(*op, value.cmp(day)),
        Test::Cmp(op, Literal::FromToday(days)) => order(*op, value.cmp(&(today + TimeDelta::days(i64::from(*days))))),
        Test::Cmp(op, Literal::Age(age)) => {
            // The longer ago, the earlier the day: the order is turned round; "less than" is of
            // what has been.
            let been = value <= today || !matches!(op, Op::Lt | Op::Le);
            been && order(*op, ago(today, *age).cmp(&value))
        }
        Test::In { negated, values } => values.iter().any(same) != *negated,
        Test::Empty { negated } => *negated,
        Test::Next { days } => (0..=*days).any(|n| {
            let day = today + TimeDelta::days(i64::from(n));
            let common = NaiveDate::from_ymd_opt(day.year(), 2, 29).is_none();
            let moved = common && (value.month(), value.day()) == (2, 29) && (day.month(), day.day()) == (2, 28);
            moved || (value.month(), value.day()) == (day.month(), day.day())
        }),
        _ => false,
    }
}
