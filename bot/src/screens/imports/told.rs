//! What an import tells: what was found in the file, what is left out and why, whom a message
//! reaches.

use std::collections::BTreeMap;

use mms_core::{
    contact::{
        MAX_NAME, TELEGRAM,
        import::{Import, Numbers, mapping::Target, table::Note},
        names,
    },
    text::escape,
};

use crate::{i18n::Tr, p, screens::contacts::say, t, words};

/// A card's line has no heading: the file's reader names it.
pub(super) fn vcard_title(tr: Tr, title: &str) -> String {
    match title {
        "full name" => p!(tr, "imports-vcard-full-name"),
        "last name" => p!(tr, "imports-to-last-name"),
        "first name" => p!(tr, "imports-to-first-name"),
        "middle name" => p!(tr, "imports-to-patronymic"),
        "phone" => p!(tr, "imports-to-phone"),
        "email" => p!(tr, "imports-to-email"),
        "birthday" => p!(tr, "imports-vcard-birthday"),
        "company" => p!(tr, "imports-vcard-company"),
        "categories" => p!(tr, "imports-to-tags"),
        "city" => p!(tr, "imports-vcard-city"),
        _ => p!(tr, "imports-vcard-note"),
    }
}

/// Why a row or a cell was left out, in small letters.
#[must_use]
pub fn reason(tr: Tr, code: &str) -> String {
    match code {
        "no_address" => p!(tr, "imports-refused-no-address"),
        "bad_email" => p!(tr, "imports-refused-email"),
        "taken_email" => p!(tr, "imports-refused-taken-email"),
        "taken_phone" => p!(tr, "imports-refused-taken-phone"),
        "other_name" => p!(tr, "imports-refused-other-name"),
        // What imports of earlier versions refused.
        "duplicate" => p!(tr, "imports-refused-duplicate"),
        "erased" => p!(tr, "imports-refused-erased"),
        "plan_limit" => p!(tr, "imports-refused-plan"),
        "bad_number" => p!(tr, "imports-refused-number"),
        "bad_date" => p!(tr, "imports-refused-date"),
        "no_year" => p!(tr, "imports-refused-no-year"),
        "bad_flag" => p!(tr, "imports-refused-flag"),
        "too_long" => p!(tr, "imports-refused-too-long"),
        "phone_letters" => p!(tr, "imports-refused-phone-letters"),
        "phone_extension" => p!(tr, "imports-refused-phone-extension"),
        "phone_too_short" => p!(tr, "imports-refused-phone-short"),
        "phone_too_long" => p!(tr, "imports-refused-phone-long"),
        "phone_rounded" => p!(tr, "imports-refused-phone-rounded"),
        _ => p!(tr, "imports-refused-phone"),
    }
}

/// The reasons with how many each, the most frequent first, and an example where there is one.
fn reasons(tr: Tr, counts: &BTreeMap<String, u64>, numbers: &Numbers, whole: bool) -> Vec<String> {
    let mut reasons: Vec<(&String, &u64)> = counts.iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let line = |(code, count): (&String, &u64)| {
        let mut examples = numbers.examples.iter().filter(|one| one.code == *code && one.whole == whole);
        match examples.next() {
            None => t!(tr, "imports-refused-line", reason = reason(tr, code), count = *count),
            Some(one) if one.cell.is_empty() => {
                t!(tr, "imports-refused-line-at", reason = reason(tr, code), count = *count, line = one.line.to_string())
            }
            Some(one) if !one.title.is_empty() => {
                let (title, cell) = (say::short(&one.title, 30), say::short(&one.cell, 40));
                let line = one.line.to_string();
                t!(tr, "imports-refused-line-in", reason = reason(tr, code), count = *count, line = line, title = title, cell = cell)
            }
            Some(one) => {
                let cell = say::short(&one.cell, 40);
                t!(tr, "imports-refused-line-as", reason = reason(tr, code), count = *count, line = one.line.to_string(), cell = cell)
            }
        }
    };
    reasons.into_iter().map(line).collect()
}

/// How many rows became what; `done`: they did, else they would.
pub(super) fn numbers(tr: Tr, numbers: &Numbers, done: bool) -> String {
    let (new, updated, refused) = (numbers.new, numbers.updated, numbers.refused_rows());
    let mut lines = vec![if done {
        t!(tr, "imports-numbers-done", new = new, updated = updated, refused = refused)
    } else {
        t!(tr, "imports-numbers", new = new, updated = updated, refused = refused)
    }];
    lines.extend(reasons(tr, &numbers.refused, numbers, true));
    if numbers.partly > 0 {
        let count = numbers.partly;
        lines.push(if done { t!(tr, "imports-partly-done", count = count) } else { t!(tr, "imports-partly", count = count) });
        lines.extend(reasons(tr, &numbers.left_out, numbers, false));
    }
    if numbers.joined > 0 {
        lines.push(t!(tr, "imports-joined", count = numbers.joined));
    }
    if numbers.cut_names > 0 {
        let (count, max) = (numbers.cut_names, MAX_NAME);
        lines.push(if done {
            t!(tr, "imports-cut-names-done", count = count, max = max)
        } else {
            t!(tr, "imports-cut-names", count = count, max = max)
        });
    }
    lines.join("\n")
}

/// What was found in the file besides its rows.
pub(super) fn note(tr: Tr, note: &Note) -> String {
    escape(&note_plain(tr, note))
}

/// The same without markup, for the command line.
#[must_use]
pub fn note_plain(tr: Tr, note: &Note) -> String {
    match note {
        Note::Above { rows } => p!(tr, "imports-note-above", rows = *rows),
        Note::HiddenRows { rows } => p!(tr, "imports-note-hidden-rows", rows = *rows),
        Note::HiddenColumns { names } => {
            p!(tr, "imports-note-hidden-columns", count = names.len(), names = say::short(&names.join(", "), 80))
        }
        Note::HiddenSheets { names } => {
            p!(tr, "imports-note-hidden-sheets", names = say::short(&names.join(", "), 80))
        }
        Note::Uncomputed { cells, first } => p!(tr, "imports-note-uncomputed", count = *cells, first = first),
        Note::OtherEncoding { lines, first, encoding } => {
            p!(tr, "imports-note-encoding", count = *lines, first = first.to_string(), encoding = encoding)
        }
        Note::Twice { encoding } => p!(tr, "imports-note-twice", encoding = encoding),
        Note::Torn { lines, first } => p!(tr, "imports-note-torn", count = *lines, first = first.to_string()),
        Note::OpenQuote { line, lines } => p!(tr, "imports-note-quote", count = *lines, first = line.to_string()),
    }
}

/// How the full names of the sample are split, the first that is.
pub(super) fn split_name(tr: Tr, import: &Import) -> Option<String> {
    let at = import.mapping.columns.iter().position(|to| *to == Target::Name)?;
    let given = |target: &Target| import.mapping.columns.contains(target);
    if given(&Target::FirstName) || given(&Target::LastName) {
        return None;
    }
    let order = import.mapping.names_of(at);
    let (whole, parts) = import.mapping.sample.iter().find_map(|row| {
        let whole = row.get(at).filter(|whole| whole.contains(' '))?;
        Some((whole, names::split(whole, order)?))
    })?;
    let or_dash = |part: String| if part.is_empty() { "—".to_owned() } else { say::short(&part, 40) };
    let (first, last) = (or_dash(parts.first), or_dash(parts.last));
    let whole = say::short(whole, 60);
    Some(if parts.patronymic.is_empty() {
        t!(tr, "imports-name-split", whole = whole, first = first, last = last)
    } else {
        t!(tr, "imports-name-split-patronymic", whole = whole, first = first, last = last, patronymic = say::short(&parts.patronymic, 40))
    })
}

/// To how many of the file's people a message goes today, by messenger.
pub(super) fn chats(tr: Tr, numbers: &Numbers) -> String {
    let people = numbers.new + numbers.updated;
    let kind = |kind: &str| numbers.chats.get(kind).copied().unwrap_or(0);
    let mut lines = vec![t!(tr, "imports-chats", messenger = "Telegram", count = kind(TELEGRAM), people = people)];
    for (other, count) in numbers.chats.iter().filter(|(other, _)| *other != TELEGRAM) {
        let messenger = words::messenger_of(other).unwrap_or(other);
        lines.push(t!(tr, "imports-chats", messenger = messenger, count = *count, people = people));
    }
    lines.join("\n")
}
