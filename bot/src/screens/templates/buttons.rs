//! Buttons under the message: links, answers about a visit, and the opt-out button.

use mms_core::{
    account::settings,
    contact::occasion::{self, OccasionKind},
    id::VersionId,
    stamp::Stamp,
    template::{
        TemplateButton,
        engine::Place,
        links::{self, Refused},
        lint::{self, Problem},
        versions::{Edit, Version},
    },
};

use super::{Call, Step, connected, lines, load, targets, write::edit};
use crate::{
    frame::{
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p, t,
};

/// More buttons than this nobody reads on a phone.
const MOST: usize = 20;
/// Characters of a button's text; with variables in it the source may be longer.
const TEXT: usize = 64;
/// Characters of a source of a text or a link.
const SOURCE: usize = 1_000;

/// What a button of a card about a button carries to be sure that it is still the same list.
fn stamp(buttons: &[TemplateButton]) -> Stamp {
    Stamp::of(&buttons)
}

/// The version and the place in its list, if the list is still the one that was shown.
async fn find(cx: &Cx, version: VersionId, place: u8, shown: Stamp) -> Result<(Version, usize), BotError> {
    let loaded = load(cx, version).await?;
    let place = usize::from(place);
    if stamp(&loaded.buttons) != shown || place >= loaded.buttons.len() {
        return Err(BotError::Refused(p!(cx.tr, "templates-buttons-changed")));
    }
    Ok((loaded, place))
}

async fn put(cx: &Cx, version: VersionId, buttons: Vec<TemplateButton>) -> Result<Version, BotError> {
    edit(cx, version, Edit::Buttons(buttons)).await
}

/// The list.
pub(super) async fn open(cx: &Cx, version: VersionId) -> Outcome {
    Ok(listed(cx, &load(cx, version).await?).await?.into())
}

/// One button.
pub(super) async fn one(cx: &Cx, version: VersionId, place: u8, shown: Stamp) -> Outcome {
    let (loaded, place) = find(cx, version, place, shown).await?;
    Ok(card(cx.tr, &loaded, place).into())
}

/// A new link button: asks for its text.
pub(super) async fn add(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    if loaded.buttons.len() >= MOST {
        return Err(BotError::Refused(p!(cx.tr, "templates-buttons-many", most = MOST)));
    }
    cx.ask(Step::NewButton { version }).await?;
    Ok(ask(cx.tr, &loaded, t!(cx.tr, "templates-ask-button"), None).into())
}

/// The opt-out button, on.
pub(super) async fn add_opt_out(cx: &Cx, version: VersionId) -> Outcome {
    Ok(listed(cx, &with_opt_out(cx, version).await?).await?.into())
}

/// The version with the opt-out button; one that has it is as it was.
pub(super) async fn with_opt_out(cx: &Cx, version: VersionId) -> Result<Version, BotError> {
    let loaded = load(cx, version).await?;
    let mut buttons = loaded.buttons.clone();
    if buttons.iter().any(|button| matches!(button, TemplateButton::OptOut { .. })) {
        return Ok(loaded);
    }
    buttons.push(TemplateButton::OptOut { text: p!(customers(cx).await?, "templates-opt-out-text") });
    put(cx, version, buttons).await
}

/// Words that customers read: in the account's language, not the member's.
pub(super) async fn customers(cx: &Cx) -> Result<Tr, BotError> {
    let settings = settings::get(&cx.deps.store, cx.actor()?.account).await?;
    Ok(Tr { language: settings.map_or(cx.tr.language, |settings| settings.language), ..cx.tr })
}

/// One place up or down.
pub(super) async fn swap(cx: &Cx, version: VersionId, (place, shown): (u8, Stamp), down: bool) -> Outcome {
    let (loaded, place) = find(cx, version, place, shown).await?;
    let mut buttons = loaded.buttons;
    let other = if down { Some(place + 1) } else { place.checked_sub(1) };
    if let Some(other) = other.filter(|other| *other < buttons.len()) {
        buttons.swap(place, other);
    }
    Ok(listed(cx, &put(cx, version, buttons).await?).await?.into())
}

/// Away with it.
pub(super) async fn remove(cx: &Cx, version: VersionId, place: u8, shown: Stamp) -> Outcome {
    let (loaded, place) = find(cx, version, place, shown).await?;
    let mut buttons = loaded.buttons;
    buttons.remove(place);
    Ok(crate::frame::reply::Reply::from(listed(cx, &put(cx, version, buttons).await?).await?).saying(p!(cx.tr, "templates-button-removed")))
}

/// Another text: asks for it.
pub(super) async fn ask_text(cx: &Cx, version: VersionId, place: u8, shown: Stamp) -> Outcome {
    let (loaded, _) = find(cx, version, place, shown).await?;
    cx.ask(Step::ButtonText { version, place, stamp: shown }).await?;
    Ok(ask(cx.tr, &loaded, t!(cx.tr, "templates-ask-button-text"), None).into())
}

/// Another link: asks for it.
pub(super) async fn ask_link(cx: &Cx, version: VersionId, place: u8, shown: Stamp) -> Outcome {
    let (loaded, at) = find(cx, version, place, shown).await?;
    cx.ask(Step::ButtonLink { version, place, stamp: shown }).await?;
    Ok(ask(cx.tr, &loaded, link_question(cx.tr, &loaded, at), None).into())
}

fn link_question(tr: Tr, version: &Version, place: usize) -> String {
    match version.buttons.get(place) {
        Some(TemplateButton::Url { text, .. }) => t!(tr, "templates-ask-button-link", text = lines::short(text, 64)),
        _ => String::new(),
    }
}

/// The text of a new button, perhaps with its link at the end.
pub(super) async fn new(cx: &Cx, version: VersionId, input: &Input) -> Outcome {
    let loaded = load(cx, version).await?;
    let (words, link) = apart(input.text());
    let text = match clean_text(cx.tr, &words) {
        Ok(text) => text,
        Err(sentence) => return Ok(ask(cx.tr, &loaded, t!(cx.tr, "templates-ask-button"), Some(&sentence)).into()),
    };
    let mut buttons = loaded.buttons;
    buttons.push(TemplateButton::Url { text, url: link.clone().unwrap_or_default() });
    let place = buttons.len() - 1;
    let made = put(cx, version, buttons).await?;
    if let Some(problem) = unread(cx, &made, Place::ButtonText(place)).await? {
        return again_text(cx, &made, place, &problem).await;
    }
    if link.is_none() {
        return then_link(cx, &made, place, None).await;
    }
    cx.leave().await?;
    Ok(listed(cx, &made).await?.into())
}

/// Another text was typed.
pub(super) async fn text(cx: &Cx, version: VersionId, (place, shown): (u8, Stamp), input: &Input) -> Outcome {
    let (loaded, place) = find(cx, version, place, shown).await?;
    let words = match clean_text(cx.tr, input.text()) {
        Ok(words) => words,
        Err(sentence) => return Ok(ask(cx.tr, &loaded, t!(cx.tr, "templates-ask-button-text"), Some(&sentence)).into()),
    };
    let mut buttons = loaded.buttons;
    match &mut buttons[place] {
        TemplateButton::Url { text, .. } | TemplateButton::OptOut { text } | TemplateButton::Answer { text, .. } => *text = words,
    }
    let made = put(cx, version, buttons).await?;
    if let Some(problem) = unread(cx, &made, Place::ButtonText(place)).await? {
        return again_text(cx, &made, place, &problem).await;
    }
    // The words of a new button were mended: its link comes next.
    if matches!(&made.buttons[place], TemplateButton::Url { url, .. } if url.is_empty()) {
        return then_link(cx, &made, place, None).await;
    }
    cx.leave().await?;
    Ok(listed(cx, &made).await?.into())
}

async fn again_text(cx: &Cx, version: &Version, place: usize, problem: &str) -> Outcome {
    cx.ask(Step::ButtonText { version: version.id, place: small(place), stamp: stamp(&version.buttons) }).await?;
    let html =
        t!(cx.tr, "templates-again-html", problem = Html(problem.to_owned()), question = Html(t!(cx.tr, "templates-ask-button-text")));
    Ok(Screen::new(html).nav(cx.tr, Call::Buttons { version: version.id }).into())
}

async fn then_link(cx: &Cx, version: &Version, place: usize, problem: Option<&str>) -> Outcome {
    cx.ask(Step::ButtonLink { version: version.id, place: small(place), stamp: stamp(&version.buttons) }).await?;
    let question = link_question(cx.tr, version, place);
    let html = match problem {
        None => question,
        Some(problem) => t!(cx.tr, "templates-again-html", problem = Html(problem.to_owned()), question = Html(question)),
    };
    Ok(Screen::new(html).nav(cx.tr, Call::Buttons { version: version.id }).into())
}

/// A link was typed.
pub(super) async fn link(cx: &Cx, version: VersionId, (place, shown): (u8, Stamp), input: &Input) -> Outcome {
    let (loaded, place) = find(cx, version, place, shown).await?;
    let address = clean_link(input.text());
    let Ok(address) = address else {
        let url = lines::short(input.text(), 120);
        let sentence = match address {
            Ok(_) | Err(Refused::NoPage) => p!(cx.tr, "templates-bad-link", url = url),
            Err(why) => p!(cx.tr, "templates-refused-link", url = url, why = targets::refused(cx.tr, why)),
        };
        return Ok(ask(cx.tr, &loaded, link_question(cx.tr, &loaded, place), Some(&sentence)).into());
    };
    let mut buttons = loaded.buttons;
    if let TemplateButton::Url { url, .. } = &mut buttons[place] {
        *url = address;
    }
    let made = put(cx, version, buttons).await?;
    if let Some(problem) = unread(cx, &made, Place::ButtonUrl(place)).await? {
        return then_link(cx, &made, place, Some(&problem)).await;
    }
    cx.leave().await?;
    Ok(listed(cx, &made).await?.into())
}

/// What cannot be read at this place, or does not differ from another button where only its
/// beginning is shown.
async fn unread(cx: &Cx, version: &Version, place: Place) -> Result<Option<String>, BotError> {
    let content = version.content();
    let findings = lint::glance(&cx.deps.store, cx.actor()?.account, &content, &connected(cx).await?, cx.now).await?;
    let found =
        findings.iter().find(|one| one.place == Some(place) && matches!(one.problem, Problem::Parse { .. } | Problem::ButtonsAlike { .. }));
    Ok(found.map(|finding| lines::finding(cx.tr, &content, finding)))
}

fn small(place: usize) -> u8 {
    // There are twenty at most.
    u8::try_from(place).unwrap_or(u8::MAX)
}

/// Words and a link after them, when both were typed at once.
fn apart(typed: &str) -> (String, Option<String>) {
    match typed.rsplit_once(char::is_whitespace) {
        Some((words, last)) if last.contains("://") => match clean_link(last) {
            Ok(link) => (words.trim().to_owned(), Some(link)),
            Err(_) => (typed.to_owned(), None),
        },
        _ => (typed.to_owned(), None),
    }
}

fn clean_text(tr: Tr, typed: &str) -> Result<String, String> {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let most = if text.contains('{') { SOURCE } else { TEXT };
    match text.chars().count() {
        0 => Err(p!(tr, "templates-button-text-empty")),
        count if count > most => Err(p!(tr, "templates-button-text-long", count = count, most = most)),
        _ => Ok(text),
    }
}

/// A link as typed: without a scheme it is `https`; with variables in it the check looks at it.
fn clean_link(typed: &str) -> Result<String, Refused> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > SOURCE {
        return Err(Refused::NoPage);
    }
    if typed.contains("{{") || typed.contains("{%") {
        return Ok(typed.to_owned());
    }
    if typed.contains(char::is_whitespace) {
        return Err(Refused::NoPage);
    }
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    links::read(&whole).map(String::from)
}

/// The two answers about a visit.
pub(super) async fn add_visit(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let mut buttons = loaded.buttons.clone();
    if answers(&loaded) {
        return Ok(listed(cx, &loaded).await?.into());
    }
    if buttons.len() + 2 > MOST {
        return Err(BotError::Refused(p!(cx.tr, "templates-buttons-many", most = MOST)));
    }
    let words = customers(cx).await?;
    // Before the way out, which stays the last.
    let place = buttons.iter().position(|button| matches!(button, TemplateButton::OptOut { .. })).unwrap_or(buttons.len());
    let both = [
        TemplateButton::Answer { text: p!(words, "templates-comes-text"), comes: true },
        TemplateButton::Answer { text: p!(words, "templates-comes-not-text"), comes: false },
    ];
    buttons.splice(place..place, both);
    Ok(listed(cx, &put(cx, version, buttons).await?).await?.into())
}

fn answers(version: &Version) -> bool {
    version.buttons.iter().any(|button| matches!(button, TemplateButton::Answer { .. }))
}

/// The list of buttons, with what the account's CRM makes possible.
pub(super) async fn listed(cx: &Cx, version: &Version) -> Result<Screen, BotError> {
    let visits = occasion::kinds(&cx.deps.store, cx.actor()?.account).await?.contains(&OccasionKind::Visit);
    Ok(list(cx.tr, version, visits))
}

/// The list of buttons; `visits`: the CRM tells of some, so their answers may be asked for.
#[must_use]
pub fn list(tr: Tr, version: &Version, visits: bool) -> Screen {
    let stamp = stamp(&version.buttons);
    let id = version.id;
    let mut html = t!(tr, "templates-buttons", name = &version.name);
    if version.buttons.is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "templates-buttons-none"));
    }
    let screen = version.buttons.iter().enumerate().fold(Screen::new(html), |screen, (place, button)| {
        let text = match button {
            TemplateButton::Url { text, url } if url.is_empty() => format!("⚠️ {}", lines::short(text, 50)),
            TemplateButton::Url { text, .. } => format!("🔗 {}", lines::short(text, 50)),
            TemplateButton::OptOut { text } => format!("🚫 {}", lines::short(text, 50)),
            TemplateButton::Answer { text, comes: true } => format!("👍 {}", lines::short(text, 50)),
            TemplateButton::Answer { text, comes: false } => format!("🙅 {}", lines::short(text, 50)),
        };
        screen.button(text, Call::Button { version: id, place: small(place), stamp })
    });
    let opt_out = version.buttons.iter().any(|button| matches!(button, TemplateButton::OptOut { .. }));
    screen
        .button(p!(tr, "templates-button-add"), Call::AddButton { version: id })
        .button_if(visits && !answers(version), p!(tr, "templates-comes-add"), Call::AddVisit { version: id })
        .button_if(!opt_out, p!(tr, "templates-opt-out-add"), Call::AddOptOut { version: id })
        .at(Call::Buttons { version: id })
        .nav(tr, Call::Card { version: id })
}

/// A button's card.
#[must_use]
pub fn card(tr: Tr, version: &Version, place: usize) -> Screen {
    let stamp = stamp(&version.buttons);
    let (id, at) = (version.id, small(place));
    let back = Call::Buttons { version: id };
    let words = Button::call(p!(tr, "templates-button-text"), Call::ButtonText { version: id, place: at, stamp });
    let screen = match version.buttons.get(place) {
        None => return list(tr, version, false),
        Some(TemplateButton::Url { text, url }) => {
            let url = if url.is_empty() { "—" } else { url };
            Screen::new(t!(tr, "templates-button-card", text = lines::short(text, 300), url = lines::short(url, 600)))
                .row([words, Button::call(p!(tr, "templates-button-link"), Call::ButtonLink { version: id, place: at, stamp })])
        }
        Some(TemplateButton::OptOut { text }) => Screen::new(t!(tr, "templates-opt-out-card", text = lines::short(text, 300))).row([words]),
        Some(TemplateButton::Answer { text, comes }) => {
            let text = lines::short(text, 300);
            let html = if *comes { t!(tr, "templates-comes-card", text = text) } else { t!(tr, "templates-comes-not-card", text = text) };
            Screen::new(html).row([words])
        }
    };
    let up = (place > 0).then(|| Button::call(p!(tr, "templates-button-up"), Call::ButtonUp { version: id, place: at, stamp }));
    let down = place + 1 < version.buttons.len();
    let down = down.then(|| Button::call(p!(tr, "templates-button-down"), Call::ButtonDown { version: id, place: at, stamp }));
    screen
        .row(up.into_iter().chain(down))
        .button(p!(tr, "templates-button-remove"), Call::ButtonRemove { version: id, place: at, stamp })
        .at(Call::Button { version: id, place: at, stamp })
        .nav(tr, back)
}

/// A question about a button; with `sentence`: what was wrong with the last answer.
#[must_use]
pub fn ask(tr: Tr, version: &Version, question: String, sentence: Option<&str>) -> Screen {
    let html = match sentence {
        None => question,
        Some(sentence) => t!(tr, "templates-again", sentence = sentence, question = Html(question)),
    };
    Screen::new(html).nav_back(tr, Call::Buttons { version: version.id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_people_type_them() {
        assert_eq!(clean_link("example.ru/a"), Ok("https://example.ru/a".to_owned()));
        assert_eq!(clean_link("https://x.ru/{{ city }}"), Ok("https://x.ru/{{ city }}".to_owned()));
        for (wrong, why) in [
            ("", Refused::NoPage),
            ("сайт наш", Refused::NoPage),
            ("просто", Refused::NoPage),
            ("ftp://x.ru", Refused::Scheme),
            ("tg://resolve?domain=x", Refused::Scheme),
            ("bank.ru@evil.ru", Refused::UserInfo),
            ("2130706433", Refused::Number),
        ] {
            assert_eq!(clean_link(wrong), Err(why), "{wrong}");
        }
    }

    #[test]
    fn a_link_may_follow_the_words() {
        assert_eq!(apart("Записаться https://x.ru"), ("Записаться".to_owned(), Some("https://x.ru/".to_owned())));
        assert_eq!(apart("Наш сайт x.ru"), ("Наш сайт x.ru".to_owned(), None));
    }
}
