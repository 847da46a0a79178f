//! The screens of the licensor's texts: pure.

use mms_core::{
    account::{Right, Role},
    agreement::{
        acceptance::{Accepted, Standing},
        difference::Piece,
        texts::Version,
    },
    stamp::Stamp,
    text::escape,
};

use super::{Call, PAGE, name, words_of};
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{access, menu},
    t,
};

/// How the documents stand.
#[must_use]
pub fn list(tr: Tr, all: &[Standing], role: Role) -> Screen {
    let mut html = t!(tr, "agreement-title");
    html.push_str("\n\n");
    let owner = role.may(Right::Own);
    html.push_str(&match (all.is_empty(), all.iter().any(Standing::is_owed), owner) {
        (true, ..) => t!(tr, "agreement-none"),
        (_, true, true) => t!(tr, "agreement-owed"),
        (_, true, false) => t!(tr, "agreement-owed-owner"),
        (_, false, _) => t!(tr, "agreement-all-accepted"),
    });
    let mut screen = Screen::new(String::new());
    for one in all {
        html.push_str(&format!("\n\n<b>{}</b>", escape(&name(tr, one.document))));
        let versions = [(&one.current, false), (&one.next, true)];
        for (version, accepted, ahead) in versions.into_iter().filter_map(|(one, ahead)| one.as_ref().map(|(v, a)| (v, a, ahead))) {
            html.push('\n');
            html.push_str(&line(tr, version, accepted.as_ref(), ahead));
            let text = if ahead { p!(tr, "agreement-read-ahead", name = name(tr, one.document)) } else { name(tr, one.document) };
            let text = if accepted.is_none() { p!(tr, "agreement-read-waits", name = text) } else { text };
            screen = screen.button(text, Call::Read { document: one.document, ahead, page: 0 });
        }
    }
    screen.html = html;
    screen
        .button_if(owner && all.iter().any(|one| one.last.is_some()), p!(tr, "agreement-history-button"), Call::History)
        .button(p!(tr, "access-button"), access::Call::Open)
        .at(Call::Open)
        .nav(tr, menu::Call::Settings)
}

fn line(tr: Tr, version: &Version, accepted: Option<&Accepted>, ahead: bool) -> String {
    let day = tr.date(version.effective_at.date_naive());
    let (number, state) = (&version.version, accepted);
    match (state, ahead) {
        (Some(by), false) => {
            t!(tr, "agreement-line-accepted", version = number, from = day, who = &by.member, when = tr.moment(by.accepted_at))
        }
        (None, false) => t!(tr, "agreement-line-waits", version = number, from = day),
        (Some(by), true) => {
            t!(tr, "agreement-line-accepted-ahead", version = number, from = day, who = &by.member, when = tr.moment(by.accepted_at))
        }
        (None, true) => t!(tr, "agreement-line-ahead", version = number, from = day),
    }
}

/// A page of a text. `accepts`: the stamp with which the member who reads may accept it.
#[must_use]
pub fn page(tr: Tr, version: &Version, (ahead, asked): (bool, u16), pages: &[String], accepts: Option<Stamp>, compares: bool) -> Screen {
    let document = version.document;
    let page = Page::of(pages.len(), 1, asked.into());
    let body: String = page.rows(pages).iter().map(|page| markdown(page)).collect();
    let title = t!(tr, "agreement-page-title", name = words_of(tr, version), from = tr.date(version.effective_at.date_naive()));
    let screen = Screen::new(format!("{title}\n\n{body}"))
        .pager(page, |page| Call::Read { document, ahead, page: u16::try_from(page).unwrap_or(u16::MAX) })
        .row([Button::call(p!(tr, "agreement-file-button"), Call::File { document, ahead })])
        .button_if(compares, p!(tr, "agreement-changes-button"), Call::Changes { document, ahead, page: 0 });
    let screen = match accepts {
        Some(stamp) => screen.button(p!(tr, "agreement-accept"), Call::Accept { document, stamp }),
        None => screen,
    };
    screen.at(Call::Read { document, ahead, page: u16::try_from(page.at).unwrap_or(u16::MAX) }).nav(tr, Call::Open)
}

/// A page of what a version changes.
#[must_use]
pub fn changes(tr: Tr, version: &Version, before: &str, (ahead, asked): (bool, u16), pieces: &[Piece]) -> Screen {
    let document = version.document;
    let pages = pages_of(pieces);
    let page = Page::of(pages.len(), 1, asked.into());
    let body: String = page.rows(&pages).concat();
    let body = if body.is_empty() { t!(tr, "agreement-same") } else { body };
    let html = t!(tr, "agreement-changes", name = words_of(tr, version), before = before, body = Html(body));
    Screen::new(html)
        .pager(page, |page| Call::Changes { document, ahead, page: u16::try_from(page).unwrap_or(u16::MAX) })
        .at(Call::Changes { document, ahead, page: u16::try_from(page.at).unwrap_or(u16::MAX) })
        .nav(tr, Call::Read { document, ahead, page: 0 })
}

/// The pieces in pages, marked up; a piece that is longer than a page is divided.
fn pages_of(pieces: &[Piece]) -> Vec<String> {
    let (mut pages, mut used) = (vec![String::new()], 0);
    for piece in pieces {
        let (text, tag) = match piece {
            Piece::Kept(text) => (text, None),
            Piece::Removed(text) => (text, Some("s")),
            Piece::Added(text) => (text, Some("b")),
        };
        let chars: Vec<char> = text.chars().collect();
        for part in chars.chunks(PAGE) {
            if used > 0 && used + part.len() > PAGE {
                pages.push(String::new());
                used = 0;
            }
            used += part.len();
            let shown = escape(&part.iter().collect::<String>());
            if let Some(last) = pages.last_mut() {
                last.push_str(&tag.map_or_else(|| shown.clone(), |tag| format!("<{tag}>{shown}</{tag}>")));
            }
        }
    }
    pages
}

/// Markdown as a message shows it: headings and bold words, a paragraph in one line; the rest as it
/// is written.
fn markdown(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim) {
        let stands_alone = line.is_empty() || line.starts_with(['#', '-', '*', '>', '|']);
        match lines.last_mut().filter(|_| goes_on && !stands_alone) {
            Some(last) => {
                last.push(' ');
                last.push_str(line);
            }
            None => lines.push(line.to_owned()),
        }
        goes_on = !line.is_empty() && !line.starts_with('#');
    }
    let shown = lines.iter().map(|line| match line.strip_prefix('#') {
        Some(heading) => format!("<b>{}</b>", escape(heading.trim_start_matches('#').trim())),
        None => bold(line),
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn bold(line: &str) -> String {
    let parts: Vec<&str> = line.split("**").collect();
    // A mark without its second is a mark.
    if parts.len().is_multiple_of(2) {
        return escape(line);
    }
    parts.iter().enumerate().map(|(at, part)| if at % 2 == 1 { format!("<b>{}</b>", escape(part)) } else { escape(part) }).collect()
}

#[cfg(test)]
mod tests {
    use mms_core::{
        account::Language,
        agreement::{Document, SAMPLE, difference, files, texts},
    };

    use super::*;
    use crate::{snapshots, testing};

    fn version(number: &str, ahead: bool) -> Version {
        let day = if ahead { "2026-12-15T00:00:00Z" } else { "2026-11-01T00:00:00Z" };
        Version {
            document: Document::Agreement,
            version: number.to_owned(),
            effective_at: day.parse().unwrap(),
            published_at: testing::moment(),
            texts: vec![(Language::Ru, "ab".repeat(32))],
        }
    }

    fn by(number: &str) -> Accepted {
        Accepted {
            document: Document::Agreement,
            version: number.to_owned(),
            language: Language::Ru,
            hash: "ab".repeat(32),
            member: "Анна <Кузнецова>".to_owned(),
            login: "anna".to_owned(),
            desk: "telegram".to_owned(),
            chat_id: 42,
            accepted_at: testing::moment(),
        }
    }

    fn standing(accepted: bool) -> Standing {
        let by = accepted.then(|| by("1.0"));
        Standing { document: Document::Agreement, current: Some((version("1.0", false), by.clone())), next: None, last: by }
    }

    fn privacy() -> Standing {
        let one = Version { document: Document::Privacy, ..version("1.0", false) };
        Standing { document: Document::Privacy, current: Some((one, None)), next: None, last: None }
    }

    fn sample(tr: Tr) -> Vec<String> {
        let (name, content) = if tr.language == Language::Ru { SAMPLE[0] } else { SAMPLE[1] };
        texts::pages(&files::text(name, content).unwrap().body, PAGE)
    }

    snapshots!(agreement_none, |tr| list(tr, &[], Role::Owner));
    snapshots!(agreement_owed, |tr| list(tr, &[standing(false), privacy()], Role::Owner));
    snapshots!(agreement_owed_manager, |tr| list(tr, &[standing(false), privacy()], Role::Manager));
    snapshots!(agreement_accepted, |tr| list(tr, &[standing(true)], Role::Owner));
    snapshots!(agreement_ahead, |tr| {
        let next = Some((version("2.0", true), None));
        list(tr, &[Standing { next, ..standing(true) }], Role::Owner)
    });
    snapshots!(agreement_page, |tr| page(tr, &version("1.0", false), (false, 0), &sample(tr), Some(Stamp(7)), false));
    snapshots!(agreement_page_last, |tr| page(tr, &version("2.0", true), (true, 99), &sample(tr), None, true));
    snapshots!(agreement_changes, |tr| {
        let pieces = difference::between("Срок ответа 30 дней <с запроса>.", "Срок ответа 10 дней <с запроса>. Логотип — по разрешению.");
        changes(tr, &version("2.0", false), "1.0", (false, 0), &pieces)
    });

    #[test]
    fn whatever_the_text_says_is_no_markup() {
        assert_eq!(
            markdown("# A <b>\n**важно** <i>x</i>\nи дальше\n\n- 2 ** 3"),
            "<b>A &lt;b&gt;</b>\n<b>важно</b> &lt;i&gt;x&lt;/i&gt; и дальше\n\n- 2 ** 3"
        );
    }

    #[test]
    fn a_long_change_is_divided_into_pages_that_fit() {
        let pages = pages_of(&[Piece::Added("я".repeat(PAGE * 2)), Piece::Removed("ю".repeat(10))]);
        assert_eq!(pages.len(), 3);
        assert!(pages.iter().all(|page| page.chars().count() <= PAGE + 20));
    }
}
