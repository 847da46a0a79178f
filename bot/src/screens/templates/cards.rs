//! The screens of a template and its versions: pure.

use mms_core::{
    account::{Actor, Right, Role},
    clock::Moment,
    id::VersionId,
    law::answers::Given,
    store::file::FileInfo,
    template::{
        Class, TemplateButton,
        links::Targets,
        lint::{Finding, Problem, Severity},
        provider::Standing,
        starters::Starter,
        versions::{Listed, Version, VersionState},
    },
};

use super::{Call, Sample, Seen, history, law, lines, targets};
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{campaigns, members},
    t,
};

/// UTF-16 units of a source on a card; what does not fit has a screen of its own.
const SOURCE: usize = 1_800;

/// All that a version's card shows.
#[derive(Debug, Clone)]
pub struct Face {
    pub version: Version,
    /// It is the newest: the only one that can be written in.
    pub newest: bool,
    /// The template is put away.
    pub archived: bool,
    pub file: Option<FileInfo>,
    /// What a quick check found.
    pub findings: Vec<Finding>,
    /// For a decider: what was answered to the rules of law.
    pub answers: Vec<Given>,
    /// For a decider: where its messages lead.
    pub targets: Targets,
    /// Who handed it in.
    pub submitted_by: String,
    pub decided_by: String,
    /// The version it is compared with: the last approved one before it, else the one before it.
    pub base: Option<Version>,
    /// For a decider: the message of a real contact.
    pub sample: Option<Sample>,
    /// It waits, and nobody can decide but its authors.
    pub alone: bool,
    /// How it stands at the providers of channels that approve templates.
    pub reviews: Vec<Standing>,
}

impl Face {
    /// Whether this member may decide about it now.
    #[must_use]
    pub fn decided_by_me(&self, actor: &Actor) -> bool {
        self.waits() && actor.role.may(Right::Approve) && !self.version.is_own(actor.member)
    }

    /// Whether it waits for a decision.
    pub(super) fn waits(&self) -> bool {
        !self.archived && self.newest && self.version.state == VersionState::Submitted
    }
}

/// The list.
#[must_use]
pub fn list(tr: Tr, rows: &[Listed], archived: bool, page: Page, role: Role) -> Screen {
    let html = match (rows.is_empty(), archived) {
        (true, false) => t!(tr, "templates-none"),
        (true, true) => t!(tr, "templates-none-archived"),
        (false, false) if rows.iter().any(two_marks) => format!("{}\n{}", t!(tr, "templates-title"), t!(tr, "templates-two-marks")),
        (false, false) => t!(tr, "templates-title"),
        (false, true) => t!(tr, "templates-title-archived"),
    };
    let screen = rows.iter().fold(Screen::new(html), |screen, row| {
        let approved = if two_marks(row) { lines::mark(VersionState::Approved) } else { "" };
        let text = format!("{approved}{} {} · {}", lines::mark(row.state), lines::short(&row.name, 28), lines::class(tr, row.class));
        screen.button(text, Call::Card { version: row.version_id })
    });
    let screen = screen.at(Call::Page { archived, page: page.at }).pager(page, |page| Call::Page { archived, page });
    if archived {
        return screen.nav(tr, Call::List);
    }
    let edits = role.may(Right::Edit);
    let new = edits.then(|| Button::call(p!(tr, "templates-new"), Call::New));
    let starters = edits.then(|| Button::call(p!(tr, "templates-starters"), Call::Starters));
    // Whoever has no template yet begins best with a ready one.
    let begin: Vec<Button> =
        if rows.is_empty() { starters.into_iter().chain(new).collect() } else { new.into_iter().chain(starters).collect() };
    screen.row(begin).button(p!(tr, "templates-archive-list"), Call::Page { archived: true, page: 0 }).home(tr)
}

/// Whether a version can be sent while a newer one is being worked at.
fn two_marks(row: &Listed) -> bool {
    row.state != VersionState::Approved && row.approved_id.is_some()
}

/// A version's card.
#[must_use]
pub fn card(tr: Tr, face: &Face, actor: &Actor) -> Screen {
    if face.decided_by_me(actor) {
        return decision(tr, face, actor);
    }
    let version = &face.version;
    let mut parts = vec![header(tr, face)];
    parts.push(match version.body.trim() {
        "" => t!(tr, "templates-no-text"),
        _ => lines::source(&version.body, SOURCE),
    });
    parts.extend(attachments(tr, face));
    parts.extend(campaigns::reviewed::of_template(tr, &face.reviews, version.class));
    if !version.body.trim().is_empty() {
        parts.push(lines::summary(tr, &face.findings));
    }
    if face.alone {
        parts.push(members::nobody_approves(tr, actor.role));
    } else if face.waits() && actor.role.may(Right::Approve) {
        parts.push(t!(tr, "templates-own"));
    }
    keyboard(tr, Screen::new(lines::stacked(&parts)), face, actor)
}

/// The decider's card: the message of a real contact, what the check says, what changed.
fn decision(tr: Tr, face: &Face, actor: &Actor) -> Screen {
    /// UTF-16 units of the sample and of the comparison: with the rest they fit one message.
    const SAMPLE: usize = 1_300;
    const CHANGES: usize = 600;
    const FINDINGS: usize = 3;
    const ANSWERS: usize = 6;
    let version = &face.version;
    let mut parts = vec![header(tr, face)];
    match &face.sample {
        Some(sample) => {
            parts.push(t!(tr, "templates-sample-for", name = lines::short(&sample.name, 60)));
            parts.push(match &sample.message {
                Ok(message) => lines::clip(message.body.clone(), SAMPLE).to_html(),
                Err(error) => lines::render(tr, Some(error.reason), &error.detail),
            });
        }
        None => {
            parts.push(t!(tr, "templates-sample-none"));
            parts.push(lines::source(&version.body, SAMPLE));
        }
    }
    let media = version.media_kind.map(|kind| lines::media(tr, kind, face.file.as_ref()));
    let opt_out = version.buttons.iter().filter(|button| matches!(button, TemplateButton::OptOut { .. })).cloned().collect::<Vec<_>>();
    let attached: Vec<String> = media.into_iter().chain(lines::buttons(tr, &opt_out)).collect();
    if !attached.is_empty() {
        parts.push(attached.join("\n"));
    }
    let (lead, whole) = targets::on_card(tr, &face.targets);
    parts.extend(lead);
    if !whole {
        parts.push(t!(tr, "templates-targets-first"));
    }
    parts.push(lines::summary(tr, &face.findings));
    let content = version.content();
    parts.extend(face.findings.iter().take(FINDINGS).map(|one| lines::finding(tr, &content, one)));
    if !face.answers.is_empty() {
        parts.push(face.answers.iter().take(ANSWERS).map(|one| law::answered(tr, one)).collect::<Vec<_>>().join("\n"));
    }
    if let Some(base) = &face.base {
        let title = t!(tr, "templates-diff-title", name = &version.name, old = base.number, new = version.number);
        parts.push(format!("{title}\n{}", history::changes(tr, base, version, CHANGES)));
    }
    keyboard(tr, Screen::new(lines::stacked(&parts)), face, actor)
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
        VersionState::Returned => {
            line(t!(tr, "templates-by-returned", name = &face.decided_by, comment = version.comment.as_deref().unwrap_or_default()))
        }
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

/// The buttons of the decision, for whoever may take it.
pub(super) fn decide(tr: Tr, screen: Screen, face: &Face, actor: &Actor) -> Screen {
    if !face.decided_by_me(actor) {
        return screen;
    }
    let (version, seen) = (face.version.id, Seen::of(face.version.content_hash.as_deref().unwrap_or_default()));
    screen.row([
        Button::call(p!(tr, "templates-approve"), Call::Approve { version, seen: seen.clone() }),
        Button::call(p!(tr, "templates-return"), Call::Return { version, seen }),
    ])
}

fn keyboard(tr: Tr, screen: Screen, face: &Face, actor: &Actor) -> Screen {
    let version = face.version.id;
    let live = !face.archived && face.newest;
    let edits = actor.role.may(Right::Edit);
    let written = !face.version.body.trim().is_empty();
    let mut screen = screen.at(Call::Card { version });
    if face.decided_by_me(actor) {
        screen = match targets::on_card(tr, &face.targets) {
            (_, true) => decide(tr, screen, face, actor),
            (_, false) => targets::button(tr, screen, &face.targets, version),
        };
        screen = law::papers(tr, version, &face.answers).into_iter().fold(screen, |screen, paper| screen.row([paper]));
    }
    screen = screen.button_if(face.alone && actor.role.may(Right::Own), p!(tr, "members-invite"), members::Call::Invite);
    if live && edits && written && !face.waits() {
        // What is in the way comes first; where there is no text yet, the text does.
        screen = mends(tr, version, &face.findings).into_iter().fold(screen, |screen, mend| screen.row([mend]));
    }
    if edits && !face.archived {
        screen = match face.version.state {
            VersionState::Draft | VersionState::Returned if live && written => {
                screen.button(p!(tr, "templates-submit"), Call::AskSubmit { version })
            }
            VersionState::Submitted if live => screen.button(p!(tr, "templates-recall"), Call::Recall { version }),
            VersionState::Approved => screen.button(p!(tr, "templates-campaign"), campaigns::Call::OfTemplate { version }),
            _ => screen,
        };
    }
    if live && edits {
        screen = screen
            .row([
                Button::call(p!(tr, "templates-text"), Call::Text { version }),
                Button::call(p!(tr, "templates-variables-open"), Call::Variables { version, page: 0 }),
            ])
            .row([
                Button::call(p!(tr, "templates-buttons-open"), Call::Buttons { version }),
                Button::call(p!(tr, "templates-media"), Call::Media { version }),
            ]);
    }
    if written {
        screen = screen.row([
            Button::call(p!(tr, "templates-preview"), Call::Preview { version }),
            Button::call(p!(tr, "templates-test"), Call::Test { version }),
        ]);
    }
    let check = written.then(|| Button::call(p!(tr, "templates-check"), Call::Check { version }));
    screen = screen.row(check.into_iter().chain([Button::call(p!(tr, "templates-more-open"), Call::More { version })]));
    screen = screen.button_if(face.archived && edits, p!(tr, "templates-restore"), Call::Restore { version });
    let parent = match (face.archived, face.newest) {
        (true, _) => Call::Page { archived: true, page: 0 },
        (false, true) => Call::List,
        // An older one is reached from the list of versions.
        (false, false) => Call::Versions { version },
    };
    screen.nav(tr, parent)
}

/// What is needed less often.
#[must_use]
pub fn more(tr: Tr, face: &Face, actor: &Actor) -> Screen {
    let version = face.version.id;
    let worst = (!face.version.body.trim().is_empty()).then(|| Button::call(p!(tr, "templates-worst"), Call::Worst { version }));
    let since = face.base.as_ref().map(|_| Button::call(p!(tr, "templates-since"), Call::Since { version }));
    let screen = Screen::new(header(tr, face))
        .row(worst)
        .row([Button::call(p!(tr, "templates-versions-open"), Call::Versions { version })].into_iter().chain(since));
    let screen = if !face.archived && face.newest && actor.role.may(Right::Edit) {
        screen
            .row([
                Button::call(p!(tr, "templates-class"), Call::Classes { version }),
                Button::call(p!(tr, "templates-rename"), Call::Rename { version }),
            ])
            .row([
                Button::call(p!(tr, "templates-copy"), Call::Duplicate { version }),
                Button::call(p!(tr, "templates-archive"), Call::AskArchive { version }),
            ])
    } else {
        screen
    };
    screen.at(Call::More { version }).nav(tr, Call::Card { version })
}

/// The ready texts.
#[must_use]
pub fn starters(tr: Tr, all: &[Starter]) -> Screen {
    let mark = |class: Class| if class == Class::Advertising { "📣" } else { "🔔" };
    (0_u8..)
        .zip(all)
        .fold(Screen::new(t!(tr, "templates-starters-title")), |screen, (at, one)| {
            screen.button(format!("{} {}", mark(one.class), one.name), Call::Starter { at })
        })
        .button(p!(tr, "templates-starters-own"), Call::New)
        .at(Call::Starters)
        .nav(tr, Call::List)
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
    let screen = Screen::new(html);
    match version {
        None => screen.nav_back(tr, Call::List),
        Some(version) => screen.nav(tr, Call::More { version: version.id }),
    }
}

/// Which class?
#[must_use]
pub fn class_choice(tr: Tr, version: &Version) -> Screen {
    let one = |text: String, class: Class| Button::call(text, Call::SetClass { version: version.id, class });
    Screen::new(t!(tr, "templates-ask-class", name = &version.name))
        .row([one(p!(tr, "templates-choose-advertising"), Class::Advertising), one(p!(tr, "templates-choose-service"), Class::Service)])
        .nav_back(tr, Call::Card { version: version.id })
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

/// The text is as long as a message may be: was it cut?
#[must_use]
pub fn ask_rest(tr: Tr, version: &Version, limit: usize) -> Screen {
    Screen::new(t!(tr, "templates-ask-rest", limit = limit))
        .button(p!(tr, "templates-rest-none"), Call::Card { version: version.id })
        .nav(tr, Call::Card { version: version.id })
}

/// What mends a finding by one press.
#[must_use]
pub fn mends(tr: Tr, id: VersionId, findings: &[Finding]) -> Vec<Button> {
    let any = |wanted: fn(&Problem) -> bool| findings.iter().any(|one| wanted(&one.problem));
    let advertiser = any(|problem| matches!(problem, Problem::NoAdvertiser));
    let names = any(|problem| matches!(problem, Problem::Placeholder { variable: Some(_), .. }));
    let opt_out = any(|problem| matches!(problem, Problem::NoOptOut));
    [
        names.then(|| Button::call(p!(tr, "templates-mend-names"), Call::FixNames { version: id })),
        advertiser.then(|| Button::call(p!(tr, "templates-mend-advertiser"), Call::FixAdvertiser { version: id })),
        opt_out.then(|| Button::call(p!(tr, "templates-mend-opt-out"), Call::FixOptOut { version: id })),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A colleague's text, and another one that was typed meanwhile: which of them?
#[must_use]
pub fn text_clash(tr: Tr, version: &Version, now: Moment) -> Screen {
    let id = version.id;
    let parts = [
        t!(tr, "templates-clash", name = &version.name, at = tr.when(version.updated_at, now)),
        lines::source(&version.body, SOURCE),
        t!(tr, "templates-clash-waits"),
    ];
    Screen::new(lines::stacked(&parts))
        .row([
            Button::call(p!(tr, "templates-clash-replace"), Call::Replace { version: id }),
            Button::call(p!(tr, "templates-clash-keep"), Call::Card { version: id }),
        ])
        .nav(tr, Call::Card { version: id })
}

/// The text was kept and cannot be read yet.
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
    mends(tr, version.id, findings)
        .into_iter()
        .chain(law::mends(tr, version.id, findings))
        .fold(Screen::new(lines::stacked(&parts)), |screen, mend| screen.row([mend]))
        .nav(tr, Call::Card { version: version.id })
}

/// Sure?
#[must_use]
pub fn ask_archive(tr: Tr, version: &Version) -> Screen {
    Screen::new(t!(tr, "templates-ask-archive", name = &version.name))
        .button(p!(tr, "templates-archive-now"), Call::Archive { version: version.id })
        .nav(tr, Call::More { version: version.id })
}
