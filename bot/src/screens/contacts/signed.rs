//! A consent that a contact signed on paper: which one, which words, which day, and the paper's
//! picture or PDF. What is said of it so far is a draft, so the way back loses nothing.

use chrono::NaiveDate;
use mms_core::{
    account::{Language, export},
    consent::{
        Purpose,
        signed::{self, Draft, Kept, MOST, Paper, Said, SignedError, WORDS},
        wording::{self, Wording},
    },
    contact::card::Card,
    id::{ContactId, PaperId},
    store::file,
};

use super::{Call, Step, load, say, show};
use crate::{
    frame::{
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::{Html, Tr},
    p,
    screens::{register, settings},
    t, words,
};

/// Versions of the company's words to choose from.
const VERSIONS: usize = 6;
/// Characters of a wording that are shown.
const SHOWN: usize = 300;
/// Papers in the list.
const PAPERS: usize = 20;

/// Goes on with what is said already, or begins.
pub(super) async fn open(cx: &Cx, contact: ContactId) -> Outcome {
    match signed::draft_of(&cx.deps.store, cx.actor()?, contact).await? {
        Some(draft) => next(cx, &draft, None).await,
        None => choose(cx, contact).await,
    }
}

/// Which consent?
pub(super) async fn choose(cx: &Cx, contact: ContactId) -> Outcome {
    let card = load(cx, contact).await?;
    let draft = signed::draft_of(&cx.deps.store, cx.actor()?, contact).await?;
    Ok(purposes(cx.tr, &card, draft.map(|draft| draft.purpose)).into())
}

/// It is this one.
pub(super) async fn begin(cx: &Cx, contact: ContactId, purpose: Purpose) -> Outcome {
    let paper = signed::begin(&cx.deps.store, cx.actor()?, contact, purpose, cx.now).await.map_err(|error| refused(cx, error))?;
    next(cx, &draft(cx, paper).await?, None).await
}

/// Which words?
pub(super) async fn text(cx: &Cx, paper: PaperId) -> Outcome {
    let draft = draft(cx, paper).await?;
    let card = load(cx, draft.contact_id).await?;
    let all = versions(cx, draft.purpose).await?;
    Ok(texts(cx.tr, &card, &draft, &all).into())
}

/// These words.
pub(super) async fn said(cx: &Cx, paper: PaperId, said: Said<'_>) -> Outcome {
    signed::say(&cx.deps.store, cx.actor()?, paper, said).await.map_err(|error| refused(cx, error))?;
    cx.leave().await?;
    next(cx, &draft(cx, paper).await?, None).await
}

/// Asks for other words.
pub(super) async fn other(cx: &Cx, paper: PaperId) -> Outcome {
    let draft = draft(cx, paper).await?;
    cx.ask(Step::SignedWords { paper }).await?;
    Ok(ask_words(cx.tr, &draft).into())
}

/// Asks for the day.
pub(super) async fn day(cx: &Cx, paper: PaperId) -> Outcome {
    let draft = draft(cx, paper).await?;
    ask_for_day(cx, &draft, None).await
}

async fn ask_for_day(cx: &Cx, draft: &Draft, wrong: Option<&str>) -> Outcome {
    cx.ask(Step::SignedDay { paper: draft.id }).await?;
    Ok(ask_day(cx.tr, draft, wrong).into())
}

/// The day was typed.
pub(super) async fn dated(cx: &Cx, paper: PaperId, input: &Input) -> Outcome {
    match signed::date(&cx.deps.store, cx.actor()?, paper, input.text(), cx.now).await {
        Ok(_) => {
            cx.leave().await?;
            next(cx, &draft(cx, paper).await?, None).await
        }
        Err(SignedError::Day(error)) => {
            let sentence = register::day_refused(cx.tr, error);
            Ok(ask_day(cx.tr, &draft(cx, paper).await?, Some(&sentence)).into())
        }
        Err(error) => Err(refused(cx, error)),
    }
}

/// The paper came, or something else.
pub(super) async fn came(cx: &Cx, paper: PaperId, input: &Input) -> Outcome {
    let draft = draft(cx, paper).await?;
    let Some(incoming) = &input.file else { return next(cx, &draft, Some(&p!(cx.tr, "contacts-signed-needed"))).await };
    if incoming.size > MOST as u64 {
        return next(cx, &draft, Some(&sentence(cx, SignedError::TooLarge)?)).await;
    }
    let Some(fetched) = register::fetched(cx, input).await? else { return Err(BotError::Gone) };
    match signed::keep(&cx.deps.store, cx.actor()?, paper, fetched.attached(), cx.now).await {
        Ok(kept) => {
            cx.leave().await?;
            let album = input.album.clone();
            if let Some(album) = &album {
                cx.ask(Step::SignedRest { album: album.clone() }).await?;
            }
            Ok(show(cx, draft.contact_id).await?.saying(done(cx.tr, kept, album.is_some())))
        }
        Err(error) => next(cx, &draft, Some(&sentence(cx, error)?)).await,
    }
}

/// There is no paper after all.
pub(super) async fn drop(cx: &Cx, paper: PaperId) -> Outcome {
    let draft = draft(cx, paper).await?;
    signed::drop(&cx.deps.store, cx.actor()?, paper).await.map_err(|error| refused(cx, error))?;
    Ok(show(cx, draft.contact_id).await?.saying(p!(cx.tr, "contacts-signed-dropped")))
}

/// The papers of a contact.
pub(super) async fn list(cx: &Cx, contact: ContactId) -> Outcome {
    Ok(papers(cx.tr, &load(cx, contact).await?).into())
}

/// One of them, as a file: on the record before the member gets it.
pub(super) async fn send(cx: &Cx, contact: ContactId, paper: PaperId) -> Outcome {
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let card = load(cx, contact).await?;
    let found = signed::one(store, actor.account, contact, paper).await?.ok_or(BotError::Gone)?;
    let content = file::content(store, actor.account, found.file_id).await?.ok_or(BotError::Gone)?;
    export::note(store, actor, export::What::Paper, contact, None, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let html = t!(
        cx.tr,
        "contacts-paper-sent",
        name = say::name(cx.tr, &card.contact.name),
        line = Html(line(cx.tr, &found)),
        hash = &found.sha256
    );
    let file = Screen::new(html)
        .document(found.name.clone(), found.mime.clone(), content)
        .button(p!(cx.tr, "contacts-to-card"), Call::Card { contact });
    Ok(Reply::screen(file).anew())
}

async fn draft(cx: &Cx, paper: PaperId) -> Result<Draft, BotError> {
    signed::draft(&cx.deps.store, cx.actor()?, paper).await?.ok_or(BotError::Gone)
}

/// The versions of the company's words, the newest of each language first.
async fn versions(cx: &Cx, purpose: Purpose) -> Result<Vec<Wording>, BotError> {
    let mut all = wording::list(&cx.deps.store, cx.actor()?.account).await?;
    all.retain(|one| one.purpose == purpose);
    all.sort_by_key(|one| (one.language != cx.tr.language, std::cmp::Reverse(one.version)));
    Ok(all)
}

/// Asks for what is not said yet.
async fn next(cx: &Cx, draft: &Draft, wrong: Option<&str>) -> Outcome {
    if !draft.is_worded() {
        return text(cx, draft.id).await;
    }
    if draft.day().is_none() {
        return ask_for_day(cx, draft, wrong).await;
    }
    let card = load(cx, draft.contact_id).await?;
    let version = versions(cx, draft.purpose).await?.into_iter().find(|one| Some(one.id) == draft.wording_id);
    cx.ask(Step::SignedFile { paper: draft.id }).await?;
    Ok(ask_file(cx.tr, &card, draft, version.as_ref(), wrong).into())
}

/// Why a paper was not taken, as a sentence; `Err` for what is no refusal of the paper.
fn sentence(cx: &Cx, error: SignedError) -> Result<String, BotError> {
    let tr = cx.tr;
    Ok(match error {
        SignedError::Empty => p!(tr, "contacts-signed-empty"),
        SignedError::TooLarge => p!(tr, "contacts-signed-large", most = MOST / (1024 * 1024)),
        SignedError::Form => p!(tr, "contacts-signed-form"),
        SignedError::Known => p!(tr, "contacts-signed-known"),
        SignedError::Unfinished => p!(tr, "contacts-signed-unfinished"),
        SignedError::Words => p!(tr, "contacts-signed-words-long", max = WORDS),
        SignedError::Day(error) => register::day_refused(tr, error),
        SignedError::Stopped(since) => p!(tr, "contacts-signed-stopped", since = tr.moment(since)),
        SignedError::Withdrawn(since) => p!(tr, "contacts-signed-withdrawn", since = tr.moment(since)),
        SignedError::Account(error) => return words::account_refusal(tr, error),
    })
}

fn refused(cx: &Cx, error: SignedError) -> BotError {
    match sentence(cx, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

fn done(tr: Tr, kept: Kept, album: bool) -> String {
    match (kept.holds, album) {
        (true, false) => p!(tr, "contacts-signed-kept"),
        (true, true) => p!(tr, "contacts-signed-kept-album"),
        (false, false) => p!(tr, "contacts-signed-kept-past"),
        (false, true) => p!(tr, "contacts-signed-kept-past-album"),
    }
}

/// Which consent?
#[must_use]
pub fn purposes(tr: Tr, card: &Card, chosen: Option<Purpose>) -> Screen {
    let contact = card.contact.id;
    let html = t!(tr, "contacts-signed-purpose", name = say::name(tr, &card.contact.name));
    [Purpose::Marketing, Purpose::PersonalData]
        .into_iter()
        .fold(Screen::new(html), |screen, purpose| {
            let mark = if chosen == Some(purpose) { "✓ " } else { "" };
            screen.button(format!("{mark}{}", settings::purpose(tr, purpose)), Call::SignedAs { contact, purpose })
        })
        .nav(tr, Call::Card { contact })
}

/// A version of the company's words.
fn version(tr: Tr, wording: &Wording) -> String {
    p!(tr, "contacts-signed-version", language = words::language(wording.language), version = wording.version)
}

/// Which words?
#[must_use]
pub fn texts(tr: Tr, card: &Card, draft: &Draft, all: &[Wording]) -> Screen {
    let paper = draft.id;
    let purpose = settings::purpose(tr, draft.purpose);
    let mut html = t!(tr, "contacts-signed-text", name = say::name(tr, &card.contact.name), purpose = purpose);
    for language in [Language::Ru, Language::En] {
        if let Some(current) = all.iter().find(|one| one.language == language) {
            html.push_str("\n\n");
            html.push_str(&t!(tr, "contacts-signed-current", version = version(tr, current), body = say::short(&current.body, SHOWN)));
        }
    }
    let marked = |chosen: bool, text: String| if chosen { format!("✓ {text}") } else { text };
    all.iter()
        .take(VERSIONS)
        .fold(Screen::new(html), |screen, one| {
            let text = marked(draft.wording_id == Some(one.id), version(tr, one));
            screen.button(text, Call::SignedWith { paper, wording: one.id })
        })
        .button(marked(draft.other, p!(tr, "contacts-signed-other")), Call::SignedOther { paper })
        .nav(tr, Call::SignedChoose { contact: draft.contact_id })
}

/// What does the paper say?
#[must_use]
pub fn ask_words(tr: Tr, draft: &Draft) -> Screen {
    let paper = draft.id;
    let html = if draft.words.is_empty() {
        t!(tr, "contacts-signed-words", max = WORDS)
    } else {
        t!(tr, "contacts-signed-words-now", max = WORDS, words = say::short(&draft.words, SHOWN))
    };
    Screen::new(html).button(p!(tr, "contacts-signed-untold"), Call::SignedUntold { paper }).nav(tr, Call::SignedText { paper })
}

/// Which day stands on it?
#[must_use]
pub fn ask_day(tr: Tr, draft: &Draft, wrong: Option<&str>) -> Screen {
    let paper = draft.id;
    let screen = Screen::new(t!(tr, "contacts-signed-day"));
    let screen = match wrong {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    let kept = draft.day().map(|day| p!(tr, "contacts-signed-same-day", day = tr.date(day)));
    let screen = match kept {
        Some(text) => screen.button(text, Call::Signed { contact: draft.contact_id }),
        None => screen,
    };
    screen.nav(tr, Call::SignedText { paper })
}

/// All is said: the paper, please.
#[must_use]
pub fn ask_file(tr: Tr, card: &Card, draft: &Draft, chosen: Option<&Wording>, wrong: Option<&str>) -> Screen {
    let (paper, contact) = (draft.id, draft.contact_id);
    let text = match chosen {
        Some(wording) => version(tr, wording),
        None if draft.words.is_empty() => p!(tr, "contacts-signed-other-untold"),
        None => say::short(&draft.words, SHOWN),
    };
    let html = t!(
        tr,
        "contacts-signed-file",
        name = say::name(tr, &card.contact.name),
        purpose = settings::purpose(tr, draft.purpose),
        text = text,
        day = draft.day().map(|day| tr.date(day)).unwrap_or_default(),
        most = MOST / (1024 * 1024)
    );
    let screen = Screen::new(html);
    let screen = match wrong {
        Some(sentence) => screen.under(sentence),
        None => screen,
    };
    screen
        .button(p!(tr, "contacts-signed-change-purpose"), Call::SignedChoose { contact })
        .button(p!(tr, "contacts-signed-change-text"), Call::SignedText { paper })
        .button(p!(tr, "contacts-signed-drop"), Call::SignedDrop { paper })
        .nav(tr, Call::SignedDay { paper })
}

/// A paper in a line: of what, of which day, who brought it when.
#[must_use]
pub fn line(tr: Tr, paper: &Paper) -> String {
    let (purpose, by, at) = (settings::purpose(tr, paper.purpose), &paper.member, tr.moment(paper.kept_at));
    let day = signed_on(tr, paper);
    if paper.is_there() {
        t!(tr, "contacts-paper", purpose = purpose, day = day, by = by, at = at)
    } else {
        t!(tr, "contacts-paper-gone", purpose = purpose, day = day, by = by, at = at)
    }
}

fn signed_on(tr: Tr, paper: &Paper) -> String {
    paper.signed_on.as_deref().and_then(|day| day.parse::<NaiveDate>().ok()).map(|day| tr.date(day)).unwrap_or_default()
}

/// The papers of a contact, the newest first.
#[must_use]
pub fn papers(tr: Tr, card: &Card) -> Screen {
    let contact = card.contact.id;
    let shown: Vec<&Paper> = card.papers.iter().rev().take(PAPERS).collect();
    let lines: Vec<String> = shown.iter().map(|paper| line(tr, paper)).collect();
    let html = t!(tr, "contacts-papers", name = say::name(tr, &card.contact.name), lines = Html(lines.join("\n")));
    shown
        .iter()
        .filter(|paper| paper.is_there())
        .fold(Screen::new(html), |screen, paper| {
            let text = format!("{} · {}", settings::purpose(tr, paper.purpose), signed_on(tr, paper));
            screen.button(text, Call::Paper { contact, paper: paper.id })
        })
        .nav(tr, Call::Card { contact })
}
