//! The licensor's texts: how each stands, its pages, what a new version changes, and an owner's
//! acceptance.

mod cards;

pub use cards::{changes, list, page as page_card};

use mms_core::{
    agreement::{
        Document,
        acceptance::{self, AcceptError, Desk, Standing, stamp},
        difference, history, texts,
    },
    contact::export::MIME,
    stamp::Stamp,
};

use crate::{
    calls,
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p, t, wire_enum, words,
};

wire_enum!(Document { Agreement = "a", Privacy = "p" });

calls! {
    /// Buttons of the texts.
    pub enum Call {
        /// How they stand.
        "o" Open => View,
        /// A page of a text; `ahead`: of the version that will hold.
        "r" Read { document: Document, ahead: bool, page: u16 } => View,
        /// The text as a file.
        "f" File { document: Document, ahead: bool } => View,
        /// A page of what it changes.
        "d" Changes { document: Document, ahead: bool, page: u16 } => View,
        /// The owner accepts what was shown.
        "A" Accept { document: Document, stamp: Stamp } => Own,
        /// What the company accepted, as a file.
        "H" History => Own,
    }
}

/// Characters of a text on a page, which a phone shows in a few screens.
pub const PAGE: usize = 2_500;

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => Ok(open(cx).await?.into()),
        Call::Read { document, ahead, page } => read(cx, document, ahead, page).await,
        Call::File { document, ahead } => file(cx, document, ahead).await,
        Call::Changes { document, ahead, page } => difference(cx, document, ahead, page).await,
        Call::Accept { document, stamp } => accept(cx, document, stamp).await,
        Call::History => history_file(cx).await,
    }
}

/// What an owner is shown at a sign-in: a text that waits for them; `None`: none does.
///
/// # Errors
/// The database's.
pub async fn due(cx: &Cx) -> Result<Option<Screen>, BotError> {
    let actor = cx.actor()?;
    if !actor.role.may(mms_core::account::Right::Own) {
        return Ok(None);
    }
    let all = standing(cx).await?;
    Ok(all.iter().any(Standing::is_owed).then(|| list(cx.tr, &all, actor.role)))
}

async fn standing(cx: &Cx) -> Result<Vec<Standing>, BotError> {
    Ok(acceptance::standing(&cx.deps.store, cx.actor()?.account, cx.now).await?)
}

async fn open(cx: &Cx) -> Result<Screen, BotError> {
    Ok(list(cx.tr, &standing(cx).await?, cx.actor()?.role))
}

/// A version with its text, as it is shown.
struct Shown {
    standing: Standing,
    version: texts::Version,
    body: texts::Body,
    /// Nobody of the company accepted it.
    waits: bool,
}

async fn shown(cx: &Cx, document: Document, ahead: bool) -> Result<Shown, BotError> {
    let standing = standing(cx).await?.into_iter().find(|one| one.document == document).ok_or(BotError::Gone)?;
    let (version, accepted) = if ahead { standing.next.clone() } else { standing.current.clone() }.ok_or(BotError::Gone)?;
    let body = texts::body(&cx.deps.store, document, &version.version, cx.tr.language).await?.ok_or(BotError::Gone)?;
    Ok(Shown { standing, waits: accepted.is_none(), version, body })
}

async fn read(cx: &Cx, document: Document, ahead: bool, page: u16) -> Outcome {
    let Shown { standing, version, body, waits } = shown(cx, document, ahead).await?;
    let pages = texts::pages(&body.body, PAGE);
    let compares = standing.last.is_some_and(|last| last.version != version.version);
    let screen = page_card(
        cx.tr,
        &version,
        (ahead, page),
        &pages,
        (waits && cx.actor()?.role.may(mms_core::account::Right::Own)).then(|| stamp(&body.hash)),
        compares,
    );
    Ok(screen.into())
}

async fn file(cx: &Cx, document: Document, ahead: bool) -> Outcome {
    let Shown { version, body, .. } = shown(cx, document, ahead).await?;
    let name = format!("{} {}.md", name(cx.tr, document), version.version);
    let caption = t!(cx.tr, "agreement-file", name = words_of(cx.tr, &version), hash = &body.hash);
    let screen = Screen::new(caption)
        .document(name, "text/markdown", body.body.into_bytes())
        .button(p!(cx.tr, "agreement-to-text"), Call::Read { document, ahead, page: 0 });
    Ok(Reply::screen(screen).anew())
}

async fn difference(cx: &Cx, document: Document, ahead: bool, page: u16) -> Outcome {
    let Shown { standing, version, body, .. } = shown(cx, document, ahead).await?;
    let before = standing.last.filter(|last| last.version != version.version).ok_or(BotError::Gone)?;
    let old = texts::body(&cx.deps.store, document, &before.version, body.language).await?.ok_or(BotError::Gone)?;
    let pieces = difference::between(&old.body, &body.body);
    Ok(changes(cx.tr, &version, &before.version, (ahead, page), &pieces).into())
}

async fn accept(cx: &Cx, document: Document, seen: Stamp) -> Outcome {
    let desk = Desk { messenger: "telegram", chat: cx.chat };
    match acceptance::accept(&cx.deps.store, cx.actor()?, document, seen, desk, cx.now).await {
        Ok(version) => Ok(Reply::screen(open(cx).await?).saying(p!(cx.tr, "agreement-accepted-now", version = version))),
        Err(AcceptError::Changed) => Ok(Reply::screen(open(cx).await?).warning(p!(cx.tr, "agreement-another"))),
        Err(AcceptError::Account(error)) => Err(words::refused(cx.tr, error)),
        Err(AcceptError::Db(error)) => Err(error.into()),
    }
}

async fn history_file(cx: &Cx) -> Outcome {
    let rows = acceptance::accepted(&cx.deps.store, cx.actor()?.account).await?;
    let tr = cx.tr;
    let words = history::Words {
        sheet: p!(tr, "agreement-sheet"),
        headers: [
            p!(tr, "agreement-head-document"),
            p!(tr, "agreement-head-version"),
            p!(tr, "agreement-head-when"),
            p!(tr, "agreement-head-who"),
            p!(tr, "agreement-head-login"),
            p!(tr, "agreement-head-language"),
            p!(tr, "agreement-head-messenger"),
            p!(tr, "agreement-head-chat"),
            p!(tr, "agreement-head-hash"),
        ],
        documents: Document::ALL.iter().map(|document| name(tr, *document)).collect(),
        zone: tr.zone,
    };
    let count = rows.len();
    let made = mms_core::aside::run(move || history::xlsx(&rows, &words)).await.map_err(anyhow::Error::from)?;
    let content = made.map_err(anyhow::Error::from)?;
    let screen = Screen::new(t!(tr, "agreement-history", count = count))
        .document(p!(tr, "agreement-history-name"), MIME, content)
        .button(p!(tr, "agreement-button"), Call::Open);
    Ok(Reply::screen(screen).anew())
}

/// A document's name.
#[must_use]
pub fn name(tr: Tr, document: Document) -> String {
    match document {
        Document::Agreement => p!(tr, "agreement-document-agreement"),
        Document::Privacy => p!(tr, "agreement-document-privacy"),
    }
}

/// A version in words: «Лицензионное соглашение, версия 1.2».
#[must_use]
pub fn words_of(tr: Tr, version: &texts::Version) -> String {
    p!(tr, "agreement-version", name = name(tr, version.document), version = &version.version)
}
