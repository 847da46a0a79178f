//! Words about versions: states, classes, what the check found and where, what stands in the text.

use mms_core::{
    channel::MediaKind,
    store::file::FileInfo,
    template::{
        Class, Content, Spot, TemplateButton,
        engine::{ParseProblem, Place},
        links::Refused,
        lint::{Finding, Problem, Severity},
        spot,
        versions::VersionState,
    },
    text::{Rich, escape},
    words::Reason,
};

use super::{capabilities, law, targets};
pub use crate::frame::fit::{clip, stacked};
use crate::{
    i18n::{Html, Tr},
    p, t,
    words::messenger,
};

/// A state's mark.
pub fn mark(state: VersionState) -> &'static str {
    match state {
        VersionState::Draft => "✏️",
        VersionState::Submitted => "⏳",
        VersionState::Approved => "✅",
        VersionState::Returned => "↩️",
    }
}

/// A state in a word.
pub fn state(tr: Tr, state: VersionState) -> String {
    match state {
        VersionState::Draft => p!(tr, "templates-state-draft"),
        VersionState::Submitted => p!(tr, "templates-state-submitted"),
        VersionState::Approved => p!(tr, "templates-state-approved"),
        VersionState::Returned => p!(tr, "templates-state-returned"),
    }
}

/// A class in a word.
pub fn class(tr: Tr, class: Class) -> String {
    match class {
        Class::Advertising => p!(tr, "templates-class-advertising"),
        Class::Service => p!(tr, "templates-class-service"),
    }
}

/// The first `chars` characters of plain words.
pub fn short(text: &str, chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars { line } else { line.chars().take(chars.saturating_sub(1)).chain(['…']).collect() }
}

/// The beginning of a message that this desk cannot show whole, with what is to be said of it;
/// `under_file`: it stands under a file.
pub fn beyond(tr: Tr, body: &Rich, under_file: bool) -> Option<String> {
    /// UTF-16 units of the beginning.
    const PART: usize = 3_000;
    let limits = capabilities();
    let limit = if under_file { limits.caption_limit } else { limits.text_limit };
    let part = || Html(clip(body.clone(), PART).to_html());
    (body.len_utf16() > limit).then(|| t!(tr, "templates-preview-long", units = body.len_utf16(), limit = limit, part = part()))
}

/// A body as it was typed, as small HTML, `units` long at most. Markup that cannot be read is shown
/// as it stands.
pub fn source(body: &str, units: usize) -> String {
    let rich = Rich::from_template(body).unwrap_or_else(|_| Rich::plain(body));
    clip(rich, units).to_html()
}

/// Bytes as a person reads them.
pub fn size(tr: Tr, bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        p!(tr, "templates-kilobytes", count = bytes.div_ceil(1024))
    } else {
        p!(tr, "templates-megabytes", count = (bytes * 10 / (1024 * 1024)) as f64 / 10.0)
    }
}

/// The file of a version, in a line.
pub fn media(tr: Tr, kind: MediaKind, file: Option<&FileInfo>) -> String {
    let Some(file) = file else { return t!(tr, "templates-media-gone") };
    let size = size(tr, u64::try_from(file.size).unwrap_or_default());
    match kind {
        MediaKind::Photo => t!(tr, "templates-media-photo", size = size),
        MediaKind::Document => t!(tr, "templates-media-document", name = short(&file.name, 60), size = size),
    }
}

/// The buttons of a version, a line each.
pub fn buttons(tr: Tr, buttons: &[TemplateButton]) -> Vec<String> {
    const SHOWN: usize = 8;
    let line = |button: &TemplateButton| match button {
        TemplateButton::Url { text, url } if url.is_empty() => t!(tr, "templates-button-line-no-link", text = short(text, 60)),
        TemplateButton::Url { text, url } => t!(tr, "templates-button-line", text = short(text, 40), url = short(url, 60)),
        TemplateButton::OptOut { text } => t!(tr, "templates-opt-out-line", text = short(text, 60)),
        TemplateButton::Answer { text, comes: true } => t!(tr, "templates-comes-line", text = short(text, 60)),
        TemplateButton::Answer { text, comes: false } => t!(tr, "templates-comes-not-line", text = short(text, 60)),
    };
    let more = buttons.len().saturating_sub(SHOWN);
    buttons.iter().take(SHOWN).map(line).chain((more > 0).then(|| t!(tr, "templates-more", count = more))).collect()
}

/// How the check ended, in a line.
pub fn summary(tr: Tr, findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|one| one.severity == Severity::Error).count();
    let warnings = findings.len() - errors;
    let mut lost = findings.iter().filter_map(|one| match one.problem {
        Problem::NoDefault { missing, of, .. } => Some((missing, of)),
        _ => None,
    });
    if let (Some((missing, of)), 0) = (lost.next(), errors) {
        let (missing, others) = lost.fold((missing, warnings - 1), |(sum, others), (missing, _)| (sum + missing, others - 1));
        return t!(tr, "templates-check-lost", count = others, missing = missing, of = of);
    }
    match (errors, warnings) {
        (0, 0) => t!(tr, "templates-check-clean"),
        (0, count) => t!(tr, "templates-check-warnings", count = count),
        (count, 0) => t!(tr, "templates-check-errors", count = count),
        (errors, warnings) => t!(tr, "templates-check-both", errors = errors, warnings = warnings),
    }
}

/// A finding: what, where, and the line with a pointer under the place.
pub fn finding(tr: Tr, content: &Content, finding: &Finding) -> String {
    let mark = match finding.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
    };
    let mut html = format!("{mark} {}", problem(tr, &finding.problem));
    if !finding.only.is_empty() {
        let names = finding.only.iter().map(|kind| messenger(*kind)).collect::<Vec<_>>().join(", ");
        html.push('\n');
        html.push_str(&t!(tr, "templates-only-in", names = names));
    }
    if let Some(place) = finding.place.and_then(|place| whereabouts(tr, content, place, finding.at)) {
        html.push('\n');
        html.push_str(&place);
    }
    html
}

/// Where a finding is; nothing for the text as a whole, of which there is only one.
fn whereabouts(tr: Tr, content: &Content, place: Place, at: Option<(usize, usize)>) -> Option<String> {
    let button = |n: usize| content.buttons.get(n);
    let plain = |source: &str| {
        let (line, column) = at?;
        Some(Spot { line, column, text: source.lines().nth(line - 1).unwrap_or_default().to_owned() })
    };
    match place {
        Place::Body => {
            let (line, column) = at?;
            let Some(spot) = spot(&content.body, line, column) else { return Some(t!(tr, "templates-place-link-in-text")) };
            let place = t!(tr, "templates-place-body", line = spot.line, column = spot.column);
            Some(format!("{place}\n{}", pointer(&spot)))
        }
        Place::ButtonText(n) => {
            let place = t!(tr, "templates-place-button-text", number = n + 1);
            let source = button(n).map(|button| match button {
                TemplateButton::Url { text, .. } | TemplateButton::OptOut { text } | TemplateButton::Answer { text, .. } => text.as_str(),
            });
            Some(with_pointer(place, source.and_then(plain).as_ref()))
        }
        Place::ButtonUrl(n) => {
            let place = t!(tr, "templates-place-button-link", number = n + 1);
            let source = button(n).and_then(|button| match button {
                TemplateButton::Url { url, .. } => Some(url.as_str()),
                TemplateButton::OptOut { .. } | TemplateButton::Answer { .. } => None,
            });
            Some(with_pointer(place, source.and_then(plain).as_ref()))
        }
    }
}

fn with_pointer(place: String, spot: Option<&Spot>) -> String {
    match spot {
        Some(spot) => format!("{place}\n{}", pointer(spot)),
        None => place,
    }
}

/// The line with `^` under the place; of a long line what is near the place.
fn pointer(spot: &Spot) -> String {
    const BEFORE: usize = 16;
    const SHOWN: usize = 34;
    let column = spot.column.saturating_sub(1);
    let from = column.saturating_sub(BEFORE);
    let head = if from > 0 { "…" } else { "" };
    let part: String = spot.text.chars().skip(from).take(SHOWN).collect();
    let tail = if spot.text.chars().count() > from + SHOWN { "…" } else { "" };
    let indent = " ".repeat(column - from + head.chars().count());
    format!("<pre>{head}{}{tail}\n{indent}^</pre>", escape(&part))
}

/// What is wrong, with what to do about it.
fn problem(tr: Tr, problem: &Problem) -> String {
    match problem {
        Problem::Parse { why } => parse(tr, why),
        Problem::Empty => t!(tr, "templates-problem-empty"),
        Problem::UnknownVariable { name, suggestion: Some(near) } => {
            t!(tr, "templates-problem-unknown-near", name = short(name, 60), near = near)
        }
        Problem::UnknownVariable { name, suggestion: None } => t!(tr, "templates-problem-unknown", name = short(name, 60)),
        Problem::NoDefault { name, missing, of } => t!(tr, "templates-problem-no-default", name = name, missing = *missing, of = *of),
        Problem::TooLong { units, limit, caption: false } => t!(tr, "templates-problem-long", units = *units, limit = *limit),
        Problem::TooLongForSome { units, limit } => t!(tr, "templates-problem-long-for-some", units = *units, limit = *limit),
        Problem::TooLong { units, limit, caption: true } => t!(tr, "templates-problem-long-caption", units = *units, limit = *limit),
        Problem::Render { reason, detail } => render(tr, reason.known(), detail),
        Problem::Placeholder { written, variable: Some(variable) } => {
            t!(tr, "templates-problem-placeholder", written = short(written, 60), variable = format!("{{{{ {variable} }}}}"))
        }
        Problem::Placeholder { written, variable: None } => t!(tr, "templates-problem-placeholder-unknown", written = short(written, 60)),
        Problem::TooManyStyles { count, limit } => t!(tr, "templates-problem-styles", count = *count, limit = *limit),
        Problem::NoOptOut => t!(tr, "templates-problem-no-opt-out"),
        Problem::NoAdvertiser => t!(tr, "templates-problem-no-advertiser"),
        Problem::AdvertiserUnset => t!(tr, "templates-problem-advertiser-unset"),
        Problem::BadLink { url, .. } if url.is_empty() => t!(tr, "templates-problem-no-link"),
        Problem::BadLink { url, why: Refused::NoPage } => t!(tr, "templates-problem-bad-link", url = short(url, 120)),
        Problem::BadLink { url, why } => {
            t!(tr, "templates-problem-refused-link", url = short(url, 120), why = Html(targets::refused(tr, *why)))
        }
        Problem::OddLink { text, address, why } => {
            let why = Html(targets::odd(tr, *why));
            t!(tr, "templates-problem-odd-link", text = short(text, 60), address = short(address, 200), why = why)
        }
        Problem::TooManyLinks { count, limit } => t!(tr, "templates-problem-many-links", count = *count, limit = *limit),
        Problem::EmptyButton => t!(tr, "templates-problem-empty-button"),
        Problem::TooManyButtons { count, limit } => t!(tr, "templates-problem-many-buttons", count = *count, limit = *limit),
        Problem::MediaTooLarge { bytes, limit } => {
            t!(tr, "templates-problem-media-large", size = size(tr, *bytes), limit = size(tr, *limit))
        }
        Problem::Law { rule, words, lacks, .. } => law::finding(tr, rule, words, lacks),
        Problem::NoMedia => t!(tr, "templates-problem-no-media"),
        Problem::NoWordsUnderFile => t!(tr, "templates-problem-no-words"),
        Problem::ButtonsAlike { shown } => t!(tr, "templates-problem-buttons-alike", shown = shown),
        Problem::PicturesOnly => t!(tr, "templates-problem-pictures-only"),
        Problem::TooLongWoven { units, limit } => t!(tr, "templates-problem-long-woven", units = *units, limit = *limit),
        Problem::TooLongInWords { units, limit } => t!(tr, "templates-problem-long-in-words", units = *units, limit = *limit),
        Problem::TooHeavy { bytes, limit } => t!(tr, "templates-problem-heavy", size = size(tr, *bytes), limit = size(tr, *limit)),
    }
}

/// Why the source cannot be read.
fn parse(tr: Tr, why: &ParseProblem) -> String {
    match why {
        ParseProblem::TooLong { bytes, limit } => {
            let kilobytes = |bytes: &usize| size(tr, u64::try_from(*bytes).unwrap_or(u64::MAX));
            t!(tr, "templates-parse-long", size = kilobytes(bytes), limit = kilobytes(limit))
        }
        ParseProblem::TooDeep { limit } => t!(tr, "templates-parse-deep", limit = *limit),
        ParseProblem::Blank => t!(tr, "templates-parse-blank"),
        ParseProblem::NumberTooLong => t!(tr, "templates-parse-number"),
        ParseProblem::UnclosedTag => t!(tr, "templates-parse-unclosed-tag"),
        ParseProblem::EmptyTag => t!(tr, "templates-parse-empty-tag"),
        ParseProblem::UnclosedBlock(name) => t!(tr, "templates-parse-unclosed-block", name = name),
        ParseProblem::StrayTag(name) => t!(tr, "templates-parse-stray", name = short(name, 60)),
        ParseProblem::UnknownTag(name) => t!(tr, "templates-parse-unknown-tag", name = short(name, 60)),
        ParseProblem::UnknownFilter(name) => t!(tr, "templates-parse-unknown-filter", name = short(name, 60)),
        ParseProblem::BadName(name) => t!(tr, "templates-parse-bad-name", name = short(name, 60)),
        ParseProblem::BadIndex => t!(tr, "templates-parse-bad-index"),
        ParseProblem::FilterValues { name, min, max } if min == max => t!(tr, "templates-parse-values", name = name, count = *min),
        ParseProblem::FilterValues { name, min, max } => t!(tr, "templates-parse-values-range", name = name, min = *min, max = *max),
        ParseProblem::Syntax(words) => t!(tr, "templates-parse-syntax", words = short(words, 200)),
    }
}

/// Why a contact would get nothing.
pub fn render(tr: Tr, reason: Option<Reason>, detail: &str) -> String {
    match reason {
        Some(Reason::NoValue) => t!(tr, "templates-render-no-value", name = short(detail, 60)),
        Some(Reason::TooLong) => t!(tr, "templates-render-too-long"),
        Some(Reason::TooMuchWork) => t!(tr, "templates-render-too-much-work"),
        Some(Reason::Empty) => t!(tr, "templates-render-empty"),
        _ => t!(tr, "templates-render-bad-markup"),
    }
}
