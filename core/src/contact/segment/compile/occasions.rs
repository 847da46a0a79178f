//! Conditions on occasions, as sets of contacts: whoever has some stands together in an index that
//! answers alone, so a set is read once in the order of contacts, and nobody is looked up.

use chrono::TimeDelta;

use super::{Bind, Look, Sql, mistyped, span, sql_op};
use crate::{
    clock::start_of,
    contact::segment::{Literal, Op, Part, Test, Told, What, eval::number_matches},
};

impl Sql {
    pub(super) fn occasions(&mut self, told: &Told, test: &Test) -> String {
        match told.what {
            What::Last => self.day_of(told, "max(o.at)", "o.at <= ", "('open', 'confirmed', 'done')", test),
            What::Next => self.day_of(told, "min(o.at)", "o.at > ", "('open', 'confirmed')", test),
            What::Count(days) => self.measure(told, "count(*)", days, test),
            What::Sum(days) => self.measure(told, "coalesce(sum(o.amount), 0)", days, test),
            What::Any(part) => self.any_text(told, part, test),
        }
    }

    /// The contacts with an occasion of this kind for which `within` holds, all of them together
    /// `having`; or those without.
    fn whoever(&mut self, told: &Told, negated: bool, within: &str, having: Option<&str>) -> String {
        let account = self.bind(Bind::Account(self.account));
        let kind: &str = told.kind.into();
        let kind = self.text(kind);
        let not = if negated { "not " } else { "" };
        let of = format!("o.account_id = {account} and o.kind = {kind} and {within}");
        let group = having.map_or_else(String::new, |having| format!(" group by o.contact_id having {having}"));
        match self.look {
            Look::Few => format!("{not}exists (select 1 from occasion o where o.contact_id = c.id and {of}{group})"),
            Look::All => format!("c.id {not}in (select o.contact_id from occasion o where {of}{group})"),
            Look::Between(from, until) => {
                let (from, until) = (self.bind(Bind::Contact(from)), self.bind(Bind::Contact(until)));
                format!(
                    "c.id {not}in (select o.contact_id from occasion o where {of} and o.contact_id >= {from} and o.contact_id < {until}{group})"
                )
            }
        }
    }

    fn day_of(&mut self, told: &Told, day: &str, when: &str, states: &str, test: &Test) -> String {
        let now = self.bind(Bind::Moment(self.now));
        let within = format!("o.state in {states} and {when}{now}");
        let having = match test {
            Test::Cmp(op, value) => {
                let same = if *op == Op::Ne { Op::Eq } else { *op };
                let days = span(same, value, self.today);
                let day = self.within(day, true, days);
                if *op == Op::Ne { format!("not {day}") } else { day }
            }
            Test::In { negated, values } => {
                let any: Vec<String> = values
                    .iter()
                    .map(|value| {
                        let days = span(Op::Eq, value, self.today);
                        self.within(day, true, days)
                    })
                    .collect();
                let any = any.join(" or ");
                if *negated { format!("not ({any})") } else { any }
            }
            Test::Empty { negated } => return self.whoever(told, !negated, &within, None),
            _ => return mistyped(),
        };
        self.whoever(told, false, &within, Some(&having))
    }

    /// A number that is nought where there is nothing: whoever has none is outside the set of those
    /// who have some, so what holds for nought is asked the other way round.
    fn measure(&mut self, told: &Told, measure: &str, days: Option<u16>, test: &Test) -> String {
        let holds = match test {
            Test::Cmp(op, Literal::Number(value)) => {
                let value = self.bind(Bind::Float(scaled(told, *value)));
                format!("{measure} {} {value}", sql_op(*op))
            }
            Test::In { negated, values } => {
                let list: Vec<String> = values
                    .iter()
                    .map(|value| if let Literal::Number(value) = value { self.bind(Bind::Float(scaled(told, *value))) } else { mistyped() })
                    .collect();
                format!("{measure} {}in ({})", if *negated { "not " } else { "" }, list.join(", "))
            }
            Test::Empty { negated } => return if *negated { "1 = 1" } else { "1 = 0" }.to_owned(),
            _ => return mistyped(),
        };
        let now = self.bind(Bind::Moment(self.now));
        let mut within = format!("o.state in ('open', 'confirmed', 'done') and o.at <= {now}");
        if let Some(days) = days {
            let from = start_of(self.today - TimeDelta::days(i64::from(days)), self.zone);
            let from = self.bind(Bind::Moment(from));
            within = format!("{within} and o.at >= {from}");
        }
        if number_matches(0.0, test) {
            self.whoever(told, true, &within, Some(&format!("not ({holds})")))
        } else {
            self.whoever(told, false, &within, Some(&holds))
        }
    }

    fn any_text(&mut self, told: &Told, part: Part, test: &Test) -> String {
        let column = format!("(o.folded->>'{}')", part.as_str());
        let (negated, holds) = match test {
            Test::Cmp(op, Literal::Text(text)) => {
                let text = self.text(&crate::text::fold(text));
                (*op == Op::Ne, format!("{column} = {text}"))
            }
            Test::In { negated, values } => {
                let list = self.text_list(values);
                (*negated, format!("{column} in ({list})"))
            }
            Test::Contains { negated, part } => (*negated, self.position(&column, part, " > 0")),
            Test::Empty { negated } => (!negated, "1 = 1".to_owned()),
            _ => return mistyped(),
        };
        // A text that is not there is no text, not even one that holds nothing.
        self.whoever(told, negated, &format!("{column} <> '' and {holds}"), None)
    }
}

/// A number in the measure's unit: sums are kept in hundredths, and dividing each person's sum
/// costs more than multiplying what it is compared with.
fn scaled(told: &Told, value: f64) -> f64 {
    if !matches!(told.what, What::Sum(_)) {
        return value;
    }
    let hundredths = value * 100.0;
    // What a person writes with two digits is a whole number of hundredths, whatever its binary
    // form.
    if (hundredths - hundredths.round()).abs() < 1e-6 { hundredths.round() } else { hundredths }
}
