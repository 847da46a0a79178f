//! Import: a CSV, an XLSX or a vCard sent to the chat, its columns said by buttons, origin and
//! basis on record, a dry run in numbers, then live progress and the file of what was left out.

mod cards;
pub mod told;
mod wire;

pub use cards::{
    ask_cancel, ask_file, ask_origin, ask_tags, bases, card, column, columns as columns_card, list as list_card, new_field as kinds,
    sheets as sheets_card,
};
pub use wire::{Call, Step, To};

use crate::{
    frame::{
        callback::Need,
        cards::Live,
        cx::Cx,
        dialogue::{IncomingFile, Input},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p,
    screens::{campaigns, contacts, segments},
    t, words,
};
use mms_core::{
    account::export,
    contact::{
        Field, FieldKind, field,
        import::{
            self as room, Import, ImportError, State,
            mapping::Target,
            quota::{self, Quota},
            run::dry_run,
            table::{self, Foreign, TableError},
        },
        tag,
    },
    id::{ImportId, SegmentId},
    queue::Job,
    stamp::Stamp,
    store::file,
};

/// The kind of the live card.
pub const LIVE: &str = "import";
/// Imports in the list.
const LAST: i64 = 10;

/// A press.
///
/// # Errors
/// The database's; a refusal of the import room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List => list(cx).await,
        Call::Card { import } => show(cx, import).await,
        Call::Columns { import, page } => Ok(columns_card(cx.tr, &waiting(cx, import).await?, &fields(cx).await?, page).into()),
        Call::Column { import, column, page, stamp } => match as_shown(cx, import, stamp).await? {
            Some(found) if usize::from(column) >= found.mapping.columns.len() => Err(BotError::Gone),
            Some(found) => Ok(self::column(cx.tr, &found, &fields(cx).await?, column, page).into()),
            None => changed(cx, import).await,
        },
        Call::Set { import, column, to, stamp } => match as_shown(cx, import, stamp).await? {
            Some(_) => set(cx, import, column, to).await,
            None => changed(cx, import).await,
        },
        Call::NewField { import, column, stamp } => match as_shown(cx, import, stamp).await? {
            Some(found) => Ok(kinds(cx.tr, &found, column).into()),
            None => changed(cx, import).await,
        },
        Call::Make { import, column, kind, stamp } => match as_shown(cx, import, stamp).await? {
            Some(_) => make(cx, import, column, kind).await,
            None => changed(cx, import).await,
        },
        Call::Header { import, header } => {
            let found = waiting(cx, import).await?;
            save(cx, &found, found.mapping.columns.clone(), header, found.mapping.tags.clone()).await?;
            show(cx, import).await
        }
        Call::TakeAll { import } => take_all(cx, import).await,
        Call::Sheets { import } => Ok(sheets_card(cx.tr, &waiting(cx, import).await?).into()),
        Call::Sheet { import, at } => {
            let chosen = room::choose_sheet(&cx.deps.store, cx.actor()?, import, usize::from(at), cx.now).await;
            chosen.map_err(|error| refused(cx.tr, error))?;
            show(cx, import).await
        }
        Call::Order { import, order } => {
            let said = room::set_day_order(&cx.deps.store, cx.actor()?, import, order, cx.now).await;
            said.map_err(|error| refused(cx.tr, error))?;
            show(cx, import).await
        }
        Call::Tags { import } => {
            let found = waiting(cx, import).await?;
            cx.ask(Step::Tags { import }).await?;
            Ok(ask_tags(cx.tr, &found).into())
        }
        Call::Bases { import } => Ok(bases(cx.tr, &waiting(cx, import).await?).into()),
        Call::SetBasis { import, basis } => {
            let found = waiting(cx, import).await?;
            cx.ask(Step::Origin { import, basis }).await?;
            Ok(ask_origin(cx.tr, &found, basis, false).into())
        }
        Call::Check { import } => check(cx, import).await,
        Call::Start { import, stamp } => start(cx, import, stamp).await,
        Call::Resume { import } => resume(cx, import).await,
        Call::AskCancel { import } => Ok(ask_cancel(cx.tr, &load(cx, import).await?).into()),
        Call::Cancel { import } => {
            room::cancel(&cx.deps.store, cx.actor()?, import, cx.now).await.map_err(|error| refused(cx.tr, error))?;
            Ok(show(cx, import).await?.saying(p!(cx.tr, "imports-cancelled")))
        }
        Call::People { import } => {
            let (segment, tag) = people(cx, import).await?;
            Ok(segments::open(cx, segment).await?.saying(p!(cx.tr, "imports-people-tagged", tag = tag)))
        }
        Call::Campaign { import } => {
            let (segment, tag) = people(cx, import).await?;
            Ok(campaigns::for_segment(cx, segment).await?.saying(p!(cx.tr, "imports-people-tagged", tag = tag)))
        }
        Call::Refused { import } => refused_file(cx, import).await,
    }
}

/// An answer.
///
/// # Errors
/// The database's; Telegram's, for a file.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    if let Some(file) = input.document() {
        return take(cx, file).await;
    }
    match step {
        Step::File => Ok(ask_file(cx.tr, Some(&p!(cx.tr, "imports-no-file"))).into()),
        Step::Origin { import, basis } => match room::set_basis(&cx.deps.store, cx.actor()?, import, input.text(), basis, cx.now).await {
            Ok(()) => {
                cx.leave().await?;
                show(cx, import).await
            }
            Err(ImportError::NoBasis) => Ok(ask_origin(cx.tr, &waiting(cx, import).await?, basis, true).into()),
            Err(error) => Err(refused(cx.tr, error)),
        },
        Step::Tags { import } => {
            let found = waiting(cx, import).await?;
            let tags: Vec<String> = match input.text() {
                "-" | "—" | "–" => Vec::new(),
                text => text.split([',', ';', '\n']).filter_map(tag).take(20).collect(),
            };
            save(cx, &found, found.mapping.columns.clone(), found.mapping.header, tags).await?;
            cx.leave().await?;
            show(cx, import).await
        }
    }
}

/// The live card: progress while rows are taken in, then the end.
///
/// # Errors
/// The database's.
pub async fn live(cx: &Cx, subject: uuid::Uuid) -> Result<Option<Live>, BotError> {
    let found = load(cx, ImportId(subject)).await?;
    let more = found.state == State::Running;
    Ok(Some(Live { screen: card(cx.tr, &found, &fields(cx).await?, cx.now), more, last: None }))
}

/// A file sent to the chat becomes an import, asked for or not.
///
/// # Errors
/// [`BotError::Forbidden`] when the role may not; the database's.
pub async fn take(cx: &Cx, incoming: &IncomingFile) -> Outcome {
    if !Need::Edit.admits(Some(cx.actor()?.role)) {
        return Err(BotError::Forbidden);
    }
    let content = match bytes(cx, incoming).await? {
        Ok(content) => content,
        Err(sentence) => return again(cx, &sentence).await,
    };
    let name = if incoming.name.is_empty() { "file" } else { &incoming.name };
    match room::begin(&cx.deps.store, cx.actor()?, name, &content, cx.now).await {
        Ok(begun) => {
            cx.leave().await?;
            show(cx, begun.id).await
        }
        Err(ImportError::Table(error)) => {
            let sentence = unreadable(cx.tr, &error);
            again(cx, &sentence).await
        }
        Err(ImportError::Quota(quota)) => {
            let sentence = used_up(cx.tr, quota);
            again(cx, &sentence).await
        }
        Err(error) => Err(refused(cx.tr, error)),
    }
}

/// Asks for another file, with what was wrong with this one.
async fn again(cx: &Cx, sentence: &str) -> Outcome {
    cx.ask(Step::File).await?;
    Ok(ask_file(cx.tr, Some(sentence)).into())
}

/// The bytes of a file a member sent, or the sentence that says why not.
///
/// # Errors
/// Telegram's.
pub async fn bytes(cx: &Cx, incoming: &IncomingFile) -> Result<Result<Vec<u8>, String>, BotError> {
    let most = u64::try_from(table::MAX_BYTES).unwrap_or(u64::MAX);
    if incoming.size > most {
        return Ok(Err(unreadable(cx.tr, &TableError::TooLarge)));
    }
    match cx.deps.bot.download(&incoming.file_id).await {
        Ok(content) => Ok(Ok(content)),
        Err(error) if error.says("file is too big") => Ok(Err(unreadable(cx.tr, &TableError::TooLarge))),
        Err(error) => {
            tracing::warn!(%error, "a member's file could not be brought");
            Ok(Err(p!(cx.tr, "imports-no-download")))
        }
    }
}

/// Why a file is no table, in words.
#[must_use]
pub fn unreadable(tr: Tr, error: &TableError) -> String {
    match error {
        TableError::TooLarge => p!(tr, "imports-too-large"),
        TableError::TooMuch => p!(tr, "imports-too-much", rows = table::MAX_ROWS, columns = table::MAX_COLUMNS, cells = table::MAX_CELLS),
        TableError::Bomb => p!(tr, "imports-bomb", megabytes = table::MAX_UNPACKED / 1024 / 1024),
        TableError::Empty => p!(tr, "imports-empty"),
        TableError::Protected => p!(tr, "imports-protected"),
        TableError::Foreign(Foreign::Pdf) => p!(tr, "imports-foreign-pdf"),
        TableError::Foreign(Foreign::Json) => p!(tr, "imports-foreign-json"),
        TableError::Foreign(Foreign::Page | Foreign::Xml) => p!(tr, "imports-foreign-page"),
        TableError::Foreign(Foreign::Picture) => p!(tr, "imports-foreign-picture"),
        TableError::Foreign(Foreign::Document) => p!(tr, "imports-foreign-document"),
        TableError::Foreign(Foreign::Archive) => p!(tr, "imports-foreign-archive"),
        TableError::Unreadable(_) => p!(tr, "imports-unreadable"),
    }
}

/// Why the account may send no file now, in words.
#[must_use]
pub fn used_up(tr: Tr, quota: Quota) -> String {
    match quota {
        Quota::Waiting => p!(tr, "imports-quota-waiting", most = quota::WAITING),
        Quota::Often(most) => p!(tr, "imports-quota-often", most = most),
        Quota::Kept => p!(tr, "imports-quota-kept", megabytes = quota::MEGABYTES),
    }
}

async fn list(cx: &Cx) -> Outcome {
    let imports = room::list(&cx.deps.store, cx.actor()?.account, LAST).await?;
    cx.ask(Step::File).await?;
    Ok(list_card(cx.tr, &imports).into())
}

async fn load(cx: &Cx, import: ImportId) -> Result<Import, BotError> {
    room::get(&cx.deps.store, cx.actor()?.account, import).await?.ok_or(BotError::Gone)
}

/// An import whose columns may still be said.
async fn waiting(cx: &Cx, import: ImportId) -> Result<Import, BotError> {
    let found = load(cx, import).await?;
    if matches!(found.state, State::Mapping | State::Ready) { Ok(found) } else { Err(refused(cx.tr, ImportError::State)) }
}

/// An import whose columns may still be said, if they are those that were shown: a colleague may
/// have chosen another sheet.
async fn as_shown(cx: &Cx, import: ImportId, stamp: Stamp) -> Result<Option<Import>, BotError> {
    let found = waiting(cx, import).await?;
    Ok((found.columns_stamp() == stamp).then_some(found))
}

/// Somebody changed it meanwhile: the import as it is now.
async fn changed(cx: &Cx, import: ImportId) -> Outcome {
    Ok(show(cx, import).await?.warning(p!(cx.tr, "imports-changed")))
}

async fn fields(cx: &Cx) -> Result<Vec<Field>, BotError> {
    Ok(field::list(&cx.deps.store, cx.actor()?.account).await?)
}

async fn show(cx: &Cx, import: ImportId) -> Outcome {
    let found = load(cx, import).await?;
    let reply = Reply::screen(card(cx.tr, &found, &fields(cx).await?, cx.now));
    Ok(if found.state == State::Running { reply.live(LIVE, import.0) } else { reply })
}

async fn save(cx: &Cx, import: &Import, columns: Vec<Target>, header: bool, tags: Vec<String>) -> Result<(), BotError> {
    room::set_mapping(&cx.deps.store, cx.actor()?, import.id, columns, header, tags, cx.now).await.map_err(|error| refused(cx.tr, error))
}

async fn set(cx: &Cx, import: ImportId, column: u8, to: To) -> Outcome {
    let target = match to {
        To::Skip => Target::Skip,
        To::Phone => Target::Phone,
        To::Email => Target::Email,
        To::Name => Target::Name,
        To::FirstName => Target::FirstName,
        To::LastName => Target::LastName,
        To::Patronymic => Target::Patronymic,
        To::Tags => Target::Tags,
        To::Field(id) => {
            let field = fields(cx).await?.into_iter().find(|field| field.id == id).ok_or(BotError::Gone)?;
            Target::Field { key: field.key }
        }
    };
    give(cx, import, column, target).await
}

/// Gives a column its target; the column that had it before has none.
async fn give(cx: &Cx, import: ImportId, column: u8, target: Target) -> Outcome {
    let found = waiting(cx, import).await?;
    let mut columns = found.mapping.columns.clone();
    if !target.many() {
        columns.iter_mut().filter(|other| **other == target).for_each(|other| *other = Target::Skip);
    }
    *columns.get_mut(usize::from(column)).ok_or(BotError::Gone)? = target;
    save(cx, &found, columns, found.mapping.header, found.mapping.tags.clone()).await?;
    let found = waiting(cx, import).await?;
    Ok(columns_card(cx.tr, &found, &fields(cx).await?, u32::from(column) / cards::COLUMNS).into())
}

async fn make(cx: &Cx, import: ImportId, column: u8, kind: FieldKind) -> Outcome {
    let found = waiting(cx, import).await?;
    let title = cards::title(cx.tr, &found, usize::from(column));
    let title: String = title.chars().take(60).collect();
    let known = fields(cx).await?;
    // Somebody made it meanwhile, or two columns have one heading.
    if let Some(same) = field::of_title(&known, &title) {
        return give(cx, import, column, Target::Field { key: same.key.clone() }).await;
    }
    let key = field::suggest_key(&title, &known);
    match field::create(&cx.deps.store, cx.actor()?, &key, &title, kind, cx.now).await {
        Ok(made) => give(cx, import, column, Target::Field { key: made.key }).await,
        Err(error) => Err(BotError::Refused(contacts::field_refusal(cx.tr, error)?)),
    }
}

async fn take_all(cx: &Cx, import: ImportId) -> Outcome {
    let taken = room::take_all(&cx.deps.store, cx.actor()?, import, cx.now).await;
    let (given, without) = taken.map_err(|error| refused(cx.tr, error))?;
    let sentence = if without > 0 {
        p!(cx.tr, "imports-taken-but", count = given, without = without, max = field::MAX_FIELDS)
    } else {
        p!(cx.tr, "imports-taken", count = given)
    };
    Ok(show(cx, import).await?.saying(sentence))
}

async fn check(cx: &Cx, import: ImportId) -> Outcome {
    match dry_run(&cx.deps.store, cx.actor()?, import, cx.now).await {
        Ok(_) => show(cx, import).await,
        Err(error) => Err(refused(cx.tr, error)),
    }
}

async fn start(cx: &Cx, import: ImportId, stamp: Stamp) -> Outcome {
    match room::start_seen(&cx.deps.store, cx.actor()?, import, stamp, cx.now).await {
        Ok(()) => {}
        Err(ImportError::Changed) => return changed(cx, import).await,
        Err(error) => return Err(refused(cx.tr, error)),
    }
    cx.deps.queue.ring(Job::RunImport { import }).await;
    show(cx, import).await
}

async fn resume(cx: &Cx, import: ImportId) -> Outcome {
    room::resume(&cx.deps.store, cx.actor()?, import, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    cx.deps.queue.ring(Job::RunImport { import }).await;
    show(cx, import).await
}

async fn people(cx: &Cx, import: ImportId) -> Result<(SegmentId, String), BotError> {
    room::people::segment(&cx.deps.store, cx.actor()?, import, cx.now).await.map_err(|error| refused(cx.tr, error))
}

async fn refused_file(cx: &Cx, import: ImportId) -> Outcome {
    let account = cx.actor()?.account;
    let found = load(cx, import).await?;
    let id = found.refused_file_id.ok_or(BotError::Gone)?;
    let info = file::info(&cx.deps.store, account, id).await?.ok_or(BotError::Gone)?;
    let content = file::content(&cx.deps.store, account, id).await?.ok_or(BotError::Gone)?;
    let noted = export::note(&cx.deps.store, cx.actor()?, export::What::Refused, import, Some(found.counts.live.told_rows()), cx.now).await;
    noted.map_err(|error| words::refused(cx.tr, error))?;
    let screen =
        Screen::new(t!(cx.tr, "imports-refused-file", refused = found.counts.live.refused_rows(), partly = found.counts.live.partly))
            .document(info.name, info.mime, content)
            .button(p!(cx.tr, "imports-to-card"), Call::Card { import });
    Ok(Reply::screen(screen).anew())
}

/// The import room's refusal as a sentence over the chat.
fn refused(tr: Tr, error: ImportError) -> BotError {
    BotError::Refused(match error {
        ImportError::Absent => return BotError::Gone,
        ImportError::Heavy(heavy) => words::heavy(tr, heavy),
        ImportError::FeatureOff(off) => return words::refused(tr, off.into()),
        ImportError::Db(error) => return error.into(),
        ImportError::Report(error) => return BotError::Other(error.into()),
        ImportError::Table(error) => unreadable(tr, &error),
        ImportError::Quota(quota) => used_up(tr, quota),
        ImportError::State => p!(tr, "imports-past"),
        ImportError::Changed => p!(tr, "imports-changed"),
        ImportError::NoAddressColumn => p!(tr, "imports-no-address"),
        ImportError::BadMapping | ImportError::UnknownField(_) => p!(tr, "imports-bad-mapping"),
        ImportError::NoBasis => p!(tr, "imports-no-basis"),
        ImportError::DayOrder(_) => p!(tr, "imports-no-day-order"),
        ImportError::NoSheet => return BotError::Gone,
        ImportError::Forgotten => p!(tr, "imports-forgotten"),
        ImportError::Segment(error) => return segments::refused(tr, error),
        ImportError::Field(error) => match contacts::field_refusal(tr, error) {
            Ok(sentence) => sentence,
            Err(error) => return error,
        },
    })
}

#[cfg(test)]
mod tests;
