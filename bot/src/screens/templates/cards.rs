//! The screens of a template and its versions: pure.

use mms_core::{
    account::{Actor, Right, Role},
    store::file::FileInfo,
    template::{
        Class,
        lint::{Finding, Severity},
        versions::{Listed, Version, VersionState},
    },
};

use super::{Call, Seen, lines};
use crate::{
    i18n::{Html, Tr},
    p,
    screen::{Button, Screen},
    t,
};

/// UTF-16 units of a source on a card; what does not fit has a screen of its own.
const SOURCE: usize = 1_800;

/// All that a version's card shows.
#[derive(Debug, Clone)]
pub struct Face {
    /// The version.
    pub version: Version,
    /// It is the newest: the only one that can be written in.
    pub newest: bool,
    /// The template is put away.
    pub archived: bool,
    /// Its file.
    pub file: Option<FileInfo>,
    /// What a quick check found.
    pub findings: Vec<Finding>,
    /// Who handed it in.
    pub submitted_by: String,
    /// Who decided.
    pub decided_by: String,
}

/// The list.
#[must_use]
pub fn list(tr: Tr, rows: &[Listed], archived: bool, page: u32, more: bool, role: Role) -> Screen {
    let html = match (rows.is_empty(), archived) {
        (true, false) => t!(tr, "templates-none"),
        (true, true) => t!(tr, "templates-none-archived"),
        (false, false) => t!(tr, "templates-title"),
        (false, true) => t!(tr, "templates-title-archived"),
    };
    let screen = rows.iter().fold(Screen::new(html), |screen, row| {
        let text = format!("{} {} · {}", lines::mark(row.state), lines::short(&row.name, 40), lines::class(tr, row.class));
        screen.button(text, Call::Card { version: row.version_id })
    });
    let back = (page > 0).then(|| Button::call("‹", Call::Page { archived, page: page - 1 }));
    let next = more.then(|| Button::call("›", Call::Page { archived, page: page + 1 }));
    let screen = screen.row(back.into_iter().chain(next));
    if archived {
        return screen.nav(tr, Call::List);
    }
    screen
        .button_if(role.may(Right::Edit), p!(tr, "templates-new"), Call::New)
        .button(p!(tr, "templates-archive-list"), Call::Page { archived: true, page: 0 })
        .home(tr)
}

/// A version's card.
#[must_use]
pub fn card(tr: Tr, face: &Face, actor: &Actor) -> Screen {
    let version = &face.version;
    let mut parts = vec![header(tr, face)];
    parts.push(match version.body.trim() {
        "" => t!(tr, "templates-no-text"),
        _ => lines::source(&version.body, SOURCE),
    });
    parts.extend(attachments(tr, face));
    parts.push(lines::summary(tr, &face.findings));
    if version.state == VersionState::Submitted && actor.role.may(Right::Approve) && version.is_own(actor.member) {
        parts.push(t!(tr, "templates-own"));
    }
    keyboard(tr, Screen::new(parts.join("\n\n")), face, actor)
}

fn header(tr: Tr, face: &Face) -> String {
    let version = &face.version;
    let mut html = t!(
        tr,
        "templates-header",
        name = &version.name,
        number = version.number,
        class = lines::class(tr, version.class),
        mark = lines::mark(version.state),
        state = lines::state(tr, version.state)
    );
    let mut line = |text: String| {
        html.push('\n');
        html.push_str(&text);
    };
    match version.state {
        VersionState::Submitted => {
            line(t!(
                tr,
                "templates-by-submitted",
                name = &face.submitted_by,
                at = tr.moment(version.submitted_at.unwrap_or(version.updated_at))
            ));
        }
        VersionState::Approved => {
            line(t!(
                tr,
                "templates-by-approved",
                name = &face.decided_by,
                at = tr.moment(version.decided_at.unwrap_or(version.updated_at))
            ));
        }
        VersionState::Returned => line(t!(
            tr,
            "templates-by-returned",
            name = &face.decided_by,
            comment = lines::short(version.comment.as_deref().unwrap_or_default(), 500)
        )),
        VersionState::Draft => {}
    }
    if face.archived {
        line(t!(tr, "templates-in-archive"));
    } else if !face.newest {
        line(t!(tr, "templates-not-newest"));
    }
    html
}

/// File and buttons, if there are any.
fn attachments(tr: Tr, face: &Face) -> Option<String> {
    let media = face.version.media_kind.map(|kind| lines::media(tr, kind, face.file.as_ref()));
    let all: Vec<String> = media.into_iter().chain(lines::buttons(tr, &face.version.buttons)).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

fn keyboard(tr: Tr, mut screen: Screen, face: &Face, actor: &Actor) -> Screen {
    let version = face.version.id;
    let state = face.version.state;
    let live = !face.archived && face.newest;
    if live && state == VersionState::Submitted && actor.role.may(Right::Approve) && !face.version.is_own(actor.member) {
        let seen = Seen::of(face.version.content_hash.as_deref().unwrap_or_default());
        screen = screen.row([
            Button::call(p!(tr, "templates-approve"), Call::Approve { version, seen: seen.clone() }),
            Button::call(p!(tr, "templates-return"), Call::Return { version, seen }),
        ]);
    }
    screen = screen.row([Button::call(p!(tr, "templates-check"), Call::Check { version })]);
    if live && actor.role.may(Right::Edit) {
        screen = screen.row([
            Button::call(p!(tr, "templates-text"), Call::Text { version }),
            Button::call(p!(tr, "templates-class"), Call::Classes { version }),
        ]);
        screen = match state {
            VersionState::Draft | VersionState::Returned => screen.button(p!(tr, "templates-submit"), Call::AskSubmit { version }),
            VersionState::Submitted => screen.button(p!(tr, "templates-recall"), Call::Recall { version }),
            VersionState::Approved => screen,
        };
        screen = screen.row([
            Button::call(p!(tr, "templates-rename"), Call::Rename { version }),
            Button::call(p!(tr, "templates-archive"), Call::AskArchive { version }),
        ]);
    } else if face.archived && actor.role.may(Right::Edit) {
        screen = screen.button(p!(tr, "templates-restore"), Call::Restore { version });
    }
    screen.nav(tr, if face.archived { Call::Page { archived: true, page: 0 } } else { Call::List })
}

/// Which name? With `sentence`: what was wrong with the last one.
#[must_use]
pub fn ask_name(tr: Tr, version: Option<&Version>, sentence: Option<&str>) -> Screen {
    let question = match version {
        None => t!(tr, "templates-ask-name"),
        Some(version) => t!(tr, "templates-ask-rename", name = &version.name),
    };
    let html = match sentence {
        None => question,
        Some(sentence) => t!(tr, "templates-again", sentence = sentence, question = Html(question)),
    };
    Screen::new(html).nav(tr, version.map_or(Call::List, |version| Call::Card { version: version.id }))
}

/// Which class?
#[must_use]
pub fn class_choice(tr: Tr, version: &Version) -> Screen {
    let one = |class: Class| {
        let mark = if version.class == class { "✓ " } else { "" };
        Button::call(format!("{mark}{}", lines::class(tr, class)), Call::SetClass { version: version.id, class })
    };
    Screen::new(t!(tr, "templates-ask-class", name = &version.name))
        .row([one(Class::Advertising), one(Class::Service)])
        .nav(tr, Call::Card { version: version.id })
}

/// Which text?
#[must_use]
pub fn ask_text(tr: Tr, version: &Version) -> Screen {
    let mut html = t!(tr, "templates-ask-text", name = &version.name);
    if !version.body.trim().is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "templates-text-now"));
        html.push_str("\n\n");
        html.push_str(&lines::source(&version.body, SOURCE));
    }
    Screen::new(html).nav(tr, Call::Card { version: version.id })
}

/// The text was kept and cannot be read yet, or was none.
#[must_use]
pub fn text_again(tr: Tr, version: &Version, problem: &str) -> Screen {
    Screen::new(t!(tr, "templates-text-again", problem = Html(problem.to_owned()))).nav(tr, Call::Card { version: version.id })
}

/// All that the check found; with `heading`: why it is shown.
#[must_use]
pub fn check(tr: Tr, version: &Version, findings: &[Finding], heading: Option<&str>) -> Screen {
    const SHOWN: usize = 12;
    let content = version.content();
    let title = t!(tr, "templates-check-title", name = &version.name, number = version.number);
    let mut parts = vec![title];
    parts.extend(heading.map(str::to_owned));
    if findings.is_empty() {
        parts.push(t!(tr, "templates-check-clean"));
    }
    parts.extend(findings.iter().take(SHOWN).map(|one| lines::finding(tr, &content, one)));
    if findings.len() > SHOWN {
        parts.push(t!(tr, "templates-more", count = findings.len() - SHOWN));
    }
    let errors = findings.iter().any(|one| one.severity == Severity::Error);
    if errors {
        parts.push(t!(tr, "templates-check-mend"));
    }
    Screen::new(parts.join("\n\n")).nav(tr, Call::Card { version: version.id })
}

/// Sure?
#[must_use]
pub fn ask_archive(tr: Tr, version: &Version) -> Screen {
    Screen::new(t!(tr, "templates-ask-archive", name = &version.name))
        .button(p!(tr, "templates-archive-now"), Call::Archive { version: version.id })
        .nav(tr, Call::Card { version: version.id })
}
