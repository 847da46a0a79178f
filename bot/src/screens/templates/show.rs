//! The message as a contact would get it: previews, the worst cases, a test to oneself. One
//! renderer for all.

use std::{sync::Arc, time::Duration};

use mms_core::{
    account::settings,
    channel::ButtonAction,
    contact::card::{self, Found},
    id::{ContactId, VersionId},
    template::{
        self, Content, Rendered,
        engine::{Prepared, RenderError},
        lint::{self, Severity},
        preview::{self, Survey, WORST},
        versions::Version,
    },
};

use super::{Call, Step, check, connected, lines, load, media::load_media};
use crate::{
    frame::{
        api::ApiError,
        callback::Sought,
        cards::Live,
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        render,
        reply::Reply,
        screen::{Button, Media, Screen},
        surveys::Progress,
    },
    i18n::{Html, Tr},
    p,
    screens::{contacts::say, menu},
    t,
};

/// Contacts looked at for the worst cases.
const LOOKED_AT: u64 = 5_000;
/// What was found within this is shown at once.
const AT_ONCE: Duration = Duration::from_millis(1_500);
/// The kind of the live card of a look that takes longer.
pub const LIVE: &str = "worst";
/// Contacts found at a time.
const FOUND: i64 = 10;

/// A message for one contact.
#[derive(Debug, Clone)]
pub struct Sample {
    pub contact: ContactId,
    pub name: String,
    /// The message, or why there is none.
    pub message: Result<Rendered, RenderError>,
}

/// The message of one contact (`None`: of the first one); `None`: there is nobody, or the source
/// cannot be read.
pub(super) async fn sample(cx: &Cx, content: &Content, contact: Option<ContactId>) -> Result<Option<Sample>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let Ok(prepared) = Prepared::new(content).map(Arc::new) else { return Ok(None) };
    let chosen = match contact {
        Some(contact) => Some(contact),
        None => preview::first(store, account, &prepared, cx.now).await?,
    };
    let Some(contact) = chosen else { return Ok(None) };
    let facts = template::facts_for(store, account, contact, cx.now).await?.ok_or(BotError::Gone)?;
    let message = prepared.render(&facts);
    let name = if facts.name.is_empty() { p!(cx.tr, "templates-nameless") } else { facts.name };
    Ok(Some(Sample { contact, name, message }))
}

/// A sample, or the screen that says why there is none.
async fn sample_or_why(cx: &Cx, version: &Version, contact: Option<ContactId>) -> Result<Result<Sample, Screen>, BotError> {
    let content = version.content();
    if let Some(sample) = sample(cx, &content, contact).await? {
        return Ok(Ok(sample));
    }
    if Prepared::new(&content).is_ok() {
        return Ok(Err(nobody(cx.tr, version)));
    }
    let findings = lint::glance(&cx.deps.store, cx.actor()?.account, &content, &connected(cx).await?, cx.now).await?;
    Ok(Err(check(cx.tr, version, &findings, Some(&t!(cx.tr, "templates-preview-unread")))))
}

/// The preview for a contact.
pub(super) async fn open(cx: &Cx, version: VersionId, contact: Option<ContactId>) -> Outcome {
    let loaded = load(cx, version).await?;
    match sample_or_why(cx, &loaded, contact).await? {
        Ok(sample) => Ok(preview_screen(cx.tr, &loaded, &sample, load_media(cx, &loaded).await?).into()),
        Err(screen) => Ok(screen.into()),
    }
}

/// Sends the message to the member's own chat.
pub(super) async fn test(cx: &Cx, version: VersionId, contact: Option<ContactId>) -> Outcome {
    let loaded = load(cx, version).await?;
    let sample = match sample_or_why(cx, &loaded, contact).await? {
        Ok(sample) => sample,
        Err(screen) => return Ok(screen.into()),
    };
    let media = load_media(cx, &loaded).await?;
    let rendered = match &sample.message {
        // A part of it is no test.
        Ok(rendered) if lines::beyond(cx.tr, &rendered.body, media.is_some()).is_none() => rendered,
        _ => return Ok(preview_screen(cx.tr, &loaded, &sample, media).into()),
    };
    match render::send(&cx.deps.bot, cx.chat, &message(rendered, media)).await {
        Ok(_) => Ok(Reply::toast(p!(cx.tr, "templates-test-sent", name = lines::short(&sample.name, 60)))),
        Err(ApiError::Refused { description, .. }) => {
            Err(BotError::Refused(p!(cx.tr, "templates-test-refused", words = lines::short(&description, 120))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks whose message to show.
pub(super) async fn ask_contact(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    cx.ask(Step::Contact { version }).await?;
    Ok(ask(cx.tr, &loaded, None).into())
}

/// A phone or a name was typed.
pub(super) async fn search(cx: &Cx, version: VersionId, input: &Input) -> Outcome {
    let loaded = load(cx, version).await?;
    match looked_for(cx, input.text()).await?.as_slice() {
        [] => Ok(ask(cx.tr, &loaded, Some(&p!(cx.tr, "templates-contact-unknown", typed = lines::short(input.text(), 60)))).into()),
        [one] => {
            cx.leave().await?;
            open(cx, version, Some(one.id)).await
        }
        // The step stays: another search may follow at once.
        many => Ok(choose(cx.tr, &loaded, input.text(), many).into()),
    }
}

/// Those who were found, again.
pub(super) async fn found(cx: &Cx, version: VersionId, sought: &str) -> Outcome {
    let loaded = load(cx, version).await?;
    cx.ask(Step::Contact { version }).await?;
    Ok(choose(cx.tr, &loaded, sought, &looked_for(cx, sought).await?).into())
}

async fn looked_for(cx: &Cx, typed: &str) -> Result<Vec<Found>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let region = settings::get(store, account).await?.map(|settings| settings.phone_region).unwrap_or_default();
    Ok(card::find(store, account, &region, typed, FOUND).await?)
}

/// The ten worst: looked for beside the presses. What is found soon is shown at once, else the
/// screen tells how far it is.
pub(super) async fn worst(cx: &Cx, version: VersionId) -> Outcome {
    let loaded = load(cx, version).await?;
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    // Nothing is sent of a template with errors, so nothing of it is worth rendering for thousands.
    let findings = lint::glance(store, actor.account, &loaded.content(), &connected(cx).await?, cx.now).await?;
    if findings.iter().any(|one| one.severity == Severity::Error) {
        return Ok(check(cx.tr, &loaded, &findings, Some(&t!(cx.tr, "templates-worst-not-yet"))).into());
    }
    let surveys = &cx.deps.surveys;
    if !surveys.begin(store, (actor.account, actor.member), version, loaded.content(), LOOKED_AT, cx.now) {
        return Err(BotError::Refused(p!(cx.tr, "templates-worst-under-way")));
    }
    surveys.wait(actor.member, AT_ONCE).await;
    let progress = surveys.progress(actor.member, version);
    let reply = Reply::screen(worst_progress(cx.tr, &loaded, &progress));
    Ok(if matches!(progress, Progress::UnderWay(_)) { reply.live(LIVE, version.0) } else { reply })
}

/// The live card of the ten worst.
///
/// # Errors
/// [`BotError::Gone`]; the database's.
pub async fn live(cx: &Cx, subject: uuid::Uuid) -> Result<Option<Live>, BotError> {
    let version = VersionId(subject);
    let loaded = load(cx, version).await?;
    let progress = cx.deps.surveys.progress(cx.actor()?.member, version);
    let more = matches!(progress, Progress::UnderWay(_));
    Ok(Some(Live { screen: worst_progress(cx.tr, &loaded, &progress), more, last: None }))
}

/// How far the look for the ten worst is, or what it found.
#[must_use]
pub fn worst_progress(tr: Tr, version: &Version, progress: &Progress) -> Screen {
    match progress {
        Progress::Done(survey) if survey.seen == 0 => nobody(tr, version),
        Progress::Done(survey) => worst_screen(tr, version, survey),
        Progress::UnderWay(seen) => {
            let html = t!(tr, "templates-worst-looking", name = &version.name, seen = *seen, most = LOOKED_AT);
            Screen::new(html).at(Call::Worst { version: version.id }).nav(tr, Call::Card { version: version.id })
        }
        Progress::Lost => {
            let again = Call::Worst { version: version.id };
            Screen::new(t!(tr, "templates-worst-lost")).button(p!(tr, "templates-worst"), again).nav(tr, Call::Card { version: version.id })
        }
    }
}

/// The message itself, with nothing around it.
#[must_use]
pub fn message(rendered: &Rendered, media: Option<Media>) -> Screen {
    let rows = rendered.buttons.iter().map(|row| {
        row.iter()
            .map(|button| match &button.action {
                ButtonAction::Url(url) => Button::url(&button.text, url),
                ButtonAction::Callback(_) | ButtonAction::SharePhone => Button::call(&button.text, menu::Call::Sample),
            })
            .collect()
    });
    Screen { html: rendered.body.to_html(), keyboard: rows.collect(), media, ..Screen::default() }
}

/// The message with its own buttons, and below them ours.
#[must_use]
pub fn preview_screen(tr: Tr, version: &Version, sample: &Sample, media: Option<Media>) -> Screen {
    let (id, contact) = (version.id, sample.contact);
    let (screen, whole) = match &sample.message {
        Ok(rendered) => match lines::beyond(tr, &rendered.body, media.is_some()) {
            None => (message(rendered, media), true),
            Some(html) => (Screen::new(html), false),
        },
        Err(error) => {
            let reason = Html(lines::render(tr, Some(error.reason), &error.detail));
            (Screen::new(t!(tr, "templates-preview-none", name = lines::short(&sample.name, 60), reason = reason)), false)
        }
    };
    let screen = screen.button(p!(tr, "templates-preview-for", name = lines::short(&sample.name, 40)), Call::AskContact { version: id });
    let worst = Button::call(p!(tr, "templates-worst"), Call::Worst { version: id });
    let test = whole.then(|| Button::call(p!(tr, "templates-test"), Call::TestFor { version: id, contact }));
    screen.row(test.into_iter().chain([worst])).nav_back(tr, Call::Card { version: id })
}

/// There is nobody to render for.
#[must_use]
pub fn nobody(tr: Tr, version: &Version) -> Screen {
    Screen::new(t!(tr, "templates-nobody")).nav(tr, Call::Card { version: version.id })
}

/// Whose message? With `sentence`: why the last answer found nobody.
#[must_use]
pub fn ask(tr: Tr, version: &Version, sentence: Option<&str>) -> Screen {
    let question = t!(tr, "templates-ask-contact");
    let html = match sentence {
        None => question,
        Some(sentence) => t!(tr, "templates-again", sentence = sentence, question = Html(question)),
    };
    Screen::new(html).nav_back(tr, Call::Card { version: version.id })
}

/// Several were found.
#[must_use]
pub fn choose(tr: Tr, version: &Version, typed: &str, found: &[Found]) -> Screen {
    found
        .iter()
        .fold(Screen::new(t!(tr, "templates-choose-contact")), |screen, one| {
            screen.button(say::found(tr, one), Call::PreviewFor { version: version.id, contact: one.id })
        })
        .at(Call::Found { version: version.id, sought: Sought::of(typed) })
        .nav(tr, Call::Card { version: version.id })
}

/// The ten worst: those who would get nothing, then the longest.
#[must_use]
pub fn worst_screen(tr: Tr, version: &Version, survey: &Survey) -> Screen {
    let failed: u64 = survey.reasons.values().sum();
    let mut html = t!(tr, "templates-worst-title", name = &version.name, seen = survey.seen);
    if survey.costly {
        html.push('\n');
        html.push_str(&t!(tr, "templates-worst-costly", seen = survey.seen, most = LOOKED_AT));
    } else if !survey.complete {
        html.push('\n');
        html.push_str(&t!(tr, "templates-worst-part"));
    }
    html.push_str("\n\n");
    if failed == 0 {
        html.push_str(&t!(tr, "templates-worst-all"));
    } else {
        html.push_str(&t!(tr, "templates-worst-failed", count = failed));
    }
    for (name, missing) in survey.missing.iter().take(10) {
        html.push('\n');
        html.push_str(&t!(tr, "templates-worst-missing", name = name, count = *missing));
    }
    html.push_str("\n\n");
    html.push_str(&if failed == 0 { t!(tr, "templates-worst-open-longest") } else { t!(tr, "templates-worst-open") });
    let named = |name: &str| if name.trim().is_empty() { p!(tr, "templates-nameless") } else { lines::short(name, 36) };
    let failing = survey.failing.len().min(WORST.saturating_sub(survey.longest.len()).max(WORST / 2));
    let screen = survey.failing.iter().take(failing).fold(Screen::new(html), |screen, one| {
        screen.button(format!("❌ {}", named(&one.name)), Call::PreviewFor { version: version.id, contact: one.contact })
    });
    survey
        .longest
        .iter()
        .take(WORST - failing)
        .fold(screen, |screen, row| {
            let text = p!(tr, "templates-worst-length", name = named(&row.name), units = row.units);
            screen.button(text, Call::PreviewFor { version: version.id, contact: row.contact })
        })
        .at(Call::Worst { version: version.id })
        .nav(tr, Call::Card { version: version.id })
}
