//! The tags of templates. Those that only choose (`if`, `unless`, `case`, `raw`, `break`,
//! `continue`) are liquid-lib's, each charged a step; those that repeat or keep (`for`, `capture`,
//! `assign`) are our own, because liquid-lib's make a list of every number of a range, write
//! without bound and keep missing values silently; so is `comment`, because liquid-lib's reads what
//! it holds and panics at a block in it that is not closed.

use std::io::Write;

use liquid_core::{
    BlockReflection, Error, Expression, Language, ParseBlock, ParseTag, Renderable, Result, Runtime, TagBlock, TagReflection, TagTokenIter,
    Template,
    model::{KString, Object, Value, ValueView},
    parser::{BlockElement, FilterChain, TryMatchToken},
    runtime::{Interrupt, InterruptRegister, StackFrame},
};
use liquid_lib::stdlib::{self, Range, RangeExpression};

use super::{
    filters, marks,
    meter::{MAX_ITEMS, Meter, Writer},
};
use crate::words::Reason;

/// Registers every tag.
pub(super) fn register(language: &mut Language) {
    let blocks: [Box<dyn ParseBlock>; 7] = [
        Box::new(Charged(stdlib::IfBlock)),
        Box::new(Charged(stdlib::UnlessBlock)),
        Box::new(Charged(stdlib::CaseBlock)),
        Box::new(CommentBlock),
        Box::new(Charged(stdlib::RawBlock)),
        Box::new(ForBlock),
        Box::new(CaptureBlock),
    ];
    for block in blocks {
        language.blocks.register(block.reflection().start_tag().to_owned(), block);
    }
    let tags: [Box<dyn ParseTag>; 3] = [Box::new(Charged(stdlib::BreakTag)), Box::new(Charged(stdlib::ContinueTag)), Box::new(AssignTag)];
    for tag in tags {
        language.tags.register(tag.reflection().tag().to_owned(), tag);
    }
}

/// A tag of liquid-lib's, charged one step each time it is rendered.
#[derive(Clone)]
struct Charged<T>(T);

#[derive(Debug)]
struct ChargedElement(Box<dyn Renderable>);

impl<T: ParseBlock + Clone + 'static> ParseBlock for Charged<T> {
    fn parse(&self, arguments: TagTokenIter<'_>, block: TagBlock<'_, '_>, options: &Language) -> Result<Box<dyn Renderable>> {
        Ok(Box::new(ChargedElement(self.0.parse(arguments, block, options)?)))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self.0.reflection()
    }
}

impl<T: ParseTag + Clone + 'static> ParseTag for Charged<T> {
    fn parse(&self, arguments: TagTokenIter<'_>, options: &Language) -> Result<Box<dyn Renderable>> {
        Ok(Box::new(ChargedElement(self.0.parse(arguments, options)?)))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self.0.reflection()
    }
}

impl Renderable for ChargedElement {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        Meter::of(runtime).step(0)?;
        self.0.render_to(writer, runtime)
    }
}

/// `{% comment %}…{% endcomment %}`: ends at the first `endcomment`, whatever it holds.
#[derive(Clone)]
struct CommentBlock;

impl BlockReflection for CommentBlock {
    fn start_tag(&self) -> &'static str {
        "comment"
    }

    fn end_tag(&self) -> &'static str {
        "endcomment"
    }

    fn description(&self) -> &'static str {
        "Holds what is not sent."
    }
}

impl ParseBlock for CommentBlock {
    fn parse(&self, mut arguments: TagTokenIter<'_>, mut tokens: TagBlock<'_, '_>, _options: &Language) -> Result<Box<dyn Renderable>> {
        arguments.expect_nothing()?;
        tokens.escape_liquid(false)?;
        tokens.assert_empty();
        Ok(Box::new(Template::new(Vec::new())))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

/// `{% assign name = expression %}`.
#[derive(Clone)]
struct AssignTag;

impl TagReflection for AssignTag {
    fn tag(&self) -> &'static str {
        "assign"
    }

    fn description(&self) -> &'static str {
        "Keeps a value under a name."
    }
}

impl ParseTag for AssignTag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, options: &Language) -> Result<Box<dyn Renderable>> {
        let name = arguments.expect_next("Name expected.")?.expect_identifier().into_result()?.to_owned().into();
        arguments.expect_next("\"=\" expected.")?.expect_str("=").into_result_custom_msg("\"=\" expected.")?;
        let source = arguments.expect_next("Value expected.")?.expect_filter_chain(options).into_result()?;
        arguments.expect_nothing()?;
        Ok(Box::new(Assign { name, source }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct Assign {
    name: KString,
    source: FilterChain,
}

impl Renderable for Assign {
    fn render_to(&self, _writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let meter = Meter::of(runtime);
        meter.step(0)?;
        let value = self.source.evaluate(runtime)?;
        meter.step(weight(value.as_view()))?;
        // A value that is not there is kept as such: `default` may replace it, the text may not
        // have it.
        let kept = filters::missing(value.as_view()).map_or_else(|| value.to_value(), |name| marks::missing(&name));
        runtime.set_global(self.name.clone(), kept);
        Ok(())
    }
}

/// The bytes a value keeps busy, near enough for charging.
pub(super) fn weight(value: &dyn ValueView) -> usize {
    match value.as_array() {
        Some(items) => items.values().map(|item| 32 + item.as_scalar().map_or(8, |s| s.into_cow_str().len())).sum(),
        None => value.as_scalar().map_or(8, |s| s.into_cow_str().len()),
    }
}

/// `{% capture name %}…{% endcapture %}`.
#[derive(Clone)]
struct CaptureBlock;

impl BlockReflection for CaptureBlock {
    fn start_tag(&self) -> &'static str {
        "capture"
    }

    fn end_tag(&self) -> &'static str {
        "endcapture"
    }

    fn description(&self) -> &'static str {
        "Keeps what it holds under a name."
    }
}

impl ParseBlock for CaptureBlock {
    fn parse(&self, mut arguments: TagTokenIter<'_>, mut tokens: TagBlock<'_, '_>, options: &Language) -> Result<Box<dyn Renderable>> {
        let name = arguments.expect_next("Name expected.")?.expect_identifier().into_result()?.to_owned().into();
        arguments.expect_nothing()?;
        let body = Template::new(tokens.parse_all(options)?);
        tokens.assert_empty();
        Ok(Box::new(Capture { name, body }))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

#[derive(Debug)]
struct Capture {
    name: KString,
    body: Template,
}

impl Renderable for Capture {
    fn render_to(&self, _writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let meter = Meter::of(runtime);
        meter.step(0)?;
        let mut captured = Writer::new(meter.clone());
        self.body.render_to(&mut captured, runtime)?;
        let text = captured.into_text();
        meter.step(text.len())?;
        runtime.set_global(self.name.clone(), Value::scalar(text));
        Ok(())
    }
}

/// `{% for item in list limit:n offset:n reversed %}…{% else %}…{% endfor %}`.
#[derive(Clone)]
struct ForBlock;

impl BlockReflection for ForBlock {
    fn start_tag(&self) -> &'static str {
        "for"
    }

    fn end_tag(&self) -> &'static str {
        "endfor"
    }

    fn description(&self) -> &'static str {
        "Repeats what it holds."
    }
}

fn attribute(arguments: &mut TagTokenIter<'_>) -> Result<Expression> {
    arguments.expect_next("\":\" expected.")?.expect_str(":").into_result_custom_msg("\":\" expected.")?;
    arguments.expect_next("Value expected.")?.expect_value().into_result()
}

impl ParseBlock for ForBlock {
    fn parse(&self, mut arguments: TagTokenIter<'_>, mut tokens: TagBlock<'_, '_>, options: &Language) -> Result<Box<dyn Renderable>> {
        let name = arguments.expect_next("Name expected.")?.expect_identifier().into_result()?.to_owned().into();
        arguments.expect_next("\"in\" expected.")?.expect_str("in").into_result_custom_msg("\"in\" expected.")?;
        let range = match arguments.expect_next("List or range expected.")?.expect_value() {
            TryMatchToken::Matches(list) => RangeExpression::Array(list),
            TryMatchToken::Fails(token) => {
                let (start, stop) = token.expect_range().into_result()?;
                RangeExpression::Counted(start, stop)
            }
        };
        let (mut limit, mut offset, mut reversed) = (None, None, false);
        while let Some(token) = arguments.next() {
            match token.as_str() {
                "limit" => limit = Some(attribute(&mut arguments)?),
                "offset" => offset = Some(attribute(&mut arguments)?),
                "reversed" => reversed = true,
                _ => return Err(token.raise_custom_error("\"limit\", \"offset\" or \"reversed\" expected.")),
            }
        }
        let (mut body, mut otherwise) = (Vec::new(), None);
        while let Some(element) = tokens.next()? {
            match element {
                BlockElement::Tag(mut tag) if tag.name() == "else" => {
                    tag.tokens().expect_nothing()?;
                    otherwise = Some(Template::new(tokens.parse_all(options)?));
                    break;
                }
                element => body.push(element.parse(&mut tokens, options)?),
            }
        }
        tokens.assert_empty();
        Ok(Box::new(For { name, range, body: Template::new(body), otherwise, limit, offset, reversed }))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

#[derive(Debug)]
struct For {
    name: KString,
    range: RangeExpression,
    body: Template,
    otherwise: Option<Template>,
    limit: Option<Expression>,
    offset: Option<Expression>,
    reversed: bool,
}

/// A whole number of turns, not below nought.
fn count(attribute: Option<&Expression>, meter: &Meter, runtime: &dyn Runtime) -> Result<Option<i64>> {
    let Some(attribute) = attribute else { return Ok(None) };
    let value = attribute.evaluate(runtime)?;
    match value.as_scalar().and_then(|s| s.to_integer()) {
        Some(n) => Ok(Some(n.max(0))),
        None => Err(meter.fail(Reason::NoValue, attribute.to_string())),
    }
}

impl Renderable for For {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let meter = Meter::of(runtime);
        meter.step(0)?;
        let range = self.range.evaluate(runtime)?;
        // The list is taken by value, a range never is: a turn asks for its number.
        let (items, first, all) = match &range {
            Range::Array(list) => {
                let items = list_items(list.as_view(), &meter)?;
                let all = i64::try_from(items.len()).unwrap_or(i64::MAX);
                (Some(items), 0, all)
            }
            Range::Counted(start, stop) => (None, *start, stop.saturating_sub(*start).saturating_add(1).max(0)),
        };
        let offset = count(self.offset.as_ref(), &meter, runtime)?.unwrap_or(0).min(all);
        let turns = count(self.limit.as_ref(), &meter, runtime)?.unwrap_or(i64::MAX).min(all - offset);
        if turns == 0 {
            return self.otherwise.as_ref().map_or(Ok(()), |t| t.render_to(writer, runtime));
        }
        for turn in 0..turns {
            meter.turn()?;
            let at = offset + if self.reversed { turns - 1 - turn } else { turn };
            let item = match &items {
                Some(items) => usize::try_from(at).ok().and_then(|at| items.get(at)).cloned().unwrap_or(Value::Nil),
                None => Value::scalar(first.saturating_add(at)),
            };
            meter.step(weight(&item))?;
            let mut forloop = Object::new();
            forloop.insert("index".into(), Value::scalar(turn + 1));
            forloop.insert("index0".into(), Value::scalar(turn));
            forloop.insert("rindex".into(), Value::scalar(turns - turn));
            forloop.insert("rindex0".into(), Value::scalar(turns - turn - 1));
            forloop.insert("first".into(), Value::scalar(turn == 0));
            forloop.insert("last".into(), Value::scalar(turn == turns - 1));
            forloop.insert("length".into(), Value::scalar(turns));
            let mut names = Object::new();
            names.insert("forloop".into(), Value::Object(forloop));
            names.insert(self.name.clone(), item);
            let scope = StackFrame::new(runtime, names);
            self.body.render_to(writer, &scope)?;
            if matches!(scope.registers().get_mut::<InterruptRegister>().reset(), Some(Interrupt::Break)) {
                break;
            }
        }
        Ok(())
    }
}

/// The items of a list; a value that is not there is an empty list, any other value is a list of
/// itself.
fn list_items(list: &dyn ValueView, meter: &Meter) -> std::result::Result<Vec<Value>, Error> {
    meter.step(weight(list))?;
    match list.as_array() {
        Some(items) => Ok(items.values().take(MAX_ITEMS).map(ValueView::to_value).collect()),
        None if filters::missing(list).is_some() || list.is_state() => Ok(Vec::new()),
        None => Ok(vec![list.to_value()]),
    }
}
