//! The one renderer: what preview shows is what is sent. Loops, steps and output are capped
//! ([`super::meter`]), the source is checked before it is parsed ([`super::scan`]), values never
//! become markup ([`super::marks`]), and no undefined variable reaches a customer: outside `{% if
//! %}` and before `| default:` a variable without a value stops the message.

mod scope;

use std::{collections::BTreeSet, fmt, sync::LazyLock};

use liquid_core::{Language, Renderable, Template};

use self::scope::Scope;
use super::{
    Content, Facts, OPT_OUT_CALLBACK, Rendered, TemplateButton, filters,
    links::{self, Refused},
    marks,
    meter::{Meter, Writer},
    scan, tags,
};
use crate::{
    channel::{Button, ButtonAction},
    contact::occasion::{self, VisitAnswer},
    text::{MarkupProblem, Rich, Style},
    words::Reason,
};

/// Which text of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The message itself.
    Body,
    /// What is written on a button, by its number from 0.
    ButtonText(usize),
    /// Where a button leads, by its number from 0.
    ButtonUrl(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => f.write_str("the text"),
            Self::ButtonText(n) => write!(f, "the text of button {}", n + 1),
            Self::ButtonUrl(n) => write!(f, "the link of button {}", n + 1),
        }
    }
}

/// Why a version cannot be parsed, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} ({place}, line {line}, column {column})")]
pub struct ParseError {
    /// In which text.
    pub place: Place,
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    pub problem: ParseProblem,
}

/// What is wrong with a template, in a form that screens word in the member's language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum ParseProblem {
    /// The source is longer than templates may be.
    #[error("the source has {bytes} bytes, {limit} at most are taken")]
    TooLong {
        bytes: usize,
        /// The most.
        limit: usize,
    },
    /// Blocks inside blocks, or brackets inside brackets, beyond any use.
    #[error("nested deeper than {limit}")]
    TooDeep {
        /// The most.
        limit: usize,
    },
    /// A run of spaces or empty lines beyond any use.
    #[error("too long a run of white space")]
    Blank,
    /// A number that no computer word holds.
    #[error("the number has too many digits")]
    NumberTooLong,
    /// `{{` or `{%` that is never closed.
    #[error("a tag is not closed by `}}}}` or `%}}`")]
    UnclosedTag,
    /// `{{ }}`.
    #[error("the tag is empty")]
    EmptyTag,
    /// `{% if … %}` without `{% endif %}`.
    #[error("`{{% {0} %}}` is not closed by `{{% end{0} %}}`")]
    UnclosedBlock(String),
    /// `{% endif %}` or `{% else %}` without its beginning.
    #[error("`{{% {0} %}}` has no beginning")]
    StrayTag(String),
    /// A tag the product does not have.
    #[error("there is no tag `{0}`")]
    UnknownTag(String),
    /// A filter the product does not have.
    #[error("there is no filter `{0}`")]
    UnknownFilter(String),
    /// A name that is not latin letters, digits and underscores.
    #[error("`{0}` is not a name: names have latin letters, digits and underscores")]
    BadName(String),
    /// `list[…]` with anything but a number or a quoted text.
    #[error("in square brackets only a number or a quoted text can stand")]
    BadIndex,
    /// A filter with too few or too many values after its colon.
    #[error("the filter `{name}` takes {min} to {max} values")]
    FilterValues {
        /// The filter.
        name: String,
        /// At least.
        min: usize,
        /// At most.
        max: usize,
    },
    /// Anything else the parser says, in its own words.
    #[error("not understood: {0}")]
    Syntax(String),
}

/// Why a message cannot be rendered for a contact: the delivery's reason and a detail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct RenderError {
    /// [`Reason::NoValue`], [`Reason::TooLong`], [`Reason::TooMuchWork`], [`Reason::Empty`] or
    /// [`Reason::BadMarkup`].
    pub reason: Reason,
    /// What and where: a variable's name, a limit, a place in the markup.
    pub detail: String,
}

/// What a rendering cost, counted, so that it says the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Steps, of [`super::meter::MAX_STEPS`].
    pub steps: u32,
    /// Turns of loops, of [`super::meter::MAX_ITERATIONS`].
    pub turns: u32,
    /// The longest text at any point, bytes, of [`super::meter::MAX_OUTPUT`].
    pub longest: usize,
    /// All finished texts together, bytes, of [`super::meter::MAX_OUTPUT`].
    pub output: usize,
}

/// What an answer's button is about.
const VISIT: &str = "visit";

static LANGUAGE: LazyLock<Language> = LazyLock::new(|| {
    let mut language = Language::empty();
    tags::register(&mut language);
    filters::register(&mut language);
    language
});

/// A version parsed once, rendered per contact.
#[derive(Debug)]
pub struct Prepared {
    body: Template,
    buttons: Vec<PreparedButton>,
    /// Every name the texts speak of: those without a value are told from typing errors of the
    /// engine.
    names: BTreeSet<String>,
    source_bytes: usize,
}

#[derive(Debug)]
struct PreparedButton {
    text: Template,
    leads: Leads<Template>,
}

/// Where a button leads.
#[derive(Debug)]
enum Leads<T> {
    /// To a page.
    Url(T),
    /// Out of the mailings.
    OptOut,
    /// To an answer about the recipient's visit: they come, or they do not.
    Answer(bool),
}

impl Prepared {
    /// Parses a version.
    ///
    /// # Errors
    /// [`ParseError`] with the place.
    pub fn new(content: &Content) -> Result<Self, ParseError> {
        let (mut names, mut source_bytes) = (BTreeSet::new(), 0);
        let mut parse = |place, source: &str| {
            source_bytes += source.len();
            if source_bytes > scan::MAX_SOURCES {
                let problem = ParseProblem::TooLong { bytes: source_bytes, limit: scan::MAX_SOURCES };
                return Err(ParseError { place, line: 1, column: 1, problem });
            }
            parse(place, source, &mut names)
        };
        let body = parse(Place::Body, &content.body)?;
        let mut buttons = Vec::with_capacity(content.buttons.len());
        for (n, button) in content.buttons.iter().enumerate() {
            let (text, leads) = match button {
                TemplateButton::Url { text, url } => (text, Leads::Url(parse(Place::ButtonUrl(n), url)?)),
                TemplateButton::OptOut { text } => (text, Leads::OptOut),
                TemplateButton::Answer { text, comes } => (text, Leads::Answer(*comes)),
            };
            buttons.push(PreparedButton { text: parse(Place::ButtonText(n), text)?, leads });
        }
        if buttons.iter().any(|button| matches!(button.leads, Leads::Answer(_))) {
            names.insert(VISIT.to_owned());
        }
        Ok(Self { body, buttons, names, source_bytes })
    }

    /// Whether nothing in it depends on the contact: everybody of a day gets the same words.
    #[must_use]
    pub fn is_the_same_for_all(&self) -> bool {
        self.names.iter().all(|name| matches!(name.as_str(), "company" | "advertiser" | "today"))
    }

    /// Whether it names what a message may be about: a visit, an order
    /// ([`crate::contact::occasion::add`]).
    #[must_use]
    pub fn names_occasions(&self) -> bool {
        self.names.iter().any(|name| occasion::named(name).is_some())
    }

    /// Renders for one contact.
    ///
    /// # Errors
    /// [`RenderError`].
    pub fn render(&self, facts: &Facts) -> Result<Rendered, RenderError> {
        self.render_counted(facts).0
    }

    /// The same, with what it cost.
    pub fn render_counted(&self, facts: &Facts) -> (Result<Rendered, RenderError>, Work) {
        let meter = Meter::new(self.source_bytes, facts);
        (self.render_by(facts, &meter), meter.work())
    }

    fn render_by(&self, facts: &Facts, meter: &Meter) -> Result<Rendered, RenderError> {
        self.draft(facts, meter)?.finish().map_err(|refused| RenderError {
            reason: Reason::BadMarkup,
            detail: match refused.place {
                Place::Body => MarkupProblem::NoAddress.to_string(),
                place => place.to_string(),
            },
        })
    }

    /// The first address of a contact's message that nobody is sent to.
    pub(super) fn refused_link(&self, facts: &Facts) -> Option<RefusedLink> {
        self.draft(facts, &Meter::new(self.source_bytes, facts)).ok()?.finish().err()
    }

    fn draft(&self, facts: &Facts, meter: &Meter) -> Result<Draft, RenderError> {
        // An id that no button can carry is none.
        let fits = |visit: &String| VisitAnswer { comes: true, visit: visit.clone() }.encode().is_some();
        let visit = facts.attributes.get(VISIT).and_then(|visit| visit["id"].as_str()).map(str::to_owned).filter(fits);
        if visit.is_none() && self.buttons.iter().any(|button| matches!(button.leads, Leads::Answer(_))) {
            return Err(RenderError { reason: Reason::NoValue, detail: VISIT.to_owned() });
        }
        let scope = Scope::new(&self.names, facts, meter);
        let body = markup(&run(&self.body, &scope, meter)?)?;
        if body.text.is_empty() {
            return Err(RenderError { reason: Reason::Empty, detail: Place::Body.to_string() });
        }
        let mut buttons = Vec::with_capacity(self.buttons.len());
        for (n, button) in self.buttons.iter().enumerate() {
            scope.forget();
            let text = marks::show_all(run(&button.text, &scope, meter)?.trim());
            if text.is_empty() {
                return Err(RenderError { reason: Reason::Empty, detail: Place::ButtonText(n).to_string() });
            }
            let leads = match &button.leads {
                Leads::OptOut => Leads::OptOut,
                Leads::Answer(comes) => Leads::Answer(*comes),
                Leads::Url(url) => Leads::Url(marks::show_all(&marks::plain(run(url, &scope, meter)?.trim()))),
            };
            buttons.push((text, leads));
        }
        Ok(Draft { body, buttons, visit })
    }
}

/// Single values that a provider's template is filled with, each of them Liquid of its own, made
/// by the renderer that makes messages.
#[derive(Debug)]
pub struct Values {
    each: Vec<(String, Template)>,
    names: BTreeSet<String>,
    source_bytes: usize,
}

impl Values {
    /// Parses them: a name for whoever reads why there is none, and the source.
    ///
    /// # Errors
    /// [`ParseError`] with a place in that source.
    pub fn new<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ParseError> {
        let (mut names, mut source_bytes, mut each) = (BTreeSet::new(), 0, Vec::new());
        for (name, source) in sources {
            source_bytes += source.len();
            each.push((name.to_owned(), parse(Place::Body, source, &mut names)?));
        }
        Ok(Self { each, names, source_bytes })
    }

    /// The values of one contact, each a plain text in one line.
    ///
    /// # Errors
    /// [`RenderError`]; an empty value is [`Reason::NoValue`], for no provider takes one.
    pub fn render(&self, facts: &Facts) -> Result<Vec<String>, RenderError> {
        let meter = Meter::new(self.source_bytes, facts);
        let scope = Scope::new(&self.names, facts, &meter);
        let mut values = Vec::with_capacity(self.each.len());
        for (name, template) in &self.each {
            scope.forget();
            let text = markup(&run(template, &scope, &meter)?)?.text;
            // A space that does not break stays: thousands stand apart by it.
            let breaks = |char: char| char == ' ' || char.is_control() || matches!(char, '\u{2028}' | '\u{2029}');
            let line = text.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            if line.trim().is_empty() {
                return Err(RenderError { reason: Reason::NoValue, detail: name.clone() });
            }
            values.push(line);
        }
        Ok(values)
    }
}

/// A contact's message before its addresses were looked at.
struct Draft {
    body: Rich,
    /// Text, and where it leads.
    buttons: Vec<(String, Leads<String>)>,
    /// The visit that answers are about, by its id in the CRM.
    visit: Option<String>,
}

/// An address that nobody is sent to.
pub(super) struct RefusedLink {
    /// Where it stands.
    pub place: Place,
    /// As it stands there.
    pub url: String,
    pub why: Refused,
}

impl Draft {
    /// With its addresses in their normal form.
    fn finish(mut self) -> Result<Rendered, RefusedLink> {
        let normal = |place, url: String| match links::read(&url) {
            Ok(url) => Ok(String::from(url)),
            Err(why) => Err(RefusedLink { place, url, why }),
        };
        for span in &mut self.body.spans {
            if let Style::Link(url) = &mut span.style {
                *url = normal(Place::Body, std::mem::take(url))?;
            }
        }
        let mut buttons = Vec::with_capacity(self.buttons.len());
        for (n, (text, leads)) in self.buttons.into_iter().enumerate() {
            let action = match leads {
                Leads::OptOut => ButtonAction::Callback(OPT_OUT_CALLBACK.to_owned()),
                Leads::Url(url) => ButtonAction::Url(normal(Place::ButtonUrl(n), url)?),
                Leads::Answer(comes) => {
                    ButtonAction::Callback(self.visit.clone().and_then(|visit| VisitAnswer { comes, visit }.encode()).unwrap_or_default())
                }
            };
            buttons.push(vec![Button { text, action }]);
        }
        Ok(Rendered { body: self.body, buttons, said: Vec::new() })
    }
}

fn parse(place: Place, source: &str, names: &mut BTreeSet<String>) -> Result<Template, ParseError> {
    let at = |byte: usize, problem| {
        let before = &source[..byte];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        ParseError { place, line, column, problem }
    };
    let tags = scan::check(source).map_err(|(byte, problem)| at(byte, problem))?;
    for tag in &tags {
        names.extend(scan::tokens(tag.inner).into_iter().filter_map(|(_, token)| match token {
            scan::Token::Name(name) => Some(name.to_owned()),
            _ => None,
        }));
    }
    let elements = liquid_core::parser::parse(&scan::prepare(source, &tags), &LANGUAGE).map_err(|error| {
        let message = error.to_string();
        let place_of = |message: &str| {
            let (line, column) = message.split_once("--> ")?.1.split_once('\n')?.0.trim().split_once(':')?;
            Some((line.parse().ok()?, column.parse().ok()?))
        };
        let (line, column) = place_of(&message).unwrap_or((1, 1));
        ParseError {
            place,
            line,
            column,
            problem: filters::values_problem(&message).unwrap_or_else(|| ParseProblem::Syntax(gist(&message))),
        }
    })?;
    Ok(Template::new(elements))
}

/// The telling line of liquid-core's message: pest's `= …`, or the first.
fn gist(message: &str) -> String {
    let line = message.lines().find_map(|l| l.trim().strip_prefix("= ")).or_else(|| message.lines().next()).unwrap_or_default();
    line.trim_start_matches("liquid:").trim().to_owned()
}

fn run(template: &Template, scope: &Scope, meter: &Meter) -> Result<String, RenderError> {
    let mut writer = Writer::new(meter.clone());
    let text = template.render_to(&mut writer, scope).and_then(|()| {
        let text = writer.into_text();
        meter.finish(text.len())?;
        Ok(text)
    });
    match text {
        Ok(text) => Ok(text),
        // What no limit and no missing value explains is a value that an operator cannot take.
        Err(error) => Err(meter.failure().unwrap_or_else(|| RenderError { reason: Reason::NoValue, detail: gist(&error.to_string()) })),
    }
}

/// Reads the finished markup and gives the hidden characters back.
fn markup(html: &str) -> Result<Rich, RenderError> {
    let bad = |detail: String| RenderError { reason: Reason::BadMarkup, detail };
    let mut rich = Rich::from_html(html).map_err(|error| bad(error.to_string()))?.trimmed();
    rich.text = marks::show_all(&rich.text);
    for span in &mut rich.spans {
        if let Style::Link(url) = &mut span.style {
            *url = marks::show_all(&marks::plain(url));
        }
    }
    Ok(rich)
}

#[cfg(test)]
mod tests;
