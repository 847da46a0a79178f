//! Versions of a template and what changed between two of them.

use mms_core::{
    id::VersionId,
    template::{
        Changes, Piece, diff,
        versions::{self, Version},
    },
    text::{Rich, Span, Style},
};

use super::{Call, lines, load, refused, show};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        screen::Screen,
    },
    i18n::{Html, Tr},
    p, t,
};

/// Versions in a list; older ones are reached from the comparison.
const LISTED: usize = 40;
/// UTF-16 units of a comparison.
const SHOWN: usize = 2_400;
/// Characters of unchanged text kept on each side of a change.
const CONTEXT: usize = 60;

async fn all(cx: &Cx, version: &Version) -> Result<Vec<Version>, BotError> {
    Ok(versions::versions(&cx.deps.store, cx.actor()?.account, version.template_id).await?)
}

/// What a version is compared with when nobody chose: the last approved one before it, else the one
/// before it.
#[must_use]
pub fn base<'a>(version: &Version, versions: &'a [Version]) -> Option<&'a Version> {
    let mut before = versions.iter().filter(|other| other.number < version.number);
    let approved = before.clone().find(|other| other.state == versions::VersionState::Approved);
    approved.or_else(|| before.next())
}

/// The versions.
pub(super) async fn open(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    Ok(list(cx.tr, &loaded, &all(cx, &loaded).await?).into())
}

/// What changed since the version it is best compared with.
pub(super) async fn since(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let versions = all(cx, &loaded).await?;
    match base(&loaded, &versions) {
        Some(old) => Ok(comparison(cx.tr, old, &loaded).into()),
        None => Ok(list(cx.tr, &loaded, &versions).into()),
    }
}

/// What changed between two.
pub(super) async fn between(cx: &Cx, old: VersionId, new: VersionId) -> Outcome {
    let (old, new) = (load(cx, old).await?, load(cx, new).await?);
    if old.template_id != new.template_id {
        return Err(BotError::Gone);
    }
    Ok(comparison(cx.tr, &old, &new).into())
}

/// With which?
pub(super) async fn choose(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    Ok(bases(cx.tr, &loaded, &all(cx, &loaded).await?).into())
}

/// A copy under another name.
pub(super) async fn duplicate(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let name: String = p!(cx.tr, "templates-copy-name", name = lines::short(&loaded.name, 100));
    let made = versions::duplicate(&cx.deps.store, cx.actor()?, version, &name, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-copied")))
}

fn line(tr: Tr, version: &Version) -> String {
    p!(
        tr,
        "templates-version-line",
        mark = lines::mark(version.state),
        number = version.number,
        state = lines::state(tr, version.state),
        at = tr.day(version.updated_at)
    )
}

/// The versions, newest first.
#[must_use]
pub fn list(tr: Tr, version: &Version, versions: &[Version]) -> Screen {
    let html = t!(tr, "templates-versions", name = &version.name, count = versions.len());
    versions
        .iter()
        .take(LISTED)
        .fold(Screen::new(html), |screen, one| screen.button(line(tr, one), Call::Card { version: one.id }))
        .at(Call::Versions { version: version.id })
        .nav(tr, Call::Card { version: version.id })
}

/// Compare with which?
#[must_use]
pub fn bases(tr: Tr, version: &Version, versions: &[Version]) -> Screen {
    let html = t!(tr, "templates-ask-base", name = &version.name, number = version.number);
    versions
        .iter()
        .filter(|other| other.id != version.id)
        .take(LISTED)
        .fold(Screen::new(html), |screen, other| {
            // The older one is the base, whichever was chosen first.
            let (old, new) = if other.number < version.number { (other.id, version.id) } else { (version.id, other.id) };
            screen.button(line(tr, other), Call::Diff { old, new })
        })
        .at(Call::Bases { version: version.id })
        .nav(tr, Call::Card { version: version.id })
}

/// What changed, as a screen.
#[must_use]
pub fn comparison(tr: Tr, old: &Version, new: &Version) -> Screen {
    let title = t!(tr, "templates-diff-title", name = &new.name, old = old.number, new = new.number);
    Screen::new(lines::stacked(&[title, changes(tr, old, new, SHOWN)]))
        .button(p!(tr, "templates-diff-other"), Call::Bases { version: new.id })
        .at(Call::Diff { old: old.id, new: new.id })
        .nav(tr, Call::Card { version: new.id })
}

/// What changed: inserted in bold, removed struck through; `units` of text at most.
#[must_use]
pub fn changes(tr: Tr, old: &Version, new: &Version, units: usize) -> String {
    let found = diff(&old.content(), &new.content());
    if found == Changes::default() {
        return t!(tr, "templates-diff-same");
    }
    let mut parts = Vec::new();
    if let Some((before, after)) = found.class {
        parts.push(t!(tr, "templates-diff-class", before = lines::class(tr, before), after = lines::class(tr, after)));
    }
    if !found.body.is_empty() {
        parts.push(marked(&found.body, units).to_html());
    }
    if found.styles {
        parts.push(t!(tr, "templates-diff-styles"));
    }
    match found.media {
        None => {}
        Some([None, _]) => parts.push(t!(tr, "templates-diff-media-added")),
        Some([_, None]) => parts.push(t!(tr, "templates-diff-media-removed")),
        Some(_) => parts.push(t!(tr, "templates-diff-media")),
    }
    if !found.buttons.is_empty() {
        let lines = marked(&found.buttons, units / 2).trimmed().to_html();
        parts.push(t!(tr, "templates-diff-buttons", lines = Html(lines)));
    }
    parts.push(t!(tr, "templates-diff-legend"));
    parts.join("\n\n")
}

fn marked(pieces: &[Piece], units: usize) -> Rich {
    let mut rich = Rich::default();
    let last = pieces.len().saturating_sub(1);
    for (place, piece) in pieces.iter().enumerate() {
        let (text, style) = match piece {
            Piece::Kept(text) => (shortened(text, place > 0, place < last), None),
            Piece::Removed(text) => (text.clone(), Some(Style::Strike)),
            Piece::Added(text) => (text.clone(), Some(Style::Bold)),
        };
        let offset = rich.len_utf16();
        rich.text.push_str(&text);
        if let Some(style) = style {
            rich.spans.push(Span { offset, len: rich.len_utf16() - offset, style });
        }
    }
    lines::clip(rich.canonical(), units)
}

/// Unchanged text: its ends near changes.
fn shortened(text: &str, after_change: bool, before_change: bool) -> String {
    let count = text.chars().count();
    let (head, tail) = (if after_change { CONTEXT } else { 0 }, if before_change { CONTEXT } else { 0 });
    if count <= head + tail + 20 {
        return text.to_owned();
    }
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unchanged_text_is_shortened() {
        let long = "слово ".repeat(100);
        assert!(shortened(&long, true, true).chars().count() < 2 * CONTEXT + 10);
        assert_eq!(shortened("коротко", true, true), "коротко");
    }

    #[test]
    fn changes_are_marked() {
        let pieces = [Piece::Kept("Скидка ".into()), Piece::Removed("10%".into()), Piece::Added("15%".into())];
        assert_eq!(marked(&pieces, 100).to_html(), "Скидка <s>10%</s><b>15%</b>");
    }
}
