//! The filters of templates. All are ours: each is charged by the bytes it reads and writes before
//! it makes anything, and works on hidden characters ([`super::marks`]). A value that is not there,
//! or that a filter cannot take, goes through the filters as it is ([`marks::missing`]) until
//! `default` replaces it; what reaches the text without one stops the message.

mod dates;
mod numbers;
mod texts;

use std::{cell::Cell, fmt};

use liquid_core::{
    Expression, Filter, FilterReflection, Language, ParseFilter, Result, Runtime, Value, ValueCow, ValueView,
    parser::{FilterArguments, ParameterReflection},
};

use super::{engine::ParseProblem, marks, meter::Meter, tags};

pub(super) use dates::iso_day;
pub(super) use numbers::from_f64 as number;

/// What a filter works on.
struct Call<'a> {
    input: &'a dyn ValueView,
    args: &'a [ValueCow<'a>],
    meter: &'a Meter,
    name: &'static str,
    /// What could not be taken.
    unfit: &'a Cell<Option<String>>,
}

impl Call<'_> {
    fn text(&self) -> String {
        self.input.to_kstr().into_string()
    }

    fn arg(&self, n: usize) -> Option<String> {
        self.args.get(n).map(|a| a.to_kstr().into_string())
    }

    /// A text made, if it may be.
    fn made(&self, text: String) -> Result<Value> {
        self.meter.fits(text.len())?;
        Ok(Value::scalar(text))
    }

    /// The value is of a kind that the filter cannot take: it is as good as none.
    fn unfit<T>(&self) -> Result<T> {
        self.unfit_of(format!("{}: {}", self.name, self.input.source()))
    }

    /// The same, in these words.
    fn unfit_of<T>(&self, what: String) -> Result<T> {
        self.unfit.set(Some(what));
        Err(liquid_core::Error::with_msg("no_value"))
    }
}

/// A filter: its name, how many values it takes after the colon, what it does.
struct Spec {
    name: &'static str,
    min: usize,
    max: usize,
    run: fn(&Call<'_>) -> Result<Value>,
}

const fn spec(name: &'static str, min: usize, max: usize, run: fn(&Call<'_>) -> Result<Value>) -> Spec {
    Spec { name, min, max, run }
}

/// Every filter, in the order of the manual.
static SPECS: &[Spec] = &[
    spec("default", 1, 1, default),
    spec("upcase", 0, 0, texts::upcase),
    spec("downcase", 0, 0, texts::downcase),
    spec("capitalize", 0, 0, texts::capitalize),
    // Values are never markup here.
    spec("escape", 0, 0, texts::same),
    spec("strip", 0, 0, texts::strip),
    spec("lstrip", 0, 0, texts::lstrip),
    spec("rstrip", 0, 0, texts::rstrip),
    spec("append", 1, 1, texts::append),
    spec("prepend", 1, 1, texts::prepend),
    spec("replace", 1, 2, texts::replace),
    spec("replace_first", 1, 2, texts::replace_first),
    spec("remove", 1, 1, texts::replace),
    spec("truncate", 0, 2, texts::truncate),
    spec("truncatewords", 0, 2, texts::truncate_words),
    spec("slice", 1, 2, texts::slice),
    spec("url_encode", 0, 0, texts::url_encode),
    spec("split", 1, 1, texts::split),
    spec("join", 0, 1, texts::join),
    spec("first", 0, 0, texts::first),
    spec("last", 0, 0, texts::last),
    spec("size", 0, 0, texts::size),
    spec("reverse", 0, 0, texts::reverse),
    spec("sort", 0, 0, texts::sort),
    spec("uniq", 0, 0, texts::uniq),
    spec("phone", 0, 0, texts::phone),
    spec("plus", 1, 1, numbers::plus),
    spec("minus", 1, 1, numbers::minus),
    spec("times", 1, 1, numbers::times),
    spec("divided_by", 1, 1, numbers::divided_by),
    spec("modulo", 1, 1, numbers::modulo),
    spec("at_least", 1, 1, numbers::at_least),
    spec("at_most", 1, 1, numbers::at_most),
    spec("round", 0, 1, numbers::round),
    spec("floor", 0, 0, numbers::floor),
    spec("ceil", 0, 0, numbers::ceil),
    spec("abs", 0, 0, numbers::abs),
    spec("money", 0, 1, numbers::money),
    spec("plural", 3, 3, numbers::plural),
    spec("date", 1, 1, dates::date),
    spec("date_ru", 0, 1, dates::date_ru),
];

/// The names of every filter, for help and for suggestions.
pub fn names() -> impl Iterator<Item = &'static str> {
    SPECS.iter().map(|s| s.name)
}

/// Whether there is such a filter.
pub(super) fn known(name: &str) -> bool {
    SPECS.iter().any(|s| s.name == name)
}

/// Registers every filter.
pub(super) fn register(language: &mut Language) {
    for spec in SPECS {
        language.filters.register(spec.name.to_owned(), Box::new(Parse(spec)));
    }
}

/// The mark of [`ParseProblem::FilterValues`] in liquid-core's message, which carries nothing but
/// text.
const VALUES: &str = "filter values of ";

/// Reads that mark back.
pub(super) fn values_problem(message: &str) -> Option<ParseProblem> {
    let name = message.split_once(VALUES)?.1.split_whitespace().next()?;
    let spec = SPECS.iter().find(|s| s.name == name)?;
    Some(ParseProblem::FilterValues { name: name.to_owned(), min: spec.min, max: spec.max })
}

#[derive(Clone)]
struct Parse(&'static Spec);

impl FilterReflection for Parse {
    fn name(&self) -> &str {
        self.0.name
    }
    fn description(&self) -> &'static str {
        ""
    }
    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for Parse {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        let args: Vec<Expression> = arguments.positional.collect();
        if args.len() < self.0.min || args.len() > self.0.max || arguments.keyword.count() > 0 {
            return Err(liquid_core::Error::with_msg(format!("{VALUES}{}", self.0.name)));
        }
        Ok(Box::new(Ready { spec: self.0, args }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

/// A filter in its place, with what follows its colon.
struct Ready {
    spec: &'static Spec,
    args: Vec<Expression>,
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec.name)
    }
}

impl Filter for Ready {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let meter = Meter::of(runtime);
        meter.step(tags::weight(input))?;
        let forgiving = self.spec.name == "default";
        if let (Some(name), false) = (missing(input), forgiving) {
            return Ok(marks::missing(&name));
        }
        if forgiving && !absent(input) {
            // What it would be instead is nobody's business, nor whether there is any.
            return Ok(input.to_value());
        }
        let mut args = Vec::with_capacity(self.args.len());
        for arg in &self.args {
            let value = arg.evaluate(runtime)?;
            if let Some(name) = missing(value.as_view()) {
                return Ok(marks::missing(&name));
            }
            meter.step(tags::weight(value.as_view()))?;
            args.push(value);
        }
        let unfit = Cell::new(None);
        let made = (self.spec.run)(&Call { input, args: &args, meter: &meter, name: self.spec.name, unfit: &unfit });
        match unfit.take() {
            Some(what) => Ok(marks::missing(&what)),
            None => made,
        }
    }
}

/// The name of a value that is not there.
pub(super) fn missing(value: &dyn ValueView) -> Option<String> {
    if value.is_nil() {
        return Some(value.source().to_string());
    }
    marks::missing_name(value.as_scalar()?.into_cow_str().as_ref()).map(str::to_owned)
}

/// Whether `default` replaces a value: one that is not there, an empty text, and «no», as Liquid
/// has it.
fn absent(value: &dyn ValueView) -> bool {
    missing(value).is_some()
        || value.as_scalar().is_some_and(|scalar| scalar.to_bool() == Some(false) || scalar.into_cow_str().trim().is_empty())
}

/// What stands in for a value that is not there.
fn default(call: &Call<'_>) -> Result<Value> {
    Ok(call.args[0].to_value())
}
