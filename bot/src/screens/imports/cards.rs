//! The screens of an import: pure.

use mms_core::{
    clock::Moment,
    contact::{
        Field, FieldKind,
        import::{Basis, Import, State, mapping::Target, profile::Profile, table::Format},
        value::DayOrder,
    },
};

use super::{
    Call, To,
    told::{chats, note, numbers, split_name, vcard_title},
};
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::contacts::{self, say},
    t,
};

/// Columns on a page.
pub const COLUMNS: u32 = 8;
/// Fields to choose from, on a page.
const FIELDS: u32 = 40;

fn mark(state: State) -> &'static str {
    match state {
        State::Mapping => "✏️",
        State::Ready => "☑️",
        State::Running => "⏳",
        State::Done => "✅",
        State::Held | State::Failed => "⚠️",
        State::Cancelled => "✖️",
    }
}

fn name(import: &Import) -> String {
    say::short(&import.file_name, 60)
}

/// The last imports; what is sent next is taken as a file.
#[must_use]
pub fn list(tr: Tr, imports: &[Import]) -> Screen {
    let html = if imports.is_empty() { t!(tr, "imports-none") } else { t!(tr, "imports-title") };
    imports
        .iter()
        .fold(Screen::new(html), |screen, import| {
            let text = format!("{} {} · {}", mark(import.state), say::short(&import.file_name, 28), tr.day(import.created_at));
            screen.button(text, Call::Card { import: import.id })
        })
        .at(Call::List)
        .nav(tr, contacts::Call::Open)
}

/// A file, please; with what was wrong with the last one.
#[must_use]
pub fn ask_file(tr: Tr, wrong: Option<&str>) -> Screen {
    let html = match wrong {
        None => t!(tr, "imports-ask-file"),
        Some(sentence) => t!(tr, "imports-file-again", sentence = sentence),
    };
    Screen::new(html).nav_back(tr, Call::List)
}

/// A column's heading, or its number.
#[must_use]
pub fn title(tr: Tr, import: &Import, column: usize) -> String {
    let heading = import.mapping.titles.get(column).map(|title| title.trim()).filter(|title| import.mapping.header && !title.is_empty());
    match heading {
        None => p!(tr, "imports-column-number", number = column + 1),
        Some(title) if import.mapping.format == Format::Vcard => vcard_title(tr, title),
        Some(title) => say::short(title, 40),
    }
}

fn target(tr: Tr, target: &Target, fields: &[Field]) -> String {
    match target {
        Target::Skip => p!(tr, "imports-to-skip"),
        Target::Phone => p!(tr, "imports-to-phone"),
        Target::Email => p!(tr, "imports-to-email"),
        Target::Name => p!(tr, "imports-to-name"),
        Target::FirstName => p!(tr, "imports-to-first-name"),
        Target::LastName => p!(tr, "imports-to-last-name"),
        Target::Patronymic => p!(tr, "imports-to-patronymic"),
        Target::Tags => p!(tr, "imports-to-tags"),
        Target::Field { key } => fields.iter().find(|field| field.key == *key).map_or_else(|| key.clone(), |field| field.title.clone()),
    }
}

fn basis(tr: Tr, basis: Basis) -> String {
    match basis {
        Basis::SignedDocument => p!(tr, "imports-basis-document"),
        Basis::OwnerStatement => p!(tr, "imports-basis-owner"),
        Basis::NoConsent => p!(tr, "imports-basis-none"),
    }
}

/// An import's card, whatever its state.
#[must_use]
pub fn card(tr: Tr, import: &Import, fields: &[Field], now: Moment) -> Screen {
    let screen = match import.state {
        State::Mapping | State::Ready => prepared(tr, import, fields),
        State::Running => running(tr, import),
        State::Held => held(tr, import),
        State::Done | State::Failed | State::Cancelled => over(tr, import, now),
    };
    screen.at(Call::Card { import: import.id }).nav(tr, Call::List)
}

fn head(tr: Tr, import: &Import) -> String {
    let read = match &import.mapping.format {
        Format::Csv { encoding, delimiter } => {
            let delimiter = if *delimiter == '\t' { p!(tr, "imports-tab") } else { delimiter.to_string() };
            t!(tr, "imports-format-csv", encoding = encoding, delimiter = delimiter)
        }
        Format::Xlsx { sheet } => t!(tr, "imports-format-xlsx", sheet = say::short(sheet, 40)),
        Format::Page => t!(tr, "imports-format-page"),
        Format::Vcard => t!(tr, "imports-format-vcard"),
    };
    t!(tr, "imports-card", name = name(import), read = Html(read))
}

/// Columns that «all columns» would take.
fn takeable(import: &Import) -> usize {
    let mapping = &import.mapping;
    let named = |at: usize| mapping.titles.get(at).is_some_and(|title| !title.trim().is_empty());
    let filled = |at: usize| mapping.profiles.get(at).is_some_and(|profile: &Profile| profile.filled);
    let free = |at: usize, to: &Target| *to == Target::Skip && named(at) && filled(at) && !mapping.hidden.contains(&at);
    mapping.columns.iter().enumerate().filter(|(at, to)| mapping.header && free(*at, to)).count()
}

/// What the columns hold, and which are left out.
fn columns_part(tr: Tr, import: &Import, fields: &[Field]) -> String {
    let columns = || import.mapping.columns.iter().enumerate();
    let used: Vec<String> = columns()
        .filter(|(_, to)| **to != Target::Skip)
        .take(15)
        .map(|(at, to)| t!(tr, "imports-column-line", title = title(tr, import, at), to = target(tr, to, fields)))
        .collect();
    if used.is_empty() {
        return t!(tr, "imports-columns-none");
    }
    let mut html = t!(tr, "imports-columns", lines = Html(used.join("\n")));
    // Hidden ones are told of above.
    let left_out = |at: usize, to: &Target| *to == Target::Skip && !import.mapping.hidden.contains(&at);
    let skipped: Vec<String> = columns().filter(|(at, to)| left_out(*at, to)).map(|(at, _)| title(tr, import, at)).collect();
    if !skipped.is_empty() {
        html.push('\n');
        html.push_str(&t!(tr, "imports-columns-skipped", count = skipped.len(), names = say::short(&skipped.join(", "), 160)));
    }
    html
}

fn prepared(tr: Tr, import: &Import, fields: &[Field]) -> Screen {
    let id = import.id;
    let mut parts = vec![head(tr, import)];
    let told = import.mapping.told();
    if !told.is_empty() {
        parts.push(told.iter().map(|one| note(tr, one)).collect::<Vec<_>>().join("\n"));
    }
    parts.push(columns_part(tr, import, fields));
    parts.extend(split_name(tr, import));
    if !import.mapping.tags.is_empty() {
        parts.push(t!(tr, "imports-tags", tags = import.mapping.tags.join(", ")));
    }
    match (&import.origin, import.basis) {
        (Some(origin), Some(chosen)) => {
            parts.push(t!(tr, "imports-basis", origin = say::short(origin, 300), basis = basis(tr, chosen)));
        }
        _ => parts.push(t!(tr, "imports-basis-missing")),
    }
    let ready = import.state == State::Ready;
    let taken = import.counts.dry.new + import.counts.dry.updated;
    if ready {
        let dry = &import.counts.dry;
        parts.push(t!(tr, "imports-dry", rows = dry.rows, numbers = Html(numbers(tr, dry, false)), consents = dry.consents));
    }
    let undecided = import.mapping.undecided(fields);
    if let Some(at) = undecided {
        parts.push(t!(tr, "imports-day-order", title = title(tr, import, at)));
    }
    let header = import.mapping.header;
    let header_text = if header { p!(tr, "imports-header-yes") } else { p!(tr, "imports-header-no") };
    let more = takeable(import);
    let based = import.basis.is_some();
    let mut screen = Screen::new(parts.join("\n\n"));
    if undecided.is_some() {
        let order = |order, text| Button::call(text, Call::Order { import: id, order });
        screen = screen
            .row([order(DayOrder::DayFirst, p!(tr, "imports-day-first")), order(DayOrder::MonthFirst, p!(tr, "imports-month-first"))]);
    }
    screen
        .button_if(ready && taken > 0, p!(tr, "imports-start", count = taken), Call::Start { import: id, stamp: import.stamp() })
        .button_if(!ready && based && undecided.is_none(), p!(tr, "imports-check"), Call::Check { import: id })
        .button_if(!based, p!(tr, "imports-basis-button"), Call::Bases { import: id })
        .button_if(more > 0, p!(tr, "imports-take-all", count = more), Call::TakeAll { import: id })
        .row(
            [Button::call(p!(tr, "imports-columns-button"), Call::Columns { import: id, page: 0 })]
                .into_iter()
                .chain(based.then(|| Button::call(p!(tr, "imports-basis-button"), Call::Bases { import: id }))),
        )
        .row([
            Button::call(header_text, Call::Header { import: id, header: !header }),
            Button::call(p!(tr, "imports-tags-button"), Call::Tags { import: id }),
        ])
        .button_if(import.mapping.sheets.len() > 1, p!(tr, "imports-sheets-button"), Call::Sheets { import: id })
        .button(p!(tr, "imports-cancel"), Call::AskCancel { import: id })
}

/// Which sheet of the workbook?
#[must_use]
pub fn sheets(tr: Tr, import: &Import) -> Screen {
    let sheets = import.mapping.sheets.iter().enumerate().filter_map(|(at, name)| Some((u8::try_from(at).ok()?, name)));
    sheets
        .fold(Screen::new(t!(tr, "imports-sheets", name = name(import))), |screen, (at, name)| {
            let mark = if import.mapping.sheet == Some(usize::from(at)) { "✓ " } else { "" };
            screen.button(format!("{mark}{}", say::short(name, 40)), Call::Sheet { import: import.id, at })
        })
        .nav(tr, Call::Card { import: import.id })
}

fn running(tr: Tr, import: &Import) -> Screen {
    let rows = i64::try_from(import.counts.dry.rows).unwrap_or(i64::MAX);
    let done = import.next_row.min(rows);
    let filled = if rows == 0 { 0 } else { usize::try_from(done * 10 / rows).unwrap_or(10).min(10) };
    let bar = format!("{}{}", "▓".repeat(filled), "░".repeat(10 - filled));
    let html = t!(
        tr,
        "imports-running",
        name = name(import),
        bar = bar,
        percent = tr.percent(done, rows),
        done = done,
        rows = rows,
        numbers = Html(numbers(tr, &import.counts.live, true))
    );
    Screen::new(html)
        .button(p!(tr, "imports-refresh"), Call::Card { import: import.id })
        .button(p!(tr, "imports-stop"), Call::AskCancel { import: import.id })
}

/// The database kept refusing, or imports were switched off: what is in, and how to go on.
fn held(tr: Tr, import: &Import) -> Screen {
    let (name, taken) = (name(import), Html(numbers(tr, &import.counts.live, true)));
    let (done, rows) = (import.counts.live.rows, import.counts.dry.rows);
    Screen::new(match import.switched_off() {
        Some(reason) => t!(tr, "imports-held-off", name = name, reason = reason, done = done, rows = rows, numbers = taken),
        None => t!(tr, "imports-held", name = name, done = done, rows = rows, numbers = taken),
    })
    .button(p!(tr, "imports-resume"), Call::Resume { import: import.id })
    .button(p!(tr, "imports-stop"), Call::AskCancel { import: import.id })
}

fn over(tr: Tr, import: &Import, now: Moment) -> Screen {
    let counted = numbers(tr, &import.counts.live, true);
    let finished = import.finished_at.unwrap_or(now);
    let html = match import.state {
        State::Done => t!(
            tr,
            "imports-done",
            name = name(import),
            at = tr.moment(finished),
            numbers = Html(counted),
            consents = import.counts.live.consents
        ),
        State::Cancelled if import.next_row == 0 => t!(tr, "imports-cancelled-before", name = name(import)),
        State::Cancelled => t!(tr, "imports-cancelled-within", name = name(import), numbers = Html(counted)),
        _ => t!(tr, "imports-failed", name = name(import), numbers = Html(counted)),
    };
    let done = import.state == State::Done;
    let html = if done { format!("{html}\n\n{}", chats(tr, &import.counts.live)) } else { html };
    let next = [
        Button::call(p!(tr, "imports-to-contacts"), contacts::Call::Open),
        Button::call(p!(tr, "imports-to-segment"), Call::People { import: import.id }),
        Button::call(p!(tr, "imports-to-campaign"), Call::Campaign { import: import.id }),
    ];
    let screen = Screen::new(html).button_if(
        import.refused_file_id.is_some(),
        p!(tr, "imports-refused-button"),
        Call::Refused { import: import.id },
    );
    if done { screen.row(next) } else { screen }
}

/// What the columns hold, a page.
#[must_use]
pub fn columns(tr: Tr, import: &Import, fields: &[Field], page: u32) -> Screen {
    let stamp = import.columns_stamp();
    let all: Vec<u8> = (0..import.mapping.columns.len()).filter_map(|at| u8::try_from(at).ok()).collect();
    let page = Page::of(all.len(), COLUMNS, page);
    page.rows(&all)
        .iter()
        .copied()
        .fold(Screen::new(t!(tr, "imports-which-column", name = name(import))), |screen, at| {
            let to = import.mapping.columns.get(usize::from(at)).map(|to| target(tr, to, fields)).unwrap_or_default();
            let title = say::short(&title(tr, import, usize::from(at)), 28);
            let hidden = import.mapping.hidden.contains(&usize::from(at));
            let title = if hidden { p!(tr, "imports-hidden-column", title = title) } else { title };
            let text = format!("{title} → {}", say::short(&to, 28));
            screen.button(text, Call::Column { import: import.id, column: at, page: 0, stamp })
        })
        .pager(page, |page| Call::Columns { import: import.id, page })
        .nav(tr, Call::Card { import: import.id })
}

/// What does a column hold?
#[must_use]
pub fn column(tr: Tr, import: &Import, fields: &[Field], column: u8, page: u32) -> Screen {
    let (id, stamp) = (import.id, import.columns_stamp());
    let at = usize::from(column);
    let sample: Vec<String> = import
        .mapping
        .sample
        .iter()
        .filter_map(|row| row.get(at))
        .filter(|cell| !cell.is_empty())
        .map(|cell| format!("<code>{}</code>", mms_core::text::escape(&say::short(cell, 60))))
        .collect();
    let sample = if sample.is_empty() { "—".to_owned() } else { sample.join("\n") };
    let chosen = import.mapping.columns.get(at);
    let button = |text: String, to: To, target: &Target| {
        let mark = if chosen == Some(target) { "✓ " } else { "" };
        Button::call(format!("{mark}{}", say::short(&text, 30)), Call::Set { import: id, column, to, stamp })
    };
    let built_in = |to: To, of: Target| button(target(tr, &of, fields), to, &of);
    let screen = Screen::new(t!(tr, "imports-column", title = title(tr, import, at), sample = Html(sample)))
        .row([built_in(To::Phone, Target::Phone), built_in(To::Email, Target::Email)])
        .row([built_in(To::Name, Target::Name), built_in(To::Tags, Target::Tags)])
        .row([
            built_in(To::FirstName, Target::FirstName),
            built_in(To::Patronymic, Target::Patronymic),
            built_in(To::LastName, Target::LastName),
        ]);
    let page = Page::of(fields.len(), FIELDS, page);
    let own: Vec<Button> = page
        .rows(fields)
        .iter()
        .map(|field| button(field.title.clone(), To::Field(field.id), &Target::Field { key: field.key.clone() }))
        .collect();
    own.chunks(2)
        .fold(screen, |screen, row| screen.row(row.to_vec()))
        .pager(page, |page| Call::Column { import: id, column, page, stamp })
        .row([Button::call(p!(tr, "imports-new-field"), Call::NewField { import: id, column, stamp }), built_in(To::Skip, Target::Skip)])
        .nav(tr, Call::Columns { import: id, page: u32::from(column) / COLUMNS })
}

/// A new field for a column: of which kind?
#[must_use]
pub fn new_field(tr: Tr, import: &Import, column: u8) -> Screen {
    let (id, stamp) = (import.id, import.columns_stamp());
    let button = |kind: FieldKind| Button::call(say::kind(tr, kind), Call::Make { import: id, column, kind, stamp });
    Screen::new(t!(tr, "imports-new-field-kind", title = title(tr, import, usize::from(column))))
        .row([button(FieldKind::Text), button(FieldKind::Number)])
        .row([button(FieldKind::Date), button(FieldKind::Flag)])
        .nav(tr, Call::Column { import: id, column, page: 0, stamp })
}

/// Which tags for all?
#[must_use]
pub fn ask_tags(tr: Tr, import: &Import) -> Screen {
    let tags = if import.mapping.tags.is_empty() { "—".to_owned() } else { import.mapping.tags.join(", ") };
    Screen::new(t!(tr, "imports-ask-tags", tags = tags)).nav(tr, Call::Card { import: import.id })
}

/// By what right?
#[must_use]
pub fn bases(tr: Tr, import: &Import) -> Screen {
    [Basis::SignedDocument, Basis::OwnerStatement, Basis::NoConsent]
        .into_iter()
        .fold(Screen::new(t!(tr, "imports-bases")), |screen, one| {
            let mark = if import.basis == Some(one) { "✓ " } else { "" };
            screen.button(format!("{mark}{}", basis(tr, one)), Call::SetBasis { import: import.id, basis: one })
        })
        .nav(tr, Call::Card { import: import.id })
}

/// Where do the data come from?
#[must_use]
pub fn ask_origin(tr: Tr, import: &Import, chosen: Basis, again: bool) -> Screen {
    let mut html = t!(tr, "imports-ask-origin", basis = basis(tr, chosen));
    if again {
        html = format!("{}\n\n{html}", t!(tr, "imports-origin-again"));
    }
    Screen::new(html).nav(tr, Call::Bases { import: import.id })
}

/// Give up?
#[must_use]
pub fn ask_cancel(tr: Tr, import: &Import) -> Screen {
    let taken = import.counts.live.new + import.counts.live.updated;
    let (html, yes) = if matches!(import.state, State::Running | State::Held) {
        (t!(tr, "imports-ask-stop", name = name(import), taken = taken), p!(tr, "imports-stop-now"))
    } else {
        (t!(tr, "imports-ask-cancel", name = name(import)), p!(tr, "imports-cancel-now"))
    };
    Screen::new(html).button(yes, Call::Cancel { import: import.id }).nav(tr, Call::Card { import: import.id })
}
