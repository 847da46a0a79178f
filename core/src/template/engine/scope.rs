//! What a template sees while it is rendered: the contact's values, hidden characters and all, and
//! what it keeps itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::LazyLock,
};

use liquid_core::{
    Object, ObjectView, Renderable, Runtime, Value, ValueCow, ValueView,
    model::{DisplayCow, KString, KStringCow, KStringRef, ScalarCow, State},
    runtime::{PartialStore, Registers},
};

use super::super::{Facts, filters, marks, meter::Meter, tags};
use crate::{account::Language, contact::occasion, words::Reason};

static NOTHING: LazyLock<Object> = LazyLock::new(Object::new);

/// What the tags and filters of one rendering see.
pub(super) struct Scope {
    values: BTreeMap<String, Slot>,
    kept: std::cell::RefCell<Object>,
    registers: Registers,
    meter: Meter,
}

/// A name's value.
#[derive(Debug)]
enum Slot {
    Value(Value),
    Worded(Worded),
    Day(Day),
    /// A visit, an order: what is known of it by its parts, and what is not.
    Occasion(Occasion),
    Missing(Missing),
}

impl Slot {
    fn of(value: &serde_json::Value, russian: bool) -> Option<Self> {
        Some(Self::Value(match value {
            serde_json::Value::String(text) if text.trim().is_empty() => return None,
            serde_json::Value::String(text) => match filters::iso_day(text) {
                Some(day) => return Some(Self::Day(Day { iso: text.clone(), shown: day.format("%d.%m.%Y").to_string() })),
                None => Value::scalar(marks::hide_all(text)),
            },
            serde_json::Value::Bool(flag) => {
                let shown = match (*flag, russian) {
                    (true, true) => "да",
                    (false, true) => "нет",
                    (true, false) => "yes",
                    (false, false) => "no",
                };
                return Some(Self::Worded(Worded { value: Value::scalar(*flag), shown: shown.to_owned() }));
            }
            serde_json::Value::Number(number) => {
                let value = match number.as_i64() {
                    Some(whole) => Value::scalar(whole),
                    None => filters::number(number.as_f64()?),
                };
                let shown = marks::number(value.to_kstr().as_str(), russian);
                return Some(Self::Worded(Worded { value, shown }));
            }
            // Contact attributes are text, numbers, flags and dates (contact.attributes); an object
            // is an occasion.
            serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => return None,
        }))
    }

    fn as_view(&self) -> &dyn ValueView {
        match self {
            Self::Value(value) => value.as_view(),
            Self::Worded(worded) => worded,
            Self::Day(day) => day,
            Self::Occasion(occasion) => &occasion.whole,
            Self::Missing(missing) => missing,
        }
    }
}

/// A visit, an order as a template sees it.
#[derive(Debug)]
struct Occasion {
    /// What it is about, for whoever names it without a part.
    whole: Worded,
    parts: BTreeMap<&'static str, Slot>,
}

impl Occasion {
    fn of(name: &str, facts: &serde_json::Map<String, serde_json::Value>, russian: bool) -> Self {
        let part = |part: &&'static str| {
            let known = facts.get(*part).and_then(|value| match value {
                serde_json::Value::String(text) => moment(text).or_else(|| Slot::of(value, russian)),
                value => Slot::of(value, russian),
            });
            (*part, known.unwrap_or_else(|| Slot::Missing(Missing { name: format!("{name}.{part}") })))
        };
        let title = facts.get("title").or_else(|| facts.get("date")).and_then(serde_json::Value::as_str).unwrap_or(name);
        let shown = marks::hide_all(title);
        Self { whole: Worded { value: Value::scalar(shown.clone()), shown }, parts: occasion::PARTS.iter().map(part).collect() }
    }
}

/// A moment with its zone, shown as people write it.
fn moment(text: &str) -> Option<Slot> {
    let at = (text.len() > 10).then(|| chrono::DateTime::parse_from_rfc3339(text).ok()).flatten()?;
    Some(Slot::Day(Day { iso: text.to_owned(), shown: at.format("%d.%m.%Y %H:%M").to_string() }))
}

impl Scope {
    /// What a template that names these sees of the facts.
    pub fn new(names: &BTreeSet<String>, facts: &Facts, meter: &Meter) -> Self {
        let mut values = BTreeMap::new();
        for name in names {
            let text = |text: &str| (!text.trim().is_empty()).then(|| Slot::Value(Value::scalar(marks::hide_all(text.trim()))));
            let slot = match name.as_str() {
                "name" => text(&facts.name),
                "first_name" => text(&facts.first_name),
                "last_name" => text(&facts.last_name),
                "company" => text(&facts.account_name),
                "advertiser" => text(&facts.advertiser),
                "today" => {
                    let today = facts.now.with_timezone(&facts.zone);
                    Some(Slot::Day(Day { iso: today.format("%Y-%m-%d").to_string(), shown: today.format("%d.%m.%Y").to_string() }))
                }
                // A field of this name is older than the variable.
                "patronymic" if !facts.attributes.contains_key("patronymic") => facts.patronymic().and_then(|patronymic| text(&patronymic)),
                key => facts.attributes.get(key).and_then(|value| match value {
                    serde_json::Value::Object(parts) => Some(Slot::Occasion(Occasion::of(key, parts, facts.language == Language::Ru))),
                    value => Slot::of(value, facts.language == Language::Ru),
                }),
            };
            values.insert(name.clone(), slot.unwrap_or_else(|| Slot::Missing(Missing { name: name.clone() })));
        }
        let registers = Registers::default();
        *registers.get_mut::<Meter>() = meter.clone();
        Self { values, kept: Default::default(), registers, meter: meter.clone() }
    }

    /// What one text assigned, the next must not see: a button does not depend on the body.
    pub fn forget(&self) {
        self.kept.borrow_mut().clear();
    }
}

impl Runtime for Scope {
    fn partials(&self) -> &dyn PartialStore {
        &NoPartials
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        None
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        BTreeSet::new()
    }

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        let key = path.first()?.to_kstr();
        if let Some(kept) = self.kept.borrow().get(key.as_str()) {
            // What was given a value that is not there is not there either.
            if let Some(name) = filters::missing(kept.as_view())
                && let Some(slot @ Slot::Missing(_)) = self.values.get(&name).or_else(|| self.values.get(key.as_str()))
            {
                return Some(ValueCow::Borrowed(slot.as_view()));
            }
            let found = liquid_core::model::try_find(kept.as_view(), &path[1..])?.into_owned();
            self.meter.step(tags::weight(&found)).ok()?;
            return Some(ValueCow::Owned(found));
        }
        let (slot, path) = match self.values.get(key.as_str())? {
            // Without a part it is its title.
            Slot::Occasion(occasion) if path.len() > 1 => (occasion.parts.get(path[1].to_kstr().as_str())?, &path[1..]),
            slot => (slot, path),
        };
        self.meter.step(tags::weight(slot.as_view())).ok()?;
        match slot {
            slot @ Slot::Missing(_) => Some(ValueCow::Borrowed(slot.as_view())),
            slot if path.len() == 1 => Some(ValueCow::Borrowed(slot.as_view())),
            slot => liquid_core::model::try_find(slot.as_view(), &path[1..]),
        }
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> liquid_core::Result<ValueCow<'_>> {
        self.try_get(path).ok_or_else(|| {
            let name = path.iter().map(|p| p.to_kstr().into_string()).collect::<Vec<_>>().join(".");
            self.meter.fail(Reason::NoValue, name)
        })
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.kept.borrow_mut().insert(name, value)
    }

    fn set_index(&self, _name: KString, _value: Value) -> Option<Value> {
        None
    }

    fn get_index<'a>(&'a self, _name: &str) -> Option<ValueCow<'a>> {
        None
    }

    fn registers(&self) -> &Registers {
        &self.registers
    }
}

/// There is nothing to include.
#[derive(Debug)]
struct NoPartials;

impl PartialStore for NoPartials {
    fn contains(&self, _name: &str) -> bool {
        false
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn try_get(&self, _name: &str) -> Option<std::sync::Arc<dyn Renderable>> {
        None
    }

    fn get(&self, name: &str) -> liquid_core::Result<std::sync::Arc<dyn Renderable>> {
        Err(liquid_core::Error::with_msg("There is nothing to include").context("name", name.to_owned()))
    }
}

/// A date: shown as people write it, compared and filtered as `YYYY-MM-DD`.
#[derive(Debug)]
struct Day {
    iso: String,
    shown: String,
}

impl ValueView for Day {
    fn as_debug(&self) -> &dyn fmt::Debug {
        self
    }
    fn render(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(&self.shown)
    }
    fn source(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(&self.iso)
    }
    fn type_name(&self) -> &'static str {
        "date"
    }
    fn query_state(&self, state: State) -> bool {
        matches!(state, State::Truthy)
    }
    fn to_kstr(&self) -> KStringCow<'_> {
        self.iso.as_str().into()
    }
    fn to_value(&self) -> Value {
        Value::scalar(self.iso.clone())
    }
    fn as_scalar(&self) -> Option<ScalarCow<'_>> {
        Some(ScalarCow::new(self.iso.as_str()))
    }
}

/// A number or a flag: shown as the language writes it, counted and compared as it is.
#[derive(Debug)]
struct Worded {
    value: Value,
    shown: String,
}

impl ValueView for Worded {
    fn as_debug(&self) -> &dyn fmt::Debug {
        self
    }
    fn render(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(&self.shown)
    }
    fn source(&self) -> DisplayCow<'_> {
        self.value.source()
    }
    fn type_name(&self) -> &'static str {
        self.value.type_name()
    }
    fn query_state(&self, state: State) -> bool {
        self.value.query_state(state)
    }
    fn to_kstr(&self) -> KStringCow<'_> {
        self.value.to_kstr()
    }
    fn to_value(&self) -> Value {
        self.value.clone()
    }
    fn as_scalar(&self) -> Option<ScalarCow<'_>> {
        self.value.as_scalar()
    }
}

/// A variable without a value: false in a condition, replaced by `default`, and the end of the
/// message anywhere else. It contains nothing, and nothing contains it.
#[derive(Debug)]
struct Missing {
    name: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One piece, so that the writer sees mark and name together.
        f.write_str(&format!("{}{}", marks::NO_VALUE, self.name))
    }
}

impl ValueView for Missing {
    fn as_debug(&self) -> &dyn fmt::Debug {
        self
    }
    fn render(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(self)
    }
    fn source(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(&self.name)
    }
    fn type_name(&self) -> &'static str {
        "nil"
    }
    fn query_state(&self, state: State) -> bool {
        !matches!(state, State::Truthy)
    }
    fn to_kstr(&self) -> KStringCow<'_> {
        KStringCow::from_string(marks::NO_VALUE.to_string())
    }
    fn to_value(&self) -> Value {
        marks::missing(&self.name)
    }
    fn is_nil(&self) -> bool {
        true
    }
    // `contains` looks into an object, and stops the message at what is neither a text nor a list
    // nor one.
    fn as_object(&self) -> Option<&dyn ObjectView> {
        Some(&*NOTHING)
    }
}
