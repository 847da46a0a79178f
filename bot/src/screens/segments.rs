//! Segments: a filter by name, written as one line of text or built by buttons, with a live count.

mod build;
mod cards;
mod errors;
mod wire;

pub use build::{fields as fields_card, operators, values};
pub use cards::{
    ask_delete, ask_name, ask_remove_last, ask_text, card, condition, conditions, found as found_card, help, list as list_card,
    more as more_card, named_again,
};
pub use errors::{problem, shown as error_shown};
pub use wire::{Of, Pick, Preset, ShortTag};

use mms_core::{
    account::{Language, export},
    contact::{
        Field, card as contacts_room, field,
        segment::{self as room, Filter, FilterError, Join, Name, Segment, SegmentError},
    },
    id::SegmentId,
    stamp::Stamp,
    text,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        page::Page,
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::contacts::{self, say},
};

calls! {
    /// Buttons of segments.
    pub enum Call {
        /// The list.
        "l" List { page: u32 } => View,
        /// A segment's card.
        "c" Card { segment: SegmentId } => View,
        /// How a filter is written.
        "h" Help => View,
        /// What is needed less often.
        "m" More { segment: SegmentId } => Edit,
        /// A new one: asks for its name.
        "n" New => Edit,
        /// As a line of text: asks for it.
        "t" Text { segment: SegmentId } => Edit,
        /// Another name: asks for it.
        "r" Rename { segment: SegmentId } => Edit,
        /// Delete: asks first.
        "d" AskDelete { segment: SegmentId } => Edit,
        /// Delete.
        "D" Delete { segment: SegmentId } => Edit,
        /// One more condition: about what?
        "a" Add { segment: SegmentId, join: Join, page: u32 } => Edit,
        /// Compared how?
        "o" Operators { segment: SegmentId, join: Join, of: Of } => Edit,
        /// With what? Asks for it.
        "v" Values { segment: SegmentId, join: Join, of: Of, pick: Pick } => Edit,
        /// With this.
        "p" Put { segment: SegmentId, join: Join, of: Of, pick: Pick, preset: Preset } => Edit,
        /// With this tag.
        "g" PutTag { segment: SegmentId, join: Join, pick: Pick, tag: ShortTag } => Edit,
        /// The conditions one by one.
        "k" Conditions { segment: SegmentId, page: u32 } => Edit,
        /// One of them; the stamp is of the filter that was shown, here and below.
        "K" Condition { segment: SegmentId, at: u8, stamp: Stamp } => Edit,
        /// It goes; the only one asks first.
        "x" Remove { segment: SegmentId, at: u8, stamp: Stamp } => Edit,
        /// The only one goes.
        "X" RemoveLast { segment: SegmentId, stamp: Stamp } => Edit,
        /// Its opposite.
        "i" Invert { segment: SegmentId, at: u8, stamp: Stamp } => Edit,
        /// The opposite of all.
        "I" InvertAll { segment: SegmentId, stamp: Stamp } => Edit,
        /// Its people, as a file.
        "e" Export { segment: SegmentId } => Export,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The beginning of a segment's name to look for.
    Find,
    /// A new segment's name.
    Name,
    Rename {
        segment: SegmentId,
    },
    /// The filter as a line.
    Text {
        segment: SegmentId,
        /// Of the filter that was shown.
        stamp: Stamp,
    },
    /// A condition's value.
    Value {
        segment: SegmentId,
        /// Joined by `or`.
        or: bool,
        /// About what.
        of: Of,
        /// Compared how.
        pick: Pick,
    },
}

impl Steps for Step {
    fn need(&self) -> Need {
        if *self == Self::Find { Need::View } else { Need::Edit }
    }

    // A table is meant to be imported, here as anywhere.
    fn is_over(&self, input: &Input) -> bool {
        *self == Self::Find && input.file.is_some()
    }
}

/// Segments on a page of the list; each is counted as it is shown.
const PAGE: u32 = 8;
/// Names shown on a card.
const SAMPLE: i64 = 5;
/// Tags offered.
const TAGS: i64 = 12;

/// A segment with its filter, as far as it can be read, for its card.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub segment: Segment,
    /// Its filter, or what is wrong with it now (a field it names is gone).
    pub filter: Result<Filter, FilterError>,
    /// The filter in plain words; of one that cannot be read, as it is kept.
    pub words: String,
    pub count: i64,
    /// A few of them.
    pub sample: Vec<String>,
    /// Campaigns, not over, that are aimed by it.
    pub users: Vec<String>,
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the segment room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List { page } => list(cx, page).await,
        Call::Card { segment } => show(cx, segment).await,
        Call::Help => Ok(help(cx.tr).into()),
        Call::More { segment } => {
            let (found, fields) = (load(cx, segment).await?, fields(cx).await?);
            let conditions = Filter::parse_kept(&found.filter, &fields).is_ok_and(|filter| filter.root().is_some());
            Ok(more_card(cx.tr, &found, &words(cx.tr, &found, &fields), conditions, cx.actor()?.role).into())
        }
        Call::New => {
            cx.ask(Step::Name).await?;
            Ok(ask_name(cx.tr, None).into())
        }
        Call::Text { segment } => {
            let found = load(cx, segment).await?;
            Ok(asked_text(cx, &found).await?.into())
        }
        Call::Rename { segment } => {
            let found = load(cx, segment).await?;
            cx.ask(Step::Rename { segment }).await?;
            Ok(ask_name(cx.tr, Some(&found)).into())
        }
        Call::AskDelete { segment } => {
            let users = room::used_by(&cx.deps.store, cx.actor()?.account, segment).await?;
            Ok(ask_delete(cx.tr, &load(cx, segment).await?, &users).into())
        }
        Call::Delete { segment } => match room::delete(&cx.deps.store, cx.actor()?, segment, cx.now).await {
            Ok(()) => Ok(list(cx, 0).await?.saying(p!(cx.tr, "segments-deleted"))),
            Err(SegmentError::InUse(users)) => Ok(ask_delete(cx.tr, &load(cx, segment).await?, &users).into()),
            Err(error) => Err(refused(cx.tr, error)),
        },
        Call::Add { segment, join, page } => {
            let (found, fields) = (load(cx, segment).await?, fields(cx).await?);
            Ok(fields_card(cx.tr, &found, &fields, join, page).into())
        }
        Call::Operators { segment, join, of } => choose(cx, segment, join, of).await,
        Call::Values { segment, join, of, pick } => ask_value(cx, segment, join, of, pick).await,
        Call::Put { segment, join, of, pick, preset } => {
            let value = build::preset_text(preset);
            apply(cx, segment, join, of, pick, &value).await.and_then(|done| done.map_err(BotError::Refused))
        }
        Call::PutTag { segment, join, pick, tag } => {
            apply(cx, segment, join, Of::BuiltIn(0), pick, &tag.0).await.and_then(|done| done.map_err(BotError::Refused))
        }
        Call::Conditions { segment, page } => {
            let found = load(cx, segment).await?;
            let filter = filter_of(cx, &found).await?;
            Ok(conditions(cx.tr, &found, &filter, &fields(cx).await?, page).into())
        }
        Call::Condition { segment, at, stamp } => {
            let Some(found) = seen(cx, segment, stamp).await? else { return changed(cx, segment).await };
            let filter = filter_of(cx, &found).await?;
            let all = filter.conditions();
            let one = all.get(usize::from(at)).ok_or(BotError::Gone)?;
            Ok(condition(cx.tr, &found, one, &fields(cx).await?, at).into())
        }
        Call::Remove { segment, at, stamp } => {
            let Some(found) = seen(cx, segment, stamp).await? else { return changed(cx, segment).await };
            // Without it the segment is everybody: nobody does that by the way.
            if filter_of(cx, &found).await?.conditions().len() == 1 {
                return Ok(ask_remove_last(cx.tr, &found).into());
            }
            change(cx, segment, stamp, |filter| filter.remove(usize::from(at))).await
        }
        Call::RemoveLast { segment, stamp } => change(cx, segment, stamp, |filter| filter.remove(0)).await,
        Call::Invert { segment, at, stamp } => change(cx, segment, stamp, |filter| filter.negate_one(usize::from(at))).await,
        Call::InvertAll { segment, stamp } => {
            change(cx, segment, stamp, |filter| {
                filter.negate();
                true
            })
            .await
        }
        Call::Export { segment } => {
            let (found, filter) = (load(cx, segment).await?, filter(cx, segment).await?);
            let file = text::file_name(&found.name, cx.now.with_timezone(&cx.tr.zone).date_naive(), "xlsx");
            let back = Button::call(p!(cx.tr, "segments-to-card"), Call::Card { segment });
            contacts::send_people(cx, &filter, (export::What::Segment, segment.0), file, back).await
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Find => find(cx, input.text()).await,
        Step::Name => match room::create(&cx.deps.store, cx.actor()?, input.text(), &Filter::default(), cx.now).await {
            Ok(segment) => {
                cx.leave().await?;
                show(cx, segment).await
            }
            Err(error) => Ok(named_again(cx.tr, None, &refusal(cx.tr, error)?).into()),
        },
        Step::Rename { segment } => match room::rename(&cx.deps.store, cx.actor()?, segment, input.text(), cx.now).await {
            Ok(()) => {
                cx.leave().await?;
                show(cx, segment).await
            }
            Err(error) => {
                let sentence = refusal(cx.tr, error)?;
                Ok(named_again(cx.tr, Some(&load(cx, segment).await?), &sentence).into())
            }
        },
        Step::Text { segment, stamp } => text(cx, segment, stamp, input.text()).await,
        Step::Value { segment, or, of, pick } => {
            let join = if or { Join::Or } else { Join::And };
            match apply(cx, segment, join, of, pick, input.text()).await? {
                Ok(reply) => {
                    cx.leave().await?;
                    Ok(reply)
                }
                Err(sentence) => {
                    let (found, name) = (load(cx, segment).await?, name(cx, of).await?);
                    let (tags, title) = (tags(cx, &name).await?, title(cx, &name).await?);
                    Ok(values(cx.tr, &found, (&name, &title), (join, of, pick), &tags, Some(&sentence)).into())
                }
            }
        }
    }
}

async fn load(cx: &Cx, segment: SegmentId) -> Result<Segment, BotError> {
    room::get(&cx.deps.store, cx.actor()?.account, segment).await?.ok_or(BotError::Gone)
}

async fn fields(cx: &Cx) -> Result<Vec<Field>, BotError> {
    Ok(field::list(&cx.deps.store, cx.actor()?.account).await?)
}

/// What a button about a segment's conditions carries to be sure that they are those that were
/// shown.
pub(super) fn stamp(segment: &Segment) -> Stamp {
    Stamp::of(&segment.filter)
}

/// The segment, if its filter is still the one that was shown.
async fn seen(cx: &Cx, segment: SegmentId, shown: Stamp) -> Result<Option<Segment>, BotError> {
    let found = load(cx, segment).await?;
    Ok((stamp(&found) == shown).then_some(found))
}

/// Somebody changed the filter meanwhile: the segment as it is now.
async fn changed(cx: &Cx, segment: SegmentId) -> Outcome {
    Ok(show(cx, segment).await?.warning(p!(cx.tr, "segments-changed")))
}

/// The filter of a segment; one that cannot be read any more is a refusal that shows the place.
async fn filter(cx: &Cx, segment: SegmentId) -> Result<Filter, BotError> {
    filter_of(cx, &load(cx, segment).await?).await
}

async fn filter_of(cx: &Cx, found: &Segment) -> Result<Filter, BotError> {
    Filter::parse_kept(&found.filter, &fields(cx).await?).map_err(|error| BotError::Refused(problem(cx.tr, &error.problem)))
}

async fn count(cx: &Cx, filter: &Filter) -> Result<i64, BotError> {
    Ok(room::count(&cx.deps.store, cx.actor()?.account, filter, cx.tr.zone, cx.now).await?)
}

/// The segments whose names the typed words begin: each a word of the name, in any order.
#[must_use]
pub fn named<'a>(all: &'a [Segment], typed: &str) -> Vec<&'a Segment> {
    let typed = text::fold(typed);
    let fits = |segment: &&Segment| {
        let name = text::fold(&segment.name);
        typed
            .split_whitespace()
            .all(|word| name.split(|c: char| !c.is_alphanumeric()).chain(name.split(' ')).any(|of| of.starts_with(word)))
    };
    if typed.is_empty() { Vec::new() } else { all.iter().filter(fits).collect() }
}

/// A segment whose name begins so; else a person, as anywhere.
async fn find(cx: &Cx, typed: &str) -> Outcome {
    let all = room::list(&cx.deps.store, cx.actor()?.account).await?;
    let found: Vec<Segment> = named(&all, typed).into_iter().cloned().collect();
    match found.as_slice() {
        [one] => show(cx, one.id).await,
        [] => match contacts::look_up(cx, typed).await? {
            Some(person) => Ok(person),
            None => Ok(list(cx, 0).await?.saying(p!(cx.tr, "segments-not-found", typed = say::short(typed, 60)))),
        },
        // The step stays: the next words typed are looked for as well.
        several => {
            let shown = &several[..several.len().min(PAGE as usize)];
            Ok(found_card(cx.tr, shown, several.len() - shown.len()).into())
        }
    }
}

async fn list(cx: &Cx, page: u32) -> Outcome {
    let actor = cx.actor()?;
    let all = room::list(&cx.deps.store, actor.account).await?;
    let fields = fields(cx).await?;
    // What is typed next is looked for.
    cx.ask(Step::Find).await?;
    let page = Page::of(all.len(), PAGE, page);
    let mut shown = Vec::new();
    for segment in page.rows(&all) {
        let count = match Filter::parse_kept(&segment.filter, &fields) {
            Ok(filter) => Some(count(cx, &filter).await?),
            Err(_) => None,
        };
        shown.push((segment.clone(), count));
    }
    Ok(list_card(cx.tr, &shown, all.len(), page, actor.role).into())
}

/// A segment's card.
///
/// # Errors
/// [`BotError::Gone`]; the database's.
pub async fn open(cx: &Cx, segment: SegmentId) -> Outcome {
    show(cx, segment).await
}

async fn show(cx: &Cx, segment: SegmentId) -> Outcome {
    let actor = cx.actor()?;
    let found = load(cx, segment).await?;
    let fields = fields(cx).await?;
    let filter = Filter::parse_kept(&found.filter, &fields);
    let words = words(cx.tr, &found, &fields);
    let (mut n, mut sample) = (0, Vec::new());
    if let Ok(filter) = &filter {
        n = count(cx, filter).await?;
        sample = room::sample(&cx.deps.store, actor.account, filter, cx.tr.zone, cx.now, SAMPLE)
            .await?
            .into_iter()
            .map(|one| say::name(cx.tr, &one.name))
            .collect();
    }
    let users = room::used_by(&cx.deps.store, actor.account, segment).await?;
    Ok(card(cx.tr, &Shown { segment: found, filter, words, count: n, sample, users }, actor.role).into())
}

/// Asks for the filter as a line, in place of the one that is shown.
async fn asked_text(cx: &Cx, found: &Segment) -> Result<Screen, BotError> {
    let words = words(cx.tr, found, &fields(cx).await?);
    cx.ask(Step::Text { segment: found.id, stamp: stamp(found) }).await?;
    Ok(ask_text(cx.tr, found, &words, None))
}

async fn text(cx: &Cx, segment: SegmentId, shown: Stamp, line: &str) -> Outcome {
    let (found, fields) = (load(cx, segment).await?, fields(cx).await?);
    if stamp(&found) != shown {
        return Ok(Reply::screen(asked_text(cx, &found).await?).saying(p!(cx.tr, "segments-changed")));
    }
    // A sign or two say nothing of anybody; who means everybody says «все».
    if !line.chars().any(char::is_alphanumeric) {
        return Ok(Reply::screen(asked_text(cx, &found).await?).saying(p!(cx.tr, "words-needed")));
    }
    let parsed = match Filter::parse(line, &fields) {
        Ok(filter) => room::update(&cx.deps.store, cx.actor()?, &found, &filter, cx.now).await,
        Err(error) => Err(error.into()),
    };
    match parsed {
        Ok(()) => {
            cx.leave().await?;
            show(cx, segment).await
        }
        Err(SegmentError::Changed) => changed(cx, segment).await,
        Err(SegmentError::Filter(error)) => {
            let words = words(cx.tr, &found, &fields);
            Ok(ask_text(cx.tr, &found, &words, Some((line, &error))).into())
        }
        Err(error) => Err(refused(cx.tr, error)),
    }
}

async fn change(cx: &Cx, segment: SegmentId, shown: Stamp, change: impl FnOnce(&mut Filter) -> bool) -> Outcome {
    let Some(found) = seen(cx, segment, shown).await? else { return changed(cx, segment).await };
    let mut filter = filter_of(cx, &found).await?;
    if !change(&mut filter) {
        return Err(BotError::Gone);
    }
    match room::update(&cx.deps.store, cx.actor()?, &found, &filter, cx.now).await {
        Ok(()) => show(cx, segment).await,
        Err(SegmentError::Changed) => changed(cx, segment).await,
        Err(error) => Err(refused(cx.tr, error)),
    }
}

/// What a button's `of` names now.
async fn name(cx: &Cx, of: Of) -> Result<Name, BotError> {
    match of {
        Of::BuiltIn(at) => Name::BUILT_IN.get(usize::from(at)).cloned().ok_or(BotError::Gone),
        Of::Field(id) => fields(cx).await?.iter().find(|field| field.id == id).map(Name::from).ok_or(BotError::Gone),
    }
}

/// A name as people read it.
async fn title(cx: &Cx, name: &Name) -> Result<String, BotError> {
    Ok(build::named(cx.tr, name, &fields(cx).await?))
}

/// A segment's filter in plain words; one that cannot be read any more as it is kept.
#[must_use]
pub fn words(tr: Tr, segment: &Segment, fields: &[Field]) -> String {
    let kept = Filter::parse_kept(&segment.filter, fields);
    kept.map_or_else(|_| segment.filter.clone(), |filter| filter.shown(fields, tr.language == Language::Ru))
}

/// The account's commonest tags, when the condition is about tags.
async fn tags(cx: &Cx, name: &Name) -> Result<Vec<String>, BotError> {
    if *name != Name::Tag {
        return Ok(Vec::new());
    }
    let tags = contacts_room::tags(&cx.deps.store, cx.actor()?.account, TAGS).await?;
    Ok(tags.into_iter().map(|(tag, _)| tag).collect())
}

/// Compared how? What has only one way goes on at once.
async fn choose(cx: &Cx, segment: SegmentId, join: Join, of: Of) -> Outcome {
    let (found, name) = (load(cx, segment).await?, name(cx, of).await?);
    match build::picks(&name).as_slice() {
        [only] => ask_value(cx, segment, join, of, *only).await,
        _ => Ok(operators(cx.tr, &found, (&name, &title(cx, &name).await?), join, of).into()),
    }
}

/// With what? What needs no value is applied at once.
async fn ask_value(cx: &Cx, segment: SegmentId, join: Join, of: Of, pick: Pick) -> Outcome {
    if matches!(pick, Pick::Empty | Pick::Filled) {
        return apply(cx, segment, join, of, pick, "").await.and_then(|done| done.map_err(BotError::Refused));
    }
    let (found, name) = (load(cx, segment).await?, name(cx, of).await?);
    let (tags, title) = (tags(cx, &name).await?, title(cx, &name).await?);
    cx.ask(Step::Value { segment, or: join == Join::Or, of, pick }).await?;
    Ok(values(cx.tr, &found, (&name, &title), (join, of, pick), &tags, None).into())
}

/// Adds a condition; the inner error says what is wrong with the value.
async fn apply(cx: &Cx, segment: SegmentId, join: Join, of: Of, pick: Pick, value: &str) -> Result<Result<Reply, String>, BotError> {
    let name = name(cx, of).await?;
    let added = match Filter::parse(&build::compose(&name, pick, value), &fields(cx).await?) {
        Ok(added) => added,
        Err(error) => return Ok(Err(problem(cx.tr, &error.problem))),
    };
    let found = load(cx, segment).await?;
    let mut filter = filter_of(cx, &found).await?;
    for cond in added.conditions() {
        filter.add(join, cond.clone());
    }
    match room::update(&cx.deps.store, cx.actor()?, &found, &filter, cx.now).await {
        Ok(()) => Ok(Ok(show(cx, segment).await?)),
        Err(error) => Ok(Err(refusal(cx.tr, error)?)),
    }
}

/// A sentence for the segment room's refusal; `Err` for what is no refusal.
fn refusal(tr: Tr, error: SegmentError) -> Result<String, BotError> {
    Ok(match error {
        SegmentError::Absent => return Err(BotError::Gone),
        SegmentError::Changed => p!(tr, "segments-changed"),
        SegmentError::Db(error) => return Err(error.into()),
        SegmentError::NameTaken(name) => p!(tr, "segments-name-taken", name = name),
        SegmentError::BadName => p!(tr, "segments-name-bad"),
        SegmentError::Filter(error) => problem(tr, &error.problem),
        SegmentError::InUse(users) => p!(tr, "segments-in-use-toast", name = users.first().cloned().unwrap_or_default()),
    })
}

/// The segment room's refusal as a sentence over the chat.
pub(super) fn refused(tr: Tr, error: SegmentError) -> BotError {
    match refusal(tr, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests;
